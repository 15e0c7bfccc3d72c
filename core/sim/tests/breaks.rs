//! What broke other messengers (each a published break, bug or post-mortem), tried here: one test each. (Keys in logs: logs.rs. Poison messages: poison_tests.rs in the crate. Index rows written outside
//! the transaction: the scenario with a crash around any commit.)

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod pair;

use std::cell::RefCell;
use std::rc::Rc;

use pair::{MINUTE, Pair};
use permesso_engine::api::{Cast, Command, Event, FriendState, Match, NetAddr, Setting};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Hello};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, Interface};
use permesso_engine::limits::ALIAS_MAX;
use permesso_engine::packet::{
    Beacon, Counter, Packet, PacketBody, QUERY_ALIAS_MIN, QUERY_ALIAS_RESPONSE_MAX, Role, Unverified,
};
use permesso_engine::rows::{StoredState, Table, Write};
use permesso_engine::time::Wall;

/// Every envelope of the two, as it travels.
fn overhear(pair: &mut Pair) -> Rc<RefCell<Vec<Envelope>>> {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let keep = Rc::clone(&heard);
    pair.air = Box::new(move |_, envelope| {
        keep.borrow_mut().push(envelope.clone());
        Some(envelope)
    });
    heard
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn beacon() -> Beacon {
    Beacon { interval_s: 5, link_port: 30_000, arrivals: 0, role: Role::Client }
}

/// A datagram that says to be of a host, signed with another key.
fn forged(pair: &Pair, victim: usize, body: PacketBody) -> Vec<u8> {
    let forger = Identity::from_secret([9; 32]);
    let counter = Counter { generation: u32::MAX, n: 1 };
    let (sender, key) = (pair.id(victim), pair.hosts[victim].engine.identity_key());
    let receiver = permesso_engine::ids::HostId::BROADCAST;
    Packet { sender, receiver, counter, timestamp: Wall(0), key, body }.encode(&forger)
}

fn deliver(pair: &mut Pair, to: usize, bytes: &[u8]) {
    let from: NetAddr = "10.0.0.9:20070".parse().unwrap();
    let now = pair.now();
    pair.hosts[to].engine.handle_datagram(Interface(0), Cast::Broadcast, from, bytes, now);
    pair.advance(2_000);
}

fn online(pair: &Pair, host: usize) -> bool {
    let peer = pair.id(1 - host);
    pair.hosts[host].engine.hosts().iter().any(|view| view.host == peer && view.online)
}

#[test]
fn messages_and_answers_carry_no_id_of_either_friend() {
    let mut pair = Pair::new();
    let heard = overhear(&mut pair);
    pair.befriend();
    pair.write(0, "who are we?");
    pair.write(1, "nobody knows");
    let names: Vec<Vec<u8>> = [0, 1]
        .iter()
        .flat_map(|host| {
            let key = pair.hosts[*host].engine.identity_key();
            [pair.id(*host).as_bytes().to_vec(), key.as_bytes().to_vec()]
        })
        .collect();
    let heard = heard.borrow();
    assert!(heard.len() >= 4);
    for envelope in heard.iter() {
        let bytes = envelope.encode();
        for name in &names {
            let recipient_of_a_request = envelope.class == Class::Ask && name.as_slice() == envelope.tag.as_bytes();
            assert!(recipient_of_a_request || !contains(&bytes, name));
        }
    }
}

#[test]
fn an_unsigned_leave_logs_nobody_out_and_an_unsigned_beacon_shows_nobody() {
    let mut pair = Pair::friends();
    pair.cut();
    pair.advance(10_000);
    assert!(online(&pair, 1));
    let leave = forged(&pair, 0, PacketBody::Leave);
    deliver(&mut pair, 1, &leave);
    assert!(online(&pair, 1));
    assert!(pair.hosts[1].engine.counters()["packet with a bad signature"] > 0);
    pair.switch_off(0);
    pair.advance(MINUTE);
    assert!(!online(&pair, 1));
    let here = forged(&pair, 0, PacketBody::Online(beacon()));
    deliver(&mut pair, 1, &here);
    assert!(!online(&pair, 1));
}

#[test]
fn whatever_is_wrong_with_a_ciphertext_the_answer_is_the_same_silence() {
    let mut pair = Pair::friends();
    let heard = overhear(&mut pair);
    pair.write(0, "secret");
    let real = heard.borrow()[0].clone();
    let before = pair.frames[1];
    let broken = |change: &dyn Fn(&mut Envelope)| {
        let mut envelope = real.clone();
        change(&mut envelope);
        envelope
    };
    let envelopes = vec![
        broken(&|envelope| envelope.body[0] ^= 1),
        broken(&|envelope| *envelope.body.last_mut().unwrap() ^= 1),
        broken(&|envelope| envelope.body.truncate(envelope.body.len() - 1)),
        broken(&|envelope| envelope.body.push(0)),
        broken(&|envelope| envelope.ack_hash = AckHash([7; 16])),
    ];
    for envelope in envelopes {
        pair.inject(1, &Frame::Forward(vec![envelope]));
        pair.advance(5_000);
    }
    assert_eq!(pair.texts(1), ["secret"]);
    let real_answers = pair.frames[1] - before;
    assert_eq!(real_answers, 0, "silence");
}

#[test]
fn a_text_that_could_be_compressed_travels_as_long_as_one_that_could_not() {
    let mut pair = Pair::friends();
    let heard = overhear(&mut pair);
    pair.write(0, &"a".repeat(4_000));
    pair.write(0, &(0..4_000u32).map(|n| char::from(b'a' + (n * n % 26) as u8)).collect::<String>());
    let lengths: Vec<usize> = heard.borrow().iter().map(|envelope| envelope.body.len()).collect();
    assert_eq!(lengths.len(), 2);
    assert_eq!(lengths[0], lengths[1]);
    assert!(lengths[0] > 4_000);
}

#[test]
fn a_contact_is_bound_to_its_key_and_no_hello_under_another_changes_that() {
    let mut pair = Pair::friends();
    let before = pair.hosts[1].engine.safety_number(pair.id(0)).unwrap();
    let forger = Identity::from_secret([9; 32]);
    let certificate = permesso_engine::certificate::Certificate::issue(
        &forger,
        permesso_engine::ids::SealingKey([1; 32]),
        u64::MAX,
        permesso_engine::ids::OlmKey([2; 32]),
        0,
    );
    pair.cut();
    assert!(pair.dial_in(1));
    let counter = Counter { generation: u32::MAX, n: 1 };
    let hello = Hello {
        version: 1,
        certificate,
        counter,
        meetings: 0,
        free_memory: 0,
        role: Role::Client,
        arrivals: 0,
        alias: "Ada".into(),
        remembers: 0,
    };
    pair.inject(1, &Frame::Hello(hello));
    assert_eq!(pair.hosts[1].engine.counters()["hello of another identity"], 1);
    assert_eq!(pair.hosts[1].engine.safety_number(pair.id(0)).unwrap(), before);
}

#[test]
fn no_question_gets_an_answer_three_times_its_length() {
    const { assert!(QUERY_ALIAS_RESPONSE_MAX <= 3 * QUERY_ALIAS_MIN) };
    let mut pair = Pair::new();
    pair.command(1, Command::Set(Setting::Alias("a".repeat(ALIAS_MAX))));
    pair.advance(MINUTE);
    let before = pair.addressed[1].len();
    pair.command(0, Command::Search { alias: "a".into(), matching: Match::Partial });
    pair.advance(5_000);
    let answers = &pair.addressed[1][before..];
    let is_answer = |bytes: &[u8]| {
        let packet = Unverified::parse(bytes).unwrap().verify().unwrap();
        matches!(packet.body, PacketBody::QueryAliasResponse(_))
    };
    let answer = answers.iter().map(|(_, bytes)| bytes).find(|bytes| is_answer(bytes)).unwrap();
    assert!(answer.len() <= 3 * QUERY_ALIAS_MIN, "{}", answer.len());
}

#[test]
fn what_was_stored_before_a_restart_is_known_after_it_though_its_sender_never_heard_so() {
    let mut pair = Pair::friends();
    let heard = overhear(&mut pair);
    let message = pair.write(0, "once");
    let envelope = heard.borrow()[0].clone();
    for _ in 0..3 {
        pair.switch_off(1);
        pair.switch_on(1, None);
        pair.advance(MINUTE);
        let link = pair.dial_in(1);
        assert!(link);
        pair.write(0, "more");
        pair.inject(1, &Frame::Forward(vec![envelope.clone()]));
    }
    assert_eq!(pair.texts(1).iter().filter(|text| *text == "once").count(), 1);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
}

#[test]
fn ciphertexts_of_every_short_length_are_noise() {
    let mut pair = Pair::friends();
    let heard = overhear(&mut pair);
    pair.write(0, "secret");
    let real = heard.borrow()[0].clone();
    for length in 0..120 {
        let mut short = real.clone();
        short.body.truncate(length);
        pair.inject(1, &Frame::Forward(vec![short]));
    }
    assert_eq!(pair.texts(1), ["secret"]);
    assert_eq!(pair.hosts[1].engine.counters()["body does not open"], 120);
}

#[test]
fn a_message_id_belongs_to_one_encoding() {
    let mut pair = Pair::friends();
    let heard = overhear(&mut pair);
    pair.write(0, "secret");
    let envelope = heard.borrow()[0].encode();
    let frame = Frame::Forward(vec![Envelope::decode(&envelope).unwrap()]).encode();
    // The same number in a longer head, and the same bytes with one behind them.
    let mut longer = frame.clone();
    longer.splice(1..2, [0x18, 3]);
    let trailing = [frame.clone(), vec![0]].concat();
    assert!(Frame::decode(&frame).is_ok());
    assert!(Frame::decode(&longer).is_err());
    assert!(Frame::decode(&trailing).is_err());
}

#[test]
fn a_message_that_is_only_handed_over_is_not_ticked() {
    let mut pair = Pair::friends();
    // What Grace answers does not arrive: she has it, and Ada must not know.
    pair.filter(0, |_| false);
    let message = pair.write(0, "on its way");
    assert_eq!(pair.fate(0, message), StoredState::Queued);
    let told = pair.take_events(0).into_iter().any(|event| matches!(event, Event::MessageChanged { .. }));
    assert!(!told);
}

#[test]
fn a_receipt_names_nobody() {
    let mut pair = Pair::friends();
    let message = pair.write(0, "hello");
    assert_eq!(pair.texts(1), ["hello"]);
    let is_receipt = |frame: &&Frame| matches!(frame, Frame::Proofs(_) | Frame::Receipt(_));
    let receipts: Vec<Vec<u8>> =
        pair.said.iter().flatten().map(|(_, frame)| frame).filter(is_receipt).map(Frame::encode).collect();
    assert!(receipts.len() > 1, "the message was proved");
    for receipt in receipts {
        for host in [0, 1] {
            assert!(!contains(&receipt, pair.id(host).as_bytes()));
            assert!(!contains(&receipt, &pair.hosts[host].engine.identity_key().0));
        }
        assert!(!contains(&receipt, &message.0));
    }
}

#[test]
fn a_quota_that_was_reached_again_and_again_still_holds_and_still_gives_room() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxLimit(3)));
    for round in 0..10 {
        pair.switch_off(1);
        for n in 0..5 {
            pair.write(0, &format!("{round}.{n}"));
        }
        let waiting = pair.history(0).iter().filter(|row| row.state == StoredState::Queued).count();
        assert_eq!(waiting, 3, "round {round}");
        pair.switch_on(1, None);
        pair.advance(2 * MINUTE);
        let waiting = pair.history(0).iter().filter(|row| row.state == StoredState::Queued).count();
        assert_eq!(waiting, 0, "round {round}");
    }
    assert_eq!(pair.texts(1).len(), 30);
}

