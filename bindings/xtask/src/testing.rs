//! Running every test and counting the results.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::aar;
use crate::app;
use crate::cargo::{cargo, seeded};
use crate::follow::follow;
use crate::kotlin;
use crate::mobile;
use crate::swift;
use crate::wheel;

/// Everything with tests in it; documentation examples need a call of their own.
const TOGETHER: &[&str] = &["test", "--workspace", "--all-targets", "--no-fail-fast"];
const EXAMPLES: &[&str] = &["test", "--workspace", "--doc", "--no-fail-fast"];

/// Tests of the simulator that are built once more, with all randomness from a seed.
const SEEDED: &[&str] = &["test", "-p", "permesso-sim", "--test", "repeats", "--test", "seeds", "--no-fail-fast"];

/// How long a program of tests may say nothing before it is taken to hang: on a machine of two slow cores the longest of all tests
/// takes half of it.
const SILENCE: Duration = Duration::from_secs(600);

/// The same of a compiler, which says nothing before it has ended.
const COMPILING: Duration = Duration::from_secs(3_600);

/// What the summary shows of one failure: its name and the first lines of its reason.
const SHOWN_LINES: usize = 6;
const SHOWN_CHARACTERS: usize = 300;

/// How many tests passed and were left out, and which failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    /// What each failure is called and, as far as is known, why.
    pub(crate) failures: Vec<String>,
    /// What failed and passed when it was run once more: each is a fault of a test or worse, and none of this run.
    pub(crate) unstable: Vec<String>,
    pub(crate) ignored: u64,
}

/// Follows the output of test programs line by line.
#[derive(Debug, Default)]
struct Reader {
    tally: Tally,
    running: bool,
    /// Of the program that runs: what failed, by name, and the beginning of what it printed.
    failed: Vec<(String, Vec<String>)>,
    /// The one whose output is read.
    told: Option<usize>,
    /// What came last.
    last: String,
}

/// Runs every test of the workspace. The last line printed is `N passed, N failed`.
///
/// Tests in Rust often wait for one another's hosts and leave half of a small machine idle; so Maven works beside them. Everything that
/// makes use of all processors by itself, compiling above all, is done before that or at its end.
pub(crate) fn run_all() -> bool {
    let built = timed("compiling", || {
        let [mut all, mut repeated] = [cargo(TOGETHER), seeded(SEEDED)];
        run(all.arg("--no-run"), COMPILING).plus(run(repeated.arg("--no-run"), COMPILING))
    });
    let laid = timed("the words of the apps and the library for Kotlin", || kotlin::prepare(kotlin::AFTER_TESTS));
    let beside = || timed("Kotlin", || laid.finish().plus(aar::checks()).plus(app::checks()));
    let rust = || {
        let tests = timed("Rust", || run(&mut cargo(TOGETHER), SILENCE).plus(run(&mut cargo(EXAMPLES), SILENCE)));
        let seeded = timed("Rust, with all randomness from seeds", || run(&mut seeded(SEEDED), SILENCE));
        let python = timed("Python", || wheel::test(wheel::Library::ForTests(kotlin::AFTER_TESTS)));
        let swift = timed("Swift", || swift::test(kotlin::AFTER_TESTS));
        // Last, for it makes use of all processors: by then Maven hardly does.
        let phones = timed("compiling for phones", || mobile::check(mobile::TARGETS));
        tests.plus(seeded).plus(python).plus(swift).plus(phones)
    };
    let (rust, kotlin) = std::thread::scope(|scope| {
        let kotlin = scope.spawn(beside);
        let rust = rust();
        (rust, kotlin.join().unwrap_or_else(|_| Tally::failure("the Kotlin side ended in a panic")))
    });
    built.plus(rust).plus(kotlin).conclude()
}

/// Tells how long a part took, for whoever wants the whole to be faster.
fn timed<T>(what: &str, part: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = part();
    println!("== {what}: {} s", begun.elapsed().as_secs());
    result
}

/// One call of cargo, its output passed on as it comes; ended once nothing has come for that long.
fn run(command: &mut Command, silence: Duration) -> Tally {
    match try_run(command, silence) {
        Ok(tally) => tally,
        Err(error) => Tally::failure(format!("{command:?} could not be run: {error}")),
    }
}

fn try_run(command: &mut Command, silence: Duration) -> std::io::Result<Tally> {
    let mut reader = Reader::default();
    let child = command.stdout(Stdio::piped()).spawn()?;
    let ended = follow(child, silence, |line| reader.on_line(line))?;
    let last = std::mem::take(&mut reader.last);
    let tally = reader.finish();
    Ok(match ended {
        None => tally.plus(Tally::failure(hangs(&format!("{command:?}"), silence, &last))),
        Some(status) if !status.success() && tally.failed() == 0 => {
            tally.plus(Tally::failure(format!("{command:?} failed outside a test")))
        }
        Some(_) => tally,
    })
}

/// What is said of a program that was ended for its silence.
pub(crate) fn hangs(program: &str, silence: Duration, last: &str) -> String {
    format!("{program} said nothing for {} s and is ended; its last line: {last}", silence.as_secs())
}

impl Tally {
    /// One success.
    pub(crate) const PASSED: Self = Self { passed: 1, failures: Vec::new(), unstable: Vec::new(), ignored: 0 };

    /// One failure, told at once and once more in the summary.
    pub(crate) fn failure(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        eprintln!("{reason}");
        Self { failures: vec![reason], ..Self::default() }
    }

    pub(crate) fn failed(&self) -> usize {
        self.failures.len()
    }

