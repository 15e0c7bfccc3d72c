//! The listening half of presence: which datagrams are believed, and what follows. Cheap checks come before signatures; what
//! fails one is counted and dropped.

use crate::api::{Cast, NetAddr, Transmit, Visibility};
use crate::context::Context;
use crate::hosts::Host;
use crate::ids::{HostId, HostNumber, Interface};
use crate::packet::{Packet, PacketBody, PacketError, Unverified};
use crate::presence::{Heard, Presence, patience};
use crate::replies::Reply;

/// Signatures checked per second for one known host: far above what it sends, far below what would cost us anything.
const PER_HOST: u32 = 32;
/// Signatures checked per second for all hosts not known: a thousand hosts that come at once are met within seconds, and a
/// flood takes less than a tenth of one core (60 µs each on a desktop, 200 µs on a phone).
const FOR_STRANGERS: u32 = 500;

/// The same for all hosts that are known and not pinned, together: who makes up ids makes itself known by them. A thousand hosts
/// in one cell send less than a tenth of it.
const FOR_KNOWN_STRANGERS: u32 = 200;

/// A packet that this host sent itself.
const OWN: &str = "packet of our own";

impl Presence {
    /// Takes a presence datagram in. What is returned is fresh, signed by its sender and for this host; what it says about
    /// presence has been done.
    pub(crate) fn handle_datagram(
        &mut self,
        via: Interface,
        cast: Cast,
        from: NetAddr,
        datagram: &[u8],
        ctx: &mut Context,
    ) -> Option<Heard> {
        if !self.joined {
            return None;
        }
        match self.check(&from, datagram, ctx) {
            Ok(packet) => {
                let length = datagram.len();
                self.hear(Heard { packet, via, cast, from, length, came: false }, ctx)
            }
            Err(reason) => {
                if reason == OWN {
                    self.own_heard.insert((via, cast));
                }
                ctx.counters.bump(reason);
                None
            }
        }
    }

