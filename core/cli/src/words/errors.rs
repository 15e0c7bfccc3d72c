//! What went wrong, and what to do. What the host says itself in English is said here in both languages.

use std::io;

use permesso_node::config::Expected;
use permesso_node::{ArchiveError, CommandError, ConfigError, NodeError, RestoreError, StoreError};

use permesso_engine::limits::{ALIAS_MAX, URI_ADDRESSES_MAX};
use permesso_engine::uri::{URI_MAX, UriError};

use super::{Language, people, say, sim};
use crate::failure::Failure;
use crate::key::KeyError;
use crate::names::{Candidate, NameError};
use crate::printing::one_line;

/// Why a command could not be carried out.
pub(crate) fn failure(language: Language, failure: &Failure) -> String {
    match failure {
        Failure::Node(error) => node(language, error),
        Failure::Config(error) => config(language, error),
        Failure::Key(error) => key(language, error),
        Failure::Name(error) => name(language, error),
        Failure::Trace(error) => sim::error(language, error),
        Failure::NobodyAnswers(alias) => say!(language, "failure-nobody-answers", alias = one_line(alias)),
        Failure::SeveralClaim(claims) => {
            let listed = claims.iter().map(|claim| format!("\n  {}  {}", claim.host, one_line(&claim.alias)));
            say!(language, "failure-several-claim", listed = listed.collect::<String>())
        }
        Failure::NoHome => say!(language, "failure-no-home"),
        Failure::NotEmpty(path) => say!(language, "failure-not-empty", path = path.display().to_string()),
        Failure::Folder { path, source } => {
            say!(language, "failure-unusable", path = path.display().to_string(), why = io(language, source))
        }
        Failure::Runtime(error) => say!(language, "failure-runtime", why = io(language, error)),
        Failure::NoTerminal => say!(language, "failure-no-terminal"),
        Failure::NoAccount(folder) => say!(language, "failure-no-account", folder = folder.display().to_string()),
        Failure::DatabaseGone(folder) => say!(language, "failure-database-gone", folder = folder.display().to_string()),
        Failure::FileExists(path) => say!(language, "failure-file-exists", path = path.display().to_string()),
        Failure::NoPassphrase => say!(language, "failure-no-passphrase"),
        Failure::PassphrasesDiffer => say!(language, "failure-passphrases-differ"),
        Failure::PassphraseShort(least) => say!(language, "failure-passphrase-short", least),
        Failure::StatusAddress { address, source } => {
            say!(language, "failure-status-address", address = address.to_string(), why = io(language, source))
        }
        Failure::NoServer(folder) => say!(language, "failure-no-server", folder = folder.display().to_string()),
        Failure::ServerSilent(why) => say!(language, "failure-server-silent", why = one_line(why)),
        Failure::NotConfirmed => say!(language, "failure-not-confirmed"),
        Failure::Interrupted => say!(language, "failure-interrupted"),
        Failure::Stream(error) => say!(language, "failure-stream", why = io(language, error)),
    }
}

/// What the system says, in plain words where they are known; `-v` shows its own.
pub(crate) fn io(language: Language, error: &io::Error) -> String {
    use io::ErrorKind::{
        AlreadyExists, InvalidData, InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        ReadOnlyFilesystem, StorageFull,
    };
    match error.kind() {
        NotFound => say!(language, "io-not-found"),
        PermissionDenied => say!(language, "io-permission-denied"),
        ReadOnlyFilesystem => say!(language, "io-read-only"),
        StorageFull => say!(language, "io-storage-full"),
        NotADirectory => say!(language, "io-not-a-folder"),
        IsADirectory => say!(language, "io-a-folder"),
        AlreadyExists => say!(language, "io-exists"),
        InvalidFilename => say!(language, "io-name-too-long"),
        InvalidData => say!(language, "io-not-text"),
        _ => error.to_string(),
    }
}

/// What the system said, kept as a text that ends in its number ("… (os error 13)"), in plain words where they are known.
fn system(language: Language, detail: &str) -> String {
    let number = detail.rsplit_once("(os error ").and_then(|(_, end)| end.strip_suffix(')')?.parse().ok());
    number.map_or_else(|| detail.to_owned(), |number| io(language, &io::Error::from_raw_os_error(number)))
}

