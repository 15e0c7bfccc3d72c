//! The built command, run as a user or a program runs it: on loopback, on free ports, in folders of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what a test does not expect ends it")]

mod account;
mod bad_input;
mod bot;
mod bots;
mod browser;
mod config;
mod contacts;
mod demo;
#[cfg(target_os = "linux")]
mod denied;
mod holders;
mod italian;
mod keyring;
mod kills;
mod leaving;
mod messages;
mod notices;
mod one_shot;
mod packaging;
mod page;
mod paper;
mod process;
mod restarts;
mod schema;
mod server;
mod shell;
mod sim_trace;
