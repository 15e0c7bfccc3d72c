//! What the Kotlin side makes of it: measured by a program in Kotlin, on a JVM, against the library as it is shipped.

use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::limits::Limits;
use crate::report::{Goal, Row};
use crate::spread::Spread;
use crate::{Outcome, pair};

/// What one run of the program prints; see android/permesso-bench.
#[derive(Clone, Debug, Deserialize)]
struct Figures {
    call_us: f64,
    bare_us: f64,
    events_per_s: f64,
    message_ms: f64,
    open_ms: f64,
}

/// Starts the program once for each folder of `measured`, which keep accounts of 10,000 messages.
///
/// # Errors
/// It fails.
pub fn rows(classpath: &str, measured: &[std::path::PathBuf], limits: &Limits) -> Outcome<Vec<Row>> {
    let mut runs = Vec::new();
    for (number, folder) in measured.iter().enumerate() {
        eprintln!("Kotlin, run {} of {} …", number + 1, measured.len());
        runs.push(run(classpath, folder)?);
    }
    let spread = |figure: fn(&Figures) -> f64| Spread::of(runs.iter().map(figure).collect());
    let ratios = spread(|run| run.call_us / run.bare_us);
    Ok(vec![
        Row::new(
            "kotlin_call_us",
            "a text in, a text out, from Kotlin",
            "µs",
            &spread(|run| run.call_us),
            Goal::AtMost(60.0),
        )
        .beside(spread(|run| run.bare_us).median()),
        Row::new("kotlin_call_ratio", "that beside a bare call of uniffi", "×", &ratios, Goal::AtMost(1.3)),
        Row::new(
            "kotlin_events_per_s",
            "events to Kotlin, 64 at a time",
            "/s",
            &spread(|run| run.events_per_s),
            Goal::AtLeast(300_000.0),
        ),
        Row::new(
            "kotlin_message_p50_ms",
            "one message, sent in Kotlin, until it stands in the other's conversation",
            "ms",
            &spread(|run| run.message_ms),
            Goal::AtMost(2.0),
        )
        .beside(limits.message()),
        Row::new(
            "kotlin_open_10k_ms",
            "open an account of 10,000 messages, from Kotlin",
            "ms",
            &spread(|run| run.open_ms),
            Goal::AtMost(60.0),
        ),
    ])
}

fn run(classpath: &str, folder: &Path) -> Outcome<Figures> {
    let work = tempfile::tempdir_in(folder)?;
    let output = Command::new("java")
        .args(["-Xmx512m", "-cp", classpath, "org.permesso.bench.MainKt"])
        .arg(work.path())
        .arg(pair::home_of_sender(folder))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the program in Kotlin ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
