//! Building the benchmarks as releases are built, and running them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::process::ExitCode;

use crate::cargo::{cargo, target_folder, workspace_root};
use crate::kotlin;
use crate::small;

/// With these, nothing of the library for phones is measured.
const WITHOUT_DOOR: [&str; 4] = ["--server", "--air", "--help", "-h"];

/// Runs the benchmarks with these arguments; their exit status is ours.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    // A server is measured as the program that people start.
    let built = cargo(&["build", "--release", "--locked", "--quiet", "--package", "permesso"]).status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("permesso could not be built");
        return ExitCode::FAILURE;
    }
    let mut command = cargo(&["run", "--release", "--locked", "--quiet", "--package", "permesso-bench", "--"]);
    if !arguments.iter().any(|argument| WITHOUT_DOOR.contains(&argument.as_str())) {
        match door() {
            Ok(more) => {
                command.args(more);
            }
            Err(error) => {
                eprintln!("the library for phones could not be built: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    match command.args(arguments).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds what is measured of the library for phones, as far as the tools for it are here: arguments for the program.
fn door() -> io::Result<Vec<OsString>> {
    let folder = target_folder().join("door");
    fs::create_dir_all(&folder)?;
    let mut arguments = Vec::new();
    let mobile = |features: &[&str]| small::library(&workspace_root(), &target_folder(), features);
    match small::stripped(&mobile(&[])?, &folder.join(kotlin::library_name())) {
        Ok(library) => arguments.extend(["--library".into(), library.into_os_string()]),
        Err(error) => eprintln!("SKIPPED: the library's size, for `strip` cannot be run ({error})"),
    }
    let missing = kotlin::missing();
    if !missing.is_empty() {
        eprintln!("SKIPPED: what Kotlin makes of it, for there is no {} here", missing.join(" and no "));
        return Ok(arguments);
    }
    // As it is shipped, but for what only tests and measurements call.
    let natives = folder.join("natives");
    let place = natives.join(kotlin::jna_prefix());
    fs::create_dir_all(&place)?;
    fs::copy(mobile(&["--features", "rehearsal"])?, place.join(kotlin::library_name()))?;
    arguments.extend(["--kotlin".into(), std::env::join_paths(kotlin::bench(natives)?).map_err(io::Error::other)?]);
    Ok(arguments)
}
