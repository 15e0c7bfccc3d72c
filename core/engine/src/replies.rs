//! HOST_ONLINE answers that wait for their time, at most one for each host.

use std::collections::BTreeSet;

use crate::api::NetAddr;
use crate::ids::HostNumber;
use crate::time::Tick;
use crate::tree::Tree;

/// A HOST_ONLINE to be sent to one host.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) due: Tick,
    pub(crate) to: NetAddr,
    pub(crate) received: usize,
    /// How many beacons to all had been heard when it was planned.
    pub(crate) beacons_before: u64,
}

/// By host and by time: where a thousand come at once, each step asks for the first.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    by_host: Tree<HostNumber, Reply>,
    by_time: BTreeSet<(Tick, HostNumber)>,
}

impl Replies {
    /// Plans a reply, unless one to that host is planned already.
    pub(crate) fn plan(&mut self, host: HostNumber, reply: Reply) {
        if !self.by_host.contains_key(&host) {
            self.by_time.insert((reply.due, host));
            self.by_host.insert(host, reply);
        }
    }

    pub(crate) fn next_due(&self) -> Option<Tick> {
        self.by_time.first().map(|(due, _)| *due)
    }

    /// Takes the first that is due.
    pub(crate) fn take_due(&mut self, now: Tick) -> Option<(HostNumber, Reply)> {
        let (_, host) = self.by_time.first().copied().filter(|(due, _)| *due <= now)?;
        Some((host, self.remove(host)?))
    }

    pub(crate) fn remove(&mut self, host: HostNumber) -> Option<Reply> {
        let reply = self.by_host.remove(&host)?;
        self.by_time.remove(&(reply.due, host));
        Some(reply)
    }

    pub(crate) fn clear(&mut self) {
        self.by_host.clear();
        self.by_time.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: u64) -> Reply {
        Reply { due: Tick(at), to: ([10, 0, 0, 1], 20_070).into(), received: 162, beacons_before: 0 }
    }

    #[test]
    fn the_first_planned_to_a_host_counts_and_each_leaves_in_its_time() {
        let mut replies = Replies::default();
        replies.plan(HostNumber(1), due(30));
        replies.plan(HostNumber(2), due(10));
        replies.plan(HostNumber(1), due(5));
        assert_eq!(replies.next_due(), Some(Tick(10)));
        assert!(replies.take_due(Tick(9)).is_none());
        assert_eq!(replies.take_due(Tick(30)).map(|(host, _)| host), Some(HostNumber(2)));
        assert_eq!(replies.take_due(Tick(30)).map(|(host, _)| host), Some(HostNumber(1)));
        assert!(replies.take_due(Tick(30)).is_none());
        replies.plan(HostNumber(3), due(40));
        replies.remove(HostNumber(3));
        assert_eq!(replies.next_due(), None);
    }
}
