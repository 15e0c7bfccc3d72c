//! Friend requests that are late, lost, refused, taken back, or made by a scanned code.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod pair;

use pair::{DAY, MINUTE, Pair};
use permesso_engine::api::{
    Command, CommandError, Event, FriendState, FriendView, HostView, Match, NameFlag, Notice, PacketService,
    PacketState, Setting, Visibility,
};
use permesso_engine::rows::StoredState;
use permesso_sim::{Faults, World, WorldConfig};

fn ask(pair: &mut Pair, from: usize) {
    let host = pair.id(1 - from);
    pair.command(from, Command::Search { alias: "a".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(from, Command::AskFriendship { host, greeting: "Ciao".into() });
    pair.advance(10_000);
}

fn answer(pair: &mut Pair, from: usize, accept: bool, tell: bool) {
    let host = pair.id(1 - from);
    pair.command(from, Command::AnswerFriendship { host, accept, tell });
    pair.advance(10_000);
}

#[test]
fn a_request_shows_its_greeting_and_alias_and_is_remembered_over_a_restart() {
    let mut pair = Pair::new();
    ask(&mut pair, 0);
    pair.switch_off(1);
    pair.switch_on(1, None);
    let asker = pair.hosts[1].engine.friends().remove(0);
    assert_eq!(asker.state, FriendState::RequestReceived);
    assert_eq!(asker.greeting.as_deref(), Some("Ciao"));
    assert_eq!(asker.alias, "Ada");
    assert_eq!(pair.state(0), FriendState::RequestSent);
    answer(&mut pair, 1, true, false);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
}

#[test]
fn what_becomes_known_of_one_who_is_here_is_told_at_once() {
    let mut pair = Pair::new();
    pair.advance(MINUTE);
    let host = pair.id(1);
    let told = |pair: &mut Pair, is_so: fn(&HostView) -> bool| {
        let events = pair.take_events(0);
        events.iter().any(|event| matches!(event, Event::HostChanged(view) if view.host == host && is_so(view)))
    };
    assert!(told(&mut pair, |view| view.online && view.alias.is_none()), "it is here");
    pair.command(0, Command::Search { alias: "a".into(), matching: Match::Partial });
    pair.advance(5_000);
    assert!(told(&mut pair, |view| view.alias.is_some()), "what it is called");
    pair.command(0, Command::AskFriendship { host, greeting: "Ciao".into() });
    assert!(told(&mut pair, |view| view.friend == FriendState::RequestSent), "that it was asked");
    pair.advance(10_000);
    answer(&mut pair, 1, true, false);
    assert!(told(&mut pair, |view| view.friend == FriendState::Friend), "that it is a friend");
}

#[test]
fn an_unanswered_request_is_forgotten_after_fourteen_days_on_both_sides() {
    let mut pair = Pair::new();
    ask(&mut pair, 0);
    pair.take_events(0);
    pair.sleep(14 * DAY);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Unknown; 2]);
    let host = pair.id(1);
    assert!(pair.notices(0).contains(&Notice::AskExpired { host }));
}

#[test]
fn a_scanned_code_verifies_both_sides_and_leads_to_friendship_without_a_search() {
    let mut pair = Pair::new();
    let code = scan_and_ask(&mut pair);
    assert!(view(&pair, 1).has_code && !view(&pair, 1).verified, "not before its user has said yes");
    answer(&mut pair, 1, true, false);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Friend; 2]);
    assert!([0, 1].iter().all(|host| view(&pair, *host).verified));
    assert_ne!(pair.hosts[1].engine.uri(&[]), code, "a code is shown to one");
    pair.switch_off(1);
    pair.switch_on(1, None);
    assert!(view(&pair, 1).verified);
    let numbers = [0, 1].map(|host| pair.hosts[host].engine.safety_number(pair.id(1 - host)).unwrap());
    assert_eq!(numbers[0], numbers[1]);
    assert_eq!(numbers[0].chars().filter(char::is_ascii_digit).count(), 60);
}

