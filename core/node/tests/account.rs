//! An account out of a live host and into another, contacts out and in, and what is left of a damaged one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::ops::ControlFlow;
use std::time::Duration;

use permesso_node::{
    ArchiveError, ContactError, ContactNews, Found, FriendState, Key, MessageState, Node, NodeError, Progress, Store,
    StoreError, erase, rescue,
};
use support::{World, befriend};

/// The encryption starts afresh after up to a minute (PROTOCOL.md, Reset), and again if the two cross.
const SOON: Duration = Duration::from_secs(180);

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

async fn import(world: &World, name: &str, key: &Key) -> Result<Vec<(String, Vec<u8>)>, NodeError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let keep = move |files: &[(String, Vec<u8>)]| {
        sender.send(files.to_vec()).unwrap();
        Ok(())
    };
    let file = world.folder("account");
    Node::import(file, world.folder(name), key.clone(), "correct horse", keep, Box::new(go_on)).await?;
    Ok(receiver.recv().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_host_is_exported_and_goes_on_elsewhere_where_its_friends_know_it() {
    let world = World::new();
    let (ada, grace) = (world.start("Ada", 1).await, world.start("Grace", 2).await);
    befriend(&ada, &grace).await;
    let message = ada.send(grace.host_id(), "before").await.unwrap();
    assert_eq!(ada.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    grace.leave().await.unwrap();
    grace.stop().await.unwrap();
    let waiting = ada.send(grace.host_id(), "waits").await.unwrap();

    let file = world.folder("account");
    let carried = vec![("notes".to_owned(), b"mine".to_vec())];
    let report = ada.export(&file, "correct horse", carried.clone(), Box::new(go_on)).await.unwrap();
    assert_eq!((report.messages, report.friends), (2, 1));
    let again = ada.export(&file, "correct horse", Vec::new(), Box::new(go_on)).await;
    assert!(matches!(again, Err(NodeError::Archive(ArchiveError::FileExists { .. }))));
    ada.send(grace.host_id(), "too late for the file").await.unwrap();
    ada.stop().await.unwrap();

    let key = Key::generate().unwrap();
    assert_eq!(import(&world, "New", &key).await.unwrap(), carried);
    let again = import(&world, "New", &key).await;
    assert!(matches!(again, Err(NodeError::Archive(ArchiveError::AccountExists { .. }))));
    let mut config = world.config("New", "Ada", 3);
    config.key = key;
    let new = Node::open(config).await.unwrap();
    assert_eq!(new.host_id(), ada.host_id());
    assert!(new.is_restored_copy());
    assert_eq!(new.friend(grace.host_id()).await.unwrap().unwrap().state, FriendState::Friend);
    let texts: Vec<_> = new.messages(grace.host_id(), None, 9).await.unwrap();
    assert_eq!(texts.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["before", "waits"]);

    new.start().await.unwrap();
    let grace = world.start("Grace", 2).await;
    assert_eq!(new.wait_for_fate(waiting, SOON).await.unwrap(), MessageState::Delivered);
    let reply = grace.send(new.host_id(), "welcome").await.unwrap();
    assert_eq!(grace.wait_for_fate(reply, SOON).await.unwrap(), MessageState::Delivered);
    grace.stop().await.unwrap();
    new.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_its_caller_cannot_keep_leaves_no_account() {
    let world = World::new();
    let ada = world.open("Ada", 1).await;
    ada.export(world.folder("account"), "correct horse", Vec::new(), Box::new(go_on)).await.unwrap();
    let refuse = |_: &[(String, Vec<u8>)]| Err(NodeError::Paused);
    let key = Key::generate().unwrap();
    let file = world.folder("account");
    let result = Node::import(&file, world.folder("New"), key.clone(), "correct horse", refuse, Box::new(go_on)).await;
    assert!(matches!(result, Err(NodeError::Paused)));
    let result = Node::import(&file, world.folder("New"), key, "wrong", refuse, Box::new(go_on)).await;
    assert!(matches!(result, Err(NodeError::Archive(ArchiveError::WrongPassphrase))));
    assert!(!world.folder("New").exists());
    ada.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_go_from_one_host_to_another_and_nobody_is_verified_by_a_card() {
    let world = World::new();
    let (ada, grace) = (world.start("Ada", 1).await, world.start("Grace", 2).await);
    befriend(&ada, &grace).await;
    ada.set_local_alias(grace.host_id(), Some("Amazing Grace".into())).await.unwrap();
    let cards = ada.export_contacts().await.unwrap();
    assert_eq!(cards.matches("BEGIN:VCARD").count(), 1);
    let linus = world.open("Linus", 3).await;
    let imported = linus.import_contacts(&cards).await.unwrap();
    assert_eq!(imported[0].result, Ok((grace.host_id(), ContactNews::Added)));
    let contact = &linus.contacts().await.unwrap()[0];
    assert_eq!((contact.key, &*contact.name(), contact.verified), (grace.identity_key(), "Amazing Grace", false));
    assert_eq!(contact.state, FriendState::Unknown);
    // What was verified by scanning stays so, and a pinned contact goes out again.
    linus.scan_uri(&grace.uri(None).await.unwrap()).await.unwrap();
    assert_eq!(linus.import_contacts(&cards).await.unwrap()[0].result, Ok((grace.host_id(), ContactNews::Known)));
    assert!(linus.contacts().await.unwrap()[0].verified);
    assert_eq!(linus.export_contacts().await.unwrap(), cards);
    linus.block(grace.host_id()).await.unwrap();
    assert_eq!(linus.export_contacts().await.unwrap(), "");
    let bad = linus.import_contacts("BEGIN:VCARD\nFN:Bob\nEND:VCARD\n").await.unwrap();
    assert_eq!(bad[0].result, Err(ContactError::NoUri));
    for node in [ada, grace, linus] {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_rescued_names_the_friend_of_each_message() {
    let world = World::new();
    let (ada, grace) = (world.start("Ada", 1).await, world.start("Grace", 2).await);
    befriend(&ada, &grace).await;
    ada.send(grace.host_id(), "keep this").await.unwrap();
    let folder = world.folder("Ada");
    assert!(rescue(&folder, &world.key(), &mut |_| ControlFlow::Continue(())).is_err(), "it is in use");
    ada.stop().await.unwrap();
    let mut found = Vec::new();
    let report = rescue(&folder, &world.key(), &mut |one| {
        found.push(one);
        ControlFlow::Continue(())
    });
    let report = report.unwrap();
    assert_eq!((report.messages, report.unreadable), (1, 0));
    assert!(matches!(&found[0], Found::Friend(friend) if friend.host == grace.host_id()));
    let Found::Message(message) = &found[1] else { panic!("{found:?}") };
    assert_eq!((message.text.as_str(), message.name.as_deref()), ("keep this", Some("Grace")));
    let ended = rescue(&folder, &world.key(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(ended, Err(NodeError::Archive(ArchiveError::Cancelled))));
    assert!(Store::exists(&folder));
    grace.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_erased_with_its_number_and_its_folder_and_the_next_one_there_is_another() {
    let world = World::new();
    let ada = world.start("Ada", 1).await;
    let folder = world.folder("Ada");
    let number = folder.with_file_name("Ada.generation");
    assert!(matches!(erase(&folder), Err(NodeError::Store(StoreError::InUse))));
    ada.stop().await.unwrap();
    assert!(Store::exists(&folder) && number.exists());
    std::fs::write(folder.join("holiday.jpg"), b"mine").unwrap();
    erase(&folder).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    assert!(folder.join("holiday.jpg").exists() && !number.exists());
    std::fs::remove_file(folder.join("holiday.jpg")).unwrap();

    let other = world.start("Ada", 1).await;
    assert_ne!(other.host_id(), ada.host_id());
    assert!(!other.is_restored_copy());
    other.stop().await.unwrap();
    erase(&folder).unwrap();
    assert!(!folder.exists() && !number.exists());
    erase(&folder).unwrap();
}
