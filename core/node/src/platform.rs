//! What is done differently on phones, and on Windows.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use socket2::{SockRef, Socket};
use tokio::net::UdpSocket;

/// Windows binds no socket to a group or to a broadcast address (`WSAEADDRNOTAVAIL`). There the one socket of an address hears all that
/// comes to it, and each datagram says what it was sent to.
pub(crate) const ONE_SOCKET_HEARS_ALL: bool = cfg!(windows);

/// A datagram that is in the buffer.
pub(crate) struct Received {
    /// In bytes.
    pub(crate) length: usize,
    /// Who sent it.
    pub(crate) from: SocketAddr,
    /// What it was sent to, where [one socket hears all](ONE_SOCKET_HEARS_ALL).
    pub(crate) to: Option<IpAddr>,
}

/// Reads datagrams.
pub(crate) struct Receiver {
    /// None where the system cannot say what a datagram was sent to.
    #[cfg(windows)]
    state: Option<quinn_udp::UdpSocketState>,
}

impl Receiver {
    /// For this socket.
    #[cfg(not(windows))]
    pub(crate) fn new(_: &UdpSocket) -> Self {
        Self {}
    }

    /// For this socket.
    #[cfg(windows)]
    pub(crate) fn new(socket: &UdpSocket) -> Self {
        let state = quinn_udp::UdpSocketState::new(socket.into());
        let state =
            state.inspect_err(|error| tracing::info!(%error, "what comes by broadcast is taken for unicast")).ok();
        Self { state }
    }

    /// The next datagram; one that does not fit into the buffer is cut off, or lost on Windows.
    pub(crate) fn poll(
        &self,
        socket: &UdpSocket,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<Received>> {
        #[cfg(windows)]
        if let Some(state) = &self.state {
            return poll_with(state, socket, context, buffer);
        }
        let mut buffer = tokio::io::ReadBuf::new(buffer);
        let polled = socket.poll_recv_from(context, &mut buffer);
        polled.map_ok(|from| Received { length: buffer.filled().len(), from, to: None })
    }
}

#[cfg(windows)]
fn poll_with(
    state: &quinn_udp::UdpSocketState,
    socket: &UdpSocket,
    context: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<Received>> {
    loop {
        std::task::ready!(socket.poll_recv_ready(context))?;
        let mut meta = [quinn_udp::RecvMeta::default()];
        let received = socket.try_io(tokio::io::Interest::READABLE, || {
            state.recv(socket.into(), &mut [io::IoSliceMut::new(buffer)], &mut meta)
        });
        match received {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
            Ok(_) => {
                let [quinn_udp::RecvMeta { len, addr, dst_ip, .. }] = meta;
                return Poll::Ready(Ok(Received { length: len, from: addr, to: dst_ip }));
            }
        }
    }
}

/// Whether what went wrong with reading a socket is over with it. On Windows a refused datagram comes back as an error of the socket it
/// was sent from, and one that is too long for the buffer is one, too.
pub(crate) fn is_about_one_datagram(error: &io::Error) -> bool {
    /// `WSAEMSGSIZE`.
    const TOO_LONG: i32 = 10_040;
    /// `WSAENETRESET`.
    const EXPIRED: i32 = 10_052;
    cfg!(windows)
        && (error.kind() == io::ErrorKind::ConnectionReset || matches!(error.raw_os_error(), Some(TOO_LONG | EXPIRED)))
}

/// Puts a socket on one of the device's networks, named by the handle that Android gives it; with none it follows the
/// device's choice again. Elsewhere the routes decide, and nothing is done.
///
/// Without it what is sent to a local network gets lost whenever Android prefers another, as it does where that one does not
/// lead to the internet.
pub(crate) fn join(socket: SockRef<'_>, network: Option<u64>) -> io::Result<()> {
    #[cfg(target_os = "android")]
    return android::join(&*socket, network);
    #[cfg(not(target_os = "android"))]
    {
        let _ = (socket, network);
        Ok(())
    }
}

/// Keeps out of an IPv4 socket what other sockets joined on other interfaces: Linux would hand it out too.
pub(crate) fn hear_own_groups_only(socket: &Socket) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return socket.set_multicast_all_v4(false);
    #[cfg(target_os = "android")]
    return android::hear_own_groups_only(socket);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        Ok(())
    }
}

#[cfg(target_os = "android")]
#[allow(unsafe_code, reason = "calls of the system that no library has; they keep nothing of what they are given")]
mod android {
    use std::ffi::{c_int, c_void};
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};

    /// `NETWORK_UNSPECIFIED` of `android/multinetwork.h`.
    const UNSPECIFIED: u64 = 0;

    /// Of `linux/in.h`.
    const IPPROTO_IP: c_int = 0;
    const IP_MULTICAST_ALL: c_int = 49;

    // Since API 23.
    #[link(name = "android")]
    unsafe extern "C" {
        safe fn android_setsocknetwork(network: u64, socket: c_int) -> c_int;
    }

    unsafe extern "C" {
        fn setsockopt(socket: c_int, level: c_int, name: c_int, value: *const c_void, length: u32) -> c_int;
    }

    pub(super) fn hear_own_groups_only(socket: &impl AsFd) -> io::Result<()> {
        let all: c_int = 0;
        let (value, length) = ((&raw const all).cast(), size_of::<c_int>() as u32);
        // SAFETY: the value is read during the call alone, and has that length.
        match unsafe { setsockopt(socket.as_fd().as_raw_fd(), IPPROTO_IP, IP_MULTICAST_ALL, value, length) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    pub(super) fn join(socket: &impl AsFd, network: Option<u64>) -> io::Result<()> {
        if android_setsocknetwork(network.unwrap_or(UNSPECIFIED), socket.as_fd().as_raw_fd()) == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        // Under a VPN that its user's apps may not go around. What it leaves to the routes still reaches this network, and the
        // doctor tells what does not.
        if error.kind() == io::ErrorKind::PermissionDenied {
            tracing::info!(%error, "a socket may not be put on this network");
            return Ok(());
        }
        Err(error)
    }
}
