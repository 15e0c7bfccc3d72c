//! The chat as a state machine: inputs in, actions out. It neither reads nor writes anything itself.

use permesso_engine::limits::{ALIAS_MAX, TEXT_MAX};
use permesso_engine::names;
use permesso_node::{
    Command, CustodyView, Event, FriendState, HostId, Match, MessageState, NodeEvent, NodeNotice, Settings, Wall,
};

use super::editor::Editor;
use super::input::{Action, Input, Now, Purpose};
use super::kept::Kept;
use super::notices::Notices;
use super::page::{Find, Page, Scroll, Search};
use super::people::{Last, People};
use super::talk::{Talk, Told};
use super::when::Zone;
use crate::words::{Language, notices, say};

/// With so many columns list and conversation stand side by side: each has room for a name or a sentence.
const TWO_PANES: u16 = 72;

/// Drafts are written down so long after the last key, in milliseconds: at most a second of typing is lost to a power cut.
const KEEP_AFTER: u64 = 1_000;

/// Joining the network is tried again after this, in milliseconds.
const START_AGAIN: u64 = 10_000;

/// Nameless hosts are asked for their names at most so often, in milliseconds: others answer two searches a minute, and one
/// is left to the user.
const LOOK_AROUND_AGAIN: u64 = 60_000;

/// Where the chat is in its life.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// The first run: an alias is asked for.
    Welcome {
        /// The alias.
        editor: Editor,
        /// Why it was not taken.
        trouble: Option<String>,
    },
    /// The host is being opened.
    Opening,
    /// Everything else.
    Running,
    /// The host is leaving the network.
    Leaving,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    /// To the list.
    People,
    /// To the text being written.
    Text,
    /// To the messages.
    Messages,
}

/// The chat.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) language: Language,
    pub(crate) zone: Zone,
    /// The folder of the host, to be shown.
    pub(crate) folder: String,
    /// Where the key of the data is, to be shown; known once the host is open.
    pub(crate) key_place: String,
    /// How the home is unlocked, to be shown: a passphrase, or a key file.
    pub(crate) has_passphrase: bool,
    pub(crate) now: Wall,
    pub(crate) size: (u16, u16),
    pub(crate) stage: Stage,
    pub(crate) host: Option<HostId>,
    /// On the network.
    pub(crate) started: bool,
    pub(crate) settings: Option<Settings>,
    /// What is carried for others, as it was when the settings were read.
    pub(crate) custody: Option<CustodyView>,
    pub(crate) people: People,
    pub(crate) talk: Option<Talk>,
    pub(crate) focus: Focus,
    pub(crate) pages: Vec<Page>,
    pub(crate) notices: Notices,
    pub(crate) kept: Kept,
    /// Since when something waits to be kept.
    pub(super) unkept: Option<Wall>,
    pub(super) start_again: Option<Wall>,
    looked_around: Option<Wall>,
    pub(super) reading_people: bool,
    pub(super) read_people_again: bool,
    /// Messages are being marked read.
    pub(super) marking: bool,
}

impl Chat {
    /// A chat that has not begun. A new home asks for an alias first.
    pub(crate) fn new(language: Language, folder: String, has_passphrase: bool, is_new: bool, now: Now) -> Self {
        let stage = match is_new {
            true => Stage::Welcome { editor: Editor::line(""), trouble: None },
            false => Stage::Opening,
        };
        Self {
            language,
            zone: Zone::Local,
            folder,
            key_place: String::new(),
            has_passphrase,
            now,
            size: (80, 24),
            stage,
            host: None,
            started: false,
            settings: None,
            custody: None,
            people: People::default(),
            talk: None,
            focus: Focus::People,
            pages: Vec::new(),
            notices: Notices::default(),
            kept: Kept::default(),
            unkept: None,
            start_again: None,
            looked_around: None,
            reading_people: false,
            read_people_again: false,
            marking: false,
        }
    }

    /// What is to be done first.
    pub(crate) fn begin(&self) -> Vec<Action> {
        match self.stage {
            Stage::Opening => vec![Action::Open { alias: None }],
            _ => Vec::new(),
        }
    }

