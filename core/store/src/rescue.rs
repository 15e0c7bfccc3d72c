//! Reading what is left of a damaged database.

use std::ops::ControlFlow;
use std::path::Path;

use permesso_engine::rows::{MessageRow, RecordKey, Table};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use crate::StoreError;
use crate::cipher::Cipher;
use crate::database::{is_key_of, reader_connection};
use crate::files::{Files, Lock};
use crate::key::Key;
use crate::rows::{RecordTable, message_columns, message_row, unsigned};
use crate::store::Store;

/// Rows in a damaged part are tried one by one, at most so many of each table: the most a history may hold.
const TRIED_MAX: i64 = 1_000_000;
/// The same behind the last row that was found, where nobody knows whether there are more.
const TRIED_BEYOND: i64 = 10_000;

/// Something that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rescued {
    /// A record of the engine's, as [`Snapshot`](permesso_engine::rows::Snapshot) has it.
    Record(RecordKey, Vec<u8>),
    /// A message of the history.
    Message(MessageRow),
}

/// How much could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RescueReport {
    /// Records read.
    pub records: u64,
    /// Messages read.
    pub messages: u64,
    /// Rows that are there, or were before they were removed, and cannot be read.
    pub unreadable: u64,
    /// Tables whose damage hides how many rows they had, so that more may be lost than is counted.
    pub torn_tables: u64,
}

/// A database that may be damaged, opened to be read only.
pub struct Rescue {
    connection: Connection,
    cipher: Cipher,
    /// Nobody else opens it meanwhile; `None` in a folder that cannot be written.
    _lock: Option<Lock>,
}

impl Store {
    /// Opens the database in `directory`, damaged or not, to read what can be read. Nothing in it is changed.
    ///
    /// # Errors
    /// `InUse`; `WrongKey` if the database can still tell; `Damaged` if not even its first page can be read, or if there is
    /// none.
    pub fn rescue(directory: impl AsRef<Path>, key: &Key) -> Result<Rescue, StoreError> {
        let files = Files::new(directory.as_ref());
        if !files.has_database() {
            return Err(StoreError::damaged("permesso.db is missing"));
        }
        // A folder that cannot be written has no writer either.
        let lock = match files.lock() {
            Err(StoreError::NotWritable { .. }) => None,
            lock => Some(lock?),
        };
        let cipher = Cipher::new(key);
        let connection = open(&files)?;
        if is_key_of(&connection, &cipher) == Some(false) {
            return Err(StoreError::WrongKey);
        }
        Ok(Rescue { connection, cipher, _lock: lock })
    }
}

fn open(files: &Files) -> Result<Connection, StoreError> {
    let usable = |connection: &Connection| {
        // Otherwise a file shorter than its header says is refused as a whole. It is opened to be read only all the same.
        connection.execute_batch("PRAGMA writable_schema = ON")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    let plain = reader_connection(&files.database())?;
    if usable(&plain).is_ok() {
        return Ok(plain);
    }
    // Without its log: the log may be what is damaged, or the medium cannot be written.
    let name = format!("file:{}?immutable=1", encoded(&files.database()));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let alone = Connection::open_with_flags(name, flags)?;
    usable(&alone).map_err(|error| StoreError::damaged(error.to_string()))?;
    Ok(alone)
}

/// A path within a URI (SQLite, "URI Filenames", 3.1).
fn encoded(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

impl Rescue {
    /// Hands over everything that can be read: friends, the other records, then messages, those of each table by row
    /// except that what lies between damaged parts comes last. `None` if `found` broke it off.
    pub fn run(self, found: &mut dyn FnMut(Rescued) -> ControlFlow<()>) -> Option<RescueReport> {
        let mut report = RescueReport::default();
        let others = Table::ALL.into_iter().filter(|table| *table != Table::Friend);
        for table in [Table::Friend].into_iter().chain(others) {
            let sql = RecordTable::of(table);
            let mut read = |row: &Row<'_>| {
                let id: i64 = row.get(0)?;
                let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                let value = self.cipher.open(sql.value_at(id), sealed)?;
                Ok(found(Rescued::Record(RecordKey { table, row: unsigned(id)? }, value)))
            };
            report.records += Look::through(&self.connection, sql.name, "id, value", &mut read, &mut report)?;
        }
        let mut read = |row: &Row<'_>| Ok(found(Rescued::Message(message_row(&self.cipher, row)?)));
        let columns = concat!(message_columns!(), ", text");
        report.messages = Look::through(&self.connection, "message", columns, &mut read, &mut report)?;
        Some(report)
    }
}

/// Reads a row and says whether to go on.
type Read<'a> = dyn FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError> + 'a;

/// A look through one table.
struct Look<'a> {
    connection: &'a Connection,
    /// `SELECT … FROM …`
    select: String,
    read: &'a mut Read<'a>,
    good: u64,
    bad: u64,
    broken_off: bool,
}

