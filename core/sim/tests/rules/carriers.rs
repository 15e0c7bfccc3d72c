//! Carriers, servers and depositors who mean no good: what they can do is cost time, and no message of another.

use permesso_engine::api::{Command, CommandError, Event, FullReason, Left, MessageState, Outcome, Setting};
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::frame::{Frame, OfferEntry, Proofs, Receipt, ReceiptStatus, Want};
use permesso_engine::ids::{AckHash, AckName, EnvelopeName, LinkId, ProofSecret, Tag};
use permesso_engine::packet::Role;
use permesso_engine::rows::{StoredState, Table};
use permesso_sim::pen::{ack_hash, envelope};
use sha2::{Digest, Sha256};

use crate::malice::{ADA, Forger, GRACE, pen};
use crate::pair::{DAY, MINUTE, Pair};
use crate::proofs::forget_proofs;

/// Begins every day like an honest carrier that gets about.
pub(super) const MALLORY: u8 = 7;
const SEVEN_DAYS: u32 = 7 * 24 * 60 * 60;

impl Pair {
    /// What a host says on a link to somebody who says this there.
    pub(super) fn answers(&mut self, host: usize, link: LinkId, frame: &Frame) -> Vec<Frame> {
        let before = self.said[host].len();
        self.say(host, link, frame);
        self.said[host][before..].iter().map(|(_, frame)| frame.clone()).collect()
    }

    /// Somebody takes whatever a host offers, says to have stored it, and goes.
    pub(super) fn take(&mut self, host: usize, number: u8, role: Role, meetings: u16) -> Vec<Envelope> {
        let before = self.said[host].len();
        let link = self.greet_as(host, number, role, meetings);
        let offered: Vec<EnvelopeName> = self.said[host][before..]
            .iter()
            .filter_map(|(_, frame)| if let Frame::Offer(entries) = frame { Some(entries) } else { None })
            .flat_map(|entries| entries.iter().map(|entry| entry.id))
            .collect();
        let say = |status| offered.iter().map(|id| Receipt { id: *id, status }).collect();
        let answers = self.answers(host, link, &Frame::Receipt(say(ReceiptStatus::Lacking)));
        let taken = answers.into_iter().flat_map(envelopes).collect();
        self.say(host, link, &Frame::Receipt(say(ReceiptStatus::Stored)));
        self.hang_up(host, link);
        taken
    }

    /// Somebody refuses whatever a host offers, and goes.
    fn refuse(&mut self, host: usize, number: u8, role: Role, status: ReceiptStatus) {
        let before = self.said[host].len();
        let link = self.greet_as(host, number, role, u16::MAX);
        let offered =
            |(_, frame): &(u64, Frame)| if let Frame::Offer(entries) = frame { entries.clone() } else { Vec::new() };
        let offered: Vec<_> = self.said[host][before..].iter().flat_map(offered).collect();
        assert!(!offered.is_empty(), "nothing is offered");
        let say = offered.into_iter().map(|entry| Receipt { id: entry.id, status }).collect();
        self.say(host, link, &Frame::Receipt(say));
        self.hang_up(host, link);
    }

    /// Somebody hands envelopes to a host; what became of each.
    pub(super) fn deposit(&mut self, host: usize, number: u8, envelopes: &[Envelope]) -> Vec<ReceiptStatus> {
        let link = self.greet_as(host, number, Role::Client, 0);
        let answers = self.answers(host, link, &Frame::Forward(envelopes.to_vec()));
        self.hang_up(host, link);
        statuses(answers)
    }

    fn carried(&self, host: usize) -> u64 {
        self.hosts[host].engine.custody().envelopes
    }
}

pub(super) fn envelopes(frame: Frame) -> Vec<Envelope> {
    if let Frame::Forward(envelopes) = frame { envelopes } else { Vec::new() }
}

fn statuses(frames: Vec<Frame>) -> Vec<ReceiptStatus> {
    let receipts = |frame| if let Frame::Receipt(receipts) = frame { receipts } else { Vec::new() };
    frames.into_iter().flat_map(receipts).map(|receipt| receipt.status).collect()
}

