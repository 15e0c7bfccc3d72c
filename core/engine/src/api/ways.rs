//! What the doctor says about the ways of finding others.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Cast, NetAddr};
use crate::ids::{HostId, Interface};

/// A way of finding others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// IPv4 broadcast on an interface.
    Broadcast,
    /// The IPv4 multicast group on an interface.
    MulticastV4,
    /// The IPv6 multicast group on an interface.
    MulticastV6,
    /// Unicast to addresses where friends, askers and scanned hosts were last seen.
    Remembered,
    /// Unicast to addresses that this user gave: in a URI, in the configuration, by the phone's own discovery.
    Given,
    /// Unicast to the addresses of a small network, one by one.
    Sweep,
}

/// Whether a way leads to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody answered by it.
    Works,
    /// It leads nowhere, for the reason given.
    DoesNotWork,
    /// Nobody can tell: there may be nobody to answer.
    Unknown,
}

/// Why a way has its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayReason {
    /// Somebody answered.
    Answered,
    /// Nobody answered by any way on this interface: there may be nobody.
    NobodyAnswered,
    /// Nobody answered by this way, but somebody did by another one on the same interface: the network drops it.
    OthersAnswered,
    /// Not even this host heard what it sent to the group: something on this device drops it.
    NotHeardHere,
    /// This host has no address by which it could be used.
    NoAddress,
    /// No address is remembered, or none was given.
    NothingToTry,
    /// Somebody is heard elsewhere, so nobody here was asked one by one.
    NotNeeded,
    /// The network is too large, or not private.
    NetworkTooLarge,
    /// The configuration or the user's visibility switches it off.
    SwitchedOff,
    /// This host is not present on the network.
    NotPresent,
}

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayAnswer {
    /// Who.
    pub host: HostId,
    /// The alias it last claimed, if one is known.
    pub alias: Option<String>,
    /// From where.
    pub address: NetAddr,
    /// How the question came there.
    pub heard_by: Cast,
}

/// What was found out about one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayReport {
    /// Which.
    pub way: Way,
    /// On which interface, where a way is tried on each.
    pub interface: Option<Interface>,
    /// This host's address there.
    pub own: Option<IpAddr>,
    /// Whether it leads to others.
    pub verdict: Verdict,
    /// Why.
    pub reason: WayReason,
    /// How many addresses were asked.
    pub asked: u32,
    /// The first who answered.
    pub answer: Option<WayAnswer>,
}

/// What others' clocks say about this host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockReport {
    /// Works: it is right as far as can be known. Does not work: it is wrong.
    pub verdict: Verdict,
    /// It shows a time before this program was written.
    pub too_early: bool,
    /// By how many milliseconds the clocks of those who answered are ahead of this one, in the middle.
    pub others_ahead: Option<i64>,
    /// How many answered.
    pub others: u32,
}

/// What an examination of the ways found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysReport {
    /// Every way, those on interfaces once for each.
    pub ways: Vec<WayReport>,
    /// The clock.
    pub clock: ClockReport,
}
