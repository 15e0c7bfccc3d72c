//! Time, as an argument: the engine never reads a clock.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Suspend-aware monotonic milliseconds since an arbitrary start; what every timer runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

/// Milliseconds since 1970-01-01 00:00 UTC by the device's own clock, which may be wrong: for people, and for expiry across
/// restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(pub u64);

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

/// The two clocks, read together by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The clock of timers.
    pub tick: Tick,
    /// The clock of people.
    pub wall: Wall,
}

impl Millis {
    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000)
    }

    /// So many minutes.
    pub const fn from_minutes(minutes: u64) -> Self {
        Self::from_secs(minutes * 60)
    }

    /// So many hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_minutes(hours * 60)
    }

    /// So many days.
    pub const fn from_days(days: u64) -> Self {
        Self::from_hours(days * 24)
    }
}

macro_rules! moments {
    ($($moment:ident),*) => {$(
        impl Add<Millis> for $moment {
            type Output = Self;

            fn add(self, span: Millis) -> Self {
                Self(self.0.saturating_add(span.0))
            }
        }

        impl Sub<Millis> for $moment {
            type Output = Self;

            fn sub(self, span: Millis) -> Self {
                Self(self.0.saturating_sub(span.0))
            }
        }

        impl Sub for $moment {
            type Output = Millis;

            /// The span from `earlier` to `self`, zero if it lies ahead.
            fn sub(self, earlier: Self) -> Millis {
                Millis(self.0.saturating_sub(earlier.0))
            }
        }
    )*};
}

moments!(Tick, Wall);
