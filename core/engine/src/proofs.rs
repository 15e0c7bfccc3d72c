//! Delivery proofs on their way through the air: each is told to each peer once (PROTOCOL.md, Carriers).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::custody::{Prefix, prefix};
use crate::ids::{HostId, ProofSecret};
use crate::pairing::ack_hash;
use crate::time::{Millis, Tick};

/// Proofs kept for peers that have not heard them; the oldest go first, those of strangers' envelopes before others while they
/// are more than half: whoever hands over its own and proves them could have all others forgotten else.
const KEPT_MAX: usize = 4_096;
/// A host tells a proof to so many peers, and besides to whoever is known to have had the envelope. Each of them does the same,
/// so that few are left out: as many copies are freed as by telling every peer, at half of the bytes or less where people meet often and
/// where they meet seldom (SPRAY.md). Telling eight left some copies more.
const PEERS_TOLD: u8 = 12;
/// Proofs of nothing that is here, from one peer at a time; more would let one flush out all others'.
const UNMATCHED_PER_PEER: usize = 256;
/// The time in which one peer may bring as many.
const UNMATCHED_TIME: Millis = Millis::from_hours(1);

struct Told {
    number: u64,
    secret: ProofSecret,
    /// Who told it; it needs no repetition.
    from: Option<HostId>,
    /// What it proves delivered, if that was here.
    id: Option<Prefix>,
    since: Tick,
    told: u8,
}

/// A proof, made here or heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof {
    pub(crate) secret: ProofSecret,
    /// Who told it.
    pub(crate) from: Option<HostId>,
    /// Made here, or of something that is or was here.
    pub(crate) matched: bool,
    /// Made here, or of own mail or what a friend handed over.
    pub(crate) ours: bool,
    /// The envelope, if it was here.
    pub(crate) id: Option<Prefix>,
}

/// The proofs this host passes on, numbered from its start on.
#[derive(Default)]
pub(crate) struct ProofLog {
    kept: VecDeque<Told>,
    /// The secrets of those kept: most that come are heard again, and need not even be hashed.
    known: BTreeSet<u128>,
    /// What they prove: the beginnings of the ack hashes.
    proved: BTreeSet<Prefix>,
    /// The numbers of those that are of nobody known here.
    strangers: BTreeSet<u64>,
    next: u64,
    unmatched: BTreeMap<HostId, (Tick, usize)>,
}

impl ProofLog {
    /// Numbers of one start are greater than those of all before.
    pub(crate) fn starting_at(generation: u32) -> Self {
        Self { next: u64::from(generation) << 32, ..Self::default() }
    }

    /// The number of the next proof.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn knows(&self, secret: &ProofSecret) -> bool {
        self.known.contains(&number_of(secret))
    }

    /// Whether one of those kept proves what shows this ack hash.
    pub(crate) fn proves(&self, ack: Prefix) -> bool {
        self.proved.contains(&ack)
    }

    /// Adds a proof. Says whether it is new.
    pub(crate) fn add(&mut self, proof: Proof, now: Tick) -> bool {
        let Proof { secret, from, matched, ours, id } = proof;
        if self.knows(&secret) || (!matched && !self.may_bring(from, now)) {
            return false;
        }
        self.known.insert(number_of(&secret));
        self.proved.insert(prefix(ack_hash(&secret).as_bytes()));
        self.kept.push_back(Told { number: self.next, secret, from, id, since: now, told: 0 });
        if !ours {
            self.strangers.insert(self.next);
        }
        self.next += 1;
        while self.kept.len() > KEPT_MAX {
            let strangers = self.strangers.first().filter(|_| self.strangers.len() > KEPT_MAX / 2);
            let place = strangers.map_or(0, |number| self.kept.partition_point(|told| told.number < *number));
            self.drop_at(place);
        }
        true
    }

    /// Forgets proofs heard so long ago: no copy of what they prove lives any more.
    pub(crate) fn forget_older(&mut self, lifetime: Millis, now: Tick) {
        while self.kept.front().is_some_and(|oldest| now - oldest.since > lifetime) {
            self.drop_at(0);
        }
    }

    fn drop_at(&mut self, place: usize) {
        if let Some(dropped) = self.kept.remove(place) {
            self.known.remove(&number_of(&dropped.secret));
            self.proved.remove(&prefix(ack_hash(&dropped.secret).as_bytes()));
            self.strangers.remove(&dropped.number);
        }
    }

    /// The proofs numbered `after` and later that a peer is to be told, in runs without a gap: first number and secrets. Not what
    /// it has told itself; and what enough others were told only if it had the envelope.
    pub(crate) fn tell(
        &mut self,
        after: u64,
        peer: HostId,
        had: impl Fn(Prefix) -> bool,
        most: usize,
    ) -> Vec<(u64, Vec<ProofSecret>)> {
        let first = self.kept.partition_point(|told| told.number < after);
        let mut runs: Vec<(u64, Vec<ProofSecret>)> = Vec::new();
        for told in self.kept.range_mut(first..).filter(|told| told.from != Some(peer)) {
            if told.told >= PEERS_TOLD && !told.id.is_some_and(&had) {
                continue;
            }
            told.told = told.told.saturating_add(1);
            match runs.last_mut() {
                Some((start, run)) if *start + run.len() as u64 == told.number && run.len() < most => {
                    run.push(told.secret);
                }
                _ => runs.push((told.number, vec![told.secret])),
            }
        }
        runs
    }

    fn may_bring(&mut self, from: Option<HostId>, now: Tick) -> bool {
        let Some(from) = from else { return true };
        self.unmatched.retain(|_, (since, _)| now - *since < UNMATCHED_TIME);
        let (_, count) = self.unmatched.entry(from).or_insert((now, 0));
        *count += 1;
        *count <= UNMATCHED_PER_PEER
    }
}

