use rand_core::SeedableRng;

use super::*;
use crate::config::Config;
use crate::gate::Gate;
use crate::time::Wall;

fn account(seed: u8) -> (Account, Rng) {
    let (mut rng, mut gate) = (Rng::from_seed([seed; 32]), Gate::default());
    (Account::restore(&[], None, &Config::default(), Wall(0), &mut rng, &mut gate).unwrap(), rng)
}

fn ask_to(to: &Account, from: &Account) -> Ask {
    Ask(
        AskKind::Friendship,
        to.identity.host_id(),
        to.identity.key(),
        to.certificate.sealing_number,
        from.certificate.clone(),
        1,
        OlmKey([4; 32]),
        IdentityKey([5; 32]),
        "Ada".into(),
        "Ciao".into(),
        None,
    )
}

fn seal(ask: &Ask, from: &Account, to: &Account, rng: &mut Rng) -> Envelope {
    let (host, key) = (to.identity.host_id(), to.certificate.sealing_key);
    Signed::ask(ask, &from.identity).seal_ask(host, &key, rng).unwrap()
}

#[test]
fn an_ask_opens_for_its_recipient_and_for_nobody_else() {
    let ((ada, mut rng), (grace, _), (linus, _)) = (account(1), account(2), account(3));
    let envelope = seal(&ask_to(&grace, &ada), &ada, &grace, &mut rng);
    assert_eq!(open_ask(&envelope, &grace).unwrap().0.greeting(), "Ciao");
    assert!(open_ask(&envelope, &linus).is_none());
}

#[test]
fn an_ask_sealed_anew_to_a_third_host_is_refused_there() {
    let ((ada, mut rng), (grace, _), (linus, _)) = (account(1), account(2), account(3));
    let signed = Signed::ask(&ask_to(&grace, &ada), &ada.identity);
    let (host, key) = (linus.identity.host_id(), linus.certificate.sealing_key);
    assert!(open_ask(&signed.seal_ask(host, &key, &mut rng).unwrap(), &linus).is_none());
}

#[test]
fn an_ask_with_a_wrong_field_is_refused() {
    type Change = fn(&mut Ask);
    let changes: [Change; 7] = [
        |ask| ask.1 = HostId::BROADCAST,
        |ask| ask.2 = IdentityKey([1; 32]),
        |ask| ask.3 += 1,
        |ask| ask.4.sealing_number += 1,
        |ask| ask.5 = 0,
        |ask| ask.8 = "x".repeat(ALIAS_MAX + 1),
        |ask| ask.9 = "x".repeat(GREETING_MAX + 1),
    ];
    let ((ada, mut rng), (grace, _)) = (account(1), account(2));
    for change in changes {
        let mut ask = ask_to(&grace, &ada);
        change(&mut ask);
        assert!(open_ask(&seal(&ask, &ada, &grace, &mut rng), &grace).is_none());
    }
}

#[test]
fn an_ask_signed_by_somebody_else_is_refused() {
    let ((ada, mut rng), (grace, _), (linus, _)) = (account(1), account(2), account(3));
    let ask = ask_to(&grace, &ada);
    assert!(open_ask(&seal(&ask, &linus, &grace, &mut rng), &grace).is_none());
}

#[test]
fn an_ask_cut_or_changed_anywhere_is_noise() {
    let ((ada, mut rng), (grace, _)) = (account(1), account(2));
    let envelope = seal(&ask_to(&grace, &ada), &ada, &grace, &mut rng);
    for position in (0..envelope.body.len()).step_by(5) {
        let mut cut = envelope.clone();
        cut.body.truncate(position);
        assert!(open_ask(&cut, &grace).is_none());
        let mut changed = envelope.clone();
        changed.body[position] ^= 1;
        assert!(open_ask(&changed, &grace).is_none());
    }
}

#[test]
fn an_answer_opens_only_for_the_ask_it_answers() {
    let ((ada, _), (grace, mut rng), (linus, _)) = (account(1), account(2), account(3));
    let (from, to) = (grace.identity.host_id(), ada.identity.host_id());
    let answer = Answer(grace.certificate.clone(), 1, None);
    let signed = Signed::answer(&answer, &[7; 32], &grace.identity);
    let tag = reply_tag(&[5; 32]);
    let envelope = signed.seal_answer(from, to, &ada.certificate.sealing_key, tag, &mut rng).unwrap();
    assert!(open_answer(&envelope, from, &[7; 32], &ada).is_some());
    assert!(open_answer(&envelope, from, &[8; 32], &ada).is_none());
    assert!(open_answer(&envelope, linus.identity.host_id(), &[7; 32], &ada).is_none());
    let forged = Signed::answer(&Answer(grace.certificate.clone(), 1, None), &[7; 32], &linus.identity);
    let envelope = forged.seal_answer(from, to, &ada.certificate.sealing_key, tag, &mut rng).unwrap();
    assert!(open_answer(&envelope, from, &[7; 32], &ada).is_none());
}
