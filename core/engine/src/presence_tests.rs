use rand_core::{Rng as _, SeedableRng as _};

use super::*;
use crate::api::{Event, Transmit};
use crate::crypto::Rng;
use crate::identity::Identity;
use crate::packet::Dummy;
use crate::presence_world::{Side, World};
use crate::time::Wall;

pub(super) const EVERY_PATIENCE: Millis = Millis(17_500);

pub(super) fn beacon(interval_s: u16) -> Beacon {
    Beacon { interval_s, link_port: 0, arrivals: 0, role: Role::Client }
}

fn stranger_packet(seed: u64, n: u32, body: PacketBody) -> Vec<u8> {
    let mut secret = [0; 32];
    Rng::seed_from_u64(seed).fill_bytes(&mut secret);
    let identity = Identity::from_secret(secret);
    let packet = Packet {
        sender: identity.host_id(),
        receiver: HostId::BROADCAST,
        counter: Counter { generation: 1, n },
        timestamp: Wall(0),
        key: identity.key(),
        body,
    };
    packet.encode(&identity)
}

pub(super) fn ids(world: &World) -> Vec<HostId> {
    world.sides.iter().map(Side::id).collect()
}

#[test]
fn hosts_that_join_see_each_other_within_a_second() {
    let mut world = World::of(3);
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis(1_000));
    let ids = ids(&world);
    for (at, side) in world.sides.iter().enumerate() {
        for (other, id) in ids.iter().enumerate() {
            assert!(at == other || side.sees(*id), "{at} does not see {other}");
        }
    }
}

#[test]
fn a_host_joins_three_times_and_then_sends_beacons() {
    let mut world = World::of(1);
    world.sides[0].join();
    world.run(Millis(2_300));
    assert_eq!(world.sent_to_all(0), 3);
    world.run(Millis::from_secs(60));
    let beacons = world.sent_to_all(0) - 3;
    assert!((9..=16).contains(&beacons), "{beacons} beacons in a minute");
}

#[test]
fn a_newcomer_is_answered_by_unicast() {
    let mut world = World::of(2);
    world.sides[0].join();
    world.run(Millis::from_secs(3));
    world.sent.clear();
    world.sides[1].join();
    world.run(Millis(700));
    assert!(world.sent_to_one(0) >= 1);
    let id = world.sides[0].id();
    assert!(world.sides[1].sees(id));
}

#[test]
fn a_host_is_offline_after_three_and_a_half_of_its_intervals() {
    let mut world = World::met(2);
    let gone = world.sides.remove(1);
    let heard = world.sides[0].presence.host(gone.id()).unwrap().heard.unwrap();
    world.run(heard + EVERY_PATIENCE - Millis(1) - world.now.tick);
    assert!(world.sides[0].sees(gone.id()));
    world.run(Millis(1));
    assert!(!world.sides[0].sees(gone.id()));
    let events = world.sides[0].events();
    assert!(
        events.iter().any(|event| matches!(event, Event::HostChanged(view) if view.host == gone.id() && !view.online))
    );
}

#[test]
fn hosts_with_beacons_stay_online() {
    let mut world = World::met(3);
    world.run(Millis::from_minutes(5));
    for side in &mut world.sides {
        assert_eq!(side.events(), []);
    }
}

#[test]
fn an_announced_interval_is_clamped() {
    for (announced, expected) in [(0, 17_500), (5, 17_500), (10, 35_000), (200, 700_000), (u16::MAX, 700_000)] {
        let mut side = Side::new(1);
        let patience = side.call(|_, _, ctx| patience(ctx, Some(&beacon(announced))));
        assert_eq!(patience, Millis(expected));
    }
}

#[test]
fn a_host_that_leaves_is_offline_at_once() {
    let mut world = World::met(2);
    world.sides[1].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    let id = world.sides[1].id();
    assert!(!world.sides[0].sees(id));
    world.run(Millis::from_minutes(1));
    assert_eq!(world.sent_to_all(1), 1, "only LEAVE_NETWORK");
}

