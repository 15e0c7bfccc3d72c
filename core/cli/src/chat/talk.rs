//! The conversation on the screen: its messages as far as they were read, and the text being written.

use std::collections::{BTreeMap, BTreeSet};

use permesso_node::{
    FriendView, FullServerView, HistoryMessage, HolderView, HostId, MessageId, MessageKey, MessageState, Place,
};

use super::editor::Editor;
use super::input::Action;

/// Messages read at a time: more than the tallest screen shows.
pub(crate) const PAGE: usize = 100;

/// The first page shows all that is unread, up to so many.
const FIRST_PAGE_MAX: usize = 1_000;

/// The next older page is read when the chosen message is so near the top.
const NEAR_TOP: usize = 30;

/// A conversation.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    /// With whom.
    pub(crate) host: HostId,
    /// What was read of it, in order.
    pub(crate) messages: Vec<HistoryMessage>,
    /// Nothing older exists.
    pub(crate) complete: bool,
    /// The first page has come.
    pub(crate) loaded: bool,
    /// The text being written.
    pub(crate) editor: Editor,
    /// The message that was chosen; the end is shown if none is.
    pub(crate) selected: Option<MessageKey>,
    /// The first of the messages that were unread when the conversation was opened.
    pub(crate) unread_from: Option<MessageKey>,
    /// How many those were.
    pub(crate) unread: u32,
    /// A message that is looked for in older pages.
    wanted: Option<MessageKey>,
    newest: Reading,
    older: bool,
    /// Fates told while a page was being read, which may have been read before.
    told: BTreeMap<MessageId, Told>,
}

/// Whether the newest page is being read, and must be read once more afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    No,
    Yes,
    Again,
}

/// What was told of where a message is.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) state: MessageState,
    pub(crate) holders: Vec<HolderView>,
    pub(crate) full: Vec<FullServerView>,
}

impl Told {
    fn apply(self, message: &mut HistoryMessage) {
        let Self { state, holders, full } = self;
        (message.state, message.holders, message.full) = (state, holders, full);
    }
}

impl Talk {
    /// The conversation with a friend, with a draft; its first page is asked for.
    pub(crate) fn open(friend: &FriendView, draft: &str) -> (Self, Action) {
        let talk = Self {
            host: friend.host,
            messages: Vec::new(),
            complete: false,
            loaded: false,
            editor: Editor::lines(draft),
            selected: None,
            unread_from: None,
            unread: friend.unread,
            wanted: None,
            newest: Reading::Yes,
            older: false,
            told: BTreeMap::new(),
        };
        let limit = PAGE.max(friend.unread as usize + PAGE / 2).min(FIRST_PAGE_MAX);
        (talk, Action::LoadPage { host: friend.host, before: None, limit })
    }

    /// Asks for the newest page, once at a time.
    pub(crate) fn refresh(&mut self) -> Option<Action> {
        if self.newest != Reading::No {
            self.newest = Reading::Again;
            return None;
        }
        self.newest = Reading::Yes;
        Some(Action::LoadPage { host: self.host, before: None, limit: PAGE })
    }

    /// Something could not be read; it may be tried again.
    pub(crate) fn on_trouble(&mut self) {
        (self.newest, self.older) = (Reading::No, false);
    }

    /// Looks for a message, in older pages if need be.
    pub(crate) fn seek(&mut self, message: MessageKey) -> Option<Action> {
        self.wanted = Some(message);
        self.find_wanted()
    }

    /// A page has come. What else must be read.
    pub(crate) fn on_page(
        &mut self,
        before: Option<Place>,
        limit: usize,
        page: Vec<HistoryMessage>,
    ) -> Vec<Option<Action>> {
        let whole = page.len() < limit;
        let mut next = Vec::new();
        match before {
            None => {
                let again = self.newest == Reading::Again;
                self.newest = Reading::No;
                // More came than a page holds: what lies between is read again from here.
                let hole = page.first().zip(self.messages.last()).is_some_and(|(new, old)| new.place() > old.place());
                if hole && !whole {
                    self.messages.clear();
                    self.complete = false;
                }
                self.complete |= whole;
                if again {
                    next.push(self.refresh());
                }
            }
            Some(_) => {
                self.older = false;
                self.complete |= whole;
            }
        }
        self.merge(page);
        if !self.loaded {
            self.loaded = true;
            let received: Vec<MessageKey> =
                self.messages.iter().filter(|message| !message.mine).map(|message| message.key).collect();
            let first = received.len().saturating_sub(self.unread as usize);
            self.unread_from = received.get(first).copied().filter(|_| self.unread > 0);
        }
        next.push(self.find_wanted());
        next.push(self.read_on());
        next
    }

