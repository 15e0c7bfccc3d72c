//! A server killed at random moments while it takes envelopes in and gives them back.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::Duration;

use permesso_engine::crypto::hash16;
use tokio::sync::watch;

use super::client::{Client, Parcel, expected};
use super::in_parallel;
use super::process::{Server, free_port};
use crate::Outcome;

/// Clients that deposit, and clients that collect, at once.
const DEPOSITORS: u64 = 3;
const COLLECTORS: u64 = 2;
/// What each deposits in one life of the server; more than it takes before the longest kill.
const EACH: u64 = 20_000;
/// What a depositor has under way: little, so that most of what it gives is acknowledged before the kill.
const WINDOW: usize = 256;
/// The server lives so long at the least and at the most once clients are with it.
const LIFE_MS: (u64, u64) = (10, 250);
/// What left the server before it died has so long to be read.
const LINGER: Duration = Duration::from_millis(20);
/// What is known to wait is collected beyond this many, so that each life begins soon.
const WAITING_MAX: usize = 20_000;

/// What came of the kills.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kills {
    /// How often it was killed.
    pub kills: u64,
    /// Envelopes that it acknowledged.
    pub acknowledged: u64,
    /// Envelopes that clients collected and proved.
    pub collected: u64,
    /// Acknowledged, not proved by anybody, and not there at the end.
    pub lost: u64,
}

/// What the clients know of the envelopes they gave away.
#[derive(Default)]
struct Known {
    /// Acknowledged, and proved by nobody: they must be there. Of what was proved the server may have heard or not.
    waiting: BTreeSet<Parcel>,
    acknowledged: u64,
    proved: u64,
}

/// Kills a server `kills` times, and looks at the end whether everything is there that it acknowledged and nobody proved.
///
/// # Errors
/// The server does not live.
pub fn kills(permesso: &Path, folder: &Path, kills: u64) -> Outcome<Kills> {
    std::fs::create_dir_all(folder)?;
    let known = Mutex::new(Known::default());
    let (mut result, mut next) = (Kills::default(), 0);
    for kill in 0..kills {
        let server = Server::start(permesso, folder, free_port()?)?;
        live(&server, &known, next, life(kill))?;
        server.kill()?;
        next += EACH * DEPOSITORS;
        result.kills += 1;
        let full = known.lock().unwrap_or_else(PoisonError::into_inner).waiting.len() > WAITING_MAX;
        if full || kill + 1 == kills {
            let missing = gather(permesso, folder, &known)?;
            result.lost += missing;
        }
    }
    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
    (result.acknowledged, result.collected) = (known.acknowledged, known.proved);
    Ok(result)
}

/// How long the server lives before this kill: the same in every run.
fn life(kill: u64) -> Duration {
    let [byte, other, ..] = hash16("permesso/bench/kill", &[&kill.to_be_bytes()]);
    let (least, most) = LIFE_MS;
    Duration::from_millis(least + u64::from(u16::from_be_bytes([byte, other])) % (most - least))
}

/// Clients deposit and collect until the server is killed under their hands.
fn live(server: &Server, known: &Mutex<Known>, next: u64, time: Duration) -> Outcome<()> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting: Vec<Parcel> = lock().waiting.iter().copied().collect();
    let (over, is_over) = watch::channel(false);
    let ready = Barrier::new(usize::try_from(DEPOSITORS + COLLECTORS + 1)?);
    let (ready, is_over) = (&ready, &is_over);
    std::thread::scope(|scope| {
        let clients = scope.spawn(move || {
            let work = async |number| {
                let client = Client::connect(server, number).await;
                ready.wait();
                let mut client = client?;
                let work = async {
                    if number < DEPOSITORS {
                        let first = next + number * EACH;
                        let acknowledged = |parcel| lock().on_acknowledged(parcel);
                        return client.deposit((first..first + EACH).map(Parcel), WINDOW, acknowledged).await;
                    }
                    let mine = waiting.iter().skip(usize::try_from(number - DEPOSITORS)?).step_by(COLLECTORS as usize);
                    client.collect(expected(mine.copied()), |parcel| lock().on_proved(parcel)).await
                };
                let mut is_over = is_over.clone();
                tokio::select! {
                    result = work => result,
                    _ = is_over.wait_for(|over| *over) => Ok(()),
                }
            };
            in_parallel(DEPOSITORS + COLLECTORS, work).map_err(|error| error.to_string())
        });
        ready.wait();
        std::thread::sleep(time);
        let struck = server.strike().map_err(|error| error.to_string());
        std::thread::sleep(LINGER);
        over.send_replace(true);
        clients.join().unwrap_or_else(|_| Err("a client failed".into())).and(struck)
    })?;
    Ok(())
}

/// Collects everything that must be there; how many are not.
fn gather(permesso: &Path, folder: &Path, known: &Mutex<Known>) -> Outcome<u64> {
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let server = Server::start(permesso, folder, free_port()?)?;
    let waiting: Vec<Parcel> = lock().waiting.iter().copied().collect();
    let missing = in_parallel(1, async |_| {
        let mut client = Client::connect(&server, DEPOSITORS + COLLECTORS).await?;
        let collected = Mutex::new(BTreeSet::new());
        let collect = client.collect(expected(waiting.iter().copied()), |parcel| {
            collected.lock().unwrap_or_else(PoisonError::into_inner).insert(parcel);
        });
        // Where some are missing it waits for them in vain.
        let _ = tokio::time::timeout(Duration::from_secs(10), collect).await;
        client.close().await;
        let collected = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
        let missing = waiting.iter().filter(|parcel| !collected.contains(parcel)).count() as u64;
        waiting.iter().for_each(|parcel| lock().on_proved(*parcel));
        Ok(missing)
    })?;
    server.stop()?;
    Ok(missing.into_iter().sum())
}

impl Known {
    fn on_acknowledged(&mut self, parcel: Parcel) {
        self.waiting.insert(parcel);
        self.acknowledged += 1;
    }

    fn on_proved(&mut self, parcel: Parcel) {
        self.waiting.remove(&parcel);
        self.proved += 1;
    }
}
