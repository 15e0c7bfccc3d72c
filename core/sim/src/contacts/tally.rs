//! What is counted, as the ONE counts it, and the promises that are kept an eye on.

use std::collections::BTreeMap;

use permesso_engine::api::{CommandError, FailReason, PacketService};
use permesso_engine::ids::{EnvelopeId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, Table, Write};

use super::due::Due;
use super::list::ListedMessage;
use super::radio::{forwarded, receipts};
use super::world::{TraceWorld, text_of};
use crate::copies::Copies;
use crate::promise::{Promise, Violation};
use crate::ratchet::Encryption;
use crate::records::{OutboxRecord, outbox_body};
use crate::traffic::{Amount, frame_kind};
use crate::travelling::contains;

/// More violations than this say nothing new.
const VIOLATIONS_MAX: usize = 20;

/// A shorter text stands in sealed bytes by chance, in one of 2^64 / 1,000 bodies of this length.
const TELLING: usize = 8;

/// What became of one message of the list.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    pub(super) id: Option<MessageId>,
    /// When its sender had stored it, in milliseconds of the world.
    pub(super) stored: Option<u64>,
    /// When its recipient had, and where.
    pub(super) received: Option<(u64, MessageKey)>,
    pub(super) hops: u32,
    /// When its sender had the proof.
    pub(super) proved: Option<u64>,
    pub(super) failed: Option<FailReason>,
}

/// A copy of an envelope that a host has, or had.
#[derive(Clone, Copy, Debug)]
struct Taken {
    /// Over how many links it came; none, if the host made it.
    hops: u32,
    /// When it came last, in milliseconds of the world.
    at: u64,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    zero: Option<u64>,
    pub(super) fates: Vec<Fate>,
    by_id: BTreeMap<MessageId, usize>,
    messages: BTreeMap<EnvelopeId, MessageId>,
    envelopes: BTreeMap<MessageId, Vec<EnvelopeId>>,
    /// How a host came by its copy.
    taken: BTreeMap<(usize, EnvelopeId), Taken>,
    /// What has not arrived.
    pub(super) due: Due,
    copies: Copies,
    /// What each message key has made.
    keys_used: BTreeMap<String, String>,
    pub(super) traffic: BTreeMap<&'static str, Amount>,
    /// Envelopes that arrived whole.
    pub(super) transmissions: u64,
    /// Envelopes that were on their way when a contact ended.
    pub(super) cut: u64,
    pub(super) closed: u64,
    pub(super) steps: u64,
    pub(super) checks: BTreeMap<Promise, u64>,
    pub(super) violations: Vec<Violation>,
}

impl Tally {
    pub(super) fn new(messages: usize) -> Self {
        Self { fates: vec![Fate::default(); messages], ..Self::default() }
    }

    /// Second 0: what came before counts no more.
    pub(super) fn begin(&mut self, zero: u64) {
        let (violations, fates) = (std::mem::take(&mut self.violations), std::mem::take(&mut self.fates));
        *self = Self { zero: Some(zero), fates, violations, ..Self::default() };
    }

    pub(super) fn step(&mut self) {
        self.steps += 1;
    }

    pub(super) fn closed(&mut self) {
        self.closed += 1;
    }

    /// A host says something on a link. Its own envelopes it has made with so many copies.
    pub(super) fn leaves(&mut self, at: u64, host: usize, link: u64, made_with: u32, bytes: &[u8]) {
        if self.zero.is_none() {
            return;
        }
        for envelope in forwarded(bytes) {
            let broken = self.copies.hand_out(host, made_with, &envelope);
            self.copies.handed_on(host, link, &envelope);
            self.check(Promise::CopiesBounded, at, host, broken);
        }
    }

