//! What a malicious friend writes: it is taken for what it is, once, and never again.

use permesso_engine::api::{Command, FriendState};
use permesso_engine::rows::Table;

use crate::config::WorldConfig;
use crate::faults::Faults;
use crate::pen::Poison;
use crate::records::{self, HeldRecord};
use crate::world::World;

const MINUTE: u64 = 60_000;

/// An honest host and a malicious one that are friends.
fn friends() -> World {
    let mut world = World::new(&WorldConfig::new(1, 0, 7, Faults { insiders: 1, ..Faults::calm() }));
    world.run_for(10_000);
    let (honest, malicious) = (world.id(0), world.id(1));
    world.command(1, Command::AskFriendship { host: honest, greeting: String::new() }).unwrap();
    assert!(world.run_until(MINUTE, |world| !world.friends(0).is_empty()), "{}", world.trace());
    world.command(0, Command::AnswerFriendship { host: malicious, accept: true, tell: false }).unwrap();
    world.run_for(MINUTE);
    assert_eq!(world.friends(1)[0].state, FriendState::Friend);
    world
}

fn write(world: &mut World, from: usize, text: &str) {
    let host = world.id(1 - from);
    world.command(from, Command::SendText { host, text: text.into() }).unwrap();
}

/// The texts of the honest host's only conversation.
fn texts(world: &World) -> Vec<String> {
    let store = &world.hosts[0].store;
    let friend = records::friend(store, world.id(1)).unwrap().id;
    store.messages(friend, None, usize::MAX).into_iter().rev().map(|row| row.text).collect()
}

#[test]
fn a_poison_message_is_met_once_crashes_no_restart_and_stops_none_that_follow() {
    for poison in Poison::ALL {
        let mut world = friends();
        write(&mut world, 1, "before");
        world.run_for(5 * MINUTE);
        let friend = records::friend(&world.hosts[1].store, world.id(0)).unwrap().id;
        world.poison(1, 0, friend, &[poison]);
        world.run_for(10_000);
        write(&mut world, 1, "after");
        world.run_for(2 * MINUTE);
        let shown = match poison {
            // Its clock is believed up to five minutes ahead, and so it stands behind what came later.
            Poison::ImpossibleParents => vec!["before", "after", "four"],
            _ => vec!["before", "after"],
        };
        assert_eq!(texts(&world), shown, "{poison:?}\n{}", world.trace());
        for _ in 0..3 {
            world.power_off(0);
            world.power_on(0);
            world.run_for(MINUTE);
        }
        assert_eq!(texts(&world), shown, "{poison:?}");
        assert_eq!(records::all::<HeldRecord>(&world.hosts[0].store, Table::Held).count(), 0, "{poison:?}");
        write(&mut world, 0, "and back");
        assert!(world.run_until(5 * MINUTE, |world| world.is_delivered(0, 1, "and back")), "{poison:?}");
        assert!(world.violations().is_empty(), "{poison:?}: {:?}", world.violations());
    }
}

#[test]
fn a_flood_of_resets_makes_no_pile_of_keys() {
    let mut world = friends();
    for _ in 0..40 {
        let Some((link, side, _)) = world.open_links(1).first().copied() else {
            write(&mut world, 0, "are you there?");
            world.run_for(MINUTE);
            continue;
        };
        for frame in world.ask_again(1, 0, 1) {
            world.say(link, side, frame);
        }
        world.run_for(2_000);
    }
    let pairings = world.hosts[0].store.records(Table::Pairing).count();
    assert!((2..=8).contains(&pairings), "{pairings} pairings");
}
