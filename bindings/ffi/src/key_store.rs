//! The place where the phone or computer keeps the key of a host.

use std::sync::{Mutex, MutexGuard, PoisonError};

use permesso_node::{Key, Store};
use zeroize::Zeroize;

use crate::error::PermessoError;

/// The name under which the key of the database is kept.
const DATABASE: &str = "database";

/// Held while a key is made: of two that open one new host, the second must find the key of the first, not put another in its
/// place.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The length of a secret in bytes.
const LENGTH: usize = 32;

/// Why the key store does not answer. Whatever else it throws is taken for this too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyStoreError {
    /// It is locked, its key was invalidated, or it failed.
    #[error("{reason}")]
    Unavailable {
        /// What it says; for the log.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyStoreError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable { reason: error.reason }
    }
}

/// Keeps secrets of 32 bytes by name, where no other app and no backup gets them: Android's Keystore, Apple's keychain, a
/// desktop's keyring. Called on a thread that may block.
#[uniffi::export(with_foreign)]
pub trait KeyStore: Send + Sync {
    /// The secret that was kept under a name; none if there surely is none. A store that cannot be asked now must throw
    /// instead.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, KeyStoreError>;

    /// Keeps a secret under a name, in place of an earlier one, and returns when it is durable. It is loaded again at once:
    /// there is no host whose key was not kept.
    fn save(&self, name: String, secret: Vec<u8>) -> Result<(), KeyStoreError>;
}

/// The key of the host in `directory`. A host that is there and has no key is an error, never a new identity; for a new one
/// a key is made and kept.
pub(crate) fn key_of(store: &dyn KeyStore, directory: &str) -> Result<Key, PermessoError> {
    // Looked at before the key store: a host has its key before it is there.
    let is_there = Store::exists(directory);
    // Alone only where one is to be made: a key store may ask its user, and no other host waits for that answer.
    match kept(store)? {
        Some(key) => Ok(key),
        None if is_misplaced(directory) => {
            let reason = format!("{directory} cannot be a folder, for a part of that path is a file: choose another");
            Err(PermessoError::StorageUnavailable { reason })
        }
        None if is_there => Err(missing()),
        None => {
            let _alone = alone();
            // Other programs may be about to make one, too: who has the folder does, and the next finds it.
            let is_new = std::fs::metadata(directory).is_err();
            let folder = Store::claim_new(directory)?;
            let key = kept(store).and_then(|kept| match kept {
                Some(key) => Ok(key),
                // Somebody made it meanwhile, with another key store.
                None if Store::exists(directory) => Err(missing()),
                None => fresh(store),
            });
            if key.is_err() && is_new && !Store::exists(directory) {
                // There is no host, and nothing is to look like one. Where that fails, it is an empty folder.
                let _ = folder.remove_folder();
            }
            key
        }
    }
}

/// The key of a host that is there; none is made.
pub(crate) fn key_of_one_there(store: &dyn KeyStore) -> Result<Key, PermessoError> {
    kept(store)?.ok_or_else(missing)
}

fn kept(store: &dyn KeyStore) -> Result<Option<Key>, PermessoError> {
    store.load(DATABASE.into()).map_err(unavailable)?.map(read).transpose()
}

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_misplaced(directory: &str) -> bool {
    std::fs::metadata(directory).is_err_and(|error| error.kind() == std::io::ErrorKind::NotADirectory)
}

/// A key for a host that is only to come; the one that is there is used again, so that nothing that it opens is lost.
pub(crate) fn key_for_import(store: &dyn KeyStore) -> Result<Key, PermessoError> {
    if let Some(key) = kept(store)? {
        return Ok(key);
    }
    let _alone = alone();
    kept(store)?.map_or_else(|| fresh(store), Ok)
}

fn fresh(store: &dyn KeyStore) -> Result<Key, PermessoError> {
    let key = Key::generate()?;
    store.save(DATABASE.into(), key.as_bytes().to_vec()).map_err(unavailable)?;
    // Not taken on trust: of a host whose key nobody kept nothing can ever be read again.
    let kept = key_of_one_there(store)?;
    if kept.as_bytes() == key.as_bytes() { Ok(key) } else { Err(missing()) }
}

fn missing() -> PermessoError {
    let reason = "the key of this host is not in the key store: import a backup, or start afresh";
    PermessoError::KeyUnavailable { reason: reason.into() }
}

fn read(mut secret: Vec<u8>) -> Result<Key, PermessoError> {
    let key = <[u8; LENGTH]>::try_from(secret.as_slice()).map(Key::from_bytes);
    secret.zeroize();
    key.map_err(|_| PermessoError::KeyUnavailable {
        reason: "the key store gave something else than the 32 bytes it was given: import a backup, or start afresh"
            .into(),
    })
}

