//! What a damaged database still holds, and the end of one.

use std::ops::ControlFlow;
use std::sync::Arc;

use permesso_node::{ArchiveError, Found, FoundMessage};

use crate::account::ProgressError;
use crate::contacts::Contact;
use crate::error::PermessoError;
use crate::key_store::{self, KeyStore};
use crate::messages::{FailReason, MessageState, fail_reason};
use crate::runtime::run_blocking;

/// Messages and friends handed over at once.
const BATCH: usize = 100;

/// A message that could be read, and with whom if that could be read too.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RescuedMessage {
    /// Its id.
    pub id: String,
    /// The number of its conversation, for those whose other side could not be read.
    pub conversation: u32,
    /// The other side of the conversation.
    pub host: Option<String>,
    /// The other side's name.
    pub name: Option<String>,
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
}

/// How much of a database could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct RescueReport {
    /// Friends, askers and ended friends that were handed over.
    pub friends: u64,
    /// Messages that were handed over.
    pub messages: u64,
    /// Rows that are there, or were before they were removed, and cannot be read.
    pub unreadable: u64,
    /// Tables whose damage hides how many rows they had, so that more may be lost than is counted.
    pub torn_tables: u64,
}

/// Is handed what can be read of a database, on a thread that may block.
#[uniffi::export(with_foreign)]
pub trait RescueListener: Send + Sync {
    /// So much more could be read: friends first, then messages, at most 100 at once. Whether to go on: with false it ends with
    /// `Cancelled`.
    fn on_found(&self, friends: Vec<Contact>, messages: Vec<RescuedMessage>) -> Result<bool, ProgressError>;
}

/// Reads friends and messages of the host in `directory`, damaged or not, and hands them over; nothing there is changed.
///
/// Fails with `AlreadyThere` if the host is open, `KeyUnavailable` without the key it was made with, `Damaged` if not even the
/// beginning can be read, `Cancelled` if the listener ends it.
#[uniffi::export]
pub async fn rescue(
    directory: String,
    key_store: Arc<dyn KeyStore>,
    listener: Arc<dyn RescueListener>,
) -> Result<RescueReport, PermessoError> {
    run_blocking(move || {
        let key = key_store::key_of_one_there(&*key_store)?;
        let mut batch = Batch { friends: Vec::new(), messages: Vec::new(), friends_in_all: 0, listener };
        let report = permesso_node::rescue(directory, &key, &mut |found| batch.take(found))?;
        if batch.hand_over().is_break() {
            return Err(ArchiveError::Cancelled.into());
        }
        let permesso_node::RescueReport { records: _, messages, unreadable, torn_tables } = report;
        Ok(RescueReport { friends: batch.friends_in_all, messages, unreadable, torn_tables })
    })
    .await
}

/// Removes the host in `directory`, which must be stopped, with its folder if nothing else is in it. Erase its key first: on
/// flash memory removed files can often be read back, and without the key they say nothing. Does nothing where there is no host.
///
/// Fails with `AlreadyThere` if the host is open, `StorageUnavailable`: part may be removed then, and a second call goes on.
#[uniffi::export]
pub async fn erase(directory: String) -> Result<(), PermessoError> {
    run_blocking(move || Ok(permesso_node::erase(directory)?)).await
}

/// What was read and not yet handed over.
struct Batch {
    friends: Vec<Contact>,
    messages: Vec<RescuedMessage>,
    friends_in_all: u64,
    listener: Arc<dyn RescueListener>,
}

impl Batch {
    fn take(&mut self, found: Found) -> ControlFlow<()> {
        match found {
            Found::Friend(contact) => {
                self.friends_in_all += 1;
                self.friends.push(contact.into());
            }
            Found::Message(message) => self.messages.push(message.into()),
        }
        if self.friends.len() + self.messages.len() < BATCH { ControlFlow::Continue(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let (friends, messages) = (std::mem::take(&mut self.friends), std::mem::take(&mut self.messages));
        if friends.is_empty() && messages.is_empty() {
            return ControlFlow::Continue(());
        }
        match self.listener.on_found(friends, messages) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                tracing::warn!(%error, "what was found cannot be handed over");
                ControlFlow::Break(())
            }
        }
    }
}

impl From<FoundMessage> for RescuedMessage {
    fn from(found: FoundMessage) -> Self {
        Self {
            id: found.message.to_string(),
            conversation: found.friend.0,
            host: found.host.map(|host| host.to_string()),
            name: found.name,
            mine: found.mine,
            text: found.text,
            local_time: found.local_time.0,
            send_time: found.send_time.0,
            state: (&found.state).into(),
            fail_reason: fail_reason(&found.state),
        }
    }
}
