//! Running every test and counting the results.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::aar;
use crate::app;
use crate::cargo::{cargo, seeded};
use crate::kotlin;
use crate::mobile;
use crate::swift;
use crate::wheel;

/// Everything with tests in it; documentation examples need a call of their own.
const RUNS: [&[&str]; 2] =
    [&["test", "--workspace", "--all-targets", "--no-fail-fast"], &["test", "--workspace", "--doc", "--no-fail-fast"]];

/// Tests of the simulator that are built once more, with all randomness from a seed.
const SEEDED: &[&str] = &["test", "-p", "permesso-sim", "--test", "repeats", "--test", "seeds", "--no-fail-fast"];

/// How many tests passed, failed, and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

/// Follows the output of test programs line by line.
#[derive(Debug, Default)]
struct Reader {
    tally: Tally,
    running: bool,
}

/// Runs every test of the workspace. The last line printed is `N passed, N failed`.
pub(crate) fn run_all() -> bool {
    let tally = RUNS.iter().map(|arguments| run(cargo(arguments))).fold(Tally::default(), Tally::plus);
    let tally =
        tally.plus(kotlin::test(kotlin::AFTER_TESTS)).plus(aar::checks()).plus(app::checks()).plus(run(seeded(SEEDED)));
    let tally = tally.plus(wheel::test(wheel::Library::ForTests(kotlin::AFTER_TESTS)));
    let tally = tally.plus(swift::test(kotlin::AFTER_TESTS)).plus(mobile::check(mobile::TARGETS));
    tally.conclude()
}

/// One call of cargo, its output passed on as it comes.
fn run(mut command: Command) -> Tally {
    match try_run(&mut command) {
        Ok(tally) => tally,
        Err(error) => {
            eprintln!("{command:?} could not be run: {error}");
            Tally::FAILED
        }
    }
}

fn try_run(command: &mut Command) -> std::io::Result<Tally> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut reader = Reader::default();
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        reader.on_line(&line);
    }
    let tally = reader.finish();
    let succeeded = child.wait()?.success();
    if !succeeded && tally.failed == 0 {
        eprintln!("{command:?} failed outside a test");
        return Ok(Tally { failed: 1, ..tally });
    }
    Ok(tally)
}

impl Tally {
    /// One success.
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0, ignored: 0 };

    /// One failure.
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1, ignored: 0 };

    /// Prints the result, last the line `N passed, N failed`; whether all is well.
    pub(crate) fn conclude(self) -> bool {
        if self.ignored > 0 {
            println!("{} ignored", self.ignored);
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.passed > 0 && self.failed == 0
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }

    /// Reads `test result: ok. 8 passed; 0 failed; 1 ignored; …`.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |word: &str| -> Option<u64> {
            counts.split("; ").find_map(|part| part.strip_suffix(word)?.strip_suffix(' ')?.parse().ok())
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }
}

impl Reader {
    fn on_line(&mut self, line: &str) {
        if is_start(line) {
            self.close();
            self.running = true;
        } else if let Some(tally) = Tally::parse(line) {
            self.tally = self.tally.plus(tally);
            self.running = false;
        }
    }

    fn finish(mut self) -> Tally {
        self.close();
        self.tally
    }

    /// A test program that died before its result line counts as one failure.
    fn close(&mut self) {
        if self.running {
            self.tally.failed += 1;
            self.running = false;
        }
    }
}

fn is_start(line: &str) -> bool {
    line.strip_prefix("running ").is_some_and(|rest| {
        rest.strip_suffix(" tests").or(rest.strip_suffix(" test")).is_some_and(|count| count.parse::<u64>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(output: &str) -> Tally {
        let mut reader = Reader::default();
        output.lines().for_each(|line| reader.on_line(line));
        reader.finish()
    }

    #[test]
    fn the_results_of_all_programs_are_added_up() {
        let output = "\nrunning 2 tests\ntest a ... ok\ntest b ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            running 1 test\ntest c ... FAILED\n\n\
            test result: FAILED. 0 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(tally_of(output), Tally { passed: 2, failed: 1, ignored: 3 });
    }

    #[test]
    fn a_program_that_dies_in_a_test_counts_as_a_failure() {
        let died = "running 5 tests\ntest a ... ok\n";
        let next = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(tally_of(died), Tally { passed: 0, failed: 1, ignored: 0 });
        assert_eq!(tally_of(&format!("{died}{next}")), Tally { passed: 1, failed: 1, ignored: 0 });
    }

    #[test]
    fn what_a_test_prints_is_not_taken_for_a_result() {
        assert_eq!(tally_of("running away\nrunning 3 hosts\nresult: ok. 7 passed; 0 failed\n"), Tally::default());
    }
}
