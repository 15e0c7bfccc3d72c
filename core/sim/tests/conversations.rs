//! What becomes of messages when something is lost, late, too much, or comes out of an old copy.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod pair;

use std::cell::RefCell;
use std::rc::Rc;

use pair::{DAY, MINUTE, Pair};
use permesso_engine::api::{
    Command, Event, FailReason, FriendState, Match, MessageState, Notice, PacketState, Setting,
};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Proofs};
use permesso_engine::rows::StoredState;
use permesso_engine::time::Millis;

/// Catches every message envelope of Ada's from now on.
fn catch(pair: &mut Pair) -> Rc<RefCell<Vec<Envelope>>> {
    let caught = Rc::new(RefCell::new(Vec::new()));
    let keep = Rc::clone(&caught);
    pair.air = Box::new(move |from, envelope| {
        if from == 0 && envelope.class == Class::Message {
            keep.borrow_mut().push(envelope);
            return None;
        }
        Some(envelope)
    });
    caught
}

fn let_through(pair: &mut Pair) {
    pair.air = Box::new(|_, envelope| Some(envelope));
}

#[test]
fn two_hundred_messages_that_arrive_in_reverse_are_all_shown_in_order() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    let caught = catch(&mut pair);
    let sent: Vec<String> = (0..200).map(|number| format!("number {number}")).collect();
    for text in &sent {
        pair.write(0, text);
    }
    let_through(&mut pair);
    for envelope in caught.take().into_iter().rev() {
        pair.inject(1, &Frame::Forward(vec![envelope]));
    }
    assert_eq!(pair.texts(1)[1..], sent);
    assert!(pair.history(0).iter().all(|row| row.state == StoredState::Delivered));
    assert_eq!(pair.notices(1), []);
}

#[test]
fn a_duplicate_is_proved_again_and_not_shown_again() {
    let mut pair = Pair::friends();
    let caught = catch(&mut pair);
    let message = pair.write(0, "once");
    let_through(&mut pair);
    let envelope = caught.take().remove(0);
    pair.inject(1, &Frame::Forward(vec![envelope.clone(), envelope.clone()]));
    pair.inject(1, &Frame::Forward(vec![envelope]));
    assert_eq!(pair.texts(1), ["once"]);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.hosts[1].engine.counters()["duplicate message"], 2);
}

#[test]
fn a_peer_that_sends_without_end_and_never_reads_is_cut_off() {
    let mut pair = Pair::friends();
    let caught = catch(&mut pair);
    pair.write(0, "once");
    let_through(&mut pair);
    let envelope = caught.take().remove(0);
    pair.deaf = true;
    let before = pair.frames[1];
    for _ in 0..10_000 {
        if pair.links.is_empty() {
            break;
        }
        pair.inject(1, &Frame::Forward(vec![envelope.clone(); 64]));
    }
    assert!(pair.links.is_empty());
    // 64 kB of credit and 320 KiB of overdraft, in proofs of 1 kB a frame.
    assert!(pair.frames[1] - before < 450);
}

#[test]
fn what_never_comes_is_given_up_after_a_day_and_that_is_said() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    let caught = catch(&mut pair);
    for number in 0..60 {
        pair.write(0, &format!("lost {number}"));
    }
    pair.write(0, "late");
    let late = caught.borrow_mut().pop().unwrap();
    pair.inject(1, &Frame::Forward(vec![late]));
    assert_eq!(pair.texts(1), ["first"]);
    let waits = pair.hosts[1].engine.packets();
    assert!(waits.iter().any(|packet| packet.state == PacketState::ProcessWait));
    pair.take_events(1);
    pair.sleep(DAY + MINUTE);
    assert_eq!(pair.texts(1), ["first", "late"]);
    let host = pair.id(0);
    assert_eq!(pair.notices(1), [Notice::MessagesLost { host, count: 60 }]);
}

#[test]
fn what_is_held_waits_no_longer_for_a_clock_that_was_years_ahead_and_is_set_right() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    let caught = catch(&mut pair);
    for number in 0..60 {
        pair.write(0, &format!("lost {number}"));
    }
    pair.write(0, "late");
    let late = caught.borrow_mut().pop().unwrap();
    pair.ahead = 20 * 365 * DAY;
    pair.inject(1, &Frame::Forward(vec![late]));
    assert_eq!(pair.texts(1), ["first"]);
    pair.ahead = 0;
    pair.advance(MINUTE);
    pair.sleep(DAY + MINUTE);
    assert_eq!(pair.texts(1), ["first", "late"]);
}

