//! Links, addresses and networks, and what they mean to presence.

use super::tests::{EVERY_PATIENCE, beacon, ids};
use super::*;
use crate::api::{Event, Transmit};
use crate::ids::Interface;
use crate::presence_world::{Side, World};

#[test]
fn datagrams_change_nothing_while_a_link_lives() {
    let mut world = World::met(2);
    let key = world.sides[1].identity.key();
    let id = world.sides[1].id();
    world.sides[0].call(|presence, _, ctx| presence.link_up(key, ctx));
    world.sides[1].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    assert!(world.sides[0].sees(id), "LEAVE_NETWORK came by datagram");
    world.run(Millis::from_minutes(5));
    assert!(world.sides[0].sees(id), "no beacons for minutes");
    world.sides[0].call(|presence, _, ctx| presence.link_lost(id, ctx));
    assert!(!world.sides[0].sees(id));
}

#[test]
fn after_a_link_is_closed_beacons_decide_again() {
    let mut world = World::met(2);
    let other = world.sides.remove(1);
    let key = other.identity.key();
    world.sides[0].call(|presence, _, ctx| presence.link_up(key, ctx));
    world.run(Millis::from_minutes(1));
    world.sides[0].call(|presence, _, ctx| presence.link_down(other.id(), ctx));
    assert!(world.sides[0].sees(other.id()));
    world.run(EVERY_PATIENCE);
    assert!(!world.sides[0].sees(other.id()));
}

#[test]
fn a_link_states_the_counter_whatever_was_heard_before() {
    let mut world = World::met(2);
    let id = world.sides[1].id();
    let counter = Counter { generation: 0, n: 5 };
    let address = "192.168.1.2:40000".parse().unwrap();
    world.sides[0].call(|presence, _, ctx| presence.link_hello(id, counter, address, ctx));
    assert_eq!(world.sides[0].presence.host(id).unwrap().counter, Some(counter));
}

#[test]
fn a_known_address_changes_only_after_an_echo() {
    let mut world = World::met(2);
    let (known, id) = (world.sides[1].address, world.sides[1].id());
    let elsewhere = NetAddr::from(([192, 168, 1, 77], 20_070));
    let online = world.sides[1].make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    assert!(world.sides[0].hear(Cast::Broadcast, elsewhere, &online));
    assert_eq!(world.sides[0].view(id).unwrap().address, Some(known));
    assert_eq!(world.sides[0].presence.addresses(id), [known, elsewhere], "both may be asked");
    world.sides[0].events();
    world.sides[0].call(|presence, _, ctx| presence.address_validated(id, elsewhere, ctx));
    assert_eq!(world.sides[0].view(id).unwrap().address, Some(elsewhere));
    assert!(
        matches!(world.sides[0].events().as_slice(), [Event::HostChanged(view)] if view.address == Some(elsewhere))
    );
}

#[test]
fn nobody_off_link_is_sent_anything_unasked() {
    let mut world = World::met(2);
    let id = world.sides[1].id();
    let far = NetAddr::from(([10, 9, 8, 7], 20_070));
    let mut stranger = Side::new(9);
    let join = stranger.make(HostId::BROADCAST, PacketBody::Join(beacon(5)));
    assert!(world.sides[0].hear(Cast::Broadcast, far, &join));
    assert_eq!(world.sides[0].count("join by broadcast from off-link"), 1);
    let online = world.sides[1].make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    assert!(world.sides[0].hear(Cast::Unicast, far, &online));
    assert!(!world.sides[0].presence.addresses(id).contains(&far));
    assert_eq!(world.sides[0].presence.addresses(stranger.id()), []);
    world.run(Millis::from_secs(10));
    assert_eq!(world.sent_to_one(0), 0);
}

#[test]
fn at_most_three_times_the_bytes_are_answered_to_an_address_not_validated() {
    let mut world = World::met(2);
    let (address, id) = (world.sides[1].address, world.sides[1].id());
    let presence = &world.sides[0].presence;
    assert!(presence.may_answer(&address, 100, 300));
    assert!(!presence.may_answer(&address, 100, 301));
    assert!(!presence.may_answer(&NetAddr::from(([192, 168, 1, 255], 20_070)), 1_000, 1), "broadcast");
    world.sides[0].call(|presence, _, ctx| presence.address_validated(id, address, ctx));
    assert!(world.sides[0].presence.may_answer(&address, 100, 1_200));
}

