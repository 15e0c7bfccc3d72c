use super::*;
use crate::rows::Commit;

const NOW: Now = Now { tick: Tick(5), wall: Wall(1_000_000) };

fn secret(number: u32) -> ProofSecret {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ProofSecret(bytes)
}

fn host(number: u8) -> HostId {
    HostId::from_uuid(uuid::Uuid::from_bytes([number; 16]))
}

fn made(number: u32) -> Proof {
    Proof { secret: secret(number), from: None, matched: true, ours: true, id: None, lifetime: DAY }
}

fn heard(number: u32, from: HostId) -> Proof {
    Proof { from: Some(from), matched: false, ours: false, ..made(number) }
}

fn after(time: Millis) -> Now {
    Now { tick: NOW.tick + time, wall: NOW.wall + time }
}

/// A log and the changes that it wants stored.
struct Kept {
    log: ProofLog,
    gate: Gate,
    stored: BTreeMap<u64, Vec<u8>>,
}

impl Kept {
    fn new() -> Self {
        Self::starting_at(0)
    }

    fn starting_at(generation: u32) -> Self {
        let log = ProofLog::starting_at(generation, &CustodyConfig::default());
        Self { log, gate: Gate::default(), stored: BTreeMap::new() }
    }

    fn add(&mut self, proof: Proof) -> bool {
        self.add_at(proof, NOW)
    }

    fn add_at(&mut self, proof: Proof, now: Now) -> bool {
        self.log.add(proof, now, &mut self.gate)
    }

    fn tell(&mut self, after: u64, peer: u8, had: &[Prefix], most: usize) -> Vec<(u64, Vec<ProofSecret>)> {
        self.log.tell(after, host(peer), &had.iter().copied().collect(), most).0
    }

    /// What lies in the store after all changes so far.
    fn stored(&mut self) -> &BTreeMap<u64, Vec<u8>> {
        while let Some(Commit { writes, seq }) = self.gate.poll_commit() {
            self.gate.on_committed(seq);
            for write in writes {
                match write {
                    Write::Put { key, value, .. } => drop(self.stored.insert(key.row, value)),
                    Write::Delete(key) => drop(self.stored.remove(&key.row)),
                    other => panic!("{other:?}"),
                }
            }
        }
        &self.stored
    }

    fn restarted(&mut self, generation: u32, now: Now) -> Self {
        let mut again = Self::starting_at(generation);
        for (row, value) in self.stored() {
            again.log.restore(*row, value, now.wall).unwrap();
        }
        again
    }
}

const MOST: usize = 4_096;
const DAY: Millis = Millis::from_days(1);

#[test]
fn each_proof_is_told_once_and_not_to_who_told_it() {
    let mut kept = Kept::starting_at(3);
    assert!(kept.add(made(0)));
    assert!(kept.add(heard(1, host(1))));
    assert!(kept.add(made(2)));
    assert!(!kept.add(made(1)), "it is known");
    let first = 3 << 32;
    assert_eq!(kept.tell(0, 1, &[], 10), [(first, vec![secret(0)]), (first + 2, vec![secret(2)])]);
    assert_eq!(kept.tell(0, 2, &[], 10), [(first, vec![secret(0), secret(1), secret(2)])]);
    assert_eq!(kept.tell(0, 2, &[], 2).len(), 2);
    assert_eq!(kept.tell(kept.log.next(), 2, &[], 10), []);
}

#[test]
fn after_enough_peers_only_who_had_the_envelope_is_told() {
    let mut kept = Kept::new();
    kept.add(Proof { id: Some(77), ..made(0) });
    let told = (0..20).filter(|peer| !kept.tell(0, *peer, &[], 10).is_empty()).count();
    assert_eq!(told, usize::from(PEERS_TOLD));
    assert_eq!(kept.tell(0, 30, &[5, 77], 10), [(0, vec![secret(0)])]);
    assert_eq!(kept.tell(1, 30, &[5, 77], 10), [], "it was told already");
    // The same where there are too many to look through.
    kept.log.most = 10_000;
    (1..=5_000).for_each(|number| assert!(kept.add(made(number))));
    for peer in 40..40 + PEERS_TOLD {
        kept.tell(0, peer, &[], 10);
        kept.tell(TOLD_AT_ONCE as u64, peer, &[], 10);
    }
    assert_eq!(kept.tell(0, 31, &[5, 77], 10)[0], (0, vec![secret(0)]));
    assert_ne!(kept.tell(0, 32, &[5], 10).first(), Some(&(0, vec![secret(0)])));
}

#[test]
fn of_more_proofs_than_a_link_takes_at_once_a_peer_is_told_the_rest_later_and_all_in_order() {
    let mut kept = Kept::new();
    kept.log.most = 10_000;
    (0..9_000).for_each(|number| assert!(kept.add(made(number))));
    let (mut after, mut told) = (0, Vec::new());
    for most in [TOLD_AT_ONCE, TOLD_AT_ONCE, 9_000 - 2 * TOLD_AT_ONCE, 0] {
        let (runs, rest) = kept.log.tell(after, host(1), &BTreeSet::new(), 256);
        assert_eq!(runs.iter().map(|(_, run)| run.len()).sum::<usize>(), most);
        after = rest;
        told.extend(runs.into_iter().flat_map(|(_, run)| run));
    }
    assert_eq!((after, told), (9_000, (0..9_000).map(secret).collect()));
}

