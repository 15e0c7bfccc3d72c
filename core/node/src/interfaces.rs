//! Addresses this host can be present on.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};

use permesso_engine::api::CommandError;

use crate::config::Interfaces;

/// An address of a network interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceAddress {
    /// The interface's name, for logs.
    pub name: String,
    /// This host's address on it.
    pub address: IpAddr,
    /// The length of the network prefix in bits, at most 32 for IPv4 and 128 for IPv6.
    pub prefix: u8,
    /// The operating system's number of the interface (RFC 4007 calls it zone). Without it, 0, nothing is sent to or heard
    /// from IPv6 link-local addresses and the IPv6 group; for IPv4 it means nothing.
    pub scope: u32,
    /// Android's handle of the network it is on (`Network.getNetworkHandle`), which sockets have to be put on there. Elsewhere
    /// it means nothing.
    pub network: Option<u64>,
}

impl InterfaceAddress {
    /// Whether its prefix can be one.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        let (what, bits, range) = match self.address {
            IpAddr::V4(_) => ("the prefix of an IPv4 address", 32, "0 to 32 bits"),
            IpAddr::V6(_) => ("the prefix of an IPv6 address", 128, "0 to 128 bits"),
        };
        if self.prefix <= bits { Ok(()) } else { Err(CommandError::OutOfRange { what, range }) }
    }

    /// Whether `address` is on this interface's network.
    pub fn reaches(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = mask(self.prefix);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix.min(128))).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }

    /// The broadcast address of its network, if such a network has one.
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        match self.address {
            IpAddr::V4(address) if self.prefix < 31 => {
                Some(Ipv4Addr::from_bits(address.to_bits() | !mask(self.prefix)))
            }
            _ => None,
        }
    }

    /// Whether it is an IPv6 address that means something on its own link alone.
    pub fn is_link_local(&self) -> bool {
        matches!(self.address, IpAddr::V6(address) if address.is_unicast_link_local())
    }

    /// The address with a port, and the scope a link-local one needs.
    pub(crate) fn at(&self, port: u16) -> SocketAddr {
        match self.address {
            IpAddr::V6(address) if self.is_link_local() => SocketAddrV6::new(address, port, 0, self.scope).into(),
            address => SocketAddr::new(address, port),
        }
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

/// The addresses to be present on, of those the operating system names now.
pub(crate) fn usable(wanted: &Interfaces) -> Vec<InterfaceAddress> {
    let present = present();
    match wanted {
        Interfaces::Auto => automatic(present),
        Interfaces::Only(list) => list.iter().filter_map(|address| explicit(&present, *address)).collect(),
    }
}

fn present() -> Vec<InterfaceAddress> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::debug!(%error, "the system does not tell its addresses");
        Vec::new()
    });
    let usable = |interface: &if_addrs::Interface| {
        let down = interface.oper_status == if_addrs::IfOperStatus::Down && !interface.is_loopback();
        let is_no_network = cfg!(target_vendor = "apple") && is_of_apple(&interface.name);
        !interface.is_p2p() && !down && !is_no_network
    };
    let address = |interface: if_addrs::Interface| {
        let (address, prefix) = match &interface.addr {
            if_addrs::IfAddr::V4(v4) => (IpAddr::V4(v4.ip), v4.prefixlen),
            if_addrs::IfAddr::V6(v6) => (IpAddr::V6(v6.ip), v6.prefixlen),
        };
        let scope = interface.index.unwrap_or(0);
        (prefix > 0).then_some(InterfaceAddress { address, prefix, scope, name: interface.name, network: None })
    };
    interfaces.into_iter().filter(usable).filter_map(address).collect()
}

/// Whether an interface of Apple's systems serves these alone: AirDrop (`awdl`, `llw`), and chips of a Mac (`anpi`). It looks like a
/// network, and nobody is met there.
fn is_of_apple(name: &str) -> bool {
    ["anpi", "awdl", "llw"].iter().any(|own| name.starts_with(own))
}

/// All of them; loopback only where there is nothing else, and by IPv4 if it has that.
fn automatic(present: Vec<InterfaceAddress>) -> Vec<InterfaceAddress> {
    let (loopback, real): (Vec<_>, Vec<_>) = present.into_iter().partition(|one| one.address.is_loopback());
    if !real.is_empty() {
        return real;
    }
    let (v4, v6): (Vec<_>, Vec<_>) = loopback.into_iter().partition(|one| one.address.is_ipv4());
    if v4.is_empty() { v6 } else { v4 }
}

