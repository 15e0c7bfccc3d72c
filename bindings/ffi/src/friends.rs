//! Who is here, and who is a friend.

use permesso_node::api::{NameFlag as EngineFlag, SpecialHost as EngineSpecial};
use permesso_node::{AliasClaim, FriendView, HostView};

use crate::error::PermessoError;
use crate::host::Host;
use crate::ids;
use crate::runtime::ask;

/// The states of a friendship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FriendState {
    /// Nothing between us.
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

/// Something about a name that a user should see before trusting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NameFlag {
    /// Looks like a friend's name but is another host.
    LooksLikeFriend,
    /// Has the very name of a friend but is another host.
    SameAsFriend,
    /// Mixes scripts in a way names rarely do.
    MixedScripts,
    /// Contains characters that reorder or hide text.
    InvisibleOrBidi,
}

/// The three hosts everybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SpecialHost {
    /// This host, always online.
    Local,
    /// Everybody, always online.
    Broadcast,
    /// Any persistent server.
    PersistentServer,
}

/// How an alias is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Match {
    /// The whole alias.
    Exact,
    /// A part of it.
    Partial,
}

/// A host, as this host sees it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NearbyHost {
    /// Its id.
    pub id: String,
    /// The alias it last claimed, if any.
    pub alias: Option<String>,
    /// Whether it is taken to be here.
    pub online: bool,
    /// Where it was last heard.
    pub address: Option<String>,
    /// The port of the conversation with it, if one is open.
    pub conversation_port: Option<u16>,
    /// When it was last heard.
    pub last_heard: Option<u64>,
    /// Which of the special hosts it is, if one.
    pub special: Option<SpecialHost>,
    /// Where we stand with it.
    pub friend_state: FriendState,
}

/// An answer to a search: a claim, proved by the host's key. Two hosts may claim one alias.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FoundHost {
    /// Who answered.
    pub id: String,
    /// The alias it claims.
    pub alias: String,
    /// What to look out for.
    pub flags: Vec<NameFlag>,
    /// Where we stand with it.
    pub friend_state: FriendState,
}

/// A friend, somebody who asks, or an ended friend.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Friend {
    /// Its host; names the conversation too.
    pub id: String,
    /// The name to show: the user's own for it, else the alias it claims, else the beginning of its id.
    pub name: String,
    /// The alias it claims; empty while it has told none, as one that only friends may see.
    pub alias: String,
    /// The name the user gave it.
    pub local_alias: Option<String>,
    /// Where we stand with it.
    pub state: FriendState,
    /// The key is known to be the right one.
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
    /// Whether its host is here.
    pub online: bool,
}

#[uniffi::export]
impl Host {
    /// Every host known, the three special ones first: at most `limit`, after the first `offset`.
    pub async fn hosts(&self, offset: u32, limit: u32) -> Result<Vec<NearbyHost>, PermessoError> {
        let node = self.node.clone();
        let hosts = ask(async move { node.hosts().await }).await?;
        Ok(page(hosts, offset, limit).map(NearbyHost::from).collect())
    }

    /// Looks for hosts by alias and waits for the answers, 3 s unless the parameters say otherwise. One claim per host.
    pub async fn search(&self, alias: String, matching: Match) -> Result<Vec<FoundHost>, PermessoError> {
        let node = self.node.clone();
        let matching = match matching {
            Match::Exact => permesso_node::Match::Exact,
            Match::Partial => permesso_node::Match::Partial,
        };
        let claims = ask(async move { node.search(&alias, matching).await }).await?;
        Ok(claims.into_iter().map(FoundHost::from).collect())
    }

    /// Friends, askers and ended friends, in the order they were met: at most `limit`, after the first `offset`.
    pub async fn friends(&self, offset: u32, limit: u32) -> Result<Vec<Friend>, PermessoError> {
        let node = self.node.clone();
        let friends = ask(async move { node.friends().await }).await?;
        Ok(page(friends, offset, limit).map(Friend::from).collect())
    }

