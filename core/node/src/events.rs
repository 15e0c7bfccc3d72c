//! Telling every reader what happens, without ever waiting for one.

use permesso_engine::api::Event;
use permesso_store::StoreError;
use serde::{Serialize, Serializer};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Events a reader may be behind before it misses some: a burst of a full outbox (1,000 messages) fits four times.
const BEHIND_MAX: usize = 4_096;

/// What a reader of events gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum NodeEvent {
    /// Something happened. `Event::Done` is not among these: it completes a call.
    Engine(Event),
    /// Something happened to the node itself.
    Node(NodeNotice),
}

/// What happens to the node itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum NodeNotice {
    /// The reader was too slow and lost so many events: look into the database.
    Missed {
        /// How many.
        count: u64,
    },
    /// A change could not be stored. Nothing since the last one that was stored has happened; the host is being restored.
    StorageFailed {
        /// What the store says; its text where this is written out.
        #[serde(serialize_with = "as_text")]
        reason: StoreError,
    },
    /// What notices older copies of the database cannot be written where it is kept; nothing is sent until it can.
    GenerationNotKept {
        /// What the system says.
        reason: String,
    },
    /// The host goes on from what was stored, and there is room for more.
    Restored,
    /// An address cannot be used for presence.
    AddressUnusable {
        /// Which.
        address: std::net::IpAddr,
        /// What the operating system says.
        reason: String,
    },
}

fn as_text<S: Serializer>(error: &StoreError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

/// One reader's view of what happens, from the moment it was made.
#[derive(Debug)]
pub struct EventStream {
    receiver: broadcast::Receiver<NodeEvent>,
}

impl EventStream {
    /// The next event; waits for it. `None` when the node has been stopped. Cancel-safe.
    pub async fn next(&mut self) -> Option<NodeEvent> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(count)) => Some(NodeEvent::Node(NodeNotice::Missed { count })),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next event that has happened already, without waiting.
    pub fn try_next(&mut self) -> Option<NodeEvent> {
        match self.receiver.try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Lagged(count)) => Some(NodeEvent::Node(NodeNotice::Missed { count })),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// The sending side; belongs to the driver.
#[derive(Clone, Debug)]
pub(crate) struct EventHub {
    sender: broadcast::Sender<NodeEvent>,
}

impl EventHub {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::channel(BEHIND_MAX).0 }
    }

    /// Tells every present reader; nothing happens if there is none.
    pub(crate) fn tell(&self, event: NodeEvent) {
        // An error only says that nobody listens.
        let _ = self.sender.send(event);
    }

    /// A weak side, so that readers see the end when the driver is gone.
    pub(crate) fn downgrade(&self) -> broadcast::WeakSender<NodeEvent> {
        self.sender.downgrade()
    }

    pub(crate) fn stream(weak: &broadcast::WeakSender<NodeEvent>) -> EventStream {
        let receiver = match weak.upgrade() {
            Some(sender) => sender.subscribe(),
            None => broadcast::channel(1).1,
        };
        EventStream { receiver }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use permesso_engine::ids::SearchId;

    fn event(number: u64) -> NodeEvent {
        NodeEvent::Engine(Event::SearchEnded { search: SearchId(number) })
    }

    #[tokio::test]
    async fn every_reader_gets_every_event() {
        let hub = EventHub::new();
        let weak = hub.downgrade();
        let (mut one, mut other) = (EventHub::stream(&weak), EventHub::stream(&weak));
        hub.tell(event(1));
        assert_eq!(one.next().await, Some(event(1)));
        assert_eq!(other.next().await, Some(event(1)));
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_how_much_it_missed_and_holds_nobody_up() {
        let hub = EventHub::new();
        let mut slow = EventHub::stream(&hub.downgrade());
        for number in 0..BEHIND_MAX as u64 + 3 {
            hub.tell(event(number));
        }
        assert_eq!(slow.next().await, Some(NodeEvent::Node(NodeNotice::Missed { count: 3 })));
        assert_eq!(slow.next().await, Some(event(3)));
    }

    #[tokio::test]
    async fn readers_see_the_end_when_the_node_is_gone() {
        let hub = EventHub::new();
        let weak = hub.downgrade();
        let mut reader = EventHub::stream(&weak);
        drop(hub);
        assert_eq!(reader.next().await, None);
        assert_eq!(EventHub::stream(&weak).next().await, None);
    }
}
