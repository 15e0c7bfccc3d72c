//! `permesso man`.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::arguments::{Arguments, ManOptions};
use crate::failure::Failure;
use crate::status::Status;

/// Prints the manual page, or writes all pages.
pub(crate) fn run(options: &ManOptions) -> Result<Status, Failure> {
    let command = Arguments::command().disable_help_subcommand(true);
    match &options.dir {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(Failure::unusable(folder))?;
            clap_mangen::generate_to(command, folder).map_err(Failure::unusable(folder))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
        }
    }
    Ok(Status::Done)
}
