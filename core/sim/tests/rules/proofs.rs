//! What is said of an envelope that is here, was here, or was proved delivered, and what its sender makes of that.

use permesso_engine::api::Event;
use permesso_engine::frame::{Frame, OfferEntry, Proofs, Receipt, ReceiptStatus};
use permesso_engine::ids::{AckName, EnvelopeName, LinkId, MessageId, ProofSecret};
use permesso_engine::packet::{Counter, Role};
use permesso_engine::rows::{Commit, CommitSeq, StoredState, Table, Write};

use crate::carriers::{MALLORY, foreign, waiting};
use crate::malice::{ADA, GRACE};
use crate::pair::Pair;

/// What a host says of an envelope of strangers that it is offered, and which proofs it shows then.
fn asked(pair: &mut Pair, number: u8) -> (Vec<ReceiptStatus>, Vec<ProofSecret>) {
    let envelope = foreign(number, 0);
    let entry = OfferEntry {
        id: EnvelopeName(envelope.id().as_bytes()[..8].try_into().unwrap()),
        ack: AckName(envelope.ack_hash.as_bytes()[..8].try_into().unwrap()),
        length: 100,
    };
    // Of who was told all proofs nothing else is asked.
    let link = pair.greet_as(ADA, 99, Role::Client, 0);
    let (mut statuses, mut secrets) = (Vec::new(), Vec::new());
    for frame in pair.answers(ADA, link, &Frame::Offer(vec![entry])) {
        match frame {
            Frame::Receipt(receipts) => statuses.extend(receipts.into_iter().map(|receipt| receipt.status)),
            Frame::Proofs(proofs) => {
                assert!(statuses.is_empty(), "proofs go first");
                secrets.extend(proofs.secrets);
            }
            _ => {}
        }
    }
    pair.hang_up(ADA, link);
    (statuses, secrets)
}

/// A host starts from a database in which no proofs were kept yet, or so many that those are gone.
pub fn forget_proofs(pair: &mut Pair, host: usize) {
    pair.switch_off(host);
    let rows: Vec<_> = pair.hosts[host].store.snapshot().records.iter().map(|(key, _)| key).collect();
    let writes: Vec<_> = rows.into_iter().filter(|key| key.table == Table::Proof).map(Write::Delete).collect();
    assert!(!writes.is_empty());
    pair.hosts[host].store.apply(Commit { seq: CommitSeq(0), writes });
    pair.switch_on(host, None);
}

fn restart(pair: &mut Pair, host: usize) {
    pair.switch_off(host);
    pair.switch_on(host, None);
}

#[test]
fn who_offers_what_was_delivered_is_shown_the_proof_after_a_restart_too() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let secret = ProofSecret([1; 16]);
    assert_eq!(asked(&mut pair, 1), (vec![ReceiptStatus::Lacking], vec![]));
    assert_eq!(pair.deposit(ADA, MALLORY, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    assert_eq!(asked(&mut pair, 1), (vec![ReceiptStatus::Stored], vec![]), "it is here");
    assert_eq!(pair.deposit(ADA, 8, &[foreign(1, 0)]), [ReceiptStatus::Stored]);
    pair.prove(ADA, secret);
    for _ in 0..3 {
        assert_eq!(asked(&mut pair, 1), (vec![ReceiptStatus::Duplicate], vec![secret]));
        assert_eq!(pair.carry(ADA, &foreign(1, 0)), [secret], "whoever hands it over all the same");
        restart(&mut pair, ADA);
    }
    forget_proofs(&mut pair, ADA);
    assert_eq!(asked(&mut pair, 1), (vec![ReceiptStatus::Duplicate], vec![]));
    assert_eq!(pair.deposit(ADA, 8, &[foreign(1, 0)]), [ReceiptStatus::Duplicate]);
}

#[test]
fn proofs_of_nothing_that_was_here_are_not_stored() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let stored = pair.rows(ADA, Table::Proof);
    let secrets = (0..200).map(|number| ProofSecret([number; 16])).collect();
    pair.pass_by(ADA, &Frame::Proofs(Proofs { first: 0, secrets }));
    assert_eq!(asked(&mut pair, 1).1, [ProofSecret([1; 16])], "they are told on while it is here");
    assert_eq!(pair.rows(ADA, Table::Proof), stored);
}

/// Mallory meets Ada in its `life`th life, and says this of what it is offered; whether it was offered anything.
fn meets(pair: &mut Pair, life: u32, says: &[ReceiptStatus]) -> bool {
    let before = pair.said[ADA].len();
    let link: LinkId = pair.greet_with(ADA, MALLORY, |hello| {
        hello.counter = Counter { generation: life, n: 1 };
        hello.role = Role::Server;
    });
    let offered = pair.said[ADA][before..].iter().find_map(|(_, frame)| match frame {
        Frame::Offer(entries) => Some(entries[0].id),
        _ => None,
    });
    for status in says.iter().filter(|_| offered.is_some()) {
        let receipts = offered.into_iter().map(|id| Receipt { id, status: *status }).collect();
        pair.say(ADA, link, &Frame::Receipt(receipts));
    }
    pair.hang_up(ADA, link);
    offered.is_some()
}

fn held(pair: &Pair, message: MessageId) -> (StoredState, usize) {
    (pair.fate(ADA, message), pair.hosts[ADA].engine.holders(message).len())
}

#[test]
fn who_has_started_again_is_asked_what_became_of_a_copy_and_holds_only_what_it_says_to_have() {
    use ReceiptStatus::{Duplicate, Lacking, Stored};
    let (mut pair, message) = waiting();
    assert!(meets(&mut pair, 1, &[Lacking, Stored]));
    assert_eq!(held(&pair, message), (StoredState::Held, 1));
    assert!(!meets(&mut pair, 1, &[]), "it is known there");
    pair.take_events(ADA);
    assert!(meets(&mut pair, 2, &[Duplicate]), "it may have lost it");
    assert_eq!(held(&pair, message), (StoredState::Queued, 0));
    let told = pair.take_events(ADA);
    assert!(told.iter().any(|event| matches!(event, Event::MessageChanged { holders, .. } if holders.is_empty())));
    assert!(meets(&mut pair, 3, &[Stored]), "or have it still");
    assert_eq!(held(&pair, message), (StoredState::Held, 1));
    assert!(meets(&mut pair, 4, &[Lacking]));
    assert_eq!(held(&pair, message), (StoredState::Queued, 0), "it was put back to a time before");
    assert!(meets(&mut pair, 5, &[Duplicate]));
    assert_eq!(held(&pair, message), (StoredState::Queued, 0), "who had it once never holds it");
    // Whoever starts again asks as well.
    assert!(meets(&mut pair, 6, &[Stored]));
    restart(&mut pair, ADA);
    assert_eq!(held(&pair, message), (StoredState::Held, 1));
    assert!(meets(&mut pair, 6, &[Duplicate]));
    assert_eq!(held(&pair, message), (StoredState::Queued, 0));
}
