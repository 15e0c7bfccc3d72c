//! What is in what is published, as CycloneDX: for the program and the library by cargo, for the JVM by Maven.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use crate::app;
use crate::cargo::{cargo, target_folder, workspace_root};

/// The crates that are shipped, and their folders.
const SHIPPED: [(&str, &str); 2] = [("permesso", "core/cli"), ("permesso-ffi", "bindings/ffi")];

/// Maven's plugin. It is called by name, since no build needs it.
const PLUGIN: &str = "org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeAggregateBom";

/// What the tool calls its files: beside each manifest of the workspace, also of what is not shipped.
const NAME: &str = "sbom.cdx";

/// Writes them into `target/sbom`.
pub(crate) fn write() -> bool {
    match rust().and_then(|()| maven()) {
        Ok(()) => {
            println!("written: {}", folder().display());
            true
        }
        Err(error) => {
            eprintln!("the bills of materials could not be written: {error}");
            false
        }
    }
}

fn folder() -> PathBuf {
    target_folder().join("sbom")
}

fn rust() -> io::Result<()> {
    let mut tool = cargo(&["cyclonedx", "--format", "json", "--spec-version", "1.5", "--all", "--target", "all"]);
    tool.args(["--no-build-deps", "--override-filename", NAME]);
    let status = tool.status()?;
    if !status.success() {
        return Err(io::Error::other(
            "cargo cyclonedx failed; it comes by `cargo install --locked cargo-cyclonedx@0.5.9`",
        ));
    }
    fs::create_dir_all(folder())?;
    for (name, place) in SHIPPED {
        let made = workspace_root().join(place).join(format!("{NAME}.json"));
        fs::copy(made, folder().join(format!("{name}.cdx.json")))?;
    }
    for part in ["core", "bindings"] {
        for entry in fs::read_dir(workspace_root().join(part))? {
            let surplus = entry?.path().join(format!("{NAME}.json"));
            if surplus.is_file() {
                fs::remove_file(surplus)?;
            }
        }
    }
    Ok(())
}

fn maven() -> io::Result<()> {
    if !app::prepare()? {
        return Err(io::Error::other("what the phone's app is made of would be left out"));
    }
    let mut maven = Command::new("mvn");
    maven.args(["-Pphone", "--quiet", PLUGIN, "-DoutputFormat=json", "-DoutputName=permesso-maven.cdx"]);
    maven.arg(format!("-DoutputDirectory={}", folder().display()));
    succeed("Maven", maven.current_dir(workspace_root().join("android")).stdin(Stdio::null()).status()?)
}

fn succeed(what: &str, status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed: {status}"))) }
}
