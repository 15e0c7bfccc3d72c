//! A conversation: its messages, each with where it is, and the text being written.

use permesso_engine::limits::TEXT_MAX as TEXT_BYTES_MAX;
use permesso_node::{FriendState, HistoryMessage, MessageState};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

use super::text::{rows, width, window, wrap, wrapped};
use super::theme::Theme;
use super::{TEXT_MAX, draw_editor, draw_rule, draw_title};
use crate::chat::people::Person;
use crate::chat::state::{Chat, Focus};
use crate::chat::talk::Talk;
use crate::words::{fates, people, say};

/// The text being written takes at most this part of the screen.
const EDITOR_PART: u16 = 3;

/// The count of bytes shows when so many are left.
const COUNT_FROM_LEFT: usize = 512;

/// Draws the open conversation, or what there is to do without one.
pub(crate) fn draw(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(talk) = &chat.talk else { return draw_none(chat, frame, area) };
    let person = chat.people.person(talk.host);
    let body = draw_title(theme, frame, area, title(chat, theme, talk, person.as_ref()));
    let is_friend = person.as_ref().is_some_and(|person| person.state == FriendState::Friend);
    let (written, _) = rows(talk.editor.text(), talk.editor.cursor(), body.width.saturating_sub(2).into());
    let most = (body.height / EDITOR_PART).max(1);
    let height = u16::try_from(written.len()).unwrap_or(u16::MAX).clamp(1, most);
    let parts = [Constraint::Fill(1), Constraint::Length(1), Constraint::Length(height)];
    let [messages, rule, bottom] = Layout::vertical(parts).areas(body);
    draw_messages(chat, theme, talk, frame, messages);
    draw_rule(theme, frame, rule, &rule_words(chat, theme, talk));
    if !is_friend {
        let line = Line::styled(say!(chat.language, "chat-not-a-friend"), theme.faint());
        return frame.render_widget(line, bottom);
    }
    let [prompt, editor] = Layout::horizontal([Constraint::Length(2), Constraint::Fill(1)]).areas(bottom);
    frame.render_widget(Span::styled("› ", theme.title()), prompt);
    let has_keys = chat.focus == Focus::Text && chat.pages.is_empty();
    if talk.editor.text().is_empty() && !has_keys {
        frame.render_widget(Line::styled(say!(chat.language, "chat-write-here"), theme.faint()), editor);
    }
    draw_editor(frame, editor, &talk.editor, has_keys);
}

fn draw_none(chat: &Chat, frame: &mut Frame<'_>, area: Rect) {
    let text = match chat.people.rows().is_empty() {
        true => say!(chat.language, "chat-start-alone"),
        false => say!(chat.language, "chat-start"),
    };
    let lines = wrapped(&text, area.width.min(TEXT_MAX).into());
    let body = Rect { y: area.y + 2.min(area.height), height: area.height.saturating_sub(2), ..area };
    frame.render_widget(Paragraph::new(Text::from(lines)), body);
}

fn title(chat: &Chat, theme: Theme, talk: &Talk, person: Option<&Person>) -> Line<'static> {
    let language = chat.language;
    let Some(person) = person else { return Line::raw(talk.host.short()) };
    let (sign, style) = if person.online { ("●", theme.good()) } else { ("○", theme.faint()) };
    let mut spans = vec![
        Span::styled(sign, style),
        Span::raw(" "),
        Span::styled(person.name.clone(), theme.title()),
        Span::styled(format!("  {}", people::presence(language, person.online)), style),
    ];
    if person.verified {
        spans.push(Span::styled(format!("  ✓ {}", people::verified(language)), theme.good()));
    }
    if let Some(flag) = person.flags.first() {
        spans.push(Span::styled(format!("  ! {}", people::flag(language, *flag)), theme.bad()));
    }
    Line::from(spans)
}

/// How long the text is, when it matters.
fn rule_words(chat: &Chat, theme: Theme, talk: &Talk) -> Vec<Span<'static>> {
    let length = talk.editor.text().len();
    if length + COUNT_FROM_LEFT < TEXT_BYTES_MAX {
        return Vec::new();
    }
    let style = if length > TEXT_BYTES_MAX { theme.bad() } else { theme.faint() };
    let count = say!(chat.language, "chat-text-length", length, limit = TEXT_BYTES_MAX);
    vec![Span::styled(format!("{count} "), style)]
}

