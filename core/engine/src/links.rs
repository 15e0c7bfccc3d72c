//! Who is linked with whom: the DUMMY handshake, dialling, and at most one link per pair.
//!
//! DUMMY(my port, my nonce) asks; the answer carries the other's port and nonce and echoes ours; we echo theirs. Whoever sees its
//! nonce come back knows the address to be real. Then the smaller id dials, after a second the other does.

mod handshake;

use std::collections::{BTreeMap, BTreeSet};

use rand_core::Rng as _;

use crate::api::{DownReason, LinkRequest, NetAddr, Wake};
use crate::context::Context;
use crate::crypto;
use crate::few::gathered;
use crate::ids::{DialId, HostId, IdentityKey, LinkId, ListenerId};
use crate::packet::Counter;
use crate::presence::Presence;
use crate::rows::CommitSeq;
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// Peers remembered beside those that have links, in the middle of a handshake; more are strangers who flood us.
const PEERS_MAX: usize = 256;
/// Links with one host: one each way, and one to its earlier life that has not been seen to end.
const LINKS_PER_HOST: usize = 3;
/// A listener without a link is closed after this: long enough for both dials.
const LISTENER_UNUSED: Millis = Millis::from_secs(20);

/// A link with a stranger is over when nothing has passed for so long, if a link may be idle for longer (or for a twelfth of
/// that): what is to be exchanged is said in the first second, and before the first ping (15 s) it costs the air nothing more.
const STRANGER_QUIET: Millis = Millis::from_secs(10);
const STRANGER_PART: u64 = 12;
/// A link with a stranger who has become a friend is closed when nothing has passed for so long: what the other sent has
/// been proved by then, unless its disk hangs.
const OUTGROWN_QUIET: Millis = Millis(500);
/// The latest it is closed, however much of others' mail passes: a message between the two waits that long.
const OUTGROWN_MAX: Millis = Millis(800);

/// What was sent no longer than this before a link's orderly end may have met it on the way: some round trips of a slow radio.
const CROSSING: Millis = Millis::from_secs(2);

/// Addresses of one host at which an echo is awaited: those of its interfaces, old and new.
const ASKED_MAX: usize = 16;

/// Whom a link is with.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub(crate) host: HostId,
    pub(crate) key: IdentityKey,
    pub(crate) friend: bool,
}

/// How a link came up.
#[derive(Clone, Copy)]
pub(crate) struct Raised {
    pub(crate) link: LinkId,
    pub(crate) dialled: bool,
    pub(crate) address: NetAddr,
    pub(crate) credit: usize,
}

/// Where the making of a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing to do.
    Idle,
    /// A port of our own is being bound.
    Listening,
    /// Our nonce is out.
    Probing,
    /// The address is real; the other is to dial first.
    Waiting,
    /// We dial.
    Dialling(DialId),
    /// At least one link is up.
    Up,
    /// After a failure.
    BackOff,
}

struct Peer {
    number: u32,
    host: HostId,
    key: IdentityKey,
    phase: Phase,
    listener: Option<(ListenerId, Option<u16>)>,
    nonce: [u8; 8],
    /// Where it was sent: only from there an echo shows that the address is real.
    asked: BTreeSet<NetAddr>,
    /// The nonce and the address to echo to, when there is a port to name.
    to_echo: Option<([u8; 8], NetAddr)>,
    validated: Option<NetAddr>,
    tries: u32,
    backoff: Millis,
    links: Vec<LinkId>,
    /// The last link was lost: the other end may believe in it still, with mail on it.
    lost: bool,
}

impl Peer {
    /// A handshake begins.
    fn begin(&mut self, ctx: &mut Context) {
        self.tries = 0;
        self.nonce = crypto::random(ctx.rng);
        self.asked.clear();
        self.validated = None;
    }

    /// Our nonce goes to this address.
    fn ask_at(&mut self, address: NetAddr) {
        self.asked.insert(address);
        if self.asked.len() > ASKED_MAX {
            self.asked.pop_first();
        }
    }
}

