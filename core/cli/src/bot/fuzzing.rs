//! What fuzzing feeds of the bot: its input (`core/fuzz/FUZZING.md`). Built only for tests, which replay the corpus, and by the
//! fuzz target, which includes this file and those it names.

#![allow(clippy::unwrap_used, reason = "it is to panic")]

use super::input::{LINE_MAX, Line, read_line};
use super::request::{Request, parse};

/// Standard input: every line is a command or a problem, and none is longer than the limit.
pub(crate) fn bot_lines(mut bytes: &[u8]) {
    while let Some(line) = read_line(&mut bytes).unwrap() {
        if let Line::Whole(bytes) = &line {
            assert!(bytes.len() <= LINE_MAX);
        }
        if let Ok(Some((_, fields))) = parse(line) {
            let _ = Request::read(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_input_that_fuzzing_found_interesting_is_taken_well() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/bot_lines");
        let inputs: Vec<_> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "no corpus");
        for input in inputs {
            println!("{}", input.display());
            bot_lines(&fs::read(input).unwrap());
        }
    }
}
