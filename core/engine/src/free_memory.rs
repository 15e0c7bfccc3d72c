//! Who leaves asks who has room for its mail; this is the side that answers (PROTOCOL.md, Free memory).

use std::collections::VecDeque;

use crate::answered::{Answered, Unanswered};
use crate::api::{Cast, NetAddr, Transmit, Wake};
use crate::context::Context;
use crate::ids::HostId;
use crate::packet::PacketBody;
use crate::presence::{Heard, Presence, below};
use crate::time::{Millis, Tick};

/// Answers are spread over this. It is less than for a JOIN, because who leaves waits for 2 s at most.
pub(crate) const SPREAD: Millis = Millis(150);
/// Answers to one address in a minute: two hosts behind it that leave and come back.
const ANSWERS_PER_MINUTE: u32 = 4;
/// Where more hosts are online, each answers with a chance of so many in all: mail is handed to that many at most.
const ANSWERERS: u64 = 8;
/// Answers that wait for their turn.
const ANSWERS_MAX: usize = 64;

/// Free memory is told in whole steps of so many bytes: the exact number would tell who hears it twice what came between.
const STEP: u64 = 4_096;

/// So many free bytes, as others are told.
pub(crate) fn told(bytes: u64) -> u64 {
    bytes - bytes % STEP
}

/// How much of one host's envelopes would be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Room {
    pub(crate) bytes: u64,
    pub(crate) envelopes: u32,
}

impl Room {
    pub(crate) fn is_none(self) -> bool {
        self.bytes == 0 || self.envelopes == 0
    }

    /// The less of both.
    pub(crate) fn min(self, other: Self) -> Self {
        Self { bytes: self.bytes.min(other.bytes), envelopes: self.envelopes.min(other.envelopes) }
    }

    /// What is left when an envelope of so many bytes has its place; nothing if it does not fit.
    pub(crate) fn less(self, length: u64) -> Option<Self> {
        Some(Self { bytes: self.bytes.checked_sub(length)?, envelopes: self.envelopes.checked_sub(1)? })
    }
}

/// An answer owed to a host that leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owed {
    due: Tick,
    to: NetAddr,
    pub(crate) host: HostId,
    nonce: [u8; 8],
    received: usize,
}

/// The answers owed to hosts that leave.
#[derive(Debug, Default)]
pub(crate) struct FreeMemory {
    owed: VecDeque<Owed>,
    answered: Answered,
}

impl FreeMemory {
    /// Somebody asks: plans an answer, if the asker may know that this host is here.
    pub(crate) fn on_ask(&mut self, heard: &Heard, nonce: [u8; 8], presence: &Presence, ctx: &mut Context) {
        let host = heard.packet.sender;
        if !presence.may_tell(host, ctx) {
            return;
        }
        if heard.cast != Cast::Unicast && !presence.is_on_link(&heard.from) {
            return ctx.counters.bump("free memory asked by broadcast from off-link");
        }
        if self.owed.len() >= ANSWERS_MAX {
            return ctx.counters.bump("free memory not told: too many ask");
        }
        match self.answered.take(&heard.from, &nonce, ANSWERS_PER_MINUTE, ctx.now.tick) {
            Ok(()) => {}
            Err(Unanswered::Repeated) => return,
            Err(Unanswered::AboveRate | Unanswered::TooMany) => {
                return ctx.counters.bump("free memory not told: too many ask");
            }
        }
        let online = presence.heard();
        if heard.cast != Cast::Unicast && online > ANSWERERS && below(ctx, online) >= ANSWERERS {
            return ctx.counters.bump("free memory left to others to tell");
        }
        let due = ctx.now.tick + Millis(below(ctx, SPREAD.0));
        self.owed.push_back(Owed { due, to: heard.from, host, nonce, received: heard.length });
    }

    /// The answers that are due.
    pub(crate) fn take_due(&mut self, now: Tick) -> Vec<Owed> {
        let (due, owed) = std::mem::take(&mut self.owed).into_iter().partition(|owed| owed.due <= now);
        self.owed = owed;
        Vec::from_iter::<VecDeque<Owed>>(due)
    }

    pub(crate) fn next_timeout(&self) -> Option<(Tick, Wake)> {
        self.owed.iter().map(|owed| owed.due).min().map(|due| (due, Wake::Delivery))
    }
}

impl Owed {
    /// Says how much this host would take.
    pub(crate) fn answer(&self, room: Room, presence: &mut Presence, ctx: &mut Context) {
        let Room { bytes, envelopes } = room;
        let body = PacketBody::FreeMemoryResponse { nonce: self.nonce, bytes, envelopes };
        let packet = presence.make(ctx, self.host, body);
        if presence.may_answer(&self.to, self.received, packet.len()) {
            ctx.gate.transmit(Transmit::Datagram { to: self.to, bytes: packet });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_used_up_by_bytes_or_by_envelopes_whichever_comes_first() {
        let room = Room { bytes: 100, envelopes: 2 };
        assert_eq!(room.less(101), None);
        let rest = room.less(60).unwrap();
        assert_eq!(rest, Room { bytes: 40, envelopes: 1 });
        assert_eq!(rest.less(40).unwrap().less(0), None);
        assert!(rest.less(40).unwrap().is_none() && !rest.is_none());
    }
}
