//! The friendship handshake, checked in every order of events: two real engines and an air that loses, doubles and delays
//! whatever it likes, for as long as it likes.
//!
//! Each event happens in a fresh process: the engine is restored from its store, takes one thing in, and is dropped. So a
//! restart lies between any two events. What waits in an outbox is in the air from then on and stays there; what is never
//! taken out of it is lost.

mod flaws;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr};

use permesso_engine::Engine;
use permesso_engine::api::{
    Command, FriendState, LinkEvent, LinkRequest, NetAddr, NetworkEvent, PacketService, Transmit,
};
use permesso_engine::config::Config;
use permesso_engine::envelope::{Envelope, stamp_zero_bits};
use permesso_engine::frame::{Frame, Proofs};
use permesso_engine::ids::{Generation, HostId, IdentityKey, Interface, LinkId, ListenerId, MessageId, ProofSecret};
use permesso_engine::time::{Now, Tick, Wall};
use stateright::{Checker, Model, Property};

use crate::memory::MemoryStore;
use crate::records;
use flaws::Flaw;

/// How many states may be looked at before a run is called endless.
const STATES_MAX: usize = 200_000;
const BOTH_WANTED_IT: &str = "nobody is a friend without both having wanted it";
const BOTH_AGREE: &str =
    "once everything arrives and who is asked has answered, both are friends under one key or neither is";
const STAMP_BITS: u8 = 1;
const WALL: u64 = 1_767_225_600_000;

/// Something in the air: a sealed envelope, or the proof of one, by the number its content was given when it first turned up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Name {
    to: usize,
    /// A [`PacketService`].
    service: u8,
    number: u8,
    proof: bool,
}

#[derive(Clone, Debug)]
enum Letter {
    Envelope(Envelope),
    Proof(ProofSecret),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Ask(usize),
    Accept(usize),
    Refuse(usize),
    Cancel(usize),
    End(usize),
    Deliver(Name),
}

/// How often each may still happen in the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Budget {
    asks: [u8; 2],
    refusals: u8,
    cancels: u8,
    ends: u8,
}

#[derive(Clone)]
struct State {
    stores: [MemoryStore; 2],
    air: BTreeMap<Name, Letter>,
    numbers: BTreeMap<MessageId, u8>,
    /// Who has asked or said yes.
    consents: [bool; 2],
    budget: Budget,
}

/// What two states must share to be the same: everything but keys, times and random numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Outline {
    friends: [Option<FriendOutline>; 2],
    waiting: [Vec<(u8, u8)>; 2],
    /// Of each pairing here, the place of its twin there.
    twins: [Vec<(bool, Option<usize>)>; 2],
    air: Vec<Name>,
    consents: [bool; 2],
    budget: Budget,
}

/// What is open with somebody: the request of one's own and whether it was taken back, one received, a yes and an answer kept,
/// and whether a request was ever heard.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FriendOutline(u8, Option<bool>, bool, bool, bool, bool);

struct Handshake {
    config: Config,
    hellos: [Frame; 2],
    keys: [IdentityKey; 2],
    ids: [HostId; 2],
    start: [MemoryStore; 2],
    budget: Budget,
    /// A rule that is not kept, so that the checks are seen to find it.
    flaw: Option<Flaw>,
}

/// What came of one event.
struct Outcome {
    frames: Vec<Frame>,
    store: MemoryStore,
    accepted: bool,
}

impl Handshake {
    fn new(budget: Budget) -> Self {
        let mut config = Config::default();
        config.friendship.stamp_bits = STAMP_BITS;
        let mut start = [MemoryStore::new(), MemoryStore::new()];
        let mut hosts = Vec::new();
        for store in &mut start {
            let mut engine = boot(&config, store, hosts.len() as u8 + 1);
            drain(&mut engine, store);
            hosts.push((engine.host_id(), engine.identity_key()));
        }
        hosts
            .iter()
            .zip(&start)
            .for_each(|((_, key), store)| assert_eq!(records::identity(store).unwrap().key(), *key));
        // The smaller id is the first, so that both sides of each rule about ids have their place.
        if hosts[1].0 < hosts[0].0 {
            hosts.swap(0, 1);
            start.swap(0, 1);
        }
        let (ids, keys) = ([hosts[0].0, hosts[1].0], [hosts[0].1, hosts[1].1]);
        let hello = |host: usize| {
            let mut store = start[host].clone();
            let mut engine = present(&config, &mut store, keys[1 - host]);
            let frames = drain(&mut engine, &mut store);
            frames.into_iter().find(|frame| matches!(frame, Frame::Hello(_))).unwrap()
        };
        let hellos = [hello(0), hello(1)];
        Self { config, hellos, keys, ids, start, budget, flaw: None }
    }

