//! Conversations: writing, reading, and where each message is.

use std::time::Duration;

use permesso_node::api::FailReason as EngineReason;
use permesso_node::{FullReason as EngineFull, FullServerView, HistoryMessage, HolderView, Place};

use crate::error::PermessoError;
use crate::friends::{NameFlag, flags};
use crate::host::Host;
use crate::ids;
use crate::runtime::ask;

/// The most messages of one page.
const PAGE_MAX: u32 = 1_000;

/// A message's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MessageState {
    /// Only this device has it.
    Queued,
    /// A server, or other hosts, took a copy.
    Held,
    /// The recipient's device has stored it and proved so.
    Delivered,
    /// The recipient opened it.
    Read,
    /// It will not arrive, unless a proof still comes.
    Failed,
}

/// Why a message failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FailReason {
    /// Its time ran out.
    Expired,
    /// The friendship ended.
    FriendshipEnded,
    /// Cancelled by its writer.
    Cancelled,
    /// Too many were waiting and it was the oldest.
    OutboxFull,
}

/// Somebody who said to have stored a copy of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Holder {
    /// Its host.
    pub id: String,
    /// The name to show; none if it has told none.
    pub name: Option<String>,
    /// What to look out for in that name.
    pub flags: Vec<NameFlag>,
    /// It is a persistent server; else a host that carries the copy with it.
    pub server: bool,
}

/// A persistent server that had no room for a message of ours when it was offered to it last.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FullServer {
    /// The server.
    pub id: String,
    /// The name to show; none if it has told none.
    pub name: Option<String>,
    /// What to look out for in that name.
    pub flags: Vec<NameFlag>,
    /// What it has no more of.
    pub why: FullReason,
}

/// Why a server has no room for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FullReason {
    /// Its storage is full.
    Storage,
    /// This host has left as much there as one host may.
    Quota,
}

/// A message's place in its conversation: where a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct MessagePlace {
    /// After the messages it follows.
    pub order: u64,
    /// Among those of the same order, by arrival.
    pub key: u64,
}

/// A message of the history.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// The other side of the conversation.
    pub host: String,
    /// Written here (else received).
    pub mine: bool,
    /// The text.
    pub text: String,
    /// When it was received, or written if it is ours, by this device's clock.
    pub local_time: u64,
    /// When its sender says to have sent it.
    pub send_time: u64,
    /// Its fate.
    pub state: MessageState,
    /// Why it failed, if it did.
    pub fail_reason: Option<FailReason>,
    /// While it is held: who took a copy, servers first, then friends, then others.
    pub holders: Vec<Holder>,
    /// Until it is delivered: servers that had no room for it.
    pub full: Vec<FullServer>,
    /// Received and not yet read.
    pub unread: bool,
    /// Its place in the conversation.
    pub place: MessagePlace,
    /// The messages it follows.
    pub parents: Vec<String>,
    /// One of these has not arrived yet.
    pub gap: bool,
}

