//! How messages reach people who are not here: real processes on an air with reach, loss, duplication and delay.

use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::air::Weather;
use crate::bot::Bot;
use crate::network::Network;
use crate::{is_online, wait_for_delivery};

const ADA: u8 = 1;
const GRACE: u8 = 2;
const LINUS: u8 = 3;
const MARY: u8 = 4;

/// Beacons follow each other within a second, and who is silent for four is gone: a test need not wait as people do.
const QUICK: &str = "beacon_min = \"1s\"\ninterval_min = \"1s\"\nsearch_time = \"1s\"\nsweep = false";

/// Longer than it takes to meet a stranger (30 s) and to give a dead link up (75 s).
const LONG: Duration = Duration::from_secs(120);

fn start(network: &Network, host: u8) -> Bot {
    Bot::spawn(&mut network.permesso_with("bot", host, name_of(host), QUICK))
}

/// `permesso server` as its operator starts it, without any set-up; killed when this is dropped.
struct Server(Child);

impl Server {
    fn start(network: &Network, host: u8) -> Self {
        let mut command = network.permesso_with("server", host, &library(host), QUICK);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
    }

    /// Ends it as an operator does.
    fn end(mut self) {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

fn library(host: u8) -> String {
    format!("Library {host}")
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended is no worse off.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// These have become friends, each with each, and are gone again.
fn old_friends(network: &Network, hosts: &[u8]) {
    let mut bots: Vec<(u8, Bot)> = hosts.iter().map(|host| (*host, start(network, *host))).collect();
    for first in 0..bots.len() {
        let (asking, asked) = bots[first..].split_first_mut().unwrap();
        asked.iter_mut().for_each(|(host, bot)| asking.1.befriend(bot, name_of(*host)));
    }
    bots.into_iter().for_each(|(_, bot)| bot.end());
}

fn name_of(host: u8) -> &'static str {
    ["Ada", "Grace", "Linus", "Mary"][usize::from(host) - 1]
}

/// Asks again and again until the result fits.
fn wait_until(bot: &mut Bot, command: Value, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let result = bot.ask(command.clone());
        if fits(&result) {
            return result;
        }
        assert!(begun.elapsed() < LONG, "{command} still gives {:.2000}", result.to_string());
        thread::sleep(Duration::from_millis(100));
    }
}

fn wait_for_state(bot: &mut Bot, message: &str, state: &str) {
    wait_until(bot, json!({ "cmd": "message", "message": message }), |found| found["message"]["state"] == state);
}

fn wait_for_texts(bot: &mut Bot, with: &str, texts: &[&str]) {
    let page = json!({ "cmd": "messages", "host": with, "limit": 1000 });
    wait_until(bot, page, |page| page["messages"].as_array().unwrap().len() >= texts.len());
    assert_eq!(bot.texts(with), texts);
}

fn wait_until_seen(bot: &mut Bot, other: &Bot) {
    let id = other.id.clone();
    wait_until(bot, json!({ "cmd": "hosts" }), |hosts| is_online(hosts, &id));
}

#[test]
fn a_message_is_carried_by_one_who_walks_between_two_who_never_meet_and_so_is_its_proof() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE, LINUS]);
    network.set_reach(ADA, GRACE, false);
    network.set_reach(GRACE, LINUS, false);
    let (mut ada, mut grace, mut linus) = (start(&network, ADA), start(&network, GRACE), start(&network, LINUS));
    let message = ada.send("Grace", "By hand");
    // What is written to Linus makes a link.
    ada.send("Linus", "Take this along");
    wait_for_state(&mut ada, &message, "held");
    network.set_reach(ADA, LINUS, false);
    network.set_reach(GRACE, LINUS, true);
    wait_for_texts(&mut grace, "Ada", &["By hand"]);
    network.set_reach(GRACE, LINUS, false);
    network.set_reach(ADA, LINUS, true);
    wait_for_state(&mut ada, &message, "delivered");
    assert!(!is_online(&ada.ask(json!({ "cmd": "hosts" })), &grace.id), "they have met");
    assert!(network.carried().out_of_reach > 0);
    wait_until(&mut linus, json!({ "cmd": "custody" }), |custody| custody["custody"]["envelopes"] == 0);
}

