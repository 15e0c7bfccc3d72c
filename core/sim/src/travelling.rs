//! What is checked of everything that travels between two hosts: that it arrives where nothing stands in its way (I3), that
//! copies do not grow (I7), and that nothing in it can be read by who carries it (I12).

use permesso_engine::api::{Event, FriendState, PacketService};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::Frame;
use permesso_engine::ids::EnvelopeId;
use permesso_engine::rows::{Commit, RecordKey, Table, Write};

use crate::copies::name_of;
use crate::links::BYTES_PER_MS;
use crate::promise::Promise;
use crate::records::{self, HeldRecord, OutboxRecord, PairingRecord};
use crate::traffic::frame_kind;
use crate::world::World;

const HOUR: u64 = 3_600_000;

/// In every text and greeting of a world; in nothing that travels.
pub const SECRET: &str = "unter uns gesagt";
/// Names shorter than this turn up in ciphertexts by chance.
const NAME_MIN: usize = 6;
/// A link has a second (PROTOCOL.md, I3) beside the time its queue takes.
const GRACE: u64 = 1_000;

impl World {
    /// A link ends here. If nothing stood in its way for long enough, what waited for it has arrived.
    pub(crate) fn check_wanted(&mut self, link: u64) {
        let Some((a, b, since)) = self.clear_link(link) else { return };
        for (from, to) in [(a, b), (b, a)] {
            let still = |host: usize| {
                self.hosts.get(host).is_some_and(|state| {
                    state.disturbed_at <= since && state.asleep_until <= self.now && !state.rolled_back
                })
            };
            if self.is_honest(from) && self.is_honest(to) && still(from) && still(to) {
                let looked_at = [self.left_behind(from, to, since), self.carried_past(from, to, since)];
                for broken in looked_at.into_iter().flatten() {
                    self.oracle.check(Promise::LinkDelivers, self.now, to, broken);
                }
            }
        }
    }

    /// What a recipient wants, its sender has had for long enough, and the link did not bring. `None` if the link did not
    /// last or the two are not friends.
    fn left_behind(&self, from: usize, to: usize, since: u64) -> Option<Option<String>> {
        let lasted = self.now - since;
        let (sender, recipient) = (&self.hosts.get(from)?.store, &self.hosts.get(to)?.store);
        let is_friend = |friend: &records::FriendRecord| friend.state == FriendState::Friend && !friend.blocked;
        let there = records::friend(sender, self.id(to)).filter(is_friend)?;
        let here = records::friend(recipient, self.id(from)).filter(is_friend)?;
        let friends_since = self.friends_since(from, to).max(self.friends_since(to, from));
        let waiting = records::waiting(sender, there.id);
        let queue: usize = waiting.iter().map(|(_, envelope)| envelope.encoded_length()).sum();
        let span = GRACE + queue as u64 / (BYTES_PER_MS / 2);
        if lasted < span || friends_since + span > self.now {
            return None;
        }
        // What is sealed under keys that were just agreed on has waited no longer than they.
        let old = |host: usize, row: u64| self.paired_at.get(&(host, row)).is_some_and(|at| at + span <= self.now);
        let wanted = records::wanted(recipient, here.id, |row| old(to, row));
        let retired = |row: u64| {
            let mut pairings = records::all::<PairingRecord>(sender, Table::Pairing);
            !old(from, row) || pairings.any(|(at, pairing)| at == row && pairing.retired.is_some())
        };
        let held = |message| {
            let mut held = records::all::<HeldRecord>(recipient, Table::Held);
            held.any(|(_, held)| held.friend == here.id && held.message == message)
        };
        let missing = waiting.iter().find(|(entry, envelope)| {
            entry.service == PacketService::TextMessage
                && self.oracle.stored_at(from, to, entry.message).is_some_and(|at| at + span <= self.now)
                && wanted.contains(&envelope.tag)
                // Offered on an earlier link and left unproved there: offered again after the stated pause (PROTOCOL.md,
                // Sessions, "Sending again").
                && self.forwarded.get(&(envelope.id(), to)).is_none_or(|first| *first >= since)
                && !entry.pairing.as_ref().is_some_and(|(row, _)| retired(*row))
                && !self.oracle.has_received(to, from, entry.message)
                && !held(entry.message)
        });
        Some(missing.map(|(entry, _)| {
            format!("message {} of host {from} was not committed on a link that lasted {lasted} ms", entry.message)
        }))
    }

