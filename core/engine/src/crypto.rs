//! The ciphers and hashes of the protocol, each with its one way of use (PROTOCOL.md, Cryptography).
//!
//! Nothing here says why something did not open: every failure looks the same (rule R7).

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::Rng as _;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::SealingKey;
use crate::limits::PADDING_BUCKETS;

/// The source of randomness of an engine; seeded by its caller, so that runs repeat.
pub type Rng = rand_chacha::ChaCha20Rng;

/// Random bytes before a ciphertext: the nonce of XChaCha20-Poly1305, long enough to be drawn at random.
const NONCE_LENGTH: usize = 24;
/// The authentication tag of Poly1305.
const TAG_LENGTH: usize = 16;
/// An encapsulated X25519 key (RFC 9180 §7.1).
const ENCAPSULATED_LENGTH: usize = 32;
/// The length prefix inside padding.
const PREFIX_LENGTH: usize = 2;

/// What [`seal`] adds to a plaintext, in bytes.
pub const SEAL_OVERHEAD: usize = NONCE_LENGTH + TAG_LENGTH;
/// What [`hpke_seal`] adds to a plaintext, in bytes.
pub const HPKE_OVERHEAD: usize = ENCAPSULATED_LENGTH + TAG_LENGTH;

/// `N` random bytes.
pub fn random<const N: usize>(rng: &mut Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// `SHA-256(domain ‖ 0x00 ‖ parts)`. The parts are not delimited: at most one may vary in length unless the caller delimits
/// them.
pub fn hash32(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(domain.as_bytes());
    hash.update([0]);
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The first 16 bytes of [`hash32`].
pub fn hash16(domain: &str, parts: &[&[u8]]) -> [u8; 16] {
    let [half, _] = halves(hash32(domain, parts));
    half
}

/// Derives `N` bytes from a secret: HKDF-SHA-256 (RFC 5869) with the info `info ‖ 0x00 ‖ extra`. An empty salt is that of
/// RFC 5869, all zeros.
pub fn derive<const N: usize>(key: &[u8], salt: &[u8], info: &str, extra: &[&[u8]]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives at most 8160 bytes") }
    let mut infos = vec![info.as_bytes(), &[0]];
    infos.extend_from_slice(extra);
    let mut derived = Zeroizing::new([0; N]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key).expand_multi_info(&infos, derived.as_mut_slice());
    debug_assert!(expanded.is_ok(), "the length was checked when this was compiled");
    derived
}

/// Encrypts: 24 random bytes ‖ XChaCha20-Poly1305 of `plaintext`, bound to `aad`. [`SEAL_OVERHEAD`] bytes longer.
pub fn seal(key: &[u8; 32], aad: &[u8], plaintext: &[u8], rng: &mut Rng) -> Vec<u8> {
    let nonce: [u8; NONCE_LENGTH] = random(rng);
    let payload = Payload { msg: plaintext, aad };
    // Fails above 256 GiB only; nothing at all is then sent instead of something in clear.
    let Ok(ciphertext) = XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload) else {
        return Vec::new();
    };
    [nonce.as_slice(), &ciphertext].concat()
}

/// Decrypts what [`seal`] made with the same key and `aad`; `None` for anything else.
pub fn open(key: &[u8; 32], aad: &[u8], bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_LENGTH>()?;
    let payload = Payload { msg: ciphertext, aad };
    let plaintext = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload);
    plaintext.ok().map(Zeroizing::new)
}

/// The secret half of a sealing key (X25519); erased when dropped.
#[derive(Clone)]
pub struct SealingSecret(Zeroizing<[u8; 32]>);

impl SealingSecret {
    /// A new secret.
    pub fn generate(rng: &mut Rng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The secret with these bytes; any 32 bytes are one.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, to be stored.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The public half.
    pub fn public(&self) -> SealingKey {
        // Every 32 bytes are an X25519 secret, so the fallback, to which nothing can be sealed, is never taken.
        self.private_key()
            .map_or(SealingKey([0; 32]), |key| SealingKey(X25519HkdfSha256::sk_to_pk(&key).to_bytes().into()))
    }

    fn private_key(&self) -> Option<<X25519HkdfSha256 as Kem>::PrivateKey> {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.0.as_slice()).ok()
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingSecret(of {})", self.public())
    }
}