    fn check(&mut self, from: &NetAddr, datagram: &[u8], ctx: &Context) -> Result<Packet, &'static str> {
        let unverified = Unverified::parse(datagram).map_err(|error| reason(&error))?;
        let own = ctx.identity.host_id();
        let (sender, receiver) = (unverified.sender(), unverified.receiver());
        if sender == own {
            return Err(OWN);
        }
        if receiver != own && receiver != HostId::BROADCAST {
            return Err("packet for another host");
        }
        if !sender.names_one_host() || !self.network.names_one_host(from) {
            return Err("packet from nobody");
        }
        let allowed = match self.hosts.by_id_mut(sender) {
            Some(host) => {
                is_fresh(host, &unverified)?;
                let now = ctx.now.tick;
                host.allowance.take(PER_HOST, now)
                    && (host.pinned || self.known_strangers.take(FOR_KNOWN_STRANGERS, now))
            }
            None => self.strangers.take(FOR_STRANGERS, ctx.now.tick),
        };
        if !allowed {
            return Err("packet above the rate");
        }
        let packet = unverified.verify().map_err(|error| reason(&error))?;
        match self.hosts.by_id(sender) {
            Some(host) if host.key != packet.key => Err("packet with another key than the pinned one"),
            None if packet.body == PacketBody::Leave => Err("leave of a host not known"),
            _ => Ok(packet),
        }
    }

    fn hear(&mut self, heard: Heard, ctx: &mut Context) -> Option<Heard> {
        let Heard { packet, cast, from, length, .. } = &heard;
        let (cast, from, length) = (*cast, *from, *length);
        if cast != Cast::Unicast && matches!(packet.body, PacketBody::Online(_)) {
            self.beacons_heard += 1;
        }
        let number = self.hosts.meet(packet.key);
        let host = self.hosts.get_mut(number)?;
        host.counter = Some(packet.counter);
        let mut came_online = false;
        if host.linked {
            tracing::trace!(host = %host.id, "a link lives: the datagram changes nothing");
        } else if packet.body == PacketBody::Leave {
            self.set_offline(number, ctx);
        } else {
            came_online = self.on_sign_of_life(number, packet, cast, from, ctx);
        }
        let hidden = ctx.settings.visibility == Visibility::Friends && came_online;
        if matches!(packet.body, PacketBody::Join(_)) || hidden {
            self.plan_reply(number, cast, from, length, ctx);
        }
        Some(Heard { came: came_online, ..heard })
    }

    fn on_sign_of_life(
        &mut self,
        number: HostNumber,
        packet: &Packet,
        cast: Cast,
        from: NetAddr,
        ctx: &mut Context,
    ) -> bool {
        let near = self.network.is_on_link(&from) || self.contacts.contains(&from);
        let Some(host) = self.hosts.get_mut(number) else { return false };
        if let Some(beacon) = packet.body.beacon() {
            host.beacon = Some(*beacon);
        }
        host.patience = patience(ctx, host.beacon.as_ref());
        host.heard_from = Some(from);
        if cast != Cast::Unicast {
            host.heard_by_all = Some(ctx.now.tick);
        }
        // A pinned host's address is replaced by a DUMMY's echo alone; a stranger who comes back may be anywhere. Nothing is
        // ever sent unasked to an address elsewhere that a replayed datagram names.
        let believed = near && (host.address.is_none() || !(host.pinned || host.online));
        let moved = believed && host.address != Some(from);
        if moved {
            host.address = Some(from);
            host.validated = false;
            if host.pinned {
                host.write(ctx.now.tick, ctx.gate);
                self.contacts.add(from, Some(number), ctx.now.tick);
            }
        }
        if cast == Cast::Unicast && from.port() == ctx.settings.port && self.sweep.has_asked(from.ip()) {
            // Nothing sent to everybody leads there: it is tried by unicast from now on.
            self.contacts.add(from, None, ctx.now.tick);
        }
        self.contacts.on_heard(&from, number);
        self.set_online(number, moved, ctx)
    }

    /// Plans a HOST_ONLINE to one host. To an address not on this link only what it sent here alone is answered.
    fn plan_reply(&mut self, number: HostNumber, cast: Cast, from: NetAddr, length: usize, ctx: &mut Context) {
        let Some(host) = self.hosts.get(number).map(|host| host.id) else { return };
        if !self.may_tell(host, ctx) {
            return;
        }
        if cast != Cast::Unicast && !self.is_on_link(&from) {
            ctx.counters.bump("join by broadcast from off-link");
            return;
        }
        let due = ctx.now.tick + self.reply_delay(ctx);
        let beacons_before = self.beacons_heard;
        self.replies.plan(number, Reply { due, to: from, received: length, beacons_before });
    }

    /// Sends the replies that are due. Of those to strangers the ones are left out for which enough others have spoken to
    /// all since; the rest they learn from beacons.
    pub(crate) fn send_replies(&mut self, ctx: &mut Context) {
        let now = ctx.now.tick;
        while let Some((number, reply)) = self.replies.take_due(now) {
            let Some((host, friend)) = self.hosts.get(number).map(|host| (host.id, host.is_friend())) else { continue };
            let others = self.beacons_heard - reply.beacons_before;
            if !friend && others >= ctx.config.presence.reply_suppress_after.into() {
                ctx.counters.bump("reply left out: enough others");
                continue;
            }
            let body = PacketBody::Online(self.beacon(ctx));
            let bytes = self.make(ctx, host, body);
            if self.may_answer(&reply.to, reply.received, bytes.len()) {
                ctx.gate.transmit_now(Transmit::Datagram { to: reply.to, bytes });
            } else {
                ctx.counters.bump("answer above three times");
            }
        }
    }
}

fn is_fresh(host: &Host, packet: &Unverified) -> Result<(), &'static str> {
    match host.counter {
        Some(newest) if packet.counter() < newest => Err("packet replayed"),
        // Broadcast and multicast carry the same packet.
        Some(newest) if packet.counter() == newest => Err("packet heard twice"),
        _ => Ok(()),
    }
}

fn reason(error: &PacketError) -> &'static str {
    match error {
        PacketError::TooLong { .. } => "datagram too long",
        PacketError::UnknownVersion(_) => "packet of an unknown version",
        PacketError::UnknownService(_) => "packet of an unknown service",
        PacketError::Malformed(_) | PacketError::Limit(_) | PacketError::BadPadding => "packet malformed",
        PacketError::WrongSender => "packet of another sender",
        PacketError::BadSignature => "packet with a bad signature",
    }
}
