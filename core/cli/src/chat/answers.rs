//! Answers to actions.

use permesso_node::{HistoryMessage, HostId, Outcome, Place};

use super::editor::Editor;
use super::input::{Action, Answer, Purpose};
use super::page::Page;
use super::people::Last;
use super::state::Chat;
use super::talk::Talk;
use crate::words::say;

impl Chat {
    /// Takes an answer in.
    pub(super) fn on_answer(&mut self, answer: Answer) -> Vec<Action> {
        match answer {
            Answer::People { friends, hosts } => {
                self.people.replace(friends, hosts);
                self.reading_people = false;
                let again = std::mem::take(&mut self.read_people_again).then(|| self.read_people()).flatten();
                self.people.without_last().into_iter().map(Action::LoadLast).chain(again).collect()
            }
            Answer::Settings(settings, custody) => {
                self.settings = Some(settings);
                self.custody = Some(custody);
                Vec::new()
            }
            Answer::Page { host, before, limit, messages } => self.on_page(host, before, limit, messages),
            Answer::Last { host, message } => {
                if let Some(message) = message {
                    self.people.set_last(host, Last::from(&message));
                }
                Vec::new()
            }
            Answer::Done { purpose, result } => self.on_done(purpose, result),
            Answer::Started(result) => {
                self.started = result.is_ok();
                if let Err(why) = result {
                    self.start_again = Some(self.now);
                    self.notices.note(say!(self.language, "chat-not-started", why), self.now);
                }
                Vec::new()
            }
            Answer::Trouble(text) => {
                self.reading_people = false;
                if let Some(talk) = &mut self.talk {
                    talk.on_trouble();
                }
                for page in &mut self.pages {
                    if let Page::Search(search) = page {
                        search.running = None;
                    }
                }
                self.notices.note(text, self.now);
                Vec::new()
            }
            answer => self.on_page_answer(&answer),
        }
    }

    /// What pages wait for.
    fn on_page_answer(&mut self, answer: &Answer) -> Vec<Action> {
        let mut actions = Vec::new();
        for page in &mut self.pages {
            match (page, answer) {
                (Page::Find(find), Answer::Found { alias, claims }) if find.alias.as_ref() == Some(alias) => {
                    find.searching = false;
                    for claim in claims {
                        find.claims.retain(|known| known.host != claim.host);
                        find.claims.push(claim.clone());
                    }
                }
                (Page::Search(search), Answer::Hits { text, messages }) => {
                    actions.extend(search.on_hits(text, messages));
                }
                (Page::Person { host: shown, safety, .. }, Answer::Safety { host, number }) if shown == host => {
                    safety.clone_from(number);
                }
                (Page::Code { host: shown, uri, .. }, Answer::Code { host, uri: code }) if shown == host => {
                    *uri = Some(code.clone());
                }
                (Page::Doctor { lines, .. }, Answer::Diagnosis(found)) => *lines = Some(found.clone()),
                (Page::Log { lines, .. }, Answer::Log(newest)) => lines.clone_from(newest),
                _ => {}
            }
        }
        actions
    }

    fn on_page(
        &mut self,
        host: HostId,
        before: Option<Place>,
        limit: usize,
        messages: Vec<HistoryMessage>,
    ) -> Vec<Action> {
        if before.is_none()
            && let Some(message) = messages.last()
        {
            self.people.set_last(host, Last::from(message));
        }
        match &mut self.talk {
            Some(talk) if talk.host == host => talk.on_page(before, limit, messages).into_iter().flatten().collect(),
            _ => Vec::new(),
        }
    }

    fn on_done(&mut self, purpose: Purpose, result: Result<Outcome, String>) -> Vec<Action> {
        self.marking &= purpose != Purpose::MarkRead;
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(why) => {
                self.notices.note(why, self.now);
                self.take_back(purpose);
                return Vec::new();
            }
        };
        match (purpose, outcome) {
            (Purpose::MarkRead, _) => self.read_people().into_iter().collect(),
            (Purpose::Say(text), _) => {
                self.notices.say(text, self.now);
                let page = self.talk.as_mut().and_then(Talk::refresh);
                self.read_people().into_iter().chain(page).collect()
            }
            (Purpose::Send { .. }, _) => {
                let page = self.talk.as_mut().and_then(Talk::refresh);
                page.into_iter().collect()
            }
            (Purpose::Scan, Outcome::Scanned { host }) => {
                self.pages.pop();
                let mut actions: Vec<Action> = self.read_people().into_iter().collect();
                actions.extend(self.show_person(host));
                actions
            }
            (Purpose::Set, _) => vec![Action::LoadSettings],
            (Purpose::Code, _) => {
                self.notices.say(say!(self.language, "chat-code-new"), self.now);
                vec![Action::LoadCode(None)]
            }
            (Purpose::Delete(message), _) => {
                if let Some(talk) = &mut self.talk {
                    talk.remove(message);
                }
                self.pages.retain(|page| !matches!(page, Page::Details { .. }));
                Vec::new()
            }
            (Purpose::Scan, _) => Vec::new(),
        }
    }

    /// A message that was refused goes back to where it was written, if nothing else was written meanwhile.
    fn take_back(&mut self, purpose: Purpose) {
        let Purpose::Send { host, text } = purpose else { return };
        match &mut self.talk {
            Some(talk) if talk.host == host => {
                if talk.editor.is_blank() {
                    talk.editor = Editor::lines(&text);
                }
            }
            _ => {
                if !self.kept.drafts.contains_key(&host) && self.kept.set_draft(host, &text) {
                    self.unkept.get_or_insert(self.now);
                }
            }
        }
    }
}
