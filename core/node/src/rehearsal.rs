//! For tests of what is above: never in what is published.

use crate::error::NodeError;
use crate::node::Node;
use crate::request::Request;

impl Node {
    /// Panics in the host's own task, as a mistake in Permesso would there, and waits until that is gone.
    ///
    /// # Errors
    /// `Stopped`, as every call from then on.
    #[allow(clippy::panic, reason = "that is what is rehearsed")]
    pub async fn rehearse_end(&self) -> Result<(), NodeError> {
        self.tell(Request::View(Box::new(|_| panic!("a bug in the host is rehearsed")))).await?;
        self.ended().await;
        self.settings().await.map(drop)
    }
}
