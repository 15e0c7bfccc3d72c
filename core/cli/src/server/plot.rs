//! Deposits and deliveries over time, drawn: bars and a line, so that the two are told apart without colours.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::activity::{STEPS, Step};

/// The picture's own units: a step is ten wide; it is stretched to the width there is.
const STEP: usize = 10;
const WIDTH: usize = STEPS * STEP;
const HEIGHT: u64 = 200;

/// The greatest number of a step, where the picture's top is; never 0.
pub(super) fn top(steps: &[Step]) -> u64 {
    let greatest = steps.iter().map(|step| step.deposits.max(step.deliveries)).max().unwrap_or_default();
    round_up(greatest)
}

/// The picture; `label` says it in words.
pub(super) fn picture(steps: &[Step], label: &str) -> Markup {
    let top = top(steps);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label) {
            @for quarter in 1..4 {
                line class="grid" x1="0" x2=(WIDTH) y1=(HEIGHT * quarter / 4) y2=(HEIGHT * quarter / 4) {}
            }
            @for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.deposits > 0) {
                @let height = height(step.deposits, top);
                rect class="deposits" x=(index * STEP + 1) y=(HEIGHT - height) width=(STEP - 2) height=(height) {}
            }
            polyline class="deliveries" points=(points(steps, top)) {}
        }
    }
}

fn points(steps: &[Step], top: u64) -> String {
    let mut points = String::new();
    for (index, step) in steps.iter().enumerate() {
        let y = HEIGHT - height(step.deliveries, top);
        // Writing to a string does not fail.
        let _ = write!(points, "{},{y} {},{y} ", index * STEP, (index + 1) * STEP);
    }
    points.truncate(points.trim_end().len());
    points
}

/// Anything at all is seen.
fn height(count: u64, top: u64) -> u64 {
    let height = u128::from(count) * u128::from(HEIGHT) / u128::from(top.max(1));
    u64::try_from(height).unwrap_or(HEIGHT).clamp(u64::from(count > 0) * 2, HEIGHT)
}

/// The next of 4, 10, 20, 40, 100, 200 and so on: a scale that people read.
fn round_up(count: u64) -> u64 {
    let mut decade = 1_u64;
    loop {
        for factor in [4, 10, 20] {
            let scale = decade.saturating_mul(factor);
            if scale >= count {
                return scale;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_a_round_number_that_holds_all() {
        for (count, scale) in [(0, 4), (4, 4), (5, 10), (11, 20), (21, 40), (41, 100), (999, 1_000), (2_001, 4_000)] {
            assert_eq!(round_up(count), scale, "{count}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_number_lies_within_the_picture_and_none_is_lost() {
        let mut steps = [Step::default(); STEPS];
        steps[0] = Step { deposits: u64::MAX, deliveries: 1, hosts: 0 };
        steps[STEPS - 1] = Step { deposits: 1, deliveries: u64::MAX, hosts: 0 };
        let drawn = picture(&steps, "a < b").into_string();
        assert_eq!(drawn.matches("<rect").count(), 2);
        assert!(drawn.contains("aria-label=\"a &lt; b\""), "{drawn}");
        assert!(
            drawn.contains("y=\"0\" width=\"8\" height=\"200\"")
                && drawn.contains("y=\"198\" width=\"8\" height=\"2\""),
            "{drawn}"
        );
        assert!(drawn.contains("0,198 10,198 10,200"), "{drawn}");
    }
}
