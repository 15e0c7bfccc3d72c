//! Bad input, one kind after the other: each is dropped and counted under its name, changes nothing, and the friends whose
//! network it came through talk on.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod pair;

use std::collections::BTreeMap;

use pair::{MINUTE, Pair};
use permesso_engine::api::{Command, CommandError, HostView, Match};
use permesso_engine::certificate::Certificate;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Hello, Proofs};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{HostId, OlmKey, ProofSecret, SealingKey};
use permesso_engine::limits::TEXT_MAX;
use permesso_engine::packet::{Beacon, Counter, Packet, PacketBody, QueryAlias, Role};
use permesso_engine::rows::{MessageRow, StoredState, Table};
use permesso_engine::time::Wall;

const ADA: usize = 0;
const GRACE: usize = 1;
const GRACES_ADDRESS: [u8; 4] = [10, 0, 0, 2];

/// All that a user of this host could see.
fn seen(pair: &Pair, host: usize) -> (Vec<MessageRow>, Vec<permesso_engine::api::FriendView>, Vec<HostView>) {
    let engine = &pair.hosts[host].engine;
    let known =
        engine.hosts().into_iter().map(|host| HostView { last_heard: None, conversation_port: None, ..host }).collect();
    (pair.history(host), engine.friends(), known)
}

/// What was counted at Ada while this happened, and that nothing else changed.
fn counted(pair: &mut Pair, happens: impl FnOnce(&mut Pair)) -> BTreeMap<&'static str, u64> {
    let (before, counts) = (seen(pair, ADA), pair.hosts[ADA].engine.counters());
    happens(pair);
    assert_eq!(seen(pair, ADA), before);
    let now = pair.hosts[ADA].engine.counters();
    let more = now.into_iter().map(|(name, count)| (name, count - counts.get(name).copied().unwrap_or(0)));
    more.filter(|(_, count)| *count > 0).collect()
}

/// Datagrams that come from Grace's address, each of which must be counted under this name.
fn refused(pair: &mut Pair, datagrams: &[Vec<u8>], name: &'static str) {
    let counts = counted(pair, |pair| datagrams.iter().for_each(|bytes| pair.hear(ADA, GRACES_ADDRESS, bytes)));
    assert_eq!(counts, BTreeMap::from([(name, datagrams.len() as u64)]));
}

/// The friends as they are: the link is closed, so that datagrams count.
fn friends_without_a_link() -> Pair {
    let mut pair = Pair::friends();
    pair.write(ADA, "before");
    pair.advance(5 * MINUTE);
    assert!(pair.links.is_empty());
    pair
}

fn talk_on(pair: &mut Pair) {
    let message = pair.write(ADA, "after");
    pair.advance(2 * MINUTE);
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    let message = pair.write(GRACE, "and back");
    pair.advance(2 * MINUTE);
    assert_eq!(pair.fate(GRACE, message), StoredState::Delivered);
}

fn grace(pair: &Pair) -> Identity {
    Identity::from_secret(*pair.hosts[GRACE].engine.link_secret())
}

fn beacon() -> PacketBody {
    PacketBody::Online(Beacon { interval_s: 6, link_port: 30_000, arrivals: 0, role: Role::Client })
}

/// A packet of this identity, newer than any it has sent.
fn packet(identity: &Identity, body: PacketBody) -> Packet {
    Packet {
        sender: identity.host_id(),
        receiver: HostId::BROADCAST,
        counter: Counter { generation: 1, n: 1 << 30 },
        timestamp: Wall(0),
        key: identity.key(),
        body,
    }
}

/// The datagram with its bytes before the signature changed, and signed again by its sender.
fn signed_again(datagram: &[u8], identity: &Identity, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = datagram[..datagram.len() - 66].to_vec();
    change(&mut bytes);
    let signature = identity.sign("permesso/host-online/v1", &bytes);
    [&bytes[..], &[0x58, 0x40], &signature].concat()
}

#[test]
fn a_datagram_cut_short_anywhere_is_malformed() {
    let mut pair = friends_without_a_link();
    let whole = packet(&grace(&pair), beacon()).encode(&grace(&pair));
    let cut: Vec<_> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    refused(&mut pair, &cut, "packet malformed");
    talk_on(&mut pair);
}

