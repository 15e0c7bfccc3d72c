//! The phone's app, as far as a machine without Android's tools can judge it: its resources, linked by Android's own compiler;
//! its classes, compiled by Maven and shrunk by R8; its manifest, against what we promise.

mod dex;
mod lint;
mod merge;
mod twice;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::aar::archive::{self, Entries};
use crate::cargo::{target_folder, workspace_root};
use crate::kotlin::{MAVEN_TIME, VERSION, is_there, maven_call, wait};
use crate::testing::Tally;

/// How Android and the stores know the app.
const ID: &str = "org.permesso.app";

/// The Android whose rules the app is written for, and the oldest it runs on.
const SDK: [&str; 4] = ["--min-sdk-version", "26", "--target-sdk-version", "36"];

/// What Jetpack's libraries bring into the manifest.
const BROUGHT: &[&str] = &[
    "androidx.startup.InitializationProvider",
    "androidx.profileinstaller.ProfileInstallReceiver",
    "DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION",
];

/// What Maven says of what a registry does not have or does not give.
const UNRESOLVED: [&str; 4] =
    ["Could not find artifact", "Could not transfer", "Unable to find", "could not be resolved"];

/// Lays what Maven compiles the app with: Jetpack's classes, and what the resources are called. Whether Maven can compile it.
///
/// # Errors
/// The resources are wrong, or something that is here does not work.
pub(crate) fn prepare() -> io::Result<bool> {
    if !is_there("aapt2", "version") {
        println!("SKIPPED: the phone's app, for there is no aapt2 here (apt-get install aapt)");
        return Ok(false);
    }
    let place = Place::here();
    if let Some(lacking) = place.lay_jetpack()? {
        println!("SKIPPED: the phone's app, for Jetpack's libraries are not all to be had ({lacking})");
        return Ok(false);
    }
    match place.lay_names()? {
        None => lay_for_tests(&place).map(|()| true),
        Some(said) => Err(io::Error::other(format!("the app's resources are wrong:\n{said}"))),
    }
}

/// What can be judged once Maven has compiled it; nothing where it could not.
pub(crate) fn checks() -> Tally {
    let place = Place::here();
    if !place.work.join("framework.apk").is_file()
        || !place.android.join("app/target/classes/org/permesso/app").is_dir()
    {
        println!("SKIPPED: the phone's app, for it was not compiled here");
        return Tally::default();
    }
    println!("== the phone's app");
    counted("its resources", wrong_ones_are_seen(&place))
        .plus(counted("its manifest", place.manifest().and_then(|manifest| judged(&manifest, BROUGHT))))
        .plus(counted("its classes", dex::check(&place)))
        .plus(counted("reproducing", twice::check(&place)))
}

/// A checkout, and what is made of it.
struct Place {
    android: PathBuf,
    work: PathBuf,
    /// Of the programs that make it.
    umask: &'static str,
}

impl Place {
    fn here() -> Self {
        Self { android: workspace_root().join("android"), work: target_folder().join("app"), umask: "022" }
    }

