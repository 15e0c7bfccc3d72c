//! Two processes on this machine, each a whole host with a database on disk, and an encrypted link between them.
//!
//! Measured is what a user of the API sees: from calling `send` to the event `delivered`, which says that the other host has
//! stored the message and proved so.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use permesso_node::config::Interfaces;
use permesso_node::{
    Config, Event, EventStream, FriendState, HostId, Key, MessageId, MessageState, Millis, Node, NodeConfig, NodeError,
    NodeEvent, NodeNotice,
};
use tokio::sync::Semaphore;

use crate::Outcome;
use crate::spread::Spread;

/// The argument by which the second process knows its part.
pub const ROLE: &str = "--pong";

/// Messages sent one after the other, each when the one before is delivered; the first ones warm everything up.
const SINGLE: usize = 500;
const WARM_UP: usize = 50;
/// Messages sent as fast as they are taken, and how many of them may be undelivered: below the outbox's limit of 1,000.
const PIPELINED: usize = 20_000;
const UNDELIVERED_MAX: usize = 900;
/// Tasks that call `send` at the same time.
const SENDERS: usize = 128;
/// First messages over a new link; each waits until the one before is closed.
const FIRST: usize = 10;
/// A link without a word for so long is closed: the shortest the configuration allows.
const IDLE_CLOSE: Millis = Millis::from_secs(1);
/// A chat message of ordinary length.
const TEXT: &str = "Shall we meet at six in front of the library? I bring the books you asked for.";
/// Nothing takes longer, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PORT: u16 = 20_071;
/// Where the second host is.
pub(crate) const PONG: [u8; 4] = [127, 0, 0, 2];

/// What one run of two processes gives.
#[derive(Clone, Debug)]
pub struct Measured {
    /// One message, send to delivered, in milliseconds.
    pub single: Spread,
    /// Messages per second, pipelined, from the first send to the last delivered.
    pub pipelined: f64,
    /// The first message over a link that must be made, in milliseconds.
    pub first: Spread,
}

/// Two hosts that are friends, the second in a process of its own.
pub(crate) struct Pair {
    pub(crate) node: Node,
    host: HostId,
    other: Other,
}

impl Pair {
    pub(crate) async fn start(folder: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let other = Other::start(folder)?;
        let node = open(folder, "Ping", [127, 0, 0, 1]).await?;
        let host = befriend(&node, &other.uri).await?;
        Ok(Self { node, host, other })
    }

    /// The process of the second host.
    pub(crate) fn other(&self) -> u32 {
        self.other.process.id()
    }

    pub(crate) async fn end(mut self) -> Outcome<()> {
        self.node.stop().await?;
        self.other.stop()
    }
}

/// Measures in `folder`, which keeps the homes of both hosts; `first` tells whether new links are measured too, which takes
/// some 20 s.
///
/// # Errors
/// A host cannot live, or a message is not delivered.
pub async fn measure(folder: &Path, first: bool) -> Outcome<Measured> {
    let pair = Pair::start(folder).await?;
    let single = single(&pair).await?;
    let pipelined = pipelined(&pair.node, pair.host).await?;
    let first = if first { first_messages(&pair).await? } else { Spread::of(Vec::new()) };
    pair.end().await?;
    Ok(Measured { single, pipelined, first })
}

/// The second process: answers the friend request and stores what comes, until its input ends.
///
/// # Errors
/// The host cannot live.
pub async fn pong(folder: PathBuf) -> Outcome<()> {
    let node = open(&folder, "Pong", PONG).await?;
    let mut events = node.events();
    println!("{}", node.uri(Some((PONG, PORT).into())).await?);
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    let answering = async {
        while let Some(event) = events.next().await {
            if let NodeEvent::Engine(Event::FriendChanged(friend)) = event
                && friend.state == FriendState::RequestReceived
            {
                node.answer_friendship(friend.host, true, false).await?;
            }
        }
        Ok::<_, NodeError>(())
    };
    tokio::select! {
        result = answering => result?,
        _ = ended => {}
    }
    node.stop().await?;
    Ok(())
}

/// The key of every measured database.
pub(crate) fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// The home of the host that sends, in a folder that was measured in.
pub fn home_of_sender(folder: &Path) -> PathBuf {
    folder.join("Ping")
}

async fn open(folder: &Path, alias: &str, address: [u8; 4]) -> Outcome<Node> {
    let mut config = Config::default();
    config.host.alias = alias.into();
    config.host.port = PORT;
    config.links.idle_close = IDLE_CLOSE;
    config.network.interfaces = Interfaces::Only(vec![address.into()]);
    let node = Node::open(NodeConfig::new(folder.join(alias), key(), config)).await?;
    node.start().await?;
    Ok(node)
}

