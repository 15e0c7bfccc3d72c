//! Reading what is left of a damaged database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use common::{commit, key, message, open, put};
use permesso_engine::rows::{Table, Write};
use permesso_store::{Key, RescueReport, Rescued, Store, StoreError};
use tempfile::TempDir;

const MESSAGES: u64 = 500;

/// A closed store with ten friends and many messages, over many pages.
fn filled() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let writes = (1..=MESSAGES).map(|number| {
        let friend = number as u32 % 10;
        Write::AddMessage(message(number, friend, number, &format!("Message {number} {}", "x".repeat(200))))
    });
    let friends = (0..10).map(|row| put(Table::Friend, row, b"somebody", None));
    open(directory.path()).unwrap().commit_all([commit(1, friends.chain(writes).collect())]);
    directory
}

fn rescue(directory: &Path) -> Result<(RescueReport, Vec<Rescued>), StoreError> {
    let mut all = Vec::new();
    let report = Store::rescue(directory, &key())?.run(&mut |found| {
        all.push(found);
        ControlFlow::Continue(())
    });
    Ok((report.expect("nobody broke it off"), all))
}

fn messages(all: &[Rescued]) -> Vec<u64> {
    let keys = all.iter().filter_map(|found| match found {
        Rescued::Message(row) => Some(row.key.0),
        Rescued::Record(..) => None,
    });
    keys.collect()
}

#[test]
fn of_a_whole_database_everything_is_read_and_nothing_is_changed() {
    let directory = filled();
    let before = fs::read(directory.path().join("permesso.db")).unwrap();
    let (report, all) = rescue(directory.path()).unwrap();
    assert_eq!(report, RescueReport { records: 10, messages: MESSAGES, unreadable: 0, torn_tables: 0 });
    assert!(matches!(&all[0], Rescued::Record(key, value) if key.table == Table::Friend && value == b"somebody"));
    assert_eq!(messages(&all), (1..=MESSAGES).collect::<Vec<_>>());
    assert_eq!(fs::read(directory.path().join("permesso.db")).unwrap(), before);
}

#[test]
fn what_stands_in_the_log_alone_is_read_too() {
    let directory = filled();
    let open_store = open(directory.path()).unwrap();
    open_store.commit_all([commit(1, vec![Write::AddMessage(message(900, 1, 900, "in the log"))])]);
    let copy = tempfile::tempdir().unwrap();
    for name in ["permesso.db", "permesso.db-wal"] {
        fs::copy(directory.path().join(name), copy.path().join(name)).unwrap();
    }
    let (report, all) = rescue(copy.path()).unwrap();
    assert_eq!(report.messages, MESSAGES + 1);
    assert_eq!(messages(&all).last(), Some(&900));
}

#[test]
fn a_damaged_part_costs_its_own_rows_alone() {
    let directory = filled();
    let path = directory.path().join("permesso.db");
    let mut bytes = fs::read(&path).unwrap();
    // Two pages that hold messages, found by where the rows of a page lie: pages of 4,096 bytes, far from each other.
    let pages = bytes.len() / 4096;
    let of_message = message_pages(&path);
    assert!(of_message.len() > 20 && pages > of_message.len());
    for page in [of_message[8], of_message[of_message.len() - 9]] {
        bytes[(page - 1) * 4096..page * 4096].fill(0xff);
    }
    fs::write(&path, &bytes).unwrap();
    let (report, all) = rescue(directory.path()).unwrap();
    assert_eq!(report.records, 10);
    assert_eq!(report.messages + report.unreadable, MESSAGES);
    assert!((5..60).contains(&report.unreadable), "{report:?}");
    assert_eq!(report.torn_tables, 1);
    let mut found = messages(&all);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len() as u64, report.messages, "a message came twice");
}

/// The pages that hold the leaves of the table of messages.
fn message_pages(path: &Path) -> Vec<usize> {
    let bytes = fs::read(path).unwrap();
    // A leaf of a table begins with 13 (SQLite, "Database File Format", 1.6); messages fill by far the most of them.
    (2..=bytes.len() / 4096).filter(|page| bytes[(page - 1) * 4096] == 13).skip(5).collect()
}

#[test]
fn a_message_that_is_not_authentic_is_counted_and_passed_over() {
    let directory = filled();
    let connection = rusqlite::Connection::open(directory.path().join("permesso.db")).unwrap();
    connection.execute("UPDATE message SET text = zeroblob(80) WHERE id IN (4, 300)", []).unwrap();
    connection.execute("UPDATE friend SET value = zeroblob(80) WHERE id = 3", []).unwrap();
    drop(connection);
    let (report, _) = rescue(directory.path()).unwrap();
    assert_eq!(report, RescueReport { records: 9, messages: MESSAGES - 2, unreadable: 3, torn_tables: 0 });
}

#[test]
fn of_a_truncated_database_the_rest_is_read() {
    let directory = filled();
    let path = directory.path().join("permesso.db");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = Store::open(directory.path(), Some(key()), |_| {}).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }));
    let (report, all) = rescue(directory.path()).unwrap();
    assert!(report.messages > 50 && report.messages < MESSAGES, "{report:?}");
    assert!(report.torn_tables > 0);
    assert_eq!(messages(&all).len() as u64, report.messages);
    assert_eq!(fs::read(&path).unwrap(), bytes[..bytes.len() / 2]);
}

#[test]
fn what_cannot_be_rescued_is_said() {
    let directory = filled();
    assert_eq!(Store::rescue(directory.path(), &Key::generate().unwrap()).err(), Some(StoreError::WrongKey));
    let held = open(directory.path()).unwrap();
    assert_eq!(Store::rescue(directory.path(), &key()).err(), Some(StoreError::InUse));
    drop(held);
    fs::write(directory.path().join("permesso.db"), vec![b'x'; 8192]).unwrap();
    assert!(matches!(Store::rescue(directory.path(), &key()), Err(StoreError::Damaged { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Store::rescue(empty.path(), &key()), Err(StoreError::Damaged { .. })));
}

#[test]
fn who_breaks_it_off_gets_no_more_of_any_table_and_no_report() {
    let directory = filled();
    // Damaged too: then rows are looked for in three ways.
    let path = directory.path().join("permesso.db");
    let mut bytes = fs::read(&path).unwrap();
    let of_message = message_pages(&path);
    bytes[(of_message[8] - 1) * 4096..of_message[8] * 4096].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let (report, all) = rescue(directory.path()).unwrap();
    assert!(report.torn_tables == 1 && messages(&all).windows(2).any(|two| two[0] > two[1]), "{report:?}");
    for at in [1, 10, 11, 50, all.len() / 2, all.len() - 1, all.len()] {
        let mut given = 0;
        let report = Store::rescue(directory.path(), &key()).unwrap().run(&mut |_| {
            given += 1;
            if given == at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((report, given), (None, at));
    }
    assert!(Store::open(directory.path(), Some(key()), |_| {}).is_err(), "it is damaged");
    assert_eq!(rescue(directory.path()).unwrap().1, all);
}
