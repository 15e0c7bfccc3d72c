//! `permesso sim`.

use crate::arguments::{SimKind, SimOptions};
use crate::failure::Failure;
use crate::status::Status;

/// Runs a world and reports.
pub(crate) fn run(options: &SimOptions) -> Result<Status, Failure> {
    let SimKind::World(_world) = &options.kind;
    Ok(Status::Error)
}
