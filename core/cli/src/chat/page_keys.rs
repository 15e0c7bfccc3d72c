//! Keys on pages.

use crossterm::event::{KeyCode, KeyEvent};
use permesso_engine::limits::{ALIAS_MAX, GREETING_MAX};
use permesso_engine::names;
use permesso_node::{Command, FriendState, HostId, Match, Millis, Setting, Settings, Visibility};

use super::editor::Editor;
use super::input::{Action, Purpose};
use super::keys::LEAP;
use super::page::{Item, Page, Prompt, PromptKind, Question, Scroll};
use super::people::Person;
use super::state::{Chat, Focus};
use crate::words::carrying::mebibytes;
use crate::words::say;

impl Chat {
    /// Reacts to a key on the topmost page.
    pub(super) fn on_page_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(page) = self.pages.last_mut() else { return Vec::new() };
        let writes = page.editor().is_some();
        match key.code {
            KeyCode::Esc => {
                self.pages.pop();
                return Vec::new();
            }
            KeyCode::Char('q') if !writes => {
                self.pages.pop();
                return Vec::new();
            }
            KeyCode::F(1) if !matches!(page, Page::Help { .. }) => {
                self.pages.push(Page::Help { scroll: Scroll::default() });
                return Vec::new();
            }
            _ => {}
        }
        if scrolls(page, key.code) {
            return Vec::new();
        }
        match page {
            Page::Person { host, .. } => {
                let person = self.people.person(*host);
                person.map(|person| self.on_person_key(key.code, &person)).unwrap_or_default()
            }
            Page::Code { host, inverted, as_text, .. } => {
                match key.code {
                    KeyCode::Char('n') if host.is_none() => {
                        return vec![Action::Do(Command::RenewCode, Purpose::Code)];
                    }
                    KeyCode::Char('i') => *inverted = !*inverted,
                    KeyCode::Char('t') => *as_text = !*as_text,
                    _ => {}
                }
                Vec::new()
            }
            Page::Find(_) => self.on_find_key(key),
            Page::Search(_) => self.on_search_key(key),
            Page::Settings { .. } => self.on_settings_key(key.code),
            Page::Doctor { lines, .. } => match key.code {
                KeyCode::Char('r') => {
                    *lines = None;
                    vec![Action::Diagnose]
                }
                _ => Vec::new(),
            },
            Page::Details { .. } => self.on_message_key(key.code),
            Page::Prompt(_) => self.on_prompt_key(key),
            Page::Confirm(_) => self.on_confirm_key(key.code),
            Page::Log { .. } | Page::Help { .. } | Page::Notices { .. } => Vec::new(),
        }
    }

    fn on_person_key(&mut self, code: KeyCode, person: &Person) -> Vec<Action> {
        let host = person.host;
        let friend = person.state == FriendState::Friend;
        match code {
            KeyCode::Enter if person.has_history => {
                self.pages.clear();
                self.open_talk(host)
            }
            KeyCode::Enter | KeyCode::Char('a') => self.ask_or_accept(person),
            KeyCode::Char('x') => self.refuse(person, false),
            KeyCode::Char('X') => self.refuse(person, true),
            KeyCode::Char('w') if person.state == FriendState::RequestSent => {
                let said = say!(self.language, "chat-ask-withdrawn", name = person.name);
                vec![Action::Do(Command::CancelAsk { host }, Purpose::Say(said))]
            }
            KeyCode::Char('c') if person.state != FriendState::Unknown => {
                self.pages.push(Page::Code { host: Some(host), uri: None, inverted: false, as_text: false });
                vec![Action::LoadCode(Some(host))]
            }
            KeyCode::Char('v') if friend => {
                let said = match person.verified {
                    true => say!(self.language, "chat-unverified", name = person.name),
                    false => say!(self.language, "chat-verified", name = person.name),
                };
                vec![Action::Do(Command::SetVerified { host, verified: !person.verified }, Purpose::Say(said))]
            }
            KeyCode::Char('r') if person.state != FriendState::Unknown => {
                let editor = Editor::line(person.local_alias.as_deref().unwrap_or_default());
                self.pages.push(Page::Prompt(Prompt { kind: PromptKind::Rename(host), editor, trouble: None }));
                Vec::new()
            }
            KeyCode::Char('b') if person.blocked => {
                let said = say!(self.language, "chat-unblocked", name = person.name);
                vec![Action::Do(Command::Unblock { host }, Purpose::Say(said))]
            }
            KeyCode::Char('b') => {
                let said = say!(self.language, "chat-blocked", name = person.name);
                self.ask(Question::Block(host), Action::Do(Command::Block { host }, Purpose::Say(said)))
            }
            KeyCode::Char('e') if friend => {
                let said = say!(self.language, "chat-ended", name = person.name);
                self.ask(Question::End(host), Action::Do(Command::EndFriendship { host }, Purpose::Say(said)))
            }
            _ => Vec::new(),
        }
    }

    fn on_find_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(Page::Find(find)) = self.pages.last_mut() else { return Vec::new() };
        let text = find.editor.text().trim().to_owned();
        match key.code {
            KeyCode::Up => find.selected = find.selected.saturating_sub(1),
            KeyCode::Down => find.selected = (find.selected + 1).min(find.claims.len().saturating_sub(1)),
            KeyCode::Enter if is_code(&text) => {
                return vec![Action::Do(Command::ScanUri { uri: text }, Purpose::Scan)];
            }
            // The same text once more means the one who was found.
            KeyCode::Enter if find.alias.as_ref() == Some(&text) && !find.claims.is_empty() => {
                let host = find.claims.get(find.selected).map(|claim| claim.host);
                return host.map(|host| self.show_person(host)).unwrap_or_default();
            }
            KeyCode::Enter if text.len() > ALIAS_MAX => {
                let said = say!(self.language, "chat-alias-too-long", length = text.len(), limit = ALIAS_MAX);
                self.notices.say(said, self.now);
            }
            KeyCode::Enter if !find.searching => {
                find.alias = Some(text.clone());
                find.searching = true;
                find.claims.clear();
                find.selected = 0;
                return vec![Action::Find(text)];
            }
            _ => {
                find.editor.on_key(key);
            }
        }
        Vec::new()
    }

    fn on_search_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(Page::Search(search)) = self.pages.last_mut() else { return Vec::new() };
        let hits = search.people.len() + search.messages.len();
        match key.code {
            KeyCode::Up => search.selected = search.selected.saturating_sub(1),
            KeyCode::Down => search.selected = (search.selected + 1).min(hits.saturating_sub(1)),
            KeyCode::Enter => return self.open_hit(),
            _ => {
                let before = search.editor.text().to_owned();
                search.editor.on_key(key);
                let text = search.editor.text().to_owned();
                if text != before {
                    search.selected = 0;
                    search.messages.clear();
                    search.text.clone_from(&text);
                    let people = self.matching(&text);
                    if let Some(Page::Search(search)) = self.pages.last_mut() {
                        search.people = people;
                        return search.go_on().into_iter().collect();
                    }
                }
            }
        }
        Vec::new()
    }

    /// Everybody in the list whose name contains a text.
    fn matching(&self, text: &str) -> Vec<HostId> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        let hosts = self.people.rows().into_iter().filter_map(|row| match row {
            super::people::Row::Person(host) => self.people.person(host),
            super::people::Row::Title(..) => None,
        });
        let named = |person: &Person| {
            let names = [Some(&person.name), person.alias.as_ref()];
            names.into_iter().flatten().any(|name| names::matches(name, text, Match::Partial))
        };
        hosts.filter(named).map(|person| person.host).collect()
    }

    fn open_hit(&mut self) -> Vec<Action> {
        let Some(Page::Search(search)) = self.pages.last() else { return Vec::new() };
        if let Some(host) = search.people.get(search.selected).copied() {
            self.pages.clear();
            let person = self.people.person(host);
            return match person {
                Some(person) if person.has_history => self.open_talk(host),
                _ => self.show_person(host),
            };
        }
        let hit = search.selected.checked_sub(search.people.len()).and_then(|at| search.messages.get(at)).cloned();
        let Some(hit) = hit else { return Vec::new() };
        self.pages.clear();
        let mut actions = self.open_talk(hit.host);
        if let Some(talk) = &mut self.talk {
            self.focus = Focus::Messages;
            actions.extend(talk.seek(hit.key));
        }
        actions
    }

    fn on_settings_key(&mut self, code: KeyCode) -> Vec<Action> {
        let Some(settings) = self.settings.clone() else { return Vec::new() };
        let Some(Page::Settings { selected }) = self.pages.last_mut() else { return Vec::new() };
        match code {
            KeyCode::Up | KeyCode::Char('k') => *selected = selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => *selected = (*selected + 1).min(Item::ALL.len() - 1),
            KeyCode::Enter | KeyCode::Char(' ') | KeyCode::Right => {
                let Some(item) = Item::ALL.get(*selected).copied() else { return Vec::new() };
                let setting = match item {
                    Item::Visibility => Setting::Visibility(next(settings.visibility)),
                    Item::ReadReceipts => Setting::ReadReceipts(!settings.read_receipts),
                    Item::Carry => Setting::Carry(!settings.carry),
                    _ => {
                        let editor = Editor::line(&written(&settings, item));
                        self.pages.push(Page::Prompt(Prompt {
                            kind: PromptKind::Setting(item),
                            editor,
                            trouble: None,
                        }));
                        return Vec::new();
                    }
                };
                return vec![Action::Do(Command::Set(setting), Purpose::Set)];
            }
            _ => {}
        }
        Vec::new()
    }

    fn on_prompt_key(&mut self, key: KeyEvent) -> Vec<Action> {
        let Some(Page::Prompt(prompt)) = self.pages.last_mut() else { return Vec::new() };
        if key.code != KeyCode::Enter {
            if prompt.editor.on_key(key) {
                prompt.trouble = None;
            }
            return Vec::new();
        }
        let (kind, text) = (prompt.kind, prompt.editor.text().to_owned());
        match self.written_action(kind, &text) {
            Ok(action) => {
                self.pages.pop();
                vec![action]
            }
            Err(why) => {
                if let Some(Page::Prompt(prompt)) = self.pages.last_mut() {
                    prompt.trouble = Some(why);
                }
                Vec::new()
            }
        }
    }

    /// What a written text asks for, or why not.
    fn written_action(&self, kind: PromptKind, text: &str) -> Result<Action, String> {
        match kind {
            PromptKind::Greeting(host) => {
                let length = text.len();
                if length > GREETING_MAX {
                    return Err(say!(self.language, "chat-greeting-too-long", length, limit = GREETING_MAX));
                }
                let said = say!(self.language, "chat-asked", name = self.name_of(host));
                Ok(Action::Do(Command::AskFriendship { host, greeting: text.to_owned() }, Purpose::Say(said)))
            }
            PromptKind::Rename(host) => {
                let alias = match text.trim() {
                    "" => None,
                    text => Some(self.checked_alias(text)?),
                };
                let said = say!(self.language, "chat-renamed");
                Ok(Action::Do(Command::SetLocalAlias { host, alias }, Purpose::Say(said)))
            }
            PromptKind::Setting(item) => {
                Ok(Action::Do(Command::Set(self.setting_of(item, text.trim())?), Purpose::Set))
            }
        }
    }

    fn setting_of(&self, item: Item, text: &str) -> Result<Setting, String> {
        let number = || text.parse::<u32>().map_err(|_| say!(self.language, "chat-not-a-number"));
        let within = |value: u64, low: u64, high: u64| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(say!(self.language, "chat-out-of-range", low, high)),
        };
        Ok(match item {
            Item::Alias => Setting::Alias(self.checked_alias(text)?),
            Item::Port => {
                let port = number()?;
                within(port.into(), 1, u16::MAX.into())?;
                Setting::Port(u16::try_from(port).unwrap_or(u16::MAX))
            }
            // The ranges of default.toml.
            Item::HistoryLimit => {
                let limit = number()?;
                within(limit.into(), 1, 1_000_000)?;
                Setting::HistoryLimit(limit)
            }
            Item::OutboxLimit => {
                let limit = number()?;
                within(limit.into(), 1, 100_000)?;
                Setting::OutboxLimit(limit)
            }
            Item::Storage => Setting::CarryBytes(self.storage_of(text)?),
            _ => {
                let span: Millis = text.parse().map_err(|_| say!(self.language, "chat-not-a-span"))?;
                if !(60_000..=365 * 86_400_000).contains(&span.0) {
                    return Err(say!(self.language, "chat-span-out-of-range"));
                }
                Setting::OutboxExpiry(span)
            }
        })
    }

    /// Whole MiB, or what is in force as it was shown.
    fn storage_of(&self, text: &str) -> Result<u64, String> {
        if let Some(settings) = self.settings.as_ref().filter(|now| written(now, Item::Storage) == text) {
            return Ok(settings.carry_bytes);
        }
        let range = 1..=1u64 << 20;
        let number = text.strip_suffix("MiB").unwrap_or(text).trim_end().parse().ok();
        let mebibytes: u64 = number.ok_or_else(|| say!(self.language, "chat-not-a-number"))?;
        if !range.contains(&mebibytes) {
            return Err(say!(self.language, "chat-out-of-range", low = range.start(), high = range.end()));
        }
        Ok(mebibytes << 20)
    }

    fn on_confirm_key(&mut self, code: KeyCode) -> Vec<Action> {
        if code != KeyCode::Enter {
            return Vec::new();
        }
        match self.pages.pop() {
            Some(Page::Confirm(confirm)) => vec![confirm.yes],
            _ => Vec::new(),
        }
    }
}

