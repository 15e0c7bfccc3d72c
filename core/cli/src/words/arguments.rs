//! The command line in Italian: what `--help`, the manual pages and completions say. English stands where the arguments are
//! declared and in `clap`; here each of those texts is replaced by the one of the same place.

use std::sync::LazyLock;

use clap::builder::{Str, StyledStr};
use clap::{Arg, ArgAction, Command, CommandFactory};
use fluent_bundle::FluentValue;
use fluent_syntax::ast::{Pattern, PatternElement};

use super::Language;
use super::fluent::{self, Texts};
use crate::arguments::Arguments;

/// A message for each command, with an attribute for each argument, and those of the errors.
const ITALIAN: &str = include_str!("../../words/it.arguments.ftl");

static TEXTS: LazyLock<Texts> = LazyLock::new(|| fluent::read("it", ITALIAN));

/// The first words of the whole tree.
const ROOT: &str = "permesso";

/// `clap`'s command that shows help, and the message of what it does.
const HELP: &str = "help";

/// The message with the texts of all commands that have none of their own.
const EVERYWHERE: &str = "everywhere";

/// The place in its section of what has none: `clap`'s own.
const LAST: usize = 999;

/// The attribute with what follows the options.
const AFTER_HELP: &str = "after-help";

/// The whole command line.
pub(crate) fn command(language: Language) -> Command {
    let command = Arguments::command();
    match language {
        Language::English => command,
        Language::Italian => {
            let mut command = in_order(command);
            // Only then there are the arguments that `clap` adds.
            command.build();
            translated(command, &[])
        }
    }
}

/// The same, to read arguments with, and to print help of. Its usage lines are in one's language too.
pub(crate) fn read_by(language: Language) -> Command {
    match language {
        Language::English => command(language),
        Language::Italian => with_usage(command(language)),
    }
}

/// `clap`'s own name of a section of a manual page in Italian.
pub(crate) fn manual_heading(english: &str) -> Option<String> {
    attribute("manual", &english.to_lowercase())
}

/// What stands above every manual page in Italian.
pub(crate) fn manual_title() -> String {
    attribute("manual", "title").unwrap_or_default()
}

/// A text about what was typed.
pub(super) fn tell<const N: usize>(key: &'static str, variables: [(&'static str, FluentValue<'_>); N]) -> String {
    let pattern = TEXTS.get_message(key).and_then(|message| message.value());
    pattern.map_or_else(|| key.to_owned(), |pattern| fluent::put_together(&TEXTS, pattern, variables))
}

/// The heading of usage lines.
pub(super) fn usage_heading() -> String {
    note("usage", [])
}

/// Under headings that are given, sections come in the order of their first arguments; this makes it that of `clap`'s own.
fn in_order(command: Command) -> Command {
    let help = Arg::new(HELP).short('h').long(HELP).action(ArgAction::Help).help_heading(None).display_order(LAST);
    let mut command = command.disable_help_flag(true).arg(help);
    let section = |arg: &&Arg| (!arg.is_positional(), arg.get_help_heading().is_some());
    let mut arguments: Vec<&Arg> = command.get_arguments().collect();
    arguments.sort_by_key(section);
    let ids: Vec<_> = arguments.into_iter().map(|arg| arg.get_id().clone()).collect();
    for id in ids {
        // Goes to the end.
        command = command.mut_arg(id, |arg| arg);
    }
    command.mut_subcommands(in_order)
}

fn translated(command: Command, path: &[String]) -> Command {
    let key = key(path);
    let mut command = command.mut_args(|arg| argument(arg, &key)).mut_subcommands(|below| {
        let path = [path, &[below.get_name().to_owned()]].concat();
        translated(below, &path)
    });
    if let Some(about) = value(&key) {
        command = command.about(about);
    }
    if let Some(after) = attribute(&key, AFTER_HELP) {
        command = command.after_help(after);
    }
    if let Some(heading) = word("headings", "commands") {
        command = command.subcommand_help_heading(heading);
    }
    match word("notes", "command") {
        Some(name) => command.subcommand_value_name(name),
        None => command,
    }
}

