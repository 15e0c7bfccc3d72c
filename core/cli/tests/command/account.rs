//! Moving an account, reading what is left of one, and erasing it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, code, json_lines, run, run_to, run_to_error, run_with_input, skipped};

fn with_passphrase(mut command: Command, passphrase: &str) -> Command {
    command.env("PERMESSO_ACCOUNT_PASSPHRASE", passphrase);
    command
}

/// Ada's account in a file.
fn exported(world: &World) -> PathBuf {
    let file = world.path().join("ada.permesso");
    let mut export = with_passphrase(world.offline(&["export"], "Ada"), "correct horse");
    let says = run_to(0, export.arg(&file));
    assert!(says.contains("contacts: 1.") && says.contains("Only one of the two copies may go on"), "{says}");
    file
}

fn import(world: &World, file: &Path, passphrase: &str, home: &str) -> Command {
    let mut command = with_passphrase(world.offline(&["import"], home), passphrase);
    command.arg(file);
    command
}

#[test]
fn an_account_moves_to_another_home_with_all_it_has_and_goes_on_there() {
    let world = World::new();
    let (ada_id, _) = friends(&world);
    fs::write(world.home("Ada").join("config.toml"), "[host]\nalias = \"Carried\"\n").unwrap();
    let file = exported(&world);
    let again = run_to_error(1, with_passphrase(world.offline(&["export"], "Ada"), "x").arg(&file));
    assert!(again.contains("is not overwritten"), "{again}");

    let says = run_to(0, &mut import(&world, &file, "correct horse", "New"));
    assert!(says.contains("Do not use it on the old device any more"), "{says}");
    let says = run_to_error(1, &mut import(&world, &file, "correct horse", "New"));
    assert!(says.contains("there is an account already"), "{says}");

    let moved = run(world.host_with_alias("whoami", "New", "Ada", 3).arg("--json"));
    assert_eq!(json_lines(&String::from_utf8(moved.stdout).unwrap())[0]["host"], ada_id.as_str());
    assert_eq!(String::from_utf8(moved.stderr).unwrap().matches("an older copy").count(), 1);
    let history = run_to(3, world.host_with_alias("inbox", "New", "Ada", 3).arg("--all"));
    assert!(history.contains("Grace: Ciao Ada"), "{history}");
    let config = fs::read_to_string(world.home("New").join("config.toml")).unwrap();
    assert!(config.contains("Carried"), "{config}");

    // The new home has a key of its own, and counts as what it is.
    assert_ne!(fs::read(world.home("New").join("key")).unwrap(), fs::read(world.home("Ada").join("key")).unwrap());
    // The encryption between them starts afresh within a minute or two; so long the message waits.
    let mut send = world.host_with_alias("send", "New", "Ada", 3);
    let says = run_to(3, send.args(["--to", "Grace", "From my new machine", "--wait", "0s"]));
    assert!(says.starts_with("Waiting"), "{says}");
}

#[test]
fn a_bar_is_drawn_on_a_terminal_and_nowhere_else() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let export = |name: &str| {
        let file = world.path().join(name);
        let mut command = with_passphrase(world.offline(&["export"], "Ada"), "correct horse");
        command.arg(file);
        command
    };
    let quiet = run(&mut export("quiet"));
    assert_eq!((code(quiet.status), String::from_utf8(quiet.stderr).unwrap().as_str()), (0, ""));
    // `script` (util-linux) gives its command a terminal.
    let on_terminal = export("loud");
    let line: Vec<String> = [on_terminal.get_program()]
        .into_iter()
        .chain(on_terminal.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line.join(" "), "/dev/null"]).env("TERM", "xterm");
    let environment = on_terminal.get_envs().filter_map(|(name, value)| Some((name, value?)));
    script.envs(environment);
    if Command::new("script").arg("--version").output().is_err() {
        skipped("there is no `script` to make a terminal");
        return;
    }
    let shown = run_to(0, &mut script);
    assert!(shown.contains("Writing [") && shown.contains(" %"), "{shown:?}");
    assert!(shown.contains("The whole account is in"), "{shown:?}");
}

