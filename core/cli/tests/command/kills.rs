//! A server that is killed while it works. `cargo xtask bench` does the same five hundred times.

use std::path::Path;

use permesso_bench::server::{KILLS_QUICK, kills};

#[test]
fn of_a_server_killed_a_hundred_times_nothing_is_lost_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let result = kills::kills(Path::new(env!("CARGO_BIN_EXE_permesso")), folder.path(), KILLS_QUICK).unwrap();
    assert_eq!((result.kills, result.lost), (KILLS_QUICK, 0), "{result:?}");
    // Else the server was killed before anything was under way.
    assert!(result.acknowledged > 10 * KILLS_QUICK && result.collected > 10 * KILLS_QUICK, "{result:?}");
}
