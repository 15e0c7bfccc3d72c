//! Links over QUIC: one endpoint per listener, which accepts and dials from the same port.

mod admission;
mod crypto;
mod link;
mod pulse;
mod tls;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use permesso_engine::api::{DownReason, LinkEvent, NetAddr};
use permesso_engine::ids::{DialId, IdentityKey, LinkId, ListenerId};
use permesso_engine::tree::Tree;
use quinn::{
    ClientConfig, Connection, Endpoint, EndpointConfig, IdleTimeout, Incoming, Runtime, ServerConfig, TransportConfig,
    VarInt,
};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::platform;
use crate::radio::{self, Radio};
use crate::tasks;
use admission::{Admission, Permit, Verdict};
#[cfg(any(test, fuzzing))]
pub(crate) use link::{FRAME_MAX, Split, split_frame};
use link::{Link, Outgoing};
use pulse::Pace;
use tls::Credentials;

/// All addresses of one dial together, and a handshake that arrives, may take so long.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);

/// The least time for one address of several.
const ADDRESS_TIME_MIN: Duration = Duration::from_millis(500);

/// An orderly close may take so long until the peer has everything.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// QUIC's own idle time (RFC 9000, 10.1), for ends whose task stands still: longer than any silence that `pulse` allows.
const IDLE_TIME_MS: u32 = 300_000;

/// Bytes of frames a link takes before it reports `Writable`: two full round trips of 10,000 messages/s at 10 ms, and what a
/// peer may send before this host has taken it in.
const CREDIT: usize = 256 << 10;

/// QUIC datagrams are never longer, so never fragmented. Also bounds quinn's receive buffer, 2.4 MB of addresses per listener,
/// of which only what was used is resident: measured 10 kB for an idle listener, 0.3 MB for a link after a burst.
const DATAGRAM_MAX: u16 = 1_200;

/// On a local network; quinn would start with 333 ms and so repeat a lost first packet only after a second.
const INITIAL_RTT: Duration = Duration::from_millis(100);

/// What a link tells the driver.
#[derive(Debug)]
pub(crate) enum LinkInput {
    /// For the engine.
    Event(LinkEvent),
    /// For the engine, and how to reach the new link.
    Up(LinkEvent, LinkHandle),
}

/// How the driver reaches a link.
#[derive(Debug)]
pub(crate) struct LinkHandle {
    id: LinkId,
    listener: ListenerId,
    /// This host's address on it, if the system says which.
    local: Option<SocketAddr>,
    outgoing: mpsc::UnboundedSender<Outgoing>,
    cut: Option<oneshot::Sender<()>>,
}

/// What links need to know of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct LinkSettings {
    /// The address to bind, with its scope; none is every address. The port means nothing.
    pub(crate) bind: Option<SocketAddr>,
    /// The port of the main listener, 0 for a random one.
    pub(crate) main_port: u16,
    /// Links at a time.
    pub(crate) links_max: u32,
    /// Handshakes accepted per second.
    pub(crate) handshakes_per_second: u32,
}

/// Every listener and link of a host. Once nobody holds `inputs` any more, every port is free.
pub(crate) struct Links {
    settings: LinkSettings,
    server: ServerConfig,
    shared: Arc<Shared>,
    listeners: Tree<ListenerId, Listener>,
    links: Tree<LinkId, LinkHandle>,
    radio: Radio,
}

/// What the tasks of all links share.
struct Shared {
    credentials: Credentials,
    admission: Arc<Admission>,
    inputs: mpsc::Sender<LinkInput>,
    next_link: Arc<AtomicU64>,
    pace: Pace,
    /// The network of the device that its sockets are put on; 0 for none.
    network: AtomicU64,
}

struct Listener {
    endpoint: Endpoint,
    /// The endpoint's own socket once more, to put it on another network.
    socket: UdpSocket,
    port: u16,
    accepting: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
        self.endpoint.close(VarInt::from_u32(0), b"");
    }
}

impl Links {
    /// Links that prove the identity key of `seed` and report to `inputs`. Numbers are drawn from `next_link`, which outlives
    /// them.
    pub(crate) fn new(
        settings: LinkSettings,
        seed: &[u8; 32],
        inputs: mpsc::Sender<LinkInput>,
        next_link: Arc<AtomicU64>,
    ) -> io::Result<Self> {
        let credentials = Credentials::new(seed).map_err(io::Error::other)?;
        let mut server = ServerConfig::with_crypto(Arc::new(credentials.server().map_err(io::Error::other)?));
        server.transport_config(Arc::new(transport(1))).migration(false);
        server.validation_token.sent(0);
        let links_max = usize::try_from(settings.links_max).unwrap_or(usize::MAX);
        let admission = Admission::new(links_max, settings.handshakes_per_second, Instant::now());
        let shared = Arc::new(Shared {
            credentials,
            admission,
            inputs,
            next_link,
            pace: Pace::default(),
            network: AtomicU64::new(0),
        });
        let (listeners, links) = (Tree::default(), Tree::default());
        Ok(Self { settings, server, shared, listeners, links, radio: Radio::default() })
    }

