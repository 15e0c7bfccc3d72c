use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{MessageRow, RecordKey, StoredState, Table, Write};
use permesso_engine::time::Wall;
use tempfile::TempDir;

use super::*;

/// Pages beyond those of an empty database that the "disk" has room for.
const ROOM: u32 = 12;

fn key() -> Key {
    Key::from_bytes([3; 32])
}

/// A store on a disk that has little room left.
fn nearly_full(directory: &TempDir) -> (Store, Receiver<Done>) {
    let files = Files::new(directory.path());
    let lock = files.lock().unwrap();
    let (database, _) = Database::open(&files, &key()).unwrap();
    database.limit_pages(ROOM);
    let (reports, done) = channel();
    let store = Store::start(files, key(), lock, database, move |report| drop(reports.send(report))).unwrap();
    (store, done)
}

fn commit(seq: u64) -> Commit {
    let key = RecordKey { table: Table::Outbox, row: seq };
    let put = Write::Put { key, value: vec![1; 10], body: Some(vec![seq as u8; 3000]) };
    Commit { seq: CommitSeq(seq), writes: vec![put] }
}

fn next(done: &Receiver<Done>) -> Done {
    done.recv_timeout(Duration::from_secs(60)).unwrap()
}

#[test]
fn on_a_full_disk_one_commit_fails_and_every_later_one_and_nothing_before_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let (store, done) = nearly_full(&directory);
    let mut committed = 0;
    let failed = loop {
        store.commit(commit(committed + 1)).unwrap();
        match next(&done) {
            Done::Committed(seq) => committed = seq.0,
            Done::Failed { seq, error } => {
                assert_eq!(error, StoreError::DiskFull);
                break seq;
            }
        }
        assert!(committed < 1000, "the disk never became full");
    };
    assert_eq!(failed, CommitSeq(committed + 1));
    // A change that needs no room fails too: it may build upon the one that failed.
    for seq in [committed + 2, committed + 3] {
        let delete = Write::Delete(RecordKey { table: Table::Outbox, row: 1 });
        store.commit(Commit { seq: CommitSeq(seq), writes: vec![delete] }).unwrap();
        assert_eq!(next(&done), Done::Failed { seq: CommitSeq(seq), error: StoreError::DiskFull });
    }
    assert_eq!(store.queued(), 0);
    drop(store);
    let (_store, snapshot) = Store::open(directory.path(), Some(key()), |_| {}).unwrap();
    let rows: Vec<_> = snapshot.records.iter().map(|(key, _)| key.row).collect();
    assert!(!rows.is_empty());
    assert_eq!(rows, (1..=committed).collect::<Vec<_>>());
}

#[test]
fn a_batch_that_does_not_fit_is_reported_failed_commit_by_commit() {
    let directory = tempfile::tempdir().unwrap();
    let (store, done) = nearly_full(&directory);
    store.pause().unwrap();
    for seq in 1..=3 {
        let mut commit = commit(seq);
        if seq == 2 {
            commit.writes = vec![message(1), message(1)];
        }
        store.commit(commit).unwrap();
    }
    assert_eq!(store.queued(), 3);
    store.resume().unwrap();
    for seq in 1..=3 {
        assert!(
            matches!(next(&done), Done::Failed { seq: CommitSeq(found), error: StoreError::Rejected { .. } } if found == seq)
        );
    }
    drop(store);
    let (_store, snapshot) = Store::open(directory.path(), Some(key()), |_| {}).unwrap();
    assert_eq!(snapshot, Snapshot::default());
}

/// A SIGKILL shows none of this: the system writes what a process had handed it. The power must stay on for that.
#[test]
fn every_commit_is_synced_and_removed_rows_are_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::new(directory.path());
    for opening in ["made", "opened again"] {
        let (database, _) = Database::open(&files, &key()).unwrap();
        assert_eq!(database.pragma::<String>("journal_mode"), "wal", "{opening}");
        // 2 is FULL: the log is synced at every commit (SQLite, "PRAGMA synchronous").
        assert_eq!(database.pragma::<i64>("synchronous"), 2, "{opening}");
        for kind in ["fullfsync", "checkpoint_fullfsync"] {
            assert_eq!(database.pragma::<i64>(kind), 1, "{opening}: {kind}");
        }
        assert_eq!(database.pragma::<i64>("secure_delete"), 1, "{opening}");
        assert_eq!(database.pragma::<i64>("foreign_keys"), 1, "{opening}");
        // 2 is MEMORY.
        assert_eq!(database.pragma::<i64>("temp_store"), 2, "{opening}");
        database.close().unwrap();
    }
}

fn message(key: u64) -> Write {
    Write::AddMessage(MessageRow {
        key: MessageKey(key),
        friend: FriendId(1),
        id: MessageId([1; 16]),
        mine: true,
        order: 1,
        local_time: Wall(1),
        send_time: Wall(1),
        state: StoredState::Queued,
        unread: false,
        parents: Vec::new(),
        text: "text".into(),
    })
}
