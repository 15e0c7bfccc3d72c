//! Asking and answering: ASK, YES and NO; mutual consent that is also the key agreement (PROTOCOL.md, Friendship).

use serde_bytes::ByteBuf;
use vodozemac::Curve25519PublicKey;
use vodozemac::olm::{OlmMessage, PreKeyMessage, SessionConfig};

use super::Engine;
use super::receive::Reply;
use crate::api::{Event, FriendState, Notice, PacketService, PacketState};
use crate::ask::{self, Answer, Ask, AskKind, PreKeyContent, Signed};
use crate::codec;
use crate::crypto;
use crate::envelope::Envelope;
use crate::friends::{AnsweredAsk, Friend, ReceivedAsk, SentAsk, StoredYes};
use crate::generation::RAISED;
use crate::ids::{FriendId, HostId, IdentityKey, ProofSecret};
use crate::limits::{ALIAS_MAX, ENVELOPE_MAX};
use crate::names;
use crate::outbox::Entry;
use crate::pairing::{Pairing, note_encryption};
use crate::spray::Spray;
use crate::time::Wall;

impl Engine {
    /// Makes an ASK or RESET for a host whose certificate is known; `false` if it is not.
    pub(super) fn ask(&mut self, friend: FriendId, kind: AskKind, greeting: &str) -> bool {
        let Some(record) = self.friends.get(friend) else { return false };
        let (host, key, scanned) = (record.host, record.key, record.scanned.clone());
        let Some(certificate) = record.certificate.clone() else { return false };
        self.drop_sent_ask(friend);
        let Some(one_time_key) = self.core.account.one_time_key(&mut self.core.gate) else { return false };
        let now = self.core.now.wall;
        let id = self.core.account.next_ask(&mut self.core.gate);
        let r = IdentityKey(crypto::random(&mut self.core.rng));
        let ask = Ask(
            kind,
            host,
            key,
            certificate.sealing_number,
            self.core.account.certificate.clone(),
            id,
            one_time_key,
            r,
            self.core.account.settings.alias.clone(),
            greeting.to_owned(),
            scanned.filter(|_| kind == AskKind::Friendship),
        );
        let signed = Signed::ask(&ask, &self.core.account.identity);
        let Some(envelope) = signed.seal_ask(host, &certificate.sealing_key, &mut self.core.rng) else {
            return false;
        };
        let expires = now + self.core.config.friendship.ask_expiry;
        let (hash, greeting) = (IdentityKey(signed.hash()), greeting.to_owned());
        let sent = SentAsk { kind, id, one_time_key, r, hash, expires, greeting, cancelled: false };
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.sent = Some(sent);
            friend.wants_to_ask = None;
            if kind == AskKind::Friendship && friend.state != FriendState::Friend {
                friend.state = FriendState::RequestSent;
            }
        });
        let service = match kind {
            AskKind::Friendship => PacketService::FriendshipAsk,
            AskKind::Reset => PacketService::Reset,
        };
        self.enqueue_signed(friend, host, service, &signed, envelope, expires);
        true
    }

    /// A certificate has come: a request that waited for it is made.
    pub(super) fn ask_if_wanted(&mut self, host: HostId) {
        let waiting = self.friends.by_host(host).and_then(|friend| Some((friend.id, friend.wants_to_ask.clone()?)));
        if let Some((friend, greeting)) = waiting {
            self.ask(friend, AskKind::Friendship, &greeting);
        }
    }

    fn enqueue_signed(
        &mut self,
        friend: FriendId,
        host: HostId,
        service: PacketService,
        signed: &Signed,
        envelope: Envelope,
        expires: Wall,
    ) {
        let now = self.core.now.wall;
        let entry = Entry {
            friend,
            service,
            message: signed.message_id(),
            key: None,
            pairing: None,
            first_epoch: 0,
            sealings: vec![(envelope.ack_hash, 0)],
            created: now,
            expires,
            sealed: now,
            packet: 0,
            given_up: false,
            envelope: 0,
            length: 0,
            spray: Spray::default(),
            holders: Vec::new(),
            full: Vec::new(),
        };
        self.enqueue(host, entry, envelope, &signed.encode());
    }

    /// Seals an ASK, YES or NO of ours with a fresh encapsulation: the same bytes would die as duplicates.
    pub(super) fn reseal_signed(&mut self, entry: &Entry, content: &[u8]) -> Option<Envelope> {
        let signed = Signed::decode(content)?;
        let friend = self.friends.get(entry.friend)?;
        match entry.service {
            PacketService::FriendshipAsk | PacketService::Reset => {
                let certificate = friend.certificate.as_ref()?;
                let ask = signed.read_ask()?;
                if ask.sealing_number() != certificate.sealing_number {
                    // The recipient has renewed its key since; an ASK opens only with the key it names.
                    let id = friend.id;
                    self.ask(id, ask.kind(), ask.greeting());
                    return None;
                }
                let key = certificate.sealing_key;
                signed.seal_ask(friend.host, &key, &mut self.core.rng)
            }
            _ => {
                let yes = friend.yes.as_ref()?;
                let own = self.core.account.identity.host_id();
                signed.seal_answer(own, friend.host, &yes.to, yes.reply_tag, &mut self.core.rng)
            }
        }
    }

    /// An envelope came under this host's id.
    pub(super) fn on_ask_envelope(&mut self, envelope: &Envelope) -> Reply {
        if !self.is_stamped(envelope) {
            return self.refuse("ask without its stamp");
        }
        let Some((ask, signed, secret)) = ask::open_ask(envelope, &self.core.account) else {
            return self.refuse("ask does not open");
        };
        let (host, key) = (ask.certificate().host_id(), ask.certificate().key);
        if host == self.core.account.identity.host_id() {
            return self.refuse("ask of our own");
        }
        let known = self.friends.by_host(host);
        if known.is_some_and(|friend| friend.blocked || friend.key != key) {
            return self.refuse("ask of a blocked host");
        }
        let heard = known.map_or(0, |friend| friend.heard_ask);
        let state = known.map_or(FriendState::Unknown, |friend| friend.state);
        if ask.id() < heard {
            return self.refuse("ask replayed");
        }
        // A friend's RESET, and a request that answers ours, come however many strangers ask.
        let unbidden = matches!(state, FriendState::Unknown | FriendState::Ended);
        if unbidden && known.is_none_or(|friend| friend.received.is_none()) && self.too_many_received() {
            return self.refuse("too many open requests");
        }
        let friend = self.friends.meet(host, key, &names::normalize(ask.alias()));
        self.presence.pin(key, &mut self.core.context());
        self.friends.on_certificate(ask.certificate(), &mut self.core.gate);
        if ask.id() == heard {
            self.repeat_answer(friend, ask.id());
        } else {
            self.on_new_ask(friend, &ask, signed);
        }
        Reply::Proof(secret)
    }

    fn on_new_ask(&mut self, friend: FriendId, ask: &Ask, signed: Signed) {
        let expires = self.core.now.wall + self.core.config.friendship.ask_expiry;
        let received = ReceivedAsk { signed, expires };
        let alias = names::normalize(ask.alias());
        let Some((state, host, crossed)) = self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.heard_ask = ask.id();
            friend.alias = alias;
            friend.received = Some(received);
            (friend.state, friend.host, friend.open_ask().is_some())
        }) else {
            return;
        };
        let now = self.core.now.wall;
        let (service, shared) = match ask.kind() {
            AskKind::Friendship => (PacketService::FriendshipAsk, self.note_token(friend, host, ask.token())),
            AskKind::Reset => (PacketService::Reset, None),
        };
        self.packets.add(service, false, host, PacketState::ProcessComplete, now, &mut self.core.gate);
        let ours_stands = crossed && self.core.account.identity.host_id() < host;
        match (ask.kind(), state) {
            (AskKind::Reset, FriendState::Friend) if !ours_stands => {
                self.accept(friend);
                self.core.gate.event(Event::Notice(Notice::EncryptionReset { host }));
            }
            (AskKind::Reset, FriendState::Friend) => {}
            (AskKind::Reset, FriendState::Ended) => self.refuse_ask(friend, true),
            (_, FriendState::RequestSent) if ours_stands => {}
            (_, FriendState::RequestSent) => {
                self.accept(friend);
            }
            (AskKind::Friendship, FriendState::Friend) => {
                // Both had asked and theirs stands: no need to ask the user, who has asked already.
                if crossed && !ours_stands {
                    self.accept(friend);
                } else {
                    self.core.gate.event(Event::Notice(Notice::FriendAsksAgain { host }));
                }
            }
            // Who resets takes us for a friend, and we have forgotten it: our user decides, as of any request.
            (_, FriendState::Unknown | FriendState::RequestReceived | FriendState::Ended) => {
                let agreed = self.friends.change(friend, &mut self.core.gate, |friend| {
                    friend.state = FriendState::RequestReceived;
                    friend.agreed.take()
                });
                // Who asks again has not kept what was agreed.
                if let Some(row) = agreed.flatten() {
                    self.remove_pairing(row);
                }
            }
        }
        self.tell_friend(friend);
        if let Some(first) = shared {
            self.core.gate.event(Event::Notice(Notice::CodeShared { host: first, other: host }));
        }
    }

    fn too_many_received(&self) -> bool {
        let open = self.friends.all().filter(|friend| friend.received.is_some()).count();
        open >= self.core.config.friendship.asks_max as usize
    }

    /// An ASK came again: the stored YES or NO is sealed and sent again.
    fn repeat_answer(&mut self, friend: FriendId, ask: u64) {
        let Some(yes) = self.friends.get(friend).and_then(|friend| friend.yes.clone()) else { return };
        if yes.ask != ask || self.outbox.row_of_message(yes.signed.message_id()).is_some() {
            return;
        }
        let service = if yes.is_no() { PacketService::FriendshipNo } else { PacketService::FriendshipYes };
        self.send_answer(friend, service, &yes);
    }

    fn send_answer(&mut self, friend: FriendId, service: PacketService, yes: &StoredYes) {
        let Some(host) = self.friends.get(friend).map(|friend| friend.host) else { return };
        let own = self.core.account.identity.host_id();
        let Some(envelope) = yes.signed.seal_answer(own, host, &yes.to, yes.reply_tag, &mut self.core.rng) else {
            return;
        };
        self.enqueue_signed(friend, host, service, &yes.signed, envelope, yes.expires);
    }

    /// Says yes to the ASK received from a friend-to-be (or to a RESET): makes the pairing and the YES.
    pub(super) fn accept(&mut self, friend: FriendId) -> bool {
        let Some(record) = self.friends.get(friend) else { return false };
        if record.agreed.is_some() {
            self.accept_agreed(friend);
            return true;
        }
        let Some(signed) = record.received.as_ref().map(|received| received.signed.clone()) else { return false };
        let Some(ask) = signed.read_ask() else { return false };
        let host = record.host;
        let (olm, config) = (self.core.account.olm(), SessionConfig::version_1());
        let olm_key = Curve25519PublicKey::from_bytes(ask.certificate().olm_key.0);
        let one_time_key = Curve25519PublicKey::from_bytes(ask.one_time_key().0);
        let Ok(mut session) = olm.create_outbound_session(config, olm_key, one_time_key) else {
            self.core.counters.bump("ask with a worthless key");
            return false;
        };
        let own = self.core.account.identity.host_id();
        let ask_hash = signed.hash();
        let r: [u8; 32] = crypto::random(&mut self.core.rng);
        let alias = self.core.account.settings.alias.clone();
        let overtaken = self.core.account.newest_ask();
        let inner = codec::to_bytes(&PreKeyContent(IdentityKey(ask_hash), host, own, IdentityKey(r), alias, overtaken));
        let Ok(first) = session.encrypt(&inner) else { return false };
        note_encryption(&first);
        let OlmMessage::PreKey(prekey) = first else { return false };
        let prekey = ByteBuf::from(prekey.to_bytes());
        let answer = Answer(self.core.account.certificate.clone(), ask.id(), Some(prekey));
        let yes = Signed::answer(&answer, &ask_hash, &self.core.account.identity);
        let pair_key = ask::pair_key(ask.r(), &r, &ask_hash, &yes.hash());
        let now = self.core.now.wall;
        let row = self.pairings.next_row();
        self.add_pairing(Pairing::new(row, friend, session, &pair_key, own, host, now));
        let stored = StoredYes {
            ask: ask.id(),
            pairing: row,
            reply_tag: ask::reply_tag(ask.r()),
            to: ask.certificate().sealing_key,
            signed: yes,
            expires: now + self.core.config.friendship.ask_expiry,
        };
        self.let_fall(friend);
        self.drop_answers_in_outbox(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.become_friend();
            friend.ended = None;
            friend.yes = Some(stored.clone());
        });
        self.send_answer(friend, PacketService::FriendshipYes, &stored);
        self.send_waiting_again(friend);
        true
    }

    /// The request of a host that has said yes to ours meanwhile: both hold the keys already.
    fn accept_agreed(&mut self, friend: FriendId) {
        let host = self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.become_friend();
            friend.agreed = None;
            friend.host
        });
        if let Some(host) = host {
            self.links.outgrow(host, self.core.now.tick);
        }
        self.send_waiting_again(friend);
    }

    /// Says no, aloud or silently; always aloud to who takes us for a friend.
    pub(super) fn refuse_ask(&mut self, friend: FriendId, tell: bool) {
        let Some(record) = self.friends.get(friend) else { return };
        if record.agreed.is_some() {
            // It takes us for a friend, so that silence will not do.
            return self.end_friendship(friend);
        }
        let ask = record
            .received
            .as_ref()
            .and_then(|received| received.signed.read_ask().map(|ask| (ask, received.signed.hash())));
        let expires = self.core.now.wall + self.core.config.friendship.ask_expiry;
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.received = None;
            if friend.state == FriendState::RequestReceived {
                friend.state = FriendState::Unknown;
            }
        });
        let Some((ask, hash)) = ask.filter(|(ask, _)| tell || ask.kind() == AskKind::Reset) else { return };
        let answer = Answer(self.core.account.certificate.clone(), ask.id(), None);
        let signed = Signed::answer(&answer, &hash, &self.core.account.identity);
        let (reply_tag, to) = (ask::reply_tag(ask.r()), ask.certificate().sealing_key);
        let no = StoredYes { ask: ask.id(), pairing: StoredYes::OF_NO, reply_tag, to, signed, expires };
        self.drop_answers_in_outbox(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| friend.yes = Some(no.clone()));
        self.send_answer(friend, PacketService::FriendshipNo, &no);
    }

    /// An envelope came under the reply tag of an ASK of ours.
    pub(super) fn on_answer_envelope(&mut self, friend: FriendId, envelope: &Envelope) -> Reply {
        let Some(record) = self.friends.get(friend).filter(|friend| !friend.blocked).cloned() else {
            return Reply::Nothing;
        };
        let open = record.sent.as_ref().filter(|ask| ask::reply_tag(ask.r.as_bytes()) == envelope.tag).cloned();
        let hash = match (&open, &record.answered) {
            (Some(ask), _) => ask.hash,
            (None, Some(answered)) if answered.reply_tag == envelope.tag => answered.hash,
            _ => return Reply::Nothing,
        };
        let opened = ask::open_answer(envelope, record.host, hash.as_bytes(), &self.core.account);
        let Some((answer, signed, secret)) = opened else { return self.refuse("answer does not open") };
        let Some(sent) = open else {
            self.on_answer_again(&record, &answer, &signed);
            return Reply::Proof(secret);
        };
        if answer.1 != sent.id {
            return self.refuse("answer to another ask");
        }
        self.friends.on_certificate(&answer.0, &mut self.core.gate);
        match &answer.2 {
            Some(prekey) => self.on_yes(&record, &sent, &answer, prekey, &signed, secret),
            None => {
                self.on_no(&record, &sent);
                Reply::Proof(secret)
            }
        }
    }

    /// An answer to an ASK of ours that was answered before. If it is another YES, the friend works from an older copy of its
    /// database, to which that request was new: it holds keys that nobody else has, and a RESET gives it others. Ours are of no
    /// use to it, and say so from now on: the answer does not come again if this host goes before the RESET has left.
    fn on_answer_again(&mut self, record: &Friend, answer: &Answer, signed: &Signed) {
        let taken = record.answered.as_ref().and_then(|answered| answered.answer);
        if answer.2.is_some() && taken.is_some_and(|taken| taken != IdentityKey(signed.hash())) {
            self.retire_current(record.id);
            self.schedule_reset(record.id);
        }
    }

    /// A YES from a host that was restored from an older copy since, and asked us: it holds no keys of that YES any more.
    fn on_forgotten_yes(&mut self, friend: FriendId, answered: AnsweredAsk, secret: ProofSecret) -> Reply {
        self.drop_sent_ask(friend);
        self.friends.change(friend, &mut self.core.gate, |friend| {
            friend.answered = Some(answered);
            if friend.state == FriendState::RequestSent {
                friend.state =
                    if friend.received.is_some() { FriendState::RequestReceived } else { FriendState::Unknown };
            }
        });
        self.tell_friend(friend);
        Reply::Proof(secret)
    }

    fn on_yes(
        &mut self,
        record: &Friend,
        sent: &SentAsk,
        answer: &Answer,
        prekey: &[u8],
        signed: &Signed,
        secret: ProofSecret,
    ) -> Reply {
        let (own, now) = (self.core.account.identity.host_id(), self.core.now.wall);
        let friends = record.state == FriendState::Friend;
        let Ok(prekey) = PreKeyMessage::from_bytes(prekey) else { return self.refuse("answer does not open") };
        let olm_key = Curve25519PublicKey::from_bytes(answer.0.olm_key.0);
        let account = self.core.account.olm_mut();
        let Ok(inbound) = account.create_inbound_session(SessionConfig::version_1(), olm_key, &prekey) else {
            return self.refuse("answer does not open");
        };
        self.core.account.write_olm(&mut self.core.gate);
        let inner = codec::from_bytes::<PreKeyContent>(&inbound.plaintext, ENVELOPE_MAX);
        let named = |inner: &PreKeyContent| inner.0 == sent.hash && inner.1 == own && inner.2 == record.host;
        let Some(inner) = inner.ok().filter(named) else { return self.refuse("answer does not open") };
        let answered = AnsweredAsk {
            hash: sent.hash,
            reply_tag: ask::reply_tag(sent.r.as_bytes()),
            expires: now + self.core.config.friendship.ask_expiry,
            answer: Some(IdentityKey(signed.hash())),
        };
        if restored_since(inner.5, record.heard_ask) {
            return self.on_forgotten_yes(record.id, answered, secret);
        }
        // The other has asked anew since it said this yes, and we took that: it is what both hold now.
        let outdated = record.heard_ask > inner.5;
        let both = record.host < own && !restored_since(record.heard_ask, inner.5);
        if sent.cancelled && friends && (outdated || both) {
            // Both asked, and both said yes: what was agreed on the request of the smaller id stands.
            self.drop_sent_ask(record.id);
            self.friends.change(record.id, &mut self.core.gate, |friend| friend.answered = Some(answered));
            return Reply::Proof(secret);
        }
        let pair_key = ask::pair_key(sent.r.as_bytes(), inner.3.as_bytes(), sent.hash.as_bytes(), &signed.hash());
        let row = self.pairings.next_row();
        self.add_pairing(Pairing::new(row, record.id, inbound.session, &pair_key, own, record.host, now));
        let alias = names::normalize(&inner.4);
        let asks = record.state == FriendState::RequestReceived && record.received.is_some();
        // Our user took our request back and has not answered theirs.
        let undecided = sent.cancelled && sent.kind == AskKind::Friendship && asks;
        self.friends.change(record.id, &mut self.core.gate, |friend| {
            if undecided {
                friend.agreed = Some(row);
            } else {
                friend.become_friend();
            }
            friend.ended = None;
            friend.sent = None;
            friend.wants_to_ask = None;
            // An ASK of theirs that is still on its way is older than this answer, and they would not understand a YES to it.
            friend.heard_ask = friend.heard_ask.max(inner.5);
            friend.answered = Some(answered);
            if !alias.is_empty() && alias.len() <= ALIAS_MAX {
                friend.alias = alias;
            }
        });
        self.drop_asks_in_outbox(record.id);
        self.drop_answers_in_outbox(record.id);
        if undecided {
            return Reply::Proof(secret);
        }
        if sent.cancelled && !friends {
            self.end_friendship(record.id);
            return Reply::Proof(secret);
        }
        let gate = &mut self.core.gate;
        self.packets.add(PacketService::FriendshipYes, false, record.host, PacketState::ProcessComplete, now, gate);
        if sent.kind == AskKind::Reset {
            self.core.gate.event(Event::Notice(Notice::EncryptionReset { host: record.host }));
        }
        self.tell_friend(record.id);
        self.links.outgrow(record.host, self.core.now.tick);
        self.send_waiting_again(record.id);
        Reply::Proof(secret)
    }

    pub(super) fn on_no(&mut self, record: &Friend, sent: &SentAsk) {
        let (id, host, now) = (record.id, record.host, self.core.now.wall);
        let answered = AnsweredAsk {
            hash: sent.hash,
            reply_tag: ask::reply_tag(sent.r.as_bytes()),
            expires: now + self.core.config.friendship.ask_expiry,
            answer: None,
        };
        self.drop_sent_ask(id);
        let gate = &mut self.core.gate;
        self.packets.add(PacketService::FriendshipNo, false, host, PacketState::ProcessComplete, now, gate);
        match sent.kind {
            AskKind::Friendship => {
                self.friends.change(id, &mut self.core.gate, |friend| {
                    friend.answered = Some(answered);
                    if friend.state == FriendState::RequestSent {
                        friend.state =
                            if friend.received.is_some() { FriendState::RequestReceived } else { FriendState::Unknown };
                    }
                });
                self.core.gate.event(Event::Notice(Notice::AskRefused { host }));
            }
            AskKind::Reset => {
                // The other had ended the friendship and its END did not get through.
                self.friends.change(id, &mut self.core.gate, |friend| friend.answered = Some(answered));
                self.on_end(id);
            }
        }
        self.tell_friend(id);
    }
}

/// Whether a host whose ASK `heard` we know was restored from an older copy before its newest one was `newest`: only that
/// raises a generation by so much at once.
fn restored_since(heard: u64, newest: u64) -> bool {
    (newest >> 32).saturating_sub(heard >> 32) >= u64::from(RAISED)
}
