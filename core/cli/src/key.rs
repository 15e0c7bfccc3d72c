//! The key of a home's database: a file beside it, or a passphrase.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use permesso_node::{Key, Store, StoreError};
use zeroize::Zeroizing;

/// The key file's name.
const FILE: &str = "key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// A database without its key.
    #[error("{} is missing", .0.display())]
    Missing(PathBuf),
    /// A key file of another shape.
    #[error("{} is not a key file", .0.display())]
    Damaged(PathBuf),
    /// A passphrase was given for a home that has a key file.
    #[error("{} is there, and a passphrase was given", .0.display())]
    Both(PathBuf),
    /// A passphrase of no characters.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A file that cannot be read or written.
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

/// The key of `home`: derived from the passphrase if there is one, else from its key file, which is made (mode 0600) if
/// there is no database yet. Where there is a database, no key is ever made.
pub(crate) fn of_home(home: &Path, passphrase: Option<&str>) -> Result<Key, KeyError> {
    let path = home.join(FILE);
    let Some(passphrase) = passphrase else { return from_file(home, &path) };
    if passphrase.is_empty() {
        return Err(KeyError::EmptyPassphrase);
    }
    if path.exists() {
        return Err(KeyError::Both(path));
    }
    Ok(Key::from_passphrase(passphrase, &Store::salt(home)?)?)
}

/// The first line of a passphrase file.
pub(crate) fn read_passphrase(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(file_error(path))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn from_file(home: &Path, path: &Path) -> Result<Key, KeyError> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    if Store::exists(home) {
        return Err(KeyError::Missing(path.to_owned()));
    }
    make_folder(home).map_err(file_error(home))?;
    // Of two first runs at a time one makes the key and the other waits for it.
    let guard = home.join("key.lock");
    let lock = private().write(true).create(true).truncate(false).open(&guard).map_err(file_error(&guard))?;
    lock.lock().map_err(file_error(&guard))?;
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let key = Key::generate()?;
    write(home, path, &key).map_err(file_error(path))?;
    Ok(key)
}

fn read(path: &Path) -> Result<Option<Key>, KeyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file_error(path)(error)),
    };
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Damaged(path.to_owned()))?;
    Ok(Some(Key::from_bytes(key)))
}

/// Under its name the file is always whole.
fn write(home: &Path, path: &Path, key: &Key) -> io::Result<()> {
    let unfinished = home.join("key.new");
    let mut file = private().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    if cfg!(unix) {
        File::open(home)?.sync_all()?;
    }
    Ok(())
}

fn make_folder(home: &Path) -> io::Result<()> {
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

fn file_error(path: &Path) -> impl Fn(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_makes_a_key_that_only_its_owner_reads_and_later_runs_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("new").join("home");
        let key = of_home(&home, None).unwrap();
        assert_eq!(of_home(&home, None).unwrap().as_bytes(), key.as_bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(home.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn first_runs_at_the_same_time_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = (0..8)
            .map(|_| {
                let home = folder.path().to_owned();
                std::thread::spawn(move || *of_home(&home, None).unwrap().as_bytes())
            })
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn where_there_is_a_database_no_key_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let key = of_home(folder.path(), None).unwrap();
        drop(Store::open(folder.path(), Some(key), |_| {}).unwrap());
        fs::remove_file(folder.path().join(FILE)).unwrap();
        assert!(matches!(of_home(folder.path(), None), Err(KeyError::Missing(_))));
        assert!(!folder.path().join(FILE).exists());
    }

    #[test]
    fn a_key_file_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), [7; 31]).unwrap();
        assert!(matches!(of_home(folder.path(), None), Err(KeyError::Damaged(_))));
    }

    #[test]
    fn a_passphrase_is_refused_where_there_is_a_key_file_and_gives_one_key_where_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (with_file, without) = (folder.path().join("a"), folder.path().join("b"));
        of_home(&with_file, None).unwrap();
        assert!(matches!(of_home(&with_file, Some("correct horse")), Err(KeyError::Both(_))));
        assert!(matches!(of_home(&without, Some("")), Err(KeyError::EmptyPassphrase)));
        let key = of_home(&without, Some("correct horse")).unwrap();
        assert_eq!(of_home(&without, Some("correct horse")).unwrap().as_bytes(), key.as_bytes());
        assert!(!without.join(FILE).exists());
    }

    #[test]
    fn a_passphrase_file_counts_to_the_end_of_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        fs::write(&path, " correct horse \r\nmore\n").unwrap();
        assert_eq!(read_passphrase(&path).unwrap().as_str(), " correct horse ");
    }
}
