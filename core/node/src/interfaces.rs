//! Addresses this host can be present on.

use std::net::IpAddr;

/// An address of a network interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceAddress {
    /// The interface's name, for logs.
    pub name: String,
    /// This host's address on it.
    pub address: IpAddr,
    /// The length of the network prefix in bits.
    pub prefix: u8,
}
