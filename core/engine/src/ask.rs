//! FRIENDSHIP_ASK, YES and NO as they are sealed and signed (PROTOCOL.md, Friendship).

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::account::Account;
use crate::certificate::Certificate;
use crate::codec;
use crate::crypto::{self, Rng};
use crate::envelope::{Class, Envelope};
use crate::identity::{Identity, verify};
use crate::ids::{AckHash, HostId, IdentityKey, MessageId, OlmKey, ProofSecret, SealingKey, Tag};
use crate::limits::{ALIAS_MAX, ENVELOPE_MAX, GREETING_MAX, TOKEN_MAX};
use crate::pairing::{ack_hash, draft};

pub(crate) const ASK_DOMAIN: &str = "permesso/ask/v1";
pub(crate) const ANSWER_DOMAIN: &str = "permesso/answer/v1";
/// Longest pre-key message accepted in a YES: the one we make has about 350 bytes.
const PREKEY_MAX: usize = 1_024;

/// Why somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub(crate) enum AskKind {
    Friendship,
    Reset,
}

impl From<AskKind> for u8 {
    fn from(kind: AskKind) -> Self {
        match kind {
            AskKind::Friendship => 0,
            AskKind::Reset => 1,
        }
    }
}

impl TryFrom<u8> for AskKind {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            0 => Ok(Self::Friendship),
            1 => Ok(Self::Reset),
            _ => Err("unknown kind of ask"),
        }
    }
}

/// The inner plaintext of an ASK or RESET; a CBOR array in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ask(
    /// Kind.
    pub(crate) AskKind,
    /// To whom.
    pub(crate) HostId,
    /// The recipient's full key.
    pub(crate) IdentityKey,
    /// The number of the recipient's sealing key.
    pub(crate) u64,
    /// The asker.
    pub(crate) Certificate,
    /// Ask id.
    pub(crate) u64,
    /// A one-time Olm key made for this ASK.
    pub(crate) OlmKey,
    /// r_A.
    pub(crate) IdentityKey,
    /// Alias.
    pub(crate) String,
    /// Greeting.
    pub(crate) String,
    /// A QR code's token.
    pub(crate) Option<ByteBuf>,
);

impl Ask {
    pub(crate) fn kind(&self) -> AskKind {
        self.0
    }
    pub(crate) fn sealing_number(&self) -> u64 {
        self.3
    }
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.4
    }
    pub(crate) fn id(&self) -> u64 {
        self.5
    }
    pub(crate) fn one_time_key(&self) -> OlmKey {
        self.6
    }
    pub(crate) fn r(&self) -> &[u8; 32] {
        self.7.as_bytes()
    }
    pub(crate) fn alias(&self) -> &str {
        &self.8
    }
    pub(crate) fn greeting(&self) -> &str {
        &self.9
    }
    pub(crate) fn token(&self) -> Option<&[u8]> {
        self.10.as_deref().map(Vec::as_slice)
    }
}

/// An answer's inner plaintext; a CBOR array in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer(
    /// Who answers.
    pub(crate) Certificate,
    /// The ask it answers.
    pub(crate) u64,
    /// YES: the Olm pre-key message. NO: nothing.
    pub(crate) Option<ByteBuf>,
);

/// What the pre-key message of a YES holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PreKeyContent(
    /// H(ASK).
    pub(crate) IdentityKey,
    /// The asker.
    pub(crate) HostId,
    /// The answerer.
    pub(crate) HostId,
    /// r_B.
    pub(crate) IdentityKey,
    /// The answerer's alias.
    pub(crate) String,
    /// The answerer's own ASKs up to this id are overtaken by this answer.
    pub(crate) u64,
);

/// Inner bytes and their signature: what is kept to be sealed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed(pub(crate) ByteBuf, pub(crate) ByteBuf);

/// What HPKE seals: this sealing's secret and the signed inner bytes.
#[derive(Serialize, Deserialize)]
struct SealedSigned(ProofSecret, ByteBuf, ByteBuf);

impl Signed {
    /// H(): the hash over the inner bytes.
    pub(crate) fn hash(&self) -> [u8; 32] {
        crypto::hash32("permesso/inner/v1", &[&self.0])
    }

    /// A name for it among messages.
    pub(crate) fn message_id(&self) -> MessageId {
        MessageId(crypto::hash16("permesso/inner-id/v1", &[&self.0]))
    }

    pub(crate) fn ask(ask: &Ask, identity: &Identity) -> Self {
        let inner = codec::to_bytes(ask);
        let signature = identity.sign(ASK_DOMAIN, &inner);
        Self(ByteBuf::from(inner), ByteBuf::from(signature.to_vec()))
    }

    pub(crate) fn answer(answer: &Answer, ask_hash: &[u8; 32], identity: &Identity) -> Self {
        let inner = codec::to_bytes(answer);
        let signature = identity.sign(ANSWER_DOMAIN, &[ask_hash.as_slice(), &inner].concat());
        Self(ByteBuf::from(inner), ByteBuf::from(signature.to_vec()))
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        codec::from_bytes(bytes, ENVELOPE_MAX).ok()
    }

    /// The ASK inside, without a look at its signature: for one's own.
    pub(crate) fn read_ask(&self) -> Option<Ask> {
        codec::from_bytes(&self.0, ENVELOPE_MAX).ok()
    }

