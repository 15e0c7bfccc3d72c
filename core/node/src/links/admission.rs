//! Which handshakes are let in: bounds on their number, their rate and what an address must prove first.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Half-open handshakes above which an address must first show that it receives what is sent to it (QUIC Retry).
const HALF_OPEN_FREE: usize = 16;

/// Half-open handshakes above which further ones are ignored: four times as many.
const HALF_OPEN_MAX: usize = 64;

/// What to do with a handshake that has just begun.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Go on; the permit counts it as half-open while it lives.
    Accept(Permit),
    /// Let the address prove itself.
    Retry,
    /// Drop it unanswered: too many per second. The peer repeats its first packet by itself.
    Ignore,
    /// There is no room for another link.
    Refuse,
}

/// Shared by all listeners of a host.
#[derive(Debug)]
pub(super) struct Admission {
    state: Mutex<State>,
    links_max: usize,
    per_second: f64,
}

#[derive(Debug)]
struct State {
    half_open: usize,
    links: usize,
    /// Handshakes that may begin now; refilled by time up to one second's worth.
    allowance: f64,
    refilled: Instant,
}

impl Admission {
    /// `links_max` links of the engine; twice as many for a moment, since two hosts may dial each other at once.
    pub(super) fn new(links_max: usize, per_second: u32, now: Instant) -> Arc<Self> {
        let per_second = f64::from(per_second);
        let state = State { half_open: 0, links: 0, allowance: per_second, refilled: now };
        Arc::new(Self { state: Mutex::new(state), links_max: links_max.saturating_mul(2), per_second })
    }

    pub(super) fn judge(self: &Arc<Self>, validated: bool, now: Instant) -> Verdict {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.links + state.half_open >= self.links_max {
            return Verdict::Refuse;
        }
        if state.half_open >= HALF_OPEN_MAX {
            return Verdict::Ignore;
        }
        if state.half_open >= HALF_OPEN_FREE && !validated {
            return Verdict::Retry;
        }
        let passed = now.saturating_duration_since(state.refilled).as_secs_f64();
        state.allowance = (state.allowance + passed * self.per_second).min(self.per_second);
        state.refilled = now;
        if state.allowance < 1.0 {
            return Verdict::Ignore;
        }
        state.allowance -= 1.0;
        state.half_open += 1;
        Verdict::Accept(Permit { admission: self.clone(), established: false })
    }

    /// A link dialled from here counts too.
    pub(super) fn dialled(self: &Arc<Self>) -> Permit {
        self.with(|state| state.links += 1);
        Permit { admission: self.clone(), established: true }
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// One handshake or link, counted while this lives.
#[derive(Debug)]
pub(super) struct Permit {
    admission: Arc<Admission>,
    established: bool,
}

impl Permit {
    /// The handshake is complete.
    pub(super) fn establish(&mut self) {
        if !self.established {
            self.established = true;
            self.admission.with(|state| {
                state.half_open -= 1;
                state.links += 1;
            });
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let established = self.established;
        self.admission.with(|state| if established { state.links -= 1 } else { state.half_open -= 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn accepted(verdict: Verdict) -> Permit {
        match verdict {
            Verdict::Accept(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn above_sixteen_half_open_an_address_must_prove_itself() {
        let now = Instant::now();
        let admission = Admission::new(1_000, 1_000, now);
        let mut permits: Vec<_> = (0..HALF_OPEN_FREE).map(|_| accepted(admission.judge(false, now))).collect();
        assert!(matches!(admission.judge(false, now), Verdict::Retry));
        permits.push(accepted(admission.judge(true, now)));
        permits.iter_mut().for_each(Permit::establish);
        accepted(admission.judge(false, now));
    }

    #[test]
    fn handshakes_per_second_are_bounded() {
        let now = Instant::now();
        let admission = Admission::new(1_000, 20, now);
        for _ in 0..20 {
            drop(accepted(admission.judge(true, now)));
        }
        assert!(matches!(admission.judge(true, now), Verdict::Ignore));
        drop(accepted(admission.judge(true, now + Duration::from_millis(51))));
        assert!(matches!(admission.judge(true, now + Duration::from_millis(52)), Verdict::Ignore));
    }

    #[test]
    fn links_are_bounded_and_the_bound_is_freed_with_them() {
        let now = Instant::now();
        let admission = Admission::new(1, 100, now);
        let dialled = admission.dialled();
        let mut arrived = accepted(admission.judge(true, now));
        arrived.establish();
        assert!(matches!(admission.judge(true, now), Verdict::Refuse));
        drop(dialled);
        accepted(admission.judge(true, now));
    }
}
