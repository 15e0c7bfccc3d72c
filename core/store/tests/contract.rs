//! What every store promises, asked of the one in memory and of the one on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{Open, commit, id, message, one_of_each, open, put};
use permesso_engine::ids::{FriendId, MessageKey};
use permesso_engine::rows::{Commit, MessageRow, RecordKey, Snapshot, StoredState, Table, Write};
use permesso_sim::memory::MemoryStore;
use proptest::prelude::*;
use tempfile::TempDir;

/// A store under test.
trait Subject {
    fn empty() -> Self;
    fn commit(&mut self, commits: Vec<Commit>);
    /// What an engine started now would get.
    fn snapshot(&mut self) -> Snapshot;
    fn body(&self, table: Table, row: u64) -> Option<Vec<u8>>;
    fn messages(&self, friend: u32, before: Option<(u64, MessageKey)>, limit: usize) -> Vec<MessageRow>;
    fn message(&self, key: u64) -> Option<MessageRow>;
    fn find(&self, number: u64) -> Option<MessageRow>;
    fn search(&self, text: &str, limit: usize) -> Vec<MessageRow>;
    fn message_count(&self, friend: u32) -> u64;
    fn unread_count(&self, friend: u32) -> u64;
}

impl Subject for MemoryStore {
    fn empty() -> Self {
        Self::new()
    }
    fn commit(&mut self, commits: Vec<Commit>) {
        commits.into_iter().for_each(|commit| self.apply(commit));
    }
    fn snapshot(&mut self) -> Snapshot {
        MemoryStore::snapshot(self)
    }
    fn body(&self, table: Table, row: u64) -> Option<Vec<u8>> {
        self.body(RecordKey { table, row })
    }
    fn messages(&self, friend: u32, before: Option<(u64, MessageKey)>, limit: usize) -> Vec<MessageRow> {
        self.messages(FriendId(friend), before, limit)
    }
    fn message(&self, key: u64) -> Option<MessageRow> {
        self.message(MessageKey(key))
    }
    fn find(&self, number: u64) -> Option<MessageRow> {
        self.find(id(number))
    }
    fn search(&self, text: &str, limit: usize) -> Vec<MessageRow> {
        self.search(text, limit)
    }
    fn message_count(&self, friend: u32) -> u64 {
        self.message_count(FriendId(friend))
    }
    fn unread_count(&self, friend: u32) -> u64 {
        self.unread_count(FriendId(friend))
    }
}

struct OnDisk {
    open: Option<Open>,
    directory: TempDir,
}

impl OnDisk {
    fn store(&self) -> &Open {
        self.open.as_ref().unwrap()
    }
}

impl Subject for OnDisk {
    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { open: Some(open(directory.path()).unwrap()), directory }
    }
    fn commit(&mut self, commits: Vec<Commit>) {
        self.store().commit_all(commits);
    }
    fn snapshot(&mut self) -> Snapshot {
        self.open = None;
        let mut open = open(self.directory.path()).unwrap();
        let snapshot = std::mem::take(&mut open.snapshot);
        self.open = Some(open);
        snapshot
    }
    fn body(&self, table: Table, row: u64) -> Option<Vec<u8>> {
        self.store().store.reader().body(RecordKey { table, row }).unwrap()
    }
    fn messages(&self, friend: u32, before: Option<(u64, MessageKey)>, limit: usize) -> Vec<MessageRow> {
        self.store().store.reader().messages(FriendId(friend), before, limit).unwrap()
    }
    fn message(&self, key: u64) -> Option<MessageRow> {
        self.store().store.reader().message(MessageKey(key)).unwrap()
    }
    fn find(&self, number: u64) -> Option<MessageRow> {
        self.store().store.reader().find(id(number)).unwrap()
    }
    fn search(&self, text: &str, limit: usize) -> Vec<MessageRow> {
        self.store().store.reader().search(text, limit).unwrap()
    }
    fn message_count(&self, friend: u32) -> u64 {
        self.store().store.reader().message_count(FriendId(friend)).unwrap()
    }
    fn unread_count(&self, friend: u32) -> u64 {
        self.store().store.reader().unread_count(FriendId(friend)).unwrap()
    }
}

/// The values of a table, by ascending row.
fn values(store: &mut impl Subject, table: Table) -> Vec<(u64, Vec<u8>)> {
    store.snapshot().records.of(table).map(|(row, value)| (row, value.to_vec())).collect()
}

fn keys(messages: &[MessageRow]) -> Vec<u64> {
    messages.iter().map(|row| row.key.0).collect()
}

