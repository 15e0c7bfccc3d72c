//! Which ways of finding others work (PROTOCOL.md, Looking which ways work): a question by each way alone, each with a nonce
//! of its own, so that an answer tells which way led to its sender. Without an answer nothing is said to work.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;

use crate::answered::{Answered, Unanswered};
use crate::api::{
    Cast, ClockReport, Event, NetAddr, Transmit, Verdict, Visibility, Wake, Way, WayAnswer, WayReason, WayReport,
    WaysReport,
};
use crate::context::Context;
use crate::crypto;
use crate::few::gathered;
use crate::ids::{ExaminationId, HostId, Interface};
use crate::names;
use crate::packet::PacketBody;
use crate::presence::{Heard, Presence, below};
use crate::time::{Millis, Tick};

/// Each question is sent so often: one lost datagram is no blocked way.
const SENT_TIMES: u32 = 3;
/// Time between two ways: a peer that hears them on several sockets takes the later one for newer and drops the earlier.
const WAY_SPACING: Millis = Millis(30);
/// Time between the repetitions.
const REPEATED_AFTER: Millis = Millis(700);
/// Answers are waited for so long after the last question: the span over which the hosts of a full room spread them.
const PATIENCE: Millis = Millis(1_600);
/// Time between two addresses of a small network: the user waits for a full one six seconds.
const SWEEP_SPACING: Millis = Millis(25);
/// Addresses asked by unicast for one way: what tells more is told by the first.
const ADDRESSES_MAX: usize = 16;
/// Answers to one address in a minute: four interfaces' broadcast, multicast and unicast.
const ANSWERS_PER_MINUTE: u32 = 12;
/// Where more hosts are online, each answers with a chance of so many in all.
const ANSWERERS: u64 = 8;
/// Answers that wait for their turn.
const ANSWERS_MAX: usize = 256;
/// Clocks that differ by less may both be meant so: a wrong time zone is no wrong clock.
const CLOCK_DIFFERS: i64 = 24 * 60 * 60 * 1_000;
/// 2024-01-01 00:00 UTC: before this program was written.
const CLOCK_MIN: u64 = 1_704_067_200_000;

/// One way on its way to a verdict.
#[derive(Debug)]
struct Question {
    way: Way,
    interface: Option<Interface>,
    own: Option<IpAddr>,
    nonce: [u8; 8],
    /// Unicast ways: whom to ask.
    targets: Vec<NetAddr>,
    asked: u32,
    /// Decided without asking.
    decided: Option<(Verdict, WayReason)>,
    answer: Option<WayAnswer>,
    /// The interface on which the answer came.
    answered_via: Option<Interface>,
}

#[derive(Debug)]
struct Examination {
    id: ExaminationId,
    questions: Vec<Question>,
    /// How many rounds of questions were sent.
    sent: u32,
    /// The next question of this round.
    asking: usize,
    next: Tick,
    /// The addresses of small networks still to be asked, when nobody is online.
    sweep: VecDeque<IpAddr>,
    /// How far ahead the clocks of those who answered are.
    clocks: Vec<(HostId, i64)>,
}

/// An answer owed to another host.
#[derive(Debug)]
struct Owed {
    due: Tick,
    to: NetAddr,
    host: HostId,
    nonce: [u8; 8],
    cast: Cast,
    received: usize,
}

/// One's own examination, and the answers one owes to those of others.
#[derive(Debug, Default)]
pub(crate) struct Doctor {
    next: u64,
    running: Option<Examination>,
    owed: VecDeque<Owed>,
    answered: Answered,
}

impl Doctor {
    /// Begins to look which ways work; the end comes as `Event::Examined`. One that is under way ends with what it has.
    pub(crate) fn begin(&mut self, presence: &mut Presence, ctx: &mut Context) -> ExaminationId {
        self.end(presence, ctx);
        presence.own_heard.clear();
        self.next += 1;
        let id = ExaminationId(self.next);
        let (questions, sweep) = questions(presence, ctx);
        let (next, clocks) = (ctx.now.tick, Vec::new());
        self.running = Some(Examination { id, questions, sent: 0, asking: 0, next, sweep, clocks });
        id
    }

