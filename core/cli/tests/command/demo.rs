//! The demonstration.

use std::time::{Duration, Instant};

use crate::process::{json_lines, permesso, run_to, run_to_error};

const STEPS: [(&str, &str); 20] = [
    ("start", "ready"),
    ("meet", "online"),
    ("search", "found"),
    ("stranger", "not_a_friend"),
    ("ask", "request_received"),
    ("accept", "friend"),
    ("chat", "delivered"),
    ("namesake", "two_claims"),
    ("away", "offline"),
    ("wait", "queued"),
    ("restart", "queued"),
    ("back", "online"),
    ("delivered", "delivered"),
    ("befriend", "friend"),
    ("leave", "handed_on"),
    ("carried", "received"),
    ("proved", "delivered"),
    ("server", "online"),
    ("held", "held"),
    ("collected", "received"),
];

#[test]
fn every_step_without_a_server_and_with_one_happens_within_40_seconds() {
    let begun = Instant::now();
    let steps = json_lines(&run_to(0, &mut permesso(&["demo", "--json"])));
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    for (step, (name, state)) in steps.iter().zip(STEPS) {
        assert_eq!((&step["step"], &step["ok"], &step["state"]), (&name.into(), &true.into(), &state.into()));
        assert!(step["ms"].is_u64());
    }
    assert_eq!(steps.len(), STEPS.len());
}

#[test]
fn it_also_happens_where_hosts_share_an_address_and_hear_no_broadcast() {
    let steps = json_lines(&run_to(0, &mut permesso(&["demo", "--json", "--one-address"])));
    assert!(steps.len() == STEPS.len() && steps.iter().all(|step| step["ok"] == true), "{steps:?}");
}

#[test]
fn it_is_told_for_people_and_its_homes_can_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let text = run_to(0, permesso(&["demo", "--keep"]).arg(&kept));
    assert_eq!(text.lines().filter(|line| line.contains('✓')).count(), STEPS.len(), "{text}");
    assert!(text.contains("Every step really happened"), "{text}");
    let inbox = run_to(0, permesso(&["inbox", "--home"]).arg(kept.join("grace")));
    assert!(inbox.contains("Ciao Grace!"), "{inbox}");
    let says = run_to_error(2, permesso(&["demo", "--keep"]).arg(&kept));
    assert!(says.contains("is not empty"), "{says}");
}

#[cfg(unix)]
#[test]
fn a_step_that_does_not_happen_is_said_and_ends_with_status_1() {
    // With so few files open hosts cannot have their sockets.
    let mut starved = std::process::Command::new("sh");
    starved.args(["-c", "ulimit -n 24; exec \"$0\" demo --json", env!("CARGO_BIN_EXE_permesso")]).env("LC_ALL", "C");
    let steps = json_lines(&run_to(1, &mut starved));
    assert_eq!(steps.last().unwrap()["ok"], false, "{steps:?}");
    assert!(steps.len() <= STEPS.len(), "{steps:?}");
}
