//! Host links: another radio (Bluetooth LE, Wi-Fi Aware, Multipeer) as a network of two hosts, over which the app carries packets.
//!
//! Everything else stays as it is on any network: presence finds the other, links are QUIC and prove the peer's key, and what is
//! lost or held back is QUIC's to repeat and to slow down. So a radio is trusted no more than a cable. Each host link has
//! addresses of its own at both ends, which mean something on this device alone.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::thread;

use permesso_engine::tree::Tree;
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::sync::Notify;

use crate::interfaces::InterfaceAddress;

/// The longest packet a host link carries: the longest datagram (PROTOCOL.md, Limits) behind two ports.
pub const HOST_PACKET_MAX: usize = 1_200 + PORTS;

/// The ports of the receiver and the sender, before each datagram.
const PORTS: usize = 2 * size_of::<u16>();

/// The port of presence on a host link, whatever number it has elsewhere.
const PRESENCE: u16 = 0;

/// Packets that wait for a radio, or to be taken in; more are dropped, as datagrams are. A link's whole credit fits.
const WAITING_MAX: usize = 256;

/// Host links open at a time: a radio that speaks to more than a few dozen at once does not exist.
const HOST_LINKS_MAX: usize = 64;

/// Addresses of host links are of the block that is reserved for ever (RFC 1112 §4), so no network has them: 240.n.n.1 is this
/// end and 240.n.n.2 the other.
const BLOCK: u8 = 240;
const NETWORK_BITS: u8 = 30;

/// What carries packets to the other end of a host link.
pub trait HostLink: Send + Sync {
    /// Carries one packet of at most [`HOST_PACKET_MAX`] bytes, whole. Called on a thread of its own that may block while the
    /// radio takes no more.
    ///
    /// # Errors
    /// The radio is gone: the host link is closed.
    fn send(&self, packet: Vec<u8>) -> io::Result<()>;

    /// The host has closed it, or it closed itself; nothing is called after.
    fn closed(&self);
}

/// Every host link of a host.
#[derive(Clone, Default)]
pub(crate) struct Radio(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when a link was opened or closed, and when a presence datagram came.
    changed: Notify,
}

#[derive(Default)]
struct State {
    links: BTreeMap<u16, Arc<Outgoing>>,
    next: u16,
    /// Presence datagrams that came, with the end they came from.
    presence: VecDeque<(SocketAddr, Vec<u8>)>,
    /// Whether the list of links is another than when it was last asked for.
    is_changed: bool,
    sockets: Tree<u16, Incoming>,
}

/// What came for one port.
#[derive(Default)]
struct Incoming {
    packets: VecDeque<(SocketAddr, Vec<u8>)>,
    waker: Option<Waker>,
}

/// Packets on their way to a radio.
struct Outgoing {
    queue: Mutex<Queue>,
    filled: Condvar,
}

/// What becomes of the packets that wait for a radio whose host link is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// A host that goes says good-bye.
    Sent,
    /// The radio or the app wants no more.
    Dropped,
}

#[derive(Default)]
struct Queue {
    packets: VecDeque<Vec<u8>>,
    is_closed: bool,
}

/// The app's end of a host link. It is closed when this is dropped.
pub struct HostLinkPort {
    number: u16,
    radio: Weak<Shared>,
}

impl fmt::Debug for HostLinkPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostLinkPort").field("number", &self.number).finish_non_exhaustive()
    }
}

impl HostLinkPort {
    /// Takes in a packet that the radio brought. What is none, and what comes faster than it can be taken in, is dropped.
    pub fn receive(&self, packet: &[u8]) {
        if let Some(radio) = self.radio.upgrade() {
            radio.receive(self.number, packet);
        }
    }

    /// Whether it is still open.
    pub fn is_open(&self) -> bool {
        self.radio.upgrade().is_some_and(|radio| radio.lock().links.contains_key(&self.number))
    }

    /// Closes it: the radio is gone, or the app wants no more of it. What waits for it is dropped.
    pub fn close(&self) {
        if let Some(radio) = self.radio.upgrade() {
            radio.close(self.number, Waiting::Dropped);
        }
    }
}

impl Drop for HostLinkPort {
    fn drop(&mut self) {
        self.close();
    }
}

impl Radio {
    /// Opens a host link; none if there are too many.
    pub(crate) fn open(&self, link: Box<dyn HostLink>) -> io::Result<HostLinkPort> {
        self.open_on(thread::Builder::new().name("permesso-radio".into()), link)
    }

