//! Requests and their answers.

use permesso_engine::api::PacketService::{FriendshipNo, FriendshipYes};
use permesso_engine::api::{Command, CommandError, FriendState, Match, Notice};
use permesso_engine::certificate::Certificate;
use permesso_engine::envelope::{Class, Envelope};
use permesso_engine::ids::{AckHash, HostId, IdentityKey, OlmKey, ProofSecret, SealingKey};
use permesso_engine::uri::PermessoUri;
use permesso_sim::pen::{Asked, Says};
use permesso_sim::records;

use crate::malice::{ADA, GRACE, pen, stranger};
use crate::pair::{DAY, MINUTE, Pair};

fn search(pair: &mut Pair, from: usize) {
    pair.command(from, Command::Search { alias: "a".into(), matching: Match::Partial });
    pair.advance(5_000);
}

fn ask(pair: &mut Pair, from: usize) {
    let host = pair.id(1 - from);
    pair.command(from, Command::AskFriendship { host, greeting: "Ciao".into() });
}

/// A stranger's request to Ada, whom it has met.
fn strangers_ask(pair: &Pair, number: u8, id: u64) -> Envelope {
    let (identity, own) = stranger(number);
    pen(number).ask(&identity, &own, &pair.certificate(ADA), 0, id).unwrap()
}

/// Whose requests Ada is shown, with their greetings.
fn shown(pair: &Pair) -> Vec<(HostId, String)> {
    let friends = pair.hosts[ADA].engine.friends().into_iter();
    friends.filter_map(|friend| Some((friend.host, friend.greeting?))).collect()
}

#[test]
fn a_request_with_a_lower_id_than_one_before_is_a_replay_and_dropped_after_a_restart_too() {
    let mut pair = Pair::new();
    pair.meet(ADA, 7);
    let [newer, older] = [10, 9].map(|id| strangers_ask(&pair, 7, id));
    assert_eq!(pair.carry(ADA, &newer).len(), 1);
    let host = stranger(7).0.host_id();
    for _ in 0..2 {
        assert_eq!(shown(&pair), [(host, "once more 10".into())]);
        assert_eq!(pair.carry(ADA, &older), []);
        assert_eq!(pair.count(ADA, "ask replayed"), 1);
        pair.switch_off(ADA);
        pair.switch_on(ADA, None);
    }
    // The same one again is none: its asker has not heard that it arrived.
    assert_eq!(pair.carry(ADA, &newer).len(), 1);
    assert_eq!(shown(&pair), [(host, "once more 10".into())]);
}

#[test]
fn a_request_that_comes_again_after_a_no_is_answered_by_a_no_once_more() {
    let mut pair = Pair::new();
    search(&mut pair, ADA);
    ask(&mut pair, ADA);
    pair.advance(10_000);
    let host = pair.id(ADA);
    pair.command(GRACE, Command::AnswerFriendship { host, accept: false, tell: true });
    pair.advance(10_000);
    let request = pair.sent(ADA, Class::Ask).pop().unwrap().1;
    assert_eq!([pair.made(GRACE, FriendshipNo), pair.made(GRACE, FriendshipYes)], [1, 0]);
    assert_eq!(pair.carry(GRACE, &request).len(), 1);
    assert_eq!([pair.made(GRACE, FriendshipNo), pair.made(GRACE, FriendshipYes)], [2, 0]);
}

/// The token in the code that a host shows now.
fn shown_token(pair: &Pair, host: usize) -> Vec<u8> {
    pair.hosts[host].engine.uri(&[]).parse::<PermessoUri>().unwrap().token.unwrap()
}

#[test]
fn a_code_with_which_two_hosts_ask_verifies_neither_and_the_user_is_told_of_both() {
    for accepted in [false, true] {
        let mut pair = Pair::new();
        let token = shown_token(&pair, ADA);
        let seen = |pair: &Pair, number: u8| {
            let (host, friends) = (stranger(number).0.host_id(), pair.hosts[ADA].engine.friends());
            friends.into_iter().find(|friend| friend.host == host).map(|friend| (friend.has_code, friend.verified))
        };
        let ask = |pair: &mut Pair, number: u8, id: u64| {
            pair.meet(ADA, number);
            let (identity, own) = stranger(number);
            let request = pen(number).ask_with(&identity, &own, &pair.certificate(ADA), id, &token).unwrap();
            assert_eq!(pair.carry(ADA, &request).len(), 1);
        };
        ask(&mut pair, 7, 1);
        assert_eq!(seen(&pair, 7), Some((true, false)));
        // Asking again with it, as after a refusal, takes nothing away.
        ask(&mut pair, 7, 2);
        let [first, other] = [7, 8].map(|number| stranger(number).0.host_id());
        if accepted {
            pair.command(ADA, Command::AnswerFriendship { host: first, accept: true, tell: false });
        }
        assert_eq!(seen(&pair, 7), Some((true, accepted)));
        assert!(!pair.notices(ADA).iter().any(|notice| matches!(notice, Notice::CodeShared { .. })));
        ask(&mut pair, 8, 1);
        assert_eq!([7, 8].map(|number| seen(&pair, number)), [Some((false, false)); 2]);
        assert!(pair.notices(ADA).contains(&Notice::CodeShared { host: first, other }));
        // Nor does it verify anybody later, and what the user has compared stays.
        pair.command(ADA, Command::SetVerified { host: first, verified: true });
        ask(&mut pair, 9, 1);
        assert_eq!([7, 9].map(|number| seen(&pair, number)), [Some((false, true)), Some((false, false))]);
    }
}

