//! What can go wrong, each a thing a caller can act on.

use permesso_engine::RestoreError;
use permesso_engine::api::CommandError;
use permesso_engine::ids::HostId;
use permesso_store::{ArchiveError, StoreError};

use crate::config::ConfigError;
use crate::doctor::Cause;

/// Why a call on a [`Node`](crate::Node) failed.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The engine refused the command; nothing has changed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The presence port is taken by another program, or by another host on this machine.
    #[error(
        "UDP port {port} on {address} is in use: stop the other program, or give this host another [host] port, or an address of its own in [network] interfaces"
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// The address it was wanted on.
        address: std::net::IpAddr,
    },
    /// There is no address to be present on.
    #[error(
        "no usable network address: connect to a network, or name one in [network] interfaces (e.g. \"127.0.0.1\")"
    )]
    NoInterface,
    /// A socket could not be made.
    #[error("the network cannot be used: {0}")]
    Network(#[source] std::io::Error),
    /// The address exists but cannot be used for presence.
    #[error("{address} cannot be used: {reason}")]
    AddressUnusable {
        /// The address.
        address: std::net::IpAddr,
        /// What kind of trouble that is.
        cause: Cause,
        /// What the operating system says.
        reason: String,
    },
    /// Another radio's link cannot be opened: there are too many, or there is no thread for it.
    #[error("the host link cannot be opened: {0}")]
    HostLink(#[source] std::io::Error),
    /// The database cannot be opened or read.
    #[error(transparent)]
    Store(StoreError),
    /// An account was not exported or imported; nothing has changed.
    #[error(transparent)]
    Archive(ArchiveError),
    /// What the database holds does not make a host.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// What notices older copies of the database cannot be read where it is kept; nothing was decided.
    #[error(
        "the number that shows whether the data is an older copy cannot be read now ({0}): unlock the key store or allow reading the file, then try again"
    )]
    GenerationUnreadable(std::io::Error),
    /// A change could not be written; it has not happened. The host goes on from what was stored.
    #[error("the change could not be stored and has not happened: free some space and try again")]
    StorageFailed,
    /// The host is paused: call `resume` first.
    #[error("the host is paused: resume it first")]
    Paused,
    /// The host has been stopped: open it again.
    #[error("the host has been stopped: open it again")]
    Stopped,
    /// It did not happen in time; it may still happen.
    #[error("{what} did not happen within {waited_ms} ms; it may still happen")]
    Timeout {
        /// What was waited for.
        what: &'static str,
        /// How long.
        waited_ms: u64,
    },
    /// There is no such friend, so there is no conversation.
    #[error("there is no conversation with {host}")]
    NoConversation {
        /// With whom.
        host: HostId,
    },
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
}

impl From<ArchiveError> for NodeError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(error) => error.into(),
            error => Self::Archive(error),
        }
    }
}

impl From<StoreError> for NodeError {
    fn from(error: StoreError) -> Self {
        match error {
            // The node closes its store only to pause.
            StoreError::Closed => Self::Paused,
            error => Self::Store(error),
        }
    }
}
