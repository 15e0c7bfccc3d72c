//! The order of a conversation: hash-linked parents decide, a hybrid logical clock breaks ties.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::few::first_few;
use crate::gate::Gate;
use crate::ids::{FriendId, MessageId, MessageKey};
use crate::limits::PARENTS_MAX;
use crate::rows::{MessageIndex, MessageRow, StoredState, Write};
use crate::time::{Millis, Wall};
use crate::tree::Tree;

/// Bits of the clock below its milliseconds: 65,536 messages a millisecond.
const CLOCK_BITS: u32 = 16;
/// A sender's clock is believed up to this much ahead of ours.
const CLOCK_AHEAD: Millis = Millis::from_minutes(5);

/// The messages of one conversation, without their texts.
#[derive(Default)]
pub(crate) struct Conversation {
    messages: BTreeMap<MessageKey, MessageIndex>,
    by_id: BTreeMap<MessageId, MessageKey>,
    by_order: BTreeSet<(u64, MessageKey)>,
    heads: BTreeSet<MessageKey>,
    /// Parents that have not arrived, with the messages that name them.
    missing: BTreeMap<MessageId, BTreeSet<MessageKey>>,
    unread: BTreeSet<MessageKey>,
    clock: u64,
}

impl Conversation {
    /// Takes in a stored message, in the order of the keys.
    pub(crate) fn restore_message(&mut self, message: MessageIndex) {
        self.clock = self.clock.max(message.order);
        self.link(message);
    }

    /// The newest messages nobody has followed yet: the parents of the next one, at most four.
    pub(crate) fn parents(&self) -> Vec<MessageId> {
        let heads = self.heads.iter().filter_map(|key| self.messages.get(key));
        let newest = first_few(heads, PARENTS_MAX, |message| Reverse((message.order, message.key)));
        newest.iter().map(|message| message.id).collect()
    }

    /// The clock's next value: for a message written now.
    pub(crate) fn tick(&mut self, now: Wall) -> u64 {
        self.clock = self.clock.saturating_add(1).max(clock_at(now));
        self.clock
    }

    /// The place of an arriving message by its sender's clock, which is believed only so far.
    pub(crate) fn place(&mut self, claimed: u64, parents: &[MessageId], now: Wall) -> u64 {
        let believed = claimed.min(clock_at(now + CLOCK_AHEAD));
        let after_parents = parents
            .iter()
            .filter_map(|parent| self.message(*parent))
            .map(|parent| parent.order.saturating_add(1))
            .max()
            .unwrap_or(0);
        let order = believed.max(after_parents);
        self.clock = self.clock.max(order);
        order
    }

    /// Adds a message to the history; messages that came before a parent of theirs move behind it.
    pub(crate) fn add(&mut self, row: MessageRow, gate: &mut Gate) {
        let index = MessageIndex::from(&row);
        let (id, key) = (index.id, index.key);
        gate.write(Write::AddMessage(row));
        self.link(index);
        self.move_behind(id, key, gate);
    }

    /// Whether something that a received message follows has not arrived; `known` says of one that is not in the history
    /// whether it was here.
    pub(crate) fn has_gap(&self, key: MessageKey, known: impl Fn(MessageId) -> bool) -> bool {
        let received = self.messages.get(&key).filter(|message| !message.mine);
        received.is_some_and(|message| {
            message.parents.iter().any(|parent| !self.by_id.contains_key(parent) && !known(*parent))
        })
    }

