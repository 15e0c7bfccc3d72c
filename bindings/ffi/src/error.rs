//! The one error of the door, by what a user can do about it.

use permesso_node::{ArchiveError, CommandError, NodeError, RestoreError, StoreError};

/// Why something could not be done. The kind says what the user can do; `reason` says in plain English what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PermessoError {
    /// What was given cannot be used: an id that is none, a text that is empty or too long, a value out of its range.
    #[error("{reason}")]
    InvalidInput {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such person, conversation or message here.
    #[error("{reason}")]
    NotFound {
        /// What is missing.
        reason: String,
    },
    /// Not in this state of things: not a friend yet, too many open requests, busy. Something else has to happen first.
    #[error("{reason}")]
    NotNow {
        /// What stands against it.
        reason: String,
    },
    /// The network, an address or a port cannot be used: connect, or choose another port.
    #[error("{reason}")]
    NetworkUnavailable {
        /// What the system says.
        reason: String,
    },
    /// The key is missing, locked or not the right one. Unlock the device, import a backup, or start afresh; there never is a
    /// new identity by itself.
    #[error("{reason}")]
    KeyUnavailable {
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing can be written: free some space, or check the folder. What was asked has not happened.
    #[error("{reason}")]
    StorageUnavailable {
        /// What the system says.
        reason: String,
    },
    /// The data or the file cannot be read: import a backup, choose another file, or start afresh.
    #[error("{reason}")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The data was written by a newer version: update the app.
    #[error("{reason}")]
    TooNew {
        /// Which version.
        reason: String,
    },
    /// Something is in the way: another program has the folder open, or the file or account is there already.
    #[error("{reason}")]
    AlreadyThere {
        /// What.
        reason: String,
    },
    /// The passphrase does not fit.
    #[error("{reason}")]
    WrongPassphrase {
        /// What to check.
        reason: String,
    },
    /// The host is paused: resume it first.
    #[error("{reason}")]
    Paused {
        /// That it is.
        reason: String,
    },
    /// The host has been stopped: open it again.
    #[error("{reason}")]
    Stopped {
        /// That it has.
        reason: String,
    },
    /// It did not happen in time; it may still happen.
    #[error("{reason}")]
    TimedOut {
        /// What was waited for.
        reason: String,
    },
    /// The user ended it; nothing has changed.
    #[error("{reason}")]
    Cancelled {
        /// What was ended.
        reason: String,
    },
    /// The operating system refuses something basic: restart the app or the device.
    #[error("{reason}")]
    System {
        /// What it says.
        reason: String,
    },
    /// A mistake in Permesso: please report it. The host is to be opened again.
    #[error("{reason}")]
    Bug {
        /// What went wrong.
        reason: String,
    },
}

impl From<CommandError> for PermessoError {
    fn from(error: CommandError) -> Self {
        let reason = error.to_string();
        match error {
            CommandError::TooLong { .. }
            | CommandError::Empty { .. }
            | CommandError::OutOfRange { .. }
            | CommandError::Oneself
            | CommandError::BadUri { .. } => Self::InvalidInput { reason },
            CommandError::UnknownHost { .. } | CommandError::UnknownMessage { .. } => Self::NotFound { reason },
            CommandError::NotAFriend { .. }
            | CommandError::WrongState { .. }
            | CommandError::TooManyAsks { .. }
            | CommandError::ServerCarries
            | CommandError::Busy => Self::NotNow { reason },
        }
    }
}

impl From<StoreError> for PermessoError {
    fn from(error: StoreError) -> Self {
        let reason = error.to_string();
        match error {
            StoreError::KeyMissing | StoreError::KeyUnavailable | StoreError::WrongKey => {
                Self::KeyUnavailable { reason }
            }
            StoreError::NewerSchema { .. } => Self::TooNew { reason },
            StoreError::Damaged { .. } => Self::Damaged { reason },
            StoreError::InUse => Self::AlreadyThere { reason },
            StoreError::NotWritable { .. } | StoreError::DiskFull | StoreError::Io { .. } => {
                Self::StorageUnavailable { reason }
            }
            StoreError::Rejected { .. } => Self::Bug { reason },
            StoreError::Closed => Self::Paused { reason },
            StoreError::ChangedMeanwhile => Self::Stopped { reason },
        }
    }
}

impl From<ArchiveError> for PermessoError {
    fn from(error: ArchiveError) -> Self {
        let reason = error.to_string();
        match error {
            ArchiveError::Store(error) => error.into(),
            ArchiveError::NotAnAccount | ArchiveError::Damaged { .. } => Self::Damaged { reason },
            ArchiveError::Newer { .. } => Self::TooNew { reason },
            ArchiveError::WrongPassphrase => Self::WrongPassphrase { reason },
            ArchiveError::EmptyPassphrase => Self::InvalidInput { reason },
            ArchiveError::AccountExists { .. } | ArchiveError::FileExists { .. } => Self::AlreadyThere { reason },
            ArchiveError::File(_) => Self::StorageUnavailable { reason },
            ArchiveError::Cancelled => Self::Cancelled { reason },
        }
    }
}

impl From<NodeError> for PermessoError {
    fn from(error: NodeError) -> Self {
        let reason = error.to_string();
        match error {
            NodeError::Command(error) => error.into(),
            NodeError::Store(error) => error.into(),
            NodeError::Archive(error) => error.into(),
            NodeError::Config(_) => Self::InvalidInput { reason },
            NodeError::PortInUse { .. }
            | NodeError::NoInterface
            | NodeError::Network(_)
            | NodeError::AddressUnusable { .. } => Self::NetworkUnavailable { reason },
            NodeError::Restore(RestoreError::Newer) => Self::TooNew { reason },
            NodeError::Restore(RestoreError::Damaged { .. }) => Self::Damaged { reason },
            NodeError::GenerationUnreadable(_) | NodeError::StorageFailed => Self::StorageUnavailable { reason },
            NodeError::Paused => Self::Paused { reason },
            NodeError::Stopped => Self::Stopped { reason },
            NodeError::Timeout { .. } => Self::TimedOut { reason },
            NodeError::NoConversation { .. } => Self::NotFound { reason },
            NodeError::Randomness(_) => Self::System { reason },
            NodeError::HostLink(_) => Self::NotNow { reason },
        }
    }
}
