//! The engine: inputs in, outputs out; this file only dispatches.

mod asking;
mod carrying;
mod commands;
mod delivery;
mod friendship;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod giving;
mod leaving;
mod receive;
mod restore;
mod sealing;
mod seeking;
mod spreading;
mod verification;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use crate::account::Account;
use crate::ageing::Ageing;
use crate::api::{
    Cast, Command, CommandError, DownReason, Event, Fetch, LinkEvent, LinkRequest, NetAddr, NetworkEvent, Notice,
    Transmit, Visibility, Wake,
};
use crate::carrying::Carrying;
use crate::config::Config;
use crate::context::{Context, Counters};
use crate::conversation::Conversations;
use crate::crypto::Rng;
use crate::doctor::Doctor;
use crate::fetches::Fetches;
use crate::frame::{Control, Frame, Hello};
use crate::free_memory::{FreeMemory, Room};
use crate::friends::Friends;
use crate::gate::Gate;
use crate::generation::Generations;
use crate::held::{Held, Marks};
use crate::identity::host_id_of;
use crate::ids::{CommandId, FetchId, FriendId, Generation, HostId, Interface, LinkId, ListenerId};
use crate::leaving::Leaving;
use crate::links::{Link, Links, Raised, Who, credit_of};
use crate::outbox::Outbox;
use crate::packet::{Dummy, Packet, PacketBody};
use crate::packets::Packets;
use crate::pairings::Pairings;
use crate::patience::Patience;
use crate::presence::Presence;
use crate::rows::{Commit, CommitSeq};
use crate::search::Search;
use crate::stamps::Stamps;
use crate::surroundings::Surroundings;
use crate::time::{Millis, Now, Tick, Wall};

/// Asks, keys and old peers are looked over once a minute.
const HOUSEKEEPING: Millis = Millis::from_minutes(1);
/// Version of the frames, said in HELLO.
const LINK_VERSION: u8 = 1;

/// A snapshot that does not come from this engine, or is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A record cannot be read.
    #[error("the stored {table} record {row} cannot be read: restore a backup or start afresh")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row.
        row: u64,
    },
    /// The store was written by a newer version.
    #[error("the data was written by a newer version of Permesso: update this one")]
    Newer,
}

/// What every part of the engine works with.
struct Core {
    /// With the clock of age in place of the people's: by it things expire.
    now: Now,
    /// What the people's clock shows: for what they are shown and told.
    shown: Wall,
    ageing: Ageing,
    config: Config,
    account: Account,
    rng: Rng,
    gate: Gate,
    counters: Counters,
}

impl Core {
    fn read_clocks(&mut self, now: Now) {
        self.shown = now.wall;
        self.ageing.read(now, &mut self.gate);
        self.now = self.ageing.now();
    }

    fn context(&mut self) -> Context<'_> {
        Context {
            now: self.now,
            shown: self.shown,
            config: &self.config,
            settings: &self.account.settings,
            identity: &self.account.identity,
            rng: &mut self.rng,
            gate: &mut self.gate,
            counters: &mut self.counters,
        }
    }
}

/// One host's whole protocol state.
pub struct Engine {
    core: Core,
    presence: Presence,
    search: Search,
    doctor: Doctor,
    links: Links,
    friends: Friends,
    pairings: Pairings,
    outbox: Outbox,
    held: Held,
    marks: Marks,
    conversations: Conversations,
    packets: Packets,
    stamps: Stamps,
    /// The contents of the ASKs whose stamps are being looked for, by outbox row.
    stamp_contents: BTreeMap<u64, Vec<u8>>,
    fetches: Fetches,
    /// Resets that are to leave, and when.
    resets: BTreeMap<FriendId, Tick>,
    /// Friends who take what is sealed for them for others' mail, and since when.
    unrecognized: BTreeMap<FriendId, Tick>,
    patience: Patience,
    generations: Generations,
    present: bool,
    carrying: Carrying,
    surroundings: Surroundings,
    free_memory: FreeMemory,
    /// What is handed on before this host goes.
    leaving: Option<Leaving>,
    next_command: u64,
    housekeeping: Tick,
}

