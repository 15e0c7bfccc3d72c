//! Why a command could not be carried out.

use std::io;
use std::path::PathBuf;

use permesso_node::{ConfigError, NodeError, StoreError};

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

    /// How the process ends.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Node(NodeError::Store(error)) | Self::Key(KeyError::Store(error)) => store_status(error),
            Self::Key(_) => Status::Locked,
            Self::NotEmpty(_) | Self::NoTerminal => Status::Usage,
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
