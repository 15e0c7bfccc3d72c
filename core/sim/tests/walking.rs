//! Hosts that walk: who reaches whom follows from where they are.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use permesso_sim::{Faults, WorldConfig, run};

fn world(faults: Faults) -> WorldConfig {
    WorldConfig::walking("clustered:25:400m:2".parse().unwrap(), 6, 5, faults)
}

#[test]
fn people_who_walk_out_of_reach_and_back_talk_and_keep_every_promise() {
    let report = run(&world(Faults::calm()));
    assert!(report.is_kept(), "{report}");
    assert!(report.faults_seen.get("walked out of reach").is_some_and(|times| *times > 10), "{report}");
    assert!(report.received > 100 && report.received < report.sent, "{report}");
    assert!(report.in_reach > 1.0 && report.in_reach < 20.0, "{}", report.in_reach);
}

#[test]
fn people_who_walk_keep_every_promise_though_everything_goes_wrong_at_once() {
    let report = run(&world(Faults::storm()));
    assert!(report.is_kept(), "{report}");
    assert!(report.received > 0, "{report}");
}
