//! The story, step by step. Each step ends when what it tells was read back from the hosts themselves.

mod offline;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use permesso_node::api::{Left, NameFlag};
use permesso_node::{
    AliasClaim, CommandError, Config, FriendState, HistoryMessage, HostId, Match, MessageId, MessageState, Node,
    NodeConfig, NodeError, Setting,
};
use serde::Serialize;

use super::stage::{HOSTS, Stage};
use super::telling::Telling;
use crate::failure::Failure;
use crate::host;
use crate::signals;
use crate::words::{Language, story as words};

/// The whole story takes no longer.
const STORY_MAX: Duration = Duration::from_secs(40);

/// People of the story; the last host is a server.
const PEOPLE: usize = HOSTS - 1;

/// No step takes longer.
const STEP_MAX: Duration = Duration::from_secs(10);

/// A message to nobody is watched so long for staying where it is.
const STILL: Duration = Duration::from_millis(300);

/// What happens, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    Start,
    Meet,
    Search,
    Stranger,
    Ask,
    Accept,
    Chat,
    Namesake,
    Away,
    Wait,
    Restart,
    Back,
    Delivered,
    Befriend,
    Leave,
    Carried,
    Proved,
    Server,
    Held,
    Collected,
}

impl Step {
    /// All of them but the first.
    const AFTER_START: [Self; 19] = [
        Self::Meet,
        Self::Search,
        Self::Stranger,
        Self::Ask,
        Self::Accept,
        Self::Chat,
        Self::Namesake,
        Self::Away,
        Self::Wait,
        Self::Restart,
        Self::Back,
        Self::Delivered,
        Self::Befriend,
        Self::Leave,
        Self::Carried,
        Self::Proved,
        Self::Server,
        Self::Held,
        Self::Collected,
    ];

    /// The state that is reached when the step has happened, in the words of the API.
    pub(crate) fn state(self) -> &'static str {
        match self {
            Self::Start => "ready",
            Self::Meet | Self::Back | Self::Server => "online",
            Self::Search => "found",
            Self::Stranger => "not_a_friend",
            Self::Ask => "request_received",
            Self::Accept | Self::Befriend => "friend",
            Self::Chat | Self::Delivered | Self::Proved => "delivered",
            Self::Leave => "handed_on",
            Self::Carried | Self::Collected => "received",
            Self::Held => "held",
            Self::Namesake => "two_claims",
            Self::Away => "offline",
            Self::Wait | Self::Restart => "queued",
        }
    }
}

/// What a step shows besides its state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Detail {
    /// A host and where it is.
    Host { name: &'static str, host: HostId, address: SocketAddr },
    /// An answer to a search.
    Claim(AliasClaim),
    /// A message and its fate.
    Said {
        from: &'static str,
        text: String,
        #[serde(flatten)]
        state: MessageState,
    },
    /// Who holds a message that waits.
    Holder {
        name: String,
        #[serde(rename = "holder")]
        host: HostId,
        server: bool,
    },
    /// The words of a friend request.
    Asked { from: &'static str, greeting: String },
    /// What both compare.
    Safety { safety_number: String },
    /// The port of the conversation.
    Conversation { conversation_port: u16 },
}

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// A host refused or failed.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A home cannot be used.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// It did not happen in time; this was seen instead.
    #[error("not in time; seen: {0}")]
    Late(String),
    /// Something else happened.
    #[error("seen: {0}")]
    Different(String),
}

type Told = Result<Vec<Detail>, Trouble>;

/// Plays the story and tells it. False if a step did not happen.
pub(super) async fn play(stage: &Stage, language: Language, telling: &mut Telling) -> Result<bool, Failure> {
    let begun = Instant::now();
    let (mut story, hosts) = match Story::begin(stage, language).await {
        Ok(begin) => begin,
        Err(trouble) => {
            telling.step(Step::Start, begun.elapsed(), &Err(trouble))?;
            return Ok(false);
        }
    };
    let happened = match telling.step(Step::Start, begun.elapsed(), &Ok(hosts)) {
        Ok(()) => tokio::select! {
            happened = story.go_on(begun, telling) => happened,
            () = signals::told_to_end() => Err(Failure::Interrupted),
        },
        Err(failure) => Err(failure),
    };
    story.end().await;
    happened
}

/// A host and who it is in the story.
struct Actor {
    name: &'static str,
    config: NodeConfig,
    node: Node,
}