/// The message of a command.
fn key(path: &[String]) -> String {
    if path.last().is_some_and(|name| name == HELP) {
        return HELP.to_owned();
    }
    // `help` has every command once more.
    let names: Vec<&str> = path.iter().map(String::as_str).filter(|name| *name != HELP).collect();
    if names.is_empty() { ROOT.to_owned() } else { names.join("-") }
}

fn argument(mut arg: Arg, key: &str) -> Arg {
    let heading = match arg.get_help_heading() {
        None if arg.is_positional() => "arguments".to_owned(),
        None => "options".to_owned(),
        Some(heading) => heading.to_lowercase().replace(' ', "-"),
    };
    if let Some(heading) = word("headings", &heading) {
        arg = arg.help_heading(heading);
    }
    let names = arg.get_value_names().unwrap_or_default().iter().map(value_name).collect::<Vec<_>>();
    if !names.is_empty() {
        arg = arg.value_names(names);
    }
    let Some(help) = argument_help(key, arg.get_id().as_str()) else { return arg };
    let notes = notes(&arg);
    arg.help([vec![help], notes].concat().join(" ")).hide_default_value(true).hide_possible_values(true)
}

fn argument_help(key: &str, id: &str) -> Option<String> {
    attribute(key, id).or_else(|| attribute(EVERYWHERE, id))
}

fn value_name(english: &Str) -> Str {
    word("value-names", &english.replace(':', "-")).map_or_else(|| english.clone(), Str::from)
}

/// What `clap` would add to the help, in English.
fn notes(arg: &Arg) -> Vec<String> {
    if !arg.get_action().takes_values() {
        return Vec::new();
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let possible = arg.get_possible_values();
    let possible: Vec<&str> =
        possible.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name()).collect();
    let shown = [
        ("default", defaults.join(" "), arg.is_hide_default_value_set()),
        ("possible", possible.join(", "), arg.is_hide_possible_values_set()),
    ];
    let shown = shown.into_iter().filter(|(_, values, is_hidden)| !values.is_empty() && !is_hidden);
    shown.map(|(key, values, _)| format!("[{}]", note(key, [("values", values.into())]))).collect()
}

fn with_usage(mut command: Command) -> Command {
    let english = command.render_usage().ansi().to_string();
    let heading = usage_heading();
    // Lines after the first are indented as far as the first by its heading.
    let indent = |heading: &str| format!("\n{:width$}", "", width = heading.chars().count() + 2);
    if let Some((_, usage)) = english.split_once(' ') {
        let usage = usage.replace("[OPTIONS]", &format!("[{}]", note("options", [])));
        command = command.override_usage(StyledStr::from(usage.replace(&indent("Usage"), &indent(&heading))));
    }
    let style = command.get_styles().get_usage();
    // Otherwise `clap`'s own.
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{style}{heading}:{style:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    );
    command.help_template(template).mut_subcommands(with_usage)
}

fn note<const N: usize>(name: &str, variables: [(&'static str, FluentValue<'_>); N]) -> String {
    pattern("notes", name).map_or_else(|| name.to_owned(), |pattern| fluent::put_together(&TEXTS, pattern, variables))
}

fn value(key: &str) -> Option<String> {
    Some(fluent::put_together(&TEXTS, TEXTS.get_message(key)?.value()?, []))
}

fn attribute(key: &str, name: &str) -> Option<String> {
    Some(fluent::put_together(&TEXTS, pattern(key, name)?, []))
}

/// An attribute that is text alone. `clap` keeps names as long as the program runs, or not at all.
fn word(key: &str, name: &str) -> Option<&'static str> {
    match pattern(key, name)?.elements.as_slice() {
        [PatternElement::TextElement { value }] => Some(value),
        _ => None,
    }
}

fn pattern(key: &str, name: &str) -> Option<&'static Pattern<&'static str>> {
    Some(TEXTS.get_message(key)?.get_attribute(name)?.value())
}

#[cfg(test)]
mod tests;
