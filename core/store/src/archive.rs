//! A whole account in one encrypted file, to move it to another device.
//!
//! ```text
//! header:  "permesso-account" · version u16 · salt 16 · nonce 19 · first 8 bytes of SHA-256 of these
//! chunks:  XChaCha20-Poly1305 STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015, with a 32-bit big-endian counter):
//!          chunk 0 is empty and has the header as associated data, the others hold 65,536 bytes, the last at most so many
//! content: records, each a u32 length and CBOR: Begin, Put …, Message …, Mark …, File …, End
//! ```
//!
//! The key is Argon2id of the passphrase, as for a database ([`Key::from_passphrase`](crate::Key::from_passphrase)). A missing
//! end, a chunk moved or changed, or bytes added are refused; so nothing of a file is used before all of it was found good.
//! The content does not depend on the database's key or schema: an import writes a new database under a key of its own.

mod content;
mod export;
mod import;
mod stream;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::StoreError;

#[cfg(any(test, fuzzing))]
pub(crate) use content::Record;
pub use import::Import;

/// The version of the file's format that is written here, and the newest that is read.
pub const ARCHIVE_VERSION: u16 = 1;

/// How far an export or import is. The callback that gets it runs on the caller's thread, some hundred times in all at
/// most for each second; `ControlFlow::Break` ends the work with [`ArchiveError::Cancelled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is done: rows of an export, bytes of an import.
    pub done: u64,
    /// What there is to do, in the same unit; at least 1.
    pub total: u64,
}

/// What is called while an export or import goes on.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// What an account file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    /// Messages of the history.
    pub messages: u64,
    /// Friends, askers and ended friends.
    pub friends: u64,
    /// Every row, those two included.
    pub rows: u64,
}

/// Why an account was not exported or imported. Nothing was changed then: no account and no complete file came to be.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is something else.
    #[error("this is not an account file of Permesso: choose the file that the export made")]
    NotAnAccount,
    /// The file was made by a newer version.
    #[error(
        "the account file was made by a newer version of Permesso (format {found}, this one knows up to {supported}): update this one"
    )]
    Newer {
        /// The file's.
        found: u32,
        /// The newest known here.
        supported: u32,
    },
    /// The passphrase does not open the file.
    #[error("this passphrase does not open the account file: check it, capital letters too")]
    WrongPassphrase,
    /// A passphrase of no characters.
    #[error("the passphrase of an account file cannot be empty: choose one")]
    EmptyPassphrase,
    /// Bytes are missing, or are not those that were written.
    #[error("the account file is damaged or incomplete ({detail}): copy it again, or make a new export")]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// The folder has an account.
    #[error("there is an account already in {}: import into an empty folder, or erase that account first", directory.display())]
    AccountExists {
        /// The folder.
        directory: PathBuf,
    },
    /// The file to be made is there.
    #[error("{} is there already and is not overwritten: choose another name", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The account file could not be read or written.
    #[error("the account file could not be read or written: {0}")]
    File(#[source] io::Error),
    /// The callback said so.
    #[error("cancelled; nothing was changed")]
    Cancelled,
}

impl ArchiveError {
    fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

/// Calls back now and then.
struct Meter<'a> {
    done: u64,
    total: u64,
    told: u64,
    on_progress: OnProgress<'a>,
}

impl<'a> Meter<'a> {
    fn new(total: u64, on_progress: OnProgress<'a>) -> Self {
        Self { done: 0, total: total.max(1), told: 0, on_progress }
    }

    /// So much is done in all.
    fn reach(&mut self, done: u64) -> Result<(), ArchiveError> {
        self.done = done;
        // A change of less than half a per cent shows on no screen.
        if done.saturating_sub(self.told) < self.total / 200 && done < self.total {
            return Ok(());
        }
        self.told = done;
        match (self.on_progress)(Progress { done: done.min(self.total), total: self.total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ArchiveError::Cancelled),
        }
    }
}
