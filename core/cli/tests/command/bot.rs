//! A bot as the program at its other end sees it.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{PATIENCE, World, code};
use crate::schema;

/// No reply or event is waited for longer.
const WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Bot {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    events: VecDeque<Value>,
    replies: VecDeque<Value>,
    /// What was asked, by id.
    asked: BTreeMap<u64, String>,
    next_id: u64,
    pub(crate) id: String,
}

impl Bot {
    /// Starts the host `name` and waits until it is ready.
    pub(crate) fn start(world: &World, name: &str, last: u8) -> Self {
        Self::spawn(&mut world.host("bot", name, last))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        let mut bot = Self {
            child,
            input,
            lines,
            events: VecDeque::new(),
            replies: VecDeque::new(),
            asked: BTreeMap::new(),
            next_id: 0,
            id: String::new(),
        };
        let ready = bot.event("ready", |_| true);
        bot.id = ready["host"].as_str().unwrap().into();
        bot
    }

    /// Writes a line that may be anything.
    pub(crate) fn write(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// Writes a command; its id.
    pub(crate) fn begin(&mut self, command: Value) -> u64 {
        schema::check(&format!("command.{}", command["cmd"].as_str().unwrap()), &command);
        self.begin_unchecked(command)
    }

    /// Writes a command that need not fit the schema; its id.
    pub(crate) fn begin_unchecked(&mut self, mut command: Value) -> u64 {
        self.next_id += 1;
        let id = self.next_id;
        command["id"] = json!(id);
        let name = command["cmd"].as_str().unwrap().to_owned();
        self.asked.insert(id, name);
        self.write(&command.to_string());
        id
    }

    /// The reply to a command.
    pub(crate) fn reply(&mut self, id: u64) -> Value {
        let deadline = Instant::now() + WAIT;
        loop {
            if let Some(at) = self.replies.iter().position(|reply| reply["id"] == json!(id)) {
                return self.replies.remove(at).unwrap();
            }
            assert!(self.take(deadline), "no reply to {:?}; events: {:?}", self.asked.get(&id), self.events);
        }
    }

    /// The next reply to a line without an id.
    pub(crate) fn reply_without_id(&mut self) -> Value {
        let deadline = Instant::now() + WAIT;
        loop {
            if let Some(at) = self.replies.iter().position(|reply| reply["id"].is_null()) {
                return self.replies.remove(at).unwrap();
            }
            assert!(self.take(deadline), "no reply");
        }
    }

    /// Carries a command out; its result.
    pub(crate) fn ask(&mut self, command: Value) -> Value {
        let id = self.begin(command.clone());
        let mut reply = self.reply(id);
        assert_eq!(reply["ok"], true, "{command}: {reply}");
        reply["result"].take()
    }

    /// The code with which a command is refused.
    pub(crate) fn refused(&mut self, command: Value) -> String {
        let id = self.begin(command.clone());
        let reply = self.reply(id);
        assert_eq!(reply["ok"], false, "{command}: {reply}");
        reply["error"]["code"].as_str().unwrap().into()
    }

    /// The next event of this kind that fits; those before it are let go.
    pub(crate) fn event(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WAIT;
        loop {
            while let Some(event) = self.events.pop_front() {
                if event["event"] == kind && fits(&event) {
                    return event;
                }
            }
            assert!(self.take(deadline), "no event {kind}");
        }
    }

    /// Asks again and again until the result fits.
    pub(crate) fn until(&mut self, command: Value, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WAIT;
        loop {
            let result = self.ask(command.clone());
            if fits(&result) {
                return result;
            }
            assert!(Instant::now() < deadline, "{command} still gives {:.2000}", result.to_string());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Searches until so many answer to that alias: on a busy machine an answer may come after the search has ended.
    pub(crate) fn search(&mut self, alias: &str, matching: &str, count: usize) -> Value {
        let search = json!({ "cmd": "search", "alias": alias, "match": matching });
        self.until(search, |found| found["claims"].as_array().unwrap().len() == count)
    }

    /// Becomes friends with `other`, whom it finds by a part of its alias.
    pub(crate) fn befriend(&mut self, other: &mut Self, part: &str) {
        let search = json!({ "cmd": "search", "alias": part, "match": "partial" });
        // On a busy machine an answer may come after the search has ended.
        self.until(search, |found| {
            found["claims"].as_array().unwrap().iter().any(|claim| claim["host"] == other.id.as_str())
        });
        self.ask(json!({ "cmd": "ask_friendship", "host": other.id, "greeting": "Ciao" }));
        let our_id = self.id.clone();
        other.event("friend_changed", |event| event["host"] == our_id.as_str() && event["state"] == "request_received");
        other.ask(json!({ "cmd": "answer_friendship", "host": our_id, "accept": true }));
        self.event("friend_changed", |event| event["host"] == other.id.as_str() && event["state"] == "friend");
    }

    /// Writes to a friend; the message's id.
    pub(crate) fn send(&mut self, to: &str, text: &str) -> String {
        let result = self.ask(json!({ "cmd": "send_text", "host": to, "text": text }));
        result["message"].as_str().unwrap().into()
    }

    /// The texts of a conversation, oldest first.
    pub(crate) fn texts(&mut self, with: &str) -> Vec<String> {
        let page = self.ask(json!({ "cmd": "messages", "host": with, "limit": 1000 }));
        page["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap().into()).collect()
    }

    /// Ends the input; the bot must end in order.
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        assert_eq!(self.exit_code(), 0);
    }

    /// Ends the bot as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes the input and goes on.
    pub(crate) fn close_input(&mut self) {
        drop(self.input.take());
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end.
    pub(crate) fn exit_code(&mut self) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return code(status);
            }
            assert!(begun.elapsed() < PATIENCE, "the bot does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Takes the next line in and checks it; false when time is over.
    fn take(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(line) = self.lines.recv_timeout(left) else { return false };
        if line.get("event").is_some() {
            schema::check(&format!("event.{}", line["event"].as_str().unwrap()), &line);
            self.events.push_back(line);
            return true;
        }
        schema::check("reply", &line);
        let asked = line["id"].as_u64().and_then(|id| self.asked.get(&id));
        if let (Some(name), true) = (asked, line["ok"] == true) {
            schema::check(&format!("result.{name}"), &line["result"]);
        }
        self.replies.push_back(line);
        true
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // A failed test must not leave its bots behind; one that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
