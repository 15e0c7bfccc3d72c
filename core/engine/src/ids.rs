//! The identifiers of the protocol, each a type of its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A host's 128-bit identifier: a UUIDv8 (RFC 9562 §5.8) over the hash of its identity key, or one of the two fixed ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostId(Uuid);

impl HostId {
    /// Every host in reach.
    pub const BROADCAST: Self = Self(Uuid::from_u128(0xffff_ffff_ffff_8fff_bfff_ffff_ffff_ffff));
    /// Any persistent server in reach: an anycast name, each server has an id of its own too.
    pub const PERSISTENT_SERVER: Self = Self(Uuid::from_u128(0x0000_0000_0000_8000_8000_0000_0000_0001));

    /// The id with exactly these 128 bits.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }

    /// The 16 bytes of the id, most significant first.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Its first 8 digits, enough for people to tell hosts apart.
    pub fn short(&self) -> String {
        format!("{:08x}", self.0.as_fields().0)
    }

    /// Whether the id names one host, and not "everybody" or "any server".
    pub fn names_one_host(&self) -> bool {
        *self != Self::BROADCAST && *self != Self::PERSISTENT_SERVER
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for HostId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// How often a host has started, and how many hours it has run since: greater with each start, in the upper half of every
/// packet's counter. Kept in the database and outside it, so that an older copy of the database is noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The one so many later; the greatest there is if there are not so many.
    pub const fn plus(self, more: u32) -> Self {
        Self(self.0.saturating_add(more))
    }
}

/// Writes bytes in hexadecimal digits, at once and not by a format for each.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    f.write_str(&text)
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Its length in bytes.
            pub const LENGTH: usize = $len;

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// The value with these bytes, if there are exactly as many as it has.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_hex(text).ok_or(ParseIdError { expected: $len * 2 }).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    return text.parse().map_err(serde::de::Error::custom);
                }
                let bytes = <serde_bytes::ByteBuf as Deserialize>::deserialize(deserializer)?;
                Self::from_slice(&bytes)
                    .ok_or_else(|| serde::de::Error::invalid_length(bytes.len(), &stringify!($len)))
            }
        }
    };
}

/// A text that is not the hexadecimal form of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct ParseIdError {
    expected: usize,
}

fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

byte_id!(
    /// A message's identity: `SHA-256(domain ‖ sender ‖ canonical bytes)[0..16]` (PROTOCOL.md, Messages).
    MessageId, 16);
byte_id!(
    /// An envelope's identity: the hash of its immutable part (PROTOCOL.md, Envelopes).
    EnvelopeId, 16);
byte_id!(
    /// The beginning of an envelope's identity: by it OFFER and RECEIPT name it. Nobody can make another envelope begin like
    /// a given one with less than about 2^64 hashes, and who makes two of its own alike harms only itself.
    EnvelopeName, 8);
byte_id!(
    /// The beginning of an ack hash, as an OFFER names it.
    AckName, 8);
byte_id!(
    /// The mailbox tag an envelope is addressed to.
    Tag, 16);
byte_id!(
    /// `SHA-256(secret)[0..16]`: what an envelope shows of its delivery proof.
    AckHash, 16);
byte_id!(
    /// The 16 bytes whose publication proves a delivery.
    ProofSecret, 16);
byte_id!(
    /// An Ed25519 public key: a host's identity.
    IdentityKey, 32);
byte_id!(
    /// An X25519 public key to which ASK and YES are sealed.
    SealingKey, 32);
byte_id!(
    /// A Curve25519 public key of the Olm account or session.
    OlmKey, 32);

/// A host this database knows, by local arrival number. Never leaves the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostNumber(pub u32);

/// A friend (or an asker, or an ended friend), by local arrival number; also names their conversation. Never leaves the
/// device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FriendId(pub u32);

/// A message of the history, by local arrival number (its row). Never leaves the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageKey(pub u64);

/// The number of an accepted command; its `Done` event carries the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub u64);

/// A search by alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SearchId(pub u64);

/// An examination of the ways of finding others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExaminationId(pub u64);

/// A link, as numbered by the node; numbers are not used again while the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// A port on which links are accepted and from which they are dialled. 0 is the host's main link port, the others are
/// conversations; numbered by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub u64);

impl ListenerId {
    /// The host's main link port, where strangers (and later servers and carriers) are met.
    pub const MAIN: Self = Self(0);
}

/// An attempt to dial a peer, numbered by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialId(pub u64);

/// A request to read one stored body back, numbered by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u64);

/// A network interface, as numbered by the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interface(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_ids_are_version_8_uuids() {
        for id in [HostId::BROADCAST, HostId::PERSISTENT_SERVER] {
            assert_eq!(id.as_uuid().get_version_num(), 8);
            assert!(!id.names_one_host());
        }
    }

    #[test]
    fn the_short_form_is_how_the_long_one_begins() {
        for number in [1, 0x3c52_0000_8afd_8a37_9a0d_0df1_fbf6_0001, u128::MAX] {
            let id = HostId::from_uuid(Uuid::from_u128(number));
            assert_eq!(id.to_string().split('-').next(), Some(&*id.short()));
        }
    }

    #[test]
    fn ids_are_written_and_read_as_hexadecimal() {
        let id = MessageId([0xa5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("xyz".parse::<MessageId>().is_err());
    }
}
