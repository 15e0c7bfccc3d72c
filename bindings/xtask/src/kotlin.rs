//! The Kotlin side: the library, the code generated for it, and its tests on a plain JVM by Maven.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::aar::maven::{begin_afresh, set_plain_modes};
use crate::app;
use crate::cargo::{cargo, target_folder, workspace_root};
use crate::follow::follow;
use crate::listings;
use crate::small;
use crate::snippet;
use crate::strings;
use crate::testing::{self, Tally};

/// What Maven does but for all tests at once, the first downloads included; it can wait for ever on one.
pub(crate) const MAVEN_TIME: Duration = Duration::from_secs(25 * 60);

/// How long Maven may say nothing before it is taken to hang: on a machine of two slow cores the longest class of tests takes two thirds
/// of it.
const SILENCE: Duration = Duration::from_secs(900);

/// How many of its complaints are told in the summary.
const ERRORS: usize = 4;

/// Where whoever publishes says where the source is: `https://…`.
pub(crate) const REPOSITORY: &str = "PERMESSO_REPOSITORY";

/// The version of every artifact.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How often is looked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The modules with tests in them.
const TESTED: [&str; 6] = ["permesso", "permesso-testing", "permesso-android", "ui", "desktop", "app"];

/// What is built where nothing else has been.
pub(crate) const ALONE: &[&str] =
    &["build", "--locked", "-p", "permesso-ffi", "-p", "uniffi-bindgen", "--features", "permesso-ffi/rehearsal"];

/// The same without anything that only tests call.
pub(crate) const PUBLISHED: &[&str] = &["build", "--locked", "-p", "permesso-ffi", "-p", "uniffi-bindgen"];

/// What `cargo xtask test` has built already.
pub(crate) const AFTER_TESTS: &[&str] =
    &["build", "--locked", "--workspace", "--all-targets", "--features", "permesso-ffi/rehearsal"];

/// Builds the library of this machine and runs the tests of the Kotlin side against it.
pub(crate) fn test(build: &[&str]) -> Tally {
    prepare(build).finish()
}

/// The Kotlin side as Maven finds it, and what is known of it so far.
#[must_use]
pub(crate) struct Prepared {
    tally: Tally,
    is_laid: bool,
}

/// Writes the words of the apps, builds the library of this machine, and lays both where Maven looks for them. After this nothing
/// more is asked of cargo.
pub(crate) fn prepare(build: &[&str]) -> Prepared {
    // What the screens are compiled with.
    let words = strings::test();
    let missing = missing();
    if !missing.is_empty() {
        println!(
            "SKIPPED: the Kotlin side, for there is no {} here (apt-get install openjdk-17-jdk-headless maven)",
            missing.join(" and no ")
        );
        return Prepared { tally: words, is_laid: false };
    }
    match lay(build) {
        Ok(()) => Prepared { tally: words, is_laid: true },
        Err(error) => Prepared { tally: words.plus(not_tested(&error)), is_laid: false },
    }
}

impl Prepared {
    /// Runs the tests.
    pub(crate) fn finish(self) -> Tally {
        if !self.is_laid {
            return self.tally;
        }
        self.tally.plus(match maven() {
            Ok(tally) => tally.plus(listings::kotlin()).plus(snippet::test()),
            Err(error) => not_tested(&error),
        })
    }
}

fn not_tested(error: &io::Error) -> Tally {
    Tally::failure(format!("the Kotlin side could not be tested: {error}"))
}

/// What the Kotlin side needs and is not here.
pub(crate) fn missing() -> Vec<&'static str> {
    ["java", "mvn"].into_iter().filter(|program| !is_there(program, "-version")).collect()
}

