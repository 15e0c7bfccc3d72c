//! What people, disks and clocks get wrong: a clear error, and nothing lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, code, permesso, run, run_to, run_to_error, skipped};

const STRANGER: &str = "5c146b14-3c52-8afd-938a-375d0df1fbf6";

#[test]
fn an_alias_that_is_empty_or_too_long_is_refused_with_the_limit() {
    let world = World::new();
    for empty in ["", "   ", "\n\t"] {
        let says = run_to_error(1, &mut world.host_with_alias("whoami", "Ada", empty, 1));
        assert!(says.contains("the alias is empty"), "{empty:?}: {says}");
    }
    let says = run_to_error(1, &mut world.host_with_alias("whoami", "Ada", &"é".repeat(33), 1));
    assert!(says.contains("the alias has 66 bytes, the limit is 64"), "{says}");
    run_to(0, &mut world.host_with_alias("whoami", "Ada", &"é".repeat(32), 1));
}

#[test]
fn a_refused_alias_makes_no_home() {
    let world = World::new();
    for (alias, says) in [("\u{3164} \u{2800}\u{ad}", "the alias is empty"), (&*"x".repeat(65), "the limit is 64")] {
        let error = run_to_error(1, &mut world.host_with_alias("whoami", "Ada", alias, 1));
        assert!(error.contains(says), "{error}");
        assert!(!world.home("Ada").exists());
    }
}

#[test]
fn emoji_and_scripts_that_need_joiners_are_shown_as_they_are_written() {
    let world = World::new();
    let alias = "👨\u{200d}💻 می\u{200c}خواهم";
    let says = run_to(0, &mut world.host_with_alias("whoami", "Ada", alias, 1));
    assert!(says.contains(alias), "{says}");
}

#[test]
fn a_host_whose_database_is_gone_does_not_become_somebody_new() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let kept = fs::read(world.home("Ada").join("permesso.db")).unwrap();
    for file in ["permesso.db", "permesso.db-wal", "permesso.db-shm"] {
        let _ = fs::remove_file(world.home("Ada").join(file));
    }
    let says = run_to_error(1, &mut world.host("friends", "Ada", 1));
    assert!(says.contains("its database is gone") && says.contains("permesso erase"), "{says}");
    fs::write(world.home("Ada").join("permesso.db"), kept).unwrap();
    run_to(0, &mut world.host("friends", "Ada", 1));
    fs::remove_file(world.home("Ada").join("permesso.db")).unwrap();
    run_to(0, world.offline(&["erase", "--yes"], "Ada").env("PERMESSO_KEYRING", "off"));
    run_to(0, &mut world.host("friends", "Ada", 1));
}

#[test]
fn a_home_that_may_not_be_used_is_said_in_plain_words() {
    let world = World::new();
    fs::write(world.path().join("file"), "no folder").unwrap();
    let mut command = permesso(&["friends", "--home"]);
    let says = run_to_error(1, command.arg(world.path().join("file/home")));
    assert!(says.contains("a file stands where a folder should be") && !says.contains("os error"), "{says}");
    let mut command = permesso(&["friends", "--config", "/nowhere/permesso.toml", "--home"]);
    let says = run_to_error(1, command.arg(world.home("Ada")));
    assert!(says.contains("there is nothing of that name") && !says.contains("os error"), "{says}");
}

#[test]
fn the_name_of_an_interface_where_an_address_is_wanted_is_answered_with_what_is_wanted() {
    let says = run_to_error(2, &mut permesso(&["friends", "--interface", "lo"]));
    assert!(says.contains("like 192.168.1.20 or fe80::1, not the name of an interface"), "{says}");
    let says = run_to_error(2, permesso(&["friends", "--interface", "lo"]).env("LC_ALL", "it"));
    assert!(says.contains("ci vuole un indirizzo di questa macchina"), "{says}");
}

