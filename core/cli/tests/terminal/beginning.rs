//! How the stories of the chat begin.

use std::process::{Command, Stdio};

use crate::process::{World, permesso, run};
use crate::tmux::{Pane, Tmux};

pub(crate) const ENGLISH: (&str, &str) = ("LC_ALL", "en_GB.UTF-8");
pub(crate) const ITALIAN: (&str, &str) = ("LC_ALL", "it_IT.UTF-8");
pub(crate) const USUAL: (u16, u16) = (80, 24);
pub(crate) const SMALL: (u16, u16) = (40, 15);

/// `permesso chat` of a host whose address ends in `last`, with no alias given.
pub(crate) fn chat(world: &World, name: &str, last: u8) -> Command {
    let with_alias = world.host("chat", name, last);
    let mut arguments = with_alias.get_args();
    let mut command = permesso(&[]);
    while let Some(argument) = arguments.next() {
        if argument == "--alias" {
            arguments.next();
        } else {
            command.arg(argument);
        }
    }
    command
}

/// Makes Ada and Grace friends by other commands.
pub(crate) fn befriend(world: &World) {
    let mut accept = world
        .host("accept", "Grace", 2)
        .args(["Ada", "--wait", "80s"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Grace may not be on the network yet.
    let asked =
        (0..10).any(|_| run(world.host("ask", "Ada", 1).args(["--to", "Grace", "--wait", "30s"])).status.success());
    assert!(asked, "Grace does not answer");
    assert!(accept.wait().unwrap().success());
}

/// Ada's chat in English, with her new friend Grace's conversation open and nothing in it.
pub(crate) fn opens_a_conversation<'tmux>(tmux: &'tmux Tmux, world: &World) -> Pane<'tmux> {
    befriend(world);
    let pane = tmux.run("ada", USUAL, &[ENGLISH], &chat(world, "ada", 1));
    pane.shows("○ Grace");
    pane.presses("Enter");
    pane.shows("No messages yet.");
    pane
}
