//! Links: reliable, ordered, with credit, between hosts that proved their keys; and all the ways in which they end.

use std::collections::VecDeque;
use std::net::SocketAddr;

use permesso_engine::api::{DownReason, LinkEvent, LinkRequest, NetAddr};
use permesso_engine::ids::{DialId, IdentityKey, LinkId, ListenerId};

use crate::ablation::Ablation;
use crate::host::network_of;
use crate::promise::Promise;
use crate::traffic::frame_kind;
use crate::world::{Item, World};

/// What may be in flight on a link in one direction.
const CREDIT: usize = 256 << 10;
/// Bytes a link carries in a millisecond: 6 Mbit/s, an old radio.
pub(crate) const BYTES_PER_MS: u64 = 750;
/// A link whose peer is not heard for so long is lost.
const LOST_AFTER: u64 = 8_000;
/// An end whose peer is gone without a word may believe in the link for so long (PROTOCOL.md, §7): until it shows itself, which
/// it does at the second look of 15 s at the latest, and 45 s more.
const SILENCE: u64 = 75_000;
/// The last frame of the credit may go beyond it, and as many receipts and proofs as the credit again, of which the last frame
/// may go beyond that.
const OVERDRAFT: i64 = 2 * FRAME_MAX as i64 + CREDIT as i64;
/// The largest frame.
const FRAME_MAX: usize = 64 << 10;

/// A dial on its way.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) dial: DialId,
    pub(crate) listener: ListenerId,
    pub(crate) addresses: Vec<NetAddr>,
    pub(crate) expected: IdentityKey,
}

/// What waits to come out at one end.
#[derive(Debug)]
enum Input {
    Up { peer: IdentityKey, address: NetAddr },
    Frame(Vec<u8>),
}

/// One end of a link.
#[derive(Debug)]
struct End {
    host: usize,
    life: u32,
    listener: ListenerId,
    /// The engine knows of the link and of no end of it.
    up: bool,
    inbox: VecDeque<(u64, Input)>,
    last_arrival: u64,
    /// What may still be sent; a frame that is begun may go below zero.
    credit: i64,
}

/// A link between two hosts. Side 0 dialled.
#[derive(Debug)]
pub(crate) struct Link {
    ends: [End; 2],
    network: usize,
    /// Since when both ends were up and nothing stood in its way.
    clear_since: Option<u64>,
    cut_since: Option<u64>,
    /// Nothing passes any more; both ends will notice in their time.
    broken: bool,
    /// One side closed it: the other gets what was sent, then the end.
    closed_by: Option<usize>,
}

impl End {
    fn new(host: usize, life: u32, listener: ListenerId, up: bool) -> Self {
        Self { host, life, listener, up, inbox: VecDeque::new(), last_arrival: 0, credit: CREDIT as i64 }
    }
}

impl Link {
    fn end(&self, side: usize) -> &End {
        let [first, second] = &self.ends;
        if side == 0 { first } else { second }
    }

    fn end_mut(&mut self, side: usize) -> &mut End {
        let [first, second] = &mut self.ends;
        if side == 0 { first } else { second }
    }

    fn is_over(&self) -> bool {
        !self.end(0).up && !self.end(1).up
    }
}

fn link_id(link: u64, side: usize) -> LinkId {
    LinkId(link * 2 + side as u64)
}

fn place(id: LinkId) -> (u64, usize) {
    (id.0 / 2, (id.0 % 2) as usize)
}

impl World {
    pub(crate) fn on_link_request(&mut self, host: usize, request: LinkRequest) {
        let life = self.life(host);
        match request {
            LinkRequest::Listen { listener } => {
                let at = self.now + self.random.below(5);
                self.queue.push(at, Item::Listening { host, life, listener });
            }
            LinkRequest::StopListening { listener } => self.stop_listening(host, listener),
            LinkRequest::Dial { dial, .. } if self.is_ablated(host, Ablation::NeverDial) => {
                self.queue.push(self.now + 1, Item::DialFailed { host, life, dial });
            }
            LinkRequest::Dial { dial, listener, addresses, expected } => {
                let addresses: Vec<_> = addresses.into_iter().map(|address| self.ways.meant(address)).collect();
                self.trace.note(self.now, format!("h{host} dials {addresses:?}"));
                let at = self.now + 2 + self.random.around(6);
                self.queue.push(at, Item::Dial(Call { host, life, dial, listener, addresses, expected }));
            }
            LinkRequest::Close { link } => self.close(link),
            LinkRequest::Rebind { port } => {
                if let Some(state) = self.hosts.get_mut(host) {
                    state.presence_port = port;
                }
            }
        }
    }

