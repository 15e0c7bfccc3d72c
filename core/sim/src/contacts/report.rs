//! What came of a replay, in the figures the ONE gives.

use std::collections::BTreeMap;

use serde::Serialize;

use super::world::TraceWorld;
use crate::promise::Violation;
use crate::traffic::Amount;

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// What the list calls it.
    pub name: String,
    /// Who wrote it.
    pub from: u32,
    /// To whom.
    pub to: u32,
    /// When it was written, in seconds from second 0.
    pub written_s: f64,
    /// How long it took until its recipient had stored it, in seconds; none if it did not arrive within its lifetime.
    pub latency_s: Option<f64>,
    /// Over how many links it came.
    pub hops: u32,
    /// How long it took until its sender knew, in seconds.
    pub proved_after_s: Option<f64>,
}

/// Mean, middle and more of a number of figures; all 0 if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The middle one: of an even number, the mean of both.
    pub median: f64,
    /// Nine of ten are no greater.
    pub p90: f64,
    /// The greatest.
    pub max: f64,
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceReport {
    /// Hosts, each with an engine.
    pub hosts: usize,
    /// Contacts since second 0, those over several radios counted once.
    pub contacts: u64,
    /// Pairs that became friends before second 0.
    pub friendships: usize,
    /// Messages of the list that were written.
    pub messages: u64,
    /// Messages stored at their recipients within their lifetimes.
    pub delivered: u64,
    /// Messages stored there when their lifetimes were over; not among the delivered.
    pub late: u64,
    /// Messages whose senders have the proof.
    pub proved: u64,
    /// `delivered` of `messages`; 1 if there are none.
    pub delivered_ratio: f64,
    /// Messages that could arrive at all: if everything went to everyone at once over every contact.
    pub possible: u64,
    /// `possible` of `messages`; 1 if there are none.
    pub possible_ratio: f64,
    /// How long these would take in the mean, in seconds.
    pub possible_mean_latency_s: f64,
    /// From written to stored at the recipient, in seconds, of the delivered.
    pub mean_latency_s: f64,
    /// The middle of these.
    pub median_latency_s: f64,
    /// Nine of ten took no longer.
    pub p90_latency_s: f64,
    /// Envelopes that went whole from one host to another, deliveries included, also those of messages never delivered.
    pub transmissions: u64,
    /// The same for each delivered message; 0 if there is none.
    pub transmissions_per_delivered: f64,
    /// What the ONE calls so: transmissions beyond the delivering one, for each delivered message.
    pub overhead_ratio: f64,
    /// Envelopes that were on their way when a contact ended.
    pub cut: u64,
    /// Links over which the delivered came.
    pub mean_hops: f64,
    /// Bytes of all frames, those of cut ones as far as they came.
    pub bytes: u64,
    /// The same by kind, with the number of frames that arrived whole.
    pub traffic: BTreeMap<&'static str, Amount>,
    /// What the engines counted as dropped or refused.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Links that an engine closed while the contact went on.
    pub closed: u64,
    /// The most that one host stored at a time, in bytes of bodies by table.
    pub most_stored: BTreeMap<String, usize>,
    /// Things that happened.
    pub steps: u64,
    /// How often each promise was put to the test.
    pub promises: BTreeMap<&'static str, u64>,
    /// The promises that were broken.
    pub violations: Vec<Violation>,
    /// How long making friends before second 0 took, in seconds of this machine.
    pub befriending_s: f64,
    /// How long everything since second 0 took, in seconds of this machine.
    pub wall_s: f64,
    /// Each message of the list, in its order.
    #[serde(skip)]
    pub deliveries: Vec<Delivery>,
}

impl TraceReport {
    /// Whether every promise that was looked at was kept.
    pub fn is_kept(&self) -> bool {
        self.violations.is_empty()
    }

    /// The same with what could arrive at all.
    pub(super) fn beside(self, (possible, possible_mean_latency_s): (u64, f64)) -> Self {
        let possible_ratio = if self.messages == 0 { 1.0 } else { possible as f64 / self.messages as f64 };
        Self { possible, possible_ratio, possible_mean_latency_s, ..self }
    }

