//! Reading the command line, and saying what cannot be understood in it.

use std::env;
use std::ffi::OsString;
use std::net::IpAddr;

use clap::error::ErrorKind;
use clap::{FromArgMatches, Parser};

use super::Arguments;
use crate::status::Status;
use crate::words::{Language, arguments, usage};

/// The arguments of this process. Help and version are printed here, and so is what is wrong; the status is that of an end
/// that follows. (`clap` says it in English and ends the process itself.)
pub(crate) fn of_process(language: Language) -> Result<Arguments, Status> {
    match language {
        Language::English => Ok(Arguments::parse()),
        Language::Italian => read(env::args_os().collect()).or_else(|error| match error {
            Refused::Shown(error) => error.exit(),
            Refused::Said(text) => {
                eprintln!("{text}");
                Err(Status::Usage)
            }
        }),
    }
}

/// An address of this machine. Many programs want the name of an interface here, so that it is said what this one wants.
pub(super) fn address(text: &str) -> Result<IpAddr, NotAnAddress> {
    text.parse().map_err(|_| NotAnAddress)
}

/// Something else stands where an address is wanted.
#[derive(Debug, thiserror::Error)]
#[error("an address of this machine is wanted, like 192.168.1.20 or fe80::1, not the name of an interface")]
pub(crate) struct NotAnAddress;

/// What is not carried out.
enum Refused {
    /// Help or a version, which was wanted or is what helps.
    Shown(clap::Error),
    /// What cannot be understood, in Italian.
    Said(String),
}

fn read(given: Vec<OsString>) -> Result<Arguments, Refused> {
    let mut command = arguments::read_by(Language::Italian);
    let read = command.try_get_matches_from_mut(&given).and_then(|matches| Arguments::from_arg_matches(&matches));
    read.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Refused::Shown(error)
        }
        _ => Refused::Said(usage::not_understood(&error, &command, &given)),
    })
}
