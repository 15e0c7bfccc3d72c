//! Drawing the chat. Nothing is decided here but where things stand.

mod hints;
mod list;
mod pages;
mod qr;
mod talk;
mod text;
mod theme;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

pub(crate) use self::theme::Theme;
use super::page::Page;
use super::state::{Chat, Focus, Stage};
use crate::words::say;

/// The list beside a conversation is a third of the screen, but has room for a name, and no more than for a sentence.
const LIST_MIN: u16 = 28;
const LIST_MAX: u16 = 46;

/// Lines of text are no longer, for eyes to find the next one.
const TEXT_MAX: u16 = 100;

/// Draws everything.
pub(crate) fn draw(chat: &Chat, theme: Theme, frame: &mut Frame<'_>) {
    let [main, bottom] = split_bottom(frame.area(), 1);
    match &chat.stage {
        Stage::Welcome { editor, trouble } => pages::welcome(chat, theme, frame, main, editor, trouble.as_deref()),
        Stage::Opening => draw_word(frame, main, &say!(chat.language, "chat-opening")),
        Stage::Leaving => draw_word(frame, main, &say!(chat.language, "chat-leaving")),
        Stage::Running => draw_running(chat, theme, frame, main),
    }
    frame.render_widget(hints::line(chat, theme, bottom.width), bottom);
}

fn draw_running(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let said = chat.notices.said().map(|said| text::wrap(said, usize::from(area.width.max(1))));
    let said: Vec<Line<'_>> =
        said.into_iter().flatten().take(3).map(|line| Line::styled(line, theme.title())).collect();
    let [area, status] = split_bottom(area, u16::try_from(said.len()).unwrap_or(0));
    frame.render_widget(Paragraph::new(Text::from(said)), status);
    if !chat.is_wide() {
        return match (chat.pages.last(), chat.focus) {
            (Some(page), _) => draw_page(chat, page, theme, frame, area),
            (None, Focus::People) => list::draw(chat, theme, frame, area),
            (None, _) => talk::draw(chat, theme, frame, area),
        };
    }
    let width = (area.width / 3).clamp(LIST_MIN, LIST_MAX);
    let columns = [Constraint::Length(width), Constraint::Length(1), Constraint::Fill(1)];
    let [left, border, right] = Layout::horizontal(columns).areas(area);
    list::draw(chat, theme, frame, left);
    let bar = std::iter::repeat_n(Line::styled("│", theme.faint()), usize::from(border.height));
    frame.render_widget(Paragraph::new(Text::from_iter(bar)), border);
    let right = Rect { x: right.x + 1, width: right.width.saturating_sub(1), ..right };
    match chat.pages.last() {
        Some(page) => draw_page(chat, page, theme, frame, right),
        None => talk::draw(chat, theme, frame, right),
    }
}

fn draw_page(chat: &Chat, page: &Page, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    pages::draw(chat, page, theme, frame, area);
}

/// A word in the middle.
fn draw_word(frame: &mut Frame<'_>, area: Rect, word: &str) {
    let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
    frame.render_widget(Line::raw(word.to_owned()).centered(), middle);
}

/// The area without its last rows, and these.
fn split_bottom(area: Rect, rows: u16) -> [Rect; 2] {
    Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area)
}

/// A title over a line.
fn draw_title(theme: Theme, frame: &mut Frame<'_>, area: Rect, title: Line<'_>) -> Rect {
    let [head, rule, body] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    frame.render_widget(title, head);
    draw_rule(theme, frame, rule, &[]);
    body
}

/// A line across, with a word in it.
fn draw_rule(theme: Theme, frame: &mut Frame<'_>, area: Rect, words: &[Span<'static>]) {
    let taken: usize = words.iter().map(Span::width).sum();
    let rest = usize::from(area.width).saturating_sub(taken);
    let mut spans = words.to_vec();
    spans.push(Span::styled("─".repeat(rest), theme.faint()));
    frame.render_widget(Line::from(spans), area);
}

/// A text being written, with its cursor if it has the keys. The rows around the cursor are shown.
fn draw_editor(frame: &mut Frame<'_>, area: Rect, editor: &super::editor::Editor, has_keys: bool) {
    let (rows, (row, column)) = text::rows(editor.text(), editor.cursor(), area.width.into());
    let height = usize::from(area.height);
    let start = text::window(rows.len(), height, row..row + 1);
    let shown: Vec<Line<'_>> = rows.into_iter().skip(start).take(height).map(Line::raw).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), area);
    if has_keys && area.height > 0 {
        let (x, y) = (u16::try_from(column).unwrap_or(0), u16::try_from(row - start).unwrap_or(0));
        let x = x.min(area.width.saturating_sub(1));
        frame.set_cursor_position(Position::new(area.x + x, area.y + y.min(area.height - 1)));
    }
}

/// Lines that can be scrolled; a sign at the right says that there is more.
fn draw_lines(
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
    lines: Vec<Line<'static>>,
    scroll: &super::page::Scroll,
    from_end: bool,
) {
    let height = usize::from(area.height);
    let most = lines.len().saturating_sub(height);
    let scrolled = scroll.within(most);
    let start = if from_end { most - scrolled } else { scrolled };
    let shown: Vec<Line<'static>> = lines.into_iter().skip(start).take(height).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), area);
    let right = area.right().saturating_sub(1);
    if start > 0 {
        frame.buffer_mut().set_string(right, area.y, "↑", theme.title());
    }
    if start < most {
        frame.buffer_mut().set_string(right, area.bottom().saturating_sub(1), "↓", theme.title());
    }
}

#[cfg(test)]
mod tests;
