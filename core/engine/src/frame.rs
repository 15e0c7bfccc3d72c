//! Frames: what travels on a link (PROTOCOL.md, Frames).

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::codec::{self, CodecError, Peek, numbered};
use crate::crypto::hash32;
use crate::envelope::Envelope;
use crate::ids::{AckName, EnvelopeName, ProofSecret};
use crate::limits::{self, FORWARD_MAX, FRAME_MAX, LimitExceeded, OFFER_MAX, PROOFS_MAX, RECEIPT_MAX, WANT_MAX};
use crate::packet::{Counter, Role};

pub use crate::pairing::ack_hash;
pub use crate::wants::want_of;

/// The version of links that this code speaks, in HELLO.
pub const LINK_VERSION: u8 = 1;

/// The encodings of the envelopes of one FORWARD may have so many bytes together: 64 KiB less the frame's own heads.
pub const FORWARD_ROOM: usize = FRAME_MAX - 4;

/// One frame on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Who speaks; the first frame each way, and only that.
    Hello(Hello),
    /// What the sender would take.
    Want(Want),
    /// What the sender could give, at most [`OFFER_MAX`] entries.
    Offer(Vec<OfferEntry>),
    /// Envelopes, at most [`FORWARD_MAX`] and [`FORWARD_ROOM`] bytes of them.
    Forward(Vec<Envelope>),
    /// What became of forwarded envelopes, at most [`RECEIPT_MAX`] entries.
    Receipt(Vec<Receipt>),
    /// Delivery proofs.
    Proofs(Proofs),
    /// A word about the link itself.
    Control(Control),
}

/// Who speaks on this end of the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "HelloWire", from = "HelloWire")]
pub struct Hello {
    /// [`LINK_VERSION`].
    pub version: u8,
    /// The sender's certificate. The receiver checks its signature, and its key against the one the link proved.
    pub certificate: Certificate,
    /// The counter of the sender's newest presence packet; overrides what was heard.
    pub counter: Counter,
    /// How many distinct hosts the sender met in the last 4 hours, those in contact included.
    pub meetings: u16,
    /// How many bytes of other people's envelopes the sender would still take.
    pub free_memory: u64,
    /// What the sender is.
    pub role: Role,
    /// The number of the newest envelope it took into custody.
    pub arrivals: u32,
    /// Its alias, at most 64 bytes of UTF-8: a claim.
    pub alias: String,
    /// [Which list](Want::list) of the receiver's the sender remembers from links before; 0 if none.
    pub remembers: u64,
}

/// Which envelopes the sender would take; stands while the link lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The list replaces the one before, else it is added to it.
    pub replace: bool,
    /// `SHA-256(tag ‖ receiver's HostId)[0..8]` each, at most [`WANT_MAX`].
    pub entries: Vec<[u8; 8]>,
}

impl Want {
    /// What the list is called that this WANT makes of the one that was called `before`: 0 is a list of nothing.
    pub fn list(&self, before: u64) -> u64 {
        let before = if self.replace { 0 } else { before };
        if self.entries.is_empty() {
            return before;
        }
        let hash = hash32("permesso/want-list/v1", &[&before.to_be_bytes(), self.entries.as_flattened()]);
        let [first, second, third, fourth, fifth, sixth, seventh, eighth, ..] = hash;
        u64::from_be_bytes([first, second, third, fourth, fifth, sixth, seventh, eighth])
    }
}

/// An envelope, named so that its receiver can tell whether it has or had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "OfferWire", from = "OfferWire")]
pub struct OfferEntry {
    /// The beginning of its identity.
    pub id: EnvelopeName,
    /// The beginning of what its delivery proof hashes to.
    pub ack: AckName,
    /// Its length in bytes.
    pub length: u16,
}

/// What became of one envelope that was forwarded or offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(EnvelopeName, ReceiptStatus)", from = "(EnvelopeName, ReceiptStatus)")]
pub struct Receipt {
    /// Which, by the beginning of its identity.
    pub id: EnvelopeName,
    /// What.
    pub status: ReceiptStatus,
}

numbered! {
    /// What became of a forwarded envelope, or what is thought of one that was offered.
    pub enum ReceiptStatus {
        /// Durable at the sender of the receipt, now or already before.
        Stored = 0,
        /// It had this envelope and has it no more, or it is its own.
        Duplicate = 1,
        /// Its recipient has it, but must wait for others before it can be opened.
        Held = 2,
        /// Not taken: nothing is carried, no lifetime is left, or the stamp is missing.
        Refused = 3,
        /// It was offered and is not here: the sender of the receipt would take it.
        Lacking = 4,
        /// Not taken: no storage is left.
        StorageFull = 5,
        /// Not taken: whoever hands it over has as much there as one host may have.
        QuotaFull = 6,
    }
}

impl ReceiptStatus {
    /// Whether the envelope is not there, and will not be.
    pub fn is_refusal(self) -> bool {
        match self {
            Self::Refused | Self::StorageFull | Self::QuotaFull => true,
            Self::Stored | Self::Duplicate | Self::Held | Self::Lacking => false,
        }
    }
}

