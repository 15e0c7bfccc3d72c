//! Bodies and their proofs.

use permesso_engine::api::{Command, Notice, Setting};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::ids::{AckHash, MessageId};
use permesso_engine::rows::{StoredState, Table};

use crate::malice::{ADA, Forger, GRACE};
use crate::pair::{DAY, MINUTE, Pair};

/// Two friends; whatever Ada writes is lost, in two sealings that lie days and an epoch apart.
fn sealed_twice() -> (Pair, MessageId, [Envelope; 2]) {
    let mut pair = Pair::friends();
    pair.filter(ADA, |_| false);
    let message = pair.write(ADA, "sealed twice");
    pair.sleep(4 * DAY);
    let sent = pair.sent(ADA, Class::Message);
    let (first, last) = (sent.first().unwrap().1.clone(), sent.last().unwrap().1.clone());
    (pair, message, [first, last])
}

#[test]
fn a_proof_acknowledges_the_epoch_of_the_very_sealing_it_belongs_to() {
    for nth in [0, 1] {
        let (mut pair, message, sealings) = sealed_twice();
        let bodies = sealings.map(|sealing| pair.open_own(ADA, &sealing));
        assert_eq!(bodies.each_ref().map(|body| body.0), [0, 1]);
        assert_eq!(pair.pairings(ADA)[0].send.acknowledged, None);
        pair.prove(ADA, bodies[nth].3);
        assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
        assert_eq!(pair.pairings(ADA)[0].send.acknowledged, Some(nth as u32));
    }
}

#[test]
fn a_proof_of_a_sealing_from_before_a_reset_acknowledges_no_epoch_of_the_new_pairing() {
    let mut pair = Pair::friends();
    pair.filter(ADA, |envelope| envelope.class == Class::Ask);
    let message = pair.write(ADA, "lost twice");
    let secret = pair.open_own(ADA, &pair.sent(ADA, Class::Message)[0].1).3;
    let spoilt = Forger::of(&pair, GRACE).undecryptable();
    pair.carry(ADA, &spoilt);
    pair.advance(5 * MINUTE);
    assert_eq!(pair.pairings(ADA).len(), 2);
    let anew = pair.sent(ADA, Class::Message).pop().unwrap().1;
    assert_eq!(pair.open_own(ADA, &anew).2, message);
    pair.prove(ADA, secret);
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    assert_eq!(pair.pairings(ADA)[1].send.acknowledged, None);
}

#[test]
fn a_proof_delivers_its_own_message_and_no_other() {
    let mut pair = Pair::friends();
    pair.filter(ADA, |_| false);
    let messages = [pair.write(ADA, "one"), pair.write(ADA, "two")];
    let sent = pair.sent(ADA, Class::Message);
    let body = sent.iter().map(|(_, envelope)| pair.open_own(ADA, envelope)).find(|body| body.2 == messages[1]);
    pair.prove(ADA, body.unwrap().3);
    assert_eq!(messages.map(|message| pair.fate(ADA, message)), [StoredState::Queued, StoredState::Delivered]);
}

#[test]
fn each_sealing_of_a_message_is_proved_with_its_own_secret() {
    let (mut pair, _, sealings) = sealed_twice();
    for sealing in &sealings {
        let secret = pair.open_own(ADA, sealing).3;
        assert_eq!(pair.carry(GRACE, sealing), [secret]);
    }
    assert_eq!(pair.texts(GRACE), ["sealed twice"]);
}

#[test]
fn a_body_whose_secret_does_not_fit_the_ack_hash_is_refused() {
    let mut pair = Pair::friends();
    let mut grace = Forger::of(&pair, GRACE);
    let body = grace.body("whose proof proves nothing");
    let false_hash = grace.pen.seal(&grace.epoch, &body, AckHash([7; 16])).unwrap();
    assert_eq!(pair.carry(ADA, &false_hash), []);
    assert!(pair.texts(ADA).is_empty());
    let true_hash = grace.seal(&body);
    assert_eq!(pair.carry(ADA, &true_hash), [body.3]);
    assert_eq!(pair.texts(ADA), ["whose proof proves nothing"]);
}

#[test]
fn a_body_that_names_another_epoch_than_its_tag_is_refused() {
    let mut pair = Pair::friends();
    let mut grace = Forger::of(&pair, GRACE);
    let body = grace.body("from another epoch");
    let mut elsewhere = body.clone();
    elsewhere.0 += 1;
    let misplaced = grace.seal(&elsewhere);
    assert_eq!(pair.carry(ADA, &misplaced), []);
    assert!(pair.texts(ADA).is_empty());
    let rightly_placed = grace.seal(&body);
    assert_eq!(pair.carry(ADA, &rightly_placed), [body.3]);
}

#[test]
fn a_text_under_an_id_that_is_not_its_own_is_refused() {
    let mut pair = Pair::friends();
    let mut grace = Forger::of(&pair, GRACE);
    let mut body = grace.body("under a false name");
    body.2.0[0] ^= 1;
    let misnamed = grace.seal(&body);
    assert_eq!(pair.carry(ADA, &misnamed), []);
    assert!(pair.texts(ADA).is_empty());
    let next = grace.text("under its own");
    assert_eq!(pair.carry(ADA, &next).len(), 1);
    assert_eq!(pair.texts(ADA), ["under its own"]);
}

