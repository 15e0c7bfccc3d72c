//! The Italian command line beside the English one, place by place.

use std::collections::{BTreeMap, BTreeSet};

use clap::Parser;
use fluent_syntax::ast::Entry;

use super::*;

/// Value names that are the same in both languages.
const SAME: [&str; 9] = ["DIR", "FILE", "ID", "M", "N", "N,N,…", "S", "SHELL", "URI"];

/// Words that only English help has.
const ENGLISH: [&str; 13] = [
    "Usage:",
    "Options:",
    "Arguments:",
    "Commands:",
    "Possible values",
    "[default",
    "[possible",
    "[OPTIONS]",
    "COMMAND",
    "Print",
    "This host",
    "Exit status",
    " the ",
];

/// A place with a text: a message and, unless it is the message itself, an attribute.
type Place = (String, Option<String>);

#[test]
fn every_command_argument_and_value_has_an_italian_text_of_its_own() {
    in_both(&mut |path, english, italian| {
        let differ = |what: &str, english: Option<&StyledStr>, italian: Option<&StyledStr>| {
            assert_eq!(english.is_some(), italian.is_some(), "{path:?} {what}");
            assert!(english.is_none() || english != italian, "{path:?} {what}: {english:?}");
        };
        differ("about", english.get_about(), italian.get_about());
        differ("after help", english.get_after_help(), italian.get_after_help());
        assert!(english.get_about().is_some(), "{path:?}");
        assert!(english.get_long_about().is_none() && english.get_before_help().is_none(), "{path:?} has more texts");
        for argument in english.get_arguments() {
            let place = format!("{path:?} {}", argument.get_id());
            let translated = italian.get_arguments().find(|other| other.get_id() == argument.get_id()).unwrap();
            differ(&place, argument.get_help(), translated.get_help());
            assert!(argument.get_help().is_some() && argument.get_long_help().is_none(), "{place}");
            assert_ne!(argument.get_help_heading(), translated.get_help_heading(), "{place}");
            let values = argument.get_possible_values();
            assert!(values.iter().all(|value| value.get_help().is_none()), "{place}: nothing translates these");
            for (name, translated) in value_names(argument).iter().zip(value_names(translated)) {
                assert_eq!(name == translated, SAME.contains(&name.as_str()), "{place}: {name}");
            }
        }
    });
}

#[test]
fn the_command_help_is_italian_at_every_level_and_so_is_all_it_lists() {
    let italian = read_by(Language::Italian);
    for command in [&italian, italian.find_subcommand("config").unwrap(), italian.find_subcommand("sim").unwrap()] {
        let help = command.find_subcommand(HELP).unwrap();
        assert_eq!(help.get_about().unwrap().to_string(), value(HELP).unwrap());
        for listed in help.get_subcommands().filter(|listed| listed.get_name() != HELP) {
            let itself = command.find_subcommand(listed.get_name()).unwrap();
            assert_eq!(listed.get_about(), itself.get_about(), "{}", listed.get_name());
        }
    }
}

#[test]
fn what_is_the_same_in_english_is_the_same_in_italian_and_what_differs_differs() {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut back = texts.clone();
    in_both(&mut |path, english, _| {
        for argument in english.get_arguments() {
            let english = argument.get_help().unwrap().to_string();
            let italian = argument_help(&key(path), argument.get_id().as_str()).unwrap();
            texts.entry(english.clone()).or_default().insert(italian.clone());
            back.entry(italian).or_default().insert(english);
        }
    });
    for (text, others) in texts.iter().chain(&back) {
        assert_eq!(others.len(), 1, "{text}: {others:?}");
    }
}