/// The first scans the code of the second and asks; gives the code.
fn scan_and_ask(pair: &mut Pair) -> String {
    let uri = pair.hosts[1].engine.uri(&[]);
    pair.command(0, Command::ScanUri { uri: uri.clone() });
    let host = pair.id(1);
    pair.command(0, Command::AskFriendship { host, greeting: String::new() });
    pair.advance(MINUTE);
    uri
}

/// What a host shows of the other.
fn view(pair: &Pair, host: usize) -> FriendView {
    pair.hosts[host].engine.friends().remove(0)
}

#[test]
fn a_code_without_a_token_or_with_that_of_another_verifies_only_who_showed_it() {
    let elsewhere = |code: &str| code.replacen("token=", "token=00", 1);
    let without = |code: &str| code.split("&token=").next().unwrap().to_owned();
    let changes: [&dyn Fn(&str) -> String; 2] = [&elsewhere, &without];
    for change in changes {
        let mut pair = Pair::new();
        let uri = change(&pair.hosts[1].engine.uri(&[]));
        pair.command(0, Command::ScanUri { uri });
        let host = pair.id(1);
        pair.command(0, Command::AskFriendship { host, greeting: String::new() });
        pair.advance(MINUTE);
        assert!(!view(&pair, 1).has_code);
        answer(&mut pair, 1, true, false);
        assert_eq!(
            [0, 1].map(|host| (pair.state(host), view(&pair, host).verified)),
            [(FriendState::Friend, true), (FriendState::Friend, false)]
        );
    }
}

#[test]
fn a_contact_of_an_address_book_brings_no_token_though_its_code_has_one() {
    let mut pair = Pair::new();
    let uri = pair.hosts[1].engine.uri(&[]);
    pair.command(0, Command::AddContact { uri, name: None });
    let host = pair.id(1);
    pair.command(0, Command::AskFriendship { host, greeting: String::new() });
    pair.advance(MINUTE);
    answer(&mut pair, 1, true, false);
    assert_eq!([0, 1].map(|host| view(&pair, host).verified), [false; 2]);
}

#[test]
fn a_code_scanned_days_ago_still_verifies_and_an_old_picture_of_one_does_not() {
    for (days, verified) in [(13, true), (16, false)] {
        let mut pair = Pair::new();
        let uri = pair.hosts[1].engine.uri(&[]);
        pair.sleep(days * DAY);
        pair.command(0, Command::ScanUri { uri });
        let host = pair.id(1);
        pair.command(0, Command::AskFriendship { host, greeting: String::new() });
        pair.advance(MINUTE);
        answer(&mut pair, 1, true, false);
        assert_eq!((pair.state(1), view(&pair, 1).verified), (FriendState::Friend, verified), "{days} days");
    }
}

#[test]
fn a_new_code_makes_those_before_it_verify_nobody_who_was_not_accepted_yet() {
    let mut pair = Pair::new();
    scan_and_ask(&mut pair);
    pair.command(1, Command::RenewCode);
    assert!(!view(&pair, 1).has_code);
    answer(&mut pair, 1, true, false);
    assert!(!view(&pair, 1).verified);
    let mut pair = Pair::new();
    let uri = pair.hosts[1].engine.uri(&[]);
    pair.command(1, Command::RenewCode);
    pair.command(0, Command::ScanUri { uri });
    ask(&mut pair, 0);
    assert!(!view(&pair, 1).has_code);
}

#[test]
fn what_a_code_verified_ends_with_the_friendship_or_when_the_user_takes_it_back() {
    let mut pair = Pair::new();
    scan_and_ask(&mut pair);
    answer(&mut pair, 1, true, false);
    let host = pair.id(0);
    pair.command(1, Command::SetVerified { host, verified: false });
    assert!(!view(&pair, 1).verified && !view(&pair, 1).has_code);
    pair.command(1, Command::SetVerified { host, verified: true });
    pair.command(1, Command::EndFriendship { host });
    pair.advance(MINUTE);
    assert_eq!([0, 1].map(|host| view(&pair, host).verified), [false; 2]);
}