#[test]
fn an_alias_of_control_characters_drives_no_terminal() {
    let world = World::new();
    let says = run_to(0, &mut world.host_with_alias("whoami", "Ada", "\u{1b}[2J\u{7}Ada\nor not", 1));
    assert!(!says.contains('\u{1b}') && !says.contains('\u{7}'), "{says:?}");
    assert!(says.lines().next().unwrap().ends_with("[2J Ada or not"), "{says:?}");
}

#[test]
fn an_alias_that_turns_text_around_is_shown_by_its_codes_and_flagged_to_others() {
    let world = World::new();
    let ada = Bot::start(&world, "Ada", 1);
    let turned = "\u{202e}ecarG";
    let mut eve = Bot::spawn(&mut world.host_with_alias("bot", "Eve", turned, 2));
    let claims = eve.search("ada", "partial", 1);
    assert_eq!(claims["claims"][0]["flags"], json!([]));
    ada.end();
    let mut ada = Bot::start(&world, "Ada", 1);
    let claims = ada.search("ecarg", "partial", 1);
    assert_eq!(claims["claims"][0]["flags"], json!(["invisible_or_bidi"]));
    ada.end();
    let mut ask = world.host("ask", "Ada", 1);
    let says = run_to(3, ask.args(["--to", turned, "--wait", "100ms"]));
    assert!(says.contains("\\u{202e}ecarG") && !says.contains('\u{202e}'), "{says}");
    eve.end();
}

