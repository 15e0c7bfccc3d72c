//! The sending side: sealing into the outbox, handing over on links, proofs, expiry.

use super::Engine;
use crate::api::{Event, FriendState, MessageState, Notice, PacketService, PacketState, Transmit};
use crate::carrying::Holding;
use crate::content::{Content, OutboxBody, message_id};
use crate::crypto;
use crate::custody::Prefix;
use crate::envelope::{Class, Envelope};
use crate::frame::Frame;
use crate::ids::{AckHash, FetchId, FriendId, HostId, LinkId, MessageId, MessageKey, Tag};
use crate::limits::{FORWARD_MAX, FRAME_MAX};
use crate::links::{Who, credit_of};
use crate::outbox::{self, Entry};
use crate::rows::StoredState;
use crate::spray::Spray;
use crate::time::Millis;

/// Bytes of a FORWARD around its envelopes.
const FORWARD_OVERHEAD: usize = 16;
/// What was sent on a link and is not proved is sent again after this, then after twice as long.
const RESEND_MIN: Millis = Millis::from_secs(30);
/// A failed entry is kept so long: a late proof makes it delivered, its owner can try again.
const FAILED_KEPT: Millis = Millis::from_days(7);
/// Read receipts that wait for one friend: they tell of 1,024 messages, as many as an outbox holds.
const READ_RECEIPTS_MAX: usize = 16;

impl Engine {
    /// Encrypts, seals and stores a content for a friend, and sends it if a link is there. `None` if no pairing can send:
    /// then nothing has changed.
    pub(super) fn post(
        &mut self,
        friend: FriendId,
        service: PacketService,
        content: &[u8],
        key: Option<MessageKey>,
    ) -> Option<MessageId> {
        let now = self.core.now.wall;
        let host = self.friends.get(friend)?.host;
        let id = message_id(self.core.account.identity.host_id(), content);
        let row = self.pairings.sending(friend)?;
        let (envelope, entry) = {
            let pairing = self.pairings.get_mut(row)?;
            let (olm, place) = pairing.encrypt(content)?;
            let lowest = self.outbox.lowest_alive(row, place);
            let sealing = pairing.seal(&olm, id, lowest, true, now, &mut self.core.rng)?;
            let entry = Entry {
                friend,
                service,
                message: id,
                key,
                pairing: Some((row, place)),
                first_epoch: sealing.epoch,
                sealings: vec![(sealing.envelope.ack_hash, sealing.epoch)],
                created: now,
                expires: now + self.core.account.settings.outbox_expiry,
                sealed: now,
                packet: 0,
                given_up: false,
                envelope: 0,
                length: 0,
                spray: Spray::default(),
                holders: Vec::new(),
                full: Vec::new(),
            };
            (sealing.envelope, entry)
        };
        self.pairings.touch(row, &mut self.core.gate);
        self.enqueue(host, entry, envelope, content);
        Some(id)
    }

    /// Stores an entry with its sealed envelope and sends it if a link is there.
    pub(super) fn enqueue(&mut self, host: HostId, mut entry: Entry, mut envelope: Envelope, content: &[u8]) -> u64 {
        let now = self.core.now.wall;
        envelope.lifetime = self.remaining(&entry);
        entry.packet = self.packets.add(entry.service, true, host, PacketState::SendWait, now, &mut self.core.gate);
        self.begin_spray(&mut entry, &envelope);
        let body = OutboxBody::encode(envelope.encode(), content.to_vec());
        let stamped = self.needs_stamp(entry.service);
        let row = self.outbox.insert(entry, envelope.clone(), body, &mut self.core.gate);
        if stamped {
            self.stamp_contents.insert(row, content.to_vec());
            self.stamps.add(row, envelope);
        } else {
            self.offer_row(host, row);
        }
        row
    }

    /// Stores a text that cannot be encrypted yet: a reset is under way. It is sealed when there is a pairing to send under.
    pub(super) fn keep_unsealed(
        &mut self,
        friend: FriendId,
        host: HostId,
        content: &[u8],
        key: MessageKey,
    ) -> MessageId {
        let now = self.core.now.wall;
        let message = message_id(self.core.account.identity.host_id(), content);
        let service = PacketService::TextMessage;
        let packet = self.packets.add(service, true, host, PacketState::Created, now, &mut self.core.gate);
        let entry = Entry {
            friend,
            service,
            message,
            key: Some(key),
            pairing: None,
            first_epoch: 0,
            sealings: Vec::new(),
            created: now,
            expires: now + self.core.account.settings.outbox_expiry,
            sealed: now,
            packet,
            given_up: false,
            envelope: 0,
            length: 0,
            spray: Spray::default(),
            holders: Vec::new(),
            full: Vec::new(),
        };
        let unsealed = crate::pairing::draft(Class::Message, Tag([0; 16]), AckHash([0; 16]));
        let body = OutboxBody::encode(unsealed.encode(), content.to_vec());
        self.outbox.insert(entry, unsealed, body, &mut self.core.gate);
        message
    }

