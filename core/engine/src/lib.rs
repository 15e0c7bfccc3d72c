//! The whole Permesso protocol as a state machine without I/O: no sockets, no clock, no threads, no globals.
//!
//! [`Engine`] takes inputs (`handle_…`) with the time as an argument and gives outputs (`poll_…`) that are safe to act upon:
//! each is held back until the rows it depends on are durable. `core/PROTOCOL.md` specifies what travels;
//! `core/ARCHITECTURE.md` says where things live.

pub mod api;
pub mod config;
mod engine;
pub mod fold;
mod gate;
pub mod ids;
pub mod rows;
pub mod time;

pub use engine::{Engine, RestoreError, Settings};
