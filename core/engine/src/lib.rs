//! The whole Permesso protocol as a state machine without I/O: no sockets, no clock, no threads, no globals.
//!
//! [`Engine`] takes inputs (`handle_…`) with the time as an argument and gives outputs (`poll_…`) that are safe to act upon:
//! each is held back until the rows it depends on are durable. `core/PROTOCOL.md` specifies what travels;
//! `core/ARCHITECTURE.md` says where things live.

mod account;
mod acquaintances;
mod ageing;
mod answered;
pub mod api;
mod ask;
mod carrying;
pub mod cbor;
pub mod certificate;
pub mod codec;
pub mod collision;
pub mod config;
mod contacts;
mod content;
mod context;
mod conversation;
pub mod crypto;
mod custody;
mod doctor;
mod engine;
pub mod envelope;
mod epochs;
mod fetches;
pub mod few;
pub mod fold;
pub mod frame;
mod free_memory;
mod friends;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gate;
mod generation;
mod hearing;
mod held;
mod hosts;
pub mod identity;
pub mod ids;
mod leaving;
pub mod limits;
mod links;
mod meetings;
pub mod names;
mod network;
mod outbox;
pub mod packet;
mod packets;
mod pairing;
mod pairings;
mod patience;
mod presence;
#[cfg(test)]
mod presence_world;
mod proofs;
mod record;
mod replies;
pub mod rows;
pub mod safety;
#[cfg(test)]
mod sealed_tests;
mod search;
mod settings;
mod shapes;
mod spray;
mod stamps;
mod surroundings;
mod sweep;
mod telling;
pub mod time;
mod tokens;
pub mod tree;
mod unicast;
pub mod uri;
mod wants;

pub use engine::{Engine, RestoreError};
pub use settings::{ChangedSettings, Settings};
