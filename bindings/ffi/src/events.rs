//! What happens, pulled in batches: one call for many events costs a fiftieth of a callback for each.

use permesso_node::{Event as EngineEvent, EventStream, NodeEvent, NodeNotice, Notice as EngineNotice};
use tokio::sync::Mutex;

use crate::error::PermessoError;
use crate::friends::{FoundHost, Friend, NearbyHost};
use crate::messages::{FailReason, FullServer, Holder, MessageState, fail_reason, full_servers, holders};

/// The most events of one batch.
const BATCH_MAX: usize = 1_024;

/// One reader of what happens. Readers do not disturb each other; one that is too slow is told how many events it missed.
#[derive(uniffi::Object)]
pub struct EventReader {
    stream: Mutex<Stream>,
    #[cfg(feature = "rehearsal")]
    _counted: crate::rehearsal::Counted,
}

/// What a reader has not been told yet.
struct Stream {
    source: Source,
    /// The first, once it was waited for.
    first: Option<Event>,
}

/// Where the events of a reader come from.
pub(crate) enum Source {
    Host(EventStream),
    #[cfg(feature = "rehearsal")]
    Rehearsed(crate::rehearsal::Story),
}

impl EventReader {
    pub(crate) fn of(source: Source) -> Self {
        Self {
            stream: Mutex::new(Stream { source, first: None }),
            #[cfg(feature = "rehearsal")]
            _counted: crate::rehearsal::Counted::reader(),
        }
    }
}

impl Source {
    async fn next(&mut self) -> Option<NodeEvent> {
        match self {
            Self::Host(stream) => stream.next().await,
            #[cfg(feature = "rehearsal")]
            Self::Rehearsed(story) => story.next(),
        }
    }

    fn try_next(&mut self) -> Option<NodeEvent> {
        match self {
            Self::Host(stream) => stream.try_next(),
            #[cfg(feature = "rehearsal")]
            Self::Rehearsed(story) => story.next(),
        }
    }
}

impl Stream {
    /// Waits for the first; false when the host has been stopped. Cancel-safe.
    async fn wait(&mut self) -> bool {
        while self.first.is_none() {
            let Some(next) = self.source.next().await else { return false };
            self.first = told(next);
        }
        true
    }

    /// What is there, 1 to 1,024.
    fn take(&mut self, max: u32) -> Vec<Event> {
        let max = usize::try_from(max).unwrap_or(usize::MAX).clamp(1, BATCH_MAX);
        let mut events = Vec::from_iter(self.first.take());
        while events.len() < max
            && let Some(next) = self.source.try_next()
        {
            events.extend(told(next));
        }
        events
    }
}

#[uniffi::export]
impl EventReader {
    /// Waits until something happens, and returns that with whatever else has happened by then, at most `max` events
    /// (1 to 1,024). Empty when the host has been stopped. Whoever gives up while the answer is on its way loses it;
    /// `await_events` is for them.
    pub async fn next_events(&self, max: u32) -> Result<Vec<Event>, PermessoError> {
        let mut stream = self.stream.lock().await;
        Ok(if stream.wait().await { stream.take(max) } else { Vec::new() })
    }

    /// Waits until there is something for `take_events`; false when the host has been stopped. Whoever gives up waiting
    /// loses nothing.
    pub async fn await_events(&self) -> Result<bool, PermessoError> {
        Ok(self.stream.lock().await.wait().await)
    }

    /// What has happened by now, at most `max` events (1 to 1,024). Empty if nothing has, or while somebody waits.
    pub fn take_events(&self, max: u32) -> Vec<Event> {
        self.stream.try_lock().map(|mut stream| stream.take(max)).unwrap_or_default()
    }
}

/// Something that happened. The database is the truth; an event says where to look.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum Event {
    /// A host came, went or moved, or one that is here has another alias or state of friendship.
    HostChanged {
        /// How it is now.
        host: NearbyHost,
    },
    /// Somebody answered a search.
    HostFound {
        /// Who.
        found: FoundHost,
    },
    /// A friend's state, name or marks changed; a new request shows here too.
    FriendChanged {
        /// How it is now.
        friend: Friend,
    },
    /// A message arrived and is stored.
    MessageReceived {
        /// From whom.
        host: String,
        /// Its id.
        message: String,
        /// The text.
        text: String,
        /// When its sender says to have sent it.
        send_time: u64,
        /// When it arrived here.
        local_time: u64,
        /// A message it follows has not arrived yet.
        gap: bool,
    },
    /// A message of ours changed its fate, one more host took a copy, or a server had no room for it.
    MessageChanged {
        /// To whom.
        host: String,
        /// Its id.
        message: String,
        /// Its fate now.
        state: MessageState,
        /// Why it failed, if it did.
        fail_reason: Option<FailReason>,
        /// Who took a copy, while it is held.
        holders: Vec<Holder>,
        /// Servers that had no room for it.
        full: Vec<FullServer>,
    },
    /// Something a user should know.
    Notice {
        /// What.
        notice: Notice,
    },
}

