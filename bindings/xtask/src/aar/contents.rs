//! What is in the AAR, and whether that is as it should be.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::archive::{self, Entries};
use super::library::{self, Abi};
use super::ndk::MIN_SDK;
use crate::cargo::workspace_root;

/// What says in an archive that it must not be published.
pub(crate) const NOT_FOR_PUBLISHING: &str = "NOT-FOR-PUBLISHING.txt";

/// The class files' version of Java 11, which every Android build system of today reads.
const JAVA_11: u16 = 55;

/// What the build systems of apps read first. 34 is the first level with all that the classes name
/// (`NsdManager.ServiceInfoCallback`).
const METADATA: &str = "aarFormatVersion=1.0\n\
    aarMetadataVersion=1.0\n\
    minCompileSdk=34\n\
    minCompileSdkExtension=0\n\
    minAndroidGradlePluginVersion=1.0.0\n\
    coreLibraryDesugaringEnabled=false\n";

/// What is there on Android and never works: an app is told of no file systems (`SecurityException`). No test elsewhere sees that.
pub(crate) const REFUSED: &str = "getFileStore";

/// Where [`METADATA`] stands.
const METADATA_PLACE: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";

/// Ours, and those of what the library is made of.
const LICENCES: [&str; 3] = ["LICENSE-MIT", "LICENSE-APACHE", "LICENSE-THIRD-PARTY"];

/// Where they stand in the classes: apps carry them on, and no other library has the same place.
const LICENCES_PLACE: &str = "META-INF/org.permesso/";

/// The folders of the two halves, below android/.
const MODULES: [&str; 2] = ["permesso", "permesso-android"];

/// What the documentation must have of both halves.
const DOCUMENTED: [&str; 3] = ["index.html", "org/permesso/Permesso.html", "org/permesso/HostService.html"];

/// The classes that Maven compiled, of the common half and of Android's own.
pub(crate) fn classes(android: &Path) -> io::Result<Vec<u8>> {
    let mut entries = Entries::new();
    for name in LICENCES {
        entries.insert(format!("{LICENCES_PLACE}{name}"), fs::read(workspace_root().join(name))?);
    }
    for module in MODULES {
        let ours = |name: &str| name.starts_with("org/permesso/") || name.ends_with(".kotlin_module");
        archive::add_folder(&mut entries, &android.join(module).join("target/classes"), &ours)?;
    }
    archive::packed(&entries)
}

/// The sources of both halves, the generated ones with them.
pub(crate) fn sources(android: &Path) -> io::Result<Vec<u8>> {
    let mut entries = Entries::new();
    let kotlin = |name: &str| name.ends_with(".kt");
    archive::add_folder(&mut entries, &android.join("permesso/target/generated/kotlin"), &kotlin)?;
    for module in MODULES {
        archive::add_folder(&mut entries, &android.join(module).join("src/main/kotlin"), &kotlin)?;
    }
    archive::packed(&entries)
}

/// The documentation of both halves, as Dokka wrote it. Where nothing is published Dokka may have been left out.
pub(crate) fn documentation(android: &Path, version: &str, is_stand_in: bool) -> io::Result<Vec<u8>> {
    let dokka = android.join(format!("permesso-android/target/permesso-android-{version}-javadoc.jar"));
    if is_stand_in && !dokka.is_file() {
        return archive::packed(&Entries::new());
    }
    let entries = archive::unpacked(&fs::read(&dokka)?)?;
    let lacking: Vec<&str> = DOCUMENTED.into_iter().filter(|page| !entries.contains_key(*page)).collect();
    if lacking.is_empty() {
        archive::packed(&entries)
    } else {
        Err(io::Error::other(format!("Dokka has not written {}", lacking.join(", "))))
    }
}

/// The manifest as an AAR has it: with the package and the oldest Android.
pub(crate) fn manifest(source: &str) -> io::Result<String> {
    let namespace = "xmlns:android=\"http://schemas.android.com/apk/res/android\">";
    if source.matches(namespace).count() != 1 {
        return Err(io::Error::other("AndroidManifest.xml does not begin as expected"));
    }
    let head = namespace.trim_end_matches('>');
    Ok(source.replace(
        namespace,
        &format!("{head}\n    package=\"org.permesso\">\n\n    <uses-sdk android:minSdkVersion=\"{MIN_SDK}\" />"),
    ))
}

/// Packs the AAR. One that is not for publishing says so.
pub(crate) fn assembled(android: &Path, libraries: &[(Abi, Vec<u8>)], is_stand_in: bool) -> io::Result<Vec<u8>> {
    let own = android.join("permesso-android");
    let manifest = manifest(&fs::read_to_string(own.join("src/main/AndroidManifest.xml"))?)?;
    let mut entries = Entries::from([
        ("AndroidManifest.xml".to_owned(), manifest.into_bytes()),
        ("R.txt".to_owned(), Vec::new()),
        (METADATA_PLACE.to_owned(), METADATA.as_bytes().to_vec()),
        ("classes.jar".to_owned(), classes(android)?),
        ("proguard.txt".to_owned(), fs::read(own.join("proguard.txt"))?),
    ]);
    for (abi, library) in libraries {
        entries.insert(format!("jni/{}/libpermesso.so", abi.name), library.clone());
    }
    if is_stand_in {
        let text = "Made around a library of the building machine, for its checks. No phone can load it.\n";
        entries.insert(NOT_FOR_PUBLISHING.to_owned(), text.as_bytes().to_vec());
    }
    archive::packed(&entries)
}

