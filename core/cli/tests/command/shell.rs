//! What a shell and `man` are given.

use std::fs;
use std::process::Command;

use crate::process::{permesso, run, run_to, skipped};

/// The commands that the help lists.
fn commands() -> Vec<String> {
    let help = run_to(0, &mut permesso(&["--help"]));
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<String> = list.lines().filter_map(|line| Some(line.trim().split(' ').next()?.to_owned())).collect();
    assert!(names.len() > 15 && names.contains(&"erase".to_owned()), "{names:?}");
    names
}

#[test]
fn completions_for_every_shell_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run_to(0, &mut permesso(&["completions", shell]));
        for name in commands() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
        assert!(script.contains("account-passphrase-file"), "{shell}");
    }
    assert!(!run(&mut permesso(&["completions", "cmd"])).status.success());
}

#[test]
fn bash_completes_commands_and_options() {
    if Command::new("bash").arg("--version").output().is_err() {
        skipped("there is no bash");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("permesso.bash");
    fs::write(&script, run_to(0, &mut permesso(&["completions", "bash"]))).unwrap();
    let completed = |words: &str| {
        let count = words.split(' ').count();
        let code = format!(
            "source '{}'; COMP_WORDS=({words}); COMP_CWORD={}; _permesso permesso \"${{COMP_WORDS[-1]}}\" x; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            count - 1
        );
        run_to(0, Command::new("bash").args(["--norc", "-c", &code]))
    };
    assert_eq!(completed("permesso con").trim(), "contacts config");
    assert_eq!(completed("permesso config exp").trim(), "explain");
    assert!(completed("permesso export --acc").contains("--account-passphrase-file"));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    run_to(0, permesso(&["man", "--dir"]).arg(folder.path().join("man1")));
    let page = run_to(0, &mut permesso(&["man"]));
    for name in commands().into_iter().filter(|name| name != "help") {
        let of_command = folder.path().join("man1").join(format!("permesso-{name}.1"));
        let text = fs::read_to_string(&of_command).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(text.contains(".TH"), "{name}");
        assert!(page.contains(&format!("permesso\\-{name}(1)")), "{name}");
    }
    assert!(folder.path().join("man1/permesso-config-set.1").exists());
    assert!(
        page.contains("the key or passphrase is missing, wrong, or not yours to read"),
        "exit statuses are missing"
    );
    assert_eq!(page, fs::read_to_string(folder.path().join("man1/permesso.1")).unwrap());
}