fn an_empty_store_gives_an_empty_snapshot<S: Subject>() {
    assert_eq!(S::empty().snapshot(), Snapshot::default());
}

fn records_come_back_by_ascending_key_in_every_table<S: Subject>() {
    let mut store = S::empty();
    let mut expected = Vec::new();
    for table in Table::ALL {
        store.commit(vec![commit(
            1,
            vec![put(table, 300, b"c", None), put(table, 2, b"b", None), put(table, 0, b"", None)],
        )]);
        for (row, value) in [(0, b"".to_vec()), (2, b"b".to_vec()), (300, b"c".to_vec())] {
            expected.push((RecordKey { table, row }, value));
        }
    }
    assert_eq!(store.snapshot().records, expected.into_iter().collect());
}

fn the_last_state_of_a_record_wins_within_one_commit_and_across<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![
        commit(1, vec![put(Table::Pairing, 1, b"a", None), put(Table::Pairing, 1, b"b", None)]),
        commit(2, vec![put(Table::Pairing, 1, b"c", None)]),
    ]);
    assert_eq!(values(&mut store, Table::Pairing), [(1, b"c".to_vec())]);
    store.commit(vec![commit(3, vec![put(Table::Pairing, 1, b"d", None)])]);
    assert_eq!(values(&mut store, Table::Pairing), [(1, b"d".to_vec())]);
}

fn a_deleted_record_is_gone_and_deleting_it_again_is_harmless<S: Subject>() {
    let mut store = S::empty();
    let gone = RecordKey { table: Table::Outbox, row: 5 };
    store.commit(vec![commit(1, vec![put(Table::Outbox, 5, b"v", Some(b"b")), put(Table::Outbox, 6, b"w", None)])]);
    store.commit(vec![commit(2, vec![Write::Delete(gone), Write::Delete(gone)])]);
    store.commit(vec![commit(3, vec![Write::Delete(gone), Write::Delete(RecordKey { row: u64::MAX, ..gone })])]);
    assert_eq!(values(&mut store, Table::Outbox), [(6, b"w".to_vec())]);
    assert_eq!(store.body(Table::Outbox, 5), None);
}

fn a_body_stays_when_only_the_value_changes<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![commit(1, vec![put(Table::Held, 1, b"v", Some(b"body"))])]);
    store.commit(vec![commit(2, vec![put(Table::Held, 1, b"w", None)])]);
    assert_eq!(store.body(Table::Held, 1).unwrap(), b"body");
    // And when both happen in one batch.
    store.commit(vec![
        commit(3, vec![put(Table::Held, 2, b"v", Some(b"other"))]),
        commit(4, vec![put(Table::Held, 2, b"w", None)]),
    ]);
    assert_eq!(store.body(Table::Held, 2).unwrap(), b"other");
    assert_eq!(values(&mut store, Table::Held), [(1, b"w".to_vec()), (2, b"w".to_vec())]);
}

fn a_body_is_replaced_when_a_new_one_comes<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![commit(1, vec![put(Table::Held, 1, b"v", Some(b"old"))])]);
    store.commit(vec![commit(2, vec![put(Table::Held, 1, b"v", Some(b"new"))])]);
    assert_eq!(store.body(Table::Held, 1).unwrap(), b"new");
}

fn a_body_does_not_outlive_its_record<S: Subject>() {
    let mut store = S::empty();
    let key = RecordKey { table: Table::Outbox, row: 1 };
    store.commit(vec![commit(1, vec![put(Table::Outbox, 1, b"v", Some(b"old"))])]);
    store.commit(vec![commit(2, vec![Write::Delete(key), put(Table::Outbox, 1, b"w", None)])]);
    assert_eq!(store.body(Table::Outbox, 1), Some(Vec::new()));
    store.commit(vec![commit(3, vec![put(Table::Outbox, 1, b"x", Some(b"young")), Write::Delete(key)])]);
    assert_eq!(store.body(Table::Outbox, 1), None);
}

fn a_new_record_without_a_body_has_an_empty_one_where_bodies_are<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![commit(1, vec![put(Table::Outbox, 1, b"v", None), put(Table::Host, 1, b"v", None)])]);
    assert_eq!(store.body(Table::Outbox, 1), Some(Vec::new()));
    assert_eq!(store.body(Table::Outbox, 2), None);
    assert_eq!(store.body(Table::Host, 1), None);
    assert_eq!(store.body(Table::Outbox, u64::MAX), None);
}

