//! One pairing with a friend: an Olm session and the tag chains of both directions, under one K_pair.
//!
//! The ratchet keeps 40 skipped keys a chain and jumps 2,000 indexes at most, so ciphertexts that come too early are held back
//! (rule R1) and a chain is opened from its lowest index on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use vodozemac::olm::{OlmMessage, Session, SessionPickle};

use crate::content::SealedBody;
use crate::crypto::{self, Rng};
use crate::envelope::{Class, Envelope};
use crate::epochs::{ReceiveEpochs, ReceiveRecord, SendEpochs, SendRecord, TagChange};
use crate::ids::{AckHash, FriendId, HostId, MessageId, OlmKey, ProofSecret, Tag};
use crate::record;
use crate::rows::{RecordKey, Table, Write};
use crate::time::Wall;

/// Skipped message keys vodozemac keeps per chain; at most so many may be missing below what is opened.
pub(crate) const MISSING_MAX: usize = 40;
/// A needed jump over so many indexes is a reset; vodozemac refuses 2,000.
const JUMP_MAX: u64 = 1_900;
/// Receiving chains vodozemac keeps.
const CHAINS: usize = 5;
/// A ciphertext is encrypted again when so many newer own sending chains exist.
const NEWER_CHAINS: usize = 3;

/// Where in the ratchet a ciphertext stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ChainPlace {
    pub(crate) chain: OlmKey,
    pub(crate) index: u64,
}

/// A chain of the friend's, as far as it has been opened.
#[derive(Serialize, Deserialize)]
struct TheirChain {
    key: OlmKey,
    next: u64,
    alive_from: u64,
    missing: BTreeSet<u64>,
}

#[derive(Serialize, Deserialize)]
struct PairingRecord {
    friend: FriendId,
    session: SessionPickle,
    send: SendRecord,
    receive: ReceiveRecord,
    own_chains: Vec<OlmKey>,
    their_chains: Vec<TheirChain>,
    retired: Option<Wall>,
}

/// A body opened with its epoch's key, not yet with the ratchet.
pub(crate) struct Opened {
    pub(crate) body: SealedBody,
    pub(crate) olm: OlmMessage,
    pub(crate) place: ChainPlace,
    pub(crate) tags: TagChange,
}

/// What to do with an opened body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Its turn has come.
    Decrypt,
    /// Keep it: so many below it are missing.
    Hold,
    /// The gap is too wide for the ratchet.
    TooFar,
}

/// A sealing just made.
pub(crate) struct Sealing {
    pub(crate) envelope: Envelope,
    pub(crate) epoch: u32,
}

/// One pairing.
pub(crate) struct Pairing {
    pub(crate) row: u64,
    pub(crate) friend: FriendId,
    session: Session,
    send: SendEpochs,
    receive: ReceiveEpochs,
    own_chains: Vec<OlmKey>,
    their_chains: Vec<TheirChain>,
    /// Since when it sends nothing new.
    pub(crate) retired: Option<Wall>,
}

impl Pairing {
    pub(crate) fn new(
        row: u64,
        friend: FriendId,
        session: Session,
        pair_key: &[u8; 32],
        own: HostId,
        theirs: HostId,
        now: Wall,
    ) -> Self {
        Self {
            row,
            friend,
            session,
            send: SendEpochs::new(pair_key, own, theirs, now),
            receive: ReceiveEpochs::new(pair_key, theirs, own),
            own_chains: Vec::new(),
            their_chains: Vec::new(),
            retired: None,
        }
    }

    pub(crate) fn restore(row: u64, value: &[u8]) -> Option<Self> {
        let record: PairingRecord = record::decode(value)?;
        Some(Self {
            row,
            friend: record.friend,
            session: Session::from_pickle(record.session),
            send: SendEpochs::restore(&record.send)?,
            receive: ReceiveEpochs::restore(&record.receive)?,
            own_chains: record.own_chains,
            their_chains: record.their_chains,
            retired: record.retired,
        })
    }

    pub(crate) fn key(&self) -> RecordKey {
        RecordKey { table: Table::Pairing, row: self.row }
    }

    pub(crate) fn write(&self) -> Write {
        let value = record::encode(&PairingRecord {
            friend: self.friend,
            session: self.session.pickle(),
            send: self.send.record(),
            receive: self.receive.record(),
            own_chains: self.own_chains.clone(),
            their_chains: self
                .their_chains
                .iter()
                .map(|chain| TheirChain {
                    key: chain.key,
                    next: chain.next,
                    alive_from: chain.alive_from,
                    missing: chain.missing.clone(),
                })
                .collect(),
            retired: self.retired,
        });
        Write::Put { key: self.key(), value, body: None }
    }

