//! Several persistent servers on one network: they share the work, and the loss of one loses nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use permesso_node::{Config, HostId, MessageId, MessageState, Node};
use support::{World, assert_texts, befriend, eventually, sees};

/// With so many recipients a server that is nobody's, though each has two of the three, is one case in 10^5.
const FRIENDS: usize = 12;
const TEXTS: usize = 5;

async fn server(world: &World, number: u8) -> Node {
    let name = format!("Library {number}");
    let mut config = world.config(&name, &name, 100 + number);
    config.config.custody = Config::server().custody;
    let node = Node::open(config).await.unwrap();
    node.start().await.unwrap();
    node
}

async fn friend(world: &World, number: usize) -> Node {
    world.start(&format!("Friend {number}"), u8::try_from(10 + number).unwrap()).await
}

async fn carried(server: &Node) -> u64 {
    server.custody().await.unwrap().envelopes
}

/// How many messages each server has said to hold, once two hold each: those of its recipient, and one that Ada has drawn.
async fn held_by(ada: &Node, sent: &[MessageId]) -> BTreeMap<HostId, u64> {
    let mut held = BTreeMap::new();
    for message in sent {
        let both = || async { Some(ada.holders(*message).await.ok()?).filter(|holders| holders.len() >= 2) };
        let holders = eventually("two servers hold it", both).await;
        assert!(holders.len() <= 3 && holders.iter().all(|holder| holder.server), "{holders:?}");
        holders.iter().for_each(|holder| *held.entry(holder.host).or_default() += 1);
    }
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_share_the_mail_and_nothing_is_lost_or_doubled_though_one_goes_for_good() {
    let world = World::new();
    let ada = world.start("Ada", 1).await;
    let mut ids = Vec::new();
    for number in 0..FRIENDS {
        let node = friend(&world, number).await;
        befriend(&ada, &node).await;
        ids.push(node.host_id());
        node.leave().await.unwrap();
        node.stop().await.unwrap();
    }
    let servers = [server(&world, 1).await, server(&world, 2).await, server(&world, 3).await];
    for server in &servers {
        eventually("Ada sees it", || async { sees(&ada, server.host_id()).await.then_some(()) }).await;
    }
    let mut sent = Vec::new();
    for number in 0..TEXTS {
        for host in &ids {
            sent.push(ada.send(*host, &format!("number {number}")).await.unwrap());
        }
    }
    let as_said = || async {
        let held = held_by(&ada, &sent).await;
        let each = [carried(&servers[0]).await, carried(&servers[1]).await, carried(&servers[2]).await];
        let said = servers.each_ref().map(|server| held.get(&server.host_id()).copied().unwrap_or(0));
        (said == each).then_some(each)
    };
    let each = eventually("what each has is what it is said to have", as_said).await;
    let all = each.iter().sum::<u64>() as usize;
    assert!((2 * sent.len()..3 * sent.len()).contains(&all), "each two or three times: {each:?}");
    assert!(each.iter().all(|waiting| *waiting > 0), "all share the work: {each:?}");

    // The sender goes, and one server for good: whatever it had another has too.
    let from = ada.host_id();
    ada.leave().await.unwrap();
    ada.stop().await.unwrap();
    let [gone, second, third] = servers;
    gone.stop().await.unwrap();
    let mut friends = Vec::new();
    for number in 0..FRIENDS {
        friends.push(friend(&world, number).await);
    }
    for friend in &friends {
        eventually("all its mail", || async { (friend.unread(from).await.ok()? as usize >= TEXTS).then_some(()) })
            .await;
    }
    for server in [&second, &third] {
        eventually("it is empty", || async { (carried(server).await == 0).then_some(()) }).await;
    }
    for friend in &friends {
        assert_texts(friend, from, TEXTS).await;
    }
    let ada = world.start("Ada", 1).await;
    for message in sent {
        let fate = ada.wait_for_fate(message, Duration::from_secs(30)).await.unwrap();
        assert_eq!(fate, MessageState::Delivered);
    }
    for friend in &friends {
        assert_texts(friend, from, TEXTS).await;
    }
}
