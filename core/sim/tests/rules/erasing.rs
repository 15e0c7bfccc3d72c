//! Keys whose time is over: gone from the store, and of no more use.

use permesso_engine::api::{Command, FriendState, Match};
use permesso_engine::certificate::Certificate;
use permesso_engine::envelope::Class;
use permesso_engine::ids::{OlmKey, SealingKey};
use permesso_engine::rows::Table;
use permesso_sim::records;

use crate::malice::{ADA, Forger, GRACE, pen, stranger};
use crate::pair::{DAY, MINUTE, Pair};

fn one_time_keys(pair: &Pair, host: usize) -> usize {
    records::account(&pair.hosts[host].store).unwrap().stored_one_time_key_count()
}

/// Ada's request to Grace is on its way.
fn asked() -> Pair {
    let mut pair = Pair::new();
    let grace = pair.id(GRACE);
    pair.command(ADA, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(ADA, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
    pair.advance(10_000);
    assert_eq!(one_time_keys(&pair, ADA), 1);
    pair
}

#[test]
fn the_one_time_key_of_a_request_is_gone_once_its_answer_has_used_it() {
    for accept in [true, false] {
        let mut pair = asked();
        let ada = pair.id(ADA);
        pair.command(GRACE, Command::AnswerFriendship { host: ada, accept, tell: true });
        pair.advance(10_000);
        assert_eq!(pair.state(ADA) == FriendState::Friend, accept);
        assert_eq!(one_time_keys(&pair, ADA), 0);
        assert!(pair.record(ADA).unwrap().sent.is_none());
        let (_, answer) = pair.sent(GRACE, Class::Message).remove(0);
        // Proved once more, for Grace may not know; it makes nothing any more.
        let before = pair.pairings(ADA).len();
        assert_eq!(pair.carry(ADA, &answer).len(), 1);
        assert_eq!(pair.pairings(ADA).len(), before);
    }
}

#[test]
fn the_one_time_key_of_a_request_is_gone_when_the_request_expires_taken_back_or_not() {
    for taken_back in [false, true] {
        let mut pair = asked();
        let (ada, grace) = (pair.id(ADA), pair.id(GRACE));
        pair.filter(GRACE, |_| false);
        if taken_back {
            pair.command(ADA, Command::CancelAsk { host: grace });
        }
        pair.command(GRACE, Command::AnswerFriendship { host: ada, accept: true, tell: false });
        pair.advance(MINUTE);
        let (_, answer) = pair.sent(GRACE, Class::Message).remove(0);
        pair.sleep(13 * DAY);
        assert_eq!(one_time_keys(&pair, ADA), 1);
        pair.sleep(DAY);
        assert_eq!(one_time_keys(&pair, ADA), 0);
        assert_eq!(pair.carry(ADA, &answer), []);
        assert_eq!((pair.state(ADA), pair.pairings(ADA).len()), (FriendState::Unknown, 0));
    }
}

#[test]
fn a_replaced_sealing_secret_opens_requests_for_sixty_days_and_is_then_gone() {
    let mut pair = Pair::new();
    pair.meet(ADA, 7);
    let (identity, own) = stranger(7);
    let old = pair.certificate(ADA);
    let mut pen = pen(7);
    let numbers = |pair: &Pair| -> Vec<u64> {
        records::sealing(&pair.hosts[ADA].store).iter().map(|secret| secret.number).collect()
    };
    assert_eq!((old.sealing_number, numbers(&pair)), (1, vec![1]));
    pair.sleep(31 * DAY);
    assert_eq!(numbers(&pair), [1, 2]);
    pair.sleep(40 * DAY);
    assert_eq!(numbers(&pair), [1, 2, 3]);
    pair.sleep(19 * DAY);
    assert_eq!(numbers(&pair), [1, 2, 3]);
    let request = pen.ask(&identity, &own, &old, 0, 1).unwrap();
    assert_eq!(pair.carry(ADA, &request).len(), 1);
    // No other is renewed now: what is erased is written for its own sake.
    pair.sleep(2 * DAY);
    assert_eq!(numbers(&pair), [2, 3]);
    let request = pen.ask(&identity, &own, &old, 0, 2).unwrap();
    assert_eq!(pair.carry(ADA, &request), []);
    assert_eq!(pair.count(ADA, "ask does not open"), 1);
}

#[test]
fn a_pairing_that_a_reset_has_replaced_receives_for_seven_days_and_is_then_gone() {
    let mut pair = Pair::friends();
    let mut old = Forger::of(&pair, GRACE);
    let grace = pair.identity(GRACE);
    let own = Certificate::issue(&grace, SealingKey([1; 32]), 1, OlmKey([2; 32]), 0);
    // Nobody knows what it is answered, so nothing confirms the new pairing.
    let reset = pen(9).ask(&grace, &own, &pair.certificate(ADA), 1, u64::MAX >> 1).unwrap();
    assert_eq!(pair.carry(ADA, &reset).len(), 1);
    assert_eq!(pair.pairings(ADA).len(), 2);
    pair.sleep(6 * DAY);
    let text = old.text("six days late");
    assert_eq!(pair.carry(ADA, &text).len(), 1);
    assert_eq!(pair.texts(ADA), ["six days late"]);
    pair.sleep(DAY);
    assert_eq!(pair.pairings(ADA).len(), 1);
    let text = old.text("too late");
    assert_eq!(pair.carry(ADA, &text), []);
    // Not even its mailbox is known any more: it is carried like anybody's.
    assert_eq!(pair.rows(ADA, Table::Custody), 1);
    assert_eq!(pair.texts(ADA), ["six days late"]);
}

#[test]
fn the_old_pairing_is_gone_as_soon_as_a_body_opens_under_the_new_one() {
    let mut pair = Pair::friends();
    let spoilt = Forger::of(&pair, GRACE).undecryptable();
    pair.carry(ADA, &spoilt);
    pair.filter(ADA, |envelope| envelope.class == Class::Ask);
    pair.advance(2 * MINUTE);
    assert_eq!([ADA, GRACE].map(|host| pair.pairings(host).len()), [2, 2]);
    pair.filter(ADA, |_| true);
    pair.write(ADA, "confirmed");
    assert_eq!([ADA, GRACE].map(|host| pair.pairings(host).len()), [2, 1]);
    pair.write(GRACE, "both ways");
    assert_eq!([ADA, GRACE].map(|host| pair.pairings(host).len()), [1, 1]);
}

#[test]
fn the_keys_of_an_ended_friendship_prove_its_end_for_seven_days_and_are_then_gone() {
    let mut pair = Pair::friends();
    let ada = pair.id(ADA);
    pair.command(GRACE, Command::EndFriendship { host: ada });
    pair.advance(MINUTE);
    assert_eq!([ADA, GRACE].map(|host| pair.state(host)), [FriendState::Ended; 2]);
    // Who ended it needs them no longer than until that is proved.
    assert_eq!([ADA, GRACE].map(|host| pair.pairings(host).len()), [1, 0]);
    let (_, end) = pair.sent(GRACE, Class::Message).pop().unwrap();
    pair.sleep(6 * DAY);
    assert_eq!(pair.carry(ADA, &end).len(), 1);
    pair.sleep(DAY);
    assert_eq!(pair.rows(ADA, Table::Pairing), 0);
    // What they proved then is shown for as long as copies of it live.
    pair.sleep(3 * DAY);
    assert_eq!(pair.carry(ADA, &end), []);
}

#[test]
fn the_keys_of_a_blocked_friend_are_gone_at_once() {
    let mut pair = Pair::friends();
    let grace = pair.id(GRACE);
    let text = Forger::of(&pair, GRACE).text("unheard");
    pair.command(ADA, Command::Block { host: grace });
    assert_eq!(pair.rows(ADA, Table::Pairing), 0);
    assert_eq!(pair.carry(ADA, &text), []);
}
