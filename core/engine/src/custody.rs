//! Other people's envelopes: what this host carries or keeps for them, and what it remembers of those it had.
//!
//! Bodies are in the store; in memory there are less than 50 bytes for each, so that a server can keep a million. Prefixes of
//! eight bytes stand for ids, ack hashes and tags: two that share one are told apart when the body is read.

mod shelf;
mod sorted;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::config::CustodyConfig;
use crate::envelope::{Class, Envelope};
use crate::frame::ReceiptStatus;
use crate::free_memory::Room;
use crate::gate::Gate;
use crate::ids::{AckHash, HostId};
use crate::rows::{RecordKey, Table, Write};
use crate::time::Wall;
use crate::wants::want_of;
use shelf::{Name, Shelf};
use sorted::Sorted;

/// Of a full store so much goes at once, so that room is not made envelope by envelope.
const DROPPED_SHARE: usize = 100;
/// Who handed over what has no depositor in its record, or more than there are numbers for.
const NOBODY: u16 = u16::MAX;

/// Bytes of a host's id in a record.
const HOST_LENGTH: usize = 16;

/// The first eight bytes of an id, an ack hash or a want.
pub(crate) type Prefix = u64;

/// What is kept of one envelope beside its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: Prefix,
    pub(crate) ack: Prefix,
    /// What a WANT for it would say to this host.
    pub(crate) want: Prefix,
    /// When its lifetime is over, in seconds of the clock of age.
    pub(crate) expires: u32,
    /// Who handed it over; dies with it.
    depositor: u16,
    /// At most [`COPIES_MAX`](crate::spray::COPIES_MAX).
    pub(crate) copies: u16,
    pub(crate) best: u16,
    /// Bytes of the whole envelope, never 0.
    pub(crate) length: u16,
    /// The depositor was a friend.
    pub(crate) friend: bool,
    pub(crate) class: Class,
}

impl Kept {
    /// Bytes of a record, with its depositor.
    const LENGTH: usize = 3 * 8 + 4 + 3 * 2 + 2 + HOST_LENGTH;

    /// Its record: the numbers one after the other, most significant byte first, and who handed it over. A million of them are
    /// read at a start.
    fn record(&self, host: Option<&HostId>) -> Vec<u8> {
        let Self { id, ack, want, expires, depositor: _, copies, best, length, friend, class } = self;
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        [id, ack, want].iter().for_each(|name| bytes.extend_from_slice(&name.to_be_bytes()));
        bytes.extend_from_slice(&expires.to_be_bytes());
        [copies, best, length].iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
        bytes.extend_from_slice(&[u8::from(*friend), u8::from(*class)]);
        bytes.extend_from_slice(host.map_or(&[], |host| host.as_bytes()));
        bytes
    }

    fn of_record(bytes: &[u8]) -> Option<(Self, Option<HostId>)> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (ack, rest) = rest.split_first_chunk()?;
        let (want, rest) = rest.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let ([a, b, c, d, e, f, friend, class], rest) = rest.split_first_chunk()?;
        let host = |bytes: [u8; HOST_LENGTH]| HostId::from_uuid(Uuid::from_bytes(bytes));
        let host = if rest.is_empty() { None } else { Some(host(rest.try_into().ok()?)) };
        let [copies, best, length] = [[*a, *b], [*c, *d], [*e, *f]].map(u16::from_be_bytes);
        let [id, ack, want] = [*id, *ack, *want].map(Prefix::from_be_bytes);
        let (expires, depositor) = (u32::from_be_bytes(*expires), NOBODY);
        let class = Class::try_from(*class).ok()?;
        let friend = *friend != 0;
        let kept = Self { id, ack, want, expires, depositor, copies, best, length, friend, class };
        (length > 0).then_some((kept, host))
    }
}

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
    /// It is or was here already.
    Duplicate,
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
        // Its limits may have been lowered. A server's mail was accepted, and waits for its recipients or the end of its time.
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
            return Taken::Duplicate;
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
mod tests {
    use super::*;
    use crate::ids::Tag;
    use crate::time::Millis;

    const OWN: HostId = HostId::BROADCAST;
    const ADA: Depositor = Depositor { host: HostId::PERSISTENT_SERVER, friend: false };
    const NOW: Wall = Wall(1_000_000);

