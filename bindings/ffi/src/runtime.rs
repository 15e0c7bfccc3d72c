//! Where the calls run.

use std::future::Future;

use once_cell::sync::OnceCell;
use permesso_node::NodeError;
use tokio::runtime::{Builder, Runtime};

use crate::error::PermessoError;
use crate::platform;

/// Threads that run hosts: two hosts of one process, or one and what the app asks, do not wait for each other.
const WORKERS: usize = 2;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// The runtime of this process; made by the first call that needs it.
fn runtime() -> Result<&'static Runtime, PermessoError> {
    RUNTIME.get_or_try_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(WORKERS).thread_name("permesso").on_thread_start(platform::on_thread_start).enable_all();
        builder.build().map_err(|error| PermessoError::System { reason: error.to_string() })
    })
}

/// Runs work that goes on even if nobody waits for it any more. A panic in it is a [`PermessoError::Bug`].
pub(crate) async fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, PermessoError>> + Send + 'static,
) -> Result<T, PermessoError> {
    match runtime()?.spawn(work).await {
        Ok(result) => result,
        Err(error) => Err(PermessoError::Bug { reason: what_panicked(error) }),
    }
}

/// The same on a thread that may wait for the disk or for the app.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PermessoError> + Send + 'static,
) -> Result<T, PermessoError> {
    match runtime()?.spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(PermessoError::Bug { reason: what_panicked(error) }),
    }
}

/// The same for what only asks a node.
pub(crate) async fn ask<T: Send + 'static>(
    work: impl Future<Output = Result<T, NodeError>> + Send + 'static,
) -> Result<T, PermessoError> {
    run(async { work.await.map_err(PermessoError::from) }).await
}

fn what_panicked(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "the runtime has ended".into() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_words_and_the_next_call_works() {
        let panicked = wait(run::<()>(async { panic!("this is a drill") }));
        assert!(matches!(panicked, Err(PermessoError::Bug { reason }) if reason == "this is a drill"));
        assert_eq!(wait(run(async { Ok(7) })).unwrap(), 7);
    }

    #[test]
    fn work_goes_on_when_nobody_waits_for_it_any_more() {
        let (begin, begun) = tokio::sync::oneshot::channel::<()>();
        let (done, is_done) = std::sync::mpsc::channel();
        let mut work = Box::pin(run(async move {
            let _ = begun.await;
            done.send(()).unwrap();
            Ok(())
        }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_pending());
        drop(work);
        begin.send(()).unwrap();
        is_done.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
    }
}
