//! Files that a crash or a medium has damaged: cut, torn, with bits flipped. What opens is what was stored; what does not says
//! so and is left as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{commit, key, message, one_of_each, open, put};
use permesso_engine::rows::{MessageRow, Snapshot, Table, Write};
use permesso_sim::memory::MemoryStore;
use permesso_store::{Store, StoreError};
use tempfile::TempDir;

/// Pages and frames of the log (SQLite, "Database File Format", 4.1): a header of 32 bytes, then each page behind 24 bytes.
const PAGE: usize = 4_096;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Numbers that depend on the seed alone (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// The files of a store in which thirty commits were made, one transaction each, and none was moved out of the log.
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
}

const COMMITS: u64 = 30;

impl Files {
    fn of_thirty_commits() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let open_store = open(directory.path()).unwrap();
        for seq in 1..=COMMITS {
            open_store.commit_all([commit(
                seq,
                vec![
                    put(Table::Outbox, seq, format!("value {seq}").as_bytes(), Some(&[seq as u8; 900])),
                    put(Table::Pairing, 1, format!("value {seq}").as_bytes(), None),
                    Write::AddMessage(message(seq, 1, seq, &format!("text {seq}"))),
                ],
            )]);
        }
        let files = Self {
            database: fs::read(database(directory.path())).unwrap(),
            log: fs::read(log(directory.path())).unwrap(),
        };
        assert_eq!((files.log.len() - LOG_HEADER) % (PAGE + FRAME_HEADER), 0);
        files
    }

    fn frames(&self) -> usize {
        (self.log.len() - LOG_HEADER) / (PAGE + FRAME_HEADER)
    }

    fn page_of_frame(&self, frame: usize) -> (usize, &[u8]) {
        let start = LOG_HEADER + frame * (PAGE + FRAME_HEADER);
        let number = u32::from_be_bytes(self.log[start..start + 4].try_into().unwrap());
        (number as usize - 1, &self.log[start + FRAME_HEADER..start + FRAME_HEADER + PAGE])
    }
}

fn database(directory: &Path) -> PathBuf {
    directory.join("permesso.db")
}

fn log(directory: &Path) -> PathBuf {
    directory.join("permesso.db-wal")
}

fn laid_out(main: &[u8], write_ahead: Option<&[u8]>) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(database(directory.path()), main).unwrap();
    if let Some(bytes) = write_ahead {
        fs::write(log(directory.path()), bytes).unwrap();
    }
    directory
}

/// How many commits are there: the first so many, each whole, and no other.
fn whole_commits(directory: &Path) -> Result<u64, StoreError> {
    let open_store = open(directory)?;
    let snapshot = &open_store.snapshot;
    let count = snapshot.messages.len() as u64;
    assert!(snapshot.messages.iter().map(|row| row.key.0).eq(1..=count));
    let outbox = snapshot.records.of(Table::Outbox);
    let expected = (1..=count).map(|seq| format!("value {seq}").into_bytes());
    assert!(outbox.map(|(_, value)| value.to_vec()).eq(expected));
    let pairing = snapshot.records.of(Table::Pairing).next().map(|(_, value)| value.to_vec());
    assert_eq!(pairing, (count > 0).then(|| format!("value {count}").into_bytes()));
    let reader = open_store.store.reader();
    for (key, _) in snapshot.records.iter().filter(|(key, _)| key.table == Table::Outbox) {
        assert_eq!(reader.body(key)?, Some(vec![key.row as u8; 900]));
    }
    Ok(count)
}

#[test]
fn a_log_cut_at_a_hundred_and_twenty_places_also_in_the_middle_of_frames_opens_with_the_commits_before_the_cut() {
    let files = Files::of_thirty_commits();
    let mut dice = Dice(1);
    let mut cuts: Vec<usize> = (0..120).map(|_| dice.below(files.log.len() + 1)).collect();
    cuts.sort_unstable();
    let mut last = 0;
    for cut in cuts.into_iter().chain([files.log.len()]) {
        let directory = laid_out(&files.database, Some(&files.log[..cut]));
        let count = whole_commits(directory.path()).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert!(count >= last, "cut at {cut}: {count} commits, at an earlier cut {last}");
        last = count;
    }
    assert_eq!(last, COMMITS);
}

#[test]
fn a_page_torn_in_the_middle_of_the_log_ends_it_there_and_what_lies_before_is_whole() {
    let files = Files::of_thirty_commits();
    let mut dice = Dice(2);
    for _ in 0..60 {
        let (frame, within) = (dice.below(files.frames()), dice.below(PAGE));
        let torn = LOG_HEADER + frame * (PAGE + FRAME_HEADER) + FRAME_HEADER + within;
        let end = LOG_HEADER + (frame + 1) * (PAGE + FRAME_HEADER);
        let mut bytes = files.log.clone();
        // What follows was written before it, as disks may do.
        bytes[torn..end].iter_mut().for_each(|byte| *byte = !*byte);
        let directory = laid_out(&files.database, Some(&bytes));
        let count =
            whole_commits(directory.path()).unwrap_or_else(|error| panic!("frame {frame} at {within}: {error}"));
        assert!(count < COMMITS, "frame {frame} torn at {within} was taken for whole");
    }
}

#[test]
fn a_database_whose_pages_were_torn_while_the_log_was_moved_into_it_is_whole_by_its_log() {
    let files = Files::of_thirty_commits();
    let mut dice = Dice(3);
    for round in 0..40 {
        let mut main = files.database.clone();
        for _ in 0..=dice.below(files.frames()) {
            let (number, page) = files.page_of_frame(dice.below(files.frames()));
            let written = dice.below(PAGE + 1);
            main.resize(main.len().max((number + 1) * PAGE), 0);
            main[number * PAGE..][..written].copy_from_slice(&page[..written]);
        }
        let directory = laid_out(&main, Some(&files.log));
        let count = whole_commits(directory.path()).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(count, COMMITS, "round {round}");
    }
}

