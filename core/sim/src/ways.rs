//! What kind of network all hosts are in: by IPv4 or IPv6, large or small, with or without broadcast and multicast. The world
//! knows a host by its IPv4 address; on a network of IPv6 alone its engine knows another one, and no other is ever seen by it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV6};

use permesso_engine::api::{Cast, NetAddr};

use crate::host::PREFIX;
use crate::world::World;

/// The prefix length of a network small enough to be asked host by host.
const SMALL_PREFIX: u8 = 24;
/// That of a link's own addresses (RFC 4291 §2.5.6).
const LINK_LOCAL_PREFIX: u8 = 64;
/// The number every device gives its one interface.
const SCOPE: u32 = 2;

/// What a network carries.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    v6: bool,
    small: bool,
    drops_all: bool,
    /// Hosts whose systems let them neither send to everybody nor hear what is.
    mute: BTreeSet<usize>,
}

impl Ways {
    /// An interface's address and prefix length as its own engine is told them.
    pub(crate) fn interface(&self, address: IpAddr) -> (IpAddr, u8) {
        let prefix = match self {
            Self { v6: true, .. } => LINK_LOCAL_PREFIX,
            Self { small: true, .. } => SMALL_PREFIX,
            _ => PREFIX,
        };
        (self.shown(NetAddr::new(address, 0)).ip(), prefix)
    }

    /// An address of the world as engines see it.
    pub(crate) fn shown(&self, address: NetAddr) -> NetAddr {
        match address.ip() {
            IpAddr::V4(ip) if self.v6 => {
                let [a, b, c, d] = ip.octets();
                let link_local =
                    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                SocketAddrV6::new(link_local, address.port(), 0, SCOPE).into()
            }
            _ => address,
        }
    }

    /// The address of the world that an engine means.
    pub(crate) fn meant(&self, address: NetAddr) -> NetAddr {
        match address.ip() {
            IpAddr::V6(ip) if self.v6 && ip.is_unicast_link_local() => {
                let [.., a, b, c, d] = ip.octets();
                NetAddr::new(Ipv4Addr::new(a, b, c, d).into(), address.port())
            }
            _ => address,
        }
    }

    /// By which ways a datagram to everybody is sent; `only` one of them if the engine wants that. IPv6 has no broadcast.
    pub(crate) fn casts(&self, only: Option<Cast>) -> Vec<Cast> {
        let all: &[Cast] = if self.v6 { &[Cast::Multicast] } else { &[Cast::Broadcast, Cast::Multicast] };
        all.iter().copied().filter(|cast| only.is_none_or(|only| only == *cast)).collect()
    }

    /// Whether what is sent to everybody reaches anybody.
    pub(crate) fn carries_to_all(&self) -> bool {
        !self.drops_all
    }

    /// Whether this host's system keeps it from all that goes to everybody.
    pub(crate) fn is_mute(&self, host: usize) -> bool {
        self.mute.contains(&host)
    }
}

impl World {
    /// Puts all hosts into a network that has IPv6 alone. To be called before they are switched on.
    pub fn use_ipv6_alone(&mut self) {
        self.ways.v6 = true;
    }

    /// Puts all hosts into a network of 254 addresses. To be called before they are switched on; there must be fewer than 240.
    pub fn use_small_network(&mut self) {
        self.ways.small = true;
    }

    /// Lets a host's system refuse all that goes to everybody, as an iPhone's does for an app without Apple's leave. To be called
    /// before it is switched on.
    pub fn refuse_broadcast(&mut self, host: usize) {
        self.ways.mute.insert(host);
    }

    /// Lets the network drop broadcast and multicast, or no more.
    pub fn set_drops_broadcast(&mut self, drops: bool) {
        self.ways.drops_all = drops;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_meant() {
        let address: NetAddr = "10.0.1.60:20070".parse().unwrap();
        for v6 in [false, true] {
            let ways = Ways { v6, ..Ways::default() };
            assert_eq!(ways.meant(ways.shown(address)), address);
            assert_eq!(ways.shown(address).is_ipv6(), v6);
        }
    }

    #[test]
    fn ipv6_has_no_broadcast() {
        assert_eq!(Ways { v6: true, ..Ways::default() }.casts(None), [Cast::Multicast]);
        assert_eq!(Ways::default().casts(Some(Cast::Broadcast)), [Cast::Broadcast]);
    }
}
