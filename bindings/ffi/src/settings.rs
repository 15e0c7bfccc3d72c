//! What can be changed while a host runs.

use permesso_node::{Command, Millis, Setting};

use crate::error::PermessoError;
use crate::host::Host;
use crate::runtime::ask;

/// Who may see that this host is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Visibility {
    /// Everybody.
    Everybody,
    /// Only friends are told, one by one.
    Friends,
    /// Nobody is told.
    Nobody,
}

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Settings {
    /// One's own alias.
    pub alias: String,
    /// Who may see this host.
    pub visibility: Visibility,
    /// The UDP port of presence.
    pub port: u16,
    /// Messages kept per conversation.
    pub history_limit: u32,
    /// Messages waiting to be delivered, all friends together.
    pub outbox_limit: u32,
    /// After how many milliseconds an undelivered message fails.
    pub outbox_expiry_ms: u64,
    /// Whether friends are told that their messages were opened.
    pub read_receipts: bool,
    /// Whether messages of others are carried. A server always does, and refuses to be told otherwise (`NotNow`).
    pub carry: bool,
    /// Bytes that messages of others may take; a server has a limit of its own.
    pub carry_bytes: u64,
}

/// Settings to change; what is none stays. Each that was changed while the host ran counts more than the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct SettingsChange {
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub alias: Option<String>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub visibility: Option<Visibility>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub port: Option<u16>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub history_limit: Option<u32>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub outbox_limit: Option<u32>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub outbox_expiry_ms: Option<u64>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub read_receipts: Option<bool>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub carry: Option<bool>,
    /// See [`Settings`].
    #[uniffi(default = None)]
    pub carry_bytes: Option<u64>,
}

#[uniffi::export]
impl Host {
    /// The settings in force.
    pub async fn settings(&self) -> Result<Settings, PermessoError> {
        let node = self.node.clone();
        let settings = ask(async move { node.settings().await }).await?;
        Ok(Settings {
            alias: settings.alias,
            visibility: settings.visibility.into(),
            port: settings.port,
            history_limit: settings.history_limit,
            outbox_limit: settings.outbox_limit,
            outbox_expiry_ms: settings.outbox_expiry.0,
            read_receipts: settings.read_receipts,
            carry: settings.carry,
            carry_bytes: settings.carry_bytes,
        })
    }

    /// The settings that were changed while the host ran, now or earlier; the others are the configuration's.
    pub async fn changed_settings(&self) -> Result<SettingsChange, PermessoError> {
        let node = self.node.clone();
        let changed = ask(async move { node.changed_settings().await }).await?;
        Ok(SettingsChange {
            alias: changed.alias,
            visibility: changed.visibility.map(Visibility::from),
            port: changed.port,
            history_limit: changed.history_limit,
            outbox_limit: changed.outbox_limit,
            outbox_expiry_ms: changed.outbox_expiry.map(|span| span.0),
            read_receipts: changed.read_receipts,
            carry: changed.carry,
            carry_bytes: changed.carry_bytes,
        })
    }

    /// Changes settings: all of them, or none if one is refused.
    pub async fn change_settings(&self, change: SettingsChange) -> Result<(), PermessoError> {
        let node = self.node.clone();
        let settings: Vec<Setting> = settings(change).collect();
        if settings.is_empty() {
            return Ok(());
        }
        ask(async move { node.command(Command::SetAll { settings }).await.map(drop) }).await
    }
}

fn settings(change: SettingsChange) -> impl Iterator<Item = Setting> {
    [
        change.alias.map(Setting::Alias),
        change.visibility.map(|visibility| Setting::Visibility(visibility.into())),
        change.port.map(Setting::Port),
        change.history_limit.map(Setting::HistoryLimit),
        change.outbox_limit.map(Setting::OutboxLimit),
        change.outbox_expiry_ms.map(|span| Setting::OutboxExpiry(Millis(span))),
        change.read_receipts.map(Setting::ReadReceipts),
        change.carry.map(Setting::Carry),
        change.carry_bytes.map(Setting::CarryBytes),
    ]
    .into_iter()
    .flatten()
}

impl From<permesso_node::Visibility> for Visibility {
    fn from(visibility: permesso_node::Visibility) -> Self {
        match visibility {
            permesso_node::Visibility::Everybody => Self::Everybody,
            permesso_node::Visibility::Friends => Self::Friends,
            permesso_node::Visibility::Nobody => Self::Nobody,
        }
    }
}

impl From<Visibility> for permesso_node::Visibility {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Everybody => Self::Everybody,
            Visibility::Friends => Self::Friends,
            Visibility::Nobody => Self::Nobody,
        }
    }
}
