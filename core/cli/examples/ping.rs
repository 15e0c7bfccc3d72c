//! How fast is a message? Two processes on this machine, each a whole host with a database on disk and an encrypted link:
//!
//! ```text
//! cargo run --release --example ping
//! ```
//!
//! Measured is what a user of the API sees: from calling `send` to the event `delivered`, which says that the other host has
//! stored the message and proved so. Beside it stand this machine's own limits, measured in the same run. The databases lie
//! beside the program, on a real disk; another folder can be given as an argument.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use permesso_node::config::Interfaces;
use permesso_node::{
    Config, Event, EventStream, FriendState, HostId, Key, MessageId, MessageState, Node, NodeConfig, NodeEvent,
    NodeNotice,
};
use tokio::sync::Semaphore;

/// Messages sent one after the other, each when the one before is delivered.
const SINGLE: usize = 500;

/// Messages sent as fast as they are taken, and how many of them may be undelivered: below the outbox's limit of 1,000.
const PIPELINED: usize = 20_000;
const UNDELIVERED_MAX: usize = 900;

/// Tasks that call `send` at the same time.
const SENDERS: usize = 128;

/// A chat message of ordinary length.
const TEXT: &str = "Shall we meet at six in front of the library? I bring the books you asked for.";

const PORT: u16 = 20_071;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match std::env::args().collect::<Vec<_>>().as_slice() {
        [_, role, folder] if role == "pong" => runtime.block_on(pong(Path::new(folder))),
        [_, folder] => runtime.block_on(ping(PathBuf::from(folder))),
        [program] => runtime.block_on(ping(Path::new(program).parent().unwrap_or(Path::new(".")).to_owned())),
        _ => Err("usage: ping [FOLDER]".into()),
    }
}

/// The second process: answers the friend request and stores what comes, until its input ends.
async fn pong(folder: &Path) -> Outcome<()> {
    let node = open(folder, "Pong", [127, 0, 0, 2]).await?;
    let mut events = node.events();
    println!("{}", node.uri(Some(([127, 0, 0, 2], PORT).into())).await?);
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    let answering = async {
        while let Some(event) = events.next().await {
            if let NodeEvent::Engine(Event::FriendChanged(friend)) = event
                && friend.state == FriendState::RequestReceived
            {
                node.answer_friendship(friend.host, true, false).await?;
            }
        }
        Ok::<_, permesso_node::NodeError>(())
    };
    tokio::select! {
        result = answering => result?,
        _ = ended => {}
    }
    node.stop().await?;
    Ok(())
}

/// The first process: measures.
async fn ping(folder: PathBuf) -> Outcome<()> {
    let folder = tempfile::tempdir_in(folder)?;
    let fsync = fsync_after_append(folder.path())?;
    let udp = udp_round_trip()?;
    let mut other = Other::start(folder.path())?;
    let node = open(folder.path(), "Ping", [127, 0, 0, 1]).await?;
    let host = befriend(&node, &other.uri).await?;
    let mut events = node.events();
    let mut single = Vec::with_capacity(SINGLE);
    for round in 0..SINGLE + 50 {
        let start = Instant::now();
        let message = node.send(host, TEXT).await?;
        delivered(&mut events, message).await?;
        // The first ones warm everything up.
        if round >= 50 {
            single.push(start.elapsed());
        }
    }
    let rate = pipelined(&node, host).await?;
    node.stop().await?;
    other.stop()?;
    let single = Spread::of(single);
    println!("{:<58} {:>9} {:>9}", "", "p50", "p90");
    row("one message, send to delivered, two processes", &single);
    row("  this machine: fsync after an append of 1 kB", &fsync);
    row("  this machine: UDP round trip of 200 B on loopback", &udp);
    println!("{:<58} {:>9.0}", format!("messages per second, {PIPELINED} pipelined, all delivered"), rate);
    let limit = 2.0 * fsync.p50.as_secs_f64() + udp.p50.as_secs_f64();
    println!("{:<58} {:>9.2}", "one message ÷ (2 fsyncs + 1 round trip)", single.p50.as_secs_f64() / limit);
    Ok(())
}

async fn open(folder: &Path, alias: &str, address: [u8; 4]) -> Outcome<Node> {
    let mut config = Config::default();
    config.host.alias = alias.into();
    config.host.port = PORT;
    config.network.interfaces = Interfaces::Only(vec![address.into()]);
    let node = Node::open(NodeConfig::new(folder.join(alias), Key::generate()?, config)).await?;
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
        Ok::<_, Box<dyn Error>>(())
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.map_err(|_| "no friendship within a minute")??;
    Ok(host)
}

async fn delivered(events: &mut EventStream, wanted: MessageId) -> Outcome<()> {
    while next_delivered(events).await? != wanted {}
    Ok(())
}

/// The next message that is delivered.
async fn next_delivered(events: &mut EventStream) -> Outcome<MessageId> {
    loop {
        let event = tokio::time::timeout(Duration::from_secs(30), events.next()).await;
        match event.map_err(|_| "nothing was delivered for 30 s")? {
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
                Ok::<_, permesso_node::NodeError>(())
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
            .arg("pong")
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

struct Spread {
    p50: Duration,
    p90: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        Self { p50: at(50), p90: at(90) }
    }
}

fn row(what: &str, spread: &Spread) {
    let millis = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1_000.0);
    println!("{what:<58} {:>9} {:>9}", millis(spread.p50), millis(spread.p90));
}

fn fsync_after_append(folder: &Path) -> Outcome<Spread> {
    let mut file = File::create(folder.join("append"))?;
    let mut times = Vec::new();
    for _ in 0..300 {
        let start = Instant::now();
        file.write_all(&[7; 1_024])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(Spread::of(times))
}

fn udp_round_trip() -> Outcome<Spread> {
    const ROUNDS: usize = 2_000;
    let (near, far) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    near.connect(far.local_addr()?)?;
    far.connect(near.local_addr()?)?;
    let echo = std::thread::spawn(move || {
        let mut buffer = [0; 512];
        for _ in 0..ROUNDS {
            let length = far.recv(&mut buffer)?;
            far.send(buffer.get(..length).unwrap_or_default())?;
        }
        Ok::<_, std::io::Error>(())
    });
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        near.send(&[7; 200])?;
        near.recv(&mut [0; 512])?;
        times.push(start.elapsed());
    }
    echo.join().map_err(|_| "the echo failed")??;
    Ok(Spread::of(times))
}
