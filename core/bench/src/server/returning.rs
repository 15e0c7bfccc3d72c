//! A person who comes back to a thousand messages that wait with a server.

use std::path::Path;
use std::time::{Duration, Instant};

use permesso_node::config::Interfaces;
use permesso_node::{Config, Event, EventStream, FriendState, HostId, MessageState, Node, NodeConfig, NodeEvent};

use super::process::{Server, free_port};
use crate::Outcome;
use crate::pair::key;

/// What waits: as much as an outbox holds.
const WAITING: usize = 1_000;
/// Nothing takes longer, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the server is asked whether anything waits there still.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// How long the return took.
#[derive(Clone, Copy, Debug)]
pub struct Return {
    /// From the start of the program until the last message was shown, in milliseconds.
    pub shown_ms: f64,
    /// Until the server had the proof of each, and kept none any more.
    pub proved_ms: f64,
    /// Until the server was heard: what hosts take to find each other.
    pub found_ms: f64,
}

/// Measures one return, with a server, a sender who is gone by then, and a recipient.
///
/// # Errors
/// A host cannot live, or a message does not arrive.
pub async fn measure(permesso: &Path, folder: &Path) -> Outcome<Return> {
    std::fs::create_dir_all(folder)?;
    let port = free_port()?;
    let (sender, recipient) = (open(folder, "Ada", 11, port).await?, open(folder, "Grace", 12, port).await?);
    befriend(&sender, &recipient).await?;
    recipient.stop().await?;
    let server = Server::start(permesso, folder, port)?;
    send_all(&sender, recipient.host_id(), &server).await?;
    sender.stop().await?;
    let begun = Instant::now();
    let recipient = open(folder, "Grace", 12, port).await?;
    let mut events = recipient.events();
    let (mut shown, mut found) = (0, None);
    while shown < WAITING {
        match next(&mut events).await? {
            Event::MessageReceived { .. } => shown += 1,
            Event::HostChanged(view) if view.online && view.host == server.uri.host_id() => {
                found.get_or_insert_with(|| begun.elapsed());
            }
            _ => {}
        }
    }
    let shown = begun.elapsed();
    while server.numbers()?.envelopes > 0 {
        if begun.elapsed() > PATIENCE {
            return Err("the server is not told that the messages arrived".into());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    let proved = begun.elapsed();
    recipient.stop().await?;
    server.stop()?;
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    Ok(Return { shown_ms: millis(shown), proved_ms: millis(proved), found_ms: found.map(millis).unwrap_or_default() })
}

async fn open(folder: &Path, alias: &str, last: u8, port: u16) -> Outcome<Node> {
    let mut config = Config::default();
    config.host.alias = alias.into();
    config.host.port = port;
    config.friendship.stamp_bits = 8;
    config.network.interfaces = Interfaces::Only(vec![[127, 0, 0, last].into()]);
    let node = Node::open(NodeConfig::new(folder.join(alias), key(), config)).await?;
    node.start().await?;
    Ok(node)
}

async fn befriend(sender: &Node, recipient: &Node) -> Outcome<()> {
    let mut events = recipient.events();
    let host = sender.scan_uri(&recipient.uri(None).await?).await?;
    sender.ask_friendship(host, "It is me").await?;
    loop {
        match next(&mut events).await? {
            Event::FriendChanged(friend) if friend.state == FriendState::RequestReceived => {
                recipient.answer_friendship(friend.host, true, false).await?;
            }
            Event::FriendChanged(friend) if friend.state == FriendState::Friend => break,
            _ => {}
        }
    }
    let begun = Instant::now();
    while sender.friend(host).await?.is_none_or(|friend| friend.state != FriendState::Friend) {
        if begun.elapsed() > PATIENCE {
            return Err("no friendship within two minutes".into());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Ok(())
}

/// Sends everything, and waits until the server has all of it.
async fn send_all(sender: &Node, to: HostId, server: &Server) -> Outcome<()> {
    for number in 0..WAITING {
        sender.send(to, &format!("Message {number}: shall we meet at six in front of the library?")).await?;
    }
    let begun = Instant::now();
    loop {
        let held = sender.messages(to, None, WAITING).await?;
        let held = held.iter().filter(|message| message.state == MessageState::Held).count();
        if held == WAITING && server.numbers()?.envelopes as usize >= WAITING {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("only {held} messages are held by the server after two minutes").into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn next(events: &mut EventStream) -> Outcome<Event> {
    loop {
        let event =
            tokio::time::timeout(PATIENCE, events.next()).await.map_err(|_| "nothing happened for two minutes")?;
        match event.ok_or("the host has stopped")? {
            NodeEvent::Engine(event) => return Ok(event),
            NodeEvent::Node(_) => {}
        }
    }
}
