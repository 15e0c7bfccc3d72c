//! The tag chains of a pairing: which mailbox tags and keys a direction uses, and for how long.
//!
//! Epochs are driven by the sender. Each epoch has one tag and one key, derived from a hash chain, so that what lies below the
//! floor cannot be derived again.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::crypto::derive;
use crate::ids::{HostId, Tag};
use crate::time::{Millis, Wall};

/// Envelopes sealed in one epoch: as many share a tag (PROTOCOL.md, Envelopes).
pub(crate) const EPOCH_ENVELOPES: u32 = 16;
/// An epoch is left after a day.
const EPOCH_TIME: Millis = Millis::from_days(1);
/// Epochs a sender may be ahead of the highest acknowledged one, and tags a recipient keeps beyond the highest seen.
pub(crate) const EPOCHS_AHEAD: u32 = 15;
/// Epochs a sender may be beyond its floor.
pub(crate) const EPOCHS_ABOVE_FLOOR: u32 = 63;

/// One epoch's tag and key.
#[derive(Clone, Zeroize)]
#[zeroize(drop)]
pub(crate) struct EpochKeys {
    tag: [u8; 16],
    key: [u8; 32],
}

impl EpochKeys {
    pub(crate) fn tag(&self) -> Tag {
        Tag(self.tag)
    }

    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.key
    }
}

/// A hash chain of epochs from `first` on, as far as it has been unrolled.
struct Chain {
    first: u32,
    first_key: [u8; 32],
    next_key: [u8; 32],
    epochs: VecDeque<EpochKeys>,
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.first_key.zeroize();
        self.next_key.zeroize();
    }
}

impl Chain {
    fn new(first: u32, first_key: [u8; 32]) -> Self {
        Self { first, first_key, next_key: first_key, epochs: VecDeque::new() }
    }

    fn end(&self) -> u32 {
        self.first.saturating_add(u32::try_from(self.epochs.len()).unwrap_or(u32::MAX))
    }

    fn extend_to(&mut self, last: u32) {
        while self.end() <= last {
            self.epochs.push_back(EpochKeys {
                tag: *derive::<16>(&self.next_key, b"", "permesso/epoch-tag/v1", &[]),
                key: *derive::<32>(&self.next_key, b"", "permesso/epoch-key/v1", &[]),
            });
            self.next_key = next_chain_key(&self.next_key);
        }
    }

    fn drop_below(&mut self, floor: u32) -> Vec<Tag> {
        let mut dropped = Vec::new();
        while self.first < floor {
            self.extend_to(self.first);
            self.first_key = next_chain_key(&self.first_key);
            self.first += 1;
            dropped.extend(self.epochs.pop_front().map(|keys| keys.tag()));
        }
        dropped
    }

    fn keys(&self, epoch: u32) -> Option<&EpochKeys> {
        self.epochs.get(epoch.checked_sub(self.first)? as usize)
    }
}

/// Whether `epoch` lies at most `most` above the floor, and far enough below the last number to go on.
fn is_within(floor: u32, epoch: u32, most: u32) -> bool {
    epoch.checked_sub(floor).is_some_and(|above| above <= most) && epoch < u32::MAX - EPOCHS_AHEAD
}

fn next_chain_key(key: &[u8; 32]) -> [u8; 32] {
    *derive::<32>(key, b"", "permesso/epoch-next/v1", &[])
}

fn direction_key(pair_key: &[u8; 32], from: HostId, to: HostId) -> [u8; 32] {
    *derive::<32>(pair_key, b"", "permesso/direction/v1", &[from.as_bytes(), to.as_bytes()])
}

/// What is stored of the sending side.
#[derive(Serialize, Deserialize)]
pub(crate) struct SendRecord {
    floor: u32,
    epoch: u32,
    count: u32,
    started: Wall,
    acknowledged: Option<u32>,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
}

/// The sending side of a pairing's tags.
pub(crate) struct SendEpochs {
    chain: Chain,
    epoch: u32,
    count: u32,
    started: Wall,
    acknowledged: Option<u32>,
    /// First sealings of messages still in the outbox, per epoch.
    first_sealings: BTreeMap<u32, u32>,
}

impl SendEpochs {
    pub(crate) fn new(pair_key: &[u8; 32], from: HostId, to: HostId, now: Wall) -> Self {
        let chain = Chain::new(0, direction_key(pair_key, from, to));
        Self { chain, epoch: 0, count: 0, started: now, acknowledged: None, first_sealings: BTreeMap::new() }
    }

    /// `None` if no sender can have come there.
    pub(crate) fn restore(record: &SendRecord) -> Option<Self> {
        is_within(record.floor, record.epoch, EPOCHS_ABOVE_FLOOR).then(|| Self {
            chain: Chain::new(record.floor, record.key),
            epoch: record.epoch,
            count: record.count,
            started: record.started,
            acknowledged: record.acknowledged,
            first_sealings: BTreeMap::new(),
        })
    }

    pub(crate) fn record(&self) -> SendRecord {
        SendRecord {
            floor: self.chain.first,
            epoch: self.epoch,
            count: self.count,
            started: self.started,
            acknowledged: self.acknowledged,
            key: self.chain.first_key,
        }
    }

