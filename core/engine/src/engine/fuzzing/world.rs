//! Ada's world: the engine under fuzzing, her friend, and the air between them.

use std::sync::OnceLock;

use super::{CALLS_MAX, Input, Kept, LINK, START};
use crate::Engine;
use crate::api::{
    Cast, Command, DownReason, LinkEvent, LinkRequest, Match, NetAddr, NetworkEvent, PacketService, Setting, Transmit,
    Visibility,
};
use crate::config::Config;
use crate::envelope::Envelope;
use crate::frame::{Frame, Hello, Proofs};
use crate::identity::Identity;
use crate::ids::{HostId, Interface, ListenerId, MessageId, ProofSecret};
use crate::limits::{DATAGRAM_MAX, FRAME_MAX};
use crate::packet::{Beacon, Counter, Dummy, Packet, PacketBody, QueryAlias, Role};
use crate::time::{Millis, Now, Wall};

/// Ada, whom all happens to, and Grace, her friend, who does all of it.
pub(super) struct World {
    ada: Engine,
    store: Kept,
    grace: Engine,
    now: Now,
    linked: bool,
    counter: u32,
    pub(super) heard: Vec<Vec<u8>>,
    graces_store: Kept,
    /// What Grace has sealed for Ada.
    sealed: Vec<Envelope>,
    /// Frames Ada sent that Grace has not yet read.
    sent: Vec<Vec<u8>>,
}

pub(super) fn config() -> Config {
    let mut config = Config::default();
    config.host.alias = "Ada".into();
    config.friendship.stamp_bits = 1;
    config
}

/// The stores of two hosts that have just become friends; made once, for it takes a while.
pub(super) fn befriended() -> &'static (Kept, Kept) {
    static STORES: OnceLock<(Kept, Kept)> = OnceLock::new();
    STORES.get_or_init(|| {
        let mut world = World::of(boot(&Kept::default(), 1), Kept::default(), Kept::default());
        let (ada, grace) = (world.ada.host_id(), world.grace.host_id());
        world.link_up();
        let certificate = world.grace.core.account.certificate.clone();
        let key = certificate.key;
        let friend = world.ada.friends.meet(grace, key, "Grace");
        world.ada.friends.on_certificate(&certificate, &mut world.ada.core.gate);
        world.ada.presence.pin(key, &mut world.ada.core.context());
        world.ada.ask(friend, crate::ask::AskKind::Friendship, "Ciao");
        for _ in 0..8 {
            world.advance(Millis::from_secs(1));
            for frame in std::mem::take(&mut world.sent) {
                world.grace.handle_link(LinkEvent::Frame { link: LINK, bytes: frame }, world.now);
            }
            let answer = Command::AnswerFriendship { host: ada, accept: true, tell: false };
            let _ = world.grace.handle_command(answer, world.now);
            for frame in world.graces_frames() {
                world.frame(frame);
            }
        }
        let text = Command::SendText { host: grace, text: "Are you there?".into() };
        world.ada.handle_command(text, world.now).unwrap();
        world.settle();
        (world.store, world.graces_store)
    })
}

fn boot(store: &Kept, seed: u8) -> Engine {
    Engine::restore(config(), store.snapshot(), store.outside, [seed; 32], START).unwrap()
}

impl World {
    pub(super) fn new() -> Self {
        let (ada, grace) = befriended();
        Self::of(boot(ada, 5), ada.clone(), grace.clone())
    }

    pub(super) fn of(ada: Engine, store: Kept, graces_store: Kept) -> Self {
        let grace = boot(&graces_store, 2);
        let mut world = Self {
            ada,
            store,
            grace,
            now: START,
            linked: false,
            counter: 0,
            heard: Vec::new(),
            graces_store,
            sealed: Vec::new(),
            sent: Vec::new(),
        };
        let addresses = vec![([10, 0, 0, 1].into(), 24)];
        world.ada.handle_network(NetworkEvent::InterfaceUp { interface: Interface(0), addresses }, START);
        world.ada.handle_command(Command::Join, START).unwrap();
        world.settle();
        world.grace.handle_command(Command::Join, START).unwrap();
        world.grace.handle_link(LinkEvent::Listening { listener: ListenerId::MAIN, port: 40_000 }, START);
        world
    }

    fn up(peer: &Engine) -> LinkEvent {
        let address = NetAddr::from(([10, 0, 0, 2], 40_000));
        let peer = peer.identity_key();
        LinkEvent::Up { link: LINK, listener: ListenerId::MAIN, dial: None, peer, address, credit: 1 << 18 }
    }

