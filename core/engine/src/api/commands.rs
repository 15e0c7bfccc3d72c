//! What users ask for, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::FriendState;
use crate::ids::{ExaminationId, HostId, MessageId, SearchId};
use crate::time::Millis;
use crate::uri::UriError;

/// How an alias is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The whole alias.
    Exact,
    /// A part of it.
    Partial,
}

/// Who may see that this host is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Beacons go to all and searches are answered.
    #[default]
    Everybody,
    /// Only friends are told, one by one; searches are answered to friends alone.
    Friends,
    /// Nobody is told; friends can be written to once a link is made from here.
    Nobody,
}

/// A setting that can change at run time; it is kept and outlives the configuration file's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "setting", content = "value")]
pub enum Setting {
    /// One's own alias, at most 64 bytes of UTF-8.
    Alias(String),
    /// Who may see this host.
    Visibility(Visibility),
    /// The default UDP port.
    Port(u16),
    /// Messages kept per conversation.
    HistoryLimit(u32),
    /// Messages waiting to be delivered, all friends together.
    OutboxLimit(u32),
    /// After how long an undelivered message fails.
    OutboxExpiry(Millis),
    /// Whether friends are told that their messages were opened.
    ReadReceipts(bool),
    /// Whether messages of others are carried. What is here already stays for its recipients; own mail is spread in any case.
    Carry(bool),
    /// Bytes of envelopes of others kept in all, 1 MiB to 1 TiB. A client drops at once what is over it; a server takes no more.
    CarryBytes(u64),
}

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cmd")]
pub enum Command {
    /// Be present on the network (JOIN_NETWORK).
    Join,
    /// Hand waiting mail to those who are here, say good-bye (LEAVE_NETWORK) and close every link. Completes when that is
    /// done, within 2 s; a second one goes at once, and after a `Join` meanwhile this host stays.
    Leave,
    /// Change a setting.
    Set(Setting),
    /// Change several settings, or none of them if one is refused.
    SetAll {
        /// To what; of two for the same thing the last counts.
        settings: Vec<Setting>,
    },
    /// Look for hosts by alias; answers come as `Event::AliasFound`, the end as `Event::SearchEnded`.
    Search {
        /// What to look for; the empty part is in every alias.
        alias: String,
        /// How.
        #[serde(rename = "match")]
        matching: Match,
    },
    /// Look which ways of finding others work; the end comes as `Event::Examined`, within 12 s for each small network.
    #[serde(rename = "doctor")]
    Examine,
    /// Ask a host to become a friend. Completes when the request is stored.
    AskFriendship {
        /// Whom. Its key must be known: from a search, from a link or from a scanned URI.
        host: HostId,
        /// A few words, at most 280 bytes of UTF-8.
        greeting: String,
    },
    /// Answer a friend request. Completes when the answer is stored.
    AnswerFriendship {
        /// Whose request.
        host: HostId,
        /// Yes or no. A no is sent only if `tell` is set.
        accept: bool,
        /// Whether a refusal is told; silence is the default.
        #[serde(default)]
        tell: bool,
    },
    /// Take back a friend request that has not been answered.
    CancelAsk {
        /// To whom.
        host: HostId,
    },
    /// End a friendship and tell the other.
    EndFriendship {
        /// With whom.
        host: HostId,
    },
    /// Hear nothing more of a host; it is not told.
    Block {
        /// Whom.
        host: HostId,
    },
    /// Allow a blocked host to ask again.
    Unblock {
        /// Whom.
        host: HostId,
    },
    /// Give a friend a name of one's own, or take it away.
    SetLocalAlias {
        /// Whom.
        host: HostId,
        /// At most 64 bytes of UTF-8.
        alias: Option<String>,
    },
    /// Mark a friend as verified, or not: the user has compared the safety numbers.
    SetVerified {
        /// Whom.
        host: HostId,
        /// Compared and equal.
        verified: bool,
    },
    /// Take in a `permesso:` URI that was scanned: pins the key, verifies its host, remembers the address. A request made to it
    /// then shows that its code was scanned, so that both sides are verified once it is accepted.
    ScanUri {
        /// The URI.
        uri: String,
    },
    /// Make a new code: codes shown so far still name this host, but verify nobody any more who was not accepted yet.
    RenewCode,
    /// Take in a contact of an address book: pins the key and remembers address and name. Unlike a scanned code it proves
    /// nothing about who wrote it, so it verifies nobody.
    AddContact {
        /// Its `permesso:` URI.
        uri: String,
        /// The name the user has for it, at most 64 bytes of UTF-8. Kept unless there is one already, or it claims this one.
        name: Option<String>,
    },
    /// Write to a friend. Completes when the message is stored, with its id.
    SendText {
        /// To whom.
        host: HostId,
        /// At most 4,096 bytes of UTF-8.
        text: String,
    },
    /// Try a failed message again.
    Retry {
        /// Which.
        message: MessageId,
    },
    /// Give up a message that is not yet delivered.
    Cancel {
        /// Which.
        message: MessageId,
    },
    /// Every received message of a conversation has been seen.
    MarkRead {
        /// Whose conversation.
        host: HostId,
    },
    /// Remove a message from this device's history.
    DeleteMessage {
        /// Which.
        message: MessageId,
    },
}

