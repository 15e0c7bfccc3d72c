//! The world of a trace: hosts, their contacts, and one queue of things to happen in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use permesso_engine::api::{
    Command, Event, FriendState, LinkEvent, LinkRequest, MessageState, Outcome, Setting, Transmit,
};
use permesso_engine::ids::{CommandId, HostId, ListenerId};
use permesso_engine::rows::{Commit, Table, Write};
use permesso_engine::time::Millis;

use super::bound::possible;
use super::host::{Host, clocks};
use super::list::{ListedMessage, MessageList};
use super::problem::TraceError;
use super::radio::Contact;
use super::report::TraceReport;
use super::scenario::Scenario;
use super::tally::Tally;
use super::trace::{Change, ContactTrace, Survey};
use crate::promise::Promise;
use crate::queue::Queue;
use crate::random::Random;
use crate::ratchet::Ratchet;

/// Between the last handshake and second 0, in milliseconds: nothing of whom a host met before then counts any more (PROTOCOL.md,
/// HELLO: meetings of the last 4 hours).
const FORGOTTEN_AFTER: u64 = 5 * 60 * 60_000;
/// Everything is checked each simulated hour, and how far it is is told each simulated minute.
const HOUR: u64 = 60 * 60_000;
const MINUTE: u64 = 60_000;
/// A world that is made lasts so long, in milliseconds, if nobody says how long: as the ONE's default scenario does.
const DAY_PART: u64 = 12 * HOUR;

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Simulated milliseconds that have passed since second 0.
    pub done: u64,
    /// Of so many, at least 1.
    pub total: u64,
}

/// Something planned.
#[derive(Debug)]
pub(super) enum Item {
    Timeout { host: usize, at: u64 },
    LinkUp { contact: u64 },
    Arrival { contact: u64 },
    Closed { contact: u64 },
}

/// One real engine a host, and the contacts between them.
pub struct TraceWorld {
    pub(super) scenario: Scenario,
    pub(super) now: u64,
    /// The moment of the world that is second 0 of the trace.
    pub(super) zero: u64,
    pub(super) hosts: Vec<Host>,
    pub(super) queue: Queue<Item>,
    pub(super) contacts: BTreeMap<u64, Contact>,
    /// The contact of each two hosts that have one, the lower first.
    pub(super) open: BTreeMap<(usize, usize), u64>,
    pub(super) contacts_made: u64,
    /// The last of them before second 0.
    pub(super) contacts_before: u64,
    pub(super) tally: Tally,
    pub(super) list: Vec<ListedMessage>,
    /// Who was asked for friendship, and by whom.
    pub(super) askers: Vec<(usize, HostId)>,
    pub(super) friendships: BTreeSet<(usize, HostId)>,
    pub(super) ratchet: Ratchet,
    by_address: BTreeMap<u32, usize>,
    by_id: BTreeMap<HostId, usize>,
    /// Messages whose engines have not yet said that they are stored.
    writing: BTreeMap<(usize, CommandId), usize>,
    befriending: Duration,
    begun: Instant,
}

/// Replays a scenario and reports. `on_progress` is called each simulated minute.
///
/// # Errors
/// No trace or list is named, a file cannot be read or has a wrong line, or two hosts that write to each other do not become friends.
pub fn replay(scenario: &Scenario, on_progress: &mut dyn FnMut(Progress)) -> Result<TraceReport, TraceError> {
    let end = scenario.end.map_or(DAY_PART, |end| end.0);
    let list = match (&scenario.messages, scenario.world) {
        (Some(list), _) => MessageList::open(list)?,
        (None, Some(world)) => world.messages(scenario.seed, end),
        (None, None) => return Err(TraceError::Missing),
    };
    let ratchet = Ratchet::default();
    let dispatch = ratchet.dispatch();
    let (survey, trace) = match (&scenario.contacts, scenario.world) {
        (Some(trace), _) => (ContactTrace::survey(trace)?, Some(trace)),
        (None, Some(world)) => (Survey { hosts: (0..world.hosts).collect(), last: end, ..Survey::default() }, None),
        (None, None) => return Err(TraceError::Missing),
    };
    tracing::dispatcher::with_default(&dispatch, || {
        let mut world = TraceWorld::new(scenario, &survey, &list)?;
        world.ratchet = ratchet;
        match (trace, scenario.world) {
            (Some(trace), _) => world.replay(ContactTrace::open(trace)?, survey.last, on_progress)?,
            (None, Some(walk)) => world.replay(walk.contacts(scenario.seed, end), survey.last, on_progress)?,
            (None, None) => {}
        }
        let report = TraceReport::of(&world);
        let last = scenario.end.map_or(survey.last, |end| end.0);
        Ok(report.beside(match (trace, scenario.world) {
            (Some(trace), _) => possible(ContactTrace::open(trace)?, &list.messages, last)?,
            (None, Some(walk)) => possible(walk.contacts(scenario.seed, end), &list.messages, last)?,
            (None, None) => (0, 0.0),
        }))
    })
}

