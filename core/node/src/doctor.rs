//! The network doctor: what the engine finds out about the ways of finding others, and what the operating system says of this
//! host's own addresses and sockets.

use std::io::{self, ErrorKind};
use std::net::IpAddr;

use permesso_engine::api::{Cast, ClockReport, Verdict, Way, WayAnswer, WayReason, WayReport, WaysReport};
use permesso_engine::ids::Interface;
use permesso_engine::tree::Tree;
use serde::Serialize;

use crate::error::NodeError;
use crate::interfaces::InterfaceAddress;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
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

/// Why the verdict is what it is; with the subject it says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: Subject,
    /// The interface's name, where it is about one.
    pub interface: Option<String>,
    /// This host's address there.
    pub address: Option<IpAddr>,
    /// Works, does not, or unknown; without a peer that answers no way is said to work.
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
    /// How many addresses were asked.
    pub asked: u32,
    /// The first who answered.
    pub answer: Option<WayAnswer>,
    /// The system's own words for what went wrong.
    pub detail: Option<String>,
    /// Of the clock: by how many milliseconds those who answered are ahead, in the middle.
    pub others_ahead: Option<i64>,
}

/// What the doctor found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoctorReport {
    /// This host's presence port.
    pub port: u16,
    /// The addresses first, then the ways, then the clock.
    pub findings: Vec<Finding>,
}

impl DoctorReport {
    /// Whether at least one way leads to somebody.
    pub fn leads_to_somebody(&self) -> bool {
        self.findings.iter().any(|finding| finding.answer.is_some())
    }
}

/// What went wrong with a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) cause: Cause,
    pub(crate) detail: String,
}

impl From<&io::Error> for Trouble {
    fn from(error: &io::Error) -> Self {
        let cause = match error.kind() {
            ErrorKind::AddrInUse => Cause::PortTaken,
            ErrorKind::PermissionDenied => Cause::NoPermission,
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => Cause::NoRoute,
            ErrorKind::NetworkDown => Cause::InterfaceDown,
            ErrorKind::AddrNotAvailable => Cause::NoAddress,
            _ => Cause::Failed,
        };
        Self { cause, detail: error.to_string() }
    }
}

/// What the node knows itself.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) port: u16,
    pub(crate) present: Tree<Interface, InterfaceAddress>,
    /// This host's ends of host links.
    pub(crate) host_links: Tree<Interface, InterfaceAddress>,
    pub(crate) unusable: Tree<IpAddr, Trouble>,
    /// What could not be sent lately, by interface and way.
    pub(crate) unsent: Tree<(Interface, Cast), Trouble>,
}

/// What is said of a host that is present.
pub(crate) fn report(ways: WaysReport, facts: &Facts) -> DoctorReport {
    let mut findings = addresses(facts);
    let (host_links, ways_there): (Vec<_>, Vec<_>) = ways
        .ways
        .into_iter()
        .partition(|way| way.interface.is_some_and(|number| facts.host_links.contains_key(&number)));
    findings.extend(ways_there.into_iter().map(|way| of_way(way, facts)));
    // Where the app's radio is all there is, nothing else could be asked.
    for subject in [Subject::Broadcast, Subject::MulticastV4] {
        if !findings.iter().any(|finding| finding.subject == subject) {
            findings.push(Finding::new(subject, Verdict::DoesNotWork, Cause::NoAddress));
        }
    }
    findings.extend(host_links.into_iter().filter_map(|way| of_host_link(way, facts)));
    findings.push(of_clock(ways.clock));
    DoctorReport { port: facts.port, findings }
}

/// What is said of a host that could not become present; none if the error is about something else than the network.
pub(crate) fn report_without_presence(error: &NodeError, port: u16) -> Option<DoctorReport> {
    let (address, cause) = match error {
        NodeError::PortInUse { address, .. } => (Some(*address), Cause::PortTaken),
        NodeError::NoInterface => (None, Cause::NoAddress),
        NodeError::AddressUnusable { address, cause, .. } => (Some(*address), *cause),
        NodeError::Network(error) => (None, Trouble::from(error).cause),
        _ => return None,
    };
    let mut first = Finding::new(Subject::Address, Verdict::DoesNotWork, cause);
    first.address = address;
    first.detail = Some(error.to_string());
    let ways = [
        Subject::Broadcast,
        Subject::MulticastV4,
        Subject::MulticastV6,
        Subject::Remembered,
        Subject::Given,
        Subject::Sweep,
        Subject::Clock,
    ];
    let untried = ways.map(|subject| Finding::new(subject, Verdict::Unknown, Cause::NotPresent));
    Some(DoctorReport { port, findings: std::iter::once(first).chain(untried).collect() })
}

