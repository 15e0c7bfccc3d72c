//! Two engines wired to each other by hand, for stories that need a say in every frame: what is held up, reordered, changed,
//! or what comes out of an older copy of a store.

#![allow(dead_code, reason = "no one story needs all of it")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::net::{IpAddr, Ipv4Addr};

use permesso_engine::Engine;
use permesso_engine::api::{
    Cast, Command, CommandError, DownReason, Event, FriendState, LinkEvent, LinkRequest, Match, NetAddr, NetworkEvent,
    Notice, Transmit,
};
use permesso_engine::config::Config;
use permesso_engine::envelope::Envelope;
use permesso_engine::frame::Frame;
use permesso_engine::ids::{
    FetchId, Generation, HostId, IdentityKey, Interface, LinkId, ListenerId, MessageId, ProofSecret,
};
use permesso_engine::rows::{Commit, MessageRow, StoredState};
use permesso_engine::time::{Now, Tick, Wall};
use permesso_sim::memory::MemoryStore;

const EPOCH: u64 = 1_700_000_000_000;
const PORT: u16 = 20_070;
pub const MINUTE: u64 = 60_000;
pub const DAY: u64 = 24 * 60 * MINUTE;

pub struct Host {
    pub engine: Engine,
    pub store: MemoryStore,
    /// The generation written outside the store.
    pub outside: Option<Generation>,
    pub events: Vec<Event>,
    on: bool,
}

/// What was read for a host, and has not been told it.
pub type SlowRead = (usize, FetchId, Option<Vec<u8>>);

/// What happens to the envelopes of a FORWARD on its way.
pub type Air = Box<dyn FnMut(usize, Envelope) -> Option<Envelope>>;

pub struct Pair {
    pub hosts: [Host; 2],
    pub clock: u64,
    /// How far both wall clocks are ahead.
    pub ahead: u64,
    /// What the people's clocks show when `clock` is 0.
    pub epoch: u64,
    pub config: Config,
    pub air: Air,
    /// Links that are up, the same number at both ends.
    pub links: Vec<LinkId>,
    /// Frames sent so far by each.
    pub frames: [usize; 2],
    /// What each has stored so far, transaction by transaction.
    pub commits: [Vec<Commit>; 2],
    /// What each has said on links so far, and when: what was lost on its way too.
    pub said: [Vec<(u64, Frame)>; 2],
    /// Datagrams sent so far by each.
    pub datagrams: [usize; 2],
    /// Datagrams each has sent to one address.
    pub addressed: [Vec<(NetAddr, Vec<u8>)>; 2],
    /// Where each has dialled.
    pub dialled: [Vec<NetAddr>; 2],
    /// Nobody reads what arrives: no credit comes back.
    pub deaf: bool,
    /// Stores take their time: what was read is kept back, with whose it is.
    pub slow_reads: Option<Vec<SlowRead>>,
    /// Proofs are lost on their way.
    pub lose_proofs: bool,
    /// The proofs each has shown.
    pub proofs: [Vec<ProofSecret>; 2],
    next_link: u64,
    seed: u8,
}

impl Pair {
    pub fn new() -> Self {
        Self::at(EPOCH)
    }

    /// Two hosts that have met at this time of the people's clocks.
    pub fn at(epoch: u64) -> Self {
        let mut config = Config::default();
        config.friendship.stamp_bits = 4;
        let hosts = ["Ada", "Grace"].map(|alias| {
            config.host.alias = alias.into();
            boot(&config, MemoryStore::new(), None, Now { tick: Tick(0), wall: Wall(epoch) }, alias.len() as u8)
        });
        let mut pair = Self {
            hosts,
            clock: 0,
            ahead: 0,
            epoch,
            config,
            air: Box::new(|_, envelope| Some(envelope)),
            links: Vec::new(),
            frames: [0; 2],
            commits: [Vec::new(), Vec::new()],
            said: [Vec::new(), Vec::new()],
            datagrams: [0; 2],
            addressed: [Vec::new(), Vec::new()],
            dialled: [Vec::new(), Vec::new()],
            deaf: false,
            slow_reads: None,
            lose_proofs: false,
            proofs: [Vec::new(), Vec::new()],
            next_link: 0,
            seed: 100,
        };
        pair.join(0);
        pair.join(1);
        pair.advance(5_000);
        pair
    }

    /// Two friends, both online.
    pub fn friends() -> Self {
        let mut pair = Self::new();
        pair.befriend();
        pair
    }

