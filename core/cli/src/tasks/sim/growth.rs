//! `permesso sim growth`: what a host costs in worlds of more and more hosts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use permesso_sim::contacts::Mobility;
use serde::{Deserialize, Serialize};

use super::plot::{self, Line, Panel};
use crate::arguments::SimGrowthOptions;
use crate::failure::Failure;
use crate::printing;
use crate::status::Status;
use crate::words::{Language, sim};

/// In worlds with clusters people live around one place for each so many hosts: a hamlet, a block, a camp.
const HOSTS_A_CLUSTER: u32 = 25;

/// What a world of one size costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Growth {
    /// As `permesso sim world --mobility` takes it.
    pub(crate) world: String,
    /// How many hosts.
    pub(crate) hosts: u32,
    /// How many a host has in reach, on average at the end.
    pub(crate) in_reach: f64,
    /// Messages stored at their senders.
    pub(crate) messages: u64,
    /// Those of them that arrived, in percent.
    pub(crate) arrived_percent: f64,
    /// What a host sends an hour in beacons and other datagrams, in bytes.
    pub(crate) datagram_bytes_per_host_hour: f64,
    /// What a host sends an hour on links, in bytes.
    pub(crate) link_bytes_per_host_hour: f64,
    /// Time of this machine for a host's minute, in milliseconds.
    pub(crate) ms_per_host_minute: f64,
    /// The process's memory at its largest, by host, in kilobytes.
    pub(crate) memory_kb_per_host: Option<f64>,
    /// Whether every promise was kept.
    pub(crate) kept: bool,
}

/// The part of a world's report that is needed here.
#[derive(Deserialize)]
struct Run {
    virtual_ms: u64,
    sent: u64,
    received: u64,
    in_reach: f64,
    traffic: Vec<BTreeMap<String, Amount>>,
    violations: Vec<serde_json::Value>,
    wall_s: f64,
    peak_memory_b: Option<u64>,
}

#[derive(Deserialize)]
struct Amount {
    bytes: u64,
}

/// Frames on links; everything else is a datagram.
const FRAMES: [&str; 7] = ["CONTROL", "FORWARD", "HELLO", "OFFER", "PROOFS", "RECEIPT", "WANT"];

/// Runs a world of each size in a process of its own, and reports.
pub(super) fn run(options: &SimGrowthOptions, language: Language) -> Result<Status, Failure> {
    let mut rows = Vec::new();
    if !options.json {
        printing::line(&sim::growth_head(language))?;
    }
    for hosts in &options.hosts {
        let world = world(options, *hosts);
        let row = measure(&world, options)?;
        match options.json {
            true => printing::json(&row)?,
            false => printing::line(&sim::growth_row(&row))?,
        }
        rows.push(row);
    }
    if let Some(path) = &options.plot {
        plot::write(path, &panels(language, &rows))?;
    }
    Ok(if rows.iter().all(|row| row.kept) { Status::Done } else { Status::Error })
}

/// A square in which so many hosts are as dense as is wanted.
fn world(options: &SimGrowthOptions, hosts: u32) -> Mobility {
    let side = 1_000.0 * (f64::from(hosts) / f64::from(options.density)).sqrt();
    let clusters = if options.clustered { hosts.div_ceil(HOSTS_A_CLUSTER) } else { 0 };
    Mobility { hosts, side_m: side.clamp(100.0, 100_000.0) as u32, clusters }
}

fn measure(world: &Mobility, options: &SimGrowthOptions) -> Result<Growth, Failure> {
    let program = std::env::current_exe().map_err(Failure::unusable(Path::new("permesso")))?;
    let mut command = Command::new(&program);
    command.args(["sim", "world", "--faults", "calm", "--json", "--mobility", &world.to_string()]);
    command.args(["--minutes", &options.minutes.to_string(), "--seed", &options.seed.to_string()]);
    let output = command.stderr(Stdio::inherit()).output().map_err(Failure::unusable(&program))?;
    let run: Run = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::unusable(&program)(std::io::Error::other(error)))?;
    Ok(growth(world, &run))
}

fn growth(world: &Mobility, run: &Run) -> Growth {
    let hosts = f64::from(world.hosts);
    let hours = run.virtual_ms as f64 / 3_600_000.0;
    let bytes = |of_links: bool| {
        let all = run.traffic.iter().flatten();
        let wanted = all.filter(|(kind, _)| FRAMES.contains(&kind.as_str()) == of_links);
        wanted.map(|(_, amount)| amount.bytes).sum::<u64>() as f64 / hosts / hours
    };
    Growth {
        world: world.to_string(),
        hosts: world.hosts,
        in_reach: run.in_reach,
        messages: run.sent,
        arrived_percent: if run.sent == 0 { 100.0 } else { 100.0 * run.received as f64 / run.sent as f64 },
        datagram_bytes_per_host_hour: bytes(false),
        link_bytes_per_host_hour: bytes(true),
        ms_per_host_minute: run.wall_s * 1_000.0 / hosts / (hours * 60.0),
        memory_kb_per_host: run.peak_memory_b.map(|bytes| bytes as f64 / 1_000.0 / hosts),
        kept: run.violations.is_empty(),
    }
}

fn panels(language: Language, rows: &[Growth]) -> Vec<Panel> {
    let line = |name: String, of: fn(&Growth) -> Option<f64>| Line {
        name,
        points: rows.iter().filter_map(|row| Some((f64::from(row.hosts), of(row)?))).collect(),
    };
    let panel =
        |title: String, lines: Vec<Line>| Panel { title, across: sim::growth_hosts(language), decades: true, lines };
    let [bytes, time, memory] = sim::growth_titles(language);
    let [datagrams, links] = sim::growth_lines(language);
    vec![
        panel(
            bytes,
            vec![
                line(datagrams, |row| Some(row.datagram_bytes_per_host_hour / 1_000.0)),
                line(links, |row| Some(row.link_bytes_per_host_hour / 1_000.0)),
            ],
        ),
        panel(time, vec![line(String::new(), |row| Some(row.ms_per_host_minute))]),
        panel(memory, vec![line(String::new(), |row| row.memory_kb_per_host)]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_costs_is_what_all_cost_divided_by_hosts_and_time() {
        let world: Mobility = "waypoint:10:1km".parse().unwrap();
        let host = |datagrams, frames| {
            BTreeMap::from([
                ("HOST_ONLINE".to_owned(), Amount { bytes: datagrams }),
                ("FORWARD".to_owned(), Amount { bytes: frames }),
            ])
        };
        let run = Run {
            virtual_ms: 1_800_000,
            sent: 4,
            received: 3,
            in_reach: 2.5,
            traffic: vec![host(1_000, 50), host(4_000, 0)],
            violations: Vec::new(),
            wall_s: 3.0,
            peak_memory_b: Some(20_000_000),
        };
        let row = growth(&world, &run);
        assert_eq!((row.datagram_bytes_per_host_hour, row.link_bytes_per_host_hour), (1_000.0, 10.0));
        assert_eq!((row.ms_per_host_minute, row.memory_kb_per_host), (10.0, Some(2_000.0)));
        assert_eq!((row.arrived_percent, row.kept), (75.0, true));
        let drawn = panels(Language::English, &[row]);
        assert_eq!(drawn.iter().map(|panel| panel.lines.len()).collect::<Vec<_>>(), [2, 1, 1]);
    }
}