#[test]
fn an_oversized_datagram_is_not_looked_at() {
    let mut pair = friends_without_a_link();
    let mut datagram = packet(&grace(&pair), beacon()).encode(&grace(&pair));
    datagram.resize(1_201, 0);
    refused(&mut pair, &[datagram, vec![0xff; 65_507]], "datagram too long");
    talk_on(&mut pair);
}

#[test]
fn a_datagram_with_something_after_it_is_malformed() {
    let mut pair = friends_without_a_link();
    let mut datagram = packet(&grace(&pair), beacon()).encode(&grace(&pair));
    datagram.push(0);
    refused(&mut pair, &[datagram], "packet malformed");
    talk_on(&mut pair);
}

#[test]
fn a_rightly_signed_datagram_in_another_form_than_the_canonical_one_is_malformed() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let datagram = packet(&grace, beacon()).encode(&grace);
    let long_version = signed_again(&datagram, &grace, |bytes| {
        bytes.splice(1..2, [0x18, 0x01]);
    });
    let endless_array = signed_again(&datagram, &grace, |bytes| bytes[0] = 0x9f);
    refused(&mut pair, &[long_version, endless_array], "packet malformed");
    talk_on(&mut pair);
}

#[test]
fn a_datagram_of_an_unknown_version_or_service_is_refused_as_such_whatever_follows() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let datagram = packet(&grace, beacon()).encode(&grace);
    let version = signed_again(&datagram, &grace, |bytes| bytes[1] = 2);
    refused(&mut pair, &[version, vec![0x89, 2]], "packet of an unknown version");
    let service = signed_again(&datagram, &grace, |bytes| bytes[2] = 9);
    refused(&mut pair, &[service, vec![0x89, 1, 0]], "packet of an unknown service");
    talk_on(&mut pair);
}

#[test]
fn a_replayed_datagram_is_told_by_its_counter() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let (older, newer) = (packet(&grace, beacon()), packet(&grace, beacon()));
    let newer = Packet { counter: Counter { n: (1 << 30) + 1, ..newer.counter }, ..newer }.encode(&grace);
    pair.hear(ADA, GRACES_ADDRESS, &newer);
    refused(&mut pair, &[older.encode(&grace), older.encode(&grace)], "packet replayed");
    refused(&mut pair, &[newer], "packet heard twice");
}

#[test]
fn a_leave_replayed_after_its_sender_came_back_puts_nobody_offline() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let leave = packet(&grace, PacketBody::Leave);
    let back = Packet { counter: Counter { n: (1 << 30) + 1, ..leave.counter }, ..packet(&grace, beacon()) };
    pair.hear(ADA, GRACES_ADDRESS, &leave.encode(&grace));
    pair.hear(ADA, GRACES_ADDRESS, &back.encode(&grace));
    refused(&mut pair, &[leave.encode(&grace)], "packet replayed");
    let known = pair.hosts[ADA].engine.hosts();
    assert!(known.iter().any(|host| host.host == grace.host_id() && host.online));
}

#[test]
fn a_host_s_own_datagram_that_is_sent_back_to_it_is_dropped() {
    let mut pair = friends_without_a_link();
    let ada = Identity::from_secret(*pair.hosts[ADA].engine.link_secret());
    let datagram = packet(&ada, beacon()).encode(&ada);
    refused(&mut pair, &[datagram], "packet of our own");
    talk_on(&mut pair);
}

#[test]
fn a_forged_datagram_is_dropped_whichever_byte_was_changed() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let datagram = packet(&grace, beacon()).encode(&grace);
    let counts = counted(&mut pair, |pair| {
        for position in 0..datagram.len() {
            // Within what is checked of one known host in a second.
            pair.clock += 100;
            let mut forged = datagram.clone();
            forged[position] ^= 1;
            pair.hear(ADA, GRACES_ADDRESS, &forged);
        }
    });
    assert_eq!(counts.values().sum::<u64>(), datagram.len() as u64, "{counts:?}");
    assert!(counts["packet with a bad signature"] > 64, "{counts:?}");
    talk_on(&mut pair);
}

