//! Live hosts in network namespaces of their own, joined by a bridge, a cable, or an air that loses, doubles and delays
//! ([`air`]): real interfaces, broadcast and multicast. Needs root and the commands `ip`, `bridge` and, for firewalls, `nft`;
//! where they are missing each test is left out with a visible line.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(dead_code, reason = "the bot is shared with the tests of the command")]

mod air;
#[path = "../command/bot.rs"]
mod bot;
mod doctor;
mod network;
mod offline;
#[path = "../command/process.rs"]
mod process;
#[path = "../command/schema.rs"]
mod schema;

use std::thread;
use std::time::{Duration, Instant};

use bot::Bot;
use network::{Network, Speech};
use serde_json::{Value, json};

/// Switches a host's sweep off, so that it must find others by the way the test is about.
const NO_SWEEP: &str = "sweep = false";

fn start(network: &Network, host: u8, alias: &str) -> Bot {
    Bot::spawn(&mut network.permesso("bot", host, alias))
}

fn start_without_sweep(network: &Network, host: u8, alias: &str) -> Bot {
    Bot::spawn(&mut network.permesso_with("bot", host, alias, NO_SWEEP))
}

/// The state in which `bot` sees the host `id` in a list of hosts.
fn is_online(hosts: &Value, id: &str) -> bool {
    hosts["hosts"].as_array().unwrap().iter().any(|host| host["host"] == id && host["online"] == true)
}

fn wait_until_seen(bot: &mut Bot, other: &Bot) {
    let id = other.id.clone();
    bot.until(json!({ "cmd": "hosts" }), |hosts| is_online(hosts, &id));
}

/// Sends a text and waits for the proof that it was stored.
fn deliver(from: &mut Bot, to: &mut Bot, text: &str) {
    let (sender, recipient) = (from.id.clone(), to.id.clone());
    let message = from.send(&recipient, text);
    wait_for_delivery(from, &message);
    assert_eq!(to.texts(&sender).last().map(String::as_str), Some(text));
}

/// Longer than a link that leads nowhere takes to be given up (60 s) and the first pause after it.
const DELIVERY_MAX: Duration = Duration::from_secs(90);

fn wait_for_delivery(bot: &mut Bot, message: &str) {
    let begun = Instant::now();
    loop {
        let now = bot.ask(json!({ "cmd": "message", "message": message }));
        if now["message"]["state"] == "delivered" {
            return;
        }
        assert!(begun.elapsed() < DELIVERY_MAX, "{now}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Ada and Grace, who have become friends on an open network and are gone again.
fn old_friends(network: &Network) {
    let (mut ada, mut grace) = (start(network, 1, "Ada"), start(network, 2, "Grace"));
    ada.befriend(&mut grace, "gra");
    deliver(&mut grace, &mut ada, "Ciao Ada");
    ada.end();
    grace.end();
}

#[test]
fn hosts_on_a_bridge_find_each_other_by_a_part_of_an_alias_and_talk() {
    let Some(network) = Network::bridged(Speech::V4, 3) else { return };
    let (mut ada, mut grace, mut third) =
        (start(&network, 1, "Ada"), start(&network, 2, "Grace"), start(&network, 3, "Grazia"));
    for bot in [&mut grace, &mut third] {
        wait_until_seen(&mut ada, bot);
    }
    ada.befriend(&mut grace, "grac");
    deliver(&mut ada, &mut grace, "Over the bridge");
    deliver(&mut grace, &mut ada, "And back");
}

#[test]
fn two_hosts_on_one_cable_find_each_other() {
    let Some(network) = Network::cabled() else { return };
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    ada.befriend(&mut grace, "gra");
    deliver(&mut ada, &mut grace, "Along the cable");
}

#[test]
fn hosts_of_a_network_with_ipv6_alone_find_each_other_and_talk_over_link_local_addresses() {
    let Some(network) = Network::bridged(Speech::V6, 2) else { return };
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    ada.befriend(&mut grace, "gra");
    deliver(&mut ada, &mut grace, "Six");
    deliver(&mut grace, &mut ada, "Six too");
    let (id, hosts) = (grace.id.clone(), ada.ask(json!({ "cmd": "hosts" })));
    let seen = hosts["hosts"].as_array().unwrap().iter().find(|host| host["host"] == id.as_str()).unwrap();
    let address = seen["address"].as_str().unwrap();
    assert!(address.starts_with("[fe80::2%"), "{address}");
}

#[test]
fn a_host_that_starts_without_a_network_is_found_once_it_has_one() {
    let Some(mut network) = Network::bridged(Speech::V4, 1) else { return };
    network.add(2);
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    thread::sleep(Duration::from_secs(1));
    assert!(!is_online(&ada.ask(json!({ "cmd": "hosts" })), &grace.id));
    network.plug(2);
    wait_until_seen(&mut ada, &grace);
    ada.befriend(&mut grace, "gra");
}

#[test]
fn a_message_written_while_the_interface_is_gone_arrives_when_it_is_back() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    ada.befriend(&mut grace, "gra");
    deliver(&mut ada, &mut grace, "before");
    network.unplug(2);
    let message = ada.send(&grace.id.clone(), "meanwhile");
    thread::sleep(Duration::from_secs(6));
    let state = ada.ask(json!({ "cmd": "message", "message": message }));
    assert_eq!(state["message"]["state"], "queued", "{state}");
    network.plug(2);
    wait_for_delivery(&mut ada, &message);
    deliver(&mut grace, &mut ada, "after");
}

#[test]
fn friends_go_on_when_one_gets_another_address() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    ada.befriend(&mut grace, "gra");
    deliver(&mut ada, &mut grace, "before");
    network.move_to(2, 9);
    let began = Instant::now();
    let message = ada.send(&grace.id.clone(), "after");
    wait_for_delivery(&mut ada, &message);
    let id = grace.id.clone();
    ada.until(json!({ "cmd": "hosts" }), |hosts| {
        let hosts = hosts["hosts"].as_array().unwrap();
        hosts.iter().any(|host| host["host"] == id.as_str() && host["address"] == "10.77.0.9:20070")
    });
    // The host that lost its address ends its links itself, and the other answers it although its own end seems alive: neither
    // waits until QUIC gives the dead link up.
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(45), "QUIC's idle time ran out first: {waited:?}");
}

