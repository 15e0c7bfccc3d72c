//! Pages over the conversation: a person, one's own code, searches, settings and so on. What they show; their keys are in
//! [`super::page_keys`].

use std::cell::Cell;

use permesso_node::{AliasClaim, HistoryMessage, HostId, MessageId, MessageKey};

use super::editor::Editor;
use super::input::Action;

/// Lines scrolled away. The drawing, which alone knows how many there are, stops it at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scroll(Cell<usize>);

impl Scroll {
    /// Goes so many lines down, up if negative.
    pub(crate) fn step(&self, by: isize) {
        self.0.set(self.0.get().saturating_add_signed(by));
    }

    /// The lines scrolled away, of at most so many.
    pub(crate) fn within(&self, most: usize) -> usize {
        self.0.set(self.0.get().min(most));
        self.0.get()
    }
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// Somebody.
    Person {
        /// Who.
        host: HostId,
        /// The digits to compare, once computed.
        safety: Option<String>,
        /// Lines scrolled away.
        scroll: Scroll,
    },
    /// A code.
    Code {
        /// Whose; one's own, if nobody is named.
        host: Option<HostId>,
        /// The URI, once made.
        uri: Option<String>,
        /// Dark and light exchanged.
        inverted: bool,
        /// The text instead of the picture.
        as_text: bool,
    },
    /// A search for people on the network.
    Find(Find),
    /// A search in messages and people.
    Search(Search),
    /// The settings.
    Settings {
        /// Which is chosen.
        selected: usize,
    },
    /// How the network is.
    Doctor {
        /// What was found.
        lines: Option<Vec<String>>,
        /// Lines scrolled away.
        scroll: Scroll,
    },
    /// The log.
    Log {
        /// The newest lines.
        lines: Vec<String>,
        /// Lines scrolled away, from the end.
        scroll: Scroll,
    },
    /// All keys.
    Help {
        /// Lines scrolled away.
        scroll: Scroll,
    },
    /// Notices.
    Notices {
        /// Lines scrolled away.
        scroll: Scroll,
    },
    /// A message and who holds it.
    Details {
        /// Which.
        message: MessageKey,
        /// Lines scrolled away.
        scroll: Scroll,
    },
    /// Something to write.
    Prompt(Prompt),
    /// Something to agree to.
    Confirm(Confirm),
}

/// A search for people on the network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Find {
    /// A part of an alias, or a code.
    pub(crate) editor: Editor,
    /// What is being searched for, or was.
    pub(crate) alias: Option<String>,
    /// Answers may still come.
    pub(crate) searching: bool,
    /// Who answered.
    pub(crate) claims: Vec<AliasClaim>,
    /// Which claim is chosen.
    pub(crate) selected: usize,
}

/// A search in messages and people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// What to look for.
    pub(crate) editor: Editor,
    /// What the hits are for.
    pub(crate) text: String,
    /// What is being searched for now, which may be an older text.
    pub(crate) running: Option<String>,
    /// People whose name contains it.
    pub(crate) people: Vec<HostId>,
    /// Messages that contain it.
    pub(crate) messages: Vec<HistoryMessage>,
    /// Which hit is chosen; people come first.
    pub(crate) selected: usize,
}

impl Search {
    /// Searches for the newest text, once at a time: who types fast would otherwise wait for one search a letter.
    pub(crate) fn go_on(&mut self) -> Option<Action> {
        if self.running.is_some() {
            return None;
        }
        self.running = Some(self.text.clone());
        Some(Action::Search(self.text.clone()))
    }

    /// A search is over. Whether its hits are wanted still, or the next one.
    pub(crate) fn on_hits(&mut self, text: &str, messages: &[HistoryMessage]) -> Option<Action> {
        let awaited = self.running.take_if(|running| running == text).is_some();
        if self.text == text {
            self.messages = messages.to_vec();
            return None;
        }
        if awaited { self.go_on() } else { None }
    }
}

/// Something to write.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// What for.
    pub(crate) kind: PromptKind,
    /// The text.
    pub(crate) editor: Editor,
    /// Why it was not taken.
    pub(crate) trouble: Option<String>,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptKind {
    /// A few words with a friend request.
    Greeting(HostId),
    /// A name of one's own for somebody.
    Rename(HostId),
    /// A setting.
    Setting(Item),
}

/// Something to agree to.
#[derive(Clone, Debug)]
pub(crate) struct Confirm {
    /// What is asked.
    pub(crate) question: Question,
    /// What is done if the answer is yes.
    pub(crate) yes: Action,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// End a friendship?
    End(HostId),
    /// Block somebody?
    Block(HostId),
    /// Remove a message here?
    Delete(MessageId),
    /// Give up a message?
    Cancel(MessageId),
}

/// A setting on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// One's own alias.
    Alias,
    /// Who may see this host.
    Visibility,
    /// Whether friends are told that their messages were opened.
    ReadReceipts,
    /// The port of presence.
    Port,
    /// Messages kept per conversation.
    HistoryLimit,
    /// Messages waiting for delivery.
    OutboxLimit,
    /// After how long a message fails.
    OutboxExpiry,
    /// Whether messages of others are carried.
    Carry,
    /// The storage they may take.
    Storage,
}

impl Item {
    /// All of them, as the page shows them.
    pub(crate) const ALL: [Self; 9] = [
        Self::Alias,
        Self::Visibility,
        Self::ReadReceipts,
        Self::Port,
        Self::HistoryLimit,
        Self::OutboxLimit,
        Self::OutboxExpiry,
        Self::Carry,
        Self::Storage,
    ];
}

impl Page {
    /// The lines scrolled away, of pages that scroll.
    pub(crate) fn scroll(&mut self) -> Option<&mut Scroll> {
        match self {
            Self::Person { scroll, .. }
            | Self::Doctor { scroll, .. }
            | Self::Log { scroll, .. }
            | Self::Help { scroll }
            | Self::Notices { scroll }
            | Self::Details { scroll, .. } => Some(scroll),
            _ => None,
        }
    }

    /// The text being written on this page.
    pub(crate) fn editor(&mut self) -> Option<&mut Editor> {
        match self {
            Self::Find(find) => Some(&mut find.editor),
            Self::Search(search) => Some(&mut search.editor),
            Self::Prompt(prompt) => Some(&mut prompt.editor),
            _ => None,
        }
    }
}