    /// The same, on a thread of the app's radio that is made so.
    fn open_on(&self, carrier: thread::Builder, link: Box<dyn HostLink>) -> io::Result<HostLinkPort> {
        let outgoing = Arc::new(Outgoing { queue: Mutex::default(), filled: Condvar::new() });
        let number = {
            let mut state = self.0.lock();
            if state.links.len() >= HOST_LINKS_MAX {
                return Err(io::Error::other(format!("{HOST_LINKS_MAX} host links are open already: close one first")));
            }
            state.next = state.next.wrapping_add(1);
            while state.links.contains_key(&state.next) {
                state.next = state.next.wrapping_add(1);
            }
            let number = state.next;
            state.links.insert(number, outgoing.clone());
            state.is_changed = true;
            number
        };
        let radio = Arc::downgrade(&self.0);
        let spawned = carrier.spawn(move || carry(&outgoing, &*link, number, &radio));
        // Without a thread it carries nothing, and nobody has a port to close it by.
        spawned.inspect_err(|_| self.0.close(number, Waiting::Dropped))?;
        self.0.changed.notify_one();
        Ok(HostLinkPort { number, radio: Arc::downgrade(&self.0) })
    }

    /// Closes all.
    pub(crate) fn close_all(&self) {
        let numbers: Vec<u16> = self.0.lock().links.keys().copied().collect();
        numbers.into_iter().for_each(|number| self.0.close(number, Waiting::Sent));
    }

    /// This host's address on each host link, as one on any network.
    pub(crate) fn addresses(&self) -> Vec<InterfaceAddress> {
        let address = |number: &u16| InterfaceAddress {
            name: format!("host link {number}"),
            address: IpAddr::V4(at(*number, 1)),
            prefix: NETWORK_BITS,
            scope: 0,
            network: None,
        };
        self.0.lock().links.keys().map(address).collect()
    }

    /// The next presence datagram, with the address it came from and this host's own there; `None` where host links came or
    /// went. Cancel-safe.
    pub(crate) async fn next(&self) -> Option<(Ipv4Addr, SocketAddr, Vec<u8>)> {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.0.changed.notified().await;
        }
    }

    /// The same, if it is there already.
    #[allow(clippy::option_option, reason = "nothing there, and something that is no datagram, are two things")]
    pub(crate) fn try_next(&self) -> Option<Option<(Ipv4Addr, SocketAddr, Vec<u8>)>> {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.is_changed) {
            return Some(None);
        }
        let (from, bytes) = state.presence.pop_front()?;
        let number = number_of(from.ip())?;
        Some(Some((at(number, 1), from, bytes)))
    }

    /// Whether the host link that has an address is open.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        number_of(address).is_some_and(|number| self.0.lock().links.contains_key(&number))
    }

    /// Sends a presence datagram to the other end.
    pub(crate) fn send_presence(&self, to: IpAddr, bytes: &[u8]) {
        self.send(PRESENCE, SocketAddr::new(to, PRESENCE), bytes);
    }

    /// Sends a datagram; whether there was room for it is not told.
    fn send(&self, from_port: u16, to: SocketAddr, bytes: &[u8]) {
        let Some(number) = number_of(to.ip()) else { return };
        let outgoing = self.0.lock().links.get(&number).cloned();
        let mut packet = Vec::with_capacity(PORTS + bytes.len());
        packet.extend_from_slice(&to.port().to_be_bytes());
        packet.extend_from_slice(&from_port.to_be_bytes());
        packet.extend_from_slice(bytes);
        if let Some(outgoing) = outgoing.filter(|_| packet.len() <= HOST_PACKET_MAX) {
            outgoing.offer(packet);
        }
    }

    /// A socket that reaches the network and every host link, from one port.
    pub(crate) fn socket(
        &self,
        network: Arc<dyn AsyncUdpSocket>,
        owner: Arc<dyn Send + Sync>,
    ) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let port = network.local_addr()?.port();
        self.0.lock().sockets.insert(port, Incoming::default());
        // Where a socket is one of IPv6, its addresses of IPv4 have that form too.
        let is_mapped = network.local_addr()?.is_ipv6();
        Ok(Arc::new(RadioSocket { network, port, is_mapped, radio: self.clone(), _owner: owner }))
    }
}

/// Whether an address is one end of a host link.
pub(crate) fn is_radio(address: IpAddr) -> bool {
    number_of(address).is_some()
}

/// This host's address on the host link that has an address, if it is one's.
pub(crate) fn own_end(address: IpAddr) -> Option<IpAddr> {
    number_of(address).map(|number| at(number, 1).into())
}

fn at(number: u16, end: u8) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(BLOCK, high, low, end)
}