    /// Reacts to something at a moment.
    pub(crate) fn on(&mut self, input: Input, now: Now) -> Vec<Action> {
        self.now = now;
        let mut actions = match input {
            Input::Key(key) => self.on_key(key),
            Input::Paste(text) => self.on_paste(&text),
            Input::Size(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Input::Tick => self.on_tick(),
            Input::Opened { host, kept, key_place, troubles } => {
                self.key_place = key_place;
                self.on_opened(host, kept, troubles)
            }
            Input::Node(event) => self.on_node(event),
            Input::Answer(answer) => self.on_answer(answer),
        };
        actions.extend(self.see_what_is_shown());
        self.note_draft();
        actions
    }

    /// Whether list and conversation stand side by side.
    pub(crate) fn is_wide(&self) -> bool {
        self.size.0 >= TWO_PANES
    }

    /// What must be kept before the end.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    fn on_opened(&mut self, host: HostId, kept: Kept, troubles: Vec<String>) -> Vec<Action> {
        self.stage = Stage::Running;
        self.host = Some(host);
        self.kept = kept;
        for trouble in troubles {
            self.notices.note(trouble, self.now);
        }
        let mut actions = vec![Action::LoadSettings, Action::Start];
        actions.extend(self.read_people());
        actions
    }

    fn on_tick(&mut self) -> Vec<Action> {
        let now = self.now;
        self.notices.on_tick(now);
        let mut actions = Vec::new();
        if self.unkept.is_some_and(|since| now.0.abs_diff(since.0) >= KEEP_AFTER) {
            self.unkept = None;
            actions.push(Action::Keep(self.kept.clone()));
        }
        if self.start_again.take_if(|at| now.0.abs_diff(at.0) >= START_AGAIN).is_some() {
            actions.push(Action::Start);
        }
        let looked = self.looked_around.is_some_and(|at| now.0.abs_diff(at.0) < LOOK_AROUND_AGAIN);
        if self.started && !looked && self.people.somebody_is_nameless() {
            self.looked_around = Some(now);
            actions.push(Action::Find(String::new()));
        }
        if let Some(Page::Log { .. }) = self.pages.last() {
            actions.push(Action::ReadLog);
        }
        actions
    }

    /// What the user sees of a conversation counts as read.
    fn see_what_is_shown(&mut self) -> Option<Action> {
        let running = matches!(self.stage, Stage::Running) && !self.marking;
        let talk = self.talk.as_ref()?;
        let shown = self.pages.is_empty() && (self.is_wide() || self.focus != Focus::People);
        let unread = self.people.friend(talk.host).is_some_and(|friend| friend.unread > 0);
        let marks = running && shown && talk.loaded && unread;
        let command = Command::MarkRead { host: talk.host };
        self.marking |= marks;
        marks.then_some(Action::Do(command, Purpose::MarkRead))
    }

    fn note_draft(&mut self) {
        let Some(talk) = &self.talk else { return };
        if self.kept.set_draft(talk.host, talk.editor.text()) && self.unkept.is_none() {
            self.unkept = Some(self.now);
        }
    }

    /// Reads who there is, once at a time.
    pub(super) fn read_people(&mut self) -> Option<Action> {
        if self.reading_people {
            self.read_people_again = true;
            return None;
        }
        self.reading_people = true;
        Some(Action::LoadPeople)
    }

    fn on_node(&mut self, event: NodeEvent) -> Vec<Action> {
        let event = match event {
            NodeEvent::Engine(event) => event,
            NodeEvent::Node(notice) => return self.on_node_notice(&notice),
        };
        match event {
            Event::HostChanged(view) => {
                // What is being read may have been read before.
                self.read_people_again |= self.reading_people;
                self.people.on_host(view);
                Vec::new()
            }
            Event::FriendChanged(view) => {
                self.read_people_again |= self.reading_people;
                self.on_friend_changed(&view);
                // A code is for one: when somebody has asked with it, the next is to be shown another.
                let used = view.has_code && self.pages.iter().any(|page| matches!(page, Page::Code { host: None, .. }));
                self.people.on_friend(view);
                let last = self.people.without_last().into_iter().map(Action::LoadLast);
                used.then_some(Action::LoadCode(None)).into_iter().chain(last).collect()
            }
            Event::AliasFound { claim, .. } => {
                self.people.on_claim(&claim);
                self.add_claim(claim);
                Vec::new()
            }
            Event::MessageReceived { host, text, local_time, .. } => {
                self.people.set_last(host, Last { text, mine: false, at: local_time });
                self.on_received(host)
            }
            Event::MessageChanged { message, state, holders, full, .. } => {
                if state == MessageState::Delivered {
                    self.kept.note_delivered(message, self.now);
                    self.unkept.get_or_insert(self.now);
                }
                if let Some(talk) = &mut self.talk {
                    talk.on_state(message, Told { state, holders, full });
                }
                Vec::new()
            }
            Event::Notice(notice) => {
                let people = &self.people;
                let name = |host: &HostId| people.person(*host).map_or_else(|| host.short(), |person| person.name);
                let text = notices::of_engine(self.language, &notice, name);
                self.notices.note(text, self.now);
                self.talk.as_mut().and_then(Talk::refresh).into_iter().collect()
            }
            Event::Done { .. } | Event::SearchEnded { .. } | Event::Examined { .. } => Vec::new(),
        }
    }