/// Seals to a public key: HPKE in base mode (RFC 9180; DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305),
/// `encapsulated key ‖ ciphertext`. [`HPKE_OVERHEAD`] bytes longer. `None` if the key is of small order.
pub fn hpke_seal(to: &SealingKey, info: &[u8], aad: &[u8], plaintext: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let to = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(to.as_bytes()).ok()?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        info,
        plaintext,
        aad,
        rng,
    )
    .ok()?;
    Some([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
}

/// Opens what [`hpke_seal`] made for this key with the same `info` and `aad`; `None` for anything else.
pub fn hpke_open(secret: &SealingSecret, info: &[u8], aad: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let (encapsulated, ciphertext) = bytes.split_at_checked(ENCAPSULATED_LENGTH)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.private_key()?,
        &encapsulated,
        info,
        ciphertext,
        aad,
    )
    .ok()
}

/// Pads to the smallest bucket that fits: `length (u16, big-endian) ‖ data ‖ zeros`. `None` above the largest bucket less
/// two bytes.
pub fn pad(data: &[u8]) -> Option<Vec<u8>> {
    let bucket = bucket_for(data.len())?;
    let mut padded = Vec::with_capacity(bucket);
    padded.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
    padded.extend_from_slice(data);
    padded.resize(bucket, 0);
    Some(padded)
}

/// Takes off what [`pad`] put on; `None` for anything it would not have made: another bucket than the smallest, a byte that
/// is not zero.
pub fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<PREFIX_LENGTH>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (data, zeros) = rest.split_at_checked(length)?;
    let exact = bucket_for(length)? == padded.len() && zeros.iter().all(|byte| *byte == 0);
    exact.then_some(data)
}

fn bucket_for(length: usize) -> Option<usize> {
    PADDING_BUCKETS.into_iter().find(|bucket| length + PREFIX_LENGTH <= *bucket)
}

