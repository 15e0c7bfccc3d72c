//! Hosts that reach each other over another radio alone, whose packets the app carries.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use permesso_node::{HOST_PACKET_MAX, HostLink, HostLinkPort, Match, MessageState, Node, NodeError, Subject};
use support::{World, befriend, eventually, friend_event, is_friend, sees};

/// What a port gets into which a radio puts what it hears; set once both ends are open.
type Ear = Arc<Mutex<Option<Arc<HostLinkPort>>>>;

/// One direction of a radio.
#[derive(Clone, Default)]
struct Radio {
    ear: Ear,
    carried: Arc<AtomicU64>,
    longest: Arc<AtomicU64>,
    closed: Arc<AtomicBool>,
    /// How long one packet takes.
    pause: Arc<Mutex<Duration>>,
}

impl HostLink for Radio {
    fn send(&self, packet: Vec<u8>) -> io::Result<()> {
        let pause = *self.pause.lock().unwrap();
        std::thread::sleep(pause);
        self.carried.fetch_add(1, Ordering::Relaxed);
        self.longest.fetch_max(packet.len() as u64, Ordering::Relaxed);
        let ear = self.ear.lock().unwrap().clone();
        if let Some(ear) = ear {
            ear.receive(&packet);
        }
        Ok(())
    }

