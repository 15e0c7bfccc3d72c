//! What fuzzing feeds: one function for each decoder of bytes that others made. Each panics if the decoder does, or if what
//! it accepts is not what it promises.
//!
//! It is built only for tests, which replay the corpus in `core/fuzz/corpus`, and for cargo-fuzz, which extends it
//! (`core/fuzz/FUZZING.md`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "it is to panic")]
#![allow(missing_docs, reason = "each is named after what it decodes")]

use rand_core::SeedableRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use vodozemac::olm::OlmMessage;

use crate::account::Account;
use crate::api::Match;
use crate::ask::{self, ANSWER_DOMAIN, ASK_DOMAIN, Answer, Ask, PreKeyContent, Signed};
use crate::certificate::Certificate;
use crate::codec;
use crate::config::Config;
use crate::content::{Content, OutboxBody, SealedBody};
use crate::crypto::{self, Rng};
use crate::engine::fuzzing as live;
use crate::envelope::{Class, Envelope};
use crate::fold::fold;
use crate::frame::Frame;
use crate::gate::Gate;
use crate::identity::Identity;
use crate::ids::{ProofSecret, Tag};
use crate::limits::{ALIAS_MAX, CERTIFICATE_MAX, DATAGRAM_MAX, ENVELOPE_MAX, FRAME_MAX, PARENTS_MAX, TEXT_MAX};
use crate::names;
use crate::packet::{PacketBody, Unverified};
use crate::pairing::{ack_hash, draft, place_of};
use crate::time::{Millis, Wall};
use crate::uri::PermessoUri;

/// A presence datagram, as it came and, if it is long enough, signed by a host.
pub fn packet(bytes: &[u8]) {
    let parsed = |bytes: &[u8]| {
        let unverified = Unverified::parse(bytes).ok()?;
        assert!(bytes.len() <= DATAGRAM_MAX);
        unverified.verify().ok()
    };
    parsed(bytes);
    let identity = Identity::from_secret([7; 32]);
    if let Some(packet) = parsed(&sign_packet(bytes, &identity)) {
        assert_eq!(packet.sender, identity.host_id());
        if let PacketBody::QueryAliasResponse(answer) = &packet.body {
            assert!(answer.alias.len() <= ALIAS_MAX && answer.certificate.key == identity.key());
        }
        assert_eq!(packet.encode(&identity), sign_packet(bytes, &identity));
    }
}

/// The packet whose bytes before the signature, or before where it would stand, are these.
pub fn sign_packet(bytes: &[u8], identity: &Identity) -> Vec<u8> {
    let end = bytes.len().saturating_sub(66);
    let unsigned = if bytes.get(end..end + 2) == Some(&[0x58, 0x40]) { &bytes[..end] } else { bytes };
    let service = unsigned.get(2).and_then(|number| crate::packet::Service::try_from(*number).ok());
    let domain = service.map_or("", crate::packet::Service::domain);
    [unsigned, &[0x58, 0x40], &identity.sign(domain, unsigned)].concat()
}

/// A frame of a link.
pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        assert!(bytes.len() <= FRAME_MAX);
        assert_eq!(frame.encode(), bytes);
    }
}

/// An envelope.
pub fn envelope(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::decode(bytes) {
        assert!(bytes.len() <= ENVELOPE_MAX && envelope.encoded_length() == bytes.len());
        assert_eq!(envelope.encode(), bytes);
        envelope.id();
    }
}

/// A certificate, also as its holder would have signed it.
pub fn certificate(bytes: &[u8]) {
    let Some(certificate) = canonical::<Certificate>(bytes, CERTIFICATE_MAX) else { return };
    certificate.verify();
    let identity = Identity::from_secret([7; 32]);
    let Certificate { sealing_key, sealing_number, olm_key, capabilities, .. } = certificate;
    let issued = Certificate::issue(&identity, sealing_key, sealing_number, olm_key, capabilities);
    assert!(issued.verify() && codec::to_bytes(&issued).len() <= CERTIFICATE_MAX);
}

