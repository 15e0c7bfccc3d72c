//! The example of the documentation, run to its end.

mod support;

#[allow(dead_code, reason = "its main is for people")]
#[path = "../examples/two_hosts.rs"]
mod two_hosts;

use std::time::Duration;

/// Two hosts that meet, a stamp of 20 bits, and a message, on a busy machine without optimisation.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_two_hosts_of_the_example_meet_become_friends_and_talk() {
    let story = tokio::time::timeout(PATIENCE, two_hosts::meet(support::next_port())).await;
    assert_eq!(story.expect("it does not come to its end").unwrap(), ["Shall we meet at six?"]);
}