#[test]
fn an_account_file_that_does_not_open_changes_nothing() {
    let world = World::new();
    friends(&world);
    let file = exported(&world);
    let whole = fs::read(&file).unwrap();
    let says = run_to_error(6, &mut import(&world, &file, "wrong horse", "New"));
    assert!(says.contains("this passphrase does not open the account file"), "{says}");
    let mut changed = whole.clone();
    let place = whole.len() / 2;
    changed[place] ^= 1;
    let mut newer = whole.clone();
    newer[17] = 9;
    for (name, bytes, words) in [
        ("cut", &whole[..whole.len() - 20], "damaged or incomplete"),
        ("changed", &changed[..], "damaged or incomplete"),
        ("newer", &newer[..], "update this one"),
        ("other", b"BEGIN:VCARD\r\nEND:VCARD\r\n", "not an account file"),
        ("empty", b"", "not an account file"),
    ] {
        let path = world.path().join(name);
        fs::write(&path, bytes).unwrap();
        let says = run_to_error(1, &mut import(&world, &path, "correct horse", "New"));
        assert!(says.contains(words), "{name}: {says}");
        assert!(!world.home("New").exists(), "{name}");
    }
    // With a passphrase for the home too, whose salt would be the first file in it.
    let mut locked = import(&world, &file, "wrong horse", "New");
    run_to_error(6, locked.env("PERMESSO_PASSPHRASE", "the home's"));
    assert!(!world.home("New").exists());
    run_to(0, &mut import(&world, &file, "correct horse", "New"));
}

#[test]
fn without_a_passphrase_and_nobody_to_ask_nothing_is_exported() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let file = world.path().join("ada.permesso");
    let says = run_to_error(6, world.offline(&["export"], "Ada").arg(&file));
    assert!(says.contains("PERMESSO_ACCOUNT_PASSPHRASE"), "{says}");
    let says = run_to_error(6, with_passphrase(world.offline(&["export"], "Ada"), "").arg(&file));
    assert!(says.contains("cannot be empty"), "{says}");
    let says = run_to_error(6, with_passphrase(world.offline(&["export"], "Ada"), "àèìòùàè").arg(&file));
    assert!(says.contains("shorter than 8 characters"), "{says}");
    let mut italian = with_passphrase(world.offline(&["export"], "Ada"), "a");
    let says = run_to_error(6, italian.env("LC_ALL", "it").arg(&file));
    assert!(says.contains("meno di 8 caratteri"), "{says}");
    let says = run_to_error(1, with_passphrase(world.offline(&["export"], "Nobody"), "x").arg(&file));
    assert!(says.contains("there is no account"), "{says}");
    assert!(!file.exists() && !world.home("Nobody").exists());
    run_to(0, with_passphrase(world.offline(&["export"], "Ada"), "àèìòùàèì").arg(&file));
}

#[test]
fn a_host_that_runs_is_not_exported_behind_its_back() {
    let world = World::new();
    let ada = Bot::start(&world, "Ada", 1);
    let file = world.path().join("ada.permesso");
    run_to_error(5, with_passphrase(world.offline(&["export"], "Ada"), "correct horse").arg(&file));
    run_to_error(5, world.offline(&["rescue"], "Ada").arg(&file));
    run_to_error(5, &mut world.offline(&["erase", "--yes"], "Ada"));
    assert!(!file.exists() && world.home("Ada").join("key").exists());
    ada.end();
}