/// Builds the program that measures in Kotlin; where a JVM finds it, and its library first of all in `natives`.
pub(crate) fn bench(natives: PathBuf) -> io::Result<Vec<PathBuf>> {
    lay(ALONE)?;
    let android = workspace_root().join("android");
    let child = maven_call(&android)
        .args([
            "package",
            "--quiet",
            "-Dmaven.test.skip=true",
            "-Ddokka.skip=true",
            "-Dktlint.skip=true",
            "--projects",
            "permesso,permesso-testing,ui,permesso-bench",
        ])
        // On standard output stands what is measured, which may be JSON; Maven writes codes of colours there even when quiet.
        .stdout(io::stderr())
        .spawn()?;
    if !wait(child, MAVEN_TIME)?.is_some_and(|status| status.success()) {
        return Err(io::Error::other("Maven failed"));
    }
    let target = android.join("permesso-bench/target");
    let mut path = vec![natives, target.join("classes")];
    path.extend(std::env::split_paths(fs::read_to_string(target.join("classpath"))?.trim()));
    Ok(path)
}

/// Whether a program can be started.
pub(crate) fn is_there(program: &str, argument: &str) -> bool {
    let quiet = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

pub(crate) fn module() -> PathBuf {
    workspace_root().join("android/permesso")
}

/// Lays the library, under the prefix by which JNA finds it, and the generated code where Maven looks for them.
pub(crate) fn lay(build: &[&str]) -> io::Result<()> {
    succeed("cargo build", cargo(build).status()?)?;
    let built = target_folder().join("debug");
    let library = built.join(built_name());
    let generated = module().join("target/generated");
    lay_libraries(&[(jna_prefix(), library.clone())])?;
    let mut generate = Command::new(built.join(format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX)));
    generate.args(["generate", "--language", "kotlin", "--no-format", "--out-dir"]).arg(generated.join("kotlin"));
    succeed("uniffi-bindgen", generate.arg(library).current_dir(workspace_root()).status()?)
}

/// The same as it is published: the generated code calls nothing that only tests have, and the libraries are those of `folders`,
/// each called as JNA calls its machine; without one this machine's, small.
pub(crate) fn lay_published(folders: &[String]) -> io::Result<()> {
    lay(PUBLISHED)?;
    if folders.is_empty() {
        let library = small::library(&workspace_root(), &target_folder(), &[])?;
        let stripped = small::stripped(&library, &target_folder().join(library_name()))?;
        return lay_libraries(&[(jna_prefix(), stripped)]);
    }
    let mut libraries = Vec::new();
    for folder in folders.iter().map(Path::new) {
        let machine = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in fs::read_dir(folder)? {
            libraries.push((machine.clone(), entry?.path()));
        }
    }
    lay_libraries(&libraries)
}

/// Lays libraries under the prefixes by which JNA finds them, and no others.
fn lay_libraries(libraries: &[(String, PathBuf)]) -> io::Result<()> {
    let resources = module().join("target/generated/resources");
    if resources.exists() {
        fs::remove_dir_all(&resources)?;
    }
    for (machine, library) in libraries {
        let folder = resources.join(machine);
        fs::create_dir_all(&folder)?;
        let name = library.file_name().unwrap_or_default().to_string_lossy();
        // Cargo's own name for it is another.
        let place = folder.join(if name == built_name() { library_name() } else { name.into_owned() });
        fs::copy(library, &place)?;
        set_plain(&place)?;
    }
    Ok(())
}

/// Gives a file that will be packed the permissions it has wherever it is made.
pub(crate) fn set_plain(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    Ok(())
}

