//! A live host: its life, and what is the same for its whole life.

use std::sync::Arc;

use permesso_node::{Config, EventStream, Node, NodeConfig};

use crate::error::PermessoError;
use crate::events::{EventReader, Source};
use crate::key_store::{self, KeyStore};
use crate::runtime::{ask, run_blocking};

/// What a host needs to live.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HostConfig {
    /// The folder of its database; made if it is not there. One host, one folder.
    pub directory: String,
    /// What others call it, at most 64 bytes; a change made while it ran counts more.
    pub alias: String,
    /// Whether it is a persistent server: it keeps mail for everybody, with a server's limits.
    pub server: bool,
    /// Every other parameter, in the form of `default_parameters`; what is not named has its default.
    pub parameters: Option<String>,
}

/// What became of the mail that was waiting when a host left.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Departure {
    /// Own messages that were handed on to others.
    pub handed_on: u64,
    /// Envelopes of others that were handed on.
    pub carried: u64,
    /// Own messages that are on this device alone.
    pub kept: u64,
}

/// A live host. It lives until `stop`, or until nothing refers to it any more.
#[derive(uniffi::Object)]
pub struct Host {
    pub(crate) node: Node,
    /// What happens from the first moment, for the first who asks.
    first_events: std::sync::Mutex<Option<EventStream>>,
    #[cfg(feature = "rehearsal")]
    _counted: crate::rehearsal::Counted,
}

/// The configuration's text with every key, its meaning and its default value; in Italian, else in English.
#[uniffi::export]
pub fn default_parameters(italian: bool) -> String {
    let text = if italian { Config::default_toml_italian() } else { Config::default_toml() };
    text.to_owned()
}

/// The version of this library.
#[uniffi::export]
pub fn library_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

#[uniffi::export]
impl Host {
    /// Opens the host in a folder, or makes a new one there. It is not on the network before `start`; its history can be
    /// read and messages can be written all the same.
    ///
    /// Fails with `KeyUnavailable` if the key store has no key for a host that is there, `AlreadyThere` if it is open
    /// already and stays so for 1 s, `InvalidInput` if a parameter makes no sense.
    #[uniffi::constructor]
    pub async fn open(config: HostConfig, key_store: Arc<dyn KeyStore>) -> Result<Arc<Self>, PermessoError> {
        let node_config = run_blocking(move || {
            let parameters = parameters(&config)?;
            let key = key_store::key_of(&*key_store, &config.directory)?;
            Ok(NodeConfig::new(config.directory, key, parameters))
        });
        let node_config = node_config.await?;
        let (node, events) = ask(Node::open_with_events(node_config)).await?;
        Ok(Arc::new(Self {
            node,
            first_events: std::sync::Mutex::new(Some(events)),
            #[cfg(feature = "rehearsal")]
            _counted: crate::rehearsal::Counted::host(),
        }))
    }

    /// Binds the sockets and joins the network. Does nothing if it has been started.
    pub async fn start(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.start().await }).await
    }

    /// Closes links, sockets and the database, so that the app may be suspended: nothing is locked and nothing is lost.
    /// Until `resume`, calls fail with `Paused`; what is kept in memory can still be looked at.
    pub async fn pause(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.pause().await }).await
    }

    /// Opens again what `pause` closed and goes on. Without a network yet, it is joined as soon as there is one.
    pub async fn resume(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.resume().await }).await
    }

    /// Hands waiting mail to those who are here and have room for it, says good-bye to the network and closes every link,
    /// within 2 s. Tells what was handed on; the own copies stay. The host can join again by `start`.
    pub async fn leave(&self) -> Result<Departure, PermessoError> {
        let node = self.node.clone();
        let left = ask(async move { node.leave().await }).await?;
        Ok(Departure { handed_on: left.handed_on, carried: left.carried, kept: left.kept })
    }

    /// Closes everything and ends the host; what was accepted is durable. Call `leave` first to tell the others. Every later
    /// call fails with `Stopped`, and what waits for events gets no more.
    pub async fn stop(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.stop().await }).await
    }

    /// This host's id.
    pub fn id(&self) -> String {
        self.node.host_id().to_string()
    }

    /// This host's identity key: 64 hexadecimal digits.
    pub fn identity_key(&self) -> String {
        self.node.identity_key().to_string()
    }

    /// Whether the database was found to be an older copy when the host was opened: what came since is not in it, and the
    /// encryption with every friend is started afresh.
    pub fn is_restored_copy(&self) -> bool {
        self.node.is_restored_copy()
    }

    /// What happens from now on; the first reader also gets what happened since the host was opened.
    pub fn events(&self) -> Arc<EventReader> {
        let first = self.first_events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let stream = first.unwrap_or_else(|| self.node.events());
        Arc::new(EventReader::of(Source::Host(stream)))
    }
}

/// The configuration of a host.
fn parameters(config: &HostConfig) -> Result<Config, PermessoError> {
    let mut defaults = if config.server { Config::server() } else { Config::default() };
    defaults.host.alias.clone_from(&config.alias);
    let invalid = |error: permesso_node::ConfigError| PermessoError::InvalidInput { reason: error.to_string() };
    let mut parameters = defaults.parsed(config.parameters.as_deref().unwrap_or_default()).map_err(invalid)?;
    // What is opened as a server is one, whatever the text says.
    if config.server {
        (parameters.custody.is_server, parameters.custody.carry) = (true, true);
    }
    Ok(parameters)
}