    /// Somebody asks: plans an answer, if the asker may know that this host is here.
    pub(crate) fn on_ask(&mut self, heard: &Heard, nonce: [u8; 8], presence: &Presence, ctx: &mut Context) {
        let host = heard.packet.sender;
        if !presence.may_tell(host, ctx) {
            return;
        }
        if heard.cast != Cast::Unicast && !presence.is_on_link(&heard.from) {
            return ctx.counters.bump("way asked by broadcast from off-link");
        }
        if self.owed.len() >= ANSWERS_MAX {
            return ctx.counters.bump("way not answered: too many ask");
        }
        match self.answered.take(&heard.from, &nonce, ANSWERS_PER_MINUTE, ctx.now.tick) {
            Ok(()) => {}
            Err(Unanswered::Repeated) => return,
            Err(Unanswered::AboveRate | Unanswered::TooMany) => {
                return ctx.counters.bump("way not answered: too many ask");
            }
        }
        // After it was counted, so that its repetition gets no second chance.
        let online = presence.hosts.count_online() as u64;
        if heard.cast != Cast::Unicast && online > ANSWERERS && below(ctx, online) >= ANSWERERS {
            return ctx.counters.bump("way left to others to answer");
        }
        let due = ctx.now.tick + presence.reply_delay(ctx);
        self.owed.push_back(Owed { due, to: heard.from, host, nonce, cast: heard.cast, received: heard.length });
    }

    /// Somebody answered: the way with that nonce leads there. The answer is a nonce, how the question came there, and what
    /// its sender calls itself.
    pub(crate) fn on_response(
        &mut self,
        heard: &Heard,
        (nonce, heard_by, alias): ([u8; 8], Cast, &str),
        presence: &mut Presence,
        ctx: &mut Context,
    ) {
        let Some(examination) = &mut self.running else {
            return ctx.counters.bump("answer about no way");
        };
        let Some(question) = examination.questions.iter_mut().find(|question| question.nonce == nonce) else {
            return ctx.counters.bump("answer about no way");
        };
        let host = heard.packet.sender;
        if question.answer.is_none() {
            let alias = Some(names::normalize(alias)).filter(|alias| !alias.is_empty());
            if let Some(alias) = &alias {
                presence.set_alias_claim(host, alias, ctx);
            }
            question.answer = Some(WayAnswer { host, alias, address: heard.from, heard_by });
            question.answered_via = Some(heard.via);
        }
        if !examination.clocks.iter().any(|(known, _)| *known == host) {
            let ahead = heard.packet.timestamp.0.saturating_sub(ctx.shown.0);
            let behind = ctx.shown.0.saturating_sub(heard.packet.timestamp.0);
            let difference = i64::try_from(ahead).unwrap_or(i64::MAX) - i64::try_from(behind).unwrap_or(i64::MAX);
            examination.clocks.push((host, difference));
        }
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, presence: &mut Presence, ctx: &mut Context) {
        let now = ctx.now.tick;
        for _ in 0..self.owed.len() {
            match self.owed.pop_front() {
                Some(owed) if owed.due <= now => answer(&owed, presence, ctx),
                Some(owed) => self.owed.push_back(owed),
                None => break,
            }
        }
        let Some(examination) = self.running.as_mut().filter(|examination| examination.next <= now) else { return };
        if !examination.sweep.is_empty() {
            examination.sweep_on(presence, ctx);
        } else if examination.sent < SENT_TIMES && presence.is_joined() {
            examination.ask(presence, ctx);
        } else {
            self.end(presence, ctx);
        }
    }

    /// When to call `handle_timeout` again.
    pub(crate) fn next_timeout(&self) -> Option<(Tick, Wake)> {
        let examination = self.running.iter().map(|examination| examination.next);
        let due = self.owed.iter().map(|owed| owed.due).chain(examination).min()?;
        Some((due, Wake::Presence))
    }

    fn end(&mut self, presence: &Presence, ctx: &mut Context) {
        if let Some(examination) = self.running.take() {
            let (id, report) = (examination.id, examination.report(&presence.own_heard, ctx));
            ctx.gate.event_now(Event::Examined { examination: id, report });
        }
    }
}

