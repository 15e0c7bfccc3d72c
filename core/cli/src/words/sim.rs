//! The simulator.

use permesso_sim::Promise;
use permesso_sim::contacts::{Problem, TraceError, TraceReport};

use super::{Language, say};
use crate::tasks::sim::Growth;

/// Beside the bar.
pub(crate) fn replaying(language: Language) -> String {
    say!(language, "sim-replaying")
}

/// Why a contact trace cannot be replayed.
pub(crate) fn error(language: Language, error: &TraceError) -> String {
    match error {
        TraceError::Unreadable { path, source } => {
            say!(language, "failure-unusable", path = path.display().to_string(), why = source.to_string())
        }
        TraceError::Line { path, line, problem } => {
            let (path, expected) = (path.display().to_string(), expected(language, *problem));
            say!(language, "sim-line", path, line, expected)
        }
        TraceError::Scenario { path, reason } => {
            say!(language, "sim-scenario", path = path.display().to_string(), why = reason.trim_end())
        }
        TraceError::Missing => say!(language, "sim-missing"),
        TraceError::NotFriends { first, second } => say!(language, "sim-not-friends", first, second),
        TraceError::Engine(error) => say!(language, "sim-engine", why = error.to_string()),
    }
}

/// What a line should have been.
fn expected(language: Language, problem: Problem) -> String {
    match problem {
        Problem::NoContact => say!(language, "sim-no-contact"),
        Problem::NoMessage => say!(language, "sim-no-message"),
        Problem::NoMoment => say!(language, "sim-no-moment"),
        Problem::Backwards => say!(language, "sim-backwards"),
        Problem::NoAddress => say!(language, "sim-no-address"),
        Problem::SameHost => say!(language, "sim-same-host"),
        Problem::NotOpen => say!(language, "sim-not-open"),
        Problem::NoSize => say!(language, "sim-no-size"),
        Problem::NoLifetime => say!(language, "sim-no-lifetime"),
        Problem::NoText => say!(language, "sim-no-text"),
    }
}

/// What came of a replay, in lines.
pub(crate) fn report(language: Language, report: &TraceReport) -> String {
    let mut lines = vec![
        say!(language, "sim-world", hosts = report.hosts, contacts = report.contacts, friendships = report.friendships,),
        say!(
            language,
            "sim-delivered",
            delivered = report.delivered,
            messages = report.messages,
            percent = figure(report.delivered_ratio * 100.0),
            late = report.late,
            proved = report.proved,
        ),
        say!(
            language,
            "sim-possible",
            possible = report.possible,
            percent = figure(report.possible_ratio * 100.0),
            mean = figure(report.possible_mean_latency_s),
        ),
        say!(
            language,
            "sim-latency",
            mean = figure(report.mean_latency_s),
            median = figure(report.median_latency_s),
            most = figure(report.p90_latency_s),
        ),
        say!(
            language,
            "sim-transmissions",
            each = figure(report.transmissions_per_delivered),
            all = report.transmissions,
            overhead = figure(report.overhead_ratio),
            hops = figure(report.mean_hops),
            cut = report.cut,
        ),
        say!(language, "sim-bytes", bytes = report.bytes),
    ];
    let traffic = report.traffic.iter();
    lines.extend(traffic.map(|(kind, amount)| format!("  {kind:<8} {:>9} × {:>12} B", amount.count, amount.bytes)));
    lines.push(say!(language, "sim-stored"));
    lines.extend(report.most_stored.iter().map(|(table, bytes)| format!("  {table:<8} {bytes:>9} B")));
    lines.push(say!(language, "counters-title"));
    lines.extend(report.dropped.iter().map(|(name, count)| format!("  {count:>9} × {name}")));
    let (before, since) = (figure(report.befriending_s), figure(report.wall_s));
    lines.push(say!(language, "sim-wall", before, since));
    lines.push(match report.is_kept() {
        true => {
            let looked_at =
                Promise::ALL.into_iter().map(Promise::name).filter(|name| report.promises.contains_key(name));
            say!(language, "sim-kept", promises = looked_at.collect::<Vec<_>>().join(", "))
        }
        false => say!(language, "sim-broken"),
    });
    lines.extend(report.violations.iter().map(|violation| format!("  {violation}")));
    lines.join("\n")
}

/// Above the rows of what a host costs.
pub(crate) fn growth_head(language: Language) -> String {
    say!(language, "sim-growth-head")
}

/// What a host costs in one world, below the heading.
pub(crate) fn growth_row(row: &Growth) -> String {
    let memory = row.memory_kb_per_host.map_or_else(|| "-".to_owned(), figure);
    format!(
        "{:>6} {:>8} {:>9} {:>7} {:>11} {:>11} {:>9} {:>9}  {}",
        row.hosts,
        figure(row.in_reach),
        row.messages,
        figure(row.arrived_percent),
        figure(row.datagram_bytes_per_host_hour / 1_000.0),
        figure(row.link_bytes_per_host_hour / 1_000.0),
        figure(row.ms_per_host_minute),
        memory,
        row.world
    )
}

/// Below a picture of what a host costs.
pub(crate) fn growth_hosts(language: Language) -> String {
    say!(language, "sim-growth-hosts")
}

/// Above its panels.
pub(crate) fn growth_titles(language: Language) -> [String; 3] {
    [say!(language, "sim-growth-bytes"), say!(language, "sim-growth-time"), say!(language, "sim-growth-memory")]
}

/// Beside the lines of the first.
pub(crate) fn growth_lines(language: Language) -> [String; 2] {
    [say!(language, "sim-growth-datagrams"), say!(language, "sim-growth-links")]
}

/// Above the panels of a replay's picture.
pub(crate) fn trace_titles(language: Language) -> [String; 2] {
    [say!(language, "sim-plot-soon"), say!(language, "sim-plot-so-far")]
}

/// Below them.
pub(crate) fn trace_across(language: Language) -> [String; 2] {
    [say!(language, "sim-plot-after"), say!(language, "sim-plot-at")]
}

/// Beside the lines of the second.
pub(crate) fn trace_lines(language: Language) -> [String; 3] {
    [say!(language, "sim-plot-written"), say!(language, "sim-plot-delivered"), say!(language, "sim-plot-proved")]
}

/// With one digit after the point.
fn figure(figure: f64) -> String {
    format!("{figure:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wrong_line_should_have_been_is_said_in_both_languages() {
        let problem = TraceError::Line { path: "t.txt".into(), line: 7, problem: Problem::NotOpen };
        assert_eq!(error(Language::English, &problem), problem.to_string());
        let italian = error(Language::Italian, &problem);
        assert!(italian.contains("t.txt, riga 7: atteso `up`"), "{italian}");
    }

    #[test]
    fn the_english_words_for_a_wrong_line_are_those_of_the_simulator() {
        let problems = [
            Problem::NoContact,
            Problem::NoMessage,
            Problem::NoMoment,
            Problem::Backwards,
            Problem::NoAddress,
            Problem::SameHost,
            Problem::NotOpen,
            Problem::NoSize,
            Problem::NoLifetime,
            Problem::NoText,
        ];
        for problem in problems {
            assert_eq!(expected(Language::English, problem), problem.to_string());
            assert_ne!(expected(Language::Italian, problem), problem.to_string());
        }
    }
}
