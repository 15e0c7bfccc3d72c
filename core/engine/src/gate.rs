//! The commit gate: no output leaves before the rows it depends on are durable.

use std::collections::{BTreeMap, VecDeque};

use crate::api::{Event, Fetch, LinkRequest, Transmit};
use crate::ids::Generation;
use crate::rows::{Commit, CommitSeq, RecordKey, Write};

/// Uncommitted rows above this many bytes make the engine refuse further input: 4 MiB, one burst of full frames from
/// every link.
const UNCOMMITTED_MAX: usize = 4 << 20;

/// Datagrams that wait while a generation is being written; more are lost, as datagrams may be. A start sends a few.
const WAITING_DATAGRAMS_MAX: usize = 64;

/// Collects changes into commits and holds outputs back until theirs is durable.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    open: OpenCommit,
    sealed: CommitSeq,
    committed: CommitSeq,
    in_flight: VecDeque<(CommitSeq, usize)>,
    in_flight_bytes: usize,
    transmits: Lane<Transmit>,
    links: Lane<LinkRequest>,
    events: Lane<Event>,
    fetches: Lane<Fetch>,
    generations: Lane<Generation>,
    /// A generation that is not yet known to be written outside the database: nothing is sent until then.
    keeping: Option<Generation>,
}

/// Changes not yet handed to the store. Of a record, only the last state is kept.
#[derive(Debug, Default)]
struct OpenCommit {
    writes: Vec<Option<Write>>,
    records: BTreeMap<RecordKey, usize>,
    bytes: usize,
    /// A change is announced that will be written when the commit is closed.
    announced: bool,
}

/// One kind of output: what depends on nothing, and what waits for a commit.
#[derive(Debug)]
struct Lane<T> {
    free: VecDeque<T>,
    gated: VecDeque<(CommitSeq, T)>,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { free: VecDeque::new(), gated: VecDeque::new() }
    }
}

impl<T> Lane<T> {
    fn push(&mut self, after: CommitSeq, committed: CommitSeq, output: T) {
        if after <= committed && self.gated.is_empty() {
            self.free.push_back(output);
        } else {
            self.gated.push_back((after, output));
        }
    }

    fn len(&self) -> usize {
        self.free.len() + self.gated.len()
    }

    fn poll(&mut self, committed: CommitSeq) -> Option<T> {
        if let Some(output) = self.free.pop_front() {
            return Some(output);
        }
        let (after, _) = self.gated.front()?;
        if *after > committed {
            return None;
        }
        self.gated.pop_front().map(|(_, output)| output)
    }
}

impl Gate {
    /// Adds a change to the open commit.
    pub(crate) fn write(&mut self, write: Write) {
        self.open.add(write);
    }

    /// Announces a change whose row is written just before the commit is closed, so that it is encoded once.
    pub(crate) fn announce(&mut self) {
        self.open.announced = true;
    }

    /// A frame or datagram that may leave once every change made so far is durable.
    pub(crate) fn transmit(&mut self, transmit: Transmit) {
        let is_frame = matches!(transmit, Transmit::Frame { .. });
        if self.keeping.is_some() && !is_frame && self.transmits.len() >= WAITING_DATAGRAMS_MAX {
            return;
        }
        self.transmits.push(self.latest(), self.committed, transmit);
    }

    /// A frame or datagram that depends on no change and may overtake those that do.
    pub(crate) fn transmit_now(&mut self, transmit: Transmit) {
        if self.keeping.is_some() {
            self.transmit(transmit);
        } else {
            self.transmits.free.push_back(transmit);
        }
    }

    /// An event that may be told once every change made so far is durable.
    pub(crate) fn event(&mut self, event: Event) {
        self.events.push(self.latest(), self.committed, event);
    }

    /// An event whose truth depends on no change made here.
    pub(crate) fn event_now(&mut self, event: Event) {
        self.events.free.push_back(event);
    }

    /// A request about links; it depends on no change.
    pub(crate) fn link(&mut self, request: LinkRequest) {
        self.links.free.push_back(request);
    }

    /// A request about links that follows what was transmitted before it.
    pub(crate) fn link_after(&mut self, request: LinkRequest) {
        self.links.push(self.latest(), self.committed, request);
    }

    /// A body to be read back once every change made so far is durable: what is read is then what was written.
    pub(crate) fn fetch(&mut self, fetch: Fetch) {
        self.fetches.push(self.latest(), self.committed, fetch);
    }

    /// A body to be read back as the store has it now: what was written since may be missing.
    pub(crate) fn fetch_now(&mut self, fetch: Fetch) {
        self.fetches.free.push_back(fetch);
    }

