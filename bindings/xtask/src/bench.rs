//! Building the benchmarks as releases are built, and running them.

use std::process::ExitCode;

use crate::cargo::cargo;

/// Runs the benchmarks with these arguments; their exit status is ours.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    // A server is measured as the program that people start.
    let built = cargo(&["build", "--release", "--locked", "--quiet", "--package", "permesso"]).status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("permesso could not be built");
        return ExitCode::FAILURE;
    }
    let mut command = cargo(&["run", "--release", "--locked", "--quiet", "--package", "permesso-bench", "--"]);
    match command.args(arguments).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
