//! What is remembered of other hosts: keys, counters, addresses, and who is taken to be here. Pinned hosts (friends, and
//! whoever was asked or scanned) are durable and never put out; others are bounded in number.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::api::{FriendState, HostView, NetAddr};
use crate::engine::RestoreError;
use crate::gate::Gate;
use crate::identity::host_id_of;
use crate::ids::{HostId, HostNumber, IdentityKey};
use crate::packet::{Beacon, Counter, Role};
use crate::record;
use crate::rows::Table;
use crate::time::{Millis, Now, Tick, Wall};
use crate::tree::Tree;

/// The counter and last sign of a pinned host are written at most so often: a beacon costs no write, and a replay within the
/// minute before a crash is worth nothing.
const WRITTEN_EVERY: Millis = Millis::from_minutes(1);

/// Another host.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) number: HostNumber,
    pub(crate) id: HostId,
    pub(crate) key: IdentityKey,
    pub(crate) pinned: bool,
    pub(crate) friend: FriendState,
    pub(crate) online: bool,
    /// A link to it lives: datagrams change nothing about it.
    pub(crate) linked: bool,
    /// Where it is known to be.
    pub(crate) address: Option<NetAddr>,
    /// A nonce came back from that address.
    pub(crate) validated: bool,
    /// Where its newest datagram came from.
    pub(crate) heard_from: Option<NetAddr>,
    pub(crate) heard: Option<Tick>,
    /// When it was last told unasked, it alone, that this host is here.
    pub(crate) told: Option<Tick>,
    pub(crate) last_heard: Option<Wall>,
    /// When broadcast or multicast last carried something of it here.
    pub(crate) heard_by_all: Option<Tick>,
    /// After so long without a sign it is taken to be gone.
    pub(crate) patience: Millis,
    pub(crate) counter: Option<Counter>,
    pub(crate) beacon: Option<Beacon>,
    pub(crate) alias: Option<String>,
    pub(crate) conversation_port: Option<u16>,
    pub(crate) allowance: Allowance,
    written: Option<Tick>,
    gone_at: Option<Tick>,
}

#[derive(Serialize, Deserialize)]
struct HostRecord {
    key: IdentityKey,
    counter: Option<Counter>,
    address: Option<NetAddr>,
    alias: Option<String>,
    last_heard: Option<Wall>,
}

/// So many of something per second, and a burst of as many.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    second: Tick,
    used: u32,
}

impl Allowance {
    /// Takes one; false if this second's are used up.
    pub(crate) fn take(&mut self, per_second: u32, now: Tick) -> bool {
        let second = Tick(now.0 / 1_000);
        if self.second != second {
            *self = Self { second, used: 0 };
        }
        self.used = self.used.saturating_add(1);
        self.used <= per_second
    }
}

impl Host {
    fn new(number: HostNumber, key: IdentityKey) -> Self {
        Self {
            number,
            id: host_id_of(&key),
            key,
            pinned: false,
            friend: FriendState::Unknown,
            online: false,
            linked: false,
            address: None,
            validated: false,
            heard_from: None,
            heard: None,
            told: None,
            last_heard: None,
            heard_by_all: None,
            patience: Millis(0),
            counter: None,
            beacon: None,
            alias: None,
            conversation_port: None,
            allowance: Allowance::default(),
            written: None,
            gone_at: None,
        }
    }

    /// Whether it may be told there, unasked, that this host is here: where it is not proved to be, once for each time it was
    /// heard from that very address (I9).
    pub(crate) fn may_be_told_at(&self, address: &NetAddr) -> bool {
        self.validated && self.address.as_ref() == Some(address)
            || self.heard > self.told && self.heard_from.as_ref() == Some(address)
    }

    /// Whether it is a friend: the only ones told when only friends may see this host.
    pub(crate) fn is_friend(&self) -> bool {
        self.friend == FriendState::Friend
    }

    /// Whether what is sent to everybody reaches it, as far as can be known: what it sends to everybody arrives here.
    pub(crate) fn is_reached_by_all(&self, now: Tick) -> bool {
        self.heard_by_all.is_some_and(|heard| now - heard <= self.patience)
    }

    /// The host as users see it.
    pub(crate) fn view(&self) -> HostView {
        HostView {
            host: self.id,
            online: self.online,
            address: self.address,
            conversation_port: self.conversation_port,
            last_heard: self.last_heard,
            special: None,
            alias: self.alias.clone(),
            friend: self.friend,
        }
    }

    fn row(&self) -> u64 {
        u64::from(self.number.0)
    }

    /// Stores what must outlive a restart, if the host is pinned.
    pub(crate) fn write(&mut self, now: Tick, gate: &mut Gate) {
        if self.pinned {
            let Self { key, counter, address, last_heard, .. } = *self;
            let record = HostRecord { key, counter, address, alias: self.alias.clone(), last_heard };
            gate.write(record::put(Table::Host, self.row(), &record));
            self.written = Some(now);
        }
    }

    /// The same, if the last time is long enough ago.
    pub(crate) fn write_lazily(&mut self, now: Tick, gate: &mut Gate) {
        if self.written.is_none_or(|written| now - written >= WRITTEN_EVERY) {
            self.write(now, gate);
        }
    }
}

/// All hosts known, by local arrival number.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    by_number: Tree<HostNumber, Host>,
    by_id: BTreeMap<HostId, HostNumber>,
    next: u32,
    leaving: BTreeSet<(Tick, HostNumber)>,
    online: BTreeSet<HostNumber>,
    unpinned: usize,
}