    /// The same of what a carrier or a server has of others for this recipient. `None` if there is nothing, or the link did
    /// not last.
    fn carried_past(&self, from: usize, to: usize, since: u64) -> Option<Option<String>> {
        let (carrier, recipient) = (&self.hosts.get(from)?.store, &self.hosts.get(to)?.store);
        let kept = carrier.records(Table::Custody).filter_map(|(_, _, body)| Envelope::decode(body).ok());
        let due: Vec<_> = kept
            .filter_map(|envelope| {
                let (maker, message) = *self.letters.get(&envelope.id())?;
                // Of what somebody else makes, or makes again from an older copy of its keys, nothing is known.
                let maker_state = self.hosts.get(maker).filter(|state| self.is_honest(maker) && !state.rolled_back);
                let is_due = maker_state.is_some()
                    && self.oracle.stored_at(maker, to, message).is_some()
                    && !self.oracle.has_received(to, maker, message);
                is_due.then_some((envelope, maker, message))
            })
            .collect();
        let queue: usize = due.iter().map(|(envelope, ..)| envelope.encoded_length()).sum();
        let span = GRACE + queue as u64 / (BYTES_PER_MS / 2);
        if due.is_empty() || self.now - since < span {
            return None;
        }
        let old = |row: u64| self.paired_at.get(&(to, row)).is_some_and(|at| at + span <= self.now);
        let missing = due.into_iter().find(|(envelope, maker, message)| {
            let of_maker = records::friend(recipient, self.id(*maker));
            let friend = of_maker.filter(|friend| friend.state == FriendState::Friend && !friend.blocked);
            self.kept_at.get(&(envelope.id(), from)).is_some_and(|at| at + span <= self.now)
                && self.friends_since(to, *maker) + span <= self.now
                // A carrier can do no more than hand it over; whether it opens is a matter of the two friends.
                && !self.forwarded.contains_key(&(envelope.id(), to))
                && friend.is_some_and(|friend| {
                    records::wanted(recipient, friend.id, old).contains(&envelope.tag)
                        && !records::all::<HeldRecord>(recipient, Table::Held)
                            .any(|(_, held)| held.friend == friend.id && held.message == *message)
                })
        });
        let lasted = self.now - since;
        Some(missing.map(|(_, maker, message)| {
            format!(
                "message {message} of host {maker}, carried by {from}, was not committed on a link that lasted {lasted} ms"
            )
        }))
    }

    /// Since when a host holds another for a friend; whom it does not hold for one, it will do so later at the earliest.
    fn friends_since(&self, host: usize, friend: usize) -> u64 {
        self.friends_since.get(&(host, self.id(friend))).copied().unwrap_or(self.now)
    }

    /// A host has made something durable: who is its friend, which message is in an envelope of its own, what it keeps of others,
    /// and what it knows to have arrived.
    pub(crate) fn note_letters(&mut self, host: usize, commit: &Commit) {
        for write in &commit.writes {
            match write {
                Write::Put { key: RecordKey { table: Table::Friend, .. }, value, .. } => self.note_friend(host, value),
                Write::Delete(RecordKey { table: Table::Friend, row }) => self.note_no_friend(host, *row),
                Write::Put { key: RecordKey { table: Table::Proof, .. }, value, .. } => {
                    self.proved.extend(records::proved(value).map(|id| (id, host)));
                }
                _ => {}
            }
            let Write::Put { key, value, body: Some(body) } = write else { continue };
            if key.table == Table::Custody
                && let Ok(envelope) = Envelope::decode(body)
            {
                self.kept_at.insert((envelope.id(), host), self.now);
            }
            if key.table != Table::Outbox {
                continue;
            }
            let record: Option<OutboxRecord> = ciborium::from_reader(value.as_slice()).ok();
            let text = record.filter(|record| record.service == PacketService::TextMessage);
            if let (Some(record), Some((envelope, _))) = (text, records::outbox_body(body)) {
                self.letters.insert(envelope.id(), (host, record.message));
            }
        }
    }

    fn note_friend(&mut self, host: usize, value: &[u8]) {
        let Ok(friend) = ciborium::from_reader::<records::FriendRecord, _>(value) else { return };
        let key = (host, friend.host);
        if friend.state == FriendState::Friend && !friend.blocked {
            self.friends_since.entry(key).or_insert(self.now);
        } else {
            self.friends_since.remove(&key);
        }
    }

    fn note_no_friend(&mut self, host: usize, row: u64) {
        let Some(state) = self.hosts.get(host) else { return };
        let mut friends = records::all::<records::FriendRecord>(&state.store, Table::Friend);
        if let Some((_, friend)) = friends.find(|(at, _)| *at == row) {
            self.friends_since.remove(&(host, friend.host));
        }
    }

    /// A host tells its user who holds a message: each of them has stored a sealing of it, or that it arrived. If the proof comes while
    /// it takes the envelope, the two are made durable as what is left of them.
    pub(crate) fn check_holders(&mut self, host: usize, event: &Event) {
        let Event::MessageChanged { message, holders, .. } = event else { return };
        for holder in holders {
            let Some(at) = self.ids.get(&holder.host).copied().filter(|at| self.is_honest(*at)) else { continue };
            let sealings = self.letters.iter().filter(|(_, letter)| **letter == (host, *message));
            let name = |id: &EnvelopeId| u64::from_be_bytes(name_of(*id).0);
            let has = |id: &EnvelopeId| self.kept_at.contains_key(&(*id, at)) || self.proved.contains(&(name(id), at));
            let stored = sealings.into_iter().any(|(id, _)| has(id));
            let broken = (!stored).then(|| format!("message {message} of host {host} is said to be held by host {at}"));
            self.oracle.check(Promise::HeldIsStored, self.now, host, broken);
        }
    }

