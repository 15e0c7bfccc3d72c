//! Making, opening and checking the database file.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use permesso_engine::rows::{Commit, Snapshot};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::cipher::{Cipher, Place, Sealer};
use crate::files::Files;
use crate::key::Key;
use crate::{StoreError, load, schema, write};

/// What the key check says once it is decrypted.
const KEY_CHECK: &[u8] = b"permesso";
const KEY_CHECK_AT: Place = Place { table: "header", column: "key_check", row: 1 };

/// How long to wait for a stranger (a backup, an inspecting tool) who has the database locked.
const BUSY: Duration = Duration::from_secs(2);

/// More than the statements of either side, so that each is prepared once.
const STATEMENTS: usize = 64;

/// After a crash a database up to this many bytes is read through before it is used (a tenth of a second). Of larger ones a
/// damage shows where it is met.
const CHECKED_WHOLE: u64 = 64 << 20;

/// The connection that writes, and what it needs to.
pub(crate) struct Database {
    connection: Connection,
    sealer: Sealer,
    next_mark: i64,
    openings: u64,
}

impl Database {
    /// Opens the database, or makes it if there is none. The caller holds the lock of its folder.
    pub(crate) fn open(files: &Files, key: &Key) -> Result<(Self, Snapshot), StoreError> {
        let unclean = match fs::metadata(files.write_ahead_log()) {
            Ok(log) => log.len() > 0,
            Err(_) => false,
        };
        match fs::metadata(files.database()) {
            Ok(file) if unclean && file.len() == 0 => return Err(StoreError::damaged("the file is empty")),
            // With a log, pages may be there alone.
            Ok(_) if unclean => {}
            Ok(file) => check_length(files, file.len())?,
            Err(_) if files.has_database() => {
                return Err(StoreError::NotWritable { detail: "permesso.db cannot be looked at".into() });
            }
            Err(_) if unclean => return Err(StoreError::damaged("permesso.db is missing beside its log")),
            Err(_) => create(files, key)?,
        }
        let mut database = Self::connect(files, key)?;
        if unclean {
            check_whole(&database.connection, files)?;
        }
        database.count_opening()?;
        let snapshot = load::snapshot(&database.connection, database.sealer.cipher())?;
        database.trust()?;
        Ok((database, snapshot))
    }

    /// Opens a database again that was closed at its opening number `openings`.
    pub(crate) fn reopen(files: &Files, key: &Key, openings: u64) -> Result<Self, StoreError> {
        if !files.has_database() {
            return Err(StoreError::ChangedMeanwhile);
        }
        let database = Self::connect(files, key)?;
        if database.openings != openings {
            return Err(StoreError::ChangedMeanwhile);
        }
        database.trust()?;
        Ok(database)
    }

    fn connect(files: &Files, key: &Key) -> Result<Self, StoreError> {
        let mut connection = writer_connection(&files.database())?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let found = schema::version(&connection)?;
        let sealer = Sealer::new(key);
        let key_check: Vec<u8> = header(&connection, "key_check")?;
        if sealer.cipher().try_open(KEY_CHECK_AT, &key_check).as_deref() != Some(KEY_CHECK) {
            return Err(StoreError::WrongKey);
        }
        schema::migrate(&mut connection, found)?;
        let openings: i64 = header(&connection, "openings")?;
        let next_mark = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM mark", [], |row| row.get(0))?;
        Ok(Self { connection, sealer, next_mark, openings: openings.unsigned_abs() })
    }

    /// From here on, closing moves the log into the database: not before it is known to be whole and ours.
    fn trust(&self) -> Result<(), StoreError> {
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(())
    }

    /// How often the database was opened, this time included; the same as long as nobody else opens it.
    pub(crate) fn openings(&self) -> u64 {
        self.openings
    }

    /// Marks this opening in the database, which also proves that it can be written.
    fn count_opening(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE header SET openings = openings + 1", [])?;
        self.openings += 1;
        Ok(())
    }

    /// Makes the commits durable, all or none.
    pub(crate) fn write(&mut self, commits: &[Commit]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write::apply(&transaction, &mut self.sealer, &mut self.next_mark, commits)?;
        Ok(transaction.commit()?)
    }

    /// Moves everything from the log into the database file and closes it.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let checkpointed = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(checkpointed?)
    }

    #[cfg(test)]
    pub(crate) fn pragma<T: rusqlite::types::FromSql>(&self, name: &str) -> T {
        self.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
    }

    #[cfg(test)]
    pub(crate) fn limit_pages(&self, pages: u32) {
        self.connection.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

/// A connection that reads what the writer has committed.
pub(crate) fn reader_connection(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&connection)?;
    Ok(connection)
}

fn writer_connection(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&connection)?;
    // The log is cut back to 4 MiB, what one checkpoint takes, after a burst made it longer. What is on Apple's disks outlives a
    // loss of power only by a way of syncing of their own.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 4194304;
        PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
    )?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Android has no folder for temporary files; a damaged file must not be trusted further than it is checked.
    connection
        .execute_batch("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    Ok(())
}

fn create(files: &Files, key: &Key) -> Result<(), StoreError> {
    let path = files.start_database()?;
    let (connection, _) = make(&path, key)?;
    settle(connection)?;
    files.finish_database(&path)
}

/// Makes an empty database of the newest schema in the empty file `path`.
pub(crate) fn make(path: &Path, key: &Key) -> Result<(Connection, Sealer), StoreError> {
    let mut connection = writer_connection(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    schema::migrate(&mut connection, 0)?;
    let mut sealer = Sealer::new(key);
    let key_check = sealer.seal(KEY_CHECK_AT, KEY_CHECK)?;
    connection.execute("INSERT INTO header (id, openings, key_check) VALUES (1, 0, ?1)", [key_check])?;
    Ok((connection, sealer))
}

/// Moves everything into the database's own file and closes it.
pub(crate) fn settle(connection: Connection) -> Result<(), StoreError> {
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(connection.close().map_err(|(_, error)| error)?)
}

/// Whether the key is that of the database; nothing if the database is too damaged to say.
pub(crate) fn is_key_of(connection: &Connection, cipher: &Cipher) -> Option<bool> {
    let key_check: Vec<u8> = header(connection, "key_check").ok()?;
    Some(cipher.try_open(KEY_CHECK_AT, &key_check).as_deref() == Some(KEY_CHECK))
}

fn header<T: rusqlite::types::FromSql>(connection: &Connection, column: &str) -> Result<T, StoreError> {
    Ok(connection.query_row(&format!("SELECT {column} FROM header WHERE id = 1"), [], |row| row.get(0))?)
}

/// Refuses a file shorter than its header says. SQLite does not miss the end of a last page.
fn check_length(files: &Files, length: u64) -> Result<(), StoreError> {
    // The header is 100 bytes long: the page size, big-endian, at 16 (1 is 65,536), their number at 28 (SQLite, "Database
    // File Format", 1.3).
    let mut header = [0; 100];
    match fs::File::open(files.database())?.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(StoreError::damaged("the file is cut off in its header"));
        }
        read => read?,
    }
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    if length < page_size * u64::from(pages) { Err(StoreError::damaged("the file is cut off")) } else { Ok(()) }
}

fn check_whole(connection: &Connection, files: &Files) -> Result<(), StoreError> {
    if fs::metadata(files.database())?.len() > CHECKED_WHOLE {
        return Ok(());
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::damaged(found)) }
}
