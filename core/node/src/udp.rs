//! The presence plane's sockets: datagrams to one address, to everybody on a network by broadcast, and to the protocol's
//! multicast group, all from the default port.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use permesso_engine::api::{Cast, NetAddr, NetworkEvent};
use permesso_engine::ids::Interface;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::interfaces::InterfaceAddress;

/// The protocol's multicast group: administratively scoped, organisation-local (RFC 2365 §6.2), `20.70` as the default port.
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 20, 70);

/// Room for a datagram; more than the protocol's 1200 bytes, so that the engine sees and counts those that are too long.
const BUFFER: usize = 2_048;

/// A socket that fails rests so long before it is read again.
const REST: Duration = Duration::from_millis(200);

/// A datagram that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Datagram {
    pub(crate) via: Interface,
    pub(crate) cast: Cast,
    pub(crate) from: NetAddr,
    pub(crate) bytes: Vec<u8>,
}

/// An address that could not be used.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) address: Ipv4Addr,
    pub(crate) error: io::Error,
}

/// The presence sockets of every address this host is present on.
pub(crate) struct Presence {
    port: u16,
    open: BTreeMap<Interface, OpenInterface>,
    next_interface: u32,
    arrivals: mpsc::Sender<Datagram>,
}

struct OpenInterface {
    address: InterfaceAddress,
    socket: Arc<UdpSocket>,
    readers: Vec<AbortHandle>,
}

impl Drop for OpenInterface {
    fn drop(&mut self) {
        self.readers.iter().for_each(AbortHandle::abort);
    }
}

impl Presence {
    /// Sockets on `port`, none open yet. What arrives goes to `arrivals`; what does not fit there is dropped, as datagrams are.
    /// Interfaces are numbered from `next_interface`.
    pub(crate) fn new(port: u16, next_interface: u32, arrivals: mpsc::Sender<Datagram>) -> Self {
        Self { port, open: BTreeMap::new(), next_interface, arrivals }
    }

    /// The number of the next interface.
    pub(crate) fn next_interface(&self) -> u32 {
        self.next_interface
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Opens and closes sockets so that exactly `addresses` are open. Says what changed, and what could not be opened.
    pub(crate) fn set_addresses(&mut self, addresses: &[InterfaceAddress]) -> (Vec<NetworkEvent>, Vec<Unusable>) {
        let gone: Vec<Interface> = self
            .open
            .iter()
            .filter(|(_, open)| !addresses.contains(&open.address))
            .map(|(number, _)| *number)
            .collect();
        let mut events = Vec::new();
        for interface in gone {
            self.open.remove(&interface);
            events.push(NetworkEvent::InterfaceDown { interface });
        }
        let mut unusable = Vec::new();
        for address in addresses {
            if self.open.values().any(|open| open.address == *address) {
                continue;
            }
            let interface = Interface(self.next_interface);
            match self.open(interface, address.clone()) {
                Ok(open) => {
                    tracing::info!(address = %address.address, port = self.port, name = address.name, "present");
                    self.open.insert(interface, open);
                    self.next_interface += 1;
                    let addresses = vec![(IpAddr::V4(address.address), address.prefix)];
                    events.push(NetworkEvent::InterfaceUp { interface, addresses });
                }
                Err(error) => unusable.push(Unusable { address: address.address, error }),
            }
        }
        (events, unusable)
    }

    /// Moves every socket to another port. If none can be opened there, nothing changes.
    pub(crate) fn rebind(&mut self, port: u16) -> Result<Vec<Unusable>, Vec<Unusable>> {
        if port == self.port {
            return Ok(Vec::new());
        }
        let old = std::mem::replace(&mut self.port, port);
        let mut moved = BTreeMap::new();
        let mut unusable = Vec::new();
        for (interface, open) in &self.open {
            match self.open(*interface, open.address.clone()) {
                Ok(open) => drop(moved.insert(*interface, open)),
                Err(error) => unusable.push(Unusable { address: open.address.address, error }),
            }
        }
        if moved.is_empty() && !self.open.is_empty() {
            self.port = old;
            return Err(unusable);
        }
        self.open = moved;
        Ok(unusable)
    }

    /// Sends to everybody on one interface's network, by broadcast and by multicast.
    pub(crate) fn send_everyone(&self, interface: Interface, bytes: &[u8]) {
        let Some(open) = self.open.get(&interface) else { return };
        if let Some(broadcast) = open.address.broadcast() {
            open.send(SocketAddrV4::new(broadcast, self.port).into(), bytes);
        }
        open.send(SocketAddrV4::new(GROUP, self.port).into(), bytes);
    }

    /// Sends to one address, from the interface whose network it is on, else from any.
    pub(crate) fn send_to(&self, to: NetAddr, bytes: &[u8]) {
        let near = self.open.values().find(|open| open.address.reaches(to.ip()));
        let routed = || self.open.values().find(|open| !open.address.address.is_loopback());
        match near.or_else(routed) {
            Some(open) => open.send(SocketAddr::new(to.ip().to_canonical(), to.port()), bytes),
            None => tracing::debug!(%to, "no interface to send from"),
        }
    }

    fn open(&self, interface: Interface, address: InterfaceAddress) -> io::Result<OpenInterface> {
        let socket = Arc::new(unicast_socket(address.address, self.port)?);
        let mut open = OpenInterface { socket: socket.clone(), readers: Vec::new(), address };
        open.read(interface, Cast::Unicast, socket, &self.arrivals);
        let group = group_socket(open.address.address, self.port);
        let broadcast = open.address.broadcast().map(|broadcast| shared_socket(broadcast, self.port));
        for (cast, shared) in [(Cast::Multicast, Some(group)), (Cast::Broadcast, broadcast)] {
            match shared {
                Some(Ok(socket)) => open.read(interface, cast, Arc::new(socket), &self.arrivals),
                Some(Err(error)) => tracing::info!(?cast, %error, "cannot be heard by this way"),
                None => {}
            }
        }
        Ok(open)
    }
}

impl OpenInterface {
    fn read(&mut self, via: Interface, cast: Cast, socket: Arc<UdpSocket>, arrivals: &mpsc::Sender<Datagram>) {
        let reader = tokio::spawn(read(via, cast, socket, arrivals.clone()));
        self.readers.push(reader.abort_handle());
    }

