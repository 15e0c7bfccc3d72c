//! What is said, in Italian, of a command line that cannot be understood. English is `clap`'s own.

use std::error::Error as _;
use std::ffi::OsString;
use std::num::{IntErrorKind, ParseIntError};

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::arguments::{tell, usage_heading};
use crate::arguments::NotAnAddress;
use crate::printing::one_line;

/// What is wrong with what was `given`, and what to write instead.
pub(crate) fn not_understood(error: &Error, command: &Command, given: &[OsString]) -> String {
    let here = named(command, given);
    let what = what(error).unwrap_or_else(|| tell("usage-general", []));
    let hints: Vec<String> = hints(error, here).into_iter().map(|hint| format!("  {hint}")).collect();
    let line = format!("{} --help", here.get_bin_name().unwrap_or_else(|| here.get_name()));
    let parts = [
        format!("permesso: {what}"),
        hints.join("\n"),
        usage(error, here).unwrap_or_default(),
        tell("usage-more", [("line", line.into())]),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The command whose name was given, as far as there is one.
fn named<'a>(command: &'a Command, given: &[OsString]) -> &'a Command {
    given.iter().skip(1).fold(command, |here, word| {
        let below = word.to_str().filter(|word| *word != "help").and_then(|word| here.find_subcommand(word));
        below.unwrap_or(here)
    })
}

fn what(error: &Error) -> Option<String> {
    let argument = || one(error, ContextKind::InvalidArg);
    let value = || one(error, ContextKind::InvalidValue);
    let text = match error.kind() {
        ErrorKind::UnknownArgument => {
            let argument = argument()?;
            let is_option = argument.starts_with('-');
            let key = if is_option { "usage-unknown-argument" } else { "usage-too-much" };
            tell(key, [("argument", argument.into())])
        }
        ErrorKind::InvalidSubcommand => {
            tell("usage-unknown-command", [("command", one(error, ContextKind::InvalidSubcommand)?.into())])
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = all(error, ContextKind::InvalidArg);
            tell("usage-missing", [("count", missing.len().into()), ("arguments", missing.join(", ").into())])
        }
        ErrorKind::MissingSubcommand => {
            tell("usage-missing-command", [("command", one(error, ContextKind::InvalidSubcommand)?.into())])
        }
        ErrorKind::InvalidValue if value()?.is_empty() => {
            tell("usage-missing-value", [("argument", argument()?.into())])
        }
        ErrorKind::InvalidValue => {
            tell("usage-invalid-value", [("value", value()?.into()), ("argument", argument()?.into())])
        }
        ErrorKind::ValueValidation => invalid(error, value()?, argument()?),
        ErrorKind::TooManyValues => {
            tell("usage-no-value-wanted", [("argument", argument()?.into()), ("value", value()?.into())])
        }
        ErrorKind::ArgumentConflict => {
            let argument = argument().or_else(|| one(error, ContextKind::InvalidSubcommand))?;
            let others = all(error, ContextKind::PriorArg);
            match others.as_slice() {
                [other] if *other == argument => tell("usage-twice", [("argument", argument.into())]),
                _ => tell("usage-conflict", [("argument", argument.into()), ("others", others.join(", ").into())]),
            }
        }
        ErrorKind::InvalidUtf8 => tell("usage-not-text", []),
        _ => return None,
    };
    Some(text)
}

/// A value that is not of the kind that is wanted.
fn invalid(error: &Error, value: String, argument: String) -> String {
    let both = |value: String, argument: String| [("value", value.into()), ("argument", argument.into())];
    let Some(source) = error.source() else { return tell("usage-invalid-value", both(value, argument)) };
    if let Some((least, most)) = range(&source.to_string()) {
        let [value, argument] = both(value, argument);
        return tell("usage-out-of-range", [value, argument, ("least", least.into()), ("most", most.into())]);
    }
    if source.is::<NotAnAddress>() {
        return tell("usage-not-an-address", both(value, argument));
    }
    let key = match source.downcast_ref().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow) => "usage-too-large",
        Some(_) => "usage-not-a-number",
        None => "usage-invalid-value",
    };
    tell(key, both(value, argument))
}

