use super::*;
use crate::api::{NetworkEvent, Transmit};
use crate::ids::Interface;
use crate::presence_world::{Side, World};

const SWEEP_LIMIT: Millis = Millis::from_secs(60);

/// Hosts on a network that drops broadcast and multicast; only those that have joined are there.
fn deaf_world(hosts: u8) -> World {
    let mut world = World::of(hosts);
    world.unicast_only = true;
    world.sides.iter_mut().for_each(|side| side.config.presence.sweep = true);
    world
}

fn probes(world: &World, by: usize) -> Vec<Tick> {
    let sent = world.sent.iter().filter(|(_, sender, _)| *sender == by);
    sent.filter(|(_, _, transmit)| matches!(transmit, Transmit::Datagram { .. })).map(|(at, _, _)| *at).collect()
}

fn sees(world: &World, at: usize, other: usize) -> bool {
    world.sides[at].sees(world.sides[other].id())
}

#[test]
fn a_sweep_finds_a_host_where_broadcast_and_multicast_are_dropped() {
    let mut world = deaf_world(2);
    world.sides[1].config.presence.sweep = false;
    world.sides.iter_mut().for_each(Side::join);
    world.run(Millis::from_secs(10));
    assert!(!sees(&world, 0, 1) && !sees(&world, 1, 0), "nothing is swept before 15 s");
    world.run(SWEEP_LIMIT);
    assert!(sees(&world, 0, 1) && sees(&world, 1, 0));
}

#[test]
fn hosts_found_by_a_sweep_stay_online_by_unicast_alone() {
    let mut world = deaf_world(2);
    world.sides.iter_mut().for_each(Side::join);
    world.run(SWEEP_LIMIT);
    world.sides.iter_mut().for_each(|side| drop(side.events()));
    world.run(Millis::from_minutes(30));
    assert!(sees(&world, 0, 1) && sees(&world, 1, 0));
    assert!(world.sides.iter_mut().all(|side| side.events().is_empty()), "nobody came, went or moved");
}

#[test]
fn whoever_is_found_by_unicast_hears_searches_and_farewells_too() {
    let mut world = deaf_world(2);
    world.sides[1].config.presence.sweep = false;
    world.sides.iter_mut().for_each(Side::join);
    world.run(SWEEP_LIMIT);
    for (searcher, alias) in [(0, "host 2"), (1, "host 1")] {
        world.sides[searcher].events();
        world.sides[searcher]
            .call(|presence, search, ctx| search.begin(alias, crate::api::Match::Exact, presence, ctx));
        world.run(Millis::from_secs(4));
        let found = world.sides[searcher].events();
        assert!(
            found.iter().any(|event| matches!(event, crate::api::Event::AliasFound { .. })),
            "{searcher}: {found:?}"
        );
    }
    world.sides[1].call(|presence, _, ctx| presence.leave(ctx));
    world.deliver();
    assert!(!sees(&world, 0, 1));
}

#[test]
fn a_probe_has_at_most_200_bytes_and_goes_to_an_address_on_the_link() {
    let mut world = deaf_world(1);
    world.sides[0].join();
    world.run(SWEEP_LIMIT);
    let mut count = 0;
    for (_, _, transmit) in &world.sent {
        if let Transmit::Datagram { to, bytes } = transmit {
            count += 1;
            assert!(bytes.len() <= 200, "{} bytes", bytes.len());
            assert!(world.sides[0].presence.is_on_link(to), "{to}");
        }
    }
    assert_eq!(count, 253, "every address but its own, once");
}

#[test]
fn a_sweep_stops_as_soon_as_anybody_is_heard() {
    let mut world = deaf_world(2);
    world.sides[0].join();
    world.run(Millis::from_secs(20));
    let before = probes(&world, 0).len();
    assert!((1..100).contains(&before), "{before} probes: the sweep is under way");
    world.unicast_only = false;
    world.sides[1].join();
    world.run(Millis::from_secs(4));
    assert!(sees(&world, 0, 1));
    world.sent.clear();
    world.run(Millis::from_minutes(30));
    assert_eq!(probes(&world, 0), [], "whoever is heard by broadcast is not asked by unicast");
}

/// Three hosts of which the first can send nothing to everybody, and was told of the second alone.
fn world_of_a_mute_host() -> World {
    let mut world = World::of(3);
    world.mute.push(0);
    world.sides[0].config.presence.sweep = true;
    world.sides.iter_mut().for_each(Side::join);
    let address = world.sides[1].address;
    world.sides[0].network(NetworkEvent::PeerFound { address });
    world.run(Millis::from_secs(3));
    assert_eq!([sees(&world, 0, 1), sees(&world, 0, 2), sees(&world, 1, 2)], [true, false, true]);
    world
}

#[test]
fn whoever_can_send_nothing_to_everybody_asks_on_beside_those_who_are_heard() {
    let mut world = world_of_a_mute_host();
    world.sides[0].network(NetworkEvent::ToEverybody { interface: Interface(1), works: false });
    world.run(SWEEP_LIMIT);
    assert!(sees(&world, 0, 2) && sees(&world, 2, 0), "found though another was heard all the time");
    // To its end, and not once for each who comes, goes or is heard.
    let all = probes(&world, 0).len();
    assert!((253..320).contains(&all), "{all} probes");
    world.sides[2].call(|presence, _, ctx| presence.leave(ctx));
    world.sent.clear();
    world.run(Millis::from_minutes(3));
    assert!(probes(&world, 0).len() < 100, "{} probes", probes(&world, 0).len());
}