impl Actor {
    /// A new host, present on the network.
    async fn enter(stage: &Stage, index: usize, name: &'static str, defaults: &Config) -> Result<Self, Trouble> {
        let config = stage.home(index, name, defaults)?;
        let node = Node::open(config.clone()).await?;
        let actor = Self { name, config, node };
        match actor.node.start().await {
            Ok(()) => Ok(actor),
            Err(error) => {
                // What counts is why it could not start.
                let _ = actor.node.stop().await;
                Err(error.into())
            }
        }
    }

    /// Ends the host's process, as far as one process can.
    async fn exit(&self) -> Result<Left, Trouble> {
        let left = self.node.leave().await?;
        self.node.stop().await?;
        Ok(left)
    }

    /// A new host in the old home: it must be the same one.
    async fn come_back(&mut self) -> Result<(), Trouble> {
        let node = Node::open(self.config.clone()).await?;
        if node.host_id() != self.id() {
            return Err(Trouble::Different(format!("{} came back as {}", self.name, node.host_id())));
        }
        node.start().await?;
        self.node = node;
        Ok(())
    }

    fn id(&self) -> HostId {
        self.node.host_id()
    }

    /// How many messages with this text the history has, and the last of them.
    async fn history(&self, with: &Self, text: &str) -> Result<(usize, Option<HistoryMessage>), NodeError> {
        let mut found: Vec<HistoryMessage> = self.node.messages(with.id(), None, 100).await?;
        found.retain(|message| message.text == text);
        Ok((found.len(), found.pop()))
    }
}

/// Ends hosts; one that has ended already is no trouble.
async fn end<'a>(actors: impl IntoIterator<Item = &'a Actor>) {
    for actor in actors {
        if actor.exit().await.is_err() {
            let _ = actor.node.stop().await;
        }
    }
}

struct Story<'a> {
    stage: &'a Stage,
    language: Language,
    ada: Actor,
    grace: Actor,
    linus: Actor,
    library: Option<Actor>,
    deadline: Instant,
    /// The message that waits.
    waiting: Option<MessageId>,
}

impl<'a> Story<'a> {
    async fn begin(stage: &'a Stage, language: Language) -> Result<(Self, Vec<Detail>), Trouble> {
        let mut actors = Vec::new();
        for (index, name) in ["Ada", "Grace", "Linus"].into_iter().enumerate() {
            match Actor::enter(stage, index, name, &Config::default()).await {
                Ok(actor) => actors.push(actor),
                Err(trouble) => {
                    end(&actors).await;
                    return Err(trouble);
                }
            }
        }
        let Ok([ada, grace, linus]) = <[Actor; PEOPLE]>::try_from(actors) else {
            return Err(Trouble::Different("another number of hosts".into()));
        };
        let hosts = [&ada, &grace, &linus]
            .into_iter()
            .enumerate()
            .map(|(index, actor)| Detail::Host { name: actor.name, host: actor.id(), address: stage.address(index) })
            .collect();
        let deadline = Instant::now() + STEP_MAX;
        let (library, waiting) = (None, None);
        Ok((Self { stage, language, ada, grace, linus, library, deadline, waiting }, hosts))
    }

    async fn step(&mut self, step: Step) -> Told {
        match step {
            Step::Start => Ok(Vec::new()),
            Step::Meet => self.meet().await,
            Step::Search => self.search().await,
            Step::Stranger => self.stranger().await,
            Step::Ask => self.ask().await,
            Step::Accept => self.accept().await,
            Step::Chat => self.chat().await,
            Step::Namesake => self.namesake().await,
            Step::Away => self.away().await,
            Step::Wait => self.wait().await,
            Step::Restart => self.restart().await,
            Step::Back => self.back().await,
            Step::Delivered => self.delivered().await,
            Step::Befriend => self.befriend().await,
            Step::Leave => self.leave().await,
            Step::Carried => self.carried().await,
            Step::Proved => self.proved().await,
            Step::Server => self.server().await,
            Step::Held => self.held().await,
            Step::Collected => self.collected().await,
        }
    }

