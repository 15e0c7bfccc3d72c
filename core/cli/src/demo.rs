//! `permesso demo`: real hosts on this machine tell the story, without a server and with one, and every step is checked.

mod stage;
pub(crate) mod story;
mod telling;

use crate::arguments::DemoOptions;
use crate::failure::Failure;
use crate::status::Status;
use crate::words::Language;

use stage::Stage;
use telling::Telling;

/// Tells the story. `Status::Done` only if every step really happened.
pub(crate) async fn run(options: &DemoOptions, language: Language) -> Result<Status, Failure> {
    let stage = Stage::set(options.keep.as_deref(), options.one_address)?;
    let mut telling = Telling::begin(options.json, language)?;
    let happened = story::play(&stage, language, &mut telling).await?;
    telling.end(happened, stage.kept())?;
    Ok(if happened { Status::Done } else { Status::Error })
}