#[test]
fn an_answer_to_a_join_is_no_longer_than_three_times_the_join() {
    let mut world = World::met(2);
    let from = NetAddr::from(([10, 9, 8, 7], 20_070));
    let join = world.sides[1].make(HostId::BROADCAST, PacketBody::Join(beacon(5)));
    assert!(world.sides[0].hear(Cast::Unicast, from, &join));
    world.run(Millis(400));
    let answers: Vec<_> = world
        .sent
        .iter()
        .filter_map(|(_, _, sent)| {
            if let Transmit::Datagram { to, bytes } = sent { (*to == from).then_some(bytes.len()) } else { None }
        })
        .collect();
    assert!(matches!(answers.as_slice(), [length] if *length <= 3 * join.len()), "{answers:?}");
}

#[test]
fn hosts_find_each_other_by_a_given_address_where_broadcast_is_dropped() {
    let mut world = World::of(2);
    world.unicast_only = true;
    let address = world.sides[1].address;
    world.sides[0].network(NetworkEvent::PeerFound { address });
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_secs(1));
    let ids = ids(&world);
    assert!(world.sides[0].sees(ids[1]) && world.sides[1].sees(ids[0]));
    for side in &mut world.sides {
        side.events();
    }
    world.run(Millis::from_minutes(10));
    assert_eq!(world.sides[0].events(), [], "and they stay");
    assert_eq!(world.sides[1].events(), []);
}

#[test]
fn a_link_local_address_given_without_a_scope_is_that_of_whichever_link_it_answers_on() {
    let mut world = World::of(2);
    world.unicast_only = true;
    let scoped: NetAddr = "[fe80::2%7]:20070".parse().unwrap();
    let given: NetAddr = "[fe80::2]:20070".parse().unwrap();
    world.sides.iter_mut().for_each(Side::join);
    let other = world.sides[1].identity.key();
    let number = world.sides[0].call(|presence, _, ctx| presence.pin(other, ctx));
    world.sides[0].call(|presence, _, ctx| presence.remember(number, given, ctx));
    world.run(Millis::from_secs(3));
    let tried = world
        .sent
        .iter()
        .any(|(_, by, transmit)| matches!(transmit, Transmit::Datagram { to, .. } if *to == given) && *by == 0);
    assert!(tried, "the address is tried as it was given");
    let online = world.sides[1].make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    assert!(world.sides[0].hear(Cast::Unicast, scoped, &online));
    assert_eq!(world.sides[0].presence.contacts.iter().count(), 1);
    assert_eq!(world.sides[0].presence.contacts.iter().next().and_then(|contact| contact.heard), Some(number));
}

#[test]
fn an_address_where_nobody_answers_is_tried_ever_more_seldom() {
    let mut world = World::of(1);
    world.sides[0].network(NetworkEvent::PeerFound { address: NetAddr::from(([192, 168, 1, 200], 20_070)) });
    world.sides[0].join();
    world.run(Millis::from_minutes(60));
    let times: Vec<_> = world
        .sent
        .iter()
        .filter(|(_, _, sent)| matches!(sent, Transmit::Datagram { .. }))
        .map(|(at, ..)| *at)
        .collect();
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses[..2], [Millis(500), Millis(1_500)]);
    assert!((30_000..37_500).contains(&pauses[2].0), "{pauses:?}");
    assert!(pauses.iter().all(|pause| pause.0 <= 750_000), "{pauses:?}");
    assert!((9..=12).contains(&times.len()), "{pauses:?}");
}

#[test]
fn a_friend_is_tried_where_it_was_last_seen() {
    let mut world = World::of(2);
    world.unicast_only = true;
    let (one, other) = world.sides.split_at_mut(1);
    let number = one[0].befriend(&other[0]);
    let address = other[0].address;
    one[0].call(|presence, _, ctx| presence.remember(number, address, ctx));
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_secs(1));
    let ids = ids(&world);
    assert!(world.sides[0].sees(ids[1]) && world.sides[1].sees(ids[0]));
}

#[test]
fn a_new_network_and_waking_up_are_told_at_once() {
    let mut world = World::met(2);
    world.run(Millis::from_minutes(1));
    world.sent.clear();
    world.sides[0].network(NetworkEvent::Resumed);
    world.run(Millis(300));
    assert_eq!(world.sent_to_all(0), 1);
    let addresses = vec![("10.0.0.1".parse().unwrap(), 8)];
    world.sides[0].network(NetworkEvent::InterfaceUp { interface: Interface(2), addresses });
    world.sent.clear();
    world.run(Millis(300));
    assert_eq!(world.sent_to_all(0), 2, "one for each interface");
}

#[test]
fn a_bound_link_port_is_announced_soon() {
    let mut world = World::met(2);
    world.sides[0].call(|presence, _, ctx| presence.set_link_port(4_433, ctx));
    world.run(Millis(1_000));
    let id = world.sides[0].id();
    assert_eq!(world.sides[1].presence.host(id).unwrap().beacon.unwrap().link_port, 4_433);
}
