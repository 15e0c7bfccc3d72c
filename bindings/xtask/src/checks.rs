//! What is checked besides the tests.

use crate::cargo::{cargo, workspace_root};
use crate::documents;

/// One call of cargo whose exit status is the verdict.
struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: Option<(&'static str, &'static str)>,
}

const CHECKS: [Check; 4] = [
    Check { name: "formatting", arguments: &["fmt", "--all", "--check"], environment: None },
    Check {
        name: "clippy",
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        environment: None,
    },
    Check {
        name: "rustdoc",
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        environment: Some(("RUSTDOCFLAGS", "-D warnings")),
    },
    Check {
        name: "licences, bans and sources (cargo deny)",
        arguments: &["deny", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"],
        environment: None,
    },
];

/// Runs every check, also after one failed, and says which did.
pub(crate) fn run_all() -> bool {
    let mut failed: Vec<&str> = CHECKS.iter().filter(|check| !check.passes()).map(|check| check.name).collect();
    if !documents_are_sound() {
        failed.push("documents");
    }
    if failed.is_empty() {
        println!("all checks passed");
    } else {
        println!("checks that failed: {}", failed.join(", "));
    }
    failed.is_empty()
}

impl Check {
    fn passes(&self) -> bool {
        println!("== {}", self.name);
        let status = cargo(self.arguments).envs(self.environment).status();
        match status {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("cargo could not be started: {error}");
                false
            }
        }
    }
}

fn documents_are_sound() -> bool {
    println!("== documents");
    match documents::broken_links(&workspace_root()) {
        Ok(broken) => {
            broken.iter().for_each(|link| eprintln!("{link}"));
            broken.is_empty()
        }
        Err(error) => {
            eprintln!("the documents could not be read: {error}");
            false
        }
    }
}
