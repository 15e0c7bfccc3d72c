//! The loop that lets the engine live: its own outputs first, then timers, then input, each bounded in every turn. No decision
//! about the protocol is made here.

use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use permesso_engine::api::{NetAddr, NetworkEvent};
use permesso_store::StoreError;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, sleep, sleep_until};

use crate::clock::Clock;
use crate::core::Core;
use crate::error::NodeError;
use crate::events::EventHub;
use crate::lent::Lent;
use crate::lifecycle::{Phase, answer, answer_to};
use crate::network::{Air, Arrival, Network};
use crate::node::NodeConfig;
use crate::request::Request;
use crate::storage::{Opening, StoreInput, StoreInputs};
use crate::udp::Datagram;

/// Inputs of one kind taken in one turn: about as many frames as make one commit.
const TURN_MAX: usize = 64;

/// A device that has slept longer may have lost its links.
const SLEEP_MIN: Duration = Duration::from_secs(5);

/// One live host.
pub(crate) struct Driver {
    pub(crate) home: NodeConfig,
    pub(crate) clock: Clock,
    pub(crate) events: EventHub,
    pub(crate) phase: Phase,
    /// Where `resume` goes back to.
    pub(crate) resume_to: Phase,
    /// None while the store is in trouble, and while it is lent.
    pub(crate) core: Option<Box<Core>>,
    /// Where others look at the core while nothing is to be done.
    pub(crate) lent: Arc<Lent>,
    pub(crate) air: Air,
    /// None until the host is started, and while it is paused.
    pub(crate) network: Option<Network>,
    pub(crate) opening: Opening,
    pub(crate) store_inputs: StoreInputs,
    pub(crate) from_store: mpsc::UnboundedReceiver<(Opening, StoreInput)>,
    /// When to try to open the store again, or to look whether it has room again.
    pub(crate) restore_at: Option<Instant>,
    /// The store has failed, and nobody was told yet that the host goes on.
    pub(crate) in_trouble: bool,
    /// How long the next failure is waited out.
    pub(crate) restore_pause: Duration,
    pub(crate) restored_at: Option<Instant>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) look: Interval,
    /// How long the device had slept when that was last looked at.
    pub(crate) slept: Duration,
}

/// Why the loop goes on.
enum Input {
    Store(Opening, StoreInput),
    Request(Request),
    Arrival(Arrival),
    Look,
    Restore,
    /// Time has come to what the engine waits for; it is called at the top of the next turn.
    Timer,
    /// The last handle was dropped.
    Abandoned,
}

impl Driver {
    pub(crate) async fn run(mut self) {
        loop {
            let mut busy = self.fire_timer();
            match self.ready_inputs().await {
                ControlFlow::Continue(any) => busy |= any,
                ControlFlow::Break(()) => return,
            }
            if let Err(error) = self.outputs() {
                self.on_store_failure(error).await;
            }
            if busy {
                // Lets the tasks of links run where one thread runs all.
                tokio::task::yield_now().await;
                continue;
            }
            let input = self.wait().await;
            if self.take_in(input).await.is_break() {
                return;
            }
        }
    }

    /// Carries out everything the engine has to give.
    pub(crate) fn outputs(&mut self) -> Result<(), StoreError> {
        let Some(core) = &mut self.core else { return Ok(()) };
        core.hand_over_commits()?;
        loop {
            // Frames before requests: a link is closed after what was to be sent.
            while let Some(transmit) = core.engine.poll_transmit() {
                if let Some(network) = &mut self.network {
                    network.transmit(transmit);
                }
            }
            let Some(request) = core.engine.poll_link() else { break };
            let answer = match &mut self.network {
                Some(network) => network.carry_out(request, &self.events),
                None => self.air.put_off(request),
            };
            if let Some(event) = answer {
                core.engine.handle_link(event, self.clock.now());
            }
        }
        core.tell_events(&self.events);
        core.fetch_bodies();
        core.keep_generations();
        core.hand_over_commits()
    }

    /// Calls the engine if it is time. At most once a turn, so that work left over never keeps input waiting.
    fn fire_timer(&mut self) -> bool {
        let due = self.due().is_some_and(|wait| wait.is_zero());
        if due && let Some(core) = &mut self.core {
            core.engine.handle_timeout(self.clock.now());
        }
        due
    }

    /// How long until the engine wants to be called; never while paused.
    fn due(&self) -> Option<Duration> {
        let core = self.core.as_ref().filter(|_| self.phase != Phase::Paused)?;
        core.engine.poll_timeout().map(|(tick, _)| self.clock.until(tick))
    }

    fn wants_input(&self) -> bool {
        self.core.as_ref().is_none_or(|core| core.engine.wants_input())
    }

    /// Takes in what is already there, so much of each kind; says whether there was any.
    async fn ready_inputs(&mut self) -> ControlFlow<(), bool> {
        let mut any = false;
        for kind in [Self::ready_store, Self::ready_request, Self::ready_arrival] {
            for _ in 0..TURN_MAX {
                let Some(input) = kind(self) else { break };
                any = true;
                self.take_in(input).await?;
            }
        }
        ControlFlow::Continue(any)
    }

    fn ready_store(&mut self) -> Option<Input> {
        self.from_store.try_recv().ok().map(|(opening, input)| Input::Store(opening, input))
    }

    fn ready_request(&mut self) -> Option<Input> {
        if self.wants_input() { self.requests.try_recv().ok().map(Input::Request) } else { None }
    }

