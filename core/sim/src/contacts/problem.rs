//! What is wrong with a trace, a list or a scenario, and where.

use std::io;
use std::path::PathBuf;

/// Why something cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A file cannot be read, or is damaged gzip.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// In which file.
        path: PathBuf,
        /// Which line, from 1 on.
        line: u64,
        /// What was expected.
        problem: Problem,
    },
    /// A scenario is not what it should be.
    #[error("{}: {reason}", path.display())]
    Scenario {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the line.
        reason: String,
    },
    /// Neither the scenario nor its caller names a trace and a list.
    #[error("no contact trace or no list of messages is named")]
    Missing,
    /// Two hosts could not become friends before second 0.
    #[error("hosts {first} and {second} did not become friends")]
    NotFriends {
        /// The address of the one that asked.
        first: u32,
        /// The address of the other.
        second: u32,
    },
    /// An engine could not start.
    #[error(transparent)]
    Engine(#[from] permesso_engine::RestoreError),
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not a contact.
    #[error("expected `<seconds> CONN <address> <address> up` or `… down`")]
    NoContact,
    /// It is not a message.
    #[error("expected `<seconds> <id> <bytes> <from> <to> <minutes of lifetime> N`")]
    NoMessage,
    /// It does not begin with a moment.
    #[error("expected seconds from 0 on, like 12.5")]
    NoMoment,
    /// It lies before the line above it.
    #[error("expected no earlier moment than in the line above")]
    Backwards,
    /// It does not name a host.
    #[error("expected a host's address from 0 to 65535, perhaps after letters, like 42 or c42")]
    NoAddress,
    /// It names one host twice.
    #[error("expected two different hosts")]
    SameHost,
    /// A contact ends that is not open.
    #[error("expected `up`: these two have no contact that could end")]
    NotOpen,
    /// A message that is no text.
    #[error("expected a size from 1 to 4096 bytes")]
    NoSize,
    /// A message without time to live in.
    #[error("expected a lifetime from 1 to 10080 minutes")]
    NoLifetime,
    /// It is not UTF-8, or longer than any line of a trace.
    #[error("expected a line of text")]
    NoText,
}
