//! A host that is a genuine friend of others and means no good: it runs the real engine, holds its real keys, and says on its
//! real links what it likes (PROTOCOL.md, the malicious host).

use std::collections::{BTreeMap, VecDeque};

use ciborium::Value;
use permesso_engine::api::FriendState;
use permesso_engine::certificate::Certificate;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, Proofs};
use permesso_engine::ids::{AckHash, FriendId, HostId, ProofSecret, Tag};
use permesso_engine::limits::PROOFS_MAX;
use permesso_engine::packet::{PacketBody, Role, Unverified};
use permesso_engine::rows::Table;

use crate::pen::{self, Pen, Poison};
use crate::records::{self, FriendRecord};
use crate::traffic::frame_kind;
use crate::world::{Item, World};

/// How many frames, and how many requests to it, the malicious host remembers.
const SEEN_MAX: usize = 256;
/// Frames of one flood.
const FLOOD: u64 = 40;

/// What malicious hosts have learnt on their links.
#[derive(Debug, Default)]
pub(crate) struct Insider {
    certificates: BTreeMap<HostId, Certificate>,
    seen: VecDeque<Vec<u8>>,
    asks: VecDeque<Envelope>,
    /// A frame that will be said later than it should.
    held_back: Option<Vec<u8>>,
    /// What will be said to a host as soon as a link with it is there.
    prepared: Vec<(usize, Vec<u8>)>,
    /// The ask id last forged for each host.
    asked: BTreeMap<HostId, u64>,
}

impl Insider {
    /// Takes note of a frame, sent or received.
    pub(crate) fn learn(&mut self, own: HostId, bytes: &[u8]) {
        match Frame::decode(bytes) {
            Ok(Frame::Hello(hello)) => {
                self.certificates.insert(hello.certificate.host_id(), hello.certificate);
            }
            Ok(Frame::Forward(envelopes)) => {
                let to_us =
                    |envelope: &Envelope| envelope.class == Class::Ask && envelope.tag.as_bytes() == own.as_bytes();
                self.asks.extend(envelopes.into_iter().filter(to_us));
                self.asks.drain(..self.asks.len().saturating_sub(SEEN_MAX));
            }
            _ => {}
        }
        self.seen.push_back(bytes.to_vec());
        self.seen.drain(..self.seen.len().saturating_sub(SEEN_MAX));
    }
}

impl World {
    /// What a malicious host says on a link instead of what its engine wants said.
    pub(crate) fn tamper(&mut self, host: usize, peer: usize, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        self.insider.learn(self.id(host), &bytes);
        let kind = frame_kind(&bytes);
        let mut frames = match if self.active { self.random.below(24) } else { u64::MAX } {
            0 => {
                self.saw("insider: silence");
                Vec::new()
            }
            1 => {
                self.saw("insider: replay");
                let seen = self.insider.seen.get(self.random.below(self.insider.seen.len() as u64) as usize);
                let old = seen.cloned().unwrap_or_default();
                vec![bytes, old]
            }
            2 => {
                self.saw("insider: reorder");
                let before = self.insider.held_back.replace(bytes);
                before.into_iter().collect()
            }
            3 | 4 => vec![self.change_field(bytes)],
            5..8 => self.tamper_envelopes(host, bytes),
            8 | 9 if kind == "HELLO" => vec![self.false_server(bytes)],
            _ => vec![bytes],
        };
        if kind == "HELLO" && !frames.is_empty() {
            let prepared = std::mem::take(&mut self.insider.prepared);
            let (now, later): (Vec<_>, Vec<_>) = prepared.into_iter().partition(|(to, _)| *to == peer);
            self.insider.prepared = later;
            frames.extend(now.into_iter().map(|(_, frame)| frame));
        }
        frames
    }

