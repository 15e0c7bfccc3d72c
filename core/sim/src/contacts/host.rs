//! One host of a trace: an engine and a store whose commits are durable at once.

use std::collections::BTreeMap;

use permesso_engine::Engine;
use permesso_engine::api::Command;
use permesso_engine::config::Config;
use permesso_engine::ids::{Generation, HostId, IdentityKey};
use permesso_engine::rows::{Commit, RecordKey, Snapshot, Table, Write};
use permesso_engine::time::{Millis, Now, Tick, Wall};

use super::problem::TraceError;
use super::scenario::Scenario;
use crate::host::WALL_START;
use crate::memory::MemoryStore;
use crate::random::Random;

/// Links are never closed for want of a word: a contact is a link until it ends.
const NEVER: Millis = Millis::from_days(365);

/// One host.
pub(super) struct Host {
    /// Its address in the trace.
    pub(super) address: u32,
    pub(super) engine: Engine,
    pub(super) store: MemoryStore,
    pub(super) id: HostId,
    pub(super) key: IdentityKey,
    /// When its engine is to be called.
    pub(super) wake: Option<u64>,
    /// For how long what its user writes is of use.
    pub(super) lifetime: u64,
    /// What the engine had counted as dropped or refused at second 0.
    pub(super) counted: BTreeMap<&'static str, u64>,
    bodies: BTreeMap<Table, Bodies>,
}

/// The bodies of one table, in bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Bodies {
    now: usize,
    most: usize,
}

/// What every clock of a trace shows at a moment of its world.
pub(super) fn clocks(at: u64) -> Now {
    Now { tick: Tick(at), wall: Wall(WALL_START + at) }
}

/// The parameters of a host: those every host starts with, but for what the rules of the trace set.
fn engine_config(scenario: &Scenario, address: u32, lifetime: u64) -> Config {
    let mut config = Config::default();
    config.host.alias = format!("h{address}");
    config.links.idle_close = NEVER;
    // A contact is a link, however many there are at a time.
    config.links.links_max = u32::MAX;
    config.links.stranger_links_max = u32::MAX;
    config.messages.outbox_expiry = Millis(lifetime);
    config.messages.envelope_lifetime = Millis(lifetime);
    // 2^8 hashes instead of 2^20: the work for a friend request is not what a trace measures.
    config.friendship.stamp_bits = 8;
    if let Some(bytes) = scenario.buffer_of(address) {
        config.custody.storage_bytes = bytes;
    }
    config
}

impl Host {
    /// A host that is present, with a new identity.
    pub(super) fn new(
        scenario: &Scenario,
        address: u32,
        lifetime: u64,
        random: &mut Random,
        at: u64,
    ) -> Result<Self, TraceError> {
        let config = engine_config(scenario, address, lifetime);
        let engine = Engine::restore(config, Snapshot::default(), None::<Generation>, random.seed(), clocks(at))?;
        let (id, key) = (engine.host_id(), engine.identity_key());
        let store = MemoryStore::new();
        let (counted, bodies) = (BTreeMap::new(), BTreeMap::new());
        let mut host = Self { address, engine, store, id, key, wake: None, lifetime, counted, bodies };
        // Nothing is refused of a host that has just begun.
        let _ = host.engine.handle_command(Command::Join, clocks(at));
        Ok(host)
    }

    /// Makes a commit durable and says so.
    pub(super) fn commit(&mut self, commit: Commit, at: u64) {
        let seq = commit.seq;
        for write in &commit.writes {
            match write {
                Write::Put { key, body: Some(body), .. } if key.table.has_body() => self.weigh(*key, body.len()),
                Write::Delete(key) if key.table.has_body() => self.weigh(*key, 0),
                _ => {}
            }
        }
        self.store.apply(commit);
        self.engine.handle_committed(seq, clocks(at));
    }

    fn weigh(&mut self, key: RecordKey, length: usize) {
        let before = self.store.body_length(key);
        let bodies = self.bodies.entry(key.table).or_default();
        bodies.now = (bodies.now + length).saturating_sub(before);
        bodies.most = bodies.most.max(bodies.now);
    }

    /// What is carried for others and takes more than the buffer has, if it does.
    pub(super) fn overfull(&self) -> Option<String> {
        let (stored, room) = (self.bodies.get(&Table::Custody)?.now as u64, self.engine.custody().bytes_max);
        (stored > room).then(|| format!("{stored} B of others' mail are stored in a buffer of {room} B"))
    }

    /// The most that the bodies of each table had at a time, in bytes.
    pub(super) fn most_stored(&self) -> impl Iterator<Item = (Table, usize)> + '_ {
        self.bodies.iter().map(|(table, bodies)| (*table, bodies.most))
    }
}

#[cfg(test)]
mod tests {
    use permesso_engine::rows::RecordKey;

    use super::*;

    #[test]
    fn others_mail_beyond_the_buffer_is_caught() {
        let mut host = Host::new(&Scenario::default(), 1, 60_000, &mut Random::new(1), 0).unwrap();
        let room = usize::try_from(host.engine.custody().bytes_max).unwrap();
        let key = |table| RecordKey { table, row: 1 };
        host.weigh(key(Table::Outbox), room + 1);
        host.weigh(key(Table::Custody), room);
        assert_eq!(host.overfull(), None, "its own mail is no part of it");
        host.weigh(RecordKey { table: Table::Custody, row: 2 }, 1);
        assert!(host.overfull().is_some_and(|what| what.contains(&format!("{} B", room + 1))));
    }
}
