//! Bots as processes: what they say and do.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::one_shot::SILENCE;
use crate::process::{World, code, permesso, run_to, run_to_error};
use crate::schema;

#[test]
fn two_bots_find_each_other_become_friends_and_talk() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");

    let message = ada.send("grace", "Ciao Grace, come stai? 🎉\n(a second line)");
    let received = grace.event("message_received", |_| true);
    assert_eq!(received["text"], "Ciao Grace, come stai? 🎉\n(a second line)");
    assert_eq!(received["message"], message.as_str());
    let fate = ada.ask(json!({ "cmd": "wait_for_state", "message": message, "states": ["delivered"] }));
    assert_eq!(fate["state"], "delivered");
    ada.event("message_changed", |event| event["message"] == message.as_str() && event["state"] == "delivered");

    grace.send(&ada.id.clone(), "Bene, grazie");
    assert_eq!(ada.event("message_received", |_| true)["text"], "Bene, grazie");
    let number = ada.ask(json!({ "cmd": "safety_number", "host": "Grace" }));
    assert_eq!(number, grace.ask(json!({ "cmd": "safety_number", "host": "Ada" })));
    assert_eq!(number["number"].as_str().unwrap().chars().filter(char::is_ascii_digit).count(), 60);
    ada.end();
    grace.event("host_changed", |event| event["alias"] == "Ada" && event["online"] == false);
    grace.end();
}

#[test]
fn a_code_that_one_scans_verifies_both_over_real_sockets_and_restarts_and_for_the_next_it_is_another() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    let code = grace.ask(json!({ "cmd": "uri" }))["uri"].as_str().unwrap().to_owned();
    let (ada_id, grace_id) = (ada.id.clone(), grace.id.clone());
    ada.ask(json!({ "cmd": "scan_uri", "uri": code }));
    ada.ask(json!({ "cmd": "ask_friendship", "host": grace_id }));
    let asks = |event: &Value| event["host"] == ada_id.as_str() && event["state"] == "request_received";
    let request = grace.event("friend_changed", asks);
    assert_eq!((&request["has_code"], &request["verified"]), (&json!(true), &json!(false)));
    assert_ne!(grace.ask(json!({ "cmd": "uri" }))["uri"], code.as_str());
    grace.kill();
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.ask(json!({ "cmd": "answer_friendship", "host": ada_id, "accept": true }));
    ada.event("friend_changed", |event| event["host"] == grace_id.as_str() && event["state"] == "friend");
    for bot in [&mut ada, &mut grace] {
        assert_eq!(bot.ask(json!({ "cmd": "friends" }))["friends"][0]["verified"], true);
    }
    let before = grace.ask(json!({ "cmd": "uri" }))["uri"].take();
    grace.ask(json!({ "cmd": "renew_code" }));
    assert_ne!(grace.ask(json!({ "cmd": "uri" }))["uri"], before);
}

#[test]
fn pages_of_the_history_and_the_inbox_say_what_is_missing_until_it_comes() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "grace");
    let grace_id = grace.id.clone();
    grace.end();
    ada.event("host_changed", |event| event["host"] == grace_id.as_str() && event["online"] == false);
    let first = ada.send("Grace", "first");
    ada.ask(json!({ "cmd": "cancel", "message": first }));
    let second = ada.send("Grace", "second");
    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.event("message_received", |_| true)["gap"], true);
    let gaps = |grace: &mut Bot| {
        let page = grace.ask(json!({ "cmd": "messages", "host": "Ada" }));
        let messages = page["messages"].as_array().unwrap().clone();
        let shown = |message: &Value| (message["text"].as_str().unwrap().to_owned(), message["gap"] == true);
        messages.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(gaps(&mut grace), [("second".to_owned(), true)]);
    assert_eq!(grace.ask(json!({ "cmd": "message", "message": second }))["message"]["gap"], true);
    ada.ask(json!({ "cmd": "wait_for_state", "message": second, "timeout": "20s" }));
    grace.end();
    let inbox = run_to(0, world.host("inbox", "Grace", 2).arg("--peek"));
    let missing = "A message before this one has not arrived yet.";
    assert!(inbox.contains(missing), "{inbox}");
    let mut grace = Bot::start(&world, "Grace", 2);
    ada.ask(json!({ "cmd": "retry", "message": first }));
    grace.event("message_received", |event| event["text"] == "first");
    assert_eq!(gaps(&mut grace), [("first".to_owned(), false), ("second".to_owned(), false)]);
}