/// An envelope of strangers: small, under a secret that is known here.
pub(super) fn foreign(number: u8, count: u8) -> Envelope {
    let secret = ProofSecret([number ^ count; 16]);
    let mut foreign = envelope(Class::Message, Tag([number; 16]), ack_hash(&secret));
    foreign.body = vec![number, count, 7];
    (foreign.copies, foreign.lifetime, foreign.best) = (8, 3_600, 1);
    foreign
}

/// Ada, who has written to Grace, who is away.
pub(super) fn waiting() -> (Pair, permesso_engine::ids::MessageId) {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let message = pair.write(ADA, "while you were away");
    (pair, message)
}

#[test]
fn a_carrier_that_drops_everything_costs_time_alone() {
    let (mut pair, message) = waiting();
    let dropped = pair.take(ADA, MALLORY, Role::Client, u16::MAX);
    assert_eq!(dropped.iter().map(|envelope| envelope.copies).collect::<Vec<_>>(), [12]);
    assert_eq!(pair.fate(ADA, message), StoredState::Held);
    // Whatever it says to have met, others still get their part, and after an hour there are more.
    let second = pair.take(ADA, 8, Role::Client, 5);
    assert_eq!(second.iter().map(|envelope| envelope.copies).collect::<Vec<_>>(), [6]);
    pair.advance(61 * MINUTE);
    let third = pair.take(ADA, 9, Role::Client, 9);
    assert!(third[0].copies > 6, "{third:?}");
    assert_eq!(pair.take(ADA, MALLORY, Role::Client, u16::MAX), [], "who has had it is given no more");
    pair.switch_on(GRACE, None);
    pair.advance(MINUTE);
    assert_eq!((pair.texts(GRACE).len(), pair.fate(ADA, message)), (1, StoredState::Delivered));
}

#[test]
fn an_envelope_that_a_carrier_replays_is_shown_once_and_replenishes_nobodys_copies() {
    let (mut pair, message) = waiting();
    let taken = pair.take(ADA, MALLORY, Role::Client, u16::MAX);
    pair.switch_off(ADA);
    pair.switch_on(GRACE, None);
    let secrets: Vec<_> = (0..50).flat_map(|_| pair.carry(GRACE, &taken[0])).collect();
    assert_eq!(secrets, [secrets[0]; 50], "each is proved, for its sender may not have heard");
    assert_eq!(pair.texts(GRACE), ["while you were away"]);
    pair.switch_on(ADA, None);
    pair.advance(MINUTE);
    assert_eq!(pair.fate(ADA, message), StoredState::Delivered);
    // A carrier takes it once, with the copies it came with first.
    let foreign = Envelope { copies: 4, ..foreign(1, 0) };
    assert_eq!(pair.deposit(ADA, MALLORY, std::slice::from_ref(&foreign)), [ReceiptStatus::Stored]);
    for number in [MALLORY, 8] {
        let again = vec![Envelope { copies: 32, ..foreign.clone() }; 10];
        assert_eq!(pair.deposit(ADA, number, &again), [ReceiptStatus::Stored; 10]);
    }
    assert_eq!(pair.take(ADA, 9, Role::Client, 100)[0].copies, 2);
    assert_eq!(pair.take(ADA, 10, Role::Client, 100)[0].copies, 1);
    assert_eq!(pair.take(ADA, 11, Role::Client, 100), []);
}

#[test]
fn copies_and_lifetimes_that_a_carrier_raises_are_taken_for_what_is_allowed_at_most() {
    let mut pair = Pair::friends();
    let raised = Envelope { copies: u16::MAX, lifetime: u32::MAX, ..foreign(1, 0) };
    assert_eq!(pair.deposit(ADA, MALLORY, &[raised]), [ReceiptStatus::Stored]);
    let given = pair.take(ADA, 8, Role::Client, 100).remove(0);
    assert!(given.copies <= 16 && given.lifetime <= SEVEN_DAYS, "{given:?}");
    pair.sleep(7 * DAY - 2 * MINUTE);
    assert_eq!(pair.carried(ADA), 1);
    pair.advance(3 * MINUTE);
    assert_eq!(pair.carried(ADA), 0);
}

