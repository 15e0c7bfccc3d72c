//! Another radio of the device (Bluetooth LE, Wi-Fi Aware, Multipeer), whose packets the app carries.

use std::io;
use std::sync::Arc;

use permesso_node::{HOST_PACKET_MAX, HostLinkPort};

use crate::error::PermessoError;
use crate::host::Host;
use crate::runtime::ask;

/// Why a packet was not carried. Whatever else a carrier throws is taken for this too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum CarrierError {
    /// The radio is gone: the host link is closed.
    #[error("{reason}")]
    Gone {
        /// What it says; for the log.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CarrierError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Gone { reason: error.reason }
    }
}

/// The app's radio, as far as it reaches one other host.
#[uniffi::export(with_foreign)]
pub trait HostLinkCarrier: Send + Sync {
    /// Carries one packet of at most `host_packet_max` bytes, whole, to the other end's `receive`. Called on a thread of its
    /// own, one packet after the other; it may block while the radio takes no more, and so slows the host down. A packet
    /// that is lost is repeated; throwing closes the host link.
    fn carry(&self, packet: Vec<u8>) -> Result<(), CarrierError>;

    /// The host has closed it, or it closed itself. Nothing is called after.
    fn closed(&self) -> Result<(), CarrierError>;
}

/// An open host link. It is closed when the app gives it up.
#[derive(uniffi::Object)]
pub struct HostLink {
    port: HostLinkPort,
    #[cfg(feature = "rehearsal")]
    _counted: crate::rehearsal::Counted,
}

struct Carrier(Arc<dyn HostLinkCarrier>);

impl permesso_node::HostLink for Carrier {
    fn send(&self, packet: Vec<u8>) -> io::Result<()> {
        self.0.carry(packet).map_err(io::Error::other)
    }

    fn closed(&self) {
        if let Err(error) = self.0.closed() {
            tracing::info!(%error, "a carrier does not want to know that it is closed");
        }
    }
}

/// The longest packet of a host link, in bytes.
#[uniffi::export]
pub fn host_packet_max() -> u32 {
    u32::try_from(HOST_PACKET_MAX).unwrap_or(u32::MAX)
}

#[uniffi::export]
impl Host {
    /// Opens a host link: a radio reaches one other host, and the app carries packets between the two. Over it the other is
    /// found, and links prove its key, as on any network; nothing is taken on trust. A host that is paused or not started
    /// keeps it for later; one that stops closes it.
    ///
    /// Fails with `NotNow` if 64 are open.
    pub async fn open_host_link(&self, carrier: Arc<dyn HostLinkCarrier>) -> Result<Arc<HostLink>, PermessoError> {
        let node = self.node.clone();
        let port = ask(async move { node.open_host_link(Carrier(carrier)).await }).await?;
        Ok(Arc::new(HostLink {
            port,
            #[cfg(feature = "rehearsal")]
            _counted: crate::rehearsal::Counted::host_link(),
        }))
    }
}

#[uniffi::export]
impl HostLink {
    /// Takes in a packet that the radio brought. Never blocks; what is no packet, and what comes faster than it can be taken
    /// in, is dropped.
    pub fn receive(&self, packet: Vec<u8>) {
        self.port.receive(&packet);
    }

    /// Whether it is still open.
    pub fn is_open(&self) -> bool {
        self.port.is_open()
    }

    /// The radio is gone, or the app wants no more of it.
    pub fn end(&self) {
        self.port.close();
    }
}
