//! The last things that happened in a world, to be read when a promise is broken.

use std::collections::VecDeque;
use std::fmt::Write;

/// How many lines are kept: enough to read what led to a fault, little enough to read.
const LINES_MAX: usize = 300;

#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: VecDeque<(u64, String)>,
    live: bool,
}

impl Trace {
    /// A trace that also prints each line to standard error as it happens.
    pub(crate) fn live() -> Self {
        Self { lines: VecDeque::new(), live: true }
    }

    pub(crate) fn note(&mut self, at: u64, line: String) {
        if self.live {
            eprintln!("{} {line}", clock(at));
        }
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back((at, line));
    }

    /// The last lines, oldest first.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (at, line) in &self.lines {
            let _ = writeln!(text, "{} {line}", clock(*at));
        }
        text
    }
}

/// Virtual time as minutes, seconds and milliseconds.
pub(crate) fn clock(at: u64) -> String {
    format!("{:3}:{:02}.{:03}", at / 60_000, at / 1_000 % 60, at % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_lines_are_kept() {
        let mut trace = Trace::default();
        for at in 0..1_000 {
            trace.note(at, format!("line {at}"));
        }
        assert_eq!(trace.text().lines().count(), LINES_MAX);
        assert!(trace.text().ends_with("line 999\n"));
    }
}
