//! A whole account out into one encrypted file, and in from one.

use std::ops::ControlFlow;
use std::sync::Arc;

use permesso_node::{AccountProgress, Node, Progress};

use crate::error::PermessoError;
use crate::host::Host;
use crate::key_store::{self, KeyStore};
use crate::runtime::{run, run_blocking};

/// What an account file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct AccountReport {
    /// Messages of the history.
    pub messages: u64,
    /// Friends, askers and ended friends.
    pub friends: u64,
    /// Every row, those two included.
    pub rows: u64,
}

/// Is told how far an export or import is, on a thread that may block, some hundred times a second at most.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// So much is done of so much in all. Whether to go on: with false it ends with `Cancelled`, and nothing has changed.
    fn on_progress(&self, done: u64, total: u64) -> Result<bool, ProgressError>;
}

/// What a listener throws ends the export or import as if it had said so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ProgressError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// What it says; for the log.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for ProgressError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

#[uniffi::export]
impl Host {
    /// Writes everything this host is and has to the new file `path`, encrypted under the passphrase. The host goes on
    /// meanwhile; the file shows it at one moment. `import_account` makes a host of it elsewhere; of the two only one may go
    /// on.
    pub async fn export_account(
        &self,
        path: String,
        passphrase: String,
        progress: Option<Arc<dyn ProgressListener>>,
    ) -> Result<AccountReport, PermessoError> {
        let node = self.node.clone();
        run(async move { Ok(report(node.export(path, passphrase, Vec::new(), told(progress)).await?)) }).await
    }
}

/// Makes the host of an account file in `directory`, which must hold none, with a key of this device's own in the key store.
/// It opens as a restored copy: the encryption with every friend is started afresh.
///
/// Fails with `WrongPassphrase`, `Damaged`, `AlreadyThere`, `Cancelled`: there is no host then.
#[uniffi::export]
pub async fn import_account(
    path: String,
    passphrase: String,
    directory: String,
    key_store: Arc<dyn KeyStore>,
    progress: Option<Arc<dyn ProgressListener>>,
) -> Result<AccountReport, PermessoError> {
    let key = run_blocking(move || key_store::key_for_import(&*key_store)).await?;
    let keep = |_: &[(String, Vec<u8>)]| Ok(());
    run(async move { Ok(report(Node::import(path, directory, key, passphrase, keep, told(progress)).await?)) }).await
}

fn report(report: permesso_node::ArchiveReport) -> AccountReport {
    let permesso_node::ArchiveReport { messages, friends, rows } = report;
    AccountReport { messages, friends, rows }
}

fn told(listener: Option<Arc<dyn ProgressListener>>) -> AccountProgress {
    Box::new(move |Progress { done, total }| {
        let goes_on = listener.as_ref().map_or(Ok(true), |listener| listener.on_progress(done, total));
        match goes_on {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                tracing::warn!(%error, "the progress cannot be told");
                ControlFlow::Break(())
            }
        }
    })
}
