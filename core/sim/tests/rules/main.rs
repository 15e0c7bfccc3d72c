//! One test for each rule of PROTOCOL.md that only somebody who means no good, or a rare hour, would break: it fails when the
//! line that keeps the rule is broken. The hosts are real engines; what a malicious friend or a stranger says to them is
//! written with its own keys.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod carriers;
mod copies;
mod erasing;
mod linking;
mod malice;
mod messages;
#[path = "../pair/mod.rs"]
mod pair;
mod proofs;
mod requests;
mod resets;
mod wants;
