//! For tests and measurements of what is above the door; never in what is published.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use permesso_node::{Event as EngineEvent, HostId, MessageId, MessageKey, MessageState, NodeEvent, Wall};

use crate::error::PermessoError;
use crate::events::{EventReader, Source};
use crate::host::Host;
use crate::runtime::ask;

static HOSTS: AtomicU64 = AtomicU64::new(0);
static READERS: AtomicU64 = AtomicU64::new(0);
static HOST_LINKS: AtomicU64 = AtomicU64::new(0);

/// How many objects that were handed out are there still.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Alive {
    /// Hosts.
    pub hosts: u64,
    /// Readers of events.
    pub readers: u64,
    /// Host links.
    pub host_links: u64,
}

/// How many objects that were handed out are there still, in this process.
#[uniffi::export]
pub fn rehearse_census() -> Alive {
    Alive { hosts: HOSTS.load(Relaxed), readers: READERS.load(Relaxed), host_links: HOST_LINKS.load(Relaxed) }
}

/// A reader of so many events as a lively chat makes them, and then of no more: by turns a message that came and one of ours
/// that was delivered.
#[uniffi::export]
pub fn rehearse_events(count: u64) -> Arc<EventReader> {
    Arc::new(EventReader::of(Source::Rehearsed(Story { told: 0, count })))
}

/// An answer that is known beforehand. Whoever asks for it pays what a call of uniffi costs by itself, for a signature like that of
/// a host's `uri`: an object, a text that may be missing, and a text of any length that comes back.
#[derive(uniffi::Object)]
pub struct RehearsedAnswer {
    answer: String,
}

#[uniffi::export]
impl RehearsedAnswer {
    /// It will answer so.
    #[uniffi::constructor]
    pub fn new(answer: String) -> Arc<Self> {
        Arc::new(Self { answer })
    }

    /// Looks at nothing and answers.
    pub async fn call(&self, _text: Option<String>) -> Result<String, PermessoError> {
        Ok(self.answer.clone())
    }
}

#[uniffi::export]
impl Host {
    /// Fails as a mistake in Permesso would.
    #[allow(clippy::panic, reason = "that is what is rehearsed")]
    pub async fn rehearse_bug(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move {
            node.settings().await?;
            panic!("a bug is rehearsed")
        })
        .await
    }

    /// Fails in the host's own task, which ends the host.
    pub async fn rehearse_end(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.rehearse_end().await }).await
    }
}

/// Events that did not happen.
pub(crate) struct Story {
    told: u64,
    count: u64,
}

impl Story {
    pub(crate) fn next(&mut self) -> Option<NodeEvent> {
        if self.told == self.count {
            return None;
        }
        self.told += 1;
        let key = MessageKey(self.told);
        let message = MessageId(u128::from(self.told).to_be_bytes());
        let host = HostId::BROADCAST;
        Some(NodeEvent::Engine(if self.told % 2 == 1 {
            let text = "Shall we meet at six in front of the library? I bring the books you asked for.".to_owned();
            let (send_time, local_time) = (Wall(self.told), Wall(self.told));
            EngineEvent::MessageReceived { host, key, message, text, send_time, local_time, gap: false }
        } else {
            let state = MessageState::Delivered;
            EngineEvent::MessageChanged { host, key, message, state, holders: Vec::new(), full: Vec::new() }
        }))
    }
}

/// One in the census, for as long as it lives.
pub(crate) struct Counted(&'static AtomicU64);

impl Counted {
    pub(crate) fn host() -> Self {
        Self::among(&HOSTS)
    }

    pub(crate) fn reader() -> Self {
        Self::among(&READERS)
    }

    pub(crate) fn host_link() -> Self {
        Self::among(&HOST_LINKS)
    }

    fn among(count: &'static AtomicU64) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
