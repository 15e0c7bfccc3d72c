//! Every socket of a live host.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use permesso_engine::Engine;
use permesso_engine::api::{LinkEvent, LinkRequest, NetworkEvent, Transmit};
use permesso_engine::ids::ListenerId;
use permesso_engine::tree::Tree;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::config::{Config, Interfaces};
use crate::doctor::{Facts, Trouble};
use crate::error::NodeError;
use crate::events::{EventHub, NodeEvent, NodeNotice};
use crate::interfaces::{self, InterfaceAddress};
use crate::links::{LinkInput, LinkSettings, Links};
use crate::radio::Radio;
use crate::udp::{self, Datagram, Presence, Unusable};

/// Inputs of links that wait for the engine; with frames of 64 KiB this is 4 MiB, beyond it QUIC holds the peers back.
const LINK_INPUTS_MAX: usize = 64;

/// Datagrams that wait for the engine; more are dropped.
const DATAGRAMS_MAX: usize = 256;

/// Links have so long to send what they have when a host pauses or stops.
const SHUT_TIME: Duration = Duration::from_secs(1);

/// What comes from the network.
#[derive(Debug)]
pub(crate) enum Arrival {
    Link(LinkInput),
    Datagram(Datagram),
    /// Host links were opened or closed.
    RadioChanged,
}

/// What stays the same while sockets come and go.
pub(crate) struct Air {
    interfaces: Interfaces,
    given: Option<Vec<InterfaceAddress>>,
    next_link: Arc<AtomicU64>,
    /// Listeners to open with the sockets, with the port each had before.
    listeners: Tree<ListenerId, Option<u16>>,
    next_interface: u32,
    /// Addresses of which it has been told that they cannot be used, and why.
    unusable: Tree<IpAddr, Trouble>,
    /// Outlives the sockets: the app opens and closes host links whenever its radio does.
    pub(crate) radio: Radio,
}

/// The sockets.
pub(crate) struct Network {
    presence: Presence,
    links: Links,
    link_inputs: mpsc::Receiver<LinkInput>,
    datagrams: mpsc::Receiver<Datagram>,
    radio: Radio,
}

impl Drop for Air {
    /// However a host ends, the app's radios are told.
    fn drop(&mut self) {
        self.radio.close_all();
    }
}