#[test]
fn where_broadcast_is_dropped_hosts_without_another_way_stay_apart() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    network.drop_broadcast();
    let (mut ada, mut grace) = (start_without_sweep(&network, 1, "Ada"), start_without_sweep(&network, 2, "Grace"));
    thread::sleep(Duration::from_secs(8));
    assert!(!is_online(&ada.ask(json!({ "cmd": "hosts" })), &grace.id), "the network drops nothing");
    assert!(!is_online(&grace.ask(json!({ "cmd": "hosts" })), &ada.id), "the network drops nothing");
}

#[test]
fn where_only_one_of_broadcast_and_multicast_is_dropped_the_other_leads_to_everybody() {
    for dropped in ["bcast", "mcast"] {
        let Some(network) = Network::bridged(Speech::V4, 2) else { return };
        network.drop_one(dropped);
        let (mut ada, mut grace) = (start_without_sweep(&network, 1, "Ada"), start_without_sweep(&network, 2, "Grace"));
        ada.befriend(&mut grace, "gra");
        deliver(&mut ada, &mut grace, "By the other way");
    }
}

#[test]
fn where_broadcast_is_dropped_friends_meet_at_remembered_addresses() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    old_friends(&network);
    network.drop_broadcast();
    let (mut ada, mut grace) = (start_without_sweep(&network, 1, "Ada"), start_without_sweep(&network, 2, "Grace"));
    deliver(&mut ada, &mut grace, "Where we met");
    deliver(&mut grace, &mut ada, "As ever");
}

#[test]
fn where_broadcast_is_dropped_a_sweep_of_a_small_network_finds_strangers() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    network.drop_broadcast();
    let (mut ada, mut grace) = (start(&network, 1, "Ada"), start_without_sweep(&network, 2, "Grace"));
    wait_until_seen(&mut ada, &grace);
    wait_until_seen(&mut grace, &ada);
    ada.befriend(&mut grace, "gra");
    deliver(&mut grace, &mut ada, "Found");
}

/// As an iPhone whose app lacks Apple's leave: its own discovery names those who speak it, and the system refuses all that goes to
/// everybody.
#[test]
fn a_host_whose_system_refuses_broadcast_finds_also_those_nobody_told_it_of() {
    let Some(network) = Network::bridged(Speech::V4, 3) else { return };
    let port = "udp dport 20070";
    let groups = "{ 10.77.0.255, 224.0.0.0/4 }";
    let rules = format!("{port} ip daddr {groups} drop; {port} ip6 daddr ff00::/8 drop");
    if !["output", "input"].iter().all(|direction| network.forbid(1, direction, &rules)) {
        return;
    }
    let (mut grace, mut linus) = (start_without_sweep(&network, 2, "Grace"), start_without_sweep(&network, 3, "Linus"));
    let mut ada = start(&network, 1, "Ada");
    let uri = grace.ask(json!({ "cmd": "uri" }))["uri"].as_str().unwrap().to_owned();
    ada.ask(json!({ "cmd": "scan_uri", "uri": uri }));
    wait_until_seen(&mut ada, &grace);
    wait_until_seen(&mut ada, &linus);
    wait_until_seen(&mut linus, &ada);
}

#[test]
fn where_broadcast_is_dropped_the_address_in_a_uri_leads_to_its_host() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    network.drop_broadcast();
    meet_by_uri(&network, "at=10.77.0.2:20070");
}

#[test]
fn where_multicast_is_dropped_the_link_local_address_in_a_uri_leads_to_its_host() {
    let Some(network) = Network::bridged(Speech::V6, 2) else { return };
    network.drop_broadcast();
    meet_by_uri(&network, "at=[fe80::2]:20070");
}

/// Ada scans what Grace shows, which names her address, and writes to her.
fn meet_by_uri(network: &Network, at: &str) {
    let (mut ada, mut grace) = (start_without_sweep(network, 1, "Ada"), start_without_sweep(network, 2, "Grace"));
    let uri = grace.ask(json!({ "cmd": "uri" }))["uri"].as_str().unwrap().to_owned();
    assert!(uri.ends_with(at), "{uri}");
    ada.ask(json!({ "cmd": "scan_uri", "uri": uri }));
    ada.ask(json!({ "cmd": "ask_friendship", "host": grace.id, "greeting": "I scanned your code" }));
    let ada_id = ada.id.clone();
    grace.event("friend_changed", |event| event["host"] == ada_id.as_str() && event["state"] == "request_received");
    grace.ask(json!({ "cmd": "answer_friendship", "host": ada_id, "accept": true }));
    ada.event("friend_changed", |event| event["host"] == grace.id.as_str() && event["state"] == "friend");
    deliver(&mut ada, &mut grace, "By your code");
    deliver(&mut grace, &mut ada, "I see");
}
