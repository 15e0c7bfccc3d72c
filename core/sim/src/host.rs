//! One simulated device: an engine, its store, its clocks, and what of it survives a crash.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use permesso_engine::Engine;
use permesso_engine::api::NetAddr;
use permesso_engine::config::Config;
use permesso_engine::ids::{Generation, HostId, IdentityKey, Interface, ListenerId};
use permesso_engine::rows::Commit;
use permesso_engine::time::{Now, Tick, Wall};

use crate::memory::MemoryStore;
use crate::random::Random;
use crate::ratchet::Encryption;
use crate::world::Item;

/// The one interface every host has.
pub(crate) const INTERFACE: Interface = Interface(0);
/// The prefix length of the network all hosts are in.
pub(crate) const PREFIX: u8 = 16;
/// 2026-01-01 00:00 UTC: where every world's true time begins.
const WALL_START: u64 = 1_767_225_600_000;

/// A device's clocks against the world's time.
#[derive(Debug)]
pub(crate) struct Clock {
    tick_base: u64,
    /// How much faster the device counts, in millionths.
    drift: u64,
    /// What its wall clock shows when the world begins.
    wall_base: u64,
}

impl Clock {
    pub(crate) fn new(random: &mut Random, skew: u64) -> Self {
        let wall_base = (WALL_START + random.between(0, 2 * skew)).saturating_sub(skew);
        Self { tick_base: random.below(1 << 40), drift: random.below(200), wall_base }
    }

    /// After a restart of the device ticks count from somewhere else.
    pub(crate) fn reboot(&mut self, random: &mut Random) {
        self.tick_base = random.below(1 << 40);
    }

    pub(crate) fn jump(&mut self, random: &mut Random, most: u64) {
        self.wall_base = (self.wall_base + random.between(0, 2 * most)).saturating_sub(most);
    }

    fn tick(&self, at: u64) -> u64 {
        self.tick_base + at + at * self.drift / 1_000_000
    }

    pub(crate) fn read(&self, at: u64) -> Now {
        Now { tick: Tick(self.tick(at)), wall: Wall(self.wall_base + at) }
    }

    /// The first moment of the world, not before `at`, at which the device's ticks have reached `tick`.
    pub(crate) fn when(&self, tick: Tick, at: u64) -> u64 {
        let ahead = tick.0.saturating_sub(self.tick(at));
        let mut when = at + ahead * 1_000_000 / (1_000_000 + self.drift);
        while self.tick(when) < tick.0 {
            when += 1;
        }
        when
    }
}

/// One device.
pub(crate) struct Host {
    pub(crate) engine: Option<Engine>,
    /// Counts the engine's restarts; what was planned for an earlier one is void.
    pub(crate) life: u32,
    pub(crate) store: MemoryStore,
    /// The generation written outside the store; no copy of the store brings an old one back.
    pub(crate) outside: Option<Generation>,
    pub(crate) config: Config,
    pub(crate) address: Ipv4Addr,
    pub(crate) presence_port: u16,
    pub(crate) attached: bool,
    pub(crate) asleep_until: u64,
    /// What came up while it slept.
    pub(crate) deferred: Vec<Item>,
    pub(crate) clock: Clock,
    pub(crate) wake: Option<u64>,
    pub(crate) idle_wakes: u32,
    /// Commits on their way to the disk, with the encryptions that may leave once they are there.
    pub(crate) in_flight: VecDeque<(Commit, Vec<Encryption>)>,
    /// Encryptions whose rows are in no commit yet.
    pub(crate) encryptions: Vec<Encryption>,
    pub(crate) last_commit_at: u64,
    pub(crate) commits_at_once: usize,
    pub(crate) listeners: BTreeMap<ListenerId, u16>,
    pub(crate) id: Option<HostId>,
    pub(crate) key: Option<IdentityKey>,
    /// The user wants to be present, whenever the device runs.
    pub(crate) wants_presence: bool,
    /// How often the user has written.
    pub(crate) texts_written: u64,
}

impl Host {
    pub(crate) fn new(config: Config, address: Ipv4Addr, clock: Clock, commits_at_once: usize) -> Self {
        let presence_port = config.host.port;
        Self {
            engine: None,
            life: 0,
            store: MemoryStore::default(),
            outside: None,
            config,
            address,
            presence_port,
            attached: true,
            asleep_until: 0,
            deferred: Vec::new(),
            clock,
            wake: None,
            idle_wakes: 0,
            in_flight: VecDeque::new(),
            encryptions: Vec::new(),
            last_commit_at: 0,
            commits_at_once,
            listeners: BTreeMap::new(),
            id: None,
            key: None,
            wants_presence: true,
            texts_written: 0,
        }
    }

    /// Where its presence datagrams come from.
    pub(crate) fn presence_address(&self) -> NetAddr {
        SocketAddr::new(IpAddr::V4(self.address), self.presence_port)
    }

    /// Whether it hears anything.
    pub(crate) fn is_awake(&self, at: u64) -> bool {
        self.engine.is_some() && self.attached && self.asleep_until <= at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_never_called_early_and_at_most_a_millisecond_late() {
        let mut random = Random::new(3);
        for _ in 0..1_000 {
            let clock = Clock::new(&mut random, 0);
            let at = random.below(100_000_000);
            let due = Tick(clock.tick(at) + random.below(10_000_000));
            let when = clock.when(due, at);
            assert!(clock.tick(when) >= due.0);
            assert!(when == at || clock.tick(when - 1) < due.0);
        }
    }
}