    /// A link to Grace on which both have said HELLO.
    pub(super) fn link_up(&mut self) {
        self.linked = true;
        self.grace.handle_link(Self::up(&self.ada), self.now);
        self.ada.handle_link(Self::up(&self.grace), self.now);
        self.settle();
        for frame in self.graces_frames() {
            self.frame(frame);
        }
        for frame in std::mem::take(&mut self.sent) {
            self.grace.handle_link(LinkEvent::Frame { link: LINK, bytes: frame }, self.now);
        }
    }

    /// Commits what Grace has to commit; the frames she sends.
    fn graces_frames(&mut self) -> Vec<Vec<u8>> {
        let grace = &mut self.grace;
        while let Some(commit) = grace.poll_commit() {
            let seq = commit.seq;
            self.graces_store.apply(commit);
            grace.handle_committed(seq, self.now);
            while let Some(generation) = grace.poll_generation() {
                self.graces_store.outside = Some(generation);
                grace.handle_generation_kept(generation, self.now);
            }
        }
        while grace.poll_event().is_some() || grace.poll_link().is_some() || grace.poll_fetch().is_some() {}
        let transmits = std::iter::from_fn(|| grace.poll_transmit());
        let frame = |transmit| if let Transmit::Frame { bytes, .. } = transmit { Some(bytes) } else { None };
        transmits.filter_map(frame).collect()
    }

    pub(super) fn frame(&mut self, bytes: Vec<u8>) {
        if self.linked {
            self.ada.handle_link(LinkEvent::Frame { link: LINK, bytes }, self.now);
            self.settle();
        }
    }

    pub(super) fn hear(&mut self, from: u8, datagram: Vec<u8>) {
        let cast = [Cast::Unicast, Cast::Broadcast, Cast::Multicast][usize::from(from) % 3];
        let address = NetAddr::from(([10, from / 128, 0, from % 4], 20_070));
        self.ada.handle_datagram(Interface(0), cast, address, &datagram, self.now);
        self.heard.push(datagram);
        self.settle();
    }

    pub(super) fn hear_signed(&mut self, input: &mut Input) {
        let who = input.byte();
        let identity = match who % 4 {
            0 => self.grace.core.account.identity.clone(),
            1 => self.ada.core.account.identity.clone(),
            other => Identity::from_secret([other; 32]),
        };
        self.counter += 1;
        let skip = u32::from(who >> 4);
        let beacon = Beacon {
            interval_s: input.number::<2>() as u16,
            link_port: input.number::<2>() as u16,
            arrivals: skip,
            role: if who & 4 == 0 { Role::Client } else { Role::Server },
        };
        let nonce = [input.byte(); 8];
        let alias: String = String::from_utf8_lossy(input.rest_of_step()).chars().take(15).collect();
        let body = match input.byte() % 8 {
            0 => PacketBody::Join(beacon),
            1 => PacketBody::Leave,
            2 => PacketBody::Online(beacon),
            3 => PacketBody::QueryAlias(QueryAlias { nonce, alias, matching: Match::Partial }),
            4 => {
                let certificate = self.grace.core.account.certificate.clone();
                PacketBody::QueryAliasResponse(crate::packet::AliasAnswer { nonce, alias, certificate, beacon })
            }
            5 => PacketBody::FreeMemoryAsk { nonce },
            6 => PacketBody::FreeMemoryResponse { nonce, bytes: u64::MAX, envelopes: skip },
            _ => PacketBody::Dummy(Dummy { port: beacon.link_port, nonce, echo: (skip > 7).then_some(nonce) }),
        };
        let packet = Packet {
            sender: identity.host_id(),
            receiver: if who & 8 == 0 { HostId::BROADCAST } else { self.ada.host_id() },
            counter: Counter { generation: 5 + skip, n: self.counter },
            timestamp: self.now.wall,
            key: identity.key(),
            body,
        };
        let mut datagram = packet.encode(&identity);
        let (at, change) = (usize::from(input.byte()), input.byte());
        if let Some(byte) = datagram.get_mut(at) {
            *byte ^= change;
        }
        self.hear(input.byte(), datagram);
    }

    pub(super) fn change_network(&mut self, input: &mut Input) {
        let interface = Interface(u32::from(input.byte() % 2));
        let event = match input.byte() % 5 {
            0 => NetworkEvent::InterfaceDown { interface },
            1 => NetworkEvent::PeerFound { address: ([10, 0, 0, input.byte()], 20_070).into() },
            2 => NetworkEvent::Resumed,
            3 => NetworkEvent::ToEverybody { interface, works: input.byte().is_multiple_of(2) },
            _ => {
                let addresses = vec![([10, input.byte(), 0, 1].into(), input.byte())];
                NetworkEvent::InterfaceUp { interface, addresses }
            }
        };
        self.ada.handle_network(event, self.now);
        self.settle();
    }

