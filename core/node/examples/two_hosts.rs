//! Two hosts on this machine meet, become friends and talk:
//!
//! ```text
//! cargo run -p permesso-node --example two_hosts
//! ```
//!
//! Each has its own folder, its own key and, since they share a machine, its own loopback address (Linux has all of 127.x.y.z).

use std::error::Error;
use std::time::Duration;

use permesso_node::config::Interfaces;
use permesso_node::{Config, Event, FriendState, HostId, Key, Match, Node, NodeConfig, NodeEvent};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    for text in meet(Config::default().host.port).await? {
        println!("Marco reads: {text}");
    }
    Ok(())
}

/// Both on this UDP port of presence; the texts that have arrived.
pub async fn meet(port: u16) -> Outcome<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let grazia = open(&folder, "Grazia", "127.0.0.1", port).await?;
    let marco = open(&folder, "Marco", "127.0.0.2", port).await?;
    grazia.start().await?;
    marco.start().await?;

    // Grazia looks for Marco by a part of his alias. An answer is a claim: names are not unique, ids are.
    let found = first_claim(&grazia, "mar").await?;
    println!("Grazia found {found}");

    // Friendship is mutual. Marco learns of the request by an event; his list of friends shows it as well.
    let mut marcos_events = marco.events();
    grazia.ask_friendship(found, "It is me, from the library").await?;
    let asker = loop {
        match marcos_events.next().await {
            Some(NodeEvent::Engine(Event::FriendChanged(asker))) if asker.state == FriendState::RequestReceived => {
                break asker;
            }
            Some(_) => {}
            None => return Err("Marco's host has stopped".into()),
        }
    };
    println!("{} asks Marco: {}", asker.alias, asker.greeting.unwrap_or_default());
    marco.answer_friendship(asker.host, true, false).await?;

    // A message may be written at once; it waits until the friendship is complete and the friend is there.
    wait_for_friend(&grazia, found).await?;
    let message = grazia.send(found, "Shall we meet at six?").await?;
    let fate = grazia.wait_for_fate(message, Duration::from_secs(10)).await?;
    println!("Grazia's message: {fate:?}");
    let arrived = marco.messages(asker.host, None, 10).await?;

    for node in [grazia, marco] {
        node.leave().await?;
        node.stop().await?;
    }
    Ok(arrived.into_iter().map(|message| message.text).collect())
}

async fn open(folder: &tempfile::TempDir, alias: &str, address: &str, port: u16) -> Outcome<Node> {
    let mut config = Config::default();
    config.host.alias = alias.into();
    config.host.port = port;
    config.network.interfaces = Interfaces::Only(vec![address.parse()?]);
    // A real host keeps its key in the platform's keystore.
    Ok(Node::open(NodeConfig::new(folder.path().join(alias), Key::generate()?, config)).await?)
}

async fn first_claim(node: &Node, alias: &str) -> Outcome<HostId> {
    for _ in 0..5 {
        if let Some(claim) = node.search(alias, Match::Partial).await?.first() {
            return Ok(claim.host);
        }
    }
    Err("nobody answers to that name".into())
}

async fn wait_for_friend(node: &Node, host: HostId) -> Outcome<()> {
    let mut events = node.events();
    while node.friend(host).await?.is_none_or(|friend| friend.state != FriendState::Friend) {
        events.next().await.ok_or("the host has stopped")?;
    }
    Ok(())
}