#[test]
fn a_forged_leave_does_nothing_but_count() {
    let mut world = World::met(2);
    let victim = world.sides[1].id();
    let from = world.sides[1].address;
    let mut leave = world.sides[1].make(HostId::BROADCAST, PacketBody::Leave);
    let last = leave.len() - 1;
    leave[last] ^= 1;
    assert!(!world.sides[0].hear(Cast::Broadcast, from, &leave));
    assert_eq!(world.sides[0].count("packet with a bad signature"), 1);

    let liar = Identity::from_secret([99; 32]);
    let packet = Packet {
        sender: victim,
        receiver: HostId::BROADCAST,
        counter: Counter { generation: u32::MAX, n: 0 },
        timestamp: Wall(0),
        key: liar.key(),
        body: PacketBody::Leave,
    };
    assert!(!world.sides[0].hear(Cast::Broadcast, from, &packet.encode(&liar)));
    assert_eq!(world.sides[0].count("packet of another sender"), 1);
    assert!(world.sides[0].sees(victim));
}

#[test]
fn a_replayed_join_does_nothing_but_count() {
    let mut world = World::of(2);
    let join = world.sides[1].make(HostId::BROADCAST, PacketBody::Join(beacon(5)));
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_secs(4));
    world.sides[1].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    world.sent.clear();
    let (from, id) = (world.sides[1].address, world.sides[1].id());
    assert!(!world.sides[0].hear(Cast::Broadcast, from, &join));
    world.run(Millis::from_secs(1));
    assert_eq!(world.sides[0].count("packet replayed"), 1);
    assert!(!world.sides[0].sees(id));
    assert_eq!(world.sent_to_one(0), 0, "no answer");
}

#[test]
fn a_replay_of_a_pinned_host_is_refused_after_a_restart_too() {
    let mut world = World::met(2);
    let old = world.sides[1].make(HostId::BROADCAST, PacketBody::Join(beacon(5)));
    let fresh = world.sides[1].make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    let other = world.sides.remove(1);
    let side = &mut world.sides[0];
    side.befriend(&other);
    side.transmits();
    side.now.tick = side.now.tick + Millis::from_minutes(1);
    assert!(side.hear(Cast::Broadcast, other.address, &fresh));
    let commit = side.gate.poll_commit().unwrap();
    let records: Vec<_> = commit
        .writes
        .into_iter()
        .filter_map(|write| match write {
            crate::rows::Write::Put { key, value, .. } => Some((key.row, value)),
            _ => None,
        })
        .collect();
    let mut again = Side::restored(1, 2, records);
    again.join();
    assert!(!again.hear(Cast::Broadcast, other.address, &old));
    assert!(!again.hear(Cast::Broadcast, other.address, &fresh));
    assert!(!again.sees(other.id()));
    assert_eq!(again.view(other.id()).unwrap().address, Some(other.address));
}

#[test]
fn counters_of_pinned_hosts_are_written_once_a_minute_at_most() {
    let mut world = World::met(2);
    let other = world.sides.remove(1);
    world.sides[0].befriend(&other);
    world.sides[0].transmits();
    let mut writes = 0;
    let mut other = other;
    for _ in 0..120 {
        let side = &mut world.sides[0];
        side.now.tick = side.now.tick + Millis::from_secs(5);
        let online = other.make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
        assert!(side.hear(Cast::Broadcast, other.address, &online));
        writes += side.gate.poll_commit().map_or(0, |commit| commit.writes.len());
    }
    assert!((9..=11).contains(&writes), "{writes} writes in ten minutes");
}

#[test]
fn what_cannot_be_a_packet_is_counted_by_its_reason() {
    let mut side = Side::new(1);
    side.join();
    let from = NetAddr::from(([192, 168, 1, 2], 20_070));
    let mut unknown = stranger_packet(1, 1, PacketBody::Leave);
    unknown[1] = 2;
    side.hear(Cast::Broadcast, from, &unknown);
    side.hear(Cast::Broadcast, from, &[0; 1_201]);
    side.hear(Cast::Broadcast, from, b"GET / HTTP/1.1");
    side.hear(Cast::Broadcast, from, &stranger_packet(1, 1, PacketBody::Leave));
    for reason in ["packet of an unknown version", "datagram too long", "packet malformed", "leave of a host not known"]
    {
        assert_eq!(side.count(reason), 1, "{reason} in {:?}", side.counters);
    }
    assert_eq!(side.presence.hosts.iter().count(), 0);
}

