//! `permesso sim`.

use permesso_sim::{Faults, WorldConfig};

use crate::arguments::{SimKind, SimOptions, SimWorldOptions};
use crate::failure::Failure;
use crate::printing;
use crate::status::Status;

/// Runs a world and reports.
pub(crate) fn run(options: &SimOptions) -> Result<Status, Failure> {
    let SimKind::World(world) = &options.kind;
    let report = permesso_sim::run(&config(world));
    match world.json {
        true => printing::json(&report)?,
        false => printing::line(report.to_string().trim_end())?,
    }
    Ok(if report.is_kept() { Status::Done } else { Status::Error })
}

fn config(options: &SimWorldOptions) -> WorldConfig {
    // The command line takes no other names.
    let faults = Faults::named(&options.faults).unwrap_or_else(Faults::calm);
    let hosts = usize::try_from(options.hosts).unwrap_or(usize::MAX);
    WorldConfig {
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
        let wanted =
            WorldConfig { small: true, quiet: true, ..WorldConfig::new(7, 3, 123, Faults::named("storm").unwrap()) };
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
