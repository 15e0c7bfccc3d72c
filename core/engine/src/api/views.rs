//! What users are told, and what they can look at.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{NetAddr, Outcome, WaysReport};
use crate::ids::{CommandId, ExaminationId, FriendId, HostId, IdentityKey, MessageId, MessageKey, SearchId};
use crate::rows::StoredState;
use crate::time::Wall;

/// The five states of a friendship.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FriendState {
    /// Nothing between us.
    #[default]
    Unknown,
    /// We asked.
    RequestSent,
    /// They asked.
    RequestReceived,
    /// Friends.
    Friend,
    /// It was, and is no more.
    Ended,
}

impl std::fmt::Display for FriendState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::RequestSent => "request sent",
            Self::RequestReceived => "request received",
            Self::Friend => "friend",
            Self::Ended => "ended",
        })
    }
}

/// The six states of a packet that needs care for its delivery (2007).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PacketState {
    /// Just made.
    Created,
    /// Ready and stored, to be sent.
    SendWait,
    /// Handed to a link.
    SendComplete,
    /// Received, not yet processed.
    ProcessWait,
    /// Processed.
    ProcessComplete,
    /// Given up, with the reason.
    Dropped,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PacketService {
    /// A message.
    TextMessage,
    /// A friend request.
    FriendshipAsk,
    /// Its acceptance.
    FriendshipYes,
    /// Its refusal.
    FriendshipNo,
    /// The end of a friendship.
    FriendshipEnd,
    /// A request to start the encryption of a friendship afresh.
    Reset,
    /// "I opened your message".
    ReadReceipt,
}

/// A packet, as diagnostics show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketView {
    /// The order of its making, ascending.
    pub number: u64,
    /// What it carries.
    pub service: PacketService,
    /// Made here (else received).
    pub outgoing: bool,
    /// With whom.
    pub host: HostId,
    /// Its state.
    pub state: PacketState,
    /// Why it was dropped.
    pub reason: Option<String>,
    /// When its state last changed.
    pub changed: Wall,
}

/// Something about a name that a user should see before trusting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameFlag {
    /// Looks like a friend's name but is another host (UTS 39 skeleton).
    LooksLikeFriend,
    /// Has the very name of a friend but is another host.
    SameAsFriend,
    /// Mixes scripts in a way names rarely do.
    MixedScripts,
    /// Contains characters that reorder or hide text (bidi controls, zero width).
    InvisibleOrBidi,
}

/// A host's answer to a search: a claim, labelled by its key. Two hosts may claim one alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasClaim {
    /// Who answered.
    pub host: HostId,
    /// The alias it claims, in NFC.
    pub alias: String,
    /// What to look out for.
    pub flags: Vec<NameFlag>,
    /// Where we stand with it.
    pub friend: FriendState,
}

/// A host, as this host sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostView {
    /// Its id.
    pub host: HostId,
    /// Whether it is taken to be here.
    pub online: bool,
    /// Where it was last heard.
    pub address: Option<NetAddr>,
    /// The port of the conversation with it, if one is open.
    pub conversation_port: Option<u16>,
    /// When it was last heard.
    pub last_heard: Option<Wall>,
    /// Which of the special hosts it is, if one.
    pub special: Option<SpecialHost>,
    /// The alias it last claimed, if any.
    pub alias: Option<String>,
    /// Where we stand with it.
    pub friend: FriendState,
}

/// The three hosts everybody knows (2007).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialHost {
    /// This host, always online.
    Local,
    /// Everybody, always online.
    Broadcast,
    /// Any persistent server.
    PersistentServer,
}

/// A friend, an asker or an ended friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendView {
    /// Its local number; names the conversation.
    pub friend: FriendId,
    /// Its host.
    pub host: HostId,
    /// The state.
    pub state: FriendState,
    /// The alias it claims.
    pub alias: String,
    /// The name the user gave it.
    pub local_alias: Option<String>,
    /// The key is known to be the right one: the user compared the safety numbers, or scanned its code, or it scanned ours.
    pub verified: bool,
    /// It asked with a code of this host's that nobody else asked with: once accepted, it is verified by that.
    pub has_code: bool,
    /// The user wants to hear nothing of it.
    pub blocked: bool,
    /// The greeting of an open request from it.
    pub greeting: Option<String>,
    /// What to look out for in its alias.
    pub flags: Vec<NameFlag>,
    /// Received messages not yet read.
    pub unread: u32,
    /// Whether its host is online.
    pub online: bool,
}

