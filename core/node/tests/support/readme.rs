use permesso_node::{Config, FriendState, Key, Match, Node, NodeConfig, NodeError, Store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config::parse(&std::fs::read_to_string("ada.toml").unwrap_or_default())?; // every other parameter
    config.host.alias = "Ada".into();
    let key = Key::from_passphrase("what its user types", &Store::salt("ada")?)?; // or one that the platform keeps
    let node = Node::open(NodeConfig::new("ada", key, config)).await?;
    node.start().await?;
    let mut events = node.events();
    let claims = node.search("gra", Match::Partial).await?; // people here now whose alias has that part
    let grace = claims.first().ok_or("nobody here is called so")?.host;
    let state = async || Ok::<_, NodeError>(node.friend(grace).await?.map(|friend| friend.state));
    if state().await? != Some(FriendState::Friend) {
        node.ask_friendship(grace, "Ciao!").await?;
    }
    while state().await? != Some(FriendState::Friend) {
        events.next().await.ok_or("the host has stopped")?;
    }
    let sent = node.send(grace, "ci vediamo alle 8?").await?;
    println!("{:?}", node.wait_for_fate(sent, std::time::Duration::from_secs(60)).await?); // Delivered: proved
    node.leave().await?; // hands waiting messages on, then goes
    Ok(node.stop().await?)
}
