//! The radio between two hosts in contact: one frame at a time, both ways together, at the pair's rate.

use std::collections::VecDeque;

use permesso_engine::api::{DownReason, LinkEvent, NetAddr};
use permesso_engine::frame::{Frame, Receipt};
use permesso_engine::ids::{DialId, LinkId, ListenerId};

use super::world::{Item, TraceWorld};
use crate::traffic::frame_kind;

/// What one end may have under way, as on the simulator's other links.
const CREDIT: usize = 256 << 10;
/// Credit comes back when a quarter of it has been carried, as QUIC tells its peer of a larger window now and then and not
/// for each packet.
const CREDIT_STEP: usize = CREDIT / 4;

/// What a sealing is made with at most (PROTOCOL.md, Copies): so many, and so many where that many hosts can be seen.
const COPIES: u32 = 24;
const COPIES_OF_MANY: u32 = 32;
const MANY_HOSTS: usize = 500;

/// Two hosts in reach of each other. Side 0 dialled.
pub(super) struct Contact {
    ends: [End; 2],
    rate: u64,
    /// Microseconds of the world until which the air is taken.
    taken: u64,
    flying: VecDeque<Flying>,
    /// It is to be closed when what was handed over has arrived.
    closing: bool,
}

struct End {
    host: usize,
    /// The engine knows of the link and of no end of it.
    up: bool,
    /// Bytes that were carried since credit was last given back.
    carried: usize,
}

/// A frame on its way.
struct Flying {
    from: usize,
    /// When its first bit left, in microseconds.
    start: u64,
    bytes: Vec<u8>,
}

impl Contact {
    /// One that stands and on which nothing was ever said.
    #[cfg(test)]
    pub(super) fn idle(hosts: [usize; 2]) -> Self {
        let ends = hosts.map(|host| End { host, up: true, carried: 0 });
        Self { ends, rate: 1, taken: 0, flying: VecDeque::new(), closing: false }
    }

    fn end(&self, side: usize) -> &End {
        let [first, second] = &self.ends;
        if side == 0 { first } else { second }
    }

    fn end_mut(&mut self, side: usize) -> &mut End {
        let [first, second] = &mut self.ends;
        if side == 0 { first } else { second }
    }

    fn side_of(&self, host: usize) -> usize {
        usize::from(self.end(0).host != host)
    }

    /// Its hosts, if it has stood since then, with nothing under way: who dialled first.
    pub(super) fn idle_since(&self, since: u64) -> Option<[usize; 2]> {
        let idle = self.is_quiet() && !self.closing && self.taken <= since * 1_000;
        idle.then(|| [self.end(0).host, self.end(1).host])
    }

    /// Whether nothing is under way and both ends know the link.
    pub(super) fn is_quiet(&self) -> bool {
        self.flying.is_empty() && self.ends.iter().all(|end| end.up)
    }
}

impl TraceWorld {
    /// Two hosts come into reach of each other.
    pub(super) fn begin_contact(&mut self, first: usize, second: usize, setup: u64, rate: u64) {
        self.contacts_made += 1;
        let number = self.contacts_made;
        let ends = [first, second].map(|host| End { host, up: false, carried: 0 });
        let taken = (self.now + setup) * 1_000;
        self.contacts.insert(number, Contact { ends, rate, taken, flying: VecDeque::new(), closing: false });
        self.open.insert((first.min(second), first.max(second)), number);
        self.queue.push(self.now + setup, Item::LinkUp { contact: number });
    }

    /// Two hosts are out of reach of each other: what is under way is cut off.
    pub(super) fn end_contact(&mut self, first: usize, second: usize) {
        let Some(number) = self.open.remove(&(first.min(second), first.max(second))) else { return };
        let Some(mut contact) = self.contacts.remove(&number) else { return };
        self.check_due(&contact);
        let now = self.now * 1_000;
        for flying in std::mem::take(&mut contact.flying) {
            let carried = now.saturating_sub(flying.start).saturating_mul(contact.rate) / 1_000_000;
            let carried = usize::try_from(carried).unwrap_or(usize::MAX).min(flying.bytes.len());
            self.tally.cut_off(&flying.bytes, carried);
        }
        for end in contact.ends.iter().filter(|end| end.up) {
            self.tell(end.host, LinkEvent::Down { link: LinkId(number), reason: DownReason::Lost });
        }
    }

    /// The contact of two hosts, if they have one.
    pub(super) fn contact(&self, first: usize, second: usize) -> Option<&Contact> {
        self.contacts.get(self.open.get(&(first.min(second), first.max(second)))?)
    }