/// Somebody whose key is pinned, as an address book needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactView {
    /// Its local number; names the conversation.
    pub friend: FriendId,
    /// Its host.
    pub host: HostId,
    /// The host's key.
    pub key: IdentityKey,
    /// The alias it claims.
    pub alias: String,
    /// The name the user gave it.
    pub local_alias: Option<String>,
    /// Where we stand with it.
    pub state: FriendState,
    /// The user compared the safety numbers.
    pub verified: bool,
    /// The user wants to hear nothing of it.
    pub blocked: bool,
}

impl ContactView {
    /// The contact that a record of [`Table::Friend`](crate::rows::Table::Friend) describes, for reading a damaged database
    /// without an engine; `None` if the record is damaged too.
    pub fn of_record(value: &[u8]) -> Option<Self> {
        crate::record::decode::<crate::friends::Friend>(value).map(|friend| friend.contact())
    }

    /// The name to show, as [`FriendView::name`].
    pub fn name(&self) -> Cow<'_, str> {
        self.known_name().map_or_else(|| self.host.short().into(), Cow::Borrowed)
    }

    /// The user's own name for it, else the alias it claims, if it has told one.
    pub fn known_name(&self) -> Option<&str> {
        named(self.local_alias.as_deref(), &self.alias)
    }
}

/// Other people's envelopes at this host, and who is here: numbers only, nothing of what an envelope says or whose it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarryingView {
    /// This host is a persistent server.
    pub server: bool,
    /// Envelopes that wait here.
    pub envelopes: u64,
    /// The most that may wait here.
    pub envelopes_max: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The most bytes that may wait here.
    pub storage_bytes: u64,
    /// Envelopes taken in since the start.
    pub deposits: u64,
    /// Envelopes that were here and were proved delivered since the start.
    pub deliveries: u64,
    /// How often an envelope was refused for lack of room since the start.
    pub refused: u64,
    /// Envelopes whose lifetime ended here since the start.
    pub expired: u64,
    /// Hosts that are here, without this one.
    pub hosts_online: u64,
    /// Of these, persistent servers.
    pub servers_online: u64,
    /// Links that are ready.
    pub links: u64,
}

impl FriendView {
    /// The name to show: the user's own for it, else the alias it claims, else, as who shows itself to friends alone has told none
    /// before it is one, the [beginning of its id](HostId::short).
    pub fn name(&self) -> Cow<'_, str> {
        self.known_name().map_or_else(|| self.host.short().into(), Cow::Borrowed)
    }

    /// The user's own name for it, else the alias it claims, if it has told one.
    pub fn known_name(&self) -> Option<&str> {
        named(self.local_alias.as_deref(), &self.alias)
    }
}

fn named<'a>(local_alias: Option<&'a str>, alias: &'a str) -> Option<&'a str> {
    local_alias.or(Some(alias).filter(|alias| !alias.is_empty()))
}

/// A message's fate, in the five words of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum MessageState {
    /// Only this device has it.
    Queued,
    /// A named server, or other hosts, took a copy.
    Held,
    /// The recipient's device has stored it and proved so.
    Delivered,
    /// The recipient opened it.
    Read,
    /// It will not arrive, unless a proof still comes.
    Failed {
        /// Why.
        reason: FailReason,
    },
}

/// Somebody who said to have stored a copy of a message of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderView {
    /// Its host.
    pub host: HostId,
    /// The name to show: the user's own for it, else the alias it claims; `None` if it has told none.
    pub alias: Option<String>,
    /// What to look out for in that alias.
    pub flags: Vec<NameFlag>,
    /// It is a persistent server; else a host that carries the copy with it.
    pub server: bool,
}

/// A persistent server that had no room for a message of ours when it was offered to it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullServerView {
    /// The server.
    pub host: HostId,
    /// The name to show: the user's own for it, else the alias it claims; `None` if it has told none.
    pub alias: Option<String>,
    /// What to look out for in that alias.
    pub flags: Vec<NameFlag>,
    /// What it has no more of.
    pub reason: FullReason,
}

/// Why a server has no room for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FullReason {
    /// Its storage is full.
    Storage,
    /// This host has left as much there as one host may.
    Quota,
}

/// What a host carries for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyView {
    /// Whether more is taken.
    pub carry: bool,
    /// This host is a persistent server.
    pub server: bool,
    /// Envelopes here now.
    pub envelopes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many are kept at most.
    pub envelopes_max: u64,
    /// How many bytes are kept at most.
    pub bytes_max: u64,
    /// Hosts that handed over what is here, of those that did so since the start.
    pub depositors: u64,
    /// Envelopes taken since the start.
    pub taken: u64,
    /// Envelopes that were here and proved delivered since the start.
    pub delivered: u64,
}

