//! The examples of packaging start what they say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{World, permesso, skipped};
use crate::server::Server;

/// What `systemd-analyze security` may say at most, in tenths of its scale from 0 (safe) to 10.
const EXPOSURE_MAX: &str = "12";

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)).unwrap()
}

/// Starts what an example starts, with its home in `folder` and on loopback.
fn start(world: &World, arguments: &[String]) -> Server {
    assert!(arguments.iter().any(|argument| argument == "--home"), "{arguments:?}");
    let named = world.host("server", "Unused", 1);
    let network: Vec<_> =
        named.get_args().skip_while(|argument| *argument != "--port").map(ToOwned::to_owned).collect();
    let mut command = permesso(&[]);
    Server::spawn(command.args(arguments).args(network).args(["--status-address", "127.0.0.1:0"]))
}

#[test]
fn the_systemd_unit_starts_a_server_in_the_folder_it_may_write() {
    let world = World::new();
    let state = world.path().join("state");
    fs::create_dir_all(state.join("permesso-server")).unwrap();
    let unit = example("permesso-server.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/permesso ")).unwrap();
    let arguments: Vec<String> = line.split(' ').map(|word| word.replace("%S", &state.display().to_string())).collect();
    let server = start(&world, &arguments);
    assert_eq!(server.numbers()["server"], true);
    assert!(unit.contains("StateDirectory=permesso-server\n"));
    let written: Vec<PathBuf> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(written, [state.join("permesso-server")], "all it writes is in its state directory");
}

#[test]
fn the_systemd_unit_is_right_and_gives_the_server_no_more_than_it_needs() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        skipped("there is no systemd-analyze");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("permesso-server.service");
    let unit = example("permesso-server.service");
    // The program is not installed; and the manual pages are not either.
    let unit = unit.replace("/usr/bin/permesso", env!("CARGO_BIN_EXE_permesso"));
    let unit: Vec<&str> = unit.lines().filter(|line| !line.starts_with("Documentation=")).collect();
    fs::write(&path, unit.join("\n")).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("permesso-server"), "{said}");
    let security = ["security", "--offline=yes", "--threshold", EXPOSURE_MAX];
    let judged = Command::new("systemd-analyze").args(security).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{said}{}", String::from_utf8_lossy(&judged.stderr));
}

#[test]
fn the_container_starts_a_server_in_its_volume_and_asks_it_how_it_is() {
    let world = World::new();
    let file = example("Containerfile");
    let arguments = |instruction: &str| -> Vec<String> {
        let list = file.lines().find_map(|line| line.strip_prefix(instruction)).unwrap();
        let mut words: Vec<String> = serde_json::from_str(list).unwrap();
        assert_eq!(words.remove(0), "permesso");
        words.iter().map(|word| word.replace("/data", &world.path().join("data").display().to_string())).collect()
    };
    fs::create_dir(world.path().join("data")).unwrap();
    let server = start(&world, &arguments("ENTRYPOINT "));
    let healthy = || permesso(&[]).args(arguments("HEALTHCHECK CMD ")).output().unwrap();
    assert!(healthy().status.success(), "{:?}", healthy());
    drop(server);
    assert_eq!(healthy().status.code(), Some(3));
    assert!(file.contains("VOLUME /data\n"));
}
