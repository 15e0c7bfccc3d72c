//! The clock by which things grow old. The people's clock is set by hand, by networks and by empty batteries, so a wait of
//! thirty days must not end because it leaps by decades: while the host runs, time that passes is counted by ticks; while it
//! is off, by the people's clock as far as that can be believed.

use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::record;
use crate::rows::Table;
use crate::time::{Millis, Now, Wall};

/// Row in `Table::Local`.
pub(crate) const ROW: u64 = 16;
/// The people's clock is put right by less than this again and again, and then followed; more is a leap.
const LEAP: u64 = Millis::from_hours(1).0;
/// A host that seems to have been off for longer has a wrong clock: nothing grows old by that.
const OFF_MAX: Millis = Millis::from_days(366);
/// The time reached is written this often, so that a host that was on for years is not taken to have been off for them.
const WRITTEN_EVERY: Millis = Millis::from_days(1);

#[derive(Serialize, Deserialize)]
struct AgeingRecord {
    reached: Wall,
    /// What the people's clock showed then.
    shown: Wall,
}

/// The clock of age.
pub(crate) struct Ageing {
    reached: Wall,
    /// Both clocks as they were given last.
    last: Now,
    written: Wall,
}

impl Ageing {
    /// Goes on from the record, if there is one.
    pub(crate) fn restore(record: Option<&[u8]>, now: Now, gate: &mut Gate) -> Self {
        let reached = match record.and_then(record::decode) {
            Some(AgeingRecord { reached, shown }) if now.wall - shown <= OFF_MAX => reached + (now.wall - shown),
            Some(AgeingRecord { reached, .. }) => reached,
            None => now.wall,
        };
        let mut ageing = Self { reached, last: now, written: reached };
        ageing.write(gate);
        ageing
    }

    /// Takes note of what both clocks show.
    pub(crate) fn read(&mut self, now: Now, gate: &mut Gate) {
        let passed = now.tick - self.last.tick;
        let leap = (self.last.wall + passed).0.abs_diff(now.wall.0) > LEAP;
        self.reached = match leap {
            true => self.reached + passed,
            false => self.reached + (now.wall - self.last.wall) - (self.last.wall - now.wall),
        };
        self.last = now;
        if leap {
            self.write(gate);
        }
    }

    /// The time, with this clock in place of the people's.
    pub(crate) fn now(&self) -> Now {
        Now { wall: self.reached, ..self.last }
    }

    /// Writes the time reached, now and then.
    pub(crate) fn write_lazily(&mut self, gate: &mut Gate) {
        if self.reached - self.written >= WRITTEN_EVERY {
            self.write(gate);
        }
    }

    /// What the people's clock would have shown at this moment if it had never leapt.
    pub(crate) fn shown(&self, moment: Wall) -> Wall {
        self.last.wall + (moment - self.reached) - (self.reached - moment)
    }

    fn write(&mut self, gate: &mut Gate) {
        self.written = self.reached;
        let record = AgeingRecord { reached: self.reached, shown: self.last.wall };
        gate.write(record::put(Table::Local, ROW, &record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Write;
    use crate::time::Tick;

    const YEAR: u64 = 365 * 24 * 60 * 60 * 1_000;

    fn at(tick: u64, wall: u64) -> Now {
        Now { tick: Tick(tick), wall: Wall(wall) }
    }

    fn read(ageing: &mut Ageing, now: Now) -> Now {
        ageing.read(now, &mut Gate::default());
        ageing.now()
    }

    fn restarted(gate: &mut Gate, now: Now) -> Now {
        let mut newest = None;
        for write in gate.poll_commit().into_iter().flat_map(|commit| commit.writes) {
            if let Write::Put { value, .. } = write {
                newest = Some(value);
            }
        }
        Ageing::restore(newest.as_deref(), now, gate).now()
    }

    #[test]
    fn a_leap_either_way_changes_nothing_and_time_goes_on_by_ticks() {
        let mut gate = Gate::default();
        let mut ageing = Ageing::restore(None, at(0, 50 * YEAR), &mut gate);
        for (tick, wall) in [(10, 120 * YEAR), (20, 0), (30, 60 * YEAR), (40, u64::MAX), (50, 7)] {
            assert_eq!(read(&mut ageing, at(tick, wall)), at(tick, 50 * YEAR + tick));
            assert_eq!(ageing.shown(Wall(50 * YEAR + tick)), Wall(wall));
        }
    }

    #[test]
    fn small_corrections_are_followed() {
        let mut gate = Gate::default();
        let mut ageing = Ageing::restore(None, at(0, YEAR), &mut gate);
        assert_eq!(read(&mut ageing, at(10, YEAR + LEAP)), at(10, YEAR + LEAP));
        assert_eq!(read(&mut ageing, at(20, YEAR + 20)), at(20, YEAR + 20));
    }

    #[test]
    fn a_month_off_counts_and_decades_or_less_than_nothing_do_not() {
        for (wall, aged) in [(YEAR + YEAR / 12, YEAR + YEAR / 12), (90 * YEAR, YEAR), (3, YEAR)] {
            let mut gate = Gate::default();
            Ageing::restore(None, at(0, YEAR), &mut gate);
            assert_eq!(restarted(&mut gate, at(0, wall)).wall, Wall(aged));
        }
    }

    #[test]
    fn years_on_are_not_taken_for_years_off() {
        let mut gate = Gate::default();
        let mut ageing = Ageing::restore(None, at(0, YEAR), &mut gate);
        ageing.read(at(2 * YEAR, 3 * YEAR), &mut gate);
        ageing.write_lazily(&mut gate);
        assert_eq!(restarted(&mut gate, at(0, 3 * YEAR + 5)).wall, Wall(3 * YEAR + 5));
    }
}
