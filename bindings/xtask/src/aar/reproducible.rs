//! Whether the same sources give the same bytes in another folder and under another umask.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::library::Abi;
use super::repository::sha256;
use super::{Assembled, maven};
use crate::cargo::workspace_root;
use crate::kotlin::{self, succeed};
use crate::small;
use crate::testing::Tally;

/// What of some folders is not made by building them.
const COPIED: &str = "cd \"$1\" && to=$2 && shift 2 && umask 077 && find \"$@\" -name target -prune -o -type f -print | \
    while IFS= read -r file; do mkdir -p \"$to/$(dirname \"$file\")\" && cat \"$file\" > \"$to/$file\"; done";

/// The sources of the Kotlin side, and the licences that go into its jars.
pub(crate) const KOTLIN: [&str; 4] = ["android", "LICENSE-APACHE", "LICENSE-MIT", "LICENSE-THIRD-PARTY"];

/// What cargo reads.
const RUST: [&str; 5] = [".cargo", "Cargo.toml", "Cargo.lock", "core", "bindings"];

/// Builds everything but the Rust library once more, elsewhere, readable by nobody else, and compares. The library is passed
/// in: [`check_library`] makes it anew, which takes minutes.
pub(crate) fn check(work: &Path, files: &[(&str, &[u8])], abi: Abi) -> io::Result<Tally> {
    if !cfg!(unix) {
        println!("SKIPPED: reproducing, for there is no umask here");
        return Ok(Tally::default());
    }
    let here = workspace_root();
    let other = work.join("built elsewhere");
    copy_sources(&other, &KOTLIN)?;
    let (from, to) = (here.join("android"), other.join("android"));
    maven::lay_again(&from, &to)?;
    maven::package(&to, &["-Dmaven.test.skip=true", "-Ddokka.skip=true"])?;

    let assembled = Assembled::of(&to, &[(abi, fs::read(maven::laid_library(&to))?)], true)?;
    let mut tally = Tally::default();
    // The documentation is left out: making it takes longer than everything else here.
    let documentation = |file: &(&str, &[u8])| file.0 == "-javadoc.jar";
    for ((ending, ours), (_, theirs)) in files.iter().zip(assembled.files()).filter(|(ours, _)| !documentation(ours)) {
        tally = tally.plus(compared(ending, ours, theirs));
    }
    for module in ["permesso", "permesso-android"] {
        for jar in jars(&from.join(module).join("target"))? {
            let theirs = fs::read(to.join(module).join("target").join(&jar))?;
            tally = tally.plus(compared(&jar, &fs::read(from.join(module).join("target").join(&jar))?, &theirs));
        }
    }
    Ok(tally)
}

/// The most that the library for phones may take on x86_64, the machine it is measured on for all (`library_stripped_mb`), in bytes.
const LIBRARY_MAX: usize = 5_000_000;

/// Builds the library for phones once more from its first crate on, elsewhere, and compares. Here its size is looked at too.
pub(super) fn check_library(work: &Path, ours: &Path) -> io::Result<Tally> {
    let (sources, target) = (work.join("library elsewhere"), work.join("library elsewhere.target"));
    copy_sources(&sources, &RUST)?;
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let theirs = small::stripped(&small::library(&sources, &target, &[])?, &target.join(kotlin::library_name()))?;
    let ours = fs::read(ours)?;
    let tally = compared("the library for phones", &ours, &fs::read(theirs)?).plus(small_enough(ours.len()));
    fs::remove_dir_all(&target)?;
    Ok(tally)
}

fn small_enough(size: usize) -> Tally {
    if size <= LIBRARY_MAX || !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("the library for phones: {size} B");
        return Tally::PASSED;
    }
    Tally::failure(format!(
        "the library for phones takes {size} B, {} too many: see core/bench/RESULTS.md",
        size - LIBRARY_MAX
    ))
}

/// Lays sources into a folder, readable by nobody else; what is there goes.
pub(crate) fn copy_sources(to: &Path, folders: &[&str]) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let mut copy = Command::new("sh");
    copy.args(["-c", COPIED, "sh"]).arg(workspace_root()).arg(to).args(folders);
    succeed("copying the sources", copy.status()?)
}

pub(crate) fn compared(name: &str, ours: &[u8], theirs: &[u8]) -> Tally {
    if ours == theirs {
        println!("the same again: {name} ({})", sha256(ours));
        return Tally::PASSED;
    }
    Tally::failure(format!("{name} comes out otherwise in another folder under another umask"))
}

fn jars(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // Documentation is not made here.
        if name.ends_with(".jar") && !name.ends_with("-javadoc.jar") {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Err(io::Error::other(format!("Maven made no jar in {}", folder.display())));
    }
    Ok(names)
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn a_library_above_its_size_is_a_fault_that_says_by_how_much() {
        assert_eq!(small_enough(LIBRARY_MAX).failed(), 0);
        let above = small_enough(LIBRARY_MAX + 7).failures;
        assert!(above[0].contains("7 too many"), "{above:?}");
    }
}
