//! A few presence planes on one link and a virtual clock, for tests.

use rand_core::SeedableRng;

use crate::api::{Cast, Event, FriendState, HostView, NetAddr, NetworkEvent, Transmit, Visibility};
use crate::certificate::Certificate;
use crate::config::Config;
use crate::context::{Context, Counters};
use crate::crypto::Rng;
use crate::doctor::Doctor;
use crate::gate::Gate;
use crate::identity::Identity;
use crate::ids::{HostId, HostNumber, Interface, OlmKey, SealingKey};
use crate::packet::PacketBody;
use crate::presence::Presence;
use crate::search::Search;
use crate::settings::Settings;
use crate::time::{Millis, Now, Tick, Wall};

/// One host: its presence, and everything around it.
pub(crate) struct Side {
    pub(crate) presence: Presence,
    pub(crate) search: Search,
    pub(crate) doctor: Doctor,
    pub(crate) identity: Identity,
    pub(crate) settings: Settings,
    pub(crate) config: Config,
    pub(crate) gate: Gate,
    pub(crate) counters: Counters,
    pub(crate) address: NetAddr,
    pub(crate) now: Now,
    /// How far ahead of the world's its people's clock is, in milliseconds.
    pub(crate) clock_ahead: i64,
    /// Friends as a search is told of them.
    pub(crate) friends: Vec<(HostId, String, FriendState)>,
    /// Certificates that came with answers.
    pub(crate) certificates: Vec<Certificate>,
    rng: Rng,
}

impl Side {
    pub(crate) fn new(seed: u8) -> Self {
        Self::restored(seed, 1, Vec::new())
    }

