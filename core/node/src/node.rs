//! The handle of a live host.

mod asking;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use permesso_engine::api::{
    AliasClaim, CarryingView, Command, CustodyView, Event, FriendView, FullServerView, HolderView, HostView, Left,
    Match, MessageState, NetAddr, Outcome, PacketView, Setting,
};
use permesso_engine::ids::{HostId, IdentityKey, MessageId};
use permesso_engine::safety::safety_number;
use permesso_engine::{ChangedSettings, Engine, Settings};
use permesso_store::Key;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::config::Config;
use crate::doctor::{self, DoctorReport};
use crate::error::NodeError;
use crate::events::{EventHub, EventStream, NodeEvent};
use crate::generation::{GenerationFile, GenerationKeeper, Keeper};
use crate::history::{HistoryMessage, Place};
use crate::interfaces::InterfaceAddress;
use crate::lent::Lent;
use crate::lifecycle;
use crate::radio::{HostLink, HostLinkPort};
use crate::request::Request;
use crate::storage::blocking;

use self::asking::{next_state, timeout};

/// A new identity is stored within this: an fsync takes milliseconds, on a busy phone's flash a second.
const STORED_WITHIN: Duration = Duration::from_secs(5);
/// How long `leave` may take (protocol, the ladder, rung 5).
const LEAVE_TIME: Duration = Duration::from_secs(2);

/// How long the doctor may take: the questions, and a sweep of several small networks.
const EXAMINATION_TIME: Duration = Duration::from_secs(60);

/// Added to the time a search waits for answers, for the way through the driver.
const SEARCH_MARGIN: Duration = Duration::from_secs(1);

/// What a host needs to live.
#[derive(Clone)]
pub struct NodeConfig {
    /// The folder of its database; made if it is not there. One host, one folder.
    pub directory: PathBuf,
    /// The key of the database; the platform's keystore keeps it for the host.
    pub key: Key,
    /// Every parameter.
    pub config: Config,
    pub(crate) generation: Keeper,
}

impl NodeConfig {
    /// A host in `directory`, its database encrypted under `key`. What notices an older copy of the database is kept in the
    /// file [`GenerationFile::beside`] the directory.
    pub fn new(directory: impl Into<PathBuf>, key: Key, config: Config) -> Self {
        let directory = directory.into();
        let generation = Keeper::new(GenerationFile::beside(&directory));
        Self { directory, key, config, generation }
    }

    /// The same, with the generation kept elsewhere.
    pub fn with_generation(self, keeper: impl GenerationKeeper + 'static) -> Self {
        Self { generation: Keeper::new(keeper), ..self }
    }
}

impl std::fmt::Debug for NodeConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeConfig")
            .field("directory", &self.directory)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// A live host. A cheap handle: clones name the same host, which lives until `stop` or until the last handle is dropped.
///
/// Methods that change something return when the change is durable. All of them must be called inside a tokio runtime with
/// time and I/O enabled.
#[derive(Clone, Debug)]
pub struct Node {
    requests: mpsc::Sender<Request>,
    lent: Weak<Lent>,
    events: broadcast::WeakSender<NodeEvent>,
    identity: Arc<Identity>,
}

#[derive(Debug)]
struct Identity {
    host: HostId,
    key: IdentityKey,
    restored: bool,
    search_time: Duration,
}

/// Life and death.
impl Node {
    /// Opens the host in `config.directory`, or makes a new one there. It is not on the network before `start`; its history
    /// can be read and messages can be written all the same.
    pub async fn open(config: NodeConfig) -> Result<Self, NodeError> {
        Self::open_with_events(config).await.map(|(node, _)| node)
    }

    /// The same, with everything that happens from the first moment, such as requests that expired meanwhile: who asks for
    /// [`events`](Self::events) afterwards may miss what the opening itself brought.
    pub async fn open_with_events(config: NodeConfig) -> Result<(Self, EventStream), NodeError> {
        config.config.check()?;
        let search_time = Duration::from_millis(config.config.presence.search_time.0);
        let opened = lifecycle::open(config).await?;
        let (host, key, restored) = (opened.host, opened.key, opened.restored);
        let identity = Arc::new(Identity { host, key, restored, search_time });
        let node = Self { requests: opened.requests, lent: opened.lent, events: opened.events, identity };
        if opened.is_new {
            // Nobody is to learn of an identity that would be another one after a crash. On a disk that takes nothing the host says
            // so in its events.
            let _ = tokio::time::timeout(STORED_WITHIN, node.ask(Request::Settle)).await;
        }
        Ok((node, opened.first_events))
    }

