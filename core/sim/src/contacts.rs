//! Contact traces: who meets whom and when, in the formats of the ONE simulator, replayed with one real engine a host.
//!
//! Where [`World`](crate::World) is about what can go wrong, a [`TraceWorld`] is about how mail spreads: a contact *is* a link
//! whose two ends have proved their keys, there is no presence, and every commit is durable at once. [`Scenario`] says what
//! is replayed and how; [`replay`] does it and reports.

mod befriend;
mod bound;
mod due;
mod host;
mod lines;
mod list;
mod mobility;
mod problem;
mod radio;
mod report;
mod scenario;
mod tally;
mod trace;
mod world;

pub use list::{ListedMessage, MessageList};
pub use mobility::{Mobility, ParseWorldError, Walk};
pub use problem::{Problem, TraceError};
pub use report::{Delivery, Spread, TraceReport};
pub use scenario::{FasterPair, Scenario, StoringHosts};
pub use trace::{Change, ContactTrace, Survey};
pub use world::{Progress, TraceWorld, replay};
