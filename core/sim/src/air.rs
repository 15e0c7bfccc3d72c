//! The air: who reaches whom, and what happens to datagrams on their way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use permesso_engine::api::{Cast, NetAddr};
use permesso_engine::ids::{HostId, Interface};
use permesso_engine::packet::{Counter, Dummy, PacketBody, Unverified};

use crate::host::network_of;
use crate::promise::Promise;
use crate::traffic::datagram_kind;
use crate::world::{Item, World};

/// Who really sent a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A host; the counter in its packet is what receivers tell new ones by.
    Host {
        host: usize,
        counter: Counter,
    },
    /// A host's bytes, but damaged on the way.
    Damaged,
    Adversary,
}

/// Who reaches whom: mutual but not transitive, two hosts that hear a third need not hear each other.
#[derive(Debug)]
enum Reach {
    /// Everybody reaches everybody but these, the smaller number first.
    Apart(BTreeSet<(usize, usize)>),
    /// Each reaches those near it; with thousands of hosts nobody asks all of them.
    Near(Vec<BTreeSet<usize>>),
}

#[derive(Debug)]
pub(crate) struct Air {
    hosts: usize,
    reach: Reach,
    addresses: BTreeMap<Ipv4Addr, usize>,
    /// When a host's newest genuine datagram came to another, and its counter: (to, from). Late ones do not count.
    heard: BTreeMap<(usize, usize), Heard>,
    /// When a link last ended for a host: (host, peer).
    ended: BTreeMap<(usize, usize), u64>,
    left: BTreeMap<usize, u64>,
    changed: BTreeMap<usize, u64>,
}

/// The newest packet that one host has heard of another.
#[derive(Debug)]
struct Heard {
    at: u64,
    /// The moment before that one at which it heard another packet.
    before: Option<u64>,
    counter: Counter,
}

impl Air {
    /// Everybody reaches everybody at first, or nobody anybody where hosts walk.
    pub(crate) fn new(hosts: usize, walk: bool, addresses: impl Iterator<Item = (usize, Ipv4Addr)>) -> Self {
        Self {
            hosts,
            reach: if walk { Reach::Near(vec![BTreeSet::new(); hosts]) } else { Reach::Apart(BTreeSet::new()) },
            addresses: addresses.map(|(host, address)| (address, host)).collect(),
            heard: BTreeMap::new(),
            ended: BTreeMap::new(),
            left: BTreeMap::new(),
            changed: BTreeMap::new(),
        }
    }

    pub(crate) fn connects(&self, a: usize, b: usize) -> bool {
        // The adversary is no host of the matrix and reaches everybody.
        if a >= self.hosts || b >= self.hosts {
            return true;
        }
        match &self.reach {
            Reach::Apart(pairs) => !pairs.contains(&(a.min(b), a.max(b))),
            Reach::Near(near) => a == b || near.get(a).is_some_and(|near| near.contains(&b)),
        }
    }

    /// The hosts a broadcast may come to, its sender among them, in order.
    pub(crate) fn around(&self, host: usize) -> Vec<usize> {
        match &self.reach {
            Reach::Apart(_) => (0..self.hosts).collect(),
            Reach::Near(near) => {
                let mut around = near.get(host).cloned().unwrap_or_default();
                around.insert(host);
                around.into_iter().collect()
            }
        }
    }

    /// How many others a host reaches, on average.
    pub(crate) fn in_reach(&self) -> f64 {
        let hosts = self.hosts as f64;
        match &self.reach {
            Reach::Apart(pairs) => (hosts * (hosts - 1.0) - 2.0 * pairs.len() as f64) / hosts.max(1.0),
            Reach::Near(near) => near.iter().map(BTreeSet::len).sum::<usize>() as f64 / hosts.max(1.0),
        }
    }

    pub(crate) fn set(&mut self, a: usize, b: usize, reach: bool) {
        let pair = (a.min(b), a.max(b));
        match &mut self.reach {
            Reach::Apart(pairs) if reach => drop(pairs.remove(&pair)),
            Reach::Apart(pairs) => drop(pairs.insert(pair)),
            Reach::Near(near) => {
                for (from, to) in [(a, b), (b, a)] {
                    match near.get_mut(from) {
                        Some(near) if reach => drop(near.insert(to)),
                        Some(near) => drop(near.remove(&to)),
                        None => {}
                    }
                }
            }
        }
    }

    pub(crate) fn holder(&self, ip: Ipv4Addr) -> Option<usize> {
        self.addresses.get(&ip).copied()
    }

    pub(crate) fn move_host(&mut self, host: usize, from: Ipv4Addr, to: Ipv4Addr) {
        self.addresses.remove(&from);
        self.addresses.insert(to, host);
    }

    /// A genuine datagram came, and was looked at.
    fn note_heard(&mut self, host: usize, sender: usize, counter: Counter, now: u64) {
        let newest = self.heard.entry((host, sender)).or_insert(Heard { at: now, before: None, counter });
        if newest.counter < counter {
            let before = if newest.at < now { Some(newest.at) } else { newest.before };
            *newest = Heard { at: now, before, counter };
        }
    }

