//! What kind of world to run.

use std::net::Ipv4Addr;

use permesso_engine::config::{Config, CustodyConfig, LinkConfig};

use crate::contacts::Mobility;
use crate::faults::Faults;
use crate::host::Part;
use crate::mirror::Caps;
use crate::random::Random;

/// The kind of world to run.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldConfig {
    /// How many hosts, at most 60,000.
    pub hosts: usize,
    /// Where they walk, and out of whose reach; none: everybody reaches everybody until a fault parts them. Says how many
    /// hosts there are, too.
    pub mobility: Option<Mobility>,
    /// The last so many of them are persistent servers, which nobody uses.
    pub servers: usize,
    /// How many virtual minutes users and faults are at work; healing follows.
    pub minutes: u64,
    /// From what everything that is decided follows.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Small histories, outboxes and marks, so that every cap is reached.
    pub small: bool,
    /// Check after healing that 30 quiet minutes leave only quiet traffic; takes 40 more virtual minutes.
    pub quiet: bool,
    /// Print what happens to standard error while it happens.
    pub print: bool,
}

impl WorldConfig {
    /// A world with defaults in all but the number of hosts, the active time and the seed.
    pub fn new(hosts: usize, minutes: u64, seed: u64, faults: Faults) -> Self {
        Self { hosts, mobility: None, servers: 0, minutes, seed, faults, small: false, quiet: false, print: false }
    }

    /// Whether a host is a persistent server.
    pub(crate) fn is_server(&self, index: usize) -> bool {
        index < self.hosts && index + self.servers >= self.hosts
    }

    /// A world whose hosts walk.
    pub fn walking(mobility: Mobility, minutes: u64, seed: u64, faults: Faults) -> Self {
        let hosts = usize::try_from(mobility.hosts).unwrap_or(usize::MAX);
        Self { mobility: Some(mobility), ..Self::new(hosts, minutes, seed, faults) }
    }

    /// The command that repeats this world: exactly, from a build all of whose randomness follows from the seed; else nearly
    /// always.
    pub fn command(&self) -> String {
        let exactly = cfg!(getrandom_backend = "custom");
        format!(
            "cargo {} {}{} --minutes {} --seed {} --faults {}{}{}",
            if exactly { "xtask world" } else { "run -p permesso -- sim world" },
            self.mobility.map_or_else(|| format!("--hosts {}", self.hosts), |walk| format!("--mobility {walk}")),
            if self.servers > 0 { format!(" --servers {}", self.servers) } else { String::new() },
            self.minutes,
            self.seed,
            self.faults.name,
            if self.small { " --small" } else { "" },
            if self.quiet { " --quiet" } else { "" },
        )
    }
}

/// Names that share parts, so that partial searches find several; one is in no Latin script, two are the same.
const ALIASES: [&str; 10] =
    ["Grace", "Gregor", "Ada", "Adam", "Zoë Grün", "Ивана", "Grace", "Madeleine", "Ömer", "Amadeus"];

/// The alias a host starts with.
pub(crate) fn alias(index: usize) -> String {
    let name = ALIASES.get(index % ALIASES.len()).copied().unwrap_or("Nobody");
    if index < ALIASES.len() { name.to_string() } else { format!("{name} {}", index / ALIASES.len()) }
}

/// How often devices may be installed afresh in one world.
const REINSTALLS_MAX: usize = 2;

/// The first address of a host in a network, 10.0.0.0/16 or 10.1.0.0/16.
pub(crate) fn address(network: u8, index: usize) -> Ipv4Addr {
    let number = index as u16 + 16;
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(10, network, high, low)
}

/// What each host of the world is: the honest ones come first, then the malicious ones, then those that are not yet.
pub(crate) fn parts(world: &WorldConfig) -> Vec<Part> {
    let spares = if world.faults.reinstall_every > 0 { REINSTALLS_MAX } else { 0 };
    let parts = [(Part::Honest, world.hosts), (Part::Malicious, world.faults.insiders), (Part::Spare, spares)];
    parts.into_iter().flat_map(|(part, count)| std::iter::repeat_n(part, count)).collect()
}

pub(crate) fn engine_config(world: &WorldConfig, index: usize, random: &mut Random) -> Config {
    let mut config = Config::default();
    config.host.alias = alias(index);
    // 2^8 hashes instead of 2^20: the work is not what a world tests.
    config.friendship.stamp_bits = 8;
    if world.is_server(index) {
        (config.custody, config.links) = (CustodyConfig::server(), LinkConfig::server());
        config.host.alias = format!("Library {index}");
    }
    if world.small {
        config.messages.history_max = random.between(15, 40) as u32;
        config.messages.outbox_max = random.between(8, 20) as u32;
        config.messages.held_max = random.between(5, 50) as u32;
        config.messages.marks_max = random.between(60, 120) as u32;
        config.presence.hosts_max = random.between(3, 12) as u32;
    }
    config
}

/// What a host with this configuration may store. Marks may run over by a part of their cap before they are cut.
pub(crate) fn caps(config: &Config, hosts: usize) -> Caps {
    // Records about friends come on top of those about strangers; packets are for diagnostics alone.
    const PACKETS_MAX: usize = 2_000;
    // The one that sends, and those that wait for the first body under it.
    const PAIRINGS_MAX: usize = 8;
    let asks = config.friendship.asks_max as usize;
    Caps {
        history: config.messages.history_max as usize,
        outbox: config.messages.outbox_max as usize,
        outbox_others: 2 * asks + 4 * hosts,
        held: config.messages.held_max as usize * hosts,
        marks: u64::from(config.messages.marks_max) * 2,
        carried_marks: u64::from(config.custody.marks_max) * 2,
        custody: config.custody.envelopes_max as usize,
        proofs: config.custody.proofs_max(),
        hosts: config.presence.hosts_max as usize + hosts + 2 * asks,
        packets: PACKETS_MAX,
        pairings: PAIRINGS_MAX * hosts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_an_address_of_its_own() {
        assert_eq!(address(0, 0), Ipv4Addr::new(10, 0, 0, 16));
        assert_eq!(address(1, 300), Ipv4Addr::new(10, 1, 1, 60));
    }

    #[test]
    fn the_command_names_everything_that_decides() {
        let config = WorldConfig { small: true, ..WorldConfig::new(4, 20, 123, Faults::storm()) };
        assert_eq!(
            config.command(),
            "cargo run -p permesso -- sim world --hosts 4 --minutes 20 --seed 123 --faults storm --small"
        );
    }
}