    pub(crate) fn on_listening(&mut self, host: usize, life: u32, listener: ListenerId) {
        let port = self.random.between(30_000, 60_000) as u16;
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.life == life) else { return };
        let port = *state.listeners.entry(listener).or_insert(port);
        self.tell_link(host, life, LinkEvent::Listening { listener, port });
    }

    fn stop_listening(&mut self, host: usize, listener: ListenerId) {
        let life = self.life(host);
        if let Some(state) = self.hosts.get_mut(host) {
            state.listeners.remove(&listener);
        }
        let here = |end: &End| end.up && (end.host, end.life, end.listener) == (host, life, listener);
        let sides = self.links.iter().flat_map(|(number, link)| [(number, 0, link), (number, 1, link)]);
        let open: Vec<_> =
            sides.filter(|(_, side, link)| here(link.end(*side))).map(|(n, side, _)| (*n, side)).collect();
        for (number, side) in open {
            self.close(link_id(number, side));
        }
    }

    pub(crate) fn on_dial(&mut self, call: Call) {
        if self.life(call.host) != call.life {
            return;
        }
        let loss = if self.active { self.faults.dial_loss } else { 0.0 };
        let lost = self.random.chance(loss);
        let found = if lost { None } else { self.callee(&call) };
        let port = self.hosts.get(call.host).and_then(|state| state.listeners.get(&call.listener)).copied();
        let (Some((target, listener, address)), Some(port)) = (found, port) else {
            if lost {
                self.saw("dial lost");
            }
            let at = self.now + self.random.between(1_000, 4_900);
            return self.queue.push(at, Item::DialFailed { host: call.host, life: call.life, dial: call.dial });
        };
        let (Some(caller_key), Some(caller)) = (self.key(call.host), self.hosts.get(call.host)) else { return };
        let network = network_of(address.ip());
        let from = SocketAddr::new(caller.presence_address(network).ip(), port);
        let first = End::new(call.host, call.life, call.listener, true);
        let second = End::new(target, self.life(target), listener, false);
        let number = self.make_link(first, second, caller_key, from);
        self.traffic.validated(call.host, self.presence_address(target, network));
        self.traffic.validated(target, self.presence_address(call.host, network));
        let up = LinkEvent::Up {
            link: link_id(number, 0),
            listener: call.listener,
            dial: Some(call.dial),
            peer: call.expected,
            address,
            credit: CREDIT,
        };
        self.tell_link(call.host, call.life, up);
    }

    fn make_link(&mut self, first: End, second: End, caller_key: IdentityKey, from: NetAddr) -> u64 {
        self.links_made += 1;
        let number = self.links_made;
        self.trace.note(self.now, format!("link {number} h{} – h{}", first.host, second.host));
        let (ends, network) = ([first, second], network_of(from.ip()));
        let link = Link { ends, network, clear_since: None, cut_since: None, broken: false, closed_by: None };
        self.links.insert(number, link);
        self.put(number, 1, 0, Input::Up { peer: caller_key, address: from });
        number
    }

    /// The adversary makes a link with a key of its own and says all this on it. It does not listen.
    pub(crate) fn make_evil_link(&mut self, target: usize, key: IdentityKey, from: NetAddr, frames: Vec<Vec<u8>>) {
        let Some(state) = self.hosts.get(target).filter(|state| state.is_awake(self.now)) else { return };
        let listeners: Vec<ListenerId> = state.listeners.keys().copied().collect();
        let life = state.life;
        let Some(listener) = self.random.pick(&listeners).copied() else { return };
        let first = End::new(usize::MAX, 0, ListenerId::MAIN, true);
        let number = self.make_link(first, End::new(target, life, listener, false), key, from);
        for frame in frames {
            self.put(number, 1, frame.len(), Input::Frame(frame));
        }
        let at = self.now + self.random.between(100, 20_000);
        let lost = self.random.chance(0.5);
        self.queue.push(at, Item::LinkDown { link: number, side: 0, lost });
        self.queue.push(at, Item::LinkDown { link: number, side: 1, lost });
    }

    /// The first of the addresses where the expected host listens and can be reached.
    fn callee(&self, call: &Call) -> Option<(usize, ListenerId, NetAddr)> {
        call.addresses.iter().find_map(|address| {
            let target = self.host_at(address.ip())?;
            if !self.connected(call.host, target, network_of(address.ip())) || self.key(target)? != call.expected {
                return None;
            }
            let listeners = &self.hosts.get(target)?.listeners;
            let (listener, _) = listeners.iter().find(|(_, port)| **port == address.port())?;
            Some((target, *listener, *address))
        })
    }

    fn key(&self, host: usize) -> Option<IdentityKey> {
        self.hosts.get(host).and_then(|host| host.key)
    }

    pub(crate) fn on_dial_failed(&mut self, host: usize, life: u32, dial: DialId) {
        self.tell_link(host, life, LinkEvent::DialFailed { dial });
    }

    pub(crate) fn send_frame(&mut self, host: usize, id: LinkId, bytes: Vec<u8>) {
        let kind = frame_kind(&bytes);
        self.traffic.sent(host, kind, bytes.len());
        self.trace.note(self.now, format!("h{host} → link {} {kind} {} B", id.0 / 2, bytes.len()));
        let (number, side) = place(id);
        let peer = self.links.get(&number).map_or(usize::MAX, |link| link.end(1 - side).host);
        let bytes = self.ablated_frame(host, peer, bytes);
        self.adversary.carry_away(&bytes);
        self.check_frame(host, peer, number, &bytes);
        let too_long = (bytes.len() > FRAME_MAX).then(|| format!("a frame of {} bytes", bytes.len()));
        self.oracle.check(Promise::Contract, self.now, host, too_long);
        let Some(link) = self.links.get_mut(&number).filter(|link| link.end(side).host == host) else { return };
        let end = link.end_mut(side);
        if !end.up {
            return;
        }
        end.credit -= bytes.len() as i64;
        let beyond = (end.credit < -OVERDRAFT)
            .then(|| format!("a frame of {} bytes, {} bytes beyond the link's credit", bytes.len(), -end.credit));
        self.oracle.check(Promise::Contract, self.now, host, beyond);
        let frames = if self.is_honest(host) { vec![bytes] } else { self.tamper(host, peer, bytes) };
        frames.into_iter().for_each(|frame| self.say(number, side, frame));
    }

    /// Sends something to one end of a link, behind everything sent there before.
    fn put(&mut self, number: u64, side: usize, bytes: usize, input: Input) {
        let delay = 1 + self.random.around(3);
        let Some(link) = self.links.get_mut(&number) else { return };
        let end = link.end_mut(side);
        // Rounded, so that an id that is encoded in a byte more does not change what happens when.
        let at = end.last_arrival.max(self.now + delay) + (bytes as u64 >> 9 << 9) / BYTES_PER_MS;
        end.last_arrival = at;
        end.inbox.push_back((at, input));
        if end.inbox.len() == 1 {
            self.queue.push(at, Item::LinkInput { link: number, side });
        }
    }

    pub(crate) fn on_link_input(&mut self, number: u64, side: usize) {
        let Some(link) = self.links.get(&number) else { return };
        if link.broken || link.closed_by == Some(side) {
            return;
        }
        let (here, there) = (link.end(side).host, link.end(1 - side).host);
        let life = link.end(side).life;
        // The adversary is no host, and everywhere.
        let is_in = |host: usize| self.hosts.get(host).is_none_or(|host| host.is_in(link.network));
        let passes = self.air.connects(here, there)
            && is_in(here)
            && is_in(there)
            && self.hosts.get(here).is_some_and(|host| host.is_awake(self.now));
        let ready = self.running(here).is_some_and(permesso_engine::Engine::wants_input);
        if self.life(here) != life {
            return;
        }
        if !passes || !ready {
            let retry = self.now + if passes { 5 } else { 250 };
            return self.queue.push(retry, Item::LinkInput { link: number, side });
        }
        let Some(link) = self.links.get_mut(&number) else { return };
        let end = link.end_mut(side);
        let Some((_, input)) = end.inbox.pop_front() else { return };
        if let Some((next, _)) = end.inbox.front() {
            let at = (*next).max(self.now);
            self.queue.push(at, Item::LinkInput { link: number, side });
        }
        let closes = end.inbox.is_empty() && link.closed_by.is_some();
        self.take_in(number, side, input);
        if closes {
            self.on_link_down(number, side, false);
        }
    }

    fn take_in(&mut self, number: u64, side: usize, input: Input) {
        let Some(link) = self.links.get_mut(&number) else { return };
        let end = link.end_mut(side);
        let (host, life) = (end.host, end.life);
        match input {
            Input::Up { peer, address } => {
                end.up = true;
                let (listener, now) = (end.listener, self.now);
                link.clear_since = Some(now);
                let link = link_id(number, side);
                let up = LinkEvent::Up { link, listener, dial: None, peer, address, credit: CREDIT };
                self.tell_link(host, life, up);
            }
            Input::Frame(bytes) if end.up => {
                let peer = link.end(1 - side).host;
                self.note_frame(host, peer, number, &bytes);
                if !self.is_honest(host) {
                    let own = self.id(host);
                    self.insider.learn(own, &bytes);
                }
                let at = self.now + 1 + self.random.around(3);
                let credit = Item::LinkCredit { link: number, side: 1 - side, bytes: bytes.len() };
                self.queue.push(at, credit);
                self.tell_link(host, life, LinkEvent::Frame { link: link_id(number, side), bytes });
            }
            Input::Frame(_) => {}
        }
    }

    pub(crate) fn on_link_credit(&mut self, number: u64, side: usize, bytes: usize) {
        let Some(link) = self.links.get_mut(&number).filter(|link| !link.broken) else { return };
        let end = link.end_mut(side);
        if !end.up {
            return;
        }
        end.credit += bytes as i64;
        let (host, life) = (end.host, end.life);
        self.tell_link(host, life, LinkEvent::Writable { link: link_id(number, side), bytes });
    }

    fn close(&mut self, id: LinkId) {
        let (number, side) = place(id);
        let Some(link) = self.links.get_mut(&number) else { return };
        if !link.end(side).up || link.broken || link.closed_by.is_some() {
            return;
        }
        self.check_wanted(number);
        let Some(link) = self.links.get_mut(&number) else { return };
        link.closed_by = Some(side);
        link.end_mut(side).inbox.clear();
        let waits = !link.end(1 - side).inbox.is_empty();
        let soon = self.now + 1 + self.random.around(2);
        self.queue.push(soon, Item::LinkDown { link: number, side, lost: false });
        if !waits {
            self.queue.push(soon + 1, Item::LinkDown { link: number, side: 1 - side, lost: false });
        }
    }

    pub(crate) fn on_link_down(&mut self, number: u64, side: usize, lost: bool) {
        let Some(link) = self.links.get_mut(&number) else { return };
        let (here, there) = (link.end(side).host, link.end(1 - side).host);
        let was_up = std::mem::replace(&mut link.end_mut(side).up, false);
        let life = link.end(side).life;
        if link.is_over() && link.end(1 - side).inbox.is_empty() {
            self.links.remove(&number);
        }
        if !was_up {
            return;
        }
        let reason = if lost { DownReason::Lost } else { DownReason::Closed };
        self.air.note_link_end(here, there, self.now);
        self.trace.note(self.now, format!("h{here} link {number} to h{there} is down: {reason:?}"));
        self.tell_link(here, life, LinkEvent::Down { link: link_id(number, side), reason });
    }

    /// Something about reach changed: links that carry nothing any more will be noticed.
    pub(crate) fn watch_links(&mut self) {
        let numbers: Vec<u64> = self.links.keys().copied().collect();
        for number in numbers {
            let Some(link) = self.links.get(&number) else { continue };
            let (a, b) = (link.end(0).host, link.end(1).host);
            let cut = !self.connected(a, b, link.network);
            let newly = cut && link.cut_since.is_none();
            let since = if cut { link.cut_since.or(Some(self.now)) } else { None };
            if newly {
                self.check_wanted(number);
            }
            let now = self.now;
            if let Some(link) = self.links.get_mut(&number) {
                if cut || link.cut_since.is_some() {
                    link.clear_since = link.clear_since.map(|_| now);
                }
                link.cut_since = since;
            }
            if newly {
                let at = self.now + LOST_AFTER + self.random.below(2_000);
                self.queue.push(at, Item::LinkCheck { link: number });
            }
        }
    }

    pub(crate) fn on_link_check(&mut self, number: u64) {
        let Some(link) = self.links.get(&number) else { return };
        let (a, b) = (link.end(0).host, link.end(1).host);
        let connected = self.connected(a, b, link.network);
        let Some(link) = self.links.get_mut(&number) else { return };
        match link.cut_since {
            Some(_) if connected => link.cut_since = None,
            Some(since) if since + LOST_AFTER <= self.now => self.break_link(number, 3_000),
            _ => {}
        }
    }

    /// Nothing passes any more; each end notices within `notice` milliseconds.
    fn break_link(&mut self, number: u64, notice: u64) {
        self.check_wanted(number);
        let Some(link) = self.links.get_mut(&number) else { return };
        if std::mem::replace(&mut link.broken, true) {
            return;
        }
        link.ends.iter_mut().for_each(|end| end.inbox.clear());
        self.saw("link lost");
        for side in 0..2 {
            let at = self.now + 1 + self.random.below(notice);
            self.queue.push(at, Item::LinkDown { link: number, side, lost: true });
        }
    }

    /// A host's process is gone: its ends of links are, too, and so is what was on its way.
    pub(crate) fn drop_links(&mut self, host: usize) {
        for number in self.links_at(host) {
            let Some(link) = self.links.get_mut(&number) else { continue };
            link.ends.iter_mut().filter(|end| end.host == host).for_each(|end| end.up = false);
            // A short outage is noticed by a reset, a long one by silence.
            let notice = if self.random.chance(0.5) { 300 } else { SILENCE };
            self.break_link(number, notice);
        }
    }

    /// A host has another address in a network: nothing passes on its links there any more.
    pub(crate) fn lose_links(&mut self, host: usize, network: usize) {
        for number in self.links_at(host) {
            if self.links.get(&number).is_some_and(|link| link.network == network) {
                self.break_link(number, SILENCE);
            }
        }
    }

    /// The two hosts of a link on which nothing stands in the way, and since when.
    pub(crate) fn clear_link(&self, number: u64) -> Option<(usize, usize, u64)> {
        let link = self.links.get(&number)?;
        let whole = link.end(0).up && link.end(1).up && !link.broken && link.cut_since.is_none();
        let since = link.clear_since.filter(|_| whole && link.closed_by.is_none())?;
        Some((link.end(0).host, link.end(1).host, since))
    }

    /// The links of a host that are up at both ends: number, own side and peer.
    pub(crate) fn open_links(&self, host: usize) -> Vec<(u64, usize, usize)> {
        let up = |link: &Link| link.end(0).up && link.end(1).up && !link.broken && link.closed_by.is_none();
        let here = |(number, link): (&u64, &Link)| {
            let side = (0..2).find(|side| link.end(*side).host == host)?;
            Some((*number, side, link.end(1 - side).host))
        };
        self.links.iter().filter(|(_, link)| up(link)).filter_map(here).collect()
    }

    /// Says something on a link in the name of one of its ends.
    pub(crate) fn say(&mut self, number: u64, side: usize, frame: Vec<u8>) {
        self.put(number, 1 - side, frame.len(), Input::Frame(frame));
    }

    fn links_at(&self, host: usize) -> Vec<u64> {
        let involved = |link: &Link| link.ends.iter().any(|end| end.host == host);
        self.links.iter().filter(|(_, link)| involved(link)).map(|(number, _)| *number).collect()
    }

    /// How many links are up at a host.
    pub fn links_of(&self, host: usize) -> usize {
        let at = |end: &End| end.up && end.host == host;
        self.links.values().filter(|link| at(link.end(0)) || at(link.end(1))).count()
    }
}
