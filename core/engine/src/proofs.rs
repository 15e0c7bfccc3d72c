//! Delivery proofs on their way through the air: each is told to each peer once (PROTOCOL.md, Carriers).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::config::CustodyConfig;
use crate::custody::{Prefix, prefix};
use crate::gate::Gate;
use crate::ids::{HostId, ProofSecret};
use crate::pairing::ack_hash;
use crate::record;
use crate::rows::{RecordKey, Table, Write};
use crate::time::{Millis, Now, Tick, Wall};

/// A host tells a proof to so many peers, and besides to whoever is known to have had the envelope. Each of them does the same,
/// so that few are left out: as many copies are freed as by telling every peer, at half of the bytes or less where people meet often and
/// where they meet seldom (SPRAY.md). Telling eight left some copies more.
const PEERS_TOLD: u8 = 12;
/// Proofs told to one peer at a time, 64 KiB of them: a server may have more than a link takes at once.
const TOLD_AT_ONCE: usize = 4_096;
/// Proofs of nothing that is here, from one peer at a time; more would let one flush out all others'.
const UNMATCHED_PER_PEER: usize = 256;
/// The time in which one peer may bring as many.
const UNMATCHED_TIME: Millis = Millis::from_hours(1);
/// A proof that a host heard so long before it started again is not told to everybody anew: an app that is started ten times
/// a day would say all of them each time. Who had the envelope is told, and whoever offers it.
const FRESH: Millis = Millis::from_hours(1);

struct Told {
    secret: ProofSecret,
    /// Who told it; it needs no repetition.
    from: Option<HostId>,
    /// What it proves delivered, if that was here.
    id: Option<Prefix>,
    /// When no copy of what it proves lives any more.
    until: Wall,
    told: u8,
    stored: bool,
}

/// A proof as it is stored, in the row of its number: what is or was here, whether it is [`ours`](Proof::ours), since when, and
/// until when it is kept.
#[derive(Serialize, Deserialize)]
struct Stored(ProofSecret, Option<Prefix>, bool, Wall, Wall);

/// A proof, made here or heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof {
    pub(crate) secret: ProofSecret,
    /// Who told it.
    pub(crate) from: Option<HostId>,
    /// Made here, or of something that is here.
    pub(crate) matched: bool,
    /// Made here, or of own mail or what a friend handed over.
    pub(crate) ours: bool,
    /// The envelope, if it was here.
    pub(crate) id: Option<Prefix>,
    /// For so long copies of it may live elsewhere.
    pub(crate) lifetime: Millis,
}

/// In a tree, looking up the millions that are heard again took a fourteenth of all the time of a replay. The standard
/// library keys its tables, so that nobody can choose secrets that make one slow.
#[expect(clippy::disallowed_types, reason = "it is only asked whether one is in it, which is the same in any order")]
type Secrets = std::collections::HashSet<u128>;

/// The proofs this host passes on, numbered from its start on. Those that matched something here are stored: whoever asks after
/// a restart what became of it is shown them.
pub(crate) struct ProofLog {
    /// The oldest go first: those of nothing that was here while they are more than a quarter, then those of strangers' envelopes
    /// while they are more than half. Whoever invents some, or hands over its own and proves them, could have all others
    /// forgotten else.
    most: usize,
    kept: BTreeMap<u64, Told>,
    /// The secrets of those kept: most that come are heard again, and need not even be hashed.
    known: Secrets,
    /// What they prove: the beginnings of the ack hashes.
    proved: BTreeMap<Prefix, u64>,
    /// The envelopes, as far as they were here.
    envelopes: BTreeMap<Prefix, u64>,
    /// The numbers of those that were not yet told to enough peers.
    telling: BTreeSet<u64>,
    /// The numbers of those that are of nobody known here.
    strangers: BTreeSet<u64>,
    /// The numbers of those that matched nothing here: anybody can invent them.
    hearsay: BTreeSet<u64>,
    /// All by their end.
    by_end: BTreeSet<(Wall, u64)>,
    next: u64,
    unmatched: BTreeMap<HostId, (Tick, usize)>,
}

impl ProofLog {
    /// Numbers of one start are greater than those of all before.
    pub(crate) fn starting_at(generation: u32, config: &CustodyConfig) -> Self {
        Self {
            most: config.proofs_max(),
            kept: BTreeMap::new(),
            known: Secrets::new(),
            proved: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            telling: BTreeSet::new(),
            strangers: BTreeSet::new(),
            hearsay: BTreeSet::new(),
            by_end: BTreeSet::new(),
            next: u64::from(generation) << 32,
            unmatched: BTreeMap::new(),
        }
    }

    /// Takes back what was stored by an earlier start.
    pub(crate) fn restore(&mut self, number: u64, value: &[u8], now: Wall) -> Option<()> {
        let Stored(secret, id, ours, since, until) = record::decode(value)?;
        let told = if now - since <= FRESH { 0 } else { PEERS_TOLD };
        self.next = self.next.max(number.checked_add(1)?);
        self.keep(number, Told { secret, from: None, id, until, told, stored: true }, ours);
        Some(())
    }

