//! The chat without a terminal and without a host: what is typed and told on one side, what is wanted done on the other.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use permesso_node::api::{FailReason, NameFlag};
use permesso_node::ids::FriendId;
use permesso_node::{
    AliasClaim, CustodyView, FriendView, HistoryMessage, HostView, MessageId, MessageKey, Millis, Outcome, Place,
    Setting, Visibility,
};

use super::*;
use crate::chat::input::Answer;
use crate::chat::page::Scroll;
use crate::chat::people::{Group, Row};
use crate::chat::talk::PAGE;

pub(crate) const NOW: Wall = Wall(1_795_615_320_000);

pub(crate) fn host(number: u32) -> HostId {
    format!("00000000-0000-8000-8000-{number:012}").parse().unwrap()
}

pub(crate) fn friend(number: u32, alias: &str, state: FriendState) -> FriendView {
    FriendView {
        friend: FriendId(number),
        host: host(number),
        state,
        alias: alias.into(),
        local_alias: None,
        verified: false,
        has_code: false,
        blocked: false,
        greeting: None,
        flags: Vec::new(),
        unread: 0,
        online: true,
    }
}

pub(crate) fn stranger(number: u32, alias: Option<&str>) -> HostView {
    HostView {
        host: host(number),
        online: true,
        address: Some("127.0.0.9:20070".parse().unwrap()),
        conversation_port: None,
        last_heard: Some(NOW),
        special: None,
        alias: alias.map(Into::into),
        friend: FriendState::Unknown,
    }
}

pub(crate) fn message(number: u8, mine: bool, text: &str, state: MessageState) -> HistoryMessage {
    HistoryMessage {
        key: MessageKey(number.into()),
        message: MessageId([number; 16]),
        host: host(1),
        mine,
        text: text.into(),
        local_time: NOW,
        send_time: NOW,
        state,
        holders: Vec::new(),
        full: Vec::new(),
        unread: false,
        order: number.into(),
        parents: Vec::new(),
        gap: false,
    }
}

/// A chat that runs, with these friends and hosts.
pub(crate) fn chat(friends: Vec<FriendView>, hosts: Vec<HostView>) -> Chat {
    let mut chat = Chat::new(Language::English, "/home/ada/permesso".into(), false, false, NOW);
    chat.zone = Zone::Utc;
    chat.on(
        Input::Opened {
            host: host(0),
            kept: Kept::default(),
            key_place: "The key is here.".into(),
            troubles: Vec::new(),
        },
        NOW,
    );
    chat.on(Input::Answer(Answer::Settings(settings(), custody())), NOW);
    chat.on(Input::Answer(Answer::Started(Ok(()))), NOW);
    chat.on(Input::Answer(Answer::People { friends, hosts }), NOW);
    chat
}

fn settings() -> Settings {
    Settings {
        alias: "Ada".into(),
        visibility: Visibility::Everybody,
        port: 20_070,
        history_limit: 10_000,
        outbox_limit: 1_000,
        outbox_expiry: Millis::from_days(30),
        read_receipts: false,
        carry: true,
        carry_bytes: 64 << 20,
    }
}

fn custody() -> CustodyView {
    CustodyView {
        carry: true,
        server: false,
        envelopes: 3,
        bytes: 12_000,
        envelopes_max: 20_000,
        bytes_max: 64 << 20,
        depositors: 2,
        taken: 5,
        delivered: 1,
    }
}

pub(crate) fn press(chat: &mut Chat, code: KeyCode) -> Vec<Action> {
    chat.on(Input::Key(KeyEvent::new(code, KeyModifiers::NONE)), NOW)
}

pub(crate) fn type_text(chat: &mut Chat, text: &str) -> Vec<Action> {
    text.chars().flat_map(|c| press(chat, KeyCode::Char(c))).collect()
}

/// Opens the conversation with the first friend and gives it these messages.
pub(crate) fn open(chat: &mut Chat, messages: Vec<HistoryMessage>) {
    let actions = press(chat, KeyCode::Enter);
    let [Action::LoadPage { host, before: None, limit }] = actions.as_slice() else { panic!("{actions:?}") };
    let page = Answer::Page { host: *host, before: None, limit: *limit, messages };
    chat.on(Input::Answer(page), NOW);
}

fn later(seconds: u64) -> Wall {
    Wall(NOW.0 + seconds * 1_000)
}

