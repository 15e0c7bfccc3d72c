//! The committed listings of what apps see, each an `api.txt`: an API does not change unless its listing does.

mod kotlin;
mod swift;

use std::fs;
use std::io;
use std::path::Path;

use crate::cargo::workspace_root;
use crate::testing::Tally;

/// The modules of the Kotlin side that an app author uses, and where their package lies.
const KOTLIN: [(&str, &str); 3] =
    [("permesso", "org/permesso"), ("permesso-android", "org/permesso"), ("permesso-testing", "org/permesso/testing")];

/// The one of them that has the generated types too, in a package below its own.
const GENERATED: &str = "permesso";

/// The modules of the Swift side that an app author uses.
const SWIFT: [&str; 2] = ["PermessoKit", "PermessoKitTesting"];

/// Compares the listings of the Kotlin side, which Maven has compiled.
pub(crate) fn kotlin() -> Tally {
    let compare = |(module, package): (&str, &str)| {
        let has_generated = module == GENERATED;
        let module = workspace_root().join("android").join(module);
        let seen = kotlin::signatures(&module, package).and_then(|written| {
            Ok(if has_generated { written + &kotlin::generated(&module, &format!("{package}/ffi"))? } else { written })
        });
        compared(&module.join("api.txt"), seen)
    };
    KOTLIN.map(compare).into_iter().fold(Tally::default(), Tally::plus)
}

/// Compares the listing of the Swift package, by its sources.
pub(crate) fn swift(package: &Path) -> Tally {
    compared(&package.join("api.txt"), swift::declarations(package, &SWIFT))
}

/// Whether what is seen is what a committed listing says.
fn compared(committed: &Path, seen: io::Result<String>) -> Tally {
    let name = committed.strip_prefix(workspace_root()).unwrap_or(committed).display();
    let seen = match seen {
        Ok(seen) if !seen.is_empty() => seen,
        Ok(_) => {
            return Tally::failure(format!("nothing was found that {name} could list"));
        }
        Err(error) => {
            return Tally::failure(format!("what {name} should say could not be found out: {error}"));
        }
    };
    if std::env::var_os("PERMESSO_WRITE_LISTINGS").is_some() && fs::write(committed, &seen).is_err() {
        return Tally::failure(format!("{name} could not be written"));
    }
    let known = fs::read_to_string(committed).unwrap_or_default();
    if seen == known {
        return Tally::PASSED;
    }
    let lacks = |one: &str, other: &str| !other.lines().any(|line| line == one);
    seen.lines().filter(|line| lacks(line, &known)).for_each(|line| eprintln!("new:  {line}"));
    known.lines().filter(|line| lacks(line, &seen)).for_each(|line| eprintln!("gone: {line}"));
    Tally::failure(format!("the API is not what {name} says; if that is meant, run with PERMESSO_WRITE_LISTINGS=1"))
}
