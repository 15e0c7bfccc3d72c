//! `permesso inbox`.

use permesso_node::{FriendView, HistoryMessage, Node};
use serde::Serialize;

use crate::arguments::{InboxOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, local_moment, one_line};
use crate::status::Status;
use crate::words::{Language, fates, people};

/// Messages read from the history at a time.
const PAGE: usize = 200;

/// What `--json` prints of a message.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    pub(super) name: &'a str,
    #[serde(flatten)]
    pub(super) message: &'a HistoryMessage,
}

/// Shows messages, those of one friend together, oldest first.
pub(crate) async fn run(options: &InboxOptions, language: Language) -> Result<Status, Failure> {
    let unread =
        host::visit(&options.host, language, async |node: &Node| show_all(node, options, language).await).await?;
    if unread == 0 && !options.json && !options.all {
        printing::line(&people::nothing_new(language))?;
    }
    Ok(if unread == 0 { Status::NotYet } else { Status::Done })
}

/// Shows what is wanted and marks it read; how many were unread.
async fn show_all(node: &Node, options: &InboxOptions, language: Language) -> Result<u32, Failure> {
    if options.wait.0 > 0 {
        let wait = async {
            tokio::time::sleep(span(options.wait)).await;
            Ok(())
        };
        host::on_network(node, language, wait).await?;
    }
    let mut unread = 0;
    for friend in node.friends().await? {
        unread += friend.unread;
        if !options.all && friend.unread == 0 {
            continue;
        }
        let wanted = if options.all { usize::MAX } else { friend.unread as usize };
        let messages = newest(node, &friend, wanted, options.all).await?;
        show(options, language, &friend, &messages)?;
        // Only what was shown is marked: the host is not on the network, so that nothing arrives in between.
        if !options.peek && friend.unread > 0 {
            node.mark_read(friend.host).await?;
        }
    }
    Ok(unread)
}

/// The newest messages until `wanted` are found: unread ones, or any.
async fn newest(node: &Node, friend: &FriendView, wanted: usize, any: bool) -> Result<Vec<HistoryMessage>, Failure> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = node.messages(friend.host, before, PAGE).await?;
        before = page.first().map(HistoryMessage::place);
        let last = page.len() < PAGE;
        found.extend(page.into_iter().rev().filter(|message| any || message.unread));
        if last || found.len() >= wanted {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

fn show(
    options: &InboxOptions,
    language: Language,
    friend: &FriendView,
    messages: &[HistoryMessage],
) -> Result<(), Failure> {
    if options.json {
        for message in messages {
            printing::json(&Shown { name: &friend.name(), message })?;
        }
        return Ok(());
    }
    let name = one_line(&friend.name());
    printing::line(&format!("{name} ({})", friend.host))?;
    for message in messages {
        if message.gap {
            printing::line(&format!("    {}", fates::gap(language)))?;
        }
        printing::line(&row(language, &name, message, options.all))?;
    }
    Ok(())
}

fn row(language: Language, name: &str, message: &HistoryMessage, with_id: bool) -> String {
    let when = local_moment(message.local_time);
    let mark = if message.unread { "•" } else { " " };
    let who = if message.mine { people::me(language) } else { name.to_owned() };
    let text = one_line(&message.text);
    let fate = fate(language, message);
    let id = if with_id { format!("  {}", message.message) } else { String::new() };
    format!("  {mark} {when}  {who}: {text}{fate}{id}")
}

/// What became of one's own message, to be put behind it.
pub(super) fn fate(language: Language, message: &HistoryMessage) -> String {
    if !message.mine {
        return String::new();
    }
    format!("  [{}]", fates::word_and_reason(language, message.into()))
}