    /// Links with nothing to say show themselves as often as beacons, which follow each other after `interval`.
    pub(crate) fn keep_pace(&self, interval: Duration) {
        self.shared.pace.follow(interval);
    }

    /// Listeners that are opened from now on are reached over host links too.
    pub(crate) fn reach_over(&mut self, radio: Radio) {
        self.radio = radio;
    }

    /// Binds a port and accepts links there: `wanted` if it is free, else the configured one, else a random one.
    pub(crate) fn listen(&mut self, listener: ListenerId, wanted: Option<u16>) -> LinkEvent {
        let configured = (listener == ListenerId::MAIN).then_some(self.settings.main_port);
        let ports = [wanted, configured, Some(0)];
        let mut bound = Err(ErrorKind::AddrInUse.into());
        for port in ports.into_iter().flatten() {
            bound = bound.or_else(|_| self.bind(port));
        }
        let opened = bound.and_then(|socket| self.open(listener, socket));
        match opened {
            Ok(opened) => {
                let port = opened.port;
                tracing::debug!(listener = listener.0, port, "listening for links");
                self.listeners.insert(listener, opened);
                LinkEvent::Listening { listener, port }
            }
            Err(error) => {
                tracing::warn!(listener = listener.0, %error, "no port for links");
                LinkEvent::ListenFailed { listener }
            }
        }
    }

    /// Puts what is open, and what will be, on one of the device's networks.
    pub(crate) fn join(&mut self, network: Option<u64>) {
        if self.shared.network() == network {
            return;
        }
        self.shared.network.store(network.unwrap_or(0), Ordering::Relaxed);
        for listener in self.listeners.values() {
            if let Err(error) = platform::join(SockRef::from(&listener.socket), network) {
                tracing::info!(%error, "links cannot be put on this network");
            }
        }
    }

    fn bind(&self, port: u16) -> io::Result<UdpSocket> {
        match self.settings.bind {
            Some(mut address) => {
                address.set_port(port);
                bind(address)
            }
            None => bind((Ipv6Addr::UNSPECIFIED, port).into()).or_else(|_| bind((Ipv4Addr::UNSPECIFIED, port).into())),
        }
    }

    fn open(&self, listener: ListenerId, socket: UdpSocket) -> io::Result<Listener> {
        let port = socket.local_addr()?.port();
        platform::join(SockRef::from(&socket), self.shared.network())?;
        let same = socket.try_clone()?;
        let mut config = EndpointConfig::default();
        config.max_udp_payload_size(DATAGRAM_MAX).map_err(io::Error::other)?;
        let runtime = Arc::new(quinn::TokioRuntime);
        let socket = self.radio.socket(runtime.wrap_udp_socket(socket)?, self.shared.clone())?;
        let endpoint = Endpoint::new_with_abstract_socket(config, Some(self.server.clone()), socket, runtime)?;
        let accepting = tasks::spawn(accept(self.shared.clone(), listener, endpoint.clone()));
        Ok(Listener { endpoint, socket: same, port, accepting })
    }

    /// Closes a port. Its links are closed in order first, within 2 s.
    pub(crate) fn stop_listening(&mut self, listener: ListenerId) {
        let Some(open) = self.listeners.remove(&listener) else { return };
        open.accepting.abort();
        open.endpoint.set_server_config(None);
        self.links.values().filter(|link| link.listener == listener).for_each(LinkHandle::close);
        tasks::spawn(async move {
            // An endpoint lives until its last connection is gone, and closes by itself.
            let _ = timeout(CLOSE_TIME + CLOSE_TIME, open.endpoint.wait_idle()).await;
            drop(open);
        });
    }