    /// Binds the sockets and joins the network. Does nothing if it has been started.
    ///
    /// # Errors
    /// `PortInUse` if another program has the presence port, `NoInterface` if there is nothing to be present on.
    pub async fn start(&self) -> Result<(), NodeError> {
        self.ask(Request::Start).await
    }

    /// Closes links, sockets and the database, so that the app may be suspended: nothing is locked and nothing is lost.
    /// Until `resume`, commands fail with `Paused`; views still work.
    pub async fn pause(&self) -> Result<(), NodeError> {
        self.ask(Request::Pause).await
    }

    /// Opens again what `pause` closed and goes on. Without a network yet, it is joined as soon as there is one.
    pub async fn resume(&self) -> Result<(), NodeError> {
        self.ask(Request::Resume).await
    }

    /// Hands waiting mail to those who are here and have room for it, and says good-bye to the network, within 2 s; then closes
    /// every link and socket, within 2 s more. Tells what was handed on; the own copies stay. Then it is as before its `start`, by
    /// which it joins again.
    pub async fn leave(&self) -> Result<Left, NodeError> {
        match tokio::time::timeout(LEAVE_TIME, self.command(Command::Leave)).await {
            Ok(Ok(Outcome::Left(left))) => {
                self.ask(Request::Rest).await?;
                Ok(left)
            }
            Ok(result) => result.map(|_| Left::default()),
            Err(_) => Err(timeout("leaving", LEAVE_TIME)),
        }
    }

    /// Closes everything and ends the host; what was accepted is durable. Others notice by its silence: call `leave` first to
    /// tell them. Every later call on any handle fails with `Stopped`, event streams end.
    pub async fn stop(&self) -> Result<(), NodeError> {
        match self.ask(Request::Stop).await {
            Err(NodeError::Stopped) => Ok(()),
            result => result,
        }
    }
}

/// What a user asks for.
impl Node {
    /// Carries a command out; returns when it is durable.
    ///
    /// # Errors
    /// `Command` if it was refused, `StorageFailed` if it could not be stored: both mean that nothing has changed.
    pub async fn command(&self, command: Command) -> Result<Outcome, NodeError> {
        self.ask(|reply| Request::Command(command, reply)).await
    }

    /// Looks for hosts by alias and waits for the answers, as long as `presence.search_time` says. One claim per host, in the
    /// order of arrival; two hosts may claim one alias.
    pub async fn search(&self, alias: &str, matching: Match) -> Result<Vec<AliasClaim>, NodeError> {
        let mut events = self.events();
        let outcome = self.command(Command::Search { alias: alias.into(), matching }).await?;
        let Outcome::Searching { search: ours } = outcome else { return Ok(Vec::new()) };
        let mut claims: Vec<AliasClaim> = Vec::new();
        let collect = async {
            while let Some(event) = events.next().await {
                match event {
                    NodeEvent::Engine(Event::AliasFound { search, claim }) if search == ours => {
                        claims.retain(|known| known.host != claim.host);
                        claims.push(claim);
                    }
                    NodeEvent::Engine(Event::SearchEnded { search }) if search == ours => return,
                    _ => {}
                }
            }
        };
        // A reader that missed the end has still found what it has found.
        let _ = tokio::time::timeout(self.identity.search_time + SEARCH_MARGIN, collect).await;
        Ok(claims)
    }

    /// Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks. Starts
    /// the host if it is not; that it cannot be started is part of the report. Only a way by which somebody answered is said
    /// to work.
    ///
    /// # Errors
    /// `Paused`, `Stopped`, or trouble with the store; never because of the network.
    pub async fn doctor(&self) -> Result<DoctorReport, NodeError> {
        if let Err(error) = self.start().await {
            let port = self.settings().await?.port;
            return doctor::report_without_presence(&error, port).ok_or(error);
        }
        let mut events = self.events();
        let outcome = self.command(Command::Examine).await?;
        let wait = async {
            while let Some(event) = events.next().await {
                if let NodeEvent::Engine(Event::Examined { examination, report }) = event
                    && outcome == (Outcome::Examining { examination })
                {
                    return Ok(report);
                }
            }
            Err(NodeError::Stopped)
        };
        let ways = tokio::time::timeout(EXAMINATION_TIME, wait).await;
        let ways = ways.unwrap_or_else(|_| Err(timeout("looking at the network", EXAMINATION_TIME)))?;
        let (reply, answer) = oneshot::channel();
        self.tell(Request::Facts(reply)).await?;
        let facts = answer.await.map_err(|_| NodeError::Stopped)?;
        Ok(doctor::report(ways, &facts))
    }

