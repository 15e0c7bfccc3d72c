//! How copies of own mail and of what is carried are offered, split and given away (PROTOCOL.md, Carriers).

use super::Engine;
use crate::api::FullReason;
use crate::carrying::{Exchange, Gift, Given, Holding, Whose};
use crate::custody::{Prefix, prefix, seconds};
use crate::frame::{Frame, OfferEntry, Receipt, ReceiptStatus};
use crate::ids::{AckName, EnvelopeName, HostId, LinkId};
use crate::limits::OFFER_MAX;
use crate::outbox::{self, Entry, FullServer, Holder};
use crate::packet::Role;
use crate::rows::StoredState;
use crate::spray::{COPIES_MAX, Split, Spray, hand_over, split};
use crate::time::Millis;

/// Holders of one message that are remembered by name.
const HOLDERS_MAX: usize = 64;
/// What a peer has refused after all is offered to it again on the same link after this, as often as anything is tried again.
const REFUSED_FOR: Millis = Millis::from_minutes(10);

impl Engine {
    /// Offers a peer what it may be given: own mail, newest first, then what is carried.
    pub(super) fn offer_copies(&mut self, link: LinkId) {
        if self.leaving.is_some() {
            return;
        }
        self.add_waves();
        let Some(exchange) = self.carrying.exchanges.get(&link) else { return };
        let room = OFFER_MAX.saturating_sub(exchange.offered.len() + exchange.giving.len());
        let unknown = |id: &Prefix| {
            !exchange.offered.contains_key(id)
                && exchange.refused.get(id).is_none_or(|until| *until <= self.core.now.tick)
                && !self.carrying.acquaintances.knows(exchange.host, *id)
        };
        let own = self.outbox.newest_first().filter(|(row, entry)| self.may_offer(exchange, *row, entry));
        let own = own.filter_map(|(row, entry)| {
            let ack = prefix(entry.sealings.last()?.0.as_bytes());
            Some((entry.envelope, Holding::own(row), ack, entry.length))
        });
        let carries = self.carries() && !self.core.config.custody.is_server;
        let now = seconds(self.core.now.wall);
        let carried = self
            .carrying
            .custody
            .slots()
            .filter(|(_, kept)| carries && kept.expires > now && gift(exchange, kept.copies, kept.best).is_some());
        let carried = carried.map(|(slot, kept)| (kept.id, Holding::carried(slot), kept.ack, kept.length));
        let offers =
            own.chain(carried).filter(|(id, holding, ..)| unknown(id) && !exchange.giving.contains_key(holding));
        let offers: Vec<_> = offers.take(room).collect();
        if offers.is_empty() {
            return;
        }
        let entry = |(id, _, ack, length): &(Prefix, Holding, Prefix, u16)| OfferEntry {
            id: EnvelopeName(id.to_be_bytes()),
            ack: AckName(ack.to_be_bytes()),
            length: *length,
        };
        let frame = Frame::Offer(offers.iter().map(entry).collect());
        if let Some(exchange) = self.carrying.exchanges.get_mut(&link) {
            exchange.offered.extend(offers.into_iter().map(|(id, holding, ..)| (id, holding)));
        }
        self.send_frame(link, &frame);
    }

    /// Whether a sealing of our own may be offered to this peer, one that is not its recipient, and none that can be reached: to
    /// be given a copy, or to say what became of the one it had.
    fn may_offer(&self, exchange: &Exchange, row: u64, entry: &Entry) -> bool {
        let Some(recipient) = self.friends.get(entry.friend).map(|friend| friend.host) else { return false };
        recipient != exchange.host
            && self.links.ready(recipient).is_none()
            && entry.envelope != 0
            && !self.stamps.works_on(row)
            && !self.is_aged(entry)
            && (entry.holders.iter().any(|holder| holder.host == exchange.host)
                || gift(exchange, entry.spray.copies, entry.spray.best).is_some()
                    && !self.keeps_nothing_for(recipient, entry, exchange.host))
    }

    /// Something of our own waits that its recipient is not here for: whoever is linked may get copies.
    pub(super) fn spread(&mut self) {
        for link in self.carrying.exchanges.keys().copied().collect::<Vec<_>>() {
            self.offer_copies(link);
        }
    }

    /// Adds to our own copies of what was not proved for hours.
    fn add_waves(&mut self) {
        let (now, meetings) = (self.core.now.wall, self.meetings());
        let due = |(row, entry): (u64, &Entry)| Some((row, entry.spray.with_waves(now - entry.sealed, meetings)?));
        let due: Vec<_> = self.outbox.newest_first().filter_map(due).collect();
        for (row, spray) in due {
            self.set_spray(row, spray);
        }
    }