    /// Dials from a listener's port; the answer comes as `Up` or `DialFailed`.
    pub(crate) fn dial(&self, dial: DialId, listener: ListenerId, addresses: Vec<NetAddr>, expected: IdentityKey) {
        let endpoint = self.listeners.get(&listener).map(|open| open.endpoint.clone());
        let shared = self.shared.clone();
        tasks::spawn(async move {
            let connection = match endpoint {
                Some(endpoint) => connect(&shared, &endpoint, &addresses, expected).await,
                None => None,
            };
            match connection {
                Some(connection) => shared.dialled(dial, listener, connection).await,
                None => shared.tell(LinkInput::Event(LinkEvent::DialFailed { dial })).await,
            }
        });
    }

    /// Hands a frame to a link; it is dropped if the link is gone.
    pub(crate) fn send(&self, link: LinkId, bytes: Vec<u8>) {
        if let Some(handle) = self.links.get(&link) {
            // A link that has just ended reports that itself.
            let _ = handle.outgoing.send(Outgoing::Frame(bytes));
        }
    }

    /// Closes a link in order.
    pub(crate) fn close(&self, link: LinkId) {
        if let Some(handle) = self.links.get(&link) {
            handle.close();
        }
    }

    /// Ends the links on which this host's address is gone: their peers answer to it, and QUIC would hope for 45 s.
    pub(crate) fn cut_stranded(&mut self) {
        let radio = &self.radio;
        let is_gone =
            |local: SocketAddr| if radio::is_radio(local.ip()) { !radio.has(local.ip()) } else { is_gone(local) };
        for handle in self.links.values_mut().filter(|handle| handle.local.is_some_and(is_gone)) {
            tracing::debug!(link = handle.id.0, "the address of this link is gone");
            // A link that has just ended reports that itself.
            let _ = handle.cut.take().map(|cut| cut.send(()));
        }
    }

    /// Takes note of what a link tells, and passes on what the engine should know. A link of a listener that was closed
    /// meanwhile is closed too.
    pub(crate) fn on_input(&mut self, input: LinkInput) -> LinkEvent {
        match input {
            LinkInput::Up(event, handle) => {
                if !self.listeners.contains_key(&handle.listener) {
                    handle.close();
                }
                self.links.insert(handle.id, handle);
                event
            }
            LinkInput::Event(event) => {
                if let LinkEvent::Down { link, .. } = event {
                    self.links.remove(&link);
                }
                event
            }
        }
    }

    /// The open listeners and their ports.
    pub(crate) fn ports(&self) -> Tree<ListenerId, Option<u16>> {
        self.listeners.iter().map(|(listener, open)| (*listener, Some(open.port))).collect()
    }

    /// Ends every link because the host goes away, what was handed over first, then closes every port, within `limit`. Returns
    /// what to tell the engine of the links.
    pub(crate) async fn shut(mut self, limit: Duration) -> Vec<LinkEvent> {
        self.links.values().for_each(LinkHandle::leave);
        let open = self.links.keys().copied().collect::<Vec<_>>();
        self.links.clear();
        let all_idle = async {
            for listener in self.listeners.values() {
                listener.endpoint.set_server_config(None);
                listener.endpoint.wait_idle().await;
            }
        };
        let _ = timeout(limit, all_idle).await;
        open.into_iter().map(|link| LinkEvent::Down { link, reason: DownReason::Lost }).collect()
    }
}

impl LinkHandle {
    fn close(&self) {
        // A link that has just ended needs no closing.
        let _ = self.outgoing.send(Outgoing::Close);
    }

    fn leave(&self) {
        let _ = self.outgoing.send(Outgoing::Leave);
    }
}

impl Shared {
    fn network(&self) -> Option<u64> {
        Some(self.network.load(Ordering::Relaxed)).filter(|network| *network != 0)
    }

    async fn tell(&self, input: LinkInput) {
        // Without a driver nobody needs to know.
        let _ = self.inputs.send(input).await;
    }

    async fn dialled(&self, dial: DialId, listener: ListenerId, connection: Connection) {
        let permit = self.admission.dialled();
        match timeout(HANDSHAKE_TIME, connection.open_bi()).await {
            Ok(Ok(streams)) => self.run(Some(dial), listener, connection, streams, permit).await,
            _ => self.tell(LinkInput::Event(LinkEvent::DialFailed { dial })).await,
        }
    }

