//! The line at the bottom: the keys that mean something now.

use ratatui::text::{Line, Span};

use super::text::width;
use super::theme::Theme;
use crate::chat::page::Page;
use crate::chat::people::{Group, Person};
use crate::chat::state::{Chat, Focus, Stage};
use crate::words::{Language, say};
use permesso_node::{FriendState, MessageState};

/// A key and what it does.
type Hint = (&'static str, String);

/// As many hints as there is room for, the most useful first.
pub(crate) fn line(chat: &Chat, theme: Theme, columns: u16) -> Line<'static> {
    let mut spans = Vec::new();
    let mut taken = 0;
    for (key, label) in hints(chat) {
        let wide = width(key) + 1 + width(&label) + if taken > 0 { 2 } else { 0 };
        if taken + wide > usize::from(columns) {
            break;
        }
        if taken > 0 {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(key, theme.key()));
        spans.push(Span::styled(format!(" {label}"), theme.faint()));
        taken += wide;
    }
    Line::from(spans)
}

fn hints(chat: &Chat) -> Vec<Hint> {
    let language = chat.language;
    match &chat.stage {
        Stage::Welcome { .. } => vec![("Enter", say!(language, "chat-key-go-on")), ("Esc", quit(language))],
        Stage::Opening | Stage::Leaving => vec![("Ctrl-C", quit(language))],
        Stage::Running => match (chat.pages.last(), chat.focus) {
            (Some(page), _) => of_page(chat, page),
            (None, Focus::People) => of_list(chat),
            (None, Focus::Text) => of_text(language),
            (None, Focus::Messages) => of_messages(chat),
        },
    }
}

fn of_list(chat: &Chat) -> Vec<Hint> {
    let language = chat.language;
    let mut hints = vec![("?", help(language))];
    if let Some(person) = chat.people.selected().and_then(|host| chat.people.person(host)) {
        match person.group {
            Group::Asks => {
                hints.push(("a", say!(language, "chat-key-accept")));
                hints.push(("x", say!(language, "chat-key-refuse")));
            }
            Group::Nearby => hints.push(("a", say!(language, "chat-key-ask"))),
            Group::Friends => hints.push(("Enter", say!(language, "chat-key-open"))),
            Group::Sent | Group::Others => {}
        }
        hints.push(("i", say!(language, "chat-key-person")));
    }
    hints.extend([
        ("f", say!(language, "chat-key-find")),
        ("/", say!(language, "chat-key-search")),
        ("q", quit(language)),
        ("m", say!(language, "chat-key-code")),
        ("s", say!(language, "chat-key-settings")),
        ("n", say!(language, "chat-key-notices")),
        ("d", say!(language, "chat-key-doctor")),
        ("l", say!(language, "chat-key-log")),
    ]);
    hints
}

fn of_text(language: Language) -> Vec<Hint> {
    vec![
        ("F1", help(language)),
        ("Enter", say!(language, "chat-key-send")),
        ("Esc", say!(language, "chat-key-list")),
        ("↑", say!(language, "chat-key-messages")),
        ("Alt-Enter", say!(language, "chat-key-new-line")),
        ("F2", say!(language, "chat-key-person")),
        ("F3", say!(language, "chat-key-search")),
    ]
}

fn of_messages(chat: &Chat) -> Vec<Hint> {
    let language = chat.language;
    let mut hints = vec![
        ("?", help(language)),
        ("Enter", say!(language, "chat-key-details")),
        ("Esc", say!(language, "chat-key-back")),
    ];
    hints.extend(of_message(chat));
    hints.push(("↑↓", say!(language, "chat-key-choose")));
    hints
}

/// What can be done with the chosen message.
fn of_message(chat: &Chat) -> Vec<Hint> {
    let language = chat.language;
    let Some(message) = chat.talk.as_ref().and_then(|talk| talk.chosen()) else { return Vec::new() };
    let mut hints = Vec::new();
    match message.state {
        MessageState::Failed { .. } if chat.may_resend() => hints.push(("r", say!(language, "chat-key-resend"))),
        MessageState::Queued | MessageState::Held if message.mine => {
            hints.push(("c", say!(language, "chat-key-cancel")));
        }
        _ => {}
    }
    hints.push(("Del", say!(language, "chat-key-delete")));
    hints
}

fn of_page(chat: &Chat, page: &Page) -> Vec<Hint> {
    let language = chat.language;
    let back = ("Esc", say!(language, "chat-key-back"));
    let choose = ("↑↓", say!(language, "chat-key-choose"));
    let scroll = ("↑↓", say!(language, "chat-key-scroll"));
    match page {
        Page::Person { host, .. } => {
            let mut hints = vec![back];
            if let Some(person) = chat.people.person(*host) {
                hints.extend(of_person(language, &person));
            }
            hints
        }
        Page::Code { host, .. } => {
            let mut hints =
                vec![back, ("t", say!(language, "chat-key-as-text")), ("i", say!(language, "chat-key-invert"))];
            if host.is_none() {
                hints.push(("n", say!(language, "chat-key-new-code")));
            }
            hints
        }
        Page::Find(_) => vec![("Enter", say!(language, "chat-key-search-open")), back, choose],
        Page::Search(_) => vec![("Enter", say!(language, "chat-key-open")), back, choose],
        Page::Settings { .. } => vec![("Enter", say!(language, "chat-key-change")), back, choose],
        Page::Doctor { .. } => vec![back, ("r", say!(language, "chat-key-again")), scroll],
        Page::Details { .. } => {
            let mut hints = vec![back];
            hints.extend(of_message(chat));
            hints
        }
        Page::Log { .. } | Page::Help { .. } | Page::Notices { .. } => vec![back, scroll],
        Page::Prompt(_) => vec![("Enter", say!(language, "chat-key-go-on")), back],
        Page::Confirm(_) => {
            vec![("Enter", say!(language, "chat-key-yes")), ("Esc", say!(language, "chat-key-no"))]
        }
    }
}

fn of_person(language: Language, person: &Person) -> Vec<Hint> {
    let mut hints = Vec::new();
    match person.state {
        FriendState::RequestReceived => {
            hints.push(("a", say!(language, "chat-key-accept")));
            hints.push(("x", say!(language, "chat-key-refuse")));
            hints.push(("X", say!(language, "chat-key-refuse-and-tell")));
        }
        FriendState::RequestSent => hints.push(("w", say!(language, "chat-key-withdraw"))),
        FriendState::Unknown | FriendState::Ended => hints.push(("a", say!(language, "chat-key-ask"))),
        FriendState::Friend => {
            hints.push(("Enter", say!(language, "chat-key-write")));
            hints.push((
                "v",
                match person.verified {
                    true => say!(language, "chat-key-unverify"),
                    false => say!(language, "chat-key-verify"),
                },
            ));
        }
    }
    if person.state != FriendState::Unknown {
        hints.push(("c", say!(language, "chat-key-their-code")));
        hints.push(("r", say!(language, "chat-key-rename")));
    }
    hints.push((
        "b",
        match person.blocked {
            true => say!(language, "chat-key-unblock"),
            false => say!(language, "chat-key-block"),
        },
    ));
    if person.state == FriendState::Friend {
        hints.push(("e", say!(language, "chat-key-end")));
    }
    hints
}

fn help(language: Language) -> String {
    say!(language, "chat-key-help")
}

fn quit(language: Language) -> String {
    say!(language, "chat-key-quit")
}
