//! The store as the driver uses it.

use permesso_engine::ids::{FriendId, MessageId};
use permesso_engine::rows::{Commit, CommitSeq, MessageRow};

use crate::error::NodeError;

#[derive(Clone, Debug)]
pub(crate) struct Reader;

impl Reader {
    pub(crate) async fn message(&self, _id: MessageId) -> Result<Option<MessageRow>, NodeError> {
        Ok(None)
    }
    pub(crate) async fn messages(
        &self,
        _friend: FriendId,
        _before: Option<(u64, u64)>,
        _limit: usize,
    ) -> Result<Vec<MessageRow>, NodeError> {
        Ok(vec![])
    }
    pub(crate) async fn search(
        &self,
        _friend: Option<FriendId>,
        _text: String,
        _limit: usize,
    ) -> Result<Vec<MessageRow>, NodeError> {
        Ok(vec![])
    }
}

pub(crate) struct Storage;

impl Storage {
    pub(crate) fn commit(&self, commit: Commit) -> CommitSeq {
        commit.seq
    }
}