#[test]
fn when_both_scanned_and_both_asked_both_are_verified_without_another_question() {
    let mut pair = Pair::new();
    let codes = [0, 1].map(|host| pair.hosts[host].engine.uri(&[]));
    for (host, uri) in codes.iter().rev().enumerate() {
        pair.command(host, Command::ScanUri { uri: uri.clone() });
    }
    for from in [0, 1] {
        let host = pair.id(1 - from);
        pair.command(from, Command::AskFriendship { host, greeting: String::new() });
    }
    pair.advance(MINUTE);
    assert_eq!([0, 1].map(|host| (pair.state(host), view(&pair, host).verified)), [(FriendState::Friend, true); 2]);
}

#[test]
fn a_code_that_is_damaged_is_refused_with_what_is_wrong() {
    let mut pair = Pair::new();
    let uri = pair.hosts[1].engine.uri(&[]);
    let damaged = uri.replacen(':', "://x", 1);
    assert!(matches!(pair.try_command(0, Command::ScanUri { uri: damaged }), Err(CommandError::BadUri { .. })));
    let own = pair.hosts[0].engine.uri(&[]);
    assert_eq!(pair.try_command(0, Command::ScanUri { uri: own }), Err(CommandError::Oneself));
}

#[test]
fn a_friend_who_lost_everything_but_its_identity_asks_again_and_is_taken_back() {
    let mut pair = Pair::new();
    let copy = pair.hosts[0].store.clone();
    pair.befriend();
    pair.write(1, "before");
    pair.switch_off(0);
    pair.switch_on(0, Some(copy));
    assert_eq!(pair.state(0), FriendState::Unknown);
    pair.take_events(1);
    ask(&mut pair, 0);
    let host = pair.id(0);
    assert!(pair.notices(1).contains(&Notice::FriendAsksAgain { host }));
    assert_eq!(pair.state(1), FriendState::Friend);
    answer(&mut pair, 1, true, false);
    assert_eq!(pair.state(0), FriendState::Friend);
    let message = pair.write(0, "here again");
    assert_eq!(pair.fate(0, message), StoredState::Delivered);
    let message = pair.write(1, "good");
    assert_eq!(pair.fate(1, message), StoredState::Delivered);
}

#[test]
fn a_yes_that_comes_after_its_request_was_taken_back_ends_at_both() {
    let mut pair = Pair::new();
    ask(&mut pair, 0);
    pair.filter(1, |_| false);
    answer(&mut pair, 1, true, false);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::RequestSent, FriendState::Friend]);
    let host = pair.id(1);
    pair.command(0, Command::CancelAsk { host });
    pair.filter(1, |_| true);
    pair.advance(5 * MINUTE);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Ended; 2]);
}

#[test]
fn who_does_not_take_a_lost_friend_back_is_no_longer_its_friend_either() {
    let mut pair = Pair::new();
    let copy = pair.hosts[0].store.clone();
    pair.befriend();
    pair.switch_off(0);
    pair.switch_on(0, Some(copy));
    ask(&mut pair, 0);
    // The user takes some time: the link of the request has ended by then.
    pair.advance(MINUTE);
    assert!(pair.links.is_empty());
    answer(&mut pair, 1, false, true);
    assert_eq!([pair.state(0), pair.state(1)], [FriendState::Unknown, FriendState::Ended]);
    let host = pair.id(1);
    assert!(pair.notices(0).contains(&Notice::AskRefused { host }));
}

#[test]
fn a_blocked_friend_is_heard_no_more_and_is_not_told() {
    let mut pair = Pair::friends();
    let (ada, grace) = (pair.id(0), pair.id(1));
    pair.command(1, Command::Block { host: ada });
    let message = pair.write(0, "hello?");
    pair.advance(10 * MINUTE);
    assert_eq!(pair.fate(0, message), StoredState::Queued);
    assert_eq!(pair.texts(1), Vec::<String>::new());
    assert_eq!(pair.state(0), FriendState::Friend);
    assert_eq!(
        pair.try_command(1, Command::SendText { host: ada, text: "no".into() }),
        Err(CommandError::NotAFriend { host: ada })
    );
    assert!(pair.hosts[0].engine.friends().iter().any(|friend| friend.host == grace && !friend.blocked));
}

