//! Pages over the conversation.

mod help;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Paragraph;

use permesso_node::{FriendState, HistoryMessage, Settings, Visibility};

use super::text::{cut, width, window, wrap, wrapped};
use super::theme::Theme;
use super::{TEXT_MAX, draw_editor, draw_lines, draw_title, qr, talk};
use crate::chat::editor::Editor;
use crate::chat::page::{Confirm, Find, Item, Page, Prompt, PromptKind, Question, Search};
use crate::chat::page_keys::written;
use crate::chat::people::Person;
use crate::chat::state::Chat;
use crate::printing::one_line;
use crate::words::{Language, carrying, fates, people, say};

/// Draws a page.
pub(crate) fn draw(chat: &Chat, page: &Page, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let body = draw_title(theme, frame, area, Line::styled(title(chat, page), theme.title()));
    let columns = usize::from(body.width.min(TEXT_MAX));
    match page {
        Page::Person { host, safety, scroll } => {
            let person = chat.people.person(*host);
            let lines = person.map(|person| person_lines(chat, theme, &person, safety.as_deref(), columns));
            draw_lines(theme, frame, body, lines.unwrap_or_default(), scroll, false);
        }
        Page::Code { uri, inverted, as_text, .. } => {
            draw_code(chat, theme, frame, body, uri.as_deref(), *inverted, *as_text);
        }
        Page::Find(find) => draw_find(chat, theme, frame, body, find),
        Page::Search(search) => draw_search(chat, theme, frame, body, search),
        Page::Settings { selected } => draw_settings(chat, theme, frame, body, *selected),
        Page::Doctor { lines, scroll } => {
            let lines = match lines {
                Some(lines) => lines.iter().flat_map(|line| wrapped(line, columns)).collect(),
                None => wrapped(&say!(chat.language, "chat-looking"), columns),
            };
            draw_lines(theme, frame, body, lines, scroll, false);
        }
        Page::Log { lines, scroll } => {
            let lines = match lines.is_empty() {
                true => wrapped(&say!(chat.language, "chat-log-empty"), columns),
                false => lines.iter().flat_map(|line| wrapped(line, body.width.into())).collect(),
            };
            draw_lines(theme, frame, body, lines, scroll, true);
        }
        Page::Help { scroll } => draw_lines(theme, frame, body, help::lines(chat, theme, columns), scroll, false),
        Page::Notices { scroll } => draw_lines(theme, frame, body, notices(chat, theme, columns), scroll, false),
        Page::Details { message, scroll } => {
            let message = chat.talk.as_ref().and_then(|talk| talk.message(*message));
            let lines = message.map(|message| details(chat, theme, message, columns)).unwrap_or_default();
            draw_lines(theme, frame, body, lines, scroll, false);
        }
        Page::Prompt(prompt) => draw_prompt(chat, theme, frame, body, prompt),
        Page::Confirm(confirm) => {
            let lines = wrapped(&question(chat, confirm), columns);
            frame.render_widget(Paragraph::new(Text::from(lines)), body);
        }
    }
}

fn title(chat: &Chat, page: &Page) -> String {
    let language = chat.language;
    match page {
        Page::Person { host, .. } => chat.name_of(*host),
        Page::Code { host: None, .. } => say!(language, "chat-title-code"),
        Page::Code { host: Some(host), .. } => say!(language, "chat-title-code-of", name = chat.name_of(*host)),
        Page::Find(_) => say!(language, "chat-title-find"),
        Page::Search(_) => say!(language, "chat-title-search"),
        Page::Settings { .. } => say!(language, "chat-title-settings"),
        Page::Doctor { .. } => say!(language, "chat-title-doctor"),
        Page::Log { .. } => say!(language, "chat-title-log"),
        Page::Help { .. } => say!(language, "chat-title-help"),
        Page::Notices { .. } => say!(language, "chat-title-notices"),
        Page::Details { .. } => say!(language, "chat-title-details"),
        Page::Prompt(prompt) => prompt_title(chat, prompt.kind),
        Page::Confirm(_) => say!(language, "chat-title-confirm"),
    }
}

