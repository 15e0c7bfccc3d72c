//! What the user should know, newest last, and what is said on the status line for a moment.

use permesso_node::Wall;

use crate::printing::one_line;

/// Notices kept; the oldest goes first.
const NOTICES_MAX: usize = 200;

/// How long something stays on the status line, in milliseconds: long enough to read two lines.
const SAID_FOR: u64 = 8_000;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// When it came.
    pub(crate) at: Wall,
    /// What it says.
    pub(crate) text: String,
}

/// Notices and the status line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    noted: Vec<Noted>,
    unseen: usize,
    said: Option<(Wall, String)>,
}

impl Notices {
    /// Says something for a moment.
    pub(crate) fn say(&mut self, text: impl Into<String>, now: Wall) {
        self.said = Some((now, one_line(&text.into())));
    }

    /// Says something and keeps it in the list.
    pub(crate) fn note(&mut self, text: impl Into<String>, now: Wall) {
        let text = text.into();
        self.say(text.as_str(), now);
        // The same again and again, as when the network is away, is one notice.
        if self.noted.last().is_some_and(|last| last.text == text) {
            return;
        }
        if self.noted.len() >= NOTICES_MAX {
            self.noted.remove(0);
        }
        self.noted.push(Noted { at: now, text });
        self.unseen += 1;
    }

    /// What is said now.
    pub(crate) fn said(&self) -> Option<&str> {
        self.said.as_ref().map(|(_, text)| text.as_str())
    }

    /// Forgets what has been said long enough. A clock that was put back counts too.
    pub(crate) fn on_tick(&mut self, now: Wall) {
        self.said.take_if(|(at, _)| now.0.abs_diff(at.0) > SAID_FOR);
    }

    /// What was said has been understood.
    pub(crate) fn hush(&mut self) {
        self.said = None;
    }

    /// The list, newest last.
    pub(crate) fn all(&self) -> &[Noted] {
        &self.noted
    }

    /// How many were not yet looked at.
    pub(crate) fn unseen(&self) -> usize {
        self.unseen
    }

    /// The list was looked at.
    pub(crate) fn see(&mut self) {
        self.unseen = 0;
    }
}
