//! The world: hosts, the air between them, and one queue of things to happen in virtual time.

use std::collections::{BTreeMap, BTreeSet};

use permesso_engine::api::{Cast, Command, CommandError, Event, Fetch, LinkEvent, LinkRequest, NetAddr, Transmit};
use permesso_engine::ids::{CommandId, DialId, EnvelopeId, FetchId, Generation, HostId, ListenerId, MessageId};
use permesso_engine::rows::{Commit, RecordKey, Table, Write};
use sha2::{Digest, Sha256};

use crate::ablation::Ablation;
use crate::adversary::Adversary;
use crate::air::{Air, Source};
use crate::config::{self, WorldConfig};
use crate::contacts::Walk;
use crate::describe::{event_host, event_kind};
use crate::faults::Faults;
use crate::host::{Clock, Host, Port};
use crate::insider::Insider;
use crate::links::{Call, Link};
use crate::oracle::Oracle;
use crate::power::Fault;
use crate::promise::{Promise, Violation};
use crate::queue::Queue;
use crate::random::Random;
use crate::ratchet::Ratchet;
use crate::trace::Trace;
use crate::traffic::Traffic;
use crate::ways::Ways;

/// A commit that takes longer is a fault of the disk.
const SLOW_DISK: u64 = 100;
/// An engine that gives more outputs than this for one input has run wild.
const OUTPUTS_MAX: usize = 100_000;
/// An engine that asks this often in a row to be called at once has run wild.
const IDLE_WAKES_MAX: u32 = 2_000;

/// Something planned.
#[derive(Debug)]
pub(crate) enum Item {
    Timeout { host: usize, life: u32, at: u64 },
    Committed { host: usize, life: u32 },
    Fetched { host: usize, life: u32, fetch: Fetch },
    GenerationKept { host: usize, life: u32, generation: Generation },
    Listening { host: usize, life: u32, listener: ListenerId },
    Datagram { host: usize, cast: Cast, from: NetAddr, bytes: Vec<u8>, source: Source },
    Dial(Call),
    DialFailed { host: usize, life: u32, dial: DialId },
    LinkInput { link: u64, side: usize },
    LinkCredit { link: u64, side: usize, bytes: usize },
    LinkDown { link: u64, side: usize, lost: bool },
    LinkCheck { link: u64 },
    User { host: usize },
    Fault(Fault),
    Adversary,
    Insider { host: usize },
    InterfaceUp { host: usize, interface: usize },
    PowerOn { host: usize },
    WakeUp { host: usize },
    Join { host: usize },
    Walk,
}

/// Many engines in virtual time. Everything that is decided follows from the seed.
pub struct World {
    pub(crate) now: u64,
    pub(crate) hosts: Vec<Host>,
    pub(crate) queue: Queue<Item>,
    pub(crate) random: Random,
    pub(crate) faults: Faults,
    /// Whether users and faults are at work.
    pub(crate) active: bool,
    pub(crate) air: Air,
    /// Where the hosts are, if they walk.
    pub(crate) walk: Option<Walk>,
    pub(crate) ways: Ways,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) links_made: u64,
    pub(crate) oracle: Oracle,
    pub(crate) traffic: Traffic,
    pub(crate) ratchet: Ratchet,
    pub(crate) trace: Trace,
    pub(crate) adversary: Adversary,
    pub(crate) insider: Insider,
    pub(crate) ids: BTreeMap<HostId, usize>,
    pub(crate) faults_seen: BTreeMap<&'static str, u64>,
    pub(crate) events_seen: BTreeMap<&'static str, u64>,
    pub(crate) lately: Vec<(usize, Event)>,
    /// FORWARDs carry their envelopes newest first.
    pub(crate) reversed: bool,
    /// When each pairing was first stored, by host and row.
    pub(crate) paired_at: BTreeMap<(usize, u64), u64>,
    /// Since when a host has held another for a friend who is not blocked.
    pub(crate) friends_since: BTreeMap<(usize, HostId), u64>,
    /// When each envelope first left on a link. What a peer left unproved then is offered again after a pause.
    pub(crate) forwarded: BTreeMap<(EnvelopeId, usize), u64>,
    /// When a host has stored an envelope of others last.
    pub(crate) kept_at: BTreeMap<(EnvelopeId, usize), u64>,
    /// Of which envelopes a host has stored that they arrived, by the beginning of their names.
    pub(crate) proved: BTreeSet<(u64, usize)>,
    /// Who made an envelope, and which message it holds.
    pub(crate) letters: BTreeMap<EnvelopeId, (usize, MessageId)>,
    pub(crate) decisions: u64,
    /// All that left the hosts, in order.
    pub(crate) bytes: Sha256,
    pub(crate) steps: u64,
    pub(crate) commits: u64,
    pub(crate) crash_plan: Option<(u64, CrashMoment)>,
}

