//! Moments as people write them, in the time of their clock on the wall.

use chrono::{DateTime, Datelike, Local, NaiveDateTime, TimeZone, Timelike};
use permesso_node::Wall;

use crate::words::{Language, say};

/// Which clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// The user's.
    Local,
    /// Greenwich's, for tests.
    #[cfg(test)]
    Utc,
}

impl Zone {
    fn read(self, wall: Wall) -> NaiveDateTime {
        let millis = i64::try_from(wall.0).unwrap_or(i64::MAX);
        let utc = DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH);
        match self {
            Self::Local => Local.from_utc_datetime(&utc.naive_utc()).naive_local(),
            #[cfg(test)]
            Self::Utc => utc.naive_utc(),
        }
    }

    /// `14:02`
    pub(crate) fn clock(self, wall: Wall) -> String {
        let moment = self.read(wall);
        format!("{:02}:{:02}", moment.hour(), moment.minute())
    }

    /// `14:02` if it is the day of `now`, else `24/11 14:02`, else with the year.
    pub(crate) fn moment(self, wall: Wall, now: Wall) -> String {
        let (moment, today) = (self.read(wall), self.read(now));
        let clock = self.clock(wall);
        if moment.date() == today.date() {
            clock
        } else if moment.year() == today.year() {
            format!("{:02}/{:02} {clock}", moment.day(), moment.month())
        } else {
            format!("{:02}/{:02}/{} {clock}", moment.day(), moment.month(), moment.year())
        }
    }

    /// Whether two moments are on one day.
    pub(crate) fn same_day(self, one: Wall, other: Wall) -> bool {
        self.read(one).date() == self.read(other).date()
    }

    /// `Wednesday 25 November 2026`
    pub(crate) fn day(self, wall: Wall, language: Language) -> String {
        let date = self.read(wall);
        let (weekday, month) = (date.weekday().number_from_monday(), date.month());
        let weekday = say!(language, "chat-weekday", weekday);
        let month = say!(language, "chat-month", month);
        format!("{weekday} {} {month} {}", date.day(), date.year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-25 14:02 UTC, a Wednesday.
    const THEN: Wall = Wall(1_795_615_320_000);

    #[test]
    fn a_day_is_named_in_both_languages() {
        assert_eq!(Zone::Utc.day(THEN, Language::English), "Wednesday 25 November 2026");
        assert_eq!(Zone::Utc.day(THEN, Language::Italian), "mercoledì 25 novembre 2026");
    }

    #[test]
    fn a_moment_says_no_more_than_is_needed() {
        const DAY: u64 = 86_400_000;
        assert_eq!(Zone::Utc.moment(THEN, THEN), "14:02");
        assert_eq!(Zone::Utc.moment(THEN, Wall(THEN.0 + DAY)), "25/11 14:02");
        assert_eq!(Zone::Utc.moment(THEN, Wall(THEN.0 + 365 * DAY)), "25/11/2026 14:02");
    }
}