    /// A frame arrived whole.
    pub(super) fn arrived(&mut self, at: u64, from: usize, to: usize, link: u64, bytes: &[u8]) {
        if self.zero.is_none() {
            return;
        }
        self.add(bytes, bytes.len(), 1);
        for receipt in receipts(bytes).into_iter().filter(|receipt| receipt.status.is_refusal()) {
            self.copies.taken_back(to, from, link, receipt.id);
        }
        for envelope in forwarded(bytes) {
            self.transmissions += 1;
            self.copies.arrived(to, &envelope);
            let id = envelope.id();
            let hops = self.taken.get(&(from, id)).map_or(1, |taken| taken.hops + 1);
            // It may have been refused before, or dropped since.
            self.taken.entry((to, id)).or_insert(Taken { hops, at }).at = at;
        }
    }

    /// A frame was cut off after so many bytes.
    pub(super) fn cut_off(&mut self, bytes: &[u8], carried: usize) {
        if self.zero.is_some() {
            self.add(bytes, carried, 0);
            self.cut += forwarded(bytes).len() as u64;
        }
    }

    fn add(&mut self, bytes: &[u8], carried: usize, count: u64) {
        let amount = self.traffic.entry(frame_kind(bytes)).or_default();
        amount.count += count;
        amount.bytes += carried as u64;
    }

    /// Rows are durable: what leaves an outbox is known by its envelopes.
    pub(super) fn committed(&mut self, at: u64, host: usize, commit: &Commit) {
        for write in &commit.writes {
            let Write::Put { key, value, body: Some(body) } = write else { continue };
            if self.zero.is_none() || key.table != Table::Outbox {
                continue;
            }
            let record: Option<OutboxRecord> = ciborium::from_reader(value.as_slice()).ok();
            let text = record.filter(|record| record.service == PacketService::TextMessage);
            if let (Some(record), Some((envelope, _))) = (text, outbox_body(body)) {
                let id = envelope.id();
                if self.messages.insert(id, record.message).is_none() {
                    self.envelopes.entry(record.message).or_default().push(id);
                    self.taken.entry((host, id)).or_insert(Taken { hops: 0, at });
                }
            }
        }
    }

    /// A message is stored at its sender.
    pub(super) fn stored(&mut self, index: usize, to: Option<usize>, id: MessageId, at: u64) {
        self.by_id.insert(id, index);
        if let Some(to) = to {
            self.due.add(to, index);
        }
        if let Some(fate) = self.fates.get_mut(index) {
            fate.id = Some(id);
            fate.stored = Some(at);
        }
    }

    /// The envelopes of a message that a host has or had, and since when.
    pub(super) fn copies_at(&self, host: usize, id: MessageId) -> impl Iterator<Item = (EnvelopeId, u64)> + '_ {
        let made = self.envelopes.get(&id).into_iter().flatten();
        made.filter_map(move |envelope| Some((*envelope, self.taken.get(&(host, *envelope))?.at)))
    }

    /// Which message of the list has this id.
    pub(super) fn index_of(&self, id: MessageId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// A message of the list is stored at its recipient; false if it was before.
    pub(super) fn received(&mut self, index: usize, host: usize, (id, key): (MessageId, MessageKey), at: u64) -> bool {
        let Some(fate) = self.fates.get_mut(index).filter(|fate| fate.received.is_none()) else { return false };
        let copies = self.envelopes.get(&id).into_iter().flatten();
        fate.hops =
            copies.filter_map(|envelope| self.taken.get(&(host, *envelope))).map(|taken| taken.hops).min().unwrap_or(0);
        fate.received = Some((at, key));
        self.due.remove(host, index);
        true
    }

    /// A host has encrypted something.
    pub(super) fn key_used(&mut self, at: u64, host: usize, encryption: &Encryption) {
        let ciphertext = encryption.ciphertext();
        let before = self.keys_used.entry(encryption.key()).or_insert_with(|| ciphertext.to_string());
        let broken =
            (*before != ciphertext).then(|| format!("message key {} made two different ciphertexts", encryption.key()));
        self.check(Promise::KeyUsedOnce, at, host, broken);
    }

    /// Which message of the list is in an envelope.
    fn index_in(&self, envelope: EnvelopeId) -> Option<usize> {
        self.messages.get(&envelope).and_then(|message| self.index_of(*message))
    }

    /// A message's sender says that it is delivered.
    pub(super) fn proved(&mut self, host: usize, id: MessageId, at: u64) {
        let Some(fate) = self.by_id.get(&id).and_then(|index| self.fates.get_mut(*index)) else { return };
        fate.proved.get_or_insert(at);
        let lie = fate.received.is_none().then(|| format!("message {id} is called delivered and is not"));
        self.check(Promise::DeliveredIsStored, at, host, lie);
    }

    pub(super) fn failed(&mut self, id: MessageId, reason: FailReason) {
        if let Some(fate) = self.by_id.get(&id).and_then(|index| self.fates.get_mut(*index)) {
            fate.failed = Some(reason);
        }
    }

    /// An engine refused what it had no reason to refuse.
    pub(super) fn refused(&mut self, at: u64, host: usize, error: &CommandError) {
        self.check(Promise::Contract, at, host, Some(error.to_string()));
    }

    pub(super) fn check(&mut self, promise: Promise, at: u64, host: usize, broken: Option<String>) {
        *self.checks.entry(promise).or_default() += 1;
        if let Some(what) = broken
            && self.violations.len() < VIOLATIONS_MAX
        {
            let at = at.saturating_sub(self.zero.unwrap_or(0));
            self.violations.push(Violation { promise, at, host, what });
        }
    }
}

