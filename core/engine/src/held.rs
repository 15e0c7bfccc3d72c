//! Ciphertexts held back until their turn in the ratchet (rule R1), and the marks that tell duplicates.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::ids::{FriendId, MessageId, OlmKey, ProofSecret};
use crate::pairing::ChainPlace;
use crate::record;
use crate::rows::{RecordKey, Table, Write};
use crate::time::Wall;
use crate::tree::Tree;

/// A ciphertext that waits for those below it in its chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldEntry {
    pub(crate) friend: FriendId,
    pub(crate) pairing: u64,
    pub(crate) place: ChainPlace,
    pub(crate) lowest: u64,
    pub(crate) message: MessageId,
    pub(crate) secret: ProofSecret,
    pub(crate) kind: u8,
    pub(crate) length: u64,
    pub(crate) since: Wall,
    pub(crate) packet: u64,
}

/// All held ciphertexts; their bodies are in the store.
#[derive(Default)]
pub(crate) struct Held {
    entries: Tree<u64, HeldEntry>,
    next: u64,
    by_chain: BTreeMap<(u64, OlmKey), BTreeSet<(u64, u64)>>,
    by_friend: BTreeMap<FriendId, BTreeSet<u64>>,
    messages: BTreeMap<(FriendId, MessageId), u64>,
    by_age: BTreeSet<(Wall, u64)>,
    bytes: u64,
}

impl Held {
    pub(crate) fn restore(&mut self, row: u64, value: &[u8]) -> Option<()> {
        let entry: HeldEntry = record::decode(value)?;
        self.next = self.next.max(row.saturating_add(1));
        self.index(row, &entry);
        self.entries.insert(row, entry);
        Some(())
    }

    pub(crate) fn add(&mut self, entry: HeldEntry, ciphertext: Vec<u8>, gate: &mut Gate) -> u64 {
        let row = self.next;
        self.next += 1;
        self.index(row, &entry);
        gate.write(Write::Put { key: key(row), value: record::encode(&entry), body: Some(ciphertext) });
        self.entries.insert(row, entry);
        row
    }

    pub(crate) fn remove(&mut self, row: u64, gate: &mut Gate) -> Option<HeldEntry> {
        let entry = self.entries.remove(&row)?;
        let chain = (entry.pairing, entry.place.chain);
        if let Some(rows) = self.by_chain.get_mut(&chain) {
            rows.remove(&(entry.place.index, row));
            if rows.is_empty() {
                self.by_chain.remove(&chain);
            }
        }
        if let Some(rows) = self.by_friend.get_mut(&entry.friend) {
            rows.remove(&row);
            if rows.is_empty() {
                self.by_friend.remove(&entry.friend);
            }
        }
        self.messages.remove(&(entry.friend, entry.message));
        self.by_age.remove(&(entry.since, row));
        self.bytes -= entry.length;
        gate.write(Write::Delete(key(row)));
        Some(entry)
    }

    pub(crate) fn entry(&self, row: u64) -> Option<&HeldEntry> {
        self.entries.get(&row)
    }

    /// Where a message of a friend is held, if it is.
    pub(crate) fn row_of(&self, friend: FriendId, message: MessageId) -> Option<u64> {
        self.messages.get(&(friend, message)).copied()
    }

    /// The sender has given up what lies below `lowest` in the chain of this ciphertext.
    pub(crate) fn raise_lowest(&mut self, row: u64, lowest: u64, gate: &mut Gate) {
        if let Some(entry) = self.entries.get_mut(&row).filter(|entry| entry.lowest < lowest) {
            entry.lowest = lowest;
            gate.write(Write::Put { key: key(row), value: record::encode(entry), body: None });
        }
    }

    /// The lowest held ciphertext of a chain.
    pub(crate) fn lowest(&self, pairing: u64, chain: OlmKey) -> Option<u64> {
        self.by_chain.get(&(pairing, chain)).and_then(BTreeSet::first).map(|(_, row)| *row)
    }

    pub(crate) fn rows_of_pairing(&self, pairing: u64) -> Vec<u64> {
        self.entries.iter().filter(|(_, entry)| entry.pairing == pairing).map(|(row, _)| *row).collect()
    }

