//! How fast a server takes envelopes and gives them back, and what a million of them cost it.

use std::iter::Map;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use permesso_engine::rows::{Commit, CommitSeq, RecordKey, Table, Write};
use permesso_store::{Done, Key, Store};

use super::client::{Client, Parcel, UNDER_ONE_TAG, expected};
use super::in_parallel;
use super::process::{Server, free_port};
use crate::Outcome;

/// Clients at once: "several depositors".
const CLIENTS: u64 = 8;
/// Envelopes a client has under way without a receipt: what two of its links' credits hold.
const WINDOW: usize = 1_024;
/// Parcels that only warm up, and those that are measured.
const WARM_UP: u64 = 8_000;
const MEASURED: u64 = 160_000;
/// What waits with a server that keeps a large town's mail.
pub const MILLION: u64 = 1_000_000;
/// So many of them are collected after two restarts.
const COLLECTED: u64 = 96_000;
/// The number of the clients that only look whether the server answers.
const VISITOR: u64 = 1_000;

/// Taking envelopes in and giving them back.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Envelopes accepted per second.
    pub accept: f64,
    /// Of one processor, per envelope, in milliseconds.
    pub accept_cpu_ms: f64,
    /// Envelopes given back per second.
    pub drain: f64,
    /// The same.
    pub drain_cpu_ms: f64,
}

/// Deposits and drains at a fresh server.
///
/// # Errors
/// The server does not live, or something is refused or lost.
pub fn rates(permesso: &Path, folder: &Path) -> Outcome<Rates> {
    std::fs::create_dir_all(folder)?;
    let server = Server::start(permesso, folder, free_port()?)?;
    deposit(&server, 0..WARM_UP)?;
    drain(&server, 0..WARM_UP)?;
    let all = WARM_UP..WARM_UP + MEASURED;
    let (accept, accept_cpu_ms) = timed(&server, MEASURED, || deposit(&server, all.clone()))?;
    let (drain, drain_cpu_ms) = timed(&server, MEASURED, || drain(&server, all.clone()))?;
    server.until_envelopes(0)?;
    server.stop()?;
    Ok(Rates { accept, accept_cpu_ms, drain, drain_cpu_ms })
}

/// How many of `count` a second, and how much of the server's processor time each took, in milliseconds.
fn timed(server: &Server, count: u64, work: impl FnOnce() -> Outcome<Duration>) -> Outcome<(f64, f64)> {
    let cpu = server.cpu_s();
    let time = work()?;
    Ok((count as f64 / time.as_secs_f64(), (server.cpu_s() - cpu) * 1_000.0 / count as f64))
}

/// Deposits these parcels from several clients; the time from the first envelope to the last receipt.
fn deposit(server: &Server, parcels: Range<u64>) -> Outcome<Duration> {
    at_once(server, &parcels, |mine| mine, async |client, mine| client.deposit(mine, WINDOW, |_| {}).await)
}

/// Collects these parcels by several clients; the time from the first WANT to the last envelope verified.
fn drain(server: &Server, parcels: Range<u64>) -> Outcome<Duration> {
    // Whoever comes back knows its tags; here the ids that must come are worked out before.
    at_once(server, &parcels, expected, async |client, mine| client.collect(mine, |_| {}).await)
}

/// Lets several clients work, each on its part of the parcels, from when all of them have a link.
fn at_once<T>(
    server: &Server,
    parcels: &Range<u64>,
    prepare: impl Fn(Map<Range<u64>, fn(u64) -> Parcel>) -> T + Sync,
    work: impl AsyncFn(&mut Client, T) -> Outcome<()> + Sync,
) -> Outcome<Duration> {
    let ready = std::sync::Barrier::new(usize::try_from(CLIENTS)?);
    let each = (parcels.end - parcels.start) / CLIENTS;
    if !each.is_multiple_of(UNDER_ONE_TAG) || !parcels.start.is_multiple_of(UNDER_ONE_TAG) {
        return Err("two clients would want what lies under one tag".into());
    }
    let spans = in_parallel(CLIENTS, async |number| {
        let first = parcels.start + number * each;
        let mine = prepare((first..first + each).map(Parcel));
        let client = Client::connect(server, number).await;
        // The others must not wait for one that found no link.
        ready.wait();
        let mut client = client?;
        let begun = Instant::now();
        work(&mut client, mine).await?;
        let ended = Instant::now();
        client.close().await;
        Ok((begun, ended))
    })?;
    let begun = spans.iter().map(|(begun, _)| *begun).min();
    let ended = spans.iter().map(|(_, ended)| *ended).max();
    Ok(begun.zip(ended).map(|(begun, ended)| ended - begun).unwrap_or_default())
}