    fn on_node_notice(&mut self, notice: &NodeNotice) -> Vec<Action> {
        if let Some(text) = notices::of_node(self.language, notice) {
            self.notices.note(text, self.now);
        }
        // Events were missed, or what was told has not happened: the database is the truth.
        let page = self.talk.as_mut().and_then(Talk::refresh);
        self.read_people().into_iter().chain(page).collect()
    }

    fn on_friend_changed(&mut self, view: &permesso_node::FriendView) {
        let before = self.people.friend(view.host).map_or(FriendState::Unknown, |friend| friend.state);
        if before == view.state {
            return;
        }
        let name = crate::printing::one_line(&view.name());
        match view.state {
            FriendState::RequestReceived => self.notices.note(say!(self.language, "chat-notice-asks", name), self.now),
            // Of our own yes we know.
            FriendState::Friend if before != FriendState::RequestReceived => {
                self.notices.note(say!(self.language, "friends-now", name), self.now);
            }
            FriendState::Ended if before == FriendState::Friend => {
                self.notices.note(say!(self.language, "chat-notice-ended", name), self.now);
            }
            _ => {}
        }
    }

    fn on_received(&mut self, host: HostId) -> Vec<Action> {
        let mut actions: Vec<Action> = self.read_people().into_iter().collect();
        match &mut self.talk {
            Some(talk) if talk.host == host => actions.extend(talk.refresh()),
            _ => {
                if let Some(person) = self.people.person(host) {
                    self.notices.say(say!(self.language, "chat-new-message", name = person.name), self.now);
                }
            }
        }
        actions
    }

    fn add_claim(&mut self, claim: permesso_node::AliasClaim) {
        let find = self.pages.iter_mut().find_map(|page| match page {
            Page::Find(find) => Some(find),
            _ => None,
        });
        let Some(find) = find else { return };
        let wanted = find.alias.as_ref().is_some_and(|alias| names::matches(&claim.alias, alias, Match::Partial));
        if find.searching && wanted {
            find.claims.retain(|known| known.host != claim.host);
            find.claims.push(claim);
        }
    }

    /// Opens the conversation with somebody, if there is one.
    pub(super) fn open_talk(&mut self, host: HostId) -> Vec<Action> {
        self.people.select(host);
        if self.talk.as_ref().is_some_and(|talk| talk.host == host) {
            self.focus = Focus::Text;
            return Vec::new();
        }
        let Some(friend) = self.people.friend(host) else { return Vec::new() };
        let draft = self.kept.drafts.get(&host).map(String::as_str).unwrap_or_default();
        let (talk, action) = Talk::open(friend, draft);
        self.notices.hush();
        self.talk = Some(talk);
        self.focus = Focus::Text;
        vec![action]
    }

    /// Shows somebody's page.
    pub(super) fn show_person(&mut self, host: HostId) -> Vec<Action> {
        self.pages.push(Page::Person { host, safety: None, scroll: Scroll::default() });
        vec![Action::LoadSafety(host)]
    }

    pub(super) fn show_find(&mut self) {
        self.pages.push(Page::Find(Find { editor: Editor::line(""), ..Find::default() }));
    }

    pub(super) fn show_search(&mut self) {
        self.pages.push(Page::Search(Search { editor: Editor::line(""), ..Search::default() }));
    }

    /// Sends what was written, if it is not too long.
    pub(super) fn send(&mut self) -> Vec<Action> {
        let Some(talk) = &mut self.talk else { return Vec::new() };
        if talk.editor.is_blank() {
            return Vec::new();
        }
        if !self.people.is_friend(talk.host) {
            self.notices.say(say!(self.language, "chat-not-a-friend"), self.now);
            return Vec::new();
        }
        let length = talk.editor.text().len();
        if length > TEXT_MAX {
            self.notices.say(say!(self.language, "chat-text-too-long", length, limit = TEXT_MAX), self.now);
            return Vec::new();
        }
        let text = talk.editor.take();
        talk.selected = None;
        let host = talk.host;
        vec![Action::Do(Command::SendText { host, text: text.clone() }, Purpose::Send { host, text })]
    }

    /// An alias of one's own, or what is wrong with it.
    pub(super) fn checked_alias(&self, alias: &str) -> Result<String, String> {
        let alias = names::normalize(alias);
        match alias.len() {
            0 => Err(say!(self.language, "chat-alias-empty")),
            length if length > ALIAS_MAX => Err(say!(self.language, "chat-alias-too-long", length, limit = ALIAS_MAX)),
            _ => Ok(alias),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