/// What is wrong with an AAR.
pub(crate) fn faults(aar: &[u8], abis: &[Abi], is_stand_in: bool) -> io::Result<Vec<String>> {
    let entries = archive::unpacked(aar)?;
    let mut faults = Vec::new();
    let mut expected: Vec<String> =
        ["AndroidManifest.xml", METADATA_PLACE, "R.txt", "classes.jar", "proguard.txt"].map(str::to_owned).to_vec();
    expected.extend(is_stand_in.then(|| NOT_FOR_PUBLISHING.to_owned()));
    for abi in abis {
        let place = format!("jni/{}/libpermesso.so", abi.name);
        if let Some(library) = entries.get(&place) {
            let judged = if is_stand_in { library::faults_of_stand_in } else { library::faults };
            let found = judged(library, *abi).unwrap_or_else(|error| vec![error.to_string()]);
            faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
        }
        expected.push(place);
    }
    faults.extend(expected.iter().filter(|name| !entries.contains_key(*name)).map(|name| format!("{name} is missing")));
    faults.extend(entries.keys().filter(|name| !expected.contains(name)).map(|name| format!("{name} is too much")));
    let text = |name: &str| entries.get(name).map(|content| String::from_utf8_lossy(content)).unwrap_or_default();
    let classes = entries.get("classes.jar").map(|jar| archive::unpacked(jar)).transpose()?.unwrap_or_default();
    faults.extend(faults_of_classes(&classes, &listed()?));
    faults.extend(faults_of_manifest(&text("AndroidManifest.xml"), &classes));
    if !text("proguard.txt").lines().any(|line| line.starts_with("-keep class org.permesso.ffi.**")) {
        faults.push("proguard.txt does not keep the generated code".to_owned());
    }
    Ok(faults)
}

/// The classes of which two AARs do not both have one by its name; `theirs` is Gradle's.
pub(crate) fn differing_classes(ours: &[u8], theirs: &[u8]) -> io::Result<Vec<String>> {
    let names = |aar: &[u8]| -> io::Result<BTreeSet<String>> {
        let entries = archive::unpacked(aar)?;
        let jar = entries.get("classes.jar").ok_or_else(|| io::Error::other("it has no classes.jar"))?;
        Ok(archive::unpacked(jar)?.into_keys().filter(|name| name.ends_with(".class")).collect())
    };
    let (ours, theirs) = (names(ours)?, names(theirs)?);
    let lacking = ours.difference(&theirs).map(|name| format!("Gradle's lacks {name}"));
    let surplus = theirs.difference(&ours).map(|name| format!("ours lacks {name}"));
    Ok(lacking.chain(surplus).collect())
}

/// What an app sees of both halves, as the listings of their API have it, and the generated class behind it.
fn listed() -> io::Result<Vec<String>> {
    let mut names = vec!["org/permesso/ffi/Host.class".to_owned()];
    for module in MODULES {
        names.extend(named_in(&fs::read_to_string(workspace_root().join("android").join(module).join("api.txt"))?));
    }
    Ok(names)
}

/// The classes of a listing, as files.
fn named_in(listing: &str) -> Vec<String> {
    let name = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| !matches!(*word, "class" | "interface"));
        let name = words.nth(1)?.split('<').next()?;
        Some(format!("{}.class", name.replace('.', "/")))
    };
    listing.lines().filter(|line| !line.starts_with([' ', '}'])).filter_map(name).collect()
}

/// Both halves and nothing else, in a form that every build system reads.
fn faults_of_classes(classes: &Entries, listed: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for licence in LICENCES.iter().map(|name| format!("{LICENCES_PLACE}{name}")) {
        if !classes.contains_key(&licence) {
            faults.push(format!("classes.jar lacks {licence}"));
        }
    }
    let lacking = listed.iter().filter(|name| !classes.contains_key(*name));
    faults.extend(lacking.map(|name| format!("classes.jar lacks {name}")));
    for (name, content) in classes {
        let is_ours = name.starts_with("org/permesso/") || name.starts_with(LICENCES_PLACE);
        if !is_ours && !name.ends_with(".kotlin_module") {
            faults.push(format!("classes.jar holds {name}, which is not ours"));
        }
        if content.windows(REFUSED.len()).any(|bytes| bytes == REFUSED.as_bytes()) {
            faults.push(format!("{name} calls {REFUSED}, which Android refuses"));
        }
        let version = content.get(6..8).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes);
        if name.ends_with(".class") && version.is_none_or(|version| version > JAVA_11) {
            faults.push(format!("{name} is for a newer Java than 11"));
        }
    }
    faults
}