/// Where around a commit a host crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashMoment {
    /// The rows are lost.
    BeforeDurable,
    /// The rows are kept, the engine never learns it, and nothing that waited for them leaves.
    BeforeTold,
    /// The rows are kept and what waited for them has just left.
    AfterOutputs,
}

impl CrashMoment {
    fn name(self) -> &'static str {
        match self {
            Self::BeforeDurable => "crash before durable",
            Self::BeforeTold => "crash before told",
            Self::AfterOutputs => "crash after outputs",
        }
    }
}

impl World {
    /// A world of hosts that are switched on within its first seconds; users and faults are not at work yet.
    pub fn new(config: &WorldConfig) -> Self {
        let mut random = Random::new(config.seed);
        let mut hosts = Vec::new();
        for (index, part) in config::parts(config).into_iter().enumerate() {
            let engine_config = config::engine_config(config, index, &mut random);
            let clock = Clock::new(&mut random, config.faults.clock_skew, config.faults.clock_years);
            let at_once = random.between(1, 3) as usize;
            let mut ports = vec![Port { address: config::address(0, index), up: true }];
            if config.faults.interface_every > 0 && random.chance(0.4) {
                ports.push(Port { address: config::address(1, index), up: true });
            }
            hosts.push(Host::new(engine_config, part, ports, clock, at_once));
        }
        let facts = hosts.iter().map(|host| (config::caps(&host.config, hosts.len()), host.is_honest()));
        let oracle = Oracle::new(facts.collect());
        let several = hosts.iter().filter(|host| host.is_in_use() && host.ports.len() > 1).count() as u64;
        let addresses = hosts.iter().enumerate().filter(|(_, host)| host.is_in_use());
        let addresses = addresses.flat_map(|(index, host)| host.ports.iter().map(move |port| (index, port.address)));
        let walk = config.walk(hosts.len());
        let mut world = Self {
            now: 0,
            air: Air::new(hosts.len(), walk.is_some(), addresses),
            walk,
            ways: Ways::default(),
            hosts,
            queue: Queue::default(),
            random,
            faults: config.faults.clone(),
            active: false,
            links: BTreeMap::new(),
            links_made: 0,
            oracle,
            traffic: Traffic::default(),
            ratchet: Ratchet::default(),
            trace: if config.print { Trace::live() } else { Trace::default() },
            adversary: Adversary::default(),
            insider: Insider::default(),
            ids: BTreeMap::new(),
            faults_seen: BTreeMap::from([("several interfaces", several)]),
            events_seen: BTreeMap::new(),
            lately: Vec::new(),
            reversed: false,
            paired_at: BTreeMap::new(),
            friends_since: BTreeMap::new(),
            forwarded: BTreeMap::new(),
            kept_at: BTreeMap::new(),
            proved: BTreeSet::new(),
            letters: BTreeMap::new(),
            decisions: 0xcbf2_9ce4_8422_2325,
            bytes: Sha256::new(),
            steps: 0,
            commits: 0,
            crash_plan: None,
        };
        for host in (0..world.hosts.len()).filter(|host| world.is_in_use(*host)).collect::<Vec<_>>() {
            let at = world.random.below(3_000);
            world.queue.push(at, Item::PowerOn { host });
        }
        world.on_walk();
        world
    }

    /// The virtual time in milliseconds since the world began.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The promises broken so far.
    pub fn violations(&self) -> &[Violation] {
        self.oracle.violations()
    }

    /// Lets so many virtual milliseconds pass, or less if a promise is broken on the way.
    pub fn run_for(&mut self, span: u64) {
        let until = self.now + span;
        tracing::dispatcher::with_default(&self.ratchet.dispatch(), || self.run_to(until));
    }

    fn run_to(&mut self, until: u64) {
        while self.violations().is_empty() {
            let Some((at, item)) = self.queue.pop_until(until) else {
                self.now = until;
                return;
            };
            self.now = at;
            self.steps += 1;
            let host = item.host();
            self.handle(item);
            self.after_step(host);
        }
    }

    /// What must hold whatever has just happened; what follows from outputs and commits was checked where they were made.
    fn after_step(&mut self, host: Option<usize>) {
        let Some(host) = host else { return };
        let Some(engine) = self.running(host) else { return };
        let known = engine.hosts_known();
        self.oracle.check_memory(self.now, host, known);
    }

