//! A desktop's keyring (org.freedesktop.secrets: GNOME Keyring, KWallet, KeePassXC), where there is one.

use permesso_node::Key;

/// Set to "off", no keyring is ever asked: for services, tests, and whoever prefers the file.
const VARIABLE: &str = "PERMESSO_KEYRING";

/// Why a keyring does not give a key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyringError {
    /// It was asked and has no such key.
    #[error("the keyring has no such key")]
    NotThere,
    /// It is locked, busy, or not running now.
    #[error("{0}")]
    Unavailable(String),
    /// What it has is not a key.
    #[error("what the keyring has is not a key")]
    Damaged,
}

/// Whether a keyring may be asked at all: a session with a message bus, and nobody said no.
pub(super) fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_none_or(|value| value != "off") && system::has_session()
}

/// Stores a key under a name of its own.
pub(super) fn put(name: &str, key: &Key) -> Result<(), KeyringError> {
    let (name, key) = (name.to_owned(), key.clone());
    system::ask(move || system::put(&name, &key))
}

/// The key of that name.
pub(super) fn take(name: &str) -> Result<Key, KeyringError> {
    let name = name.to_owned();
    system::ask(move || system::take(&name))
}

/// Erases the key of that name; nothing happens if it is not there.
pub(super) fn erase(name: &str) -> Result<(), KeyringError> {
    let name = name.to_owned();
    match system::ask(move || system::erase(&name)) {
        Err(KeyringError::NotThere) => Ok(()),
        result => result,
    }
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
mod system {
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use keyring_core::api::CredentialStoreApi;
    use keyring_core::{Entry, Error};
    use permesso_node::Key;
    use zbus_secret_service_keyring_store::Store;
    use zeroize::Zeroizing;

    use super::KeyringError;

    /// The keyring's name for what belongs to this program.
    const SERVICE: &str = "permesso";
    /// So long a person may take to unlock it.
    const PATIENCE: Duration = Duration::from_secs(60);

    pub(super) fn has_session() -> bool {
        let usual =
            || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists());
        std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty()) || usual()
    }

    /// Asks on a thread of its own: the call blocks, perhaps for a person, and may not run inside an event loop.
    pub(super) fn ask<T: Send + 'static>(
        work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let (answer, answered) = channel();
        let unavailable = |why: String| KeyringError::Unavailable(why);
        thread::Builder::new()
            .name("permesso-keyring".into())
            .spawn(move || drop(answer.send(work())))
            .map_err(|error| unavailable(error.to_string()))?;
        answered.recv_timeout(PATIENCE).unwrap_or_else(|error| Err(unavailable(error.to_string())))
    }

    pub(super) fn put(name: &str, key: &Key) -> Result<(), KeyringError> {
        entry(name)?.set_secret(key.as_bytes()).map_err(decode)
    }

    pub(super) fn take(name: &str) -> Result<Key, KeyringError> {
        let secret = Zeroizing::new(entry(name)?.get_secret().map_err(decode)?);
        let bytes = secret.as_slice().try_into().map_err(|_| KeyringError::Damaged)?;
        Ok(Key::from_bytes(bytes))
    }

    pub(super) fn erase(name: &str) -> Result<(), KeyringError> {
        entry(name)?.delete_credential().map_err(decode)
    }

    fn entry(name: &str) -> Result<Entry, KeyringError> {
        Store::new().and_then(|store| store.build(SERVICE, name, None)).map_err(decode)
    }

    fn decode(error: Error) -> KeyringError {
        match error {
            Error::NoEntry => KeyringError::NotThere,
            Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyringError::Damaged,
            error => KeyringError::Unavailable(error.to_string()),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
mod system {
    use permesso_node::Key;

    use super::KeyringError;

    pub(super) fn has_session() -> bool {
        false
    }

    pub(super) fn ask<T>(work: impl FnOnce() -> Result<T, KeyringError>) -> Result<T, KeyringError> {
        work()
    }

    pub(super) fn put(_name: &str, _key: &Key) -> Result<(), KeyringError> {
        Err(none())
    }

    pub(super) fn take(_name: &str) -> Result<Key, KeyringError> {
        Err(none())
    }

    pub(super) fn erase(_name: &str) -> Result<(), KeyringError> {
        Err(none())
    }

    fn none() -> KeyringError {
        KeyringError::Unavailable("this build knows no keyring of this system".into())
    }
}