#[test]
fn a_held_ciphertext_survives_a_restart() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    let caught = catch(&mut pair);
    let sent: Vec<String> = (0..60).map(|number| format!("number {number}")).collect();
    for text in &sent {
        pair.write(0, text);
    }
    let envelopes = caught.take();
    pair.inject(1, &Frame::Forward(envelopes[50..].to_vec()));
    assert_eq!(pair.texts(1), ["first"]);
    pair.switch_off(1);
    let_through(&mut pair);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.texts(1)[1..], sent);
}

#[test]
fn a_sender_that_comes_back_from_an_old_copy_is_understood_again_after_a_reset() {
    let mut pair = Pair::friends();
    pair.write(0, "before");
    let copy = pair.hosts[0].store.clone();
    for number in 0..5 {
        pair.write(0, &format!("forgotten {number}"));
    }
    pair.write(1, "answer");
    pair.switch_off(0);
    pair.switch_on(0, Some(copy));
    pair.take_events(0);
    pair.take_events(1);
    let message = pair.write(0, "from the old copy");
    pair.advance(10 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.texts(1).last().unwrap(), "from the old copy");
    let (ada, grace) = (pair.id(0), pair.id(1));
    assert!(pair.notices(0).contains(&Notice::EncryptionReset { host: grace }));
    assert!(pair.notices(1).contains(&Notice::EncryptionReset { host: ada }));
    let back = pair.write(1, "and back");
    assert_eq!(pair.fate(1, back), StoredState::Delivered);
}

#[test]
fn a_host_that_was_killed_gets_what_it_missed_as_soon_as_it_is_back() {
    let mut pair = Pair::friends();
    pair.write(0, "first");
    pair.kill(1);
    let message = pair.write(0, "missed");
    assert_eq!(pair.fate(0, message), StoredState::Queued);
    pair.switch_on(1, None);
    pair.advance(5_000);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.texts(1), ["first", "missed"]);
}

#[test]
fn what_does_not_open_is_answered_by_nothing() {
    let mut pair = Pair::friends();
    let caught = catch(&mut pair);
    pair.write(0, "secret");
    let envelope = caught.take().remove(0);
    let before = pair.frames[1];
    for position in (0..envelope.body.len()).step_by(7) {
        let mut changed = envelope.clone();
        changed.body[position] ^= 0x20;
        pair.inject(1, &Frame::Forward(vec![changed]));
    }
    assert_eq!(pair.frames[1], before);
    assert_eq!(pair.texts(1), Vec::<String>::new());
    assert_eq!(pair.state(1), FriendState::Friend);
}

/// Before which texts of the other a host shows that something is missing.
fn after_gaps(pair: &Pair, host: usize) -> Vec<String> {
    let (peer, engine) = (pair.id(1 - host), &pair.hosts[host].engine);
    pair.history(host).into_iter().filter(|row| engine.is_after_gap(peer, row.key)).map(|row| row.text).collect()
}

#[test]
fn the_history_says_before_which_message_one_is_missing_over_a_restart_too_until_it_comes() {
    let mut pair = Pair::friends();
    pair.filter(0, |_| false);
    let first = pair.write(0, "first");
    let host = pair.id(1);
    pair.command(0, Command::Cancel { message: first });
    pair.filter(0, |_| true);
    pair.write(0, "second");
    pair.write(0, "third");
    assert_eq!((pair.texts(1), after_gaps(&pair, 1)), (vec!["second".into(), "third".into()], vec!["second".into()]));
    pair.switch_off(1);
    pair.switch_on(1, None);
    assert_eq!(after_gaps(&pair, 1), ["second"]);
    pair.command(0, Command::Retry { message: first });
    pair.advance(MINUTE);
    assert_eq!((pair.texts(1), after_gaps(&pair, 1)), (vec!["first".into(), "second".into(), "third".into()], vec![]));
    assert!(!pair.hosts[0].engine.is_after_gap(host, pair.history(0)[1].key));
}

#[test]
fn what_was_here_and_was_removed_is_not_missing() {
    let mut pair = Pair::friends();
    let [theirs, mine] = [(0, "theirs"), (1, "mine")].map(|(from, text)| pair.write(from, text));
    pair.filter(0, |_| false);
    pair.write(0, "answer");
    for message in [mine, theirs] {
        pair.command(1, Command::DeleteMessage { message });
    }
    pair.switch_off(1);
    pair.filter(0, |_| true);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!((pair.texts(1), after_gaps(&pair, 1)), (vec!["answer".into()], vec![]));
    // Nor what went because the history was full.
    pair.command(1, Command::Set(Setting::HistoryLimit(1)));
    pair.write(1, "last of mine");
    for text in ["answer to mine", "answer to that"] {
        pair.write(0, text);
        pair.switch_off(1);
        pair.switch_on(1, None);
        assert_eq!((pair.texts(1), after_gaps(&pair, 1)), (vec![text.into()], vec![]));
    }
}