/// Why a message failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailReason {
    /// Its time ran out.
    Expired,
    /// The friendship ended.
    FriendshipEnded,
    /// Cancelled by its writer.
    Cancelled,
    /// The outbox was full and it was the oldest.
    OutboxFull,
}

impl From<StoredState> for MessageState {
    fn from(state: StoredState) -> Self {
        match state {
            StoredState::Queued => Self::Queued,
            StoredState::Held => Self::Held,
            StoredState::Delivered => Self::Delivered,
            StoredState::Read => Self::Read,
            StoredState::FailedExpired => Self::Failed { reason: FailReason::Expired },
            StoredState::FailedEnded => Self::Failed { reason: FailReason::FriendshipEnded },
            StoredState::FailedCancelled => Self::Failed { reason: FailReason::Cancelled },
            StoredState::FailedDropped => Self::Failed { reason: FailReason::OutboxFull },
        }
    }
}

/// Something a user should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
pub enum Notice {
    /// The history was full: its oldest message was removed.
    HistoryDropped {
        /// Whose conversation.
        host: HostId,
        /// Which message.
        message: MessageId,
    },
    /// The outbox was full: its oldest message will not be sent.
    OutboxDropped {
        /// To whom.
        host: HostId,
        /// Which message.
        message: MessageId,
    },
    /// So many messages of a friend could not be opened and were given up.
    MessagesLost {
        /// Whose.
        host: HostId,
        /// How many.
        count: u64,
    },
    /// A ciphertext held for its turn was put out because too many wait; its sender still has it.
    HeldDropped {
        /// Whose.
        host: HostId,
    },
    /// The database is an older copy of this host's: what came since is not in it, and the encryption with every friend is
    /// started afresh.
    CopyRestored,
    /// The encryption with a friend was started afresh.
    EncryptionReset {
        /// With whom.
        host: HostId,
    },
    /// A friend lost the friendship (a new device, an erased one) and asks again.
    FriendAsksAgain {
        /// Who.
        host: HostId,
    },
    /// Two hosts asked with the same code of this host's: somebody passed it on, or took a picture of it. Neither is verified
    /// by it.
    CodeShared {
        /// Who asked first.
        host: HostId,
        /// Who asked now.
        other: HostId,
    },
    /// A friend request was not answered in time.
    AskExpired {
        /// To whom, or from whom.
        host: HostId,
    },
    /// A friend request was refused.
    AskRefused {
        /// By whom.
        host: HostId,
    },
    /// The presence port could not be bound or no link port is free.
    NoPort,
}

/// Something that happened. The database is the truth; an event says where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A command is done and durable.
    Done {
        /// Which.
        command: CommandId,
        /// What it brought.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// A host came, went or moved, or one that is here has another alias, or we stand otherwise with it.
    HostChanged(HostView),
    /// An answer to a search.
    AliasFound {
        /// Which search.
        search: SearchId,
        /// The claim.
        #[serde(flatten)]
        claim: AliasClaim,
    },
    /// A search waits for no more answers.
    SearchEnded {
        /// Which search.
        search: SearchId,
    },
    /// Which ways of finding others work.
    Examined {
        /// Which examination.
        examination: ExaminationId,
        /// What it found out.
        #[serde(flatten)]
        report: WaysReport,
    },
    /// A friend's state, name or marks changed; a new request shows here too.
    FriendChanged(FriendView),
    /// A message arrived and is stored.
    MessageReceived {
        /// From whom.
        host: HostId,
        /// Its row in the history.
        key: MessageKey,
        /// Its identity.
        message: MessageId,
        /// The text.
        text: String,
        /// When its sender says to have sent it.
        send_time: Wall,
        /// When it arrived here.
        local_time: Wall,
        /// A message it follows has not arrived yet.
        gap: bool,
    },
    /// A message of ours changed its fate, one more host took a copy, or a server had no room for one.
    MessageChanged {
        /// To whom.
        host: HostId,
        /// Its row in the history.
        key: MessageKey,
        /// Its identity.
        message: MessageId,
        /// Its fate now.
        #[serde(flatten)]
        state: MessageState,
        /// While it is held: who took a copy, as [`Engine::holders`](crate::Engine::holders) gives them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holders: Vec<HolderView>,
        /// Servers that had no room for it, as [`Engine::full_servers`](crate::Engine::full_servers) gives them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        full: Vec<FullServerView>,
    },
    /// Something a user should know.
    Notice(Notice),
}
