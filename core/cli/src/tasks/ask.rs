//! `permesso ask`.

use permesso_node::{AliasClaim, CommandError, Event, FriendState, HostId, Match, Node, NodeError, NodeEvent, Notice};

use crate::arguments::{AskOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// What came of a request.
enum Answer {
    Yes,
    No,
    None,
}

/// Finds a host, asks it, and waits for the answer.
pub(crate) async fn run(options: &AskOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| {
        let (host, answer) = host::on_network(node, ask(node, options)).await?;
        let name = match node.friend(host).await? {
            Some(friend) => one_line(friend.name()),
            None => options.to.as_deref().map_or_else(|| host.to_string(), one_line),
        };
        Ok((name, answer))
    };
    let (name, answer) = host::visit(&options.host, language, work).await?;
    let (text, status) = match answer {
        Answer::Yes => (people::friends_now(language, &name), Status::Done),
        Answer::No => (people::refused_by(language, &name), Status::Failed),
        Answer::None => (people::not_answered(language, &name), Status::NotYet),
    };
    printing::line(&text)?;
    Ok(status)
}

async fn ask(node: &Node, options: &AskOptions) -> Result<(HostId, Answer), Failure> {
    let host = whom(node, options).await?;
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
    let accepted = host::until(node, span(options.wait), async |node| {
        Ok(node.friend(host).await?.filter(|friend| friend.state == FriendState::Friend))
    });
    let answer = tokio::select! {
        accepted = accepted => if accepted?.is_some() { Answer::Yes } else { Answer::None },
        () = refused => Answer::No,
    };
    Ok((host, answer))
}

async fn whom(node: &Node, options: &AskOptions) -> Result<HostId, Failure> {
    if let Some(uri) = &options.uri {
        return Ok(node.scan_uri(uri).await?);
    }
    let name = options.to.as_deref().unwrap_or_default();
    if let Ok(host) = name.parse() {
        return Ok(host);
    }
    let claims: Vec<AliasClaim> = node.search(name, Match::Exact).await?;
    match claims.as_slice() {
        [] => Err(Failure::NobodyAnswers(name.into())),
        [claim] => Ok(claim.host),
        _ => Err(Failure::SeveralClaim(claims)),
    }
}
