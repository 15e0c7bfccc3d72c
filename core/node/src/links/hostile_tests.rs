//! Peers that prove their key and then mean no good: what their links cost, and that others go on.

use super::*;

/// A peer that has proved its key and does what it likes with its stream.
async fn hostile(victim: &Host) -> (Host, quinn::Connection, quinn::SendStream, quinn::RecvStream) {
    let peer = Host::new(66);
    let listener = peer.links.listeners.get(&ListenerId::MAIN).unwrap();
    let connection = connect(&peer.links.shared, &listener.endpoint, &[victim.address], victim.key).await.unwrap();
    let (send, receive) = connection.open_bi().await.unwrap();
    (peer, connection, send, receive)
}

#[tokio::test]
async fn a_length_that_is_too_great_ends_the_link_before_anything_follows() {
    let mut victim = Host::new(1);
    let (_peer, connection, mut send, _receive) = hostile(&victim).await;
    send.write_all(&[0xff; 4]).await.unwrap();
    let LinkEvent::Up { link, .. } = victim.next().await else { panic!("not up") };
    assert_eq!(victim.next().await, LinkEvent::Down { link, reason: DownReason::Lost });
    let quinn::ConnectionError::ApplicationClosed(close) = connection.closed().await else { panic!("no code") };
    assert_eq!(close.error_code, VarInt::from_u32(1), "the peer broke the framing");
}

#[tokio::test]
async fn half_a_frame_is_not_handed_on_and_its_end_breaks_the_link() {
    let mut victim = Host::new(1);
    let (_peer, _connection, mut send, _receive) = hostile(&victim).await;
    send.write_all(&(64_u32 << 10).to_be_bytes()).await.unwrap();
    send.write_all(&[7; 1_000]).await.unwrap();
    let LinkEvent::Up { link, .. } = victim.next().await else { panic!("not up") };
    let waiting = timeout(Duration::from_millis(300), victim.inputs.recv()).await;
    assert!(waiting.is_err(), "something came of half a frame: {waiting:?}");
    send.finish().unwrap();
    assert_eq!(victim.next().await, LinkEvent::Down { link, reason: DownReason::Lost });
}

#[tokio::test]
async fn frames_that_come_byte_by_byte_arrive_whole() {
    let mut victim = Host::new(1);
    let (_peer, _connection, mut send, _receive) = hostile(&victim).await;
    for byte in [0, 0, 0, 2, 8, 9, 0, 0, 0, 0, 0, 0, 0, 1, 5] {
        send.write_all(&[byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let LinkEvent::Up { link, .. } = victim.next().await else { panic!("not up") };
    // Between them an empty one, which is nobody's business but the link's.
    for bytes in [vec![8, 9], vec![5]] {
        assert_eq!(victim.next().await, LinkEvent::Frame { link, bytes });
    }
}

#[tokio::test]
async fn a_peer_that_never_reads_is_given_no_more_credit_than_its_window_and_holds_up_nobody_else() {
    let mut victim = Host::new(1);
    let (_peer, _connection, mut send, _unread) = hostile(&victim).await;
    send.write_all(&[0, 0, 0, 1, 9]).await.unwrap();
    let LinkEvent::Up { link: deaf, .. } = victim.next().await else { panic!("not up") };
    assert_eq!(victim.next().await, LinkEvent::Frame { link: deaf, bytes: vec![9] });
    for _ in 0..100 {
        victim.links.send(deaf, vec![1; 60 << 10]);
    }
    let mut taken = 0;
    while let Ok(Some(input)) = timeout(Duration::from_secs(1), victim.inputs.recv()).await {
        if let LinkEvent::Writable { bytes, .. } = victim.links.on_input(input) {
            taken += bytes;
        }
    }
    // What its window holds, and the one write that waits for it: a batch of frames.
    assert!(taken <= 2 * CREDIT, "{taken} bytes were said to be writable to a peer that reads nothing");

    let mut other = Host::new(2);
    other.dial(&[victim.address], victim.key);
    let LinkEvent::Up { link: theirs, .. } = other.next().await else { panic!("not up") };
    other.links.send(theirs, b"hello".to_vec());
    let LinkEvent::Up { link: ours, .. } = victim.next_but_credit().await else { panic!("not up") };
    assert_eq!(victim.next_but_credit().await, LinkEvent::Frame { link: ours, bytes: b"hello".to_vec() });
}

#[tokio::test]
async fn a_peer_that_proves_its_key_and_opens_no_stream_is_no_link() {
    let mut victim = Host::new(1);
    let peer = Host::new(66);
    let listener = peer.links.listeners.get(&ListenerId::MAIN).unwrap();
    let connection = connect(&peer.links.shared, &listener.endpoint, &[victim.address], victim.key).await.unwrap();
    assert!(timeout(Duration::from_millis(500), victim.inputs.recv()).await.is_err(), "a link without a stream is up");
    // The handshake's time is over, and its place is free again.
    let ended = timeout(HANDSHAKE_TIME + Duration::from_secs(5), connection.closed()).await;
    assert!(ended.is_ok(), "it is still there");
}

#[tokio::test]
async fn a_link_with_nothing_to_say_shows_itself_by_an_empty_frame_and_takes_one_for_no_frame() {
    let mut victim = Host::new(1);
    let (_peer, _connection, mut send, mut receive) = hostile(&victim).await;
    send.write_all(&[0, 0, 0, 1, 9, 0, 0, 0, 0]).await.unwrap();
    let LinkEvent::Up { link, .. } = victim.next().await else { panic!("not up") };
    assert_eq!(victim.next().await, LinkEvent::Frame { link, bytes: vec![9] });
    let mut shown = [1; 4];
    timeout(3 * pulse::PULSE_MIN, receive.read_exact(&mut shown)).await.expect("nothing is shown").unwrap();
    assert_eq!(shown, [0; 4]);
    let event = timeout(Duration::from_millis(300), victim.inputs.recv()).await;
    assert!(event.is_err(), "the engine is told of it: {event:?}");
}
