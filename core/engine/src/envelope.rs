//! Envelopes: what carriers see of a message (PROTOCOL.md, Envelopes).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};
use sha2::block_api::compress256;

use crate::codec::{self, CodecError, Peek, head_length, numbered};
use crate::crypto::hash16;
use crate::ids::{AckHash, EnvelopeId, Tag};
use crate::limits::{self, ENVELOPE_MAX, LimitExceeded};

/// The version of envelopes that this code makes and accepts.
pub const ENVELOPE_VERSION: u8 = 1;

const ID_DOMAIN: &str = "permesso/envelope-id/v1";
const STAMP_DOMAIN: &str = "permesso/stamp/v1";

/// The initial hash value of SHA-256 (FIPS 180-4 §5.3.3).
pub(crate) const SHA_256_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

numbered! {
    /// What an envelope's carriers must demand of it.
    pub enum Class {
        /// Between two hosts that know each other's tags; answers to requests too.
        Message = 0,
        /// A friend request or a reset: addressed by HostId, and stamped.
        Ask = 1,
    }
}

/// One sealed body with what carriers need to keep and hand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its class. Immutable.
    pub class: Class,
    /// The mailbox it is for. Immutable.
    pub tag: Tag,
    /// The hash of the secret that proves its delivery. Immutable.
    pub ack_hash: AckHash,
    /// The sealed body, at most [`limits::ENVELOPE_BODY_MAX`] bytes. Immutable.
    pub body: Vec<u8>,
    /// Remaining lifetime with carriers in seconds, counted down by residence.
    pub lifetime: u32,
    /// How many copies may still be given away.
    pub copies: u16,
    /// The greatest number of distinct hosts that a host holding it has met.
    pub best: u16,
    /// The proof of work of class *ask*, else 0.
    pub stamp: u64,
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Made by a version that is not known here.
    #[error("envelope version {0} is not known here")]
    UnknownVersion(u64),
    /// It exceeds a limit.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The bytes are not the canonical encoding of an envelope.
    #[error("not an envelope: {0}")]
    Malformed(#[from] CodecError),
}

impl Envelope {
    /// Its identity: `SHA-256(domain ‖ 0x00 ‖ version ‖ class ‖ tag ‖ ack hash ‖ body)[0..16]`.
    pub fn id(&self) -> EnvelopeId {
        EnvelopeId(hash16(ID_DOMAIN, &[&self.aad(), &self.body]))
    }

    /// What the sealing of the body authenticates besides: `version ‖ class ‖ tag ‖ ack hash`, 34 bytes.
    pub fn aad(&self) -> Vec<u8> {
        aad(self.class, &self.tag, &self.ack_hash)
    }

    /// Its encoding. The body must be within [`limits::ENVELOPE_BODY_MAX`].
    pub fn encode(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// The envelope of which `bytes` are the encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        limits::check("bytes in an envelope", bytes.len(), ENVELOPE_MAX)?;
        let mut peek = Peek(bytes);
        let version = peek.array().and_then(|_| peek.unsigned()).ok_or(CodecError::Malformed)?;
        if version != u64::from(ENVELOPE_VERSION) {
            return Err(EnvelopeError::UnknownVersion(version));
        }
        Ok(codec::from_bytes(bytes, ENVELOPE_MAX)?)
    }

    /// About how many bytes it takes in a cache: of the mail of short texts that is twice the bodies.
    pub(crate) fn in_memory(&self) -> usize {
        const AROUND: usize = 64;
        AROUND + size_of::<Self>() + self.body.capacity()
    }

    /// How many bytes its encoding has.
    pub fn encoded_length(&self) -> usize {
        const FIXED: usize = 1 + 1 + 1 + (1 + Tag::LENGTH) + (1 + AckHash::LENGTH);
        let numbers = [u64::from(self.lifetime), u64::from(self.copies), u64::from(self.best), self.stamp];
        let numbers: usize = numbers.into_iter().map(head_length).sum();
        FIXED + head_length(self.body.len() as u64) + self.body.len() + numbers
    }
}

/// What the sealing of a body authenticates besides: `version ‖ class ‖ tag ‖ ack hash`.
pub fn aad(class: Class, tag: &Tag, ack_hash: &AckHash) -> Vec<u8> {
    [&[ENVELOPE_VERSION, class.into()], tag.as_bytes().as_slice(), ack_hash.as_bytes()].concat()
}

/// With how many zero bits `SHA-256(domain ‖ 0x00 ‖ id ‖ stamp)` begins, the stamp as eight bytes, most significant first.
///
/// An asker looks at a million of these, so the hash is one bare call of the compression function: what is hashed fits into one
/// block with the padding of FIPS 180-4 §5.1.1.
pub fn stamp_zero_bits(id: &EnvelopeId, stamp: u64) -> u8 {
    const LENGTH: usize = STAMP_DOMAIN.len() + 1 + EnvelopeId::LENGTH + size_of::<u64>();
    const { assert!(LENGTH < 64 - size_of::<u64>(), "it must fit into one block with its padding") }
    const PADDING: [u8; 64 - LENGTH - 1 - size_of::<u64>()] = [0; 64 - LENGTH - 1 - size_of::<u64>()];
    let length = (LENGTH as u64 * 8).to_be_bytes();
    let stamp = stamp.to_be_bytes();
    let parts = [STAMP_DOMAIN.as_bytes(), &[0], id.as_bytes(), &stamp, &[0x80], &PADDING, &length];
    let mut block = [0; 64];
    let mut rest = block.as_mut_slice();
    for part in parts {
        let Some((space, after)) = rest.split_at_mut_checked(part.len()) else { break };
        space.copy_from_slice(part);
        rest = after;
    }
    let mut hash = SHA_256_START;
    compress256(&mut hash, &[block]);
    // At most 128, the length of what is looked at.
    let [a, b, c, d, ..] = hash.map(u128::from);
    (a << 96 | b << 64 | c << 32 | d).leading_zeros() as u8
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { class, tag, ack_hash, body, lifetime, copies, best, stamp } = self;
        (ENVELOPE_VERSION, class, tag, ack_hash, Bytes::new(body), lifetime, copies, best, stamp).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (version, class, tag, ack_hash, body, lifetime, copies, best, stamp) =
            <(u8, Class, Tag, AckHash, ByteBuf, u32, u16, u16, u64)>::deserialize(deserializer)?;
        if version != ENVELOPE_VERSION {
            return Err(serde::de::Error::custom("unknown envelope version"));
        }
        Ok(Self { class, tag, ack_hash, body: body.into_vec(), lifetime, copies, best, stamp })
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
pub(crate) mod tests;