fn halves(bytes: [u8; 32]) -> [[u8; 16]; 2] {
    let mut halves = [[0; 16]; 2];
    for (half, chunk) in halves.iter_mut().zip(bytes.chunks_exact(16)) {
        half.copy_from_slice(chunk);
    }
    halves
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use rand_core::SeedableRng;

    use super::*;

    fn rng() -> Rng {
        Rng::seed_from_u64(7)
    }

    fn bytes_of(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_hash_covers_its_domain() {
        assert_ne!(hash32("a", &[b"b"]), hash32("ab", &[]));
        assert_eq!(hash32("a", &[b"bc"]), hash32("a", &[b"b", b"c"]));
        assert_eq!(hash16("a", &[b"b"]), hash32("a", &[b"b"])[..16]);
    }

    #[test]
    fn derivation_is_hkdf_with_the_domain_as_info() {
        let mut expected = [0; 42];
        Hkdf::<Sha256>::new(Some(b"salt"), b"key").expand(b"domain\0extra", &mut expected).unwrap();
        assert_eq!(*derive::<42>(b"key", b"salt", "domain", &[b"ex", b"tra"]), expected);
    }

    #[test]
    fn what_was_sealed_opens_only_with_the_same_key_and_context() {
        let sealed = seal(&[1; 32], b"aad", b"text", &mut rng());
        assert_eq!(sealed.len(), 4 + SEAL_OVERHEAD);
        assert_eq!(open(&[1; 32], b"aad", &sealed).unwrap().as_slice(), b"text");
        assert_eq!(open(&[2; 32], b"aad", &sealed), None);
        assert_eq!(open(&[1; 32], b"other", &sealed), None);
    }

    #[test]
    fn a_sealed_text_with_any_byte_changed_or_missing_does_not_open() {
        let sealed = seal(&[1; 32], b"", b"text", &mut rng());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&[1; 32], b"", &changed), None);
            assert_eq!(open(&[1; 32], b"", &sealed[..at]), None);
        }
    }

    #[test]
    fn two_seals_of_one_text_differ() {
        let mut rng = rng();
        assert_ne!(seal(&[1; 32], b"", b"text", &mut rng), seal(&[1; 32], b"", b"text", &mut rng));
    }

    #[test]
    fn hpke_opens_the_base_mode_vector_of_rfc_9180() {
        // RFC 9180 A.2.1, sequence number 0.
        let secret = bytes_of("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let secret = SealingSecret::from_bytes(secret.try_into().unwrap());
        let public = bytes_of("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
        assert_eq!(secret.public().as_bytes().as_slice(), public);
        let sealed = bytes_of(concat!(
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
        ));
        let info = bytes_of("4f6465206f6e2061204772656369616e2055726e");
        let plaintext = hpke_open(&secret, &info, b"Count-0", &sealed).unwrap();
        assert_eq!(plaintext, b"Beauty is truth, truth beauty");
    }

    #[test]
    fn hpke_opens_only_for_the_recipient_and_its_context() {
        let mut rng = rng();
        let secret = SealingSecret::generate(&mut rng);
        let other = SealingSecret::generate(&mut rng);
        let sealed = hpke_seal(&secret.public(), b"info", b"aad", b"text", &mut rng).unwrap();
        assert_eq!(sealed.len(), 4 + HPKE_OVERHEAD);
        assert_eq!(hpke_open(&secret, b"info", b"aad", &sealed).unwrap(), b"text");
        assert_eq!(hpke_open(&other, b"info", b"aad", &sealed), None);
        assert_eq!(hpke_open(&secret, b"else", b"aad", &sealed), None);
        assert_eq!(hpke_open(&secret, b"info", b"else", &sealed), None);
        for at in 0..sealed.len() {
            assert_eq!(hpke_open(&secret, b"info", b"aad", &sealed[..at]), None);
        }
    }

    #[test]
    fn nothing_is_sealed_to_a_key_of_small_order() {
        assert_eq!(hpke_seal(&SealingKey([0; 32]), b"", b"", b"text", &mut rng()), None);
    }

    #[test]
    fn a_sealing_secret_is_the_same_after_storing() {
        let secret = SealingSecret::generate(&mut rng());
        let again = SealingSecret::from_bytes(*secret.to_bytes());
        assert_eq!(again.public(), secret.public());
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = SealingSecret::from_bytes([0x5a; 32]);
        assert!(!format!("{secret:?}").contains("5a5a5a5a"));
    }

    #[test]
    fn padding_hides_the_length_within_a_bucket() {
        assert_eq!(pad(b"").unwrap().len(), 128);
        assert_eq!(pad(&[1; 126]).unwrap().len(), 128);
        assert_eq!(pad(&[1; 127]).unwrap().len(), 256);
        assert_eq!(pad(&[1; 8190]).unwrap().len(), 8192);
        assert_eq!(pad(&[1; 8191]), None);
    }

    #[test]
    fn padding_that_is_not_minimal_or_not_zero_is_refused() {
        let mut padded = pad(b"text").unwrap();
        let mut longer = padded.clone();
        longer.resize(256, 0);
        assert_eq!(unpad(&longer), None);
        *padded.last_mut().unwrap() = 1;
        assert_eq!(unpad(&padded), None);
        assert_eq!(unpad(&[]), None);
        assert_eq!(unpad(&[0xff; 128]), None);
    }

    proptest! {
        #[test]
        fn whatever_is_padded_comes_back(data in proptest::collection::vec(any::<u8>(), 0..8190)) {
            let padded = pad(&data).unwrap();
            prop_assert_eq!(unpad(&padded), Some(data.as_slice()));
        }

        #[test]
        fn opening_noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(open(&[1; 32], b"", &noise), None);
            prop_assert_eq!(hpke_open(&SealingSecret::from_bytes([1; 32]), b"", b"", &noise), None);
            let _ = unpad(&noise);
        }
    }
}
