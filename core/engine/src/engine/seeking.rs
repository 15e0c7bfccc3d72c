//! Whom to be linked with for the sake of carrying: servers, friends who have taken something in, and somebody at random
//! (PROTOCOL.md, Carriers).

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::Engine;
use crate::few::{first_few, gathered};
use crate::ids::HostId;
use crate::links::Who;
use crate::outbox::Entry;
use crate::packet::Role;
use crate::presence::below;
use crate::time::{Millis, Tick};

/// Servers that keep the mail of one host.
const SERVERS_PER_HOST: usize = 2;
/// One more is drawn at random, this often: that much later does mail come at least past those two, should both be false.
const THIRD_EVERY: Millis = Millis::from_minutes(10);
/// Servers are looked for this often at most, for each that is here: there may be thousands of false ones.
const LOOK_EVERY_PER_SERVER: Millis = Millis(20);
/// Somebody is met this often at most, so that all such links together stay a small share of the air ...
const MEET_EVERY: Millis = Millis::from_secs(30);
/// ... and less often where more hosts are heard: such a link costs 13 ms of a 6 Mbit/s channel, with HELLO and all else that
/// is not mail 17 (`control_airtime_percent_*` of the bench), so that all of them stay below 2 %, however many hosts there are.
const MEET_EVERY_PER_HOST: Millis = Millis(900);

impl Engine {
    /// A server, or somebody whose custody has grown, was heard.
    pub(super) fn on_carrier_heard(&mut self, host: HostId) {
        let Some(beacon) = self.presence.host(host).and_then(|host| host.beacon) else { return };
        if beacon.role == Role::Server {
            if self.carrying.servers.contains_key(&host) {
                return;
            }
            // Many have waited for a server that is new here; they come one after the other.
            let due = self.core.now.tick + self.presence.reply_delay(&mut self.core.context());
            self.carrying.servers.insert(host, due);
            self.seek_servers_by(due);
        } else if self.friends.is_friend(host) && self.has_news(host, beacon.arrivals) {
            self.link_with(host);
        }
    }

    /// Looks for the servers and the one drawn to be linked with now.
    pub(super) fn seek_carriers(&mut self) {
        let now = self.core.now.tick;
        if !self.present || self.leaving.is_some() || self.carrying.seek > now {
            return;
        }
        self.carrying.seek = now + self.meet_every();
        self.carrying.looked = now;
        let online: BTreeSet<HostId> = gathered(self.presence.servers());
        self.carrying.servers.retain(|host, _| online.contains(host));
        if let Some(next) = self.carrying.servers.values().copied().filter(|due| *due > now).min() {
            self.seek_servers_by(next);
        }
        self.carrying.sought = self.servers_sought();
        for host in self.carrying.sought.clone() {
            self.link_with(host);
        }
        if self.carrying.met + self.meet_every() <= now {
            self.carrying.met = now;
            self.meet_somebody();
        }
    }

    fn seek_servers_by(&mut self, due: Tick) {
        let servers = self.carrying.servers.len() as u64;
        self.carrying.seek_by(due.max(self.carrying.looked + Millis(LOOK_EVERY_PER_SERVER.0 * servers)));
    }

    fn meet_every(&self) -> Millis {
        MEET_EVERY.max(Millis(MEET_EVERY_PER_HOST.0 * self.presence.heard()))
    }

    /// The servers that keep this host's mail, and those of everybody for whom something waits here that they do not hold.
    fn servers_sought(&mut self) -> BTreeSet<HostId> {
        let now = self.core.now.tick;
        let ready = |host: &HostId| self.carrying.servers.get(host).is_some_and(|due| *due <= now);
        let servers: Vec<HostId> = self.presence.servers().filter(ready).collect();
        if servers.is_empty() || self.core.config.custody.is_server {
            return BTreeSet::new();
        }
        let mut sought: BTreeSet<HostId> = gathered(servers_of(self.core.account.identity.host_id(), &servers));
        sought.extend(self.third_server(&servers, &sought));
        let mut theirs: BTreeMap<HostId, Vec<HostId>> = BTreeMap::new();
        for (_, entry) in self.outbox.newest_first() {
            let Some(recipient) = self.friends.get(entry.friend).map(|friend| friend.host) else { continue };
            if !self.presence.is_online(recipient) {
                let held = |server: &HostId| entry.holders.iter().any(|holder| holder.host == *server);
                let keep = theirs.entry(recipient).or_insert_with(|| servers_of(recipient, &servers).collect());
                sought.extend(keep.iter().copied().filter(|server| !held(server)));
            }
        }
        sought
    }

    /// Whether a peer is a server that is here and is left no mail of this recipient: neither one of the two that keep it, nor
    /// the one drawn beside them, if nobody beside them has it yet.
    pub(super) fn keeps_nothing_for(&self, recipient: HostId, entry: &Entry, peer: HostId) -> bool {
        let third = self.carrying.third.is_some_and(|(third, _)| third == peer);
        if third && entry.holders.iter().filter(|holder| holder.server).count() <= SERVERS_PER_HOST {
            return false;
        }
        let servers: Vec<HostId> = self.presence.servers().collect();
        servers.contains(&peer) && servers_of(recipient, &servers).all(|server| server != peer)
    }

