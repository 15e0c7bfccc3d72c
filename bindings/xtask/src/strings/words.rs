//! All texts of one language as Android's resources hold them.

use std::collections::BTreeMap;
use std::fmt;

use roxmltree::{Document, Node};

use super::template::{Argument, Reader, Template};

/// The name space of `<xliff:g>`, which names what fills a place.
const XLIFF: &str = "urn:oasis:names:tc:xliff:document:1.2";

/// Which numbers a form of a text is for. Ordered as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    One,
    Many,
    Other,
}

/// A language and what Unicode's CLDR says of its whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Italian,
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Plain(Template),
    Plural(BTreeMap<Form, Template>),
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Value,
    /// False for names, which are the same in every language and stand in the English file alone.
    pub(crate) translatable: bool,
}

/// The texts of one language in the order of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) entries: Vec<Entry>,
}

impl Form {
    fn parse(quantity: &str) -> Option<Self> {
        match quantity {
            "one" => Some(Self::One),
            "many" => Some(Self::Many),
            "other" => Some(Self::Other),
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "one",
            Self::Many => "many",
            Self::Other => "other",
        })
    }
}

impl Language {
    /// As in catalogues and in names of folders.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    /// The forms that every text with a number has.
    pub(crate) fn forms(self) -> &'static [Form] {
        match self {
            Self::English => &[Form::One, Form::Other],
            Self::Italian => &[Form::One, Form::Many, Form::Other],
        }
    }

    /// What holds for the whole numbers of a form, in Kotlin and in Swift; nothing for the last form.
    pub(crate) fn condition(self, form: Form) -> Option<&'static str> {
        match form {
            Form::One => Some("count == 1"),
            Form::Many => Some("count != 0 && count % 1_000_000 == 0"),
            Form::Other => None,
        }
    }
}

impl Entry {
    /// What every form of the text takes. In a text for numbers the first is the number itself.
    pub(crate) fn arguments(&self) -> Result<BTreeMap<usize, Argument>, String> {
        match &self.value {
            Value::Plain(template) => template.arguments(),
            Value::Plural(forms) => {
                let mut all: Option<BTreeMap<usize, Argument>> = None;
                for (form, template) in forms {
                    let mut found = template.arguments()?;
                    // "One message" need not say the number.
                    found.remove(&1);
                    match &all {
                        Some(others) if *others != found => {
                            return Err(format!("the form `{form}` has other places than the forms before it"));
                        }
                        _ => all = Some(found),
                    }
                }
                Ok(all.unwrap_or_default())
            }
        }
    }
}

/// Reads a file of resources. Each error names the file, the line and the key.
pub(crate) fn read(language: Language, file: &str, text: &str) -> Result<Words, Vec<String>> {
    let document = Document::parse(text).map_err(|error| vec![format!("{file}: {error}")])?;
    let mut words = Words { language, entries: Vec::new() };
    let mut problems = Vec::new();
    let root = document.root_element();
    if root.tag_name().name() != "resources" {
        problems.push(format!("{file}: <resources> is the element around all texts"));
    }
    for node in root.children().filter(Node::is_element) {
        match entry(language, node) {
            Ok(found) if words.entries.iter().any(|known| known.key == found.key) => {
                problems.push(format!("{}: `{}` is there twice", at(file, node), found.key));
            }
            Ok(found) => words.entries.push(found),
            Err(problem) => {
                let key = node.attribute("name").unwrap_or("?");
                problems.push(format!("{}: `{key}`: {problem}", at(file, node)));
            }
        }
    }
    if let Some(stray) =
        root.children().find(|node| node.is_text() && !node.text().unwrap_or_default().trim().is_empty())
    {
        problems.push(format!("{}: text outside of a <string>", at(file, stray)));
    }
    if problems.is_empty() { Ok(words) } else { Err(problems) }
}

fn at(file: &str, node: Node<'_, '_>) -> String {
    format!("{file}:{}", node.document().text_pos_at(node.range().start).row)
}

fn entry(language: Language, node: Node<'_, '_>) -> Result<Entry, String> {
    let key = node.attribute("name").unwrap_or_default().to_owned();
    let is_name = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !key.ends_with('_')
        && !key.contains("__");
    if !is_name {
        return Err("a key has small letters, digits and single underscores, and begins with a letter".to_owned());
    }
    let translatable = node.attribute("translatable") != Some("false");
    let value = match node.tag_name().name() {
        "string" => Value::Plain(template(node)?),
        "plurals" => Value::Plural(forms(language, node)?),
        other => return Err(format!("<{other}> is neither <string> nor <plurals>")),
    };
    let entry = Entry { key, value, translatable };
    let arguments = entry.arguments()?;
    let first = if matches!(entry.value, Value::Plural(_)) { 2 } else { 1 };
    if let Some((missing, _)) = (first..).zip(arguments.keys()).find(|(expected, found)| expected != *found) {
        return Err(format!("place {missing} is not filled, a later one is"));
    }
    Ok(entry)
}

fn forms(language: Language, node: Node<'_, '_>) -> Result<BTreeMap<Form, Template>, String> {
    let mut forms = BTreeMap::new();
    for item in node.children().filter(Node::is_element) {
        let quantity = item.attribute("quantity").ok_or("an <item> says no quantity")?;
        let form = Form::parse(quantity)
            .filter(|form| language.forms().contains(form))
            .ok_or_else(|| format!("the language has no form `{quantity}`"))?;
        let template = template(item).map_err(|problem| format!("{form}: {problem}"))?;
        if template.arguments()?.get(&1).is_some_and(|first| first.kind == super::template::Kind::Text) {
            return Err(format!("{form}: the first place is the number, %1$d"));
        }
        if forms.insert(form, template).is_some() {
            return Err(format!("the form `{form}` is there twice"));
        }
    }
    match language.forms().iter().find(|form| !forms.contains_key(form)) {
        Some(missing) => Err(format!("the form `{missing}` is missing")),
        None => Ok(forms),
    }
}

fn template(node: Node<'_, '_>) -> Result<Template, String> {
    let mut reader = Reader::new();
    for child in node.children() {
        if child.is_text() {
            reader.take(child.text().unwrap_or_default(), None)?;
        } else if child.is_element() {
            let is_place = child.tag_name().name() == "g" && child.tag_name().namespace() == Some(XLIFF);
            if !is_place || child.children().any(|inner| inner.is_element()) {
                return Err(format!(
                    "markup (<{}>) is not for texts that several systems show",
                    child.tag_name().name()
                ));
            }
            let name = child.attribute("id").ok_or("an <xliff:g> has no id")?;
            reader.take(child.text().unwrap_or_default(), Some(name))?;
        }
    }
    reader.finish()
}
