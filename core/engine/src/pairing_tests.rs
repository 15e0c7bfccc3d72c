use rand_core::SeedableRng;
use uuid::Uuid;
use vodozemac::olm::{Account, SessionConfig};

use super::*;
use crate::time::Wall;

const FRIEND: FriendId = FriendId(0);

struct Pair {
    ada: Pairing,
    grace: Pairing,
    rng: Rng,
    sent: u8,
}

/// Two ends of one pairing, as after ASK and YES.
fn pair() -> Pair {
    let (mut ada, grace) = (Account::new(), Account::new());
    let one_time_key = ada.generate_one_time_keys(1).created[0];
    let config = SessionConfig::version_1();
    let mut outbound = grace.create_outbound_session(config, ada.curve25519_key(), one_time_key).unwrap();
    let OlmMessage::PreKey(first) = outbound.encrypt(b"yes").unwrap() else {
        panic!("a first message is a pre-key message")
    };
    let inbound = ada.create_inbound_session(config, grace.curve25519_key(), &first).unwrap();
    let (a, g) = (HostId::from_uuid(Uuid::from_u128(1)), HostId::from_uuid(Uuid::from_u128(2)));
    Pair {
        ada: Pairing::new(0, FRIEND, inbound.session, &[9; 32], a, g, Wall(0)),
        grace: Pairing::new(0, FRIEND, outbound, &[9; 32], g, a, Wall(0)),
        rng: Rng::from_seed([1; 32]),
        sent: 0,
    }
}

impl Pair {
    /// A sealed message from Ada, with the lowest index she names as alive.
    fn send(&mut self, lowest: u64) -> Envelope {
        self.sent += 1;
        let (olm, place) = self.ada.encrypt(&[self.sent]).unwrap();
        let lowest = lowest.min(place.index);
        self.ada.seal(&olm, MessageId([self.sent; 16]), lowest, true, Wall(0), &mut self.rng).unwrap().envelope
    }

    fn epoch(&self, envelope: &Envelope) -> u32 {
        self.grace.live_tags().find(|(tag, _)| *tag == envelope.tag).unwrap().1
    }

    fn open(&mut self, envelope: &Envelope) -> Opened {
        let epoch = self.epoch(envelope);
        self.grace.open(envelope, epoch).unwrap()
    }

    fn decide(&mut self, envelope: &Envelope) -> Decision {
        let opened = self.open(envelope);
        self.grace.decide(opened.place, opened.body.4)
    }

    fn read(&mut self, envelope: &Envelope) -> Option<Vec<u8>> {
        let opened = self.open(envelope);
        self.grace.decrypt(&opened.olm, opened.body.4)
    }
}

#[test]
fn messages_in_order_are_decrypted_at_once() {
    let mut pair = pair();
    for number in 1..=100 {
        let envelope = pair.send(0);
        assert_eq!(pair.decide(&envelope), Decision::Decrypt);
        assert_eq!(pair.read(&envelope), Some(vec![number]));
    }
}

#[test]
fn two_hundred_messages_in_reverse_order_are_all_read_with_a_hold_back_queue() {
    let mut pair = pair();
    let mut waiting: Vec<Envelope> = (0..200).map(|_| pair.send(0)).collect();
    waiting.reverse();
    let mut read = 0;
    while !waiting.is_empty() {
        let due = waiting.iter().position(|envelope| {
            let opened = pair.grace.open(envelope, pair.epoch_of(envelope)).unwrap();
            pair.grace.decide(opened.place, opened.body.4) == Decision::Decrypt
        });
        let envelope = waiting.remove(due.expect("the lowest index can always be decrypted"));
        assert!(pair.read(&envelope).is_some());
        read += 1;
    }
    assert_eq!(read, 200);
}

impl Pair {
    fn epoch_of(&self, envelope: &Envelope) -> u32 {
        self.epoch(envelope)
    }
}

