//! What went wrong, and what to do. What the host says itself in English is said here in both languages.

use permesso_node::{CommandError, NodeError, StoreError};

use super::{Language, people, say};
use crate::failure::Failure;
use crate::key::KeyError;
use crate::names::{Candidate, NameError};
use crate::printing::one_line;

/// Why a command could not be carried out.
pub(crate) fn failure(language: Language, failure: &Failure) -> String {
    match failure {
        Failure::Node(error) => node(language, error),
        Failure::Config(error) => error.to_string(),
        Failure::Key(error) => key(language, error),
        Failure::Name(error) => name(language, error),
        Failure::NobodyAnswers(alias) => say!(language, "failure-nobody-answers", alias = one_line(alias)),
        Failure::SeveralClaim(claims) => {
            let listed = claims.iter().map(|claim| format!("\n  {}  {}", claim.host, one_line(&claim.alias)));
            say!(language, "failure-several-claim", listed = listed.collect::<String>())
        }
        Failure::NoHome => say!(language, "failure-no-home"),
        Failure::NotEmpty(path) => say!(language, "failure-not-empty", path = path.display().to_string()),
        Failure::Folder { path, source } => {
            say!(language, "failure-unusable", path = path.display().to_string(), why = source.to_string())
        }
        Failure::Runtime(error) => say!(language, "failure-runtime", why = error.to_string()),
        Failure::NoTerminal => say!(language, "failure-no-terminal"),
        Failure::Interrupted => say!(language, "failure-interrupted"),
        Failure::Stream(error) => say!(language, "failure-stream", why = error.to_string()),
    }
}

fn key(language: Language, error: &KeyError) -> String {
    match error {
        KeyError::Missing(path) => say!(language, "key-missing", path = path.display().to_string()),
        KeyError::Damaged(path) => say!(language, "key-damaged", path = path.display().to_string()),
        KeyError::Both(path) => say!(language, "key-both", path = path.display().to_string()),
        KeyError::EmptyPassphrase => say!(language, "key-empty-passphrase"),
        KeyError::File { path, source } => {
            say!(language, "failure-unusable", path = path.display().to_string(), why = source.to_string())
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
        NodeError::Network(error) => say!(language, "node-network", why = error.to_string()),
        NodeError::AddressUnusable { address, reason, .. } => {
            say!(language, "node-address-unusable", address = address.to_string(), why = reason)
        }
        NodeError::GenerationUnreadable(error) => {
            say!(language, "node-generation-unreadable", why = error.to_string())
        }
        NodeError::StorageFailed => say!(language, "node-storage-failed"),
        NodeError::Paused => say!(language, "node-paused"),
        NodeError::Stopped => say!(language, "node-stopped"),
        NodeError::Timeout { what, waited_ms } => {
            say!(language, "node-timeout", what, milliseconds = waited_ms)
        }
        NodeError::NoConversation { host } => say!(language, "node-no-conversation", host = host.to_string()),
        error => error.to_string(),
    }
}

fn command(language: Language, error: &CommandError) -> String {
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
        CommandError::UnknownMessage { message } => {
            say!(language, "command-unknown-message", message = message.to_string())
        }
        CommandError::BadUri { reason } => say!(language, "command-bad-uri", why = one_line(reason)),
        CommandError::Busy => say!(language, "command-busy"),
        error => error.to_string(),
    }
}

/// What an error is about, of which the engine knows the English name.
fn noun(language: Language, what: &str) -> String {
    match what {
        "alias" => say!(language, "noun-alias"),
        "greeting" => say!(language, "noun-greeting"),
        "text" => say!(language, "noun-text"),
        other => other.to_owned(),
    }
}

fn store(language: Language, error: &StoreError) -> String {
    match error {
        StoreError::KeyMissing => say!(language, "store-key-missing"),
        StoreError::KeyUnavailable => say!(language, "store-key-unavailable"),
        StoreError::WrongKey => say!(language, "store-wrong-key"),
        StoreError::NewerSchema { found, supported } => say!(language, "store-newer-schema", found, supported),
        StoreError::Damaged { detail } => say!(language, "store-damaged", why = detail),
        StoreError::InUse => say!(language, "store-in-use"),
        StoreError::NotWritable { detail } => say!(language, "store-not-writable", why = detail),
        StoreError::DiskFull => say!(language, "store-disk-full"),
        StoreError::Io { detail } => say!(language, "store-io", why = detail),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use permesso_node::{HostId, MessageId};

    use super::*;

    fn host() -> HostId {
        "00000000-0000-8000-8000-000000000001".parse().unwrap()
    }

    fn why() -> String {
        "for a reason".into()
    }

    fn of_the_host() -> Vec<NodeError> {
        vec![
            NodeError::PortInUse { port: 20_070, address: [127, 0, 0, 1].into() },
            NodeError::NoInterface,
            NodeError::Network(io::Error::other("for a reason")),
            NodeError::AddressUnusable {
                address: [127, 0, 0, 1].into(),
                cause: permesso_node::Cause::Failed,
                reason: why(),
            },
            NodeError::GenerationUnreadable(io::Error::other("for a reason")),
            NodeError::StorageFailed,
            NodeError::Paused,
            NodeError::Stopped,
            NodeError::Timeout { what: "leaving", waited_ms: 2_000 },
            NodeError::NoConversation { host: host() },
        ]
    }

    fn of_the_engine() -> Vec<CommandError> {
        vec![
            CommandError::TooLong { what: "text", length: 5_000, limit: 4_096 },
            CommandError::TooLong { what: "greeting", length: 300, limit: 280 },
            CommandError::Empty { what: "alias" },
            CommandError::UnknownHost { host: host() },
            CommandError::NotAFriend { host: host() },
            CommandError::Oneself,
            CommandError::TooManyAsks { limit: 100 },
            CommandError::UnknownMessage { message: MessageId([7; 16]) },
            CommandError::BadUri { reason: why() },
            CommandError::Busy,
        ]
    }

    fn of_the_store() -> Vec<StoreError> {
        vec![
            StoreError::KeyMissing,
            StoreError::KeyUnavailable,
            StoreError::WrongKey,
            StoreError::NewerSchema { found: 9, supported: 1 },
            StoreError::Damaged { detail: why() },
            StoreError::InUse,
            StoreError::NotWritable { detail: why() },
            StoreError::DiskFull,
            StoreError::Io { detail: why() },
        ]
    }

    #[test]
    fn the_english_words_are_those_of_the_libraries() {
        let errors = of_the_engine().into_iter().map(NodeError::Command);
        let errors = errors.chain(of_the_store().into_iter().map(NodeError::Store)).chain(of_the_host());
        for error in errors {
            assert_eq!(node(Language::English, &error), error.to_string());
        }
    }

    #[test]
    fn a_limit_is_named_with_both_numbers_in_either_language() {
        let error = NodeError::Command(CommandError::TooLong { what: "text", length: 5_000, limit: 4_096 });
        assert_eq!(node(Language::Italian, &error), "troppo lungo (testo): 5000 byte, il limite è 4096; accorcialo");
        assert!(node(Language::English, &error).contains("the limit is 4096"));
    }
}
