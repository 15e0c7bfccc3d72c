//! What the TLS of links is made of: the ciphers of *ring*, and for keys the curve that the rest of Permesso has already. The
//! provider that comes with rustls also knows the keys of the web (RSA, the NIST curves), which no link has: a third of a megabyte
//! that a phone would carry for nothing.

use std::sync::Arc;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rustls::crypto::ring::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, SharedSecret, SupportedKxGroup,
    WebPkiSupportedAlgorithms,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer,
    alg_id,
};
use rustls::sign::Signer;
use rustls::{Error, NamedGroup, PeerMisbehaved, SignatureAlgorithm, SignatureScheme};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use super::tls::spki_of;

/// The suites in the order in which they are wanted, as in the provider that comes with rustls.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![TLS13_AES_256_GCM_SHA384, TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256],
        kx_groups: vec![&X25519],
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[&Ed25519],
            mapping: &[(SignatureScheme::ED25519, &[&Ed25519])],
        },
        secure_random: &System,
        key_provider: &System,
    }
}

/// The operating system's randomness; keys are never read from files.
#[derive(Debug)]
struct System;

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(bytes).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for System {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn rustls::sign::SigningKey>, Error> {
        Err(Error::General("links have the identity's key alone".into()))
    }
}

/// X25519 (RFC 7748), with a key for each handshake.
#[derive(Debug)]
struct X25519;

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        System.fill(secret.as_mut_slice())?;
        let public = x25519(*secret, X25519_BASEPOINT_BYTES);
        Ok(Box::new(Exchange { secret, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct Exchange {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        let theirs: [u8; 32] = theirs.try_into().map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let shared = Zeroizing::new(x25519(*self.secret, theirs));
        // A point of small order: the secret would be nobody's (RFC 8446 §7.4.2).
        if shared.iter().fold(0, |any, byte| any | byte) == 0 {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        Ok(SharedSecret::from(shared.as_slice()))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// Ed25519 signatures (RFC 8032), as strict as everywhere in Permesso.
#[derive(Debug)]
struct Ed25519;

impl SignatureVerificationAlgorithm for Ed25519 {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
        let key = key.filter(|key| !key.is_weak()).ok_or(InvalidSignature)?;
        let signature = Signature::from_slice(signature).map_err(|_| InvalidSignature)?;
        key.verify_strict(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ED25519
    }
}

/// The identity's secret key, which signs handshakes.
#[derive(Clone)]
pub(super) struct IdentitySigner {
    key: Arc<SigningKey>,
    spki: Vec<u8>,
}

impl IdentitySigner {
    /// The key of this seed.
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let spki = spki_of(key.verifying_key().as_bytes());
        Self { key: Arc::new(key), spki }
    }
}

impl std::fmt::Debug for IdentitySigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentitySigner")
    }
}

impl rustls::sign::SigningKey for IdentitySigner {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SignatureScheme::ED25519).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(self.spki.as_slice()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for IdentitySigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

#[cfg(test)]
mod tests {
    use rustls::crypto::ring;

    use super::*;

    #[test]
    fn the_key_exchange_agrees_with_that_of_another_library() {
        let theirs = ring::kx_group::X25519;
        let (ours, other) = (X25519.start().unwrap(), theirs.start().unwrap());
        assert_eq!(ours.group(), other.group());
        let (our_share, their_share) = (ours.pub_key().to_vec(), other.pub_key().to_vec());
        let one = ours.complete(&their_share).unwrap();
        assert_eq!(one.secret_bytes(), other.complete(&our_share).unwrap().secret_bytes());
    }

    #[test]
    fn shares_of_small_order_or_of_another_length_are_refused() {
        let one = {
            let mut point = [0; 32];
            point[0] = 1;
            point
        };
        for share in [&[0; 32][..], &one, &[9; 31], &[9; 33]] {
            assert!(X25519.start().unwrap().complete(share).is_err(), "{share:?}");
        }
    }

    #[test]
    fn signatures_are_those_of_another_library_and_a_changed_one_is_refused() {
        use rustls::sign::SigningKey as _;
        let signer = IdentitySigner::new(&[7; 32]);
        let message = b"a handshake";
        let signature = signer.choose_scheme(&[SignatureScheme::ED25519]).unwrap().sign(message).unwrap();
        let key = signer.key.verifying_key();
        let provider = ring::default_provider();
        let theirs = provider.signature_verification_algorithms.mapping;
        let (_, theirs) = theirs.iter().find(|(scheme, _)| *scheme == SignatureScheme::ED25519).unwrap();
        assert!(theirs[0].verify_signature(key.as_bytes(), message, &signature).is_ok());
        assert!(Ed25519.verify_signature(key.as_bytes(), message, &signature).is_ok());
        assert!(Ed25519.verify_signature(key.as_bytes(), b"another", &signature).is_err());
        assert!(Ed25519.verify_signature(&[1; 32], message, &signature).is_err());
        // A key of small order, under which such a signature would be anybody's.
        let mut weak = [0; 32];
        weak[0] = 1;
        assert!(Ed25519.verify_signature(&weak, message, &[&weak[..], &[0; 32]].concat()).is_err());
        assert!(signer.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_none());
    }
}
