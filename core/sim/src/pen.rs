//! What the holder of a host's keys can write: contents, sealed bodies and requests of its own choice, made from nothing but
//! its own database, by the rules of PROTOCOL.md and against them.

use permesso_engine::certificate::Certificate;
use permesso_engine::codec;
use permesso_engine::crypto::{self, Rng, SealingSecret};
use permesso_engine::envelope::{Class, Envelope, stamp_zero_bits};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, HostId, MessageId, OlmKey, ProofSecret, Tag};
use permesso_engine::limits::ENVELOPE_MAX;
use rand_core::{Rng as _, SeedableRng};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use vodozemac::olm::Session;

use crate::records::{Epoch, SealingRecord};

/// A sealed body: epoch, floor, message id, secret, lowest index alive, Olm type, Olm message.
pub(crate) type SealedBody = (u32, u32, MessageId, ProofSecret, u64, u8, ByteBuf);
/// Inner bytes and their signature behind a sealing's secret.
type SealedSigned = (ProofSecret, ByteBuf, ByteBuf);

/// Stamps in a world begin with so many zero bits.
pub(crate) const STAMP_BITS: u8 = 8;

/// What a malicious friend writes into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Poison {
    /// No CBOR.
    Noise,
    /// A kind of content that does not exist.
    UnknownKind,
    /// More text than a message may have.
    TooLong,
    /// No text at all.
    Empty,
    /// Five parents.
    TooManyParents,
    /// Parents that do not exist, under the greatest clock and time there are.
    ImpossibleParents,
    /// A well-made text with a byte behind it.
    Trailing,
    /// A text under the id of another.
    ForeignId,
    /// "I have read" 65 messages.
    TooManyRead,
    /// "I have read" messages that do not exist.
    UnknownRead,
}

impl Poison {
    pub(crate) const ALL: [Self; 10] = [
        Self::Noise,
        Self::UnknownKind,
        Self::TooLong,
        Self::Empty,
        Self::TooManyParents,
        Self::ImpossibleParents,
        Self::Trailing,
        Self::ForeignId,
        Self::TooManyRead,
        Self::UnknownRead,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Noise => "poison: noise",
            Self::UnknownKind => "poison: unknown kind",
            Self::TooLong => "poison: text too long",
            Self::Empty => "poison: empty text",
            Self::TooManyParents => "poison: too many parents",
            Self::ImpossibleParents => "poison: impossible parents",
            Self::Trailing => "poison: trailing byte",
            Self::ForeignId => "poison: id of another message",
            Self::TooManyRead => "poison: too many read",
            Self::UnknownRead => "poison: unknown messages read",
        }
    }

    /// The content, and the message id its body names.
    pub(crate) fn write(self, sender: HostId, pen: &mut Pen) -> (Vec<u8>, MessageId) {
        let salt = MessageId(pen.random());
        let mut text = |clock: u64, parents: usize, text: &str| {
            let parents: Vec<MessageId> = (0..parents).map(|_| MessageId(pen.random())).collect();
            codec::to_bytes(&(1u8, clock, clock, parents, salt, text))
        };
        let content = match self {
            Self::Noise => vec![0x86, 1, 0xff, 0xff, 0xff],
            Self::UnknownKind => codec::to_bytes(&(9u8, salt)),
            Self::TooLong => text(1, 0, &"x".repeat(4_200)),
            Self::Empty => text(1, 0, ""),
            Self::TooManyParents => text(1, 5, "five"),
            Self::ImpossibleParents => text(u64::MAX, 4, "four"),
            Self::Trailing => [text(1, 0, "and more"), vec![0]].concat(),
            Self::ForeignId => text(1, 0, "not this one"),
            Self::TooManyRead => codec::to_bytes(&(3u8, salt, vec![salt; 65])),
            Self::UnknownRead => codec::to_bytes(&(3u8, salt, vec![salt; 3])),
        };
        let id = match self {
            Self::ForeignId => salt,
            _ => MessageId(crypto::hash16("permesso/message/v1", &[sender.as_bytes(), &content])),
        };
        (content, id)
    }
}

/// Makes envelopes.
pub(crate) struct Pen {
    rng: Rng,
}

