//! The engine: inputs in, outputs out; this file only dispatches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::api::{
    Cast, Command, CommandError, Event, Fetch, FriendView, HostView, LinkEvent, LinkRequest, NetAddr, NetworkEvent,
    PacketView, Transmit, Visibility, Wake,
};
use crate::config::Config;
use crate::gate::Gate;
use crate::ids::{CommandId, FetchId, HostId, IdentityKey, Interface};
use crate::rows::{Commit, CommitSeq, Snapshot};
use crate::time::{Millis, Now, Tick};

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// One's own alias.
    pub alias: String,
    /// Who may see this host.
    pub visibility: Visibility,
    /// The default UDP port.
    pub port: u16,
    /// Messages kept per conversation.
    pub history_limit: u32,
    /// Messages waiting to be delivered.
    pub outbox_limit: u32,
    /// After how long an undelivered message fails.
    pub outbox_expiry: Millis,
    /// Whether friends are told that their messages were opened.
    pub read_receipts: bool,
}

/// A snapshot that does not come from this engine, or is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A record cannot be read.
    #[error("the stored {table} record {row} cannot be read: restore a backup or start afresh")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row.
        row: u64,
    },
    /// The store was written by a newer version.
    #[error("the data was written by a newer version of Permesso: update this one")]
    Newer,
}

/// One host's whole protocol state.
pub struct Engine {
    gate: Gate,
}

impl Engine {
    /// Goes on where `snapshot` left off; an empty one makes a new identity. `seed` must be fresh randomness.
    pub fn restore(_config: Config, _snapshot: Snapshot, _seed: [u8; 32], _now: Now) -> Result<Self, RestoreError> {
        Ok(Self { gate: Gate::default() })
    }

    /// Takes a presence datagram in.
    pub fn handle_datagram(&mut self, _via: Interface, _cast: Cast, _from: NetAddr, _datagram: &[u8], _now: Now) {}

    /// Takes in what happened to links.
    pub fn handle_link(&mut self, _event: LinkEvent, _now: Now) {}

    /// Takes in what happened to the network.
    pub fn handle_network(&mut self, _event: NetworkEvent, _now: Now) {}

    /// Accepts or refuses what a user asks for.
    pub fn handle_command(&mut self, _command: Command, _now: Now) -> Result<CommandId, CommandError> {
        Err(CommandError::Busy)
    }

    /// The store has made every commit up to `seq` durable.
    pub fn handle_committed(&mut self, seq: CommitSeq, _now: Now) {
        self.gate.on_committed(seq);
    }

    /// A body asked for by `poll_fetch` was read; `None` if the row is not there.
    pub fn handle_fetched(&mut self, _id: FetchId, _body: Option<Vec<u8>>, _now: Now) {}

    /// Time has come to what `poll_timeout` named.
    pub fn handle_timeout(&mut self, _now: Now) {}

    /// Rows to write, as one transaction. Call when the store can take one.
    pub fn poll_commit(&mut self) -> Option<Commit> {
        self.gate.poll_commit()
    }

    /// Something to send. Call until `None` after every input.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.gate.poll_transmit()
    }

    /// Something to do about links. Call until `None` after every input.
    pub fn poll_link(&mut self) -> Option<LinkRequest> {
        self.gate.poll_link()
    }

    /// Something to tell. Call until `None` after every input.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.gate.poll_event()
    }

    /// A body to read from the store. Call until `None` after every input.
    pub fn poll_fetch(&mut self) -> Option<Fetch> {
        None
    }

    /// When to call `handle_timeout`, and why. Ask again after every input.
    pub fn poll_timeout(&self) -> Option<(Tick, Wake)> {
        None
    }

    /// Whether input is welcome; if not, stop reading links until a commit is confirmed.
    pub fn wants_input(&self) -> bool {
        self.gate.wants_input()
    }

    /// This host's id.
    pub fn host_id(&self) -> HostId {
        HostId::BROADCAST
    }

    /// This host's identity key.
    pub fn identity_key(&self) -> IdentityKey {
        IdentityKey([0; 32])
    }

    /// The Ed25519 secret of the identity key, for the TLS of links.
    pub fn link_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new([0; 32])
    }

    /// Every host known, the three special ones first.
    pub fn hosts(&self) -> Vec<HostView> {
        Vec::new()
    }

    /// Friends, askers and ended friends, in the order they were met.
    pub fn friends(&self) -> Vec<FriendView> {
        Vec::new()
    }

    /// The 60 digits two users compare, if the host's key is known.
    pub fn safety_number(&self, _host: HostId) -> Option<String> {
        None
    }

    /// This host's `permesso:` URI, the content of its QR code.
    pub fn uri(&self, _address: Option<NetAddr>) -> String {
        String::new()
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        Settings {
            alias: String::new(),
            visibility: Visibility::Everybody,
            port: 0,
            history_limit: 0,
            outbox_limit: 0,
            outbox_expiry: Millis(0),
            read_receipts: false,
        }
    }

    /// The newest packets and their states.
    pub fn packets(&self) -> Vec<PacketView> {
        Vec::new()
    }

    /// Counts of what was dropped or refused, by reason.
    pub fn counters(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }
}
