//! A host that goes on from an older copy of its database (R6): noticed by the generation outside it, and healed.

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

mod pair;

use std::cell::RefCell;
use std::rc::Rc;

use pair::{MINUTE, Pair};
use permesso_engine::api::{Command, Event, FriendState, Match, Notice};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::Frame;
use permesso_engine::ids::{Generation, MessageId};
use permesso_engine::rows::StoredState;
use permesso_sim::memory::MemoryStore;

const HOURS: u64 = 60 * MINUTE;

/// A copy of a host's database, and two hours in which it goes on and writes.
fn old_copy(pair: &mut Pair, host: usize) -> MemoryStore {
    let copy = pair.hosts[host].store.clone();
    pair.advance(HOURS);
    for number in 0..3 {
        pair.write(host, &format!("forgotten {number}"));
        pair.write(1 - host, &format!("lost {number}"));
    }
    pair.advance(HOURS);
    copy
}

fn restore(pair: &mut Pair, host: usize, copy: MemoryStore) {
    pair.switch_off(host);
    pair.take_events(0);
    pair.take_events(1);
    pair.switch_on(host, Some(copy));
}

#[test]
fn a_restored_copy_is_noticed_and_talks_again_without_waiting_for_a_message_to_fail() {
    let mut pair = Pair::friends();
    pair.write(0, "before");
    let copy = old_copy(&mut pair, 0);
    restore(&mut pair, 0, copy);
    assert!(pair.hosts[0].events.contains(&Event::Notice(Notice::CopyRestored)));
    // Written before the encryption has started afresh: kept, and sent under the new one.
    let (message, answer) = (pair.write(0, "from the copy"), pair.write(1, "to the copy"));
    pair.advance(2 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.fate(1, answer), StoredState::Delivered);
    let host = pair.id(0);
    assert!(pair.notices(1).contains(&Notice::EncryptionReset { host }));
    assert_eq!(pair.texts(0), ["before", "from the copy", "to the copy"]);
}

#[test]
fn a_restored_copy_whose_message_had_arrived_already_does_not_show_it_twice() {
    let mut pair = Pair::friends();
    pair.filter(0, |_| false);
    let message = pair.write(0, "once");
    let copy = pair.hosts[0].store.clone();
    pair.filter(0, |_| true);
    pair.advance(2 * HOURS);
    assert_eq!(pair.texts(1), ["once"]);
    restore(&mut pair, 0, copy);
    pair.advance(5 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.texts(1), ["once"]);
}

#[test]
fn both_friends_restored_from_copies_at_once_find_together() {
    let mut pair = Pair::friends();
    let theirs = pair.hosts[1].store.clone();
    let ours = old_copy(&mut pair, 0);
    restore(&mut pair, 1, theirs);
    restore(&mut pair, 0, ours);
    let (message, answer) = (pair.write(0, "one"), pair.write(1, "two"));
    pair.advance(20 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.fate(1, answer), StoredState::Delivered);
}

#[test]
fn a_request_open_in_the_copy_and_answered_since_is_made_again() {
    let mut pair = Pair::new();
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
    pair.advance(5_000);
    let copy = pair.hosts[0].store.clone();
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.advance(10_000);
    pair.write(0, "friends");
    pair.write(1, "yes");
    pair.advance(2 * HOURS);
    restore(&mut pair, 0, copy);
    pair.advance(MINUTE);
    assert_eq!(pair.state(0), FriendState::RequestSent);
    let greetings: Vec<_> = pair.hosts[1].engine.friends().into_iter().map(|friend| friend.greeting).collect();
    assert_eq!(greetings, [Some("Ciao".into())]);
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.advance(MINUTE);
    let message = pair.write(0, "here again");
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
}

#[test]
fn a_host_that_ended_the_friendship_since_the_copy_tells_the_restored_one() {
    let mut pair = Pair::friends();
    let copy = old_copy(&mut pair, 0);
    let ada = pair.id(0);
    pair.command(1, Command::EndFriendship { host: ada });
    pair.advance(MINUTE);
    restore(&mut pair, 0, copy);
    assert_eq!(pair.state(0), FriendState::Friend);
    pair.advance(5 * MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Ended; 2]);
}

#[test]
fn others_hear_a_restored_host_and_take_its_new_certificate() {
    let mut pair = Pair::friends();
    let copy = old_copy(&mut pair, 0);
    // It starts a few more times after the copy was made: its counters are ahead of the copy's.
    for _ in 0..3 {
        pair.switch_off(0);
        pair.switch_on(0, None);
    }
    restore(&mut pair, 0, copy);
    assert!(pair.hosts[0].outside.is_some_and(|generation| generation > Generation(65_536)));
    let ada = pair.id(0);
    assert!(pair.hosts[1].engine.hosts().iter().any(|view| view.host == ada && view.online));
}

