//! What could arrive at all: everything to everyone at once over every contact, without limits of radio, buffer or number of
//! copies. No way of handing on delivers more, or sooner.

use std::collections::{BTreeMap, BTreeSet};

use super::list::ListedMessage;
use super::problem::TraceError;
use super::trace::Change;

/// Messages in one word.
const WORD: usize = u64::BITS as usize;

/// A set of messages, by their places in the list.
type Set = Vec<u64>;

/// Hosts that hand everything on.
struct Flood<'a> {
    list: &'a [ListedMessage],
    places: BTreeMap<u32, usize>,
    near: Vec<BTreeSet<usize>>,
    has: Vec<Set>,
    /// The messages for each host.
    wanted: Vec<Set>,
    /// Those that were written and whose lifetime is not over.
    alive: Set,
    expiring: BTreeSet<(u64, usize)>,
    written: usize,
    /// When each arrived.
    arrived: BTreeMap<usize, u64>,
}

/// How many messages could arrive within their lifetimes by `end`, and after how many seconds in the mean.
pub(super) fn possible(
    changes: impl Iterator<Item = Result<Change, TraceError>>,
    list: &[ListedMessage],
    end: u64,
) -> Result<(u64, f64), TraceError> {
    let mut flood = Flood::of(list);
    for change in changes {
        let change = change?;
        if change.at > end {
            break;
        }
        flood.pass_to(change.at);
        flood.change(change);
    }
    flood.pass_to(end);
    let arrived = flood.arrived.iter();
    let waited: u64 = arrived.filter_map(|(index, at)| Some(at - list.get(*index)?.at)).sum();
    let count = flood.arrived.len();
    Ok((count as u64, if count == 0 { 0.0 } else { waited as f64 / 1_000.0 / count as f64 }))
}

impl<'a> Flood<'a> {
    fn of(list: &'a [ListedMessage]) -> Self {
        let (places, near, has, wanted) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        let alive = vec![0; list.len().div_ceil(WORD)];
        let (expiring, arrived) = (BTreeSet::new(), BTreeMap::new());
        let mut flood = Self { list, places, near, has, wanted, alive, expiring, written: 0, arrived };
        for (index, message) in list.iter().enumerate() {
            let to = flood.place(message.to);
            flood.wanted.get_mut(to).into_iter().for_each(|wanted| add(wanted, index));
        }
        flood
    }

    fn place(&mut self, address: u32) -> usize {
        let next = self.near.len();
        let place = *self.places.entry(address).or_insert(next);
        if place == next {
            self.near.push(BTreeSet::new());
            self.has.push(vec![0; self.alive.len()]);
            self.wanted.push(vec![0; self.alive.len()]);
        }
        place
    }

    /// What is written by then is written, and what expires by then is gone.
    fn pass_to(&mut self, now: u64) {
        while let Some(message) = self.list.get(self.written).filter(|message| message.at <= now) {
            self.expire(message.at);
            let (index, from) = (self.written, self.place(message.from));
            self.written += 1;
            add(&mut self.alive, index);
            self.expiring.insert((message.at + message.lifetime, index));
            self.has.get_mut(from).into_iter().for_each(|has| add(has, index));
            self.spread(vec![from], message.at);
        }
        self.expire(now);
    }

    fn expire(&mut self, now: u64) {
        while self.expiring.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, index)) = self.expiring.pop_first()
                && let Some(word) = self.alive.get_mut(index / WORD)
            {
                *word &= !(1 << (index % WORD));
            }
        }
    }

    fn change(&mut self, change: Change) {
        let (first, second) = (self.place(change.first), self.place(change.second));
        for (one, other) in [(first, second), (second, first)] {
            let Some(near) = self.near.get_mut(one) else { continue };
            if change.up {
                near.insert(other)
            } else {
                near.remove(&other)
            };
        }
        if change.up {
            self.spread(vec![first, second], change.at);
        }
    }

    /// What these hosts have reaches everybody in reach of them, and of those, and so on.
    fn spread(&mut self, mut from: Vec<usize>, now: u64) {
        while let Some(one) = from.pop() {
            let near: Vec<usize> = self.near.get(one).into_iter().flatten().copied().collect();
            for other in near {
                if self.give(one, other, now) {
                    from.push(other);
                }
            }
        }
    }

    /// One host gives another what that has not yet. Says whether there was any.
    fn give(&mut self, one: usize, other: usize, now: u64) -> bool {
        let Ok([giver, taker]) = self.has.get_disjoint_mut([one, other]) else { return false };
        let Some(wanted) = self.wanted.get(other) else { return false };
        let mut any = false;
        for (word, (((has, takes), alive), wanted)) in giver.iter().zip(taker).zip(&self.alive).zip(wanted).enumerate()
        {
            let new = has & alive & !*takes;
            *takes |= new;
            any |= new != 0;
            for bit in (0..WORD).filter(|bit| new & wanted & (1 << bit) != 0) {
                self.arrived.entry(word * WORD + bit).or_insert(now);
            }
        }
        any
    }
}

fn add(set: &mut Set, index: usize) {
    if let Some(word) = set.get_mut(index / WORD) {
        *word |= 1 << (index % WORD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(at: u64, from: u32, to: u32, lifetime: u64) -> ListedMessage {
        ListedMessage { at, name: "M".into(), bytes: 9, from, to, lifetime }
    }

    fn change(at: u64, first: u32, second: u32, up: bool) -> Result<Change, TraceError> {
        Ok(Change { at, first, second, up })
    }

    #[test]
    fn what_could_arrive_goes_over_everybody_in_the_order_of_time() {
        let list = [message(1_000, 1, 3, 60_000), message(1_000, 3, 1, 60_000), message(1_000, 1, 9, 60_000)];
        let walk = || {
            let first = [change(500, 1, 2, true), change(2_000, 1, 2, false)];
            // Whoever comes between carries on what it had, not what it could have had later.
            first.into_iter().chain([change(5_000, 2, 3, true), change(6_000, 2, 3, false)])
        };
        assert_eq!(possible(walk(), &list, 60_000).unwrap(), (1, 4.0));
        assert_eq!(possible(walk(), &list, 4_000).unwrap(), (0, 0.0), "it ends before");
        let back = walk().chain([change(9_000, 1, 2, true)]);
        assert_eq!(possible(back, &list, 60_000).unwrap(), (2, 6.0));
    }

    #[test]
    fn what_arrives_when_its_lifetime_is_over_did_not_arrive() {
        let list = [message(0, 1, 2, 5_000)];
        for (at, arrives) in [(4_999, 1), (5_000, 0)] {
            let met = [change(at, 1, 2, true)];
            assert_eq!(possible(met.into_iter(), &list, 60_000).unwrap().0, arrives, "{at}");
        }
    }

    #[test]
    fn what_is_written_while_many_stand_together_is_everywhere_at_once() {
        let list: Vec<_> = (0..130).map(|index| message(1_000 + index, 1, 5, 60_000)).collect();
        let chain = (1..5).map(|host| change(0, host, host + 1, true));
        assert_eq!(possible(chain, &list, 60_000).unwrap(), (130, 0.0));
    }
}
