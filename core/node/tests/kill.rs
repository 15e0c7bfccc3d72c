//! Processes that die without warning: SIGKILL in the middle of a stream of messages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use permesso_node::{Config, Key, MessageId, MessageState, Millis, Node, NodeConfig};
use support::{World, befriend};

const SOON: Duration = Duration::from_secs(30);
const FOLDER: &str = "PERMESSO_TEST_FOLDER";
const PORT: &str = "PERMESSO_TEST_PORT";
const SEND_TO: &str = "PERMESSO_TEST_SEND_TO";

/// Not a test by itself: the process the others start and kill. A host on 127.0.0.2 that stores what comes, or writes
/// messages without end and prints the id of each once it is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let mut config = Config::default();
    config.host.port = std::env::var(PORT).unwrap().parse().unwrap();
    config.network.interfaces = permesso_node::config::Interfaces::Only(vec![[127, 0, 0, 2].into()]);
    config.presence.search_time = Millis(700);
    config.friendship.stamp_bits = 8;
    let node = Node::open(NodeConfig::new(folder, Key::from_bytes([7; 32]), config)).await.unwrap();
    node.start().await.unwrap();
    println!("started");
    if let Ok(host) = std::env::var(SEND_TO) {
        for number in 0.. {
            let message = node.send(host.parse().unwrap(), &format!("number {number}")).await.unwrap();
            println!("stored {message}");
        }
    }
    tokio::time::sleep(Duration::from_secs(120)).await;
}

struct Victim {
    process: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Victim {
    fn start(world: &World, send_to: Option<String>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env(FOLDER, world.folder("Marco"))
            .env(PORT, world.port().to_string())
            .stdout(Stdio::piped());
        if let Some(host) = send_to {
            command.env(SEND_TO, host);
        }
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("started") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the process ended by itself");
        }
        Self { process, output }
    }

    fn stored(&mut self) -> MessageId {
        let mut line = String::new();
        assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the process ended by itself");
        line.trim().strip_prefix("stored ").unwrap().parse().unwrap()
    }

    /// Kills it; returns what it had printed and nobody had read.
    fn kill(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        rest
    }
}

/// Grazia, started, and the world in which Marco was her friend and has stopped.
async fn friends() -> (World, Node) {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    marco.stop().await.unwrap();
    (world, grazia)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_that_is_killed_in_the_middle_gets_each_message_once() {
    let (world, grazia) = friends().await;
    let marco = grazia.friends().await.unwrap()[0].host;
    let mut messages = Vec::new();
    for round in 0..3 {
        let victim = Victim::start(&world, None);
        for number in round * 40..(round + 1) * 40 {
            messages.push(grazia.send(marco, &format!("number {number}")).await.unwrap());
        }
        // At least one of the round has arrived, others are on their way.
        grazia.wait_for_fate(messages[round * 40], SOON).await.unwrap();
        victim.kill();
    }
    let marco = world.start("Marco", 2).await;
    for message in messages {
        assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    }
    support::assert_texts(&marco, grazia.host_id(), 120).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_sender_said_is_stored_arrives() {
    let (world, grazia) = friends().await;
    let mut victim = Victim::start(&world, Some(grazia.host_id().to_string()));
    let mut stored: Vec<MessageId> = (0..50).map(|_| victim.stored()).collect();
    let rest = victim.kill();
    let rest = rest.lines().filter_map(|line| line.strip_prefix("stored ")?.parse::<MessageId>().ok());
    stored.extend(rest);
    let marco = world.start("Marco", 2).await;
    for message in &stored {
        assert_eq!(marco.wait_for_fate(*message, SOON).await.unwrap(), MessageState::Delivered);
    }
    let received = grazia.messages(marco.host_id(), None, usize::MAX).await.unwrap();
    for message in stored {
        assert_eq!(received.iter().filter(|row| row.message == message).count(), 1);
    }
}
