//! Whole worlds from seeds. `PERMESSO_SEED=n` runs one seed alone and prints what happens; `PERMESSO_SEEDS=n` runs the
//! seeds below n.

use std::sync::atomic::{AtomicU64, Ordering};

use permesso_sim::{Faults, Promise, Report, WorldConfig, run};

/// How many seeds a test run goes through.
const SEEDS: u64 = 120;

/// What goes wrong in them, each at least once.
const FAULTS: &[&str] = &[
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
    "clock jump",
    "crash",
    "datagram damaged",
    "datagram doubled",
    "datagram late",
    "datagram lost",
    "dial lost",
    "leave",
    "link lost",
    "partition",
    "power off",
    "roam",
    "sleep",
];

/// The world of a seed: its size and its faults follow from it.
fn world(seed: u64) -> WorldConfig {
    let faults = match seed % 4 {
        0 => Faults::calm(),
        1 => Faults::lossy(),
        _ => Faults::storm(),
    };
    let hosts = 2 + (seed % 4) as usize;
    WorldConfig {
        small: seed.is_multiple_of(3),
        quiet: seed.is_multiple_of(20),
        ..WorldConfig::new(hosts, 8, seed, faults)
    }
}

fn run_all(seeds: std::ops::Range<u64>) -> Vec<Report> {
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let work = || {
        let mut reports = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return reports;
            }
            reports.push(run(&world(seed)));
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[test]
fn a_hundred_seeds_keep_every_promise() {
    if let Some(seed) = std::env::var("PERMESSO_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let report = run(&WorldConfig { print: true, ..world(seed) });
        println!("{report}");
        assert!(report.is_kept());
        return;
    }
    let seeds = std::env::var("PERMESSO_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let reports = run_all(0..seeds);
    assert_eq!(reports.len() as u64, seeds);
    for promise in Promise::ALL {
        let times: u64 = reports.iter().filter_map(|report| report.promises.get(promise.name())).sum();
        println!("{:25} put to the test {times} times", promise.name());
        assert!(times > 0, "{promise:?} was never put to the test");
    }
    for fault in FAULTS.iter().filter(|_| seeds >= SEEDS) {
        let times: u64 = reports.iter().filter_map(|report| report.faults_seen.get(fault)).sum();
        assert!(times > 0, "\"{fault}\" never happened");
    }
    let broken: Vec<&Report> = reports.iter().filter(|report| !report.is_kept()).collect();
    for report in &broken {
        println!("seed {:3}: {}", report.seed, report.violations[0]);
    }
    if let Some(report) = broken.iter().min_by_key(|report| report.steps) {
        panic!("the shortest of {} broken worlds:\n{report}\nor: PERMESSO_SEED={}", broken.len(), report.seed);
    }
}

#[test]
fn one_seed_decides_the_same_twice() {
    for seed in [1, 2, 3] {
        let (first, second) = (run(&world(seed)), run(&world(seed)));
        assert_eq!(first.decisions, second.decisions, "seed {seed}");
        assert_eq!(first.events, second.events, "seed {seed}");
        assert_eq!(first.faults_seen, second.faults_seen, "seed {seed}");
    }
}
