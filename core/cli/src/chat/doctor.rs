//! How this host stands on the network, in plain words.

use permesso_node::{Node, NodeError, Verdict};

use crate::printing::one_line;
use crate::tasks::doctor::{name, place};
use crate::words::{Language, carrying, doctor, people, say};

/// Tries each way of finding others, and says which work, why one does not, and what to do. Takes some seconds.
///
/// # Errors
/// When the host does not answer.
pub(crate) async fn diagnose(node: &Node, language: Language) -> Result<Vec<String>, NodeError> {
    let settings = node.settings().await?;
    let mut lines = vec![
        say!(language, "chat-doctor-me", alias = one_line(&settings.alias), host = node.host_id().to_string()),
        say!(language, "chat-doctor-port", port = settings.port),
        String::new(),
    ];
    let report = node.doctor().await?;
    for finding in &report.findings {
        let sign = match finding.verdict {
            Verdict::Works => '✓',
            Verdict::DoesNotWork => '✗',
            Verdict::Unknown => '?',
        };
        let verdict = doctor::verdict(language, finding.verdict);
        let subject = doctor::subject(language, finding.subject);
        let why = doctor::why(language, finding, &name(finding), report.port);
        lines.push(format!("{sign} {subject}{}, {verdict}: {why}.", place(finding)));
        lines.extend(doctor::advice(language, finding, report.port).map(|advice| format!("  → {advice}")));
    }
    lines.push(String::new());
    lines.extend(carrying::lines(language, &node.custody().await?));
    let counters = node.counters().await?;
    lines.extend([String::new(), people::counters_title(language)]);
    if counters.is_empty() {
        lines.push(format!("  {}", people::none(language)));
    }
    lines.extend(counters.iter().map(|(what, count)| format!("  {count:>8}  {what}")));
    Ok(lines)
}
