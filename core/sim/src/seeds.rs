//! The worlds of whole runs: each seed decides on the size of its world and on what goes wrong in it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::WorldConfig;
use crate::faults::Faults;
use crate::report::Report;
use crate::story::run;

/// Everything that goes wrong in the worlds of a long enough run, what careless users do, and what carriers and servers have to
/// do there, by the names under which reports count it.
pub const FAULTS: [&str; 82] = [
    "address change",
    "adversary: LEAVE in another's name",
    "adversary: beacon made a LEAVE",
    "adversary: changed byte",
    "adversary: changed frame",
    "adversary: frame replayed",
    "adversary: leaves a link",
    "adversary: link",
    "adversary: made-up WANT",
    "adversary: made-up proofs",
    "adversary: noise",
    "adversary: noise on a link",
    "adversary: packet of a stranger",
    "adversary: replay",
    "adversary: two packets spliced",
    "alias change",
    "clock jump",
    "clock jump by years",
    "code scanned",
    "crash",
    "crash after outputs",
    "crash before durable",
    "crash before told",
    "custody: carrier delivers",
    "custody: carrier takes",
    "custody: server delivers",
    "custody: server takes",
    "datagram damaged",
    "datagram doubled",
    "datagram late",
    "datagram lost",
    "dial lost",
    "full disk",
    "insider: ask id used again",
    "insider: asks again",
    "insider: beacon of a server",
    "insider: best raised",
    "insider: boasts of free memory",
    "insider: code photographed",
    "insider: copies raised",
    "insider: false server",
    "insider: field changed",
    "insider: flood",
    "insider: foreign proofs",
    "insider: lifetime raised",
    "insider: lower ask id",
    "insider: made-up token",
    "insider: re-sealed under a known key",
    "insider: reorder",
    "insider: replay",
    "insider: request re-sealed to a third",
    "insider: reset",
    "insider: silence",
    "interface down",
    "leave",
    "link lost",
    "old database",
    "partition",
    "poison: empty text",
    "poison: id of another message",
    "poison: impossible parents",
    "poison: noise",
    "poison: text too long",
    "poison: too many parents",
    "poison: too many read",
    "poison: trailing byte",
    "poison: unknown kind",
    "poison: unknown messages read",
    "power off",
    "reinstall",
    "roam",
    "second interface down",
    "several interfaces",
    "sleep",
    "user: blocks",
    "user: changes a limit",
    "user: changes carrying",
    "user: changes read receipts",
    "user: changes visibility",
    "user: scans a code",
    "user: sends a failed message again",
    "user: unblocks",
];

/// The world of a seed: its size and its faults follow from it.
pub fn world_of(seed: u64) -> WorldConfig {
    let faults = match seed % 4 {
        0 => Faults::calm(),
        1 => Faults::lossy(),
        _ => Faults::storm(),
    };
    // In two worlds of five there are servers.
    let servers = match seed % 5 {
        1 => 1,
        3 => 2,
        _ => 0,
    };
    let hosts = 2 + (seed % 4) as usize + servers;
    WorldConfig {
        servers,
        small: seed.is_multiple_of(3),
        quiet: seed.is_multiple_of(20),
        ..WorldConfig::new(hosts, MINUTES, seed, faults)
    }
}

/// For how many virtual minutes users and faults are at work in these worlds.
const MINUTES: u64 = 8;

/// Runs the worlds of these seeds, as many at once as the machine has processors, and gives each report to `each` as soon
/// as it is there, in no particular order.
pub fn run_all(seeds: std::ops::Range<u64>, each: impl Fn(Report) + Sync) {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            each(run(&world_of(seed)));
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
}
