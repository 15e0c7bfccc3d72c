//! What this host has yet to deliver. Each entry lives until a proof comes, its time runs out or its owner gives it up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::api::{FullReason, PacketService};
use crate::custody::{Prefix, prefix};
use crate::envelope::Envelope;
use crate::gate::Gate;
use crate::ids::{AckHash, FriendId, HostId, MessageId, MessageKey, OlmKey};
use crate::pairing::{ChainPlace, MISSING_MAX};
use crate::record;
use crate::rows::{RecordKey, Table, Write};
use crate::spray::Spray;
use crate::time::Wall;
use crate::tree::Tree;

/// Envelopes kept in memory so that a fresh one is never read back: 4 MiB with all that is around them.
const CACHE_BYTES: usize = 4 << 20;

/// Something to deliver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) friend: FriendId,
    pub(crate) service: PacketService,
    pub(crate) message: MessageId,
    /// Its row in the history, if it is a text.
    pub(crate) key: Option<MessageKey>,
    /// The pairing it is encrypted under, and where in its ratchet.
    pub(crate) pairing: Option<(u64, ChainPlace)>,
    /// The epoch of its first sealing under that pairing: what holds the floor.
    pub(crate) first_epoch: u32,
    /// The ack hash and epoch of every sealing; any one's proof delivers.
    pub(crate) sealings: Vec<(AckHash, u32)>,
    pub(crate) created: Wall,
    pub(crate) expires: Wall,
    pub(crate) sealed: Wall,
    /// Its number among the packets.
    pub(crate) packet: u64,
    /// Failed: sent no more, kept for a late proof or another try.
    pub(crate) given_up: bool,
    /// The beginning of the newest sealing's id.
    #[serde(default)]
    pub(crate) envelope: Prefix,
    /// What is still to be given away of the newest sealing.
    #[serde(default)]
    pub(crate) spray: Spray,
    /// Its length in bytes.
    #[serde(default)]
    pub(crate) length: u16,
    /// Who took a copy of the newest sealing, servers first told of.
    #[serde(default)]
    pub(crate) holders: Vec<Holder>,
    /// Servers that had no room for it when it was offered to them last.
    #[serde(default)]
    pub(crate) full: Vec<FullServer>,
}

/// Somebody who has said to have stored a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) host: HostId,
    pub(crate) server: bool,
    /// The alias it claimed then: of hosts that are not pinned nothing else outlives a restart.
    #[serde(default)]
    pub(crate) alias: Option<String>,
}

/// A server that has said to have no room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FullServer {
    pub(crate) server: Holder,
    pub(crate) reason: FullReason,
}

/// Everything waiting to be delivered, in the order it was made.
#[derive(Default)]
pub(crate) struct Outbox {
    entries: Tree<u64, Entry>,
    next: u64,
    by_ack: BTreeMap<AckHash, u64>,
    by_friend: BTreeMap<FriendId, BTreeSet<u64>>,
    by_message: BTreeMap<MessageId, u64>,
    by_envelope: BTreeMap<Prefix, u64>,
    by_chain: BTreeMap<(u64, OlmKey), BTreeSet<(u64, u64)>>,
    by_expiry: BTreeSet<(Wall, u64)>,
    texts: BTreeSet<u64>,
    given_up: BTreeSet<u64>,
    /// What a friend holds although what it waits for is given up here: the lowest of its chain that still waited when that was
    /// noticed, and whether it was sealed again since.
    outdated: Tree<u64, (u64, bool)>,
    cache: Tree<u64, Envelope>,
    cached_bytes: usize,
}

impl Outbox {
    pub(crate) fn restore_entry(&mut self, row: u64, value: &[u8]) -> Option<&Entry> {
        let entry: Entry = record::decode(value)?;
        self.next = self.next.max(row.saturating_add(1));
        self.index(row, &entry);
        self.entries.insert(row, entry);
        self.entries.get(&row)
    }

