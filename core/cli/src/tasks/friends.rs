//! `permesso friends`.

use permesso_node::{FriendState, FriendView, Node};

use crate::arguments::FriendsOptions;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// Lists everybody there is or was something with.
pub(crate) async fn run(options: &FriendsOptions, language: Language) -> Result<Status, Failure> {
    let friends = host::visit(&options.host, language, async |node: &Node| Ok(node.friends().await?)).await?;
    for friend in &friends {
        match options.json {
            true => printing::json(friend)?,
            false => printing::line(&row(language, friend))?,
        }
    }
    if friends.is_empty() && !options.json {
        printing::line(&people::nobody(language))?;
    }
    Ok(Status::Done)
}

fn row(language: Language, friend: &FriendView) -> String {
    let mut notes = vec![people::friend_state(language, friend.state)];
    if friend.verified {
        notes.push(people::verified(language));
    }
    if friend.has_code && friend.state == FriendState::RequestReceived {
        notes.push(people::has_code(language));
    }
    if friend.blocked {
        notes.push(people::blocked(language));
    }
    if friend.unread > 0 {
        notes.push(people::unread(language, friend.unread));
    }
    notes.extend(friend.flags.iter().map(|flag| format!("! {}", people::flag(language, *flag))));
    if let (FriendState::RequestReceived, Some(greeting)) = (friend.state, &friend.greeting) {
        notes.push(format!("“{}”", one_line(greeting)));
    }
    let alias = match &friend.local_alias {
        Some(given) => format!("{} ({})", one_line(given), one_line(&friend.alias)),
        None => one_line(&friend.alias),
    };
    format!("{}  {alias:<20}  {}", friend.host, notes.join(", "))
}
