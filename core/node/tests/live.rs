//! Whole hosts with real sockets and real databases, on this machine's loopback network.

mod support;

use std::time::Duration;

use permesso_node::{
    CommandError, Event, FriendState, InterfaceAddress, Match, MessageState, NodeError, NodeEvent, NodeNotice, Setting,
    Visibility,
};
use support::{World, befriend, eventually, friend_event};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_meet_search_become_friends_and_talk_both_ways() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    let claims = eventually("Marco answers a search", || async {
        let claims = grazia.search("ARC", Match::Partial).await.unwrap();
        (!claims.is_empty()).then_some(claims)
    })
    .await;
    assert_eq!((claims[0].host, claims[0].alias.as_str()), (marco.host_id(), "Marco"));

    let mut events = marco.events();
    grazia.ask_friendship(marco.host_id(), "It is me").await.unwrap();
    let request = friend_event(&mut events, grazia.host_id(), FriendState::RequestReceived).await;
    assert_eq!(request.greeting.as_deref(), Some("It is me"));
    marco.answer_friendship(grazia.host_id(), true, false).await.unwrap();
    eventually("Grazia is a friend", || async { support::is_friend(&grazia, marco.host_id()).await.then_some(()) })
        .await;

    let message = grazia.send(marco.host_id(), "Hello Marco").await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    let reply = marco.send(grazia.host_id(), "Hello Grazia").await.unwrap();
    assert_eq!(marco.wait_for_fate(reply, SOON).await.unwrap(), MessageState::Delivered);

    for (node, other) in [(&grazia, &marco), (&marco, &grazia)] {
        let texts: Vec<_> = node.messages(other.host_id(), None, 10).await.unwrap();
        let texts: Vec<_> = texts.iter().map(|message| message.text.as_str()).collect();
        assert_eq!(texts, ["Hello Marco", "Hello Grazia"]);
    }
    assert_eq!(
        grazia.safety_number(marco.host_id()).await.unwrap(),
        marco.safety_number(grazia.host_id()).await.unwrap()
    );
    assert_eq!(grazia.search_history("HELLO g", 10).await.unwrap().len(), 1);
    assert_eq!(marco.unread(grazia.host_id()).await.unwrap(), 1);
    marco.mark_read(grazia.host_id()).await.unwrap();
    assert_eq!(marco.unread(grazia.host_id()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_an_absent_friend_arrives_when_it_is_back_though_the_sender_restarted() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let host = marco.host_id();
    marco.leave().await.unwrap();
    marco.stop().await.unwrap();

    let message = grazia.send(host, "Are you there?").await.unwrap();
    let waiting = grazia.wait_for_fate(message, Duration::from_millis(700)).await;
    assert!(matches!(waiting, Err(NodeError::Timeout { .. })), "{waiting:?}");
    grazia.stop().await.unwrap();

    let grazia = world.start("Grazia", 1).await;
    assert_eq!(grazia.message(message).await.unwrap().unwrap().state, MessageState::Queued);
    let marco = world.start("Marco", 2).await;
    assert_eq!(marco.host_id(), host, "a host is the same after a restart");
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    assert_eq!(marco.messages(grazia.host_id(), None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_has_left_keeps_nothing_open_and_is_brought_back_by_its_start_alone() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let place = ("127.0.0.2", world.port());
    let in_use = std::net::UdpSocket::bind(place).map_err(|error| error.kind());
    assert_eq!(in_use.err(), Some(std::io::ErrorKind::AddrInUse));
    marco.leave().await.unwrap();
    let is_free = || async { std::net::UdpSocket::bind(place).ok().map(drop) };
    eventually("the socket is closed", is_free).await;
    // As an app that is put away and comes back.
    marco.pause().await.unwrap();
    marco.resume().await.unwrap();
    assert!(is_free().await.is_some());
    let message = marco.send(grazia.host_id(), "I am away").await.unwrap();
    let waiting = marco.wait_for_fate(message, Duration::from_millis(700)).await;
    assert!(matches!(waiting, Err(NodeError::Timeout { .. })), "{waiting:?}");
    assert!(!support::sees(&grazia, marco.host_id()).await);
    // Leaving once more tells what still waits.
    assert_eq!(marco.leave().await.unwrap().kept, 1);
    marco.start().await.unwrap();
    assert_eq!(marco.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_restarts_in_the_middle_and_nothing_is_lost_or_doubled() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let mut messages = Vec::new();
    for number in 0..60 {
        messages.push(grazia.send(marco.host_id(), &format!("number {number}")).await.unwrap());
        if number == 30 {
            marco.stop().await.unwrap();
        }
    }
    let marco = world.start("Marco", 2).await;
    for message in messages {
        assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    }
    support::assert_texts(&marco, grazia.host_id(), 60).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_host_keeps_its_database_closed_and_goes_on_after_resuming() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    marco.pause().await.unwrap();
    assert!(matches!(marco.send(grazia.host_id(), "no").await, Err(NodeError::Paused)));
    assert!(matches!(marco.messages(grazia.host_id(), None, 1).await, Err(NodeError::Paused)));
    assert!(support::is_friend(&marco, grazia.host_id()).await, "views work while paused");
    let message = grazia.send(marco.host_id(), "while you sleep").await.unwrap();
    marco.pause().await.unwrap();
    marco.resume().await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    let reply = marco.send(grazia.host_id(), "awake").await.unwrap();
    assert_eq!(marco.wait_for_fate(reply, SOON).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_another_process_opened_during_a_pause_is_read_afresh() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    marco.pause().await.unwrap();
    let other = permesso_node::Store::open(world.folder("Marco"), Some(world.key()), |_| {});
    drop(other.expect("nothing of a paused host holds its folder"));
    let mut events = marco.events();
    marco.resume().await.unwrap();
    while events.next().await != Some(NodeEvent::Node(NodeNotice::Restored)) {}
    let message = grazia.send(marco.host_id(), "still friends").await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hosts_with_one_alias_are_two_claims() {
    let world = World::new();
    let searcher = world.start("Grazia", 1).await;
    let (one, other) = (world.start("Marco", 2).await, world.open_as("Marco twin", "Marco", 3).await);
    other.start().await.unwrap();
    let mut found = eventually("both answer", || async {
        let claims = searcher.search("Marco", Match::Exact).await.unwrap();
        (claims.len() == 2).then_some(claims)
    })
    .await;
    found.sort_by_key(|claim| claim.host);
    let mut expected = [one.host_id(), other.host_id()];
    expected.sort();
    assert_eq!(found.iter().map(|claim| claim.host).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|claim| claim.alias == "Marco"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_refused_with_what_to_do() {
    let world = World::new();
    let _one = world.start("Grazia", 1).await;
    let other = world.open("Marco", 1).await;
    let error = other.start().await.unwrap_err();
    assert!(matches!(error, NodeError::PortInUse { .. }), "{error:?}");
    assert!(error.to_string().contains("[host] port"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_belongs_to_one_host_at_a_time() {
    let world = World::new();
    let grazia = world.open("Grazia", 1).await;
    let second = permesso_node::Node::open(world.config("Grazia", "Grazia", 2)).await;
    assert!(matches!(second, Err(NodeError::Store(_))), "{second:?}");
    grazia.stop().await.unwrap();
    world.open("Grazia", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_host_says_so_and_its_event_streams_end() {
    let world = World::new();
    let grazia = world.start("Grazia", 1).await;
    let mut events = grazia.events();
    grazia.stop().await.unwrap();
    grazia.stop().await.unwrap();
    assert!(matches!(grazia.hosts().await, Err(NodeError::Stopped)));
    assert!(matches!(grazia.start().await, Err(NodeError::Stopped)));
    while events.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_change_at_run_time_and_outlive_a_restart() {
    let world = World::new();
    let grazia = world.start("Grazia", 1).await;
    grazia.set(Setting::Alias("Graziella".into())).await.unwrap();
    grazia.set(Setting::Visibility(Visibility::Friends)).await.unwrap();
    let refused = grazia.set(Setting::Alias("x".repeat(65))).await;
    assert!(matches!(refused, Err(NodeError::Command(CommandError::TooLong { .. }))), "{refused:?}");
    grazia.stop().await.unwrap();
    let grazia = world.start("Grazia", 1).await;
    let settings = grazia.settings().await.unwrap();
    assert_eq!((settings.alias.as_str(), settings.visibility), ("Graziella", Visibility::Friends));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_presence_port_can_be_changed_while_the_host_runs() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    let port = support::next_port();
    grazia.set(Setting::Port(port)).await.unwrap();
    marco.set(Setting::Port(port)).await.unwrap();
    eventually("they meet on the new port", || async {
        let claims = grazia.search("Marco", Match::Exact).await.unwrap();
        (!claims.is_empty()).then_some(())
    })
    .await;
    let old = std::net::UdpSocket::bind(("127.0.0.1", world.port()));
    assert!(old.is_ok(), "the old port is free");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_that_cannot_broadcast_meet_by_a_remembered_address() {
    let world = World::new();
    // Another port each, so that neither hears what the other tells everybody.
    let grazia = world.start("Grazia", 1).await;
    let mut config = world.config("Marco", "Marco", 2);
    config.config.host.port = support::next_port();
    config.config.network.peers = vec![([127, 0, 0, 1], world.port()).into()];
    let marco = permesso_node::Node::open(config).await.unwrap();
    marco.start().await.unwrap();
    eventually("Marco sees Grazia", || async { support::sees(&marco, grazia.host_id()).await.then_some(()) }).await;
    eventually("Grazia sees Marco", || async { support::sees(&grazia, marco.host_id()).await.then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_leaves_is_seen_offline_at_once() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    eventually("Grazia sees Marco", || async { support::sees(&grazia, marco.host_id()).await.then_some(()) }).await;
    let mut events = grazia.events();
    marco.leave().await.unwrap();
    let gone = async {
        loop {
            match events.next().await {
                Some(NodeEvent::Engine(Event::HostChanged(host))) if host.host == marco.host_id() && !host.online => {
                    return;
                }
                Some(_) => {}
                None => panic!("stopped"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(3), gone).await.expect("the LEAVE was not noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_goes_and_comes_back_at_once_finds_its_port_free() {
    let marco = World::new().start("Marco", 1).await;
    for _ in 0..100 {
        marco.leave().await.unwrap();
        marco.start().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failure_of_the_store_the_host_goes_on_from_what_was_stored() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let before = grazia.send(marco.host_id(), "before").await.unwrap();
    let mut events = grazia.events();

    // Somebody else writes to the database and does not let go.
    let intruder = rusqlite::Connection::open(world.folder("Grazia").join("permesso.db")).unwrap();
    intruder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = grazia.send(marco.host_id(), "meanwhile").await;
    assert!(matches!(refused, Err(NodeError::StorageFailed)), "{refused:?}");
    while !matches!(events.next().await, Some(NodeEvent::Node(NodeNotice::StorageFailed { .. }))) {}
    assert!(matches!(grazia.friends().await, Err(NodeError::StorageFailed)));
    intruder.execute_batch("ROLLBACK").unwrap();

    while events.next().await != Some(NodeEvent::Node(NodeNotice::Restored)) {}
    let after = grazia.send(marco.host_id(), "after").await.unwrap();
    for message in [before, after] {
        assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    }
    let received = marco.messages(grazia.host_id(), None, 10).await.unwrap();
    assert_eq!(received.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_follows_its_addresses_as_they_come_and_go() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    befriend(&grazia, &marco).await;
    let moved = InterfaceAddress {
        name: "wlan0".into(),
        address: [127, 0, 0, 7].into(),
        prefix: 8,
        scope: 0,
        network: Some(7),
    };
    marco.set_interfaces(Some(vec![moved])).await.unwrap();
    eventually("the old address is free", || async {
        std::net::UdpSocket::bind(("127.0.0.2", world.port())).ok().map(drop)
    })
    .await;
    let message = grazia.send(marco.host_id(), "where are you?").await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    marco.set_interfaces(Some(Vec::new())).await.unwrap();
    marco.set_interfaces(None).await.unwrap();
    let message = marco.send(grazia.host_id(), "back again").await.unwrap();
    assert_eq!(marco.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hosts_all_talk_to_each_other() {
    let world = World::new();
    let names = ["Ada", "Bea", "Cleo", "Dora", "Eva"];
    let mut hosts = Vec::new();
    for (last, name) in (1..).zip(names) {
        hosts.push(world.start(name, last).await);
    }
    for (index, one) in hosts.iter().enumerate() {
        for other in &hosts[index + 1..] {
            befriend(one, other).await;
        }
    }
    let mut messages = Vec::new();
    for one in &hosts {
        for other in hosts.iter().filter(|other| other.host_id() != one.host_id()) {
            for number in 0..10 {
                let message = one.send(other.host_id(), &format!("number {number}")).await.unwrap();
                messages.push((one, message));
            }
        }
    }
    for (sender, message) in messages {
        assert_eq!(sender.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
    }
    for one in &hosts {
        for other in hosts.iter().filter(|other| other.host_id() != one.host_id()) {
            support::assert_texts(one, other.host_id(), 10).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_left_can_join_again() {
    let world = World::new();
    let grazia = world.start("Grazia", 1).await;
    let mut config = world.config("Marco", "Marco", 2);
    // A fixed port for links is still being closed when the host joins again.
    config.config.network.link_port = support::next_port();
    let marco = permesso_node::Node::open(config).await.unwrap();
    marco.start().await.unwrap();
    befriend(&grazia, &marco).await;
    marco.leave().await.unwrap();
    eventually("Marco is gone", || async { (!support::sees(&grazia, marco.host_id()).await).then_some(()) }).await;
    marco.start().await.unwrap();
    let message = grazia.send(marco.host_id(), "welcome back").await.unwrap();
    assert_eq!(grazia.wait_for_fate(message, SOON).await.unwrap(), MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_without_a_network_joins_when_there_is_one() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.open("Marco", 2).await);
    marco.set_interfaces(Some(Vec::new())).await.unwrap();
    marco.start().await.unwrap();
    let home =
        InterfaceAddress { name: "wlan0".into(), address: [127, 0, 0, 2].into(), prefix: 8, scope: 0, network: None };
    marco.set_interfaces(Some(vec![home])).await.unwrap();
    eventually("they see each other", || async { support::sees(&grazia, marco.host_id()).await.then_some(()) }).await;
}