#[test]
fn a_copy_without_its_number_outside_counts_as_restored() {
    let mut pair = Pair::friends();
    pair.switch_off(0);
    pair.hosts[0].outside = None;
    pair.take_events(0);
    pair.switch_on(0, None);
    assert!(pair.hosts[0].events.contains(&Event::Notice(Notice::CopyRestored)));
    let message = pair.write(1, "still friends");
    pair.advance(2 * MINUTE);
    assert_eq!(pair.fate(1, message), StoredState::Delivered);
}

#[test]
fn the_number_outside_moves_on_every_hour_without_anybody_noticing() {
    let mut pair = Pair::friends();
    pair.write(0, "a link is up");
    let before = pair.hosts[0].outside.unwrap();
    pair.advance(2 * HOURS + 30 * MINUTE);
    assert_eq!(pair.hosts[0].outside, Some(before.plus(2)));
    assert!(!pair.notices(1).iter().any(|notice| matches!(notice, Notice::EncryptionReset { .. })));
    pair.switch_off(0);
    pair.switch_on(0, None);
    assert!(!pair.hosts[0].events.contains(&Event::Notice(Notice::CopyRestored)));
}

#[test]
fn a_request_that_was_answered_since_the_copy_is_not_answered_a_second_time() {
    let mut pair = Pair::new();
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
    pair.advance(10_000);
    let copy = pair.hosts[1].store.clone();
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.advance(2 * HOURS);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
    restore(&mut pair, 1, copy);
    assert!(pair.try_command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false }).is_err());
    pair.command(1, Command::AskFriendship { host: ada, greeting: "Again".into() });
    pair.advance(MINUTE);
    assert!(pair.notices(0).contains(&Notice::FriendAsksAgain { host: grace }));
    pair.command(0, Command::AnswerFriendship { host: grace, accept: true, tell: false });
    pair.advance(MINUTE);
    let (there, back) = (pair.write(0, "still friends"), pair.write(1, "and talking"));
    pair.advance(MINUTE);
    assert_eq!([pair.fate(0, there), pair.fate(1, back)], [StoredState::Delivered; 2]);
}

#[test]
fn a_friendship_ended_from_a_restored_copy_ends_at_the_other_too() {
    let mut pair = Pair::friends();
    let copy = old_copy(&mut pair, 0);
    restore(&mut pair, 0, copy);
    let grace = pair.id(1);
    pair.command(0, Command::EndFriendship { host: grace });
    pair.advance(10 * MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Ended; 2]);
}

/// Keeps every ASK that this host sends, and lets it through if `passes`.
fn record_asks(pair: &mut Pair, host: usize, passes: bool) -> Rc<RefCell<Vec<Envelope>>> {
    let asks = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&asks);
    pair.air = Box::new(move |from, envelope| {
        let is_ask = from == host && envelope.class == Class::Ask;
        if is_ask {
            seen.borrow_mut().push(envelope.clone());
        }
        Some(envelope).filter(|_| passes || !is_ask)
    });
    asks
}

/// An old ASK comes to a restored host that knows nothing of its sender, who is a friend; its user says yes.
fn accept_old_ask(pair: &mut Pair, host: usize, copy: MemoryStore, ask: Envelope) {
    pair.advance(2 * HOURS);
    restore(pair, host, copy);
    // A link is up: the friend has mail for whom it takes for a friend.
    pair.write(1 - host, "who are you?");
    pair.advance(5_000);
    assert_eq!([pair.state(host), pair.state(1 - host)], [FriendState::Unknown, FriendState::Friend]);
    pair.inject(host, &Frame::Forward(vec![ask]));
    assert_eq!(pair.state(host), FriendState::RequestReceived);
    let asker = pair.id(1 - host);
    pair.command(host, Command::AnswerFriendship { host: asker, accept: true, tell: false });
    pair.advance(5 * MINUTE);
    let (there, back) = (pair.write(1 - host, "you again"), pair.write(host, "and you"));
    pair.advance(5 * MINUTE);
    assert_eq!([pair.fate(1 - host, there), pair.fate(host, back)], [StoredState::Delivered; 2]);
    assert_eq!(pair.texts(1 - host).last().map(String::as_str), Some("and you"));
}

