//! Knows what every user did and what every store accepted, and checks the promises against it as soon as they can be.

mod told;

use std::collections::{BTreeMap, BTreeSet};

use permesso_engine::api::{Command, Setting};
use permesso_engine::envelope::Envelope;
use permesso_engine::ids::{CommandId, FriendId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, StoredState};

use crate::copies::Copies;
use crate::mirror::{Caps, Change, Mirror};
use crate::promise::{Promise, Violation};
use crate::ratchet::Encryption;

/// More violations than this say nothing new.
const VIOLATIONS_MAX: usize = 20;

/// What is known of one message: who wrote it to whom is in its key.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    text: String,
    pub(crate) stored_at: u64,
    pub(crate) received_at: Option<u64>,
    pub(crate) proved_at: Option<u64>,
}

impl Sent {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }
}

/// A command that was accepted and is not yet done.
#[derive(Debug)]
struct Pending {
    since: u64,
    text: Option<(usize, String)>,
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct HostFacts {
    mirror: Mirror,
    caps: Caps,
    /// The limits that are surely in force, of a conversation and of what waits: they bind whenever something is added.
    limits: (usize, usize),
    honest: bool,
    friends: BTreeMap<FriendId, usize>,
    /// Those who were last told to be friends, by the names they are shown under.
    names: BTreeMap<usize, String>,
    received: BTreeSet<(usize, MessageId)>,
    shown: BTreeSet<(usize, MessageId)>,
    removed_by_owner: BTreeSet<MessageId>,
    notice_owed: BTreeMap<MessageId, u64>,
    pending: BTreeMap<CommandId, Pending>,
    texts_asked: BTreeMap<(usize, String), u32>,
    keys_used: BTreeMap<String, String>,
}

/// What a host's database holds and its user has been shown: what an older copy of it brings back.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    mirror: Mirror,
    received: BTreeSet<(usize, MessageId)>,
    shown: BTreeSet<(usize, MessageId)>,
}

/// Checks promises; the world tells it everything.
#[derive(Debug)]
pub(crate) struct Oracle {
    hosts: Vec<HostFacts>,
    sent: BTreeMap<(usize, usize, MessageId), Sent>,
    asked: BTreeSet<(usize, usize)>,
    accepted: BTreeSet<(usize, usize)>,
    blocked: BTreeSet<(usize, usize)>,
    /// Who has seen whose code.
    scanned: BTreeSet<(usize, usize)>,
    /// Who has compared numbers with whom.
    compared: BTreeSet<(usize, usize)>,
    /// Who made each envelope that was handed out, and how many copies of it there are where.
    pub(crate) copies: Copies,
    exercised: BTreeMap<Promise, u64>,
    violations: Vec<Violation>,
}

