//! What the holder of a host's keys can write: contents, sealed bodies and requests of its own choice, made from nothing but
//! its own database, by the rules of PROTOCOL.md and against them.

use permesso_engine::certificate::Certificate;
use permesso_engine::codec;
use permesso_engine::crypto::{self, Rng, SealingSecret};
use permesso_engine::envelope::{Class, Envelope, stamp_zero_bits};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, HostId, IdentityKey, MessageId, OlmKey, ProofSecret, SealingKey, Tag};
use permesso_engine::limits::ENVELOPE_MAX;
use rand_core::{Rng as _, SeedableRng};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use vodozemac::Curve25519PublicKey;
use vodozemac::olm::{Account, OlmMessage, Session, SessionConfig};

use crate::records::{Epoch, SealingRecord};

/// A sealed body: epoch, floor, message id, secret, lowest index alive, Olm type, Olm message.
pub type SealedBody = (u32, u32, MessageId, ProofSecret, u64, u8, ByteBuf);
/// Inner bytes and their signature behind a sealing's secret.
type SealedSigned = (ProofSecret, ByteBuf, ByteBuf);
/// A request's inner plaintext: kind, recipient with key and sealing number, asker, ask id, one-time key, r, alias, greeting
/// and token.
type Inner = (u8, HostId, IdentityKey, u64, Certificate, u64, OlmKey, IdentityKey, String, String, Option<ByteBuf>);

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
            _ => message_id(sender, &content),
        };
        (content, id)
    }
}

/// A message without parents, as an honest host writes it, and its id.
pub(crate) fn text(sender: HostId, pen: &mut Pen, text: &str) -> (Vec<u8>, MessageId) {
    let content = codec::to_bytes(&(1u8, 1u64, 1u64, Vec::<MessageId>::new(), MessageId(pen.random()), text));
    let id = message_id(sender, &content);
    (content, id)
}

fn message_id(sender: HostId, content: &[u8]) -> MessageId {
    MessageId(crypto::hash16("permesso/message/v1", &[sender.as_bytes(), content]))
}

/// Makes envelopes.
pub struct Pen {
    rng: Rng,
}

