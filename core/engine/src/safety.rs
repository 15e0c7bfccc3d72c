//! The number two users compare to know that nobody stands between them (PROTOCOL.md, Verification).
//!
//! After Signal's safety numbers (numeric fingerprint, version 0, `libsignal` `NumericFingerprintGenerator`): each key is
//! hashed 5,200 times with SHA-512 over and over, the first 30 bytes become 30 digits, five bytes to five digits; the
//! smaller half comes first, so that both sides see the same. Ours differs in what is hashed first: a domain, and the host id
//! that follows from the key.

use sha2::{Digest, Sha512};

use crate::identity::host_id_of;
use crate::ids::IdentityKey;

const DOMAIN: &[u8] = b"permesso/safety-number/v1\0";
/// As Signal's: makes a search for a key with chosen digits 5,200 times as dear.
const ITERATIONS: usize = 5_200;
const CHUNK: usize = 5;
const CHUNKS_PER_KEY: usize = 6;

/// The 60 digits of this pair of keys, in twelve groups of five separated by spaces; the same whichever way round. About 99
/// bits for each key.
pub fn safety_number(a: &IdentityKey, b: &IdentityKey) -> String {
    let (a, b) = (digits(a), digits(b));
    if a <= b { [a, b] } else { [b, a] }.concat().join(" ")
}

fn digits(key: &IdentityKey) -> Vec<String> {
    let mut hash = Sha512::new();
    hash.update(DOMAIN);
    hash.update(host_id_of(key).as_bytes());
    hash.update(key.as_bytes());
    let mut digest = hash.finalize();
    for _ in 1..ITERATIONS {
        let mut hash = Sha512::new();
        hash.update(digest);
        hash.update(key.as_bytes());
        digest = hash.finalize();
    }
    digest.chunks_exact(CHUNK).take(CHUNKS_PER_KEY).map(five_digits).collect()
}

fn five_digits(chunk: &[u8]) -> String {
    let number = chunk.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:05}", number % 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;

    fn key(seed: u8) -> IdentityKey {
        Identity::from_secret([seed; 32]).key()
    }

    #[test]
    fn it_has_sixty_digits_in_groups_of_five() {
        let number = safety_number(&key(1), &key(2));
        let groups: Vec<_> = number.split(' ').collect();
        assert_eq!(groups.len(), 12);
        assert!(groups.iter().all(|group| group.len() == 5 && group.bytes().all(|digit| digit.is_ascii_digit())));
    }

    #[test]
    fn both_sides_see_the_same() {
        assert_eq!(safety_number(&key(1), &key(2)), safety_number(&key(2), &key(1)));
    }

    #[test]
    fn another_key_changes_only_its_half() {
        let one = safety_number(&key(1), &key(2));
        let other = safety_number(&key(1), &key(3));
        assert_ne!(one, other);
        let mine = digits(&key(1)).join(" ");
        assert!(one.contains(&mine) && other.contains(&mine));
    }

    #[test]
    fn small_numbers_keep_their_leading_zeros() {
        assert_eq!(five_digits(&[0, 0, 0, 0, 7]), "00007");
        assert_eq!(five_digits(&[0xff; 5]), "27775");
    }
}
