//! The numbers for a monitor, in OpenMetrics text (which Prometheus reads).

use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::watch::Statistics;

/// The media type of the text.
pub(super) const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The numbers of now as a text. Their names and meanings are an interface: monitors know them.
pub(super) fn text(statistics: &Statistics, dropped: &BTreeMap<&'static str, u64>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("permesso");
    let carrying = &statistics.carrying;
    let gauges = [
        ("waiting_envelopes", "Envelopes that wait for their recipients", carrying.envelopes),
        ("waiting_envelopes_max", "The most envelopes that may wait", carrying.envelopes_max),
        ("waiting_bytes", "Bytes of the envelopes that wait", carrying.bytes),
        ("storage_bytes", "The most bytes of envelopes that may wait", carrying.storage_bytes),
        ("hosts_online", "Hosts that are here", carrying.hosts_online),
        ("servers_online", "Other persistent servers that are here", carrying.servers_online),
        ("links", "Links with hosts", carrying.links),
        ("start_time_seconds", "When the server was started, in seconds since 1970", statistics.started.0 / 1_000),
    ];
    for (name, help, value) in gauges {
        registry.register(name, help, ConstGauge::new(value));
    }
    let counters = [
        ("deposits", "Envelopes taken in since the start", carrying.deposits),
        ("deliveries", "Envelopes that were proved delivered since the start", carrying.deliveries),
        ("refusals", "Refusals for lack of room since the start", carrying.refused),
        ("expiries", "Envelopes whose lifetime ended here since the start", carrying.expired),
    ];
    for (name, help, value) in counters {
        registry.register(name, help, ConstCounter::new(value));
    }
    let reasons = Family::<Vec<(String, String)>, Counter>::default();
    for (reason, count) in dropped {
        reasons.get_or_create(&vec![("reason".to_owned(), (*reason).to_owned())]).inc_by(*count);
    }
    registry.register("dropped", "What was dropped or refused since the start, by reason", reasons);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
