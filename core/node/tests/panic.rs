//! A mistake in Permesso that ends a host's own task.

mod support;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use permesso_node::{HostLink, Node, NodeError, Setting};
use support::{World, eventually};

struct Radio(Arc<AtomicBool>);

impl HostLink for Radio {
    fn send(&self, _: Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn closed(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_whose_task_panics_has_stopped_for_whoever_asks_and_opens_again_with_all_that_was_durable() {
    let world = World::new();
    let node = world.start("Grazia", 1).await;
    let (id, mut events) = (node.host_id(), node.events());
    node.set(Setting::HistoryLimit(77)).await.unwrap();
    let closed = Arc::new(AtomicBool::new(false));
    let port = node.open_host_link(Radio(closed.clone())).await.unwrap();

    assert!(matches!(node.rehearse_end().await, Err(NodeError::Stopped)));
    assert!(matches!(node.set(Setting::HistoryLimit(78)).await, Err(NodeError::Stopped)));
    assert!(matches!(node.start().await, Err(NodeError::Stopped)));
    node.stop().await.unwrap();
    while events.next().await.is_some() {}
    assert!(!port.is_open());
    eventually("the radio is told", || async { closed.load(Ordering::SeqCst).then_some(()) }).await;

    let again = world.start("Grazia", 1).await;
    assert_eq!(again.host_id(), id);
    assert_eq!(again.settings().await.unwrap().history_limit, 77);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_a_new_host_is_outlives_a_mistake_in_the_moment_after_it_is_known() {
    let world = World::new();
    for number in 0..20 {
        let name = format!("Grazia {number}");
        let node = Node::open(world.config(&name, "Grazia", 1)).await.unwrap();
        let id = node.host_id();
        assert!(matches!(node.rehearse_end().await, Err(NodeError::Stopped)));
        let again = Node::open(world.config(&name, "Grazia", 1)).await.unwrap();
        assert_eq!(again.host_id(), id, "the {number}th");
        again.stop().await.unwrap();
    }
}
