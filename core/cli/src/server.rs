//! `permesso server`: a persistent server in the foreground, with its status page.

mod access;
mod activity;
mod asking;
mod connections;
mod metrics;
mod page;
mod plot;
mod watch;
mod web;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use permesso_engine::limits::ALIAS_MAX;
use permesso_node::api::Notice;
use permesso_node::{Config, Node};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::arguments::{HostOptions, ServerKind, ServerOptions};
use crate::failure::Failure;
use crate::host::{self, Opened};
use crate::notices::Notices;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, server as words};
use crate::{home, signals};

use access::Access;
use watch::Watch;

/// Where a running server's status page is, for `server status` of the same home.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    address: SocketAddr,
    /// Whose it is, so that another program that has the port since is not taken for it.
    host: String,
}

/// Runs the server until it is told to end, or tells how a running one is.
pub(crate) async fn run(options: &ServerOptions, language: Language) -> Result<Status, Failure> {
    match &options.kind {
        Some(ServerKind::Status(options)) => asking::run(options, language).await,
        None => serve(options, language).await,
    }
}

async fn serve(options: &ServerOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::server_folder(options.host.home.as_deref())?;
    let host = HostOptions { home: Some(folder), ..options.host.clone() };
    let mut defaults = Config::server();
    defaults.host.alias = usual_alias();
    let Opened { node, events, folder, config, .. } = host::open_over(&host, &defaults, language).await?;
    home::note_server(&folder)?;
    // Nobody is a server's friend; what concerns friends is no news.
    let notices = Notices::begin(node.clone(), events, language, |notice| matches!(notice, Notice::NoPort));
    let address = options.status_address.unwrap_or(config.server.status_address);
    let result = tokio::select! {
        result = keep(&node, &folder, address, language) => result,
        () = signals::told_to_end() => Ok(()),
    };
    let result = host::end(&node, result).await;
    // One that is left behind leads to nobody, which is noticed.
    let _ = fs::remove_file(folder.join(home::STATUS_ADDRESS));
    notices.finish().await;
    result.map(|()| Status::Done)
}

/// Joins the network and serves the status page, for ever.
async fn keep(node: &Node, folder: &Path, address: SocketAddr, language: Language) -> Result<(), Failure> {
    let refused = |source| Failure::StatusAddress { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let access = Access::of(address, folder)?;
    node.start().await?;
    let watch = Arc::new(Watch::begin(node.clone()).await?);
    let place = Place { address, host: node.host_id().to_string() };
    let path = folder.join(home::STATUS_ADDRESS);
    fs::write(&path, serde_json::to_string(&place).unwrap_or_default()).map_err(Failure::unusable(&path))?;
    introduce(&watch, folder, &access, language).await?;
    tokio::select! {
        () = watch.look() => {}
        () = watch.examine() => {}
        () = connections::serve(listener, web::router(watch.clone(), access, language)) => {}
    }
    Ok(())
}

/// Says on standard output what runs here.
async fn introduce(watch: &Watch, folder: &Path, access: &Access, language: Language) -> Result<(), Failure> {
    let statistics = watch.statistics().await?;
    printing::line(&words::runs(language, &one_line(&statistics.alias)))?;
    let listed: Vec<String> = statistics.addresses.iter().map(SocketAddr::to_string).collect();
    let code = watch.node().uri(None).await?;
    let mut lines = vec![
        (words::id(language), statistics.host.to_string()),
        (words::present_on(language), listed.join(", ")),
        (words::code(language), code),
        (words::status_page(language), access.url(&statistics.addresses)),
    ];
    if access.wants_token() {
        lines.push((words::token(language), folder.join(home::STATUS_TOKEN).display().to_string()));
    }
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    lines.iter().try_for_each(|(name, text)| printing::line(&format!("  {name:<width$}  {text}")))?;
    Ok(())
}

/// "Server" and this machine's name, as far as an alias holds it.
fn usual_alias() -> String {
    #[cfg(unix)]
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let machine = std::env::var("COMPUTERNAME").unwrap_or_default();
    alias_of(&machine)
}

fn alias_of(machine: &str) -> String {
    let mut alias = String::from("Server ");
    for character in machine.trim().chars().filter(|character| !character.is_control()) {
        if alias.len() + character.len_utf8() > ALIAS_MAX {
            break;
        }
        alias.push(character);
    }
    alias.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_after_its_machine_within_the_limit_of_an_alias() {
        assert_eq!(alias_of("library\n"), "Server library");
        assert_eq!(alias_of(""), "Server");
        let long = alias_of(&"ß".repeat(100));
        assert!(long.len() <= ALIAS_MAX && long.len() > ALIAS_MAX - 2, "{long}");
        assert!(!usual_alias().is_empty());
    }
}