    /// One event at a host, in a process of its own, with a link to the other.
    fn happen(&self, host: usize, store: &MemoryStore, event: &Event<'_>) -> Outcome {
        let mut store = store.clone();
        let mut engine = present(&self.config, &mut store, self.keys[1 - host]);
        hear(&mut engine, &self.hellos[1 - host]);
        let mut frames = drain(&mut engine, &mut store);
        frames.clear();
        let accepted = match event {
            Event::User(command) => engine.handle_command((*command).clone(), now()).is_ok(),
            Event::Letter(Letter::Envelope(envelope)) => {
                hear(&mut engine, &Frame::Forward(vec![envelope.clone()]));
                true
            }
            Event::Letter(Letter::Proof(secret)) => {
                hear(&mut engine, &Frame::Proofs(Proofs { first: 0, secrets: vec![*secret] }));
                true
            }
        };
        let frames = drain(&mut engine, &mut store);
        Outcome { frames, store, accepted }
    }

    fn friend_state(&self, state: &State, host: usize) -> FriendState {
        records::friend(&state.stores[host], self.ids[1 - host]).map_or(FriendState::Unknown, |friend| friend.state)
    }

    /// Lets a host take part in one event; `None` if its engine refuses.
    fn step(&self, state: &State, host: usize, event: &Event<'_>, name: Option<Name>) -> Option<State> {
        let outcome = self.happen(host, &state.stores[host], event);
        if !outcome.accepted {
            return None;
        }
        let mut next = state.clone();
        next.stores[host] = outcome.store;
        if let Some(name) = name {
            let proved = outcome.frames.into_iter().filter_map(|frame| match frame {
                Frame::Proofs(proofs) => Some(proofs.secrets),
                _ => None,
            });
            for secret in proved.flatten() {
                let name = Name { to: 1 - host, proof: true, ..name };
                next.air.entry(name).or_insert(Letter::Proof(secret));
            }
        }
        self.take_out(&mut next, host);
        Some(match self.flaw {
            Some(flaw) => flaw.spoil(self, next, host),
            None => next,
        })
    }

    /// What waits in a host's outbox is in the air.
    fn take_out(&self, state: &mut State, host: usize) {
        let Some(friend) = records::friend(&state.stores[host], self.ids[1 - host]) else { return };
        for (record, envelope) in records::waiting(&state.stores[host], friend.id) {
            let asks = matches!(record.service, PacketService::FriendshipAsk | PacketService::Reset);
            if asks && stamp_zero_bits(&envelope.id(), envelope.stamp) < STAMP_BITS {
                continue;
            }
            let fresh = state.numbers.len() as u8;
            let number = *state.numbers.entry(record.message).or_insert(fresh);
            let name = Name { to: 1 - host, service: record.service as u8, number, proof: false };
            state.air.entry(name).or_insert(Letter::Envelope(envelope));
        }
    }

    /// Everything that is in the air, and what it brings, arrives now, until nothing changes any more.
    fn heal(&self, state: &State) -> State {
        let mut state = state.clone();
        for _ in 0..8 {
            let before = self.outline(&state);
            for name in state.air.keys().copied().collect::<Vec<_>>() {
                let letter = state.air[&name].clone();
                state = self.step(&state, name.to, &Event::Letter(&letter), Some(name)).unwrap();
            }
            if self.outline(&state) == before {
                return state;
            }
        }
        state
    }

    /// Both agree once everything has arrived; if a user still has a request to answer, then whatever the answer is.
    fn settles(&self, state: &State) -> bool {
        let healed = self.heal(state);
        let asked = [0, 1].into_iter().find(|host| self.friend_state(&healed, *host) == FriendState::RequestReceived);
        let Some(asked) = asked.filter(|_| !self.agrees(&healed)) else { return self.agrees(&healed) };
        [true, false].into_iter().all(|accept| {
            let answer = Command::AnswerFriendship { host: self.ids[1 - asked], accept, tell: true };
            let answered = self.step(&healed, asked, &Event::User(answer), None).unwrap();
            self.agrees(&self.heal(&answered))
        })
    }

