//! The five words for a message's fate.

use permesso_node::MessageState;
use permesso_node::api::FailReason;

use super::{Language, say};

/// The word for a fate.
pub(crate) fn word(language: Language, state: &MessageState) -> String {
    match state {
        MessageState::Queued => say!(language, "fate-queued"),
        MessageState::Held => say!(language, "fate-held"),
        MessageState::Delivered => say!(language, "fate-delivered"),
        MessageState::Read => say!(language, "fate-read"),
        MessageState::Failed { .. } => say!(language, "fate-failed"),
    }
}

/// Why a message failed.
pub(crate) fn reason(language: Language, reason: FailReason) -> String {
    match reason {
        FailReason::Expired => say!(language, "reason-expired"),
        FailReason::FriendshipEnded => say!(language, "reason-friendship-ended"),
        FailReason::Cancelled => say!(language, "reason-cancelled"),
        FailReason::OutboxFull => say!(language, "reason-outbox-full"),
    }
}

/// The fate of a message just sent to `name`, as a sentence.
pub(crate) fn sentence(language: Language, state: &MessageState, name: &str) -> String {
    match state {
        MessageState::Queued => say!(language, "fate-sentence-queued", name),
        MessageState::Held => say!(language, "fate-sentence-held", name),
        MessageState::Delivered => say!(language, "fate-sentence-delivered", name),
        MessageState::Read => say!(language, "fate-sentence-read", name),
        MessageState::Failed { reason: why } => {
            say!(language, "fate-sentence-failed", name, why = reason(language, *why))
        }
    }
}
