//! Networks of this test's own: hosts in network namespaces, joined by a bridge in another, or by a cable alone.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::air::{Air, Carried, Weather};
use crate::process::skipped;

/// Networks are made by two tests at a time: the machine has few processors, and time-outs are real.
static TURNS: [Mutex<()>; 2] = [Mutex::new(()), Mutex::new(())];

/// Makes names unique within this process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What the hosts of a network speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    V4,
    V6,
}

/// Hosts on one link. They are numbered from 1; host n has the address 10.77.0.n or fe80::n.
pub(crate) struct Network {
    name: String,
    /// Unique on this machine.
    number: String,
    speech: Speech,
    hosts: Vec<u8>,
    folder: TempDir,
    on_air: Option<Air>,
    _turn: MutexGuard<'static, ()>,
}

impl Network {
    /// Hosts joined by a bridge; none, with a visible line, where namespaces cannot be made.
    pub(crate) fn bridged(speech: Speech, hosts: u8) -> Option<Self> {
        let mut network = Self::empty(speech)?;
        network.air(&["link", "add", "br0", "type", "bridge", "mcast_snooping", "0"]);
        network.air(&["link", "set", "br0", "up"]);
        for host in 1..=hosts {
            network.add(host);
            network.plug(host);
        }
        Some(network)
    }

    /// Two hosts joined by a cable.
    pub(crate) fn cabled() -> Option<Self> {
        let mut network = Self::empty(Speech::V4)?;
        network.add(1);
        network.add(2);
        let other = network.namespace(2);
        network.of(1, &["link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", &other]);
        network.set_up(1);
        network.set_up(2);
        Some(network)
    }

    /// Hosts on a radio's air; at first each reaches each.
    pub(crate) fn on_air(hosts: u8) -> Option<Self> {
        let mut network = Self::empty(Speech::V4)?;
        let air = Air::new();
        for host in 1..=hosts {
            network.add(host);
            let device = format!("t{}h{host}", network.number);
            if let Err(error) = air.add(host, &device) {
                skipped(&format!("no TAP devices here: {error}"));
                return None;
            }
            must(ip(&["link", "set", "dev", &device, "netns", &network.namespace(host), "name", "eth0"]));
            network.set_up(host);
        }
        network.on_air = Some(air);
        Some(network)
    }

    /// Whether two hosts on the air reach each other from now on.
    pub(crate) fn set_reach(&self, a: u8, b: u8, reach: bool) {
        self.on_air.as_ref().unwrap().set_reach(a, b, reach);
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.on_air.as_ref().unwrap().set_weather(weather);
    }

    /// What became of the frames on the air so far.
    pub(crate) fn carried(&self) -> Carried {
        self.on_air.as_ref().unwrap().carried()
    }

    fn empty(speech: Speech) -> Option<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let turns = &TURNS[usize::try_from(number).unwrap_or_default() % TURNS.len()];
        let turn = turns.lock().unwrap_or_else(PoisonError::into_inner);
        let number = format!("{}x{number}", std::process::id());
        let name = format!("permesso-{number}");
        let air = format!("{name}-air");
        match ip(&["netns", "add", &air]) {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                skipped(&format!("no network namespaces here: {}", String::from_utf8_lossy(&output.stderr).trim()));
                return None;
            }
            Err(error) => {
                skipped(&format!("the command ip cannot be run: {error}"));
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        Some(Self { name, number, speech, hosts: Vec::new(), folder, on_air: None, _turn: turn })
    }

    /// A host with its loopback and no other interface.
    pub(crate) fn add(&mut self, host: u8) {
        must(ip(&["netns", "add", &self.namespace(host)]));
        self.hosts.push(host);
        self.of(host, &["link", "set", "lo", "up"]);
    }

