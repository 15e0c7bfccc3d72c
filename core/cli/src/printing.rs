//! What comes from other hosts, made safe for a terminal.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Local};
use permesso_node::{Wall, names};
use serde::Serialize;

use crate::failure::Failure;

/// `text` in one line: control characters, which could drive the terminal, and those that [hide](names::hidden) or reorder
/// text are written as their code, line breaks as `⏎`.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut hidden = names::hidden(text).peekable();
    for (at, c) in text.char_indices() {
        let hides = hidden.next_if_eq(&at).is_some();
        match c {
            '\n' => line.push('⏎'),
            '\t' => line.push(' '),
            c if hides || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string does not fail.
                let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line
}

/// A moment as UTC: `2026-11-24 04:05`.
pub(crate) fn moment(wall: Wall) -> String {
    const DAY: u64 = 86_400_000;
    let (days, rest) = (wall.0 / DAY, wall.0 % DAY);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", rest / 3_600_000, rest / 60_000 % 60)
}

/// The same as the user's clock on the wall shows it.
pub(crate) fn local_moment(wall: Wall) -> String {
    let utc = i64::try_from(wall.0).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::UNIX_EPOCH);
    utc.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string()
}

/// This moment.
pub(crate) fn now() -> Wall {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Wall(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The Gregorian date of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// A new file that only its owner reads.
///
/// # Errors
/// `FileExists` if there is one of that name.
pub(crate) fn new_file(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::FileExists(path.to_owned()),
        _ => Failure::unusable(path)(error),
    })
}

/// Writes a line to standard output at once.
///
/// # Errors
/// When nobody reads any more.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// Writes one JSON object as a line.
///
/// # Errors
/// When nobody reads any more.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string(value).map_err(io::Error::other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_or_hides_text_is_shown_as_its_code() {
        assert_eq!(one_line("Ciao,\nZoë 🎉"), "Ciao,⏎Zoë 🎉");
        assert_eq!(one_line("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
        assert_eq!(one_line("a\u{202e}b\u{200b}c"), "a\\u{202e}b\\u{200b}c");
        assert_eq!(one_line("Ada\u{ad}\u{3164}"), "Ada\\u{ad}\\u{3164}");
        assert_eq!(one_line("👨\u{200d}💻 می\u{200c}خواهم 🏳\u{fe0f}"), "👨\u{200d}💻 می\u{200c}خواهم 🏳\u{fe0f}");
    }

    #[test]
    fn moments_are_dates_of_the_gregorian_calendar() {
        assert_eq!(moment(Wall(0)), "1970-01-01 00:00");
        assert_eq!(moment(Wall(951_782_400_000)), "2000-02-29 00:00");
        assert_eq!(moment(Wall(1_795_493_112_345)), "2026-11-24 04:05");
    }
}