impl TraceWorld {
    /// A world of the hosts of a trace and a list, in which whoever writes to each other is friends; it stands at second 0.
    ///
    /// # Errors
    /// Two hosts do not become friends, or an engine does not start.
    pub fn new(scenario: &Scenario, survey: &Survey, list: &MessageList) -> Result<Self, TraceError> {
        let mut addresses = survey.hosts.clone();
        addresses.extend(list.messages.iter().flat_map(|message| [message.from, message.to]));
        let lifetime = list.messages.iter().map(|message| message.lifetime).max().unwrap_or(MINUTE);
        let mut random = Random::new(scenario.seed);
        let mut world = Self {
            scenario: scenario.clone(),
            now: 0,
            zero: 0,
            hosts: Vec::new(),
            queue: Queue::default(),
            contacts: BTreeMap::new(),
            open: BTreeMap::new(),
            contacts_made: 0,
            contacts_before: 0,
            tally: Tally::new(list.messages.len()),
            list: list.messages.clone(),
            askers: Vec::new(),
            friendships: BTreeSet::new(),
            ratchet: Ratchet::default(),
            by_address: BTreeMap::new(),
            by_id: BTreeMap::new(),
            writing: BTreeMap::new(),
            befriending: Duration::ZERO,
            begun: Instant::now(),
        };
        for (index, address) in addresses.into_iter().enumerate() {
            let host = Host::new(scenario, address, lifetime, &mut random, 0)?;
            world.by_address.insert(address, index);
            world.by_id.insert(host.id, index);
            world.hosts.push(host);
            world.pump(index);
        }
        for (first, second) in list.pairs() {
            if let (Some(first), Some(second)) = (world.host_at(first), world.host_at(second)) {
                world.befriend(first, second)?;
            }
        }
        world.zero = world.now + FORGOTTEN_AFTER;
        while world.step(world.zero) {}
        world.now = world.zero;
        for host in &mut world.hosts {
            host.counted = host.engine.counters();
        }
        world.contacts_before = world.contacts_made;
        world.tally.begin(world.zero);
        world.befriending = world.begun.elapsed();
        world.begun = Instant::now();
        Ok(world)
    }

    /// Lets everything happen that the changes and the list say, to the end: that of the scenario, or `last`, in milliseconds
    /// from second 0.
    ///
    /// # Errors
    /// What the changes themselves are wrong with.
    pub fn replay(
        &mut self,
        changes: impl Iterator<Item = Result<Change, TraceError>>,
        last: u64,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), TraceError> {
        let end = self.scenario.end.map_or(last, |end| end.0);
        let list = self.list.clone();
        let mut messages = list.iter().enumerate().filter(|(_, message)| message.at <= end).peekable();
        for change in changes {
            let change = change?;
            while let Some((index, message)) = messages.next_if(|(_, message)| message.at <= change.at) {
                self.pass_to(message.at, end, on_progress);
                self.write(index, message);
            }
            if change.at > end {
                break;
            }
            self.pass_to(change.at, end, on_progress);
            self.change(change);
        }
        for (index, message) in messages {
            self.pass_to(message.at, end, on_progress);
            self.write(index, message);
        }
        self.pass_to(end, end, on_progress);
        let open: Vec<_> = self.open.keys().copied().collect();
        open.into_iter().for_each(|(first, second)| self.end_contact(first, second));
        self.check_all();
        Ok(())
    }

