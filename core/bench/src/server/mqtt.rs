//! `mosquitto`, a message broker that others run: the same load on it, with persistent sessions, beside a server's own figures.
//!
//! It is no equal. It sends its acknowledgement before anything is on the disk, and neither encrypts nor verifies.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::BODY;
use crate::Outcome;

/// As many clients, and each with as much under way, as the server has.
const CLIENTS: u64 = 8;
const WINDOW: u64 = 1_024;
const MEASURED: u64 = 160_000;
/// Messages in one write.
const BATCH: u64 = 64;
/// What an envelope has around its body.
const PAYLOAD: usize = BODY + 45;
/// It listens within this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// Packet types of MQTT 3.1.1 (OASIS, 2.2.1) with their fixed flags.
const CONNECT: u8 = 0x10;
const PUBLISH_QOS_1: u8 = 0x32;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;

/// What it does in a second.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Messages acknowledged.
    pub accept: f64,
    /// Messages given to the sessions they waited for.
    pub drain: f64,
}

/// Measures `mosquitto`; nothing where it is not installed.
///
/// # Errors
/// It does not start, or does not take everything.
pub fn rates(folder: &Path) -> Outcome<Option<Rates>> {
    let Some(program) = program() else { return Ok(None) };
    std::fs::create_dir_all(folder)?;
    let broker = Broker::start(&program, folder)?;
    let at = broker.address;
    in_threads(|number| Session::open(at, number).map(drop))?;
    let accept = in_threads(|number| publish(at, number))?;
    let drain = in_threads(|number| receive(at, number))?;
    Ok(Some(Rates { accept, drain }))
}

fn program() -> Option<PathBuf> {
    // Debian puts it where only the administrator's path leads.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join("mosquitto")).find(|file| file.is_file())
}

/// All clients at once; messages per second.
fn in_threads(work: impl Fn(u64) -> Outcome<()> + Sync) -> Outcome<f64> {
    let begun = Instant::now();
    let work = &work;
    let ended: Result<Vec<()>, String> = std::thread::scope(|scope| {
        let run = |number| scope.spawn(move || work(number).map_err(|error| error.to_string()));
        let threads: Vec<_> = (0..CLIENTS).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client failed".into()))).collect()
    });
    ended?;
    Ok(MEASURED as f64 / begun.elapsed().as_secs_f64())
}

struct Broker {
    child: Child,
    address: SocketAddr,
}

impl Broker {
    fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = folder.join("mosquitto.conf");
        let lines = [
            format!("listener {} 127.0.0.1", address.port()),
            "allow_anonymous true\npersistence true\nmax_queued_messages 0\nmax_inflight_messages 0".into(),
            format!("persistence_location {}/", folder.display()),
            // Root would become another user, who cannot write here.
            "user root\n".into(),
        ];
        std::fs::write(&config, lines.join("\n"))?;
        let child = Command::new(program).arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let broker = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err("mosquitto does not start".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It keeps nothing that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection whose session outlives it.
struct Session {
    writer: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Session {
    /// Takes up the session of this subscriber, which gets what is published under its number.
    fn open(at: SocketAddr, number: u64) -> Outcome<Self> {
        let mut session = Self::connect(at, &format!("subscriber-{number}"))?;
        let topic = topic(number);
        session.write(SUBSCRIBE, &[&[0, 1], text(&topic).as_slice(), &[1]])?;
        Ok(session)
    }

    fn connect(at: SocketAddr, client: &str) -> Outcome<Self> {
        let writer = TcpStream::connect(at)?;
        writer.set_nodelay(true)?;
        let reader = BufReader::with_capacity(1 << 16, writer.try_clone()?);
        let mut session = Self { writer, reader };
        // Version 4 is MQTT 3.1.1; no flag, so the session is kept; no keep-alive.
        session.write(CONNECT, &[text("MQTT").as_slice(), &[4, 0, 0, 0], &text(client)])?;
        match session.read()? {
            (0x20, answer) if answer.get(1) == Some(&0) => Ok(session),
            (kind, _) => Err(format!("mosquitto refuses a connection: packet {kind:#x}").into()),
        }
    }

    fn write(&mut self, kind: u8, parts: &[&[u8]]) -> Outcome<()> {
        Ok(self.writer.write_all(&packet(kind, parts))?)
    }

    fn read(&mut self) -> Outcome<(u8, Vec<u8>)> {
        let byte = |reader: &mut BufReader<TcpStream>| {
            let mut byte = [0];
            reader.read_exact(&mut byte).map(|()| u8::from_be_bytes(byte))
        };
        let kind = byte(&mut self.reader)?;
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let next = byte(&mut self.reader)?;
            length |= usize::from(next & 0x7f) << shift;
            if next & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        let mut content = vec![0; length];
        self.reader.read_exact(&mut content)?;
        Ok((kind, content))
    }
}

fn topic(number: u64) -> String {
    format!("mail/{number}")
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// A packet with its length in groups of seven bits.
fn packet(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![kind];
    loop {
        let group = (length & 0x7f) as u8;
        length >>= 7;
        bytes.push(if length > 0 { group | 0x80 } else { group });
        if length == 0 {
            break;
        }
    }
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// Publishes this client's share, each message to be acknowledged.
fn publish(at: SocketAddr, number: u64) -> Outcome<()> {
    let mut session = Session::connect(at, &format!("publisher-{number}"))?;
    let (topic, payload) = (text(&topic(number)), vec![7; PAYLOAD]);
    let (mut sent, mut acknowledged) = (0, 0);
    while acknowledged < MEASURED / CLIENTS {
        while sent - acknowledged + BATCH <= WINDOW && sent < MEASURED / CLIENTS {
            let mut batch = Vec::new();
            let end = (sent + BATCH).min(MEASURED / CLIENTS);
            for message in sent..end {
                // Packet ids are 1 to 65,535; far fewer are under way.
                let id = u16::try_from(message % 65_535 + 1).unwrap_or(u16::MAX);
                batch.extend(packet(PUBLISH_QOS_1, &[&topic, &id.to_be_bytes(), &payload]));
            }
            sent = end;
            session.writer.write_all(&batch)?;
        }
        if session.read()?.0 == PUBACK {
            acknowledged += 1;
        }
    }
    Ok(())
}

/// Takes up a session and acknowledges what waited for it.
fn receive(at: SocketAddr, number: u64) -> Outcome<()> {
    let mut session = Session::connect(at, &format!("subscriber-{number}"))?;
    let mut received = 0;
    while received < MEASURED / CLIENTS {
        let (kind, content) = session.read()?;
        if kind & 0xf0 == PUBLISH_QOS_1 & 0xf0 {
            let id = content.get(2 + topic(number).len()..).and_then(|rest| rest.first_chunk::<2>());
            session.write(PUBACK, &[id.ok_or("a message without an id")?])?;
            received += 1;
        }
    }
    Ok(())
}
