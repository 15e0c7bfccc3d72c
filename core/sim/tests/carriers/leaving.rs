//! Mail is handed on before a host leaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use permesso_engine::api::{Command, Event, Left, Outcome};
use permesso_engine::ids::CommandId;
use permesso_engine::rows::StoredState;
use permesso_sim::World;

use super::{MINUTE, TEXT, befriend, state, wait, world, write};

/// Lets a host leave; returns what became of its mail, and how long it took in milliseconds.
fn leave(world: &mut World, host: usize) -> (Left, u64) {
    let (command, began) = (world.command(host, Command::Leave).unwrap(), world.now());
    let mut left = None;
    for _ in 0..100 {
        left = left.or_else(|| outcome(world, host, command));
        if left.is_some() {
            break;
        }
        world.run_for(50);
    }
    assert!(world.violations().is_empty(), "{}\n{:?}", world.trace(), world.violations());
    (left.unwrap_or_else(|| panic!("{}\nnever left", world.trace())), world.now() - began)
}

fn outcome(world: &mut World, host: usize, command: CommandId) -> Option<Left> {
    world.take_events().into_iter().find_map(|(at, event)| match event {
        Event::Done { command: done, outcome: Outcome::Left(left) } if (at, done) == (host, command) => Some(left),
        _ => None,
    })
}

fn come_back(world: &mut World, host: usize) {
    world.power_on(host);
    super::command(world, host, Command::Join);
}

/// Ada and Grace are friends; Grace is away, and whoever else there is comes only now.
fn friends_apart(hosts: usize) -> World {
    let mut world = world(hosts, 0);
    befriend(&mut world, 0, 1);
    world.power_off(1);
    let gone = world.id(1);
    let is_seen = |world: &World| world.views(0).iter().any(|view| view.host == gone && view.online);
    wait(&mut world, 5 * MINUTE, "that it has gone is seen", |world| !is_seen(world));
    world
}

/// Ada and Grace are friends with a link; somebody else is here too.
fn friends_linked() -> World {
    let mut world = world(3, 0);
    befriend(&mut world, 0, 1);
    write(&mut world, 0, 1, "a link");
    wait(&mut world, MINUTE, "a link", |world| world.fate(0, 1, "a link") == Some(StoredState::Delivered));
    world
}