/// An address named by the user: one of the system's, or one on a network of the system's that belongs to this host as a whole
/// (on Linux every address 127.x.y.z does).
fn explicit(present: &[InterfaceAddress], address: IpAddr) -> Option<InterfaceAddress> {
    let same = present.iter().find(|one| one.address == address);
    let around = || present.iter().find(|one| one.address.is_loopback() && one.reaches(address));
    same.or_else(around).map(|one| InterfaceAddress { address, ..one.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(address: &str, prefix: u8) -> InterfaceAddress {
        InterfaceAddress { name: "test".into(), address: address.parse().unwrap(), prefix, scope: 4, network: None }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_has_a_range_and_a_broadcast_address() {
        let home = interface("192.168.1.20", 24);
        assert!(home.reaches(ip("192.168.1.99")) && home.reaches(ip("::ffff:192.168.1.99")));
        assert!(!home.reaches(ip("192.168.2.1")) && !home.reaches(ip("fe80::1")));
        assert_eq!(home.broadcast(), Some([192, 168, 1, 255].into()));
        assert_eq!(interface("10.0.0.1", 32).broadcast(), None);
        assert_eq!(interface("127.0.0.2", 8).broadcast(), Some([127, 255, 255, 255].into()));
        assert!(interface("10.0.0.1", 0).reaches(ip("1.2.3.4")));
    }

    #[test]
    fn links_of_apples_own_are_no_networks() {
        assert!(["awdl0", "llw0", "anpi1"].into_iter().all(is_of_apple));
        assert!(!["en0", "bridge100", "utun3", "lo0"].into_iter().any(is_of_apple));
    }

    #[test]
    fn a_prefix_is_no_longer_than_its_address() {
        assert_eq!((interface("10.0.0.1", 32).check(), interface("fd00::1", 128).check()), (Ok(()), Ok(())));
        let error = interface("10.0.0.1", 33).check().unwrap_err().to_string();
        assert_eq!(error, "the prefix of an IPv4 address must be 0 to 32 bits");
        let error = interface("fd00::1", 129).check().unwrap_err().to_string();
        assert_eq!(error, "the prefix of an IPv6 address must be 0 to 128 bits");
    }

    #[test]
    fn an_ipv6_network_has_a_range_and_no_broadcast_address() {
        let home = interface("fd00::1", 64);
        assert!(home.reaches(ip("fd00::99")));
        assert!(!home.reaches(ip("fd00:0:0:1::99")) && !home.reaches(ip("10.0.0.1")));
        assert_eq!(home.broadcast(), None);
    }

    #[test]
    fn a_link_local_address_is_bound_with_its_scope_and_others_without() {
        assert_eq!(interface("fe80::1", 64).at(7), "[fe80::1%4]:7".parse().unwrap());
        assert_eq!(interface("fd00::1", 64).at(7), "[fd00::1]:7".parse().unwrap());
        assert_eq!(interface("10.0.0.1", 24).at(7), "10.0.0.1:7".parse().unwrap());
    }

    #[test]
    fn loopback_is_used_only_when_there_is_nothing_else() {
        let (loopback, real) = (interface("127.0.0.1", 8), interface("10.0.0.1", 24));
        let loopback_v6 = interface("::1", 128);
        assert_eq!(automatic(vec![loopback.clone(), real.clone(), loopback_v6.clone()]), [real]);
        assert_eq!(automatic(vec![loopback.clone(), loopback_v6.clone()]), [loopback]);
        assert_eq!(automatic(vec![loopback_v6.clone()]), [loopback_v6]);
    }

    #[test]
    fn a_network_of_ipv6_alone_is_used() {
        let (loopback, real) = (interface("127.0.0.1", 8), interface("fe80::1", 64));
        assert_eq!(automatic(vec![loopback, real.clone()]), [real]);
    }

    #[test]
    fn an_address_named_by_the_user_must_be_this_hosts() {
        let present = [interface("127.0.0.1", 8), interface("10.0.0.1", 24), interface("fe80::1", 64)];
        assert_eq!(explicit(&present, ip("127.0.0.3")), Some(interface("127.0.0.3", 8)));
        assert_eq!(explicit(&present, ip("10.0.0.1")), Some(interface("10.0.0.1", 24)));
        assert_eq!(explicit(&present, ip("fe80::1")), Some(interface("fe80::1", 64)));
        assert_eq!(explicit(&present, ip("10.0.0.2")), None);
        assert_eq!(explicit(&present, ip("fe80::2")), None);
    }

    #[test]
    fn the_system_names_at_least_its_loopback() {
        assert!(present().iter().any(|one| one.address.is_loopback()));
        assert!(!usable(&Interfaces::Auto).is_empty());
    }
}