    /// Stores a new entry with its body; returns its row.
    pub(crate) fn insert(&mut self, entry: Entry, envelope: Envelope, body: Vec<u8>, gate: &mut Gate) -> u64 {
        let row = self.next;
        self.next += 1;
        self.index(row, &entry);
        gate.write(Write::Put { key: key(row), value: record::encode(&entry), body: Some(body) });
        self.entries.insert(row, entry);
        self.remember(row, envelope);
        row
    }

    /// Replaces an entry's sealing (and its place in the ratchet).
    pub(crate) fn replace(&mut self, row: u64, entry: Entry, envelope: Envelope, body: Vec<u8>, gate: &mut Gate) {
        if let Some(old) = self.entries.remove(&row) {
            self.unindex(row, &old);
        }
        self.index(row, &entry);
        gate.write(Write::Put { key: key(row), value: record::encode(&entry), body: Some(body) });
        self.entries.insert(row, entry);
        self.remember(row, envelope);
        if let Some((_, sealed)) = self.outdated.get_mut(&row) {
            *sealed = true;
        }
    }

    /// Changes what is stored of an entry, not its body.
    pub(crate) fn set(&mut self, row: u64, entry: Entry, gate: &mut Gate) {
        if let Some(old) = self.entries.remove(&row) {
            self.unindex(row, &old);
        }
        self.index(row, &entry);
        gate.write(Write::Put { key: key(row), value: record::encode(&entry), body: None });
        self.entries.insert(row, entry);
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, row: u64, gate: &mut Gate) -> Option<Entry> {
        let entry = self.entries.remove(&row)?;
        self.unindex(row, &entry);
        self.forget_cached(row);
        self.outdated.remove(&row);
        gate.write(Write::Delete(key(row)));
        Some(entry)
    }

    pub(crate) fn entry(&self, row: u64) -> Option<&Entry> {
        self.entries.get(&row)
    }

    pub(crate) fn row_of_message(&self, message: MessageId) -> Option<u64> {
        self.by_message.get(&message).copied()
    }

    /// Whether a sealing of ours shows an ack hash that begins so.
    pub(crate) fn has_ack(&self, ack: Prefix) -> bool {
        let mut first = [0; AckHash::LENGTH];
        first[..8].copy_from_slice(&ack.to_be_bytes());
        let next = self.by_ack.range(AckHash(first)..).next();
        next.is_some_and(|(found, _)| prefix(found.as_bytes()) == ack)
    }

    /// The entry whose newest sealing has an id that begins so.
    pub(crate) fn by_envelope(&self, id: Prefix) -> Option<u64> {
        self.by_envelope.get(&id).copied()
    }