/// Whether a text that got lost is sent again as the same ciphertext, after Ada has begun so many new chains since.
fn sent_again_unchanged(newer_chains: usize) -> bool {
    let mut pair = Pair::friends();
    pair.write(ADA, "one chain");
    pair.write(GRACE, "of each");
    pair.filter(ADA, |_| false);
    let lost = pair.write(ADA, "lost");
    pair.filter(ADA, |_| true);
    // Grace has seen nothing of the chain it was lost from: the first turn still belongs to that.
    for _ in 0..=newer_chains {
        pair.write(GRACE, "your turn");
        pair.write(ADA, "mine");
    }
    pair.advance(MINUTE);
    assert_eq!(pair.fate(ADA, lost), StoredState::Delivered);
    let sent = pair.sent(ADA, Class::Message);
    let of_lost = sent.iter().map(|(_, envelope)| pair.open_own(ADA, envelope)).filter(|body| body.2 == lost);
    let ciphertexts: Vec<_> = of_lost.map(|body| body.6).collect();
    assert!(ciphertexts.len() >= 2);
    ciphertexts.first() == ciphertexts.last()
}

#[test]
fn a_message_is_encrypted_anew_once_three_newer_chains_of_its_sender_exist_and_not_before() {
    assert!(sent_again_unchanged(2));
    assert!(!sent_again_unchanged(3));
}

#[test]
fn an_envelope_is_sealed_afresh_when_its_lifetime_has_run_out_and_not_before() {
    let mut pair = Pair::friends();
    pair.filter(ADA, |_| false);
    pair.write(ADA, "on its way for days");
    pair.sleep(2 * DAY);
    let young = pair.sent(ADA, Class::Message);
    assert!(young.len() >= 2);
    assert!(young.iter().all(|(_, envelope)| envelope.id() == young[0].1.id()));
    pair.sleep(DAY);
    let (_, old) = pair.sent(ADA, Class::Message).pop().unwrap();
    assert_ne!(old.ack_hash, young[0].1.ack_hash);
    assert_eq!(old.lifetime, 72 * 3_600);
    let bodies = [&young[0].1, &old].map(|envelope| pair.open_own(ADA, envelope));
    assert_eq!((bodies[0].2, &bodies[0].6), (bodies[1].2, &bodies[1].6));
    assert_ne!(bodies[0].3, bodies[1].3);
}

#[test]
fn a_failed_message_is_delivered_after_all_when_a_late_proof_comes() {
    let mut pair = Pair::friends();
    pair.filter(ADA, |_| false);
    let message = pair.write(ADA, "late but there");
    let body = pair.open_own(ADA, &pair.sent(ADA, Class::Message)[0].1);
    pair.sleep(31 * DAY);
    assert_eq!(pair.fate(ADA, message), StoredState::FailedExpired);
    pair.prove(ADA, body.3);
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    assert_eq!(pair.rows(ADA, Table::Outbox), 0);
}

/// How many ciphertexts Ada holds of sixty that wait for fifty others, under these limits. What is put out is said, and can
/// come again.
fn held(limit: impl FnOnce(&mut permesso_engine::config::MessageConfig)) -> usize {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| limit(&mut config.messages));
    let mut grace = Forger::of(&pair, GRACE);
    let envelopes: Vec<Envelope> = (0..110).map(|number| grace.text(&format!("text {number}"))).collect();
    for envelope in envelopes[50..].iter().rev() {
        assert_eq!(pair.carry(ADA, envelope), []);
    }
    let held = pair.rows(ADA, Table::Held);
    let put_out = Notice::HeldDropped { host: pair.id(GRACE) };
    assert_eq!(pair.notices(ADA), vec![put_out; 60 - held]);
    assert!(pair.texts(ADA).is_empty());
    for envelope in &envelopes[..50] {
        assert_eq!(pair.carry(ADA, envelope).len(), 1);
    }
    assert_eq!(pair.texts(ADA).len(), 50 + held);
    assert_eq!(pair.rows(ADA, Table::Held), 0);
    // Those of the highest index went, unmarked: they can come again.
    for envelope in &envelopes[50 + held..] {
        assert_eq!(pair.carry(ADA, envelope).len(), 1);
    }
    assert_eq!(pair.texts(ADA).len(), 110);
    held
}

#[test]
fn ciphertexts_held_for_their_turn_are_bounded_in_number_and_in_bytes_and_those_put_out_can_come_again() {
    assert_eq!(held(|_| {}), 60);
    assert_eq!(held(|messages| messages.held_max = 5), 5);
    let of_a_friend = held(|messages| messages.held_bytes_max = 2_000);
    assert!((2..20).contains(&of_a_friend), "{of_a_friend}");
    let of_all = held(|messages| messages.held_bytes_total = 2_000);
    assert_eq!(of_all, of_a_friend);
}

#[test]
fn what_is_left_of_many_messages_that_were_given_up_is_shown_as_soon_as_the_friend_is_back() {
    let mut pair = Pair::friends();
    pair.write(ADA, "before");
    pair.advance(5 * MINUTE);
    pair.switch_off(GRACE);
    // More than a chain may skip: those that stay were sealed when the first of them still waited.
    for number in 0..60 {
        pair.write(ADA, &format!("number {number}"));
    }
    pair.command(ADA, Command::Set(Setting::OutboxLimit(3)));
    pair.switch_on(GRACE, None);
    pair.advance(5 * MINUTE);
    assert_eq!(pair.texts(GRACE), ["before", "number 57", "number 58", "number 59"]);
}
