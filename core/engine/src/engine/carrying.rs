//! Carrying: what two hosts do for others when they are linked, and how own mail is spread (PROTOCOL.md, Carriers).
//!
//! On every link proofs go first, then each pulls its own mail with a WANT, then copies are offered and split.

use super::Engine;
use super::receive::Reply;
use crate::carrying::{Carrying, Exchange};
use crate::custody::{self, Depositor, Kept, Prefix, Taken, Usage, prefix, seconds};
use crate::envelope::{Class, Envelope};
use crate::frame::{Frame, Hello, OfferEntry, Proofs, Receipt, ReceiptStatus, Want};
use crate::free_memory::told;
use crate::held::Marks;
use crate::ids::{FriendId, HostId, LinkId, MessageId, ProofSecret, Tag};
use crate::limits::{LIFETIME_MAX, OFFER_MAX, PROOFS_MAX, WANT_MAX};
use crate::outbox::Entry;
use crate::packet::Role;
use crate::pairing::ack_hash;
use crate::proofs::Proof;
use crate::spray::COPIES_MAX;
use crate::time::Millis;
use crate::wants::want_of;

/// Marks of envelopes that were here lie with those of messages, under friends that nobody is: what friends handed over, and
/// what others did. Else a stranger could have all others forgotten by handing over its own and proving them.
const CARRIED: FriendId = FriendId(u32::MAX);
const CARRIED_FOR_FRIENDS: FriendId = FriendId(u32::MAX - 2);
/// Room is kept so long for what was said to be lacking: all that one friend may leave, 2 MiB, takes 3 s on a radio of
/// 6 Mbit/s. What has not come by then was given to another meanwhile.
const ADMITTED_FOR: Millis = Millis::from_secs(10);
/// Proofs heard are told on once a second at most, so that many go in one frame.
const PROOFS_EVERY: Millis = Millis::from_secs(1);

impl Engine {
    /// HELLOs were exchanged on a link that takes mail: the peer is told the proofs it has not heard, and asked for our mail.
    pub(super) fn begin_exchange(&mut self, link: LinkId, hello: &Hello) {
        let Some(host) = self.links.link(link).map(|link| link.host) else { return };
        self.on_met(host);
        self.carrying.acquaintances.meet(host);
        let exchange = Exchange {
            host,
            role: hello.role,
            meetings: hello.meetings,
            arrivals: hello.arrivals,
            free_memory: hello.free_memory,
            offered: Default::default(),
            giving: Default::default(),
            unreceived: Default::default(),
            refused: Default::default(),
            admitted: Default::default(),
            pushing: Default::default(),
            pushed: Default::default(),
            reading: 0,
            bodies: Default::default(),
        };
        self.carrying.exchanges.insert(link, exchange);
        let all_told = self.tell_proofs(link);
        // What is gone from here is proved to who had it, so that it need not be remembered any longer. Who has started again
        // has forgotten what it told, and may have lost what it had: what became of our own mail there is asked once more.
        let Carrying { custody, acquaintances, .. } = &mut self.carrying;
        let outbox = &self.outbox;
        let again = acquaintances.started_again(host, hello.counter.generation);
        acquaintances.retain(host, |id| !all_told || custody.has(id) || (!again && outbox.by_envelope(id).is_some()));
        self.want_all(link, hello.remembers);
    }

    pub(super) fn end_exchange(&mut self, link: LinkId) {
        if let Some(ended) = self.carrying.exchanges.remove(&link) {
            // What it may never have had is offered to it again; if it has it after all, it says so.
            ended.unreceived.keys().for_each(|id| self.carrying.acquaintances.forget(ended.host, *id));
        }
        self.carrying.wants.on_down(link);
    }

    /// A host was heard or linked.
    pub(super) fn on_met(&mut self, host: HostId) {
        self.carrying.meetings.on_met(host, self.core.now.tick);
        self.surroundings.on_seen(host, self.core.now.wall);
    }

    /// How many distinct hosts were met of late.
    pub(super) fn meetings(&self) -> u16 {
        let linked = self.carrying.exchanges.values().map(|exchange| exchange.host);
        self.carrying.meetings.count(linked, self.core.now.tick)
    }