    /// A generation to be written outside the database once every change made so far, its own row among them, is durable.
    /// Nothing is sent from now on until it is known to be written.
    pub(crate) fn keep(&mut self, generation: Generation) {
        self.keeping = Some(generation);
        self.generations.push(self.latest(), self.committed, generation);
    }

    /// A generation stands outside the database.
    pub(crate) fn on_kept(&mut self, generation: Generation) {
        self.keeping.take_if(|keeping| *keeping <= generation);
    }

    /// The commit that would make every change so far durable.
    pub(crate) fn latest(&self) -> CommitSeq {
        if self.open.is_empty() { self.sealed } else { CommitSeq(self.sealed.0 + 1) }
    }

    /// The last commit that is known to be durable.
    pub(crate) fn committed(&self) -> CommitSeq {
        self.committed
    }

    /// Closes the open commit and hands it over.
    pub(crate) fn poll_commit(&mut self) -> Option<Commit> {
        if self.open.is_empty() {
            return None;
        }
        let open = std::mem::take(&mut self.open);
        self.sealed = CommitSeq(self.sealed.0 + 1);
        self.in_flight.push_back((self.sealed, open.bytes));
        self.in_flight_bytes += open.bytes;
        Some(Commit { seq: self.sealed, writes: open.writes.into_iter().flatten().collect() })
    }

    pub(crate) fn on_committed(&mut self, seq: CommitSeq) {
        self.committed = self.committed.max(seq.min(self.sealed));
        while let Some((sealed, bytes)) = self.in_flight.front().copied() {
            if sealed > self.committed {
                break;
            }
            self.in_flight_bytes -= bytes;
            self.in_flight.pop_front();
        }
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        if self.keeping.is_some() { None } else { self.transmits.poll(self.committed) }
    }

    pub(crate) fn poll_generation(&mut self) -> Option<Generation> {
        self.generations.poll(self.committed)
    }

    pub(crate) fn poll_link(&mut self) -> Option<LinkRequest> {
        self.links.poll(self.committed)
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.poll(self.committed)
    }

    pub(crate) fn poll_fetch(&mut self) -> Option<Fetch> {
        self.fetches.poll(self.committed)
    }

    pub(crate) fn wants_input(&self) -> bool {
        self.open.bytes + self.in_flight_bytes < UNCOMMITTED_MAX
    }
}

impl OpenCommit {
    fn is_empty(&self) -> bool {
        self.writes.is_empty() && !self.announced
    }

    fn add(&mut self, write: Write) {
        let write = match write {
            Write::Put { key, value, body } => {
                let body = self.supersede(key, body);
                self.records.insert(key, self.writes.len());
                Write::Put { key, value, body }
            }
            Write::Delete(key) => {
                self.supersede(key, None);
                self.records.insert(key, self.writes.len());
                write
            }
            other => other,
        };
        // With the body that it has taken over from the change before it, if there is one.
        self.bytes += write.weight();
        self.writes.push(Some(write));
    }

