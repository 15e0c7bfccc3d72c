//! `permesso hosts`.

use permesso_node::api::SpecialHost;
use permesso_node::{FriendState, HostView, Node};

use crate::arguments::{HostsOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// Listens, then lists who was heard.
pub(crate) async fn run(options: &HostsOptions, language: Language) -> Result<Status, Failure> {
    let listen = async |node: &Node| {
        node.start().await?;
        tokio::time::sleep(span(options.wait)).await;
        Ok(node.hosts().await?)
    };
    let hosts = host::visit(&options.host, language, listen).await?;
    for view in &hosts {
        match options.json {
            true => printing::json(view)?,
            false if is_somebody(view) => printing::line(&row(language, view))?,
            false => {}
        }
    }
    let others = hosts.iter().any(|view| view.special.is_none());
    if !others && !options.json {
        printing::line(&people::nobody_heard(language))?;
    }
    Ok(Status::Done)
}

/// The ids of everybody and of any server are for programs, which address packets to them; nobody stands behind them.
fn is_somebody(view: &HostView) -> bool {
    !matches!(view.special, Some(SpecialHost::Broadcast | SpecialHost::PersistentServer))
}

fn row(language: Language, view: &HostView) -> String {
    let name = match &view.special {
        Some(_) => people::this_host(language),
        None => one_line(view.alias.as_deref().unwrap_or("?")),
    };
    let presence = people::presence(language, view.online);
    let address = view.address.map_or(String::new(), |address| address.to_string());
    let friend = match view.friend {
        FriendState::Unknown => String::new(),
        state => people::friend_state(language, state),
    };
    format!("{}  {name:<24}  {presence:<7}  {address:<21}  {friend}", view.host).trim_end().to_owned()
}
