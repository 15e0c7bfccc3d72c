//! Reading beside the writer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use permesso_engine::fold::fold;
use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{MessageRow, RecordKey};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;
use crate::cipher::Cipher;
use crate::database::reader_connection;
use crate::files::Files;
use crate::rows::{Meta, RecordTable, message_columns, message_row, message_text, number, unsigned};

/// A connection that only reads. It sees every commit that was reported before the call, and the state at one moment.
///
/// Clones share the connection and take turns: give those who must not wait for a long search a
/// [`Store::reader`](crate::Store::reader) of their own. Every call blocks for as long as the disk takes, and is
/// [`StoreError::Closed`] while the store is paused and after it was dropped.
#[derive(Clone)]
pub struct Reader {
    slot: Arc<Slot>,
}

/// Where a reader's connection is kept, so that the store can close it.
pub(crate) struct Slot {
    files: Files,
    cipher: Arc<Cipher>,
    state: Mutex<SlotState>,
    /// Somebody waits to close the connection: a call that takes long ends early.
    closing: AtomicBool,
}

#[derive(Default)]
pub(crate) struct SlotState {
    closed: bool,
    connection: Option<Connection>,
}

impl Slot {
    pub(crate) fn new(files: Files, cipher: Arc<Cipher>, closed: bool) -> Self {
        let state = Mutex::new(SlotState { closed, connection: None });
        Self { files, cipher, state, closing: AtomicBool::new(false) }
    }

    /// Closes the connection once the call that uses it has ended, or allows one again.
    pub(crate) fn set_closed(&self, closed: bool) {
        self.closing.store(closed, Ordering::Relaxed);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = SlotState { closed, connection: None };
    }
}

impl Reader {
    pub(crate) fn new(slot: Arc<Slot>) -> Self {
        Self { slot }
    }

    /// The body of a record: `None` if there is no such record, or its table has no bodies.
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn body(&self, key: RecordKey) -> Result<Option<Vec<u8>>, StoreError> {
        let table = RecordTable::of(key.table);
        let Ok(row) = number(key.row) else { return Ok(None) };
        if !key.table.has_body() {
            return Ok(None);
        }
        self.read(|connection, cipher| {
            let sealed: Option<Vec<u8>> =
                connection.prepare_cached(table.body)?.query_row([row], |row| row.get(0)).optional()?;
            sealed.map(|sealed| cipher.open(table.body_at(row), &sealed)).transpose()
        })
    }

    /// A page of a conversation, newest first: at most `limit` messages that lie before the place `before` (all, if `None`).
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn messages(
        &self,
        friend: FriendId,
        before: Option<(u64, MessageKey)>,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let order = before.map_or(i64::MAX, |(order, _)| i64::try_from(order).unwrap_or(i64::MAX));
        // Every stored place lies before one that is too large to be stored.
        let key = before.and_then(|(order, key)| number(order).and(number(key.0)).ok());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection, cipher| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                message_columns!(),
                ", text FROM message
                 WHERE friend = ?1 AND place <= ?2 AND (place < ?2 OR ?3 IS NULL OR id < ?3)
                 ORDER BY place DESC, id DESC LIMIT ?4"
            ))?;
            let mut rows = statement.query(params![friend.0, order, key, limit])?;
            let mut messages = Vec::new();
            while let Some(row) = rows.next()? {
                messages.push(message_row(cipher, row)?);
            }
            Ok(messages)
        })
    }

    /// One message by its key.
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn message(&self, key: MessageKey) -> Result<Option<MessageRow>, StoreError> {
        let Ok(key) = number(key.0) else { return Ok(None) };
        self.read(|connection, cipher| by_key(connection, cipher, key))
    }

    /// The newest message with this id. Ids are encrypted, so this decrypts on its way back through the history (about a
    /// microsecond for each message): whoever has the key asks for [`message`](Self::message).
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn find(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        self.read(|connection, cipher| {
            let mut statement = connection.prepare_cached("SELECT id, meta FROM message ORDER BY id DESC")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let key: i64 = row.get(0)?;
                let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                if Meta::open(cipher, key, sealed)?.id() == id {
                    return by_key(connection, cipher, key);
                }
            }
            Ok(None)
        })
    }

    /// The newest `limit` messages, latest arrival first, whose text contains `text` in any case
    /// ([`fold`](permesso_engine::fold::fold)); none if it is blank. Texts are decrypted one after the other until there are
    /// enough.
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<MessageRow>, StoreError> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let wanted = fold(text);
        self.read(|connection, cipher| {
            let mut statement = connection.prepare_cached(concat!(
                "SELECT ",
                message_columns!(),
                ", text FROM message ORDER BY id DESC"
            ))?;
            let mut rows = statement.query([])?;
            let mut hits = Vec::new();
            while hits.len() < limit
                && let Some(row) = rows.next()?
            {
                let sealed = row.get_ref(7)?.as_blob().map_err(rusqlite::Error::from)?;
                if fold(&message_text(cipher, row.get(0)?, sealed)?).contains(&wanted) {
                    hits.push(message_row(cipher, row)?);
                }
            }
            Ok(hits)
        })
    }

    /// How many messages a conversation has.
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn message_count(&self, friend: FriendId) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM message WHERE friend = ?1", friend)
    }

    /// How many messages of a conversation were received and not yet read. Looks at all of them.
    ///
    /// # Errors
    /// `Closed`, `Damaged`, `Io`.
    pub fn unread_count(&self, friend: FriendId) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM message WHERE friend = ?1 AND unread", friend)
    }

    fn count(&self, sql: &'static str, friend: FriendId) -> Result<u64, StoreError> {
        self.read(|connection, _| unsigned(connection.prepare_cached(sql)?.query_row([friend.0], |row| row.get(0))?))
    }

    /// A query that takes long: it looks at times whether it may go on, and ends with `Closed` if not.
    pub(crate) fn read_while_open<T, E: From<StoreError>>(
        &self,
        query: impl FnOnce(&Connection, &Cipher, &dyn Fn() -> bool) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read(|connection, cipher| query(connection, cipher, &|| !self.slot.closing.load(Ordering::Relaxed)))
    }

    fn read<T, E: From<StoreError>>(&self, query: impl FnOnce(&Connection, &Cipher) -> Result<T, E>) -> Result<T, E> {
        // A query that panicked has left nothing half done: it only reads.
        let mut state = self.slot.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(StoreError::Closed.into());
        }
        let connection = match &mut state.connection {
            Some(connection) => connection,
            none => none.insert(reader_connection(&self.slot.files.database())?),
        };
        query(connection, &self.slot.cipher)
    }
}

fn by_key(connection: &Connection, cipher: &Cipher, key: i64) -> Result<Option<MessageRow>, StoreError> {
    let mut statement =
        connection.prepare_cached(concat!("SELECT ", message_columns!(), ", text FROM message WHERE id = ?1"))?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(|row| message_row(cipher, row)).transpose()
}