#[test]
fn a_datagram_in_a_friend_s_name_with_another_key_is_dropped() {
    let mut pair = friends_without_a_link();
    let (grace, mallory) = (grace(&pair), Identity::from_secret([66; 32]));
    let stolen_name = Packet { sender: grace.host_id(), ..packet(&mallory, PacketBody::Leave) }.encode(&mallory);
    refused(&mut pair, &[stolen_name], "packet of another sender");
    let stolen_key = packet(&grace, PacketBody::Leave).encode(&mallory);
    refused(&mut pair, &[stolen_key], "packet with a bad signature");
    talk_on(&mut pair);
}

#[test]
fn a_datagram_for_another_host_or_from_nobody_is_dropped() {
    let mut pair = friends_without_a_link();
    let grace = grace(&pair);
    let receiver = Identity::from_secret([66; 32]).host_id();
    let datagram = Packet { receiver, ..packet(&grace, beacon()) }.encode(&grace);
    refused(&mut pair, &[datagram], "packet for another host");
    let datagram = Packet { sender: HostId::BROADCAST, ..packet(&grace, beacon()) }.encode(&grace);
    refused(&mut pair, &[datagram], "packet from nobody");
    let counts = counted(&mut pair, |pair| pair.hear(ADA, [0; 4], &packet(&grace, beacon()).encode(&grace)));
    assert_eq!(counts, BTreeMap::from([("packet from nobody", 1)]));
    talk_on(&mut pair);
}

/// Frames on a link of friends, each of which must end the link and be counted under this name.
fn ends_the_link(frames: impl IntoIterator<Item = Vec<u8>>, name: &'static str) {
    for frame in frames {
        let mut pair = Pair::friends();
        pair.write(ADA, "before");
        let history = pair.history(ADA);
        let counts = pair.hosts[ADA].engine.counters();
        assert!(!pair.inject_bytes(ADA, &frame), "the link lives on after {frame:02x?}");
        assert_eq!(pair.hosts[ADA].engine.counters()[name], counts.get(name).copied().unwrap_or(0) + 1);
        assert_eq!(pair.history(ADA), history);
        talk_on(&mut pair);
    }
}

fn envelope() -> Envelope {
    let (tag, ack_hash) = (permesso_engine::ids::Tag([1; 16]), permesso_engine::ids::AckHash([2; 16]));
    Envelope { class: Class::Message, tag, ack_hash, body: vec![3; 200], lifetime: 60, copies: 0, best: 0, stamp: 0 }
}

/// With a stamp that is none.
fn without_work(envelope: Envelope) -> Envelope {
    let stamped = (0..).map(|stamp| Envelope { stamp, ..envelope.clone() });
    let bits = |envelope: &Envelope| permesso_engine::envelope::stamp_zero_bits(&envelope.id(), envelope.stamp);
    stamped.into_iter().find(|envelope| bits(envelope) < 4).unwrap()
}

#[test]
fn a_frame_cut_short_or_with_something_after_it_ends_the_link() {
    let whole = Frame::Forward(vec![envelope()]).encode();
    let cuts = [0, 1, 2, 3, 40, whole.len() - 1];
    ends_the_link(cuts.map(|length| whole[..length].to_vec()), "bad frame");
    ends_the_link([[&whole[..], &[0]].concat()], "bad frame");
}

#[test]
fn a_frame_in_another_form_of_an_unknown_kind_or_over_a_limit_ends_the_link() {
    let secrets = |count| Frame::Proofs(Proofs { first: 0, secrets: vec![ProofSecret([1; 16]); count] });
    let frames = [
        // PROOFS whose number stands in two bytes instead of one; a kind that does not exist; an unknown word of CONTROL.
        vec![0x82, 5, 0x82, 0x18, 7, 0x80],
        vec![0x82, 7, 0],
        vec![0x82, 6, 1],
        secrets(257).encode(),
        Frame::Forward(vec![envelope(); 65]).encode(),
        Frame::Forward(vec![Envelope { body: vec![0; 11_000], ..envelope() }]).encode(),
        vec![0; (64 << 10) + 1],
    ];
    ends_the_link(frames, "bad frame");
}

fn hello(of: &Identity) -> Hello {
    Hello {
        version: 1,
        certificate: Certificate::issue(of, SealingKey([1; 32]), 1, OlmKey([2; 32]), 0),
        counter: Counter { generation: 1, n: 1 << 30 },
        meetings: 0,
        free_memory: 0,
        role: Role::Client,
        arrivals: 0,
        alias: "Grace".into(),
        remembers: 0,
    }
}

