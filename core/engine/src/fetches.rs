//! Bodies asked back from the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Fetch;
use crate::gate::Gate;
use crate::ids::FetchId;
use crate::rows::RecordKey;

/// What was asked for and has not come.
#[derive(Default)]
pub(crate) struct Fetches {
    next: u64,
    asked: BTreeMap<FetchId, RecordKey>,
    keys: BTreeSet<RecordKey>,
}

impl Fetches {
    /// Asks for a body, once however often it is wanted.
    pub(crate) fn ask(&mut self, key: RecordKey, gate: &mut Gate) {
        if !self.keys.insert(key) {
            return;
        }
        self.next += 1;
        let id = FetchId(self.next);
        self.asked.insert(id, key);
        gate.fetch(Fetch { id, key });
    }

    /// What a request was for, once it is answered.
    pub(crate) fn answered(&mut self, id: FetchId) -> Option<RecordKey> {
        let key = self.asked.remove(&id)?;
        self.keys.remove(&key);
        Some(key)
    }
}
