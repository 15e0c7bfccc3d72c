//! `permesso accept`.

use std::time::{Duration, Instant};

use permesso_node::api::{PacketService, PacketState};
use permesso_node::{FriendState, FriendView, HostId, Node};

use crate::arguments::{AcceptOptions, span};
use crate::failure::Failure;
use crate::host;
use crate::names::{self, NameError};
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// Waits for a request, answers it, and stays until the answer has arrived.
pub(crate) async fn run(options: &AcceptOptions, language: Language) -> Result<Status, Failure> {
    let work = async |node: &Node| host::on_network(node, language, answer(node, options)).await;
    let (name, answered) = host::visit(&options.host, language, work).await?;
    let name = one_line(&name);
    let (text, status) = match answered {
        Answered::Friends => (people::friends_now(language, &name), Status::Done),
        Answered::Waits => {
            let text = format!("{} {}", people::friends_now(language, &name), people::answer_waits(language, &name));
            (text, Status::Done)
        }
        Answered::Refused => (people::refused(language, &name), Status::Done),
        Answered::NoRequest => (people::no_request(language, &name), Status::NotYet),
    };
    printing::line(&text)?;
    Ok(status)
}

enum Answered {
    Friends,
    Waits,
    Refused,
    NoRequest,
}

async fn answer(node: &Node, options: &AcceptOptions) -> Result<(String, Answered), Failure> {
    let begun = Instant::now();
    let Some(asker) = request(node, options).await? else { return Ok((options.name.clone(), Answered::NoRequest)) };
    let name = asker.name().into_owned();
    if asker.state == FriendState::RequestReceived {
        node.answer_friendship(asker.host, !options.refuse, options.tell).await?;
    }
    let left = span(options.wait).saturating_sub(begun.elapsed());
    let gone = !options.refuse || options.tell;
    let arrived = !gone || answer_arrived(node, asker.host, left).await?;
    let answered = match (options.refuse, arrived) {
        (true, _) => Answered::Refused,
        (false, true) => Answered::Friends,
        (false, false) => Answered::Waits,
    };
    Ok((name, answered))
}

/// The open request of that name, once it is here; also a friend of that name, with whom nothing is left to do.
async fn request(node: &Node, options: &AcceptOptions) -> Result<Option<FriendView>, Failure> {
    let wanted = |friend: &FriendView| {
        friend.state == FriendState::RequestReceived || (friend.state == FriendState::Friend && !options.refuse)
    };
    let found = host::until(node, span(options.wait), async |node| {
        let friends: Vec<FriendView> = node.friends().await?.into_iter().filter(wanted).collect();
        Ok(match names::resolve(&options.name, &friends) {
            Ok(host) => friends.into_iter().find(|friend| friend.host == host).map(Ok),
            Err(error @ NameError::Ambiguous { .. }) => Some(Err(error)),
            Err(NameError::Unknown { .. }) => None,
        })
    });
    Ok(found.await?.transpose()?)
}

/// Whether the answer was proved to have arrived, before `limit` passed.
async fn answer_arrived(node: &Node, host: HostId, limit: Duration) -> Result<bool, Failure> {
    let done = host::until(node, limit, async |node| {
        let waits = node.packets().await?.into_iter().any(|packet| {
            packet.host == host
                && packet.outgoing
                && matches!(packet.service, PacketService::FriendshipYes | PacketService::FriendshipNo)
                && matches!(packet.state, PacketState::Created | PacketState::SendWait | PacketState::SendComplete)
        });
        Ok((!waits).then_some(()))
    });
    Ok(done.await?.is_some())
}
