//! What the platform knows of networks, and what the doctor finds out.

use permesso_node::{Cause, DoctorReport, Finding, InterfaceAddress, Subject, Verdict};

use crate::error::PermessoError;
use crate::host::Host;
use crate::ids;
use crate::runtime::ask;

/// An address this device has.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NetworkAddress {
    /// The interface's name, for logs.
    pub name: String,
    /// The address, without a port.
    pub address: String,
    /// The length of the network prefix in bits, at most 32 for IPv4 and 128 for IPv6.
    pub prefix: u8,
    /// The operating system's number of the interface; for IPv4 it means nothing.
    pub scope: u32,
    /// Android's handle of the network it is on (`Network.getNetworkHandle`), which sockets have to be put on there; elsewhere
    /// it means nothing.
    #[uniffi(default = None)]
    pub network: Option<u64>,
}

/// What the doctor looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ExaminedThing {
    /// An address of this host: whether it can be present there on its port.
    Address,
    /// IPv4 broadcast on an interface.
    Broadcast,
    /// IPv4 multicast on an interface.
    MulticastV4,
    /// IPv6 multicast on an interface.
    MulticastV6,
    /// Addresses where friends, askers and scanned hosts were last seen.
    Remembered,
    /// Addresses from a URI, the configuration, or the phone's own discovery.
    Given,
    /// The addresses of a small network, asked one by one.
    Sweep,
    /// A host link: another radio, whose packets the app carries.
    HostLink,
    /// This device's clock.
    Clock,
}

/// What the doctor says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Judgement {
    /// Somebody answered by it, or it is as it should be.
    Works,
    /// It leads nowhere, for the reason given.
    DoesNotWork,
    /// Nobody can tell: there may be nobody to answer.
    Unknown,
}

/// Why; with the thing it says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Ground {
    /// This host is present there, or the clock agrees with others.
    Fine,
    /// Somebody answered.
    Answered,
    /// Nobody answered by any way there: there may be nobody.
    NobodyAnswered,
    /// Nobody answered by this way, but somebody did by another: the network drops it.
    OthersAnswered,
    /// Not even this host heard what it sent: something on this device drops it.
    NotHeardHere,
    /// There is no address by which it could be done.
    NoAddress,
    /// There is nothing but the loopback: this device is on no network.
    LoopbackOnly,
    /// No address is remembered, or none was given.
    NothingToTry,
    /// Somebody is heard elsewhere, so nobody here was asked one by one.
    NotNeeded,
    /// The network is too large to be asked one by one, or not private.
    NetworkTooLarge,
    /// The configuration or the user's visibility switches it off.
    SwitchedOff,
    /// This host could not become present, so it could not be tried.
    NotPresent,
    /// Another program has the port.
    PortTaken,
    /// The operating system or a firewall on this device forbids it.
    NoPermission,
    /// The operating system has no route there.
    NoRoute,
    /// The operating system lets this app send to single addresses alone, as iPhones do without Apple's leave.
    NotToEverybody,
    /// The interface is down.
    InterfaceDown,
    /// Something else went wrong; `detail` has the system's words.
    Failed,
    /// The clock shows a time before this program was written.
    ClockTooEarly,
    /// The clocks of all who answered differ from this one by more than a day.
    ClockDiffers,
}

/// What was found out about one thing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Diagnosis {
    /// What was looked at.
    pub thing: ExaminedThing,
    /// The interface's name, where it is about one.
    pub network: Option<String>,
    /// This host's address there.
    pub address: Option<String>,
    /// Works, does not, or unknown.
    pub judgement: Judgement,
    /// Why.
    pub ground: Ground,
    /// How many addresses were asked.
    pub asked: u32,
    /// The first who answered: its host.
    pub answered_by: Option<String>,
    /// The alias it last claimed.
    pub answered_by_alias: Option<String>,
    /// The system's own words for what went wrong.
    pub detail: Option<String>,
    /// Of the clock: by how many milliseconds those who answered are ahead, in the middle.
    pub others_ahead_ms: Option<i64>,
}

/// What the doctor found out.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Examination {
    /// This host's presence port.
    pub port: u16,
    /// Whether at least one way leads to somebody.
    pub leads_to_somebody: bool,
    /// The addresses first, then the ways, then the clock.
    pub diagnoses: Vec<Diagnosis>,
}

