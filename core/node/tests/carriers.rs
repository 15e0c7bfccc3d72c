//! Carriers and depositors who mean no good, on real links: what they can do costs time, and no message of another.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use permesso_engine::certificate::Certificate;
use permesso_engine::crypto::SealingSecret;
use permesso_engine::envelope::{Class, Envelope, stamp_zero_bits};
use permesso_engine::frame::{Frame, Hello, LINK_VERSION, Proofs, Receipt, ReceiptStatus, Want, ack_hash, want_of};
use permesso_engine::identity::Identity;
use permesso_engine::ids::{AckHash, HostId, OlmKey, ProofSecret, Tag};
use permesso_engine::packet::{Counter, Role};
use permesso_node::bare::{BareEvent, BareLink};
use permesso_node::{Config, MessageState, Node};
use support::{World, befriend, eventually, next_port, sees};

/// Nothing on a link takes longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a host that has been asked nothing may still say is there after so long.
const PAUSE: Duration = Duration::from_secs(2);
/// Seven days, the longest lifetime there is, in seconds.
const LIFETIME_MAX: u32 = 7 * 24 * 60 * 60;

/// A live host whose links are where we know.
struct Place {
    node: Node,
    links: SocketAddr,
}

impl Place {
    async fn start(world: &World, name: &str, last: u8, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = world.config(name, name, last);
        config.config.network.link_port = next_port();
        // Whoever floods does so by many links, one after the other.
        config.config.links.handshakes_per_second = 1_000;
        change(&mut config.config);
        let links = SocketAddr::new(Ipv4Addr::new(127, 0, 0, last).into(), config.config.network.link_port);
        let node = Node::open(config).await.unwrap();
        node.start().await.unwrap();
        Self { node, links }
    }

    async fn carried(&self) -> u64 {
        self.node.custody().await.unwrap().envelopes
    }
}

/// Somebody of whom nothing is there but an end of a link.
struct Mallory {
    link: BareLink,
    peer: HostId,
}

impl Mallory {
    /// Links with a host as the `number`th of those who mean no good, and says who it is.
    async fn meet(place: &Place, number: u8, role: Role, meetings: u16) -> Self {
        let identity = Identity::from_secret([number; 32]);
        let (from, key) = (Ipv4Addr::new(127, 0, 0, 200).into(), place.node.identity_key());
        let link =
            eventually("a link", || async { BareLink::dial(&identity.secret(), from, place.links, key).await.ok() })
                .await;
        let mut mallory = Self { link, peer: place.node.host_id() };
        let sealing = SealingSecret::from_bytes([7; 32]).public();
        let hello = Hello {
            version: LINK_VERSION,
            certificate: Certificate::issue(&identity, sealing, 1, OlmKey([7; 32]), 0),
            counter: Counter { generation: 1, n: 1 },
            meetings,
            free_memory: u64::MAX,
            role,
            arrivals: 0,
            alias: format!("Mallory {number}"),
            remembers: 0,
        };
        mallory.say(&Frame::Hello(hello));
        mallory.hear(|frame| matches!(frame, Frame::Hello(_)).then_some(())).await;
        mallory
    }

    fn say(&mut self, frame: &Frame) {
        self.link.send(frame.encode());
    }