    /// Asks a host to become a friend, with a few words (at most 280 bytes). Returns when the request is stored; the answer
    /// comes as `Event::FriendChanged`.
    pub async fn ask_friendship(&self, host: HostId, greeting: &str) -> Result<(), NodeError> {
        self.command(Command::AskFriendship { host, greeting: greeting.into() }).await.map(drop)
    }

    /// Answers a friend request. A refusal is told to the asker only if `tell` is set.
    pub async fn answer_friendship(&self, host: HostId, accept: bool, tell: bool) -> Result<(), NodeError> {
        self.command(Command::AnswerFriendship { host, accept, tell }).await.map(drop)
    }

    /// Takes back a friend request that has not been answered.
    pub async fn cancel_ask(&self, host: HostId) -> Result<(), NodeError> {
        self.command(Command::CancelAsk { host }).await.map(drop)
    }

    /// Ends a friendship and tells the other.
    pub async fn end_friendship(&self, host: HostId) -> Result<(), NodeError> {
        self.command(Command::EndFriendship { host }).await.map(drop)
    }

    /// Hears nothing more of a host; it is not told.
    pub async fn block(&self, host: HostId) -> Result<(), NodeError> {
        self.command(Command::Block { host }).await.map(drop)
    }

    /// Allows a blocked host to ask again.
    pub async fn unblock(&self, host: HostId) -> Result<(), NodeError> {
        self.command(Command::Unblock { host }).await.map(drop)
    }

    /// Gives a friend a name of one's own (at most 64 bytes), or takes it away.
    pub async fn set_local_alias(&self, host: HostId, alias: Option<String>) -> Result<(), NodeError> {
        self.command(Command::SetLocalAlias { host, alias }).await.map(drop)
    }

    /// Notes that the user compared the safety numbers, or takes that back.
    pub async fn set_verified(&self, host: HostId, verified: bool) -> Result<(), NodeError> {
        self.command(Command::SetVerified { host, verified }).await.map(drop)
    }

    /// Takes in a scanned `permesso:` URI: pins the key, verifies its host, remembers the address; a request made to it then
    /// verifies this host there too, once it is accepted. Returns whom it names.
    pub async fn scan_uri(&self, uri: &str) -> Result<HostId, NodeError> {
        match self.command(Command::ScanUri { uri: uri.into() }).await? {
            Outcome::Scanned { host } => Ok(host),
            _ => Err(NodeError::StorageFailed),
        }
    }

    /// Makes a new code. Those shown so far still name this host, but verify nobody any more who was not accepted yet: for a
    /// code that came into wrong hands.
    pub async fn renew_code(&self) -> Result<(), NodeError> {
        self.command(Command::RenewCode).await.map(drop)
    }

    /// Writes to a friend, at most 4,096 bytes. Returns when the message is stored, whether or not the friend is there; its
    /// fate is told by `Event::MessageChanged` and `wait_for_state`.
    pub async fn send(&self, host: HostId, text: &str) -> Result<MessageId, NodeError> {
        match self.command(Command::SendText { host, text: text.into() }).await? {
            Outcome::Stored { message } => Ok(message),
            _ => Err(NodeError::StorageFailed),
        }
    }

    /// Tries a failed message again.
    pub async fn retry(&self, message: MessageId) -> Result<(), NodeError> {
        self.command(Command::Retry { message }).await.map(drop)
    }

    /// Gives up a message that is not yet delivered.
    pub async fn cancel(&self, message: MessageId) -> Result<(), NodeError> {
        self.command(Command::Cancel { message }).await.map(drop)
    }

    /// Notes that every received message of a conversation has been seen.
    pub async fn mark_read(&self, host: HostId) -> Result<(), NodeError> {
        self.command(Command::MarkRead { host }).await.map(drop)
    }