fn told(chat: &mut Chat, event: Event) -> Vec<Action> {
    chat.on(Input::Node(NodeEvent::Engine(event)), NOW)
}

#[test]
fn the_first_run_asks_for_an_alias_and_opens_nothing_before() {
    let mut chat = Chat::new(Language::English, "/x".into(), false, true, NOW);
    assert_eq!(chat.begin(), []);
    assert_eq!(press(&mut chat, KeyCode::Enter), [], "an empty name is not taken");
    assert!(matches!(&chat.stage, Stage::Welcome { trouble: Some(_), .. }));
    type_text(&mut chat, &"x".repeat(65));
    assert_eq!(press(&mut chat, KeyCode::Enter), []);
    let Stage::Welcome { trouble: Some(trouble), .. } = &chat.stage else { panic!() };
    assert!(trouble.contains("65") && trouble.contains("64"), "{trouble}");
    chat.on(Input::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)), NOW);
    type_text(&mut chat, "  Ada  ");
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Open { alias: Some("Ada".into()) }]);
}

#[test]
fn a_home_that_exists_is_opened_at_once() {
    let chat = Chat::new(Language::English, "/x".into(), false, false, NOW);
    assert_eq!(chat.begin(), [Action::Open { alias: None }]);
}

#[test]
fn people_stand_in_their_groups_and_strangers_only_while_they_are_here() {
    let mut asker = friend(2, "Grace", FriendState::RequestReceived);
    asker.greeting = Some("It is me".into());
    let mut blocked = friend(5, "Mallory", FriendState::Friend);
    blocked.blocked = true;
    let friends = vec![
        friend(1, "Linus", FriendState::Friend),
        asker,
        friend(3, "Dennis", FriendState::RequestSent),
        friend(4, "Ken", FriendState::Ended),
        blocked,
    ];
    let mut gone = stranger(7, Some("Gone"));
    gone.online = false;
    let mut chat = chat(friends, vec![stranger(6, Some("Barbara")), gone]);
    let groups = |chat: &Chat| -> Vec<Group> {
        let titles = chat.people.rows().into_iter().filter_map(|row| match row {
            Row::Title(group, _) => Some(group),
            Row::Person(_) => None,
        });
        titles.collect()
    };
    assert_eq!(groups(&chat), [Group::Asks, Group::Friends, Group::Sent, Group::Nearby, Group::Others]);
    let mut left = stranger(6, None);
    left.online = false;
    told(&mut chat, Event::HostChanged(left));
    assert_eq!(groups(&chat), [Group::Asks, Group::Friends, Group::Sent, Group::Others]);
}

#[test]
fn a_stranger_with_a_friends_name_is_flagged() {
    let chat = chat(vec![friend(1, "Grace", FriendState::Friend)], vec![stranger(2, Some("Grаce"))]);
    let person = chat.people.person(host(2)).unwrap();
    assert!(person.flags.contains(&NameFlag::LooksLikeFriend), "with a Cyrillic а: {:?}", person.flags);
}

#[test]
fn a_nameless_host_is_asked_for_its_name_now_and_then() {
    let mut chat = chat(Vec::new(), vec![stranger(2, None)]);
    assert_eq!(chat.on(Input::Tick, later(1)), [Action::Find(String::new())]);
    assert_eq!(chat.on(Input::Tick, later(30)), []);
    assert_eq!(chat.on(Input::Tick, later(62)), [Action::Find(String::new())]);
    let claim = AliasClaim { host: host(2), alias: "Grace".into(), flags: Vec::new(), friend: FriendState::Unknown };
    told(&mut chat, Event::AliasFound { search: permesso_node::ids::SearchId(1), claim });
    assert_eq!(chat.people.person(host(2)).unwrap().name, "Grace");
    assert_eq!(chat.on(Input::Tick, later(200)), []);
}

#[test]
fn a_stranger_is_asked_with_a_greeting_within_its_limit() {
    let mut chat = chat(Vec::new(), vec![stranger(2, Some("Grace"))]);
    assert_eq!(press(&mut chat, KeyCode::Char('a')), []);
    chat.on(Input::Paste("x".repeat(281)), NOW);
    assert_eq!(press(&mut chat, KeyCode::Enter), []);
    let Some(Page::Prompt(prompt)) = chat.pages.last() else { panic!() };
    assert!(prompt.trouble.as_ref().unwrap().contains("280"));
    press(&mut chat, KeyCode::Backspace);
    let actions = press(&mut chat, KeyCode::Enter);
    let [Action::Do(Command::AskFriendship { host: whom, greeting }, Purpose::Say(_))] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!((*whom, greeting.len()), (host(2), 280));
    assert!(chat.pages.is_empty());
}

