//! What a handle asks of the driver.

use permesso_engine::api::{Command, NetAddr, Outcome};
use permesso_store::Reader;
use tokio::sync::oneshot;

use crate::core::Core;
use crate::doctor::Facts;
use crate::error::NodeError;
use crate::interfaces::InterfaceAddress;
use crate::radio::{HostLink, HostLinkPort};

/// The answer to a request that changes something.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, NodeError>>;

/// A look at the engine, made between two of its inputs.
pub(crate) type View = Box<dyn FnOnce(&Core) + Send>;

/// What a handle asks of the driver.
pub(crate) enum Request {
    /// Answered when the command is durable, or refused.
    Command(Command, Reply<Outcome>),
    /// Run at once; dropped if there is no engine.
    View(View),
    /// Answered when every change made so far is durable, with what reads it.
    Settle(Reply<Reader>),
    /// The same, with a reader that nobody else waits for.
    OwnReader(Reply<Reader>),
    /// This host's own presence addresses.
    Addresses(oneshot::Sender<Vec<NetAddr>>),
    /// What is known of this host's addresses and sockets.
    Facts(oneshot::Sender<Facts>),
    PeerFound(NetAddr),
    /// The app's other radio reaches somebody.
    OpenHostLink(Box<dyn HostLink>, Reply<HostLinkPort>),
    /// None: the operating system's list.
    SetInterfaces(Option<Vec<InterfaceAddress>>),
    Start(Reply<()>),
    /// It has left: nothing is kept open for a network on which it is not.
    Rest(Reply<()>),
    Pause(Reply<()>),
    Resume(Reply<()>),
    Stop(Reply<()>),
}
