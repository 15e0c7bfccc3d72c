//! What comes to the chat, and what it wants done.

use crossterm::event::KeyEvent;
use permesso_node::{
    AliasClaim, Command, CustodyView, FriendView, HistoryMessage, HostId, HostView, MessageId, NodeEvent, Outcome,
    Place, Settings, Wall,
};

use super::kept::Kept;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Size(u16, u16),
    /// About a second has passed.
    Tick,
    /// The host is open.
    Opened {
        /// Its id.
        host: HostId,
        /// What was kept of the last time.
        kept: Kept,
        /// Where its key is, to be shown.
        key_place: String,
        /// What the user should know about it.
        troubles: Vec<String>,
    },
    /// The host tells something.
    Node(NodeEvent),
    /// The answer to an action.
    Answer(Answer),
}

/// The answer to an action. Failures are texts for people.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Who there is.
    People {
        /// Friends and the like.
        friends: Vec<FriendView>,
        /// Hosts.
        hosts: Vec<HostView>,
    },
    /// The settings in force, and what is carried for others.
    Settings(Settings, CustodyView),
    /// A page of a conversation, oldest first.
    Page {
        /// Whose.
        host: HostId,
        /// What it stands before; the end, if none.
        before: Option<Place>,
        /// How many messages were wanted.
        limit: usize,
        /// They.
        messages: Vec<HistoryMessage>,
    },
    /// The last message of a conversation.
    Last {
        /// Whose.
        host: HostId,
        /// The message.
        message: Option<HistoryMessage>,
    },
    /// A search on the network is over.
    Found {
        /// What was searched for.
        alias: String,
        /// Who answered.
        claims: Vec<AliasClaim>,
    },
    /// Messages that contain a text.
    Hits {
        /// The text.
        text: String,
        /// The messages, newest first.
        messages: Vec<HistoryMessage>,
    },
    /// A command is done, or was refused.
    Done {
        /// What it was for.
        purpose: Purpose,
        /// What came of it.
        result: Result<Outcome, String>,
    },
    /// The digits to compare.
    Safety {
        /// With whom.
        host: HostId,
        /// They, if the key is known.
        number: Option<String>,
    },
    /// A code.
    Code {
        /// Whose; one's own, if nobody is named.
        host: Option<HostId>,
        /// The URI.
        uri: String,
    },
    /// What the doctor found.
    Diagnosis(Vec<String>),
    /// The newest log lines.
    Log(Vec<String>),
    /// The host is on the network, or why not.
    Started(Result<(), String>),
    /// Something could not be read.
    Trouble(String),
}

/// What a command is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A conversation was looked at.
    MarkRead,
    /// This is said when it is done.
    Say(String),
    /// A message, whose text must not be lost if it is refused.
    Send {
        /// To whom.
        host: HostId,
        /// The text.
        text: String,
    },
    /// A code was typed in: whom it names is shown.
    Scan,
    /// A setting: it is read again.
    Set,
    /// A new code: it is shown.
    Code,
    /// A message was removed.
    Delete(MessageId),
}

/// What the chat wants done. Nothing here waits: answers come as inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Open the host, with this alias if it is new.
    Open {
        /// The alias.
        alias: Option<String>,
    },
    /// Join the network.
    Start,
    /// Carry a command out.
    Do(Command, Purpose),
    /// Read who there is.
    LoadPeople,
    /// Read the settings.
    LoadSettings,
    /// Read a page of a conversation.
    LoadPage {
        /// Whose.
        host: HostId,
        /// What it stands before; the end, if none.
        before: Option<Place>,
        /// How many messages.
        limit: usize,
    },
    /// Read the last message of a conversation.
    LoadLast(HostId),
    /// Search the network for a part of an alias; nothing means everybody.
    Find(String),
    /// Search the messages.
    Search(String),
    /// Compute the digits to compare.
    LoadSafety(HostId),
    /// Make the code of somebody whose key is pinned; one's own, if nobody is named.
    LoadCode(Option<HostId>),
    /// Look how the network is.
    Diagnose,
    /// Read the log.
    ReadLog,
    /// Keep this for the next time.
    Keep(Kept),
    /// Leave the network and end.
    Quit,
}

/// A moment, for functions that are told it.
pub(crate) type Now = Wall;
