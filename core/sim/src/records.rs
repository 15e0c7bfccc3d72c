//! What a database says to whoever holds it: the malicious host reads and changes its own, and checks of what lies where
//! read everybody's. Records are the engine's own affair; here their fields are read by name.

use std::collections::BTreeSet;

use ciborium::Value;
use permesso_engine::api::{FriendState, PacketService};
use permesso_engine::codec;
use permesso_engine::crypto::derive;
use permesso_engine::envelope::Envelope;
use permesso_engine::identity::Identity;
use permesso_engine::ids::{FriendId, HostId, MessageId, Tag};
use permesso_engine::limits::ENVELOPE_MAX;
use permesso_engine::rows::{Commit, CommitSeq, RecordKey, Table, Write};
use permesso_engine::time::Wall;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;
use serde_bytes::ByteBuf;
use vodozemac::olm::{Account, AccountPickle, Session, SessionPickle};

use crate::memory::MemoryStore;

/// Tags a recipient takes beyond the highest epoch it has seen (PROTOCOL.md, Epochs and tags).
const EPOCHS_AHEAD: u32 = 15;

/// Somebody with a record.
#[derive(Debug, Deserialize)]
pub struct FriendRecord {
    /// Its number.
    pub id: FriendId,
    /// Its host.
    pub host: HostId,
    /// Where we stand with it.
    pub state: FriendState,
    /// Nothing of it is taken.
    pub blocked: bool,
    /// A request of ours to it.
    pub sent: Option<SentRecord>,
    /// A request of its.
    pub received: Option<Value>,
    /// Our answer to it.
    pub yes: Option<Value>,
    /// Its answer to us.
    pub answered: Option<Value>,
    /// The greatest ask id accepted from it.
    pub heard_ask: u64,
}

/// A request of one's own.
#[derive(Debug, Deserialize)]
pub struct SentRecord {
    /// Its user took it back.
    pub cancelled: bool,
}

/// A pairing: its ratchet, and the chains of both directions from their floors on.
#[derive(Deserialize)]
pub struct PairingRecord {
    /// With whom.
    pub friend: FriendId,
    session: SessionPickle,
    /// The sending direction.
    pub send: SendSide,
    receive: ReceiveSide,
    /// Since when it sends nothing new.
    pub retired: Option<Wall>,
}

/// The sending direction.
#[derive(Deserialize)]
pub struct SendSide {
    /// The lowest epoch still in use.
    pub floor: u32,
    /// The newest.
    pub epoch: u32,
    /// The newest one of which a proof came.
    pub acknowledged: Option<u32>,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
}

#[derive(Deserialize)]
struct ReceiveSide {
    floor: u32,
    highest: u32,
    #[serde(with = "serde_bytes")]
    key: [u8; 32],
}

/// Something that waits to be delivered.
#[derive(Debug, Deserialize)]
pub(crate) struct OutboxRecord {
    pub(crate) friend: FriendId,
    pub(crate) service: PacketService,
    pub(crate) message: MessageId,
    pub(crate) given_up: bool,
    pub(crate) pairing: Option<(u64, IgnoredAny)>,
}

/// A ciphertext that waits for its turn.
#[derive(Debug, Deserialize)]
pub(crate) struct HeldRecord {
    pub(crate) friend: FriendId,
    pub(crate) message: MessageId,
}

/// The beginning of the name of what a record of a proof is of, if it was there.
pub(crate) fn proved(value: &[u8]) -> Option<u64> {
    let (_, id, ..): (IgnoredAny, Option<u64>, IgnoredAny, IgnoredAny, IgnoredAny) =
        ciborium::from_reader(value).ok()?;
    id
}

/// One secret to which requests and answers are sealed.
#[derive(Deserialize)]
pub struct SealingRecord {
    /// Its number.
    pub number: u64,
    /// The secret.
    #[serde(with = "serde_bytes")]
    pub secret: [u8; 32],
}

#[derive(Deserialize)]
struct IdentityRecord(
    #[allow(dead_code, reason = "the version of the record")] u32,
    #[serde(with = "serde_bytes")] [u8; 32],
);

/// Tag and key of one epoch.
pub struct Epoch {
    /// Its number.
    pub number: u32,
    /// The mailbox.
    pub tag: Tag,
    /// What seals the bodies in it.
    pub key: [u8; 32],
}

/// All records of a table that can be read as `T`, with their rows.
pub fn all<T: DeserializeOwned>(store: &MemoryStore, table: Table) -> impl Iterator<Item = (u64, T)> + '_ {
    store.records(table).filter_map(|(row, value, _)| Some((row, ciborium::from_reader(value).ok()?)))
}

/// The record of a host.
pub fn friend(store: &MemoryStore, host: HostId) -> Option<FriendRecord> {
    all::<FriendRecord>(store, Table::Friend).map(|(_, friend)| friend).find(|friend| friend.host == host)
}

