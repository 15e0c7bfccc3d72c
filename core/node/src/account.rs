//! A whole account out into one encrypted file, and in from one.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use permesso_store::{ArchiveError, ArchiveReport, Import, Key, Progress, Store, StoreError};
use tokio::task::spawn_blocking;

use crate::error::NodeError;
use crate::generation::GenerationFile;
use crate::node::Node;
use crate::request::Request;

/// What is called while an export or import goes on, on a thread that may block; `Break` ends it with nothing changed.
pub type AccountProgress = Box<dyn FnMut(Progress) -> ControlFlow<()> + Send>;

impl Node {
    /// Writes everything this host is and has (identity, friends, ratchets, settings, history, outbox) to the new file
    /// `path`, encrypted under the passphrase; `files` are carried along by name. The host goes on meanwhile; the file shows
    /// it at one moment. [`import`](Self::import) makes a host of it elsewhere.
    ///
    /// Of two copies of one account only one may go on: stop this host, and erase it once the other lives. What it received
    /// after the export is not in the file.
    ///
    /// # Errors
    /// `Archive` (`FileExists` if the file is there), `Paused`, `Store`: there is no new file then.
    pub async fn export(
        &self,
        path: impl Into<PathBuf>,
        passphrase: impl Into<String>,
        files: Vec<(String, Vec<u8>)>,
        mut on_progress: AccountProgress,
    ) -> Result<ArchiveReport, NodeError> {
        let reader = self.ask(Request::OwnReader).await?;
        let (path, passphrase) = (path.into(), passphrase.into());
        blocking(move || {
            let files: Vec<(&str, &[u8])> =
                files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
            reader.export_file(&path, &passphrase, &files, &mut on_progress)
        })
        .await
    }

    /// Makes the host of an account file in `directory`, which must hold none, under `key`, the new device's own. `keep` is
    /// called with the files that were carried along once everything is read and found good, to keep the key and what else
    /// is needed; only then the host is there. Open it with [`open`](Self::open).
    ///
    /// It opens as a host restored from an older copy, which it is: it starts the encryption with every friend afresh
    /// (PROTOCOL.md, Copies of a database). Whoever keeps generations elsewhere than beside the folder
    /// ([`NodeConfig::with_generation`](crate::NodeConfig::with_generation)) must see that there is none for it.
    ///
    /// # Errors
    /// `Archive`, `Store`, or that of `keep`: there is no host then.
    pub async fn import(
        path: impl Into<PathBuf>,
        directory: impl Into<PathBuf>,
        key: Key,
        passphrase: impl Into<String>,
        keep: impl FnOnce(&[(String, Vec<u8>)]) -> Result<(), NodeError> + Send + 'static,
        mut on_progress: AccountProgress,
    ) -> Result<ArchiveReport, NodeError> {
        let (path, directory, passphrase) = (path.into(), directory.into(), passphrase.into());
        let place = directory.clone();
        let import: Import = blocking(move || read(&path, &directory, &key, &passphrase, &mut on_progress)).await?;
        blocking(move || {
            if let Err(error) = keep(import.carried()) {
                return Ok(Err(error));
            }
            // A number left by an earlier host of this folder must not pass for this one's.
            GenerationFile::beside(&place).remove().map_err(StoreError::from)?;
            import.finish().map(Ok)
        })
        .await?
    }
}

fn read(
    path: &Path,
    directory: &Path,
    key: &Key,
    passphrase: &str,
    on_progress: &mut AccountProgress,
) -> Result<Import, ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::File)?;
    let length = file.metadata().map_err(ArchiveError::File)?.len();
    Store::import(directory, key, BufReader::new(file), length, passphrase, on_progress)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, NodeError> {
    match spawn_blocking(work).await {
        Ok(result) => result.map_err(NodeError::from),
        Err(_) => Err(NodeError::Stopped),
    }
}
