//! Who a host is: an Ed25519 key pair made at first run, and the id that follows from it (PROTOCOL.md, Identity).

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand_core::Rng as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::crypto::{Rng, hash16};
use crate::ids::{HostId, IdentityKey};

const HOST_ID_DOMAIN: &str = "permesso/host-id/v1";

/// The length of a signature in bytes.
pub const SIGNATURE_LENGTH: usize = 64;

/// A host's own identity: the secret key with which it signs. Erased when dropped; never printed.
#[derive(Clone)]
pub struct Identity {
    signing: SigningKey,
    host_id: HostId,
}

impl Identity {
    /// A new identity.
    pub fn generate(rng: &mut Rng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        Self::from_secret(*secret)
    }

    /// The identity with this Ed25519 seed (RFC 8032 §5.1.5); any 32 bytes are one.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        let secret = Zeroizing::new(secret);
        let signing = SigningKey::from_bytes(&secret);
        let host_id = host_id_of(&IdentityKey(signing.verifying_key().to_bytes()));
        Self { signing, host_id }
    }

    /// Its Ed25519 seed, to be stored.
    pub fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signing.to_bytes())
    }

    /// The public key.
    pub fn key(&self) -> IdentityKey {
        IdentityKey(self.signing.verifying_key().to_bytes())
    }

    /// The id that follows from the public key.
    pub fn host_id(&self) -> HostId {
        self.host_id
    }

    /// Signs `domain ‖ 0x00 ‖ bytes`. Each kind of signed thing has a domain of its own, without a zero byte.
    pub fn sign(&self, domain: &str, bytes: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.signing.sign(&in_domain(domain, bytes)).to_bytes()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.host_id)
    }
}

/// Whether `signature` was made by the holder of `key` over these bytes in this domain. Strict: a weak key (of small order)
/// or a signature in another than the one canonical form verifies nothing.
pub fn verify(key: &IdentityKey, domain: &str, bytes: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
    VerifyingKey::from_bytes(key.as_bytes()).is_ok_and(|key| {
        !key.is_weak() && key.verify_strict(&in_domain(domain, bytes), &Signature::from_bytes(signature)).is_ok()
    })
}

/// The id of the host with this key: the UUIDv8 (RFC 9562 §5.8) of
/// `SHA-256("permesso/host-id/v1" ‖ 0x00 ‖ key)[0..16]`, of which 122 bits are free.
pub fn host_id_of(key: &IdentityKey) -> HostId {
    HostId::from_uuid(Uuid::new_v8(hash16(HOST_ID_DOMAIN, &[key.as_bytes()])))
}

fn in_domain(domain: &str, bytes: &[u8]) -> Vec<u8> {
    debug_assert!(!domain.bytes().any(|byte| byte == 0), "a zero byte ends a domain");
    [domain.as_bytes(), &[0], bytes].concat()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn identity(seed: u8) -> Identity {
        Identity::from_secret([seed; 32])
    }

    #[test]
    fn the_name_based_example_of_rfc_9562_comes_out() {
        // RFC 9562 B.2: SHA-256 over the namespace DNS and "www.example.com".
        let mut hash = Sha256::new();
        hash.update(Uuid::from_u128(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8).as_bytes());
        hash.update(b"www.example.com");
        let digest: [u8; 32] = hash.finalize().into();
        let uuid = Uuid::new_v8(digest[..16].try_into().unwrap());
        assert_eq!(uuid.to_string(), "5c146b14-3c52-8afd-938a-375d0df1fbf6");
    }

    #[test]
    fn a_host_id_is_the_hash_of_its_key() {
        let key = identity(1).key();
        let mut hash = Sha256::new();
        hash.update(b"permesso/host-id/v1\0");
        hash.update(key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let expected = HostId::from_uuid(Uuid::new_v8(digest[..16].try_into().unwrap()));
        assert_eq!(host_id_of(&key), expected);
        assert_eq!(identity(1).host_id(), expected);
        assert_eq!(expected.as_uuid().get_version_num(), 8);
        assert_ne!(identity(2).host_id(), expected);
    }

    #[test]
    fn a_signature_holds_in_its_domain_for_its_key_and_bytes_only() {
        let signature = identity(1).sign("domain", b"bytes");
        assert!(verify(&identity(1).key(), "domain", b"bytes", &signature));
        assert!(!verify(&identity(2).key(), "domain", b"bytes", &signature));
        assert!(!verify(&identity(1).key(), "other", b"bytes", &signature));
        assert!(!verify(&identity(1).key(), "domain", b"byte", &signature));
        for at in 0..SIGNATURE_LENGTH {
            let mut changed = signature;
            changed[at] ^= 1;
            assert!(!verify(&identity(1).key(), "domain", b"bytes", &changed));
        }
    }

    #[test]
    fn the_key_is_that_of_rfc_8032() {
        // RFC 8032 §7.1, test 1.
        let secret = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ];
        let expected = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(Identity::from_secret(secret).key().to_string(), expected);
    }

    #[test]
    fn a_weak_key_verifies_nothing() {
        // The identity point, with R the identity and s = 0: lax verification accepts it for every message.
        let mut weak = [0; 32];
        weak[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!verify(&IdentityKey(weak), "domain", b"bytes", &signature));
    }

    #[test]
    fn a_signature_with_the_group_order_added_is_refused() {
        let order: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut signature = identity(1).sign("domain", b"bytes");
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert!(!verify(&identity(1).key(), "domain", b"bytes", &signature));
    }

    #[test]
    fn an_identity_is_the_same_after_storing() {
        use rand_core::SeedableRng;
        let made = Identity::generate(&mut Rng::seed_from_u64(1));
        assert_eq!(Identity::from_secret(*made.secret()).key(), made.key());
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", identity(0x5a)).contains("5a5a"));
    }
}