    /// When a host last heard another before this moment: what it hears now, and finds that it has heard nothing for long as it
    /// looks at the clock for that, comes after.
    pub(crate) fn heard_before(&self, host: usize, peer: usize, now: u64) -> Option<u64> {
        let heard = self.heard.get(&(host, peer))?;
        if heard.at < now { Some(heard.at) } else { heard.before }
    }

    pub(crate) fn note_link_end(&mut self, host: usize, peer: usize, at: u64) {
        self.ended.insert((host, peer), at);
    }

    pub(crate) fn link_ended(&self, host: usize, peer: usize) -> Option<u64> {
        self.ended.get(&(host, peer)).copied()
    }

    pub(crate) fn note_left(&mut self, host: usize, at: u64) {
        self.left.insert(host, at);
    }

    pub(crate) fn last_left(&self, host: usize) -> Option<u64> {
        self.left.get(&host).copied()
    }

    /// A host was switched on, woke up, or changed its address.
    pub(crate) fn note_change(&mut self, host: usize, at: u64) {
        self.changed.insert(host, at);
    }

    pub(crate) fn network_changed(&self, host: usize) -> Option<u64> {
        self.changed.get(&host).copied()
    }
}

/// Whether an address is in one of the networks.
fn on_link(address: NetAddr) -> bool {
    matches!(address.ip(), IpAddr::V4(ip) if matches!(ip.octets(), [10, 0 | 1, ..]))
}

/// Whether a datagram to one host answers something: a DUMMY does if it echoes.
fn answers(bytes: &[u8]) -> bool {
    match datagram_kind(bytes) {
        "HOST_ONLINE" | "QUERY_ALIAS_RESPONSE" | "FREE_MEMORY_RESPONSE" | "WAY_RESPONSE" => true,
        "DUMMY" => Unverified::parse(bytes)
            .and_then(Unverified::verify)
            .is_ok_and(|packet| matches!(packet.body, PacketBody::Dummy(Dummy { echo: Some(_), .. }))),
        _ => false,
    }
}

fn genuine(host: usize, bytes: &[u8]) -> Source {
    let counter = Unverified::parse(bytes).map(|packet| packet.counter()).unwrap_or_default();
    Source::Host { host, counter }
}

impl World {
    /// Whether two hosts, both running, reach each other now in a network.
    pub(crate) fn connected(&self, a: usize, b: usize, network: usize) -> bool {
        let there =
            |index: usize| self.hosts.get(index).is_some_and(|host| host.is_awake(self.now) && host.is_in(network));
        a != b && there(a) && there(b) && self.air.connects(a, b)
    }

    /// Puts two hosts in or out of each other's reach.
    pub fn set_reach(&mut self, a: usize, b: usize, reach: bool) {
        self.air.set(a, b, reach);
        self.watch_links();
    }

    pub(crate) fn send_everyone(&mut self, host: usize, interface: Interface, only: Option<Cast>, bytes: &[u8]) {
        let network = interface.0 as usize;
        if self.ways.is_mute(host) || !self.hosts.get(host).is_some_and(|state| state.is_in(network)) {
            return;
        }
        let bytes = &self.as_sent(host, bytes);
        let kind = datagram_kind(bytes);
        self.check_datagram(host, bytes);
        // Beacons would push everything else out of the trace.
        if kind != "HOST_ONLINE" {
            self.trace.note(self.now, format!("h{host} → everyone {kind} {} B", bytes.len()));
        }
        let from = self.presence_address(host, network);
        let source = genuine(host, bytes);
        self.adversary.overhear(from, bytes);
        for cast in self.ways.casts(only) {
            self.traffic.sent(host, kind, bytes.len());
            for to in self.air.around(host) {
                // Sockets hear their own broadcasts, too; now and then is enough to see that it does no harm.
                let own = to == host && self.random.chance(0.1);
                if own || self.ways.carries_to_all() && !self.ways.is_mute(to) && self.connected(host, to, network) {
                    self.carry(to, cast, from, bytes, source);
                }
            }
        }
    }

    /// A malicious host changes what its engine wants sent.
    fn as_sent(&mut self, host: usize, bytes: &[u8]) -> Vec<u8> {
        if self.is_honest(host) { bytes.to_vec() } else { self.tamper_datagram(host, bytes) }
    }

    pub(crate) fn send_datagram(&mut self, host: usize, to: NetAddr, bytes: &[u8]) {
        let bytes = &self.as_sent(host, bytes);
        let to = self.ways.meant(to);
        let kind = datagram_kind(bytes);
        self.check_datagram(host, bytes);
        self.traffic.sent(host, kind, bytes.len());
        self.trace.note(self.now, format!("h{host} → {to} {kind} {} B", bytes.len()));
        let broken = if answers(bytes) {
            self.traffic.answered(host, to, kind, bytes.len())
        } else {
            let allowed = on_link(to) || self.traffic.is_validated(host, to);
            (!allowed).then(|| format!("{kind} unasked to {to}, which is not on the link"))
        };
        self.oracle.check(Promise::NoAmplification, self.now, host, broken);
        let network = network_of(to.ip());
        let from = self.presence_address(host, network);
        let source = genuine(host, bytes);
        self.adversary.overhear(from, bytes);
        let target = self.host_at(to.ip()).filter(|target| self.presence_address(*target, network) == to);
        if let Some(target) = target
            && self.connected(host, target, network)
        {
            self.carry(target, Cast::Unicast, from, bytes, source);
        }
    }

