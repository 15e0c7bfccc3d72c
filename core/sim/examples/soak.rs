//! Runs the worlds of many seeds: `cargo xtask soak --seeds 1000 --from 0`. Tells how far it is, and each seed that broke a
//! promise with the command that repeats it; ends with a line of JSON-like counts to be kept.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use permesso_sim::{FAULTS, Promise, Report, run_all};

/// After so many worlds it is told how far the run is.
const TELL_EVERY: u64 = 50;

#[derive(Default)]
struct Sum {
    worlds: u64,
    steps: u64,
    sent: u64,
    virtual_ms: u64,
    promises: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, u64>,
    broken: Vec<u64>,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.worlds += 1;
        self.steps += report.steps;
        self.sent += report.sent;
        self.virtual_ms += report.virtual_ms;
        for (promise, times) in &report.promises {
            *self.promises.entry(promise).or_default() += times;
        }
        for (fault, times) in &report.faults_seen {
            *self.faults.entry(fault).or_default() += times;
        }
        if !report.is_kept() {
            self.broken.push(report.seed);
        }
    }
}

fn main() -> ExitCode {
    let Some((seeds, from)) = arguments(std::env::args().skip(1)) else {
        eprintln!("usage: soak --seeds N [--from S]");
        return ExitCode::from(2);
    };
    let (started, sum) = (Instant::now(), Mutex::new(Sum::default()));
    run_all(from..from.saturating_add(seeds), |report| {
        let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        sum.add(&report);
        if let Some(first) = report.violations.first() {
            println!("seed {}: {first}\n  {}", report.seed, report.command);
        }
        if sum.worlds.is_multiple_of(TELL_EVERY) || sum.worlds == seeds {
            let (worlds, seconds) = (sum.worlds, started.elapsed().as_secs_f64());
            let left = seconds / worlds as f64 * (seeds - worlds) as f64;
            println!("{worlds} of {seeds} worlds, {} broken, {seconds:.0} s, about {left:.0} s left", sum.broken.len());
        }
    });
    let sum = sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    tell(&sum, started.elapsed().as_secs_f64());
    if sum.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(sum: &Sum, seconds: f64) {
    for promise in Promise::ALL {
        println!("{:27} put to the test {:>12} times", promise.name(), sum.promises.get(promise.name()).unwrap_or(&0));
    }
    for fault in FAULTS {
        println!("{fault:40} {:>12} times", sum.faults.get(fault).unwrap_or(&0));
    }
    let hours = sum.virtual_ms as f64 / 3_600_000.0;
    println!(
        "{} worlds, {} steps, {} messages, {hours:.0} virtual hours, {seconds:.0} s",
        sum.worlds, sum.steps, sum.sent
    );
    println!("{} broken: {:?}", sum.broken.len(), sum.broken);
}

fn arguments(mut given: impl Iterator<Item = String>) -> Option<(u64, u64)> {
    let (mut seeds, mut from) = (None, 0);
    while let Some(name) = given.next() {
        let value = given.next()?.parse().ok()?;
        match name.as_str() {
            "--seeds" => seeds = Some(value),
            "--from" => from = value,
            _ => return None,
        }
    }
    Some((seeds?, from))
}
