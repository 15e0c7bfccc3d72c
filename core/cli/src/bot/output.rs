//! Lines to standard output.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

/// Lines that may wait to be written; who writes more waits.
const WAITING: usize = 1_024;

/// How long the end waits for a reader that does not read.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Standard output, written by a thread of its own, so that a slow reader delays replies and nothing else. A cheap handle.
#[derive(Clone)]
pub(super) struct Output {
    lines: mpsc::Sender<Vec<u8>>,
    thread: Arc<JoinHandle<()>>,
    /// Closed when nobody reads any more, even if nothing is written.
    reader: watch::Receiver<()>,
}

impl Output {
    /// Begins to write.
    pub(super) fn begin() -> io::Result<Self> {
        let (lines, waiting) = mpsc::channel(WAITING);
        let thread = thread::Builder::new().name("permesso-output".into()).spawn(move || {
            if let Err(error) = write_all(waiting, &mut io::stdout().lock()) {
                tracing::info!(%error, "nobody reads the output");
            }
        })?;
        Ok(Self { lines, thread: Arc::new(thread), reader: watch_reader()? })
    }

    /// Writes one value as a line; waits while too many are waiting. What nobody can read any more is dropped.
    pub(super) async fn write(&self, value: &impl Serialize) {
        match serde_json::to_vec(value) {
            Ok(mut line) => {
                line.push(b'\n');
                // Who waits for `closed` learns that nobody reads.
                let _ = self.lines.send(line).await;
            }
            Err(error) => tracing::error!(%error, "a line cannot be written as JSON"),
        }
    }

    /// Completes when nobody reads any more.
    pub(super) async fn closed(&self) {
        let mut reader = self.reader.clone();
        let gone = async { while reader.changed().await.is_ok() {} };
        tokio::select! {
            () = self.lines.closed() => {}
            () = gone => {}
        }
    }

    /// Waits until all is written, for a moment at most.
    pub(super) async fn finish(self) {
        let Self { lines, thread, .. } = self;
        drop(lines);
        let Ok(thread) = Arc::try_unwrap(thread) else { return };
        let joined = spawn_blocking(move || thread.join().is_ok());
        if tokio::time::timeout(LAST_WAIT, joined).await.is_err() {
            tracing::warn!("the output is not read; its end is lost");
        }
    }
}

/// Looks from a thread of its own whether somebody can still read standard output: who writes nothing would not notice.
fn watch_reader() -> io::Result<watch::Receiver<()>> {
    let (there, reader) = watch::channel(());
    thread::Builder::new().name("permesso-reader".into()).spawn(move || {
        wait_until_unread();
        drop(there);
    })?;
    Ok(reader)
}

/// Returns when the other end of the pipe, or the terminal, is gone. A file or a device always has a reader.
#[cfg(unix)]
fn wait_until_unread() {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    let output = io::stdout();
    loop {
        // Of what ends it the system tells without being asked.
        let mut watched = [PollFd::new(&output, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) if watched.iter().any(|one| one.revents().intersects(PollFlags::ERR | PollFlags::HUP)) => return,
            Err(Errno::INTR) => {}
            result => {
                tracing::debug!(?result, "whether somebody reads shows only when something is written");
                wait_for_ever();
            }
        }
    }
}

#[cfg(not(unix))]
fn wait_until_unread() {
    wait_for_ever();
}

/// The thread ends with the process.
fn wait_for_ever() {
    loop {
        thread::park();
    }
}

fn write_all(mut waiting: mpsc::Receiver<Vec<u8>>, output: &mut impl Write) -> io::Result<()> {
    while let Some(line) = waiting.blocking_recv() {
        output.write_all(&line)?;
        while let Ok(line) = waiting.try_recv() {
            output.write_all(&line)?;
        }
        output.flush()?;
    }
    Ok(())
}
