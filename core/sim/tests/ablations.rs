//! Each rule the protocol rests on, broken by one host, and the promise that falls with it; and that it stands as long as the
//! rule is kept.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may panic"
)]

use permesso_engine::api::{Command, FriendState};
use permesso_engine::ids::MessageId;
use permesso_engine::rows::StoredState;
use permesso_sim::{Ablation, CrashMoment, Faults, Promise, SECRET, World, WorldConfig};

const MINUTE: u64 = 60_000;

/// A world of two, of whom some break a rule.
fn world(config: &WorldConfig, ablated: &[(usize, Ablation)]) -> World {
    let mut world = World::new(config);
    ablated.iter().for_each(|(host, ablation)| world.ablate(*host, *ablation));
    world.run_for(10_000);
    world
}

fn calm() -> WorldConfig {
    WorldConfig::new(2, 0, 7, Faults::calm())
}

fn state(world: &World, host: usize, peer: usize) -> FriendState {
    let id = world.id(peer);
    world.friends(host).iter().find(|view| view.host == id).map_or(FriendState::Unknown, |view| view.state)
}

fn befriend(world: &mut World) {
    let host = world.id(1);
    world.command(0, Command::AskFriendship { host, greeting: String::new() }).unwrap();
    assert!(world.run_until(MINUTE, |world| state(world, 1, 0) != FriendState::Unknown), "{}", world.trace());
    let host = world.id(0);
    let _ = world.command(1, Command::AnswerFriendship { host, accept: true, tell: false });
    assert!(world.run_until(MINUTE, |world| world.pairs() == [(0, 1)]), "{}", world.trace());
    // Until the link is idle and closed.
    world.run_for(4 * MINUTE);
}

fn write(world: &mut World, from: usize, text: &str) {
    let host = world.id(1 - from);
    world.command(from, Command::SendText { host, text: text.into() }).unwrap();
}

fn broken(world: &World) -> Vec<Promise> {
    world.violations().iter().map(|violation| violation.promise).collect()
}

/// Tells a story with a rule broken and without: with it the promise falls, without it none does. The first.
fn breaks(promise: Promise, ablated: &[(usize, Ablation)], story: impl Fn(&[(usize, Ablation)]) -> World) -> World {
    let told = story(ablated);
    assert!(broken(&told).contains(&promise), "{}\n{:?}", told.trace(), told.violations());
    let kept = story(&[]);
    assert_eq!(broken(&kept), [], "{}\n{:?}", kept.trace(), kept.violations());
    told
}

/// That of the halves of a promise this one fell.
fn says(world: &World, what: &str) {
    let said = world.violations().iter().any(|violation| violation.what.contains(what));
    assert!(said, "nothing says {what:?}: {:?}", world.violations());
}

/// Crashes a host of two friends at each of the next commits in turn, until a promise falls or all were tried.
fn crash_anywhere(
    promise: Promise,
    ablated: &[(usize, Ablation)],
    moment: CrashMoment,
    story: impl Fn(&mut World),
) -> World {
    let mut last = None;
    for commit in 1..=12 {
        let mut world = world(&calm(), ablated);
        befriend(&mut world);
        write(&mut world, 0, "first");
        world.run_for(10_000);
        world.plan_crash(world.commits() + commit, moment);
        story(&mut world);
        if broken(&world).contains(&promise) {
            return world;
        }
        last = Some(world);
    }
    last.unwrap()
}

#[test]
fn a_proof_that_leaves_before_its_message_is_stored_breaks_what_delivered_means() {
    breaks(Promise::DeliveredIsStored, &[(1, Ablation::TellBeforeDurable)], |ablated| {
        crash_anywhere(Promise::DeliveredIsStored, ablated, CrashMoment::BeforeDurable, |world| {
            write(world, 0, "hello");
            world.hang_disk(1, 500);
            world.run_for(MINUTE);
        })
    });
}