#[test]
fn forged_proofs_deliver_nothing_free_nothing_and_fill_nobodys_air() {
    let (mut pair, message) = waiting();
    assert_eq!(pair.deposit(ADA, 8, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    let listener = pair.greet_as(ADA, 9, Role::Client, 0);
    let mallory = pair.greet_as(ADA, MALLORY, Role::Client, 0);
    let before = pair.said[ADA].len();
    let mut pen = pen(MALLORY);
    let acks = [pair.sent(ADA, Class::Message).last().map(|(_, own)| own.ack_hash), Some(foreign(1, 0).ack_hash)];
    let as_secrets = acks.into_iter().flatten().map(|AckHash(hash)| ProofSecret(hash));
    let secrets: Vec<_> = as_secrets.chain((0..1_022).map(|_| ProofSecret(pen.random()))).collect();
    for secrets in secrets.chunks(256) {
        pair.say(ADA, mallory, &Frame::Proofs(Proofs { first: 0, secrets: secrets.to_vec() }));
    }
    pair.advance(5_000);
    assert_eq!((pair.fate(ADA, message), pair.carried(ADA)), (StoredState::Queued, 1));
    let told = |(_, frame): &(u64, Frame)| if let Frame::Proofs(proofs) = frame { proofs.secrets.len() } else { 0 };
    assert!(pair.said[ADA][before..].iter().map(told).sum::<usize>() <= 256);
    pair.hang_up(ADA, mallory);
    pair.hang_up(ADA, listener);
    // A true one frees it.
    pair.prove(ADA, ProofSecret([1; 16]));
    assert_eq!(pair.carried(ADA), 0);
}

#[test]
fn a_server_that_keeps_and_never_delivers_delays_and_is_believed_for_the_lifetime_alone() {
    let (mut pair, message) = waiting();
    let kept = pair.take(ADA, MALLORY, Role::Server, 0);
    assert_eq!(kept.iter().map(|envelope| envelope.copies).collect::<Vec<_>>(), [0]);
    let holders = pair.hosts[ADA].engine.holders(message);
    assert_eq!((pair.fate(ADA, message), holders.len(), holders[0].server), (StoredState::Held, 1, true));
    // The copies for others are all still there.
    assert_eq!(pair.take(ADA, 8, Role::Client, 100)[0].copies, 12);
    pair.sleep(3 * DAY);
    assert_eq!(pair.fate(ADA, message), StoredState::Queued, "it is held no more when its time there is over");
    // It is sealed afresh, with all its copies, for whoever comes now: eight after days on the air among few.
    let fresh = pair.take(ADA, 8, Role::Client, 100).remove(0);
    assert_eq!((fresh.copies, fresh.id() == kept[0].id()), (4, false));
    pair.switch_on(GRACE, None);
    pair.advance(MINUTE);
    assert_eq!((pair.texts(GRACE).len(), pair.fate(ADA, message)), (1, StoredState::Delivered));
}

#[test]
fn a_depositor_over_its_quota_is_refused_and_takes_no_room_from_others() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| (config.custody.stranger_envelopes, config.custody.friend_envelopes) = (3, 5));
    pair.advance(MINUTE);
    let of = |number: u8| (0..10).map(|count| foreign(number, count)).collect::<Vec<_>>();
    let stored = |statuses: &[ReceiptStatus]| statuses.iter().filter(|it| **it == ReceiptStatus::Stored).count();
    for number in [MALLORY, 8] {
        let became = pair.deposit(ADA, number, &of(number));
        assert_eq!((became.len(), stored(&became)), (10, 3));
    }
    // Coming again under the same name brings no more, refused ones can be offered again elsewhere.
    assert_eq!(
        (stored(&pair.deposit(ADA, MALLORY, &of(MALLORY))), pair.carried(ADA)),
        (3, 3 + 3),
        "those that are here"
    );
    pair.write(GRACE, "a link");
    let link = *pair.links.last().unwrap();
    assert_eq!(stored(&statuses(pair.answers(ADA, link, &Frame::Forward(of(3))))), 5);
    assert_eq!(pair.carried(ADA), 3 + 3 + 5);
}

