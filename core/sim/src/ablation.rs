//! Rules that a host can be made to break, one at a time, so that tests see which promise falls.
//!
//! Each is broken by what drives the engine (the store, the clock, the links), never in the engine: the product carries no
//! switch for it. (The option not taken: hooks in the engine for tests alone. They would be nearer to the rule that is broken,
//! but the engine that is tested would no longer be the one that is shipped.)

use permesso_engine::api::{Command, Event, FriendState, FriendView, PacketService};
use permesso_engine::envelope::Envelope;
use permesso_engine::frame::Frame;
use permesso_engine::rows::{Commit, Table, Write};
use permesso_engine::time::Millis;
use vodozemac::olm::OlmMessage;

use crate::pen::{self, Pen};
use crate::records::{self, OutboxRecord, PairingRecord};
use crate::world::World;

/// A rule that a host no longer keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ablation {
    /// The engine is told that a commit is durable before it is: proofs, and what was encrypted, leave too early.
    TellBeforeDurable,
    /// Duplicate marks, and what was proved, are not given back at a restart.
    ForgetMarks,
    /// Every ciphertext is opened as it arrives, whatever is missing below it.
    NoHoldBack,
    /// Bodies are gone from the store.
    LoseBodies,
    /// Nothing is ever removed from the store.
    NeverForget,
    /// Messages stand in the order of their arrival.
    OrderByArrival,
    /// Envelopes are handed out with more copies than they were made with.
    RaiseCopies,
    /// What should be sealed travels as it is.
    NoSealing,
    /// Notices are not passed on to the user.
    SwallowNotices,
    /// Every datagram to one host is sent ten times.
    TenfoldAnswers,
    /// Somebody says yes to requests in the user's place.
    SayYesForTheUser,
    /// Beacons follow each other without the pause the protocol asks for.
    HastyBeacons,
    /// No link is ever dialled.
    NeverDial,
    /// Links do not prove the keys of their ends: the adversary comes under the key of somebody else.
    UnprovedKeys,
    /// The keys of a host are in other hands, which write in its name.
    StolenKeys,
    /// A network far away counts as the host's own.
    ForeignNetwork,
    /// What tells a friend that the friendship has ended is not stored.
    LoseEnds,
    /// The user is not told what is odd about a name.
    SwallowFlags,
    /// What a host makes carries its id for whoever carries it.
    NamesItself,
    /// What others left with a host is handed to nobody.
    KeepsMail,
    /// What others leave with a host is not stored.
    LoseCustody,
}

