//! A persistent server: started without set-up, asked how it is, and the mail that waits with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::process::{PATIENCE, World, code, permesso, run_to, run_to_error};

/// A message that must be seen nowhere but at its two ends.
const SECRET: &str = "The key is under the third stone";

pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
    /// What it said on standard output.
    said: Vec<String>,
}

impl Server {
    /// Starts the server `name`, whose address ends in `last`, and waits until it serves its page.
    pub(crate) fn start(world: &World, name: &str, last: u8) -> Self {
        Self::spawn(world.host("server", name, last).args(["--status-address", "127.0.0.1:0"]))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let mut server = Self { child, lines, address: ([127, 0, 0, 1], 0).into(), said: Vec::new() };
        server.read_until("status page");
        let url = server.said_of("status page");
        server.address = url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        server
    }

    fn read_until(&mut self, words: &str) {
        while !self.said.iter().any(|line| line.contains(words)) {
            let line = self.lines.recv_timeout(PATIENCE);
            self.said.push(line.unwrap_or_else(|_| panic!("no {words} in {:?}", self.said)));
        }
    }

    /// What it said after these words.
    fn said_of(&self, words: &str) -> String {
        let line = self.said.iter().find_map(|line| line.trim().strip_prefix(words)).unwrap();
        line.trim().to_owned()
    }

    /// An answer of its page: the head and the content.
    pub(crate) fn get(&self, path: &str, headers: &str) -> (String, String) {
        request(self.address, &format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}", self.address), "")
    }

    pub(crate) fn numbers(&self) -> Value {
        serde_json::from_str(&self.get("/status.json", "").1).unwrap()
    }

    /// Waits until its numbers fit.
    pub(crate) fn until(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let numbers = self.numbers();
            if fits(&numbers) {
                return numbers;
            }
            assert!(begun.elapsed() < PATIENCE, "never {what}: {numbers}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as a power cut would.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order by this signal; it must take that for its end.
    #[cfg(unix)]
    pub(crate) fn end(mut self, signal: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(code(status), 0);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not leave its server behind; one that has ended cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The head and the content of the answer to a request.
fn request(to: SocketAddr, head: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{head}Connection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, content) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), content.to_owned())
}

#[cfg(unix)]
#[test]
fn a_server_runs_without_set_up_says_how_it_is_and_ends_in_order_on_every_signal() {
    let world = World::new();
    let mut status = world.offline(&["server", "status"], "Library");
    assert!(run_to_error(3, &mut status).contains("no server runs in"), "before the first start");
    let mut id = String::new();
    for signal in ["-TERM", "-INT", "-HUP"] {
        let server = Server::start(&world, "Library", 1);
        assert!(server.said[0].contains("\"Library\""), "{:?}", server.said);
        assert!(server.said_of("present on").starts_with("127.0.0.1:"), "{:?}", server.said);
        assert!(server.said_of("code").starts_with("permesso:"), "{:?}", server.said);
        let now = server.said_of("id");
        assert!(id.is_empty() || id == now, "it is another one");
        id = now;
        let told = run_to(0, &mut world.offline(&["server", "status", "--json"], "Library"));
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["host"], &told["server"], &told["envelopes"]), (&json!(id), &json!(true), &json!(0)));
        assert_eq!((&told["storage_bytes"], &told["envelopes_max"]), (&json!(4_u64 << 30), &json!(2_000_000)));
        let text = run_to(0, &mut world.offline(&["server", "status"], "Library"));
        assert!(text.contains("Library") && text.contains("0 of 2,000,000"), "{text}");
        server.end(signal);
        run_to_error(3, &mut status);
    }
    // One that was killed left its address behind; nobody answers there.
    Server::start(&world, "Library", 1).kill();
    run_to_error(3, &mut status);
}

