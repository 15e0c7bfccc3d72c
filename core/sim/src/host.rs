//! One simulated device: an engine, its store, its clocks, and what of it survives a crash.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use permesso_engine::Engine;
use permesso_engine::api::{Event, NetAddr};
use permesso_engine::config::Config;
use permesso_engine::ids::{Generation, HostId, IdentityKey, Interface, ListenerId};
use permesso_engine::rows::Commit;
use permesso_engine::time::{Now, Tick, Wall};

use crate::ablation::Ablation;
use crate::memory::MemoryStore;
use crate::oracle::Remembered;
use crate::random::Random;
use crate::ratchet::Encryption;
use crate::world::Item;

/// The prefix length of each network.
pub(crate) const PREFIX: u8 = 16;
/// 2026-01-01 00:00 UTC: where every world's true time begins.
pub(crate) const WALL_START: u64 = 1_767_225_600_000;
/// A year of 365 days in milliseconds.
pub(crate) const YEAR: u64 = 31_536_000_000;

/// The network an address belongs to: everybody is in the first, 10.0.0.0/16, some are in 10.1.0.0/16 too.
pub(crate) fn network_of(ip: IpAddr) -> usize {
    matches!(ip, IpAddr::V4(ip) if ip.octets().starts_with(&[10, 1])).into()
}

/// A network interface of a device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Port {
    pub(crate) address: Ipv4Addr,
    pub(crate) up: bool,
}

/// What a host is in its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// An honest host.
    Honest,
    /// Its owner does with its keys what he likes.
    Malicious,
    /// Not yet in use: a device that will be installed afresh becomes this one.
    Spare,
    /// Its device was installed afresh and is another host now.
    Gone,
}

/// An older copy of a host's database, and what the oracle knew of it then.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) store: MemoryStore,
    pub(crate) facts: Remembered,
}

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
    /// Most clocks differ from the true time by up to `skew` milliseconds, one of eight by up to so many `years`.
    pub(crate) fn new(random: &mut Random, skew: u64, years: u64) -> Self {
        let skew = if random.chance(0.125) { skew.max(years * YEAR) } else { skew };
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

    /// Sets what people are shown forwards or back.
    pub(crate) fn turn(&mut self, by: i64) {
        self.wall_base = self.wall_base.saturating_add_signed(by);
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
    pub(crate) part: Part,
    /// Its interfaces; the n-th is in the n-th network.
    pub(crate) ports: Vec<Port>,
    pub(crate) presence_port: u16,
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
    /// Until then the disk is full: no commit is accepted.
    pub(crate) full_until: u64,
    /// How long the host waits before it opens its store again, if that fails once more.
    pub(crate) retry_after: u64,
    /// When the device last stood still: slept, or its disk was slow.
    pub(crate) disturbed_at: u64,
    pub(crate) copy: Option<Copy>,
    /// It goes on from an older copy of its database.
    pub(crate) rolled_back: bool,
    /// Its clock has jumped by years: what waits for its time may be over.
    pub(crate) lost_years: bool,
    pub(crate) ablations: BTreeSet<Ablation>,
    pub(crate) late_events: Vec<Event>,
    pub(crate) listeners: BTreeMap<ListenerId, u16>,
    pub(crate) id: Option<HostId>,
    pub(crate) key: Option<IdentityKey>,
    /// The user wants to be present, whenever the device runs.
    pub(crate) wants_presence: bool,
    /// How long it was on the air until it left last, and since when it is.
    pub(crate) was_on_air: u64,
    pub(crate) on_air_since: Option<u64>,
    /// How often the user has written.
    pub(crate) texts_written: u64,
}

impl Host {
    /// How long it has been on the air in all.
    pub(crate) fn on_air(&self, now: u64) -> u64 {
        self.was_on_air + self.on_air_since.map_or(0, |since| now - since)
    }

    /// It comes on the air, or goes.
    pub(crate) fn set_on_air(&mut self, on_air: bool, now: u64) {
        self.was_on_air = self.on_air(now);
        self.on_air_since = on_air.then_some(now);
    }

    pub(crate) fn new(config: Config, part: Part, ports: Vec<Port>, clock: Clock, commits_at_once: usize) -> Self {
        let presence_port = config.host.port;
        Self {
            engine: None,
            life: 0,
            store: MemoryStore::default(),
            outside: None,
            config,
            part,
            ports,
            presence_port,
            asleep_until: 0,
            deferred: Vec::new(),
            clock,
            wake: None,
            idle_wakes: 0,
            in_flight: VecDeque::new(),
            encryptions: Vec::new(),
            last_commit_at: 0,
            commits_at_once,
            full_until: 0,
            retry_after: 0,
            disturbed_at: 0,
            copy: None,
            rolled_back: false,
            lost_years: false,
            ablations: BTreeSet::new(),
            late_events: Vec::new(),
            listeners: BTreeMap::new(),
            id: None,
            key: None,
            wants_presence: true,
            was_on_air: 0,
            on_air_since: None,
            texts_written: 0,
        }
    }

    /// Where its presence datagrams to this network come from; the first address if it has none there.
    pub(crate) fn presence_address(&self, network: usize) -> NetAddr {
        let port = self.ports.get(network).or(self.ports.first());
        let address = port.map_or(Ipv4Addr::UNSPECIFIED, |port| port.address);
        SocketAddr::new(IpAddr::V4(address), self.presence_port)
    }

    /// Whether it has an interface in this network that is up.
    pub(crate) fn is_in(&self, network: usize) -> bool {
        self.ports.get(network).is_some_and(|port| port.up)
    }

    /// Whether its device runs.
    pub(crate) fn is_awake(&self, at: u64) -> bool {
        self.engine.is_some() && self.asleep_until <= at
    }

    pub(crate) fn is_honest(&self) -> bool {
        self.part != Part::Malicious
    }

    pub(crate) fn is_in_use(&self) -> bool {
        matches!(self.part, Part::Honest | Part::Malicious)
    }

    /// The interfaces that are up, as the engine knows them.
    pub(crate) fn interfaces(&self) -> Vec<(Interface, Ipv4Addr)> {
        let up = (0..).zip(&self.ports).filter(|(_, port)| port.up);
        up.map(|(number, port)| (Interface(number), port.address)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_never_called_early_and_at_most_a_millisecond_late() {
        let mut random = Random::new(3);
        for _ in 0..1_000 {
            let clock = Clock::new(&mut random, 0, 0);
            let at = random.below(100_000_000);
            let due = Tick(clock.tick(at) + random.below(10_000_000));
            let when = clock.when(due, at);
            assert!(clock.tick(when) >= due.0);
            assert!(when == at || clock.tick(when - 1) < due.0);
        }
    }
}
