//! The loop.

use permesso_engine::ids::{HostId, IdentityKey};
use tokio::sync::{broadcast, mpsc};

use crate::error::NodeError;
use crate::events::NodeEvent;
use crate::node::NodeConfig;
use crate::request::Request;
use crate::storage::Reader;

pub(crate) struct Opened {
    pub(crate) host: HostId,
    pub(crate) key: IdentityKey,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) events: broadcast::WeakSender<NodeEvent>,
    pub(crate) reader: Reader,
}

pub(crate) async fn open(_config: NodeConfig) -> Result<Opened, NodeError> {
    Err(NodeError::Stopped)
}
