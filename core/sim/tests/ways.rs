//! Finding each other where broadcast or multicast lead nowhere, and on networks of IPv6 alone.

use permesso_engine::api::{Command, Event, FriendState, Verdict, Way};
use permesso_sim::{Faults, World, WorldConfig};

const MINUTE: u64 = 60_000;

fn world(hosts: usize, change: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(&WorldConfig::new(hosts, 0, 11, Faults::calm()));
    change(&mut world);
    world
}

fn assert_kept(world: &World) {
    assert!(world.violations().is_empty(), "{}\n{:?}", world.trace(), world.violations());
}

fn sees(world: &World, host: usize, peer: usize) -> bool {
    let id = world.id(peer);
    world.views(host).iter().any(|view| view.host == id && view.online)
}

/// JOINs a host has sent so far, those to everybody among them.
fn joins(world: &World, host: usize) -> u64 {
    world.traffic(host).get("JOIN_NETWORK").map_or(0, |amount| amount.count)
}

#[test]
fn a_sweep_of_a_small_network_finds_a_host_where_broadcast_and_multicast_are_dropped() {
    let mut world = world(2, |world| {
        world.use_small_network();
        world.set_drops_broadcast(true);
    });
    world.run_for(10_000);
    assert!(!sees(&world, 0, 1) && !sees(&world, 1, 0));
    assert!(world.run_until(MINUTE, |world| sees(world, 0, 1) && sees(world, 1, 0)), "{}", world.trace());
    world.run_for(30 * MINUTE);
    assert_kept(&world);
    assert!(sees(&world, 0, 1) && sees(&world, 1, 0), "they stay online by unicast");
    befriend_and_talk(&mut world);
}

#[test]
fn a_phone_that_can_send_nothing_to_everybody_finds_also_those_its_own_discovery_does_not_name() {
    let mut world = world(3, |world| {
        world.use_small_network();
        world.refuse_broadcast(0);
    });
    // Switched on one after the other.
    world.run_for(5_000);
    world.introduce(0, 1);
    world.run_for(5_000);
    assert!(sees(&world, 0, 1), "{}", world.trace());
    assert!(!sees(&world, 0, 2) && !sees(&world, 2, 0) && sees(&world, 1, 2), "nobody told it of the third");
    assert!(world.run_until(MINUTE, |world| sees(world, 0, 2) && sees(world, 2, 0)), "{}", world.trace());
    world.run_for(30 * MINUTE);
    assert_kept(&world);
    assert!((1..3).all(|peer| sees(&world, 0, peer) && sees(&world, peer, 0)), "they stay online by unicast");
}

#[test]
fn a_large_network_is_not_swept() {
    let mut world = world(2, |world| world.set_drops_broadcast(true));
    world.run_for(6_000);
    let before = joins(&world, 0);
    world.run_for(120 * MINUTE);
    assert_eq!(joins(&world, 0), before);
    assert_kept(&world);
    assert!(!sees(&world, 0, 1));
}

#[test]
fn no_hour_alone_has_more_probes_than_its_bound() {
    let mut world = world(1, World::use_small_network);
    world.run_for(6_000);
    let mut sent = vec![joins(&world, 0)];
    for _ in 0..12 * 8 {
        world.run_for(5 * MINUTE);
        sent.push(joins(&world, 0));
    }
    assert_kept(&world);
    let hours: Vec<u64> = sent.windows(13).map(|hour| hour[12] - hour[0]).collect();
    assert!(hours.iter().all(|count| *count <= 1_016), "{hours:?}");
    // The longest pause is an hour and up to a quarter: an hour may have none, two hours have at least one.
    assert!(hours.iter().rev().take(24).all(|count| *count <= 254), "in the end one sweep an hour: {hours:?}");
    assert!(sent[sent.len() - 1] - sent[sent.len() - 25] >= 253, "it goes on: {hours:?}");
}

#[test]
fn nobody_is_asked_one_by_one_while_somebody_is_heard() {
    let mut world = world(3, World::use_small_network);
    world.run_for(MINUTE);
    assert!((1..3).all(|peer| sees(&world, 0, peer)));
    let before: Vec<u64> = (0..3).map(|host| joins(&world, host)).collect();
    world.run_for(180 * MINUTE);
    assert_kept(&world);
    assert_eq!((0..3).map(|host| joins(&world, host)).collect::<Vec<_>>(), before);
}

#[test]
fn a_pair_on_a_network_of_ipv6_alone_meets_and_talks() {
    let mut world = world(2, World::use_ipv6_alone);
    assert!(world.run_until(MINUTE, |world| sees(world, 0, 1) && sees(world, 1, 0)), "{}", world.trace());
    let id = world.id(1);
    let address = world.views(0).into_iter().find(|view| view.host == id).and_then(|view| view.address);
    assert!(address.is_some_and(|address| address.is_ipv6()), "{address:?}");
    befriend_and_talk(&mut world);
}

#[test]
fn the_doctor_names_who_answered_by_each_way() {
    let mut world = world(2, World::use_small_network);
    world.run_for(6_000);
    world.take_events();
    assert!(world.command(0, Command::Examine).is_ok());
    world.run_for(12_000);
    assert_kept(&world);
    let report = world.take_events().into_iter().find_map(|(host, event)| match event {
        Event::Examined { report, .. } if host == 0 => Some(report),
        _ => None,
    });
    let report = report.unwrap_or_else(|| panic!("{}", world.trace()));
    for way in [Way::Broadcast, Way::MulticastV4, Way::Sweep] {
        let found =
            report.ways.iter().find(|report| report.way == way).map(|report| (report.verdict, report.answer.clone()));
        let Some((Verdict::Works, Some(answer))) = found else { panic!("{way:?}: {report:?}") };
        assert_eq!(answer.host, world.id(1));
    }
}

/// Host 0 asks host 1, who accepts, and both write.
fn befriend_and_talk(world: &mut World) {
    let ids = [world.id(0), world.id(1)];
    assert!(world.command(0, Command::AskFriendship { host: ids[1], greeting: "Guten Tag".into() }).is_ok());
    let asked = |world: &World| world.friends(1).iter().any(|view| view.state == FriendState::RequestReceived);
    assert!(world.run_until(MINUTE, asked), "{}", world.trace());
    assert!(world.command(1, Command::AnswerFriendship { host: ids[0], accept: true, tell: true }).is_ok());
    assert!(world.run_until(MINUTE, |world| world.pairs() == [(0, 1)]), "{}", world.trace());
    for (from, to) in [(0, 1), (1, 0)] {
        let host = world.id(to);
        assert!(world.command(from, Command::SendText { host, text: format!("to {to}") }).is_ok());
        let delivered = |world: &World| world.is_delivered(from, to, &format!("to {to}"));
        assert!(world.run_until(MINUTE, delivered), "{}", world.trace());
    }
    assert_kept(world);
}