    pub(super) fn command(&mut self, input: &mut Input) {
        let host = self.grace.host_id();
        let kind = input.byte();
        let rest = String::from_utf8_lossy(input.rest_of_step()).into_owned();
        let newest = self.store.messages.values().next_back().map_or(MessageId([0; 16]), |message| message.id);
        let command = match kind % 20 {
            0 => Command::SendText { host, text: rest },
            1 => Command::AskFriendship { host, greeting: rest },
            2 => Command::AnswerFriendship { host, accept: rest.is_empty(), tell: true },
            3 => Command::CancelAsk { host },
            4 => Command::EndFriendship { host },
            5 => Command::Block { host },
            6 => Command::Unblock { host },
            7 => Command::SetLocalAlias { host, alias: Some(rest) },
            8 => Command::ScanUri { uri: self.grace.uri(&[]) + &rest },
            9 if rest.is_empty() => Command::RenewCode,
            9 => Command::Retry { message: newest },
            10 => Command::Cancel { message: newest },
            11 => Command::MarkRead { host },
            12 => Command::DeleteMessage { message: newest },
            13 => Command::Search { alias: rest, matching: Match::Partial },
            14 => Command::Join,
            15 => Command::Leave,
            16 => Command::Set(Setting::Visibility(Visibility::Friends)),
            17 => Command::Set(Setting::Visibility(Visibility::Nobody)),
            18 => Command::Set(Setting::HistoryLimit(1)),
            _ => Command::Set(Setting::ReadReceipts(true)),
        };
        let _ = self.ada.handle_command(command, self.now);
        self.settle();
    }

    /// Timers run, and the people's clock may be set to another time.
    pub(super) fn pass_time(&mut self, input: &mut Input) {
        let kind = input.byte();
        if kind & 0x40 != 0 {
            self.now.wall = [Wall(0), Wall(4_102_444_800_000), START.wall, Wall(u64::MAX)][usize::from(kind & 3)];
        }
        self.advance(Millis(1 << (kind & 0x1f)));
    }

    pub(super) fn advance(&mut self, span: Millis) {
        let end = self.now.tick + span;
        for _ in 0..64 {
            let Some((due, _)) = self.ada.poll_timeout().filter(|(due, _)| *due <= end) else { break };
            let passed = due - self.now.tick;
            self.now = Now { tick: self.now.tick.max(due), wall: self.now.wall + passed };
            self.call_while_due();
        }
        self.now = Now { tick: end, wall: self.now.wall + (end - self.now.tick) };
        self.call_while_due();
    }

    fn call_while_due(&mut self) {
        for _ in 0..CALLS_MAX {
            if self.ada.poll_timeout().is_none_or(|(due, _)| due > self.now.tick) {
                return;
            }
            self.ada.handle_timeout(self.now);
            self.settle();
        }
        panic!("the engine is due again and again: {:?}", self.ada.poll_timeout());
    }

    pub(super) fn hello(&mut self, input: &mut Input) {
        let mut hello = Hello {
            version: 1,
            certificate: self.grace.core.account.certificate.clone(),
            counter: Counter::from(input.number::<8>()),
            meetings: 0,
            free_memory: u64::MAX,
            role: Role::Server,
            arrivals: 1,
            alias: String::from_utf8_lossy(input.rest_of_step()).chars().take(15).collect(),
            remembers: 0,
        };
        if input.byte() & 1 == 1 {
            hello.certificate.sealing_number = 7;
        }
        self.frame(Frame::Hello(hello).encode());
    }

    /// Grace encrypts any bytes at all.
    pub(super) fn write_as_grace(&mut self, input: &mut Input) {
        let Some(friend) = self.grace.friend_id(self.ada.host_id()) else { return };
        let kind = input.byte();
        let count = if kind & 0x80 == 0 { 1 } else { kind & 0x3f };
        let content = input.rest_of_step().to_vec();
        for _ in 0..count {
            self.grace.post(friend, PacketService::TextMessage, &content, None);
        }
        let rows: Vec<u64> = self.grace.outbox.rows_for(friend).collect();
        let envelopes = rows.into_iter().filter_map(|row| self.grace.outbox.cached(row).cloned());
        self.sealed = envelopes.collect();
    }

