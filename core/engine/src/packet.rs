//! Presence packets: one signed datagram each (PROTOCOL.md, Presence packets).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::api::{Cast, Match};
use crate::certificate::Certificate;
use crate::codec::{self, CodecError, Peek, numbered};
use crate::identity::{self, Identity};
use crate::ids::{HostId, IdentityKey};
use crate::limits::{self, ALIAS_MAX, DATAGRAM_MAX, LimitExceeded};
use crate::time::Wall;

/// The version of packets that this code makes and accepts.
pub const PACKET_VERSION: u8 = 1;

/// Upper bound of a QUERY_ALIAS_RESPONSE in bytes, with every field at its largest.
pub const QUERY_ALIAS_RESPONSE_MAX: usize = 644;

/// A QUERY_ALIAS is never shorter than this many bytes: a third of the largest answer, so that answering it to a forged
/// address does not amplify by more than three.
pub const QUERY_ALIAS_MIN: usize = QUERY_ALIAS_RESPONSE_MAX.div_ceil(3);

/// How many bytes the signature item takes at the end of each packet.
const SIGNATURE_ITEM: usize = 2 + SIGNATURE;
const SIGNATURE: usize = 64;
const SIGNATURE_HEAD: [u8; 2] = [0x58, SIGNATURE as u8];

numbered! {
    /// What a packet is for.
    pub enum Service {
        /// "I am here, who else is?"
        JoinNetwork = 1,
        /// "I go."
        LeaveNetwork = 2,
        /// "I am here."
        HostOnline = 3,
        /// "Who is called so?"
        QueryAlias = 4,
        /// "I am."
        QueryAliasResponse = 5,
        /// "Who has room for other people's envelopes?"
        FreeMemoryAsk = 6,
        /// "I have so much."
        FreeMemoryResponse = 7,
        /// The validation of an address and the port of a conversation.
        Dummy = 8,
        /// "Does this way lead to anybody?"
        WayAsk = 10,
        /// "It leads to me."
        WayResponse = 11,
    }
}

numbered! {
    /// What a host is to others.
    pub enum Role {
        /// A person's device.
        Client = 0,
        /// A persistent server.
        Server = 1,
    }
}

/// Orders the packets of one sender: a greater one is newer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u64", from = "u64")]
pub struct Counter {
    /// Greater after each start of the sender.
    pub generation: u32,
    /// Greater with each packet of one generation.
    pub n: u32,
}

/// What a host announces of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u16, u16, u32, Role)", from = "(u16, u16, u32, Role)")]
pub struct Beacon {
    /// The next beacon follows about so many seconds later.
    pub interval_s: u16,
    /// The main link port, 0 if there is none.
    pub link_port: u16,
    /// The number of the newest envelope taken into custody.
    pub arrivals: u32,
    /// What the host is.
    pub role: Role,
}

/// Validates an address, in three steps: ask (own nonce), answer (own nonce, the other's echoed), echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dummy {
    /// The port of the sender's side of the conversation.
    pub port: u16,
    /// The sender's nonce for this peer and address.
    pub nonce: [u8; 8],
    /// The nonce of the DUMMY that this one answers.
    pub echo: Option<[u8; 8]>,
}

/// A search by alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryAlias {
    /// Names the search in its answers.
    pub nonce: [u8; 8],
    /// What is looked for, at most [`ALIAS_MAX`] bytes.
    pub alias: String,
    /// How it is compared.
    pub matching: Match,
}

/// The answer to a search: a claim about the sender alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasAnswer {
    /// That of the search.
    pub nonce: [u8; 8],
    /// The sender's alias, at most [`ALIAS_MAX`] bytes.
    pub alias: String,
    /// The sender's certificate.
    pub certificate: Certificate,
    /// What it announces of itself.
    pub beacon: Beacon,
}

/// What a packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PacketBody {
    /// JOIN_NETWORK.
    Join(Beacon),
    /// LEAVE_NETWORK.
    Leave,
    /// HOST_ONLINE.
    Online(Beacon),
    /// QUERY_ALIAS.
    QueryAlias(QueryAlias),
    /// QUERY_ALIAS_RESPONSE.
    QueryAliasResponse(AliasAnswer),
    /// FREE_MEMORY_ASK.
    FreeMemoryAsk {
        /// Names the question in its answers.
        nonce: [u8; 8],
    },
    /// FREE_MEMORY_RESPONSE.
    FreeMemoryResponse {
        /// That of the question.
        nonce: [u8; 8],
        /// How many bytes of envelopes the sender would take from the asker.
        bytes: u64,
        /// How many envelopes it would take.
        envelopes: u32,
    },
    /// DUMMY.
    Dummy(Dummy),
    /// WAY_ASK.
    WayAsk {
        /// Names the question, one for each way, in its answers.
        nonce: [u8; 8],
    },
    /// WAY_RESPONSE.
    WayResponse {
        /// That of the question.
        nonce: [u8; 8],
        /// How the question came to the sender.
        cast: Cast,
        /// The sender's alias, at most [`ALIAS_MAX`] bytes.
        alias: String,
    },
}