/// The first run: what this is, where things are kept, and the one question.
pub(crate) fn welcome(
    chat: &Chat,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
    editor: &Editor,
    trouble: Option<&str>,
) {
    let language = chat.language;
    let area = Rect { width: area.width.min(TEXT_MAX), ..area };
    let columns = usize::from(area.width);
    let mut lines = vec![Line::styled(say!(language, "chat-welcome"), theme.title())];
    lines.extend(wrapped(&say!(language, "chat-welcome-what"), columns));
    let kept = match chat.has_passphrase {
        true => say!(language, "chat-welcome-passphrase", folder = chat.folder),
        false => say!(language, "chat-welcome-key-file", folder = chat.folder),
    };
    // On the smallest screens the question must stay.
    let roomy = area.height > 16;
    let space = |lines: &mut Vec<Line<'static>>| {
        if roomy {
            lines.push(Line::default());
        }
    };
    space(&mut lines);
    lines.extend(wrap(&kept, columns).into_iter().map(|line| Line::styled(line, theme.faint())));
    space(&mut lines);
    lines.extend(
        wrap(&say!(language, "chat-welcome-alias"), columns).into_iter().map(|line| Line::styled(line, theme.title())),
    );
    let after = 1 + u16::from(trouble.is_some()) * 2;
    let most = usize::from(area.height.saturating_sub(after));
    let over = lines.len().saturating_sub(most);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(over).collect();
    let height = u16::try_from(shown.len()).unwrap_or(0);
    let parts = [Constraint::Length(height), Constraint::Length(1), Constraint::Fill(1)];
    let [text, alias, below] = Layout::vertical(parts).areas(area);
    frame.render_widget(Paragraph::new(Text::from(shown)), text);
    let [prompt, alias] = Layout::horizontal([Constraint::Length(2), Constraint::Fill(1)]).areas(alias);
    frame.render_widget(Span::styled("› ", theme.title()), prompt);
    draw_editor(frame, alias, editor, true);
    if let Some(trouble) = trouble {
        let lines: Vec<Line<'static>> =
            wrap(trouble, columns).into_iter().map(|line| Line::styled(line, theme.bad())).collect();
        frame.render_widget(Paragraph::new(Text::from(lines)), below);
    }
}