#[test]
fn an_older_copy_of_a_database_does_not_believe_the_codes_that_were_used_since() {
    let mut pair = Pair::new();
    let (copy, token) = (pair.hosts[ADA].store.clone(), shown_token(&pair, ADA));
    let ask = |pair: &mut Pair, number: u8| {
        pair.meet(ADA, number);
        let (identity, own) = stranger(number);
        let request = pen(number).ask_with(&identity, &own, &pair.certificate(ADA), 1, &token).unwrap();
        pair.carry(ADA, &request);
        pair.hosts[ADA].engine.friends().remove(0).has_code
    };
    assert!(ask(&mut pair, 7));
    pair.switch_off(ADA);
    pair.sleep(2 * 60 * MINUTE);
    pair.switch_on(ADA, None);
    pair.switch_off(ADA);
    pair.switch_on(ADA, Some(copy));
    assert!(pair.hosts[ADA].engine.is_restored_copy());
    assert!(!ask(&mut pair, 8));
}

#[test]
fn a_request_whose_secret_does_not_fit_the_ack_hash_is_refused() {
    let mut pair = Pair::new();
    pair.meet(ADA, 7);
    let (identity, own) = stranger(7);
    let envelope = pen(7).ask_under_another_hash(&identity, &own, &pair.certificate(ADA), 1).unwrap();
    assert_eq!(pair.carry(ADA, &envelope), []);
    assert_eq!(shown(&pair), []);
    let envelope = strangers_ask(&pair, 7, 1);
    assert_eq!(pair.carry(ADA, &envelope).len(), 1);
}

/// What comes of a YES of Grace's, made with her own keys, to Ada's request.
fn answered(change: impl Fn(&mut Says)) -> (Vec<ProofSecret>, FriendState) {
    let mut pair = Pair::new();
    search(&mut pair, ADA);
    ask(&mut pair, ADA);
    pair.advance(10_000);
    let (_, request) = pair.sent(ADA, Class::Ask).remove(0);
    let asked = Asked::open(&request, pair.id(GRACE), &records::sealing(&pair.hosts[GRACE].store)).unwrap();
    let mut says = asked.honestly(pair.id(GRACE));
    change(&mut says);
    let yes = pen(9).yes(&pair.identity(GRACE), &asked, &says).unwrap();
    let secrets = pair.carry(ADA, &yes);
    assert_eq!(pair.pairings(ADA).len(), secrets.len());
    (secrets, pair.state(ADA))
}

#[test]
fn a_yes_whose_encrypted_part_names_another_request_or_other_hosts_makes_no_friend() {
    let (secrets, state) = answered(|_| {});
    assert_eq!((secrets.len(), state), (1, FriendState::Friend));
    let changes: [fn(&mut Says); 3] = [
        |says| says.hash = IdentityKey([7; 32]),
        |says| says.asker = HostId::BROADCAST,
        |says| says.answerer = HostId::BROADCAST,
    ];
    for change in changes {
        assert_eq!(answered(change), (Vec::new(), FriendState::RequestSent));
    }
}

#[test]
fn an_answer_that_names_another_request_than_the_open_one_is_refused() {
    assert_eq!(answered(|says| says.ask += 1), (Vec::new(), FriendState::RequestSent));
    assert_eq!(answered(|says| says.ask -= 1), (Vec::new(), FriendState::RequestSent));
}

#[test]
fn an_answer_whose_secret_does_not_fit_the_ack_hash_is_refused() {
    assert_eq!(answered(|says| says.ack_hash = Some(AckHash([7; 16]))), (Vec::new(), FriendState::RequestSent));
}

#[test]
fn requests_are_open_up_to_a_limit_each_way_and_one_that_was_refused_makes_room() {
    let mut pair = Pair::new();
    pair.configure(ADA, |config| config.friendship.asks_max = 3);
    for number in 1..=5 {
        pair.meet(ADA, number);
        let envelope = strangers_ask(&pair, number, 1);
        assert_eq!(pair.carry(ADA, &envelope).len(), usize::from(number <= 3));
    }
    assert_eq!(shown(&pair).len(), 3);
    pair.command(ADA, Command::AnswerFriendship { host: shown(&pair)[0].0, accept: false, tell: false });
    let envelope = strangers_ask(&pair, 5, 1);
    assert_eq!(pair.carry(ADA, &envelope).len(), 1);
    let to = |number| Command::AskFriendship { host: stranger(number).0.host_id(), greeting: String::new() };
    for number in 11..=14 {
        pair.meet(ADA, number);
        let refusal = (number == 14).then_some(CommandError::TooManyAsks { limit: 3 });
        assert_eq!(pair.try_command(ADA, to(number)).err(), refusal);
    }
    pair.command(ADA, Command::CancelAsk { host: stranger(11).0.host_id() });
    pair.command(ADA, to(14));
}