    /// How long making friends took, and everything since second 0.
    pub(super) fn walls(&self) -> (Duration, Duration) {
        (self.befriending, self.begun.elapsed())
    }

    pub(super) fn address(&self, host: usize) -> u32 {
        self.hosts.get(host).map_or(0, |host| host.address)
    }

    /// Everything before a moment of the trace happens.
    fn pass_to(&mut self, at: u64, end: u64, on_progress: &mut dyn FnMut(Progress)) {
        let until = self.zero + at;
        while self.now < until {
            let minute = self.zero + (self.now - self.zero) / MINUTE * MINUTE + MINUTE;
            let stop = until.min(minute);
            while self.step(stop - 1) {}
            self.now = stop;
            if stop == minute {
                let done = stop - self.zero;
                on_progress(Progress { done, total: end.max(1) });
                if done.is_multiple_of(HOUR) {
                    self.check_all();
                }
            }
        }
    }

    /// The next thing happens, if it is planned by `until`.
    pub(super) fn step(&mut self, until: u64) -> bool {
        let Some((at, item)) = self.queue.pop_until(until) else { return false };
        self.now = self.now.max(at);
        self.tally.step();
        match item {
            Item::Timeout { host, at } => self.on_timeout(host, at),
            Item::LinkUp { contact } => self.on_link_up(contact),
            Item::Arrival { contact } => self.on_arrival(contact),
            Item::Closed { contact } => self.on_closed(contact),
        }
        true
    }

