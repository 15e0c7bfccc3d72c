//! How long to wait before what a host did not prove is offered to it again.

use std::collections::BTreeSet;

use crate::ids::FriendId;
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// The first pause; it doubles up to the configuration's longest (one attempt per 10 min and peer).
const FIRST: Millis = Millis::from_secs(30);

#[derive(Clone, Copy)]
struct Pause {
    until: Tick,
    length: Millis,
    /// The newest row that was offered in vain; younger ones need not wait.
    offered: u64,
}

/// Friends that left envelopes unproved on a link that ended in order: their own doing, not the air's.
#[derive(Default)]
pub(crate) struct Patience {
    pauses: Tree<FriendId, Pause>,
    /// Those whose last link ended while something was on its way.
    crossed: BTreeSet<FriendId>,
}

impl Patience {
    /// A link ended in order and rows up to `offered` were not proved on it.
    pub(crate) fn on_unproved(&mut self, friend: FriendId, offered: u64, longest: Millis, now: Tick) {
        let last = self.pauses.get(&friend).map_or(Millis(0), |pause| pause.length);
        let length = Millis((last.0 * 2).clamp(FIRST.0, longest.0.max(FIRST.0)));
        self.pauses.insert(friend, Pause { until: now + length, length, offered });
    }

    /// A link ended in order when all that was unproved on it may still have been on its way. Once that is chance; who ends every
    /// link so takes nothing. Whether the next attempt may be made at once.
    pub(crate) fn on_crossed(&mut self, friend: FriendId) -> bool {
        self.crossed.insert(friend)
    }

    /// The friend proved something, or everything is to be sent differently: the next attempt need not wait.
    pub(crate) fn clear(&mut self, friend: FriendId) {
        self.pauses.remove(&friend);
        self.crossed.remove(&friend);
    }

    /// The pause after which these rows are offered, if all of them were in vain before.
    pub(crate) fn pause(&self, friend: FriendId, rows: &[u64]) -> Option<Millis> {
        let pause = self.pauses.get(&friend)?;
        rows.iter().all(|row| *row <= pause.offered).then_some(pause.length)
    }

    /// Whether a row may be offered now.
    pub(crate) fn allows(&self, friend: FriendId, row: u64, now: Tick) -> bool {
        self.pauses.get(&friend).is_none_or(|pause| row > pause.offered || now >= pause.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRIEND: FriendId = FriendId(1);
    const LONGEST: Millis = Millis::from_minutes(10);

    #[test]
    fn what_was_not_proved_waits_twice_as_long_each_time_and_ten_minutes_at_most() {
        let mut patience = Patience::default();
        let mut now = Tick(0);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            patience.on_unproved(FRIEND, 7, LONGEST, now);
            let begun = now;
            while !patience.allows(FRIEND, 7, now) {
                now = now + Millis(1_000);
            }
            pauses.push((now - begun).0 / 1_000);
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600, 600]);
    }

    #[test]
    fn what_is_younger_need_not_wait_and_a_proof_ends_the_wait() {
        let mut patience = Patience::default();
        patience.on_unproved(FRIEND, 7, LONGEST, Tick(0));
        assert!(patience.allows(FRIEND, 8, Tick(0)));
        assert!(!patience.allows(FRIEND, 7, Tick(0)));
        patience.clear(FRIEND);
        assert!(patience.allows(FRIEND, 7, Tick(0)));
    }
}