#[test]
fn a_message_its_mark_and_its_ratchet_are_one_transaction() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    let before = pair.commits[1].len();
    pair.write(0, "second");
    let of_message = pair.commits[1][before..]
        .iter()
        .find(|commit| commit.writes.iter().any(|write| matches!(write, Write::AddMessage(_))))
        .unwrap();
    let marks = of_message.writes.iter().any(|write| matches!(write, Write::AddMark { .. }));
    let ratchet =
        of_message.writes.iter().any(|write| matches!(write, Write::Put { key, .. } if key.table == Table::Pairing));
    assert!(marks && ratchet, "{:?}", of_message.writes.len());
}

#[test]
fn a_second_sealing_of_a_message_is_the_same_message() {
    let mut pair = Pair::friends();
    pair.filter(0, |_| false);
    let message = pair.write(0, "sealed twice");
    pair.switch_off(1);
    // After three days a carrier would have dropped it: it is sealed afresh, under another envelope id.
    pair.sleep(4 * pair::DAY);
    let heard = overhear(&mut pair);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    let envelope = heard.borrow().iter().find(|envelope| envelope.class == Class::Message).cloned().unwrap();
    pair.inject(1, &Frame::Forward(vec![envelope]));
    assert_eq!(pair.texts(1), ["sealed twice"]);
    assert_eq!(pair.state(1), FriendState::Friend);
}
