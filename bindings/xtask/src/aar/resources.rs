//! The manifest, judged by Android's own resource compiler.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use super::archive::{self, Entries};
use super::contents;
use super::ndk::MIN_SDK;
use crate::kotlin::is_there;
use crate::testing::Tally;

/// The Android whose rules the library is written for.
const TARGET_SDK: &str = "36";

/// Links the manifest as an app's would be, then one with a wrong value, which must fail.
pub(crate) fn check(android: &Path, work: &Path) -> io::Result<Tally> {
    if !is_there("aapt2", "version") {
        println!("SKIPPED: the manifest, for there is no aapt2 here (apt-get install aapt)");
        return Ok(Tally::default());
    }
    let source = fs::read_to_string(android.join("permesso-android/src/main/AndroidManifest.xml"))?;
    let framework = work.join("framework.apk");
    let mut entries = Entries::new();
    archive::add_folder(&mut entries, &android.join("permesso-android/target/resources-of-android"), &|name| {
        ["AndroidManifest.xml", "resources.arsc"].contains(&name)
    })?;
    fs::create_dir_all(work)?;
    fs::write(&framework, archive::stored(&entries)?)?;

    let manifest = contents::manifest(&source)?;
    let sound = linked(&manifest, work, &framework)?;
    let text = String::from_utf8_lossy(&sound.stderr).into_owned();
    if !sound.status.success() || text.contains("warn") {
        return Ok(Tally::failure(text));
    }
    let wrong = manifest.replace("\"connectedDevice\"", "\"connectedDevices\"");
    if wrong == manifest || linked(&wrong, work, &framework)?.status.success() {
        return Ok(Tally::failure("a wrong value in the manifest is not seen"));
    }
    Ok(Tally::PASSED)
}

fn linked(manifest: &str, work: &Path, framework: &Path) -> io::Result<Output> {
    let place = work.join("AndroidManifest.xml");
    // Permissions newer than the framework are names to it; the SDK levels come from the app.
    fs::write(&place, manifest)?;
    let mut link = Command::new("aapt2");
    link.arg("link").arg("-I").arg(framework).arg("--manifest").arg(place).arg("-o").arg(work.join("linked.apk"));
    link.args(["--min-sdk-version", MIN_SDK, "--target-sdk-version", TARGET_SDK]).output()
}
