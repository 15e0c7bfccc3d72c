//! Whom to be linked with for the sake of carrying: servers, friends and strangers who have taken something in
//! (PROTOCOL.md, Carriers).

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Engine;
use crate::ids::HostId;
use crate::links::Who;
use crate::packet::Role;
use crate::presence::below;
use crate::time::Millis;

/// Servers that keep the mail of one host.
const SERVERS_PER_HOST: usize = 2;
/// A stranger is met this often at most, so that all such links together stay a small share of the air ...
const STRANGER_EVERY: Millis = Millis::from_secs(30);
/// ... and less often where more hosts are heard: one set-up costs 7 ms of a 6 Mbit/s channel.
const STRANGER_EVERY_PER_HOST: Millis = Millis(400);

impl Engine {
    /// A server, or somebody whose custody has grown, was heard.
    pub(super) fn on_carrier_heard(&mut self, host: HostId) {
        let Some(beacon) = self.presence.host(host).and_then(|host| host.beacon) else { return };
        if beacon.role == Role::Server {
            let delay = self.presence.reply_delay(&mut self.core.context());
            let due = self.core.now.tick + delay;
            // Many have waited for a server that is new here; they come one after the other.
            let due = *self.carrying.servers.entry(host).or_insert(due);
            self.carrying.seek_by(due.max(self.core.now.tick));
        } else if self.friends.is_friend(host) && self.has_news(host, beacon.arrivals) {
            self.link_with(host);
        }
    }

    /// Looks for the servers and the stranger to be linked with now.
    pub(super) fn seek_carriers(&mut self) {
        let now = self.core.now.tick;
        if !self.present || self.leaving.is_some() || self.carrying.seek > now {
            return;
        }
        self.carrying.seek = now + self.stranger_every();
        let online: BTreeSet<HostId> = self.presence.servers().collect();
        self.carrying.servers.retain(|host, _| online.contains(host));
        if let Some(next) = self.carrying.servers.values().copied().filter(|due| *due > now).min() {
            self.carrying.seek_by(next);
        }
        self.carrying.sought = self.servers_sought();
        for host in self.carrying.sought.clone() {
            self.link_with(host);
        }
        if self.carrying.met + self.stranger_every() <= now {
            self.carrying.met = now;
            self.meet_a_stranger();
        }
    }

    fn stranger_every(&self) -> Millis {
        STRANGER_EVERY.max(Millis(STRANGER_EVERY_PER_HOST.0 * self.presence.heard()))
    }

    /// The servers that keep this host's mail, and those of everybody for whom something waits here that they do not hold.
    fn servers_sought(&self) -> BTreeSet<HostId> {
        let now = self.core.now.tick;
        let ready = |host: &HostId| self.carrying.servers.get(host).is_some_and(|due| *due <= now);
        let servers: Vec<HostId> = self.presence.servers().filter(ready).collect();
        if servers.is_empty() || self.core.config.custody.is_server {
            return BTreeSet::new();
        }
        let mut sought: BTreeSet<HostId> = servers_of(self.core.account.identity.host_id(), &servers).collect();
        for (_, entry) in self.outbox.newest_first() {
            let Some(recipient) = self.friends.get(entry.friend).map(|friend| friend.host) else { continue };
            if !self.presence.is_online(recipient) {
                let held = |server: &HostId| entry.holders.iter().any(|holder| holder.host == *server);
                sought.extend(servers_of(recipient, &servers).filter(|server| !held(server)));
            }
        }
        sought
    }

    /// Whether a peer is a server that is here and keeps no mail of this recipient, because two others do.
    pub(super) fn keeps_nothing_for(&self, recipient: HostId, peer: HostId) -> bool {
        let servers: Vec<HostId> = self.presence.servers().collect();
        servers.contains(&peer) && servers_of(recipient, &servers).all(|server| server != peer)
    }

    /// Whether a link with a server is to stay although nothing passes on it: what arrives there is pushed.
    pub(super) fn is_standing(&self, host: HostId) -> bool {
        if self.core.config.custody.is_server {
            return self.carrying.exchanges.values().any(|exchange| exchange.host == host);
        }
        let servers: Vec<HostId> = self.presence.servers().collect();
        servers.contains(&host) && servers_of(self.core.account.identity.host_id(), &servers).any(|it| it == host)
    }

    /// A random stranger with whom there is something to exchange.
    fn meet_a_stranger(&mut self) {
        if self.core.config.custody.is_server {
            return;
        }
        let own = self.outbox.newest_first().any(|(_, entry)| entry.spray.copies > 1 && entry.envelope != 0);
        let carried = self.carries() && self.carrying.custody.slots().any(|(_, kept)| kept.copies > 1);
        let strangers: Vec<HostId> = self
            .presence
            .online()
            .filter(|host| host.beacon.is_some_and(|it| it.role == Role::Client && it.link_port != 0))
            .filter(|host| own || carried || host.beacon.is_some_and(|it| self.has_news(host.id, it.arrivals)))
            .map(|host| host.id)
            .filter(|host| !self.friends.is_friend(*host) && self.links.ready(*host).is_none())
            .collect();
        if strangers.is_empty() {
            return;
        }
        let chosen = below(&mut self.core.context(), strangers.len() as u64);
        if let Some(host) = strangers.get(usize::try_from(chosen).unwrap_or_default()).copied() {
            self.carrying.sought.insert(host);
            self.link_with(host);
        }
    }

    /// Whether a host has taken something into custody since it was asked last.
    fn has_news(&self, host: HostId, arrivals: u32) -> bool {
        arrivals != 0 && self.carrying.acquaintances.wanted(host).is_none_or(|(then, _)| then != arrivals)
    }

    pub(super) fn link_with(&mut self, host: HostId) {
        let Some(key) = self.presence.host(host).filter(|host| host.online).map(|host| host.key) else { return };
        if self.links.ready(host).is_some() || self.friends.by_host(host).is_some_and(|friend| friend.blocked) {
            return;
        }
        let who = Who { host, key, friend: self.friends.is_friend(host) };
        self.links.want(who, &mut self.presence, &mut self.core.context());
    }
}

/// Of these servers the two that keep a host's mail: those whose hash with it is least. Who writes to it and it itself find
/// the same, and many share the work.
fn servers_of(host: HostId, servers: &[HostId]) -> impl Iterator<Item = HostId> + use<> {
    let rank = |server: &HostId| {
        let digest = Sha256::new().chain_update(server.as_bytes()).chain_update(host.as_bytes()).finalize();
        (digest.to_vec(), *server)
    };
    let mut ranked: Vec<_> = servers.iter().map(rank).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(SERVERS_PER_HOST).map(|(_, server)| server)
}
