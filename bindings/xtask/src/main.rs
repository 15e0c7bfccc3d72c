//! Project automation. `cargo xtask help` lists the commands; `.ci/run` calls the same ones.

mod aar;
mod app;
mod bench;
mod cargo;
mod checks;
mod documents;
mod follow;
mod kotlin;
mod listings;
mod mobile;
mod notices;
mod sbom;
mod screens;
mod small;
mod snippet;
mod strings;
mod swift;
mod testing;
mod wheel;

use std::process::ExitCode;
use std::str::FromStr;

const HELP: &str = "\
Usage: cargo xtask <command>

  test   run every test of the workspace, documentation examples included; the last line is `N passed, N failed`
  check  formatting, clippy, rustdoc (warnings are errors), links in the documents, licences and sources (cargo deny)
  ci     check, then test
  kotlin build the library and the Kotlin side, and run its tests on a plain JVM (needs a JDK and Maven)
  strings
         write what the apps say, for Kotlin and Swift, from android/ui/src/main/res, and compare its languages
  screens
         draw every screen of the apps in every state; the last line is the number of pictures (needs a JDK, Maven, fonts-noto-core)
  wheel  build the Python wheel and run its tests (needs python3 with venv); with --release as it is published
  notices write LICENSE-THIRD-PARTY: what of others is shipped, and its licences
  mobile-check
         whether the library compiles for Android and iOS (needs a Rust with its standard library's source)
  swift  build the library and the Swift package, on a Mac the XCFramework too; test it where Swift is
  sbom   write what is in what is published, as CycloneDX (needs cargo-cyclonedx and Maven)
  aar    make the Android library as an AAR (needs Android's NDK); --host-only makes and checks one around this machine's library, --rehearse around that library as it is published, which is built twice and must be the same
  jar [FOLDER...]
         lay the library for the JVM and the fake for apps' tests into target/maven-repository, after `lay` with these folders
  lay [FOLDER...]
         lay the Kotlin side for Maven as it is published: without what only tests call, and with the library of each FOLDER, which is
         called as JNA calls its machine (linux-x86-64); without one, with this machine's, small
  classes AAR
         compare the classes of the AAR that Gradle made with those of the one that `aar` has laid
  manifest FILE
         judge the app's manifest as Android's build has made it: permissions, what other apps reach, backups
  soak   run many worlds of the simulator: --seeds N [--from S]; tells how far it is, and how to repeat what failed
  world  run one world of the simulator, as `permesso sim world` does, with all randomness from its seed
  bench  how fast it is beside what the machine can do; arguments go to the program (--json, --runs N, --quick)
  help   this text";

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    Test,
    Check,
    Ci,
    Kotlin,
    Strings,
    Screens,
    /// As it is published, else for tests.
    Wheel(bool),
    Notices,
    MobileCheck,
    Sbom,
    Swift,
    /// With its own arguments.
    Aar(Vec<String>),
    /// With folders.
    Jar(Vec<String>),
    /// With folders.
    Lay(Vec<String>),
    /// With its file.
    Classes(Vec<String>),
    /// With its file.
    Manifest(Vec<String>),
    Soak,
    World,
    /// With what goes to the program.
    Bench(Vec<String>),
    Help,
}

/// Arguments that name no task.
#[derive(Clone, Debug, PartialEq, Eq)]
enum UsageError {
    Missing,
    Unknown(String),
    Surplus(String),
}

impl FromStr for Task {
    type Err = UsageError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "test" => Ok(Self::Test),
            "check" => Ok(Self::Check),
            "ci" => Ok(Self::Ci),
            "kotlin" => Ok(Self::Kotlin),
            "strings" => Ok(Self::Strings),
            "screens" => Ok(Self::Screens),
            "wheel" => Ok(Self::Wheel(false)),
            "notices" => Ok(Self::Notices),
            "mobile-check" => Ok(Self::MobileCheck),
            "sbom" => Ok(Self::Sbom),
            "swift" => Ok(Self::Swift),
            "aar" => Ok(Self::Aar(Vec::new())),
            "jar" => Ok(Self::Jar(Vec::new())),
            "lay" => Ok(Self::Lay(Vec::new())),
            "classes" => Ok(Self::Classes(Vec::new())),
            "manifest" => Ok(Self::Manifest(Vec::new())),
            "soak" => Ok(Self::Soak),
            "world" => Ok(Self::World),
            "bench" => Ok(Self::Bench(Vec::new())),
            "help" | "--help" | "-h" => Ok(Self::Help),
            other => Err(UsageError::Unknown(other.to_owned())),
        }
    }
}

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("name a command"),
            Self::Unknown(name) => write!(f, "there is no command `{name}`"),
            Self::Surplus(argument) => write!(f, "`{argument}` is one argument too many"),
        }
    }
}

