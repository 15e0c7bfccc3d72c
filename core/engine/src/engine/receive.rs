//! The receiving side: envelopes in, messages out, proofs back.

use vodozemac::olm::OlmMessage;

use super::Engine;
use crate::api::{Event, FriendState, Notice, PacketService, PacketState, Transmit};
use crate::content::{Content, Text, message_id};
use crate::custody::prefix;
use crate::envelope::{Class, Envelope};
use crate::frame::{Frame, Receipt, ReceiptStatus};
use crate::held::{self, HeldEntry};
use crate::ids::{EnvelopeName, FriendId, HostId, LinkId, MessageId, MessageKey, OlmKey, ProofSecret, Tag};
use crate::links::credit_of;
use crate::pairing::{ChainPlace, Decision, Opened};
use crate::rows::{MessageIndex, MessageRow, StoredState};

/// A link whose credit is overdrawn by more is closed instead of answered: the last FORWARD goes beyond the credit by one frame
/// of 64 KiB, and a peer that reads on is owed as many receipts and proofs as fill the credit of 256 KiB once more.
const OVERDRAFT_MAX: i64 = -(320 << 10);

/// Own messages that are no longer in the history have their marks under a friend that nobody is.
const REMOVED: FriendId = FriendId(u32::MAX - 1);

/// What is said to the one who handed an envelope over.
pub(super) enum Reply {
    /// Delivered: the secret proves it.
    Proof(ProofSecret),
    /// Kept until its turn.
    Held,
    /// For somebody else: what became of it.
    Receipt(ReceiptStatus),
    /// Nothing: all failures look the same on the wire (R7).
    Nothing,
}

impl Engine {
    /// A FORWARD arrived: everything in it is taken in, then the proofs go back in one frame.
    pub(super) fn on_forward(&mut self, link: LinkId, envelopes: Vec<Envelope>) {
        let (mut secrets, mut receipts) = (Vec::new(), Vec::new());
        for envelope in envelopes {
            let status = match self.on_envelope(Some(link), &envelope) {
                Reply::Proof(secret) => {
                    secrets.push(secret);
                    continue;
                }
                Reply::Held => ReceiptStatus::Held,
                Reply::Receipt(status) => status,
                Reply::Nothing => continue,
            };
            let id = EnvelopeName(prefix(envelope.id().as_bytes()).to_be_bytes());
            receipts.push(Receipt { id, status });
        }
        self.send_proofs(link, &secrets);
        if !receipts.is_empty() {
            self.send_frame(link, &Frame::Receipt(receipts));
        }
    }

    /// Sends a frame once all that led to it is durable.
    pub(super) fn send_frame(&mut self, link: LinkId, frame: &Frame) {
        if self.links.link(link).is_some_and(|state| state.credit < OVERDRAFT_MAX) {
            // It asks and asks and never reads: what is answered would pile up here.
            self.core.counters.bump("link closed: its peer does not read");
            self.links.close(link, &mut self.core.context());
            return;
        }
        let bytes = frame.encode();
        if let Some(state) = self.links.link_mut(link) {
            state.credit -= credit_of(bytes.len());
            state.active = self.core.now.tick;
            self.core.gate.transmit(Transmit::Frame { link, bytes });
        }
    }

    /// Takes in an envelope that came on a link, or was found in custody.
    pub(super) fn on_envelope(&mut self, link: Option<LinkId>, envelope: &Envelope) -> Reply {
        if envelope.class == Class::Ask {
            return match link {
                _ if envelope.tag == Tag(*self.core.account.identity.host_id().as_bytes()) => {
                    self.on_ask_envelope(envelope)
                }
                Some(link) => self.take_custody(link, envelope),
                None => Reply::Nothing,
            };
        }
        if let Some((row, epoch)) = self.pairings.by_tag(envelope.tag) {
            return self.on_pair_envelope(row, epoch, envelope);
        }
        match self.friends.by_reply_tag(envelope.tag).map(|friend| friend.id) {
            Some(friend) => self.on_answer_envelope(friend, envelope),
            None => link.map_or(Reply::Nothing, |link| self.take_custody(link, envelope)),
        }
    }

    pub(super) fn refuse(&mut self, why: &'static str) -> Reply {
        self.core.counters.bump(why);
        Reply::Nothing
    }