    /// The next frame of which `wanted` makes something.
    async fn hear<T>(&mut self, mut wanted: impl FnMut(Frame) -> Option<T>) -> T {
        let listen = async {
            loop {
                match self.link.next().await.expect("the link is down") {
                    BareEvent::Frame(bytes) => {
                        if let Some(found) = wanted(Frame::decode(&bytes).unwrap()) {
                            return found;
                        }
                    }
                    BareEvent::Writable => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, listen).await.expect("never said")
    }

    /// Whatever is said within a moment.
    async fn overhear(&mut self) -> Vec<Frame> {
        let mut heard = Vec::new();
        let _ = tokio::time::timeout(PAUSE, async {
            while let Some(event) = self.link.next().await {
                if let BareEvent::Frame(bytes) = event {
                    heard.push(Frame::decode(&bytes).unwrap());
                }
            }
        })
        .await;
        heard
    }

    /// Takes everything that is offered in the next OFFER, and says to have stored it.
    async fn take(&mut self) -> Vec<Envelope> {
        let offered = self.hear(|frame| if let Frame::Offer(entries) = frame { Some(entries) } else { None }).await;
        let all = |status| Frame::Receipt(offered.iter().map(|entry| Receipt { id: entry.id, status }).collect());
        self.say(&all(ReceiptStatus::Lacking));
        let mut taken = Vec::new();
        while taken.len() < offered.len() {
            taken.extend(self.hear(|frame| if let Frame::Forward(some) = frame { Some(some) } else { None }).await);
        }
        self.say(&all(ReceiptStatus::Stored));
        taken
    }

    /// Hands envelopes over; what became of each.
    async fn deposit(&mut self, envelopes: &[Envelope]) -> Vec<ReceiptStatus> {
        self.say(&Frame::Forward(envelopes.to_vec()));
        let mut became = Vec::new();
        while became.len() < envelopes.len() {
            let receipts = self.hear(|frame| if let Frame::Receipt(some) = frame { Some(some) } else { None }).await;
            became.extend(receipts.into_iter().map(|receipt| receipt.status));
        }
        became
    }

    /// Wants whatever is for this tag.
    fn want(&mut self, tag: Tag) {
        let entries = vec![want_of(&tag, self.peer).to_be_bytes()];
        self.say(&Frame::Want(Want { replace: true, entries }));
    }
}

fn secret(number: u8, count: u8) -> ProofSecret {
    ProofSecret([number ^ count; 16])
}

/// An envelope of strangers: small, under a secret that is known here.
fn foreign(number: u8, count: u8) -> Envelope {
    let (tag, ack_hash) = (Tag([number; 16]), ack_hash(&secret(number, count)));
    let body = vec![number, count, 7];
    Envelope { class: Class::Message, tag, ack_hash, body, lifetime: 3_600, copies: 8, best: 1, stamp: 0 }
}

/// Ada, who has written to Grace, who is away.
async fn waiting(world: &World, grace: &Node) -> (Place, permesso_node::MessageId) {
    let ada = Place::start(world, "Ada", 1, |_| {}).await;
    befriend(&ada.node, grace).await;
    let to = grace.host_id();
    grace.stop().await.unwrap();
    eventually("she is gone", || async { (!sees(&ada.node, to).await).then_some(()) }).await;
    let message = ada.node.send(to, "while you were away").await.unwrap();
    (ada, message)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_a_carrier_forwards_fifty_times_is_shown_once_and_proved_each_time() {
    let world = World::new();
    let grace = world.start("Grace", 2).await;
    let (ada, message) = waiting(&world, &grace).await;
    let mut carrier = Mallory::meet(&ada, 7, Role::Client, u16::MAX).await;
    let taken = carrier.take().await;
    assert_eq!((taken.len(), taken[0].copies), (1, 12));
    carrier.link.close().await;
    let from = ada.node.host_id();
    ada.node.stop().await.unwrap();

    let grace = Place::start(&world, "Grace", 2, |_| {}).await;
    let mut proofs = Vec::new();
    for meeting in 0..5 {
        let mut carrier = Mallory::meet(&grace, 7 + meeting, Role::Client, 1).await;
        for _ in 0..10 {
            carrier.say(&Frame::Forward(vec![taken[0].clone()]));
            // Whoever comes is told what else was proved of late.
            let shown = carrier.hear(|frame| {
                let Frame::Proofs(Proofs { mut secrets, .. }) = frame else { return None };
                secrets.retain(|secret| ack_hash(secret) == taken[0].ack_hash);
                (!secrets.is_empty()).then_some(secrets)
            });
            proofs.extend(shown.await);
        }
        carrier.link.close().await;
    }
    assert!(proofs.len() >= 50, "{proofs:?}");
    let texts: Vec<_> = grace.node.messages(from, None, 100).await.unwrap().into_iter().map(|it| it.text).collect();
    assert_eq!(texts, ["while you were away"]);
    // Its sender learns it when the two meet.
    let ada = world.start("Ada", 1).await;
    let fate = ada.wait_for_fate(message, PATIENCE).await.unwrap();
    assert_eq!(fate, MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_and_lifetimes_that_a_carrier_raises_are_cut_and_no_replay_replenishes_them() {
    let world = World::new();
    let ada = Place::start(&world, "Ada", 1, |_| {}).await;
    let raised = Envelope { copies: u16::MAX, lifetime: u32::MAX, best: 0, ..foreign(1, 0) };
    let mut carrier = Mallory::meet(&ada, 7, Role::Client, 1).await;
    assert_eq!(carrier.deposit(std::slice::from_ref(&raised)).await, [ReceiptStatus::Stored]);
    assert_eq!(carrier.deposit(&vec![raised.clone(); 10]).await, [ReceiptStatus::Stored; 10]);
    carrier.link.close().await;
    let mut given = Vec::new();
    for number in 8..16 {
        let mut taker = Mallory::meet(&ada, number, Role::Client, u16::MAX).await;
        let heard = taker.overhear().await;
        let offered =
            heard.into_iter().find_map(|frame| if let Frame::Offer(some) = frame { Some(some) } else { None });
        let Some(offered) = offered else { break };
        let receipt = Receipt { id: offered[0].id, status: ReceiptStatus::Lacking };
        taker.say(&Frame::Receipt(vec![receipt]));
        let forward = taker.hear(|frame| if let Frame::Forward(some) = frame { Some(some) } else { None }).await;
        given.push((forward[0].copies, forward[0].lifetime));
        // Handed back with more than it came with.
        let again = Envelope { copies: u16::MAX, ..forward[0].clone() };
        assert_eq!(taker.deposit(&[again]).await, [ReceiptStatus::Stored]);
        taker.link.close().await;
    }
    let copies: Vec<u16> = given.iter().map(|(copies, _)| *copies).collect();
    assert_eq!(copies, [16, 8, 4, 2, 1], "of 32, half of what is left each time, and not one more");
    assert!(given.iter().all(|(_, lifetime)| *lifetime <= LIFETIME_MAX), "{given:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_carrier_or_server_takes_and_drops_goes_to_others_too_and_arrives_from_its_sender() {
    for role in [Role::Client, Role::Server] {
        let world = World::new();
        let grace = world.start("Grace", 2).await;
        let (ada, message) = waiting(&world, &grace).await;
        let mut dropper = Mallory::meet(&ada, 7, role, u16::MAX).await;
        assert_eq!(dropper.take().await.len(), 1);
        let held = |state: &MessageState| *state == MessageState::Held;
        ada.node.wait_for_state(message, held, PATIENCE).await.unwrap();
        dropper.link.close().await;
        // A server is to have it alone; who was given copies leaves some for others.
        if role == Role::Client {
            let mut other = Mallory::meet(&ada, 8, Role::Client, u16::MAX).await;
            assert_eq!(other.take().await.len(), 1);
            other.link.close().await;
        }
        let grace = world.start("Grace", 2).await;
        assert_eq!(ada.node.wait_for_fate(message, PATIENCE).await.unwrap(), MessageState::Delivered, "{role:?}");
        grace.stop().await.unwrap();
        ada.node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_proofs_deliver_nothing_free_nothing_and_are_hardly_passed_on() {
    let world = World::new();
    let grace = world.start("Grace", 2).await;
    let (ada, message) = waiting(&world, &grace).await;
    let mut depositor = Mallory::meet(&ada, 8, Role::Client, 0).await;
    assert_eq!(depositor.deposit(&[foreign(1, 0)]).await, [ReceiptStatus::Stored]);
    let mut listener = Mallory::meet(&ada, 9, Role::Client, 0).await;
    let mut forger = Mallory::meet(&ada, 7, Role::Client, u16::MAX).await;
    let own = forger.take().await.remove(0);
    let as_secret = |AckHash(hash): AckHash| ProofSecret(hash);
    let random = (0..1_022_u32).map(|number| {
        let mut secret = [0x5a; 16];
        secret[..4].copy_from_slice(&number.to_be_bytes());
        ProofSecret(secret)
    });
    let forged: Vec<_> = [own.ack_hash, foreign(1, 0).ack_hash].map(as_secret).into_iter().chain(random).collect();
    for secrets in forged.chunks(256) {
        forger.say(&Frame::Proofs(Proofs { first: 0, secrets: secrets.to_vec() }));
    }
    eventually("they are counted", || async {
        let counted = ada.node.counters().await.unwrap().get("proof of nothing here").copied().unwrap_or_default();
        (counted >= 1_024).then_some(())
    })
    .await;
    let told = |frame| if let Frame::Proofs(proofs) = frame { proofs.secrets } else { Vec::new() };
    let told = listener.overhear().await.into_iter().flat_map(told).filter(|secret| forged.contains(secret)).count();
    assert!((1..=256).contains(&told), "{told} were passed on");
    let state = ada.node.message(message).await.unwrap().unwrap().state;
    assert_eq!((state, ada.carried().await), (MessageState::Held, 1));
    // A true one frees it.
    forger.say(&Frame::Proofs(Proofs { first: 2_000, secrets: vec![secret(1, 0)] }));
    eventually("it is freed", || async { (ada.carried().await == 0).then_some(()) }).await;
    let grace = world.start("Grace", 2).await;
    assert_eq!(ada.node.wait_for_fate(message, PATIENCE).await.unwrap(), MessageState::Delivered);
    grace.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_small_envelopes_fills_the_half_for_strangers_and_what_a_friend_hands_over_stays() {
    let world = World::new();
    let ada = Place::start(&world, "Ada", 1, |config| config.custody.envelopes_max = 100).await;
    let (grace, linus) = (world.start("Grace", 2).await, world.start("Linus", 3).await);
    befriend(&grace, &ada.node).await;
    befriend(&grace, &linus).await;
    let away = linus.host_id();
    linus.stop().await.unwrap();
    eventually("he is gone", || async { (!sees(&grace, away).await).then_some(()) }).await;
    let flood = async |numbers: std::ops::Range<u8>| {
        for number in numbers {
            let mut flooder = Mallory::meet(&ada, number, Role::Client, 0).await;
            let small: Vec<_> = (0..20).map(|count| foreign(number, count)).collect();
            let became = flooder.deposit(&small).await;
            assert!(
                became.iter().all(|it| matches!(it, ReceiptStatus::Stored | ReceiptStatus::StorageFull)),
                "{became:?}"
            );
            flooder.link.close().await;
        }
    };
    // What Grace gave her as Linus left counts among the friends', until its proof comes.
    eventually("she carries nothing", || async { (ada.carried().await == 0).then_some(()) }).await;
    flood(10..16).await;
    assert_eq!(ada.carried().await, 50);
    // Grace is a friend: what she hands over has the other half.
    let mut sent = Vec::new();
    for number in 0..30 {
        sent.push(grace.send(away, &format!("number {number}")).await.unwrap());
    }
    grace.send(ada.node.host_id(), "a link").await.unwrap();
    for message in &sent {
        let held = |state: &MessageState| *state == MessageState::Held;
        grace.wait_for_state(*message, held, PATIENCE).await.unwrap();
    }
    assert_eq!(ada.carried().await, 80);
    flood(16..22).await;
    assert_eq!(ada.carried().await, 80);
    let from = grace.host_id();
    grace.stop().await.unwrap();
    let linus = world.start("Linus", 3).await;
    eventually("all come from Ada", || async { (linus.unread(from).await.ok()? == 30).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_decrypted_is_handed_over_once_on_a_link_and_no_longer_than_its_lifetime() {
    let world = World::new();
    let ada = Place::start(&world, "Ada", 1, |_| {}).await;
    let grace = world.start("Grace", 2).await;
    befriend(&grace, &ada.node).await;
    let host = grace.host_id();
    // A request to Grace, with its stamp, that nobody can open; and what nobody wants again and again.
    let hopeless = |count: u8| {
        let mut envelope =
            Envelope { class: Class::Ask, tag: Tag(*host.as_bytes()), lifetime: 20, ..foreign(1, count) };
        let id = envelope.id();
        envelope.stamp = (0..).find(|stamp| stamp_zero_bits(&id, *stamp) >= 8).unwrap();
        envelope
    };
    grace.stop().await.unwrap();
    eventually("she is gone", || async { (!sees(&ada.node, host).await).then_some(()) }).await;
    let mut depositor = Mallory::meet(&ada, 7, Role::Client, 0).await;
    assert_eq!(depositor.deposit(&[hopeless(0), hopeless(1)]).await, [ReceiptStatus::Stored; 2]);
    let over = tokio::time::Instant::now() + Duration::from_secs(21);
    depositor.link.close().await;

    let opened =
        async |grace: &Node| grace.counters().await.unwrap().get("ask does not open").copied().unwrap_or_default();
    // She is linked because she writes; the link stands for as long as she does.
    for _ in 0..2 {
        let grace = world.start("Grace", 2).await;
        let first =
            eventually("it is tried", || async { Some(opened(&grace).await).filter(|count| *count >= 2) }).await;
        for number in 0..8 {
            grace.send(ada.node.host_id(), &format!("number {number}")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        // Both may have dialled: once on each of two links at most.
        let tried = opened(&grace).await;
        assert!(first <= tried && tried <= 4, "{first}, then {tried}");
        grace.stop().await.unwrap();
    }
    tokio::time::sleep_until(over).await;
    let grace = world.start("Grace", 2).await;
    let message = grace.send(ada.node.host_id(), "at last").await.unwrap();
    assert_eq!(grace.wait_for_fate(message, PATIENCE).await.unwrap(), MessageState::Delivered);
    assert_eq!(opened(&grace).await, 0);
    // Whoever pulls it in the meantime and says nothing is given it once a link, however often it wants it.
    let mut depositor = Mallory::meet(&ada, 7, Role::Client, 0).await;
    assert_eq!(depositor.deposit(&[foreign(2, 0)]).await, [ReceiptStatus::Stored]);
    let mut silent = Mallory::meet(&ada, 8, Role::Client, 0).await;
    (0..5).for_each(|_| silent.want(Tag([2; 16])));
    let given = silent.overhear().await.into_iter().filter(|frame| matches!(frame, Frame::Forward(_))).count();
    assert_eq!(given, 1);
}
