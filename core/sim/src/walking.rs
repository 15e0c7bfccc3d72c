//! Worlds in which people walk: who reaches whom follows from where they are.

use crate::config::WorldConfig;
use crate::contacts::{Mobility, Walk};
use crate::world::{Item, World};

/// Positions change once a second.
const STEP: u64 = 1_000;

impl WorldConfig {
    /// Where the hosts of this world walk, malicious ones and those that are not yet among them.
    pub(crate) fn walk(&self, hosts: usize) -> Option<Walk> {
        let mobility = self.mobility?;
        let everybody = Mobility { hosts: u32::try_from(hosts).unwrap_or(u32::MAX), ..mobility };
        Some(everybody.contacts(self.seed, u64::MAX))
    }
}

impl World {
    /// Everybody has gone on for a second.
    pub(crate) fn on_walk(&mut self) {
        let Some(walk) = &mut self.walk else { return };
        let changes = walk.go_on_to(self.now);
        for change in &changes {
            self.air.set(change.first as usize, change.second as usize, change.up);
        }
        if changes.iter().any(|change| !change.up) {
            self.saw("walked out of reach");
        }
        if !changes.is_empty() {
            self.watch_links();
        }
        self.queue.push(self.now + STEP, Item::Walk);
    }
}