    fn on_pair_envelope(&mut self, row: u64, epoch: u32, envelope: &Envelope) -> Reply {
        let Some(pairing) = self.pairings.get_mut(row) else { return Reply::Nothing };
        let friend = pairing.friend;
        let record = self.friends.get(friend);
        if record.is_none_or(|friend| friend.blocked) {
            return Reply::Nothing;
        }
        if record.is_some_and(|friend| friend.agreed == Some(row)) {
            // It takes us for a friend already; what it says waits there until our user has answered.
            return self.refuse("envelope of who is not accepted yet");
        }
        let Some(Opened { body, olm, place, tags }) = pairing.open(envelope, epoch) else {
            return self.refuse("body does not open");
        };
        self.pairings.on_tags(row, &tags);
        self.pairings.touch(row, &mut self.core.gate);
        let (message, secret, lowest) = (body.2, body.3, body.4);
        if self.marks.contains(friend, message) {
            self.core.counters.bump("duplicate message");
            return Reply::Proof(secret);
        }
        let held = self.held.row_of(friend, message);
        match (self.pairings.get_mut(row).map(|pairing| pairing.decide(place, lowest)), held) {
            (Some(Decision::Decrypt), held) => {
                if let Some(held) = held {
                    self.end_held(held);
                }
                self.decrypt(row, &olm, place, message, lowest, secret)
            }
            (Some(Decision::Hold), None) => {
                let reply = self.hold(row, friend, &olm, place, message, lowest, secret);
                self.fetch_next_held(row, place.chain, lowest);
                reply
            }
            (Some(_), Some(_)) => {
                self.fetch_next_held(row, place.chain, lowest);
                Reply::Held
            }
            (Some(Decision::TooFar), None) => self.on_undecryptable(row),
            (None, _) => Reply::Nothing,
        }
    }

    /// Decrypts a ciphertext whose turn has come, and after it those it held up.
    fn decrypt(
        &mut self,
        row: u64,
        olm: &OlmMessage,
        place: ChainPlace,
        message: MessageId,
        lowest: u64,
        secret: ProofSecret,
    ) -> Reply {
        let Some(pairing) = self.pairings.get_mut(row) else { return Reply::Nothing };
        let friend = pairing.friend;
        let Some(content) = pairing.decrypt(olm, lowest) else { return self.on_undecryptable(row) };
        self.pairings.touch(row, &mut self.core.gate);
        self.on_confirmed(friend, row);
        let reply = self.on_content(friend, row, message, &content, secret);
        self.fetch_next_held(row, place.chain, lowest);
        reply
    }

    fn on_content(
        &mut self,
        friend: FriendId,
        row: u64,
        message: MessageId,
        bytes: &[u8],
        secret: ProofSecret,
    ) -> Reply {
        let Some((host, state)) = self.friends.get(friend).map(|friend| (friend.host, friend.state)) else {
            return Reply::Nothing;
        };
        if message_id(host, bytes) != message {
            return self.refuse("message id does not match its text");
        }
        let Some(content) = Content::decode(bytes) else {
            // Its key of the ratchet is used up: without a mark it would look like a broken ratchet when it comes again.
            let (marks, now) = (self.core.config.messages.marks_max, self.core.now.wall);
            self.marks.add(friend, message, marks, &mut self.core.gate);
            let gate = &mut self.core.gate;
            let packet = self.packets.add(PacketService::TextMessage, false, host, PacketState::ProcessWait, now, gate);
            self.packets.set(packet, PacketState::Dropped, Some("unknown kind or over a limit"), now, gate);
            return self.refuse("content unknown or over a limit");
        };
        if state != FriendState::Friend && content != Content::End {
            return self.refuse("message of an ended friend");
        }
        let marks = self.core.config.messages.marks_max;
        self.marks.add(friend, message, marks, &mut self.core.gate);
        let service = match content {
            Content::Text(text) => {
                self.on_text(friend, host, message, text);
                PacketService::TextMessage
            }
            Content::End => {
                // One sent before the two became friends again, or after we ended it and asked anew, ends nothing.
                if state == FriendState::Friend && self.pairings.current(friend) == Some(row) {
                    self.on_end(friend);
                }
                PacketService::FriendshipEnd
            }
            Content::Read(ids) => {
                self.on_read(friend, &ids);
                PacketService::ReadReceipt
            }
        };
        let (now, gate) = (self.core.now.wall, &mut self.core.gate);
        self.packets.add(service, false, host, PacketState::ProcessComplete, now, gate);
        Reply::Proof(secret)
    }