    pub(super) fn needs_stamp(&self, service: PacketService) -> bool {
        matches!(service, PacketService::FriendshipAsk | PacketService::Reset)
    }

    /// A stamp was found: the envelope can leave.
    pub(super) fn on_stamped(&mut self, row: u64, envelope: Envelope) {
        let Some(entry) = self.outbox.entry(row).cloned() else { return };
        let Some(host) = self.friends.get(entry.friend).map(|friend| friend.host) else { return };
        let content = self.stamp_contents.remove(&row).unwrap_or_default();
        let body = OutboxBody::encode(envelope.encode(), content);
        self.outbox.replace(row, entry, envelope, body, &mut self.core.gate);
        self.offer_row(host, row);
    }

    /// A row can be sent: on the link that is there, or one is asked for.
    pub(super) fn offer_row(&mut self, host: HostId, row: u64) {
        match self.links.ready(host) {
            Some(link) => {
                if let Some(state) = self.links.link_mut(link) {
                    state.pending.insert(row);
                }
                self.pump(link);
            }
            None => {
                self.serve(host);
                if !self.presence.is_online(host) {
                    self.spread();
                }
            }
        }
    }

    /// Everything that waits for a host goes to the link that has become ready.
    pub(super) fn offer_all(&mut self, host: HostId, link: LinkId) {
        let Some(friend) = self.friends.by_host(host).map(|friend| friend.id) else { return };
        let rows: Vec<u64> = self.sendable_rows(friend).collect();
        if let Some(state) = self.links.link_mut(link) {
            state.pending.extend(rows);
        }
        self.pump(link);
    }

