//! Writing an account file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use permesso_engine::ids::{FriendId, MessageId};
use permesso_engine::rows::Table;
use rusqlite::Connection;

use super::content::Record;
use super::stream::Sealing;
use super::{ArchiveError, ArchiveReport, Meter, OnProgress};
use crate::StoreError;
use crate::cipher::Cipher;
use crate::files::private;
use crate::reader::Reader;
use crate::rows::{RecordTable, mark_at, message_columns, message_row, unsigned};
use crate::schema;

impl Reader {
    /// Writes the whole account to the new file `path` (only its owner may read it), encrypted under the passphrase, as it
    /// stands at one moment; whoever writes meanwhile is not held up. `files` are carried along by name. Blocks until all
    /// is written, some tenths of a second at least; other calls on this reader and its clones wait. Memory is bounded by the
    /// longest row, and 64 MiB for the passphrase.
    ///
    /// The file gets its content all at once: until then it is empty, and a `.part` file stands beside it.
    ///
    /// From now on there are two copies of one account. They must not both go on: see PROTOCOL.md, "Copies of a database".
    ///
    /// # Errors
    /// [`ArchiveError`]; the file is not there then, unless it was there before.
    pub fn export_file(
        &self,
        path: &Path,
        passphrase: &str,
        files: &[(&str, &[u8])],
        on_progress: OnProgress<'_>,
    ) -> Result<ArchiveReport, ArchiveError> {
        let unfinished = NewFile::reserve(path)?;
        let output = private().write(true).create(true).truncate(true).open(&unfinished.part);
        let output = BufWriter::new(output.map_err(ArchiveError::File)?);
        let (report, output) = self.export_sealed(output, passphrase, files, on_progress)?;
        let output = output.into_inner().map_err(|error| ArchiveError::File(error.into_error()))?;
        output.sync_all().map_err(ArchiveError::File)?;
        unfinished.finish()?;
        Ok(report)
    }

    /// The same to any output, such as one that a phone's system opened for the user.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was written is not a whole account file then, and is refused by an import.
    pub fn export(
        &self,
        output: impl Write,
        passphrase: &str,
        files: &[(&str, &[u8])],
        on_progress: OnProgress<'_>,
    ) -> Result<ArchiveReport, ArchiveError> {
        Ok(self.export_sealed(output, passphrase, files, on_progress)?.0)
    }

    fn export_sealed<W: Write>(
        &self,
        output: W,
        passphrase: &str,
        files: &[(&str, &[u8])],
        on_progress: OnProgress<'_>,
    ) -> Result<(ArchiveReport, W), ArchiveError> {
        let mut sealing = Sealing::begin(output, passphrase)?;
        for (name, content) in files {
            sealing.put(&Record::File { name: (*name).to_owned(), content: content.to_vec() })?;
        }
        let report = self.read_while_open(|connection, cipher, go_on| {
            // Deferred: everything below is read from the state at its first statement.
            let moment = connection.unchecked_transaction().map_err(StoreError::from)?;
            let mut export = Export {
                connection: &moment,
                cipher,
                meter: Meter::new(rows(&moment)?, on_progress),
                go_on,
                sealing: &mut sealing,
                report: ArchiveReport::default(),
            };
            export.run()?;
            Ok::<_, ArchiveError>(export.report)
        })?;
        Ok((report, sealing.finish()?))
    }
}

struct Export<'a, W> {
    connection: &'a Connection,
    cipher: &'a Cipher,
    meter: Meter<'a>,
    go_on: &'a dyn Fn() -> bool,
    sealing: &'a mut Sealing<W>,
    report: ArchiveReport,
}

impl<W: Write> Export<'_, W> {
    fn run(&mut self) -> Result<(), ArchiveError> {
        self.sealing.put(&Record::Begin { schema: schema::NEWEST })?;
        for table in Table::ALL {
            self.records(table)?;
        }
        self.messages()?;
        self.marks()?;
        self.sealing.put(&Record::End)
    }

    fn records(&mut self, table: Table) -> Result<(), ArchiveError> {
        let sql = RecordTable::of(table);
        let columns = if table.has_body() { "id, value, body" } else { "id, value" };
        let sql_all = format!("SELECT {columns} FROM {} ORDER BY id", sql.name);
        let mut statement = self.connection.prepare(&sql_all).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let id: i64 = row.get(0).map_err(StoreError::from)?;
            let value = self.cipher.open(sql.value_at(id), &blob(row, 1)?)?;
            let body = match table.has_body() {
                true => Some(self.cipher.open(sql.body_at(id), &blob(row, 2)?)?),
                false => None,
            };
            self.report.friends += u64::from(table == Table::Friend);
            self.put(&Record::Put { table, row: unsigned(id)?, value, body })?;
        }
        Ok(())
    }

    fn messages(&mut self) -> Result<(), ArchiveError> {
        let sql = concat!("SELECT ", message_columns!(), ", text FROM message ORDER BY id");
        let mut statement = self.connection.prepare(sql).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let message = message_row(self.cipher, row)?;
            self.report.messages += 1;
            self.put(&Record::Message(message.into()))?;
        }
        Ok(())
    }

    fn marks(&mut self) -> Result<(), ArchiveError> {
        let sql = "SELECT id, friend, message FROM mark ORDER BY id";
        let mut statement = self.connection.prepare(sql).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let id: i64 = row.get(0).map_err(StoreError::from)?;
            let friend = FriendId(row.get(1).map_err(StoreError::from)?);
            let message = self.cipher.open(mark_at(id), &blob(row, 2)?)?;
            let message = MessageId::from_slice(&message)
                .ok_or_else(|| StoreError::damaged(format!("mark {id} has a wrong length")))?;
            self.put(&Record::Mark { friend, id: message })?;
        }
        Ok(())
    }

    fn put(&mut self, record: &Record) -> Result<(), ArchiveError> {
        if !(self.go_on)() {
            return Err(StoreError::Closed.into());
        }
        self.sealing.put(record)?;
        self.report.rows += 1;
        self.meter.reach(self.report.rows)
    }
}

fn blob(row: &rusqlite::Row<'_>, column: usize) -> Result<Vec<u8>, StoreError> {
    Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?.to_vec())
}

fn rows(connection: &Connection) -> Result<u64, StoreError> {
    let mut total = 0;
    for table in Table::ALL.iter().map(|table| RecordTable::of(*table).name).chain(["message", "mark"]) {
        total += unsigned(connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)?;
    }
    Ok(total)
}

/// A file's name, held by an empty file until the content is there under another name.
struct NewFile {
    path: PathBuf,
    part: PathBuf,
    finished: bool,
}

impl NewFile {
    fn reserve(path: &Path) -> Result<Self, ArchiveError> {
        private().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::FileExists { path: path.to_owned() },
            _ => ArchiveError::File(error),
        })?;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        Ok(Self { path: path.to_owned(), part: part.into(), finished: false })
    }

    fn finish(mut self) -> Result<(), ArchiveError> {
        fs::rename(&self.part, &self.path).map_err(ArchiveError::File)?;
        self.finished = true;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if cfg!(unix) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(ArchiveError::File)?;
        }
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        for path in [&self.part, &self.path] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "an unfinished account file could not be removed");
            }
        }
    }
}
