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

/// 95 of 100 frames of a scrolled conversation of 10,000 messages are drawn in so many milliseconds, by density.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Frames {
    density_1: f64,
    density_2: f64,
    density_3: f64,
}

/// Scrolls a conversation so many times.
///
/// # Errors
/// The program in Kotlin fails.
pub fn frames(classpath: &str, runs: u8) -> Outcome<Vec<Row>> {
    let mut measured = Vec::new();
    for number in 1..=runs {
        eprintln!("a conversation is scrolled, run {number} of {runs} …");
        let figures = started("org.permesso.bench.Frames", classpath, &[])?;
        measured.push(serde_json::from_slice::<Frames>(&figures)?);
    }
    let row = |name: &str, what: &'static str, figure: fn(&Frames) -> f64, goal| {
        Row::new(name, what, "ms", &Spread::of(measured.iter().map(figure).collect()), goal)
    };
    let what = "a frame of a scrolled conversation of 10,000 messages, 95 of 100, 360×640 dp, density 1";
    Ok(vec![
        row("screen_frame_p95_ms", what, |run| run.density_1, Goal::AtMost(8.0)),
        row("screen_frame_p95_ms_density_2", "the same at density 2", |run| run.density_2, Goal::AtMost(16.0)),
        row("screen_frame_p95_ms_density_3", "the same at density 3", |run| run.density_3, Goal::Stated),
    ])
}

/// What a program in Kotlin prints.
fn started(main: &str, classpath: &str, arguments: &[&Path]) -> Outcome<Vec<u8>> {
    // Frames are drawn by the processor, on no screen.
    let options = ["-Xmx512m", "-Djava.awt.headless=true", "-Dskiko.renderApi=SOFTWARE", "-cp", classpath, main];
    let output = Command::new("java").args(options).args(arguments).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the program in Kotlin ended with {}", output.status).into());
    }
    Ok(output.stdout)
}

fn run(classpath: &str, folder: &Path) -> Outcome<Figures> {
    let work = tempfile::tempdir_in(folder)?;
    let printed = started("org.permesso.bench.MainKt", classpath, &[work.path(), &pair::home_of_sender(folder)])?;
    Ok(serde_json::from_slice(&printed)?)
}