/// Everything a store that opens can be asked for, each part as it was or an honest error.
fn check_against(expected: &Expected, directory: &Path, what: &str) -> bool {
    let open_store = match open(directory) {
        Ok(open_store) => open_store,
        Err(error) => {
            // The number of the schema stands in the header in clear, and a greater one is a newer version's.
            let honest =
                matches!(error, StoreError::Damaged { .. } | StoreError::WrongKey | StoreError::NewerSchema { .. });
            assert!(honest && !error.to_string().is_empty(), "{what}: {error}");
            return false;
        }
    };
    let snapshot = &open_store.snapshot;
    assert!(
        snapshot.records.iter().all(|record| expected.snapshot.records.iter().any(|right| right == record)),
        "{what}"
    );
    let identity = |snapshot: &Snapshot| snapshot.records.of(Table::Local).count();
    assert_eq!(identity(snapshot), identity(&expected.snapshot), "{what}: it looks like a host without its identity");
    let reader = open_store.store.reader();
    let mut whole = snapshot.records.len() == expected.snapshot.records.len();
    for index in &snapshot.messages {
        match reader.message(index.key) {
            Ok(Some(row)) => {
                let known = &expected.messages[&row.key.0];
                assert_eq!((&row.text, row.id, &row.parents), (&known.text, known.id, &known.parents), "{what}");
                assert_eq!((row.friend, row.mine), (known.friend, known.mine), "{what}: in another conversation");
                assert_eq!((row.local_time, row.send_time), (known.local_time, known.send_time), "{what}");
            }
            Ok(None) | Err(StoreError::Damaged { .. }) => whole = false,
            Err(error) => panic!("{what}: {error}"),
        }
    }
    for (key, _) in snapshot.records.iter().filter(|(key, _)| key.table.has_body()) {
        match reader.body(key) {
            Ok(body) => assert_eq!(body.as_ref(), expected.bodies.get(&key), "{what}"),
            Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error}"),
        }
    }
    whole
}

struct Expected {
    snapshot: Snapshot,
    messages: BTreeMap<u64, MessageRow>,
    bodies: BTreeMap<permesso_engine::rows::RecordKey, Vec<u8>>,
}

fn expected() -> Expected {
    let mut store = MemoryStore::new();
    one_of_each().into_iter().for_each(|commit| store.apply(commit));
    let snapshot = store.snapshot();
    let messages = snapshot.messages.iter().map(|index| (index.key.0, store.message(index.key).unwrap())).collect();
    let bodies = snapshot.records.iter().filter_map(|(key, _)| Some((key, store.body(key)?))).collect();
    Expected { snapshot, messages, bodies }
}

#[test]
fn a_bit_flipped_anywhere_in_the_database_never_gives_other_words_or_keys_or_a_host_without_identity() {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).unwrap().commit_all(one_of_each());
    let whole = fs::read(database(directory.path())).unwrap();
    let expected = expected();
    let mut dice = Dice(4);
    let mut refused = 0;
    for _ in 0..800 {
        let (position, bit) = (dice.below(whole.len()), dice.below(8));
        let mut flipped = whole.clone();
        flipped[position] ^= 1 << bit;
        let copy = laid_out(&flipped, None);
        let opened = check_against(&expected, copy.path(), &format!("bit {bit} of byte {position}"));
        if !opened && Store::exists(copy.path()) {
            refused += 1;
        }
    }
    assert!(refused > 50, "only {refused} were noticed");
}

#[test]
fn a_database_that_is_refused_for_a_flipped_bit_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).unwrap().commit_all(one_of_each());
    let whole = fs::read(database(directory.path())).unwrap();
    let mut dice = Dice(5);
    let mut refused = 0;
    while refused < 25 {
        let mut flipped = whole.clone();
        flipped[dice.below(whole.len())] ^= 1 << dice.below(8);
        let copy = laid_out(&flipped, None);
        if Store::open(copy.path(), Some(key()), |_| {}).is_err() {
            refused += 1;
            assert!(fs::read(database(copy.path())).unwrap() == flipped, "a refused database was written to");
        }
    }
}

#[test]
fn a_bit_flipped_anywhere_in_the_log_opens_with_the_commits_before_it() {
    let files = Files::of_thirty_commits();
    let mut dice = Dice(6);
    for _ in 0..80 {
        let (position, bit) = (dice.below(files.log.len()), dice.below(8));
        let mut bytes = files.log.clone();
        bytes[position] ^= 1 << bit;
        let directory = laid_out(&files.database, Some(&bytes));
        let count =
            whole_commits(directory.path()).unwrap_or_else(|error| panic!("bit {bit} of byte {position}: {error}"));
        assert!(count <= COMMITS);
    }
}

#[test]
fn a_message_moved_to_another_conversation_or_said_to_be_of_another_writer_is_called_damaged() {
    for change in ["friend = friend + 1", "mine = NOT mine"] {
        let directory = tempfile::tempdir().unwrap();
        open(directory.path()).unwrap().commit_all(one_of_each());
        let connection = rusqlite::Connection::open(database(directory.path())).unwrap();
        connection.execute(&format!("UPDATE message SET {change} WHERE id = 5"), []).unwrap();
        drop(connection);
        let error = open(directory.path()).err().expect("it opened");
        assert!(error.to_string().contains("message 5 stands in another conversation"), "{error}");
    }
}
