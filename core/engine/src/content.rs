//! What friends say to each other inside the encryption, and the sealed body around it.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::codec;
use crate::crypto::hash16;
use crate::ids::{HostId, MessageId, ProofSecret};
use crate::limits::{ENVELOPE_MAX, PARENTS_MAX, TEXT_MAX};
use crate::time::Wall;

const TEXT: u8 = 1;
const END: u8 = 2;
const READ: u8 = 3;

/// Longest encoded content: a text with its parents and times.
const CONTENT_MAX: usize = TEXT_MAX + 256;
/// Message ids in one READ.
pub(crate) const READ_MAX: usize = 64;

/// What one friend tells the other (PROTOCOL.md, Messages).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(Text),
    /// The friendship is over.
    End,
    /// These messages were opened.
    Read(Vec<MessageId>),
}

/// A text message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) send_time: Wall,
    pub(crate) clock: u64,
    pub(crate) parents: Vec<MessageId>,
    pub(crate) text: String,
}

#[derive(Serialize, Deserialize)]
struct TextWire(u8, u64, u64, Vec<MessageId>, MessageId, String);

#[derive(Serialize, Deserialize)]
struct EndWire(u8, MessageId);

#[derive(Serialize, Deserialize)]
struct ReadWire(u8, MessageId, Vec<MessageId>);

/// The id of the message whose canonical content these bytes are.
pub(crate) fn message_id(sender: HostId, content: &[u8]) -> MessageId {
    MessageId(hash16("permesso/message/v1", &[sender.as_bytes(), content]))
}

impl Content {
    /// Canonical bytes; `salt` is 16 random bytes, so that equal texts have different ids.
    pub(crate) fn encode(&self, salt: [u8; 16]) -> Vec<u8> {
        let salt = MessageId(salt);
        match self {
            Self::Text(text) => codec::to_bytes(&TextWire(
                TEXT,
                text.send_time.0,
                text.clock,
                text.parents.clone(),
                salt,
                text.text.clone(),
            )),
            Self::End => codec::to_bytes(&EndWire(END, salt)),
            Self::Read(ids) => codec::to_bytes(&ReadWire(READ, salt, ids.clone())),
        }
    }

    /// Reads canonical bytes; `None` if they are anything else or pass a limit.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        match *bytes.get(1)? {
            TEXT => {
                let TextWire(_, send_time, clock, parents, _, text) = codec::from_bytes(bytes, CONTENT_MAX).ok()?;
                let fits = parents.len() <= PARENTS_MAX && text.len() <= TEXT_MAX && !text.is_empty();
                fits.then_some(Self::Text(Text { send_time: Wall(send_time), clock, parents, text }))
            }
            END => codec::from_bytes::<EndWire>(bytes, CONTENT_MAX).ok().map(|_| Self::End),
            READ => {
                let ReadWire(_, _, ids) = codec::from_bytes(bytes, CONTENT_MAX).ok()?;
                (ids.len() <= READ_MAX).then_some(Self::Read(ids))
            }
            _ => None,
        }
    }
}

/// What the epoch key seals: the Olm message and what the recipient must know to order and prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealedBody(
    /// Epoch of this sealing.
    pub(crate) u32,
    /// Floor of the sender.
    pub(crate) u32,
    /// The message.
    pub(crate) MessageId,
    /// Its proof.
    pub(crate) ProofSecret,
    /// Lowest index of its chain still alive at the sender.
    pub(crate) u64,
    /// Olm message type: 0 pre-key, 1 normal.
    pub(crate) u8,
    /// Olm message.
    pub(crate) ByteBuf,
);

impl SealedBody {
    pub(crate) fn encode(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        codec::from_bytes(bytes, ENVELOPE_MAX).ok()
    }
}

/// What the outbox keeps to send and to send again: the sealed envelope and the content it carries.
#[derive(Serialize, Deserialize)]
pub(crate) struct OutboxBody(pub(crate) ByteBuf, pub(crate) ByteBuf);

impl OutboxBody {
    pub(crate) fn encode(envelope: Vec<u8>, content: Vec<u8>) -> Vec<u8> {
        codec::to_bytes(&Self(ByteBuf::from(envelope), ByteBuf::from(content)))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        codec::from_bytes(bytes, ENVELOPE_MAX * 2).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Content {
        Content::Text(Text { send_time: Wall(5), clock: 9, parents: vec![MessageId([3; 16])], text: words.into() })
    }

    #[test]
    fn contents_survive_encoding() {
        for content in [text("ciao"), Content::End, Content::Read(vec![MessageId([1; 16])])] {
            assert_eq!(Content::decode(&content.encode([4; 16])), Some(content));
        }
    }

    #[test]
    fn a_content_cut_anywhere_is_refused() {
        let bytes = text("ciao").encode([4; 16]);
        for length in 0..bytes.len() {
            assert_eq!(Content::decode(&bytes[..length]), None);
        }
    }

    #[test]
    fn equal_texts_have_different_ids_and_the_sender_counts() {
        let host = |n| HostId::from_uuid(uuid::Uuid::from_u128(n));
        let (first, second) = (text("ciao").encode([1; 16]), text("ciao").encode([2; 16]));
        assert_ne!(message_id(host(1), &first), message_id(host(1), &second));
        assert_ne!(message_id(host(1), &first), message_id(host(2), &first));
    }

    #[test]
    fn an_empty_or_too_long_text_is_refused() {
        assert_eq!(Content::decode(&text("").encode([0; 16])), None);
        assert_eq!(Content::decode(&text(&"x".repeat(TEXT_MAX + 1)).encode([0; 16])), None);
    }

    #[test]
    fn the_longest_text_fits_an_envelope() {
        let longest = text(&"x".repeat(TEXT_MAX)).encode([0; 16]);
        assert!(longest.len() < CONTENT_MAX);
    }
}
