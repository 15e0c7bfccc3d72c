//! The five words for a message's fate.

use permesso_node::api::FailReason;
use permesso_node::{HolderView, MessageId, MessageState};

use super::{Language, say};
use crate::printing::{one_line, short};

/// Above a message before which one is missing.
pub(crate) fn gap(language: Language) -> String {
    say!(language, "message-gap")
}

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

/// The word for a fate, with who holds the message, or the reason if it failed.
pub(crate) fn word_and_reason(language: Language, state: &MessageState, holders: &[HolderView]) -> String {
    match state {
        MessageState::Held => held_by(language, holders),
        MessageState::Failed { reason: why } => format!("{}: {}", word(language, state), reason(language, *why)),
        state => word(language, state),
    }
}

/// Who holds a message: the first by name, the others counted.
fn held_by(language: Language, holders: &[HolderView]) -> String {
    let count = holders.len();
    match holders.first() {
        Some(first) if first.server => {
            say!(language, "fate-held-by-server", holder = holder_name(first), others = count - 1)
        }
        Some(first) if first.alias.is_some() => {
            say!(language, "fate-held-by", holder = holder_name(first), others = count - 1)
        }
        _ => say!(language, "fate-held-by-hosts", count),
    }
}

/// One of those who hold a message, named alone.
pub(crate) fn holder(language: Language, holder: &HolderView) -> String {
    let name = holder_name(holder);
    if holder.server { say!(language, "holder-server", name) } else { name }
}

/// The name of a holder; where it may mislead, with the beginning of its id.
fn holder_name(holder: &HolderView) -> String {
    match &holder.alias {
        Some(alias) if holder.flags.is_empty() => one_line(alias),
        Some(alias) => format!("{} ({})", one_line(alias), short(holder.host)),
        None => short(holder.host),
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
pub(crate) fn sentence(language: Language, state: &MessageState, holders: &[HolderView], name: &str) -> String {
    match state {
        MessageState::Queued => say!(language, "fate-sentence-queued", name),
        MessageState::Held => say!(language, "fate-sentence-held", held = held_by(language, holders), name),
        MessageState::Delivered => say!(language, "fate-sentence-delivered", name),
        MessageState::Read => say!(language, "fate-sentence-read", name),
        MessageState::Failed { reason: why } => {
            say!(language, "fate-sentence-failed", name, why = reason(language, *why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use permesso_node::api::NameFlag;

    fn held(number: u32, alias: Option<&str>, server: bool) -> HolderView {
        let host = format!("{number:08x}-0000-8000-8000-000000000000").parse().unwrap();
        HolderView { host, alias: alias.map(Into::into), flags: Vec::new(), server }
    }

    fn says(holders: &[HolderView]) -> [String; 2] {
        [Language::English, Language::Italian].map(|language| word_and_reason(language, &MessageState::Held, holders))
    }

    #[test]
    fn who_holds_a_message_is_named_and_the_others_are_counted() {
        let server = held(1, Some("Library"), true);
        let phone = held(2, Some("Grace's phone"), false);
        let other = held(3, None, false);
        assert_eq!(
            says(std::slice::from_ref(&server)),
            ["Held by server Library", "In custodia presso il server Library"]
        );
        assert_eq!(says(std::slice::from_ref(&phone)), ["Held by Grace's phone", "In custodia presso Grace's phone"]);
        let two = [server, phone.clone()];
        assert_eq!(
            says(&two),
            ["Held by server Library and 1 other", "In custodia presso il server Library e un altro"]
        );
        let four = [phone, other.clone(), other.clone(), other.clone()];
        assert_eq!(says(&four), ["Held by Grace's phone and 3 others", "In custodia presso Grace's phone e altri 3"]);
        assert_eq!(says(std::slice::from_ref(&other)), ["Held by another host", "In custodia presso un altro host"]);
        assert_eq!(says(&[other.clone(), other]), ["Held by 2 other hosts", "In custodia presso altri 2 host"]);
        assert_eq!(says(&[]), ["Held by others", "In custodia presso altri"]);
        let sentence = sentence(Language::English, &MessageState::Held, &two, "Linus");
        assert_eq!(sentence, "Held by server Library and 1 other until Linus is here.");
    }

    #[test]
    fn a_name_that_may_mislead_is_told_with_its_id() {
        let flagged = HolderView { flags: vec![NameFlag::SameAsFriend], ..held(7, Some("Gra\u{202e}ce"), false) };
        assert_eq!(says(std::slice::from_ref(&flagged))[0], "Held by Gra\\u{202e}ce (00000007)");
        assert_eq!(holder(Language::Italian, &held(8, None, true)), "il server 00000008");
    }
}
