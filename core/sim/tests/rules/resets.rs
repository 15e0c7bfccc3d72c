//! When the encryption is started afresh, and how often.

use std::collections::{BTreeMap, BTreeSet};

use permesso_engine::api::{Command, FriendState, Match, PacketService};
use permesso_engine::certificate::Certificate;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Control, Frame};
use permesso_engine::ids::{OlmKey, SealingKey};
use permesso_engine::rows::StoredState;
use permesso_sim::pen::Asked;
use permesso_sim::records;

use crate::malice::{ADA, Forger, GRACE, pen};
use crate::pair::{DAY, MINUTE, Pair};

/// The kind of an ASK that is a RESET.
const RESET: u8 = 1;
const HOUR: u64 = 60 * MINUTE;

/// Lets Grace say something under her newest keys that no ratchet opens; says when.
fn spoil(pair: &mut Pair) -> u64 {
    let envelope = Forger::of(pair, GRACE).undecryptable();
    let before = pair.count(ADA, "ciphertext does not open");
    assert_eq!(pair.carry(ADA, &envelope), []);
    assert_eq!(pair.count(ADA, "ciphertext does not open"), before + 1);
    pair.clock
}

/// When Ada first sent each of her resets.
fn resets(pair: &Pair) -> Vec<u64> {
    let keys = records::sealing(&pair.hosts[GRACE].store);
    let mut first = BTreeMap::new();
    for (at, envelope) in pair.sent(ADA, Class::Ask) {
        let asked = Asked::open(&envelope, pair.id(GRACE), &keys).unwrap();
        if asked.kind == RESET {
            first.entry(asked.id).or_insert(at);
        }
    }
    first.into_values().collect()
}

/// A RESET that Grace's own engine knows nothing of.
fn forged_reset(pair: &Pair) -> Envelope {
    let (grace, ada) = (pair.identity(GRACE), pair.certificate(ADA));
    let own = Certificate::issue(&grace, SealingKey([1; 32]), 1, OlmKey([2; 32]), 0);
    pen(9).ask(&grace, &own, &ada, RESET, u64::MAX >> 1).unwrap()
}

#[test]
fn a_reset_leaves_after_a_random_one_to_sixty_seconds_and_never_at_once() {
    let mut pair = Pair::friends();
    let mut waits = Vec::new();
    for _ in 0..9 {
        let spoilt = spoil(&mut pair);
        pair.advance(10 * MINUTE);
        waits.push(resets(&pair).last().unwrap() - spoilt);
        assert_eq!(resets(&pair).len(), waits.len());
    }
    assert!(waits.iter().all(|wait| (1_000..=60_000).contains(wait)), "{waits:?}");
    let different: BTreeSet<_> = waits.iter().collect();
    assert!(different.len() >= 8, "{waits:?}");
}

#[test]
fn resets_with_a_friend_are_five_minutes_apart_and_ten_a_day_however_often_its_messages_fail() {
    let mut pair = Pair::friends();
    let start = pair.clock;
    while pair.clock < start + 2 * DAY {
        // Not before Grace has answered the reset before.
        if pair.pairings(ADA).pop().unwrap().retired.is_none() {
            spoil(&mut pair);
        }
        match pair.clock < start + 20 * MINUTE {
            true => pair.advance(MINUTE / 2),
            false => pair.sleep(2 * HOUR),
        }
    }
    let resets = resets(&pair);
    for pair in resets.windows(2) {
        assert!(pair[1] - pair[0] >= 5 * MINUTE, "{resets:?}");
    }
    for eleven in resets.windows(11) {
        assert!(eleven[10] - eleven[0] >= DAY, "{resets:?}");
    }
    // And as many as that there are.
    assert_eq!(resets.iter().filter(|at| **at < start + DAY).count(), 10, "{resets:?}");
    assert!(resets.len() > 10, "{resets:?}");
}

#[test]
fn while_a_reset_waits_for_its_answer_no_other_is_made() {
    let mut pair = Pair::friends();
    pair.filter(GRACE, |_| false);
    let mut grace = Forger::of(&pair, GRACE);
    for _ in 0..5 {
        let envelope = grace.undecryptable();
        assert_eq!(pair.carry(ADA, &envelope), []);
        pair.advance(10 * MINUTE);
        assert_eq!(resets(&pair).len(), 1);
    }
}

#[test]
fn what_no_ratchet_opens_causes_no_reset_under_a_pairing_that_a_newer_one_has_replaced() {
    let mut pair = Pair::friends();
    let mut old = Forger::of(&pair, GRACE);
    // Never confirmed: the old pairing stays.
    let reset = forged_reset(&pair);
    assert_eq!(pair.carry(ADA, &reset).len(), 1);
    assert_eq!(pair.pairings(ADA).iter().map(|pairing| pairing.retired.is_some()).collect::<Vec<_>>(), [true, false]);
    let envelope = old.undecryptable();
    assert_eq!(pair.carry(ADA, &envelope), []);
    assert_eq!(pair.count(ADA, "ciphertext does not open"), 1);
    // It would come within a minute; after a minute and a half there is one because the YES is not heard.
    pair.advance(80_000);
    assert!(resets(&pair).is_empty());
    // What the ratchet does open is still read.
    let text = old.text("from before");
    assert_eq!(pair.carry(ADA, &text).len(), 1);
    assert_eq!(pair.texts(ADA), ["from before"]);
}

