//! The commands of the bot, each an ability of the host's API: how they are read. [`super::deeds`] does them.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use permesso_node::{HostId, InterfaceAddress, Match, MessageId, MessageState, Millis, NetAddr, Place, Setting};
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::input::Line;
use super::problem::Problem;

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
    SetAll {
        settings: Vec<Setting>,
    },
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
pub(super) struct Passphrase(pub(super) Zeroizing<String>);

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
        // A setting is a value of its own, whose fields serde does not hold to the list.
        let of_list = |map: &Fields| map.keys().find(|field| !["setting", "value"].contains(&field.as_str())).cloned();
        let unknown = match (command.as_str(), map.get("settings")) {
            ("set", _) => map.keys().find(|field| !["cmd", "setting", "value"].contains(&field.as_str())).cloned(),
            ("set_all", Some(Value::Array(settings))) => settings.iter().filter_map(Value::as_object).find_map(of_list),
            _ => None,
        };
        if let Some(field) = unknown {
            return Err(Problem::invalid(format!("{command}: unknown field `{field}`, expected `setting` or `value`")));
        }
        serde_json::from_value(Value::Object(map)).map_err(|error| {
            let error = error.to_string();
            match error.starts_with(&format!("unknown variant `{command}`")) {
                true => Problem::unknown_command(error.replacen("unknown variant", "there is no command", 1)),
                false => Problem::invalid(format!("{command}: {error}")),
            }
        })
    }
}

impl From<Address> for InterfaceAddress {
    fn from(given: Address) -> Self {
        let Address { address, prefix, scope } = given;
        Self { name: address.to_string(), address, prefix, scope, network: None }
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

#[cfg(test)]
mod tests;
