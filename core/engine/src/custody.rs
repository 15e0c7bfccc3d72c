//! Other people's envelopes: what this host carries or keeps for them, and what it remembers of those it had.
//!
//! Bodies are in the store; in memory there are less than 50 bytes for each, so that a server can keep a million. Prefixes of
//! eight bytes stand for ids, ack hashes and tags: two that share one are told apart when the body is read.

mod kept;
mod shelf;
mod sorted;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::CustodyConfig;
use crate::envelope::Envelope;
use crate::frame::ReceiptStatus;
use crate::free_memory::Room;
use crate::gate::Gate;
use crate::ids::{AckHash, HostId};
use crate::rows::{RecordKey, Table, Write};
use crate::time::Wall;
use crate::wants::want_of;
pub(crate) use kept::Kept;
use kept::NOBODY;
use shelf::{Name, Shelf};
use sorted::Sorted;

/// Of a full store so much goes at once, so that room is not made envelope by envelope.
const DROPPED_SHARE: usize = 100;

/// The first eight bytes of an id, an ack hash or a want.
pub(crate) type Prefix = u64;

/// How much somebody has here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) envelopes: u32,
    pub(crate) bytes: u64,
}

impl Usage {
    fn add(&mut self, kept: &Kept) {
        self.envelopes += 1;
        self.bytes += u64::from(kept.length);
    }

    fn take(&mut self, kept: &Kept) {
        self.envelopes -= 1;
        self.bytes -= u64::from(kept.length);
    }

    fn left(&self, envelopes: u32, bytes: u64) -> Room {
        Room { bytes: bytes.saturating_sub(self.bytes), envelopes: envelopes.saturating_sub(self.envelopes) }
    }

    fn fits(&self, length: u64, envelopes: u32, bytes: u64) -> bool {
        self.envelopes < envelopes && self.bytes + length <= bytes
    }

    /// With what somebody is about to have.
    fn with(self, admitted: Self) -> Self {
        let Self { envelopes, bytes } = admitted;
        Self { envelopes: self.envelopes.saturating_add(envelopes), bytes: self.bytes.saturating_add(bytes) }
    }
}

/// Who hands an envelope over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depositor {
    pub(crate) host: HostId,
    pub(crate) friend: bool,
}

/// What became of an envelope that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is here now, in this row.
    Stored(u32),
    /// It is here already.
    Here,
    /// There is no room for it.
    Refused(NoRoom),
}

/// What there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// The storage for such envelopes is full.
    Storage,
    /// The depositor has as much here as it may.
    Quota,
}

impl From<NoRoom> for ReceiptStatus {
    fn from(why: NoRoom) -> Self {
        match why {
            NoRoom::Storage => Self::StorageFull,
            NoRoom::Quota => Self::QuotaFull,
        }
    }
}

/// All envelopes in custody.
#[derive(Default)]
pub(crate) struct Custody {
    shelf: Shelf,
    free: BTreeSet<u32>,
    by_id: Sorted,
    by_ack: Sorted,
    by_want: Sorted,
    depositors: BTreeMap<HostId, (u16, Usage)>,
    hosts: BTreeMap<u16, HostId>,
    next_depositor: u16,
    friends: Usage,
    strangers: Usage,
    arrivals: u32,
    /// What was dropped to make room, and not yet asked for.
    dropped: Vec<(u32, Kept)>,
}

impl Custody {
    pub(crate) fn restore(&mut self, row: u64, value: &[u8]) -> Option<()> {
        let (mut kept, host) = Kept::of_record(value)?;
        kept.depositor = host.and_then(|host| self.depositor(host)).unwrap_or(NOBODY);
        self.count(&kept);
        self.shelf.put(u32::try_from(row).ok()?, kept);
        Some(())
    }

    /// Call once after all rows were restored: puts them in order.
    pub(crate) fn restored(&mut self, config: &CustodyConfig, gate: &mut Gate) {
        let named = |name: fn(&Kept) -> Prefix| self.shelf.iter().map(|(slot, kept)| (name(&kept), slot)).collect();
        let (ids, acks) = (Sorted::of(named(|kept| kept.id)), Sorted::of(named(|kept| kept.ack)));
        self.by_want = Sorted::of(named(|kept| kept.want));
        (self.by_id, self.by_ack) = (ids, acks);
        let slots = self.shelf.slots();
        self.free = (0..slots).filter(|slot| self.shelf.get(*slot).is_none()).collect();
        self.arrivals = slots;
        self.bound(config, gate);
    }

    /// Its limits may have been lowered. A server's mail was accepted, and waits for its recipients or the end of its time.
    pub(crate) fn bound(&mut self, config: &CustodyConfig, gate: &mut Gate) {
        if !config.is_server {
            self.make_room(config, gate);
        }
    }

    pub(crate) fn get(&self, slot: u32) -> Option<Kept> {
        self.shelf.get(slot)
    }

    pub(crate) fn len(&self) -> usize {
        self.all().envelopes as usize
    }