    fn outline(&self, state: &State) -> Outline {
        let of = |host: usize| records::friend(&state.stores[host], self.ids[1 - host]);
        let friends = [0, 1].map(|host| {
            of(host).map(|friend| {
                FriendOutline(
                    friend.state as u8,
                    friend.sent.map(|sent| sent.cancelled),
                    friend.received.is_some(),
                    friend.yes.is_some(),
                    friend.answered.is_some(),
                    friend.heard_ask > 0,
                )
            })
        });
        let waiting = [0, 1].map(|host| {
            let Some(friend) = of(host) else { return Vec::new() };
            let waiting = records::waiting(&state.stores[host], friend.id);
            let number = |id: &MessageId| state.numbers.get(id).copied().unwrap_or(u8::MAX);
            waiting.iter().map(|(record, _)| (record.service as u8, number(&record.message))).collect()
        });
        let chains = [0, 1].map(|host| records::chains(&state.stores[host]));
        let twins = [0, 1].map(|host| {
            let twin = |send: &[u8; 32]| chains[1 - host].iter().position(|(_, receive, _)| receive == send);
            chains[host].iter().map(|(send, _, retired)| (*retired, twin(send))).collect()
        });
        Outline {
            friends,
            waiting,
            twins,
            air: state.air.keys().copied().collect(),
            consents: state.consents,
            budget: state.budget,
        }
    }

    /// Both friends under one key, or neither a friend.
    fn agrees(&self, state: &State) -> bool {
        let friends = [0, 1].map(|host| self.friend_state(state, host) == FriendState::Friend);
        match friends {
            [false, false] => true,
            [true, true] => {
                let newest = [0, 1].map(|host| records::chains(&state.stores[host]).pop());
                let [Some((send, receive, _)), Some((other_send, other_receive, _))] = newest else { return false };
                send == other_receive && receive == other_send
            }
            _ => false,
        }
    }
}

enum Event<'a> {
    User(Command),
    Letter(&'a Letter),
}

impl Model for Handshake {
    type State = Wrapped;
    type Action = Action;

    fn init_states(&self) -> Vec<Wrapped> {
        let state = State {
            stores: self.start.clone(),
            air: BTreeMap::new(),
            numbers: BTreeMap::new(),
            consents: [false; 2],
            budget: self.budget,
        };
        vec![Wrapped::new(self, state)]
    }

    fn actions(&self, wrapped: &Wrapped, actions: &mut Vec<Action>) {
        let state = &wrapped.state;
        for host in 0..2 {
            let (at, budget) = (self.friend_state(state, host), &state.budget);
            let may_ask = matches!(at, FriendState::Unknown | FriendState::Ended) && budget.asks[host] > 0;
            actions.extend(may_ask.then_some(Action::Ask(host)));
            if at == FriendState::RequestReceived {
                actions.push(Action::Accept(host));
                actions.extend((budget.refusals > 0).then_some(Action::Refuse(host)));
            }
            actions.extend((at == FriendState::RequestSent && budget.cancels > 0).then_some(Action::Cancel(host)));
            actions.extend((at == FriendState::Friend && budget.ends > 0).then_some(Action::End(host)));
        }
        actions.extend(state.air.keys().copied().map(Action::Deliver));
    }

    fn next_state(&self, wrapped: &Wrapped, action: Action) -> Option<Wrapped> {
        let mut state = wrapped.state.clone();
        let (host, command) = match action {
            Action::Deliver(name) => {
                let letter = state.air.get(&name)?.clone();
                let next = self.step(&state, name.to, &Event::Letter(&letter), Some(name))?;
                return Some(Wrapped::new(self, next));
            }
            Action::Ask(host) => {
                state.budget.asks[host] -= 1;
                state.consents[host] = true;
                (host, Command::AskFriendship { host: self.ids[1 - host], greeting: String::new() })
            }
            Action::Accept(host) => {
                state.consents[host] = true;
                (host, Command::AnswerFriendship { host: self.ids[1 - host], accept: true, tell: true })
            }
            Action::Refuse(host) => {
                state.budget.refusals -= 1;
                (host, Command::AnswerFriendship { host: self.ids[1 - host], accept: false, tell: true })
            }
            Action::Cancel(host) => {
                state.budget.cancels -= 1;
                (host, Command::CancelAsk { host: self.ids[1 - host] })
            }
            Action::End(host) => {
                state.budget.ends -= 1;
                (host, Command::EndFriendship { host: self.ids[1 - host] })
            }
        };
        let next = self.step(&state, host, &Event::User(command), None)?;
        Some(Wrapped::new(self, next))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always(BOTH_WANTED_IT, |model, wrapped| {
                let friend = |host| model.friend_state(&wrapped.state, host) == FriendState::Friend;
                !(friend(0) || friend(1)) || wrapped.state.consents == [true; 2]
            }),
            // What can still go wrong where both agree now is looked at where it has gone wrong.
            Property::<Self>::always(BOTH_AGREE, |model, wrapped| {
                model.agrees(&wrapped.state) || model.settles(&wrapped.state)
            }),
            Property::<Self>::sometimes("both are friends under one key", |model, wrapped| {
                model.friend_state(&wrapped.state, 0) == FriendState::Friend && model.agrees(&wrapped.state)
            }),
            Property::<Self>::sometimes("a request has come to who did not ask", |model, wrapped| {
                [0, 1].iter().any(|host| model.friend_state(&wrapped.state, *host) == FriendState::RequestReceived)
            }),
            Property::<Self>::sometimes("one is a friend and the other not yet", |model, wrapped| {
                !model.agrees(&wrapped.state)
            }),
        ]
    }
}

