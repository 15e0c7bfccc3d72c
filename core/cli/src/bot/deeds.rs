//! The commands of the bot carried out, each by one call of the host's API.

use std::ops::ControlFlow;
use std::path::Path;

use permesso_node::{ArchiveReport, Command, HostId, ImportedContact, InterfaceAddress, MessageState, Node, Outcome};
use serde::Serialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use super::request::Request;
use crate::arguments::span;
use crate::home;

/// Messages of a page unless told otherwise, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 1_000;

impl Request {
    /// Does it; the result is an object.
    pub(super) async fn carry_out(self, node: &Node, home: &Path) -> Result<Value, Problem> {
        if let Self::Export { file, passphrase } = &self {
            return export(node, home, file, &passphrase.0).await;
        }
        match self.into_command() {
            Ok(command) => Ok(outcome(node.command(command).await?)),
            Err(other) => other.look(node).await,
        }
    }

    pub(super) fn into_command(self) -> Result<Command, Self> {
        Ok(match self {
            Self::Set(setting) => Command::Set(setting),
            Self::SetAll { settings } => Command::SetAll { settings },
            Self::AskFriendship { host, greeting } => Command::AskFriendship { host, greeting },
            Self::AnswerFriendship { host, accept, tell } => Command::AnswerFriendship { host, accept, tell },
            Self::CancelAsk { host } => Command::CancelAsk { host },
            Self::EndFriendship { host } => Command::EndFriendship { host },
            Self::Block { host } => Command::Block { host },
            Self::Unblock { host } => Command::Unblock { host },
            Self::SetLocalAlias { host, alias } => Command::SetLocalAlias { host, alias },
            Self::SetVerified { host, verified } => Command::SetVerified { host, verified },
            Self::ScanUri { uri } => Command::ScanUri { uri },
            Self::RenewCode {} => Command::RenewCode,
            Self::AddContact { uri, name } => Command::AddContact { uri, name },
            Self::SendText { host, text } => Command::SendText { host, text },
            Self::Retry { message } => Command::Retry { message },
            Self::Cancel { message } => Command::Cancel { message },
            Self::MarkRead { host } => Command::MarkRead { host },
            Self::DeleteMessage { message } => Command::DeleteMessage { message },
            other => return Err(other),
        })
    }

    async fn look(self, node: &Node) -> Result<Value, Problem> {
        Ok(match self {
            Self::Host {} => json!({
                "host": node.host_id(),
                "key": node.identity_key(),
                "restored_copy": node.is_restored_copy(),
                "alias": node.settings().await?.alias,
                "uri": node.uri(None).await?,
            }),
            Self::Hosts {} => json!({ "hosts": node.hosts().await? }),
            Self::Friends {} => json!({ "friends": node.friends().await? }),
            Self::Contacts {} => json!({ "contacts": node.contacts().await? }),
            Self::Messages { host, before, limit } => {
                let messages = node.messages(host, before, page(limit)).await?;
                json!({ "before": messages.first().map(|message| message.place()), "messages": messages })
            }
            Self::Message { message } => json!({ "message": node.message(message).await? }),
            Self::Holders { message } => {
                json!({ "holders": node.holders(message).await?, "full": node.full_servers(message).await? })
            }
            Self::SearchHistory { text, limit } => {
                json!({ "messages": node.search_history(&text, page(limit)).await? })
            }
            Self::SafetyNumber { host } => json!({ "number": node.safety_number(host).await? }),
            Self::ExportContacts {} => json!({ "vcards": node.export_contacts().await? }),
            Self::ImportContacts { vcards } => {
                let contacts = node.import_contacts(&vcards).await?;
                json!({ "contacts": contacts.iter().map(Contact::from).collect::<Vec<_>>() })
            }
            Self::Uri { address } => json!({ "uri": node.uri(address).await? }),
            Self::Addresses {} => json!({ "addresses": node.addresses().await? }),
            Self::Settings {} => json!({ "settings": node.settings().await? }),
            Self::ChangedSettings {} => json!({ "settings": node.changed_settings().await? }),
            Self::Custody {} => json!({ "custody": node.custody().await? }),
            Self::Carrying {} => json!({ "carrying": node.carrying().await? }),
            Self::Packets {} => json!({ "packets": node.packets().await? }),
            Self::Counters {} => json!({ "counters": node.counters().await? }),
            Self::Search { alias, matching } => json!({ "claims": node.search(&alias, matching).await? }),
            Self::Doctor {} => json!(node.doctor().await?),
            Self::Leave {} => json!(node.leave().await?),
            Self::WaitForState { message, states, timeout } => {
                let wanted = |state: &MessageState| states.contains(&state.into());
                json!(node.wait_for_state(message, wanted, span(timeout)).await?)
            }
            other => {
                other.live(node).await?;
                json!({})
            }
        })
    }

    async fn live(self, node: &Node) -> Result<(), Problem> {
        match self {
            Self::Join {} => node.start().await?,
            Self::Stop {} => node.stop().await?,
            Self::Pause {} => node.pause().await?,
            Self::Resume {} => node.resume().await?,
            Self::PeerFound { address } => node.peer_found(address).await?,
            Self::SetInterfaces { addresses } => {
                let addresses = addresses.map(|list| list.into_iter().map(InterfaceAddress::from).collect());
                node.set_interfaces(addresses).await?;
            }
            other => return Err(Problem::unknown_command(format!("nothing does {other:?}"))),
        }
        Ok(())
    }
}

/// What became of one card.
#[derive(Serialize)]
struct Contact {
    line: usize,
    name: Option<String>,
    host: Option<HostId>,
    result: &'static str,
}

impl From<&ImportedContact> for Contact {
    fn from(contact: &ImportedContact) -> Self {
        let (host, result) = problem::code_of_contact(contact);
        Self { line: contact.line, name: contact.name.clone(), host, result }
    }
}

/// Writes the account into a new file. A relative path starts where the program was started.
async fn export(node: &Node, home: &Path, file: &Path, passphrase: &str) -> Result<Value, Problem> {
    let files = home::carried(home)?;
    let on_progress = Box::new(|_| ControlFlow::Continue(()));
    let report = node.export(file, passphrase, files, on_progress).await?;
    let ArchiveReport { messages, friends, rows } = report;
    Ok(json!({ "messages": messages, "friends": friends, "rows": rows }))
}

fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE).min(PAGE_MAX)
}

fn outcome(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Done => json!({}),
        Outcome::Searching { search } => json!({ "search": search }),
        Outcome::Examining { examination } => json!({ "examination": examination }),
        Outcome::Stored { message } => json!({ "message": message }),
        Outcome::Scanned { host } => json!({ "host": host }),
        Outcome::Left(left) => json!(left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_larger_than_its_limit() {
        assert_eq!(page(None), PAGE);
        assert_eq!(page(Some(7)), 7);
        assert_eq!(page(Some(usize::MAX)), PAGE_MAX);
    }
}
