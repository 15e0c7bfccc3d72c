//! Contacts out to an address book and in from one.

use permesso_engine::api::{Command, CommandError, ContactView, FriendState, Outcome};
use permesso_engine::ids::HostId;
use permesso_engine::uri::PermessoUri;
use serde::Serialize;

use crate::error::NodeError;
use crate::node::Node;
use crate::vcard::{self, Card};

/// What became of one card of an address book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedContact {
    /// The line its card begins at, from 1.
    pub line: usize,
    /// The name in the card, if it has one.
    pub name: Option<String>,
    /// The host it names, and whether it is new here; else why it was skipped.
    pub result: Result<(HostId, ContactNews), ContactError>,
}

/// Whether a contact is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactNews {
    /// Its key was not pinned before.
    Added,
    /// It was known, with this very key.
    Known,
}

/// Why a card was skipped; nothing of it was taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The card is cut off.
    #[error("the card has no end: copy the whole file again")]
    Unfinished,
    /// Somebody without Permesso, or one who has not told.
    #[error("it has no permesso: address in IMPP, URL or NOTE: ask that person for one")]
    NoUri,
    /// The host refused it.
    #[error(transparent)]
    Refused(#[from] CommandError),
}

impl Node {
    /// Everybody whose key is pinned, with the key.
    pub async fn contacts(&self) -> Result<Vec<ContactView>, NodeError> {
        self.view(permesso_engine::Engine::contacts).await
    }

    /// Friends, those asked and those only pinned, as vCards (RFC 6350, version 4.0) with a `permesso:` URI each. Ended and
    /// blocked ones, and strangers who asked, are left out.
    pub async fn export_contacts(&self) -> Result<String, NodeError> {
        let wanted = |contact: &ContactView| {
            let state = contact.state;
            !contact.blocked && matches!(state, FriendState::Friend | FriendState::RequestSent | FriendState::Unknown)
        };
        Ok(self.contacts().await?.iter().filter(|contact| wanted(contact)).map(vcard::write).collect())
    }

    /// Takes in the vCards of a text that have a `permesso:` URI: pins each key and remembers the card's name as one's own
    /// for the host, unless it has one already or calls itself so. Nobody is asked for friendship and nobody counts as
    /// verified by that. Cards that cannot be used are told and skipped.
    ///
    /// # Errors
    /// Those of [`command`](Self::command) that concern the host as a whole; what was taken in before stays.
    pub async fn import_contacts(&self, vcards: &str) -> Result<Vec<ImportedContact>, NodeError> {
        let mut imported = Vec::new();
        for card in vcard::read(vcards) {
            let result = match self.import_card(&card).await {
                Ok(taken) => Ok(taken),
                Err(Ok(error)) => Err(error),
                Err(Err(error)) => return Err(error),
            };
            imported.push(ImportedContact { line: card.line, name: card.name, result });
        }
        Ok(imported)
    }

    async fn import_card(&self, card: &Card) -> Result<(HostId, ContactNews), Result<ContactError, NodeError>> {
        if !card.is_whole {
            return Err(Ok(ContactError::Unfinished));
        }
        let uri = card.uri.clone().ok_or(Ok(ContactError::NoUri))?;
        let known = match uri.parse::<PermessoUri>() {
            Ok(uri) => self.friend(uri.host_id()).await.map_err(Err)?.is_some(),
            Err(_) => false,
        };
        match self.command(Command::AddContact { uri, name: card.name.clone() }).await {
            Ok(Outcome::Scanned { host }) if known => Ok((host, ContactNews::Known)),
            Ok(Outcome::Scanned { host }) => Ok((host, ContactNews::Added)),
            Ok(_) => Err(Err(NodeError::StorageFailed)),
            Err(NodeError::Command(CommandError::Busy)) => Err(Err(CommandError::Busy.into())),
            Err(NodeError::Command(error)) => Err(Ok(ContactError::Refused(error))),
            Err(error) => Err(Err(error)),
        }
    }
}
