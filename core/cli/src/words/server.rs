//! A persistent server and its status page.

use permesso_node::{CarryingView, Wall};

use super::{Language, say};
use crate::printing::moment;

/// A server runs here.
pub(crate) fn runs(language: Language, alias: &str) -> String {
    say!(language, "server-runs", alias)
}

/// A server runs, and since when.
pub(crate) fn runs_since(language: Language, alias: &str, started: Wall) -> String {
    say!(language, "server-runs-since", alias, when = moment(started))
}

/// Before its id.
pub(crate) fn id(language: Language) -> String {
    say!(language, "server-id")
}

/// Before its addresses.
pub(crate) fn present_on(language: Language) -> String {
    say!(language, "server-present-on")
}

/// Before its `permesso:` URI.
pub(crate) fn code(language: Language) -> String {
    say!(language, "server-code")
}

/// Before the address of its page.
pub(crate) fn status_page(language: Language) -> String {
    say!(language, "server-status-page")
}

/// Before the file of the token.
pub(crate) fn token(language: Language) -> String {
    say!(language, "server-token")
}

/// It runs and does not answer.
pub(crate) fn too_slow(language: Language) -> String {
    say!(language, "server-too-slow")
}

/// The numbers with their names.
pub(crate) fn rows(language: Language, carrying: &CarryingView) -> Vec<(String, String)> {
    let count = |count: u64| number(language, count);
    vec![
        (say!(language, "server-waiting"), of(language, &count(carrying.envelopes), &count(carrying.envelopes_max))),
        (storage_name(language), storage(language, carrying)),
        (say!(language, "server-deposits"), count(carrying.deposits)),
        (say!(language, "server-deliveries"), count(carrying.deliveries)),
        (say!(language, "server-refused"), count(carrying.refused)),
        (say!(language, "server-expired"), count(carrying.expired)),
        (say!(language, "server-hosts"), count(carrying.hosts_online)),
        (say!(language, "server-servers"), count(carrying.servers_online)),
        (say!(language, "server-links"), count(carrying.links)),
    ]
}

/// What the measure of the storage is called.
pub(crate) fn storage_name(language: Language) -> String {
    say!(language, "server-storage")
}

fn storage(language: Language, carrying: &CarryingView) -> String {
    of(language, &size(language, carrying.bytes), &size(language, carrying.storage_bytes))
}

fn of(language: Language, part: &str, whole: &str) -> String {
    say!(language, "server-of", part, whole)
}

/// A number with its thousands apart.
pub(crate) fn number(language: Language, number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(match language {
                Language::English => ',',
                Language::Italian => '.',
            });
        }
        text.push(digit);
    }
    text
}

/// A number of bytes.
pub(crate) fn size(language: Language, bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut whole, mut unit) = (bytes as f64 / 1_024.0, 0);
    while whole >= 1_023.95 && unit + 1 < UNITS.len() {
        (whole, unit) = (whole / 1_024.0, unit + 1);
    }
    let unit = UNITS.get(unit).copied().unwrap_or_default();
    let text = format!("{whole:.1} {unit}");
    match language {
        Language::English => text,
        Language::Italian => text.replace('.', ","),
    }
}

/// Words of the page.
pub(crate) mod page {
    use super::{Language, say};

    /// Its title.
    pub(crate) fn title(language: Language, alias: &str) -> String {
        say!(language, "page-title", alias)
    }

    /// Above the numbers of now.
    pub(crate) fn numbers(language: Language) -> String {
        say!(language, "page-numbers")
    }

    /// Above the numbers since the start.
    pub(crate) fn since(language: Language, when: &str) -> String {
        say!(language, "page-since", when)
    }

    /// Above the plot.
    pub(crate) fn activity(language: Language) -> String {
        say!(language, "page-activity")
    }

    /// Of the bars.
    pub(crate) fn deposits(language: Language) -> String {
        say!(language, "page-deposits")
    }

