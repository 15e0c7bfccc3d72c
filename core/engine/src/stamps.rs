//! Finding the stamps of ASKs, a slice at a time, so that the engine never stops for long.

use std::collections::VecDeque;

use crate::envelope::{Envelope, stamp_zero_bits};
use crate::ids::EnvelopeId;

/// Hashes tried per call: about 5 ms on a phone.
const SLICE: u64 = 16_384;
/// The first number tried. From here to 2^32 all are encoded in 5 bytes: the length of an ASK does not hang on luck.
const FIRST: u64 = 1 << 16;

struct Job {
    row: u64,
    id: EnvelopeId,
    envelope: Envelope,
    next: u64,
}

/// Envelopes whose stamps are being looked for, by outbox row.
#[derive(Default)]
pub(crate) struct Stamps {
    jobs: VecDeque<Job>,
}

impl Stamps {
    pub(crate) fn add(&mut self, row: u64, envelope: Envelope) {
        self.remove(row);
        self.jobs.push_back(Job { row, id: envelope.id(), envelope, next: FIRST });
    }

    pub(crate) fn remove(&mut self, row: u64) {
        self.jobs.retain(|job| job.row != row);
    }

    pub(crate) fn works_on(&self, row: u64) -> bool {
        self.jobs.iter().any(|job| job.row == row)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Works for one slice; returns an envelope whose stamp was found.
    pub(crate) fn work(&mut self, bits: u8) -> Option<(u64, Envelope)> {
        let job = self.jobs.front_mut()?;
        let end = job.next.saturating_add(SLICE);
        while job.next < end {
            if stamp_zero_bits(&job.id, job.next) >= bits {
                let Job { row, mut envelope, next, .. } = self.jobs.pop_front()?;
                envelope.stamp = next;
                return Some((row, envelope));
            }
            job.next += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Class;
    use crate::ids::{AckHash, Tag};
    use crate::pairing::draft;

    #[test]
    fn a_found_stamp_has_the_demanded_zero_bits() {
        let mut stamps = Stamps::default();
        stamps.add(3, draft(Class::Ask, Tag([1; 16]), AckHash([2; 16])));
        let (row, envelope) = std::iter::repeat_with(|| stamps.work(12)).flatten().next().unwrap();
        assert_eq!(row, 3);
        assert!(stamp_zero_bits(&envelope.id(), envelope.stamp) >= 12);
        assert!(stamps.is_idle());
    }
}