impl Oracle {
    /// Of hosts with these caps, each honest or not.
    pub(crate) fn new(hosts: Vec<(Caps, bool)>) -> Self {
        let hosts = hosts
            .into_iter()
            .map(|(caps, honest)| HostFacts {
                mirror: Mirror::default(),
                limits: (caps.history, caps.outbox),
                caps,
                honest,
                friends: BTreeMap::new(),
                names: BTreeMap::new(),
                received: BTreeSet::new(),
                shown: BTreeSet::new(),
                removed_by_owner: BTreeSet::new(),
                notice_owed: BTreeMap::new(),
                pending: BTreeMap::new(),
                texts_asked: BTreeMap::new(),
                keys_used: BTreeMap::new(),
            })
            .collect();
        Self {
            hosts,
            sent: BTreeMap::new(),
            asked: BTreeSet::new(),
            accepted: BTreeSet::new(),
            blocked: BTreeSet::new(),
            scanned: BTreeSet::new(),
            compared: BTreeSet::new(),
            copies: Copies::default(),
            exercised: Promise::ALL.into_iter().map(|promise| (promise, 0)).collect(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    pub(crate) fn exercised(&self) -> &BTreeMap<Promise, u64> {
        &self.exercised
    }

    pub(crate) fn sent(&self) -> impl Iterator<Item = (usize, usize, &Sent)> {
        self.sent.iter().map(|((from, to, _), sent)| (*from, *to, sent))
    }

    /// A promise was put to the test and, unless `broken` says otherwise, was kept. A malicious host has promised nothing.
    pub(crate) fn check(&mut self, promise: Promise, at: u64, host: usize, broken: Option<String>) {
        if !self.is_honest(host) {
            return;
        }
        *self.exercised.entry(promise).or_default() += 1;
        if let Some(what) = broken
            && self.violations.len() < VIOLATIONS_MAX
        {
            self.violations.push(Violation { promise, at, host, what });
        }
    }

    fn is_honest(&self, host: usize) -> bool {
        self.hosts.get(host).is_none_or(|facts| facts.honest)
    }

    /// What a host remembers now, to be given back when an older copy of its database is.
    pub(crate) fn remembered(&self, host: usize) -> Option<Remembered> {
        let facts = self.hosts.get(host)?;
        let (mirror, received, shown) = (facts.mirror.clone(), facts.received.clone(), facts.shown.clone());
        Some(Remembered { mirror, received, shown })
    }

    /// A host hands an envelope out, which it made with so many copies if it is its maker.
    pub(crate) fn hand_out(&mut self, at: u64, host: usize, made_with: u32, envelope: &Envelope) {
        let broken = self.copies.hand_out(host, made_with, envelope);
        self.check(Promise::CopiesBounded, at, host, broken);
    }

    /// A host's database is an older copy now. What it had been shown since may be shown to it once more.
    pub(crate) fn rolled_back(&mut self, host: usize, to: Remembered) {
        self.copies.rolled_back(host);
        if let Some(facts) = self.hosts.get_mut(host) {
            (facts.mirror, facts.received, facts.shown) = (to.mirror, to.received, to.shown);
            facts.limits = (facts.caps.history, facts.caps.outbox);
        }
    }

    /// Whether a host has ever committed a message of a peer.
    pub(crate) fn has_received(&self, host: usize, peer: usize, id: MessageId) -> bool {
        self.hosts.get(host).is_some_and(|facts| facts.received.contains(&(peer, id)))
    }

    /// When a message was stored at its sender.
    pub(crate) fn stored_at(&self, from: usize, to: usize, id: MessageId) -> Option<u64> {
        self.sent.get(&(from, to, id)).map(|sent| sent.stored_at)
    }

    /// Learns who stands behind a host's local friend numbers.
    pub(crate) fn learn_friends(&mut self, host: usize, friends: impl Iterator<Item = (FriendId, usize)>) {
        if let Some(facts) = self.hosts.get_mut(host) {
            facts.friends.extend(friends);
        }
    }

    /// Whether every friend number in a commit is known already.
    pub(crate) fn knows_friends_of(&self, host: usize, commit: &Commit) -> bool {
        let Some(facts) = self.hosts.get(host) else { return true };
        commit.writes.iter().all(|write| match write {
            permesso_engine::rows::Write::AddMessage(row) => facts.friends.contains_key(&row.friend),
            _ => true,
        })
    }

    pub(crate) fn user_asked(&mut self, from: usize, to: usize) {
        self.asked.insert((from, to));
    }

    pub(crate) fn user_accepted(&mut self, host: usize, asker: usize) {
        self.accepted.insert((host, asker));
    }

    pub(crate) fn user_scanned(&mut self, host: usize, peer: usize) {
        self.scanned.insert((host, peer));
    }

    pub(crate) fn user_verified(&mut self, host: usize, peer: usize) {
        self.compared.insert((host, peer));
    }

    pub(crate) fn user_removed(&mut self, host: usize, message: MessageId) {
        if let Some(facts) = self.hosts.get_mut(host) {
            facts.removed_by_owner.insert(message);
        }
    }

    /// A user wants to hear nothing more of another, who is not told.
    pub(crate) fn user_blocked(&mut self, host: usize, whom: usize) {
        self.blocked.insert((host, whom));
    }

    /// Whether one has ever blocked the other: the other may take it for a friend for as long as it likes.
    pub(crate) fn has_blocked(&self, host: usize, whom: usize) -> bool {
        self.blocked.contains(&(host, whom))
    }

    /// A limit may be in force from now on; until it is durable the older one may be. What is there already stays.
    pub(crate) fn may_store(&mut self, host: usize, setting: &Setting) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let (history, outbox) = &mut facts.limits;
        match setting {
            Setting::HistoryLimit(limit) => *history = (*history).max(*limit as usize),
            Setting::OutboxLimit(limit) => *outbox = (*outbox).max(*limit as usize),
            _ => return,
        }
        facts.caps.history = facts.caps.history.max(*history);
        facts.caps.outbox = facts.caps.outbox.max(*outbox);
    }

    /// The engine accepted a command; of a text, to whom and what.
    pub(crate) fn command_accepted(
        &mut self,
        at: u64,
        host: usize,
        id: CommandId,
        command: &Command,
        to: Option<usize>,
    ) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let text = match command {
            Command::SendText { text, .. } => to.map(|to| (to, text.clone())),
            _ => None,
        };
        if let Some(text) = &text {
            *facts.texts_asked.entry(text.clone()).or_default() += 1;
        }
        facts.pending.insert(id, Pending { since: at, text, settings: command.settings().to_vec() });
    }

    /// The host lost its memory: what was not durable may be gone, what was not told is not told.
    pub(crate) fn crashed(&mut self, host: usize) {
        if let Some(facts) = self.hosts.get_mut(host) {
            facts.pending.clear();
            facts.notice_owed.clear();
            facts.names.clear();
        }
    }

    /// The host's store holds so many messages at a restart: as many as it accepted.
    pub(crate) fn restored(&mut self, at: u64, host: usize, messages: usize) {
        let Some(facts) = self.hosts.get(host) else { return };
        let expected = facts.mirror.messages.len();
        let broken = (messages != expected).then(|| format!("{messages} messages restored, {expected} were committed"));
        self.check(Promise::DeliveredIsStored, at, host, broken);
    }

    /// A commit became durable.
    pub(crate) fn committed(&mut self, at: u64, host: usize, commit: &Commit) {
        let (mut touched, mut added) = (Vec::new(), Vec::new());
        for write in &commit.writes {
            let Some(facts) = self.hosts.get_mut(host) else { return };
            match facts.mirror.apply(write) {
                Ok(Some(Change::Added(key))) => {
                    touched.push(key);
                    added.push(key);
                    self.on_added(at, host, key);
                }
                Ok(Some(Change::Updated { key, before })) => {
                    touched.push(key);
                    self.on_updated(at, host, key, before);
                }
                Ok(Some(Change::Removed(message))) => {
                    let by_owner = facts.removed_by_owner.contains(&message.id);
                    if !by_owner {
                        facts.notice_owed.insert(message.id, at);
                    }
                }
                Ok(None) => {}
                Err(what) => self.check(Promise::ShownOnce, at, host, Some(what)),
            }
        }
        self.check_stored(at, host, &touched, &added);
    }

    fn check_stored(&mut self, at: u64, host: usize, touched: &[MessageKey], added: &[MessageKey]) {
        let Some(facts) = self.hosts.get(host) else { return };
        let mut results = Vec::new();
        for key in touched {
            match facts.mirror.check_order(*key) {
                Ok(0) => {}
                Ok(_) => results.push((Promise::ParentsFirst, None)),
                Err(what) => results.push((Promise::ParentsFirst, Some(what))),
            }
        }
        let within = |key: &MessageKey| facts.mirror.check_limits(*key, facts.limits);
        let bounded = facts.mirror.check_caps(&facts.caps).and_then(|()| added.iter().try_for_each(within));
        results.push((Promise::Bounded, bounded.err()));
        for (promise, broken) in results {
            self.check(promise, at, host, broken);
        }
    }

    /// So many hosts are in an engine's memory, the three special ones included.
    pub(crate) fn check_memory(&mut self, at: u64, host: usize, known: usize) {
        let Some(cap) = self.hosts.get(host).map(|facts| facts.caps.hosts + 3) else { return };
        let broken = (known > cap).then(|| format!("{known} hosts in memory, the cap is {cap}"));
        self.check(Promise::Bounded, at, host, broken);
    }

    fn on_added(&mut self, at: u64, host: usize, key: MessageKey) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let Some(message) = facts.mirror.messages.get(&key) else { return };
        let (id, text) = (message.id, message.text.clone());
        let Some(&peer) = facts.friends.get(&message.friend) else {
            let what = format!("message {id} of friend {}, whom nobody knows", message.friend.0);
            return self.check(Promise::Authentic, at, host, Some(what));
        };
        if message.mine {
            let asked = facts.texts_asked.get_mut(&(peer, text.clone())).filter(|left| **left > 0);
            let broken = match asked {
                Some(left) => {
                    *left -= 1;
                    None
                }
                None => Some(format!("message {id} to host {peer} was stored but nobody wrote it")),
            };
            self.check(Promise::Authentic, at, host, broken);
            self.sent.insert((host, peer, id), Sent { text, stored_at: at, received_at: None, proved_at: None });
        } else {
            let first = facts.received.insert((peer, id));
            let twice = (!first).then(|| format!("message {id} of host {peer} was stored a second time"));
            self.check(Promise::ShownOnce, at, host, twice);
            // A malicious friend writes what it likes; it must be called its own.
            let honest = self.is_honest(peer);
            let broken = match self.sent.get_mut(&(peer, host, id)) {
                Some(sent) if sent.text == text => {
                    sent.received_at.get_or_insert(at);
                    None
                }
                _ if !honest => None,
                Some(_) => Some(format!("message {id} of host {peer} arrived with another text")),
                None => Some(format!("message {id} was not sent by host {peer} to this host")),
            };
            self.check(Promise::Authentic, at, host, broken);
        }
    }