#[test]
fn a_hello_that_comes_twice_or_is_of_an_unknown_version_ends_the_link() {
    let identity = Identity::from_secret([66; 32]);
    ends_the_link([Frame::Hello(hello(&identity)).encode()], "second hello");
    ends_the_link([Frame::Hello(Hello { version: 2, ..hello(&identity) }).encode()], "bad frame");
}

/// A link on which Grace has said nothing yet.
fn silent_link() -> Pair {
    let mut pair = friends_without_a_link();
    pair.dial_in(ADA);
    pair
}

#[test]
fn frames_before_hello_end_the_link_and_are_not_looked_into() {
    for frame in [Frame::Forward(vec![envelope()]), Frame::Control(permesso_engine::frame::Control::Leaving)] {
        let mut pair = silent_link();
        let counts = counted(&mut pair, |pair| assert!(!pair.inject_bytes(ADA, &frame.encode())));
        assert_eq!(counts, BTreeMap::from([("frame before hello", 1)]));
        talk_on(&mut pair);
    }
}

#[test]
fn a_hello_of_another_identity_than_the_link_has_proved_or_with_a_changed_certificate_ends_the_link() {
    let mallory = Identity::from_secret([66; 32]);
    let pair = silent_link();
    let mut changed = hello(&grace(&pair));
    changed.certificate.sealing_key = SealingKey([9; 32]);
    for hello in [hello(&mallory), changed] {
        let mut pair = silent_link();
        let frame = match hello.certificate.key == mallory.key() {
            true => Frame::Hello(hello),
            // Each pair has identities of its own.
            false => {
                let mut certificate = Certificate::issue(&grace(&pair), SealingKey([1; 32]), 1, OlmKey([2; 32]), 0);
                certificate.sealing_key = SealingKey([9; 32]);
                Frame::Hello(Hello { certificate, ..hello })
            }
        };
        let counts = counted(&mut pair, |pair| assert!(!pair.inject_bytes(ADA, &frame.encode())));
        assert_eq!(counts, BTreeMap::from([("hello of another identity", 1)]));
        talk_on(&mut pair);
    }
}

/// Envelopes of Grace's that have not arrived at Ada yet.
fn caught(pair: &mut Pair, texts: &[&str]) -> Vec<Envelope> {
    let caught = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let keep = std::rc::Rc::clone(&caught);
    pair.air = Box::new(move |from, envelope| {
        if from == GRACE {
            keep.borrow_mut().push(envelope);
            return None;
        }
        Some(envelope)
    });
    for text in texts {
        pair.write(GRACE, text);
    }
    pair.air = Box::new(|_, envelope| Some(envelope));
    caught.take()
}

#[test]
fn a_forged_envelope_is_noise_whatever_was_changed_in_it() {
    let mut pair = Pair::friends();
    let real = caught(&mut pair, &["Hello"]).remove(0);
    let mut body = real.body.clone();
    body[30] ^= 1;
    let changed = [
        (Envelope { ack_hash: permesso_engine::ids::AckHash([1; 16]), ..real.clone() }, "body does not open"),
        (Envelope { body, ..real.clone() }, "body does not open"),
        (Envelope { body: real.body[..39].to_vec(), ..real.clone() }, "body does not open"),
        (Envelope { body: Vec::new(), ..real.clone() }, "body does not open"),
        (without_work(Envelope { class: Class::Ask, ..real.clone() }), "envelope not taken into custody"),
    ];
    for (forged, name) in changed {
        let counts = counted(&mut pair, |pair| pair.inject(ADA, &Frame::Forward(vec![forged])));
        assert_eq!(counts, BTreeMap::from([(name, 1)]));
    }
    pair.inject(ADA, &Frame::Forward(vec![real]));
    assert_eq!(pair.texts(ADA), ["Hello"]);
}

#[test]
fn a_replayed_envelope_is_proved_again_and_shown_once() {
    let mut pair = Pair::friends();
    let real = caught(&mut pair, &["Hello"]).remove(0);
    pair.inject(ADA, &Frame::Forward(vec![real.clone()]));
    let again = Frame::Forward(vec![real; 64]);
    let counts = counted(&mut pair, |pair| pair.inject(ADA, &again));
    assert_eq!(counts, BTreeMap::from([("duplicate message", 64)]));
    assert_eq!(pair.texts(ADA), ["Hello"]);
}