/// Every class that the manifest names must be there.
fn faults_of_manifest(manifest: &str, classes: &Entries) -> Vec<String> {
    let mut faults = Vec::new();
    if !manifest.contains("package=\"org.permesso\"") {
        faults.push("the manifest names no package".to_owned());
    }
    let named: Vec<&str> = manifest
        .split("android:name=\"org.permesso.")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
        .collect();
    if named.is_empty() {
        faults.push("the manifest names no class of ours".to_owned());
    }
    for name in named {
        if !classes.contains_key(&format!("org/permesso/{}.class", name.replace('.', "/"))) {
            faults.push(format!("the manifest names org.permesso.{name}, which does not exist"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(version: u16) -> Vec<u8> {
        let mut content = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0];
        content.extend(version.to_be_bytes());
        content
    }

    fn sound() -> Entries {
        listed()
            .unwrap()
            .into_iter()
            .map(|name| (name, class(JAVA_11)))
            .chain(LICENCES.map(|name| (format!("{LICENCES_PLACE}{name}"), Vec::new())))
            .collect()
    }

    #[test]
    fn classes_that_lack_that_are_foreign_or_too_new_are_told() {
        let listed = listed().unwrap();
        assert_eq!(faults_of_classes(&sound(), &listed), [""; 0]);
        let mut classes = sound();
        classes.remove("org/permesso/AndroidKeyStore.class");
        classes.remove("META-INF/org.permesso/LICENSE-THIRD-PARTY");
        classes.insert("sample/SampleKt.class".to_owned(), class(JAVA_11));
        classes.insert("org/permesso/New.class".to_owned(), class(61));
        let calling = [class(JAVA_11), b"\x01\0\x0cgetFileStore".to_vec()].concat();
        classes.insert("org/permesso/Calling.class".to_owned(), calling);
        let expected = [
            "classes.jar lacks META-INF/org.permesso/LICENSE-THIRD-PARTY",
            "classes.jar lacks org/permesso/AndroidKeyStore.class",
            "org/permesso/Calling.class calls getFileStore, which Android refuses",
            "org/permesso/New.class is for a newer Java than 11",
            "classes.jar holds sample/SampleKt.class, which is not ours",
        ];
        assert_eq!(faults_of_classes(&classes, &listed), expected);
    }

    #[test]
    fn what_an_app_sees_is_read_from_the_listings() {
        let names = named_in(
            "public final class org.permesso.Found<T> implements java.lang.AutoCloseable {\n  public void find();\n}\n\
             public interface org.permesso.ffi.Host {\n}\npublic abstract static class org.permesso.A$B {\n}\n",
        );
        assert_eq!(names, ["org/permesso/Found.class", "org/permesso/ffi/Host.class", "org/permesso/A$B.class"]);
        for name in ["Permesso", "ffi/Host", "AndroidKeyStore", "HostService"] {
            assert!(listed().unwrap().contains(&format!("org/permesso/{name}.class")), "{name}");
        }
    }

    #[test]
    fn classes_that_only_one_of_two_archives_has_are_told() {
        let aar = |names: [&str; 3]| {
            let classes = names.map(|name| (name.to_owned(), Vec::new())).into_iter().collect::<Entries>();
            archive::packed(&Entries::from([("classes.jar".to_owned(), archive::packed(&classes).unwrap())])).unwrap()
        };
        let ours = aar(["org/permesso/A.class", "org/permesso/B.class", "META-INF/a.kotlin_module"]);
        let theirs = aar(["org/permesso/A.class", "org/permesso/C.class", "META-INF/b.kotlin_module"]);
        assert_eq!(differing_classes(&ours, &ours).unwrap(), [""; 0]);
        let expected = ["Gradle's lacks org/permesso/B.class", "ours lacks org/permesso/C.class"];
        assert_eq!(differing_classes(&ours, &theirs).unwrap(), expected);
    }

    #[test]
    fn a_manifest_that_names_a_class_that_is_not_there_is_told() {
        let source = "<manifest xmlns:android=\"http://schemas.android.com/apk/res/android\">\n\
            <service android:name=\"org.permesso.HostService\"/></manifest>";
        let text = manifest(source).unwrap();
        assert!(text.contains("minSdkVersion=\"26\""));
        assert_eq!(faults_of_manifest(&text, &sound()), [""; 0]);
        let other = text.replace("HostService", "Gone");
        assert_eq!(
            faults_of_manifest(&other, &sound()),
            ["the manifest names org.permesso.Gone, which does not exist"]
        );
        assert!(manifest("<manifest>").is_err());
    }

    #[test]
    fn an_archive_with_too_little_or_too_much_is_told() {
        let entries = Entries::from([("R.txt".to_owned(), Vec::new()), ("libs/more.jar".to_owned(), Vec::new())]);
        let faults = faults(&archive::packed(&entries).unwrap(), &library::ABIS, false).unwrap();
        for wanted in
            ["jni/armeabi-v7a/libpermesso.so is missing", "libs/more.jar is too much", "classes.jar is missing"]
        {
            assert!(faults.iter().any(|fault| fault == wanted), "{wanted}: {faults:?}");
        }
    }
}