#[test]
fn the_proof_of_the_first_of_many_sealings_delivers_and_more_than_sixty_four_are_not_made() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxExpiry(Millis::from_days(365))));
    let sealings = Rc::new(RefCell::new(Vec::<Envelope>::new()));
    let seen = sealings.clone();
    pair.filter(0, move |envelope| {
        let mut sealings = seen.borrow_mut();
        if sealings.iter().all(|known| known.id() != envelope.id()) {
            sealings.push(envelope.clone());
        }
        false
    });
    let message = pair.write(0, "often sealed");
    for _ in 0..80 {
        pair.sleep(4 * DAY);
        pair.advance(20 * MINUTE);
    }
    assert_eq!(pair.fate(0, message), StoredState::Queued);
    assert_eq!(sealings.borrow().len(), 64);
    let first = sealings.borrow()[0].clone();
    pair.switch_off(0);
    pair.switch_on(0, None);
    pair.advance(MINUTE);
    pair.lose_proofs = true;
    pair.inject(1, &Frame::Forward(vec![first]));
    assert_eq!((pair.texts(1), pair.fate(0, message)), (vec!["often sealed".into()], StoredState::Queued));
    let secrets = pair.proofs[1].split_off(pair.proofs[1].len() - 1);
    pair.inject(0, &Frame::Proofs(Proofs { first: 0, secrets }));
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
}

#[test]
fn what_was_sealed_as_often_as_may_be_still_arrives() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxExpiry(Millis::from_days(365))));
    pair.filter(0, |_| false);
    let message = pair.write(0, "late");
    for _ in 0..70 {
        pair.sleep(4 * DAY);
        pair.advance(20 * MINUTE);
    }
    pair.filter(0, |_| true);
    pair.advance(20 * MINUTE);
    assert_eq!((pair.texts(1), pair.fate(0, message)), (vec!["late".into()], StoredState::Delivered));
}

#[test]
fn a_limit_that_is_lowered_counts_at_once_and_says_what_it_drops() {
    let mut pair = Pair::friends();
    let messages: Vec<_> = (0..4).map(|number| pair.write(0, &format!("number {number}"))).collect();
    let host = pair.id(0);
    pair.command(1, Command::Set(Setting::HistoryLimit(2)));
    let dropped = |message| Notice::HistoryDropped { host, message };
    assert_eq!(pair.notices(1), [dropped(messages[0]), dropped(messages[1])]);
    assert_eq!(pair.texts(1), ["number 2", "number 3"]);
    pair.switch_off(1);
    let waiting: Vec<_> = (4..8).map(|number| pair.write(0, &format!("number {number}"))).collect();
    pair.take_events(0);
    pair.command(0, Command::Set(Setting::OutboxLimit(2)));
    let host = pair.id(1);
    let dropped = |message| Notice::OutboxDropped { host, message };
    assert_eq!(pair.notices(0), [dropped(waiting[0]), dropped(waiting[1])]);
    let fates = waiting.iter().map(|message| pair.fate(0, *message)).collect::<Vec<_>>();
    let (failed, waits) = (StoredState::FailedDropped, StoredState::Queued);
    assert_eq!(fates, [failed, failed, waits, waits]);
}

#[test]
fn limits_that_are_lowered_in_the_configuration_count_from_the_start() {
    let mut pair = Pair::friends();
    for number in 0..4 {
        pair.write(1, &format!("number {number}"));
    }
    pair.switch_off(1);
    pair.hosts[0].events.clear();
    let waiting: Vec<_> = (4..8).map(|number| pair.write(0, &format!("number {number}"))).collect();
    pair.configure(0, |config| {
        config.messages.outbox_max = 3;
        config.messages.history_max = 5;
    });
    assert_eq!(pair.history(0).len(), 5);
    assert_eq!(pair.fate(0, waiting[0]), StoredState::FailedDropped);
    let told = pair.notices(0);
    assert_eq!(told.iter().filter(|notice| matches!(notice, Notice::HistoryDropped { .. })).count(), 3);
    assert!(told.contains(&Notice::OutboxDropped { host: pair.id(1), message: waiting[0] }));
}

#[test]
fn an_outbox_limit_that_was_set_yields_to_fewer_marks_in_the_configuration() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxLimit(5_000)));
    pair.configure(0, |config| config.messages.marks_max = 1_001);
    assert_eq!(pair.hosts[0].engine.settings().outbox_limit, 1_000);
    // Another setting does not bring it back.
    pair.command(0, Command::Set(Setting::HistoryLimit(77)));
    assert_eq!(pair.hosts[0].engine.settings().outbox_limit, 1_000);
    assert_eq!(pair.hosts[0].engine.changed_settings().outbox_limit, Some(1_000));
}

