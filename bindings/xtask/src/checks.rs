//! What is checked besides the tests.

use std::fs;
use std::io::{self, ErrorKind};
use std::process::Command;

use crate::aar;
use crate::cargo::{cargo, target_folder, workspace_root};
use crate::documents;

/// One call of cargo whose exit status is the verdict.
struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// Built in a folder of its own, for it has flags of its own.
    apart: Option<&'static str>,
}

const CHECKS: [Check; 5] = [
    Check { name: "formatting", arguments: &["fmt", "--all", "--check"], environment: &[], apart: None },
    Check {
        name: "clippy",
        arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        environment: &[],
        apart: None,
    },
    Check {
        name: "rustdoc",
        // With examples, so that what it stands on has the features that clippy and the tests have checked it with.
        arguments: &["doc", "--workspace", "--no-deps", "--lib", "--bins", "--examples", "--locked"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
        apart: None,
    },
    // A workspace of its own that only cargo-fuzz builds: it must follow what it includes. Nothing is linked, so that the
    // fuzzing library need not be built.
    Check {
        name: "fuzz targets",
        arguments: &["check", "--manifest-path", "core/fuzz/Cargo.toml", "--bins", "--locked"],
        environment: &[("RUSTFLAGS", "--cfg fuzzing -D warnings"), ("CUSTOM_LIBFUZZER_PATH", "/nowhere/libnone.a")],
        apart: Some("fuzz"),
    },
    Check {
        name: "licences, bans and sources (cargo deny)",
        arguments: &["deny", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"],
        environment: &[],
        apart: None,
    },
];

/// Runs every check, also after one failed, and says which did.
pub(crate) fn run_all() -> bool {
    // What has a folder of its own works beside the others: rustdoc keeps one processor busy for long.
    let (apart, others): (Vec<&Check>, Vec<&Check>) = CHECKS.iter().partition(|check| check.apart.is_some());
    let failing =
        |checks: Vec<&Check>| checks.into_iter().filter(|check| !check.passes()).map(|check| check.name).collect();
    let (others, apart): (Vec<&str>, Vec<&str>) = std::thread::scope(|scope| {
        let apart = scope.spawn(|| failing(apart));
        let others = failing(others);
        (others, apart.join().unwrap_or_else(|_| vec!["what has a folder of its own"]))
    });
    let mut failed = [others, apart].concat();
    if !documents_are_sound() {
        failed.push("documents");
    }
    if !workflows_are_sound() {
        failed.push("workflows");
    }
    if !versions_agree() {
        failed.push("versions");
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
        let mut command = cargo(self.arguments);
        command.envs(self.environment.iter().copied());
        if let Some(folder) = self.apart {
            command.env("CARGO_TARGET_DIR", target_folder().join(folder));
        }
        match command.status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("cargo could not be started: {error}");
                false
            }
        }
    }
}

/// Whether Maven, Gradle and cargo name the same versions.
fn versions_agree() -> bool {
    println!("== versions");
    match aar::disagreements(&workspace_root()) {
        Ok(found) => {
            found.iter().for_each(|one| eprintln!("{one}"));
            found.is_empty()
        }
        Err(error) => {
            eprintln!("the versions could not be read: {error}");
            false
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

/// Whether all actions are pinned, and what actionlint says.
fn workflows_are_sound() -> bool {
    println!("== workflows");
    match unpinned_actions() {
        Ok(unpinned) => {
            unpinned.iter().for_each(|line| eprintln!("not pinned by a digest: {line}"));
            unpinned.is_empty() && actionlint()
        }
        Err(error) => {
            eprintln!("the workflows could not be read: {error}");
            false
        }
    }
}

fn unpinned_actions() -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace_root().join(".github/workflows"))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        found.extend(unpinned(&text).map(|line| format!("{}: {line}", path.display())));
    }
    Ok(found)
}

/// Actions that are named by something which may be another tomorrow: a tag, a branch.
fn unpinned(workflow: &str) -> impl Iterator<Item = &str> {
    workflow.lines().map(str::trim).filter(|line| {
        let Some(action) = line.trim_start_matches("- ").strip_prefix("uses:") else { return false };
        let digest = action.split_once('@').and_then(|(_, rest)| rest.split_whitespace().next());
        // One of this repository is as it is here.
        !action.trim_start().starts_with("./")
            && !digest.is_some_and(|digest| digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

fn actionlint() -> bool {
    match Command::new("actionlint").current_dir(workspace_root()).status() {
        Ok(status) => status.success(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!(
                "SKIPPED: there is no actionlint here (go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12)"
            );
            true
        }
        Err(error) => {
            eprintln!("actionlint could not be started: {error}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_by_a_tag_or_a_branch_is_not_pinned() {
        let digest = "3d3c42e5aac5ba805825da76410c181273ba90b1";
        let pinned = format!("      - uses: actions/checkout@{digest} # v7.0.1\n        uses: other/one@{digest}\n");
        assert_eq!(unpinned(&pinned).count(), 0);
        let loose = "  - uses: actions/checkout@v5.0.0\n  - run: echo uses: nothing\n    uses: other/one@main\n  - uses: ./local\n";
        assert_eq!(unpinned(loose).collect::<Vec<_>>(), ["- uses: actions/checkout@v5.0.0", "uses: other/one@main"]);
    }
}
