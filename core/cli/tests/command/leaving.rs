//! Mail is handed on before a host leaves.

use serde_json::json;

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, run_to};

#[test]
fn handed_over_on_leaving_and_the_sender_gone_for_good_a_message_comes_from_the_taker() {
    let world = World::new();
    friends(&world);
    let mut linus = Bot::spawn(&mut world.host_with_alias("bot", "Linus", "Linus's phone", 3));
    let mut ada = Bot::start(&world, "Ada", 1);
    let id = linus.id.clone();
    ada.until(json!({ "cmd": "hosts" }), |hosts| {
        hosts["hosts"].as_array().unwrap().iter().any(|host| host["host"] == id.as_str() && host["online"] == true)
    });
    let message = ada.send("Grace", "The key is under the stone");
    let left = ada.ask(json!({ "cmd": "leave" }));
    assert_eq!(left, json!({ "handed_on": 1, "carried": 0, "kept": 0 }));
    let holders = ada.ask(json!({ "cmd": "holders", "message": message }));
    assert_eq!(holders["holders"][0]["host"], linus.id.as_str(), "{holders}");
    ada.end();
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.until(json!({ "cmd": "messages", "host": "Ada" }), |page| page["messages"].as_array().unwrap().len() == 2);
    assert_eq!(grace.texts("Ada")[1..], ["The key is under the stone"]);
    linus.until(json!({ "cmd": "custody" }), |custody| custody["custody"]["envelopes"] == 0);
    grace.end();
    linus.end();
}

#[test]
fn who_sends_one_message_and_goes_is_told_who_has_it() {
    let world = World::new();
    friends(&world);
    let linus = Bot::spawn(&mut world.host_with_alias("bot", "Linus", "Linus's phone", 3));
    let says = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", "Until tomorrow", "--wait", "6s"]));
    assert!(says.starts_with("Held by Linus's phone until Grace is here.\n"), "{says}");
    linus.end();
}
