//! The randomness of those who take no generator (Olm's keys) follows from the seed too, in a build with
//! `--cfg getrandom_backend="custom"`. `cargo xtask test` and `cargo xtask soak` make one; the product never does.

use std::cell::RefCell;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

thread_local! {
    static CHANCE: RefCell<Option<ChaCha20Rng>> = const { RefCell::new(None) };
}

/// Calls `work` on a thread of its own whose randomness follows from `seed`: generators that live as long as their thread
/// would go on where the last world has left them.
pub(crate) fn seeded<T: Send>(seed: u64, work: impl FnOnce() -> T + Send) -> T {
    let begin = || {
        CHANCE.set(Some(ChaCha20Rng::seed_from_u64(seed)));
        work()
    };
    let ended = std::thread::scope(|scope| scope.spawn(begin).join());
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What the crate `getrandom` calls. A thread without a seed draws from one fixed for all: nothing there is to be secret.
#[allow(unsafe_code, reason = "the only way to put one's own source in the place of the system's")]
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    // SAFETY: getrandom gives a buffer of that length, which may not be written yet: so it is, before it is borrowed.
    let buffer = unsafe {
        std::ptr::write_bytes(to, 0, length);
        std::slice::from_raw_parts_mut(to, length)
    };
    CHANCE.with_borrow_mut(|chance| chance.get_or_insert_with(|| ChaCha20Rng::seed_from_u64(0)).fill_bytes(buffer));
    Ok(())
}
