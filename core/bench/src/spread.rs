//! Many measurements of one thing.

use std::time::Duration;

/// Many measurements of one thing, in order of their size.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread(Vec<f64>);

impl Spread {
    /// Of these values.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// Of these times, in milliseconds.
    pub fn of_times(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::of(times.into_iter().map(|time| time.as_secs_f64() * 1_000.0).collect())
    }

    /// The value in the middle; 0 if there is none.
    pub fn median(&self) -> f64 {
        self.at(50)
    }

    /// The value below which so many per cent lie; 0 if there is none.
    pub fn at(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    /// The least and the greatest.
    pub fn ends(&self) -> [f64; 2] {
        [self.at(0), self.at(100)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_found_whatever_the_order() {
        let spread = Spread::of(vec![5.0, 1.0, 3.0]);
        assert_eq!((spread.median(), spread.ends()), (3.0, [1.0, 5.0]));
        assert_eq!(Spread::of(Vec::new()).median(), 0.0);
        assert_eq!(Spread::of_times([Duration::from_micros(1_500)]).median(), 1.5);
    }
}