impl Examination {
    /// Asks by the next way that can be tried.
    fn ask(&mut self, presence: &mut Presence, ctx: &mut Context) {
        let open = |question: &Question| question.decided.is_none();
        let next = (self.asking..self.questions.len()).find(|at| self.questions.get(*at).is_some_and(open));
        let Some((at, question)) = next.and_then(|at| Some((at, self.questions.get_mut(at)?))) else {
            self.asking = 0;
            self.sent += 1;
            self.next = ctx.now.tick + if self.sent < SENT_TIMES { REPEATED_AFTER } else { PATIENCE };
            return;
        };
        let body = PacketBody::WayAsk { nonce: question.nonce };
        match (question.way, question.interface) {
            (Way::Broadcast, Some(interface)) => presence.send_by(interface, Cast::Broadcast, body, ctx),
            (Way::MulticastV4 | Way::MulticastV6, Some(interface)) => {
                presence.send_by(interface, Cast::Multicast, body, ctx);
            }
            _ => {
                for to in &question.targets {
                    presence.send_to(*to, HostId::BROADCAST, body.clone(), ctx);
                }
            }
        }
        if self.sent == 0 && question.way != Way::Sweep {
            question.asked = u32::try_from(question.targets.len().max(1)).unwrap_or(u32::MAX);
        } else if self.sent == 0 {
            question.asked += u32::try_from(question.targets.len()).unwrap_or(u32::MAX);
        }
        self.asking = at + 1;
        self.next = ctx.now.tick + WAY_SPACING;
    }

    /// Asks the next address of a small network, until somebody answers.
    fn sweep_on(&mut self, presence: &mut Presence, ctx: &mut Context) {
        self.next = ctx.now.tick + SWEEP_SPACING;
        let Some(question) = self.questions.iter_mut().find(|question| question.way == Way::Sweep) else {
            return self.sweep.clear();
        };
        if question.answer.is_some() || presence.hosts.count_online() > 0 {
            return self.sweep.clear();
        }
        if let Some(ip) = self.sweep.pop_front() {
            if !presence.sweep.take_probe(ip, ctx) {
                return self.sweep.clear();
            }
            let body = PacketBody::WayAsk { nonce: question.nonce };
            presence.send_to(NetAddr::new(ip, ctx.settings.port), HostId::BROADCAST, body, ctx);
            question.asked += 1;
        }
    }

    fn report(self, own_heard: &BTreeSet<(Interface, Cast)>, ctx: &Context) -> WaysReport {
        let answered_on: BTreeSet<Interface> =
            gathered(self.questions.iter().filter_map(|question| question.answered_via));
        let clock = clock_report(&self.clocks, ctx);
        let sent = self.sent > 0;
        let ways = self.questions.into_iter().map(|question| {
            let (verdict, reason) = match (&question.answer, question.decided) {
                (Some(_), _) => (Verdict::Works, WayReason::Answered),
                (None, Some(decided)) => decided,
                (None, None) if !sent => (Verdict::Unknown, WayReason::NotPresent),
                (None, None) => question.unanswered(own_heard, &answered_on),
            };
            let Question { way, interface, own, asked, answer, .. } = question;
            WayReport { way, interface, own, verdict, reason, asked, answer }
        });
        WaysReport { ways: ways.collect(), clock }
    }
}

impl Question {
    fn new(way: Way, ctx: &mut Context) -> Self {
        let nonce = crypto::random(ctx.rng);
        let targets = Vec::new();
        Self {
            way,
            interface: None,
            own: None,
            nonce,
            targets,
            asked: 0,
            decided: None,
            answer: None,
            answered_via: None,
        }
    }

    fn on(self, interface: Interface, own: IpAddr) -> Self {
        Self { interface: Some(interface), own: Some(own), ..self }
    }

    fn decided(self, verdict: Verdict, reason: WayReason) -> Self {
        Self { decided: Some((verdict, reason)), ..self }
    }

    /// Of a way by which nobody answered.
    fn unanswered(
        &self,
        own_heard: &BTreeSet<(Interface, Cast)>,
        answered_on: &BTreeSet<Interface>,
    ) -> (Verdict, WayReason) {
        let heard_here = |interface| own_heard.contains(&(interface, Cast::Multicast));
        match (self.way, self.interface) {
            // Every system hands a host its own multicast back; broadcast only some.
            (Way::MulticastV4 | Way::MulticastV6, Some(interface)) if !heard_here(interface) => {
                (Verdict::DoesNotWork, WayReason::NotHeardHere)
            }
            (_, Some(interface)) if answered_on.contains(&interface) => {
                (Verdict::DoesNotWork, WayReason::OthersAnswered)
            }
            _ => (Verdict::Unknown, WayReason::NobodyAnswered),
        }
    }
}