impl Finding {
    fn new(subject: Subject, verdict: Verdict, cause: Cause) -> Self {
        Self {
            subject,
            interface: None,
            address: None,
            verdict,
            cause,
            asked: 0,
            answer: None,
            detail: None,
            others_ahead: None,
        }
    }
}

fn addresses(facts: &Facts) -> Vec<Finding> {
    let alone = facts.present.values().all(|present| present.address.is_loopback());
    let present = facts.present.values().map(|present| {
        let (verdict, cause) =
            if alone { (Verdict::DoesNotWork, Cause::LoopbackOnly) } else { (Verdict::Works, Cause::Fine) };
        let (interface, address) = (Some(present.name.clone()), Some(present.address));
        Finding { interface, address, ..Finding::new(Subject::Address, verdict, cause) }
    });
    let unusable = facts.unusable.iter().map(|(address, trouble)| {
        let (address, detail) = (Some(*address), Some(trouble.detail.clone()));
        Finding { address, detail, ..Finding::new(Subject::Address, Verdict::DoesNotWork, trouble.cause) }
    });
    let mut findings: Vec<Finding> = present.chain(unusable).collect();
    if findings.is_empty() {
        findings.push(Finding::new(Subject::Address, Verdict::DoesNotWork, Cause::NoAddress));
    }
    findings
}

fn of_way(way: WayReport, facts: &Facts) -> Finding {
    let WayReport { way, interface, own, mut verdict, reason, asked, answer } = way;
    let mut cause = cause_of(reason);
    let mut detail = None;
    if let Some(trouble) = trouble_of(way, interface, facts).filter(|_| verdict != Verdict::Works) {
        (verdict, cause, detail) = (Verdict::DoesNotWork, trouble.cause, Some(trouble.detail.clone()));
        // Where this host has an address everybody is on the link. What only one of several ways lacks is that way's own fault.
        let unsent = |interface: &Interface| facts.unsent.contains_key(&(*interface, Cast::Broadcast));
        let mut v4 = facts.present.iter().filter(|(_, present)| present.address.is_ipv4());
        if cause == Cause::NoRoute
            && matches!(way, Way::Broadcast | Way::MulticastV4 | Way::MulticastV6)
            && v4.all(|(interface, _)| unsent(interface))
        {
            cause = Cause::NotToEverybody;
        }
    }
    let interface = interface.and_then(|number| facts.present.get(&number)).map(|present| present.name.clone());
    let subject = match way {
        Way::Broadcast => Subject::Broadcast,
        Way::MulticastV4 => Subject::MulticastV4,
        Way::MulticastV6 => Subject::MulticastV6,
        Way::Remembered => Subject::Remembered,
        Way::Given => Subject::Given,
        Way::Sweep => Subject::Sweep,
    };
    Finding { interface, address: own, asked, answer, detail, ..Finding::new(subject, verdict, cause) }
}

/// A host link is a network of two, where one question says all: if the other is silent, it may be no host, or have ended.
fn of_host_link(way: WayReport, facts: &Facts) -> Option<Finding> {
    let WayReport { way: Way::Broadcast, interface: Some(interface), reason, asked, answer, .. } = way else {
        return None;
    };
    let (verdict, cause) = match reason {
        WayReason::Answered => (Verdict::Works, Cause::Answered),
        WayReason::SwitchedOff | WayReason::NotPresent => (Verdict::Unknown, cause_of(reason)),
        _ => (Verdict::Unknown, Cause::NobodyAnswered),
    };
    let interface = facts.host_links.get(&interface).map(|end| end.name.clone());
    Some(Finding { interface, asked, answer, ..Finding::new(Subject::HostLink, verdict, cause) })
}

/// What kept the questions of a way from leaving. Of unicast only what is forbidden altogether counts: an address where
/// nobody is may well be out of reach.
fn trouble_of(way: Way, interface: Option<Interface>, facts: &Facts) -> Option<&Trouble> {
    match (way, interface) {
        (Way::Broadcast, Some(interface)) => facts.unsent.get(&(interface, Cast::Broadcast)),
        (Way::MulticastV4 | Way::MulticastV6, Some(interface)) => facts.unsent.get(&(interface, Cast::Multicast)),
        _ => {
            let unicast = facts.unsent.iter().filter(|((_, cast), _)| *cast == Cast::Unicast);
            unicast.map(|(_, trouble)| trouble).find(|trouble| trouble.cause == Cause::NoPermission)
        }
    }
}