    /// Lets time pass until `done` says so, at most `span` virtual milliseconds; whether it did.
    pub fn run_until(&mut self, span: u64, mut done: impl FnMut(&Self) -> bool) -> bool {
        let until = self.now + span;
        while self.violations().is_empty() && self.now < until {
            if done(self) {
                return true;
            }
            self.run_for(500.min(until - self.now));
        }
        done(self)
    }

    /// Gives a host's engine a command, as its user would.
    ///
    /// # Errors
    /// What the engine refuses it with; [`CommandError::Busy`] also if the host is switched off.
    pub fn command(&mut self, host: usize, command: Command) -> Result<CommandId, CommandError> {
        self.note_intent(host, &command);
        let to = match &command {
            Command::SendText { host: to, .. } => self.ids.get(to).copied(),
            _ => None,
        };
        let line = format!("h{host} user: {}", self.describe_command(&command));
        let dispatch = self.ratchet.dispatch();
        let Some((engine, now)) = self.engine(host) else { return Err(CommandError::Busy) };
        let result = tracing::dispatcher::with_default(&dispatch, || engine.handle_command(command.clone(), now));
        match &result {
            Ok(id) => {
                self.trace.note(self.now, line);
                self.oracle.command_accepted(self.now, host, *id, &command, to);
            }
            Err(error) => self.trace.note(self.now, format!("{line}: refused, {error}")),
        }
        self.pump(host);
        result
    }

    fn handle(&mut self, item: Item) {
        let now = self.now;
        if let Some(host) = item.host()
            && let Some(host) = self.hosts.get_mut(host).filter(|host| host.asleep_until > now)
        {
            if !matches!(item, Item::Datagram { .. }) {
                host.deferred.push(item);
            }
            return;
        }
        match item {
            Item::Timeout { host, life, at } => self.on_timeout(host, life, at),
            Item::Committed { host, life } => self.on_committed(host, life),
            Item::Fetched { host, life, fetch } => self.on_fetched(host, life, fetch),
            Item::GenerationKept { host, life, generation } => self.on_generation_kept(host, life, generation),
            Item::Listening { host, life, listener } => self.on_listening(host, life, listener),
            Item::Datagram { host, cast, from, bytes, source } => self.on_datagram(host, cast, from, &bytes, source),
            Item::Dial(call) => self.on_dial(call),
            Item::DialFailed { host, life, dial } => self.on_dial_failed(host, life, dial),
            Item::LinkInput { link, side } => self.on_link_input(link, side),
            Item::LinkCredit { link, side, bytes } => self.on_link_credit(link, side, bytes),
            Item::LinkDown { link, side, lost } => self.on_link_down(link, side, lost),
            Item::LinkCheck { link } => self.on_link_check(link),
            Item::User { host } => self.on_user(host),
            Item::Fault(fault) => self.on_fault(fault),
            Item::Adversary => self.on_adversary(),
            Item::Insider { host } => self.on_insider(host),
            Item::InterfaceUp { host, interface } => self.interface_up(host, interface),
            Item::PowerOn { host } => self.power_on(host),
            Item::WakeUp { host } => self.on_wake_up(host),
            Item::Join { host } => self.on_join(host),
            Item::Walk => self.on_walk(),
        }
    }