#[test]
fn a_message_too_long_or_empty_is_refused_with_the_limit() {
    let world = World::new();
    let mut send = world.host("send", "Ada", 1);
    let says = run_to_error(1, send.args(["--to", STRANGER, &"x".repeat(4_097)]));
    assert!(says.contains("the text has 4097 bytes, the limit is 4096"), "{says}");
    let says = run_to_error(1, world.host("send", "Ada", 1).args(["--to", STRANGER, ""]));
    assert!(says.contains("the text is empty"), "{says}");
    let mut ask = world.host("ask", "Ada", 1);
    let says = run_to_error(1, ask.args(["--to", STRANGER, "--greeting", &"x".repeat(281)]));
    assert!(says.contains("the greeting has 281 bytes, the limit is 280"), "{says}");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_kept() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let database = world.home("Ada").join("permesso.db");
    let mut bytes = fs::read(&database).unwrap();
    // `user_version`, four bytes at 60 (SQLite, "Database File Format", 1.3).
    bytes[60..64].copy_from_slice(&9_999u32.to_be_bytes());
    fs::write(&database, &bytes).unwrap();
    let says = run_to_error(1, &mut world.host("friends", "Ada", 1));
    assert!(says.contains("newer version of Permesso (schema 9999"), "{says}");
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_what_to_do() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let key = world.home("Ada").join("key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let says = run_to_error(6, &mut world.host("friends", "Ada", 1));
    assert!(says.contains("(mode 0644)") && says.contains("chmod 600"), "{says}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    run_to(0, &mut world.host("friends", "Ada", 1));
}

#[test]
fn a_home_with_a_passphrase_asks_for_it_and_makes_no_new_identity() {
    let world = World::new();
    run_to(0, world.host("friends", "Ada", 1).env("PERMESSO_PASSPHRASE", "correct horse"));
    let says = run_to_error(6, &mut world.host("friends", "Ada", 1));
    assert!(says.contains("this home opens with a passphrase"), "{says}");
    let says = run_to_error(6, world.host("friends", "Ada", 1).env("PERMESSO_PASSPHRASE", "Correct horse"));
    assert!(says.contains("check the passphrase"), "{says}");
    assert!(!world.home("Ada").join("key").exists());
}

#[test]
fn the_technical_side_is_told_to_whoever_asks_for_it() {
    let world = World::new();
    let mut command = world.host("friends", "Ada", 1);
    command.arg("--passphrase-file").arg(world.path().join("absent"));
    let plain = run_to_error(6, &mut command);
    assert_eq!(plain.lines().count(), 1, "{plain}");
    let more = run_to_error(6, command.arg("-v").env("LC_ALL", "it"));
    assert!(more.contains("non si può usare") && more.contains("No such file"), "{more}");
    assert!(more.lines().count() > 1, "{more}");
}

#[test]
fn clocks_in_1970_and_2100_hinder_nobody() {
    let Some(library) = fake_time() else {
        skipped("libfaketime is not installed");
        return;
    };
    let world = World::new();
    let mut ada = at(&world, library, "Ada", 1, "@1970-01-02 00:00:00");
    let mut grace = at(&world, library, "Grace", 2, "@2100-01-01 00:00:00");
    ada.befriend(&mut grace, "gra");
    let message = ada.send("Grace", "What year is it?");
    let received = grace.event("message_received", |_| true);
    assert!(received["local_time"].as_u64().unwrap() > 4_000_000_000_000, "the clock is not faked: {received}");
    assert!(received["send_time"].as_u64().unwrap() < 10 * 86_400_000, "{received}");
    let fate = ada.ask(json!({ "cmd": "wait_for_state", "message": message, "timeout": "20s" }));
    assert_eq!(fate["state"], "delivered");
    grace.send("Ada", "2100");
    ada.event("message_received", |event| event["text"] == "2100");
    ada.end();
    grace.end();
    // And back in the present, the histories of both open.
    for (name, last) in [("Ada", 1), ("Grace", 2)] {
        let output = run(world.host("inbox", name, last).arg("--all"));
        let history = String::from_utf8(output.stdout).unwrap();
        assert!([0, 3].contains(&code(output.status)), "{history}");
        assert!(history.contains("What year is it?") && history.contains("2100"), "{history}");
    }
}

/// A bot whose clock shows another time. Timers go by another clock.
fn at(world: &World, library: &Path, name: &str, last: u8, time: &str) -> Bot {
    let mut command = world.host("bot", name, last);
    command.env("LD_PRELOAD", library).env("FAKETIME", time).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    Bot::spawn(&mut command)
}

#[test]
fn a_carrier_whose_clock_is_wrong_by_decades_carries_a_message_all_the_same() {
    let Some(library) = fake_time() else {
        skipped("libfaketime is not installed");
        return;
    };
    let world = World::new();
    friends(&world);
    let mut ada = Bot::start(&world, "Ada", 1);
    let mut linus = at(&world, library, "Linus", 3, "@1970-01-02 00:00:00");
    ada.befriend(&mut linus, "linus");
    let mut sent = Vec::new();
    for (text, time) in [("from 1970", "@2099-01-01 00:00:00"), ("from 2099", "@1980-01-01 00:00:00")] {
        let message = ada.send("Grace", text);
        ada.send("Linus", "a link");
        ada.ask(json!({ "cmd": "wait_for_state", "message": message, "states": ["held"], "timeout": "30s" }));
        sent.push(message);
        // His clock is set by a century while he carries it.
        linus.end();
        linus = at(&world, library, "Linus", 3, time);
        assert_eq!(linus.ask(json!({ "cmd": "custody" }))["custody"]["envelopes"], json!(sent.len()), "{time}");
    }
    ada.end();
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.until(json!({ "cmd": "messages", "host": "Ada" }), |page| page["messages"].as_array().unwrap().len() == 3);
    let mut texts = grace.texts("Ada");
    texts.sort();
    assert_eq!(texts[1..], ["from 1970", "from 2099"]);
    grace.end();
    linus.end();
}

fn fake_time() -> Option<&'static Path> {
    let places = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime.so.1",
        "/usr/lib64/faketime/libfaketime.so.1",
    ];
    places
        .into_iter()
        .map(Path::new)
        .find(|path| path.exists() && Command::new("true").env("LD_PRELOAD", path).status().is_ok())
}
