//! The people: seeded, talkative, and sometimes careless.

use permesso_engine::api::{Command, FriendState, FriendView, Match, NetAddr, Setting, Visibility};
use permesso_engine::ids::HostId;
use permesso_engine::uri::PermessoUri;

use crate::config::alias;
use crate::travelling::SECRET;
use crate::world::{Item, World};

/// The presence port of every host.
const PORT: u16 = 20_070;

/// Mean time between two things one user does.
const PACE: u64 = 6_000;

impl World {
    /// Lets users and faults begin.
    pub fn start_activity(&mut self) {
        self.active = true;
        let served = |host: &usize| self.hosts.get(*host).is_some_and(|state| state.config.custody.is_server);
        for host in (0..self.hosts.len()).filter(|host| !served(host)).collect::<Vec<_>>() {
            let at = self.now + self.random.around(PACE);
            self.queue.push(at, Item::User { host });
        }
        for fault in crate::power::Fault::ALL {
            self.plan_fault(fault);
        }
        for host in (0..self.hosts.len()).filter(|host| !self.is_honest(*host)).collect::<Vec<_>>() {
            self.queue.push(self.now + 1, Item::Insider { host });
        }
        if self.faults.adversary_every > 0 {
            self.queue.push(self.now + 1, Item::Adversary);
        }
    }

    pub(crate) fn on_user(&mut self, host: usize) {
        if !self.active {
            return;
        }
        let next = self.now + 1 + self.random.around(PACE);
        self.queue.push(next, Item::User { host });
        let awake = self.hosts.get(host).is_some_and(|state| state.asleep_until <= self.now);
        if !awake || self.running(host).is_none() {
            return;
        }
        let friends = self.friends(host);
        if let Some(asker) = friends.iter().find(|view| view.greeting.is_some() && !view.blocked) {
            return self.answer(host, asker);
        }
        match self.random.below(100) {
            0..55 => self.write_to_somebody(host, &friends),
            55..72 => self.ask_somebody(host),
            72..80 => self.search(host),
            80..86 => self.tend(host, &friends),
            86..88 => self.end_something(host, &friends),
            88..90 => self.rename(host),
            90..93 => self.remove_something(host),
            93..95 => self.send_again(host),
            95..97 => self.block_or_unblock(host, &friends),
            97..98 => self.scan_somebody(host),
            _ => self.change_a_setting(host),
        }
    }

    fn answer(&mut self, host: usize, asker: &FriendView) {
        // Some think about it for a while.
        if self.random.chance(0.3) {
            return;
        }
        let accept = self.random.chance(0.9);
        let tell = self.random.chance(0.5);
        let _ = self.command(host, Command::AnswerFriendship { host: asker.host, accept, tell });
    }

    fn one_of(&mut self, friends: &[FriendView], state: FriendState) -> Option<HostId> {
        let hosts: Vec<HostId> = friends.iter().filter(|view| view.state == state).map(|view| view.host).collect();
        self.random.pick(&hosts).copied()
    }

    fn write_to_somebody(&mut self, host: usize, friends: &[FriendView]) {
        let Some(to) = self.one_of(friends, FriendState::Friend) else {
            return self.ask_somebody(host);
        };
        let burst = if self.random.chance(0.1) { self.random.between(2, 25) } else { 1 };
        for _ in 0..burst {
            let text = self.new_text(host);
            if self.command(host, Command::SendText { host: to, text }).is_err() {
                break;
            }
        }
    }

    /// A text nobody has written before; most are short, few fill the limit.
    pub(crate) fn new_text(&mut self, host: usize) -> String {
        let length = match self.random.below(20) {
            0 => self.random.between(1_000, 4_000),
            1..4 => self.random.between(100, 600),
            _ => self.random.below(60),
        };
        let Some(state) = self.hosts.get_mut(host) else { return String::new() };
        state.texts_written += 1;
        format!("{host}.{} {SECRET} {}", state.texts_written, "é~".repeat(length as usize / 3))
    }

