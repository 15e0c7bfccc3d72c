//! Whether the same sources give the same bytes in another folder and under another umask.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::library::Abi;
use super::repository::sha256;
use super::{Assembled, maven};
use crate::cargo::workspace_root;
use crate::kotlin::succeed;
use crate::testing::Tally;

/// What of the Kotlin side is not made by building it.
const COPIED: &str = "cd \"$1\" && umask 077 && find android -name target -prune -o -type f -print | \
    while IFS= read -r file; do mkdir -p \"$2/$(dirname \"$file\")\" && cat \"$file\" > \"$2/$file\"; done";

/// Builds everything but the Rust library once more, elsewhere, readable by nobody else, and compares. The library is passed
/// in: it is built without the names of folders (see `small::remapped`).
pub(crate) fn check(work: &Path, files: &[(&str, &[u8])], abi: Abi) -> io::Result<Tally> {
    if !cfg!(unix) {
        println!("SKIPPED: reproducing, for there is no umask here");
        return Ok(Tally::default());
    }
    let here = workspace_root();
    let other = work.join("built elsewhere");
    copy_sources(&other)?;
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

/// Lays the sources of the Kotlin side into a folder, readable by nobody else; what is there goes.
pub(crate) fn copy_sources(to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let mut copy = Command::new("sh");
    copy.args(["-c", COPIED, "sh"]).arg(workspace_root()).arg(to);
    succeed("copying the sources", copy.status()?)
}

pub(crate) fn compared(name: &str, ours: &[u8], theirs: &[u8]) -> Tally {
    if ours == theirs {
        println!("the same again: {name} ({})", sha256(ours));
        return Tally::PASSED;
    }
    eprintln!("{name} comes out otherwise in another folder under another umask");
    Tally::FAILED
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
