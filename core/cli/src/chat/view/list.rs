//! The list of people.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

use super::draw_title;
use super::text::{cut, pad, width, window, wrap, wrapped};
use super::theme::Theme;
use crate::chat::people::{Group, Person, Row};
use crate::chat::state::{Chat, Focus};
use crate::printing::one_line;
use crate::words::{Language, people as words, say};

/// Draws it.
pub(crate) fn draw(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let body = draw_title(theme, frame, area, title(chat, theme, area.width.into()));
    let rows = chat.people.rows();
    if rows.is_empty() {
        let lines = wrapped(&say!(chat.language, "chat-nobody"), body.width.into());
        return frame.render_widget(Paragraph::new(Text::from(lines)), body);
    }
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut wanted = 0..1;
    for row in rows {
        match row {
            Row::Title(group, count) => {
                if !lines.is_empty() && body.height > 20 {
                    lines.push(Line::default());
                }
                lines.push(Line::styled(group_title(chat.language, group, count), theme.title()));
            }
            Row::Person(host) => {
                let Some(person) = chat.people.person(host) else { continue };
                let chosen = chat.people.selected() == Some(host);
                let start = lines.len();
                lines.extend(person_lines(chat, theme, &person, chosen, body.width.into()));
                if chosen {
                    wanted = start..lines.len();
                }
            }
        }
    }
    let height = usize::from(body.height);
    let start = window(lines.len(), height, wanted);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(start).take(height).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), body);
}

fn title(chat: &Chat, theme: Theme, columns: usize) -> Line<'static> {
    let alias = chat.settings.as_ref().map(|settings| one_line(&settings.alias)).unwrap_or_default();
    let (sign, style) = if chat.started { ("●", theme.good()) } else { ("○", theme.bad()) };
    let unseen = match chat.notices.unseen() {
        0 => String::new(),
        count => say!(chat.language, "chat-unseen-notices", count),
    };
    let state = if chat.started { unseen } else { say!(chat.language, "chat-off-network") };
    let rest = columns.saturating_sub(2 + width(&state) + 1);
    let whole = format!("Permesso · {alias}");
    let name = pad(if width(&whole) <= rest { &whole } else { &alias }, rest);
    Line::from(vec![
        Span::styled(sign, style),
        Span::raw(" "),
        Span::styled(name, theme.title()),
        Span::raw(" "),
        Span::styled(state, theme.bad()),
    ])
}

fn group_title(language: Language, group: Group, count: usize) -> String {
    match group {
        Group::Asks => say!(language, "chat-group-asks", count),
        Group::Friends => say!(language, "chat-group-friends", count),
        Group::Sent => say!(language, "chat-group-sent", count),
        Group::Nearby => say!(language, "chat-group-nearby", count),
        Group::Others => say!(language, "chat-group-others", count),
    }
}

fn person_lines(chat: &Chat, theme: Theme, person: &Person, chosen: bool, columns: usize) -> Vec<Line<'static>> {
    let marks = marks(chat, person);
    let room = columns.saturating_sub(4 + width(&marks) + usize::from(!marks.is_empty()));
    let has_keys = chosen && chat.focus == Focus::People && chat.pages.is_empty();
    let style = match (has_keys, person.unread > 0 || chosen) {
        (true, _) => theme.chosen(),
        (false, true) => theme.title(),
        (false, false) => ratatui::style::Style::new(),
    };
    let sign = if person.online { Span::styled("●", theme.good()) } else { Span::styled("○", theme.faint()) };
    let mut first = vec![
        Span::raw(if chosen { "›" } else { " " }),
        sign,
        Span::raw(" "),
        Span::styled(pad(&person.name, room), style),
    ];
    if !marks.is_empty() {
        let style = if person.flags.is_empty() { theme.title() } else { theme.bad() };
        first.extend([Span::raw(" "), Span::styled(marks, style)]);
    }
    let mut lines = vec![Line::from(first)];
    let room = columns.saturating_sub(4);
    match person.flags.first() {
        // A warning is never cut.
        Some(flag) if person.group != Group::Friends => {
            let flag = wrap(&words::flag(chat.language, *flag), room).into_iter();
            lines.extend(flag.map(|line| Line::styled(format!("   {line}"), theme.bad())));
        }
        _ => {}
    }
    if let Some(second) = second_line(chat, person) {
        lines.push(Line::styled(format!("   {}", cut(&second, room)), theme.faint()));
    }
    lines
}

/// Signs behind a name; each is explained on the person's page.
fn marks(chat: &Chat, person: &Person) -> String {
    let mut marks = Vec::new();
    if person.unread > 0 {
        marks.push(format!("({})", person.unread));
    }
    if person.verified {
        marks.push("✓".to_owned());
    }
    if !person.flags.is_empty() {
        marks.push("!".to_owned());
    }
    if person.blocked {
        marks.push(words::blocked(chat.language));
    }
    marks.join(" ")
}

fn second_line(chat: &Chat, person: &Person) -> Option<String> {
    let language = chat.language;
    Some(match person.group {
        Group::Asks => person.greeting.as_deref().map(|greeting| format!("“{}”", one_line(greeting)))?,
        Group::Friends if chat.kept.drafts.contains_key(&person.host) => {
            let draft = chat.kept.drafts.get(&person.host).map(|draft| one_line(draft)).unwrap_or_default();
            say!(language, "chat-draft", draft)
        }
        Group::Friends => {
            let last = chat.people.last(person.host)?;
            let when = chat.zone.moment(last.at, chat.now);
            match last.mine {
                true => format!("{when} {}: {}", words::me(language), one_line(&last.text)),
                false => format!("{when} {}", one_line(&last.text)),
            }
        }
        Group::Nearby | Group::Sent => return None,
        Group::Others if person.blocked => return None,
        Group::Others => words::friend_state(language, person.state),
    })
}
