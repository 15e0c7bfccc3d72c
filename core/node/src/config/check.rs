//! Reading the file: unknown keys, types, ranges, each with its line.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;

use permesso_engine::cbor::{self, Malformed};
use permesso_engine::few::gathered;
use permesso_engine::time::Millis;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use permesso_engine::limits::ALIAS_MAX;

use super::{Config, ConfigError, Expected};

/// A name is suggested only if this much of it is right (Jaro-Winkler similarity).
const LIKENESS_MIN: f64 = 0.7;

/// Keys whose greatest value is that of another key of their section. Where such a key does not stand in the file, that other
/// one is what made its default wrong.
pub(super) const BOUNDED_BY: [(&str, &str); 5] = [
    ("presence.interval_min", "presence.interval_max"),
    ("presence.sweep_pause_min", "presence.sweep_pause_max"),
    ("links.stranger_links_max", "links.links_max"),
    ("links.backoff_min", "links.backoff_max"),
    ("messages.held_bytes_max", "messages.held_bytes_total"),
];

/// Characters of a wrong value that are shown: more would hide what is said about it.
const FOUND_MAX: usize = 60;

/// The most duplicate marks of a friend, or of envelopes carried: 16 bytes each in memory.
const MARKS_MOST: u32 = 10_000_000;

/// The most envelopes of others: about 50 bytes each in memory.
const ENVELOPES_MOST: u32 = 10_000_000;

/// The most bytes of others' envelopes: 1 TiB, a disk.
const CUSTODY_BYTES_MOST: u64 = 1 << 40;

/// Where a key stands: its line, if it stands in a file.
type LineOf<'a> = &'a dyn Fn(&str) -> Option<usize>;

/// Reads a file whose keys count more than the values of `defaults`.
pub(super) fn parse(text: &str, path: Option<&Path>, defaults: &Config) -> Result<Config, ConfigError> {
    let invalid = |error: toml::de::Error| ConfigError::Invalid {
        path: path.map(Path::to_owned),
        line: error.span().map_or(1, |span| line_at(text, span.start)),
        reason: error.message().to_owned(),
    };
    let table = DeTable::parse(text).map_err(invalid)?;
    let known: Table = cbor::converted(&Config::default()).unwrap_or_default();
    unknown_keys(text, path, "", table.get_ref(), &known)?;
    let line_of = |key: &str| find_line(text, table.get_ref(), key);
    kinds(&toml::from_str(text).map_err(invalid)?, path, &line_of)?;
    let config = over(defaults, toml::from_str(text).map_err(invalid)?).map_err(|Malformed| {
        // Each value by itself has been looked at.
        ConfigError::Invalid { path: path.map(Path::to_owned), line: 1, reason: "the values do not go together".into() }
    })?;
    ranges(&config, path, &line_of)?;
    Ok(config)
}

/// `defaults` with the values of a file in place of theirs.
fn over(defaults: &Config, file: Table) -> Result<Config, Malformed> {
    let mut values: Table = cbor::converted(defaults)?;
    for (section, keys) in file {
        match (values.get_mut(&section), keys) {
            (Some(Value::Table(values)), Value::Table(keys)) => values.extend(keys),
            (_, keys) => drop(values.insert(section, keys)),
        }
    }
    cbor::converted(&values)
}

/// Whether each value is of the kind its key wants, looked at one by one, so that what is said names the key.
fn kinds(values: &Table, path: Option<&Path>, line_of: LineOf<'_>) -> Result<(), ConfigError> {
    let mut wrong = Vec::new();
    for (section, inner) in values {
        let Value::Table(inner) = inner else {
            wrong.push((section.clone(), inner));
            continue;
        };
        let fits = |name: &String, value: &Value| {
            let alone = Table::from_iter([(name.clone(), value.clone())]);
            cbor::converted::<Config>(&Table::from_iter([(section.clone(), Value::Table(alone))])).is_ok()
        };
        let values = inner.iter().filter(|(name, value)| !fits(name, value));
        wrong.extend(values.map(|(name, value)| (format!("{section}.{name}"), value)));
    }
    match wrong.into_iter().min_by_key(|(key, _)| line_of(key)) {
        None => Ok(()),
        Some((key, value)) => match wrong_value(&key, line_of(&key), &shortened(&value.to_string())) {
            ConfigError::OutOfRange { line, key, expected, found, .. } => {
                Err(ConfigError::OutOfRange { path: path.map(Path::to_owned), line, key, expected, found })
            }
            error => Err(error),
        },
    }
}

/// Says what a key expects. Without such a key, what is expected is a section.
pub(super) fn wrong_value(key: &str, line: Option<usize>, found: &str) -> ConfigError {
    let expected = expected(key).unwrap_or_else(|| Expected::Section(key.to_owned()));
    ConfigError::OutOfRange { path: None, line, key: key.to_owned(), expected: Box::new(expected), found: found.into() }
}