    /// One server beside those two: who makes ids that are chosen for a host's mail cannot choose this one too.
    fn third_server(&mut self, servers: &[HostId], two: &BTreeSet<HostId>) -> Option<HostId> {
        let others: Vec<HostId> = servers.iter().copied().filter(|server| !two.contains(server)).collect();
        let now = self.core.now.tick;
        let stays = self.carrying.third.filter(|(third, until)| *until > now && others.contains(third));
        if stays.is_none() {
            let drawn = below(&mut self.core.context(), others.len().max(1) as u64);
            let drawn = usize::try_from(drawn).ok().and_then(|drawn| others.get(drawn));
            self.carrying.third = drawn.map(|third| (*third, now + THIRD_EVERY));
        }
        self.carrying.third.map(|(third, _)| third)
    }

    /// Whether a link with a server is to stay although nothing passes on it: what arrives there is pushed.
    pub(super) fn is_standing(&self, host: HostId) -> bool {
        if self.core.config.custody.is_server {
            return self.carrying.exchanges.values().any(|exchange| exchange.host == host);
        }
        let servers: Vec<HostId> = self.presence.servers().collect();
        let third = self.carrying.third.is_some_and(|(third, _)| third == host);
        let own = self.core.account.identity.host_id();
        servers.contains(&host) && (third || servers_of(own, &servers).any(|it| it == host))
    }

    /// Somebody drawn at random with whom there is something to exchange: a stranger or a friend, who may be all there is.
    fn meet_somebody(&mut self) {
        if self.core.config.custody.is_server {
            return;
        }
        let own = self.outbox.newest_first().any(|(_, entry)| entry.spray.copies > 1 && entry.envelope != 0);
        let carried = self.carries() && self.carrying.custody.slots().any(|(_, kept)| kept.copies > 1);
        let others: Vec<HostId> = self
            .presence
            .online()
            .filter(|host| host.beacon.is_some_and(|it| it.role == Role::Client && it.link_port != 0))
            .filter(|host| own || carried || host.beacon.is_some_and(|it| self.has_news(host.id, it.arrivals)))
            .map(|host| host.id)
            .filter(|host| self.links.ready(*host).is_none())
            .filter(|host| self.friends.by_host(*host).is_none_or(|friend| !friend.blocked && self.lacks_mail(*host)))
            .collect();
        if others.is_empty() {
            return;
        }
        let chosen = below(&mut self.core.context(), others.len() as u64);
        if let Some(host) = others.get(usize::try_from(chosen).unwrap_or_default()).copied() {
            self.carrying.sought.insert(host);
            self.link_with(host);
        }
    }

    /// Whether something waits here, or is carried, that could be given to a friend who was never known to have it: a link with a friend
    /// stays long, so it is not made in vain.
    fn lacks_mail(&self, friend: HostId) -> bool {
        let lacks = |id| !self.carrying.acquaintances.knows(friend, id);
        let beacon = self.presence.host(friend).and_then(|host| host.beacon);
        // When to try what is for that friend itself is decided elsewhere.
        let other = |entry: &Entry| self.friends.get(entry.friend).is_some_and(|it| it.host != friend);
        let own =
            |entry: &Entry| entry.spray.copies > 1 && entry.envelope != 0 && other(entry) && lacks(entry.envelope);
        beacon.is_some_and(|it| self.has_news(friend, it.arrivals))
            || self.outbox.newest_first().any(|(_, entry)| own(entry))
            || (self.carries() && self.carrying.custody.slots().any(|(_, kept)| kept.copies > 1 && lacks(kept.id)))
    }

    /// Whether a host has taken something into custody since it was asked last.
    fn has_news(&self, host: HostId, arrivals: u32) -> bool {
        arrivals != 0 && self.carrying.acquaintances.arrivals(host) != Some(arrivals)
    }

    pub(super) fn link_with(&mut self, host: HostId) {
        let Some(key) = self.presence.host(host).filter(|host| host.online).map(|host| host.key) else { return };
        if self.links.ready(host).is_some() || self.friends.by_host(host).is_some_and(|friend| friend.blocked) {
            return;
        }
        let who = Who { host, key, friend: self.friends.is_friend(host) };
        self.links.want(who, &mut self.presence, &mut self.core.context());
    }
}