    fn on_text(&mut self, friend: FriendId, host: HostId, id: MessageId, text: Text) {
        let now = self.core.shown;
        let key = self.conversations.next_key();
        let order = self.conversations.of(friend).place(text.clock, &text.parents, now);
        let row = MessageRow {
            key,
            friend,
            id,
            mine: false,
            order,
            local_time: now,
            send_time: text.send_time,
            state: StoredState::Delivered,
            unread: true,
            parents: text.parents,
            text: text.text.clone(),
        };
        self.conversations.of(friend).add(row, &mut self.core.gate);
        let gap = self.has_gap(friend, key);
        self.core.gate.event(Event::MessageReceived {
            host,
            key,
            message: id,
            text: text.text,
            send_time: text.send_time,
            local_time: now,
            gap,
        });
        self.bound_history(friend);
    }

    /// Whether something that a received message follows has not arrived.
    pub(super) fn has_gap(&self, friend: FriendId, key: MessageKey) -> bool {
        let known = |id| self.marks.contains(friend, id) || self.marks.contains(REMOVED, id);
        self.conversations.with(friend).is_some_and(|conversation| conversation.has_gap(key, known))
    }

    /// A message of ours that is no longer in the history is not missing before an answer to it. Received ones have marks.
    pub(super) fn note_removed(&mut self, message: &MessageIndex) {
        if message.mine {
            self.marks.add(REMOVED, message.id, self.core.config.messages.marks_max, &mut self.core.gate);
        }
    }

    /// Removes the oldest messages of a conversation above its limit, and says so.
    pub(super) fn bound_history(&mut self, friend: FriendId) {
        let limit = self.core.account.settings.history_limit as usize;
        while self.conversations.of(friend).len() > limit.max(1) {
            let conversation = self.conversations.of(friend);
            let Some(oldest) = conversation.oldest() else { return };
            let Some(message) = conversation.remove(oldest, &mut self.core.gate) else { return };
            self.note_removed(&message);
            if let Some(host) = self.friends.get(friend).map(|friend| friend.host) {
                self.core.gate.event(Event::Notice(Notice::HistoryDropped { host, message: message.id }));
            }
        }
    }