    fn on_timeout(&mut self, host: usize, life: u32, at: u64) {
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.life == life && state.wake == Some(at)) else {
            return;
        };
        state.wake = None;
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_timeout(now);
            self.pump(host);
        }
    }

    fn on_fetched(&mut self, host: usize, life: u32, fetch: Fetch) {
        let Some(state) = self.hosts.get(host).filter(|state| state.life == life) else { return };
        let lost = state.ablations.contains(&Ablation::LoseBodies);
        let body = state.store.body(fetch.key).filter(|_| !lost);
        let id: FetchId = fetch.id;
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_fetched(id, body, now);
            self.pump(host);
        }
    }

    fn on_generation_kept(&mut self, host: usize, life: u32, generation: Generation) {
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.life == life) else { return };
        state.outside = Some(generation);
        if self.active && self.random.chance(self.faults.crash_at_commit) {
            return self.crash(host, "after its generation was written outside, before it was told");
        }
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_generation_kept(generation, now);
            self.pump(host);
        }
    }

    fn on_committed(&mut self, host: usize, life: u32) {
        let Some(state) = self.hosts.get_mut(host).filter(|state| state.life == life) else { return };
        if state.full_until > self.now {
            return self.refuse_commit(host);
        }
        let Some((commit, encryptions)) = state.in_flight.pop_front() else { return };
        state.retry_after = 0;
        self.commits += 1;
        let by_chance = self.active && self.random.chance(self.faults.crash_at_commit);
        let planned = self.crash_plan.take_if(|(commit, _)| *commit == self.commits);
        let moment = match (self.random.below(3), planned) {
            (_, Some((_, moment))) => moment,
            (0, None) => CrashMoment::BeforeDurable,
            (1, None) => CrashMoment::BeforeTold,
            _ => CrashMoment::AfterOutputs,
        };
        let crash = by_chance || planned.is_some();
        if crash {
            self.saw(moment.name());
        }
        if crash && moment == CrashMoment::BeforeDurable {
            return self.crash(host, "before a commit was durable");
        }
        self.make_durable(host, &commit);
        for encryption in &encryptions {
            self.oracle.key_used(self.now, host, encryption);
        }
        if crash && moment == CrashMoment::BeforeTold {
            return self.crash(host, "after a commit was durable, before it was told");
        }
        let late = self.hosts.get_mut(host).map(|state| std::mem::take(&mut state.late_events));
        late.into_iter().flatten().for_each(|event| self.on_event(host, event));
        if let Some((engine, now)) = self.engine(host) {
            engine.handle_committed(commit.seq, now);
            self.pump(host);
        }
        if crash {
            self.crash(host, "after what a commit held back had left");
        }
    }

    fn make_durable(&mut self, host: usize, commit: &Commit) {
        let commit = &self.ablated_commit(host, commit.clone());
        self.note_letters(host, commit);
        for write in &commit.writes {
            if let Write::Put { key: RecordKey { table: Table::Pairing, row }, .. } = write {
                self.paired_at.entry((host, *row)).or_insert(self.now);
            }
            if let Write::Put { key: RecordKey { table: Table::Custody, .. }, body: Some(_), .. } = write {
                let server = self.hosts.get(host).is_some_and(|state| state.config.custody.is_server);
                self.saw(if server { "custody: server takes" } else { "custody: carrier takes" });
            }
            if let Write::Delete(RecordKey { table: Table::Pairing, row }) = write {
                self.paired_at.remove(&(host, *row));
            }
        }
        if !self.oracle.knows_friends_of(host, commit) {
            let known: Vec<_> = self
                .friends(host)
                .into_iter()
                .filter_map(|view| Some((view.friend, *self.ids.get(&view.host)?)))
                .collect();
            self.oracle.learn_friends(host, known.into_iter());
        }
        if let Some(state) = self.hosts.get_mut(host) {
            state.store.apply(commit.clone());
        }
        self.oracle.committed(self.now, host, commit);
    }

    /// Carries out everything an engine wants done, in an order that changes all the time: any order must be right.
    pub(crate) fn pump(&mut self, host: usize) {
        let used = self.ratchet.take();
        if let Some(state) = self.hosts.get_mut(host) {
            state.encryptions.extend(used);
        }
        let mut outputs = 0;
        while let Some(output) = self.poll(host) {
            self.carry_out(host, output);
            outputs += 1;
            if outputs > OUTPUTS_MAX {
                let what = format!("more than {OUTPUTS_MAX} outputs for one input");
                return self.oracle.check(Promise::Contract, self.now, host, Some(what));
            }
        }
        self.plan_wake(host);
    }

    fn poll(&mut self, host: usize) -> Option<Output> {
        let first = self.random.below(6);
        let state = self.hosts.get_mut(host)?;
        let may_commit = state.in_flight.len() < state.commits_at_once;
        let engine = state.engine.as_mut()?;
        (first..first + 6).find_map(|kind| match kind % 6 {
            0 if may_commit => engine.poll_commit().map(Output::Commit),
            1 => engine.poll_transmit().map(Output::Transmit),
            2 => engine.poll_link().map(Output::Link),
            3 => engine.poll_event().map(Output::Event),
            4 => engine.poll_fetch().map(Output::Fetch),
            5 => engine.poll_generation().map(Output::Generation),
            _ => None,
        })
    }

    fn carry_out(&mut self, host: usize, output: Output) {
        match output {
            Output::Commit(commit) => self.begin_commit(host, commit),
            Output::Transmit(transmit) => self.on_transmit(host, transmit),
            Output::Link(request) => self.on_link_request(host, request),
            Output::Event(event) => self.on_event(host, event),
            Output::Fetch(fetch) => {
                let at = self.now + self.random.below(5);
                let life = self.life(host);
                self.queue.push(at, Item::Fetched { host, life, fetch });
            }
            Output::Generation(generation) => {
                let at = self.now + self.random.below(5);
                let life = self.life(host);
                self.queue.push(at, Item::GenerationKept { host, life, generation });
            }
        }
    }

    pub(crate) fn life(&self, host: usize) -> u32 {
        self.hosts.get(host).map_or(0, |host| host.life)
    }

    fn begin_commit(&mut self, host: usize, commit: Commit) {
        let slow = if self.random.chance(0.02) { 200 } else { 3 };
        let delay = self.random.around(slow);
        let Some(state) = self.hosts.get_mut(host) else { return };
        let at = (self.now + delay).max(state.last_commit_at);
        if at > self.now + SLOW_DISK {
            state.disturbed_at = at;
        }
        state.last_commit_at = at;
        let encryptions = std::mem::take(&mut state.encryptions);
        let (seq, life) = (commit.seq, state.life);
        state.in_flight.push_back((commit, encryptions.clone()));
        self.queue.push(at, Item::Committed { host, life });
        if self.is_ablated(host, Ablation::TellBeforeDurable) {
            encryptions.iter().for_each(|encryption| self.oracle.key_used(self.now, host, encryption));
            if let Some((engine, now)) = self.engine(host) {
                engine.handle_committed(seq, now);
            }
        }
    }

    fn plan_wake(&mut self, host: usize) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        let due = state.engine.as_ref().and_then(permesso_engine::Engine::poll_timeout);
        let mut due = due.map(|(tick, _)| state.clock.when(tick, self.now));
        if due.is_some_and(|at| at <= self.now) {
            state.idle_wakes += 1;
            if state.idle_wakes > IDLE_WAKES_MAX {
                let what = "the engine asks again and again to be called at once".to_string();
                due = None;
                self.oracle.check(Promise::Contract, self.now, host, Some(what));
            }
        } else {
            state.idle_wakes = 0;
        }
        if due == state.wake {
            return;
        }
        state.wake = due;
        let life = state.life;
        if let Some(at) = due {
            self.queue.push(at, Item::Timeout { host, life, at });
        }
    }

    fn on_transmit(&mut self, host: usize, transmit: Transmit) {
        let (Transmit::Everyone { bytes, .. } | Transmit::Datagram { bytes, .. } | Transmit::Frame { bytes, .. }) =
            &transmit;
        self.bytes.update((host as u64).to_be_bytes());
        self.bytes.update((bytes.len() as u64).to_be_bytes());
        self.bytes.update(bytes);
        match transmit {
            Transmit::Everyone { interface, only, bytes } => self.send_everyone(host, interface, only, &bytes),
            Transmit::Datagram { to, bytes } => {
                let times = if self.is_ablated(host, Ablation::TenfoldAnswers) { 10 } else { 1 };
                (0..times).for_each(|_| self.send_datagram(host, to, &bytes));
            }
            Transmit::Frame { link, bytes } => self.send_frame(host, link, bytes),
        }
    }

    fn on_event(&mut self, host: usize, event: Event) {
        if self.ablated_event(host, &event) {
            return;
        }
        let event = self.ablated_view(host, event);
        let peer = event_host(&event).and_then(|id| self.ids.get(&id).copied());
        let kind = event_kind(&event);
        *self.events_seen.entry(kind).or_default() += 1;
        for byte in kind.bytes().chain([host as u8]) {
            self.decisions = (self.decisions ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.trace.note(self.now, format!("h{host} tells: {}", self.describe_event(&event)));
        self.check_offline(host, peer, &event);
        self.check_holders(host, &event);
        self.oracle.event(self.now, host, peer, &event);
        self.lately.push((host, event));
    }

    pub(crate) fn saw(&mut self, fault: &'static str) {
        *self.faults_seen.entry(fault).or_default() += 1;
    }

    pub(crate) fn tell_link(&mut self, host: usize, life: u32, event: LinkEvent) -> bool {
        let Some((engine, now)) = self.engine_of_life(host, life) else { return false };
        engine.handle_link(event, now);
        self.pump(host);
        true
    }
}

/// One thing an engine wants done.
enum Output {
    Commit(Commit),
    Transmit(Transmit),
    Link(LinkRequest),
    Event(Event),
    Fetch(Fetch),
    Generation(Generation),
}

impl Item {
    /// Whose device has to be awake for it.
    fn host(&self) -> Option<usize> {
        match self {
            Self::Timeout { host, .. }
            | Self::Committed { host, .. }
            | Self::Fetched { host, .. }
            | Self::GenerationKept { host, .. }
            | Self::Listening { host, .. }
            | Self::Datagram { host, .. }
            | Self::DialFailed { host, .. }
            | Self::Join { host } => Some(*host),
            _ => None,
        }
    }
}
