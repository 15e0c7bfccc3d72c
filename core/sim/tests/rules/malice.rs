//! What the holder of a host's keys can say, and anybody who passes by.

use permesso_engine::api::PacketService;
use permesso_engine::certificate::Certificate;
use permesso_engine::codec;
use permesso_engine::crypto;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Hello, Proofs};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{HostId, LinkId, MessageId, OlmKey, ProofSecret, SealingKey};
use permesso_engine::packet::{Counter, Role};
use permesso_engine::rows::{StoredState, Table};
use permesso_sim::pen::{self, Pen, SealedBody};
use permesso_sim::records::{self, Epoch, FriendRecord, PairingRecord};
use serde_bytes::ByteBuf;
use vodozemac::olm::Session;

use crate::pair::Pair;

pub const ADA: usize = 0;
pub const GRACE: usize = 1;

/// Somebody nobody knows.
pub fn stranger(number: u8) -> (Identity, Certificate) {
    let identity = Identity::from_secret([number; 32]);
    let certificate = Certificate::issue(&identity, SealingKey([1; 32]), 1, OlmKey([2; 32]), 0);
    (identity, certificate)
}

pub fn pen(seed: u8) -> Pen {
    Pen::new([seed; 32])
}

impl Pair {
    pub fn identity(&self, host: usize) -> Identity {
        Identity::from_secret(*self.hosts[host].engine.link_secret())
    }

    /// What a host has last said of itself on a link.
    pub fn certificate(&self, host: usize) -> Certificate {
        let hello = |(_, frame): &(u64, Frame)| match frame {
            Frame::Hello(hello) => Some(hello.certificate.clone()),
            _ => None,
        };
        self.said[host].iter().rev().find_map(hello).unwrap()
    }

    /// A host's record of the other.
    pub fn record(&self, host: usize) -> Option<FriendRecord> {
        records::friend(&self.hosts[host].store, self.id(1 - host))
    }

    /// A host's pairings with the other, oldest first.
    pub fn pairings(&self, host: usize) -> Vec<PairingRecord> {
        records::all(&self.hosts[host].store, Table::Pairing).map(|(_, pairing)| pairing).collect()
    }

    pub fn rows(&self, host: usize, table: Table) -> usize {
        self.hosts[host].store.snapshot().records.iter().filter(|(key, _)| key.table == table).count()
    }

    pub fn count(&self, host: usize, name: &str) -> u64 {
        self.hosts[host].engine.counters().get(name).copied().unwrap_or(0)
    }

    /// How many of these a host has made.
    pub fn made(&self, host: usize, service: PacketService) -> usize {
        let packets = self.hosts[host].engine.packets();
        packets.iter().filter(|packet| packet.outgoing && packet.service == service).count()
    }

    /// The newest pairing of both is the same, and opens what each writes.
    pub fn share_one_key(&mut self) {
        let [(ada, to_ada, _), (grace, to_grace, _)] =
            [ADA, GRACE].map(|host| records::chains(&self.hosts[host].store).pop().unwrap());
        assert_eq!((ada, to_ada), (to_grace, grace));
        for host in [ADA, GRACE] {
            let message = self.write(host, "under one key");
            assert_eq!(self.fate(host, message), StoredState::Delivered);
        }
    }

    /// Envelopes a host has handed over so far, and when.
    pub fn sent(&self, host: usize, class: Class) -> Vec<(u64, Envelope)> {
        let envelopes = |(at, frame): &(u64, Frame)| match frame {
            Frame::Forward(envelopes) => envelopes.iter().map(|envelope| (*at, envelope.clone())).collect(),
            _ => Vec::new(),
        };
        let sent = self.said[host].iter().flat_map(envelopes);
        sent.filter(|(_, envelope)| envelope.class == class).collect()
    }

    /// A stranger passes by a host: the two know each other's certificates.
    pub fn meet(&mut self, to: usize, number: u8) {
        let link = self.greet(to, number);
        self.hang_up(to, link);
    }

    fn greet(&mut self, to: usize, number: u8) -> LinkId {
        self.greet_as(to, number, Role::Client, 0)
    }

    /// Somebody comes to a host, and says to be this and to have met so many.
    pub fn greet_as(&mut self, to: usize, number: u8, role: Role, meetings: u16) -> LinkId {
        self.greet_with(to, number, |hello| (hello.role, hello.meetings) = (role, meetings))
    }

