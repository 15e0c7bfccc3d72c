//! Who there is: friends, those who ask, those who were asked, and strangers nearby.

use std::collections::BTreeMap;

use permesso_engine::names;
use permesso_node::api::NameFlag;
use permesso_node::{AliasClaim, FriendState, FriendView, HistoryMessage, HostId, HostView, Wall};

use crate::printing::one_line;

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// They ask for friendship.
    Asks,
    /// Friends.
    Friends,
    /// We asked them.
    Sent,
    /// Strangers who are here.
    Nearby,
    /// Blocked, or friends no more.
    Others,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// The title of a part, with how many are in it.
    Title(Group, usize),
    /// Somebody.
    Person(HostId),
}

/// Somebody, as far as this host knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The host.
    pub(crate) host: HostId,
    /// Where in the list.
    pub(crate) group: Group,
    /// The name to show, safe for the terminal; an id where no name is known.
    pub(crate) name: String,
    /// The alias it claims, if one is known.
    pub(crate) alias: Option<String>,
    /// The name the user gave it.
    pub(crate) local_alias: Option<String>,
    /// Where we stand.
    pub(crate) state: FriendState,
    /// Whether it is here.
    pub(crate) online: bool,
    /// Messages not yet read.
    pub(crate) unread: u32,
    /// The safety numbers were compared, or a code was scanned.
    pub(crate) verified: bool,
    /// It asked with a code of ours.
    pub(crate) has_code: bool,
    /// Nothing is heard of it.
    pub(crate) blocked: bool,
    /// What to look out for in its name.
    pub(crate) flags: Vec<NameFlag>,
    /// What it said when it asked.
    pub(crate) greeting: Option<String>,
    /// Whether there is a conversation to look at.
    pub(crate) has_history: bool,
}

/// The last message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    /// Its text.
    pub(crate) text: String,
    /// Whether we wrote it.
    pub(crate) mine: bool,
    /// When it came here.
    pub(crate) at: Wall,
}

impl From<&HistoryMessage> for Last {
    fn from(message: &HistoryMessage) -> Self {
        Self { text: message.text.clone(), mine: message.mine, at: message.local_time }
    }
}

/// Who there is, and who of them is chosen in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    friends: Vec<FriendView>,
    hosts: BTreeMap<HostId, HostView>,
    last: BTreeMap<HostId, Last>,
    selected: Option<HostId>,
}

impl People {
    /// Takes in what was read.
    pub(crate) fn replace(&mut self, friends: Vec<FriendView>, hosts: Vec<HostView>) {
        let known = std::mem::take(&mut self.hosts);
        self.hosts = hosts.into_iter().map(|view| (view.host, view)).collect();
        for (host, view) in &mut self.hosts {
            if view.alias.is_none() {
                view.alias = known.get(host).and_then(|known| known.alias.clone());
            }
        }
        self.friends = friends;
        self.keep_selection();
    }

    /// A friend changed.
    pub(crate) fn on_friend(&mut self, view: FriendView) {
        match self.friends.iter_mut().find(|known| known.host == view.host) {
            Some(known) => *known = view,
            None => self.friends.push(view),
        }
        self.keep_selection();
    }

    /// A host changed. Its name, once known, stays.
    pub(crate) fn on_host(&mut self, mut view: HostView) {
        if view.alias.is_none() {
            view.alias = self.hosts.get(&view.host).and_then(|known| known.alias.clone());
        }
        if let Some(friend) = self.friends.iter_mut().find(|friend| friend.host == view.host) {
            friend.online = view.online;
        }
        self.hosts.insert(view.host, view);
        self.keep_selection();
    }

    /// A host says its name.
    pub(crate) fn on_claim(&mut self, claim: &AliasClaim) {
        if let Some(view) = self.hosts.get_mut(&claim.host) {
            view.alias = Some(claim.alias.clone());
        }
    }

    /// A message came or went out.
    pub(crate) fn set_last(&mut self, host: HostId, last: Last) {
        self.last.insert(host, last);
    }

    /// The last message of a conversation.
    pub(crate) fn last(&self, host: HostId) -> Option<&Last> {
        self.last.get(&host)
    }

    /// Friends whose last message is not known.
    pub(crate) fn without_last(&self) -> Vec<HostId> {
        let friends = self.friends.iter().filter(|friend| group_of(friend) == Some(Group::Friends));
        friends.map(|friend| friend.host).filter(|host| !self.last.contains_key(host)).collect()
    }

    /// A friend as the host tells it.
    pub(crate) fn friend(&self, host: HostId) -> Option<&FriendView> {
        self.friends.iter().find(|friend| friend.host == host)
    }

    /// Whether one can write to somebody.
    pub(crate) fn is_friend(&self, host: HostId) -> bool {
        self.friend(host).is_some_and(|friend| friend.state == FriendState::Friend)
    }

