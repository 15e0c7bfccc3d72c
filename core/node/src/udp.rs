//! The presence plane's sockets: datagrams to one address, to everybody on a network by IPv4 broadcast, and to the protocol's
//! multicast groups, all from the default port.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use permesso_engine::api::{Cast, NetAddr, NetworkEvent};
use permesso_engine::ids::Interface;
use permesso_engine::tree::Tree;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::doctor::Trouble;
use crate::interfaces::InterfaceAddress;
use crate::platform::{self, Received, Receiver};
use crate::radio::{self, Radio};
use crate::tasks;

/// The protocol's IPv4 group: administratively scoped, organisation-local (RFC 2365 §6.2), `20.70` as the default port.
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(239, 255, 20, 70);

/// The protocol's IPv6 group: transient, link-local (RFC 4291 §2.7), the group id from the range that hosts choose from
/// (RFC 3307 §4.3), `2070` as the default port.
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0, 0x8000, 0x2070);

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
    pub(crate) address: IpAddr,
    pub(crate) error: io::Error,
}

/// The presence sockets of every address this host is present on.
pub(crate) struct Presence {
    port: u16,
    open: Tree<Interface, OpenInterface>,
    next_interface: u32,
    arrivals: mpsc::Sender<Datagram>,
    /// What could not be sent lately, by interface and way.
    unsent: Tree<(Interface, Cast), Trouble>,
    /// Where the engine was told that nothing can be sent to everybody.
    mute: BTreeSet<Interface>,
    radio: Radio,
    /// The host links it is present on, by this host's address there.
    radio_open: Tree<Interface, InterfaceAddress>,
}

struct OpenInterface {
    address: InterfaceAddress,
    /// Whether it speaks to and hears everybody.
    in_group: bool,
    /// Whether the system lets it choose where what it says to the group goes.
    speaks_to_group: bool,
    /// The first sends, and hears what is addressed to this host alone.
    sockets: Vec<Arc<UdpSocket>>,
    readers: Vec<AbortHandle>,
}

impl Drop for OpenInterface {
    /// The ports are free afterwards.
    fn drop(&mut self) {
        self.readers.iter().for_each(AbortHandle::abort);
        for mut socket in self.sockets.drain(..) {
            // A reader may just be looking into it, which never takes long.
            while let Err(shared) = Arc::try_unwrap(socket) {
                socket = shared;
                std::thread::yield_now();
            }
        }
    }
}

impl Presence {
    /// Sockets on `port`, none open yet. What arrives goes to `arrivals`; what does not fit there is dropped, as datagrams are.
    /// Interfaces are numbered from `next_interface`.
    pub(crate) fn new(port: u16, next_interface: u32, arrivals: mpsc::Sender<Datagram>, radio: Radio) -> Self {
        let (open, unsent, radio_open) = (Tree::default(), Tree::default(), Tree::default());
        Self { port, open, next_interface, arrivals, unsent, mute: BTreeSet::new(), radio, radio_open }
    }

    /// Is present on exactly these host links. Says what changed.
    pub(crate) fn set_radio(&mut self, addresses: &[InterfaceAddress]) -> Vec<NetworkEvent> {
        let mut events = Vec::new();
        self.radio_open.retain(|interface, address| {
            let stays = addresses.contains(address);
            if !stays {
                events.push(NetworkEvent::InterfaceDown { interface: *interface });
            }
            stays
        });
        for address in addresses {
            if !self.radio_open.values().any(|open| open == address) {
                let interface = Interface(self.next_interface);
                self.next_interface += 1;
                self.radio_open.insert(interface, address.clone());
                let addresses = vec![(address.address, address.prefix)];
                events.push(NetworkEvent::InterfaceUp { interface, addresses });
            }
        }
        events
    }

    /// A presence datagram that came over the host link on which this host has the address `own`.
    pub(crate) fn over_radio(&self, own: Ipv4Addr, mut from: SocketAddr, bytes: Vec<u8>) -> Option<Datagram> {
        let (via, _) = self.radio_open.iter().find(|(_, address)| address.address == own)?;
        // The other may have another port elsewhere; here there is only one.
        from.set_port(self.port);
        Some(Datagram { via: *via, cast: Cast::Unicast, from, bytes })
    }

