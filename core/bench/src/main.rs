//! `permesso-bench`: measures, and prints a table or JSON. `cargo xtask bench` builds and runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use permesso_bench::limits::Limits;
use permesso_bench::report::{Goal, HEAD, Row};
use permesso_bench::spread::Spread;
use permesso_bench::{Outcome, account, air, crowd, flood, kotlin, pair, played_a_part, runtime, server};
use serde::Serialize;

/// How fast Permesso is, beside what this machine can do.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    version,
    after_help = "Exit status: 0 if every goal is met, 3 if one is not, 1 if something went wrong."
)]
struct Arguments {
    /// Print a JSON object: `limits` and `rows`
    #[arg(long)]
    json: bool,
    /// How many runs each figure is the median of
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=100))]
    runs: u8,
    /// Leave out what takes minutes: cells of a thousand hosts, a million envelopes, and most of the kills
    #[arg(long)]
    quick: bool,
    /// Measure a persistent server alone
    #[arg(long)]
    server: bool,
    /// Measure simulated radio cells alone
    #[arg(long, conflicts_with = "server")]
    air: bool,
    /// Measure the library for phones alone: its size, its memory, and what Kotlin makes of it
    #[arg(long, conflicts_with_all = ["server", "air"])]
    door: bool,
    /// The library for phones as it is shipped, stripped
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// Where a JVM finds the program that measures in Kotlin; without it that is left out
    #[arg(long, value_name = "CLASSPATH")]
    kotlin: Option<String>,
    /// How often a server is killed; 0 leaves that out [default: 500, with --quick 100]
    #[arg(long, value_name = "N")]
    kills: Option<u64>,
    /// Measure on the disk of this folder [default: the folder of the program]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    /// In milliseconds.
    limits: BTreeMap<&'static str, f64>,
    rows: &'a [Row],
}

fn main() -> ExitCode {
    match played_a_part() {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => {}
        Err(error) => return fail(&error.to_string()),
    }
    match bench(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(error: &str) -> ExitCode {
    eprintln!("bench: {error}");
    ExitCode::FAILURE
}

/// Measures and prints everything; whether every goal is met.
fn bench(arguments: &Arguments) -> Outcome<bool> {
    let parent = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => std::env::current_exe()?.parent().unwrap_or(Path::new(".")).to_owned(),
    };
    let folder = tempfile::tempdir_in(parent)?;
    eprintln!("measuring this machine …");
    let limits = Limits::measure(folder.path())?;
    let mut rows = Vec::new();
    let everything = !arguments.air && !arguments.server && !arguments.door;
    if everything || arguments.server {
        rows.extend(server::rows(folder.path(), arguments.runs, arguments.quick, arguments.kills)?);
    }
    if everything || arguments.door {
        rows.extend(messages(folder.path(), arguments.runs, &limits)?);
        rows.extend(door(folder.path(), arguments, &limits)?);
    }
    if everything {
        rows.extend(flooded(folder.path(), arguments.runs)?);
    }
    if everything || arguments.air {
        rows.extend(idle(arguments.quick));
        rows.extend(control(arguments.quick)?);
    }
    if everything {
        rows.extend(steps(arguments.runs)?);
    }
    let named = [
        ("fsync_ms", limits.fsync),
        ("round_trip_ms", limits.round_trip),
        ("commit_ms", limits.commit),
        ("sign_ms", limits.sign),
    ];
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&Report { limits: named.into(), rows: &rows })?);
    } else {
        print(&rows, &named);
    }
    Ok(rows.iter().all(|row| row.met != Some(false)))
}

fn print(rows: &[Row], limits: &[(&str, f64)]) {
    println!("{HEAD}");
    for row in rows {
        println!("{row}");
    }
    let limits: Vec<String> = limits.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
    println!("\nThis machine: {}", limits.join(", "));
}

fn messages(folder: &Path, runs: u8, limits: &Limits) -> Outcome<Vec<Row>> {
    let (mut single, mut pipelined, mut first) = (Vec::new(), Vec::new(), Vec::new());
    let (mut open, mut resident, mut search, mut read) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 1..=runs {
        eprintln!("two processes, run {run} of {runs} …");
        let folder = measured_in(folder, run);
        let measured = runtime()?.block_on(pair::measure(&folder, true))?;
        single.push(measured.single.median());
        pipelined.push(measured.pipelined);
        first.push(measured.first.median());
        let visit = account::measure(&folder)?;
        if visit.messages != 10_000 {
            return Err(format!("the account has {} messages, not 10,000", visit.messages).into());
        }
        open.push(visit.open_ms);
        resident.push(visit.resident_mb);
        search.push(visit.search_ms);
        read.push(account::file_read_ms(&folder)?);
    }
    let read = Spread::of(read).median();
    let row = |name: &str, what, unit, values, goal| Row::new(name, what, unit, &Spread::of(values), goal);
    Ok(vec![
        row(
            "message_delivered_p50_ms",
            "one message, API to API, two processes, to \"delivered\"",
            "ms",
            single,
            Goal::AtMost(1.0),
        )
        .beside(limits.message())
        .at_most_times(3.0),
        row("pipelined_messages_per_s", "the same, pipelined", "/s", pipelined, Goal::AtLeast(10_000.0)),
        row("first_message_ms", "first message over a new link", "ms", first, Goal::AtMost(10.0))
            .beside(limits.message()),
        row("open_10k_ms", "open an account of 10,000 messages", "ms", open, Goal::AtMost(50.0)).beside(read),
        row("open_10k_rss_mb", "memory resident then", "MB", resident, Goal::AtMost(25.0)),
        row("search_10k_ms", "look through 10,000 messages", "ms", search, Goal::AtMost(50.0)).beside(read),
    ])
}

