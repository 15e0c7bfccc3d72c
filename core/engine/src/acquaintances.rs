//! What this host remembers of those it exchanged envelopes with, so that a second meeting costs little.

use std::collections::{BTreeMap, BTreeSet};

use crate::custody::Prefix;
use crate::ids::HostId;
use crate::tree::Tree;

/// Peers remembered: as many as a crowd in which copies are spread has.
const PEERS_MAX: usize = 1_024;
/// Entries of what peers want remembered, all together: 8 bytes each, 512 KiB. Of friends with some hundred tags each that is
/// 200 hosts; of others the list comes whole each time.
const WANTS_MAX: usize = 65_536;
/// Envelopes remembered as known to peers, all together: 8 bytes each, some 8 MiB as it is kept.
const KNOWN_MAX: usize = 262_144;

/// One peer, as it was left.
#[derive(Default)]
pub(crate) struct Acquaintance {
    /// The generation it showed when it was met last; 0 before.
    generation: u32,
    /// The number of the first proof it has not been told.
    pub(crate) proofs_told: u64,
    /// What it said to have taken into custody when it was asked last.
    pub(crate) arrivals: Option<u32>,
    /// How many tags had become live here when it was sent what is wanted of it, and [which list](crate::frame::Want::list)
    /// that was.
    pub(crate) told: Option<(u64, u64)>,
    /// What it wants of this host, and which list that is; neither if there was no room to remember it.
    wants: Vec<Prefix>,
    list: u64,
    /// Envelopes it has or had.
    known: BTreeSet<Prefix>,
    met: u64,
}

/// All peers remembered.
#[derive(Default)]
pub(crate) struct Acquaintances {
    peers: Tree<HostId, Acquaintance>,
    by_meeting: BTreeMap<u64, HostId>,
    meetings: u64,
    known: usize,
    wants: usize,
}

impl Acquaintances {
    /// A meeting begins: who was met longest ago may be forgotten.
    pub(crate) fn meet(&mut self, host: HostId) -> &mut Acquaintance {
        self.meetings += 1;
        let number = self.meetings;
        let old = self.peers.get(&host).map(|peer| peer.met);
        if let Some(old) = old {
            self.by_meeting.remove(&old);
        }
        self.by_meeting.insert(number, host);
        while self.peers.len() > PEERS_MAX || self.known >= KNOWN_MAX {
            let Some((_, oldest)) = self.by_meeting.pop_first() else { break };
            if oldest != host
                && let Some(peer) = self.peers.remove(&oldest)
            {
                self.known -= peer.known.len();
                self.wants -= peer.wants.len();
            }
        }
        self.by_meeting.insert(number, host);
        let peer = self.peers.entry(host).or_default();
        peer.met = number;
        peer
    }

    pub(crate) fn get_mut(&mut self, host: HostId) -> Option<&mut Acquaintance> {
        self.peers.get_mut(&host)
    }

    /// See [`Acquaintance::arrivals`].
    pub(crate) fn arrivals(&self, host: HostId) -> Option<u32> {
        self.peers.get(&host)?.arrivals
    }

    /// What a peer wants, as far as it is remembered, and which list that is.
    pub(crate) fn wants(&self, host: HostId) -> (&[Prefix], u64) {
        self.peers.get(&host).map_or((&[], 0), |peer| (peer.wants.as_slice(), peer.list))
    }

    /// A WANT came of a peer, after which its list is called so. Room is made by forgetting the lists of who was met longest ago.
    pub(crate) fn on_want(&mut self, host: HostId, list: u64, replace: bool, entries: &[Prefix]) {
        let Some(peer) = self.peers.get_mut(&host) else { return };
        // What is not remembered from its beginning on is no list.
        let continues = !replace && peer.list != 0;
        let length = if continues { peer.wants.len() } else { 0 } + entries.len();
        self.wants -= peer.wants.len();
        if (!replace && !continues) || length > WANTS_MAX {
            (peer.wants, peer.list) = (Vec::new(), 0);
            return;
        }
        if replace {
            peer.wants.clear();
        }
        let mut wants = std::mem::take(&mut peer.wants);
        wants.extend_from_slice(entries);
        for oldest in self.by_meeting.values().filter(|other| **other != host) {
            if self.wants + length <= WANTS_MAX {
                break;
            }
            if let Some(peer) = self.peers.get_mut(oldest) {
                self.wants -= peer.wants.len();
                (peer.wants, peer.list) = (Vec::new(), 0);
            }
        }
        self.wants += length;
        if let Some(peer) = self.peers.get_mut(&host) {
            (peer.wants, peer.list) = (wants, list);
        }
    }

    pub(crate) fn knows(&self, host: HostId, id: Prefix) -> bool {
        self.peers.get(&host).is_some_and(|peer| peer.known.contains(&id))
    }