fn person_lines(
    chat: &Chat,
    theme: Theme,
    person: &Person,
    safety: Option<&str>,
    columns: usize,
) -> Vec<Line<'static>> {
    let language = chat.language;
    let mut lines = Vec::new();
    let mut add = |text: String, style| {
        lines.extend(wrap(&text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    let plain = ratatui::style::Style::new();
    let presence = people::presence(language, person.online);
    let state = people::friend_state(language, person.state);
    add(format!("{state}, {presence}"), plain);
    if let (Some(alias), Some(_)) = (&person.alias, &person.local_alias) {
        add(say!(language, "chat-calls-itself", alias = one_line(alias)), plain);
    }
    for flag in &person.flags {
        add(format!("! {}", people::flag(language, *flag)), theme.bad());
    }
    if person.blocked {
        add(people::blocked(language), theme.bad());
    }
    if let Some(greeting) = &person.greeting {
        add(format!("“{greeting}”"), theme.title());
    }
    match person.state {
        FriendState::RequestReceived => {
            add(say!(language, "chat-person-asks"), plain);
            if person.has_code {
                add(say!(language, "chat-person-has-code"), theme.good());
            }
        }
        FriendState::RequestSent => add(say!(language, "not-answered", name = person.name), plain),
        FriendState::Unknown | FriendState::Ended => add(say!(language, "chat-person-stranger"), plain),
        FriendState::Friend => {}
    }
    if let Some(safety) = safety {
        let (title, style) = match person.verified {
            true if person.has_code => (say!(language, "chat-safety-by-code"), theme.good()),
            true => (say!(language, "chat-safety-verified"), theme.good()),
            false => (say!(language, "chat-safety"), plain),
        };
        lines.push(Line::default());
        lines.push(Line::styled(title, style));
        let groups: Vec<&str> = safety.split(' ').collect();
        // Four groups in a row as people read them aloud, three where there is less room.
        let in_row = if columns >= 30 { 4 } else { 3 };
        lines.extend(groups.chunks(in_row).map(|row| Line::styled(format!("  {}", row.join("  ")), theme.title())));
        if !person.verified {
            lines.extend(faint(theme, &say!(language, "chat-safety-explained"), columns));
        }
    }
    lines.push(Line::default());
    if let Some(view) = chat.people.host(person.host) {
        let address = view.address.map(|address| address.to_string()).unwrap_or_default();
        let heard = view.last_heard.map(|at| chat.zone.moment(at, chat.now));
        if let Some(heard) = heard {
            lines.extend(faint(theme, &say!(language, "chat-last-heard", heard, address), columns));
        }
    }
    lines.extend(faint(theme, &format!("id {}", person.host), columns));
    lines
}

fn faint(theme: Theme, text: &str, columns: usize) -> Vec<Line<'static>> {
    wrap(text, columns).into_iter().map(|line| Line::styled(line, theme.faint())).collect()
}

fn draw_code(
    chat: &Chat,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
    uri: Option<&str>,
    inverted: bool,
    as_text: bool,
) {
    let language = chat.language;
    let columns = usize::from(area.width);
    let Some(uri) = uri else {
        return frame.render_widget(Line::raw(say!(language, "chat-looking")), area);
    };
    let picture = |uri: &str| qr::lines(uri, columns, area.height.into(), theme, inverted);
    // Where all of it is too large a picture: who scans this screen is here, so that the certificate comes over the air; then
    // the key and the name are what counts. The name comes over the air, too: one of emoji takes nine bytes for each of theirs.
    let parts = ["cert=", "at=", "alias="];
    let smaller = parts.iter().scan(uri.to_owned(), |left, part| {
        *left = without(left, part);
        Some(left.clone())
    });
    let picture = picture(uri).or_else(|| smaller.into_iter().find_map(|uri| picture(&uri))).filter(|_| !as_text);
    let lines = match picture {
        Some(mut picture) => {
            let text = wrapped(&say!(language, "chat-code-explained"), columns.min(TEXT_MAX.into()));
            if picture.len() + text.len() < usize::from(area.height) {
                picture.extend(text);
            }
            picture
        }
        None => {
            let mut lines = match as_text {
                true => Vec::new(),
                false => wrapped(&say!(language, "chat-code-too-small"), columns),
            };
            lines.extend(wrap(uri, columns).into_iter().map(|line| Line::styled(line, theme.title())));
            lines
        }
    };
    frame.render_widget(Paragraph::new(Text::from(lines)), area);
}

/// A code without the parameters that begin so.
fn without(uri: &str, name: &str) -> String {
    let Some((key, parameters)) = uri.split_once('?') else { return uri.to_owned() };
    let kept: Vec<&str> = parameters.split('&').filter(|parameter| !parameter.starts_with(name)).collect();
    if kept.is_empty() { key.to_owned() } else { format!("{key}?{}", kept.join("&")) }
}

/// A field with a label over the rest of the page.
fn draw_field(theme: Theme, frame: &mut Frame<'_>, area: Rect, label: &str, editor: &Editor) -> Rect {
    let label = wrap(label, area.width.into());
    let rows = u16::try_from(label.len()).unwrap_or(1);
    let parts = [Constraint::Length(rows), Constraint::Length(1), Constraint::Length(1), Constraint::Fill(1)];
    let [head, field, _, rest] = Layout::vertical(parts).areas(area);
    let label: Vec<Line<'_>> = label.into_iter().map(|line| Line::styled(line, theme.faint())).collect();
    frame.render_widget(Paragraph::new(Text::from(label)), head);
    let [prompt, text] = Layout::horizontal([Constraint::Length(2), Constraint::Fill(1)]).areas(field);
    frame.render_widget(Span::styled("› ", theme.title()), prompt);
    draw_editor(frame, text, editor, true);
    rest
}

fn draw_find(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect, find: &Find) {
    let language = chat.language;
    let rest = draw_field(theme, frame, area, &say!(language, "chat-find-what"), &find.editor);
    let columns = usize::from(rest.width);
    let mut items: Vec<Vec<Line<'static>>> = Vec::new();
    for (index, claim) in find.claims.iter().enumerate() {
        let style = if index == find.selected { theme.chosen() } else { theme.title() };
        let state = people::friend_state(language, claim.friend);
        let tail = format!("  {}  {state}", claim.host.short());
        let name = cut(&one_line(&claim.alias), columns.saturating_sub(width(&tail) + 2));
        let sign = if index == find.selected { "› " } else { "  " };
        let mut lines = vec![Line::from(vec![Span::raw(sign), Span::styled(name, style), Span::raw(tail)])];
        for flag in &claim.flags {
            lines.push(Line::styled(format!("    ! {}", people::flag(language, *flag)), theme.bad()));
        }
        items.push(lines);
    }
    let word = match (find.searching, find.alias.is_some(), find.claims.is_empty()) {
        (true, ..) => Some(say!(language, "chat-looking")),
        (false, true, true) => Some(say!(language, "chat-found-nobody")),
        _ => None,
    };
    let word = word.map(|word| wrapped(&word, columns)).unwrap_or_default();
    draw_items(frame, rest, items, find.selected, word);
}

/// Items in which the chosen one is seen, and lines below.
fn draw_items(
    frame: &mut Frame<'_>,
    area: Rect,
    items: Vec<Vec<Line<'static>>>,
    selected: usize,
    below: Vec<Line<'static>>,
) {
    let start: usize = items.iter().take(selected).map(Vec::len).sum();
    let end = start + items.get(selected).map_or(0, Vec::len);
    let mut lines: Vec<Line<'static>> = items.into_iter().flatten().collect();
    lines.extend(below);
    let height = usize::from(area.height);
    let first = window(lines.len(), height, start..end);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(first).take(height).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), area);
}

