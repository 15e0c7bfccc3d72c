//! Reading the file: unknown keys, types, ranges, each with its line.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use permesso_engine::time::Millis;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{Config, ConfigError};

/// A name is suggested only if this much of it is right (Jaro-Winkler similarity).
const LIKENESS_MIN: f64 = 0.7;

/// Where a key stands: its line, if it stands in a file.
type LineOf<'a> = &'a dyn Fn(&str) -> Option<usize>;

pub(super) fn parse(text: &str, path: Option<&Path>) -> Result<Config, ConfigError> {
    let invalid = |error: toml::de::Error| ConfigError::Invalid {
        path: path.map(Path::to_owned),
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        reason: error.message().to_owned(),
    };
    let table = DeTable::parse(text).map_err(invalid)?;
    let known = Table::try_from(Config::default()).unwrap_or_default();
    unknown_keys(text, path, "", table.get_ref(), &known)?;
    let config: Config = toml::from_str(text).map_err(invalid)?;
    ranges(&config, path, &|key| find_line(text, table.get_ref(), key))?;
    Ok(config)
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn unknown_keys(
    text: &str,
    path: Option<&Path>,
    section: &str,
    found: &DeTable<'_>,
    known: &Table,
) -> Result<(), ConfigError> {
    for (key, value) in found {
        let name: &str = key.get_ref();
        let full = format!("{section}{name}");
        match (known.get(name), value.get_ref()) {
            (Some(Value::Table(inner)), DeValue::Table(table)) => {
                unknown_keys(text, path, &format!("{full}."), table, inner)?;
            }
            (Some(_), _) => {}
            (None, _) => {
                return Err(ConfigError::UnknownKey {
                    path: path.map(Path::to_owned),
                    line: line_at(text, key.span().start),
                    key: full,
                    nearest: nearest(section, name),
                });
            }
        }
    }
    Ok(())
}

/// The known key most like `name`, those of the same section first.
fn nearest(section: &str, name: &str) -> Option<String> {
    let known = Table::try_from(Config::default()).ok()?;
    let keys = all_keys(&known);
    let likeness = |key: &String| {
        let (key_section, key_name) =
            key.rsplit_once('.').map_or(("", key.as_str()), |(section, name)| (section, name));
        let home = if key_section == section.trim_end_matches('.') { 0.1 } else { 0.0 };
        strsim::jaro_winkler(key_name, name) + home
    };
    keys.into_iter()
        .map(|key| (likeness(&key), key))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .map(|(_, key)| key)
}

/// Every key with its section, sections too.
pub(super) fn all_keys(known: &Table) -> Vec<String> {
    let inner = |section: &String, value: &Value| {
        let keys = value.as_table().map(|table| table.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        keys.into_iter().map(|key| format!("{section}.{key}")).collect::<Vec<_>>()
    };
    known.iter().flat_map(|(section, value)| std::iter::once(section.clone()).chain(inner(section, value))).collect()
}

fn find_line(text: &str, table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (section, name) = key.split_once('.')?;
    let lookup = |table: &DeTable<'_>, wanted: &str| -> Option<usize> {
        table.keys().find(|key| key.get_ref() == wanted).map(|key: &Spanned<_>| key.span().start)
    };
    let (_, value) = table.iter().find(|(key, _)| key.get_ref() == section)?;
    let DeValue::Table(inner) = value.get_ref() else { return None };
    lookup(inner, name).map(|offset| line_at(text, offset))
}

/// Collects the first value out of its range.
struct Ranges<'a> {
    path: Option<&'a Path>,
    line_of: LineOf<'a>,
}

impl Ranges<'_> {
    fn refuse(&self, key: &'static str, expected: String, found: impl Display) -> Result<(), ConfigError> {
        Err(ConfigError::OutOfRange {
            path: self.path.map(Path::to_owned),
            line: (self.line_of)(key),
            key,
            expected,
            found: found.to_string(),
        })
    }

    fn number<T: PartialOrd + Display>(
        &self,
        key: &'static str,
        value: T,
        range: RangeInclusive<T>,
    ) -> Result<(), ConfigError> {
        if range.contains(&value) {
            return Ok(());
        }
        self.refuse(key, format!("{} to {}", range.start(), range.end()), value)
    }

    fn span(&self, key: &'static str, value: Millis, range: RangeInclusive<Millis>) -> Result<(), ConfigError> {
        if range.contains(&value) {
            return Ok(());
        }
        self.refuse(key, format!("{} to {}", range.start(), range.end()), value)
    }

    fn holds(&self, key: &'static str, holds: bool, expected: &str, found: impl Display) -> Result<(), ConfigError> {
        if holds { Ok(()) } else { self.refuse(key, expected.to_owned(), found) }
    }
}

pub(super) fn ranges(config: &Config, path: Option<&Path>, line_of: LineOf<'_>) -> Result<(), ConfigError> {
    let check = Ranges { path, line_of };
    host_and_network(config, &check)?;
    presence(config, &check)?;
    links(config, &check)?;
    messages(config, &check)?;
    friendship(config, &check)
}

fn host_and_network(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let bytes = config.host.alias.trim().len();
    check.holds("host.alias", (1..=64).contains(&bytes), "1 to 64 bytes of UTF-8", format!("{bytes} bytes long"))?;
    check.number("host.port", config.host.port, 1..=u16::MAX)?;
    let bad_peer = config.network.peers.iter().find(|peer| peer.port() == 0 || peer.ip().is_unspecified());
    match bad_peer {
        Some(peer) => check.refuse("network.peers", "addresses with a port, like \"192.168.1.20:20070\"".into(), peer),
        None => Ok(()),
    }
}

