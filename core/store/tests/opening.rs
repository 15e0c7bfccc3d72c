//! Opening: keys, versions, damage, locks, and what lies in the files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use common::{commit, key, message, one_of_each, open, put};
use permesso_engine::ids::MessageKey;
use permesso_engine::rows::{RecordKey, Snapshot, Table, Write};
use permesso_sim::memory::MemoryStore;
use permesso_store::{Key, Store, StoreError};
use tempfile::TempDir;

/// A closed store that holds [`one_of_each`].
fn filled() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    open(directory.path()).unwrap().commit_all(one_of_each());
    directory
}

fn expected() -> Snapshot {
    let mut store = MemoryStore::new();
    one_of_each().into_iter().for_each(|commit| store.apply(commit));
    store.snapshot()
}

fn open_with(directory: &Path, key: Option<Key>) -> Result<Snapshot, StoreError> {
    Store::open(directory, key, |_| {}).map(|(_, snapshot)| snapshot)
}

fn database(directory: &Path) -> std::path::PathBuf {
    directory.join("permesso.db")
}

#[test]
fn a_wrong_key_is_told_from_damage_and_changes_nothing() {
    let directory = filled();
    let before = fs::read(database(directory.path())).unwrap();
    assert_eq!(open_with(directory.path(), Some(Key::generate().unwrap())), Err(StoreError::WrongKey));
    assert_eq!(fs::read(database(directory.path())).unwrap(), before);
    assert_eq!(open_with(directory.path(), Some(key())), Ok(expected()));
}

#[test]
fn without_a_key_nothing_is_opened_and_nothing_is_made() {
    let directory = filled();
    assert_eq!(open_with(directory.path(), None), Err(StoreError::KeyMissing));
    assert_eq!(open_with(directory.path(), Some(key())), Ok(expected()));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(open_with(empty.path(), None), Err(StoreError::KeyMissing));
    assert!(!Store::exists(empty.path()));
    assert!(Store::exists(directory.path()));
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_kept() {
    let directory = filled();
    let connection = rusqlite::Connection::open(database(directory.path())).unwrap();
    connection.pragma_update(None, "user_version", 9999).unwrap();
    drop(connection);
    let before = fs::read(database(directory.path())).unwrap();
    let error = open_with(directory.path(), Some(key())).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error}");
    assert!(error.to_string().contains("update"));
    assert_eq!(fs::read(database(directory.path())).unwrap(), before);
}

#[test]
fn every_schema_ever_shipped_still_opens() {
    // To make the fixture of a new schema: add it, with the tables it does not have yet, and set this to its number.
    let new = std::env::var("PERMESSO_WRITE_FIXTURE").ok();
    for (schema, missing) in [(1, &[Table::Custody, Table::Proof][..]), (2, &[Table::Proof]), (3, &[])] {
        let fixture = format!("{}/tests/fixtures/schema-{schema}.db", env!("CARGO_MANIFEST_DIR"));
        if new.as_deref() == Some(&schema.to_string()) {
            fs::copy(database(filled().path()), &fixture).unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        fs::copy(&fixture, database(directory.path())).unwrap();
        let open_store = open(directory.path()).unwrap();
        let mut wanted = expected();
        wanted.records.retain(|key| !missing.contains(&key.table));
        assert_eq!(open_store.snapshot, wanted, "schema {schema}");
        let mut reference = MemoryStore::new();
        one_of_each().into_iter().for_each(|commit| reference.apply(commit));
        let reader = open_store.store.reader();
        for table in Table::ALL.into_iter().filter(|table| !missing.contains(table)) {
            let rows: Vec<_> = wanted.records.of(table).map(|(row, _)| RecordKey { table, row }).collect();
            assert!(!rows.is_empty(), "nothing stands in {table:?}");
            assert!(rows.iter().all(|key| reader.body(*key) == Ok(reference.body(*key))));
        }
        let messages = &open_store.snapshot.messages;
        assert!(!messages.is_empty() && !open_store.snapshot.marks.is_empty());
        assert!(messages.iter().all(|row| reader.message(row.key) == Ok(reference.message(row.key))));
    }
}

#[test]
fn a_truncated_database_is_called_damaged_and_left_as_it_is() {
    let directory = filled();
    let whole = fs::read(database(directory.path())).unwrap();
    for length in [0, 1, 15, 16, 99, 100, 511, 512, 4095, 4096, 4097, 8192, whole.len() / 2, whole.len() - 1] {
        let cut = tempfile::tempdir().unwrap();
        fs::write(database(cut.path()), &whole[..length]).unwrap();
        let error = open_with(cut.path(), Some(key())).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "cut at {length}: {error}");
        assert_eq!(fs::read(database(cut.path())).unwrap(), whole[..length], "cut at {length}");
    }
}