#[uniffi::export]
impl Host {
    /// Writes to a friend, at most 4,096 bytes. Returns the message's id when it is stored, whether or not the friend is
    /// there.
    pub async fn send(&self, host: String, text: String) -> Result<String, PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.send(host, &text).await }).await.map(|message| message.to_string())
    }

    /// Tries a failed message again.
    pub async fn resend(&self, message: String) -> Result<(), PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        ask(async move { node.retry(message).await }).await
    }

    /// Gives up a message that is not yet delivered.
    pub async fn cancel(&self, message: String) -> Result<(), PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        ask(async move { node.cancel(message).await }).await
    }

    /// Notes that every received message of a conversation has been seen.
    pub async fn mark_read(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.mark_read(host).await }).await
    }

    /// Removes a message from this device's history.
    pub async fn delete_message(&self, message: String) -> Result<(), PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        ask(async move { node.delete_message(message).await }).await
    }

    /// The newest messages of a conversation that stand before `before` (the end, if none), oldest of them first; at most
    /// `limit` and never more than 1,000.
    pub async fn messages(
        &self,
        host: String,
        before: Option<MessagePlace>,
        limit: u32,
    ) -> Result<Vec<Message>, PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        let before = before.map(|MessagePlace { order, key }| Place { order, key: permesso_node::MessageKey(key) });
        let messages = ask(async move { node.messages(host, before, bounded(limit)).await }).await?;
        Ok(messages.into_iter().map(Message::from).collect())
    }

    /// One message, if it is in the history.
    pub async fn message(&self, message: String) -> Result<Option<Message>, PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        Ok(ask(async move { node.message(message).await }).await?.map(Message::from))
    }

    /// Messages of all conversations that contain a text (case is ignored), newest first; at most `limit` and never more
    /// than 1,000.
    pub async fn search_messages(&self, text: String, limit: u32) -> Result<Vec<Message>, PermessoError> {
        let node = self.node.clone();
        let messages = ask(async move { node.search_history(&text, bounded(limit)).await }).await?;
        Ok(messages.into_iter().map(Message::from).collect())
    }

    /// Who said to have stored a copy of a message of ours that is not yet delivered: servers first, then friends, then
    /// others. Empty while only this device has it.
    pub async fn holders(&self, message: String) -> Result<Vec<Holder>, PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        Ok(holders(ask(async move { node.holders(message).await }).await?))
    }

    /// Servers that had no room for a message of ours when it was offered to them last.
    pub async fn full_servers(&self, message: String) -> Result<Vec<FullServer>, PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        Ok(full_servers(ask(async move { node.full_servers(message).await }).await?))
    }

    /// Waits until a message is delivered, read or failed, and returns which. Fails with `TimedOut` after so many
    /// milliseconds; the message goes on all the same.
    pub async fn wait_for_fate(&self, message: String, timeout_ms: u64) -> Result<MessageState, PermessoError> {
        let (node, message) = (self.node.clone(), ids::message(&message)?);
        let timeout = Duration::from_millis(timeout_ms);
        ask(async move { node.wait_for_fate(message, timeout).await }).await.map(|state| (&state).into())
    }
}

fn bounded(limit: u32) -> usize {
    usize::try_from(limit.min(PAGE_MAX)).unwrap_or(usize::MAX)
}

/// Who took a copy.
pub(crate) fn holders(views: Vec<HolderView>) -> Vec<Holder> {
    views
        .into_iter()
        .map(|view| Holder {
            id: view.host.to_string(),
            name: view.alias,
            flags: flags(view.flags),
            server: view.server,
        })
        .collect()
}

/// Who had no room.
pub(crate) fn full_servers(views: Vec<FullServerView>) -> Vec<FullServer> {
    let why = |reason| match reason {
        EngineFull::Storage => FullReason::Storage,
        EngineFull::Quota => FullReason::Quota,
    };
    views
        .into_iter()
        .map(|view| FullServer {
            id: view.host.to_string(),
            name: view.alias,
            flags: flags(view.flags),
            why: why(view.reason),
        })
        .collect()
}

impl From<&permesso_node::MessageState> for MessageState {
    fn from(state: &permesso_node::MessageState) -> Self {
        match state {
            permesso_node::MessageState::Queued => Self::Queued,
            permesso_node::MessageState::Held => Self::Held,
            permesso_node::MessageState::Delivered => Self::Delivered,
            permesso_node::MessageState::Read => Self::Read,
            permesso_node::MessageState::Failed { .. } => Self::Failed,
        }
    }
}

/// Why a message failed, if it did.
pub(crate) fn fail_reason(state: &permesso_node::MessageState) -> Option<FailReason> {
    let permesso_node::MessageState::Failed { reason } = state else { return None };
    Some(match reason {
        EngineReason::Expired => FailReason::Expired,
        EngineReason::FriendshipEnded => FailReason::FriendshipEnded,
        EngineReason::Cancelled => FailReason::Cancelled,
        EngineReason::OutboxFull => FailReason::OutboxFull,
    })
}

impl From<HistoryMessage> for Message {
    fn from(message: HistoryMessage) -> Self {
        Self {
            id: message.message.to_string(),
            host: message.host.to_string(),
            mine: message.mine,
            text: message.text,
            local_time: message.local_time.0,
            send_time: message.send_time.0,
            state: (&message.state).into(),
            fail_reason: fail_reason(&message.state),
            holders: holders(message.holders),
            full: full_servers(message.full),
            unread: message.unread,
            place: MessagePlace { order: message.order, key: message.key.0 },
            parents: message.parents.iter().map(ToString::to_string).collect(),
            gap: message.gap,
        }
    }
}