    fn seal(&self, to: &SealingKey, info: &[u8], mut envelope: Envelope, rng: &mut Rng) -> Option<Envelope> {
        let secret = ProofSecret(crypto::random(rng));
        envelope.ack_hash = ack_hash(&secret);
        let sealed = codec::to_bytes(&SealedSigned(secret, self.0.clone(), self.1.clone()));
        envelope.body = crypto::hpke_seal(to, info, &envelope.aad(), &crypto::pad(&sealed)?, rng)?;
        Some(envelope)
    }

    /// Seals an ASK to its recipient, under the recipient's id as tag. The stamp is still to be found.
    pub(crate) fn seal_ask(&self, to: HostId, key: &SealingKey, rng: &mut Rng) -> Option<Envelope> {
        let envelope = draft(Class::Ask, Tag(*to.as_bytes()), AckHash([0; 16]));
        self.seal(key, &ask_info(to), envelope, rng)
    }

    /// Seals a YES or NO to the asker, under the reply tag.
    pub(crate) fn seal_answer(
        &self,
        from: HostId,
        to: HostId,
        key: &SealingKey,
        tag: Tag,
        rng: &mut Rng,
    ) -> Option<Envelope> {
        let envelope = draft(Class::Message, tag, AckHash([0; 16]));
        self.seal(key, &answer_info(from, to), envelope, rng)
    }
}

/// Opens an ASK addressed to this host. `None`: noise, or an ASK that was made for somebody else.
pub(crate) fn open_ask(envelope: &Envelope, account: &Account) -> Option<(Ask, Signed, ProofSecret)> {
    let own = account.identity.host_id();
    let (number, signed, secret) = open(envelope, &ask_info(own), account)?;
    let ask = signed.read_ask()?;
    let named = ask.1 == own && ask.2 == account.identity.key() && ask.3 == number;
    let fits = ask.8.len() <= ALIAS_MAX
        && ask.9.len() <= GREETING_MAX
        && ask.10.as_ref().is_none_or(|token| token.len() <= TOKEN_MAX);
    let signature: [u8; 64] = signed.1.as_slice().try_into().ok()?;
    // The first ASK of an identity is greater than "none heard", which is 0.
    let numbered = ask.5 > 0;
    let certified = ask.4.verify() && verify(&ask.4.key, ASK_DOMAIN, &signed.0, &signature);
    (named && numbered && fits && certified).then_some((ask, signed, secret))
}

/// Opens an answer to an ASK of ours to `from`.
pub(crate) fn open_answer(
    envelope: &Envelope,
    from: HostId,
    ask_hash: &[u8; 32],
    account: &Account,
) -> Option<(Answer, Signed, ProofSecret)> {
    let (_, signed, secret) = open(envelope, &answer_info(from, account.identity.host_id()), account)?;
    let answer: Answer = codec::from_bytes(&signed.0, ENVELOPE_MAX).ok()?;
    let signature: [u8; 64] = signed.1.as_slice().try_into().ok()?;
    let signed_bytes = [ask_hash.as_slice(), &signed.0].concat();
    let fits = answer.2.as_ref().is_none_or(|prekey| prekey.len() <= PREKEY_MAX);
    let certified = answer.0.host_id() == from
        && answer.0.verify()
        && verify(&answer.0.key, ANSWER_DOMAIN, &signed_bytes, &signature);
    (fits && certified).then_some((answer, signed, secret))
}

fn open(envelope: &Envelope, info: &[u8], account: &Account) -> Option<(u64, Signed, ProofSecret)> {
    let (number, padded) = account.sealing_secrets().find_map(|(number, secret, _)| {
        crypto::hpke_open(secret, info, &envelope.aad(), &envelope.body).map(|padded| (number, padded))
    })?;
    let SealedSigned(secret, inner, signature) = codec::from_bytes(crypto::unpad(&padded)?, ENVELOPE_MAX).ok()?;
    (ack_hash(&secret) == envelope.ack_hash).then_some((number, Signed(inner, signature), secret))
}

/// The tag under which the answer to an ASK travels.
pub(crate) fn reply_tag(r: &[u8; 32]) -> Tag {
    Tag(*crypto::derive::<16>(r, b"", "permesso/reply/v1", &[]))
}

/// K_pair, from both sides' random values and the hashes of both plaintexts.
pub(crate) fn pair_key(r_a: &[u8; 32], r_b: &[u8; 32], ask: &[u8; 32], yes: &[u8; 32]) -> zeroize::Zeroizing<[u8; 32]> {
    let both = zeroize::Zeroizing::new([r_a.as_slice(), r_b].concat());
    crypto::derive::<32>(&both, &[ask.as_slice(), yes].concat(), "permesso/pair/v1", &[])
}

// The asker is inside the seal, so an ASK's info names only the recipient; its signature names both.
fn ask_info(to: HostId) -> Vec<u8> {
    [ASK_DOMAIN.as_bytes(), &[0], to.as_bytes()].concat()
}

fn answer_info(from: HostId, to: HostId) -> Vec<u8> {
    [ANSWER_DOMAIN.as_bytes(), &[0], from.as_bytes(), to.as_bytes()].concat()
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
