//! The texts as Kotlin.

use std::collections::BTreeMap;

use super::template::{Argument, Kind, Template, camel, quoted, unnamed};
use super::words::{Entry, Language, Value, Words};

const PACKAGE: &str = "org.permesso.ui.words";

/// Words that Kotlin keeps for itself.
const HARD: [&str; 28] = [
    "as",
    "break",
    "class",
    "continue",
    "do",
    "else",
    "false",
    "for",
    "fun",
    "if",
    "in",
    "interface",
    "is",
    "null",
    "object",
    "package",
    "return",
    "super",
    "this",
    "throw",
    "true",
    "try",
    "typealias",
    "typeof",
    "val",
    "var",
    "when",
    "while",
];

/// The interface, whose documentation is the English text.
pub(crate) fn interface(english: &Words) -> String {
    let mut text = head("Every text that people read; a language is an object of it.");
    text.push_str("public interface Strings {\n");
    for entry in &english.entries {
        text.push_str(&format!("    /** {} */\n    public {}\n\n", shown(entry), declared(entry)));
    }
    closed(text)
}

/// An object with the texts of one language; `change` makes other letters of its texts.
pub(crate) fn object(name: &str, words: &Words, change: &dyn Fn(&Template) -> Template) -> String {
    let mut text = head(&format!("The texts of `{}`.", words.language.tag()));
    text.push_str(&format!("public object {name} : Strings {{\n"));
    for entry in &words.entries {
        text.push_str(&format!("    override {}{}\n\n", declared(entry), defined(words.language, entry, change)));
    }
    closed(text)
}

fn head(documentation: &str) -> String {
    format!(
        "// Written by `cargo xtask strings` from android/ui/src/main/res; changes here are lost.\npackage {PACKAGE}\n\n/** {documentation} */\n"
    )
}

fn closed(mut text: String) -> String {
    // The last member has no empty line behind it.
    if text.ends_with("\n\n") {
        text.pop();
    }
    text.push_str("}\n");
    text
}

fn shown(entry: &Entry) -> String {
    let text = match &entry.value {
        Value::Plain(template) => template.plain(),
        Value::Plural(forms) => forms.values().map(Template::plain).collect::<Vec<_>>().join(" | "),
    };
    text.replace('\n', " ").replace("/*", "/ *").replace("*/", "* /")
}

fn declared(entry: &Entry) -> String {
    let name = named(&camel(&entry.key));
    let parameters = parameters(entry);
    if parameters.is_empty() {
        return format!("val {name}: String");
    }
    let listed: Vec<String> = parameters.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    format!("fun {name}({}): String", listed.join(", "))
}

fn defined(language: Language, entry: &Entry, change: &dyn Fn(&Template) -> Template) -> String {
    let forms = match &entry.value {
        Value::Plain(template) => return format!(" = {}", literal(&change(template), &entry.value)),
        Value::Plural(forms) => forms,
    };
    let mut text = " =\n        when {\n".to_owned();
    for (form, template) in forms {
        let condition = language.condition(*form).unwrap_or("else");
        text.push_str(&format!("            {condition} -> {}\n", literal(&change(template), &entry.value)));
    }
    text.push_str("        }");
    text
}

fn literal(template: &Template, value: &Value) -> String {
    let place = |position: usize, argument: &Argument| {
        let name = match value {
            Value::Plural(_) if position == 1 => "count".to_owned(),
            _ => parameter(position, argument),
        };
        format!("${{{name}}}")
    };
    format!("\"{}\"", template.write(quoted, place))
}

fn parameters(entry: &Entry) -> Vec<(String, &'static str)> {
    let arguments: BTreeMap<usize, Argument> = entry.arguments().unwrap_or_default();
    let mut list = Vec::new();
    if matches!(entry.value, Value::Plural(_)) {
        list.push(("count".to_owned(), "Int"));
    }
    list.extend(arguments.iter().map(|(position, argument)| {
        let kind = match argument.kind {
            Kind::Text => "String",
            Kind::Count => "Int",
            Kind::Long => "Long",
        };
        (parameter(*position, argument), kind)
    }));
    list
}

fn parameter(position: usize, argument: &Argument) -> String {
    named(&argument.name.as_deref().map_or_else(|| unnamed(position), camel))
}

fn named(name: &str) -> String {
    if HARD.contains(&name) { format!("`{name}`") } else { name.to_owned() }
}