/// A state that is told from others by its outline.
#[derive(Clone)]
struct Wrapped {
    state: State,
    outline: std::sync::Arc<Outline>,
}

impl Wrapped {
    fn new(model: &Handshake, state: State) -> Self {
        let outline = std::sync::Arc::new(model.outline(&state));
        Self { state, outline }
    }
}

impl PartialEq for Wrapped {
    fn eq(&self, other: &Self) -> bool {
        self.outline == other.outline
    }
}

impl Hash for Wrapped {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.outline.hash(hasher);
    }
}

impl std::fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.outline.fmt(f)
    }
}

fn now() -> Now {
    Now { tick: Tick(1_000), wall: Wall(WALL) }
}

fn boot(config: &Config, store: &MemoryStore, seed: u8) -> Engine {
    // What is written outside is as new as the store: nothing is restored here.
    let outside = records::generation(store).map(Generation);
    Engine::restore(config.clone(), store.snapshot(), outside, [seed; 32], now()).unwrap()
}

/// A host that is switched on and has a link on which nothing has been said.
fn present(config: &Config, store: &mut MemoryStore, peer: IdentityKey) -> Engine {
    // Randomness that is fresh at every start: the counter of starts is.
    let seed = store
        .snapshot()
        .records
        .iter()
        .fold(0u8, |sum, (_, value)| value.iter().fold(sum, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte)));
    let mut engine = boot(config, store, seed);
    let addresses = vec![(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 24)];
    engine.handle_network(NetworkEvent::InterfaceUp { interface: Interface(0), addresses }, now());
    engine.handle_command(Command::Join, now()).unwrap();
    drain(&mut engine, store);
    let address = NetAddr::from((Ipv4Addr::new(10, 0, 0, 2), 30_000));
    let (link, listener) = (LinkId(1), ListenerId::MAIN);
    engine.handle_link(LinkEvent::Up { link, listener, dial: None, peer, address, credit: 1 << 20 }, now());
    engine
}

fn hear(engine: &mut Engine, frame: &Frame) {
    engine.handle_link(LinkEvent::Frame { link: LinkId(1), bytes: frame.encode() }, now());
}

/// Carries out everything an engine wants done; returns the frames it sends.
fn drain(engine: &mut Engine, store: &mut MemoryStore) -> Vec<Frame> {
    let mut frames = Vec::new();
    loop {
        if let Some(commit) = engine.poll_commit() {
            let seq = commit.seq;
            store.apply(commit);
            engine.handle_committed(seq, now());
        } else if let Some(generation) = engine.poll_generation() {
            engine.handle_generation_kept(generation, now());
        } else if let Some(fetch) = engine.poll_fetch() {
            engine.handle_fetched(fetch.id, store.body(fetch.key), now());
        } else if let Some(transmit) = engine.poll_transmit() {
            if let Transmit::Frame { bytes, .. } = transmit {
                frames.push(Frame::decode(&bytes).unwrap());
            }
        } else if let Some(request) = engine.poll_link() {
            if let LinkRequest::Listen { listener } = request {
                engine.handle_link(LinkEvent::Listening { listener, port: 30_000 }, now());
            }
        } else if engine.poll_event().is_none() {
            match engine.poll_timeout() {
                Some((due, _)) if due <= now().tick => engine.handle_timeout(now()),
                _ => return frames,
            }
        }
    }
}

fn check(budget: Budget) -> usize {
    let checker = Handshake::new(budget).checker().threads(2).target_state_count(STATES_MAX).spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.unique_state_count() < STATES_MAX);
    checker.unique_state_count()
}

#[test]
fn two_who_ask_each_other_end_as_friends_under_one_key_whatever_is_lost_doubled_or_late() {
    let states = check(Budget { asks: [1, 1], refusals: 0, cancels: 0, ends: 0 });
    println!("{states} states");
    assert!(states > 20);
}

#[test]
fn requests_taken_back_and_refused_leave_no_friendship_that_only_one_believes_in() {
    let states = check(Budget { asks: [1, 1], refusals: 1, cancels: 1, ends: 0 });
    println!("{states} states");
    assert!(states > 50);
}

#[test]
fn a_friendship_that_is_ended_taken_back_or_asked_for_again_ends_or_begins_for_both() {
    let states = check(Budget { asks: [1, 0], refusals: 1, cancels: 1, ends: 1 });
    println!("{states} states");
    assert!(states > 20);
}
