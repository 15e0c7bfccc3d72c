//! The lines of a file, plain or gzip, one after the other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::problem::{Problem, TraceError};

/// How a gzip file begins (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// No line of a trace or list is longer, in bytes; a longer one is not read into memory.
const LINE_MAX: u64 = 1 << 12;

/// The lines that say something, with their numbers: not the empty ones, and not those that begin with `#`.
pub(super) struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    number: u64,
    bytes: Vec<u8>,
}

impl Lines {
    /// Opens a file; whether it is gzip is seen by its first bytes.
    pub(super) fn open(path: &Path) -> Result<Self, TraceError> {
        let file = File::open(path).map_err(|source| TraceError::Unreadable { path: path.to_owned(), source })?;
        Self::of(path, BufReader::new(file)).map_err(|source| TraceError::Unreadable { path: path.to_owned(), source })
    }

    /// The lines of what is named `path` in errors.
    pub(super) fn of(path: &Path, mut file: impl BufRead + 'static) -> io::Result<Self> {
        let is_gzip = file.fill_buf()?.starts_with(&GZIP);
        let reader: Box<dyn BufRead> =
            if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        Ok(Self { path: path.to_owned(), reader, number: 0, bytes: Vec::new() })
    }

    /// The error for the line that was read last.
    pub(super) fn error(&self, problem: Problem) -> TraceError {
        TraceError::Line { path: self.path.clone(), line: self.number, problem }
    }

    /// The next line into `line`; false at the end.
    pub(super) fn next(&mut self, line: &mut String) -> Result<bool, TraceError> {
        loop {
            self.number += 1;
            self.bytes.clear();
            let read = (&mut self.reader).take(LINE_MAX).read_until(b'\n', &mut self.bytes);
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(source) => return Err(TraceError::Unreadable { path: self.path.clone(), source }),
            }
            let text = std::str::from_utf8(&self.bytes).ok().filter(|text| (text.len() as u64) < LINE_MAX);
            line.clear();
            line.push_str(text.ok_or_else(|| self.error(Problem::NoText))?);
            let words = line.trim();
            if !words.is_empty() && !words.starts_with('#') {
                return Ok(true);
            }
        }
    }
}

/// A moment in milliseconds from one in seconds.
pub(super) fn moment(word: &str) -> Result<u64, Problem> {
    // A century: beyond it a double no longer counts milliseconds, and nobody's trace goes on.
    const LAST: f64 = 3.2e9;
    let seconds: f64 = word.parse().map_err(|_| Problem::NoMoment)?;
    if (0.0..=LAST).contains(&seconds) { Ok((seconds * 1_000.0).round() as u64) } else { Err(Problem::NoMoment) }
}

/// A host's address; the ONE writes letters of its group before it.
pub(super) fn address(word: &str) -> Result<u32, Problem> {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let number: u16 = digits.parse().map_err(|_| Problem::NoAddress)?;
    Ok(number.into())
}
