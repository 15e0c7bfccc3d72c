//! Small stories, told step by step.

use permesso_engine::api::{Command, Event, FriendState, MessageState};
use permesso_sim::{CrashMoment, Faults, World, WorldConfig};

const MINUTE: u64 = 60_000;

fn calm(hosts: usize) -> World {
    let mut world = World::new(&WorldConfig::new(hosts, 0, 7, Faults::calm()));
    world.run_for(6_000);
    world
}

fn assert_kept(world: &World) {
    assert!(world.violations().is_empty(), "{}\n{:?}", world.trace(), world.violations());
}

/// Lets time pass until it is so, at most so long.
fn wait(world: &mut World, span: u64, what: &str, done: impl FnMut(&World) -> bool) {
    let reached = world.run_until(span, done);
    assert_kept(world);
    assert!(reached, "{}\nnever came: {what}", world.trace());
}

fn sees(world: &World, host: usize, peer: usize) -> bool {
    let id = world.id(peer);
    world.views(host).iter().any(|view| view.host == id && view.online)
}

fn state(world: &World, host: usize, peer: usize) -> FriendState {
    let id = world.id(peer);
    world.friends(host).iter().find(|view| view.host == id).map_or(FriendState::Unknown, |view| view.state)
}

fn ask(world: &mut World, from: usize, to: usize) {
    let host = world.id(to);
    assert_eq!(
        world.command(from, Command::AskFriendship { host, greeting: "Guten Tag".into() }).map(drop),
        Ok(()),
        "{}",
        world.trace()
    );
}

fn answer(world: &mut World, from: usize, to: usize, accept: bool) {
    let host = world.id(to);
    assert_eq!(world.command(from, Command::AnswerFriendship { host, accept, tell: true }).map(drop), Ok(()));
}

fn write(world: &mut World, from: usize, to: usize, text: &str) {
    let host = world.id(to);
    assert_eq!(world.command(from, Command::SendText { host, text: text.into() }).map(drop), Ok(()));
}

fn befriend(world: &mut World, a: usize, b: usize) {
    wait(world, MINUTE, "both see each other", |world| sees(world, a, b) && sees(world, b, a));
    ask(world, a, b);
    wait(world, MINUTE, "the request", |world| state(world, b, a) == FriendState::RequestReceived);
    answer(world, b, a, true);
    wait(world, MINUTE, "the friendship", |world| {
        state(world, a, b) == FriendState::Friend && state(world, b, a) == FriendState::Friend
    });
}

#[test]
fn two_hosts_meet_and_each_sees_the_other_online() {
    let mut world = calm(2);
    wait(&mut world, 10_000, "both online", |world| sees(world, 0, 1) && sees(world, 1, 0));
}

#[test]
fn a_host_that_leaves_is_offline_at_once_and_one_that_falls_silent_a_little_later() {
    let mut world = calm(3);
    wait(&mut world, 10_000, "all online", |world| (1..3).all(|peer| sees(world, 0, peer)));
    assert!(world.command(1, Command::Leave).is_ok());
    wait(&mut world, 1_000, "1 is offline", |world| !sees(world, 0, 1));
    assert!(sees(&world, 0, 2));
    world.power_off(2);
    world.run_for(5_000);
    assert!(sees(&world, 0, 2), "silence of 5 s is not yet a reason");
    wait(&mut world, MINUTE, "2 is offline", |world| !sees(world, 0, 2));
}

#[test]
fn hosts_that_do_not_reach_each_other_meet_only_the_one_between_them() {
    let mut world = World::new(&WorldConfig::new(3, 0, 7, Faults::calm()));
    world.set_reach(0, 2, false);
    world.run_for(MINUTE);
    assert_kept(&world);
    assert!(sees(&world, 0, 1) && sees(&world, 1, 0) && sees(&world, 1, 2) && sees(&world, 2, 1));
    assert!(!sees(&world, 0, 2) && !sees(&world, 2, 0));
}

