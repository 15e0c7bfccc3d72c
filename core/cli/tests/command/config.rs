//! Parameters: shown, changed and explained.

use std::fs;

use permesso_node::Config;
use serde_json::Value;

use crate::bot::Bot;
use crate::process::{World, json_lines, permesso, run_to, run_to_error};
use crate::server::Server;

fn shown(world: &World, name: &str, more: &[&str]) -> Vec<Value> {
    json_lines(&run_to(0, world.offline(&["config", "show", "--json"], name).args(more)))
}

fn of<'a>(shown: &'a [Value], key: &str) -> (&'a str, &'a str) {
    let found = shown.iter().find(|value| value["key"] == key).unwrap();
    (found["value"].as_str().unwrap(), found["source"].as_str().unwrap())
}

#[test]
fn every_value_is_shown_with_where_it_comes_from() {
    let world = World::new();
    run_to(0, &mut world.offline(&["config", "set", "links.idle_close", "5m"], "Ada"));
    assert!(!world.home("Ada").join("permesso.db").exists(), "a host was made");
    run_to(0, &mut world.offline(&["friends", "--alias", "Ada"], "Ada"));
    run_to(0, &mut world.offline(&["config", "set", "messages.outbox_max", "70"], "Ada"));
    let all = shown(&world, "Ada", &["--port", "30000"]);
    assert_eq!(all.len(), Config::parameters().len());
    assert_eq!(of(&all, "links.idle_close"), ("\"5m\"", "file"));
    assert_eq!(of(&all, "host.alias"), ("\"Ada\"", "run_time"));
    assert_eq!(of(&all, "messages.outbox_max"), ("70", "run_time"));
    assert_eq!(of(&all, "host.port"), ("30000", "command_line"));
    assert_eq!(of(&all, "links.links_max"), ("64", "default"));
    assert_eq!(of(&shown(&world, "Ada", &[]), "host.port"), ("20070", "default"), "showing has changed something");
    let text = run_to(0, &mut world.offline(&["config", "show"], "Ada"));
    assert!(text.contains("messages.outbox_max = 70  (set at run time)"), "{text}");
    let italian = run_to(0, world.offline(&["config", "show"], "Ada").env("LC_ALL", "it"));
    assert!(italian.contains("links.idle_close = \"5m\"  (dal file)"), "{italian}");
}