fn a_message_comes_back_whole<S: Subject>() {
    let mut store = S::empty();
    let mut row = message(40, 3, 17, "Grüße, 你好, \u{1f600}\0end");
    row.mine = true;
    row.unread = false;
    row.state = StoredState::FailedExpired;
    store.commit(vec![commit(1, vec![Write::AddMessage(row.clone())])]);
    assert_eq!(store.message(40), Some(row.clone()));
    assert_eq!(store.find(40), Some(row.clone()));
    assert_eq!(store.messages(3, None, 10), [row.clone()]);
    assert_eq!(store.search("grüsse", 10), [row.clone()]);
    assert_eq!(store.snapshot().messages, [(&row).into()]);
    assert_eq!(store.message(41), None);
    assert_eq!(store.message(u64::MAX), None);
    assert_eq!(store.find(41), None);
}

fn each_message_state_is_kept<S: Subject>() {
    let mut store = S::empty();
    store.commit(one_of_each());
    let states: Vec<_> = store.snapshot().messages.iter().map(|row| (row.key.0, row.state)).take(7).collect();
    assert_eq!(
        states,
        [
            (1, StoredState::Queued),
            (2, StoredState::Held),
            (4, StoredState::Read),
            (5, StoredState::FailedExpired),
            (6, StoredState::FailedEnded),
            (7, StoredState::FailedCancelled),
            (8, StoredState::FailedDropped)
        ]
    );
}

fn an_update_changes_place_state_and_unread_mark_alone<S: Subject>() {
    let mut store = S::empty();
    let mut row = message(1, 1, 5, "text");
    store.commit(vec![commit(1, vec![Write::AddMessage(row.clone()), Write::AddMessage(message(2, 1, 6, "later"))])]);
    let update = |order, state, unread| Write::UpdateMessage { key: row.key, order, state, unread };
    store.commit(vec![commit(2, vec![update(5, StoredState::Read, false)])]);
    row.state = StoredState::Read;
    row.unread = false;
    assert_eq!(store.message(1), Some(row.clone()));
    assert_eq!(keys(&store.messages(1, None, 10)), [2, 1]);
    let moved = Write::UpdateMessage { key: row.key, order: 7, state: StoredState::Delivered, unread: true };
    store.commit(vec![commit(3, vec![moved])]);
    row.order = 7;
    row.state = StoredState::Delivered;
    row.unread = true;
    assert_eq!(store.message(1), Some(row.clone()));
    assert_eq!(keys(&store.messages(1, None, 10)), [1, 2]);
}

fn updating_or_removing_a_message_that_is_not_there_is_harmless<S: Subject>() {
    let mut store = S::empty();
    for key in [3, u64::MAX].map(MessageKey) {
        let update = Write::UpdateMessage { key, order: 5, state: StoredState::Read, unread: false };
        store.commit(vec![commit(1, vec![update, Write::RemoveMessage(key)])]);
    }
    assert_eq!(store.snapshot(), Snapshot::default());
}

fn a_removed_message_is_gone_from_every_answer<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![commit(1, vec![Write::AddMessage(message(1, 1, 1, "text"))])]);
    store.commit(vec![commit(2, vec![Write::RemoveMessage(MessageKey(1))])]);
    assert_eq!(store.snapshot(), Snapshot::default());
    assert_eq!((store.message(1), store.find(1)), (None, None));
    assert_eq!((store.messages(1, None, 9), store.search("text", 9)), (Vec::new(), Vec::new()));
    assert_eq!((store.message_count(1), store.unread_count(1)), (0, 0));
}

fn pages_follow_each_other_newest_first_without_gap_or_repetition<S: Subject>() {
    let mut store = S::empty();
    // Three of one place, and another conversation in between.
    let order_of = |key: u64| if (10..13).contains(&key) { 10 } else { key };
    let rows = (1..=20).map(|key| Write::AddMessage(message(key, 1, order_of(key), "a"))).collect();
    store.commit(vec![commit(1, rows), commit(2, vec![Write::AddMessage(message(21, 2, 10, "b"))])]);
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.messages(1, before, 3);
        let Some(last) = page.last() else { break };
        before = Some((last.order, last.key));
        seen.extend(keys(&page));
    }
    assert_eq!(seen, (1..=20).rev().collect::<Vec<_>>());
    assert_eq!(keys(&store.messages(2, None, 3)), [21]);
    assert_eq!(store.messages(1, None, 0), []);
    assert_eq!(store.messages(3, None, 5), []);
    assert_eq!(store.messages(1, None, usize::MAX).len(), 20);
    assert_eq!(keys(&store.messages(1, Some((u64::MAX, MessageKey(0))), 1)), [20]);
    assert_eq!(keys(&store.messages(1, Some((10, MessageKey(u64::MAX))), 1)), [12]);
    assert_eq!(store.messages(1, Some((0, MessageKey(0))), 1), []);
}