/// The library's file as cargo makes it.
pub(crate) fn built_name() -> String {
    format!("{}permesso_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The library's file as apps load it.
pub(crate) fn library_name() -> String {
    format!("{}permesso{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// How JNA names this machine.
pub(crate) fn jna_prefix() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// Compiles and tests with Maven; once more if it did not even come to the tests, for registries fail now and then.
fn maven() -> io::Result<Tally> {
    let reports = TESTED.map(reports_of);
    let with_phone = app::prepare()?;
    for last in [false, true] {
        for old in reports.iter().filter(|folder| folder.exists()) {
            fs::remove_dir_all(old)?;
        }
        let android = workspace_root().join("android");
        begin_afresh(&android)?;
        // What passes only the second time on a busy machine is told at the end, and is nobody's reason to wait.
        let mut maven = maven_call(&android);
        maven.args(["verify", "-Dsurefire.rerunFailingTestsCount=1"]).args(with_phone.then_some("-Pphone"));
        let mut said = Said::default();
        let ended = follow(maven.stdout(Stdio::piped()).spawn()?, SILENCE, |line| said.on_line(line))?;
        set_plain_modes(&android)?;
        let tally =
            reports.iter().try_fold(Tally::default(), |sum, folder| count(folder).map(|more| sum.plus(more)))?;
        let Some(status) = ended else {
            return Ok(tally.plus(Tally::failure(testing::hangs("Maven", SILENCE, &said.last))));
        };
        match status.success() {
            true if tally.passed == 0 => return Err(io::Error::other("Maven ran no test")),
            // What failed outside of a test, such as the compiler with a warning, is one failure.
            succeeded if succeeded || tally.failed() > 0 => return Ok(tally),
            _ if tally.passed > 0 || last => {
                let why = format!("Maven failed outside of a test\n{}", said.errors.join("\n"));
                return Ok(tally.plus(Tally::failure(why)));
            }
            _ => eprintln!("Maven came to no test; once more"),
        }
    }
    Ok(Tally::failure("Maven came to no test"))
}

/// Of what Maven says: what it complains of first, and what came last.
#[derive(Default)]
struct Said {
    errors: Vec<String>,
    last: String,
}

impl Said {
    fn on_line(&mut self, line: &str) {
        line.clone_into(&mut self.last);
        if line.contains("ERROR") && self.errors.len() < ERRORS {
            self.errors.push(line.to_owned());
        }
    }
}

/// A call of Maven in a folder. What is packed has the permissions of a usual umask and the time of the last commit, whoever
/// packs it and whenever.
pub(crate) fn maven_call(folder: &Path) -> Command {
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask 022 && exec mvn \"$@\"", "mvn"]);
        shell
    } else {
        Command::new("mvn")
    };
    let asked = Command::new("git")
        .args(["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"])
        .env("TZ", "UTC")
        .current_dir(workspace_root())
        .output();
    // Else it is the one in the POM.
    if let Some(output) = asked.ok().filter(|output| output.status.success()) {
        command.arg(format!("-Dproject.build.outputTimestamp={}", String::from_utf8_lossy(&output.stdout).trim()));
    }
    if let Ok(repository) = std::env::var(REPOSITORY) {
        command.arg(format!("-Dpermesso.repository={repository}"));
    }
    command.current_dir(folder);
    command
}

/// Waits for the end of a program; one that takes too long is ended.
pub(crate) fn wait(mut child: Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        sleep(LOOK_EVERY);
    }
    eprintln!("it took longer than {} s and is ended", limit.as_secs());
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn reports_of(module: &str) -> PathBuf {
    workspace_root().join("android").join(module).join("target/surefire-reports")
}

/// What the reports of all test classes say.
fn count(reports: &Path) -> io::Result<Tally> {
    let mut tally = Tally::default();
    if !reports.exists() {
        return Ok(tally);
    }
    for entry in fs::read_dir(reports)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let name = path.display();
            let report = suite(&fs::read_to_string(&path)?);
            tally = tally.plus(report.unwrap_or_else(|| Tally::failure(format!("{name} is no report of tests"))));
        }
    }
    Ok(tally)
}

/// Reads `<testsuite … tests="3" errors="0" skipped="1" failures="0" …>`.
pub(crate) fn suite(report: &str) -> Option<Tally> {
    let (_, rest) = report.split_once("<testsuite ")?;
    let (attributes, _) = rest.split_once('>')?;
    let number = |name: &str| -> Option<u64> {
        let (_, value) = attributes.split_once(&format!(" {name}=\""))?;
        value.split('"').next()?.parse().ok()
    };
    let (tests, ignored) = (number("tests")?, number("skipped")?);
    let unstable = told(report, &["flakyFailure", "flakyError"]);
    let failures = told(report, &["failure", "error"]);
    // For JUnit 4 a test that passed once more counts as two tests, of which one failed; for JUnit 5 it does not.
    let failed = number("errors")? + number("failures")?;
    let repeated = failed.saturating_sub(failures.len() as u64).min(unstable.len() as u64);
    let failed = failed - repeated;
    let passed = tests.checked_sub(repeated + failed + ignored)?;
    let unnamed = std::iter::repeat_with(|| format!("a test of <testsuite {attributes}>"));
    let failures = failures.into_iter().chain(unnamed).take(usize::try_from(failed).ok()?).collect();
    Some(Tally { passed, failures, ignored, unstable })
}