/// Consecutively numbered delivery proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proofs {
    /// The sender's own number of the first; the others follow without a gap.
    pub first: u64,
    /// At most [`PROOFS_MAX`].
    pub secrets: Vec<ProofSecret>,
}

numbered! {
    /// A word about the link itself.
    pub enum Control {
        /// The sender leaves the network.
        Leaving = 0,
    }
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A kind that is not known here.
    #[error("frame kind {0} is not known here")]
    UnknownKind(u64),
    /// A HELLO of a version that is not known here.
    #[error("link version {0} is not known here")]
    UnknownVersion(u64),
    /// The frame, or what is in it, exceeds a limit.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The bytes are not the canonical encoding of a frame.
    #[error("not a frame: {0}")]
    Malformed(#[from] CodecError),
}

impl Frame {
    /// Its encoding, without the length prefix of the link. Stays within [`FRAME_MAX`] if the limits of its parts are
    /// kept.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello(hello) => codec::to_bytes(&(HELLO, hello)),
            Self::Want(Want { replace, entries }) => {
                with_list(codec::to_bytes(&(WANT, (replace, NONE))), entries.iter())
            }
            Self::Offer(entries) => codec::to_bytes(&(OFFER, entries)),
            Self::Forward(envelopes) => codec::to_bytes(&(FORWARD, envelopes)),
            Self::Receipt(receipts) => codec::to_bytes(&(RECEIPT, receipts)),
            Self::Proofs(Proofs { first, secrets }) => {
                with_list(codec::to_bytes(&(PROOFS, (first, NONE))), secrets.iter().map(ProofSecret::as_bytes))
            }
            Self::Control(control) => codec::to_bytes(&(CONTROL, control)),
        }
    }

    /// The frame of which `bytes` are the encoding.
    ///
    /// Of a HELLO the certificate's signature is not yet checked, of an ASK the stamp is not.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        limits::check("bytes in a frame", bytes.len(), FRAME_MAX)?;
        let mut peek = Peek(bytes);
        if peek.array() != Some(2) {
            return Err(CodecError::Malformed.into());
        }
        let kind = peek.unsigned().ok_or(CodecError::Malformed)?;
        match u8::try_from(kind).unwrap_or(u8::MAX) {
            HELLO => decode_hello(bytes, peek),
            WANT => {
                peek.array().and_then(|_| peek.boolean()).ok_or(CodecError::Malformed)?;
                check_list("entries in a WANT", peek, WANT_MAX)?;
                let (head, entries) = split_list(bytes, peek)?;
                let replace = head.get(3) == Some(&TRUE);
                check_head(head, &codec::to_bytes(&(WANT, (replace, NONE))))?;
                Ok(Self::Want(Want { replace, entries }))
            }
            OFFER => {
                check_list("entries in an OFFER", peek, OFFER_MAX)?;
                Ok(Self::Offer(body(bytes)?))
            }
            FORWARD => decode_forward(bytes, peek),
            RECEIPT => {
                check_list("entries in a RECEIPT", peek, RECEIPT_MAX)?;
                Ok(Self::Receipt(body(bytes)?))
            }
            PROOFS => {
                let first = peek.array().and_then(|_| peek.unsigned()).ok_or(CodecError::Malformed)?;
                check_list("secrets in a PROOFS", peek, PROOFS_MAX)?;
                let (head, secrets) = split_list(bytes, peek)?;
                check_head(head, &codec::to_bytes(&(PROOFS, (first, NONE))))?;
                let secrets = secrets.into_iter().map(ProofSecret).collect();
                Ok(Self::Proofs(Proofs { first, secrets }))
            }
            CONTROL => Ok(Self::Control(body(bytes)?)),
            _ => Err(FrameError::UnknownKind(kind)),
        }
    }

    /// The FORWARDs that carry these envelopes in this order, each with at most `most` of them (and [`FORWARD_MAX`]) and
    /// within [`FRAME_MAX`]; none if there are no envelopes.
    pub fn forwards(envelopes: impl IntoIterator<Item = Envelope>, most: usize) -> Vec<Self> {
        let most = most.clamp(1, FORWARD_MAX);
        let mut batches: Vec<Vec<Envelope>> = Vec::new();
        let mut room = 0;
        for envelope in envelopes {
            let length = envelope.encoded_length();
            match batches.last_mut() {
                Some(batch) if batch.len() < most && length <= room => batch.push(envelope),
                _ => {
                    batches.push(vec![envelope]);
                    room = FORWARD_ROOM;
                }
            }
            room = room.saturating_sub(length);
        }
        batches.into_iter().map(Self::Forward).collect()
    }
}

const HELLO: u8 = 0;
const WANT: u8 = 1;
const OFFER: u8 = 2;
const FORWARD: u8 = 3;
const RECEIPT: u8 = 4;
const PROOFS: u8 = 5;
const CONTROL: u8 = 6;

type HelloWire = (u8, Certificate, Counter, u16, u64, Role, u32, String, u64);
type OfferWire = (EnvelopeName, AckName, u16);

fn body<T: Serialize + serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (_, body): (u8, T) = codec::from_bytes(bytes, FRAME_MAX)?;
    Ok(body)
}