    pub(crate) fn restored(seed: u8, generation: u32, records: Vec<(u64, Vec<u8>)>) -> Self {
        let mut config = Config::default();
        // What is sent to single addresses is counted in many tests; those of the sweep switch it on.
        config.presence.sweep = false;
        let messages = &config.messages;
        let settings = Settings {
            alias: format!("Host {seed}"),
            visibility: Visibility::Everybody,
            port: config.host.port,
            history_limit: messages.history_max,
            outbox_limit: messages.outbox_max,
            outbox_expiry: messages.outbox_expiry,
            read_receipts: false,
            carry: true,
            carry_bytes: config.custody.storage_bytes,
        };
        let mut side = Self {
            presence: Presence::restore(records.into_iter(), generation).unwrap(),
            search: Search::default(),
            doctor: Doctor::default(),
            identity: Identity::from_secret([seed; 32]),
            settings,
            config,
            gate: Gate::default(),
            counters: Counters::default(),
            address: NetAddr::from(([192, 168, 1, seed], 20_070)),
            now: Now { tick: Tick(0), wall: Wall(1_000_000) },
            clock_ahead: 0,
            friends: Vec::new(),
            certificates: Vec::new(),
            rng: Rng::seed_from_u64(seed.into()),
        };
        let addresses = vec![(side.address.ip(), 24)];
        side.network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses });
        side
    }

    pub(crate) fn id(&self) -> HostId {
        self.identity.host_id()
    }

    /// Calls with a context, then makes durable what was written.
    pub(crate) fn call<T>(&mut self, f: impl FnOnce(&mut Presence, &mut Search, &mut Context) -> T) -> T {
        let mut ctx = Context {
            now: self.now,
            shown: self.now.wall,
            config: &self.config,
            settings: &self.settings,
            identity: &self.identity,
            rng: &mut self.rng,
            gate: &mut self.gate,
            counters: &mut self.counters,
        };
        f(&mut self.presence, &mut self.search, &mut ctx)
    }

    /// Calls the doctor with a context.
    pub(crate) fn ask_doctor<T>(&mut self, f: impl FnOnce(&mut Doctor, &mut Presence, &mut Context) -> T) -> T {
        let mut doctor = std::mem::take(&mut self.doctor);
        let result = self.call(|presence, _, ctx| f(&mut doctor, presence, ctx));
        self.doctor = doctor;
        result
    }

    pub(crate) fn network(&mut self, event: NetworkEvent) {
        self.call(|presence, _, ctx| presence.handle_network(&event, ctx));
    }

    /// A packet this host would send.
    pub(crate) fn make(&mut self, receiver: HostId, body: PacketBody) -> Vec<u8> {
        self.call(|presence, _, ctx| presence.make(ctx, receiver, body))
    }

    pub(crate) fn hear(&mut self, cast: Cast, from: NetAddr, datagram: &[u8]) -> bool {
        let heard = self.call(|presence, _, ctx| presence.handle_datagram(Interface(1), cast, from, datagram, ctx));
        let Some(heard) = heard else { return false };
        let friends: Vec<_> = self.friends.clone();
        match &heard.packet.body {
            PacketBody::QueryAlias(query) => {
                let (sealing, olm) = (SealingKey([1; 32]), OlmKey([2; 32]));
                let certificate = Certificate::issue(&self.identity, sealing, 1, olm, 0);
                self.call(|presence, search, ctx| search.on_query(&heard, query, &certificate, presence, ctx));
            }
            PacketBody::QueryAliasResponse(answer) => {
                let friends: Vec<_> =
                    friends.iter().map(|(host, name, state)| (*host, name.as_str(), *state)).collect();
                let sender = heard.packet.sender;
                let certificate =
                    self.call(|presence, search, ctx| search.on_answer(sender, answer, &friends, presence, ctx));
                self.certificates.extend(certificate);
            }
            PacketBody::WayAsk { nonce } => {
                self.ask_doctor(|doctor, presence, ctx| doctor.on_ask(&heard, *nonce, presence, ctx));
            }
            PacketBody::WayResponse { nonce, cast, alias } => {
                let answer = (*nonce, *cast, alias.as_str());
                self.ask_doctor(|doctor, presence, ctx| doctor.on_response(&heard, answer, presence, ctx));
            }
            _ => {}
        }
        true
    }

    pub(crate) fn join(&mut self) {
        self.call(|presence, _, ctx| presence.join(ctx));
    }

    pub(crate) fn timeout(&mut self) {
        self.call(|presence, search, ctx| {
            presence.handle_timeout(ctx);
            search.handle_timeout(presence, ctx);
        });
        self.ask_doctor(Doctor::handle_timeout);
    }

    pub(crate) fn next_timeout(&self) -> Option<Tick> {
        let next = [self.presence.next_timeout(), self.search.next_timeout(), self.doctor.next_timeout()];
        next.into_iter().flatten().map(|(due, _)| due).min()
    }

    pub(crate) fn transmits(&mut self) -> Vec<Transmit> {
        if let Some(commit) = self.gate.poll_commit() {
            self.gate.on_committed(commit.seq);
        }
        std::iter::from_fn(|| self.gate.poll_transmit()).collect()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.gate.poll_event()).collect()
    }

    pub(crate) fn count(&self, reason: &str) -> u64 {
        self.counters.all().iter().find(|(name, _)| **name == reason).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn sees(&self, other: HostId) -> bool {
        self.presence.is_online(other)
    }

    pub(crate) fn befriend(&mut self, other: &Side) -> HostNumber {
        let key = other.identity.key();
        let number = self.call(|presence, _, ctx| presence.pin(key, ctx));
        let _ = self.presence.set_friend(other.id(), FriendState::Friend);
        number
    }

    pub(crate) fn view(&self, other: HostId) -> Option<HostView> {
        self.presence.host(other).map(crate::hosts::Host::view)
    }
}

