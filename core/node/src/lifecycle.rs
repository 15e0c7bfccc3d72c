//! Opening, starting, pausing, stopping, and going on after a failure of the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use permesso_engine::Engine;
use permesso_engine::api::{Command, NetworkEvent, Outcome, Setting};
use permesso_engine::ids::{HostId, IdentityKey};
use permesso_store::{Reader, Store, StoreError};
use tokio::sync::{broadcast, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::core::{Completion, Core};
use crate::driver::Driver;
use crate::error::NodeError;
use crate::events::{EventHub, EventStream, NodeEvent, NodeNotice};
use crate::lent::Lent;
use crate::network::Air;
use crate::node::NodeConfig;
use crate::request::{Reply, Request};
use crate::storage::Opening;
use crate::tasks;

/// Requests of handles that wait; a handle beyond it waits itself.
const REQUESTS_MAX: usize = 256;

/// How often the system's addresses are looked at, and whether the device has slept.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// First and longest pause before a store that failed again is opened; a first failure is followed by none.
const RESTORE_PAUSE_MIN: Duration = Duration::from_millis(500);
const RESTORE_PAUSE_MAX: Duration = Duration::from_secs(60);

/// Where a host is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its history can be read; it is not on the network.
    Opened,
    /// On the network.
    Started,
    /// Nothing is open.
    Paused,
}

/// What a handle needs to know of the host it has opened.
pub(crate) struct Opened {
    pub(crate) host: HostId,
    pub(crate) key: IdentityKey,
    pub(crate) restored: bool,
    /// There was no host in the folder before.
    pub(crate) is_new: bool,
    pub(crate) requests: mpsc::Sender<Request>,
    /// The driver's: when that is gone, so is the core.
    pub(crate) lent: Weak<Lent>,
    pub(crate) events: broadcast::WeakSender<NodeEvent>,
    /// Everything that happens, from the first moment.
    pub(crate) first_events: EventStream,
}

/// Opens the host and lets it live in a task of its own.
pub(crate) async fn open(home: NodeConfig) -> Result<Opened, NodeError> {
    let clock = Clock::new();
    let (store_inputs, from_store) = mpsc::unbounded_channel();
    let opening = Opening::default();
    let core = Core::open(&home, opening, store_inputs.clone(), &clock).await?;
    let (requests, receiver) = mpsc::channel(REQUESTS_MAX);
    let events = EventHub::new();
    let lent = Arc::new(Lent::new());
    let opened = Opened {
        host: core.engine.host_id(),
        key: core.engine.identity_key(),
        restored: core.engine.is_restored_copy(),
        is_new: core.is_new,
        requests,
        lent: Arc::downgrade(&lent),
        first_events: EventHub::stream(&events.downgrade()),
        events: events.downgrade(),
    };
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let driver = Driver {
        air: Air::new(&home.config),
        home,
        clock,
        events,
        phase: Phase::Opened,
        resume_to: Phase::Opened,
        core: Some(Box::new(core)),
        lent,
        network: None,
        opening,
        store_inputs,
        from_store,
        restore_at: None,
        in_trouble: false,
        restore_pause: Duration::ZERO,
        restored_at: None,
        requests: receiver,
        look,
        slept: Duration::ZERO,
    };
    tasks::spawn(driver.run());
    Ok(opened)
}

/// Answers a handle; it may have gone away meanwhile.
pub(crate) fn answer<T>(reply: Reply<T>, result: Result<T, NodeError>) {
    let _ = reply.send(result);
}

/// Answers a handle when its command is done.
pub(crate) fn answer_to(reply: Reply<Outcome>) -> Completion {
    Box::new(move |result| answer(reply, result))
}

/// The port that a command moves presence to, if the engine will not refuse it.
fn next_port(engine: &Engine, command: &Command) -> Option<u16> {
    let settings = engine.checked_settings(command.settings().to_vec()).ok()?;
    settings.into_iter().rev().find_map(|setting| match setting {
        Setting::Port(port) => Some(port),
        _ => None,
    })
}

