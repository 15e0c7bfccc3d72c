//! The whole Permesso protocol as a state machine without I/O: no sockets, no clock, no threads, no globals.
//!
//! [`Engine`] takes inputs (`handle_…`) with the time as an argument and gives outputs (`poll_…`) that are safe to act upon:
//! each is held back until the rows it depends on are durable. `core/PROTOCOL.md` specifies what travels;
//! `core/ARCHITECTURE.md` says where things live.

pub mod api;
pub mod certificate;
pub mod codec;
pub mod collision;
pub mod config;
pub mod crypto;
mod engine;
pub mod envelope;
pub mod fold;
pub mod frame;
mod gate;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod names;
pub mod packet;
pub mod rows;
pub mod safety;
pub mod time;
pub mod uri;

pub use engine::{Engine, RestoreError, Settings};