    pub(crate) fn message(&self, id: MessageId) -> Option<&MessageIndex> {
        self.messages.get(self.by_id.get(&id)?)
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The message shown first of all.
    pub(crate) fn oldest(&self) -> Option<MessageKey> {
        self.by_order.first().map(|(_, key)| *key)
    }

    pub(crate) fn unread(&self) -> usize {
        self.unread.len()
    }

    /// Marks every received message as read; returns those that were not.
    pub(crate) fn read_all(&mut self, gate: &mut Gate) -> Vec<MessageId> {
        let unread = std::mem::take(&mut self.unread);
        let mut read = Vec::new();
        for key in unread {
            let Some(message) = self.messages.get_mut(&key) else { continue };
            message.unread = false;
            message.state = StoredState::Read;
            read.push(message.id);
            gate.write(update(message));
        }
        read
    }

    /// Changes a message's state; `false` if it is not in the history or had that state already.
    pub(crate) fn set_state(&mut self, key: MessageKey, state: StoredState, gate: &mut Gate) -> bool {
        let Some(message) = self.messages.get_mut(&key) else { return false };
        // What was read was delivered, whichever is told last.
        let overtaken = message.state == StoredState::Read && state == StoredState::Delivered;
        if message.state == state || overtaken {
            return false;
        }
        message.state = state;
        gate.write(update(message));
        true
    }

    /// Removes a message from the history.
    pub(crate) fn remove(&mut self, key: MessageKey, gate: &mut Gate) -> Option<MessageIndex> {
        let message = self.messages.remove(&key)?;
        self.by_id.remove(&message.id);
        self.by_order.remove(&(message.order, key));
        self.heads.remove(&key);
        self.unread.remove(&key);
        for parent in &message.parents {
            if let Some(children) = self.missing.get_mut(parent) {
                children.remove(&key);
                if children.is_empty() {
                    self.missing.remove(parent);
                }
            }
        }
        gate.write(Write::RemoveMessage(key));
        Some(message)
    }

    fn link(&mut self, message: MessageIndex) {
        let key = message.key;
        for parent in &message.parents {
            match self.by_id.get(parent) {
                Some(parent) => {
                    self.heads.remove(parent);
                }
                None => {
                    self.missing.entry(*parent).or_default().insert(key);
                }
            }
        }
        if !self.missing.contains_key(&message.id) {
            self.heads.insert(key);
        }
        if message.unread {
            self.unread.insert(key);
        }
        self.by_id.insert(message.id, key);
        self.by_order.insert((message.order, key));
        self.messages.insert(key, message);
    }

    /// A parent came after its children: those not behind it, and all that follow them, move up.
    fn move_behind(&mut self, id: MessageId, key: MessageKey, gate: &mut Gate) {
        let Some(children) = self.missing.remove(&id) else { return };
        let mut behind: Vec<(MessageKey, MessageKey)> = children.into_iter().map(|child| (child, key)).collect();
        let mut followers = None;
        while let Some((child, parent)) = behind.pop() {
            let Some(after) = self.messages.get(&parent).map(|parent| (parent.order, parent.key)) else { continue };
            let Some(message) = self.messages.get_mut(&child) else { continue };
            if (message.order, child) > after {
                continue;
            }
            self.by_order.remove(&(message.order, child));
            message.order = after.0.saturating_add(1);
            self.clock = self.clock.max(message.order);
            self.by_order.insert((message.order, child));
            gate.write(update(message));
            let id = message.id;
            // Made only here, where a sender's clock was wrong: everybody else needs no such index.
            let followers = followers.get_or_insert_with(|| followers_of(&self.messages));
            behind.extend(followers.get(&id).into_iter().flatten().map(|follower| (*follower, child)));
        }
    }
}

/// All conversations, and the keys of their messages.
#[derive(Default)]
pub(crate) struct Conversations {
    by_friend: Tree<FriendId, Conversation>,
    next_key: u64,
}

impl Conversations {
    pub(crate) fn restore(messages: Vec<MessageIndex>) -> Self {
        let mut conversations = Self::default();
        for message in messages {
            conversations.next_key = conversations.next_key.max(message.key.0.saturating_add(1));
            conversations.of(message.friend).restore_message(message);
        }
        conversations
    }

    /// A key for a new message.
    pub(crate) fn next_key(&mut self) -> MessageKey {
        let key = MessageKey(self.next_key);
        self.next_key += 1;
        key
    }

    pub(crate) fn of(&mut self, friend: FriendId) -> &mut Conversation {
        self.by_friend.entry(friend).or_default()
    }

    pub(crate) fn with(&self, friend: FriendId) -> Option<&Conversation> {
        self.by_friend.get(&friend)
    }

    /// The conversation a message stands in, and its key.
    pub(crate) fn find(&self, id: MessageId) -> Option<(FriendId, MessageKey)> {
        self.by_friend
            .iter()
            .find_map(|(friend, conversation)| conversation.message(id).map(|message| (*friend, message.key)))
    }
}

fn followers_of(messages: &BTreeMap<MessageKey, MessageIndex>) -> BTreeMap<MessageId, Vec<MessageKey>> {
    let mut followers: BTreeMap<MessageId, Vec<MessageKey>> = BTreeMap::new();
    for message in messages.values() {
        for parent in &message.parents {
            followers.entry(*parent).or_default().push(message.key);
        }
    }
    followers
}

fn update(message: &MessageIndex) -> Write {
    Write::UpdateMessage { key: message.key, order: message.order, state: message.state, unread: message.unread }
}

fn clock_at(wall: Wall) -> u64 {
    // 47 bits of milliseconds last until the year 6429 and leave the number within an i64.
    wall.0.min((1 << 46) - 1) << CLOCK_BITS
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
