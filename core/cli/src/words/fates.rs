//! The five words for a message's fate.

use permesso_node::api::FailReason;
use permesso_node::{MessageId, MessageState};

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

/// The word for a fate, with the reason if it failed.
pub(crate) fn word_and_reason(language: Language, state: &MessageState) -> String {
    match state {
        MessageState::Failed { reason: why } => format!("{}: {}", word(language, state), reason(language, *why)),
        state => word(language, state),
    }
}

/// What can be done about a message that has not arrived, if anything.
pub(crate) fn hint(language: Language, state: &MessageState, message: MessageId) -> Option<String> {
    let message = message.to_string();
    match state {
        MessageState::Queued | MessageState::Held => Some(say!(language, "fate-hint-queued", message)),
        MessageState::Failed { reason: FailReason::FriendshipEnded } => None,
        MessageState::Failed { .. } => Some(say!(language, "fate-hint-failed", message)),
        MessageState::Delivered | MessageState::Read => None,
    }
}

/// Why a message failed.
fn reason(language: Language, reason: FailReason) -> String {
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
