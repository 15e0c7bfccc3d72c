//! What goes into the engine and what comes out of it.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::ids::{
    CommandId, DialId, FetchId, FriendId, HostId, IdentityKey, Interface, LinkId, ListenerId, MessageId, MessageKey,
    SearchId,
};
use crate::rows::{RecordKey, StoredState};
use crate::time::{Millis, Wall};

/// An address on the network; of a link-local IPv6 address the scope id is part.
pub type NetAddr = SocketAddr;

/// How a datagram was addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// To this host alone.
    Unicast,
    /// To everybody on the link, by broadcast.
    Broadcast,
    /// To the protocol's group, by multicast.
    Multicast,
}

/// What happened to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// An interface is usable, or its addresses changed.
    InterfaceUp {
        /// Which.
        interface: Interface,
        /// Its own addresses with their prefix lengths.
        addresses: Vec<(std::net::IpAddr, u8)>,
    },
    /// An interface is gone.
    InterfaceDown {
        /// Which.
        interface: Interface,
    },
    /// The phone's own discovery (or a QR code, or the configuration) names an address where a host may listen.
    PeerFound {
        /// Its presence address.
        address: NetAddr,
    },
    /// The device slept, or the app was paused: every timer is stale and every link may be dead.
    Resumed,
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownReason {
    /// One side closed it in order (idle, leaving, or one of two).
    Closed,
    /// It broke: the host is taken to be offline.
    Lost,
}

/// What happened to links. A link is reliable, ordered, and has proved the peer's identity key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// The port asked for by `LinkRequest::Listen` is bound.
    Listening {
        /// Which listener.
        listener: ListenerId,
        /// The UDP port, the same on every interface.
        port: u16,
    },
    /// No port could be bound.
    ListenFailed {
        /// Which listener.
        listener: ListenerId,
    },
    /// No address of a dial answered with the expected key.
    DialFailed {
        /// Which dial.
        dial: DialId,
    },
    /// A link is up.
    Up {
        /// Its number.
        link: LinkId,
        /// The listener it arrived at or left from.
        listener: ListenerId,
        /// The dial it answers; none if the peer dialled.
        dial: Option<DialId>,
        /// The proved key of the peer.
        peer: IdentityKey,
        /// Where the peer is.
        address: NetAddr,
        /// How many bytes of frames may be sent at once, see `Writable`.
        credit: usize,
    },
    /// A whole frame arrived (without its length prefix).
    Frame {
        /// On which link.
        link: LinkId,
        /// Its bytes, at most 64 KiB.
        bytes: Vec<u8>,
    },
    /// So many further bytes of frames may be sent.
    Writable {
        /// On which link.
        link: LinkId,
        /// Added to what is left of the credit.
        bytes: usize,
    },
    /// A link is gone; nothing follows with its number.
    Down {
        /// Which.
        link: LinkId,
        /// Why.
        reason: DownReason,
    },
}

/// What the engine wants done about links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRequest {
    /// Bind a random port (the configured one for the main listener), accept links there. Answered by `Listening` or
    /// `ListenFailed`.
    Listen {
        /// Its number.
        listener: ListenerId,
    },
    /// Close a port and every link on it.
    StopListening {
        /// Which.
        listener: ListenerId,
    },
    /// Dial from a listener's socket, trying the addresses in turn. Answered by `Up` or `DialFailed` within 5 s.
    Dial {
        /// Its number.
        dial: DialId,
        /// From where.
        listener: ListenerId,
        /// Whither.
        addresses: Vec<NetAddr>,
        /// The identity key the peer must prove.
        expected: IdentityKey,
    },
    /// Close a link in order, after what was handed over has been sent. Answered by `Down`.
    Close {
        /// Which.
        link: LinkId,
    },
    /// The presence port was changed: bind this one instead.
    Rebind {
        /// The new default port.
        port: u16,
    },
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// A presence datagram to everybody on one interface: by broadcast and by multicast, from the default port.
    Everyone {
        /// Where.
        interface: Interface,
        /// At most 1200 bytes.
        bytes: Vec<u8>,
    },
    /// A presence datagram to one address, from the default port.
    Datagram {
        /// Whither.
        to: NetAddr,
        /// At most 1200 bytes.
        bytes: Vec<u8>,
    },
    /// A frame on a link.
    Frame {
        /// Which link.
        link: LinkId,
        /// At most 64 KiB; the link adds its length prefix.
        bytes: Vec<u8>,
    },
}

/// A body the engine wants read back from the store; answered by `handle_fetched`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its number.
    pub id: FetchId,
    /// Whose body.
    pub key: RecordKey,
}

/// Why the engine wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// Work is left over from the last call.
    Work,
    /// Somebody's message or handshake waits for it.
    Delivery,
    /// Beacons and house-keeping; may be late when the device saves power.
    Presence,
}

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
}

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cmd")]
pub enum Command {
    /// Be present on the network (JOIN_NETWORK).
    Join,
    /// Say good-bye (LEAVE_NETWORK) and close every link.
    Leave,
    /// Change a setting.
    Set(Setting),
    /// Look for hosts by alias; answers come as `Event::AliasFound`, the end as `Event::SearchEnded`.
    Search {
        /// What to look for.
        alias: String,
        /// How.
        #[serde(rename = "match")]
        matching: Match,
    },
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
    /// Take in a `permesso:` URI: pins the key, remembers the address.
    ScanUri {
        /// The URI.
        uri: String,
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
    /// A message is stored and waits.
    Stored {
        /// Its identity.
        message: MessageId,
    },
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
    /// A `permesso:` URI that cannot be read.
    #[error("this is not a valid permesso: URI: {reason}")]
    BadUri {
        /// What is wrong with it.
        reason: String,
    },
    /// Storage cannot keep up; nothing was taken in.
    #[error("too much is waiting to be stored: try again in a moment")]
    Busy,
}

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
    /// The user compared the safety numbers.
    pub verified: bool,
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

impl FriendView {
    /// The name to show: the user's own for it, else the one it claims.
    pub fn name(&self) -> &str {
        self.local_alias.as_deref().unwrap_or(&self.alias)
    }
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
    /// A host came, went or moved.
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
    /// A message of ours changed its fate.
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
    },
    /// Something a user should know.
    Notice(Notice),
}
