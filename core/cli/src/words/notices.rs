//! What a user should know, as the host notices it.

use permesso_node::api::Notice;
use permesso_node::{HostId, NodeNotice};

use super::{Language, errors, people, say};

/// A notice of the engine in plain words; `name` names a host.
pub(crate) fn of_engine(language: Language, notice: &Notice, name: impl Fn(&HostId) -> String) -> String {
    match notice {
        Notice::HistoryDropped { host, .. } => say!(language, "notice-history-dropped", name = name(host)),
        Notice::OutboxDropped { host, .. } => say!(language, "notice-outbox-dropped", name = name(host)),
        Notice::MessagesLost { host, count } => {
            say!(language, "notice-messages-lost", name = name(host), count)
        }
        Notice::HeldDropped { host } => say!(language, "notice-held-dropped", name = name(host)),
        Notice::CopyRestored => people::restored_copy(language),
        Notice::EncryptionReset { host } => say!(language, "notice-encryption-reset", name = name(host)),
        Notice::FriendAsksAgain { host } => say!(language, "notice-asks-again", name = name(host)),
        Notice::CodeShared { host, other } => {
            say!(language, "notice-code-shared", name = name(host), other = name(other))
        }
        Notice::AskExpired { host } => say!(language, "notice-ask-expired", name = name(host)),
        Notice::AskRefused { host } => say!(language, "refused-by", name = name(host)),
        Notice::NoPort => say!(language, "notice-no-port"),
    }
}

/// A notice of the node in plain words, if the user needs to know.
pub(crate) fn of_node(language: Language, notice: &NodeNotice) -> Option<String> {
    match notice {
        NodeNotice::Missed { .. } => None,
        NodeNotice::StorageFailed { reason } => {
            Some(say!(language, "notice-storage-failed", why = errors::store(language, reason)))
        }
        NodeNotice::GenerationNotKept { reason } => Some(say!(language, "notice-generation-not-kept", why = reason)),
        NodeNotice::Restored => Some(say!(language, "notice-restored")),
        NodeNotice::AddressUnusable { address, reason, .. } => {
            Some(say!(language, "node-address-unusable", address = address.to_string(), why = reason))
        }
    }
}