#[test]
fn a_stranger_who_is_blocked_keeps_the_alias_it_is_seen_with() {
    let mut pair = Pair::new();
    let host = pair.id(1);
    pair.command(0, Command::Search { alias: "grace".into(), matching: Match::Partial });
    pair.advance(5_000);
    pair.command(0, Command::Block { host });
    pair.switch_off(0);
    pair.switch_on(0, None);
    let friends = pair.hosts[0].engine.friends();
    let blocked =
        friends.iter().find(|friend| friend.host == host).map(|friend| (friend.alias.as_str(), friend.blocked));
    assert_eq!(blocked, Some(("Grace", true)));
}

#[test]
fn who_is_seen_by_nobody_lets_in_friends_and_no_strangers() {
    for (befriend, let_in) in [(false, false), (true, true)] {
        let mut pair = if befriend { Pair::friends() } else { Pair::new() };
        pair.cut();
        pair.command(1, Command::Set(Setting::Visibility(Visibility::Nobody)));
        let before = pair.frames[1];
        assert_eq!(pair.dial_in(1), let_in);
        assert_eq!(pair.frames[1] > before, let_in);
    }
}

#[test]
fn a_local_alias_is_shown_and_survives_a_restart() {
    let mut pair = Pair::friends();
    let host = pair.id(1);
    pair.command(0, Command::SetLocalAlias { host, alias: Some("Admiral".into()) });
    pair.switch_off(0);
    pair.switch_on(0, None);
    assert_eq!(pair.hosts[0].engine.friends()[0].name(), "Admiral");
    pair.command(0, Command::SetLocalAlias { host, alias: None });
    assert_eq!(pair.hosts[0].engine.friends()[0].name(), "Grace");
}

/// A world of two friends, of whom the second is installed afresh; the first asks around and is asked by the new one.
fn installed_afresh() -> World {
    let mut world = World::new(&WorldConfig::new(2, 0, 7, Faults { reinstall_every: 600_000, ..Faults::calm() }));
    world.run_for(10_000);
    let [ada, grace] = [world.id(0), world.id(1)];
    world.command(1, Command::AskFriendship { host: ada, greeting: String::new() }).unwrap();
    assert!(world.run_until(MINUTE, |world| !world.friends(0).is_empty()), "{}", world.trace());
    world.command(0, Command::AnswerFriendship { host: grace, accept: true, tell: false }).unwrap();
    assert!(world.run_until(MINUTE, |world| world.pairs() == [(0, 1)]), "{}", world.trace());
    world.command(0, Command::SendText { host: grace, text: "before".into() }).unwrap();
    world.run_for(MINUTE);
    world.reinstall(1);
    world.run_for(2 * MINUTE);
    world.command(0, Command::SendText { host: grace, text: "to the old one".into() }).unwrap();
    world.command(2, Command::AskFriendship { host: ada, greeting: "It is me".into() }).unwrap();
    assert!(world.run_until(MINUTE, |world| world.friends(0).len() == 2), "{}", world.trace());
    world
}

