//! `permesso config`.

use permesso_node::Config;

use crate::failure::Failure;
use crate::printing;
use crate::status::Status;

/// Prints the documented defaults.
pub(crate) fn run() -> Result<Status, Failure> {
    printing::line(Config::default_toml().trim_end())?;
    Ok(Status::Done)
}