#[test]
fn whoever_hands_over_its_own_and_proves_it_has_no_friend_s_envelope_forgotten() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| config.custody.marks_max = 40);
    pair.advance(MINUTE);
    pair.write(GRACE, "a link");
    let link = *pair.links.last().unwrap();
    let friends: Vec<_> = (0..20).map(|count| foreign(3, count)).collect();
    assert_eq!(statuses(pair.answers(ADA, link, &Frame::Forward(friends.clone()))), [ReceiptStatus::Stored; 20]);
    let secrets = |number: u8| (0..20).map(|count| ProofSecret([number ^ count; 16])).collect::<Vec<_>>();
    pair.pass_by(ADA, &Frame::Proofs(Proofs { first: 0, secrets: secrets(3) }));
    let of = |number: u8| (0..20).map(|count| foreign(number, count)).collect::<Vec<_>>();
    for number in (32..=224).step_by(32) {
        assert_eq!(pair.deposit(ADA, number, &of(number)), [ReceiptStatus::Stored; 20]);
        pair.pass_by(ADA, &Frame::Proofs(Proofs { first: 0, secrets: secrets(number) }));
    }
    assert_eq!(pair.carried(ADA), 0);
    // Of a proof that is no longer kept the mark is left.
    forget_proofs(&mut pair, ADA);
    assert_eq!(pair.deposit(ADA, MALLORY, &friends), [ReceiptStatus::Duplicate; 20]);
    assert_eq!(pair.deposit(ADA, 8, &of(32)), [ReceiptStatus::Stored; 20], "strangers' own are forgotten");
}

/// What an OFFER of envelopes of strangers says, each of so many bytes.
fn offer(counts: std::ops::Range<u8>, length: u16) -> Frame {
    let name = |count| foreign(1, count).id().as_bytes()[..8].try_into().unwrap();
    let entry = |count: u8| OfferEntry { id: EnvelopeName(name(count)), ack: AckName([count; 8]), length };
    Frame::Offer(counts.map(entry).collect())
}

#[test]
fn of_all_offers_on_a_link_no_more_is_lacking_than_there_is_room_for() {
    use ReceiptStatus::{Lacking, QuotaFull, Stored};
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| (config.custody.stranger_envelopes, config.custody.stranger_bytes) = (5, 1_000));
    pair.advance(MINUTE);
    let link = pair.greet_as(ADA, MALLORY, Role::Client, 0);
    let asked = |pair: &mut Pair, counts, length| statuses(pair.answers(ADA, link, &offer(counts, length)));
    // By bytes, and by envelopes, in one OFFER as in several.
    assert_eq!(asked(&mut pair, 0..3, 400), [Lacking, Lacking, QuotaFull]);
    assert_eq!(asked(&mut pair, 0..2, 400), [Lacking, Lacking], "asked again, it is still lacking");
    assert_eq!(asked(&mut pair, 3..8, 60), [Lacking, Lacking, Lacking, QuotaFull, QuotaFull]);
    // What comes takes the place that was kept for it, and no other.
    let small: Vec<_> = [0, 1, 3, 4, 5].map(|count| foreign(1, count)).into();
    assert_eq!(statuses(pair.answers(ADA, link, &Frame::Forward(small))), [Stored; 5]);
    assert_eq!(asked(&mut pair, 8..9, 60), [QuotaFull]);
    // What is never sent gives its place up, with the link or after a while.
    let other = pair.greet_as(ADA, 8, Role::Client, 0);
    let asked = |pair: &mut Pair, link| statuses(pair.answers(ADA, link, &offer(20..30, 60)));
    assert_eq!(asked(&mut pair, other)[4..6], [Lacking, QuotaFull]);
    // (A link with a stranger on which nothing passes ends after ten seconds.)
    pair.advance(6_000);
    assert_eq!(statuses(pair.answers(ADA, other, &offer(30..31, 60))), [QuotaFull]);
    pair.advance(6_000);
    assert_eq!(statuses(pair.answers(ADA, other, &offer(30..31, 60))), [Lacking]);
    pair.hang_up(ADA, other);
    let other = pair.greet_as(ADA, 8, Role::Client, 0);
    assert_eq!(asked(&mut pair, other)[4..6], [Lacking, QuotaFull]);
}

