//! `permesso completions`.

use std::io::{self, Write};

use crate::arguments::CompletionsOptions;
use crate::failure::Failure;
use crate::status::Status;
use crate::words::{Language, arguments};

/// Prints a script for a shell, with what commands and options do in one's language.
pub(crate) fn run(options: &CompletionsOptions, language: Language) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut arguments::command(language), "permesso", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Done)
}
