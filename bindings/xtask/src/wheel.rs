//! The Python side: the wheel by maturin, and its tests by pytest in an environment that holds nothing else.

use std::env::consts::{DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use crate::cargo::{cargo, plain, target_folder, workspace_root};
use crate::kotlin::{self, wait};
use crate::testing::Tally;

/// The real cargo, for the one that stands in for it.
const CARGO: &str = "PERMESSO_CARGO";

/// uniffi's generator, built.
const BINDGEN: &str = "PERMESSO_BINDGEN";

/// The call of cargo, one argument a line, that has built the library already.
const BUILT: &str = "PERMESSO_BUILT";

/// How long pytest may take, which tells what hangs long before.
const TEST_TIME: Duration = Duration::from_secs(900);

/// Which library goes into the wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// The one this call of cargo builds, or has built; for tests.
    ForTests(&'static [&'static str]),
    /// As it is published.
    Release,
}

/// Builds the wheel, installs it and runs the tests of the Python side against it.
pub(crate) fn test(library: Library) -> Tally {
    if !has_python() {
        println!("SKIPPED: the Python side, for there is no python3 with venv here (apt-get install python3-venv)");
        return Tally::default();
    }
    match build(library).and_then(|wheel| install(&wheel)).and_then(|python| run_tests(&python)) {
        Ok(tally) => tally,
        Err(error) => Tally::failure(format!("the Python side could not be tested: {error}")),
    }
}

fn has_python() -> bool {
    let mut python = system_python();
    python.args(["-c", "import ensurepip, venv"]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

fn system_python() -> Command {
    Command::new(if cfg!(windows) { "python" } else { "python3" })
}

fn project() -> PathBuf {
    workspace_root().join("bindings/python")
}

fn folder() -> PathBuf {
    target_folder().join("python")
}

/// A program of a Python environment.
fn program(environment: &Path, name: &str) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(format!("{name}{EXE_SUFFIX}"))
}

/// The environment that holds maturin, mypy and pytest; made anew only when their versions change.
fn tools() -> io::Result<PathBuf> {
    let environment = folder().join("tools");
    let wanted = project().join("requirements.txt");
    let stamp = environment.join("requirements.txt");
    if !fs::read(&stamp).is_ok_and(|has| fs::read(&wanted).is_ok_and(|wants| has == wants)) {
        succeed("python3 -m venv", system_python().args(["-m", "venv", "--clear"]).arg(&environment).status()?)?;
        pip(&program(&environment, "python"), &["--requirement".into(), wanted.clone().into()])?;
        fs::copy(&wanted, &stamp)?;
    }
    Ok(environment)
}

/// Installs, once more if a registry fails for a moment.
fn pip(python: &Path, packages: &[OsString]) -> io::Result<()> {
    let mut install = Command::new(python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]).args(packages);
    let installed = install.status()?.success() || install.status()?.success();
    if installed { Ok(()) } else { Err(io::Error::other("pip could not install what is needed")) }
}

/// Builds the wheel.
fn build(library: Library) -> io::Result<PathBuf> {
    let calls = match library {
        Library::ForTests(calls) => calls,
        Library::Release => &["build", "--locked", "-p", "uniffi-bindgen"],
    };
    succeed("cargo build", cargo(calls).status()?)?;
    let tools = tools()?;
    let wheels = folder().join(if library == Library::Release { "wheels" } else { "wheels-for-tests" });
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }

    let mut maturin = plain(Command::new(program(&tools, "maturin")));
    maturin.args(["build", "--out"]).arg(&wheels).current_dir(project());
    if let Library::ForTests(calls) = library {
        // Neither small nor for other machines, so that it takes no time.
        maturin.args(["--profile", "dev", "--auditwheel", "skip", "--compression-method", "stored"]);
        maturin.env(BUILT, calls.join("\n"));
    }
    let stand_in = stand_in()?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = stand_in.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&paths));
    maturin.env("PATH", std::env::join_paths(paths).map_err(io::Error::other)?);
    // By its place: by its name it would be the one that stands in, which would call itself for ever.
    let real = std::env::var_os("CARGO").ok_or_else(|| io::Error::other("call it as `cargo xtask wheel`"))?;
    maturin.env(CARGO, real).env("CARGO", &stand_in);
    maturin.env(BINDGEN, target_folder().join("debug").join(format!("uniffi-bindgen{EXE_SUFFIX}")));
    maturin.env("CARGO_TARGET_DIR", target_folder());
    succeed("maturin", maturin.status()?)?;

    let made = fs::read_dir(&wheels)?.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = made.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheel.ok_or_else(|| io::Error::other("maturin left no wheel"))
}

