//! What can go wrong, as far as the caller can act differently.

use std::io;

use rusqlite::ErrorCode;

/// Why the store did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No key was given. Never answer this with a new key where there is a database: it would be unreadable for ever.
    #[error("the key of the database is missing: restore it, or erase the data and start afresh")]
    KeyMissing,
    /// The system's key store exists and cannot be asked now (locked, busy). For callers; the store itself never says so.
    #[error("the system's key store cannot be asked now: unlock the device and try again")]
    KeyUnavailable,
    /// The key, or the passphrase it comes from, is not the one the database was made with.
    #[error("this is not the key of the database: check the passphrase")]
    WrongKey,
    /// Written by a newer version; nothing was changed.
    #[error(
        "the data was written by a newer version of Permesso (schema {found}, this one knows up to {supported}): update this one"
    )]
    NewerSchema {
        /// The schema of the database.
        found: u32,
        /// The newest schema known here.
        supported: u32,
    },
    /// The database cannot be read. It is left as it is.
    #[error(
        "the database is damaged ({detail}): copy the folder for safety, then restore a backup or erase it and start afresh"
    )]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// Another process, or another `Store` of this one, has the database open.
    #[error("the data is in use: another Permesso is running with the same folder")]
    InUse,
    /// The folder or a file in it may not be read and written: permissions, or a read-only medium.
    #[error("the data folder cannot be written ({detail}): check its permissions and that the medium is not read-only")]
    NotWritable {
        /// What the system said.
        detail: String,
    },
    /// No room is left.
    #[error("the disk is full: free some space")]
    DiskFull,
    /// The medium failed.
    #[error("the disk failed ({detail})")]
    Io {
        /// What the system said.
        detail: String,
    },
    /// A commit contradicts what is stored: a bug of whoever made it.
    #[error("the change contradicts what is stored ({detail})")]
    Rejected {
        /// Which rule it breaks.
        detail: String,
    },
    /// The store is paused, or was closed.
    #[error("the store is paused or closed: resume or reopen it")]
    Closed,
    /// While the store was paused somebody else wrote: reopen it and start from the new snapshot.
    #[error("the data was changed by another process meanwhile: reopen it")]
    ChangedMeanwhile,
}

impl StoreError {
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }

    pub(crate) fn rejected(detail: impl Into<String>) -> Self {
        Self::Rejected { detail: detail.into() }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        let detail = error.to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists => Self::NotWritable { detail },
            _ => Self::Io { detail },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { detail },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::NotWritable { detail }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::InUse
            }
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig) => Self::Rejected { detail },
            Some(_) => Self::Io { detail },
            // Rows of another shape than the schema's.
            None => Self::Damaged { detail },
        }
    }
}
