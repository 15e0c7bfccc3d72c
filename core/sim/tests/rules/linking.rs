//! Who may have a link, and how many begin to.

use std::collections::BTreeSet;

use permesso_engine::api::{Command, DownReason, FriendState, LinkEvent, Match};
use permesso_engine::config::{CustodyConfig, LinkConfig};
use permesso_engine::frame::{Frame, Proofs};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{LinkId, ProofSecret};
use permesso_engine::packet::{Beacon, Counter, Dummy, Packet, PacketBody, Role, Unverified};
use permesso_engine::rows::StoredState;
use permesso_engine::time::Wall;

use crate::malice::{ADA, GRACE, pen, stranger};
use crate::pair::{MINUTE, Pair};

fn comes_in(pair: &mut Pair, number: u8) -> Option<LinkId> {
    pair.dial_in_as(ADA, stranger(number).0.key(), ([10, 0, 0, number], 20_070).into())
}

#[test]
fn a_server_has_as_many_links_as_it_is_set_to_and_not_only_as_many_as_may_be_in_a_handshake() {
    let mut pair = Pair::new();
    pair.configure(ADA, |config| (config.custody, config.links) = (CustodyConfig::server(), LinkConfig::server()));
    let most = LinkConfig::server().links_max as u16;
    let mut come_in = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let mut secret = [9; 32];
        (secret[0], secret[1]) = (high, low);
        pair.dial_in_as(ADA, Identity::from_secret(secret).key(), ([10, 1, high, low], 20_070).into()).is_some()
    };
    assert_eq!((0..most).filter(|number| come_in(*number)).count(), usize::from(most) - 1, "one is with Grace");
    assert!(!come_in(most), "one more");
}

#[test]
fn strangers_have_so_many_links_and_no_more_and_a_friend_still_comes_in() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| config.links.stranger_links_max = 2);
    let links = [1, 2, 3].map(|number| comes_in(&mut pair, number));
    assert_eq!(links.map(|link| link.is_some()), [true, true, false]);
    assert!(pair.dial_in(ADA));
    pair.hang_up(ADA, links[0].unwrap());
    assert!(comes_in(&mut pair, 3).is_some());
    assert!(comes_in(&mut pair, 4).is_none());
}

#[test]
fn there_are_so_many_links_in_all_and_three_with_one_host() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| config.links.links_max = 5);
    assert_eq!([1; 4].map(|number| comes_in(&mut pair, number).is_some()), [true, true, true, false]);
    assert_eq!([2, 3, 4].map(|number| comes_in(&mut pair, number).is_some()), [true, true, false]);
    assert!(!pair.dial_in(ADA));
}

/// A DUMMY to Ada, the `n`th packet of this identity.
fn dummy(pair: &Pair, identity: &Identity, n: u32, nonce: [u8; 8], echo: Option<[u8; 8]>) -> Vec<u8> {
    packet(pair, identity, n, PacketBody::Dummy(Dummy { port: 40_000, nonce, echo }))
}

fn packet(pair: &Pair, identity: &Identity, n: u32, body: PacketBody) -> Vec<u8> {
    let packet = Packet {
        sender: identity.host_id(),
        receiver: pair.id(ADA),
        counter: Counter { generation: 1, n: (1 << 30) + n },
        timestamp: Wall(0),
        key: identity.key(),
        body,
    };
    packet.encode(identity)
}

/// Those of some strangers or friends whose DUMMY Ada answers; all of them ask at once.
fn answered(pair: &mut Pair, numbers: std::ops::Range<u8>, n: u32) -> usize {
    let before = pair.addressed[ADA].len();
    for number in numbers {
        let ask = dummy(pair, &stranger(number).0, n, [number; 8], None);
        pair.hear(ADA, [10, 0, 0, number], &ask);
    }
    pair.addressed[ADA].len() - before
}

/// Ada, who may begin eight handshakes a second, and twenty friends of hers who are not here: a YES waits for each.
fn twenty_friends() -> (Pair, std::ops::Range<u8>) {
    let mut pair = Pair::new();
    pair.switch_off(GRACE);
    pair.configure(ADA, |config| config.links.handshakes_per_second = 8);
    for number in 100..120 {
        pair.meet(ADA, number);
        let (identity, own) = stranger(number);
        let request = pen(number).ask(&identity, &own, &pair.certificate(ADA), 0, 1).unwrap();
        pair.carry(ADA, &request);
        pair.command(ADA, Command::AnswerFriendship { host: identity.host_id(), accept: true, tell: false });
    }
    pair.advance(MINUTE);
    (pair, 100..120)
}

#[test]
fn so_many_handshakes_begin_in_a_second_and_strangers_have_half_of_them() {
    let (mut pair, _) = twenty_friends();
    assert_eq!(answered(&mut pair, 1..20, 0), 4);
    assert_eq!(answered(&mut pair, 100..110, 0), 4);
    pair.advance(1_000);
    assert_eq!(answered(&mut pair, 110..120, 0), 8);
    assert_eq!(answered(&mut pair, 30..40, 0), 0);
}