impl TraceWorld {
    /// A host shows a message, and takes it to be from another.
    pub(super) fn on_received(
        &mut self,
        (host, from): (usize, Option<usize>),
        (id, key): (MessageId, MessageKey),
        text: &str,
    ) {
        let at = self.now;
        let written = self.tally.index_of(id).and_then(|index| Some((index, self.list.get(index)?)));
        let by = from.map(|from| self.address(from));
        let is_true = |message: &ListedMessage| {
            by == Some(message.from) && self.address(host) == message.to && text_of(message) == text
        };
        let authentic = written.filter(|(_, message)| is_true(message)).map(|(index, _)| index);
        let lie = authentic.is_none().then(|| format!("message {id} is not what {by:?} wrote to this host"));
        self.tally.check(Promise::Authentic, at, host, lie);
        let Some(index) = authentic else { return };
        let again = (!self.tally.received(index, host, (id, key), at)).then(|| format!("message {id} is shown again"));
        self.tally.check(Promise::ShownOnce, at, host, again);
    }

    /// Whoever carries what leaves a host reads neither what a message says nor who wrote it.
    pub(super) fn check_secrecy(&mut self, host: usize, bytes: &[u8]) {
        for envelope in forwarded(bytes) {
            let Some(message) = self.tally.index_in(envelope.id()).and_then(|index| self.list.get(index)) else {
                continue;
            };
            let text = text_of(message);
            let sender = self.host_at(message.from).and_then(|from| self.hosts.get(from));
            let body = envelope.body.as_slice();
            let is_told = sender.is_some_and(|sender| {
                let (id, key) = (sender.id.as_bytes().as_slice(), sender.key.as_bytes().as_slice());
                [id, key].iter().any(|name| contains(body, name)) || envelope.tag.0 == *sender.id.as_bytes()
            });
            let reads = text.len() >= TELLING && contains(body, text.as_bytes());
            let broken = (is_told || reads)
                .then(|| format!("message {} travels with its text or its sender in clear", message.name));
            self.tally.check(Promise::CarriersLearnNothing, self.now, host, broken);
        }
    }

    /// Where a message stands in its conversation, after whatever of its parents is there.
    fn misplaced(&self, host: usize, key: MessageKey) -> Option<String> {
        let store = &self.hosts.get(host)?.store;
        let row = store.message(key)?;
        let place = (row.order, row.key);
        let before = |parent: &MessageId| store.find(*parent).is_some_and(|parent| (parent.order, parent.key) >= place);
        let wrong = row.parents.iter().find(|parent| before(parent))?;
        Some(format!("message {} stands before its parent {wrong}", row.id))
    }

