//! `permesso chat`: the terminal client.
//!
//! A pure state machine ([`state::Chat`]) takes what is typed and what the host tells; a view ([`view`]) draws it; the loop
//! here joins both and never waits for the host: whatever takes time is a task whose answer comes back as an input.

mod answers;
mod doctor;
mod editor;
mod input;
mod kept;
mod keys;
mod notices;
mod page;
mod page_keys;
mod people;
mod state;
mod talk;
mod terminal;
mod view;
mod when;
mod work;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use permesso_node::api::Left;
use permesso_node::{Config, EventStream, NodeEvent, Store};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use zeroize::Zeroizing;

use self::input::{Action, Input};
use self::kept::{Keeper, Kept};
use self::state::Chat;
use self::terminal::Screen;
use self::view::Theme;
use self::work::Work;
use crate::arguments::HostOptions;
use crate::failure::Failure;
use crate::home;
use crate::host::{self, Opened};
use crate::key;
use crate::logging::{self, Log};
use crate::passphrase;
use crate::printing;
use crate::signals;
use crate::status::Status;
use crate::words::{Language, account, leaving, people as words, say};

/// Drawings are at least so far apart, so that a storm of events costs little: 25 a second is what eyes follow.
const DRAW_EVERY: Duration = Duration::from_millis(40);

/// Chats until the user ends it.
pub(crate) async fn run(options: &HostOptions, verbose: u8, language: Language) -> Result<Status, Failure> {
    if !is_possible() {
        return Err(Failure::NoTerminal);
    }
    let folder = home::folder(options.home.as_deref())?;
    let is_new = !Store::exists(&folder) && options.alias.is_none();
    let log = logging::begin_in_memory(verbose, &folder);
    // Before the screen is taken over.
    let passphrase = passphrase::of_home(&folder, options.passphrase_file.as_deref(), language)?;
    let chat = Chat::new(language, folder.display().to_string(), passphrase.is_some(), is_new, printing::now());
    let mut screen = Screen::enter()?;
    let mut session = Session::new(options.clone(), passphrase, folder, language, log, chat);
    let result = session.run(&mut screen).await;
    if let Some(home) = session.home.take() {
        let (left, ended) = home.end(&session.chat, result).await;
        drop(screen);
        leaving::handed_on(language, &left).into_iter().for_each(|line| eprintln!("{line}"));
        return ended;
    }
    drop(screen);
    result
}

/// Whether there is a terminal to chat in.
pub(crate) fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// What belongs to the open host.
struct Home {
    work: Work,
    events: EventStream,
    keep: watch::Sender<Kept>,
    keeping: JoinHandle<()>,
}

impl Home {
    /// Keeps what is to be kept, leaves the network and ends the host.
    async fn end(self, chat: &Chat, result: Result<Status, Failure>) -> (Left, Result<Status, Failure>) {
        self.keep.send_replace(chat.kept().clone());
        drop(self.keep);
        if self.keeping.await.is_err() {
            tracing::error!("keeping drafts panicked");
        }
        let left = host::leave(&self.work.node).await;
        (left, host::stop(&self.work.node, result).await)
    }
}

/// The host that was opened, and what the chat kept there.
struct Found {
    opened: Opened,
    kept: std::io::Result<Kept>,
}

/// One run of the chat.
struct Session {
    options: HostOptions,
    passphrase: Option<Zeroizing<String>>,
    folder: PathBuf,
    language: Language,
    log: Log,
    chat: Chat,
    theme: Theme,
    home: Option<Home>,
    opening: Option<JoinHandle<Result<Found, Failure>>>,
    inputs: mpsc::UnboundedReceiver<Input>,
    answers: mpsc::UnboundedSender<Input>,
}

impl Session {
    fn new(
        options: HostOptions,
        passphrase: Option<Zeroizing<String>>,
        folder: PathBuf,
        language: Language,
        log: Log,
        chat: Chat,
    ) -> Self {
        let (answers, inputs) = mpsc::unbounded_channel();
        let theme = Theme::of_environment();
        Self { options, passphrase, folder, language, log, chat, theme, home: None, opening: None, inputs, answers }
    }