/// The value of a setting as it is written.
pub(crate) fn written(settings: &Settings, item: Item) -> String {
    match item {
        Item::Alias => settings.alias.clone(),
        Item::Port => settings.port.to_string(),
        Item::HistoryLimit => settings.history_limit.to_string(),
        Item::OutboxLimit => settings.outbox_limit.to_string(),
        Item::OutboxExpiry => settings.outbox_expiry.to_string(),
        Item::Storage => mebibytes(settings.carry_bytes),
        Item::Visibility | Item::ReadReceipts | Item::Carry => String::new(),
    }
}

fn next(visibility: Visibility) -> Visibility {
    match visibility {
        Visibility::Everybody => Visibility::Friends,
        Visibility::Friends => Visibility::Nobody,
        Visibility::Nobody => Visibility::Everybody,
    }
}

fn is_code(text: &str) -> bool {
    text.get(.."permesso:".len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case("permesso:"))
}

/// Scrolls a page that can be; its drawing stops at the end.
fn scrolls(page: &mut Page, code: KeyCode) -> bool {
    let backwards = matches!(page, Page::Log { .. });
    let Some(scroll) = page.scroll() else { return false };
    let by = match code {
        KeyCode::Up | KeyCode::Char('k') => -1,
        KeyCode::Down | KeyCode::Char('j') => 1,
        KeyCode::PageUp => -LEAP,
        KeyCode::PageDown => LEAP,
        KeyCode::Home => isize::MIN / 2,
        KeyCode::End => isize::MAX / 2,
        _ => return false,
    };
    scroll.step(if backwards { -by } else { by });
    true
}