#[test]
fn a_bot_shows_all_there_is_to_see() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "grace");
    for number in 0..5 {
        ada.send("Grace", &format!("number {number}"));
    }
    let last = ada.send("Grace", "the last");
    ada.ask(json!({ "cmd": "wait_for_state", "message": last, "timeout": "20s" }));

    assert_eq!(ada.ask(json!({ "cmd": "host" }))["host"], ada.id.as_str());
    let hosts = ada.ask(json!({ "cmd": "hosts" }));
    let specials: Vec<&Value> = hosts["hosts"].as_array().unwrap().iter().map(|host| &host["special"]).collect();
    assert_eq!(specials, [&json!("local"), &json!("broadcast"), &json!("persistent_server"), &Value::Null]);
    assert_eq!(ada.ask(json!({ "cmd": "friends" }))["friends"][0]["alias"], "Grace");
    assert_eq!(ada.ask(json!({ "cmd": "message", "message": last }))["message"]["text"], "the last");
    assert_eq!(ada.ask(json!({ "cmd": "message", "message": "00".repeat(16) })), json!({ "message": null }));

    let newest = ada.ask(json!({ "cmd": "messages", "host": "Grace", "limit": 4 }));
    assert_eq!(newest["messages"][3]["text"], "the last");
    let older = ada.ask(json!({ "cmd": "messages", "host": "Grace", "limit": 4, "before": newest["before"] }));
    assert_eq!(older["messages"].as_array().unwrap().len(), 2);
    assert_eq!(older["messages"][0]["text"], "number 0");
    assert_eq!(
        ada.ask(json!({ "cmd": "messages", "host": "Grace", "before": older["before"] }))["messages"],
        json!([])
    );
    let found = ada.ask(json!({ "cmd": "search_history", "text": "NUMBER 3" }));
    assert_eq!(found["messages"].as_array().unwrap().len(), 1);

    let packets = ada.ask(json!({ "cmd": "packets" }));
    let is_done = |packet: &&Value| packet["service"] == "TEXT_MESSAGE" && packet["state"] == "PROCESS_COMPLETE";
    assert_eq!(packets["packets"].as_array().unwrap().iter().filter(is_done).count(), 6);
    ada.ask(json!({ "cmd": "counters" }));
    let uri = ada.ask(json!({ "cmd": "uri", "address": "192.168.1.20:20070" }));
    assert!(uri["uri"].as_str().unwrap().contains("192.168.1.20"), "{uri}");
    assert_eq!(ada.ask(json!({ "cmd": "settings" }))["settings"]["alias"], "Ada");
    assert_eq!(grace.ask(json!({ "cmd": "friends" }))["friends"][0]["unread"], 6);
}