    /// Encrypts a content with the ratchet. `None` if the peer's ratchet key is worthless.
    pub(crate) fn encrypt(&mut self, content: &[u8]) -> Option<(OlmMessage, ChainPlace)> {
        let olm = self.session.encrypt(content).ok()?;
        let place = note_encryption(&olm);
        if self.own_chains.last() != Some(&place.chain) {
            self.own_chains.push(place.chain);
            if self.own_chains.len() > NEWER_CHAINS + 1 {
                self.own_chains.remove(0);
            }
        }
        Some((olm, place))
    }

    /// Whether a ciphertext of this own chain must be encrypted again before it is sealed again (R2).
    pub(crate) fn is_old_chain(&self, chain: OlmKey) -> bool {
        !self.own_chains.iter().rev().take(NEWER_CHAINS).any(|known| *known == chain)
    }

    /// Seals an Olm message. `first` if its message is not yet in the outbox; `None` if it is too long for an envelope.
    pub(crate) fn seal(
        &mut self,
        olm: &OlmMessage,
        message: MessageId,
        lowest: u64,
        first: bool,
        now: Wall,
        rng: &mut Rng,
    ) -> Option<Sealing> {
        let (epoch, keys) = self.send.next_sealing(now);
        let (tag, key) = (keys.tag(), *keys.key());
        if first {
            self.send.add_first_sealing(epoch);
        }
        let secret = ProofSecret(crypto::random(rng));
        let (kind, bytes) = olm.to_parts();
        let body = SealedBody(
            epoch,
            self.send.floor(),
            message,
            secret,
            lowest,
            u8::try_from(kind).ok()?,
            ByteBuf::from(bytes),
        );
        let mut envelope = draft(Class::Message, tag, ack_hash(&secret));
        envelope.body = crypto::seal(&key, &envelope.aad(), &crypto::pad(&body.encode())?, rng);
        Some(Sealing { envelope, epoch })
    }

    /// Seals the same Olm message afresh, from an envelope of this pairing sealed before.
    pub(crate) fn reseal(
        &mut self,
        old: &Envelope,
        epoch: u32,
        lowest: u64,
        now: Wall,
        rng: &mut Rng,
    ) -> Option<Sealing> {
        let key = *self.send.keys(epoch)?.key();
        let body = open_body(old, &key)?;
        let olm = OlmMessage::from_parts(body.5.into(), &body.6).ok()?;
        self.seal(&olm, body.2, lowest, false, now, rng)
    }

    pub(crate) fn acknowledge(&mut self, epoch: u32) {
        self.send.acknowledge(epoch);
    }

    pub(crate) fn add_first_sealing(&mut self, epoch: u32) {
        self.send.add_first_sealing(epoch);
    }

    pub(crate) fn remove_first_sealing(&mut self, epoch: u32) {
        self.send.remove_first_sealing(epoch);
    }