fn draw_search(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect, search: &Search) {
    let language = chat.language;
    let rest = draw_field(theme, frame, area, &say!(language, "chat-search-what"), &search.editor);
    let columns = usize::from(rest.width);
    let chosen = |index: usize| if index == search.selected { ("› ", theme.chosen()) } else { ("  ", theme.title()) };
    let mut items: Vec<Vec<Line<'static>>> = Vec::new();
    for host in &search.people {
        let (sign, style) = chosen(items.len());
        items.push(vec![Line::from(vec![Span::raw(sign), Span::styled(chat.name_of(*host), style)])]);
    }
    for message in &search.messages {
        let (sign, style) = chosen(items.len());
        let who = if message.mine { people::me(language) } else { chat.name_of(message.host) };
        let with = if message.mine { format!(" → {}", chat.name_of(message.host)) } else { String::new() };
        let head = format!("{} {who}{with}", chat.zone.moment(message.local_time, chat.now));
        let text = cut(&around(&one_line(&message.text), &search.text), columns.saturating_sub(4));
        items.push(vec![
            Line::from(vec![Span::raw(sign), Span::styled(cut(&head, columns.saturating_sub(2)), style)]),
            Line::raw(format!("    {text}")),
        ]);
    }
    let nothing = items.is_empty() && !search.text.trim().is_empty();
    let below = match (nothing, &search.running) {
        (false, _) => Vec::new(),
        (true, Some(_)) => wrapped(&say!(language, "chat-looking"), columns),
        (true, None) => wrapped(&say!(language, "chat-no-hits"), columns),
    };
    draw_items(frame, rest, items, search.selected, below);
}

