//! `permesso completions`.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsOptions};
use crate::failure::Failure;
use crate::status::Status;

/// Prints a script for a shell.
pub(crate) fn run(options: &CompletionsOptions) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "permesso", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Done)
}
