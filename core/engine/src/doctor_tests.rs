use super::*;
use crate::api::NetworkEvent;
use crate::presence_world::{Side, World};
use crate::time::Wall;

const LONG_ENOUGH: Millis = Millis::from_secs(12);

/// Lets the first host of a world look which ways work.
fn examine(world: &mut World) -> WaysReport {
    world.sides[0].events();
    let ours = world.sides[0].ask_doctor(Doctor::begin);
    world.run(LONG_ENOUGH);
    let events = world.sides[0].events();
    let found = events.into_iter().find_map(|event| match event {
        Event::Examined { examination, report } if examination == ours => Some(report),
        _ => None,
    });
    found.expect("the examination never ended")
}

fn of(report: &WaysReport, way: Way) -> (Verdict, WayReason) {
    let mut ways = report.ways.iter().filter(|report| report.way == way);
    let found = ways.next().unwrap();
    assert!(ways.next().is_none(), "{way:?} once");
    (found.verdict, found.reason)
}

const WORKS: (Verdict, WayReason) = (Verdict::Works, WayReason::Answered);

#[test]
fn each_way_by_which_somebody_answers_works_and_names_who() {
    let mut world = World::met(2);
    world.sides.iter_mut().for_each(|side| side.config.presence.sweep = true);
    let report = examine(&mut world);
    let (other, address) = (world.sides[1].id(), world.sides[1].address);
    for (way, heard_by) in
        [(Way::Broadcast, Cast::Broadcast), (Way::MulticastV4, Cast::Multicast), (Way::Sweep, Cast::Unicast)]
    {
        assert_eq!(of(&report, way), WORKS, "{way:?}");
        let answer = report.ways.iter().find(|report| report.way == way).unwrap().answer.clone().unwrap();
        assert_eq!((answer.host, answer.address, answer.heard_by), (other, address, heard_by));
        assert_eq!(answer.alias.as_deref(), Some("Host 2"));
    }
    assert_eq!(of(&report, Way::Remembered), (Verdict::Unknown, WayReason::NothingToTry));
    assert_eq!(of(&report, Way::Given), (Verdict::Unknown, WayReason::NothingToTry));
}

#[test]
fn with_nobody_there_no_way_is_said_to_work_or_to_be_dropped() {
    let mut world = World::met(1);
    world.sides[0].config.presence.sweep = true;
    world.now.wall = Wall(1_795_489_443_000);
    let report = examine(&mut world);
    for way in [Way::Broadcast, Way::MulticastV4, Way::Sweep] {
        assert_eq!(of(&report, way), (Verdict::Unknown, WayReason::NobodyAnswered), "{way:?}");
    }
    assert_eq!(report.ways.iter().find(|report| report.way == Way::Sweep).unwrap().asked, 253, "all others, once");
    assert_eq!(
        report.clock,
        ClockReport { verdict: Verdict::Unknown, too_early: false, others_ahead: None, others: 0 }
    );
}

#[test]
fn a_way_that_the_network_drops_does_not_work_while_another_one_does() {
    for (dropped, way, other) in
        [(Cast::Multicast, Way::MulticastV4, Way::Broadcast), (Cast::Broadcast, Way::Broadcast, Way::MulticastV4)]
    {
        let mut world = World::met(2);
        world.dropped = Some(dropped);
        let report = examine(&mut world);
        assert_eq!(of(&report, way), (Verdict::DoesNotWork, WayReason::OthersAnswered));
        assert_eq!(of(&report, other), WORKS);
    }
}

#[test]
fn multicast_that_not_even_its_sender_hears_does_not_work() {
    let mut world = World::met(2);
    world.unicast_only = true;
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::MulticastV4), (Verdict::DoesNotWork, WayReason::NotHeardHere));
    assert_eq!(of(&report, Way::Broadcast), (Verdict::Unknown, WayReason::NobodyAnswered));
}

