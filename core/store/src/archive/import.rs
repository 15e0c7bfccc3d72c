//! Reading an account file into a new database.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use permesso_engine::rows::{Commit, CommitSeq, RecordKey, Table, Write};
use rusqlite::Connection;

use super::content::Record;
use super::stream::Opening;
use super::{ArchiveError, ArchiveReport, Meter, OnProgress};
use crate::StoreError;
use crate::cipher::Sealer;
use crate::database;
use crate::files::{Files, Lock};
use crate::key::Key;
use crate::store::Store;
use crate::{schema, write};

/// One transaction takes about so many bytes of changes, as a batch of the writer does.
const BATCH_BYTES: usize = 4 << 20;

/// More than a home has files to carry: a configuration, drafts.
const FILES_MAX: usize = 64;

/// An account that was read from a file to its end and found good; it has no place yet. [`finish`](Self::finish) gives it
/// one; dropped instead, it leaves nothing behind.
pub struct Import {
    files: Files,
    lock: Option<Lock>,
    /// The folder was made for it.
    made_folder: bool,
    path: PathBuf,
    report: ArchiveReport,
    carried: Vec<(String, Vec<u8>)>,
    finished: bool,
}

impl Store {
    /// Reads an account file into `directory` (made if it is not there), into a database encrypted under `key`, which is
    /// the new device's own. `length` is the length of `input` in bytes, for the progress. Blocks until all is
    /// read, some tenths of a second at least. Memory is bounded by the longest row, and 64 MiB for the passphrase.
    ///
    /// The account is not there before [`Import::finish`]: keep the key in between. It counts as a restored old database
    /// (PROTOCOL.md, "Copies of a database").
    ///
    /// # Errors
    /// [`ArchiveError`]; `AccountExists` if the folder has a database. Nothing is changed then.
    pub fn import(
        directory: impl AsRef<Path>,
        key: &Key,
        input: impl Read,
        length: u64,
        passphrase: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<Import, ArchiveError> {
        let directory = directory.as_ref();
        // Before a folder is made: whether file and passphrase are good.
        let mut opening = Opening::begin(input, passphrase)?;
        let mut import = Import::begin(directory)?;
        let (mut connection, sealer) = database::make(&import.path, key)?;
        let mut filling = Filling {
            import: &mut import,
            connection: &mut connection,
            sealer,
            next_mark: 1,
            batch: Vec::new(),
            weight: 0,
            meter: Meter::new(length, on_progress),
        };
        filling.run(&mut opening)?;
        database::settle(connection)?;
        Ok(import)
    }
}

impl Import {
    fn begin(directory: &Path) -> Result<Self, ArchiveError> {
        let made_folder = !directory.exists();
        let files = Files::new(directory);
        let exists = || ArchiveError::AccountExists { directory: directory.to_owned() };
        if files.has_database() || files.write_ahead_log().exists() {
            return Err(exists());
        }
        files.make_directory()?;
        let lock = Some(files.lock()?);
        if files.has_database() {
            return Err(exists());
        }
        let path = files.start_database()?;
        let (report, carried) = Default::default();
        Ok(Self { files, lock, made_folder, path, report, carried, finished: false })
    }

    /// What was read.
    pub fn report(&self) -> ArchiveReport {
        self.report
    }

    /// The files that were carried along, with their names. Names come from the file and are no paths: compare them, do
    /// not open them.
    pub fn carried(&self) -> &[(String, Vec<u8>)] {
        &self.carried
    }

    /// Gives the account its place. From now on it is there, as durable as any other.
    ///
    /// # Errors
    /// `Store`; there is no account then.
    pub fn finish(mut self) -> Result<ArchiveReport, ArchiveError> {
        self.files.finish_database(&self.path)?;
        self.finished = true;
        Ok(self.report)
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if let Err(error) = self.files.remove_unfinished() {
            tracing::warn!(%error, "an unfinished import could not be removed");
        }
        self.lock = None;
        if self.made_folder {
            self.files.remove_folder();
        }
    }
}

struct Filling<'a> {
    import: &'a mut Import,
    connection: &'a mut Connection,
    sealer: Sealer,
    next_mark: i64,
    batch: Vec<Write>,
    weight: usize,
    meter: Meter<'a>,
}

impl Filling<'_> {
    fn run<R: Read>(&mut self, opening: &mut Opening<R>) -> Result<(), ArchiveError> {
        let mut begun = false;
        loop {
            match opening.record()? {
                Record::File { name, content } => self.carry(name, content)?,
                Record::Begin { schema } if !begun => {
                    if schema > schema::NEWEST {
                        return Err(ArchiveError::Newer { found: schema, supported: schema::NEWEST });
                    }
                    begun = true;
                }
                Record::End if begun => break,
                _ if !begun => return Err(ArchiveError::damaged("it does not begin with its version")),
                record => self.take(record)?,
            }
            self.meter.reach(opening.consumed())?;
        }
        opening.expect_end()?;
        self.write()?;
        self.meter.reach(opening.consumed())
    }

    fn carry(&mut self, name: String, content: Vec<u8>) -> Result<(), ArchiveError> {
        if self.import.carried.len() >= FILES_MAX {
            return Err(ArchiveError::damaged("too many files"));
        }
        self.import.carried.push((name, content));
        Ok(())
    }

    fn take(&mut self, record: Record) -> Result<(), ArchiveError> {
        let report = &mut self.import.report;
        let change = match record {
            Record::Put { table, row, value, body } => {
                report.friends += u64::from(table == Table::Friend);
                Write::Put { key: RecordKey { table, row }, value, body }
            }
            Record::Message(message) => {
                report.messages += 1;
                message.into()
            }
            Record::Mark { friend, id } => Write::AddMark { friend, id },
            Record::Begin { .. } | Record::File { .. } | Record::End => {
                return Err(ArchiveError::damaged("its rows are not in order"));
            }
        };
        report.rows += 1;
        self.weight += change.weight();
        self.batch.push(change);
        if self.weight >= BATCH_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), ArchiveError> {
        let commit = Commit { seq: CommitSeq(1), writes: std::mem::take(&mut self.batch) };
        self.weight = 0;
        let transaction = self.connection.transaction().map_err(StoreError::from)?;
        write::apply(&transaction, &mut self.sealer, &mut self.next_mark, &[commit])?;
        Ok(transaction.commit().map_err(StoreError::from)?)
    }
}

impl Files {
    /// Removes the folder, if nothing but the lock is in it. Nobody misses a folder that stays.
    fn remove_folder(&self) {
        let empty = fs::read_dir(self.directory())
            .is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == "lock")));
        if empty {
            let _ = fs::remove_file(self.directory().join("lock"));
            let _ = fs::remove_dir(self.directory());
        }
    }
}