fn presence(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let presence = &config.presence;
    check.span("presence.beacon_min", presence.beacon_min, Millis::from_secs(1)..=Millis::from_secs(200))?;
    check.span("presence.beacon_per_host", presence.beacon_per_host, Millis(0)..=Millis::from_secs(10))?;
    check.number("presence.beacon_hosts_max", presence.beacon_hosts_max, 1..=1_000_000)?;
    check.number("presence.beacon_jitter_percent", presence.beacon_jitter_percent, 0..=50)?;
    check.number("presence.offline_after_tenths", presence.offline_after_tenths, 15..=100)?;
    check.span("presence.interval_max", presence.interval_max, Millis::from_secs(1)..=Millis::from_hours(1))?;
    check.span("presence.interval_min", presence.interval_min, Millis(100)..=presence.interval_max)?;
    for at in presence.join_at {
        check.span("presence.join_at", at, Millis(0)..=Millis::from_minutes(1))?;
    }
    check.span("presence.reply_spread_min", presence.reply_spread_min, Millis(0)..=Millis::from_minutes(1))?;
    check.span("presence.reply_spread_per_host", presence.reply_spread_per_host, Millis(0)..=Millis::from_secs(1))?;
    check.number("presence.reply_suppress_after", presence.reply_suppress_after, 1..=1_000_000)?;
    check.number("presence.hosts_max", presence.hosts_max, 16..=1_000_000)?;
    check.span("presence.search_time", presence.search_time, Millis(100)..=Millis::from_minutes(1))?;
    check.number("presence.answers_per_minute", presence.answers_per_minute, 1..=1_000)?;
    check.number("presence.sweep_prefix_min", presence.sweep_prefix_min, 24..=31)?;
    check.span("presence.sweep_after", presence.sweep_after, Millis::from_secs(5)..=Millis::from_days(1))?;
    check.span("presence.sweep_spacing", presence.sweep_spacing, Millis(20)..=Millis::from_minutes(1))?;
    check.span("presence.sweep_pause_max", presence.sweep_pause_max, Millis::from_minutes(1)..=Millis::from_days(1))?;
    check.span(
        "presence.sweep_pause_min",
        presence.sweep_pause_min,
        Millis::from_minutes(1)..=presence.sweep_pause_max,
    )?;
    check.number("presence.sweep_per_hour", presence.sweep_per_hour, 1..=2_000)
}

fn links(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let links = &config.links;
    check.number("links.links_max", links.links_max, 1..=10_000)?;
    check.number("links.stranger_links_max", links.stranger_links_max, 0..=links.links_max)?;
    check.number("links.handshakes_per_second", links.handshakes_per_second, 1..=10_000)?;
    check.span("links.idle_close", links.idle_close, Millis::from_secs(1)..=Millis::from_days(1))?;
    check.span("links.second_dial_after", links.second_dial_after, Millis(0)..=Millis::from_minutes(1))?;
    check.span("links.probe_repeat", links.probe_repeat, Millis(50)..=Millis::from_minutes(1))?;
    check.number("links.probe_tries", links.probe_tries, 1..=100)?;
    check.span("links.backoff_max", links.backoff_max, Millis(100)..=Millis::from_days(1))?;
    check.span("links.backoff_min", links.backoff_min, Millis(100)..=links.backoff_max)?;
    check.number("links.forward_max", links.forward_max, 1..=64)
}

fn messages(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let messages = &config.messages;
    check.number("messages.history_max", messages.history_max, 1..=1_000_000)?;
    check.number("messages.outbox_max", messages.outbox_max, 1..=100_000)?;
    check.span("messages.outbox_expiry", messages.outbox_expiry, Millis::from_minutes(1)..=Millis::from_days(365))?;
    check.span(
        "messages.envelope_lifetime",
        messages.envelope_lifetime,
        Millis::from_minutes(1)..=Millis::from_days(7),
    )?;
    check.number("messages.held_max", messages.held_max, 1..=100_000)?;
    check.number("messages.held_bytes_total", messages.held_bytes_total, 1 << 16..=1 << 40)?;
    check.number("messages.held_bytes_max", messages.held_bytes_max, 1 << 14..=messages.held_bytes_total)?;
    check.span("messages.held_wait", messages.held_wait, Millis::from_minutes(1)..=Millis::from_days(30))?;
    check.holds(
        "messages.marks_max",
        messages.marks_max > messages.outbox_max && messages.marks_max <= 10_000_000,
        "more than messages.outbox_max and at most 10000000",
        messages.marks_max,
    )
}

fn friendship(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let friendship = &config.friendship;
    check.number("friendship.asks_max", friendship.asks_max, 1..=1_000)?;
    check.span("friendship.ask_expiry", friendship.ask_expiry, Millis::from_minutes(1)..=Millis::from_days(365))?;
    check.span(
        "friendship.end_keys_kept",
        friendship.end_keys_kept,
        Millis::from_minutes(1)..=Millis::from_days(365),
    )?;
    check.span("friendship.reset_min", friendship.reset_min, Millis::from_secs(1)..=Millis::from_days(1))?;
    check.number("friendship.resets_per_day", friendship.resets_per_day, 1..=1_000)?;
    check.number("friendship.stamp_bits", friendship.stamp_bits, 0..=24)
}