fn key(language: Language, error: &KeyError) -> String {
    match error {
        KeyError::Missing(path) => say!(language, "key-missing", path = path.display().to_string()),
        KeyError::Damaged(path) => say!(language, "key-damaged", path = path.display().to_string()),
        KeyError::Both(path) => say!(language, "key-both", path = path.display().to_string()),
        KeyError::PassphraseWanted => say!(language, "key-passphrase-wanted"),
        KeyError::Exposed { path, mode } => {
            say!(language, "key-exposed", path = path.display().to_string(), mode = format!("{mode:04o}"))
        }
        KeyError::NotInKeyring { home, source } => {
            say!(language, "key-not-in-keyring", home = home.display().to_string(), why = source.to_string())
        }
        KeyError::KeyringUnavailable(error) => say!(language, "key-keyring-unavailable", why = error.to_string()),
        KeyError::EmptyPassphrase => say!(language, "key-empty-passphrase"),
        KeyError::Unreadable { path, source } | KeyError::File { path, source } => {
            say!(language, "failure-unusable", path = path.display().to_string(), why = io(language, source))
        }
        KeyError::Store(error) => store(language, error),
    }
}

/// Why a name names nobody.
pub(crate) fn name(language: Language, error: &NameError) -> String {
    match error {
        NameError::Unknown { name } => say!(language, "name-unknown", name = one_line(name)),
        NameError::Ambiguous { name, candidates } => {
            let listed: String = candidates.iter().map(|one| candidate(language, one)).collect();
            say!(language, "name-ambiguous", name = one_line(name), listed)
        }
    }
}

fn candidate(language: Language, candidate: &Candidate) -> String {
    let state = people::friend_state(language, candidate.state);
    format!("\n  {}  {} ({state})", candidate.host, one_line(&candidate.name))
}

/// What the host says.
pub(crate) fn node(language: Language, error: &NodeError) -> String {
    match error {
        NodeError::Command(error) => command(language, error),
        NodeError::Store(error) => store(language, error),
        NodeError::PortInUse { port, address } => {
            say!(language, "node-port-in-use", port, address = address.to_string())
        }
        NodeError::NoInterface => say!(language, "node-no-interface"),
        NodeError::Network(error) => say!(language, "node-network", why = io(language, error)),
        NodeError::AddressUnusable { address, reason, .. } => {
            say!(language, "node-address-unusable", address = address.to_string(), why = reason)
        }
        NodeError::GenerationUnreadable(error) => {
            say!(language, "node-generation-unreadable", why = io(language, error))
        }
        NodeError::StorageFailed => say!(language, "node-storage-failed"),
        NodeError::Paused => say!(language, "node-paused"),
        NodeError::Stopped => say!(language, "node-stopped"),
        NodeError::Timeout { what, waited_ms } => {
            say!(language, "node-timeout", what, milliseconds = waited_ms)
        }
        NodeError::NoConversation { host } => say!(language, "node-no-conversation", host = host.to_string()),
        NodeError::Config(error) => config(language, error),
        NodeError::Archive(error) => archive(language, error),
        NodeError::Restore(RestoreError::Damaged { table, row }) => say!(language, "restore-damaged", table, row),
        NodeError::Restore(RestoreError::Newer) => say!(language, "restore-newer"),
        NodeError::HostLink(why) => say!(language, "node-host-link", why = why.to_string()),
        NodeError::Randomness(why) => say!(language, "node-randomness", why),
    }
}

fn archive(language: Language, error: &ArchiveError) -> String {
    match error {
        ArchiveError::Store(error) => store(language, error),
        ArchiveError::NotAnAccount => say!(language, "archive-not-an-account"),
        ArchiveError::Newer { found, supported } => say!(language, "archive-newer", found, supported),
        ArchiveError::WrongPassphrase => say!(language, "archive-wrong-passphrase"),
        ArchiveError::EmptyPassphrase => say!(language, "archive-empty-passphrase"),
        ArchiveError::Damaged { detail } => say!(language, "archive-damaged", why = damage(language, detail)),
        ArchiveError::AccountExists { directory } => {
            say!(language, "archive-account-exists", folder = directory.display().to_string())
        }
        ArchiveError::FileExists { path } => say!(language, "failure-file-exists", path = path.display().to_string()),
        ArchiveError::File(error) => say!(language, "archive-file", why = io(language, error)),
        ArchiveError::Cancelled => say!(language, "archive-cancelled"),
    }
}

