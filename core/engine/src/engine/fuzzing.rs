//! Live engines under fuzzing: what a whole host does with foreign datagrams, frames and records.
//!
//! The input is a list of steps, each a byte that names it and what it needs; what is missing reads as zeros. After every
//! step the engine's outputs are drained and its contract is checked. The friend, Grace, is a real engine, so that her
//! frames are real, and what she encrypts may be any bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "it is to panic")]

mod world;

use std::collections::BTreeMap;

use crate::Engine;
use crate::fuzzing::sign_packet;
use crate::identity::Identity;
use crate::ids::{Generation, LinkId, MessageId, MessageKey};
use crate::rows::{Commit, MessageIndex, RecordKey, Snapshot, Table, Write};
use crate::time::{Millis, Now, Tick, Wall};
use world::{World, befriended, config};

/// More steps find nothing new and make slow inputs.
const STEPS_MAX: usize = 48;
/// An engine that is due again at once so many times does not come to an end.
const CALLS_MAX: usize = 2_000;
/// A day in 2026.
const START: Now = Now { tick: Tick(1_000_000), wall: Wall(1_790_000_000_000) };
const LINK: LinkId = LinkId(1);

/// Datagrams: raw, cut and changed ones, rightly signed ones with any body, replays, in any order and at any time.
pub(crate) fn datagrams(bytes: &[u8]) {
    let mut world = World::new();
    let mut input = Input(bytes);
    for _ in 0..STEPS_MAX {
        if input.0.is_empty() {
            break;
        }
        match input.byte() % 10 {
            0 => world.hear(input.byte(), input.rest_of_step().to_vec()),
            1..=3 => world.hear_signed(&mut input),
            4 => {
                let signer = Identity::from_secret([input.byte() % 4 + 1; 32]);
                let unsigned = input.rest_of_step().to_vec();
                world.hear(0, sign_packet(&unsigned, &signer));
            }
            5 => {
                let count = world.heard.len().max(1);
                if let Some(datagram) = world.heard.get(usize::from(input.byte()) % count).cloned() {
                    world.hear(input.byte(), datagram);
                }
            }
            6 => world.change_network(&mut input),
            7 => world.command(&mut input),
            _ => world.pass_time(&mut input),
        }
    }
    world.restart();
}

/// Frames: raw ones, those of a real friend with any content inside her encryption, out of order, changed, again; and what
/// becomes of links and of the host meanwhile.
pub(crate) fn frames(bytes: &[u8]) {
    let mut world = World::new();
    world.link_up();
    let mut input = Input(bytes);
    for _ in 0..STEPS_MAX {
        if input.0.is_empty() {
            break;
        }
        match input.byte() % 12 {
            0 => world.frame(input.rest_of_step().to_vec()),
            1 => world.hello(&mut input),
            2 | 3 => world.write_as_grace(&mut input),
            4 | 5 => world.forward(&mut input),
            6 => world.prove(&mut input),
            7 => world.let_grace_answer(&mut input),
            8 => world.link_changes(&mut input),
            9 => world.restart(),
            10 => world.command(&mut input),
            _ => world.pass_time(&mut input),
        }
    }
    world.restart();
}

/// Records: those of a real host, some of them changed, replaced or beside others that nobody wrote. Whatever is restored of
/// them goes on living.
pub(crate) fn records(bytes: &[u8]) {
    let (mut store, _) = befriended().clone();
    let mut input = Input(bytes);
    for _ in 0..STEPS_MAX {
        if input.0.is_empty() {
            break;
        }
        let kind = input.byte();
        let index = usize::from(input.byte()) % store.records.len().max(1);
        let Some(key) = store.records.keys().nth(index).copied() else { break };
        match kind % 6 {
            0 => {
                let Some((value, _)) = store.records.get_mut(&key) else { break };
                let at = usize::from(input.number::<2>() as u16) % value.len().max(1);
                if let Some(byte) = value.get_mut(at) {
                    *byte = input.byte();
                }
            }
            1 => {
                let value = input.rest_of_step().to_vec();
                store.records.insert(key, (value, Vec::new()));
            }
            2 => {
                let table = Table::ALL[index % Table::ALL.len()];
                let row = input.number::<8>();
                store.records.insert(RecordKey { table, row }, (input.rest_of_step().to_vec(), Vec::new()));
            }
            3 => drop(store.records.remove(&key)),
            4 => {
                // The same record once more, under another number.
                let row = input.number::<8>();
                let record = store.records.get(&key).cloned().unwrap_or_default();
                store.records.insert(RecordKey { row, ..key }, record);
            }
            _ => {
                if let Some((_, body)) = store.records.get_mut(&key) {
                    *body = input.rest_of_step().to_vec();
                }
            }
        }
    }
    let Ok(ada) = Engine::restore(config(), store.snapshot(), store.outside, [3; 32], START) else { return };
    let mut world = World::of(ada, store, befriended().1.clone());
    world.link_up();
    world.command(&mut Input(&[0, b'h', b'i']));
    world.advance(Millis::from_minutes(5));
    world.advance(Millis::from_days(40));
}

/// What the engine was given to keep.
#[derive(Clone, Default)]
struct Kept {
    records: BTreeMap<RecordKey, (Vec<u8>, Vec<u8>)>,
    messages: BTreeMap<MessageKey, MessageIndex>,
    marks: Vec<(crate::ids::FriendId, MessageId)>,
    /// The generation written outside the store.
    outside: Option<Generation>,
}

impl Kept {
    fn apply(&mut self, commit: Commit) {
        for write in commit.writes {
            match write {
                Write::Put { key, value, body } => {
                    let record = self.records.entry(key).or_default();
                    record.0 = value;
                    record.1 = body.unwrap_or(std::mem::take(&mut record.1));
                }
                Write::Delete(key) => drop(self.records.remove(&key)),
                Write::AddMessage(row) => {
                    let before = self.messages.insert(row.key, MessageIndex::from(&row));
                    assert!(before.is_none(), "a message was added under a key that is taken");
                }
                Write::UpdateMessage { key, order, state, unread } => {
                    if let Some(message) = self.messages.get_mut(&key) {
                        (message.order, message.state, message.unread) = (order, state, unread);
                    }
                }
                Write::RemoveMessage(key) => drop(self.messages.remove(&key)),
                Write::AddMark { friend, id } => self.marks.push((friend, id)),
                Write::PruneMarks { .. } => {}
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            records: self.records.iter().map(|(key, (value, _))| (*key, value.clone())).collect(),
            messages: self.messages.values().cloned().collect(),
            marks: self.marks.clone(),
        }
    }
}

/// Bytes of the input; zeros after their end.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn number<const N: usize>(&mut self) -> u64 {
        (0..N).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    /// Up to 2,047 bytes, as many as two bytes say.
    fn rest_of_step(&mut self) -> &'a [u8] {
        let length = usize::try_from(self.number::<2>()).unwrap() & 0x7ff;
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