    /// A host's address and the like.
    pub(crate) fn host(&self, host: HostId) -> Option<&HostView> {
        self.hosts.get(&host)
    }

    /// Hosts but the special ones.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &HostView> {
        self.hosts.values().filter(|view| view.special.is_none())
    }

    /// Whether somebody is here whose name is not known.
    pub(crate) fn somebody_is_nameless(&self) -> bool {
        self.hosts().any(|view| view.online && view.alias.is_none() && self.friend(view.host).is_none())
    }

    /// Somebody, if known.
    pub(crate) fn person(&self, host: HostId) -> Option<Person> {
        let view = self.hosts.get(&host);
        if let Some(friend) = self.friend(host) {
            let name = friend.known_name().or_else(|| view.and_then(|view| view.alias.as_deref()));
            let group = group_of(friend).unwrap_or(Group::Nearby);
            return Some(Person {
                host,
                group,
                name: name.map_or_else(|| host.short(), one_line),
                alias: Some(friend.alias.clone()).filter(|alias| !alias.is_empty()),
                local_alias: friend.local_alias.clone(),
                state: friend.state,
                online: friend.online,
                unread: friend.unread,
                verified: friend.verified,
                has_code: friend.has_code,
                blocked: friend.blocked,
                flags: friend.flags.clone(),
                greeting: friend.greeting.clone().filter(|greeting| !greeting.is_empty()),
                has_history: matches!(friend.state, FriendState::Friend | FriendState::Ended),
            });
        }
        let view = view?;
        Some(Person {
            host,
            group: Group::Nearby,
            name: view.alias.as_deref().map_or_else(|| host.short(), one_line),
            alias: view.alias.clone(),
            local_alias: None,
            state: FriendState::Unknown,
            online: view.online,
            unread: 0,
            verified: false,
            has_code: false,
            blocked: false,
            flags: view.alias.as_deref().map(|alias| self.flags(alias, host)).unwrap_or_default(),
            greeting: None,
            has_history: false,
        })
    }

    fn flags(&self, alias: &str, host: HostId) -> Vec<NameFlag> {
        let friends = self.friends.iter().filter(|friend| friend.state == FriendState::Friend);
        names::flags(alias, host, friends.filter_map(|friend| Some((friend.host, friend.known_name()?))))
    }

    /// Everybody worth a row, in order.
    fn listed(&self) -> Vec<Person> {
        let known = self.friends.iter().filter(|friend| group_of(friend).is_some()).map(|friend| friend.host);
        let strangers = self.hosts().filter(|view| {
            let stands = self.friend(view.host).and_then(group_of);
            view.online && stands.is_none()
        });
        let hosts = known.chain(strangers.map(|view| view.host));
        let mut people: Vec<Person> = hosts.filter_map(|host| self.person(host)).collect();
        people.sort_by_cached_key(|person| {
            let newest = self.last.get(&person.host).map_or(0, |last| last.at.0);
            (person.group, person.unread == 0, std::cmp::Reverse(newest), person.name.to_lowercase(), person.host)
        });
        people
    }

    /// The rows of the list.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let people = self.listed();
        let mut rows = Vec::new();
        for group in [Group::Asks, Group::Friends, Group::Sent, Group::Nearby, Group::Others] {
            let members: Vec<Row> =
                people.iter().filter(|person| person.group == group).map(|person| Row::Person(person.host)).collect();
            if !members.is_empty() {
                rows.push(Row::Title(group, members.len()));
                rows.extend(members);
            }
        }
        rows
    }

    /// Who is chosen.
    pub(crate) fn selected(&self) -> Option<HostId> {
        self.selected
    }

    /// Chooses somebody.
    pub(crate) fn select(&mut self, host: HostId) {
        self.selected = Some(host);
    }

    /// Goes down the list so many people, up if negative.
    pub(crate) fn step(&mut self, by: isize) {
        let people: Vec<HostId> = self.everybody();
        let at = people.iter().position(|host| Some(*host) == self.selected).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(people.len().saturating_sub(1));
        self.selected = people.get(to).copied();
    }

    fn everybody(&self) -> Vec<HostId> {
        let person = |row: Row| match row {
            Row::Person(host) => Some(host),
            Row::Title(..) => None,
        };
        self.rows().into_iter().filter_map(person).collect()
    }

    /// Somebody is chosen whenever there is somebody.
    fn keep_selection(&mut self) {
        let people = self.everybody();
        if !self.selected.is_some_and(|host| people.contains(&host)) {
            self.selected = people.first().copied();
        }
    }
}

fn group_of(friend: &FriendView) -> Option<Group> {
    match friend.state {
        _ if friend.blocked => Some(Group::Others),
        FriendState::RequestReceived => Some(Group::Asks),
        FriendState::Friend => Some(Group::Friends),
        FriendState::RequestSent => Some(Group::Sent),
        FriendState::Ended => Some(Group::Others),
        FriendState::Unknown => None,
    }
}
