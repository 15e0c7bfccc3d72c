//! What a host says of itself, signed by itself (PROTOCOL.md, Identity). It travels in answers to a search and when a link
//! comes up.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::codec;
use crate::identity::{self, Identity, SIGNATURE_LENGTH, host_id_of};
use crate::ids::{HostId, IdentityKey, OlmKey, SealingKey};

const DOMAIN: &str = "permesso/certificate/v1";

/// A host's keys under its own signature. It binds the keys to the identity, and so to the host id; it says nothing about
/// the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Wire", from = "Wire")]
pub struct Certificate {
    /// The identity key.
    pub key: IdentityKey,
    /// The key to which ASK and YES are sealed.
    pub sealing_key: SealingKey,
    /// The number of that key; a greater one is newer.
    pub sealing_number: u64,
    /// The identity key of the Olm account.
    pub olm_key: OlmKey,
    /// What the host can do, as bits.
    pub capabilities: u32,
    /// The signature by the identity key over all of these.
    pub signature: [u8; SIGNATURE_LENGTH],
}

impl Certificate {
    /// A certificate of this host. `sealing_number` grows with each new sealing key; `capabilities` are bits, none of which
    /// is given a meaning yet.
    pub fn issue(
        identity: &Identity,
        sealing_key: SealingKey,
        sealing_number: u64,
        olm_key: OlmKey,
        capabilities: u32,
    ) -> Self {
        let key = identity.key();
        let signed = signed_bytes(&key, &sealing_key, sealing_number, &olm_key, capabilities);
        let signature = identity.sign(DOMAIN, &signed);
        Self { key, sealing_key, sealing_number, olm_key, capabilities, signature }
    }

    /// Whether the signature is right. One that came from outside is worth nothing before this was asked.
    pub fn verify(&self) -> bool {
        let signed = signed_bytes(&self.key, &self.sealing_key, self.sealing_number, &self.olm_key, self.capabilities);
        identity::verify(&self.key, DOMAIN, &signed, &self.signature)
    }

    /// The host it is of.
    pub fn host_id(&self) -> HostId {
        host_id_of(&self.key)
    }
}

/// What is signed: the canonical encoding of the fields before the signature.
fn signed_bytes(
    key: &IdentityKey,
    sealing_key: &SealingKey,
    sealing_number: u64,
    olm_key: &OlmKey,
    capabilities: u32,
) -> Vec<u8> {
    codec::to_bytes(&(key, sealing_key, sealing_number, olm_key, capabilities))
}

#[derive(Serialize, Deserialize)]
struct Wire(IdentityKey, SealingKey, u64, OlmKey, u32, ByteArray<SIGNATURE_LENGTH>);

impl From<Certificate> for Wire {
    fn from(it: Certificate) -> Self {
        let signature = ByteArray::new(it.signature);
        Self(it.key, it.sealing_key, it.sealing_number, it.olm_key, it.capabilities, signature)
    }
}

impl From<Wire> for Certificate {
    fn from(Wire(key, sealing_key, sealing_number, olm_key, capabilities, signature): Wire) -> Self {
        let signature = signature.into_array();
        Self { key, sealing_key, sealing_number, olm_key, capabilities, signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::CERTIFICATE_MAX;

    fn certificate() -> Certificate {
        let identity = Identity::from_secret([1; 32]);
        Certificate::issue(&identity, SealingKey([2; 32]), u64::MAX, OlmKey([3; 32]), u32::MAX)
    }

    #[test]
    fn an_issued_certificate_verifies_and_names_its_host() {
        let certificate = certificate();
        assert!(certificate.verify());
        assert_eq!(certificate.host_id(), Identity::from_secret([1; 32]).host_id());
    }

    #[test]
    fn a_certificate_with_any_field_changed_does_not_verify() {
        let good = certificate();
        let changed = [
            Certificate { key: Identity::from_secret([9; 32]).key(), ..good.clone() },
            Certificate { sealing_key: SealingKey([9; 32]), ..good.clone() },
            Certificate { sealing_number: 9, ..good.clone() },
            Certificate { olm_key: OlmKey([9; 32]), ..good.clone() },
            Certificate { capabilities: 9, ..good.clone() },
            Certificate { signature: [9; 64], ..good },
        ];
        for (field, certificate) in changed.iter().enumerate() {
            assert!(!certificate.verify(), "field {field}");
        }
    }

    #[test]
    fn a_certificate_comes_back_from_its_bytes_which_are_within_the_limit() {
        let bytes = codec::to_bytes(&certificate());
        assert!(bytes.len() <= CERTIFICATE_MAX, "{} bytes", bytes.len());
        assert_eq!(codec::from_bytes(&bytes, CERTIFICATE_MAX), Ok(certificate()));
    }

    #[test]
    fn a_certificate_cut_short_anywhere_is_refused() {
        let bytes = codec::to_bytes(&certificate());
        for length in 0..bytes.len() {
            assert!(codec::from_bytes::<Certificate>(&bytes[..length], CERTIFICATE_MAX).is_err());
        }
    }
}
