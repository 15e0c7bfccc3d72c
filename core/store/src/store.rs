//! The store: its life cycle and the way in for commits.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};

use permesso_engine::rows::{Commit, CommitSeq, Snapshot};

use crate::StoreError;
use crate::cipher::Cipher;
use crate::database::Database;
use crate::files::{Files, Lock};
use crate::key::{Key, SALT_LENGTH};
use crate::reader::{Reader, Slot};
use crate::writer::{Job, Writer};

/// What became of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// This commit and all before it are durable.
    Committed(CommitSeq),
    /// This commit was not reported durable and will not be; nor will any later one until the store is reopened. Each
    /// gets a report of its own. After a failure of the medium it may still be found whole when the store is reopened.
    Failed {
        /// Its number.
        seq: CommitSeq,
        /// Why it, or the first that failed, did.
        error: StoreError,
    },
}

/// The exclusive right to a folder, see [`Store::claim`]; until dropped.
#[derive(Debug)]
pub struct Claim {
    files: Files,
    _lock: Lock,
}

impl Claim {
    /// Removes database, log and salt, as [`Store::wipe`] does.
    ///
    /// # Errors
    /// `NotWritable`, `Io`; part may be removed then, and a second call goes on.
    pub fn wipe(&self) -> Result<(), StoreError> {
        self.files.wipe()
    }

    /// Gives the right up and removes the folder, if nothing is in it by now but the lock.
    ///
    /// # Errors
    /// `NotWritable`, `Io`.
    pub fn remove_folder(self) -> Result<(), StoreError> {
        self.files.remove_lock()?;
        let Self { files, _lock: lock } = self;
        // Elsewhere than on Unix the lock is there until it is closed.
        drop(lock);
        files.remove_directory_if_empty()
    }
}

/// One host's database, open for writing. Dropping it finishes every commit handed over, then closes.
pub struct Store {
    files: Files,
    key: Key,
    cipher: Arc<Cipher>,
    queued: Arc<AtomicUsize>,
    openings: u64,
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    shared: Mutex<Shared>,
}

struct Shared {
    /// `None` while paused.
    lock: Option<Lock>,
    readers: Vec<Weak<Slot>>,
}

impl Store {
    /// Opens the database in `directory`, or makes folder and database if there is none, and reads what the engine starts
    /// from. Blocks while it reads (about 50 ms for 10,000 messages), and up to 1 s while another has the folder.
    ///
    /// `key` is `None` if the host's key store has none; no database is ever made for that. `on_done` is called on the
    /// writer's thread in the order of the commits; it must not block and not use the store.
    ///
    /// # Errors
    /// Each variant of [`StoreError`] but `Closed`, `Rejected` and `ChangedMeanwhile`. Whatever the error, no database is
    /// removed or replaced.
    pub fn open(
        directory: impl AsRef<Path>,
        key: Option<Key>,
        on_done: impl FnMut(Done) + Send + 'static,
    ) -> Result<(Self, Snapshot), StoreError> {
        let key = key.ok_or(StoreError::KeyMissing)?;
        let files = Files::new(directory.as_ref());
        files.make_directory()?;
        let lock = files.lock()?;
        let (database, snapshot) = Database::open(&files, &key)?;
        let store = Self::start(files, key, lock, database, on_done)?;
        Ok((store, snapshot))
    }

    fn start(
        files: Files,
        key: Key,
        lock: Lock,
        database: Database,
        on_done: impl FnMut(Done) + Send + 'static,
    ) -> Result<Self, StoreError> {
        let queued = Arc::new(AtomicUsize::new(0));
        let openings = database.openings();
        let (jobs, waiting) = channel();
        let writer = Writer::new(database, Arc::clone(&queued), on_done);
        let writer = thread::Builder::new().name("permesso-store".into()).spawn(move || writer.run(&waiting))?;
        Ok(Self {
            cipher: Arc::new(Cipher::new(&key)),
            files,
            key,
            queued,
            openings,
            jobs: Some(jobs),
            writer: Some(writer),
            shared: Mutex::new(Shared { lock: Some(lock), readers: Vec::new() }),
        })
    }

    /// Whether there is a database in `directory`, readable or not.
    pub fn exists(directory: impl AsRef<Path>) -> bool {
        Files::new(directory.as_ref()).has_database()
    }

    /// The salt for [`Key::from_passphrase`] that belongs to the database in `directory`; made and kept there, in clear, if
    /// there is neither one nor a database. Blocks up to 1 s while another has the folder.
    ///
    /// # Errors
    /// `InUse`, `NotWritable`, `DiskFull`, `Io`; `Damaged` if there is a database and no salt of the right length.
    pub fn salt(directory: impl AsRef<Path>) -> Result<[u8; SALT_LENGTH], StoreError> {
        let files = Files::new(directory.as_ref());
        files.make_directory()?;
        let _lock = files.lock()?;
        files.salt_or_new()
    }

