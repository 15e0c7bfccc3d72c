//! `permesso resend`.

use permesso_node::Node;

use super::send::{self, Sent};
use crate::arguments::ResendOptions;
use crate::failure::Failure;
use crate::host;
use crate::status::Status;
use crate::words::Language;

/// Tries a failed message again, waits for its fate, and tells it.
pub(crate) async fn run(options: &ResendOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| resend(node, language, options).await;
    let (sent, name) = host::visit(&options.host, language, work).await?;
    sent.print(&name, options.json, language)?;
    Ok(Status::from(&sent.state))
}

async fn resend(node: &Node, language: Language, options: &ResendOptions) -> Result<(Sent, String), Failure> {
    let message = options.message;
    node.retry(message).await?;
    let state = send::fate(node, language, message, options.wait).await?;
    Sent::of(node, message, state).await
}
