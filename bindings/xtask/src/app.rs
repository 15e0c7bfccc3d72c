//! The phone's app, as far as a machine without Android's tools can judge it: its resources, linked by Android's own compiler;
//! its classes, compiled by Maven and shrunk by R8; its manifest, against what we promise.

mod dex;
#[cfg(test)]
mod lint;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::aar::archive::{self, Entries};
use crate::cargo::{target_folder, workspace_root};
use crate::kotlin::{MAVEN_TIME, VERSION, is_there, maven_call, wait};
use crate::testing::Tally;

/// How Android and the stores know the app.
const ID: &str = "org.permesso.app";

/// The Android whose rules the app is written for, and the oldest it runs on.
const SDK: [&str; 4] = ["--min-sdk-version", "26", "--target-sdk-version", "36"];

/// What Maven says of what a registry does not have or does not give.
const UNRESOLVED: [&str; 4] =
    ["Could not find artifact", "Could not transfer", "Unable to find", "could not be resolved"];

/// Lays what Maven compiles the app with: Jetpack's classes, and what the resources are called. Whether Maven can compile it.
///
/// # Errors
/// The resources are wrong, or something that is here does not work.
pub(crate) fn prepare() -> io::Result<bool> {
    if !is_there("aapt2", "version") {
        println!("SKIPPED: the phone's app, for there is no aapt2 here (apt-get install aapt)");
        return Ok(false);
    }
    if let Some(lacking) = lay_jetpack()? {
        println!("SKIPPED: the phone's app, for Jetpack's libraries are not all to be had ({lacking})");
        return Ok(false);
    }
    fs::create_dir_all(work())?;
    let mut framework = Entries::new();
    archive::add_folder(&mut framework, &android().join("jetpack/target/resources-of-android"), &|name| {
        ["AndroidManifest.xml", "resources.arsc"].contains(&name)
    })?;
    fs::write(work().join("framework.apk"), archive::stored(&framework)?)?;
    for module in ["ui", "app"] {
        compiled(module)?;
    }
    let names = android().join("app/target/generated-sources/r");
    if names.exists() {
        fs::remove_dir_all(&names)?;
    }
    fs::create_dir_all(&names)?;
    match linked(&manifest()?, Some(&names))? {
        None => Ok(true),
        Some(said) => Err(io::Error::other(format!("the app's resources are wrong:\n{said}"))),
    }
}

/// What can be judged once Maven has compiled it; nothing where it could not.
pub(crate) fn checks() -> Tally {
    if !work().join("framework.apk").is_file() || !android().join("app/target/classes/org/permesso/app").is_dir() {
        println!("SKIPPED: the phone's app, for it was not compiled here");
        return Tally::default();
    }
    println!("== the phone's app");
    counted("its resources", wrong_ones_are_seen()).plus(counted("its classes", dex::check(&android(), &work())))
}

/// Jetpack's classes; what is not to be had, if something is not.
fn lay_jetpack() -> io::Result<Option<String>> {
    let place = work().join("jetpack.txt");
    fs::create_dir_all(work())?;
    let log = fs::File::create(&place)?;
    let mut call = maven_call(&android().join("jetpack"));
    call.args(["--quiet", "process-resources"]).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    if wait(call.spawn()?, MAVEN_TIME)?.is_some_and(|status| status.success()) {
        return Ok(None);
    }
    let said = fs::read_to_string(place)?;
    match said.lines().find(|line| UNRESOLVED.iter().any(|words| line.contains(words))) {
        Some(line) => Ok(Some(line.trim().to_owned())),
        None => Err(io::Error::other(format!("Jetpack's libraries could not be unpacked:\n{said}"))),
    }
}

/// A manifest or resource with a mistake must not be linked.
fn wrong_ones_are_seen() -> io::Result<Tally> {
    let sound = manifest()?;
    for (right, wrong) in [
        ("\"singleTask\"", "\"singleTasks\""),
        ("@xml/network_security_config", "@xml/no_such_file"),
        ("@style/App", "@style/NoApp"),
    ] {
        let planted = sound.replace(right, wrong);
        if planted == sound || linked(&planted, None)?.is_none() {
            eprintln!("{wrong} in the manifest is not seen");
            return Ok(Tally::FAILED);
        }
    }
    println!("planted mistakes in the manifest turn the linking red, as they should");
    Ok(Tally::PASSED)
}

/// The manifest with what Gradle adds.
fn manifest() -> io::Result<String> {
    let source = fs::read_to_string(android().join("app/src/main/AndroidManifest.xml"))?;
    let head = format!("<manifest package=\"{}\" android:versionCode=\"1\" android:versionName=\"{VERSION}\" ", ID);
    Ok(source.replace("${applicationId}", ID).replacen("<manifest ", &head, 1))
}

fn compiled(module: &str) -> io::Result<()> {
    let mut call = Command::new("aapt2");
    call.args(["compile", "--dir"]).arg(android().join(module).join("src/main/res"));
    let output = call.arg("-o").arg(work().join(format!("{module}.zip"))).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("aapt2 cannot compile {module}:\n{}", String::from_utf8_lossy(&output.stderr))))
}

/// Links everything; what aapt2 complains of, if it does. Into `names` come the names of the resources.
fn linked(manifest: &str, names: Option<&Path>) -> io::Result<Option<String>> {
    let place = work().join("AndroidManifest.xml");
    fs::write(&place, manifest)?;
    let mut call = Command::new("aapt2");
    call.arg("link").arg("-I").arg(work().join("framework.apk")).arg("--manifest").arg(place).args(SDK);
    if let Some(names) = names {
        call.arg("--java").arg(names);
    }
    call.arg("-o").arg(work().join("linked.apk"));
    let output = call.arg(work().join("ui.zip")).arg(work().join("app.zip")).output()?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn android() -> PathBuf {
    workspace_root().join("android")
}

fn work() -> PathBuf {
    target_folder().join("app")
}

fn counted(what: &str, result: io::Result<Tally>) -> Tally {
    result.inspect_err(|error| eprintln!("{what}: {error}")).unwrap_or(Tally::FAILED)
}
