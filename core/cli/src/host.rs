//! A host as the command line's options describe it.

use std::path::PathBuf;
use std::time::Duration;

use permesso_node::api::{Left, Notice};
use permesso_node::config::Interfaces;
use permesso_node::{Config, EventStream, HostId, Key, Node, NodeError, Setting, Store};
use zeroize::Zeroizing;

use crate::arguments::HostOptions;
use crate::failure::Failure;
use crate::notices::Notices;
use crate::printing::one_line;
use crate::words::{Language, account, leaving, people};
use crate::{home, key, passphrase, signals};

/// A host that was opened.
pub(crate) struct Opened {
    /// The host; it is not on the network yet.
    pub(crate) node: Node,
    /// What happens to it, from the first moment.
    pub(crate) events: EventStream,
    /// Its id.
    pub(crate) host: HostId,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The key of its database.
    pub(crate) key: Key,
    /// It was made just now.
    pub(crate) is_new: bool,
    /// What it was opened with.
    pub(crate) config: Config,
}

/// Opens the host; it is not on the network yet. A new one is announced on standard error.
pub(crate) async fn open(options: &HostOptions, language: Language) -> Result<Opened, Failure> {
    open_over(options, &Config::default(), language).await
}

/// The same, with other start values than those of a person's host.
pub(crate) async fn open_over(options: &HostOptions, defaults: &Config, language: Language) -> Result<Opened, Failure> {
    let folder = home::folder(options.home.as_deref())?;
    let passphrase = passphrase::of_home(&folder, options.passphrase_file.as_deref(), language)?;
    let opened = open_quietly(options, defaults, passphrase).await?;
    if opened.is_new {
        let alias = one_line(&opened.node.settings().await?.alias);
        eprintln!("{}", people::new_host(language, &opened.folder.display().to_string(), &alias));
        eprintln!("{}", account::key_place(language, &opened.folder, key::place(&opened.folder)));
    }
    if opened.node.is_restored_copy() {
        eprintln!("{}", people::restored_copy(language));
    }
    Ok(opened)
}

/// Opens the host, with the passphrase of its home if it has one, and says nothing.
pub(crate) async fn open_quietly(
    options: &HostOptions,
    defaults: &Config,
    passphrase: Option<Zeroizing<String>>,
) -> Result<Opened, Failure> {
    let folder = home::folder(options.home.as_deref())?;
    let is_new = !Store::exists(&folder);
    if is_new && home::had_account(&folder) {
        return Err(Failure::DatabaseGone(folder));
    }
    // Before a home is made for nothing.
    if let Some(alias) = options.alias.clone() {
        Setting::Alias(alias).checked().map_err(NodeError::from)?;
    }
    let mut config = home::configuration(&folder, options.config.as_deref(), defaults)?;
    if let Some(port) = options.port {
        config.host.port = port;
    }
    if !options.interfaces.is_empty() {
        config.network.interfaces = Interfaces::Only(options.interfaces.clone());
    }
    config.network.peers.extend(&options.peers);
    let unlocked = home::unlock(&folder, passphrase.as_ref().map(|text| text.as_str()), config.clone())?;
    let key = unlocked.key.clone();
    let (node, events) = Node::open_with_events(unlocked).await?;
    if let Err(failure) = apply(options, &node).await {
        return end(&node, Err(failure)).await;
    }
    Ok(Opened { host: node.host_id(), node, events, folder, key, is_new, config })
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

/// Opens the host, does something with it, and ends it in order, whatever came of it. It is not on the network at first.
/// What its user should know meanwhile is said on standard error.
pub(crate) async fn visit<T>(
    options: &HostOptions,
    language: Language,
    work: impl AsyncFnOnce(&Node) -> Result<T, Failure>,
) -> Result<T, Failure> {
    visit_telling(options, language, |_| true, work).await
}

/// The same, of which only those notices are said that `is_news` lets pass.
pub(crate) async fn visit_telling<T>(
    options: &HostOptions,
    language: Language,
    is_news: fn(&Notice) -> bool,
    work: impl AsyncFnOnce(&Node) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Opened { node, events, .. } = open(options, language).await?;
    // Of an older copy it was said when the host was opened.
    let is_news = move |notice: &Notice| *notice != Notice::CopyRestored && is_news(notice);
    let notices = Notices::begin(node.clone(), events, language, is_news);
    let result = tokio::select! {
        result = work(&node) => result,
        () = signals::told_to_end() => Err(Failure::Interrupted),
    };
    let result = end(&node, result).await;
    notices.finish().await;
    result
}

/// Does something on the network, then leaves it, whatever came of it.
/// What was handed on before is said on standard error.
pub(crate) async fn on_network<T>(
    node: &Node,
    language: Language,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    node.start().await?;
    let result = work.await;
    let left = leave(node).await;
    leaving::handed_on(language, &left).into_iter().for_each(|line| eprintln!("{line}"));
    result
}

/// Leaves the network and ends the host; what it accepted is durable. Gives the result back, if all went well.
pub(crate) async fn end<T>(node: &Node, result: Result<T, Failure>) -> Result<T, Failure> {
    leave(node).await;
    stop(node, result).await
}

/// Ends the host, which has left the network. Gives the result back, if all went well.
pub(crate) async fn stop<T>(node: &Node, result: Result<T, Failure>) -> Result<T, Failure> {
    let stopped = node.stop().await;
    let result = result?;
    stopped?;
    Ok(result)
}

/// Leaves the network; tells what became of the mail that was waiting.
pub(crate) async fn leave(node: &Node) -> Left {
    node.leave().await.unwrap_or_else(|error| {
        tracing::info!(%error, "left without a word");
        Left::default()
    })
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
