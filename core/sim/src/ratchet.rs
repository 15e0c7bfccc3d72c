//! Listens to which message keys an engine uses: its one log line per encryption, with no text and no secret in it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// The target under which the engine logs each use of the ratchet.
const TARGET: &str = "permesso_engine::ratchet";

/// A message key and what it made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encryption {
    chain: String,
    index: u64,
    ciphertext: String,
}

impl Encryption {
    #[cfg(test)]
    pub(crate) fn new(chain: &str, index: u64, ciphertext: &str) -> Self {
        Self { chain: chain.into(), index, ciphertext: ciphertext.into() }
    }

    /// Names the message key: the public key of the chain, and the place in it.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.chain, self.index)
    }

    /// The hash of what was made with it.
    pub(crate) fn ciphertext(&self) -> &str {
        &self.ciphertext
    }
}

/// Collects what engines log while they run under its dispatch.
#[derive(Debug)]
pub(crate) struct Ratchet {
    dispatch: Dispatch,
    used: Arc<Mutex<Vec<Encryption>>>,
}

impl Default for Ratchet {
    fn default() -> Self {
        let used = Arc::new(Mutex::new(Vec::new()));
        Self { dispatch: Dispatch::new(Listener { used: Arc::clone(&used) }), used }
    }
}

impl Ratchet {
    /// What engines must run under.
    pub(crate) fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    /// The encryptions since the last call.
    pub(crate) fn take(&self) -> Vec<Encryption> {
        std::mem::take(&mut self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Listener {
    used: Arc<Mutex<Vec<Encryption>>>,
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // What nobody listens to costs nothing then, in a world of millions of steps.
        if metadata.target() == TARGET { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut encryption = Encryption::default();
        event.record(&mut encryption);
        self.used.lock().unwrap_or_else(PoisonError::into_inner).push(encryption);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Visit for Encryption {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "index" {
            self.index = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "chain" => self.chain = format!("{value:?}"),
            "ciphertext" => self.ciphertext = format!("{value:?}"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uses_of_the_ratchet_are_heard() {
        let ratchet = Ratchet::default();
        tracing::dispatcher::with_default(&ratchet.dispatch(), || {
            tracing::trace!(target: "permesso_engine::ratchet", chain = %"ab", index = 7u64, ciphertext = %"cd", "encrypted");
            tracing::error!("something else");
        });
        let used = ratchet.take();
        assert_eq!(used.len(), 1);
        assert_eq!((used[0].key().as_str(), used[0].ciphertext()), ("ab 7", "cd"));
        assert_eq!(ratchet.take(), []);
    }
}
