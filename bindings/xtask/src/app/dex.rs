//! The app's classes, shrunk and translated for phones by R8 with the rules that the app and the library bring.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::Place;
use crate::aar::archive::{self, Entries};
use crate::aar::contents::REFUSED;
use crate::aar::shrink::{SYSTEM, lay_system};
use crate::kotlin::wait;
use crate::testing::Tally;

/// Where the code for phones comes to lie.
pub(super) const DEX: &str = "dex.zip";

/// R8 takes about a minute on two cores.
const TIME: Duration = Duration::from_secs(600);

/// What the manifest names, which Android's own build keeps by rules made of it.
const OF_THE_MANIFEST: &str = "\
    -keep class org.permesso.app.App { <init>(); }\n\
    -keep class org.permesso.app.MainActivity { <init>(); }\n\
    -keep class org.permesso.app.BootReceiver { <init>(); }\n\
    -keep class org.permesso.app.UpdateReceiver { <init>(); }\n\
    -keep class org.permesso.HostService { <init>(); }\n\
    -keep class org.permesso.NotificationReceiver { <init>(); }\n";

/// What Jetpack's libraries refer to and is not at hand here: on phones Gradle brings it.
const NOT_AT_HAND: &str = "-dontwarn androidx.**\n";

/// What must be in what comes out under its own name.
const KEPT: [&str; 3] =
    ["Lorg/permesso/app/MainActivity;", "Lorg/permesso/HostService;", "Lorg/permesso/ffi/UniffiLib;"];

/// Shrinks everything; the classes that the manifest names must be in what comes out.
pub(super) fn check(place: &Place) -> io::Result<Tally> {
    if !shrunk(place)? {
        return Ok(Tally::failure("R8 could not shrink the app"));
    }
    let made = archive::unpacked(&fs::read(place.work.join(DEX))?)?;
    let has = |name: &&str| made.values().any(|dex| dex.windows(name.len()).any(|it| it == name.as_bytes()));
    let lost: Vec<&&str> = KEPT.iter().filter(|name| !has(name)).collect();
    if !lost.is_empty() {
        return Ok(Tally::failure(format!("R8 has removed {lost:?}")));
    }
    if has(&REFUSED) {
        return Ok(Tally::failure(format!("the app calls {REFUSED}, which Android refuses")));
    }
    println!("shrunk to {} kB of code for phones", made.values().map(Vec::len).sum::<usize>() / 1024);
    Ok(Tally::PASSED)
}

/// Whether R8 could shrink everything; it lies in [`DEX`] then.
pub(super) fn shrunk(place: &Place) -> io::Result<bool> {
    let (android, work) = (place.android.as_path(), place.work.as_path());
    pack(android, &["permesso", "permesso-android", "app"], &work.join("classes.jar"))?;
    pack(android, &["jetpack"], &work.join("jetpack.jar"))?;
    let library = fs::read_to_string(android.join("permesso-android/proguard.txt"))?;
    let own = fs::read_to_string(android.join("app/proguard.txt"))?;
    lay_system(work)?;
    fs::write(work.join("rules.txt"), format!("{OF_THE_MANIFEST}{NOT_AT_HAND}{library}\n{own}\n"))?;
    let tools = android.join("permesso-android/target/tools");
    let dex = work.join(DEX);
    let mut call = place.command("java");
    // Over before a better compiler of Java's would pay.
    call.args(["-Xmx2g", "-XX:TieredStopAtLevel=1", "-cp"]).arg(beginning(&tools, "r8-")?);
    call.args(["com.android.tools.r8.R8", "--release", "--min-api", "26", "--lib"]).arg(work.join(SYSTEM));
    // Jetpack's own code would take three minutes more, and is not ours.
    call.arg("--classpath").arg(work.join("jetpack.jar"));
    call.arg("--lib").arg(android_of(android)?).arg("--pg-conf").arg(work.join("rules.txt"));
    call.arg("--pg-map-output").arg(work.join("mapping.txt")).arg("--output").arg(&dex).arg(work.join("classes.jar"));
    for name in ["jna-", "kotlin-stdlib-", "kotlinx-coroutines-core-jvm-", "annotations-"] {
        call.arg(beginning(&tools, name)?);
    }
    call.arg(beginning(&android.join("app/target/needed"), "core-")?);
    let log = fs::File::create(work.join("r8.txt"))?;
    let child = call.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    if !wait(child, TIME)?.is_some_and(|status| status.success()) {
        eprintln!("{}\nR8 cannot shrink the app", fs::read_to_string(work.join("r8.txt"))?);
        return Ok(false);
    }
    Ok(true)
}

fn pack(android: &Path, modules: &[&str], to: &Path) -> io::Result<()> {
    let mut classes = Entries::new();
    for module in modules {
        let folder = android.join(module).join("target/classes");
        archive::add_folder(&mut classes, &folder, &|name| name.ends_with(".class"))?;
    }
    fs::write(to, archive::stored(&classes)?)
}

/// Android's own classes, as Maven found them.
fn android_of(android: &Path) -> io::Result<PathBuf> {
    beginning(&android.join("app/target/needed"), "android-all-")
}

fn beginning(folder: &Path, name: &str) -> io::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(name) {
            return Ok(entry.path());
        }
    }
    Err(io::Error::other(format!("there is no {name}*.jar in {}", folder.display())))
}
