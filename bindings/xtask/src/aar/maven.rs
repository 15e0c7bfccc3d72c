//! Calls of Maven beside the one that tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::archive;
use crate::kotlin::{MAVEN_TIME, is_there, jna_prefix, maven_call, set_plain, wait};
use crate::testing::Tally;

/// What the planted source calls and an app on Android 8 must not, as animal-sniffer names it.
const PLANTED: [&str; 2] = ["android.app.ActivityManager.getCurrentUser", "android.content.Context.getMainExecutor"];

/// What Maven builds.
const MODULES: [&str; 3] = ["permesso", "permesso-testing", "permesso-android"];

/// What else is compiled beside them, and packed by none.
const BESIDES: [&str; 3] = ["ui", "desktop", "app"];

/// Whether there is no Java or no Maven here; says so.
pub(crate) fn is_missing(what: &str) -> bool {
    let missing = !is_there("java", "-version") || !is_there("mvn", "-version");
    if missing {
        println!(
            "SKIPPED: {what}, for there is no Java or no Maven here (apt-get install openjdk-17-jdk-headless maven)"
        );
    }
    missing
}

/// Where the library of this machine lies for Maven.
pub(crate) fn laid_library(android: &Path) -> PathBuf {
    let name = format!("{}permesso{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    android.join("permesso/target/generated/resources").join(jna_prefix()).join(name)
}

/// Lays for another checkout what was laid for this one.
pub(crate) fn lay_again(from: &Path, to: &Path) -> io::Result<()> {
    for inside in ["permesso/target/generated", "ui/target/generated-sources/strings"] {
        copy(&from.join(inside), &to.join(inside))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), &place)?;
            set_plain(&place)?;
        }
    }
    Ok(())
}

/// Removes what earlier sources were compiled to: the compiler leaves it, and it would be packed.
pub(crate) fn begin_afresh(android: &Path) -> io::Result<()> {
    for (module, folder) in
        MODULES.into_iter().chain(BESIDES).flat_map(|module| ["classes", "test-classes"].map(|it| (module, it)))
    {
        let compiled = android.join(module).join("target").join(folder);
        if compiled.exists() {
            fs::remove_dir_all(compiled)?;
        }
    }
    Ok(())
}

/// Makes the jars that Maven has made the same under every umask.
pub(crate) fn set_plain_modes(android: &Path) -> io::Result<()> {
    for module in MODULES {
        let target = android.join(module).join("target");
        let entries = if target.exists() { Some(fs::read_dir(target)?) } else { None };
        for entry in entries.into_iter().flatten() {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "jar") {
                archive::set_plain_modes(&file)?;
            }
        }
    }
    Ok(())
}

/// Compiles and packs the Kotlin side; once more if that failed, for registries fail now and then.
pub(crate) fn package(android: &Path, arguments: &[&str]) -> io::Result<()> {
    call(android, "package", "permesso,permesso-android", arguments)
}

/// Lays the library for the JVM, and what apps' tests have in its place, into a repository folder, with POM, sources, documentation and
/// checksums.
pub(crate) fn deploy(android: &Path, repository: &Path) -> io::Result<()> {
    let repository = format!("-DaltDeploymentRepository=permesso::file://{}", repository.display());
    call(android, "deploy", "permesso,permesso-testing", &["-Dmaven.test.skip=true", &repository])
}

/// The same with the phone's app, without documentation or tests.
pub(crate) fn package_app(android: &Path) -> io::Result<()> {
    let arguments = ["-Pphone", "-Dmaven.test.skip=true", "-Ddokka.skip=true"];
    call(android, "package", "permesso,permesso-android,jetpack,app", &arguments)
}

fn call(android: &Path, goal: &str, projects: &str, arguments: &[&str]) -> io::Result<()> {
    begin_afresh(android)?;
    for _ in 0..2 {
        let mut call = maven_call(android);
        call.args(["--quiet", "--projects", projects, "-Dktlint.skip=true"]).args(arguments);
        let child = call.arg(goal).spawn()?;
        if wait(child, MAVEN_TIME)?.is_some_and(|status| status.success()) {
            return set_plain_modes(android);
        }
    }
    Err(io::Error::other("Maven could not pack the Kotlin side"))
}

/// Whether a call that Android 8 does not have, and one that no app may make, turn the check of them red.
pub(crate) fn hidden_calls_are_seen(android: &Path, work: &Path) -> io::Result<Tally> {
    fs::create_dir_all(work)?;
    let place = work.join("planted.txt");
    let log = fs::File::create(&place)?;
    let mut call = maven_call(&android.join("planted"));
    let child = call.arg("verify").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    let status = wait(child, MAVEN_TIME)?;
    let said = fs::read_to_string(&place)?;
    let seen = PLANTED.iter().all(|call| {
        let (class, method) = call.rsplit_once('.').unwrap_or_default();
        said.lines().any(|line| line.contains("Undefined reference") && line.contains(class) && line.contains(method))
    });
    if status.is_some_and(|status| !status.success()) && seen {
        println!("planted calls turn the check red, as they should");
        return Ok(Tally::PASSED);
    }
    println!("{said}");
    Ok(Tally::failure("planted calls were not seen"))
}