#[test]
fn a_host_s_own_envelope_that_is_sent_back_to_it_is_not_carried() {
    let mut pair = Pair::friends();
    let caught = caught(&mut pair, &["Hello"]);
    // What Grace sealed for Ada comes back to Grace.
    pair.inject(GRACE, &Frame::Forward(caught));
    let records = pair.hosts[GRACE].store.snapshot().records;
    assert!(records.iter().all(|(key, _)| key.table != Table::Custody));
    assert_eq!(pair.texts(GRACE), ["Hello"]);
}

/// The last frame of a kind that Ada has said.
fn own_frame(pair: &Pair, is_it: impl Fn(&Frame) -> bool) -> Frame {
    pair.said[ADA].iter().rev().map(|(_, frame)| frame).find(|frame| is_it(frame)).unwrap().clone()
}

#[test]
fn a_host_s_own_hello_that_is_sent_back_to_it_ends_the_link_whatever_key_the_link_has_proved() {
    let mut pair = silent_link();
    let own = own_frame(&pair, |frame| matches!(frame, Frame::Hello(_)));
    let counts = counted(&mut pair, |pair| assert!(!pair.inject_bytes(ADA, &own.encode())));
    assert_eq!(counts, BTreeMap::from([("hello of another identity", 1)]));
    talk_on(&mut pair);

    // A mirror that passes the whole link on has proved the host's own key.
    let mut pair = friends_without_a_link();
    let own_key = pair.hosts[ADA].engine.identity_key();
    let known = seen(&pair, ADA);
    let mirror = pair.dial_in_as(ADA, own_key, ([10, 0, 0, 2], 20_070).into());
    if let Some(link) = mirror {
        pair.say(ADA, link, &own);
        assert!(!pair.links.contains(&link), "a host talks with itself");
    }
    assert_eq!(seen(&pair, ADA), known);
    talk_on(&mut pair);
}

#[test]
fn a_host_s_own_proofs_that_are_sent_back_to_it_deliver_nothing() {
    let mut pair = Pair::friends();
    pair.write(GRACE, "to be proved");
    let own = own_frame(&pair, |frame| matches!(frame, Frame::Proofs(_)));
    pair.filter(ADA, |_| false);
    let message = pair.write(ADA, "Hello");
    let Frame::Proofs(proofs) = &own else { unreachable!() };
    assert!(!proofs.secrets.is_empty());
    let counts = counted(&mut pair, |pair| pair.inject(ADA, &own));
    // She knows them for what she has said herself.
    assert_eq!(counts, BTreeMap::new());
    assert_eq!(pair.fate(ADA, message), StoredState::Queued);
    pair.filter(ADA, |_| true);
    talk_on(&mut pair);
}

#[test]
fn a_host_s_own_want_that_is_sent_back_to_it_gets_nothing_out_of_it_and_holds_nothing_up_beyond_the_link() {
    let mut pair = Pair::friends();
    pair.write(ADA, "a link is up");
    let own = own_frame(&pair, |frame| matches!(frame, Frame::Want(_)));
    let said = pair.said[ADA].len();
    let counts = counted(&mut pair, |pair| pair.inject(ADA, &own));
    assert_eq!(counts, BTreeMap::new());
    let answered = &pair.said[ADA][said..];
    assert!(!answered.iter().any(|(_, frame)| matches!(frame, Frame::Forward(_))), "{answered:?}");
    talk_on(&mut pair);
}

#[test]
fn invented_proofs_deliver_nothing() {
    let mut pair = Pair::friends();
    pair.filter(ADA, |_| false);
    let message = pair.write(ADA, "Hello");
    let secrets = (0..=255).map(|byte| ProofSecret([byte; 16])).collect();
    pair.inject(ADA, &Frame::Proofs(Proofs { first: 0, secrets }));
    assert_eq!(pair.fate(ADA, message), StoredState::Queued);
    assert_eq!(pair.hosts[ADA].engine.counters()["proof of nothing here"], 256);
}

