//! Moving an account: out into one file, and in from it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use common::{Open, commit, key, message, one_of_each, open, put};
use permesso_engine::rows::{RecordKey, Table, Write};
use permesso_store::{ArchiveError, ArchiveReport, Key, Progress, Store};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse";

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn filled(directory: &Path) -> Open {
    let open_store = open(directory).unwrap();
    open_store.commit_all(one_of_each());
    open_store
}

/// A folder with an account file in it.
fn exported() -> (TempDir, PathBuf, ArchiveReport) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ada.permesso");
    let open_store = filled(&folder.path().join("old"));
    let files: [(&str, &[u8]); 1] = [("config.toml", b"[host]\n")];
    let report = open_store.store.reader().export_file(&path, PASSPHRASE, &files, &mut go_on).unwrap();
    (folder, path, report)
}

fn import(directory: &Path, file: &[u8], passphrase: &str) -> Result<ArchiveReport, ArchiveError> {
    let import = Store::import(directory, &new_key(), file, file.len() as u64, passphrase, &mut go_on)?;
    assert_eq!(import.carried(), [("config.toml".to_owned(), b"[host]\n".to_vec())]);
    import.finish()
}

/// The key of the new device.
fn new_key() -> Key {
    Key::from_bytes([8; 32])
}

#[test]
fn what_was_exported_is_imported_under_another_key() {
    let (folder, path, report) = exported();
    assert_eq!((report.messages, report.friends), (11, 3));
    let new = folder.path().join("new");
    assert_eq!(import(&new, &fs::read(&path).unwrap(), PASSPHRASE).unwrap(), report);

    let old = open(&folder.path().join("old")).unwrap();
    let (store, snapshot) = Store::open(&new, Some(new_key()), |_| {}).unwrap();
    assert_eq!(snapshot, old.snapshot);
    for row in 1..=12 {
        let key = permesso_engine::ids::MessageKey(row);
        assert_eq!(store.reader().message(key).unwrap(), old.store.reader().message(key).unwrap());
    }
    for (table, row) in [(Table::Outbox, 1), (Table::Outbox, 9), (Table::Held, 2)] {
        let key = RecordKey { table, row };
        assert_eq!(store.reader().body(key).unwrap(), old.store.reader().body(key).unwrap());
    }
    drop(store);
    assert!(Store::open(&new, Some(key()), |_| {}).is_err(), "the old key opens the new database");
}