    fn envelope(number: u64, lifetime: u32, copies: u16) -> Envelope {
        let mut ack = [0; 16];
        ack[..8].copy_from_slice(&number.to_be_bytes());
        let body = vec![7; 100];
        let (tag, ack_hash) = (Tag([number as u8; 16]), AckHash(ack));
        Envelope { class: Class::Message, tag, ack_hash, body, lifetime, copies, best: 0, stamp: 0 }
    }

    fn small() -> CustodyConfig {
        CustodyConfig { envelopes_max: 10, friend_envelopes: 8, stranger_envelopes: 3, ..CustodyConfig::default() }
    }

    fn friend(number: u8) -> Depositor {
        let mut bytes = [number; 16];
        bytes[6] = 0x80;
        Depositor { host: HostId::from_uuid(uuid::Uuid::from_bytes(bytes)), friend: true }
    }

    fn add(custody: &mut Custody, envelope: &Envelope, from: Depositor, config: &CustodyConfig) -> Taken {
        custody.add(envelope, from, OWN, NOW, config, &mut Gate::default())
    }

    #[test]
    fn an_envelope_is_found_by_what_it_is_what_proves_it_and_who_wants_it() {
        let (mut custody, config) = (Custody::default(), small());
        let envelope = envelope(5, 60, 3);
        assert_eq!(add(&mut custody, &envelope, ADA, &config), Taken::Stored(0));
        assert_eq!(add(&mut custody, &envelope, friend(1), &config), Taken::Duplicate);
        assert!(custody.has(prefix(envelope.id().as_bytes())));
        assert_eq!(custody.by_ack(envelope.ack_hash), [0]);
        assert_eq!(custody.by_want(want_of(&envelope.tag, OWN)), [0]);
        assert!(custody.by_want(want_of(&envelope.tag, HostId::PERSISTENT_SERVER)).is_empty());
        custody.remove(0, &mut Gate::default());
        assert!(!custody.has(prefix(envelope.id().as_bytes())) && custody.by_ack(envelope.ack_hash).is_empty());
        assert_eq!((custody.len(), custody.bytes(), custody.arrivals()), (0, 0, 1));
    }

    #[test]
    fn a_depositor_has_its_quota_and_gets_it_back() {
        let (mut custody, config) = (Custody::default(), small());
        for number in 0..3 {
            assert_eq!(add(&mut custody, &envelope(number, 60, 0), ADA, &config), Taken::Stored(number as u32));
        }
        assert_eq!(add(&mut custody, &envelope(3, 60, 0), ADA, &config), Taken::Refused(NoRoom::Quota));
        assert_eq!(add(&mut custody, &envelope(3, 60, 0), friend(1), &config), Taken::Stored(3));
        custody.remove(1, &mut Gate::default());
        assert_eq!(add(&mut custody, &envelope(4, 60, 0), ADA, &config), Taken::Stored(1));
    }

    #[test]
    fn a_depositor_has_no_other_quota_after_a_restart() {
        let (mut before, config, mut gate) = (Custody::default(), small(), Gate::default());
        for number in 0..3 {
            before.add(&envelope(number, 60, 4), ADA, OWN, NOW, &config, &mut gate);
        }
        before.set_copies(1, 2, 9, &mut gate);
        let (mut after, mut records) = (Custody::default(), Vec::new());
        for (slot, kept) in before.slots() {
            records.push((u64::from(slot), kept.record(before.hosts.get(&kept.depositor))));
        }
        // One of a version that did not yet note who it came from.
        let (_, old) = records.last_mut().unwrap();
        old.truncate(Kept::LENGTH - HOST_LENGTH);
        for (row, record) in &records {
            after.restore(*row, record).unwrap();
        }
        after.restored(&config, &mut gate);
        assert_eq!(after.depositors(), 1);
        assert_eq!(after.get(1).map(|kept| (kept.copies, kept.best)), Some((2, 9)));
        assert_eq!(after.room_for(ADA, &config).envelopes, 1);
        for (number, taken) in [(3, Taken::Stored(3)), (4, Taken::Refused(NoRoom::Quota))] {
            assert_eq!(add(&mut after, &envelope(number, 60, 0), ADA, &config), taken);
        }
        records[0].1.truncate(40);
        assert_eq!(Custody::default().restore(0, &records[0].1), None, "a part of an id is damage");
    }

