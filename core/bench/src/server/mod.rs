//! What a persistent server takes, gives back, keeps and does not lose: a real `permesso server` in a process of its own, and
//! clients over real links on the loopback.
//!
//! The clients share the processors with the server; what they do (making envelopes, hashing and encrypting) is what as many
//! hosts would do on machines of their own.

pub mod client;
pub mod kills;
pub mod load;
pub mod mqtt;
pub mod process;
pub mod returning;

use std::path::{Path, PathBuf};

use crate::report::{Goal, Row};
use crate::spread::Spread;
use crate::{Outcome, runtime};

/// How often a server is killed: by `cargo xtask bench`, and by its `--quick` and the tests.
pub const KILLS: u64 = 500;
/// The same where it must not take long.
pub const KILLS_QUICK: u64 = 100;

/// All figures of a server, measured in `folder`; without the million and with fewer kills if it has to be `quick`. Each is
/// also said on standard error as soon as it is known.
///
/// # Errors
/// A server does not live, or something is refused or lost.
pub fn rows(folder: &Path, runs: u8, quick: bool, times: Option<u64>) -> Outcome<Vec<Row>> {
    let permesso = program()?;
    let mut rows = said(rates(&permesso, folder, runs)?);
    rows.extend(said(returns(&permesso, folder, runs)?));
    if !quick {
        rows.extend(said(million(&permesso, folder)?));
    }
    match times.unwrap_or(if quick { KILLS_QUICK } else { KILLS }) {
        0 => {}
        times => rows.extend(said(vec![kills(&permesso, folder, times)?])),
    }
    Ok(rows)
}

fn said(rows: Vec<Row>) -> Vec<Row> {
    rows.iter().for_each(|row| eprintln!("{row}"));
    rows
}

fn row(name: &str, what: &'static str, unit: &'static str, values: Vec<f64>, goal: Goal) -> Row {
    Row::new(name, what, unit, &Spread::of(values), goal)
}

fn rates(permesso: &Path, folder: &Path, runs: u8) -> Outcome<Vec<Row>> {
    let (mut accept, mut accept_cpu, mut drain, mut drain_cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut peer_accept, mut peer_drain) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        eprintln!("a server takes and gives back, run {run} of {runs} …");
        let measured = load::rates(permesso, &folder.join(format!("rates-{run}")))?;
        accept.push(measured.accept);
        accept_cpu.push(measured.accept_cpu_ms);
        drain.push(measured.drain);
        drain_cpu.push(measured.drain_cpu_ms);
        if let Some(peer) = mqtt::rates(&folder.join(format!("mosquitto-{run}")))? {
            peer_accept.push(peer.accept);
            peer_drain.push(peer.drain);
        }
    }
    let alone = load::alone(folder)?;
    let mut rows = vec![
        row(
            "server_accept_per_s",
            "envelopes a server accepts, durable before the receipt, 8 depositors; machine: its store alone",
            "/s",
            accept,
            Goal::AtLeast(10_000.0),
        )
        .beside(alone.write),
        row("server_accept_cpu_ms", "the server's processor time for each", "ms", accept_cpu, Goal::Stated),
        row(
            "server_drain_per_s",
            "envelopes it gives back to 8 link clients that hash and prove each; machine: its store read alone",
            "/s",
            drain,
            Goal::AtLeast(20_000.0),
        )
        .beside(alone.read),
        row("server_drain_cpu_ms", "the server's processor time for each", "ms", drain_cpu, Goal::Stated),
        row("envelope_hash_per_s", "ids of envelopes, on one processor", "/s", vec![alone.hash], Goal::Stated),
    ];
    if peer_accept.is_empty() {
        eprintln!("mosquitto is not installed: its rows are left out");
        return Ok(rows);
    }
    rows.push(row(
        "mosquitto_accept_per_s",
        "the same messages published to mosquitto, not durable, not encrypted",
        "/s",
        peer_accept,
        Goal::Stated,
    ));
    rows.push(row("mosquitto_drain_per_s", "and given to the sessions they wait for", "/s", peer_drain, Goal::Stated));
    Ok(rows)
}

