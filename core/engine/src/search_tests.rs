use super::*;
use crate::api::{NameFlag, Visibility};
use crate::ids::{HostId, OlmKey, SealingKey};
use crate::packet::{QUERY_ALIAS_RESPONSE_MAX, Unverified};
use crate::presence_world::{Side, World};

/// Hosts that have met, with these aliases; the first searches.
fn named(aliases: &[&str]) -> World {
    let mut world = World::met(aliases.len() as u8);
    for (side, alias) in world.sides.iter_mut().zip(aliases) {
        side.settings.alias = (*alias).into();
    }
    world
}

fn begin(side: &mut Side, alias: &str, matching: Match) -> SearchId {
    side.call(|presence, search, ctx| search.begin(alias, matching, presence, ctx))
}

fn claims(side: &mut Side) -> Vec<AliasClaim> {
    let found = side.events().into_iter().filter_map(|event| match event {
        Event::AliasFound { claim, .. } => Some(claim),
        _ => None,
    });
    found.collect()
}

#[test]
fn a_part_of_an_alias_finds_its_host_once() {
    let mut world = named(&["Paulo", "Grazia", "Anna"]);
    begin(&mut world.sides[0], "gra", Match::Partial);
    world.run(Millis::from_secs(2));
    let found = claims(&mut world.sides[0]);
    let expected =
        AliasClaim { host: world.sides[1].id(), alias: "Grazia".into(), flags: vec![], friend: FriendState::Unknown };
    assert_eq!(found, [expected]);
    let id = world.sides[1].id();
    assert_eq!(world.sides[0].view(id).unwrap().alias.as_deref(), Some("Grazia"));
}

#[test]
fn the_empty_part_of_an_alias_finds_everybody() {
    let mut world = named(&["Paulo", "Grazia", "Anna"]);
    begin(&mut world.sides[0], "", Match::Partial);
    world.run(Millis::from_secs(2));
    let mut found: Vec<String> = claims(&mut world.sides[0]).into_iter().map(|claim| claim.alias).collect();
    found.sort();
    assert_eq!(found, ["Anna", "Grazia"]);
}

#[test]
fn an_exact_search_finds_the_whole_alias_only() {
    let mut world = named(&["Paulo", "Grazia", "Graziella"]);
    begin(&mut world.sides[0], "GRAZIA", Match::Exact);
    world.run(Millis::from_secs(2));
    let found = claims(&mut world.sides[0]);
    assert_eq!(found.iter().map(|claim| claim.host).collect::<Vec<_>>(), [world.sides[1].id()]);
}

