//! What is carried for others.

use permesso_node::CustodyView;

use super::{Language, say};

/// What this host does for others and how much of it there is now, in whole sentences.
pub(crate) fn lines(language: Language, custody: &CustodyView) -> Vec<String> {
    let role = match custody {
        CustodyView { carry: false, .. } => say!(language, "carrying-off"),
        CustodyView { server: true, .. } => say!(language, "carrying-server"),
        _ => say!(language, "carrying-on"),
    };
    let mut lines = vec![role, stock(language, custody)];
    if custody.depositors > 0 {
        lines.push(say!(language, "carrying-depositors", count = custody.depositors));
    }
    if custody.taken > 0 {
        lines.push(say!(language, "carrying-since", taken = custody.taken, delivered = custody.delivered));
    }
    lines
}

/// How much is here now, and how much may be.
pub(crate) fn stock(language: Language, custody: &CustodyView) -> String {
    let (used, most) = (size(custody.bytes), size(custody.bytes_max));
    say!(language, "carrying-stock", count = custody.envelopes, used, most)
}

/// Bytes as a number of MiB, to two digits after the point where they are no whole number of them.
pub(crate) fn mebibytes(bytes: u64) -> String {
    match (bytes >> 20, (bytes % (1 << 20)) * 100 / (1 << 20)) {
        (whole, 0) => whole.to_string(),
        (whole, hundredths) => format!("{whole}.{hundredths:02}"),
    }
}

/// Bytes in the unit that suits them.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        // One digit after the point says enough, and none where it would be a zero.
        Some((unit, name)) => match (bytes / unit, bytes % unit * 10 / unit) {
            (whole, 0) => format!("{whole} {name}"),
            (whole, tenths) => format!("{whole}.{tenths} {name}"),
        },
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(envelopes: u64, bytes: u64) -> CustodyView {
        CustodyView {
            carry: true,
            server: false,
            envelopes,
            bytes,
            envelopes_max: 20_000,
            bytes_max: 64 << 20,
            depositors: 0,
            taken: 0,
            delivered: 0,
        }
    }

    #[test]
    fn what_is_carried_is_told_with_its_cost_and_its_limit() {
        let nothing = carried(0, 0);
        assert_eq!(stock(Language::English, &nothing), "Now there is none; they may take 64 MiB.");
        let one = carried(1, 1_023);
        assert_eq!(stock(Language::English, &one), "Now there is 1, of 1023 B; they may take 64 MiB.");
        let many = CustodyView { depositors: 1, taken: 5, delivered: 2, ..carried(3, 2_900) };
        assert_eq!(
            lines(Language::English, &many),
            [
                "Carries messages of others, sealed, to their recipients.",
                "Now there are 3, of 2.8 KiB; they may take 64 MiB.",
                "1 host handed them over.",
                "Since the start 5 were taken, and 2 proved delivered."
            ]
        );
        assert_eq!(
            lines(Language::Italian, &CustodyView { carry: false, server: true, depositors: 2, ..many })[..3],
            [
                "Non prende messaggi di altri; quelli che ha restano per i destinatari.",
                "Ora sono 3, di 2.8 KiB; possono occupare 64 MiB.",
                "Li hanno affidati 2 host."
            ]
        );
        let server = CustodyView { server: true, ..nothing };
        assert_eq!(
            lines(Language::English, &server)[0],
            "Is a persistent server: keeps messages, sealed, for everybody."
        );
    }
}
