//! Whether the library compiles for phones, on a machine that has neither their tools nor their standard library.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::{plain, target_folder, workspace_root};
use crate::testing::Tally;

/// The ABIs of Android that are packed, and the iPhone.
pub(crate) const TARGETS: &[&str] =
    &["aarch64-linux-android", "armv7-linux-androideabi", "x86_64-linux-android", "aarch64-apple-ios"];

/// In place of a C compiler: a check links nothing, so that an empty object is as good as another.
const COMPILER: &str = "#!/bin/sh
while [ $# -gt 0 ]; do
  if [ \"$1\" = -o ]; then : > \"$2\"; fi
  shift
done
";

/// In place of what packs objects.
const ARCHIVER: &str = "#!/bin/sh
exit 0
";

/// In place of what tells where Apple's headers are.
const XCRUN: &str = "#!/bin/sh
echo /
";

/// A Rust that brings its standard library's source.
struct Rust {
    cargo: PathBuf,
    rustc: PathBuf,
}

/// Checks the whole library for these targets; each is one test.
pub(crate) fn check(targets: &[&str]) -> Tally {
    let Some(rust) = rust_with_source() else {
        println!(
            "SKIPPED: the library for phones, for there is no Rust with its standard library's source here \
            (rustup component add rust-src, or apt-get install rustc-web cargo-web rust-web-src)"
        );
        return Tally::default();
    };
    match lay().and_then(|tools| run(&rust, &tools, targets)) {
        Ok(true) => {
            println!("the library compiles for {}", targets.join(", "));
            Tally { passed: targets.len() as u64, ..Tally::default() }
        }
        Ok(false) => Tally::failure("the library does not compile for phones"),
        Err(error) => Tally::failure(format!("the library could not be checked for phones: {error}")),
    }
}

/// The one that runs us, else the system's. On Windows there is no shell for what stands in for the phones' tools.
fn rust_with_source() -> Option<Rust> {
    let ours = std::env::var_os("CARGO").map(|cargo| Rust { cargo: cargo.into(), rustc: "rustc".into() });
    let system = Rust { cargo: "/usr/bin/cargo".into(), rustc: "/usr/bin/rustc".into() };
    ours.into_iter().chain([system]).find(|rust| cfg!(unix) && has_source(rust))
}

fn has_source(rust: &Rust) -> bool {
    let Ok(output) = Command::new(&rust.rustc).args(["--print", "sysroot"]).output() else { return false };
    let root = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    root.join("lib/rustlib/src/rust/library/Cargo.lock").is_file() && rust.cargo.is_file()
}

fn folder() -> PathBuf {
    target_folder().join("mobile-check")
}

/// Writes what stands in for the phones' tools.
fn lay() -> io::Result<PathBuf> {
    let tools = folder().join("tools");
    fs::create_dir_all(&tools)?;
    for (name, text) in [("empty-cc", COMPILER), ("empty-ar", ARCHIVER), ("xcrun", XCRUN)] {
        fs::write(tools.join(name), text)?;
        make_executable(&tools.join(name))?;
    }
    Ok(tools)
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// One call for all targets, which so share what runs on this machine. A warning in our own crates is an error.
fn run(rust: &Rust, tools: &Path, targets: &[&str]) -> io::Result<bool> {
    let mut command = plain(Command::new(&rust.cargo));
    command.args(["check", "--locked", "-p", "permesso-ffi", "--lib", "-Zbuild-std=std,panic_unwind"]);
    // Nothing of it will run, but cargo compiles the standard library all the same.
    command.args(["--config", "profile.dev.package.\"*\".opt-level=0", "--config", "profile.dev.debug=0"]);
    for target in targets {
        let name = target.replace('-', "_");
        command.args(["--target", target]);
        command.env(format!("CC_{name}"), tools.join("empty-cc")).env(format!("AR_{name}"), tools.join("empty-ar"));
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(tools.to_path_buf()).chain(std::env::split_paths(&paths));
    command.env("PATH", std::env::join_paths(paths).map_err(io::Error::other)?);
    command.env("CARGO_TARGET_DIR", folder()).env("RUSTC", &rust.rustc).env("RUSTC_BOOTSTRAP", "1");
    command.env_remove("RUSTFLAGS").current_dir(workspace_root()).stderr(Stdio::piped());

    let mut child = command.spawn()?;
    let mut warned = false;
    for line in child.stderr.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line?;
        eprintln!("{line}");
        warned |= is_own_warning(&line);
    }
    Ok(child.wait()?.success() && !warned)
}

/// Whether it is ``warning: `permesso-node` (lib) generated 1 warning``.
fn is_own_warning(line: &str) -> bool {
    line.starts_with("warning: `permesso-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_in_a_crate_of_ours_counts_and_one_of_the_standard_library_does_not() {
        assert!(is_own_warning("warning: `permesso-node` (lib) generated 1 warning"));
        assert!(!is_own_warning("warning: `std` (lib) generated 1 warning"));
        assert!(!is_own_warning("    Checking permesso-node v0.1.0"));
    }

    #[test]
    #[cfg(unix)]
    fn what_stands_in_for_a_compiler_leaves_the_object_it_is_asked_for() {
        let tools = lay().unwrap();
        let object = folder().join("empty.o");
        let made = Command::new(tools.join("empty-cc")).args(["-c", "a.c", "-o"]).arg(&object).status().unwrap();
        assert!(made.success());
        assert_eq!(fs::read(&object).unwrap(), b"");
        assert_eq!(Command::new(tools.join("xcrun")).output().unwrap().stdout, b"/\n");
    }
}
