//! A host whose folder holds what it should not: each case says what is wrong and what to do, keeps the files, and never makes a
//! new identity.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::fs;
use std::path::PathBuf;

use permesso_node::{Key, Node, NodeConfig, NodeError, StoreError};
use support::World;

/// A host that was started and stopped; and its id.
async fn stopped(world: &World) -> permesso_node::HostId {
    let node = world.start("Grazia", 1).await;
    let host = node.host_id();
    node.stop().await.unwrap();
    host
}

fn database(world: &World) -> PathBuf {
    world.folder("Grazia").join("permesso.db")
}

/// What opening says, and that the database is left as it is.
async fn refusal(world: &World, home: NodeConfig) -> NodeError {
    let before = fs::read(database(world)).unwrap();
    let error = Node::open(home).await.expect_err("it opened");
    assert!(fs::read(database(world)).unwrap() == before, "the database was written to");
    error
}

#[tokio::test]
async fn with_a_wrong_key_it_asks_for_the_right_one_and_with_that_it_is_the_same_host() {
    let world = World::new();
    let host = stopped(&world).await;
    let home = world.config("Grazia", "Grazia", 1);
    let wrong = NodeConfig::new(world.folder("Grazia"), Key::from_bytes([8; 32]), home.config.clone());
    let error = refusal(&world, wrong).await;
    assert!(matches!(error, NodeError::Store(StoreError::WrongKey)), "{error}");
    assert_eq!(error.to_string(), "this is not the key of the database: check the passphrase");
    assert_eq!(Node::open(home).await.unwrap().host_id(), host);
}

#[tokio::test]
async fn a_truncated_database_is_called_damaged_and_kept() {
    let world = World::new();
    stopped(&world).await;
    let whole = fs::read(database(&world)).unwrap();
    for length in [0, 50, 4_096, whole.len() / 2, whole.len() - 1] {
        fs::write(database(&world), &whole[..length]).unwrap();
        let error = refusal(&world, world.config("Grazia", "Grazia", 1)).await;
        assert!(matches!(error, NodeError::Store(StoreError::Damaged { .. })), "cut at {length}: {error}");
        assert!(error.to_string().starts_with("the database is damaged ("), "{error}");
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_called_damaged_and_kept() {
    let world = World::new();
    stopped(&world).await;
    fs::write(database(&world), b"Dear diary, ".repeat(1_000)).unwrap();
    let error = refusal(&world, world.config("Grazia", "Grazia", 1)).await;
    assert!(matches!(error, NodeError::Store(StoreError::Damaged { .. })), "{error}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_asks_for_an_update_and_is_kept() {
    let world = World::new();
    let host = stopped(&world).await;
    let newer = |version: u32| {
        let connection = rusqlite::Connection::open(database(&world)).unwrap();
        let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
        found
    };
    let version = newer(9_999);
    let error = refusal(&world, world.config("Grazia", "Grazia", 1)).await;
    assert!(matches!(error, NodeError::Store(StoreError::NewerSchema { found: 9_999, .. })), "{error}");
    assert!(error.to_string().ends_with("update this one"), "{error}");
    newer(version);
    assert_eq!(world.open("Grazia", 1).await.host_id(), host);
}

#[tokio::test]
async fn a_database_that_lost_its_identity_is_called_damaged_and_no_new_one_is_made() {
    let world = World::new();
    stopped(&world).await;
    let connection = rusqlite::Connection::open(database(&world)).unwrap();
    connection.execute("DELETE FROM local WHERE id = 0", []).unwrap();
    drop(connection);
    let error = Node::open(world.config("Grazia", "Grazia", 1)).await.expect_err("it made a new identity");
    assert!(matches!(error, NodeError::Restore(_)), "{error}");
    assert_eq!(error.to_string(), "the stored local record 0 cannot be read: restore a backup or start afresh");
}

#[tokio::test]
async fn a_database_that_lost_everything_but_its_marks_or_messages_is_called_damaged() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    support::befriend(&grazia, &marco).await;
    let message = grazia.send(marco.host_id(), "Hello").await.unwrap();
    grazia.wait_for_fate(message, std::time::Duration::from_secs(30)).await.unwrap();
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();
    let connection = rusqlite::Connection::open(database(&world)).unwrap();
    for table in ["local", "host", "friend", "pairing", "outbox", "held", "packet"] {
        connection.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    drop(connection);
    let error = Node::open(world.config("Grazia", "Grazia", 1)).await.expect_err("it made a new identity");
    assert!(matches!(error, NodeError::Restore(_)), "{error}");
}