    async fn run(
        &self,
        dial: Option<DialId>,
        listener: ListenerId,
        connection: Connection,
        (send, receive): (quinn::SendStream, quinn::RecvStream),
        permit: Permit,
    ) {
        let Some(peer) = tls::identity_of(&connection) else { return };
        let id = LinkId(self.next_link.fetch_add(1, Ordering::Relaxed));
        let address = canonical(connection.remote_address());
        let (sender, outgoing) = mpsc::unbounded_channel();
        let (cut, is_cut) = oneshot::channel();
        let pulse = sender.downgrade();
        let handle = LinkHandle {
            id,
            listener,
            local: local_address(&connection, self.network()),
            outgoing: sender,
            cut: Some(cut),
        };
        let event = LinkEvent::Up { link: id, listener, dial, peer, address, credit: CREDIT };
        tracing::debug!(link = id.0, %address, dialled = dial.is_some(), "link up");
        self.tell(LinkInput::Up(event, handle)).await;
        let (inputs, pace) = (self.inputs.clone(), self.pace.clone());
        Link { id, connection, send, receive, outgoing, cut: is_cut, inputs, pulse, pace }.run().await;
        drop(permit);
    }
}

async fn accept(shared: Arc<Shared>, listener: ListenerId, endpoint: Endpoint) {
    while let Some(incoming) = endpoint.accept().await {
        match shared.admission.judge(incoming.remote_address_validated(), Instant::now()) {
            Verdict::Accept(permit) => {
                tasks::spawn(arrive(shared.clone(), listener, incoming, permit));
            }
            Verdict::Retry if incoming.may_retry() => drop(incoming.retry()),
            Verdict::Refuse => incoming.refuse(),
            Verdict::Retry | Verdict::Ignore => incoming.ignore(),
        }
    }
}

async fn arrive(shared: Arc<Shared>, listener: ListenerId, incoming: Incoming, mut permit: Permit) {
    let handshake = async {
        let connection = incoming.accept()?.await?;
        let streams = connection.accept_bi().await?;
        Ok::<_, quinn::ConnectionError>((connection, streams))
    };
    match timeout(HANDSHAKE_TIME, handshake).await {
        Ok(Ok((connection, streams))) => {
            permit.establish();
            shared.run(None, listener, connection, streams, permit).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
        Err(_) => tracing::debug!("a handshake took too long"),
    }
}

/// Tries the addresses in turn.
async fn connect(
    shared: &Shared,
    endpoint: &Endpoint,
    addresses: &[NetAddr],
    expected: IdentityKey,
) -> Option<Connection> {
    let crypto = shared.credentials.client(expected).ok()?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport(0)));
    let deadline = Instant::now() + HANDSHAKE_TIME;
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let untried = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let time = (left / untried).max(ADDRESS_TIME_MIN).min(left);
        // The name is not sent; the key is what is checked.
        let attempt = match endpoint.connect_with(config.clone(), *address, "permesso") {
            Ok(connecting) => timeout(time, connecting).await,
            Err(error) => {
                tracing::debug!(%address, %error, "cannot dial");
                continue;
            }
        };
        match attempt {
            Ok(Ok(connection)) => return Some(connection),
            Ok(Err(error)) => tracing::debug!(%address, %error, "a dial failed"),
            Err(_) => tracing::debug!(%address, "a dial was not answered"),
        }
    }
    None
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// This host's address on a connection, with the scope of the link it is on.
fn local_address(connection: &Connection, network: Option<u64>) -> Option<SocketAddr> {
    let remote = canonical(connection.remote_address());
    if let Some(own) = radio::own_end(remote.ip()) {
        return Some(SocketAddr::new(own, 0));
    }
    let told = connection.local_ip().map(|ip| SocketAddr::new(ip.to_canonical(), 0));
    // For a dialled connection quinn does not say it; the route that the system takes does.
    let mut local = told.or_else(|| {
        let socket = UdpSocket::bind(if remote.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).ok()?;
        platform::join(SockRef::from(&socket), network).ok()?;
        socket.connect(remote).ok()?;
        socket.local_addr().ok()
    })?;
    local.set_port(0);
    if let (SocketAddr::V6(local), SocketAddr::V6(remote)) = (&mut local, &remote) {
        local.set_scope_id(remote.scope_id());
    }
    Some(local)
}

/// Whether this host no longer has an address.
fn is_gone(address: SocketAddr) -> bool {
    bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable)
}

/// The same address without the IPv6 form of IPv4.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        IpAddr::V6(_) => address,
    }
}

/// `streams` is how many the peer may open: one for a listener, none for a dialler.
fn transport(streams: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    let window = VarInt::from_u32(u32::try_from(CREDIT).unwrap_or(u32::MAX));
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(streams))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(window)
        .receive_window(window)
        .send_window(CREDIT as u64)
        .datagram_receive_buffer_size(None)
        .mtu_discovery_config(None)
        .initial_rtt(INITIAL_RTT)
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIME_MS))));
    transport
}

#[cfg(test)]
mod tests;