impl Pen {
    /// A pen whose random numbers this seed decides.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { rng: Rng::from_seed(seed) }
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Encrypts a content with the ratchet and seals it under an epoch's key.
    pub fn message(
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
    pub fn seal(&mut self, epoch: &Epoch, body: &SealedBody, ack_hash: AckHash) -> Option<Envelope> {
        let mut envelope = envelope(Class::Message, epoch.tag, ack_hash);
        let padded = crypto::pad(&codec::to_bytes(body))?;
        envelope.body = crypto::seal(&epoch.key, &envelope.aad(), &padded, &mut self.rng);
        Some(envelope)
    }

    /// A request of any kind and id, signed and sealed as it should be.
    pub fn ask(&mut self, who: &Identity, own: &Certificate, to: &Certificate, kind: u8, id: u64) -> Option<Envelope> {
        let (inner, signature) = self.write_ask(who, own, to, (kind, id, None));
        self.seal_ask(to, &inner, &signature, ack_hash)
    }

    /// A request that brings a token.
    pub fn ask_with(
        &mut self,
        who: &Identity,
        own: &Certificate,
        to: &Certificate,
        id: u64,
        token: &[u8],
    ) -> Option<Envelope> {
        let (inner, signature) = self.write_ask(who, own, to, (0, id, Some(token)));
        self.seal_ask(to, &inner, &signature, ack_hash)
    }

    /// The same, with an ack hash that does not fit its secret.
    pub fn ask_under_another_hash(
        &mut self,
        who: &Identity,
        own: &Certificate,
        to: &Certificate,
        id: u64,
    ) -> Option<Envelope> {
        let (inner, signature) = self.write_ask(who, own, to, (0, id, None));
        self.seal_ask(to, &inner, &signature, |_| AckHash([7; AckHash::LENGTH]))
    }

    fn write_ask(
        &mut self,
        who: &Identity,
        own: &Certificate,
        to: &Certificate,
        (kind, id, token): (u8, u64, Option<&[u8]>),
    ) -> (ByteBuf, ByteBuf) {
        let (one_time_key, r) = (OlmKey(self.random()), IdentityKey(self.random()));
        let (alias, greeting) = ("Grace".to_owned(), format!("once more {id}"));
        let (host, key, number) = (to.host_id(), to.key, to.sealing_number);
        let token = token.map(|token| ByteBuf::from(token.to_vec()));
        let inner: Inner = (kind, host, key, number, own.clone(), id, one_time_key, r, alias, greeting, token);
        let inner = codec::to_bytes(&inner);
        let signature = who.sign("permesso/ask/v1", &inner);
        (ByteBuf::from(inner), ByteBuf::from(signature.to_vec()))
    }

    /// Somebody's request to this host, sealed anew to a third.
    pub(crate) fn pass_on(
        &mut self,
        ask: &Envelope,
        own: HostId,
        keys: &[SealingRecord],
        to: &Certificate,
    ) -> Option<Envelope> {
        let (_, inner, signature) = open_signed(ask, &ask_info(own), keys)?;
        self.seal_ask(to, &inner, &signature, ack_hash)
    }

    fn seal_ask(
        &mut self,
        to: &Certificate,
        inner: &ByteBuf,
        signature: &ByteBuf,
        hash: impl Fn(&ProofSecret) -> AckHash,
    ) -> Option<Envelope> {
        let draft = envelope(Class::Ask, Tag(*to.host_id().as_bytes()), AckHash([0; AckHash::LENGTH]));
        let info = ask_info(to.host_id());
        let mut envelope = self.seal_signed(draft, &to.sealing_key, &info, inner, signature, hash)?;
        let id = envelope.id();
        envelope.stamp = (0..1 << 20).find(|stamp| stamp_zero_bits(&id, *stamp) >= STAMP_BITS)?;
        Some(envelope)
    }

    fn seal_signed(
        &mut self,
        mut envelope: Envelope,
        to: &SealingKey,
        info: &[u8],
        inner: &ByteBuf,
        signature: &ByteBuf,
        hash: impl Fn(&ProofSecret) -> AckHash,
    ) -> Option<Envelope> {
        let secret = ProofSecret(self.random());
        envelope.ack_hash = hash(&secret);
        let padded = crypto::pad(&codec::to_bytes(&(secret, inner, signature)))?;
        envelope.body = crypto::hpke_seal(to, info, &envelope.aad(), &padded, &mut self.rng)?;
        Some(envelope)
    }

    /// A YES to a request, that says what it likes.
    pub fn yes(&mut self, who: &Identity, asked: &Asked, says: &Says) -> Option<Envelope> {
        let account = Account::new();
        let olm_key = OlmKey(account.curve25519_key().to_bytes());
        let certificate = Certificate::issue(who, SealingKey(self.random()), 1, olm_key, 0);
        let [theirs, one_time_key] =
            [asked.certificate.olm_key, asked.one_time_key].map(|key| Curve25519PublicKey::from_bytes(key.0));
        let mut session = account.create_outbound_session(SessionConfig::version_1(), theirs, one_time_key).ok()?;
        let r = IdentityKey(self.random());
        let content = (says.hash, says.asker, says.answerer, r, "Grace", 0u64);
        let OlmMessage::PreKey(prekey) = session.encrypt(codec::to_bytes(&content)).ok()? else { return None };
        let inner = codec::to_bytes(&(certificate, says.ask, Some(ByteBuf::from(prekey.to_bytes()))));
        let signature = who.sign("permesso/answer/v1", &[asked.hash.as_bytes().as_slice(), &inner].concat());
        let (own, asker) = (who.host_id(), asked.certificate.host_id());
        let info = [b"permesso/answer/v1\0".as_slice(), own.as_bytes(), asker.as_bytes()].concat();
        let tag = Tag(*crypto::derive::<16>(asked.r.as_bytes(), b"", "permesso/reply/v1", &[]));
        let draft = envelope(Class::Message, tag, AckHash([0; AckHash::LENGTH]));
        let (inner, signature) = (ByteBuf::from(inner), ByteBuf::from(signature.to_vec()));
        let hash = |secret: &ProofSecret| says.ack_hash.unwrap_or_else(|| ack_hash(secret));
        self.seal_signed(draft, &asked.certificate.sealing_key, &info, &inner, &signature, hash)
    }
}

/// What a request says to whom it was sealed.
pub struct Asked {
    /// 0 for a friend request, 1 for a reset.
    pub kind: u8,
    /// Its number among those of its asker.
    pub id: u64,
    certificate: Certificate,
    one_time_key: OlmKey,
    r: IdentityKey,
    hash: IdentityKey,
}

impl Asked {
    /// Opens a request to this host with its sealing keys.
    pub fn open(ask: &Envelope, own: HostId, keys: &[SealingRecord]) -> Option<Self> {
        let (_, inner, _) = open_signed(ask, &ask_info(own), keys)?;
        let hash = IdentityKey(crypto::hash32("permesso/inner/v1", &[&inner]));
        let (kind, _, _, _, certificate, id, one_time_key, r, _, _, _) =
            codec::from_bytes::<Inner>(&inner, ENVELOPE_MAX).ok()?;
        Some(Self { kind, id, certificate, one_time_key, r, hash })
    }