    /// Tells a peer the proofs that it has not heard, as many as it takes now; the others soon. Says whether that was all.
    fn tell_proofs(&mut self, link: LinkId) -> bool {
        let Some(host) = self.carrying.exchanges.get(&link).map(|exchange| exchange.host) else { return true };
        let Some(after) = self.carrying.acquaintances.get_mut(host).map(|peer| peer.proofs_told) else { return true };
        let next = self.carrying.proofs.next();
        let mut rest = after;
        if after < next && self.links.link(link).is_some_and(|state| state.credit > 0) {
            let Carrying { proofs, acquaintances, .. } = &mut self.carrying;
            let (runs, told) = proofs.tell(after, host, acquaintances.known(host), PROOFS_MAX);
            rest = told;
            for (first, secrets) in runs {
                self.send_frame(link, &Frame::Proofs(Proofs { first, secrets }));
            }
            if let Some(peer) = self.carrying.acquaintances.get_mut(host) {
                peer.proofs_told = rest;
            }
        }
        if rest < next {
            self.tell_proofs_soon();
        }
        rest >= next
    }

    /// Own proofs: told to who brought the envelopes at once, to all others soon.
    pub(super) fn send_proofs(&mut self, link: LinkId, secrets: &[ProofSecret]) {
        let host = self.links.link(link).map(|link| link.host);
        for secrets in secrets.chunks(PROOFS_MAX) {
            let first = self.carrying.proofs.next();
            secrets.iter().for_each(|secret| self.add_own_proof(*secret));
            let next = self.carrying.proofs.next();
            if let Some(host) = host
                && let Some(peer) = self.carrying.acquaintances.get_mut(host)
                && peer.proofs_told == first
            {
                peer.proofs_told = next;
            }
            self.send_frame(link, &Frame::Proofs(Proofs { first, secrets: secrets.to_vec() }));
        }
        self.tell_proofs_soon();
    }

    /// Proofs of what a peer offered, for itself alone: who asks has not heard them.
    fn show_proofs(&mut self, link: LinkId, secrets: Vec<ProofSecret>) {
        let first = self.carrying.proofs.next();
        for secrets in secrets.chunks(PROOFS_MAX) {
            self.send_frame(link, &Frame::Proofs(Proofs { first, secrets: secrets.to_vec() }));
        }
    }

    /// Own proofs that are for no link in particular.
    pub(super) fn publish(&mut self, secrets: &[ProofSecret]) {
        for secret in secrets {
            self.add_own_proof(*secret);
        }
        self.tell_proofs_soon();
    }

    /// The proof of what was delivered to this host.
    fn add_own_proof(&mut self, secret: ProofSecret) {
        let lifetime = self.core.config.messages.envelope_lifetime;
        let proof = Proof { secret, from: None, matched: true, ours: true, id: None, lifetime };
        self.carrying.proofs.add(proof, self.core.now, &mut self.core.gate);
    }

    fn tell_proofs_soon(&mut self) {
        let now = self.core.now.tick;
        let due = self.carrying.proofs_told + PROOFS_EVERY;
        self.carrying.proofs_due.get_or_insert(due.max(now));
    }

    /// Proofs that have come are passed on to whoever is linked.
    pub(super) fn tell_proofs_due(&mut self) {
        let now = self.core.now.tick;
        if self.carrying.proofs_due.take_if(|due| *due <= now).is_none() {
            return;
        }
        self.carrying.proofs_told = now;
        for link in self.carrying.exchanges.keys().copied().collect::<Vec<_>>() {
            self.tell_proofs(link);
        }
    }

    /// A peer shows the secrets of sealings: what they prove is delivered, here and wherever it is carried.
    pub(super) fn on_proofs(&mut self, link: LinkId, secrets: &[ProofSecret]) {
        let Some(host) = self.links.link(link).map(|link| link.host) else { return };
        let mut news = false;
        for secret in secrets {
            if self.carrying.proofs.knows(secret) {
                continue;
            }
            let ack = ack_hash(secret);
            let carried = self.carrying.custody.by_ack(ack);
            let own = self.outbox.proved_by(ack);
            let kept = carried.first().and_then(|slot| self.carrying.custody.get(*slot));
            let mut id = kept.map(|kept| kept.id);
            if let (Some(id), Some(exchange)) = (id, self.carrying.exchanges.get_mut(&link)) {
                exchange.pushed.remove(&id);
            }
            if let Some((row, epoch)) = own {
                id = self.outbox.entry(row).map(|entry| entry.envelope);
                self.on_delivered(row, epoch);
            }
            for slot in &carried {
                self.carrying.delivered += 1;
                self.end_custody(*slot);
            }
            let matched = own.is_some() || !carried.is_empty();
            if !matched {
                self.core.counters.bump("proof of nothing here");
            }
            let ours = own.is_some() || kept.is_some_and(|kept| kept.friend);
            let left = kept.map_or(0, |kept| kept.expires.saturating_sub(seconds(self.core.now.wall)));
            let lifetime = self.core.config.messages.envelope_lifetime.max(Millis::from_secs(left.into()));
            let proof = Proof { secret: *secret, from: Some(host), matched, ours, id, lifetime };
            news |= self.carrying.proofs.add(proof, self.core.now, &mut self.core.gate);
        }
        if news {
            self.tell_proofs_soon();
        }
    }