#[test]
fn a_ciphertext_that_leaves_before_its_ratchet_is_stored_uses_a_key_twice() {
    breaks(Promise::KeyUsedOnce, &[(0, Ablation::TellBeforeDurable)], |ablated| {
        crash_anywhere(Promise::KeyUsedOnce, ablated, CrashMoment::BeforeDurable, |world| {
            write(world, 0, "hello");
            // It has left, and must not arrive: what the crash makes undone is written anew under the same key.
            world.set_reach(0, 1, false);
            world.run_for(30_000);
            world.set_reach(0, 1, true);
            let host = world.id(1);
            let _ = world.command(0, Command::SendText { host, text: "hello again".into() });
            world.run_for(30_000);
        })
    });
}

#[test]
fn duplicate_marks_forgotten_at_a_restart_show_a_message_twice() {
    breaks(Promise::ShownOnce, &[(1, Ablation::ForgetMarks)], |ablated| {
        crash_anywhere(Promise::ShownOnce, ablated, CrashMoment::BeforeTold, |world| {
            write(world, 0, "hello");
            world.run_for(20 * MINUTE);
        })
    });
}

#[test]
fn ciphertexts_opened_as_they_arrive_are_lost_on_a_link_that_brought_them() {
    breaks(Promise::LinkDelivers, &[(1, Ablation::NoHoldBack)], |ablated| {
        let mut world = world(&calm(), ablated);
        befriend(&mut world);
        world.set_reach(0, 1, false);
        world.run_for(MINUTE);
        (0..60).for_each(|n| write(&mut world, 0, &n.to_string()));
        world.reverse_forwards();
        world.set_reach(0, 1, true);
        assert!(world.run_until(MINUTE, |world| world.links_of(1) > 0));
        world.run_for(2_500);
        world.set_reach(0, 1, false);
        world.run_for(1_000);
        world
    });
}

/// Two friends and a server; one of the friends has gone, and the other has just written to it.
fn written_beside_a_server(ablated: &[(usize, Ablation)]) -> World {
    let mut world = World::new(&WorldConfig { servers: 1, ..WorldConfig::new(3, 0, 7, Faults::calm()) });
    ablated.iter().for_each(|(host, ablation)| world.ablate(*host, *ablation));
    world.run_for(10_000);
    befriend(&mut world);
    world.power_off(1);
    world.run_for(MINUTE);
    write(&mut world, 0, "hello");
    world
}

#[test]
fn mail_that_a_server_keeps_to_itself_arrives_on_no_link() {
    let story = |ablated: &[(usize, Ablation)]| {
        let mut world = written_beside_a_server(ablated);
        assert!(world.run_until(MINUTE, |world| world.custody_of(2) == 1), "{}", world.trace());
        world.power_off(0);
        world.power_on(1);
        world.run_for(MINUTE);
        world.set_reach(1, 2, false);
        world.run_for(1_000);
        world
    };
    let told = breaks(Promise::LinkDelivers, &[(2, Ablation::KeepsMail)], story);
    says(&told, "carried by 2");
}

#[test]
fn who_stores_nothing_of_what_it_takes_is_said_to_hold_it_and_does_not() {
    let story = |ablated: &[(usize, Ablation)]| {
        let mut world = written_beside_a_server(ablated);
        world.run_for(MINUTE);
        world
    };
    let told = breaks(Promise::HeldIsStored, &[(2, Ablation::LoseCustody)], story);
    says(&told, "is said to be held by host 2");
}

#[test]
fn bodies_that_are_gone_from_the_store_arrive_on_no_link() {
    breaks(Promise::LinkDelivers, &[(0, Ablation::LoseBodies)], |ablated| {
        let mut world = world(&calm(), ablated);
        befriend(&mut world);
        world.power_off(1);
        write(&mut world, 0, "hello");
        world.run_for(10_000);
        world.power_off(0);
        world.power_on(0);
        world.power_on(1);
        world.run_for(5 * MINUTE);
        world
    });
}

