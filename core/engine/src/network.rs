//! The interfaces of this device, and which addresses lie on them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use crate::api::NetAddr;
use crate::ids::Interface;

/// The interfaces that are up, with their addresses and prefix lengths.
#[derive(Debug, Default)]
pub(crate) struct Network {
    interfaces: BTreeMap<Interface, Vec<(IpAddr, u8)>>,
    /// Those on which nothing can be sent to everybody.
    mute: BTreeSet<Interface>,
}

impl Network {
    /// Takes an interface in; says whether anything is new.
    pub(crate) fn up(&mut self, interface: Interface, addresses: Vec<(IpAddr, u8)>) -> bool {
        self.interfaces.insert(interface, addresses.clone()).is_none_or(|before| before != addresses)
    }

    pub(crate) fn down(&mut self, interface: Interface) {
        self.interfaces.remove(&interface);
        self.mute.remove(&interface);
    }

    /// Notes whether anything can be sent to everybody on an interface; says whether that is new.
    pub(crate) fn set_mute(&mut self, interface: Interface, mute: bool) -> bool {
        if mute {
            self.interfaces.contains_key(&interface) && self.mute.insert(interface)
        } else {
            self.mute.remove(&interface)
        }
    }

    /// Whether there is an interface on which nobody can be reached but by an address.
    pub(crate) fn is_mute(&self) -> bool {
        !self.mute.is_empty()
    }

    /// Whether there is any interface to speak on.
    pub(crate) fn is_up(&self) -> bool {
        !self.interfaces.is_empty()
    }

    pub(crate) fn interfaces(&self) -> impl Iterator<Item = Interface> {
        self.interfaces.keys().copied()
    }

    /// Whether the address is reached without a router.
    pub(crate) fn is_on_link(&self, address: &NetAddr) -> bool {
        let ip = address.ip().to_canonical();
        let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        link_local || self.prefixes().any(|(own, length)| is_within(ip, own, length))
    }

    /// Whether it is one of this device's own addresses.
    pub(crate) fn is_own(&self, ip: IpAddr) -> bool {
        self.prefixes().any(|(own, _)| own == ip.to_canonical())
    }

    /// The IPv4 addresses with their prefix lengths.
    pub(crate) fn v4(&self) -> impl Iterator<Item = (Interface, IpAddr, u8)> {
        let all =
            self.interfaces.iter().flat_map(|(interface, of)| of.iter().map(|(ip, length)| (*interface, *ip, *length)));
        all.filter(|(_, ip, _)| ip.is_ipv4())
    }

    /// The interfaces that speak to the IPv6 group: by their link-local addresses; others only where no interface has one.
    pub(crate) fn v6_in_group(&self) -> Vec<(Interface, IpAddr)> {
        let v6 = |(interface, of): (&Interface, &Vec<(IpAddr, u8)>)| {
            let (ip, _) = of.iter().find(|(ip, _)| ip.is_ipv6())?;
            Some((*interface, *ip))
        };
        let link_local = |(_, ip): &(Interface, IpAddr)| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let all: Vec<_> = self.interfaces.iter().filter_map(v6).collect();
        let best: Vec<_> = all.iter().copied().filter(link_local).collect();
        if best.is_empty() { all } else { best }
    }

    /// The addresses others may have on this device's private IPv4 networks with a prefix of at least `prefix_min` bits,
    /// those near its own first: routers give them out one after the other.
    pub(crate) fn neighbours(&self, prefix_min: u8) -> Vec<IpAddr> {
        self.neighbours_on(prefix_min, |_| true)
    }

    /// The same, on interfaces alone on which nothing can be sent to everybody.
    pub(crate) fn neighbours_out_of_hearing(&self, prefix_min: u8) -> Vec<IpAddr> {
        self.neighbours_on(prefix_min, |interface| self.mute.contains(&interface))
    }

    fn neighbours_on(&self, prefix_min: u8, is_meant: impl Fn(Interface) -> bool) -> Vec<IpAddr> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for (interface, own, length) in self.v4() {
            if !is_meant(interface) {
                continue;
            }
            let IpAddr::V4(own) = own else { continue };
            if !own.is_private() || !(prefix_min..=31).contains(&length) {
                continue;
            }
            let hosts = u32::MAX.checked_shr(length.into()).unwrap_or(0);
            let (first, last) = (own.to_bits() & !hosts, own.to_bits() | hosts);
            // A network of two addresses has no name and no broadcast address (RFC 3021).
            let (first, last) = if length == 31 { (first, last) } else { (first + 1, last - 1) };
            let outwards = (1..=hosts).flat_map(|far| [own.to_bits().checked_add(far), own.to_bits().checked_sub(far)]);
            let inside = outwards.flatten().filter(|bits| (first..=last).contains(bits));
            let others = inside.map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
            found.extend(others.filter(|ip| !self.is_own(*ip) && seen.insert(*ip)));
        }
        found
    }

    /// Whether a datagram to this address goes to one host at most: not to a group, not to everybody on a link.
    pub(crate) fn names_one_host(&self, address: &NetAddr) -> bool {
        let ip = address.ip().to_canonical();
        let everybody = match ip {
            IpAddr::V4(ip) => ip.is_broadcast() || self.is_directed_broadcast(ip),
            IpAddr::V6(_) => false,
        };
        address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !everybody
    }

    fn is_directed_broadcast(&self, ip: Ipv4Addr) -> bool {
        self.prefixes().any(|(own, length)| match own {
            IpAddr::V4(own) => {
                let hosts = u32::MAX.checked_shr(length.into()).unwrap_or(0);
                (1..=30).contains(&length) && ip.to_bits() == own.to_bits() | hosts
            }
            IpAddr::V6(_) => false,
        })
    }

    fn prefixes(&self) -> impl Iterator<Item = (IpAddr, u8)> {
        self.interfaces.values().flatten().map(|(ip, length)| (ip.to_canonical(), *length))
    }
}

