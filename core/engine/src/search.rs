//! Finding people by what they call themselves: QUERY_ALIAS and QUERY_ALIAS_RESPONSE (PROTOCOL.md, Search).
//!
//! Everybody answers for themselves alone, and an answer is a claim labelled by its key: two hosts may claim one alias. A
//! search shows its maker to whoever hears it, whatever the visibility: it is what the user asked for.

use std::collections::{BTreeSet, VecDeque};

use crate::answered::{Answered, COUNTED_FOR, Unanswered};
use crate::api::{AliasClaim, Cast, Event, FriendState, Match, NetAddr, Transmit, Wake};
use crate::certificate::Certificate;
use crate::context::Context;
use crate::crypto;
use crate::ids::{HostId, SearchId};
use crate::names;
use crate::packet::{AliasAnswer, PacketBody, QueryAlias};
use crate::presence::{Heard, Presence};
use crate::time::{Millis, Tick};
use crate::tree::Tree;

/// The query is sent once more after this: one lost datagram is no empty result.
const REPEATED_AFTER: Millis = Millis(1_000);
/// Searches under way; one more ends the oldest.
const SEARCHES_MAX: usize = 16;
/// Hosts that may answer one search; what a user can look through, and a bound for those who answer with many keys.
const CLAIMS_MAX: usize = 1_024;
/// Answers that wait for their turn.
const ANSWERS_MAX: usize = 1_024;

#[derive(Debug)]
struct Running {
    query: QueryAlias,
    repeat: Option<Tick>,
    ends: Tick,
    claims: BTreeSet<HostId>,
}

#[derive(Debug)]
struct Answer {
    due: Tick,
    to: NetAddr,
    host: HostId,
    nonce: [u8; 8],
    received: usize,
    certificate: Certificate,
}

/// One's own searches, and the answers one owes to others.
#[derive(Debug, Default)]
pub(crate) struct Search {
    next: u64,
    running: Tree<SearchId, Running>,
    answers: VecDeque<Answer>,
    /// What hosts answered within the last minute, in which they need not answer again.
    recent: Tree<HostId, (Tick, String)>,
    answered: Answered,
}

impl Search {
    /// Begins a search; `alias` is at most `ALIAS_MAX` bytes. Answers come as `AliasFound`, the end as `SearchEnded`.
    pub(crate) fn begin(
        &mut self,
        alias: &str,
        matching: Match,
        presence: &mut Presence,
        ctx: &mut Context,
    ) -> SearchId {
        if self.running.len() >= SEARCHES_MAX
            && let Some((oldest, _)) = self.running.pop_first()
        {
            ctx.gate.event_now(Event::SearchEnded { search: oldest });
        }
        self.next += 1;
        let id = SearchId(self.next);
        let query = QueryAlias { nonce: crypto::random(ctx.rng), alias: alias.to_owned(), matching };
        let now = ctx.now.tick;
        let search = Running {
            query: query.clone(),
            repeat: Some(now + REPEATED_AFTER),
            ends: now + ctx.config.presence.search_time,
            claims: BTreeSet::new(),
        };
        self.running.insert(id, search);
        ask(query, presence, ctx);
        id
    }

    /// Tells the claims that fit a search and were heard within the last minute: who answered twice in it answers no more.
    pub(crate) fn tell_recent(
        &mut self,
        id: SearchId,
        friends: &[(HostId, &str, FriendState)],
        presence: &Presence,
        ctx: &mut Context,
    ) {
        let now = ctx.now.tick;
        self.recent.retain(|_, (heard, _)| now - *heard < COUNTED_FOR);
        let Some(search) = self.running.get_mut(&id) else { return };
        let (wanted, matching) = (&search.query.alias, search.query.matching);
        let fits = |host: &HostId, alias: &str| presence.is_online(*host) && names::matches(alias, wanted, matching);
        let known: Vec<_> = self.recent.iter().filter(|(host, (_, alias))| fits(host, alias)).collect();
        for (host, (_, alias)) in known {
            search.claims.insert(*host);
            ctx.gate.event_now(Event::AliasFound { search: id, claim: claim(*host, alias, friends) });
        }
    }

    /// Somebody asks: plans an answer if it is about this host and the asker may know that it is here.
    /// `certificate` is this host's own.
    pub(crate) fn on_query(
        &mut self,
        heard: &Heard,
        query: &QueryAlias,
        certificate: &Certificate,
        presence: &mut Presence,
        ctx: &mut Context,
    ) {
        let host = heard.packet.sender;
        if !names::matches(&ctx.settings.alias, &query.alias, query.matching) || !presence.may_tell(host, ctx) {
            return;
        }
        if heard.cast != Cast::Unicast && !presence.is_on_link(&heard.from) {
            ctx.counters.bump("search by broadcast from off-link");
            return;
        }
        if !self.may_answer_again(&heard.from, &query.nonce, ctx) {
            return;
        }
        let due = ctx.now.tick + presence.reply_delay(ctx);
        let (nonce, certificate) = (query.nonce, certificate.clone());
        self.answers.push_back(Answer { due, to: heard.from, host, nonce, received: heard.length, certificate });
    }

