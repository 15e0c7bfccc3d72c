//! Copies of envelopes that are promised and given on a link, and what becomes of those that its peer does not take.

use permesso_engine::api::LinkEvent;
use permesso_engine::frame::{Frame, Receipt, ReceiptStatus};
use permesso_engine::ids::EnvelopeName;
use permesso_engine::packet::Role;
use permesso_engine::rows::StoredState;

use crate::carriers::{MALLORY, envelopes, foreign, waiting};
use crate::malice::{ADA, GRACE};
use crate::pair::Pair;

#[test]
fn copies_that_a_carrier_refuses_when_they_come_are_here_again_and_go_to_the_next() {
    let (mut pair, message) = waiting();
    assert_eq!(pair.deposit(ADA, 9, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    let mut told = pair.said[ADA].len();
    let link = pair.greet_as(ADA, MALLORY, Role::Client, 100);
    let names = offered(&pair, told);
    assert_eq!(names.len(), 2, "its own, and what it carries");
    let say = |status| Frame::Receipt(names.iter().map(|id| Receipt { id: *id, status }).collect());
    let given = |frames: Vec<Frame>| frames.into_iter().flat_map(envelopes).map(|it| it.copies).collect::<Vec<_>>();
    assert_eq!(given(pair.answers(ADA, link, &say(ReceiptStatus::Lacking))), [12, 4]);
    // Once, however often it says so; and it is not asked again at once.
    told = pair.said[ADA].len();
    (0..3).for_each(|_| pair.say(ADA, link, &say(ReceiptStatus::Refused)));
    pair.write(ADA, "more");
    assert_eq!(offered(&pair, told).iter().filter(|id| names.contains(id)).count(), 0);
    pair.hang_up(ADA, link);
    assert_eq!(pair.fate(ADA, message), StoredState::Queued);
    let mut copies: Vec<u16> = pair.take(ADA, 8, Role::Client, 100).iter().map(|it| it.copies).collect();
    copies.sort_unstable();
    assert_eq!(copies, [4, 12, 12]);
    // It is offered them again when it comes again.
    assert_eq!(pair.take(ADA, MALLORY, Role::Client, 100).len(), 3);
}

#[test]
fn what_is_refused_before_it_left_does_not_leave_and_the_best_is_as_before() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    for number in 0..16 {
        pair.write(ADA, &format!("{number}{}", "x".repeat(4_000)));
    }
    let before = pair.said[ADA].len();
    let link = pair.greet_as(ADA, MALLORY, Role::Client, u16::MAX);
    let names = offered(&pair, before);
    let say = |status| Frame::Receipt(names.iter().map(|id| Receipt { id: *id, status }).collect());
    let sent = pair.answers(ADA, link, &say(ReceiptStatus::Lacking)).into_iter().flat_map(envelopes).count();
    assert!((1..16).contains(&sent), "{sent} of 16: a link has credit for so many");
    pair.say(ADA, link, &say(ReceiptStatus::Refused));
    let now = pair.now();
    let before = pair.said[ADA].len();
    pair.hosts[ADA].engine.handle_link(LinkEvent::Writable { link, bytes: 1 << 20 }, now);
    pair.advance(1_000);
    assert_eq!(pair.said[ADA][before..].iter().flat_map(|(_, frame)| envelopes(frame.clone())).count(), 0);
    pair.hang_up(ADA, link);
    // Somebody who has met as few as Ada had when she wrote is given its half of all.
    let next = pair.greet_as(ADA, 8, Role::Client, 1);
    let lacking = say(ReceiptStatus::Lacking);
    let given: Vec<_> = pair.answers(ADA, next, &lacking).into_iter().flat_map(envelopes).collect();
    assert!(!given.is_empty() && given.iter().all(|it| (it.copies, it.best) == (12, 1)), "{given:?}");
}

/// What a host has offered since it had said so much.
fn offered(pair: &Pair, from: usize) -> Vec<EnvelopeName> {
    let frames = pair.said[ADA][from..].iter();
    let entries = frames.filter_map(|(_, frame)| if let Frame::Offer(entries) = frame { Some(entries) } else { None });
    entries.flatten().map(|entry| entry.id).collect()
}
