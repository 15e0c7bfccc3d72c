//! Carrying actions out. Each runs in a task of its own, and its answer comes back as an input.

use permesso_engine::uri::PermessoUri;
use permesso_node::{CommandError, HostId, Match, Node, NodeError, Place};
use tokio::sync::mpsc::UnboundedSender;

use super::doctor;
use super::input::{Action, Answer, Input};
use crate::logging::Log;
use crate::words::{Language, errors};

/// Messages that a search shows.
const HITS_MAX: usize = 100;

/// What actions need.
#[derive(Clone)]
pub(crate) struct Work {
    /// The host.
    pub(crate) node: Node,
    /// The language of people.
    pub(crate) language: Language,
    /// The log in memory.
    pub(crate) log: Log,
    /// Where answers go.
    pub(crate) answers: UnboundedSender<Input>,
}

impl Work {
    /// Begins an action; returns at once.
    pub(crate) fn begin(&self, action: Action) {
        let work = self.clone();
        tokio::spawn(async move {
            if let Some(answer) = work.carry_out(action).await {
                // Without a reader the chat has ended.
                let _ = work.answers.send(Input::Answer(answer));
            }
        });
    }

    async fn carry_out(&self, action: Action) -> Option<Answer> {
        let node = &self.node;
        let answer = match action {
            Action::Start => return Some(Answer::Started(self.told(node.start().await))),
            Action::Do(command, purpose) => {
                let result = self.told(node.command(command).await);
                return Some(Answer::Done { purpose, result });
            }
            Action::LoadPeople => self.people().await,
            Action::LoadSettings => self.settings().await,
            Action::LoadPage { host, before, limit } => self.page(host, before, limit).await,
            Action::LoadLast(host) => self.last(host).await,
            Action::Find(alias) => match node.search(&alias, Match::Partial).await {
                Ok(claims) => Ok(Answer::Found { alias, claims }),
                Err(error) => {
                    let _ = self.answers.send(Input::Answer(Answer::Found { alias, claims: Vec::new() }));
                    Err(error)
                }
            },
            Action::Search(text) => {
                node.search_history(&text, HITS_MAX).await.map(|messages| Answer::Hits { text, messages })
            }
            Action::LoadSafety(host) => node.safety_number(host).await.map(|number| Answer::Safety { host, number }),
            Action::LoadCode(None) => node.uri(None).await.map(|uri| Answer::Code { host: None, uri }),
            Action::LoadCode(Some(host)) => self.code_of(host).await,
            Action::Diagnose => doctor::diagnose(node, self.language).await.map(Answer::Diagnosis),
            Action::ReadLog => Ok(Answer::Log(self.log.newest())),
            // The loop does these itself.
            Action::Open { .. } | Action::Keep(_) | Action::Quit => return None,
        };
        Some(answer.unwrap_or_else(|error| Answer::Trouble(errors::node(self.language, &error))))
    }

    fn told<T>(&self, result: Result<T, NodeError>) -> Result<T, String> {
        result.map_err(|error| errors::node(self.language, &error))
    }

    async fn people(&self) -> Result<Answer, NodeError> {
        Ok(Answer::People { friends: self.node.friends().await?, hosts: self.node.hosts().await? })
    }

    async fn settings(&self) -> Result<Answer, NodeError> {
        Ok(Answer::Settings(self.node.settings().await?, self.node.custody().await?))
    }

    async fn page(&self, host: HostId, before: Option<Place>, limit: usize) -> Result<Answer, NodeError> {
        let messages = self.node.messages(host, before, limit).await?;
        Ok(Answer::Page { host, before, limit, messages })
    }

    /// The code of a friend, for somebody who wants to meet it too.
    async fn code_of(&self, host: HostId) -> Result<Answer, NodeError> {
        let contact = self.node.contacts().await?.into_iter().find(|contact| contact.host == host);
        let contact = contact.ok_or(CommandError::UnknownHost { host })?;
        let alias = Some(contact.alias).filter(|alias| !alias.is_empty());
        let uri =
            PermessoUri { key: contact.key, alias, token: None, certificate: None, addresses: Vec::new() }.to_string();
        Ok(Answer::Code { host: Some(host), uri })
    }

    async fn last(&self, host: HostId) -> Result<Answer, NodeError> {
        let message = self.node.messages(host, None, 1).await?.pop();
        Ok(Answer::Last { host, message })
    }
}
