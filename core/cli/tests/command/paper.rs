//! Friends who never meet.

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::process::{World, run_to};
use crate::server::Server;

/// What a host says, alone, of somebody.
fn state(bot: &mut Bot, friend: &str, state: &str) {
    bot.until(json!({ "cmd": "friends" }), |all| {
        let all = all["friends"].as_array().unwrap();
        all.iter().any(|one| one["host"] == friend && one["state"] == state)
    });
}

#[test]
fn two_who_are_never_here_together_become_friends_by_a_code_on_paper_and_a_server_and_write() {
    let world = World::new();
    let library = Server::start(&world, "Library", 3);
    let waiting = |count: u64| library.until("as many wait", |numbers| numbers["envelopes"] == count);
    let grace = Bot::start(&world, "Grace", 2);
    let grace_id = grace.id.clone();
    grace.end();
    let paper: Value = serde_json::from_str(&run_to(0, &mut world.offline(&["whoami", "--json"], "Grace"))).unwrap();

    let mut ada = Bot::start(&world, "Ada", 1);
    let ada_id = ada.id.clone();
    ada.ask(json!({ "cmd": "scan_uri", "uri": paper["uri"] }));
    ada.ask(json!({ "cmd": "ask_friendship", "host": grace_id, "greeting": "We met on the stairs" }));
    waiting(1);
    ada.end();

    let mut grace = Bot::start(&world, "Grace", 2);
    state(&mut grace, &ada_id, "request_received");
    grace.ask(json!({ "cmd": "answer_friendship", "host": ada_id, "accept": true }));
    library.until("the answer is here", |numbers| numbers["deposits"] == 2 && numbers["deliveries"] == 1);
    grace.end();

    let mut ada = Bot::start(&world, "Ada", 1);
    state(&mut ada, &grace_id, "friend");
    library.until("the answer is taken", |numbers| numbers["deliveries"] == 2);
    let message = ada.send(&grace_id, "So it was you");
    ada.ask(json!({ "cmd": "wait_for_state", "message": message, "states": ["held"], "timeout": "30s" }));
    ada.end();

    let mut grace = Bot::start(&world, "Grace", 2);
    grace.until(json!({ "cmd": "messages", "host": ada_id }), |page| page["messages"].as_array().unwrap().len() == 1);
    assert_eq!(grace.texts(&ada_id), ["So it was you"]);
    let friends = grace.ask(json!({ "cmd": "friends" }));
    assert_eq!(friends["friends"][0]["verified"], true, "who scanned her code is who it says");
    grace.end();
}