/// What a key may be, by itself; `None` if there is no such key.
pub(super) fn expected(key: &str) -> Option<Expected> {
    let check = Ranges { path: None, line_of: &|_| None, asked: Some(key) };
    match all_ranges(&Config::default(), &check) {
        Err(ConfigError::OutOfRange { expected, .. }) => Some(*expected),
        _ => None,
    }
}

/// Enough of a value to know it again.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(FOUND_MAX) {
        Some((end, _)) => format!("{} ...", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
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
                    line: Some(line_at(text, key.span().start)),
                    key: full,
                    nearest: nearest(section, name),
                });
            }
        }
    }
    Ok(())
}

/// The known key or section most like `name`, those of the same section first.
fn nearest(section: &str, name: &str) -> Option<String> {
    nearest_of(all_keys(&cbor::converted::<Table>(&Config::default()).ok()?), section, name)
}

/// The known key most like `name`; a section is none.
pub(super) fn nearest_key(section: &str, name: &str) -> Option<String> {
    let keys = all_keys(&cbor::converted::<Table>(&Config::default()).ok()?);
    nearest_of(keys.into_iter().filter(|key| key.contains('.')).collect(), section, name)
}

fn nearest_of(keys: Vec<String>, section: &str, name: &str) -> Option<String> {
    let likeness = |key: &String| {
        let (key_section, key_name) =
            key.rsplit_once('.').map_or(("", key.as_str()), |(section, name)| (section, name));
        let home = if key_section == section.trim_end_matches('.') { 0.1 } else { 0.0 };
        strsim::jaro_winkler(key_name, name).max(same_words(key_name, name)) + home
    };
    keys.into_iter()
        .map(|key| (likeness(&key), key))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .map(|(_, key)| key)
}

/// How much of two names is the same words, in whatever order: people remember `max_links` and `udp_port`. Words that many keys
/// share say nothing alone.
fn same_words(key: &str, name: &str) -> f64 {
    const SAYS_NOTHING: [&str; 2] = ["max", "min"];
    let words = |text: &str| gathered::<_, BTreeSet<_>>(text.split(['_', '-', ' ']).map(str::to_lowercase));
    let (key, name) = (words(key), words(name));
    let both: Vec<_> = key.intersection(&name).collect();
    if both.iter().all(|word| SAYS_NOTHING.contains(&word.as_str())) {
        return 0.0;
    }
    // Any word is enough, and the more of both names it is, the better (Dice's coefficient).
    LIKENESS_MIN + (1.0 - LIKENESS_MIN) * 2.0 * both.len() as f64 / (key.len() + name.len()) as f64
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
    let (section, name) = key.split_once('.').unwrap_or((key, ""));
    let lookup = |table: &DeTable<'_>, wanted: &str| -> Option<usize> {
        table.keys().find(|key| key.get_ref() == wanted).map(|key: &Spanned<_>| key.span().start)
    };
    let offset = match table.get(section)?.get_ref() {
        DeValue::Table(inner) if !name.is_empty() => lookup(inner, name)?,
        _ => lookup(table, section)?,
    };
    Some(line_at(text, offset))
}

/// Finds the first value out of its range; or, where a key is asked about, what that key may be, as if its value were
/// wrong.
struct Ranges<'a> {
    path: Option<&'a Path>,
    line_of: LineOf<'a>,
    asked: Option<&'a str>,
}

impl Ranges<'_> {
    fn refuse(&self, key: &str, expected: Expected, found: impl Display) -> Result<(), ConfigError> {
        let bound = || BOUNDED_BY.iter().find(|(bounded, _)| *bounded == key).and_then(|(_, by)| (self.line_of)(by));
        Err(ConfigError::OutOfRange {
            path: self.path.map(Path::to_owned),
            line: (self.line_of)(key).or_else(bound),
            key: key.to_owned(),
            expected: Box::new(expected),
            found: found.to_string(),
        })
    }

    /// What a key may be besides its range, if it has one.
    fn is(&self, key: &str, expected: impl FnOnce() -> Expected) -> Result<(), ConfigError> {
        if self.asked == Some(key) { self.refuse(key, expected(), "") } else { Ok(()) }
    }

    fn number<T: PartialOrd + Display>(
        &self,
        key: &str,
        value: T,
        range: RangeInclusive<T>,
    ) -> Result<(), ConfigError> {
        let (least, most) = ends(&range);
        self.is(key, || Expected::Number(least, most))?;
        self.within(key, value, range)
    }

    fn span(&self, key: &str, value: Millis, range: RangeInclusive<Millis>) -> Result<(), ConfigError> {
        let (least, most) = ends(&range);
        self.is(key, || Expected::Span(least, most))?;
        self.within(key, value, range)
    }

    fn within<T: PartialOrd + Display>(
        &self,
        key: &str,
        value: T,
        range: RangeInclusive<T>,
    ) -> Result<(), ConfigError> {
        if range.contains(&value) {
            return Ok(());
        }
        let (least, most) = ends(&range);
        self.refuse(key, Expected::Range(least, most), value)
    }
}

