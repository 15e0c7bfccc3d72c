//! One seed, one course: in one process and in another.
//!
//! Olm draws keys of its own, so that ids and ciphertexts differ from run to run, and with them in a storm now and then (one run of ten
//! to twenty) what happens: the two storms are therefore left to the build in which `cargo xtask test` takes all randomness from the
//! seed (src/randomness.rs). There every byte that leaves a host is the same too, and one seed takes one course always.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::process::Command;

use permesso_sim::{Report, run, world_of};

/// In the environment of the other process: the seed whose course it is to print.
const ALONE: &str = "PERMESSO_COURSE_OF";
/// A calm world, one with losses, and where Olm's keys are the seed's too, two storms.
const SEEDS: &[u64] = if cfg!(getrandom_backend = "custom") { &[0, 1, 2, 3] } else { &[0, 1] };

/// What of a world must be the same each time.
fn course(seed: u64) -> String {
    let Report { steps, virtual_ms, sent, received, delivered, decisions, bytes, .. } = run(&world_of(seed));
    let bytes = if cfg!(getrandom_backend = "custom") { bytes } else { String::new() };
    format!("course of {seed}: {steps} {virtual_ms} {sent} {received} {delivered} {decisions:016x} {bytes}.")
}

fn course_elsewhere(seed: u64) -> String {
    let mut other = Command::new(std::env::current_exe().unwrap());
    let output = other.args(["--exact", "one_seed_takes_one_course_here_and_in_another_process", "--nocapture"]);
    let output = output.env(ALONE, seed.to_string()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let from = text.find("course of").unwrap_or_else(|| panic!("{text}"));
    text[from..].lines().next().unwrap().to_owned()
}

#[test]
fn one_seed_takes_one_course_here_and_in_another_process() {
    if let Some(seed) = std::env::var(ALONE).ok().and_then(|seed| seed.parse().ok()) {
        return println!("{}", course(seed));
    }
    let mut all = std::collections::BTreeSet::new();
    for &seed in SEEDS {
        let here = course(seed);
        assert_eq!(here, course(seed));
        assert_eq!(here, course_elsewhere(seed));
        all.insert(here);
    }
    assert_eq!(all.len(), SEEDS.len(), "another seed is another course");
}