    #[test]
    fn what_is_said_to_be_free_is_what_is_taken() {
        let config = CustodyConfig { stranger_envelopes: 100, ..small() };
        for (from, is_server) in [(ADA, false), (friend(1), false), (ADA, true)] {
            let (mut custody, config) = (Custody::default(), CustodyConfig { is_server, ..config.clone() });
            let mut taken = Vec::new();
            for number in 0..20 {
                let room = custody.room_for(from, &config).envelopes;
                let refused = custody.no_room(from, 160, Usage::default(), &config);
                assert_eq!(room > 0, refused.is_none(), "{number}");
                taken.push(room);
                add(&mut custody, &envelope(number, 60, 0), from, &config);
            }
            let most = [5, 8, 10][usize::from(from.friend) + 2 * usize::from(is_server)];
            assert_eq!(taken[..=most], Vec::from_iter((0..=most as u32).rev()));
        }
    }

    #[test]
    fn strangers_fill_half_of_a_client_and_all_of_a_server() {
        let config = CustodyConfig { stranger_envelopes: 100, ..small() };
        let (mut client, mut server) = (Custody::default(), Custody::default());
        let taken = |custody: &mut Custody, config: &CustodyConfig| {
            (0..20).filter(|n| matches!(add(custody, &envelope(*n, 60, 0), ADA, config), Taken::Stored(_))).count()
        };
        assert_eq!(taken(&mut client, &config), 5);
        assert_eq!(taken(&mut server, &CustodyConfig { is_server: true, ..config }), 10);
    }

    #[test]
    fn a_full_client_drops_strangers_first_then_what_was_handed_on_then_what_has_many_copies() {
        let (mut custody, config) = (Custody::default(), CustodyConfig { stranger_envelopes: 100, ..small() });
        let friends = (0..4_u64).map(|n| (envelope(n, 600, [5, 0, 9, 1][n as usize]), friend(n as u8)));
        let strangers = (10..15_u64).map(|n| (envelope(n, 70 - n as u32, 4), ADA));
        for (envelope, from) in friends.chain(strangers) {
            assert!(matches!(add(&mut custody, &envelope, from, &config), Taken::Stored(_)));
        }
        let mut gone = Vec::new();
        for number in 100..109 {
            let before: BTreeSet<_> = custody.slots().map(|(_, kept)| kept.ack).collect();
            add(&mut custody, &envelope(number, 6_000, 0), friend(number as u8), &config);
            let after: BTreeSet<_> = custody.slots().map(|(_, kept)| kept.ack).collect();
            gone.extend(before.difference(&after).copied());
        }
        assert_eq!(gone[..6], [14, 13, 12, 11, 10, 1]);
        assert!(custody.len() <= 10);
    }

    #[test]
    fn what_was_stored_is_there_after_a_restart_with_its_share_and_its_slot() {
        let (mut custody, config, mut gate) = (Custody::default(), small(), Gate::default());
        for (number, from) in [(1, ADA), (2, friend(3)), (3, friend(3))] {
            custody.add(&envelope(number, 60, 2), from, OWN, NOW, &config, &mut gate);
        }
        custody.remove(0, &mut gate);
        custody.set_copies(2, 1, 77, &mut gate);
        let mut rows = BTreeMap::new();
        for write in gate.poll_commit().unwrap().writes {
            match write {
                Write::Put { key, value, .. } => drop(rows.insert(key.row, value)),
                Write::Delete(key) => drop(rows.remove(&key.row)),
                _ => {}
            }
        }
        let mut restored = Custody::default();
        rows.iter().for_each(|(row, value)| restored.restore(*row, value).unwrap());
        restored.restored(&config, &mut gate);
        let shown = |custody: &Custody| {
            let shown = |(slot, kept): (u32, Kept)| (slot, Kept { depositor: NOBODY, ..kept });
            custody.slots().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(shown(&restored), shown(&custody));
        assert_eq!(restored.bytes(), custody.bytes());
        assert_eq!(add(&mut restored, &envelope(9, 60, 0), ADA, &config), Taken::Stored(0));
    }

    #[test]
    fn a_lifetime_is_over_after_so_many_seconds_here() {
        let (mut custody, config) = (Custody::default(), small());
        add(&mut custody, &envelope(1, 60, 0), ADA, &config);
        assert!(custody.expired(NOW + Millis::from_secs(59)).is_empty());
        assert_eq!(custody.expired(NOW + Millis::from_secs(60)), [0]);
    }
}
