//! Names for hosts: an id, the name the user gave a friend, or the alias a friend claims.

use permesso_engine::names::matches;
use permesso_node::{ContactView, FriendState, FriendView, HostId, Match};
use serde::Serialize;

/// Why a name names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// Nobody is called so.
    #[error("no friend is called {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Several are called so.
    #[error("{} hosts are called {name:?}", candidates.len())]
    Ambiguous {
        /// The name.
        name: String,
        /// They.
        candidates: Vec<Candidate>,
    },
}

/// One of several hosts that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Candidate {
    /// Its id, which is never ambiguous.
    pub(crate) host: HostId,
    /// The name to show.
    pub(crate) name: String,
    /// Where we stand with it.
    pub(crate) state: FriendState,
}

/// Somebody who has names.
pub(crate) trait Named {
    /// Its id.
    fn host(&self) -> HostId;
    /// Where we stand with it.
    fn state(&self) -> FriendState;
    /// The name it claims.
    fn alias(&self) -> &str;
    /// The name the user gave it.
    fn local_alias(&self) -> Option<&str>;
}

macro_rules! named {
    ($($view:ty),*) => {
        $(impl Named for $view {
            fn host(&self) -> HostId {
                self.host
            }

            fn state(&self) -> FriendState {
                self.state
            }

            fn alias(&self) -> &str {
                &self.alias
            }

            fn local_alias(&self) -> Option<&str> {
                self.local_alias.as_deref()
            }
        })*
    };
}
named!(FriendView, ContactView);

/// The host that `name` means. The user's own names count before aliases, living friendships before ended ones.
pub(crate) fn resolve<T: Named>(name: &str, friends: &[T]) -> Result<HostId, NameError> {
    if let Ok(host) = name.parse() {
        return Ok(host);
    }
    let given = |friend: &&T| friend.local_alias().is_some_and(|given| same(given, name));
    let claimed = |friend: &&T| same(friend.alias(), name);
    let lives = |friend: &&T| friend.state() != FriendState::Ended && friend.state() != FriendState::Unknown;
    let rounds: [Vec<&T>; 4] = [
        friends.iter().filter(lives).filter(given).collect(),
        friends.iter().filter(lives).filter(claimed).collect(),
        friends.iter().filter(given).collect(),
        friends.iter().filter(claimed).collect(),
    ];
    let found = rounds.into_iter().find(|round| !round.is_empty()).unwrap_or_default();
    match found.as_slice() {
        [] => Err(NameError::Unknown { name: name.into() }),
        [friend] => Ok(friend.host()),
        several => Err(NameError::Ambiguous {
            name: name.into(),
            candidates: several.iter().map(|friend| candidate(*friend)).collect(),
        }),
    }
}

fn same(one: &str, other: &str) -> bool {
    matches(one, other, Match::Exact)
}

fn candidate(friend: &impl Named) -> Candidate {
    let name = friend.local_alias().unwrap_or(friend.alias()).to_owned();
    Candidate { host: friend.host(), name, state: friend.state() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use permesso_node::ids::FriendId;

    fn friend(number: u32, alias: &str, local_alias: Option<&str>, state: FriendState) -> FriendView {
        FriendView {
            friend: FriendId(number),
            host: id(number),
            state,
            alias: alias.into(),
            local_alias: local_alias.map(Into::into),
            verified: false,
            has_code: false,
            blocked: false,
            greeting: None,
            flags: Vec::new(),
            unread: 0,
            online: false,
        }
    }

    fn id(number: u32) -> HostId {
        format!("00000000-0000-8000-8000-{number:012}").parse().unwrap()
    }

    #[test]
    fn an_id_means_its_host_even_if_nobody_knows_it() {
        assert_eq!(resolve::<FriendView>(&id(9).to_string(), &[]), Ok(id(9)));
    }

    #[test]
    fn a_name_given_by_the_user_counts_before_aliases() {
        let friends = [
            friend(1, "Grace", Some("Boss"), FriendState::Friend),
            friend(2, "Ada", Some("Grace"), FriendState::Friend),
        ];
        assert_eq!(resolve("grace", &friends), Ok(id(2)));
        assert_eq!(resolve("BOSS", &friends), Ok(id(1)));
        assert_eq!(resolve("Ada", &friends), Ok(id(2)));
    }

    #[test]
    fn a_name_of_two_is_refused_with_both() {
        let friends =
            [friend(1, "Grace", None, FriendState::Friend), friend(2, "GRACE", None, FriendState::RequestReceived)];
        let Err(NameError::Ambiguous { candidates, .. }) = resolve("Grace", &friends) else { panic!() };
        assert_eq!(candidates.iter().map(|one| one.host).collect::<Vec<_>>(), [id(1), id(2)]);
    }

    #[test]
    fn an_ended_friendship_does_not_make_a_name_ambiguous() {
        let mut friends = vec![friend(1, "Grace", None, FriendState::Ended)];
        assert_eq!(resolve("Grace", &friends), Ok(id(1)));
        friends.push(friend(2, "Grace", None, FriendState::Friend));
        assert_eq!(resolve("Grace", &friends), Ok(id(2)));
    }

    #[test]
    fn a_part_of_a_name_is_not_a_name() {
        let friends = [friend(1, "Grace", None, FriendState::Friend)];
        assert_eq!(resolve("Gra", &friends), Err(NameError::Unknown { name: "Gra".into() }));
    }
}
