//! A disk that becomes full in the middle of a conversation: a small file system of its own, which only root can mount.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/small_disk.rs"]
mod small_disk;
mod support;

use std::fs;
use std::time::Duration;

use permesso_engine::rows::Table;
use permesso_node::{
    Config, HostId, MessageId, MessageState, Node, NodeError, NodeEvent, NodeNotice, Store, StoreError,
};
use small_disk::{SmallDisk, fill};
use support::{World, befriend, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_disk_that_becomes_full_it_is_said_so_and_nothing_is_lost_and_all_goes_on_when_room_is_made() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Grazia")) else { return };
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    grazia.send(marco.host_id(), "There is room").await.unwrap();
    let mut events = grazia.events();
    let ballast = fill(&disk);

    // What the log still has room for is accepted; then the user is told plainly.
    let mut accepted = 0;
    let refusal = loop {
        match grazia.send(marco.host_id(), &format!("number {accepted}")).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 10_000, "the disk never became full");
    };
    assert!(matches!(refusal, NodeError::StorageFailed), "{refusal}");
    let reason = loop {
        match events.next().await.unwrap() {
            NodeEvent::Node(NodeNotice::StorageFailed { reason }) => break reason,
            _ => continue,
        }
    };
    assert_eq!(reason, StoreError::DiskFull);
    assert_eq!(reason.to_string(), "the disk is full: free some space");

    fs::remove_file(ballast).unwrap();
    eventually("she goes on", || async { grazia.friends().await.is_ok().then_some(()) }).await;
    grazia.send(marco.host_id(), "There is room again").await.unwrap();
    let own = || async {
        let messages = grazia.messages(marco.host_id(), None, usize::MAX).await.ok()?;
        messages.iter().all(|message| message.state == MessageState::Delivered).then_some(messages)
    };
    let messages = eventually("all of hers arrive", own).await;
    let numbers = messages.iter().filter(|message| message.text.starts_with("number"));
    assert_eq!(numbers.count(), accepted, "what was refused is not there, and what was accepted is");
    let arrived = marco.messages(grazia.host_id(), None, usize::MAX).await.unwrap();
    assert_eq!(arrived.len(), accepted + 2);
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_long_as_a_disk_is_full_nobody_is_told_that_all_goes_on_though_what_is_there_can_be_read() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Grazia")) else { return };
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let mut events = grazia.events();
    let ballast = fill(&disk);
    let mut refused = 0;
    for number in 0..400 {
        let sent = grazia.send(marco.host_id(), &format!("number {number}")).await;
        refused += usize::from(sent.is_err());
        if refused == 3 {
            break;
        }
        if refused > 0 {
            eventually("it can be read", || async { grazia.friends().await.ok() }).await;
        }
    }
    assert_eq!(refused, 3, "the disk never became full");
    let restored = || NodeEvent::Node(NodeNotice::Restored);
    let early = async { while events.next().await.unwrap() != restored() {} };
    assert!(tokio::time::timeout(Duration::from_secs(2), early).await.is_err(), "it is told on a full disk");

    fs::remove_file(ballast).unwrap();
    let told = async { while events.next().await.unwrap() != restored() {} };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("told once there is room");
    grazia.send(marco.host_id(), "There is room again").await.unwrap();
    assert!(!world.folder("Grazia").join("room").exists());
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_on_a_full_disk_is_not_said_to_be_delivered_and_arrives_when_there_is_room() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Grazia")) else { return };
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let mut sent = Vec::new();
    for number in 0..30 {
        // Closing a database that has failed moves its log, which makes a little room: it is taken too.
        fill(&disk);
        sent.push(marco.send(grazia.host_id(), &format!("number {number}")).await.unwrap());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut ticked = Vec::new();
    for message in &sent {
        if marco.message(*message).await.unwrap().unwrap().state == MessageState::Delivered {
            ticked.push(*message);
        }
    }
    assert!(ticked.len() < sent.len(), "the disk was not full");
    // The disk is still full: whether she can say so does not matter.
    let _ = grazia.stop().await;
    fs::remove_file(disk.path().join("ballast")).unwrap();
    let stored = Store::open(disk.path(), Some(world.key()), |_| {}).unwrap().1.messages;
    for message in ticked {
        assert_eq!(stored.iter().filter(|row| row.id == message).count(), 1, "{message} is falsely ticked");
    }
    let grazia = world.start("Grazia", 1).await;
    for message in sent {
        let fate = marco.wait_for_fate(message, Duration::from_secs(60)).await.unwrap();
        assert_eq!(fate, MessageState::Delivered);
    }
    support::assert_texts(&grazia, marco.host_id(), 30).await;
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();
}