    fn ask_somebody(&mut self, host: usize) {
        let strangers: Vec<HostId> = self
            .views(host)
            .into_iter()
            .filter(|view| view.special.is_none() && self.ids.contains_key(&view.host))
            .filter(|view| matches!(view.friend, FriendState::Unknown | FriendState::Ended))
            .map(|view| view.host)
            .collect();
        if let Some(whom) = self.random.pick(&strangers).copied() {
            if self.random.chance(0.3) {
                self.scan_code_of(host, whom);
            }
            let greeting = format!("Hallo, {SECRET}");
            let _ = self.command(host, Command::AskFriendship { host: whom, greeting });
        }
    }

    /// A host's code as it shows it now, if it is on.
    pub(crate) fn code_of(&self, host: usize) -> Option<PermessoUri> {
        self.running(host).and_then(|engine| engine.uri(&[]).parse().ok())
    }

    /// Scans somebody's code, or one that somebody else was shown.
    fn scan_code_of(&mut self, host: usize, whom: HostId) {
        let Some(code) = self.ids.get(&whom).and_then(|whom| self.code_of(*whom)) else { return };
        self.saw("code scanned");
        let _ = self.command(host, Command::ScanUri { uri: code.to_string() });
    }

    fn search(&mut self, host: usize) {
        let whom = self.random.below(self.hosts.len() as u64) as usize;
        let name = alias(whom);
        let exact = self.random.chance(0.3);
        let part: String = if exact { name } else { name.chars().skip(1).take(2).collect() };
        let matching = if exact { Match::Exact } else { Match::Partial };
        let _ = self.command(host, Command::Search { alias: part, matching });
    }

    fn tend(&mut self, host: usize, friends: &[FriendView]) {
        let Some(friend) = self.one_of(friends, FriendState::Friend) else { return };
        let command = match self.random.below(4) {
            3 => Command::RenewCode,
            0 => Command::SetLocalAlias { host: friend, alias: Some("mein Freund".into()) },
            1 => Command::SetVerified { host: friend, verified: true },
            _ => Command::MarkRead { host: friend },
        };
        let _ = self.command(host, command);
    }

    fn end_something(&mut self, host: usize, friends: &[FriendView]) {
        let command = if self.random.chance(0.5) {
            self.one_of(friends, FriendState::Friend).map(|host| Command::EndFriendship { host })
        } else {
            self.one_of(friends, FriendState::RequestSent).map(|host| Command::CancelAsk { host })
        };
        if let Some(command) = command {
            let _ = self.command(host, command);
        }
    }

    fn rename(&mut self, host: usize) {
        self.saw("alias change");
        let name = format!("{} {}", alias(host), self.random.below(10));
        let _ = self.command(host, Command::Set(Setting::Alias(name)));
    }

    fn remove_something(&mut self, host: usize) {
        let (cancel, nth) = (self.random.chance(0.5), self.random.below(1 << 20));
        let Some(message) = self.oracle.some_message(host, cancel, nth) else { return };
        let command = if cancel { Command::Cancel { message } } else { Command::DeleteMessage { message } };
        let _ = self.command(host, command);
    }

    fn send_again(&mut self, host: usize) {
        let nth = self.random.below(1 << 20);
        let Some(message) = self.oracle.some_failed(host, nth) else { return };
        if self.command(host, Command::Retry { message }).is_ok() {
            self.saw("user: sends a failed message again");
        }
    }

    /// Whom somebody has blocked is soon forgiven, so that friends remain.
    fn block_or_unblock(&mut self, host: usize, friends: &[FriendView]) {
        if let Some(blocked) = friends.iter().find(|view| view.blocked) {
            self.saw("user: unblocks");
            let _ = self.command(host, Command::Unblock { host: blocked.host });
        } else if let Some(friend) = self.one_of(friends, FriendState::Friend).filter(|_| self.random.chance(0.3)) {
            self.saw("user: blocks");
            let _ = self.command(host, Command::Block { host: friend });
        }
    }

