//! The key in a desktop's keyring: a real one, on a message bus of its own.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{World, run_to, run_to_error, skipped};

/// GNOME Keyring on a session bus of its own, in a home of its own.
struct Keyring {
    bus: Child,
    daemon: Child,
    address: String,
}

impl Keyring {
    /// `None` where the programs are not installed.
    fn start(folder: &Path) -> Option<Self> {
        let socket = folder.join("bus");
        let address = format!("unix:path={}", socket.display());
        let bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--address", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut bus) = bus else { return None };
        let begun = Instant::now();
        while !socket.exists() && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let Some(daemon) = Self::daemon(folder, &address) else {
            bus.kill().unwrap();
            bus.wait().unwrap();
            return None;
        };
        Some(Self { bus, daemon, address })
    }

    fn daemon(folder: &Path, address: &str) -> Option<Child> {
        use std::io::Write;

        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env("XDG_RUNTIME_DIR", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        daemon.stdin.take().unwrap().write_all(b"the login's password\n").unwrap();
        // It has its name on the bus a moment later.
        std::thread::sleep(Duration::from_secs(2));
        Some(daemon)
    }

    fn stop_daemon(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }

    fn host(&self, world: &World, task: &str) -> Command {
        let mut command = world.host(task, "Ada", 1);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).env_remove("PERMESSO_KEYRING");
        command
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in [&mut self.daemon, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_desktop_s_keyring_keeps_the_key_and_no_file_does() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let Some(mut keyring) = Keyring::start(folder.path()) else {
        skipped("dbus-daemon or gnome-keyring-daemon is not installed");
        return;
    };
    let first = run_to(0, keyring.host(&world, "whoami").arg("--json"));
    let home = world.home("Ada");
    assert!(!home.join("key").exists() && home.join("keyring").exists());
    assert_eq!(run_to(0, keyring.host(&world, "whoami").arg("--json")), first);

    // Its key is nowhere: no new one is made, and what is wrong is told apart.
    let says = run_to_error(6, world.host("whoami", "Ada", 1).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"));
    assert!(says.contains("the keyring cannot be asked now"), "{says}");
    let name = fs::read_to_string(home.join("keyring")).unwrap();
    fs::write(home.join("keyring"), "00000000000000000000000000000000").unwrap();
    let says = run_to_error(6, &mut keyring.host(&world, "whoami"));
    assert!(says.contains("the keyring does not have the key"), "{says}");
    fs::write(home.join("keyring"), name).unwrap();
    assert_eq!(run_to(0, keyring.host(&world, "whoami").arg("--json")), first);
    assert!(!home.join("key").exists());

    let mut erase = world.offline(&["erase", "--yes"], "Ada");
    erase.env("DBUS_SESSION_BUS_ADDRESS", &keyring.address).env_remove("PERMESSO_KEYRING");
    let says = run_to(0, &mut erase);
    assert!(says.contains("keyring") && !home.exists(), "{says}");

    // A bus without a keyring: the file, as on any other machine.
    keyring.stop_daemon();
    run_to(0, &mut keyring.host(&world, "whoami"));
    assert!(home.join("key").exists());
}

#[test]
fn without_a_desktop_the_key_is_in_a_file_and_that_is_said() {
    let world = World::new();
    let output = crate::process::run(&mut world.host("whoami", "Ada", 1));
    let says = String::from_utf8(output.stderr).unwrap();
    assert!(says.contains("The key of its data lies in the file") && says.contains("key"), "{says}");
    let again = crate::process::run(&mut world.host("whoami", "Ada", 1));
    assert_eq!(String::from_utf8(again.stderr).unwrap(), "");
}