/// The part of a text in which something was found, if it is far from the start.
fn around(text: &str, wanted: &str) -> String {
    const BEFORE: usize = 12;
    let at = text.to_lowercase().find(&wanted.to_lowercase());
    let start = at.and_then(|at| text.get(..at)).map_or(0, |head| head.chars().count().saturating_sub(BEFORE));
    if start == 0 { text.to_owned() } else { format!("…{}", text.chars().skip(start).collect::<String>()) }
}

fn draw_settings(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect, selected: usize) {
    let language = chat.language;
    let Some(settings) = &chat.settings else {
        return frame.render_widget(Line::raw(say!(language, "chat-looking")), area);
    };
    let columns = usize::from(area.width.min(TEXT_MAX));
    let items = Item::ALL.iter().enumerate().map(|(index, item)| {
        let (name, value) = (setting_name(language, *item), setting_value(language, settings, *item));
        let style = if index == selected { theme.chosen() } else { theme.title() };
        let sign = if index == selected { "› " } else { "  " };
        let mut lines =
            vec![Line::from(vec![Span::raw(sign), Span::raw(format!("{name}: ")), Span::styled(value, style)])];
        if index == selected {
            let cost = chat.custody.as_ref().filter(|_| *item == Item::Carry).map(|it| carrying::stock(language, it));
            let help = [Some(setting_help(language, *item)), cost].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let help = wrap(&help, columns.saturating_sub(4));
            lines.extend(help.into_iter().map(|line| Line::styled(format!("    {line}"), theme.faint())));
        }
        lines
    });
    let kept = wrap(&say!(language, "chat-settings-folder", folder = chat.folder), columns);
    let mut below = vec![Line::default()];
    below.extend(kept.into_iter().map(|line| Line::styled(line, theme.faint())));
    below.extend(faint(theme, &chat.key_place, columns));
    draw_items(frame, area, items.collect(), selected, below);
}

fn setting_name(language: Language, item: Item) -> String {
    match item {
        Item::Alias => say!(language, "chat-set-alias"),
        Item::Visibility => say!(language, "chat-set-visibility"),
        Item::ReadReceipts => say!(language, "chat-set-receipts"),
        Item::Port => say!(language, "chat-set-port"),
        Item::HistoryLimit => say!(language, "chat-set-history"),
        Item::OutboxLimit => say!(language, "chat-set-outbox"),
        Item::OutboxExpiry => say!(language, "chat-set-expiry"),
        Item::Carry => say!(language, "chat-set-carry"),
        Item::Storage => say!(language, "chat-set-storage"),
    }
}

fn setting_help(language: Language, item: Item) -> String {
    match item {
        Item::Alias => say!(language, "chat-set-alias-help"),
        Item::Visibility => say!(language, "chat-set-visibility-help"),
        Item::ReadReceipts => say!(language, "chat-set-receipts-help"),
        Item::Port => say!(language, "chat-set-port-help"),
        Item::HistoryLimit => say!(language, "chat-set-history-help"),
        Item::OutboxLimit => say!(language, "chat-set-outbox-help"),
        Item::OutboxExpiry => say!(language, "chat-set-expiry-help"),
        Item::Carry => say!(language, "chat-set-carry-help"),
        Item::Storage => say!(language, "chat-set-storage-help"),
    }
}

fn setting_value(language: Language, settings: &Settings, item: Item) -> String {
    match item {
        Item::Visibility => match settings.visibility {
            Visibility::Everybody => say!(language, "chat-visible-everybody"),
            Visibility::Friends => say!(language, "chat-visible-friends"),
            Visibility::Nobody => say!(language, "chat-visible-nobody"),
        },
        Item::ReadReceipts => on_or_off(language, settings.read_receipts),
        Item::Carry => on_or_off(language, settings.carry),
        Item::Storage => format!("{} MiB", written(settings, item)),
        _ => one_line(&written(settings, item)),
    }
}