fn main() -> ExitCode {
    if let Some(code) = wheel::as_cargo() {
        return code;
    }
    match parse(std::env::args().skip(1)) {
        Ok(task) => run(task),
        Err(error) => {
            eprintln!("xtask: {error}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Task, UsageError> {
    let task = arguments.next().ok_or(UsageError::Missing)?.parse()?;
    match task {
        Task::Bench(_) => return Ok(Task::Bench(arguments.collect())),
        Task::Aar(_) => return Ok(Task::Aar(arguments.collect())),
        Task::Jar(_) => return Ok(Task::Jar(arguments.collect())),
        Task::Lay(_) => return Ok(Task::Lay(arguments.collect())),
        Task::Classes(_) => return Ok(Task::Classes(arguments.collect())),
        Task::Manifest(_) => return Ok(Task::Manifest(arguments.collect())),
        _ => {}
    }
    match arguments.next() {
        Some(release) if task == Task::Wheel(false) && release == "--release" => Ok(Task::Wheel(true)),
        // Its own arguments go on to it.
        _ if matches!(task, Task::Soak | Task::World) => Ok(task),
        None => Ok(task),
        Some(surplus) => Err(UsageError::Surplus(surplus)),
    }
}

fn succeeds(result: std::io::Result<()>) -> bool {
    result.inspect_err(|error| eprintln!("xtask: {error}")).is_ok()
}

fn run(task: Task) -> ExitCode {
    let passed = match task {
        Task::Help => {
            println!("{HELP}");
            true
        }
        Task::Check => checks::run_all(),
        Task::Test => testing::run_all(),
        Task::Kotlin => kotlin::test(kotlin::ALONE).plus(app::checks()).conclude(),
        Task::Strings => strings::run(),
        Task::Screens => screens::run(),
        Task::Wheel(false) => wheel::test(wheel::Library::ForTests(kotlin::ALONE)).conclude(),
        Task::Wheel(true) => wheel::test(wheel::Library::Release).conclude(),
        Task::Notices => notices::write(),
        Task::MobileCheck => mobile::check(mobile::TARGETS).conclude(),
        Task::Sbom => sbom::write(),
        Task::Swift => swift::run(),
        Task::Aar(arguments) => return aar::run(&arguments),
        Task::Jar(folders) => succeeds(kotlin::lay_published(&folders).and_then(|()| aar::jar())),
        Task::Lay(folders) => succeeds(kotlin::lay_published(&folders)),
        Task::Classes(arguments) => succeeds(aar::compare_classes(&arguments)),
        Task::Manifest(arguments) => return app::judge(&arguments),
        Task::Soak => simulate(&["run", "--release", "--quiet", "-p", "permesso-sim", "--example", "soak", "--"]),
        // With the checks of a build for development: a world that failed there for an overflow fails so again.
        Task::World => simulate(&["run", "--quiet", "-p", "permesso", "--", "sim", "world"]),
        Task::Bench(arguments) => return bench::run(&arguments),
        Task::Ci => {
            let clean = checks::run_all();
            testing::run_all() && clean
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs worlds of the simulator that are the same each time; the other arguments go on to them.
fn simulate(call: &[&str]) -> bool {
    match cargo::seeded(call).args(std::env::args().skip(2)).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Task, UsageError> {
        parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn every_command_of_the_help_text_is_known() {
        let names: Vec<&str> = HELP
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")))
            .collect();
        assert_eq!(
            names,
            [
                "test",
                "check",
                "ci",
                "kotlin",
                "strings",
                "screens",
                "wheel",
                "notices",
                "mobile-check",
                "swift",
                "sbom",
                "aar",
                "jar",
                "lay",
                "classes",
                "manifest",
                "soak",
                "world",
                "bench",
                "help"
            ]
        );
        for name in names {
            assert!(parsed(&[name]).is_ok(), "{name}");
        }
    }

    #[test]
    fn an_unknown_command_is_named_in_the_error() {
        let error = parsed(&["tset"]).unwrap_err();
        assert_eq!(error.to_string(), "there is no command `tset`");
    }

    #[test]
    fn what_follows_bench_goes_to_the_program() {
        assert_eq!(parsed(&["bench", "--json"]), Ok(Task::Bench(vec!["--json".into()])));
    }

    #[test]
    fn a_missing_command_and_one_argument_too_many_are_refused() {
        assert_eq!(parsed(&[]), Err(UsageError::Missing));
        assert_eq!(parsed(&["test", "all"]), Err(UsageError::Surplus("all".into())));
    }
}