#[test]
fn a_server_without_room_says_so_and_what_it_lacks() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| {
        (config.custody.is_server, config.custody.envelopes_max, config.custody.stranger_envelopes) = (true, 5, 3);
    });
    pair.advance(MINUTE);
    let of = |number: u8| (0..4).map(|count| foreign(number, count)).collect::<Vec<_>>();
    let stored = ReceiptStatus::Stored;
    assert_eq!(pair.deposit(ADA, MALLORY, &of(MALLORY)), [stored, stored, stored, ReceiptStatus::QuotaFull]);
    let full = ReceiptStatus::StorageFull;
    assert_eq!(pair.deposit(ADA, 8, &of(8)), [stored, stored, full, full]);
    // What is offered is judged in the same way.
    for (number, expected) in [(MALLORY, ReceiptStatus::QuotaFull), (9, full)] {
        let link = pair.greet_as(ADA, number, Role::Client, 0);
        let entry = OfferEntry { id: EnvelopeName([number; 8]), ack: AckName([number; 8]), length: 100 };
        assert_eq!(statuses(pair.answers(ADA, link, &Frame::Offer(vec![entry]))), [expected]);
        pair.hang_up(ADA, link);
    }
}

#[test]
fn what_a_full_server_refuses_waits_with_its_sender_who_is_told_until_it_is_taken() {
    let (mut pair, message) = waiting();
    pair.take_events(ADA);
    let host = pair.greet_as(ADA, MALLORY, Role::Server, 0);
    pair.hang_up(ADA, host);
    let reasons = [
        (ReceiptStatus::StorageFull, Some(FullReason::Storage)),
        (ReceiptStatus::QuotaFull, Some(FullReason::Quota)),
        (ReceiptStatus::QuotaFull, None),
    ];
    for (status, told) in reasons {
        pair.refuse(ADA, MALLORY, Role::Server, status);
        let full = |event| match event {
            Event::MessageChanged { state, holders, full, .. } => Some((state, holders.len(), full[0].reason)),
            _ => None,
        };
        let events: Vec<_> = pair.take_events(ADA).into_iter().filter_map(full).collect();
        assert_eq!(events, Vec::from_iter(told.map(|reason| (MessageState::Queued, 0, reason))), "{status:?}");
        assert_eq!(pair.fate(ADA, message), StoredState::Queued);
    }
    // It outlives a restart, and a carrier without room is nothing to tell.
    pair.switch_off(ADA);
    pair.switch_on(ADA, None);
    pair.advance(MINUTE);
    pair.refuse(ADA, 8, Role::Client, ReceiptStatus::StorageFull);
    let full = pair.hosts[ADA].engine.full_servers(message);
    assert_eq!(full.iter().map(|full| full.reason).collect::<Vec<_>>(), [FullReason::Quota]);
    assert_eq!(pair.take(ADA, MALLORY, Role::Server, 0).len(), 1, "it is offered again");
    assert_eq!(
        (pair.fate(ADA, message), pair.hosts[ADA].engine.full_servers(message)),
        (StoredState::Held, Vec::new())
    );
}