impl Driver {
    pub(crate) fn command(&mut self, command: Command, completion: Completion) {
        match &mut self.core {
            _ if self.phase == Phase::Paused => completion(Err(NodeError::Paused)),
            None => completion(Err(NodeError::StorageFailed)),
            Some(core) => {
                // A port that is taken is refused here: the engine would keep it, and the next start would fail.
                if let (Some(port), Some(network)) = (next_port(&core.engine, &command), &mut self.network)
                    && let Err(error) = network.move_to(port, &self.events)
                {
                    return completion(Err(error));
                }
                core.command(command, &self.clock, completion);
            }
        }
    }

    pub(crate) async fn settle(&mut self, reply: Reply<Reader>, own: bool) {
        let result = match &mut self.core {
            _ if self.phase == Phase::Paused => return answer(reply, Err(NodeError::Paused)),
            None => return answer(reply, Err(NodeError::StorageFailed)),
            Some(core) => core.settle(reply, own),
        };
        if let Err(error) = result {
            self.on_store_failure(error).await;
        }
    }

    /// Binds the sockets if they are not, and joins.
    pub(crate) async fn start(&mut self, reply: Reply<()>) {
        if self.phase == Phase::Paused {
            return answer(reply, Err(NodeError::Paused));
        }
        if let Err(error) = self.open_network() {
            return answer(reply, Err(error));
        }
        self.phase = Phase::Started;
        self.command(Command::Join, Box::new(move |result| answer(reply, result.map(drop))));
    }

    /// Opens the sockets and tells the engine of them.
    fn open_network(&mut self) -> Result<(), NodeError> {
        let core = self.core.as_mut().ok_or(NodeError::StorageFailed)?;
        if self.network.is_some() {
            return Ok(());
        }
        let (network, mut changes, listening) = self.air.open(&self.home.config, &core.engine, &self.events)?;
        self.network = Some(network);
        let peers = self.home.config.network.peers.iter();
        changes.extend(peers.map(|address| NetworkEvent::PeerFound { address: *address }));
        self.tell_network(changes);
        if let Some(core) = &mut self.core {
            listening.into_iter().for_each(|event| core.engine.handle_link(event, self.clock.now()));
        }
        Ok(())
    }

    /// Closes links and sockets, and tells the engine so.
    async fn shut_network(&mut self, keep_ports: bool) {
        let Some(network) = self.network.take() else { return };
        let (changes, links) = self.air.shut(network, keep_ports).await;
        if let Some(core) = &mut self.core {
            links.into_iter().for_each(|event| core.engine.handle_link(event, self.clock.now()));
        }
        self.tell_network(changes);
    }

    /// Makes everything durable that the engine has to write.
    async fn drain(&mut self) -> Result<(), StoreError> {
        loop {
            self.outputs()?;
            let Some(core) = &mut self.core else { return Ok(()) };
            if core.is_settled() {
                return Ok(());
            }
            let Some((opening, input)) = self.from_store.recv().await else { return Ok(()) };
            core.on_store(opening, input, &self.clock, &self.events)?;
        }
    }

    /// As it was before its start, unless somebody starts it again already: a network that comes and goes, or sockets that the
    /// system takes away, no longer concern it, and a store that is restored brings it back to no network.
    pub(crate) async fn rest(&mut self) {
        if self.core.as_ref().is_some_and(|core| core.engine.is_present()) {
            return;
        }
        match self.phase {
            Phase::Paused => self.resume_to = Phase::Opened,
            _ => {
                self.phase = Phase::Opened;
                self.shut_network(true).await;
            }
        }
    }

    pub(crate) async fn pause(&mut self) -> Result<(), NodeError> {
        if self.phase == Phase::Paused {
            return Ok(());
        }
        self.resume_to = self.phase;
        self.shut_network(true).await;
        if let Err(error) = self.drain().await {
            self.on_store_failure(error).await;
        }
        self.phase = Phase::Paused;
        match &self.core {
            Some(core) => core.storage.pause().await,
            None => Ok(()),
        }
    }

