//! Bodies asked back from the store.

use std::collections::BTreeSet;

use crate::api::Fetch;
use crate::gate::Gate;
use crate::ids::FetchId;
use crate::rows::RecordKey;
use crate::tree::Tree;

/// What was asked for and has not come.
#[derive(Default)]
pub(crate) struct Fetches {
    next: u64,
    /// Which were asked for, and whether they may have been read too early.
    asked: Tree<FetchId, (RecordKey, bool)>,
    keys: BTreeSet<RecordKey>,
}

impl Fetches {
    /// Asks for a body, once however often it is wanted.
    pub(crate) fn ask(&mut self, key: RecordKey, gate: &mut Gate) {
        if let Some(fetch) = self.register(key, false) {
            gate.fetch(fetch);
        }
    }

    /// The same without waiting for what is not yet durable, where the answer shows whether that was too early.
    pub(crate) fn ask_early(&mut self, key: RecordKey, gate: &mut Gate) {
        if let Some(fetch) = self.register(key, true) {
            gate.fetch_now(fetch);
        }
    }

    fn register(&mut self, key: RecordKey, early: bool) -> Option<Fetch> {
        self.keys.insert(key).then(|| {
            self.next += 1;
            let id = FetchId(self.next);
            self.asked.insert(id, (key, early));
            Fetch { id, key }
        })
    }

    /// What a request was for, once it is answered, and whether it was asked early.
    pub(crate) fn answered(&mut self, id: FetchId) -> Option<(RecordKey, bool)> {
        let (key, early) = self.asked.remove(&id)?;
        self.keys.remove(&key);
        Some((key, early))
    }
}
