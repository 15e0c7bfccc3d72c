//! What the system does not allow, and what is not there: said in plain words, with nothing changed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{World, permesso, run, run_to, run_to_error, skipped};

/// Nobody in particular, as Debian and Fedora number it: permissions mean nothing to root.
const NOBODY: u32 = 65_534;

/// Lets a command run as somebody to whom permissions mean something.
fn unprivileged(mut command: Command) -> Command {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A world in which that somebody has a host; `None`, with a visible line, where it may not run what was built here.
fn world_of_somebody() -> Option<World> {
    let world = World::new();
    allow(world.path(), 0o777);
    let mut first = unprivileged(world.offline(&["friends", "--alias", "Ada"], "Ada"));
    match first.stdin(Stdio::null()).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => {
            skipped(&format!("an unprivileged user cannot run what was built here: {error}"));
            return None;
        }
    }
    Some(world)
}

#[test]
fn what_may_not_be_read_or_written_is_named_in_plain_words_and_left_as_it_is() {
    let Some(world) = world_of_somebody() else { return };
    let home = world.home("Ada");
    let (database, key) = (home.join("permesso.db"), home.join("key"));
    for (path, mode, usual) in [(&database, 0o000, 0o600), (&key, 0o000, 0o600), (&home, 0o000, 0o700)] {
        let whole = fs::read(&database).unwrap();
        allow(path, mode);
        for (language, words) in [("C", "you may not"), ("it", "non puoi")] {
            let mut friends = unprivileged(world.offline(&["friends"], "Ada"));
            let output = run(friends.env("LC_ALL", language));
            let says = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success(), "{path:?}: {says}");
            assert!(says.contains(words) && !says.contains("os error"), "{path:?} {mode:o}: {says}");
        }
        allow(path, usual);
        assert_eq!(fs::read(&database).unwrap(), whole, "{path:?}");
        let mut friends = unprivileged(world.offline(&["friends"], "Ada"));
        run_to(0, &mut friends);
    }
}

#[test]
fn a_folder_in_which_nothing_may_be_made_gets_no_home_no_export_and_no_contacts() {
    let Some(world) = world_of_somebody() else { return };
    let closed = world.path().join("closed");
    fs::create_dir(&closed).unwrap();
    allow(&closed, 0o555);
    let file = closed.join("file");
    let commands = [
        permesso(&["friends", "--alias", "Eve", "--home", file.to_str().unwrap()]),
        world.offline(&["export", file.to_str().unwrap()], "Ada"),
        world.offline(&["contacts", "export", file.to_str().unwrap()], "Ada"),
        world.offline(&["rescue", file.to_str().unwrap()], "Ada"),
    ];
    for command in commands {
        let mut command = unprivileged(command);
        let says = run_to_error(1, command.env("PERMESSO_ACCOUNT_PASSPHRASE", "correct horse"));
        assert!(says.contains("you may not") && !says.contains("os error"), "{command:?}: {says}");
    }
    assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
}

/// `permesso` with these arguments on a machine that has no network at all; `None` where that cannot be had.
fn without_network(command: &Command) -> Option<Command> {
    let can = Command::new("unshare").args(["--net", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        skipped("no network namespace can be made here");
        return None;
    }
    let mut apart = Command::new("unshare");
    apart.arg("--net").arg(command.get_program()).args(command.get_args());
    apart.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(apart)
}

#[test]
fn without_any_network_what_needs_one_says_so_and_all_else_works() {
    let world = World::new();
    run_to(0, &mut world.offline(&["friends", "--alias", "Ada"], "Ada"));
    let apart = |arguments: &[&str]| without_network(&world.offline(arguments, "Ada"));
    for needs_one in [
        ["hosts", "--wait", "1s"].as_slice(),
        &["inbox", "--wait", "1s"],
        &["ask", "--to", "Grace", "--wait", "1s"],
        &["accept", "Grace", "--wait", "1s"],
    ] {
        let Some(mut command) = apart(needs_one) else { return };
        let says = run_to_error(1, &mut command);
        assert!(says.contains("no usable network address: connect to a network"), "{needs_one:?}: {says}");
        let says = run_to_error(1, command.env("LC_ALL", "it"));
        assert!(says.contains("collegati a una rete"), "{needs_one:?}: {says}");
    }
    for (works, status) in [
        (["whoami"].as_slice(), 0),
        (&["friends"], 0),
        (&["config", "show"], 0),
        (&["contacts", "export", "-"], 0),
        (&["diagnostics"], 0),
        (&["inbox"], 3),
        (&["search", "hello"], 3),
    ] {
        let Some(mut command) = apart(works) else { return };
        run_to(status, &mut command);
    }
}