    pub fn befriend(&mut self) {
        self.command(0, Command::Search { alias: "gra".into(), matching: Match::Partial });
        self.advance(5_000);
        let (ada, grace) = (self.id(0), self.id(1));
        self.command(0, Command::AskFriendship { host: grace, greeting: "Ciao".into() });
        self.advance(10_000);
        self.command(1, Command::AnswerFriendship { host: ada, accept: true, tell: false });
        self.advance(10_000);
        assert_eq!([self.state(0), self.state(1)], [FriendState::Friend; 2]);
        self.take_events(0);
        self.take_events(1);
    }

    pub fn id(&self, host: usize) -> HostId {
        self.hosts[host].engine.host_id()
    }

    pub fn state(&self, host: usize) -> FriendState {
        let peer = self.id(1 - host);
        let friends = self.hosts[host].engine.friends();
        friends.iter().find(|friend| friend.host == peer).map_or(FriendState::Unknown, |friend| friend.state)
    }

    pub fn now(&self) -> Now {
        Now { tick: Tick(self.clock + self.ahead), wall: Wall(self.epoch + self.clock + self.ahead) }
    }

    pub fn try_command(&mut self, host: usize, command: Command) -> Result<(), CommandError> {
        let now = self.now();
        let result = self.hosts[host].engine.handle_command(command, now).map(drop);
        self.settle();
        result
    }

    pub fn command(&mut self, host: usize, command: Command) {
        self.try_command(host, command).unwrap();
    }

    /// Writes a text to the other; returns its id.
    pub fn write(&mut self, from: usize, text: &str) -> MessageId {
        let host = self.id(1 - from);
        self.command(from, Command::SendText { host, text: text.into() });
        self.history(from).into_iter().find(|row| row.text == text).unwrap().id
    }

    /// The conversation as a host's store shows it, oldest first.
    pub fn history(&self, host: usize) -> Vec<MessageRow> {
        let friend = self.hosts[host].engine.friend_id(self.id(1 - host)).unwrap();
        let mut rows = self.hosts[host].store.messages(friend, None, usize::MAX);
        rows.reverse();
        rows
    }

    pub fn texts(&self, host: usize) -> Vec<String> {
        self.history(host).into_iter().map(|row| row.text).collect()
    }

    pub fn fate(&self, host: usize, message: MessageId) -> StoredState {
        self.hosts[host].store.find(message).unwrap().state
    }

    pub fn notices(&mut self, host: usize) -> Vec<Notice> {
        let notice = |event| match event {
            Event::Notice(notice) => Some(notice),
            _ => None,
        };
        self.take_events(host).into_iter().filter_map(notice).collect()
    }

    pub fn take_events(&mut self, host: usize) -> Vec<Event> {
        std::mem::take(&mut self.hosts[host].events)
    }

    /// Hands frames to a host as if the other had sent them on their link.
    pub fn inject(&mut self, to: usize, frame: &Frame) {
        self.say(to, *self.links.last().unwrap(), frame);
    }

    /// Hands any bytes to a host as a frame of their link; says whether the link outlives it.
    pub fn inject_bytes(&mut self, to: usize, bytes: &[u8]) -> bool {
        let (link, now) = (*self.links.last().unwrap(), self.now());
        self.hosts[to].engine.handle_link(LinkEvent::Frame { link, bytes: bytes.to_vec() }, now);
        self.settle();
        self.links.contains(&link)
    }

    /// Hands a datagram to a host that comes from the other's address, or from another of the network.
    pub fn hear(&mut self, to: usize, from: [u8; 4], datagram: &[u8]) {
        let now = self.now();
        let from = NetAddr::from((from, PORT));
        self.hosts[to].engine.handle_datagram(Interface(0), Cast::Broadcast, from, datagram, now);
        self.settle();
    }

    /// A link to a host comes up that the other has dialled, whatever that engine thinks of it; says whether it was let in.
    pub fn dial_in(&mut self, to: usize) -> bool {
        let peer = self.hosts[1 - to].engine.identity_key();
        self.dial_in_as(to, peer, NetAddr::from((address(1 - to), PORT))).is_some()
    }

    /// The same of anybody; the link, if it was let in.
    pub fn dial_in_as(&mut self, to: usize, peer: IdentityKey, address: NetAddr) -> Option<LinkId> {
        self.next_link += 1;
        let (link, now) = (LinkId(self.next_link), self.now());
        let event = LinkEvent::Up { link, listener: ListenerId::MAIN, dial: None, peer, address, credit: 1 << 16 };
        self.links.push(link);
        self.hosts[to].engine.handle_link(event, now);
        self.settle();
        self.links.contains(&link).then_some(link)
    }

    /// Hands a frame to a host on a link that somebody else has dialled.
    pub fn say(&mut self, to: usize, link: LinkId, frame: &Frame) {
        let now = self.now();
        self.hosts[to].engine.handle_link(LinkEvent::Frame { link, bytes: frame.encode() }, now);
        self.settle();
    }