#[test]
fn one_peer_brings_so_many_proofs_of_nothing_an_hour_and_the_oldest_proof_goes_first() {
    let mut kept = Kept::new();
    let brought = |kept: &mut Kept, from: u32, now| {
        (from..from + 1_000).filter(|number| kept.add_at(heard(*number, host(1)), now)).count()
    };
    assert_eq!(brought(&mut kept, 0, NOW), UNMATCHED_PER_PEER);
    assert_eq!(brought(&mut kept, 1_000, after(UNMATCHED_TIME)), UNMATCHED_PER_PEER);
    for number in 10_000..15_000 {
        kept.add(made(number));
    }
    let told: usize = kept.tell(0, 2, &[], 256).iter().map(|(_, run)| run.len()).sum();
    assert_eq!(told, MOST);
    assert!(kept.add(made(0)), "a proof that went is new again");
}

#[test]
fn a_stranger_that_proves_its_own_envelopes_flushes_no_more_than_the_strangers_half() {
    let mut kept = Kept::new();
    for number in 0..3_000 {
        kept.add(made(number));
    }
    for number in 10_000..20_000 {
        assert!(kept.add(Proof { matched: true, ..heard(number, host(1)) }));
    }
    let left = (0..3_000).filter(|number| kept.log.knows(&secret(*number))).count();
    assert_eq!((left, kept.log.kept.len()), (MOST / 2, MOST));
    // Where there is nobody else's, strangers' may fill all of it.
    let mut kept = Kept::new();
    for number in 0..5_000 {
        kept.add(Proof { matched: true, ..heard(number, host(1)) });
    }
    assert!(kept.log.knows(&secret(4_999)) && kept.log.kept.len() == MOST && kept.log.strangers.len() == MOST);
    for number in 10_000..20_000 {
        kept.add(made(number));
    }
    assert_eq!((kept.log.kept.len(), kept.log.strangers.len()), (MOST, 0));
    assert_eq!(kept.stored().len(), MOST, "what is forgotten goes from the store too");
}

#[test]
fn however_many_invent_proofs_they_flush_none_of_what_was_here() {
    let mut kept = Kept::new();
    for number in 0..1_500 {
        kept.add(made(number));
        kept.add(Proof { matched: true, ..heard(10_000 + number, host(1)) });
    }
    for number in 0..20_000 {
        assert!(kept.add(heard(100_000 + number, host((number / 200) as u8))));
    }
    let known = |numbers: std::ops::Range<u32>| numbers.filter(|number| kept.log.knows(&secret(*number))).count();
    assert_eq!((known(0..1_500), known(10_000..11_500)), (1_500, 1_500));
    assert_eq!((kept.log.kept.len(), kept.log.hearsay.len()), (MOST, MOST - 3_000));
}

#[test]
fn a_proof_is_forgotten_when_no_copy_of_what_it_proves_can_live() {
    let mut kept = Kept::new();
    let week = Millis::from_days(7);
    kept.add(Proof { lifetime: week, ..made(1) });
    kept.add(Proof { id: Some(7), ..made(0) });
    kept.log.expire(after(DAY).wall, &mut kept.gate);
    assert!(kept.log.knows(&secret(0)), "a carrier may have it to this day");
    kept.log.expire(after(DAY).wall + Millis(1), &mut kept.gate);
    assert_eq!(kept.tell(0, 1, &[7], 10), [(0, vec![secret(1)])]);
    assert_eq!(kept.log.of(prefix(ack_hash(&secret(0)).as_bytes())), None);
    assert_eq!(kept.stored().keys().copied().collect::<Vec<_>>(), [0]);
    let mut again = kept.restarted(1, after(DAY));
    again.log.expire(after(week).wall + Millis(1), &mut again.gate);
    assert!(!again.log.knows(&secret(1)), "how long it lives outlives a restart");
}

#[test]
fn what_matched_something_here_is_known_after_a_restart_and_told_anew_only_if_it_is_fresh() {
    let mut kept = Kept::starting_at(1);
    kept.add(Proof { id: Some(7), ..made(0) });
    kept.add(heard(1, host(1)));
    kept.add_at(made(2), after(FRESH));
    let mut again = kept.restarted(2, after(Millis(FRESH.0 + 1)));
    assert_eq!([0, 1, 2].map(|number| again.log.knows(&secret(number))), [true, false, true]);
    let (ack, number) = (prefix(ack_hash(&secret(0)).as_bytes()), (1 << 32) + 2);
    assert_eq!(again.log.of(ack), Some(secret(0)));
    assert_eq!(again.tell(0, 5, &[], 10), [(number, vec![secret(2)])]);
    assert_eq!(again.tell(0, 5, &[7], 10).len(), 2, "who had it is told whatever its age");
    assert_eq!(again.log.next(), 2 << 32, "the numbers of a start are greater than those of all before");
    // The clock may have been set back meanwhile, and the same generation may go on.
    let mut early = kept.restarted(0, Now::default());
    assert!(early.add(made(3)) && early.log.kept.len() == 3);
    assert!(ProofLog::default().restore(1, b"?", NOW.wall).is_none());
}
