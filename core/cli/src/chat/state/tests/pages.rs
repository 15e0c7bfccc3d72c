use super::*;

#[test]
fn a_search_finds_people_as_one_types_and_opens_a_message_in_its_place() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    press(&mut chat, KeyCode::Char('/'));
    assert_eq!(type_text(&mut chat, "g"), [Action::Search("g".into())]);
    assert_eq!(type_text(&mut chat, "ra"), [], "one at a time");
    press(&mut chat, KeyCode::Backspace);
    let hit = message(5, false, "green tea", MessageState::Delivered);
    let late = Answer::Hits { text: "g".into(), messages: vec![hit.clone()] };
    assert_eq!(chat.on(Input::Answer(late), NOW), [Action::Search("gr".into())], "the newest text, none between");
    let Some(Page::Search(search)) = chat.pages.last() else { panic!() };
    assert_eq!((search.people.as_slice(), search.messages.len()), ([host(1)].as_slice(), 0), "an old answer is late");
    chat.on(Input::Answer(Answer::Hits { text: "gr".into(), messages: vec![hit.clone()] }), NOW);
    press(&mut chat, KeyCode::Down);
    let actions = press(&mut chat, KeyCode::Enter);
    assert!(matches!(actions.as_slice(), [Action::LoadPage { before: None, .. }]), "{actions:?}");
    let newest: Vec<_> = (100..200).map(|number| message(number, false, "x", MessageState::Delivered)).collect();
    let page = Answer::Page { host: host(1), before: None, limit: PAGE, messages: newest };
    let actions = chat.on(Input::Answer(page), NOW);
    assert!(matches!(actions.as_slice(), [Action::LoadPage { before: Some(_), .. }]), "it goes back: {actions:?}");
    let older = (1..100).map(|number| message(number, false, "x", MessageState::Delivered)).collect();
    let before = Some(Place { order: 100, key: MessageKey(100) });
    chat.on(Input::Answer(Answer::Page { host: host(1), before, limit: PAGE, messages: older }), NOW);
    assert_eq!(chat.talk.as_ref().unwrap().selected, Some(hit.key));
}

#[test]
fn a_search_on_the_network_shows_claims_as_they_come_and_takes_a_code_too() {
    let mut chat = chat(Vec::new(), vec![stranger(2, None)]);
    press(&mut chat, KeyCode::Char('f'));
    type_text(&mut chat, "gra");
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Find("gra".into())]);
    let claim = AliasClaim { host: host(2), alias: "Grace".into(), flags: Vec::new(), friend: FriendState::Unknown };
    let other = AliasClaim { alias: "Linus".into(), host: host(3), ..claim.clone() };
    for claim in [claim.clone(), other] {
        told(&mut chat, Event::AliasFound { search: permesso_node::ids::SearchId(1), claim });
    }
    let Some(Page::Find(find)) = chat.pages.last() else { panic!() };
    assert_eq!(find.claims, [claim], "an answer to another search does not belong here");
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::LoadSafety(host(2))]);
    press(&mut chat, KeyCode::Esc);
    chat.on(Input::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)), NOW);
    type_text(&mut chat, "permesso:00");
    let scan = Command::ScanUri { uri: "permesso:00".into() };
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Do(scan, Purpose::Scan)]);
}

#[test]
fn the_code_of_a_friend_is_shown_from_its_page_and_not_mixed_with_ones_own() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    press(&mut chat, KeyCode::Char('i'));
    assert_eq!(press(&mut chat, KeyCode::Char('c')), [Action::LoadCode(Some(host(1)))]);
    chat.on(Input::Answer(Answer::Code { host: None, uri: "permesso:own".into() }), NOW);
    assert!(matches!(chat.pages.last(), Some(Page::Code { uri: None, .. })));
    chat.on(Input::Answer(Answer::Code { host: Some(host(1)), uri: "permesso:hers".into() }), NOW);
    assert!(matches!(chat.pages.last(), Some(Page::Code { uri: Some(uri), .. }) if uri == "permesso:hers"));
}

#[test]
fn the_own_code_is_another_when_somebody_has_asked_with_it_or_the_user_wants_it() {
    let mut chat = chat(Vec::new(), Vec::new());
    let request = FriendView { has_code: true, ..friend(1, "Grace", FriendState::RequestReceived) };
    assert!(!told(&mut chat, Event::FriendChanged(request.clone())).contains(&Action::LoadCode(None)));
    assert_eq!(press(&mut chat, KeyCode::Char('m')), [Action::LoadCode(None)]);
    let stranger = friend(2, "Linus", FriendState::RequestReceived);
    assert!(!told(&mut chat, Event::FriendChanged(stranger)).contains(&Action::LoadCode(None)));
    assert!(told(&mut chat, Event::FriendChanged(request)).contains(&Action::LoadCode(None)));
    assert_eq!(press(&mut chat, KeyCode::Char('n')), [Action::Do(Command::RenewCode, Purpose::Code)]);
    let done = Answer::Done { purpose: Purpose::Code, result: Ok(Outcome::Done) };
    assert_eq!(chat.on(Input::Answer(done), NOW), [Action::LoadCode(None)]);
}

#[test]
fn ending_and_blocking_are_asked_first_and_verifying_is_not() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    assert_eq!(press(&mut chat, KeyCode::Char('i')), [Action::LoadSafety(host(1))]);
    let actions = press(&mut chat, KeyCode::Char('v'));
    assert!(matches!(actions.as_slice(), [Action::Do(Command::SetVerified { verified: true, .. }, _)]));
    for (key, expected) in [('e', Command::EndFriendship { host: host(1) }), ('b', Command::Block { host: host(1) })] {
        assert_eq!(press(&mut chat, KeyCode::Char(key)), []);
        assert_eq!(press(&mut chat, KeyCode::Char('y')), [], "a letter is no answer");
        press(&mut chat, KeyCode::Esc);
        press(&mut chat, KeyCode::Char(key));
        let actions = press(&mut chat, KeyCode::Enter);
        assert!(matches!(actions.as_slice(), [Action::Do(command, _)] if *command == expected), "{actions:?}");
    }
}

