//! Homes and addresses for the four hosts.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use permesso_node::{Config, NodeConfig};
use tempfile::TempDir;

use crate::failure::Failure;
use crate::home;

/// How many hosts there are.
pub(super) const HOSTS: usize = 4;

/// Of the stamp on a request: a sixteenth of the usual work, for a debug build on a busy machine is slow.
const STAMP_BITS: u8 = 16;

/// How often a port is looked for that is free on all addresses.
const TRIES: usize = 50;

/// Where the hosts live.
pub(super) struct Stage {
    folder: Folder,
    addresses: [SocketAddr; HOSTS],
}

enum Folder {
    /// Removed at the end.
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Stage {
    /// Finds a folder and addresses. Where `one_address` is set, or 127.0.0.2 cannot be used (macOS), all hosts live on
    /// 127.0.0.1, with a port each.
    pub(super) fn set(keep: Option<&Path>, one_address: bool) -> Result<Self, Failure> {
        let folder = match keep {
            Some(path) => Folder::Kept(empty(path)?),
            None => Folder::Temporary(temporary()?),
        };
        let own = if one_address { None } else { own_addresses() };
        let addresses = match own {
            Some(addresses) => addresses,
            None => own_ports().map_err(|source| Failure::Folder { path: folder.path().to_owned(), source })?,
        };
        Ok(Self { folder, addresses })
    }

    /// The folder that stays after the end, if one does.
    pub(super) fn kept(&self) -> Option<&Path> {
        match &self.folder {
            Folder::Temporary(_) => None,
            Folder::Kept(path) => Some(path),
        }
    }

    /// The address of a host.
    pub(super) fn address(&self, index: usize) -> SocketAddr {
        self.addresses.get(index).copied().unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Makes the home of a host, with its configuration and its key.
    pub(super) fn home(&self, index: usize, alias: &str, defaults: &Config) -> Result<NodeConfig, Failure> {
        let home = self.folder.path().join(alias.to_lowercase());
        let made = fs::create_dir(&home).and_then(|()| fs::write(home.join("config.toml"), self.file(index, alias)));
        made.map_err(|source| Failure::Folder { path: home.clone(), source })?;
        let config = home::configuration(&home, None, defaults)?;
        home::unlock(&home, None, config)
    }

    fn file(&self, index: usize, alias: &str) -> String {
        let own = self.address(index);
        let peers: Vec<String> = self
            .addresses
            .iter()
            .filter(|other| **other != own && other.port() != own.port())
            .map(|other| format!("\"{other}\""))
            .collect();
        format!(
            "[host]\nalias = \"{alias}\"\nport = {}\n\n[network]\ninterfaces = [\"{}\"]\npeers = [{}]\n\n[presence]\nsearch_time = \"1s\"\n\n[friendship]\nstamp_bits = {STAMP_BITS}\n",
            own.port(),
            own.ip(),
            peers.join(", ")
        )
    }
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

fn temporary() -> Result<TempDir, Failure> {
    let made = tempfile::Builder::new().prefix("permesso-demo-").tempdir();
    made.map_err(|source| Failure::Folder { path: std::env::temp_dir(), source })
}

fn empty(path: &Path) -> Result<PathBuf, Failure> {
    let unusable = |source| Failure::Folder { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(unusable)?;
    if fs::read_dir(path).map_err(unusable)?.next().is_some() {
        return Err(Failure::NotEmpty(path.to_owned()));
    }
    Ok(path.to_owned())
}

/// 127.0.0.1 to .4 with one port that is free on each.
fn own_addresses() -> Option<[SocketAddr; HOSTS]> {
    (0..TRIES).find_map(|_| {
        let port = free(Ipv4Addr::LOCALHOST, 0).ok()?.port();
        let address = |last| free(Ipv4Addr::new(127, 0, 0, last), port).ok();
        Some([address(1)?, address(2)?, address(3)?, address(4)?])
    })
}

/// 127.0.0.1 with four free ports.
fn own_ports() -> io::Result<[SocketAddr; HOSTS]> {
    let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    // All are held until all are known, so that they differ.
    let sockets = [bind()?, bind()?, bind()?, bind()?];
    let [one, two, three, four] = &sockets;
    Ok([one.local_addr()?, two.local_addr()?, three.local_addr()?, four.local_addr()?])
}

fn free(address: Ipv4Addr, port: u16) -> io::Result<SocketAddr> {
    UdpSocket::bind((address, port))?.local_addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_port_need_no_peers_and_hosts_of_one_address_name_each_other() {
        let apart = Stage::set(None, true).unwrap();
        let file = apart.file(0, "Ada");
        assert!(file.contains(&apart.address(1).to_string()) && file.contains(&apart.address(2).to_string()));
        assert!(!file.contains(&apart.address(0).to_string()));
        if let Some(addresses) = own_addresses() {
            let together = Stage { folder: Folder::Temporary(temporary().unwrap()), addresses };
            assert!(together.file(0, "Ada").contains("peers = []"));
        }
    }

    #[test]
    fn a_folder_to_keep_must_be_new_or_empty() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        assert_eq!(Stage::set(Some(&new), false).unwrap().kept(), Some(new.as_path()));
        fs::write(new.join("file"), "").unwrap();
        assert!(matches!(Stage::set(Some(&new), false), Err(Failure::NotEmpty(_))));
    }
}