    fn on_read(&mut self, friend: FriendId, ids: &[MessageId]) {
        for id in ids {
            let message = self.conversations.of(friend).message(*id).filter(|message| message.mine);
            if let Some(key) = message.map(|message| message.key) {
                self.set_message_state(friend, key, *id, StoredState::Read);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one opened body")]
    fn hold(
        &mut self,
        row: u64,
        friend: FriendId,
        olm: &OlmMessage,
        place: ChainPlace,
        message: MessageId,
        lowest: u64,
        secret: ProofSecret,
    ) -> Reply {
        let Some(host) = self.friends.get(friend).map(|friend| friend.host) else { return Reply::Nothing };
        let (kind, ciphertext) = olm.to_parts();
        let now = self.core.now.wall;
        let gate = &mut self.core.gate;
        let packet = self.packets.add(PacketService::TextMessage, false, host, PacketState::ProcessWait, now, gate);
        let entry = HeldEntry {
            friend,
            pairing: row,
            place,
            lowest,
            message,
            secret,
            kind: u8::try_from(kind).unwrap_or(u8::MAX),
            length: ciphertext.len() as u64,
            since: now,
            packet,
        };
        let added = self.held.add(entry, ciphertext, gate);
        self.bound_held(friend);
        if self.held.entry(added).is_some() { Reply::Held } else { Reply::Nothing }
    }

    /// Keeps held ciphertexts under their caps: the highest index goes first, unmarked, so that it is fetched again.
    pub(super) fn bound_held(&mut self, friend: FriendId) {
        let limits = &self.core.config.messages;
        let (most, most_bytes, total) = (limits.held_max as usize, limits.held_bytes_max, limits.held_bytes_total);
        loop {
            let (count, bytes) = self.held.usage(friend);
            if count <= most && bytes <= most_bytes && self.held.bytes() <= total {
                return;
            }
            let Some(row) = self.held.highest_of(friend) else { return };
            self.drop_held(row, "too many held");
            if let Some(host) = self.friends.get(friend).map(|friend| friend.host) {
                self.core.gate.event(Event::Notice(Notice::HeldDropped { host }));
            }
        }
    }

    pub(super) fn drop_held(&mut self, row: u64, reason: &str) {
        if let Some(entry) = self.held.remove(row, &mut self.core.gate) {
            let now = self.core.now.wall;
            self.packets.set(entry.packet, PacketState::Dropped, Some(reason), now, &mut self.core.gate);
        }
    }

    /// A held ciphertext is taken up: decrypted, or of no more use.
    fn end_held(&mut self, row: u64) -> Option<HeldEntry> {
        let (entry, now) = (self.held.remove(row, &mut self.core.gate)?, self.core.now.wall);
        self.packets.set(entry.packet, PacketState::ProcessComplete, None, now, &mut self.core.gate);
        Some(entry)
    }

    /// The lowest held ciphertext of a chain is read back if its turn has come; `lowest` is the newest word of what is still
    /// alive at the sender.
    fn fetch_next_held(&mut self, row: u64, chain: OlmKey, lowest: u64) {
        let Some(held) = self.held.lowest(row, chain) else { return };
        self.held.raise_lowest(held, lowest, &mut self.core.gate);
        let Some(entry) = self.held.entry(held) else { return };
        let (place, lowest) = (entry.place, entry.lowest);
        match self.pairings.get_mut(row).map(|pairing| pairing.decide(place, lowest)) {
            Some(Decision::Hold) => {}
            _ => self.fetches.ask(held::key(held), &mut self.core.gate),
        }
    }

    pub(super) fn on_held_fetched(&mut self, row: u64, body: Option<Vec<u8>>) {
        let Some(entry) = self.held.entry(row).cloned() else { return };
        let olm = body.and_then(|body| OlmMessage::from_parts(entry.kind.into(), &body).ok());
        let Some(olm) = olm else {
            self.drop_held(row, "unreadable");
            return;
        };
        let decision = self.pairings.get_mut(entry.pairing).map(|pairing| pairing.decide(entry.place, entry.lowest));
        if decision == Some(Decision::Hold) {
            return;
        }
        self.end_held(row);
        let reply = match decision {
            Some(Decision::Decrypt) => {
                self.decrypt(entry.pairing, &olm, entry.place, entry.message, entry.lowest, entry.secret)
            }
            _ => {
                self.fetch_next_held(entry.pairing, entry.place.chain, entry.lowest);
                self.refuse("held ciphertext of no more use")
            }
        };
        let link = self.friends.get(entry.friend).and_then(|friend| self.links.ready(friend.host));
        match (reply, link) {
            (Reply::Proof(secret), Some(link)) => self.send_proofs(link, &[secret]),
            (Reply::Proof(secret), None) => self.publish(&[secret]),
            _ => {}
        }
    }

    /// The first held ciphertext has waited long enough: what is missing below it is given up, and that is said.
    pub(super) fn end_held_wait(&mut self) {
        let wait = self.core.config.messages.held_wait;
        self.held.on_clock(self.core.now.wall, &mut self.core.gate);
        let mut given_up = std::collections::BTreeSet::new();
        while let Some((_, entry)) = self.held.oldest() {
            let chain = (entry.pairing, entry.place.chain);
            if self.core.now.wall - entry.since < wait || !given_up.insert(chain) {
                return;
            }
            let Some(lowest) = self.held.lowest(chain.0, chain.1) else { return };
            let Some(entry) = self.held.entry(lowest) else { return };
            let (place, friend) = (entry.place, entry.friend);
            let count = self.pairings.get_mut(chain.0).map_or(0, |pairing| pairing.give_up(place));
            self.pairings.touch(chain.0, &mut self.core.gate);
            if count > 0
                && let Some(host) = self.friends.get(friend).map(|friend| friend.host)
            {
                self.core.gate.event(Event::Notice(Notice::MessagesLost { host, count }));
            }
            self.fetches.ask(held::key(lowest), &mut self.core.gate);
        }
    }

    /// A body under a pair key does not open with the ratchet. Under the current pairing that asks for a reset (R5).
    fn on_undecryptable(&mut self, row: u64) -> Reply {
        let friend = self.pairings.get(row).map(|pairing| pairing.friend);
        if let Some(friend) = friend
            && self.pairings.current(friend) == Some(row)
        {
            self.schedule_reset(friend);
        }
        self.refuse("ciphertext does not open")
    }
}