/// A packet to be sent, or one whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Who physically sends it.
    pub sender: HostId,
    /// For whom it is.
    pub receiver: HostId,
    /// Its place among the sender's packets.
    pub counter: Counter,
    /// The sender's clock: a claim that decides nothing.
    pub timestamp: Wall,
    /// The sender's identity key.
    pub key: IdentityKey,
    /// What it says.
    pub body: PacketBody,
}

/// Why a datagram is no packet to believe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// The datagram is too long; it was not looked at.
    #[error("a datagram of {length} bytes, the limit is {DATAGRAM_MAX}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Made by a version that is not known here.
    #[error("packet version {0} is not known here")]
    UnknownVersion(u64),
    /// For a service that is not known here.
    #[error("service {0} is not known here")]
    UnknownService(u64),
    /// The bytes are not the canonical encoding of a packet.
    #[error("not a packet: {0}")]
    Malformed(#[from] CodecError),
    /// A field exceeds its limit.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A QUERY_ALIAS that is not filled up with zeros as it should be.
    #[error("the padding of a QUERY_ALIAS is wrong")]
    BadPadding,
    /// The sender's id is not that of its key, or the certificate is another host's.
    #[error("the sender is not who it says")]
    WrongSender,
    /// The packet or the certificate in it is not signed with the sender's key.
    #[error("the signature is wrong")]
    BadSignature,
}

/// A packet that passed the cheap checks; who made it is not yet known.
#[derive(Clone, Debug)]
pub struct Unverified {
    packet: Packet,
    signed: Vec<u8>,
    signature: [u8; SIGNATURE],
}

impl Packet {
    /// The datagram: at most [`DATAGRAM_MAX`] bytes, signed by `identity`, which must be the sender's. An alias must be
    /// within [`ALIAS_MAX`].
    pub fn encode(&self, identity: &Identity) -> Vec<u8> {
        match &self.body {
            PacketBody::Join(beacon) | PacketBody::Online(beacon) => self.encode_body(beacon, identity),
            PacketBody::Leave => self.encode_body(&LeaveWire::default(), identity),
            PacketBody::QueryAlias(query) => self.encode_body(&query.to_wire(), identity),
            PacketBody::QueryAliasResponse(answer) => {
                let AliasAnswer { nonce, alias, certificate, beacon } = answer;
                self.encode_body(&(ByteArray::new(*nonce), alias, certificate, beacon), identity)
            }
            PacketBody::FreeMemoryAsk { nonce } => self.encode_body(&(ByteArray::new(*nonce),), identity),
            PacketBody::FreeMemoryResponse { nonce, bytes, envelopes } => {
                self.encode_body(&(ByteArray::new(*nonce), bytes, envelopes), identity)
            }
            PacketBody::WayAsk { nonce } => self.encode_body(&(ByteArray::new(*nonce),), identity),
            PacketBody::WayResponse { nonce, cast, alias } => {
                self.encode_body(&(ByteArray::new(*nonce), cast_number(*cast), alias), identity)
            }
            PacketBody::Dummy(Dummy { port, nonce, echo }) => {
                self.encode_body(&(port, ByteArray::new(*nonce), echo.map(ByteArray::new)), identity)
            }
        }
    }

    fn encode_body<B: Serialize>(&self, body: &B, identity: &Identity) -> Vec<u8> {
        let service = self.body.service();
        let Self { sender, receiver, counter, timestamp, key, .. } = self;
        let unsigned = ByteArray::new([0; SIGNATURE]);
        let wire = (PACKET_VERSION, service, sender, receiver, counter, timestamp, key, body, unsigned);
        let mut bytes = codec::to_bytes(&wire);
        bytes.truncate(bytes.len().saturating_sub(SIGNATURE_ITEM));
        let signature = identity.sign(service.domain(), &bytes);
        bytes.extend(SIGNATURE_HEAD);
        bytes.extend(signature);
        bytes
    }
}

