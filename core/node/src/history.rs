//! Messages as a user sees them, read from the database.

use permesso_engine::api::{FriendView, FullServerView, HolderView, MessageState};
use permesso_engine::ids::{FriendId, HostId, MessageId, MessageKey};
use permesso_engine::rows::MessageRow;
use permesso_engine::time::Wall;
use permesso_store::Reader;
use serde::{Deserialize, Serialize};

use crate::error::NodeError;
use crate::storage::blocking;

/// A message's place in its conversation: where a page of the history ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// After its known parents.
    pub order: u64,
    /// Among messages of the same order, by arrival.
    pub key: MessageKey,
}

/// A message of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// Its row on this device.
    pub key: MessageKey,
    /// Its identity in the protocol.
    pub message: MessageId,
    /// The other side of the conversation.
    pub host: HostId,
    /// Written here (else received).
    pub mine: bool,
    /// The text.
    pub text: String,
    /// When it was received, or written if it is ours, by this device's clock.
    pub local_time: Wall,
    /// When its sender says to have sent it.
    pub send_time: Wall,
    /// Its fate.
    #[serde(flatten)]
    pub state: MessageState,
    /// While it is held: who took a copy, servers first, then friends, then others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<HolderView>,
    /// Until it is delivered: servers that had no room for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub full: Vec<FullServerView>,
    /// Received and not yet read.
    pub unread: bool,
    /// Its place in the conversation.
    pub order: u64,
    /// The messages it follows.
    pub parents: Vec<MessageId>,
    /// One of these has not arrived yet.
    #[serde(default)]
    pub gap: bool,
}

impl HistoryMessage {
    /// Its place in the conversation, for paging.
    pub fn place(&self) -> Place {
        Place { order: self.order, key: self.key }
    }

    pub(crate) fn from_row(row: MessageRow, host: HostId) -> Self {
        Self {
            key: row.key,
            message: row.id,
            host,
            mine: row.mine,
            text: row.text,
            local_time: row.local_time,
            send_time: row.send_time,
            state: row.state.into(),
            holders: Vec::new(),
            full: Vec::new(),
            unread: row.unread,
            order: row.order,
            parents: row.parents,
            gap: false,
        }
    }
}

/// Reads of the history, of which everything told so far is part.
pub(crate) struct History {
    pub(crate) reader: Reader,
    pub(crate) friends: Vec<FriendView>,
}

impl History {
    /// A page of a conversation, oldest first.
    pub(crate) async fn page(
        self,
        host: HostId,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Vec<HistoryMessage>, NodeError> {
        let friend = conversation(&self.friends, host)?;
        let before = before.map(|place| (place.order, place.key));
        let mut rows = blocking(move || self.reader.messages(friend, before, limit)).await?;
        rows.reverse();
        Ok(rows.into_iter().map(|row| HistoryMessage::from_row(row, host)).collect())
    }

    /// One message, if it is there.
    pub(crate) async fn message(self, message: MessageId) -> Result<Option<HistoryMessage>, NodeError> {
        let row = blocking(move || self.reader.find(message)).await?;
        Ok(row.and_then(|row| with_host(&self.friends, row)))
    }

    /// Messages that contain a text, newest first.
    pub(crate) async fn search(self, text: String, limit: usize) -> Result<Vec<HistoryMessage>, NodeError> {
        let rows = blocking(move || self.reader.search(&text, limit)).await?;
        Ok(rows.into_iter().filter_map(|row| with_host(&self.friends, row)).collect())
    }
}

fn conversation(friends: &[FriendView], host: HostId) -> Result<FriendId, NodeError> {
    let friend = friends.iter().find(|friend| friend.host == host);
    friend.map(|friend| friend.friend).ok_or(NodeError::NoConversation { host })
}

fn with_host(friends: &[FriendView], row: MessageRow) -> Option<HistoryMessage> {
    let friend = friends.iter().find(|friend| friend.friend == row.friend)?;
    Some(HistoryMessage::from_row(row, friend.host))
}