    /// A link that somebody else has dialled ends in order.
    pub fn hang_up(&mut self, host: usize, link: LinkId) {
        self.links.retain(|other| *other != link);
        let now = self.now();
        self.hosts[host].engine.handle_link(LinkEvent::Down { link, reason: DownReason::Closed }, now);
        self.settle();
    }

    /// Answers what was asked of slow stores so far.
    pub fn answer_reads(&mut self) {
        for (host, fetch, body) in self.slow_reads.as_mut().map(std::mem::take).unwrap_or_default() {
            let now = self.now();
            self.hosts[host].engine.handle_fetched(fetch, body, now);
        }
        self.settle();
    }

    /// Switches a host on anew under another configuration.
    pub fn configure(&mut self, host: usize, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.switch_off(host);
        self.switch_on(host, None);
    }

    /// Switches a host off without a word: links to it are lost.
    pub fn switch_off(&mut self, host: usize) {
        self.hosts[host].on = false;
        self.cut();
    }

    /// A host's process dies; the other end of its links does not notice.
    pub fn kill(&mut self, host: usize) {
        self.hosts[host].on = false;
    }

    /// Switches a host on with what is in its store, or in the given copy of it.
    pub fn switch_on(&mut self, host: usize, copy: Option<MemoryStore>) {
        let store = copy.unwrap_or_else(|| self.hosts[host].store.clone());
        self.seed += 1;
        let outside = self.hosts[host].outside;
        self.hosts[host] = boot(&self.config, store, outside, self.now(), self.seed);
        self.join(host);
        self.advance(5_000);
    }

    /// Every link breaks.
    pub fn cut(&mut self) {
        let now = self.now();
        for link in std::mem::take(&mut self.links) {
            for host in self.hosts.iter_mut().filter(|host| host.on) {
                host.engine.handle_link(LinkEvent::Down { link, reason: DownReason::Lost }, now);
            }
        }
        self.settle();
    }

    /// Every link breaks, and only one host notices.
    pub fn cut_at(&mut self, host: usize) {
        let now = self.now();
        for link in std::mem::take(&mut self.links) {
            self.hosts[host].engine.handle_link(LinkEvent::Down { link, reason: DownReason::Lost }, now);
        }
        self.settle();
    }

    pub fn advance(&mut self, span: u64) {
        let end = self.clock + span;
        self.settle();
        loop {
            let due = self.hosts.iter().filter(|host| host.on).filter_map(|host| host.engine.poll_timeout()).min();
            let Some((Tick(due), _)) = due.filter(|(due, _)| due.0 <= end) else { break };
            self.clock = self.clock.max(due);
            let now = self.now();
            for host in self.hosts.iter_mut().filter(|host| host.on) {
                if host.engine.poll_timeout().is_some_and(|(due, _)| due <= now.tick) {
                    host.engine.handle_timeout(now);
                }
            }
            self.settle();
        }
        self.clock = end;
    }

    /// Both devices sleep for so long, wake, and go on.
    pub fn sleep(&mut self, span: u64) {
        self.clock += span;
        let now = self.now();
        for host in self.hosts.iter_mut().filter(|host| host.on) {
            host.engine.handle_network(NetworkEvent::Resumed, now);
        }
        self.advance(MINUTE);
    }

    /// Lets only those envelopes of a host through for which `passes` says so.
    pub fn filter(&mut self, host: usize, passes: impl Fn(&Envelope) -> bool + 'static) {
        self.air = Box::new(move |from, envelope| Some(envelope).filter(|envelope| from != host || passes(envelope)));
    }

    fn join(&mut self, host: usize) {
        let (address, now) = (IpAddr::V4(address(host)), self.now());
        let event = NetworkEvent::InterfaceUp { interface: Interface(0), addresses: vec![(address, 24)] };
        self.hosts[host].engine.handle_network(event, now);
        self.command(host, Command::Join);
    }

    fn settle(&mut self) {
        let mut busy = true;
        while busy {
            busy = false;
            for host in [0, 1] {
                while self.hosts[host].on && self.step(host) {
                    busy = true;
                }
            }
        }
    }