    /// What an honest YES of this host says.
    pub fn honestly(&self, own: HostId) -> Says {
        let asker = self.certificate.host_id();
        Says { hash: self.hash, asker, answerer: own, ask: self.id, ack_hash: None }
    }
}

/// What a YES says.
pub struct Says {
    /// H(ASK), inside the encryption.
    pub hash: IdentityKey,
    /// The asker, inside the encryption.
    pub asker: HostId,
    /// Who answers, inside the encryption.
    pub answerer: HostId,
    /// The ask it answers.
    pub ask: u64,
    /// What stands where the hash of its secret should.
    pub ack_hash: Option<AckHash>,
}

fn ask_info(to: HostId) -> Vec<u8> {
    [b"permesso/ask/v1\0".as_slice(), to.as_bytes()].concat()
}

fn open_signed(envelope: &Envelope, info: &[u8], keys: &[SealingRecord]) -> Option<SealedSigned> {
    let open = |key: &SealingRecord| {
        crypto::hpke_open(&SealingSecret::from_bytes(key.secret), info, &envelope.aad(), &envelope.body)
    };
    let padded = keys.iter().find_map(open)?;
    codec::from_bytes(crypto::unpad(&padded)?, ENVELOPE_MAX).ok()
}

/// Opens a sealed body with an epoch's key.
pub fn open_body(envelope: &Envelope, epoch: &Epoch) -> Option<SealedBody> {
    let padded = crypto::open(&epoch.key, &envelope.aad(), &envelope.body)?;
    codec::from_bytes(crypto::unpad(&padded)?, ENVELOPE_MAX).ok()
}

/// The ack hash that fits a secret.
pub fn ack_hash(secret: &ProofSecret) -> AckHash {
    let mut hash = [0; AckHash::LENGTH];
    hash.iter_mut().zip(Sha256::digest(secret.as_bytes())).for_each(|(to, from)| *to = from);
    AckHash(hash)
}

/// An envelope without a body.
pub fn envelope(class: Class, tag: Tag, ack_hash: AckHash) -> Envelope {
    Envelope { class, tag, ack_hash, body: Vec::new(), lifetime: 259_200, copies: 0, best: 0, stamp: 0 }
}
