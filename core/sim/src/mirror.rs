//! What a host's store must hold, followed commit by commit: the ground that promises are checked against.

use std::collections::{BTreeMap, BTreeSet};

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{MessageRow, StoredState, Table, Write};

/// Under whose number the marks of carried envelopes are stored (the engine's own).
const CARRIED: [FriendId; 2] = [FriendId(u32::MAX), FriendId(u32::MAX - 2)];

/// The caps one host has to keep.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    pub(crate) history: usize,
    pub(crate) outbox: usize,
    /// Rows of the outbox that are no messages: requests, answers, ends.
    pub(crate) outbox_others: usize,
    pub(crate) held: usize,
    pub(crate) marks: u64,
    /// Marks of envelopes that were carried.
    pub(crate) carried_marks: u64,
    pub(crate) custody: usize,
    pub(crate) proofs: usize,
    pub(crate) hosts: usize,
    pub(crate) packets: usize,
    pub(crate) pairings: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) friend: FriendId,
    pub(crate) id: MessageId,
    pub(crate) mine: bool,
    pub(crate) order: u64,
    pub(crate) state: StoredState,
    pub(crate) parents: Vec<MessageId>,
    pub(crate) text: String,
}

/// What one write meant.
#[derive(Debug)]
pub(crate) enum Change {
    Added(MessageKey),
    Updated { key: MessageKey, before: StoredState },
    Removed(Message),
}

/// One host's durable history and how much it stores.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mirror {
    pub(crate) messages: BTreeMap<MessageKey, Message>,
    by_id: BTreeMap<(FriendId, MessageId), MessageKey>,
    children: BTreeMap<(FriendId, MessageId), Vec<MessageKey>>,
    history: BTreeMap<FriendId, usize>,
    records: BTreeMap<Table, BTreeSet<u64>>,
    marks: BTreeMap<FriendId, u64>,
    waiting: BTreeSet<MessageKey>,
}

fn waits(mine: bool, state: StoredState) -> bool {
    mine && matches!(state, StoredState::Queued | StoredState::Held)
}

impl Mirror {
    /// Follows one write; says what it meant for the history, or what is wrong with it.
    pub(crate) fn apply(&mut self, write: &Write) -> Result<Option<Change>, String> {
        match write {
            Write::Put { key, .. } => {
                self.records.entry(key.table).or_default().insert(key.row);
                Ok(None)
            }
            Write::Delete(key) => {
                self.records.entry(key.table).or_default().remove(&key.row);
                Ok(None)
            }
            Write::AddMessage(row) => self.add(row),
            Write::UpdateMessage { key, order, state, .. } => Ok(self.update(*key, *order, *state)),
            Write::RemoveMessage(key) => Ok(self.remove(*key).map(Change::Removed)),
            Write::AddMark { friend, .. } => {
                *self.marks.entry(*friend).or_default() += 1;
                Ok(None)
            }
            Write::PruneMarks { friend, keep } => {
                let marks = self.marks.entry(*friend).or_default();
                *marks = (*marks).min(*keep);
                Ok(None)
            }
        }
    }

    fn add(&mut self, row: &MessageRow) -> Result<Option<Change>, String> {
        if self.messages.contains_key(&row.key) {
            return Err(format!("message row {} added twice", row.key.0));
        }
        if self.by_id.contains_key(&(row.friend, row.id)) {
            return Err(format!("message {} is twice in one conversation", row.id));
        }
        let message = Message {
            friend: row.friend,
            id: row.id,
            mine: row.mine,
            order: row.order,
            state: row.state,
            parents: row.parents.clone(),
            text: row.text.clone(),
        };
        self.by_id.insert((row.friend, row.id), row.key);
        for parent in &row.parents {
            self.children.entry((row.friend, *parent)).or_default().push(row.key);
        }
        *self.history.entry(row.friend).or_default() += 1;
        if waits(row.mine, row.state) {
            self.waiting.insert(row.key);
        }
        self.messages.insert(row.key, message);
        Ok(Some(Change::Added(row.key)))
    }

    fn update(&mut self, key: MessageKey, order: u64, state: StoredState) -> Option<Change> {
        let message = self.messages.get_mut(&key)?;
        let before = message.state;
        message.order = order;
        message.state = state;
        if waits(message.mine, state) {
            self.waiting.insert(key);
        } else {
            self.waiting.remove(&key);
        }
        Some(Change::Updated { key, before })
    }

