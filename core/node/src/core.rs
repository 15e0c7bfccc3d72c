//! The engine and its store, and who waits for what.

use std::collections::VecDeque;

use permesso_engine::Engine;
use permesso_engine::api::{Command, Event, Outcome};
use permesso_engine::ids::CommandId;
use permesso_engine::rows::CommitSeq;
use permesso_engine::tree::Tree;
use permesso_store::{Done, Reader, StoreError};

use crate::clock::Clock;
use crate::error::NodeError;
use crate::events::{EventHub, NodeEvent, NodeNotice};
use crate::generation::Keeper;
use crate::node::NodeConfig;
use crate::request::Reply;
use crate::storage::{Opening, Storage, StoreInput, StoreInputs};

/// Commits with the store at a time: one being written, one that grows into the next batch meanwhile.
const IN_FLIGHT_MAX: u64 = 2;

/// What is called when a command is done.
pub(crate) type Completion = Box<dyn FnOnce(Result<Outcome, NodeError>) + Send>;

/// Who waits until a commit is durable.
struct Settling {
    seq: CommitSeq,
    own: bool,
    reply: Reply<Reader>,
}

/// The engine and its store.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    /// There was no host before this opening.
    pub(crate) is_new: bool,
    pub(crate) storage: Storage,
    keeper: Keeper,
    commands: Tree<CommandId, Completion>,
    settling: VecDeque<Settling>,
    handed_over: CommitSeq,
    committed: CommitSeq,
}

impl Core {
    /// Opens the store and goes on where it left off.
    pub(crate) async fn open(
        home: &NodeConfig,
        opening: Opening,
        inputs: StoreInputs,
        clock: &Clock,
    ) -> Result<Self, NodeError> {
        let (storage, snapshot) = Storage::open(home, opening, inputs).await?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| NodeError::Randomness(error.to_string()))?;
        let outside = match home.generation.read().await {
            Ok(outside) => outside,
            Err(error) => {
                storage.close().await;
                return Err(NodeError::GenerationUnreadable(error));
            }
        };
        let is_new = snapshot.records.is_empty();
        match Engine::restore(home.config.engine(), snapshot, outside, seed, clock.now()) {
            Ok(engine) => Ok(Self {
                is_new,
                engine,
                storage,
                keeper: home.generation.clone(),
                commands: Tree::default(),
                settling: VecDeque::new(),
                handed_over: CommitSeq(0),
                committed: CommitSeq(0),
            }),
            Err(error) => {
                storage.close().await;
                Err(error.into())
            }
        }
    }

    /// Hands a command to the engine; `completion` is called when it is durable, or at once if it is refused.
    pub(crate) fn command(&mut self, command: Command, clock: &Clock, completion: Completion) {
        match self.engine.handle_command(command, clock.now()) {
            Ok(id) => drop(self.commands.insert(id, completion)),
            Err(error) => completion(Err(error.into())),
        }
    }

    /// Hands what is to be written to the store, as far as it keeps up.
    pub(crate) fn hand_over_commits(&mut self) -> Result<(), StoreError> {
        while self.handed_over.0 - self.committed.0 < IN_FLIGHT_MAX {
            let Some(commit) = self.engine.poll_commit() else { break };
            self.handed_over = commit.seq;
            self.storage.commit(commit)?;
        }
        Ok(())
    }

    /// Whether everything handed over is durable.
    pub(crate) fn is_settled(&self) -> bool {
        self.handed_over == self.committed
    }

    /// Answers `reply` when every change made so far is durable, with a reader of its `own` or the one of the history.
    pub(crate) fn settle(&mut self, reply: Reply<Reader>, own: bool) -> Result<(), StoreError> {
        // What the engine has not sealed yet goes past the bound: it is asked for once, not in a stream.
        while let Some(commit) = self.engine.poll_commit() {
            self.handed_over = commit.seq;
            self.storage.commit(commit)?;
        }
        self.settling.push_back(Settling { seq: self.handed_over, own, reply });
        self.answer_settled();
        Ok(())
    }

    /// Takes in what the store tells of this opening.
    pub(crate) fn on_store(
        &mut self,
        opening: Opening,
        input: StoreInput,
        clock: &Clock,
        events: &EventHub,
    ) -> Result<(), StoreError> {
        if opening != self.storage.opening() {
            return Ok(());
        }
        match input {
            StoreInput::Done(Done::Committed(seq)) => {
                self.committed = self.committed.max(seq);
                self.engine.handle_committed(seq, clock.now());
                self.answer_settled();
            }
            StoreInput::Fetched(id, body) => self.engine.handle_fetched(id, body?, clock.now()),
            StoreInput::Done(Done::Failed { error, .. }) => return Err(error),
            StoreInput::GenerationKept(generation, Ok(())) => {
                self.engine.handle_generation_kept(generation, clock.now());
            }
            StoreInput::GenerationKept(_, Err(error)) => {
                tracing::warn!(%error, "the generation cannot be kept outside the database; nothing is sent until it can");
                events.tell(NodeEvent::Node(NodeNotice::GenerationNotKept { reason: error.to_string() }));
            }
        }
        Ok(())
    }

    /// Tells what the engine has to tell.
    pub(crate) fn tell_events(&mut self, events: &EventHub) {
        while let Some(event) = self.engine.poll_event() {
            match event {
                Event::Done { command, outcome } => {
                    if let Some(completion) = self.commands.remove(&command) {
                        completion(Ok(outcome));
                    }
                }
                event => events.tell(NodeEvent::Engine(event)),
            }
        }
    }

    /// Has the engine's generation written outside the database.
    pub(crate) fn keep_generations(&mut self) {
        while let Some(generation) = self.engine.poll_generation() {
            self.keeper.write(generation, self.storage.opening(), self.storage.inputs());
        }
    }

    /// Reads what the engine wants read.
    pub(crate) fn fetch_bodies(&mut self) {
        let wanted: Vec<_> = std::iter::from_fn(|| self.engine.poll_fetch()).collect();
        if !wanted.is_empty() {
            self.storage.fetch(wanted);
        }
    }

    /// Ends this core: whoever waits is told so by `error`.
    pub(crate) async fn close(self: Box<Self>, error: fn() -> NodeError) {
        self.commands.into_iter().for_each(|(_, completion)| completion(Err(error())));
        for Settling { reply, .. } in self.settling {
            // The asker may have gone away meanwhile.
            let _ = reply.send(Err(error()));
        }
        self.storage.close().await;
    }

    fn answer_settled(&mut self) {
        while self.settling.front().is_some_and(|settling| settling.seq <= self.committed) {
            if let Some(Settling { own, reply, .. }) = self.settling.pop_front() {
                let reader = if own { self.storage.own_reader() } else { self.storage.history() };
                let _ = reply.send(Ok(reader));
            }
        }
    }
}