#[test]
fn a_request_is_accepted_by_one_key_and_refused_silently_by_another() {
    let mut chat = chat(vec![friend(2, "Grace", FriendState::RequestReceived)], Vec::new());
    let answer = |actions: Vec<Action>| match actions.as_slice() {
        [Action::Do(Command::AnswerFriendship { accept, tell, .. }, _)] => (*accept, *tell),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer(press(&mut chat, KeyCode::Char('a'))), (true, true));
    assert_eq!(answer(press(&mut chat, KeyCode::Char('x'))), (false, false));
}

#[test]
fn a_message_is_sent_by_enter_and_its_text_stays_if_it_is_refused() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    type_text(&mut chat, "Ciao");
    chat.on(Input::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT)), NOW);
    type_text(&mut chat, "q");
    let text = "Ciao\nq".to_owned();
    let actions = press(&mut chat, KeyCode::Enter);
    let purpose = Purpose::Send { host: host(1), text: text.clone() };
    assert_eq!(actions, [Action::Do(Command::SendText { host: host(1), text: text.clone() }, purpose.clone())]);
    assert_eq!(chat.talk.as_ref().unwrap().editor.text(), "");
    let refused = Answer::Done { purpose, result: Err("the disk is full".into()) };
    chat.on(Input::Answer(refused), NOW);
    assert_eq!(chat.talk.as_ref().unwrap().editor.text(), text);
    assert_eq!(chat.notices.said(), Some("the disk is full"));
}

#[test]
fn a_text_that_is_too_long_is_not_sent_and_the_limit_is_named() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    chat.on(Input::Paste("è".repeat(2_049)), NOW);
    assert_eq!(press(&mut chat, KeyCode::Enter), []);
    assert!(chat.notices.said().unwrap().contains("4098") && chat.notices.said().unwrap().contains("4096"));
    assert_eq!(chat.talk.as_ref().unwrap().editor.text().len(), 4_098);
    press(&mut chat, KeyCode::Backspace);
    assert_eq!(press(&mut chat, KeyCode::Enter).len(), 1);
}

#[test]
fn a_draft_is_kept_a_second_after_the_last_key_and_is_there_when_one_comes_back() {
    let friends = vec![friend(1, "Grace", FriendState::Friend), friend(2, "Linus", FriendState::Friend)];
    let mut chat = chat(friends, Vec::new());
    open(&mut chat, Vec::new());
    type_text(&mut chat, "half a");
    assert_eq!(chat.on(Input::Tick, NOW), []);
    let actions = chat.on(Input::Tick, later(1));
    let [Action::Keep(kept)] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(kept.drafts[&host(1)], "half a");
    press(&mut chat, KeyCode::Esc);
    press(&mut chat, KeyCode::Down);
    press(&mut chat, KeyCode::Enter);
    assert_eq!(chat.talk.as_ref().unwrap().editor.text(), "");
    press(&mut chat, KeyCode::Esc);
    press(&mut chat, KeyCode::Up);
    press(&mut chat, KeyCode::Enter);
    assert_eq!(chat.talk.as_ref().unwrap().editor.text(), "half a");
}

#[test]
fn a_sent_draft_is_forgotten() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    type_text(&mut chat, "text");
    press(&mut chat, KeyCode::Enter);
    assert!(chat.kept().drafts.is_empty());
}

#[test]
fn messages_are_marked_read_when_they_are_on_the_screen_and_once_only() {
    let mut unread = friend(1, "Grace", FriendState::Friend);
    unread.unread = 2;
    let mut chat = chat(vec![unread], Vec::new());
    chat.on(Input::Size(40, 15), NOW);
    assert_eq!(chat.on(Input::Tick, NOW), [], "the list alone shows nothing of them");
    let messages = (1..=3).map(|number| message(number, false, "text", MessageState::Delivered)).collect();
    let actions = press(&mut chat, KeyCode::Enter);
    assert!(matches!(actions.as_slice(), [Action::LoadPage { .. }]));
    let page = Answer::Page { host: host(1), before: None, limit: PAGE, messages };
    let mark = Action::Do(Command::MarkRead { host: host(1) }, Purpose::MarkRead);
    assert_eq!(chat.on(Input::Answer(page), NOW), [mark]);
    assert_eq!(chat.on(Input::Tick, NOW), []);
    assert_eq!(chat.talk.as_ref().unwrap().unread_from, Some(MessageKey(2)), "the line stays above the first of two");
}

