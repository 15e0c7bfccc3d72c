//! A host with 100 friends that has nothing to do: what it adds to the memory of its process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use permesso_node::config::Interfaces;
use permesso_node::{Config, Event, FriendState, Node, NodeConfig, NodeError, NodeEvent};

use crate::account::resident_mb;
use crate::{Outcome, pair};

/// The argument by which the process with the idle host knows its part.
pub const ROLE: &str = "--idle";

/// So many as somebody knows.
const FRIENDS: u8 = 100;
/// What starting brought has come to rest then.
const REST: Duration = Duration::from_secs(5);
/// A friendship takes no longer, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
const PORT: u16 = 20_072;

/// Makes a host with its friends in `folder`: each of them lives, asks, is accepted and ends.
///
/// # Errors
/// A host cannot live, or a friendship does not come about.
pub async fn make(folder: &Path) -> Outcome<()> {
    let ada = open(home(folder), 1).await?;
    let answering = tokio::spawn(answer(ada.clone()));
    for number in 0..FRIENDS {
        let friend = open(folder.join(format!("friend-{number}")), number + 2).await?;
        let mut events = friend.events();
        friend.scan_uri(&ada.uri(Some(([127, 0, 0, 1], PORT).into())).await?).await?;
        friend.ask_friendship(ada.host_id(), "").await?;
        let wait = async {
            while friend.friend(ada.host_id()).await?.is_none_or(|view| view.state != FriendState::Friend) {
                events.next().await.ok_or("the host has stopped")?;
            }
            Outcome::Ok(())
        };
        tokio::time::timeout(PATIENCE, wait).await.map_err(|_| "no friendship within a minute")??;
        friend.stop().await?;
    }
    let friends = ada.friends().await?.iter().filter(|view| view.state == FriendState::Friend).count();
    ada.stop().await?;
    answering.await??;
    if friends == usize::from(FRIENDS) { Ok(()) } else { Err(format!("{friends} friends were made").into()) }
}

/// Memory that the host of `folder` adds to a process of its own, in 10⁶ bytes; 0 where the system does not tell.
///
/// # Errors
/// The process fails.
pub fn measure(folder: &Path) -> Outcome<f64> {
    let output = Command::new(std::env::current_exe()?).arg(ROLE).arg(home(folder)).output()?;
    if !output.status.success() {
        return Err(format!("the host cannot be idle: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The process with the host: prints what it adds.
///
/// # Errors
/// The host cannot live.
pub async fn idle(home: PathBuf) -> Outcome<()> {
    let before = resident_mb();
    let node = open(home, 1).await?;
    tokio::time::sleep(REST).await;
    println!("{}", resident_mb() - before);
    node.stop().await?;
    Ok(())
}

async fn answer(node: Node) -> Result<(), NodeError> {
    let mut events = node.events();
    while let Some(event) = events.next().await {
        if let NodeEvent::Engine(Event::FriendChanged(friend)) = event
            && friend.state == FriendState::RequestReceived
        {
            node.answer_friendship(friend.host, true, false).await?;
        }
    }
    Ok(())
}

fn home(folder: &Path) -> PathBuf {
    folder.join("idle")
}

async fn open(home: PathBuf, last: u8) -> Outcome<Node> {
    let mut config = Config::default();
    config.host.port = PORT;
    config.friendship.stamp_bits = 8;
    config.network.interfaces = Interfaces::Only(vec![[127, 0, 0, last].into()]);
    let node = Node::open(NodeConfig::new(home, pair::key(), config)).await?;
    node.start().await?;
    Ok(node)
}