#[test]
fn two_hosts_with_one_alias_are_both_shown() {
    let mut world = named(&["Paulo", "Anna", "Anna"]);
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.run(Millis::from_secs(2));
    let mut found: Vec<HostId> = claims(&mut world.sides[0]).iter().map(|claim| claim.host).collect();
    let mut expected = vec![world.sides[1].id(), world.sides[2].id()];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_search_ends_after_its_time() {
    let mut world = named(&["Paulo", "Anna"]);
    let search = begin(&mut world.sides[0], "nobody", Match::Exact);
    world.run(Millis(2_999));
    assert_eq!(world.sides[0].events(), []);
    world.run(Millis(1));
    assert_eq!(world.sides[0].events(), [Event::SearchEnded { search }]);
}

#[test]
fn a_query_is_sent_twice_and_answered_once() {
    let mut world = named(&["Paulo", "Anna"]);
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.run(Millis::from_secs(3));
    let queries = world.sent.iter().filter(|(_, by, sent)| *by == 0 && is_query(sent)).count();
    let answers =
        world.sent.iter().filter(|(_, by, sent)| *by == 1 && matches!(sent, Transmit::Datagram { .. })).count();
    assert_eq!((queries, answers), (2, 1));
}

fn is_query(sent: &Transmit) -> bool {
    let Transmit::Everyone { bytes, .. } = sent else { return false };
    Unverified::parse(bytes).is_ok_and(|packet| packet.service() == crate::packet::Service::QueryAlias)
}

#[test]
fn a_query_lost_once_still_finds() {
    let mut world = named(&["Paulo", "Anna"]);
    world.unicast_only = true;
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.deliver();
    world.unicast_only = false;
    world.run(Millis::from_secs(2));
    assert_eq!(claims(&mut world.sides[0]).len(), 1);
}

#[test]
fn an_invisible_host_is_not_found() {
    let mut world = named(&["Paulo", "Anna"]);
    world.sides[1].settings.visibility = Visibility::Nobody;
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.run(Millis::from_secs(3));
    assert_eq!(claims(&mut world.sides[0]), []);
}

#[test]
fn a_host_visible_to_friends_is_found_by_friends() {
    let mut world = named(&["Paulo", "Anna", "Carla"]);
    let (friend, rest) = world.sides.split_at_mut(1);
    rest[0].settings.visibility = Visibility::Friends;
    rest[0].befriend(&friend[0]);
    for searcher in [0, 2] {
        begin(&mut world.sides[searcher], "Anna", Match::Exact);
    }
    world.run(Millis::from_secs(3));
    assert_eq!(claims(&mut world.sides[0]).len(), 1);
    assert_eq!(claims(&mut world.sides[2]), []);
}

#[test]
fn an_answer_brings_a_certificate_that_verifies() {
    let mut world = named(&["Paulo", "Anna"]);
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.run(Millis::from_secs(2));
    let [certificate] = world.sides[0].certificates.as_slice() else { panic!("one certificate") };
    assert!(certificate.verify());
    assert_eq!(certificate.host_id(), world.sides[1].id());
}

#[test]
fn a_look_alike_of_a_friend_is_flagged() {
    let mut world = named(&["Paulo", "PauIa", "Anna"]);
    let friend = world.sides[2].id();
    world.sides[0].friends = vec![(friend, "Paula".into(), FriendState::Friend)];
    begin(&mut world.sides[0], "pau", Match::Partial);
    world.run(Millis::from_secs(2));
    assert_eq!(claims(&mut world.sides[0])[0].flags, [NameFlag::LooksLikeFriend]);
}

#[test]
fn searches_from_one_address_are_answered_twice_a_minute() {
    let mut world = named(&["Paulo", "Anna"]);
    for _ in 0..3 {
        begin(&mut world.sides[0], "Anna", Match::Exact);
        world.run(Millis::from_secs(4));
    }
    assert_eq!(claims(&mut world.sides[0]).len(), 2);
    assert!(world.sides[1].count("answer above the rate") > 0);
    world.run(Millis::from_minutes(1));
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.run(Millis::from_secs(4));
    assert_eq!(claims(&mut world.sides[0]).len(), 1);
}

#[test]
fn a_search_by_broadcast_from_off_link_is_not_answered() {
    let mut world = named(&["Paulo", "Anna"]);
    let query = QueryAlias { nonce: [1; 8], alias: "Anna".into(), matching: Match::Exact };
    let query = world.sides[0].make(HostId::BROADCAST, PacketBody::QueryAlias(query));
    let far = NetAddr::from(([10, 9, 8, 7], 20_070));
    assert!(world.sides[1].hear(Cast::Broadcast, far, &query));
    world.run(Millis::from_secs(1));
    assert_eq!(world.sent_to_one(1), 0);
    assert_eq!(world.sides[1].count("search by broadcast from off-link"), 1);
}

#[test]
fn the_largest_answer_is_at_most_three_times_the_smallest_query() {
    let mut world = named(&["Paulo", &"ü".repeat(32)]);
    let from = NetAddr::from(([10, 9, 8, 7], 20_070));
    let query = QueryAlias { nonce: [1; 8], alias: "ü".into(), matching: Match::Partial };
    let query = world.sides[0].make(HostId::BROADCAST, PacketBody::QueryAlias(query));
    assert!(world.sides[1].hear(Cast::Unicast, from, &query));
    world.run(Millis::from_secs(1));
    let answer = world.sent.iter().find_map(|(_, _, sent)| match sent {
        Transmit::Datagram { to, bytes } if *to == from => Some(bytes.len()),
        _ => None,
    });
    let answer = answer.unwrap();
    assert!(answer <= 3 * query.len() && answer <= QUERY_ALIAS_RESPONSE_MAX, "{answer} to {}", query.len());
}

#[test]
fn an_answer_to_no_search_or_to_another_alias_is_counted() {
    let mut world = named(&["Paulo", "Anna"]);
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.deliver();
    world.sides[1].settings.alias = "Bruno".into();
    world.run(Millis::from_secs(1));
    assert_eq!(world.sides[0].count("answer that does not match"), 1);

    begin(&mut world.sides[0], "Bruno", Match::Exact);
    world.deliver();
    world.sides[0].search = Search::default();
    world.run(Millis::from_secs(1));
    assert_eq!(world.sides[0].count("answer to no search"), 1);
    assert_eq!(claims(&mut world.sides[0]), []);
}

#[test]
fn a_host_that_answers_twice_is_told_once() {
    let mut world = named(&["Paulo", "Anna"]);
    begin(&mut world.sides[0], "Anna", Match::Exact);
    world.deliver();
    let (nonce, sealing, olm) =
        (world.sides[0].search.running.get(&SearchId(1)).unwrap().query.nonce, SealingKey([1; 32]), OlmKey([2; 32]));
    let certificate = Certificate::issue(&world.sides[1].identity, sealing, 1, olm, 0);
    let (from, to) = (world.sides[1].address, world.sides[0].id());
    for _ in 0..2 {
        let beacon = world.sides[1].call(|presence, _, ctx| presence.beacon(ctx));
        let answer = AliasAnswer { nonce, alias: "Anna".into(), certificate: certificate.clone(), beacon };
        let answer = world.sides[1].make(to, PacketBody::QueryAliasResponse(answer));
        assert!(world.sides[0].hear(Cast::Unicast, from, &answer));
    }
    assert_eq!(claims(&mut world.sides[0]).len(), 1);
}

#[test]
fn one_search_too_many_ends_the_oldest() {
    let mut world = named(&["Paulo"]);
    let first = begin(&mut world.sides[0], "x", Match::Exact);
    for _ in 0..SEARCHES_MAX {
        begin(&mut world.sides[0], "x", Match::Exact);
    }
    assert_eq!(world.sides[0].events(), [Event::SearchEnded { search: first }]);
}

#[test]
fn who_searches_more_often_than_hosts_answer_is_shown_what_they_answered_within_the_minute() {
    let mut world = named(&["Paulo", "Grazia"]);
    let again = |world: &mut World| {
        world.sides[0].call(|presence, search, ctx| {
            let id = search.begin("gra", Match::Partial, presence, ctx);
            search.tell_recent(id, &[], presence, ctx);
            id
        });
        world.run(Millis::from_secs(4));
        claims(&mut world.sides[0]).len()
    };
    assert_eq!([again(&mut world), again(&mut world), again(&mut world), again(&mut world)], [1; 4]);
    world.run(Millis::from_secs(61));
    world.sides[1].settings.alias = "Bruno".into();
    assert_eq!(again(&mut world), 0);
}