#[test]
fn a_value_is_set_in_the_file_and_its_comments_stay() {
    let world = World::new();
    fs::create_dir(world.home("Ada")).unwrap();
    let path = world.home("Ada").join("config.toml");
    fs::write(&path, "# my own words\n[links]\nidle_close = \"1m\" # short\n").unwrap();
    let says = run_to(0, &mut world.offline(&["config", "set", "links.idle_close", "90s"], "Ada"));
    assert!(says.contains("links.idle_close = \"90s\"") && says.contains("counts from the next start"), "{says}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# my own words\n[links]\nidle_close = \"90s\" # short\n");
    for (key, value, words) in [
        ("links.idle_closed", "90s", "did you mean links.idle_close?"),
        ("links.forward_max", "65", "links.forward_max must be 1 to 64, it is 65"),
        ("links.forward_max", "many", "links.forward_max must be a whole number, 1 to 64, it is many"),
        ("links.idle_close", "soon", "links.idle_close must be a span of time, 1s to 1d"),
        ("host.alias", "", "host.alias must be 1 to 64 bytes"),
    ] {
        let says = run_to_error(1, &mut world.offline(&["config", "set", key, value], "Ada"));
        assert!(says.contains(words) && !says.contains("line "), "{key} {value}: {says}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "# my own words\n[links]\nidle_close = \"90s\" # short\n");
    let left: Vec<_> = fs::read_dir(world.home("Ada")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_setting_is_kept_in_the_account_and_survives() {
    let world = World::new();
    run_to(0, &mut world.offline(&["friends"], "Ada"));
    for (key, value) in [
        ("host.alias", "Ada Lovelace"),
        ("host.visibility", "friends"),
        ("messages.outbox_expiry", "2d"),
        ("custody.storage_bytes", "8000000"),
    ] {
        let says = run_to(0, &mut world.offline(&["config", "set", key, value], "Ada"));
        assert!(says.contains("in the account"), "{says}");
    }
    assert!(!world.home("Ada").join("config.toml").exists());
    let all = shown(&world, "Ada", &[]);
    assert_eq!(of(&all, "host.alias"), ("\"Ada Lovelace\"", "run_time"));
    assert_eq!(of(&all, "host.visibility"), ("\"friends\"", "run_time"));
    assert_eq!(of(&all, "messages.outbox_expiry"), ("\"2d\"", "run_time"));
    assert_eq!(of(&all, "custody.storage_bytes"), ("8000000", "run_time"));
}

#[test]
fn while_a_host_runs_its_file_is_shown_and_its_account_is_left_to_it() {
    let world = World::new();
    let ada = Bot::start(&world, "Ada", 1);
    let output = crate::process::run(&mut world.offline(&["config", "show"], "Ada"));
    let says = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && says.contains("another Permesso is running"), "{says}");
    run_to_error(5, &mut world.offline(&["config", "set", "host.alias", "Eve"], "Ada"));
    ada.end();
}

#[test]
fn a_parameter_is_explained() {
    let says = run_to(0, &mut permesso(&["config", "explain", "links.forward_max"]));
    assert!(says.contains("Envelopes per FORWARD; 1 to 64.") && says.contains("Default: 64"), "{says}");
    let says = run_to(0, &mut permesso(&["config", "explain", "links.backoff_max"]));
    assert!(says.contains("Longest pause after a failure; 100ms to 1d."), "{says}");
    let says = run_to(0, &mut permesso(&["config", "explain", "host.alias"]));
    assert!(says.contains("Can be changed while the host runs"), "{says}");
    let says = run_to(0, permesso(&["config", "explain", "links.forward_max"]).env("LC_ALL", "it"));
    assert!(says.contains("Buste per ogni FORWARD; da 1 a 64."), "{says}");
    let says = run_to_error(1, &mut permesso(&["config", "explain", "host.alais"]));
    assert!(says.contains("did you mean host.alias?"), "{says}");
    assert_eq!(run_to(0, &mut permesso(&["config", "default"])), run_to(0, &mut permesso(&["config"])));
}

#[test]
fn what_is_wrong_in_a_file_is_said_in_plain_words_with_key_and_line() {
    let world = World::new();
    let path = world.path().join("wrong.toml");
    for (text, english, italian) in [
        (
            "[host]\nport = \"many\"\n",
            "line 2: host.port must be a whole number, 1 to 65535, it is \"many\"",
            "riga 2: host.port deve essere un numero intero, da 1 a 65535, invece è \"many\"",
        ),
        (
            "[network]\n# mine\ninterfaces = 5\n",
            "line 3: network.interfaces must be \"auto\" or a list of addresses of this host",
            "riga 3: network.interfaces deve essere \"auto\" o un elenco di indirizzi di questo host",
        ),
        (
            "[presence]\njoin_at = [\"1s\"]\n",
            "line 2: presence.join_at must be a list of 3 spans of time, each 0ms to 1m",
            "riga 2: presence.join_at deve essere un elenco di 3 tempi, ciascuno da 0ms a 1m",
        ),
        ("[host\nport = 1\n", "line 1: this is not TOML", "riga 1: questo non è TOML"),
    ] {
        fs::write(&path, text).unwrap();
        for (language, words) in [("C", english), ("it", italian)] {
            let mut friends = world.offline(&["friends"], "Ada");
            let says = run_to_error(1, friends.arg("--config").arg(&path).env("LC_ALL", language));
            assert!(says.contains("wrong.toml") && says.contains(words), "{says}");
        }
    }
}

#[test]
fn in_a_server_s_home_a_server_s_start_values_are_shown_and_judged_by_and_its_mail_stays() {
    let world = World::new();
    let server = Server::start(&world, "Library", 1);
    server.end("-TERM");
    let all = shown(&world, "Library", &[]);
    assert_eq!(of(&all, "custody.storage_bytes"), ("4294967296", "default"));
    assert_eq!(of(&all, "custody.server"), ("true", "default"));
    assert_eq!(of(&all, "links.stranger_links_max"), ("1000", "default"));
    // More than a client's links, which are 64 in all.
    let says = run_to(0, &mut world.offline(&["config", "set", "links.stranger_links_max", "900"], "Library"));
    assert!(says.contains("links.stranger_links_max = 900"), "{says}");
    let says = run_to_error(1, &mut world.offline(&["config", "set", "links.stranger_links_max", "1001"], "Library"));
    assert!(says.contains("links.stranger_links_max must be"), "{says}");
    assert_eq!(of(&shown(&world, "Library", &[]), "links.stranger_links_max"), ("900", "file"));
    assert_eq!(of(&shown(&world, "Ada", &[]), "links.links_max"), ("64", "default"));
    // Whatever is done there, it is a server that does it.
    let mut bot = Bot::spawn(&mut world.host("bot", "Library", 1));
    let custody = bot.ask(serde_json::json!({ "cmd": "custody" }));
    assert_eq!(
        (&custody["custody"]["server"], &custody["custody"]["envelopes_max"]),
        (&true.into(), &2_000_000.into())
    );
    bot.end();
    let erased = run_to(0, &mut world.offline(&["erase", "--yes"], "Library"));
    assert!(!world.home("Library").join("server").exists(), "{erased}");
}
