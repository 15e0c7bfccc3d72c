//! Hosts on loopback for the live tests. Each world has a port of its own, so that tests do not hear each other.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

use permesso_node::config::Interfaces;
use permesso_node::{
    Config, Event, EventStream, FriendState, FriendView, HostId, Key, Millis, Node, NodeConfig, NodeEvent,
};
use tempfile::TempDir;

/// How long anything that should happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A loopback network of its own: hosts live on 127.0.0.x at one port.
pub struct World {
    port: u16,
    folder: TempDir,
}

/// A UDP port that is free on every address, and not one that the system gives to sockets without a number (Linux: from
/// 32,768 on): a host that is down for a moment finds its port free again.
pub fn next_port() -> u16 {
    let random = || RandomState::new().build_hasher().finish();
    std::iter::repeat_with(|| 10_000 + (random() % 22_768) as u16)
        .find(|port| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok())
        .unwrap()
}

impl World {
    pub fn new() -> Self {
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        Self { port: next_port(), folder: tempfile::tempdir().unwrap() }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn key(&self) -> Key {
        Key::from_bytes([7; 32])
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The host in the folder `name`, on the address 127.0.0.`last`.
    pub fn config(&self, name: &str, alias: &str, last: u8) -> NodeConfig {
        let mut config = Config::default();
        config.host.alias = alias.into();
        config.host.port = self.port;
        config.network.interfaces = Interfaces::Only(vec![Ipv4Addr::new(127, 0, 0, last).into()]);
        config.presence.search_time = Millis(700);
        config.friendship.stamp_bits = 8;
        NodeConfig::new(self.folder(name), self.key(), config)
    }

    pub async fn open(&self, name: &str, last: u8) -> Node {
        self.open_as(name, name, last).await
    }

    pub async fn open_as(&self, name: &str, alias: &str, last: u8) -> Node {
        Node::open(self.config(name, alias, last)).await.unwrap()
    }

    pub async fn start(&self, name: &str, last: u8) -> Node {
        let node = self.open(name, last).await;
        node.start().await.unwrap();
        node
    }
}

/// Repeats `attempt` until it gives something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut attempt: impl FnMut() -> F) -> T {
    let repeat = async {
        loop {
            if let Some(result) = attempt().await {
                return result;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, repeat).await.unwrap_or_else(|_| panic!("{what}: it never happened"))
}

/// Waits until a friend's state is told.
pub async fn friend_event(events: &mut EventStream, host: HostId, state: FriendState) -> FriendView {
    let wait = async {
        loop {
            match events.next().await {
                Some(NodeEvent::Engine(Event::FriendChanged(friend)))
                    if friend.host == host && friend.state == state =>
                {
                    return friend;
                }
                Some(_) => {}
                None => panic!("the host has stopped"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{state}: never told"))
}

pub async fn is_friend(node: &Node, host: HostId) -> bool {
    node.friend(host).await.unwrap().is_some_and(|friend| friend.state == FriendState::Friend)
}

pub async fn sees(node: &Node, host: HostId) -> bool {
    node.hosts().await.unwrap().iter().any(|view| view.host == host && view.online)
}

/// Makes two started hosts friends, by a scanned URI.
pub async fn befriend(asker: &Node, asked: &Node) {
    let host = asker.scan_uri(&asked.uri(None).await.unwrap()).await.unwrap();
    assert_eq!(host, asked.host_id());
    let mut events = asked.events();
    asker.ask_friendship(host, "hello").await.unwrap();
    friend_event(&mut events, asker.host_id(), FriendState::RequestReceived).await;
    asked.answer_friendship(asker.host_id(), true, false).await.unwrap();
    eventually("they are friends", || async { is_friend(asker, asked.host_id()).await.then_some(()) }).await;
}

/// Checks that exactly the texts `number 0` to `number {count - 1}` came from a host, each once and in order.
pub async fn assert_texts(node: &Node, from: HostId, count: usize) {
    let messages = node.messages(from, None, usize::MAX).await.unwrap();
    let texts: Vec<_> = messages.into_iter().filter(|message| !message.mine).map(|message| message.text).collect();
    let expected: Vec<_> = (0..count).map(|number| format!("number {number}")).collect();
    assert_eq!(texts, expected);
}
