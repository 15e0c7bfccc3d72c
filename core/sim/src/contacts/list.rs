//! The ONE simulator's list of messages: `<seconds> <id> <bytes> <from> <to> <minutes of lifetime> N`, in the order of time.

use std::collections::BTreeSet;
use std::path::Path;

use permesso_engine::limits::{LIFETIME_MAX, TEXT_MAX};

use super::lines::{Lines, address, moment};
use super::problem::{Problem, TraceError};

/// A message somebody writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMessage {
    /// When, in milliseconds from second 0.
    pub at: u64,
    /// What the list calls it.
    pub name: String,
    /// How many bytes its text has.
    pub bytes: usize,
    /// Who writes it.
    pub from: u32,
    /// To whom.
    pub to: u32,
    /// When it is of no more use, in milliseconds from when it is written.
    pub lifetime: u64,
}

/// All messages of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageList {
    /// In the order in which they are written.
    pub messages: Vec<ListedMessage>,
}

impl MessageList {
    /// Reads a list, plain or gzip.
    ///
    /// # Errors
    /// The file cannot be read, or a line is wrong.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        Self::of(Lines::open(path)?)
    }

    fn of(mut lines: Lines) -> Result<Self, TraceError> {
        let (mut messages, mut line, mut last) = (Vec::new(), String::new(), 0);
        while lines.next(&mut line)? {
            let message = parse(&line).map_err(|problem| lines.error(problem))?;
            if message.at < last {
                return Err(lines.error(Problem::Backwards));
            }
            last = message.at;
            messages.push(message);
        }
        Ok(Self { messages })
    }

    /// The pairs that write to each other, the lower address first.
    pub fn pairs(&self) -> BTreeSet<(u32, u32)> {
        self.messages.iter().map(|message| (message.from.min(message.to), message.from.max(message.to))).collect()
    }
}

fn parse(line: &str) -> Result<ListedMessage, Problem> {
    let mut words = line.split_ascii_whitespace();
    let (Some(at), Some(name), Some(bytes), Some(from), Some(to), Some(minutes), Some("N"), None) = (
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ) else {
        return Err(Problem::NoMessage);
    };
    let (at, from, to) = (moment(at)?, address(from)?, address(to)?);
    let bytes = bytes.parse().ok().filter(|bytes| (1..=TEXT_MAX).contains(bytes)).ok_or(Problem::NoSize)?;
    let longest = u64::from(LIFETIME_MAX) / 60;
    let minutes: u64 =
        minutes.parse().ok().filter(|minutes| (1..=longest).contains(minutes)).ok_or(Problem::NoLifetime)?;
    if from == to {
        return Err(Problem::SameHost);
    }
    Ok(ListedMessage { at, name: name.to_owned(), bytes, from, to, lifetime: minutes * 60_000 })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(text: &str) -> Result<MessageList, TraceError> {
        MessageList::of(Lines::of(Path::new("m.txt"), Cursor::new(text.to_owned().into_bytes())).unwrap())
    }

    #[test]
    fn a_message_is_read_with_its_letters_left_out_and_its_minutes_as_milliseconds() {
        let list = read("# time  ID  size\n32.0000 M1 534 c42 c46 300 N\n58.25 M2 1 p3 p2 1 N\n").unwrap();
        let first = ListedMessage { at: 32_000, name: "M1".into(), bytes: 534, from: 42, to: 46, lifetime: 18_000_000 };
        assert_eq!(list.messages[0], first);
        assert_eq!((list.messages[1].at, list.messages[1].lifetime), (58_250, 60_000));
        assert_eq!(list.pairs(), BTreeSet::from([(42, 46), (2, 3)]));
    }

    #[test]
    fn a_wrong_line_is_named_with_its_number_and_what_was_expected() {
        let cases = [
            ("2 M2 1 1 2 300", Problem::NoMessage),
            ("2 M2 1 1 2 300 Y 20", Problem::NoMessage),
            ("2 M2 1 1 2 300 N N", Problem::NoMessage),
            ("soon M2 1 1 2 300 N", Problem::NoMoment),
            ("0 M2 1 1 2 300 N", Problem::Backwards),
            ("2 M2 0 1 2 300 N", Problem::NoSize),
            ("2 M2 4097 1 2 300 N", Problem::NoSize),
            ("2 M2 1 1 -2 300 N", Problem::NoAddress),
            ("2 M2 1 1 1 300 N", Problem::SameHost),
            ("2 M2 1 1 2 0 N", Problem::NoLifetime),
            ("2 M2 1 1 2 10081 N", Problem::NoLifetime),
        ];
        for (wrong, expected) in cases {
            match read(&format!("1 M1 1 1 2 300 N\n{wrong}\n")) {
                Err(TraceError::Line { line: 2, problem, .. }) => assert_eq!(problem, expected, "{wrong}"),
                other => panic!("{wrong}: {other:?}"),
            }
        }
    }
}