fn search_finds_any_case_newest_first_up_to_the_limit<S: Subject>() {
    let mut store = S::empty();
    let texts = ["Straße", "STRASSE am Fluss", "nothing", "cafe\u{301}", "die strasse"];
    let rows = (1..).zip(texts).map(|(key, text)| Write::AddMessage(message(key, key as u32, 9 - key, text)));
    store.commit(vec![commit(1, rows.collect())]);
    assert_eq!(keys(&store.search("strasse", 10)), [5, 2, 1]);
    assert_eq!(keys(&store.search("strasse", 2)), [5, 2]);
    assert_eq!(keys(&store.search("CAFÉ", 10)), [4]);
    assert!(keys(&store.search("%", 10)).is_empty());
    assert!(keys(&store.search("", 10)).is_empty());
    assert!(keys(&store.search("  ", 10)).is_empty());
    assert!(keys(&store.search("strasse", 0)).is_empty());
}

fn messages_are_counted_by_conversation<S: Subject>() {
    let mut store = S::empty();
    let mut read = message(1, 1, 1, "read");
    read.unread = false;
    let rows = [read, message(2, 1, 2, "a"), message(3, 1, 3, "b"), message(4, 2, 1, "c")].map(Write::AddMessage);
    store.commit(vec![commit(1, rows.to_vec())]);
    assert_eq!((store.message_count(1), store.unread_count(1)), (3, 2));
    assert_eq!((store.message_count(2), store.unread_count(2)), (1, 1));
    assert_eq!((store.message_count(3), store.unread_count(3)), (0, 0));
    let seen = Write::UpdateMessage { key: MessageKey(2), order: 2, state: StoredState::Read, unread: false };
    store.commit(vec![commit(2, vec![seen])]);
    assert_eq!((store.message_count(1), store.unread_count(1)), (3, 1));
}

fn marks_stay_in_order_and_pruning_keeps_the_newest_of_one_friend<S: Subject>() {
    let mut store = S::empty();
    let mark = |friend, number| Write::AddMark { friend: FriendId(friend), id: id(number) };
    let prune = |friend, keep| Write::PruneMarks { friend: FriendId(friend), keep };
    let marks = [mark(1, 9), mark(2, 1), mark(1, 3), mark(1, 3), mark(2, 5), mark(1, 4)];
    store.commit(vec![commit(1, marks.to_vec())]);
    let all = [(1, 9), (2, 1), (1, 3), (1, 3), (2, 5), (1, 4)].map(|(friend, number)| (FriendId(friend), id(number)));
    assert_eq!(store.snapshot().marks, all);
    store.commit(vec![commit(2, vec![prune(1, 4), prune(2, u64::MAX), prune(3, 0)])]);
    assert_eq!(store.snapshot().marks, all);
    store.commit(vec![commit(3, vec![prune(1, 2)])]);
    let left = [(2, 1), (1, 3), (2, 5), (1, 4)].map(|(friend, number)| (FriendId(friend), id(number)));
    assert_eq!(store.snapshot().marks, left);
    store.commit(vec![commit(4, vec![prune(1, 0), mark(1, 8), prune(2, 0)])]);
    assert_eq!(store.snapshot().marks, [(FriendId(1), id(8))]);
}

fn an_empty_commit_changes_nothing<S: Subject>() {
    let mut store = S::empty();
    store.commit(vec![commit(1, Vec::new())]);
    assert_eq!(store.snapshot(), Snapshot::default());
}

fn reopening_gives_the_same_snapshot<S: Subject>() {
    let mut store = S::empty();
    store.commit(one_of_each());
    let first = store.snapshot();
    assert!(!first.records.is_empty() && !first.messages.is_empty() && !first.marks.is_empty());
    assert_eq!(store.snapshot(), first);
}

macro_rules! contract {
    ($($promise:ident),* $(,)?) => {
        mod in_memory {
            $(#[test]
            fn $promise() {
                super::$promise::<super::MemoryStore>();
            })*
        }
        mod on_disk {
            $(#[test]
            fn $promise() {
                super::$promise::<super::OnDisk>();
            })*
        }
    };
}

