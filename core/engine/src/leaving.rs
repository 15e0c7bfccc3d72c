//! Leaving: to whom mail is handed before a host goes, and how much to each (PROTOCOL.md, Hand-over).
//!
//! What is under way to its own recipient is waited for. Of the rest, those who are here are asked how much they would take.
//! The freest gets as much as it has room for, the next the rest. Who refuses what it has offered to take, or says nothing, is
//! passed over for the next. Whatever they do, it ends in time.

use std::collections::{BTreeSet, VecDeque};

use crate::carrying::{Holding, Whose};
use crate::custody::Prefix;
use crate::free_memory::{Room, SPREAD};
use crate::ids::{CommandId, HostId};
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// Leaving ends after this, whatever was handed on: 2 s, less what the last commit and the good-byes take.
const LEAVING_MAX: Millis = Millis(1_800);
/// The question is sent at these moments after there is something to ask for: one lost datagram is no full host.
const ASK_AT: [Millis; 3] = [Millis(0), Millis(120), Millis(240)];
/// So long answers are awaited before the freest of those who gave one is chosen: the last question, and what answers are
/// spread over.
const ANSWERS_AWAITED: Millis = Millis(ASK_AT[2].0 + SPREAD.0 + 10);
/// Who can take nothing more by then is not waited for: a slow radio's way there and back more.
const GIVE_UP_AFTER: Millis = Millis(700);
/// A taker, or a recipient, that has shown nothing for so long is passed over: it may have gone, or never meant it. Two of them
/// fit into the time there is.
const TAKER_PATIENCE: Millis = Millis(600);
/// Hosts that are handed something: as many as answer where many are.
const TAKERS_MAX: usize = 8;
/// Envelopes that are handed on; more do not pass in the time there is.
pub(crate) const ITEMS_MAX: usize = 2_048;

/// An envelope to be handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: Prefix,
    pub(crate) ack: Prefix,
    pub(crate) holding: Holding,
    pub(crate) length: u16,
    /// Whom an own one is for: it takes no mail for itself in this way.
    pub(crate) recipient: Option<HostId>,
    /// One of the user's own texts.
    pub(crate) text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nobody has it yet.
    Here,
    /// It is to be offered to this host.
    For(HostId),
    /// It was offered to this host.
    Offered(HostId),
    /// Somebody has it.
    HandedOn,
    /// It waits no more: its recipient has it, or it is not to be sent any longer.
    Done,
}

/// What became meanwhile of an own envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It waits, and its recipient is not linked with.
    Waits,
    /// It waits, and there is a link with its recipient.
    UnderWay,
    /// It waits no more.
    Done,
}

#[derive(Clone, Copy, Debug)]
struct Taker {
    /// What is left of the room it claims.
    room: Room,
    /// When something was last heard of it, if something is being handed to it.
    active: Option<Tick>,
    /// It refused, or said nothing.
    failed: bool,
}

/// A host on its way out.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) command: CommandId,
    /// Names the question in its answers.
    pub(crate) nonce: [u8; 8],
    began: Tick,
    /// Whether anything is handed to others.
    hands_on: bool,
    /// When there was first something to hand to others.
    asked: Option<Tick>,
    /// When it was looked after last.
    looked: Tick,
    asks: VecDeque<Tick>,
    items: Vec<(Item, Place)>,
    takers: Tree<HostId, Taker>,
    /// Recipients with whom there is a link, and when the last envelope was proved by them, or the link first seen.
    recipients: Vec<(HostId, Tick)>,
    /// Who had which once, and takes it no more.
    had: BTreeSet<(HostId, Prefix)>,
}

impl Leaving {
    /// Begins with what waits here, the most important first. `hands_on`: others are asked to take it.
    pub(crate) fn new(
        command: CommandId,
        nonce: [u8; 8],
        hands_on: bool,
        items: impl Iterator<Item = Item>,
        now: Tick,
    ) -> Self {
        let items = items.take(ITEMS_MAX).map(|item| (item, Place::Here)).collect();
        Self {
            command,
            nonce,
            began: now,
            hands_on,
            asked: None,
            looked: now,
            asks: VecDeque::new(),
            items,
            takers: Tree::default(),
            recipients: Vec::new(),
            had: BTreeSet::new(),
        }
    }

