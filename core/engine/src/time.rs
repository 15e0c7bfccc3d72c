//! Time, as an argument: the engine never reads a clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Suspend-aware monotonic milliseconds since an arbitrary start; what every timer runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

/// Milliseconds since 1970-01-01 00:00 UTC by the device's own clock, which may be wrong: for people, and for expiry across
/// restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wall(pub u64);

/// A span of time in milliseconds. In text formats it is read from a number, or from words like `"250ms"`, `"5s"`, `"2m"`,
/// `"3h"`, `"30d"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

/// The units of a span, greatest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A text that is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a span of time like \"250ms\", \"5s\", \"2m\", \"3h\" or \"30d\"")]
pub struct ParseSpanError;

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

impl fmt::Display for Millis {
    /// In the greatest unit that gives a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, unit): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*unit);
        match UNITS.iter().find(whole) {
            Some((name, unit)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Millis {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(ParseSpanError)?;
        let (number, unit) = text.split_at_checked(digits).ok_or(ParseSpanError)?;
        let number: u64 = number.parse().map_err(|_| ParseSpanError)?;
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or(ParseSpanError)?;
        number.checked_mul(*unit).map(Self).ok_or(ParseSpanError)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(SpanVisitor)
        } else {
            u64::deserialize(deserializer).map(Self)
        }
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Millis;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a span of time like \"5s\", or a number of milliseconds")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Millis, E> {
        Ok(Millis(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Millis, E> {
        u64::try_from(value).map(Millis).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Millis, E> {
        value.parse().map_err(E::custom)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_in_the_greatest_whole_unit_and_read_back() {
        let spans = [(0, "0ms"), (250, "250ms"), (5_000, "5s"), (90_000, "90s"), (120_000, "2m"), (259_200_000, "3d")];
        for (span, text) in spans {
            assert_eq!(Millis(span).to_string(), text);
            assert_eq!(text.parse(), Ok(Millis(span)));
        }
    }

    #[test]
    fn what_is_not_a_span_is_refused() {
        for text in ["", "5", "s", "-5s", "5 weeks", "5.5s", "18446744073709551615d", "5sé"] {
            assert_eq!(text.parse::<Millis>(), Err(ParseSpanError), "{text:?}");
        }
    }
}
