//! The door: the host's API for Kotlin, Swift and Python, by uniffi. Nothing about the protocol is decided here.
//!
//! A [`Host`] is one live host. Its calls run on a runtime of this library's own (`runtime.rs`), so that a caller may give up
//! waiting at any moment; what was begun goes on. What happens is pulled in batches from an [`EventReader`]. Ids are texts,
//! lists are paged, moments are milliseconds since 1970 and spans are milliseconds. Everything that can fail says so by one
//! [`PermessoError`], whose kinds are what a user can do about it.

mod account;
mod contacts;
mod error;
mod events;
mod friends;
mod host;
mod host_links;
mod ids;
mod key_store;
mod log;
mod messages;
mod network;
mod platform;
#[cfg(feature = "rehearsal")]
mod rehearsal;
mod rescue;
mod runtime;
mod settings;
mod statistics;

pub use account::*;
pub use contacts::*;
pub use error::PermessoError;
pub use events::*;
pub use friends::*;
pub use host::*;
pub use host_links::*;
pub use key_store::*;
pub use log::*;
pub use messages::*;
pub use network::*;
#[cfg(feature = "rehearsal")]
pub use rehearsal::*;
pub use rescue::*;
pub use settings::*;
pub use statistics::*;

uniffi::setup_scaffolding!("permesso");
