//! The demonstration.

use super::{Language, say};
use crate::demo::story::Step;

/// Before the first step.
pub(crate) fn opening(language: Language) -> String {
    say!(language, "story-opening")
}

/// What happens in a step.
pub(crate) fn sentence(language: Language, step: Step) -> String {
    match step {
        Step::Start => say!(language, "story-start"),
        Step::Meet => say!(language, "story-meet"),
        Step::Search => say!(language, "story-search"),
        Step::Stranger => say!(language, "story-stranger"),
        Step::Ask => say!(language, "story-ask"),
        Step::Accept => say!(language, "story-accept"),
        Step::Chat => say!(language, "story-chat"),
        Step::Namesake => say!(language, "story-namesake"),
        Step::Away => say!(language, "story-away"),
        Step::Wait => say!(language, "story-wait"),
        Step::Restart => say!(language, "story-restart"),
        Step::Back => say!(language, "story-back"),
        Step::Delivered => say!(language, "story-delivered"),
        Step::Befriend => say!(language, "story-befriend"),
        Step::Leave => say!(language, "story-leave"),
        Step::Carried => say!(language, "story-carried"),
        Step::Proved => say!(language, "story-proved"),
        Step::Server => say!(language, "story-server"),
        Step::Held => say!(language, "story-held"),
        Step::Collected => say!(language, "story-collected"),
    }
}

/// The state a step reaches, for people.
pub(crate) fn state(language: Language, step: Step) -> String {
    match step {
        Step::Start => say!(language, "story-state-ready"),
        Step::Meet | Step::Back | Step::Server => say!(language, "story-state-online"),
        Step::Search => say!(language, "story-state-found"),
        Step::Stranger => say!(language, "story-state-refused"),
        Step::Ask => say!(language, "story-state-asked"),
        Step::Accept | Step::Befriend => say!(language, "story-state-friends"),
        Step::Leave => say!(language, "story-state-handed-on"),
        Step::Carried | Step::Collected => say!(language, "story-state-received"),
        Step::Held => say!(language, "story-state-held"),
        Step::Chat | Step::Delivered | Step::Proved => say!(language, "story-state-delivered"),
        Step::Namesake => say!(language, "story-state-two-claims"),
        Step::Away => say!(language, "story-state-offline"),
        Step::Wait | Step::Restart => say!(language, "story-state-waiting"),
    }
}

/// Instead of the state, when a step did not happen.
pub(crate) fn not_happened(language: Language) -> String {
    say!(language, "story-not-happened")
}

/// Every step happened.
pub(crate) fn happy_end(language: Language, seconds: &str) -> String {
    say!(language, "story-happy-end", seconds)
}

/// A step did not happen.
pub(crate) fn sad_end(language: Language) -> String {
    say!(language, "story-sad-end")
}

/// Where the homes stay.
pub(crate) fn kept(language: Language, folder: &str) -> String {
    say!(language, "story-kept", folder)
}

/// A step took too long.
pub(crate) fn late(language: Language, seen: &str) -> String {
    say!(language, "story-late", seen)
}

/// Something else happened.
pub(crate) fn different(language: Language, seen: &str) -> String {
    say!(language, "story-different", seen)
}

/// The digits that both see.
pub(crate) fn safety(language: Language, number: &str) -> String {
    let start: String = number.chars().take(12).collect();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    say!(language, "story-safety", start, digits)
}

/// The port of a conversation.
pub(crate) fn conversation(language: Language, port: u16) -> String {
    say!(language, "story-conversation", port)
}

/// Ada's request.
pub(crate) fn greeting(language: Language) -> String {
    say!(language, "story-says-greeting")
}

/// Ada's first message.
pub(crate) fn question(language: Language) -> String {
    say!(language, "story-says-question")
}

/// Grace's answer.
pub(crate) fn answer(language: Language) -> String {
    say!(language, "story-says-answer")
}

/// The message that waits.
pub(crate) fn waiting(language: Language) -> String {
    say!(language, "story-says-waiting")
}

/// The message that is handed on.
pub(crate) fn handed_on(language: Language) -> String {
    say!(language, "story-says-handed-on")
}

/// The message that the server keeps.
pub(crate) fn kept_for(language: Language) -> String {
    say!(language, "story-says-kept")
}

/// Who holds a message.
pub(crate) fn holder(language: Language, name: &str, host: &str, server: bool) -> String {
    if server { say!(language, "story-holder-server", name, host) } else { say!(language, "story-holder", name, host) }
}