/// One link and what is under way on it.
pub(crate) struct Link {
    pub(crate) host: HostId,
    pub(crate) key: IdentityKey,
    /// Its host was a friend when it came up.
    friend: bool,
    pub(crate) dialled: bool,
    /// Where its host is: a handshake was completed from there.
    pub(crate) address: NetAddr,
    pub(crate) ready: bool,
    pub(crate) closing: bool,
    /// Made while its host was no friend, who is one since: it is closed, and what is said goes over a conversation.
    outgrown: Option<Tick>,
    /// The peer says good-bye.
    pub(crate) leaving: bool,
    /// The peer's counter when the link was made.
    counter: Option<Counter>,
    /// The peer has asked for a link since: its end of this one is gone.
    forsaken: bool,
    /// Bytes of frames that may still be sent; negative after a frame that went beyond.
    pub(crate) credit: i64,
    pub(crate) active: Tick,
    /// When it came up.
    since: Tick,
    /// Outbox rows to send here.
    pub(crate) pending: BTreeSet<u64>,
    /// Outbox rows sent here and not yet proved, with when they were first and the commit for which that frame waits.
    pub(crate) sent: BTreeMap<u64, (Tick, CommitSeq)>,
    /// Rows whose body is being read.
    pub(crate) fetching: BTreeSet<u64>,
    /// When what was sent without proof is sent again.
    pub(crate) resend: Option<(Tick, Millis)>,
}

impl Link {
    pub(crate) fn takes_mail(&self) -> bool {
        self.ready && !self.closing && self.outgrown.is_none()
    }

    /// The newest row that the peer had time to prove and did not. What never left, waiting for its commit, or met the end of
    /// the link on its way was not refused; nor was what the peer gave no credit for, unless it had long enough.
    fn in_vain(&self, committed: CommitSeq, now: Tick) -> Option<u64> {
        let had_time = |since: Tick| since + CROSSING <= now;
        let sent = self.sent.iter().filter(|(_, (at, seq))| *seq <= committed && had_time(*at)).map(|(row, _)| *row);
        let unsent = self.pending.iter().chain(&self.fetching).copied().filter(|_| had_time(self.since));
        sent.chain(unsent).max()
    }

    /// When it is over if nothing more passes; an outgrown one at the latest.
    fn over_at(&self, idle_close: Millis) -> Tick {
        match self.outgrown {
            Some(since) => (self.active + OUTGROWN_QUIET).min(since + OUTGROWN_MAX),
            None => self.active + self.idle_close(idle_close),
        }
    }

    /// How long it may be idle.
    fn idle_close(&self, idle_close: Millis) -> Millis {
        match self.friend || !self.ready {
            true => idle_close,
            false => STRANGER_QUIET.min(idle_close).max(Millis(idle_close.0 / STRANGER_PART)),
        }
    }
}

/// A link that ended.
pub(crate) struct Ended {
    pub(crate) host: HostId,
    pub(crate) ready: bool,
    /// It came up when its host was no friend.
    pub(crate) with_stranger: bool,
    /// The peer said good-bye.
    pub(crate) leaving: bool,
    /// No other link to the host is left.
    pub(crate) last: bool,
    pub(crate) unproved: BTreeSet<u64>,
    /// The newest row that the peer had time to prove and did not.
    pub(crate) in_vain: Option<u64>,
}

/// All links and the making of them.
#[derive(Default)]
pub(crate) struct Links {
    peers: Tree<u32, Peer>,
    by_host: BTreeMap<HostId, u32>,
    /// When there is something to do for a peer: apart, for it is asked for after every input and few peers have it.
    due: BTreeMap<u32, Tick>,
    next_peer: u32,
    links: Tree<LinkId, Link>,
    main_port: Option<u16>,
    next_listener: u64,
    next_dial: u64,
    begun: (Tick, u32),
}

impl Links {
    pub(crate) fn link(&self, link: LinkId) -> Option<&Link> {
        self.links.get(&link)
    }

    pub(crate) fn link_mut(&mut self, link: LinkId) -> Option<&mut Link> {
        self.links.get_mut(&link)
    }

    /// The link on which frames to a host go.
    pub(crate) fn ready(&self, host: HostId) -> Option<LinkId> {
        let peer = self.peers.get(self.by_host.get(&host)?)?;
        peer.links.iter().copied().find(|link| self.links.get(link).is_some_and(Link::takes_mail))
    }

