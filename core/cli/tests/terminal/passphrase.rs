//! The passphrase of a home is asked for where there is a terminal.

use std::process::Command;

use crate::process::{World, run_to, run_to_error};
use crate::tmux::{Pane, Tmux, flowing};

const PASSPHRASE: &str = "correct horse";
const ENGLISH: (&str, &str) = ("LC_ALL", "en_GB.UTF-8");
const ITALIAN: (&str, &str) = ("LC_ALL", "it_IT.UTF-8");
const USUAL: (u16, u16) = (100, 24);

/// A world in which Ada has a home that opens with a passphrase.
fn locked() -> World {
    let world = World::new();
    run_to(0, world.host("whoami", "Ada", 1).env("PERMESSO_PASSPHRASE", PASSPHRASE));
    assert!(!world.home("Ada").join("key").exists());
    world
}

fn types_it(pane: &Pane<'_>, passphrase: &str) {
    pane.types(passphrase);
    pane.presses("Enter");
}

/// Waits until it has asked so many times.
fn asks(pane: &Pane<'_>, words: &str, times: usize) {
    pane.until(&format!("{words} {times}"), |screen| flowing(screen).matches(words).count() == times);
}

/// Types it wrong as often as one may.
fn is_told_thrice_that_it_is_wrong(pane: &Pane<'_>, asked: &str, told: &str) {
    for times in 1..=3 {
        asks(pane, asked, times);
        types_it(pane, "wrong horse");
        pane.until(told, |screen| flowing(screen).matches(told).count() == times);
    }
    assert_eq!(pane.ends(), 6);
    assert_eq!(flowing(&pane.screen()).matches(asked).count(), 3, "{}", pane.screen());
    hides_it(&pane.screen());
}

fn hides_it(screen: &str) {
    assert!(!screen.contains("horse"), "{screen}");
}

#[test]
fn a_command_asks_for_the_passphrase_without_showing_it() {
    let Some(tmux) = Tmux::start() else { return };
    let world = locked();
    let whoami = |name: &str, language, words: &str| {
        let pane = tmux.run(name, USUAL, &[language], &world.host("whoami", "Ada", 1));
        pane.shows(words);
        pane
    };
    let pane = whoami("english", ENGLISH, "Passphrase of ");
    types_it(&pane, PASSPHRASE);
    assert_eq!(pane.ends(), 0);
    hides_it(&pane.screen());
    assert!(flowing(&pane.screen()).contains("permesso:"), "{}", pane.screen());
    let pane = whoami("italian", ITALIAN, "Frase segreta di ");
    is_told_thrice_that_it_is_wrong(&pane, "Frase segreta di ", "questa non è la chiave dei dati");
}

#[test]
fn the_chat_asks_for_the_passphrase_before_it_begins() {
    let Some(tmux) = Tmux::start() else { return };
    let world = locked();
    let chat = |name: &str, language| tmux.run(name, USUAL, &[language], &world.host("chat", "Ada", 1));
    let pane = chat("english", ENGLISH);
    pane.shows("Passphrase of ");
    types_it(&pane, PASSPHRASE);
    hides_it(&pane.shows("Permesso · Ada"));
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
    hides_it(&pane.screen());
    let pane = chat("italian", ITALIAN);
    is_told_thrice_that_it_is_wrong(&pane, "Frase segreta di ", "questa non è la chiave dei dati");
}

#[test]
fn a_passphrase_that_was_mistyped_can_be_typed_again() {
    let Some(tmux) = Tmux::start() else { return };
    let world = locked();
    let pane = tmux.run("chat", USUAL, &[ENGLISH], &world.host("chat", "Ada", 1));
    for (times, (typed, told)) in
        [("", "the passphrase is empty"), ("wrong horse", "is not the key of the data")].into_iter().enumerate()
    {
        asks(&pane, "Passphrase of ", times + 1);
        types_it(&pane, typed);
        pane.shows(told);
    }
    asks(&pane, "Passphrase of ", 3);
    types_it(&pane, PASSPHRASE);
    hides_it(&pane.shows("Permesso · Ada"));
    pane.presses("C-c");
    assert_eq!(pane.ends(), 0);
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_error_says_how_to_give_it() {
    let world = locked();
    let says = run_to_error(6, &mut world.host("whoami", "Ada", 1));
    assert!(says.contains("--passphrase-file, PERMESSO_PASSPHRASE"), "{says}");
    let mut offline: Command = world.offline(&["config", "set", "host.alias", "Eve"], "Ada");
    run_to_error(6, &mut offline);
}
