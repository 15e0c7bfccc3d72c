//! `permesso man`.

use std::fs;
use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

use crate::arguments::ManOptions;
use crate::failure::Failure;
use crate::status::Status;
use crate::words::{Language, arguments};

/// Prints the manual page, or writes all pages.
pub(crate) fn run(options: &ManOptions, language: Language) -> Result<Status, Failure> {
    let mut command = arguments::command(language);
    command.build();
    let command = without_help(command);
    match &options.dir {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(Failure::unusable(folder))?;
            for command in with_all_below(&command) {
                let man = man(command, language);
                let path = folder.join(man.get_filename());
                fs::write(&path, page(&man, language)?).map_err(Failure::unusable(&path))?;
            }
        }
        None => io::stdout().lock().write_all(&page(&man(command, language), language)?)?,
    }
    Ok(Status::Done)
}

/// What the command `help` says, the pages say.
fn without_help(command: Command) -> Command {
    let is_help = command.get_name() == "help";
    command.hide(is_help).mut_subcommands(without_help)
}

/// A command and those below it that are shown.
fn with_all_below(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    [command.clone()].into_iter().chain(below.flat_map(with_all_below)).collect()
}

fn man(command: Command, language: Language) -> Man {
    let man = Man::new(command);
    match language {
        // What `man` itself writes above.
        Language::English => man,
        Language::Italian => man.manual(arguments::manual_title()),
    }
}

fn page(man: &Man, language: Language) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(match language {
        Language::English => page,
        Language::Italian => in_italian(&String::from_utf8_lossy(&page)).into_bytes(),
    })
}

/// The page with the headings that `clap_mangen` writes itself in Italian. A line of text never begins like a heading.
fn in_italian(page: &str) -> String {
    let line = |line: &str| match line.strip_prefix(".SH ").map(|heading| (heading, arguments::manual_heading(heading)))
    {
        Some((_, Some(italian))) => format!(".SH {italian}\n"),
        Some((heading, None)) => format!(".SH {}\n", heading.to_uppercase()),
        None => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}
