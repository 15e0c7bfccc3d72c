use std::error::Error;
use std::path::Path;
use std::time::Duration;

use permesso_node::{Config, FriendState, Key, Match, Node, NodeConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An app keeps its key where the platform keeps keys.
    if !Path::new("ada.key").exists() {
        std::fs::write("ada.key", Key::generate()?.as_bytes())?;
    }
    let key = Key::from_bytes(std::fs::read("ada.key")?.as_slice().try_into()?);
    // Every other parameter may stand in a file.
    let mut config = Config::parse(&std::fs::read_to_string("ada.toml").unwrap_or_default())?;
    config.host.alias = "Ada".into();
    let node = Node::open(NodeConfig::new("ada", key, config)).await?;
    node.start().await?;

    // People here now whose alias has that part.
    let found = loop {
        if let Some(claim) = node.search("gra", Match::Partial).await?.first() {
            break claim.host;
        }
    };
    let mut events = node.events();
    if node.friend(found).await?.is_none_or(|friend| friend.state != FriendState::Friend) {
        node.ask_friendship(found, "Ciao!").await?;
    }
    while node.friend(found).await?.is_none_or(|friend| friend.state != FriendState::Friend) {
        events.next().await.ok_or("the host has stopped")?;
    }
    let message = node.send(found, "ci vediamo alle 8?").await?;
    // Delivered: stored there, and proved.
    println!("{:?}", node.wait_for_fate(message, Duration::from_secs(10)).await?);
    node.leave().await?;
    Ok(node.stop().await?)
}
