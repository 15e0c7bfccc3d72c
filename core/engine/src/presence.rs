//! Who is here (PROTOCOL.md, Presence): JOIN_NETWORK, HOST_ONLINE and LEAVE_NETWORK, sent and heard.
//!
//! Presence is a hint: whatever has consequences waits for a link. While a link to a host lives, datagrams change nothing
//! about it. `telling.rs` sends, `hearing.rs` listens, `unicast.rs` tries single addresses.

use std::collections::{BTreeSet, VecDeque};

use rand_core::Rng as _;

use crate::api::{Cast, Event, FriendState, HostView, NetAddr, NetworkEvent, SpecialHost, Visibility, Wake};
use crate::contacts::Contacts;
use crate::context::Context;
use crate::engine::RestoreError;
use crate::hosts::{Allowance, Host, Hosts};
use crate::ids::{HostId, HostNumber, IdentityKey, Interface};
use crate::network::Network;
use crate::packet::{Beacon, Counter, Packet, PacketBody, Role};
use crate::replies::Replies;
use crate::sweep::Sweep;
use crate::time::{Millis, Now, Tick};

/// What is answered to an address not validated is at most this many times as long as what came from there.
const AMPLIFICATION_MAX: usize = 3;

/// What a verified datagram was.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) packet: Packet,
    pub(crate) via: Interface,
    pub(crate) cast: Cast,
    pub(crate) from: NetAddr,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// Its sender was away until now.
    pub(crate) came: bool,
}

/// The presence plane of one host.
pub(crate) struct Presence {
    pub(crate) hosts: Hosts,
    pub(crate) contacts: Contacts,
    pub(crate) network: Network,
    pub(crate) sweep: Sweep,
    pub(crate) joined: bool,
    pub(crate) replies: Replies,
    /// Where this host's own packets came back, since that was last looked at.
    pub(crate) own_heard: BTreeSet<(Interface, Cast)>,
    /// HOST_ONLINEs to all that were heard.
    pub(crate) beacons_heard: u64,
    pub(crate) strangers: Allowance,
    pub(crate) known_strangers: Allowance,
    pub(crate) joins: VecDeque<Tick>,
    pub(crate) next_beacon: Option<Tick>,
    counter: Counter,
    link_port: u16,
    custody: (u32, Role),
}

impl Presence {
    /// Goes on with the hosts of these records (`Table::Host`). `generation` is greater at each start.
    pub(crate) fn restore<V: AsRef<[u8]>>(
        records: impl Iterator<Item = (u64, V)>,
        generation: u32,
    ) -> Result<Self, RestoreError> {
        let hosts = Hosts::restore(records)?;
        let mut contacts = Contacts::default();
        for host in hosts.iter() {
            if let Some(address) = host.address {
                contacts.add(address, Some(host.number), Tick(0));
            }
        }
        Ok(Self {
            hosts,
            contacts,
            network: Network::default(),
            sweep: Sweep::default(),
            joined: false,
            replies: Replies::default(),
            own_heard: BTreeSet::new(),
            beacons_heard: 0,
            strangers: Allowance::default(),
            known_strangers: Allowance::default(),
            joins: VecDeque::new(),
            next_beacon: None,
            counter: Counter { generation, n: 0 },
            link_port: 0,
            custody: (0, Role::Client),
        })
    }

    /// Begins to be present.
    pub(crate) fn join(&mut self, ctx: &mut Context) {
        self.joined = true;
        self.announce(ctx);
    }

    /// Says good-bye to whoever may know, and is silent from then on.
    pub(crate) fn leave(&mut self, ctx: &mut Context) {
        if !self.joined {
            return;
        }
        self.tell_all_reached(&PacketBody::Leave, ctx);
        self.joined = false;
        self.joins.clear();
        self.replies.clear();
        self.next_beacon = None;
        self.sweep.end();
        for host in self.hosts.iter_mut() {
            host.linked = false;
            host.write(ctx.now.tick, ctx.gate);
        }
        let online: Vec<HostNumber> = self.hosts.online().map(|host| host.number).collect();
        for number in online {
            self.set_offline(number, ctx);
        }
    }

    /// Takes in what happened to the network.
    pub(crate) fn handle_network(&mut self, event: &NetworkEvent, ctx: &mut Context) {
        match event {
            NetworkEvent::InterfaceUp { interface, addresses } => {
                if self.network.up(*interface, addresses.clone()) && self.joined {
                    self.announce(ctx);
                }
            }
            NetworkEvent::InterfaceDown { interface } => self.network.down(*interface),
            NetworkEvent::ToEverybody { interface, works } => {
                if self.network.set_mute(*interface, !works) {
                    self.sweep_if_needed(ctx);
                }
            }
            NetworkEvent::PeerFound { address } => {
                if self.network.names_one_host(address) {
                    self.contacts.give(*address, None, ctx.now.tick);
                }
            }
            NetworkEvent::Resumed => {
                self.hosts.wait_at_least_until(ctx.now.tick + ctx.config.presence.interval_min);
                if self.joined {
                    self.announce(ctx);
                }
            }
        }
    }