    /// Removes a message from this device's history.
    pub async fn delete_message(&self, message: MessageId) -> Result<(), NodeError> {
        self.command(Command::DeleteMessage { message }).await.map(drop)
    }

    /// Changes a setting; it outlives the configuration file's value.
    ///
    /// # Errors
    /// `PortInUse` or `AddressUnusable` if presence cannot move to that port: it stays on the old one.
    pub async fn set(&self, setting: Setting) -> Result<(), NodeError> {
        self.command(Command::Set(setting)).await.map(drop)
    }

    /// Waits until a message of ours is in a state that `wanted` accepts, and returns that state.
    ///
    /// # Errors
    /// `Timeout` when `timeout` has passed first; the message goes on all the same. `Command(UnknownMessage)` if it is not in
    /// the history.
    pub async fn wait_for_state(
        &self,
        message: MessageId,
        wanted: impl Fn(&MessageState) -> bool,
        timeout: Duration,
    ) -> Result<MessageState, NodeError> {
        let wait = async {
            let mut events = self.events();
            loop {
                let stored = self.message(message).await?;
                let stored = stored.ok_or(permesso_engine::api::CommandError::UnknownMessage { message })?;
                if wanted(&stored.state) {
                    return Ok(stored.state);
                }
                match next_state(&mut events, message, &wanted).await? {
                    Some(state) => return Ok(state),
                    None => continue,
                }
            }
        };
        tokio::time::timeout(timeout, wait).await.unwrap_or_else(|_| Err(self::timeout("that state", timeout)))
    }

    /// Waits until a message is delivered, read or failed, and returns which.
    pub async fn wait_for_fate(&self, message: MessageId, timeout: Duration) -> Result<MessageState, NodeError> {
        let settled = |state: &MessageState| !matches!(state, MessageState::Queued | MessageState::Held);
        self.wait_for_state(message, settled, timeout).await
    }
}

/// What there is to see.
impl Node {
    /// What happens from now on. A reader that is too slow gets `NodeNotice::Missed` and holds nobody up.
    pub fn events(&self) -> EventStream {
        EventHub::stream(&self.events)
    }

    /// This host's id.
    pub fn host_id(&self) -> HostId {
        self.identity.host
    }

    /// This host's identity key.
    pub fn identity_key(&self) -> IdentityKey {
        self.identity.key
    }

    /// Whether the database was found to be an older copy when the host was opened: what came since is not in it, and the
    /// encryption with every friend is started afresh.
    pub fn is_restored_copy(&self) -> bool {
        self.identity.restored
    }

    /// This host's `permesso:` URI, the content of its QR code, with the presence addresses it has now, at most four, so that
    /// it can be found where broadcast is dropped; `address` stands in place of them, for a host that others reach by another.
    /// It is to be shown to one person: its token is another as soon as somebody has asked with it, and each day.
    pub async fn uri(&self, address: Option<NetAddr>) -> Result<String, NodeError> {
        let addresses = match address {
            Some(address) => vec![address],
            None => self.addresses().await?,
        };
        self.view(move |engine| engine.uri(&addresses)).await
    }

