use super::*;
use std::net::Ipv4Addr;

use permesso_engine::ids::DialId;

#[path = "hostile_tests.rs"]
mod hostile;

/// A host that has links and nothing else.
struct Host {
    links: Links,
    inputs: mpsc::Receiver<LinkInput>,
    key: IdentityKey,
    address: NetAddr,
}

impl Host {
    fn new(seed: u8) -> Self {
        let settings = LinkSettings {
            bind: Some((Ipv4Addr::LOCALHOST, 0).into()),
            main_port: 0,
            links_max: 8,
            handshakes_per_second: 20,
        };
        let (sender, inputs) = mpsc::channel(64);
        let mut links = Links::new(settings, &[seed; 32], sender, Arc::default()).unwrap();
        let key = links.shared.credentials.identity_key().unwrap();
        let LinkEvent::Listening { port, .. } = links.listen(ListenerId::MAIN, None) else { panic!("no port") };
        Self { links, inputs, key, address: (Ipv4Addr::LOCALHOST, port).into() }
    }

    async fn next(&mut self) -> LinkEvent {
        let input = timeout(Duration::from_secs(10), self.inputs.recv()).await.expect("nothing happened").unwrap();
        self.links.on_input(input)
    }

    /// The next event that is not about credit.
    async fn next_but_credit(&mut self) -> LinkEvent {
        loop {
            match self.next().await {
                LinkEvent::Writable { .. } => {}
                event => return event,
            }
        }
    }

    fn dial(&self, addresses: &[NetAddr], expected: IdentityKey) {
        self.links.dial(DialId(1), ListenerId::MAIN, addresses.to_vec(), expected);
    }
}

/// Two hosts with a link between them, up on both sides.
async fn linked() -> (Host, LinkId, Host, LinkId) {
    let (mut one, mut other) = (Host::new(1), Host::new(2));
    one.dial(&[other.address], other.key);
    let LinkEvent::Up { link: ours, dial, peer, address, credit, .. } = one.next().await else { panic!("not up") };
    assert_eq!((dial, peer, address, credit), (Some(DialId(1)), other.key, other.address, CREDIT));
    one.links.send(ours, b"hello".to_vec());
    let LinkEvent::Up { link: theirs, dial, peer, address, .. } = other.next().await else { panic!("not up") };
    assert_eq!((dial, peer, address), (None, one.key, one.address), "the peer dials from the port it listens on");
    assert_eq!(other.next().await, LinkEvent::Frame { link: theirs, bytes: b"hello".to_vec() });
    assert_eq!(one.next().await, LinkEvent::Writable { link: ours, bytes: 5 });
    (one, ours, other, theirs)
}

#[tokio::test]
async fn both_ends_of_a_link_have_proved_their_identity_keys() {
    let (mut one, ours, other, theirs) = linked().await;
    other.links.send(theirs, b"and back".to_vec());
    assert_eq!(one.next().await, LinkEvent::Frame { link: ours, bytes: b"and back".to_vec() });
}

#[tokio::test]
async fn a_host_with_another_key_than_the_expected_one_is_refused() {
    let (mut one, mut other) = (Host::new(1), Host::new(2));
    one.dial(&[other.address], one.key);
    assert_eq!(one.next().await, LinkEvent::DialFailed { dial: DialId(1) });
    assert!(timeout(Duration::from_millis(100), other.inputs.recv()).await.is_err(), "a refused link came up");
}

#[tokio::test]
async fn the_addresses_of_a_dial_are_tried_in_turn() {
    let (mut one, other) = (Host::new(1), Host::new(2));
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    one.dial(&[silent.local_addr().unwrap(), other.address], other.key);
    assert!(matches!(one.next().await, LinkEvent::Up { .. }));
}