#[test]
fn what_needs_an_address_that_this_host_has_not_does_not_work() {
    let mut world = World::met(1);
    let no_address = (Verdict::DoesNotWork, WayReason::NoAddress);
    assert_eq!(of(&examine(&mut world), Way::MulticastV6), no_address);
    let v6 = vec![("fe80::1".parse().unwrap(), 64)];
    world.sides[0].network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses: v6 });
    world.sides[0].config.presence.sweep = true;
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::MulticastV6), (Verdict::Unknown, WayReason::NobodyAnswered));
    for way in [Way::Broadcast, Way::MulticastV4, Way::Sweep] {
        assert_eq!(of(&report, way), no_address, "{way:?}");
    }
}

#[test]
fn a_given_and_a_remembered_address_are_asked_by_unicast() {
    let mut world = World::of(3);
    world.unicast_only = true;
    world.sides.iter_mut().for_each(Side::join);
    let given = world.sides[1].address;
    world.sides[0].network(NetworkEvent::PeerFound { address: given });
    let (key, address) = (world.sides[2].identity.key(), world.sides[2].address);
    world.sides[0].call(|presence, _, ctx| {
        let number = presence.pin(key, ctx);
        presence.contacts.add(address, Some(number), ctx.now.tick);
    });
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::Given), WORKS);
    assert_eq!(of(&report, Way::Remembered), WORKS);
    let answers: Vec<_> =
        report.ways.iter().filter_map(|report| Some((report.way, report.answer.clone()?.host))).collect();
    assert_eq!(answers, [(Way::Remembered, world.sides[2].id()), (Way::Given, world.sides[1].id())]);
}

#[test]
fn with_nobody_online_the_neighbours_are_asked_until_one_answers_within_the_bound_of_the_sweep() {
    let mut world = World::of(2);
    world.unicast_only = true;
    world.sides[0].config.presence.sweep = true;
    world.sides.iter_mut().for_each(Side::join);
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::Sweep), WORKS);
    assert!(world.sides[0].sees(world.sides[1].id()), "whom the doctor finds is found");

    let mut world = World::met(1);
    world.sides[0].config.presence.sweep = true;
    world.sides[0].config.presence.sweep_per_hour = 300;
    for most in [253, 47] {
        let report = examine(&mut world);
        let asked = report.ways.iter().find(|report| report.way == Way::Sweep).unwrap().asked;
        assert!(asked <= most, "{asked} addresses of at most {most}");
    }
}

#[test]
fn neighbours_are_not_asked_one_by_one_while_somebody_is_heard_elsewhere() {
    let mut world = World::of(2);
    world.sides[0].config.presence.sweep = true;
    world.sides[1].address = "[fe80::2%7]:20070".parse().unwrap();
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_secs(4));
    assert!(world.sides[0].sees(world.sides[1].id()));
    assert_eq!(of(&examine(&mut world), Way::Sweep), (Verdict::Unknown, WayReason::NotNeeded));
}

#[test]
fn a_sweep_that_cannot_be_says_why() {
    let sweep = |change: &dyn Fn(&mut Side)| {
        let mut world = World::met(1);
        world.sides[0].config.presence.sweep = true;
        change(&mut world.sides[0]);
        of(&examine(&mut world), Way::Sweep)
    };
    let large = |side: &mut Side| {
        let addresses = vec![(side.address.ip(), 20)];
        side.network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses });
    };
    assert_eq!(sweep(&large), (Verdict::DoesNotWork, WayReason::NetworkTooLarge));
    let off = (Verdict::DoesNotWork, WayReason::SwitchedOff);
    assert_eq!(sweep(&|side| side.config.presence.sweep = false), off);
    assert_eq!(sweep(&|side| side.settings.visibility = Visibility::Friends), off);
}

#[test]
fn a_host_that_is_not_present_cannot_tell() {
    let mut world = World::of(2);
    world.sides[1].join();
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::Broadcast), (Verdict::Unknown, WayReason::NotPresent));
    assert!(world.sent.iter().all(|(_, by, _)| *by == 1), "a host that is not present says nothing");
}

