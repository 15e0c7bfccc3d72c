//! What the engine wants stored, and what it needs back at start: the contract between engine and store.
//!
//! Small state travels as *records*: CBOR values of the engine's own making, loaded whole at start. Two tables of records
//! have a *body* beside the value, which stays in the store until it is fetched. History and duplicate marks have rows of
//! their own.

use serde::{Deserialize, Serialize};

use crate::ids::{FriendId, MessageId, MessageKey};
use crate::time::Wall;

/// The number of a commit; each is one greater than the one before, starting at 1 whenever an engine starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitSeq(pub u64);

/// The tables of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// The host's own identity, settings and counters.
    Local,
    /// Other hosts: pinned keys, counters, addresses.
    Host,
    /// Friends, askers and ended friends.
    Friend,
    /// Key pairings: ratchet, tag chains.
    Pairing,
    /// What is to be delivered; the body is the sealed envelope.
    Outbox,
    /// Ciphertexts held back until their turn; the body is the ciphertext.
    Held,
    /// The newest packets and their states, for diagnostics.
    Packet,
    /// Other people's envelopes; the body is the envelope.
    Custody,
}

impl Table {
    /// Every table, in the order of their numbers.
    pub const ALL: [Self; 8] =
        [Self::Local, Self::Host, Self::Friend, Self::Pairing, Self::Outbox, Self::Held, Self::Packet, Self::Custody];

    /// Whether its records have a body beside the value.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Outbox | Self::Held | Self::Custody)
    }
}

/// The place of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The table.
    pub table: Table,
    /// The row in it; append-friendly, fits an `i64`.
    pub row: u64,
}

/// One change to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Insert or replace a record. `body: None` leaves the body of an existing record as it is (empty if it is new).
    Put {
        /// Where.
        key: RecordKey,
        /// The new value.
        value: Vec<u8>,
        /// The new body, only in tables that have one.
        body: Option<Vec<u8>>,
    },
    /// Remove a record and its body; nothing happens if it is not there.
    Delete(RecordKey),
    /// Insert a message of the history. Its key is new.
    AddMessage(MessageRow),
    /// Change a message's state, place or unread mark; nothing happens if it is not there.
    UpdateMessage {
        /// Which.
        key: MessageKey,
        /// Its place in the conversation.
        order: u64,
        /// Its fate.
        state: StoredState,
        /// Received and not yet read.
        unread: bool,
    },
    /// Remove a message of the history.
    RemoveMessage(MessageKey),
    /// Append one duplicate mark: this message id from this friend was stored.
    AddMark {
        /// From whom.
        friend: FriendId,
        /// The message.
        id: MessageId,
    },
    /// Keep only the newest `keep` duplicate marks of a friend.
    PruneMarks {
        /// Whose.
        friend: FriendId,
        /// How many stay.
        keep: u64,
    },
}

impl Write {
    /// About how many bytes the change occupies while it waits: what the engine's bound on uncommitted rows counts.
    pub fn weight(&self) -> usize {
        const ROW: usize = 64;
        ROW + match self {
            Self::Put { value, body, .. } => value.len() + body.as_ref().map_or(0, Vec::len),
            Self::AddMessage(row) => row.text.len() + row.parents.len() * MessageId::LENGTH + 64,
            _ => 0,
        }
    }
}

/// Changes to be made durable together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number.
    pub seq: CommitSeq,
    /// The changes, in order.
    pub writes: Vec<Write>,
}

/// A message's fate as the store keeps it (the reason of a failure beside it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredState {
    /// Only this device has it.
    Queued,
    /// A named server, or other hosts, took a copy.
    Held,
    /// The recipient's device has stored it and proved so; also every received message that has not been read.
    Delivered,
    /// The recipient opened it; or we opened a received one.
    Read,
    /// Its time ran out before a proof came.
    FailedExpired,
    /// The friendship ended first.
    FailedEnded,
    /// Its owner cancelled it.
    FailedCancelled,
    /// The outbox was full of newer messages.
    FailedDropped,
}

/// A message of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its row: the local arrival number.
    pub key: MessageKey,
    /// The conversation.
    pub friend: FriendId,
    /// Its identity in the protocol.
    pub id: MessageId,
    /// Written here (else received).
    pub mine: bool,
    /// Its place in the conversation: shown by ascending `(order, key)`, always after its known parents.
    pub order: u64,
    /// When it was received, or written if it is ours, by this device's clock.
    pub local_time: Wall,
    /// When its sender says to have sent it.
    pub send_time: Wall,
    /// Its fate.
    pub state: StoredState,
    /// Received and not yet read.
    pub unread: bool,
    /// The messages it follows, at most 4.
    pub parents: Vec<MessageId>,
    /// The text.
    pub text: String,
}

/// What the engine keeps of a message in memory, loaded at start in ascending order of `key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageIndex {
    /// Its row.
    pub key: MessageKey,
    /// The conversation.
    pub friend: FriendId,
    /// Its identity in the protocol.
    pub id: MessageId,
    /// Written here.
    pub mine: bool,
    /// Its place in the conversation.
    pub order: u64,
    /// Its fate.
    pub state: StoredState,
    /// Received and not yet read.
    pub unread: bool,
    /// The messages it follows.
    pub parents: Vec<MessageId>,
}

impl From<&MessageRow> for MessageIndex {
    fn from(row: &MessageRow) -> Self {
        Self {
            key: row.key,
            friend: row.friend,
            id: row.id,
            mine: row.mine,
            order: row.order,
            state: row.state,
            unread: row.unread,
            parents: row.parents.clone(),
        }
    }
}

/// Everything the engine needs to go on where the store's last commit left it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// All records without their bodies, by ascending key.
    pub records: Vec<(RecordKey, Vec<u8>)>,
    /// The history's index, by ascending `MessageKey`.
    pub messages: Vec<MessageIndex>,
    /// The duplicate marks, oldest first.
    pub marks: Vec<(FriendId, MessageId)>,
}