#[test]
fn a_host_is_found_by_a_part_of_its_alias() {
    let mut world = calm(3);
    wait(&mut world, 10_000, "all online", |world| (1..3).all(|peer| sees(world, 0, peer)));
    let matching = permesso_engine::api::Match::Partial;
    world.take_events();
    assert!(world.command(0, Command::Search { alias: "REG".into(), matching }).is_ok());
    world.run_for(10_000);
    assert_kept(&world);
    let found: Vec<_> = world
        .take_events()
        .into_iter()
        .filter_map(|(host, event)| match event {
            Event::AliasFound { claim, .. } if host == 0 => Some((claim.host, claim.alias)),
            _ => None,
        })
        .collect();
    assert_eq!(found, [(world.id(1), "Gregor".to_string())]);
}

#[test]
fn two_hosts_become_friends_and_write_to_each_other() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    write(&mut world, 0, 1, "hin");
    write(&mut world, 1, 0, "her");
    wait(&mut world, MINUTE, "both messages", |world| {
        world.is_delivered(0, 1, "hin") && world.is_delivered(1, 0, "her")
    });
}

#[test]
fn crossed_requests_make_a_friendship_that_nobody_is_asked_about() {
    let mut world = calm(2);
    wait(&mut world, 10_000, "both online", |world| sees(world, 0, 1) && sees(world, 1, 0));
    world.set_reach(0, 1, false);
    ask(&mut world, 0, 1);
    ask(&mut world, 1, 0);
    world.run_for(MINUTE);
    world.set_reach(0, 1, true);
    wait(&mut world, 5 * MINUTE, "the friendship", |world| {
        state(world, 0, 1) == FriendState::Friend && state(world, 1, 0) == FriendState::Friend
    });
    write(&mut world, 0, 1, "hin");
    write(&mut world, 1, 0, "her");
    wait(&mut world, MINUTE, "both messages", |world| {
        world.is_delivered(0, 1, "hin") && world.is_delivered(1, 0, "her")
    });
}

#[test]
fn a_request_that_crossed_ours_can_be_answered_and_both_still_share_one_key() {
    let mut world = calm(2);
    wait(&mut world, 10_000, "both online", |world| sees(world, 0, 1) && sees(world, 1, 0));
    let smaller = if world.id(0) < world.id(1) { 0 } else { 1 };
    let larger = 1 - smaller;
    world.set_reach(0, 1, false);
    ask(&mut world, smaller, larger);
    ask(&mut world, larger, smaller);
    world.run_for(MINUTE);
    world.set_reach(0, 1, true);
    // Its own request is answered by the other side; its user answers the other's at the same moment.
    let arrived = |world: &World| world.friends(smaller).iter().any(|view| view.greeting.is_some());
    let host = world.id(larger);
    for _ in 0..MINUTE {
        world.run_for(1);
        if arrived(&world) {
            let _ = world.command(smaller, Command::AnswerFriendship { host, accept: true, tell: false });
            break;
        }
    }
    wait(&mut world, MINUTE, "the friendship", |world| world.pairs() == [(0, 1)]);
    write(&mut world, 0, 1, "hin");
    write(&mut world, 1, 0, "her");
    wait(&mut world, MINUTE, "both messages", |world| {
        world.is_delivered(0, 1, "hin") && world.is_delivered(1, 0, "her")
    });
}

#[test]
fn a_request_after_a_silent_refusal_can_be_accepted() {
    for (first, second) in [(0, 1), (1, 0)] {
        let mut world = calm(2);
        wait(&mut world, 10_000, "both online", |world| sees(world, 0, 1) && sees(world, 1, 0));
        ask(&mut world, first, second);
        wait(&mut world, MINUTE, "the request", |world| state(world, second, first) == FriendState::RequestReceived);
        let host = world.id(first);
        assert!(world.command(second, Command::AnswerFriendship { host, accept: false, tell: false }).is_ok());
        world.run_for(MINUTE);
        ask(&mut world, second, first);
        world.run_for(10_000);
        if world.pairs().is_empty() {
            answer(&mut world, first, second, true);
        }
        wait(&mut world, MINUTE, "the friendship", |world| world.pairs() == [(0, 1)]);
        write(&mut world, 0, 1, "hin");
        write(&mut world, 1, 0, "her");
        wait(&mut world, MINUTE, "both messages", |world| {
            world.is_delivered(0, 1, "hin") && world.is_delivered(1, 0, "her")
        });
    }
}

