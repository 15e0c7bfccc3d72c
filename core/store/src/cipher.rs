//! The encryption of single columns: XChaCha20-Poly1305, a random nonce before the ciphertext, and the place as associated
//! data, so that a value moved to another row, column or table is refused.

use chacha20::{R20, hchacha};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey};

use crate::StoreError;
use crate::key::{Key, random};

const NONCE: usize = 24;
const TAG: usize = 16;

/// Nonces are drawn from the system for so many values at once: a call costs as much as encrypting a short value.
const NONCES_DRAWN: usize = 64;

/// Where an encrypted value stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: i64,
}

impl Place {
    fn associated_data(self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.table.len() + self.column.len() + 10);
        data.extend_from_slice(self.table.as_bytes());
        data.push(0);
        data.extend_from_slice(self.column.as_bytes());
        data.push(0);
        data.extend_from_slice(&self.row.to_be_bytes());
        data
    }
}

/// Reads encrypted values.
///
/// XChaCha20-Poly1305 is ChaCha20-Poly1305 (RFC 8439 §2.8) under a key that HChaCha20 makes of the key and the nonce's first 16 bytes
/// (draft-irtf-cfrg-xchacha-03 §2.3). That of *ring*, which is here for QUIC, takes a quarter of the time for values as short as
/// these, and an account is opened by reading all of them.
pub(crate) struct Cipher(Key);

impl Cipher {
    pub(crate) fn new(key: &Key) -> Self {
        Self(key.clone())
    }

    /// The key and the nonce of RFC 8439 for a value with this nonce.
    fn inner(&self, nonce: &[u8; NONCE]) -> Option<(LessSafeKey, Nonce)> {
        let (first, rest) = nonce.split_first_chunk::<16>()?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &hchacha::<R20>(self.0.as_bytes().into(), first.into())).ok()?;
        let mut inner = [0; NONCE_LEN];
        inner.last_chunk_mut()?.clone_from(rest.first_chunk::<8>()?);
        Some((LessSafeKey::new(key), Nonce::assume_unique_for_key(inner)))
    }

    /// The plaintext; `Damaged` if it was not sealed with this key for this place.
    pub(crate) fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.try_open(place, sealed).ok_or_else(|| {
            StoreError::damaged(format!("row {} of {}.{} is not authentic", place.row, place.table, place.column))
        })
    }

    pub(crate) fn try_open(&self, place: Place, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
        let mut text = ciphertext.to_vec();
        let (key, nonce) = self.inner(nonce)?;
        key.open_in_place_separate_tag(nonce, Aad::from(place.associated_data()), Tag::from(*tag), &mut text, 0..)
            .ok()?;
        Some(text)
    }
}

/// Writes encrypted values.
pub(crate) struct Sealer {
    cipher: Cipher,
    drawn: Vec<[u8; NONCE]>,
}

impl Sealer {
    pub(crate) fn new(key: &Key) -> Self {
        Self { cipher: Cipher::new(key), drawn: Vec::new() }
    }

    pub(crate) fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    /// `nonce ‖ ciphertext ‖ tag`, 40 bytes longer than the text.
    pub(crate) fn seal(&mut self, place: Place, text: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce = self.nonce()?;
        let mut sealed = Vec::with_capacity(NONCE + text.len() + TAG);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(text);
        let (_, body) = sealed.split_at_mut(NONCE);
        let tag = self.cipher.inner(&nonce).and_then(|(key, nonce)| {
            key.seal_in_place_separate_tag(nonce, Aad::from(place.associated_data()), body).ok()
        });
        let tag = tag.ok_or_else(|| StoreError::rejected("a value is too long to be encrypted"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    fn nonce(&mut self) -> Result<[u8; NONCE], StoreError> {
        if let Some(nonce) = self.drawn.pop() {
            return Ok(nonce);
        }
        let mut nonces = [[0; NONCE]; NONCES_DRAWN];
        random(nonces.as_flattened_mut())?;
        let (first, rest) = nonces.split_first().unwrap_or((&[0; NONCE], &[]));
        self.drawn.extend_from_slice(rest);
        Ok(*first)
    }
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::{Aead, KeyInit, Payload};
    use chacha20poly1305::{XChaCha20Poly1305, XNonce};
    use proptest::prelude::*;

    use super::*;

    const PLACE: Place = Place { table: "outbox", column: "body", row: 7 };

    #[test]
    fn what_was_sealed_opens_at_its_place_alone() {
        let key = Key::from_bytes([9; 32]);
        let mut sealer = Sealer::new(&key);
        let sealed = sealer.seal(PLACE, b"text").unwrap();
        assert_eq!(sealed.len(), 44);
        assert_eq!(Cipher::new(&key).open(PLACE, &sealed), Ok(b"text".to_vec()));
        for elsewhere in
            [Place { table: "held", ..PLACE }, Place { column: "value", ..PLACE }, Place { row: 8, ..PLACE }]
        {
            assert!(sealer.cipher().open(elsewhere, &sealed).is_err());
        }
        assert!(Cipher::new(&Key::from_bytes([8; 32])).open(PLACE, &sealed).is_err());
    }

    proptest! {
        #[test]
        fn a_value_is_what_another_library_makes_of_it(key: [u8; 32], text in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut sealer = Sealer::new(&Key::from_bytes(key));
            let sealed = sealer.seal(PLACE, &text).unwrap();
            let other = XChaCha20Poly1305::new(&key.into());
            let (nonce, rest) = sealed.split_first_chunk::<NONCE>().unwrap();
            let aad = PLACE.associated_data();
            let opened = other.decrypt(&XNonce::from(*nonce), Payload { msg: rest, aad: &aad });
            prop_assert_eq!(opened.as_ref(), Ok(&text));
            let mut theirs = nonce.to_vec();
            theirs.extend(other.encrypt(&XNonce::from(*nonce), Payload { msg: &text, aad: &aad }).unwrap());
            prop_assert_eq!(sealer.cipher().open(PLACE, &theirs), Ok(text));
        }
    }

    #[test]
    fn a_flipped_bit_or_a_missing_byte_is_refused_everywhere() {
        let mut sealer = Sealer::new(&Key::from_bytes([9; 32]));
        let sealed = sealer.seal(PLACE, b"text").unwrap();
        for index in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[index] ^= 1;
            assert!(sealer.cipher().open(PLACE, &flipped).is_err(), "byte {index}");
            assert!(sealer.cipher().open(PLACE, &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn no_nonce_comes_twice() {
        let mut sealer = Sealer::new(&Key::from_bytes([9; 32]));
        let nonces: std::collections::BTreeSet<_> = (0..1000).map(|_| sealer.nonce().unwrap()).collect();
        assert_eq!(nonces.len(), 1000);
        assert!(!nonces.contains(&[0; NONCE]));
    }
}