    /// Whether the last link with a host was lost a short while ago.
    pub(crate) fn was_lost(&self, host: HostId) -> bool {
        self.by_host.get(&host).and_then(|number| self.peers.get(number)).is_some_and(|peer| peer.lost)
    }

    /// All links that are ready.
    pub(crate) fn ready_links(&self) -> Vec<LinkId> {
        self.links.iter().filter(|(_, link)| link.takes_mail()).map(|(id, _)| *id).collect()
    }

    /// The port of the conversation with a host; none while there is none. Strangers are met on the main link port.
    pub(crate) fn conversation_port(&self, host: HostId) -> Option<u16> {
        let peer = self.peers.get(self.by_host.get(&host)?)?;
        peer.listener.and_then(|(_, port)| port).filter(|_| !peer.links.is_empty())
    }

    /// A stranger has become a friend: links with it on the main port are closed once what answers it is sent.
    pub(crate) fn outgrow(&mut self, host: HostId, now: Tick) {
        for link in self.links.values_mut().filter(|link| link.host == host && !link.friend) {
            link.outgrown.get_or_insert(now);
        }
    }

    /// Links that are outgrown, quiet or long so, and not yet being closed.
    pub(crate) fn outgrown(&self, now: Tick) -> Vec<LinkId> {
        let over = |link: &Link| link.outgrown.is_some() && !link.closing && link.over_at(Millis(0)) <= now;
        self.links.iter().filter(|(_, link)| over(link)).map(|(id, _)| *id).collect()
    }

    /// Binds the main link port: the host is to be present.
    pub(crate) fn open(&mut self, ctx: &mut Context) {
        // Behind what a leave before it still has to close.
        ctx.gate.link_after(LinkRequest::Listen { listener: ListenerId::MAIN });
    }

    /// Closes every link and port, what was sent before it first.
    pub(crate) fn close_all(&mut self, ctx: &mut Context) {
        for (id, link) in self.links.iter_mut() {
            link.closing = true;
            ctx.gate.link_after(LinkRequest::Close { link: *id });
        }
        for peer in self.peers.values_mut() {
            peer.phase = Phase::Idle;
            if let Some((listener, _)) = peer.listener.take() {
                ctx.gate.link_after(LinkRequest::StopListening { listener });
            }
        }
        self.due.clear();
        self.main_port = None;
        ctx.gate.link_after(LinkRequest::StopListening { listener: ListenerId::MAIN });
    }

    /// A link is up. Refused (and closed) if there are too many.
    pub(crate) fn on_up(&mut self, raised: Raised, who: Who, ctx: &mut Context) -> bool {
        let Raised { link: id, dialled, address, credit } = raised;
        let Who { host, key, friend } = who;
        let strangers = self.links.values().filter(|link| !link.friend).count();
        let with_host = self.links.values().filter(|link| link.host == host).count();
        let room = self.links.len() < ctx.config.links.links_max as usize
            && with_host < LINKS_PER_HOST
            && (friend || strangers < ctx.config.links.stranger_links_max as usize);
        let number = if room && self.main_port.is_some() { self.peer(who) } else { None };
        let Some(peer) = number.and_then(|number| self.peers.get_mut(&number)) else {
            ctx.counters.bump("link refused: too many");
            ctx.gate.link(LinkRequest::Close { link: id });
            return false;
        };
        peer.phase = Phase::Up;
        peer.lost = false;
        self.due.remove(&peer.number);
        peer.links.push(id);
        self.links.insert(
            id,
            Link {
                host,
                key,
                friend,
                dialled,
                address,
                ready: false,
                closing: false,
                outgrown: None,
                leaving: false,
                counter: None,
                forsaken: false,
                credit: credit_of(credit),
                active: ctx.now.tick,
                pending: BTreeSet::new(),
                sent: BTreeMap::new(),
                since: ctx.now.tick,
                fetching: BTreeSet::new(),
                resend: None,
            },
        );
        true
    }

