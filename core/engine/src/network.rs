//! The interfaces of this device, and which addresses lie on them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use crate::api::NetAddr;
use crate::ids::Interface;

/// The interfaces that are up, with their addresses and prefix lengths.
#[derive(Debug, Default)]
pub(crate) struct Network {
    interfaces: BTreeMap<Interface, Vec<(IpAddr, u8)>>,
}

impl Network {
    /// Takes an interface in; says whether anything is new.
    pub(crate) fn up(&mut self, interface: Interface, addresses: Vec<(IpAddr, u8)>) -> bool {
        self.interfaces.insert(interface, addresses.clone()).is_none_or(|before| before != addresses)
    }

    pub(crate) fn down(&mut self, interface: Interface) {
        self.interfaces.remove(&interface);
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

    #[test]
    fn a_prefix_of_no_bits_does_not_make_the_world_on_link() {
        let mut network = Network::default();
        network.up(Interface(1), vec![("10.0.0.1".parse().unwrap(), 0)]);
        assert!(!network.is_on_link(&address("8.8.8.8:1")));
    }
}
