//! What people do in the chat.

use std::process::{Command, Stdio};

use crate::beginning::{ENGLISH, ITALIAN, SMALL, USUAL, befriend, chat};
use crate::process::{World, permesso};
use crate::tmux::{Pane, Tmux, flowing};

/// Whether a word is followed by a time of day.
fn with_time(screen: &str, word: &str) -> bool {
    let screen = flowing(screen);
    let mut after = screen.match_indices(word).filter_map(|(at, _)| screen.get(at + word.len()..at + word.len() + 6));
    after.any(|time| {
        let time: Vec<char> = time.chars().collect();
        time.len() == 6 && time[0] == ' ' && time[3] == ':' && time[1].is_ascii_digit() && time[5].is_ascii_digit()
    })
}

#[test]
fn two_people_meet_become_friends_and_write_in_two_languages_and_sizes() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let ada = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    ada.shows("What should others call you?");
    ada.types("Ada");
    ada.presses("Enter");
    ada.shows("Permesso · Ada");
    let grace = tmux.run("grace", SMALL, &[ITALIAN], &chat(&world, "grace", 2));
    grace.shows("Come vuoi che ti chiamino gli altri?");
    grace.types("Grace");
    grace.presses("Enter");
    grace.shows("Permesso · Grace");

    ada.shows("Nearby (1)");
    ada.until("Grace's name", |screen| flowing(screen).contains("● Grace"));
    ada.types("a");
    ada.shows("Ask Grace");
    ada.types("It is me");
    ada.presses("Enter");
    grace.shows("“It is me”");
    grace.shows("Ti chiedono l'amicizia (1)");
    grace.types("a");
    grace.shows("Amici (1)");

    ada.shows("Friends (1)");
    ada.presses("Enter");
    ada.shows("No messages yet.");
    ada.types("Tea at five?");
    ada.presses("Enter");
    ada.until("the moment of delivery", |screen| with_time(screen, "me · Delivered"));
    grace.shows("(1)");
    grace.presses("Enter");
    grace.shows("Tea at five?");
    grace.types("Volentieri, perché no");
    grace.presses("Enter");
    grace.until("the moment of delivery", |screen| with_time(screen, "io · Consegnato"));
    ada.shows("Volentieri, perché no");
    ada.presses("C-c");
    assert_eq!(ada.ends(), 0);
    grace.shows("non è qui");
}

#[test]
fn a_message_says_that_a_server_holds_it() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let mut server = world
        .server("bot", "Library", 3)
        .args(["--stay"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ada = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    ada.shows("○ Grace");
    ada.presses("Enter");
    ada.shows("away");
    ada.types("See you at eight?");
    ada.presses("Enter");
    ada.shows("me · Held by server Library");
    ada.presses("Up");
    ada.presses("Enter");
    ada.shows("Held by server Library until Grace is here.");
    ada.presses("c");
    ada.shows("Are you sure?");
    ada.presses("Enter");
    ada.shows("it was cancelled");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_message_to_somebody_who_is_away_waits_and_is_cancelled_and_sent_again() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let ada = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    ada.shows("○ Grace");
    ada.presses("Enter");
    ada.shows("away");
    ada.types("Where are you?");
    ada.presses("Enter");
    ada.shows("me · Waiting");
    ada.presses("Up");
    ada.presses("Enter");
    ada.shows("it will leave when this host meets Grace");
    ada.presses("c");
    ada.shows("Are you sure?");
    ada.presses("Enter");
    ada.shows("Not delivered");
    ada.shows("it was cancelled");
    ada.types("r");
    ada.shows("Waiting");
    let grace = tmux.run("grace", USUAL, &[ITALIAN], &chat(&world, "grace", 2));
    grace.shows("Where are you?");
    ada.shows("Delivered to Grace.");
}

#[test]
fn a_draft_is_there_after_a_restart_and_in_no_file_in_plain_words() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let ada = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    ada.shows("Grace");
    ada.presses("Enter");
    ada.shows("No messages yet.");
    ada.types("half a sentence");
    ada.shows("› half a sentence");
    ada.presses("C-c");
    assert_eq!(ada.ends(), 0);
    for entry in std::fs::read_dir(world.home("Ada")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"sentence"));
    }
    let ada = tmux.run("again", SMALL, &[ITALIAN], &chat(&world, "ada", 1));
    ada.shows("Bozza: half a sentence");
    ada.presses("Enter");
    ada.shows("› half a sentence");
}