#[test]
fn messages_in_the_order_of_their_arrival_stand_before_their_parents() {
    breaks(Promise::ParentsFirst, &[(1, Ablation::OrderByArrival)], |ablated| {
        let mut world = world(&calm(), ablated);
        befriend(&mut world);
        world.power_off(1);
        (0..3).for_each(|n| write(&mut world, 0, &n.to_string()));
        world.reverse_forwards();
        world.power_on(1);
        world.run_for(MINUTE);
        world
    });
}

#[test]
fn copies_that_are_raised_are_more_than_a_sealing_was_made_with() {
    breaks(Promise::CopiesBounded, &[(0, Ablation::RaiseCopies)], |ablated| {
        let mut world = world(&calm(), ablated);
        if ablated.is_empty() {
            befriend(&mut world);
        } else {
            let host = world.id(1);
            world.command(0, Command::AskFriendship { host, greeting: String::new() }).unwrap();
            world.run_for(MINUTE);
        }
        world
    });
}

#[test]
fn a_store_that_forgets_nothing_grows_beyond_its_caps() {
    breaks(Promise::Bounded, &[(0, Ablation::NeverForget)], |ablated| {
        let mut world = world(&WorldConfig { small: true, ..calm() }, ablated);
        befriend(&mut world);
        for n in 0..300 {
            let host = world.id(1);
            let _ = world.command(0, Command::SendText { host, text: n.to_string() });
            world.run_for(1_000);
        }
        world
    });
}

#[test]
fn answers_sent_ten_times_are_more_than_three_times_what_came() {
    breaks(Promise::NoAmplification, &[(0, Ablation::TenfoldAnswers)], |ablated| world(&calm(), ablated));
}

#[test]
fn beacons_without_a_pause_are_no_quiet() {
    breaks(Promise::QuietWhenIdle, &[(0, Ablation::HastyBeacons)], |ablated| {
        let mut world = world(&calm(), ablated);
        world.conclude(true);
        world
    });
}

#[test]
fn friends_who_never_dial_do_not_talk_again_after_all_is_healed() {
    breaks(Promise::HealedPairsTalk, &[(0, Ablation::NeverDial), (1, Ablation::NeverDial)], |ablated| {
        let mut world = world(&calm(), &[]);
        befriend(&mut world);
        ablated.iter().for_each(|(host, ablation)| world.ablate(*host, *ablation));
        world.conclude(false);
        world
    });
}

#[test]
fn what_is_not_sealed_is_read_by_who_carries_it() {
    breaks(Promise::CarriersLearnNothing, &[(0, Ablation::NoSealing)], |ablated| {
        let mut world = world(&calm(), &[]);
        befriend(&mut world);
        ablated.iter().for_each(|(host, ablation)| world.ablate(*host, *ablation));
        write(&mut world, 0, SECRET);
        world.run_for(MINUTE);
        world
    });
}

#[test]
fn notices_that_are_swallowed_make_a_silent_loss() {
    breaks(Promise::NothingSilent, &[(0, Ablation::SwallowNotices)], |ablated| {
        let mut world = world(&WorldConfig { small: true, ..calm() }, ablated);
        befriend(&mut world);
        (0..60).for_each(|n| {
            write(&mut world, 0, &n.to_string());
            world.run_for(1_000);
        });
        world.conclude(false);
        world
    });
}

#[test]
fn a_yes_that_the_user_did_not_say_makes_no_friend() {
    breaks(Promise::Authentic, &[(1, Ablation::SayYesForTheUser)], |ablated| {
        let mut world = world(&calm(), ablated);
        let host = world.id(1);
        world.command(0, Command::AskFriendship { host, greeting: String::new() }).unwrap();
        world.run_for(MINUTE);
        world
    });
}

