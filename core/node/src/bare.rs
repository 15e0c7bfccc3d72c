//! One end of a link with no host behind it: whoever measures or tests a host speaks frames to it by this.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use permesso_engine::api::{LinkEvent, NetAddr};
use permesso_engine::ids::{DialId, IdentityKey, LinkId, ListenerId};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::links::{LinkInput, LinkSettings, Links};

/// Frames that wait to be taken; beyond it QUIC holds the peer back.
const INPUTS_MAX: usize = 64;

/// What was sent has so long to arrive when the link ends.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// What happened on a link.
#[derive(Debug)]
pub enum BareEvent {
    /// A frame came.
    Frame(Vec<u8>),
    /// More may be sent.
    Writable,
}

/// A link that is up. Nothing was said on it yet: the first frame each way is a HELLO.
pub struct BareLink {
    links: Links,
    inputs: mpsc::Receiver<LinkInput>,
    link: LinkId,
    credit: i64,
}

impl BareLink {
    /// Dials `to` from the address `from` as the host whose identity key has this seed; the other end must prove the key
    /// `expected`.
    ///
    /// # Errors
    /// No socket can be opened, or nobody with that key answers within 5 s.
    pub async fn dial(seed: &[u8; 32], from: IpAddr, to: NetAddr, expected: IdentityKey) -> io::Result<Self> {
        let settings =
            LinkSettings { bind: Some(SocketAddr::new(from, 0)), main_port: 0, links_max: 1, handshakes_per_second: 1 };
        let (sender, mut inputs) = mpsc::channel(INPUTS_MAX);
        let mut links = Links::new(settings, seed, sender, Arc::default())?;
        links.listen(ListenerId::MAIN, None);
        links.dial(DialId(1), ListenerId::MAIN, vec![to], expected);
        let input = inputs.recv().await.ok_or(io::ErrorKind::ConnectionAborted)?;
        match links.on_input(input) {
            LinkEvent::Up { link, credit, .. } => {
                Ok(Self { links, inputs, link, credit: i64::try_from(credit).unwrap_or(i64::MAX) })
            }
            _ => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }

    /// Whether a frame may be sent now.
    pub fn may_send(&self) -> bool {
        self.credit > 0
    }

    /// Sends a frame. Ask [`may_send`](Self::may_send) before: what is sent beyond it piles up here.
    pub fn send(&mut self, frame: Vec<u8>) {
        self.credit = self.credit.saturating_sub(i64::try_from(frame.len()).unwrap_or(i64::MAX));
        self.links.send(self.link, frame);
    }

    /// What happens next; nothing once the link is down. Cancel-safe.
    pub async fn next(&mut self) -> Option<BareEvent> {
        loop {
            let input = self.inputs.recv().await?;
            match self.links.on_input(input) {
                LinkEvent::Frame { bytes, .. } => return Some(BareEvent::Frame(bytes)),
                LinkEvent::Writable { bytes, .. } => {
                    self.credit = self.credit.saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX));
                    return Some(BareEvent::Writable);
                }
                LinkEvent::Down { .. } => return None,
                _ => {}
            }
        }
    }

    /// Ends the link; what was sent before has a second to arrive.
    pub async fn close(self) {
        let Self { links, mut inputs, .. } = self;
        // What still comes is thrown away, so that nothing waits for room.
        let swallow = async { while inputs.recv().await.is_some() {} };
        let _ = timeout(CLOSE_TIME + CLOSE_TIME, async { tokio::join!(links.shut(CLOSE_TIME), swallow) }).await;
    }
}
