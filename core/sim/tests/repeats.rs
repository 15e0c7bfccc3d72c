//! One seed, one course: in one process and in another.
//!
//! Olm draws keys of its own, so that ids and ciphertexts differ from run to run, and with them the length of a stamp now and
//! then. `cargo xtask test` builds this test once more with all randomness from the seed (`--cfg getrandom_backend="custom"`,
//! never the product): then every byte that leaves a host is the same too.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::process::Command;

use permesso_sim::{Report, run, world_of};

/// In the environment of the other process: the seed whose course it is to print.
const ALONE: &str = "PERMESSO_COURSE_OF";
/// A calm world, one with losses, and two storms.
const SEEDS: [u64; 4] = [0, 1, 2, 3];

/// What of a world must be the same each time.
fn course(seed: u64) -> String {
    // On a thread of its own: the generator of a thread goes on where the last world has left it.
    let report = std::thread::spawn(move || {
        #[cfg(getrandom_backend = "custom")]
        randomness::begin(seed);
        run(&world_of(seed))
    });
    let report = report.join().unwrap();
    let Report { steps, virtual_ms, sent, received, delivered, decisions, bytes, .. } = report;
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
    for seed in SEEDS {
        let here = course(seed);
        assert_eq!(here, course(seed));
        assert_eq!(here, course_elsewhere(seed));
        all.insert(here);
    }
    assert_eq!(all.len(), SEEDS.len(), "another seed is another course");
}

/// Randomness of the operating system, for those who take no generator: here it follows from the seed.
#[cfg(getrandom_backend = "custom")]
mod randomness {
    use std::cell::RefCell;

    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    thread_local! {
        static CHANCE: RefCell<Option<ChaCha20Rng>> = const { RefCell::new(None) };
    }

    /// What this thread draws from now on follows from `seed`.
    pub(super) fn begin(seed: u64) {
        CHANCE.set(Some(ChaCha20Rng::seed_from_u64(seed)));
    }

    /// What the crate `getrandom` calls.
    #[allow(unsafe_code, reason = "the only way to put one's own source in the place of the system's")]
    #[unsafe(no_mangle)]
    unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, length: usize) -> Result<(), getrandom::Error> {
        // SAFETY: getrandom gives a buffer of that length, which may not be written yet: so it is, before it is borrowed.
        let buffer = unsafe {
            std::ptr::write_bytes(to, 0, length);
            std::slice::from_raw_parts_mut(to, length)
        };
        CHANCE.with_borrow_mut(|chance| match chance {
            Some(chance) => {
                chance.fill_bytes(buffer);
                Ok(())
            }
            None => Err(getrandom::Error::UNSUPPORTED),
        })
    }
}
