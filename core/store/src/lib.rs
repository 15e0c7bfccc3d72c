//! Where a host's state outlives power cuts: the engine's commits in SQLite, encrypted column by column.
//!
//! ```no_run
//! use permesso_store::{Done, Key, Store};
//!
//! # fn main() -> Result<(), permesso_store::StoreError> {
//! let key = Key::generate()?; // and keep it in the system's key store
//! let (reports, done) = std::sync::mpsc::channel();
//! let (store, snapshot) = Store::open("/var/lib/permesso", Some(key), move |done: Done| drop(reports.send(done)))?;
//! // Engine::restore(config, snapshot, …), then for each commit that it gives:
//! # let commit = permesso_engine::rows::Commit { seq: permesso_engine::rows::CommitSeq(1), writes: Vec::new() };
//! store.commit(commit)?;
//! if let Ok(Done::Committed(through)) = done.recv() {
//!     // engine.handle_committed(through, now)
//! }
//! let pages = store.reader(); // the same rows, read beside the writer
//! # Ok(())
//! # }
//! ```
//!
//! One thread owns the only connection that writes. It takes every commit that waits, writes them as one transaction and
//! synchronises the disk once; only then are they reported. What was reported survives the death of the process and of the
//! power; what was not may or may not have been written, but never in part.
//!
//! Encrypted are all values, bodies, texts, message ids and the times and parents of messages. In clear are the structure,
//! the lengths, how many rows of what kind there are, and which local number a friend has: of the conversations, their number
//! and sizes, never names or words.

mod archive;
mod cipher;
mod database;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod key;
mod load;
mod reader;
mod rescue;
mod rows;
mod schema;
mod store;
mod write;
mod writer;

pub use archive::{ARCHIVE_VERSION, ArchiveError, ArchiveReport, Import, OnProgress, Progress};
pub use error::StoreError;
pub use key::{Key, SALT_LENGTH};
pub use reader::Reader;
pub use rescue::{Rescue, RescueReport, Rescued};
pub use store::{Claim, Done, Store};