    /// Drops the pending change of a record, keeping its new body if the next change brings none.
    fn supersede(&mut self, key: RecordKey, body: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let old = self.records.get(&key).and_then(|index| self.writes.get_mut(*index)).and_then(Option::take);
        if let Some(old) = &old {
            self.bytes -= old.weight();
        }
        match (body, old) {
            (None, Some(Write::Put { body, .. })) => body,
            (body, _) => body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Notice;
    use crate::rows::Table;

    const KEY: RecordKey = RecordKey { table: Table::Outbox, row: 7 };

    fn put(value: u8, body: Option<Vec<u8>>) -> Write {
        Write::Put { key: KEY, value: vec![value], body }
    }

    #[test]
    fn what_waits_weighs_what_its_last_changes_weigh_with_a_body_kept_from_an_earlier_one() {
        let mut gate = Gate::default();
        gate.write(put(1, Some(vec![0; 100])));
        let weight = gate.open.bytes;
        gate.write(put(2, None));
        assert_eq!(gate.open.bytes, weight);
        gate.write(put(3, None));
        gate.write(Write::Delete(KEY));
        assert_eq!(gate.open.bytes, Write::Delete(KEY).weight());
    }

    #[test]
    fn an_event_waits_for_the_commit_it_depends_on() {
        let mut gate = Gate::default();
        gate.write(put(1, None));
        gate.event(Event::Notice(Notice::NoPort));
        assert_eq!(gate.poll_event(), None);
        let commit = gate.poll_commit().unwrap();
        assert_eq!(gate.poll_event(), None);
        gate.on_committed(commit.seq);
        assert!(gate.poll_event().is_some());
    }

    #[test]
    fn a_body_is_read_back_when_it_is_written_and_not_before() {
        let mut gate = Gate::default();
        gate.write(put(1, Some(vec![7])));
        gate.fetch(Fetch { id: crate::ids::FetchId(1), key: KEY });
        assert_eq!(gate.poll_fetch(), None);
        let commit = gate.poll_commit().unwrap();
        assert_eq!(gate.poll_fetch(), None);
        gate.on_committed(commit.seq);
        assert!(gate.poll_fetch().is_some());
    }

    #[test]
    fn an_output_without_changes_before_it_leaves_at_once() {
        let mut gate = Gate::default();
        gate.event(Event::Notice(Notice::NoPort));
        assert!(gate.poll_event().is_some());
    }

    #[test]
    fn what_depends_on_nothing_overtakes_what_waits() {
        let mut gate = Gate::default();
        gate.write(put(1, None));
        gate.event(Event::Notice(Notice::NoPort));
        let search = Event::SearchEnded { search: crate::ids::SearchId(1) };
        gate.event_now(search.clone());
        assert_eq!(gate.poll_event(), Some(search));
        assert_eq!(gate.poll_event(), None);
    }

    #[test]
    fn nothing_is_sent_until_the_generation_is_durable_in_the_database_and_then_outside_it() {
        let mut gate = Gate::default();
        let beacon = Transmit::Datagram { to: ([10, 0, 0, 1], 20_070).into(), bytes: vec![7] };
        gate.write(put(1, None));
        gate.keep(Generation(5));
        gate.transmit_now(beacon.clone());
        assert_eq!((gate.poll_generation(), gate.poll_transmit()), (None, None));
        let commit = gate.poll_commit().unwrap();
        gate.on_committed(commit.seq);
        assert_eq!(gate.poll_transmit(), None);
        assert_eq!(gate.poll_generation(), Some(Generation(5)));
        gate.on_kept(Generation(4));
        assert_eq!(gate.poll_transmit(), None);
        gate.on_kept(Generation(5));
        assert_eq!(gate.poll_transmit(), Some(beacon));
    }

    #[test]
    fn datagrams_do_not_pile_up_while_a_generation_cannot_be_written() {
        let mut gate = Gate::default();
        gate.keep(Generation(5));
        for number in 0..1_000 {
            gate.transmit(Transmit::Datagram { to: ([10, 0, 0, 1], number).into(), bytes: vec![7] });
        }
        gate.on_kept(Generation(5));
        assert_eq!(std::iter::from_fn(|| gate.poll_transmit()).count(), WAITING_DATAGRAMS_MAX);
    }

    #[test]
    fn a_commit_that_was_never_handed_over_cannot_be_confirmed() {
        let mut gate = Gate::default();
        gate.write(put(1, None));
        gate.event(Event::Notice(Notice::NoPort));
        gate.on_committed(CommitSeq(99));
        assert_eq!(gate.poll_event(), None);
    }

    #[test]
    fn only_the_last_state_of_a_record_is_written_and_its_body_is_kept() {
        let mut gate = Gate::default();
        gate.write(put(1, Some(vec![9])));
        gate.write(put(2, None));
        let commit = gate.poll_commit().unwrap();
        assert_eq!(commit.writes, vec![put(2, Some(vec![9]))]);
    }

    #[test]
    fn a_record_made_and_removed_in_one_commit_is_only_removed() {
        let mut gate = Gate::default();
        gate.write(put(1, Some(vec![9])));
        gate.write(Write::Delete(KEY));
        assert_eq!(gate.poll_commit().unwrap().writes, vec![Write::Delete(KEY)]);
    }

    #[test]
    fn a_record_removed_and_made_again_does_not_keep_the_old_body() {
        let mut gate = Gate::default();
        gate.write(Write::Delete(KEY));
        gate.write(put(1, Some(vec![])));
        let commit = gate.poll_commit().unwrap();
        assert_eq!(commit.writes, vec![put(1, Some(vec![]))]);
    }

    #[test]
    fn input_is_refused_while_too_much_is_uncommitted() {
        let mut gate = Gate::default();
        gate.write(put(1, Some(vec![0; UNCOMMITTED_MAX])));
        assert!(!gate.wants_input());
        let commit = gate.poll_commit().unwrap();
        assert!(!gate.wants_input());
        gate.on_committed(commit.seq);
        assert!(gate.wants_input());
    }
}
