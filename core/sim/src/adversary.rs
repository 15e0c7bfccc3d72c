//! A host that hears everything in the air, has a key of its own, and means no good.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use permesso_engine::api::{Cast, Match, NetAddr};
use permesso_engine::frame::Frame;
use permesso_engine::identity::Identity;
use permesso_engine::ids::{HostId, IdentityKey};
use permesso_engine::packet::{Beacon, Counter, Dummy, Packet, PacketBody, QueryAlias, Role};
use permesso_engine::time::Wall;

use crate::air::Source;
use crate::world::{Item, World};

/// How much it remembers.
const HEARD_MAX: usize = 512;
/// From where it speaks when it does not pretend to be somebody.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 255, 66);

/// Somebody far away (RFC 5737) whom the adversary would like to see flooded.
pub(crate) const INNOCENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);

/// What the adversary has heard.
#[derive(Debug, Default)]
pub(crate) struct Adversary {
    heard: VecDeque<(NetAddr, Vec<u8>)>,
    frames: VecDeque<Vec<u8>>,
    persona: Option<Persona>,
}

impl Adversary {
    pub(crate) fn overhear(&mut self, from: NetAddr, bytes: &[u8]) {
        if self.heard.len() == HEARD_MAX {
            self.heard.pop_front();
        }
        self.heard.push_back((from, bytes.to_vec()));
    }

    /// Frames of links cannot be overheard; but a carrier gets to see most of what is in them.
    pub(crate) fn carry_away(&mut self, frame: &[u8]) {
        if self.frames.len() == HEARD_MAX {
            self.frames.pop_front();
        }
        self.frames.push_back(frame.to_vec());
    }

    /// The HELLO that somebody with this key said, if it was carried lately.
    pub(crate) fn hello_of(&self, key: IdentityKey) -> Option<Vec<u8>> {
        let of = |frame: &&Vec<u8>| match Frame::decode(frame) {
            Ok(Frame::Hello(hello)) => hello.certificate.key == key,
            _ => false,
        };
        self.frames.iter().rev().find(of).cloned()
    }

    pub(crate) fn frame(&self, nth: u64) -> Option<Vec<u8>> {
        self.frames.get(nth as usize % self.frames.len().max(1)).cloned()
    }
}

/// Somebody with a key; the adversary has as many as it likes.
#[derive(Debug)]
pub(crate) struct Persona {
    pub(crate) identity: Identity,
    counter: u32,
}

impl Persona {
    fn new(seed: [u8; 32]) -> Self {
        Self { identity: Identity::from_secret(seed), counter: 0 }
    }

    /// A packet signed by this persona, as whom and of whatever key it likes.
    fn packet(&mut self, sender: HostId, key: IdentityKey, body: PacketBody) -> Vec<u8> {
        self.counter += 1;
        let counter = Counter { generation: u32::MAX, n: self.counter };
        let packet = Packet { sender, receiver: HostId::BROADCAST, counter, timestamp: Wall(0), key, body };
        packet.encode(&self.identity)
    }
}

impl World {
    pub(crate) fn on_adversary(&mut self) {
        if !self.active {
            return;
        }
        let at = self.now + 1 + self.random.around(self.faults.adversary_every);
        self.queue.push(at, Item::Adversary);
        if self.random.chance(0.2) {
            return self.intrude();
        }
        let nth = self.random.below(self.adversary.heard.len() as u64) as usize;
        let Some((source, heard)) = self.adversary.heard.get(nth).cloned() else { return };
        let from = match self.random.below(4) {
            0 | 1 => source,
            2 => SocketAddr::new(IpAddr::V4(ADDRESS), source.port()),
            // An innocent's address elsewhere: nothing may be sent there.
            _ => SocketAddr::new(IpAddr::V4(INNOCENT), source.port()),
        };
        let bytes = self.evil_datagram(heard);
        let target = self.random.below(self.hosts.len() as u64) as usize;
        let everybody = self.random.chance(0.5);
        let cast = if everybody { Cast::Broadcast } else { Cast::Unicast };
        let times = if self.random.chance(0.05) { 50 } else { 1 };
        for to in 0..self.hosts.len() {
            for _ in 0..if everybody || to == target { times } else { 0 } {
                self.carry(to, cast, from, &bytes, Source::Adversary);
            }
        }
    }

    fn evil_datagram(&mut self, mut heard: Vec<u8>) -> Vec<u8> {
        match self.random.below(8) {
            0 | 1 => self.saw("adversary: replay"),
            2 => {
                self.damage(&mut heard);
                self.saw("adversary: changed byte");
            }
            3 => {
                // The service is the third byte: somebody's beacon becomes a LEAVE under an old signature.
                if let Some(service) = heard.get_mut(2) {
                    *service = 2;
                }
                self.saw("adversary: beacon made a LEAVE");
            }
            4 => {
                heard = (0..self.random.below(1_400)).map(|_| self.random.below(256) as u8).collect();
                self.saw("adversary: noise");
            }
            5 => {
                let nth = self.random.below(self.adversary.heard.len() as u64) as usize;
                let cut = self.random.between(3, 120) as usize;
                let other = self.adversary.heard.get(nth).map(|(_, other)| other.clone()).unwrap_or_default();
                heard = heard.iter().take(cut).chain(other.iter().skip(cut)).copied().collect();
                self.saw("adversary: two packets spliced");
            }
            6 => {
                heard = self.forged_leave();
                self.saw("adversary: LEAVE in another's name");
            }
            _ => heard = self.own_packet(),
        }
        heard
    }

    /// A LEAVE in the name of a host, with its key or the forger's own, but always signed by the forger.
    fn forged_leave(&mut self) -> Vec<u8> {
        let victim = self.random.below(self.hosts.len() as u64) as usize;
        let sender = self.id(victim);
        let with_victims_key = self.random.chance(0.5);
        let victims_key = self.hosts.get(victim).and_then(|host| host.key);
        let persona = self.persona();
        let key = victims_key.filter(|_| with_victims_key).unwrap_or_else(|| persona.identity.key());
        persona.packet(sender, key, PacketBody::Leave)
    }

    /// A well-made packet of somebody nobody knows; now and then of somebody new, so that tables fill up.
    fn own_packet(&mut self) -> Vec<u8> {
        let kind = self.random.below(5);
        let nonce = self.random.below(u64::MAX).to_be_bytes();
        let link_port = self.random.below(65_536) as u16;
        let beacon =
            Beacon { interval_s: self.random.below(65_536) as u16, link_port, arrivals: 0, role: Role::Client };
        let body = match kind {
            0 => PacketBody::Join(beacon),
            1 => PacketBody::Online(beacon),
            2 => PacketBody::QueryAlias(QueryAlias { nonce, alias: "a".into(), matching: Match::Partial }),
            3 => PacketBody::Dummy(Dummy { port: link_port, nonce, echo: None }),
            _ => PacketBody::Dummy(Dummy { port: link_port, nonce, echo: Some(nonce) }),
        };
        if self.random.chance(0.3) {
            self.adversary.persona = Some(Persona::new(self.random.seed()));
        }
        self.saw("adversary: packet of a stranger");
        let persona = self.persona();
        persona.packet(persona.identity.host_id(), persona.identity.key(), body)
    }

    pub(crate) fn persona(&mut self) -> &mut Persona {
        let seed = self.random.seed();
        self.adversary.persona.get_or_insert_with(|| Persona::new(seed))
    }
}
