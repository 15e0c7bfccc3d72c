//! Messages after they were written: given up, sent again, listed with their reasons, and found.

use serde_json::{Value, json};

use crate::bot::Bot;
use crate::one_shot::friends;
use crate::process::{World, code, json_lines, permesso, run, run_to, run_to_error};

/// Writes to Grace, who is away; the message's id.
fn waiting(world: &World, text: &str) -> String {
    let sent = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", text, "--wait", "0s", "--json"]));
    json_lines(&sent)[0]["message"].as_str().unwrap().to_owned()
}

fn with_id(world: &World, task: &str, id: &str) -> std::process::Command {
    let mut command = world.host(task, "Ada", 1);
    command.arg(id);
    command
}

#[test]
fn a_message_written_without_a_network_waits_and_says_why() {
    let world = World::new();
    friends(&world);
    // No machine has this address (RFC 5737).
    let mut send = world.offline(&["send", "--interface", "192.0.2.7", "--to", "Grace", "--wait", "2s"], "Ada");
    let output = run(send.arg("Written in the cellar"));
    assert_eq!(code(output.status), 3);
    let (says, why) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(says.starts_with("Waiting") && why.contains("no usable network address"), "{says}{why}");
    let all = run_to(3, world.offline(&["inbox", "--all"], "Ada").env("TZ", "UTC"));
    assert_eq!(all.matches("Written in the cellar  [Waiting]").count(), 1, "{all}");
}

#[test]
fn moments_are_those_of_the_user_s_clock() {
    let world = World::new();
    friends(&world);
    waiting(&world, "At what time?");
    let when = |zone: &str| {
        let all = run_to(3, world.offline(&["inbox", "--all"], "Ada").env("TZ", zone));
        let line = all.lines().find(|line| line.contains("At what time?")).unwrap().trim().to_owned();
        line[11..13].parse::<u32>().unwrap()
    };
    // "<+05>-5" is five hours east of Greenwich (POSIX).
    assert_eq!(when("<+05>-5"), (when("UTC0") + 5) % 24);
}

#[test]
fn a_waiting_message_is_given_up_and_sent_again_by_its_id() {
    let world = World::new();
    friends(&world);
    let says = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", "Not yet", "--wait", "0s"]));
    let id = says.split("`permesso cancel ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all"));
    assert!(all.contains(&format!("me: Not yet  [Waiting]  {id}")), "{all}");

    let says = run_to(0, &mut with_id(&world, "cancel", &id));
    assert_eq!(says, format!("Not delivered to Grace: it was cancelled.\n`permesso resend {id}` sends it again.\n"));
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all"));
    assert!(all.contains(&format!("me: Not yet  [Not delivered: it was cancelled]  {id}")), "{all}");
    let all = run_to(3, world.host("inbox", "Ada", 1).arg("--all").env("LC_ALL", "it"));
    assert!(all.contains("io: Not yet  [Non consegnato: è stato annullato]"), "{all}");
    let shown = json_lines(&run_to(3, world.host("inbox", "Ada", 1).args(["--all", "--json"])));
    let shown = shown.iter().find(|message| message["message"] == id.as_str()).unwrap();
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("failed"), &json!("cancelled")));
    let says = run_to_error(1, &mut with_id(&world, "cancel", &id));
    assert!(says.contains("not known here or not in a state that allows this"), "{says}");

    let says = run_to(3, with_id(&world, "resend", &id).args(["--wait", "0s"]));
    assert!(says.starts_with("Waiting: stored here"), "{says}");
    let given_up = json_lines(&run_to(0, with_id(&world, "cancel", &id).arg("--json")));
    assert_eq!((&given_up[0]["state"], &given_up[0]["reason"]), (&json!("failed"), &json!("cancelled")));
    let grace = Bot::start(&world, "Grace", 2);
    let sent = json_lines(&run_to(0, with_id(&world, "resend", &id).args(["--wait", "30s", "--json"])));
    assert_eq!((&sent[0]["message"], &sent[0]["host"]), (&json!(id), &json!(grace.id)));
    assert_eq!(sent[0]["state"], "delivered");
    grace.end();
    for task in ["resend", "cancel"] {
        run_to_error(1, &mut with_id(&world, task, &id));
    }
}

#[test]
fn an_id_that_is_none_is_a_matter_of_usage() {
    for task in ["resend", "cancel"] {
        let says = run_to_error(2, &mut permesso(&[task, "seven"]));
        assert!(says.contains("Usage") || says.contains("error:"), "{says}");
    }
    let world = World::new();
    let nobody_s = "00112233445566778899aabbccddeeff";
    for task in ["resend", "cancel"] {
        let says = run_to_error(1, &mut with_id(&world, task, nobody_s));
        assert!(says.contains(nobody_s), "{says}");
    }
}

#[test]
fn messages_are_found_by_a_part_of_their_text() {
    let world = World::new();
    friends(&world);
    let (tea, cake) = (waiting(&world, "Tea at five?"), waiting(&world, "I bring the cake"));
    let found = |text: &str| json_lines(&run_to(0, world.host("search", "Ada", 1).args([text, "--json"])));
    let ids = |found: &[Value]| found.iter().map(|one| one["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&found("TEA")), [tea.as_str()]);
    assert_eq!(found("cake")[0]["name"], "Grace");
    let newest_first = found("e");
    assert_eq!(ids(&newest_first), [cake.as_str(), tea.as_str()]);
    assert_eq!(
        ids(&json_lines(&run_to(0, world.host("search", "Ada", 1).args(["e", "--json", "--limit", "1"])))),
        [cake.as_str()]
    );

    let row = run_to(0, world.host("search", "Ada", 1).arg("five"));
    assert!(row.contains(&format!("me → Grace: Tea at five?  [Waiting]  {tea}")), "{row}");
    let row = run_to(0, world.host("search", "Ada", 1).arg("ciao"));
    assert!(row.contains("  Grace: Ciao Ada  "), "{row}");
    assert_eq!(run_to(3, world.host("search", "Ada", 1).arg("coffee")), "No message contains that.\n");
    let italian = run_to(3, world.host("search", "Ada", 1).arg("coffee").env("LC_ALL", "it"));
    assert_eq!(italian, "Nessun messaggio contiene questo.\n");
    assert_eq!(run_to(3, world.host("search", "Ada", 1).args(["coffee", "--json"])), "");
    run_to_error(2, world.host("search", "Ada", 1).arg(""));
}