    /// Some of what Grace has sealed goes out, in any order, once or twice, perhaps changed.
    pub(super) fn forward(&mut self, input: &mut Input) {
        let mut envelopes = Vec::new();
        for _ in 0..input.byte() % 8 {
            let index = usize::from(input.byte()) % self.sealed.len().max(1);
            envelopes.extend(self.sealed.get(index).cloned());
        }
        let (which, change) = (input.byte(), input.byte());
        if let Some(envelope) = envelopes.first_mut() {
            match which % 8 {
                0 => envelope.tag.0[0] ^= change,
                1 => envelope.ack_hash.0[0] ^= change,
                2 => envelope.lifetime ^= u32::from(change),
                3 => envelope.copies ^= u16::from(change),
                4 => envelope.class = crate::envelope::Class::Ask,
                5 => envelope.body.truncate(change.into()),
                _ => {}
            }
        }
        self.frame(Frame::Forward(envelopes).encode());
    }

    pub(super) fn prove(&mut self, input: &mut Input) {
        let secret = ProofSecret([input.byte(); 16]);
        self.frame(Frame::Proofs(Proofs { first: input.number::<8>(), secrets: vec![secret] }).encode());
    }

    /// Grace reads what was sent to her and says what she has to say; some of it gets lost.
    pub(super) fn let_grace_answer(&mut self, input: &mut Input) {
        self.grace.handle_timeout(self.now);
        for frame in std::mem::take(&mut self.sent) {
            if input.byte() != 1 {
                self.grace.handle_link(LinkEvent::Frame { link: LINK, bytes: frame }, self.now);
            }
        }
        for frame in self.graces_frames() {
            if input.byte() != 1 {
                self.frame(frame);
            }
        }
    }

    pub(super) fn link_changes(&mut self, input: &mut Input) {
        match input.byte() % 4 {
            0 => self.down(DownReason::Lost),
            1 => self.down(DownReason::Closed),
            2 => {
                let bytes = usize::from(input.byte()) << 12;
                self.ada.handle_link(LinkEvent::Writable { link: LINK, bytes }, self.now);
            }
            _ => {
                self.down(DownReason::Lost);
                self.link_up();
            }
        }
        self.settle();
    }

    fn down(&mut self, reason: DownReason) {
        self.linked = false;
        self.sent.clear();
        self.ada.handle_link(LinkEvent::Down { link: LINK, reason }, self.now);
        self.grace.handle_link(LinkEvent::Down { link: LINK, reason }, self.now);
    }

    /// Ada's process dies and goes on from her store, which must be possible.
    pub(super) fn restart(&mut self) {
        self.down(DownReason::Lost);
        self.ada = Engine::restore(config(), self.store.snapshot(), self.store.outside, [9; 32], self.now).unwrap();
        let _ = self.ada.handle_command(Command::Join, self.now);
        self.settle();
    }

    /// Carries out all that Ada has to give, and checks it.
    fn settle(&mut self) {
        for _ in 0..CALLS_MAX {
            if !self.step() {
                assert!(self.ada.wants_input(), "everything is committed, and yet no input is wanted");
                return;
            }
        }
        panic!("the outputs do not come to an end");
    }

    fn step(&mut self) -> bool {
        if let Some(commit) = self.ada.poll_commit() {
            let seq = commit.seq;
            self.store.apply(commit);
            self.ada.handle_committed(seq, self.now);
        } else if let Some(generation) = self.ada.poll_generation() {
            self.store.outside = Some(generation);
            self.ada.handle_generation_kept(generation, self.now);
        } else if let Some(fetch) = self.ada.poll_fetch() {
            let body = self.store.records.get(&fetch.key).map(|(_, body)| body.clone());
            self.ada.handle_fetched(fetch.id, body, self.now);
        } else if let Some(request) = self.ada.poll_link() {
            match request {
                LinkRequest::Listen { listener } => {
                    self.ada.handle_link(LinkEvent::Listening { listener, port: 40_001 }, self.now);
                }
                LinkRequest::Dial { dial, .. } => self.ada.handle_link(LinkEvent::DialFailed { dial }, self.now),
                LinkRequest::Close { .. } => self.down(DownReason::Closed),
                LinkRequest::StopListening { .. } | LinkRequest::Rebind { .. } => {}
            }
        } else if let Some(transmit) = self.ada.poll_transmit() {
            match transmit {
                Transmit::Everyone { bytes, .. } | Transmit::Datagram { bytes, .. } => {
                    assert!(bytes.len() <= DATAGRAM_MAX);
                    crate::packet::Unverified::parse(&bytes).expect("a packet of our own is a packet");
                }
                Transmit::Frame { bytes, .. } => {
                    assert!(bytes.len() <= FRAME_MAX);
                    Frame::decode(&bytes).expect("a frame of our own is a frame");
                    self.sent.push(bytes);
                }
            }
        } else {
            return self.ada.poll_event().is_some();
        }
        true
    }
}