#[test]
fn a_fate_changes_where_it_is_shown_and_the_moment_of_delivery_is_kept() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, vec![message(1, true, "text", MessageState::Queued)]);
    let changed = Event::MessageChanged {
        host: host(1),
        key: MessageKey(1),
        message: MessageId([1; 16]),
        state: MessageState::Delivered,
        holders: Vec::new(),
        full: Vec::new(),
    };
    told(&mut chat, changed);
    assert_eq!(chat.talk.as_ref().unwrap().messages[0].state, MessageState::Delivered);
    assert_eq!(chat.kept().delivered[&MessageId([1; 16])], NOW);
}

#[test]
fn a_fate_told_while_an_older_page_is_under_way_is_not_taken_back_by_it() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    let purpose = Purpose::Send { host: host(1), text: "text".into() };
    let stored = Ok(Outcome::Stored { message: MessageId([1; 16]) });
    let actions = chat.on(Input::Answer(Answer::Done { purpose, result: stored }), NOW);
    assert!(matches!(actions.as_slice(), [Action::LoadPage { .. }]), "{actions:?}");
    let (key, message_id, state) = (MessageKey(1), MessageId([1; 16]), MessageState::Delivered);
    told(
        &mut chat,
        Event::MessageChanged { host: host(1), key, message: message_id, state, holders: Vec::new(), full: Vec::new() },
    );
    let messages = vec![message(1, true, "text", MessageState::Queued)];
    chat.on(Input::Answer(Answer::Page { host: host(1), before: None, limit: PAGE, messages }), NOW);
    assert_eq!(chat.talk.as_ref().unwrap().messages[0].state, MessageState::Delivered);
}

#[test]
fn what_could_not_be_read_is_said_and_tried_again() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    press(&mut chat, KeyCode::Enter);
    chat.on(Input::Answer(Answer::Trouble("the disk failed".into())), NOW);
    assert_eq!(chat.notices.said(), Some("the disk failed"));
    let restored = Input::Node(NodeEvent::Node(NodeNotice::Restored));
    let actions = chat.on(restored, NOW);
    assert!(matches!(actions.as_slice(), [Action::LoadPeople, Action::LoadPage { .. }]), "{actions:?}");
}

#[test]
fn what_changes_while_people_are_read_is_read_again() {
    let mut chat = chat(Vec::new(), Vec::new());
    let missed = Input::Node(NodeEvent::Node(NodeNotice::Missed { count: 1 }));
    assert_eq!(chat.on(missed, NOW), [Action::LoadPeople]);
    told(&mut chat, Event::FriendChanged(friend(1, "Grace", FriendState::RequestReceived)));
    let people = Answer::People { friends: Vec::new(), hosts: Vec::new() };
    assert_eq!(chat.on(Input::Answer(people), NOW), [Action::LoadPeople]);
}

#[test]
fn who_has_told_no_alias_asks_by_the_beginning_of_its_id_until_the_user_names_it() {
    let said = |alias: &str, local: Option<&str>| {
        let mut chat = chat(Vec::new(), Vec::new());
        let mut asker = friend(1, alias, FriendState::RequestReceived);
        asker.local_alias = local.map(str::to_owned);
        told(&mut chat, Event::FriendChanged(asker));
        chat.notices.said().unwrap().to_owned()
    };
    assert!(said("", None).contains("00000000"), "{}", said("", None));
    assert!(said("Grace", None).contains("Grace"));
    assert!(said("", Some("The one by the door")).contains("The one by the door"));
}

