//! `permesso diagnostics`.

use std::collections::BTreeMap;

use permesso_node::{CustodyView, Node, PacketView};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::ReportOptions;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, local_moment, one_line};
use crate::status::Status;
use crate::words::{Language, carrying, people};

/// What `--json` prints.
#[derive(Serialize)]
struct Diagnostics {
    packets: Vec<PacketView>,
    counters: BTreeMap<&'static str, u64>,
    custody: CustodyView,
}

/// Shows what became of packets.
pub(crate) async fn run(options: &ReportOptions, language: Language) -> Result<Status, Failure> {
    let look = async |node: &Node| {
        let (packets, counters) = (node.packets().await?, node.counters().await?);
        Ok(Diagnostics { packets, counters, custody: node.custody().await? })
    };
    let found = host::visit(&options.host, language, look).await?;
    match options.json {
        true => printing::json(&found)?,
        false => print(language, &found)?,
    }
    Ok(Status::Done)
}

fn print(language: Language, found: &Diagnostics) -> Result<(), Failure> {
    let none = format!("  {}", people::none(language));
    printing::line(&people::packets_title(language))?;
    for packet in &found.packets {
        printing::line(&row(packet))?;
    }
    if found.packets.is_empty() {
        printing::line(&none)?;
    }
    carrying::lines(language, &found.custody).iter().try_for_each(|line| printing::line(line))?;
    printing::line(&people::counters_title(language))?;
    for (reason, count) in found.counters.iter().filter(|(_, count)| **count > 0) {
        printing::line(&format!("  {count:>6}  {reason}"))?;
    }
    if found.counters.values().all(|count| *count == 0) {
        printing::line(&none)?;
    }
    Ok(())
}

fn row(packet: &PacketView) -> String {
    let way = if packet.outgoing { "→" } else { "←" };
    let reason = packet.reason.as_deref().map_or(String::new(), |reason| format!("  ({})", one_line(reason)));
    format!(
        "  {:>5}  {}  {way} {}  {:<15}  {:<16}{reason}",
        packet.number,
        local_moment(packet.changed),
        packet.host.short(),
        wire_name(&packet.service),
        wire_name(&packet.state),
    )
}

/// The name of a service or a state, as PROTOCOL.md writes it.
fn wire_name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}
