//! Addresses this host can be present on.

use std::net::{IpAddr, Ipv4Addr};

use crate::config::Interfaces;

/// An address of a network interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceAddress {
    /// The interface's name, for logs.
    pub name: String,
    /// This host's address on it.
    pub address: Ipv4Addr,
    /// The length of the network prefix in bits.
    pub prefix: u8,
}

impl InterfaceAddress {
    /// Whether `address` is on this interface's network.
    pub fn reaches(&self, address: IpAddr) -> bool {
        let IpAddr::V4(address) = address.to_canonical() else { return false };
        let mask = mask(self.prefix);
        self.address.to_bits() & mask == address.to_bits() & mask
    }

    /// The broadcast address of its network, if such a network has one.
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        (self.prefix < 31).then(|| Ipv4Addr::from_bits(self.address.to_bits() | !mask(self.prefix)))
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
    let address = |interface: if_addrs::Interface| match &interface.addr {
        if_addrs::IfAddr::V4(v4) if !interface.is_p2p() && v4.prefixlen > 0 => {
            Some(InterfaceAddress { address: v4.ip, prefix: v4.prefixlen, name: interface.name })
        }
        _ => None,
    };
    interfaces.into_iter().filter_map(address).collect()
}

fn automatic(present: Vec<InterfaceAddress>) -> Vec<InterfaceAddress> {
    let (loopback, real): (Vec<_>, Vec<_>) = present.into_iter().partition(|one| one.address.is_loopback());
    if real.is_empty() { loopback } else { real }
}

/// An address named by the user: one of the system's, or one on a network of the system's that belongs to this host as a whole
/// (on Linux every address 127.x.y.z does).
fn explicit(present: &[InterfaceAddress], address: Ipv4Addr) -> Option<InterfaceAddress> {
    let same = present.iter().find(|one| one.address == address);
    let around = || present.iter().find(|one| one.address.is_loopback() && one.reaches(address.into()));
    same.or_else(around).map(|one| InterfaceAddress { address, ..one.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(address: [u8; 4], prefix: u8) -> InterfaceAddress {
        InterfaceAddress { name: "test".into(), address: address.into(), prefix }
    }

    #[test]
    fn a_network_has_a_range_and_a_broadcast_address() {
        let home = interface([192, 168, 1, 20], 24);
        assert!(home.reaches("192.168.1.99".parse().unwrap()));
        assert!(home.reaches("::ffff:192.168.1.99".parse().unwrap()));
        assert!(!home.reaches("192.168.2.1".parse().unwrap()));
        assert_eq!(home.broadcast(), Some([192, 168, 1, 255].into()));
        assert_eq!(interface([10, 0, 0, 1], 32).broadcast(), None);
        assert_eq!(interface([127, 0, 0, 2], 8).broadcast(), Some([127, 255, 255, 255].into()));
        assert!(interface([10, 0, 0, 1], 0).reaches("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn loopback_is_used_only_when_there_is_nothing_else() {
        let (loopback, real) = (interface([127, 0, 0, 1], 8), interface([10, 0, 0, 1], 24));
        assert_eq!(automatic(vec![loopback.clone(), real.clone()]), [real]);
        assert_eq!(automatic(vec![loopback.clone()]), [loopback]);
    }

    #[test]
    fn an_address_named_by_the_user_must_be_this_hosts() {
        let present = [interface([127, 0, 0, 1], 8), interface([10, 0, 0, 1], 24)];
        assert_eq!(explicit(&present, [127, 0, 0, 3].into()), Some(interface([127, 0, 0, 3], 8)));
        assert_eq!(explicit(&present, [10, 0, 0, 1].into()), Some(interface([10, 0, 0, 1], 24)));
        assert_eq!(explicit(&present, [10, 0, 0, 2].into()), None);
    }

    #[test]
    fn the_system_names_at_least_its_loopback() {
        assert!(present().iter().any(|one| one.address.is_loopback()));
        assert!(!usable(&Interfaces::Auto).is_empty());
    }
}
