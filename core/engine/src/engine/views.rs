//! What can be read of the engine at any time.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Engine;
use crate::api::{
    CarryingView, ContactView, CustodyView, FriendView, FullServerView, HolderView, HostView, NetAddr, PacketView,
};
use crate::few::sort_few;
use crate::friends::Friend;
use crate::ids::{FriendId, HostId, IdentityKey, MessageId, MessageKey};
use crate::outbox::{FullServer, Holder};
use crate::safety::safety_number;
use crate::settings::{ChangedSettings, Settings};
use crate::time::Millis;
use crate::uri::PermessoUri;

impl Engine {
    /// This host's id.
    pub fn host_id(&self) -> HostId {
        self.core.account.identity.host_id()
    }

    /// Whether the database was found to be an older copy at this start (PROTOCOL.md, Copies of a database).
    pub fn is_restored_copy(&self) -> bool {
        self.core.account.is_restored()
    }

    /// Whether this host is on the network, from its joining until it has said good-bye.
    pub fn is_present(&self) -> bool {
        self.presence.is_joined()
    }

    /// This host's identity key.
    pub fn identity_key(&self) -> IdentityKey {
        self.core.account.identity.key()
    }

    /// The Ed25519 secret of the identity key, for the TLS of links.
    pub fn link_secret(&self) -> Zeroizing<[u8; 32]> {
        self.core.account.identity.secret()
    }

    /// Every host known, the three special ones first.
    pub fn hosts(&self) -> Vec<HostView> {
        let mut views = self.presence.views(self.host_id(), &self.core.account.settings.alias);
        for view in &mut views {
            view.conversation_port = self.links.conversation_port(view.host);
            if let Some(friend) = self.friends.by_host(view.host) {
                view.friend = friend.state;
                view.alias = Some(friend.alias.clone()).filter(|alias| !alias.is_empty()).or(view.alias.take());
            }
        }
        views
    }

    /// How many hosts [`Engine::hosts`] tells of.
    pub fn hosts_known(&self) -> usize {
        self.presence.known()
    }

    /// Friends, askers and ended friends, in the order they were met.
    pub fn friends(&self) -> Vec<FriendView> {
        self.friends.all().map(|friend| self.friend_view(friend)).collect()
    }

    /// The same with their keys, as an address book needs them.
    pub fn contacts(&self) -> Vec<ContactView> {
        self.friends.all().map(Friend::contact).collect()
    }

    pub(super) fn friend_view(&self, friend: &Friend) -> FriendView {
        let greeting = friend.received.as_ref().and_then(|received| received.signed.read_ask());
        let others = self.friends.all().filter(|other| other.is_friend()).map(|other| (other.host, other.name()));
        let unread = self.conversations.with(friend.id).map_or(0, |conversation| conversation.unread());
        FriendView {
            friend: friend.id,
            host: friend.host,
            state: friend.state,
            alias: friend.alias.clone(),
            local_alias: friend.local_alias.clone(),
            verified: friend.verified,
            has_code: friend.brought.is_some(),
            blocked: friend.blocked,
            greeting: greeting.map(|ask| ask.greeting().to_owned()),
            flags: crate::names::flags(&friend.alias, friend.host, others),
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            online: self.presence.is_online(friend.host),
        }
    }

    /// What is carried for others.
    pub fn custody(&self) -> CustodyView {
        let (carrying, config) = (&self.carrying, &self.core.config.custody);
        CustodyView {
            carry: self.carries(),
            server: config.is_server,
            envelopes: carrying.custody.len() as u64,
            bytes: carrying.custody.bytes(),
            envelopes_max: config.envelopes_max.into(),
            bytes_max: config.storage_bytes,
            depositors: carrying.custody.depositors() as u64,
            taken: carrying.stored,
            delivered: carrying.delivered,
        }
    }

    /// Who said to have stored a copy of a message of ours that is not yet delivered: servers first, then friends, then
    /// others, each in the order they took it.
    pub fn holders(&self, message: MessageId) -> Vec<HolderView> {
        let entry = self.outbox.row_of_message(message).and_then(|row| self.outbox.entry(row));
        let Some(entry) = entry.filter(|entry| !entry.given_up) else { return Vec::new() };
        let mut holders: Vec<HolderView> = entry.holders.iter().map(|holder| self.holder_view(holder)).collect();
        sort_few(&mut holders, |holder| (!holder.server, !self.friends.is_friend(holder.host)));
        holders
    }