#[test]
fn a_ciphertext_too_far_ahead_for_the_ratchet_asks_for_a_reset_be_its_chain_new_or_known() {
    for known in [false, true] {
        let mut pair = Pair::friends();
        let mut grace = Forger::of(&pair, GRACE);
        if known {
            let first = grace.text("first");
            assert_eq!(pair.carry(ADA, &first).len(), 1);
        }
        // Not so far that the ratchet itself would refuse.
        let mut body = grace.body("lost");
        for _ in 0..1_901 {
            body = grace.body("far ahead");
        }
        let envelope = grace.seal(&body);
        assert_eq!(pair.carry(ADA, &envelope), []);
        pair.advance(2 * MINUTE);
        assert_eq!(resets(&pair).len(), 1, "known: {known}");
        let message = pair.write(ADA, "healed");
        pair.advance(MINUTE);
        assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    }
}

#[test]
fn a_reset_of_a_stranger_or_of_one_whose_request_is_open_counts_as_a_request() {
    for (asks, then) in [
        (None, FriendState::RequestReceived),
        // Both want to be friends then, or the request of the smaller id stands.
        (Some(ADA), FriendState::Friend),
        (Some(GRACE), FriendState::RequestReceived),
    ] {
        let mut pair = Pair::new();
        let hosts = [ADA, GRACE].map(|host| pair.id(host));
        if let Some(asker) = asks {
            pair.command(asker, Command::Search { alias: "a".into(), matching: Match::Partial });
            pair.advance(5_000);
            pair.command(asker, Command::AskFriendship { host: hosts[1 - asker], greeting: "Ciao".into() });
            pair.advance(10_000);
        }
        // So that Ada shows her certificate.
        pair.pass_by(ADA, &Frame::Control(Control::Leaving));
        let reset = forged_reset(&pair);
        assert_eq!(pair.carry(ADA, &reset).len(), 1, "{asks:?}");
        pair.advance(10 * MINUTE);
        let stands = asks == Some(ADA) && hosts[ADA] < hosts[GRACE];
        let then = if stands { FriendState::RequestSent } else { then };
        assert_eq!(pair.record(ADA).map(|friend| friend.state), Some(then), "{asks:?}");
        assert_eq!(pair.pairings(ADA).is_empty(), then != FriendState::Friend);
    }
}

#[test]
fn a_reset_of_a_friend_whose_friendship_was_ended_is_answered_no_and_ends_it_there_too() {
    let mut pair = Pair::friends();
    pair.write(ADA, "hello");
    let grace = pair.id(GRACE);
    let spoilt = Forger::of(&pair, ADA).undecryptable();
    pair.filter(ADA, |_| false);
    pair.command(ADA, Command::EndFriendship { host: grace });
    pair.carry(GRACE, &spoilt);
    let ends: BTreeSet<_> = pair.pairings(ADA)[0].sending().iter().map(|epoch| epoch.tag).collect();
    // Nothing of the END ever arrives.
    pair.filter(ADA, move |envelope| !ends.contains(&envelope.tag));
    pair.advance(10 * MINUTE);
    assert_eq!([pair.state(ADA), pair.state(GRACE)], [FriendState::Ended; 2]);
    let answers = [PacketService::FriendshipNo, PacketService::FriendshipYes].map(|service| pair.made(ADA, service));
    assert_eq!(answers, [1, 0]);
}

#[test]
fn of_two_resets_that_cross_that_of_the_smaller_id_stands_and_both_end_with_the_key_of_its_answer() {
    let mut pair = Pair::friends();
    let small = usize::from(pair.id(GRACE) < pair.id(ADA));
    let yes = |pair: &Pair| [ADA, GRACE].map(|host| pair.made(host, PacketService::FriendshipYes));
    let before = yes(&pair);
    for host in [ADA, GRACE] {
        let spoilt = Forger::of(&pair, 1 - host).undecryptable();
        pair.carry(host, &spoilt);
    }
    pair.air = Box::new(|_, _| None);
    pair.advance(2 * MINUTE);
    assert_eq!([ADA, GRACE].map(|host| pair.made(host, PacketService::Reset)), [1, 1]);
    pair.air = Box::new(|_, envelope| Some(envelope));
    pair.advance(5 * MINUTE);
    let made = [small, 1 - small].map(|host| yes(&pair)[host] - before[host]);
    assert_eq!(made, [0, 1]);
    pair.share_one_key();
}