#[test]
fn an_account_file_says_nothing_in_clear_and_is_its_owner_s_alone() {
    let (_folder, path, _) = exported();
    let bytes = fs::read(&path).unwrap();
    for secret in [b"Message number".as_slice(), b"the body", b"second", key().as_bytes()] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    assert!(!path.with_extension("permesso.part").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_export_overwrites_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holiday.jpg");
    fs::write(&path, b"mine").unwrap();
    let open_store = filled(&folder.path().join("old"));
    let result = open_store.store.reader().export_file(&path, PASSPHRASE, &[], &mut go_on);
    assert!(matches!(result, Err(ArchiveError::FileExists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn an_import_overwrites_no_account() {
    let (folder, path, _) = exported();
    let old = folder.path().join("old");
    let before = fs::read(old.join("permesso.db")).unwrap();
    let result = import(&old, &fs::read(&path).unwrap(), PASSPHRASE);
    assert!(matches!(result, Err(ArchiveError::AccountExists { .. })), "{result:?}");
    assert_eq!(fs::read(old.join("permesso.db")).unwrap(), before);
}

#[test]
fn a_file_that_is_not_good_leaves_no_account_and_no_folder_behind() {
    let (folder, path, _) = exported();
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    let middle = whole.len() - 300;
    changed[middle] ^= 1;
    let (cut, empty) = (whole[..whole.len() - 1].to_vec(), Vec::new());
    let new = folder.path().join("new");
    for (file, passphrase) in [(&changed, PASSPHRASE), (&cut, PASSPHRASE), (&empty, PASSPHRASE), (&whole, "wrong")] {
        let error = import(&new, file, passphrase).unwrap_err();
        let expected = match file.len() {
            0 => matches!(error, ArchiveError::NotAnAccount),
            _ if passphrase == "wrong" => matches!(error, ArchiveError::WrongPassphrase),
            _ => matches!(error, ArchiveError::Damaged { .. }),
        };
        assert!(expected, "{error}");
        assert!(!new.exists());
    }
    import(&new, &whole, PASSPHRASE).unwrap();
}

#[test]
fn an_import_that_is_not_finished_leaves_nothing_behind() {
    let (folder, path, _) = exported();
    let file = fs::read(&path).unwrap();
    let new = folder.path().join("new");
    fs::create_dir(&new).unwrap();
    drop(Store::import(&new, &new_key(), file.as_slice(), 1, PASSPHRASE, &mut go_on).unwrap());
    let left: Vec<_> = fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
    assert!(!Store::exists(&new));
}

#[test]
fn an_export_and_an_import_can_be_called_off() {
    let (folder, path, _) = exported();
    let mut calls = 0;
    let mut stop = |progress: Progress| {
        assert!(progress.done <= progress.total);
        calls += 1;
        ControlFlow::Break(())
    };
    let open_store = open(&folder.path().join("old")).unwrap();
    let second = folder.path().join("second");
    let result = open_store.store.reader().export_file(&second, PASSPHRASE, &[], &mut stop);
    assert!(matches!(result, Err(ArchiveError::Cancelled)));
    assert!(!second.exists());
    let file = fs::read(&path).unwrap();
    let new = folder.path().join("new");
    let result = Store::import(&new, &new_key(), file.as_slice(), file.len() as u64, PASSPHRASE, &mut stop);
    assert!(matches!(result.map(|_| ()), Err(ArchiveError::Cancelled)));
    assert!(!new.exists());
    assert_eq!(calls, 2);
}

#[test]
fn progress_ends_at_all_of_it() {
    let (folder, path, _) = exported();
    let mut last = Progress { done: 0, total: 1 };
    let file = fs::read(&path).unwrap();
    let mut see = |progress: Progress| {
        assert!(progress.done >= last.done);
        last = progress;
        ControlFlow::Continue(())
    };
    let new = folder.path().join("new");
    let import = Store::import(&new, &new_key(), file.as_slice(), file.len() as u64, PASSPHRASE, &mut see).unwrap();
    import.finish().unwrap();
    assert_eq!(last.done, file.len() as u64);
    assert_eq!(last.total, file.len() as u64);
}

#[test]
fn an_export_shows_one_moment_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let open_store = filled(&folder.path().join("old"));
    let friends = [0, 1].map(permesso_engine::ids::FriendId);
    let before: u64 = friends.map(|friend| open_store.store.reader().message_count(friend).unwrap()).iter().sum();
    let mut written = false;
    let mut write_once = |_: Progress| {
        if !written {
            written = true;
            open_store.commit_all([commit(
                1000,
                vec![put(Table::Local, 500, b"late", None), Write::AddMessage(message(500, 1, 500, "late"))],
            )]);
        }
        ControlFlow::Continue(())
    };
    let mut file = Vec::new();
    let report = open_store.store.reader().export(&mut file, PASSPHRASE, &[], &mut write_once).unwrap();
    assert_eq!(report.messages, before);
    assert!(open_store.store.reader().message(permesso_engine::ids::MessageKey(500)).unwrap().is_some());
}

#[test]
fn an_export_does_not_hold_up_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let open_store = filled(&folder.path().join("old"));
    let reader = open_store.store.reader();
    std::thread::scope(|scope| {
        let (begun, wait) = std::sync::mpsc::channel();
        let export = scope.spawn(move || {
            let mut slowly = |_: Progress| {
                begun.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
                ControlFlow::Continue(())
            };
            reader.export(std::io::sink(), PASSPHRASE, &[], &mut slowly)
        });
        wait.recv().unwrap();
        open_store.store.pause().unwrap();
        let result = export.join().unwrap();
        assert!(matches!(result, Err(ArchiveError::Store(permesso_store::StoreError::Closed))), "{result:?}");
    });
    open_store.store.resume().unwrap();
}