    /// A message's first sealing was made in this epoch and the message is in the outbox (also said at restore).
    pub(crate) fn add_first_sealing(&mut self, epoch: u32) {
        *self.first_sealings.entry(epoch).or_default() += 1;
    }

    /// A message whose first sealing was made in this epoch has left the outbox.
    pub(crate) fn remove_first_sealing(&mut self, epoch: u32) {
        if let Some(count) = self.first_sealings.get_mut(&epoch) {
            *count -= 1;
            if *count == 0 {
                self.first_sealings.remove(&epoch);
            }
        }
        let floor = self.floor();
        self.chain.drop_below(floor);
    }

    /// The lowest epoch in which the first sealing of a waiting message lies, else the current one.
    pub(crate) fn floor(&self) -> u32 {
        self.first_sealings.keys().next().copied().unwrap_or(self.epoch).max(self.chain.first).min(self.epoch)
    }

    /// A proof came for a sealing of this epoch.
    pub(crate) fn acknowledge(&mut self, epoch: u32) {
        if epoch <= self.epoch {
            self.acknowledged = self.acknowledged.max(Some(epoch));
        }
    }

    /// The epoch for one more sealing, counted; never refuses.
    pub(crate) fn next_sealing(&mut self, now: Wall) -> (u32, &EpochKeys) {
        let due = self.count >= EPOCH_ENVELOPES || now - self.started >= EPOCH_TIME;
        let next = self.epoch.saturating_add(1);
        let allowed = next <= self.acknowledged.unwrap_or(0).saturating_add(EPOCHS_AHEAD)
            && next - self.floor() <= EPOCHS_ABOVE_FLOOR;
        if due && allowed {
            self.epoch = next;
            self.count = 0;
            self.started = now;
            let floor = self.floor();
            self.chain.drop_below(floor);
        }
        self.count = self.count.saturating_add(1);
        self.chain.extend_to(self.epoch);
        let index = (self.epoch - self.chain.first) as usize;
        // The chain was extended to the epoch just above, so the fallback is never taken.
        let fallback = self.chain.epochs.len().saturating_sub(1);
        let index = index.min(fallback);
        #[allow(clippy::indexing_slicing, reason = "extended to this index just above")]
        (self.epoch, &self.chain.epochs[index])
    }

    /// The keys of an epoch that is not below the floor.
    pub(crate) fn keys(&mut self, epoch: u32) -> Option<&EpochKeys> {
        if epoch > self.epoch {
            return None;
        }
        self.chain.extend_to(self.epoch);
        self.chain.keys(epoch)
    }
}

/// What is stored of the receiving side.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReceiveRecord {
    floor: u32,
    highest: u32,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
}

/// How the set of live tags changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TagChange {
    pub(crate) added: Vec<(Tag, u32)>,
    pub(crate) removed: Vec<Tag>,
}

/// The receiving side of a pairing's tags: floor … highest seen + 15 are live.
pub(crate) struct ReceiveEpochs {
    chain: Chain,
    highest: u32,
}

impl ReceiveEpochs {
    pub(crate) fn new(pair_key: &[u8; 32], from: HostId, to: HostId) -> Self {
        let mut epochs = Self { chain: Chain::new(0, direction_key(pair_key, from, to)), highest: 0 };
        epochs.unroll();
        epochs
    }

    /// `None` if no recipient can have come there.
    pub(crate) fn restore(record: &ReceiveRecord) -> Option<Self> {
        is_within(record.floor, record.highest, EPOCHS_ABOVE_FLOOR + EPOCHS_AHEAD).then(|| {
            let mut epochs = Self { chain: Chain::new(record.floor, record.key), highest: record.highest };
            epochs.unroll();
            epochs
        })
    }

    pub(crate) fn record(&self) -> ReceiveRecord {
        ReceiveRecord { floor: self.chain.first, highest: self.highest, key: self.chain.first_key }
    }