fn cause_of(reason: WayReason) -> Cause {
    match reason {
        WayReason::Answered => Cause::Answered,
        WayReason::NobodyAnswered => Cause::NobodyAnswered,
        WayReason::OthersAnswered => Cause::OthersAnswered,
        WayReason::NotHeardHere => Cause::NotHeardHere,
        WayReason::NoAddress => Cause::NoAddress,
        WayReason::NothingToTry => Cause::NothingToTry,
        WayReason::NotNeeded => Cause::NotNeeded,
        WayReason::NetworkTooLarge => Cause::NetworkTooLarge,
        WayReason::SwitchedOff => Cause::SwitchedOff,
        WayReason::NotPresent => Cause::NotPresent,
    }
}

fn of_clock(clock: ClockReport) -> Finding {
    let cause = match (clock.verdict, clock.others) {
        (Verdict::Works, _) => Cause::Fine,
        (Verdict::Unknown, _) => Cause::NobodyAnswered,
        (Verdict::DoesNotWork, _) if clock.too_early => Cause::ClockTooEarly,
        (Verdict::DoesNotWork, _) => Cause::ClockDiffers,
    };
    let others_ahead = clock.others_ahead;
    Finding { asked: clock.others, others_ahead, ..Finding::new(Subject::Clock, clock.verdict, cause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETH0: Interface = Interface(1);

    fn facts() -> Facts {
        let address = InterfaceAddress {
            name: "eth0".into(),
            address: [10, 0, 0, 1].into(),
            prefix: 24,
            scope: 2,
            network: None,
        };
        Facts { port: 20_070, present: Tree::from([(ETH0, address)]), ..Facts::default() }
    }

    fn way(way: Way, verdict: Verdict, reason: WayReason) -> WayReport {
        let interface = matches!(way, Way::Broadcast | Way::MulticastV4).then_some(ETH0);
        WayReport { way, interface, own: None, verdict, reason, asked: 1, answer: None }
    }

    fn ways(ways: Vec<WayReport>) -> WaysReport {
        let clock = ClockReport { verdict: Verdict::Unknown, too_early: false, others_ahead: None, others: 0 };
        WaysReport { ways, clock }
    }

    fn of(report: &DoctorReport, subject: Subject) -> (Verdict, Cause) {
        let finding = report.findings.iter().find(|finding| finding.subject == subject).unwrap();
        (finding.verdict, finding.cause)
    }

    fn forbidden() -> Trouble {
        Trouble::from(&io::Error::from(ErrorKind::PermissionDenied))
    }

    #[test]
    fn a_system_that_lets_nobody_speak_to_everybody_is_told_from_one_without_a_way() {
        let asked = |way_there| ways(vec![way(way_there, Verdict::Unknown, WayReason::NobodyAnswered)]);
        let withheld = Trouble::from(&io::Error::from(ErrorKind::HostUnreachable));
        let unsent = Tree::from([((ETH0, Cast::Broadcast), withheld.clone()), ((ETH0, Cast::Multicast), withheld)]);
        let facts = Facts { unsent, ..facts() };
        let refused = (Verdict::DoesNotWork, Cause::NotToEverybody);
        assert_eq!(of(&report(asked(Way::Broadcast), &facts), Subject::Broadcast), refused);
        assert_eq!(of(&report(asked(Way::MulticastV4), &facts), Subject::MulticastV4), refused);
        let one = Tree::from([((ETH0, Cast::Multicast), Trouble::from(&io::Error::from(ErrorKind::HostUnreachable)))]);
        let by_one = report(asked(Way::MulticastV4), &Facts { unsent: one, ..self::facts() });
        assert_eq!(of(&by_one, Subject::MulticastV4), (Verdict::DoesNotWork, Cause::NoRoute));
        // Single addresses where nobody is have no way to them either.
        assert_eq!(of(&report(asked(Way::Sweep), &facts), Subject::Sweep), (Verdict::Unknown, Cause::NobodyAnswered));
    }

    #[test]
    fn what_could_not_be_sent_explains_a_way_by_which_nobody_answered() {
        let asked = vec![
            way(Way::Broadcast, Verdict::Unknown, WayReason::NobodyAnswered),
            way(Way::MulticastV4, Verdict::Unknown, WayReason::NobodyAnswered),
        ];
        let facts = Facts { unsent: Tree::from([((ETH0, Cast::Broadcast), forbidden())]), ..facts() };
        let report = report(ways(asked), &facts);
        assert_eq!(of(&report, Subject::Broadcast), (Verdict::DoesNotWork, Cause::NoPermission));
        assert_eq!(of(&report, Subject::MulticastV4), (Verdict::Unknown, Cause::NobodyAnswered));
        assert!(report.findings.iter().any(|finding| finding.detail.is_some()));
    }

    #[test]
    fn a_way_by_which_somebody_answered_works_whatever_went_wrong_before() {
        let asked = vec![way(Way::Broadcast, Verdict::Works, WayReason::Answered)];
        let facts = Facts { unsent: Tree::from([((ETH0, Cast::Broadcast), forbidden())]), ..facts() };
        assert_eq!(of(&report(ways(asked), &facts), Subject::Broadcast), (Verdict::Works, Cause::Answered));
    }

    #[test]
    fn an_address_out_of_reach_says_nothing_about_unicast_but_a_prohibition_does() {
        let sweep = || ways(vec![way(Way::Sweep, Verdict::Unknown, WayReason::NobodyAnswered)]);
        let with = |trouble| Facts { unsent: Tree::from([((ETH0, Cast::Unicast), trouble)]), ..facts() };
        let unreachable = Trouble::from(&io::Error::from(ErrorKind::HostUnreachable));
        assert_eq!(of(&report(sweep(), &with(unreachable)), Subject::Sweep).0, Verdict::Unknown);
        let no = (Verdict::DoesNotWork, Cause::NoPermission);
        assert_eq!(of(&report(sweep(), &with(forbidden())), Subject::Sweep), no);
    }

    #[test]
    fn a_host_link_is_one_finding_which_says_whether_the_other_end_answered() {
        let radio = Interface(2);
        let end = InterfaceAddress {
            name: "host link 1".into(),
            address: [240, 0, 1, 1].into(),
            prefix: 30,
            scope: 0,
            network: None,
        };
        let facts = Facts { host_links: Tree::from([(radio, end)]), ..Facts::default() };
        let over = |kind, verdict, reason| WayReport { interface: Some(radio), ..way(kind, verdict, reason) };
        // Nobody hears its own multicast over a radio of two.
        let multicast = || over(Way::MulticastV4, Verdict::DoesNotWork, WayReason::NotHeardHere);
        let silent = report(
            ways(vec![over(Way::Broadcast, Verdict::DoesNotWork, WayReason::OthersAnswered), multicast()]),
            &facts,
        );
        assert_eq!(of(&silent, Subject::HostLink), (Verdict::Unknown, Cause::NobodyAnswered));
        assert_eq!(of(&silent, Subject::MulticastV4), (Verdict::DoesNotWork, Cause::NoAddress));
        let answered =
            report(ways(vec![over(Way::Broadcast, Verdict::Works, WayReason::Answered), multicast()]), &facts);
        assert_eq!(of(&answered, Subject::HostLink), (Verdict::Works, Cause::Answered));
        let links = answered.findings.iter().filter(|finding| finding.subject == Subject::HostLink);
        assert_eq!(links.map(|finding| finding.interface.as_deref()).collect::<Vec<_>>(), [Some("host link 1")]);
    }

    #[test]
    fn a_device_on_no_network_is_told_so() {
        let mut facts = facts();
        facts.present.values_mut().for_each(|present| present.address = [127, 0, 0, 1].into());
        let no = (Verdict::DoesNotWork, Cause::LoopbackOnly);
        assert_eq!(of(&report(ways(Vec::new()), &facts), Subject::Address), no);
        facts.present.clear();
        let no = (Verdict::DoesNotWork, Cause::NoAddress);
        assert_eq!(of(&report(ways(Vec::new()), &facts), Subject::Address), no);
    }

    #[test]
    fn a_taken_port_is_named_and_nothing_is_said_to_work() {
        let taken = NodeError::PortInUse { port: 20_070, address: [10, 0, 0, 1].into() };
        let report = report_without_presence(&taken, 20_070).unwrap();
        assert_eq!(of(&report, Subject::Address), (Verdict::DoesNotWork, Cause::PortTaken));
        assert!(report.findings[1..].iter().all(|finding| finding.verdict == Verdict::Unknown));
        assert!(!report.leads_to_somebody());
        assert!(report_without_presence(&NodeError::Paused, 20_070).is_none());
    }
}