#[test]
fn a_full_outbox_drops_its_oldest_message_and_says_so() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxLimit(3)));
    pair.switch_off(1);
    let messages: Vec<_> = (0..5).map(|number| pair.write(0, &format!("number {number}"))).collect();
    let host = pair.id(1);
    let dropped = |message| Notice::OutboxDropped { host, message };
    assert_eq!(pair.notices(0), [dropped(messages[0]), dropped(messages[1])]);
    assert_eq!(pair.fate(0, messages[0]), StoredState::FailedDropped);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.texts(1), ["number 2", "number 3", "number 4"]);
}

#[test]
fn a_full_history_drops_its_oldest_message_and_says_so() {
    let mut pair = Pair::friends();
    pair.command(1, Command::Set(Setting::HistoryLimit(3)));
    let messages: Vec<_> = (0..5).map(|number| pair.write(0, &format!("number {number}"))).collect();
    assert_eq!(pair.texts(1), ["number 2", "number 3", "number 4"]);
    let host = pair.id(0);
    let dropped = |message| Notice::HistoryDropped { host, message };
    assert_eq!(pair.notices(1), [dropped(messages[0]), dropped(messages[1])]);
}

#[test]
fn a_message_whose_time_runs_out_fails_with_the_reason_and_can_be_sent_again() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxExpiry(Millis::from_days(2))));
    pair.switch_off(1);
    let message = pair.write(0, "too late");
    pair.take_events(0);
    pair.sleep(2 * DAY);
    let told = |event: &Event| match event {
        Event::MessageChanged { state, .. } => Some(state.clone()),
        _ => None,
    };
    let states: Vec<MessageState> = pair.take_events(0).iter().filter_map(told).collect();
    assert_eq!(states, [MessageState::Failed { reason: FailReason::Expired }]);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.texts(1), Vec::<String>::new());
    pair.command(0, Command::Retry { message });
    pair.advance(MINUTE);
    assert_eq!(pair.texts(1), ["too late"]);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
}

#[test]
fn a_cancelled_message_is_not_delivered_and_those_after_it_are() {
    let mut pair = Pair::friends();
    pair.switch_off(1);
    let message = pair.write(0, "never mind");
    pair.write(0, "this one");
    pair.command(0, Command::Cancel { message });
    assert_eq!(pair.fate(0, message), StoredState::FailedCancelled);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.texts(1), ["this one"]);
    assert!(pair.try_command(0, Command::Cancel { message }).is_err());
}

#[test]
fn that_a_message_was_opened_is_told_only_by_who_wants_it() {
    let mut pair = Pair::friends();
    let first = pair.write(0, "one");
    let ada = pair.id(0);
    pair.command(1, Command::MarkRead { host: ada });
    assert_eq!(pair.fate(0, first), StoredState::Delivered);
    pair.command(1, Command::Set(Setting::ReadReceipts(true)));
    let second = pair.write(0, "two");
    pair.command(1, Command::MarkRead { host: ada });
    assert_eq!(pair.fate(0, second), StoredState::Read);
    assert_eq!(pair.fate(0, first), StoredState::Delivered);
}

#[test]
fn after_thirty_days_of_silence_and_new_keys_two_friends_still_talk() {
    let mut pair = Pair::friends();
    pair.command(0, Command::Set(Setting::OutboxExpiry(Millis::from_days(90))));
    pair.write(0, "before");
    pair.switch_off(1);
    let message = pair.write(0, "while you were away");
    pair.sleep(40 * DAY);
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    pair.write(1, "back");
    assert_eq!(pair.texts(0), ["before", "while you were away", "back"]);
}

#[test]
fn what_waited_while_a_friendship_began_anew_arrives_right_behind_the_answer() {
    let mut pair = Pair::new();
    let copy = pair.hosts[0].store.clone();
    pair.befriend();
    pair.switch_off(0);
    let message = pair.write(1, "since yesterday");
    pair.switch_on(0, Some(copy));
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::AskFriendship { host: grace, greeting: String::new() });
    pair.advance(10_000);
    // The first link on which Grace's answer leaves breaks before it arrives.
    pair.filter(1, |_| false);
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.filter(1, |_| true);
    pair.cut();
    pair.advance(10_000);
    assert_eq!(pair.texts(0), ["since yesterday"]);
    assert_eq!(pair.fate(1, message), StoredState::Delivered);
}

#[test]
fn a_message_being_reset_waits_and_is_sent_under_the_new_key() {
    let mut pair = Pair::friends();
    let copy = pair.hosts[1].store.clone();
    for number in 0..3 {
        pair.write(1, &format!("answer {number}"));
    }
    pair.switch_off(1);
    pair.switch_on(1, Some(copy));
    pair.write(1, "does not open");
    let message = pair.write(0, "in the middle");
    pair.advance(10 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.texts(0).last().unwrap(), "does not open");
}