    /// Somebody comes to a host, and says something else than most do.
    pub fn greet_with(&mut self, to: usize, number: u8, change: impl FnOnce(&mut Hello)) -> LinkId {
        let (identity, certificate) = stranger(number);
        let link = self.dial_in_as(to, identity.key(), ([10, 0, 0, number], 20_070).into()).unwrap();
        let mut hello = Hello {
            version: 1,
            certificate,
            counter: Counter { generation: 1, n: 1 },
            meetings: 0,
            free_memory: u64::MAX,
            role: Role::Client,
            arrivals: 0,
            alias: "Mallory".into(),
            remembers: 0,
        };
        change(&mut hello);
        self.say(to, link, &Frame::Hello(hello));
        link
    }

    /// A frame that somebody who passes by says to a host; the secrets with which it is answered.
    pub fn pass_by(&mut self, to: usize, frame: &Frame) -> Vec<ProofSecret> {
        let link = self.greet(to, 250);
        // Whoever comes is told the proofs that are on their way.
        let before = self.said[to].len();
        self.say(to, link, frame);
        self.hang_up(to, link);
        let secrets = |(_, frame): &(u64, Frame)| match frame {
            Frame::Proofs(proofs) => proofs.secrets.clone(),
            _ => Vec::new(),
        };
        let mut secrets: Vec<_> = self.said[to][before..].iter().flat_map(secrets).collect();
        // The other is told them too, if there is a link.
        secrets.dedup();
        secrets
    }

    /// An envelope that somebody who passes by carries to a host; the secrets with which it is answered.
    pub fn carry(&mut self, to: usize, envelope: &Envelope) -> Vec<ProofSecret> {
        self.pass_by(to, &Frame::Forward(vec![envelope.clone()]))
    }

    pub fn prove(&mut self, to: usize, secret: ProofSecret) {
        self.pass_by(to, &Frame::Proofs(Proofs { first: 0, secrets: vec![secret] }));
    }

    /// What is in a body that a host has sealed under its newest pairing.
    pub fn open_own(&self, host: usize, envelope: &Envelope) -> SealedBody {
        let epochs = self.pairings(host).pop().unwrap().sending();
        let epoch = epochs.iter().find(|epoch| epoch.tag == envelope.tag).unwrap();
        pen::open_body(envelope, epoch).unwrap()
    }
}

/// A friend who means no good: the ratchet and the keys of its newest pairing, which its engine uses no more from here on.
pub struct Forger {
    own: HostId,
    session: Session,
    pub epoch: Epoch,
    pub pen: Pen,
}

impl Forger {
    pub fn of(pair: &Pair, host: usize) -> Self {
        let pairing = pair.pairings(host).pop().unwrap();
        let epoch = pairing.sending().pop().unwrap();
        Self { own: pair.id(host), session: pairing.session(), epoch, pen: pen(host as u8 + 1) }
    }

    /// A text, encrypted as the next of its chain, in a body that is yet to be sealed.
    pub fn body(&mut self, text: &str) -> SealedBody {
        let (salt, parents) = (MessageId(self.pen.random()), Vec::<MessageId>::new());
        let content = codec::to_bytes(&(1u8, 1u64, 1u64, parents, salt, text));
        let id = MessageId(crypto::hash16("permesso/message/v1", &[self.own.as_bytes(), &content]));
        let (kind, olm) = self.session.encrypt(&content).unwrap().to_parts();
        let secret = ProofSecret(self.pen.random());
        (self.epoch.number, 0, id, secret, 0, kind as u8, ByteBuf::from(olm))
    }

    pub fn seal(&mut self, body: &SealedBody) -> Envelope {
        self.pen.seal(&self.epoch, body, pen::ack_hash(&body.3)).unwrap()
    }

    pub fn text(&mut self, text: &str) -> Envelope {
        let body = self.body(text);
        self.seal(&body)
    }

    /// A well-made body with a ciphertext that no ratchet opens.
    pub fn undecryptable(&mut self) -> Envelope {
        let mut body = self.body("never to be read");
        *body.6.last_mut().unwrap() ^= 1;
        self.seal(&body)
    }
}
