//! What goes into the engine and what comes out of it.

mod commands;
mod views;
mod ways;

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use commands::{Command, CommandError, Left, Match, Outcome, Setting, Visibility};
pub use views::*;
pub use ways::*;

use crate::ids::{DialId, FetchId, IdentityKey, Interface, LinkId, ListenerId};
use crate::rows::RecordKey;

/// An address on the network; of a link-local IPv6 address the scope id is part.
pub type NetAddr = SocketAddr;

/// How a datagram was addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cast {
    /// To this host alone.
    Unicast,
    /// To everybody on the link, by broadcast.
    Broadcast,
    /// To the protocol's group, by multicast.
    Multicast,
}

/// What happened to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// An interface is usable, or its addresses changed.
    InterfaceUp {
        /// Which.
        interface: Interface,
        /// Its own addresses with their prefix lengths, all of IPv4 or all of IPv6.
        addresses: Vec<(std::net::IpAddr, u8)>,
    },
    /// An interface is gone.
    InterfaceDown {
        /// Which.
        interface: Interface,
    },
    /// Whether what is sent to everybody on an interface leaves this device, which some systems refuse to apps that may still send to
    /// single addresses. Until it is told, it does.
    ToEverybody {
        /// Which.
        interface: Interface,
        /// False while the system refuses both ways, broadcast and multicast.
        works: bool,
    },
    /// The phone's own discovery (or a QR code, or the configuration) names an address where a host may listen.
    PeerFound {
        /// Its presence address.
        address: NetAddr,
    },
    /// The device slept, or the app was paused: every timer is stale and every link may be dead.
    Resumed,
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownReason {
    /// One side closed it in order (idle, leaving, or one of two).
    Closed,
    /// It broke: the host is taken to be offline.
    Lost,
}

/// What happened to links. A link is reliable, ordered, and has proved the peer's identity key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// The port asked for by `LinkRequest::Listen` is bound.
    Listening {
        /// Which listener.
        listener: ListenerId,
        /// The UDP port, the same on every interface.
        port: u16,
    },
    /// No port could be bound.
    ListenFailed {
        /// Which listener.
        listener: ListenerId,
    },
    /// No address of a dial answered with the expected key.
    DialFailed {
        /// Which dial.
        dial: DialId,
    },
    /// A link is up.
    Up {
        /// Its number.
        link: LinkId,
        /// The listener it arrived at or left from.
        listener: ListenerId,
        /// The dial it answers; none if the peer dialled.
        dial: Option<DialId>,
        /// The proved key of the peer.
        peer: IdentityKey,
        /// Where the peer is.
        address: NetAddr,
        /// How many bytes of frames may be sent at once, see `Writable`.
        credit: usize,
    },
    /// A whole frame arrived (without its length prefix).
    Frame {
        /// On which link.
        link: LinkId,
        /// Its bytes, at most 64 KiB.
        bytes: Vec<u8>,
    },
    /// So many further bytes of frames may be sent.
    Writable {
        /// On which link.
        link: LinkId,
        /// Added to what is left of the credit.
        bytes: usize,
    },
    /// A link is gone; nothing follows with its number.
    Down {
        /// Which.
        link: LinkId,
        /// Why.
        reason: DownReason,
    },
}

/// What the engine wants done about links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRequest {
    /// Bind a random port (the configured one for the main listener), accept links there. Answered by `Listening` or
    /// `ListenFailed`.
    Listen {
        /// Its number.
        listener: ListenerId,
    },
    /// Close a port and every link on it.
    StopListening {
        /// Which.
        listener: ListenerId,
    },
    /// Dial from a listener's socket, trying the addresses in turn. Answered by `Up` or `DialFailed` within 5 s.
    Dial {
        /// Its number.
        dial: DialId,
        /// From where.
        listener: ListenerId,
        /// Whither.
        addresses: Vec<NetAddr>,
        /// The identity key the peer must prove.
        expected: IdentityKey,
    },
    /// Close a link in order, after what was handed over has been sent. Answered by `Down`.
    Close {
        /// Which.
        link: LinkId,
    },
    /// The presence port was changed: bind this one instead.
    Rebind {
        /// The new default port.
        port: u16,
    },
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// A presence datagram to everybody on one interface: by broadcast (IPv4) and by multicast, from the default port.
    Everyone {
        /// Where.
        interface: Interface,
        /// By this way alone; to find out which one works.
        only: Option<Cast>,
        /// At most 1200 bytes.
        bytes: Vec<u8>,
    },
    /// A presence datagram to one address, from the default port.
    Datagram {
        /// Whither.
        to: NetAddr,
        /// At most 1200 bytes.
        bytes: Vec<u8>,
    },
    /// A frame on a link.
    Frame {
        /// Which link.
        link: LinkId,
        /// At most 64 KiB; the link adds its length prefix.
        bytes: Vec<u8>,
    },
}

/// A body the engine wants read back from the store; answered by `handle_fetched`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its number.
    pub id: FetchId,
    /// Whose body.
    pub key: RecordKey,
}

/// Why the engine wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// Work is left over from the last call.
    Work,
    /// Somebody's message or handshake waits for it.
    Delivery,
    /// Beacons and house-keeping; may be late when the device saves power.
    Presence,
}
