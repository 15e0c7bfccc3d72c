//! Screens drawn into memory: what stands on them, at every size and in both languages.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use permesso_node::api::{FailReason, NameFlag};
use permesso_node::{
    Command, Event, FriendState, HolderView, MessageId, MessageKey, MessageState, NodeEvent, Setting, Wall,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::*;
use crate::chat::input::{Action, Answer, Input, Purpose};
use crate::chat::state::tests::{NOW, chat, friend, host, message, open, press, stranger, type_text};
use crate::words::Language;

const PLAIN: Theme = Theme { colors: false };
const SIZES: [(u16, u16); 3] = [(40, 15), (80, 24), (200, 60)];
const LANGUAGES: [Language; 2] = [Language::English, Language::Italian];

/// The screen as lines.
fn screen(chat: &mut Chat, (width, height): (u16, u16)) -> Vec<String> {
    chat.on(Input::Size(width, height), NOW);
    let buffer = buffer(chat, (width, height), PLAIN);
    let lines = buffer.content.chunks(width.into());
    lines.map(|cells| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>()).collect()
}

fn buffer(chat: &Chat, (width, height): (u16, u16), theme: Theme) -> ratatui::buffer::Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(chat, theme, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn shows(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line.contains(wanted))
}

/// What stands right of the list.
fn right(lines: &[String]) -> Vec<String> {
    lines.iter().filter_map(|line| line.rsplit('│').next().map(str::to_owned)).collect()
}

/// The text of the screen with the line breaks of wrapping taken out.
fn flowing(lines: &[String]) -> String {
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    words.join(" ")
}

fn assert_shows(lines: &[String], wanted: &[&str]) {
    for wanted in wanted {
        assert!(shows(lines, wanted), "{wanted:?} is not on\n{}", lines.join("\n"));
    }
}

fn in_language(language: Language) -> Chat {
    let mut grace = friend(1, "Grace", FriendState::Friend);
    grace.verified = true;
    let mut asker = friend(2, "Linus", FriendState::RequestReceived);
    asker.greeting = Some("From the library".into());
    let mut chat = chat(vec![grace, asker], vec![stranger(3, Some("Barbara"))]);
    chat.language = language;
    chat
}

fn select_grace(chat: &mut Chat) {
    chat.people.select(host(1));
}

fn some_messages() -> Vec<permesso_node::HistoryMessage> {
    let failed = MessageState::Failed { reason: FailReason::Cancelled };
    vec![
        message(1, false, "Tea at five?", MessageState::Delivered),
        message(2, true, "With pleasure", MessageState::Delivered),
        message(3, true, "Never mind", failed),
        message(4, true, "On my way", MessageState::Queued),
    ]
}

#[test]
fn the_first_run_says_what_this_is_where_data_is_and_how_the_key_is_kept() {
    for size in SIZES {
        for (language, words) in [
            (Language::English, ["no server", "encrypted", "What should others call you?", "\"key\""]),
            (Language::Italian, ["senza server", "cifrato", "Come vuoi che ti chiamino gli altri?", "\"key\""]),
        ] {
            let mut chat = Chat::new(language, "/home/ada/permesso".into(), false, true, NOW);
            type_text(&mut chat, "Ada");
            let lines = screen(&mut chat, size);
            let text = flowing(&lines);
            assert!(words[2..3].iter().all(|word| text.contains(word)), "{text}");
            assert_shows(&lines, &["› Ada", "Enter"]);
            if size.1 > 15 {
                assert!(words.iter().all(|word| text.contains(word)) && text.contains("/home/ada/permesso"), "{text}");
            }
        }
    }
}

#[test]
fn a_wrong_alias_is_explained_under_the_question() {
    for size in SIZES {
        let mut chat = Chat::new(Language::English, "/x".into(), false, true, NOW);
        press(&mut chat, KeyCode::Enter);
        let lines = screen(&mut chat, size);
        assert!(flowing(&lines).contains("Write a name"), "{}", lines.join("\n"));
    }
}

#[test]
fn the_list_shows_everybody_in_groups_at_every_size() {
    for size in SIZES {
        let mut chat = in_language(Language::English);
        let lines = screen(&mut chat, size);
        assert_shows(&lines, &["Permesso · Ada", "Ask for your friendship (1)", "Linus", "Friends (1)", "Grace"]);
        assert_shows(&lines, &["Nearby (1)", "Barbara", "“From the library”", "? help"]);
        let mut chat = in_language(Language::Italian);
        let lines = screen(&mut chat, size);
        assert_shows(&lines, &["Ti chiedono l'amicizia (1)", "Amici (1)", "Qui vicino (1)", "? aiuto", "a accetta"]);
    }
}

#[test]
fn two_panes_stand_side_by_side_only_where_there_is_room() {
    for (size, wide) in [((40, 15), false), ((71, 24), false), ((72, 24), true), ((200, 60), true)] {
        let mut chat = in_language(Language::English);
        select_grace(&mut chat);
        chat.on(Input::Size(size.0, size.1), NOW);
        open(&mut chat, some_messages());
        let lines = screen(&mut chat, size);
        assert!(shows(&lines, "Tea at five?"), "{}", lines.join("\n"));
        assert_eq!(shows(&lines, "Nearby (1)"), wide, "{size:?}");
    }
}

#[test]
fn a_message_says_where_it_is_in_the_five_words_of_either_language() {
    for size in SIZES {
        for (language, words) in [
            (Language::English, ["Delivered 14:02", "Not delivered: it was cancelled", "Waiting", "here"]),
            (Language::Italian, ["Consegnato 14:02", "Non consegnato: è stato annullato", "In attesa", "qui"]),
        ] {
            let mut chat = in_language(language);
            chat.kept.note_delivered(MessageId([2; 16]), NOW);
            select_grace(&mut chat);
            chat.on(Input::Size(size.0, size.1), NOW);
            open(&mut chat, some_messages());
            let lines = screen(&mut chat, size);
            let text = flowing(&lines);
            assert!(words.iter().all(|word| text.contains(word)), "{}", lines.join("\n"));
            press(&mut chat, KeyCode::Up);
            press(&mut chat, KeyCode::Enter);
            let details = flowing(&right(&screen(&mut chat, size)));
            let who = ["it will leave when this host meets Grace", "partirà quando questo host incontra Grace"];
            assert!(who.iter().any(|who| details.contains(who)), "{details}");
        }
    }
}

#[test]
fn days_the_unread_and_the_beginning_are_marked() {
    let mut grace = friend(1, "Grace", FriendState::Friend);
    grace.unread = 2;
    let mut chat = chat(vec![grace], Vec::new());
    let mut yesterday = message(1, false, "old", MessageState::Delivered);
    yesterday.local_time = Wall(NOW.0 - 86_400_000);
    let new = (2..4).map(|number| message(number, false, "new", MessageState::Delivered));
    open(&mut chat, std::iter::once(yesterday).chain(new).collect());
    let lines = right(&screen(&mut chat, (80, 24)));
    let position = |wanted: &str| {
        lines.iter().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{wanted}: {}", lines.join("\n")))
    };
    let marks = ["The beginning", "Tuesday 24 November 2026", "old", "Wednesday 25 November 2026", "2 unread", "new"];
    assert!(marks.map(position).is_sorted(), "{}", lines.join("\n"));
}

#[test]
fn the_chosen_message_is_seen_however_long_the_conversation_is() {
    for size in SIZES {
        let mut chat = in_language(Language::English);
        select_grace(&mut chat);
        chat.on(Input::Size(size.0, size.1), NOW);
        let all = (1..200).map(|number| message(number, false, &format!("number-{number}."), MessageState::Delivered));
        open(&mut chat, all.collect());
        assert!(shows(&screen(&mut chat, size), "number-199."));
        for steps in 1..=199_u8 {
            press(&mut chat, KeyCode::Up);
            if steps % 7 > 1 {
                continue;
            }
            let wanted = format!("number-{}.", 200 - steps);
            let lines = screen(&mut chat, size);
            assert!(shows(&lines, &wanted), "{wanted} {size:?}\n{}", lines.join("\n"));
        }
    }
}

#[test]
fn texts_in_wide_combining_and_hostile_characters_keep_to_their_pane() {
    for size in SIZES {
        let mut hostile = friend(1, "\u{1b}[31m日本\u{202e}語", FriendState::Friend);
        hostile.online = false;
        let mut chat = chat(vec![hostile], Vec::new());
        chat.on(Input::Size(size.0, size.1), NOW);
        let text = "日本語の長い文章".repeat(20) + "\u{1b}[2J e\u{301}e\u{301} \u{202e}evil 👩‍👩‍👧";
        open(&mut chat, vec![message(1, false, &text, MessageState::Delivered)]);
        let lines = screen(&mut chat, size);
        assert!(!lines.concat().contains(['\u{1b}', '\u{202e}']), "{}", lines.join("\n"));
        assert!(flowing(&right(&lines)).contains("\\u{202e}evil"), "{}", lines.join("\n"));
        if size.0 >= 72 {
            let bar = lines.iter().filter(|line| line.contains('│')).count();
            assert!(bar >= usize::from(size.1) - 3, "the border is whole\n{}", lines.join("\n"));
        }
    }
}

#[test]
fn a_text_of_several_lines_is_seen_while_it_is_written_and_its_length_when_it_matters() {
    let mut chat = in_language(Language::English);
    select_grace(&mut chat);
    chat.on(Input::Size(40, 15), NOW);
    open(&mut chat, some_messages());
    type_text(&mut chat, "first");
    chat.on(Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT)), NOW);
    type_text(&mut chat, "second");
    assert_shows(&screen(&mut chat, (40, 15)), &["› first", "  second"]);
    chat.on(Input::Paste("x".repeat(4_090)), NOW);
    assert_shows(&screen(&mut chat, (40, 15)), &["4102 of 4096 bytes"]);
}