fn ends<T: Display>(range: &RangeInclusive<T>) -> (String, String) {
    (range.start().to_string(), range.end().to_string())
}

pub(super) fn ranges(config: &Config, path: Option<&Path>, line_of: LineOf<'_>) -> Result<(), ConfigError> {
    all_ranges(config, &Ranges { path, line_of, asked: None })
}

fn all_ranges(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    host_and_network(config, check)?;
    presence(config, check)?;
    links(config, check)?;
    messages(config, check)?;
    friendship(config, check)?;
    custody(config, check)
}

fn host_and_network(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let bytes = config.host.alias.trim().len();
    check.is("host.alias", || Expected::Alias)?;
    if !(1..=ALIAS_MAX).contains(&bytes) {
        check.refuse("host.alias", Expected::AliasLength, bytes)?;
    }
    check.is("host.visibility", || Expected::Visibility)?;
    check.number("host.port", config.host.port, 1..=u16::MAX)?;
    check.is("network.interfaces", || Expected::Interfaces)?;
    check.number("network.link_port", config.network.link_port, 0..=u16::MAX)?;
    check.is("network.peers", || Expected::Peers)?;
    let bad_peer = config.network.peers.iter().find(|peer| peer.port() == 0 || peer.ip().is_unspecified());
    match bad_peer {
        Some(peer) => check.refuse("network.peers", Expected::Peers, peer),
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
    let join_at = Millis(0)..=Millis::from_minutes(1);
    let (least, most) = ends(&join_at);
    check.is("presence.join_at", || Expected::Spans { count: presence.join_at.len(), least, most })?;
    presence.join_at.iter().try_for_each(|at| check.within("presence.join_at", *at, join_at.clone()))?;
    check.span("presence.reply_spread_min", presence.reply_spread_min, Millis(0)..=Millis::from_minutes(1))?;
    check.span("presence.reply_spread_per_host", presence.reply_spread_per_host, Millis(0)..=Millis::from_secs(1))?;
    check.number("presence.reply_suppress_after", presence.reply_suppress_after, 1..=1_000_000)?;
    check.number("presence.hosts_max", presence.hosts_max, 16..=1_000_000)?;
    check.span("presence.search_time", presence.search_time, Millis(100)..=Millis::from_minutes(1))?;
    check.number("presence.answers_per_minute", presence.answers_per_minute, 1..=1_000)?;
    check.is("presence.sweep", || Expected::Flag)?;
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
    check.is("messages.read_receipts", || Expected::Flag)?;
    check.is("messages.marks_max", || Expected::MoreThanOutbox { most: MARKS_MOST })?;
    marks(messages.outbox_max, messages.marks_max, check)
}

/// What friends may send again must not outlive its marks. The error names the key that stands in the file.
fn marks(outbox_max: u32, marks_max: u32, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let stands = |key| (check.line_of)(key).is_some();
    if marks_max > outbox_max && marks_max <= MARKS_MOST {
        Ok(())
    } else if !stands("messages.marks_max") && stands("messages.outbox_max") {
        check.refuse("messages.outbox_max", Expected::LessThanMarks { marks: marks_max }, outbox_max)
    } else {
        check.refuse("messages.marks_max", Expected::MoreThanOutbox { most: MARKS_MOST }, marks_max)
    }
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

fn custody(config: &Config, check: &Ranges<'_>) -> Result<(), ConfigError> {
    let custody = &config.custody;
    check.is("custody.carry", || Expected::Flag)?;
    check.is("custody.server", || Expected::Flag)?;
    check.number("custody.storage_bytes", custody.storage_bytes, 1 << 20..=CUSTODY_BYTES_MOST)?;
    check.number("custody.envelopes_max", custody.envelopes_max, 100..=ENVELOPES_MOST)?;
    check.number("custody.friend_envelopes", custody.friend_envelopes, 0..=ENVELOPES_MOST)?;
    check.number("custody.friend_bytes", custody.friend_bytes, 0..=CUSTODY_BYTES_MOST)?;
    check.number("custody.stranger_envelopes", custody.stranger_envelopes, 0..=ENVELOPES_MOST)?;
    check.number("custody.stranger_bytes", custody.stranger_bytes, 0..=CUSTODY_BYTES_MOST)?;
    check.number("custody.marks_max", custody.marks_max, 1_000..=MARKS_MOST)?;
    check.is("server.status_address", || Expected::Address)
}
