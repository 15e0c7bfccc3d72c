//! The state of carrying: other people's envelopes, what is wanted and offered on each link, and what peers know.

use std::collections::{BTreeMap, BTreeSet};

use crate::acquaintances::Acquaintances;
use crate::custody::{Custody, Prefix};
use crate::envelope::Envelope;
use crate::ids::{HostId, LinkId};
use crate::meetings::Meetings;
use crate::packet::Role;
use crate::proofs::ProofLog;
use crate::time::Tick;
use crate::tree::Tree;
use crate::wants::Wants;

/// Envelopes in memory, so that what has just come in need not be read back: 2 MiB with all that is around them.
const CACHE_BYTES: usize = 2 << 20;

/// An envelope that is here, and where: a number, so that maps by it are those of other numbers to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holding(u64);

/// Whose an envelope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Our own, in this row of the outbox.
    Own(u64),
    /// Others', in this slot of custody.
    Carried(u32),
}

impl Holding {
    /// Rows fit an `i64`.
    const CARRIED: u64 = 1 << 63;

    pub(crate) const fn own(row: u64) -> Self {
        Self(row & !Self::CARRIED)
    }

    pub(crate) const fn carried(slot: u32) -> Self {
        Self(Self::CARRIED | slot as u64)
    }

    pub(crate) const fn whose(self) -> Whose {
        if self.0 & Self::CARRIED == 0 { Whose::Own(self.0) } else { Whose::Carried(self.0 as u32) }
    }
}

/// What is under way on a link besides the mail of its two ends.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) host: HostId,
    pub(crate) role: Role,
    pub(crate) meetings: u16,
    pub(crate) arrivals: u32,
    /// What the peer said to have room for.
    pub(crate) free_memory: u64,
    /// Offered, not yet answered.
    pub(crate) offered: BTreeMap<Prefix, Holding>,
    /// To be forwarded: own mail first, with what is given of each.
    pub(crate) giving: Tree<Holding, Gift>,
    /// Given, or about to be, without a word yet of what became of it.
    pub(crate) unreceived: BTreeMap<Prefix, Given>,
    /// Given, and refused after all; not offered again before then.
    pub(crate) refused: BTreeMap<Prefix, Tick>,
    /// What the peer was said to lack here: room is kept for so many bytes until then.
    pub(crate) admitted: BTreeMap<Prefix, (u32, Tick)>,
    /// Wanted by the peer, to be forwarded: slots, and what is to lie there.
    pub(crate) pushing: BTreeSet<(u32, Prefix)>,
    /// Forwarded because they were wanted, and not yet proved; once on a link is enough.
    pub(crate) pushed: BTreeSet<Prefix>,
    /// Bodies that are being read for it. Nothing is forwarded until all of them are there: one frame for many envelopes.
    pub(crate) reading: usize,
    /// Bodies that were read for it, by the beginning of their ids: one frame of them at most.
    pub(crate) bodies: Tree<Prefix, Envelope>,
}

/// What goes with an envelope that is given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gift {
    /// Which envelope is meant: another may lie in its place by now.
    pub(crate) id: Prefix,
    pub(crate) copies: u16,
    pub(crate) best: u16,
}

/// A part of the copies of an envelope that left, or is about to; what is refused comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) holding: Holding,
    pub(crate) copies: u16,
    /// The best of what was kept, before the split and after it.
    pub(crate) best: (u16, u16),
}

/// Everything about carrying.
#[derive(Default)]
pub(crate) struct Carrying {
    pub(crate) custody: Custody,
    pub(crate) wants: Wants,
    pub(crate) acquaintances: Acquaintances,
    pub(crate) meetings: Meetings,
    pub(crate) proofs: ProofLog,
    pub(crate) exchanges: Tree<LinkId, Exchange>,
    /// Links that have something to give that is not yet sent.
    pub(crate) to_give: BTreeSet<LinkId>,
    /// Which links wait for a body that is being read.
    pub(crate) readers: BTreeMap<Holding, Vec<LinkId>>,
    /// Slots of what turned out to be for this host, to be read back.
    pub(crate) mine: BTreeSet<u32>,
    /// Grows with every tag that becomes live here.
    pub(crate) tags: u64,
    /// Servers that are here, and when each may be asked first.
    pub(crate) servers: BTreeMap<HostId, Tick>,
    /// A server beside those that keep this host's mail, drawn at random, and until when.
    pub(crate) third: Option<(HostId, Tick)>,
    /// Hosts that this one wants links with although it has no mail for them.
    pub(crate) sought: BTreeSet<HostId>,
    /// When to look for carriers next, and when that, and meeting somebody drawn, was done last.
    pub(crate) seek: Tick,
    pub(crate) looked: Tick,
    pub(crate) met: Tick,
    pub(crate) proofs_due: Option<Tick>,
    pub(crate) proofs_told: Tick,
    /// Envelopes taken into custody since the start, those that were proved delivered, those not taken for lack of room, and
    /// those whose lifetime was over.
    pub(crate) stored: u64,
    pub(crate) delivered: u64,
    pub(crate) refused: u64,
    pub(crate) expired: u64,
    /// Slots whose body was not what was expected, and is being read once more.
    pub(crate) reread: BTreeSet<u32>,
    cache: Tree<u32, (u64, Envelope)>,
    /// The same by their age.
    cached: BTreeMap<u64, u32>,
    cached_bytes: usize,
    cachings: u64,
}

impl Carrying {
    /// With what is in custody, and what was proved.
    pub(crate) fn new(custody: Custody, proofs: ProofLog) -> Self {
        Self { custody, proofs, ..Self::default() }
    }

    /// Looks for carriers at this moment at the latest.
    pub(crate) fn seek_by(&mut self, due: Tick) {
        self.seek = self.seek.min(due);
    }

    /// A body that has just come in or been read.
    pub(crate) fn remember(&mut self, slot: u32, envelope: Envelope) {
        self.forget(slot);
        self.cached_bytes += envelope.in_memory();
        self.cachings += 1;
        self.cached.insert(self.cachings, slot);
        self.cache.insert(slot, (self.cachings, envelope));
        while self.cached_bytes > CACHE_BYTES {
            let Some(oldest) = self.cached.values().next().copied() else { break };
            self.forget(oldest);
        }
    }

    pub(crate) fn cached(&self, slot: u32) -> Option<&Envelope> {
        self.cache.get(&slot).map(|(_, envelope)| envelope)
    }

    pub(crate) fn forget(&mut self, slot: u32) {
        if let Some((caching, envelope)) = self.cache.remove(&slot) {
            self.cached.remove(&caching);
            self.cached_bytes -= envelope.in_memory();
        }
    }
}
