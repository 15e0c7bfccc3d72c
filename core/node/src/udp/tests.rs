use std::collections::BTreeSet;
use std::io::Write;

use super::*;
use tokio::time::timeout;

fn loopback(last: u8) -> InterfaceAddress {
    InterfaceAddress { name: "lo".into(), address: [127, 0, 0, last].into(), prefix: 8, scope: 1, network: None }
}

/// A port nobody uses on any loopback address.
fn free_port() -> u16 {
    std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port()
}

/// Says so past the harness, which keeps what passing tests print to itself.
fn skipped(why: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED: {why}");
}

struct Host {
    presence: Presence,
    arrivals: mpsc::Receiver<Datagram>,
}

impl Host {
    /// A host present on these addresses; none, with a visible line, where the system has only 127.0.0.1.
    fn new(port: u16, addresses: &[InterfaceAddress]) -> Option<Self> {
        let (sender, arrivals) = mpsc::channel(64);
        let mut presence = Presence::new(port, 1, sender, Radio::default());
        let (events, unusable) = presence.set_addresses(addresses);
        if let Some(unusable) = unusable.first() {
            skipped(&format!("{} cannot be used here: {}", unusable.address, unusable.error));
            return None;
        }
        assert_eq!(events.len(), addresses.len());
        Some(Self { presence, arrivals })
    }

    async fn next(&mut self) -> Option<Datagram> {
        timeout(Duration::from_secs(2), self.arrivals.recv()).await.ok().flatten()
    }
}

/// Whether this system's loopback carries what is sent to a group at all, without a line of ours in between.
fn loopback_carries_multicast() -> bool {
    let listener = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let sender = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let sent = listener
        .join_multicast_v4(&GROUP_V4, &Ipv4Addr::LOCALHOST)
        .and_then(|()| SockRef::from(&sender).set_multicast_if_v4(&Ipv4Addr::LOCALHOST))
        .and_then(|()| sender.send_to(b"probe", (GROUP_V4, port)));
    sent.is_ok() && listener.recv_from(&mut [0; 8]).is_ok()
}

/// Whether this system's loopback carries broadcast, found out in the same way.
fn loopback_carries_broadcast() -> bool {
    let everybody = Ipv4Addr::new(127, 255, 255, 255);
    let Ok(listener) = std::net::UdpSocket::bind((everybody, 0)) else { return false };
    let port = listener.local_addr().unwrap().port();
    listener.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let sender = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    sender.set_broadcast(true).unwrap();
    sender.send_to(b"probe", (everybody, port)).is_ok() && listener.recv_from(&mut [0; 8]).is_ok()
}

/// Sends to everybody by one way alone: two others hear it, once each, and know by which way.
async fn everybody_hears_by(cast: Cast) {
    let port = free_port();
    let (Some(mut one), Some(mut other), Some(mut third)) =
        (Host::new(port, &[loopback(1)]), Host::new(port, &[loopback(2)]), Host::new(port, &[loopback(3)]))
    else {
        return;
    };
    one.presence.send_everyone(Interface(1), Some(cast), b"here I am");
    let from = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into();
    for host in [&mut other, &mut third] {
        let expected = Datagram { via: Interface(1), cast, from, bytes: b"here I am".to_vec() };
        assert_eq!(host.next().await, Some(expected));
        assert!(timeout(Duration::from_millis(50), host.arrivals.recv()).await.is_err(), "it came twice");
    }
}

#[tokio::test]
async fn everybody_on_the_network_hears_by_multicast_alone() {
    if !loopback_carries_multicast() {
        return skipped("this system's loopback carries no multicast");
    }
    everybody_hears_by(Cast::Multicast).await;
}

#[tokio::test]
async fn everybody_on_the_network_hears_by_broadcast_alone() {
    if !loopback_carries_broadcast() {
        return skipped("this system's loopback carries no broadcast");
    }
    everybody_hears_by(Cast::Broadcast).await;
}