#[test]
fn two_who_never_hear_each_other_talk_both_ways_through_one_between_them() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE, LINUS]);
    network.set_reach(ADA, GRACE, false);
    network.set_weather(Weather { lost_percent: 10, doubled_percent: 10, delay: Duration::from_millis(5) });
    let (mut ada, mut grace, linus) = (start(&network, ADA), start(&network, GRACE), start(&network, LINUS));
    wait_until_seen(&mut ada, &linus);
    wait_until_seen(&mut grace, &linus);
    let there = ada.send("Grace", "Can you hear me?");
    // What is written to Linus makes a link.
    ada.send("Linus", "Tell her");
    wait_for_texts(&mut grace, "Ada", &["Can you hear me?"]);
    let back = grace.send("Ada", "Through Linus");
    grace.send("Linus", "Tell her");
    wait_for_texts(&mut ada, "Grace", &["Can you hear me?", "Through Linus"]);
    wait_for_state(&mut ada, &there, "delivered");
    wait_for_state(&mut grace, &back, "delivered");
    assert!(!is_online(&ada.ask(json!({ "cmd": "hosts" })), &grace.id), "they have met");
    assert!(network.carried().out_of_reach > 0);
}

#[test]
fn a_server_without_any_set_up_is_found_through_a_storm_and_gives_everything_once() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE]);
    let _server = Server::start(&network, LINUS);
    network.set_weather(Weather { lost_percent: 30, doubled_percent: 20, delay: Duration::from_millis(20) });
    let mut ada = start(&network, ADA);
    let texts: Vec<String> = (0..10).map(|number| format!("number {number}")).collect();
    let messages: Vec<String> = texts.iter().map(|text| ada.send("Grace", text)).collect();
    for message in &messages {
        let command = json!({ "cmd": "holders", "message": message });
        let found = wait_until(&mut ada, command, |found| !found["holders"].as_array().unwrap().is_empty());
        assert_eq!(found["holders"][0]["alias"], library(LINUS), "{found}");
        assert_eq!(found["holders"][0]["server"], true, "{found}");
    }
    ada.kill();
    let mut grace = start(&network, GRACE);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    wait_for_texts(&mut grace, "Ada", &texts);
}

#[test]
fn handed_over_on_leaving_and_the_sender_gone_for_good_the_recipient_meets_only_the_taker() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE]);
    network.set_reach(ADA, GRACE, false);
    let (mut ada, linus) = (start(&network, ADA), start(&network, LINUS));
    wait_until_seen(&mut ada, &linus);
    let message = ada.send("Grace", "I must go");
    let began = Instant::now();
    let left = ada.ask(json!({ "cmd": "leave" }));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(left["handed_on"], 1, "{left}");
    let holders = ada.ask(json!({ "cmd": "holders", "message": message }));
    assert_eq!(holders["holders"][0]["host"], linus.id.as_str(), "{holders}");
    ada.kill();
    let mut grace = start(&network, GRACE);
    wait_for_texts(&mut grace, "Ada", &["I must go"]);
}

#[test]
fn a_server_that_comes_late_takes_what_waits_and_gives_it_when_the_sender_is_gone() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE]);
    let mut ada = start(&network, ADA);
    let message = ada.send("Grace", "In the end");
    thread::sleep(Duration::from_secs(2));
    let state = ada.ask(json!({ "cmd": "message", "message": message }));
    assert_eq!(state["message"]["state"], "queued", "{state}");
    let server = Server::start(&network, LINUS);
    wait_for_state(&mut ada, &message, "held");
    ada.end();
    let mut grace = start(&network, GRACE);
    wait_for_texts(&mut grace, "Ada", &["In the end"]);
    server.end();
}

#[test]
fn a_server_killed_between_receipt_and_delivery_gives_what_it_had_when_it_is_back() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE]);
    let (mut ada, server) = (start(&network, ADA), Server::start(&network, LINUS));
    let message = ada.send("Grace", "Over the cut");
    wait_for_state(&mut ada, &message, "held");
    drop(server);
    ada.end();
    let (_server, mut grace) = (Server::start(&network, LINUS), start(&network, GRACE));
    wait_for_texts(&mut grace, "Ada", &["Over the cut"]);
    let mut ada = start(&network, ADA);
    wait_for_state(&mut ada, &message, "delivered");
}