/// The range that `clap` names.
fn range(source: &str) -> Option<(String, String)> {
    let (least, most) = source.split_once(" is not in ")?.1.split_once("..=")?;
    Some((least.to_owned(), most.to_owned()))
}

/// What may have been meant, each a line.
fn hints(error: &Error, here: &Command) -> Vec<String> {
    let similar = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let similar: Vec<String> = similar.iter().flat_map(|kind| all(error, *kind)).collect();
    let possible = [ContextKind::ValidValue, ContextKind::ValidSubcommand].iter().flat_map(|kind| all(error, *kind));
    let possible: Vec<String> = possible.collect();
    let mut hints = Vec::new();
    if !similar.is_empty() {
        let names = similar.join(", ");
        hints.push(tell("usage-did-you-mean", [("count", similar.len().into()), ("names", names.into())]));
    }
    if !possible.is_empty() {
        hints.push(tell("usage-possible-values", [("values", possible.join(", ").into())]));
    } else if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        hints.extend(what_it_is(error, here));
    }
    hints.extend(all(error, ContextKind::Suggested).iter().filter_map(|english| suggestion(error, english)));
    hints
}

/// What `clap` suggests in a sentence. One that is not known here is left out.
fn suggestion(error: &Error, english: &str) -> Option<String> {
    if let Some(line) = english.strip_suffix("' exists").and_then(|rest| rest.strip_prefix('\'')) {
        return Some(tell("usage-exists", [("line", line.into())]));
    }
    let argument = one(error, ContextKind::InvalidArg)?;
    if english.contains(&format!("-- {argument}")) {
        return Some(tell("usage-as-value", [("argument", argument.into())]));
    }
    let is_command = english.starts_with("subcommand ");
    is_command.then(|| tell("usage-no-dashes", [("command", argument.into())]))
}

/// The help of the argument whose value it is.
fn what_it_is(error: &Error, here: &Command) -> Option<String> {
    let name = one(error, ContextKind::InvalidArg)?;
    let argument = here.get_arguments().find(|argument| argument.to_string() == name)?;
    Some(tell("usage-what-it-is", [("argument", name.into()), ("help", argument.get_help()?.to_string().into())]))
}

/// How it is written, where that helps.
fn usage(error: &Error, here: &Command) -> Option<String> {
    let heading = usage_heading();
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        return Some(format!("{heading}:{}", usage.strip_prefix("Usage:")?));
    }
    let is_told = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
    (!is_told).then(|| format!("{heading}: {}", here.clone().render_usage().to_string().trim_start_matches("Usage: ")))
}

fn one(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(one_line(text)),
        _ => None,
    }
}

fn all(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![one_line(text)],
        Some(ContextValue::Strings(texts)) => texts.iter().map(|text| one_line(text)).collect(),
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(|text| one_line(&text.to_string())).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    fn says(command: Command, given: &[&str]) -> String {
        let mut command = command;
        let given: Vec<OsString> = given.iter().map(OsString::from).collect();
        let error = command.try_get_matches_from_mut(&given).unwrap_err();
        not_understood(&error, &command, &given)
    }

    #[test]
    fn what_has_no_text_of_its_own_is_told_in_general_with_the_usage() {
        let command = Command::new("permesso")
            .arg(Arg::new("size").long("size").require_equals(true).action(ArgAction::Set).value_name("N"));
        assert_eq!(
            says(command, &["permesso", "--size", "5"]),
            "permesso: questa riga di comando non si capisce\n\nUso: permesso [OPTIONS]\n\n`permesso --help` spiega tutto."
        );
    }

    #[test]
    fn one_and_several_that_are_missing_are_told_in_the_right_number() {
        let command = || {
            let argument = |name: &'static str| Arg::new(name).required(true);
            Command::new("permesso").args([argument("one"), argument("two")])
        };
        assert!(says(command(), &["permesso", "1"]).starts_with("permesso: manca <two>\n"));
        assert!(says(command(), &["permesso"]).starts_with("permesso: mancano <one>, <two>\n"));
    }
}
