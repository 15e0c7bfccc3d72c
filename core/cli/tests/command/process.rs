//! Running the command.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// No process of a test runs longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A network of its own on the loopback, and a folder for its hosts.
pub(crate) struct World {
    folder: TempDir,
    port: u16,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Hosts in debug builds find their stamps, and tests their answers, sooner; a search asks a second time after 1 s.
        let config = "[friendship]\nstamp_bits = 8\n[presence]\nsearch_time = \"2500ms\"\n";
        std::fs::write(folder.path().join("test.toml"), config).unwrap();
        std::fs::write(folder.path().join("server.toml"), format!("{config}[custody]\nserver = true\n")).unwrap();
        Self { folder, port: free_port() }
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name.to_lowercase())
    }

    /// `permesso TASK` as the host `name`, whose address ends in `last`; further arguments may follow.
    pub(crate) fn host(&self, task: &str, name: &str, last: u8) -> Command {
        self.host_with_alias(task, name, name, last)
    }

    /// The same, of a host whose alias is not the name of its home.
    pub(crate) fn host_with_alias(&self, task: &str, name: &str, alias: &str, last: u8) -> Command {
        self.host_by("test.toml", task, name, alias, last)
    }

    /// The same, of a persistent server.
    pub(crate) fn server(&self, task: &str, name: &str, last: u8) -> Command {
        self.host_by("server.toml", task, name, name, last)
    }

    fn host_by(&self, config: &str, task: &str, name: &str, alias: &str, last: u8) -> Command {
        let mut command = permesso(&[task]);
        command
            .arg("--home")
            .arg(self.home(name))
            .arg("--config")
            .arg(self.folder.path().join(config))
            .args(["--alias", alias])
            .args(["--port", &self.port.to_string()])
            .args(["--interface", &Ipv4Addr::new(127, 0, 0, last).to_string()]);
        command
    }

    /// `permesso` with these arguments for the home of `name`, without what a host needs on the network.
    pub(crate) fn offline(&self, arguments: &[&str], name: &str) -> Command {
        let mut command = permesso(arguments);
        command.arg("--home").arg(self.home(name));
        command
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Says that a test is left out. Not by `println!`, which the test harness keeps to itself.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// `permesso` with these arguments, and nothing of the user's in its environment.
pub(crate) fn permesso(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_permesso"));
    command.args(arguments).env("LC_ALL", "C").env("PERMESSO_KEYRING", "off");
    command.env_remove("PERMESSO_PASSPHRASE").env_remove("PERMESSO_ACCOUNT_PASSPHRASE");
    command
}

/// Runs a command to its end, which must come in time.
pub(crate) fn run(command: &mut Command) -> Output {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Meanwhile, for a pipe that is full would hold the command up.
    let (stdout, stderr) = (reading(child.stdout.take().unwrap()), reading(child.stderr.take().unwrap()));
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{command:?} does not end: {}", String::from_utf8_lossy(&stderr.join().unwrap()));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Output { status: child.wait().unwrap(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn reading(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// The same with something on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that does not read closes its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Runs a command that must end with this status; its standard output.
pub(crate) fn run_to(status: i32, command: &mut Command) -> String {
    let output = run(command);
    assert_eq!(code(output.status), status, "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail with this status; what it says on standard error.
pub(crate) fn run_to_error(status: i32, command: &mut Command) -> String {
    let output = run(command);
    assert_eq!(code(output.status), status, "{command:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

/// A UDP port that is free on every address, and not one that the system gives to sockets without a number (Linux: from
/// 32,768 on): a host that is down for a moment finds its port free again.
fn free_port() -> u16 {
    let random = || RandomState::new().build_hasher().finish();
    std::iter::repeat_with(|| 10_000 + (random() % 22_768) as u16)
        .find(|port| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok())
        .unwrap()
}
