//! The files of a store in their folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::StoreError;
use crate::key::{SALT_LENGTH, random};

/// What a commit of some messages takes at most, in bytes.
const ROOM: usize = 256 * 1024;

/// How often, and how many times, it is looked whether one who has the folder no longer has let go of it: 1 s.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LETTING_GO: u32 = 20;

/// The folder of one store and what lies in it.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    directory: PathBuf,
}

/// The exclusive right to the folder, until dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock, which ends with it")] File);

/// The lock of a file, until that is closed. The standard library has none on Android before Rust 1.98.
#[cfg(unix)]
fn try_lock(file: &File) -> io::Result<()> {
    Ok(rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?)
}

#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "it is there on Windows")]
fn try_lock(file: &File) -> io::Result<()> {
    Ok(file.try_lock()?)
}

impl Files {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf() }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("permesso.db")
    }

    pub(crate) fn write_ahead_log(&self) -> PathBuf {
        self.directory.join("permesso.db-wal")
    }

    fn shared_memory(&self) -> PathBuf {
        self.directory.join("permesso.db-shm")
    }

    fn lock_file(&self) -> PathBuf {
        self.directory.join("lock")
    }

    fn salt(&self) -> PathBuf {
        self.directory.join("salt")
    }

    /// Makes the folder, closed to other users of the machine, if it is not there.
    pub(crate) fn make_directory(&self) -> Result<(), StoreError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        Ok(builder.create(&self.directory)?)
    }

    /// The exclusive right to the folder. Waits up to 1 s for one who lets go of it: a program that ends, a host that was dropped
    /// or whose opening nobody waited for.
    pub(crate) fn lock(&self) -> Result<Lock, StoreError> {
        for _ in 0..LETTING_GO {
            match self.lock_now() {
                Err(StoreError::InUse) => sleep(LOOK_EVERY),
                locked => return locked,
            }
        }
        self.lock_now()
    }

    fn lock_now(&self) -> Result<Lock, StoreError> {
        let file = private().write(true).truncate(false).create(true).open(self.lock_file())?;
        match try_lock(&file) {
            Ok(()) => Ok(Lock(file)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(StoreError::InUse),
            Err(error) => Err(error.into()),
        }
    }

    /// An empty file in which a database is made before it gets its name, so that under its name it is always whole.
    pub(crate) fn start_database(&self) -> Result<PathBuf, StoreError> {
        let path = self.directory.join("permesso.new");
        self.remove_unfinished()?;
        private().write(true).create_new(true).open(&path)?;
        Ok(path)
    }

    /// Removes a database that was begun and did not get its name.
    pub(crate) fn remove_unfinished(&self) -> Result<(), StoreError> {
        ["", "-wal", "-shm", "-journal"]
            .iter()
            .try_for_each(|suffix| remove(&self.directory.join(format!("permesso.new{suffix}"))))
    }

    /// Gives the database made at `path` its name.
    pub(crate) fn finish_database(&self, path: &Path) -> Result<(), StoreError> {
        // Windows writes out only what was opened for writing.
        OpenOptions::new().write(true).open(path)?.sync_all()?;
        fs::rename(path, self.database())?;
        self.sync_directory()
    }

    pub(crate) fn has_database(&self) -> bool {
        // Anything there that cannot be looked at is a database that cannot be opened.
        self.database().try_exists().unwrap_or(true)
    }

    /// The salt, made now if there is neither a salt nor a database. The caller holds the lock.
    pub(crate) fn salt_or_new(&self) -> Result<[u8; SALT_LENGTH], StoreError> {
        match fs::read(self.salt()) {
            Ok(bytes) => bytes.try_into().map_err(|_| StoreError::damaged("the file `salt` has a wrong length")),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Err(_) if self.has_database() => Err(StoreError::damaged("the file `salt` is missing")),
            Err(_) => self.new_salt(),
        }
    }

    fn new_salt(&self) -> Result<[u8; SALT_LENGTH], StoreError> {
        let mut salt = [0; SALT_LENGTH];
        random(&mut salt)?;
        let unfinished = self.directory.join("salt.new");
        let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
        file.write_all(&salt)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.salt())?;
        self.sync_directory()?;
        Ok(salt)
    }

    /// Whether a database that had no room has some again: so much is written beside it for a moment.
    pub(crate) fn look_for_room(&self) -> Result<(), StoreError> {
        let place = self.room_file();
        let written = private().write(true).create(true).truncate(true).open(&place).and_then(|mut file| {
            // An array would stand in every library that this is in.
            file.write_all(&vec![0; ROOM])?;
            file.sync_all()
        });
        remove(&place)?;
        Ok(written?)
    }

    fn room_file(&self) -> PathBuf {
        self.directory.join("room")
    }

    /// Removes everything but the lock, which the caller holds; the salt first, since a passphrase is worth nothing without.
    pub(crate) fn wipe(&self) -> Result<(), StoreError> {
        for path in [self.salt(), self.database(), self.write_ahead_log(), self.shared_memory()] {
            remove(&path)?;
        }
        remove(&self.directory.join("salt.new"))?;
        remove(&self.room_file())?;
        self.remove_unfinished()?;
        self.sync_directory()
    }

    /// While it is held: whoever has opened it meanwhile is refused by it, whoever comes later makes another.
    pub(crate) fn remove_lock(&self) -> Result<(), StoreError> {
        remove(&self.lock_file())
    }

    pub(crate) fn remove_directory_if_empty(&self) -> Result<(), StoreError> {
        match fs::remove_dir(&self.directory) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    fn sync_directory(&self) -> Result<(), StoreError> {
        // Elsewhere a folder cannot be opened as a file; there the file system keeps names by itself.
        if cfg!(unix) {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }
}

/// Options to make a file that no other user of the machine reads.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