impl Hosts {
    /// The hosts of these records.
    pub(crate) fn restore<V: AsRef<[u8]>>(records: impl Iterator<Item = (u64, V)>) -> Result<Self, RestoreError> {
        let mut hosts = Self::default();
        for (row, value) in records {
            let damaged = RestoreError::Damaged { table: "host", row };
            let number = HostNumber(u32::try_from(row).map_err(|_| damaged.clone())?);
            let record: HostRecord = record::decode(value.as_ref()).ok_or(damaged)?;
            let host = Host {
                pinned: true,
                counter: record.counter,
                address: record.address,
                alias: record.alias,
                last_heard: record.last_heard,
                ..Host::new(number, record.key)
            };
            hosts.next = hosts.next.max(number.0.saturating_add(1));
            hosts.by_id.insert(host.id, number);
            hosts.by_number.insert(number, host);
        }
        Ok(hosts)
    }

    pub(crate) fn get(&self, number: HostNumber) -> Option<&Host> {
        self.by_number.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: HostNumber) -> Option<&mut Host> {
        self.by_number.get_mut(&number)
    }

    pub(crate) fn number(&self, host: HostId) -> Option<HostNumber> {
        self.by_id.get(&host).copied()
    }

    pub(crate) fn by_id(&self, host: HostId) -> Option<&Host> {
        self.get(self.number(host)?)
    }

    pub(crate) fn by_id_mut(&mut self, host: HostId) -> Option<&mut Host> {
        self.get_mut(self.number(host)?)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// All, in the order they were met.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Host> {
        self.by_number.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Host> {
        self.by_number.values_mut()
    }

    /// Those that are online.
    pub(crate) fn online(&self) -> impl Iterator<Item = &Host> {
        self.online.iter().filter_map(|number| self.get(*number))
    }

    /// How many are online.
    pub(crate) fn count_online(&self) -> usize {
        self.online.len()
    }

    /// Whether a server is online.
    pub(crate) fn has_server(&self) -> bool {
        self.online().any(|host| host.beacon.is_some_and(|beacon| beacon.role == Role::Server))
    }

    /// The host with this key, new if it was not known.
    pub(crate) fn meet(&mut self, key: IdentityKey) -> HostNumber {
        if let Some(number) = self.number(host_id_of(&key)) {
            return number;
        }
        let number = HostNumber(self.next);
        self.next = self.next.saturating_add(1);
        let host = Host::new(number, key);
        self.by_id.insert(host.id, number);
        self.by_number.insert(number, host);
        self.unpinned += 1;
        number
    }

    /// Makes a host durable.
    pub(crate) fn pin(&mut self, number: HostNumber, now: Tick, gate: &mut Gate) {
        if let Some(host) = self.by_number.get_mut(&number)
            && !host.pinned
        {
            host.pinned = true;
            host.write(now, gate);
            self.unpinned = self.unpinned.saturating_sub(1);
        }
    }

    /// Puts out the host that was not heard for longest, if there are more than `limit` that are neither pinned nor linked;
    /// it is returned, with whether it was online.
    pub(crate) fn put_out(&mut self, limit: usize) -> Option<(Host, bool)> {
        if self.unpinned <= limit {
            return None;
        }
        let loose = self.iter().filter(|host| !host.pinned && !host.linked);
        let number = loose.min_by_key(|host| (host.heard, host.number))?.number;
        let was_online = self.set_offline(number);
        let host = self.by_number.remove(&number)?;
        self.by_id.remove(&host.id);
        self.unpinned = self.unpinned.saturating_sub(1);
        Some((host, was_online))
    }

    /// A sign of life: the host is here, and again gone if nothing follows within its patience. Says whether it was away.
    pub(crate) fn set_online(&mut self, number: HostNumber, now: Now) -> bool {
        let Some(host) = self.by_number.get_mut(&number) else { return false };
        let came = !host.online;
        host.online = true;
        host.heard = Some(now.tick);
        host.last_heard = Some(now.wall);
        self.online.insert(number);
        self.expect(number, now.tick);
        came
    }

    /// The host is gone. Says whether it was here.
    pub(crate) fn set_offline(&mut self, number: HostNumber) -> bool {
        let Some(host) = self.by_number.get_mut(&number) else { return false };
        let went = host.online;
        host.online = false;
        if let Some(at) = host.gone_at.take() {
            self.leaving.remove(&(at, number));
        }
        self.online.remove(&number);
        went
    }

    /// Begins to wait anew for a sign of an online host; for a linked one nothing is waited for.
    pub(crate) fn expect(&mut self, number: HostNumber, now: Tick) {
        let Some(host) = self.by_number.get_mut(&number) else { return };
        if let Some(at) = host.gone_at.take() {
            self.leaving.remove(&(at, number));
        }
        if host.online && !host.linked {
            let at = now + host.patience;
            host.gone_at = Some(at);
            self.leaving.insert((at, number));
        }
    }

    /// When the next host is to be given up.
    pub(crate) fn next_gone(&self) -> Option<Tick> {
        self.leaving.first().map(|(at, _)| *at)
    }

    /// A host whose patience is over.
    pub(crate) fn gone(&self, now: Tick) -> Option<HostNumber> {
        self.leaving.first().filter(|(at, _)| *at <= now).map(|(_, number)| *number)
    }

    /// After the device slept: nobody is given up before `until`.
    pub(crate) fn wait_at_least_until(&mut self, until: Tick) {
        let early: Vec<_> = self.leaving.iter().copied().take_while(|(at, _)| *at < until).collect();
        for (at, number) in early {
            self.leaving.remove(&(at, number));
            self.leaving.insert((until, number));
            if let Some(host) = self.by_number.get_mut(&number) {
                host.gone_at = Some(until);
            }
        }
    }
}