/// A prefix of length zero contains nothing here: it would make the whole world on-link.
fn is_within(ip: IpAddr, own: IpAddr, length: u8) -> bool {
    match (ip, own) {
        (IpAddr::V4(ip), IpAddr::V4(own)) => {
            let differ = ip.to_bits() ^ own.to_bits();
            length > 0 && differ.leading_zeros() >= u32::from(length.min(32))
        }
        (IpAddr::V6(ip), IpAddr::V6(own)) => {
            let differ = ip.to_bits() ^ own.to_bits();
            length > 0 && differ.leading_zeros() >= u32::from(length.min(128))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Network {
        let mut network = Network::default();
        let addresses = vec![("192.168.1.7".parse().unwrap(), 24), ("2001:db8::7".parse().unwrap(), 64)];
        assert!(network.up(Interface(1), addresses.clone()));
        assert!(!network.up(Interface(1), addresses));
        network
    }

    fn address(text: &str) -> NetAddr {
        text.parse().unwrap()
    }

    #[test]
    fn on_link_is_what_shares_a_prefix() {
        for on in ["192.168.1.200:1", "[2001:db8::99]:1", "[fe80::1]:1", "[::ffff:192.168.1.9]:1"] {
            assert!(network().is_on_link(&address(on)), "{on}");
        }
        for off in ["192.168.2.1:1", "[2001:db9::1]:1", "8.8.8.8:1"] {
            assert!(!network().is_on_link(&address(off)), "{off}");
        }
    }

    #[test]
    fn nothing_is_on_link_without_an_interface() {
        let mut network = network();
        network.down(Interface(1));
        assert!(!network.is_on_link(&address("192.168.1.200:1")));
    }

    #[test]
    fn groups_and_broadcast_addresses_name_no_host() {
        for none in ["192.168.1.255:1", "255.255.255.255:1", "224.0.0.1:1", "[ff02::1]:1", "0.0.0.0:1", "192.168.1.9:0"]
        {
            assert!(!network().names_one_host(&address(none)), "{none}");
        }
        assert!(network().names_one_host(&address("192.168.2.255:1")));
    }

    fn neighbours(own: &str, length: u8) -> Vec<String> {
        let mut network = Network::default();
        network.up(Interface(1), vec![(own.parse().unwrap(), length)]);
        network.neighbours(24).iter().map(IpAddr::to_string).collect()
    }

    #[test]
    fn the_neighbours_of_a_small_private_network_are_all_its_other_hosts_the_near_ones_first() {
        let all = neighbours("192.168.1.7", 24);
        assert_eq!(all.len(), 253);
        assert_eq!(all[..4], ["192.168.1.8", "192.168.1.6", "192.168.1.9", "192.168.1.5"]);
        assert_eq!(all.last().map(String::as_str), Some("192.168.1.254"));
        assert_eq!(neighbours("10.0.0.2", 30), ["10.0.0.1"]);
        assert_eq!(neighbours("10.0.0.2", 31), ["10.0.0.3"]);
    }

    #[test]
    fn large_public_and_ipv6_networks_have_no_neighbours_to_be_asked() {
        for (own, length) in [("10.0.0.2", 23), ("10.0.0.2", 32), ("8.8.8.8", 24), ("127.0.0.1", 8), ("fd00::1", 120)] {
            assert_eq!(neighbours(own, length), Vec::<String>::new(), "{own}/{length}");
        }
    }

    #[test]
    fn one_network_by_two_interfaces_is_asked_once_and_own_addresses_never() {
        let mut network = Network::default();
        network.up(Interface(1), vec![("192.168.1.7".parse().unwrap(), 24)]);
        network.up(Interface(2), vec![("192.168.1.8".parse().unwrap(), 24)]);
        let all = network.neighbours(24);
        assert_eq!(all.len(), 252);
        assert!(!all.iter().any(|ip| network.is_own(*ip)));
    }

    #[test]
    fn a_prefix_of_no_bits_does_not_make_the_world_on_link() {
        let mut network = Network::default();
        network.up(Interface(1), vec![("10.0.0.1".parse().unwrap(), 0)]);
        assert!(!network.is_on_link(&address("8.8.8.8:1")));
    }
}