#[test]
fn a_friend_who_was_installed_afresh_is_called_a_namesake_in_requests_and_searches_over_a_restart_and_never_merged() {
    let mut world = installed_afresh();
    let [old, new] = [world.id(1), world.id(2)];
    assert_ne!(old, new);
    let named = |world: &World, host| {
        let views = world.friends(0);
        views.into_iter().find(|view| view.host == host).map(|view| (view.state, view.alias, view.flags)).unwrap()
    };
    let alias = named(&world, old).1;
    let asks = (FriendState::RequestReceived, alias.clone(), vec![NameFlag::SameAsFriend]);
    assert_eq!(named(&world, new), asks);
    assert!(!world.friends(0).into_iter().any(|view| view.host == new && view.verified), "nothing is inherited");
    world.power_off(0);
    world.power_on(0);
    assert_eq!(named(&world, new), asks, "and after a restart");
    world.run_for(MINUTE);

    world.take_events();
    world.command(0, Command::Search { alias: alias.clone(), matching: Match::Exact }).unwrap();
    world.run_for(MINUTE);
    let claims = world.take_events().into_iter().filter_map(|(host, event)| match event {
        Event::AliasFound { claim, .. } if host == 0 => Some((claim.host, claim.flags)),
        _ => None,
    });
    let claims: Vec<_> = claims.collect();
    assert!(claims.contains(&(new, vec![NameFlag::SameAsFriend])), "{claims:?}");

    // Both are friends then, and each keeps what is its own.
    world.command(0, Command::AnswerFriendship { host: new, accept: true, tell: false }).unwrap();
    world.run_for(MINUTE);
    assert_eq!(named(&world, new), (FriendState::Friend, alias.clone(), vec![NameFlag::SameAsFriend]));
    assert_eq!(named(&world, old), (FriendState::Friend, alias, vec![NameFlag::SameAsFriend]));
    world.command(0, Command::SendText { host: new, text: "to the new one".into() }).unwrap();
    world.run_for(MINUTE);
    assert_eq!(world.fate(0, 2, "to the new one"), Some(StoredState::Delivered));
    assert_eq!(world.fate(0, 1, "to the old one"), Some(StoredState::Queued), "it is for the one it was written to");
    assert!(world.violations().is_empty(), "{:?}\n{}", world.violations(), world.trace());
}

#[test]
fn the_six_packet_states_are_shown_and_survive_a_restart() {
    use PacketService::{FriendshipAsk, TextMessage};
    use PacketState::{Created, Dropped, ProcessComplete, ProcessWait, SendComplete, SendWait};
    let mut pair = Pair::friends();
    let states = |pair: &Pair| -> Vec<(PacketService, bool, PacketState)> {
        let packets = pair.hosts[0].engine.packets();
        packets.iter().map(|packet| (packet.service, packet.outgoing, packet.state)).collect()
    };
    pair.air = Box::new(|_, _| None);
    pair.write(0, "lost on its way");
    let cancelled = pair.write(0, "taken back");
    pair.command(0, Command::Cancel { message: cancelled });
    for n in 0..50 {
        pair.write(1, &format!("lost {n}"));
    }
    pair.air = Box::new(|_, envelope| Some(envelope));
    pair.write(1, "held");
    pair.switch_off(1);
    pair.write(0, "waits");
    // A copy that is known to be old encrypts nothing until a reset is answered.
    let copy = pair.hosts[0].store.clone();
    for store in [None, None, Some(copy)] {
        pair.switch_off(0);
        pair.switch_on(0, store);
    }
    let unsealed = pair.write(0, "not yet encrypted");
    let before = states(&pair);
    let expected = [
        (FriendshipAsk, true, ProcessComplete),
        (TextMessage, true, SendComplete),
        (TextMessage, true, Dropped),
        (TextMessage, false, ProcessWait),
        (TextMessage, true, SendWait),
        (TextMessage, true, Created),
    ];
    for state in expected {
        assert!(before.contains(&state), "{state:?} in {before:?}");
    }
    let reasons: Vec<_> = pair.hosts[0].engine.packets().into_iter().filter_map(|packet| packet.reason).collect();
    assert_eq!(reasons, ["cancelled"]);
    pair.switch_off(0);
    pair.switch_on(0, None);
    assert_eq!(states(&pair), before);
    pair.switch_on(1, None);
    pair.advance(10 * MINUTE);
    assert_eq!(pair.fate(0, unsealed), StoredState::Delivered);
    let unfinished = |state: &&(PacketService, bool, PacketState)| !matches!(state.2, ProcessComplete | Dropped);
    assert_eq!(states(&pair).iter().find(unfinished), None);
}
