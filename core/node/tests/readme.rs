//! The program of the README, run to its end.

mod support;

mod program {
    include!("support/readme.rs");

    /// Runs it on a thread of its own, since it makes its own runtime.
    pub fn run() -> std::thread::JoinHandle<Result<(), String>> {
        std::thread::spawn(|| main().map_err(|error| error.to_string()))
    }
}

use permesso_node::FriendState;

#[test]
fn the_program_of_the_readme_is_the_one_that_is_tested() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("support/readme.rs");
    assert!(readme.contains(&format!("```rust\n{program}```\n")), "README.md does not have support/readme.rs");
    assert!(program.lines().count() <= 25, "so many lines may be pasted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_of_the_readme_meets_asks_and_is_told_that_its_message_has_arrived_also_when_it_is_started_again() {
    let world = support::World::new();
    let grace = world.start("Grace", 2).await;
    let place = world.folder("program");
    std::fs::create_dir(&place).unwrap();
    let loopback = format!("[host]\nport = {}\n[network]\ninterfaces = [\"127.0.0.1\"]\n", world.port());
    std::fs::write(place.join("ada.toml"), loopback).unwrap();
    std::env::set_current_dir(&place).unwrap();

    let running = program::run();
    let asker = support::eventually("Ada's request", || async {
        let friends = grace.friends().await.unwrap();
        friends.into_iter().find(|friend| friend.state == FriendState::RequestReceived)
    })
    .await;
    assert_eq!((asker.alias.as_str(), asker.greeting.as_deref()), ("Ada", Some("Ciao!")));
    grace.answer_friendship(asker.host, true, false).await.unwrap();
    assert_eq!(tokio::task::spawn_blocking(|| running.join().unwrap()).await.unwrap(), Ok(()));
    // Whoever pastes it starts it again.
    let again = program::run();
    assert_eq!(tokio::task::spawn_blocking(|| again.join().unwrap()).await.unwrap(), Ok(()));
    let texts: Vec<_> =
        grace.messages(asker.host, None, 10).await.unwrap().into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["ci vediamo alle 8?"; 2]);
    grace.stop().await.unwrap();
}
