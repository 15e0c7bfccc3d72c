//! The folder a host lives in.

use std::path::{Path, PathBuf};

use permesso_node::{Config, NodeConfig};

use crate::failure::Failure;
use crate::key;

/// Where a user's hosts live unless told otherwise: `$XDG_DATA_HOME/permesso`, else `~/.local/share/permesso`.
pub(crate) fn default_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("permesso"))
}

/// The configuration of a home: the file that was named, else `config.toml` in the home if it is there, else the defaults.
pub(crate) fn configuration(home: &Path, named: Option<&Path>) -> Result<Config, Failure> {
    let usual = home.join("config.toml");
    match named {
        Some(path) => Ok(Config::load(path)?),
        None if usual.exists() => Ok(Config::load(&usual)?),
        None => Ok(Config::default()),
    }
}

/// All that is needed to open the host in `home`. Deriving a key from a passphrase takes some tenths of a second.
pub(crate) fn unlock(home: &Path, passphrase: Option<&str>, config: Config) -> Result<NodeConfig, Failure> {
    Ok(NodeConfig::new(home, key::of_home(home, passphrase)?, config))
}
