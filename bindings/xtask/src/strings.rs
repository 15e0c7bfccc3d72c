//! The words of the apps. They stand once, as Android's resources in English and Italian; from these comes what the screens
//! are compiled with.

mod guide;
mod kotlin;
mod pseudo;
mod stores;
mod swift;
mod template;
mod usage;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::cargo::workspace_root;
use crate::testing::Tally;

use template::{Kind, Template, camel};
use words::{Entry, Language, Value, Words};

const ENGLISH: &str = "android/ui/src/main/res/values/strings.xml";
const ITALIAN: &str = "android/ui/src/main/res/values-it/strings.xml";

/// Where Maven and Gradle look for what is generated.
const KOTLIN: &str = "android/ui/target/generated-sources/strings/org/permesso/ui/words";
const KOTLIN_TESTS: &str = "android/ui/target/generated-test-sources/strings/org/permesso/ui/words";

/// Names for Swift, which the package of the screens is compiled with.
const SWIFT: &str = "ios/App/Screens/Sources/PermessoScreens/Generated/Words.swift";

/// The app for the iPhone; there is nothing to write where it is not.
const IPHONE: &str = "ios/App";

/// Catalogues of the iPhone's app, which are committed: Xcode reads them without us.
const CATALOGUE: &str = "ios/App/Localizable.xcstrings";
const PERMISSIONS: &str = "ios/App/InfoPlist.xcstrings";

/// Keys that begin so are for the iPhone alone: no Kotlin names them.
const IOS_ONLY: &str = "ios_";

/// What becomes of the committed catalogues.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Catalogues {
    Written,
    Compared,
}

/// Writes everything that comes from the texts; whether they are sound.
pub(crate) fn run() -> bool {
    look(Catalogues::Written).failed() == 0
}

/// The part of `cargo xtask test`: writes what is compiled, and counts each comparison of the texts as a test.
pub(crate) fn test() -> Tally {
    look(Catalogues::Compared)
}

/// Writes what is compiled, and says nothing: whether the texts are sound is asked elsewhere.
pub(crate) fn write_all() {
    let root = workspace_root();
    if root.join(ENGLISH).is_file() {
        let _ = write(&root, Catalogues::Compared);
    }
}

fn look(catalogues: Catalogues) -> Tally {
    let root = workspace_root();
    if !root.join(ENGLISH).is_file() {
        println!("SKIPPED: the words of the apps, for there is no {ENGLISH} yet");
        return Tally::default();
    }
    match write(&root, catalogues) {
        Ok((english, problems)) => {
            println!("words: {} texts in {KOTLIN}", english.entries.len());
            let stores = match stores::misfits(&root) {
                Ok(misfits) => judged("what the stores show", &misfits),
                Err(error) => judged("what the stores show", &[error.to_string()]),
            };
            judged("the texts in both languages", &problems).plus(stores).plus(match usage::unused(&root, &english) {
                Ok(unused) => judged("texts that nobody shows", &unused),
                Err(error) => judged("texts that nobody shows", &[error.to_string()]),
            })
        }
        Err(problems) => judged("the words of the apps", &problems),
    }
}

fn judged(what: &str, problems: &[String]) -> Tally {
    if problems.is_empty() {
        return Tally::PASSED;
    }
    Tally::failure(format!("{what}:\n  {}", problems.join("\n  ")))
}

/// Writes what is compiled. The texts of English, and what is wrong between the languages; an error if a file cannot be read.
fn write(root: &Path, catalogues: Catalogues) -> Result<(Words, Vec<String>), Vec<String>> {
    let load = |language, file: &str| {
        let text = fs::read_to_string(root.join(file)).map_err(|error| vec![format!("{file}: {error}")])?;
        words::read(language, file, &text)
    };
    let (english, italian) = match (load(Language::English, ENGLISH), load(Language::Italian, ITALIAN)) {
        (Ok(english), Ok(italian)) => (english, italian),
        (english, italian) => {
            return Err([english.err(), italian.err()].into_iter().flatten().flatten().collect());
        }
    };
    let mut problems = differences(&english, &italian);
    for words in [&english, &italian] {
        problems.extend(guide::unknown_names(root, words).map_err(|error| vec![format!("the guide: {error}")])?);
    }
    let in_kotlin = Words {
        entries: english.entries.iter().filter(|entry| !entry.key.starts_with(IOS_ONLY)).cloned().collect(),
        ..english.clone()
    };
    let translated = completed(&in_kotlin, &italian);
    let files = [
        (KOTLIN, "Strings", kotlin::interface(&in_kotlin)),
        (KOTLIN, "EnglishStrings", kotlin::object("EnglishStrings", &in_kotlin, &Template::clone)),
        (KOTLIN, "ItalianStrings", kotlin::object("ItalianStrings", &translated, &Template::clone)),
        (KOTLIN_TESTS, "PseudoStrings", kotlin::object("PseudoStrings", &in_kotlin, &pseudo::changed)),
    ];
    for (folder, name, text) in files {
        let file = root.join(folder).join(format!("{name}.kt"));
        renew(&file, &text).map_err(|error| vec![format!("{}: {error}", file.display())])?;
    }
    if root.join(IPHONE).is_dir() {
        let translated = swift::of_apple(&completed(&english, &italian));
        problems.extend(apple(root, catalogues, &swift::of_apple(&english), &translated)?);
    }
    Ok((english, problems))
}