    /// Whether this host is present.
    pub(crate) fn is_joined(&self) -> bool {
        self.joined
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, ctx: &mut Context) {
        let now = ctx.now.tick;
        while let Some(number) = self.hosts.gone(now) {
            self.set_offline(number, ctx);
        }
        if !self.joined {
            return;
        }
        self.show_itself(ctx);
        self.send_replies(ctx);
        for contact in self.contacts.due(now) {
            self.try_contact(contact, ctx);
        }
        self.try_neighbour(ctx);
    }

    /// When to call `handle_timeout` again.
    pub(crate) fn next_timeout(&self) -> Option<(Tick, Wake)> {
        let gone = self.hosts.next_gone();
        let sending = if self.joined {
            let showing =
                [self.joins.front().copied(), self.next_beacon].map(|due| due.filter(|_| self.network.is_up()));
            let reply = self.replies.next_due();
            let asking = [reply, self.contacts.next_due(), self.sweep.next_due()];
            showing.into_iter().chain(asking).flatten().min()
        } else {
            None
        };
        gone.into_iter().chain(sending).min().map(|due| (due, Wake::Presence))
    }

    /// The number of the next packet; also what a HELLO states.
    pub(crate) fn next_counter(&mut self) -> Counter {
        self.counter.n = self.counter.n.saturating_add(1);
        self.counter
    }

    /// A signed packet of this host.
    pub(crate) fn make(&mut self, ctx: &mut Context, receiver: HostId, body: PacketBody) -> Vec<u8> {
        let packet = Packet {
            sender: ctx.identity.host_id(),
            receiver,
            counter: self.next_counter(),
            timestamp: ctx.shown,
            key: ctx.identity.key(),
            body,
        };
        packet.encode(ctx.identity)
    }

    /// What this host announces of itself.
    pub(crate) fn beacon(&self, ctx: &Context) -> Beacon {
        let interval_s = u16::try_from(self.interval(&ctx.config.presence).0.div_ceil(1_000)).unwrap_or(u16::MAX);
        let (arrivals, role) = self.custody;
        Beacon { interval_s, link_port: self.link_port, arrivals, role }
    }

    /// The number of the newest envelope in custody, and what this host is to others: beacons say both.
    pub(crate) fn set_custody(&mut self, arrivals: u32, role: Role) {
        self.custody = (arrivals, role);
    }

    /// The main link port is bound (or not, then 0): tells it soon.
    pub(crate) fn set_link_port(&mut self, port: u16, ctx: &mut Context) {
        if self.link_port != port {
            self.link_port = port;
            self.beacon_soon(ctx);
        }
    }

    /// The user changed who may see this host: takes leave of those who no longer may, or shows itself.
    pub(crate) fn on_visibility_changed(&mut self, before: Visibility, ctx: &mut Context) {
        if !self.joined || before == ctx.settings.visibility {
            return;
        }
        match before {
            Visibility::Everybody => self.tell_everybody(&PacketBody::Leave, ctx),
            Visibility::Friends if ctx.settings.visibility == Visibility::Nobody => {
                self.tell_friends(&PacketBody::Leave, ctx);
            }
            Visibility::Friends | Visibility::Nobody => {}
        }
        self.replies.clear();
        self.announce(ctx);
    }

    /// Whether this host may be shown to that one now: the rule for every answer.
    pub(crate) fn may_tell(&self, host: HostId, ctx: &Context) -> bool {
        match ctx.settings.visibility {
            Visibility::Everybody => true,
            Visibility::Friends => self.hosts.by_id(host).is_some_and(Host::is_friend),
            Visibility::Nobody => false,
        }
    }

    /// Whether `length` bytes may be answered to an address from which `received` came: at most three times as many unless
    /// it was validated (I9), and never to more than one host.
    pub(crate) fn may_answer(&self, to: &NetAddr, received: usize, length: usize) -> bool {
        let validated = || self.hosts.iter().any(|host| host.validated && host.address == Some(*to));
        self.network.names_one_host(to) && (length <= received.saturating_mul(AMPLIFICATION_MAX) || validated())
    }

    /// Whether the address is reached without a router.
    pub(crate) fn is_on_link(&self, address: &NetAddr) -> bool {
        self.network.is_on_link(address)
    }

    /// The host, if it is known.
    pub(crate) fn host(&self, host: HostId) -> Option<&Host> {
        self.hosts.by_id(host)
    }