#[test]
fn the_persons_page_has_the_safety_number_in_twelve_groups_at_every_size() {
    let number = (0..12).map(|group| format!("{group:05}")).collect::<Vec<_>>().join(" ");
    for size in SIZES {
        for language in LANGUAGES {
            let mut chat = in_language(language);
            select_grace(&mut chat);
            press(&mut chat, KeyCode::Char('i'));
            chat.on(Input::Answer(Answer::Safety { host: host(1), number: Some(number.clone()) }), NOW);
            let mut seen = String::new();
            for _ in 0..12 {
                seen += &screen(&mut chat, size).join("\n");
                press(&mut chat, KeyCode::Down);
            }
            assert!((0..12).all(|group| seen.contains(&format!("{group:05}"))), "{size:?}\n{seen}");
        }
    }
}

#[test]
fn ones_code_is_a_picture_where_it_fits_and_a_text_where_it_does_not() {
    let uri = format!("permesso:{}?alias=Ada", "4b".repeat(32));
    for size in SIZES {
        let mut chat = in_language(Language::English);
        press(&mut chat, KeyCode::Char('m'));
        chat.on(Input::Answer(Answer::Code { host: None, uri: uri.clone() }), NOW);
        let lines = screen(&mut chat, size);
        let picture = shows(&lines, "▄") && shows(&lines, "█");
        assert_eq!(picture, size.1 >= 24, "{size:?}\n{}", lines.join("\n"));
        if !picture {
            let text: String = lines.iter().map(|line| line.trim()).collect();
            assert!(text.contains(&uri), "{text}");
        }
        press(&mut chat, KeyCode::Char('t'));
        assert!(shows(&screen(&mut chat, size), "permesso:4b4b"));
    }
}

