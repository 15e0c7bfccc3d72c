//! What is wanted on a link, and remembered from links before.

use permesso_engine::api::Command;
use permesso_engine::frame::{Frame, Proofs, Want, want_of};
use permesso_engine::ids::{LinkId, ProofSecret, Tag};

use crate::carriers::{envelopes, foreign};
use crate::malice::{ADA, GRACE};
use crate::pair::{MINUTE, Pair};

/// Every WANT a host has said from its `from`th frame on.
fn wants(pair: &Pair, host: usize, from: usize) -> Vec<Want> {
    let frames = pair.said[host][from..].iter();
    frames.filter_map(|(_, frame)| if let Frame::Want(want) = frame { Some(want.clone()) } else { None }).collect()
}

/// The list of what Ada last wanted of Grace, with what was added: at such times the two alone were linked.
fn list(pair: &Pair) -> u64 {
    let own = want_of(&Tag(*pair.id(ADA).as_bytes()), pair.id(GRACE)).to_be_bytes();
    let wants = wants(pair, ADA, 0);
    let whole = wants.iter().rposition(|want| want.replace && want.entries.contains(&own)).unwrap();
    let added = wants[whole + 1..].iter().filter(|want| !want.replace);
    added.fold(wants[whole].list(0), |list, want| want.list(list))
}

/// What a host wants of somebody who says to remember that list.
fn asked(pair: &mut Pair, host: usize, remembers: u64) -> Vec<Want> {
    let from = pair.said[host].len();
    let link = pair.greet_with(host, 7, |hello| hello.remembers = remembers);
    pair.hang_up(host, link);
    wants(pair, host, from)
}

#[test]
fn a_want_goes_whole_until_its_receiver_says_to_remember_it_and_again_when_there_are_new_tags() {
    let mut pair = Pair::friends();
    pair.switch_off(GRACE);
    let goes_on = [Want { replace: false, entries: Vec::new() }];
    let whole = asked(&mut pair, ADA, 0);
    assert!(whole[0].replace && whole[0].entries.len() > 10, "{whole:?}");
    let name = whole.iter().fold(0, |list, want| want.list(list));
    assert_eq!(asked(&mut pair, ADA, 0), whole, "it may have been cut off");
    assert_eq!(asked(&mut pair, ADA, name ^ 1), whole, "another");
    assert_eq!(asked(&mut pair, ADA, name), goes_on);
    // A request waits for its answer under a tag of its own.
    pair.meet(ADA, 9);
    let host = crate::malice::stranger(9).0.host_id();
    pair.command(ADA, Command::AskFriendship { host, greeting: String::new() });
    let more = asked(&mut pair, ADA, name);
    assert!(more[0].replace && more[0].entries.len() > whole[0].entries.len());
    pair.kill(ADA);
    pair.switch_on(ADA, None);
    let name = more.iter().fold(0, |list, want| want.list(list));
    assert!(asked(&mut pair, ADA, name)[0].replace, "who starts again remembers nothing of whom it told what");
}

/// Somebody comes who says `want` at once, and whether what Ada is given for it then comes to it.
fn comes_to(pair: &mut Pair, number: u8, want: Option<&Want>) -> (LinkId, u64) {
    let from = pair.said[ADA].len();
    let link = pair.greet_with(ADA, number, |_| {});
    if let Some(want) = want {
        pair.say(ADA, link, &Frame::Want(want.clone()));
    }
    let hello = |(_, frame): &(u64, Frame)| if let Frame::Hello(hello) = frame { Some(hello.remembers) } else { None };
    (link, pair.said[ADA][from..].iter().find_map(hello).unwrap())
}

#[test]
fn what_was_wanted_on_a_link_before_is_given_on_the_next_to_who_goes_on_with_it_also_when_it_comes_later() {
    let mut pair = Pair::new();
    let mail = [1, 2, 3].map(|count| foreign(20, count));
    let entry = want_of(&mail[0].tag, pair.id(ADA)).to_be_bytes();
    let want = Want { replace: true, entries: vec![entry] };
    let goes_on = Want { replace: false, entries: Vec::new() };
    let (link, remembers) = comes_to(&mut pair, 7, Some(&want));
    pair.hang_up(ADA, link);
    assert_eq!(remembers, 0);
    let given = |pair: &Pair, from: usize| {
        let frames = pair.said[ADA][from..].iter().map(|(_, frame)| frame.clone());
        frames.flat_map(envelopes).map(|envelope| envelope.id()).collect::<Vec<_>>()
    };
    // Something is there already, and something comes while the link stands.
    pair.deposit(ADA, 8, &mail[..1]);
    let from = pair.said[ADA].len();
    let (link, remembers) = comes_to(&mut pair, 7, Some(&goes_on));
    assert_eq!(remembers, want.list(0));
    assert_eq!(given(&pair, from), [mail[0].id()]);
    pair.deposit(ADA, 8, &mail[1..2]);
    assert_eq!(given(&pair, from), [mail[0].id(), mail[1].id()]);
    pair.hang_up(ADA, link);
    // Who says nothing wants nothing, and of somebody else nothing is remembered.
    for (number, want) in [(7, None), (9, Some(&goes_on))] {
        let from = pair.said[ADA].len();
        let (link, _) = comes_to(&mut pair, number, want);
        pair.deposit(ADA, 8, &mail[2..]);
        assert_eq!(given(&pair, from), []);
        pair.hang_up(ADA, link);
    }
}

#[test]
fn two_that_met_a_minute_ago_say_hello_and_what_is_new_alone() {
    let mut pair = Pair::friends();
    // Ada carries mail and has heard proofs; Grace has her own to be carried.
    let mail: Vec<_> = (0..20).map(|count| foreign(20, count)).collect();
    pair.deposit(ADA, 20, &mail);
    let secrets: Vec<_> = (0..100).map(|number| ProofSecret([100 + number; 16])).collect();
    pair.pass_by(ADA, &Frame::Proofs(Proofs { first: 0, secrets }));
    pair.write(GRACE, "a link");
    pair.advance(MINUTE);
    let said = |pair: &Pair, from: [usize; 2]| {
        [ADA, GRACE].map(|host| {
            let frames = pair.said[host][from[host]..].iter().map(|(_, frame)| frame);
            let lengths = |hello: bool| {
                let wanted = frames.clone().filter(|frame| matches!(frame, Frame::Hello(_)) == hello);
                wanted.map(|frame| frame.encode().len()).sum::<usize>()
            };
            (lengths(true), lengths(false))
        })
    };
    let first = said(&pair, [0, 0]);
    assert!(first[ADA].1 > 2_000, "{first:?}");
    pair.cut();
    let from = [ADA, GRACE].map(|host| pair.said[host].len());
    // One more proof has come meanwhile, and one text is to go over: that is all there is to say.
    pair.prove(ADA, ProofSecret([99; 16]));
    let from = [pair.said[ADA].len(), from[GRACE]];
    assert!(pair.dial_in(ADA));
    let link = *pair.links.last().unwrap();
    let mut frames = pair.said[GRACE].iter().rev().map(|(_, frame)| frame.clone());
    let Some(Frame::Hello(mut hello)) = frames.find(|frame| matches!(frame, Frame::Hello(_))) else { panic!() };
    hello.remembers = list(&pair);
    pair.say(ADA, link, &Frame::Hello(hello));
    let again = said(&pair, from);
    let (hello, rest) = again[ADA];
    assert!((100..=230).contains(&hello) && rest <= 64, "{again:?}");
}