#[test]
fn a_first_run_that_is_given_up_makes_no_home() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let pane = tmux.run("ada", SMALL, &[ENGLISH], &chat(&world, "ada", 1));
    pane.shows("What should others call you?");
    pane.presses("Enter");
    pane.shows("Write a name");
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
    assert!(!world.home("ada").exists());
}

#[test]
fn a_pasted_text_keeps_its_lines_and_is_not_sent_by_them() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", SMALL, &[ENGLISH], &chat(&world, "ada", 1));
    pane.shows("Grace");
    pane.presses("Enter");
    pane.shows("No messages yet.");
    pane.pastes("first line\nsecond 日本\nthird");
    pane.until("three lines", |screen| {
        let lines: Vec<&str> = screen.lines().map(str::trim).collect();
        lines.windows(3).any(|lines| lines == ["› first line", "second 日本", "third"])
    });
    assert!(pane.screen().contains("No messages yet."));
    pane.presses("Enter");
    pane.shows("me · Waiting first line second 日本 third");
}

#[test]
fn nothing_of_emoji_stays_where_another_page_is_shown() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    pane.shows("Grace");
    pane.presses("Enter");
    pane.shows("No messages yet.");
    // The list shows only how it begins.
    pane.pastes("a beginning that is long enough: flag 🇮🇹 rainbow 🏳️\u{200d}🌈 heart ❤️ end");
    pane.presses("Enter");
    pane.shows("me · Waiting");
    for key in ["F1", "F3", "F4", "F6", "F9"] {
        pane.presses(key);
        pane.until("a page without emoji", |screen| !screen.contains("rainbow"));
        pane.until("nothing left of the emoji", |screen| !screen.contains(['🇮', '🇹', '🏳', '🌈', '❤']));
        pane.presses("Escape");
        pane.until("the conversation", |screen| screen.contains("rainbow"));
    }
}

#[test]
fn a_friend_is_verified_named_and_blocked_and_settings_count_at_once() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", USUAL, &[ENGLISH], &chat(&world, "ada", 1));
    pane.shows("○ Grace");
    pane.types("i");
    pane.until("twelve groups", |screen| {
        let groups = |word: &&str| word.len() == 5 && word.bytes().all(|digit| digit.is_ascii_digit());
        screen.split_whitespace().filter(groups).count() == 12
    });
    pane.types("v");
    pane.shows("Grace is verified.");
    pane.shows("Safety number, compared and the same:");
    pane.types("r");
    pane.shows("A name for Grace");
    pane.types("Boss");
    pane.presses("Enter");
    pane.shows("calls itself \"Grace\"");
    pane.types("b");
    pane.shows("Block Boss?");
    pane.presses("Enter");
    pane.shows("Blocked or ended (1)");
    pane.presses("Escape");
    pane.until("the list", |screen| !screen.contains("calls itself"));
    pane.types("s");
    pane.shows("Name: Ada");
    pane.presses("Enter");
    pane.shows("What others call you");
    pane.types(" Lovelace");
    pane.presses("Enter");
    // Beside a notice that was not seen there is no room for the program's own.
    let is_title = |line: &str| line.starts_with('●') && line.contains("Ada Lovelace");
    pane.until("her new name", |screen| screen.lines().any(is_title));
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
    let whoami = permesso(&["whoami", "--home"]).arg(world.home("ada")).output().unwrap();
    assert!(String::from_utf8(whoami.stdout).unwrap().contains("Ada Lovelace"));
}