/// The name of each test of which a report has one of these, and what that says; nothing of a report that cannot be read as a whole.
fn told(report: &str, elements: &[&str]) -> Vec<String> {
    let Ok(document) = roxmltree::Document::parse(report) else { return Vec::new() };
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let failed = cases.filter_map(|case| {
        let reason = case.children().find(|child| elements.contains(&child.tag_name().name()))?;
        let of = |name| case.attribute(name).unwrap_or_default();
        let said = reason.attribute("message").or(reason.text()).unwrap_or_default();
        Some(format!("{}.{}\n{said}", of("classname"), of("name")))
    });
    failed.collect()
}

/// An error if a program failed.
pub(crate) fn succeed(what: &str, status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_maven_says_the_first_complaints_and_the_last_line_are_kept() {
        let mut said = Said::default();
        said.on_line("[INFO] Building");
        (1..=6).for_each(|number| said.on_line(&format!("[ERROR] {number}")));
        said.on_line("[INFO] Finished");
        assert_eq!(said.errors, ["[ERROR] 1", "[ERROR] 2", "[ERROR] 3", "[ERROR] 4"]);
        assert_eq!(said.last, "[INFO] Finished");
    }

    #[test]
    fn a_report_of_a_test_class_is_counted() {
        let report = "<?xml version=\"1.0\"?>\n<testsuite xmlns:xsi=\"x\" version=\"3.0.2\" name=\"org.permesso.A\" \
            time=\"1.2\" tests=\"5\" errors=\"1\" skipped=\"1\" failures=\"1\" flakes=\"0\">\n  <testcase/>";
        let counted = suite(report).unwrap();
        assert_eq!((counted.passed, counted.failed(), counted.ignored), (2, 2, 1));
        let whole = format!(
            "{report}<testcase name=\"b\" classname=\"A\"><failure message=\"1 is 2\" type=\"E\">at A.kt</failure></testcase>\
            <testcase name=\"c\" classname=\"A\"><error type=\"E\">E: no\nat A.kt</error></testcase>\
            <testcase name=\"d\" classname=\"A\"><flakyFailure message=\"too late\" type=\"E\"/></testcase></testsuite>"
        );
        let counted = suite(&whole).unwrap();
        assert_eq!(counted.failures, ["A.b\n1 is 2", "A.c\nE: no\nat A.kt"]);
        assert_eq!(counted.unstable, ["A.d\ntoo late"]);
        let of_junit_4 = "<testsuite name=\"A\" tests=\"3\" errors=\"0\" skipped=\"0\" failures=\"1\"><testcase name=\"a\" classname=\"A\"/>\
            <testcase name=\"d\" classname=\"A\"><flakyFailure message=\"too late\" type=\"E\"/></testcase></testsuite>";
        let counted = suite(of_junit_4).unwrap();
        assert_eq!((counted.passed, counted.failed(), counted.unstable), (2, 0, vec!["A.d\ntoo late".to_owned()]));
        assert_eq!(suite("<testsuite name=\"a\">"), None);
        assert_eq!(suite("nothing"), None);
    }

    #[test]
    #[cfg(unix)]
    fn a_program_that_takes_too_long_is_ended() {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        assert!(wait(child, Duration::from_millis(300)).unwrap().is_none());
        let child = Command::new("true").spawn().unwrap();
        assert!(wait(child, Duration::from_secs(30)).unwrap().is_some_and(|status| status.success()));
    }
}