#[test]
fn a_server_has_a_home_of_its_own_and_a_name_after_its_machine() {
    let world = World::new();
    let command = world.host("server", "Unused", 1);
    // All but --home and --alias, which come with a value each.
    let kept = command.get_args().enumerate().filter(|(index, _)| !matches!(index, 1 | 2 | 5 | 6));
    let mut plain = permesso(&[]);
    plain.args(kept.map(|(_, argument)| argument)).env("XDG_DATA_HOME", world.path());
    let server = Server::spawn(plain.args(["--status-address", "127.0.0.1:0"]));
    let alias = server.numbers()["alias"].as_str().unwrap().to_owned();
    assert!(alias.starts_with("Server") && alias.len() <= 64, "{alias}");
    assert!(world.path().join("permesso-server").join("permesso.db").exists());
    assert!(!world.path().join("permesso").exists());
}

#[test]
fn what_a_server_cannot_have_it_says_in_plain_words() {
    let world = World::new();
    let server = Server::start(&world, "Library", 1);
    let free = ["--status-address", "127.0.0.1:0"];
    let again = run_to_error(5, world.host("server", "Library", 2).args(free));
    assert!(again.contains("in use"), "{again}");
    let port = run_to_error(1, world.host("server", "Other", 1).args(free));
    assert!(port.contains("UDP port") && port.contains("is in use"), "{port}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let page = run_to_error(1, world.host("server", "Other", 2).args(["--status-address", &address]));
    assert!(page.contains(&format!("cannot be served on {address}")) && page.contains("--status-address"), "{page}");
    run_to_error(2, &mut permesso(&["server", "--status-address", "here"]));
    // A file's quotas count, and its mistakes are named.
    let file = world.path().join("test.toml");
    std::fs::write(&file, "[custody]\nenvelopes_max = 700\nserver = false\ncarry = false\n").unwrap();
    drop(server);
    let small = Server::start(&world, "Library", 1);
    assert_eq!((&small.numbers()["envelopes_max"], &small.numbers()["server"]), (&json!(700), &json!(true)));
    std::fs::write(&file, "[custody]\nenvelope_max = 700\n").unwrap();
    let wrong = run_to_error(1, world.host("server", "Other", 2).args(free));
    assert!(wrong.contains("line 2") && wrong.contains("custody.envelopes_max"), "{wrong}");
}

#[test]
fn the_page_speaks_two_languages_trusts_no_other_site_and_says_nothing_of_the_mail() {
    let world = World::new();
    let server = Server::start(&world, "Library <b>", 3);
    let (head, english) = server.get("/", "");
    assert!(head.starts_with("HTTP/1.1 200") && english.contains("<html lang=\"en\">"), "{head}");
    assert!(english.contains("Library &lt;b&gt;") && !english.contains("<b>"), "the alias is text");
    for header in [
        "content-security-policy: default-src 'none'; style-src 'self';",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    for outside in ["<script", "http://", "https://", "style=", "@import", "url("] {
        assert!(!english.contains(outside) && !server.get("/style.css", "").1.contains(outside), "{outside}");
    }
    let (_, italian) = server.get("/", "Accept-Language: it-IT,it;q=0.9,en;q=0.5\r\n");
    assert!(italian.contains("<html lang=\"it\">") && italian.contains("buste in attesa"), "{italian}");
    assert!(server.get("/?lang=en", "Accept-Language: it\r\n").1.contains("waiting envelopes"));
    assert!(server.get("/?span=24h&lang=it", "").1.contains("Negli ultimi 24 h"));

    assert!(server.get("/healthz", "").0.starts_with("HTTP/1.1 200"));
    assert!(server.get("/nowhere", "").0.starts_with("HTTP/1.1 404"));
    let post = format!("POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n", server.address);
    assert!(request(server.address, &post, "").0.starts_with("HTTP/1.1 405"));
    let foreign = request(server.address, "GET /status.json HTTP/1.1\r\nHost: evil.example\r\n", "");
    assert!(foreign.0.starts_with("HTTP/1.1 421") && foreign.1.is_empty(), "{foreign:?}");
    let (head, metrics) = server.get("/metrics", "");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    assert!(metrics.contains("\npermesso_waiting_envelopes 0\n") && metrics.ends_with("# EOF\n"), "{metrics}");
}

#[test]
fn beyond_this_machine_the_page_wants_the_token() {
    let world = World::new();
    let server = Server::spawn(world.host("server", "Library", 1).args(["--status-address", "0.0.0.0:0"]));
    let token = std::fs::read_to_string(world.home("Library").join("status-token")).unwrap();
    let token = token.trim();
    for path in ["/", "/status.json", "/metrics"] {
        let (head, content) = server.get(path, "");
        assert!(head.starts_with("HTTP/1.1 401") && content.contains("token"), "{path}: {head}");
        assert!(!content.contains("envelope"), "{path}");
        let (head, _) = server.get(path, &format!("Authorization: Bearer {token}\r\n"));
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    }
    assert!(server.get("/healthz", "").0.starts_with("HTTP/1.1 200"));
    let post = |token: &str| {
        let body = format!("token={token}");
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let length = body.len();
        let head =
            format!("POST /token HTTP/1.1\r\nHost: {}\r\n{kind}\r\nContent-Length: {length}\r\n", server.address);
        request(server.address, &head, &body).0
    };
    assert!(post("wrong").starts_with("HTTP/1.1 401"));
    let opened = post(token);
    assert!(opened.starts_with("HTTP/1.1 303") && opened.contains("HttpOnly; SameSite=Strict"), "{opened}");
    assert!(server.get("/", &format!("Cookie: permesso_token={token}\r\n")).0.starts_with("HTTP/1.1 200"));
    run_to(0, &mut world.offline(&["server", "status"], "Library"));
}

/// Ada writes to Grace, who is away, and the server has it.
fn left_with_the_server(world: &World, server: &Server) -> (String, String, String) {
    let (mut ada, mut grace) = (Bot::start(world, "Ada", 1), Bot::start(world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let (ada_id, grace_id) = (ada.id.clone(), grace.id.clone());
    grace.end();
    ada.event("host_changed", |event| event["host"] == grace_id.as_str() && event["online"] == false);
    let message = ada.send("Grace", SECRET);
    ada.until(json!({ "cmd": "message", "message": message }), |result| result["message"]["state"] == "held");
    let numbers = server.until("one waits", |numbers| numbers["envelopes"] == 1);
    assert_eq!((&numbers["deposits"], &numbers["deliveries"]), (&json!(1), &json!(0)), "{numbers}");
    for path in ["/", "/status.json", "/metrics"] {
        let (_, content) = server.get(path, "");
        for hidden in [SECRET, &ada_id, &grace_id, &message, "Ada", "Grace"] {
            assert!(!content.contains(hidden), "{path} tells {hidden}: {content}");
        }
    }
    ada.end();
    (ada_id, message, grace_id)
}

#[test]
fn a_message_reaches_its_recipient_from_the_server_alone_and_the_sender_learns_so_later() {
    let world = World::new();
    let server = Server::start(&world, "Library", 3);
    let (ada_id, message, _) = left_with_the_server(&world, &server);

    let mut grace = Bot::start(&world, "Grace", 2);
    let received = grace.event("message_received", |_| true);
    assert_eq!((&received["text"], &received["host"]), (&json!(SECRET), &json!(ada_id)));
    let numbers = server.until("delivered", |numbers| numbers["deliveries"] == 1);
    assert_eq!((&numbers["envelopes"], &numbers["bytes"]), (&json!(0), &json!(0)), "{numbers}");
    assert!(server.get("/", "").1.contains("1 taken in, 1 delivered"));
    grace.end();

    let mut ada = Bot::start(&world, "Ada", 1);
    ada.until(json!({ "cmd": "message", "message": message }), |result| result["message"]["state"] == "delivered");
    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.texts(&ada_id), [SECRET], "once and no more");
}

#[cfg(unix)]
#[test]
fn a_server_that_keeps_what_it_was_given_and_never_delivers_costs_time_alone() {
    let world = World::new();
    let server = Server::start(&world, "Library", 3);
    let (ada_id, message, _) = left_with_the_server(&world, &server);
    // From here on it says nothing more, and is there all the same.
    let process = server.child.id().to_string();
    assert!(Command::new("kill").args(["-STOP", &process]).status().unwrap().success());
    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.texts(&ada_id), Vec::<String>::new());
    let mut ada = Bot::start(&world, "Ada", 1);
    assert_eq!(ada.ask(json!({ "cmd": "message", "message": message }))["message"]["state"], "held");
    assert_eq!(grace.event("message_received", |_| true)["text"], SECRET);
    ada.until(json!({ "cmd": "message", "message": message }), |result| result["message"]["state"] == "delivered");
}

#[test]
fn a_depositor_over_its_quota_is_refused_by_the_server_and_its_message_says_that_it_waits() {
    let world = World::new();
    let config =
        "[friendship]\nstamp_bits = 8\n[custody]\nserver = true\nfriend_envelopes = 2\nstranger_envelopes = 2\n";
    std::fs::write(world.path().join("server.toml"), config).unwrap();
    let server = Server::spawn(world.server("server", "Library", 3).args(["--status-address", "127.0.0.1:0"]));
    let (mut ada, mut grace) = (Bot::start(&world, "Ada", 1), Bot::start(&world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let grace_id = grace.id.clone();
    grace.end();
    ada.event("host_changed", |event| event["host"] == grace_id.as_str() && event["online"] == false);
    let messages: Vec<String> = (0..4).map(|number| ada.send("Grace", &format!("number {number}"))).collect();
    server.until("full", |numbers| numbers["envelopes"] == 2 && numbers["refused"].as_u64() >= Some(2));
    let mut state = |message: &String| {
        let shown = ada.ask(json!({ "cmd": "message", "message": message }));
        shown["message"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(messages.iter().map(&mut state).collect::<Vec<_>>(), ["held", "held", "queued", "queued"]);
    let refused = ada.ask(json!({ "cmd": "holders", "message": messages[3] }));
    assert_eq!((&refused["holders"], &refused["full"][0]["reason"]), (&json!([]), &json!("quota")), "{refused}");
    let mut grace = Bot::start(&world, "Grace", 2);
    for message in &messages {
        ada.ask(json!({ "cmd": "wait_for_state", "message": message, "timeout": "20s" }));
    }
    assert_eq!(grace.texts("Ada").len(), 4);
    server.until("empty again", |numbers| numbers["envelopes"] == 0);
}

#[test]
fn a_server_that_is_killed_between_receipt_and_pickup_loses_nothing() {
    let world = World::new();
    let server = Server::start(&world, "Library", 3);
    let (_, message, _) = left_with_the_server(&world, &server);
    server.kill();
    let server = Server::start(&world, "Library", 3);
    assert_eq!(server.numbers()["envelopes"], 1);

    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.event("message_received", |_| true)["text"], SECRET);
    // And once more, before it has told the sender.
    server.until("delivered", |numbers| numbers["deliveries"] == 1);
    grace.end();
    server.kill();
    let server = Server::start(&world, "Library", 3);
    assert_eq!(server.numbers()["envelopes"], 0);
    // The recipient is not here to tell: the server alone can.
    let mut ada = Bot::start(&world, "Ada", 1);
    ada.until(json!({ "cmd": "message", "message": message }), |result| result["message"]["state"] == "delivered");
    let mut grace = Bot::start(&world, "Grace", 2);
    assert_eq!(grace.texts("Ada"), [SECRET]);
}