/// Something a user should know.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Notice {
    /// The history was full: its oldest message was removed.
    HistoryDropped {
        /// Whose conversation.
        host: String,
        /// Which message.
        message: String,
    },
    /// Too many messages were waiting: the oldest will not be sent.
    OutboxDropped {
        /// To whom.
        host: String,
        /// Which message.
        message: String,
    },
    /// So many messages of a friend could not be opened and were given up.
    MessagesLost {
        /// Whose.
        host: String,
        /// How many.
        count: u64,
    },
    /// A message held for its turn was put out because too many wait; its sender still has it.
    HeldDropped {
        /// Whose.
        host: String,
    },
    /// The database is an older copy: what came since is not in it.
    CopyRestored,
    /// The encryption with a friend was started afresh.
    EncryptionReset {
        /// With whom.
        host: String,
    },
    /// A friend lost the friendship (a new device, an erased one) and asks again.
    FriendAsksAgain {
        /// Who.
        host: String,
    },
    /// Two hosts asked with the same code of this host's; neither is verified by it.
    CodeShared {
        /// Who asked first.
        host: String,
        /// Who asked now.
        other: String,
    },
    /// A friend request was not answered in time.
    AskExpired {
        /// To whom, or from whom.
        host: String,
    },
    /// A friend request was refused.
    AskRefused {
        /// By whom.
        host: String,
    },
    /// The presence port could not be bound or no link port is free.
    NoPort,
    /// This reader was too slow and lost so many events: look at the lists again.
    Missed {
        /// How many.
        count: u64,
    },
    /// A change could not be stored. Nothing since the last one that was stored has happened; the host is being restored.
    StorageFailed {
        /// What the store says.
        reason: String,
    },
    /// What notices older copies of the database cannot be written; nothing is sent until it can.
    GenerationNotKept {
        /// What the system says.
        reason: String,
    },
    /// The host goes on from what was stored: look at the lists again.
    Restored,
    /// An address cannot be used.
    AddressUnusable {
        /// Which.
        address: String,
        /// What the system says.
        reason: String,
    },
}

/// What is told of an event; the ends of searches and examinations complete calls instead.
fn told(event: NodeEvent) -> Option<Event> {
    let event = match event {
        NodeEvent::Engine(event) => event,
        NodeEvent::Node(notice) => return Some(Event::Notice { notice: notice.into() }),
    };
    Some(match event {
        EngineEvent::HostChanged(host) => Event::HostChanged { host: host.into() },
        EngineEvent::AliasFound { claim, .. } => Event::HostFound { found: claim.into() },
        EngineEvent::FriendChanged(friend) => Event::FriendChanged { friend: friend.into() },
        EngineEvent::MessageReceived { host, message, text, send_time, local_time, gap, .. } => {
            Event::MessageReceived {
                host: host.to_string(),
                message: message.to_string(),
                text,
                send_time: send_time.0,
                local_time: local_time.0,
                gap,
            }
        }
        EngineEvent::MessageChanged { host, message, state, holders: held, full, .. } => Event::MessageChanged {
            host: host.to_string(),
            message: message.to_string(),
            state: (&state).into(),
            fail_reason: fail_reason(&state),
            holders: holders(held),
            full: full_servers(full),
        },
        EngineEvent::Notice(notice) => Event::Notice { notice: notice.into() },
        EngineEvent::Done { .. } | EngineEvent::SearchEnded { .. } | EngineEvent::Examined { .. } => return None,
    })
}

impl From<NodeNotice> for Notice {
    fn from(notice: NodeNotice) -> Self {
        match notice {
            NodeNotice::Missed { count } => Self::Missed { count },
            NodeNotice::StorageFailed { reason } => Self::StorageFailed { reason: reason.to_string() },
            NodeNotice::GenerationNotKept { reason } => Self::GenerationNotKept { reason },
            NodeNotice::Restored => Self::Restored,
            NodeNotice::AddressUnusable { address, reason } => {
                Self::AddressUnusable { address: address.to_string(), reason }
            }
        }
    }
}

impl From<EngineNotice> for Notice {
    fn from(notice: EngineNotice) -> Self {
        match notice {
            EngineNotice::HistoryDropped { host, message } => {
                Self::HistoryDropped { host: host.to_string(), message: message.to_string() }
            }
            EngineNotice::OutboxDropped { host, message } => {
                Self::OutboxDropped { host: host.to_string(), message: message.to_string() }
            }
            EngineNotice::MessagesLost { host, count } => Self::MessagesLost { host: host.to_string(), count },
            EngineNotice::HeldDropped { host } => Self::HeldDropped { host: host.to_string() },
            EngineNotice::CopyRestored => Self::CopyRestored,
            EngineNotice::EncryptionReset { host } => Self::EncryptionReset { host: host.to_string() },
            EngineNotice::FriendAsksAgain { host } => Self::FriendAsksAgain { host: host.to_string() },
            EngineNotice::CodeShared { host, other } => {
                Self::CodeShared { host: host.to_string(), other: other.to_string() }
            }
            EngineNotice::AskExpired { host } => Self::AskExpired { host: host.to_string() },
            EngineNotice::AskRefused { host } => Self::AskRefused { host: host.to_string() },
            EngineNotice::NoPort => Self::NoPort,
        }
    }
}