#[test]
fn a_code_with_many_addresses_is_still_a_picture_on_a_common_screen() {
    let addresses: String = (1..9).map(|last| format!("&at=192.168.100.{last}:20070")).collect();
    let mut chat = in_language(Language::English);
    press(&mut chat, KeyCode::Char('m'));
    let uri = format!("permesso:{}?alias=Ada{addresses}", "4b".repeat(32));
    chat.on(Input::Answer(Answer::Code { host: None, uri }), NOW);
    assert_shows(&screen(&mut chat, (80, 24)), &["█", "▄"]);
    press(&mut chat, KeyCode::Char('t'));
    assert!(flowing(&right(&screen(&mut chat, (80, 24)))).replace(' ', "").contains("at=192.168.100.8:20070"));
}

#[test]
fn a_code_with_a_name_of_emoji_is_a_picture_on_a_common_screen_and_the_name_is_in_its_text() {
    let mut chat = in_language(Language::English);
    press(&mut chat, KeyCode::Char('m'));
    let alias = "%F0%9F%8F%B3%EF%B8%8F%E2%80%8D%F0%9F%8C%88".repeat(4);
    let (key, token) = ("4b".repeat(32), "01".repeat(10));
    let uri = format!("permesso:{key}?alias={alias}&token={token}&cert={}&at=10.0.0.7:20070", "a7".repeat(140));
    chat.on(Input::Answer(Answer::Code { host: None, uri }), NOW);
    assert_shows(&screen(&mut chat, (80, 24)), &["█", "▄"]);
    press(&mut chat, KeyCode::Char('t'));
    assert!(flowing(&right(&screen(&mut chat, (80, 24)))).replace(' ', "").contains("alias=%F0%9F%8F%B3"));
}

