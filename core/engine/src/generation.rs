//! Noticing an older copy of the database (PROTOCOL.md, Copies of a database): the generation is made durable in the database
//! and then written outside it, where restoring a copy brings no old number back.

use crate::context::Context;
use crate::ids::Generation;
use crate::time::{Millis, Tick};

/// The number outside moves on this often; a copy restored within it is not noticed.
const PERIOD: Millis = Millis::from_hours(1);
/// The generation of a restored host is raised by so much: seven years of hours, so that no number used since the copy was
/// made comes again even if the one outside is lost with it.
pub(crate) const RAISED: u32 = 1 << 16;

/// With what generation a host starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) generation: Generation,
    /// The database is an older copy, or one without its number outside.
    pub(crate) restored: bool,
}

impl Start {
    /// Of a host never started before.
    pub(crate) const FIRST: Self = Self { generation: Generation(1), restored: false };

    /// Of a host whose database and whose place outside say this.
    pub(crate) fn of(stored: Generation, outside: Option<Generation>) -> Self {
        match outside {
            Some(outside) if outside == stored => Self { generation: stored.plus(1), restored: false },
            // The last one was made durable and not written outside: nothing was sent in it, and this start has it.
            Some(outside) if outside.plus(1) == stored => Self { generation: stored, restored: false },
            outside => Self { generation: stored.max(outside.unwrap_or_default()).plus(RAISED), restored: true },
        }
    }
}

/// When the next generation is due.
#[derive(Debug)]
pub(crate) struct Generations {
    due: Tick,
}

impl Generations {
    pub(crate) fn begin(now: Tick) -> Self {
        Self { due: now + PERIOD }
    }

    pub(crate) fn next_timeout(&self) -> Tick {
        self.due
    }

    /// Whether the hour is over; begins the next one.
    pub(crate) fn is_due(&mut self, ctx: &Context) -> bool {
        let due = self.due <= ctx.now.tick;
        if due {
            self.due = ctx.now.tick + PERIOD;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(stored: u32, outside: Option<u32>) -> (u32, bool) {
        let start = Start::of(Generation(stored), outside.map(Generation));
        (start.generation.0, start.restored)
    }

    #[test]
    fn a_host_whose_two_numbers_agree_goes_on_with_the_next() {
        assert_eq!(start(7, Some(7)), (8, false));
    }

    #[test]
    fn a_crash_between_the_two_writes_is_not_taken_for_a_restored_copy_however_often_it_happens() {
        assert_eq!(start(8, Some(7)), (8, false));
        assert_eq!(start(8, Some(7)), (8, false));
    }

    #[test]
    fn a_database_behind_or_far_ahead_of_its_number_outside_or_without_one_is_a_restored_copy() {
        assert_eq!(start(6, Some(7)), (7 + 65_536, true));
        assert_eq!(start(9, Some(7)), (9 + 65_536, true));
        assert_eq!(start(9, None), (9 + 65_536, true));
    }

    #[test]
    fn the_last_number_is_not_passed() {
        assert_eq!(start(u32::MAX, None), (u32::MAX, true));
    }
}
