//! All keys.

use ratatui::text::{Line, Span};

use super::super::text::{pad, wrap};
use super::super::theme::Theme;
use crate::chat::state::Chat;
use crate::words::{Language, say};

/// The width of the column of keys.
const KEYS: usize = 12;

/// The help page: what the signs mean, and the keys of every place.
pub(crate) fn lines(chat: &Chat, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let language = chat.language;
    let mut lines = Vec::new();
    for (title, keys) in sections(language) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(wrap(&title, columns).into_iter().map(|line| Line::styled(line, theme.title())));
        for (key, meaning) in keys {
            for (index, part) in wrap(&meaning, columns.saturating_sub(KEYS + 1)).into_iter().enumerate() {
                let key = if index == 0 { pad(key, KEYS) } else { " ".repeat(KEYS) };
                lines.push(Line::from(vec![Span::styled(key, theme.key()), Span::raw(format!(" {part}"))]));
            }
        }
    }
    lines
}

type Section = (String, Vec<(&'static str, String)>);

fn sections(language: Language) -> Vec<Section> {
    vec![
        (
            say!(language, "chat-help-everywhere"),
            vec![
                ("F1 ?", say!(language, "chat-help-help")),
                ("F2 i", say!(language, "chat-help-person")),
                ("F3 /", say!(language, "chat-help-search")),
                ("F4 f", say!(language, "chat-help-find")),
                ("F5 m", say!(language, "chat-help-code")),
                ("F6 s", say!(language, "chat-help-settings")),
                ("F7 n", say!(language, "chat-help-notices")),
                ("F8 d", say!(language, "chat-help-doctor")),
                ("F9 l", say!(language, "chat-help-log")),
                ("Esc", say!(language, "chat-help-back")),
                ("Ctrl-C", say!(language, "chat-help-quit")),
                ("Ctrl-Z", say!(language, "chat-help-suspend")),
                ("Ctrl-L", say!(language, "chat-help-redraw")),
            ],
        ),
        (
            say!(language, "chat-help-list"),
            vec![
                ("↑ ↓ k j", say!(language, "chat-help-choose")),
                ("Enter", say!(language, "chat-help-open")),
                ("a", say!(language, "chat-help-ask")),
                ("x X", say!(language, "chat-help-refuse")),
                ("q", say!(language, "chat-help-quit")),
            ],
        ),
        (
            say!(language, "chat-help-text"),
            vec![
                ("Enter", say!(language, "chat-help-send")),
                ("Alt-Enter", say!(language, "chat-help-new-line")),
                ("↑ Tab", say!(language, "chat-help-messages")),
                ("Ctrl-W U", say!(language, "chat-help-remove")),
            ],
        ),
        (
            say!(language, "chat-help-message"),
            vec![
                ("↑ ↓ PgUp", say!(language, "chat-help-choose")),
                ("Enter", say!(language, "chat-help-details")),
                ("c", say!(language, "chat-help-cancel")),
                ("r", say!(language, "chat-help-resend")),
                ("Del", say!(language, "chat-help-delete")),
            ],
        ),
        (
            say!(language, "chat-help-person-page"),
            vec![
                ("v", say!(language, "chat-help-verify")),
                ("c", say!(language, "chat-help-their-code")),
                ("r", say!(language, "chat-help-rename")),
                ("w", say!(language, "chat-help-withdraw")),
                ("b", say!(language, "chat-help-block")),
                ("e", say!(language, "chat-help-end")),
            ],
        ),
        (
            say!(language, "chat-help-signs"),
            vec![
                ("● ○", say!(language, "chat-sign-presence")),
                ("✓", say!(language, "chat-sign-verified")),
                ("!", say!(language, "chat-sign-flag")),
                ("(2)", say!(language, "chat-sign-unread")),
            ],
        ),
        (
            say!(language, "chat-help-fates"),
            vec![
                ("", say!(language, "chat-fate-queued")),
                ("", say!(language, "chat-fate-held")),
                ("", say!(language, "chat-fate-delivered")),
                ("", say!(language, "chat-fate-read")),
                ("", say!(language, "chat-fate-failed")),
            ],
        ),
    ]
}
