//! How fast Permesso is, beside what the machine can do: `cargo xtask bench`.
//!
//! Everything is measured on whole hosts: two processes with databases on disk and encrypted links, or the simulator's real
//! engines. The machine's own limits are measured in the same run, and each figure is shown as a ratio to them.

pub mod account;
pub mod air;
pub mod crowd;
pub mod flood;
pub mod kotlin;
pub mod limits;
pub mod pair;
pub mod report;
pub mod server;
pub mod spread;
pub mod used;

use std::error::Error;
use std::path::PathBuf;

/// What a measurement gives, or why it could not be made.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// Plays a part in a measurement that another process makes, if the arguments name one; whether they do.
///
/// # Errors
/// The part could not be played.
pub fn played_a_part() -> Outcome<bool> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, role, folder] if role == pair::ROLE => runtime()?.block_on(pair::pong(PathBuf::from(folder)))?,
        [_, role, home] if role == crowd::ROLE => runtime()?.block_on(crowd::idle(PathBuf::from(home)))?,
        [_, role, folder] if role == account::ROLE => runtime()?.block_on(account::visit(PathBuf::from(folder)))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// The runtime a host runs in: two threads, as on phones.
///
/// # Errors
/// The system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