#[test]
fn of_a_damaged_database_it_is_said_what_to_do_and_the_rest_can_be_read() {
    let world = World::new();
    let (_, grace_id) = friends(&world);
    let database = world.home("Ada").join("permesso.db");
    let whole = fs::read(&database).unwrap();
    fs::write(&database, &whole[..whole.len() - 4096]).unwrap();
    let says = run_to_error(1, &mut world.host("inbox", "Ada", 1));
    assert!(says.contains("damaged (the file is cut off)") && says.contains("permesso rescue"), "{says}");
    assert_eq!(fs::read(&database).unwrap(), whole[..whole.len() - 4096]);

    let lines = json_lines(&run_to(0, world.offline(&["rescue"], "Ada").arg("-")));
    let end = lines.last().unwrap();
    assert_eq!((&end["kind"], &end["friends"], &end["messages"]), (&json!("end"), &json!(1), &json!(1)));
    let friend = lines.iter().find(|line| line["kind"] == "friend").unwrap();
    assert_eq!((&friend["host"], &friend["alias"]), (&json!(grace_id), &json!("Grace")));
    let message = lines.iter().find(|line| line["kind"] == "message").unwrap();
    assert_eq!((&message["text"], &message["name"]), (&json!("Ciao Ada"), &json!("Grace")));
    assert_eq!(fs::read(&database).unwrap(), whole[..whole.len() - 4096]);

    let file = world.path().join("rescued.jsonl");
    run_to(0, world.offline(&["rescue"], "Ada").arg(&file));
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), lines.len());
    fs::write(&database, vec![b'x'; 9_000]).unwrap();
    let says = run_to_error(1, world.offline(&["rescue"], "Ada").arg(world.path().join("nothing")));
    assert!(says.contains("damaged"), "{says}");
    assert!(!world.path().join("nothing").exists());
}

#[test]
fn an_account_is_erased_with_everything_of_its_home_and_nothing_else() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let home = world.home("Ada");
    fs::write(home.join("config.toml"), "").unwrap();
    fs::write(home.join("chat"), b"drafts").unwrap();
    fs::write(home.join("holiday.jpg"), b"mine").unwrap();
    fs::write(world.path().join("ada.generation"), b"7\n").unwrap();
    let says = run_to(0, &mut world.offline(&["erase", "--yes"], "Ada"));
    for name in ["key", "permesso.db", "config.toml", "chat", "ada.generation", "holiday.jpg"] {
        assert!(says.contains(name), "{name}: {says}");
    }
    let left: Vec<_> = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["holiday.jpg"]);
    assert!(!world.path().join("ada.generation").exists());
    let says = run_to_error(1, &mut world.offline(&["erase", "--yes"], "Ada"));
    assert!(says.contains("there is no account"), "{says}");

    run_to(0, &mut world.host("friends", "Bob", 1));
    run_to(0, &mut world.offline(&["erase", "--yes"], "Bob"));
    assert!(!world.home("Bob").exists());
}

#[test]
fn before_an_account_is_erased_its_alias_must_be_typed() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    for wrong in ["", "yes\n", "ada\n", "Ad\n"] {
        let output = run_with_input(&mut world.offline(&["erase"], "Ada"), wrong);
        assert_eq!(code(output.status), 1, "{wrong:?}");
        let says = String::from_utf8(output.stderr).unwrap();
        assert!(says.contains("Type Ada to go on") && says.contains("nothing was erased"), "{says}");
    }
    run_to(0, &mut world.host("friends", "Ada", 1));
    let output = run_with_input(&mut world.offline(&["erase"], "Ada"), "Ada\n");
    assert_eq!(code(output.status), 0);
    assert!(!world.home("Ada").exists());
}

#[test]
fn an_account_whose_key_is_lost_can_still_be_erased() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    fs::remove_file(world.home("Ada").join("key")).unwrap();
    let output = run_with_input(&mut world.offline(&["erase"], "Ada"), "ada\n");
    assert_eq!(code(output.status), 0, "the folder's name is asked for: {output:?}");
    assert!(!world.home("Ada").exists());
}

#[test]
fn a_bot_exports_its_account_and_overwrites_nothing() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    ada.send("Grace", "Ciao");
    let file = world.path().join("ada.account");
    let export = |passphrase: &str| json!({ "cmd": "export", "file": file, "passphrase": passphrase });
    assert_eq!(ada.refused(export("")), "empty");
    let report = ada.ask(export("correct horse"));
    assert_eq!((&report["messages"], &report["friends"]), (&json!(1), &json!(1)));
    let before = std::fs::read(&file).unwrap();
    assert_eq!(ada.refused(export("another")), "file_exists");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    ada.end();
    run_to(0, &mut import(&world, &file, "correct horse", "New"));
    let mut new = Bot::spawn(&mut world.offline(&["bot", "--offline"], "New"));
    assert_eq!(new.texts("Grace"), ["Ciao"]);
    assert_eq!(new.ask(json!({ "cmd": "host" }))["restored_copy"], true);
}