#[test]
fn our_own_packets_and_those_for_others_are_passed_over() {
    let mut side = Side::new(1);
    side.join();
    let from = NetAddr::from(([192, 168, 1, 2], 20_070));
    let own = side.make(HostId::BROADCAST, PacketBody::Leave);
    assert!(!side.hear(Cast::Broadcast, from, &own));
    let mut other = Side::new(2);
    let for_third = other.make(Side::new(3).id(), PacketBody::Online(beacon(5)));
    assert!(!side.hear(Cast::Unicast, from, &for_third));
    assert_eq!((side.count("packet of our own"), side.count("packet for another host")), (1, 1));
}

#[test]
fn no_packet_replaces_a_pinned_key() {
    let mut side = Side::new(1);
    let mut other = Side::new(2);
    side.join();
    let number = side.befriend(&other);
    side.presence.hosts.get_mut(number).unwrap().key = Identity::from_secret([9; 32]).key();
    let online = other.make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    assert!(!side.hear(Cast::Broadcast, other.address, &online));
    assert_eq!(side.count("packet with another key than the pinned one"), 1);
    assert_eq!(side.presence.hosts.get(number).unwrap().key, Identity::from_secret([9; 32]).key());
}

#[test]
fn beacons_slow_down_with_a_thousand_hosts_heard() {
    let mut side = Side::new(1);
    side.join();
    for stranger in 0..1_000 {
        side.now.tick = Tick(stranger * 10);
        let online = stranger_packet(stranger, 1, PacketBody::Online(beacon(160)));
        let from = NetAddr::from(([192, 168, 1, 2], 20_070));
        assert!(side.hear(Cast::Broadcast, from, &online));
    }
    assert_eq!(side.call(|presence, _, ctx| presence.beacon(ctx)).interval_s, 160);
    for _ in 0..100 {
        let interval = side.call(|presence, _, ctx| presence.varied_interval(ctx));
        assert!((Millis::from_secs(120)..=Millis::from_secs(200)).contains(&interval), "{interval:?}");
    }
}

#[test]
fn a_configured_interval_of_zero_does_not_make_beacons_endless() {
    let mut world = World::of(1);
    world.sides[0].config.presence.beacon_min = Millis(0);
    world.sides[0].join();
    world.run(Millis::from_secs(10));
    assert!(world.sent_to_all(0) <= 140, "{} packets", world.sent_to_all(0));
}

#[test]
fn a_reply_is_left_out_when_enough_others_spoke() {
    let mut world = World::met(2);
    let id = world.sides[1].id();
    let from = world.sides[1].address;
    let join = world.sides[1].make(HostId::BROADCAST, PacketBody::Join(beacon(5)));
    let others = world.sides[0].config.presence.reply_suppress_after.into();
    assert!(world.sides[0].hear(Cast::Broadcast, from, &join));
    for stranger in 0..others {
        let online = stranger_packet(stranger, 1, PacketBody::Online(beacon(5)));
        assert!(world.sides[0].hear(Cast::Broadcast, from, &online));
    }
    world.run(Millis(400));
    assert_eq!(world.sides[0].count("reply left out: enough others"), 1);
    assert_eq!(world.sent_to_one(0), 0);
    assert!(world.sides[0].sees(id));
}

#[test]
fn an_invisible_host_says_nothing() {
    let mut world = World::of(2);
    world.sides[0].settings.visibility = Visibility::Nobody;
    let (invisible, friend) = world.sides.split_at_mut(1);
    invisible[0].befriend(&friend[0]);
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_minutes(5));
    assert_eq!((world.sent_to_all(0), world.sent_to_one(0)), (0, 0));
    let ids = ids(&world);
    assert!(world.sides[0].sees(ids[1]), "it still sees others");
    assert!(!world.sides[1].sees(ids[0]));
    world.sides[0].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    assert_eq!(world.sent_to_all(0), 0, "not even good-bye");
}

#[test]
fn a_host_visible_to_friends_tells_friends_alone() {
    let mut world = World::of(3);
    world.sides[0].settings.visibility = Visibility::Friends;
    let (shy, others) = world.sides.split_at_mut(1);
    shy[0].befriend(&others[0]);
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_minutes(5));
    assert_eq!(world.sent_to_all(0), 0);
    let ids = ids(&world);
    assert!(world.sides[1].sees(ids[0]), "the friend sees it");
    assert!(!world.sides[2].sees(ids[0]), "the stranger does not");
    let stranger = world.sides[2].address;
    assert!(
        world
            .sent
            .iter()
            .all(|(_, by, sent)| !matches!(sent, Transmit::Datagram { to, .. } if *by == 0 && *to == stranger))
    );
    world.sides[0].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    assert!(!world.sides[1].sees(ids[0]));
}