#[tokio::test]
async fn what_everybody_is_told_goes_by_every_way_there_is() {
    let ways = [(Cast::Broadcast, loopback_carries_broadcast()), (Cast::Multicast, loopback_carries_multicast())];
    let expected: BTreeSet<Cast> = ways.iter().filter(|(_, carries)| *carries).map(|(cast, _)| *cast).collect();
    let port = free_port();
    let (Some(mut one), Some(mut other)) = (Host::new(port, &[loopback(1)]), Host::new(port, &[loopback(2)])) else {
        return;
    };
    one.presence.send_everyone(Interface(1), None, b"here I am");
    let mut casts = BTreeSet::new();
    for _ in &expected {
        casts.extend(other.next().await.map(|datagram| datagram.cast));
    }
    assert_eq!(casts, expected);
}

#[tokio::test]
async fn a_datagram_to_one_address_leaves_from_the_default_port_and_reaches_it_alone() {
    let port = free_port();
    let (Some(mut one), Some(mut other)) = (Host::new(port, &[loopback(1)]), Host::new(port, &[loopback(2)])) else {
        return;
    };
    one.presence.send_to(SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), port).into(), b"you");
    let from = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into();
    let expected = Datagram { via: Interface(1), cast: Cast::Unicast, from, bytes: b"you".to_vec() };
    assert_eq!(other.next().await, Some(expected));
    assert!(timeout(Duration::from_millis(50), one.arrivals.recv()).await.is_err());
}

#[tokio::test]
async fn an_oversized_datagram_is_passed_on_so_that_it_can_be_counted() {
    let port = free_port();
    let Some(mut host) = Host::new(port, &[loopback(1)]) else { return };
    let sender = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    sender.send_to(&[0; 1_300], (Ipv4Addr::LOCALHOST, port)).unwrap();
    sender.send_to(&[0; 9_000], (Ipv4Addr::LOCALHOST, port)).unwrap();
    assert_eq!(host.next().await.unwrap().bytes.len(), 1_300);
    assert_eq!(host.next().await.unwrap().bytes.len(), BUFFER);
}

#[tokio::test]
async fn two_hosts_cannot_share_one_address_and_port() {
    let port = free_port();
    let Some(_one) = Host::new(port, &[loopback(1)]) else { return };
    let (sender, _arrivals) = mpsc::channel(1);
    let (events, unusable) = Presence::new(port, 1, sender, Radio::default()).set_addresses(&[loopback(1)]);
    assert!(events.is_empty());
    assert!(is_in_use(&unusable[0].error), "{:?}", unusable[0].error);
}

#[tokio::test]
async fn the_engine_learns_once_where_nothing_can_be_sent_to_everybody_and_once_that_it_can() {
    let Some(Host { mut presence, arrivals: _arrivals }) = Host::new(free_port(), &[loopback(1)]) else { return };
    let tells = |works| [NetworkEvent::ToEverybody { interface: Interface(1), works }];
    assert_eq!(presence.newly_mute(), [], "nothing was tried yet");
    // Too long for any datagram: the system refuses it by every way.
    let refused = [0; 70_000];
    presence.send_everyone(Interface(1), Some(Cast::Broadcast), &refused);
    assert_eq!(presence.newly_mute(), [], "there is another way");
    presence.send_everyone(Interface(1), None, &refused);
    assert_eq!(presence.newly_mute(), tells(false));
    assert_eq!(presence.newly_mute(), []);
    presence.send_everyone(Interface(1), Some(Cast::Multicast), b"here I am");
    assert_eq!(presence.newly_mute(), tells(true));
    presence.send_everyone(Interface(1), None, &refused);
    presence.newly_mute();
    presence.set_addresses(&[]);
    assert_eq!(presence.newly_mute(), [], "the engine forgets it with the interface");
}

/// As Windows may where an address is no interface's own.
#[tokio::test]
async fn where_the_system_lets_it_choose_no_network_for_the_group_the_rest_goes_on() {
    if let Err(error) = std::net::UdpSocket::bind((std::net::Ipv6Addr::LOCALHOST, 0)) {
        return skipped(&format!("there is no IPv6 here: {error}"));
    }
    let nowhere = InterfaceAddress {
        name: "lo".into(),
        address: std::net::Ipv6Addr::LOCALHOST.into(),
        prefix: 128,
        scope: 4_000_000,
        network: None,
    };
    let port = free_port();
    let mut one = Host::new(port, &[nowhere]).unwrap();
    one.presence.send_everyone(Interface(1), None, b"here I am");
    assert_eq!(one.presence.newly_mute(), [NetworkEvent::ToEverybody { interface: Interface(1), works: false }]);
    one.presence.send_to(SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port)), b"and here");
    assert_eq!(one.next().await.unwrap().bytes, b"and here");
}