contract!(
    an_empty_store_gives_an_empty_snapshot,
    records_come_back_by_ascending_key_in_every_table,
    the_last_state_of_a_record_wins_within_one_commit_and_across,
    a_deleted_record_is_gone_and_deleting_it_again_is_harmless,
    a_body_stays_when_only_the_value_changes,
    a_body_is_replaced_when_a_new_one_comes,
    a_body_does_not_outlive_its_record,
    a_new_record_without_a_body_has_an_empty_one_where_bodies_are,
    a_message_comes_back_whole,
    each_message_state_is_kept,
    an_update_changes_place_state_and_unread_mark_alone,
    updating_or_removing_a_message_that_is_not_there_is_harmless,
    a_removed_message_is_gone_from_every_answer,
    pages_follow_each_other_newest_first_without_gap_or_repetition,
    search_finds_any_case_newest_first_up_to_the_limit,
    messages_are_counted_by_conversation,
    marks_stay_in_order_and_pruning_keeps_the_newest_of_one_friend,
    an_empty_commit_changes_nothing,
    reopening_gives_the_same_snapshot,
);

/// Changes to few rows, so that they meet; a message's key is made new afterwards.
fn any_write() -> impl Strategy<Value = Write> {
    let table = prop::sample::select(Table::ALL.to_vec());
    let key = (table, 0..4_u64).prop_map(|(table, row)| RecordKey { table, row });
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    let state = prop::sample::select(vec![StoredState::Queued, StoredState::Held, StoredState::Read]);
    prop_oneof![
        4 => (key.clone(), bytes(), prop::option::of(bytes()))
            .prop_map(|(key, value, body)| Write::Put { key, value, body }),
        2 => key.prop_map(Write::Delete),
        3 => (0..3_u32, 0..6_u64, "[a-cA-C ]{0,4}").prop_map(|(friend, order, text)| {
            Write::AddMessage(message(0, friend, order, &text))
        }),
        2 => (1..12_u64, 0..6_u64, state, any::<bool>()).prop_map(|(key, order, state, unread)| {
            Write::UpdateMessage { key: MessageKey(key), order, state, unread }
        }),
        1 => (1..12_u64).prop_map(|key| Write::RemoveMessage(MessageKey(key))),
        3 => (0..3_u32, 0..9_u64).prop_map(|(friend, number)| Write::AddMark { friend: FriendId(friend), id: id(number) }),
        1 => (0..3_u32, 0..4_u64).prop_map(|(friend, keep)| Write::PruneMarks { friend: FriendId(friend), keep }),
    ]
}

fn any_commits() -> impl Strategy<Value = Vec<Commit>> {
    prop::collection::vec(prop::collection::vec(any_write(), 0..8), 0..12).prop_map(|commits| {
        let mut key = 0;
        let mut number = |write| match write {
            Write::AddMessage(row) => {
                key += 1;
                Write::AddMessage(MessageRow { key: MessageKey(key), id: id(key), ..row })
            }
            other => other,
        };
        (1..).zip(commits).map(|(seq, writes)| commit(seq, writes.into_iter().map(&mut number).collect())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_hold_the_same_after_any_commits(commits in any_commits(), cut in 0..12_usize) {
        let (mut memory, mut disk) = (MemoryStore::empty(), OnDisk::empty());
        let later = commits.get(cut..).unwrap_or_default().to_vec();
        let earlier = commits.into_iter().take(cut).collect::<Vec<_>>();
        for part in [earlier, later] {
            memory.commit(part.clone());
            disk.commit(part);
            prop_assert_eq!(Subject::snapshot(&mut memory), Subject::snapshot(&mut disk));
        }
        for friend in 0..3 {
            prop_assert_eq!(Subject::messages(&memory, friend, None, 4), Subject::messages(&disk, friend, None, 4));
            let before = Some((3, MessageKey(4)));
            prop_assert_eq!(Subject::messages(&memory, friend, before, 4), Subject::messages(&disk, friend, before, 4));
            prop_assert_eq!(Subject::unread_count(&memory, friend), Subject::unread_count(&disk, friend));
            prop_assert_eq!(Subject::message_count(&memory, friend), Subject::message_count(&disk, friend));
        }
        for (table, row) in Table::ALL.into_iter().flat_map(|table| (0..4).map(move |row| (table, row))) {
            prop_assert_eq!(Subject::body(&memory, table, row), Subject::body(&disk, table, row));
        }
        prop_assert_eq!(Subject::search(&memory, "ab", 3), Subject::search(&disk, "ab", 3));
    }
}
