//! The part of presence that sends: JOINs and beacons in their time, to all or to friends alone.

use crate::api::{Cast, NetAddr, Transmit, Visibility};
use crate::config::PresenceConfig;
use crate::context::Context;
use crate::ids::{HostId, Interface};
use crate::packet::PacketBody;
use crate::presence::{Presence, below};
use crate::time::Millis;

/// JOINs are put off at random by up to this: the hosts of a building come back together after a power cut.
const JOIN_JITTER: Millis = Millis(200);
/// No configuration makes beacons follow each other faster: at zero they would never end.
const INTERVAL_FLOOR: Millis = Millis(100);
/// Beacons that tell of a change are sent within this.
const SOON: Millis = Millis(1_000);

impl Presence {
    /// A random time within the span over which replies are spread.
    pub(crate) fn reply_delay(&self, ctx: &mut Context) -> Millis {
        let per_host = ctx.config.presence.reply_spread_per_host.0.saturating_mul(self.hosts.count_online() as u64);
        let spread = ctx.config.presence.reply_spread_min.0.max(per_host);
        Millis(below(ctx, spread))
    }

    /// Plans all that shows this host: at the start, on a new network, after sleep.
    pub(crate) fn announce(&mut self, ctx: &mut Context) {
        let now = ctx.now.tick;
        let jitter = Millis(below(ctx, JOIN_JITTER.0));
        self.joins = ctx.config.presence.join_at.iter().map(|after| now + *after + jitter).collect();
        let last = self.joins.back().copied().unwrap_or(now);
        self.next_beacon = Some(last + self.varied_interval(ctx));
        self.contacts.restart(now + jitter);
        self.sweep_if_needed(ctx);
    }

    /// Sends the JOINs and the beacon that are due. Without an interface nobody would hear them: with the next one that comes up
    /// they are planned anew.
    pub(crate) fn show_itself(&mut self, ctx: &mut Context) {
        let now = ctx.now.tick;
        if !self.network.is_up() {
            return;
        }
        if self.joins.front().is_some_and(|due| *due <= now) {
            self.joins.retain(|due| *due > now);
            let body = PacketBody::Join(self.beacon(ctx));
            self.tell(&body, ctx);
        }
        if self.next_beacon.is_some_and(|due| due <= now) {
            self.next_beacon = Some(now + self.varied_interval(ctx));
            let body = PacketBody::Online(self.beacon(ctx));
            self.tell(&body, ctx);
        }
    }

    pub(crate) fn beacon_soon(&mut self, ctx: &mut Context) {
        let soon = ctx.now.tick + Millis(below(ctx, SOON.0));
        if self.joined && self.joins.is_empty() {
            self.next_beacon = Some(self.next_beacon.map_or(soon, |due| due.min(soon)));
        }
    }

    /// Time between beacons: grows with the hosts heard, so that all together stay under 2 % of airtime.
    pub(crate) fn interval(&self, config: &PresenceConfig) -> Millis {
        let heard = (self.hosts.count_online() as u64).min(config.beacon_hosts_max.into());
        config.beacon_min.max(Millis(config.beacon_per_host.0.saturating_mul(heard))).max(INTERVAL_FLOOR)
    }

    pub(crate) fn varied_interval(&self, ctx: &mut Context) -> Millis {
        let interval = self.interval(&ctx.config.presence).0;
        let part = interval.saturating_mul(ctx.config.presence.beacon_jitter_percent.into()) / 100;
        Millis(interval.saturating_sub(part) + below(ctx, part.saturating_mul(2)))
    }

    /// The same for what goes to everybody seldom: also to those whom neither broadcast nor multicast reaches.
    pub(crate) fn tell_all_reached(&mut self, body: &PacketBody, ctx: &mut Context) {
        self.tell(body, ctx);
        if ctx.settings.visibility == Visibility::Everybody {
            for (host, address) in self.reached_by_unicast_only(ctx.now.tick) {
                self.send_to(address, host, body.clone(), ctx);
            }
        }
    }

    pub(crate) fn tell(&mut self, body: &PacketBody, ctx: &mut Context) {
        match ctx.settings.visibility {
            Visibility::Everybody => self.tell_everybody(body, ctx),
            Visibility::Friends => self.tell_friends(body, ctx),
            Visibility::Nobody => {}
        }
    }

    pub(crate) fn tell_everybody(&mut self, body: &PacketBody, ctx: &mut Context) {
        let bytes = self.make(ctx, HostId::BROADCAST, body.clone());
        for interface in self.network.interfaces() {
            // After the rows before it: no packet leaves in a generation that a crash could bring back.
            ctx.gate.transmit(Transmit::Everyone { interface, only: None, bytes: bytes.clone() });
        }
    }

    pub(crate) fn tell_friends(&mut self, body: &PacketBody, ctx: &mut Context) {
        let good_bye = matches!(body, PacketBody::Leave);
        let present = self.hosts.iter().filter(|host| host.is_friend() && host.online && !host.linked);
        let told: Vec<_> = present
            .map(|host| {
                let mut addresses = self.addresses(host.id);
                addresses.retain(|address| good_bye || host.may_be_told_at(address));
                (host.number, host.id, addresses)
            })
            .filter(|(_, _, addresses)| !addresses.is_empty())
            .collect();
        for (number, host, addresses) in told {
            for address in addresses {
                self.send_to(address, host, body.clone(), ctx);
            }
            if let Some(host) = self.hosts.get_mut(number) {
                host.told = Some(ctx.now.tick);
            }
        }
    }

    /// A packet to everybody on one interface, by one way alone.
    pub(crate) fn send_by(&mut self, interface: Interface, cast: Cast, body: PacketBody, ctx: &mut Context) {
        let bytes = self.make(ctx, HostId::BROADCAST, body);
        ctx.gate.transmit(Transmit::Everyone { interface, only: Some(cast), bytes });
    }

    pub(crate) fn send_to(&mut self, to: NetAddr, receiver: HostId, body: PacketBody, ctx: &mut Context) {
        let bytes = self.make(ctx, receiver, body);
        ctx.gate.transmit(Transmit::Datagram { to, bytes });
    }
}
