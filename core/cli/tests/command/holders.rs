//! Who holds a message that waits.

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, json_lines, run_to};
use crate::server::Server;

fn held(bot: &mut Bot, message: &str) -> Vec<Value> {
    bot.ask(json!({ "cmd": "wait_for_state", "message": message, "states": ["held"], "timeout": "30s" }));
    let holders = bot.ask(json!({ "cmd": "holders", "message": message }));
    let told = bot.event("message_changed", |event| event["message"] == message && event["state"] == "held");
    assert_eq!(told["holders"], holders["holders"]);
    holders["holders"].as_array().unwrap().clone()
}

#[test]
fn a_message_that_a_server_took_says_so_wherever_its_fate_is_shown() {
    let world = World::new();
    friends(&world);
    let library = Bot::spawn(&mut world.server("bot", "Library", 3));
    let mut ada = Bot::start(&world, "Ada", 1);
    let message = ada.send("Grace", "See you at eight?");
    let holders = held(&mut ada, &message);
    assert_eq!(holders, [json!({ "host": library.id, "alias": "Library", "flags": [], "server": true })]);
    ada.end();

    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all"));
    assert!(all.contains(&format!("me: See you at eight?  [Held by server Library]  {message}")), "{all}");
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all").env("LC_ALL", "it"));
    assert!(all.contains("[In custodia presso il server Library]"), "{all}");
    let shown = json_lines(&run_to(3, world.host("inbox", "Ada", 1).args(["--all", "--json"])));
    let shown = shown.iter().find(|one| one["message"] == message.as_str()).unwrap();
    assert_eq!(shown["holders"], json!(holders));
    let says = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", "At the gate", "--wait", "20s"]));
    assert!(says.starts_with("Held by server Library until Grace is here.\n`permesso cancel "), "{says}");

    // Its sender is gone; the server hands both over.
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.until(json!({ "cmd": "messages", "host": "Ada" }), |page| page["messages"].as_array().unwrap().len() == 3);
    assert_eq!(grace.texts("Ada")[1..], ["See you at eight?", "At the gate"]);
    grace.end();
    library.end();
}

#[test]
fn a_message_that_a_friend_carries_names_that_friend() {
    let world = World::new();
    friends(&world);
    let mut ada = Bot::start(&world, "Ada", 1);
    let mut linus = Bot::spawn(&mut world.host_with_alias("bot", "Linus", "Linus's phone", 3));
    ada.befriend(&mut linus, "linus");
    let message = ada.send("Grace", "Bring the map");
    // What is written to Linus opens a link, and whoever is linked may carry.
    ada.send("Linus's phone", "Ciao");
    let holders = held(&mut ada, &message);
    let expected = json!({ "host": linus.id, "alias": "Linus's phone", "flags": [], "server": false });
    assert_eq!(holders, [expected]);
    ada.end();
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all"));
    assert!(all.contains("me: Bring the map  [Held by Linus's phone]"), "{all}");
    linus.end();
}

/// Room for about 120 of the longest messages: the least that a server may be given.
const SMALL: &str = "[friendship]\nstamp_bits = 8\n[custody]\nserver = true\nstorage_bytes = 1048576\n";

#[test]
fn what_a_full_server_refuses_waits_with_its_sender_who_is_told_so_until_there_is_room() {
    let world = World::new();
    friends(&world);
    std::fs::write(world.path().join("server.toml"), SMALL).unwrap();
    let library = Server::spawn(world.server("server", "Library", 3).args(["--status-address", "127.0.0.1:0"]));
    let mut ada = Bot::start(&world, "Ada", 1);
    let text = "x".repeat(4_096);
    let messages: Vec<String> = (0..140).map(|_| ada.send("Grace", &text)).collect();
    library.until("full", |numbers| numbers["refused"].as_u64() >= Some(1));
    let told = ada.event("message_changed", |event| event["state"] == "queued" && event.get("full").is_some());
    let full = json!([{ "host": told["full"][0]["host"], "alias": "Library", "flags": [], "reason": "storage" }]);
    assert_eq!((&told["full"], told.get("holders")), (&full, None));
    ada.until(json!({ "cmd": "holders", "message": told["message"] }), |told| {
        *told == json!({ "holders": [], "full": full })
    });
    // Of each message it says what is true: that the server has this one, and has no room for that one.
    let all = ada.until(json!({ "cmd": "messages", "host": "Grace", "limit": 1000 }), |all| {
        let all = all["messages"].as_array().unwrap().iter().filter(|message| message["text"] == text.as_str());
        all.into_iter().all(|message| message["state"] == "held" || message.get("full").is_some())
    });
    let held = |message: &&Value| message["state"] == "held" && message.get("full").is_none();
    let held = all["messages"].as_array().unwrap().iter().filter(held).count();
    let numbers = library.numbers();
    assert!(numbers["bytes"].as_u64().unwrap() <= 1 << 20 && held < 140, "{numbers}");
    assert_eq!(numbers["envelopes"], json!(held));
    ada.end();
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all"));
    assert_eq!(all.matches("[Waiting: server Library is full]").count(), 140 - held, "{all}");
    let says = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", &text, "--wait", "3s"]));
    assert!(says.starts_with("Waiting here: server Library is full. It will leave when there is room"), "{says}");

    // Grace collects what is there; then there is room for the rest, and nobody says any longer that there is none.
    let mut grace = Bot::start(&world, "Grace", 2);
    library.until("empty", |numbers| numbers["envelopes"] == 0);
    assert_eq!(grace.texts("Ada").len(), 1 + held);
    grace.end();
    let mut ada = Bot::start(&world, "Ada", 1);
    for message in &messages {
        let wait = json!({ "cmd": "message", "message": message });
        let there = |shown: &Value| shown["message"]["state"] == "held" || shown["message"]["state"] == "delivered";
        let shown = ada.until(wait, there);
        assert_eq!(shown["message"].get("full"), None, "{shown}");
    }
    ada.end();
}