#[test]
fn a_file_that_is_no_database_is_called_damaged_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(database(directory.path()), vec![b'x'; 10_000]).unwrap();
    assert!(matches!(open_with(directory.path(), Some(key())), Err(StoreError::Damaged { .. })));
    assert_eq!(fs::read(database(directory.path())).unwrap(), vec![b'x'; 10_000]);
}

#[test]
fn a_log_without_its_database_does_not_become_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("permesso.db-wal");
    fs::write(&log, b"frames").unwrap();
    assert!(matches!(open_with(directory.path(), Some(key())), Err(StoreError::Damaged { .. })));
    assert_eq!(fs::read(log).unwrap(), b"frames");
    assert!(!Store::exists(directory.path()));
}

#[test]
fn a_flipped_byte_anywhere_never_gives_another_state_than_the_one_stored() {
    let directory = filled();
    let whole = fs::read(database(directory.path())).unwrap();
    let mut refused = 0;
    for position in (0..whole.len()).step_by(997) {
        let mut flipped = whole.clone();
        flipped[position] ^= 0x10;
        let copy = tempfile::tempdir().unwrap();
        fs::write(database(copy.path()), &flipped).unwrap();
        match open_with(copy.path(), Some(key())) {
            Ok(snapshot) => {
                // Structure and small numbers are not encrypted: of those only what is secret must be the same.
                let (left, right) = (snapshot.records.len(), expected().records.len());
                assert!(left <= right, "byte {position}");
                let right = expected();
                let is_right = |record| right.records.iter().any(|right| right == record);
                assert!(snapshot.records.iter().all(is_right), "byte {position}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 5, "only {refused} refused");
}

#[test]
fn a_log_cut_anywhere_opens_with_the_commits_before_the_cut() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    for seq in 1..=30 {
        // One by one, so that each is a transaction of its own.
        open_store.commit_all([commit(
            seq,
            vec![
                put(Table::Outbox, seq, b"value", Some(&[seq as u8; 300])),
                Write::AddMessage(message(seq, 1, seq, "text")),
            ],
        )]);
    }
    let (main, log) =
        (fs::read(database(directory.path())).unwrap(), fs::read(directory.path().join("permesso.db-wal")).unwrap());
    drop(open_store);
    let mut last = 0;
    let cuts: Vec<_> = (0..log.len()).step_by(log.len() / 40 + 13).chain([log.len()]).collect();
    for cut in cuts {
        let copy = tempfile::tempdir().unwrap();
        fs::write(database(copy.path()), &main).unwrap();
        fs::write(copy.path().join("permesso.db-wal"), &log[..cut]).unwrap();
        let snapshot = open_with(copy.path(), Some(key())).unwrap();
        let rows: Vec<_> = snapshot.records.iter().map(|(key, _)| key.row).collect();
        let messages: Vec<_> = snapshot.messages.iter().map(|row| row.key.0).collect();
        let count = rows.len() as u64;
        assert_eq!(rows, (1..=count).collect::<Vec<_>>(), "cut at {cut}");
        assert_eq!(messages, rows, "cut at {cut}");
        assert!(count >= last, "cut at {cut}");
        last = count;
    }
    assert_eq!(last, 30);
}

#[test]
fn neither_words_nor_ids_nor_values_stand_in_the_files_in_clear() {
    let directory = tempfile::tempdir().unwrap();
    let open_store = open(directory.path()).unwrap();
    let (text, value, body) = ("the meeting is at the old mill", b"ratchet secrets".as_slice(), b"envelope ciphertext");
    let row = message(0x1122_3344, 1, 1, text);
    let mark = Write::AddMark { friend: row.friend, id: row.id };
    let id = row.id;
    open_store.commit_all([commit(1, vec![Write::AddMessage(row), mark, put(Table::Outbox, 1, value, Some(body))])]);
    let seen_in_files = |needle: &[u8]| {
        let files = fs::read_dir(directory.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        files.filter(|bytes| bytes.windows(needle.len()).any(|window| window == needle)).count()
    };
    let key = key();
    let secrets: [&[u8]; 5] = [text.as_bytes(), value, body, id.as_bytes(), key.as_bytes()];
    assert!(seen_in_files(b"message_by_place") > 0, "the files are not looked at as they are");
    assert!(secrets.iter().all(|secret| seen_in_files(secret) == 0), "while it is open");
    drop(open_store);
    assert!(secrets.iter().all(|secret| seen_in_files(secret) == 0), "after it was closed");
}

#[test]
fn a_folder_that_is_let_go_of_in_time_is_waited_for() {
    type Task = fn(&Path) -> Result<(), StoreError>;
    let directory = tempfile::tempdir().unwrap();
    let tasks: [Task; 3] = [
        |folder| open_with(folder, Some(key())).map(drop),
        |folder| Store::rescue(folder, &key()).map(drop),
        |folder| Store::wipe(folder),
    ];
    for task in tasks {
        let first = open(directory.path()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(200));
                drop(first);
            });
            assert_eq!(task(directory.path()), Ok(()));
        });
    }
    let claim = Store::claim_new(directory.path()).unwrap();
    assert_eq!(Store::claim_new(directory.path()).err(), Some(StoreError::InUse));
    drop(claim);
}

