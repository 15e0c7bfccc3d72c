//! What every state machine of the engine works with.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::crypto::Rng;
use crate::gate::Gate;
use crate::identity::Identity;
use crate::settings::Settings;
use crate::time::{Now, Wall};

/// The time, the configuration, this host's identity, randomness, and the way out.
pub(crate) struct Context<'a> {
    /// `wall` is the clock of age.
    pub(crate) now: Now,
    /// What the people's clock shows.
    pub(crate) shown: Wall,
    pub(crate) config: &'a Config,
    pub(crate) settings: &'a Settings,
    pub(crate) identity: &'a Identity,
    pub(crate) rng: &'a mut Rng,
    pub(crate) gate: &'a mut Gate,
    pub(crate) counters: &'a mut Counters,
}

/// How often something was dropped or refused, by reason: peers' mistakes are data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters(BTreeMap<&'static str, u64>);

impl Counters {
    pub(crate) fn bump(&mut self, reason: &'static str) {
        *self.0.entry(reason).or_default() += 1;
    }

    pub(crate) fn of(&self, reason: &str) -> u64 {
        self.0.get(reason).copied().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> BTreeMap<&'static str, u64> {
        self.0.clone()
    }
}