    /// What may be offered to a friend now.
    pub(super) fn sendable_rows(&self, friend: FriendId) -> impl Iterator<Item = u64> + '_ {
        self.outbox.rows_for(friend).filter(move |row| {
            !self.stamps.works_on(*row)
                && self.outbox.entry(*row).is_some_and(|entry| !entry.given_up)
                && self.patience.allows(friend, *row, self.core.now.tick)
        })
    }

    /// How long to wait before these are sent again on a link: as long as between links, if all were left unproved on one
    /// before, for a new link is no reason for the peer to take them now.
    fn first_resend(&self, link: LinkId, rows: &[u64]) -> Millis {
        let host = self.links.link(link).map(|link| link.host);
        let friend = host.and_then(|host| self.friends.by_host(host)).map(|friend| friend.id);
        friend.and_then(|friend| self.patience.pause(friend, rows)).map_or(RESEND_MIN, |pause| pause.max(RESEND_MIN))
    }

    /// Sends what is pending on a link, within its credit.
    pub(super) fn pump(&mut self, link: LinkId) {
        while let Some(batch) = self.next_batch(link) {
            let rows: Vec<u64> = batch.iter().map(|(row, _)| *row).collect();
            let envelopes = batch.into_iter().map(|(_, envelope)| envelope).collect();
            let bytes = Frame::Forward(envelopes).encode();
            let now = self.core.now;
            let first = self.first_resend(link, &rows);
            let leaves_after = self.core.gate.latest();
            let Some(state) = self.links.link_mut(link) else { return };
            state.credit -= credit_of(bytes.len());
            state.active = now.tick;
            for row in &rows {
                state.pending.remove(row);
                state.sent.entry(*row).or_insert((now.tick, leaves_after));
            }
            state.resend.get_or_insert((now.tick + first, first));
            self.core.gate.transmit(Transmit::Frame { link, bytes });
            for row in rows {
                if let Some(packet) = self.outbox.entry(row).map(|entry| entry.packet) {
                    self.packets.set(packet, PacketState::SendComplete, None, now.wall, &mut self.core.gate);
                }
            }
        }
    }

    /// The next envelopes for a link, as many as fit one FORWARD; asks the store for those not in memory.
    fn next_batch(&mut self, link: LinkId) -> Option<Vec<(u64, Envelope)>> {
        let most = (self.core.config.links.forward_max as usize).clamp(1, FORWARD_MAX);
        let state = self.links.link(link)?;
        if state.credit <= 0 || state.closing {
            return None;
        }
        let answer = self.answer_to(state.host);
        if answer.is_some_and(|row| state.fetching.contains(&row)) {
            return None;
        }
        // What is sealed under a new pairing is noise to who does not know the answer that made it.
        let first = answer.filter(|row| state.pending.contains(row));
        let others = state.pending.iter().copied().filter(|row| Some(*row) != first);
        let pending: Vec<u64> = first.into_iter().chain(others.take(most * 2)).collect();
        let (mut batch, mut length) = (Vec::new(), FORWARD_OVERHEAD);
        for row in pending {
            let Some(entry) = self.outbox.entry(row) else {
                self.drop_pending(link, row);
                continue;
            };
            let fresh = !self.must_reseal(row, entry);
            match self.outbox.cached(row).filter(|_| fresh) {
                Some(envelope) => {
                    let next = length + envelope.encoded_length();
                    if batch.len() >= most || next > FRAME_MAX {
                        break;
                    }
                    length = next;
                    batch.push((row, envelope.clone()));
                }
                None => self.fetch_row(link, row),
            }
        }
        if batch.is_empty() { None } else { Some(batch) }
    }

    /// The row of our YES or NO to a host, if it still waits.
    pub(super) fn answer_to(&self, host: HostId) -> Option<u64> {
        let yes = self.friends.by_host(host)?.yes.as_ref()?;
        self.outbox.row_of_message(yes.signed.message_id())
    }

    fn drop_pending(&mut self, link: LinkId, row: u64) {
        if let Some(state) = self.links.link_mut(link) {
            state.pending.remove(&row);
        }
    }

    fn fetch_row(&mut self, link: LinkId, row: u64) {
        if let Some(state) = self.links.link_mut(link) {
            state.pending.remove(&row);
            state.fetching.insert(row);
        }
        self.fetches.ask(outbox::key(row), &mut self.core.gate);
    }

    /// An outbox body was read back.
    pub(super) fn on_outbox_fetched(&mut self, row: u64, body: Option<Vec<u8>>) {
        let envelope = self.take_outbox_body(row, body);
        self.give_to_waiting(Holding::own(row), envelope);
    }

    /// What was read of an entry, if it can be given away as it is.
    fn take_outbox_body(&mut self, row: u64, body: Option<Vec<u8>>) -> Option<(Prefix, Envelope)> {
        let entry = self.outbox.entry(row).cloned()?;
        let host = self.friends.get(entry.friend).map(|friend| friend.host)?;
        if let Some(link) = self.links.ready(host).and_then(|link| self.links.link_mut(link)) {
            link.fetching.remove(&row);
        }
        if entry.given_up {
            // Its friendship ended, or its owner cancelled it, while it was read: sealed anew it would wait for ever.
            return None;
        }
        let parts = body.as_deref().and_then(OutboxBody::decode);
        let Some((envelope, content)) =
            parts.and_then(|OutboxBody(envelope, content)| Some((Envelope::decode(&envelope).ok()?, content)))
        else {
            self.core.counters.bump("outbox body unreadable");
            return None;
        };
        let read = (entry.envelope, envelope.clone());
        if self.must_reseal(row, &entry) {
            if !self.reseal(row, entry, &envelope, &content) {
                return None;
            }
        } else if self.needs_stamp(entry.service) && !self.is_stamped(&envelope) {
            self.stamp_contents.insert(row, content.into_vec());
            self.stamps.add(row, envelope);
            return None;
        } else {
            self.outbox.remember(row, envelope);
        }
        if let Some(link) = self.links.ready(host)
            && let Some(state) = self.links.link_mut(link)
        {
            if !self.stamps.works_on(row) {
                state.pending.insert(row);
            }
            self.pump(link);
        }
        Some(read)
    }

    /// The secret of a sealing of this row, made in this epoch, was shown.
    pub(super) fn on_delivered(&mut self, row: u64, epoch: u32) {
        let Some(entry) = self.outbox.remove(row, &mut self.core.gate) else { return };
        self.stamps.remove(row);
        self.stamp_contents.remove(&row);
        self.patience.clear(entry.friend);
        self.unrecognized.remove(&entry.friend);
        let host = self.friends.get(entry.friend).map(|friend| friend.host);
        let soon = self.core.now.tick + RESEND_MIN;
        if let Some(link) = host.and_then(|host| self.links.ready(host)).and_then(|link| self.links.link_mut(link)) {
            link.sent.remove(&row);
            link.pending.remove(&row);
            // Who takes something may take the rest too.
            link.resend = link
                .resend
                .map(|(due, pause)| (due.min(soon), pause.min(RESEND_MIN)))
                .filter(|_| !link.sent.is_empty());
        }
        if let Some((pairing, _)) = entry.pairing {
            self.pairings.acknowledge(pairing, epoch, &mut self.core.gate);
            if !entry.given_up {
                self.pairings.remove_first_sealing(pairing, entry.first_epoch, &mut self.core.gate);
            }
        }
        let now = self.core.now.wall;
        self.packets.set(entry.packet, PacketState::ProcessComplete, None, now, &mut self.core.gate);
        if let Some(key) = entry.key {
            self.set_message_state(entry.friend, key, entry.message, StoredState::Delivered);
        }
        if entry.service == PacketService::FriendshipEnd {
            self.forget_pairings(entry.friend);
        }
    }

    /// Changes the fate of a message of ours and tells it. Where the fact lies elsewhere (a proof, the clock) the event waits
    /// for no commit; what was decided here is told once it is durable.
    pub(super) fn set_message_state(
        &mut self,
        friend: FriendId,
        key: MessageKey,
        message: MessageId,
        state: StoredState,
    ) {
        let conversation = self.conversations.of(friend);
        let changed = conversation.set_state(key, state, &mut self.core.gate);
        // Of what is held already one more has a copy.
        let one_more = state == StoredState::Held && conversation.message(message).is_some();
        if changed || one_more {
            self.tell_message(friend, key, message, state);
        }
    }

    /// Tells the fate of a message of ours, and who holds it or had no room for it.
    pub(super) fn tell_message(&mut self, friend: FriendId, key: MessageKey, message: MessageId, state: StoredState) {
        let Some(host) = self.friends.get(friend).map(|friend| friend.host) else { return };
        let holders = if state == StoredState::Held { self.holders(message) } else { Vec::new() };
        let full = self.full_servers(message);
        let event = Event::MessageChanged { host, key, message, state: MessageState::from(state), holders, full };
        match state {
            StoredState::Delivered | StoredState::Read | StoredState::FailedExpired => self.core.gate.event_now(event),
            _ => self.core.gate.event(event),
        }
    }

    /// Gives an entry up: it is sent no more. A late proof still delivers it.
    pub(super) fn give_up(&mut self, row: u64, state: StoredState, reason: &str) {
        let Some(mut entry) = self.outbox.entry(row).cloned() else { return };
        if entry.given_up {
            self.outbox.remove(row, &mut self.core.gate);
            return;
        }
        let now = self.core.now.wall;
        self.packets.set(entry.packet, PacketState::Dropped, Some(reason), now, &mut self.core.gate);
        self.stamps.remove(row);
        self.stamp_contents.remove(&row);
        if let Some((pairing, _)) = entry.pairing {
            self.pairings.remove_first_sealing(pairing, entry.first_epoch, &mut self.core.gate);
        }
        let Some(key) = entry.key else {
            self.outbox.remove(row, &mut self.core.gate);
            return;
        };
        entry.given_up = true;
        entry.expires = now + FAILED_KEPT;
        self.set_message_state(entry.friend, key, entry.message, state);
        self.outbox.set(row, entry, &mut self.core.gate);
    }

    /// Gives up everything that waits for a friend, but for what `keep` names.
    pub(super) fn give_up_all(&mut self, friend: FriendId, keep: Option<PacketService>, reason: &str) {
        let rows: Vec<u64> = self.outbox.rows_for(friend).collect();
        for row in rows {
            let service = self.outbox.entry(row).filter(|entry| !entry.given_up).map(|entry| entry.service);
            if service.is_some() && service != keep {
                self.give_up(row, StoredState::FailedEnded, reason);
            }
        }
    }

    /// Makes room in the outbox for one more text, be it one that was given up and is tried `again`: the oldest goes, and its
    /// owner is told.
    pub(super) fn make_room_in_outbox(&mut self, again: Option<u64>) {
        let limit = self.core.account.settings.outbox_limit as usize;
        self.bound_outbox(limit.saturating_sub(1));
        // Failed ones are kept only for a late proof or another try.
        while self.outbox.given_up_count() > limit {
            let Some(row) = self.outbox.oldest_given_up(again) else { return };
            self.outbox.remove(row, &mut self.core.gate);
        }
    }

    /// Gives the oldest texts up until no more than so many wait, and tells their owner.
    pub(super) fn bound_outbox(&mut self, most: usize) {
        while self.outbox.text_count() > most {
            let Some(row) = self.outbox.oldest_text() else { return };
            let Some(entry) = self.outbox.entry(row).cloned() else { return };
            self.give_up(row, StoredState::FailedDropped, "outbox full");
            if let Some(host) = self.friends.get(entry.friend).map(|friend| friend.host) {
                self.core.gate.event(Event::Notice(Notice::OutboxDropped { host, message: entry.message }));
            }
        }
    }

    /// Entries whose time has run out.
    pub(super) fn expire_outbox(&mut self) {
        while let Some((expires, row)) = self.outbox.first_expiry() {
            if expires > self.core.now.wall {
                return;
            }
            let Some(entry) = self.outbox.entry(row).cloned() else { return };
            self.give_up(row, StoredState::FailedExpired, "expired");
            if matches!(entry.service, PacketService::FriendshipEnd) {
                self.forget_pairings(entry.friend);
            }
        }
    }

    /// What was sent on a link long ago and is not proved goes out again.
    pub(super) fn resend_due(&mut self) {
        for id in self.links.ready_links() {
            let now = self.core.now.tick;
            let longest = self.core.config.links.backoff_max;
            let Some(link) = self.links.link_mut(id) else { continue };
            let Some((due, pause)) = link.resend else { continue };
            if due > now {
                continue;
            }
            let sent = std::mem::take(&mut link.sent);
            link.resend = None;
            let again: Vec<u64> = sent.into_keys().filter(|row| self.outbox.entry(*row).is_some()).collect();
            if again.is_empty() {
                continue;
            }
            let Some(link) = self.links.link_mut(id) else { continue };
            link.pending.extend(again);
            let pause = Millis((pause.0 * 2).min(longest.0));
            link.resend = Some((now + pause, pause));
            self.pump(id);
        }
    }

    /// Tells a friend which of its messages were opened, if the user allows it.
    pub(super) fn send_read_receipts(&mut self, friend: FriendId, read: &[MessageId]) {
        if !self.core.account.settings.read_receipts || read.is_empty() {
            return;
        }
        for ids in read.chunks(crate::content::READ_MAX) {
            self.make_room_for_read_receipt(friend);
            let content = Content::Read(ids.to_vec()).encode(crypto::random(&mut self.core.rng));
            self.post(friend, PacketService::ReadReceipt, &content, None);
        }
    }

    /// A friend who never proves what it is sent must not fill the outbox: of too many read receipts the oldest goes.
    fn make_room_for_read_receipt(&mut self, friend: FriendId) {
        let is_receipt = |row: &u64| self.outbox.entry(*row).is_some_and(|it| it.service == PacketService::ReadReceipt);
        let waiting: Vec<u64> = self.outbox.rows_for(friend).filter(is_receipt).collect();
        let surplus = (waiting.len() + 1).saturating_sub(READ_RECEIPTS_MAX);
        for row in waiting.into_iter().take(surplus) {
            self.give_up(row, StoredState::FailedDropped, "too many read receipts");
        }
    }

    /// Whether a host has something waiting here that a link would bring it.
    pub(super) fn has_mail_for(&self, host: HostId) -> bool {
        self.friends.by_host(host).is_some_and(|friend| {
            !friend.blocked && (friend.wants_to_ask.is_some() || self.sendable_rows(friend.id).next().is_some())
        })
    }

    /// Asks for a link to a host that is here and has mail, or to a friend who may have some on a link that was lost here.
    pub(super) fn serve(&mut self, host: HostId) {
        if !self.present
            || !self.presence.is_online(host)
            || self.links.ready(host).is_some()
            || !(self.has_mail_for(host) || self.friends.is_friend(host) && self.links.was_lost(host))
        {
            return;
        }
        let Some(friend) = self.friends.by_host(host) else { return };
        let who = Who { host, key: friend.key, friend: friend.state == FriendState::Friend };
        self.links.want(who, &mut self.presence, &mut self.core.context());
    }

    /// Remembers a fetch that was answered.
    pub(super) fn on_fetch_answered(&mut self, id: FetchId, body: Option<Vec<u8>>) {
        let Some((key, early)) = self.fetches.answered(id) else { return };
        match key.table {
            crate::rows::Table::Outbox => self.on_outbox_fetched(key.row, body),
            crate::rows::Table::Held => self.on_held_fetched(key.row, body),
            crate::rows::Table::Custody => self.on_custody_fetched(key.row, body, early),
            _ => {}
        }
    }

    pub(super) fn is_stamped(&self, envelope: &Envelope) -> bool {
        crate::envelope::stamp_zero_bits(&envelope.id(), envelope.stamp) >= self.core.config.friendship.stamp_bits
    }
}
