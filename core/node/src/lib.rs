//! A live Permesso host: the engine with a store, sockets, links and a clock. This is the public Rust API.
//!
//! ```no_run
//! use permesso_node::{Config, Key, Match, Node, NodeConfig};
//!
//! # async fn example() -> Result<(), permesso_node::NodeError> {
//! let mut config = Config::default();
//! config.host.alias = "Grazia".into();
//! let node = Node::open(NodeConfig::new("/var/lib/permesso", Key::generate()?, config)).await?;
//! node.start().await?;
//! for claim in node.search("mar", Match::Partial).await? {
//!     node.ask_friendship(claim.host, "It is me, from the library").await?;
//! }
//! node.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A [`Node`] is a cheap handle; clone it freely. Every method that changes something completes when the change is durable.
//! [`Node::events`] tells what happens; the database is the truth, events are hints where to look.

mod account;
#[cfg(feature = "bare-link")]
pub mod bare;
mod clock;
pub mod config;
mod contacts;
mod core;
mod doctor;
mod driver;
mod erase;
mod error;
mod events;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod generation;
mod history;
mod interfaces;
mod lent;
mod lifecycle;
mod links;
mod network;
mod node;
mod platform;
mod radio;
#[cfg(feature = "rehearsal")]
mod rehearsal;
mod request;
mod rescue;
mod storage;
mod tasks;
mod udp;
mod vcard;

pub use account::AccountProgress;
pub use config::{Config, ConfigError};
pub use contacts::{ContactError, ContactNews, ImportedContact};
pub use doctor::{Cause, DoctorReport, Finding, Subject};
pub use erase::erase;
pub use error::NodeError;
pub use events::{EventStream, NodeEvent, NodeNotice};
pub use generation::{GenerationFile, GenerationKeeper};
pub use history::{HistoryMessage, Place};
pub use interfaces::InterfaceAddress;
pub use node::{Node, NodeConfig};
pub use radio::{HOST_PACKET_MAX, HostLink, HostLinkPort};
pub use rescue::{Found, FoundMessage, rescue};

pub use permesso_engine::api::{
    self, AliasClaim, CarryingView, Cast, Command, CommandError, ContactView, CustodyView, Event, FriendState,
    FriendView, FullReason, FullServerView, HolderView, HostView, Match, MessageState, NetAddr, Notice, Outcome,
    PacketView, Setting, Verdict, Visibility, WayAnswer,
};
pub use permesso_engine::ids::{self, Generation, HostId, IdentityKey, MessageId, MessageKey};
pub use permesso_engine::names;
pub use permesso_engine::time::{Millis, Wall};
pub use permesso_engine::{ChangedSettings, RestoreError, Settings};
pub use permesso_store::{ArchiveError, ArchiveReport, Claim, Key, Progress, RescueReport, Store, StoreError};