impl PacketBody {
    /// What it is for.
    pub fn service(&self) -> Service {
        match self {
            Self::Join(_) => Service::JoinNetwork,
            Self::Leave => Service::LeaveNetwork,
            Self::Online(_) => Service::HostOnline,
            Self::QueryAlias(_) => Service::QueryAlias,
            Self::QueryAliasResponse(_) => Service::QueryAliasResponse,
            Self::FreeMemoryAsk { .. } => Service::FreeMemoryAsk,
            Self::FreeMemoryResponse { .. } => Service::FreeMemoryResponse,
            Self::Dummy(_) => Service::Dummy,
            Self::WayAsk { .. } => Service::WayAsk,
            Self::WayResponse { .. } => Service::WayResponse,
        }
    }

    /// What the sender announces of itself, if the packet tells it.
    pub fn beacon(&self) -> Option<&Beacon> {
        match self {
            Self::Join(beacon) | Self::Online(beacon) => Some(beacon),
            Self::QueryAliasResponse(answer) => Some(&answer.beacon),
            _ => None,
        }
    }
}

impl Service {
    /// The domain string under which packets of this service are signed.
    pub fn domain(self) -> &'static str {
        match self {
            Self::JoinNetwork => "permesso/join-network/v1",
            Self::LeaveNetwork => "permesso/leave-network/v1",
            Self::HostOnline => "permesso/host-online/v1",
            Self::QueryAlias => "permesso/query-alias/v1",
            Self::QueryAliasResponse => "permesso/query-alias-response/v1",
            Self::FreeMemoryAsk => "permesso/free-memory-ask/v1",
            Self::FreeMemoryResponse => "permesso/free-memory-response/v1",
            Self::Dummy => "permesso/dummy/v1",
            Self::WayAsk => "permesso/way-ask/v1",
            Self::WayResponse => "permesso/way-response/v1",
        }
    }
}

impl Unverified {
    /// Makes every check that needs no signature: length, version, service, shape, canonical form, limits.
    pub fn parse(datagram: &[u8]) -> Result<Self, PacketError> {
        if datagram.len() > DATAGRAM_MAX {
            return Err(PacketError::TooLong { length: datagram.len() });
        }
        match peek_service(datagram)? {
            Service::JoinNetwork => parse_as(datagram, |beacon| Ok(PacketBody::Join(beacon))),
            Service::LeaveNetwork => parse_as(datagram, |_: LeaveWire| Ok(PacketBody::Leave)),
            Service::HostOnline => parse_as(datagram, |beacon| Ok(PacketBody::Online(beacon))),
            Service::QueryAlias => parse_as(datagram, |wire| Ok(PacketBody::QueryAlias(QueryAlias::from_wire(wire)?))),
            Service::QueryAliasResponse => {
                parse_as(datagram, |(nonce, alias, certificate, beacon): (ByteArray<8>, String, _, _)| {
                    limits::check_alias(&alias)?;
                    let nonce = nonce.into_array();
                    Ok(PacketBody::QueryAliasResponse(AliasAnswer { nonce, alias, certificate, beacon }))
                })
            }
            Service::FreeMemoryAsk => parse_as(datagram, |(nonce,): (ByteArray<8>,)| {
                Ok(PacketBody::FreeMemoryAsk { nonce: nonce.into_array() })
            }),
            Service::FreeMemoryResponse => parse_as(datagram, |(nonce, bytes, envelopes): (ByteArray<8>, _, _)| {
                Ok(PacketBody::FreeMemoryResponse { nonce: nonce.into_array(), bytes, envelopes })
            }),
            Service::WayAsk => {
                parse_as(datagram, |(nonce,): (ByteArray<8>,)| Ok(PacketBody::WayAsk { nonce: nonce.into_array() }))
            }
            Service::WayResponse => parse_as(datagram, |(nonce, cast, alias): (ByteArray<8>, u8, String)| {
                limits::check_alias(&alias)?;
                let cast = cast_of(cast).ok_or(CodecError::Malformed)?;
                Ok(PacketBody::WayResponse { nonce: nonce.into_array(), cast, alias })
            }),
            Service::Dummy => parse_as(datagram, |(port, nonce, echo): (u16, ByteArray<8>, Option<ByteArray<8>>)| {
                let echo = echo.map(ByteArray::into_array);
                Ok(PacketBody::Dummy(Dummy { port, nonce: nonce.into_array(), echo }))
            }),
        }
    }

    /// Who says to send it.
    pub fn sender(&self) -> HostId {
        self.packet.sender
    }

    /// For whom it is.
    pub fn receiver(&self) -> HostId {
        self.packet.receiver
    }

    /// Its place among the sender's packets, if it is the sender's.
    pub fn counter(&self) -> Counter {
        self.packet.counter
    }

    /// What it is for.
    pub fn service(&self) -> Service {
        self.packet.body.service()
    }