    /// Looks what became of own envelopes, by their rows; after this it is known whether others are to be asked.
    pub(crate) fn look(&mut self, fate: impl Fn(u64) -> Fate, now: Tick) {
        for (item, place) in &mut self.items {
            let (Whose::Own(row), Some(recipient)) = (item.holding.whose(), item.recipient) else { continue };
            if *place == Place::Done {
                continue;
            }
            let linked = self.recipients.iter().position(|(host, _)| *host == recipient);
            match (fate(row), linked) {
                (Fate::Waits, Some(at)) => drop(self.recipients.swap_remove(at)),
                (Fate::UnderWay, None) => self.recipients.push((recipient, now)),
                (Fate::Waits, None) | (Fate::UnderWay, Some(_)) => {}
                (Fate::Done, linked) => {
                    *place = Place::Done;
                    if let Some((_, heard)) = linked.and_then(|at| self.recipients.get_mut(at)) {
                        *heard = now;
                    }
                }
            }
        }
        let waits = |(item, place): &(Item, Place)| *place == Place::Here && !awaits(&self.recipients, item, now);
        if self.hands_on && self.asked.is_none() && self.items.iter().any(waits) {
            self.asked = Some(now);
            self.asks = ASK_AT.iter().map(|after| now + *after).collect();
        }
    }

    /// Whether it is time to ask once more.
    pub(crate) fn asks_now(&mut self, now: Tick) -> bool {
        let due = self.asks.front().is_some_and(|due| *due <= now);
        self.asks.retain(|due| *due > now);
        due
    }

    /// A host has said at the beginning of its link how much it would take; it is believed up to `believed`.
    pub(crate) fn on_claim(&mut self, host: HostId, claimed: Room, believed: Room) {
        let room = claimed.min(believed);
        if !room.is_none() {
            self.takers.entry(host).or_insert(Taker { room, active: None, failed: false });
        }
    }

    /// A host answers how much it would take, which is newer than what it said before; it is believed up to `believed`.
    pub(crate) fn on_room(&mut self, host: HostId, answer: Room, believed: Room) {
        let room = answer.min(believed);
        match self.takers.get_mut(&host) {
            // What it is being handed may be in its answer, or not yet.
            Some(taker) if taker.active.is_some() => taker.room = taker.room.min(room),
            Some(taker) => taker.room = room,
            None => self.on_claim(host, answer, believed),
        }
    }

    pub(crate) fn is_taker(&self, host: HostId) -> bool {
        self.takers.get(&host).is_some_and(|taker| taker.active.is_some())
    }

    /// How many have said to have room.
    pub(crate) fn takers(&self) -> usize {
        self.takers.len()
    }

    /// What is to be offered to a host now, at most so many; it counts as offered.
    pub(crate) fn offer(&mut self, host: HostId, most: usize) -> Vec<Item> {
        let next = self.items.iter_mut().filter(|(_, place)| *place == Place::For(host)).take(most);
        let offer = |(item, place): &mut (Item, Place)| {
            *place = Place::Offered(host);
            *item
        };
        next.map(offer).collect()
    }

    /// A host has an envelope now.
    pub(crate) fn on_taken(&mut self, host: HostId, id: Prefix, now: Tick) {
        self.on_shown(host, now);
        self.put(id, Place::HandedOn);
    }

    /// A host refuses what it has said to have room for. What another has, or is being handed, stays there.
    pub(crate) fn on_refused(&mut self, host: HostId, id: Prefix) {
        let Some(taker) = self.takers.get_mut(&host) else { return };
        taker.failed = true;
        let with = [Place::For(host), Place::Offered(host)];
        if self.items.iter().any(|(item, place)| item.id == id && with.contains(place)) {
            self.put(id, Place::Here);
        }
    }

    /// A host had an envelope once and has it no more, nor takes it again: if somebody else does, that is well.
    pub(crate) fn on_had(&mut self, host: HostId, id: Prefix, now: Tick) {
        self.on_shown(host, now);
        self.had.insert((host, id));
        let with = [Place::For(host), Place::Offered(host)];
        if self.items.iter().any(|(item, place)| item.id == id && with.contains(place)) {
            self.put(id, Place::Here);
        }
    }