    pub(super) fn of(world: &TraceWorld) -> Self {
        let (befriending, wall) = world.walls();
        let tally = &world.tally;
        let deliveries = deliveries(world);
        let latencies: Vec<f64> = deliveries.iter().filter_map(|delivery| delivery.latency_s).collect();
        let latency = Spread::of(&latencies);
        let hops = deliveries.iter().filter(|it| it.latency_s.is_some()).map(|it| f64::from(it.hops));
        let (messages, delivered) = (tally.fates.iter().filter(|fate| fate.stored.is_some()).count(), latencies.len());
        let received = tally.fates.iter().filter(|fate| fate.received.is_some()).count();
        let ratio = |of: f64, by: usize| if by == 0 { 0.0 } else { of / by as f64 };
        let transmissions = tally.transmissions as f64;
        Self {
            hosts: world.hosts.len(),
            contacts: world.contacts_made - world.contacts_before,
            friendships: world.friendships.len() / 2,
            messages: messages as u64,
            delivered: delivered as u64,
            late: (received - delivered) as u64,
            proved: tally.fates.iter().filter(|fate| fate.proved.is_some()).count() as u64,
            delivered_ratio: if messages == 0 { 1.0 } else { delivered as f64 / messages as f64 },
            possible: 0,
            possible_ratio: 0.0,
            possible_mean_latency_s: 0.0,
            mean_latency_s: latency.mean,
            median_latency_s: latency.median,
            p90_latency_s: latency.p90,
            transmissions: tally.transmissions,
            transmissions_per_delivered: ratio(transmissions, delivered),
            overhead_ratio: ratio(transmissions - delivered as f64, delivered),
            cut: tally.cut,
            mean_hops: ratio(hops.sum(), delivered),
            bytes: tally.traffic.values().map(|amount| amount.bytes).sum(),
            traffic: tally.traffic.clone(),
            dropped: dropped(world),
            closed: tally.closed,
            most_stored: most_stored(world),
            steps: tally.steps,
            promises: tally.checks.iter().map(|(promise, count)| (promise.name(), *count)).collect(),
            violations: tally.violations.clone(),
            befriending_s: befriending.as_secs_f64(),
            wall_s: wall.as_secs_f64(),
            deliveries,
        }
    }
}

impl Spread {
    fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
        let count = sorted.len();
        let last = count.saturating_sub(1);
        Self {
            mean: if count == 0 { 0.0 } else { sorted.iter().sum::<f64>() / count as f64 },
            median: f64::midpoint(at(last / 2), at(count / 2)),
            p90: at((count * 9).div_ceil(10).saturating_sub(1)),
            max: at(last),
        }
    }
}

fn deliveries(world: &TraceWorld) -> Vec<Delivery> {
    let seconds = |from: u64, to: u64| to.saturating_sub(from) as f64 / 1_000.0;
    let of = |(fate, message): (&super::tally::Fate, &super::list::ListedMessage)| {
        let written = world.zero + message.at;
        let in_time = fate.received.map(|(at, _)| at).filter(|at| is_in_time(written, *at, message.lifetime));
        Delivery {
            name: message.name.clone(),
            from: message.from,
            to: message.to,
            written_s: message.at as f64 / 1_000.0,
            latency_s: in_time.map(|at| seconds(written, at)),
            hops: fate.hops,
            proved_after_s: fate.proved.map(|at| seconds(written, at)),
        }
    };
    world.tally.fates.iter().zip(&world.list).map(of).collect()
}

/// A message that arrives in the very moment in which its lifetime is over has arrived.
fn is_in_time(written: u64, received: u64, lifetime: u64) -> bool {
    received.saturating_sub(written) <= lifetime
}

fn dropped(world: &TraceWorld) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for host in &world.hosts {
        for (name, count) in host.engine.counters() {
            let since = count - host.counted.get(name).copied().unwrap_or(0);
            if since > 0 {
                *all.entry(name).or_default() += since;
            }
        }
    }
    all
}

fn most_stored(world: &TraceWorld) -> BTreeMap<String, usize> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for (table, bytes) in world.hosts.iter().flat_map(super::host::Host::most_stored) {
        let most = all.entry(format!("{table:?}").to_lowercase()).or_default();
        *most = bytes.max(*most);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_after_its_lifetime_does_not_count_as_delivered() {
        assert_eq!([60_999, 61_000, 61_001].map(|received| is_in_time(1_000, received, 60_000)), [true, true, false]);
    }

    #[test]
    fn the_middle_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(Spread::of(&[4.0, 1.0, 3.0, 2.0]), Spread { mean: 2.5, median: 2.5, p90: 4.0, max: 4.0 });
        assert_eq!(Spread::of(&[9.0, 1.0, 2.0]), Spread { mean: 4.0, median: 2.0, p90: 9.0, max: 9.0 });
        assert_eq!(Spread::of(&[]), Spread::default());
    }
}
