//! Giving: the envelopes that a peer wants or was promised leave in FORWARDs, and their bodies are read for that.

use super::Engine;
use super::receive::Reply;
use crate::api::Transmit;
use crate::carrying::{Gift, Holding, Whose};
use crate::custody::{self, Prefix, prefix, seconds};
use crate::envelope::Envelope;
use crate::frame::Frame;
use crate::ids::LinkId;
use crate::limits::{FORWARD_MAX, FRAME_MAX};
use crate::links::credit_of;
use crate::outbox;
use crate::rows::RecordKey;

/// Bytes of a FORWARD around its envelopes.
const FORWARD_OVERHEAD: usize = 16;

impl Engine {
    /// Sends what a peer is given or wants, within the link's credit.
    pub(super) fn give(&mut self, link: LinkId) {
        while let Some(envelopes) = self.next_gifts(link) {
            let bytes = Frame::Forward(envelopes).encode();
            let now = self.core.now.tick;
            let Some(state) = self.links.link_mut(link) else { return };
            state.credit -= credit_of(bytes.len());
            state.active = now;
            self.core.gate.transmit(Transmit::Frame { link, bytes });
        }
    }

    fn next_gifts(&mut self, link: LinkId) -> Option<Vec<Envelope>> {
        let most = (self.core.config.links.forward_max as usize).clamp(1, FORWARD_MAX);
        loop {
            let state = self.links.link(link)?;
            if state.credit <= 0 || state.closing {
                return None;
            }
            let exchange = self.carrying.exchanges.get(&link).filter(|exchange| exchange.reading == 0)?;
            let wanted = |id| Gift { id, copies: 0, best: 0 };
            let pushing = exchange.pushing.iter().map(|(slot, id)| (Holding::carried(*slot), wanted(*id), true));
            let giving = exchange.giving.iter().map(|(holding, gift)| (*holding, *gift, false));
            let next: Vec<(Holding, Gift, bool)> = pushing.chain(giving).take(most).collect();
            if next.is_empty() {
                return None;
            }
            // Of what is no longer here there may have been a whole batch; then the next one is looked at.
            let batch = self.batch_of(link, next);
            if !batch.is_empty() {
                return Some(batch);
            }
        }
    }

    /// Those of the next gifts that are in memory and fit one frame; the others that fit are read for the next.
    fn batch_of(&mut self, link: LinkId, next: Vec<(Holding, Gift, bool)>) -> Vec<Envelope> {
        let (mut batch, mut length) = (Vec::new(), FORWARD_OVERHEAD);
        for (holding, gift, pushed) in next {
            let found = self.envelope_of(link, holding, gift);
            length += match &found {
                Some(Ok(envelope)) => envelope.encoded_length(),
                Some(Err((_, bytes))) => usize::from(*bytes),
                None => 0,
            };
            if length > FRAME_MAX {
                break;
            }
            match found {
                Some(Ok(envelope)) => {
                    batch.push(envelope);
                    self.given(link, holding, gift.id, pushed);
                }
                Some(Err((key, _))) => self.read_for(link, holding, key),
                None => self.given(link, holding, gift.id, false),
            }
        }
        batch
    }

    /// Has a body read that is to be forwarded on a link.
    fn read_for(&mut self, link: LinkId, holding: Holding, key: RecordKey) {
        if let Some(exchange) = self.carrying.exchanges.get_mut(&link) {
            exchange.reading += 1;
            self.carrying.readers.entry(holding).or_default().push(link);
            match holding.whose() {
                // While a recipient takes its mail and proves it, there is always something that is not yet durable.
                Whose::Carried(_) => self.fetches.ask_early(key, &mut self.core.gate),
                Whose::Own(_) => self.fetches.ask(key, &mut self.core.gate),
            }
        }
    }

