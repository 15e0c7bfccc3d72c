//! The one configuration file: TOML, every key optional, an unknown key an error that names the nearest known one.

mod check;
mod expected;
mod keys;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use permesso_engine::config::{
    Config as EngineConfig, CustodyConfig, FriendshipConfig, HostConfig, LinkConfig, MessageConfig, PresenceConfig,
};
use serde::{Deserialize, Serialize};

pub use expected::Expected;
pub use keys::Parameter;

/// The documented default file.
const DEFAULT_TOML: &str = include_str!("config/default.toml");
/// The same in Italian.
const DEFAULT_TOML_ITALIAN: &str = include_str!("config/default.it.toml");

/// Every parameter of a host, in the sections of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who this host is to others.
    pub host: HostConfig,
    /// Sockets and addresses.
    pub network: NetworkConfig,
    /// Beacons and how a host is taken to be online.
    pub presence: PresenceConfig,
    /// Links.
    pub links: LinkConfig,
    /// Messages.
    pub messages: MessageConfig,
    /// Friend requests.
    pub friendship: FriendshipConfig,
    /// Carrying envelopes of others.
    pub custody: CustodyConfig,
    /// What a persistent server shows its operator.
    pub server: ServerConfig,
}

/// What a persistent server shows its operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// The TCP address and port of the status page; port 0 is a random one.
    pub status_address: SocketAddr,
}

impl Default for ServerConfig {
    fn default() -> Self {
        // The port of presence and one; this machine's own programs alone reach it.
        Self { status_address: SocketAddr::from((Ipv4Addr::LOCALHOST, 20_071)) }
    }
}

/// Sockets and addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// On which of its addresses the host is present.
    pub interfaces: Interfaces,
    /// The UDP port of links with strangers; 0 is a random one. Conversations have random ports of their own.
    pub link_port: u16,
    /// Presence addresses of other hosts (host's address and its presence port), tried by unicast where broadcast is dropped.
    pub peers: Vec<SocketAddr>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { interfaces: Interfaces::Auto, link_port: 0, peers: Vec::new() }
    }
}

/// On which of its addresses a host is present.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "InterfacesInFile", into = "InterfacesInFile")]
pub enum Interfaces {
    /// All of the operating system's, as they come and go; loopback only if there is nothing else.
    #[default]
    Auto,
    /// These alone.
    Only(Vec<IpAddr>),
}

/// `"auto"` or a list of addresses.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum InterfacesInFile {
    Word(String),
    List(Vec<IpAddr>),
}

impl TryFrom<InterfacesInFile> for Interfaces {
    type Error = &'static str;

    fn try_from(value: InterfacesInFile) -> Result<Self, Self::Error> {
        match value {
            InterfacesInFile::Word(word) if word == "auto" => Ok(Self::Auto),
            InterfacesInFile::List(list) if !list.is_empty() => Ok(Self::Only(list)),
            _ => Err("expected \"auto\" or a list of this host's addresses, like [\"192.168.1.20\"]"),
        }
    }
}

impl From<Interfaces> for InterfacesInFile {
    fn from(value: Interfaces) -> Self {
        match value {
            Interfaces::Auto => Self::Word("auto".into()),
            Interfaces::Only(list) => Self::List(list),
        }
    }
}

/// What is wrong with a configuration; each says where and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML.
    #[error(
        "{}line {line}: this is not TOML, which is written key = value, with texts in quotation marks and sections like [host]: {reason}",
        place(path)
    )]
    Invalid {
        /// Which file, if it is one.
        path: Option<PathBuf>,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A key that does not exist.
    #[error("{}{}there is no {key}{}", place(path), line_text(line), suggestion(nearest))]
    UnknownKey {
        /// Which file, if it is one.
        path: Option<PathBuf>,
        /// The line, from 1, if it stands in a file.
        line: Option<usize>,
        /// The key with its section, like `host.alais`.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
    },
    /// A value of another kind, or one that makes no sense.
    #[error("{}{}{key} must be {expected}, it is {found}", place(path), line_text(line))]
    OutOfRange {
        /// Which file, if it is one.
        path: Option<PathBuf>,
        /// The line, from 1, if it stands in a file.
        line: Option<usize>,
        /// The key with its section, or a section.
        key: String,
        /// What is allowed.
        expected: Box<Expected>,
        /// What stands there.
        found: String,
    },
}

impl ConfigError {
    /// The key it is about, if it is about one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, .. } | Self::OutOfRange { key, .. } => Some(key),
            Self::Unreadable { .. } | Self::Invalid { .. } => None,
        }
    }

    /// The same about a value that stands in no file yet.
    pub fn without_line(self) -> Self {
        match self {
            Self::OutOfRange { key, expected, found, .. } => {
                Self::OutOfRange { path: None, line: None, key, expected, found }
            }
            other => other,
        }
    }
}

fn place(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or(String::new(), |path| format!("{}, ", path.display()))
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |known| format!("; did you mean {known}?"))
}

fn line_text(line: &Option<usize>) -> String {
    line.map_or(String::new(), |line| format!("line {line}: "))
}

impl ConfigError {
    /// Says of a value that is none for a key, like `host.port`, what is expected there.
    pub fn wrong_value(key: &str, found: &str) -> Self {
        check::wrong_value(key, None, found)
    }
}

impl Config {
    /// The start values of a persistent server: mail for everybody, and links with as many as a large building holds.
    pub fn server() -> Self {
        Self { custody: CustodyConfig::server(), links: LinkConfig::server(), ..Self::default() }
    }

    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::default().loaded(path)
    }

    /// Reads and checks a file whose keys count more than these values.
    pub fn loaded(&self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        check::parse(&text, Some(path), self)
    }

    /// Reads and checks the text of a file.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::default().parsed(text)
    }

    /// Reads and checks the text of a file whose keys count more than these values.
    pub fn parsed(&self, text: &str) -> Result<Self, ConfigError> {
        check::parse(text, None, self)
    }

    /// Checks that every value makes sense.
    pub fn check(&self) -> Result<(), ConfigError> {
        check::ranges(self, None, &|_| None)
    }

    /// A file with every key, its meaning and its default value; the keys are commented out.
    pub fn default_toml() -> &'static str {
        DEFAULT_TOML
    }

    /// The same file with its comments in Italian.
    pub fn default_toml_italian() -> &'static str {
        DEFAULT_TOML_ITALIAN
    }

    /// The part the engine works by.
    pub fn engine(&self) -> EngineConfig {
        EngineConfig {
            host: self.host.clone(),
            presence: self.presence.clone(),
            links: self.links.clone(),
            messages: self.messages.clone(),
            friendship: self.friendship.clone(),
            custody: self.custody.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