#[test]
fn a_friend_that_is_not_proved_to_be_where_it_was_heard_is_told_once_for_each_time_it_is_heard() {
    let mut world = World::of(2);
    world.sides[0].settings.visibility = Visibility::Friends;
    let (shy, others) = world.sides.split_at_mut(1);
    shy[0].befriend(&others[0]);
    shy[0].join();
    let join = others[0].make(HostId::BROADCAST, PacketBody::Join(beacon(60)));
    let from = others[0].address;
    assert!(shy[0].hear(Cast::Broadcast, from, &join));
    world.sides[1].settings.visibility = Visibility::Nobody;
    world.run(Millis::from_minutes(3));
    // The answer to its JOIN, and one beacon.
    assert_eq!(world.sent_to_one(0), 2);
}

#[test]
fn a_friend_heard_from_another_address_is_told_there_and_not_at_the_one_that_is_not_proved() {
    let mut world = World::of(2);
    world.sides[0].settings.visibility = Visibility::Friends;
    let (shy, others) = world.sides.split_at_mut(1);
    shy[0].befriend(&others[0]);
    shy[0].join();
    let (old, new) = (others[0].address, NetAddr::from(([192, 168, 1, 77], 20_070)));
    let join = others[0].make(HostId::BROADCAST, PacketBody::Join(beacon(60)));
    assert!(shy[0].hear(Cast::Broadcast, old, &join));
    world.sides[1].settings.visibility = Visibility::Nobody;
    world.run(Millis::from_minutes(1));
    let told = |world: &World, address: NetAddr| {
        let to = |sent: &Transmit| matches!(sent, Transmit::Datagram { to, .. } if *to == address);
        world.sent.iter().filter(|(_, side, sent)| *side == 0 && to(sent)).count()
    };
    assert_eq!(told(&world, old), 2);
    let join = world.sides[1].make(HostId::BROADCAST, PacketBody::Join(beacon(60)));
    assert!(world.sides[0].hear(Cast::Broadcast, new, &join));
    world.run(Millis::from_minutes(1));
    // Three times what came from there is the most (I9).
    assert_eq!((told(&world, old), told(&world, new)), (2, 2));
}

#[test]
fn becoming_invisible_is_leaving_and_becoming_visible_is_joining() {
    let mut world = World::met(2);
    let id = world.sides[0].id();
    world.sides[0].settings.visibility = Visibility::Nobody;
    world.sides[0].call(|presence, _, ctx| presence.on_visibility_changed(Visibility::Everybody, ctx));
    world.deliver();
    assert!(!world.sides[1].sees(id));
    world.run(Millis::from_minutes(1));
    assert!(!world.sides[1].sees(id));
    world.sides[0].settings.visibility = Visibility::Everybody;
    world.sides[0].call(|presence, _, ctx| presence.on_visibility_changed(Visibility::Nobody, ctx));
    world.run(Millis(500));
    assert!(world.sides[1].sees(id));
}

#[test]
fn strangers_are_bounded_and_friends_never_put_out() {
    let mut side = Side::new(1);
    let mut friend = Side::new(2);
    side.config.presence.hosts_max = 10;
    side.join();
    side.befriend(&friend);
    let from = NetAddr::from(([192, 168, 1, 2], 20_070));
    let online = friend.make(HostId::BROADCAST, PacketBody::Online(beacon(200)));
    assert!(side.hear(Cast::Broadcast, from, &online));
    for stranger in 0..50 {
        side.now.tick = Tick(stranger);
        let online = stranger_packet(stranger, 1, PacketBody::Online(beacon(200)));
        assert!(side.hear(Cast::Broadcast, from, &online));
    }
    assert_eq!(side.presence.hosts.iter().count(), 11);
    assert!(side.sees(friend.id()));
    assert_eq!(side.count("host put out: too many"), 40);
    let newest = stranger_packet(49, 1, PacketBody::Online(beacon(200)));
    assert!(!side.hear(Cast::Broadcast, from, &newest), "the newest are remembered");
}