    /// Somebody answered. The claim is told, once per search and host; the certificate, which was verified with the packet,
    /// is returned for keeping. `friends` are the hosts we have something to do with, by the names they are shown by.
    pub(crate) fn on_answer(
        &mut self,
        sender: HostId,
        answer: &AliasAnswer,
        friends: &[(HostId, &str, FriendState)],
        presence: &mut Presence,
        ctx: &mut Context,
    ) -> Option<Certificate> {
        let Some((id, search)) = self.running.iter_mut().find(|(_, search)| search.query.nonce == answer.nonce) else {
            ctx.counters.bump("answer to no search");
            return None;
        };
        let alias = names::normalize(&answer.alias);
        if alias.is_empty() || !names::matches(&alias, &search.query.alias, search.query.matching) {
            ctx.counters.bump("answer that does not match");
            return None;
        }
        if search.claims.len() >= CLAIMS_MAX {
            ctx.counters.bump("answer above the limit");
            return None;
        }
        if search.claims.insert(sender) {
            presence.set_alias_claim(sender, &alias, ctx);
            ctx.gate.event_now(Event::AliasFound { search: *id, claim: claim(sender, &alias, friends) });
        }
        if self.recent.len() < CLAIMS_MAX || self.recent.contains_key(&sender) {
            self.recent.insert(sender, (ctx.now.tick, alias));
        }
        Some(answer.certificate.clone())
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, presence: &mut Presence, ctx: &mut Context) {
        let now = ctx.now.tick;
        let ended: Vec<SearchId> =
            self.running.iter().filter(|(_, search)| search.ends <= now).map(|(id, _)| *id).collect();
        for search in ended {
            self.running.remove(&search);
            ctx.gate.event_now(Event::SearchEnded { search });
        }
        for search in self.running.values_mut().filter(|search| search.repeat.is_some_and(|at| at <= now)) {
            search.repeat = None;
            ask(search.query.clone(), presence, ctx);
        }
        for _ in 0..self.answers.len() {
            match self.answers.pop_front() {
                Some(answer) if answer.due <= now => send_answer(answer, presence, ctx),
                Some(answer) => self.answers.push_back(answer),
                None => break,
            }
        }
    }

    /// When to call `handle_timeout` again.
    pub(crate) fn next_timeout(&self) -> Option<(Tick, Wake)> {
        let searches = self.running.values().map(|search| search.repeat.unwrap_or(search.ends).min(search.ends));
        let answers = self.answers.iter().map(|answer| answer.due);
        searches.chain(answers).min().map(|due| (due, Wake::Presence))
    }

    /// Whether one more answer to this address is within the rate; counts it.
    fn may_answer_again(&mut self, from: &NetAddr, nonce: &[u8; 8], ctx: &mut Context) -> bool {
        if self.answers.len() >= ANSWERS_MAX {
            ctx.counters.bump("answer left out: too many searches");
            return false;
        }
        match self.answered.take(from, nonce, ctx.config.presence.answers_per_minute, ctx.now.tick) {
            Ok(()) => return true,
            Err(Unanswered::Repeated) => {}
            Err(Unanswered::AboveRate) => ctx.counters.bump("answer above the rate"),
            Err(Unanswered::TooMany) => ctx.counters.bump("answer left out: too many searches"),
        }
        false
    }
}

/// What a host says to be called, with what a user should look out for.
fn claim(host: HostId, alias: &str, friends: &[(HostId, &str, FriendState)]) -> AliasClaim {
    let real = friends.iter().filter(|(_, _, state)| *state == FriendState::Friend);
    let flags = names::flags(alias, host, real.map(|(host, name, _)| (*host, *name)));
    let friend = friends.iter().find(|(known, ..)| *known == host).map(|(_, _, state)| *state).unwrap_or_default();
    AliasClaim { host, alias: alias.to_owned(), flags, friend }
}

fn ask(query: QueryAlias, presence: &mut Presence, ctx: &mut Context) {
    if presence.is_joined() {
        presence.send_everywhere(PacketBody::QueryAlias(query), ctx);
    }
}

fn send_answer(answer: Answer, presence: &mut Presence, ctx: &mut Context) {
    if !presence.is_joined() || !presence.may_tell(answer.host, ctx) {
        return;
    }
    let body = AliasAnswer {
        nonce: answer.nonce,
        alias: ctx.settings.alias.clone(),
        certificate: answer.certificate,
        beacon: presence.beacon(ctx),
    };
    let bytes = presence.make(ctx, answer.host, PacketBody::QueryAliasResponse(body));
    if presence.may_answer(&answer.to, answer.received, bytes.len()) {
        ctx.gate.transmit(Transmit::Datagram { to: answer.to, bytes });
    } else {
        ctx.counters.bump("answer above three times");
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