/// Writes thirty more messages while the disk of who is to hold them is kept full; how many are said to be held after that.
async fn write_while_the_disk_fills(disk: &SmallDisk, from: &Node, to: HostId, sent: &mut Vec<MessageId>) -> usize {
    let text = "x".repeat(2_000);
    for number in 0..30 {
        fill(disk);
        sent.push(from.send(to, &format!("number {number} {text}")).await.unwrap());
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut held = 0;
    for message in sent.iter() {
        held += usize::from(from.message(*message).await.unwrap().unwrap().state == MessageState::Held);
    }
    assert!(held < sent.len(), "the disk was not full");
    held
}

/// Makes room again; what was said to be held is on the disk.
fn held_are_stored(disk: &SmallDisk, world: &World, held: usize) {
    fs::remove_file(disk.path().join("ballast")).unwrap();
    let stored = Store::open(disk.path(), Some(world.key()), |_| {}).unwrap().1.records;
    let stored = stored.iter().filter(|(key, _)| key.table == Table::Custody).count();
    assert!(stored >= held, "{held} are said to be held, {stored} are");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_a_full_disk_is_not_said_to_hold_what_it_could_not_store_and_takes_it_when_there_is_room() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Library")) else { return };
    let library = || async {
        let mut config = world.config("Library", "Library", 3);
        config.config.custody = Config::server().custody;
        let node = Node::open(config).await.unwrap();
        node.start().await.unwrap();
        node
    };
    let server = library().await;
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&marco, &grazia).await;
    let to = grazia.host_id();
    grazia.stop().await.unwrap();
    eventually("she is gone", || async { (!support::sees(&marco, to).await).then_some(()) }).await;
    let mut sent = vec![marco.send(to, "There is room").await.unwrap()];
    let state = async |message| marco.message(message).await.unwrap().unwrap().state;
    eventually("it is held", || async { (state(sent[0]).await == MessageState::Held).then_some(()) }).await;
    let held = write_while_the_disk_fills(&disk, &marco, to, &mut sent).await;
    let _ = server.stop().await;
    held_are_stored(&disk, &world, held);

    let server = library().await;
    for message in &sent {
        eventually("all are held", || async { (state(*message).await == MessageState::Held).then_some(()) }).await;
    }
    marco.stop().await.unwrap();
    let grazia = world.start("Grazia", 1).await;
    let all = || async { (grazia.unread(marco.host_id()).await.ok()? as usize == sent.len()).then_some(()) };
    eventually("all arrive from the server", all).await;
    server.stop().await.unwrap();
    grazia.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_on_a_full_disk_is_not_said_to_hold_what_it_could_not_store_and_keeps_nothing_from_its_recipient() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Linus")) else { return };
    let linus = world.start("Linus", 3).await;
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&marco, &grazia).await;
    befriend(&marco, &linus).await;
    let to = grazia.host_id();
    grazia.stop().await.unwrap();
    eventually("she is gone", || async { (!support::sees(&marco, to).await).then_some(()) }).await;
    let state = async |message| marco.message(message).await.unwrap().unwrap().state;
    let mut sent = vec![marco.send(to, "There is room").await.unwrap()];
    // What is written to Linus opens a link, and whoever is linked may carry.
    marco.send(linus.host_id(), "a link").await.unwrap();
    eventually("he carries it", || async { (state(sent[0]).await == MessageState::Held).then_some(()) }).await;
    let held = write_while_the_disk_fills(&disk, &marco, to, &mut sent).await;
    let _ = linus.stop().await;
    held_are_stored(&disk, &world, held);
    // What he was given in vain was written off; its sender has it still.
    let grazia = world.start("Grazia", 1).await;
    for message in sent {
        let fate = marco.wait_for_fate(message, Duration::from_secs(60)).await.unwrap();
        assert_eq!(fate, MessageState::Delivered);
    }
    assert_eq!(grazia.unread(marco.host_id()).await.unwrap(), 31);
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();
}

#[test]
fn on_a_disk_without_room_for_a_database_it_is_said_so_and_none_is_left_half_made() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder("Grazia")) else { return };
    let ballast = fill(&disk);
    let error = Store::open(disk.path(), Some(world.key()), |_| {}).map(drop).unwrap_err();
    assert_eq!(error, StoreError::DiskFull);
    assert!(!Store::exists(disk.path()));
    fs::remove_file(ballast).unwrap();
    Store::open(disk.path(), Some(world.key()), |_| {}).map(drop).unwrap();
}
