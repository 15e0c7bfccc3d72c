//! How fast is a message? Two processes on this machine, each a whole host with a database on disk and an encrypted link:
//!
//! ```text
//! cargo run --release --example ping
//! ```
//!
//! Beside it stand this machine's own limits, measured in the same run. The databases lie beside the program, on a real
//! disk; another folder can be given as an argument. `cargo xtask bench` measures more.

use std::path::{Path, PathBuf};

use permesso_bench::limits::Limits;
use permesso_bench::{Outcome, pair, played_a_part, runtime};

fn main() -> Outcome<()> {
    if played_a_part()? {
        return Ok(());
    }
    let parent = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_exe()?.parent().unwrap_or(Path::new(".")).to_owned(),
    };
    let folder = tempfile::tempdir_in(parent)?;
    let limits = Limits::measure(folder.path())?;
    let measured = runtime()?.block_on(pair::measure(folder.path(), false))?;
    let row = |what: &str, value: String| println!("{what:<58} {value:>12}");
    row("one message, send to delivered, two processes, p50", format!("{:.3} ms", measured.single.median()));
    row("the same, p90", format!("{:.3} ms", measured.single.at(90)));
    row("messages per second, pipelined, all delivered", format!("{:.0}", measured.pipelined));
    row("this machine: fsync after an append of 1 kB", format!("{:.3} ms", limits.fsync));
    row("this machine: UDP round trip of 200 B on loopback", format!("{:.3} ms", limits.round_trip));
    row("this machine: commit of one row", format!("{:.3} ms", limits.commit));
    row("one message ÷ (2 commits + 1 round trip)", format!("{:.2}", measured.single.median() / limits.message()));
    Ok(())
}
