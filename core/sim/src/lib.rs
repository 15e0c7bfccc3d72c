//! A world of many real engines in virtual time: seeded, with everything that can go wrong on the air, with devices and
//! with people, and with the promises of PROTOCOL.md checked after every step.
//!
//! [`run`] runs one world and reports; [`World`] is for scenarios that are told step by step. [`contacts`] replays who meets
//! whom, to see how far mail comes.

mod ablation;
mod adversary;
mod air;
mod config;
pub mod contacts;
mod copies;
mod describe;
mod devices;
mod faults;
#[cfg(test)]
mod handshake_tests;
mod host;
mod insider;
mod intruder;
mod links;
pub mod memory;
mod mirror;
mod oracle;
pub mod pen;
#[cfg(test)]
mod poison_tests;
mod power;
mod promise;
mod queue;
mod random;
#[cfg(getrandom_backend = "custom")]
mod randomness;
mod ratchet;
pub mod records;
mod report;
mod seeds;
mod story;
mod trace;
mod traffic;
mod travelling;
mod user;
mod view;
mod walking;
mod ways;
mod world;

pub use ablation::Ablation;
pub use config::WorldConfig;
pub use faults::Faults;
pub use promise::{Promise, Violation};
pub use report::{Latency, Report};
pub use seeds::{FAULTS, run_all, world_of};
pub use story::run;
pub use traffic::Amount;
pub use travelling::SECRET;
pub use world::{CrashMoment, World};