#[test]
fn handed_over_on_leaving_and_the_sender_gone_for_good_the_recipient_meets_only_the_taker() {
    let mut world = friends_apart(3);
    world.set_reach(0, 1, false);
    // The taker has met nobody of late, so that it would be given nothing of its own accord.
    write(&mut world, 0, 1, TEXT);
    let (left, took) = leave(&mut world, 0);
    assert_eq!((left.handed_on, left.kept), (1, 0), "{}", world.trace());
    assert!(took <= 2_000, "{took} ms");
    assert_eq!(world.fate(0, 1, TEXT), Some(StoredState::Held));
    assert_eq!(world.holders(0, 1, TEXT), [(world.id(2), false)]);
    world.power_off(0);
    world.power_on(1);
    wait(&mut world, 10 * MINUTE, "it arrives without its sender", |world| world.is_received(1, 0, TEXT));
    // Should the sender come back after all, it hears so from the taker.
    world.power_off(1);
    come_back(&mut world, 0);
    wait(&mut world, 10 * MINUTE, "the proof", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
}

#[test]
fn what_is_under_way_to_a_friend_who_is_linked_arrives_before_its_sender_goes() {
    let mut world = friends_linked();
    let host = world.id(1);
    for number in 0..30 {
        world.command(0, Command::SendText { host, text: format!("{TEXT} {number}") }).unwrap();
    }
    let (left, took) = leave(&mut world, 0);
    assert_eq!(left, Left::default(), "{}", world.trace());
    assert!(took <= 2_000, "{took} ms");
    world.power_off(0);
    assert!(world.is_received(1, 0, &format!("{TEXT} 0")) && world.is_received(1, 0, &format!("{TEXT} 29")));
    assert_eq!(world.custody_of(2), 0, "nobody else was asked to take it");
}

#[test]
fn what_was_under_way_to_a_friend_whose_link_ends_is_handed_to_who_is_here() {
    let mut world = friends_linked();
    let host = world.id(1);
    world.command(0, Command::SendText { host, text: TEXT.into() }).unwrap();
    world.command(0, Command::Leave).unwrap();
    world.set_reach(0, 1, false);
    world.run_for(2_000);
    assert_eq!(
        (world.holders(0, 1, TEXT), world.fate(0, 1, TEXT)),
        (vec![(world.id(2), false)], Some(StoredState::Held))
    );
    world.power_off(0);
    wait(&mut world, 10 * MINUTE, "it arrives without its sender", |world| world.is_received(1, 0, TEXT));
}

#[test]
fn the_freest_is_handed_as_much_as_it_has_room_for_and_the_next_the_rest() {
    let mut world = friends_apart(4);
    (0..25).for_each(|number| write(&mut world, 0, 1, &format!("{TEXT} {number}")));
    let (left, took) = leave(&mut world, 0);
    assert_eq!((left.handed_on, left.kept), (25, 0), "{}", world.trace());
    // A stranger may leave twenty with a host.
    let mut there = [world.custody_of(2), world.custody_of(3)];
    there.sort_unstable();
    assert_eq!(there, [5, 20]);
    assert!(took <= 2_000, "{took} ms");
}

#[test]
fn who_leaves_with_nobody_here_or_nothing_to_hand_on_goes_at_once() {
    let mut world = friends_apart(3);
    let (left, took) = leave(&mut world, 0);
    assert_eq!(left, Left::default());
    assert!(took < 300, "{took} ms");
    let mut world = friends_apart(2);
    write(&mut world, 0, 1, TEXT);
    let (left, took) = leave(&mut world, 0);
    assert_eq!(left, Left { kept: 1, ..Left::default() });
    assert!(took < 300, "{took} ms");
}

#[test]
fn where_nobody_takes_anything_who_leaves_waits_for_a_moment_and_keeps_its_mail() {
    let mut world = friends_apart(3);
    super::command(&mut world, 2, Command::Set(permesso_engine::api::Setting::Carry(false)));
    write(&mut world, 0, 1, TEXT);
    let (left, took) = leave(&mut world, 0);
    assert_eq!(left, Left { kept: 1, ..Left::default() }, "{}", world.trace());
    assert!((700..2_000).contains(&took), "{took} ms");
    assert_eq!(world.fate(0, 1, TEXT), Some(StoredState::Queued));
}

#[test]
fn a_carrier_that_leaves_hands_on_what_it_carries_with_its_copies_and_keeps_what_only_the_recipient_gets() {
    let mut world = friends_apart(4);
    world.set_reach(0, 3, false);
    world.set_reach(2, 3, false);
    write(&mut world, 0, 1, TEXT);
    let (left, _) = leave(&mut world, 0);
    assert_eq!(left.handed_on, 1, "{}", world.trace());
    world.power_off(0);
    world.set_reach(2, 3, true);
    world.run_for(10_000);
    let (left, took) = leave(&mut world, 2);
    assert_eq!((left.carried, left.handed_on), (1, 0), "{}", world.trace());
    assert!(took <= 2_000, "{took} ms");
    assert_eq!((world.copies_at(2), world.copies_at(3)), (vec![0], vec![24]), "all copies went with it");
    world.power_off(2);
    world.power_on(1);
    wait(&mut world, 10 * MINUTE, "it arrives by the second carrier", |world| world.is_received(1, 0, TEXT));
}

#[test]
fn a_crash_instead_of_a_leave_costs_nothing_but_delay() {
    let mut world = friends_apart(3);
    write(&mut world, 0, 1, TEXT);
    world.command(0, Command::Leave).unwrap();
    world.run_for(20);
    world.power_off(0);
    world.run_for(MINUTE);
    world.power_on(1);
    world.run_for(MINUTE);
    come_back(&mut world, 0);
    wait(&mut world, 10 * MINUTE, "it arrives", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
}

#[test]
fn who_comes_back_while_it_leaves_is_here_again() {
    let mut world = friends_apart(3);
    write(&mut world, 0, 1, TEXT);
    world.command(0, Command::Leave).unwrap();
    world.run_for(30);
    super::command(&mut world, 0, Command::Join);
    world.power_on(1);
    wait(&mut world, 5 * MINUTE, "they talk", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
    assert_eq!(state(&world, 0, 1), permesso_engine::api::FriendState::Friend);
}

#[test]
fn a_taker_that_takes_everything_and_is_never_seen_again_costs_nothing_but_delay() {
    let mut world = friends_apart(3);
    write(&mut world, 0, 1, TEXT);
    let (left, _) = leave(&mut world, 0);
    assert_eq!(left.handed_on, 1, "{}", world.trace());
    world.power_off(0);
    world.power_off(2);
    world.power_on(1);
    world.run_for(10 * MINUTE);
    assert!(!world.is_received(1, 0, TEXT));
    come_back(&mut world, 0);
    wait(&mut world, 10 * MINUTE, "it arrives", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
}
