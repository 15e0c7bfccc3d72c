//! `permesso send`.

use std::io::{self, Read};

use permesso_node::{
    CommandError, FullServerView, HolderView, HostId, MessageId, MessageState, Millis, Node, NodeError,
};
use serde::Serialize;

use crate::arguments::{SendOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::names;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, fates};

/// A message with its fate; what `--json` prints.
#[derive(Serialize)]
pub(super) struct Sent {
    pub(super) message: MessageId,
    pub(super) host: HostId,
    #[serde(flatten)]
    pub(super) state: MessageState,
    /// While it is held: who took a copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holders: Vec<HolderView>,
    /// Until it is delivered: servers that had no room for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    full: Vec<FullServerView>,
}

/// Stores a message, waits for its fate, and tells it.
pub(crate) async fn run(options: &SendOptions, language: Language) -> Result<Status, Failure> {
    let text = text(&options.text)?;
    let work = async |node: &Node| send(node, language, options, &text).await;
    let (sent, name) = host::visit(&options.host, language, work).await?;
    sent.print(&name, options.json, language)?;
    Ok(Status::from(&sent.state))
}

impl Sent {
    /// One's own message, and the name of the friend it was written to.
    pub(super) async fn of(node: &Node, message: MessageId, state: MessageState) -> Result<(Self, String), Failure> {
        let stored = node.message(message).await?.ok_or(CommandError::UnknownMessage { message });
        let host = stored.map_err(NodeError::from)?.host;
        let friend = node.friend(host).await?;
        let name = friend.map_or_else(|| host.to_string(), |friend| friend.name().into_owned());
        Ok((Self::with_holders(node, message, host, state).await?, name))
    }

    async fn with_holders(node: &Node, message: MessageId, host: HostId, state: MessageState) -> Result<Self, Failure> {
        let holders = if state == MessageState::Held { node.holders(message).await? } else { Vec::new() };
        Ok(Self { message, host, state, holders, full: node.full_servers(message).await? })
    }

    /// Tells the fate of a message to `name`, and what can be done about it.
    pub(super) fn print(&self, name: &str, json: bool, language: Language) -> io::Result<()> {
        if json {
            return printing::json(self);
        }
        let message = fates::Whereabouts { state: &self.state, holders: &self.holders, full: &self.full };
        printing::line(&fates::sentence(language, message, &one_line(name)))?;
        fates::hint(language, &self.state, self.message).map_or(Ok(()), |hint| printing::line(&hint))
    }
}

/// The fate of a message, waited for on the network as long as `wait` says.
pub(super) async fn fate(
    node: &Node,
    language: Language,
    message: MessageId,
    wait: Millis,
) -> Result<MessageState, Failure> {
    if wait.0 == 0 {
        return stored(node, message).await;
    }
    let fate = async {
        match node.wait_for_fate(message, span(wait)).await {
            Err(NodeError::Timeout { .. }) => stored(node, message).await,
            result => Ok(result?),
        }
    };
    match host::on_network(node, language, fate).await {
        // Without a network the message waits like any other: to say that it failed would make people write it twice.
        Err(failure) if failure.is_of_the_network() => eprintln!("permesso: {}", failure.text(language)),
        result => {
            result?;
        }
    }
    // It may have been handed on at the end.
    stored(node, message).await
}

async fn send(node: &Node, language: Language, options: &SendOptions, text: &str) -> Result<(Sent, String), Failure> {
    let friends = node.friends().await?;
    let host = names::resolve(&options.to, &friends)?;
    let message = node.send(host, text).await?;
    let state = fate(node, language, message, options.wait).await?;
    let name = friends
        .iter()
        .find(|friend| friend.host == host)
        .map_or_else(|| options.to.clone(), |friend| friend.name().into_owned());
    Ok((Sent::with_holders(node, message, host, state).await?, name))
}

fn text(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

/// The fate of a message now.
pub(super) async fn stored(node: &Node, message: MessageId) -> Result<MessageState, Failure> {
    Ok(node.message(message).await?.map_or(MessageState::Queued, |stored| stored.state))
}