    /// Links to an earlier life of a host, which has shown a counter of `generation`: it was killed and has started again.
    pub(crate) fn outlived(&self, host: HostId, generation: u32) -> Vec<LinkId> {
        let peer = self.by_host.get(&host).and_then(|number| self.peers.get(number));
        let links = peer.map(|peer| peer.links.as_slice()).unwrap_or_default();
        let older = |id: &&LinkId| {
            self.links.get(id).and_then(|link| link.counter).is_some_and(|of| of.generation < generation)
        };
        links.iter().filter(older).copied().collect()
    }

    /// The peer's HELLO is in order. Of several links one stays: the newest, for a peer dials anew only when it has lost the one
    /// before; but of two whose dials crossed, the one the smaller id dialled.
    pub(crate) fn on_hello(&mut self, id: LinkId, counter: Counter, own: HostId, ctx: &mut Context) {
        let Some(link) = self.links.get_mut(&id) else { return };
        link.ready = true;
        link.counter = Some(counter);
        link.active = ctx.now.tick;
        let host = link.host;
        let Some(peer) = self.by_host.get(&host).and_then(|number| self.peers.get_mut(number)) else { return };
        peer.backoff = ctx.config.links.backoff_min;
        let ours = own < host;
        let open = |id: &LinkId| self.links.get(id).filter(|link| link.ready && !link.closing).map(|link| (*id, link));
        let ready: Vec<(LinkId, &Link)> = peer.links.iter().filter_map(open).collect();
        let stays = ready.iter().copied().reduce(|old, new| {
            let crossed = old.1.dialled != new.1.dialled && !old.1.forsaken;
            if crossed && old.1.dialled == ours { old } else { new }
        });
        let stays = stays.map(|(id, _)| id);
        let surplus: Vec<LinkId> = ready.into_iter().map(|(id, _)| id).filter(|id| Some(*id) != stays).collect();
        for id in surplus {
            self.close(id, ctx);
        }
    }

    /// Closes a link in order, after what was sent on it.
    pub(crate) fn close(&mut self, id: LinkId, ctx: &mut Context) {
        if let Some(link) = self.links.get_mut(&id) {
            link.closing = true;
            ctx.gate.link_after(LinkRequest::Close { link: id });
        }
    }

    pub(crate) fn on_down(&mut self, id: LinkId, reason: DownReason, ctx: &mut Context) -> Option<Ended> {
        let link = self.links.remove(&id)?;
        let peer = self.peers.get_mut(self.by_host.get(&link.host)?)?;
        peer.links.retain(|other| *other != id);
        let last = peer.links.is_empty();
        if last {
            peer.phase = Phase::Idle;
            peer.validated = None;
            peer.to_echo = None;
            self.due.remove(&peer.number);
            peer.lost = reason == DownReason::Lost && link.ready && !link.leaving;
            // A peer that never said HELLO was no better reached than one that broke off.
            if reason == DownReason::Lost || !link.ready {
                back_off(peer, &mut self.due, ctx);
            }
            if let Some((listener, _)) = peer.listener.take() {
                ctx.gate.link(LinkRequest::StopListening { listener });
            }
        }
        let in_vain = link.in_vain(ctx.gate.committed(), ctx.now.tick);
        let unproved = gathered(link.sent.into_keys().chain(link.pending).chain(link.fetching));
        let (host, ready, with_stranger, leaving) = (link.host, link.ready, !link.friend, link.leaving);
        Some(Ended { host, ready, with_stranger, leaving, last, unproved, in_vain })
    }

    /// A peer came back, or turned to this host, while it was backed off from: the next attempt need not wait longer than the
    /// shortest pause. A beacon of one that was here all the time says nothing new: it may be heard and yet not be reached.
    pub(crate) fn on_return(&mut self, host: HostId, ctx: &mut Context) {
        let number = self.by_host.get(&host);
        if let Some(peer) = number.and_then(|number| self.peers.get_mut(number))
            && peer.phase == Phase::BackOff
        {
            peer.backoff = ctx.config.links.backoff_min;
            if let Some(due) = self.due.get_mut(&peer.number) {
                *due = (*due).min(ctx.now.tick + peer.backoff);
            }
        }
    }

    /// Links without a frame for so long, those on which no HELLO came included.
    pub(crate) fn idle(&self, idle_close: Millis, now: Tick) -> Vec<LinkId> {
        let idle = |link: &Link| !link.closing && link.active + link.idle_close(idle_close) <= now;
        self.links.iter().filter(|(_, link)| idle(link)).map(|(id, _)| *id).collect()
    }

