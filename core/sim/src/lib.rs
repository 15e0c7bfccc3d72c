//! A world of many real engines in virtual time: seeded, with everything that can go wrong on the air, with devices and
//! with people, and with the promises of PROTOCOL.md checked after every step.
//!
//! [`run`] runs one world and reports; [`World`] is for scenarios that are told step by step.

mod adversary;
mod air;
mod config;
mod describe;
mod faults;
mod host;
mod intruder;
mod links;
pub mod memory;
mod mirror;
mod oracle;
mod power;
mod promise;
mod queue;
mod random;
mod ratchet;
mod report;
mod story;
mod trace;
mod traffic;
mod user;
mod ways;
mod world;

pub use config::WorldConfig;
pub use faults::Faults;
pub use promise::{Promise, Violation};
pub use report::{Latency, Report};
pub use story::run;
pub use traffic::Amount;
pub use world::{CrashMoment, World};