    /// An envelope leaves custody and is remembered as one that was here.
    pub(super) fn end_custody(&mut self, slot: u32) {
        self.carrying.forget(slot);
        if let Some(kept) = self.carrying.custody.remove(slot, &mut self.core.gate) {
            self.mark_carried(&kept);
        }
    }

    /// Half of the marks is for each kind, and what one leaves free is the other's.
    fn mark_carried(&mut self, kept: &Kept) {
        let most = self.core.config.custody.marks_max;
        let (of, other) = if kept.friend { (CARRIED_FOR_FRIENDS, CARRIED) } else { (CARRIED, CARRIED_FOR_FRIENDS) };
        let room_beside = |marks: &Marks, other| (most / 2).max(most.saturating_sub(marks.count(other)));
        let keep = room_beside(&self.marks, other);
        self.marks.add(of, mark_of(kept.id), keep, &mut self.core.gate);
        let keep = room_beside(&self.marks, of);
        self.marks.bound(other, keep, &mut self.core.gate);
    }

    /// What made room for others was here too.
    pub(super) fn note_dropped(&mut self) {
        for (slot, kept) in self.carrying.custody.take_dropped() {
            self.core.counters.bump("envelope dropped to make room");
            self.carrying.forget(slot);
            self.mark_carried(&kept);
        }
    }

    /// Envelopes whose lifetime is over.
    pub(super) fn expire_custody(&mut self) {
        for slot in self.carrying.custody.expired(self.core.now.wall) {
            self.carrying.expired += 1;
            self.end_custody(slot);
        }
        self.carrying.meetings.tidy(self.core.now.tick);
        self.carrying.proofs.expire(self.core.now.wall, &mut self.core.gate);
    }

