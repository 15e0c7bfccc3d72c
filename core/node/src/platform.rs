//! What is done on phones alone.

use std::io;

use socket2::SockRef;

/// Puts a socket on one of the device's networks, named by the handle that Android gives it; with none it follows the
/// device's choice again. Elsewhere the routes decide, and nothing is done.
///
/// Without it what is sent to a local network gets lost whenever Android prefers another, as it does where that one does not
/// lead to the internet.
pub(crate) fn join(socket: SockRef<'_>, network: Option<u64>) -> io::Result<()> {
    #[cfg(target_os = "android")]
    return android::join(&socket, network);
    #[cfg(not(target_os = "android"))]
    {
        let _ = (socket, network);
        Ok(())
    }
}

#[cfg(target_os = "android")]
#[allow(unsafe_code, reason = "the NDK's call, since API 23: it takes two numbers and keeps neither")]
mod android {
    use std::ffi::c_int;
    use std::io;
    use std::os::fd::{AsFd, AsRawFd};

    /// `NETWORK_UNSPECIFIED` of `android/multinetwork.h`.
    const UNSPECIFIED: u64 = 0;

    #[link(name = "android")]
    unsafe extern "C" {
        safe fn android_setsocknetwork(network: u64, socket: c_int) -> c_int;
    }

    pub(super) fn join(socket: &impl AsFd, network: Option<u64>) -> io::Result<()> {
        match android_setsocknetwork(network.unwrap_or(UNSPECIFIED), socket.as_fd().as_raw_fd()) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