    fn scan_somebody(&mut self, host: usize) {
        let whom = self.random.below(self.hosts.len() as u64) as usize;
        let address = self.hosts.get(whom).and_then(|state| state.ports.first()).map(|port| port.address);
        let address = address.filter(|_| self.random.chance(0.5)).map(|address| NetAddr::from((address, PORT)));
        let Some(uri) = self.running(whom).map(|engine| engine.uri(address.as_slice())) else { return };
        if self.command(host, Command::ScanUri { uri }).is_ok() {
            self.saw("user: scans a code");
        }
    }

    fn change_a_setting(&mut self, host: usize) {
        let Some(config) = self.hosts.get(host).map(|state| state.config.clone()) else { return };
        let usual = self.random.chance(0.3);
        let (setting, kind) = match self.random.below(7) {
            0 => (Setting::Visibility(Visibility::Everybody), "user: changes visibility"),
            1 => (Setting::Visibility(Visibility::Friends), "user: changes visibility"),
            2 => (Setting::Visibility(Visibility::Nobody), "user: changes visibility"),
            3 => (Setting::ReadReceipts(self.random.chance(0.5)), "user: changes read receipts"),
            4 => {
                let carry = self.random.chance(0.5) || config.custody.is_server;
                (Setting::Carry(carry), "user: changes carrying")
            }
            5 => {
                let few = self.random.between(5, 40) as u32;
                (Setting::HistoryLimit(if usual { config.messages.history_max } else { few }), "user: changes a limit")
            }
            _ => {
                let few = self.random.between(3, 20) as u32;
                let limit = few.min(config.messages.outbox_max);
                (Setting::OutboxLimit(if usual { config.messages.outbox_max } else { limit }), "user: changes a limit")
            }
        };
        if self.command(host, Command::Set(setting)).is_ok() {
            self.saw(kind);
        }
    }

    /// What was changed and would keep friends from finding each other, or messages from waiting, is as it was.
    pub(crate) fn usual_settings(&mut self, host: usize) {
        let Some(config) = self.hosts.get(host).map(|state| state.config.clone()) else { return };
        let usual = [
            Setting::Visibility(Visibility::Everybody),
            Setting::HistoryLimit(config.messages.history_max),
            Setting::OutboxLimit(config.messages.outbox_max),
        ];
        let _ = self.command(host, Command::SetAll { settings: usual.into() });
    }

    /// What the oracle has to know of a command before the engine acts on it.
    pub(crate) fn note_intent(&mut self, host: usize, command: &Command) {
        let index = |id: &HostId| self.ids.get(id).copied();
        match command {
            Command::AskFriendship { host: to, .. } => {
                if let Some(to) = index(to) {
                    self.oracle.user_asked(host, to);
                }
            }
            Command::AnswerFriendship { host: asker, accept: true, .. } => {
                if let Some(asker) = index(asker) {
                    self.oracle.user_accepted(host, asker);
                }
            }
            Command::SetVerified { host: peer, verified: true } => {
                if let Some(peer) = index(peer) {
                    self.oracle.user_verified(host, peer);
                }
            }
            Command::ScanUri { uri } => {
                if let Some(peer) = uri.parse::<PermessoUri>().ok().and_then(|uri| index(&uri.host_id())) {
                    self.oracle.user_scanned(host, peer);
                }
            }
            Command::DeleteMessage { message } => self.oracle.user_removed(host, *message),
            Command::Block { host: whom } => {
                if let Some(whom) = index(whom) {
                    self.oracle.user_blocked(host, whom);
                }
            }
            Command::Set(_) | Command::SetAll { .. } => {
                for setting in command.settings() {
                    match setting {
                        Setting::Visibility(_) => self.air.note_left(host, self.now),
                        _ => self.oracle.may_store(host, setting),
                    }
                }
            }
            Command::Leave | Command::Join => {
                let leaves = *command == Command::Leave;
                if let Some(state) = self.hosts.get_mut(host) {
                    state.wants_presence = !leaves;
                    let is_on = !leaves && state.engine.is_some();
                    state.set_on_air(is_on, self.now);
                }
                if leaves {
                    self.air.note_left(host, self.now);
                }
            }
            _ => {}
        }
    }
}
