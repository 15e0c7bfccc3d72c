//! A host as the command line's options describe it.

use std::time::Duration;

use permesso_node::config::Interfaces;
use permesso_node::{Node, NodeError, Setting};
use zeroize::Zeroizing;

use crate::arguments::HostOptions;
use crate::failure::Failure;
use crate::{home, key};

/// A passphrase for the home, instead of a file.
const PASSPHRASE: &str = "PERMESSO_PASSPHRASE";

/// Opens the host; it is not on the network yet.
pub(crate) async fn open(options: &HostOptions) -> Result<Node, Failure> {
    let folder = options.home.clone().or_else(home::default_folder).ok_or(Failure::NoHome)?;
    let mut config = home::configuration(&folder, options.config.as_deref())?;
    if let Some(port) = options.port {
        config.host.port = port;
    }
    if !options.interfaces.is_empty() {
        config.network.interfaces = Interfaces::Only(options.interfaces.clone());
    }
    config.network.peers.extend(&options.peers);
    let passphrase = match &options.passphrase_file {
        Some(path) => Some(key::read_passphrase(path)?),
        None => std::env::var(PASSPHRASE).ok().map(Zeroizing::new),
    };
    let config = home::unlock(&folder, passphrase.as_ref().map(|text| text.as_str()), config)?;
    let node = Node::open(config).await?;
    apply(options, &node).await?;
    Ok(node)
}

/// What was set at run time counts more than the configuration, and the command line more than both.
async fn apply(options: &HostOptions, node: &Node) -> Result<(), Failure> {
    let settings = node.settings().await?;
    if let Some(alias) = options.alias.as_ref().filter(|alias| **alias != settings.alias) {
        node.set(Setting::Alias(alias.clone())).await?;
    }
    if let Some(port) = options.port.filter(|port| *port != settings.port) {
        node.set(Setting::Port(port)).await?;
    }
    Ok(())
}

/// Does something on the network, then leaves it and ends the host in order, whatever came of it.
pub(crate) async fn on_network<T>(node: &Node, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    node.start().await?;
    let result = work.await;
    if let Err(error) = node.leave().await {
        tracing::info!(%error, "left without a word");
    }
    result
}

/// Ends the host; what it accepted is durable.
pub(crate) async fn close(node: &Node) -> Result<(), NodeError> {
    node.stop().await
}

/// Waits until `look` finds something, looking again whenever something happens. `None` when `limit` has passed.
pub(crate) async fn until<T>(
    node: &Node,
    limit: Duration,
    look: impl AsyncFn(&Node) -> Result<Option<T>, NodeError>,
) -> Result<Option<T>, NodeError> {
    /// Some changes show in views without an event of their own.
    const LOOK_AGAIN: Duration = Duration::from_millis(100);
    let deadline = tokio::time::Instant::now() + limit;
    let mut events = node.events();
    loop {
        if let Some(found) = look(node).await? {
            return Ok(Some(found));
        }
        let now = tokio::time::Instant::now();
        if now >= deadline {
            return Ok(None);
        }
        let pause = LOOK_AGAIN.min(deadline - now);
        if let Ok(None) = tokio::time::timeout(pause, events.next()).await {
            return Err(NodeError::Stopped);
        }
    }
}
