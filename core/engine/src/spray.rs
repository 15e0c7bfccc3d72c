//! How copies of an envelope are split between hosts: delegation spray with waves (PROTOCOL.md, Carriers).
//!
//! A copy's *best* is the greatest number of distinct hosts that somebody holding it has met. Half of the copies go to a host
//! that has met nearly as many: so they climb to those who get about.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Copies a sealing starts with where nothing else is known. Where people meet often more cost a transmission for each three, and save
/// little; where they meet seldom, waves bring what is missing (SPRAY.md).
pub(crate) const COPIES: u16 = 24;
/// No envelope has more, whatever it claims: what a source in a crowd of 500 and more starts with.
pub(crate) const COPIES_MAX: u16 = 32;
/// After so long without a proof the source adds a wave of copies to its own. Where people meet often nearly everything is proved
/// by then, so that waves cost nothing there; where few meet, earlier ones leave more time to use them (SPRAY.md).
pub(crate) const WAVES: [Millis; 2] = [Millis::from_hours(1), Millis::from_minutes(90)];
/// A wave has so many times what the sealing started with: in the sparsest worlds measured, once and twice deliver four points
/// less, more than four times nothing more (SPRAY.md).
const WAVE_TIMES: u16 = 4;
/// A host takes copies if it has met at least seven tenths of the best. Six deliver one or two points more in the sparsest world
/// measured (with the waves of before), but are late on the trace and cost a transmission more there; eight deliver one or two
/// points less in two clustered worlds, for a seventh to a fifth fewer transmissions (SPRAY.md; one seed of each).
const WORTHY_TENTHS: u32 = 7;

/// What is still to be given away of a sealing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spray {
    pub(crate) copies: u16,
    pub(crate) best: u16,
    /// Waves that were added.
    pub(crate) waves: u8,
    /// What the sealing started with: a wave adds four times as many.
    #[serde(default = "copies")]
    pub(crate) start: u16,
}

/// What every sealing started with in records of before.
fn copies() -> u16 {
    COPIES
}

/// How a copy is split: what is given, and what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) given: (u16, u16),
    pub(crate) kept: (u16, u16),
}

impl Spray {
    /// A fresh sealing with so many copies, of a host that has met so many others.
    pub(crate) fn new(copies: u16, meetings: u16) -> Self {
        Self { copies, best: meetings, waves: 0, start: copies }
    }

    /// Adds the waves that are due `age` after the sealing, at a host that has met `meetings` others; `None` if there are none.
    /// With the last, its copies climb anew: by then their best has climbed beyond nearly all whom this host meets.
    pub(crate) fn with_waves(self, age: Millis, meetings: u16) -> Option<Self> {
        let due = WAVES.iter().filter(|after| age >= **after).count();
        let waves = u8::try_from(due).unwrap_or(u8::MAX);
        let missing = u16::from(waves.saturating_sub(self.waves));
        let added = missing.saturating_mul(WAVE_TIMES).saturating_mul(self.start);
        let best = if due == WAVES.len() { self.best.min(meetings) } else { self.best };
        (added > 0).then(|| Self { copies: self.copies.saturating_add(added), waves, best, ..self })
    }
}

/// Splits `copies` with a host that has met `meetings` others; `None` if it is given none.
pub(crate) fn split(copies: u16, best: u16, meetings: u16) -> Option<Split> {
    let worthy = u32::from(meetings) * 10 >= u32::from(best) * WORTHY_TENTHS;
    if copies < 2 || !worthy {
        return None;
    }
    let given = (copies / 2).min(COPIES_MAX);
    let greater = best.max(meetings);
    // One boast must not freeze a copy: the half that is kept climbs by steps.
    let step = (u32::from(best) * 135 / 100).max(u32::from(best) + 1);
    let kept_best = greater.min(u16::try_from(step).unwrap_or(u16::MAX));
    Some(Split { given: (given, greater), kept: (copies - given, kept_best) })
}

/// Hands all copies over, as many as anybody may have, to a host that has met `meetings` others: their holder leaves, and keeps
/// what only the recipient gets of it. So handing over makes none.
pub(crate) fn hand_over(copies: u16, best: u16, meetings: u16) -> Split {
    let given = copies.min(COPIES_MAX);
    Split { given: (given, best.max(meetings)), kept: (copies - given, best) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_goes_to_a_host_that_has_met_nearly_as_many_and_nothing_to_one_that_has_not() {
        assert_eq!(split(24, 10, 6), None);
        assert_eq!(split(24, 10, 7), Some(Split { given: (12, 10), kept: (12, 10) }));
        assert_eq!(split(1, 10, 50), None);
        assert_eq!(split(3, 0, 0), Some(Split { given: (1, 0), kept: (2, 0) }));
    }

    #[test]
    fn a_boast_raises_what_is_kept_by_a_third_only() {
        assert_eq!(split(8, 20, 60_000), Some(Split { given: (4, 60_000), kept: (4, 27) }));
        assert_eq!(split(8, 0, 60_000), Some(Split { given: (4, 60_000), kept: (4, 1) }));
    }

    #[test]
    fn waves_are_added_once_each() {
        let spray = Spray { copies: 1, best: 3, waves: 0, start: COPIES };
        assert_eq!(spray.with_waves(Millis::from_minutes(59), 2), None);
        let first = spray.with_waves(Millis::from_hours(1), 2).unwrap();
        assert_eq!(first, Spray { copies: 1 + 96, best: 3, waves: 1, ..spray });
        assert_eq!(first.with_waves(Millis::from_minutes(89), 2), None);
        let second = first.with_waves(Millis::from_hours(3), 2).unwrap();
        assert_eq!((second.copies, second.best), (1 + 96 + 96, 2), "it climbs anew");
        assert_eq!(first.with_waves(Millis::from_hours(3), 9).unwrap().best, 3);
        let both = spray.with_waves(Millis::from_hours(3), 2).unwrap();
        assert_eq!((both.copies, both.with_waves(Millis::from_days(3), 2)), (1 + 96 + 96, None));
        assert_eq!(Spray::new(8, 3).with_waves(Millis::from_hours(3), 2).unwrap().copies, 8 + 32 + 32);
    }

    #[test]
    fn no_split_makes_copies() {
        for copies in 0..200 {
            for meetings in [0, 5, 100] {
                let handed_over = hand_over(copies, 4, meetings);
                assert_eq!(handed_over.given.0 + handed_over.kept.0, copies);
                assert!(handed_over.given.0 <= COPIES_MAX);
                let Some(split) = split(copies, 4, meetings) else { continue };
                assert_eq!(split.given.0 + split.kept.0, copies);
                assert!(split.given.0 <= COPIES_MAX);
            }
        }
    }
}