/// Two friends, a copy of Grace's database from before they were, and the ASK of Ada's that made them so.
fn friends_and_the_ask() -> (Pair, MemoryStore, Envelope) {
    let mut pair = Pair::new();
    let (ada, grace) = (pair.id(0), pair.id(1));
    let asks = record_asks(&mut pair, 0, true);
    let copy = pair.hosts[1].store.clone();
    pair.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
    pair.advance(10_000);
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.advance(10_000);
    pair.write(0, "friends");
    let ask = asks.borrow_mut().remove(0);
    (pair, copy, ask)
}

#[test]
fn a_restored_host_that_says_yes_anew_to_a_request_it_had_answered_shares_keys_with_its_friend_again() {
    let (mut pair, copy, ask) = friends_and_the_ask();
    pair.write(1, "yes");
    accept_old_ask(&mut pair, 1, copy, ask);
}

#[test]
fn a_host_killed_before_it_can_reset_what_a_restored_friend_said_yes_to_anew_makes_up_for_it() {
    let (mut pair, copy, ask) = friends_and_the_ask();
    let ada = pair.id(0);
    pair.advance(2 * HOURS);
    restore(&mut pair, 1, copy);
    pair.write(0, "who are you?");
    pair.advance(5_000);
    pair.inject(1, &Frame::Forward(vec![ask]));
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    // The answer is taken and proved at once; the reset leaves a second later at least.
    pair.advance(500);
    pair.kill(0);
    pair.switch_on(0, None);
    pair.advance(MINUTE);
    let (there, back) = (pair.write(0, "you again"), pair.write(1, "and you"));
    pair.advance(5 * MINUTE);
    assert_eq!([pair.fate(0, there), pair.fate(1, back)], [StoredState::Delivered; 2]);
}

#[test]
fn a_restored_host_that_says_yes_to_a_request_overtaken_by_its_own_shares_keys_with_its_friend_again() {
    for slow in [0, 1] {
        let (mut pair, quick) = (Pair::new(), 1 - slow);
        let ids = [pair.id(0), pair.id(1)];
        let asks = record_asks(&mut pair, slow, false);
        let copy = pair.hosts[quick].store.clone();
        for host in [slow, quick] {
            pair.command(host, Command::Search { alias: "a".into(), matching: Match::Partial });
            pair.advance(5_000);
            pair.command(host, Command::AskFriendship { host: ids[1 - host], greeting: "Ciao".into() });
            pair.advance(5_000);
        }
        // The smaller id's own request stands, and its user may say yes to the other's all the same.
        let _ = pair.try_command(slow, Command::AnswerFriendship { host: ids[quick], accept: true, tell: false });
        pair.advance(10_000);
        pair.write(slow, "friends");
        pair.write(quick, "yes");
        pair.advance(10_000);
        assert_eq!(pair.texts(quick).len(), 2);
        let ask = asks.borrow_mut().remove(0);
        accept_old_ask(&mut pair, quick, copy, ask);
    }
}

#[test]
fn an_answer_given_before_a_host_was_restored_does_not_undo_the_friendship_made_since() {
    for asker in [0, 1] {
        let (mut pair, other) = (Pair::new(), 1 - asker);
        let ids = [pair.id(0), pair.id(1)];
        let copy = pair.hosts[other].store.clone();
        pair.command(asker, Command::Search { alias: "a".into(), matching: Match::Partial });
        pair.advance(5_000);
        pair.command(asker, Command::AskFriendship { host: ids[other], greeting: "Ciao".into() });
        pair.advance(5_000);
        let lost = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&lost);
        pair.air = Box::new(move |from, envelope| {
            if from == other {
                seen.borrow_mut().push(envelope);
                return None;
            }
            Some(envelope)
        });
        pair.command(other, Command::AnswerFriendship { host: ids[asker], accept: true, tell: false });
        pair.advance(2 * HOURS);
        // The request goes to it no more, as if both had parted.
        pair.air = Box::new(move |from, envelope| Some(envelope).filter(|_| from == other));
        restore(&mut pair, other, copy);
        pair.command(other, Command::Search { alias: "a".into(), matching: Match::Partial });
        pair.advance(5_000);
        pair.command(other, Command::AskFriendship { host: ids[asker], greeting: "Ciao".into() });
        pair.advance(5_000);
        pair.air = Box::new(|_, envelope| Some(envelope));
        let _ = pair.try_command(asker, Command::AnswerFriendship { host: ids[other], accept: true, tell: false });
        pair.advance(2 * MINUTE);
        assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
        pair.write(asker, "a link is up");
        pair.inject(asker, &Frame::Forward(lost.borrow_mut().drain(..1).collect()));
        let (there, back) = (pair.write(asker, "there"), pair.write(other, "back"));
        pair.advance(MINUTE);
        assert_eq!([pair.fate(asker, there), pair.fate(other, back)], [StoredState::Delivered; 2], "asker {asker}");
    }
}