fn draw_messages(chat: &Chat, theme: Theme, talk: &Talk, frame: &mut Frame<'_>, area: Rect) {
    let height = usize::from(area.height);
    if talk.messages.is_empty() {
        let text = match talk.loaded {
            true => say!(chat.language, "chat-no-messages"),
            false => say!(chat.language, "chat-loading"),
        };
        return frame.render_widget(Paragraph::new(Text::from(wrapped(&text, area.width.into()))), area);
    }
    let columns = area.width.min(TEXT_MAX).into();
    let last = talk.messages.len() - 1;
    let at = talk.selected.and_then(|key| talk.position(key)).unwrap_or(last);
    // Every message has at least two lines, so that these fill the window whatever is chosen.
    let (from, to) = (at.saturating_sub(height), (at + height).min(last));
    let mut lines = Vec::new();
    let mut wanted = 0..0;
    if from == 0 {
        lines.push(beginning(chat, theme, talk, columns));
    }
    for index in from..=to {
        let Some(message) = talk.messages.get(index) else { continue };
        let before = index.checked_sub(1).and_then(|before| talk.messages.get(before));
        lines.extend(dividers(chat, theme, talk, message, before, columns));
        let start = lines.len();
        lines.extend(message_lines(chat, theme, talk, message, columns));
        if index == at {
            wanted = start..lines.len();
        }
    }
    let start = match talk.selected {
        Some(_) => window(lines.len(), height, wanted),
        None => lines.len().saturating_sub(height),
    };
    let shown: Vec<Line<'static>> = lines.into_iter().skip(start).take(height).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), area);
}

fn beginning(chat: &Chat, theme: Theme, talk: &Talk, columns: usize) -> Line<'static> {
    let text = match talk.complete {
        true => say!(chat.language, "chat-beginning"),
        false => say!(chat.language, "chat-older"),
    };
    divider(&text, theme.faint(), columns)
}

fn divider(text: &str, style: Style, columns: usize) -> Line<'static> {
    let rest = columns.saturating_sub(width(text) + 2);
    let left = "─".repeat(rest / 2);
    let right = "─".repeat(rest - rest / 2);
    Line::styled(format!("{left} {text} {right}"), style)
}

/// The day, the first unread message, something missing.
fn dividers(
    chat: &Chat,
    theme: Theme,
    talk: &Talk,
    message: &HistoryMessage,
    before: Option<&HistoryMessage>,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if !before.is_some_and(|before| chat.zone.same_day(before.local_time, message.local_time)) {
        lines.push(divider(&chat.zone.day(message.local_time, chat.language), theme.faint(), columns));
    }
    if talk.unread_from == Some(message.key) {
        lines.push(divider(&people::unread(chat.language, talk.unread), theme.title(), columns));
    }
    if talk.has_gap(message) {
        let text = fates::gap(chat.language);
        lines.extend(wrap(&text, columns).into_iter().map(|line| Line::styled(line, theme.bad())));
    }
    lines
}

fn message_lines(
    chat: &Chat,
    theme: Theme,
    talk: &Talk,
    message: &HistoryMessage,
    columns: usize,
) -> Vec<Line<'static>> {
    let chosen = talk.selected == Some(message.key);
    let who = match message.mine {
        true => people::me(chat.language),
        false => chat.name_of(talk.host),
    };
    let head = format!("{} {who}", chat.zone.clock(message.local_time));
    let mut first = vec![
        Span::raw(if chosen { "›" } else { " " }),
        Span::styled(head, if chosen { theme.chosen() } else { theme.title() }),
    ];
    let mut lines = Vec::new();
    if message.mine {
        let fate = fate(chat, message);
        let style = fate_style(theme, &message.state);
        let room = columns.saturating_sub(first.iter().map(Span::width).sum::<usize>() + 3);
        let mut parts = wrap(&fate, room).into_iter();
        first.push(Span::styled(format!(" · {}", parts.next().unwrap_or_default()), style));
        lines.push(Line::from(first));
        let rest = parts.collect::<Vec<_>>().join(" ");
        if !rest.is_empty() {
            let rest = wrap(&rest, columns.saturating_sub(4));
            lines.extend(rest.into_iter().map(|line| Line::styled(format!("    {line}"), style)));
        }
    } else {
        lines.push(Line::from(first));
    }
    let text = wrap(&message.text, columns.saturating_sub(2));
    lines.extend(text.into_iter().map(|line| Line::raw(format!("  {line}"))));
    lines
}

/// Where a message of ours is, in the five words.
pub(super) fn fate(chat: &Chat, message: &HistoryMessage) -> String {
    let word = fates::word_and_reason(chat.language, message.into());
    match &message.state {
        MessageState::Delivered => match chat.kept.delivered.get(&message.message) {
            Some(at) => format!("{word} {}", chat.zone.moment(*at, chat.now)),
            None => word,
        },
        MessageState::Queued | MessageState::Held | MessageState::Read | MessageState::Failed { .. } => word,
    }
}

/// How a fate looks; the word says it all.
pub(super) fn fate_style(theme: Theme, state: &MessageState) -> Style {
    match state {
        MessageState::Delivered | MessageState::Read => theme.good(),
        MessageState::Failed { .. } => theme.bad(),
        MessageState::Queued | MessageState::Held => theme.faint(),
    }
}
