//! How the engine's rows lie in tables.

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{MessageIndex, MessageRow, StoredState, Table};
use permesso_engine::time::Wall;
use rusqlite::Row;

use crate::StoreError;
use crate::cipher::{Cipher, Place};

/// The statements of a table of records; `?1` is the row, `?2` the value, `?3` the body.
pub(crate) struct RecordTable {
    pub(crate) name: &'static str,
    /// Inserts a record, or replaces its value and leaves its body.
    pub(crate) put: &'static str,
    /// Inserts or replaces a record with its body.
    pub(crate) put_body: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) all: &'static str,
    pub(crate) body: &'static str,
}

macro_rules! record_table {
    ($name:literal) => {
        RecordTable {
            name: $name,
            put: concat!("INSERT INTO ", $name, " VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value"),
            put_body: "",
            delete: concat!("DELETE FROM ", $name, " WHERE id = ?1"),
            all: concat!("SELECT id, value FROM ", $name, " ORDER BY id"),
            body: "",
        }
    };
    ($name:literal, body) => {
        RecordTable {
            put: concat!(
                "INSERT INTO ",
                $name,
                " VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value"
            ),
            put_body: concat!(
                "INSERT INTO ",
                $name,
                " VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value, body = excluded.body"
            ),
            body: concat!("SELECT body FROM ", $name, " WHERE id = ?1"),
            ..record_table!($name)
        }
    };
}

impl RecordTable {
    pub(crate) const fn of(table: Table) -> &'static Self {
        match table {
            Table::Local => const { &record_table!("local") },
            Table::Host => const { &record_table!("host") },
            Table::Friend => const { &record_table!("friend") },
            Table::Pairing => const { &record_table!("pairing") },
            Table::Outbox => const { &record_table!("outbox", body) },
            Table::Held => const { &record_table!("held", body) },
            Table::Packet => const { &record_table!("packet") },
            Table::Custody => const { &record_table!("custody", body) },
            Table::Proof => const { &record_table!("proof") },
        }
    }

    pub(crate) const fn value_at(&self, row: i64) -> Place {
        Place { table: self.name, column: "value", row }
    }

    pub(crate) const fn body_at(&self, row: i64) -> Place {
        Place { table: self.name, column: "body", row }
    }
}

pub(crate) const fn meta_at(row: i64) -> Place {
    Place { table: "message", column: "meta", row }
}

pub(crate) const fn text_at(row: i64) -> Place {
    Place { table: "message", column: "text", row }
}

pub(crate) const fn mark_at(row: i64) -> Place {
    Place { table: "mark", column: "message", row }
}

/// A number as SQLite keeps it.
pub(crate) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::rejected(format!("{value} is too large to be stored")))
}

/// A number as SQLite gave it back.
pub(crate) fn unsigned(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::damaged(format!("{value} stands where no negative number can")))
}

pub(crate) const fn state_number(state: StoredState) -> i64 {
    match state {
        StoredState::Queued => 0,
        StoredState::Held => 1,
        StoredState::Delivered => 2,
        StoredState::Read => 3,
        StoredState::FailedExpired => 4,
        StoredState::FailedEnded => 5,
        StoredState::FailedCancelled => 6,
        StoredState::FailedDropped => 7,
    }
}

fn state(number: i64) -> Result<StoredState, StoreError> {
    Ok(match number {
        0 => StoredState::Queued,
        1 => StoredState::Held,
        2 => StoredState::Delivered,
        3 => StoredState::Read,
        4 => StoredState::FailedExpired,
        5 => StoredState::FailedEnded,
        6 => StoredState::FailedCancelled,
        7 => StoredState::FailedDropped,
        _ => return Err(StoreError::damaged(format!("no message state has the number {number}"))),
    })
}

