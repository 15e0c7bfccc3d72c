//! The texts for the iPhone: names in Swift, and the catalogues that Xcode puts into the app.

use std::collections::BTreeMap;

use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Value as Json, json};

use super::template::{Argument, Kind, Template, camel, unnamed};
use super::words::{Entry, Form, Language, Value, Words};

/// Keys that begin so are for the other systems alone.
const ELSEWHERE: [&str; 2] = ["app_", "desktop_"];

/// What `Info.plist` says to whoever is asked for a permission, by the key of its text.
const PERMISSIONS: [(&str, &str); 2] = [
    ("NSCameraUsageDescription", "ios_permission_camera"),
    ("NSLocalNetworkUsageDescription", "ios_permission_local_network"),
];

/// Words that Swift keeps for itself.
const HARD: [&str; 21] = [
    "as", "break", "case", "catch", "class", "continue", "default", "do", "else", "false", "for", "if", "import", "in",
    "is", "nil", "repeat", "return", "switch", "true", "while",
];

/// The texts that apps for Apple's systems have.
pub(crate) fn of_apple(words: &Words) -> Words {
    let is_here = |entry: &&Entry| !ELSEWHERE.iter().any(|prefix| entry.key.starts_with(prefix));
    Words { language: words.language, entries: words.entries.iter().filter(is_here).cloned().collect() }
}

/// A value or a function for each text, which asks a source by its key.
pub(crate) fn names(words: &Words) -> String {
    let mut text = "// Written by `cargo xtask strings` from android/ui/src/main/res; changes here are lost.\n\n\
        /// Every text that people read, from a catalogue in their language.\npublic struct Words: Sendable {\n    \
        private let source: any WordSource\n\n    /// From that source.\n    public init(_ source: any WordSource) {\n        \
        self.source = source\n    }\n"
        .to_owned();
    for entry in &words.entries {
        let documentation = match &entry.value {
            Value::Plain(template) => template.plain(),
            Value::Plural(forms) => forms.values().map(Template::plain).collect::<Vec<_>>().join(" | "),
        };
        text.push_str(&format!("\n    /// {}\n    public {}\n", documentation.replace('\n', " "), member(entry)));
    }
    text.push_str("}\n");
    text
}

fn member(entry: &Entry) -> String {
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    let counts = matches!(entry.value, Value::Plural(_));
    if counts {
        parameters.push("count: Int".to_owned());
        arguments.push(".number(count)".to_owned());
    }
    for (position, argument) in entry.arguments().unwrap_or_default() {
        let name = argument.name.as_deref().map_or_else(|| unnamed(position), camel);
        let (kind, filled) = match argument.kind {
            Kind::Text => ("String", format!(".text({name})")),
            _ if counts => ("Int", format!(".number({name})")),
            _ => ("Int", format!(".text(String({name}))")),
        };
        parameters.push(format!("{name}: {kind}"));
        arguments.push(filled);
    }
    let name = camel(&entry.key);
    let name = if HARD.contains(&name.as_str()) { format!("`{name}`") } else { name };
    let asked = format!("source.text(\"{}\", [{}])", entry.key, arguments.join(", "));
    if parameters.is_empty() {
        return format!("var {name}: String {{ {asked} }}");
    }
    format!("func {name}({}) -> String {{ {asked} }}", parameters.join(", "))
}

/// The catalogue of all texts, as Xcode writes one.
pub(crate) fn catalogue(english: &Words, italian: &Words) -> Json {
    let texts = english.entries.iter().map(|entry| (entry.key.clone(), entry, &entry.value));
    tabled(texts.collect(), italian)
}

/// The catalogue of what `Info.plist` says. An error names the texts that are missing.
pub(crate) fn permissions(english: &Words, italian: &Words) -> Result<Json, Vec<String>> {
    let mut texts = Vec::new();
    let mut missing = Vec::new();
    for (name, key) in PERMISSIONS {
        match english.entries.iter().find(|entry| entry.key == key) {
            Some(entry) => texts.push((name.to_owned(), entry, &entry.value)),
            None => missing.push(format!("`{key}`, which Info.plist says as {name}, is missing")),
        }
    }
    if missing.is_empty() { Ok(tabled(texts, italian)) } else { Err(missing) }
}