#[test]
fn a_bot_changes_all_there_is_to_change() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    let settings = [
        ("alias", json!("Countess")),
        ("visibility", json!("friends")),
        ("history_limit", json!(500)),
        ("outbox_limit", json!(50)),
        ("outbox_expiry", json!("1d")),
        ("read_receipts", json!(true)),
        ("carry", json!(false)),
        ("carry_bytes", json!(8_000_000)),
    ];
    for (setting, value) in settings {
        ada.ask(json!({ "cmd": "set", "setting": setting, "value": value }));
    }
    let now = ada.ask(json!({ "cmd": "settings" }));
    assert_eq!(now["settings"]["alias"], "Countess");
    assert_eq!(now["settings"]["outbox_expiry"], 86_400_000);
    assert_eq!(ada.ask(json!({ "cmd": "custody" }))["custody"]["bytes_max"], 8_000_000);
    let alias = json!({ "setting": "alias", "value": "Ada L." });
    let blank = json!({ "setting": "alias", "value": " " });
    let refused = json!({ "cmd": "set_all", "settings": [{ "setting": "history_limit", "value": 300 }, blank] });
    assert_eq!(ada.refused(refused), "empty");
    assert_eq!(ada.ask(json!({ "cmd": "settings" })), now);
    ada.ask(json!({ "cmd": "set_all", "settings": [alias, { "setting": "history_limit", "value": 400 }] }));
    let now = ada.ask(json!({ "cmd": "settings" }));
    assert_eq!((&now["settings"]["alias"], &now["settings"]["history_limit"]), (&json!("Ada L."), &json!(400)));

    let uri = ada.ask(json!({ "cmd": "uri" }));
    assert_eq!(grace.ask(json!({ "cmd": "scan_uri", "uri": uri["uri"] }))["host"], ada.id.as_str());
    let ada_id = ada.id.clone();
    grace.ask(json!({ "cmd": "ask_friendship", "host": ada_id }));
    grace.ask(json!({ "cmd": "cancel_ask", "host": ada_id }));
    ada.ask(json!({ "cmd": "set", "setting": "visibility", "value": "everybody" }));
    ada.befriend(&mut grace, "GRA");
    ada.ask(json!({ "cmd": "set_local_alias", "host": "Grace", "alias": "Amazing" }));
    ada.ask(json!({ "cmd": "set_verified", "host": "amazing", "verified": true }));
    let friend = ada.ask(json!({ "cmd": "friends" }))["friends"][0].take();
    assert_eq!((&friend["local_alias"], &friend["verified"]), (&json!("Amazing"), &json!(true)));

    let message = grace.send(&ada_id, "Ciao");
    ada.event("message_received", |_| true);
    ada.ask(json!({ "cmd": "mark_read", "host": "Amazing" }));
    grace.event("message_changed", |event| event["message"] == message.as_str());
    ada.ask(json!({ "cmd": "delete_message", "message": message }));
    assert_eq!(ada.texts("Amazing"), Vec::<String>::new());
    ada.ask(json!({ "cmd": "leave" }));
    grace.event("host_changed", |event| event["host"] == ada_id.as_str() && event["online"] == false);
    let waiting = grace.send(&ada_id, "Still there?");
    grace.ask(json!({ "cmd": "cancel", "message": waiting }));
    let failed = grace.ask(json!({ "cmd": "message", "message": waiting }));
    assert_eq!((&failed["message"]["state"], &failed["message"]["reason"]), (&json!("failed"), &json!("cancelled")));
    grace.ask(json!({ "cmd": "retry", "message": waiting }));
    ada.ask(json!({ "cmd": "join" }));
    assert_eq!(ada.event("message_received", |_| true)["text"], "Still there?");

    ada.ask(json!({ "cmd": "pause" }));
    assert_eq!(ada.refused(json!({ "cmd": "send_text", "host": grace.id, "text": "x" })), "paused");
    ada.ask(json!({ "cmd": "resume" }));
    ada.ask(json!({ "cmd": "end_friendship", "host": grace.id }));
    ada.ask(json!({ "cmd": "block", "host": grace.id }));
    ada.ask(json!({ "cmd": "unblock", "host": grace.id }));
    assert_eq!(ada.refused(json!({ "cmd": "send_text", "host": grace.id, "text": "x" })), "not_a_friend");
    ada.ask(json!({ "cmd": "stop" }));
    assert_eq!(ada.exit_code(), 0);
}

#[test]
fn a_line_that_cannot_be_understood_is_answered_and_the_bot_goes_on() {
    let world = World::new();
    let mut ada = Bot::start(&world, "Ada", 1);
    let long = format!("{{\"cmd\":\"search\",\"alias\":\"{}\"}}", "x".repeat(70_000));
    for (line, code) in [
        ("not JSON", "malformed"),
        ("[1,2]", "malformed"),
        ("{\"cmd\":\"friends\"", "malformed"),
        ("\u{1b}[2J", "malformed"),
        (long.as_str(), "malformed"),
        ("{}", "invalid"),
        ("{\"cmd\":\"dance\"}", "unknown_command"),
        ("{\"cmd\":\"search\"}", "invalid"),
        ("{\"cmd\":\"friends\",\"all\":1}", "invalid"),
        ("{\"cmd\":\"block\",\"host\":\"Nobody\"}", "unknown_name"),
    ] {
        ada.write(line);
        let reply = ada.reply_without_id();
        assert_eq!(reply["error"]["code"], code, "{line:.60}: {reply}");
    }
    ada.write("");
    ada.write("{\"id\":[\"any\",7],\"cmd\":\"host\"}");
    let host = ada.ask(json!({ "cmd": "host" }));
    assert_eq!(host["alias"], "Ada");
    ada.end();
}