fn config(language: Language, error: &ConfigError) -> String {
    let place = |path: &Option<std::path::PathBuf>, line: Option<usize>| {
        let path = path.as_ref().map_or(String::new(), |path| format!("{}, ", path.display()));
        let line = line.map_or(String::new(), |line| say!(language, "config-line", line) + " ");
        path + &line
    };
    match error {
        ConfigError::Unreadable { path, source } => {
            say!(language, "config-unreadable", path = path.display().to_string(), why = io(language, source))
        }
        ConfigError::Invalid { path, line, reason } => {
            say!(language, "config-invalid", place = place(path, None), line, why = reason)
        }
        ConfigError::UnknownKey { path, line, key, nearest: None } => {
            say!(language, "config-unknown-key", place = place(path, *line), key)
        }
        ConfigError::UnknownKey { path, line, key, nearest: Some(nearest) } => {
            say!(language, "config-unknown-key-nearest", place = place(path, *line), key, nearest)
        }
        ConfigError::OutOfRange { path, line, key, expected, found } => {
            let expected = expected_value(language, expected);
            say!(language, "config-out-of-range", place = place(path, *line), key, expected, found)
        }
    }
}

fn expected_value(language: Language, expected: &Expected) -> String {
    match expected {
        Expected::Range(least, most) => say!(language, "config-expected-range", least, most),
        Expected::Number(least, most) => say!(language, "config-expected-number", least, most),
        Expected::Span(least, most) => say!(language, "config-expected-span", least, most),
        Expected::Spans { count, least, most } => say!(language, "config-expected-spans", count, least, most),
        Expected::AliasLength => say!(language, "config-expected-alias-length", limit = ALIAS_MAX),
        Expected::Alias => say!(language, "config-expected-alias", limit = ALIAS_MAX),
        Expected::Visibility => say!(language, "config-expected-visibility"),
        Expected::Flag => say!(language, "config-expected-flag"),
        Expected::Interfaces => say!(language, "config-expected-interfaces"),
        Expected::Peers => say!(language, "config-expected-peers"),
        Expected::Address => say!(language, "config-expected-address"),
        Expected::MoreThanOutbox { most } => {
            say!(language, "config-expected-more-than-outbox", most = most.to_string())
        }
        Expected::LessThanMarks { marks } => {
            say!(language, "config-expected-less-than-marks", marks = marks.to_string())
        }
        Expected::Section(name) => say!(language, "config-expected-section", name),
    }
}

/// Why the engine refused a command.
pub(crate) fn command(language: Language, error: &CommandError) -> String {
    match error {
        CommandError::TooLong { what, length, limit } => {
            say!(language, "command-too-long", what = noun(language, what), length, limit)
        }
        CommandError::Empty { what } => say!(language, "command-empty", what = noun(language, what)),
        CommandError::UnknownHost { host } => say!(language, "command-unknown-host", host = host.to_string()),
        CommandError::NotAFriend { host } => say!(language, "command-not-a-friend", host = host.to_string()),
        CommandError::WrongState { host, state } => {
            let state = people::friend_state(language, *state);
            say!(language, "command-wrong-state", host = host.to_string(), state)
        }
        CommandError::Oneself => say!(language, "command-oneself"),
        CommandError::TooManyAsks { limit } => say!(language, "command-too-many-asks", limit),
        CommandError::ServerCarries => say!(language, "command-server-carries"),
        CommandError::UnknownMessage { message } => {
            say!(language, "command-unknown-message", message = message.to_string())
        }
        CommandError::BadUri { reason } => say!(language, "command-bad-uri", why = uri(language, reason)),
        CommandError::OutOfRange { what, range } => {
            say!(language, "command-out-of-range", what = noun(language, what), range = allowed(language, range))
        }
        CommandError::Busy => say!(language, "command-busy"),
    }
}