/// A server with a million envelopes.
#[derive(Clone, Copy, Debug)]
pub struct Million {
    /// Memory resident after it was started with them, in 10⁶ bytes.
    pub resident_mb: f64,
    /// The most it had while it started.
    pub resident_most_mb: f64,
    /// The same after it has taken all of them in.
    pub resident_filled_mb: f64,
    /// From its start until a client's HELLO is answered, in seconds.
    pub restart_s: f64,
    /// The same after it was killed.
    pub restart_killed_s: f64,
    /// Reading its database through, in seconds.
    pub read_s: f64,
    /// Its database and log, in 10⁶ bytes.
    pub disk_mb: f64,
}

/// Fills a fresh server by real deposits, and starts it again: after an orderly end, and after SIGKILL.
///
/// # Errors
/// The server does not live, or does not have all of them afterwards.
pub fn million(permesso: &Path, folder: &Path, count: u64) -> Outcome<Million> {
    std::fs::create_dir_all(folder)?;
    let server = Server::start(permesso, folder, free_port()?)?;
    deposit(&server, 0..count)?;
    let (resident_filled_mb, _) = server.resident_mb();
    let disk_mb = server.disk_mb();
    server.stop()?;
    let begun = Instant::now();
    std::hint::black_box(std::fs::read(folder.join("server/permesso.db"))?);
    let read_s = begun.elapsed().as_secs_f64();
    let (server, restart_s) = restart(permesso, folder)?;
    let (resident_mb, resident_most_mb) = server.resident_mb();
    server.until_envelopes(count)?;
    server.kill()?;
    let (server, restart_killed_s) = restart(permesso, folder)?;
    server.until_envelopes(count)?;
    // What was kept is what was given: a part of it is collected.
    drain(&server, 0..COLLECTED)?;
    server.until_envelopes(count - COLLECTED)?;
    server.stop()?;
    Ok(Million { resident_mb, resident_most_mb, resident_filled_mb, restart_s, restart_killed_s, read_s, disk_mb })
}

fn restart(permesso: &Path, folder: &Path) -> Outcome<(Server, f64)> {
    let begun = Instant::now();
    let server = Server::start(permesso, folder, free_port()?)?;
    let time = in_parallel(1, async |_| {
        let client = Client::connect(&server, VISITOR).await?;
        let time = begun.elapsed();
        client.close().await;
        Ok(time)
    })?;
    Ok((server, time.first().copied().unwrap_or_default().as_secs_f64()))
}

/// What the store alone does with such envelopes.
#[derive(Clone, Copy, Debug)]
pub struct Alone {
    /// Written per second, in commits of a thousand.
    pub write: f64,
    /// Read back per second, one after the other.
    pub read: f64,
    /// Hashed per second.
    pub hash: f64,
}

/// Measures the store, without engine and links.
///
/// # Errors
/// The store fails.
pub fn alone(folder: &Path) -> Outcome<Alone> {
    const COMMITS: u64 = 40;
    const EACH: u64 = 1_000;
    let (reports, done) = std::sync::mpsc::channel();
    let (store, _) = Store::open(folder.join("alone"), Some(Key::generate()?), move |report| {
        // Nobody waits any more when the last one is reported.
        let _ = reports.send(report);
    })?;
    let key = |row| RecordKey { table: Table::Custody, row };
    let body = Parcel(0).envelope().encode();
    let begun = Instant::now();
    for seq in 1..=COMMITS {
        let rows = (0..EACH).map(|row| {
            let key = key((seq - 1) * EACH + row);
            Write::Put { key, value: vec![7; 40], body: Some(body.clone()) }
        });
        store.commit(Commit { seq: CommitSeq(seq), writes: rows.collect() })?;
        if let Done::Failed { error, .. } = done.recv()? {
            return Err(error.into());
        }
    }
    let write = (COMMITS * EACH) as f64 / begun.elapsed().as_secs_f64();
    let reader = store.reader();
    let begun = Instant::now();
    for row in 0..COMMITS * EACH {
        reader.body(key(row))?.ok_or("a body is not there")?;
    }
    let read = (COMMITS * EACH) as f64 / begun.elapsed().as_secs_f64();
    let envelope = Parcel(0).envelope();
    let begun = Instant::now();
    for _ in 0..EACH * 10 {
        std::hint::black_box(std::hint::black_box(&envelope).id());
    }
    let hash = (EACH * 10) as f64 / begun.elapsed().as_secs_f64();
    Ok(Alone { write, read, hash })
}
