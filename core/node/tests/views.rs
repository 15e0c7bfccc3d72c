//! Looks at a host: answered where they are asked while it has nothing to do, and never before what was asked earlier.

mod support;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use permesso_node::{HostId, NodeError, Setting};
use support::{World, eventually};

/// What a call has after it was polled once.
fn at_once<T>(call: impl Future<Output = T>) -> Option<T> {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn a_host_with_nothing_to_do_answers_a_look_without_its_own_task() {
    let world = World::new();
    let node = world.open("Grazia", 1).await;
    // Its task is of this very thread and does not run meanwhile.
    let settings = eventually("it has nothing to do", || async { at_once(node.settings()) }).await.unwrap();
    assert_eq!(settings.alias, "Grazia");
    let history = at_once(node.messages(HostId::BROADCAST, None, 1));
    assert!(matches!(history, Some(Err(NodeError::NoConversation { .. }))), "it is asked at once too: {history:?}");
    node.pause().await.unwrap();
    let settings = eventually("it has paused", || async { at_once(node.settings()) }).await;
    assert_eq!(settings.unwrap().alias, "Grazia");
    node.stop().await.unwrap();
    assert!(matches!(node.settings().await, Err(NodeError::Stopped)));
}

#[tokio::test]
async fn a_look_does_not_overtake_a_command_that_was_given_before() {
    let world = World::new();
    let node = world.open("Grazia", 1).await;
    for limit in 10..20 {
        eventually("it has nothing to do", || async { at_once(node.settings()) }).await.unwrap();
        let mut command = Box::pin(node.set(Setting::HistoryLimit(limit)));
        assert!(at_once(command.as_mut()).is_none(), "what changes something waits for the disk");
        assert!(at_once(node.settings()).is_none(), "it comes after the command");
        assert!(at_once(node.messages(HostId::BROADCAST, None, 1)).is_none(), "so does the history");
        assert_eq!(node.settings().await.unwrap().history_limit, limit);
        command.await.unwrap();
        assert_eq!(node.settings().await.unwrap().history_limit, limit);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn looks_from_many_threads_never_see_an_older_state_than_before_and_stop_nobody() {
    let world = World::new();
    let node = world.start("Grazia", 1).await;
    node.set(Setting::HistoryLimit(1)).await.unwrap();
    let looking = (0..8).map(|_| {
        let node = node.clone();
        tokio::spawn(async move {
            let mut last = 0;
            for _ in 0..2_000 {
                let limit = node.settings().await.unwrap().history_limit;
                assert!(limit >= last, "{limit} after {last}");
                last = limit;
            }
        })
    });
    let looking: Vec<_> = looking.collect();
    for limit in 2..50 {
        node.set(Setting::HistoryLimit(limit)).await.unwrap();
        assert_eq!(node.settings().await.unwrap().history_limit, limit);
    }
    for one in looking {
        one.await.unwrap();
    }
}