#[test]
fn a_yes_to_a_request_that_its_asker_forgot_leaves_no_friendship_that_one_alone_believes_in() {
    let mut pair = Pair::friends();
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(1, Command::EndFriendship { host: ada });
    pair.advance(10_000);
    let copy = pair.hosts[1].store.clone();
    pair.command(1, Command::AskFriendship { host: ada, greeting: String::new() });
    pair.advance(10_000);
    restore(&mut pair, 1, copy);
    pair.command(0, Command::AnswerFriendship { host: grace, accept: true, tell: false });
    pair.advance(10_000);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend, FriendState::Ended]);
    let message = pair.write(0, "to a friend");
    pair.advance(20 * MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Ended; 2]);
    assert_eq!(pair.fate(0, message), StoredState::FailedEnded);
    pair.befriend();
}

/// A host restored to a copy from before it had a friend, and the friend's message to it.
fn forgotten_by(forgetful: usize) -> (Pair, MessageId) {
    let mut pair = Pair::new();
    let copy = pair.hosts[forgetful].store.clone();
    pair.befriend();
    restore(&mut pair, forgetful, copy);
    let message = pair.write(1 - forgetful, "to a friend");
    pair.advance(10 * MINUTE);
    assert_eq!(pair.state(forgetful), FriendState::RequestReceived, "who takes it for a friend asks, as strangers do");
    assert_eq!(pair.state(1 - forgetful), FriendState::Friend);
    (pair, message)
}

#[test]
fn who_forgot_a_friend_wholly_is_asked_and_gets_what_was_written_meanwhile_by_a_yes() {
    for forgetful in [0, 1] {
        let (mut pair, message) = forgotten_by(forgetful);
        let (friend, other) = (1 - forgetful, pair.id(1 - forgetful));
        pair.command(forgetful, Command::AnswerFriendship { host: other, accept: true, tell: false });
        pair.advance(2 * MINUTE);
        assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
        assert_eq!(
            (pair.fate(friend, message), pair.texts(forgetful)),
            (StoredState::Delivered, vec!["to a friend".to_owned()])
        );
        let back = pair.write(forgetful, "good to know you");
        pair.advance(MINUTE);
        assert_eq!(pair.fate(forgetful, back), StoredState::Delivered);
    }
}

#[test]
fn who_forgot_a_friend_wholly_and_says_no_leaves_no_friendship_that_the_other_alone_believes_in() {
    for (forgetful, tell) in [(0, false), (1, true)] {
        let (mut pair, message) = forgotten_by(forgetful);
        let (friend, other) = (1 - forgetful, pair.id(1 - forgetful));
        pair.command(forgetful, Command::AnswerFriendship { host: other, accept: false, tell });
        pair.advance(2 * MINUTE);
        assert_eq!((pair.state(forgetful), pair.state(friend)), (FriendState::Unknown, FriendState::Ended));
        assert_eq!(pair.fate(friend, message), StoredState::FailedEnded);
        pair.befriend();
    }
}

#[test]
fn who_forgot_a_friend_wholly_and_asks_it_becomes_its_friend_again_when_the_friend_writes() {
    for forgetful in [0, 1] {
        let mut pair = Pair::new();
        let copy = pair.hosts[forgetful].store.clone();
        pair.befriend();
        restore(&mut pair, forgetful, copy);
        let (friend, other) = (1 - forgetful, pair.id(1 - forgetful));
        // The friend writes before the request comes.
        let message = pair.write(friend, "to a friend");
        pair.command(forgetful, Command::Search { alias: String::new(), matching: Match::Partial });
        pair.advance(30_000);
        pair.command(forgetful, Command::AskFriendship { host: other, greeting: "Who are you?".into() });
        pair.advance(10 * MINUTE);
        if pair.state(forgetful) == FriendState::RequestSent {
            let host = pair.id(forgetful);
            pair.command(friend, Command::AnswerFriendship { host, accept: true, tell: false });
            pair.advance(2 * MINUTE);
        }
        assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
        assert_eq!(pair.fate(friend, message), StoredState::Delivered, "{forgetful}");
    }
}
