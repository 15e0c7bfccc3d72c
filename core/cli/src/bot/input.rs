//! Lines from standard input.

use std::io::{self, BufRead, Read};
use std::thread;

use tokio::sync::mpsc;

/// Longest line in bytes: a text of 4,096 bytes whose every byte is escaped (`\u0000`, six bytes) fits with room to spare.
pub(super) const LINE_MAX: usize = 64 << 10;

/// Lines read ahead.
const AHEAD: usize = 64;

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes without the line break.
    Whole(Vec<u8>),
    /// It was longer than `LINE_MAX` and was passed over.
    TooLong,
}

/// The lines of standard input, read by a thread of their own: a read from a terminal cannot be called off.
pub(super) struct Input {
    lines: mpsc::Receiver<Line>,
}

impl Input {
    /// Begins to read.
    pub(super) fn begin() -> io::Result<Self> {
        let (sender, lines) = mpsc::channel(AHEAD);
        thread::Builder::new().name("permesso-input".into()).spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let line = match read_line(&mut input) {
                    Ok(Some(line)) => line,
                    Ok(None) => return,
                    Err(error) => return tracing::warn!(%error, "the input cannot be read"),
                };
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { lines })
    }

    /// The next line; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Line> {
        self.lines.recv().await
    }
}

/// The next line; nothing at the end.
pub(super) fn read_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let limit = LINE_MAX as u64 + 1;
    if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(Line::Whole(line)));
    }
    if line.len() <= LINE_MAX {
        // The last line needs no line break.
        return Ok(Some(Line::Whole(line)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Line::TooLong))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<Line> {
        std::iter::from_fn(|| read_line(&mut input).unwrap()).collect()
    }

    #[test]
    fn the_last_line_needs_no_line_break() {
        let whole = |text: &str| Line::Whole(text.into());
        assert_eq!(lines(b"one\n\ntwo"), [whole("one"), whole(""), whole("two")]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_too_long_is_passed_over_and_the_next_is_read() {
        let mut input = vec![b'x'; LINE_MAX];
        assert_eq!(lines(&input), [Line::Whole(input.clone())]);
        input.extend(b"x\nnext\n");
        assert_eq!(lines(&input), [Line::TooLong, Line::Whole(b"next".into())]);
    }
}
