//! The five words for a message's fate.

use permesso_node::api::{FailReason, NameFlag};
use permesso_node::{FullReason, FullServerView, HistoryMessage, HolderView, HostId, MessageId, MessageState};

use super::{Language, say};
use crate::printing::one_line;

/// Where a message of ours is.
#[derive(Clone, Copy)]
pub(crate) struct Whereabouts<'a> {
    pub(crate) state: &'a MessageState,
    /// While it is held: who took a copy.
    pub(crate) holders: &'a [HolderView],
    /// Servers that had no room for it.
    pub(crate) full: &'a [FullServerView],
}

impl<'a> From<&'a HistoryMessage> for Whereabouts<'a> {
    fn from(message: &'a HistoryMessage) -> Self {
        Self { state: &message.state, holders: &message.holders, full: &message.full }
    }
}

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

/// The word for a fate, with who holds the message, who had no room for it, or the reason if it failed.
pub(crate) fn word_and_reason(language: Language, message: Whereabouts<'_>) -> String {
    let Whereabouts { state, holders, full } = message;
    match state {
        MessageState::Queued if !full.is_empty() => format!("{}: {}", word(language, state), no_room(language, full)),
        MessageState::Held => held_by(language, holders),
        MessageState::Failed { reason: why } => format!("{}: {}", word(language, state), reason(language, *why)),
        state => word(language, state),
    }
}

/// Who had no room for a message: one by name, several counted.
fn no_room(language: Language, full: &[FullServerView]) -> String {
    match full {
        [one] => full_server(language, one),
        many => say!(language, "fate-full-servers", count = many.len()),
    }
}

/// A server that had no room for a message, and why.
pub(crate) fn full_server(language: Language, full: &FullServerView) -> String {
    let server = name_of(full.host, full.alias.as_deref(), &full.flags);
    match full.reason {
        FullReason::Storage => say!(language, "fate-full-storage", server),
        FullReason::Quota => say!(language, "fate-full-quota", server),
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
    name_of(holder.host, holder.alias.as_deref(), &holder.flags)
}

fn name_of(host: HostId, alias: Option<&str>, flags: &[NameFlag]) -> String {
    match alias {
        Some(alias) if flags.is_empty() => one_line(alias),
        Some(alias) => format!("{} ({})", one_line(alias), host.short()),
        None => host.short(),
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
pub(crate) fn sentence(language: Language, message: Whereabouts<'_>, name: &str) -> String {
    let Whereabouts { state, holders, full } = message;
    match state {
        MessageState::Queued if !full.is_empty() => {
            say!(language, "fate-sentence-queued-full", full = no_room(language, full), name)
        }
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
        let message = Whereabouts { state: &MessageState::Held, holders, full: &[] };
        [Language::English, Language::Italian].map(|language| word_and_reason(language, message))
    }

    fn no_room_at(full: &[FullServerView]) -> [String; 4] {
        let message = Whereabouts { state: &MessageState::Queued, holders: &[], full };
        let both = [Language::English, Language::Italian];
        let [short, long] = [
            both.map(|language| word_and_reason(language, message)),
            both.map(|language| sentence(language, message, "Linus")),
        ];
        [short, long].concat().try_into().unwrap()
    }

    #[test]
    fn a_server_without_room_is_named_with_what_it_lacks_and_is_no_holder() {
        let host = "00000001-0000-8000-8000-000000000000".parse().unwrap();
        let full = |reason| FullServerView { host, alias: Some("Library".into()), flags: Vec::new(), reason };
        let [english, italian, sentence, frase] = no_room_at(&[full(FullReason::Storage)]);
        assert_eq!(english, "Waiting: server Library is full");
        assert_eq!(italian, "In attesa: il server Library è pieno");
        assert_eq!(
            sentence,
            "Waiting here: server Library is full. It will leave when there is room, or when this host meets Linus, another server, or somebody who can carry it."
        );
        assert_eq!(
            frase,
            "In attesa qui: il server Library è pieno. Partirà quando ci sarà posto, o quando questo host incontra Linus, un altro server o qualcuno che può portarlo."
        );
        let [english, italian, ..] = no_room_at(&[full(FullReason::Quota)]);
        assert_eq!(english, "Waiting: server Library has as much of this host as it takes");
        assert_eq!(italian, "In attesa: il server Library ha già di questo host quanto ne accetta");
        let [english, italian, ..] = no_room_at(&[full(FullReason::Storage), full(FullReason::Quota)]);
        assert_eq!([english, italian], ["Waiting: 2 servers have no room", "In attesa: 2 server non hanno posto"]);
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
        let held = Whereabouts { state: &MessageState::Held, holders: &two, full: &[] };
        let sentence = sentence(Language::English, held, "Linus");
        assert_eq!(sentence, "Held by server Library and 1 other until Linus is here.");
    }

    #[test]
    fn a_name_that_may_mislead_is_told_with_its_id() {
        let flagged = HolderView { flags: vec![NameFlag::SameAsFriend], ..held(7, Some("Gra\u{202e}ce"), false) };
        assert_eq!(says(std::slice::from_ref(&flagged))[0], "Held by Gra\\u{202e}ce (00000007)");
        assert_eq!(holder(Language::Italian, &held(8, None, true)), "il server 00000008");
    }
}