impl Engine {
    /// Takes a presence datagram in.
    pub fn handle_datagram(&mut self, via: Interface, cast: Cast, from: NetAddr, datagram: &[u8], now: Now) {
        self.core.read_clocks(now);
        if !self.present {
            return;
        }
        tracing::trace!(?via, ?cast, %from, length = datagram.len(), "datagram");
        let Some(heard) = self.presence.handle_datagram(via, cast, from, datagram, &mut self.core.context()) else {
            return;
        };
        let packet = &heard.packet;
        let sender = packet.sender;
        if self.friends.by_host(sender).is_some_and(|friend| friend.blocked) {
            self.core.counters.bump("packet of a blocked host");
            return;
        }
        let (sender, generation) = (packet.sender, packet.counter.generation);
        self.end_outlived_links(sender, generation);
        let packet = &heard.packet;
        match &packet.body {
            PacketBody::Dummy(dummy) => self.on_dummy(packet, *dummy, from),
            PacketBody::QueryAlias(query) => {
                let certificate = &self.core.account.certificate.clone();
                self.search.on_query(&heard, query, certificate, &mut self.presence, &mut self.core.context());
            }
            PacketBody::QueryAliasResponse(answer) => {
                let friends = self.friends.all().map(|friend| (friend.host, friend.name(), friend.state));
                let friends: Vec<_> = friends.collect();
                let ctx = &mut self.core.context();
                if let Some(certificate) = self.search.on_answer(sender, answer, &friends, &mut self.presence, ctx) {
                    self.friends.on_certificate(&certificate, &mut self.core.gate);
                }
            }
            PacketBody::WayAsk { nonce } => {
                self.doctor.on_ask(&heard, *nonce, &self.presence, &mut self.core.context());
            }
            PacketBody::WayResponse { nonce, cast, alias } => {
                let answer = (*nonce, *cast, alias.as_str());
                self.doctor.on_response(&heard, answer, &mut self.presence, &mut self.core.context());
            }
            PacketBody::FreeMemoryAsk { nonce } => self.on_free_memory_ask(&heard, *nonce),
            PacketBody::FreeMemoryResponse { nonce, bytes, envelopes } => {
                self.on_free_memory(sender, *nonce, Room { bytes: *bytes, envelopes: *envelopes });
            }
            PacketBody::Join(_) | PacketBody::Leave | PacketBody::Online(_) => {}
        }
        self.on_met(sender);
        if self.presence.is_online(sender) {
            let to_us = heard.cast == Cast::Unicast || matches!(packet.body, PacketBody::Join(_));
            if heard.came || to_us {
                self.links.on_return(sender, &mut self.core.context());
            }
            self.serve(sender);
            self.on_carrier_heard(sender);
        }
        self.settle_carrying();
    }

    /// A host that was killed and started again is not at the other end of its old links, whatever QUIC still hopes.
    fn end_outlived_links(&mut self, host: HostId, generation: u32) {
        for link in self.links.outlived(host, generation) {
            tracing::debug!(%host, "a link to an earlier life of the host ends");
            self.core.gate.link(LinkRequest::Close { link });
            self.on_down(link, DownReason::Closed);
            // What it did not prove it may never have seen.
            if let Some(friend) = self.friends.by_host(host).map(|friend| friend.id) {
                self.patience.clear(friend);
            }
            self.serve(host);
        }
    }

    fn on_dummy(&mut self, packet: &Packet, dummy: Dummy, from: NetAddr) {
        let host = packet.sender;
        let friend = self.friends.is_friend(host);
        if !self.may_link(host) || packet.receiver != self.core.account.identity.host_id() {
            self.core.counters.bump("dummy not answered");
            return;
        }
        let ctx = &mut self.core.context();
        let who = Who { host, key: packet.key, friend };
        self.links.on_dummy(who, from, (&dummy, packet.counter), &mut self.presence, ctx);
    }

    /// Whether a host may have a link with us: a visible one with all, another with friends and with whom it has mail for.
    fn may_link(&self, host: HostId) -> bool {
        match self.core.account.settings.visibility {
            Visibility::Everybody => true,
            Visibility::Friends | Visibility::Nobody => {
                self.friends.is_friend(host) || self.has_mail_for(host) || self.carrying.sought.contains(&host)
            }
        }
    }

    /// Takes in what happened to links.
    pub fn handle_link(&mut self, event: LinkEvent, now: Now) {
        self.core.read_clocks(now);
        self.on_link(event);
        self.settle_carrying();
    }

