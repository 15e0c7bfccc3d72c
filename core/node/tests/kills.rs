//! Two processes that write to each other without end, each killed by SIGKILL twenty-five times at random moments.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use permesso_engine::rows::{MessageIndex, StoredState};
use permesso_node::{
    Config, Event, HostId, Key, MessageId, MessageState, Millis, Node, NodeConfig, NodeEvent, Setting, Store,
};
use support::{World, befriend, eventually};

/// Each round kills both.
const ROUNDS: u64 = 25;
/// Both are killed within so many milliseconds after they have started: some before they have met, most in the middle.
const LIFE_MAX: u64 = 1_200;
/// Texts on their way at a time: as many as keep both busy.
const WAITING_MAX: usize = 40;
const SEED: u64 = 4;

const FOLDER: &str = "PERMESSO_TEST_FOLDER";
const PORT: &str = "PERMESSO_TEST_PORT";
const LAST: &str = "PERMESSO_TEST_LAST";
const SEND_TO: &str = "PERMESSO_TEST_SEND_TO";

/// Not a test by itself: the process that is killed. It writes as long as not too much waits, and prints the id of each text
/// once it is stored and once it is said to be delivered.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_process_that_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let last: u8 = std::env::var(LAST).unwrap().parse().unwrap();
    let friend: HostId = std::env::var(SEND_TO).unwrap().parse().unwrap();
    let mut config = Config::default();
    config.host.port = std::env::var(PORT).unwrap().parse().unwrap();
    config.network.interfaces = permesso_node::config::Interfaces::Only(vec![[127, 0, 0, last].into()]);
    config.links.backoff_min = Millis(200);
    let node = Node::open(NodeConfig::new(folder, Key::from_bytes([7; 32]), config)).await.unwrap();
    let mut events = node.events();
    node.start().await.unwrap();
    println!("\nstarted");
    let earlier = node.messages(friend, None, usize::MAX).await.unwrap();
    let mut waiting = earlier.iter().filter(|message| message.mine && message.state == MessageState::Queued).count();
    loop {
        while waiting < WAITING_MAX {
            say("stored", node.send(friend, "a text").await.unwrap());
            waiting += 1;
        }
        if let Some(NodeEvent::Engine(Event::MessageChanged { message, state: MessageState::Delivered, .. })) =
            events.next().await
        {
            say("delivered", message);
            waiting = waiting.saturating_sub(1);
        }
    }
}

fn say(what: &str, message: MessageId) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what} {message}").unwrap();
    out.flush().unwrap();
}

/// What one host's processes have said in all their lives.
#[derive(Default)]
struct Said {
    stored: BTreeSet<MessageId>,
    delivered: BTreeSet<MessageId>,
}

struct Victim {
    process: Child,
    reading: JoinHandle<Vec<String>>,
}

impl Victim {
    fn start(world: &World, name: &str, last: u8, friend: HostId) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env(FOLDER, world.folder(name))
            .env(PORT, world.port().to_string())
            .env(LAST, last.to_string())
            .env(SEND_TO, friend.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.by_ref().any(|line| line == "started"), "the process ended by itself");
        Self { process, reading: std::thread::spawn(move || lines.collect()) }
    }

    fn kill(mut self, said: &mut Said) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        for line in self.reading.join().unwrap() {
            // The last line may be cut.
            let Some((what, message)) = line.split_once(' ') else { continue };
            let Ok(message) = message.parse() else { continue };
            match what {
                "stored" => said.stored.insert(message),
                "delivered" => said.delivered.insert(message),
                _ => panic!("{line}"),
            };
        }
    }
}

/// A host's history as its files have it, its own messages and those of its friend.
fn history(world: &World, name: &str) -> (BTreeMap<MessageId, StoredState>, BTreeSet<MessageId>) {
    let (_, snapshot) = Store::open(world.folder(name), Some(world.key()), |_| {}).unwrap();
    let (own, theirs): (Vec<MessageIndex>, _) = snapshot.messages.into_iter().partition(|message| message.mine);
    let received: Vec<_> = theirs.into_iter().map(|message: MessageIndex| message.id).collect();
    let once: BTreeSet<_> = received.iter().copied().collect();
    assert_eq!(once.len(), received.len(), "{name} has a message twice");
    (own.into_iter().map(|message| (message.id, message.state)).collect(), once)
}

/// Nothing that was said to be stored is lost, and nothing said or stored to be delivered is not there.
fn check(world: &World, said: &[Said; 2], names: [&str; 2]) {
    let histories = names.map(|name| history(world, name));
    for (one, other) in [(0, 1), (1, 0)] {
        let (own, received) = (&histories[one].0, &histories[other].1);
        for message in &said[one].stored {
            assert!(own.contains_key(message), "{} lost {message}", names[one]);
        }
        for message in &said[one].delivered {
            assert!(received.contains(message), "{message} was said to be delivered and is not there");
        }
        for (message, state) in own {
            assert!(*state != StoredState::Delivered || received.contains(message), "{message} is falsely ticked");
        }
        assert!(received.iter().all(|message| own.contains_key(message)), "a message nobody wrote was received");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hosts_killed_fifty_times_neither_loses_doubles_or_falsely_ticks_a_message() {
    let begun = Instant::now();
    let world = World::new();
    let names = ["Grazia", "Marco"];
    let (grazia, marco) = (world.start(names[0], 1).await, world.start(names[1], 2).await);
    befriend(&grazia, &marco).await;
    // They write more than usually stays.
    for node in [&grazia, &marco] {
        node.set(Setting::HistoryLimit(1_000_000)).await.unwrap();
    }
    let hosts = [grazia.host_id(), marco.host_id()];
    grazia.stop().await.unwrap();
    marco.stop().await.unwrap();

    let mut said = <[Said; 2]>::default();
    let mut dice = SEED;
    for round in 0..ROUNDS {
        let mut victims = [0, 1].map(|one| Some(Victim::start(&world, names[one], one as u8 + 1, hosts[1 - one])));
        // Numbers of a linear congruential generator (Knuth): the moments are those of the seed.
        let mut moments = [0, 1].map(|one| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((dice >> 33) % LIFE_MAX, one)
        });
        moments.sort_unstable();
        let mut slept = 0;
        for (moment, one) in moments {
            tokio::time::sleep(Duration::from_millis(moment - slept)).await;
            slept = moment;
            victims[one].take().unwrap().kill(&mut said[one]);
        }
        check(&world, &said, names);
        println!("round {round}: {} and {} stored", said[0].stored.len(), said[1].stored.len());
    }
    let delivered = said.each_ref().map(|said| said.delivered.len());
    assert!(delivered.iter().all(|count| *count > 20), "hardly anything was delivered: {delivered:?}");

    // Both live on, and everything arrives.
    let nodes = [world.start(names[0], 1).await, world.start(names[1], 2).await];
    for (one, other) in [(0, 1), (1, 0)] {
        let arrived = || async {
            let messages = nodes[one].messages(hosts[other], None, usize::MAX).await.unwrap();
            let mut own = messages.iter().filter(|message| message.mine);
            own.all(|message| message.state == MessageState::Delivered).then_some(())
        };
        eventually("all are delivered", arrived).await;
    }
    for node in nodes {
        node.stop().await.unwrap();
    }
    check(&world, &said, names);
    for (one, other) in [(0, 1), (1, 0)] {
        let (own, received) = (history(&world, names[one]).0, history(&world, names[other]).1);
        assert!(own.keys().eq(received.iter()), "not all arrived");
    }
    println!("fifty kills in {:?}, {delivered:?} messages delivered meanwhile", begun.elapsed());
}