impl<'a> Look<'a> {
    /// Reads what can be read of a table; returns how many rows, unless it was broken off.
    fn through(
        connection: &'a Connection,
        table: &str,
        columns: &str,
        read: &'a mut Read<'a>,
        report: &mut RescueReport,
    ) -> Option<u64> {
        let select = format!("SELECT {columns} FROM {table}");
        let mut look = Self { connection, select, read, good: 0, bad: 0, broken_off: false };
        let (first, whole) = look.scan("ORDER BY id", 0);
        if !whole && !look.broken_off {
            report.torn_tables += 1;
            let first = first.unwrap_or(0);
            let (last, _) = look.scan("WHERE id > ?1 ORDER BY id DESC", first);
            look.try_one_by_one(first, last);
        }
        report.unreadable += look.bad;
        (!look.broken_off).then_some(look.good)
    }

    /// Reads one row and counts it; whether it is good.
    fn take(&mut self, row: &Row<'_>) -> bool {
        let read = (self.read)(row);
        self.good += u64::from(read.is_ok());
        self.bad += u64::from(read.is_err());
        self.broken_off |= matches!(read, Ok(ControlFlow::Break(())));
        read.is_ok()
    }

    /// Reads rows until one cannot be reached. The last id that was, and whether there was no damage.
    fn scan(&mut self, condition: &str, after: i64) -> (Option<i64>, bool) {
        let mut last = None;
        let Ok(mut statement) = self.connection.prepare(&format!("{} {condition}", self.select)) else {
            return (last, false);
        };
        let parameters: &[&dyn rusqlite::ToSql] = if condition.contains("?1") { &[&after] } else { &[] };
        let Ok(mut rows) = statement.query(parameters) else { return (last, false) };
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    last = row.get(0).ok().or(last);
                    self.take(row);
                    if self.broken_off {
                        return (last, false);
                    }
                }
                Ok(None) => return (last, true),
                Err(_) => return (last, false),
            }
        }
    }

    /// Tries each row between the two; without an upper one, some rows beyond the last that is found.
    fn try_one_by_one(&mut self, after: i64, before: Option<i64>) {
        let Ok(mut statement) = self.connection.prepare(&format!("{} WHERE id = ?1", self.select)) else { return };
        let mut unreached = 0;
        let mut found = after;
        for id in after.saturating_add(1)..after.saturating_add(TRIED_MAX) {
            let beyond = before.map_or(id > found.saturating_add(TRIED_BEYOND), |before| id >= before);
            if beyond || self.broken_off {
                break;
            }
            match statement.query_row([id], |row| Ok(self.take(row))).optional() {
                Ok(Some(_)) => {
                    self.bad += std::mem::take(&mut unreached);
                    found = id;
                }
                Ok(None) => {}
                Err(_) => unreached += 1,
            }
        }
        // Behind the last row that can be found, nobody knows which ids there were.
        if before.is_some() {
            self.bad += unreached;
        }
    }
}
