//! The thread that writes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use permesso_engine::rows::{Commit, Write};

use crate::database::Database;
use crate::{Done, StoreError};

/// One transaction takes at most about so many bytes of changes: the engine's own bound on what may wait.
const BATCH_BYTES: usize = 4 << 20;

/// What the thread is asked to do, in order.
pub(crate) enum Job {
    Commit(Commit),
    /// Close the database; the answer comes when it is closed.
    Pause(SyncSender<Result<(), StoreError>>),
    Resume(Box<Database>),
}

pub(crate) struct Writer<F> {
    state: State,
    queued: Arc<AtomicUsize>,
    on_done: F,
}

enum State {
    Open(Box<Database>),
    /// Commits wait here until it is resumed.
    Paused(Vec<Commit>),
    /// A commit failed: so does every one after it.
    Failed(StoreError),
}

impl<F: FnMut(Done)> Writer<F> {
    pub(crate) fn new(database: Database, queued: Arc<AtomicUsize>, on_done: F) -> Self {
        Self { state: State::Open(Box::new(database)), queued, on_done }
    }

    /// Works until the other side of `jobs` is gone and everything in it is done.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        let mut taken = VecDeque::new();
        while let Some(job) = taken.pop_front().or_else(|| jobs.recv().ok()) {
            match job {
                Job::Commit(first) => {
                    let batch = gather(first, jobs, &mut taken);
                    self.commit(batch);
                }
                Job::Pause(answer) => {
                    let closed = self.pause();
                    // Whoever asked may have given up waiting.
                    let _ = answer.send(closed);
                }
                Job::Resume(database) => self.resume(database),
            }
        }
        self.finish();
    }

    fn commit(&mut self, batch: Vec<Commit>) {
        match &mut self.state {
            State::Open(database) => match database.write(&batch) {
                Ok(()) => self.report_committed(&batch),
                Err(error) => {
                    tracing::error!(%error, "a commit failed; none will be taken until the store is reopened");
                    self.state = State::Failed(error.clone());
                    self.report_failed(&batch, &error);
                }
            },
            State::Paused(waiting) => waiting.extend(batch),
            State::Failed(error) => {
                let error = error.clone();
                self.report_failed(&batch, &error);
            }
        }
    }

    fn pause(&mut self) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.state, State::Paused(Vec::new())) {
            State::Open(database) => database.close(),
            State::Paused(waiting) => {
                self.state = State::Paused(waiting);
                Ok(())
            }
            State::Failed(error) => {
                self.state = State::Failed(error);
                Ok(())
            }
        }
    }

    fn resume(&mut self, database: Box<Database>) {
        match std::mem::replace(&mut self.state, State::Open(database)) {
            State::Paused(waiting) if waiting.is_empty() => {}
            State::Paused(waiting) => self.commit(waiting),
            State::Failed(error) => self.state = State::Failed(error),
            State::Open(_) => {}
        }
    }

    fn finish(&mut self) {
        match std::mem::replace(&mut self.state, State::Failed(StoreError::Closed)) {
            State::Open(database) => {
                if let Err(error) = database.close() {
                    tracing::warn!(%error, "the database was not closed cleanly; nothing is lost");
                }
            }
            State::Paused(waiting) => self.report_failed(&waiting, &StoreError::Closed),
            State::Failed(_) => {}
        }
    }

    fn report_committed(&mut self, batch: &[Commit]) {
        self.queued.fetch_sub(batch.len(), Ordering::Relaxed);
        if let Some(last) = batch.last() {
            (self.on_done)(Done::Committed(last.seq));
        }
    }

    fn report_failed(&mut self, batch: &[Commit], error: &StoreError) {
        self.queued.fetch_sub(batch.len(), Ordering::Relaxed);
        for commit in batch {
            (self.on_done)(Done::Failed { seq: commit.seq, error: error.clone() });
        }
    }
}

/// `first` and every commit that waits behind it, up to the bound; the job that ends the batch goes to `taken`.
fn gather(first: Commit, jobs: &Receiver<Job>, taken: &mut VecDeque<Job>) -> Vec<Commit> {
    let mut bytes = weight(&first);
    let mut batch = vec![first];
    while bytes < BATCH_BYTES {
        match jobs.try_recv() {
            Ok(Job::Commit(commit)) => {
                bytes += weight(&commit);
                batch.push(commit);
            }
            Ok(other) => {
                taken.push_back(other);
                break;
            }
            Err(_) => break,
        }
    }
    batch
}

fn weight(commit: &Commit) -> usize {
    commit.writes.iter().map(Write::weight).sum()
}
