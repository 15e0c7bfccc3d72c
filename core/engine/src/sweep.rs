//! Asking every address of a small network by unicast, for networks that drop broadcast and multicast (PROTOCOL.md, Presence).
//! Only while nobody at all is heard, or where the system lets this device send nothing to everybody: whoever is heard there is
//! not all there are. One address after the other, bounded per hour, and ever more seldom.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;

use crate::api::Visibility;
use crate::context::Context;
use crate::time::{Millis, Tick};

/// The span for which probes are counted.
const COUNTED_FOR: Millis = Millis::from_hours(1);

/// The sweep of the networks this host is on.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Addresses still to be asked in this run.
    left: VecDeque<IpAddr>,
    /// Addresses asked in the newest run.
    asked: BTreeSet<IpAddr>,
    /// None while nothing is to be done.
    due: Option<Tick>,
    /// After the next run that finds nobody.
    pause: Millis,
    /// When the probes of the last hour left.
    recent: VecDeque<Tick>,
}

impl Sweep {
    /// Nothing was tried yet: the start, another network, the device woke up, nobody is here any more.
    pub(crate) fn begin(&mut self, ctx: &Context) {
        self.left.clear();
        self.pause = ctx.config.presence.sweep_pause_min;
        let allowed = ctx.config.presence.sweep && ctx.settings.visibility == Visibility::Everybody;
        self.due = allowed.then_some(ctx.now.tick + ctx.config.presence.sweep_after);
    }

    /// Asks nobody more.
    pub(crate) fn end(&mut self) {
        self.left.clear();
        self.due = None;
    }

    pub(crate) fn next_due(&self) -> Option<Tick> {
        self.due
    }

    /// Whether this address was asked in the newest run.
    pub(crate) fn has_asked(&self, address: IpAddr) -> bool {
        self.asked.contains(&address.to_canonical())
    }

    /// The address to ask now, if it is time; `neighbours` are those of all small networks.
    pub(crate) fn next(&mut self, neighbours: impl FnOnce() -> Vec<IpAddr>, ctx: &mut Context) -> Option<IpAddr> {
        let now = ctx.now.tick;
        self.due.filter(|due| *due <= now)?;
        if self.left.is_empty() {
            self.left = neighbours().into();
            self.asked.clear();
        }
        if self.left.is_empty() {
            // Too large a network, or none: an interface that comes begins anew.
            self.due = None;
            return None;
        }
        if let Some(free) = self.full_until(ctx) {
            self.due = Some(free);
            return None;
        }
        let address = self.left.pop_front()?;
        self.asked.insert(address);
        self.recent.push_back(now);
        let pause = if self.left.is_empty() { self.back_off(ctx) } else { ctx.config.presence.sweep_spacing };
        self.due = Some(now + pause);
        Some(address)
    }

    /// Counts a probe that is sent for another reason; false if this hour has had all it may.
    pub(crate) fn take_probe(&mut self, address: IpAddr, ctx: &Context) -> bool {
        let free = self.full_until(ctx).is_none();
        if free {
            self.recent.push_back(ctx.now.tick);
            self.asked.insert(address);
        }
        free
    }

    /// When the hour's probes allow another one, if not now.
    fn full_until(&mut self, ctx: &Context) -> Option<Tick> {
        let now = ctx.now.tick;
        while self.recent.front().is_some_and(|sent| now - *sent >= COUNTED_FOR) {
            self.recent.pop_front();
        }
        if self.recent.len() < ctx.config.presence.sweep_per_hour as usize {
            return None;
        }
        self.recent.front().map(|oldest| *oldest + COUNTED_FOR)
    }

    fn back_off(&mut self, ctx: &mut Context) -> Millis {
        let pause = self.pause;
        self.pause = Millis(pause.0.saturating_mul(2)).min(ctx.config.presence.sweep_pause_max);
        let [jitter] = crate::crypto::random(ctx.rng);
        Millis(pause.0 + pause.0 / 4 * u64::from(jitter) / 256)
    }
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
