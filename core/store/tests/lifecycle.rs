//! Reports, group commit, pausing and dropping.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::mpsc::{channel, sync_channel};

use common::{commit, key, message, one_of_each, open, put};
use permesso_engine::ids::MessageKey;
use permesso_engine::rows::{CommitSeq, RecordKey, Table, Write};
use permesso_store::{Done, Store, StoreError};

const OUTBOX_1: RecordKey = RecordKey { table: Table::Outbox, row: 1 };

#[test]
fn all_commits_that_wait_become_durable_at_once_and_are_reported_together() {
    let directory = tempfile::tempdir().unwrap();
    let (reports, done) = channel();
    let (release, released) = sync_channel::<()>(0);
    let (store, _) = Store::open(directory.path(), Some(key()), move |report| {
        reports.send(report).unwrap();
        let _ = released.recv();
    })
    .unwrap();
    // Dropped before the store, which waits for the callback.
    let release = release;
    store.commit(commit(1, Vec::new())).unwrap();
    assert_eq!(done.recv(), Ok(Done::Committed(CommitSeq(1))));
    for seq in 2..=101 {
        store.commit(commit(seq, vec![put(Table::Local, seq, b"v", None)])).unwrap();
    }
    assert_eq!(store.queued(), 100);
    release.send(()).unwrap();
    assert_eq!(done.recv(), Ok(Done::Committed(CommitSeq(101))));
    assert_eq!(store.queued(), 0);
}

#[test]
fn a_reader_sees_a_commit_as_soon_as_it_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    let reader = open_store.store.reader();
    for seq in 1..=200 {
        let body = seq.to_string();
        open_store.commit_all([commit(
            seq,
            vec![put(Table::Outbox, 1, b"v", Some(body.as_bytes())), Write::AddMessage(message(seq, 1, seq, &body))],
        )]);
        assert_eq!(reader.body(OUTBOX_1).unwrap().unwrap(), body.as_bytes());
        assert_eq!(reader.message(MessageKey(seq)).unwrap().unwrap().text, body);
    }
}

#[test]
fn readers_of_several_threads_read_while_commits_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    open_store.commit_all([commit(1, vec![Write::AddMessage(message(1, 1, 1, "needle"))])]);
    std::thread::scope(|scope| {
        for reader in [open_store.store.reader(), open_store.store.reader()] {
            scope.spawn(move || {
                for _ in 0..50 {
                    let hits = reader.search("needle", 1000).unwrap();
                    let keys: Vec<_> = hits.iter().rev().map(|row| row.key.0).collect();
                    assert_eq!(keys, (1..=keys.len() as u64).collect::<Vec<_>>());
                }
            });
        }
        for seq in 2..=100 {
            open_store.commit_all([commit(seq, vec![Write::AddMessage(message(seq, 1, seq, "needle"))])]);
        }
    });
    assert_eq!(open_store.store.reader().search("needle", 1000).unwrap().len(), 100);
}

#[test]
fn a_commit_that_contradicts_what_is_stored_fails_and_so_do_all_later_ones() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    open_store.commit_all([commit(1, vec![Write::AddMessage(message(1, 1, 1, "first"))])]);
    let twice = commit(2, vec![put(Table::Local, 1, b"v", None), Write::AddMessage(message(1, 1, 1, "second"))]);
    open_store.store.commit(twice).unwrap();
    assert!(matches!(open_store.next_report(), Done::Failed { seq: CommitSeq(2), error: StoreError::Rejected { .. } }));
    open_store.store.commit(commit(3, vec![put(Table::Local, 2, b"v", None)])).unwrap();
    assert!(matches!(open_store.next_report(), Done::Failed { seq: CommitSeq(3), .. }));
    drop(open_store);
    let again = open(directory.path()).unwrap();
    assert!(again.snapshot.records.is_empty());
    assert_eq!(again.store.reader().message(MessageKey(1)).unwrap().unwrap().text, "first");
    again.commit_all([commit(1, vec![put(Table::Local, 1, b"v", None)])]);
}

