use std::io;
use std::mem::Discriminant;
use std::path::PathBuf;

use permesso_node::{AliasClaim, FriendState, HostId, MessageId, Millis, Setting};

use super::*;
use crate::key::KeyringError;

fn host() -> HostId {
    "00000000-0000-8000-8000-000000000001".parse().unwrap()
}

fn why() -> String {
    "for a reason".into()
}

fn path() -> PathBuf {
    "/home/ada/permesso".into()
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
        NodeError::HostLink(io::Error::other("for a reason")),
        NodeError::Randomness(why()),
        NodeError::Restore(RestoreError::Newer),
    ]
}

/// What the engine itself says of settings that have a range.
fn out_of_range() -> impl Iterator<Item = CommandError> {
    let wrong = [
        Setting::Port(0),
        Setting::HistoryLimit(0),
        Setting::OutboxLimit(0),
        Setting::OutboxExpiry(Millis(0)),
        Setting::CarryBytes(0),
    ];
    wrong.into_iter().map(|setting| setting.checked().unwrap_err())
}

fn of_the_engine() -> Vec<CommandError> {
    let mut all = vec![
        CommandError::TooLong { what: "text", length: 5_000, limit: 4_096 },
        CommandError::TooLong { what: "greeting", length: 300, limit: 280 },
        CommandError::TooLong { what: "name", length: 300, limit: 64 },
        CommandError::Empty { what: "alias" },
        CommandError::OutOfRange { what: "the outbox limit", range: "less than messages.marks_max" },
        CommandError::OutOfRange { what: "the prefix of an IPv4 address", range: "0 to 32 bits" },
        CommandError::OutOfRange { what: "the prefix of an IPv6 address", range: "0 to 128 bits" },
        CommandError::UnknownHost { host: host() },
        CommandError::NotAFriend { host: host() },
        CommandError::Oneself,
        CommandError::TooManyAsks { limit: 100 },
        CommandError::ServerCarries,
        CommandError::UnknownMessage { message: MessageId([7; 16]) },
        CommandError::BadUri { reason: UriError::BadToken },
        CommandError::Busy,
    ];
    all.extend(out_of_range());
    all
}

fn of_the_store() -> Vec<StoreError> {
    vec![
        StoreError::KeyMissing,
        StoreError::KeyUnavailable,
        StoreError::WrongKey,
        StoreError::NewerSchema { found: 9, supported: 1 },
        StoreError::InUse,
        StoreError::NotWritable { detail: why() },
        StoreError::DiskFull,
        StoreError::Io { detail: why() },
        StoreError::Rejected { detail: why() },
        StoreError::Closed,
        StoreError::ChangedMeanwhile,
    ]
}

fn of_account_files() -> Vec<ArchiveError> {
    vec![
        ArchiveError::NotAnAccount,
        ArchiveError::Newer { found: 2, supported: 1 },
        ArchiveError::WrongPassphrase,
        ArchiveError::EmptyPassphrase,
        ArchiveError::Damaged { detail: why() },
        ArchiveError::AccountExists { directory: path() },
        ArchiveError::FileExists { path: path() },
        ArchiveError::File(io::Error::other("for a reason")),
        ArchiveError::Cancelled,
    ]
}

