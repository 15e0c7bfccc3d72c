//! A host that hears everything in the air, has a key of its own, and means no good.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use permesso_engine::api::{Cast, NetAddr};

use crate::air::Source;
use crate::world::{Item, World};

/// How much it remembers.
const HEARD_MAX: usize = 512;
/// From where it speaks when it does not pretend to be somebody.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 255, 66);

/// What the adversary has heard.
#[derive(Debug, Default)]
pub(crate) struct Adversary {
    heard: VecDeque<(NetAddr, Vec<u8>)>,
}

impl Adversary {
    pub(crate) fn overhear(&mut self, from: NetAddr, bytes: &[u8]) {
        if self.heard.len() == HEARD_MAX {
            self.heard.pop_front();
        }
        self.heard.push_back((from, bytes.to_vec()));
    }
}

impl World {
    pub(crate) fn on_adversary(&mut self) {
        if !self.active {
            return;
        }
        let at = self.now + 1 + self.random.around(self.faults.adversary_every);
        self.queue.push(at, Item::Adversary);
        let nth = self.random.below(self.adversary.heard.len() as u64) as usize;
        let Some((source, mut bytes)) = self.adversary.heard.get(nth).cloned() else { return };
        let own = SocketAddr::new(IpAddr::V4(ADDRESS), source.port());
        let from = if self.random.chance(0.5) { source } else { own };
        match self.random.below(6) {
            0 | 1 => self.saw("adversary: replay"),
            2 => {
                self.damage(&mut bytes);
                self.saw("adversary: changed byte");
            }
            3 => {
                // The service is the third byte: somebody's beacon becomes a LEAVE under an old signature.
                if let Some(service) = bytes.get_mut(2) {
                    *service = 1;
                }
                self.saw("adversary: beacon made a LEAVE");
            }
            4 => {
                bytes = (0..self.random.below(1_400)).map(|_| self.random.below(256) as u8).collect();
                self.saw("adversary: noise");
            }
            _ => {
                let forged = self.forge(&bytes);
                bytes = forged;
                self.saw("adversary: forged packet");
            }
        }
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
}

impl World {
    /// The beginning of one packet with the end of another: somebody's name under somebody else's key.
    fn forge(&mut self, bytes: &[u8]) -> Vec<u8> {
        let nth = self.random.below(self.adversary.heard.len() as u64) as usize;
        let Some((_, other)) = self.adversary.heard.get(nth) else { return Vec::new() };
        let cut = self.random.between(3, 120) as usize;
        bytes.iter().take(cut).chain(other.iter().skip(cut)).copied().collect()
    }
}