impl Air {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            interfaces: config.network.interfaces.clone(),
            given: None,
            next_link: Arc::new(AtomicU64::new(1)),
            listeners: Tree::default(),
            next_interface: 1,
            unusable: Tree::default(),
            radio: Radio::default(),
        }
    }

    /// The addresses the platform named, in place of the system's list.
    pub(crate) fn set_given(&mut self, given: Option<Vec<InterfaceAddress>>) {
        self.given = given;
    }

    /// The next `open` listens nowhere by itself.
    pub(crate) fn forget_listeners(&mut self) {
        self.listeners.clear();
    }

    /// Notes what the engine wants of links while there are no sockets; what can be answered is.
    pub(crate) fn put_off(&mut self, request: LinkRequest) -> Option<LinkEvent> {
        match request {
            LinkRequest::Listen { listener } => drop(self.listeners.insert(listener, None)),
            LinkRequest::StopListening { listener } => drop(self.listeners.remove(&listener)),
            LinkRequest::Dial { dial, .. } => return Some(LinkEvent::DialFailed { dial }),
            // Every link is down already; the port is asked for when the sockets are opened.
            LinkRequest::Close { .. } | LinkRequest::Rebind { .. } => {}
        }
        None
    }

    /// The addresses to be present on now.
    pub(crate) fn addresses(&self) -> Vec<InterfaceAddress> {
        self.given.clone().unwrap_or_else(|| interfaces::usable(&self.interfaces))
    }

    /// Opens the presence sockets, and the listeners that were open before on their old ports. Says what the engine has to
    /// know.
    pub(crate) fn open(
        &mut self,
        config: &Config,
        engine: &Engine,
        events: &EventHub,
    ) -> Result<(Network, Vec<NetworkEvent>, Vec<LinkEvent>), NodeError> {
        let (arrivals, datagrams) = mpsc::channel(DATAGRAMS_MAX);
        let mut presence = Presence::new(engine.settings().port, self.next_interface, arrivals, self.radio.clone());
        let (mut changes, unusable) = presence.set_addresses(&self.addresses());
        changes.extend(presence.set_radio(&self.radio.addresses()));
        if presence.is_empty() {
            match unusable.into_iter().next() {
                Some(one) => return Err(refusal(one, presence.port())),
                // What the platform names may well be nothing now and something later.
                None if self.given.is_none() => return Err(NodeError::NoInterface),
                None => {}
            }
        } else {
            self.report(unusable, events);
        }
        let (inputs, link_inputs) = mpsc::channel(LINK_INPUTS_MAX);
        let settings = LinkSettings {
            bind: self.link_address(),
            main_port: config.network.link_port,
            links_max: config.links.links_max,
            handshakes_per_second: config.links.handshakes_per_second,
        };
        let mut links =
            Links::new(settings, &engine.link_secret(), inputs, self.next_link.clone()).map_err(NodeError::Network)?;
        links.reach_over(self.radio.clone());
        links.join(self.preferred());
        let wanted = std::mem::take(&mut self.listeners);
        let listening = wanted.into_iter().map(|(listener, port)| links.listen(listener, port)).collect();
        let radio = self.radio.clone();
        Ok((Network { presence, links, link_inputs, datagrams, radio }, changes, listening))
    }

    /// Links use the address of a host that has exactly one, so that several hosts on one machine are told apart.
    fn link_address(&self) -> Option<SocketAddr> {
        match (&self.interfaces, self.addresses().as_slice()) {
            (Interfaces::Only(_), [address]) => Some(address.at(0)),
            _ => None,
        }
    }

    /// The network that links are put on, if all addresses are on it: they have one socket for all, which would reach nobody on
    /// another, such as a hotspot of the device's own, which is no network to it. Else the device's routes decide.
    fn preferred(&self) -> Option<u64> {
        let mut networks = self.given.iter().flatten().map(|address| address.network);
        let first = networks.next()?;
        networks.all(|network| network == first).then_some(first)?
    }

    /// What is known of this host's addresses and sockets.
    pub(crate) fn facts(&self, network: Option<&Network>, port: u16) -> Facts {
        let mut facts = Facts { port, unusable: self.unusable.clone(), ..Facts::default() };
        if let Some(network) = network {
            facts.present = network.presence.addresses();
            facts.host_links = network.presence.host_links().clone();
            facts.unsent = network.presence.unsent().clone();
        }
        facts
    }

    /// Opens and closes presence sockets as addresses come and go.
    pub(crate) fn refresh(&mut self, network: &mut Network, events: &EventHub) -> Vec<NetworkEvent> {
        let (mut changes, unusable) = network.presence.set_addresses(&self.addresses());
        changes.extend(network.presence.set_radio(&self.radio.addresses()));
        self.report(unusable, events);
        network.links.join(self.preferred());
        if !changes.is_empty() {
            network.links.cut_stranded();
        }
        changes.extend(network.presence.newly_mute());
        changes
    }

    /// Tells of addresses that cannot be used, of each once until it can.
    fn report(&mut self, unusable: Vec<Unusable>, events: &EventHub) {
        let now = unusable.iter().map(|one| (one.address, Trouble::from(&one.error))).collect();
        let fresh = |one: &Unusable| !self.unusable.contains_key(&one.address);
        report(unusable.into_iter().filter(fresh), events);
        self.unusable = now;
    }

    /// Ends links, what was handed over first, then closes every socket: the ports are free for the next `open`, which listens
    /// on the same ones with `keep_ports`. Says what the engine has to know.
    pub(crate) async fn shut(&mut self, network: Network, keep_ports: bool) -> (Vec<NetworkEvent>, Vec<LinkEvent>) {
        let Network { mut presence, links, mut link_inputs, .. } = network;
        if keep_ports {
            self.listeners = links.ports();
        }
        let (mut changes, _) = presence.set_addresses(&[]);
        changes.extend(presence.set_radio(&[]));
        self.next_interface = presence.next_interface();
        // Its tasks close each port a moment after they are told to, and let go of this channel then.
        let closed = async { while link_inputs.recv().await.is_some() {} };
        let (ended, _) = tokio::join!(links.shut(SHUT_TIME), timeout(SHUT_TIME * 2, closed));
        (changes, ended)
    }
}

