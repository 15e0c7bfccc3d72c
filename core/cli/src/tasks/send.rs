//! `permesso send`.

use std::io::Read;

use permesso_node::{HostId, MessageId, MessageState, Node, NodeError};
use serde::Serialize;

use crate::arguments::{SendOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::names;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, fates};

/// What `--json` prints.
#[derive(Serialize)]
struct Sent {
    message: MessageId,
    host: HostId,
    #[serde(flatten)]
    state: MessageState,
}

/// Stores a message, waits for its fate, and tells it.
pub(crate) async fn run(options: &SendOptions, language: Language) -> Result<Status, Failure> {
    let text = text(&options.text)?;
    let work = async |node: &Node| send(node, options, &text).await;
    let (sent, name) = host::visit(&options.host, language, work).await?;
    match options.json {
        true => printing::json(&sent)?,
        false => printing::line(&fates::sentence(language, &sent.state, &one_line(&name)))?,
    }
    Ok(Status::from(&sent.state))
}

async fn send(node: &Node, options: &SendOptions, text: &str) -> Result<(Sent, String), Failure> {
    let friends = node.friends().await?;
    let host = names::resolve(&options.to, &friends)?;
    let message = node.send(host, text).await?;
    let state = match options.wait.0 {
        0 => stored(node, message).await?,
        _ => host::on_network(node, fate(node, message, options)).await?,
    };
    let name = friends.iter().find(|friend| friend.host == host).map_or(options.to.as_str(), |friend| friend.name());
    Ok((Sent { message, host, state }, name.to_owned()))
}

fn text(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

async fn fate(node: &Node, message: MessageId, options: &SendOptions) -> Result<MessageState, Failure> {
    match node.wait_for_fate(message, span(options.wait)).await {
        Err(NodeError::Timeout { .. }) => stored(node, message).await,
        result => Ok(result?),
    }
}

async fn stored(node: &Node, message: MessageId) -> Result<MessageState, Failure> {
    Ok(node.message(message).await?.map_or(MessageState::Queued, |stored| stored.state))
}