/// What a host that leaves offers, and what becomes of it.
fn leave(pair: &mut Pair, liar: LinkId, says: ReceiptStatus) -> (usize, Left) {
    let before = pair.said[ADA].len();
    pair.command(ADA, Command::Leave);
    let (mut heard, mut offered) = (before, 0);
    for _ in 0..60 {
        pair.advance(50);
        let said: Vec<Frame> = pair.said[ADA][heard..].iter().map(|(_, frame)| frame.clone()).collect();
        heard += said.len();
        for frame in said {
            let ids: Vec<_> = match frame {
                Frame::Offer(entries) => entries.iter().map(|entry| entry.id).collect(),
                _ => continue,
            };
            offered += ids.len();
            let receipts = |status| Frame::Receipt(ids.iter().map(|id| Receipt { id: *id, status }).collect());
            pair.say(ADA, liar, &receipts(says));
            if says == ReceiptStatus::Lacking {
                pair.say(ADA, liar, &receipts(ReceiptStatus::Stored));
            }
        }
    }
    let left = pair.take_events(ADA).into_iter().find_map(|event| match event {
        Event::Done { outcome: Outcome::Left(left), .. } => Some(left),
        _ => None,
    });
    (offered, left.unwrap())
}

#[test]
fn a_carrier_that_lies_about_free_memory_is_believed_for_what_strangers_take_and_keeps_nobody_from_leaving() {
    for (says, taken) in [(ReceiptStatus::Lacking, 20), (ReceiptStatus::StorageFull, 0)] {
        let (mut pair, _) = waiting();
        let texts: Vec<String> = (0..30).map(|number| format!("number {number}")).collect();
        for text in &texts {
            pair.write(ADA, text);
        }
        // It says to have room for all there is, and has met nobody.
        let liar = pair.greet_as(ADA, MALLORY, Role::Client, 0);
        let (offered, left) = leave(&mut pair, liar, says);
        assert_eq!((offered, left.handed_on), (20, taken), "{says:?}: {left:?}");
        // It drops what it took: that costs time until the sender is back.
        pair.hang_up(ADA, liar);
        pair.switch_off(ADA);
        pair.switch_on(ADA, None);
        pair.switch_on(GRACE, None);
        pair.advance(2 * MINUTE);
        assert_eq!(pair.texts(GRACE).len(), 31, "{says:?}");
    }
}

#[test]
fn a_flood_of_small_envelopes_leaves_the_half_that_is_kept_for_friends() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| config.custody.envelopes_max = 40);
    pair.advance(MINUTE);
    let flood = |pair: &mut Pair, numbers: std::ops::Range<u8>| {
        for number in numbers {
            let small: Vec<_> = (0..5).map(|count| foreign(number, count)).collect();
            pair.deposit(ADA, number, &small);
        }
    };
    flood(&mut pair, 20..60);
    assert_eq!(pair.carried(ADA), 20);
    pair.write(GRACE, "a link");
    let friends: Vec<_> = (0..20).map(|count| foreign(3, count)).collect();
    let link = *pair.links.last().unwrap();
    assert_eq!(statuses(pair.answers(ADA, link, &Frame::Forward(friends.clone()))), [ReceiptStatus::Stored; 20]);
    flood(&mut pair, 60..100);
    assert_eq!(pair.carried(ADA), 40);
    assert_eq!(pair.deposit(ADA, 8, &friends), [ReceiptStatus::Stored; 20], "all of the friend's are still here");
}