    /// Checks that the key belongs to the sender's id and signed the packet, and a certificate in it the same.
    ///
    /// Whether the counter is fresh, and whether a pinned key agrees, is for the caller to check.
    pub fn verify(self) -> Result<Packet, PacketError> {
        let Self { packet, signed, signature } = self;
        if identity::host_id_of(&packet.key) != packet.sender {
            return Err(PacketError::WrongSender);
        }
        if !identity::verify(&packet.key, packet.body.service().domain(), &signed, &signature) {
            return Err(PacketError::BadSignature);
        }
        if let PacketBody::QueryAliasResponse(AliasAnswer { certificate, .. }) = &packet.body {
            if certificate.key != packet.key {
                return Err(PacketError::WrongSender);
            }
            if !certificate.verify() {
                return Err(PacketError::BadSignature);
            }
        }
        Ok(packet)
    }
}

type LeaveWire = [u8; 0];
type QueryAliasWire = (ByteArray<8>, String, u8, ByteBuf);
type PacketWire<B> = (u8, Service, HostId, HostId, Counter, Wall, IdentityKey, B, ByteArray<SIGNATURE>);

fn peek_service(datagram: &[u8]) -> Result<Service, PacketError> {
    let mut peek = Peek(datagram);
    let version = peek.array().and_then(|_| peek.unsigned()).ok_or(CodecError::Malformed)?;
    if version != u64::from(PACKET_VERSION) {
        return Err(PacketError::UnknownVersion(version));
    }
    let number = peek.unsigned().ok_or(CodecError::Malformed)?;
    let service = u8::try_from(number).ok().and_then(|number| Service::try_from(number).ok());
    service.ok_or(PacketError::UnknownService(number))
}

fn parse_as<B: Serialize + DeserializeOwned>(
    datagram: &[u8],
    body: impl FnOnce(B) -> Result<PacketBody, PacketError>,
) -> Result<Unverified, PacketError> {
    let (_, _, sender, receiver, counter, timestamp, key, wire, signature): PacketWire<B> =
        codec::from_bytes(datagram, DATAGRAM_MAX)?;
    let packet = Packet { sender, receiver, counter, timestamp, key, body: body(wire)? };
    let signed = datagram.len().checked_sub(SIGNATURE_ITEM).and_then(|length| datagram.get(..length));
    let signed = signed.ok_or(CodecError::Malformed)?.to_vec();
    Ok(Unverified { packet, signed, signature: signature.into_array() })
}

fn cast_number(cast: Cast) -> u8 {
    match cast {
        Cast::Unicast => 0,
        Cast::Broadcast => 1,
        Cast::Multicast => 2,
    }
}

fn cast_of(number: u8) -> Option<Cast> {
    [Cast::Unicast, Cast::Broadcast, Cast::Multicast].into_iter().find(|cast| cast_number(*cast) == number)
}

impl QueryAlias {
    fn to_wire(&self) -> QueryAliasWire {
        let matching = match self.matching {
            Match::Exact => 0,
            Match::Partial => 1,
        };
        let padding = vec![0; ALIAS_MAX.saturating_sub(self.alias.len())];
        (ByteArray::new(self.nonce), self.alias.clone(), matching, ByteBuf::from(padding))
    }

    fn from_wire((nonce, alias, matching, padding): QueryAliasWire) -> Result<Self, PacketError> {
        limits::check_alias(&alias)?;
        if alias.len() + padding.len() != ALIAS_MAX || padding.iter().any(|byte| *byte != 0) {
            return Err(PacketError::BadPadding);
        }
        let matching = match matching {
            0 => Match::Exact,
            1 => Match::Partial,
            _ => return Err(CodecError::Malformed.into()),
        };
        Ok(Self { nonce: nonce.into_array(), alias, matching })
    }
}

impl From<Counter> for u64 {
    fn from(counter: Counter) -> Self {
        Self::from(counter.generation) << 32 | Self::from(counter.n)
    }
}

impl From<u64> for Counter {
    fn from(number: u64) -> Self {
        Self { generation: (number >> 32) as u32, n: number as u32 }
    }
}

impl From<Beacon> for (u16, u16, u32, Role) {
    fn from(beacon: Beacon) -> Self {
        (beacon.interval_s, beacon.link_port, beacon.arrivals, beacon.role)
    }
}

impl From<(u16, u16, u32, Role)> for Beacon {
    fn from((interval_s, link_port, arrivals, role): (u16, u16, u32, Role)) -> Self {
        Self { interval_s, link_port, arrivals, role }
    }
}

#[cfg(test)]
#[path = "packet_tests.rs"]
pub(crate) mod tests;