#[tokio::test]
async fn a_dial_without_an_answer_fails_within_five_seconds() {
    let mut one = Host::new(1);
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let key = one.key;
    let start = Instant::now();
    one.dial(&[silent.local_addr().unwrap()], key);
    assert_eq!(one.next().await, LinkEvent::DialFailed { dial: DialId(1) });
    assert!(start.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn what_was_handed_over_arrives_before_an_orderly_close() {
    let (mut one, ours, mut other, theirs) = linked().await;
    for number in 0..200_u32 {
        one.links.send(ours, vec![number as u8; 1_000]);
    }
    one.links.close(ours);
    for number in 0..200_u32 {
        assert_eq!(other.next().await, LinkEvent::Frame { link: theirs, bytes: vec![number as u8; 1_000] });
    }
    assert_eq!(other.next().await, LinkEvent::Down { link: theirs, reason: DownReason::Closed });
    assert_eq!(one.next_but_credit().await, LinkEvent::Down { link: ours, reason: DownReason::Closed });
}

#[tokio::test]
async fn ten_thousand_frames_arrive_in_order_within_the_credit() {
    let (mut one, ours, mut other, theirs) = linked().await;
    let sender = tokio::spawn(async move {
        let mut credit = CREDIT;
        for number in 0..10_000_u32 {
            let mut frame = vec![0; 600];
            frame[..4].copy_from_slice(&number.to_be_bytes());
            while credit < frame.len() {
                match one.next().await {
                    LinkEvent::Writable { bytes, .. } => credit += bytes,
                    other => panic!("{other:?}"),
                }
            }
            credit -= frame.len();
            one.links.send(ours, frame);
        }
        one
    });
    for number in 0..10_000_u32 {
        match other.next().await {
            LinkEvent::Frame { link, bytes } => {
                assert_eq!((link, bytes.len(), &bytes[..4]), (theirs, 600, &number.to_be_bytes()[..]));
            }
            other => panic!("{other:?}"),
        }
    }
    sender.await.unwrap();
}

#[tokio::test]
async fn a_frame_over_64_kib_ends_the_link_on_both_sides() {
    let (mut one, ours, mut other, theirs) = linked().await;
    one.links.send(ours, vec![0; (64 << 10) + 1]);
    assert_eq!(other.next().await, LinkEvent::Down { link: theirs, reason: DownReason::Lost });
    assert_eq!(one.next_but_credit().await, LinkEvent::Down { link: ours, reason: DownReason::Lost });
}

#[tokio::test]
async fn a_frame_of_64_kib_arrives() {
    let (one, ours, mut other, theirs) = linked().await;
    one.links.send(ours, vec![7; 64 << 10]);
    assert_eq!(other.next().await, LinkEvent::Frame { link: theirs, bytes: vec![7; 64 << 10] });
}

#[tokio::test]
async fn a_peer_that_breaks_off_is_lost_not_closed() {
    let mut one = Host::new(1);
    let peer = Host::new(2);
    // A peer of the same protocol that abandons its connection with an error.
    let listener = peer.links.listeners.get(&ListenerId::MAIN).unwrap();
    let connection = connect(&peer.links.shared, &listener.endpoint, &[one.address], one.key).await.unwrap();
    let (mut send, _receive) = connection.open_bi().await.unwrap();
    send.write_all(&[0, 0, 0, 1, 9]).await.unwrap();
    let LinkEvent::Up { link, .. } = one.next().await else { panic!("not up") };
    assert_eq!(one.next().await, LinkEvent::Frame { link, bytes: vec![9] });
    connection.close(VarInt::from_u32(7), b"");
    assert_eq!(one.next().await, LinkEvent::Down { link, reason: DownReason::Lost });
}

#[tokio::test]
async fn a_second_stream_is_not_allowed() {
    let one = Host::new(1);
    let peer = Host::new(2);
    let listener = peer.links.listeners.get(&ListenerId::MAIN).unwrap();
    let connection = connect(&peer.links.shared, &listener.endpoint, &[one.address], one.key).await.unwrap();
    let _first = connection.open_bi().await.unwrap();
    assert!(timeout(Duration::from_millis(200), connection.open_bi()).await.is_err());
    assert!(timeout(Duration::from_millis(200), connection.open_uni()).await.is_err());
}

#[tokio::test]
async fn a_closed_listener_takes_its_links_with_it_and_frees_its_port() {
    let (mut one, ours, mut other, theirs) = linked().await;
    one.links.stop_listening(ListenerId::MAIN);
    assert_eq!(one.next_but_credit().await, LinkEvent::Down { link: ours, reason: DownReason::Closed });
    assert_eq!(other.next().await, LinkEvent::Down { link: theirs, reason: DownReason::Closed });
    for _ in 0..100 {
        if UdpSocket::bind(one.address).is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the port is still taken");
}

#[tokio::test]
async fn a_host_that_goes_away_sends_what_it_has_and_is_lost_to_its_peers() {
    let (one, ours, mut other, theirs) = linked().await;
    one.links.send(ours, b"last words".to_vec());
    let told = one.links.shut(Duration::from_secs(2)).await;
    assert_eq!(told, [LinkEvent::Down { link: ours, reason: DownReason::Lost }]);
    assert_eq!(other.next().await, LinkEvent::Frame { link: theirs, bytes: b"last words".to_vec() });
    assert_eq!(other.next().await, LinkEvent::Down { link: theirs, reason: DownReason::Lost });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_port_of_a_host_that_was_shut_is_free_once_its_inputs_have_ended() {
    for _ in 0..100 {
        let Host { links, mut inputs, address, .. } = Host::new(1);
        links.shut(Duration::from_secs(1)).await;
        while inputs.recv().await.is_some() {}
        UdpSocket::bind(address).unwrap();
    }
}

#[tokio::test]
async fn a_listener_gets_its_old_port_back_or_another() {
    let mut one = Host::new(1);
    let LinkEvent::Listening { port, .. } = one.links.listen(ListenerId(5), None) else { panic!("no port") };
    let taken = LinkEvent::Listening { listener: ListenerId(6), port };
    assert_ne!(one.links.listen(ListenerId(6), Some(port)), taken);
    one.links.stop_listening(ListenerId(5));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(one.links.listen(ListenerId(7), Some(port)), LinkEvent::Listening { listener: ListenerId(7), port });
}
