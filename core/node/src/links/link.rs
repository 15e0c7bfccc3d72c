//! One link: frames in both directions on one stream, and how it ends.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use permesso_engine::api::{DownReason, LinkEvent};
use permesso_engine::ids::LinkId;
use quinn::{Connection, ConnectionError, ReadError, RecvStream, SendStream, VarInt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::pulse::{self, Pace};
use super::{CLOSE_TIME, LinkInput};

/// The longest frame (PROTOCOL.md, Limits).
pub(crate) const FRAME_MAX: usize = 64 << 10;

/// The length that goes before each frame.
const PREFIX: usize = size_of::<u32>();

/// Bytes taken from the stream at once.
const READ_MAX: usize = 256 << 10;

/// Frames put into one write at most; the credit bounds their bytes.
const BATCH_MAX: usize = 256;

/// The code of a link closed in order.
const CLOSED: VarInt = VarInt::from_u32(0);

/// The code of a link whose host goes away: it is complete, and the host offline.
const GONE: VarInt = VarInt::from_u32(2);

/// After the end of the stream its code follows as soon as the peer knows that all has arrived, and it waits for that no longer
/// than `CLOSE_TIME`. Without a code it was closed in order.
const CODE_TIME: Duration = CLOSE_TIME.saturating_add(Duration::from_secs(1));

/// The code of a link closed because the peer broke the framing.
const BROKEN: VarInt = VarInt::from_u32(1);

/// What the driver hands to a link.
#[derive(Debug)]
pub(super) enum Outgoing {
    Frame(Vec<u8>),
    /// Close in order once everything before it has arrived.
    Close,
    /// The same, because the host goes away.
    Leave,
}

/// Why one direction of a link ended.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// Closed from here, in order.
    Closed,
    /// Left from here, in order.
    Left,
    /// This host has lost the address it had on the link.
    Cut,
    /// The peer has sent everything; its code follows.
    Finished,
    /// The connection broke, or will say itself how it ended.
    Connection,
    /// The peer broke the framing.
    Broken,
    /// The peer is not heard any more.
    Silent,
}

/// A link that is up.
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    pub(super) receive: RecvStream,
    pub(super) outgoing: mpsc::UnboundedReceiver<Outgoing>,
    /// Comes when nothing can pass any more.
    pub(super) cut: oneshot::Receiver<()>,
    pub(super) inputs: mpsc::Sender<LinkInput>,
    /// The way into `outgoing`, as long as the driver holds the link.
    pub(super) pulse: mpsc::WeakUnboundedSender<Outgoing>,
    pub(super) pace: Pace,
}

impl Link {
    /// Carries frames until the link ends, and reports its end.
    pub(super) async fn run(self) {
        // Both streams live until the code is sent: one that is dropped ends by itself, as if in order.
        let Self { id, connection, mut send, mut receive, outgoing, cut, inputs, pulse, pace } = self;
        let ending = tokio::select! {
            ending = read_frames(id, &mut receive, &inputs) => ending,
            ending = write_frames(id, &mut send, outgoing, &inputs) => ending,
            Ok(()) = cut => Ending::Cut,
            () = pulse::silence(&connection, &pulse, &pace) => Ending::Silent,
        };
        let reason = match ending {
            Ending::Closed => {
                connection.close(CLOSED, b"");
                DownReason::Closed
            }
            Ending::Left | Ending::Cut | Ending::Silent => {
                connection.close(GONE, b"");
                DownReason::Lost
            }
            Ending::Finished => {
                let ended = timeout(CODE_TIME, connection.closed()).await;
                connection.close(CLOSED, b"");
                ended.map_or(DownReason::Closed, |error| reason_of(&error))
            }
            Ending::Broken => {
                connection.close(BROKEN, b"framing");
                DownReason::Lost
            }
            Ending::Connection => {
                let reason = connection.close_reason().map_or(DownReason::Lost, |error| reason_of(&error));
                connection.close(CLOSED, b"");
                reason
            }
        };
        tracing::debug!(link = id.0, ?reason, "link down");
        // The driver may be gone, then nobody needs to know.
        let _ = inputs.send(LinkInput::Event(LinkEvent::Down { link: id, reason })).await;
    }
}

fn reason_of(error: &ConnectionError) -> DownReason {
    match error {
        ConnectionError::ApplicationClosed(close) if close.error_code == CLOSED => DownReason::Closed,
        ConnectionError::LocallyClosed => DownReason::Closed,
        _ => DownReason::Lost,
    }
}