fn number_of(secret: &ProofSecret) -> u128 {
    u128::from_be_bytes(secret.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Tick = Tick(5);

    fn secret(number: u32) -> ProofSecret {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ProofSecret(bytes)
    }

    fn host(number: u8) -> HostId {
        HostId::from_uuid(uuid::Uuid::from_bytes([number; 16]))
    }

    fn made(number: u32) -> Proof {
        Proof { secret: secret(number), from: None, matched: true, ours: true, id: None }
    }

    fn heard(number: u32, from: HostId) -> Proof {
        Proof { from: Some(from), matched: false, ours: false, ..made(number) }
    }

    fn nothing(_: Prefix) -> bool {
        false
    }

    #[test]
    fn each_proof_is_told_once_and_not_to_who_told_it() {
        let mut log = ProofLog::starting_at(3);
        assert!(log.add(made(0), NOW));
        assert!(log.add(heard(1, host(1)), NOW));
        assert!(log.add(made(2), NOW));
        assert!(!log.add(made(1), NOW), "it is known");
        let first = 3 << 32;
        assert_eq!(log.tell(0, host(1), nothing, 10), [(first, vec![secret(0)]), (first + 2, vec![secret(2)])]);
        assert_eq!(log.tell(0, host(2), nothing, 10), [(first, vec![secret(0), secret(1), secret(2)])]);
        assert_eq!(log.tell(0, host(2), nothing, 2).len(), 2);
        assert_eq!(log.tell(log.next(), host(2), nothing, 10), []);
    }

    #[test]
    fn after_enough_peers_only_who_had_the_envelope_is_told() {
        let mut log = ProofLog::default();
        log.add(Proof { id: Some(77), ..made(0) }, NOW);
        let told = (0..20).filter(|peer| !log.tell(0, host(*peer), nothing, 10).is_empty()).count();
        assert_eq!(told, usize::from(PEERS_TOLD));
        assert_eq!(log.tell(0, host(30), |id| id == 77, 10), [(0, vec![secret(0)])]);
    }

    #[test]
    fn one_peer_brings_so_many_proofs_of_nothing_an_hour_and_the_oldest_proof_goes_first() {
        let mut log = ProofLog::default();
        let brought = |log: &mut ProofLog, from: u32, now| {
            (from..from + 1_000).filter(|number| log.add(heard(*number, host(1)), now)).count()
        };
        assert_eq!(brought(&mut log, 0, NOW), UNMATCHED_PER_PEER);
        assert_eq!(brought(&mut log, 1_000, NOW + UNMATCHED_TIME), UNMATCHED_PER_PEER);
        for number in 10_000..15_000 {
            log.add(made(number), NOW);
        }
        let told: usize = log.tell(0, host(2), nothing, 256).iter().map(|(_, run)| run.len()).sum();
        assert_eq!(told, KEPT_MAX);
        assert!(log.add(made(0), NOW), "a proof that went is new again");
    }

    #[test]
    fn a_stranger_that_proves_its_own_envelopes_flushes_no_more_than_the_strangers_half() {
        let mut log = ProofLog::default();
        for number in 0..3_000 {
            log.add(made(number), NOW);
        }
        for number in 10_000..20_000 {
            assert!(log.add(Proof { matched: true, ..heard(number, host(1)) }, NOW));
        }
        let left = (0..3_000).filter(|number| log.knows(&secret(*number))).count();
        assert_eq!((left, log.kept.len()), (KEPT_MAX / 2, KEPT_MAX));
        // Where there is nobody else's, strangers' may fill all of it.
        let mut log = ProofLog::default();
        for number in 0..5_000 {
            log.add(Proof { matched: true, ..heard(number, host(1)) }, NOW);
        }
        assert!(log.knows(&secret(4_999)) && log.kept.len() == KEPT_MAX && log.strangers.len() == KEPT_MAX);
        for number in 10_000..20_000 {
            log.add(made(number), NOW);
        }
        assert_eq!((log.kept.len(), log.strangers.len()), (KEPT_MAX, 0));
    }

    #[test]
    fn a_proof_is_forgotten_when_no_copy_of_what_it_proves_can_live() {
        let mut log = ProofLog::default();
        let (hour, later) = (Millis::from_hours(1), NOW + Millis::from_hours(1));
        log.add(made(0), NOW);
        log.add(made(1), later);
        log.forget_older(hour, later + Millis(1));
        assert_eq!(log.tell(0, host(1), nothing, 10), [(1, vec![secret(1)])]);
    }
}
