//! `permesso search`.

use permesso_node::{FriendView, HistoryMessage, Node};

use super::inbox::{self, Shown};
use crate::arguments::SearchOptions;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, local_moment, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// Shows the messages that contain a text, newest first.
pub(crate) async fn run(options: &SearchOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| {
        let found = node.search_history(&options.text, options.limit.into()).await?;
        Ok((found, node.friends().await?))
    };
    let (found, friends) = host::visit(&options.host, language, work).await?;
    for message in &found {
        let name = name(&friends, message);
        match options.json {
            true => printing::json(&Shown { name: &name, message })?,
            false => printing::line(&row(language, &one_line(&name), message))?,
        }
    }
    if found.is_empty() && !options.json {
        printing::line(&people::nothing_found(language))?;
    }
    Ok(if found.is_empty() { Status::NotYet } else { Status::Done })
}

fn name(friends: &[FriendView], message: &HistoryMessage) -> String {
    let friend = friends.iter().find(|friend| friend.host == message.host);
    friend.map_or_else(|| message.host.to_string(), |friend| friend.name().into_owned())
}

fn row(language: Language, name: &str, message: &HistoryMessage) -> String {
    let who = if message.mine { format!("{} → {name}", people::me(language)) } else { name.to_owned() };
    let (when, text) = (local_moment(message.local_time), one_line(&message.text));
    format!("{when}  {who}: {text}{}  {}", inbox::fate(language, message), message.message)
}