/// Writes Swift's names, and writes or compares the catalogues; what is wrong with these.
fn apple(root: &Path, catalogues: Catalogues, english: &Words, italian: &Words) -> Result<Vec<String>, Vec<String>> {
    let failed = |file: &str, error: io::Error| vec![format!("{file}: {error}")];
    renew(&root.join(SWIFT), &swift::names(english)).map_err(|error| failed(SWIFT, error))?;
    let mut problems = Vec::new();
    let permissions = swift::permissions(english, italian).unwrap_or_else(|missing| {
        problems.extend(missing);
        serde_json::Value::Null
    });
    for (file, wanted) in [(CATALOGUE, swift::catalogue(english, italian)), (PERMISSIONS, permissions)] {
        let path = root.join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let is_right = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|known| known == wanted);
        match catalogues {
            _ if is_right || wanted.is_null() => {}
            Catalogues::Written => {
                swift::written(&wanted).and_then(|text| renew(&path, &text)).map_err(|error| failed(file, error))?
            }
            Catalogues::Compared => {
                problems.push(format!("{file} is not what the texts say: run `cargo xtask strings`"))
            }
        }
    }
    Ok(problems)
}

/// Italian in the order and with the places of English. What it lacks or has otherwise is in English, so that everything
/// still compiles while somebody translates.
fn completed(english: &Words, italian: &Words) -> Words {
    let known = by_key(italian);
    let entry = |entry: &Entry| match known.get(entry.key.as_str()) {
        Some(other) if same_shape(entry, other).is_none() => (*other).clone(),
        _ => entry.clone(),
    };
    Words { language: Language::Italian, entries: english.entries.iter().map(entry).collect() }
}

/// What one language has and the other lacks or has otherwise.
fn differences(english: &Words, italian: &Words) -> Vec<String> {
    let mut problems = Vec::new();
    let known = by_key(italian);
    let mut names = BTreeSet::new();
    for entry in &english.entries {
        if !names.insert(camel(&entry.key)) {
            problems.push(format!("`{}` has the same name in code as another key", entry.key));
        }
        match known.get(entry.key.as_str()) {
            None if entry.translatable => problems.push(format!("`{}` is missing in {ITALIAN}", entry.key)),
            None => {}
            Some(_) if !entry.translatable => {
                problems.push(format!("`{}` is not to be translated, yet it is in {ITALIAN}", entry.key));
            }
            Some(other) => problems.extend(same_shape(entry, other).map(|why| format!("`{}`: {why}", entry.key))),
        }
    }
    let wanted = by_key(english);
    for entry in italian.entries.iter().filter(|entry| !wanted.contains_key(entry.key.as_str())) {
        problems.push(format!("`{}` is missing in {ENGLISH}", entry.key));
    }
    problems
}

fn by_key(words: &Words) -> BTreeMap<&str, &Entry> {
    words.entries.iter().map(|entry| (entry.key.as_str(), entry)).collect()
}

/// How an Italian text cannot stand for the English one.
fn same_shape(english: &Entry, italian: &Entry) -> Option<String> {
    let is_plural = |entry: &Entry| matches!(entry.value, Value::Plural(_));
    if is_plural(english) != is_plural(italian) {
        return Some("one language has forms for numbers, the other has not".to_owned());
    }
    let kinds = |entry: &Entry| -> BTreeMap<usize, (Kind, Option<String>)> {
        let arguments = entry.arguments().unwrap_or_default();
        arguments.into_iter().map(|(position, argument)| (position, (argument.kind, argument.name))).collect()
    };
    let (one, other) = (kinds(english), kinds(italian));
    (one != other).then(|| format!("other places: {} in English, {} in Italian", listed(&one), listed(&other)))
}

fn listed(places: &BTreeMap<usize, (Kind, Option<String>)>) -> String {
    let shown: Vec<String> = places
        .iter()
        .map(|(position, (kind, name))| {
            let letter = if *kind == Kind::Text { 's' } else { 'd' };
            format!("%{position}${letter} {}", name.as_deref().unwrap_or("without a name"))
        })
        .collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Writes a file if it does not say that already: what has not changed is not compiled again.
fn renew(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|known| known == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

#[cfg(test)]
mod tests;
