//! The texts of both languages beside each other, and beside the code that uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource};

use super::*;

/// Keys with the variables of their texts.
type Keys = BTreeMap<String, BTreeSet<String>>;

/// Texts that are the same in both languages.
const SAME: [&str; 6] =
    ["story-state-online", "story-state-offline", "chat-key-no", "page-seconds", "page-minutes", "page-hours"];

#[test]
fn both_languages_have_the_same_keys_with_the_same_variables() {
    assert_eq!(differences(&keys(ENGLISH), &keys(ITALIAN)), [""; 0]);
}

#[test]
fn every_text_is_translated_unless_it_is_known_to_be_the_same() {
    let (english, italian) = (texts(ENGLISH), texts(ITALIAN));
    for (key, text) in &english {
        assert_eq!(italian.get(key) == Some(text), SAME.contains(&key.as_str()), "{key}: {text}");
    }
}

#[test]
fn the_code_uses_every_key_with_its_variables_and_no_other() {
    let mut used = Keys::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut |source| {
        for (key, variables) in uses(source) {
            let known = used.entry(key.clone()).or_insert_with(|| variables.clone());
            assert_eq!(*known, variables, "{key}");
        }
    });
    assert_eq!(differences(&used, &keys(ENGLISH)), [""; 0]);
}

#[test]
fn a_language_is_read_without_complaint_and_fills_variables_in_as_they_are() {
    for (locale, source) in [("en", ENGLISH), ("it", ITALIAN)] {
        assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{locale}");
    }
    let name = "Ada \u{202e}{ $count }";
    assert_eq!(say!(Language::English, "refused-by", name), format!("{name} refused."));
    assert_eq!(say!(Language::Italian, "unread", count = 12_345u32), "12345 da leggere");
}

#[test]
fn the_scan_of_the_code_sees_keys_and_variables() {
    let source = "say!(language, \"a-b\", name, why = reason(x, \"(\")) + &say!(\n  it,\n  \"c\",\n  path = p(),\n)";
    let found: Vec<_> = uses(source);
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(found, [("a-b".to_owned(), set(&["name", "why"])), ("c".to_owned(), set(&["path"]))]);
}

/// Each key of one only, and each with other variables in the other.
fn differences(one: &Keys, other: &Keys) -> Vec<String> {
    let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = all.into_iter().filter(|key| one.get(*key) != other.get(*key));
    differ.map(|key| format!("{key}: {:?} and {:?}", one.get(key), other.get(key))).collect()
}

fn parse(source: &str) -> Resource<&str> {
    fluent_syntax::parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{errors:?}"))
}

fn messages(source: &str) -> Vec<(String, Pattern<&str>)> {
    let messages = parse(source).body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name.to_owned(), message.value.unwrap())),
        _ => None,
    });
    messages.collect()
}

fn texts(source: &str) -> BTreeMap<String, String> {
    let text = |pattern: Pattern<&str>| format!("{pattern:?}");
    messages(source).into_iter().map(|(key, pattern)| (key, text(pattern))).collect()
}

fn keys(source: &str) -> Keys {
    let mut keys = Keys::new();
    for (key, pattern) in messages(source) {
        let mut variables = BTreeSet::new();
        in_pattern(&pattern, &mut variables);
        assert!(keys.insert(key.clone(), variables).is_none(), "{key} exists twice");
    }
    keys
}

fn in_pattern(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => in_inline(inline, found),
            Expression::Select { selector, variants } => {
                in_inline(selector, found);
                variants.iter().for_each(|variant| in_pattern(&variant.value, found));
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(found.insert(id.name.to_owned())),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("not used here so far: {other:?}"),
    }
}

fn sources(folder: &Path, look: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("words/fluent/tests.rs")
        {
            look(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Every use of a text, with the names of its variables. Comments do not count.
fn uses(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    code.match_indices("say!(").filter_map(|(at, name)| one_use(&code[at + name.len()..])).collect()
}

fn one_use(source: &str) -> Option<(String, BTreeSet<String>)> {
    let mut arguments = arguments(source).into_iter().skip(1);
    let key = arguments.next()?.strip_prefix('"')?.strip_suffix('"')?.to_owned();
    let variables = arguments.map(|argument| argument.split('=').next().unwrap().trim().to_owned());
    Some((key, variables.filter(|name| !name.is_empty()).collect()))
}

/// The arguments of a call, of which `source` begins after the parenthesis.
fn arguments(source: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut arguments) = (0, false, vec![String::new()]);
    let mut previous = ' ';
    for c in source.chars() {
        match c {
            '"' if previous != '\\' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut().unwrap().push(c);
        previous = c;
    }
    arguments.iter().map(|argument| argument.trim().to_owned()).collect()
}