fn flooded(folder: &Path, runs: u8) -> Outcome<[Row; 4]> {
    let mut measured = Vec::new();
    for run in 1..=runs {
        eprintln!("a flood of invented hosts, run {run} of {runs} …");
        measured.push(runtime()?.block_on(flood::measure(&folder.join(format!("flood-{run}"))))?);
    }
    let row = |name: &str, what, unit, value: fn(&flood::Flooded) -> f64| {
        Row::new(name, what, unit, &Spread::of(measured.iter().map(value).collect()), Goal::Stated)
    };
    Ok([
        row("flood_joins_per_s", "JOINs of invented hosts sent to a host, by 250 addresses", "/s", |it| it.per_second),
        row("flood_cpu_percent", "what they cost it, of one processor", "%", |it| it.cpu_percent),
        row("flood_rss_more_mb", "memory it has more at the most", "MB", |it| it.resident_more_mb),
        row("flood_message_p50_ms", "a friend's message meanwhile, to \"delivered\"", "ms", |it| it.message.median()),
    ])
}

/// Where run number `run` was measured.
fn measured_in(folder: &Path, run: u8) -> PathBuf {
    folder.join(format!("run-{run}"))
}

/// The library for phones; in the folders of the runs are accounts of 10,000 messages.
fn door(folder: &Path, arguments: &Arguments, limits: &Limits) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    if let Some(library) = &arguments.library {
        let size = Spread::of(vec![std::fs::metadata(library)?.len() as f64 / 1e6]);
        rows.push(Row::new("library_stripped_mb", "the library for phones", "MB", &size, Goal::AtMost(5.0)));
    }
    eprintln!("a host with 100 friends …");
    runtime()?.block_on(crowd::make(folder))?;
    let added: Outcome<Vec<f64>> = (0..arguments.runs).map(|_| crowd::measure(folder)).collect();
    let what = "memory an idle host with 100 friends adds";
    rows.push(Row::new("core_idle_rss_mb", what, "MB", &Spread::of(added?), Goal::AtMost(25.0)));
    match &arguments.kotlin {
        Some(classpath) => {
            let folders: Vec<PathBuf> = (1..=arguments.runs).map(|run| measured_in(folder, run)).collect();
            rows.extend(kotlin::rows(classpath, &folders, limits)?);
            rows.extend(kotlin::frames(classpath, arguments.runs)?);
        }
        None => eprintln!("SKIPPED: what Kotlin makes of it, for no program in Kotlin was built"),
    }
    Ok(rows)
}

fn idle(quick: bool) -> Vec<Row> {
    let sizes: &[usize] = if quick { &[10, 100] } else { &[10, 100, 1_000] };
    let mut rows = Vec::new();
    for hosts in sizes {
        for (servers, suffix, what) in
            [(0, "", "idle hosts in one 6 Mbit/s cell"), (2, "_two_servers", "the same, two of them servers")]
        {
            eprintln!("{hosts} idle hosts, {servers} of them servers …");
            let idle = air::idle(*hosts, servers);
            tell(&idle);
            let one = |value| Spread::of(vec![value]);
            let (airtime, bytes) = (one(idle.airtime_percent), one(idle.bytes_per_host_hour));
            let name = format!("idle_airtime_percent_{hosts}{suffix}");
            rows.push(Row::new(name, what, "%", &airtime, Goal::AtMost(2.0)));
            let name = format!("idle_bytes_per_host_hour_{hosts}{suffix}");
            rows.push(Row::new(name, "the same, without headers", "B", &bytes, Goal::Stated));
        }
    }
    rows
}

/// What hosts say that have mail for who is away, and carry it for each other: every tenth waits for somebody.
fn control(quick: bool) -> Outcome<Vec<Row>> {
    let sizes: &[usize] = if quick { &[100] } else { &[100, 1_000] };
    let mut rows = Vec::new();
    for hosts in sizes {
        eprintln!("{hosts} hosts that carry mail …");
        let control = air::control(*hosts, hosts / 20)?;
        tell(&control);
        let one = |value| Spread::of(vec![value]);
        let (airtime, bytes) = (one(control.airtime_percent), one(control.bytes_per_host_hour));
        let name = format!("control_airtime_percent_{hosts}");
        rows.push(Row::new(name, "beacons and control in one 6 Mbit/s cell", "%", &airtime, Goal::AtMost(2.0)));
        let name = format!("control_bytes_per_host_hour_{hosts}");
        rows.push(Row::new(name, "the same, without headers", "B", &bytes, Goal::Stated));
    }
    Ok(rows)
}

fn tell(cost: &air::Cost) {
    let greatest = cost.kinds.iter().take(8).map(|(kind, part)| format!("{kind} {part:.3} %"));
    let (percent, carried, links) = (cost.airtime_percent, cost.carried, cost.links);
    eprintln!("  {percent:.3} % of the air, {carried} copies carried, {links} links");
    eprintln!("  {}", greatest.collect::<Vec<_>>().join(", "));
}

fn steps(runs: u8) -> Outcome<[Row; 2]> {
    eprintln!("the simulator …");
    let rates: Result<Vec<f64>, String> = (1..=u64::from(runs)).map(air::steps_per_second).collect();
    let rates = rates?;
    let costs = rates.iter().map(|rate| 1e6 / rate).collect();
    let what = "simulated steps, promises checked after each";
    Ok([
        Row::new("sim_steps_per_s", what, "/s", &Spread::of(rates), Goal::Stated),
        Row::new("sim_step_us", "what one of them costs", "µs", &Spread::of(costs), Goal::Stated),
    ])
}
