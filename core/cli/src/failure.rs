//! Why a command could not be carried out.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use permesso_node::{ArchiveError, ConfigError, NodeError, StoreError};
use permesso_sim::contacts::TraceError;

use crate::key::KeyError;
use crate::names::NameError;
use crate::status::Status;
use crate::words::{Language, errors};

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The host refused, or could not.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A name that names nobody.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A contact trace cannot be replayed.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// Nobody on the network answers to an alias.
    #[error("nobody here answers to {0:?}")]
    NobodyAnswers(String),
    /// Several hosts claim an alias that somebody was to be asked by.
    #[error("several hosts claim an alias")]
    SeveralClaim(Vec<permesso_node::AliasClaim>),
    /// The user has no data folder.
    #[error("no home")]
    NoHome,
    /// A folder that was to be new.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A temporary folder cannot be made, or a folder not be used.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Threads or the system's event queue cannot be had.
    #[error("the system gives no threads: {0}")]
    Runtime(io::Error),
    /// A home without an account.
    #[error("there is no account in {}", .0.display())]
    NoAccount(PathBuf),
    /// The key of an account whose database is not there any more.
    #[error("the database of {} is gone", .0.display())]
    DatabaseGone(PathBuf),
    /// A file that was to be new.
    #[error("{} is there already", .0.display())]
    FileExists(PathBuf),
    /// No passphrase was given for an account file, and nobody can be asked.
    #[error("no passphrase for the account file")]
    NoPassphrase,
    /// What was typed twice was not the same.
    #[error("two different passphrases")]
    PassphrasesDiffer,
    /// A new passphrase that is too short to keep anybody out.
    #[error("a passphrase of fewer than {0} characters")]
    PassphraseShort(usize),
    /// What was to be erased was not confirmed.
    #[error("not confirmed")]
    NotConfirmed,
    /// The status page of a server cannot be served there.
    #[error("the status page cannot be served on {address}: {source}")]
    StatusAddress {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No server runs in a home.
    #[error("no server runs in {}", .0.display())]
    NoServer(PathBuf),
    /// A server runs and did not say how it is.
    #[error("the server gave no answer: {0}")]
    ServerSilent(String),
    /// The process was told to end.
    #[error("interrupted")]
    Interrupted,
    /// A chat needs a terminal to read from and write to.
    #[error("no terminal")]
    NoTerminal,
    /// Standard input or output failed.
    #[error("input or output failed: {0}")]
    Stream(#[from] io::Error),
}

impl Failure {
    /// A file or folder that the system does not let be used.
    pub(crate) fn unusable(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Folder { path: path.clone(), source }
    }

    /// What to tell the user, with what to do.
    pub(crate) fn text(&self, language: Language) -> String {
        errors::failure(language, self)
    }

    /// Whether the user knows it anyhow: it was the user who ended the process, or who closed the output.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Interrupted => true,
            Self::Stream(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    /// Whether there is no network that can be used, so that what is stored waits.
    pub(crate) fn is_of_the_network(&self) -> bool {
        use NodeError::{AddressUnusable, Network, NoInterface, PortInUse};
        matches!(self, Self::Node(NoInterface | PortInUse { .. } | Network(_) | AddressUnusable { .. }))
    }

    /// The technical side: what it is in the libraries' own words, and what caused that.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = vec![self.to_string()];
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        causes.dedup();
        causes
    }

    /// How the process ends.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Node(NodeError::Store(error)) | Self::Key(KeyError::Store(error)) => store_status(error),
            Self::Key(KeyError::Unreadable { source, .. }) => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Status::Locked,
                // The disk, or something that is no file: not a matter of the key.
                _ => Status::Error,
            },
            Self::Key(KeyError::File { .. }) => Status::Error,
            Self::Key(_) | Self::NoPassphrase | Self::PassphrasesDiffer | Self::PassphraseShort(_) => Status::Locked,
            Self::Node(NodeError::Archive(ArchiveError::WrongPassphrase | ArchiveError::EmptyPassphrase)) => {
                Status::Locked
            }
            Self::NotEmpty(_) | Self::NoTerminal => Status::Usage,
            Self::NoServer(_) => Status::NotYet,
            Self::Interrupted => Status::Interrupted,
            _ => Status::Error,
        }
    }
}

fn store_status(error: &StoreError) -> Status {
    match error {
        StoreError::InUse => Status::InUse,
        StoreError::KeyMissing | StoreError::KeyUnavailable | StoreError::WrongKey => Status::Locked,
        _ => Status::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_missing_or_may_not_be_read_has_another_status_than_a_disk_that_fails() {
        let unreadable = |kind: io::ErrorKind| {
            Failure::Key(KeyError::Unreadable { path: "/home/ada/key".into(), source: kind.into() }).status()
        };
        assert_eq!(unreadable(io::ErrorKind::NotFound), Status::Locked);
        assert_eq!(unreadable(io::ErrorKind::PermissionDenied), Status::Locked);
        for other in [io::ErrorKind::IsADirectory, io::ErrorKind::InvalidData, io::ErrorKind::Other] {
            assert_eq!(unreadable(other), Status::Error, "{other}");
        }
        let source = io::ErrorKind::PermissionDenied.into();
        let unwritable = Failure::Key(KeyError::File { path: "/home/ada".into(), source });
        assert_eq!(unwritable.status(), Status::Error, "a folder that cannot be made is not the key");
    }
}