    /// Whether the host is taken to be here.
    pub(crate) fn is_online(&self, host: HostId) -> bool {
        self.host(host).is_some_and(|host| host.online)
    }

    /// The hosts that are here.
    pub(crate) fn online(&self) -> impl Iterator<Item = &Host> {
        self.hosts.online()
    }

    /// How many hosts are here.
    pub(crate) fn heard(&self) -> u64 {
        self.hosts.count_online() as u64
    }

    /// The persistent servers that are here.
    pub(crate) fn servers(&self) -> impl Iterator<Item = HostId> + '_ {
        self.online().filter(|host| host.beacon.is_some_and(|it| it.role == Role::Server)).map(|host| host.id)
    }

    /// Where a DUMMY may be sent to find the host: where it is known to be, and where it was heard last if that is
    /// elsewhere. Only addresses on-link, validated, or given by the user's peers.
    pub(crate) fn addresses(&self, host: HostId) -> Vec<NetAddr> {
        let Some(host) = self.host(host) else { return Vec::new() };
        let elsewhere = host.heard_from.filter(|heard| Some(*heard) != host.address);
        let allowed = |address: &NetAddr| {
            let validated = host.validated && host.address == Some(*address);
            let known = validated || self.network.is_on_link(address) || self.contacts.contains(address);
            known && self.network.names_one_host(address)
        };
        host.address.into_iter().chain(elsewhere).filter(allowed).collect()
    }

    /// How many hosts are told of: those met, and the three special ones.
    pub(crate) fn known(&self) -> usize {
        self.hosts.len() + 3
    }

    /// Every host: this one, everybody, any server, then the others in the order they were met.
    pub(crate) fn views(&self, own: HostId, alias: &str) -> Vec<HostView> {
        let special = |host, special, online, alias| HostView {
            host,
            online,
            address: None,
            conversation_port: None,
            last_heard: None,
            special: Some(special),
            alias,
            friend: FriendState::Unknown,
        };
        let alias = Some(alias.to_owned());
        let mut views = vec![
            special(own, SpecialHost::Local, true, alias),
            special(HostId::BROADCAST, SpecialHost::Broadcast, true, None),
            special(HostId::PERSISTENT_SERVER, SpecialHost::PersistentServer, self.hosts.has_server(), None),
        ];
        views.extend(self.hosts.iter().map(Host::view));
        views
    }

    /// Remembers a host for good: a friend, an asker, a scanned code.
    pub(crate) fn pin(&mut self, key: IdentityKey, ctx: &mut Context) -> HostNumber {
        let number = self.hosts.meet(key);
        self.hosts.pin(number, ctx.now.tick, ctx.gate);
        if let Some(address) = self.hosts.get(number).and_then(|host| host.address) {
            self.contacts.add(address, Some(number), ctx.now.tick);
        }
        number
    }

    /// Somebody the user trusts says where a pinned host is: tried, and believed if nothing better is known.
    pub(crate) fn remember(&mut self, number: HostNumber, address: NetAddr, ctx: &mut Context) {
        if !self.network.names_one_host(&address) {
            return;
        }
        self.contacts.give(address, Some(number), ctx.now.tick);
        if let Some(host) = self.hosts.get_mut(number)
            && host.address.is_none()
        {
            host.address = Some(address);
            host.write(ctx.now.tick, ctx.gate);
        }
    }

    /// Our nonce came back from there: the host is there, wherever it was before.
    pub(crate) fn address_validated(&mut self, host: HostId, address: NetAddr, ctx: &mut Context) {
        let Some(host) = self.hosts.by_id_mut(host) else { return };
        host.validated = true;
        let moved = host.address != Some(address);
        host.address = Some(address);
        if moved {
            host.write(ctx.now.tick, ctx.gate);
            ctx.gate.event_now(Event::HostChanged(host.view()));
            let (number, pinned) = (host.number, host.pinned);
            self.contacts.forget(number);
            if pinned {
                self.contacts.add(address, Some(number), ctx.now.tick);
            }
        }
    }

    /// A link to the holder of this key is up: it is here, and datagrams change nothing about it any more.
    pub(crate) fn link_up(&mut self, key: IdentityKey, ctx: &mut Context) -> HostNumber {
        let number = self.hosts.meet(key);
        if let Some(host) = self.hosts.get_mut(number) {
            host.linked = true;
        }
        self.set_online(number, false, ctx);
        number
    }

    /// What the host states on a link: its packets are fresh from there on, whatever was heard before.
    /// The link's address, where its handshake was completed, is where the host is.
    pub(crate) fn link_hello(&mut self, host: HostId, counter: Counter, address: NetAddr, ctx: &mut Context) {
        let Some(known) = self.hosts.by_id_mut(host) else { return };
        known.counter = Some(counter);
        known.write(ctx.now.tick, ctx.gate);
        let elsewhere = |known: &NetAddr| known.is_ipv4() == address.is_ipv4() && known.ip() != address.ip();
        let Some(mut moved) = known.address.filter(elsewhere) else { return };
        // Presence has a port of its own.
        let port = moved.port();
        moved = address;
        moved.set_port(port);
        self.address_validated(host, moved, ctx);
    }

    /// The last link to a host was closed in order: it is still here, for as long as its beacons say so.
    pub(crate) fn link_down(&mut self, host: HostId, ctx: &mut Context) {
        let Some(number) = self.hosts.number(host) else { return };
        let patience = patience(ctx, None);
        if let Some(host) = self.hosts.get_mut(number) {
            host.linked = false;
            host.patience = host.patience.max(patience);
        }
        self.hosts.expect(number, ctx.now.tick);
    }

    /// The last link to a host broke: it is taken to be gone.
    pub(crate) fn link_lost(&mut self, host: HostId, ctx: &mut Context) {
        let Some(number) = self.hosts.number(host) else { return };
        if let Some(host) = self.hosts.get_mut(number) {
            host.linked = false;
        }
        self.set_offline(number, ctx);
    }

    /// The alias a host claims.
    pub(crate) fn set_alias_claim(&mut self, host: HostId, alias: &str, ctx: &mut Context) {
        if let Some(host) = self.hosts.by_id_mut(host)
            && host.alias.as_deref() != Some(alias)
        {
            host.alias = Some(alias.to_owned());
            host.write(ctx.now.tick, ctx.gate);
            if host.online {
                ctx.gate.event_now(Event::HostChanged(host.view()));
            }
        }
    }

    /// Where we stand with a host; to be told after a restart too. How it is shown now, if it is here and was shown otherwise.
    pub(crate) fn set_friend(&mut self, host: HostId, friend: FriendState) -> Option<HostView> {
        let host = self.hosts.by_id_mut(host).filter(|host| host.friend != friend)?;
        host.friend = friend;
        host.online.then(|| host.view())
    }

    /// The port of the conversation with a host, if there is one.
    pub(crate) fn set_conversation_port(&mut self, host: HostId, port: Option<u16>, ctx: &mut Context) {
        if let Some(host) = self.hosts.by_id_mut(host)
            && host.conversation_port != port
        {
            host.conversation_port = port;
            ctx.gate.event_now(Event::HostChanged(host.view()));
        }
    }

    /// A sign of life. Tells it if the host was away or has `moved`; makes room for it.
    pub(crate) fn set_online(&mut self, number: HostNumber, moved: bool, ctx: &mut Context) -> bool {
        let came = self.hosts.set_online(number, Now { wall: ctx.shown, ..ctx.now });
        if !self.network.is_mute() {
            self.sweep.end();
        }
        if let Some(host) = self.hosts.get_mut(number) {
            host.write_lazily(ctx.now.tick, ctx.gate);
            if came || moved {
                ctx.gate.event_now(Event::HostChanged(host.view()));
            }
        }
        while let Some((host, was_online)) = self.hosts.put_out(ctx.config.presence.hosts_max as usize) {
            ctx.counters.bump("host put out: too many");
            self.replies.remove(host.number);
            if was_online {
                ctx.gate.event_now(Event::HostChanged(host.view()));
            }
        }
        came
    }

    pub(crate) fn set_offline(&mut self, number: HostNumber, ctx: &mut Context) {
        if self.hosts.set_offline(number)
            && let Some(host) = self.hosts.get_mut(number)
        {
            host.write(ctx.now.tick, ctx.gate);
            ctx.gate.event_now(Event::HostChanged(host.view()));
            if self.hosts.count_online() == 0 {
                self.sweep_if_needed(ctx);
            }
        }
    }
}

/// How long a host that announced this beacon (or none yet) may be silent before it is taken to be gone.
pub(crate) fn patience(ctx: &Context, beacon: Option<&Beacon>) -> Millis {
    let config = &ctx.config.presence;
    let announced = Millis::from_secs(beacon.map_or(0, |beacon| beacon.interval_s.into()));
    let interval = announced.min(config.interval_max).max(config.interval_min);
    Millis(interval.0.saturating_mul(config.offline_after_tenths.into()) / 10)
}

/// A random number below `limit`, 0 if that is 0.
pub(crate) fn below(ctx: &mut Context, limit: u64) -> u64 {
    ctx.rng.next_u64().checked_rem(limit).unwrap_or(0)
}

#[cfg(test)]
#[path = "presence_address_tests.rs"]
mod address_tests;
#[cfg(test)]
#[path = "presence_tests.rs"]
mod tests;