#[test]
fn what_a_datagram_was_sent_to_says_how_it_came_where_one_socket_hears_all() {
    let heard = Heard { via: Interface(1), cast: Cast::Unicast, broadcast: Some(Ipv4Addr::new(192, 168, 1, 255)) };
    let cast = |to: &str| heard.cast_of(Some(to.parse().unwrap()));
    assert_eq!([cast("192.168.1.255"), cast("255.255.255.255")], [Cast::Broadcast; 2]);
    assert_eq!([cast("239.255.20.70"), cast("ff12::8000:2070")], [Cast::Multicast; 2]);
    assert_eq!([cast("192.168.1.7"), cast("192.168.2.255"), cast("fe80::1")], [Cast::Unicast; 3]);
    let of_a_group = Heard { cast: Cast::Multicast, ..heard };
    assert_eq!(of_a_group.cast_of(None), Cast::Multicast, "elsewhere the socket says it");
}

#[tokio::test]
async fn interfaces_come_and_go() {
    let port = free_port();
    let Some(mut host) = Host::new(port, &[loopback(1)]) else { return };
    let (events, _) = host.presence.set_addresses(&[loopback(2)]);
    let up = NetworkEvent::InterfaceUp { interface: Interface(2), addresses: vec![([127, 0, 0, 2].into(), 8)] };
    assert_eq!(events, [NetworkEvent::InterfaceDown { interface: Interface(1) }, up]);
    assert_eq!(host.presence.set_addresses(&[loopback(2)]).0, []);
    let sender = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    sender.send_to(b"hello", (Ipv4Addr::new(127, 0, 0, 2), port)).unwrap();
    assert_eq!(host.next().await.unwrap().via, Interface(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_changes_its_network_stays_and_one_that_changes_otherwise_is_open_again_at_once() {
    let (address, ports) = (loopback(1), [free_port(), free_port()]);
    let Some(Host { mut presence, arrivals: _arrivals }) = Host::new(ports[1], std::slice::from_ref(&address)) else {
        return;
    };
    for network in [Some(7), None].into_iter().cycle().take(100) {
        let (events, unusable) = presence.set_addresses(&[InterfaceAddress { network, ..address.clone() }]);
        let up = NetworkEvent::InterfaceUp { interface: Interface(1), addresses: vec![(address.address, 8)] };
        assert_eq!(events, [NetworkEvent::InterfaceDown { interface: Interface(1) }, up], "{network:?}");
        assert!(unusable.is_empty());
    }
    for prefix in [16, 24].into_iter().cycle().take(100) {
        let (events, unusable) = presence.set_addresses(&[InterfaceAddress { prefix, ..address.clone() }]);
        assert_eq!((events.len(), unusable.len()), (2, 0), "{prefix}");
    }
    for port in ports.into_iter().cycle().take(100) {
        assert!(presence.rebind(port).is_ok(), "{port}");
    }
}

#[tokio::test]
async fn the_port_can_be_changed_but_not_to_one_in_use() {
    let (port, taken) = (free_port(), free_port());
    let Some(mut host) = Host::new(port, &[loopback(1)]) else { return };
    let occupied = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, taken)).unwrap();
    assert!(is_in_use(&host.presence.rebind(taken).unwrap_err()[0].error));
    assert_eq!(host.presence.port(), port);
    drop(occupied);
    assert!(host.presence.rebind(taken).unwrap().is_empty());
    let sender = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    sender.send_to(b"hello", (Ipv4Addr::LOCALHOST, taken)).unwrap();
    assert_eq!(host.next().await.unwrap().bytes, b"hello");
}

#[tokio::test]
async fn a_datagram_that_cannot_be_sent_stops_nothing() {
    let port = free_port();
    let Some(mut host) = Host::new(port, &[loopback(1)]) else { return };
    host.presence.send_to("[2001:db8::1]:9".parse().unwrap(), b"nowhere");
    host.presence.send_to(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into(), &vec![0; 70_000]);
    host.presence.send_everyone(Interface(99), None, b"nowhere");
    host.presence.send_to(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into(), b"myself");
    assert_eq!(host.next().await.unwrap().bytes, b"myself");
}
