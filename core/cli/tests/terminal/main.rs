//! The chat in a real terminal: the built command in tmux, with keys typed and screens read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod beginning;
#[allow(dead_code, reason = "the tests of the bot use the rest")]
#[path = "../command/bot.rs"]
mod bot;
mod busy;
mod chat;
mod pages;
mod passphrase;
#[allow(dead_code, reason = "the tests of the other commands use the rest")]
#[path = "../command/process.rs"]
mod process;
mod replaying;
#[allow(dead_code, reason = "the tests of the bot use the rest")]
#[path = "../command/schema.rs"]
mod schema;
#[cfg(target_os = "linux")]
#[path = "../../../node/tests/support/small_disk.rs"]
mod small_disk;
mod tmux;
mod trouble;
mod without_terminal;