#[test]
fn what_the_host_refuses_is_told_by_its_code() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    let id = grace.id.clone();
    ada.until(json!({ "cmd": "hosts" }), |hosts| hosts["hosts"].as_array().unwrap().len() == 4);
    assert_eq!(ada.refused(json!({ "cmd": "send_text", "host": id, "text": "Ciao" })), "not_a_friend");
    let nobody = "00000000-0000-8000-8000-00000000002a";
    assert_eq!(ada.refused(json!({ "cmd": "ask_friendship", "host": nobody })), "unknown_host");
    assert_eq!(ada.refused(json!({ "cmd": "messages", "host": nobody })), "no_conversation");
    assert_eq!(ada.refused(json!({ "cmd": "retry", "message": "00".repeat(16) })), "unknown_message");
    assert_eq!(ada.refused(json!({ "cmd": "scan_uri", "uri": "http://example.org" })), "bad_uri");
    let long = "x".repeat(65);
    assert_eq!(ada.refused(json!({ "cmd": "set", "setting": "alias", "value": long })), "too_long");
    assert_eq!(ada.refused(json!({ "cmd": "set", "setting": "alias", "value": " " })), "empty");
    let own = ada.id.clone();
    assert_eq!(ada.refused(json!({ "cmd": "ask_friendship", "host": own })), "oneself");
    ada.befriend(&mut grace, "grace");
    assert_eq!(ada.refused(json!({ "cmd": "answer_friendship", "host": "Grace", "accept": true })), "wrong_state");
    assert_eq!(ada.refused(json!({ "cmd": "send_text", "host": "Grace", "text": "x".repeat(4_097) })), "too_long");
    grace.end();
    ada.event("host_changed", |event| event["host"] == id.as_str() && event["online"] == false);
    let message = ada.send("Grace", "Ciao");
    let waiting = json!({ "cmd": "wait_for_state", "message": message, "timeout": "100ms" });
    assert_eq!(ada.refused(waiting), "timeout");
}

#[test]
fn the_host_takes_exactly_the_numbers_that_the_schema_allows() {
    let world = World::new();
    // The greatest outbox needs more marks than there are unless told otherwise.
    fs::write(world.path().join("test.toml"), "[messages]\nmarks_max = 200000\n").unwrap();
    let mut ada = Bot::spawn(world.host("bot", "Ada", 1).arg("--offline"));
    let ranges = schema::ranges_of_settings();
    assert_eq!(ranges.len(), 4, "port and three limits: {ranges:?}");
    for (setting, least, most) in ranges {
        for allowed in [most, least] {
            ada.ask(json!({ "cmd": "set", "setting": setting, "value": allowed }));
        }
        for wrong in [least - 1, most + 1] {
            let id = ada.begin_unchecked(json!({ "cmd": "set", "setting": setting, "value": wrong }));
            let reply = ada.reply(id);
            assert_eq!(reply["ok"], false, "{setting} {wrong}: {reply}");
        }
    }
}

#[test]
fn an_outbox_may_not_be_larger_than_the_marks_of_a_friend_at_run_time_either() {
    let world = World::new();
    fs::write(world.path().join("test.toml"), "[messages]\noutbox_max = 10\nmarks_max = 50\n").unwrap();
    let mut ada = Bot::spawn(world.host("bot", "Ada", 1).arg("--offline"));
    ada.ask(json!({ "cmd": "set", "setting": "outbox_limit", "value": 49 }));
    assert_eq!(ada.refused(json!({ "cmd": "set", "setting": "outbox_limit", "value": 50 })), "out_of_range");
    assert_eq!(ada.ask(json!({ "cmd": "settings" }))["settings"]["outbox_limit"], 49);
    ada.end();
    let mut set = world.offline(&["config", "set", "messages.outbox_max", "50"], "Ada");
    let says = run_to_error(1, set.arg("--config").arg(world.path().join("test.toml")).env("LC_ALL", "it"));
    assert!(says.contains("meno di messages.marks_max"), "{says}");
}