fn returns(permesso: &Path, folder: &Path, runs: u8) -> Outcome<Vec<Row>> {
    let (mut found, mut shown, mut proved) = (Vec::new(), Vec::new(), Vec::new());
    for run in 1..=runs {
        eprintln!("a person returns to 1,000 messages, run {run} of {runs} …");
        let measured = runtime()?.block_on(returning::measure(permesso, &folder.join(format!("return-{run}"))))?;
        found.push(measured.found_ms);
        shown.push(measured.shown_ms);
        proved.push(measured.proved_ms);
    }
    Ok(vec![
        row(
            "return_to_1000_ms",
            "a recipient starts: 1,000 messages that wait with a server are shown and proved",
            "ms",
            proved,
            Goal::AtMost(1_000.0),
        ),
        row("return_to_1000_shown_ms", "until the last is shown", "ms", shown, Goal::Stated),
        row("return_to_1000_found_ms", "until the server is found", "ms", found, Goal::Stated),
    ])
}

fn million(permesso: &Path, folder: &Path) -> Outcome<Vec<Row>> {
    eprintln!("a server with a million envelopes …");
    let measured = load::million(permesso, &folder.join("million"), load::MILLION)?;
    let one = |name, what, unit, value, goal| row(name, what, unit, vec![value], goal);
    Ok(vec![
        one(
            "server_million_rss_mb",
            "memory resident with 1,000,000 envelopes waiting, after a start",
            "MB",
            measured.resident_mb,
            Goal::AtMost(100.0),
        ),
        one("server_million_rss_most_mb", "the most during that start", "MB", measured.resident_most_mb, Goal::Stated),
        one(
            "server_million_rss_filled_mb",
            "after taking them in",
            "MB",
            measured.resident_filled_mb,
            Goal::AtMost(100.0),
        ),
        one(
            "server_million_restart_s",
            "start with them until a client's HELLO is answered; machine: reading the file",
            "s",
            measured.restart_s,
            Goal::AtMost(5.0),
        )
        .beside(measured.read_s),
        one(
            "server_million_restart_killed_s",
            "the same after SIGKILL",
            "s",
            measured.restart_killed_s,
            Goal::AtMost(5.0),
        ),
        one("server_million_disk_mb", "its database", "MB", measured.disk_mb, Goal::Stated),
    ])
}

fn kills(permesso: &Path, folder: &Path, times: u64) -> Outcome<Row> {
    eprintln!("a server is killed {times} times …");
    let measured = kills::kills(permesso, &folder.join("kills"), times)?;
    eprintln!(
        "{} kills: {} envelopes acknowledged, {} collected, {} lost",
        measured.kills, measured.acknowledged, measured.collected, measured.lost
    );
    let lost = vec![measured.lost as f64];
    Ok(row("server_kill9_lost", "acknowledged and lost by a server that is killed", "", lost, Goal::AtMost(0.0)))
}

/// The program, which lies beside this one.
///
/// # Errors
/// It is not there.
pub fn program() -> Outcome<PathBuf> {
    let name = format!("permesso{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::current_exe()?.parent().unwrap_or(Path::new(".")).join(name);
    match path.is_file() {
        true => Ok(path),
        false => Err(format!("{} is not there: run cargo xtask bench, which builds it", path.display()).into()),
    }
}

/// Does `work` so many times at once, each on a thread with a runtime of its own, as hosts do.
///
/// # Errors
/// The first that failed.
pub(crate) fn in_parallel<T: Send>(count: u64, work: impl AsyncFn(u64) -> Outcome<T> + Sync) -> Outcome<Vec<T>> {
    let run = |number| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(work(number)).map_err(|error| error.to_string())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || run(number))).collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client failed".into())));
        ended.collect::<Result<Vec<T>, String>>().map_err(Into::into)
    })
}
