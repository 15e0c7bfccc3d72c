//! What is set in the configuration, what is changed while a host runs, and which counts.

mod support;

use std::net::UdpSocket;

use permesso_node::{
    ChangedSettings, Command, CommandError, FriendState, MessageState, Node, NodeError, Setting, Visibility,
};
use support::{World, befriend, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_counts_at_each_start_but_for_what_was_changed_while_the_host_ran() {
    let world = World::new();
    let node = world.open("Grazia", 1).await;
    node.set(Setting::HistoryLimit(77)).await.unwrap();
    node.stop().await.unwrap();

    let mut config = world.config("Grazia", "Graziella", 1);
    config.config.host.visibility = Visibility::Nobody;
    config.config.messages.history_max = 500;
    config.config.messages.outbox_max = 5;
    let node = Node::open(config).await.unwrap();
    let settings = node.settings().await.unwrap();
    assert_eq!((settings.alias.as_str(), settings.visibility), ("Graziella", Visibility::Nobody));
    assert_eq!((settings.history_limit, settings.outbox_limit), (77, 5));
    let changed = node.changed_settings().await.unwrap();
    assert_eq!((changed.history_limit, changed.alias), (Some(77), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_without_a_word_is_closed_and_opened_again_by_the_next_message() {
    let world = World::new();
    let mut config = world.config("Grazia", "Grazia", 1);
    config.config.links.idle_close = permesso_node::Millis::from_secs(1);
    let (grazia, marco) = (Node::open(config).await.unwrap(), world.start("Marco", 2).await);
    grazia.start().await.unwrap();
    befriend(&grazia, &marco).await;
    let port = async || {
        let views = grazia.hosts().await.unwrap();
        views.iter().find(|view| view.host == marco.host_id()).and_then(|view| view.conversation_port)
    };
    for text in ["first", "second"] {
        let message = grazia.send(marco.host_id(), text).await.unwrap();
        let fate = grazia.wait_for_fate(message, std::time::Duration::from_secs(20)).await.unwrap();
        assert_eq!(fate, MessageState::Delivered);
        assert!(port().await.is_some());
        eventually("the conversation is closed", || async { port().await.is_none().then_some(()) }).await;
    }
    assert!(support::sees(&grazia, marco.host_id()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_refused_and_the_old_one_stays_also_after_a_restart() {
    let world = World::new();
    let node = world.start("Grazia", 1).await;
    let other = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().port();
    let refused = node.set(Setting::Port(taken)).await;
    assert!(matches!(refused, Err(NodeError::PortInUse { port, .. }) if port == taken), "{refused:?}");
    assert_eq!(node.settings().await.unwrap().port, world.port());
    node.stop().await.unwrap();
    world.start("Grazia", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_settings_all_are_changed_or_none_the_port_where_it_is_present_included() {
    let world = World::new();
    let node = world.start("Grazia", 1).await;
    let before = node.settings().await.unwrap();
    let (other, free) = (UdpSocket::bind("127.0.0.1:0").unwrap(), World::new().port());
    let taken = other.local_addr().unwrap().port();
    let all = |port, limit| {
        let settings = [Setting::Alias("Graziella".into()), Setting::Port(port), Setting::HistoryLimit(limit)];
        node.command(Command::SetAll { settings: settings.into() })
    };
    let refused = all(free, 0).await;
    assert!(matches!(refused, Err(NodeError::Command(CommandError::OutOfRange { .. }))), "{refused:?}");
    assert!(UdpSocket::bind(("127.0.0.1", free)).is_ok(), "it has not moved");
    let refused = all(taken, 77).await;
    assert!(matches!(refused, Err(NodeError::PortInUse { port, .. }) if port == taken), "{refused:?}");
    assert_eq!(node.settings().await.unwrap(), before);
    assert_eq!(node.changed_settings().await.unwrap(), ChangedSettings::default());
    all(free, 77).await.unwrap();
    let now = node.settings().await.unwrap();
    assert_eq!((now.alias.as_str(), now.port, now.history_limit), ("Graziella", free, 77));
    assert!(UdpSocket::bind(("127.0.0.1", free)).is_err(), "it is there now");
    node.stop().await.unwrap();
    assert_eq!(world.open("Grazia", 1).await.settings().await.unwrap(), now);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_changed_while_hosts_run_is_where_they_meet_from_then_on() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    let port = World::new().port();
    for node in [&grazia, &marco] {
        node.set(Setting::Port(port)).await.unwrap();
    }
    let claims = eventually("Marco answers", || async {
        let claims = grazia.search("Marco", permesso_node::Match::Exact).await.unwrap();
        (!claims.is_empty()).then_some(claims)
    })
    .await;
    assert_eq!(claims[0].host, marco.host_id());
    let views = grazia.hosts().await.unwrap();
    let address = views.iter().find(|view| view.host == marco.host_id()).and_then(|view| view.address);
    assert_eq!(address.map(|address| address.port()), Some(port));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_conversation_has_a_port_of_its_own_even_the_first_one_with_a_new_friend() {
    let world = World::new();
    let grazia = world.start("Grazia", 1).await;
    let (marco, lea) = (world.start("Marco", 2).await, world.start("Lea", 3).await);
    for other in [&marco, &lea] {
        befriend(&grazia, other).await;
        let message = grazia.send(other.host_id(), "the first word").await.unwrap();
        let fate = grazia.wait_for_fate(message, std::time::Duration::from_secs(20)).await.unwrap();
        assert_eq!(fate, MessageState::Delivered);
    }
    let ports = eventually("both conversations are open", || async {
        let views = grazia.hosts().await.unwrap();
        let friends = views.iter().filter(|view| view.friend == FriendState::Friend);
        let ports: Vec<u16> = friends.filter_map(|view| view.conversation_port).collect();
        (ports.len() == 2).then_some(ports)
    })
    .await;
    assert_ne!(ports[0], ports[1]);
}
