//! What the doctor says: each thing it looked at, why it is so, and what to do.

use permesso_node::{Cause, Finding, Subject, Verdict};

use super::{Language, say};

/// A day, in which clocks are compared.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What was looked at.
pub(crate) fn subject(language: Language, subject: Subject) -> String {
    match subject {
        Subject::Address => say!(language, "doctor-address"),
        Subject::Broadcast => say!(language, "doctor-broadcast"),
        Subject::MulticastV4 => say!(language, "doctor-multicast-v4"),
        Subject::MulticastV6 => say!(language, "doctor-multicast-v6"),
        Subject::Remembered => say!(language, "doctor-remembered"),
        Subject::Given => say!(language, "doctor-given"),
        Subject::Sweep => say!(language, "doctor-sweep"),
        Subject::HostLink => say!(language, "doctor-host-link"),
        Subject::Clock => say!(language, "doctor-clock"),
    }
}

/// Whether it works.
pub(crate) fn verdict(language: Language, verdict: Verdict) -> String {
    match verdict {
        Verdict::Works => say!(language, "doctor-works"),
        Verdict::DoesNotWork => say!(language, "doctor-does-not-work"),
        Verdict::Unknown => say!(language, "doctor-unknown"),
    }
}

/// Why. `name` is whom the answer is from.
pub(crate) fn why(language: Language, finding: &Finding, name: &str, port: u16) -> String {
    let detail = finding.detail.as_deref().unwrap_or_default();
    match (finding.cause, finding.subject) {
        (Cause::Fine, Subject::Clock) => say!(language, "doctor-why-clock-agrees"),
        (Cause::Fine, _) => say!(language, "doctor-why-present"),
        (Cause::Answered, _) => {
            let address = finding.answer.as_ref().map_or_else(String::new, |answer| answer.address.to_string());
            say!(language, "doctor-why-answered", name, address)
        }
        (Cause::NobodyAnswered, Subject::Clock) => say!(language, "doctor-why-nobody-to-compare"),
        (Cause::NobodyAnswered, _) => say!(language, "doctor-why-nobody-answered"),
        (Cause::OthersAnswered, _) => say!(language, "doctor-why-others-answered"),
        (Cause::NotHeardHere, _) => say!(language, "doctor-why-not-heard-here"),
        (Cause::NoAddress, Subject::Broadcast | Subject::MulticastV4 | Subject::Sweep) => {
            say!(language, "doctor-why-no-v4")
        }
        (Cause::NoAddress, Subject::MulticastV6) => say!(language, "doctor-why-no-v6"),
        (Cause::NoAddress, _) => say!(language, "doctor-why-no-address"),
        (Cause::LoopbackOnly, _) => say!(language, "doctor-why-loopback-only"),
        (Cause::NothingToTry, Subject::Remembered) => say!(language, "doctor-why-nothing-remembered"),
        (Cause::NothingToTry, _) => say!(language, "doctor-why-nothing-given"),
        (Cause::NotNeeded, _) => say!(language, "doctor-why-not-needed"),
        (Cause::NetworkTooLarge, _) => say!(language, "doctor-why-network-too-large"),
        (Cause::SwitchedOff, _) => say!(language, "doctor-why-switched-off"),
        (Cause::NotPresent, _) => say!(language, "doctor-why-not-present"),
        (Cause::PortTaken, _) => say!(language, "doctor-why-port-taken", port = port.to_string()),
        (Cause::NoPermission, _) => say!(language, "doctor-why-no-permission"),
        (Cause::NoRoute, _) => say!(language, "doctor-why-no-route"),
        (Cause::NotToEverybody, _) => say!(language, "doctor-why-not-to-everybody"),
        (Cause::InterfaceDown, _) => say!(language, "doctor-why-interface-down"),
        (Cause::Failed, _) => say!(language, "doctor-why-failed", detail),
        (Cause::ClockTooEarly, _) => say!(language, "doctor-why-clock-too-early"),
        (Cause::ClockDiffers, _) => {
            let days = finding.others_ahead.unwrap_or_default().unsigned_abs() / DAY_MS;
            say!(language, "doctor-why-clock-differs", days)
        }
    }
}

/// What to do, if there is something.
pub(crate) fn advice(language: Language, finding: &Finding, port: u16) -> Option<String> {
    let advice = match (finding.cause, finding.subject) {
        (Cause::Fine | Cause::Answered | Cause::NotNeeded, _) => return None,
        (Cause::NobodyAnswered, Subject::Remembered | Subject::Clock) => return None,
        (Cause::NothingToTry, Subject::Remembered) => return None,
        (Cause::NobodyAnswered, _) => say!(language, "doctor-do-start-another"),
        (Cause::OthersAnswered, _) => say!(language, "doctor-do-network-drops"),
        (Cause::NotHeardHere, _) => say!(language, "doctor-do-own-firewall", port = port.to_string()),
        (Cause::NoAddress | Cause::LoopbackOnly, Subject::Address) => say!(language, "doctor-do-connect"),
        (Cause::NoAddress | Cause::LoopbackOnly, _) => say!(language, "doctor-do-not-needed"),
        (Cause::NothingToTry | Cause::NetworkTooLarge, _) => say!(language, "doctor-do-give-address"),
        (Cause::SwitchedOff, _) => say!(language, "doctor-do-switch-on"),
        (Cause::NotPresent, _) => say!(language, "doctor-do-address-first"),
        (Cause::PortTaken, _) => say!(language, "doctor-do-free-port"),
        (Cause::NoPermission, _) => say!(language, "doctor-do-permission"),
        (Cause::NoRoute | Cause::InterfaceDown | Cause::Failed, _) => say!(language, "doctor-do-connect"),
        (Cause::NotToEverybody, _) => say!(language, "doctor-do-wait-for-sweep"),
        (Cause::ClockTooEarly | Cause::ClockDiffers, _) => say!(language, "doctor-do-set-clock"),
    };
    Some(advice)
}

/// At least one way leads to others.
pub(crate) fn somebody(language: Language) -> String {
    say!(language, "doctor-somebody")
}

/// Nobody answered.
pub(crate) fn nobody(language: Language) -> String {
    say!(language, "doctor-nobody")
}

/// This host itself cannot be present.
pub(crate) fn broken(language: Language) -> String {
    say!(language, "doctor-broken")
}