    /// Servers that had no room for a message of ours, which is not yet delivered, when it was offered to them last.
    pub fn full_servers(&self, message: MessageId) -> Vec<FullServerView> {
        let entry = self.outbox.row_of_message(message).and_then(|row| self.outbox.entry(row));
        let Some(entry) = entry.filter(|entry| !entry.given_up) else { return Vec::new() };
        let view = |full: &FullServer| {
            let HolderView { host, alias, flags, .. } = self.holder_view(&full.server);
            FullServerView { host, alias, flags, reason: full.reason }
        };
        entry.full.iter().map(view).collect()
    }

    /// Whether something that a received message follows has not arrived yet: it is shown without waiting for it, and moves
    /// behind it when it comes.
    pub fn is_after_gap(&self, host: HostId, key: MessageKey) -> bool {
        self.friend_id(host).is_some_and(|friend| self.has_gap(friend, key))
    }

    fn holder_view(&self, holder: &Holder) -> HolderView {
        let (host, server) = (holder.host, holder.server);
        let friend = self.friends.by_host(host);
        let known = friend.map(|friend| friend.name().to_owned()).filter(|name| !name.is_empty());
        let claimed = self.presence.host(host).and_then(|host| host.alias.clone());
        let alias = known.or(claimed).or_else(|| holder.alias.clone()).filter(|alias| !alias.is_empty());
        // A name that the user gave needs no warning.
        let given = friend.is_some_and(|friend| friend.local_alias.is_some());
        let claimed = alias.as_deref().filter(|_| !given);
        let others = self.friends.all().filter(|other| other.is_friend()).map(|other| (other.host, other.name()));
        let flags = claimed.map(|alias| crate::names::flags(alias, host, others)).unwrap_or_default();
        HolderView { host, alias, flags, server }
    }

    /// The local number of a host that is or was a friend or asked to be; names its conversation in the store.
    pub fn friend_id(&self, host: HostId) -> Option<FriendId> {
        self.friends.by_host(host).map(|friend| friend.id)
    }

    /// The key of a host, if it is known.
    pub fn key_of(&self, host: HostId) -> Option<IdentityKey> {
        self.friends.key_of(host).or_else(|| self.presence.host(host).map(|host| host.key))
    }

    /// The 60 digits two users compare, if the host's key is known.
    pub fn safety_number(&self, host: HostId) -> Option<String> {
        Some(safety_number(&self.identity_key(), &self.key_of(host)?))
    }

    /// This host's `permesso:` URI, the content of its QR code, with the most useful of these presence addresses of its own
    /// (see [`PermessoUri::new`]). Its token is another after a request came with it, and each day. Its certificate lets
    /// who scans it ask without having met this host.
    pub fn uri(&self, addresses: &[NetAddr]) -> String {
        let alias = Some(self.core.account.settings.alias.clone()).filter(|alias| !alias.is_empty());
        let token = self.core.account.shown_token().map(<[u8]>::to_vec);
        let certificate = Some(self.core.account.certificate.clone());
        PermessoUri { token, certificate, ..PermessoUri::new(self.identity_key(), alias, addresses) }.to_string()
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.core.account.settings.clone()
    }

    /// Which of them were changed while the host ran, now or at an earlier start; the others are the configuration's.
    pub fn changed_settings(&self) -> ChangedSettings {
        self.core.account.changed_settings().of_role(self.core.config.custody.is_server)
    }

    /// The newest packets and their states.
    pub fn packets(&self) -> Vec<PacketView> {
        let mut views = self.packets.views();
        views.iter_mut().for_each(|view| view.changed = self.core.ageing.shown(view.changed));
        views
    }

    /// What this host keeps for others, and how busy it is.
    pub fn carrying(&self) -> CarryingView {
        let (carrying, config) = (&self.carrying, &self.core.config.custody);
        CarryingView {
            server: config.is_server,
            envelopes: carrying.custody.len() as u64,
            envelopes_max: u64::from(config.envelopes_max),
            bytes: carrying.custody.bytes(),
            storage_bytes: config.storage_bytes,
            deposits: carrying.stored,
            deliveries: carrying.delivered,
            refused: carrying.refused,
            expired: carrying.expired,
            hosts_online: self.presence.heard(),
            servers_online: self.presence.servers().count() as u64,
            links: self.links.ready_links().len() as u64,
        }
    }

    /// The time between two beacons of this host, which grows with the hosts heard: the pace of all it says unasked.
    pub fn beacon_interval(&self) -> Millis {
        self.presence.interval(&self.core.config.presence)
    }

    /// Counts of what was dropped or refused, by reason.
    pub fn counters(&self) -> BTreeMap<&'static str, u64> {
        self.core.counters.all()
    }

    /// How often something was dropped or refused for one reason of [`Engine::counters`].
    pub fn counted(&self, reason: &str) -> u64 {
        self.core.counters.of(reason)
    }
}