    /// How many a friend has here, and their bytes.
    pub(crate) fn usage(&self, friend: FriendId) -> (usize, u64) {
        let rows = self.by_friend.get(&friend).into_iter().flatten();
        let lengths = rows.filter_map(|row| self.entries.get(row)).map(|entry| entry.length);
        lengths.fold((0, 0), |(count, bytes), length| (count + 1, bytes + length))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The friend's ciphertext with the highest index: the first to go.
    pub(crate) fn highest_of(&self, friend: FriendId) -> Option<u64> {
        let rows = self.by_friend.get(&friend)?;
        rows.iter().copied().max_by_key(|row| self.entries.get(row).map(|entry| (entry.place.index, *row)))
    }

    /// The clock was set back: what seems to be held since some time ahead is held since now, and does not wait for years.
    pub(crate) fn on_clock(&mut self, now: Wall, gate: &mut Gate) {
        while let Some((since, row)) = self.by_age.last().copied().filter(|(since, _)| *since > now) {
            self.by_age.remove(&(since, row));
            self.by_age.insert((now, row));
            let Some(entry) = self.entries.get_mut(&row) else { return };
            entry.since = now;
            gate.write(Write::Put { key: key(row), value: record::encode(entry), body: None });
        }
    }

    /// The first held of all: its wait ends first.
    pub(crate) fn oldest(&self) -> Option<(u64, &HeldEntry)> {
        let (_, row) = self.by_age.first()?;
        self.entries.get(row).map(|entry| (*row, entry))
    }

    fn index(&mut self, row: u64, entry: &HeldEntry) {
        self.by_chain.entry((entry.pairing, entry.place.chain)).or_default().insert((entry.place.index, row));
        self.by_friend.entry(entry.friend).or_default().insert(row);
        self.messages.insert((entry.friend, entry.message), row);
        self.by_age.insert((entry.since, row));
        self.bytes += entry.length;
    }
}

/// Where a held ciphertext is stored.
pub(crate) const fn key(row: u64) -> RecordKey {
    RecordKey { table: Table::Held, row }
}

/// The ids of messages stored from each friend; they outlive the texts.
#[derive(Default)]
pub(crate) struct Marks {
    by_friend: Tree<FriendId, FriendMarks>,
}

#[derive(Default)]
struct FriendMarks {
    ids: BTreeSet<MessageId>,
    order: VecDeque<MessageId>,
}

impl Marks {
    pub(crate) fn restore(marks: Vec<(FriendId, MessageId)>) -> Self {
        let mut restored = Self::default();
        for (friend, id) in marks {
            restored.insert(friend, id);
        }
        restored
    }

    pub(crate) fn contains(&self, friend: FriendId, id: MessageId) -> bool {
        self.by_friend.get(&friend).is_some_and(|marks| marks.ids.contains(&id))
    }

    /// How many messages of a friend are marked.
    pub(crate) fn count(&self, friend: FriendId) -> u32 {
        self.by_friend.get(&friend).map_or(0, |marks| u32::try_from(marks.order.len()).unwrap_or(u32::MAX))
    }

    /// Marks a message as stored; the oldest marks go in batches of a hundredth.
    pub(crate) fn add(&mut self, friend: FriendId, id: MessageId, keep: u32, gate: &mut Gate) {
        self.insert(friend, id);
        gate.write(Write::AddMark { friend, id });
        self.bound(friend, keep, gate);
    }

    /// Keeps the newest marks of a friend, and up to a hundredth more.
    pub(crate) fn bound(&mut self, friend: FriendId, keep: u32, gate: &mut Gate) {
        let keep = keep.max(1) as usize;
        let Some(marks) = self.by_friend.get_mut(&friend) else { return };
        if marks.order.len() > keep + keep / 100 {
            while marks.order.len() > keep {
                if let Some(oldest) = marks.order.pop_front() {
                    marks.ids.remove(&oldest);
                }
            }
            gate.write(Write::PruneMarks { friend, keep: keep as u64 });
        }
    }

    fn insert(&mut self, friend: FriendId, id: MessageId) {
        let marks = self.by_friend.entry(friend).or_default();
        if marks.ids.insert(id) {
            marks.order.push_back(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRIEND: FriendId = FriendId(0);

    fn id(number: u32) -> MessageId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        MessageId(bytes)
    }

    #[test]
    fn the_oldest_marks_go_and_the_store_is_told() {
        let (mut marks, mut gate) = (Marks::default(), Gate::default());
        for number in 0..300 {
            marks.add(FRIEND, id(number), 100, &mut gate);
        }
        assert!(marks.contains(FRIEND, id(299)));
        assert!(!marks.contains(FRIEND, id(0)));
        let kept = (0..300).filter(|number| marks.contains(FRIEND, id(*number))).count();
        assert!((100..=101).contains(&kept));
        let writes = gate.poll_commit().unwrap().writes;
        assert!(writes.contains(&Write::PruneMarks { friend: FRIEND, keep: 100 }));
    }

    #[test]
    fn held_ciphertexts_are_found_by_chain_from_the_lowest_and_dropped_from_the_highest() {
        let (mut held, mut gate) = (Held::default(), Gate::default());
        let chain = OlmKey([1; 32]);
        for index in [5_u64, 3, 9] {
            let entry = HeldEntry {
                friend: FRIEND,
                pairing: 1,
                place: ChainPlace { chain, index },
                lowest: 0,
                message: id(u32::try_from(index).unwrap()),
                secret: ProofSecret([0; 16]),
                kind: 1,
                length: 10,
                since: Wall(index),
                packet: 0,
            };
            held.add(entry, vec![0; 10], &mut gate);
        }
        let index = |row: Option<u64>| held.entry(row.unwrap()).unwrap().place.index;
        assert_eq!(index(held.lowest(1, chain)), 3);
        assert_eq!(index(held.highest_of(FRIEND)), 9);
        assert_eq!(held.usage(FRIEND), (3, 30));
        assert_eq!(held.row_of(FRIEND, id(9)), held.highest_of(FRIEND));
        assert_eq!(held.row_of(FRIEND, id(4)), None);
    }
}