impl Pen {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { rng: Rng::from_seed(seed) }
    }

    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Encrypts a content with the ratchet and seals it under an epoch's key.
    pub(crate) fn message(
        &mut self,
        session: &mut Session,
        epoch: &Epoch,
        floor: u32,
        content: &[u8],
        id: MessageId,
    ) -> Option<Envelope> {
        let (kind, olm) = session.encrypt(content).ok()?.to_parts();
        let secret = ProofSecret(self.random());
        let body = (epoch.number, floor, id, secret, 0, u8::try_from(kind).ok()?, ByteBuf::from(olm));
        self.seal(epoch, &body, ack_hash(&secret))
    }

    /// Seals a body under an epoch's key, whatever it says.
    pub(crate) fn seal(&mut self, epoch: &Epoch, body: &SealedBody, ack_hash: AckHash) -> Option<Envelope> {
        let mut envelope = envelope(Class::Message, epoch.tag, ack_hash);
        let padded = crypto::pad(&codec::to_bytes(body))?;
        envelope.body = crypto::seal(&epoch.key, &envelope.aad(), &padded, &mut self.rng);
        Some(envelope)
    }

    /// A request of any kind and id, signed and sealed as it should be.
    pub(crate) fn ask(
        &mut self,
        who: &Identity,
        own: &Certificate,
        to: &Certificate,
        kind: u8,
        id: u64,
    ) -> Option<Envelope> {
        let (one_time_key, r) = (OlmKey(self.random()), OlmKey(self.random()));
        let greeting = format!("once more {id}");
        let token: Option<ByteBuf> = None;
        let to_key = (to.host_id(), to.key, to.sealing_number);
        let inner =
            codec::to_bytes(&(kind, to_key.0, to_key.1, to_key.2, own, id, one_time_key, r, "Grace", greeting, token));
        let signature = who.sign("permesso/ask/v1", &inner);
        self.seal_ask(to, &ByteBuf::from(inner), &ByteBuf::from(signature.to_vec()))
    }

    /// Somebody's request to this host, sealed anew to a third.
    pub(crate) fn pass_on(
        &mut self,
        ask: &Envelope,
        own: HostId,
        keys: &[SealingRecord],
        to: &Certificate,
    ) -> Option<Envelope> {
        let info = [b"permesso/ask/v1\0".as_slice(), own.as_bytes()].concat();
        let padded = keys
            .iter()
            .find_map(|key| crypto::hpke_open(&SealingSecret::from_bytes(key.secret), &info, &ask.aad(), &ask.body))?;
        let (_, inner, signature): SealedSigned = codec::from_bytes(crypto::unpad(&padded)?, ENVELOPE_MAX).ok()?;
        self.seal_ask(to, &inner, &signature)
    }

    fn seal_ask(&mut self, to: &Certificate, inner: &ByteBuf, signature: &ByteBuf) -> Option<Envelope> {
        let secret = ProofSecret(self.random());
        let mut envelope = envelope(Class::Ask, Tag(*to.host_id().as_bytes()), ack_hash(&secret));
        let info = [b"permesso/ask/v1\0".as_slice(), to.host_id().as_bytes()].concat();
        let sealed = codec::to_bytes(&(secret, inner, signature));
        let padded = crypto::pad(&sealed)?;
        envelope.body = crypto::hpke_seal(&to.sealing_key, &info, &envelope.aad(), &padded, &mut self.rng)?;
        let id = envelope.id();
        envelope.stamp = (0..1 << 20).find(|stamp| stamp_zero_bits(&id, *stamp) >= STAMP_BITS)?;
        Some(envelope)
    }
}

/// Opens a sealed body with an epoch's key.
pub(crate) fn open_body(envelope: &Envelope, epoch: &Epoch) -> Option<SealedBody> {
    let padded = crypto::open(&epoch.key, &envelope.aad(), &envelope.body)?;
    codec::from_bytes(crypto::unpad(&padded)?, ENVELOPE_MAX).ok()
}

pub(crate) fn ack_hash(secret: &ProofSecret) -> AckHash {
    let mut hash = [0; AckHash::LENGTH];
    hash.iter_mut().zip(Sha256::digest(secret.as_bytes())).for_each(|(to, from)| *to = from);
    AckHash(hash)
}

pub(crate) fn envelope(class: Class, tag: Tag, ack_hash: AckHash) -> Envelope {
    Envelope { class, tag, ack_hash, body: Vec::new(), lifetime: 259_200, copies: 0, best: 0, stamp: 0 }
}