#[test]
fn of_two_servers_one_may_go_and_nothing_is_lost_or_shown_twice() {
    let Some(network) = Network::on_air(4) else { return };
    old_friends(&network, &[ADA, GRACE]);
    let mut ada = start(&network, ADA);
    let (one, other) = (Server::start(&network, LINUS), Server::start(&network, MARY));
    let messages: Vec<String> = (0..5).map(|number| ada.send("Grace", &format!("number {number}"))).collect();
    for message in &messages {
        let command = json!({ "cmd": "holders", "message": message });
        wait_until(&mut ada, command, |holders| holders["holders"].as_array().unwrap().len() == 2);
    }
    ada.end();
    drop(one);
    let mut grace = start(&network, GRACE);
    wait_for_texts(&mut grace, "Ada", &["number 0", "number 1", "number 2", "number 3", "number 4"]);
    let _one = Server::start(&network, LINUS);
    thread::sleep(Duration::from_secs(5));
    assert_eq!(grace.texts("Ada").len(), 5);
    other.end();
}

#[test]
fn a_carrier_that_is_killed_costs_time_alone_for_the_sender_has_its_copy() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE, LINUS]);
    let (mut ada, linus) = (start(&network, ADA), start(&network, LINUS));
    let message = ada.send("Grace", "Still here");
    ada.send("Linus", "Take this along");
    wait_for_state(&mut ada, &message, "held");
    linus.kill();
    let mut grace = start(&network, GRACE);
    wait_for_texts(&mut grace, "Ada", &["Still here"]);
    wait_for_state(&mut ada, &message, "delivered");
}

#[test]
fn with_thirty_percent_lost_and_many_doubled_each_message_arrives_once_and_in_order() {
    let Some(network) = Network::on_air(2) else { return };
    old_friends(&network, &[ADA, GRACE]);
    let (mut ada, mut grace) = (start(&network, ADA), start(&network, GRACE));
    let delay = Duration::from_millis(20);
    network.set_weather(Weather { lost_percent: 30, doubled_percent: 20, delay });
    let mut texts = Vec::new();
    // However few frames carry many messages: the air is to show what it can do.
    while network.carried().lost <= 20 || network.carried().doubled <= 10 {
        let more: Vec<String> = (0..20).map(|number| format!("through the storm {}", texts.len() + number)).collect();
        let sent: Vec<[String; 2]> =
            more.iter().map(|text| [ada.send("Grace", text), grace.send("Ada", text)]).collect();
        for [there, back] in &sent {
            wait_for_state(&mut ada, there, "delivered");
            wait_for_state(&mut grace, back, "delivered");
        }
        texts.extend(more);
        assert!(texts.len() < 400, "the air is calm: {:?}", network.carried());
    }
    let received = |bot: &mut Bot, with: &str| {
        let page = bot.ask(json!({ "cmd": "messages", "host": with, "limit": 1000 }));
        let theirs = page["messages"].as_array().unwrap().iter().filter(|message| message["mine"] == false);
        theirs.map(|message| message["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(received(&mut grace, "Ada"), texts);
    assert_eq!(received(&mut ada, "Grace"), texts);
}

#[test]
fn a_network_that_falls_into_two_and_heals_delivers_what_was_written_meanwhile() {
    let Some(network) = Network::on_air(3) else { return };
    old_friends(&network, &[ADA, GRACE, LINUS]);
    let (mut ada, mut grace, mut linus) = (start(&network, ADA), start(&network, GRACE), start(&network, LINUS));
    let before = ada.send("Grace", "before");
    wait_for_delivery(&mut ada, &before);
    for host in [ADA, LINUS] {
        network.set_reach(GRACE, host, false);
    }
    let (there, back) = (ada.send("Grace", "apart"), grace.send("Linus", "alone"));
    let inside = ada.send("Linus", "together");
    wait_for_state(&mut ada, &inside, "delivered");
    thread::sleep(Duration::from_secs(3));
    let state = grace.ask(json!({ "cmd": "message", "message": back }));
    assert_eq!(state["message"]["state"], "queued", "{state}");
    for host in [ADA, LINUS] {
        network.set_reach(GRACE, host, true);
    }
    wait_for_state(&mut ada, &there, "delivered");
    wait_for_state(&mut grace, &back, "delivered");
    assert_eq!(grace.texts("Ada"), ["before", "apart"]);
    assert_eq!(linus.texts("Grace"), ["alone"]);
}
