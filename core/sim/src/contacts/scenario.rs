//! What is replayed, and by what rules: a TOML file beside its trace and list.

use std::path::{Path, PathBuf};

use permesso_engine::time::Millis;
use serde::{Deserialize, Serialize};

use super::mobility::Mobility;
use super::problem::TraceError;

/// What is replayed, and by what rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// The contact trace; a relative path starts at the scenario's folder.
    pub contacts: Option<PathBuf>,
    /// The list of messages; likewise.
    pub messages: Option<PathBuf>,
    /// A world whose contacts are made in place of a trace, and its messages if there is no list.
    pub world: Option<Mobility>,
    /// Contacts that are open then end, and nothing happens afterwards; without it, the trace's last moment, or 12 hours.
    pub end: Option<Millis>,
    /// A contact is a link this long after it began: the time two radios and two hosts take to know each other.
    pub link_setup: Millis,
    /// What a contact carries, in bytes per second, both ways together.
    pub rate: u64,
    /// Pairs with better radios.
    pub faster: Vec<FasterPair>,
    /// How many bytes of others' envelopes a host stores; without it, as many as a host does by default.
    pub buffer: Option<u64>,
    /// Hosts that store more, or less.
    pub storing: Vec<StoringHosts>,
    /// From what everything follows that neither a trace nor a list decides.
    pub seed: u64,
}

/// Two hosts with better radios.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FasterPair {
    /// Their addresses.
    pub between: [u32; 2],
    /// In bytes per second, both ways together.
    pub rate: u64,
}

/// Hosts that store another amount than most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoringHosts {
    /// The lowest and the highest of their addresses.
    pub hosts: [u32; 2],
    /// How many bytes of others' envelopes they store.
    pub buffer: u64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            contacts: None,
            messages: None,
            world: None,
            end: None,
            link_setup: Millis(100),
            // Bluetooth as the ONE's default scenario has it.
            rate: 250_000,
            faster: Vec::new(),
            buffer: None,
            storing: Vec::new(),
            seed: 1,
        }
    }
}

impl Scenario {
    /// Reads a scenario file; paths in it that are relative start at its folder.
    ///
    /// # Errors
    /// The file cannot be read, or is not a scenario.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| TraceError::Unreadable { path: path.to_owned(), source })?;
        let mut scenario =
            Self::parse(&text).map_err(|reason| TraceError::Scenario { path: path.to_owned(), reason })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [&mut scenario.contacts, &mut scenario.messages].into_iter().flatten() {
            *file = folder.join(&*file);
        }
        Ok(scenario)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let scenario: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let rates = scenario.faster.iter().map(|pair| pair.rate).chain([scenario.rate]);
        if rates.min() == Some(0) {
            return Err("rate = 0: expected at least 1 byte per second".into());
        }
        match (&scenario.contacts, scenario.world) {
            (Some(_), Some(_)) => Err("contacts and world: expected one of them".into()),
            _ => Ok(scenario),
        }
    }

    /// What a contact of these two carries, in bytes per second.
    pub fn rate_between(&self, one: u32, other: u32) -> u64 {
        let pair = |pair: &&FasterPair| pair.between == [one, other] || pair.between == [other, one];
        self.faster.iter().find(pair).map_or(self.rate, |pair| pair.rate)
    }

    /// How many bytes of others' envelopes a host stores; `None` if as many as a host does by default.
    pub fn buffer_of(&self, host: u32) -> Option<u64> {
        let here = |StoringHosts { hosts: [low, high], .. }: &&StoringHosts| (*low..=*high).contains(&host);
        self.storing.iter().find(here).map_or(self.buffer, |storing| Some(storing.buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_hosts_that_are_named_have_what_is_named_and_all_others_the_rest() {
        let text = "end = \"12h\"\nrate = 7\nfaster = [{ between = [120, 121], rate = 9 }]\nbuffer = 5\n\
                    storing = [{ hosts = [122, 125], buffer = 6 }]\n";
        let scenario = Scenario::parse(text).unwrap();
        assert_eq!(scenario.end, Some(Millis::from_hours(12)));
        let rates = [(120, 121), (121, 120), (120, 122)].map(|(one, other)| scenario.rate_between(one, other));
        assert_eq!(rates, [9, 9, 7]);
        assert_eq!([121, 122, 125, 126].map(|host| scenario.buffer_of(host)), [5, 6, 6, 5].map(Some));
        assert_eq!(Scenario::default().buffer_of(121), None, "what a host stores by default");
    }

    #[test]
    fn a_word_that_is_not_known_and_a_radio_that_carries_nothing_are_errors() {
        let says = Scenario::parse("rate = 1\nratte = 2\n").unwrap_err();
        assert!(says.contains("line 2") && says.contains("ratte"), "{says}");
        assert!(Scenario::parse("rate = 0").unwrap_err().contains("at least 1"));
        assert!(Scenario::parse("contacts = \"c\"\nworld = \"waypoint:2:1km\"").unwrap_err().contains("one of them"));
        assert!(Scenario::parse("world = \"waypoint:2\"").unwrap_err().contains("expected a world like"));
        assert!(Scenario::parse("faster = [{ between = [1, 2], rate = 0 }]").is_err());
    }
}