    /// Every tag under which something for this host may travel.
    fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        let own = Tag(*self.core.account.identity.host_id().as_bytes());
        std::iter::once(own).chain(self.pairings.tags()).chain(self.friends.reply_tags())
    }

    /// Asks a peer for whatever it has for this host: for what it remembers to have been asked for, if that is still all.
    fn want_all(&mut self, link: LinkId, remembers: u64) {
        let Some(exchange) = self.carrying.exchanges.get(&link) else { return };
        let host = exchange.host;
        let Some(peer) = self.carrying.acquaintances.get_mut(host) else { return };
        peer.arrivals = Some(exchange.arrivals);
        if remembers != 0 && peer.told == Some((self.carrying.tags, remembers)) {
            return self.send_frame(link, &Frame::Want(Want { replace: false, entries: Vec::new() }));
        }
        let tags: Vec<Tag> = self.tags().collect();
        self.want(link, host, &tags, true);
    }

    fn want(&mut self, link: LinkId, host: HostId, tags: &[Tag], replace: bool) {
        let told = self.carrying.acquaintances.get_mut(host).and_then(|peer| peer.told);
        let mut list = told.map_or(0, |(_, list)| list);
        for (index, tags) in tags.chunks(WANT_MAX).enumerate() {
            let entries = tags.iter().map(|tag| want_of(tag, host).to_be_bytes()).collect();
            let want = Want { replace: replace && index == 0, entries };
            list = want.list(list);
            self.send_frame(link, &Frame::Want(want));
        }
        if let Some(peer) = self.carrying.acquaintances.get_mut(host) {
            peer.told = Some((self.carrying.tags, list));
        }
    }

    /// Tags have become live: they are wanted of everybody linked, and custody is searched for them.
    pub(super) fn want_fresh(&mut self) {
        let mut fresh = self.pairings.take_fresh();
        fresh.extend(self.friends.take_fresh());
        if fresh.is_empty() {
            return;
        }
        self.carrying.tags += 1;
        let links: Vec<_> = self.carrying.exchanges.iter().map(|(link, exchange)| (*link, exchange.host)).collect();
        for (link, host) in links {
            self.want(link, host, &fresh, false);
        }
        let own = self.core.account.identity.host_id();
        if self.carrying.custody.len() > 0 {
            for slot in fresh.iter().flat_map(|tag| self.carrying.custody.by_want(want_of(tag, own))) {
                self.carrying.mine.insert(slot);
                self.fetches.ask(custody::key(slot), &mut self.core.gate);
            }
        }
    }

    /// A peer says what it would take.
    pub(super) fn on_want(&mut self, link: LinkId, want: &Want) {
        let mut entries: Vec<Prefix> = want.entries.iter().map(|entry| u64::from_be_bytes(*entry)).collect();
        let Carrying { exchanges, acquaintances, wants, custody, .. } = &mut self.carrying;
        let Some(exchange) = exchanges.get_mut(&link) else { return };
        let (remembered, list) = acquaintances.wants(exchange.host);
        // The first may go on with what was wanted on a link before.
        let goes_on = if want.replace || wants.stands(link) { Vec::new() } else { remembered.to_vec() };
        acquaintances.on_want(exchange.host, want.list(list), want.replace, &entries);
        entries.extend(goes_on);
        wants.on_want(link, want.replace, &entries);
        for slot in entries.into_iter().flat_map(|entry| custody.by_want(entry)) {
            let Some(kept) = custody.get(slot) else { continue };
            if !exchange.pushed.contains(&kept.id) {
                exchange.pushing.insert((slot, kept.id));
            }
        }
        self.give(link);
    }

    /// What is to be said of an envelope that is or was here, or is of our own; nothing of any other.
    fn known(&self, id: Prefix, ack: Prefix) -> Option<Known> {
        if self.carrying.custody.has(id) {
            return Some(Known::Here);
        }
        if let Some(secret) = self.carrying.proofs.of(ack) {
            return Some(Known::Delivered(secret));
        }
        let marked = || [CARRIED, CARRIED_FOR_FRIENDS].iter().any(|of| self.marks.contains(*of, mark_of(id)));
        (self.outbox.has_ack(ack) || marked()).then_some(Known::Gone)
    }

    pub(super) fn depositor(&self, host: HostId) -> Depositor {
        Depositor { host, friend: self.friends.is_friend(host) }
    }

    /// A peer says what it could give.
    pub(super) fn on_offer(&mut self, link: LinkId, entries: &[OfferEntry]) {
        let Some(host) = self.links.link(link).map(|link| link.host) else { return };
        let (from, now) = (self.depositor(host), self.core.now.tick);
        let Some(exchange) = self.carrying.exchanges.get_mut(&link) else { return };
        let mut admitted = std::mem::take(&mut exchange.admitted);
        admitted.retain(|_, (_, until)| *until > now);
        let bytes = admitted.values().map(|(length, _)| u64::from(*length)).sum();
        let mut usage = Usage { envelopes: u32::try_from(admitted.len()).unwrap_or(u32::MAX), bytes };
        let (mut receipts, mut proved) = (Vec::with_capacity(entries.len()), Vec::new());
        for OfferEntry { id, ack, length } in entries {
            let (name, ack) = (u64::from_be_bytes(id.0), u64::from_be_bytes(ack.0));
            self.carrying.acquaintances.note(host, name);
            let known = self.known(name, ack);
            let status = if let Some(known) = known {
                if let Known::Delivered(secret) = known {
                    proved.push(secret);
                }
                known.status()
            } else if !self.carries() {
                ReceiptStatus::Refused
            } else if admitted.contains_key(&name) {
                ReceiptStatus::Lacking
            } else if admitted.len() >= OFFER_MAX {
                ReceiptStatus::Refused
            } else if let Some(why) =
                self.carrying.custody.no_room(from, u64::from(*length), usage, &self.core.config.custody)
            {
                self.carrying.refused += 1;
                why.into()
            } else {
                admitted.insert(name, (u32::from(*length), now + ADMITTED_FOR));
                usage = Usage { envelopes: usage.envelopes + 1, bytes: usage.bytes + u64::from(*length) };
                ReceiptStatus::Lacking
            };
            receipts.push(Receipt { id: *id, status });
        }
        if let Some(exchange) = self.carrying.exchanges.get_mut(&link) {
            exchange.admitted = admitted;
        }
        self.show_proofs(link, proved);
        if !receipts.is_empty() {
            self.send_frame(link, &Frame::Receipt(receipts));
        }
    }

    /// An envelope for somebody else was handed over.
    pub(super) fn take_custody(&mut self, link: LinkId, envelope: &Envelope) -> Reply {
        let Some(host) = self.links.link(link).map(|link| link.host) else { return Reply::Nothing };
        let id = prefix(envelope.id().as_bytes());
        self.carrying.acquaintances.note(host, id);
        if let Some(exchange) = self.carrying.exchanges.get_mut(&link) {
            exchange.admitted.remove(&id);
        }
        match self.known(id, prefix(envelope.ack_hash.as_bytes())) {
            Some(Known::Delivered(secret)) => return Reply::Proof(secret),
            Some(known) => return Reply::Receipt(known.status()),
            None => {}
        }
        let unstamped = envelope.class == Class::Ask && !self.is_stamped(envelope);
        if !self.carries() || envelope.lifetime == 0 || unstamped {
            self.core.counters.bump("envelope not taken into custody");
            return Reply::Receipt(ReceiptStatus::Refused);
        }
        let mut envelope = envelope.clone();
        envelope.lifetime = envelope.lifetime.min(LIFETIME_MAX);
        envelope.copies = envelope.copies.min(COPIES_MAX);
        let (from, own, now) = (self.depositor(host), self.core.account.identity.host_id(), self.core.now.wall);
        let config = &self.core.config.custody;
        let taken = self.carrying.custody.add(&envelope, from, own, now, config, &mut self.core.gate);
        self.note_dropped();
        match taken {
            Taken::Here => Reply::Receipt(ReceiptStatus::Stored),
            Taken::Refused(why) => {
                self.carrying.refused += 1;
                self.core.counters.bump("envelope not taken: no room");
                Reply::Receipt(why.into())
            }
            Taken::Stored(slot) => {
                self.carrying.stored += 1;
                let wanted = self.carrying.custody.get(slot).map_or(0, |kept| kept.want);
                self.carrying.remember(slot, envelope);
                for other in self.carrying.wants.links(wanted).into_iter().filter(|other| *other != link) {
                    if let Some(exchange) = self.carrying.exchanges.get_mut(&other) {
                        exchange.pushing.insert((slot, id));
                        self.carrying.to_give.insert(other);
                    }
                }
                Reply::Receipt(ReceiptStatus::Stored)
            }
        }
    }

    /// What came up during an input: new tags are wanted, and links get what is ready for them.
    pub(super) fn settle_carrying(&mut self) {
        self.want_fresh();
        while let Some(link) = self.carrying.to_give.pop_first() {
            self.give(link);
        }
        self.presence.set_custody(self.carrying.custody.arrivals(), self.role());
    }

    /// Whether envelopes of others are taken, and passed on to other carriers. Who is about to go takes nothing.
    pub(super) fn carries(&self) -> bool {
        self.core.account.settings.carry && self.leaving.is_none()
    }

    /// How many bytes of other people's envelopes would still be taken.
    pub(super) fn free_memory(&self) -> u64 {
        let config = &self.core.config.custody;
        if self.carries() { told(self.carrying.custody.room(config)) } else { 0 }
    }

    /// What this host is to others.
    pub(super) fn role(&self) -> Role {
        if self.core.config.custody.is_server { Role::Server } else { Role::Client }
    }

    /// Whether the lifetime of an entry's newest sealing is over.
    pub(super) fn is_aged(&self, entry: &Entry) -> bool {
        self.core.now.wall - entry.sealed >= self.lifetime_of(entry)
    }

    /// How long carriers keep an entry's newest sealing: not longer than its message is of use.
    fn lifetime_of(&self, entry: &Entry) -> Millis {
        self.core.config.messages.envelope_lifetime.min(entry.expires - entry.sealed)
    }

    /// Seconds of lifetime that an entry's newest sealing has left.
    pub(super) fn remaining(&self, entry: &Entry) -> u32 {
        let left = (entry.sealed + self.lifetime_of(entry)) - self.core.now.wall;
        u32::try_from(left.0 / 1_000).unwrap_or(u32::MAX)
    }
}

/// An envelope that is or was here, or is of this host's own.
enum Known {
    Here,
    /// It is proved.
    Delivered(ProofSecret),
    Gone,
}

impl Known {
    fn status(&self) -> ReceiptStatus {
        if matches!(self, Self::Here) { ReceiptStatus::Stored } else { ReceiptStatus::Duplicate }
    }
}

/// How an envelope that was here is marked.
fn mark_of(id: Prefix) -> MessageId {
    MessageId((u128::from(id) << 64).to_be_bytes())
}
