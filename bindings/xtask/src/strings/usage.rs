//! Which texts nobody shows.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::swift::is_permission;
use super::template::camel;
use super::words::Words;

/// Where what is shown is written. Texts that only tests name are shown to nobody.
const PLACES: [&str; 5] = [
    "android/ui/src/main",
    "android/app/src/main",
    "android/desktop/src/main",
    "ios/App/Screens/Sources",
    "ios/App/Views",
];

/// What is not written by hand, and what holds the texts themselves.
const PASSED_OVER: [&str; 3] = ["target", "build", "Generated"];

/// Keys that no source names, neither as Kotlin and Swift do nor as resources and manifests do. Nothing if there is no
/// source yet.
pub(crate) fn unused(root: &Path, words: &Words) -> io::Result<Vec<String>> {
    let mut named = BTreeSet::new();
    for place in PLACES {
        let folder = root.join(place);
        if folder.is_dir() {
            collect(&folder, &mut named)?;
        }
    }
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let is_unused = |key: &String| !named.contains(key) && !named.contains(&camel(key)) && !is_permission(key);
    Ok(words.entries.iter().map(|entry| entry.key.clone()).filter(is_unused).collect())
}

fn collect(folder: &Path, named: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !PASSED_OVER.contains(&name.as_str()) {
                collect(&path, named)?;
            }
        } else if name != "strings.xml" && [".kt", ".swift", ".xml"].iter().any(|ending| name.ends_with(ending)) {
            named.extend(names(&fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Every name in a source, but for those in comments of a line.
fn names(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with('*'))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strings::words::{Language, read};

    #[test]
    fn a_text_that_only_a_comment_or_a_test_names_is_unused() {
        let folder = tempfile::tempdir().unwrap();
        let xml = "<resources><string name=\"in_code\">a</string><string name=\"in_manifest\">a</string>\
            <string name=\"in_comment\">a</string><string name=\"in_test\">a</string></resources>";
        let words = read(Language::English, "strings.xml", xml).unwrap();
        assert!(unused(folder.path(), &words).unwrap().is_empty());
        let main = folder.path().join("android/ui/src/main/kotlin");
        let test = folder.path().join("android/ui/src/test/kotlin");
        fs::create_dir_all(&main).unwrap();
        fs::create_dir_all(&test).unwrap();
        fs::write(main.join("A.kt"), "// words.inComment\nval a = words.inCode\n").unwrap();
        fs::write(main.join("AndroidManifest.xml"), "<a label=\"@string/in_manifest\"/>").unwrap();
        fs::write(test.join("ATest.kt"), "val a = words.inTest").unwrap();
        assert_eq!(unused(folder.path(), &words).unwrap(), ["in_comment", "in_test"]);
    }
}