    /// Every row that is sent, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().rev().filter(|(_, entry)| !entry.given_up).map(|(row, entry)| (*row, entry))
    }

    /// The entry one of whose sealings shows this hash, and that sealing's epoch.
    pub(crate) fn proved_by(&self, ack: AckHash) -> Option<(u64, u32)> {
        let row = *self.by_ack.get(&ack)?;
        let epoch = self.entries.get(&row)?.sealings.iter().find(|(hash, _)| *hash == ack)?.1;
        Some((row, epoch))
    }

    pub(crate) fn rows_for(&self, friend: FriendId) -> impl Iterator<Item = u64> + '_ {
        self.by_friend.get(&friend).into_iter().flatten().copied()
    }

    /// Those for whom there is something.
    pub(crate) fn friends(&self) -> impl Iterator<Item = FriendId> + '_ {
        self.by_friend.keys().copied()
    }

    pub(crate) fn waits_for(&self, friend: FriendId) -> bool {
        self.by_friend.contains_key(&friend)
    }

    /// The lowest index of a chain that is still alive here, `index` itself at most.
    pub(crate) fn lowest_alive(&self, pairing: u64, place: ChainPlace) -> u64 {
        let first = self.by_chain.get(&(pairing, place.chain)).and_then(BTreeSet::first);
        first.map_or(place.index, |(index, _)| (*index).min(place.index))
    }

    /// A friend holds an entry. Says whether that is for nothing, since so little below waits here that it could be opened; once for
    /// each lowest of its chain, whatever the friend goes on to say.
    pub(crate) fn on_held(&mut self, row: u64) -> bool {
        let Some((pairing, place)) =
            self.entries.get(&row).filter(|entry| !entry.given_up).and_then(|entry| entry.pairing)
        else {
            return false;
        };
        let lowest = self.lowest_alive(pairing, place);
        let is_news = self.outdated.get(&row).is_none_or(|(noticed, _)| *noticed != lowest);
        if !is_news || place.index - lowest > MISSING_MAX as u64 {
            return false;
        }
        self.outdated.insert(row, (lowest, false));
        true
    }

    /// Whether a friend [holds an entry for nothing](Self::on_held), until it is sealed again: that names what still waits.
    pub(crate) fn is_outdated(&self, row: u64) -> bool {
        self.outdated.get(&row).is_some_and(|(_, sealed)| !sealed)
    }

    /// The row that expires first.
    pub(crate) fn first_expiry(&self) -> Option<(Wall, u64)> {
        self.by_expiry.first().copied()
    }

    pub(crate) fn text_count(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn oldest_text(&self) -> Option<u64> {
        self.texts.first().copied()
    }

    pub(crate) fn given_up_count(&self) -> usize {
        self.given_up.len()
    }

    /// The oldest entry that was given up, but for the one that is to be tried again.
    pub(crate) fn oldest_given_up(&self, but: Option<u64>) -> Option<u64> {
        self.given_up.iter().copied().find(|row| Some(*row) != but)
    }

    pub(crate) fn cached(&self, row: u64) -> Option<&Envelope> {
        self.cache.get(&row)
    }

    pub(crate) fn remember(&mut self, row: u64, envelope: Envelope) {
        self.forget_cached(row);
        self.cached_bytes += envelope.in_memory();
        self.cache.insert(row, envelope);
        while self.cached_bytes > CACHE_BYTES {
            // The newest go first: the oldest are the next to be sent.
            let Some((_, envelope)) = self.cache.pop_last() else { break };
            self.cached_bytes -= envelope.in_memory();
        }
    }

    pub(crate) fn forget_cached(&mut self, row: u64) {
        if let Some(envelope) = self.cache.remove(&row) {
            self.cached_bytes -= envelope.in_memory();
        }
    }

    fn index(&mut self, row: u64, entry: &Entry) {
        self.by_ack.extend(entry.sealings.iter().map(|(ack, _)| (*ack, row)));
        self.by_friend.entry(entry.friend).or_default().insert(row);
        self.by_message.insert(entry.message, row);
        self.by_envelope.insert(entry.envelope, row);
        self.by_expiry.insert((entry.expires, row));
        if entry.given_up {
            self.given_up.insert(row);
            return;
        }
        if entry.service == PacketService::TextMessage {
            self.texts.insert(row);
        }
        if let Some((pairing, place)) = entry.pairing {
            self.by_chain.entry((pairing, place.chain)).or_default().insert((place.index, row));
        }
    }

    fn unindex(&mut self, row: u64, entry: &Entry) {
        entry.sealings.iter().for_each(|(ack, _)| {
            self.by_ack.remove(ack);
        });
        remove_from(&mut self.by_friend, &entry.friend, &row);
        self.by_message.remove(&entry.message);
        self.by_envelope.remove(&entry.envelope);
        self.by_expiry.remove(&(entry.expires, row));
        self.texts.remove(&row);
        self.given_up.remove(&row);
        if let Some((pairing, place)) = entry.pairing {
            remove_from(&mut self.by_chain, &(pairing, place.chain), &(place.index, row));
        }
    }
}

/// Where an entry is stored.
pub(crate) const fn key(row: u64) -> RecordKey {
    RecordKey { table: Table::Outbox, row }
}

fn remove_from<K: Ord, V: Ord>(map: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(set) = map.get_mut(key) {
        set.remove(value);
        if set.is_empty() {
            map.remove(key);
        }
    }
}
