//! `permesso cancel`.

use permesso_node::Node;

use super::send::{self, Sent};
use crate::arguments::CancelOptions;
use crate::failure::Failure;
use crate::host;
use crate::status::Status;
use crate::words::Language;

/// Gives a waiting message up.
pub(crate) async fn run(options: &CancelOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| cancel(node, options).await;
    let (sent, name) = host::visit(&options.host, language, work).await?;
    sent.print(&name, options.json, language)?;
    Ok(Status::Done)
}

async fn cancel(node: &Node, options: &CancelOptions) -> Result<(Sent, String), Failure> {
    let message = options.message;
    node.cancel(message).await?;
    let state = send::stored(node, message).await?;
    Sent::of(node, message, state).await
}