    /// One field of a frame becomes another value; the frame stays well made.
    fn change_field(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Ok(mut value) = ciborium::from_reader::<Value, _>(bytes.as_slice()) else { return bytes };
        let mut leaves = Vec::new();
        collect_leaves(&mut value, &mut leaves);
        let place = self.random.below(leaves.len() as u64) as usize;
        let Some(leaf) = leaves.into_iter().nth(place) else { return bytes };
        match leaf {
            Value::Integer(number) => {
                let changed = u64::try_from(*number).map_or(0, |number| number ^ (1 << self.random.below(16)));
                *leaf = Value::from(changed);
            }
            Value::Bytes(bytes) if !bytes.is_empty() => self.damage_in_place(bytes),
            Value::Text(text) => text.push('!'),
            Value::Bool(truth) => *truth = !*truth,
            _ => {}
        }
        self.saw("insider: field changed");
        let mut changed = Vec::new();
        let _ = ciborium::into_writer(&value, &mut changed);
        changed
    }

    fn damage_in_place(&mut self, bytes: &mut [u8]) {
        let place = self.random.below(bytes.len() as u64) as usize;
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1 << self.random.below(8);
        }
    }

    fn tamper_envelopes(&mut self, host: usize, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        let Ok(Frame::Forward(mut envelopes)) = Frame::decode(&bytes) else { return vec![bytes] };
        match self.random.below(4) {
            0 => {
                self.saw("insider: copies raised");
                envelopes.iter_mut().for_each(|envelope| envelope.copies = u16::MAX);
            }
            1 => {
                self.saw("insider: lifetime raised");
                envelopes.iter_mut().for_each(|envelope| envelope.lifetime = u32::MAX);
            }
            2 => {
                self.saw("insider: best raised");
                envelopes.iter_mut().for_each(|envelope| envelope.best = u16::MAX);
            }
            _ => {
                let resealed = envelopes.iter().filter_map(|envelope| self.seal_again(host, envelope)).collect();
                return vec![Frame::Forward(resealed).encode(), bytes];
            }
        }
        vec![Frame::Forward(envelopes).encode()]
    }

    /// Opens a body of its own with the key it knows, changes what it says, and seals it again.
    fn seal_again(&mut self, host: usize, envelope: &Envelope) -> Option<Envelope> {
        let store = &self.hosts.get(host)?.store;
        let pairings = records::all::<records::PairingRecord>(store, Table::Pairing);
        let epochs: Vec<_> = pairings.flat_map(|(_, pairing)| pairing.sending()).collect();
        let epoch = epochs.iter().find(|epoch| epoch.tag == envelope.tag)?;
        let mut body = pen::open_body(envelope, epoch)?;
        let mut pen = Pen::new(self.random.seed());
        match self.random.below(6) {
            0 => body.0 = body.0.wrapping_add(1),
            1 => body.1 = u32::MAX,
            2 => body.2.0 = pen.random(),
            3 => body.3 = ProofSecret(pen.random()),
            4 => body.4 = u64::MAX,
            _ => body.5 ^= 1,
        }
        self.saw("insider: re-sealed under a known key");
        pen.seal(epoch, &body, pen::ack_hash(&body.3))
    }

    fn false_server(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Ok(Frame::Hello(mut hello)) = Frame::decode(&bytes) else { return bytes };
        self.saw("insider: false server");
        (hello.role, hello.meetings, hello.free_memory, hello.arrivals) = (Role::Server, u16::MAX, u64::MAX, u32::MAX);
        Frame::Hello(hello).encode()
    }

    /// A beacon of its own that promises a server, for ever or for no time; or room for everything.
    pub(crate) fn tamper_datagram(&mut self, host: usize, bytes: &[u8]) -> Vec<u8> {
        let honest = bytes.to_vec();
        if !self.active || !self.random.chance(0.3) {
            return honest;
        }
        let Some(identity) = self.hosts.get(host).and_then(|state| records::identity(&state.store)) else {
            return honest;
        };
        let Ok(mut packet) = Unverified::parse(bytes).and_then(Unverified::verify) else { return honest };
        match &mut packet.body {
            PacketBody::Join(beacon) | PacketBody::Online(beacon) => {
                (beacon.role, beacon.arrivals) = (Role::Server, self.random.below(u32::MAX.into()) as u32);
                beacon.interval_s = if self.random.chance(0.5) { 0 } else { u16::MAX };
                self.saw("insider: beacon of a server");
            }
            PacketBody::FreeMemoryResponse { bytes, envelopes, .. } => {
                (*bytes, *envelopes) = (u64::MAX, u32::MAX);
                self.saw("insider: boasts of free memory");
            }
            _ => return honest,
        }
        packet.encode(&identity)
    }

    pub(crate) fn on_insider(&mut self, host: usize) {
        if !self.active {
            return;
        }
        let at = self.now + 1 + self.random.around(self.faults.insider_every);
        self.queue.push(at, Item::Insider { host });
        if self.running(host).is_none() {
            return;
        }
        if self.random.chance(0.25) {
            return self.prepare_poison(host);
        }
        let links: Vec<_> = self.open_links(host).into_iter().filter(|(_, _, peer)| self.is_in_use(*peer)).collect();
        let Some((link, side, peer)) = self.random.pick(&links).copied() else { return };
        let frames = match self.random.below(5) {
            0 => self.ask_again(host, peer, 0),
            1 => self.ask_again(host, peer, 1),
            2 => self.pass_requests_on(host, peer),
            3 => self.foreign_proofs(),
            _ => self.flood(),
        };
        for frame in frames {
            self.say(link, side, frame);
        }
    }

    /// A request or reset under a new id, then another under the same, then one under a lower.
    pub(crate) fn ask_again(&mut self, host: usize, peer: usize, kind: u8) -> Vec<Vec<u8>> {
        let (own_id, peer_id) = (self.id(host), self.id(peer));
        let known = |world: &Self, id| world.insider.certificates.get(&id).cloned();
        let (Some(own), Some(to)) = (known(self, own_id), known(self, peer_id)) else { return Vec::new() };
        let Some(state) = self.hosts.get(host) else { return Vec::new() };
        let Some(identity) = records::identity(&state.store) else { return Vec::new() };
        let newest = u64::from(state.life) << 32 | 1 << 30;
        let before = self.insider.asked.get(&peer_id).copied();
        let id = match before {
            Some(before) if self.random.chance(0.4) => {
                self.saw("insider: ask id used again");
                before
            }
            Some(before) if self.random.chance(0.5) => {
                self.saw("insider: lower ask id");
                self.random.below(before)
            }
            _ => newest + self.random.below(1 << 20),
        };
        self.saw(if kind == 0 { "insider: asks again" } else { "insider: reset" });
        self.insider.asked.insert(peer_id, id);
        self.oracle.user_asked(host, peer);
        let token = (kind == 0).then(|| self.picture_of_code(host, peer));
        let mut pen = Pen::new(self.random.seed());
        let envelope = match token {
            Some(token) => pen.ask_with(&identity, &own, &to, id, &token),
            None => pen.ask(&identity, &own, &to, kind, id),
        };
        envelope.into_iter().map(|envelope| Frame::Forward(vec![envelope]).encode()).collect()
    }

    /// The token of the code that a host shows now, if it is on, or one of no code.
    fn picture_of_code(&mut self, host: usize, peer: usize) -> Vec<u8> {
        let made_up = self.random.seed().into_iter().take(10).collect();
        let code = self.code_of(peer).and_then(|code| code.token);
        match code.filter(|_| self.random.chance(0.5)) {
            Some(token) => {
                self.saw("insider: code photographed");
                self.oracle.user_scanned(host, peer);
                token
            }
            None => {
                self.saw("insider: made-up token");
                made_up
            }
        }
    }

    /// Requests made to it, sealed anew to somebody else.
    fn pass_requests_on(&mut self, host: usize, peer: usize) -> Vec<Vec<u8>> {
        let (own, third) = (self.id(host), self.id(peer));
        let (Some(state), Some(to)) = (self.hosts.get(host), self.insider.certificates.get(&third)) else {
            return Vec::new();
        };
        let keys = records::sealing(&state.store);
        let mut pen = Pen::new(self.random.seed());
        let passed = self.insider.asks.iter().filter_map(|ask| pen.pass_on(ask, own, &keys, to));
        let envelopes: Vec<Envelope> = passed.take(4).collect();
        if envelopes.is_empty() {
            return Vec::new();
        }
        self.saw("insider: request re-sealed to a third");
        vec![Frame::Forward(envelopes).encode()]
    }

    /// Secrets of others that it saw, ack hashes in their place, and some of no meaning.
    fn foreign_proofs(&mut self) -> Vec<Vec<u8>> {
        let mut secrets = Vec::new();
        for nth in 0..SEEN_MAX as u64 {
            match self.adversary.frame(nth).map(|frame| Frame::decode(&frame)) {
                Some(Ok(Frame::Proofs(proofs))) => secrets.extend(proofs.secrets),
                Some(Ok(Frame::Forward(envelopes))) => {
                    let hash = |AckHash(hash)| ProofSecret(hash);
                    secrets.extend(envelopes.iter().map(|envelope| hash(envelope.ack_hash)));
                }
                _ => {}
            }
        }
        secrets.truncate(PROOFS_MAX);
        self.saw("insider: foreign proofs");
        vec![Frame::Proofs(Proofs { first: 7, secrets }).encode()]
    }

    fn flood(&mut self) -> Vec<Vec<u8>> {
        self.saw("insider: flood");
        let mut pen = Pen::new(self.random.seed());
        let mut noise = |_| {
            let mut envelope = pen::envelope(Class::Message, Tag(pen.random()), AckHash(pen.random()));
            envelope.body = pen.random::<128>().to_vec();
            envelope
        };
        (0..FLOOD).map(|_| Frame::Forward((0..4).map(&mut noise).collect()).encode()).collect()
    }

    /// Encrypts what no honest host would write under its next keys, and goes on behind them with a changed database.
    fn prepare_poison(&mut self, host: usize) {
        let Some(state) = self.hosts.get(host) else { return };
        let friends: Vec<FriendRecord> = records::all(&state.store, Table::Friend)
            .map(|(_, friend)| friend)
            .filter(|friend: &FriendRecord| friend.state == FriendState::Friend)
            .collect();
        let Some(friend) = self.random.pick(&friends) else { return };
        let Some(peer) = self.ids.get(&friend.host).copied() else { return };
        let poisons: Vec<Poison> =
            (0..self.random.between(1, 3)).filter_map(|_| self.random.pick(&Poison::ALL).copied()).collect();
        self.poison(host, peer, friend.id, &poisons);
    }

    /// Prepares these for a friend and starts again behind them.
    pub(crate) fn poison(&mut self, host: usize, peer: usize, friend: FriendId, poisons: &[Poison]) {
        if let Some(frames) = self.encrypt(host, friend, poisons) {
            self.insider.prepared.extend(frames.into_iter().map(|frame| (peer, frame)));
            self.insider.prepared.drain(..self.insider.prepared.len().saturating_sub(SEEN_MAX));
            self.stop(host);
            self.queue.push(self.now + 20, Item::PowerOn { host });
        }
    }

    fn encrypt(&mut self, host: usize, friend: FriendId, poisons: &[Poison]) -> Option<Vec<Vec<u8>>> {
        let own = self.id(host);
        let (row, pairing) = records::pairing(&self.hosts.get(host)?.store, friend)?;
        let epoch = pairing.sending().pop()?;
        let floor = pairing.send.floor;
        let mut session = pairing.session();
        let mut pen = Pen::new(self.random.seed());
        let mut frames = Vec::new();
        for poison in poisons {
            let (content, id) = poison.write(own, &mut pen);
            let envelope = pen.message(&mut session, &epoch, floor, &content, id)?;
            frames.push(Frame::Forward(vec![envelope]).encode());
            self.saw(poison.name());
        }
        let state = self.hosts.get_mut(host)?;
        let commit = records::replace_session(&state.store, row, &session)?;
        state.store.apply(commit);
        Some(frames)
    }
}

fn collect_leaves<'a>(value: &'a mut Value, leaves: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| collect_leaves(item, leaves)),
        leaf => leaves.push(leaf),
    }
}
