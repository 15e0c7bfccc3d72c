//! The folder a host lives in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use permesso_node::{Config, NodeConfig, Store};

use crate::failure::Failure;
use crate::key;

pub(crate) use crate::key::make_folder;

/// The configuration's usual name.
const CONFIG: &str = "config.toml";

/// Where a running server's status page is.
pub(crate) const STATUS_ADDRESS: &str = "status-address";

/// What opens it from the network.
pub(crate) const STATUS_TOKEN: &str = "status-token";

/// Says that the home is a persistent server's.
const SERVER: &str = "server";

/// What stands in that file, for whoever comes upon it.
const SERVER_TEXT: &str =
    "This is the home of a persistent server: whatever is done in it goes by the start values of a server.\n";

/// Everything that may lie in a home besides the database, its salt and lock, and the key.
const FILES: [&str; 13] = [
    CONFIG,
    "chat",
    "chat.new",
    "chat.damaged",
    "chat.log",
    "generation",
    "generation.new",
    "key.new",
    "keyring.new",
    "key.lock",
    STATUS_ADDRESS,
    STATUS_TOKEN,
    SERVER,
];

/// The longest configuration that is carried along with an account.
const CARRIED_MAX: u64 = 1 << 20;

/// The folder that was named, else the usual one.
pub(crate) fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    named.map(Path::to_owned).or_else(default_folder).ok_or(Failure::NoHome)
}

/// Where a user's hosts live unless told otherwise: `$XDG_DATA_HOME/permesso`, else `~/.local/share/permesso`.
pub(crate) fn default_folder() -> Option<PathBuf> {
    data_folder("permesso")
}

/// Where the persistent server of a user lives unless told otherwise: beside the user's own host, not in it.
pub(crate) fn server_folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    named.map(Path::to_owned).or_else(|| data_folder("permesso-server")).ok_or(Failure::NoHome)
}

fn data_folder(name: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join(name))
}

/// The configuration file of a home.
pub(crate) fn config_file(home: &Path) -> PathBuf {
    home.join(CONFIG)
}

/// The configuration of a home: the file that was named, else `config.toml` in the home if it is there, over the defaults of
/// its kind (see [`defaults_of`]).
pub(crate) fn configuration(home: &Path, named: Option<&Path>, defaults: &Config) -> Result<Config, Failure> {
    let defaults = defaults_of(home, defaults);
    let usual = config_file(home);
    let mut config = match named {
        Some(path) => defaults.loaded(path)?,
        None if usual.exists() => defaults.loaded(&usual)?,
        None => defaults.clone(),
    };
    // What is started as a server, or was, is one, whatever a file says.
    if defaults.custody.is_server {
        (config.custody.is_server, config.custody.carry) = (true, true);
    }
    Ok(config)
}

/// What counts in a home where nothing else is said: in a server's home the start values of a server, whatever the command.
/// By those of a client it would lose mail that waits there, for a client keeps less.
pub(crate) fn defaults_of(home: &Path, defaults: &Config) -> Config {
    let is_server = home.join(SERVER).exists() || data_folder("permesso-server").is_some_and(|usual| usual == home);
    match is_server && !defaults.custody.is_server {
        true => Config { host: defaults.host.clone(), ..Config::server() },
        false => defaults.clone(),
    }
}

/// Notes that a home is a persistent server's.
pub(crate) fn note_server(home: &Path) -> Result<(), Failure> {
    let path = home.join(SERVER);
    if path.exists() { Ok(()) } else { fs::write(&path, SERVER_TEXT).map_err(Failure::unusable(&path)) }
}

/// All that is needed to open the host in `home`. Deriving a key from a passphrase takes some tenths of a second.
pub(crate) fn unlock(home: &Path, passphrase: Option<&str>, config: Config) -> Result<NodeConfig, Failure> {
    Ok(NodeConfig::new(home, key::of_home(home, passphrase)?, config))
}

/// Whether a host lives there, or what is left of one.
pub(crate) fn is_home(home: &Path) -> bool {
    Store::exists(home) || ["key", "keyring", "salt"].iter().any(|name| home.join(name).exists())
}

/// The files that go along with an account.
pub(crate) fn carried(home: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let path = config_file(home);
    match fs::metadata(&path) {
        Ok(file) if file.len() <= CARRIED_MAX => {
            Ok(vec![(CONFIG.into(), fs::read(&path).map_err(Failure::unusable(&path))?)])
        }
        _ => Ok(Vec::new()),
    }
}

/// Puts the files that came with an account in their places; one that is there stays.
pub(crate) fn take_carried(home: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    for (_, content) in files.iter().filter(|(name, _)| name == CONFIG) {
        match fs::OpenOptions::new().write(true).create_new(true).open(config_file(home)) {
            Ok(mut file) => io::Write::write_all(&mut file, content)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What of a database lies in a home.
pub(crate) fn database_files(home: &Path) -> Vec<String> {
    ["permesso.db", "salt"].iter().filter(|name| home.join(name).exists()).map(|name| (*name).to_owned()).collect()
}

/// Removes what lies in a home besides the database and the key; the names of what there was.
pub(crate) fn remove_files(home: &Path) -> Result<Vec<String>, Failure> {
    let mut removed = Vec::new();
    for name in FILES {
        let path = home.join(name);
        if remove(&path).map_err(Failure::unusable(&path))? {
            removed.push(name.to_owned());
        }
    }
    if let Some(path) = outside(home)
        && remove(&path).map_err(Failure::unusable(&path))?
    {
        removed.push(path.display().to_string());
    }
    Ok(removed)
}

/// Removes the lock, and the folder if it is empty then; the names of what is not ours and stays.
pub(crate) fn remove_folder(home: &Path) -> Result<Vec<String>, Failure> {
    let lock = home.join("lock");
    remove(&lock).map_err(Failure::unusable(&lock))?;
    let entries = fs::read_dir(home).map_err(Failure::unusable(home))?;
    let mut left: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    left.sort();
    if left.is_empty() {
        fs::remove_dir(home).map_err(Failure::unusable(home))?;
    }
    Ok(left)
}

/// Whether a home without a database had one: its key is there, and the number that only a host that lived leaves. A first
/// run that was killed leaves the key alone.
pub(crate) fn had_account(home: &Path) -> bool {
    let lived = outside(home).is_some_and(|path| path.exists()) || home.join("generation").exists();
    lived && !Store::exists(home) && ["key", "keyring", "salt"].iter().any(|name| home.join(name).exists())
}

/// `<home>.generation`, beside the home.
fn outside(home: &Path) -> Option<PathBuf> {
    let home = std::path::absolute(home).ok()?;
    let mut name = home.file_name()?.to_owned();
    name.push(".generation");
    Some(home.parent()?.join(name))
}

/// Removes a file; whether there was one.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