    /// A call of a program that writes files.
    fn command(&self, program: &str) -> Command {
        if cfg!(unix) {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("umask {} && exec \"$@\"", self.umask), "sh", program]);
            shell
        } else {
            Command::new(program)
        }
    }

    /// Jetpack's classes; what is not to be had, if something is not.
    fn lay_jetpack(&self) -> io::Result<Option<String>> {
        let place = self.work.join("jetpack.txt");
        fs::create_dir_all(&self.work)?;
        let log = fs::File::create(&place)?;
        let mut call = maven_call(&self.android.join("jetpack"));
        call.args(["--quiet", "process-resources"]).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if wait(call.spawn()?, MAVEN_TIME)?.is_some_and(|status| status.success()) {
            return Ok(None);
        }
        let said = fs::read_to_string(place)?;
        match said.lines().find(|line| UNRESOLVED.iter().any(|words| line.contains(words))) {
            Some(line) => Ok(Some(line.trim().to_owned())),
            None => Err(io::Error::other(format!("Jetpack's libraries could not be unpacked:\n{said}"))),
        }
    }

    /// Links the resources, and writes by what names Kotlin has them; what aapt2 complains of, if it does.
    fn lay_names(&self) -> io::Result<Option<String>> {
        let mut framework = Entries::new();
        archive::add_folder(&mut framework, &self.android.join("jetpack/target/resources-of-android"), &|name| {
            ["AndroidManifest.xml", "resources.arsc"].contains(&name)
        })?;
        fs::write(self.work.join("framework.apk"), archive::stored(&framework)?)?;
        let packages = self.compile_resources()?;
        let names = self.android.join("app/target/generated-sources/r");
        if names.exists() {
            fs::remove_dir_all(&names)?;
        }
        fs::create_dir_all(&names)?;
        self.linked(&self.manifest()?, Some((&names, &packages)))
    }

    /// The manifest with what the libraries and Gradle add.
    fn manifest(&self) -> io::Result<String> {
        let source = fs::read_to_string(self.android.join("app/src/main/AndroidManifest.xml"))?;
        let mut libraries =
            vec![fs::read_to_string(self.android.join("permesso-android/src/main/AndroidManifest.xml"))?];
        for library in sorted(&self.android.join("jetpack/target"))? {
            libraries.extend(
                fs::read_to_string(library.join("AndroidManifest.xml")).ok().filter(|it| package(it).is_some()),
            );
        }
        let head = format!("<manifest package=\"{ID}\" android:versionCode=\"1\" android:versionName=\"{VERSION}\" ");
        Ok(merge::merged(&source, &libraries, ID)?.replacen("<manifest ", &head, 1))
    }

    /// Compiles what Jetpack's libraries show and what we do, in the order in which the later takes the earlier's place; by what
    /// names, joined by colons, Jetpack's classes ask for it.
    fn compile_resources(&self) -> io::Result<String> {
        let place = self.work.join("resources");
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(&place)?;
        let mut packages = Vec::new();
        for library in sorted(&self.android.join("jetpack/target"))? {
            let Ok(manifest) = fs::read_to_string(library.join("AndroidManifest.xml")) else { continue };
            let (Some(package), true) = (package(&manifest), library.join("res").is_dir()) else { continue };
            self.compile(&library.join("res"), &place.join(format!("0-{package}.zip")))?;
            packages.push(package);
        }
        for (number, module) in ["ui", "app"].iter().enumerate() {
            self.compile(
                &self.android.join(module).join("src/main/res"),
                &place.join(format!("{}-{module}.zip", number + 1)),
            )?;
        }
        Ok(packages.join(":"))
    }

    fn compile(&self, resources: &Path, to: &Path) -> io::Result<()> {
        let output = self.command("aapt2").args(["compile", "--dir"]).arg(resources).arg("-o").arg(to).output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!("aapt2 cannot compile {}:\n{said}", resources.display())))
    }

    /// Links everything; what aapt2 complains of, if it does. The names of the resources come into a folder, for us and for those
    /// packages.
    fn linked(&self, manifest: &str, names: Option<(&Path, &str)>) -> io::Result<Option<String>> {
        let place = self.work.join("AndroidManifest.xml");
        fs::write(&place, manifest)?;
        let mut call = self.command("aapt2");
        call.arg("link").arg("-I").arg(self.work.join("framework.apk")).arg("--manifest").arg(place).args(SDK);
        if let Some((folder, packages)) = names {
            call.arg("--java").arg(folder).arg("--extra-packages").arg(packages);
        }
        call.arg("--auto-add-overlay").arg("-o").arg(self.work.join("linked.apk"));
        let output = call.args(sorted(&self.work.join("resources"))?).output()?;
        Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// Judges a manifest that Android's own build has made.
pub(crate) fn judge(arguments: &[String]) -> ExitCode {
    let [file] = arguments else {
        eprintln!("xtask: `manifest` takes one file");
        return ExitCode::from(2);
    };
    let judgement = fs::read_to_string(file).and_then(|manifest| judged(&manifest, &[]));
    if counted("the app's manifest", judgement).conclude() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether a manifest with all that libraries bring is as we promise, and those did bring something.
fn judged(manifest: &str, brought: &[&str]) -> io::Result<Tally> {
    let mut faults = lint::manifest_faults(manifest);
    faults.extend(brought.iter().filter(|name| !manifest.contains(**name)).map(|name| format!("{name} is missing")));
    Ok(if faults.is_empty() { Tally::PASSED } else { Tally::failure(faults.join("\n")) })
}

/// A manifest or resource with a mistake must not be linked.
fn wrong_ones_are_seen(place: &Place) -> io::Result<Tally> {
    let sound = place.manifest()?;
    for (right, wrong) in [
        ("\"singleTask\"", "\"singleTasks\""),
        ("@xml/network_security_config", "@xml/no_such_file"),
        ("@style/App", "@style/NoApp"),
    ] {
        let planted = sound.replace(right, wrong);
        if planted == sound || place.linked(&planted, None)?.is_none() {
            return Ok(Tally::failure(format!("{wrong} in the manifest is not seen")));
        }
    }
    println!("planted mistakes in the manifest turn the linking red, as they should");
    Ok(Tally::PASSED)
}

/// Reads `<manifest … package="androidx.core" …>`.
fn package(manifest: &str) -> Option<String> {
    let (_, rest) = manifest.split_once("package=\"")?;
    rest.split('"').next().map(str::to_owned)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Lays the app as it was linked where Robolectric looks for it.
fn lay_for_tests(place: &Place) -> io::Result<()> {
    let laid = place.android.join("app/target/linked");
    let told = laid.join("com/android/tools");
    fs::create_dir_all(&told)?;
    let (manifest, linked) = (laid.join("AndroidManifest.xml"), laid.join("linked.apk"));
    fs::copy(place.work.join("AndroidManifest.xml"), &manifest)?;
    fs::copy(place.work.join("linked.apk"), &linked)?;
    let text = format!(
        "android_merged_manifest={}\nandroid_resource_apk={}\nandroid_custom_package={ID}\n",
        manifest.display(),
        linked.display()
    );
    fs::write(told.join("test_config.properties"), text)
}

fn counted(what: &str, result: io::Result<Tally>) -> Tally {
    result.unwrap_or_else(|error| Tally::failure(format!("{what} of the phone's app: {error}")))
}
