//! Commands that do one thing and end: what they print and with which status.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use permesso_node::Config;
use serde_json::json;

use crate::bot::Bot;
use crate::process::{World, code, json_lines, permesso, run_to, run_to_error};

/// A host that ends without a word is taken to be away only after 3.5 of its announced intervals of at least 5 s.
pub(crate) const SILENCE: Duration = Duration::from_secs(8);

/// Two friends, Ada (127.0.0.1) and Grace (127.0.0.2), neither of them running.
pub(crate) fn friends(world: &World) -> (String, String) {
    let (mut ada, mut grace) = (Bot::start(world, "Ada", 1), Bot::start(world, "Grace", 2));
    ada.befriend(&mut grace, "gra");
    let ids = (ada.id.clone(), grace.id.clone());
    // Grace has seen that Ada knows of her answer.
    let message = grace.send("Ada", "Ciao Ada");
    grace.ask(json!({ "cmd": "wait_for_state", "message": message, "timeout": "20s" }));
    ada.ask(json!({ "cmd": "mark_read", "host": "Grace" }));
    ada.end();
    grace.end();
    ids
}

#[test]
fn the_status_of_send_and_inbox_tells_the_state() {
    let world = World::new();
    let (ada_id, _) = friends(&world);

    let waiting = run_to(3, world.host("send", "Ada", 1).args(["--to", "Grace", "You there?", "--wait", "300ms"]));
    assert!(waiting.starts_with("Waiting"), "{waiting}");
    assert_eq!(run_to(3, &mut world.host("inbox", "Grace", 2)), "Nothing new.\n");
    let mut grace = Bot::start(&world, "Grace", 2);
    let delivered = run_to(0, world.host("send", "Ada", 1).args(["--to", "grace", "Ciao!", "--wait", "30s", "--json"]));
    let delivered = &json_lines(&delivered)[0];
    assert_eq!(delivered["state"], "delivered");
    grace.until(json!({ "cmd": "messages", "host": "Ada" }), |page| page["messages"].as_array().unwrap().len() == 3);
    grace.end();

    let peeked = json_lines(&run_to(0, world.host("inbox", "Grace", 2).args(["--peek", "--json"])));
    let texts: Vec<&str> = peeked.iter().map(|message| message["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["You there?", "Ciao!"]);
    assert!(peeked.iter().all(|message| message["name"] == "Ada" && message["host"] == ada_id.as_str()));
    let read = run_to(0, &mut world.host("inbox", "Grace", 2));
    assert!(read.contains("Ada: You there?") && read.contains("Ada: Ciao!"), "{read}");
    run_to(3, &mut world.host("inbox", "Grace", 2));
    let all = run_to(3, world.host("inbox", "Grace", 2).arg("--all"));
    assert!(all.contains("me: Ciao Ada  [Delivered]") && all.contains("Ada: Ciao!"), "{all}");
}

#[test]
fn a_message_that_will_not_arrive_has_a_status_of_its_own() {
    let world = World::new();
    let (ada_id, _) = friends(&world);
    let mut grace = Bot::start(&world, "Grace", 2);
    grace.ask(json!({ "cmd": "end_friendship", "host": ada_id }));
    let says = run_to(4, world.host("send", "Ada", 1).args(["--to", "Grace", "Quick!", "--wait", "20s"]));
    assert_eq!(says, "Not delivered to Grace: the friendship ended.\n");
}

#[test]
fn a_message_to_somebody_who_is_no_friend_is_refused() {
    let world = World::new();
    let says = run_to_error(1, world.host("send", "Ada", 1).args(["--to", "Nobody", "Ciao"]));
    assert!(says.contains("no friend called \"Nobody\""), "{says}");
    let stranger = "5c146b14-3c52-8afd-938a-375d0df1fbf6";
    let says = run_to_error(1, world.host("send", "Ada", 1).args(["--to", stranger, "Ciao"]));
    assert!(says.contains("ask for friendship first"), "{says}");
}

#[test]
fn one_asks_and_the_other_accepts() {
    let world = World::new();
    let mut ask = world.host("ask", "Ada", 1);
    ask.args(["--to", "Grace", "--greeting", "From the library", "--wait", "40s"]);
    let mut accept = world.host("accept", "Grace", 2);
    accept.args(["Ada", "--wait", "40s"]);
    // As the README has it: Ada asks before Grace is there, and goes on looking for her.
    let asking = thread::spawn(move || run_to(0, &mut ask));
    thread::sleep(Duration::from_secs(2));
    assert!(run_to(0, &mut accept).starts_with("You and Ada are friends."));
    assert_eq!(asking.join().unwrap(), "You and Grace are friends.\n");

    let listed = json_lines(&run_to(0, world.host("friends", "Ada", 1).arg("--json")));
    assert_eq!((&listed[0]["alias"], &listed[0]["state"]), (&json!("Grace"), &json!("friend")));
    assert!(run_to(0, &mut world.host("friends", "Grace", 2)).contains("Ada"));
    let ada = &json_lines(&run_to(0, world.host("whoami", "Ada", 1).arg("--json")))[0];
    let grace = &json_lines(&run_to(0, world.host("whoami", "Grace", 2).arg("--json")))[0];
    assert_eq!(ada["safety_numbers"][0]["number"], grace["safety_numbers"][0]["number"]);
    let uri = ada["uri"].as_str().unwrap();
    assert!(uri.starts_with("permesso:") && uri.contains("&at=127.0.0.1:"), "its own address is in it: {uri}");
    let diagnostics = run_to(0, &mut world.host("diagnostics", "Ada", 1));
    assert!(diagnostics.contains("FRIENDSHIP_ASK") && diagnostics.contains("PROCESS_COMPLETE"), "{diagnostics}");
}

#[test]
fn nobody_answers_to_an_alias_that_nobody_has() {
    let world = World::new();
    let says = run_to_error(1, world.host("ask", "Ada", 1).args(["--to", "Nobody", "--wait", "1s"]));
    assert!(says.contains("nobody here answers"), "{says}");
    let none = run_to(3, world.host("accept", "Ada", 1).args(["Nobody", "--wait", "100ms"]));
    assert_eq!(none, "No request from Nobody yet.\n");
}

#[test]
fn hosts_in_reach_are_listed() {
    let world = World::new();
    let grace = Bot::start(&world, "Grace", 2);
    let listed = json_lines(&run_to(0, world.host("hosts", "Ada", 1).args(["--wait", "2s", "--json"])));
    let seen = listed.iter().find(|host| host["host"] == grace.id.as_str()).unwrap();
    assert_eq!(seen["online"], true);
    // The ids that nobody stands behind are for programs.
    assert_eq!(listed.len(), 4);
    let listed = run_to(0, world.host("hosts", "Ada", 1).args(["--wait", "2s"]));
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("this host") && lines[1].contains(&grace.id), "{listed}");
}

#[test]
fn a_command_that_is_told_to_end_leaves_in_order() {
    let world = World::new();
    let mut grace = Bot::start(&world, "Grace", 2);
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut listening =
            world.host("hosts", "Ada", 1).args(["--wait", "50s"]).stdout(Stdio::null()).spawn().unwrap();
        grace.event("host_changed", |event| event["special"].is_null() && event["online"] == true);
        let told = Command::new("kill").args([signal, &listening.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert_eq!(code(listening.wait().unwrap()), 130, "{signal}");
        let ended = Instant::now();
        grace.event("host_changed", |event| event["special"].is_null() && event["online"] == false);
        assert!(ended.elapsed() < SILENCE, "{signal}: it fell silent without a word");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_started_by_nohup_outlives_its_terminal() {
    let world = World::new();
    let mut grace = Bot::start(&world, "Grace", 2);
    let hosts = world.host("hosts", "Ada", 1);
    let mut listening = Command::new("nohup");
    listening.arg(hosts.get_program()).args(hosts.get_args()).args(["--wait", "3s"]).env("PERMESSO_KEYRING", "off");
    let mut listening = listening.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    grace.event("host_changed", |event| event["special"].is_null() && event["online"] == true);
    assert!(Command::new("kill").args(["-HUP", &listening.id().to_string()]).status().unwrap().success());
    assert_eq!(code(listening.wait().unwrap()), 0);
}

#[test]
fn a_home_in_use_is_left_alone() {
    let world = World::new();
    let ada = Bot::start(&world, "Ada", 1);
    for task in ["inbox", "friends", "bot"] {
        let says = run_to_error(5, &mut world.host(task, "Ada", 1));
        assert!(says.contains("another Permesso is running"), "{says}");
    }
    ada.end();
}

#[test]
fn a_home_without_its_key_is_left_alone() {
    let world = World::new();
    run_to(0, &mut world.host("friends", "Ada", 1));
    let key = world.home("Ada").join("key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let says = run_to_error(6, &mut world.host("friends", "Ada", 1));
    assert!(says.contains("the key of this home is missing"), "{says}");
    assert!(!key.exists());
    let mut other = kept.clone();
    other[0] ^= 1;
    write_key(&key, &other);
    run_to_error(6, &mut world.host("friends", "Ada", 1));
    write_key(&key, &kept);
    run_to(0, &mut world.host("friends", "Ada", 1));
}

/// As the command itself writes it: closed to everybody else.
fn write_key(path: &Path, key: &[u8]) {
    fs::write(path, key).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[test]
fn a_home_may_be_locked_by_a_passphrase() {
    let world = World::new();
    let with = |passphrase: &str| {
        let mut command = world.host("whoami", "Ada", 1);
        command.env("PERMESSO_PASSPHRASE", passphrase).arg("--json");
        command
    };
    let first = run_to(0, &mut with("correct horse"));
    assert_eq!(run_to(0, &mut with("correct horse")), first);
    run_to_error(6, &mut with("wrong horse"));
    run_to_error(6, &mut world.host("whoami", "Ada", 1));
    let file = world.path().join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    assert_eq!(run_to(0, world.host("whoami", "Ada", 1).arg("--json").arg("--passphrase-file").arg(file)), first);
    assert!(!world.home("Ada").join("key").exists());
}

#[test]
fn a_passphrase_file_that_is_missing_is_a_matter_of_the_key_and_one_that_is_none_is_not() {
    let world = World::new();
    let with = |file: &Path| {
        let mut command = world.host("friends", "Ada", 1);
        command.arg("--passphrase-file").arg(file);
        command
    };
    let says = run_to_error(6, &mut with(&world.path().join("absent")));
    assert!(says.contains("absent") && says.contains("cannot be used"), "{says}");
    let says = run_to_error(1, &mut with(world.path()));
    assert!(says.contains("cannot be used"), "{says}");
    // Nor is a folder that cannot be made.
    let inside_a_file = world.path().join("test.toml").join("home");
    run_to_error(1, permesso(&["friends", "--home"]).arg(inside_a_file));
    assert!(!world.home("Ada").exists());
}

#[test]
fn a_command_line_that_cannot_be_understood_has_a_status_of_its_own() {
    for wrong in [
        &["dance"][..],
        &["send", "Ciao"],
        &["send", "--to", "Grace"],
        &["send", "--to", "Grace", "Ciao", "--wait", "long"],
        &["bot", "--port", "0"],
        &["bot", "--port", "70000"],
        &["bot", "--interface", "home"],
        &["sim", "world", "--faults", "mild"],
    ] {
        let says = run_to_error(2, &mut permesso(wrong));
        assert!(says.contains("Usage") || says.contains("error:"), "{wrong:?}: {says}");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_says_where() {
    let world = World::new();
    let config = world.path().join("wrong.toml");
    fs::write(&config, "[host]\nalais = \"Ada\"\n").unwrap();
    let mut command = permesso(&["friends"]);
    command.arg("--home").arg(world.home("Ada")).arg("--config").arg(config);
    let says = run_to_error(1, &mut command);
    assert!(says.contains("line 2") && says.contains("did you mean host.alias?"), "{says}");
    assert!(!world.home("Ada").exists());
}

#[test]
fn the_printed_configuration_is_the_default() {
    let text = run_to(0, &mut permesso(&["config"]));
    assert_eq!(Config::parse(&text).unwrap(), Config::default());
    assert!(text.lines().any(|line| line.starts_with("#alias")));
}

#[test]
fn help_tells_what_every_status_means() {
    for (arguments, words) in [
        (&["--help"][..], "6  the key or passphrase is missing, wrong, or not yours to read"),
        (&["resend", "--help"], "3  waiting"),
        (&["cancel", "--help"], "0  given up"),
        (&["search", "--help"], "3  there is none"),
        (&["hosts", "--help"], "it is kept for later starts"),
        (&["send", "--help"], "3  waiting"),
        (&["inbox", "--help"], "3  there is nothing unread"),
        (&["demo", "--help"], "0 only if every step really happened"),
    ] {
        let help = run_to(0, &mut permesso(arguments));
        assert!(help.contains(words), "{help}");
    }
}

#[test]
fn in_italian_it_speaks_italian() {
    let world = World::new();
    let inbox = run_to(3, world.host("inbox", "Ada", 1).env("LC_ALL", "it_IT.UTF-8"));
    assert_eq!(inbox, "Niente di nuovo.\n");
    let says = run_to_error(1, world.host("send", "Ada", 1).env("LC_ALL", "it").args(["--to", "Nessuno", "Ciao"]));
    assert!(says.contains("non hai amici di nome \"Nessuno\""), "{says}");
}

#[test]
fn a_simulated_world_reports_and_repeats() {
    let arguments = ["sim", "world", "--hosts", "3", "--minutes", "1", "--seed", "7", "--json"];
    let report = &json_lines(&run_to(0, &mut permesso(&arguments)))[0];
    assert_eq!((&report["hosts"], &report["seed"]), (&json!(3), &json!(7)));
    assert_eq!(report["violations"], json!([]));
    let text = run_to(0, &mut permesso(&arguments[..8]));
    assert!(text.contains("every promise was kept"), "{text}");
}
