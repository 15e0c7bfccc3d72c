//! The adversary on links: it proves a key of its own and says what it likes.

use std::net::{IpAddr, SocketAddr};

use permesso_engine::certificate::Certificate;
use permesso_engine::frame::{Control, Frame, Hello, LINK_VERSION, Proofs, Want};
use permesso_engine::ids::{OlmKey, ProofSecret, SealingKey};
use permesso_engine::limits::{PROOFS_MAX, WANT_MAX};
use permesso_engine::packet::{Counter, Role};

use crate::ablation::Ablation;
use crate::adversary::ADDRESS;
use crate::world::World;

impl World {
    pub(crate) fn intrude(&mut self) {
        self.saw("adversary: link");
        let target = self.random.below(self.hosts.len() as u64) as usize;
        let from = SocketAddr::new(IpAddr::V4(ADDRESS), self.random.between(1_024, 65_535) as u16);
        let mut frames = Vec::new();
        // Without a HELLO first, or with that of somebody else, nothing else may count.
        if self.random.chance(0.8) {
            frames.push(self.evil_hello());
        }
        for _ in 0..self.random.below(12) {
            let frame = self.evil_frame();
            frames.push(frame);
        }
        let key = self.persona().identity.key();
        if self.is_ablated(target, Ablation::UnprovedKeys) {
            return self.impersonate(target, from);
        }
        self.make_evil_link(target, key, from, frames);
    }

    /// Comes under the key of somebody else, says what that one has said, and leaves in its name.
    fn impersonate(&mut self, target: usize, from: SocketAddr) {
        let others = (0..self.hosts.len()).filter(|host| *host != target);
        let keys = others.filter_map(|host| self.hosts.get(host)?.key);
        let victim = keys.filter_map(|key| Some((key, self.adversary.hello_of(key)?))).next();
        if let Some((key, hello)) = victim {
            self.make_evil_link(target, key, from, vec![hello, Frame::Control(Control::Leaving).encode()]);
        }
    }

    fn evil_hello(&mut self) -> Vec<u8> {
        let (sealing_key, olm_key) = (SealingKey(self.random.seed()), OlmKey(self.random.seed()));
        let certificate = Certificate::issue(&self.persona().identity, sealing_key, u64::MAX, olm_key, 0);
        let hello = Hello {
            version: LINK_VERSION,
            certificate,
            counter: Counter { generation: u32::MAX, n: u32::MAX },
            meetings: u16::MAX,
            free_memory: u64::MAX,
            role: Role::Client,
            arrivals: 0,
            alias: "Grace".into(),
            remembers: u64::MAX,
        };
        Frame::Hello(hello).encode()
    }

    fn evil_frame(&mut self) -> Vec<u8> {
        let nth = self.random.below(1 << 20);
        let kind = self.random.below(8);
        let Some(mut frame) = self.adversary.frame(nth).filter(|_| kind < 4) else {
            return self.made_up_frame(kind);
        };
        if kind == 0 {
            self.damage(&mut frame);
            self.saw("adversary: changed frame");
        } else {
            self.saw("adversary: frame replayed");
        }
        frame
    }

    fn made_up_frame(&mut self, kind: u64) -> Vec<u8> {
        match kind {
            4 => {
                self.saw("adversary: made-up proofs");
                let secret = |world: &mut Self| {
                    let [first, second] = [world.random.below(u64::MAX), world.random.below(u64::MAX)];
                    ProofSecret((u128::from(first) << 64 | u128::from(second)).to_be_bytes())
                };
                let secrets = (0..PROOFS_MAX).map(|_| secret(self)).collect();
                Frame::Proofs(Proofs { first: u64::MAX - 1_000, secrets }).encode()
            }
            5 => {
                self.saw("adversary: made-up WANT");
                let entries = (0..WANT_MAX).map(|_| self.random.below(u64::MAX).to_be_bytes()).collect();
                Frame::Want(Want { replace: self.random.chance(0.5), entries }).encode()
            }
            6 => {
                self.saw("adversary: leaves a link");
                Frame::Control(Control::Leaving).encode()
            }
            _ => {
                self.saw("adversary: noise on a link");
                (0..self.random.below(3_000)).map(|_| self.random.below(256) as u8).collect()
            }
        }
    }
}