fn of_the_configuration() -> Vec<ConfigError> {
    let out_of_range = |expected| ConfigError::OutOfRange {
        path: Some(path()),
        line: Some(3),
        key: "links.forward_max".into(),
        expected: Box::new(expected),
        found: "65".into(),
    };
    vec![
        ConfigError::Unreadable { path: path(), source: io::Error::other("for a reason") },
        ConfigError::Invalid { path: Some(path()), line: 3, reason: why() },
        ConfigError::UnknownKey { path: None, line: Some(3), key: "host.qqq".into(), nearest: None },
        ConfigError::UnknownKey {
            path: None,
            line: None,
            key: "host.alais".into(),
            nearest: Some("host.alias".into()),
        },
        out_of_range(Expected::Range("1".into(), "64".into())),
        out_of_range(Expected::Number("1".into(), "64".into())),
        out_of_range(Expected::Span("1s".into(), "1d".into())),
        out_of_range(Expected::Spans { count: 3, least: "0ms".into(), most: "1m".into() }),
        out_of_range(Expected::AliasLength),
        out_of_range(Expected::Alias),
        out_of_range(Expected::Visibility),
        out_of_range(Expected::Flag),
        out_of_range(Expected::Interfaces),
        out_of_range(Expected::Peers),
        out_of_range(Expected::Address),
        out_of_range(Expected::MoreThanOutbox { most: 10_000_000 }),
        out_of_range(Expected::LessThanMarks { marks: 100_000 }),
        out_of_range(Expected::Section("host".into())),
    ]
}

/// Said in the terminal with a command to type, of which the libraries know nothing.
fn of_the_command_alone() -> Vec<Failure> {
    let keys = [
        KeyError::Missing(path()),
        KeyError::Damaged(path()),
        KeyError::Exposed { path: path(), mode: 0o644 },
        KeyError::Both(path()),
        KeyError::PassphraseWanted,
        KeyError::EmptyPassphrase,
        KeyError::NotInKeyring { home: path(), source: KeyringError::NotThere },
        KeyError::KeyringUnavailable(KeyringError::Unavailable(why())),
        KeyError::Unreadable { path: path(), source: io::Error::other("for a reason") },
        KeyError::File { path: path(), source: io::Error::other("for a reason") },
        KeyError::Store(StoreError::InUse),
    ];
    let names = [
        NameError::Unknown { name: "Ada".into() },
        NameError::Ambiguous { name: "Ada".into(), candidates: Vec::new() },
    ];
    let claim = AliasClaim {
        host: host(),
        alias: "Ada".into(),
        flags: Vec::new(),
        friend: permesso_node::FriendState::Unknown,
    };
    let mut all = vec![
        Failure::Node(NodeError::Store(StoreError::Damaged { detail: why() })),
        Failure::Node(NodeError::Restore(RestoreError::Damaged { table: "friend", row: 3 })),
        Failure::Node(NodeError::Command(CommandError::WrongState { host: host(), state: FriendState::Ended })),
        Failure::NobodyAnswers("Ada".into()),
        Failure::SeveralClaim(vec![claim]),
        Failure::NoHome,
        Failure::NotEmpty(path()),
        Failure::StatusAddress {
            address: "127.0.0.1:20071".parse().unwrap(),
            source: io::Error::other("for a reason"),
        },
        Failure::NoServer(path()),
        Failure::ServerSilent("for a reason".into()),
        Failure::Folder { path: path(), source: io::Error::other("for a reason") },
        Failure::Runtime(io::Error::other("for a reason")),
        Failure::NoAccount(path()),
        Failure::DatabaseGone(path()),
        Failure::FileExists(path()),
        Failure::NoPassphrase,
        Failure::PassphrasesDiffer,
        Failure::PassphraseShort(8),
        Failure::NotConfirmed,
        Failure::Interrupted,
        Failure::Stream(io::Error::other("for a reason")),
    ];
    all.extend(keys.map(Failure::Key));
    all.extend(names.map(Failure::Name));
    all
}

/// Errors that both a library and the command have English words for.
fn of_the_libraries() -> Vec<Failure> {
    let node = of_the_engine().into_iter().map(NodeError::Command);
    let node = node.chain(of_the_store().into_iter().map(NodeError::Store)).chain(of_the_host());
    let node = node.chain(of_account_files().into_iter().map(NodeError::Archive));
    node.map(Failure::Node).chain(of_the_configuration().into_iter().map(Failure::Config)).collect()
}

#[test]
fn the_english_words_are_those_of_the_libraries() {
    for failure in of_the_libraries() {
        assert_eq!(failure.text(Language::English), failure.to_string());
    }
}

