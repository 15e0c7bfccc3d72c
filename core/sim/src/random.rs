//! The one source of chance in a world.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Seeded chance: one seed, one sequence of decisions.
#[derive(Debug)]
pub(crate) struct Random(ChaCha20Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A whole number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.0.next_u64() % end }
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True with probability `p`. Always takes one draw, so that a probability of zero does not shift what follows.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        let unit = (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        unit < p
    }

    /// Exponentially distributed milliseconds with this mean, at most eight times it.
    pub(crate) fn around(&mut self, mean: u64) -> u64 {
        let unit = ((self.0.next_u64() >> 11) as f64 + 1.0) / (1u64 << 53) as f64;
        ((-unit.ln() * mean as f64) as u64).min(mean.saturating_mul(8))
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64) as usize;
        items.get(index)
    }

    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        seed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            [random.below(1_000), random.between(5, 9), random.around(100)]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn certain_and_impossible_are_what_they_say() {
        let mut random = Random::new(1);
        assert!((0..1_000).all(|_| random.chance(1.0)));
        assert!(!(0..1_000).any(|_| random.chance(0.0)));
    }
}