    fn check_datagram(&mut self, host: usize, bytes: &[u8]) {
        let broken = (bytes.len() > 1_200).then(|| format!("a datagram of {} bytes", bytes.len()));
        self.oracle.check(Promise::Contract, self.now, host, broken);
        self.check_secrecy(host, bytes);
    }

    /// One copy of a datagram on its way to one host: lost, doubled, late or damaged by chance.
    pub(crate) fn carry(&mut self, to: usize, cast: Cast, from: NetAddr, bytes: &[u8], source: Source) {
        let rate = |world: &Self, rate: f64| if world.active { rate } else { 0.0 };
        let loss = rate(self, self.faults.loss);
        if self.random.chance(loss) {
            return self.saw("datagram lost");
        }
        let duplication = rate(self, self.faults.duplication);
        let copies = if self.random.chance(duplication) {
            self.saw("datagram doubled");
            2
        } else {
            1
        };
        for _ in 0..copies {
            let mut delay = 1 + self.random.around(3);
            let reorder = rate(self, self.faults.reorder);
            if self.random.chance(reorder) {
                delay += self.random.below(3_000);
                self.saw("datagram late");
            }
            let mut bytes = bytes.to_vec();
            let mut source = source;
            let corruption = rate(self, self.faults.corruption);
            if self.random.chance(corruption) {
                self.damage(&mut bytes);
                source = Source::Damaged;
                self.saw("datagram damaged");
            }
            self.queue.push(self.now + delay, Item::Datagram { host: to, cast, from, bytes, source });
        }
    }

    /// Changes a byte, or cuts the end off.
    pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>) {
        let place = self.random.below(bytes.len() as u64) as usize;
        let change = self.random.between(1, 255) as u8;
        if self.random.chance(0.2) {
            bytes.truncate(place);
        } else if let Some(byte) = bytes.get_mut(place) {
            *byte ^= change;
        }
    }

    pub(crate) fn on_datagram(&mut self, host: usize, cast: Cast, from: NetAddr, bytes: &[u8], source: Source) {
        let network = network_of(from.ip());
        if !self.hosts.get(host).is_some_and(|state| state.is_awake(self.now) && state.is_in(network)) {
            return;
        }
        let own = self.id(host);
        // What still goes to a host that had this address before is not for this one.
        let for_us = Unverified::parse(bytes)
            .is_ok_and(|packet| packet.receiver() == own || packet.receiver() == HostId::BROADCAST);
        if for_us && matches!(source, Source::Host { .. }) && datagram_kind(bytes) == "DUMMY" {
            self.traffic.validated(host, from);
        }
        self.traffic.received(host, from, bytes.len());
        let shown = self.ways.shown(from);
        let unheard = self.unheard(host);
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_datagram(Interface(network as u32), cast, shown, bytes, now);
        }
        if let Source::Host { host: sender, counter } = source
            && for_us
            && self.unheard(host) == unheard
        {
            self.air.note_heard(host, sender, counter, self.now);
        }
        self.pump(host);
    }

    /// How many datagrams a host has not even looked at because it was flooded.
    fn unheard(&self, host: usize) -> u64 {
        self.running(host).map_or(0, |engine| engine.counted("packet above the rate"))
    }

    /// Gives a host an address in the first network that nobody has or had.
    pub(crate) fn roam(&mut self, host: usize) {
        let mut address = Ipv4Addr::new(10, 0, 200, 1);
        loop {
            let [high, low] = (self.random.between(0xc800, 0xfdff) as u16).to_be_bytes();
            address = if self.air.holder(address).is_some() { Ipv4Addr::new(10, 0, high, low) } else { address };
            if self.air.holder(address).is_none() {
                break;
            }
        }
        let Some(port) = self.hosts.get_mut(host).and_then(|state| state.ports.first_mut()) else { return };
        let old = std::mem::replace(&mut port.address, address);
        self.air.move_host(host, old, address);
        self.trace.note(self.now, format!("h{host} moves from {old} to {address}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_at_this_very_moment_is_not_heard_before_it() {
        let mut air = Air::new(2, false, std::iter::empty());
        let counter = |n| Counter { generation: 1, n };
        assert_eq!(air.heard_before(0, 1, 5), None);
        air.note_heard(0, 1, counter(1), 5);
        assert_eq!((air.heard_before(0, 1, 5), air.heard_before(0, 1, 6)), (None, Some(5)));
        air.note_heard(0, 1, counter(2), 90);
        air.note_heard(0, 1, counter(3), 90);
        assert_eq!((air.heard_before(0, 1, 90), air.heard_before(0, 1, 91)), (Some(5), Some(90)));
        air.note_heard(0, 1, counter(2), 95);
        assert_eq!(air.heard_before(0, 1, 96), Some(90), "an old packet tells of nothing");
    }
}