impl Network {
    /// The next arrival; of links only if the engine wants any. Cancel-safe.
    pub(crate) async fn next(&mut self, wants_links: bool) -> Option<Arrival> {
        tokio::select! {
            biased;
            input = self.link_inputs.recv(), if wants_links => input.map(Arrival::Link),
            datagram = self.datagrams.recv() => datagram.map(Arrival::Datagram),
            datagram = self.radio.next() => Some(self.over_radio(datagram)),
        }
    }

    /// What came over a host link; of one that is gone already it is no more than that.
    fn over_radio(&self, came: Option<(Ipv4Addr, SocketAddr, Vec<u8>)>) -> Arrival {
        let datagram = came.and_then(|(own, from, bytes)| self.presence.over_radio(own, from, bytes));
        datagram.map_or(Arrival::RadioChanged, Arrival::Datagram)
    }

    /// The next arrival that is already there.
    pub(crate) fn try_next(&mut self, wants_links: bool) -> Option<Arrival> {
        let link = if wants_links { self.link_inputs.try_recv().ok().map(Arrival::Link) } else { None };
        let datagram = link.or_else(|| self.datagrams.try_recv().ok().map(Arrival::Datagram));
        datagram.or_else(|| self.radio.try_next().map(|came| self.over_radio(came)))
    }

    /// Notes what a link tells; the result is for the engine.
    pub(crate) fn on_link(&mut self, input: LinkInput) -> LinkEvent {
        self.links.on_input(input)
    }

    /// Links show themselves at the pace of the beacons.
    pub(crate) fn keep_pace(&self, beacons: Duration) {
        self.links.keep_pace(beacons);
    }

    pub(crate) fn transmit(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Everyone { interface, only, bytes } => self.presence.send_everyone(interface, only, &bytes),
            Transmit::Datagram { to, bytes } => self.presence.send_to(to, &bytes),
            Transmit::Frame { link, bytes } => self.links.send(link, bytes),
        }
    }

    /// Moves the presence sockets to another port, before the engine is told that they are there.
    pub(crate) fn move_to(&mut self, port: u16, events: &EventHub) -> Result<(), NodeError> {
        match self.presence.rebind(port) {
            Ok(unusable) => report(unusable, events),
            Err(unusable) => {
                if let Some(one) = unusable.into_iter().next() {
                    return Err(refusal(one, port));
                }
            }
        }
        Ok(())
    }

    /// Does what the engine wants done; what is known at once is returned.
    pub(crate) fn carry_out(&mut self, request: LinkRequest, events: &EventHub) -> Option<LinkEvent> {
        match request {
            LinkRequest::Listen { listener } => return Some(self.links.listen(listener, None)),
            LinkRequest::StopListening { listener } => self.links.stop_listening(listener),
            LinkRequest::Dial { dial, listener, addresses, expected } => {
                self.links.dial(dial, listener, addresses, expected);
            }
            LinkRequest::Close { link } => self.links.close(link),
            LinkRequest::Rebind { port } => match self.presence.rebind(port) {
                Ok(unusable) | Err(unusable) => report(unusable, events),
            },
        }
        None
    }
}

fn report(unusable: impl IntoIterator<Item = Unusable>, events: &EventHub) {
    for Unusable { address, error } in unusable {
        tracing::info!(%address, %error, "this address cannot be used");
        events.tell(NodeEvent::Node(NodeNotice::AddressUnusable { address, reason: error.to_string() }));
    }
}

fn refusal(unusable: Unusable, port: u16) -> NodeError {
    let Unusable { address, error } = unusable;
    if udp::is_in_use(&error) {
        NodeError::PortInUse { port, address }
    } else {
        NodeError::AddressUnusable { address, cause: Trouble::from(&error).cause, reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_put_on_a_network_only_if_it_has_all_addresses() {
        let mut air = Air::new(&Config::default());
        assert_eq!(air.preferred(), None);
        for (networks, preferred) in [
            (vec![Some(7), Some(7)], Some(7)),
            (vec![Some(7), None], None),
            (vec![None, Some(7)], None),
            (vec![Some(7), Some(8)], None),
            (vec![], None),
        ] {
            let address = |(number, network): (u8, &Option<u64>)| InterfaceAddress {
                name: "wlan0".into(),
                address: [10, 0, 0, number].into(),
                prefix: 24,
                scope: 3,
                network: *network,
            };
            air.set_given(Some((1..).zip(&networks).map(address).collect()));
            assert_eq!(air.preferred(), preferred, "{networks:?}");
        }
    }
}
