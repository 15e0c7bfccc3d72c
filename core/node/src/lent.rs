//! The core between two turns of its driver, which looks from other threads may use meanwhile: what only reads is answered
//! where it is asked, without a way to the driver's thread and back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::core::Core;

/// The core while its driver waits for input.
pub(crate) struct Lent {
    core: Mutex<Option<Box<Core>>>,
    /// Requests that were sent and not taken in, and one more while the driver has the core or wants it back.
    busy: AtomicUsize,
}

impl Lent {
    /// Nothing is lent yet.
    pub(crate) fn new() -> Self {
        Self { core: Mutex::new(None), busy: AtomicUsize::new(1) }
    }

    /// Looks at the core at once. Gives `look` back if it has to wait for its turn at the driver: behind requests sent before,
    /// while the driver is at work, and until what is seen is durable.
    pub(crate) fn look<T, Look: FnOnce(&Core) -> T>(&self, look: Look) -> Result<T, Look> {
        if self.busy.load(Ordering::SeqCst) > 0 {
            return Err(look);
        }
        let core = match self.core.try_lock() {
            Ok(core) => core,
            // A look that panicked has only read.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(look),
        };
        match core.as_deref().filter(|core| core.is_settled()) {
            Some(core) => Ok(look(core)),
            None => Err(look),
        }
    }

    /// A request is about to be sent: no look overtakes it.
    pub(crate) fn announce(&self) {
        self.busy.fetch_add(1, Ordering::SeqCst);
    }

    /// A request that was announced has come to the driver.
    pub(crate) fn arrived(&self) {
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// The driver waits from now on.
    pub(crate) fn lend(&self, core: Option<Box<Core>>) {
        *self.core.lock().unwrap_or_else(PoisonError::into_inner) = core;
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// The driver goes on, after the look that is under way, if one is; none begins.
    pub(crate) fn take_back(&self) -> Option<Box<Core>> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        self.core.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use permesso_engine::api::{Command, Setting};
    use permesso_store::Key;
    use tokio::sync::mpsc;

    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::events::EventHub;
    use crate::node::NodeConfig;
    use crate::storage::Opening;

    const LIMIT: u32 = 77;

    fn limit(lent: &Lent) -> Option<u32> {
        lent.look(|core: &Core| core.engine.settings().history_limit).ok()
    }

    #[tokio::test]
    async fn what_is_not_durable_yet_is_seen_by_nobody_here_and_what_the_driver_has_neither() {
        let folder = tempfile::tempdir().unwrap();
        let home = NodeConfig::new(folder.path().join("Grazia"), Key::from_bytes([7; 32]), Config::default());
        let (inputs, mut from_store) = mpsc::unbounded_channel();
        let (clock, events, lent) = (Clock::new(), EventHub::new(), Lent::new());
        let mut core = Some(Box::new(Core::open(&home, Opening::default(), inputs, &clock).await.unwrap()));
        let mut settle = async |core: &mut Core| {
            core.hand_over_commits().unwrap();
            while !core.is_settled() {
                let (opening, input) = from_store.recv().await.unwrap();
                core.on_store(opening, input, &clock, &events).unwrap();
                core.hand_over_commits().unwrap();
            }
        };
        settle(core.as_mut().unwrap()).await;
        assert_eq!(limit(&lent), None, "nothing is lent");
        lent.lend(core.take());
        assert!(limit(&lent).is_some_and(|limit| limit != LIMIT));

        let mut changed = lent.take_back().unwrap();
        let change = Command::Set(Setting::HistoryLimit(LIMIT));
        changed.command(change, &Clock::new(), Box::new(drop));
        changed.hand_over_commits().unwrap();
        assert!(!changed.is_settled());
        assert_eq!(limit(&lent), None, "the driver has it");
        lent.lend(Some(changed));
        assert_eq!(limit(&lent), None, "it is not durable");

        let mut core = lent.take_back();
        settle(core.as_mut().unwrap()).await;
        lent.lend(core);
        assert_eq!(limit(&lent), Some(LIMIT));
        lent.announce();
        assert_eq!(limit(&lent), None, "something was asked before");
        lent.arrived();
        assert_eq!(limit(&lent), Some(LIMIT));
    }

    #[tokio::test]
    async fn after_a_look_that_panicked_others_look_on() {
        let folder = tempfile::tempdir().unwrap();
        let home = NodeConfig::new(folder.path().join("Grazia"), Key::from_bytes([7; 32]), Config::default());
        let (inputs, _from_store) = mpsc::unbounded_channel();
        let core = Core::open(&home, Opening::default(), inputs, &Clock::new()).await.unwrap();
        let lent = Lent::new();
        lent.lend(Some(Box::new(core)));
        let panics = || lent.look(|_: &Core| panic!("a drill")).is_ok();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert!(limit(&lent).is_some());
        assert!(lent.take_back().is_some());
    }
}