#[test]
fn a_folder_belongs_to_one_store_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).unwrap();
    assert_eq!(open_with(directory.path(), Some(key())), Err(StoreError::InUse));
    assert_eq!(Store::wipe(directory.path()), Err(StoreError::InUse));
    assert_eq!(Store::salt(directory.path()), Err(StoreError::InUse));
    drop(first);
    assert_eq!(open_with(directory.path(), Some(key())), Ok(Snapshot::default()));
}

#[test]
fn a_folder_that_is_a_file_is_said_not_to_be_writable() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(open_with(&file, Some(key())), Err(StoreError::NotWritable { .. })));
    assert!(matches!(open_with(&file.join("below"), Some(key())), Err(StoreError::NotWritable { .. })));
}

#[cfg(unix)]
#[test]
fn a_folder_without_write_permission_is_said_not_to_be_writable() {
    use std::os::unix::fs::PermissionsExt;

    let directory = filled();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o500)).unwrap();
    fs::set_permissions(directory.path().join("lock"), fs::Permissions::from_mode(0o400)).unwrap();
    if fs::write(directory.path().join("probe"), b"").is_ok() {
        // Past the capture of test output, so that it is seen.
        let _ = writeln!(io::stderr(), "SKIPPED: permissions do not bind this user");
        return;
    }
    let error = open_with(directory.path(), Some(key())).unwrap_err();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn other_users_of_the_machine_cannot_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("made/by/the/store");
    let open_store = open(&directory).unwrap();
    open_store.commit_all(one_of_each());
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o077, 0);
    for entry in fs::read_dir(&directory).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn a_passphrase_and_its_salt_open_the_database_again() {
    let directory = tempfile::tempdir().unwrap();
    let salt = Store::salt(directory.path()).unwrap();
    let key = Key::from_passphrase("correct horse", &salt).unwrap();
    open_with(directory.path(), Some(key.clone())).unwrap();
    assert_eq!(Store::salt(directory.path()), Ok(salt));
    let wrong = Key::from_passphrase("correct hearse", &salt).unwrap();
    assert_eq!(open_with(directory.path(), Some(wrong)), Err(StoreError::WrongKey));
    assert_eq!(open_with(directory.path(), Some(key)), Ok(Snapshot::default()));
}

#[test]
fn a_lost_salt_is_not_replaced_beside_a_database() {
    let directory = filled();
    assert!(matches!(Store::salt(directory.path()), Err(StoreError::Damaged { .. })));
    fs::write(directory.path().join("salt"), b"short").unwrap();
    assert!(matches!(Store::salt(directory.path()), Err(StoreError::Damaged { .. })));
}

#[test]
fn wiping_removes_what_the_store_made_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    Store::salt(directory.path()).unwrap();
    open(directory.path()).unwrap().commit_all(one_of_each());
    fs::write(directory.path().join("holiday.jpg"), b"mine").unwrap();
    Store::wipe(directory.path()).unwrap();
    let mut left: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["holiday.jpg", "lock"]);
    assert_eq!(open_with(directory.path(), Some(Key::generate().unwrap())), Ok(Snapshot::default()));
    Store::wipe(directory.path().join("never was")).unwrap();
}

#[test]
fn a_text_that_was_damaged_is_said_to_be_when_it_is_read() {
    let directory = filled();
    let connection = rusqlite::Connection::open(database(directory.path())).unwrap();
    connection.execute("UPDATE message SET text = zeroblob(80) WHERE id = 4", []).unwrap();
    connection.execute("UPDATE outbox SET body = (SELECT body FROM outbox WHERE id = 9) WHERE id = 1", []).unwrap();
    drop(connection);
    let open_store = open(directory.path()).unwrap();
    assert_eq!(open_store.snapshot, expected());
    let reader = open_store.store.reader();
    assert!(matches!(reader.message(MessageKey(4)), Err(StoreError::Damaged { .. })));
    assert!(reader.message(MessageKey(5)).unwrap().is_some());
    let moved = permesso_engine::rows::RecordKey { table: Table::Outbox, row: 1 };
    assert!(matches!(reader.body(moved), Err(StoreError::Damaged { .. })), "a body moved to another row");
}