#[test]
fn friends_who_all_turn_up_at_once_are_asked_for_links_no_faster_than_that_and_none_is_forgotten() {
    let (mut pair, friends) = twenty_friends();
    // What follows are the whole seconds of Ada's clock.
    pair.advance(30 * MINUTE + 999);
    let (mut asked, mut most) = (BTreeSet::new(), 0);
    for second in 0..120 {
        for number in friends.clone().filter(|_| second % 20 == 0) {
            let beacon = Beacon { interval_s: 60, link_port: 40_000, arrivals: 0, role: Role::Client };
            let online = packet(&pair, &stranger(number).0, second, PacketBody::Online(beacon));
            pair.hear(ADA, [10, 0, 0, number], &online);
        }
        let before = pair.addressed[ADA].len();
        pair.advance(1_000);
        let new = pair.addressed[ADA][before..].iter().filter(|(to, _)| asked.insert(*to)).count();
        most = most.max(new);
    }
    assert_eq!((most, asked.len()), (8, friends.len()));
}

#[test]
fn only_a_dummy_that_echoes_the_nonce_that_was_sent_there_makes_an_address_real() {
    let mut pair = Pair::friends();
    pair.write(ADA, "before");
    pair.advance(5 * MINUTE);
    assert!(pair.links.is_empty());
    pair.kill(GRACE);
    pair.write(ADA, "who is there?");
    let nonces = |pair: &Pair| {
        let packets = pair.addressed[ADA].iter().filter_map(|(_, bytes)| Unverified::parse(bytes).ok()?.verify().ok());
        let nonce = |packet: Packet| if let PacketBody::Dummy(dummy) = packet.body { Some(dummy.nonce) } else { None };
        packets.filter_map(nonce).collect::<Vec<_>>()
    };
    let nonce = nonces(&pair).pop().unwrap();
    let (grace, dialled) = (pair.identity(GRACE), pair.dialled[ADA].len());
    let (here, elsewhere) = ([10, 0, 0, 2], [10, 0, 0, 66]);
    for (n, from, echo) in [(0, here, [9; 8]), (1, elsewhere, nonce), (2, here, nonce)] {
        assert_eq!(pair.dialled[ADA].len(), dialled);
        let dummy = dummy(&pair, &grace, n, [5; 8], Some(echo));
        pair.hear(ADA, from, &dummy);
        // The larger id dials a second later than the smaller.
        pair.advance(1_500);
    }
    assert_eq!(pair.count(ADA, "dummy with a foreign echo"), 2);
    assert_eq!(pair.dialled[ADA][dialled..], [(here, 40_000).into()]);
}

#[test]
fn what_new_friends_write_does_not_wait_until_no_more_of_others_mail_passes_between_them() {
    let mut pair = Pair::new();
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::AskFriendship { host: grace, greeting: String::new() });
    pair.advance(1_000);
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    let message = pair.write(0, "at once");
    for round in 0..4 {
        pair.inject(0, &Frame::Proofs(Proofs { first: u64::from(round), secrets: vec![ProofSecret([round; 16])] }));
        pair.advance(300);
    }
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
}

/// Whether Ada sends stranger 100 a DUMMY within so many milliseconds.
fn asks(pair: &mut Pair, span: u64) -> bool {
    let before = pair.addressed[ADA].len();
    pair.advance(span);
    let packets = pair.addressed[ADA][before..].iter().filter(|(to, _)| *to == ([10, 0, 0, 100], 20_070).into());
    let mut packets = packets.filter_map(|(_, bytes)| Unverified::parse(bytes).ok()?.verify().ok());
    packets.any(|packet| matches!(packet.body, PacketBody::Dummy(_)))
}

#[test]
fn a_friend_who_is_heard_but_never_reached_is_asked_ever_more_rarely_until_it_has_been_away() {
    let (mut pair, _) = twenty_friends();
    let who = stranger(100).0;
    let beacon = |pair: &mut Pair, n: u32| {
        let beacon = Beacon { interval_s: 60, link_port: 40_000, arrivals: 0, role: Role::Client };
        let online = packet(pair, &who, n, PacketBody::Online(beacon));
        pair.hear(ADA, [10, 0, 0, 100], &online);
    };
    let mut asked: Vec<u32> = Vec::new();
    let mut second = 0;
    // Two hours, and on until an attempt has just failed.
    while second < 2 * 3_600 || asked.last() != Some(&(second - 30)) {
        if second % 20 == 0 {
            beacon(&mut pair, second);
        }
        if asks(&mut pair, 1_000) {
            asked.push(second);
        }
        second += 1;
    }
    // Five asks make an attempt; each pause is longer than the one before, up to ten minutes.
    let pauses: Vec<u32> = asked.windows(2).map(|two| two[1] - two[0]).filter(|pause| *pause > 10).collect();
    assert!(pauses.is_sorted_by(|one, other| one < other || *other >= 430), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 600), "{pauses:?}");
    assert!(pauses.iter().filter(|pause| **pause >= 430).count() >= 8, "{pauses:?}");
    assert!(!asks(&mut pair, 4 * MINUTE));
    beacon(&mut pair, second);
    assert!(asks(&mut pair, 3_000));
}

