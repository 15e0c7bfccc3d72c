//! The versions of the Android side stand in several places, for Maven, Gradle, the release and ourselves: they must be the same.

use std::fs;
use std::io;
use std::path::Path;

use super::ndk::{CARGO_NDK, NDK_VERSION};

/// What Gradle calls a version and what Maven calls it.
const PAIRS: [(&str, &str); 10] = [
    ("activity", "jetpack.activity.version"),
    ("compose", "jetpack.compose.version"),
    ("coroutines", "coroutines.version"),
    ("icons", "jetpack.icons.version"),
    ("jna", "jna.version"),
    ("kotlin", "kotlin.version"),
    ("material3", "jetpack.material3.version"),
    ("permesso", "version"),
    ("r8", "r8.version"),
    ("zxing", "zxing.version"),
];

/// Where they disagree; nothing if they do not.
pub(crate) fn disagreements(root: &Path) -> io::Result<Vec<String>> {
    let catalog = fs::read_to_string(root.join("android/gradle/libs.versions.toml"))?;
    let pom = fs::read_to_string(root.join("android/pom.xml"))?;
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
    let ours = of_workspace(&workspace);
    let mut found = compared(&catalog, &pom)?;
    if property(&pom, "version") != ours {
        found.push(format!("android/pom.xml has another version than Cargo.toml, {}", ours.unwrap_or_default()));
    }
    for entry in fs::read_dir(root.join("android"))? {
        let place = entry?.path().join("pom.xml");
        if place.is_file() && property(&fs::read_to_string(&place)?, "version") != ours {
            found.push(format!(
                "{} names another version of its parent",
                place.strip_prefix(root).unwrap_or(&place).display()
            ));
        }
    }
    found.extend(tools(&fs::read_to_string(root.join(".github/workflows/release.yml"))?, &compile_sdk(&catalog)?));
    Ok(found)
}

/// The level of Android's API that Gradle compiles against.
fn compile_sdk(catalog: &str) -> io::Result<String> {
    let catalog: toml::Table = catalog.parse().map_err(io::Error::other)?;
    let level = catalog.get("versions").and_then(|versions| versions.get("compileSdk")).and_then(toml::Value::as_str);
    Ok(level.unwrap_or("nothing").to_owned())
}

/// What the release installs in another version than we ask for.
fn tools(release: &str, compile_sdk: &str) -> Vec<String> {
    let wanted =
        [("ndk;", NDK_VERSION), ("/ndk/", NDK_VERSION), ("cargo-ndk@", CARGO_NDK), ("platforms;android-", compile_sdk)];
    let named = |name: &'static str| {
        let version =
            |rest: &str| rest.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap_or_default().to_owned();
        release.split(name).skip(1).map(version).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for (name, ours) in wanted {
        let theirs = named(name);
        if theirs.is_empty() || theirs.iter().any(|version| version != ours) {
            found.push(format!("release.yml has `{name}` with {}, and {ours} is wanted", theirs.join(" and ")));
        }
    }
    found
}

fn compared(catalog: &str, pom: &str) -> io::Result<Vec<String>> {
    let catalog: toml::Table = catalog.parse().map_err(io::Error::other)?;
    let versions = catalog.get("versions").and_then(toml::Value::as_table);
    let mut found = Vec::new();
    for (of_gradle, of_maven) in PAIRS {
        let gradle = versions.and_then(|table| table.get(of_gradle)).and_then(toml::Value::as_str);
        let maven = property(pom, of_maven);
        if gradle.is_none() || gradle != maven {
            let (gradle, maven) = (gradle.unwrap_or("nothing"), maven.unwrap_or("nothing"));
            found.push(format!(
                "{of_gradle} is {gradle} in libs.versions.toml, and {of_maven} is {maven} in android/pom.xml"
            ));
        }
    }
    let ndk = versions.and_then(|table| table.get("ndk")).and_then(toml::Value::as_str).unwrap_or("nothing");
    if ndk != NDK_VERSION {
        found.push(format!("ndk is {ndk} in libs.versions.toml, and {NDK_VERSION} in aar/ndk.rs"));
    }
    Ok(found)
}

/// The first value of that name in a POM: a property's, or the project's or its parent's version.
pub(crate) fn property<'a>(pom: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = pom.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.trim())
}

/// The version that everything of ours has.
pub(crate) fn of_workspace(manifest: &str) -> Option<&str> {
    let (_, rest) = manifest.split_once("[workspace.package]")?;
    rest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_differ_or_are_missing_are_told() {
        let catalog = "[versions]\nactivity = \"5\"\ncompose = \"6\"\ncoroutines = \"1\"\nicons = \"7\"\njna = \"2\"\n\
            kotlin = \"3\"\nmaterial3 = \"8\"\nndk = \"29.0.14206865\"\npermesso = \"4\"\nr8 = \"10\"\nzxing = \"9\"\n";
        let pom = "<version>4</version><coroutines.version>1</coroutines.version><jna.version>2</jna.version>\
            <kotlin.version>3</kotlin.version><jetpack.activity.version>5</jetpack.activity.version>\
            <jetpack.compose.version>6</jetpack.compose.version><jetpack.icons.version>7</jetpack.icons.version>\
            <jetpack.material3.version>8</jetpack.material3.version><r8.version>10</r8.version><zxing.version>9</zxing.version>";
        assert_eq!(compared(catalog, pom).unwrap(), [""; 0]);
        let other = compared(&catalog.replace("jna = \"2\"", "jna = \"2.1\""), pom).unwrap();
        assert_eq!(other, ["jna is 2.1 in libs.versions.toml, and jna.version is 2 in android/pom.xml"]);
        let none = compared(&catalog.replace("kotlin = \"3\"\n", ""), pom).unwrap();
        assert_eq!(none, ["kotlin is nothing in libs.versions.toml, and kotlin.version is 3 in android/pom.xml"]);
        let ndk = compared(&catalog.replace("29.0.", "30.0."), pom).unwrap();
        assert_eq!(ndk, [format!("ndk is 30.0.14206865 in libs.versions.toml, and {NDK_VERSION} in aar/ndk.rs")]);
        assert!(compared("no table", pom).is_err());
    }

    #[test]
    fn a_release_with_other_tools_is_told() {
        let sound = format!(
            "cargo install cargo-ndk@{CARGO_NDK}\nsdkmanager 'ndk;{NDK_VERSION}' 'platforms;android-36'\n$ANDROID_HOME/ndk/{NDK_VERSION}\""
        );
        assert_eq!(tools(&sound, "36"), [""; 0]);
        let other = tools(&format!("{sound}\ncargo install cargo-ndk@4.2.0"), "36");
        assert_eq!(
            other,
            [format!("release.yml has `cargo-ndk@` with {CARGO_NDK} and 4.2.0, and {CARGO_NDK} is wanted")]
        );
        let older = tools(&sound, &compile_sdk("[versions]\ncompileSdk = \"35\"").unwrap());
        assert_eq!(older, ["release.yml has `platforms;android-` with 36, and 35 is wanted"]);
        assert_eq!(tools("", "36").len(), 4);
    }

    #[test]
    fn the_version_of_the_workspace_is_read() {
        let manifest = "[x]\nversion = \"9\"\n[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        assert_eq!(of_workspace(manifest), Some("0.1.0"));
    }
}