    /// A frame of a host leaves.
    pub(crate) fn check_frame(&mut self, host: usize, peer: usize, link: u64, bytes: &[u8]) {
        self.check_secrecy(host, bytes);
        if frame_kind(bytes) != "FORWARD" || !self.is_honest(host) {
            return;
        }
        let Ok(Frame::Forward(envelopes)) = Frame::decode(bytes) else { return };
        for envelope in envelopes {
            self.forwarded.entry((envelope.id(), peer)).or_insert(self.now);
            let made_with = self.made_with(host, &envelope);
            self.oracle.hand_out(self.now, host, made_with, &envelope);
            self.oracle.copies.handed_on(host, link, &envelope);
            self.note_handed_over(host, peer, &envelope);
            let named = self.names_its_sender(host, &envelope);
            self.oracle.check(Promise::CarriersLearnNothing, self.now, host, named);
        }
    }

    /// Counts what a carrier or a server hands over to the very host that it is for.
    fn note_handed_over(&mut self, host: usize, peer: usize, envelope: &Envelope) {
        let Some(maker) = self.oracle.copies.maker(envelope.id()).filter(|maker| *maker != host) else { return };
        let Some(store) = self.hosts.get(peer).map(|state| &state.store) else { return };
        let friend = records::friend(store, self.id(maker)).map(|friend| friend.id);
        if friend.is_some_and(|friend| records::wanted(store, friend, |_| true).contains(&envelope.tag)) {
            let server = self.hosts.get(host).is_some_and(|state| state.config.custody.is_server);
            self.saw(if server { "custody: server delivers" } else { "custody: carrier delivers" });
        }
    }

    /// With how many copies a host has made this envelope, if it has: 24, or 8 if it had been on the air for a day by then, for
    /// in worlds like this there are few. What it had to be told of its time on the air may be an hour old.
    fn made_with(&self, host: usize, envelope: &Envelope) -> u32 {
        const LIFETIME: u64 = 72 * HOUR;
        const DAY_AND_MARGIN: u64 = 26 * HOUR;
        const WEEK: u64 = 7 * 24 * HOUR;
        let age = LIFETIME.saturating_sub(u64::from(envelope.lifetime) * 1_000);
        let on_air = self.hosts.get(host).map_or(0, |state| state.on_air(self.now));
        let few = self.hosts.len() <= 50 && self.now < WEEK;
        if few && on_air.saturating_sub(age) >= DAY_AND_MARGIN { 8 } else { 24 }
    }

    /// A frame of a peer reaches a host.
    pub(crate) fn note_frame(&mut self, host: usize, peer: usize, link: u64, bytes: &[u8]) {
        if !["FORWARD", "RECEIPT"].contains(&frame_kind(bytes)) {
            return;
        }
        match Frame::decode(bytes) {
            Ok(Frame::Forward(envelopes)) => {
                envelopes.iter().for_each(|envelope| self.oracle.copies.arrived(host, envelope));
            }
            Ok(Frame::Receipt(receipts)) => {
                let refused = receipts.iter().filter(|receipt| receipt.status.is_refusal());
                refused.for_each(|receipt| self.oracle.copies.taken_back(host, peer, link, receipt.id));
            }
            _ => {}
        }
    }

    pub(crate) fn check_secrecy(&mut self, host: usize, bytes: &[u8]) {
        let open = contains(bytes, SECRET.as_bytes());
        let broken = open.then(|| "what friends say to each other travels in clear".to_string());
        self.oracle.check(Promise::CarriersLearnNothing, self.now, host, broken);
    }

    fn names_its_sender(&self, host: usize, envelope: &Envelope) -> Option<String> {
        // What others made may name this host: a request to it, of which a malicious host has made a message.
        self.oracle.copies.maker(envelope.id()).filter(|maker| *maker == host)?;
        let state = self.hosts.get(host)?;
        let bytes = envelope.encode();
        let alias = self.running(host).map(|engine| engine.settings().alias.clone()).unwrap_or_default();
        let id = self.id(host);
        let named = [
            ("id", id.as_bytes().as_slice()),
            ("key", state.key.as_ref().map_or(&[], |key| key.as_bytes())),
            ("alias", if alias.len() < NAME_MIN { &[] } else { alias.as_bytes() }),
        ];
        let (what, _) = named.into_iter().find(|(_, name)| !name.is_empty() && contains(&bytes, name))?;
        let class = if envelope.class == Class::Ask { "a request" } else { "a message" };
        Some(format!("the envelope of {class} shows the {what} of its sender"))
    }
}

pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}
