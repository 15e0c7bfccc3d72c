//! Whether a contact brought what its two hosts wanted of each other (I3).

use std::collections::{BTreeMap, BTreeSet};

use permesso_engine::envelope::Envelope;
use permesso_engine::ids::{EnvelopeId, MessageId};
use permesso_engine::rows::Table;

use super::radio::Contact;
use super::world::TraceWorld;
use crate::memory::MemoryStore;
use crate::promise::Promise;
use crate::records::{self, HeldRecord, outbox_body};

/// A link has a second (PROTOCOL.md, I3) beside the time its queue takes: so long has nothing been on the air when it ends.
const GRACE: u64 = 1_000;

/// By recipient, the messages of the list that are stored at their senders and not with it.
#[derive(Debug, Default)]
pub(super) struct Due(BTreeMap<usize, BTreeSet<usize>>);

impl Due {
    pub(super) fn add(&mut self, to: usize, index: usize) {
        self.0.entry(to).or_default().insert(index);
    }

    pub(super) fn remove(&mut self, to: usize, index: usize) {
        if let Some(due) = self.0.get_mut(&to) {
            due.remove(&index);
        }
    }

    fn of(&self, to: usize) -> impl Iterator<Item = usize> + '_ {
        self.0.get(&to).into_iter().flatten().copied()
    }
}

impl TraceWorld {
    /// A contact ends. If nothing was under way for long enough, what waited at either end for the other has arrived.
    pub(super) fn check_due(&mut self, contact: &Contact) {
        let Some([first, second]) = contact.idle_since(self.now.saturating_sub(GRACE)) else { return };
        for (from, to) in [(first, second), (second, first)] {
            let left = self.tally.due.of(to).find(|index| self.is_left_behind(*index, from, to));
            let broken = left.and_then(|index| self.list.get(index)).map(|message| {
                format!("message {} lay with host {} and was not taken", message.name, self.address(from))
            });
            self.tally.check(Promise::LinkDelivers, self.now, to, broken);
        }
    }

    /// Whether a host has had an envelope of this message for long enough and has it still, and the recipient has none.
    fn is_left_behind(&self, index: usize, from: usize, to: usize) -> bool {
        let (Some(fate), Some(listed)) = (self.tally.fates.get(index), self.list.get(index)) else { return false };
        let (Some(id), Some(stored)) = (fate.id, fate.stored) else { return false };
        let (Some(sender), Some(recipient)) = (self.hosts.get(from), self.hosts.get(to)) else { return false };
        let until = self.now.saturating_sub(GRACE);
        let mut had = self.tally.copies_at(from, id).filter(|(_, since)| *since <= until).map(|(id, _)| id).peekable();
        had.peek().is_some()
            && self.now < stored + listed.lifetime
            && had.any(|envelope| holds(&sender.store, envelope))
            && !waits_for_its_turn(&recipient.store, id)
    }
}

/// Whether an envelope lies in a store, one's own or another's.
fn holds(store: &MemoryStore, id: EnvelopeId) -> bool {
    let own = store.records(Table::Outbox).filter_map(|(_, _, body)| Some(outbox_body(body)?.0));
    let carried = store.records(Table::Custody).filter_map(|(_, _, body)| Envelope::decode(body).ok());
    own.chain(carried).any(|envelope| envelope.id() == id)
}

fn waits_for_its_turn(store: &MemoryStore, id: MessageId) -> bool {
    records::all::<HeldRecord>(store, Table::Held).any(|(_, held)| held.message == id)
}

#[cfg(test)]
mod tests {
    use permesso_engine::frame::Frame;
    use permesso_engine::ids::MessageKey;
    use permesso_engine::rows::{Commit, CommitSeq, RecordKey, Write};

    use super::super::tally::tests::{broken, written};
    use super::*;

    /// What is broken when a link between two hosts ends on which nothing was said, so many milliseconds after `written`.
    fn after(world: &mut TraceWorld, hosts: [usize; 2], pause: u64) -> Vec<Promise> {
        world.now += pause;
        world.check_due(&Contact::idle(hosts));
        let found = broken(world);
        world.tally.violations.clear();
        found
    }

    #[test]
    fn a_message_that_its_sender_keeps_back_on_a_link_with_its_recipient_is_caught() {
        let (mut world, id) = written();
        assert_eq!(after(&mut world, [0, 1], GRACE - 1), [], "it has just been written");
        assert_eq!(after(&mut world, [0, 2], 1), [], "it is not for the third");
        assert_eq!(after(&mut world, [1, 0], 0), [Promise::LinkDelivers]);
        world.on_received((1, Some(0)), (id, MessageKey(0)), "M.M.M.M.M");
        assert_eq!(after(&mut world, [0, 1], 0), []);
    }

    #[test]
    fn a_message_whose_time_is_over_is_not_missed() {
        let (mut world, _) = written();
        assert_eq!(after(&mut world, [0, 1], 60_000), []);
    }

    #[test]
    fn a_message_that_a_carrier_keeps_back_is_caught() {
        let (mut world, id) = written();
        let own =
            records::all::<crate::records::OutboxRecord>(&world.hosts[0].store, Table::Outbox).map(|(row, _)| row);
        let rows: Vec<_> = own.collect();
        let body = |row: &u64| world.hosts[0].store.body(RecordKey { table: Table::Outbox, row: *row }).unwrap();
        let envelopes = rows.iter().map(|row| outbox_body(&body(row)).unwrap().0);
        let (copy, _) = world.tally.copies_at(0, id).next().unwrap();
        let envelope = envelopes.into_iter().find(|envelope| envelope.id() == copy).unwrap();
        world.tally.arrived(world.now, 0, 2, 1, &Frame::Forward(vec![envelope.clone()]).encode());
        assert_eq!(after(&mut world, [2, 1], GRACE), [], "it came and was not kept");
        let key = RecordKey { table: Table::Custody, row: 0 };
        let writes = vec![Write::Put { key, value: Vec::new(), body: Some(envelope.encode()) }];
        world.hosts[2].store.apply(Commit { seq: CommitSeq(1), writes });
        assert_eq!(after(&mut world, [2, 1], 0), [Promise::LinkDelivers]);
    }
}
