//! Hosts, friends and their requests.

use permesso_node::FriendState;
use permesso_node::api::NameFlag;

use super::{Language, say};

/// Where we stand with a host.
pub(crate) fn friend_state(language: Language, state: FriendState) -> String {
    match state {
        FriendState::Unknown => say!(language, "friend-state-unknown"),
        FriendState::RequestSent => say!(language, "friend-state-request-sent"),
        FriendState::RequestReceived => say!(language, "friend-state-request-received"),
        FriendState::Friend => say!(language, "friend-state-friend"),
        FriendState::Ended => say!(language, "friend-state-ended"),
    }
}

/// Whether a host is here.
pub(crate) fn presence(language: Language, online: bool) -> String {
    if online { say!(language, "presence-here") } else { say!(language, "presence-away") }
}

/// The host that speaks.
pub(crate) fn this_host(language: Language) -> String {
    say!(language, "special-local")
}

/// What to look out for in a name.
pub(crate) fn flag(language: Language, flag: NameFlag) -> String {
    match flag {
        NameFlag::SameAsFriend => say!(language, "flag-same-as-friend"),
        NameFlag::LooksLikeFriend => say!(language, "flag-looks-like-friend"),
        NameFlag::MixedScripts => say!(language, "flag-mixed-scripts"),
        NameFlag::InvisibleOrBidi => say!(language, "flag-hidden-characters"),
    }
}

/// What a friend list says besides the state.
pub(crate) fn unread(language: Language, count: u32) -> String {
    say!(language, "unread", count)
}

/// The safety numbers were compared.
pub(crate) fn verified(language: Language) -> String {
    say!(language, "verified")
}

/// It asked with a code of ours.
pub(crate) fn has_code(language: Language) -> String {
    say!(language, "has-code")
}

/// Nothing is heard of it.
pub(crate) fn blocked(language: Language) -> String {
    say!(language, "blocked")
}

/// The friend list is empty.
pub(crate) fn nobody(language: Language) -> String {
    say!(language, "nobody-yet")
}

/// Nobody was heard.
pub(crate) fn nobody_heard(language: Language) -> String {
    say!(language, "nobody-heard")
}

/// Nothing is unread.
pub(crate) fn nothing_new(language: Language) -> String {
    say!(language, "nothing-new")
}

/// No message contains what was searched for.
pub(crate) fn nothing_found(language: Language) -> String {
    say!(language, "nothing-found")
}

/// Before one's own messages.
pub(crate) fn me(language: Language) -> String {
    say!(language, "me")
}

/// They are friends now.
pub(crate) fn friends_now(language: Language, name: &str) -> String {
    say!(language, "friends-now", name)
}

/// The request waits for its answer.
pub(crate) fn not_answered(language: Language, name: &str) -> String {
    say!(language, "not-answered", name)
}

/// The answer was no.
pub(crate) fn refused_by(language: Language, name: &str) -> String {
    say!(language, "refused-by", name)
}

/// We said no.
pub(crate) fn refused(language: Language, name: &str) -> String {
    say!(language, "refused", name)
}

/// Nobody of that name asked.
pub(crate) fn no_request(language: Language, name: &str) -> String {
    say!(language, "no-request", name)
}

/// The answer is stored and has not left.
pub(crate) fn answer_waits(language: Language, name: &str) -> String {
    say!(language, "answer-waits", name)
}

/// Above the digits that two friends compare.
pub(crate) fn safety_numbers(language: Language) -> String {
    say!(language, "safety-numbers")
}

/// A host was made.
pub(crate) fn new_host(language: Language, folder: &str, alias: &str) -> String {
    say!(language, "new-host", folder, alias)
}

/// The data is an older copy.
pub(crate) fn restored_copy(language: Language) -> String {
    say!(language, "restored-copy")
}

/// Title of the packets.
pub(crate) fn packets_title(language: Language) -> String {
    say!(language, "packets-title")
}

/// Title of the counts.
pub(crate) fn counters_title(language: Language) -> String {
    say!(language, "counters-title")
}

/// There is nothing in a list.
pub(crate) fn none(language: Language) -> String {
    say!(language, "none")
}
