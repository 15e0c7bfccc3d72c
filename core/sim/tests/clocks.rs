//! Clocks that are wrong by decades, and that are set while messages wait. What people are shown follows their clock; what
//! grows old does so by time that has really passed.

mod pair;

use pair::{DAY, MINUTE, Pair};
use permesso_engine::api::{Command, FriendState, Notice};
use permesso_engine::rows::StoredState;

const IN_1970: u64 = 0;
const IN_2026: u64 = 1_790_000_000_000;
const IN_2100: u64 = 4_102_444_800_000;

#[test]
fn hosts_meet_become_friends_and_talk_in_1970_and_in_2100() {
    for epoch in [IN_1970, IN_2100] {
        let mut pair = Pair::at(epoch);
        pair.befriend();
        let (one, other) = (pair.write(0, "Hello"), pair.write(1, "Hello to you"));
        pair.advance(MINUTE);
        assert_eq!([pair.fate(0, one), pair.fate(1, other)], [StoredState::Delivered; 2]);
        let row = pair.history(1).pop().unwrap();
        assert!(row.local_time.0.abs_diff(epoch) < DAY && row.send_time.0.abs_diff(epoch) < DAY);
        let ada = pair.id(0);
        let hosts = pair.hosts[1].engine.hosts();
        assert!(hosts.iter().any(|host| host.host == ada && host.online), "no beacons");
    }
}

#[test]
fn a_message_in_1970_and_in_2100_expires_after_its_thirty_days_and_not_before() {
    for epoch in [IN_1970, IN_2100] {
        let mut pair = Pair::at(epoch);
        pair.befriend();
        pair.switch_off(1);
        let message = pair.write(0, "Are you there?");
        // Without beacons a month goes by sooner.
        pair.command(0, Command::Leave);
        pair.advance(29 * DAY);
        assert_eq!(pair.fate(0, message), StoredState::Queued);
        pair.advance(2 * DAY);
        assert_eq!(pair.fate(0, message), StoredState::FailedExpired);
    }
}

#[test]
fn nothing_that_waits_expires_because_the_clock_leaps_by_decades() {
    let mut pair = Pair::at(IN_2026);
    pair.befriend();
    pair.switch_off(1);
    let message = pair.write(0, "Are you there?");
    for epoch in [IN_2100, IN_1970, IN_2026, IN_1970, IN_2100] {
        pair.epoch = epoch;
        pair.advance(5 * MINUTE);
        assert_eq!(pair.fate(0, message), StoredState::Queued, "at {epoch}");
    }
    pair.switch_on(1, None);
    pair.advance(MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    assert_eq!(pair.texts(1), ["Are you there?"]);
}

#[test]
fn what_waits_still_expires_in_its_time_when_the_clock_has_been_set_back_by_decades() {
    let mut pair = Pair::at(IN_2100);
    pair.befriend();
    pair.switch_off(1);
    let message = pair.write(0, "Are you there?");
    pair.command(0, Command::Leave);
    pair.epoch = IN_1970;
    pair.advance(31 * DAY);
    assert_eq!(pair.fate(0, message), StoredState::FailedExpired);
}

#[test]
fn a_friend_request_survives_leaps_of_the_clock_and_is_answered() {
    let mut pair = Pair::at(IN_1970);
    pair.command(0, Command::Search { alias: "gra".into(), matching: permesso_engine::api::Match::Partial });
    pair.advance(5_000);
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(0, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
    pair.advance(10_000);
    for epoch in [IN_2100, IN_1970, IN_2026] {
        pair.epoch = epoch;
        pair.advance(5 * MINUTE);
    }
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::RequestSent, FriendState::RequestReceived]);
    pair.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
    pair.advance(MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
    assert!(!pair.notices(0).iter().any(|notice| matches!(notice, Notice::AskExpired { .. })));
}

#[test]
fn a_host_that_starts_with_a_wrong_clock_loses_nothing_that_waited() {
    for wrong in [IN_1970, IN_2100] {
        let mut pair = Pair::at(IN_2026);
        pair.befriend();
        pair.switch_off(1);
        let message = pair.write(0, "Are you there?");
        pair.switch_off(0);
        // A battery has run empty: the clock is wrong until the network sets it.
        pair.epoch = wrong;
        pair.switch_on(0, None);
        pair.advance(5 * MINUTE);
        pair.epoch = IN_2026;
        pair.advance(5 * MINUTE);
        assert_eq!(pair.fate(0, message), StoredState::Queued, "started in {wrong}");
        pair.switch_on(1, None);
        pair.advance(MINUTE);
        assert_eq!(pair.fate(0, message), StoredState::Delivered, "started in {wrong}");
    }
}

#[test]
fn time_passes_while_a_host_is_switched_off() {
    let mut pair = Pair::at(IN_2026);
    pair.befriend();
    pair.switch_off(1);
    let message = pair.write(0, "Are you there?");
    pair.switch_off(0);
    pair.clock += 31 * DAY;
    pair.switch_on(0, None);
    assert_eq!(pair.fate(0, message), StoredState::FailedExpired);
}

#[test]
fn friends_go_on_talking_while_the_clock_leaps() {
    let mut pair = Pair::at(IN_2026);
    pair.befriend();
    for (number, epoch) in [IN_2100, IN_1970, IN_2100, IN_2026].into_iter().enumerate() {
        pair.epoch = epoch;
        pair.write(number % 2, &format!("number {number}"));
        pair.advance(60 * MINUTE);
    }
    let expected: Vec<_> = (0..4).map(|number| format!("number {number}")).collect();
    assert_eq!([pair.texts(0), pair.texts(1)], [expected.clone(), expected]);
    assert!(pair.history(0).iter().chain(&pair.history(1)).all(|row| row.state == StoredState::Delivered));
}
