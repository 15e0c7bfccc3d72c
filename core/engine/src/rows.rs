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
    /// Delivery proofs of what is or was here.
    Proof,
}

impl Table {
    /// Every table, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Local,
        Self::Host,
        Self::Friend,
        Self::Pairing,
        Self::Outbox,
        Self::Held,
        Self::Packet,
        Self::Custody,
        Self::Proof,
    ];

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
    pub records: Records,
    /// The history's index, by ascending `MessageKey`.
    pub messages: Vec<MessageIndex>,
    /// The duplicate marks, oldest first.
    pub marks: Vec<(FriendId, MessageId)>,
}

/// Records one after the other, in pieces that are given back as they are taken: a server starts from a million of them.
#[derive(Clone, Debug, Default)]
pub struct Records {
    pieces: Vec<(Table, Vec<u8>)>,
    count: usize,
}

impl Records {
    /// Bytes of a piece: large enough that pieces cost nothing, small enough that taking one gives room back soon.
    const PIECE: usize = 64 << 10;
    /// Of each record: its row and the length of its value, before the value.
    const HEAD: usize = 8 + 4;

    /// Adds a record; its table is that of the last one or a later one.
    pub fn push(&mut self, key: RecordKey, value: &[u8]) {
        let length = Self::HEAD + value.len();
        let fits =
            |(table, piece): &&mut (Table, Vec<u8>)| *table == key.table && piece.capacity() - piece.len() >= length;
        if self.pieces.last_mut().as_ref().is_none_or(|last| !fits(last)) {
            // Tables with little in them take little.
            let begun = self.pieces.last().is_some_and(|(table, _)| *table == key.table);
            let room = if begun { Self::PIECE } else { 1 << 10 };
            self.pieces.push((key.table, Vec::with_capacity(room.max(length))));
        }
        if let Some((_, piece)) = self.pieces.last_mut() {
            piece.extend_from_slice(&key.row.to_be_bytes());
            // No record is that long; one that were would be cut, and so found damaged.
            piece.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
            piece.extend_from_slice(value);
            self.count += 1;
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (RecordKey, &[u8])> {
        self.pieces
            .iter()
            .flat_map(|(table, piece)| in_piece(piece).map(|(row, value)| (RecordKey { table: *table, row }, value)))
    }

    /// Those of a table.
    pub fn of(&self, table: Table) -> impl Iterator<Item = (u64, &[u8])> {
        self.pieces.iter().filter(move |(of, _)| *of == table).flat_map(|(_, piece)| in_piece(piece))
    }

    /// Keeps only those that fit.
    pub fn retain(&mut self, fits: impl Fn(&RecordKey) -> bool) {
        *self = self.iter().filter(|(key, _)| fits(key)).map(|(key, value)| (key, value.to_vec())).collect();
    }

    /// Takes those of a table out, piece by piece: `each` is called with every row and value, until it says no.
    pub(crate) fn take(&mut self, table: Table, mut each: impl FnMut(u64, &[u8]) -> Option<()>) -> Result<(), u64> {
        let (taken, left) = std::mem::take(&mut self.pieces).into_iter().partition(|(of, _)| *of == table);
        self.pieces = left;
        let taken: Vec<(Table, Vec<u8>)> = taken;
        for (_, piece) in taken {
            for (row, value) in in_piece(&piece) {
                self.count -= 1;
                each(row, value).ok_or(row)?;
            }
        }
        Ok(())
    }
}

/// Of the same records, whatever pieces they lie in.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Records {}

impl FromIterator<(RecordKey, Vec<u8>)> for Records {
    fn from_iter<I: IntoIterator<Item = (RecordKey, Vec<u8>)>>(all: I) -> Self {
        let mut records = Self::default();
        all.into_iter().for_each(|(key, value)| records.push(key, &value));
        records
    }
}

fn in_piece(piece: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let (row, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let (value, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after;
        Some((u64::from_be_bytes(*row), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(table: Table, row: u64) -> RecordKey {
        RecordKey { table, row }
    }

    #[test]
    fn records_come_out_as_they_went_in_however_many_pieces_they_take() {
        let rows = (0..5_000).map(|row| (key(Table::Custody, row * 3), vec![row as u8; row as usize % 70]));
        let first = [(key(Table::Local, u64::MAX), vec![]), (key(Table::Outbox, 1), vec![7; 100_000])];
        let all: Vec<_> = first.into_iter().chain(rows).collect();
        let mut records: Records = all.iter().cloned().collect();
        assert!(records.pieces.len() > 4, "they take several pieces");
        let mut copy = records.clone();
        [&mut copy, &mut records].into_iter().for_each(|one| one.push(key(Table::Custody, 90_000), b"last"));
        assert_eq!(copy, records, "they lie in other pieces, and are the same");
        records = all.iter().cloned().collect();
        let told = |records: &Records| records.iter().map(|(key, value)| (key, value.to_vec())).collect::<Vec<_>>();
        assert_eq!(told(&records), all);
        assert_eq!(records.of(Table::Outbox).count(), 1);
        let mut taken = 0;
        let each = |_, _: &[u8]| {
            taken += 1;
            Some(())
        };
        assert_eq!(records.take(Table::Custody, each), Ok(()));
        assert_eq!((taken, records.len(), told(&records).len()), (5_000, 2, 2));
        assert_eq!(records.take(Table::Outbox, |_, _| None), Err(1));
    }
}
