//! The Swift side: the library, the code generated for it, and its tests where a Swift compiler is.

mod accessible;
mod app;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::cargo::{cargo, target_folder, workspace_root};
use crate::listings;
use crate::strings;
use crate::testing::Tally;

/// What goes into the framework: the library for devices, simulators and Macs, each with the processors it comes for.
const SLICES: [(&str, &[&str]); 3] = [
    ("ios", &["aarch64-apple-ios"]),
    ("ios-simulator", &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
    ("macos", &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

/// The oldest systems it runs on, as in `Package.swift`.
const OLDEST: [(&str, &str); 2] = [("IPHONEOS_DEPLOYMENT_TARGET", "16.0"), ("MACOSX_DEPLOYMENT_TARGET", "13.0")];

/// Apple's builds. The generated code has no call of the rehearsals, so neither has what it is made from.
const HOST: &[&str] = &["build", "--locked", "-p", "permesso-ffi", "-p", "uniffi-bindgen"];

/// How the module of the header is told to the compiler. uniffi's own names modules that only Apple has.
const MODULE: &str = "module PermessoFFI {\n    header \"PermessoFFI.h\"\n    export *\n}\n";

/// The same where the library lies beside it.
const MODULE_WITH_LIBRARY: &str =
    "module PermessoFFI {\n    header \"PermessoFFI.h\"\n    link \"permesso\"\n    export *\n}\n";

/// Compiling and testing, in seconds: half a minute on a machine that has nothing else to do. A test that hangs ends so.
const TEST_TIME: &str = "900";

/// Lays the package, the framework too on a Mac, and tests it where Swift is.
pub(crate) fn run() -> bool {
    let laid = if cfg!(target_os = "macos") { framework() } else { lay(crate::kotlin::ALONE) };
    if let Err(error) = laid {
        eprintln!("the Swift package could not be laid: {error}");
        return false;
    }
    println!("laid: {}", generated().display());
    if !cfg!(target_os = "macos") {
        println!("not built: the XCFramework, for which a Mac with Xcode is needed");
    }
    checks().plus(compiled()).conclude()
}

/// The part of `cargo xtask test`; `build` has the library and the generator.
pub(crate) fn test(build: &[&str]) -> Tally {
    if cfg!(not(target_os = "linux")) {
        println!("SKIPPED: the Swift side; `cargo xtask swift` builds and tests it");
        return Tally::default();
    }
    match lay(build) {
        Ok(()) => checks().plus(compiled()),
        Err(error) => Tally::failure(format!("the Swift package could not be laid: {error}")),
    }
}

fn package() -> PathBuf {
    workspace_root().join("ios/PermessoKit")
}

/// What the app's screens show and do, without the views.
fn screens() -> PathBuf {
    workspace_root().join("ios/App/Screens")
}

fn generated() -> PathBuf {
    package().join("Generated")
}

fn library() -> PathBuf {
    let name = format!("{}permesso_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    target_folder().join("debug").join(name)
}

/// Lays the generated code, and the library of this machine with its header, where `Package.swift` looks for them.
fn lay(build: &[&str]) -> io::Result<()> {
    generate(build)?;
    let folder = generated().join("linux");
    fs::create_dir_all(&folder)?;
    fs::copy(
        library(),
        folder.join(format!("{}permesso{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)),
    )?;
    fs::copy(header(), folder.join("PermessoFFI.h"))?;
    fs::write(folder.join("module.modulemap"), MODULE_WITH_LIBRARY)
}

/// Builds every slice for Apple's systems and puts them into one framework.
fn framework() -> io::Result<()> {
    generate(HOST)?;
    let headers = target_folder().join("swift/Headers");
    let module = headers.join("PermessoFFI");
    fs::create_dir_all(&module)?;
    fs::copy(header(), module.join("PermessoFFI.h"))?;
    fs::write(module.join("module.modulemap"), MODULE)?;

    let mut create = Command::new("xcodebuild");
    create.arg("-create-xcframework");
    for (name, targets) in SLICES {
        let folder = target_folder().join("swift").join(name);
        fs::create_dir_all(&folder)?;
        let slice = folder.join("libpermesso.a");
        let mut lipo = Command::new("lipo");
        lipo.arg("-create").arg("-output").arg(&slice);
        for target in targets {
            // Of one kind alone: beside an `rlib` Cargo leaves out optimising across crates without a word.
            let mut build =
                cargo(&["rustc", "--locked", "--profile", "mobile", "-p", "permesso-ffi", "--target", target]);
            build.args(["--lib", "--crate-type", "staticlib"]);
            succeed(&format!("cargo build for {target}"), build.envs(OLDEST).status()?)?;
            lipo.arg(target_folder().join(target).join("mobile/libpermesso_ffi.a"));
        }
        succeed("lipo", lipo.status()?)?;
        create.arg("-library").arg(slice).arg("-headers").arg(&headers);
    }
    let output = generated().join("PermessoFFI.xcframework");
    if output.exists() {
        fs::remove_dir_all(&output)?;
    }
    succeed("xcodebuild", create.arg("-output").arg(output).stdin(Stdio::null()).status()?)
}

/// Where uniffi writes: what is taken over from there is only what the package needs.
fn raw() -> PathBuf {
    target_folder().join("swift/generated")
}

fn header() -> PathBuf {
    raw().join("PermessoFFI.h")
}

fn generate(build: &[&str]) -> io::Result<()> {
    strings::write_all();
    succeed("cargo build", cargo(build).status()?)?;
    let bindgen = target_folder().join("debug").join(format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX));
    let mut generate = Command::new(bindgen);
    generate.args(["generate", "--language", "swift", "--no-format", "--out-dir"]).arg(raw()).arg(library());
    succeed("uniffi-bindgen", generate.current_dir(workspace_root()).status()?)?;
    let sources = generated().join("PermessoGenerated");
    fs::create_dir_all(&sources)?;
    fs::copy(raw().join("Permesso.swift"), sources.join("Permesso.swift"))?;
    Ok(())
}

/// What can be said of it without a compiler.
fn checks() -> Tally {
    let comparisons = [("the header and the library", unexported()), ("the written and the generated code", unknown())];
    let comparisons = comparisons
        .into_iter()
        .map(|(what, found)| match found {
            Ok(missing) if missing.is_empty() => Tally::PASSED,
            Ok(missing) => Tally::failure(format!("{what} do not fit: {}", missing.join(", "))),
            Err(error) => Tally::failure(format!("{what} could not be compared: {error}")),
        })
        .fold(Tally::default(), Tally::plus);
    comparisons.plus(listings::swift(&package())).plus(app::checks())
}

/// Functions that the header declares and the library of this machine does not export.
fn unexported() -> io::Result<Vec<String>> {
    let flags: &[&str] = if cfg!(target_os = "macos") { &["-gU"] } else { &["-D", "--defined-only"] };
    let output = Command::new("nm").args(flags).arg(library()).output()?;
    succeed("nm", output.status)?;
    let listing = String::from_utf8_lossy(&output.stdout);
    let exported: BTreeSet<&str> =
        listing.lines().filter_map(|line| line.rsplit(' ').next()).map(|name| name.trim_start_matches('_')).collect();
    let declared = declared(&fs::read_to_string(header())?);
    if declared.is_empty() {
        return Err(io::Error::other("the header declares nothing"));
    }
    Ok(declared.into_iter().filter(|name| !exported.contains(name.as_str())).collect())
}

/// The names before a parenthesis that uniffi gives to functions of the library.
fn declared(header: &str) -> BTreeSet<String> {
    let names = header.split('(').filter_map(|before| before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next());
    names
        .filter(|name| name.starts_with("uniffi_permesso_ffi_") || name.starts_with("ffi_permesso_ffi_"))
        .map(str::to_owned)
        .collect()
}

/// What the written code calls that the generated code does not have.
fn unknown() -> io::Result<Vec<String>> {
    let known = fs::read_to_string(generated().join("PermessoGenerated/Permesso.swift"))?;
    let known: BTreeSet<&str> = known.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut missing = BTreeSet::new();
    for file in sources(&package().join("Sources/PermessoKit"))? {
        let text = fs::read_to_string(file)?;
        missing.extend(called(&text).into_iter().filter(|name| !known.contains(name)).map(str::to_owned));
    }
    Ok(missing.into_iter().collect())
}

/// What stands behind the generated module's name, and behind the generated object that everything is asked of.
fn called(text: &str) -> Vec<&str> {
    let behind = |opening| text.split(opening).skip(1);
    behind("PermessoGenerated.")
        .chain(behind("await host."))
        .chain(behind("self.host."))
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .filter(|name| !name.is_empty())
        .collect()
}

pub(crate) fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "swift") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Compiles both packages and runs their tests.
fn compiled() -> Tally {
    if !is_there() {
        println!(
            "SKIPPED: compiling and testing the Swift package, for there is no Swift here (apt-get install swiftlang, from Debian 13 on)"
        );
        return Tally::default();
    }
    let tally = app::parsed().plus(tested(&package(), "swift/build")).plus(tested(&screens(), "swift/screens"));
    // On a Mac the real SwiftUI is there, for Xcode.
    if cfg!(target_os = "macos") {
        tally
    } else {
        tally.plus(app::fitted(&target_folder().join("swift/screens/debug/Modules")))
    }
}

fn tested(package: &Path, scratch: &str) -> Tally {
    let mut command = if cfg!(target_os = "linux") {
        let mut timed = Command::new("timeout");
        timed.args([TEST_TIME, "swift"]);
        timed
    } else {
        Command::new("swift")
    };
    command.arg("test");
    // A Mac has whatever compiler its Xcode came with: a new warning of one that never saw this code is no reason to have no release.
    if cfg!(target_os = "linux") {
        command.args(["-Xswiftc", "-warnings-as-errors"]);
    }
    let output = command
        .arg("--scratch-path")
        .arg(target_folder().join(scratch))
        .current_dir(package)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output);
    match output {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            println!("{text}");
            verdict(&text, output.status.success())
        }
        Err(error) => Tally::failure(format!("swift could not be run: {error}")),
    }
}

/// There are other programs of that name.
fn is_there() -> bool {
    let output = Command::new("swift").arg("--version").stderr(Stdio::null()).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("Swift version"))
}

/// Reads `Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in …`, whose last line is the sum.
fn verdict(text: &str, succeeded: bool) -> Tally {
    let counts = text.lines().rev().find_map(|line| {
        let (tests, rest) = line.trim().strip_prefix("Executed ")?.split_once(" test")?;
        let before = |word| rest.split_once(word)?.0.rsplit(' ').next()?.parse::<u64>().ok();
        Some((tests.parse::<u64>().ok()?, before(" failure")?, before(" test").unwrap_or(0)))
    });
    let Some((tests, failed, ignored)) = counts.filter(|(tests, ..)| *tests > 0) else {
        let why = text.lines().find(|line| line.contains("error:")).unwrap_or_default();
        return Tally::failure(format!("Swift ran no test\n{why}"));
    };
    let ignored = ignored.min(tests);
    let failed = failed.min(tests - ignored);
    let told = text.lines().filter_map(|line| Some(line.split_once(": error: ")?.1.to_owned()));
    let unnamed = std::iter::repeat_with(|| "a test of Swift".to_owned());
    let failures = told.chain(unnamed).take(usize::try_from(failed).unwrap_or(usize::MAX)).collect();
    let tally = Tally { passed: tests - ignored - failed, failures, ignored, ..Tally::default() };
    if !succeeded && failed == 0 { tally.plus(Tally::failure("Swift failed outside of a test")) } else { tally }
}

fn succeed(what: &str, status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_header_are_told_from_its_types() {
        let header = "typedef void (*UniffiFree)(uint64_t);\nuint64_t uniffi_permesso_ffi_fn_func_a(RustBuffer b\n);\n\
            void ffi_permesso_ffi_rustbuffer_free(RustBuffer b);\n";
        let expected = ["ffi_permesso_ffi_rustbuffer_free", "uniffi_permesso_ffi_fn_func_a"];
        assert_eq!(declared(header).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_called_of_the_generated_code_is_found() {
        let text =
            "let a = PermessoGenerated.Friend()\ntry await host.search(alias: x)\ntry await self.host.block(host: y)";
        assert_eq!(called(text), ["Friend", "search", "block"]);
    }

    #[test]
    fn a_run_of_swift_without_a_test_is_a_failure() {
        let good = "/a/ATests.swift:7: error: ATests.testB : XCTAssertTrue failed\n\t Executed 1 test, with 0 failures (0 unexpected) in 1.0 (1.0) seconds\n\
            \t Executed 3 tests, with 1 failure (0 unexpected) in 2.0 (2.0) seconds\n✔ Test run with 0 tests passed";
        let failures = vec!["ATests.testB : XCTAssertTrue failed".to_owned()];
        assert_eq!(verdict(good, false), Tally { passed: 2, failures, ..Tally::default() });
        let skipped = "Executed 21 tests, with 1 test skipped and 0 failures (0 unexpected) in 2.0 (2.0) seconds";
        assert_eq!(verdict(skipped, true), Tally { passed: 20, ignored: 1, ..Tally::default() });
        let none = "Executed 0 tests, with 0 failures (0 unexpected) in 0.0 (0.0) seconds";
        assert_eq!(verdict(none, true).failed(), 1);
        assert_eq!(verdict("error: no such module", false).failed(), 1);
    }
}