    fn merge(&mut self, page: Vec<HistoryMessage>) {
        let keys: BTreeSet<MessageKey> = page.iter().map(|message| message.key).collect();
        self.messages.retain(|known| !keys.contains(&known.key));
        self.messages.extend(page);
        self.messages.sort_by_key(HistoryMessage::place);
        for message in &mut self.messages {
            if let Some(told) = self.told.get(&message.message) {
                told.clone().apply(message);
            }
        }
        if !self.is_reading() {
            self.told.clear();
        }
    }

    fn find_wanted(&mut self) -> Option<Action> {
        let wanted = self.wanted?;
        if self.position(wanted).is_some() {
            self.selected = Some(wanted);
            self.wanted = None;
            return None;
        }
        if self.complete {
            self.wanted = None;
        }
        if self.wanted.is_some() && self.loaded { self.load_older() } else { None }
    }

    /// Asks for the next older page if the chosen message is near the top of what was read.
    pub(crate) fn read_on(&mut self) -> Option<Action> {
        let near = self.selected.and_then(|key| self.position(key)).is_some_and(|at| at < NEAR_TOP);
        if near { self.load_older() } else { None }
    }

    fn load_older(&mut self) -> Option<Action> {
        let before = self.messages.first()?.place();
        if self.complete || self.older {
            return None;
        }
        self.older = true;
        Some(Action::LoadPage { host: self.host, before: Some(before), limit: PAGE })
    }

    fn is_reading(&self) -> bool {
        self.newest != Reading::No || self.older
    }

    /// A message changed its fate, who holds it, or who has no room for it.
    pub(crate) fn on_state(&mut self, message: MessageId, told: Told) {
        if self.is_reading() {
            self.told.insert(message, told.clone());
        }
        if let Some(known) = self.messages.iter_mut().find(|known| known.message == message) {
            told.apply(known);
        }
    }

    /// A message is gone from the history.
    pub(crate) fn remove(&mut self, message: MessageId) {
        let at = self.messages.iter().position(|known| known.message == message);
        let Some(at) = at else { return };
        let removed = self.messages.remove(at);
        if self.selected == Some(removed.key) {
            let next = self.messages.get(at).or(self.messages.last());
            self.selected = next.map(|message| message.key);
        }
    }

    /// Whether something that this message follows has not arrived.
    pub(crate) fn has_gap(&self, message: &HistoryMessage) -> bool {
        // It may have come since this page was read.
        let here = |parent: &MessageId| self.messages.iter().any(|known| known.message == *parent);
        message.gap && !message.parents.iter().all(here)
    }

    /// Where a message stands in what was read.
    pub(crate) fn position(&self, key: MessageKey) -> Option<usize> {
        self.messages.iter().position(|message| message.key == key)
    }

    /// The chosen message.
    pub(crate) fn chosen(&self) -> Option<&HistoryMessage> {
        self.selected.and_then(|key| self.messages.iter().find(|message| message.key == key))
    }

    /// A message by its row.
    pub(crate) fn message(&self, key: MessageKey) -> Option<&HistoryMessage> {
        self.messages.iter().find(|message| message.key == key)
    }

    /// Goes so many messages down, up if negative; begins with the last one.
    pub(crate) fn step(&mut self, by: isize) {
        let last = self.messages.len().saturating_sub(1);
        let at = match self.selected.and_then(|key| self.position(key)) {
            Some(at) => at.saturating_add_signed(by).min(last),
            None => last.saturating_add_signed(by.min(0)),
        };
        self.selected = self.messages.get(at).map(|message| message.key);
    }
}
