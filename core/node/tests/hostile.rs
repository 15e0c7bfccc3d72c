//! What hostile or broken neighbours send, from real sockets: each is refused, and counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use permesso_engine::identity::Identity;
use permesso_engine::packet::{Beacon, Counter, Packet, PacketBody, Role, Service, Unverified};
use permesso_node::{HostId, MessageState, Node, Wall};
use socket2::{Domain, Protocol, Socket, Type};
use support::{World, befriend, eventually, sees};

/// A neighbour with a socket and a recording of what was sent to everybody.
struct Neighbour {
    socket: UdpSocket,
    ear: UdpSocket,
    port: u16,
}

impl Neighbour {
    fn new(world: &World) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 9), world.port())).unwrap();
        let ear = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        ear.set_reuse_address(true).unwrap();
        ear.bind(&SocketAddrV4::new(Ipv4Addr::new(127, 255, 255, 255), world.port()).into()).unwrap();
        let ear: UdpSocket = ear.into();
        ear.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self { socket, ear, port: world.port() }
    }

    fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, (Ipv4Addr::LOCALHOST, self.port)).unwrap();
    }

    /// A JOIN of this host, as it was sent to everybody.
    fn recorded_join(&self, host: HostId) -> Vec<u8> {
        let mut buffer = [0; 2_048];
        loop {
            let length = self.ear.recv(&mut buffer).expect("no JOIN was heard");
            let packet = Unverified::parse(&buffer[..length]).unwrap();
            if packet.sender() == host && packet.service() == Service::JoinNetwork {
                return buffer[..length].to_vec();
            }
        }
    }
}

/// A host with a key of its own that says what it likes.
struct Boaster {
    identity: Identity,
    n: u32,
}

impl Boaster {
    fn packet(&mut self, receiver: HostId, body: PacketBody) -> Vec<u8> {
        self.n += 1;
        let (sender, key) = (self.identity.host_id(), self.identity.key());
        let counter = Counter { generation: 1, n: self.n };
        Packet { sender, receiver, counter, timestamp: Wall(0), key, body }.encode(&self.identity)
    }

    /// Says to have room for everything, as often as somebody asks, for so long.
    fn boast(mut self, neighbour: Neighbour, span: Duration) -> Self {
        let until = Instant::now() + span;
        neighbour.ear.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut buffer = [0; 2_048];
        while Instant::now() < until {
            let Ok(length) = neighbour.ear.recv(&mut buffer) else { continue };
            let packet = Unverified::parse(&buffer[..length]).unwrap().verify().unwrap();
            if let PacketBody::FreeMemoryAsk { nonce } = packet.body {
                let body = PacketBody::FreeMemoryResponse { nonce, bytes: u64::MAX, envelopes: u32::MAX };
                neighbour.send(&self.packet(packet.sender, body));
            }
        }
        self
    }
}