#[uniffi::export]
impl Host {
    /// Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks. Starts
    /// the host if it is not.
    pub async fn examine_network(&self) -> Result<Examination, PermessoError> {
        let node = self.node.clone();
        Ok(ask(async move { node.doctor().await }).await?.into())
    }

    /// The presence addresses this host has now, with their port; before it is started, those it would have.
    pub async fn addresses(&self) -> Result<Vec<String>, PermessoError> {
        let node = self.node.clone();
        let addresses = ask(async move { node.addresses().await }).await?;
        Ok(addresses.iter().map(ToString::to_string).collect())
    }

    /// Names an address, with its port, where another host may listen: found by the phone's own discovery, or typed in.
    pub async fn peer_found(&self, address: String) -> Result<(), PermessoError> {
        let (node, address) = (self.node.clone(), ids::address(&address)?);
        ask(async move { node.peer_found(address).await }).await
    }

    /// Names the addresses this device has, where programs may not ask for them (Android 11 and later). An empty list means
    /// that there is no network now; none goes back to asking the system.
    pub async fn set_network_addresses(&self, addresses: Option<Vec<NetworkAddress>>) -> Result<(), PermessoError> {
        let node = self.node.clone();
        let read = |list: Vec<NetworkAddress>| list.into_iter().map(interface).collect::<Result<Vec<_>, _>>();
        let addresses = addresses.map(read).transpose()?;
        ask(async move { node.set_interfaces(addresses).await }).await
    }
}

fn interface(given: NetworkAddress) -> Result<InterfaceAddress, PermessoError> {
    let NetworkAddress { name, address, prefix, scope, network } = given;
    let address = ids::parsed("an address", "one without a port like 192.168.1.20 or fe80::1", &address)?;
    Ok(InterfaceAddress { name, address, prefix, scope, network })
}

impl From<DoctorReport> for Examination {
    fn from(report: DoctorReport) -> Self {
        Self {
            port: report.port,
            leads_to_somebody: report.leads_to_somebody(),
            diagnoses: report.findings.into_iter().map(Diagnosis::from).collect(),
        }
    }
}

impl From<Finding> for Diagnosis {
    fn from(finding: Finding) -> Self {
        let (answered_by, answered_by_alias) =
            finding.answer.map(|answer| (answer.host.to_string(), answer.alias)).unzip();
        Self {
            thing: finding.subject.into(),
            network: finding.interface,
            address: finding.address.map(|address| address.to_string()),
            judgement: match finding.verdict {
                Verdict::Works => Judgement::Works,
                Verdict::DoesNotWork => Judgement::DoesNotWork,
                Verdict::Unknown => Judgement::Unknown,
            },
            ground: finding.cause.into(),
            asked: finding.asked,
            answered_by,
            answered_by_alias: answered_by_alias.flatten(),
            detail: finding.detail,
            others_ahead_ms: finding.others_ahead,
        }
    }
}

impl From<Subject> for ExaminedThing {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Address => Self::Address,
            Subject::Broadcast => Self::Broadcast,
            Subject::MulticastV4 => Self::MulticastV4,
            Subject::MulticastV6 => Self::MulticastV6,
            Subject::Remembered => Self::Remembered,
            Subject::Given => Self::Given,
            Subject::Sweep => Self::Sweep,
            Subject::HostLink => Self::HostLink,
            Subject::Clock => Self::Clock,
        }
    }
}

impl From<Cause> for Ground {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Fine => Self::Fine,
            Cause::Answered => Self::Answered,
            Cause::NobodyAnswered => Self::NobodyAnswered,
            Cause::OthersAnswered => Self::OthersAnswered,
            Cause::NotHeardHere => Self::NotHeardHere,
            Cause::NoAddress => Self::NoAddress,
            Cause::LoopbackOnly => Self::LoopbackOnly,
            Cause::NothingToTry => Self::NothingToTry,
            Cause::NotNeeded => Self::NotNeeded,
            Cause::NetworkTooLarge => Self::NetworkTooLarge,
            Cause::SwitchedOff => Self::SwitchedOff,
            Cause::NotPresent => Self::NotPresent,
            Cause::PortTaken => Self::PortTaken,
            Cause::NoPermission => Self::NoPermission,
            Cause::NoRoute => Self::NoRoute,
            Cause::NotToEverybody => Self::NotToEverybody,
            Cause::InterfaceDown => Self::InterfaceDown,
            Cause::Failed => Self::Failed,
            Cause::ClockTooEarly => Self::ClockTooEarly,
            Cause::ClockDiffers => Self::ClockDiffers,
        }
    }
}