    fn send(&self, to: SocketAddr, bytes: &[u8]) {
        // Past tokio, which would refuse until it has seen the socket writable once; it never blocks all the same.
        match SockRef::from(&*self.socket).send_to(bytes, &to.into()) {
            Ok(_) => tracing::trace!(%to, bytes = bytes.len(), "datagram sent"),
            // No route, no permission, too long, or a full queue: a datagram may be lost, and is repeated if it matters.
            Err(error) => tracing::debug!(%to, bytes = bytes.len(), %error, "datagram not sent"),
        }
    }
}

async fn read(via: Interface, cast: Cast, socket: Arc<UdpSocket>, arrivals: mpsc::Sender<Datagram>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let datagram = Datagram { via, cast, from, bytes };
                match arrivals.try_send(datagram) {
                    Ok(()) => {}
                    Err(mpsc::error::TrySendError::Full(_)) => tracing::trace!(%from, "datagram dropped: too many"),
                    Err(mpsc::error::TrySendError::Closed(_)) => return,
                }
            }
            Err(error) => {
                tracing::debug!(%error, ?cast, "cannot read a presence socket");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Sends everything, and hears what is addressed to this host alone. Nobody else can bind the same address and port.
fn unicast_socket(address: Ipv4Addr, port: u16) -> io::Result<UdpSocket> {
    let socket = udp_socket()?;
    socket.set_broadcast(true)?;
    socket.set_multicast_if_v4(&address)?;
    socket.set_multicast_ttl_v4(1)?;
    socket.set_multicast_loop_v4(true)?;
    socket.bind(&SocketAddrV4::new(address, port).into())?;
    UdpSocket::from_std(socket.into())
}

/// Hears the protocol's group on the interface that has `address`.
fn group_socket(address: Ipv4Addr, port: u16) -> io::Result<UdpSocket> {
    let socket = reusable_socket()?;
    // Else Linux also hands out what was joined by other sockets on other interfaces.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_multicast_all_v4(false)?;
    socket.bind(&SocketAddrV4::new(GROUP, port).into())?;
    socket.join_multicast_v4(&GROUP, &address)?;
    UdpSocket::from_std(socket.into())
}

/// Hears what is sent to a broadcast address; several hosts on one machine hear the same.
fn shared_socket(address: Ipv4Addr, port: u16) -> io::Result<UdpSocket> {
    let socket = reusable_socket()?;
    socket.bind(&SocketAddrV4::new(address, port).into())?;
    UdpSocket::from_std(socket.into())
}

fn reusable_socket() -> io::Result<Socket> {
    let socket = udp_socket()?;
    socket.set_reuse_address(true)?;
    #[cfg(target_vendor = "apple")]
    socket.set_reuse_port(true)?;
    Ok(socket)
}

fn udp_socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether a socket could not be had because another program has it.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrInUse
}

#[cfg(test)]
mod tests;