    /// The number of the next interface.
    pub(crate) fn next_interface(&self) -> u32 {
        self.next_interface
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.radio_open.is_empty()
    }

    /// The addresses that are open.
    pub(crate) fn addresses(&self) -> Tree<Interface, InterfaceAddress> {
        self.open.iter().map(|(interface, open)| (*interface, open.address.clone())).collect()
    }

    /// This host's ends of host links.
    pub(crate) fn host_links(&self) -> &Tree<Interface, InterfaceAddress> {
        &self.radio_open
    }

    /// What could not be sent when it was tried last.
    pub(crate) fn unsent(&self) -> &Tree<(Interface, Cast), Trouble> {
        &self.unsent
    }

    /// Where the system has begun or ceased to refuse all that goes to everybody.
    pub(crate) fn newly_mute(&mut self) -> Vec<NetworkEvent> {
        let is_mute = |(interface, open): &(&Interface, &OpenInterface)| {
            let ways = [open.address.broadcast().map(|_| Cast::Broadcast), Some(Cast::Multicast)];
            open.in_group && ways.into_iter().flatten().all(|cast| self.unsent.contains_key(&(**interface, cast)))
        };
        let mute: BTreeSet<Interface> = self.open.iter().filter(is_mute).map(|(interface, _)| *interface).collect();
        let changed = mute.symmetric_difference(&self.mute);
        let events =
            changed.map(|one| NetworkEvent::ToEverybody { interface: *one, works: !mute.contains(one) }).collect();
        self.mute = mute;
        events
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Opens and closes sockets so that exactly `addresses` are open. Says what changed, and what could not be opened.
    pub(crate) fn set_addresses(&mut self, addresses: &[InterfaceAddress]) -> (Vec<NetworkEvent>, Vec<Unusable>) {
        let mut events = Vec::new();
        // Android tells later than of an address which of its networks that belongs to. What was sent until then may have gone
        // astray: the sockets stay, and the engine shows itself once more.
        for (interface, open) in self.open.iter_mut() {
            let own = open.address.clone();
            let is_same = |address: &&InterfaceAddress| {
                InterfaceAddress { network: own.network, ..(*address).clone() } == own && address.network != own.network
            };
            if let Some(address) = addresses.iter().find(is_same) {
                open.join(address.network);
                let addresses = vec![(own.address, own.prefix)];
                self.unsent.retain(|(of, _), _| of != interface);
                self.mute.remove(interface);
                events.push(NetworkEvent::InterfaceDown { interface: *interface });
                events.push(NetworkEvent::InterfaceUp { interface: *interface, addresses });
            }
        }
        let gone: Vec<Interface> = self
            .open
            .iter()
            .filter(|(_, open)| !addresses.contains(&open.address))
            .map(|(number, _)| *number)
            .collect();
        for interface in gone {
            self.open.remove(&interface);
            self.unsent.retain(|(of, _), _| *of != interface);
            self.mute.remove(&interface);
            events.push(NetworkEvent::InterfaceDown { interface });
        }
        let mut unusable = Vec::new();
        for address in addresses {
            if self.open.values().any(|open| open.address == *address) {
                continue;
            }
            let interface = Interface(self.next_interface);
            match self.open(interface, address.clone(), is_in_group(address, addresses)) {
                Ok(open) => {
                    tracing::info!(address = %address.address, port = self.port, name = address.name, "present");
                    self.open.insert(interface, open);
                    self.next_interface += 1;
                    let addresses = vec![(address.address, address.prefix)];
                    events.push(NetworkEvent::InterfaceUp { interface, addresses });
                }
                // Not yet: the system is still looking whether somebody else has it (RFC 4862 §5.4). Tried again soon.
                Err(error) if address.address.is_ipv6() && error.kind() == ErrorKind::AddrNotAvailable => {
                    tracing::debug!(address = %address.address, "not usable yet");
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
        let mut moved = Tree::default();
        let mut unusable = Vec::new();
        for (interface, open) in self.open.iter() {
            match self.open(*interface, open.address.clone(), open.in_group) {
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

    /// Sends to everybody on one interface's network: by IPv4 broadcast and by multicast, or by `only` one of them.
    pub(crate) fn send_everyone(&mut self, interface: Interface, only: Option<Cast>, bytes: &[u8]) {
        if let Some(own) = self.radio_open.get(&interface)
            && only.is_none_or(|only| only == Cast::Broadcast)
        {
            self.radio.send_presence(own.address, bytes);
        }
        let Some(open) = self.open.get(&interface).filter(|open| open.in_group) else { return };
        let broadcast = open.address.broadcast().map(|broadcast| SocketAddrV4::new(broadcast, self.port).into());
        let group = open.address.group(self.port);
        for (cast, to) in [(Cast::Broadcast, broadcast), (Cast::Multicast, Some(group))] {
            if let Some(to) = to
                && only.is_none_or(|only| only == cast)
            {
                let is_refused = cast == Cast::Multicast && !open.speaks_to_group;
                let sent = if is_refused { Err(ErrorKind::Unsupported.into()) } else { open.send(to, bytes) };
                note(&mut self.unsent, (interface, cast), sent);
            }
        }
    }

    /// Sends to one address, from the interface whose network it is on, else from any. An IPv6 link-local address without a
    /// scope may be on any link: it is tried on each.
    pub(crate) fn send_to(&mut self, to: NetAddr, bytes: &[u8]) {
        let target = SocketAddr::new(to.ip().to_canonical(), to.port());
        if radio::is_radio(target.ip()) {
            return self.radio.send_presence(target.ip(), bytes);
        }
        if let SocketAddr::V6(v6) = to
            && v6.ip().is_unicast_link_local()
        {
            let links = self.open.iter().filter(|(_, open)| open.address.is_link_local());
            for (interface, open) in links.filter(|(_, open)| v6.scope_id() == 0 || v6.scope_id() == open.address.scope)
            {
                let scoped = SocketAddrV6::new(*v6.ip(), v6.port(), 0, open.address.scope);
                note(&mut self.unsent, (*interface, Cast::Unicast), open.send(scoped.into(), bytes));
            }
            return;
        }
        let near = self.open.iter().find(|(_, open)| open.address.reaches(target.ip()));
        let routed = || self.open.iter().find(|(_, open)| open.address.routes(target.ip()));
        match near.or_else(routed) {
            Some((interface, open)) => {
                note(&mut self.unsent, (*interface, Cast::Unicast), open.send(target, bytes));
            }
            None => tracing::debug!(%to, "no interface to send from"),
        }
    }

    fn open(&self, interface: Interface, address: InterfaceAddress, in_group: bool) -> io::Result<OpenInterface> {
        let unicast = unicast_socket(&address, self.port)?;
        let spoken = speak_to_group(SockRef::from(&unicast), &address);
        let speaks_to_group = spoken.inspect_err(|error| tracing::info!(%error, "cannot speak by multicast")).is_ok();
        let (sockets, readers) = (Vec::new(), Vec::new());
        let mut open = OpenInterface { sockets, readers, in_group, speaks_to_group, address };
        if platform::ONE_SOCKET_HEARS_ALL {
            if in_group && let Err(error) = join_group(SockRef::from(&unicast), &open.address) {
                tracing::info!(%error, "cannot be heard by multicast");
            }
            open.read(interface, Cast::Unicast, unicast, &self.arrivals);
            return Ok(open);
        }
        open.read(interface, Cast::Unicast, unicast, &self.arrivals);
        let group = in_group.then(|| group_socket(&open.address, self.port));
        let broadcast = open.address.broadcast().map(|broadcast| shared_socket(broadcast, self.port));
        for (cast, shared) in [(Cast::Multicast, group), (Cast::Broadcast, broadcast)] {
            match shared {
                Some(Ok(socket)) => open.read(interface, cast, socket, &self.arrivals),
                Some(Err(error)) => tracing::info!(?cast, %error, "cannot be heard by this way"),
                None => {}
            }
        }
        Ok(open)
    }
}

/// Keeps what went wrong with a way until something could be sent by it again; a full queue is no trouble.
fn note(unsent: &mut Tree<(Interface, Cast), Trouble>, way: (Interface, Cast), sent: io::Result<()>) {
    match sent {
        Err(error) if error.kind() != ErrorKind::WouldBlock => drop(unsent.insert(way, Trouble::from(&error))),
        _ => drop(unsent.remove(&way)),
    }
}

/// One address of each link speaks to the group: every IPv4 address for its network, of IPv6 ones the link-local address if
/// there is one.
fn is_in_group(address: &InterfaceAddress, all: &[InterfaceAddress]) -> bool {
    let better = |other: &InterfaceAddress| other.is_link_local() && other.scope == address.scope;
    address.address.is_ipv4() || address.scope != 0 && (address.is_link_local() || !all.iter().any(better))
}

impl InterfaceAddress {
    fn group(&self, port: u16) -> SocketAddr {
        match self.address {
            IpAddr::V4(_) => SocketAddrV4::new(GROUP_V4, port).into(),
            IpAddr::V6(_) => SocketAddrV6::new(GROUP_V6, port, 0, self.scope).into(),
        }
    }

    /// Whether a router can lead from here to `to`.
    fn routes(&self, to: IpAddr) -> bool {
        self.address.is_ipv4() == to.is_ipv4() && !self.address.is_loopback() && !self.is_link_local()
    }
}

impl OpenInterface {
    fn read(&mut self, via: Interface, cast: Cast, socket: UdpSocket, arrivals: &mpsc::Sender<Datagram>) {
        let socket = Arc::new(socket);
        let heard = Heard { via, cast, broadcast: self.address.broadcast() };
        let reader = tasks::spawn(read(heard, Arc::downgrade(&socket), arrivals.clone()));
        self.readers.push(reader.abort_handle());
        self.sockets.push(socket);
    }

    /// Puts its sockets on another of the device's networks.
    fn join(&mut self, network: Option<u64>) {
        self.address.network = network;
        for socket in &self.sockets {
            if let Err(error) = platform::join(SockRef::from(&**socket), network) {
                tracing::info!(%error, "presence cannot be put on this network");
            }
        }
    }

    fn send(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        // Past tokio, which would refuse until it has seen the socket writable once; it never blocks all the same.
        let Some(socket) = self.sockets.first() else { return Ok(()) };
        let sent = SockRef::from(&**socket).send_to(bytes, &to.into());
        match &sent {
            Ok(_) => tracing::trace!(%to, bytes = bytes.len(), "datagram sent"),
            // No route, no permission, too long, or a full queue: a datagram may be lost, and is repeated if it matters.
            Err(error) => tracing::debug!(%to, bytes = bytes.len(), %error, "datagram not sent"),
        }
        sent.map(drop)
    }
}

/// Where and how a socket hears.
struct Heard {
    via: Interface,
    cast: Cast,
    broadcast: Option<Ipv4Addr>,
}

impl Heard {
    /// How a datagram came that says what it was sent to; each socket but the one that hears all has a way of its own.
    fn cast_of(&self, to: Option<IpAddr>) -> Cast {
        match to {
            Some(to) if to.is_multicast() => Cast::Multicast,
            Some(IpAddr::V4(to)) if to.is_broadcast() || Some(to) == self.broadcast => Cast::Broadcast,
            _ => self.cast,
        }
    }
}

async fn read(heard: Heard, socket: Weak<UdpSocket>, arrivals: mpsc::Sender<Datagram>) {
    let mut buffer = vec![0; BUFFER];
    let Some(receiver) = socket.upgrade().map(|socket| Receiver::new(&socket)) else { return };
    loop {
        // It is not held while nothing comes: whoever gives it up has it closed then.
        let received = poll_fn(|context| {
            let Some(socket) = socket.upgrade() else { return Poll::Ready(None) };
            receiver.poll(&socket, context, &mut buffer).map(Some)
        });
        match received.await {
            Some(Ok(Received { length, from, to })) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let datagram = Datagram { via: heard.via, cast: heard.cast_of(to), from, bytes };
                match arrivals.try_send(datagram) {
                    Ok(()) => {}
                    Err(mpsc::error::TrySendError::Full(_)) => tracing::trace!(%from, "datagram dropped: too many"),
                    Err(mpsc::error::TrySendError::Closed(_)) => return,
                }
            }
            Some(Err(error)) if platform::is_about_one_datagram(&error) => {
                tracing::trace!(%error, "a datagram could not be read, or one that was sent came back");
            }
            Some(Err(error)) => {
                tracing::debug!(%error, cast = ?heard.cast, "cannot read a presence socket");
                tokio::time::sleep(REST).await;
            }
            None => return,
        }
    }
}

/// Sends everything, and hears what is addressed to this host alone. Nobody else can bind the same address and port.
fn unicast_socket(address: &InterfaceAddress, port: u16) -> io::Result<UdpSocket> {
    let socket = udp_socket(address.address.into())?;
    platform::join(SockRef::from(&socket), address.network)?;
    if address.address.is_ipv4() {
        socket.set_broadcast(true)?;
    }
    socket.bind(&address.at(port).into())?;
    UdpSocket::from_std(socket.into())
}

/// What it says to the group goes to the network of `address` and no further. Else it might go to another.
fn speak_to_group(socket: SockRef<'_>, address: &InterfaceAddress) -> io::Result<()> {
    match address.address {
        IpAddr::V4(v4) => {
            socket.set_multicast_if_v4(&v4)?;
            socket.set_multicast_ttl_v4(1)?;
            socket.set_multicast_loop_v4(true)
        }
        IpAddr::V6(_) => {
            socket.set_multicast_if_v6(address.scope)?;
            socket.set_multicast_hops_v6(1)?;
            socket.set_multicast_loop_v6(true)
        }
    }
}

/// Hears the protocol's group on the interface that has `address`.
fn group_socket(address: &InterfaceAddress, port: u16) -> io::Result<UdpSocket> {
    let socket = reusable_socket(address.address.into())?;
    platform::join(SockRef::from(&socket), address.network)?;
    if address.address.is_ipv4() {
        platform::hear_own_groups_only(&socket)?;
    }
    // Of IPv6 the scope of the bound address keeps other links out.
    socket.bind(&address.group(port).into())?;
    join_group(SockRef::from(&socket), address)?;
    UdpSocket::from_std(socket.into())
}

fn join_group(socket: SockRef<'_>, address: &InterfaceAddress) -> io::Result<()> {
    match address.address {
        IpAddr::V4(v4) => socket.join_multicast_v4(&GROUP_V4, &v4),
        IpAddr::V6(_) => socket.join_multicast_v6(&GROUP_V6, address.scope),
    }
}

/// Hears what is sent to a broadcast address; several hosts on one machine hear the same.
fn shared_socket(address: Ipv4Addr, port: u16) -> io::Result<UdpSocket> {
    let socket = reusable_socket(Family::V4)?;
    socket.bind(&SocketAddrV4::new(address, port).into())?;
    UdpSocket::from_std(socket.into())
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

impl From<IpAddr> for Family {
    fn from(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

fn reusable_socket(family: Family) -> io::Result<Socket> {
    let socket = udp_socket(family)?;
    socket.set_reuse_address(true)?;
    #[cfg(target_vendor = "apple")]
    socket.set_reuse_port(true)?;
    Ok(socket)
}

fn udp_socket(family: Family) -> io::Result<Socket> {
    let domain = match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if let Family::V6 = family {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether a socket could not be had because another program has it.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrInUse
}

#[cfg(test)]
mod tests;
