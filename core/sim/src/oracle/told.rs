//! What engines tell their users, checked against what every user did and every store accepted.

use std::mem::discriminant;

use permesso_engine::api::{Event, FriendState, FriendView, MessageState, NameFlag, Notice, Outcome, Setting};
use permesso_engine::ids::{CommandId, MessageId, MessageKey};

use super::Oracle;
use crate::promise::Promise;

impl Oracle {
    /// An event came out of an engine; `peer` is the host it speaks of, if it is one of the world's.
    pub(crate) fn event(&mut self, at: u64, host: usize, peer: Option<usize>, event: &Event) {
        match event {
            Event::Done { command, outcome } => self.on_done(at, host, *command, outcome),
            Event::MessageReceived { key, message, text, .. } => {
                self.on_shown(at, host, peer, *key, *message, text);
            }
            Event::MessageChanged { message, state, .. } => {
                if let (MessageState::Delivered | MessageState::Read, Some(peer)) = (state, peer) {
                    self.check_delivered(at, host, peer, *message);
                }
                if matches!(state, MessageState::Failed { .. }) {
                    self.on_told(at, host, *message);
                }
            }
            Event::Notice(Notice::HistoryDropped { message, .. } | Notice::OutboxDropped { message, .. }) => {
                self.on_told(at, host, *message);
            }
            Event::FriendChanged(view) => self.on_friend(at, host, peer, view),
            _ => {}
        }
    }

    fn on_told(&mut self, at: u64, host: usize, message: MessageId) {
        if self.hosts.get_mut(host).is_some_and(|facts| facts.notice_owed.remove(&message).is_some()) {
            self.check(Promise::NothingSilent, at, host, None);
        }
    }

    fn on_done(&mut self, at: u64, host: usize, command: CommandId, outcome: &Outcome) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let Some(pending) = facts.pending.remove(&command) else {
            let what = format!("command {} is done though it was not waited for", command.0);
            return self.check(Promise::Contract, at, host, Some(what));
        };
        for setting in &pending.settings {
            // Of several that were asked for, the last counts.
            let is_later = |other: &Setting| discriminant(other) == discriminant(setting);
            if facts.pending.values().any(|other| other.settings.iter().any(is_later)) {
                continue;
            }
            match setting {
                Setting::HistoryLimit(limit) => facts.limits.0 = *limit as usize,
                Setting::OutboxLimit(limit) => facts.limits.1 = *limit as usize,
                _ => {}
            }
        }
        self.check(Promise::Contract, at, host, None);
        let Some((recipient, text)) = pending.text else { return };
        let broken = match outcome {
            Outcome::Stored { message } => match self.sent.get(&(host, recipient, *message)) {
                Some(sent) if sent.text == text => None,
                Some(_) => Some(format!("message {message} was stored with another text")),
                None => Some(format!("message {message} is called stored, the store has never had it")),
            },
            other => Some(format!("sending a text ended as {other:?}")),
        };
        self.check(Promise::NothingSilent, at, host, broken);
    }

    fn on_shown(&mut self, at: u64, host: usize, peer: Option<usize>, key: MessageKey, message: MessageId, text: &str) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        let Some(peer) = peer else {
            return self.check(Promise::Authentic, at, host, Some(format!("message {message} of a stranger is shown")));
        };
        let first = facts.shown.insert((peer, message));
        let stored = facts.mirror.messages.get(&key).is_some_and(|row| row.id == message && row.text == text)
            || facts.removed_by_owner.contains(&message)
            || facts.notice_owed.contains_key(&message);
        let twice = (!first).then(|| format!("message {message} of host {peer} is shown a second time"));
        self.check(Promise::ShownOnce, at, host, twice);
        let unstored = (!stored).then(|| format!("message {message} of host {peer} is shown but not in the history"));
        self.check(Promise::ShownOnce, at, host, unstored);
        let real = self.sent.get(&(peer, host, message)).is_some_and(|sent| sent.text == text) || !self.is_honest(peer);
        let forged = (!real).then(|| format!("message {message} is shown, host {peer} did not send it here"));
        self.check(Promise::Authentic, at, host, forged);
    }

    fn on_friend(&mut self, at: u64, host: usize, peer: Option<usize>, view: &FriendView) {
        let Some(peer) = peer else { return };
        self.learn_friends(host, std::iter::once((view.friend, peer)));
        let they_asked = self.asked.contains(&(peer, host));
        let they_agree = they_asked || self.accepted.contains(&(peer, host));
        let broken = match view.state {
            // Who said yes to a request that this host has forgotten resets, and that is shown as a request.
            FriendState::RequestReceived => {
                (!they_agree).then(|| format!("a request of host {peer} is shown that it did not make"))
            }
            FriendState::Friend => {
                let we_asked = self.asked.contains(&(host, peer));
                let we_agree = we_asked || self.accepted.contains(&(host, peer));
                let agreed = they_asked && we_agree || we_asked && they_agree;
                (!agreed).then(|| format!("host {peer} is a friend though not both wanted it"))
            }
            _ => None,
        };
        self.check(Promise::Authentic, at, host, broken);
        self.check_name(at, host, peer, view);
        let (saw_theirs, saw_ours) = (self.scanned.contains(&(host, peer)), self.scanned.contains(&(peer, host)));
        let verified = self.compared.contains(&(host, peer)) || saw_theirs || saw_ours;
        if view.has_code && !saw_ours || view.verified && !verified {
            let what = format!("host {peer} is called verified, or said to have a code that it never saw");
            self.check(Promise::Authentic, at, host, Some(what));
        }
    }
}

impl Oracle {
    /// Who asks under the name of a friend is called so: a friend who was installed afresh, or somebody who says to be one.
    fn check_name(&mut self, at: u64, host: usize, peer: usize, view: &FriendView) {
        let Some(facts) = self.hosts.get_mut(host) else { return };
        match view.state {
            FriendState::Friend => drop(facts.names.insert(peer, view.name().into_owned())),
            _ => drop(facts.names.remove(&peer)),
        }
        let twin = facts.names.iter().find(|(friend, name)| **friend != peer && **name == view.alias);
        if let Some((friend, name)) = twin.filter(|_| view.state == FriendState::RequestReceived) {
            let unsaid = !view.flags.contains(&NameFlag::SameAsFriend);
            let what = format!("host {peer} asks as {name:?}, the name of friend {friend}, and it is not said");
            self.check(Promise::Authentic, at, host, unsaid.then_some(what));
        }
    }
}
