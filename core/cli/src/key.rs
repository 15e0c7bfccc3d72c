//! The key of a home's database: in the desktop's keyring, in a file beside it, or derived from a passphrase.

mod keyring;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use permesso_node::{Key, Store, StoreError};
use zeroize::Zeroizing;

pub(crate) use keyring::KeyringError;

/// The key file's name.
const FILE: &str = "key";
/// The name of the file that says under which name the keyring has the key. It holds no secret.
const KEYRING: &str = "keyring";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// A database without its key.
    #[error("{} is missing", .0.display())]
    Missing(PathBuf),
    /// A key file of another shape.
    #[error("{} is not a key file", .0.display())]
    Damaged(PathBuf),
    /// A key file that others on this machine can read.
    #[error("{} can be read by others (mode {mode:o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A passphrase was given for a home that has a key.
    #[error("{} is there, and a passphrase was given", .0.display())]
    Both(PathBuf),
    /// A database whose key follows from a passphrase, and none was given.
    #[error("this home opens with a passphrase")]
    PassphraseWanted,
    /// A passphrase of no characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The keyring was asked and does not have the key.
    #[error("the keyring has no key for {}: {source}", home.display())]
    NotInKeyring {
        /// The home.
        home: PathBuf,
        /// What it said.
        source: KeyringError,
    },
    /// The keyring cannot be asked now.
    #[error("the keyring cannot be asked: {0}")]
    KeyringUnavailable(KeyringError),
    /// A file of a key or passphrase that cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder that cannot be made, written or removed.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The passphrase's salt cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeyError {
    fn of_keyring(home: &Path) -> impl Fn(KeyringError) -> Self {
        let home = home.to_owned();
        move |error| match error {
            KeyringError::Unavailable(_) => Self::KeyringUnavailable(error),
            source => Self::NotInKeyring { home: home.clone(), source },
        }
    }
}

/// Where a home's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the desktop's keyring.
    Keyring,
    /// In a file of the home.
    File,
    /// In somebody's head: it follows from a passphrase.
    Passphrase,
}

/// Where the key of a home that has one is.
pub(crate) fn place(home: &Path) -> Place {
    if home.join(KEYRING).exists() {
        Place::Keyring
    } else if home.join(FILE).exists() {
        Place::File
    } else {
        Place::Passphrase
    }
}

/// Whether the key of `home` follows from a passphrase, so that it cannot be opened without.
pub(crate) fn wants_passphrase(home: &Path) -> bool {
    // A salt is made for passphrases alone.
    Store::exists(home) && place(home) == Place::Passphrase && home.join("salt").exists()
}

/// The key of `home`: derived from the passphrase if there is one, else from the keyring or the key file. If there is no
/// database yet, one is made and kept: in the keyring where there is one that takes it, else in a file (mode 0600). Where
/// there is a database, no key is ever made.
pub(crate) fn of_home(home: &Path, passphrase: Option<&str>) -> Result<Key, KeyError> {
    let Some(passphrase) = passphrase else { return without_passphrase(home) };
    let new = of_passphrase(home, passphrase)?;
    Ok(new.key)
}

/// A key for a home that has none yet, in its place only once it is to be kept.
#[derive(Clone)]
pub(crate) struct NewKey {
    home: PathBuf,
    key: Key,
    place: Place,
    /// The home had no folder, or no salt, before.
    made: Made,
}

#[derive(Clone, Copy, Default)]
struct Made {
    folder: bool,
    salt: bool,
}

/// A key for an account that is about to get its place in `home`.
pub(crate) fn new_for(home: &Path, passphrase: Option<&str>) -> Result<NewKey, KeyError> {
    if let Some(passphrase) = passphrase {
        return of_passphrase(home, passphrase);
    }
    // A key that waits for its database is used; it may have been put there on purpose.
    if place(home) != Place::Passphrase {
        return Ok(NewKey { home: home.into(), key: of_home(home, None)?, place: place(home), made: Made::default() });
    }
    Ok(NewKey { home: home.into(), key: Key::generate()?, place: Place::File, made: Made::default() })
}

impl NewKey {
    pub(crate) fn key(&self) -> Key {
        self.key.clone()
    }

    /// Puts the key where the home will find it.
    pub(crate) fn keep(&self) -> Result<(), KeyError> {
        if self.place == Place::Passphrase || place(&self.home) != Place::Passphrase {
            return Ok(());
        }
        keep(&self.home, &self.key)
    }

    /// Nothing came of it: what was made for it goes.
    pub(crate) fn discard(&self) {
        if self.made.salt {
            let _ = fs::remove_file(self.home.join("salt"));
        }
        if self.made.folder {
            let _ = fs::remove_file(self.home.join("lock"));
            // It stays if anything else is in it.
            let _ = fs::remove_dir(&self.home);
        }
    }
}