    pub(crate) fn next_timeout(&self, idle_close: Millis) -> Option<(Tick, Wake)> {
        let links = self.links.values().filter(|link| !link.closing).flat_map(|link| {
            let resend = link.resend.map(|(due, _)| due).filter(|_| link.takes_mail());
            [Some(link.over_at(idle_close)), resend].into_iter().flatten()
        });
        self.due.values().copied().chain(links).min().map(|due| (due, Wake::Delivery))
    }

    /// Hosts whose pause is over, to be asked whether anything still waits for them.
    pub(crate) fn on_timeout(&mut self, presence: &mut Presence, ctx: &mut Context) -> Vec<HostId> {
        let now = ctx.now.tick;
        let due: Vec<u32> = self.due.iter().filter(|(_, due)| **due <= now).map(|(number, _)| *number).collect();
        let mut over = Vec::new();
        for number in due {
            self.due.remove(&number);
            let Some(peer) = self.peers.get_mut(&number) else { continue };
            match peer.phase {
                Phase::Probing if peer.tries < ctx.config.links.probe_tries => self.probe(number, presence, ctx),
                Phase::Probing | Phase::Listening | Phase::Dialling(_) => back_off(peer, &mut self.due, ctx),
                Phase::Waiting => self.dial(number, ctx),
                Phase::BackOff => {
                    peer.phase = Phase::Idle;
                    over.push(peer.host);
                }
                Phase::Idle | Phase::Up => {}
            }
            self.release_listener(number, ctx);
        }
        over
    }

    /// Forgets peers nothing is under way with; called now and then.
    pub(crate) fn tidy(&mut self) {
        let idle: Vec<u32> = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.phase == Phase::Idle && peer.links.is_empty() && peer.listener.is_none())
            .map(|(number, _)| *number)
            .collect();
        for number in idle {
            if let Some(peer) = self.peers.remove(&number) {
                self.by_host.remove(&peer.host);
                self.due.remove(&number);
            }
        }
    }

    fn release_listener(&mut self, number: u32, ctx: &mut Context) {
        if let Some(peer) = self.peers.get_mut(&number)
            && matches!(peer.phase, Phase::Idle | Phase::BackOff)
            && peer.links.is_empty()
            && let Some((listener, _)) = peer.listener.take()
        {
            ctx.gate.link(LinkRequest::StopListening { listener });
        }
    }

    fn peer(&mut self, who: Who) -> Option<u32> {
        let Who { host, key, friend } = who;
        if let Some(number) = self.by_host.get(&host) {
            return Some(*number);
        }
        // Friends always find room: there are as many as their user made.
        let most = PEERS_MAX + self.links.len();
        if self.peers.len() >= most && !friend {
            self.tidy();
            if self.peers.len() >= most {
                return None;
            }
        }
        let number = self.next_peer;
        self.next_peer += 1;
        self.by_host.insert(host, number);
        self.peers.insert(
            number,
            Peer {
                number,
                host,
                key,
                phase: Phase::Idle,
                listener: None,
                nonce: [0; 8],
                asked: BTreeSet::new(),
                to_echo: None,
                validated: None,
                tries: 0,
                backoff: Millis(0),
                links: Vec::new(),
                lost: false,
            },
        );
        Some(number)
    }
}

fn back_off(peer: &mut Peer, due: &mut BTreeMap<u32, Tick>, ctx: &mut Context) {
    if !peer.links.is_empty() {
        peer.phase = Phase::Up;
        return;
    }
    let longest = ctx.config.links.backoff_max;
    peer.backoff = Millis((peer.backoff.0 * 2).clamp(ctx.config.links.backoff_min.0, longest.0));
    // Downwards: nobody waits longer than the longest pause.
    let jitter = u64::from(ctx.rng.next_u32()) % (peer.backoff.0 / 4 + 1);
    peer.phase = Phase::BackOff;
    peer.to_echo = None;
    peer.validated = None;
    due.insert(peer.number, ctx.now.tick + Millis(peer.backoff.0.saturating_sub(jitter)));
}

/// A number of bytes as credit.
pub(crate) fn credit_of(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
