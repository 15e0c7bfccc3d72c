//! Looking after an account: moving it, its contacts, its parameters, its end.

use std::path::Path;

use permesso_node::{ArchiveReport, ContactError, ContactNews, RescueReport};

use super::{Language, errors, say};
use crate::key::Place;
use crate::tasks::config::Source;

/// Before the passphrase of a home is typed.
pub(crate) fn ask_home_passphrase(language: Language, home: &Path) -> String {
    say!(language, "ask-home-passphrase", folder = shown(home)) + " "
}

/// Before the passphrase of an account file is typed.
pub(crate) fn ask_passphrase(language: Language) -> String {
    say!(language, "ask-account-passphrase") + " "
}

/// Before it is typed once more.
pub(crate) fn ask_passphrase_again(language: Language) -> String {
    say!(language, "ask-account-passphrase-again") + " "
}

/// Beside the bar of an export.
pub(crate) fn exporting(language: Language) -> String {
    say!(language, "account-exporting")
}

/// Beside the bar of an import.
pub(crate) fn importing(language: Language) -> String {
    say!(language, "account-importing")
}

/// The account is in the file.
pub(crate) fn exported(language: Language, path: &Path, report: &ArchiveReport) -> String {
    let (messages, friends) = (report.messages, report.friends);
    say!(language, "account-exported", path = shown(path), messages, friends)
}

/// What must not happen after an export.
pub(crate) fn exported_warning(language: Language) -> String {
    say!(language, "account-exported-warning")
}

/// The account is here.
pub(crate) fn imported(language: Language, folder: &Path, report: &ArchiveReport) -> String {
    let (messages, friends) = (report.messages, report.friends);
    say!(language, "account-imported", folder = shown(folder), messages, friends)
}

/// What must not happen after an import.
pub(crate) fn imported_warning(language: Language) -> String {
    say!(language, "account-imported-warning")
}

/// Where the key of a new home is, and what that means.
pub(crate) fn key_place(language: Language, folder: &Path, place: Place) -> String {
    match place {
        Place::Keyring => say!(language, "key-place-keyring"),
        Place::File => say!(language, "key-place-file", path = shown(&folder.join("key"))),
        Place::Passphrase => say!(language, "key-place-passphrase"),
    }
}

/// What came of a rescue.
pub(crate) fn rescued(language: Language, friends: u64, report: &RescueReport) -> String {
    let (messages, unreadable) = (report.messages, report.unreadable);
    let counts = say!(language, "rescued", messages, friends, unreadable);
    match report.torn_tables {
        0 => counts,
        _ => format!("{counts} {}", say!(language, "rescued-torn")),
    }
}

/// The cards are in the file.
pub(crate) fn contacts_exported(language: Language, path: &Path, count: usize) -> String {
    say!(language, "contacts-exported", count, path = shown(path))
}

/// A file without a card.
pub(crate) fn no_contacts(language: Language) -> String {
    say!(language, "contacts-none")
}

/// A card without a name.
pub(crate) fn nameless(language: Language) -> String {
    say!(language, "contact-nameless")
}

/// A contact that was taken in.
pub(crate) fn contact_news(language: Language, news: ContactNews) -> String {
    match news {
        ContactNews::Added => say!(language, "contact-added"),
        ContactNews::Known => say!(language, "contact-known"),
    }
}

/// A card that was not taken in.
pub(crate) fn contact_skipped(language: Language, line: usize, name: &str, error: &ContactError) -> String {
    let why = match error {
        ContactError::Unfinished => say!(language, "contact-unfinished"),
        ContactError::NoUri => say!(language, "contact-no-uri"),
        ContactError::Refused(error) => errors::command(language, error),
    };
    say!(language, "contact-skipped", line, name, why)
}

/// Before something is erased.
pub(crate) fn ask_erase(language: Language, folder: &Path, word: &str) -> String {
    say!(language, "erase-ask", folder = shown(folder), word)
}

/// Above the names of what was erased.
pub(crate) fn erased(language: Language, folder: &Path) -> String {
    say!(language, "erased", folder = shown(folder))
}

/// Above the names of what stays.
pub(crate) fn not_ours(language: Language) -> String {
    say!(language, "erase-not-ours")
}

/// A parameter's default.
pub(crate) fn parameter_default(language: Language, value: &str) -> String {
    say!(language, "config-default", value)
}

/// A parameter that is kept in the account.
pub(crate) fn parameter_is_setting(language: Language) -> String {
    say!(language, "config-is-setting")
}

/// Where a value comes from.
pub(crate) fn source(language: Language, source: Source) -> String {
    match source {
        Source::Default => say!(language, "config-source-default"),
        Source::File => say!(language, "config-source-file"),
        Source::RunTime => say!(language, "config-source-run-time"),
        Source::CommandLine => say!(language, "config-source-command-line"),
    }
}

/// What is kept in the account cannot be read now.
pub(crate) fn settings_unknown(language: Language, why: &str) -> String {
    say!(language, "config-settings-unknown", why)
}

/// A parameter was changed in the file.
pub(crate) fn set_in_file(language: Language, key: &str, value: &str, path: &Path) -> String {
    say!(language, "config-set-in-file", key, value, path = shown(path))
}

/// A parameter was changed in the account.
pub(crate) fn set_in_account(language: Language, key: &str, value: &str) -> String {
    say!(language, "config-set-in-account", key, value)
}

fn shown(path: &Path) -> String {
    crate::printing::one_line(&path.display().to_string())
}