    fn closed(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// A host link between two hosts.
struct Pair {
    ports: [Arc<HostLinkPort>; 2],
    radios: [Radio; 2],
}

async fn join(one: &Node, other: &Node) -> Pair {
    let radios = [Radio::default(), Radio::default()];
    let ours = Arc::new(one.open_host_link(radios[0].clone()).await.unwrap());
    let theirs = Arc::new(other.open_host_link(radios[1].clone()).await.unwrap());
    *radios[0].ear.lock().unwrap() = Some(theirs.clone());
    *radios[1].ear.lock().unwrap() = Some(ours.clone());
    Pair { ports: [ours, theirs], radios }
}

impl Pair {
    fn part(&self) {
        self.ports.iter().for_each(|port| port.close());
    }
}

/// A started host without any network.
async fn alone(world: &World, name: &str, last: u8) -> Node {
    let node = world.open(name, last).await;
    node.set_interfaces(Some(Vec::new())).await.unwrap();
    node.start().await.unwrap();
    node
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hosts_meet_become_friends_and_chat_over_a_host_link_alone() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    eventually("they meet", || async {
        (sees(&ada, grace.host_id()).await && sees(&grace, ada.host_id()).await).then_some(())
    })
    .await;
    let found = eventually("Grace answers a search", || async {
        let found = ada.search("gra", Match::Partial).await.unwrap();
        (!found.is_empty()).then_some(found)
    })
    .await;
    assert_eq!(found.iter().map(|claim| claim.host).collect::<Vec<_>>(), [grace.host_id()]);
    let report = ada.doctor().await.unwrap();
    let radios: Vec<_> = report.findings.iter().filter(|finding| finding.subject == Subject::HostLink).collect();
    assert_eq!(radios.len(), 1, "{radios:?}");
    assert_eq!(radios[0].answer.as_ref().map(|answer| answer.host), Some(grace.host_id()));
    assert!(
        report.findings.iter().all(|finding| finding.address.is_none()),
        "240.n.n.n is no address of this device's"
    );
    let mut events = grace.events();
    ada.ask_friendship(grace.host_id(), "Ciao").await.unwrap();
    friend_event(&mut events, ada.host_id(), permesso_node::FriendState::RequestReceived).await;
    grace.answer_friendship(ada.host_id(), true, false).await.unwrap();
    eventually("they are friends", || async { is_friend(&ada, grace.host_id()).await.then_some(()) }).await;
    let long = "x".repeat(4_096);
    let sent = ada.send(grace.host_id(), &long).await.unwrap();
    assert_eq!(ada.wait_for_fate(sent, Duration::from_secs(30)).await.unwrap(), MessageState::Delivered);
    assert!(pair.radios.iter().all(|radio| radio.carried.load(Ordering::Relaxed) > 0));
    assert!(pair.radios.iter().all(|radio| radio.longest.load(Ordering::Relaxed) <= HOST_PACKET_MAX as u64));
    ada.stop().await.unwrap();
    grace.stop().await.unwrap();
    eventually("the radios are told", || async {
        pair.radios.iter().all(|radio| radio.closed.load(Ordering::Relaxed)).then_some(())
    })
    .await;
    assert!(!pair.ports[0].is_open());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_the_radio_is_gone_arrives_when_it_is_back() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    befriend(&ada, &grace).await;
    let before = grace.send(ada.host_id(), "before").await.unwrap();
    assert_eq!(grace.wait_for_fate(before, Duration::from_secs(30)).await.unwrap(), MessageState::Delivered);
    pair.part();
    assert!(!pair.ports[0].is_open());
    let sent = ada.send(grace.host_id(), "later").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(ada.message(sent).await.unwrap().unwrap().state, MessageState::Queued);
    let _again = join(&ada, &grace).await;
    // Well before its silence would show that the link of before is dead: that takes 45 s.
    assert_eq!(ada.wait_for_fate(sent, Duration::from_secs(25)).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_radio_slows_the_host_down_and_nothing_is_sent_many_times() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    befriend(&ada, &grace).await;
    // As fast as Bluetooth LE on a good day: 240 kB a second.
    *pair.radios[0].pause.lock().unwrap() = Duration::from_millis(5);
    let before = pair.radios[0].carried.load(Ordering::Relaxed);
    let mut sent = Vec::new();
    for _ in 0..100 {
        sent.push(ada.send(grace.host_id(), &"x".repeat(4_000)).await.unwrap());
    }
    for message in sent {
        assert_eq!(ada.wait_for_fate(message, Duration::from_secs(60)).await.unwrap(), MessageState::Delivered);
    }
    let carried = pair.radios[0].carried.load(Ordering::Relaxed) - before;
    let needed = 100 * 4_000 / HOST_PACKET_MAX as u64;
    assert!(carried < 3 * needed, "{carried} packets were carried where {needed} would do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_link_that_the_app_ends_carries_nothing_more() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    befriend(&ada, &grace).await;
    *pair.radios[0].pause.lock().unwrap() = Duration::from_millis(50);
    for _ in 0..20 {
        ada.send(grace.host_id(), &"x".repeat(4_000)).await.unwrap();
    }
    let before = pair.radios[0].carried.load(Ordering::Relaxed);
    eventually("the radio is at work", || async {
        (pair.radios[0].carried.load(Ordering::Relaxed) > before + 2).then_some(())
    })
    .await;
    pair.ports[0].close();
    let closed = pair.radios[0].carried.load(Ordering::Relaxed);
    eventually("the radio is told", || async { pair.radios[0].closed.load(Ordering::Relaxed).then_some(()) }).await;
    // One may have been under way.
    let more = pair.radios[0].carried.load(Ordering::Relaxed) - closed;
    assert!(more <= 1, "{more} packets were carried after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_link_that_leads_to_somebody_else_gets_nothing_that_is_not_meant_for_it() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    befriend(&ada, &grace).await;
    pair.part();
    let mallory = alone(&world, "Mallory", 3).await;
    let _lie = join(&ada, &mallory).await;
    eventually("they meet", || async { sees(&ada, mallory.host_id()).await.then_some(()) }).await;
    let sent = ada.send(grace.host_id(), "for Grace alone").await.unwrap();
    let fate = ada.wait_for_fate(sent, Duration::from_secs(3)).await;
    assert!(matches!(fate, Err(NodeError::Timeout { .. })), "{fate:?}");
    assert!(mallory.messages(ada.host_id(), None, 10).await.is_err(), "no conversation came to be");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_that_are_none_harm_nobody_and_too_many_links_are_refused() {
    let world = World::new();
    let (ada, grace) = (alone(&world, "Ada", 1).await, alone(&world, "Grace", 2).await);
    let pair = join(&ada, &grace).await;
    for length in [0, 1, 3, 4, 5, 40, 1_200, HOST_PACKET_MAX, HOST_PACKET_MAX + 1, 100_000] {
        for first in [0, 0xff] {
            let mut packet = vec![0x5a; length];
            packet.iter_mut().take(2).for_each(|byte| *byte = first);
            (0..100).for_each(|_| pair.ports[0].receive(&packet));
        }
    }
    befriend(&ada, &grace).await;
    let mut more = Vec::new();
    for _ in 1..64 {
        more.push(ada.open_host_link(Radio::default()).await.unwrap());
    }
    assert!(matches!(ada.open_host_link(Radio::default()).await, Err(NodeError::HostLink(_))));
    more.clear();
    ada.open_host_link(Radio::default()).await.unwrap().close();
}
