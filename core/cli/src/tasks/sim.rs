//! `permesso sim`.

use permesso_node::Progress;
use permesso_sim::contacts::{self, Scenario};
use permesso_sim::{Faults, WorldConfig};

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
    }
}

fn world(options: &SimWorldOptions) -> Result<Status, Failure> {
    let report = permesso_sim::run(&config(options));
    match options.json {
        true => printing::json(&report)?,
        false => printing::line(report.to_string().trim_end())?,
    }
    Ok(if report.is_kept() { Status::Done } else { Status::Error })
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
    match options.json {
        true => printing::json(&report)?,
        false => printing::line(&sim::report(language, &report))?,
    }
    Ok(if report.is_kept() { Status::Done } else { Status::Error })
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
    WorldConfig {
        servers: usize::try_from(options.servers).unwrap_or(usize::MAX),
        small: options.small,
        quiet: options.quiet,
        print: options.print,
        ..WorldConfig::new(hosts, options.minutes, options.seed, faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Task};
    use clap::Parser;

    #[test]
    fn the_command_that_a_report_names_repeats_its_world() {
        let wanted = WorldConfig {
            servers: 2,
            small: true,
            quiet: true,
            ..WorldConfig::new(7, 3, 123, Faults::named("storm").unwrap())
        };
        let command = wanted.command();
        let arguments = command.split_once("-- ").unwrap().1.split(' ');
        let parsed = Arguments::try_parse_from(std::iter::once("permesso").chain(arguments)).unwrap();
        let Some(Task::Sim(SimOptions { kind: SimKind::World(options) })) = parsed.task else { panic!() };
        assert_eq!(config(&options), wanted);
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
