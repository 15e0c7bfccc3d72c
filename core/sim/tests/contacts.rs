//! A small trace, against what an exhaustive search finds in it.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use permesso_sim::contacts::{ContactTrace, ListedMessage, MessageList, Scenario, TraceReport, replay};

/// A link says HELLO and carries what waits within this, in milliseconds: less than 20 kB at 250 kB/s, both ways.
const TRANSFER: u64 = 80;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn an_hour() -> (Scenario, TraceReport) {
    let scenario = Scenario::open(&folder("tests/fixtures/an-hour/scenario.toml")).unwrap();
    let report = replay(&scenario, &mut |_| {}).unwrap();
    (scenario, report)
}

/// Each pair's contacts as links: from when to when, in milliseconds.
fn links(scenario: &Scenario) -> Vec<(u32, u32, u64, u64)> {
    let (mut open, mut links) = (BTreeMap::new(), Vec::new());
    let end = scenario.end.unwrap().0;
    for change in ContactTrace::open(scenario.contacts.as_ref().unwrap()).unwrap() {
        let change = change.unwrap();
        let pair = (change.first.min(change.second), change.first.max(change.second));
        if change.up {
            open.insert(pair, change.at);
        } else {
            links.push((pair.0, pair.1, open.remove(&pair).unwrap() + scenario.link_setup.0, change.at));
        }
    }
    links.extend(open.into_iter().map(|((a, b), at)| (a, b, at + scenario.link_setup.0, end)));
    links
}

/// When a message can first be at its recipient, if nothing takes any time once there is a link. Without carriers only a link
/// of the two counts; with them, whatever chain of links follow each other.
fn earliest(links: &[(u32, u32, u64, u64)], message: &ListedMessage, carriers: bool) -> Option<u64> {
    let mut reached = BTreeMap::from([(message.from, message.at)]);
    loop {
        let mut better = None;
        for &(a, b, up, down) in links {
            for (from, to) in [(a, b), (b, a)] {
                let direct = from == message.from && to == message.to;
                let Some(here) = reached.get(&from).filter(|_| carriers || direct) else { continue };
                let at = up.max(*here);
                if at < down && reached.get(&to).is_none_or(|known| at < *known) {
                    better = Some((to, at));
                }
            }
        }
        let Some((to, at)) = better else { break };
        reached.insert(to, at);
    }
    reached.get(&message.to).copied().filter(|at| *at <= message.at + message.lifetime)
}

#[test]
fn over_a_small_trace_no_message_is_earlier_than_any_way_or_later_than_a_link_of_its_two_hosts() {
    let (scenario, report) = an_hour();
    let (links, list) = (links(&scenario), MessageList::open(scenario.messages.as_ref().unwrap()).unwrap());
    assert_eq!(report.deliveries.len(), list.messages.len());
    let (mut bound, mut carried) = (0, 0);
    for (message, delivery) in list.messages.iter().zip(&report.deliveries) {
        let [direct, any] = [false, true].map(|carriers| earliest(&links, message, carriers));
        let found = delivery.latency_s.map(|latency| message.at + (latency * 1_000.0).round() as u64);
        bound += u64::from(any.is_some());
        match (found, any) {
            (Some(found), Some(any)) => assert!(any <= found, "{}: {found} before {any}", message.name),
            (Some(found), None) => panic!("{} arrived at {found} without a way", message.name),
            (None, _) => {}
        }
        let late = |direct: u64| found.is_none_or(|found| found > direct + TRANSFER);
        assert!(!direct.is_some_and(late), "{}: {found:?}, a link brings it at {direct:?}", message.name);
        carried += u64::from(found.is_some() && direct.is_none());
    }
    // The fixture is worth something: some arrive, some have a way only over others, some have none.
    assert!(0 < report.delivered && report.delivered <= bound && bound < report.messages, "{report:#?}");
    // Others carry them: what the search finds over any number of hosts is a bound, what it finds without them is surpassed.
    assert!(carried > 0 && report.mean_hops > 1.0, "{carried}, {}", report.mean_hops);
    // What is written in the moment in which a link of the two ends has left and does not arrive.
    let ends = |message: &&ListedMessage| {
        let of = |(a, b): (u32, u32)| (a, b) == (message.from.min(message.to), message.from.max(message.to));
        links.iter().any(|(a, b, up, down)| of((*a, *b)) && *up < message.at && message.at == *down)
    };
    let cut = list.messages.iter().filter(ends).count() as u64;
    assert!(cut > 0 && report.cut >= cut, "{} and {cut}", report.cut);
    assert_eq!((report.late, report.closed), (0, 0));
    assert_eq!(report.violations, []);
}

#[test]
fn of_an_hour_of_the_given_trace_as_much_arrives_as_soon_and_as_cheaply_as_the_goals_for_all_of_it_say() {
    let mut scenario = Scenario::open(&folder("scenarios/one-chat/scenario.toml")).unwrap();
    // The second hour's messages, until all of them have arrived: the whole takes ten times as long.
    let list = std::fs::read_to_string(scenario.messages.as_ref().unwrap()).unwrap();
    let at = |line: &str| line.split_whitespace().next()?.parse::<f64>().ok();
    let second_hour = |line: &&str| at(line).is_some_and(|at| (3_600.0..7_200.0).contains(&at));
    let part = tempfile::tempdir().unwrap();
    let messages = part.path().join("messages.txt");
    std::fs::write(&messages, list.lines().filter(second_hour).collect::<Vec<_>>().join("\n")).unwrap();
    (scenario.messages, scenario.end) = (Some(messages), Some(permesso_engine::time::Millis::from_hours(4)));
    let report = replay(&scenario, &mut |_| {}).unwrap();
    assert!(report.messages > 100 && report.violations.is_empty(), "{:?}", report.violations);
    let reached = (report.delivered_ratio, report.mean_latency_s, report.transmissions_per_delivered);
    assert!(reached.0 >= 0.975 && reached.1 <= 1_200.0 && reached.2 <= 20.0, "{reached:?}");
}