    /// Tells one step after the other; false if one did not happen.
    async fn go_on(&mut self, begun: Instant, telling: &mut Telling) -> Result<bool, Failure> {
        for step in Step::AFTER_START {
            let step_begun = Instant::now();
            self.deadline = (step_begun + STEP_MAX).min(begun + STORY_MAX);
            let told = tokio::time::timeout_at(self.deadline.into(), self.step(step)).await;
            let told = told.unwrap_or_else(|_| Err(Trouble::Late("nothing".into())));
            telling.step(step, step_begun.elapsed(), &told)?;
            if told.is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn end(&self) {
        end([&self.ada, &self.grace, &self.linus].into_iter().chain(&self.library)).await;
    }

    async fn meet(&self) -> Told {
        let all = [&self.ada, &self.grace, &self.linus];
        for one in all {
            for other in all.into_iter().filter(|other| other.id() != one.id()) {
                self.sees(one, other, true).await?;
            }
        }
        Ok(Vec::new())
    }

    async fn search(&self) -> Told {
        let claims = self.ada.node.search("gra", Match::Partial).await?;
        match claims.as_slice() {
            [claim] if claim.host == self.grace.id() && claim.alias == "Grace" => {
                Ok(claims.into_iter().map(Detail::Claim).collect())
            }
            _ => Err(Trouble::Different(listed(&claims))),
        }
    }

    async fn stranger(&self) -> Told {
        match self.ada.node.send(self.linus.id(), "Ciao").await {
            Err(NodeError::Command(CommandError::NotAFriend { host })) if host == self.linus.id() => Ok(Vec::new()),
            Err(error) => Err(Trouble::Node(error)),
            Ok(message) => Err(Trouble::Different(format!("message {message} was taken in"))),
        }
    }

    async fn ask(&self) -> Told {
        let greeting = words::greeting(self.language);
        self.ada.node.ask_friendship(self.grace.id(), &greeting).await?;
        self.stands(&self.ada, &self.grace, FriendState::RequestSent).await?;
        self.stands(&self.grace, &self.ada, FriendState::RequestReceived).await?;
        let asked = self.grace.node.friend(self.ada.id()).await?.and_then(|friend| friend.greeting);
        if asked.as_deref() != Some(&greeting) {
            return Err(Trouble::Different(format!("the greeting {asked:?}")));
        }
        Ok(vec![Detail::Asked { from: self.ada.name, greeting }])
    }

    async fn accept(&self) -> Told {
        self.grace.node.answer_friendship(self.ada.id(), true, false).await?;
        self.stands(&self.grace, &self.ada, FriendState::Friend).await?;
        self.stands(&self.ada, &self.grace, FriendState::Friend).await?;
        let here = self.ada.node.safety_number(self.grace.id()).await?;
        let there = self.grace.node.safety_number(self.ada.id()).await?;
        match here {
            Some(safety_number) if Some(&safety_number) == there.as_ref() => Ok(vec![Detail::Safety { safety_number }]),
            here => Err(Trouble::Different(format!("the safety numbers {here:?} and {there:?}"))),
        }
    }

    async fn chat(&self) -> Told {
        let mut told = Vec::new();
        for (from, to, text) in [
            (&self.ada, &self.grace, words::question(self.language)),
            (&self.grace, &self.ada, words::answer(self.language)),
        ] {
            let message = from.node.send(to.id(), &text).await?;
            told.push(self.arrived(from, to, message, &text).await?);
        }
        Ok(told)
    }

    async fn namesake(&self) -> Told {
        self.linus.node.set(Setting::Alias(self.grace.name.into())).await?;
        let claims = self.ada.node.search(self.grace.name, Match::Exact).await?;
        let claim = |host: HostId| claims.iter().find(|claim| claim.host == host);
        match (claims.len(), claim(self.grace.id()), claim(self.linus.id())) {
            (2, Some(friend), Some(other))
                if friend.friend == FriendState::Friend
                    && friend.flags.is_empty()
                    && other.friend == FriendState::Unknown
                    && other.flags.contains(&NameFlag::SameAsFriend) =>
            {
                Ok(claims.into_iter().map(Detail::Claim).collect())
            }
            _ => Err(Trouble::Different(listed(&claims))),
        }
    }

    async fn away(&self) -> Told {
        self.grace.exit().await?;
        self.sees(&self.ada, &self.grace, false).await?;
        Ok(Vec::new())
    }

    async fn wait(&mut self) -> Told {
        let text = words::waiting(self.language);
        let message = self.ada.node.send(self.grace.id(), &text).await?;
        self.waiting = Some(message);
        tokio::time::sleep(STILL).await;
        Ok(vec![self.still_waits().await?])
    }

    async fn restart(&mut self) -> Told {
        // As if its power had gone: who leaves in order hands on what waits.
        self.ada.node.stop().await?;
        self.ada.come_back().await?;
        Ok(vec![self.still_waits().await?])
    }

    async fn back(&mut self) -> Told {
        self.grace.come_back().await?;
        self.sees(&self.ada, &self.grace, true).await?;
        Ok(Vec::new())
    }

    async fn delivered(&self) -> Told {
        let message = self.waiting()?;
        let text = words::waiting(self.language);
        let said = self.arrived(&self.ada, &self.grace, message, &text).await?;
        let look = async |node: &Node| {
            let hosts = node.hosts().await?;
            let port = hosts.iter().find(|view| view.host == self.grace.id()).and_then(|view| view.conversation_port);
            Ok(port.ok_or_else(|| "no conversation is open".into()))
        };
        let conversation_port = self.look(&self.ada.node, look).await?;
        Ok(vec![said, Detail::Conversation { conversation_port }])
    }

    fn waiting(&self) -> Result<MessageId, Trouble> {
        self.waiting.ok_or_else(|| Trouble::Different("no message waits".into()))
    }

    async fn still_waits(&self) -> Result<Detail, Trouble> {
        match self.ada.node.message(self.waiting()?).await? {
            Some(HistoryMessage { state: MessageState::Queued, text, .. }) => {
                Ok(Detail::Said { from: self.ada.name, text, state: MessageState::Queued })
            }
            other => {
                Err(Trouble::Different(other.map_or("no message".into(), |message| format!("{:?}", message.state))))
            }
        }
    }
}

/// What is looked for again and again.
impl Story<'_> {
    /// Waits until `one` takes `other` to be there, or not.
    async fn sees(&self, one: &Actor, other: &Actor, online: bool) -> Result<(), Trouble> {
        let look = async |node: &Node| {
            let seen = node.hosts().await?.iter().any(|view| view.host == other.id() && view.online);
            let word = if seen { "online" } else { "offline" };
            Ok(if seen == online { Ok(()) } else { Err(format!("{} takes {} to be {word}", one.name, other.name)) })
        };
        self.look(&one.node, look).await
    }

    /// Waits until `one` stands with `other` as wanted.
    async fn stands(&self, one: &Actor, other: &Actor, wanted: FriendState) -> Result<(), Trouble> {
        let look = async |node: &Node| {
            let state = node.friend(other.id()).await?.map_or(FriendState::Unknown, |friend| friend.state);
            let seen = || format!("{} says of {}: {state}", one.name, other.name);
            Ok(if state == wanted { Ok(()) } else { Err(seen()) })
        };
        self.look(&one.node, look).await
    }

    /// Waits until a message is delivered: by its sender's history, and once and no more in its recipient's.
    async fn arrived(&self, from: &Actor, to: &Actor, message: MessageId, text: &str) -> Result<Detail, Trouble> {
        let look = async |node: &Node| {
            let state = node.message(message).await?.map(|stored| stored.state);
            Ok(match state {
                Some(state @ (MessageState::Delivered | MessageState::Read)) => Ok(state),
                other => Err(format!("{}'s message is {other:?}", from.name)),
            })
        };
        let state = self.look(&from.node, look).await?;
        match to.history(from, text).await? {
            (1, Some(received)) if received.message == message && !received.mine => {
                Ok(Detail::Said { from: from.name, text: text.into(), state })
            }
            (count, _) => Err(Trouble::Different(format!("{count} such messages at {}", to.name))),
        }
    }

    /// Looks until something is found, or time is over; `look` says what it sees instead.
    async fn look<T>(
        &self,
        node: &Node,
        look: impl AsyncFn(&Node) -> Result<Result<T, String>, NodeError>,
    ) -> Result<T, Trouble> {
        /// So that what was seen can be told before the step is called off.
        const MARGIN: Duration = Duration::from_millis(100);
        let seen = RefCell::new(String::new());
        let left = self.deadline.saturating_duration_since(Instant::now()).saturating_sub(MARGIN);
        let found = host::until(node, left, async |node| match look(node).await? {
            Ok(found) => Ok(Some(found)),
            Err(other) => {
                seen.replace(other);
                Ok(None)
            }
        });
        found.await?.ok_or_else(|| Trouble::Late(seen.into_inner()))
    }
}

fn listed(claims: &[AliasClaim]) -> String {
    let claims: Vec<String> = claims
        .iter()
        .map(|claim| format!("{} by {} ({}, {:?})", claim.alias, claim.host, claim.friend, claim.flags))
        .collect();
    format!("{} answers: {}", claims.len(), claims.join("; "))
}
