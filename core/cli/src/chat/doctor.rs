//! How this host stands on the network, in plain words.

use permesso_node::{HostView, Node, NodeError};

use crate::printing::{one_line, short};
use crate::words::{Language, people, say};

/// What a host can tell about itself and the network.
///
/// # Errors
/// When the host does not answer.
pub(crate) async fn diagnose(node: &Node, language: Language) -> Result<Vec<String>, NodeError> {
    let (settings, hosts) = (node.settings().await?, node.hosts().await?);
    let mut lines = vec![
        say!(language, "chat-doctor-me", alias = one_line(&settings.alias), host = node.host_id().to_string()),
        say!(language, "chat-doctor-port", port = settings.port),
        String::new(),
    ];
    let heard: Vec<&HostView> = hosts.iter().filter(|view| view.special.is_none()).collect();
    let here = heard.iter().filter(|view| view.online).count();
    lines.push(match heard.len() {
        0 => say!(language, "chat-doctor-alone"),
        known => say!(language, "chat-doctor-heard", here, known),
    });
    for view in heard.iter().filter(|view| view.online) {
        let name = view.alias.as_deref().map_or_else(|| short(view.host), one_line);
        let address = view.address.map_or_else(String::new, |address| address.to_string());
        let link = view.conversation_port.map(|port| say!(language, "story-conversation", port)).unwrap_or_default();
        lines.push(format!("  {name}  {address}  {link}").trim_end().to_owned());
    }
    let counters = node.counters().await?;
    lines.extend([String::new(), people::counters_title(language)]);
    if counters.is_empty() {
        lines.push(format!("  {}", people::none(language)));
    }
    lines.extend(counters.iter().map(|(what, count)| format!("  {count:>8}  {what}")));
    Ok(lines)
}
