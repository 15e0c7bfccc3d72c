//! A real `permesso server` in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use permesso_engine::uri::PermessoUri;
use serde::Deserialize;

use crate::{Outcome, used};

/// Every measured server is present here, on ports that nobody uses, so that no other host is disturbed.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
/// A server is up, and answers its page, within this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the configuration leaves to each measurement. Depositors are strangers and may leave what the whole server takes:
/// a few of them stand for many.
const CONFIG: &str = "[custody]\nenvelopes_max = 2000000\nstranger_envelopes = 2000000\nstranger_bytes = 4294967296\n\
                      [friendship]\nstamp_bits = 8\n[network]\n";

/// A running server.
pub struct Server {
    child: Child,
    home: PathBuf,
    /// Who it is.
    pub uri: PermessoUri,
    status: SocketAddr,
    links: SocketAddr,
}

/// What its page says.
#[derive(Clone, Debug, Deserialize)]
pub struct Numbers {
    /// Envelopes that wait.
    pub envelopes: u64,
}

#[derive(Deserialize)]
struct Place {
    address: SocketAddr,
}

impl Server {
    /// Starts the program `permesso` as a server whose home is in `folder`, present on this port, and waits until it serves. What it says on standard
    /// error is in `server.log` there.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(permesso: &Path, folder: &Path, port: u16) -> Outcome<Self> {
        let (home, config) = (folder.join("server"), folder.join("server.toml"));
        let links = SocketAddr::new(ADDRESS.into(), free_port()?);
        std::fs::write(&config, format!("{CONFIG}link_port = {}\n", links.port()))?;
        let mut child = Command::new(permesso)
            .arg("server")
            .arg("--home")
            .arg(&home)
            .arg("--config")
            .arg(&config)
            .args(["--port", &port.to_string(), "--interface", &ADDRESS.to_string()])
            .args(["--status-address", "127.0.0.1:0"])
            .env("LC_ALL", "C")
            .env("PERMESSO_KEYRING", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("server.log"))?)
            .spawn()?;
        let uri = said_uri(&mut child);
        let status = uri.and_then(|uri| {
            let place: Place = serde_json::from_slice(&std::fs::read(home.join("status-address"))?)?;
            Ok((uri, place.address))
        });
        match status {
            Ok((uri, status)) => Ok(Self { child, home, uri, status, links }),
            Err(error) => {
                // It did not start, or said something else.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Where link clients dial.
    pub fn links(&self) -> SocketAddr {
        self.links
    }

    /// What its page says now.
    ///
    /// # Errors
    /// It does not answer.
    pub fn numbers(&self) -> Outcome<Numbers> {
        let mut stream = TcpStream::connect(self.status)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET /status.json HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.status)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, content) = answer.split_once("\r\n\r\n").ok_or("the status page answers without a head")?;
        Ok(serde_json::from_str(content)?)
    }

    /// Waits until so many envelopes wait there.
    ///
    /// # Errors
    /// It does not come to that within a minute.
    pub fn until_envelopes(&self, expected: u64) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let envelopes = self.numbers()?.envelopes;
            if envelopes == expected {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{envelopes} envelopes wait with the server, not {expected}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Memory it has resident now and had at its most, in 10⁶ bytes; 0 where the system does not tell.
    pub fn resident_mb(&self) -> (f64, f64) {
        used::resident_mb(self.child.id())
    }

    /// Seconds of processor time that it has used since its start; 0 where the system does not tell.
    pub fn cpu_s(&self) -> f64 {
        used::cpu_s(self.child.id())
    }

    /// Bytes of its database with its log.
    pub fn disk_mb(&self) -> f64 {
        let length = |name: &str| std::fs::metadata(self.home.join(name)).map_or(0, |file| file.len());
        (length("permesso.db") + length("permesso.db-wal")) as f64 / 1e6
    }

    /// Ends it as a power cut of the program would (SIGKILL), while others still look at it.
    ///
    /// # Errors
    /// It cannot be ended.
    pub fn strike(&self) -> Outcome<()> {
        let told = Command::new("kill").args(["-KILL", &self.child.id().to_string()]).status()?;
        if told.success() { Ok(()) } else { Err("the server cannot be killed".into()) }
    }

    /// The same, and waits until it is gone.
    ///
    /// # Errors
    /// It cannot be ended.
    pub fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// It does not end within a minute, or not in order.
    pub fn stop(mut self) -> Outcome<()> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        let begun = Instant::now();
        while told.success() && begun.elapsed() < PATIENCE {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server ended with {status}").into()),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        Err("the server does not end".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was stopped has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A UDP port that nobody uses now.
///
/// # Errors
/// There is none.
pub fn free_port() -> Outcome<u16> {
    Ok(UdpSocket::bind((ADDRESS, 0))?.local_addr()?.port())
}

/// The code that a server says when it runs.
fn said_uri(child: &mut Child) -> Outcome<PermessoUri> {
    let mut lines = BufReader::new(child.stdout.take().ok_or("the server has no output")?).lines();
    let uri = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, code) = line.split_once("permesso:")?;
        format!("permesso:{}", code.trim()).parse().ok()
    });
    // What it says later is thrown away, so that it never waits for room.
    std::thread::spawn(move || lines.map_while(Result::ok).count());
    uri.ok_or_else(|| "the server does not start".into())
}