    fn on_link(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Listening { listener, port } => {
                self.links.on_listening(listener, port, &mut self.presence, &mut self.core.context());
                if listener == ListenerId::MAIN {
                    self.presence.set_link_port(port, &mut self.core.context());
                    self.serve_all();
                }
            }
            LinkEvent::ListenFailed { listener } => {
                self.links.on_listen_failed(listener, &mut self.core.context());
                self.core.gate.event(Event::Notice(Notice::NoPort));
            }
            LinkEvent::DialFailed { dial } => self.links.on_dial_failed(dial, &mut self.core.context()),
            LinkEvent::Up { link, listener: _, dial, peer, address, credit } => {
                let host = host_id_of(&peer);
                let friend = self.friends.is_friend(host);
                let refused = self.friends.by_host(host).is_some_and(|friend| friend.blocked || friend.key != peer);
                let unseen = dial.is_none() && !self.may_link(host);
                if refused || unseen || host == self.core.account.identity.host_id() {
                    self.core.counters.bump("link of a host that may not have one");
                    self.core.gate.link(LinkRequest::Close { link });
                    return;
                }
                let raised = Raised { link, dialled: dial.is_some(), address, credit };
                if self.links.on_up(raised, Who { host, key: peer, friend }, &mut self.core.context()) {
                    tracing::debug!(%host, %address, "link up");
                    self.say_hello(link, host);
                }
            }
            LinkEvent::Frame { link, bytes } => self.on_frame(link, &bytes),
            LinkEvent::Writable { link, bytes } => {
                if let Some(state) = self.links.link_mut(link) {
                    state.credit = state.credit.saturating_add(credit_of(bytes));
                    self.pump(link);
                    self.give(link);
                }
            }
            LinkEvent::Down { link, reason } => self.on_down(link, reason),
        }
    }

    fn say_hello(&mut self, link: LinkId, host: HostId) {
        let hello = Hello {
            version: LINK_VERSION,
            certificate: self.core.account.certificate.clone(),
            counter: self.presence.next_counter(),
            meetings: self.meetings(),
            free_memory: self.free_memory(),
            role: self.role(),
            arrivals: self.carrying.custody.arrivals(),
            alias: self.core.account.settings.alias.clone(),
            remembers: self.carrying.acquaintances.wants(host).1,
        };
        self.send_frame(link, &Frame::Hello(hello));
    }

    fn on_frame(&mut self, link: LinkId, bytes: &[u8]) {
        let Some(state) = self.links.link_mut(link) else { return };
        let (host, ready) = (state.host, state.ready);
        let frame = match Frame::decode(bytes) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::debug!(%host, %error, "bad frame");
                self.core.counters.bump("bad frame");
                self.links.close(link, &mut self.core.context());
                return;
            }
        };
        state.active = self.core.now.tick;
        match frame {
            Frame::Hello(hello) if !ready => self.on_hello(link, hello),
            Frame::Hello(_) => {
                self.core.counters.bump("second hello");
                self.links.close(link, &mut self.core.context());
            }
            _ if !ready => {
                self.core.counters.bump("frame before hello");
                self.links.close(link, &mut self.core.context());
            }
            Frame::Forward(envelopes) => self.on_forward(link, envelopes),
            Frame::Proofs(proofs) => {
                self.on_proofs(link, &proofs.secrets);
                self.pump(link);
                self.hand_on();
            }
            Frame::Receipt(receipts) => self.on_receipt(link, &receipts),
            Frame::Want(want) => self.on_want(link, &want),
            Frame::Offer(entries) => self.on_offer(link, &entries),
            Frame::Control(Control::Leaving) => state.leaving = true,
        }
    }

    fn on_hello(&mut self, link: LinkId, hello: Hello) {
        let Some(state) = self.links.link(link) else { return };
        let (host, key, address) = (state.host, state.key, state.address);
        let is_verified = self.friends.knows(&hello.certificate) || hello.certificate.verify();
        if hello.certificate.key != key || !is_verified {
            self.core.counters.bump("hello of another identity");
            self.links.close(link, &mut self.core.context());
            return;
        }
        self.friends.on_certificate(&hello.certificate, &mut self.core.gate);
        self.presence.link_up(key, &mut self.core.context());
        self.presence.link_hello(host, hello.counter, address, &mut self.core.context());
        let alias = crate::names::normalize(&hello.alias);
        self.presence.set_alias_claim(host, &alias, &mut self.core.context());
        let own = self.core.account.identity.host_id();
        self.end_outlived_links(host, hello.counter.generation);
        self.links.on_hello(link, hello.counter, own, &mut self.core.context());
        self.ask_if_wanted(host);
        let port = self.links.conversation_port(host);
        self.presence.set_conversation_port(host, port, &mut self.core.context());
        if self.links.link(link).is_some_and(Link::takes_mail) {
            self.begin_exchange(link, &hello);
        }
        if let Some(ready) = self.links.ready(host) {
            self.offer_all(host, ready);
        }
        self.offer_copies(link);
        self.hand_on();
    }

    fn on_down(&mut self, link: LinkId, reason: DownReason) {
        self.end_exchange(link);
        let Some(ended) = self.links.on_down(link, reason, &mut self.core.context()) else { return };
        if !ended.last {
            if let Some(other) = self.links.ready(ended.host) {
                if let Some(state) = self.links.link_mut(other) {
                    state.pending.extend(ended.unproved);
                }
                self.pump(other);
            }
            return;
        }
        if let Some(friend) = self.friends.by_host(ended.host).map(|friend| friend.id) {
            // A friend closes the link on which it was a stranger; it was not that it would not take what waits.
            let refused = reason == DownReason::Closed
                && !ended.leaving
                && self.present
                && !(ended.with_stranger && self.friends.is_friend(ended.host));
            match ended.in_vain.or(ended.unproved.last().copied()).filter(|_| refused) {
                Some(_) if ended.in_vain.is_none() && self.patience.on_crossed(friend) => {}
                Some(offered) => {
                    let longest = self.core.config.links.backoff_max;
                    self.patience.on_unproved(friend, offered, longest, self.core.now.tick);
                }
                None => self.patience.clear(friend),
            }
        }
        if ended.ready {
            let (host, ctx) = (ended.host, &mut self.core.context());
            self.presence.set_conversation_port(host, None, ctx);
            if reason == DownReason::Lost || ended.leaving {
                self.presence.link_lost(host, ctx);
            } else {
                self.presence.link_down(host, ctx);
            }
        }
        self.serve(ended.host);
        self.hand_on();
    }

    /// Takes in what happened to the network.
    pub fn handle_network(&mut self, event: NetworkEvent, now: Now) {
        self.core.read_clocks(now);
        self.presence.handle_network(&event, &mut self.core.context());
    }

    /// Accepts or refuses what a user asks for.
    pub fn handle_command(&mut self, command: Command, now: Now) -> Result<CommandId, CommandError> {
        self.core.read_clocks(now);
        let result = self.run(command);
        self.settle_carrying();
        result
    }

    /// The store has made every commit up to `seq` durable.
    pub fn handle_committed(&mut self, seq: CommitSeq, now: Now) {
        self.core.read_clocks(now);
        self.core.gate.on_committed(seq);
    }

    /// A body asked for by `poll_fetch` was read; `None` if the row is not there.
    pub fn handle_fetched(&mut self, id: FetchId, body: Option<Vec<u8>>, now: Now) {
        self.core.read_clocks(now);
        self.on_fetch_answered(id, body);
        self.settle_carrying();
    }

    /// What `poll_generation` gave is written outside the database.
    pub fn handle_generation_kept(&mut self, generation: Generation, now: Now) {
        self.core.read_clocks(now);
        self.core.gate.on_kept(generation);
    }

    /// Time has come to what `poll_timeout` named.
    pub fn handle_timeout(&mut self, now: Now) {
        self.core.read_clocks(now);
        let now = self.core.now;
        if let Some((row, envelope)) = self.stamps.work(self.core.config.friendship.stamp_bits) {
            self.on_stamped(row, envelope);
        }
        self.presence.handle_timeout(&mut self.core.context());
        self.search.handle_timeout(&mut self.presence, &mut self.core.context());
        self.doctor.handle_timeout(&mut self.presence, &mut self.core.context());
        self.resend_due();
        self.close_idle_links();
        for host in self.links.on_timeout(&mut self.presence, &mut self.core.context()) {
            self.serve(host);
        }
        self.send_due_resets();
        self.expire_outbox();
        self.end_held_wait();
        if self.generations.is_due(&self.core.context()) {
            self.core.account.next_generation(&mut self.core.gate);
        }
        if self.housekeeping <= now.tick {
            self.housekeeping = now.tick + HOUSEKEEPING;
            self.links.tidy();
            self.expire_friendships();
            let core = &mut self.core;
            core.account.renew_sealing(now.wall, &mut core.rng, &mut core.gate);
            core.account.renew_token(now.wall, &mut core.rng, &mut core.gate);
            core.ageing.write_lazily(&mut core.gate);
            self.surroundings.count(self.present && self.presence.network.is_up(), core.now, &mut core.gate);
            self.expire_custody();
            self.renew_aged_sealings();
            self.spread();
            self.serve_all();
        }
        self.tell_proofs_due();
        self.seek_carriers();
        self.tell_free_memory();
        self.hand_on();
        self.settle_carrying();
    }

    fn close_idle_links(&mut self) {
        let idle = self.links.idle(self.core.config.links.idle_close, self.core.now.tick);
        let (standing, idle): (Vec<_>, Vec<_>) = idle
            .into_iter()
            .partition(|link| self.links.link(*link).is_some_and(|link| link.ready && self.is_standing(link.host)));
        for id in standing {
            if let Some(link) = self.links.link_mut(id) {
                link.active = self.core.now.tick;
            }
        }
        for id in idle.into_iter().chain(self.links.outgrown(self.core.now.tick)) {
            self.links.close(id, &mut self.core.context());
        }
    }

    fn serve_all(&mut self) {
        if self.presence.hosts.count_online() == 0 {
            return;
        }
        let waiting: BTreeSet<FriendId> = self.outbox.friends().chain(self.friends.wanting().iter().copied()).collect();
        for friend in waiting {
            if let Some(host) = self.friends.get(friend).map(|friend| friend.host) {
                self.serve(host);
            }
        }
    }

    /// Rows to write, as one transaction. Call when the store can take one: while it is busy, changes gather.
    pub fn poll_commit(&mut self) -> Option<Commit> {
        self.pairings.flush(&mut self.core.gate);
        self.core.gate.poll_commit()
    }

    /// Something to send. Call until `None` after every input.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.core.gate.poll_transmit()
    }

    /// Something to do about links. Call until `None` after every input.
    pub fn poll_link(&mut self) -> Option<LinkRequest> {
        self.core.gate.poll_link()
    }

    /// Something to tell. Call until `None` after every input.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.core.gate.poll_event()
    }

    /// A body to read from the store. Call until `None` after every input. What it reads is durable already.
    pub fn poll_fetch(&mut self) -> Option<Fetch> {
        self.core.gate.poll_fetch()
    }

    /// A generation to be written outside the database, where restoring a copy of the database brings no older one back
    /// (PROTOCOL.md, Copies of a database). Call until `None` after every input; answer with `handle_generation_kept` when
    /// it is durable there. Nothing is sent until then.
    pub fn poll_generation(&mut self) -> Option<Generation> {
        self.core.gate.poll_generation()
    }

    /// When to call `handle_timeout`, and why. Ask again after every input.
    pub fn poll_timeout(&self) -> Option<(Tick, Wake)> {
        if !self.stamps.is_idle() {
            return Some((self.core.now.tick, Wake::Work));
        }
        let expiry = self.outbox.first_expiry().map(|(wall, _)| (self.at(wall), Wake::Delivery));
        let held = self
            .held
            .oldest()
            .map(|(_, entry)| (self.at(entry.since + self.core.config.messages.held_wait), Wake::Delivery));
        let reset = self.resets.values().min().map(|due| (*due, Wake::Delivery));
        let timers = [
            self.presence.next_timeout(),
            self.search.next_timeout(),
            self.doctor.next_timeout(),
            self.links.next_timeout(self.core.config.links.idle_close),
            expiry,
            held,
            reset,
            self.carrying.proofs_due.map(|due| (due, Wake::Delivery)),
            self.free_memory.next_timeout(),
            self.leaving.as_ref().map(|leaving| (leaving.next_timeout(), Wake::Delivery)),
            Some((self.carrying.seek, Wake::Presence)).filter(|_| self.present && self.leaving.is_none()),
            Some((self.housekeeping, Wake::Presence)),
            Some((self.generations.next_timeout(), Wake::Presence)),
        ];
        timers.into_iter().flatten().min()
    }

    /// A moment of the people's clock on the clock of timers.
    fn at(&self, wall: Wall) -> Tick {
        self.core.now.tick + (wall - self.core.now.wall)
    }

    /// Whether input is welcome; if not, stop reading links until a commit is confirmed.
    pub fn wants_input(&self) -> bool {
        self.core.gate.wants_input()
    }
}
