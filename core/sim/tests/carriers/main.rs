//! How a message reaches somebody who is not here: kept by a persistent server, or carried by others.

mod leaving;

use permesso_engine::api::{Command, FriendState, Match, Setting};
use permesso_engine::rows::StoredState;
use permesso_sim::{Faults, World, WorldConfig};

const MINUTE: u64 = 60_000;
const TEXT: &str = "while you were away";

fn world(hosts: usize, servers: usize) -> World {
    let mut world = World::new(&WorldConfig { servers, ..WorldConfig::new(hosts, 0, 7, Faults::calm()) });
    world.run_for(10_000);
    world
}

fn wait(world: &mut World, span: u64, what: &str, done: impl FnMut(&World) -> bool) {
    let reached = world.run_until(span, done);
    assert!(world.violations().is_empty(), "{}\n{:?}", world.trace(), world.violations());
    assert!(reached, "{}\nnever came: {what}", world.trace());
}

fn state(world: &World, host: usize, peer: usize) -> FriendState {
    let id = world.id(peer);
    world.friends(host).iter().find(|view| view.host == id).map_or(FriendState::Unknown, |view| view.state)
}

fn command(world: &mut World, host: usize, command: Command) {
    assert_eq!(world.command(host, command).map(drop), Ok(()), "{}", world.trace());
}

fn search(world: &mut World, host: usize) {
    command(world, host, Command::Search { alias: String::new(), matching: Match::Partial });
    world.run_for(5_000);
}

fn ask(world: &mut World, from: usize, to: usize) {
    let host = world.id(to);
    command(world, from, Command::AskFriendship { host, greeting: "Ciao".into() });
}

fn befriend(world: &mut World, a: usize, b: usize) {
    search(world, a);
    ask(world, a, b);
    wait(world, MINUTE, "the request", |world| state(world, b, a) == FriendState::RequestReceived);
    let host = world.id(a);
    command(world, b, Command::AnswerFriendship { host, accept: true, tell: true });
    wait(world, MINUTE, "the friendship", |world| {
        state(world, a, b) == FriendState::Friend && state(world, b, a) == FriendState::Friend
    });
}

fn write(world: &mut World, from: usize, to: usize, text: &str) {
    let host = world.id(to);
    command(world, from, Command::SendText { host, text: text.into() });
}