#[test]
fn an_answer_to_a_request_taken_back_is_not_sent_for_ever() {
    let mut world = calm(2);
    wait(&mut world, 10_000, "both online", |world| sees(world, 0, 1) && sees(world, 1, 0));
    ask(&mut world, 0, 1);
    wait(&mut world, MINUTE, "the request", |world| state(world, 1, 0) == FriendState::RequestReceived);
    world.set_reach(0, 1, false);
    let host = world.id(1);
    assert!(world.command(0, Command::CancelAsk { host }).is_ok());
    answer(&mut world, 1, 0, true);
    world.run_for(MINUTE);
    world.set_reach(0, 1, true);
    world.run_for(10 * MINUTE);
    let forwards = |world: &World| world.traffic(1).get("FORWARD").map_or(0, |amount| amount.count);
    let before = forwards(&world);
    world.run_for(10 * MINUTE);
    assert_kept(&world);
    assert_eq!(forwards(&world), before);
}

#[test]
fn a_refusal_that_is_told_ends_the_request() {
    let mut world = calm(2);
    wait(&mut world, MINUTE, "both see each other", |world| sees(world, 0, 1) && sees(world, 1, 0));
    ask(&mut world, 0, 1);
    wait(&mut world, MINUTE, "the request", |world| state(world, 1, 0) == FriendState::RequestReceived);
    answer(&mut world, 1, 0, false);
    wait(&mut world, MINUTE, "the refusal", |world| state(world, 0, 1) == FriendState::Unknown);
}

#[test]
fn an_ended_friendship_ends_at_both_and_fails_what_still_waits() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    world.set_reach(0, 1, false);
    write(&mut world, 0, 1, "zu spät");
    let host = world.id(0);
    assert!(world.command(1, Command::EndFriendship { host }).is_ok());
    world.run_for(MINUTE);
    world.take_events();
    world.set_reach(0, 1, true);
    wait(&mut world, 5 * MINUTE, "the end", |world| {
        state(world, 0, 1) == FriendState::Ended && state(world, 1, 0) == FriendState::Ended
    });
    let failed = |(host, event): &(usize, Event)| {
        *host == 0 && matches!(event, Event::MessageChanged { state: MessageState::Failed { .. }, .. })
    };
    assert!(world.take_events().iter().any(failed));
}

#[test]
fn an_end_that_crosses_newer_requests_does_not_undo_them() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    world.set_reach(0, 1, false);
    for (from, to) in [(0, 1), (1, 0)] {
        let host = world.id(to);
        assert!(world.command(from, Command::EndFriendship { host }).is_ok());
        world.run_for(1_000);
        ask(&mut world, from, to);
    }
    world.run_for(MINUTE);
    world.set_reach(0, 1, true);
    wait(&mut world, 5 * MINUTE, "the friendship", |world| {
        state(world, 0, 1) == FriendState::Friend && state(world, 1, 0) == FriendState::Friend
    });
    world.run_for(5 * MINUTE);
    assert_eq!(world.pairs(), [(0, 1)]);
}

#[test]
fn a_message_waits_for_an_absent_friend_while_its_sender_is_restarted_too() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    world.power_off(1);
    write(&mut world, 0, 1, "bis später");
    world.run_for(5_000);
    world.power_off(0);
    world.run_for(MINUTE);
    world.power_on(1);
    world.run_for(MINUTE);
    world.power_on(0);
    wait(&mut world, 5 * MINUTE, "the message", |world| world.is_delivered(0, 1, "bis später"));
}

#[test]
fn a_burst_arrives_whole_though_the_link_breaks_again_and_again() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    let texts: Vec<String> = (0..200).map(|n| format!("{n} {}", "Wort ".repeat(200))).collect();
    for text in &texts {
        write(&mut world, 0, 1, text);
    }
    for _ in 0..4 {
        world.run_for(70);
        world.set_reach(0, 1, false);
        world.run_for(15_000);
        world.set_reach(0, 1, true);
    }
    wait(&mut world, 10 * MINUTE, "every message", |world| texts.iter().all(|text| world.is_delivered(0, 1, text)));
}

#[test]
fn a_host_that_moves_to_another_address_is_found_again() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    world.change_address(1);
    write(&mut world, 0, 1, "wo bist du?");
    wait(&mut world, 5 * MINUTE, "the message", |world| world.is_delivered(0, 1, "wo bist du?"));
}