/// What of a message is encrypted beside its text: id, local time, send time, parents, of fixed lengths; and, for a medium
/// that lets bits flip, whose it is, which stands in clear beside it too.
pub(crate) struct Meta {
    id: MessageId,
    local_time: Wall,
    send_time: Wall,
    parents: Vec<MessageId>,
    /// Not in rows of the first versions.
    owner: Option<(FriendId, bool)>,
}

/// Bytes of a friend's number and of whether it was written here.
const OWNER_LENGTH: usize = 5;

impl Meta {
    pub(crate) fn bytes_of(row: &MessageRow) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + row.parents.len() * MessageId::LENGTH + OWNER_LENGTH);
        bytes.extend_from_slice(row.id.as_bytes());
        bytes.extend_from_slice(&row.local_time.0.to_be_bytes());
        bytes.extend_from_slice(&row.send_time.0.to_be_bytes());
        for parent in &row.parents {
            bytes.extend_from_slice(parent.as_bytes());
        }
        bytes.extend_from_slice(&row.friend.0.to_be_bytes());
        bytes.push(row.mine.into());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (local_time, rest) = rest.split_first_chunk()?;
        let (send_time, rest) = rest.split_first_chunk()?;
        let (parents, owner) = rest.as_chunks();
        let owner = match *owner {
            [] => None,
            [a, b, c, d, mine] => Some((FriendId(u32::from_be_bytes([a, b, c, d])), mine == 1)),
            _ => return None,
        };
        Some(Self {
            id: MessageId(*id),
            local_time: Wall(u64::from_be_bytes(*local_time)),
            send_time: Wall(u64::from_be_bytes(*send_time)),
            parents: parents.iter().copied().map(MessageId).collect(),
            owner,
        })
    }

    pub(crate) fn open(cipher: &Cipher, key: i64, sealed: &[u8]) -> Result<Self, StoreError> {
        let bytes = cipher.open(meta_at(key), sealed)?;
        Self::parse(&bytes)
            .ok_or_else(|| StoreError::damaged(format!("the meta data of message {key} has a wrong length")))
    }

    pub(crate) fn id(&self) -> MessageId {
        self.id
    }
}

/// The columns that [`message_index`] and [`message_row`] read, the text last.
macro_rules! message_columns {
    () => {
        "id, friend, place, mine, state, unread, meta"
    };
}
pub(crate) use message_columns;

pub(crate) fn message_index(cipher: &Cipher, row: &Row<'_>) -> Result<MessageIndex, StoreError> {
    Ok(columns(cipher, row)?.0)
}

/// A whole message, of the columns of [`message_columns`] and `text`.
pub(crate) fn message_row(cipher: &Cipher, row: &Row<'_>) -> Result<MessageRow, StoreError> {
    let text = message_text(cipher, row.get(0)?, row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?)?;
    let (index, local_time, send_time) = columns(cipher, row)?;
    let MessageIndex { key, friend, id, mine, order, state, unread, parents } = index;
    Ok(MessageRow { key, friend, id, mine, order, local_time, send_time, state, unread, parents, text })
}

pub(crate) fn message_text(cipher: &Cipher, key: i64, sealed: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(cipher.open(text_at(key), sealed)?)
        .map_err(|_| StoreError::damaged(format!("the text of message {key} is not UTF-8")))
}

fn columns(cipher: &Cipher, row: &Row<'_>) -> Result<(MessageIndex, Wall, Wall), StoreError> {
    let key: i64 = row.get(0)?;
    let meta = Meta::open(cipher, key, row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?)?;
    let (friend, mine) = (FriendId(row.get(1)?), row.get(3)?);
    if meta.owner.is_some_and(|owner| owner != (friend, mine)) {
        return Err(StoreError::damaged(format!("message {key} stands in another conversation than its own")));
    }
    let index = MessageIndex {
        key: MessageKey(unsigned(key)?),
        friend,
        id: meta.id,
        mine,
        order: unsigned(row.get(2)?)?,
        state: state(row.get(4)?)?,
        unread: row.get(5)?,
        parents: meta.parents,
    };
    Ok((index, meta.local_time, meta.send_time))
}