/// What a stranger seals to this host: as the inner bytes of an ASK and of an answer, rightly signed and sealed, and as the
/// whole plaintext of a sealing.
pub fn ask(bytes: &[u8]) {
    let mut rng = Rng::from_seed([1; 32]);
    let account = Account::restore(&[], None, &Config::default(), Wall(1), &mut rng, &mut Gate::default()).unwrap();
    let (own, sealing_key) = (account.identity.host_id(), account.certificate.sealing_key);
    let stranger = Identity::from_secret([7; 32]);
    for asks in [true, false] {
        let (domain, hash): (_, &[u8]) = if asks { (ASK_DOMAIN, &[]) } else { (ANSWER_DOMAIN, &[0; 32]) };
        let signature = stranger.sign(domain, &[hash, bytes].concat());
        let signed = Signed(ByteBuf::from(bytes), ByteBuf::from(signature));
        let envelope = if asks {
            signed.seal_ask(own, &sealing_key, &mut rng)
        } else {
            signed.seal_answer(stranger.host_id(), own, &sealing_key, Tag([0; 16]), &mut rng)
        };
        let Some(envelope) = envelope else { continue };
        if asks {
            if let Some((ask, ..)) = ask::open_ask(&envelope, &account) {
                assert!(ask.alias().len() <= ALIAS_MAX && ask.certificate().key == stranger.key());
                names::normalize(ask.alias());
            }
        } else if let Some((answer, ..)) = ask::open_answer(&envelope, stranger.host_id(), &[0; 32], &account) {
            assert_eq!(answer.0.key, stranger.key());
        }
    }
    let secret = ProofSecret::from_slice(bytes.get(2..18).unwrap_or_default()).unwrap_or(ProofSecret([0; 16]));
    let mut envelope = draft(Class::Ask, Tag(*own.as_bytes()), ack_hash(&secret));
    let info = [ASK_DOMAIN.as_bytes(), &[0], own.as_bytes()].concat();
    let sealed = crypto::pad(bytes)
        .and_then(|padded| crypto::hpke_seal(&sealing_key, &info, &envelope.aad(), &padded, &mut rng));
    if let Some(body) = sealed {
        envelope.body = body;
        ask::open_ask(&envelope, &account);
    }
    canonical::<Ask>(bytes, ENVELOPE_MAX);
    canonical::<Answer>(bytes, ENVELOPE_MAX);
    canonical::<PreKeyContent>(bytes, ENVELOPE_MAX);
    if let Some(signed) = Signed::decode(bytes) {
        signed.read_ask();
    }
}

/// A sealed body under its padding, with the Olm message in it; and the padding itself.
pub fn sealed_body(bytes: &[u8]) {
    if let Some(data) = crypto::unpad(bytes) {
        assert_eq!(crypto::pad(data).as_deref(), Some(bytes));
    }
    let Some(body) = SealedBody::decode(bytes) else { return };
    assert_eq!(body.encode(), bytes);
    if let Ok(olm) = OlmMessage::from_parts(body.5.into(), &body.6) {
        place_of(&olm);
        let (kind, again) = olm.to_parts();
        assert!(OlmMessage::from_parts(kind, &again).is_ok());
    }
}

/// What a friend's encryption holds.
pub fn content(bytes: &[u8]) {
    match Content::decode(bytes) {
        Some(Content::Text(text)) => {
            assert!(!text.text.is_empty() && text.text.len() <= TEXT_MAX && text.parents.len() <= PARENTS_MAX);
            fold(&text.text);
        }
        Some(Content::Read(ids)) => assert!(ids.len() <= 64),
        Some(Content::End) | None => {}
    }
}

/// The body of an outbox row, as the store gives it back.
pub fn outbox_body(bytes: &[u8]) {
    let Some(OutboxBody(envelope, content)) = OutboxBody::decode(bytes) else { return };
    assert_eq!(OutboxBody::encode(envelope.to_vec(), content.to_vec()), bytes);
    self::envelope(&envelope);
    self::content(&content);
    if let Some(signed) = Signed::decode(&content) {
        signed.read_ask();
    }
}

/// A `permesso:` URI, somebody's alias, and a span of time: the texts that others write.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let with_key = format!("permesso:{}?{text}", Identity::from_secret([7; 32]).key());
    for uri in [text, &with_key].into_iter().filter_map(|text| text.parse::<PermessoUri>().ok()) {
        assert!(uri.alias.as_ref().is_none_or(|alias| alias.len() <= ALIAS_MAX));
        assert_eq!(uri.to_string().parse::<PermessoUri>(), Ok(uri));
    }
    let alias = names::normalize(text);
    assert_eq!(names::normalize(&alias), alias);
    assert!(alias.is_empty() || names::matches(&alias, &alias, Match::Exact));
    let (host, friend) = (Identity::from_secret([7; 32]).host_id(), Identity::from_secret([8; 32]).host_id());
    names::flags(&alias, host, [(friend, "Ada"), (host, "Grace")].into_iter());
    assert_eq!(fold(&fold(text)), fold(text));
    if let Ok(span) = text.parse::<Millis>() {
        assert_eq!(span.to_string().parse(), Ok(span));
    }
}

/// Datagrams that reach a live host: see the steps of the module.
pub fn datagrams(bytes: &[u8]) {
    live::datagrams(bytes);
}

/// Frames that reach a live host on a link with a friend.
pub fn frames(bytes: &[u8]) {
    live::frames(bytes);
}

/// Records from which a host is restored.
pub fn records(bytes: &[u8]) {
    live::records(bytes);
}

/// The value of which these are the canonical bytes, if there is one.
fn canonical<T: Serialize + DeserializeOwned>(bytes: &[u8], limit: usize) -> Option<T> {
    let value = codec::from_bytes::<T>(bytes, limit).ok()?;
    assert_eq!(codec::to_bytes(&value), bytes);
    Some(value)
}

#[cfg(test)]
#[path = "fuzzing_tests.rs"]
mod tests;