async fn counted(node: &Node, reason: &str) {
    eventually(reason, || async { node.counters().await.unwrap().contains_key(reason).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_leave_logs_nobody_out() {
    let world = World::new();
    let neighbour = Neighbour::new(&world);
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    eventually("Grazia sees Marco", || async { sees(&grazia, marco.host_id()).await.then_some(()) }).await;
    let forged = Packet {
        sender: marco.host_id(),
        receiver: HostId::BROADCAST,
        counter: Counter { generation: 9, n: 9 },
        timestamp: Wall(0),
        key: marco.identity_key(),
        body: PacketBody::Leave,
    };
    neighbour.send(&forged.encode(&Identity::from_secret([6; 32])));
    counted(&grazia, "packet with a bad signature").await;
    assert!(sees(&grazia, marco.host_id()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replayed_join_brings_nobody_back() {
    let world = World::new();
    let neighbour = Neighbour::new(&world);
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    let join = neighbour.recorded_join(marco.host_id());
    eventually("Grazia sees Marco", || async { sees(&grazia, marco.host_id()).await.then_some(()) }).await;
    marco.leave().await.unwrap();
    eventually("Marco is gone", || async { (!sees(&grazia, marco.host_id()).await).then_some(()) }).await;
    neighbour.send(&join);
    counted(&grazia, "packet replayed").await;
    assert!(!sees(&grazia, marco.host_id()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reflected_datagram_is_known_for_its_own_by_its_sender_and_answered_by_nobody() {
    let world = World::new();
    let neighbour = Neighbour::new(&world);
    let grazia = world.start("Grazia", 1).await;
    let join = neighbour.recorded_join(grazia.host_id());
    let before = grazia.counters().await.unwrap().get("packet of our own").copied().unwrap_or_default();
    neighbour.socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    for _ in 0..3 {
        neighbour.send(&join);
    }
    eventually("all three are counted", || async {
        let now = grazia.counters().await.unwrap().get("packet of our own").copied().unwrap_or_default();
        (now >= before + 3).then_some(())
    })
    .await;
    assert!(neighbour.socket.recv(&mut [0; 2_048]).is_err(), "the mirror was answered");
    assert_eq!(grazia.hosts().await.unwrap().len(), 3, "the special hosts alone: nobody was met in the mirror");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_versions_and_oversized_datagrams_are_dropped_and_counted() {
    let world = World::new();
    let neighbour = Neighbour::new(&world);
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    let mut join = neighbour.recorded_join(marco.host_id());
    assert_eq!(join[1], 1, "the version stands first in the array");
    join[1] = 2;
    neighbour.send(&join);
    counted(&grazia, "packet of an unknown version").await;
    neighbour.send(&[0; 1_201]);
    counted(&grazia, "datagram too long").await;
    neighbour.send(b"not a packet");
    counted(&grazia, "packet malformed").await;
}

/// What this process may take more while 10,000 datagrams come in, in bytes. Two hosts remember 4,096 hosts each, 8 MiB if one
/// takes 1 KiB, and other tests of this process go on meanwhile; 3 MB are usual. Anything of 4 KiB that is kept of each datagram
/// is more.
const FLOOD_RESIDENT_MAX: u64 = 32 << 20;

/// The most memory that this process has had resident, in bytes; 0 where the system does not tell.
fn most_resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<u64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.map_or(0, |kilobytes| kilobytes << 10)
}

/// JOINs of so many hosts that nobody has invented before.
fn invented(count: u32) -> Vec<Vec<u8>> {
    let join = |number: u32| {
        let mut secret = [0x5a; 32];
        secret[..4].copy_from_slice(&number.to_be_bytes());
        let identity = Identity::from_secret(secret);
        let beacon = Beacon { interval_s: 5, link_port: 40_000, arrivals: 0, role: Role::Client };
        let packet = Packet {
            sender: identity.host_id(),
            receiver: HostId::BROADCAST,
            counter: Counter { generation: 1, n: 1 },
            timestamp: Wall(0),
            key: identity.key(),
            body: PacketBody::Join(beacon),
        };
        packet.encode(&identity)
    };
    (0..count).map(join).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_joins_of_invented_hosts_fill_no_memory_and_friends_are_still_heard() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let neighbour = Neighbour::new(&world);
    let joins = tokio::task::spawn_blocking(|| invented(10_000)).await.unwrap();
    let before = most_resident();
    let heard = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&heard);
    let flood = tokio::task::spawn_blocking(move || {
        // Ten a millisecond, for what a socket cannot hold never gets in. It does not end before the friend was heard.
        for round in 0..60 {
            if round > 0 && until.load(Ordering::Relaxed) {
                break;
            }
            for some in joins.chunks(10) {
                some.iter().for_each(|join| neighbour.send(join));
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    for number in 0..5 {
        let message = marco.send(grazia.host_id(), &format!("number {number}")).await.unwrap();
        let delivered = |state: &MessageState| *state == MessageState::Delivered;
        marco.wait_for_state(message, delivered, Duration::from_secs(20)).await.unwrap();
    }
    assert!(!flood.is_finished(), "friends were heard when it was over");
    heard.store(true, Ordering::Relaxed);
    flood.await.unwrap();
    support::assert_texts(&grazia, marco.host_id(), 5).await;
    counted(&grazia, "packet above the rate").await;
    let known = grazia.hosts().await.unwrap().len();
    assert!(known <= 4_096 + 3, "{known} hosts are remembered");
    let more = most_resident().saturating_sub(before);
    assert!(more <= FLOOD_RESIDENT_MAX, "{more} bytes more were resident in the flood");
    assert!(sees(&grazia, marco.host_id()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_boasts_of_room_and_takes_nothing_does_not_keep_a_host_from_leaving_nor_its_mail_from_others() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    marco.leave().await.unwrap();
    marco.stop().await.unwrap();
    let mut boaster = Boaster { identity: Identity::from_secret([8; 32]), n: 0 };
    for others in [false, true] {
        let neighbour = Neighbour::new(&world);
        let linus = if others { Some(world.start("Linus", 3).await) } else { None };
        grazia.start().await.unwrap();
        let beacon = Beacon { interval_s: 5, link_port: 7, arrivals: 0, role: Role::Client };
        let host = boaster.identity.host_id();
        neighbour.send(&boaster.packet(HostId::BROADCAST, PacketBody::Online(beacon)));
        eventually("Grazia sees the boaster", || async { sees(&grazia, host).await.then_some(()) }).await;
        if let Some(linus) = &linus {
            eventually("Grazia sees Linus", || async { sees(&grazia, linus.host_id()).await.then_some(()) }).await;
        } else {
            grazia.send(marco.host_id(), "number 0").await.unwrap();
        }
        let boasting = tokio::task::spawn_blocking(move || boaster.boast(neighbour, Duration::from_secs(3)));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let began = Instant::now();
        let left = grazia.leave().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        let handed_on = u64::from(others);
        assert_eq!((left.handed_on, left.kept), (handed_on, 1 - handed_on), "others: {others}");
        boaster = boasting.await.unwrap();
    }
}
