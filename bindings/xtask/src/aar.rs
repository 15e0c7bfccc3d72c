//! `cargo xtask aar`: the Android library as an AAR in a Maven repository folder. With `--host-only` around the library of this
//! machine, for everything that can be checked without a phone.

pub(crate) mod archive;
pub(crate) mod contents;
mod library;
pub(crate) mod maven;
mod ndk;
mod repository;
pub(crate) mod reproducible;
mod resources;
pub(crate) mod shrink;
pub(crate) mod versions;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use library::Abi;
use repository::{Needed, Origin};
use shrink::Shrinking;

use crate::cargo::{target_folder, workspace_root};
use crate::kotlin::{self, VERSION};
use crate::small::remapped;
use crate::testing::Tally;

/// Makes the AAR, or the one for checks.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let passed = match arguments {
        [] => publishable().inspect_err(|error| eprintln!("the AAR: {error}")).is_ok(),
        [only] if only == "--host-only" => host_only().conclude(),
        [only] if only == "--rehearse" => rehearse().conclude(),
        _ => {
            eprintln!("xtask: `aar` takes nothing, --host-only or --rehearse");
            return ExitCode::from(2);
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Checks everything that needs no phone, of what `cargo xtask kotlin` has just built.
pub(crate) fn checks() -> Tally {
    if maven::is_missing("the AAR") {
        return Tally::default();
    }
    let Some(abi) = library::abi_of_this_machine() else {
        println!("SKIPPED: the AAR, for no phone has this machine's processor");
        return Tally::default();
    };
    checked(abi, maven::laid_library(&android()))
}

/// Checks the AAR around a library of this machine.
fn checked(abi: Abi, library: PathBuf) -> Tally {
    let assembled = match stand_in(abi, &library) {
        Ok(assembled) => assembled,
        Err(error) => return Tally::failure(format!("the AAR for checks: {error}")),
    };
    Tally::PASSED
        .plus(counted("the manifest", resources::check(&android(), &work())))
        .plus(counted("shrinking", shrinking().check(&assembled.classes, &assembled.rules)))
        .plus(counted("hidden calls", maven::hidden_calls_are_seen(&android(), &work())))
        .plus(counted("reproducing", reproducible::check(&work(), &assembled.files(), abi)))
}

/// Where versions disagree between Maven, Gradle and cargo; nothing if they do not.
pub(crate) fn disagreements(root: &Path) -> io::Result<Vec<String>> {
    versions::disagreements(root)
}

fn host_only() -> Tally {
    if maven::is_missing("the AAR") {
        return Tally::default();
    }
    match kotlin::lay(kotlin::ALONE).and_then(|()| maven::package(&android(), &["-DskipTests"])) {
        Ok(()) => checks(),
        Err(error) => Tally::failure(format!("the Kotlin side: {error}")),
    }
}

/// The same as `--host-only`, around the library as it is published: small, and without what only tests call.
fn rehearse() -> Tally {
    if maven::is_missing("the AAR") {
        return Tally::default();
    }
    let Some(abi) = library::abi_of_this_machine() else {
        println!("SKIPPED: the AAR, for no phone has this machine's processor");
        return Tally::default();
    };
    let laid = kotlin::lay_published(&[]).and_then(|()| {
        maven::package(&android(), &["-DskipTests", "-Dpermesso.without.rehearsal=true"])?;
        Ok(maven::laid_library(&android()))
    });
    let library = match laid {
        Ok(library) => library,
        Err(error) => return Tally::failure(format!("the library as it is published: {error}")),
    };
    counted("reproducing the library", reproducible::check_library(&work(), &library)).plus(checked(abi, library))
}

/// The AAR for phones.
fn publishable() -> io::Result<()> {
    let missing = ndk::missing();
    if !missing.is_empty() {
        eprintln!("the AAR for phones cannot be built here; there is missing:");
        missing.iter().for_each(|one| eprintln!("  - {one}"));
        return Err(io::Error::other("`cargo xtask aar --host-only` makes the one for checks"));
    }
    if maven::is_missing("the AAR") {
        return Err(io::Error::other("it needs Java and Maven"));
    }
    if !origin(&android())?.is_real() {
        let name = kotlin::REPOSITORY;
        return Err(io::Error::other(format!("say where the source is: {name}=https://… cargo xtask aar")));
    }
    kotlin::lay(kotlin::PUBLISHED)?;
    maven::package(&android(), &["-Dmaven.test.skip=true"])?;
    let mut libraries = Vec::new();
    for (abi, place) in ndk::build(&work().join("jni"), &work().join("stripped"))? {
        libraries.push((abi, fs::read(place)?));
    }
    for (abi, library) in &libraries {
        for (folder, _) in remapped(&workspace_root(), &target_folder()) {
            if contains(library, folder.as_bytes()) {
                return Err(io::Error::other(format!("the library for {} names {folder}", abi.name)));
            }
        }
    }
    for (abi, library) in &libraries {
        println!("the library for {}: {} B", abi.name, library.len());
    }
    let judged = resources::check(&android(), &work())?;
    if judged.failed() > 0 {
        return Err(io::Error::other("the manifest is not as it should be"));
    }
    let assembled = Assembled::of(&android(), &libraries, false)?;
    let folder = assembled.publish(&target_folder().join("maven-repository"))?;
    println!("the AAR is in {}", folder.display());
    Ok(())
}

/// Compares the classes of the AAR for phones, as [`publishable`] has laid it, with those of the one that Gradle makes of the same
/// sources.
pub(crate) fn compare_classes(arguments: &[String]) -> io::Result<()> {
    let [theirs] = arguments else { return Err(io::Error::other("name the AAR that Gradle made")) };
    let name = format!("org/permesso/permesso/{VERSION}/permesso-{VERSION}.aar");
    let ours = target_folder().join("maven-repository").join(name);
    let read = |path: &Path| fs::read(path).map_err(|error| io::Error::other(format!("{}: {error}", path.display())));
    let differing = contents::differing_classes(&read(&ours)?, &read(Path::new(theirs))?)?;
    if !differing.is_empty() {
        return Err(io::Error::other(format!("they differ:\n  - {}", differing.join("\n  - "))));
    }
    println!("Gradle's AAR has the same classes");
    Ok(())
}

/// The library for the JVM with what is laid, and the fake, in the repository folder of the AAR.
pub(crate) fn jar() -> io::Result<()> {
    if maven::is_missing("the jar") {
        return Err(io::Error::other("it needs Java and Maven"));
    }
    let repository = target_folder().join("maven-repository");
    maven::deploy(&android(), &repository)?;
    println!("the jars are in {}", repository.join("org/permesso").display());
    Ok(())
}

/// The AAR around this machine's library.
fn stand_in(abi: Abi, library: &Path) -> io::Result<Assembled> {
    let assembled = Assembled::of(&android(), &[(abi, fs::read(library)?)], true)?;
    let folder = assembled.publish(&work().join("host-only-repository"))?;
    println!("the AAR for checks is in {}", folder.display());
    Ok(assembled)
}

/// All files of one version.
struct Assembled {
    version: String,
    pom: String,
    aar: Vec<u8>,
    sources: Vec<u8>,
    documentation: Vec<u8>,
    classes: Vec<u8>,
    rules: String,
}

impl Assembled {
    /// Packs everything and looks whether it is sound.
    fn of(android: &Path, libraries: &[(Abi, Vec<u8>)], is_stand_in: bool) -> io::Result<Self> {
        let manifest = fs::read_to_string(workspace_root().join("Cargo.toml"))?;
        let version = versions::of_workspace(&manifest).ok_or_else(|| io::Error::other("Cargo.toml has no version"))?;
        let documentation = contents::documentation(android, version, is_stand_in)?;
        // One that a repository takes for another version, should it ever come near one.
        let version = if is_stand_in { format!("{version}-host-only") } else { version.to_owned() };
        let aar = contents::assembled(android, libraries, is_stand_in)?;
        let abis: Vec<Abi> = libraries.iter().map(|(abi, _)| *abi).collect();
        let faults = contents::faults(&aar, &abis, is_stand_in)?;
        if !faults.is_empty() {
            return Err(io::Error::other(format!("it is not sound:\n  - {}", faults.join("\n  - "))));
        }
        Ok(Self {
            pom: repository::pom(&version, &needed(android)?, &origin(android)?),
            aar,
            sources: contents::sources(android)?,
            documentation,
            classes: contents::classes(android)?,
            rules: fs::read_to_string(android.join("permesso-android/proguard.txt"))?,
            version,
        })
    }

    /// By their endings.
    fn files(&self) -> Vec<(&'static str, &[u8])> {
        vec![
            (".pom", self.pom.as_bytes()),
            (".aar", &self.aar),
            ("-sources.jar", &self.sources),
            ("-javadoc.jar", &self.documentation),
        ]
    }

    fn publish(&self, repository: &Path) -> io::Result<PathBuf> {
        repository::lay(repository, &self.version, &self.files())
    }
}

fn needed(android: &Path) -> io::Result<Needed> {
    let pom = fs::read_to_string(android.join("pom.xml"))?;
    let version = |name: &str| -> io::Result<String> {
        let found = versions::property(&pom, name);
        found.map(str::to_owned).ok_or_else(|| io::Error::other(format!("android/pom.xml has no {name}")))
    };
    Ok(Needed {
        jna: version("jna.version")?,
        coroutines: version("coroutines.version")?,
        kotlin: version("kotlin.stdlib.version")?,
    })
}

/// Where the source is, as whoever publishes says, else as the POM does.
fn origin(android: &Path) -> io::Result<Origin> {
    let pom = fs::read_to_string(android.join("pom.xml"))?;
    let in_pom = |name: &str| -> io::Result<String> {
        let found = versions::property(&pom, name);
        found.map(str::to_owned).ok_or_else(|| io::Error::other(format!("android/pom.xml has no {name}")))
    };
    let url = std::env::var(kotlin::REPOSITORY).or_else(|_| in_pom("permesso.repository"))?;
    Ok(Origin { url, developers: in_pom("permesso.developers")? })
}

fn shrinking() -> Shrinking {
    let own = android().join("permesso-android/target");
    Shrinking {
        folder: work().join("shrunken"),
        tools: own.join("tools"),
        app: own.join("test-classes"),
        native: android().join("permesso/target/generated/resources"),
    }
}

fn android() -> PathBuf {
    workspace_root().join("android")
}

/// Where what is made on the way lies.
fn work() -> PathBuf {
    target_folder().join("aar")
}

fn contains(library: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && library.windows(text.len()).any(|window| window == text)
}

fn counted(what: &str, result: io::Result<Tally>) -> Tally {
    println!("== {what}");
    result.unwrap_or_else(|error| Tally::failure(format!("{what}: {error}")))
}
