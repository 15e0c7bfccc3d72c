//! Power cuts and full disks while somebody chats.

use std::fs;
use std::process::Command;

use crate::beginning::{ITALIAN, USUAL, befriend, chat, opens_a_conversation};
use crate::process::{World, json_lines, run};
use crate::tmux::{Tmux, page};

#[test]
fn a_draft_survives_a_chat_that_is_killed_and_is_not_sent_by_the_next_one() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let pane = opens_a_conversation(&tmux, &world);
    pane.types("half a sentence");
    pane.shows("› half a sentence");
    // At most a second of typing is lost; the file is written after it.
    let kept = world.home("ada").join("chat");
    pane.until("the file of drafts", |_| kept.exists());
    assert!(Command::new("kill").args(["-KILL", &pane.process().to_string()]).status().unwrap().success());
    assert_eq!(pane.ends(), 128 + 9);
    let again = tmux.run("again", USUAL, &[ITALIAN], &chat(&world, "ada", 1));
    again.shows("Bozza: half a sentence");
    again.presses("Enter");
    again.shows("› half a sentence");
    again.shows("Ancora nessun messaggio.");
}

/// Italian, for these are the words that must be understood in a hurry.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_chat_says_so_gives_the_text_back_and_shows_nothing_as_sent_that_is_not_stored() {
    use crate::small_disk::{SmallDisk, fill};

    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.home("ada")) else { return };
    befriend(&world);
    let pane = tmux.run("ada", (160, 40), &[ITALIAN], &chat(&world, "ada", 1));
    pane.shows("○ Grace");
    pane.presses("Enter");
    pane.shows("Ancora nessun messaggio.");
    let mut stored = Vec::new();
    let refused = loop {
        fill(&disk);
        let text = format!("numero {}", stored.len());
        pane.types(&text);
        pane.presses("Enter");
        let waits = |screen: &str| page(screen).contains(&format!("io · In attesa {text}"));
        let told = |screen: &str| screen.contains("libera dello spazio");
        let screen = pane.until("what came of it", |screen| waits(screen) || told(screen));
        if told(&screen) {
            break text;
        }
        stored.push(text);
        assert!(stored.len() < 100, "the disk never became full");
    };
    let screen = pane.until("the text, given back", |screen| page(screen).contains(&format!("› {refused}")));
    assert!(!page(&screen).contains(&format!("In attesa {refused}")), "{screen}");
    pane.presses("F7");
    pane.shows("non è avvenuto: il disco è pieno: libera dello spazio.");
    pane.presses("Escape");

    fs::remove_file(disk.path().join("ballast")).unwrap();
    pane.until("that it goes on", |screen| {
        if page(screen).contains(&format!("In attesa {refused}")) {
            return true;
        }
        pane.presses("Enter");
        std::thread::sleep(std::time::Duration::from_millis(500));
        false
    });
    stored.push(refused);
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
    let inbox = run(&mut world.offline(&["inbox", "--all", "--json"], "ada"));
    let inbox = String::from_utf8(inbox.stdout).unwrap();
    let texts: Vec<String> = json_lines(&inbox).iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, stored, "each once, in order");
}