#[test]
fn a_clock_from_which_everybody_s_differs_by_more_than_a_day_is_wrong() {
    let day = 24 * 60 * 60 * 1_000;
    let report = |others: [i64; 2], own: u64| {
        let mut world = World::met(3);
        world.now.wall = Wall(own);
        world.sides[1..].iter_mut().zip(others).for_each(|(side, ahead)| side.clock_ahead = ahead);
        examine(&mut world).clock
    };
    let year_2026 = 1_795_489_443_000;
    assert_eq!(report([0, 0], year_2026).verdict, Verdict::Works);
    assert_eq!(report([3 * day, 0], year_2026).verdict, Verdict::Works, "one of two is right");
    let wrong = report([3 * day, 3 * day], year_2026);
    assert_eq!((wrong.verdict, wrong.others), (Verdict::DoesNotWork, 2));
    assert!(wrong.others_ahead.is_some_and(|ahead| (ahead - 3 * day).abs() < 10_000), "{wrong:?}");
    assert_eq!(report([0, 0], 1_000_000).verdict, Verdict::DoesNotWork, "1970");
}

#[test]
fn who_hides_answers_nobody_and_who_shows_itself_to_friends_those_alone() {
    let mut world = World::met(2);
    world.sides[1].settings.visibility = Visibility::Friends;
    world.sides[1].config.presence.join_at = [Millis::from_hours(9); 3];
    assert_eq!(of(&examine(&mut world), Way::Broadcast), (Verdict::Unknown, WayReason::NobodyAnswered));
    let [asker, other] = &mut world.sides[..] else { panic!() };
    other.befriend(asker);
    assert_eq!(of(&examine(&mut world), Way::Broadcast), WORKS);
}

#[test]
fn a_question_is_answered_once_and_an_address_twelve_times_a_minute() {
    let mut world = World::met(2);
    let asker = world.sides[1].address;
    let mut ask = |nonce: u8| {
        let question = world.sides[1].make(HostId::BROADCAST, PacketBody::WayAsk { nonce: [nonce; 8] });
        assert!(world.sides[0].hear(Cast::Unicast, asker, &question));
        world.sides[0].doctor.owed.len()
    };
    assert_eq!((ask(0), ask(0)), (1, 1));
    assert_eq!((1..30).map(&mut ask).last(), Some(12));
    assert!(world.sides[0].count("way not answered: too many ask") > 0);
}

#[test]
fn in_a_full_room_about_eight_answer() {
    let mut world = World::met(40);
    let report = examine(&mut world);
    assert_eq!(of(&report, Way::Broadcast), WORKS);
    let answers = world.sent.iter().filter(|(_, by, transmit)| {
        let to_asker = matches!(transmit, Transmit::Datagram { to, .. } if *to == world.sides[0].address);
        *by != 0 && to_asker
    });
    // By two ways, broadcast and multicast, 8 of 39 each; the rest is chance.
    let count = answers.count();
    assert!((6..=30).contains(&count), "{count} answers");
}

#[test]
fn an_answer_to_no_question_is_only_counted() {
    let mut world = World::met(2);
    let from = world.sides[1].address;
    let asker = world.sides[0].id();
    let answer = world.sides[1]
        .make(asker, PacketBody::WayResponse { nonce: [7; 8], cast: Cast::Unicast, alias: "Host 2".into() });
    world.sides[0].events();
    assert!(world.sides[0].hear(Cast::Unicast, from, &answer));
    assert_eq!(world.sides[0].count("answer about no way"), 1);
    assert_eq!(world.sides[0].events(), []);
}

#[test]
fn one_question_from_off_link_by_broadcast_is_not_answered() {
    let mut world = World::met(2);
    let question = world.sides[1].make(HostId::BROADCAST, PacketBody::WayAsk { nonce: [1; 8] });
    assert!(world.sides[0].hear(Cast::Broadcast, "8.8.8.8:20070".parse().unwrap(), &question));
    assert_eq!(world.sides[0].doctor.owed.len(), 0);
}