    async fn run(&mut self, screen: &mut Screen) -> Result<Status, Failure> {
        let mut keys = terminal::inputs();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let told_to_end = signals::told_to_end();
        tokio::pin!(told_to_end);
        let (width, height) = screen.size()?;
        self.chat.on(Input::Size(width, height), printing::now());
        for action in self.chat.begin() {
            self.perform(action);
        }
        let mut draw_at = Some(Instant::now());
        loop {
            let input = tokio::select! {
                biased;
                () = &mut told_to_end => return Ok(Status::Done),
                input = keys.recv() => match input {
                    Some(input) => input,
                    None => return Ok(Status::Done),
                },
                () = at(draw_at) => {
                    let (chat, theme) = (&self.chat, self.theme);
                    screen.draw(|frame| view::draw(chat, theme, frame))?;
                    draw_at = None;
                    continue;
                }
                opened = finished(&mut self.opening) => self.on_opened(opened?),
                Some(input) = self.inputs.recv() => input,
                event = next_event(&mut self.home) => match event {
                    Some(event) => Input::Node(event),
                    None => return Err(permesso_node::NodeError::Stopped.into()),
                },
                _ = tick.tick() => Input::Tick,
            };
            if is_suspend(&input) {
                #[cfg(unix)]
                screen.suspend().await?;
                draw_at = Some(Instant::now());
                continue;
            }
            if is_redraw(&input) {
                screen.doubt();
            }
            for action in self.chat.on(input, printing::now()) {
                if action == Action::Quit {
                    let (chat, theme) = (&self.chat, self.theme);
                    screen.draw(|frame| view::draw(chat, theme, frame))?;
                    return Ok(Status::Done);
                }
                self.perform(action);
            }
            draw_at = draw_at.or(Some(Instant::now() + DRAW_EVERY));
        }
    }

    fn perform(&mut self, action: Action) {
        match (action, &self.home) {
            (Action::Open { alias }, _) => {
                let mut options = self.options.clone();
                options.alias = alias.or(options.alias);
                self.opening = Some(tokio::spawn(open(options, self.passphrase.take())));
            }
            (Action::Keep(kept), Some(home)) => {
                home.keep.send_replace(kept);
            }
            (action, Some(home)) => home.work.begin(action),
            (action, None) => tracing::error!(?action, "nothing is open yet"),
        }
    }

    fn on_opened(&mut self, Found { opened, kept }: Found) -> Input {
        let keeper = Keeper::new(&self.folder, &opened.key);
        let mut troubles = Vec::new();
        if opened.node.is_restored_copy() {
            troubles.push(words::restored_copy(self.language));
        }
        let kept = kept.unwrap_or_else(|error| {
            let path = self.folder.join("chat.damaged").display().to_string();
            let aside = keeper.put_aside();
            tracing::warn!(%error, ?aside, "drafts cannot be read");
            troubles.push(say!(self.language, "chat-drafts-damaged", path));
            Kept::default()
        });
        let (keep, kept_there) = watch::channel(kept.clone());
        let keeping = tokio::spawn(keep_on(keeper, kept_there));
        let (node, events, host) = (opened.node, opened.events, opened.host);
        let key_place = account::key_place(self.language, &self.folder, key::place(&self.folder));
        let work = Work { node, language: self.language, log: self.log.clone(), answers: self.answers.clone() };
        self.home = Some(Home { work, events, keep, keeping });
        Input::Opened { host, kept, key_place, troubles }
    }
}

/// Opens the host and reads what the chat kept. Deriving a key takes some tenths of a second, so this is a task.
async fn open(options: HostOptions, passphrase: Option<Zeroizing<String>>) -> Result<Found, Failure> {
    let opened = host::open_quietly(&options, &Config::default(), passphrase).await?;
    let keeper = Keeper::new(Path::new(&opened.folder), &opened.key);
    Ok(Found { opened, kept: keeper.load() })
}

/// Writes what is to be kept, the newest state each time.
async fn keep_on(keeper: Keeper, mut kept: watch::Receiver<Kept>) {
    while kept.changed().await.is_ok() {
        let (keeper, now) = (keeper.clone(), kept.borrow_and_update().clone());
        match tokio::task::spawn_blocking(move || keeper.save(&now)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "drafts cannot be kept"),
            Err(_) => tracing::error!("keeping drafts panicked"),
        }
    }
}

fn is_suspend(input: &Input) -> bool {
    use crossterm::event::{KeyCode, KeyModifiers};
    matches!(input, Input::Key(key) if cfg!(unix)
        && key.code == KeyCode::Char('z')
        && key.modifiers.contains(KeyModifiers::CONTROL))
}

fn is_redraw(input: &Input) -> bool {
    use crossterm::event::{KeyCode, KeyModifiers};
    matches!(input, Input::Key(key) if key.code == KeyCode::Char('l') && key.modifiers.contains(KeyModifiers::CONTROL))
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

async fn next_event(home: &mut Option<Home>) -> Option<NodeEvent> {
    match home {
        Some(home) => home.events.next().await,
        None => std::future::pending().await,
    }
}

/// The end of a task, which is forgotten then.
async fn finished<T>(task: &mut Option<JoinHandle<Result<T, Failure>>>) -> Result<T, Failure> {
    let Some(running) = task else { return std::future::pending().await };
    let result = running.await;
    *task = None;
    result.unwrap_or(Err(Failure::Interrupted))
}
