//! Calling cargo from within `cargo xtask`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What puts the simulator's randomness in the place of the system's.
const SEEDED_FLAGS: &str = "--cfg getrandom_backend=\"custom\"";

/// A call of the cargo that runs us, in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace_root());
    plain(command)
}

/// A command that does not see how cargo describes us.
pub(crate) fn plain(mut command: Command) -> Command {
    // Cargo describes xtask to us in the environment; build scripts (ring's) would see it and be rebuilt each time.
    for (name, _) in std::env::vars_os().filter(|(name, _)| describes_a_package(name)) {
        command.env_remove(name);
    }
    command
}

/// The same for a build all of whose randomness follows from the seeds of worlds (core/sim/src/randomness.rs). Flags of its
/// own mean a folder of its own, or each build would make everything anew for the other. It runs hundreds of worlds: a little
/// optimised they take a quarter of the time, and what debug builds check is checked.
pub(crate) fn seeded(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    command.env("CARGO_TARGET_DIR", target_folder().join("seeded")).env("RUSTFLAGS", format!("{flags} {SEEDED_FLAGS}"));
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    command
}

/// Where cargo builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace_root().join("target"), PathBuf::from)
}

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}

fn describes_a_package(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_root_holds_the_readme_and_the_core() {
        assert!(workspace_root().join("README.md").is_file());
        assert!(workspace_root().join("core").is_dir());
    }

    #[test]
    fn what_describes_xtask_itself_is_not_passed_on() {
        assert!(describes_a_package("CARGO_PKG_NAME".as_ref()));
        assert!(describes_a_package("CARGO_MANIFEST_DIR".as_ref()));
        assert!(!describes_a_package("CARGO_TARGET_DIR".as_ref()));
        assert!(!describes_a_package("CARGO_HOME".as_ref()));
    }
}
