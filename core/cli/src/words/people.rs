//! Hosts, friends and their requests.

use permesso_node::FriendState;
use permesso_node::api::{NameFlag, SpecialHost};

use super::{Language, say};

/// Where we stand with a host.
pub(crate) fn friend_state(language: Language, state: FriendState) -> String {
    match state {
        FriendState::Unknown => say!(language, "stranger", "estraneo"),
        FriendState::RequestSent => say!(language, "asked", "richiesta inviata"),
        FriendState::RequestReceived => say!(language, "asks you", "ti ha chiesto l'amicizia"),
        FriendState::Friend => say!(language, "friend", "amico"),
        FriendState::Ended => say!(language, "ended", "amicizia finita"),
    }
}

/// Whether a host is here.
pub(crate) fn presence(language: Language, online: bool) -> String {
    if online { say!(language, "here", "qui") } else { say!(language, "away", "lontano") }
}

/// One of the three hosts everybody knows.
pub(crate) fn special(language: Language, special: SpecialHost) -> String {
    match special {
        SpecialHost::Local => say!(language, "this host", "questo host"),
        SpecialHost::Broadcast => say!(language, "everybody", "tutti"),
        SpecialHost::PersistentServer => say!(language, "any persistent server", "un server persistente qualsiasi"),
    }
}

/// What to look out for in a name.
pub(crate) fn flag(language: Language, flag: NameFlag) -> String {
    match flag {
        NameFlag::SameAsFriend => {
            say!(language, "has a friend's name but is another host", "ha il nome di un amico ma è un altro host")
        }
        NameFlag::LooksLikeFriend => {
            say!(
                language,
                "looks like a friend's name but is another host",
                "somiglia al nome di un amico ma è un altro host"
            )
        }
        NameFlag::MixedScripts => say!(language, "mixes alphabets", "mescola alfabeti"),
        NameFlag::InvisibleOrBidi => say!(language, "contains hidden characters", "contiene caratteri nascosti"),
    }
}

/// What a friend list says besides the state.
pub(crate) fn unread(language: Language, count: u32) -> String {
    say!(language, "{count} unread", "{count} da leggere")
}

/// The safety numbers were compared.
pub(crate) fn verified(language: Language) -> String {
    say!(language, "verified", "verificato")
}

/// Nothing is heard of it.
pub(crate) fn blocked(language: Language) -> String {
    say!(language, "blocked", "bloccato")
}

/// The friend list is empty.
pub(crate) fn nobody(language: Language) -> String {
    say!(
        language,
        "Nobody yet. `permesso ask --to NAME` asks somebody on this network.",
        "Ancora nessuno. `permesso ask --to NOME` chiede l'amicizia a qualcuno su questa rete."
    )
}

/// Nobody was heard.
pub(crate) fn nobody_heard(language: Language) -> String {
    say!(language, "Nobody else was heard.", "Non si è sentito nessun altro.")
}

/// Nothing is unread.
pub(crate) fn nothing_new(language: Language) -> String {
    say!(language, "Nothing new.", "Niente di nuovo.")
}

/// Before one's own messages.
pub(crate) fn me(language: Language) -> String {
    say!(language, "me", "io")
}

/// They are friends now.
pub(crate) fn friends_now(language: Language, name: &str) -> String {
    say!(language, "You and {name} are friends.", "Tu e {name} siete amici.")
}

/// The request waits for its answer.
pub(crate) fn not_answered(language: Language, name: &str) -> String {
    say!(
        language,
        "{name} has not answered yet; the request is stored and is sent again whenever you meet.",
        "{name} non ha ancora risposto; la richiesta è salvata e viene rimandata ogni volta che vi incontrate."
    )
}

/// The answer was no.
pub(crate) fn refused_by(language: Language, name: &str) -> String {
    say!(language, "{name} refused.", "{name} ha rifiutato.")
}

/// We said no.
pub(crate) fn refused(language: Language, name: &str) -> String {
    say!(language, "{name}'s request is refused.", "La richiesta di {name} è rifiutata.")
}

/// Nobody of that name asked.
pub(crate) fn no_request(language: Language, name: &str) -> String {
    say!(language, "No request from {name} yet.", "Ancora nessuna richiesta da {name}.")
}

/// The answer is stored and has not left.
pub(crate) fn answer_waits(language: Language, name: &str) -> String {
    say!(
        language,
        "The answer is stored and goes to {name} when you meet.",
        "La risposta è salvata e arriverà a {name} quando vi incontrate."
    )
}

/// Above the digits that two friends compare.
pub(crate) fn safety_numbers(language: Language) -> String {
    say!(
        language,
        "Safety numbers, to compare with each friend's screen:",
        "Numeri di sicurezza, da confrontare con lo schermo di ogni amico:"
    )
}

/// A host was made.
pub(crate) fn new_host(language: Language, folder: &str, alias: &str) -> String {
    say!(
        language,
        "A new host was made in {folder}; others know it as \"{alias}\" (--alias NAME changes that).",
        "È nato un nuovo host in {folder}; per gli altri si chiama \"{alias}\" (--alias NOME lo cambia)."
    )
}

/// Title of the packets.
pub(crate) fn packets_title(language: Language) -> String {
    say!(language, "Packets, newest last:", "Pacchetti, dal più vecchio:")
}

/// Title of the counts.
pub(crate) fn counters_title(language: Language) -> String {
    say!(language, "Dropped or refused:", "Scartati o rifiutati:")
}

/// There is nothing in a list.
pub(crate) fn none(language: Language) -> String {
    say!(language, "none", "nessuno")
}
