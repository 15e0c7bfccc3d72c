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
    types_it(&pane, "wrong horse");
    assert_eq!(pane.ends(), 6);
    hides_it(&pane.screen());
    pane.shows("questa non è la chiave dei dati");
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
    pane.shows("Frase segreta di ");
    types_it(&pane, "wrong horse");
    assert_eq!(pane.ends(), 6);
    pane.shows("questa non è la chiave dei dati");
}

#[test]
fn without_a_terminal_nobody_is_asked_and_the_error_says_how_to_give_it() {
    let world = locked();
    let says = run_to_error(6, &mut world.host("whoami", "Ada", 1));
    assert!(says.contains("--passphrase-file, PERMESSO_PASSPHRASE"), "{says}");
    let mut offline: Command = world.offline(&["config", "set", "host.alias", "Eve"], "Ada");
    run_to_error(6, &mut offline);
}