#[test]
fn a_peer_whose_disk_hangs_keeps_no_link_for_ever() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    world.run_for(5 * MINUTE);
    assert_eq!(world.links_of(0), 0);
    world.hang_disk(1, 20 * MINUTE);
    let host = world.id(0);
    assert!(world.command(1, Command::SetLocalAlias { host, alias: Some("Freundin".into()) }).is_ok());
    write(&mut world, 0, 1, "bist du da?");
    wait(&mut world, MINUTE, "a link", |world| world.links_of(0) == 1);
    wait(&mut world, 3 * MINUTE, "its end", |world| world.links_of(0) == 0);
    wait(&mut world, 40 * MINUTE, "the message", |world| world.is_delivered(0, 1, "bist du da?"));
}

/// Tells one story: two become friends and each writes a message; whoever ends the `commit`-th commit crashes. Whether
/// the story was long enough for that.
fn story_with_a_crash(commit: u64, moment: CrashMoment) -> bool {
    let mut world = calm(2);
    let told = format!("crash at commit {commit}, {moment:?}");
    wait(&mut world, MINUTE, &told, |world| sees(world, 0, 1) && sees(world, 1, 0));
    world.plan_crash(commit, moment);
    let mut written = false;
    for _ in 0..40 {
        if state(&world, 1, 0) == FriendState::RequestReceived {
            let host = world.id(0);
            let _ = world.command(1, Command::AnswerFriendship { host, accept: true, tell: false });
        } else if state(&world, 0, 1) == FriendState::Unknown {
            let host = world.id(1);
            let _ = world.command(0, Command::AskFriendship { host, greeting: String::new() });
        }
        if !written && world.pairs() == [(0, 1)] {
            for (from, to) in [(0, 1), (1, 0)] {
                let host = world.id(to);
                for n in 0..3 {
                    written = world.command(from, Command::SendText { host, text: format!("{from} {n}") }).is_ok();
                }
            }
        }
        world.run_for(15_000);
        assert_kept(&world);
    }
    // Who crashes last of all is not back yet.
    wait(&mut world, 3 * MINUTE, &told, |world| world.pairs() == [(0, 1)]);
    if world.commits() < commit {
        return false;
    }
    // What was accepted but not yet stored may be lost with the crash; what is written afterwards may not.
    for (from, to) in [(0, 1), (1, 0)] {
        write(&mut world, from, to, "danach");
    }
    wait(&mut world, 10 * MINUTE, &told, |world| {
        world.is_delivered(0, 1, "danach") && world.is_delivered(1, 0, "danach") && world.everything_arrived()
    });
    true
}

#[test]
fn a_crash_around_any_commit_of_a_friendship_and_its_first_messages_loses_nothing() {
    let moments = [CrashMoment::BeforeDurable, CrashMoment::BeforeTold, CrashMoment::AfterOutputs];
    std::thread::scope(|scope| {
        for moment in moments {
            scope.spawn(move || {
                let mut commit = 3;
                while commit < 60 && story_with_a_crash(commit, moment) {
                    commit += 1;
                }
                assert!(commit > 15, "only {commit} commits were tried");
            });
        }
    });
}

#[test]
fn what_waits_for_a_slow_disk_when_the_link_ends_is_offered_on_the_next_at_once() {
    let mut world = calm(2);
    befriend(&mut world, 0, 1);
    write(&mut world, 0, 1, "eins");
    wait(&mut world, MINUTE, "the message", |world| world.is_delivered(0, 1, "eins"));
    let quiet = (0..600).take_while(|_| {
        world.run_for(500);
        world.links_of(1) > 0
    });
    let quiet = 500 * quiet.count() as u64;
    write(&mut world, 0, 1, "zwei");
    wait(&mut world, MINUTE, "the message", |world| world.is_delivered(0, 1, "zwei"));
    // Five seconds before the other closes the link the disk begins to hang.
    world.run_for(quiet - 5_000);
    world.hang_disk(0, 10_000);
    let ended = |world: &World| world.trace().matches("h0 link 3 to h1 is down: Closed").count();
    write(&mut world, 0, 1, "drei");
    wait(&mut world, 20_000, "the message", |world| world.is_delivered(0, 1, "drei"));
    assert_eq!(ended(&world), 1, "the link outlived the disk's pause");
}