/// Hosts on one link.
pub(crate) struct World {
    pub(crate) sides: Vec<Side>,
    pub(crate) now: Now,
    /// What was sent, by whom and when.
    pub(crate) sent: Vec<(Tick, usize, Transmit)>,
    /// Broadcast and multicast are dropped, as some networks do.
    pub(crate) unicast_only: bool,
    /// Whose systems let them neither send to everybody nor hear what is.
    pub(crate) mute: Vec<usize>,
    /// One of them is dropped; its sender still hears itself.
    pub(crate) dropped: Option<Cast>,
}

impl World {
    pub(crate) fn of(count: u8) -> Self {
        let sides = (1..=count).map(Side::new).collect();
        let now = Now { tick: Tick(0), wall: Wall(1_000_000) };
        Self { sides, now, sent: Vec::new(), unicast_only: false, mute: Vec::new(), dropped: None }
    }

    /// Hosts that have all joined and met.
    pub(crate) fn met(count: u8) -> Self {
        let mut world = Self::of(count);
        world.sides.iter_mut().for_each(Side::join);
        world.run(Millis::from_secs(4));
        for side in &mut world.sides {
            side.events();
        }
        world.sent.clear();
        world
    }

    pub(crate) fn run(&mut self, span: Millis) {
        let end = self.now.tick + span;
        loop {
            self.deliver();
            let next = self.sides.iter().filter_map(Side::next_timeout).min().filter(|next| *next <= end);
            let Some(next) = next else { break };
            let passed = next.max(self.now.tick) - self.now.tick;
            self.pass(passed);
            for side in &mut self.sides {
                if side.next_timeout().is_some_and(|due| due <= side.now.tick) {
                    side.timeout();
                }
            }
        }
        self.pass(end - self.now.tick);
    }

    fn pass(&mut self, span: Millis) {
        self.now = Now { tick: self.now.tick + span, wall: self.now.wall + span };
        for side in &mut self.sides {
            side.now = Now { tick: self.now.tick, wall: Wall(self.now.wall.0.saturating_add_signed(side.clock_ahead)) };
        }
    }

    /// Delivers until nobody has anything to send.
    pub(crate) fn deliver(&mut self) {
        loop {
            let sending: Vec<_> = self
                .sides
                .iter_mut()
                .enumerate()
                .flat_map(|(at, side)| {
                    side.transmits().into_iter().map(move |transmit| (at, transmit)).collect::<Vec<_>>()
                })
                .collect();
            if sending.is_empty() {
                return;
            }
            for (sender, transmit) in sending {
                self.sent.push((self.now.tick, sender, transmit.clone()));
                self.carry(sender, &transmit);
            }
        }
    }

    fn carry(&mut self, sender: usize, transmit: &Transmit) {
        let from = self.sides[sender].address;
        for (at, side) in self.sides.iter_mut().enumerate() {
            match transmit {
                Transmit::Everyone { only, bytes, .. }
                    if !self.unicast_only && ![at, sender].iter().any(|one| self.mute.contains(one)) =>
                {
                    let casts = [Cast::Broadcast, Cast::Multicast].into_iter();
                    let reaches = |cast: &Cast| at == sender || self.dropped != Some(*cast);
                    for cast in casts.filter(|cast| only.is_none_or(|only| only == *cast) && reaches(cast)) {
                        side.hear(cast, from, bytes);
                    }
                }
                Transmit::Datagram { to, bytes } if *to == side.address && at != sender => {
                    side.hear(Cast::Unicast, from, bytes);
                }
                _ => {}
            }
        }
    }

    /// How many packets a host sent to everybody.
    pub(crate) fn sent_to_all(&self, sender: usize) -> usize {
        let by = self.sent.iter().filter(|(_, by, _)| *by == sender);
        by.filter(|(_, _, transmit)| matches!(transmit, Transmit::Everyone { .. })).count()
    }

    /// How many packets a host sent to single addresses.
    pub(crate) fn sent_to_one(&self, sender: usize) -> usize {
        let by = self.sent.iter().filter(|(_, by, _)| *by == sender);
        by.filter(|(_, _, transmit)| matches!(transmit, Transmit::Datagram { .. })).count()
    }
}
