//! What survives the end of processes.

use std::collections::BTreeSet;

use serde_json::json;

use crate::bot::Bot;
use crate::process::World;

#[test]
fn a_message_waits_while_recipient_and_sender_are_restarted() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let (ada_id, grace_id) = (ada.id.clone(), grace.id.clone());
    grace.end();
    ada.event("host_changed", |event| event["host"] == grace_id.as_str() && event["online"] == false);
    let message = ada.send("Grace", "Are you there?");
    assert_eq!(ada.ask(json!({ "cmd": "message", "message": message }))["message"]["state"], "queued");
    ada.end();

    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.id, grace_id);
    assert_eq!(grace.texts("Ada"), Vec::<String>::new());
    let mut ada = Bot::start(&world, "Ada", 1);
    assert_eq!(ada.id, ada_id);
    assert_eq!(grace.event("message_received", |_| true)["text"], "Are you there?");
    let fate = ada.ask(json!({ "cmd": "wait_for_state", "message": message, "timeout": "20s" }));
    assert_eq!(fate["state"], "delivered");
    grace.send("Ada", "Here I am");
    assert_eq!(ada.event("message_received", |_| true)["text"], "Here I am");
}

#[test]
fn what_was_accepted_survives_the_killing_of_both() {
    let world = World::new();
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let (ada_id, grace_id) = (ada.id.clone(), grace.id.clone());
    let mut sent = Vec::new();

    // The recipient is killed while messages come, then the sender while others wait.
    for number in 0..60 {
        sent.push(ada.begin(json!({ "cmd": "send_text", "host": grace_id, "text": format!("number {number}") })));
    }
    grace.event("message_received", |event| event["text"].as_str().unwrap() >= "number 1");
    grace.kill();
    for id in &sent {
        assert_eq!(ada.reply(*id)["ok"], true);
    }
    for number in 60..80 {
        ada.send(&grace_id, &format!("number {number}"));
    }
    ada.kill();

    let mut grace = Bot::start(&world, "Grace", 2);
    let mut ada = Bot::start(&world, "Ada", 1);
    let last = ada.send(&grace_id, "the last");
    let messages = ada.until(json!({ "cmd": "messages", "host": grace_id, "limit": 1000 }), |page| {
        page["messages"].as_array().unwrap().iter().all(|message| message["state"] == "delivered")
    });
    assert_eq!(messages["messages"].as_array().unwrap().len(), 81);
    assert!(messages["messages"].as_array().unwrap().iter().any(|message| message["message"] == last.as_str()));
    let texts = grace.texts(&ada_id);
    let once: BTreeSet<&String> = texts.iter().collect();
    assert_eq!((texts.len(), once.len()), (81, 81), "{texts:?}");
}

#[test]
fn a_friend_request_survives_the_killing_of_both() {
    let world = World::new();
    let (mut ada, grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    let (ada_id, grace_id) = (ada.id.clone(), grace.id.clone());
    ada.search("grace", "partial", 1);
    ada.ask(json!({ "cmd": "ask_friendship", "host": grace_id, "greeting": "Ciao" }));
    ada.kill();
    grace.kill();
    let mut ada = Bot::start(&world, "Ada", 1);
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.until(json!({ "cmd": "friends" }), |result| result["friends"][0]["state"] == "request_received");
    grace.ask(json!({ "cmd": "answer_friendship", "host": ada_id, "accept": true }));
    grace.kill();
    let mut grace = Bot::start(&world, "Grace", 2);
    ada.until(json!({ "cmd": "friends" }), |result| result["friends"][0]["state"] == "friend");
    grace.send(&ada_id, "Here I am");
    ada.until(json!({ "cmd": "messages", "host": grace_id }), |page| page["messages"][0]["text"] == "Here I am");
}