#[test]
fn every_page_draws_at_every_size_in_both_languages_with_its_title_and_the_way_back() {
    for size in SIZES {
        for language in LANGUAGES {
            let mut titles = std::collections::BTreeSet::new();
            for key in ['i', 'm', 'f', '/', 's', 'd', 'l', '?', 'n', 'a'] {
                let mut chat = in_language(language);
                chat.people.select(host(3));
                press(&mut chat, KeyCode::Char(key));
                let lines = screen(&mut chat, size);
                assert_eq!(chat.pages.len(), 1, "{key}");
                assert!(lines.last().unwrap().contains("Esc"), "{key}: {}", lines.join("\n"));
                let row = right(&lines)[0].trim().to_owned();
                assert!(!row.is_empty() && titles.insert(row.clone()), "{key}: {row}");
                press(&mut chat, KeyCode::Esc);
                assert!(chat.pages.is_empty());
            }
        }
    }
}

#[test]
fn no_screen_is_too_small_to_draw() {
    for (width, height) in [(1, 1), (2, 3), (10, 4), (20, 6), (73, 2)] {
        for key in ['i', 'm', 'f', '/', 's', 'd', 'l', '?', 'n', 'a', ' '] {
            let mut chat = in_language(Language::Italian);
            select_grace(&mut chat);
            press(&mut chat, KeyCode::Char(key));
            screen(&mut chat, (width, height));
        }
        let mut chat = in_language(Language::Italian);
        select_grace(&mut chat);
        open(&mut chat, some_messages());
        screen(&mut chat, (width, height));
        press(&mut chat, KeyCode::Up);
        screen(&mut chat, (width, height));
        let mut chat = Chat::new(Language::English, "/x".into(), false, true, NOW);
        press(&mut chat, KeyCode::Enter);
        screen(&mut chat, (width, height));
    }
}

#[test]
fn without_colours_the_same_is_said_and_with_them_only_the_terminals_own_are_used() {
    let mut chat = in_language(Language::English);
    select_grace(&mut chat);
    open(&mut chat, some_messages());
    let (plain, colored) = (buffer(&chat, (80, 24), PLAIN), buffer(&chat, (80, 24), Theme { colors: true }));
    let symbols = |buffer: &ratatui::buffer::Buffer| -> String { buffer.content.iter().map(|c| c.symbol()).collect() };
    assert_eq!(symbols(&plain), symbols(&colored));
    assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(colored.content.iter().all(|cell| cell.bg == Color::Reset && !matches!(cell.fg, Color::Rgb(..))));
    assert!(colored.content.iter().any(|cell| cell.fg == Color::Green));
}