    /// Something was heard of a host on its link.
    pub(crate) fn on_shown(&mut self, host: HostId, now: Tick) {
        if let Some(taker) = self.takers.get_mut(&host).filter(|taker| taker.active.is_some()) {
            taker.active = Some(now);
        }
    }

    fn put(&mut self, id: Prefix, place: Place) {
        if let Some((_, at)) = self.items.iter_mut().find(|(item, _)| item.id == id) {
            *at = place;
        }
    }

    /// Gives each envelope that nobody has to the freest host that has room for it. Names those to whom something is to be
    /// offered.
    pub(crate) fn assign(&mut self, everybody_answered: bool, now: Tick) -> Vec<HostId> {
        self.looked = now;
        let answers_due = self.asked.map(|asked| asked + ANSWERS_AWAITED);
        if answers_due.is_none_or(|due| now < due && !everybody_answered) {
            return Vec::new();
        }
        self.pass_over_the_silent(now);
        let mut takers: Vec<(HostId, Taker)> = self.takers.iter().map(|(host, taker)| (*host, *taker)).collect();
        // Whoever answers is one, so that there may be many.
        takers.sort_by_key(|(_, taker)| std::cmp::Reverse(taker.room));
        let mut active = takers.iter().filter(|(_, taker)| taker.active.is_some()).count();
        for (host, mut taker) in takers.into_iter().filter(|(_, taker)| !taker.failed) {
            if taker.active.is_none() && active >= TAKERS_MAX {
                continue;
            }
            for (item, place) in self.items.iter_mut().filter(|(_, place)| *place == Place::Here) {
                if awaits(&self.recipients, item, now) {
                    continue;
                }
                if item.recipient == Some(host) || self.had.contains(&(host, item.id)) {
                    continue;
                }
                let Some(rest) = taker.room.less(item.length.into()) else { break };
                active += usize::from(taker.active.is_none());
                taker.room = rest;
                taker.active.get_or_insert(now);
                *place = Place::For(host);
            }
            self.takers.insert(host, taker);
        }
        let waits = |host: &HostId| self.items.iter().any(|(_, place)| *place == Place::For(*host));
        self.takers.keys().copied().filter(waits).collect()
    }

    fn pass_over_the_silent(&mut self, now: Tick) {
        for (host, taker) in self.takers.iter_mut() {
            let silent = taker.active.is_some_and(|active| active + TAKER_PATIENCE <= now);
            let with = [Place::For(*host), Place::Offered(*host)];
            for (_, place) in self.items.iter_mut().filter(|(_, place)| with.contains(place)) {
                taker.failed |= silent;
                if taker.failed {
                    *place = Place::Here;
                }
            }
        }
    }

    /// Whether there is nothing left to do, or no time.
    pub(crate) fn is_over(&self, now: Tick) -> bool {
        let (mut waits, mut under_way) = (false, false);
        for (item, place) in &self.items {
            match place {
                Place::HandedOn | Place::Done => {}
                Place::Here if !awaits(&self.recipients, item, now) => waits = true,
                Place::Here | Place::For(_) | Place::Offered(_) => under_way = true,
            }
        }
        let given_up = !self.hands_on || self.asked.is_some_and(|asked| now >= asked + GIVE_UP_AFTER);
        now >= self.began + LEAVING_MAX || !under_way && (!waits || given_up)
    }

    pub(crate) fn next_timeout(&self) -> Tick {
        let mut first = self.began + LEAVING_MAX;
        let mut due = |moment: Tick| {
            if moment > self.looked {
                first = first.min(moment);
            }
        };
        let active = self.takers.values().filter(|taker| !taker.failed).filter_map(|taker| taker.active);
        active.for_each(|active| due(active + TAKER_PATIENCE));
        self.recipients.iter().for_each(|(_, heard)| due(*heard + TAKER_PATIENCE));
        if let Some(asked) = self.asked {
            due(asked + ANSWERS_AWAITED);
            due(asked + GIVE_UP_AFTER);
        }
        self.asks.iter().for_each(|ask| due(*ask));
        first
    }