#[test]
fn a_ciphertext_with_more_than_forty_missing_below_it_is_held() {
    let mut pair = pair();
    let envelopes: Vec<Envelope> = (0..42).map(|_| pair.send(0)).collect();
    assert_eq!(pair.decide(&envelopes[41]), Decision::Hold);
    assert_eq!(pair.decide(&envelopes[40]), Decision::Decrypt);
}

#[test]
fn what_the_sender_gave_up_is_not_waited_for() {
    let mut pair = pair();
    for _ in 0..60 {
        pair.send(0);
    }
    let envelope = pair.send(60);
    assert_eq!(pair.decide(&envelope), Decision::Decrypt);
    assert!(pair.read(&envelope).is_some());
}

#[test]
fn giving_up_says_how_many_are_missing_and_goes_on() {
    let mut pair = pair();
    let first = pair.send(0);
    pair.read(&first).unwrap();
    for _ in 0..50 {
        pair.send(0);
    }
    let late = pair.send(0);
    assert_eq!(pair.decide(&late), Decision::Hold);
    let place = pair.open(&late).place;
    assert_eq!(pair.grace.give_up(place), 50);
    assert_eq!(pair.decide(&late), Decision::Decrypt);
    assert!(pair.read(&late).is_some());
}

#[test]
fn a_jump_wider_than_the_ratchet_allows_is_seen() {
    let mut pair = pair();
    let first = pair.send(0);
    pair.read(&first).unwrap();
    for _ in 0..1_901 {
        let (olm, _) = pair.ada.encrypt(b"lost").unwrap();
        drop(olm);
    }
    let far = pair.send(u64::MAX);
    assert_eq!(pair.decide(&far), Decision::TooFar);
}

#[test]
fn a_body_sealed_again_carries_the_same_ciphertext_under_another_proof() {
    let mut pair = pair();
    let envelope = pair.send(0);
    let epoch = pair.epoch(&envelope);
    let again = pair.ada.reseal(&envelope, epoch, 0, Wall(0), &mut pair.rng).unwrap().envelope;
    assert_ne!(envelope.id(), again.id());
    assert_ne!(envelope.ack_hash, again.ack_hash);
    let (first, second) = (pair.open(&envelope), pair.open(&again));
    assert_eq!(first.body.6, second.body.6);
    assert_eq!(first.body.2, second.body.2);
}

#[test]
fn a_body_changed_in_any_byte_is_noise() {
    let mut pair = pair();
    let envelope = pair.send(0);
    let epoch = pair.epoch(&envelope);
    for position in 0..envelope.body.len() {
        let mut forged = envelope.clone();
        forged.body[position] ^= 1;
        assert!(pair.grace.open(&forged, epoch).is_none());
    }
    let forged = Envelope { ack_hash: AckHash([0; 16]), ..envelope };
    assert!(pair.grace.open(&forged, epoch).is_none());
}

#[test]
fn a_stored_pairing_goes_on_where_it_was() {
    let mut pair = pair();
    for _ in 0..5 {
        let envelope = pair.send(0);
        pair.read(&envelope).unwrap();
    }
    let Write::Put { value, .. } = pair.ada.write() else { panic!("a pairing is a record") };
    pair.ada = Pairing::restore(0, &value).unwrap();
    let Write::Put { value, .. } = pair.grace.write() else { panic!("a pairing is a record") };
    pair.grace = Pairing::restore(0, &value).unwrap();
    let envelope = pair.send(0);
    assert_eq!(pair.read(&envelope), Some(vec![6]));
}

#[test]
fn a_ciphertext_is_encrypted_again_after_three_newer_own_chains() {
    let mut pair = pair();
    let (_, place) = pair.ada.encrypt(b"old").unwrap();
    for turn in 0..4 {
        assert_eq!(pair.ada.is_old_chain(place.chain), turn >= 3);
        let (question, _) = pair.ada.encrypt(b"?").unwrap();
        pair.grace.decrypt(&question, 0).unwrap();
        let (answer, _) = pair.grace.encrypt(b"!").unwrap();
        pair.ada.decrypt(&answer, 0).unwrap();
        pair.ada.encrypt(b"next chain").unwrap();
    }
}