/// The host's identity with its secret key.
pub fn identity(store: &MemoryStore) -> Option<Identity> {
    let (_, record) = all::<IdentityRecord>(store, Table::Local).find(|(row, _)| *row == 0)?;
    Some(Identity::from_secret(record.1))
}

/// The generation a host has stored, if it has one.
pub(crate) fn generation(store: &MemoryStore) -> Option<u32> {
    #[derive(Deserialize)]
    struct StartRecord {
        generation: u32,
    }
    all::<StartRecord>(store, Table::Local).find(|(row, _)| *row == 2).map(|(_, start)| start.generation)
}

/// The secrets to which requests to this host are sealed.
pub fn sealing(store: &MemoryStore) -> Vec<SealingRecord> {
    all::<Vec<SealingRecord>>(store, Table::Local).find(|(row, _)| *row == 4).map(|(_, keys)| keys).unwrap_or_default()
}

/// The Olm account: the keys that requests and answers are made with.
pub fn account(store: &MemoryStore) -> Option<Account> {
    let (_, pickle) = all::<AccountPickle>(store, Table::Local).find(|(row, _)| *row == 3)?;
    Some(Account::from_pickle(pickle))
}

/// What waits for a friend, with its sealed envelope.
pub(crate) fn waiting(store: &MemoryStore, friend: FriendId) -> Vec<(OutboxRecord, Envelope)> {
    store
        .records(Table::Outbox)
        .filter_map(|(_, value, body)| {
            Some((ciborium::from_reader::<OutboxRecord, _>(value).ok()?, outbox_body(body)?.0))
        })
        .filter(|(record, _)| record.friend == friend && !record.given_up)
        .collect()
}

/// The sealed envelope of something that waits, and the content in it.
pub(crate) fn outbox_body(body: &[u8]) -> Option<(Envelope, Vec<u8>)> {
    let (envelope, content): (ByteBuf, ByteBuf) = codec::from_bytes(body, 2 * ENVELOPE_MAX).ok()?;
    Some((Envelope::decode(&envelope).ok()?, content.into_vec()))
}

/// The newest pairing with a friend, and its row.
pub fn pairing(store: &MemoryStore, friend: FriendId) -> Option<(u64, PairingRecord)> {
    all::<PairingRecord>(store, Table::Pairing).filter(|(_, pairing)| pairing.friend == friend).last()
}

/// The tags under which a host takes envelopes of a friend, of those pairings that count.
pub(crate) fn wanted(store: &MemoryStore, friend: FriendId, counts: impl Fn(u64) -> bool) -> BTreeSet<Tag> {
    all::<PairingRecord>(store, Table::Pairing)
        .filter(|(row, pairing)| pairing.friend == friend && counts(*row))
        .flat_map(|(_, pairing)| {
            let ReceiveSide { floor, highest, key } = pairing.receive;
            chain(key, floor, highest.saturating_add(EPOCHS_AHEAD))
        })
        .map(|epoch| epoch.tag)
        .collect()
}

/// The keys of all pairings, oldest first: of what is sent and of what is received, and whether it sends no more.
pub fn chains(store: &MemoryStore) -> Vec<([u8; 32], [u8; 32], bool)> {
    let pairings = all::<PairingRecord>(store, Table::Pairing);
    pairings.map(|(_, pairing)| (pairing.send.key, pairing.receive.key, pairing.retired.is_some())).collect()
}

impl PairingRecord {
    /// The ratchet as it was stored.
    pub fn session(self) -> Session {
        Session::from_pickle(self.session)
    }

    /// The epochs under which this side may seal.
    pub fn sending(&self) -> Vec<Epoch> {
        chain(self.send.key, self.send.floor, self.send.epoch)
    }
}

/// The change that puts another ratchet into a stored pairing.
pub(crate) fn replace_session(store: &MemoryStore, row: u64, session: &Session) -> Option<Commit> {
    let (_, value, _) = store.records(Table::Pairing).find(|(at, _, _)| *at == row)?;
    let mut record: Value = ciborium::from_reader(value).ok()?;
    let (_, old) = record.as_map_mut()?.iter_mut().find(|(name, _)| name.as_text() == Some("session"))?;
    *old = Value::serialized(&session.pickle()).ok()?;
    let mut value = Vec::new();
    ciborium::into_writer(&record, &mut value).ok()?;
    let key = RecordKey { table: Table::Pairing, row };
    Some(Commit { seq: CommitSeq(0), writes: vec![Write::Put { key, value, body: None }] })
}

fn chain(mut key: [u8; 32], first: u32, last: u32) -> Vec<Epoch> {
    let mut epochs = Vec::new();
    for number in first..=last {
        let tag = Tag(*derive::<16>(&key, b"", "permesso/epoch-tag/v1", &[]));
        epochs.push(Epoch { number, tag, key: *derive::<32>(&key, b"", "permesso/epoch-key/v1", &[]) });
        key = *derive::<32>(&key, b"", "permesso/epoch-next/v1", &[]);
    }
    epochs
}
