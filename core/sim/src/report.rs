//! What came of a world.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sha2::Digest;

use crate::config::WorldConfig;
use crate::promise::{Promise, Violation};
use crate::traffic::Amount;
use crate::world::World;

/// Times from the moment a message was stored at its sender, in virtual milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// Mean.
    pub mean: f64,
    /// Half took no longer.
    pub median: u64,
    /// Nine of ten took no longer.
    pub p90: u64,
}

/// What came of a world.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How many hosts there were.
    pub hosts: usize,
    /// How many virtual minutes users and faults were at work.
    pub minutes: u64,
    /// The seed.
    pub seed: u64,
    /// The name of the set of faults.
    pub faults: String,
    /// The command that repeats it.
    pub command: String,
    /// Virtual time that passed, in milliseconds, healing included.
    pub virtual_ms: u64,
    /// How many others a host has in reach, on average at the end.
    pub in_reach: f64,
    /// Things that happened.
    pub steps: u64,
    /// Messages that were stored at their sender.
    pub sent: u64,
    /// Of these, those stored at their recipient.
    pub received: u64,
    /// Of these, those whose sender has the proof.
    pub delivered: u64,
    /// `received` of all `sent`, 1 if none was sent.
    pub ratio: f64,
    /// Until stored at the recipient.
    pub to_recipient: Latency,
    /// Until the sender had the proof.
    pub to_proof: Latency,
    /// What each host sent, by kind.
    pub traffic: Vec<BTreeMap<&'static str, Amount>>,
    /// How often each promise was put to the test.
    pub promises: BTreeMap<&'static str, u64>,
    /// How often each fault really happened.
    pub faults_seen: BTreeMap<&'static str, u64>,
    /// How often engines told each kind of event.
    pub events: BTreeMap<&'static str, u64>,
    /// What the engines counted as dropped or refused, all hosts together.
    pub counters: BTreeMap<&'static str, u64>,
    /// A fingerprint of all events in order, the course of the world: one seed, one value.
    pub decisions: u64,
    /// A fingerprint of every byte that left a host, in order. Olm draws its own randomness, so that it is another each time,
    /// unless the whole program was built with its randomness from the seed.
    pub bytes: String,
    /// The promises that were broken; a world stops at the first.
    pub violations: Vec<Violation>,
    /// The last things that happened before a promise was broken, else empty.
    pub trace: String,
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_kept(&self) -> bool {
        self.violations.is_empty()
    }

    pub(crate) fn of(world: &World, config: &WorldConfig) -> Self {
        let mut to_recipient = Vec::new();
        let mut to_proof = Vec::new();
        let mut sent = 0;
        for (_, _, message) in world.oracle.sent() {
            sent += 1;
            to_recipient.extend(message.received_at.map(|at| at.saturating_sub(message.stored_at)));
            to_proof.extend(message.proved_at.map(|at| at.saturating_sub(message.stored_at)));
        }
        let (received, delivered) = (to_recipient.len() as u64, to_proof.len() as u64);
        let exercised = world.oracle.exercised();
        let mut counters = BTreeMap::new();
        for (name, count) in (0..config.hosts).filter_map(|host| world.running(host)).flat_map(|e| e.counters()) {
            *counters.entry(name).or_default() += count;
        }
        Self {
            hosts: config.hosts,
            minutes: config.minutes,
            seed: config.seed,
            faults: config.faults.name.clone(),
            command: config.command(),
            virtual_ms: world.now,
            in_reach: world.air.in_reach(),
            steps: world.steps,
            sent,
            received,
            delivered,
            ratio: if sent == 0 { 1.0 } else { received as f64 / sent as f64 },
            to_recipient: latency(to_recipient),
            to_proof: latency(to_proof),
            traffic: (0..config.hosts).map(|host| world.traffic.of(host)).collect(),
            promises: Promise::ALL
                .into_iter()
                .map(|promise| (promise.name(), exercised.get(&promise).copied().unwrap_or(0)))
                .collect(),
            faults_seen: world.faults_seen.clone(),
            events: world.events_seen.clone(),
            counters,
            decisions: world.decisions,
            bytes: world.bytes.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            violations: world.violations().to_vec(),
            trace: if world.violations().is_empty() { String::new() } else { world.trace() },
        }
    }
}

fn latency(mut times: Vec<u64>) -> Latency {
    times.sort_unstable();
    let at = |tenths: usize| times.get((times.len() * tenths / 10).min(times.len().saturating_sub(1))).copied();
    let mean = if times.is_empty() { 0.0 } else { times.iter().sum::<u64>() as f64 / times.len() as f64 };
    Latency { mean, median: at(5).unwrap_or(0), p90: at(9).unwrap_or(0) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} hosts, {} active minutes of {} in all, seed {}, faults: {}",
            self.hosts,
            self.minutes,
            self.virtual_ms / 60_000,
            self.seed,
            self.faults
        )?;
        writeln!(
            f,
            "messages: {} stored, {} arrived ({:.1} %), {} proved",
            self.sent,
            self.received,
            self.ratio * 100.0,
            self.delivered
        )?;
        for (what, times) in [("arrival", self.to_recipient), ("proof", self.to_proof)] {
            writeln!(
                f,
                "  until {what}: mean {:.0} ms, median {} ms, 9 of 10 within {} ms",
                times.mean, times.median, times.p90
            )?;
        }
        let total = |host: &BTreeMap<_, Amount>| host.values().map(|amount| amount.bytes).sum::<u64>();
        for (host, traffic) in self.traffic.iter().enumerate() {
            write!(f, "host {host} sent {} B:", total(traffic))?;
            for (kind, amount) in traffic {
                write!(f, " {kind} {}×/{} B", amount.count, amount.bytes)?;
            }
            writeln!(f)?;
        }
        list(f, "promises put to the test", &self.promises)?;
        list(f, "faults", &self.faults_seen)?;
        list(f, "events", &self.events)?;
        list(f, "dropped or refused", &self.counters)?;
        writeln!(f, "course {:016x}", self.decisions)?;
        if self.is_kept() {
            return writeln!(f, "every promise was kept");
        }
        writeln!(f, "\n{}", self.trace)?;
        for violation in &self.violations {
            writeln!(f, "{violation}")?;
        }
        writeln!(f, "repeat it with: {}", self.command)
    }
}

fn list(f: &mut fmt::Formatter<'_>, what: &str, counts: &BTreeMap<&'static str, u64>) -> fmt::Result {
    write!(f, "{what}:")?;
    for (name, count) in counts {
        write!(f, " {name} {count}×,")?;
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_sorted_before_they_are_cut() {
        let found = latency(vec![9, 1, 8, 2, 7, 3, 6, 4, 5, 10]);
        assert_eq!(found, Latency { mean: 5.5, median: 6, p90: 10 });
        assert_eq!(latency(Vec::new()), Latency::default());
    }
}
