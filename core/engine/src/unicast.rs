//! The part of presence that goes by unicast, for where broadcast and multicast do not reach: addresses that were given or are
//! remembered, the neighbours of a small network, and hosts that are heard by no other way.

use crate::api::{NetAddr, Visibility};
use crate::context::Context;
use crate::hosts::Host;
use crate::ids::HostId;
use crate::packet::PacketBody;
use crate::presence::Presence;
use crate::time::Tick;

/// Hosts not reached by broadcast that are sent by unicast what goes to everybody, besides those tried by unicast anyhow: as
/// many as are found in one place by other means.
const UNREACHED_MAX: usize = 64;

impl Presence {
    /// A JOIN by unicast where broadcast may not reach: until somebody answers ever more seldom, then like beacons.
    pub(crate) fn try_contact(&mut self, contact: u32, ctx: &mut Context) {
        let Some((address, host, heard)) = self.contacts.get(contact).map(|it| (it.address, it.host, it.heard)) else {
            return;
        };
        let now = ctx.now.tick;
        let ourselves = self.network.is_own(address.ip()) && address.port() == ctx.settings.port;
        let present = heard.and_then(|number| self.hosts.get(number)).filter(|host| host.online);
        let reached = present.is_some_and(|host| host.linked || host.is_reached_by_all(now));
        let friend = host.and_then(|number| self.hosts.get(number)).filter(|host| host.is_friend());
        let may_try = match ctx.settings.visibility {
            Visibility::Everybody => !reached,
            // A friend who is here already gets HOST_ONLINE.
            Visibility::Friends => friend.is_some_and(|host| !host.online),
            Visibility::Nobody => false,
        };
        let receiver = host.and_then(|number| self.hosts.get(number)).map_or(HostId::BROADCAST, |host| host.id);
        if present.is_some() {
            let pause = self.varied_interval(ctx);
            self.contacts.put_off(contact, pause, now);
        } else {
            let [jitter] = crate::crypto::random(ctx.rng);
            self.contacts.back_off(contact, &ctx.config.presence.join_at, jitter, now);
        }
        if may_try && !ourselves && self.network.names_one_host(&address) {
            let body = PacketBody::Join(self.beacon(ctx));
            self.send_to(address, receiver, body, ctx);
        }
    }

    /// A JOIN to the next address of a small network on which nobody is heard, or nothing can be sent to everybody.
    pub(crate) fn try_neighbour(&mut self, ctx: &mut Context) {
        let prefix_min = ctx.config.presence.sweep_prefix_min;
        let is_alone = self.hosts.count_online() == 0;
        let neighbours = || match is_alone {
            true => self.network.neighbours(prefix_min),
            false => self.network.neighbours_out_of_hearing(prefix_min),
        };
        let Some(ip) = self.sweep.next(neighbours, ctx) else { return };
        let body = PacketBody::Join(self.beacon(ctx));
        self.send_to(NetAddr::new(ip, ctx.settings.port), HostId::BROADCAST, body, ctx);
    }

    /// Begins to count the time after which neighbours are asked one by one, if nobody is here, or whoever is may not be all.
    pub(crate) fn sweep_if_needed(&mut self, ctx: &Context) {
        if self.network.is_mute() || self.hosts.count_online() == 0 {
            if self.joined && self.network.is_up() {
                self.sweep.begin(ctx);
            }
        } else {
            self.sweep.end();
        }
    }

    /// A packet to everybody on every interface, whatever the visibility: what the user asked for.
    pub(crate) fn send_everywhere(&mut self, body: PacketBody, ctx: &mut Context) {
        for (host, address) in self.reached_by_unicast_only(ctx.now.tick) {
            self.send_to(address, host, body.clone(), ctx);
        }
        self.tell_everybody(&body, ctx);
    }

    /// Hosts that are here though nothing they send to everybody arrives: what is sent to everybody will not reach them
    /// either. Those at addresses that are tried by unicast, and on-link ones that tried this host so.
    pub(crate) fn reached_by_unicast_only(&self, now: Tick) -> Vec<(HostId, NetAddr)> {
        let unreached = |host: &&Host| host.online && !host.is_reached_by_all(now);
        let contacts =
            self.contacts.iter().filter_map(|contact| Some((self.hosts.get(contact.heard?)?, contact.address)));
        let mut by_unicast: Vec<_> =
            contacts.filter(|(host, _)| unreached(host)).map(|(host, address)| (host.id, address)).collect();
        let on_link = self.hosts.iter().filter(unreached).filter_map(|host| Some((host.id, host.address?)));
        let others: Vec<_> = on_link
            .filter(|(host, address)| self.is_on_link(address) && !by_unicast.iter().any(|(known, _)| known == host))
            .take(UNREACHED_MAX)
            .collect();
        by_unicast.extend(others);
        by_unicast
    }
}
