//! Who holds a message that waits.

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, json_lines, run_to};

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