    /// The presence addresses this host has now; before it is started, those it would have.
    pub async fn addresses(&self) -> Result<Vec<NetAddr>, NodeError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Request::Addresses(reply)).await?;
        answer.await.map_err(|_| NodeError::Stopped)
    }

    /// Every host known, the three special ones first.
    pub async fn hosts(&self) -> Result<Vec<HostView>, NodeError> {
        self.view(Engine::hosts).await
    }

    /// Friends, askers and ended friends, in the order they were met.
    pub async fn friends(&self) -> Result<Vec<FriendView>, NodeError> {
        self.view(Engine::friends).await
    }

    /// One of them, if the host is among them.
    pub async fn friend(&self, host: HostId) -> Result<Option<FriendView>, NodeError> {
        self.view(move |engine| engine.friends().into_iter().find(|friend| friend.host == host)).await
    }

    /// The 60 digits two users compare, if the host's key is known.
    pub async fn safety_number(&self, host: HostId) -> Result<Option<String>, NodeError> {
        let (ours, theirs) = (self.identity_key(), self.view(move |engine| engine.key_of(host)).await?);
        let Some(theirs) = theirs else { return Ok(None) };
        // Thousands of rounds of hashing: neither the host nor who asks waits for them.
        blocking(move || Ok(Some(safety_number(&ours, &theirs)))).await
    }

    /// The settings in force.
    pub async fn settings(&self) -> Result<Settings, NodeError> {
        self.view(Engine::settings).await
    }

    /// Which settings were changed while the host ran, now or earlier; the others are the configuration's.
    pub async fn changed_settings(&self) -> Result<ChangedSettings, NodeError> {
        self.view(Engine::changed_settings).await
    }

    /// The newest packets and their states, for diagnostics.
    pub async fn packets(&self) -> Result<Vec<PacketView>, NodeError> {
        self.view(Engine::packets).await
    }

    /// What this host keeps for others, and how busy it is.
    pub async fn carrying(&self) -> Result<CarryingView, NodeError> {
        self.view(Engine::carrying).await
    }

    /// Counts of what was dropped or refused, by reason.
    pub async fn counters(&self) -> Result<BTreeMap<&'static str, u64>, NodeError> {
        self.view(Engine::counters).await
    }

    /// What is carried for others, and how much may be.
    pub async fn custody(&self) -> Result<CustodyView, NodeError> {
        self.view(Engine::custody).await
    }

    /// Received messages not yet read, of one friend.
    pub async fn unread(&self, host: HostId) -> Result<u32, NodeError> {
        Ok(self.friend(host).await?.map_or(0, |friend| friend.unread))
    }

    /// The newest `limit` messages of a conversation that stand before `before` (the end, if none), oldest of them first.
    pub async fn messages(
        &self,
        host: HostId,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Vec<HistoryMessage>, NodeError> {
        let page = self.history().await?.page(host, before, limit).await?;
        self.filled(page).await
    }

    /// One message, if it is in the history.
    pub async fn message(&self, message: MessageId) -> Result<Option<HistoryMessage>, NodeError> {
        let found = self.history().await?.message(message).await?;
        Ok(self.filled(found.into_iter().collect()).await?.pop())
    }

    /// Who said to have stored a copy of a message of ours that is not yet delivered: servers first, then friends, then
    /// others. Empty while only this device has it.
    pub async fn holders(&self, message: MessageId) -> Result<Vec<HolderView>, NodeError> {
        self.view(move |engine| engine.holders(message)).await
    }

    /// Servers that had no room for a message of ours, which is not yet delivered, when it was offered to them last.
    pub async fn full_servers(&self, message: MessageId) -> Result<Vec<FullServerView>, NodeError> {
        self.view(move |engine| engine.full_servers(message)).await
    }

    /// Messages of all conversations that contain `text` (case is ignored), newest first, at most `limit`.
    pub async fn search_history(&self, text: &str, limit: usize) -> Result<Vec<HistoryMessage>, NodeError> {
        let found = self.history().await?.search(text.to_owned(), limit).await?;
        self.filled(found).await
    }
}

/// What the platform tells.
impl Node {
    /// Names an address where another host may listen: found by the phone's own discovery, or typed in.
    pub async fn peer_found(&self, address: NetAddr) -> Result<(), NodeError> {
        self.tell(Request::PeerFound(address)).await
    }

    /// Opens a host link: another radio of the device (Bluetooth LE, Wi-Fi Aware, Multipeer) reaches one other host, and the
    /// app carries packets between the two. Over it the other is found, and links prove its key, as on any network; nothing
    /// is taken on trust. What the radio brings goes into the port that is returned, and closing or dropping that ends it. A
    /// host that is paused or not started keeps it for later; one that stops closes it.
    ///
    /// # Errors
    /// `HostLink` if 64 are open.
    pub async fn open_host_link(&self, link: impl HostLink + 'static) -> Result<HostLinkPort, NodeError> {
        self.ask(|reply| Request::OpenHostLink(Box::new(link), reply)).await
    }

    /// Names the addresses this host has, where programs may not ask for them (Android 11 and later); replaces the
    /// configuration's. None of them means that there is no network now. `None` goes back to asking.
    ///
    /// # Errors
    /// `Command(OutOfRange)` if a prefix is longer than its address; nothing changes.
    pub async fn set_interfaces(&self, addresses: Option<Vec<InterfaceAddress>>) -> Result<(), NodeError> {
        addresses.iter().flatten().try_for_each(InterfaceAddress::check)?;
        self.tell(Request::SetInterfaces(addresses)).await
    }
}