    /// The number of the next proof.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn knows(&self, secret: &ProofSecret) -> bool {
        self.known.contains(&number_of(secret))
    }

    /// The proof of what shows this ack hash, if it is kept.
    pub(crate) fn of(&self, ack: Prefix) -> Option<ProofSecret> {
        self.kept.get(self.proved.get(&ack)?).map(|told| told.secret)
    }

    /// Adds a proof. Says whether it is new.
    pub(crate) fn add(&mut self, proof: Proof, now: Now, gate: &mut Gate) -> bool {
        let Proof { secret, from, matched, ours, id, lifetime } = proof;
        if self.knows(&secret) || (!matched && !self.may_bring(from, now.tick)) {
            return false;
        }
        let (number, until) = (self.next, now.wall + lifetime);
        self.next += 1;
        if matched {
            gate.write(record::put(Table::Proof, number, &Stored(secret, id, ours, now.wall, until)));
        }
        self.keep(number, Told { secret, from, id, until, told: 0, stored: matched }, ours);
        self.bound(gate);
        true
    }

    /// Forgets the oldest while there are too many.
    pub(crate) fn bound(&mut self, gate: &mut Gate) {
        while self.kept.len() > self.most {
            let hearsay = self.hearsay.first().filter(|_| self.hearsay.len() > self.most / 4);
            let strangers = self.strangers.first().filter(|_| self.strangers.len() > self.most / 2);
            let Some(number) = hearsay.or(strangers).or(self.kept.keys().next()).copied() else { return };
            self.forget(number, gate);
        }
    }

    /// Forgets proofs of what lives nowhere any more.
    pub(crate) fn expire(&mut self, now: Wall, gate: &mut Gate) {
        while let Some((_, number)) = self.by_end.first().copied().filter(|(until, _)| *until < now) {
            self.forget(number, gate);
        }
    }

    fn keep(&mut self, number: u64, told: Told, ours: bool) {
        self.known.insert(number_of(&told.secret));
        self.proved.insert(prefix(ack_hash(&told.secret).as_bytes()), number);
        if let Some(id) = told.id {
            self.envelopes.insert(id, number);
        }
        if told.told < PEERS_TOLD {
            self.telling.insert(number);
        }
        if !ours {
            self.strangers.insert(number);
        }
        if !told.stored {
            self.hearsay.insert(number);
        }
        self.by_end.insert((told.until, number));
        self.kept.insert(number, told);
    }

    fn forget(&mut self, number: u64, gate: &mut Gate) {
        let Some(forgotten) = self.kept.remove(&number) else { return };
        self.known.remove(&number_of(&forgotten.secret));
        let names = [
            (&mut self.proved, Some(prefix(ack_hash(&forgotten.secret).as_bytes()))),
            (&mut self.envelopes, forgotten.id),
        ];
        for (numbers, name) in names {
            if let Some(name) = name.filter(|name| numbers.get(name) == Some(&number)) {
                numbers.remove(&name);
            }
        }
        self.telling.remove(&number);
        self.strangers.remove(&number);
        self.hearsay.remove(&number);
        self.by_end.remove(&(forgotten.until, number));
        if forgotten.stored {
            gate.write(Write::Delete(RecordKey { table: Table::Proof, row: number }));
        }
    }

    /// The proofs numbered `after` and later that a peer is to be told now, in runs without a gap (first number and secrets), and
    /// the number from which on it is to be told the others. Not what it has told itself; and what enough others were told only if it
    /// had the envelope.
    pub(crate) fn tell(
        &mut self,
        after: u64,
        peer: HostId,
        had: &BTreeSet<Prefix>,
        most: usize,
    ) -> (Vec<(u64, Vec<ProofSecret>)>, u64) {
        let mut runs = Vec::new();
        let mut tell = |number: u64, told: &mut Told| {
            if told.from == Some(peer) {
                return false;
            }
            told.told = told.told.saturating_add(1);
            push(&mut runs, number, told.secret, most);
            told.told == PEERS_TOLD
        };
        // Of a few new ones it is asked who had what they prove; of many, whether what the peer had is proved.
        if self.next - after <= TOLD_AT_ONCE.min(had.len()) as u64 {
            for (number, told) in self.kept.range_mut(after..) {
                let is_due = told.told < PEERS_TOLD || told.id.is_some_and(|id| had.contains(&id));
                if is_due && tell(*number, told) {
                    self.telling.remove(number);
                }
            }
            return (runs, self.next);
        }
        let proved = had.iter().filter_map(|id| self.envelopes.get(id).copied()).filter(|number| *number >= after);
        let mut due: Vec<u64> = self.telling.range(after..).copied().chain(proved).collect();
        due.sort_unstable();
        due.dedup();
        let rest = due.get(TOLD_AT_ONCE).copied().unwrap_or(self.next);
        for number in due.into_iter().take(TOLD_AT_ONCE) {
            if self.kept.get_mut(&number).is_some_and(|told| tell(number, told)) {
                self.telling.remove(&number);
            }
        }
        (runs, rest)
    }

    fn may_bring(&mut self, from: Option<HostId>, now: Tick) -> bool {
        let Some(from) = from else { return true };
        self.unmatched.retain(|_, (since, _)| now - *since < UNMATCHED_TIME);
        let (_, count) = self.unmatched.entry(from).or_insert((now, 0));
        *count += 1;
        *count <= UNMATCHED_PER_PEER
    }
}

impl Default for ProofLog {
    fn default() -> Self {
        Self::starting_at(0, &CustodyConfig::default())
    }
}

/// Puts a proof into the last run, if it goes on with it.
fn push(runs: &mut Vec<(u64, Vec<ProofSecret>)>, number: u64, secret: ProofSecret, most: usize) {
    match runs.last_mut() {
        Some((start, run)) if *start + run.len() as u64 == number && run.len() < most => run.push(secret),
        _ => runs.push((number, vec![secret])),
    }
}

fn number_of(secret: &ProofSecret) -> u128 {
    u128::from_be_bytes(secret.0)
}

#[cfg(test)]
#[path = "proofs_tests.rs"]
mod tests;