#[test]
fn what_a_friend_does_not_take_is_offered_once_in_ten_minutes_over_however_many_links() {
    // Ada goes on from a copy of before they were friends, and has no room for requests; Grace takes her for a friend and writes.
    let mut pair = Pair::new();
    let copy = pair.hosts[ADA].store.clone();
    pair.befriend();
    pair.advance(MINUTE);
    pair.switch_off(ADA);
    pair.switch_on(ADA, Some(copy));
    pair.configure(ADA, |config| config.friendship.asks_max = 0);
    for text in ["one", "two", "three"] {
        pair.write(GRACE, text);
    }
    pair.advance(60 * MINUTE);
    assert_eq!(pair.state(GRACE), FriendState::Friend);
    let from = pair.said[GRACE].len();
    pair.advance(60 * MINUTE);
    let forwards = pair.said[GRACE][from..].iter().filter(|(_, frame)| matches!(frame, Frame::Forward(_))).count();
    assert!((4..=7).contains(&forwards), "{forwards} in an hour");
    assert_eq!(pair.state(ADA), FriendState::Unknown);
    // Once there is room, Ada is asked, and it arrives as soon as she has answered.
    pair.configure(ADA, |config| config.friendship.asks_max = 10);
    pair.advance(20 * MINUTE);
    let grace = pair.id(GRACE);
    pair.command(ADA, Command::AnswerFriendship { host: grace, accept: true, tell: false });
    pair.advance(5 * MINUTE);
    assert_eq!(pair.texts(ADA).len(), 3);
}

#[test]
fn a_link_with_a_stranger_ends_when_all_is_said_and_one_with_a_friend_stays_for_two_minutes() {
    let mut pair = Pair::friends();
    pair.advance(5 * MINUTE);
    pair.write(ADA, "still there?");
    let stranger = pair.greet_as(ADA, 1, Role::Client, 0);
    pair.advance(9_000);
    assert!(pair.links.contains(&stranger));
    pair.advance(3_000);
    assert!(!pair.links.contains(&stranger));
    assert_eq!(pair.links.len(), 1);
    pair.advance(2 * MINUTE);
    assert_eq!(pair.links.len(), 0);
}

/// The link between the two ends in order, for both.
fn close(pair: &mut Pair) {
    while let Some(link) = pair.links.first().copied() {
        pair.hang_up(ADA, link);
        let now = pair.now();
        pair.hosts[GRACE].engine.handle_link(LinkEvent::Down { link, reason: DownReason::Closed }, now);
    }
    pair.advance(0);
}

#[test]
fn what_met_the_end_of_a_link_on_its_way_is_offered_on_the_next_at_once_and_not_for_ever() {
    let mut pair = Pair::friends();
    let message = pair.write(ADA, "first");
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    pair.filter(ADA, |_| false);
    let message = pair.write(ADA, "on its way");
    close(&mut pair);
    pair.filter(ADA, |_| true);
    pair.advance(5_000);
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    // Who ends every link so takes nothing: that is offered no more often than what is left unproved.
    pair.filter(ADA, |_| false);
    pair.write(ADA, "not taken");
    let from = pair.said[ADA].len();
    for _ in 0..600 {
        close(&mut pair);
        pair.advance(1_000);
    }
    let forwards = pair.said[ADA][from..].iter().filter(|(_, frame)| matches!(frame, Frame::Forward(_))).count();
    assert!((3..=6).contains(&forwards), "{forwards} in ten minutes");
}

#[test]
fn those_who_waited_for_a_server_come_to_it_after_a_random_time_that_grows_with_how_many_are_here() {
    // One after the other, so that each is the only one there is.
    let waits = |hosts: u8| {
        let mut pair = Pair::new();
        pair.advance(MINUTE);
        let heard = |pair: &mut Pair, number: u8, n: u32, body: PacketBody| {
            let packet = packet(pair, &stranger(number).0, n, body);
            pair.hear(ADA, [10, 0, 0, number], &packet);
        };
        let online = |role| PacketBody::Online(Beacon { interval_s: 100, link_port: 40_000, arrivals: 0, role });
        let mut waits: Vec<u64> = (200..216)
            .map(|server| {
                (0..hosts).for_each(|number| heard(&mut pair, number, u32::from(server), online(Role::Client)));
                heard(&mut pair, server, 0, online(Role::Server));
                let from = pair.addressed[ADA].len();
                let to = ([10, 0, 0, server], 20_070).into();
                let asked = |pair: &mut Pair| {
                    pair.advance(10);
                    pair.addressed[ADA][from..].iter().any(|(at, _)| *at == to)
                };
                let waited = (1..=500).find(|_| asked(&mut pair)).expect("it is never sought") * 10;
                heard(&mut pair, server, 1, PacketBody::Leave);
                pair.advance(30_000);
                waited
            })
            .collect();
        waits.sort_unstable();
        waits
    };
    let (few, many) = (waits(5), waits(180));
    // A quarter of a second, or ten milliseconds for each.
    assert!(few.last() <= Some(&260), "{few:?}");
    assert!(many.last() <= Some(&1_830) && many[8] > 500 && many[0] < 900, "{many:?}");
}
