//! Sealing afresh what waits: what has had its time with carriers, and what was encrypted for keys that are of no use any more.

use super::Engine;
use crate::api::PacketService;
use crate::content::OutboxBody;
use crate::custody::prefix;
use crate::envelope::Envelope;
use crate::outbox::{self, Entry};
use crate::rows::StoredState;
use crate::spray::Spray;

/// Sealings of one message, each of whose proofs delivers it. Within 30 days ten follow from the lifetime of 72 h; the others
/// are for resets and outgrown chains. What had so many goes on under the newest, for a proof of none may be forgotten.
const SEALINGS_MAX: usize = 64;
/// Sealings made afresh in one go, once a minute: a full outbox is through in a quarter of an hour, of three days.
const RENEWED_AT_ONCE: usize = 64;

impl Engine {
    /// Whether an entry's sealing has had its time or names what waits no more, or its encryption is of no use any more (R2).
    pub(super) fn must_reseal(&self, row: u64, entry: &Entry) -> bool {
        // What its owner tries again begins anew.
        let may = entry.sealings.len() < SEALINGS_MAX || entry.pairing.is_none() && entry.key.is_some();
        may && (self.is_aged(entry) || self.must_reencrypt(entry) || self.outbox.is_outdated(row))
    }

    fn must_reencrypt(&self, entry: &Entry) -> bool {
        if entry.service == PacketService::FriendshipEnd {
            return false;
        }
        let Some((row, place)) = entry.pairing else { return entry.key.is_some() };
        match self.pairings.get(row) {
            Some(pairing) => pairing.retired.is_some() || pairing.is_old_chain(place.chain),
            None => true,
        }
    }

    /// Sealings that have had their time with carriers are made afresh, to be spread anew, be their recipients here or not.
    pub(super) fn renew_aged_sealings(&mut self) {
        let aged =
            |row, entry: &Entry| self.is_aged(entry) && self.must_reseal(row, entry) && self.can_be_sealed(entry);
        let rows = self.outbox.newest_first().filter(|(row, entry)| !self.stamps.works_on(*row) && aged(*row, entry));
        for row in rows.map(|(row, _)| row).take(RENEWED_AT_ONCE).collect::<Vec<_>>() {
            self.fetches.ask(outbox::key(row), &mut self.core.gate);
        }
    }

    /// Whether there is a key to seal an entry with: while encryption is being started afresh there is none for texts.
    fn can_be_sealed(&self, entry: &Entry) -> bool {
        entry.pairing.is_none() && entry.key.is_none() || self.pairings.sending(entry.friend).is_some()
    }

    /// Seals an entry afresh; `false` if that cannot be done now.
    pub(super) fn reseal(&mut self, row: u64, mut entry: Entry, old: &Envelope, content: &[u8]) -> bool {
        let now = self.core.now.wall;
        let mut envelope = match entry.service {
            PacketService::FriendshipAsk
            | PacketService::Reset
            | PacketService::FriendshipYes
            | PacketService::FriendshipNo => match self.reseal_signed(&entry, content) {
                Some(envelope) => {
                    entry.sealings.push((envelope.ack_hash, 0));
                    envelope
                }
                None => return false,
            },
            _ => match self.reseal_content(&mut entry, old, content) {
                Some(envelope) => envelope,
                None => return false,
            },
        };
        entry.sealed = now;
        envelope.lifetime = self.remaining(&entry);
        let held = entry.key.filter(|_| !entry.holders.is_empty());
        self.begin_spray(&mut entry, &envelope);
        let body = OutboxBody::encode(envelope.encode(), content.to_vec());
        if self.needs_stamp(entry.service) {
            self.stamp_contents.insert(row, content.to_vec());
            self.stamps.add(row, envelope.clone());
        }
        let (friend, message) = (entry.friend, entry.message);
        self.outbox.replace(row, entry, envelope, body, &mut self.core.gate);
        if let Some(key) = held {
            // Who had a copy has one of no more use.
            self.set_message_state(friend, key, message, StoredState::Queued);
        }
        true
    }

    fn reseal_content(&mut self, entry: &mut Entry, old: &Envelope, content: &[u8]) -> Option<Envelope> {
        let now = self.core.now.wall;
        if !self.must_reencrypt(entry) {
            let (row, place) = entry.pairing?;
            let epoch = entry.sealings.iter().find(|(ack, _)| *ack == old.ack_hash)?.1;
            let lowest = self.outbox.lowest_alive(row, place);
            let pairing = self.pairings.get_mut(row)?;
            let sealing = pairing.reseal(old, epoch, lowest, now, &mut self.core.rng)?;
            self.pairings.touch(row, &mut self.core.gate);
            entry.sealings.push((sealing.envelope.ack_hash, sealing.epoch));
            return Some(sealing.envelope);
        }
        let row = self.pairings.sending(entry.friend)?;
        let moved = entry.pairing.is_none_or(|(old, _)| old != row);
        if moved && let Some((old, _)) = entry.pairing {
            self.pairings.remove_first_sealing(old, entry.first_epoch, &mut self.core.gate);
        }
        let pairing = self.pairings.get_mut(row)?;
        let (olm, place) = pairing.encrypt(content)?;
        let lowest = self.outbox.lowest_alive(row, place);
        let sealing = pairing.seal(&olm, entry.message, lowest, moved, now, &mut self.core.rng)?;
        if moved {
            entry.first_epoch = sealing.epoch;
            // Proofs of the old pairing's sealings still deliver; they acknowledge no epoch of the new one.
            entry.sealings.iter_mut().for_each(|(_, epoch)| *epoch = u32::MAX);
        }
        entry.pairing = Some((row, place));
        entry.sealings.push((sealing.envelope.ack_hash, sealing.epoch));
        self.pairings.touch(row, &mut self.core.gate);
        Some(sealing.envelope)
    }

    /// A fresh sealing has all its copies, and nobody else has one.
    pub(super) fn begin_spray(&self, entry: &mut Entry, envelope: &Envelope) {
        entry.envelope = prefix(envelope.id().as_bytes());
        entry.length = u16::try_from(envelope.encoded_length()).unwrap_or(u16::MAX);
        entry.spray = Spray::new(self.surroundings.copies(self.core.now.wall), self.meetings());
        entry.holders.clear();
    }
}