    /// Prints what failed, for a long run is often read from its end, and last the line `N passed, N failed`; whether all is
    /// well.
    pub(crate) fn conclude(self) -> bool {
        if self.ignored > 0 {
            println!("{} ignored", self.ignored);
        }
        self.unstable.iter().for_each(|failure| println!("PASSED ONLY ONCE MORE {}", shown(failure)));
        self.failures.iter().for_each(|failure| println!("FAILED {}", shown(failure)));
        println!("{} passed, {} failed", self.passed, self.failed());
        self.passed > 0 && self.failures.is_empty()
    }

    pub(crate) fn plus(mut self, other: Self) -> Self {
        self.failures.extend(other.failures);
        self.unstable.extend(other.unstable);
        Self { passed: self.passed + other.passed, ignored: self.ignored + other.ignored, ..self }
    }

    /// Reads `test result: ok. 8 passed; 0 failed; 1 ignored; …`: how many passed, failed and were left out.
    fn parse(line: &str) -> Option<(u64, u64, u64)> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |word: &str| -> Option<u64> {
            counts.split("; ").find_map(|part| part.strip_suffix(word)?.strip_suffix(' ')?.parse().ok())
        };
        Some((count("passed")?, count("failed")?, count("ignored")?))
    }
}

/// The beginning of a failure.
fn shown(failure: &str) -> String {
    let lines = failure.lines().filter(|line| !line.trim().is_empty());
    let cut = |line: &str| line.chars().take(SHOWN_CHARACTERS).collect::<String>();
    lines.map(cut).take(SHOWN_LINES).collect::<Vec<_>>().join("\n       ")
}

impl Reader {
    fn on_line(&mut self, line: &str) {
        line.clone_into(&mut self.last);
        if is_start(line) {
            self.close();
            self.running = true;
        } else if let Some((passed, failed, ignored)) = Tally::parse(line) {
            self.end(passed, failed, ignored);
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failed.push((name.to_owned(), Vec::new()));
        } else if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            self.told = self.failed.iter().position(|(known, _)| known == name);
        } else if ["stack backtrace:", "failures:"].contains(&line) {
            self.told = None;
        } else if let Some((_, reason)) = self.told.and_then(|at| self.failed.get_mut(at)) {
            reason.push(line.to_owned());
        }
    }

    /// A program has told its result.
    fn end(&mut self, passed: u64, failed: u64, ignored: u64) {
        let named = self.failed.drain(..).map(|(name, reason)| format!("{name}\n{}", reason.join("\n")));
        let all = named.chain(std::iter::repeat("a test that was not named".to_owned()));
        self.tally.failures.extend(all.take(usize::try_from(failed).unwrap_or(usize::MAX)));
        self.tally.passed += passed;
        self.tally.ignored += ignored;
        (self.running, self.told) = (false, None);
    }

    fn finish(mut self) -> Tally {
        self.close();
        self.tally
    }

    /// A test program that died before its result line counts as one failure.
    fn close(&mut self) {
        if self.running {
            let failed = u64::try_from(self.failed.len()).unwrap_or(u64::MAX);
            self.end(0, failed, 0);
            self.tally.failures.extend(["a program of tests that ended before its result".to_owned()]);
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
        let failures = vec!["c\n".to_owned()];
        assert_eq!(tally_of(output), Tally { passed: 2, failures, ignored: 3, ..Tally::default() });
    }

    #[test]
    fn a_program_that_dies_in_a_test_counts_as_a_failure() {
        let died = "running 5 tests\ntest a ... ok\n";
        let next = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let ended = || vec!["a program of tests that ended before its result".to_owned()];
        assert_eq!(tally_of(died), Tally { failures: ended(), ..Tally::default() });
        assert_eq!(tally_of(&format!("{died}{next}")), Tally { passed: 1, failures: ended(), ..Tally::default() });
    }

    #[test]
    fn a_failure_is_told_by_its_name_and_the_beginning_of_its_reason() {
        let output = "running 2 tests\ntest world::a ... FAILED\ntest b ... ok\n\nfailures:\n\n---- world::a stdout ----\n\n\
            thread 'world::a' panicked at src/lib.rs:7:5:\nassertion failed: 1 == 2\nstack backtrace:\n   0: far too long\n\n\
            failures:\n    world::a\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured\n";
        let failures = tally_of(output).failures;
        let told: Vec<String> = failures.iter().map(|failure| shown(failure)).collect();
        let wanted = "world::a\n       thread 'world::a' panicked at src/lib.rs:7:5:\n       assertion failed: 1 == 2";
        assert_eq!(told, [wanted]);
    }

    #[test]
    fn a_long_reason_is_cut() {
        let long = format!("a\n{}\n{}", "x".repeat(1000), "line\n".repeat(20));
        let told = shown(&long);
        assert_eq!(told.lines().count(), SHOWN_LINES);
        assert!(told.lines().all(|line| line.trim().len() <= SHOWN_CHARACTERS), "{told}");
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_says_nothing_for_long_is_ended_and_what_it_said_before_counts() {
        let script = "printf 'running 2 tests\\ntest a ... ok\\n'; exec sleep 60";
        let tally = try_run(Command::new("sh").args(["-c", script]), Duration::from_secs(2)).unwrap();
        let [died, hangs] = &tally.failures[..] else { panic!("{tally:?}") };
        assert!(
            died.contains("ended before its result") && hangs.ends_with("its last line: test a ... ok"),
            "{tally:?}"
        );
        let done = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        let tally = try_run(Command::new("echo").arg(done), Duration::from_secs(60)).unwrap();
        assert_eq!(tally, Tally { passed: 1, ..Tally::default() });
    }

    #[test]
    fn what_a_test_prints_is_not_taken_for_a_result() {
        assert_eq!(tally_of("running away\nrunning 3 hosts\nresult: ok. 7 passed; 0 failed\n"), Tally::default());
    }
}