/// A list with nothing in it.
const NONE: [(); 0] = [];

/// The same frame with these byte strings, of one length below 24, in the empty list at its end; at most 65,535 of them.
fn with_list<'a, const N: usize>(mut frame: Vec<u8>, strings: impl ExactSizeIterator<Item = &'a [u8; N]>) -> Vec<u8> {
    frame.pop();
    frame.reserve(3 + strings.len() * (1 + N));
    let [high, low] = u16::try_from(strings.len()).unwrap_or(u16::MAX).to_be_bytes();
    match (high, low) {
        (0, 0..=23) => frame.push(0x80 | low),
        (0, _) => frame.extend([0x98, low]),
        _ => frame.extend([0x99, high, low]),
    }
    for string in strings {
        frame.push(STRING + N as u8);
        frame.extend_from_slice(string);
    }
    frame
}

/// The head of a byte string of fewer than 24 bytes is this and its length (RFC 8949 §3.1).
const STRING: u8 = 0x40;

/// `true` in CBOR.
const TRUE: u8 = 0xf5;

/// What stands before a list of byte strings of one length with which a frame ends, and the strings: by far most of what
/// carriers say to each other are such lists.
fn split_list<'a, const N: usize>(bytes: &'a [u8], mut list: Peek<'a>) -> Result<(&'a [u8], Vec<[u8; N]>), CodecError> {
    let before = bytes.len() - list.0.len();
    let head = bytes.get(..before).ok_or(CodecError::Malformed)?;
    let (from, count) = (list.0.len(), list.array().ok_or(CodecError::Malformed)?);
    let entries = list.0.chunks_exact(1 + N);
    if entries.len() != count || !entries.remainder().is_empty() {
        return Err(CodecError::Malformed);
    }
    if from - list.0.len() != codec::head_length(count as u64) {
        return Err(CodecError::NotCanonical);
    }
    let string = |entry: &[u8]| match entry.split_first() {
        Some((&head, content)) if usize::from(head) == usize::from(STRING) + N => content.try_into().ok(),
        _ => None,
    };
    let entries: Option<Vec<[u8; N]>> = entries.map(string).collect();
    Ok((head, entries.ok_or(CodecError::Malformed)?))
}

/// Refuses a frame whose beginning is not that of the same frame with an empty list, which ends with one byte for the list.
fn check_head(head: &[u8], with_empty_list: &[u8]) -> Result<(), CodecError> {
    match with_empty_list.split_last() {
        Some((_, canonical)) if head == canonical => Ok(()),
        _ => Err(CodecError::NotCanonical),
    }
}

fn check_list(what: &'static str, mut peek: Peek<'_>, limit: usize) -> Result<(), FrameError> {
    let length = peek.array().ok_or(CodecError::Malformed)?;
    Ok(limits::check(what, length, limit)?)
}

fn decode_hello(bytes: &[u8], mut peek: Peek<'_>) -> Result<Frame, FrameError> {
    let version = peek.array().and_then(|_| peek.unsigned()).ok_or(CodecError::Malformed)?;
    if version != u64::from(LINK_VERSION) {
        return Err(FrameError::UnknownVersion(version));
    }
    let hello: Hello = body(bytes)?;
    limits::check_alias(&hello.alias)?;
    Ok(Frame::Hello(hello))
}

fn decode_forward(bytes: &[u8], peek: Peek<'_>) -> Result<Frame, FrameError> {
    check_list("envelopes in a FORWARD", peek, FORWARD_MAX)?;
    let envelopes: Vec<Envelope> = body(bytes)?;
    for envelope in &envelopes {
        limits::check("bytes in an envelope", envelope.encoded_length(), limits::ENVELOPE_MAX)?;
    }
    Ok(Frame::Forward(envelopes))
}

impl From<Hello> for HelloWire {
    fn from(hello: Hello) -> Self {
        let Hello { version, certificate, counter, meetings, free_memory, role, arrivals, alias, remembers } = hello;
        (version, certificate, counter, meetings, free_memory, role, arrivals, alias, remembers)
    }
}

impl From<HelloWire> for Hello {
    fn from(wire: HelloWire) -> Self {
        let (version, certificate, counter, meetings, free_memory, role, arrivals, alias, remembers) = wire;
        Self { version, certificate, counter, meetings, free_memory, role, arrivals, alias, remembers }
    }
}

impl From<OfferEntry> for OfferWire {
    fn from(entry: OfferEntry) -> Self {
        let OfferEntry { id, ack, length } = entry;
        (id, ack, length)
    }
}

impl From<OfferWire> for OfferEntry {
    fn from((id, ack, length): OfferWire) -> Self {
        Self { id, ack, length }
    }
}

impl From<Receipt> for (EnvelopeName, ReceiptStatus) {
    fn from(receipt: Receipt) -> Self {
        (receipt.id, receipt.status)
    }
}

impl From<(EnvelopeName, ReceiptStatus)> for Receipt {
    fn from((id, status): (EnvelopeName, ReceiptStatus)) -> Self {
        Self { id, status }
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
pub(crate) mod tests;