    /// How many hosts handed over what is here.
    pub(crate) fn depositors(&self) -> usize {
        self.depositors.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.friends.bytes + self.strangers.bytes
    }

    /// The number of the newest arrival; 0 before the first.
    pub(crate) fn arrivals(&self) -> u32 {
        self.arrivals
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = (u32, Kept)> {
        self.shelf.iter()
    }

    pub(crate) fn has(&self, id: Prefix) -> bool {
        !self.by_id.of_name(id, |slot| self.shelf.name(slot, Name::Id)).is_empty()
    }

    /// What one secret proves delivered.
    pub(crate) fn by_ack(&self, ack: AckHash) -> Vec<u32> {
        self.by_ack.of_name(prefix(ack.as_bytes()), |slot| self.shelf.name(slot, Name::Ack))
    }

    /// What a WANT of this host's with this entry is for.
    pub(crate) fn by_want(&self, want: Prefix) -> Vec<u32> {
        self.by_want.of_name(want, |slot| self.shelf.name(slot, Name::Want))
    }

    /// How many bytes would still be taken.
    pub(crate) fn room(&self, config: &CustodyConfig) -> u64 {
        config.storage_bytes.saturating_sub(self.bytes())
    }

    /// Why an envelope of so many bytes would not be taken from a depositor, beside what was already admitted of it; nothing if it
    /// would. Who has its quota here is told that, though the storage may be full too: that only it itself can change.
    pub(crate) fn no_room(
        &self,
        from: Depositor,
        length: u64,
        admitted: Usage,
        config: &CustodyConfig,
    ) -> Option<NoRoom> {
        let (envelopes, bytes) = config.quota(from.friend);
        let used = self.depositors.get(&from.host).map(|(_, used)| *used).unwrap_or_default().with(admitted);
        // Half of the store is for what friends handed over.
        let share = if from.friend || config.is_server { 1 } else { 2 };
        let total = if from.friend || config.is_server { self.all() } else { self.strangers }.with(admitted);
        let full = !total.fits(length, config.envelopes_max / share, config.storage_bytes / u64::from(share));
        if !used.fits(length, envelopes, bytes) {
            return Some(NoRoom::Quota);
        }
        (full && (config.is_server || share == 2)).then_some(NoRoom::Storage)
    }

    /// How much would still be taken from a depositor.
    pub(crate) fn room_for(&self, from: Depositor, config: &CustodyConfig) -> Room {
        let (envelopes, bytes) = config.quota(from.friend);
        let used = self.depositors.get(&from.host).map(|(_, used)| *used).unwrap_or_default();
        let quota = used.left(envelopes, bytes);
        if from.friend && !config.is_server {
            // What strangers left makes room for it.
            return quota.min(self.friends.left(config.envelopes_max, config.storage_bytes));
        }
        let (share, total) = if config.is_server { (1, self.all()) } else { (2, self.strangers) };
        quota.min(total.left(config.envelopes_max / share, config.storage_bytes / u64::from(share)))
    }

    /// Takes an envelope into custody. Its lifetime, copies and stamp were checked.
    pub(crate) fn add(
        &mut self,
        envelope: &Envelope,
        from: Depositor,
        own: HostId,
        now: Wall,
        config: &CustodyConfig,
        gate: &mut Gate,
    ) -> Taken {
        let id = prefix(envelope.id().as_bytes());
        if self.has(id) {
            return Taken::Here;
        }
        let length = envelope.encoded_length();
        if let Some(why) = self.no_room(from, length as u64, Usage::default(), config) {
            return Taken::Refused(why);
        }
        let Some(depositor) = self.depositor(from.host) else { return Taken::Refused(NoRoom::Storage) };
        let kept = Kept {
            id,
            ack: prefix(envelope.ack_hash.as_bytes()),
            want: want_of(&envelope.tag, own),
            expires: seconds(now).saturating_add(envelope.lifetime),
            depositor,
            copies: envelope.copies,
            best: envelope.best,
            length: u16::try_from(length).unwrap_or(u16::MAX),
            friend: from.friend,
            class: envelope.class,
        };
        let slot = self.free.pop_first().unwrap_or(self.shelf.slots());
        gate.write(Write::Put { key: key(slot), value: kept.record(Some(&from.host)), body: Some(envelope.encode()) });
        self.index(slot, kept);
        self.arrivals = self.arrivals.saturating_add(1);
        if !config.is_server {
            self.make_room(config, gate);
        }
        if self.shelf.get(slot).is_some() {
            return Taken::Stored(slot);
        }
        // It was never here, as far as anybody is told.
        self.dropped.retain(|(_, dropped)| dropped.id != id);
        Taken::Refused(NoRoom::Storage)
    }

    /// What was dropped to make room since this was asked last: from which slots, and what.
    pub(crate) fn take_dropped(&mut self) -> Vec<(u32, Kept)> {
        std::mem::take(&mut self.dropped)
    }

    /// Changes how many copies may still be given away, and the best count seen.
    pub(crate) fn set_copies(&mut self, slot: u32, copies: u16, best: u16, gate: &mut Gate) {
        let Some(kept) = self.shelf.get(slot) else { return };
        let kept = Kept { copies, best, ..kept };
        self.shelf.put(slot, kept);
        gate.write(Write::Put { key: key(slot), value: kept.record(self.hosts.get(&kept.depositor)), body: None });
    }

    pub(crate) fn remove(&mut self, slot: u32, gate: &mut Gate) -> Option<Kept> {
        let kept = self.shelf.get(slot)?;
        self.by_id.remove(kept.id, slot, |slot| self.shelf.name(slot, Name::Id));
        self.by_ack.remove(kept.ack, slot, |slot| self.shelf.name(slot, Name::Ack));
        self.by_want.remove(kept.want, slot, |slot| self.shelf.name(slot, Name::Want));
        self.shelf.take(slot);
        self.free.insert(slot);
        if kept.friend { &mut self.friends } else { &mut self.strangers }.take(&kept);
        if let Some(host) = self.hosts.get(&kept.depositor).copied()
            && let Some((_, used)) = self.depositors.get_mut(&host)
        {
            used.take(&kept);
            if used.envelopes == 0 {
                self.depositors.remove(&host);
                self.hosts.remove(&kept.depositor);
            }
        }
        gate.write(Write::Delete(key(slot)));
        Some(kept)
    }

    /// Envelopes whose lifetime is over.
    pub(crate) fn expired(&self, now: Wall) -> Vec<u32> {
        self.shelf.expired(seconds(now)).collect()
    }

    fn all(&self) -> Usage {
        let Usage { envelopes, bytes } = self.friends;
        Usage { envelopes: envelopes + self.strangers.envelopes, bytes: bytes + self.strangers.bytes }
    }

    /// Drops what matters least while there is too much: strangers' by least lifetime, then friends' that were handed on, then
    /// those with the most copies.
    fn make_room(&mut self, config: &CustodyConfig, gate: &mut Gate) {
        let over = |all: Usage| all.envelopes > config.envelopes_max || all.bytes > config.storage_bytes;
        while over(self.all()) {
            let mut ranks: Vec<_> = self.slots().map(|(slot, kept)| (rank(&kept), slot)).collect();
            let most = (ranks.len() / DROPPED_SHARE).min(ranks.len().saturating_sub(1));
            ranks.select_nth_unstable(most);
            for (_, slot) in ranks.into_iter().take(most + 1) {
                if over(self.all()) {
                    let removed = self.remove(slot, gate);
                    self.dropped.extend(removed.map(|kept| (slot, kept)));
                }
            }
        }
    }

    /// The number of a depositor; none while there are as many as have numbers.
    fn depositor(&mut self, host: HostId) -> Option<u16> {
        if let Some((number, _)) = self.depositors.get(&host) {
            return Some(*number);
        }
        if self.hosts.len() >= usize::from(NOBODY) {
            return None;
        }
        while self.next_depositor == NOBODY || self.hosts.contains_key(&self.next_depositor) {
            self.next_depositor = self.next_depositor.wrapping_add(1);
        }
        self.hosts.insert(self.next_depositor, host);
        self.depositors.insert(host, (self.next_depositor, Usage::default()));
        Some(self.next_depositor)
    }

    fn index(&mut self, slot: u32, kept: Kept) {
        self.count(&kept);
        self.shelf.put(slot, kept);
        self.by_id.insert(kept.id, slot, |slot| self.shelf.name(slot, Name::Id));
        self.by_ack.insert(kept.ack, slot, |slot| self.shelf.name(slot, Name::Ack));
        self.by_want.insert(kept.want, slot, |slot| self.shelf.name(slot, Name::Want));
    }

    fn count(&mut self, kept: &Kept) {
        if kept.friend { &mut self.friends } else { &mut self.strangers }.add(kept);
        if let Some(host) = self.hosts.get(&kept.depositor)
            && let Some((_, used)) = self.depositors.get_mut(host)
        {
            used.add(kept);
        }
    }
}

/// The least goes first.
fn rank(kept: &Kept) -> (u8, u32) {
    match (kept.friend, kept.copies) {
        (false, _) => (0, kept.expires),
        (true, 0) => (1, kept.expires),
        (true, copies) => (2, u32::from(u16::MAX - copies)),
    }
}

/// The first eight bytes.
pub(crate) fn prefix(bytes: &[u8; 16]) -> Prefix {
    let [a, b, c, d, e, f, g, h, ..] = *bytes;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The clock of age in seconds.
pub(crate) fn seconds(now: Wall) -> u32 {
    u32::try_from(now.0 / 1_000).unwrap_or(u32::MAX)
}

/// Where an envelope in custody is stored.
pub(crate) const fn key(slot: u32) -> RecordKey {
    RecordKey { table: Table::Custody, row: slot as u64 }
}

#[cfg(test)]
mod tests;