fn number_of(address: IpAddr) -> Option<u16> {
    match address.to_canonical() {
        IpAddr::V4(address) => match address.octets() {
            [BLOCK, high, low, _] => Some(u16::from_be_bytes([high, low])),
            _ => None,
        },
        IpAddr::V6(_) => None,
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, number: u16, packet: &[u8]) {
        let Some(([to_high, to_low, from_high, from_low], bytes)) = packet.split_first_chunk::<PORTS>() else { return };
        if packet.len() > HOST_PACKET_MAX {
            return;
        }
        let (to, from_port) = (u16::from_be_bytes([*to_high, *to_low]), u16::from_be_bytes([*from_high, *from_low]));
        let from = SocketAddr::new(at(number, 2).into(), from_port);
        let mut state = self.lock();
        if !state.links.contains_key(&number) {
            return;
        }
        if to == PRESENCE {
            if state.presence.len() < WAITING_MAX {
                state.presence.push_back((from, bytes.to_vec()));
            }
            drop(state);
            self.changed.notify_one();
        } else if let Some(incoming) = state.sockets.get_mut(&to)
            && incoming.packets.len() < WAITING_MAX
        {
            incoming.packets.push_back((from, bytes.to_vec()));
            let waker = incoming.waker.take();
            drop(state);
            waker.into_iter().for_each(Waker::wake);
        }
    }

    fn close(&self, number: u16, waiting: Waiting) {
        let outgoing = {
            let mut state = self.lock();
            let outgoing = state.links.remove(&number);
            state.is_changed |= outgoing.is_some();
            outgoing
        };
        if let Some(outgoing) = outgoing {
            outgoing.close(waiting);
            self.changed.notify_one();
        }
    }
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offer(&self, packet: Vec<u8>) {
        let mut queue = self.lock();
        if queue.packets.len() < WAITING_MAX {
            queue.packets.push_back(packet);
            drop(queue);
            self.filled.notify_one();
        }
    }

    fn close(&self, waiting: Waiting) {
        let mut queue = self.lock();
        queue.is_closed = true;
        if waiting == Waiting::Dropped {
            queue.packets.clear();
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Waits for a packet; none once it is closed and what was still to be sent is.
    fn next(&self) -> Option<Vec<u8>> {
        let mut queue = self.lock();
        loop {
            if let Some(packet) = queue.packets.pop_front() {
                return Some(packet);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Carries packets to a radio until its end.
fn carry(outgoing: &Outgoing, link: &dyn HostLink, number: u16, radio: &Weak<Shared>) {
    while let Some(packet) = outgoing.next() {
        if let Err(error) = link.send(packet) {
            tracing::info!(number, %error, "a host link broke");
            break;
        }
    }
    if let Some(radio) = radio.upgrade() {
        radio.close(number, Waiting::Dropped);
    }
    link.closed();
}

/// One port on the network and on every host link.
struct RadioSocket {
    network: Arc<dyn AsyncUdpSocket>,
    port: u16,
    is_mapped: bool,
    radio: Radio,
    /// Dropped after `network`: whoever waits for its end finds the port free.
    _owner: Arc<dyn Send + Sync>,
}

impl fmt::Debug for RadioSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RadioSocket").field("network", &self.network).finish_non_exhaustive()
    }
}

impl Drop for RadioSocket {
    fn drop(&mut self) {
        self.radio.0.lock().sockets.remove(&self.port);
    }
}

impl RadioSocket {
    fn form(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(v4) if self.is_mapped => v4.to_ipv6_mapped().into(),
            address => address,
        }
    }
}

impl AsyncUdpSocket for RadioSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        // A host link always takes or drops.
        self.network.clone().create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        if !is_radio(transmit.destination.ip()) {
            return self.network.try_send(transmit);
        }
        let size = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
        transmit.contents.chunks(size).for_each(|bytes| self.radio.send(self.port, transmit.destination, bytes));
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut taken = 0;
        let mut state = self.radio.0.lock();
        if let Some(incoming) = state.sockets.get_mut(&self.port) {
            for (buffer, meta) in bufs.iter_mut().zip(meta.iter_mut()) {
                let Some((from, bytes)) = incoming.packets.pop_front() else { break };
                let length = bytes.len().min(buffer.len());
                if let (Some(room), Some(bytes)) = (buffer.get_mut(..length), bytes.get(..length)) {
                    room.copy_from_slice(bytes);
                }
                let addr = SocketAddr::new(self.form(from.ip()), from.port());
                let own = number_of(from.ip()).map(|number| self.form(at(number, 1).into()));
                *meta = RecvMeta { addr, len: length, stride: length, ecn: None, dst_ip: own };
                taken += 1;
            }
            if taken == 0 {
                incoming.waker = Some(cx.waker().clone());
            }
        }
        drop(state);
        if taken > 0 { Poll::Ready(Ok(taken)) } else { self.network.poll_recv(cx, bufs, meta) }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.network.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.network.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.network.max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.network.may_fragment()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl HostLink for Silent {
        fn send(&self, _: Vec<u8>) -> io::Result<()> {
            Ok(())
        }

        fn closed(&self) {}
    }

    #[test]
    fn a_host_link_that_gets_no_thread_takes_no_place() {
        let radio = Radio::default();
        for _ in 0..HOST_LINKS_MAX {
            // More than there is memory for in any address space.
            let too_large = thread::Builder::new().stack_size(usize::MAX / 2);
            radio.open_on(too_large, Box::new(Silent)).unwrap_err();
        }
        assert_eq!(radio.addresses(), []);
        let _port = radio.open(Box::new(Silent)).unwrap();
        assert_eq!(radio.addresses().len(), 1);
    }
}
