//! What a user should know is said on standard error, whatever the command was asked to do.

use std::process::Command;

use crate::one_shot::friends;
use crate::process::{World, code, run};

/// What a command prints, and what it says besides.
fn says(status: i32, command: &mut Command) -> (String, String) {
    let output = run(command);
    assert_eq!(code(output.status), status, "{command:?}: {output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_message_that_is_given_up_for_another_is_told_when_that_happens() {
    let world = World::new();
    friends(&world);
    let set = |key: &str, value: &str| says(0, &mut world.offline(&["config", "set", key, value], "Ada"));
    let (printed, told) = set("messages.outbox_max", "1");
    assert!(printed.contains("messages.outbox_max = 1") && told.is_empty(), "{printed}{told}");
    let send = |text: &str, language: &str| {
        let mut command = world.host("send", "Ada", 1);
        command.env("LC_ALL", language).args(["--to", "Grace", text, "--wait", "0s", "--json"]);
        says(3, &mut command)
    };
    assert_eq!(send("One", "C").1, "");
    let (printed, told) = send("Two", "C");
    assert!(printed.contains(r#""state":"queued""#), "{printed}");
    assert_eq!(
        told,
        "Too many messages were waiting: the oldest to Grace will not be sent (the limit is in the settings).\n"
    );
    let (_, told) = send("Three", "it");
    assert_eq!(
        told,
        "Troppi messaggi in attesa: il più vecchio per Grace non partirà (il limite è nelle impostazioni).\n"
    );
}

#[test]
fn a_message_that_is_removed_from_a_full_conversation_is_told() {
    let world = World::new();
    friends(&world);
    says(0, &mut world.offline(&["config", "set", "messages.history_max", "1"], "Ada"));
    let (_, told) = says(3, world.host("send", "Ada", 1).args(["--to", "Grace", "Ciao", "--wait", "0s"]));
    assert!(told.starts_with("The conversation with Grace was full: its oldest message was removed"), "{told}");
}