    fn set_spray(&mut self, row: u64, spray: Spray) {
        if let Some(mut entry) = self.outbox.entry(row).cloned() {
            entry.spray = spray;
            self.outbox.set(row, entry, &mut self.core.gate);
        }
    }

    /// What became of what was offered or handed over.
    pub(super) fn on_receipt(&mut self, link: LinkId, receipts: &[Receipt]) {
        for Receipt { id, status } in receipts {
            let id = u64::from_be_bytes(id.0);
            let Some(exchange) = self.carrying.exchanges.get_mut(&link) else { return };
            let host = exchange.host;
            let offered = exchange.offered.remove(&id);
            let given = exchange.unreceived.remove(&id);
            if status.is_refusal() {
                self.core.counters.bump("envelope refused by a carrier");
                if offered.is_some() || given.is_some() {
                    self.on_refused_by(link, id, *status);
                }
                if let Some(given) = given {
                    self.take_back(link, id, given);
                }
            } else {
                self.carrying.acquaintances.note(host, id);
            }
            self.note_handed_on(host, id, *status);
            let addressee = |row: &u64| {
                let entry = self.outbox.entry(*row);
                entry.and_then(|entry| self.friends.get(entry.friend)).is_some_and(|friend| friend.host == host)
            };
            if let Some(row) = self.outbox.by_envelope(id).filter(addressee) {
                if *status != ReceiptStatus::Held {
                    self.on_not_recognized(row);
                } else if self.outbox.on_held(row) {
                    self.fetches.ask(outbox::key(row), &mut self.core.gate);
                }
                continue;
            }
            match (status, offered) {
                (ReceiptStatus::Lacking, offered) => {
                    self.on_not_held_by(host, id);
                    if let Some(holding) = offered {
                        self.split_with(link, holding, id);
                    }
                }
                (ReceiptStatus::Duplicate, _) => self.on_not_held_by(host, id),
                (ReceiptStatus::Stored, _) => self.on_held_by(link, id),
                _ => {}
            }
        }
        self.give(link);
        self.hand_on();
    }

    /// A peer lacks what it was offered: the split is stored before its half leaves, and written off if it gets lost.
    fn split_with(&mut self, link: LinkId, holding: Holding, id: Prefix) {
        let Some(exchange) = self.carrying.exchanges.get(&link) else { return };
        let now = match holding.whose() {
            Whose::Own(row) => {
                let entry = self.outbox.entry(row).filter(|entry| entry.envelope == id);
                entry.map(|entry| (entry.spray.copies, entry.spray.best))
            }
            Whose::Carried(slot) => {
                let kept = self.carrying.custody.get(slot).filter(|kept| kept.id == id);
                kept.map(|kept| (kept.copies, kept.best))
            }
        };
        let Some(Split { given, kept }) = now.and_then(|(copies, best)| self.share(exchange, copies, best)) else {
            return;
        };
        let changed = now != Some(kept);
        match holding.whose() {
            Whose::Own(row) if changed => {
                if let Some(spray) = self.outbox.entry(row).map(|entry| entry.spray) {
                    self.set_spray(row, Spray { copies: kept.0, best: kept.1, ..spray });
                }
            }
            Whose::Carried(slot) if changed => {
                self.carrying.custody.set_copies(slot, kept.0, kept.1, &mut self.core.gate);
            }
            _ => {}
        }
        if let Some(exchange) = self.carrying.exchanges.get_mut(&link) {
            exchange.giving.insert(holding, Gift { id, copies: given.0, best: given.1 });
            let best = now.map_or(kept.1, |(_, best)| best);
            exchange.unreceived.insert(id, Given { holding, copies: given.0, best: (best, kept.1) });
        }
    }

    /// A peer refuses what it said to lack: the copies that were given to it are here again.
    fn take_back(&mut self, link: LinkId, id: Prefix, given: Given) {
        let Some(exchange) = self.carrying.exchanges.get_mut(&link) else { return };
        if exchange.giving.get(&given.holding).is_some_and(|gift| gift.id == id) {
            exchange.giving.remove(&given.holding);
        }
        exchange.refused.insert(id, self.core.now.tick + REFUSED_FOR);
        let host = exchange.host;
        self.carrying.acquaintances.forget(host, id);
        let (before, after) = given.best;
        let best = |now: u16| if now == after { before } else { now };
        match given.holding.whose() {
            Whose::Own(row) => {
                let entry = self.outbox.entry(row).filter(|entry| entry.envelope == id);
                if let Some(spray) = entry.map(|entry| entry.spray) {
                    let copies = spray.copies.saturating_add(given.copies);
                    self.set_spray(row, Spray { copies, best: best(spray.best), ..spray });
                }
            }
            Whose::Carried(slot) => {
                if let Some(kept) = self.carrying.custody.get(slot).filter(|kept| kept.id == id) {
                    let copies = kept.copies.saturating_add(given.copies).min(COPIES_MAX);
                    self.carrying.custody.set_copies(slot, copies, best(kept.best), &mut self.core.gate);
                }
            }
        }
    }

