//! `permesso ask`.

use std::time::{Duration, Instant};

use permesso_node::{AliasClaim, CommandError, Event, FriendState, HostId, Match, Node, NodeError, NodeEvent, Notice};

use crate::arguments::{AskOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::names::{self, NameError};
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// A search that found nobody is made again after this: each goes to everybody on the network.
const SEARCH_AGAIN: Duration = Duration::from_secs(2);

/// What came of a request.
enum Answer {
    Yes,
    No,
    None,
}

/// Finds a host, asks it, and waits for the answer.
pub(crate) async fn run(options: &AskOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| {
        let (host, answer) = host::on_network(node, language, ask(node, options)).await?;
        let name = match node.friend(host).await? {
            Some(friend) => one_line(&friend.name()),
            None => options.to.as_deref().map_or_else(|| host.to_string(), one_line),
        };
        Ok((name, answer))
    };
    // A refusal is the result, and said as such.
    let is_news = |notice: &Notice| !matches!(notice, Notice::AskRefused { .. });
    let (name, answer) = host::visit_telling(&options.host, language, is_news, work).await?;
    let (text, status) = match answer {
        Answer::Yes => (people::friends_now(language, &name), Status::Done),
        Answer::No => (people::refused_by(language, &name), Status::Failed),
        Answer::None => (people::not_answered(language, &name), Status::NotYet),
    };
    printing::line(&text)?;
    Ok(status)
}

async fn ask(node: &Node, options: &AskOptions) -> Result<(HostId, Answer), Failure> {
    let deadline = Instant::now() + span(options.wait);
    let host = whom(node, options, deadline).await?;
    let mut events = node.events();
    match node.ask_friendship(host, &options.greeting).await {
        // Asked before: go on waiting.
        Err(NodeError::Command(CommandError::WrongState { state: FriendState::RequestSent, .. })) => {}
        Err(NodeError::Command(CommandError::WrongState { state: FriendState::Friend, .. })) => {
            return Ok((host, Answer::Yes));
        }
        result => result?,
    }
    let refused = async {
        while let Some(event) = events.next().await {
            if matches!(event, NodeEvent::Engine(Event::Notice(Notice::AskRefused { host: by })) if by == host) {
                return;
            }
        }
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let accepted = host::until(node, left, async |node| {
        Ok(node.friend(host).await?.filter(|friend| friend.state == FriendState::Friend))
    });
    let answer = tokio::select! {
        accepted = accepted => if accepted?.is_some() { Answer::Yes } else { Answer::None },
        () = refused => Answer::No,
    };
    Ok((host, answer))
}

/// Whom to ask. Somebody who is not here yet is looked for until the wait is over.
async fn whom(node: &Node, options: &AskOptions, deadline: Instant) -> Result<HostId, Failure> {
    if let Some(uri) = &options.uri {
        return Ok(node.scan_uri(uri).await?);
    }
    let name = options.to.as_deref().unwrap_or_default();
    if let Ok(host) = name.parse() {
        return Ok(host);
    }
    let mut friends = node.friends().await?;
    friends.retain(|friend| matches!(friend.state, FriendState::RequestSent | FriendState::Friend));
    if let Ok(host) = names::resolve(name, &friends) {
        return Ok(host);
    }
    // Of somebody whose key is pinned, as of an imported contact, the name needs no search: it is asked whenever it is near.
    let mut contacts = node.contacts().await?;
    contacts.retain(|contact| contact.state == FriendState::Unknown && !contact.blocked);
    match names::resolve(name, &contacts) {
        Err(NameError::Unknown { .. }) => {}
        result => return Ok(result?),
    }
    loop {
        let claims: Vec<AliasClaim> = node.search(name, Match::Exact).await?;
        match claims.as_slice() {
            [] if Instant::now() + SEARCH_AGAIN < deadline => tokio::time::sleep(SEARCH_AGAIN).await,
            [] => return Err(Failure::NobodyAnswers(name.into())),
            [claim] => return Ok(claim.host),
            _ => return Err(Failure::SeveralClaim(claims)),
        }
    }
}
