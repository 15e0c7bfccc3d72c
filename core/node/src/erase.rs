//! The end of a host.

use std::path::Path;

use permesso_store::{Store, StoreError};

use crate::error::NodeError;
use crate::generation::GenerationFile;

/// Removes the host in `directory`: its database, the number beside the folder by which an older copy is noticed, and the folder if
/// nothing else is in it. Erase its key first: on flash memory removed files can often be read back, and without the key they
/// say nothing. Does nothing where there is no host. Blocks.
///
/// # Errors
/// `Store`: `InUse` if the host is open, `NotWritable`, `Io`; part may be removed then, and a second call goes on.
pub fn erase(directory: impl AsRef<Path>) -> Result<(), NodeError> {
    let directory = directory.as_ref();
    let claim = if directory.try_exists().map_err(StoreError::from)? { Some(Store::claim(directory)?) } else { None };
    if let Some(claim) = &claim {
        claim.wipe()?;
    }
    GenerationFile::beside(directory).remove().map_err(StoreError::from)?;
    claim.map_or(Ok(()), |claim| Ok(claim.remove_folder()?))
}