    fn on_timeout(&mut self, host: usize, at: u64) {
        let now = clocks(self.now);
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.wake == Some(at)) else { return };
        state.wake = None;
        state.engine.handle_timeout(now);
        self.pump(host);
    }

    fn change(&mut self, change: Change) {
        let (Some(first), Some(second)) = (self.host_at(change.first), self.host_at(change.second)) else { return };
        if change.up {
            let rate = self.scenario.rate_between(change.first, change.second);
            self.begin_contact(first, second, self.scenario.link_setup.0, rate);
        } else {
            self.end_contact(first, second);
        }
    }

    pub(super) fn host_at(&self, address: u32) -> Option<usize> {
        self.by_address.get(&address).copied()
    }

    pub(super) fn write(&mut self, index: usize, message: &ListedMessage) {
        let (Some(from), Some(to)) = (self.host_at(message.from), self.host_at(message.to)) else { return };
        let Some(id) = self.hosts.get(to).map(|host| host.id) else { return };
        let lifetime = self.hosts.get_mut(from).map(|host| std::mem::replace(&mut host.lifetime, message.lifetime));
        if lifetime != Some(message.lifetime) {
            self.command(from, Command::Set(Setting::OutboxExpiry(Millis(message.lifetime))));
        }
        let text = text_of(message);
        let Some(state) = self.hosts.get_mut(from) else { return };
        match state.engine.handle_command(Command::SendText { host: id, text }, clocks(self.now)) {
            Ok(command) => {
                self.writing.insert((from, command), index);
            }
            Err(error) => self.tally.refused(self.now, from, &error),
        }
        self.pump(from);
    }

    /// Gives an engine a command that it has no reason to refuse.
    pub(super) fn command(&mut self, host: usize, command: Command) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        if let Err(error) = state.engine.handle_command(command, clocks(self.now)) {
            self.tally.refused(self.now, host, &error);
        }
        self.pump(host);
    }

    /// Tells an engine what happened to a link.
    pub(super) fn tell(&mut self, host: usize, event: LinkEvent) {
        let now = clocks(self.now);
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.engine.handle_link(event, now);
        self.pump(host);
    }

    /// Carries out everything an engine wants done. What is to be stored is durable at once.
    fn pump(&mut self, host: usize) {
        let at = self.now;
        loop {
            let Some(state) = self.hosts.get_mut(host) else { return };
            if let Some(commit) = state.engine.poll_commit() {
                self.commit(host, commit);
            } else if let Some(transmit) = state.engine.poll_transmit() {
                // There is no presence; what asks for addresses stays unheard.
                if let Transmit::Frame { link, bytes } = transmit {
                    self.send_frame(host, link, bytes);
                }
            } else if let Some(event) = state.engine.poll_event() {
                self.on_event(host, event);
            } else if let Some(request) = state.engine.poll_link() {
                self.on_link_request(host, request);
            } else if let Some(fetch) = state.engine.poll_fetch() {
                let body = state.store.body(fetch.key);
                state.engine.handle_fetched(fetch.id, body, clocks(at));
            } else if let Some(generation) = state.engine.poll_generation() {
                state.engine.handle_generation_kept(generation, clocks(at));
            } else {
                break;
            }
        }
        self.plan_wake(host);
    }

    fn commit(&mut self, host: usize, commit: Commit) {
        self.tally.committed(self.now, host, &commit);
        for encryption in self.ratchet.take() {
            self.tally.key_used(self.now, host, &encryption);
        }
        let carried =
            commit.writes.iter().any(|write| matches!(write, Write::Put { key, .. } if key.table == Table::Custody));
        if let Some(state) = self.hosts.get_mut(host) {
            state.commit(commit, self.now);
            if carried {
                self.tally.check(Promise::Bounded, self.now, host, state.overfull());
            }
        }
    }

    fn plan_wake(&mut self, host: usize) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        let due = state.engine.poll_timeout().map(|(tick, _)| tick.0.max(self.now));
        if due != state.wake {
            state.wake = due;
            if let Some(at) = due {
                self.queue.push(at, Item::Timeout { host, at });
            }
        }
    }

    fn on_link_request(&mut self, host: usize, request: LinkRequest) {
        match request {
            LinkRequest::Listen { listener } => {
                // A port for each, as an operating system gives them.
                let port = if listener == ListenerId::MAIN { 20_071 } else { 30_000 };
                if let Some(state) = self.hosts.get_mut(host) {
                    state.engine.handle_link(LinkEvent::Listening { listener, port }, clocks(self.now));
                }
            }
            LinkRequest::Dial { dial, .. } => {
                // A contact is the only way to a host.
                if let Some(state) = self.hosts.get_mut(host) {
                    state.engine.handle_link(LinkEvent::DialFailed { dial }, clocks(self.now));
                }
            }
            LinkRequest::Close { link } => self.close(link),
            LinkRequest::StopListening { .. } | LinkRequest::Rebind { .. } => {}
        }
    }

    fn on_event(&mut self, host: usize, event: Event) {
        match event {
            Event::Done { command, outcome: Outcome::Stored { message } } => {
                if let Some(index) = self.writing.remove(&(host, command)) {
                    let to = self.list.get(index).and_then(|message| self.host_at(message.to));
                    self.tally.stored(index, to, message, self.now);
                }
            }
            Event::FriendChanged(view) if view.state == FriendState::RequestReceived => {
                self.askers.push((host, view.host));
            }
            Event::FriendChanged(view) if view.state == FriendState::Friend => {
                self.friendships.insert((host, view.host));
            }
            Event::MessageReceived { host: from, key, message, text, .. } => {
                let from = self.by_id.get(&from).copied();
                self.on_received((host, from), (message, key), &text);
            }
            Event::MessageChanged { message, state: MessageState::Delivered, .. } => {
                self.tally.proved(host, message, self.now);
            }
            Event::MessageChanged { message, state: MessageState::Failed { reason }, .. } => {
                self.tally.failed(message, reason);
            }
            _ => {}
        }
    }
}

/// The text of a listed message, of exactly its size.
pub(super) fn text_of(message: &ListedMessage) -> String {
    message.name.chars().filter(char::is_ascii).chain(['.']).cycle().take(message.bytes).collect()
}
