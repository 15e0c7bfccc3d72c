//! Whether the user's guide calls things as the apps do.

use std::fs;
use std::io;
use std::path::Path;

use super::template::Template;
use super::words::{Value, Words};

/// The guide in each language.
const GUIDE: &str = "android/guide";

/// What the guide sets in italics, a name on the screen, and the app does not say. Nothing if there is no guide.
pub(crate) fn unknown_names(root: &Path, words: &Words) -> io::Result<Vec<String>> {
    let file = format!("{GUIDE}/{}.md", words.language.tag());
    if !root.join(&file).is_file() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(root.join(&file))?;
    let said: Vec<String> =
        words.entries.iter().flat_map(|entry| texts(&entry.value)).map(|text| plain(&text)).collect();
    let is_unknown = |name: &&str| !said.contains(&plain(name));
    Ok(italics(&text)
        .into_iter()
        .filter(is_unknown)
        .map(|name| format!("{file}: the app does not say *{name}*"))
        .collect())
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Plain(template) => vec![template.plain()],
        Value::Plural(forms) => forms.values().map(Template::plain).collect(),
    }
}

/// Without a number behind it, and in small letters: a name may stand within a sentence.
fn plain(text: &str) -> String {
    let text = text.split(" ([").next().unwrap_or(text);
    text.trim_end_matches('.').to_lowercase()
}

/// What stands between single stars.
fn italics(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('*') {
        if let Some(bold) = behind.strip_prefix('*') {
            rest = bold.split_once("**").map_or("", |(_, after)| after);
        } else if let Some((name, after)) = behind.split_once('*') {
            found.push(name);
            rest = after;
        } else {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strings::words::{Language, read};

    #[test]
    fn a_name_that_the_app_does_not_have_is_found_in_the_guide() {
        let folder = tempfile::tempdir().unwrap();
        let xml = "<resources><string name=\"a\">Network doctor</string><string name=\"b\">Nearby (%1$d)</string></resources>";
        let words = read(Language::English, "strings.xml", xml).unwrap();
        assert!(unknown_names(folder.path(), &words).unwrap().is_empty());
        fs::create_dir_all(folder.path().join(GUIDE)).unwrap();
        let text = "**Open** the *network doctor*, under *Nearby*, **not x**; then the *Wizard*.";
        fs::write(folder.path().join(GUIDE).join("en.md"), text).unwrap();
        assert_eq!(
            unknown_names(folder.path(), &words).unwrap(),
            ["android/guide/en.md: the app does not say *Wizard*"]
        );
    }
}
