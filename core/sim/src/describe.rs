//! Commands and events as short lines for the trace; ids as the numbers of hosts.

use permesso_engine::api::{Command, Event};
use permesso_engine::ids::HostId;

use crate::world::World;

impl World {
    fn name(&self, id: HostId) -> String {
        self.ids.get(&id).map_or_else(|| id.to_string(), |index| format!("h{index}"))
    }

    pub(crate) fn describe_command(&self, command: &Command) -> String {
        match command {
            Command::AskFriendship { host, .. } => format!("ask {}", self.name(*host)),
            Command::AnswerFriendship { host, accept, .. } => {
                format!("answer {} with {}", self.name(*host), if *accept { "yes" } else { "no" })
            }
            Command::EndFriendship { host } => format!("end friendship with {}", self.name(*host)),
            Command::SendText { host, text } => {
                format!("write {:?} to {}", text.get(..text.len().min(16)).unwrap_or_default(), self.name(*host))
            }
            Command::Block { host } => format!("block {}", self.name(*host)),
            other => format!("{other:?}"),
        }
    }

    pub(crate) fn describe_event(&self, event: &Event) -> String {
        let about = event_host(event).map(|id| self.name(id)).unwrap_or_default();
        let more = match event {
            Event::Done { command, outcome } => format!("{} {outcome:?}", command.0),
            Event::FriendChanged(view) => view.state.to_string(),
            Event::MessageReceived { message, gap, .. } => {
                format!("{message}{}", if *gap { " after a gap" } else { "" })
            }
            Event::MessageChanged { message, state, .. } => format!("{message} {state:?}"),
            Event::AliasFound { claim, .. } => claim.alias.clone(),
            _ => String::new(),
        };
        format!("{} {about} {more}", event_kind(event))
    }
}

/// The host an event speaks of.
pub(crate) fn event_host(event: &Event) -> Option<HostId> {
    use permesso_engine::api::Notice as N;
    match event {
        Event::Done { .. }
        | Event::SearchEnded { .. }
        | Event::Examined { .. }
        | Event::Notice(N::NoPort | N::CopyRestored) => None,
        Event::HostChanged(view) => Some(view.host),
        Event::AliasFound { claim, .. } => Some(claim.host),
        Event::FriendChanged(view) => Some(view.host),
        Event::MessageReceived { host, .. } | Event::MessageChanged { host, .. } => Some(*host),
        Event::Notice(
            N::HistoryDropped { host, .. }
            | N::OutboxDropped { host, .. }
            | N::MessagesLost { host, .. }
            | N::HeldDropped { host }
            | N::EncryptionReset { host }
            | N::FriendAsksAgain { host }
            | N::CodeShared { host, .. }
            | N::AskExpired { host }
            | N::AskRefused { host },
        ) => Some(*host),
    }
}

/// The kind of an event, for counting.
pub(crate) fn event_kind(event: &Event) -> &'static str {
    use permesso_engine::api::Notice as N;
    match event {
        Event::Done { .. } => "done",
        Event::HostChanged(view) if view.online => "host online",
        Event::HostChanged(_) => "host offline",
        Event::AliasFound { .. } => "alias found",
        Event::SearchEnded { .. } => "search ended",
        Event::Examined { .. } => "examined",
        Event::FriendChanged(_) => "friend changed",
        Event::MessageReceived { .. } => "message received",
        Event::MessageChanged { .. } => "message changed",
        Event::Notice(N::HistoryDropped { .. }) => "notice: history dropped",
        Event::Notice(N::OutboxDropped { .. }) => "notice: outbox dropped",
        Event::Notice(N::MessagesLost { .. }) => "notice: messages lost",
        Event::Notice(N::HeldDropped { .. }) => "notice: held dropped",
        Event::Notice(N::EncryptionReset { .. }) => "notice: encryption reset",
        Event::Notice(N::FriendAsksAgain { .. }) => "notice: friend asks again",
        Event::Notice(N::CodeShared { .. }) => "notice: code shared",
        Event::Notice(N::AskExpired { .. }) => "notice: ask expired",
        Event::Notice(N::AskRefused { .. }) => "notice: ask refused",
        Event::Notice(N::CopyRestored) => "notice: copy restored",
        Event::Notice(N::NoPort) => "notice: no port",
    }
}
