//! What can be read of a database that no host can be opened from.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use permesso_engine::api::{ContactView, MessageState};
use permesso_engine::ids::{FriendId, HostId, MessageId};
use permesso_engine::rows::{MessageRow, Table};
use permesso_engine::time::Wall;
use permesso_store::{ArchiveError, Key, RescueReport, Rescued, Store};
use serde::Serialize;

use crate::error::NodeError;

/// Something that could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Found {
    /// A friend, an asker or an ended friend.
    Friend(ContactView),
    /// A message of the history.
    Message(FoundMessage),
}

/// A message, and with whom if that could be read too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundMessage {
    /// The number of the conversation.
    pub friend: FriendId,
    /// The other side's host.
    pub host: Option<HostId>,
    /// The other side's name.
    pub name: Option<String>,
    /// Its identity in the protocol.
    pub message: MessageId,
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
}

/// Reads friends and messages of the database in `directory`, damaged or not, and hands each over, until it is told to stop;
/// friends come first. Nothing is changed. Blocks until all is read.
///
/// # Errors
/// `Store`: `InUse`, `WrongKey`, or `Damaged` if not even the beginning can be read. `Archive`: `Cancelled` if `found` broke it
/// off.
pub fn rescue(
    directory: impl AsRef<Path>,
    key: &Key,
    found: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> Result<RescueReport, NodeError> {
    let mut names: BTreeMap<FriendId, (HostId, String)> = BTreeMap::new();
    let mut unreadable = 0;
    let report = Store::rescue(directory, key)?.run(&mut |rescued| match rescued {
        Rescued::Record(key, value) if key.table == Table::Friend => match ContactView::of_record(&value) {
            Some(contact) => {
                names.insert(contact.friend, (contact.host, contact.name().into_owned()));
                found(Found::Friend(contact))
            }
            None => {
                unreadable += 1;
                ControlFlow::Continue(())
            }
        },
        Rescued::Record(..) => ControlFlow::Continue(()),
        Rescued::Message(row) => {
            let other = names.get(&row.friend).cloned();
            found(Found::Message(message(row, other)))
        }
    });
    let mut report = report.ok_or(ArchiveError::Cancelled)?;
    report.unreadable += unreadable;
    Ok(report)
}

fn message(row: MessageRow, other: Option<(HostId, String)>) -> FoundMessage {
    let (host, name) = other.unzip();
    FoundMessage {
        friend: row.friend,
        host,
        name,
        message: row.id,
        mine: row.mine,
        text: row.text,
        local_time: row.local_time,
        send_time: row.send_time,
        state: row.state.into(),
    }
}
