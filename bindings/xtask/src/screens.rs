//! Pictures of every screen of the apps.

use std::fs;
use std::io;

use crate::cargo::workspace_root;
use crate::kotlin::{ALONE, MAVEN_TIME, lay, maven_call, missing, wait};
use crate::strings;

/// Draws every screen in every state, size, light and language; the last line is their number.
pub(crate) fn run() -> bool {
    let missing = missing();
    if !missing.is_empty() {
        eprintln!("there is no {} here (apt-get install openjdk-17-jdk-headless maven)", missing.join(" and no "));
        return false;
    }
    match strings::run().then(draw).unwrap_or(Ok(None)) {
        Ok(Some(count)) => {
            println!("android/ui/target/screens/index.html shows all pictures");
            println!("{count}");
            true
        }
        Ok(None) => false,
        Err(error) => {
            eprintln!("the screens could not be drawn: {error}");
            false
        }
    }
}

/// How many pictures there are; nothing if one of them is not as it should be.
fn draw() -> io::Result<Option<u64>> {
    lay(ALONE)?;
    let android = workspace_root().join("android");
    let count = android.join("ui/target/screens/count");
    if count.exists() {
        fs::remove_file(&count)?;
    }
    let mut command = maven_call(&android);
    command.args([
        "test",
        "--projects",
        "permesso,permesso-testing,ui",
        "-Dtest=ScreensTest,GuideTest",
        "-Dsurefire.failIfNoSpecifiedTests=false",
        "-Dpermesso.tests=false",
        "-Dpermesso.screens=all",
    ]);
    if std::env::var_os("PERMESSO_WRITE_PICTURES").is_some() {
        command.arg("-Dpermesso.screens.write=yes");
    }
    let passed = wait(command.spawn()?, MAVEN_TIME)?.is_some_and(|status| status.success());
    if !passed || !count.exists() {
        return Ok(None);
    }
    let count = fs::read_to_string(count)?;
    count.trim().parse().map(Some).map_err(io::Error::other)
}
