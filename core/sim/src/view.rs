//! What a scenario, and the rest of the world, can see of its hosts.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use permesso_engine::Engine;
use permesso_engine::api::{Event, FriendView, HostView, NetAddr};
use permesso_engine::ids::{HostId, MessageId};
use permesso_engine::rows::{StoredState, Table};
use permesso_engine::time::Now;

use crate::ablation::Ablation;
use crate::host::Host;
use crate::traffic::Amount;
use crate::world::{CrashMoment, World};

impl World {
    /// A host's id; the id of "everybody" before it was first switched on.
    pub fn id(&self, host: usize) -> HostId {
        self.hosts.get(host).and_then(|host| host.id).unwrap_or(HostId::BROADCAST)
    }

    /// The friends as a host sees them; empty while it is switched off.
    pub fn friends(&self, host: usize) -> Vec<FriendView> {
        self.running(host).map(Engine::friends).unwrap_or_default()
    }

    /// The hosts as a host sees them; empty while it is switched off.
    pub fn views(&self, host: usize) -> Vec<HostView> {
        self.running(host).map(Engine::hosts).unwrap_or_default()
    }

    /// The state in which a host's store has a message with a peer.
    pub fn stored_state(&self, host: usize, peer: usize, message: MessageId) -> Option<StoredState> {
        self.oracle.state_of(host, peer, message)
    }

    /// What the engines told their users since the last call.
    pub fn take_events(&mut self) -> Vec<(usize, Event)> {
        std::mem::take(&mut self.lately)
    }

    /// Whether a text has reached its recipient and its sender knows.
    pub fn is_delivered(&self, from: usize, to: usize, text: &str) -> bool {
        self.oracle.is_proved(from, to, text)
    }

    /// Whether a text has been stored by its recipient.
    pub fn is_received(&self, at: usize, from: usize, text: &str) -> bool {
        self.oracle
            .sent()
            .any(|(sender, to, sent)| (sender, to) == (from, at) && sent.is(text) && sent.received_at.is_some())
    }

    /// The fate of a text, as its sender's store shows it.
    pub fn fate(&self, from: usize, to: usize, text: &str) -> Option<StoredState> {
        let id = self.oracle.id_of(from, to, text)?;
        self.oracle.state_of(from, to, id)
    }

    /// Who holds a text for its recipient, as its sender's user is told, and which of them are servers.
    pub fn holders(&self, from: usize, to: usize, text: &str) -> Vec<(HostId, bool)> {
        let Some(id) = self.oracle.id_of(from, to, text) else { return Vec::new() };
        let holders = self.running(from).map(|engine| engine.holders(id)).unwrap_or_default();
        holders.into_iter().map(|holder| (holder.host, holder.server)).collect()
    }

    /// The code a host shows now; empty while it is switched off.
    pub fn code(&self, host: usize) -> String {
        self.running(host).map(|engine| engine.uri(&[])).unwrap_or_default()
    }

    /// How many envelopes of others a host's store holds.
    pub fn custody_of(&self, host: usize) -> usize {
        let records = self.hosts.get(host).map(|host| host.store.snapshot().records).unwrap_or_default();
        records.iter().filter(|(key, _)| key.table == Table::Custody).count()
    }

    /// How many copies of each envelope of others a host may give away.
    pub fn copies_at(&self, host: usize) -> Vec<u16> {
        let kept = self.hosts.get(host).into_iter().flat_map(|host| host.store.records(Table::Custody));
        kept.filter_map(|(_, kept, _)| copies_of(kept)).collect()
    }

    /// A host's disk hangs: nothing becomes durable for so many virtual milliseconds.
    pub fn hang_disk(&mut self, host: usize, span: u64) {
        if let Some(state) = self.hosts.get_mut(host) {
            state.last_commit_at = self.now + span;
        }
    }

    /// Whether no stored message waits any more.
    pub fn everything_arrived(&self) -> bool {
        (0..self.hosts.len()).all(|host| self.oracle.waiting(host).is_empty())
    }

    /// The own messages of a host that wait for their delivery.
    pub fn waiting(&self, host: usize) -> Vec<MessageId> {
        self.oracle.waiting(host).into_iter().map(|(_, message)| message).collect()
    }

    /// What a host has sent so far, by kind.
    pub fn traffic(&self, host: usize) -> BTreeMap<&'static str, Amount> {
        self.traffic.of(host)
    }

    /// How many links stand, up at both ends.
    pub fn standing_links(&self) -> usize {
        (0..self.hosts.len()).map(|host| self.open_links(host).len()).sum::<usize>() / 2
    }

    /// The time between two beacons of a host, in milliseconds; 0 while it is switched off.
    pub fn beacon_interval(&self, host: usize) -> u64 {
        self.running(host).map_or(0, |engine| engine.beacon_interval().0)
    }

    /// How many commits all hosts together have ended so far.
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// Lets the host that ends the `commit`-th commit of the world crash around it.
    pub fn plan_crash(&mut self, commit: u64, moment: CrashMoment) {
        self.crash_plan = Some((commit, moment));
    }

    /// The last things that happened, as text.
    pub fn trace(&self) -> String {
        self.trace.text()
    }

    pub(crate) fn running(&self, host: usize) -> Option<&Engine> {
        self.hosts.get(host).and_then(|host| host.engine.as_ref())
    }

    /// A host's engine and what its clocks show.
    pub(crate) fn engine(&mut self, host: usize) -> Option<(&mut Engine, Now)> {
        let host = self.hosts.get_mut(host)?;
        let now = host.clock.read(self.now);
        host.engine.as_mut().map(|engine| (engine, now))
    }

    /// The engine that something was planned for, if it still is the same one.
    pub(crate) fn engine_of_life(&mut self, host: usize, life: u32) -> Option<(&mut Engine, Now)> {
        self.hosts.get(host).filter(|host| host.life == life)?;
        self.engine(host)
    }

    /// The host that has an IP address, if one has.
    pub(crate) fn host_at(&self, ip: IpAddr) -> Option<usize> {
        match ip {
            IpAddr::V4(ip) => self.air.holder(ip),
            IpAddr::V6(_) => None,
        }
    }

    pub(crate) fn presence_address(&self, host: usize, network: usize) -> NetAddr {
        let unset = NetAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        self.hosts.get(host).map_or(unset, |host| host.presence_address(network))
    }

    /// Whether a host is one of the world now: not a spare, and not gone.
    pub(crate) fn is_in_use(&self, host: usize) -> bool {
        self.hosts.get(host).is_some_and(Host::is_in_use)
    }

    /// Whether a host follows the protocol.
    pub(crate) fn is_honest(&self, host: usize) -> bool {
        self.hosts.get(host).is_some_and(Host::is_honest)
    }

    pub(crate) fn is_ablated(&self, host: usize, ablation: Ablation) -> bool {
        self.hosts.get(host).is_some_and(|host| host.ablations.contains(&ablation))
    }
}

/// The copies in a record of custody: its sixth item.
fn copies_of(kept: &[u8]) -> Option<u16> {
    // Behind three names of 8 bytes and 4 bytes of lifetime.
    kept.get(28..30)?.try_into().ok().map(u16::from_be_bytes)
}
