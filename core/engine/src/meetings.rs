//! How many distinct hosts this one has met of late: what tells carriers that get about from those that stay.

use std::collections::BTreeMap;

use crate::ids::HostId;
use crate::time::{Millis, Tick};

/// A meeting counts for so long; windows of 2–6 h differed little where it was measured.
const WINDOW: Millis = Millis::from_hours(4);
/// Hosts remembered: more than that many of an air say nothing new.
const HOSTS_MAX: usize = 4_096;

/// Hosts met, and when last.
#[derive(Default)]
pub(crate) struct Meetings {
    hosts: BTreeMap<HostId, Tick>,
    /// No host of these was met last before.
    oldest: Tick,
}

impl Meetings {
    /// A host was heard or linked.
    pub(crate) fn on_met(&mut self, host: HostId, now: Tick) {
        if self.hosts.insert(host, now).is_none() && self.hosts.len() > HOSTS_MAX {
            self.tidy(now);
            if self.hosts.len() > HOSTS_MAX {
                self.hosts.remove(&host);
            }
        }
    }

    /// How many were met in the last four hours, those in `contact` included.
    pub(crate) fn count(&self, contact: impl Iterator<Item = HostId>, now: Tick) -> u16 {
        let fresh = |met: &Tick| now - *met < WINDOW;
        let met = self.hosts.values().filter(|met| fresh(met)).count();
        let others = contact.filter(|host| !self.hosts.get(host).is_some_and(fresh)).count();
        u16::try_from(met + others).unwrap_or(u16::MAX)
    }

    /// Forgets those of long ago.
    pub(crate) fn tidy(&mut self, now: Tick) {
        if now - self.oldest < WINDOW {
            return;
        }
        self.hosts.retain(|_, met| now - *met < WINDOW);
        self.oldest = self.hosts.values().copied().min().unwrap_or(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_counts_once_for_four_hours_and_while_it_is_here() {
        let host = |number: u128| HostId::from_uuid(uuid::Uuid::from_u128(number));
        let mut meetings = Meetings::default();
        (0..3).for_each(|number| meetings.on_met(host(number), Tick(0)));
        meetings.on_met(host(2), Tick(100));
        let count = |meetings: &Meetings, contact: &[u128], now| {
            meetings.count(contact.iter().map(|number| host(*number)), now)
        };
        assert_eq!(count(&meetings, &[2, 9], Tick(100)), 4);
        assert_eq!(count(&meetings, &[], Tick(WINDOW.0)), 1);
        assert_eq!(count(&meetings, &[0], Tick(WINDOW.0 + 100)), 1);
        meetings.tidy(Tick(WINDOW.0));
        assert_eq!(meetings.hosts.len(), 1);
    }
}
