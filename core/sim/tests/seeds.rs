//! Whole worlds from seeds. `PERMESSO_SEED=n` runs one seed alone and prints what happens; `PERMESSO_SEEDS=n` runs the
//! seeds below n.

use std::sync::Mutex;

use permesso_sim::{FAULTS, Promise, Report, WorldConfig, run, run_all, world_of};

/// So many seeds meet every fault there is.
const ENOUGH: u64 = 300;
/// How many seeds a test run goes through: enough where all randomness is the seed's, and what fails fails again; some where
/// it is the system's, as in the product.
const SEEDS: u64 = if cfg!(getrandom_backend = "custom") { ENOUGH } else { 30 };

#[test]
fn every_seed_keeps_every_promise() {
    if let Some(seed) = std::env::var("PERMESSO_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let report = run(&WorldConfig { print: true, ..world_of(seed) });
        println!("{report}");
        assert!(report.is_kept());
        return;
    }
    let seeds = std::env::var("PERMESSO_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let reports = Mutex::new(Vec::new());
    run_all(0..seeds, |report| reports.lock().unwrap().push(report));
    let reports = reports.into_inner().unwrap();
    assert_eq!(reports.len() as u64, seeds);
    for promise in Promise::ALL {
        let times: u64 = reports.iter().filter_map(|report| report.promises.get(promise.name())).sum();
        println!("{:25} put to the test {times} times", promise.name());
        assert!(times > 0, "{promise:?} was never put to the test");
    }
    for fault in FAULTS.iter().filter(|_| seeds >= ENOUGH) {
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
        let (first, second) = (run(&world_of(seed)), run(&world_of(seed)));
        assert_eq!(first.decisions, second.decisions, "seed {seed}");
        assert_eq!(first.events, second.events, "seed {seed}");
        assert_eq!(first.faults_seen, second.faults_seen, "seed {seed}");
    }
}
