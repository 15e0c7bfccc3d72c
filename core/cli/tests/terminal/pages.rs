//! The pages over the conversation: searching, the doctor, the log, the notices.

use std::fs;

use crate::beginning::{ENGLISH, ITALIAN, SMALL, USUAL, befriend, chat, opens_a_conversation};
use crate::process::World;
use crate::tmux::{Pane, Tmux, flowing, page};

/// Writes messages in the conversation that is open.
fn writes(pane: &Pane<'_>, texts: &[&str]) {
    for text in texts {
        pane.types(text);
        pane.presses("Enter");
        pane.shows(&format!("me · Waiting {text}"));
    }
}

/// Leaves the text. Escape and a letter that come together are to a terminal that letter with Alt.
fn goes_to_the_list(pane: &Pane<'_>) {
    pane.presses("Escape");
    pane.shows("q quit");
}

#[test]
fn a_search_finds_messages_and_people_by_a_part_of_a_word_and_goes_to_the_one_that_is_chosen() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let pane = opens_a_conversation(&tmux, &world);
    writes(&pane, &["The tickets are at the DOOR", "Until nine", "A graceful evening"]);
    goes_to_the_list(&pane);
    pane.types("/");
    pane.shows("Search messages and people");
    pane.shows("A word of a message or a part of a name");

    pane.types("door");
    let found = |screen: &str, wanted: &[&str], others: &[&str]| {
        let screen = page(screen);
        wanted.iter().all(|text| screen.contains(text)) && !others.iter().any(|text| screen.contains(text))
    };
    pane.until("one message", |screen| found(screen, &["at the DOOR"], &["Until nine", "graceful", "Nothing"]));
    pane.types("x");
    pane.shows("Nothing contains that.");
    pane.presses("C-u");
    pane.types("grace");
    // The friend by her name, and the message that contains it.
    pane.until("both", |screen| found(screen, &["Grace", "A graceful evening"], &["at the DOOR", "Until nine"]));
    pane.presses("C-u");
    pane.types("nine");
    pane.until("the other message", |screen| found(screen, &["Until nine"], &["DOOR", "graceful"]));
    pane.presses("Enter");
    pane.until("the conversation", |screen| found(screen, &["at the DOOR", "Until nine", "graceful"], &["Search mes"]));
    // It is chosen: its own page opens, not that of the newest.
    pane.presses("Enter");
    pane.until("the page of the message", |screen| found(screen, &["Message", "Until nine"], &["graceful"]));
}

#[test]
fn a_search_by_f3_goes_from_the_text_that_is_written_to_a_friend_in_italian_on_a_small_screen() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", SMALL, &[ITALIAN], &chat(&world, "ada", 1));
    pane.shows("○ Grace");
    pane.presses("F3");
    pane.shows("Cerca");
    pane.types("GRA");
    pane.until("the friend", |screen| flowing(screen).contains("› Grace"));
    pane.presses("Enter");
    pane.shows("Ancora nessun messaggio.");
    // Here a letter is a letter.
    pane.types("/");
    pane.shows("› /");
}

#[test]
fn the_doctor_says_what_works_why_not_and_what_to_do_and_looks_again_when_told() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let pane = tmux.run("ada", (100, 60), &[ENGLISH], &world.host("chat", "Ada", 1));
    pane.shows("● Permesso · Ada");
    pane.types("d");
    pane.shows("Network doctor");
    pane.shows("This host is Ada, ");
    // An address of the loopback is no network that others are on.
    let found = |screen: &str| {
        let page = page(screen);
        let why = "✗ Own address (lo, 127.0.0.1), does not work: this device is on no network";
        page.contains(why)
            && page.contains("→ Connect to a Wi-Fi")
            && page.contains("? Clock, unknown: nobody answered")
    };
    pane.until("findings", found);
    pane.types("r");
    pane.until("a second look", |screen| page(screen).contains("Looking…") && !page(screen).contains("Clock"));
    pane.until("findings again", found);
    pane.presses("Escape");
    pane.until("the list", |screen| !screen.contains("Network doctor"));
}

#[test]
fn the_log_view_shows_what_is_logged_with_the_newest_line_last_and_no_text_of_a_message() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", (160, 40), &[ENGLISH, ("PERMESSO_LOG", "permesso_node=debug")], &chat(&world, "ada", 1));
    pane.shows("○ Grace");
    pane.presses("Enter");
    writes(&pane, &["unutterable"]);
    goes_to_the_list(&pane);
    pane.types("l");
    pane.shows("Log");
    let screen = pane.until("lines", |screen| page(screen).contains(" DEBUG permesso_node"));
    let lines: Vec<String> = screen.lines().map(page).filter(|line| line.starts_with("20")).collect();
    assert!(lines.len() > 1 && lines.is_sorted(), "{screen}");
    assert!(!page(&screen).contains("unutterable"), "{screen}");
    // A second host is heard: the page follows what happens.
    let before = lines.len();
    let grace = tmux.run("grace", USUAL, &[ENGLISH], &chat(&world, "grace", 2));
    grace.shows("Permesso · Grace");
    let more = |screen: &str| screen.lines().map(page).filter(|line| line.starts_with("20")).count() > before;
    let screen = pane.until("newer lines", more);
    assert!(screen.lines().map(page).filter(|line| line.starts_with("20")).is_sorted(), "{screen}");
    pane.presses("Escape");
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
    assert!(!world.home("ada").join("chat.log").exists(), "nobody asked for a file");
}

#[test]
fn a_notice_is_counted_until_it_is_read_and_stays_on_its_page() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    // Drafts that cannot be read are something the user should know.
    fs::write(world.home("ada").join("chat"), b"not what was kept").unwrap();
    let pane = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    pane.shows("1 notice (n)");
    pane.types("n");
    pane.shows("Notices");
    let flow = pane.until("the notice", |screen| flowing(screen).contains("Drafts could not be read."));
    assert!(!flow.contains("1 notice (n)"), "{flow}");
    pane.presses("Escape");
    pane.until("the list", |screen| screen.contains("Friends (1)") && !screen.contains("1 notice"));
    pane.types("n");
    pane.shows("Drafts could not be read.");
    assert_eq!(fs::read(world.home("ada").join("chat.damaged")).unwrap(), b"not what was kept");
}