fn questions(presence: &Presence, ctx: &mut Context) -> (Vec<Question>, VecDeque<IpAddr>) {
    let mut questions = Vec::new();
    for (interface, own, length) in presence.network.v4() {
        if length < 31 {
            questions.push(Question::new(Way::Broadcast, ctx).on(interface, own));
        }
        questions.push(Question::new(Way::MulticastV4, ctx).on(interface, own));
    }
    for (interface, own) in presence.network.v6_in_group() {
        questions.push(Question::new(Way::MulticastV6, ctx).on(interface, own));
    }
    for way in [Way::Broadcast, Way::MulticastV4, Way::MulticastV6] {
        if !questions.iter().any(|question| question.way == way) {
            questions.push(Question::new(way, ctx).decided(Verdict::DoesNotWork, WayReason::NoAddress));
        }
    }
    for (way, given) in [(Way::Remembered, false), (Way::Given, true)] {
        let contacts = presence.contacts.iter().filter(|contact| contact.given == given);
        let targets: Vec<NetAddr> = contacts.map(|contact| contact.address).take(ADDRESSES_MAX).collect();
        let question = Question::new(way, ctx);
        questions.push(match targets.is_empty() {
            true => question.decided(Verdict::Unknown, WayReason::NothingToTry),
            false => Question { targets, ..question },
        });
    }
    let (question, sweep) = sweep_question(presence, ctx);
    questions.push(question);
    (questions, sweep)
}

/// Whether neighbours can be asked one by one: those who are online if there are any, else all, in a sweep of its own.
fn sweep_question(presence: &Presence, ctx: &mut Context) -> (Question, VecDeque<IpAddr>) {
    let question = Question::new(Way::Sweep, ctx);
    let all = presence.network.neighbours(ctx.config.presence.sweep_prefix_min);
    let off = !ctx.config.presence.sweep || ctx.settings.visibility != Visibility::Everybody;
    let reason = match presence.network.v4().next() {
        _ if off => Some(WayReason::SwitchedOff),
        None => Some(WayReason::NoAddress),
        Some(_) => all.is_empty().then_some(WayReason::NetworkTooLarge),
    };
    if let Some(reason) = reason {
        return (question.decided(Verdict::DoesNotWork, reason), VecDeque::new());
    }
    let here = |address: &NetAddr| address.port() == ctx.settings.port && all.contains(&address.ip().to_canonical());
    let online = presence.hosts.iter().filter(|host| host.online);
    let near = online.filter_map(|host| [host.heard_from, host.address].into_iter().flatten().find(here));
    let targets: Vec<NetAddr> = near.take(ADDRESSES_MAX).collect();
    match (targets.is_empty(), presence.hosts.count_online() > 0) {
        (false, _) => (Question { targets, ..question }, VecDeque::new()),
        (true, true) => (question.decided(Verdict::Unknown, WayReason::NotNeeded), VecDeque::new()),
        (true, false) if presence.is_joined() => (question, all.into()),
        (true, false) => (question, VecDeque::new()),
    }
}

fn answer(owed: &Owed, presence: &mut Presence, ctx: &mut Context) {
    if !presence.is_joined() || !presence.may_tell(owed.host, ctx) {
        return;
    }
    let alias = ctx.settings.alias.clone();
    let body = PacketBody::WayResponse { nonce: owed.nonce, cast: owed.cast, alias };
    let bytes = presence.make(ctx, owed.host, body);
    if presence.may_answer(&owed.to, owed.received, bytes.len()) {
        ctx.gate.transmit(Transmit::Datagram { to: owed.to, bytes });
    } else {
        ctx.counters.bump("answer above three times");
    }
}

/// A clock before this program was written is wrong; another one if everybody else's differs by more than a day.
fn clock_report(clocks: &[(HostId, i64)], ctx: &Context) -> ClockReport {
    let mut differences: Vec<i64> = clocks.iter().map(|(_, difference)| *difference).collect();
    differences.sort_unstable();
    let others_ahead = differences.get(differences.len() / 2).copied();
    let all_differ = differences.iter().all(|difference| difference.saturating_abs() > CLOCK_DIFFERS);
    let too_early = ctx.shown.0 < CLOCK_MIN;
    let verdict = match others_ahead {
        _ if too_early => Verdict::DoesNotWork,
        None => Verdict::Unknown,
        Some(_) if all_differ => Verdict::DoesNotWork,
        Some(_) => Verdict::Works,
    };
    ClockReport { verdict, too_early, others_ahead, others: u32::try_from(differences.len()).unwrap_or(u32::MAX) }
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
