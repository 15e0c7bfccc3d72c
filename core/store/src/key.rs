//! The key of a database.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::StoreError;

/// The length of a passphrase's salt in bytes, as RFC 9106 §3.1 recommends.
pub const SALT_LENGTH: usize = 16;

/// Argon2id by the second recommended option of RFC 9106 §4, for machines short of memory: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// The 32 bytes under which a database is encrypted. The host keeps them in the system's key store, or derives them from a
/// passphrase; erasing them makes the database unreadable. They are overwritten in memory when dropped.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A fresh random key.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system has no randomness to give.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        random(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// The key with these bytes, as once given by [`as_bytes`](Self::as_bytes).
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key that belongs to a passphrase and a salt ([`Store::salt`](crate::Store::salt)): Argon2id (RFC 9106) with 64 MiB,
    /// 3 passes and 4 lanes. Takes some tenths of a second. The passphrase counts byte by byte.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] if the passphrase is longer than 4 GiB.
    pub fn from_passphrase(passphrase: &str, salt: &[u8; SALT_LENGTH]) -> Result<Self, StoreError> {
        let rejected = |error: argon2::Error| StoreError::rejected(error.to_string());
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(rejected)?;
        let mut bytes = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, bytes.as_mut_slice())
            .map_err(rejected)?;
        Ok(Self(bytes))
    }

    /// The bytes, to keep them in the system's key store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|error| StoreError::Io { detail: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_gives_one_key_per_salt() {
        let key = Key::from_passphrase("correct horse", &[1; 16]).unwrap();
        assert_eq!(key.as_bytes(), Key::from_passphrase("correct horse", &[1; 16]).unwrap().as_bytes());
        assert_ne!(key.as_bytes(), Key::from_passphrase("correct horse", &[2; 16]).unwrap().as_bytes());
        assert_ne!(key.as_bytes(), Key::from_passphrase("Correct horse", &[1; 16]).unwrap().as_bytes());
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", Key::from_bytes([7; 32])), "Key(…)");
    }
}
