//! A process that is killed while it commits.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{commit, id, key, message, open, put};
use permesso_engine::ids::{FriendId, MessageKey};
use permesso_engine::rows::{Commit, RecordKey, Table, Write};
use permesso_store::{Done, Store};

const ROUNDS: u64 = 10;
/// Set for the process that commits.
const DIRECTORY: &str = "PERMESSO_KILL_TEST_DIRECTORY";

#[test]
fn every_commit_reported_before_a_sigkill_is_there_afterwards_and_none_in_part() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        commit_until_killed(&PathBuf::from(directory));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut reported = 0;
    for round in 0..ROUNDS {
        reported = kill_after(directory.path(), Duration::from_millis(5 + 23 * round)).max(reported);
        let found = check(directory.path());
        assert!(found >= reported, "round {round}: {reported} commits were reported, {found} are there");
    }
    assert!(reported > ROUNDS, "hardly anything was committed");
}

fn commit_number(number: u64) -> Commit {
    let text = format!("text {number}");
    let bytes = vec![number as u8; 700];
    commit(
        number,
        vec![
            put(Table::Outbox, number, text.as_bytes(), Some(&bytes)),
            put(Table::Pairing, 1, text.as_bytes(), None),
            Write::AddMessage(message(number, 1, number, &text)),
            Write::AddMark { friend: FriendId(1), id: id(number) },
        ],
    )
}

/// Goes on after the last commit that is stored, and prints each report.
fn commit_until_killed(directory: &Path) -> ! {
    let (store, snapshot) = Store::open(directory, Some(key()), |done| match done {
        Done::Committed(through) => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "\nreported {}", through.0).unwrap();
            out.flush().unwrap();
        }
        Done::Failed { error, .. } => panic!("{error}"),
    })
    .unwrap();
    for number in snapshot.messages.len() as u64 + 1.. {
        while store.queued() > 20 {
            std::thread::yield_now();
        }
        store.commit(commit_number(number)).unwrap();
    }
    unreachable!("it is killed long before");
}

/// Runs this test as the process that commits, kills it, and gives the last number that it reported.
fn kill_after(directory: &Path, delay: Duration) -> u64 {
    let name = "every_commit_reported_before_a_sigkill_is_there_afterwards_and_none_in_part";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let number = |line: String| line.strip_prefix("reported ").and_then(|number| number.parse::<u64>().ok());
    let first = lines.by_ref().map_while(Result::ok).find_map(number).expect("the process commits");
    let reading = std::thread::spawn(move || lines.map_while(Result::ok).filter_map(number).last());
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    reading.join().unwrap().unwrap_or(first)
}

/// Checks that commits 1 to n are stored whole and no other, and gives n.
fn check(directory: &Path) -> u64 {
    let open_store = open(directory).unwrap();
    let snapshot = &open_store.snapshot;
    let count = snapshot.messages.len() as u64;
    let reader = open_store.store.reader();
    assert!(snapshot.messages.iter().map(|row| row.key.0).eq(1..=count));
    assert!(snapshot.marks.iter().map(|(_, mark)| *mark).eq((1..=count).map(id)));
    assert_eq!(snapshot.records.len() as u64, count + 1);
    for (key, value) in snapshot.records.iter() {
        let number = if key.table == Table::Pairing { count } else { key.row };
        assert_eq!(value, format!("text {number}").as_bytes());
    }
    for number in [1, count] {
        let body = reader.body(RecordKey { table: Table::Outbox, row: number }).unwrap();
        assert_eq!(body, Some(vec![number as u8; 700]));
        assert_eq!(reader.message(MessageKey(number)).unwrap().unwrap().text, format!("text {number}"));
    }
    count
}