    /// Carries out one output of a host, if there is one.
    fn step(&mut self, index: usize) -> bool {
        let now = self.now();
        let host = &mut self.hosts[index];
        if let Some(commit) = host.engine.poll_commit() {
            let seq = commit.seq;
            host.store.apply(commit.clone());
            host.engine.handle_committed(seq, now);
            self.commits[index].push(commit);
        } else if let Some(generation) = host.engine.poll_generation() {
            host.outside = Some(generation);
            host.engine.handle_generation_kept(generation, now);
        } else if let Some(fetch) = host.engine.poll_fetch() {
            let body = host.store.body(fetch.key);
            match &mut self.slow_reads {
                Some(reads) => reads.push((index, fetch.id, body)),
                None => host.engine.handle_fetched(fetch.id, body, now),
            }
        } else if let Some(event) = host.engine.poll_event() {
            host.events.push(event);
        } else if let Some(request) = host.engine.poll_link() {
            self.carry_out(index, request);
        } else if let Some(transmit) = host.engine.poll_transmit() {
            self.transmit(index, transmit);
        } else {
            return false;
        }
        true
    }

    fn carry_out(&mut self, from: usize, request: LinkRequest) {
        let now = self.now();
        match request {
            LinkRequest::Listen { listener } => {
                let event = LinkEvent::Listening { listener, port: 30_000 + listener.0 as u16 };
                self.hosts[from].engine.handle_link(event, now);
            }
            LinkRequest::Dial { dial, listener, expected, addresses } => {
                let to = 1 - from;
                self.dialled[from].extend(addresses);
                if !self.hosts[to].on || self.hosts[to].engine.identity_key() != expected {
                    return self.hosts[from].engine.handle_link(LinkEvent::DialFailed { dial }, now);
                }
                self.next_link += 1;
                let link = LinkId(self.next_link);
                self.links.push(link);
                for (end, dial) in [(from, Some(dial)), (to, None)] {
                    let peer = self.hosts[1 - end].engine.identity_key();
                    let address = NetAddr::from((address(1 - end), PORT));
                    let credit = 1 << 16;
                    let event = LinkEvent::Up { link, listener, dial, peer, address, credit };
                    self.hosts[end].engine.handle_link(event, now);
                }
            }
            LinkRequest::Close { link } => {
                self.links.retain(|other| *other != link);
                for host in self.hosts.iter_mut().filter(|host| host.on) {
                    host.engine.handle_link(LinkEvent::Down { link, reason: DownReason::Closed }, now);
                }
            }
            LinkRequest::StopListening { .. } | LinkRequest::Rebind { .. } => {}
        }
    }

    fn transmit(&mut self, from: usize, transmit: Transmit) {
        let (to, now) = (1 - from, self.now());
        let source = NetAddr::from((address(from), PORT));
        self.datagrams[from] += usize::from(!matches!(transmit, Transmit::Frame { .. }));
        match &transmit {
            Transmit::Frame { link, bytes } if self.links.contains(link) => {
                self.said[from].push((self.clock, Frame::decode(bytes).unwrap()));
            }
            Transmit::Datagram { to, bytes } => self.addressed[from].push((*to, bytes.clone())),
            Transmit::Frame { .. } | Transmit::Everyone { .. } => {}
        }
        match transmit {
            Transmit::Frame { link, bytes } if self.links.contains(&link) && self.hosts[to].on => {
                self.frames[from] += 1;
                let sent = bytes.len();
                let bytes = match Frame::decode(&bytes).unwrap() {
                    Frame::Proofs(proofs) => {
                        self.proofs[from].extend(proofs.secrets);
                        if self.lose_proofs {
                            return;
                        }
                        bytes
                    }
                    Frame::Forward(envelopes) => {
                        let kept = envelopes.into_iter().filter_map(|envelope| (self.air)(from, envelope)).collect();
                        Frame::Forward(kept).encode()
                    }
                    _ => bytes,
                };
                self.hosts[to].engine.handle_link(LinkEvent::Frame { link, bytes }, now);
                if !self.deaf {
                    self.hosts[from].engine.handle_link(LinkEvent::Writable { link, bytes: sent }, now);
                }
            }
            Transmit::Frame { .. } => {}
            Transmit::Everyone { bytes, .. } if self.hosts[to].on => {
                self.hosts[to].engine.handle_datagram(Interface(0), Cast::Broadcast, source, &bytes, now);
            }
            Transmit::Datagram { to: target, bytes } if self.hosts[to].on && target.ip() == address(to) => {
                self.hosts[to].engine.handle_datagram(Interface(0), Cast::Unicast, source, &bytes, now);
            }
            Transmit::Everyone { .. } | Transmit::Datagram { .. } => {}
        }
    }
}

fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, 1 + host as u8)
}

fn boot(config: &Config, store: MemoryStore, outside: Option<Generation>, now: Now, seed: u8) -> Host {
    let engine = Engine::restore(config.clone(), store.snapshot(), outside, [seed; 32], now).unwrap();
    Host { engine, store, outside, events: Vec::new(), on: true }
}
