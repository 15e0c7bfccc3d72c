//! The notices that the licences of others ask for: a list of all that is shipped with ours, and each licence's text once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cargo::{cargo, workspace_root};

/// Where they stand.
const FILE: &str = "LICENSE-THIRD-PARTY";

/// What is shipped: the program and the library of the bindings, for every target of the release.
const SHIPPED: &[&str] =
    &["tree", "--locked", "-p", "permesso", "-p", "permesso-ffi", "--edges", "normal,no-proc-macro"];

/// The targets of `.github/workflows/release.yml`.
const TARGETS: [&str; 11] = [
    "aarch64-apple-darwin",
    "aarch64-apple-ios",
    "aarch64-apple-ios-sim",
    "aarch64-linux-android",
    "aarch64-unknown-linux-gnu",
    "armv7-linux-androideabi",
    "x86_64-apple-darwin",
    "x86_64-apple-ios",
    "x86_64-linux-android",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

/// What is shipped or asked for by the artifacts for the JVM and Android, and what no package of cargo's names.
const OTHERS: [Other; 19] = [
    Other::new("Rust's standard library", "MIT OR Apache-2.0", "https://github.com/rust-lang/rust"),
    Other::new(
        "androidx (Jetpack, in the phone's app)",
        "Apache-2.0",
        "https://android.googlesource.com/platform/frameworks/support",
    ),
    Other::new("com.google.zxing:core", "Apache-2.0", "https://github.com/zxing/zxing"),
    Other::new("net.java.dev.jna:jna", "LGPL-2.1-or-later OR Apache-2.0", "https://github.com/java-native-access/jna"),
    Other::new("libffi (in jna)", "MIT", "https://github.com/libffi/libffi"),
    Other::new("org.jetbrains:annotations", "Apache-2.0", "https://github.com/JetBrains/java-annotations"),
    Other::new("org.jetbrains.compose", "Apache-2.0", "https://github.com/JetBrains/compose-multiplatform"),
    Other::new("org.jetbrains.kotlin:kotlin-stdlib", "Apache-2.0", "https://github.com/JetBrains/kotlin"),
    Other::new(
        "org.jetbrains.kotlinx:kotlinx-coroutines",
        "Apache-2.0",
        "https://github.com/Kotlin/kotlinx.coroutines",
    ),
    Other::new("org.jetbrains.skiko", "Apache-2.0", "https://github.com/JetBrains/skiko"),
    Other::new("Skia (in skiko)", "BSD-3-Clause", "https://skia.org"),
    Other::new("expat (in skiko)", "MIT", "https://github.com/libexpat/libexpat"),
    Other::new("FreeType (in skiko)", "FTL", "https://freetype.org"),
    Other::new("HarfBuzz (in skiko)", "MIT-Modern-Variant", "https://github.com/harfbuzz/harfbuzz"),
    Other::new("ICU (in skiko)", "ICU", "https://icu.unicode.org"),
    Other::new("libjpeg-turbo (in skiko)", "IJG AND BSD-3-Clause", "https://libjpeg-turbo.org"),
    Other::new("libpng (in skiko)", "libpng-2.0", "http://www.libpng.org"),
    Other::new("libwebp (in skiko)", "BSD-3-Clause", "https://chromium.googlesource.com/webm/libwebp"),
    Other::new("zlib (in skiko)", "Zlib", "https://zlib.net"),
];

/// Shorter than any licence, in bytes: some packages have but a link in its place, which packing has made a text.
const TEXT_MIN: usize = 100;

/// Texts of licences whose packages do not bring them.
const BROUGHT: [(&str, &str); 16] = [
    ("Skia (in skiko)", include_str!("../notices/skia.txt")),
    ("expat (in skiko)", include_str!("../notices/expat.txt")),
    ("FreeType (in skiko)", include_str!("../notices/freetype.txt")),
    ("HarfBuzz (in skiko)", include_str!("../notices/harfbuzz.txt")),
    ("ICU (in skiko)", include_str!("../notices/icu.txt")),
    ("libjpeg-turbo (in skiko)", include_str!("../notices/libjpeg-turbo.txt")),
    ("libpng (in skiko)", include_str!("../notices/libpng.txt")),
    ("libwebp (in skiko)", include_str!("../notices/libwebp.txt")),
    ("zlib (in skiko)", include_str!("../notices/zlib.txt")),
    ("plotters", include_str!("../notices/plotters.txt")),
    ("plotters-backend", include_str!("../notices/plotters.txt")),
    ("plotters-svg", include_str!("../notices/plotters.txt")),
    ("uniffi", include_str!("../notices/MPL-2.0.txt")),
    ("uniffi_core", include_str!("../notices/MPL-2.0.txt")),
    ("uniffi_pipeline", include_str!("../notices/MPL-2.0.txt")),
    ("libffi (in jna)", include_str!("../notices/libffi.txt")),
];

const OPENING: &str = "\
Permesso is built with the works of others. Here they are, with the terms under which they are used.

What may be used under the Apache License 2.0 is used under it; its text is LICENSE-APACHE and stands below once.
The source of each is found at its address; nothing of it was changed.
Written by `cargo xtask notices`; a test fails when it is not what is shipped.
";

/// What is not one of cargo's packages.
struct Other {
    name: &'static str,
    licence: &'static str,
    address: &'static str,
}

/// A package that is shipped, with what its licence asks to be said.
struct Package {
    title: String,
    name: String,
    licence: String,
    address: String,
    folder: Option<PathBuf>,
}

impl Other {
    const fn new(name: &'static str, licence: &'static str, address: &'static str) -> Self {
        Self { name, licence, address }
    }

    fn package(&self) -> Package {
        Package {
            title: self.name.into(),
            name: self.name.into(),
            licence: self.licence.into(),
            address: self.address.into(),
            folder: None,
        }
    }
}

/// Writes the notices.
pub(crate) fn write() -> bool {
    let written = notices().and_then(|text| fs::write(workspace_root().join(FILE), text));
    match written {
        Ok(()) => println!("written: {FILE}"),
        Err(ref error) => eprintln!("{FILE} could not be written: {error}"),
    }
    written.is_ok()
}

/// The whole file; fails on a package without the text of a licence.
fn notices() -> io::Result<String> {
    let mut packages = shipped()?;
    packages.extend(OTHERS.iter().map(Other::package));
    let apache = fs::read_to_string(workspace_root().join("LICENSE-APACHE"))?;
    // Blanks and line ends apart, many are the same.
    let mut texts: BTreeMap<String, (String, BTreeSet<&str>)> = BTreeMap::new();
    let mut without = Vec::new();
    for package in &packages {
        let needed = package.texts(&apache)?;
        if needed.is_empty() {
            without.push(package.title.as_str());
        }
        for text in needed {
            let same: Vec<&str> = text.split_whitespace().collect();
            texts.entry(same.join(" ")).or_insert_with(|| (tidy(&text), BTreeSet::new())).1.insert(&package.name);
        }
    }
    if !without.is_empty() {
        return Err(io::Error::other(format!(
            "no licence text comes with {}; add one to bindings/xtask/notices",
            without.join(", ")
        )));
    }
    let mut all = String::from(OPENING);
    all.push('\n');
    for Package { title, licence, address, .. } in &packages {
        let _ = writeln!(all, "{title}\n    {licence}; {address}");
    }
    let mut texts: Vec<(String, BTreeSet<&str>)> = texts.into_values().collect();
    texts.sort_by(|one, other| one.1.iter().cmp(other.1.iter()));
    for (text, names) in texts {
        let names: Vec<&str> = names.into_iter().collect();
        let _ = write!(all, "\n{}\n{}\n\n{text}", "=".repeat(100), wrapped(&names));
    }
    Ok(all)
}

impl Package {
    /// The texts that must go with it: none but a notice where the Apache licence is enough, for that text stands once.
    fn texts(&self, apache: &str) -> io::Result<Vec<String>> {
        let mut texts = Vec::new();
        let is_apache = alternatives(&self.licence).is_some_and(|names| names.contains(&"Apache-2.0"));
        if is_apache {
            texts.push(apache.to_owned());
        }
        texts.extend(BROUGHT.iter().filter(|(name, _)| *name == self.name).map(|(_, text)| (*text).to_owned()));
        if let Some(folder) = &self.folder {
            for file in legal_files(folder, is_apache)? {
                let text = fs::read(file)?;
                if text.len() >= TEXT_MIN {
                    texts.push(String::from_utf8_lossy(&text).into_owned());
                }
            }
        }
        Ok(texts)
    }
}

/// The licences of which one is enough; none where several count together.
fn alternatives(licence: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = licence.split(" OR ").flat_map(|part| part.split('/')).map(str::trim).collect();
    let is_plain = !licence.contains(" AND ") && !licence.contains('(');
    is_plain.then_some(names)
}

/// The files with licences and notices beside a manifest.
fn legal_files(folder: &Path, notices_only: bool) -> io::Result<Vec<PathBuf>> {
    let beginnings: &[&str] =
        if notices_only { &["notice"] } else { &["license", "licence", "copying", "copyright", "notice", "unlicense"] };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_file() && beginnings.iter().any(|beginning| name.starts_with(beginning)) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Every package of cargo's that is shipped and not ours.
fn shipped() -> io::Result<Vec<Package>> {
    let mut described = described()?;
    let mut tree = cargo(SHIPPED);
    tree.args(["--prefix", "none", "--format", "{p}"]).args(TARGETS.iter().flat_map(|target| ["--target", target]));
    let mut packages = Vec::new();
    let tree = output(tree)?;
    let lines: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)").trim()).collect();
    // Ours have a path behind the version.
    for line in lines.into_iter().filter(|line| !line.is_empty() && !line.contains('(')) {
        let package = described.remove(line);
        packages.push(package.ok_or_else(|| io::Error::other(format!("cargo metadata does not know {line}")))?);
    }
    Ok(packages)
}

/// What the manifests say of all packages, by what `cargo tree` calls them.
fn described() -> io::Result<BTreeMap<String, Package>> {
    let metadata = output(cargo(&["metadata", "--locked", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata.get("packages").and_then(|packages| packages.as_array()).into_iter().flatten();
    Ok(packages
        .map(|package| {
            let text = |key: &str| package.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            let (name, version) = (text("name"), text("version"));
            let address = Some(text("repository")).filter(|address| !address.is_empty());
            let package = Package {
                title: format!("{name} {version}"),
                licence: text("license"),
                address: address.unwrap_or_else(|| format!("https://crates.io/crates/{name}")),
                folder: Path::new(&text("manifest_path")).parent().map(Path::to_path_buf),
                name,
            };
            (format!("{} v{version}", package.name), package)
        })
        .collect())
}

fn output(mut command: std::process::Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// Without blanks at the ends of lines and empty lines at both ends.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_matches('\n'))
}

/// Names in lines of at most 100 letters.
fn wrapped(names: &[&str]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        if width > 0 && width + name.len() + 2 > 100 {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        let _ = write!(text, "{name}{comma}");
        width += name.len() + comma.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notices_are_those_of_what_is_shipped() {
        let written = fs::read_to_string(workspace_root().join(FILE)).unwrap().replace("\r\n", "\n");
        let due = notices().unwrap();
        let differing = due.lines().zip(written.lines()).find(|(one, other)| one != other);
        assert!(written == due, "{FILE} is outdated (`cargo xtask notices` writes it); first {differing:?}");
    }

    #[test]
    fn a_package_whose_licence_is_nowhere_is_missed() {
        let empty = std::env::temp_dir();
        let mut package = OTHERS.iter().find(|other| other.name == "libffi (in jna)").unwrap().package();
        assert_eq!(package.texts("apache").unwrap().len(), 1);
        package.name = "unheard of".into();
        package.folder = Some(empty.join("permesso-no-such-folder"));
        assert!(package.texts("apache").is_err());
        package.folder = None;
        assert!(package.texts("apache").unwrap().is_empty());
    }

    #[test]
    fn a_choice_is_told_from_licences_that_count_together() {
        assert_eq!(alternatives("MIT/Apache-2.0"), Some(vec!["MIT", "Apache-2.0"]));
        assert_eq!(alternatives("MIT OR Apache-2.0 OR Zlib"), Some(vec!["MIT", "Apache-2.0", "Zlib"]));
        assert_eq!(alternatives("Apache-2.0 AND ISC"), None);
        assert_eq!(alternatives("(MIT OR Apache-2.0) AND Unicode-3.0"), None);
    }

    #[test]
    fn every_library_the_jvm_artifacts_ask_for_is_named() {
        for pom in poms(&workspace_root().join("android")) {
            let text = fs::read_to_string(&pom).unwrap();
            for artifact in asked_for(&text) {
                let known = artifact.starts_with("org.permesso:")
                    || OTHERS.iter().any(|other| artifact.starts_with(other.name));
                assert!(known, "{}: {artifact} is missing in OTHERS", pom.display());
            }
        }
    }

    fn poms(folder: &Path) -> Vec<PathBuf> {
        let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        folders.map(|path| path.join("pom.xml")).filter(|pom| pom.is_file()).collect()
    }

    /// `group:artifact` of each dependency that reaches who uses it.
    fn asked_for(pom: &str) -> Vec<String> {
        let element = |text: &str, name: &str| -> Option<String> {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.to_owned())
        };
        // What builds it is not shipped.
        let pom = pom.split("<build>").next().unwrap_or_default();
        let dependencies = pom.split("<dependency>").skip(1).filter_map(|rest| rest.split("</dependency>").next());
        dependencies
            .filter(|text| !matches!(element(text, "scope").as_deref(), Some("test" | "provided")))
            .filter_map(|text| Some(format!("{}:{}", element(text, "groupId")?, element(text, "artifactId")?)))
            .collect()
    }
}