#[test]
fn settings_are_changed_while_the_host_runs_and_only_within_their_ranges() {
    let mut chat = chat(Vec::new(), Vec::new());
    assert_eq!(press(&mut chat, KeyCode::Char('s')), [Action::LoadSettings]);
    press(&mut chat, KeyCode::Down);
    let visible = Command::Set(Setting::Visibility(Visibility::Friends));
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Do(visible, Purpose::Set)]);
    press(&mut chat, KeyCode::Down);
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Do(Command::Set(Setting::ReadReceipts(true)), Purpose::Set)]);
    press(&mut chat, KeyCode::Down);
    press(&mut chat, KeyCode::Enter);
    chat.on(Input::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)), NOW);
    type_text(&mut chat, "70000");
    assert_eq!(press(&mut chat, KeyCode::Enter), []);
    let Some(Page::Prompt(prompt)) = chat.pages.last() else { panic!() };
    assert!(prompt.trouble.as_ref().unwrap().contains("65535"));
    press(&mut chat, KeyCode::Backspace);
    assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Do(Command::Set(Setting::Port(7_000)), Purpose::Set)]);
}

#[test]
fn storage_for_others_is_typed_in_mebibytes_and_stays_to_the_byte_if_nothing_is_typed() {
    let mut chat = chat(Vec::new(), Vec::new());
    press(&mut chat, KeyCode::Char('s'));
    for bytes in [64 << 20, 250_000_000] {
        chat.settings.as_mut().unwrap().carry_bytes = bytes;
        (0..9).for_each(|_| drop(press(&mut chat, KeyCode::Down)));
        press(&mut chat, KeyCode::Enter);
        let unchanged = Command::Set(Setting::CarryBytes(bytes));
        assert_eq!(press(&mut chat, KeyCode::Enter), [Action::Do(unchanged, Purpose::Set)]);
    }
    for (text, wanted) in [
        ("250", Ok(250 << 20)),
        ("1 MiB", Ok(1 << 20)),
        ("0", Err("1048576")),
        ("1048577", Err("1048576")),
        ("many", Err("number")),
    ] {
        press(&mut chat, KeyCode::Enter);
        chat.on(Input::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)), NOW);
        type_text(&mut chat, text);
        let actions = press(&mut chat, KeyCode::Enter);
        match wanted {
            Ok(bytes) => {
                assert_eq!(actions, [Action::Do(Command::Set(Setting::CarryBytes(bytes)), Purpose::Set)]);
            }
            Err(part) => {
                assert_eq!(actions, []);
                let Some(Page::Prompt(prompt)) = chat.pages.last() else { panic!() };
                assert!(prompt.trouble.as_ref().unwrap().contains(part), "{text}");
                press(&mut chat, KeyCode::Esc);
            }
        }
    }
}

#[test]
fn joining_the_network_is_tried_again_until_it_works() {
    let mut chat = chat(Vec::new(), Vec::new());
    chat.on(Input::Answer(Answer::Started(Err("the port is taken".into()))), NOW);
    assert!(!chat.started && chat.notices.said().unwrap().contains("the port is taken"));
    assert_eq!(chat.on(Input::Tick, later(5)), []);
    assert_eq!(chat.on(Input::Tick, later(11)), [Action::Start]);
    assert_eq!(chat.on(Input::Tick, later(30)), [], "one try at a time");
}

#[test]
fn missed_events_are_made_good_by_reading_again_once_at_a_time() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    let missed = || Input::Node(NodeEvent::Node(NodeNotice::Missed { count: 9 }));
    let actions = chat.on(missed(), NOW);
    assert!(matches!(actions.as_slice(), [Action::LoadPeople, Action::LoadPage { before: None, .. }]), "{actions:?}");
    assert_eq!(chat.on(missed(), NOW), []);
    let people = Answer::People { friends: vec![friend(1, "Grace", FriendState::Friend)], hosts: Vec::new() };
    assert!(chat.on(Input::Answer(people), NOW).contains(&Action::LoadPeople), "what changed meanwhile is not missed");
}

#[test]
fn what_a_user_should_know_is_said_for_a_moment_and_stays_in_the_list() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    let notice = permesso_node::api::Notice::EncryptionReset { host: host(1) };
    told(&mut chat, Event::Notice(notice));
    assert!(chat.notices.said().unwrap().contains("Grace"));
    assert_eq!(chat.notices.unseen(), 1);
    chat.on(Input::Tick, later(9));
    assert_eq!(chat.notices.said(), None);
    press(&mut chat, KeyCode::Char('n'));
    assert_eq!((chat.notices.unseen(), chat.notices.all().len()), (0, 1));
}

#[test]
fn letters_are_commands_in_the_list_and_text_in_a_conversation() {
    let mut chat = chat(vec![friend(1, "Grace", FriendState::Friend)], Vec::new());
    open(&mut chat, Vec::new());
    type_text(&mut chat, "quf?");
    assert_eq!(chat.talk.as_ref().unwrap().editor.text(), "quf?");
    assert!(chat.pages.is_empty());
    press(&mut chat, KeyCode::F(1));
    assert!(matches!(chat.pages.last(), Some(Page::Help { scroll }) if *scroll == Scroll::default()));
    press(&mut chat, KeyCode::Esc);
    press(&mut chat, KeyCode::Esc);
    assert_eq!(press(&mut chat, KeyCode::Char('q')), [Action::Quit]);
}