impl Command {
    /// The settings it changes, all of them or none.
    pub fn settings(&self) -> &[Setting] {
        match self {
            Self::Set(setting) => std::slice::from_ref(setting),
            Self::SetAll { settings } => settings,
            _ => &[],
        }
    }
}

/// What became of the mail that was waiting when a host left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Own messages that were handed on to others.
    pub handed_on: u64,
    /// Envelopes of others that were handed on.
    pub carried: u64,
    /// Own messages that are on this device alone.
    pub kept: u64,
}

/// What a completed command brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It is done and durable.
    Done,
    /// A search has begun.
    Searching {
        /// Its number, also in its events.
        search: SearchId,
    },
    /// The ways of finding others are being looked at.
    Examining {
        /// The number of the examination, also in its event.
        examination: ExaminationId,
    },
    /// A message is stored and waits.
    Stored {
        /// Its identity.
        message: MessageId,
    },
    /// This host has left the network.
    Left(Left),
    /// A URI names this host.
    Scanned {
        /// Whom.
        host: HostId,
    },
}

/// Why a command was refused; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Longer than the named limit allows.
    #[error("the {what} has {length} bytes, the limit is {limit}: shorten it")]
    TooLong {
        /// What was too long.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Nothing was given.
    #[error("the {what} is empty: write something")]
    Empty {
        /// What was empty.
        what: &'static str,
    },
    /// A setting outside its range.
    #[error("{what} must be {range}")]
    OutOfRange {
        /// Which setting.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
    },
    /// The host's key is not known.
    #[error("host {host} is not known here: search for it or scan its code first")]
    UnknownHost {
        /// Which.
        host: HostId,
    },
    /// It needs a friend.
    #[error("{host} is not a friend: ask for friendship first")]
    NotAFriend {
        /// Who.
        host: HostId,
    },
    /// The friendship's state does not allow it.
    #[error("not possible now: with {host} the state is {state}")]
    WrongState {
        /// With whom.
        host: HostId,
        /// The state it is in.
        state: FriendState,
    },
    /// This host itself.
    #[error("that is this host itself")]
    Oneself,
    /// Too many open requests.
    #[error("{limit} friend requests are open already: wait for answers or take one back")]
    TooManyAsks {
        /// The limit.
        limit: usize,
    },
    /// No such message, or not in a state that allows it.
    #[error("message {message} is not known here or not in a state that allows this")]
    UnknownMessage {
        /// Which.
        message: MessageId,
    },
    /// A persistent server carries mail as long as it is one.
    #[error("a persistent server always carries for others: give up that role first")]
    ServerCarries,
    /// A `permesso:` URI that cannot be read.
    #[error("this is not a valid permesso: URI: {reason}")]
    BadUri {
        /// What is wrong with it.
        reason: UriError,
    },
    /// Storage cannot keep up; nothing was taken in.
    #[error("too much is waiting to be stored: try again in a moment")]
    Busy,
}