    /// An envelope as it is handed on; where to read it, and how long it is, if it is not in memory; nothing if it is no longer
    /// here.
    fn envelope_of(&self, link: LinkId, holding: Holding, gift: Gift) -> Option<Result<Envelope, (RecordKey, u16)>> {
        let read = || self.carrying.exchanges.get(&link)?.bodies.get(&gift.id);
        let (cached, key, lifetime, length) = match holding.whose() {
            Whose::Own(row) => {
                let entry = self.outbox.entry(row).filter(|entry| entry.envelope == gift.id && !entry.given_up)?;
                let entry = Some(entry).filter(|entry| !self.is_aged(entry))?;
                (self.outbox.cached(row).or_else(read), outbox::key(row), self.remaining(entry), entry.length)
            }
            Whose::Carried(slot) => {
                let now = seconds(self.core.now.wall);
                let kept = self.carrying.custody.get(slot).filter(|kept| kept.id == gift.id && kept.expires > now)?;
                (self.carrying.cached(slot).or_else(read), custody::key(slot), kept.expires - now, kept.length)
            }
        };
        let Gift { copies, best, .. } = gift;
        Some(cached.cloned().map(|envelope| Envelope { lifetime, copies, best, ..envelope }).ok_or((key, length)))
    }

    fn given(&mut self, link: LinkId, holding: Holding, id: Prefix, pushed: bool) {
        let Some(exchange) = self.carrying.exchanges.get_mut(&link) else { return };
        exchange.giving.remove(&holding);
        exchange.bodies.remove(&id);
        if let Whose::Carried(slot) = holding.whose() {
            exchange.pushing.remove(&(slot, id));
            if pushed {
                exchange.pushed.insert(id);
            }
        }
    }

    /// A body in custody was read back.
    pub(super) fn on_custody_fetched(&mut self, row: u64, body: Option<Vec<u8>>, early: bool) {
        let Ok(slot) = u32::try_from(row) else { return };
        let envelope = self.read_back(slot, body);
        if envelope.is_none() && self.carrying.custody.get(slot).is_some() {
            // What was read may have lain there before: the slot was emptied and filled again meanwhile.
            if early || self.carrying.reread.insert(slot) {
                return self.fetches.ask(custody::key(slot), &mut self.core.gate);
            }
            self.core.counters.bump("envelope in custody unreadable");
            self.end_custody(slot);
        }
        self.carrying.reread.remove(&slot);
        if let Some((_, envelope)) = &envelope {
            if self.carrying.mine.remove(&slot) {
                if let Reply::Proof(secret) = self.on_envelope(None, envelope) {
                    self.end_custody(slot);
                    self.publish(&[secret]);
                }
            } else if !self.core.config.custody.is_server {
                // A carrier gives one envelope to many; a server gives it to its recipient.
                self.carrying.remember(slot, envelope.clone());
            }
        }
        self.give_to_waiting(Holding::carried(slot), envelope);
    }

    /// What was read from a slot, if it is what lies there.
    fn read_back(&self, slot: u32, body: Option<Vec<u8>>) -> Option<(Prefix, Envelope)> {
        let id = self.carrying.custody.get(slot)?.id;
        let envelope = Envelope::decode(&body?).ok()?;
        (prefix(envelope.id().as_bytes()) == id).then_some((id, envelope))
    }

    /// A body was read that links may wait for; what could not be read is not given.
    pub(super) fn give_to_waiting(&mut self, holding: Holding, body: Option<(Prefix, Envelope)>) {
        for link in self.carrying.readers.remove(&holding).unwrap_or_default() {
            let Some(exchange) = self.carrying.exchanges.get_mut(&link) else { continue };
            exchange.reading = exchange.reading.saturating_sub(1);
            match &body {
                Some((id, envelope)) => drop(exchange.bodies.insert(*id, envelope.clone())),
                None => drop(exchange.giving.remove(&holding)),
            }
            if exchange.reading == 0 {
                self.carrying.to_give.insert(link);
            }
        }
    }
}
