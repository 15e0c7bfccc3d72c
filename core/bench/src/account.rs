//! An account of 10,000 messages: opening it, what it takes in memory, searching it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use permesso_node::config::Interfaces;
use permesso_node::{Config, Node, NodeConfig};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::pair;
use crate::spread::Spread;

/// The argument by which the process that opens the account knows its part.
pub const ROLE: &str = "--visit";

/// Searches made in one visit.
const SEARCHES: usize = 5;
/// What no message says, so that all of them are looked through.
const NOWHERE: &str = "a word that nobody has written";

/// What one visit gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    /// Opening, the key at hand, in milliseconds.
    pub open_ms: f64,
    /// Memory that the whole process has resident afterwards, in 10⁶ bytes; 0 where the system does not tell.
    pub resident_mb: f64,
    /// Looking through all messages, in milliseconds.
    pub search_ms: f64,
    /// How many messages there are.
    pub messages: usize,
}

/// Opens the account of the host that has sent, in a process of its own.
///
/// # Errors
/// It cannot be opened.
pub fn measure(folder: &Path) -> Outcome<Visit> {
    let output = Command::new(std::env::current_exe()?).arg(ROLE).arg(pair::home_of_sender(folder)).output()?;
    if !output.status.success() {
        return Err(format!("the account cannot be opened: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// How long this machine takes to read the account's file, in milliseconds.
///
/// # Errors
/// It cannot be read.
pub fn file_read_ms(folder: &Path) -> Outcome<f64> {
    let file = pair::home_of_sender(folder).join("permesso.db");
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        std::hint::black_box(std::fs::read(&file)?);
        times.push(start.elapsed());
    }
    Ok(Spread::of_times(times).median())
}

/// The process that opens it: prints what it measured.
///
/// # Errors
/// The account cannot be opened.
pub async fn visit(home: PathBuf) -> Outcome<()> {
    let mut config = Config::default();
    config.network.interfaces = Interfaces::Only(vec![[127, 0, 0, 1].into()]);
    let start = Instant::now();
    let node = Node::open(NodeConfig::new(home, pair::key(), config)).await?;
    let open_ms = millis(start.elapsed());
    let resident_mb = resident_mb();
    let friends = node.friends().await?;
    let friend = friends.first().ok_or("the account has no friend")?;
    let messages = node.messages(friend.host, None, usize::MAX).await?.len();
    let mut searches = Vec::new();
    for _ in 0..SEARCHES {
        let start = Instant::now();
        let hits = node.search_history(NOWHERE, 20).await?;
        searches.push(start.elapsed());
        if !hits.is_empty() {
            return Err("somebody has written it".into());
        }
    }
    node.stop().await?;
    let search_ms = Spread::of_times(searches).median();
    println!("{}", serde_json::to_string(&Visit { open_ms, resident_mb, search_ms, messages })?);
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Memory that this process has resident, in 10⁶ bytes. Linux tells it in /proc/self/status, in kB of 1,024 bytes.
pub(crate) fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: Option<f64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.map_or(0.0, |kilobytes| kilobytes * 1_024.0 / 1e6)
}