    /// Envelopes a peer has or had, as far as that is remembered.
    pub(crate) fn known(&self, host: HostId) -> &BTreeSet<Prefix> {
        static NOTHING: BTreeSet<Prefix> = BTreeSet::new();
        self.peers.get(&host).map_or(&NOTHING, |peer| &peer.known)
    }

    /// A peer shows its generation. Says whether it has started again since it was met last.
    pub(crate) fn started_again(&mut self, host: HostId, generation: u32) -> bool {
        let peer = self.peers.get_mut(&host);
        peer.is_some_and(|peer| std::mem::replace(&mut peer.generation, generation) < generation)
    }

    /// A peer has or had an envelope. What there is no room to remember is offered to it once more.
    pub(crate) fn note(&mut self, host: HostId, id: Prefix) {
        if self.known < KNOWN_MAX
            && let Some(peer) = self.peers.get_mut(&host)
            && peer.known.insert(id)
        {
            self.known += 1;
        }
    }

    /// A peer may not have an envelope after all.
    pub(crate) fn forget(&mut self, host: HostId, id: Prefix) {
        if self.peers.get_mut(&host).is_some_and(|peer| peer.known.remove(&id)) {
            self.known -= 1;
        }
    }

    /// Forgets what a peer knows of envelopes that are gone.
    pub(crate) fn retain(&mut self, host: HostId, here: impl Fn(Prefix) -> bool) {
        if let Some(peer) = self.peers.get_mut(&host) {
            let before = peer.known.len();
            peer.known.retain(|id| here(*id));
            self.known -= before - peer.known.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: u32) -> HostId {
        HostId::from_uuid(uuid::Uuid::from_u128(number.into()))
    }

    #[test]
    fn who_was_met_longest_ago_is_forgotten_first() {
        let mut all = Acquaintances::default();
        for number in 0..=PEERS_MAX as u32 {
            all.meet(host(number)).proofs_told = 7;
        }
        assert_eq!(all.meet(host(0)).proofs_told, 7, "there is room for one more while it is met");
        for number in 5_000..5_010 {
            all.meet(host(number));
        }
        assert!(all.peers.len() <= PEERS_MAX + 1);
        assert_eq!(all.meet(host(0)).proofs_told, 7, "it was met again");
        assert_eq!(all.meet(host(1)).proofs_told, 0, "it was forgotten");
    }

    #[test]
    fn what_peers_want_is_remembered_until_there_is_no_room() {
        let mut all = Acquaintances::default();
        for number in 1..=3 {
            all.meet(host(number));
        }
        all.on_want(host(1), 5, false, &[1]);
        assert_eq!(all.wants(host(1)), (&[][..], 0), "what it adds to is not known");
        all.on_want(host(1), 6, true, &[1, 2]);
        all.on_want(host(1), 7, false, &[3]);
        assert_eq!((all.wants(host(1)), all.wants), ((&[1, 2, 3][..], 7), 3));
        all.on_want(host(1), 8, true, &[4]);
        assert_eq!((all.wants(host(1)), all.wants), ((&[4][..], 8), 1));
        let long = vec![9; WANTS_MAX / 2];
        all.on_want(host(2), 1, true, &long);
        all.on_want(host(3), 2, true, &long);
        assert_eq!([1, 2, 3].map(|number| all.wants(host(number)).1), [0, 1, 2], "who was met longest ago");
        all.on_want(host(3), 3, false, &[1]);
        assert_eq!([1, 2, 3].map(|number| all.wants(host(number)).1), [0, 0, 3]);
        all.on_want(host(3), 4, false, &long);
        assert_eq!((all.wants(host(3)), all.wants), ((&[][..], 0), 0), "longer than all that is remembered");
    }

    #[test]
    fn what_peers_know_is_bounded_and_goes_with_what_is_gone() {
        let mut all = Acquaintances::default();
        all.meet(host(1));
        (0..10).for_each(|id| all.note(host(1), id));
        all.retain(host(1), |id| id < 4);
        assert!(all.knows(host(1), 3) && !all.knows(host(1), 4));
        assert_eq!(all.known, 4);
        (0..2).for_each(|_| all.forget(host(1), 3));
        assert!(all.knows(host(1), 2) && !all.knows(host(1), 3));
        all.note(host(1), 3);
        assert_eq!(all.known, 4);
        all.meet(host(2));
        (0..=KNOWN_MAX as u64).for_each(|id| all.note(host(2), id));
        assert_eq!(all.known, KNOWN_MAX, "however much one peer offers");
        all.meet(host(3));
        assert!(!all.knows(host(1), 3), "who was met longest ago makes room");
    }
}