/// Erases the key of `home`: nothing that lies in its database can be read any more. What it was, if there was one.
pub(crate) fn erase(home: &Path) -> Result<Option<String>, KeyError> {
    let mut erased = None;
    let marker = home.join(KEYRING);
    if let Some(name) = keyring_name(home)? {
        keyring::erase(&name).map_err(KeyError::of_keyring(home))?;
        fs::remove_file(&marker).map_err(file_error(&marker))?;
        erased = Some(KEYRING.to_owned());
    }
    let path = home.join(FILE);
    if path.exists() {
        // Removing alone leaves the bytes where they were, on some disks at least.
        let overwrite = || {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.write_all(&[0; 32])?;
            file.sync_all()?;
            fs::remove_file(&path)
        };
        overwrite().map_err(file_error(&path))?;
        erased = Some(FILE.to_owned());
    }
    Ok(erased)
}

/// The first line of a passphrase file.
pub(crate) fn read_passphrase(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(unreadable(path))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn of_passphrase(home: &Path, passphrase: &str) -> Result<NewKey, KeyError> {
    if passphrase.is_empty() {
        return Err(KeyError::EmptyPassphrase);
    }
    for name in [FILE, KEYRING] {
        if home.join(name).exists() {
            return Err(KeyError::Both(home.join(name)));
        }
    }
    let made = Made { folder: !home.exists(), salt: !home.join("salt").exists() };
    let key = Key::from_passphrase(passphrase, &Store::salt(home)?)?;
    Ok(NewKey { home: home.into(), key, place: Place::Passphrase, made })
}

#[expect(clippy::disallowed_methods, reason = "the terminal client is not for Android")]
fn without_passphrase(home: &Path) -> Result<Key, KeyError> {
    if let Some(key) = kept(home)? {
        return Ok(key);
    }
    let path = home.join(FILE);
    if Store::exists(home) {
        return Err(if wants_passphrase(home) { KeyError::PassphraseWanted } else { KeyError::Missing(path) });
    }
    make_folder(home).map_err(file_error(home))?;
    // Of two first runs at a time one makes the key and the other waits for it.
    let guard = home.join("key.lock");
    let lock = private().write(true).create(true).truncate(false).open(&guard).map_err(file_error(&guard))?;
    lock.lock().map_err(file_error(&guard))?;
    if let Some(key) = kept(home)? {
        return Ok(key);
    }
    let key = Key::generate()?;
    keep(home, &key)?;
    Ok(key)
}

/// The key that the keyring or a file has for `home`.
fn kept(home: &Path) -> Result<Option<Key>, KeyError> {
    match keyring_name(home)? {
        Some(name) => keyring::take(&name).map(Some).map_err(KeyError::of_keyring(home)),
        None => read(&home.join(FILE)),
    }
}

/// Keeps a new key: in the keyring where there is one that takes it, else in a file.
fn keep(home: &Path, key: &Key) -> Result<(), KeyError> {
    make_folder(home).map_err(file_error(home))?;
    if keyring::is_wanted() {
        let name = keyring_name_of(&Key::generate()?);
        match keyring::put(&name, key) {
            Ok(()) => return write(home, KEYRING, name.as_bytes()).map_err(file_error(&home.join(KEYRING))),
            Err(error) => tracing::info!(%error, "no keyring takes the key; it is kept in a file"),
        }
    }
    write(home, FILE, key.as_bytes()).map_err(file_error(&home.join(FILE)))
}

/// A name that nobody else has: as random as a key, and none.
fn keyring_name_of(random: &Key) -> String {
    random.as_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn keyring_name(home: &Path) -> Result<Option<String>, KeyError> {
    let path = home.join(KEYRING);
    match fs::read_to_string(&path) {
        Ok(name) => Ok(Some(name.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&path)(error)),
    }
}

fn read(path: &Path) -> Result<Option<Key>, KeyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path)(error)),
    };
    check_permissions(path)?;
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Damaged(path.to_owned()))?;
    Ok(Some(Key::from_bytes(key)))
}

#[cfg(unix)]
fn check_permissions(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path).map_err(unreadable(path))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_permissions(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Under its name the file is always whole.
fn write(home: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = home.join(format!("{name}.new"));
    let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, home.join(name))?;
    if cfg!(unix) {
        File::open(home)?.sync_all()?;
    }
    Ok(())
}

pub(crate) fn make_folder(home: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(home)
}

/// Options to make a file that no other user of the machine reads.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Unreadable { path: path.clone(), source }
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests;
