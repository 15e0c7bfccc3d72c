//! How the command ends, for scripts.

use std::process::ExitCode;

use permesso_node::MessageState;

/// The exit status; `permesso help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// It is done: delivered, answered, or there is something new.
    Done = 0,
    /// Something went wrong; standard error says what.
    Error = 1,
    /// The command line cannot be understood. (`clap` ends with the same.)
    Usage = 2,
    /// Not yet: stored and waiting, not answered, or nothing new.
    NotYet = 3,
    /// The message will not arrive.
    Failed = 4,
    /// The home is in use by another process.
    InUse = 5,
    /// The home's key or passphrase is missing, wrong, or not the user's to read.
    Locked = 6,
    /// Ended by a signal; what was accepted is stored.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

impl From<&MessageState> for Status {
    fn from(state: &MessageState) -> Self {
        match state {
            MessageState::Delivered | MessageState::Read => Self::Done,
            MessageState::Queued | MessageState::Held => Self::NotYet,
            MessageState::Failed { .. } => Self::Failed,
        }
    }
}