#[test]
fn what_was_dropped_to_make_room_is_not_taken_once_more_after_a_restart_under_lower_limits_too() {
    let mut pair = Pair::friends();
    pair.configure(ADA, |config| config.custody.envelopes_max = 40);
    pair.advance(MINUTE);
    for number in [20, 21] {
        let of: Vec<_> = (0..20).map(|count| foreign(number, count)).collect();
        pair.deposit(ADA, number, &of);
    }
    assert_eq!(pair.carried(ADA), 20);
    pair.write(GRACE, "a link");
    let link = *pair.links.last().unwrap();
    let friends: Vec<_> = (0..25).map(|count| foreign(3, count)).collect();
    assert_eq!(statuses(pair.answers(ADA, link, &Frame::Forward(friends.clone()))), [ReceiptStatus::Stored; 25]);
    assert_eq!(pair.carried(ADA), 40);
    let first: Vec<_> = (0..20).map(|count| foreign(20, count)).collect();
    let gone = |became: Vec<ReceiptStatus>| {
        assert!(became.iter().all(|it| [ReceiptStatus::Stored, ReceiptStatus::Duplicate].contains(it)), "{became:?}");
        became.iter().filter(|it| **it == ReceiptStatus::Duplicate).count()
    };
    assert_eq!(gone(pair.deposit(ADA, 8, &first)), 5, "they made room");
    assert_eq!(pair.count(ADA, "envelope dropped to make room"), 5);
    pair.configure(ADA, |config| config.custody.envelopes_max = 10);
    pair.advance(MINUTE);
    assert_eq!(pair.carried(ADA), 10);
    let all = [first, friends].concat();
    assert_eq!(gone(pair.deposit(ADA, 9, &all)), 35);
    assert_eq!(pair.carried(ADA), 10);
}

#[test]
fn who_gives_less_storage_drops_at_once_what_is_over_it_and_keeps_to_it_after_a_restart() {
    const LEAST: u64 = 1 << 20;
    let mut pair = Pair::friends();
    pair.write(GRACE, "a link");
    let link = *pair.links.last().unwrap();
    let long = |count| Envelope { body: vec![count; 6_000], ..foreign(3, count) };
    for counts in (0..200).collect::<Vec<_>>().chunks(4) {
        let envelopes = counts.iter().map(|count| long(*count)).collect();
        assert_eq!(statuses(pair.answers(ADA, link, &Frame::Forward(envelopes))), [ReceiptStatus::Stored; 4]);
    }
    assert!(pair.hosts[ADA].engine.custody().bytes > LEAST);
    pair.command(ADA, Command::Set(Setting::CarryBytes(LEAST)));
    let kept = pair.hosts[ADA].engine.custody();
    assert_eq!(kept.bytes_max, LEAST);
    assert!((LEAST - 20_000..=LEAST).contains(&kept.bytes), "{}", kept.bytes);
    assert_eq!(pair.count(ADA, "envelope dropped to make room"), 200 - kept.envelopes);
    pair.switch_off(ADA);
    pair.switch_on(ADA, None);
    assert_eq!(pair.hosts[ADA].engine.custody().bytes_max, LEAST);
    assert_eq!(pair.carried(ADA), kept.envelopes);
}