    pub(crate) async fn resume(&mut self) -> Result<(), NodeError> {
        if self.phase != Phase::Paused {
            return Ok(());
        }
        match &self.core {
            Some(core) => match core.storage.resume().await {
                Err(NodeError::Store(error @ StoreError::ChangedMeanwhile)) => {
                    self.phase = self.resume_to;
                    self.on_store_failure(error).await;
                    return Ok(());
                }
                result => result?,
            },
            None => {
                self.phase = self.resume_to;
                return Ok(());
            }
        }
        self.phase = self.resume_to;
        if self.phase == Phase::Started {
            self.retry_network();
            self.tell_network(vec![NetworkEvent::Resumed]);
        }
        Ok(())
    }

    /// Opens the network of a started host again. If that fails now (Wi-Fi is not back yet), it is tried every few seconds.
    pub(crate) fn retry_network(&mut self) {
        if let Err(error) = self.open_network() {
            tracing::info!(%error, "the network cannot be opened yet");
        }
    }

    /// Closes everything; what was accepted is durable unless the store fails now.
    pub(crate) async fn stop(&mut self) {
        self.shut_network(false).await;
        self.air.radio.close_all();
        if self.phase != Phase::Paused
            && let Err(error) = self.drain().await
        {
            tracing::error!(%error, "the last changes could not be stored");
        }
        if let Some(core) = self.core.take() {
            core.close(|| NodeError::Stopped).await;
        }
    }

    /// A change could not be stored: what the engine knows beyond the store is forgotten, and it starts again from there.
    pub(crate) async fn on_store_failure(&mut self, error: StoreError) {
        tracing::warn!(%error, "the store failed; going back to what is stored");
        self.events.tell(NodeEvent::Node(NodeNotice::StorageFailed { reason: error }));
        self.in_trouble = true;
        let core = self.core.take();
        self.shut_network(false).await;
        // The restored engine numbers its listeners afresh.
        self.air.forget_listeners();
        if let Some(core) = core {
            core.close(|| NodeError::StorageFailed).await;
        }
        if self.restored_at.is_some_and(|at| at.elapsed() > RESTORE_PAUSE_MAX) {
            self.restore_pause = Duration::ZERO;
        }
        self.restore_after_pause();
    }

    fn restore_after_pause(&mut self) {
        self.restore_at = Some(Instant::now() + self.restore_pause);
        self.restore_pause = (self.restore_pause * 2).clamp(RESTORE_PAUSE_MIN, RESTORE_PAUSE_MAX);
    }

    /// Opens the store again; if that fails, it is tried again after a pause that doubles. A full disk often has room for
    /// opening and for little more: that the host goes on is told once there is room for messages too.
    pub(crate) async fn restore(&mut self) {
        self.restore_at = None;
        if self.core.is_none() && !self.open_again().await {
            return self.restore_after_pause();
        }
        if self.in_trouble {
            let directory = self.home.directory.clone();
            let has_room = spawn_blocking(move || Store::look_for_room(directory).is_ok()).await;
            if has_room.unwrap_or(false) {
                self.in_trouble = false;
                self.events.tell(NodeEvent::Node(NodeNotice::Restored));
            } else {
                self.restore_after_pause();
            }
        }
    }

    async fn open_again(&mut self) -> bool {
        self.opening = self.opening.next();
        match Core::open(&self.home, self.opening, self.store_inputs.clone(), &self.clock).await {
            Ok(core) => self.core = Some(Box::new(core)),
            Err(error) => {
                tracing::warn!(%error, pause = ?self.restore_pause, "the store cannot be opened yet");
                return false;
            }
        }
        self.restored_at = Some(Instant::now());
        if self.phase == Phase::Started {
            self.retry_network();
            self.command(Command::Join, Box::new(drop));
        }
        true
    }
}
