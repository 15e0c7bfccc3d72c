//! What the doctor says on real networks that work, drop or forbid.

use std::process::Command;

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::network::{Network, Speech};
use crate::process::{code, run};
use crate::{start, start_without_sweep, wait_until_seen};

/// The verdict and the cause of a subject, which must be there once.
fn found<'a>(report: &'a Value, subject: &str) -> (&'a str, &'a str) {
    let findings = report["findings"].as_array().unwrap();
    let of_subject: Vec<_> = findings.iter().filter(|finding| finding["subject"] == subject).collect();
    assert_eq!(of_subject.len(), 1, "{subject}: {report}");
    (of_subject[0]["verdict"].as_str().unwrap(), of_subject[0]["cause"].as_str().unwrap())
}

fn examine(bot: &mut Bot) -> Value {
    bot.ask(json!({ "cmd": "doctor" }))
}

/// What `permesso doctor --json` prints, and its exit status.
fn run_doctor(command: &mut Command) -> (i32, Value) {
    let output = run(command.arg("--json"));
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (code(output.status), report)
}

const WORKS: (&str, &str) = ("works", "answered");

#[test]
fn the_doctor_names_who_answered_by_broadcast_multicast_and_unicast() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    let (mut ada, grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    wait_until_seen(&mut ada, &grace);
    let report = examine(&mut ada);
    for way in ["broadcast", "multicast_v4", "sweep"] {
        assert_eq!(found(&report, way), WORKS, "{way}");
    }
    let findings = report["findings"].as_array().unwrap();
    let broadcast = findings.iter().find(|finding| finding["subject"] == "broadcast").unwrap();
    assert_eq!(broadcast["interface"], "eth0");
    assert_eq!(broadcast["answer"]["host"], grace.id.as_str());
    assert_eq!(broadcast["answer"]["address"], "10.77.0.2:20070");
    assert_eq!(broadcast["answer"]["heard_by"], "broadcast");
    assert_eq!(found(&report, "address"), ("works", "fine"));
    assert_eq!(found(&report, "multicast_v6"), ("does_not_work", "no_address"));
    assert_eq!(found(&report, "clock"), ("works", "fine"));
}

#[test]
fn the_doctor_of_a_network_with_ipv6_alone_says_what_works_there() {
    let Some(network) = Network::bridged(Speech::V6, 2) else { return };
    let (mut ada, grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    wait_until_seen(&mut ada, &grace);
    let report = examine(&mut ada);
    assert_eq!(found(&report, "multicast_v6"), WORKS);
    for way in ["broadcast", "multicast_v4", "sweep"] {
        assert_eq!(found(&report, way), ("does_not_work", "no_address"), "{way}");
    }
}

#[test]
fn without_a_peer_the_doctor_says_unknown_and_never_works() {
    let Some(network) = Network::bridged(Speech::V4, 1) else { return };
    let (status, report) = run_doctor(&mut network.permesso("doctor", 1, "Ada"));
    assert_eq!(status, 3, "{report}");
    for way in ["broadcast", "multicast_v4", "sweep"] {
        assert_eq!(found(&report, way), ("unknown", "nobody_answered"), "{way}");
    }
    assert_eq!(found(&report, "clock"), ("unknown", "nobody_answered"));
}

#[test]
fn where_the_network_drops_broadcast_the_doctor_says_so_while_another_way_works() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    network.drop_broadcast();
    let (mut ada, grace) = (start(&network, 1, "Ada"), start_without_sweep(&network, 2, "Grace"));
    ada.ask(json!({ "cmd": "peer_found", "address": "10.77.0.2:20070" }));
    wait_until_seen(&mut ada, &grace);
    let report = examine(&mut ada);
    assert_eq!(found(&report, "given"), WORKS);
    for way in ["broadcast", "multicast_v4"] {
        assert_eq!(found(&report, way), ("does_not_work", "others_answered"), "{way}");
    }
}

#[test]
fn a_port_that_another_program_has_is_named_by_the_doctor_in_both_languages() {
    let Some(network) = Network::bridged(Speech::V4, 1) else { return };
    let _ada = start(&network, 1, "Ada");
    let (status, report) = run_doctor(&mut network.permesso("doctor", 1, "Grace"));
    assert_eq!(status, 1, "{report}");
    assert_eq!(found(&report, "address"), ("does_not_work", "port_taken"));
    assert_eq!(found(&report, "broadcast"), ("unknown", "not_present"));
    for (locale, words) in
        [("C", "another program has UDP port 20070"), ("it", "un altro programma ha la porta UDP 20070")]
    {
        let output = run(network.permesso("doctor", 1, "Grace").env("LC_ALL", locale));
        assert_eq!(code(output.status), 1);
        let says = String::from_utf8(output.stdout).unwrap();
        assert!(says.contains(words), "{says}");
    }
}

#[test]
fn a_host_without_an_interface_is_told_that_it_is_on_no_network() {
    let Some(mut network) = Network::bridged(Speech::V4, 0) else { return };
    network.add(1);
    let (status, report) = run_doctor(&mut network.permesso("doctor", 1, "Ada"));
    assert_eq!(status, 1, "{report}");
    assert_eq!(found(&report, "address"), ("does_not_work", "loopback_only"));
}

#[test]
fn a_firewall_of_this_device_that_forbids_sending_is_found() {
    let Some(network) = Network::bridged(Speech::V4, 1) else { return };
    if !network.forbid(1, "output", "udp dport 20070 drop") {
        return;
    }
    let (status, report) = run_doctor(&mut network.permesso("doctor", 1, "Ada"));
    assert_eq!(status, 3, "{report}");
    for way in ["broadcast", "multicast_v4", "sweep"] {
        assert_eq!(found(&report, way), ("does_not_work", "no_permission"), "{way}");
    }
}

#[test]
fn a_firewall_of_this_device_that_drops_multicast_is_found() {
    let Some(network) = Network::bridged(Speech::V4, 2) else { return };
    if !network.forbid(1, "input", "ip daddr 239.255.20.70 drop") {
        return;
    }
    let (mut ada, grace) = (start(&network, 1, "Ada"), start(&network, 2, "Grace"));
    wait_until_seen(&mut ada, &grace);
    let report = examine(&mut ada);
    // It may be sent all the same, and whoever answers by unicast is heard.
    assert_eq!(found(&report, "multicast_v4"), WORKS);
    drop(grace);
    // On a port where nobody is, what this host itself hears decides.
    let (_, report) = run_doctor(network.permesso("doctor", 1, "Linus").args(["--port", "20071"]));
    assert_eq!(found(&report, "multicast_v4"), ("does_not_work", "not_heard_here"), "{report}");
}

#[test]
fn a_port_that_needs_a_privilege_is_refused_with_what_to_do() {
    let Some(network) = Network::bridged(Speech::V4, 1) else { return };
    let mut host = network.permesso("doctor", 1, "Ada");
    host.args(["--port", "80", "--json"]);
    // The same without the privilege; the rest of root's stays, so that the program's file can be read.
    let mut command = network.run_in(1, "setpriv");
    command.args(["--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]);
    command.args(host.get_args().skip(3)).env("LC_ALL", "C");
    let output = run(&mut command);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(found(&report, "address"), ("does_not_work", "no_permission"));
    assert_eq!(code(output.status), 1);
}