fn on_or_off(language: Language, is_on: bool) -> String {
    if is_on { say!(language, "chat-on") } else { say!(language, "chat-off") }
}

fn notices(chat: &Chat, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    if chat.notices.all().is_empty() {
        return wrapped(&say!(chat.language, "chat-no-notices"), columns);
    }
    let newest_first = chat.notices.all().iter().rev();
    let lines = newest_first.flat_map(|noted| {
        let when = Line::styled(chat.zone.moment(noted.at, chat.now), theme.faint());
        std::iter::once(when)
            .chain(wrap(&noted.text, columns.saturating_sub(2)).into_iter().map(|line| Line::raw(format!("  {line}"))))
    });
    lines.collect()
}

/// All that is known of a message.
fn details(chat: &Chat, theme: Theme, message: &HistoryMessage, columns: usize) -> Vec<Line<'static>> {
    let language = chat.language;
    let name = chat.name_of(message.host);
    let mut lines = wrapped(&message.text, columns);
    lines.push(Line::default());
    let mut add = |text: String, style| {
        lines.extend(wrap(&text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    if message.mine {
        add(talk::fate(chat, message), talk::fate_style(theme, &message.state));
        add(fates::sentence(language, message.into(), &name), ratatui::style::Style::new());
        for holder in &message.holders {
            add(format!("• {}", fates::holder(language, holder)), ratatui::style::Style::new());
            for flag in &holder.flags {
                add(format!("  ! {}", people::flag(language, *flag)), theme.bad());
            }
        }
        for full in &message.full {
            add(format!("! {}", fates::full_server(language, full)), ratatui::style::Style::new());
        }
        let written =
            format!("{} {}", chat.zone.day(message.local_time, language), chat.zone.clock(message.local_time));
        add(say!(language, "chat-written-at", when = written), theme.faint());
    } else {
        let day = |wall| format!("{} {}", chat.zone.day(wall, language), chat.zone.clock(wall));
        add(say!(language, "chat-sent-at", name, when = day(message.send_time)), theme.faint());
        add(say!(language, "chat-received-at", when = day(message.local_time)), theme.faint());
    }
    add(say!(language, "chat-bytes", count = message.text.len()), theme.faint());
    add(format!("id {}", message.message), theme.faint());
    lines
}

fn prompt_title(chat: &Chat, kind: PromptKind) -> String {
    match kind {
        PromptKind::Greeting(host) => say!(chat.language, "chat-title-ask", name = chat.name_of(host)),
        PromptKind::Rename(host) => say!(chat.language, "chat-title-rename", name = chat.name_of(host)),
        PromptKind::Setting(item) => setting_name(chat.language, item),
    }
}

fn draw_prompt(chat: &Chat, theme: Theme, frame: &mut Frame<'_>, area: Rect, prompt: &Prompt) {
    let label = match prompt.kind {
        PromptKind::Greeting(_) => say!(chat.language, "chat-greeting-what"),
        PromptKind::Rename(_) => say!(chat.language, "chat-rename-what"),
        PromptKind::Setting(item) => setting_help(chat.language, item),
    };
    let rest = draw_field(theme, frame, area, &label, &prompt.editor);
    if let Some(trouble) = &prompt.trouble {
        let lines = wrap(trouble, rest.width.into()).into_iter().map(|line| Line::styled(line, theme.bad()));
        frame.render_widget(Paragraph::new(lines.collect::<Text<'_>>()), rest);
    }
}

fn question(chat: &Chat, confirm: &Confirm) -> String {
    match &confirm.question {
        Question::End(host) => say!(chat.language, "chat-ask-end", name = chat.name_of(*host)),
        Question::Block(host) => say!(chat.language, "chat-ask-block", name = chat.name_of(*host)),
        Question::Delete(_) => say!(chat.language, "chat-ask-delete"),
        Question::Cancel(_) => say!(chat.language, "chat-ask-cancel"),
    }
}
