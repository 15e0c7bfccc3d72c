//! How far a replay is, on a terminal.

use crate::beginning::ENGLISH;
use crate::process::permesso;
use crate::tmux::Tmux;

/// What a bar on the screen says, in per cent.
fn percent(screen: &str) -> Option<u32> {
    let line = screen.lines().find(|line| line.contains("[=") || line.contains("[>"))?;
    line.split(']').nth(1)?.trim().strip_suffix('%')?.trim().parse().ok()
}

#[test]
fn a_replay_shows_on_a_terminal_how_far_it_is_and_leaves_its_report_alone_there() {
    let Some(tmux) = Tmux::start() else { return };
    let arguments = ["sim", "trace", "--world", "clustered:40:400m:2", "--end", "40m", "--seed", "1"];
    let pane = tmux.run("trace", (100, 50), &[ENGLISH], &permesso(&arguments));
    let first = percent(&pane.until("a bar", |screen| percent(screen).is_some())).unwrap();
    let later = pane.until("a bar that grows", |screen| percent(screen).is_some_and(|now| now > first));
    assert!(percent(&later).unwrap() <= 100, "{later}");
    assert_eq!(pane.ends(), 0);
    let end = pane.screen();
    assert!(percent(&end).is_none() && end.contains("delivered"), "{end}");
}