/// Whether a text is shown by the system itself.
pub(crate) fn is_permission(key: &str) -> bool {
    PERMISSIONS.iter().any(|(_, known)| *known == key)
}

fn tabled(texts: Vec<(String, &Entry, &Value)>, italian: &Words) -> Json {
    let translated: BTreeMap<&str, &Value> =
        italian.entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
    let strings: serde_json::Map<String, Json> = texts
        .into_iter()
        .map(|(name, entry, value)| {
            let mut localizations = serde_json::Map::new();
            localizations.insert(Language::English.tag().to_owned(), localized(value));
            let other = translated.get(entry.key.as_str()).copied().unwrap_or(value);
            localizations.insert(Language::Italian.tag().to_owned(), localized(other));
            let mut unit = json!({ "extractionState": "manual", "localizations": localizations });
            if let (false, Some(unit)) = (entry.translatable, unit.as_object_mut()) {
                unit.insert("shouldTranslate".to_owned(), Json::Bool(false));
            }
            (name, unit)
        })
        .collect();
    json!({ "sourceLanguage": Language::English.tag(), "strings": strings, "version": "1.0" })
}

fn localized(value: &Value) -> Json {
    match value {
        Value::Plain(template) => unit(&format(template, Numbers::Digits)),
        // Where other things are filled in too, the catalogue has to say which one is the number.
        Value::Plural(forms) if forms.values().any(has_others) => {
            let substitution =
                json!({ "argNum": 1, "formatSpecifier": "lld", "variations": varied(forms, Numbers::Substituted) });
            json!({
                "stringUnit": { "state": "translated", "value": "%#@count@" },
                "substitutions": { "count": substitution },
            })
        }
        Value::Plural(forms) => json!({ "variations": varied(forms, Numbers::Counted) }),
    }
}

fn has_others(template: &Template) -> bool {
    template.arguments().unwrap_or_default().keys().any(|position| *position != 1)
}

fn varied(forms: &BTreeMap<Form, Template>, numbers: Numbers) -> Json {
    let forms: serde_json::Map<String, Json> =
        forms.iter().map(|(form, template)| (form.to_string(), unit(&format(template, numbers)))).collect();
    json!({ "plural": forms })
}

fn unit(value: &str) -> Json {
    json!({ "stringUnit": { "state": "translated", "value": value } })
}

/// How numbers are filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// By their digits alone, as Android does: one may be a port, in which nobody separates thousands as Apple's systems do.
    Digits,
    /// By the system, which chooses the form of the text for the first.
    Counted,
    /// The same, where the catalogue says which one that is.
    Substituted,
}

fn format(template: &Template, numbers: Numbers) -> String {
    let has_places = numbers == Numbers::Substituted || !template.arguments().unwrap_or_default().is_empty();
    template.write(
        |text| if has_places { text.replace('%', "%%") } else { text.to_owned() },
        |position, argument: &Argument| match argument.kind {
            Kind::Text => format!("%{position}$@"),
            _ if numbers == Numbers::Digits => format!("%{position}$@"),
            _ if numbers == Numbers::Substituted && position == 1 => "%arg".to_owned(),
            _ => format!("%{position}$lld"),
        },
    )
}

/// As Xcode writes it, so that opening and saving it there changes nothing.
pub(crate) fn written(catalogue: &Json) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced(PrettyFormatter::new()));
    serde::Serialize::serialize(catalogue, &mut serializer)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

/// With a space before each colon.
struct Spaced<'a>(PrettyFormatter<'a>);

impl Formatter for Spaced<'_> {
    fn begin_array<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_object<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b" : ")
    }

    fn end_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object_value(writer)
    }
}