#[test]
fn the_figures_of_a_report_are_those_of_its_deliveries() {
    let (_, report) = an_hour();
    let mut latencies: Vec<f64> = report.deliveries.iter().filter_map(|delivery| delivery.latency_s).collect();
    latencies.sort_by(f64::total_cmp);
    let count = latencies.len();
    assert_eq!(report.delivered, count as u64);
    assert!((report.delivered_ratio * report.messages as f64 - count as f64).abs() < 1e-9);
    assert!((report.mean_latency_s * count as f64 - latencies.iter().sum::<f64>()).abs() < 1e-6);
    assert!(latencies[(count - 1) / 2] <= report.median_latency_s && report.median_latency_s <= latencies[count / 2]);
    assert_eq!(report.bytes, report.traffic.values().map(|amount| amount.bytes).sum::<u64>());
    // A text of 4,096 bytes and its envelope are in somebody's outbox.
    assert!(report.most_stored["outbox"] > 2 * 4_096, "{:?}", report.most_stored);
    for promise in ["I7 copies bounded", "I8 bounded"] {
        assert!(report.promises[promise] > 0, "{promise}: {:?}", report.promises);
    }
    for promise in ["I1 shown once", "I2 authentic", "I4 delivered is stored", "I13 nothing silent"] {
        assert!(report.promises[promise] >= report.delivered, "{promise}: {:?}", report.promises);
    }
}

#[test]
fn a_contact_that_ends_within_the_time_a_link_takes_brings_nothing() {
    let (mut scenario, _) = an_hour();
    let all = replay(&scenario, &mut |_| {}).unwrap();
    // The longest contact of the trace lasts 125 s.
    scenario.link_setup = permesso_engine::time::Millis::from_secs(126);
    let none = replay(&scenario, &mut |_| {}).unwrap();
    let open_at_the_end = none.deliveries.iter().filter(|delivery| delivery.latency_s.is_some());
    assert_eq!(open_at_the_end.count() as u64, none.delivered);
    assert!(none.delivered < all.delivered / 4, "{} of {}", none.delivered, all.delivered);
}

#[test]
fn a_slow_radio_cuts_transfers_off_and_what_was_cut_counts_as_bytes_only() {
    let (mut scenario, fast) = an_hour();
    // A HELLO takes a second, and an envelope with 4,096 bytes of text a quarter of a minute.
    scenario.rate = 300;
    let slow = replay(&scenario, &mut |_| {}).unwrap();
    assert!(slow.cut > 0 && slow.delivered < fast.delivered, "{slow:#?}");
    assert_eq!(slow.violations, []);
    let carried: u64 = slow.traffic.values().map(|amount| amount.bytes).sum();
    let seconds: u64 = links(&scenario).iter().map(|(_, _, up, down)| down.saturating_sub(*up)).sum::<u64>() / 1_000;
    assert!(carried <= (seconds + 1) * 300, "{carried} bytes in {seconds} s of links");
}

#[test]
fn a_contact_carries_one_frame_at_a_time_both_ways_together() {
    let folder = tempfile::tempdir().unwrap();
    let [contacts, messages] = ["contacts.txt", "messages.txt"].map(|name| folder.path().join(name));
    std::fs::write(&contacts, "0 CONN 0 1 up\n60 CONN 0 1 down\n").unwrap();
    std::fs::write(&messages, "0 M1 500 0 1 60 N\n0 M2 500 1 0 60 N\n").unwrap();
    let scenario = Scenario { contacts: Some(contacts), messages: Some(messages), rate: 1_000, ..Scenario::default() };
    let report = replay(&scenario, &mut |_| {}).unwrap();
    let last = report.deliveries.iter().filter_map(|delivery| delivery.latency_s).fold(0.0, f64::max);
    // Both HELLOs, what each would take, then both FORWARDs; the proofs come behind them.
    let bytes: u64 = ["HELLO", "WANT", "FORWARD"].iter().map(|kind| report.traffic[kind].bytes).sum();
    let expected = 0.1 + bytes as f64 / 1_000.0;
    assert!((last - expected).abs() < 0.002, "{last} s for {bytes} bytes");
    assert_eq!((report.delivered, report.proved, report.traffic["PROOFS"].count), (2, 2, 2));
}

#[test]
fn a_malformed_trace_is_refused_with_its_line_before_anything_is_replayed() {
    let (mut scenario, _) = an_hour();
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("contacts.txt");
    std::fs::write(&broken, "1 CONN 0 1 up\n2 CONN 0 1 off\n").unwrap();
    scenario.contacts = Some(broken);
    let says = replay(&scenario, &mut |_| panic!("something was replayed")).unwrap_err().to_string();
    assert!(says.contains("line 2: expected `<seconds> CONN"), "{says}");
}
