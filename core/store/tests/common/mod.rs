//! What the tests of the store share.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, CommitSeq, MessageRow, RecordKey, Snapshot, StoredState, Table, Write};
use permesso_engine::time::Wall;
use permesso_store::{Done, Key, Store, StoreError};

/// The key of every database in the tests.
pub fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// A store with its reports.
pub struct Open {
    pub store: Store,
    pub done: Receiver<Done>,
    pub snapshot: Snapshot,
}

pub fn open(directory: &Path) -> Result<Open, StoreError> {
    let (reports, done) = channel();
    let (store, snapshot) = Store::open(directory, Some(key()), move |report| drop(reports.send(report)))?;
    Ok(Open { store, done, snapshot })
}

impl Open {
    pub fn next_report(&self) -> Done {
        self.done.recv_timeout(Duration::from_secs(60)).expect("a report within a minute")
    }

    /// Hands the commits over and waits until the last is durable.
    pub fn commit_all(&self, commits: impl IntoIterator<Item = Commit>) {
        let mut last = None;
        for commit in commits {
            last = Some(commit.seq);
            self.store.commit(commit).unwrap();
        }
        while let Some(seq) = last {
            match self.next_report() {
                Done::Committed(through) if through == seq => return,
                Done::Committed(_) => {}
                Done::Failed { error, .. } => panic!("a commit failed: {error}"),
            }
        }
    }
}

pub fn commit(seq: u64, writes: Vec<Write>) -> Commit {
    Commit { seq: CommitSeq(seq), writes }
}

pub fn put(table: Table, row: u64, value: &[u8], body: Option<&[u8]>) -> Write {
    Write::Put { key: RecordKey { table, row }, value: value.to_vec(), body: body.map(<[u8]>::to_vec) }
}

pub fn id(number: u64) -> MessageId {
    let mut bytes = [0xa5; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    MessageId(bytes)
}

/// A received, unread message.
pub fn message(key: u64, friend: u32, order: u64, text: &str) -> MessageRow {
    MessageRow {
        key: MessageKey(key),
        friend: FriendId(friend),
        id: id(key),
        mine: false,
        order,
        local_time: Wall(1_700_000_000_000 + key),
        send_time: Wall(1_600_000_000_000 + key),
        state: StoredState::Delivered,
        unread: true,
        parents: (0..key.min(4)).map(|back| id(key - 1 - back)).collect(),
        text: text.to_owned(),
    }
}

/// Commits that use every kind of write, each twice or more.
pub fn one_of_each() -> Vec<Commit> {
    let mut commits = Vec::new();
    let mut seq = 0;
    let mut next = |writes| {
        seq += 1;
        commits.push(commit(seq, writes));
    };
    for table in Table::ALL {
        let body: Option<&[u8]> = table.has_body().then_some(b"the body");
        next(vec![put(table, 1, b"first", body), put(table, 2, b"second", None), put(table, 9, b"ninth", body)]);
    }
    next(vec![put(Table::Outbox, 9, b"ninth again", None), put(Table::Held, 2, b"", Some(b"late body"))]);
    next(vec![
        Write::Delete(RecordKey { table: Table::Packet, row: 2 }),
        Write::Delete(RecordKey { table: Table::Held, row: 77 }),
    ]);
    for number in 1..=12 {
        let mut row = message(number, number as u32 % 2, number / 3, &format!("Message number {number}: Grüße!"));
        row.mine = number % 4 == 0;
        next(vec![Write::AddMessage(row), Write::AddMark { friend: FriendId(number as u32 % 2), id: id(number) }]);
    }
    for (number, state) in [
        StoredState::Queued,
        StoredState::Held,
        StoredState::Delivered,
        StoredState::Read,
        StoredState::FailedExpired,
        StoredState::FailedEnded,
        StoredState::FailedCancelled,
        StoredState::FailedDropped,
    ]
    .into_iter()
    .enumerate()
    {
        let key = MessageKey(number as u64 + 1);
        next(vec![Write::UpdateMessage { key, order: key.0 / 3 + 1, state, unread: number % 2 == 0 }]);
    }
    next(vec![Write::RemoveMessage(MessageKey(3)), Write::RemoveMessage(MessageKey(33))]);
    next(vec![Write::PruneMarks { friend: FriendId(1), keep: 2 }]);
    commits
}
