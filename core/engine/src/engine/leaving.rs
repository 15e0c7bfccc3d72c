//! Leaving: what waits here is handed to those who are here, then this host says good-bye (PROTOCOL.md, Hand-over).

use super::Engine;
use crate::api::{Event, Left, Outcome, PacketService};
use crate::carrying::Holding;
use crate::config::CustodyConfig;
use crate::crypto;
use crate::custody::{Prefix, prefix, seconds};
use crate::frame::{Control, Frame, OfferEntry, ReceiptStatus};
use crate::free_memory::{Room, told};
use crate::ids::{AckName, CommandId, EnvelopeName, HostId, LinkId};
use crate::leaving::{Fate, Item, Leaving};
use crate::limits::OFFER_MAX;
use crate::outbox::Entry;
use crate::packet::{PacketBody, Role};
use crate::presence::{Heard, Presence};

impl Engine {
    /// Leaves; at once if nothing waits here that somebody can be given, or if that was under way already.
    pub(super) fn leave(&mut self) -> CommandId {
        self.go();
        let command = self.next_command();
        let (nonce, now) = (crypto::random(&mut self.core.rng), self.core.now.tick);
        // A server comes back, with what it keeps.
        let hands_on = self.presence.heard() > 0 && !self.core.config.custody.is_server;
        self.leaving = Some(Leaving::new(command, nonce, hands_on, self.items(hands_on).into_iter(), now));
        if self.present {
            if hands_on {
                self.note_linked_takers();
            }
            self.hand_on();
        } else {
            self.go();
        }
        command
    }

    /// Goes, whatever is handed on by now.
    fn go(&mut self) {
        if self.leaving.is_some() && self.present {
            for link in self.links.ready_links() {
                self.send_frame(link, &Frame::Control(Control::Leaving));
            }
            self.presence.leave(&mut self.core.context());
            self.links.close_all(&mut self.core.context());
            self.present = false;
        }
        self.end_leaving();
    }

    /// Hands on nothing more.
    pub(super) fn end_leaving(&mut self) {
        let Some(leaving) = self.leaving.take() else { return };
        let (handed_on, carried) = leaving.handed_on();
        let alone = |entry: &Entry| entry.service == PacketService::TextMessage && entry.holders.is_empty();
        let kept = self.outbox.newest_first().filter(|(_, entry)| alone(entry)).count() as u64;
        let outcome = Outcome::Left(Left { handed_on, carried, kept });
        self.core.gate.event(Event::Done { command: leaving.command, outcome });
    }

    /// Does what is due of the handing over.
    pub(super) fn hand_on(&mut self) {
        let now = self.core.now.tick;
        let Some(leaving) = &mut self.leaving else { return };
        let fate = |row: u64| match self.outbox.entry(row).filter(|entry| !entry.given_up) {
            None => Fate::Done,
            Some(entry) => match self.friends.get(entry.friend).and_then(|friend| self.links.ready(friend.host)) {
                Some(_) => Fate::UnderWay,
                None => Fate::Waits,
            },
        };
        leaving.look(fate, now);
        let everybody = |leaving: &Leaving, presence: &Presence| leaving.takers() as u64 >= presence.heard();
        if leaving.asks_now(now) && !everybody(leaving, &self.presence) {
            let body = PacketBody::FreeMemoryAsk { nonce: leaving.nonce };
            self.presence.tell_all_reached(&body, &mut self.core.context());
        }
        let Some(leaving) = &mut self.leaving else { return };
        let answered = everybody(leaving, &self.presence);
        for host in leaving.assign(answered, now) {
            match self.links.ready(host) {
                Some(link) => self.offer_all_copies(link, host),
                None => {
                    self.carrying.sought.insert(host);
                    self.link_with(host);
                }
            }
        }
        if self.leaving.as_ref().is_some_and(|leaving| leaving.is_over(now)) {
            self.go();
        }
    }

    /// What waits here and nobody else is sure to have: own mail, newest first, then what is carried with copies to give if
    /// others are handed something.
    fn items(&self, hands_on: bool) -> Vec<Item> {
        let own = self.outbox.newest_first().filter_map(|(row, entry)| {
            let recipient = self.friends.get(entry.friend)?.host;
            let ack = prefix(entry.sealings.last()?.0.as_bytes());
            let safe = entry.holders.iter().any(|holder| holder.server)
                || entry.spray.copies == 0 && !entry.holders.is_empty();
            let waits = entry.envelope != 0 && !self.stamps.works_on(row) && !self.is_aged(entry);
            let text = entry.service == PacketService::TextMessage;
            let (id, length, holding) = (entry.envelope, entry.length, Holding::own(row));
            (waits && !safe).then_some(Item { id, ack, holding, length, recipient: Some(recipient), text })
        });
        let now = seconds(self.core.now.wall);
        let carried = self.carrying.custody.slots().filter(|(_, kept)| kept.expires > now && kept.copies > 0);
        let carried = carried.map(|(slot, kept)| Item {
            id: kept.id,
            ack: kept.ack,
            holding: Holding::carried(slot),
            length: kept.length,
            recipient: None,
            text: false,
        });
        own.chain(carried.filter(|_| hands_on && self.carries())).collect()
    }

