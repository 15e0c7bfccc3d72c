//! `permesso sim`.

mod growth;
mod plot;

use std::time::Instant;

use permesso_node::Progress;
use permesso_sim::contacts::{self, Scenario, TraceReport};
use permesso_sim::{Faults, Report, WorldConfig};
use plot::{Line, Panel};
use serde::Serialize;

use crate::arguments::{SimKind, SimOptions, SimTraceOptions, SimWorldOptions};
use crate::failure::Failure;
use crate::printing;
use crate::progress::Bar;
use crate::status::Status;
use crate::words::{Language, sim};

/// Runs a world and reports.
pub(crate) fn run(options: &SimOptions, language: Language) -> Result<Status, Failure> {
    match &options.kind {
        SimKind::World(options) => world(options),
        SimKind::Trace(options) => trace(options, language),
        SimKind::Growth(options) => growth::run(options, language),
    }
}

pub(crate) use growth::Growth;

/// A world's report, and what it cost this machine.
#[derive(Serialize)]
struct WorldRun {
    #[serde(flatten)]
    report: Report,
    wall_s: f64,
    /// None where the system does not tell.
    peak_memory_b: Option<u64>,
}

fn world(options: &SimWorldOptions) -> Result<Status, Failure> {
    let begun = Instant::now();
    let report = permesso_sim::run(&config(options));
    let is_kept = report.is_kept();
    match options.json {
        true => {
            let wall_s = begun.elapsed().as_secs_f64();
            printing::json(&WorldRun { report, wall_s, peak_memory_b: peak_memory() })?
        }
        false => printing::line(report.to_string().trim_end())?,
    }
    Ok(if is_kept { Status::Done } else { Status::Error })
}

fn trace(options: &SimTraceOptions, language: Language) -> Result<Status, Failure> {
    let scenario = scenario(options)?;
    let bar = Bar::new(sim::replaying(language));
    let report = contacts::replay(&scenario, &mut |contacts::Progress { done, total }| {
        // Nobody calls it off: a signal ends the process.
        let _ = bar.show(Progress { done, total });
    });
    bar.clear();
    let report = report?;
    if let Some(path) = &options.plot {
        plot::write(path, &panels(language, &report))?;
    }
    match options.json {
        true => printing::json(&report)?,
        false => printing::line(&sim::report(language, &report))?,
    }
    Ok(if report.is_kept() { Status::Done } else { Status::Error })
}

/// The most memory this process has had, in bytes.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// How soon messages arrived, and how many were written, delivered and proved by when.
fn panels(language: Language, report: &TraceReport) -> Vec<Panel> {
    const HOUR: f64 = 3_600.0;
    let all = report.deliveries.len().max(1) as f64;
    let growing = |name: String, mut moments: Vec<f64>, part: f64| {
        moments.sort_by(f64::total_cmp);
        let points = (1_u32..).zip(moments).map(|(count, at)| (at / HOUR, f64::from(count) * part)).collect();
        Line { name, points }
    };
    let moments =
        |of: fn(&contacts::Delivery) -> Option<f64>| -> Vec<f64> { report.deliveries.iter().filter_map(of).collect() };
    let [soon, so_far] = sim::trace_titles(language);
    let [after, at] = sim::trace_across(language);
    let [written, delivered, proved] = sim::trace_lines(language);
    let written_at = moments(|it| Some(it.written_s));
    let delivered_at = moments(|it| Some(it.written_s + it.latency_s?));
    let proved_at = moments(|it| Some(it.written_s + it.proved_after_s?));
    vec![
        Panel {
            title: soon,
            across: after,
            decades: false,
            lines: vec![growing(String::new(), moments(|it| it.latency_s), 100.0 / all)],
        },
        Panel {
            title: so_far,
            across: at,
            decades: false,
            lines: vec![
                growing(written, written_at, 1.0),
                growing(delivered, delivered_at, 1.0),
                growing(proved, proved_at, 1.0),
            ],
        },
    ]
}

/// The scenario of a file, with what the command line says in place of what the file does.
fn scenario(options: &SimTraceOptions) -> Result<Scenario, Failure> {
    let mut scenario = match &options.scenario {
        Some(path) => Scenario::open(path)?,
        None => Scenario::default(),
    };
    for (file, given) in [(&mut scenario.contacts, &options.contacts), (&mut scenario.messages, &options.messages)] {
        if given.is_some() {
            file.clone_from(given);
        }
    }
    if options.world.is_some() {
        (scenario.world, scenario.contacts) = (options.world, None);
    } else if options.contacts.is_some() {
        scenario.world = None;
    }
    scenario.end = options.end.or(scenario.end);
    scenario.seed = options.seed.unwrap_or(scenario.seed);
    Ok(scenario)
}

fn config(options: &SimWorldOptions) -> WorldConfig {
    // The command line takes no other names.
    let faults = Faults::named(&options.faults).unwrap_or_else(Faults::calm);
    let hosts = usize::try_from(options.hosts).unwrap_or(usize::MAX);
    let plain = match options.mobility {
        Some(mobility) => WorldConfig::walking(mobility, options.minutes, options.seed, faults),
        None => WorldConfig::new(hosts, options.minutes, options.seed, faults),
    };
    WorldConfig {
        servers: usize::try_from(options.servers).unwrap_or(usize::MAX),
        small: options.small,
        quiet: options.quiet,
        print: options.print,
        ..plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Task};
    use clap::Parser;

    /// The world of the command that a report of this one names.
    fn repeated(world: &WorldConfig) -> WorldConfig {
        let command = world.command();
        let arguments = command.split_once("-- ").unwrap().1.split(' ');
        let parsed = Arguments::try_parse_from(std::iter::once("permesso").chain(arguments)).unwrap();
        let Some(Task::Sim(SimOptions { kind: SimKind::World(options) })) = parsed.task else { panic!() };
        config(&options)
    }

    #[test]
    fn the_command_that_a_report_names_repeats_its_world() {
        let wanted = WorldConfig {
            servers: 2,
            small: true,
            quiet: true,
            ..WorldConfig::new(7, 3, 123, Faults::named("storm").unwrap())
        };
        assert_eq!(repeated(&wanted), wanted);
    }

    #[test]
    fn the_command_that_a_report_of_walking_hosts_names_repeats_their_world() {
        let mobility = "clustered:30:500m:2".parse().unwrap();
        let wanted = WorldConfig::walking(mobility, 3, 123, Faults::calm());
        assert_eq!(repeated(&wanted), wanted);
    }

    #[test]
    fn every_set_of_faults_has_its_name_on_the_command_line() {
        for name in Faults::NAMES {
            let arguments = ["permesso", "sim", "world", "--faults", name];
            assert!(Arguments::try_parse_from(arguments).is_ok());
        }
        assert!(Arguments::try_parse_from(["permesso", "sim", "world", "--faults", "mild"]).is_err());
    }
}