    /// The live tags with their epochs.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (Tag, u32)> + '_ {
        (self.chain.first..).zip(&self.chain.epochs).map(|(epoch, keys)| (keys.tag(), epoch))
    }

    pub(crate) fn keys(&self, epoch: u32) -> Option<&EpochKeys> {
        self.chain.keys(epoch)
    }

    /// A body of `epoch` was opened and names `floor`. `None` if it may not say so: then it is refused.
    pub(crate) fn on_opened(&mut self, epoch: u32, floor: u32) -> Option<TagChange> {
        if floor > epoch || epoch - floor > EPOCHS_ABOVE_FLOOR {
            return None;
        }
        self.highest = self.highest.max(epoch);
        let end = self.chain.end();
        let removed = self.chain.drop_below(floor);
        self.unroll();
        let added = self.tags().filter(|(_, live)| *live >= end).collect();
        Some(TagChange { added, removed })
    }

    fn unroll(&mut self) {
        self.chain.extend_to(self.highest.saturating_add(EPOCHS_AHEAD));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn pair() -> (SendEpochs, ReceiveEpochs) {
        let (a, b) = (HostId::from_uuid(Uuid::from_u128(1)), HostId::from_uuid(Uuid::from_u128(2)));
        (SendEpochs::new(&[7; 32], a, b, Wall(0)), ReceiveEpochs::new(&[7; 32], a, b))
    }

    fn tag_of(receive: &ReceiveEpochs, epoch: u32) -> Option<Tag> {
        receive.keys(epoch).map(EpochKeys::tag)
    }

    #[test]
    fn both_ends_derive_the_same_tags_and_the_other_direction_different_ones() {
        let (mut send, receive) = pair();
        let (epoch, keys) = send.next_sealing(Wall(0));
        assert_eq!(Some(keys.tag()), tag_of(&receive, epoch));
        let (a, b) = (HostId::from_uuid(Uuid::from_u128(1)), HostId::from_uuid(Uuid::from_u128(2)));
        let back = ReceiveEpochs::new(&[7; 32], b, a);
        assert_ne!(tag_of(&back, 0), tag_of(&receive, 0));
    }

    #[test]
    fn an_epoch_ends_after_sixteen_envelopes_or_a_day() {
        let (mut send, _) = pair();
        for _ in 0..EPOCH_ENVELOPES {
            assert_eq!(send.next_sealing(Wall(0)).0, 0);
        }
        assert_eq!(send.next_sealing(Wall(0)).0, 1);
        assert_eq!(send.next_sealing(Wall(EPOCH_TIME.0)).0, 2);
    }

    #[test]
    fn without_proofs_a_sender_stays_within_fifteen_epochs_and_sending_never_blocks() {
        let (mut send, receive) = pair();
        for _ in 0..10_000 {
            let (epoch, keys) = send.next_sealing(Wall(0));
            assert!(epoch <= EPOCHS_AHEAD);
            assert_eq!(Some(keys.tag()), tag_of(&receive, epoch));
        }
    }

    #[test]
    fn a_waiting_message_holds_the_floor_and_its_proof_lets_it_rise() {
        let (mut send, mut receive) = pair();
        send.add_first_sealing(0);
        for _ in 0..2_000 {
            let (epoch, _) = send.next_sealing(Wall(0));
            send.acknowledge(epoch);
            assert_eq!(send.floor(), 0);
            assert!(receive.on_opened(epoch, send.floor()).is_some());
        }
        assert_eq!(send.epoch, EPOCHS_ABOVE_FLOOR);
        assert!(receive.keys(0).is_some());
        send.remove_first_sealing(0);
        assert_eq!(send.floor(), EPOCHS_ABOVE_FLOOR);
        receive.on_opened(EPOCHS_ABOVE_FLOOR, send.floor()).unwrap();
        assert!(receive.keys(0).is_none());
        assert!(send.keys(0).is_none());
    }

    #[test]
    fn a_direction_never_has_more_than_seventy_nine_keys() {
        let (_, mut receive) = pair();
        receive.on_opened(15, 0).unwrap();
        receive.on_opened(30, 0).unwrap();
        receive.on_opened(63, 0).unwrap();
        assert_eq!(receive.tags().count(), 79);
        assert_eq!(receive.on_opened(64, 0), None);
        assert_eq!(receive.on_opened(3, 4), None);
    }

    #[test]
    fn what_is_stored_and_restored_goes_on_with_the_same_tags() {
        let (mut send, mut receive) = pair();
        for _ in 0..100 {
            let (epoch, _) = send.next_sealing(Wall(0));
            send.acknowledge(epoch);
        }
        receive.on_opened(6, 6).unwrap();
        let mut send = SendEpochs::restore(&send.record()).unwrap();
        let receive = ReceiveEpochs::restore(&receive.record()).unwrap();
        let (epoch, keys) = send.next_sealing(Wall(0));
        assert_eq!(Some(keys.tag()), tag_of(&receive, epoch));
        assert_eq!(tag_of(&receive, 5), None);
    }

    #[test]
    fn the_changes_of_live_tags_are_told() {
        let (_, mut receive) = pair();
        let change = receive.on_opened(2, 1).unwrap();
        assert_eq!(change.removed.len(), 1);
        assert_eq!(change.added.iter().map(|(_, epoch)| *epoch).collect::<Vec<_>>(), [16, 17]);
    }

    #[test]
    fn a_record_in_which_no_pairing_can_have_come_to_its_epoch_is_damaged() {
        let send = |floor, epoch| {
            SendEpochs::restore(&SendRecord {
                floor,
                epoch,
                count: 0,
                started: Wall(0),
                acknowledged: None,
                key: [7; 32],
            })
        };
        let receive = |floor, highest| ReceiveEpochs::restore(&ReceiveRecord { floor, highest, key: [7; 32] });
        assert!(send(5, 5 + EPOCHS_ABOVE_FLOOR).is_some() && receive(5, 5 + EPOCHS_ABOVE_FLOOR).is_some());
        for (floor, epoch) in [(6, 5), (0, u32::MAX), (u32::MAX, u32::MAX), (0, 1 << 20)] {
            assert!(send(floor, epoch).is_none() && receive(floor, epoch).is_none(), "{floor} to {epoch}");
        }
    }
}
