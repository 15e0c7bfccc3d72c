//! How many copies a sealing starts with, by what is around this host (PROTOCOL.md, Carriers).
//!
//! Where few are met again and again, fewer copies reach the same people; in a crowd it takes more to reach one. Only the host
//! itself uses this: nobody else learns whom it has seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::few::gathered;
use crate::gate::Gate;
use crate::ids::HostId;
use crate::record;
use crate::rows::Table;
use crate::spray::{COPIES, COPIES_MAX};
use crate::time::{Millis, Now, Tick, Wall};

/// Row in `Table::Local`.
pub(crate) const ROW: u64 = 17;
/// Copies where few are about: with 50 hosts every sixth has one. Among 40 who meet often they deliver all with half of the
/// transmissions of 24; where 45 live apart they cost up to 1.7 messages of a hundred (SPRAY.md). Chosen from a cold start
/// they cost 150 s on the trace (a figure of the design), so that a day on the air comes first.
const COPIES_FEW: u16 = 8;
/// Few are up to so many hosts in the week ...
const FEW: usize = 50;
/// ... that this host saw in so much time on the air: less tells nothing.
const KNOWN_AFTER: Millis = Millis::from_hours(24);
/// A crowd is from so many hosts on: 32 copies in place of 24 win 0.8 of a hundred in the sparsest of such worlds (SPRAY.md).
const CROWD: usize = 500;
/// The past week is what counts.
const DAYS: u64 = 7;
const DAY: Millis = Millis::from_days(1);
/// Hosts remembered of a day: more than a crowd is a crowd.
const HOSTS_MAX: usize = CROWD;
/// What was seen is written this often; what a crash loses is little against a week.
const WRITTEN_EVERY: Millis = Millis::from_hours(1);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Day {
    on_air: Millis,
    /// The beginnings of the ids of those who were heard.
    hosts: BTreeSet<u32>,
}

/// What this host saw in the past week.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// By number, of the clock of age.
    days: BTreeMap<u64, Day>,
    counted: Tick,
    written: Wall,
}

impl Surroundings {
    /// Goes on from the record, if there is one.
    pub(crate) fn restore(record: Option<&[u8]>, now: Now) -> Self {
        let days = record.and_then(record::decode).unwrap_or_default();
        Self { days, counted: now.tick, written: now.wall }
    }

    /// A host was heard or linked.
    pub(crate) fn on_seen(&mut self, host: HostId, now: Wall) {
        let [a, b, c, d, ..] = *host.as_bytes();
        let hosts = &mut self.today(now).hosts;
        if hosts.len() < HOSTS_MAX {
            hosts.insert(u32::from_be_bytes([a, b, c, d]));
        }
    }

    /// Counts the time since the last call as time on the air, or not, and writes what was seen now and then.
    pub(crate) fn count(&mut self, on_air: bool, now: Now, gate: &mut Gate) {
        let passed = now.tick - self.counted;
        self.counted = now.tick;
        if on_air {
            let day = self.today(now.wall);
            day.on_air = Millis(day.on_air.0 + passed.0);
        }
        if now.wall - self.written >= WRITTEN_EVERY {
            self.written = now.wall;
            gate.write(record::put(Table::Local, ROW, &self.days));
        }
    }

    /// How many copies a sealing made now starts with.
    pub(crate) fn copies(&self, now: Wall) -> u16 {
        let today = day_of(now);
        let week = || self.days.iter().filter(|(day, _)| **day + DAYS > today).map(|(_, day)| day);
        let seen: BTreeSet<u32> = gathered(week().flat_map(|day| &day.hosts).copied());
        let on_air: u64 = week().map(|day| day.on_air.0).sum();
        match seen.len() {
            CROWD.. => COPIES_MAX,
            0..=FEW if on_air >= KNOWN_AFTER.0 => COPIES_FEW,
            _ => COPIES,
        }
    }

    fn today(&mut self, now: Wall) -> &mut Day {
        let number = day_of(now);
        self.days.retain(|day, _| *day + DAYS > number);
        self.days.entry(number).or_default()
    }
}

fn day_of(now: Wall) -> u64 {
    now.0 / DAY.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Write;

    const HOUR: u64 = Millis::from_hours(1).0;

    fn host(number: u32) -> HostId {
        HostId::from_uuid(uuid::Uuid::from_u128(u128::from(number) << 96))
    }

    fn at(hours: u64) -> Now {
        Now { tick: Tick(hours * HOUR), wall: Wall(1_000 * DAY.0 + hours * HOUR) }
    }

    /// On the air for so many hours, minute by minute, among so many hosts.
    fn seen(hosts: u32, hours: u64) -> Surroundings {
        let mut surroundings = Surroundings::restore(None, at(0));
        (0..hosts).for_each(|number| surroundings.on_seen(host(number), at(0).wall));
        (0..=hours).for_each(|hour| surroundings.count(true, at(hour), &mut Gate::default()));
        surroundings
    }

    #[test]
    fn a_sealing_has_24_copies_8_where_few_are_seen_in_a_day_on_the_air_and_32_in_a_crowd() {
        for (hosts, hours, copies) in [
            (0, 0, 24),
            (50, 23, 24),
            (50, 24, 8),
            (51, 24, 24),
            (499, 100, 24),
            (500, 0, 32),
            (500, 100, 32),
            (3_000, 1, 32),
        ] {
            assert_eq!(seen(hosts, hours).copies(at(hours).wall), copies, "{hosts} hosts in {hours} h");
        }
    }

    #[test]
    fn time_off_the_air_does_not_count_and_a_host_seen_every_day_counts_once() {
        let mut surroundings = Surroundings::restore(None, at(0));
        for hour in 0..72 {
            surroundings.count(hour % 4 == 0, at(hour), &mut Gate::default());
            (0..20).for_each(|number| surroundings.on_seen(host(number), at(hour).wall));
        }
        assert_eq!(surroundings.copies(at(72).wall), 24);
        for hour in 72..80 {
            surroundings.count(true, at(hour), &mut Gate::default());
        }
        assert_eq!(surroundings.copies(at(80).wall), 8);
    }

    #[test]
    fn only_the_past_week_counts() {
        let mut surroundings = seen(500, 24);
        assert_eq!(surroundings.copies(at(6 * 24).wall), 32);
        assert_eq!(surroundings.copies(at(8 * 24).wall), 24, "a week without anybody");
        surroundings.on_seen(host(1), at(9 * 24).wall);
        assert_eq!(surroundings.days.len(), 1, "what is older is forgotten");
    }

    #[test]
    fn what_was_seen_outlives_a_restart() {
        let (mut surroundings, mut gate) = (seen(10, 0), Gate::default());
        (0..30).for_each(|hour| surroundings.count(true, at(hour), &mut gate));
        let writes = gate.poll_commit().unwrap().writes;
        let record = writes.into_iter().rev().find_map(|write| match write {
            Write::Put { key, value, .. } if key.row == ROW => Some(value),
            _ => None,
        });
        let restored = Surroundings::restore(record.as_deref(), at(30));
        assert_eq!(restored.copies(at(30).wall), 8);
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut surroundings = Surroundings::restore(None, at(0));
        for hour in 0..24 * 20 {
            (0..600).for_each(|number| surroundings.on_seen(host(hour as u32 * 600 + number), at(hour).wall));
        }
        assert!(surroundings.days.len() as u64 <= DAYS);
        assert!(surroundings.days.values().all(|day| day.hosts.len() <= HOSTS_MAX));
    }
}