    fn remove(&mut self, key: MessageKey) -> Option<Message> {
        let message = self.messages.remove(&key)?;
        self.by_id.remove(&(message.friend, message.id));
        self.waiting.remove(&key);
        for parent in &message.parents {
            if let Some(children) = self.children.get_mut(&(message.friend, *parent)) {
                children.retain(|child| *child != key);
            }
        }
        if let Some(count) = self.history.get_mut(&message.friend) {
            *count = count.saturating_sub(1);
        }
        Some(message)
    }

    pub(crate) fn find(&self, friend: FriendId, id: MessageId) -> Option<&Message> {
        self.by_id.get(&(friend, id)).and_then(|key| self.messages.get(key))
    }

    /// Own messages that wait for their delivery.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Message> {
        self.waiting.iter().filter_map(|key| self.messages.get(key))
    }

    /// Own messages that were given up.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Message> {
        self.messages.values().filter(|message| {
            let state = message.state;
            message.mine
                && matches!(
                    state,
                    StoredState::FailedExpired
                        | StoredState::FailedEnded
                        | StoredState::FailedCancelled
                        | StoredState::FailedDropped
                )
        })
    }

    /// Whether a message stands after its known parents and before its known children; a description if not.
    pub(crate) fn check_order(&self, key: MessageKey) -> Result<usize, String> {
        let Some(message) = self.messages.get(&key) else { return Ok(0) };
        let place = (message.order, key);
        let mut checked = 0;
        for parent in &message.parents {
            if let Some(parent_key) = self.by_id.get(&(message.friend, *parent))
                && let Some(other) = self.messages.get(parent_key)
            {
                checked += 1;
                if (other.order, *parent_key) >= place {
                    return Err(format!(
                        "message {} at {place:?} stands before its parent {parent} at {:?}",
                        message.id,
                        (other.order, parent_key)
                    ));
                }
            }
        }
        for child in self.children.get(&(message.friend, message.id)).into_iter().flatten() {
            if let Some(other) = self.messages.get(child) {
                checked += 1;
                if (other.order, *child) <= place {
                    return Err(format!("message {} at {place:?} stands after its child {}", message.id, other.id));
                }
            }
        }
        Ok(checked)
    }

    /// Whether the conversation to which a message was added, and what waits if it is one's own, are within these limits.
    pub(crate) fn check_limits(&self, added: MessageKey, (history, outbox): (usize, usize)) -> Result<(), String> {
        let Some(message) = self.messages.get(&added) else { return Ok(()) };
        let stored = self.history.get(&message.friend).copied().unwrap_or(0);
        if stored > history {
            return Err(format!("{stored} messages in a conversation to which one was added, the limit is {history}"));
        }
        let waiting = self.waiting.len();
        if message.mine && waiting > outbox {
            return Err(format!("{waiting} messages wait after one was written, the limit is {outbox}"));
        }
        Ok(())
    }

    /// The first cap that is exceeded, described.
    pub(crate) fn check_caps(&self, caps: &Caps) -> Result<(), String> {
        let count = |table| self.records.get(&table).map_or(0, BTreeSet::len);
        let of_friends = self.marks.iter().filter(|(friend, _)| !CARRIED.contains(friend));
        let most_marks = of_friends.map(|(_, marks)| *marks).max().unwrap_or(0) as usize;
        let carried_marks = CARRIED.iter().filter_map(|of| self.marks.get(of)).sum::<u64>() as usize;
        let checks: [(&str, usize, usize); 11] = [
            ("history of a conversation", self.history.values().copied().max().unwrap_or(0), caps.history),
            ("messages that wait", self.waiting.len(), caps.outbox),
            ("outbox records", count(Table::Outbox), caps.outbox + caps.outbox_others),
            ("held ciphertexts", count(Table::Held), caps.held),
            ("marks of a friend", most_marks, caps.marks as usize),
            ("marks of carried envelopes", carried_marks, caps.carried_marks as usize),
            ("custody", count(Table::Custody), caps.custody),
            ("proofs", count(Table::Proof), caps.proofs),
            ("hosts", count(Table::Host), caps.hosts),
            ("packets", count(Table::Packet), caps.packets),
            ("pairings", count(Table::Pairing), caps.pairings),
        ];
        match checks.iter().find(|(_, found, cap)| found > cap) {
            Some((what, found, cap)) => Err(format!("{what}: {found} stored, the cap is {cap}")),
            None => Ok(()),
        }
    }
}