    /// Joins a host to the bridge by an interface with an address.
    pub(crate) fn plug(&self, host: u8) {
        let (namespace, port) = (self.namespace(host), port(host));
        self.air(&["link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &namespace]);
        self.air(&["link", "set", &port, "master", "br0"]);
        self.air(&["link", "set", &port, "up"]);
        self.set_up(host);
    }

    /// Takes a host's interface away, with its addresses.
    pub(crate) fn unplug(&self, host: u8) {
        self.air(&["link", "del", &port(host)]);
    }

    /// Gives a host another address in place of its own.
    pub(crate) fn move_to(&self, host: u8, last: u8) {
        self.of(host, &["address", "flush", "dev", "eth0"]);
        self.give_address(host, last);
    }

    /// From now on one of broadcast and multicast reaches nobody. The hosts know each other's hardware addresses, which are
    /// asked for by broadcast.
    pub(crate) fn drop_one(&self, way: &str) {
        self.drop(&[&format!("{way}_flood"), "off"]);
    }

    /// From now on broadcast and multicast reach nobody. The hosts know each other's hardware addresses, as where an access
    /// point answers for them.
    pub(crate) fn drop_broadcast(&self) {
        self.drop(&["bcast_flood", "off", "mcast_flood", "off"]);
    }

    fn drop(&self, flood: &[&str]) {
        for host in &self.hosts {
            let mut command = Command::new("bridge");
            command.args(["-n", &self.air_name(), "link", "set", "dev", &port(*host)]);
            must(command.args(flood).output());
            for other in self.hosts.iter().filter(|other| *other != host) {
                let (address, hardware) = (self.address(*other), hardware(*other));
                self.of(
                    *host,
                    &["neighbour", "replace", &address, "lladdr", &hardware, "dev", "eth0", "nud", "permanent"],
                );
            }
        }
    }

    /// Adds a rule to a host's own firewall; false, with a visible line, where there is none.
    pub(crate) fn forbid(&self, host: u8, direction: &str, rule: &str) -> bool {
        let table = format!(
            "table inet permesso {{ chain {direction} {{ type filter hook {direction} priority 0; {rule}; }}; }}"
        );
        let refused = match self.run_in(host, "nft").arg(table).output() {
            Ok(output) if output.status.success() => return true,
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        skipped(&format!("no firewall can be set up here: {refused}"));
        false
    }

    pub(crate) fn address(&self, last: u8) -> String {
        match self.speech {
            Speech::V4 => format!("10.77.0.{last}"),
            Speech::V6 => format!("fe80::{last:x}"),
        }
    }

    /// `permesso TASK` as a host of that name.
    pub(crate) fn permesso(&self, task: &str, host: u8, alias: &str) -> Command {
        self.permesso_with(task, host, alias, "")
    }

    /// The same with more lines in its configuration's section `presence`.
    pub(crate) fn permesso_with(&self, task: &str, host: u8, alias: &str, presence: &str) -> Command {
        let mut command = self.run_in(host, env!("CARGO_BIN_EXE_permesso"));
        command.arg(task).arg("--home").arg(self.home(alias)).args(["--alias", alias]);
        command.arg("--config").arg(self.config(presence)).env("LC_ALL", "C").env_remove("PERMESSO_PASSPHRASE");
        command
    }

    /// A program that runs in a host's namespace; its process id is that of the program.
    pub(crate) fn run_in(&self, host: u8, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(host), program]);
        command
    }

    /// Changes something about a host by the command `ip`.
    pub(crate) fn of(&self, host: u8, arguments: &[&str]) {
        let namespace = self.namespace(host);
        must(ip(&[&["-n", &namespace], arguments].concat()));
    }

    fn home(&self, alias: &str) -> PathBuf {
        self.folder.path().join(alias.to_lowercase())
    }

    /// Hosts in debug builds find their stamps, and tests their neighbours, sooner.
    fn config(&self, presence: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{}.toml", presence.len()));
        let text = format!(
            "[friendship]\nstamp_bits = 8\n[presence]\nsweep_after = \"5s\"\nsweep_spacing = \"20ms\"\n{presence}\n"
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    fn set_up(&self, host: u8) {
        self.of(host, &["link", "set", "eth0", "address", &hardware(host)]);
        // No address is made by itself, so that nothing is waited for.
        self.of(host, &["link", "set", "eth0", "addrgenmode", "none"]);
        self.of(host, &["link", "set", "eth0", "up"]);
        self.give_address(host, host);
    }

    fn give_address(&self, host: u8, last: u8) {
        let address = self.address(last);
        match self.speech {
            Speech::V4 => self.of(host, &["address", "add", &format!("{address}/24"), "brd", "+", "dev", "eth0"]),
            Speech::V6 => self.of(host, &["address", "add", &format!("{address}/64"), "dev", "eth0", "nodad"]),
        }
    }

    fn air(&self, arguments: &[&str]) {
        must(ip(&[&["-n", &self.air_name()], arguments].concat()));
    }

    fn air_name(&self) -> String {
        format!("{}-air", self.name)
    }

    fn namespace(&self, host: u8) -> String {
        format!("{}-{host}", self.name)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let hosts = self.hosts.iter().map(|host| self.namespace(*host));
        for namespace in hosts.chain([self.air_name()]) {
            // Interfaces go with their namespace; one that cannot be removed keeps no other from being so.
            let _ = ip(&["netns", "del", &namespace]);
        }
    }
}

fn port(host: u8) -> String {
    format!("p{host}")
}

fn hardware(host: u8) -> String {
    format!("02:00:00:00:00:{host:02x}")
}

fn ip(arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("ip").args(arguments).output()
}

fn must(output: std::io::Result<Output>) {
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