async fn write_frames(
    link: LinkId,
    send: &mut SendStream,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    inputs: &mpsc::Sender<LinkInput>,
) -> Ending {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    let mut ending = Ending::Closed;
    while outgoing.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (chunk, bytes, last) = coalesce(&mut batch);
        if !chunk.is_empty() && send.write_chunk(chunk).await.is_err() {
            return Ending::Connection;
        }
        if bytes > 0 {
            let _ = inputs.send(LinkInput::Event(LinkEvent::Writable { link, bytes })).await;
        }
        if let Some(last) = last {
            ending = last;
            break;
        }
    }
    let _ = send.finish();
    // Whether or not the peer confirms the end in time, this side has closed in order.
    let _ = timeout(CLOSE_TIME, send.stopped()).await;
    ending
}

/// One chunk of all frames up to a `Close` or `Leave`, how many bytes of frames it has, and how the link is to end.
fn coalesce(batch: &mut Vec<Outgoing>) -> (Bytes, usize, Option<Ending>) {
    let length = |item: &Outgoing| match item {
        Outgoing::Frame(bytes) => bytes.len() + PREFIX,
        Outgoing::Close | Outgoing::Leave => 0,
    };
    let mut chunk = BytesMut::with_capacity(batch.iter().map(length).sum());
    let mut frames = 0;
    for item in batch.drain(..) {
        match item {
            Outgoing::Frame(bytes) => {
                chunk.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
                chunk.put_slice(&bytes);
                frames += bytes.len();
            }
            Outgoing::Close => return (chunk.freeze(), frames, Some(Ending::Closed)),
            Outgoing::Leave => return (chunk.freeze(), frames, Some(Ending::Left)),
        }
    }
    (chunk.freeze(), frames, None)
}

async fn read_frames(link: LinkId, receive: &mut RecvStream, inputs: &mpsc::Sender<LinkInput>) -> Ending {
    let mut buffer = BytesMut::new();
    loop {
        match receive.read_chunk(READ_MAX, true).await {
            Ok(Some(chunk)) => buffer.extend_from_slice(&chunk.bytes),
            Ok(None) if buffer.is_empty() => return Ending::Finished,
            Ok(None) | Err(ReadError::Reset(_)) => return Ending::Broken,
            Err(_) => return Ending::Connection,
        }
        loop {
            match split_frame(&mut buffer) {
                // That the peer is there is all it says.
                Split::Frame(bytes) if bytes.is_empty() => {}
                Split::Frame(bytes) => {
                    // Waits while the engine takes no input: QUIC then holds the peer back.
                    if inputs.send(LinkInput::Event(LinkEvent::Frame { link, bytes })).await.is_err() {
                        return Ending::Closed;
                    }
                }
                Split::Incomplete => break,
                Split::TooLong => return Ending::Broken,
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Split {
    Frame(Vec<u8>),
    Incomplete,
    TooLong,
}

pub(crate) fn split_frame(buffer: &mut BytesMut) -> Split {
    let Some(prefix) = buffer.first_chunk::<PREFIX>() else { return Split::Incomplete };
    let length = u32::from_be_bytes(*prefix) as usize;
    if length > FRAME_MAX {
        return Split::TooLong;
    }
    let Some(frame) = buffer.get(PREFIX..PREFIX + length) else { return Split::Incomplete };
    let frame = frame.to_vec();
    buffer.advance(PREFIX + length);
    Split::Frame(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_split_wherever_the_stream_was_cut() {
        let mut batch = vec![Outgoing::Frame(vec![1; 3]), Outgoing::Frame(vec![]), Outgoing::Frame(vec![2; 300])];
        let (stream, bytes, ending) = coalesce(&mut batch);
        assert_eq!((bytes, ending), (303, None));
        for cut in 0..stream.len() {
            let mut buffer = BytesMut::new();
            let mut frames = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                buffer.extend_from_slice(part);
                while let Split::Frame(frame) = split_frame(&mut buffer) {
                    frames.push(frame.len());
                }
            }
            assert_eq!(frames, [3, 0, 300]);
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn nothing_is_sent_after_a_close() {
        let mut batch = vec![Outgoing::Frame(vec![1; 3]), Outgoing::Close, Outgoing::Frame(vec![2; 300])];
        let (stream, bytes, ending) = coalesce(&mut batch);
        assert_eq!((stream.len(), bytes, ending), (7, 3, Some(Ending::Closed)));
    }

    #[test]
    fn a_frame_longer_than_the_limit_is_seen_by_its_prefix_alone() {
        let longest = u32::try_from(FRAME_MAX).unwrap();
        assert_eq!(split_frame(&mut BytesMut::from(&longest.to_be_bytes()[..])), Split::Incomplete);
        assert_eq!(split_frame(&mut BytesMut::from(&(longest + 1).to_be_bytes()[..])), Split::TooLong);
    }
}