#[test]
fn a_number_that_cannot_be_stored_fails_its_commit() {
    for write in [put(Table::Local, u64::MAX, b"", None), Write::AddMessage(message(1, 1, u64::MAX, ""))] {
        let directory = tempfile::tempdir().unwrap();
        let open_store = open(directory.path()).unwrap();
        open_store.store.commit(commit(1, vec![write])).unwrap();
        assert!(matches!(open_store.next_report(), Done::Failed { error: StoreError::Rejected { .. }, .. }));
    }
}

#[test]
fn dropping_the_store_finishes_what_was_handed_over() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    for seq in 1..=500 {
        open_store.store.commit(commit(seq, vec![put(Table::Local, seq, b"v", None)])).unwrap();
    }
    let reader = open_store.store.reader();
    drop(open_store.store);
    assert_eq!(open_store.done.iter().last(), Some(Done::Committed(CommitSeq(500))));
    assert_eq!(reader.message(MessageKey(1)), Err(StoreError::Closed));
    assert_eq!(open(directory.path()).unwrap().snapshot.records.len(), 500);
}

#[test]
fn a_paused_store_has_no_file_open_and_no_log_left() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    let reader = open_store.store.reader();
    let commits = one_of_each();
    let last = commits.last().unwrap().seq;
    for commit in commits {
        open_store.store.commit(commit).unwrap();
    }
    assert!(reader.message(MessageKey(77)).unwrap().is_none());
    open_store.store.pause().unwrap();
    open_store.store.pause().unwrap();
    assert_eq!(open_store.done.try_iter().last(), Some(Done::Committed(last)));
    assert!(!directory.path().join("permesso.db-wal").exists());
    assert_eq!(reader.message(MessageKey(1)), Err(StoreError::Closed));
    assert_eq!(open_store.store.reader().message(MessageKey(1)), Err(StoreError::Closed));
    if let Ok(open_files) = std::fs::read_dir("/proc/self/fd") {
        let names = open_files.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
        let ours: Vec<_> = names.filter(|name| name.starts_with(directory.path())).collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
    open_store.store.resume().unwrap();
    open_store.store.resume().unwrap();
    assert!(reader.message(MessageKey(1)).unwrap().is_some());
    open_store.commit_all([commit(1, vec![put(Table::Local, 1, b"after", None)])]);
}

#[test]
fn commits_that_come_while_paused_are_written_on_resume() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    open_store.store.pause().unwrap();
    for seq in 1..=3 {
        open_store.store.commit(commit(seq, vec![put(Table::Local, seq, b"v", None)])).unwrap();
    }
    assert_eq!(open_store.store.queued(), 3);
    open_store.store.resume().unwrap();
    assert_eq!(open_store.next_report(), Done::Committed(CommitSeq(3)));
    drop(open_store);
    assert_eq!(open(directory.path()).unwrap().snapshot.records.len(), 3);
}

#[test]
fn dropping_a_paused_store_reports_what_waited_as_failed() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    open_store.store.pause().unwrap();
    open_store.store.commit(commit(1, vec![put(Table::Local, 1, b"v", None)])).unwrap();
    drop(open_store.store);
    assert_eq!(open_store.done.recv(), Ok(Done::Failed { seq: CommitSeq(1), error: StoreError::Closed }));
    assert!(open(directory.path()).unwrap().snapshot.records.is_empty());
}

#[test]
fn a_store_that_somebody_else_opened_meanwhile_does_not_resume() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).unwrap();
    first.store.pause().unwrap();
    let second = open(directory.path()).unwrap();
    assert_eq!(first.store.resume(), Err(StoreError::InUse));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(200));
            drop(second);
        });
        assert_eq!(first.store.resume(), Err(StoreError::ChangedMeanwhile));
    });
    drop(first);
    open(directory.path()).unwrap();
}

#[test]
fn a_wiped_database_is_not_made_again_by_resuming() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    open_store.store.pause().unwrap();
    Store::wipe(directory.path()).unwrap();
    assert_eq!(open_store.store.resume(), Err(StoreError::ChangedMeanwhile));
    assert!(!Store::exists(directory.path()));
}
