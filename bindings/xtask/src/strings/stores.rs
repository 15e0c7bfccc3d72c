//! What the stores show of the apps, one file a field and a folder a language, as their tools read it.

use std::fs;
use std::io;
use std::path::Path;

/// What one store wants.
struct Store {
    folder: &'static str,
    /// As the store names them.
    languages: [&'static str; 2],
    /// With the most characters of each.
    fields: &'static [(&'static str, usize)],
}

/// The limits are those of Google Play Console's and App Store Connect's help, 2026.
const STORES: [Store; 2] = [
    Store {
        folder: "android/app/store",
        languages: ["en-US", "it-IT"],
        fields: &[("title.txt", 30), ("short_description.txt", 80), ("full_description.txt", 4_000)],
    },
    Store {
        folder: "ios/App/store",
        languages: ["en-US", "it"],
        fields: &[
            ("name.txt", 30),
            ("subtitle.txt", 30),
            ("keywords.txt", 100),
            ("promotional_text.txt", 170),
            ("description.txt", 4_000),
        ],
    },
];

/// Fields that are missing, empty or too long for their store.
pub(crate) fn misfits(root: &Path) -> io::Result<Vec<String>> {
    let mut misfits = Vec::new();
    for Store { folder, languages, fields } in STORES {
        if !root.join(folder).is_dir() {
            continue;
        }
        for language in languages {
            for (field, most) in fields {
                let file = format!("{folder}/{language}/{field}");
                let length = match fs::read_to_string(root.join(&file)) {
                    Ok(text) => text.trim().chars().count(),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                    Err(error) => return Err(error),
                };
                match length {
                    0 => misfits.push(format!("{file} is missing or empty")),
                    _ if length > *most => {
                        misfits.push(format!("{file} has {length} characters, the store takes {most}"))
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(misfits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_missing_or_too_long_is_found() {
        let folder = tempfile::tempdir().unwrap();
        assert!(misfits(folder.path()).unwrap().is_empty());
        let store = folder.path().join("android/app/store");
        for language in ["en-US", "it-IT"] {
            fs::create_dir_all(store.join(language)).unwrap();
            fs::write(store.join(language).join("title.txt"), "Permesso\n").unwrap();
            fs::write(store.join(language).join("full_description.txt"), "x").unwrap();
        }
        fs::write(store.join("it-IT/short_description.txt"), "è".repeat(81)).unwrap();
        let expected = [
            "android/app/store/en-US/short_description.txt is missing or empty",
            "android/app/store/it-IT/short_description.txt has 81 characters, the store takes 80",
        ];
        assert_eq!(misfits(folder.path()).unwrap(), expected);
    }
}