    /// Who is linked has said at the beginning what it has room for; its own answer may get lost.
    fn note_linked_takers(&mut self) {
        let linked: Vec<_> = self.carrying.exchanges.values().map(|it| (it.host, it.free_memory)).collect();
        for (host, bytes) in linked {
            let believed = self.believed_room(host);
            if let Some(leaving) = &mut self.leaving {
                leaving.on_claim(host, Room { bytes, envelopes: u32::MAX }, believed);
            }
        }
    }

    /// A host says how much it would take.
    pub(super) fn on_free_memory(&mut self, host: HostId, nonce: [u8; 8], room: Room) {
        let believed = self.believed_room(host);
        match &mut self.leaving {
            Some(leaving) if leaving.nonce == nonce => {
                leaving.on_room(host, room, believed);
                self.hand_on();
            }
            _ => self.core.counters.bump("free memory nobody asked for"),
        }
    }

    /// A host is believed to take what clients or servers take by default: who boasts gets no more than who does not.
    fn believed_room(&self, host: HostId) -> Room {
        let role = self.presence.host(host).and_then(|host| host.beacon).map(|beacon| beacon.role);
        let (envelopes, bytes) = match role {
            Some(Role::Server) => CustodyConfig::server().quota(false),
            _ => CustodyConfig::default().quota(self.friends.is_friend(host)),
        };
        Room { bytes, envelopes }
    }

    /// Offers a host what it is to be handed.
    fn offer_all_copies(&mut self, link: LinkId, host: HostId) {
        let (Some(leaving), Some(exchange)) = (&mut self.leaving, self.carrying.exchanges.get_mut(&link)) else {
            return;
        };
        let room = OFFER_MAX.saturating_sub(exchange.offered.len() + exchange.giving.len());
        let offers = leaving.offer(host, room);
        if offers.is_empty() {
            return;
        }
        let entry = |item: &Item| OfferEntry {
            id: EnvelopeName(item.id.to_be_bytes()),
            ack: AckName(item.ack.to_be_bytes()),
            length: item.length,
        };
        let frame = Frame::Offer(offers.iter().map(entry).collect());
        exchange.offered.extend(offers.into_iter().map(|item| (item.id, item.holding)));
        self.send_frame(link, &frame);
    }

    /// What a host says to what it was offered or handed.
    pub(super) fn note_handed_on(&mut self, host: HostId, id: Prefix, status: ReceiptStatus) {
        let now = self.core.now.tick;
        let Some(leaving) = &mut self.leaving else { return };
        match status {
            ReceiptStatus::Stored => leaving.on_taken(host, id, now),
            ReceiptStatus::Duplicate => leaving.on_had(host, id, now),
            ReceiptStatus::Refused | ReceiptStatus::StorageFull | ReceiptStatus::QuotaFull => {
                leaving.on_refused(host, id);
            }
            ReceiptStatus::Lacking | ReceiptStatus::Held => leaving.on_shown(host, now),
        }
    }

    /// Somebody who leaves asks for room.
    pub(super) fn on_free_memory_ask(&mut self, heard: &Heard, nonce: [u8; 8]) {
        if self.room_for(heard.packet.sender).is_none() {
            return self.core.counters.bump("free memory asked: none");
        }
        self.free_memory.on_ask(heard, nonce, &self.presence, &mut self.core.context());
    }

    /// Tells those who leave how much would be taken from them.
    pub(super) fn tell_free_memory(&mut self) {
        for owed in self.free_memory.take_due(self.core.now.tick) {
            let room = self.room_for(owed.host);
            if self.present && !room.is_none() {
                owed.answer(room, &mut self.presence, &mut self.core.context());
            }
        }
    }

    fn room_for(&self, host: HostId) -> Room {
        if !self.carries() {
            return Room::default();
        }
        let room = self.carrying.custody.room_for(self.depositor(host), &self.core.config.custody);
        Room { bytes: told(room.bytes), ..room }
    }
}