    /// A peer has a copy of an envelope of ours.
    fn on_held_by(&mut self, link: LinkId, id: Prefix) {
        let Some(holder) = self.holder_at(link) else { return };
        let Some(row) = self.outbox.by_envelope(id) else { return };
        let Some(mut entry) = self.outbox.entry(row).filter(|entry| !entry.given_up).cloned() else { return };
        if entry.holders.len() >= HOLDERS_MAX || entry.holders.iter().any(|other| other.host == holder.host) {
            return;
        }
        entry.full.retain(|full| full.server.host != holder.host);
        entry.holders.push(holder);
        let (friend, key, message) = (entry.friend, entry.key, entry.message);
        self.outbox.set(row, entry, &mut self.core.gate);
        if let Some(key) = key {
            self.set_message_state(friend, key, message, StoredState::Held);
        }
    }

    /// A peer has no copy of an envelope of ours, though it may have had one.
    fn on_not_held_by(&mut self, host: HostId, id: Prefix) {
        let Some(row) = self.outbox.by_envelope(id) else { return };
        let Some(mut entry) = self.outbox.entry(row).cloned() else { return };
        let before = entry.holders.len();
        entry.holders.retain(|holder| holder.host != host);
        if entry.holders.len() == before {
            return;
        }
        let (friend, key, message) = (entry.friend, entry.key, entry.message);
        let state = if entry.holders.is_empty() { StoredState::Queued } else { StoredState::Held };
        let shown = key.filter(|_| !entry.given_up);
        self.outbox.set(row, entry, &mut self.core.gate);
        if let Some(key) = shown {
            self.set_message_state(friend, key, message, state);
        }
    }

    /// A peer took no copy of an envelope of ours. That a server has no room is told to the user: the message waits here for it.
    fn on_refused_by(&mut self, link: LinkId, id: Prefix, status: ReceiptStatus) {
        let reason = match status {
            ReceiptStatus::StorageFull => FullReason::Storage,
            ReceiptStatus::QuotaFull => FullReason::Quota,
            _ => return,
        };
        let Some(server) = self.holder_at(link).filter(|peer| peer.server) else { return };
        let Some(row) = self.outbox.by_envelope(id) else { return };
        let Some(mut entry) = self.outbox.entry(row).filter(|entry| !entry.given_up).cloned() else { return };
        let Some(key) = entry.key.filter(|_| entry.holders.iter().all(|holder| holder.host != server.host)) else {
            return;
        };
        let many = entry.full.len() >= HOLDERS_MAX;
        match entry.full.iter_mut().find(|full| full.server.host == server.host) {
            Some(known) if known.reason == reason => return,
            Some(known) => known.reason = reason,
            None if many => return,
            None => entry.full.push(FullServer { server, reason }),
        }
        let (friend, message) = (entry.friend, entry.message);
        self.outbox.set(row, entry, &mut self.core.gate);
        if let Some(state) = self.conversations.of(friend).message(message).map(|message| message.state) {
            self.tell_message(friend, key, message, state);
        }
    }

    /// The peer of a link, as one of whom is said what became of a copy there.
    fn holder_at(&self, link: LinkId) -> Option<Holder> {
        let exchange = self.carrying.exchanges.get(&link)?;
        let alias = self.presence.host(exchange.host).and_then(|host| host.alias.clone());
        Some(Holder { host: exchange.host, server: exchange.role == Role::Server, alias })
    }

    /// What a peer is given of so many copies, and what is kept: all of them before this host goes.
    fn share(&self, exchange: &Exchange, copies: u16, best: u16) -> Option<Split> {
        let leaving = self.leaving.as_ref().is_some_and(|leaving| leaving.is_taker(exchange.host));
        match exchange.role {
            Role::Client if leaving => Some(hand_over(copies, best, exchange.meetings)),
            _ => gift(exchange, copies, best),
        }
    }
}

/// What a peer would be given of so many copies, and what would be kept. A server gets none to give away: it keeps mail only
/// for its recipients.
fn gift(exchange: &Exchange, copies: u16, best: u16) -> Option<Split> {
    match exchange.role {
        Role::Server => Some(Split { given: (0, best), kept: (copies, best) }),
        Role::Client => split(copies, best, exchange.meetings),
    }
}
