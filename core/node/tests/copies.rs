//! A live host whose folder is put back from an older copy: noticed by what is kept outside the folder, and healed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use permesso_node::api::Notice;
use permesso_node::{Event, Generation, GenerationKeeper, MessageState, Node, NodeError, NodeEvent, NodeNotice};
use support::{World, befriend, eventually};

/// A reset leaves after a random time of up to a minute.
const RESET_TIME: Duration = Duration::from_secs(90);

fn copy_folder(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_put_back_from_an_older_copy_is_noticed_and_its_friends_are_reached_again() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    grazia.stop().await.unwrap();
    let copy = world.folder("copy");
    copy_folder(&world.folder("Grazia"), &copy);

    let grazia = world.start("Grazia", 1).await;
    assert!(!grazia.is_restored_copy());
    let message = grazia.send(marco.host_id(), "forgotten").await.unwrap();
    grazia.wait_for_fate(message, Duration::from_secs(20)).await.unwrap();
    grazia.stop().await.unwrap();

    copy_folder(&copy, &world.folder("Grazia"));
    let grazia = world.start("Grazia", 1).await;
    assert!(grazia.is_restored_copy());
    let message = grazia.send(marco.host_id(), "from the copy").await.unwrap();
    let answer = marco.send(grazia.host_id(), "to the copy").await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, RESET_TIME).await.unwrap(), MessageState::Delivered);
    assert_eq!(marco.wait_for_fate(answer, RESET_TIME).await.unwrap(), MessageState::Delivered);
    grazia.stop().await.unwrap();
    assert!(!world.open("Grazia", 1).await.is_restored_copy());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_opening_itself_brings_is_told_to_who_opens_the_host() {
    let world = World::new();
    world.open("Grazia", 1).await.stop().await.unwrap();
    let copy = world.folder("copy");
    copy_folder(&world.folder("Grazia"), &copy);
    world.open("Grazia", 1).await.stop().await.unwrap();
    copy_folder(&copy, &world.folder("Grazia"));

    let (grazia, mut events) = Node::open_with_events(world.config("Grazia", "Grazia", 1)).await.unwrap();
    assert!(grazia.is_restored_copy());
    // Long after it has happened.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut late = grazia.events();
    grazia.stop().await.unwrap();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(event);
    }
    assert!(told.contains(&NodeEvent::Engine(Event::Notice(Notice::CopyRestored))), "{told:?}");
    assert_eq!(late.next().await, None, "who comes late is not told");
}

/// A key store that can be locked, and that can refuse to take anything.
#[derive(Clone, Default)]
struct KeyStore(Arc<Mutex<(Option<Generation>, bool, bool)>>);

impl KeyStore {
    fn set(&self, locked: bool, full: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.1, state.2) = (locked, full);
    }
}

impl GenerationKeeper for KeyStore {
    fn read(&self) -> io::Result<Option<Generation>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1 { Err(io::Error::other("the key store is locked")) } else { Ok(state.0) }
    }

    fn write(&self, generation: Generation) -> io::Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.2 {
            return Err(io::Error::other("the key store is full"));
        }
        state.0 = Some(generation);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_key_store_is_locked_the_host_waits_and_takes_nothing_for_a_copy() {
    let world = World::new();
    let keys = KeyStore::default();
    let open = || Node::open(world.config("Grazia", "Grazia", 1).with_generation(keys.clone()));
    let node = open().await.unwrap();
    // Written beside the loop: wait until it is.
    eventually("the generation is kept", || async { keys.read().unwrap() }).await;
    node.stop().await.unwrap();
    keys.set(true, false);
    assert!(matches!(open().await, Err(NodeError::GenerationUnreadable(_))));
    keys.set(false, false);
    assert!(!open().await.unwrap().is_restored_copy());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_until_the_generation_is_kept_and_that_is_said() {
    let world = World::new();
    let marco = world.start("Marco", 2).await;
    let keys = KeyStore::default();
    keys.set(false, true);
    let grazia = Node::open(world.config("Grazia", "Grazia", 1).with_generation(keys.clone())).await.unwrap();
    let mut events = grazia.events();
    grazia.start().await.unwrap();
    let said = async {
        while let Some(event) = events.next().await {
            if matches!(event, NodeEvent::Node(NodeNotice::GenerationNotKept { .. })) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), said).await.unwrap();
    assert!(!support::sees(&marco, grazia.host_id()).await);
    keys.set(false, false);
    eventually("Marco sees Grazia", || async { support::sees(&marco, grazia.host_id()).await.then_some(()) }).await;
}