/// Of these servers the two that keep a host's mail: those whose hash with it is least. Who writes to it and it itself find
/// the same, and many share the work.
fn servers_of(host: HostId, servers: &[HostId]) -> impl Iterator<Item = HostId> + use<> {
    let rank = |server: &HostId| {
        let digest = Sha256::new().chain_update(server.as_bytes()).chain_update(host.as_bytes()).finalize();
        (<[u8; 32]>::from(digest), *server)
    };
    let first = first_few(servers.iter().map(rank), SERVERS_PER_HOST, |ranked| *ranked);
    first.into_iter().map(|(_, server)| server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Cast, Command, LinkRequest, NetAddr, NetworkEvent};
    use crate::config::Config;
    use crate::identity::Identity;
    use crate::ids::Interface;
    use crate::packet::{Beacon, Counter, Packet, PacketBody};
    use crate::rows::Snapshot;
    use crate::time::{Now, Wall};

    /// A host that is here, and the time.
    struct Seeker(Engine, u64);

    impl Seeker {
        fn new() -> Self {
            let now = Now { tick: Tick(0), wall: Wall(1_000_000) };
            let mut engine = Engine::restore(Config::default(), Snapshot::default(), None, [7; 32], now).unwrap();
            let addresses = vec![(std::net::IpAddr::from([10, 0, 0, 1]), 24)];
            engine.handle_network(NetworkEvent::InterfaceUp { interface: Interface(1), addresses }, now);
            engine.handle_command(Command::Join, now).unwrap();
            Self(engine, 0)
        }

        /// Lets time pass; returns what was dialled.
        fn go_on(&mut self, span: u64) -> usize {
            let (end, mut dialled) = (self.1 + span, 0);
            loop {
                dialled += self.settle();
                let due = self.0.poll_timeout().map(|(due, _)| due.0).filter(|due| *due <= end);
                let Some(due) = due else { break };
                self.1 = self.1.max(due);
                self.0.handle_timeout(self.now());
            }
            self.1 = end;
            dialled
        }

        fn settle(&mut self) -> usize {
            let (mut dialled, now) = (0, self.now());
            loop {
                if let Some(commit) = self.0.poll_commit() {
                    self.0.handle_committed(commit.seq, now);
                } else if let Some(generation) = self.0.poll_generation() {
                    self.0.handle_generation_kept(generation, now);
                } else if let Some(request) = self.0.poll_link() {
                    dialled += usize::from(matches!(request, LinkRequest::Dial { .. }));
                } else if self.0.poll_transmit().is_none() && self.0.poll_event().is_none() {
                    return dialled;
                }
            }
        }

        fn now(&self) -> Now {
            Now { tick: Tick(self.1), wall: Wall(1_000_000 + self.1) }
        }

        /// A beacon of a server is heard.
        fn hear_server(&mut self, number: u8, n: u32) -> HostId {
            let identity = Identity::from_secret([number; 32]);
            let beacon = Beacon { interval_s: 200, link_port: 9, arrivals: 1, role: Role::Server };
            let packet = Packet {
                sender: identity.host_id(),
                receiver: HostId::BROADCAST,
                counter: Counter { generation: 1, n },
                timestamp: Wall(0),
                key: identity.key(),
                body: PacketBody::Online(beacon),
            };
            let from = NetAddr::from(([10, 0, 0, number], 20_070));
            self.0.handle_datagram(Interface(1), Cast::Broadcast, from, &packet.encode(&identity), self.now());
            self.settle();
            identity.host_id()
        }
    }

    #[test]
    fn a_server_that_is_known_is_looked_for_no_sooner_however_often_it_is_heard() {
        let mut seeker = Seeker::new();
        (0..5).for_each(|number| {
            seeker.hear_server(10 + number, 1);
        });
        seeker.go_on(10_000);
        let looked = seeker.0.carrying.looked;
        for n in 2..30 {
            seeker.hear_server(10, n);
            seeker.go_on(10);
        }
        assert_eq!(seeker.0.carrying.looked, looked);
    }

    #[test]
    fn many_new_servers_are_looked_for_together() {
        let mut seeker = Seeker::new();
        (0..200).for_each(|number| {
            seeker.hear_server(number, 1);
        });
        let (mut times, mut looked) = (0, Tick(0));
        for _ in 0..1_000 {
            seeker.go_on(10);
            times += usize::from(std::mem::replace(&mut looked, seeker.0.carrying.looked) != looked);
        }
        assert!((1..=5).contains(&times), "{times} times in 10 s");
    }

    #[test]
    fn beside_the_two_servers_that_ids_decide_a_third_is_drawn_that_changes() {
        let mut seeker = Seeker::new();
        let servers: Vec<HostId> = (10..16).map(|number| seeker.hear_server(number, 1)).collect();
        let own = seeker.0.core.account.identity.host_id();
        let two: BTreeSet<HostId> = servers_of(own, &servers).collect();
        let mut thirds = BTreeSet::new();
        for n in 2..80 {
            (10..16).for_each(|number| {
                seeker.hear_server(number, n);
            });
            seeker.go_on(60_000);
            let sought = &seeker.0.carrying.sought;
            assert!(sought.is_superset(&two) && sought.len() == 3, "{sought:?}");
            let third = sought.iter().find(|server| !two.contains(server)).copied().unwrap();
            assert!(seeker.0.is_standing(third));
            thirds.insert(third);
        }
        assert!(thirds.len() >= 3, "{thirds:?}");
    }
}