#[test]
fn neither_a_request_nor_a_reset_of_a_blocked_host_is_taken_whoever_carries_it() {
    let mut pair = Pair::friends();
    let (ada, grace) = (pair.certificate(ADA), pair.identity(GRACE));
    let own = Certificate::issue(&grace, SealingKey([1; 32]), 1, OlmKey([2; 32]), 0);
    pair.command(ADA, Command::Block { host: grace.host_id() });
    let heard = pair.record(ADA).unwrap().heard_ask;
    let [request, reset] = [0, 1].map(|kind| pen(9).ask(&grace, &own, &ada, kind, u64::MAX >> 1).unwrap());
    for envelope in [&request, &reset] {
        assert_eq!(pair.carry(ADA, envelope), []);
        let record = pair.record(ADA).unwrap();
        assert_eq!((record.heard_ask, record.received.is_some(), record.state), (heard, false, FriendState::Ended));
    }
    pair.command(ADA, Command::Unblock { host: grace.host_id() });
    assert_eq!(pair.carry(ADA, &request).len(), 1);
    assert_eq!(shown(&pair).len(), 1);
}

#[test]
fn of_two_requests_that_cross_that_of_the_smaller_id_stands_and_both_end_with_the_key_of_its_answer() {
    let mut pair = Pair::new();
    let small = usize::from(pair.id(GRACE) < pair.id(ADA));
    search(&mut pair, ADA);
    search(&mut pair, GRACE);
    pair.air = Box::new(|_, _| None);
    ask(&mut pair, ADA);
    ask(&mut pair, GRACE);
    pair.advance(10_000);
    assert_eq!([ADA, GRACE].map(|host| pair.state(host)), [FriendState::RequestSent; 2]);
    pair.air = Box::new(|_, envelope| Some(envelope));
    pair.advance(2 * MINUTE);
    assert_eq!([ADA, GRACE].map(|host| pair.state(host)), [FriendState::Friend; 2]);
    assert_eq!((pair.made(small, FriendshipYes), pair.made(1 - small, FriendshipYes)), (0, 1));
    assert_eq!([ADA, GRACE].map(|host| pair.pairings(host).len()), [1, 1]);
    pair.share_one_key();
}

#[test]
fn a_repeated_request_is_answered_with_the_stored_yes_sealed_afresh_until_a_body_confirms_it() {
    let mut pair = Pair::friends();
    let (_, request) = pair.sent(ADA, Class::Ask).remove(0);
    let answers = |pair: &Pair| pair.sent(GRACE, Class::Message);
    let first = answers(&pair).pop().unwrap().1;
    pair.advance(5 * MINUTE);
    assert_eq!(pair.carry(GRACE, &request).len(), 1);
    pair.advance(MINUTE);
    let again = answers(&pair).pop().unwrap().1;
    assert_eq!(again.tag, first.tag);
    assert_ne!((again.id(), again.ack_hash), (first.id(), first.ack_hash));
    assert_eq!(pair.pairings(ADA).len(), 1);
    pair.write(ADA, "I have it");
    pair.advance(MINUTE);
    assert!(pair.record(GRACE).unwrap().yes.is_none());
    let count = answers(&pair).len();
    assert_eq!(pair.carry(GRACE, &request).len(), 1);
    pair.advance(MINUTE);
    assert_eq!(answers(&pair).len(), count);
}

#[test]
fn a_request_that_was_on_its_way_for_days_is_sealed_afresh_and_stays_the_same_request() {
    let mut pair = Pair::new();
    search(&mut pair, ADA);
    pair.filter(ADA, |_| false);
    ask(&mut pair, ADA);
    pair.advance(10_000);
    pair.sleep(4 * DAY);
    let sent = pair.sent(ADA, Class::Ask);
    let ends = [&sent.first().unwrap().1, &sent.last().unwrap().1];
    assert_ne!(ends[0].ack_hash, ends[1].ack_hash);
    let keys = records::sealing(&pair.hosts[GRACE].store);
    let [first, last] = ends.map(|envelope| Asked::open(envelope, pair.id(GRACE), &keys).unwrap());
    assert_eq!(first.id, last.id);
    assert_eq!(first.honestly(pair.id(GRACE)).hash, last.honestly(pair.id(GRACE)).hash);
    pair.filter(ADA, |_| true);
    pair.advance(5 * MINUTE);
    assert_eq!(pair.state(GRACE), FriendState::RequestReceived);
}
