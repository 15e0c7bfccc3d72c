//! The commands of the bot, each an ability of the host's API.

use std::fmt;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use permesso_node::{
    ArchiveReport, Command, HostId, ImportedContact, InterfaceAddress, Match, MessageId, MessageState, Millis, NetAddr,
    Node, Outcome, Place, Setting,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::input::Line;
use super::problem::{self, Problem};
use crate::arguments::span;
use crate::home;

/// Messages of a page unless told otherwise, and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 1_000;

/// What a line says besides its id.
pub(super) type Fields = Map<String, Value>;

/// A command.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cmd", deny_unknown_fields)]
pub(super) enum Request {
    // The host's life.
    Join {},
    Leave {},
    Stop {},
    Pause {},
    Resume {},
    PeerFound {
        address: NetAddr,
    },
    SetInterfaces {
        addresses: Option<Vec<Address>>,
    },
    // What changes something.
    Set(Setting),
    AskFriendship {
        host: HostId,
        #[serde(default)]
        greeting: String,
    },
    AnswerFriendship {
        host: HostId,
        accept: bool,
        #[serde(default)]
        tell: bool,
    },
    CancelAsk {
        host: HostId,
    },
    EndFriendship {
        host: HostId,
    },
    Block {
        host: HostId,
    },
    Unblock {
        host: HostId,
    },
    SetLocalAlias {
        host: HostId,
        alias: Option<String>,
    },
    SetVerified {
        host: HostId,
        verified: bool,
    },
    ScanUri {
        uri: String,
    },
    RenewCode {},
    AddContact {
        uri: String,
        name: Option<String>,
    },
    ImportContacts {
        vcards: String,
    },
    ExportContacts {},
    SendText {
        host: HostId,
        text: String,
    },
    Retry {
        message: MessageId,
    },
    Cancel {
        message: MessageId,
    },
    MarkRead {
        host: HostId,
    },
    DeleteMessage {
        message: MessageId,
    },
    // What takes time.
    Search {
        alias: String,
        #[serde(rename = "match", default = "partial")]
        matching: Match,
    },
    WaitForState {
        message: MessageId,
        #[serde(default = "settled")]
        states: Vec<Fate>,
        #[serde(default = "patience")]
        timeout: Millis,
    },
    Doctor {},
    Export {
        file: PathBuf,
        passphrase: Passphrase,
    },
    // What there is to see.
    Host {},
    Hosts {},
    Friends {},
    Contacts {},
    Messages {
        host: HostId,
        before: Option<Place>,
        limit: Option<usize>,
    },
    Message {
        message: MessageId,
    },
    Holders {
        message: MessageId,
    },
    SearchHistory {
        text: String,
        limit: Option<usize>,
    },
    SafetyNumber {
        host: HostId,
    },
    Uri {
        address: Option<NetAddr>,
    },
    Addresses {},
    Settings {},
    ChangedSettings {},
    Custody {},
    Carrying {},
    Packets {},
    Counters {},
}

/// What opens an account file; never shown.
#[derive(PartialEq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Passphrase(Zeroizing<String>);

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// An address of this host, with the length of its network's prefix.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    address: IpAddr,
    prefix: u8,
    /// The operating system's number of the interface, for IPv6.
    #[serde(default)]
    scope: u32,
}

/// A message's fate, by its word alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Queued,
    Held,
    Delivered,
    Read,
    Failed,
}

impl From<&MessageState> for Fate {
    fn from(state: &MessageState) -> Self {
        match state {
            MessageState::Queued => Self::Queued,
            MessageState::Held => Self::Held,
            MessageState::Delivered => Self::Delivered,
            MessageState::Read => Self::Read,
            MessageState::Failed { .. } => Self::Failed,
        }
    }
}

fn partial() -> Match {
    Match::Partial
}

fn settled() -> Vec<Fate> {
    vec![Fate::Delivered, Fate::Read, Fate::Failed]
}

fn patience() -> Millis {
    Millis::from_secs(10)
}

impl Request {
    /// Reads a command from the fields of a line.
    pub(super) fn read(map: Fields) -> Result<Self, Problem> {
        let Some(Value::String(command)) = map.get("cmd").cloned() else {
            return Err(Problem::invalid("the field cmd is missing: {\"id\":1,\"cmd\":\"friends\"}"));
        };
        // The setting is a value of its own, whose fields serde does not hold to the list.
        let unknown = |field: &&String| !["cmd", "setting", "value"].contains(&field.as_str());
        if command == "set"
            && let Some(field) = map.keys().find(unknown)
        {
            return Err(Problem::invalid(format!("set: unknown field `{field}`, expected `setting` or `value`")));
        }
        serde_json::from_value(Value::Object(map)).map_err(|error| {
            let error = error.to_string();
            match error.starts_with(&format!("unknown variant `{command}`")) {
                true => Problem::unknown_command(error.replacen("unknown variant", "there is no command", 1)),
                false => Problem::invalid(format!("{command}: {error}")),
            }
        })
    }

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

    fn into_command(self) -> Result<Command, Self> {
        Ok(match self {
            Self::Set(setting) => Command::Set(setting),
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

impl From<Address> for InterfaceAddress {
    fn from(given: Address) -> Self {
        let Address { address, prefix, scope } = given;
        Self { name: address.to_string(), address, prefix, scope }
    }
}

/// The id and the other fields of a line; nothing if the line is empty.
pub(super) fn parse(line: Line) -> Result<Option<(Value, Fields)>, Problem> {
    let Line::Whole(bytes) = line else { return Err(Problem::line_too_long()) };
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(mut fields)) => Ok(Some((fields.remove("id").unwrap_or_default(), fields))),
        Ok(_) => Err(Problem::malformed("a line must be a JSON object")),
        Err(error) => Err(Problem::malformed(format!("this line is not JSON: {error}"))),
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
mod tests;
