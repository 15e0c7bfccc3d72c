//! The records of an account file.

use std::io::{Read, Write};

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{MessageRow, StoredState, Table, Write as Change};
use permesso_engine::time::Wall;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::ArchiveError;
use super::stream::{Opening, Sealing};

/// The longest record: a body of the store is far smaller, a configuration file too. Looked at before memory is taken.
const RECORD_MAX: u32 = 16 << 20;

/// One record of the content.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The first: the schema of the database, as the version of what the rows mean.
    Begin { schema: u32 },
    /// A record of the engine's.
    Put {
        table: Table,
        row: u64,
        #[serde(with = "serde_bytes")]
        value: Vec<u8>,
        #[serde(with = "serde_bytes")]
        body: Option<Vec<u8>>,
    },
    /// A message of the history.
    Message(Message),
    /// A duplicate mark; they stand in their order.
    Mark { friend: FriendId, id: MessageId },
    /// A file that lies beside the database, such as the configuration.
    File {
        name: String,
        #[serde(with = "serde_bytes")]
        content: Vec<u8>,
    },
    /// The last.
    End,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    key: MessageKey,
    friend: FriendId,
    id: MessageId,
    mine: bool,
    order: u64,
    local_time: Wall,
    send_time: Wall,
    state: StoredState,
    unread: bool,
    parents: Vec<MessageId>,
    text: String,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let MessageRow { key, friend, id, mine, order, local_time, send_time, state, unread, parents, text } = row;
        Self { key, friend, id, mine, order, local_time, send_time, state, unread, parents, text }
    }
}

impl From<Message> for Change {
    fn from(message: Message) -> Self {
        let Message { key, friend, id, mine, order, local_time, send_time, state, unread, parents, text } = message;
        Self::AddMessage(MessageRow {
            key,
            friend,
            id,
            mine,
            order,
            local_time,
            send_time,
            state,
            unread,
            parents,
            text,
        })
    }
}

impl<W: Write> Sealing<W> {
    pub(super) fn put(&mut self, record: &Record) -> Result<(), ArchiveError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        let failed = |error: ciborium::ser::Error<std::io::Error>| ArchiveError::damaged(error.to_string());
        ciborium::into_writer(record, &mut *bytes).map_err(failed)?;
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= RECORD_MAX);
        let length = length.ok_or_else(|| ArchiveError::damaged("a row is too long"))?;
        self.write(&length.to_be_bytes())?;
        self.write(&bytes)
    }
}

impl<R: Read> Opening<R> {
    pub(super) fn record(&mut self) -> Result<Record, ArchiveError> {
        let mut length = [0; 4];
        self.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > RECORD_MAX {
            return Err(ArchiveError::damaged(format!("a row of {length} bytes")));
        }
        let mut bytes = Zeroizing::new(vec![0; length as usize]);
        self.read_exact(&mut bytes)?;
        ciborium::from_reader(bytes.as_slice()).map_err(|_| ArchiveError::damaged("a row that cannot be read"))
    }
}
