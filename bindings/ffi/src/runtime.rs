//! Where the calls run.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use once_cell::sync::OnceCell;
use permesso_node::NodeError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinError;

use crate::error::PermessoError;
use crate::platform;

/// Threads that run hosts: two hosts of one process, or one and what the app asks, do not wait for each other.
const WORKERS: usize = 2;

/// Why work was given up that did not panic.
const ENDED: &str = "the runtime has ended";

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// The runtime of this process; made by the first call that needs it.
fn runtime() -> Result<&'static Runtime, PermessoError> {
    RUNTIME.get_or_try_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(WORKERS).thread_name("permesso").on_thread_start(platform::on_thread_start).enable_all();
        builder.build().map_err(|error| PermessoError::System { reason: error.to_string() })
    })
}

/// Work under way, whatever it does.
type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs work that goes on even if nobody waits for it any more. A panic in it is a [`PermessoError::Bug`].
pub(crate) fn run<T: Send + 'static>(
    work: impl Future<Output = Result<T, PermessoError>> + Send + 'static,
) -> Work<Result<T, PermessoError>> {
    answered(Box::pin(work), false)
}

/// The same for what only asks a node: it begins on the caller's thread, and is done there if nothing has to be waited for.
pub(crate) fn ask<T: Send + 'static>(
    work: impl Future<Output = Result<T, NodeError>> + Send + 'static,
) -> Work<Result<T, PermessoError>> {
    answered(Box::pin(work), true)
}

/// The answer of work that is done elsewhere. Only what depends on the kind of answer stands here, since it is compiled for each.
fn answered<T, E>(work: Work<Result<T, E>>, begins_here: bool) -> Work<Result<T, PermessoError>>
where
    T: Send + 'static,
    E: Into<PermessoError> + Send + 'static,
{
    let (reply, mut answer) = oneshot::channel();
    let work = Box::pin(async move {
        // Nobody may be waiting any more.
        let _ = reply.send(work.await);
    });
    Box::pin(async move {
        done(work, begins_here).await?;
        let answer = answer.try_recv().map_err(|_| PermessoError::Bug { reason: ENDED.into() })?;
        answer.map_err(E::into)
    })
}

/// Does work, or waits until a task has done it.
async fn done(mut work: Work<()>, begins_here: bool) -> Result<(), PermessoError> {
    let runtime = runtime()?;
    if begins_here {
        match begin(runtime, work.as_mut()) {
            Ok(Poll::Ready(())) => return Ok(()),
            Ok(Poll::Pending) => {}
            Err(panic) => return Err(PermessoError::Bug { reason: words(&*panic) }),
        }
    }
    runtime.spawn(work).await.map_err(|error| PermessoError::Bug { reason: what_panicked(error) })
}

/// Polls work for the first time; after a panic it must not be polled again.
fn begin(runtime: &Runtime, work: Pin<&mut (dyn Future<Output = ()> + Send)>) -> std::thread::Result<Poll<()>> {
    let _inside = runtime.enter();
    // Nobody needs to be woken: a task goes on with it at once.
    let mut context = Context::from_waker(Waker::noop());
    catch_unwind(AssertUnwindSafe(|| work.poll(&mut context)))
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

fn what_panicked(error: JoinError) -> String {
    error.try_into_panic().map_or_else(|_| ENDED.into(), |panic| words(&*panic))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
    fn a_panic_at_once_or_later_in_what_asks_a_node_becomes_an_error_too() {
        for later in [false, true] {
            let panicked = wait(ask::<()>(async move {
                if later {
                    tokio::task::yield_now().await;
                }
                panic!("drill {}", 2)
            }));
            assert!(matches!(panicked, Err(PermessoError::Bug { reason }) if reason == "drill 2"));
        }
    }

    #[test]
    fn what_needs_no_waiting_is_done_where_it_is_asked_and_the_rest_on_a_thread_of_the_runtime() {
        let here = std::thread::current().id();
        assert_eq!(wait(ask(async { Ok(std::thread::current().id()) })).unwrap(), here);
        let there = wait(ask(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(std::thread::current().name().map(str::to_owned))
        }));
        assert_eq!(there.unwrap().as_deref(), Some("permesso"));
    }

    fn goes_on<T: Future<Output = Result<(), PermessoError>>>(call: impl FnOnce(Work<()>) -> T) {
        let (begin, begun) = oneshot::channel::<()>();
        let (done, is_done) = std::sync::mpsc::channel();
        let mut work = Box::pin(call(Box::pin(async move {
            let _ = begun.await;
            done.send(()).unwrap();
        })));
        let mut context = Context::from_waker(Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_pending());
        drop(work);
        begin.send(()).unwrap();
        is_done.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn work_goes_on_when_nobody_waits_for_it_any_more() {
        goes_on(|work| {
            run(async {
                work.await;
                Ok(())
            })
        });
        goes_on(|work| {
            ask(async {
                work.await;
                Ok(())
            })
        });
    }
}