    /// Removes database, log and salt. Erase the key first: on flash memory removed files can often be read back, and
    /// without the key they say nothing. Does nothing where there is no store. Blocks up to 1 s while another has the folder.
    ///
    /// # Errors
    /// `InUse`, `NotWritable`, `Io`; part may be removed then, and a second call goes on.
    pub fn wipe(directory: impl AsRef<Path>) -> Result<(), StoreError> {
        if !directory.as_ref().try_exists()? {
            return Ok(());
        }
        Self::claim(directory)?.wipe()
    }

    /// Takes the exclusive right to the folder without opening its database, so that nobody uses it while key and data are
    /// erased. Blocks up to 1 s while another has it.
    ///
    /// # Errors
    /// `InUse`, `NotWritable`, `Io`.
    pub fn claim(directory: impl AsRef<Path>) -> Result<Claim, StoreError> {
        let files = Files::new(directory.as_ref());
        let lock = files.lock()?;
        Ok(Claim { files, _lock: lock })
    }

    /// The same for a folder that is made if it is not there: of two programs that are about to make one store, one has it to
    /// itself.
    ///
    /// # Errors
    /// `InUse`, `NotWritable`, `DiskFull`, `Io`.
    pub fn claim_new(directory: impl AsRef<Path>) -> Result<Claim, StoreError> {
        let files = Files::new(directory.as_ref());
        files.make_directory()?;
        let lock = files.lock()?;
        Ok(Claim { files, _lock: lock })
    }

    /// Whether there is room for a commit of some messages, after one had none: 256 KiB are written in the folder for a moment, which
    /// takes no lock. Blocks.
    ///
    /// # Errors
    /// `DiskFull`, `NotWritable`, `Io`.
    pub fn look_for_room(directory: impl AsRef<Path>) -> Result<(), StoreError> {
        Files::new(directory.as_ref()).look_for_room()
    }

    /// Hands a commit over, without waiting. It is reported to `on_done`, after those before it. While paused it waits.
    ///
    /// # Errors
    /// `Closed` if the writer is gone, after a panic in `on_done`.
    pub fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.send(Job::Commit(commit)).inspect_err(|_| {
            self.queued.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// How many commits were handed over and not yet reported.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// A connection of its own to read by; opened at its first use.
    pub fn reader(&self) -> Reader {
        let mut shared = self.shared();
        let slot = Arc::new(Slot::new(self.files.clone(), Arc::clone(&self.cipher), shared.lock.is_none()));
        shared.readers.retain(|reader| reader.strong_count() > 0);
        shared.readers.push(Arc::downgrade(&slot));
        Reader::new(slot)
    }

    /// Writes what waits, moves the log into the database, closes every file and gives up the folder's lock: a suspended
    /// process that holds one is killed by some systems. Blocks for as long as that takes. Nothing happens if it is paused.
    ///
    /// # Errors
    /// `Closed` if the writer is gone; `DiskFull` or `Io` if the log could not be moved, which loses nothing and pauses too.
    pub fn pause(&self) -> Result<(), StoreError> {
        let mut shared = self.shared();
        if shared.lock.is_none() {
            return Ok(());
        }
        shared.close_readers(true);
        let (answer, closed) = sync_channel(1);
        self.send(Job::Pause(answer))?;
        let closed = closed.recv().map_err(|_| StoreError::Closed)?;
        shared.lock = None;
        closed
    }

    /// Opens everything again after [`pause`](Self::pause) and writes the commits that came meanwhile. Nothing happens if it
    /// is not paused. Blocks as [`open`](Self::open) does.
    ///
    /// # Errors
    /// `ChangedMeanwhile` if another process opened the database meanwhile: drop this store and open a new one. Otherwise as
    /// for [`open`](Self::open); it stays paused.
    pub fn resume(&self) -> Result<(), StoreError> {
        let mut shared = self.shared();
        if shared.lock.is_some() {
            return Ok(());
        }
        let lock = self.files.lock()?;
        let database = Database::reopen(&self.files, &self.key, self.openings)?;
        self.send(Job::Resume(Box::new(database)))?;
        shared.lock = Some(lock);
        shared.close_readers(false);
        Ok(())
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(StoreError::Closed)
    }

    fn shared(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn close_readers(&self, closed: bool) {
        for reader in self.readers.iter().filter_map(Weak::upgrade) {
            reader.set_closed(closed);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shared().close_readers(true);
        self.jobs = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer panicked");
        }
    }
}

#[cfg(test)]
mod tests;
