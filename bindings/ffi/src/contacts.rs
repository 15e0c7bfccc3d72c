//! Contacts out to an address book and in from one.

use permesso_node::{ContactNews, ContactView, ImportedContact};

use crate::error::PermessoError;
use crate::friends::{FriendState, page};
use crate::host::Host;
use crate::runtime::{ask, run};

/// Somebody whose key is pinned, as an address book needs it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Contact {
    /// Its host.
    pub id: String,
    /// Its identity key: 64 hexadecimal digits.
    pub key: String,
    /// The name to show: the user's own for it, else the alias it claims.
    pub name: String,
    /// The alias it claims.
    pub alias: String,
    /// The name the user gave it.
    pub local_alias: Option<String>,
    /// Where we stand with it.
    pub state: FriendState,
    /// The key is known to be the right one.
    pub verified: bool,
    /// The user wants to hear nothing of it.
    pub blocked: bool,
}

/// What became of one card of an address book.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CardResult {
    /// The line its card begins at, from 1.
    pub line: u32,
    /// The name in the card, if it has one.
    pub name: Option<String>,
    /// The host it names; none if it was skipped.
    pub host: Option<String>,
    /// Its key was not pinned before.
    pub added: bool,
    /// Why it was skipped.
    pub skipped_because: Option<String>,
}

#[uniffi::export]
impl Host {
    /// Everybody whose key is pinned: at most `limit`, after the first `offset`.
    pub async fn contacts(&self, offset: u32, limit: u32) -> Result<Vec<Contact>, PermessoError> {
        let node = self.node.clone();
        let contacts = ask(async move { node.contacts().await }).await?;
        Ok(page(contacts, offset, limit).map(Contact::from).collect())
    }

    /// Friends, those asked and those only pinned, as vCards with a `permesso:` URI each.
    pub async fn export_contacts(&self) -> Result<String, PermessoError> {
        let node = self.node.clone();
        ask(async move { node.export_contacts().await }).await
    }

    /// Takes in the vCards of a text that have a `permesso:` URI: pins each key and remembers the card's name. Nobody is
    /// asked for friendship and nobody counts as verified by that; cards that cannot be used are told and skipped.
    pub async fn import_contacts(&self, vcards: String) -> Result<Vec<CardResult>, PermessoError> {
        let node = self.node.clone();
        // A long text takes its time to be read: not that of the caller's thread.
        let imported = run(async move { Ok(node.import_contacts(&vcards).await?) }).await?;
        Ok(imported.into_iter().map(CardResult::from).collect())
    }
}

impl From<ContactView> for Contact {
    fn from(view: ContactView) -> Self {
        Self {
            id: view.host.to_string(),
            key: view.key.to_string(),
            name: view.name().into_owned(),
            alias: view.alias,
            local_alias: view.local_alias,
            state: view.state.into(),
            verified: view.verified,
            blocked: view.blocked,
        }
    }
}

impl From<ImportedContact> for CardResult {
    fn from(card: ImportedContact) -> Self {
        let ImportedContact { line, name, result } = card;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match result {
            Ok((host, news)) => Self {
                line,
                name,
                host: Some(host.to_string()),
                added: news == ContactNews::Added,
                skipped_because: None,
            },
            Err(error) => Self { line, name, host: None, added: false, skipped_because: Some(error.to_string()) },
        }
    }
}