    /// One of them, if the host is among them.
    pub async fn friend(&self, host: String) -> Result<Option<Friend>, PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        Ok(ask(async move { node.friend(host).await }).await?.map(Friend::from))
    }

    /// Asks a host to become a friend, with a few words (at most 280 bytes). Returns when the request is stored; the answer
    /// comes as an event.
    pub async fn ask_friendship(&self, host: String, greeting: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.ask_friendship(host, &greeting).await }).await
    }

    /// Accepts a friend request.
    pub async fn accept_friendship(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.answer_friendship(host, true, false).await }).await
    }

    /// Refuses a friend request; the asker is told only if `tell` is set.
    pub async fn refuse_friendship(&self, host: String, tell: bool) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.answer_friendship(host, false, tell).await }).await
    }

    /// Takes back a friend request that has not been answered.
    pub async fn cancel_request(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.cancel_ask(host).await }).await
    }

    /// Ends a friendship and tells the other.
    pub async fn end_friendship(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.end_friendship(host).await }).await
    }

    /// Hears nothing more of a host; it is not told.
    pub async fn block(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.block(host).await }).await
    }

    /// Allows a blocked host to ask again.
    pub async fn unblock(&self, host: String) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.unblock(host).await }).await
    }

    /// Gives a friend a name of one's own (at most 64 bytes), or takes it away.
    pub async fn set_local_alias(&self, host: String, alias: Option<String>) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.set_local_alias(host, alias).await }).await
    }

    /// Notes that the user compared the safety numbers, or takes that back.
    pub async fn set_verified(&self, host: String, verified: bool) -> Result<(), PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.set_verified(host, verified).await }).await
    }

    /// The 60 digits two users compare, if the host's key is known.
    pub async fn safety_number(&self, host: String) -> Result<Option<String>, PermessoError> {
        let (node, host) = (self.node.clone(), ids::host(&host)?);
        ask(async move { node.safety_number(host).await }).await
    }

    /// Takes in a scanned `permesso:` URI: pins the key, verifies its host, remembers the address. Returns whom it names.
    pub async fn scan_uri(&self, uri: String) -> Result<String, PermessoError> {
        let node = self.node.clone();
        ask(async move { node.scan_uri(&uri).await }).await.map(|host| host.to_string())
    }

    /// This host's `permesso:` URI, the content of its QR code, with the addresses it has now, or with `address` alone for a
    /// host that others reach by another. It is to be shown to one person.
    pub async fn uri(&self, address: Option<String>) -> Result<String, PermessoError> {
        let node = self.node.clone();
        let address = address.as_deref().map(ids::address).transpose()?;
        ask(async move { node.uri(address).await }).await
    }

    /// Makes a new code: those shown so far verify nobody any more who was not accepted yet.
    pub async fn renew_code(&self) -> Result<(), PermessoError> {
        let node = self.node.clone();
        ask(async move { node.renew_code().await }).await
    }
}

/// A part of a list.
pub(crate) fn page<T>(list: Vec<T>, offset: u32, limit: u32) -> impl Iterator<Item = T> {
    let (offset, limit) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    list.into_iter().skip(offset).take(limit)
}

/// What to look out for in a name.
pub(crate) fn flags(flags: Vec<EngineFlag>) -> Vec<NameFlag> {
    flags.into_iter().map(NameFlag::from).collect()
}

impl From<permesso_node::FriendState> for FriendState {
    fn from(state: permesso_node::FriendState) -> Self {
        match state {
            permesso_node::FriendState::Unknown => Self::Unknown,
            permesso_node::FriendState::RequestSent => Self::RequestSent,
            permesso_node::FriendState::RequestReceived => Self::RequestReceived,
            permesso_node::FriendState::Friend => Self::Friend,
            permesso_node::FriendState::Ended => Self::Ended,
        }
    }
}

impl From<EngineFlag> for NameFlag {
    fn from(flag: EngineFlag) -> Self {
        match flag {
            EngineFlag::LooksLikeFriend => Self::LooksLikeFriend,
            EngineFlag::SameAsFriend => Self::SameAsFriend,
            EngineFlag::MixedScripts => Self::MixedScripts,
            EngineFlag::InvisibleOrBidi => Self::InvisibleOrBidi,
        }
    }
}

impl From<HostView> for NearbyHost {
    fn from(view: HostView) -> Self {
        Self {
            id: view.host.to_string(),
            alias: view.alias,
            online: view.online,
            address: view.address.map(|address| address.to_string()),
            conversation_port: view.conversation_port,
            last_heard: view.last_heard.map(|time| time.0),
            special: view.special.map(|special| match special {
                EngineSpecial::Local => SpecialHost::Local,
                EngineSpecial::Broadcast => SpecialHost::Broadcast,
                EngineSpecial::PersistentServer => SpecialHost::PersistentServer,
            }),
            friend_state: view.friend.into(),
        }
    }
}

impl From<AliasClaim> for FoundHost {
    fn from(claim: AliasClaim) -> Self {
        let AliasClaim { host, alias, flags: looked, friend } = claim;
        Self { id: host.to_string(), alias, flags: flags(looked), friend_state: friend.into() }
    }
}

impl From<FriendView> for Friend {
    fn from(view: FriendView) -> Self {
        Self {
            id: view.host.to_string(),
            name: view.name().into_owned(),
            alias: view.alias,
            local_alias: view.local_alias,
            state: view.state.into(),
            verified: view.verified,
            has_code: view.has_code,
            blocked: view.blocked,
            greeting: view.greeting,
            flags: flags(view.flags),
            unread: view.unread,
            online: view.online,
        }
    }
}