#[test]
fn a_network_where_everybody_is_reached_is_not_swept_for_another_where_nobody_is() {
    let mut world = World::met(2);
    world.sides[0].config.presence.sweep = true;
    let addresses = vec![("2001:db8::1".parse().unwrap(), 64)];
    world.sides[0].network(NetworkEvent::InterfaceUp { interface: Interface(2), addresses });
    world.sides[0].network(NetworkEvent::ToEverybody { interface: Interface(2), works: false });
    world.run(Millis::from_secs(10));
    world.sent.clear();
    world.run(Millis::from_hours(1));
    assert_eq!(probes(&world, 0), []);
}

#[test]
fn once_everybody_can_be_reached_again_nobody_is_asked_one_by_one() {
    let mut world = world_of_a_mute_host();
    let tell = |world: &mut World, works| {
        world.sides[0].network(NetworkEvent::ToEverybody { interface: Interface(1), works });
    };
    tell(&mut world, false);
    world.run(Millis::from_secs(16));
    let asked = probes(&world, 0).iter().filter(|at| at.0 >= 18_000).count();
    assert!((5..100).contains(&asked), "{asked} probes: the sweep is under way");
    world.mute.clear();
    tell(&mut world, true);
    world.run(Millis::from_minutes(2));
    world.sent.clear();
    world.run(Millis::from_hours(2));
    assert!(sees(&world, 0, 1) && sees(&world, 0, 2));
    assert_eq!(probes(&world, 0), []);
}

#[test]
fn a_network_that_comes_anew_is_not_mute_before_it_is_said_to_be() {
    let mut world = world_of_a_mute_host();
    let side = &mut world.sides[0];
    side.network(NetworkEvent::ToEverybody { interface: Interface(1), works: false });
    side.network(NetworkEvent::InterfaceDown { interface: Interface(1) });
    // Of one that is gone nothing is noted.
    side.network(NetworkEvent::ToEverybody { interface: Interface(1), works: false });
    let addresses = vec![(side.address.ip(), 24)];
    side.network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses });
    assert!(!side.presence.network.is_mute());
}

#[test]
fn nobody_is_swept_for_while_somebody_is_heard() {
    let mut world = World::met(2);
    world.sides.iter_mut().for_each(|side| side.config.presence.sweep = true);
    world.sides.iter_mut().for_each(|side| side.network(NetworkEvent::Resumed));
    world.run(Millis::from_secs(5));
    world.sent.clear();
    world.run(Millis::from_hours(2));
    assert_eq!((probes(&world, 0), probes(&world, 1)), (Vec::new(), Vec::new()));
}

#[test]
fn no_hour_has_more_probes_than_allowed_and_the_pauses_grow() {
    let mut world = deaf_world(1);
    world.sides[0].config.presence.sweep_per_hour = 600;
    world.sides[0].join();
    for round in 0..24 {
        // A network that comes and goes makes the pauses short again, but not the bound.
        if round % 4 == 3 {
            world.sides[0].network(NetworkEvent::InterfaceDown { interface: Interface(1) });
            let addresses = vec![(world.sides[0].address.ip(), 24)];
            world.sides[0].network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses });
        }
        world.run(Millis::from_minutes(30));
    }
    let probes = probes(&world, 0);
    for (at, first) in probes.iter().enumerate() {
        let within = probes[at..].iter().take_while(|sent| **sent - *first < COUNTED_FOR).count();
        assert!(within <= 600, "{within} probes within an hour");
    }
    assert!(probes.len() > 600, "{} probes: it goes on", probes.len());
}

#[test]
fn after_a_sweep_that_found_nobody_the_next_one_waits_longer_each_time_up_to_an_hour() {
    let mut world = deaf_world(1);
    world.sides[0].join();
    world.run(Millis::from_hours(6));
    let probes = probes(&world, 0);
    let pauses: Vec<u64> =
        probes.windows(2).map(|pair| (pair[1] - pair[0]).0 / 60_000).filter(|minutes| *minutes > 0).collect();
    let least = [5, 10, 20, 40, 60, 60, 60];
    assert!(pauses.len() >= 6, "{pauses:?}");
    assert!(pauses.iter().zip(least).all(|(pause, least)| (least..=least * 5 / 4).contains(pause)), "{pauses:?}");
}

#[test]
fn nothing_is_swept_in_a_large_network_by_a_hidden_host_or_if_the_user_does_not_want_it() {
    let lone = |change: &dyn Fn(&mut Side)| {
        let mut world = deaf_world(1);
        change(&mut world.sides[0]);
        world.sides[0].join();
        world.run(Millis::from_hours(2));
        probes(&world, 0).len()
    };
    assert!(lone(&|_| ()) > 0);
    assert_eq!(lone(&|side| side.settings.visibility = Visibility::Friends), 0);
    assert_eq!(lone(&|side| side.config.presence.sweep = false), 0);
    let large = |side: &mut Side| {
        let addresses = vec![(side.address.ip(), 23)];
        side.network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses });
    };
    assert_eq!(lone(&large), 0);
}

#[test]
fn a_host_that_has_lost_everybody_sweeps_again() {
    let mut world = deaf_world(2);
    world.sides.iter_mut().for_each(Side::join);
    world.run(SWEEP_LIMIT);
    let gone = world.sides.remove(1);
    world.sent.clear();
    world.run(Millis::from_minutes(2));
    assert!(!world.sides[0].sees(gone.id()));
    assert!(probes(&world, 0).len() >= 253, "{} probes", probes(&world, 0).len());
}