#[test]
fn the_keys_on_the_bottom_line_are_those_that_work_here() {
    let mut chat = in_language(Language::English);
    chat.on(Input::Size(120, 30), NOW);
    assert_shows(&screen(&mut chat, (120, 30))[29..], &["a accept", "x refuse", "q quit"]);
    select_grace(&mut chat);
    assert_shows(&screen(&mut chat, (120, 30))[29..], &["Enter open"]);
    open(&mut chat, some_messages());
    assert_shows(&screen(&mut chat, (120, 30))[29..], &["Enter send", "Alt-Enter new line", "Esc list"]);
    press(&mut chat, KeyCode::Up);
    assert_shows(&screen(&mut chat, (120, 30))[29..], &["c cancel", "Del remove"]);
    press(&mut chat, KeyCode::Up);
    assert_shows(&screen(&mut chat, (120, 30))[29..], &["r send again"]);
}

#[test]
fn a_message_that_waits_with_others_names_who_holds_it() {
    let holder = |number: u32, alias: Option<&str>, flags: Vec<NameFlag>, server| HolderView {
        host: host(number),
        alias: alias.map(Into::into),
        flags,
        server,
    };
    let library = holder(7, Some("Library"), Vec::new(), true);
    let false_grace = holder(8, Some("Grace"), vec![NameFlag::SameAsFriend], false);
    let held = MessageState::Held;
    for size in SIZES {
        for (language, one, both, list) in [
            (
                Language::English,
                "Held by server Library",
                "Held by server Library and 1 other",
                ["server Library", "has a friend's name"],
            ),
            (
                Language::Italian,
                "In custodia presso il server Library",
                "In custodia presso il server Library e un altro",
                ["server Library", "ha il nome di un amico"],
            ),
        ] {
            let mut chat = in_language(language);
            select_grace(&mut chat);
            open(&mut chat, vec![message(4, true, "On my way", MessageState::Queued)]);
            let told = |holders: Vec<HolderView>| {
                let (key, message) = (MessageKey(4), MessageId([4; 16]));
                Event::MessageChanged { host: host(1), key, message, state: held.clone(), holders, full: Vec::new() }
            };
            chat.on(Input::Node(NodeEvent::Engine(told(vec![library.clone()]))), NOW);
            let text = flowing(&screen(&mut chat, size));
            assert!(text.contains(one) && !text.contains(both), "{text}");
            chat.on(Input::Node(NodeEvent::Engine(told(vec![library.clone(), false_grace.clone()]))), NOW);
            press(&mut chat, KeyCode::Up);
            press(&mut chat, KeyCode::Enter);
            let text = flowing(&screen(&mut chat, (size.0, 60)));
            assert!(text.contains(both), "{text}");
            assert!(list.iter().all(|words| text.contains(words)), "{text}");
            assert!(text.contains(&format!("Grace ({})", host(8).short())), "{text}");
        }
    }
}

#[test]
fn the_settings_say_what_carrying_for_others_costs_now() {
    for size in [(40, 24), (71, 24)] {
        for (language, name, cost) in [
            (Language::English, "Carry for others: on", "Now there are 3, of 11.7 KiB; they may take 64 MiB."),
            (Language::Italian, "Portare per altri: sì", "Ora sono 3, di 11.7 KiB; possono occupare 64 MiB."),
        ] {
            let mut chat = in_language(language);
            press(&mut chat, KeyCode::Char('s'));
            assert!(!flowing(&screen(&mut chat, size)).contains(cost), "the cost stands with its setting alone");
            (0..7).for_each(|_| drop(press(&mut chat, KeyCode::Down)));
            let text = flowing(&screen(&mut chat, size));
            assert!(text.contains(name) && text.contains(cost), "{text}");
            let off = Action::Do(Command::Set(Setting::Carry(false)), Purpose::Set);
            assert_eq!(press(&mut chat, KeyCode::Enter), [off]);
        }
    }
}
