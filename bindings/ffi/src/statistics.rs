//! Numbers: what is carried for others, packets and their states, what was dropped or refused.

use std::collections::HashMap;

use permesso_node::PacketView;
use permesso_node::api::{PacketService as EngineService, PacketState as EngineState};

use crate::error::PermessoError;
use crate::friends::page;
use crate::host::Host;
use crate::runtime::ask;

/// Other people's messages at this host, and who is here: numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Statistics {
    /// This host is a persistent server.
    pub server: bool,
    /// More is taken in for others.
    pub carries: bool,
    /// Envelopes that wait here.
    pub envelopes: u64,
    /// The most that may wait here.
    pub envelopes_max: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The most bytes that may wait here.
    pub bytes_max: u64,
    /// Hosts that handed over what is here, of those that did so since the start.
    pub depositors: u64,
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

/// The six states of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Packet {
    /// The order of its making, ascending.
    pub number: u64,
    /// What it carries.
    pub service: PacketService,
    /// Made here (else received).
    pub outgoing: bool,
    /// With whom.
    pub host: String,
    /// Its state.
    pub state: PacketState,
    /// Why it was dropped.
    pub dropped_because: Option<String>,
    /// When its state last changed.
    pub changed: u64,
}

#[uniffi::export]
impl Host {
    /// What this host carries for others, and how busy it is.
    pub async fn statistics(&self) -> Result<Statistics, PermessoError> {
        let node = self.node.clone();
        let (carrying, custody) = ask(async move { Ok((node.carrying().await?, node.custody().await?)) }).await?;
        Ok(Statistics {
            server: carrying.server,
            carries: custody.carry,
            envelopes: carrying.envelopes,
            envelopes_max: carrying.envelopes_max,
            bytes: carrying.bytes,
            bytes_max: carrying.storage_bytes,
            depositors: custody.depositors,
            deposits: carrying.deposits,
            deliveries: carrying.deliveries,
            refused: carrying.refused,
            expired: carrying.expired,
            hosts_online: carrying.hosts_online,
            servers_online: carrying.servers_online,
            links: carrying.links,
        })
    }

    /// The newest packets and their states: at most `limit`, after the first `offset`.
    pub async fn packets(&self, offset: u32, limit: u32) -> Result<Vec<Packet>, PermessoError> {
        let node = self.node.clone();
        let packets = ask(async move { node.packets().await }).await?;
        Ok(page(packets, offset, limit).map(Packet::from).collect())
    }

    /// Counts of what was dropped or refused, by reason.
    pub async fn counters(&self) -> Result<HashMap<String, u64>, PermessoError> {
        let node = self.node.clone();
        let counters = ask(async move { node.counters().await }).await?;
        Ok(counters.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect())
    }
}

impl From<PacketView> for Packet {
    fn from(view: PacketView) -> Self {
        Self {
            number: view.number,
            service: match view.service {
                EngineService::TextMessage => PacketService::TextMessage,
                EngineService::FriendshipAsk => PacketService::FriendshipAsk,
                EngineService::FriendshipYes => PacketService::FriendshipYes,
                EngineService::FriendshipNo => PacketService::FriendshipNo,
                EngineService::FriendshipEnd => PacketService::FriendshipEnd,
                EngineService::Reset => PacketService::Reset,
                EngineService::ReadReceipt => PacketService::ReadReceipt,
            },
            outgoing: view.outgoing,
            host: view.host.to_string(),
            state: match view.state {
                EngineState::Created => PacketState::Created,
                EngineState::SendWait => PacketState::SendWait,
                EngineState::SendComplete => PacketState::SendComplete,
                EngineState::ProcessWait => PacketState::ProcessWait,
                EngineState::ProcessComplete => PacketState::ProcessComplete,
                EngineState::Dropped => PacketState::Dropped,
            },
            dropped_because: view.reason,
            changed: view.changed.0,
        }
    }
}
