//! Why a command was not carried out, for programs: a code that stays, and a text for people.

use permesso_node::{
    ArchiveError, CommandError, ContactError, ContactNews, HostId, ImportedContact, NodeError, StoreError,
};
use serde::Serialize;

use super::input::LINE_MAX;
use crate::failure::Failure;
use crate::names::{Candidate, NameError};
use crate::words::{Language, errors};

/// The `error` of a reply.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Candidate>,
}

impl Problem {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), candidates: Vec::new() }
    }

    /// A line that is not a JSON object.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new("malformed", message)
    }

    /// A line that is too long to be looked at.
    pub(super) fn line_too_long() -> Self {
        Self::new("malformed", format!("a line has at most {LINE_MAX} bytes"))
    }

    /// A command that does not exist.
    pub(super) fn unknown_command(message: impl Into<String>) -> Self {
        Self::new("unknown_command", message)
    }

    /// A command with a field missing, unknown or of another type.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid", message)
    }
}

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        let message = errors::name(Language::English, &error);
        match error {
            NameError::Unknown { .. } => Self::new("unknown_name", message),
            NameError::Ambiguous { candidates, .. } => Self { candidates, ..Self::new("ambiguous_name", message) },
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Node(error) => error.into(),
            other => Self::new("store", errors::failure(Language::English, &other)),
        }
    }
}

impl From<NodeError> for Problem {
    fn from(error: NodeError) -> Self {
        Self::new(code(&error), error.to_string())
    }
}

fn code(error: &NodeError) -> &'static str {
    match error {
        NodeError::Command(error) => command_code(error),
        NodeError::Config(_) => "config",
        NodeError::PortInUse { .. } => "port_in_use",
        NodeError::NoInterface => "no_interface",
        NodeError::Network(_) => "network",
        NodeError::AddressUnusable { .. } => "address_unusable",
        NodeError::Store(StoreError::InUse) => "in_use",
        NodeError::Store(StoreError::DiskFull) => "disk_full",
        NodeError::Archive(ArchiveError::FileExists { .. }) => "file_exists",
        NodeError::Archive(ArchiveError::EmptyPassphrase) => "empty",
        NodeError::Store(_) | NodeError::Restore(_) | NodeError::Archive(_) => "store",
        NodeError::GenerationUnreadable(_) => "generation_unreadable",
        NodeError::StorageFailed => "storage_failed",
        NodeError::Paused => "paused",
        NodeError::Stopped => "stopped",
        NodeError::Timeout { .. } => "timeout",
        NodeError::NoConversation { .. } => "no_conversation",
        NodeError::HostLink(_) => "host_link",
        NodeError::Randomness(_) => "randomness",
    }
}

/// The host a card names, and in a word what became of it.
pub(crate) fn code_of_contact(contact: &ImportedContact) -> (Option<HostId>, &'static str) {
    match &contact.result {
        Ok((host, ContactNews::Added)) => (Some(*host), "added"),
        Ok((host, ContactNews::Known)) => (Some(*host), "known"),
        Err(ContactError::Unfinished) => (None, "unfinished"),
        Err(ContactError::NoUri) => (None, "no_uri"),
        Err(ContactError::Refused(error)) => (None, command_code(error)),
    }
}

fn command_code(error: &CommandError) -> &'static str {
    match error {
        CommandError::TooLong { .. } => "too_long",
        CommandError::Empty { .. } => "empty",
        CommandError::OutOfRange { .. } => "out_of_range",
        CommandError::UnknownHost { .. } => "unknown_host",
        CommandError::NotAFriend { .. } => "not_a_friend",
        CommandError::WrongState { .. } => "wrong_state",
        CommandError::Oneself => "oneself",
        CommandError::TooManyAsks { .. } => "too_many_asks",
        CommandError::ServerCarries => "server_carries",
        CommandError::UnknownMessage { .. } => "unknown_message",
        CommandError::BadUri { .. } => "bad_uri",
        CommandError::Busy => "busy",
    }
}
