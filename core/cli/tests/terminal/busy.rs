//! The chat answers to keys whatever its host is busy with.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::beginning::{ENGLISH, befriend};
use crate::bot::Bot;
use crate::process::World;
use crate::tmux::{Pane, Tmux, page};

/// Messages that come in: as many as an account keeps of one conversation.
const FLOOD: usize = 10_000;

/// Messages on their way at once, fewer than may wait in an outbox.
const AT_ONCE: usize = 200;

/// How long a key may take to show, of a debug build on a machine that is busy with all this: what would be called hanging.
/// It takes a tenth of a second; who waited for a search on the network would wait for half a minute.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Grace, who writes all the time.
struct Flood {
    sent: Arc<AtomicUsize>,
    /// Nobody looks any more.
    over: Arc<AtomicBool>,
    writing: JoinHandle<()>,
}

impl Flood {
    fn begin(world: &World) -> Self {
        let mut grace = Bot::start(world, "Grace", 2);
        let (sent, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stop) = (Arc::clone(&sent), Arc::clone(&over));
        let writing = thread::spawn(move || {
            for first in (0..FLOOD).step_by(AT_ONCE) {
                let send = |number| json!({ "cmd": "send_text", "host": "Ada", "text": format!("number {number}") });
                let asked: Vec<u64> = (first..first + AT_ONCE).map(|number| grace.begin(send(number))).collect();
                let mut last = None;
                for id in asked {
                    last = Some(grace.reply(id)["result"]["message"].take());
                }
                let wait = json!({ "cmd": "wait_for_state", "message": last, "timeout": "60s" });
                let id = grace.begin(wait);
                assert_eq!(grace.reply(id)["result"]["state"], "delivered");
                count.fetch_add(AT_ONCE, Ordering::Relaxed);
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
            grace.end();
        });
        Self { sent, over, writing }
    }

    fn arrived(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Types and waits until it shows; how long that took.
fn answers(pane: &Pane<'_>, types: impl Fn(), shows: impl Fn(&str) -> bool) -> Duration {
    let begun = Instant::now();
    types();
    pane.until("an answer", shows);
    begun.elapsed()
}

#[test]
fn keys_are_answered_at_once_while_ten_thousand_messages_come_in_and_are_searched() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let config = "[friendship]\nstamp_bits = 8\n[presence]\nsearch_time = \"30s\"\n";
    fs::write(world.path().join("test.toml"), config).unwrap();
    let pane = tmux.run("ada", (120, 30), &[ENGLISH], &world.host("chat", "Ada", 1));
    pane.shows("○ Grace");
    let flood = Flood::begin(&world);
    pane.shows("● Grace");
    pane.presses("Enter");
    pane.until("the first messages", |_| flood.arrived() > 0);
    let mut slowest = Duration::ZERO;
    let writes = |text: &str, shown: &str| {
        let written = answers(&pane, || pane.types(text), |screen| page(screen).contains(shown));
        let gone = answers(&pane, || pane.presses("C-u"), |screen| !page(screen).contains(shown));
        written.max(gone)
    };
    while flood.arrived() < FLOOD / 2 {
        let text = format!("still here at {}", flood.arrived());
        slowest = slowest.max(writes(&text, &text));
    }
    // A search on the network goes on for long; nobody need wait for it.
    pane.presses("F4");
    pane.types("nobody");
    let looks = answers(&pane, || pane.presses("Enter"), |screen| page(screen).contains("Looking…"));
    let back = answers(&pane, || pane.presses("Escape"), |screen| !page(screen).contains("Looking…"));
    slowest = slowest.max(looks).max(back).max(writes("meanwhile", "meanwhile"));
    // Every letter of it searches all that is there.
    pane.presses("F3");
    pane.shows("Search messages and people");
    while flood.arrived() < FLOOD {
        let text = format!("number {}", flood.arrived() / 2);
        slowest = slowest.max(writes(&text, &format!("› {text}")));
    }
    assert!(slowest < ANSWERS_WITHIN, "a key was answered after {slowest:?}");
    pane.types("number 9999");
    pane.until("what was searched for", |screen| page(screen).contains(" Grace number 9999"));
    pane.presses("Escape");
    pane.until("the last message", |screen| page(screen).contains("Grace number 9999"));
    flood.over.store(true, Ordering::Relaxed);
    flood.writing.join().unwrap();
}
