//! Bodies asked back from the store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::api::Fetch;
use crate::ids::FetchId;
use crate::rows::RecordKey;

/// What was asked for and has not come.
#[derive(Default)]
pub(crate) struct Fetches {
    next: u64,
    asked: BTreeMap<FetchId, RecordKey>,
    keys: BTreeSet<RecordKey>,
    outgoing: VecDeque<Fetch>,
}

impl Fetches {
    /// Asks for a body, once however often it is wanted.
    pub(crate) fn ask(&mut self, key: RecordKey) {
        if !self.keys.insert(key) {
            return;
        }
        self.next += 1;
        let id = FetchId(self.next);
        self.asked.insert(id, key);
        self.outgoing.push_back(Fetch { id, key });
    }

    /// What a request was for, once it is answered.
    pub(crate) fn answered(&mut self, id: FetchId) -> Option<RecordKey> {
        let key = self.asked.remove(&id)?;
        self.keys.remove(&key);
        Some(key)
    }

    pub(crate) fn poll(&mut self) -> Option<Fetch> {
        self.outgoing.pop_front()
    }
}