#[test]
fn links_that_prove_no_keys_let_anybody_log_anybody_out() {
    let faults = Faults { adversary_every: 300, ..Faults::calm() };
    breaks(Promise::OfflineHasReason, &[(0, Ablation::UnprovedKeys), (1, Ablation::UnprovedKeys)], |ablated| {
        let mut world = world(&WorldConfig::new(2, 0, 7, faults.clone()), ablated);
        befriend(&mut world);
        world.start_activity();
        world.run_for(5 * MINUTE);
        world
    });
}

/// Two become friends, then one of them changes, and the first writes to the other.
fn says_hello(ablated: &[(usize, Ablation)]) -> World {
    let mut world = world(&calm(), &[]);
    befriend(&mut world);
    ablated.iter().for_each(|(host, ablation)| world.ablate(*host, *ablation));
    write(&mut world, 0, "hello");
    world.run_for(MINUTE);
    world
}

#[test]
fn keys_in_other_hands_put_words_into_a_friends_mouth() {
    let told = breaks(Promise::Authentic, &[(0, Ablation::StolenKeys)], says_hello);
    says(&told, "was not sent by host 0 to this host");
}

#[test]
fn a_host_that_takes_a_network_far_away_for_its_own_speaks_unasked_to_innocents() {
    let faults = Faults { adversary_every: 300, ..Faults::calm() };
    let told = breaks(Promise::NoAmplification, &[(0, Ablation::ForeignNetwork)], |ablated| {
        let mut world = world(&WorldConfig::new(2, 0, 7, faults.clone()), ablated);
        befriend(&mut world);
        // Out of reach, a friend's beacons come from the adversary alone, and seem to come from wherever it likes.
        world.set_reach(0, 1, false);
        world.start_activity();
        world.run_for(10 * MINUTE);
        world
    });
    says(&told, "unasked to 192.0.2.66");
}

#[test]
fn an_end_that_is_not_stored_leaves_a_friend_who_does_not_know() {
    let told = breaks(Promise::HealedPairsTalk, &[(1, Ablation::LoseEnds)], |ablated| {
        let mut world = world(&calm(), ablated);
        befriend(&mut world);
        world.power_off(0);
        let host = world.id(0);
        world.command(1, Command::EndFriendship { host }).unwrap();
        world.run_for(MINUTE);
        world.power_off(1);
        world.power_on(1);
        world.power_on(0);
        world.conclude(false);
        world
    });
    says(&told, "host 1 is a friend here and has ended the friendship");
}

#[test]
fn an_envelope_that_carries_the_id_of_its_maker_tells_carriers_who_sent_it() {
    let told = breaks(Promise::CarriersLearnNothing, &[(0, Ablation::NamesItself)], says_hello);
    says(&told, "the envelope of a message shows the id of its sender");
}

#[test]
fn a_friend_who_was_installed_afresh_and_is_not_called_so_breaks_what_is_told_of_people() {
    let faults = Faults { reinstall_every: 600_000, ..Faults::calm() };
    let told = breaks(Promise::Authentic, &[(0, Ablation::SwallowFlags)], |ablated| {
        let mut world = world(&WorldConfig::new(2, 0, 7, faults.clone()), ablated);
        befriend(&mut world);
        world.reinstall(1);
        world.run_for(MINUTE);
        let host = world.id(0);
        world.command(2, Command::AskFriendship { host, greeting: String::new() }).unwrap();
        world.run_for(MINUTE);
        world
    });
    says(&told, "the name of friend 1, and it is not said");
}

#[test]
fn a_message_that_waits_is_not_called_delivered() {
    let mut world = world(&calm(), &[]);
    befriend(&mut world);
    world.power_off(1);
    write(&mut world, 0, "hello");
    world.run_for(10 * MINUTE);
    let stored: Vec<MessageId> = world.waiting(0);
    assert_eq!(stored.len(), 1);
    assert_eq!(world.stored_state(0, 1, stored[0]), Some(StoredState::Queued));
}
