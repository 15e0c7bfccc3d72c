//! How the handle of a host reaches its driver, and what is put together from several answers.

use std::time::Duration;

use permesso_engine::Engine;
use permesso_engine::api::{Event, MessageState};
use permesso_engine::ids::{HostId, MessageId};
use tokio::sync::oneshot;

use super::Node;
use crate::core::Core;
use crate::error::NodeError;
use crate::events::{EventStream, NodeEvent};
use crate::history::{History, HistoryMessage};
use crate::request::{Reply, Request};

impl Node {
    pub(crate) async fn tell(&self, request: Request) -> Result<(), NodeError> {
        let place = self.requests.reserve().await.map_err(|_| NodeError::Stopped)?;
        if let Some(lent) = self.lent.upgrade() {
            lent.announce();
        }
        place.send(request);
        Ok(())
    }

    /// Waits until the host has ended, whatever ended it.
    #[cfg(feature = "rehearsal")]
    pub(crate) async fn ended(&self) {
        self.requests.closed().await;
    }

    pub(crate) async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, NodeError> {
        let (reply, answer) = oneshot::channel();
        self.tell(request(reply)).await?;
        answer.await.unwrap_or(Err(NodeError::Stopped))
    }

    pub(crate) async fn view<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, NodeError> {
        let look = move |core: &Core| look(&core.engine);
        let look = match self.lent.upgrade() {
            Some(lent) => match lent.look(look) {
                Ok(seen) => return Ok(seen),
                Err(look) => look,
            },
            None => return Err(NodeError::Stopped),
        };
        let (reply, answer) = oneshot::channel();
        let view = move |core: &Core| {
            // The asker may have gone away meanwhile.
            let _ = reply.send(look(core));
        };
        self.tell(Request::View(Box::new(view))).await?;
        answer.await.map_err(|_| if self.requests.is_closed() { NodeError::Stopped } else { NodeError::StorageFailed })
    }

    /// The history, once everything told so far can be read there too.
    pub(super) async fn history(&self) -> Result<History, NodeError> {
        let look = |core: &Core| History { reader: core.storage.history(), friends: core.engine.friends() };
        if let Ok(history) = self.lent.upgrade().ok_or(NodeError::Stopped)?.look(look) {
            return Ok(history);
        }
        let reader = self.ask(Request::Settle).await?;
        Ok(History { reader, friends: self.friends().await? })
    }

    /// Adds who holds each of these messages or had no room for it, and whether something before it is missing: the engine
    /// knows, the history does not.
    pub(super) async fn filled(&self, mut messages: Vec<HistoryMessage>) -> Result<Vec<HistoryMessage>, NodeError> {
        let (waiting, after): (Vec<_>, Vec<_>) = messages
            .iter()
            .map(|it| {
                let waits = it.mine && matches!(it.state, MessageState::Queued | MessageState::Held);
                let waits = Some((it.message, it.state == MessageState::Held)).filter(|_| waits);
                let after = Some((it.host, it.key)).filter(|_| !it.mine && !it.parents.is_empty());
                (waits, after)
            })
            .unzip();
        if waiting.iter().all(Option::is_none) && after.iter().all(Option::is_none) {
            return Ok(messages);
        }
        let known = self.view(move |engine| {
            let gap = |place: Option<(HostId, _)>| place.is_some_and(|(host, key)| engine.is_after_gap(host, key));
            let places = |waits: Option<_>| {
                let Some((message, held)) = waits else { return Default::default() };
                (if held { engine.holders(message) } else { Vec::new() }, engine.full_servers(message))
            };
            waiting.into_iter().map(places).zip(after.into_iter().map(gap)).collect::<Vec<_>>()
        });
        for (message, ((holders, full), gap)) in messages.iter_mut().zip(known.await?) {
            (message.holders, message.full, message.gap) = (holders, full, gap);
        }
        Ok(messages)
    }
}

/// The next accepted state of a message; `None` if events were missed and the database must be asked.
pub(super) async fn next_state(
    events: &mut EventStream,
    ours: MessageId,
    wanted: impl Fn(&MessageState) -> bool,
) -> Result<Option<MessageState>, NodeError> {
    loop {
        match events.next().await {
            Some(NodeEvent::Engine(Event::MessageChanged { message, state, .. }))
                if message == ours && wanted(&state) =>
            {
                return Ok(Some(state));
            }
            Some(NodeEvent::Engine(_)) => {}
            Some(NodeEvent::Node(_)) => return Ok(None),
            None => return Err(NodeError::Stopped),
        }
    }
}

pub(super) fn timeout(what: &'static str, waited: Duration) -> NodeError {
    NodeError::Timeout { what, waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX) }
}