    /// Holds what was said of every message against the stores of both hosts.
    pub(super) fn check_all(&mut self) {
        let fates: Vec<_> = self.tally.fates.iter().cloned().zip(self.list.clone()).collect();
        for (fate, message) in fates {
            let (Some(id), at) = (fate.id, self.now) else { continue };
            let (Some(from), Some(to)) = (self.host_at(message.from), self.host_at(message.to)) else { continue };
            if let Some((_, key)) = fate.received {
                let kept = self.hosts.get(to).and_then(|host| host.store.message(key)).is_some_and(|row| row.id == id);
                let lost = (!kept).then(|| format!("message {id} was shown and is not stored"));
                self.tally.check(Promise::DeliveredIsStored, at, to, lost);
                let misplaced = self.misplaced(to, key);
                self.tally.check(Promise::ParentsFirst, at, to, misplaced);
            }
            let kept = self.hosts.get(from).is_some_and(|host| host.store.find(id).is_some());
            let lost = (!kept).then(|| format!("message {id} is gone from who wrote it"));
            self.tally.check(Promise::NothingSilent, at, from, lost);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::list::MessageList;
    use super::super::scenario::Scenario;
    use super::super::trace::Survey;
    use super::*;

    /// A message from host 1 to host 2 of three that is written and has not arrived, and its id.
    pub(in crate::contacts) fn written() -> (TraceWorld, MessageId) {
        let listed = |from, to| ListedMessage { at: 0, name: "M".into(), bytes: 9, from, to, lifetime: 60_000 };
        let list = MessageList { messages: vec![listed(1, 2), listed(1, 3)] };
        let mut world = TraceWorld::new(&Scenario::default(), &Survey::default(), &list).unwrap();
        world.write(0, &list.messages[0]);
        let id = world.tally.fates[0].id.unwrap();
        world.check_all();
        assert_eq!(world.tally.violations, []);
        (world, id)
    }

    pub(in crate::contacts) fn broken(world: &TraceWorld) -> Vec<Promise> {
        world.tally.violations.iter().map(|violation| violation.promise).collect()
    }

    #[test]
    fn a_message_that_its_sender_did_not_write_so_or_not_to_this_host_is_caught() {
        let key = MessageKey(0);
        for (host, from, text) in
            [(1, Some(0), "M.M.M.M.!"), (1, Some(2), "M.M.M.M.M"), (2, Some(0), "M.M.M.M.M"), (1, None, "M.M.M.M.M")]
        {
            let (mut world, id) = written();
            world.on_received((host, from), (id, key), text);
            assert_eq!(broken(&world), [Promise::Authentic], "{host} {from:?} {text}");
        }
        let (mut world, _) = written();
        world.on_received((1, Some(0)), (MessageId([7; 16]), key), "M.M.M.M.M");
        assert_eq!(broken(&world), [Promise::Authentic]);
    }

    /// A FORWARD of one envelope with so many copies.
    fn forward(copies: u16) -> Vec<u8> {
        use permesso_engine::{envelope::Class, frame::Frame, ids::AckHash, ids::Tag};
        let mut envelope = crate::pen::envelope(Class::Message, Tag([1; 16]), AckHash([2; 16]));
        envelope.copies = copies;
        Frame::Forward(vec![envelope]).encode()
    }

    #[test]
    fn more_copies_than_a_sealing_was_made_with_or_a_host_was_given_are_caught() {
        let (mut world, _) = written();
        world.tally.begin(0);
        (0..18).for_each(|_| world.tally.leaves(5, 0, 1, 24, &forward(12)));
        assert_eq!(broken(&world), [], "24 copies, and eight times as many in waves");
        world.tally.arrived(5, 0, 1, 1, &forward(12));
        world.tally.leaves(6, 1, 2, 24, &forward(12));
        assert_eq!(broken(&world), []);
        world.tally.leaves(7, 1, 2, 24, &forward(1));
        assert_eq!(broken(&world), [Promise::CopiesBounded]);
        world.tally.leaves(8, 0, 1, 24, &forward(1));
        assert_eq!(broken(&world), [Promise::CopiesBounded; 2]);
    }

    #[test]
    fn a_text_or_a_sender_in_clear_is_caught() {
        use permesso_engine::{envelope::Class, frame::Frame, ids::AckHash, ids::Tag};
        let (mut world, id) = written();
        let sealed = crate::pen::envelope(Class::Message, Tag([1; 16]), AckHash([2; 16]));
        let said = |world: &mut TraceWorld, tag, body: &[u8]| {
            let mut envelope = sealed.clone();
            (envelope.tag, envelope.body) = (tag, body.to_vec());
            world.tally.messages.insert(envelope.id(), id);
            world.check_secrecy(0, &Frame::Forward(vec![envelope]).encode());
            std::mem::take(&mut world.tally.violations).len()
        };
        let (sender, key) = (*world.hosts[0].id.as_bytes(), world.hosts[0].key);
        let recipient = *world.hosts[1].id.as_bytes();
        assert_eq!(said(&mut world, Tag(recipient), b"sealed"), 0);
        for (tag, body) in [
            (Tag([1; 16]), b"..M.M.M.M.M..".as_slice()),
            (Tag([1; 16]), &[b"by ", sender.as_slice()].concat()),
            (Tag([1; 16]), &[b"by ", key.as_bytes().as_slice()].concat()),
            (Tag(sender), b"sealed"),
        ] {
            assert_eq!(said(&mut world, tag, body), 1, "{body:?}");
        }
    }

    #[test]
    fn a_message_key_used_for_two_texts_is_caught_and_the_same_again_is_not() {
        let (mut world, _) = written();
        for ciphertext in ["one", "one", "other"] {
            world.tally.key_used(5, 0, &Encryption::new("chain", 3, ciphertext));
        }
        assert_eq!(broken(&world), [Promise::KeyUsedOnce]);
    }

    #[test]
    fn a_message_before_its_parent_is_caught() {
        use permesso_engine::ids::FriendId;
        use permesso_engine::rows::{Commit, CommitSeq, MessageRow, StoredState, Write};
        use permesso_engine::time::Wall;
        let (mut world, parent) = written();
        let row = |key, id, order, parents| MessageRow {
            key: MessageKey(key),
            friend: FriendId(1),
            id,
            mine: false,
            order,
            local_time: Wall(1),
            send_time: Wall(1),
            state: StoredState::Delivered,
            unread: false,
            parents,
            text: "text".into(),
        };
        let mut put = |rows: Vec<MessageRow>| {
            let writes = rows.into_iter().map(Write::AddMessage).collect();
            world.hosts[1].store.apply(Commit { seq: CommitSeq(1), writes });
        };
        put(vec![row(7, parent, 5, vec![]), row(8, MessageId([8; 16]), 6, vec![parent])]);
        put(vec![row(9, MessageId([9; 16]), 4, vec![parent])]);
        assert_eq!(world.misplaced(1, MessageKey(8)), None);
        assert!(world.misplaced(1, MessageKey(9)).is_some_and(|what| what.contains("before its parent")));
    }

    #[test]
    fn a_message_shown_twice_is_caught() {
        let (mut world, id) = written();
        world.on_received((1, Some(0)), (id, MessageKey(0)), "M.M.M.M.M");
        assert_eq!(broken(&world), []);
        world.on_received((1, Some(0)), (id, MessageKey(1)), "M.M.M.M.M");
        assert_eq!(broken(&world), [Promise::ShownOnce]);
    }

    #[test]
    fn a_message_called_delivered_or_shown_that_is_not_stored_is_caught() {
        let (mut world, id) = written();
        world.tally.proved(0, id, 0);
        assert_eq!(broken(&world), [Promise::DeliveredIsStored]);
        let (mut world, id) = written();
        world.on_received((1, Some(0)), (id, MessageKey(0)), "M.M.M.M.M");
        world.check_all();
        assert_eq!(broken(&world), [Promise::DeliveredIsStored]);
    }

    #[test]
    fn a_message_that_is_gone_from_who_wrote_it_is_caught() {
        let (mut world, _) = written();
        world.hosts[0].store = crate::memory::MemoryStore::new();
        world.check_all();
        assert_eq!(broken(&world), [Promise::NothingSilent]);
    }
}