#[test]
fn a_server_keeps_a_message_for_who_is_not_here_and_hands_it_over_when_the_sender_is_gone() {
    let mut world = world(3, 1);
    befriend(&mut world, 0, 1);
    world.power_off(1);
    world.run_for(MINUTE);
    write(&mut world, 0, 1, TEXT);
    wait(&mut world, MINUTE, "the server holds it", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
    assert_eq!(world.holders(0, 1, TEXT), [(world.id(2), true)]);
    world.power_off(0);
    world.power_on(1);
    wait(&mut world, MINUTE, "it arrives without its sender", |world| world.is_received(1, 0, TEXT));
    world.power_on(0);
    wait(&mut world, 2 * MINUTE, "the proof comes back by the server", |world| {
        world.fate(0, 1, TEXT) == Some(StoredState::Delivered)
    });
    assert_eq!(world.custody_of(2), 0);
}

#[test]
fn a_server_or_carrier_that_starts_again_after_it_handed_a_message_over_proves_it_to_the_sender_all_the_same() {
    for (servers, rest) in [(1, 5), (0, 5), (1, 70), (0, 70)] {
        let mut world = world(3, servers);
        befriend(&mut world, 0, 1);
        world.power_off(1);
        world.run_for(MINUTE);
        write(&mut world, 0, 1, TEXT);
        wait(&mut world, 20 * MINUTE, "it is held", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
        assert_eq!(world.holders(0, 1, TEXT), [(world.id(2), servers == 1)]);
        world.power_off(0);
        world.power_on(1);
        wait(&mut world, 20 * MINUTE, "it arrives without its sender", |world| world.is_received(1, 0, TEXT));
        wait(&mut world, MINUTE, "it is proved there", |world| world.custody_of(2) == 0);
        // The recipient is never seen again, and who brought it to the recipient starts again before it meets the sender.
        world.power_off(1);
        world.run_for(rest * MINUTE);
        world.power_off(2);
        world.run_for(MINUTE);
        world.power_on(2);
        world.run_for(MINUTE);
        world.power_on(0);
        let what = format!("the proof after {rest} min, {servers} servers");
        wait(&mut world, 30 * MINUTE, &what, |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
    }
}

#[test]
fn somebody_who_passes_between_two_that_never_meet_carries_a_message_and_its_proof() {
    let mut world = world(3, 0);
    befriend(&mut world, 0, 1);
    world.set_reach(0, 1, false);
    world.set_reach(1, 2, false);
    world.run_for(MINUTE);
    write(&mut world, 0, 1, TEXT);
    wait(&mut world, 5 * MINUTE, "the carrier has it", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
    assert_eq!(world.holders(0, 1, TEXT), [(world.id(2), false)]);
    world.set_reach(0, 2, false);
    world.set_reach(1, 2, true);
    wait(&mut world, 10 * MINUTE, "it arrives", |world| world.is_received(1, 0, TEXT));
    world.set_reach(1, 2, false);
    world.set_reach(0, 2, true);
    wait(&mut world, 10 * MINUTE, "the proof arrives", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
    assert_eq!(world.custody_of(2), 0);
}

#[test]
fn a_friend_of_the_sender_carries_too_also_where_nobody_else_is() {
    let mut world = world(3, 0);
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        befriend(&mut world, a, b);
    }
    world.set_reach(0, 1, false);
    world.set_reach(1, 2, false);
    // The links of the friendships are closed long before.
    world.run_for(30 * MINUTE);
    write(&mut world, 0, 1, TEXT);
    wait(&mut world, 5 * MINUTE, "the friend has it", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
    assert_eq!(world.holders(0, 1, TEXT), [(world.id(2), false)]);
    world.set_reach(0, 2, false);
    world.set_reach(1, 2, true);
    wait(&mut world, 10 * MINUTE, "it arrives", |world| world.is_received(1, 0, TEXT));
}

#[test]
fn a_sealing_starts_with_24_copies_and_with_8_after_a_day_on_the_air_among_few() {
    // For longer than whom one met counts for.
    for (hours, given) in [(5, 12), (27, 4)] {
        let mut world = world(3, 0);
        befriend(&mut world, 0, 1);
        world.power_off(1);
        world.power_off(2);
        world.run_for(hours * 60 * MINUTE);
        world.power_on(2);
        world.run_for(5_000);
        write(&mut world, 0, 1, TEXT);
        wait(&mut world, 20 * MINUTE, "the carrier has it", |world| world.custody_of(2) == 1);
        assert_eq!(world.copies_at(2), [given], "after {hours} h");
    }
}

#[test]
fn who_carries_for_nobody_takes_nothing_and_has_its_own_mail_carried_all_the_same() {
    let mut world = world(3, 0);
    befriend(&mut world, 0, 1);
    for host in [0, 2] {
        command(&mut world, host, Command::Set(Setting::Carry(false)));
    }
    world.set_reach(0, 1, false);
    world.set_reach(1, 2, false);
    world.run_for(MINUTE);
    write(&mut world, 0, 1, TEXT);
    world.run_for(10 * MINUTE);
    assert_eq!((world.fate(0, 1, TEXT), world.custody_of(2)), (Some(StoredState::Queued), 0), "{}", world.trace());
    world.power_off(2);
    world.power_on(2);
    // A restart forgets who was met, and only who meets others is given copies.
    world.set_reach(1, 2, true);
    world.run_for(5 * MINUTE);
    world.set_reach(1, 2, false);
    assert_eq!(world.custody_of(2), 0, "it outlives a restart");
    command(&mut world, 2, Command::Set(Setting::Carry(true)));
    wait(&mut world, 30 * MINUTE, "the carrier has it", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
    assert_eq!(world.custody_of(2), 1);
}

#[test]
fn a_request_that_waits_to_be_sent_is_dropped_once_theirs_is_answered() {
    let mut world = world(3, 0);
    search(&mut world, 0);
    world.set_reach(0, 1, false);
    world.run_for(MINUTE);
    // Host 1 has no certificate of host 0 and cannot reach it; the request of host 0 comes by the one between them.
    ask(&mut world, 1, 0);
    ask(&mut world, 0, 1);
    wait(&mut world, 30 * MINUTE, "the friendship", |world| world.pairs() == [(0, 1)]);
    world.set_reach(0, 1, true);
    world.run_for(2 * MINUTE);
    assert_eq!(world.friends(0)[0].greeting, None, "nobody asks again\n{}", world.trace());
    write(&mut world, 0, 1, TEXT);
    wait(&mut world, MINUTE, "it is delivered", |world| world.fate(0, 1, TEXT) == Some(StoredState::Delivered));
}

/// Two hosts that never meet, and a third that is with the first: a server, or somebody who walks.
fn apart(servers: usize) -> World {
    let mut world = World::new(&WorldConfig { servers, ..WorldConfig::new(3, 0, 7, Faults::calm()) });
    world.set_reach(0, 1, false);
    world.set_reach(1, 2, false);
    world.run_for(10_000);
    world
}

/// The third host goes from one to the other.
fn walk(world: &mut World, from: usize, to: usize) {
    world.set_reach(from, 2, false);
    world.run_for(5 * MINUTE);
    world.set_reach(to, 2, true);
}

/// The first asks the second by its code; the request has come to the second by the one between them.
fn asked_from_afar(servers: usize) -> World {
    let mut world = apart(servers);
    let uri = world.code(1);
    command(&mut world, 0, Command::ScanUri { uri });
    ask(&mut world, 0, 1);
    wait(&mut world, 5 * MINUTE, "the request is taken", |world| world.custody_of(2) == 1);
    walk(&mut world, 0, 1);
    wait(&mut world, 10 * MINUTE, "the request", |world| state(world, 1, 0) == FriendState::RequestReceived);
    // Or what is taken next would be taken for the answer.
    wait(&mut world, MINUTE, "that it arrived is known", |world| world.custody_of(2) == 0);
    world
}

/// The same, and the second has said yes: they are friends, and the one between them is with the first.
fn friends_from_afar(servers: usize) -> World {
    let mut world = asked_from_afar(servers);
    let host = world.id(0);
    command(&mut world, 1, Command::AnswerFriendship { host, accept: true, tell: true });
    wait(&mut world, 10 * MINUTE, "the answer is taken", |world| world.custody_of(2) == 1);
    walk(&mut world, 1, 0);
    wait(&mut world, 10 * MINUTE, "the friendship", |world| world.pairs() == [(0, 1)]);
    wait(&mut world, MINUTE, "that it arrived is known", |world| world.custody_of(2) == 0);
    world
}

#[test]
fn two_who_never_meet_become_friends_by_a_code_on_paper_and_whoever_is_between_them() {
    for servers in [0, 1] {
        let mut world = friends_from_afar(servers);
        write(&mut world, 0, 1, TEXT);
        wait(&mut world, 10 * MINUTE, "it is held", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
        walk(&mut world, 0, 1);
        wait(&mut world, 10 * MINUTE, "it arrives", |world| world.is_received(1, 0, TEXT));
        let verified = [0, 1].map(|host| world.friends(host)[0].verified);
        assert_eq!(verified, [true; 2], "the code verified both, {servers} servers");
    }
}

#[test]
fn a_no_travels_by_whoever_is_between_them() {
    for servers in [0, 1] {
        let mut world = asked_from_afar(servers);
        let host = world.id(0);
        command(&mut world, 1, Command::AnswerFriendship { host, accept: false, tell: true });
        wait(&mut world, 10 * MINUTE, "the answer is taken", |world| world.custody_of(2) == 1);
        assert_eq!(state(&world, 0, 1), FriendState::RequestSent);
        walk(&mut world, 1, 0);
        wait(&mut world, 10 * MINUTE, "the answer", |world| state(world, 0, 1) == FriendState::Unknown);
    }
}

#[test]
fn the_end_of_a_friendship_travels_by_whoever_is_between_them() {
    for servers in [0, 1] {
        let mut world = friends_from_afar(servers);
        let host = world.id(1);
        command(&mut world, 0, Command::EndFriendship { host });
        wait(&mut world, 10 * MINUTE, "the end is taken", |world| world.custody_of(2) == 1);
        assert_eq!(state(&world, 1, 0), FriendState::Friend);
        walk(&mut world, 0, 1);
        wait(&mut world, 10 * MINUTE, "the end", |world| state(world, 1, 0) == FriendState::Ended);
    }
}

#[test]
fn a_code_without_a_certificate_asks_only_where_its_host_is_met() {
    let mut world = apart(1);
    let uri = world.code(1).split("&cert=").next().unwrap_or_default().to_owned();
    command(&mut world, 0, Command::ScanUri { uri });
    ask(&mut world, 0, 1);
    world.run_for(5 * MINUTE);
    assert_eq!((world.custody_of(2), state(&world, 0, 1)), (0, FriendState::RequestSent));
    // The whole code, later, is enough for the request that waits.
    let uri = world.code(1);
    command(&mut world, 0, Command::ScanUri { uri });
    wait(&mut world, 5 * MINUTE, "the request is taken", |world| world.custody_of(2) == 1);
}

#[test]
fn a_carrier_whose_clock_is_wrong_by_years_or_is_set_by_years_carries_all_the_same() {
    for (before, on_the_way) in [(40, 0), (-40, 0), (0, 40), (0, -40), (40, -80)] {
        let mut world = world(3, 0);
        befriend(&mut world, 0, 1);
        world.turn_clock(2, before);
        world.set_reach(0, 1, false);
        world.set_reach(1, 2, false);
        world.run_for(MINUTE);
        write(&mut world, 0, 1, TEXT);
        wait(&mut world, 5 * MINUTE, "the carrier has it", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
        world.set_reach(0, 2, false);
        world.turn_clock(2, on_the_way);
        // Restarted too: what it remembers of time is in its database.
        world.power_off(2);
        world.power_on(2);
        world.run_for(5 * MINUTE);
        assert_eq!(world.custody_of(2), 1, "set by {before} and then by {on_the_way} years");
        world.set_reach(1, 2, true);
        wait(&mut world, 10 * MINUTE, "it arrives", |world| world.is_received(1, 0, TEXT));
    }
}

#[test]
fn a_carrier_or_server_whose_disk_is_full_is_not_said_to_hold_anything_until_it_does() {
    // What a carrier is given in vain is written off, half of what is left each time; to a server all is given.
    for (hosts, servers, minutes) in [(6, 0, 1), (3, 1, 5)] {
        let mut world = world(hosts, servers);
        befriend(&mut world, 0, 1);
        world.set_reach(0, 1, false);
        world.set_reach(1, 2, false);
        // The carrier meets others who do not come near the two.
        for other in 3..hosts {
            [0, 1].iter().for_each(|host| world.set_reach(*host, other, false));
        }
        world.run_for(MINUTE);
        world.fill_disk_for(2, minutes * MINUTE);
        write(&mut world, 0, 1, TEXT);
        for _ in 0..2 * minutes {
            world.run_for(MINUTE / 2 - 1_000);
            assert_eq!(world.fate(0, 1, TEXT), Some(StoredState::Queued), "{}", world.trace());
            assert_eq!(world.custody_of(2), 0);
        }
        wait(&mut world, 15 * MINUTE, "it is held", |world| world.fate(0, 1, TEXT) == Some(StoredState::Held));
        world.set_reach(0, 2, false);
        world.set_reach(1, 2, true);
        wait(&mut world, 10 * MINUTE, "it arrives", |world| world.is_received(1, 0, TEXT));
    }
}

#[test]
fn a_sender_whose_disk_is_full_gives_nothing_to_carriers_that_it_has_not_stored() {
    let mut world = world(3, 1);
    befriend(&mut world, 0, 1);
    world.power_off(1);
    world.run_for(MINUTE);
    world.fill_disk_for(0, MINUTE);
    let host = world.id(1);
    // Taken in, never done: who wrote it is not told that it is stored.
    let _ = world.command(0, Command::SendText { host, text: TEXT.into() });
    world.run_for(MINUTE);
    assert_eq!((world.fate(0, 1, TEXT), world.custody_of(2)), (None, 0), "{}", world.trace());
    world.run_for(MINUTE);
    write(&mut world, 0, 1, "once more");
    wait(&mut world, 5 * MINUTE, "the server holds it", |world| {
        world.fate(0, 1, "once more") == Some(StoredState::Held)
    });
    world.power_on(1);
    wait(&mut world, 5 * MINUTE, "it arrives", |world| world.is_received(1, 0, "once more"));
    assert!(!world.is_received(1, 0, TEXT));
}
