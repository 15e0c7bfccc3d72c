//! The demonstration.

use super::{Language, say};
use crate::demo::story::Step;

/// Before the first step.
pub(crate) fn opening(language: Language) -> String {
    say!(
        language,
        "Three hosts on this machine, with real sockets and real storage:",
        "Tre host su questa macchina, con socket veri e dati veri su disco:"
    )
}

/// What happens in a step.
pub(crate) fn sentence(language: Language, step: Step) -> String {
    match step {
        Step::Start => say!(
            language,
            "Ada, Grace and Linus start, each with its own keys",
            "Ada, Grace e Linus partono, ognuno con le sue chiavi"
        ),
        Step::Meet => say!(language, "They meet: each sees the two others", "Si incontrano: ognuno vede gli altri due"),
        Step::Search => say!(language, "Ada searches for \"gra\" and finds Grace", "Ada cerca \"gra\" e trova Grace"),
        Step::Stranger => say!(
            language,
            "Ada sees Linus, but cannot write to a stranger",
            "Ada vede Linus, ma a un estraneo non si scrive"
        ),
        Step::Ask => say!(language, "Ada asks Grace to be friends", "Ada chiede l'amicizia a Grace"),
        Step::Accept => say!(
            language,
            "Grace says yes; both see the same safety number",
            "Grace dice di sì; il numero di sicurezza è lo stesso"
        ),
        Step::Chat => say!(language, "They chat, both ways", "Chiacchierano, nei due sensi"),
        Step::Namesake => say!(
            language,
            "Linus calls himself Grace: Ada sees two claims",
            "Linus si fa chiamare Grace: Ada vede due host"
        ),
        Step::Away => say!(language, "Grace goes offline", "Grace va offline"),
        Step::Wait => say!(language, "Ada writes to her; the message waits", "Ada le scrive; il messaggio aspetta"),
        Step::Restart => say!(
            language,
            "Ada restarts too; the message still waits",
            "Anche Ada riparte; il messaggio aspetta ancora"
        ),
        Step::Back => say!(language, "Grace comes back", "Grace torna"),
        Step::Delivered => {
            say!(language, "The message arrives, and Ada has the proof", "Il messaggio arriva, e Ada ne ha la prova")
        }
    }
}

/// The state a step reaches, for people.
pub(crate) fn state(language: Language, step: Step) -> String {
    match step {
        Step::Start => say!(language, "ready", "pronti"),
        Step::Meet | Step::Back => say!(language, "online", "online"),
        Step::Search => say!(language, "found", "trovata"),
        Step::Stranger => say!(language, "refused", "rifiutato"),
        Step::Ask => say!(language, "asked", "richiesta"),
        Step::Accept => say!(language, "friends", "amiche"),
        Step::Chat | Step::Delivered => say!(language, "delivered", "consegnato"),
        Step::Namesake => say!(language, "two claims", "due omonimi"),
        Step::Away => say!(language, "offline", "offline"),
        Step::Wait | Step::Restart => say!(language, "waiting", "in attesa"),
    }
}

/// Instead of the state, when a step did not happen.
pub(crate) fn not_happened(language: Language) -> String {
    say!(language, "FAILED", "NON RIUSCITO")
}

/// Every step happened.
pub(crate) fn happy_end(language: Language, seconds: &str) -> String {
    say!(language, "Every step really happened, in {seconds} s.", "Tutto è successo davvero, in {seconds} s.")
}

/// A step did not happen.
pub(crate) fn sad_end(language: Language) -> String {
    say!(
        language,
        "The story stops here. `permesso -v demo --keep DIR` says more and keeps the homes.",
        "La storia si ferma qui. `permesso -v demo --keep DIR` dice di più e conserva le cartelle."
    )
}

/// Where the homes stay.
pub(crate) fn kept(language: Language, folder: &str) -> String {
    say!(
        language,
        "The homes are in {folder}: try `permesso inbox --all --home {folder}/ada`.",
        "Le cartelle sono in {folder}: prova `permesso inbox --all --home {folder}/ada`."
    )
}

/// A step took too long.
pub(crate) fn late(language: Language, seen: &str) -> String {
    say!(
        language,
        "It did not happen in time. Seen instead: {seen}",
        "Non è successo in tempo. Si è visto invece: {seen}"
    )
}

/// Something else happened.
pub(crate) fn different(language: Language, seen: &str) -> String {
    say!(language, "Something else happened: {seen}", "È successo altro: {seen}")
}

/// The digits that both see.
pub(crate) fn safety(language: Language, number: &str) -> String {
    let start: String = number.chars().take(12).collect();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    say!(language, "{start}… ({digits} digits, to be compared)", "{start}… ({digits} cifre, da confrontare)")
}

/// The port of a conversation.
pub(crate) fn conversation(language: Language, port: u16) -> String {
    say!(language, "on a conversation port of its own, {port}", "su una porta propria della conversazione, {port}")
}

/// Ada's request.
pub(crate) fn greeting(language: Language) -> &'static str {
    match language {
        Language::English => "It is me, from the library",
        Language::Italian => "Sono io, quella della biblioteca",
    }
}

/// Ada's first message.
pub(crate) fn question(language: Language) -> &'static str {
    match language {
        Language::English => "Ciao Grace! Tea at five?",
        Language::Italian => "Ciao Grace! Un tè alle cinque?",
    }
}

/// Grace's answer.
pub(crate) fn answer(language: Language) -> &'static str {
    match language {
        Language::English => "With pleasure. I bring the cake",
        Language::Italian => "Volentieri. La torta la porto io",
    }
}

/// The message that waits.
pub(crate) fn waiting(language: Language) -> &'static str {
    match language {
        Language::English => "Are you on your way? I saved you a seat",
        Language::Italian => "Stai arrivando? Ti ho tenuto il posto",
    }
}