    fn ready_arrival(&mut self) -> Option<Input> {
        let wants_links = self.wants_input();
        self.network.as_mut()?.try_next(wants_links).map(Input::Arrival)
    }

    /// Waits for whatever comes first; the core can be looked at meanwhile.
    async fn wait(&mut self) -> Input {
        let (wants_input, due) = (self.wants_input(), self.due());
        self.lent.lend(self.core.take());
        let input = self.next_input(wants_input, due).await;
        self.core = self.lent.take_back();
        input
    }

    async fn next_input(&mut self, wants_input: bool, due: Option<Duration>) -> Input {
        let timer = async {
            match due {
                Some(wait) => sleep(wait).await,
                None => pending().await,
            }
        };
        let restore = async {
            match self.restore_at.filter(|_| self.phase != Phase::Paused) {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let arrival = async {
            match &mut self.network {
                Some(network) => network.next(wants_input).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            Some((opening, input)) = self.from_store.recv() => Input::Store(opening, input),
            () = timer => Input::Timer,
            () = restore => Input::Restore,
            request = self.requests.recv(), if wants_input => request.map_or(Input::Abandoned, Input::Request),
            Some(arrival) = arrival => Input::Arrival(arrival),
            _ = self.look.tick() => Input::Look,
        }
    }

    async fn take_in(&mut self, input: Input) -> ControlFlow<()> {
        let result = match input {
            Input::Store(opening, input) => match &mut self.core {
                Some(core) => core.on_store(opening, input, &self.clock, &self.events),
                None => Ok(()),
            },
            Input::Request(request) => {
                self.on_request(request).await?;
                Ok(())
            }
            Input::Arrival(arrival) => {
                self.on_arrival(arrival);
                Ok(())
            }
            Input::Look => {
                self.look_around();
                Ok(())
            }
            Input::Restore => {
                self.restore().await;
                Ok(())
            }
            Input::Timer => Ok(()),
            Input::Abandoned => {
                self.stop().await;
                return ControlFlow::Break(());
            }
        };
        if let Err(error) = result {
            self.on_store_failure(error).await;
        }
        ControlFlow::Continue(())
    }

    async fn on_request(&mut self, request: Request) -> ControlFlow<()> {
        self.lent.arrived();
        match request {
            Request::Command(command, reply) => self.command(command, answer_to(reply)),
            Request::View(view) => {
                if let Some(core) = &self.core {
                    view(core);
                }
            }
            Request::Settle(reply) => self.settle(reply, false).await,
            Request::OwnReader(reply) => self.settle(reply, true).await,
            Request::Addresses(reply) => {
                // The asker may have gone away meanwhile.
                let _ = reply.send(self.presence_addresses());
            }
            Request::Facts(reply) => {
                let _ = reply.send(self.air.facts(self.network.as_ref(), self.port()));
            }
            Request::PeerFound(address) => self.tell_network(vec![NetworkEvent::PeerFound { address }]),
            Request::OpenHostLink(link, reply) => {
                let result = self.air.radio.open(link).map_err(NodeError::HostLink);
                answer(reply, result);
                self.look_around();
            }
            Request::SetInterfaces(given) => {
                self.air.set_given(given);
                self.look_around();
            }
            Request::Start(reply) => self.start(reply).await,
            Request::Rest(reply) => {
                self.rest().await;
                answer(reply, Ok(()));
            }
            Request::Pause(reply) => answer(reply, self.pause().await),
            Request::Resume(reply) => answer(reply, self.resume().await),
            Request::Stop(reply) => {
                self.stop().await;
                answer(reply, Ok(()));
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn on_arrival(&mut self, arrival: Arrival) {
        let (Some(core), Some(network)) = (&mut self.core, &mut self.network) else { return };
        let now = self.clock.now();
        match arrival {
            Arrival::Link(input) => {
                let event = network.on_link(input);
                core.engine.handle_link(event, now);
            }
            Arrival::Datagram(datagram) => {
                let Datagram { via, cast, from, bytes } = datagram;
                core.engine.handle_datagram(via, cast, from, &bytes, now);
            }
            Arrival::RadioChanged => self.look_around(),
        }
    }

    /// Looks whether addresses came or went, and whether the device has slept.
    fn look_around(&mut self) {
        let slept = self.clock.slept();
        let woke = slept > self.slept + SLEEP_MIN;
        self.slept = slept;
        if self.phase == Phase::Started && self.network.is_none() {
            self.retry_network();
        }
        if let Some(network) = &mut self.network {
            if let Some(core) = &self.core {
                network.keep_pace(Duration::from_millis(core.engine.beacon_interval().0));
            }
            let mut changes = self.air.refresh(network, &self.events);
            if woke {
                changes.push(NetworkEvent::Resumed);
            }
            self.tell_network(changes);
        }
    }

    /// Where this host is present, or would be if it were started.
    fn presence_addresses(&self) -> Vec<NetAddr> {
        self.air.addresses().iter().map(|address| address.at(self.port())).collect()
    }

    fn port(&self) -> u16 {
        self.core.as_ref().map_or(self.home.config.host.port, |core| core.engine.settings().port)
    }

    pub(crate) fn tell_network(&mut self, changes: Vec<NetworkEvent>) {
        if let Some(core) = &mut self.core {
            changes.into_iter().for_each(|change| core.engine.handle_network(change, self.clock.now()));
        }
    }
}