#[test]
fn the_terminal_is_given_back_whole_when_the_chat_is_told_to_end() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let pane = tmux.run("ada", USUAL, &[ENGLISH], &world.host("chat", "Ada", 1));
    pane.shows("Permesso · Ada");
    assert!(Command::new("kill").arg(pane.process().to_string()).status().unwrap().success());
    assert_eq!(pane.ends(), 0);
    let screen = pane.shows("icanon");
    for setting in ["icanon", "echo", "isig", "opost"] {
        assert!(flowing(&screen).split([' ', ';']).any(|word| word == setting), "{setting} is off in\n{screen}");
    }
    assert!(!screen.contains("Permesso · Ada"), "the screen of the shell is back:\n{screen}");
}

#[test]
fn a_suspended_chat_leaves_the_shell_alone_and_comes_back() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let mut shell = Command::new("bash");
    shell.args(["--norc", "--noprofile", "-i"]);
    let pane = tmux.run("shell", USUAL, &[ENGLISH, ("PS1", "shell> ")], &shell);
    pane.shows("shell>");
    let chat = world.host("chat", "Ada", 1);
    let words = std::iter::once(chat.get_program()).chain(chat.get_args());
    pane.types(&words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "));
    pane.presses("Enter");
    pane.shows("● Permesso · Ada");
    pane.presses("C-z");
    pane.until("the shell", |screen| screen.contains("Stopped") && !screen.contains("● Permesso · Ada"));
    pane.types("fg");
    pane.presses("Enter");
    pane.shows("● Permesso · Ada");
    pane.types("?");
    pane.shows("Everywhere (letters where no text is written)");
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let colored = |pane: &Pane<'_>| {
        pane.shows("Permesso · Ada");
        pane.shows("●");
        // Green, as tmux writes the second of the terminal's own colours.
        let looks = pane.screen_with_looks();
        ["[32m", ";32m", "38;5;2m"].iter().any(|green| looks.contains(green))
    };
    let with = tmux.run("with", USUAL, &[ENGLISH], &world.host("chat", "Ada", 1));
    assert!(colored(&with));
    with.types("q");
    assert_eq!(with.ends(), 0);
    let without = tmux.run("without", USUAL, &[ENGLISH, ("NO_COLOR", "1")], &world.host("chat", "Ada", 1));
    assert!(!colored(&without));
}

#[test]
fn the_screen_follows_the_size_of_the_terminal_and_goes_on_while_a_search_runs() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    befriend(&world);
    let pane = tmux.run("ada", (200, 60), &[ENGLISH], &world.host("chat", "Ada", 1));
    pane.shows("Choose somebody on the left.");
    pane.resize(SMALL);
    pane.until("one pane", |screen| !screen.contains("Choose somebody") && screen.contains("Grace"));
    pane.types("f");
    pane.shows("Find people");
    pane.types("nobody");
    pane.presses("Enter");
    pane.shows("Looking…");
    pane.presses("Escape");
    pane.shows("Friends (1)");
    pane.resize((200, 60));
    pane.types("m");
    pane.shows("My code");
    pane.shows("▄");
    pane.presses("F1");
    pane.shows("Where a message is");
}

#[test]
fn a_home_in_use_is_said_after_the_terminal_is_given_back() {
    let Some(tmux) = Tmux::start() else { return };
    let world = World::new();
    let first = tmux.run("first", USUAL, &[ENGLISH], &world.host("chat", "Ada", 1));
    first.shows("Permesso · Ada");
    let second = tmux.run("second", USUAL, &[ITALIAN], &world.host("chat", "Ada", 1));
    assert_eq!(second.ends(), 5);
    second.shows("un altro Permesso gira con la stessa cartella");
}
