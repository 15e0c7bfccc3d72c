//! Keys outside of pages.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use permesso_node::{Command, FriendState, HostId, MessageState};

use super::editor::Editor;
use super::input::{Action, Purpose};
use super::page::{Confirm, Page, Prompt, PromptKind, Question, Scroll};
use super::people::Person;
use super::state::{Chat, Focus, Stage};
use crate::words::say;

/// Rows that Page Up and Page Down go.
pub(super) const LEAP: isize = 10;

impl Chat {
    /// Reacts to a key.
    pub(super) fn on_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c' | 'q')) {
            return self.quit();
        }
        // The screen is drawn anew, no more.
        if control && key.code == KeyCode::Char('l') {
            return Vec::new();
        }
        match &self.stage {
            Stage::Welcome { .. } => self.on_welcome_key(key),
            Stage::Opening | Stage::Leaving => Vec::new(),
            Stage::Running if !self.pages.is_empty() => self.on_page_key(key),
            Stage::Running => match self.focus {
                Focus::People => self.on_list_key(key),
                Focus::Text => self.on_text_key(key),
                Focus::Messages => self.on_messages_key(key),
            },
        }
    }

    /// Takes in what was pasted.
    pub(super) fn on_paste(&mut self, text: &str) -> Vec<Action> {
        match &mut self.stage {
            Stage::Welcome { editor, .. } => editor.insert(text),
            Stage::Running => match (self.pages.last_mut(), &mut self.talk) {
                (Some(page), _) => {
                    if let Some(editor) = page.editor() {
                        editor.insert(text);
                    }
                }
                (None, Some(talk)) if self.focus != Focus::People => {
                    self.focus = Focus::Text;
                    talk.editor.insert(text);
                }
                _ => {}
            },
            _ => {}
        }
        Vec::new()
    }

    /// Ends the chat.
    pub(super) fn quit(&mut self) -> Vec<Action> {
        self.stage = Stage::Leaving;
        vec![Action::Quit]
    }

    fn on_welcome_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Stage::Welcome { editor, trouble } = &mut self.stage else { return Vec::new() };
        match key.code {
            KeyCode::Enter => {
                let alias = editor.text().to_owned();
                match self.checked_alias(&alias) {
                    Ok(alias) => {
                        self.stage = Stage::Opening;
                        return vec![Action::Open { alias: Some(alias) }];
                    }
                    Err(why) => {
                        if let Stage::Welcome { trouble, .. } = &mut self.stage {
                            *trouble = Some(why);
                        }
                    }
                }
            }
            KeyCode::Esc => return self.quit(),
            _ => {
                if editor.on_key(key) {
                    *trouble = None;
                }
            }
        }
        Vec::new()
    }

    fn on_list_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let chosen = self.people.selected().and_then(|host| self.people.person(host));
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.people.step(-1),
            KeyCode::Down | KeyCode::Char('j') => self.people.step(1),
            KeyCode::PageUp => self.people.step(-LEAP),
            KeyCode::PageDown => self.people.step(LEAP),
            KeyCode::Home => self.people.step(isize::MIN),
            KeyCode::End => self.people.step(isize::MAX),
            KeyCode::Enter | KeyCode::Right => return self.open_chosen(chosen),
            KeyCode::Tab if self.talk.is_some() => self.focus = Focus::Text,
            KeyCode::Char('i') => return self.person_page(chosen),
            KeyCode::Char('a') => return chosen.map(|person| self.ask_or_accept(&person)).unwrap_or_default(),
            KeyCode::Char('x') => return chosen.map(|person| self.refuse(&person, false)).unwrap_or_default(),
            KeyCode::Char('q') => return self.quit(),
            _ => return self.on_common_key(key),
        }
        Vec::new()
    }

    /// Keys that open pages; letters only where no text is written.
    fn on_common_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let letters = self.focus != Focus::Text;
        match key.code {
            KeyCode::F(1) => self.pages.push(Page::Help { scroll: Scroll::default() }),
            KeyCode::Char('?') if letters => self.pages.push(Page::Help { scroll: Scroll::default() }),
            KeyCode::F(2) => {
                let host = match self.focus {
                    Focus::People => self.people.selected(),
                    _ => self.talk.as_ref().map(|talk| talk.host),
                };
                return host.map(|host| self.show_person(host)).unwrap_or_default();
            }
            KeyCode::F(3) => self.show_search(),
            KeyCode::Char('/') if letters => self.show_search(),
            KeyCode::F(4) => self.show_find(),
            KeyCode::Char('f') if letters => self.show_find(),
            KeyCode::Char('m') if letters => return self.show_code(),
            KeyCode::F(5) => return self.show_code(),
            KeyCode::Char('s') if letters => return self.show_settings(),
            KeyCode::F(6) => return self.show_settings(),
            KeyCode::Char('n') if letters => self.show_notices(),
            KeyCode::F(7) => self.show_notices(),
            KeyCode::Char('d') if letters => return self.show_doctor(),
            KeyCode::F(8) => return self.show_doctor(),
            KeyCode::Char('l') if letters => return self.show_log(),
            KeyCode::F(9) => return self.show_log(),
            _ => {}
        }
        Vec::new()
    }

    fn show_code(&mut self) -> Vec<Action> {
        self.pages.push(Page::Code { host: None, uri: None, inverted: false, as_text: false });
        vec![Action::LoadCode(None)]
    }

    fn show_settings(&mut self) -> Vec<Action> {
        self.pages.push(Page::Settings { selected: 0 });
        vec![Action::LoadSettings]
    }

    fn show_notices(&mut self) {
        self.notices.see();
        self.pages.push(Page::Notices { scroll: Scroll::default() });
    }

    fn show_doctor(&mut self) -> Vec<Action> {
        self.pages.push(Page::Doctor { lines: None, scroll: Scroll::default() });
        vec![Action::Diagnose]
    }

    fn show_log(&mut self) -> Vec<Action> {
        self.pages.push(Page::Log { lines: Vec::new(), scroll: Scroll::default() });
        vec![Action::ReadLog]
    }

    fn open_chosen(&mut self, chosen: Option<Person>) -> Vec<Action> {
        match chosen {
            Some(person) if person.has_history => self.open_talk(person.host),
            other => self.person_page(other),
        }
    }

    fn person_page(&mut self, person: Option<Person>) -> Vec<Action> {
        person.map(|person| self.show_person(person.host)).unwrap_or_default()
    }

    /// Says yes to who asks; asks a stranger.
    pub(super) fn ask_or_accept(&mut self, person: &Person) -> Vec<Action> {
        let (host, name) = (person.host, person.name.clone());
        match person.state {
            FriendState::RequestReceived => {
                let command = Command::AnswerFriendship { host, accept: true, tell: true };
                vec![Action::Do(command, Purpose::Say(say!(self.language, "friends-now", name)))]
            }
            FriendState::Unknown | FriendState::Ended => {
                let prompt = Prompt { kind: PromptKind::Greeting(host), editor: Editor::line(""), trouble: None };
                self.pages.push(Page::Prompt(prompt));
                Vec::new()
            }
            FriendState::RequestSent | FriendState::Friend => Vec::new(),
        }
    }

    /// Says no to who asks; silently, unless `tell` is set.
    pub(super) fn refuse(&mut self, person: &Person, tell: bool) -> Vec<Action> {
        if person.state != FriendState::RequestReceived {
            return Vec::new();
        }
        let command = Command::AnswerFriendship { host: person.host, accept: false, tell };
        let said = say!(self.language, "refused", name = person.name);
        vec![Action::Do(command, Purpose::Say(said))]
    }

    fn on_text_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(talk) = &mut self.talk else {
            self.focus = Focus::People;
            return Vec::new();
        };
        if talk.editor.on_key(key) {
            return Vec::new();
        }
        match key.code {
            KeyCode::Enter => return self.send(),
            KeyCode::Esc | KeyCode::BackTab => self.focus = Focus::People,
            KeyCode::Tab | KeyCode::Up => return self.go_to_messages(0),
            KeyCode::PageUp => return self.go_to_messages(-LEAP),
            _ => return self.on_common_key(key),
        }
        Vec::new()
    }

    fn go_to_messages(&mut self, by: isize) -> Vec<Action> {
        let Some(talk) = self.talk.as_mut().filter(|talk| !talk.messages.is_empty()) else { return Vec::new() };
        self.focus = Focus::Messages;
        if talk.selected.is_none() || by != 0 {
            talk.step(by);
        }
        talk.read_on().into_iter().collect()
    }

    fn on_messages_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(talk) = &mut self.talk else {
            self.focus = Focus::People;
            return Vec::new();
        };
        let last = talk.messages.last().map(|message| message.key);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => talk.step(-1),
            KeyCode::Down | KeyCode::Char('j') if talk.selected == last => return self.back_to_text(),
            KeyCode::Down | KeyCode::Char('j') => talk.step(1),
            KeyCode::PageUp => talk.step(-LEAP),
            KeyCode::PageDown => talk.step(LEAP),
            KeyCode::Home => talk.step(isize::MIN),
            KeyCode::End | KeyCode::Esc | KeyCode::Tab => return self.back_to_text(),
            KeyCode::BackTab => {
                talk.selected = None;
                self.focus = Focus::People;
            }
            KeyCode::Enter => {
                if let Some(message) = talk.selected {
                    self.pages.push(Page::Details { message, scroll: Scroll::default() });
                }
            }
            KeyCode::Char('r' | 'c') | KeyCode::Delete => return self.on_message_key(key.code),
            _ => return self.on_common_key(key),
        }
        self.talk.as_mut().and_then(super::talk::Talk::read_on).into_iter().collect()
    }

    fn back_to_text(&mut self) -> Vec<Action> {
        if let Some(talk) = &mut self.talk {
            talk.selected = None;
        }
        self.focus = Focus::Text;
        Vec::new()
    }

    /// What can be done with the chosen message.
    pub(super) fn on_message_key(&mut self, code: KeyCode) -> Vec<Action> {
        let Some(message) = self.talk.as_ref().and_then(|talk| talk.chosen()).cloned() else { return Vec::new() };
        let id = message.message;
        let waits = message.mine && matches!(message.state, MessageState::Queued | MessageState::Held);
        match code {
            KeyCode::Char('r') if self.may_resend() => {
                let said = say!(self.language, "chat-resent");
                vec![Action::Do(Command::Retry { message: id }, Purpose::Say(said))]
            }
            KeyCode::Char('c') if waits => {
                let yes =
                    Action::Do(Command::Cancel { message: id }, Purpose::Say(say!(self.language, "chat-cancelled")));
                self.ask(Question::Cancel(id), yes)
            }
            KeyCode::Delete => {
                let yes = Action::Do(Command::DeleteMessage { message: id }, Purpose::Delete(id));
                self.ask(Question::Delete(id), yes)
            }
            _ => Vec::new(),
        }
    }

    /// Whether the chosen message did not arrive and can be sent again: to a friend.
    pub(crate) fn may_resend(&self) -> bool {
        self.talk.as_ref().is_some_and(|talk| {
            let failed = talk.chosen().is_some_and(|one| one.mine && matches!(one.state, MessageState::Failed { .. }));
            failed && self.people.is_friend(talk.host)
        })
    }

    /// Asks before something is done.
    pub(super) fn ask(&mut self, question: Question, yes: Action) -> Vec<Action> {
        self.pages.push(Page::Confirm(Confirm { question, yes }));
        Vec::new()
    }

    /// The name of somebody.
    pub(crate) fn name_of(&self, host: HostId) -> String {
        self.people.person(host).map_or_else(|| host.short(), |person| person.name)
    }
}