#[test]
fn what_can_be_done_with_a_message_follows_from_where_it_is() {
    let failed = MessageState::Failed { reason: FailReason::Expired };
    let messages = vec![
        message(1, true, "waits", MessageState::Queued),
        message(2, true, "failed", failed),
        message(3, true, "there", MessageState::Delivered),
    ];
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, messages);
    press(&mut chat, KeyCode::Up);
    assert_eq!(press(&mut chat, KeyCode::Char('r')), [], "a delivered message is not sent again");
    assert_eq!(press(&mut chat, KeyCode::Char('c')), [], "nor cancelled");
    press(&mut chat, KeyCode::Up);
    let actions = press(&mut chat, KeyCode::Char('r'));
    assert!(matches!(actions.as_slice(), [Action::Do(Command::Retry { message }, _)] if message.0 == [2; 16]));
    press(&mut chat, KeyCode::Up);
    assert_eq!(press(&mut chat, KeyCode::Char('c')), [], "it is asked first");
    let actions = press(&mut chat, KeyCode::Enter);
    assert!(matches!(actions.as_slice(), [Action::Do(Command::Cancel { message }, _)] if message.0 == [1; 16]));
    press(&mut chat, KeyCode::Delete);
    let actions = press(&mut chat, KeyCode::Enter);
    let [Action::Do(Command::DeleteMessage { message }, purpose)] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!(message.0, [1; 16]);
    let outcome = Ok(Outcome::Done);
    chat.on(Input::Answer(Answer::Done { purpose: purpose.clone(), result: outcome }), NOW);
    assert_eq!(chat.talk.as_ref().unwrap().messages.len(), 2);
}

#[test]
fn what_failed_is_not_sent_again_once_the_friendship_has_ended() {
    let failed = MessageState::Failed { reason: FailReason::Expired };
    for (state, actions) in [(FriendState::Friend, 1), (FriendState::Ended, 0)] {
        let mut chat = chat(vec![friend(1, "Grace", state)], Vec::new());
        open(&mut chat, vec![message(1, true, "failed", failed.clone())]);
        press(&mut chat, KeyCode::Up);
        assert_eq!(chat.may_resend(), state == FriendState::Friend);
        assert_eq!(press(&mut chat, KeyCode::Char('r')).len(), actions, "{state:?}");
    }
}

#[test]
fn older_pages_are_read_when_one_comes_near_the_top() {
    let page = |from: u8, to: u8| -> Vec<HistoryMessage> {
        (from..to).map(|number| message(number, false, "text", MessageState::Delivered)).collect()
    };
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, page(100, 200));
    for _ in 0..6 {
        assert_eq!(press(&mut chat, KeyCode::PageUp), []);
    }
    let actions = press(&mut chat, KeyCode::PageUp);
    let before = Some(Place { order: 100, key: MessageKey(100) });
    assert_eq!(actions, [Action::LoadPage { host: host(1), before, limit: PAGE }]);
    assert_eq!(press(&mut chat, KeyCode::PageUp), [], "once at a time");
    let older = Answer::Page { host: host(1), before, limit: PAGE, messages: page(1, 100) };
    assert_eq!(chat.on(Input::Answer(older), NOW), []);
    let talk = chat.talk.as_ref().unwrap();
    assert_eq!(talk.messages.len(), 199);
    assert!(talk.complete);
}

#[test]
fn more_than_a_page_of_new_messages_leaves_no_hole() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, vec![message(1, false, "old", MessageState::Delivered)]);
    let newest: Vec<_> = (50..150).map(|number| message(number, false, "new", MessageState::Delivered)).collect();
    let page = Answer::Page { host: host(1), before: None, limit: PAGE, messages: newest };
    chat.on(Input::Answer(page), NOW);
    let talk = chat.talk.as_ref().unwrap();
    assert_eq!(talk.messages.first().unwrap().key, MessageKey(50));
    assert!(!talk.complete, "what lies between can still be read");
}

#[test]
fn something_missing_shows_until_it_arrives() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    let mut second = message(2, false, "second", MessageState::Delivered);
    (second.parents, second.gap) = (vec![MessageId([1; 16])], true);
    let page = |messages| Input::Answer(Answer::Page { host: host(1), before: None, limit: PAGE, messages });
    chat.on(page(vec![second.clone()]), NOW);
    assert!(chat.talk.as_ref().unwrap().has_gap(&second));
    chat.on(page(vec![message(1, false, "first", MessageState::Delivered), second.clone()]), NOW);
    assert!(!chat.talk.as_ref().unwrap().has_gap(&second));
}

/// What lies over the conversation: searching, codes, settings, notices.
mod pages;