    /// Of the line.
    pub(crate) fn deliveries(language: Language) -> String {
        say!(language, "page-deliveries")
    }

    /// Of the column of hosts.
    pub(crate) fn hosts(language: Language) -> String {
        say!(language, "page-hosts")
    }

    /// The plot in words.
    pub(crate) fn plot(language: Language, span: &str, deposits: &str, deliveries: &str) -> String {
        say!(language, "page-plot", span, deposits, deliveries)
    }

    /// The right end of the plot.
    pub(crate) fn now(language: Language) -> String {
        say!(language, "page-now")
    }

    /// A moment before now, as the plot's left end and the table name it.
    pub(crate) fn ago(language: Language, span: &str) -> String {
        say!(language, "page-ago", span)
    }

    /// A span of the plot.
    pub(crate) fn minutes(language: Language, minutes: u64) -> String {
        say!(language, "page-minutes", minutes)
    }

    /// A longer one.
    pub(crate) fn hours(language: Language, hours: u64) -> String {
        say!(language, "page-hours", hours)
    }

    /// A very short one.
    pub(crate) fn seconds(language: Language, seconds: u64) -> String {
        say!(language, "page-seconds", seconds)
    }

    /// What opens the table.
    pub(crate) fn as_table(language: Language) -> String {
        say!(language, "page-as-table")
    }

    /// Of the column of times.
    pub(crate) fn when(language: Language) -> String {
        say!(language, "page-when")
    }

    /// There is nothing in the table.
    pub(crate) fn nothing(language: Language) -> String {
        say!(language, "page-nothing")
    }

    /// Above the doctor's findings.
    pub(crate) fn network(language: Language) -> String {
        say!(language, "page-network")
    }

    /// Who answered the doctor; the page names nobody.
    pub(crate) fn somebody(language: Language) -> String {
        say!(language, "page-somebody")
    }

    /// When the doctor looked.
    pub(crate) fn examined(language: Language, when: &str) -> String {
        say!(language, "page-examined", when)
    }

    /// The doctor has not looked yet.
    pub(crate) fn not_examined(language: Language) -> String {
        say!(language, "page-not-examined")
    }

    /// Loads the page again.
    pub(crate) fn again(language: Language) -> String {
        say!(language, "page-again")
    }

    /// How often it loads by itself, and that times are UTC.
    pub(crate) fn by_itself(language: Language, when: &str) -> String {
        say!(language, "page-by-itself", when)
    }

    /// What a server sees.
    pub(crate) fn sealed(language: Language) -> String {
        say!(language, "page-sealed")
    }

    /// The choice of spans, for those who hear the page.
    pub(crate) fn choose_span(language: Language) -> String {
        say!(language, "page-choose-span")
    }

    /// The choice of languages, likewise.
    pub(crate) fn choose_language(language: Language) -> String {
        say!(language, "page-choose-language")
    }

    /// The page is not for everybody.
    pub(crate) fn token_wanted(language: Language) -> String {
        say!(language, "page-token-wanted")
    }

    /// That was not the token.
    pub(crate) fn token_wrong(language: Language) -> String {
        say!(language, "page-token-wrong")
    }

    /// What is to be typed.
    pub(crate) fn token(language: Language) -> String {
        say!(language, "page-token")
    }

    /// Shows the page.
    pub(crate) fn open(language: Language) -> String {
        say!(language, "page-open")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes_are_written_as_each_language_does() {
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::Italian, 12_345), "12.345");
        assert_eq!(number(Language::Italian, 999), "999");
        assert_eq!(size(Language::English, 1_023), "1023 B");
        assert_eq!(size(Language::English, 1_536), "1.5 KiB");
        assert_eq!(size(Language::Italian, 4 << 30), "4,0 GiB");
        assert_eq!(size(Language::English, (1 << 20) - 1), "1.0 MiB");
    }
}
