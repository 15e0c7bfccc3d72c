//! What is in what is published, as CycloneDX: for the program and the library by cargo, for the JVM by Maven.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use roxmltree::{Document, Node};
use serde_json::{Value, json};

use crate::aar::versions::property;
use crate::app;
use crate::cargo::{cargo, target_folder, workspace_root};

/// The crates that are shipped, and their folders.
const SHIPPED: [(&str, &str); 2] = [("permesso", "core/cli"), ("permesso-ffi", "bindings/ffi")];

/// Maven's plugin. It is called by name, since no build needs it.
const PLUGIN: &str = "org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeAggregateBom";

/// What the tool calls its files: beside each manifest of the workspace, also of what is not shipped.
const NAME: &str = "sbom.cdx";

/// What it writes of everything of Maven's.
const OF_MAVEN: &str = "permesso-maven.cdx";

/// Writes them into `target/sbom`.
pub(crate) fn write() -> bool {
    match rust().and_then(|()| maven()) {
        Ok(()) => {
            println!("written: {}", folder().display());
            true
        }
        Err(error) => {
            eprintln!("the bills of materials could not be written: {error}");
            false
        }
    }
}

fn folder() -> PathBuf {
    target_folder().join("sbom")
}

fn rust() -> io::Result<()> {
    let mut tool = cargo(&["cyclonedx", "--format", "json", "--spec-version", "1.5", "--all", "--target", "all"]);
    tool.args(["--no-build-deps", "--override-filename", NAME]);
    let status = tool.status()?;
    if !status.success() {
        return Err(io::Error::other(
            "cargo cyclonedx failed; it comes by `cargo install --locked cargo-cyclonedx@0.5.9`",
        ));
    }
    fs::create_dir_all(folder())?;
    for (name, place) in SHIPPED {
        let made = workspace_root().join(place).join(format!("{NAME}.json"));
        fs::copy(made, folder().join(format!("{name}.cdx.json")))?;
    }
    for part in ["core", "bindings"] {
        for entry in fs::read_dir(workspace_root().join(part))? {
            let surplus = entry?.path().join(format!("{NAME}.json"));
            if surplus.is_file() {
                fs::remove_file(surplus)?;
            }
        }
    }
    Ok(())
}

fn maven() -> io::Result<()> {
    if !app::prepare()? {
        return Err(io::Error::other("what the phone's app is made of would be left out"));
    }
    let mut maven = Command::new("mvn");
    maven.args(["-Pphone", "--quiet", PLUGIN, "-DoutputFormat=json", &format!("-DoutputName={OF_MAVEN}")]);
    maven.arg(format!("-DoutputDirectory={}", folder().display()));
    let android = workspace_root().join("android");
    succeed("Maven", maven.current_dir(&android).stdin(Stdio::null()).status()?)?;

    let place = folder().join(format!("{OF_MAVEN}.json"));
    let mut bill: Value = serde_json::from_slice(&fs::read(&place)?)?;
    let components = bill.get_mut("components").and_then(Value::as_array_mut);
    let components = components.ok_or_else(|| io::Error::other("Maven wrote no list of components"))?;
    let (whole, own) =
        (fs::read_to_string(android.join("pom.xml"))?, fs::read_to_string(android.join("jetpack/pom.xml"))?);
    components.extend(jetpack(&whole, &own)?);
    fs::write(place, serde_json::to_vec_pretty(&bill)?)
}

/// Jetpack's libraries. Their archives are unpacked for a plain JVM, so they are no dependencies that the plugin could see.
fn jetpack(parent: &str, pom: &str) -> io::Result<Vec<Value>> {
    let document = Document::parse(pom).map_err(io::Error::other)?;
    let items = document.descendants().filter(|node| node.has_tag_name("artifactItem"));
    let shipped = items.filter(|item| told(*item, "groupId").is_some_and(|group| group.starts_with("androidx.")));
    shipped.map(|item| component(item, parent, pom)).collect()
}

fn component(item: Node, parent: &str, pom: &str) -> io::Result<Value> {
    let lacking = |what: &str| io::Error::other(format!("an artifact of jetpack/pom.xml has no {what}"));
    let of = |what: &str| told(item, what).ok_or_else(|| lacking(what));
    let (group, name, version) = (of("groupId")?, of("artifactId")?, of("version")?);
    let version = match version.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(known) => property(pom, known).or_else(|| property(parent, known)).ok_or_else(|| lacking(known))?,
        None => version,
    };
    let kind = told(item, "type").unwrap_or("jar");
    let place = format!("pkg:maven/{group}/{name}@{version}?type={kind}");
    Ok(json!({ "type": "library", "bom-ref": place, "group": group, "name": name, "version": version, "purl": place }))
}

fn told<'a>(item: Node<'a, '_>, what: &str) -> Option<&'a str> {
    item.children().find(|child| child.has_tag_name(what))?.text().map(str::trim)
}

fn succeed(what: &str, status: ExitStatus) -> io::Result<()> {
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_of_jetpack_is_in_the_bill_and_androids_own_classes_are_not() {
        let pom = "<project><properties><core.version>1.18.0</core.version></properties>\
            <artifactItem><groupId>androidx.core</groupId><artifactId>core</artifactId>\
            <version>${core.version}</version><type>aar</type></artifactItem>\
            <artifactItem><groupId>androidx.collection</groupId><artifactId>collection-jvm</artifactId>\
            <version>${of.parent}</version></artifactItem>\
            <artifactItem><groupId>org.robolectric</groupId><artifactId>android-all</artifactId><version>13</version>\
            </artifactItem></project>";
        let found = jetpack("<of.parent>1.5.0</of.parent>", pom).unwrap();
        let places: Vec<&str> = found.iter().filter_map(|one| one["purl"].as_str()).collect();
        let wanted = [
            "pkg:maven/androidx.core/core@1.18.0?type=aar",
            "pkg:maven/androidx.collection/collection-jvm@1.5.0?type=jar",
        ];
        assert_eq!(places, wanted);
        assert!(jetpack("", pom).is_err(), "a version that nobody knows");
    }

    #[test]
    fn jetpack_as_it_is_laid_here_is_whole() {
        let android = workspace_root().join("android");
        let read = |place: &str| fs::read_to_string(android.join(place)).unwrap();
        let found = jetpack(&read("pom.xml"), &read("jetpack/pom.xml")).unwrap();
        assert!(found.iter().any(|one| one["name"] == "material3-android"), "{found:?}");
        assert!(found.iter().all(|one| one["version"].as_str().is_some_and(|version| !version.contains('$'))));
    }
}