async fn befriend(node: &Node, uri: &str) -> Outcome<HostId> {
    let host = node.scan_uri(uri).await?;
    let mut events = node.events();
    node.ask_friendship(host, "ping?").await?;
    let wait = async {
        while node.friend(host).await?.is_none_or(|friend| friend.state != FriendState::Friend) {
            events.next().await.ok_or("the host has stopped")?;
        }
        Outcome::Ok(())
    };
    tokio::time::timeout(PATIENCE, wait).await.map_err(|_| "no friendship within a minute")??;
    Ok(host)
}

async fn single(pair: &Pair) -> Outcome<Spread> {
    let mut events = pair.node.events();
    let mut times = Vec::with_capacity(SINGLE);
    for round in 0..SINGLE + WARM_UP {
        let time = one(pair, &mut events).await?;
        if round >= WARM_UP {
            times.push(time);
        }
    }
    Ok(Spread::of_times(times))
}

/// One message, from `send` to *delivered*.
pub(crate) async fn one(pair: &Pair, events: &mut EventStream) -> Outcome<Duration> {
    let start = Instant::now();
    let message = pair.node.send(pair.host, TEXT).await?;
    while next_delivered(events).await? != message {}
    Ok(start.elapsed())
}

/// Messages over links that have to be made: the one before was closed since nobody said a word.
async fn first_messages(pair: &Pair) -> Outcome<Spread> {
    let mut times = Vec::new();
    for _ in 0..FIRST {
        let closed = async {
            while conversation_port(&pair.node, pair.host).await?.is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Outcome::Ok(())
        };
        tokio::time::timeout(PATIENCE, closed).await.map_err(|_| "the link is not closed within a minute")??;
        // The other end has seen it too.
        tokio::time::sleep(Duration::from_millis(200)).await;
        times.push(one(pair, &mut pair.node.events()).await?);
    }
    Ok(Spread::of_times(times))
}

async fn conversation_port(node: &Node, host: HostId) -> Result<Option<u16>, NodeError> {
    let views = node.hosts().await?;
    Ok(views.iter().find(|view| view.host == host).and_then(|view| view.conversation_port))
}

/// The next message that is delivered.
async fn next_delivered(events: &mut EventStream) -> Outcome<MessageId> {
    loop {
        let event = tokio::time::timeout(PATIENCE, events.next()).await;
        match event.map_err(|_| "nothing was delivered for a minute")? {
            Some(NodeEvent::Engine(Event::MessageChanged { message, state: MessageState::Delivered, .. })) => {
                return Ok(message);
            }
            Some(NodeEvent::Engine(Event::MessageChanged { state: MessageState::Failed { reason }, .. })) => {
                return Err(format!("a message failed: {reason:?}").into());
            }
            Some(NodeEvent::Node(NodeNotice::Missed { count })) => return Err(format!("missed {count} events").into()),
            Some(_) => {}
            None => return Err("the host has stopped".into()),
        }
    }
}

/// Messages per second from the first `send` to the last `delivered`.
async fn pipelined(node: &Node, host: HostId) -> Outcome<f64> {
    let mut events = node.events();
    let room = Arc::new(Semaphore::new(UNDELIVERED_MAX));
    let unsent = Arc::new(Semaphore::new(PIPELINED));
    let start = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (node, room, unsent) = (node.clone(), room.clone(), unsent.clone());
            tokio::spawn(async move {
                while let Ok(one) = unsent.try_acquire() {
                    one.forget();
                    let Ok(permit) = room.acquire().await else { break };
                    permit.forget();
                    node.send(host, TEXT).await?;
                }
                Ok::<_, NodeError>(())
            })
        })
        .collect();
    let mut seen = BTreeSet::new();
    while seen.len() < PIPELINED {
        let message = next_delivered(&mut events).await?;
        if seen.insert(message) {
            room.add_permits(1);
        }
    }
    let rate = PIPELINED as f64 / start.elapsed().as_secs_f64();
    for sender in senders {
        sender.await??;
    }
    Ok(rate)
}

/// The second process, as the first sees it.
struct Other {
    process: Child,
    input: Option<ChildStdin>,
    _output: BufReader<ChildStdout>,
    uri: String,
}

impl Other {
    fn start(folder: &Path) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take();
        let mut output = BufReader::new(process.stdout.take().ok_or("the second process has no output")?);
        let mut uri = String::new();
        output.read_line(&mut uri)?;
        Ok(Self { process, input, _output: output, uri: uri.trim().to_owned() })
    }

    fn stop(&mut self) -> Outcome<()> {
        drop(self.input.take());
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the second process ended with {status}").into()) }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for a first process that failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
