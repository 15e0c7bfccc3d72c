//! The ONE simulator's contact trace: `<seconds> CONN <address> <address> up|down`, in the order of time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::lines::{Lines, address, moment};
use super::problem::{Problem, TraceError};

/// Two hosts come into reach of each other, or go out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When, in milliseconds from second 0.
    pub at: u64,
    /// The host that was named first when the contact began: it dials.
    pub first: u32,
    /// The other.
    pub second: u32,
    /// Whether the contact begins.
    pub up: bool,
}

/// The changes of a trace, read as they are asked for. A pair may be up more than once, with several radios: only the first
/// up and the last down are changes.
pub struct ContactTrace {
    lines: Lines,
    line: String,
    last: u64,
    /// By lower and higher address: how often the pair is up, and who was named first.
    open: BTreeMap<(u32, u32), (u32, u32)>,
}

/// What a trace is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The addresses in it.
    pub hosts: BTreeSet<u32>,
    /// How many contacts there are, those of several radios counted once.
    pub contacts: u64,
    /// The moment of its last line, in milliseconds.
    pub last: u64,
}

impl ContactTrace {
    /// Opens a trace, plain or gzip.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        Ok(Self::of(Lines::open(path)?))
    }

    fn of(lines: Lines) -> Self {
        Self { lines, line: String::new(), last: 0, open: BTreeMap::new() }
    }

    /// Reads a trace to its end.
    ///
    /// # Errors
    /// The file cannot be read, or a line is wrong.
    pub fn survey(path: &Path) -> Result<Survey, TraceError> {
        let mut survey = Survey::default();
        for change in Self::open(path)? {
            let Change { at, first, second, up } = change?;
            survey.hosts.extend([first, second]);
            survey.contacts += u64::from(up);
            survey.last = at;
        }
        Ok(survey)
    }

    fn read(&mut self) -> Result<Option<Change>, TraceError> {
        while self.lines.next(&mut self.line)? {
            let Line { at, first, second, up } = parse(&self.line).map_err(|problem| self.lines.error(problem))?;
            if at < self.last {
                return Err(self.lines.error(Problem::Backwards));
            }
            self.last = at;
            let pair = (first.min(second), first.max(second));
            match self.open.get_mut(&pair) {
                None if up => {
                    self.open.insert(pair, (1, first));
                    return Ok(Some(Change { at, first, second, up }));
                }
                None => return Err(self.lines.error(Problem::NotOpen)),
                Some((count, _)) if up => *count += 1,
                Some((count, _)) if *count > 1 => *count -= 1,
                Some((_, dials)) => {
                    let first = *dials;
                    self.open.remove(&pair);
                    return Ok(Some(Change { at, first, second: pair.0 ^ pair.1 ^ first, up }));
                }
            }
        }
        Ok(None)
    }
}

impl Iterator for ContactTrace {
    type Item = Result<Change, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

struct Line {
    at: u64,
    first: u32,
    second: u32,
    up: bool,
}

fn parse(line: &str) -> Result<Line, Problem> {
    let mut words = line.split_ascii_whitespace();
    let (Some(at), Some("CONN"), Some(first), Some(second), Some(way), None) =
        (words.next(), words.next(), words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Problem::NoContact);
    };
    let (at, first, second) = (moment(at)?, address(first)?, address(second)?);
    let up = match way {
        "up" => true,
        "down" => false,
        _ => return Err(Problem::NoContact),
    };
    if first == second { Err(Problem::SameHost) } else { Ok(Line { at, first, second, up }) }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn read(bytes: impl Into<Vec<u8>>) -> Result<Vec<Change>, TraceError> {
        let lines = Lines::of(Path::new("t.txt"), Cursor::new(bytes.into())).unwrap();
        ContactTrace::of(lines).collect()
    }

    fn change(at: u64, first: u32, second: u32, up: bool) -> Change {
        Change { at, first, second, up }
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn a_contact_begins_and_ends_where_the_lines_say_whichever_host_they_name_first() {
        let found = read("# a trace\n0.10 CONN 19 3 up\r\n\n12.349 CONN 3 19 down\n").unwrap();
        assert_eq!(found, [change(100, 19, 3, true), change(12_349, 19, 3, false)]);
    }

    #[test]
    fn a_pair_that_is_up_twice_has_one_contact_that_ends_with_the_last_down() {
        let text = "1 CONN 1 2 up\n2 CONN 2 1 up\n3 CONN 1 2 down\n4 CONN 1 2 down\n5 CONN 2 1 up\n";
        let found = read(text).unwrap();
        assert_eq!(found, [change(1_000, 1, 2, true), change(4_000, 1, 2, false), change(5_000, 2, 1, true)]);
    }

    #[test]
    fn the_letters_of_a_group_are_ignored() {
        assert_eq!(read("7 CONN p1 tram120 up").unwrap(), [change(7_000, 1, 120, true)]);
    }

    #[test]
    fn a_gzip_file_of_several_parts_is_read_like_a_plain_one() {
        let (one, two) = ("1 CONN 1 2 up\n", "2 CONN 1 2 down\n");
        let parts = [gzip(one), gzip(two)].concat();
        assert_eq!(read(parts).unwrap(), read([one, two].concat()).unwrap());
    }

    #[test]
    fn a_gzip_file_cut_short_is_an_error() {
        let whole = gzip(&"1 CONN 1 2 up\n1 CONN 1 2 down\n".repeat(100));
        let cut = read(&whole[..whole.len() / 2]);
        assert!(matches!(cut, Err(TraceError::Unreadable { .. })), "{cut:?}");
    }

    #[test]
    fn a_wrong_line_is_named_with_its_number_and_what_was_expected() {
        let cases = [
            ("1 CONN 1 2", Problem::NoContact),
            ("1 CONN 1 2 up 3", Problem::NoContact),
            ("1 MEET 1 2 up", Problem::NoContact),
            ("1 CONN 1 2 sideways", Problem::NoContact),
            ("-1 CONN 1 2 up", Problem::NoMoment),
            ("NaN CONN 1 2 up", Problem::NoMoment),
            ("1e99 CONN 1 2 up", Problem::NoMoment),
            ("0.5 CONN 1 2 up", Problem::Backwards),
            ("1 CONN 1 65536 up", Problem::NoAddress),
            ("1 CONN 1 c up", Problem::NoAddress),
            ("1 CONN c1 p1 up", Problem::SameHost),
            ("1 CONN 1 2 down", Problem::NotOpen),
        ];
        for (wrong, expected) in cases {
            let text = format!("# heading\n1 CONN 5 6 up\n{wrong}\n");
            match read(text) {
                Err(TraceError::Line { path, line: 3, problem }) => {
                    assert_eq!((path.as_path(), problem), (Path::new("t.txt"), expected), "{wrong}");
                }
                other => panic!("{wrong}: {other:?}"),
            }
        }
        let says = read("1 CONN 1 2 up\n1 CONN 1 3 down").unwrap_err().to_string();
        assert_eq!(says, "t.txt, line 2: expected `up`: these two have no contact that could end");
    }

    #[test]
    fn what_is_no_text_or_has_no_end_is_an_error_and_not_read_into_memory() {
        for bytes in [vec![0xff; 100], vec![b'1'; 1 << 20]] {
            let found = read(bytes);
            assert!(matches!(found, Err(TraceError::Line { line: 1, problem: Problem::NoText, .. })), "{found:?}");
        }
    }
}
