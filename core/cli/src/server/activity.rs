//! What happened lately at a server: counts noted now and then, and how much they grew in each step of a span.

use std::collections::VecDeque;

use super::watch::LOOK_EVERY;

/// Counts that are kept: those of a day, 32 bytes each.
const SAMPLES_MAX: usize = 24 * 60 * 60 / LOOK_EVERY.as_secs() as usize + 1;

/// Steps of every span: bars of it are told apart on a phone.
pub(super) const STEPS: usize = 60;

/// Counts at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// Milliseconds since the start.
    pub(super) at: u64,
    pub(super) deposits: u64,
    pub(super) deliveries: u64,
    pub(super) hosts: u64,
}

/// A span of time up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    TenMinutes,
    Hour,
    SixHours,
    Day,
}

impl Span {
    pub(super) const ALL: [Self; 4] = [Self::TenMinutes, Self::Hour, Self::SixHours, Self::Day];

    /// As it is written in an address.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::TenMinutes => "10m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
        }
    }

    /// One of them; the hour if it is none.
    pub(super) fn of_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.key() == key).unwrap_or(Self::Hour)
    }

    /// Milliseconds of one step.
    pub(super) fn step(self) -> u64 {
        let minutes = match self {
            Self::TenMinutes => 10,
            Self::Hour => 60,
            Self::SixHours => 360,
            Self::Day => 1_440,
        };
        minutes * 60_000 / STEPS as u64
    }
}

/// What happened in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) deposits: u64,
    pub(super) deliveries: u64,
    /// The most hosts that were here at a time.
    pub(super) hosts: u64,
}

/// What happened lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    samples: VecDeque<Sample>,
}

impl Activity {
    pub(super) fn note(&mut self, sample: Sample) {
        // Looks between the usual ones bring the newest up to date; else many of them would push a day's out.
        let is_between = |newest: u64, before: u64| newest < before + LOOK_EVERY.as_millis() as u64 / 2;
        let (newest, before) = (self.samples.back(), self.samples.iter().rev().nth(1));
        if let (Some(newest), Some(before)) = (newest, before)
            && is_between(newest.at, before.at)
        {
            self.samples.pop_back();
        }
        self.samples.push_back(sample);
        while self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
    }

    /// The steps of a span that ends now, oldest first.
    pub(super) fn steps(&self, span: Span) -> [Step; STEPS] {
        let mut steps = [Step::default(); STEPS];
        let Some(newest) = self.samples.back() else { return steps };
        for (before, sample) in self.samples.iter().zip(self.samples.iter().skip(1)) {
            let ago = usize::try_from((newest.at - sample.at) / span.step()).unwrap_or(usize::MAX);
            let Some(step) = STEPS.checked_sub(ago + 1).and_then(|index| steps.get_mut(index)) else { continue };
            step.deposits += grown(before.deposits, sample.deposits);
            step.deliveries += grown(before.deliveries, sample.deliveries);
            step.hosts = step.hosts.max(sample.hosts);
        }
        steps
    }
}

/// By how much a count grew. One that shrank was begun afresh: the host went back to what is stored.
fn grown(before: u64, after: u64) -> u64 {
    after.checked_sub(before).unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: u64, deposits: u64, deliveries: u64) -> Sample {
        Sample { at: seconds * 1_000, deposits, deliveries, hosts: seconds % 7 }
    }

    #[test]
    fn counts_become_what_happened_in_each_step_up_to_now() {
        let mut activity = Activity::default();
        for seconds in (0..=3_600).step_by(10) {
            // Three a minute come in for the first half hour, one a minute goes out all the time.
            activity.note(sample(seconds, (seconds / 20).min(90), seconds / 60));
        }
        let steps = activity.steps(Span::Hour);
        assert_eq!(steps.iter().map(|step| step.deposits).sum::<u64>(), 90);
        assert_eq!(steps.iter().map(|step| step.deliveries).sum::<u64>(), 60);
        assert!(steps[STEPS - 1].deposits == 0 && steps[1].deposits == 3, "{steps:?}");
        assert_eq!(steps.iter().map(|step| step.hosts).max(), Some(6));
        let late = activity.steps(Span::TenMinutes);
        assert_eq!(
            late.iter().map(|step| (step.deposits, step.deliveries)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
            (0, 10)
        );
    }

    #[test]
    fn counts_that_begin_afresh_are_not_taken_for_a_flood() {
        let mut activity = Activity::default();
        activity.note(sample(0, 1_000, 900));
        activity.note(sample(10, 3, 0));
        assert_eq!(activity.steps(Span::Hour)[STEPS - 1], Step { deposits: 3, deliveries: 0, hosts: 3 });
    }

    #[test]
    fn a_day_is_kept_however_often_the_page_is_opened() {
        let mut activity = Activity::default();
        for second in 0..=2 * 24 * 60 * 60 {
            activity.note(sample(second, second, 0));
        }
        assert!(activity.samples.len() <= SAMPLES_MAX);
        let first = activity.samples.front().map_or(0, |sample| sample.at);
        let newest = activity.samples.back().map_or(0, |sample| sample.at);
        assert!(newest - first >= 12 * 60 * 60 * 1_000, "{}", newest - first);
        assert_eq!(newest, 2 * 24 * 60 * 60 * 1_000);
        assert_eq!(activity.steps(Span::Hour).iter().map(|step| step.deposits).sum::<u64>() / 100, 36);
    }
}
