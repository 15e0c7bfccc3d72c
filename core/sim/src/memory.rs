//! A store in memory: what the simulator runs on, and the reference that the SQLite store is compared with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use permesso_engine::fold::fold;
use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, MessageIndex, MessageRow, RecordKey, Snapshot, StoredState, Table, Write};

/// Everything a host has stored.
///
/// It holds exactly the commits that were [applied](Self::apply): a crash is to drop the engine and the commits that were
/// not, and to restore from [`snapshot`](Self::snapshot). Nothing is copied for it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    records: BTreeMap<RecordKey, Record>,
    messages: BTreeMap<MessageKey, MessageRow>,
    places: BTreeSet<(FriendId, u64, MessageKey)>,
    marks: BTreeMap<u64, (FriendId, MessageId)>,
    marks_of: BTreeMap<FriendId, VecDeque<u64>>,
    next_mark: u64,
}

#[derive(Clone, Debug, Default)]
struct Record {
    value: Vec<u8>,
    body: Vec<u8>,
}

impl MemoryStore {
    /// A store with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes all changes of a commit, in their order.
    ///
    /// # Panics
    /// If it adds a message whose key is taken: the engine's bug, which SQLite answers by failing the commit.
    pub fn apply(&mut self, commit: Commit) {
        for write in commit.writes {
            self.write(write);
        }
    }

    /// What an engine needs to go on from here.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            records: self.records.iter().map(|(key, record)| (*key, record.value.clone())).collect(),
            messages: self.messages.values().map(MessageIndex::from).collect(),
            marks: self.marks.values().copied().collect(),
        }
    }

    /// The body of a record: `None` if there is no such record, or its table has no bodies.
    pub fn body(&self, key: RecordKey) -> Option<Vec<u8>> {
        let record = self.records.get(&key)?;
        key.table.has_body().then(|| record.body.clone())
    }

    /// How many bytes the body of a record has; 0 if there is none.
    pub(crate) fn body_length(&self, key: RecordKey) -> usize {
        self.records.get(&key).map_or(0, |record| record.body.len())
    }

    /// The records of a table by ascending row: row, value and body.
    pub(crate) fn records(&self, table: Table) -> impl Iterator<Item = (u64, &[u8], &[u8])> {
        let whole = RecordKey { table, row: 0 }..=RecordKey { table, row: u64::MAX };
        self.records.range(whole).map(|(key, record)| (key.row, record.value.as_slice(), record.body.as_slice()))
    }

    /// A page of a conversation, newest first: at most `limit` messages that lie before the place `before` (all, if `None`).
    pub fn messages(&self, friend: FriendId, before: Option<(u64, MessageKey)>, limit: usize) -> Vec<MessageRow> {
        let end = before.map_or(Bound::Included((friend, u64::MAX, MessageKey(u64::MAX))), |(order, key)| {
            Bound::Excluded((friend, order, key))
        });
        let page = self.places.range((Bound::Included((friend, 0, MessageKey(0))), end)).rev().take(limit);
        page.filter_map(|(_, _, key)| self.message(*key)).collect()
    }

    /// One message by its key.
    pub fn message(&self, key: MessageKey) -> Option<MessageRow> {
        self.messages.get(&key).cloned()
    }

    /// The newest message with this id; looks at every message.
    pub fn find(&self, id: MessageId) -> Option<MessageRow> {
        self.messages.values().rev().find(|row| row.id == id).cloned()
    }

    /// The newest `limit` messages, latest arrival first, whose text contains `text` in any case; none if it is blank.
    pub fn search(&self, text: &str, limit: usize) -> Vec<MessageRow> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        let wanted = fold(text);
        let hits = self.messages.values().rev().filter(|row| fold(&row.text).contains(&wanted));
        hits.take(limit).cloned().collect()
    }

    /// How many messages a conversation has.
    pub fn message_count(&self, friend: FriendId) -> u64 {
        self.conversation(friend).count() as u64
    }

    /// How many messages of a conversation were received and not yet read.
    pub fn unread_count(&self, friend: FriendId) -> u64 {
        self.conversation(friend).filter(|row| row.unread).count() as u64
    }

    fn conversation(&self, friend: FriendId) -> impl Iterator<Item = &MessageRow> {
        let places = self.places.range((friend, 0, MessageKey(0))..=(friend, u64::MAX, MessageKey(u64::MAX)));
        places.filter_map(|(_, _, key)| self.messages.get(key))
    }

    fn write(&mut self, write: Write) {
        match write {
            Write::Put { key, value, body } => {
                let record = self.records.entry(key).or_default();
                record.value = value;
                if let Some(body) = body.filter(|_| key.table.has_body()) {
                    record.body = body;
                }
            }
            Write::Delete(key) => {
                self.records.remove(&key);
            }
            Write::AddMessage(row) => {
                self.places.insert((row.friend, row.order, row.key));
                let before = self.messages.insert(row.key, row);
                assert!(before.is_none(), "a message was added under a key that is taken");
            }
            Write::UpdateMessage { key, order, state, unread } => self.update_message(key, order, state, unread),
            Write::RemoveMessage(key) => {
                if let Some(row) = self.messages.remove(&key) {
                    self.places.remove(&(row.friend, row.order, key));
                }
            }
            Write::AddMark { friend, id } => {
                self.marks.insert(self.next_mark, (friend, id));
                self.marks_of.entry(friend).or_default().push_back(self.next_mark);
                self.next_mark += 1;
            }
            Write::PruneMarks { friend, keep } => {
                let Some(numbers) = self.marks_of.get_mut(&friend) else { return };
                let keep = usize::try_from(keep).unwrap_or(usize::MAX);
                for number in numbers.drain(..numbers.len().saturating_sub(keep)) {
                    self.marks.remove(&number);
                }
            }
        }
    }

    fn update_message(&mut self, key: MessageKey, order: u64, state: StoredState, unread: bool) {
        let Some(row) = self.messages.get_mut(&key) else { return };
        if row.order != order {
            self.places.remove(&(row.friend, row.order, key));
            self.places.insert((row.friend, order, key));
        }
        row.order = order;
        row.state = state;
        row.unread = unread;
    }
}