/// Installs the wheel and pytest in an environment that is made for it; returns its Python.
fn install(wheel: &Path) -> io::Result<PathBuf> {
    let environment = folder().join("environment");
    succeed("python3 -m venv", system_python().args(["-m", "venv", "--clear"]).arg(&environment).status()?)?;
    let python = program(&environment, "python");
    let wanted = project().join("requirements-test.txt");
    pip(&python, &["--requirement".into(), wanted.into(), wheel.into()])?;
    Ok(python)
}

/// pytest on what is installed, and mypy on what an author of programs sees of it.
fn run_tests(python: &Path) -> io::Result<Tally> {
    let report = folder().join("report.xml");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut tests = plain(Command::new(python));
    tests.args(["-m", "pytest", "--junit-xml"]).arg(&report).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(project());
    // So that the tests see here already what Windows, whose encoding is another, would read wrongly.
    tests.env("PYTHONWARNDEFAULTENCODING", "1");
    let succeeded = wait(tests.spawn()?, TEST_TIME)?.is_some_and(|status| status.success());
    let tally = kotlin::suite(&fs::read_to_string(&report).unwrap_or_default())
        .unwrap_or_else(|| Tally::failure("pytest wrote no report"));
    if succeeded != (tally.failed() == 0 && tally.passed > 0) {
        return Err(io::Error::other("pytest does not say what it reports"));
    }
    Ok(tally.plus(types(python)?))
}

fn types(python: &Path) -> io::Result<Tally> {
    let mut mypy = Command::new(program(&tools()?, "python"));
    mypy.args(["-m", "mypy", "--python-version", "3.10", "--python-executable"]).arg(python);
    mypy.arg("--cache-dir").arg(folder().join("mypy")).args(["src", "tests", "examples"]).current_dir(project());
    let sound = mypy.status()?.success();
    Ok(if sound { Tally::PASSED } else { Tally::failure("mypy is not content with the Python side") })
}

/// Lays this program where maturin finds it as cargo, see [`as_cargo`].
fn stand_in() -> io::Result<PathBuf> {
    let place = folder().join("bin").join(format!("cargo{EXE_SUFFIX}"));
    fs::create_dir_all(folder().join("bin"))?;
    if place.exists() {
        fs::remove_file(&place)?;
    }
    fs::copy(this_program()?, &place)?;
    Ok(place)
}

/// The file of this program. Where it stood cargo may have laid a newer one since; Linux still has the one that runs.
fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe() }
}

/// What this program does when maturin calls it as cargo; none if it was not called so.
///
/// maturin would build the library by itself: all dependencies anew, since cargo unites their features over the packages of a
/// call. And it would look for uniffi's generator among the workspace's default members, where it is not.
pub(crate) fn as_cargo() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let called = PathBuf::from(arguments.next()?);
    let real = std::env::var_os(CARGO)?;
    if called.file_stem()? != "cargo" {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    let done = match (arguments.first()?.to_str(), std::env::var(BUILT)) {
        (Some("rustc"), Ok(built)) => retell(Command::new(real).args(built.lines())),
        (Some("run"), _) => Command::new(std::env::var_os(BINDGEN)?).args(generator_arguments(&arguments)).status(),
        _ => Command::new(real).args(&arguments).status(),
    };
    match done {
        Ok(status) if status.success() => Some(ExitCode::SUCCESS),
        Ok(_) => Some(ExitCode::FAILURE),
        Err(error) => {
            eprintln!("xtask as cargo: {error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// What stands behind `run --bin uniffi-bindgen`.
fn generator_arguments(arguments: &[OsString]) -> impl Iterator<Item = &OsString> {
    arguments.iter().skip_while(|argument| *argument != "generate")
}

/// Runs cargo and passes on what it tells of libraries; of the tests of the same crates maturin is to hear nothing.
fn retell(cargo: &mut Command) -> io::Result<ExitStatus> {
    cargo.arg("--message-format=json-render-diagnostics").current_dir(workspace_root()).stdout(Stdio::piped());
    let mut child = cargo.spawn()?;
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line?;
        if is_library(&line) {
            println!("{line}");
        }
    }
    child.wait()
}

fn is_library(message: &str) -> bool {
    message.contains(DLL_SUFFIX) && message.contains("\"executable\":null")
}

fn succeed(what: &str, status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maturin_hears_of_the_library_and_not_of_its_tests() {
        let library =
            format!("{{\"filenames\":[\"/t/libpermesso_ffi{DLL_SUFFIX}\"],\"executable\":null,\"fresh\":true}}");
        assert!(is_library(&library));
        assert!(!is_library(&library.replace("null", "\"/t/permesso_ffi-12\"")));
        assert!(!is_library("{\"reason\":\"build-finished\",\"success\":true}"));
    }

    #[test]
    fn the_generator_gets_its_own_arguments_alone() {
        let call = ["run", "--bin", "uniffi-bindgen", "generate", "--language", "python"].map(OsString::from);
        assert_eq!(generator_arguments(&call).collect::<Vec<_>>(), ["generate", "--language", "python"]);
    }
}