/// What is wrong with a `permesso:` URI.
fn uri(language: Language, error: &UriError) -> String {
    match error {
        UriError::TooLong { length } => say!(language, "uri-too-long", length, limit = URI_MAX),
        UriError::OtherScheme => say!(language, "uri-other-scheme"),
        UriError::BadKey { length } => say!(language, "uri-bad-key", length),
        UriError::BadAlias => say!(language, "uri-bad-alias", limit = ALIAS_MAX),
        UriError::BadToken => say!(language, "uri-bad-token"),
        UriError::BadCertificate => say!(language, "uri-bad-certificate"),
        UriError::BadAddress => say!(language, "uri-bad-address"),
        UriError::TooManyAddresses => say!(language, "uri-too-many-addresses", limit = URI_ADDRESSES_MAX),
        UriError::BadParameter { parameter } => say!(language, "uri-bad-parameter", parameter = one_line(parameter)),
    }
}

/// What is wrong with a file, of which the storage knows the English words; rare cases keep those.
fn damage(language: Language, detail: &str) -> String {
    match detail {
        "the file is cut off" | "the file is cut off in its header" => say!(language, "damage-cut-off"),
        "the file is empty" => say!(language, "damage-empty"),
        "it is a database of another program" => say!(language, "damage-other-program"),
        "permesso.db is missing" | "permesso.db is missing beside its log" => say!(language, "damage-missing"),
        "the file `salt` is missing" | "the file `salt` has a wrong length" => say!(language, "damage-salt"),
        "it ends in its header" | "it ends too early" | "its last part is missing or was changed" => {
            say!(language, "damage-ends-early")
        }
        "its header was changed" => say!(language, "damage-header"),
        "it goes on after its end" => say!(language, "damage-goes-on"),
        other => other.to_owned(),
    }
}

/// What an error is about, of which the engine knows the English name.
fn noun(language: Language, what: &str) -> String {
    match what {
        "alias" => say!(language, "noun-alias"),
        "greeting" => say!(language, "noun-greeting"),
        "text" => say!(language, "noun-text"),
        "name" => say!(language, "noun-name"),
        "the port" => say!(language, "noun-the-port"),
        "the history limit" => say!(language, "noun-the-history-limit"),
        "the outbox limit" => say!(language, "noun-the-outbox-limit"),
        "the storage for others" => say!(language, "noun-the-storage-for-others"),
        "the outbox expiry" => say!(language, "noun-the-outbox-expiry"),
        "the prefix of an IPv4 address" => say!(language, "noun-the-prefix-v4"),
        "the prefix of an IPv6 address" => say!(language, "noun-the-prefix-v6"),
        other => other.to_owned(),
    }
}

/// What a setting may be, of which the engine knows the English words.
fn allowed(language: Language, range: &str) -> String {
    match range {
        "1 to 65535" => say!(language, "range-port"),
        "1 to 1000000 messages" => say!(language, "range-history-limit"),
        "1 to 100000 messages" => say!(language, "range-outbox-limit"),
        "1 MiB to 1 TiB" => say!(language, "range-storage-for-others"),
        "1 minute to 365 days" => say!(language, "range-outbox-expiry"),
        "less than messages.marks_max" => say!(language, "range-less-than-marks"),
        "0 to 32 bits" => say!(language, "range-prefix-v4"),
        "0 to 128 bits" => say!(language, "range-prefix-v6"),
        other => other.to_owned(),
    }
}

/// Why the store did not do what it was asked to.
pub(super) fn store(language: Language, error: &StoreError) -> String {
    match error {
        StoreError::KeyMissing => say!(language, "store-key-missing"),
        StoreError::KeyUnavailable => say!(language, "store-key-unavailable"),
        StoreError::WrongKey => say!(language, "store-wrong-key"),
        StoreError::NewerSchema { found, supported } => say!(language, "store-newer-schema", found, supported),
        StoreError::Damaged { detail } => say!(language, "store-damaged", why = damage(language, detail)),
        StoreError::InUse => say!(language, "store-in-use"),
        StoreError::NotWritable { detail } => say!(language, "store-not-writable", why = system(language, detail)),
        StoreError::DiskFull => say!(language, "store-disk-full"),
        StoreError::Io { detail } => say!(language, "store-io", why = system(language, detail)),
        StoreError::Rejected { detail } => say!(language, "store-rejected", why = detail),
        StoreError::Closed => say!(language, "store-closed"),
        StoreError::ChangedMeanwhile => say!(language, "store-changed-meanwhile"),
    }
}

#[cfg(test)]
mod tests;