    pub(super) fn on_link_up(&mut self, number: u64) {
        for side in [0, 1] {
            let Some(contact) = self.contacts.get_mut(&number).filter(|contact| !contact.closing) else { return };
            let end = contact.end_mut(side);
            end.up = true;
            let (host, peer) = (end.host, contact.end(1 - side).host);
            let Some(peer) = self.hosts.get(peer) else { return };
            let [_, a, b, c] = peer.address.to_be_bytes();
            let up = LinkEvent::Up {
                link: LinkId(number),
                listener: ListenerId::MAIN,
                dial: (side == 0).then_some(DialId(number)),
                peer: peer.key,
                address: NetAddr::from(([10, a, b, c], 20_070)),
                credit: CREDIT,
            };
            self.tell(host, up);
        }
    }

    /// A host says something on a link.
    pub(super) fn send_frame(&mut self, host: usize, link: LinkId, bytes: Vec<u8>) {
        let Some(contact) = self.contacts.get_mut(&link.0) else { return };
        let from = contact.side_of(host);
        if !contact.end(from).up {
            return;
        }
        let made_with = if self.hosts.len() < MANY_HOSTS { COPIES } else { COPIES_OF_MANY };
        self.tally.leaves(self.now, host, link.0, made_with, &bytes);
        self.check_secrecy(host, &bytes);
        let Some(contact) = self.contacts.get_mut(&link.0) else { return };
        let start = contact.taken.max(self.now * 1_000);
        contact.taken = start + (bytes.len() as u64 * 1_000_000).div_ceil(contact.rate);
        self.queue.push(contact.taken.div_ceil(1_000), Item::Arrival { contact: link.0 });
        contact.flying.push_back(Flying { from, start, bytes });
    }

    /// The oldest frame that is under way has arrived.
    pub(super) fn on_arrival(&mut self, number: u64) {
        let Some(contact) = self.contacts.get_mut(&number) else { return };
        let Some(Flying { from, bytes, .. }) = contact.flying.pop_front() else { return };
        let last = contact.flying.is_empty() && contact.closing;
        let sender = contact.end_mut(from);
        sender.carried += bytes.len();
        let back = if sender.carried >= CREDIT_STEP { std::mem::take(&mut sender.carried) } else { 0 };
        let writable = sender.up.then_some(sender.host).filter(|_| back > 0);
        let (sender, receiver) = (sender.host, contact.end(1 - from));
        if receiver.up {
            let receiver = receiver.host;
            self.tally.arrived(self.now, sender, receiver, number, &bytes);
            self.tell(receiver, LinkEvent::Frame { link: LinkId(number), bytes });
        }
        if let Some(host) = writable {
            self.tell(host, LinkEvent::Writable { link: LinkId(number), bytes: back });
        }
        if last {
            self.on_closed(number);
        }
    }

    /// An engine wants a link closed.
    pub(super) fn close(&mut self, link: LinkId) {
        let Some(contact) = self.contacts.get_mut(&link.0) else { return };
        if !contact.closing {
            contact.closing = true;
            self.tally.closed();
            if contact.flying.is_empty() {
                self.queue.push(self.now, Item::Closed { contact: link.0 });
            }
        }
    }

    pub(super) fn on_closed(&mut self, number: u64) {
        for side in [0, 1] {
            let Some(contact) = self.contacts.get_mut(&number) else { return };
            let end = contact.end_mut(side);
            if std::mem::take(&mut end.up) {
                let host = end.host;
                self.tell(host, LinkEvent::Down { link: LinkId(number), reason: DownReason::Closed });
            }
        }
    }
}

/// The envelopes of a frame, if it is a FORWARD.
pub(super) fn forwarded(bytes: &[u8]) -> Vec<permesso_engine::envelope::Envelope> {
    // Most frames are others, and long: they need not be decoded.
    if frame_kind(bytes) != "FORWARD" {
        return Vec::new();
    }
    if let Ok(Frame::Forward(envelopes)) = Frame::decode(bytes) { envelopes } else { Vec::new() }
}

/// What a frame says became of envelopes, if it is a RECEIPT.
pub(super) fn receipts(bytes: &[u8]) -> Vec<Receipt> {
    if frame_kind(bytes) != "RECEIPT" {
        return Vec::new();
    }
    if let Ok(Frame::Receipt(receipts)) = Frame::decode(bytes) { receipts } else { Vec::new() }
}