#[test]
fn every_error_is_said_in_both_languages() {
    for failure in of_the_libraries().into_iter().chain(of_the_command_alone()) {
        let (english, italian) = (failure.text(Language::English), failure.text(Language::Italian));
        assert!(english.len() > 9 && italian.len() > 9, "{failure:?}");
        assert_ne!(english, italian, "{failure:?}");
        // What fills a gap comes from the system; all around it is one's own language.
        let words = italian.replace("for a reason", "");
        for foreign in [" the ", " is ", " not ", " and ", " must "] {
            assert!(!words.contains(foreign), "{italian}");
        }
    }
}

#[test]
fn no_variant_of_the_errors_is_left_out_of_these_tests() {
    fn count<T>(all: &[T]) -> usize {
        let kinds: Vec<Discriminant<T>> = all.iter().map(std::mem::discriminant).collect();
        kinds.iter().enumerate().filter(|(index, kind)| !kinds[..*index].contains(kind)).count()
    }
    // The words of each are a match without a rest, so that a new variant is not forgotten there; nor is it here.
    assert_eq!(count(&of_the_store()), 12 - 1, "all but Damaged");
    assert_eq!(count(&of_the_engine()), 12 - 1, "all but WrongState");
    assert_eq!(count(&of_account_files()), 10 - 1, "all but Store");
    assert_eq!(count(&of_the_configuration()), 4);
    assert_eq!(
        count(&of_the_host()),
        16 - 4 + 1,
        "all but those that stand for others, and a record that cannot be read"
    );
    let keys = |failure: Failure| if let Failure::Key(error) = failure { Some(error) } else { None };
    assert_eq!(count(&of_the_command_alone().into_iter().filter_map(keys).collect::<Vec<_>>()), 11);
    assert_eq!(count(&of_the_command_alone()), 22 - 1, "all but Config");
}

#[test]
fn a_limit_is_named_with_both_numbers_in_either_language() {
    let error = NodeError::Command(CommandError::TooLong { what: "text", length: 5_000, limit: 4_096 });
    assert_eq!(node(Language::Italian, &error), "troppo lungo (testo): 5000 byte, il limite è 4096; accorcialo");
    assert!(node(Language::English, &error).contains("the limit is 4096"));
}

#[test]
fn the_technical_side_is_the_library_s_words_and_what_caused_them() {
    let source = io::Error::other("for a reason");
    let failure = Failure::Node(NodeError::Network(source));
    assert_eq!(failure.causes(), ["the network cannot be used: for a reason", "for a reason"]);
    assert!(!failure.text(Language::Italian).contains("network"));
}

#[test]
fn what_the_system_refuses_is_said_without_its_numbers_and_with_what_to_do() {
    for number in [2, 13, 17, 20, 21, 28, 30, 36] {
        let error = io::Error::from_raw_os_error(number);
        let (english, italian) = (io(Language::English, &error), io(Language::Italian, &error));
        assert!(!english.contains("os error") && !italian.contains("os error"), "{english} {italian}");
        assert_ne!(english, italian);
    }
}

#[test]
fn what_is_wrong_with_a_code_or_a_file_is_said_in_either_language() {
    let reasons = [
        UriError::TooLong { length: 9_000 },
        UriError::OtherScheme,
        UriError::BadKey { length: 3 },
        UriError::BadAlias,
        UriError::BadToken,
        UriError::BadCertificate,
        UriError::BadAddress,
        UriError::TooManyAddresses,
        UriError::BadParameter { parameter: "token".into() },
    ];
    for reason in reasons {
        assert_eq!(uri(Language::English, &reason), reason.to_string());
        assert_ne!(uri(Language::Italian, &reason), reason.to_string());
    }
    for detail in ["the file is cut off", "the file is empty", "its last part is missing or was changed"] {
        assert_eq!(damage(Language::English, detail), detail);
        assert_ne!(damage(Language::Italian, detail), detail);
    }
}