impl World {
    /// Makes a host break a rule from now on; best before it is first switched on.
    pub fn ablate(&mut self, host: usize, ablation: Ablation) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        if ablation == Ablation::HastyBeacons {
            state.config.presence.beacon_min = Millis(500);
            state.config.presence.beacon_per_host = Millis(0);
        }
        state.ablations.insert(ablation);
    }

    /// Links hand over the newest envelopes of a FORWARD first from now on: carriers keep no order.
    pub fn reverse_forwards(&mut self) {
        self.reversed = true;
    }

    /// A commit as a store that breaks rules takes it.
    pub(crate) fn ablated_commit(&self, host: usize, mut commit: Commit) -> Commit {
        if self.is_ablated(host, Ablation::NeverForget) {
            commit.writes.retain(|write| {
                !matches!(write, Write::Delete(_) | Write::RemoveMessage(_) | Write::PruneMarks { .. })
            });
        }
        if self.is_ablated(host, Ablation::LoseEnds) {
            let is_end = |value: &[u8]| {
                let record = ciborium::from_reader::<OutboxRecord, _>(value);
                record.is_ok_and(|record| record.service == PacketService::FriendshipEnd)
            };
            commit.writes.retain(|write| match write {
                Write::Put { key, value, .. } => key.table != Table::Outbox || !is_end(value),
                _ => true,
            });
        }
        if self.is_ablated(host, Ablation::LoseCustody) {
            commit.writes.retain(|write| !matches!(write, Write::Put { key, .. } if key.table == Table::Custody));
        }
        if self.is_ablated(host, Ablation::OrderByArrival) {
            for write in &mut commit.writes {
                match write {
                    Write::AddMessage(row) => row.order = row.key.0,
                    Write::UpdateMessage { key, order, .. } => *order = key.0,
                    _ => {}
                }
            }
        }
        commit
    }

    /// A frame as it leaves a host that breaks rules, or as a recipient takes it that does.
    pub(crate) fn ablated_frame(&mut self, host: usize, peer: usize, bytes: Vec<u8>) -> Vec<u8> {
        let raises = self.is_ablated(host, Ablation::RaiseCopies);
        let unsealed = self.is_ablated(host, Ablation::NoSealing);
        let (stolen, named) =
            (self.is_ablated(host, Ablation::StolenKeys), self.is_ablated(host, Ablation::NamesItself));
        let (eager, keeps) = (self.is_ablated(peer, Ablation::NoHoldBack), self.is_ablated(host, Ablation::KeepsMail));
        if !(raises || unsealed || stolen || named || eager || keeps || self.reversed) {
            return bytes;
        }
        let Ok(Frame::Forward(mut envelopes)) = Frame::decode(&bytes) else { return bytes };
        if keeps {
            envelopes.retain(|envelope| self.letters.get(&envelope.id()).is_some_and(|(maker, _)| *maker == host));
        }
        for envelope in &mut envelopes {
            if raises {
                envelope.copies = u16::MAX;
            }
            if unsealed && let Some(content) = self.content_of(host, envelope) {
                envelope.body = content;
            }
            if eager && let Some(changed) = self.without_lowest(host, envelope) {
                *envelope = changed;
            }
            if named {
                envelope.body.extend_from_slice(self.id(host).as_bytes());
            }
        }
        if stolen {
            envelopes.extend(self.forged(host, peer));
        }
        if self.reversed {
            envelopes.reverse();
        }
        Frame::Forward(envelopes).encode()
    }

    fn content_of(&self, host: usize, envelope: &Envelope) -> Option<Vec<u8>> {
        let records = self.hosts.get(host)?.store.records(Table::Outbox);
        let bodies = records.filter_map(|(_, _, body)| records::outbox_body(body));
        bodies.into_iter().find(|(sealed, _)| sealed == envelope).map(|(_, content)| content)
    }

    /// The same envelope, saying that nothing below its own index is alive: its recipient then opens it at once.
    fn without_lowest(&mut self, host: usize, envelope: &Envelope) -> Option<Envelope> {
        let store = &self.hosts.get(host)?.store;
        let pairings = records::all::<PairingRecord>(store, Table::Pairing);
        let epoch = pairings.flat_map(|(_, pairing)| pairing.sending()).find(|epoch| epoch.tag == envelope.tag)?;
        let mut body = pen::open_body(envelope, &epoch)?;
        body.4 = match OlmMessage::from_parts(body.5.into(), &body.6).ok()? {
            OlmMessage::Normal(message) => message.chain_index(),
            OlmMessage::PreKey(message) => message.message().chain_index(),
        };
        Pen::new(self.random.seed()).seal(&epoch, &body, envelope.ack_hash)
    }

    /// A well-made message in the name of a host, which that host has not written. Its ratchet stays as it was.
    fn forged(&mut self, host: usize, peer: usize) -> Option<Envelope> {
        let (own, seed) = (self.id(host), self.random.seed());
        let store = &self.hosts.get(host)?.store;
        let (_, pairing) = records::pairing(store, records::friend(store, self.id(peer))?.id)?;
        let (epoch, floor) = (pairing.sending().pop()?, pairing.send.floor);
        let mut pen = Pen::new(seed);
        let (content, id) = pen::text(own, &mut pen, "forged");
        pen.message(&mut pairing.session(), &epoch, floor, &content, id)
    }

    /// An event as a driver passes it on that keeps things from the user.
    pub(crate) fn ablated_view(&self, host: usize, event: Event) -> Event {
        match event {
            Event::FriendChanged(view) if self.is_ablated(host, Ablation::SwallowFlags) => {
                Event::FriendChanged(FriendView { flags: Vec::new(), ..view })
            }
            event => event,
        }
    }

    /// The driver acts for the user: it says yes, or says nothing.
    pub(crate) fn ablated_event(&mut self, host: usize, event: &Event) -> bool {
        if let Event::FriendChanged(view) = event
            && view.state == FriendState::RequestReceived
            && self.is_ablated(host, Ablation::SayYesForTheUser)
            && let Some((engine, now)) = self.engine(host)
        {
            let _ =
                engine.handle_command(Command::AnswerFriendship { host: view.host, accept: true, tell: false }, now);
        }
        // Who is told too early what is durable still tells its user when it is.
        if self.is_ablated(host, Ablation::TellBeforeDurable)
            && let Some(state) = self.hosts.get_mut(host).filter(|state| !state.in_flight.is_empty())
        {
            state.late_events.push(event.clone());
            return true;
        }
        matches!(event, Event::Notice(_)) && self.is_ablated(host, Ablation::SwallowNotices)
    }
}
