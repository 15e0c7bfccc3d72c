//! What can change while a host runs: what the configuration says, unless it was changed since.

use serde::{Deserialize, Serialize};

use crate::api::{Setting, Visibility};
use crate::config::Config;
use crate::names;
use crate::time::Millis;

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// One's own alias.
    pub alias: String,
    /// Who may see this host.
    pub visibility: Visibility,
    /// The default UDP port.
    pub port: u16,
    /// Messages kept per conversation.
    pub history_limit: u32,
    /// Messages waiting to be delivered.
    pub outbox_limit: u32,
    /// After how long an undelivered message fails.
    pub outbox_expiry: Millis,
    /// Whether friends are told that their messages were opened.
    pub read_receipts: bool,
    /// Whether messages of others are carried; own mail is spread in any case. A persistent server carries always.
    pub carry: bool,
    /// Bytes of envelopes of others kept in all.
    pub carry_bytes: u64,
}

/// The settings that were changed while the host ran; the others are those of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangedSettings {
    /// See [`Settings::alias`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// See [`Settings::visibility`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// See [`Settings::port`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// See [`Settings::history_limit`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_limit: Option<u32>,
    /// See [`Settings::outbox_limit`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbox_limit: Option<u32>,
    /// See [`Settings::outbox_expiry`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbox_expiry: Option<Millis>,
    /// See [`Settings::read_receipts`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_receipts: Option<bool>,
    /// See [`Settings::carry`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carry: Option<bool>,
    /// See [`Settings::carry_bytes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carry_bytes: Option<u64>,
    /// The same of a persistent server, where it is kept: who takes that role or gives it up has the other limit. Whoever asks
    /// the host has the one of its role in `carry_bytes`, and nothing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_bytes: Option<u64>,
}

impl ChangedSettings {
    /// Puts what was changed under limits that the configuration may have lowered since: an outbox is smaller than the marks.
    pub(crate) fn bound(&mut self, config: &Config) {
        let most = config.messages.marks_max.saturating_sub(1).max(1);
        if let Some(limit) = self.outbox_limit.filter(|limit| *limit > most) {
            tracing::warn!(limit, most, "the outbox limit that was set is above messages.marks_max: it is lowered");
            self.outbox_limit = Some(most);
        }
    }

    /// Notes that a setting was changed, by a persistent server or by another host.
    pub(crate) fn note(&mut self, setting: Setting, is_server: bool) {
        match setting {
            Setting::Alias(alias) => self.alias = Some(alias),
            Setting::Visibility(visibility) => self.visibility = Some(visibility),
            Setting::Port(port) => self.port = Some(port),
            Setting::HistoryLimit(limit) => self.history_limit = Some(limit),
            Setting::OutboxLimit(limit) => self.outbox_limit = Some(limit),
            Setting::OutboxExpiry(expiry) => self.outbox_expiry = Some(expiry),
            Setting::ReadReceipts(tell) => self.read_receipts = Some(tell),
            Setting::Carry(carry) => self.carry = Some(carry),
            Setting::CarryBytes(bytes) if is_server => self.served_bytes = Some(bytes),
            Setting::CarryBytes(bytes) => self.carry_bytes = Some(bytes),
        }
    }

    /// What of it counts in a role; what is kept for the other one is not told.
    pub(crate) fn of_role(&self, is_server: bool) -> Self {
        let changed = Self { served_bytes: None, ..self.clone() };
        match is_server {
            true => Self { carry: None, carry_bytes: self.served_bytes, ..changed },
            false => changed,
        }
    }

    /// What is in force in a host of this configuration, whose role these changes are of.
    pub fn in_force(self, config: &Config) -> Settings {
        self.over(settings(config))
    }

    /// What is in force where `configured` was not changed.
    pub(crate) fn over(self, configured: Settings) -> Settings {
        Settings {
            alias: self.alias.unwrap_or(configured.alias),
            visibility: self.visibility.unwrap_or(configured.visibility),
            port: self.port.unwrap_or(configured.port),
            history_limit: self.history_limit.unwrap_or(configured.history_limit),
            outbox_limit: self.outbox_limit.unwrap_or(configured.outbox_limit),
            outbox_expiry: self.outbox_expiry.unwrap_or(configured.outbox_expiry),
            read_receipts: self.read_receipts.unwrap_or(configured.read_receipts),
            carry: self.carry.unwrap_or(configured.carry),
            carry_bytes: self.carry_bytes.unwrap_or(configured.carry_bytes),
        }
    }
}

/// The settings of a host that nobody has changed.
pub(crate) fn settings(config: &Config) -> Settings {
    Settings {
        alias: names::normalize(&config.host.alias),
        visibility: config.host.visibility,
        port: config.host.port,
        history_limit: config.messages.history_max,
        outbox_limit: config.messages.outbox_max,
        outbox_expiry: config.messages.outbox_expiry,
        read_receipts: config.messages.read_receipts,
        carry: config.custody.is_server || config.custody.carry,
        carry_bytes: config.custody.storage_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_force(changed: &ChangedSettings, is_server: bool) -> Settings {
        let mut config = Config::default();
        config.custody.is_server = is_server;
        changed.of_role(is_server).in_force(&config)
    }

    #[test]
    fn a_limit_of_storage_holds_for_the_role_it_was_set_in() {
        let mut changed = ChangedSettings::default();
        changed.note(Setting::CarryBytes(5), false);
        let bytes = |changed: &ChangedSettings, is_server| in_force(changed, is_server).carry_bytes;
        let configured = Config::default().custody.storage_bytes;
        assert_eq!([false, true].map(|is_server| bytes(&changed, is_server)), [5, configured]);
        changed.note(Setting::CarryBytes(7), true);
        assert_eq!([false, true].map(|is_server| bytes(&changed, is_server)), [5, 7]);
    }

    #[test]
    fn who_carries_for_nobody_does_as_a_server_and_not_afterwards() {
        let mut changed = ChangedSettings::default();
        changed.note(Setting::Carry(false), false);
        assert_eq!([false, true].map(|is_server| in_force(&changed, is_server).carry), [false, true]);
    }
}