#[test]
fn an_ask_without_its_work_or_for_somebody_else_or_that_does_not_open_is_dropped() {
    let mut pair = Pair::friends();
    pair.write(ADA, "a conversation is open");
    let own = permesso_engine::ids::Tag(*pair.id(ADA).as_bytes());
    let ask = Envelope { class: Class::Ask, tag: own, ..envelope() };
    let stamped = (0..).map(|stamp| Envelope { stamp, ..ask.clone() });
    let bits = |envelope: &Envelope| permesso_engine::envelope::stamp_zero_bits(&envelope.id(), envelope.stamp);
    let without = stamped.clone().find(|envelope| bits(envelope) < 4).unwrap();
    let with = stamped.clone().find(|envelope| bits(envelope) >= 4).unwrap();
    let elsewhere = without_work(Envelope { class: Class::Ask, ..envelope() });
    let cases = [
        (without, "ask without its stamp"),
        (with, "ask does not open"),
        (elsewhere, "envelope not taken into custody"),
    ];
    for (ask, name) in cases {
        let counts = counted(&mut pair, |pair| pair.inject(ADA, &Frame::Forward(vec![ask])));
        assert_eq!(counts, BTreeMap::from([(name, 1)]));
    }
}

#[test]
fn a_message_that_is_empty_or_too_long_is_refused_with_the_limit_and_nothing_is_cut() {
    let mut pair = Pair::friends();
    let host = pair.id(GRACE);
    let longest = "è".repeat(TEXT_MAX / 2);
    let too_long = longest.clone() + "!";
    let refusal = pair.try_command(ADA, Command::SendText { host, text: too_long }).unwrap_err();
    assert_eq!(refusal, CommandError::TooLong { what: "text", length: 4_097, limit: 4_096 });
    assert_eq!(refusal.to_string(), "the text has 4097 bytes, the limit is 4096: shorten it");
    let refusal = pair.try_command(ADA, Command::SendText { host, text: String::new() }).unwrap_err();
    assert_eq!(refusal.to_string(), "the text is empty: write something");
    assert_eq!(pair.texts(ADA), Vec::<String>::new());
    pair.write(ADA, &longest);
    assert_eq!(pair.texts(GRACE), [longest]);
}

/// Packets of hosts that do not exist: signed like any other.
fn invented(second: u64, count: u64) -> impl Iterator<Item = ([u8; 4], Vec<u8>)> {
    (0..count).map(move |number| {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&(second << 32 | number).to_be_bytes());
        let identity = Identity::from_secret(secret);
        let body = match number % 3 {
            0 => PacketBody::Join(Beacon { interval_s: 60, link_port: 1, arrivals: 0, role: Role::Client }),
            1 => beacon(),
            _ => PacketBody::QueryAlias(QueryAlias { nonce: [1; 8], alias: "a".into(), matching: Match::Partial }),
        };
        let address = [10, 0, 0, (number % 200) as u8 + 10];
        (address, packet(&identity, body).encode(&identity))
    })
}

#[test]
fn ten_thousand_datagrams_a_second_of_invented_hosts_cost_bounded_work_and_room_and_friends_are_still_heard() {
    const SECONDS: u64 = 3;
    const PER_SECOND: u64 = 10_000;
    let mut pair = friends_without_a_link();
    pair.config.presence.hosts_max = 1_000;
    pair.switch_off(ADA);
    pair.switch_on(ADA, None);
    let sent_before = pair.datagrams[ADA];
    let friend = grace(&pair).host_id();
    for second in 0..SECONDS {
        for (address, datagram) in invented(second, PER_SECOND) {
            pair.hear(ADA, address, &datagram);
        }
        pair.advance(1_000);
        let hosts = pair.hosts[ADA].engine.hosts();
        assert!(hosts.len() <= 1_000 + 1 + 3, "{} hosts are remembered", hosts.len());
        assert!(hosts.iter().any(|host| host.host == friend && host.online), "the friend is not heard any more");
    }
    let counts = pair.hosts[ADA].engine.counters();
    // A signature costs a hundred times what all other checks do together.
    assert!(counts["packet above the rate"] >= SECONDS * (PER_SECOND - 500), "{counts:?}");
    assert!(counts["host put out: too many"] > 0, "{counts:?}");
    let sent = pair.datagrams[ADA] - sent_before;
    assert!(sent < 500 * SECONDS as usize * 2, "{sent} datagrams were sent in answer to the flood");
    talk_on(&mut pair);
}