#[test]
fn a_prefix_longer_than_its_address_is_refused() {
    let world = World::new();
    let mut ada = Bot::start(&world, "Ada", 1);
    for (address, prefix, words) in [
        ("192.168.1.20", 33, "the prefix of an IPv4 address must be 0 to 32 bits"),
        ("fe80::1", 129, "the prefix of an IPv6 address must be 0 to 128 bits"),
    ] {
        let addresses = json!([{ "address": address, "prefix": prefix }]);
        let id = ada.begin_unchecked(json!({ "cmd": "set_interfaces", "addresses": addresses }));
        let error = ada.reply(id)["error"].take();
        assert_eq!((&error["code"], &error["message"]), (&json!("out_of_range"), &json!(words)));
    }
    let addresses = json!([{ "address": "127.0.0.1", "prefix": 32 }]);
    ada.ask(json!({ "cmd": "set_interfaces", "addresses": addresses }));
}

#[test]
fn a_name_of_two_hosts_is_refused_with_both() {
    let world = World::new();
    let mut ada = Bot::start(&world, "Ada", 1);
    let mut graces =
        [Bot::start(&world, "Grace", 2), Bot::spawn(&mut world.host_with_alias("bot", "Other", "Grace", 3))];
    for grace in &mut graces {
        grace.search("Ada", "exact", 1);
        grace.ask(json!({ "cmd": "ask_friendship", "host": ada.id }));
        ada.event("friend_changed", |event| event["host"] == grace.id.as_str());
    }
    // Two hosts of one alias are two claims.
    ada.search("grace", "exact", 2);
    let id = ada.begin(json!({ "cmd": "answer_friendship", "host": "Grace", "accept": true }));
    let reply = ada.reply(id);
    assert_eq!(reply["error"]["code"], "ambiguous_name");
    let candidates = reply["error"]["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2);
    for grace in &graces {
        assert!(candidates.iter().any(|candidate| candidate["host"] == grace.id.as_str()));
    }
}

#[test]
fn lines_written_without_waiting_keep_their_order() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "grace");
    let texts: Vec<String> = (0..400).map(|number| format!("number {number}")).collect();
    let ids: Vec<u64> =
        texts.iter().map(|text| ada.begin(json!({ "cmd": "send_text", "host": grace.id, "text": text }))).collect();
    for id in ids {
        assert_eq!(ada.reply(id)["ok"], true);
    }
    assert_eq!(ada.texts("Grace"), texts);
    for text in &texts {
        assert_eq!(grace.event("message_received", |_| true)["text"], text.as_str());
    }
    assert_eq!(grace.texts("Ada"), texts);
}

#[test]
fn with_stay_the_end_of_the_input_ends_nothing_and_a_signal_does() {
    let world = World::new();
    let mut ada = Bot::spawn(world.host("bot", "Ada", 1).arg("--stay"));
    let mut grace = Bot::start(&world, "Grace", 2);
    ada.close_input();
    grace.event("host_changed", |event| event["host"] == ada.id.as_str() && event["online"] == true);
    thread::sleep(Duration::from_millis(300));
    assert!(ada.is_running());
    let told = Command::new("kill").args(["-TERM", &ada.process_id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(ada.exit_code(), 0);
    grace.event("host_changed", |event| event["host"] == ada.id.as_str() && event["online"] == false);
}

#[cfg(unix)]
#[test]
fn a_bot_whose_output_nobody_reads_any_more_leaves_in_order() {
    let world = World::new();
    let mut grace = Bot::start(&world, "Grace", 2);
    for arguments in [&["--stay"][..], &[]] {
        let mut command = world.host("bot", "Ada", 1);
        let mut ada = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(ada.stdout.take().unwrap());
        let is_ada = |event: &Value| event["special"].is_null();
        grace.event("host_changed", |event| is_ada(event) && event["online"] == true);
        let mut line = String::new();
        while !line.contains("host_changed") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0);
        }
        // What there is to say about having met Grace is said; then Ada has nothing to write that would fail.
        thread::sleep(Duration::from_secs(2));
        drop(output);
        let closed = Instant::now();
        grace.event("host_changed", |event| is_ada(event) && event["online"] == false);
        assert!(closed.elapsed() < SILENCE, "{arguments:?}: it fell silent without a word");
        assert_eq!(code(ada.wait().unwrap()), 0, "{arguments:?}");
    }
}