#[test]
fn who_carries_for_nobody_does_as_a_server_and_a_server_cannot_be_told_not_to() {
    let mut pair = Pair::friends();
    pair.command(ADA, Command::Set(Setting::Carry(false)));
    assert_eq!(pair.deposit(ADA, MALLORY, &[foreign(1, 0)]), [ReceiptStatus::Refused]);
    pair.configure(ADA, |config| config.custody.is_server = true);
    let refused = pair.try_command(ADA, Command::Set(Setting::Carry(false)));
    assert_eq!(refused, Err(CommandError::ServerCarries));
    pair.advance(MINUTE);
    assert_eq!(pair.deposit(ADA, MALLORY, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    pair.configure(ADA, |config| config.custody.is_server = false);
    assert!(!pair.hosts[ADA].engine.settings().carry);
}

#[test]
fn a_body_that_is_read_late_from_a_place_that_is_another_s_by_then_costs_that_other_nothing() {
    let mut pair = Pair::friends();
    assert_eq!(pair.deposit(ADA, MALLORY, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    // After a restart bodies are in the store alone, if nobody has been given them since.
    pair.switch_off(GRACE);
    pair.switch_off(ADA);
    pair.switch_on(ADA, None);
    pair.slow_reads = Some(Vec::new());
    let link = pair.greet_as(ADA, 9, Role::Client, 0);
    let wants = |number: u8| {
        let digest = Sha256::digest([[number; 16].as_slice(), pair.id(ADA).as_bytes()].concat());
        digest[..8].try_into().unwrap()
    };
    let entries = [1, 2, 4].map(wants).to_vec();
    pair.say(ADA, link, &Frame::Want(Want { replace: true, entries }));
    let reads = |pair: &Pair| pair.slow_reads.as_ref().map_or(0, Vec::len);
    assert_eq!(reads(&pair), 1);
    // Twice another takes the place of what was being read.
    for (number, next) in [(1, 2), (2, 4)] {
        pair.prove(ADA, ProofSecret([number; 16]));
        assert_eq!(pair.deposit(ADA, next + 10, &[foreign(next, 0)]), [ReceiptStatus::Stored]);
        pair.answer_reads();
        assert_eq!((pair.carried(ADA), pair.count(ADA, "envelope in custody unreadable")), (1, 0), "{next}");
        assert_eq!(reads(&pair), 1, "it is read once more");
    }
    pair.answer_reads();
    let given = pair.said[ADA].iter().flat_map(|(_, frame)| envelopes(frame.clone()));
    assert_eq!(given.filter(|given| given.id() == foreign(4, 0).id()).count(), 1);
}

#[test]
fn what_its_recipient_cannot_open_is_handed_over_once_a_meeting_and_no_longer_than_its_lifetime() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let hopeless = foreign(1, 0);
    assert_eq!(pair.deposit(ADA, MALLORY, std::slice::from_ref(&hopeless)), [ReceiptStatus::Stored]);
    let digest = Sha256::digest([hopeless.tag.as_bytes().as_slice(), pair.id(ADA).as_bytes()].concat());
    let entries = vec![digest[..8].try_into().unwrap()];
    let mut handed = Vec::new();
    for _ in 0..8 {
        let link = pair.greet_as(ADA, 8, Role::Client, 0);
        let before = pair.said[ADA].len();
        // It never says a word about what it is given, and wants it again and again.
        for _ in 0..2 {
            pair.say(ADA, link, &Frame::Want(Want { replace: true, entries: entries.clone() }));
            pair.advance(60_000);
        }
        pair.advance(8 * MINUTE);
        let given = pair.said[ADA][before..].iter().flat_map(|(_, frame)| envelopes(frame.clone()));
        handed.push(given.filter(|given| given.id() == hopeless.id()).count());
        pair.hang_up(ADA, link);
    }
    assert_eq!((handed, pair.carried(ADA)), (vec![1, 1, 1, 1, 1, 1, 0, 0], 0));
}

#[test]
fn what_no_ratchet_opens_leaves_nothing_behind_however_often_it_comes() {
    let mut pair = Pair::friends();
    let poison = Forger::of(&pair, GRACE).undecryptable();
    let rows =
        |pair: &Pair| [Table::Held, Table::Custody, Table::Friend, Table::Pairing].map(|table| pair.rows(ADA, table));
    let before = rows(&pair);
    for _ in 0..300 {
        assert_eq!(pair.carry(ADA, &poison), []);
    }
    pair.switch_off(ADA);
    pair.switch_on(ADA, None);
    assert_eq!(rows(&pair), before);
    assert_eq!(pair.texts(ADA), Vec::<String>::new());
}

#[test]
fn what_an_end_gives_up_while_it_is_read_to_be_sealed_anew_stays_given_up() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let message = pair.write(ADA, "too late");
    pair.take(ADA, MALLORY, Role::Client, u16::MAX);
    assert_eq!(pair.fate(ADA, message), StoredState::Held);
    pair.switch_off(ADA);
    pair.advance(4 * DAY);
    pair.switch_on(GRACE, None);
    let ada = pair.id(ADA);
    pair.command(GRACE, Command::EndFriendship { host: ada });
    pair.slow_reads = Some(Vec::new());
    pair.switch_on(ADA, None);
    assert_eq!(pair.fate(ADA, message), StoredState::FailedEnded);
    let reads = pair.slow_reads.as_ref().unwrap();
    assert!(reads.iter().any(|(host, _, body)| *host == ADA && body.is_some()), "nothing was being read");
    pair.answer_reads();
    assert_eq!(pair.fate(ADA, message), StoredState::FailedEnded);
}
