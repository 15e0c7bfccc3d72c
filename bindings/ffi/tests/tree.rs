//! What is not in the library that phones load.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::process::Command;

/// Each of these would cost more than what it is good for on a phone: command lines, screens, servers, regular expressions.
const UNWANTED: [&str; 8] =
    ["clap", "ratatui", "crossterm", "axum", "hyper", "regex", "regex-automata", "tracing-subscriber"];

#[test]
fn the_library_holds_no_command_line_no_screens_no_http_server_and_no_regular_expressions() {
    for target in ["x86_64-unknown-linux-gnu", "aarch64-linux-android", "aarch64-apple-ios"] {
        let output = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "-p",
                "permesso-ffi",
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--target",
                target,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tree = String::from_utf8(output.stdout).unwrap();
        let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.contains(&"permesso-engine"), "{tree}");
        let found: Vec<&&str> = UNWANTED.iter().filter(|name| names.contains(name)).collect();
        assert!(found.is_empty(), "{target}: {found:?}\n{tree}");
    }
}