#[test]
fn what_is_under_way_at_the_end_of_the_input_is_finished() {
    let world = World::new();
    let mut ada = Bot::start(&world, "Ada", 1);
    let grace = Bot::start(&world, "Grace", 2);
    ada.until(json!({ "cmd": "hosts" }), |hosts| hosts["hosts"].as_array().unwrap().len() == 4);
    let search = ada.begin(json!({ "cmd": "search", "alias": "gra" }));
    ada.close_input();
    let reply = ada.reply(search);
    assert_eq!(reply["result"]["claims"][0]["host"], grace.id.as_str());
    assert_eq!(ada.exit_code(), 0);
}

#[test]
fn a_bot_offline_joins_when_it_is_told_to() {
    let world = World::new();
    let mut ada = Bot::spawn(world.host("bot", "Ada", 1).arg("--offline"));
    let mut grace = Bot::start(&world, "Grace", 2);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(grace.ask(json!({ "cmd": "hosts" }))["hosts"].as_array().unwrap().len(), 3);
    ada.ask(json!({ "cmd": "join" }));
    grace.event("host_changed", |event| event["host"] == ada.id.as_str() && event["online"] == true);
}

#[test]
fn one_port_of_one_address_is_one_host_s() {
    let world = World::new();
    let ada = Bot::start(&world, "Ada", 1);
    let says = run_to_error(1, &mut world.host("bot", "Grace", 1));
    assert!(says.contains("in use") && says.contains("127.0.0.1"), "{says}");
    ada.end();
}

#[test]
fn what_an_app_may_ask_of_its_host_a_bot_may_ask_too() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let contacts = ada.ask(json!({ "cmd": "contacts" }));
    assert_eq!(contacts["contacts"][0]["host"], grace.id.as_str());
    assert_eq!(contacts["contacts"][0]["key"], grace.ask(json!({ "cmd": "host" }))["key"]);
    assert_eq!(ada.ask(json!({ "cmd": "host" }))["restored_copy"], false);
    let addresses = ada.ask(json!({ "cmd": "addresses" }));
    assert!(addresses["addresses"][0].as_str().unwrap().starts_with("127.0.0.1:"), "{addresses}");
    // The alias was given when the host was made.
    assert_eq!(ada.ask(json!({ "cmd": "changed_settings" }))["settings"], json!({ "alias": "Ada" }));
    ada.ask(json!({ "cmd": "set", "setting": "visibility", "value": "friends" }));
    let changed = ada.ask(json!({ "cmd": "changed_settings" }));
    assert_eq!(changed["settings"], json!({ "alias": "Ada", "visibility": "friends" }));
    let carrying = &ada.ask(json!({ "cmd": "carrying" }))["carrying"];
    assert_eq!((&carrying["hosts_online"], &carrying["envelopes"]), (&json!(1), &json!(0)));
}

#[test]
fn every_command_of_the_schema_exists() {
    let world = World::new();
    let mut ada = Bot::spawn(world.host("bot", "Ada", 1).arg("--offline"));
    for name in schema::names("command.") {
        // A field that no command has: one that exists says so, one that does not says that.
        ada.write(&json!({ "cmd": name, "nonsense": 1 }).to_string());
        let reply = ada.reply_without_id();
        assert_eq!(reply["error"]["code"], "invalid", "{name}: {reply}");
    }
    // `set` takes any field besides; here it lacks those that it needs.
    assert!(permesso(&["help", "bot"]).status().unwrap().success());
}