    /// How many of the user's texts, and how many envelopes of others, somebody else has now.
    pub(crate) fn handed_on(&self) -> (u64, u64) {
        let handed_on = |(item, place): &&(Item, Place), own: bool| {
            *place == Place::HandedOn && matches!(item.holding.whose(), Whose::Own(_)) == own && item.text == own
        };
        let count = |own| self.items.iter().filter(|it| handed_on(it, own)).count() as u64;
        (count(true), count(false))
    }
}

/// Whether an envelope is awaited to arrive over the link there is with its recipient.
fn awaits(recipients: &[(HostId, Tick)], item: &Item, now: Tick) -> bool {
    recipients.iter().any(|(host, heard)| item.recipient == Some(*host) && now < *heard + TAKER_PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BELIEVED: Room = Room { bytes: 10_000, envelopes: 20 };

    fn host(number: u128) -> HostId {
        HostId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn item(id: Prefix) -> Item {
        Item { id, ack: id, holding: Holding::own(id), length: 100, recipient: None, text: true }
    }

    fn leaving_with(items: impl Iterator<Item = Item>) -> Leaving {
        Leaving::new(CommandId(1), [7; 8], true, items, Tick(0))
    }

    fn leaving(items: impl Iterator<Item = Item>) -> Leaving {
        let mut leaving = leaving_with(items);
        leaving.look(|_| Fate::Waits, Tick(0));
        leaving
    }

    fn room(envelopes: u32) -> Room {
        Room { bytes: 10_000, envelopes }
    }

    fn ids(leaving: &Leaving, taker: u128) -> Vec<Prefix> {
        let with = [Place::For(host(taker)), Place::Offered(host(taker))];
        leaving.items.iter().filter(|(_, place)| with.contains(place)).map(|(item, _)| item.id).collect()
    }

    #[test]
    fn the_freest_gets_what_it_has_room_for_and_the_next_the_rest() {
        let mut leaving = leaving((0..7).map(item));
        for (taker, envelopes) in [(1, 2), (2, 4), (3, 1)] {
            leaving.on_room(host(taker), room(envelopes), BELIEVED);
        }
        assert!(leaving.assign(false, Tick(ANSWERS_AWAITED.0 - 1)).is_empty());
        assert_eq!(leaving.assign(false, Tick(ANSWERS_AWAITED.0)), [host(1), host(2), host(3)]);
        assert_eq!([2, 1, 3].map(|taker| ids(&leaving, taker)), [vec![0, 1, 2, 3], vec![4, 5], vec![6]]);
        assert_eq!(leaving.offer(host(2), 3).len() + leaving.offer(host(2), 9).len(), 4);
        assert!(leaving.offer(host(2), 9).is_empty(), "once is enough");
        for (taker, id) in [(2, 0), (2, 1), (2, 2), (2, 3), (1, 4), (1, 5)] {
            leaving.on_taken(host(taker), id, Tick(500));
            assert!(!leaving.is_over(Tick(500)));
        }
        leaving.on_taken(host(3), 6, Tick(500));
        assert!(leaving.is_over(Tick(500)));
        assert_eq!(leaving.handed_on(), (7, 0));
    }

    #[test]
    fn what_one_had_and_takes_no_more_is_handed_to_another() {
        let mut leaving = leaving((0..2).map(item));
        leaving.on_room(host(1), room(9), BELIEVED);
        leaving.assign(true, Tick(0));
        assert_eq!(leaving.offer(host(1), 9).len(), 2);
        leaving.on_had(host(1), 0, Tick(10));
        leaving.on_taken(host(1), 1, Tick(10));
        assert!(leaving.assign(true, Tick(20)).is_empty() && !leaving.is_over(Tick(20)), "nobody else is here");
        leaving.on_room(host(2), room(1), BELIEVED);
        assert_eq!(leaving.assign(true, Tick(30)), [host(2)]);
        assert_eq!((ids(&leaving, 1), ids(&leaving, 2)), (vec![], vec![0]));
        assert_eq!(leaving.handed_on(), (1, 0));
    }

    #[test]
    fn bytes_end_room_as_envelopes_do() {
        let mut leaving = leaving((0..3).map(item));
        leaving.on_room(host(1), Room { bytes: 250, envelopes: 9 }, BELIEVED);
        leaving.assign(true, Tick(0));
        assert_eq!(ids(&leaving, 1), [0, 1]);
    }

    #[test]
    fn who_boasts_of_room_gets_no_more_than_it_is_believed_to_have() {
        let mut leaving = leaving((0..50).map(item));
        leaving.on_room(host(1), Room { bytes: u64::MAX, envelopes: u32::MAX }, BELIEVED);
        leaving.on_room(host(2), room(20), BELIEVED);
        leaving.assign(true, Tick(0));
        assert_eq!([1, 2].map(|taker| ids(&leaving, taker).len()), [20, 20]);
    }

    #[test]
    fn who_refuses_what_it_said_to_have_room_for_is_passed_over_for_the_next() {
        let mut leaving = leaving((0..3).map(item));
        leaving.on_room(host(1), room(9), BELIEVED);
        leaving.on_room(host(2), room(8), BELIEVED);
        leaving.assign(true, Tick(0));
        leaving.on_taken(host(1), 0, Tick(10));
        leaving.on_refused(host(1), 1);
        leaving.on_refused(host(1), 2);
        assert_eq!(leaving.assign(true, Tick(20)), [host(2)]);
        assert_eq!(ids(&leaving, 2), [1, 2]);
    }

    #[test]
    fn an_answer_counts_for_more_than_what_was_said_when_the_link_began() {
        let mut leaving = leaving((0..9).map(item));
        leaving.on_claim(host(1), room(9), BELIEVED);
        leaving.on_room(host(1), room(3), BELIEVED);
        leaving.on_claim(host(1), room(9), BELIEVED);
        leaving.on_claim(host(2), room(1), BELIEVED);
        leaving.on_room(host(2), room(2), BELIEVED);
        leaving.assign(true, Tick(0));
        assert_eq!([1, 2].map(|taker| ids(&leaving, taker)), [vec![0, 1, 2], vec![3, 4]]);
        // One that comes while it is handed something gives no room back that is used.
        leaving.on_room(host(1), room(9), BELIEVED);
        assert!(leaving.assign(true, Tick(10)).len() == 2 && ids(&leaving, 1).len() == 3);
    }

    #[test]
    fn what_one_host_refuses_stays_where_another_has_it() {
        let mut leaving = leaving((0..2).map(item));
        leaving.on_room(host(1), room(2), BELIEVED);
        leaving.on_room(host(2), room(1), BELIEVED);
        leaving.assign(true, Tick(0));
        leaving.on_taken(host(2), 0, Tick(10));
        leaving.on_taken(host(1), 1, Tick(10));
        (0..2).for_each(|id| leaving.on_refused(host(1), id));
        assert!(leaving.is_over(Tick(20)) && leaving.handed_on() == (2, 0));
    }

    #[test]
    fn who_says_nothing_is_passed_over_and_one_who_has_shown_something_is_not() {
        let mut leaving = leaving((0..4).map(item));
        leaving.on_room(host(1), room(3), BELIEVED);
        leaving.on_room(host(2), room(2), BELIEVED);
        leaving.assign(true, Tick(0));
        leaving.on_taken(host(2), 3, Tick(300));
        let due = leaving.next_timeout();
        assert!(due <= Tick(TAKER_PATIENCE.0), "{due:?}");
        leaving.assign(true, Tick(TAKER_PATIENCE.0));
        assert_eq!([1, 2].map(|taker| ids(&leaving, taker)), [vec![], vec![0]]);
        // Late is not too late.
        leaving.on_taken(host(1), 1, Tick(700));
        assert_eq!(leaving.handed_on(), (2, 0));
    }

    #[test]
    fn whatever_is_left_leaving_ends_in_time_and_sooner_where_nobody_takes_anything() {
        let mut alone = leaving((0..2).map(item));
        alone.assign(false, Tick(GIVE_UP_AFTER.0));
        assert!(!alone.is_over(Tick(GIVE_UP_AFTER.0 - 1)) && alone.is_over(Tick(GIVE_UP_AFTER.0)));
        let mut busy = leaving((0..2).map(item));
        busy.on_room(host(1), room(9), BELIEVED);
        for now in (0..LEAVING_MAX.0).step_by(100) {
            busy.assign(true, Tick(now));
            busy.on_shown(host(1), Tick(now));
            assert!(!busy.is_over(Tick(now)), "{now}");
        }
        assert!(busy.is_over(Tick(LEAVING_MAX.0)));
    }

    #[test]
    fn it_is_looked_after_at_moments_that_are_still_to_come() {
        let mut leaving = leaving((0..2).map(item));
        leaving.on_room(host(1), room(9), BELIEVED);
        let (mut now, mut moments) = (Tick(0), 0);
        while !leaving.is_over(now) {
            leaving.asks_now(now);
            leaving.assign(false, now);
            let next = leaving.next_timeout();
            assert!(next > now, "{next:?}");
            (now, moments) = (next, moments + 1);
        }
        assert!(moments < 10 && now <= Tick(LEAVING_MAX.0), "{moments} {now:?}");
    }

    fn for_friend(id: Prefix) -> Item {
        Item { recipient: Some(host(1)), ..item(id) }
    }

    #[test]
    fn what_is_under_way_to_its_recipient_is_waited_for_and_nobody_is_asked() {
        let mut leaving = leaving_with((0..3).map(for_friend));
        leaving.look(|_| Fate::UnderWay, Tick(0));
        leaving.on_room(host(2), room(9), BELIEVED);
        for (now, proved) in [(0, 0), (500, 1), (1_000, 2), (1_500, 3)] {
            leaving.look(|row| if row < proved { Fate::Done } else { Fate::UnderWay }, Tick(now));
            assert!(!leaving.asks_now(Tick(now)) && leaving.assign(true, Tick(now)).is_empty(), "{now}");
            assert_eq!(leaving.is_over(Tick(now)), proved == 3, "{now}");
        }
        assert_eq!(leaving.handed_on(), (0, 0), "its recipient has it");
    }

    #[test]
    fn what_a_silent_recipient_does_not_prove_is_handed_to_others() {
        let mut leaving = leaving_with((0..3).map(for_friend));
        let fate = |row| if row == 0 { Fate::Done } else { Fate::UnderWay };
        leaving.look(|_| Fate::UnderWay, Tick(0));
        leaving.look(fate, Tick(100));
        let silent = leaving.next_timeout();
        assert_eq!(silent, Tick(100) + TAKER_PATIENCE);
        leaving.look(fate, silent);
        assert!(leaving.asks_now(silent) && !leaving.is_over(silent));
        leaving.on_room(host(2), room(9), BELIEVED);
        assert_eq!((leaving.assign(true, silent), ids(&leaving, 2)), (vec![host(2)], vec![1, 2]));
    }

    #[test]
    fn a_link_that_ends_leaves_what_was_under_way_to_others_at_once() {
        let mut leaving = leaving_with((0..2).map(for_friend));
        leaving.look(|_| Fate::UnderWay, Tick(0));
        leaving.look(|_| Fate::Waits, Tick(50));
        assert!(leaving.asks_now(Tick(50)) && !leaving.is_over(Tick(50)));
        assert!(leaving.is_over(Tick(50) + GIVE_UP_AFTER), "nobody takes it");
    }

    #[test]
    fn a_server_waits_for_what_is_under_way_and_asks_nobody() {
        let mut leaving = Leaving::new(CommandId(1), [7; 8], false, (0..2).map(for_friend), Tick(0));
        leaving.look(|_| Fate::UnderWay, Tick(0));
        assert!(!leaving.is_over(Tick(0)));
        leaving.look(|_| Fate::Waits, Tick(50));
        assert!(!leaving.asks_now(Tick(50)) && leaving.is_over(Tick(50)));
    }

    #[test]
    fn nobody_is_handed_what_is_for_itself() {
        let mut leaving = leaving((0..2).map(|id| Item { recipient: Some(host(1)), ..item(id) }));
        leaving.on_room(host(1), room(20), BELIEVED);
        leaving.on_room(host(2), room(5), BELIEVED);
        leaving.assign(true, Tick(0));
        assert_eq!([1, 2].map(|taker| ids(&leaving, taker).len()), [0, 2]);
    }
}