fn unavailable(error: KeyStoreError) -> PermessoError {
    let KeyStoreError::Unavailable { reason } = error;
    // It may hold a whole stack trace of the app's.
    tracing::warn!(%reason, "the key store cannot be asked");
    PermessoError::KeyUnavailable {
        reason: "the key store cannot be asked now: unlock the device and try again".into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    /// One that takes its time, as Android's does over a key in hardware.
    #[derive(Default)]
    struct Slow(Mutex<Option<Vec<u8>>>);

    impl KeyStore for Slow {
        fn load(&self, _name: String) -> Result<Option<Vec<u8>>, KeyStoreError> {
            let found = self.0.lock().unwrap().clone();
            std::thread::sleep(Duration::from_millis(50));
            Ok(found)
        }

        fn save(&self, _name: String, secret: Vec<u8>) -> Result<(), KeyStoreError> {
            std::thread::sleep(Duration::from_millis(50));
            *self.0.lock().unwrap() = Some(secret);
            Ok(())
        }
    }

    /// One that another program has saved a key in, between its first answer and the next.
    #[derive(Default)]
    struct Overtaken(Mutex<u32>);

    impl KeyStore for Overtaken {
        fn load(&self, _name: String) -> Result<Option<Vec<u8>>, KeyStoreError> {
            let mut asked = self.0.lock().unwrap();
            *asked += 1;
            Ok((*asked > 1).then(|| vec![7; LENGTH]))
        }

        fn save(&self, _name: String, _secret: Vec<u8>) -> Result<(), KeyStoreError> {
            panic!("a second key is put over the first")
        }
    }

    #[test]
    fn two_programs_that_make_one_new_host_at_once_have_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("new").to_string_lossy().into_owned();
        assert_eq!(key_of(&Overtaken::default(), &directory).unwrap().as_bytes(), &[7; LENGTH]);
        let other = Store::claim_new(&directory).unwrap();
        let refused = key_of(&Slow::default(), &directory).unwrap_err();
        assert!(matches!(refused, PermessoError::AlreadyThere { .. }), "{refused:?}");
        drop(other);
        assert!(key_of(&Slow::default(), &directory).is_ok());
    }

    /// One in which another opening of the same host keeps the key while it is asked for it, and makes the host.
    struct Finishing(std::path::PathBuf, Mutex<bool>);

    impl KeyStore for Finishing {
        fn load(&self, _name: String) -> Result<Option<Vec<u8>>, KeyStoreError> {
            let mut is_kept = self.1.lock().unwrap();
            let found = is_kept.then(|| vec![7; LENGTH]);
            *is_kept = true;
            std::fs::create_dir_all(&self.0).unwrap();
            std::fs::write(self.0.join("permesso.db"), b"ours").unwrap();
            Ok(found)
        }

        fn save(&self, _name: String, _secret: Vec<u8>) -> Result<(), KeyStoreError> {
            panic!("a second key is put over the first")
        }
    }

    #[test]
    fn a_host_that_another_opening_finishes_meanwhile_is_not_said_to_have_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new");
        let store = Finishing(place.clone(), Mutex::new(false));
        assert_eq!(key_of(&store, &place.to_string_lossy()).unwrap().as_bytes(), &[7; LENGTH]);
    }

    #[test]
    fn for_a_host_that_came_meanwhile_with_another_key_store_no_key_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("new").to_string_lossy().into_owned();
        let theirs = Store::claim_new(&directory).unwrap();
        let database = folder.path().join("new/permesso.db");
        let making = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            std::fs::write(database, b"theirs").unwrap();
            drop(theirs);
        });
        let store = Slow::default();
        let refused = key_of(&store, &directory).unwrap_err();
        making.join().unwrap();
        assert!(matches!(refused, PermessoError::KeyUnavailable { .. }), "{refused:?}");
        assert_eq!(store.load(DATABASE.into()), Ok(None));
    }

    /// One that shows its user a question when it is asked again, until that is answered.
    struct Asking(Mutex<(u32, mpsc::Receiver<()>)>);

    impl KeyStore for Asking {
        fn load(&self, _name: String) -> Result<Option<Vec<u8>>, KeyStoreError> {
            let mut state = self.0.lock().unwrap();
            state.0 += 1;
            if state.0 == 2 {
                state.1.recv().unwrap();
            }
            Ok((state.0 > 1).then(|| vec![7; LENGTH]))
        }

        fn save(&self, _name: String, _secret: Vec<u8>) -> Result<(), KeyStoreError> {
            Ok(())
        }
    }

    #[test]
    fn a_host_that_has_its_key_does_not_wait_for_a_question_of_another_key_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let (answer, answered) = mpsc::channel();
        let asking = Asking(Mutex::new((0, answered)));
        let kept = Slow(Mutex::new(Some(vec![9; LENGTH])));
        std::thread::scope(|scope| {
            let new = scope.spawn(|| key_of(&asking, &path("new")).map(drop));
            while folder.path().join("new").metadata().is_err() {
                std::thread::sleep(Duration::from_millis(5));
            }
            let (told, opened) = mpsc::channel();
            scope.spawn(move || told.send(key_of(&kept, &path("old")).map(|key| key.as_bytes().to_vec())));
            let opened = opened.recv_timeout(Duration::from_secs(30));
            answer.send(()).unwrap();
            assert_eq!(opened.unwrap().unwrap(), [9; LENGTH]);
            new.join().unwrap().unwrap();
        });
    }

    #[test]
    fn two_that_make_one_new_host_at_once_have_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("new").to_string_lossy().into_owned();
        let store = Slow::default();
        let [opened, imported] = std::thread::scope(|scope| {
            let opening = scope.spawn(|| key_of(&store, &directory));
            let importing = scope.spawn(|| key_for_import(&store));
            [opening, importing].map(|thread| thread.join().unwrap().unwrap().as_bytes().to_vec())
        });
        assert_eq!(opened, imported);
        assert_eq!(store.load(DATABASE.into()), Ok(Some(opened)));
    }
}