    fn on_updated(&mut self, at: u64, host: usize, key: MessageKey, before: StoredState) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let Some(message) = facts.mirror.messages.get(&key) else { return };
        if !message.mine || message.state == before {
            return;
        }
        let (id, friend, state) = (message.id, message.friend, message.state);
        match state {
            StoredState::Delivered | StoredState::Read => {
                if let Some(&peer) = facts.friends.get(&friend) {
                    self.check_delivered(at, host, peer, id);
                }
            }
            StoredState::FailedDropped => {
                facts.notice_owed.insert(id, at);
            }
            _ => {}
        }
    }

    fn check_delivered(&mut self, at: u64, sender: usize, recipient: usize, id: MessageId) {
        // Proofs travel for long; the recipient may have been put back to an older copy since it committed.
        let committed = |sent: &Sent| sent.received_at.is_some();
        let stored = self.sent.get(&(sender, recipient, id)).is_some_and(committed) || !self.is_honest(recipient);
        let broken =
            (!stored).then(|| format!("message {id} is called delivered, host {recipient} has never committed it"));
        self.check(Promise::DeliveredIsStored, at, sender, broken);
        if let Some(sent) = self.sent.get_mut(&(sender, recipient, id)) {
            sent.proved_at.get_or_insert(at);
        }
    }

    /// An encryption that became durable, and may leave from now on.
    pub(crate) fn key_used(&mut self, at: u64, host: usize, encryption: &Encryption) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let ciphertext = encryption.ciphertext();
        let before = facts.keys_used.entry(encryption.key()).or_insert_with(|| ciphertext.to_string());
        let broken =
            (*before != ciphertext).then(|| format!("message key {} made two different ciphertexts", encryption.key()));
        self.check(Promise::KeyUsedOnce, at, host, broken);
    }

    /// Own messages of a host that wait for delivery, by recipient.
    pub(crate) fn waiting(&self, host: usize) -> Vec<(usize, MessageId)> {
        let Some(facts) = self.hosts.get(host) else { return Vec::new() };
        let waiting = facts.mirror.waiting();
        waiting.filter_map(|message| Some((*facts.friends.get(&message.friend)?, message.id))).collect()
    }

    /// Any message of a host: one that waits, or one of the whole history.
    pub(crate) fn some_message(&self, host: usize, waiting: bool, nth: u64) -> Option<MessageId> {
        let mirror = &self.hosts.get(host)?.mirror;
        let pick = |count: usize| nth as usize % count.max(1);
        if waiting {
            return mirror.waiting().nth(pick(mirror.waiting().count())).map(|message| message.id);
        }
        mirror.messages.values().nth(pick(mirror.messages.len())).map(|message| message.id)
    }

    /// A message of a host's own that has failed.
    pub(crate) fn some_failed(&self, host: usize, nth: u64) -> Option<MessageId> {
        let mirror = &self.hosts.get(host)?.mirror;
        let failed: Vec<MessageId> = mirror.failed().map(|message| message.id).collect();
        failed.get(nth as usize % failed.len().max(1)).copied()
    }

    /// Whether a text reached its recipient and the sender has the proof.
    pub(crate) fn is_proved(&self, from: usize, to: usize, text: &str) -> bool {
        self.sent
            .range((from, to, MessageId([0; 16]))..=(from, to, MessageId([0xff; 16])))
            .any(|(_, sent)| sent.text == text && sent.proved_at.is_some())
    }

    /// At the end: every accepted command is done, every owed notice was given.
    pub(crate) fn finish(&mut self, at: u64) {
        let mut results = Vec::new();
        for (host, facts) in self.hosts.iter().enumerate() {
            let late = facts.pending.values().filter(|pending| pending.since + 60_000 < at).count();
            let broken = (late > 0).then(|| format!("{late} accepted commands were never done"));
            results.push((Promise::Contract, host, broken));
            let owed = facts.notice_owed.iter().find(|(_, since)| **since + 60_000 < at);
            let broken = owed.map(|(id, _)| format!("message {id} was dropped and nobody was told"));
            results.push((Promise::NothingSilent, host, broken));
        }
        for (promise, host, broken) in results {
            self.check(promise, at, host, broken);
        }
    }

    /// Finds a message of a host's conversation, for scenarios.
    pub(crate) fn id_of(&self, from: usize, to: usize, text: &str) -> Option<MessageId> {
        let mut all = self.sent.iter();
        all.find(|((sender, recipient, _), sent)| (*sender, *recipient) == (from, to) && sent.text == text)
            .map(|(key, _)| key.2)
    }

    pub(crate) fn state_of(&self, host: usize, peer: usize, id: MessageId) -> Option<StoredState> {
        let facts = self.hosts.get(host)?;
        let (friend, _) = facts.friends.iter().find(|(_, other)| **other == peer)?;
        facts.mirror.find(*friend, id).map(|message| message.state)
    }
}

#[cfg(test)]
#[path = "oracle_tests.rs"]
mod tests;