#[test]
fn no_italian_text_is_left_over_and_each_is_there_once() {
    let mut wanted: BTreeSet<Place> = BTreeSet::new();
    let place = |key: &str, name: &str| (key.to_owned(), Some(name.to_owned()));
    wanted.insert((HELP.to_owned(), None));
    wanted.extend(["arguments", "options", "commands", "this-host"].map(|name| place("headings", name)));
    wanted.extend(["usage", "options", "command", "default", "possible"].map(|name| place("notes", name)));
    wanted.extend(["title", "name", "synopsis", "description", "extra", "version"].map(|name| place("manual", name)));
    in_both(&mut |path, english, _| {
        let key = key(path);
        if english.get_after_help().is_some() {
            wanted.insert(place(&key, AFTER_HELP));
        }
        for argument in english.get_arguments() {
            let id = argument.get_id().as_str();
            let owner = if pattern(&key, id).is_some() { &key } else { EVERYWHERE };
            wanted.insert(place(owner, id));
            let names = value_names(argument).iter().filter(|name| !SAME.contains(&name.as_str()));
            wanted.extend(names.map(|name| place("value-names", &name.replace(':', "-"))));
        }
        wanted.insert((key, None));
    });
    let source = include_str!("../usage.rs");
    wanted.extend(source.split('"').filter(|text| text.starts_with("usage-")).map(|key| (key.to_owned(), None)));
    let mut there = BTreeSet::new();
    for entry in fluent_syntax::parser::parse(ITALIAN).unwrap().body {
        let Entry::Message(message) = entry else { continue };
        let key = message.id.name.to_owned();
        let attributes = message.attributes.iter().map(|attribute| place(&key, attribute.id.name));
        for text in attributes.chain(message.value.iter().map(|_| (key.clone(), None))) {
            assert!(there.insert(text.clone()), "{text:?} is there twice");
        }
    }
    let differ: Vec<_> = wanted.symmetric_difference(&there).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn no_english_is_left_in_any_italian_help() {
    let mut count = 0;
    in_all(&mut read_by(Language::Italian), &mut Vec::new(), &mut |path, command| {
        let help = command.render_help().to_string();
        for english in ENGLISH {
            assert!(!help.contains(english), "{path:?}: {english} in\n{help}");
        }
        assert!(help.contains("\nUso: permesso") && help.contains("\nOpzioni:\n"), "{path:?}:\n{help}");
        count += 1;
    });
    assert!(count > 30, "{count}");
    let english = command(Language::English).render_help().to_string();
    assert!(["Usage:", "Options:", "Commands:", "Print"].iter().all(|word| english.contains(word)), "{english}");
}

#[test]
fn the_sections_of_an_italian_help_come_in_the_order_of_the_english_ones() {
    let sections = |help: String, names: [&'static str; 4]| -> Vec<usize> {
        let lines = help.lines().filter_map(|line| names.iter().position(|name| line == *name));
        lines.collect::<Vec<_>>()
    };
    in_both(&mut |path, english, italian| {
        let english =
            sections(english.clone().render_help().to_string(), ["Commands:", "Arguments:", "Options:", "This host:"]);
        let italian =
            sections(italian.clone().render_help().to_string(), ["Comandi:", "Argomenti:", "Opzioni:", "Questo host:"]);
        assert_eq!(english, italian, "{path:?}");
        assert!(english.is_sorted() && !english.is_empty(), "{path:?}: {english:?}");
    });
}

#[test]
fn both_languages_read_the_same_arguments() {
    use clap::FromArgMatches;

    let lines = [
        "permesso",
        "permesso -vv",
        "permesso send --to Ada -v --json --wait 2m -- --text",
        "permesso ask --uri permesso:x --greeting ciao --peer 127.0.0.1:1 --peer 127.0.0.2:1",
        "permesso server --status-address 127.0.0.1:0 --home x",
        "permesso server status --json",
        "permesso config",
        "permesso config set custody.carry -1",
        "permesso sim world --faults storm --small",
        "permesso sim growth --hosts 10,20",
        "permesso completions zsh",
    ];
    for line in lines {
        let words = || line.split(' ');
        let italian = read_by(Language::Italian).try_get_matches_from(words()).unwrap();
        let italian = Arguments::from_arg_matches(&italian).unwrap();
        assert_eq!(format!("{italian:?}"), format!("{:?}", Arguments::parse_from(words())), "{line}");
    }
}

/// What help calls the values; flags have none.
fn value_names(argument: &Arg) -> &[Str] {
    argument.get_value_names().filter(|_| argument.get_action().takes_values()).unwrap_or_default()
}

/// Every command that is shown, in English and Italian. What `help` has once more is left out.
fn in_both(look: &mut impl FnMut(&[String], &Command, &Command)) {
    let mut english = command(Language::English);
    english.build();
    let italian = read_by(Language::Italian);
    in_all(&mut english, &mut Vec::new(), &mut |path, english| {
        let italian = path.iter().fold(&italian, |italian, name| italian.find_subcommand(name).unwrap());
        look(path, english, italian);
    });
}

fn in_all(command: &mut Command, path: &mut Vec<String>, look: &mut impl FnMut(&[String], &mut Command)) {
    look(path, command);
    for below in command.get_subcommands_mut() {
        let name = below.get_name().to_owned();
        if name != HELP && !below.is_hide_set() {
            path.push(name);
            in_all(below, path, look);
            path.pop();
        }
    }
}