    pub(crate) fn live_tags(&self) -> impl Iterator<Item = (Tag, u32)> + '_ {
        self.receive.tags()
    }

    /// Opens an envelope whose tag is this pairing's in `epoch`. `None`: noise, nothing has changed.
    pub(crate) fn open(&mut self, envelope: &Envelope, epoch: u32) -> Option<Opened> {
        let key = *self.receive.keys(epoch)?.key();
        let body = open_body(envelope, &key)?;
        if body.0 != epoch || ack_hash(&body.3) != envelope.ack_hash {
            return None;
        }
        let olm = OlmMessage::from_parts(body.5.into(), &body.6).ok()?;
        let tags = self.receive.on_opened(epoch, body.1)?;
        let place = place_of(&olm);
        Some(Opened { body, olm, place, tags })
    }

    /// Whether the turn of a ciphertext has come. `lowest` is what its sealing names as alive.
    pub(crate) fn decide(&mut self, place: ChainPlace, lowest: u64) -> Decision {
        let chain = match self.their_chains.iter_mut().find(|chain| chain.key == place.chain) {
            Some(chain) => chain,
            None => return decide_new(place, lowest),
        };
        chain.give_up_below(lowest);
        if place.index < chain.next {
            return Decision::Decrypt;
        }
        if place.index - chain.next > JUMP_MAX {
            return Decision::TooFar;
        }
        let gap = place.index - chain.next.max(chain.alive_from).min(place.index);
        if chain.missing.len() as u64 + gap <= MISSING_MAX as u64 { Decision::Decrypt } else { Decision::Hold }
    }

    /// Waiting any longer for what lies below `index` is over; returns how many were missing there.
    pub(crate) fn give_up(&mut self, place: ChainPlace) -> u64 {
        match self.their_chains.iter_mut().find(|chain| chain.key == place.chain) {
            Some(chain) => {
                let lost = chain.missing.range(..place.index).count() as u64
                    + place.index.saturating_sub(chain.next.max(chain.alive_from));
                chain.give_up_below(place.index);
                lost
            }
            None => {
                self.add_chain(TheirChain {
                    key: place.chain,
                    next: 0,
                    alive_from: place.index,
                    missing: BTreeSet::new(),
                });
                place.index
            }
        }
    }

    /// Decrypts a ciphertext whose turn has come. `None` if it does not open; the ratchet is then as before.
    pub(crate) fn decrypt(&mut self, olm: &OlmMessage, lowest: u64) -> Option<Vec<u8>> {
        let place = place_of(olm);
        let plaintext = self.session.decrypt(olm).ok()?;
        if !self.their_chains.iter().any(|chain| chain.key == place.chain) {
            self.add_chain(TheirChain { key: place.chain, next: 0, alive_from: lowest, missing: BTreeSet::new() });
        }
        if let Some(chain) = self.their_chains.iter_mut().find(|chain| chain.key == place.chain) {
            chain.on_decrypted(place.index);
        }
        Some(plaintext)
    }

    fn add_chain(&mut self, chain: TheirChain) {
        self.their_chains.push(chain);
        if self.their_chains.len() > CHAINS {
            self.their_chains.remove(0);
        }
    }
}

impl TheirChain {
    fn give_up_below(&mut self, lowest: u64) {
        if lowest > self.alive_from {
            self.alive_from = lowest;
            self.missing = self.missing.split_off(&lowest);
        }
    }

    fn on_decrypted(&mut self, index: u64) {
        if index < self.next {
            self.missing.remove(&index);
            return;
        }
        self.missing.extend(self.next.max(self.alive_from)..index);
        self.next = index + 1;
        while self.missing.len() > MISSING_MAX {
            self.missing.pop_first();
        }
    }
}

fn decide_new(place: ChainPlace, lowest: u64) -> Decision {
    if place.index > JUMP_MAX {
        Decision::TooFar
    } else if place.index.saturating_sub(lowest) <= MISSING_MAX as u64 {
        Decision::Decrypt
    } else {
        Decision::Hold
    }
}

fn open_body(envelope: &Envelope, key: &[u8; 32]) -> Option<SealedBody> {
    let padded = crypto::open(key, &envelope.aad(), &envelope.body)?;
    SealedBody::decode(crypto::unpad(&padded)?)
}

/// The ack hash of a proof's secret: `SHA-256(secret)[0..16]`.
pub fn ack_hash(secret: &ProofSecret) -> AckHash {
    let digest = Sha256::digest(secret.as_bytes());
    let mut hash = [0; AckHash::LENGTH];
    hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    AckHash(hash)
}

/// An envelope without a body; lifetime, copies and stamp are its sender's to set.
pub(crate) fn draft(class: Class, tag: Tag, ack_hash: AckHash) -> Envelope {
    Envelope { class, tag, ack_hash, body: Vec::new(), lifetime: 0, copies: 0, best: 0, stamp: 0 }
}

/// Logs which key of the ratchet made which ciphertext, for checks that none makes two; returns its place.
pub(crate) fn note_encryption(olm: &OlmMessage) -> ChainPlace {
    let place = place_of(olm);
    if tracing::enabled!(target: "permesso_engine::ratchet", tracing::Level::TRACE) {
        let ciphertext = MessageId(crypto::hash16("permesso/ciphertext/v1", &[&olm.to_parts().1]));
        let ChainPlace { chain, index } = place;
        tracing::trace!(target: "permesso_engine::ratchet", %chain, index, %ciphertext, "encrypted");
    }
    place
}

/// Where in the ratchet an Olm message stands.
pub(crate) fn place_of(olm: &OlmMessage) -> ChainPlace {
    let message = match olm {
        OlmMessage::Normal(message) => message,
        OlmMessage::PreKey(message) => message.message(),
    };
    ChainPlace { chain: OlmKey(message.ratchet_key().to_bytes()), index: message.chain_index() }
}

#[cfg(test)]
#[path = "pairing_tests.rs"]
mod tests;
