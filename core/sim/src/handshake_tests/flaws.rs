//! Handshakes with a flaw, which the checks must find: what never fails proves nothing.

use permesso_engine::api::{Command, FriendState, PacketService};
use stateright::{Checker, HasDiscoveries, Model};

use super::{BOTH_AGREE, BOTH_WANTED_IT, Budget, Event, Handshake, State};

/// So many states are looked at for a flaw: far more than the way to one has, if it is found at all.
const STATES_MAX: usize = 2_000;

/// A rule that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The program says yes, whatever the user would say.
    SaysYesForTheUser,
    /// A yes never leaves.
    YesStays,
    /// The word that a friendship has ended never leaves.
    EndStays,
}

impl Flaw {
    /// What comes of an event where the rule is broken.
    pub(super) fn spoil(self, model: &Handshake, mut after: State, host: usize) -> State {
        match self {
            Self::SaysYesForTheUser if model.friend_state(&after, host) == FriendState::RequestReceived => {
                let yes = Command::AnswerFriendship { host: model.ids[1 - host], accept: true, tell: true };
                after.stores[host] = model.happen(host, &after.stores[host], &Event::User(yes)).store;
                model.take_out(&mut after, host);
            }
            Self::YesStays => after.air.retain(|name, _| name.service != PacketService::FriendshipYes as u8),
            Self::EndStays => after.air.retain(|name, _| name.service != PacketService::FriendshipEnd as u8),
            _ => {}
        }
        after
    }
}

/// Whether a property that must hold in every state falls with a flaw.
fn falls(flaw: Flaw, property: &'static str) -> bool {
    let budget = Budget { asks: [1, 0], refusals: 0, cancels: 0, ends: 1 };
    let model = Handshake { flaw: Some(flaw), ..Handshake::new(budget) };
    let enough = HasDiscoveries::AnyOf([property].into());
    let checker = model.checker().threads(2).finish_when(enough).target_state_count(STATES_MAX).spawn_bfs().join();
    checker.discovery(property).is_some()
}

#[test]
fn a_yes_that_the_user_did_not_say_is_found() {
    assert!(falls(Flaw::SaysYesForTheUser, BOTH_WANTED_IT));
}

#[test]
fn an_end_that_never_leaves_is_found() {
    assert!(falls(Flaw::EndStays, BOTH_AGREE));
}

#[test]
fn a_yes_that_never_leaves_is_found() {
    assert!(falls(Flaw::YesStays, BOTH_AGREE));
}