#[test]
fn a_flood_of_strangers_is_checked_up_to_a_rate() {
    let mut side = Side::new(1);
    side.join();
    let from = NetAddr::from(([192, 168, 1, 2], 20_070));
    for stranger in 0..600 {
        side.hear(Cast::Broadcast, from, &stranger_packet(stranger, 1, PacketBody::Online(beacon(5))));
    }
    assert_eq!(side.count("packet above the rate"), 100);
}

#[test]
fn strangers_that_made_themselves_known_are_checked_up_to_one_rate_for_all_and_pinned_hosts_beside_it() {
    let (mut side, mut friend) = (Side::new(1), Side::new(2));
    side.join();
    let from = NetAddr::from(([192, 168, 1, 2], 20_070));
    let online = |stranger, n| stranger_packet(stranger, n, PacketBody::Online(beacon(5)));
    let known = (0..100).filter(|stranger| side.hear(Cast::Broadcast, from, &online(*stranger, 1))).count();
    side.call(|presence, _, ctx| presence.pin(friend.identity.key(), ctx));
    side.now.tick = Tick(1_000);
    let each = (0..100).flat_map(|stranger| (2..6).map(move |n| (stranger, n)));
    let checked = each.filter(|(stranger, n)| side.hear(Cast::Broadcast, from, &online(*stranger, *n))).count();
    assert_eq!((known, checked), (100, 200));
    let said = friend.make(HostId::BROADCAST, PacketBody::Online(beacon(5)));
    assert!(side.hear(Cast::Broadcast, friend.address, &said));
}

#[test]
fn a_host_that_has_not_joined_neither_hears_nor_speaks() {
    let mut world = World::of(2);
    world.sides[1].join();
    world.run(Millis::from_secs(10));
    assert_eq!((world.sent_to_all(0), world.sent_to_one(0)), (0, 0));
    let id = world.sides[1].id();
    assert!(!world.sides[0].sees(id));
}

#[test]
fn any_fresh_packet_puts_a_host_online() {
    let mut world = World::met(2);
    world.sides[1].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    let (from, id, to) = (world.sides[1].address, world.sides[1].id(), world.sides[0].id());
    let dummy = world.sides[1].make(to, PacketBody::Dummy(Dummy { port: 1, nonce: [1; 8], echo: None }));
    assert!(world.sides[0].hear(Cast::Unicast, from, &dummy));
    assert!(world.sides[0].sees(id));
}

#[test]
fn the_three_special_hosts_are_always_there() {
    let side = Side::new(1);
    let views = side.presence.views(side.id(), "me");
    let special: Vec<_> = views.iter().map(|view| (view.host, view.special, view.online)).collect();
    let expected = [
        (side.id(), Some(SpecialHost::Local), true),
        (HostId::BROADCAST, Some(SpecialHost::Broadcast), true),
        (HostId::PERSISTENT_SERVER, Some(SpecialHost::PersistentServer), false),
    ];
    assert_eq!(special, expected);
}

#[test]
fn a_damaged_record_is_an_error_that_names_its_row() {
    let restored = Presence::restore([(7, vec![0xff])].into_iter(), 1);
    assert!(matches!(restored, Err(RestoreError::Damaged { table: "host", row: 7 })));
}

#[test]
fn one_seed_gives_one_run() {
    let run = || {
        let mut world = World::of(3);
        world.sides.iter_mut().for_each(Side::join);
        world.run(Millis::from_minutes(2));
        world.sent
    };
    assert_eq!(run(), run());
}

#[test]
fn a_host_without_an_interface_plans_nothing_and_announces_itself_once_one_is_up() {
    let mut world = World::of(1);
    let interface = Interface(1);
    world.sides[0].network(NetworkEvent::InterfaceDown { interface });
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_minutes(1));
    // Whoever calls it for something else: nothing is signed for nobody.
    world.sides[0].timeout();
    assert_eq!((world.sides[0].next_timeout(), world.sent_to_all(0)), (None, 0));
    assert_eq!(world.sides[0].call(|presence, _, _| presence.next_counter().n), 1);
    let addresses = vec![(world.sides[0].address.ip(), 24)];
    world.sides[0].network(NetworkEvent::InterfaceUp { interface, addresses });
    world.run(Millis(2_300));
    assert_eq!(world.sent_to_all(0), 3);
    world.sides[0].network(NetworkEvent::InterfaceDown { interface });
    world.run(Millis::from_minutes(1));
    assert_eq!(world.sent_to_all(0), 3);
}
