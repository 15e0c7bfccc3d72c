//! Where a host's generation is kept outside its database (PROTOCOL.md, Copies of a database).

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use permesso_engine::ids::Generation;
use tokio::task::spawn_blocking;

use crate::storage::{Opening, StoreInput, StoreInputs};
use crate::tasks;

/// A place that refuses is tried again after this; until then nothing is sent.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Keeps one number where restoring a copy of the database brings no older one back: a phone's or desktop's key store, or a
/// file outside the data folder. Called on threads that may block.
pub trait GenerationKeeper: Send + Sync {
    /// The number last written; `None` if there surely is none, which makes the host take its database for a restored copy.
    ///
    /// # Errors
    /// The place cannot be read now (a key store that is locked, say): the host is not opened, and nothing is decided.
    fn read(&self) -> io::Result<Option<Generation>>;

    /// Makes a number durable in place of the last.
    ///
    /// # Errors
    /// It could not be written; the host sends nothing and tries again every 5 s.
    fn write(&self, generation: Generation) -> io::Result<()>;
}

/// A generation kept in a file: the number in decimal digits.
#[derive(Clone, Debug)]
pub struct GenerationFile {
    path: PathBuf,
    /// Where it is kept if that folder may not be written to.
    otherwise: Option<PathBuf>,
}

impl GenerationFile {
    /// Kept in the file `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), otherwise: None }
    }

    /// Kept beside a host's folder, in `<folder>.generation`. Where the parent folder may not be written to it is kept inside
    /// the host's folder instead; a restored copy of the whole folder is then not noticed.
    pub fn beside(directory: &Path) -> Self {
        let inside = directory.join("generation");
        let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        match (absolute.parent(), absolute.file_name()) {
            (Some(parent), Some(name)) => {
                let mut name = name.to_owned();
                name.push(".generation");
                Self { path: parent.join(name), otherwise: Some(inside) }
            }
            _ => Self::at(inside),
        }
    }

    /// Removes the file, wherever it is kept: the host is erased.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        [Some(&self.path), self.otherwise.as_ref()].into_iter().flatten().try_for_each(|path| {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
    }
}

impl GenerationKeeper for GenerationFile {
    fn read(&self) -> io::Result<Option<Generation>> {
        match (read(&self.path)?, &self.otherwise) {
            (None, Some(otherwise)) => read(otherwise),
            (found, _) => Ok(found),
        }
    }

    fn write(&self, generation: Generation) -> io::Result<()> {
        match (write(&self.path, generation), &self.otherwise) {
            (Err(error), Some(otherwise))
                if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
            {
                tracing::info!(path = %self.path.display(), %error, "a restored copy of this host's folder will not be noticed");
                write(otherwise, generation)
            }
            (result, _) => result,
        }
    }
}

/// A file without a number in it is as good as none: it is always whole under its name, so it was written by something else.
fn read(path: &Path) -> io::Result<Option<Generation>> {
    match fs::read(path) {
        Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok()).map(Generation)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, generation: Generation) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create(true).truncate(true).open(&unfinished)?;
    writeln!(file, "{}", generation.0)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        // Elsewhere a folder cannot be opened as a file; there the file system keeps names by itself.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// A place shared between the driver and the threads that write there.
#[derive(Clone)]
pub(crate) struct Keeper(Arc<dyn GenerationKeeper>);

impl Keeper {
    pub(crate) fn new(keeper: impl GenerationKeeper + 'static) -> Self {
        Self(Arc::new(keeper))
    }

    pub(crate) async fn read(&self) -> io::Result<Option<Generation>> {
        let place = self.0.clone();
        spawn_blocking(move || place.read()).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Writes beside the loop, again and again until it succeeds or the opening is over; each try is told.
    pub(crate) fn write(&self, generation: Generation, opening: Opening, inputs: StoreInputs) {
        let place = self.0.clone();
        tasks::spawn(async move {
            loop {
                let place = place.clone();
                let written = spawn_blocking(move || place.write(generation)).await;
                let result = written.unwrap_or_else(|error| Err(io::Error::other(error)));
                let done = result.is_ok();
                if inputs.send((opening, StoreInput::GenerationKept(generation, result))).is_err() || done {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(TRY_AGAIN) => {}
                    () = inputs.closed() => return,
                }
            }
        });
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_back_from_beside_the_hosts_folder() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let file = GenerationFile::beside(&home);
        assert_eq!(file.read().unwrap(), None);
        file.write(Generation(7)).unwrap();
        file.write(Generation(8)).unwrap();
        assert_eq!(GenerationFile::beside(&home).read().unwrap(), Some(Generation(8)));
        assert_eq!(fs::read_to_string(folder.path().join("home.generation")).unwrap(), "8\n");
        file.remove().unwrap();
        file.remove().unwrap();
        assert_eq!(file.read().unwrap(), None);
    }

    #[test]
    fn a_file_with_something_else_in_it_is_as_good_as_none_and_one_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("generation");
        fs::write(&path, "eight").unwrap();
        assert_eq!(GenerationFile::at(&path).read().unwrap(), None);
        assert!(GenerationFile::at(folder.path()).read().is_err());
    }

    #[test]
    fn where_the_parent_folder_is_read_only_the_number_is_kept_in_the_hosts_folder() {
        let folder = tempfile::tempdir().unwrap();
        // A name the file system refuses stands for a folder that may not be written to: root may write everywhere.
        let file =
            GenerationFile { path: "/proc/home.generation".into(), otherwise: Some(folder.path().join("inside")) };
        let written = file.write(Generation(3));
        if written.is_ok() {
            assert_eq!(file.read().unwrap(), Some(Generation(3)));
        }
        assert_eq!(written.is_ok(), folder.path().join("inside").exists());
    }
}
