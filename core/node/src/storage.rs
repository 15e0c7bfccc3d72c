//! The store as the driver uses it: opened, paused and read off the loop, which never waits for a disk.

use std::sync::Arc;

use permesso_engine::api::Fetch;
use permesso_engine::ids::{FetchId, Generation};
use permesso_engine::rows::{Commit, Snapshot};
use permesso_store::{Done, Reader, Store, StoreError};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::error::NodeError;
use crate::node::NodeConfig;

/// Distinguishes what an earlier opening of the store still says from what the present one says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening(u64);

impl Opening {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What the store tells the driver.
#[derive(Debug)]
pub(crate) enum StoreInput {
    Done(Done),
    Fetched(FetchId, Result<Option<Vec<u8>>, StoreError>),
    /// A try to write a generation outside the database.
    GenerationKept(Generation, std::io::Result<()>),
}

/// Where the store tells it.
pub(crate) type StoreInputs = mpsc::UnboundedSender<(Opening, StoreInput)>;

/// The store of one opening.
pub(crate) struct Storage {
    store: Arc<Store>,
    bodies: Reader,
    history: Reader,
    opening: Opening,
    inputs: StoreInputs,
}

impl Storage {
    pub(crate) async fn open(
        home: &NodeConfig,
        opening: Opening,
        inputs: StoreInputs,
    ) -> Result<(Self, Snapshot), NodeError> {
        let (directory, key) = (home.directory.clone(), home.key.clone());
        let reports = inputs.clone();
        let on_done = move |done| {
            // Without a driver nobody needs to know.
            let _ = reports.send((opening, StoreInput::Done(done)));
        };
        let (store, snapshot) = blocking(move || Store::open(directory, Some(key), on_done)).await?;
        let (bodies, history) = (store.reader(), store.reader());
        Ok((Self { store: Arc::new(store), bodies, history, opening, inputs }, snapshot))
    }

    pub(crate) fn opening(&self) -> Opening {
        self.opening
    }

    /// Where others tell the driver of this opening.
    pub(crate) fn inputs(&self) -> StoreInputs {
        self.inputs.clone()
    }

    /// Hands a commit over without waiting.
    pub(crate) fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.store.commit(commit)
    }

    /// Reads bodies beside the loop; each is answered by `StoreInput::Fetched`.
    pub(crate) fn fetch(&self, wanted: Vec<Fetch>) {
        let (reader, inputs, opening) = (self.bodies.clone(), self.inputs.clone(), self.opening);
        spawn_blocking(move || {
            for fetch in wanted {
                let body = reader.body(fetch.key);
                if inputs.send((opening, StoreInput::Fetched(fetch.id, body))).is_err() {
                    return;
                }
            }
        });
    }

    /// For reading the history.
    pub(crate) fn history(&self) -> Reader {
        self.history.clone()
    }

    /// For a read that takes long.
    pub(crate) fn own_reader(&self) -> Reader {
        self.store.reader()
    }

    pub(crate) async fn pause(&self) -> Result<(), NodeError> {
        let store = self.store.clone();
        blocking(move || store.pause()).await
    }

    pub(crate) async fn resume(&self) -> Result<(), NodeError> {
        let store = self.store.clone();
        blocking(move || store.resume()).await
    }

    /// Finishes every commit handed over and closes.
    pub(crate) async fn close(self) {
        let closing = spawn_blocking(move || drop(self));
        if closing.await.is_err() {
            tracing::error!("closing the store panicked");
        }
    }
}

/// Does what waits for the disk on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, NodeError> {
    match spawn_blocking(work).await {
        Ok(result) => result.map_err(NodeError::from),
        Err(_) => Err(NodeError::Stopped),
    }
}
