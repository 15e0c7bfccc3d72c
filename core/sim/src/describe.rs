//! Commands and events as short lines for the trace; ids as the numbers of hosts.

use permesso_engine::api::{Command, Event};
use permesso_engine::ids::HostId;

use crate::world::{World, event_host, event_kind};

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
