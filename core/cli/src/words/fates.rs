//! The five words for a message's fate.

use permesso_node::MessageState;
use permesso_node::api::FailReason;

use super::{Language, say};

/// The word for a fate.
pub(crate) fn word(language: Language, state: &MessageState) -> String {
    match state {
        MessageState::Queued => say!(language, "Waiting", "In attesa"),
        MessageState::Held => say!(language, "Held", "In custodia"),
        MessageState::Delivered => say!(language, "Delivered", "Consegnato"),
        MessageState::Read => say!(language, "Read", "Letto"),
        MessageState::Failed { .. } => say!(language, "Not delivered", "Non consegnato"),
    }
}

/// Why a message failed.
pub(crate) fn reason(language: Language, reason: FailReason) -> String {
    match reason {
        FailReason::Expired => say!(language, "its time ran out", "il suo tempo è scaduto"),
        FailReason::FriendshipEnded => say!(language, "the friendship ended", "l'amicizia è finita"),
        FailReason::Cancelled => say!(language, "it was cancelled", "è stato annullato"),
        FailReason::OutboxFull => {
            say!(language, "too many messages were waiting", "troppi messaggi erano in attesa")
        }
    }
}

/// The fate of a message just sent to `name`, as a sentence.
pub(crate) fn sentence(language: Language, state: &MessageState, name: &str) -> String {
    match state {
        MessageState::Queued => say!(
            language,
            "Waiting: stored here; it will leave when this host and {name} meet.",
            "In attesa: salvato qui; partirà quando questo host e {name} si incontrano."
        ),
        MessageState::Held => say!(
            language,
            "Held: others took a copy for {name}.",
            "In custodia: altri ne hanno preso una copia per {name}."
        ),
        MessageState::Delivered => say!(language, "Delivered to {name}.", "Consegnato a {name}."),
        MessageState::Read => say!(language, "Read by {name}.", "Letto da {name}."),
        MessageState::Failed { reason: why } => {
            let why = reason(language, *why);
            say!(language, "Not delivered to {name}: {why}.", "Non consegnato a {name}: {why}.")
        }
    }
}
