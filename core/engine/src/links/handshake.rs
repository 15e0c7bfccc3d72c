//! The making of a link: the DUMMY handshake, and who dials (PROTOCOL.md, Links).

use super::{LISTENER_UNUSED, Links, Phase, Who, back_off};
use crate::api::{LinkRequest, NetAddr, Transmit};
use crate::context::Context;
use crate::ids::{DialId, ListenerId};
use crate::packet::{Counter, Dummy, PacketBody};
use crate::presence::Presence;
use crate::time::{Millis, Tick};

impl Links {
    /// Somebody's mail waits for a host that is here: begins to make a link, unless one is there or under way.
    pub(crate) fn want(&mut self, who: Who, presence: &mut Presence, ctx: &mut Context) {
        if self.main_port.is_none() || self.links.len() >= ctx.config.links.links_max as usize {
            return;
        }
        let Some(number) = self.peer(who) else { return };
        let idle = self.peers.get(&number).is_some_and(|peer| match peer.phase {
            Phase::Idle => true,
            Phase::BackOff => self.due.get(&number).is_none_or(|due| *due <= ctx.now.tick),
            _ => false,
        });
        if !idle || !self.may_begin(who.friend, ctx) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&number) else { return };
        peer.begin(ctx);
        self.listen_or_go_on(number, who.friend, presence, ctx);
    }

    /// A fresh, verified DUMMY of a host that may talk to us.
    pub(crate) fn on_dummy(
        &mut self,
        who: Who,
        from: NetAddr,
        (dummy, counter): (&Dummy, Counter),
        presence: &mut Presence,
        ctx: &mut Context,
    ) {
        if self.main_port.is_none() {
            return;
        }
        let Some(number) = self.peer(who) else { return };
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let echoed = dummy.echo.is_some_and(|echo| echo == peer.nonce) && peer.asked.contains(&from);
        let echoed = echoed && peer.phase != Phase::Idle;
        if echoed {
            peer.validated = Some(at_port(from, dummy.port));
        }
        if !peer.links.is_empty() {
            if dummy.echo.is_none() {
                self.answer_linked(number, counter, (dummy.nonce, from), presence, ctx);
            }
            return;
        }
        if echoed {
            presence.address_validated(who.host, from, ctx);
            self.on_validated(number, ctx);
        }
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let asks = dummy.echo.is_none();
        if !asks && !echoed {
            ctx.counters.bump("dummy with a foreign echo");
            return;
        }
        let known = peer.to_echo.is_some_and(|(nonce, _)| nonce == dummy.nonce);
        if asks || !known {
            peer.to_echo = Some((dummy.nonce, from));
            if matches!(peer.phase, Phase::Idle | Phase::BackOff) {
                if !self.may_begin(who.friend, ctx) {
                    return;
                }
                let Some(peer) = self.peers.get_mut(&number) else { return };
                peer.begin(ctx);
            }
            self.listen_or_go_on(number, who.friend, presence, ctx);
        }
    }

    /// Who asks for a link although there is one has lost its end of it. It gets its answer and may dial; its new link then
    /// takes the place of the old one, for until it proves its key nothing changes.
    fn answer_linked(
        &mut self,
        number: u32,
        counter: Counter,
        (nonce, address): ([u8; 8], NetAddr),
        presence: &mut Presence,
        ctx: &mut Context,
    ) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        peer.ask_at(address);
        for id in &peer.links {
            if let Some(link) = self.links.get_mut(id) {
                link.forsaken |= link.counter.is_some_and(|at_hello| at_hello < counter);
            }
        }
        let Some(port) = peer.listener.and_then(|(_, port)| port).or(self.main_port) else { return };
        let dummy = Dummy { port, nonce: peer.nonce, echo: Some(nonce) };
        let bytes = presence.make(ctx, peer.host, PacketBody::Dummy(dummy));
        ctx.gate.transmit_now(Transmit::Datagram { to: address, bytes });
    }

    pub(crate) fn on_listening(&mut self, listener: ListenerId, port: u16, presence: &mut Presence, ctx: &mut Context) {
        if listener == ListenerId::MAIN {
            self.main_port = Some(port);
            return;
        }
        let number = self.peers.iter().find(|(_, peer)| peer.listener.is_some_and(|(id, _)| id == listener));
        let Some(number) = number.map(|(number, _)| *number) else {
            ctx.gate.link(LinkRequest::StopListening { listener });
            return;
        };
        if let Some(peer) = self.peers.get_mut(&number) {
            peer.listener = Some((listener, Some(port)));
        }
        self.go_on(number, port, presence, ctx);
    }

    pub(crate) fn on_listen_failed(&mut self, listener: ListenerId, ctx: &mut Context) {
        for peer in self.peers.values_mut().filter(|peer| peer.listener.is_some_and(|(id, _)| id == listener)) {
            peer.listener = None;
            back_off(peer, &mut self.due, ctx);
        }
    }

    pub(crate) fn on_dial_failed(&mut self, dial: DialId, ctx: &mut Context) {
        for peer in self.peers.values_mut().filter(|peer| peer.phase == Phase::Dialling(dial)) {
            back_off(peer, &mut self.due, ctx);
        }
    }

    fn may_begin(&mut self, friend: bool, ctx: &mut Context) -> bool {
        let second = Tick(ctx.now.tick.0 / 1_000);
        if self.begun.0 != second {
            self.begun = (second, 0);
        }
        // Strangers have half of what friends have, so that their flood stops nobody's messages.
        let most = ctx.config.links.handshakes_per_second;
        let allowed = self.begun.1 < if friend { most } else { most.div_ceil(2) };
        self.begun.1 += u32::from(allowed);
        if !allowed {
            ctx.counters.bump("handshake put off");
        }
        allowed
    }

    fn listen_or_go_on(&mut self, number: u32, friend: bool, presence: &mut Presence, ctx: &mut Context) {
        let main = self.main_port;
        let next = ListenerId(self.next_listener + 1);
        let Some(peer) = self.peers.get_mut(&number) else { return };
        match (friend, peer.listener) {
            (_, Some((_, Some(port)))) => self.go_on(number, port, presence, ctx),
            (_, Some((_, None))) => {}
            (true, None) => {
                self.next_listener += 1;
                peer.listener = Some((next, None));
                peer.phase = Phase::Listening;
                self.due.insert(number, ctx.now.tick + LISTENER_UNUSED);
                ctx.gate.link(LinkRequest::Listen { listener: next });
            }
            (false, None) => {
                if let Some(port) = main {
                    self.go_on(number, port, presence, ctx);
                }
            }
        }
    }

    /// A port can be named: answers what waits for an answer, asks if nothing does.
    fn go_on(&mut self, number: u32, port: u16, presence: &mut Presence, ctx: &mut Context) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        if let Some((nonce, address)) = peer.to_echo {
            let dummy = Dummy { port, nonce: peer.nonce, echo: Some(nonce) };
            peer.ask_at(address);
            let bytes = presence.make(ctx, peer.host, PacketBody::Dummy(dummy));
            ctx.gate.transmit_now(Transmit::Datagram { to: address, bytes });
            if matches!(peer.phase, Phase::Idle | Phase::Listening | Phase::BackOff) {
                // The asker repeats itself; all we do is wait for its echo, and then for its dial.
                peer.phase = Phase::Probing;
                peer.tries = ctx.config.links.probe_tries;
                self.due.insert(number, ctx.now.tick + LISTENER_UNUSED);
            }
        } else {
            self.probe(number, presence, ctx);
        }
    }

    pub(super) fn probe(&mut self, number: u32, presence: &mut Presence, ctx: &mut Context) {
        let main = self.main_port;
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let port = peer.listener.and_then(|(_, port)| port).or(main);
        let addresses = presence.addresses(peer.host);
        let Some(port) = port.filter(|_| !addresses.is_empty()) else {
            back_off(peer, &mut self.due, ctx);
            return;
        };
        let dummy = Dummy { port, nonce: peer.nonce, echo: None };
        for to in addresses {
            peer.ask_at(to);
            let bytes = presence.make(ctx, peer.host, PacketBody::Dummy(dummy));
            ctx.gate.transmit_now(Transmit::Datagram { to, bytes });
        }
        peer.phase = Phase::Probing;
        self.due.insert(number, ctx.now.tick + Millis(ctx.config.links.probe_repeat.0 << peer.tries.min(6)));
        peer.tries += 1;
    }

    fn on_validated(&mut self, number: u32, ctx: &mut Context) {
        let own = ctx.identity.host_id();
        let Some(peer) = self.peers.get_mut(&number) else { return };
        if !matches!(peer.phase, Phase::Probing | Phase::Listening | Phase::BackOff) {
            return;
        }
        if own < peer.host {
            self.dial(number, ctx);
        } else {
            peer.phase = Phase::Waiting;
            self.due.insert(number, ctx.now.tick + ctx.config.links.second_dial_after);
        }
    }

    pub(super) fn dial(&mut self, number: u32, ctx: &mut Context) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let Some(address) = peer.validated else {
            back_off(peer, &mut self.due, ctx);
            return;
        };
        self.next_dial += 1;
        let dial = DialId(self.next_dial);
        peer.phase = Phase::Dialling(dial);
        // Answered within 5 s; the rest is for a node that forgets.
        self.due.insert(number, ctx.now.tick + LISTENER_UNUSED);
        let listener = peer.listener.map_or(ListenerId::MAIN, |(listener, _)| listener);
        let (addresses, expected) = (vec![address], peer.key);
        ctx.gate.link(LinkRequest::Dial { dial, listener, addresses, expected });
    }
}

/// The same address, its scope included, with another port.
fn at_port(mut address: NetAddr, port: u16) -> NetAddr {
    address.set_port(port);
    address
}
