use std::collections::BTreeSet;

use super::*;
use permesso_node::{Command, Visibility};

fn read(line: &str) -> Result<Request, Problem> {
    Request::read(serde_json::from_str(line).unwrap())
}

fn code(line: &str) -> Value {
    serde_json::to_value(read(line).unwrap_err()).unwrap()["code"].clone()
}

const HOST: &str = "5c146b14-3c52-8afd-938a-375d0df1fbf6";

/// One of each command of the engine. The match makes the compiler ask for the new ones.
fn every_command() -> Vec<Command> {
    let (host, message) = (HOST.parse().unwrap(), MessageId([7; 16]));
    let all = vec![
        Command::Join,
        Command::Leave,
        Command::Set(Setting::Alias("Ada".into())),
        Command::Set(Setting::Visibility(Visibility::Friends)),
        Command::Set(Setting::Port(20_071)),
        Command::Set(Setting::HistoryLimit(5)),
        Command::Set(Setting::OutboxLimit(5)),
        Command::Set(Setting::OutboxExpiry(Millis::from_days(1))),
        Command::Set(Setting::ReadReceipts(true)),
        Command::Set(Setting::Carry(false)),
        Command::SetAll { settings: vec![Setting::Alias("Ada".into()), Setting::Port(20_071)] },
        Command::Search { alias: "gra".into(), matching: Match::Exact },
        Command::Examine,
        Command::AskFriendship { host, greeting: "Ciao".into() },
        Command::AnswerFriendship { host, accept: true, tell: false },
        Command::CancelAsk { host },
        Command::EndFriendship { host },
        Command::Block { host },
        Command::Unblock { host },
        Command::SetLocalAlias { host, alias: Some("Boss".into()) },
        Command::SetVerified { host, verified: true },
        Command::ScanUri { uri: "permesso:x".into() },
        Command::RenewCode,
        Command::AddContact { uri: "permesso:x".into(), name: Some("Boss".into()) },
        Command::SendText { host, text: "Ciao".into() },
        Command::Retry { message },
        Command::Cancel { message },
        Command::MarkRead { host },
        Command::DeleteMessage { message },
    ];
    for command in &all {
        match command {
            Command::Join | Command::Leave | Command::Search { .. } | Command::Examine => {}
            Command::Set(_) | Command::SetAll { .. } => {}
            Command::AskFriendship { .. } | Command::AnswerFriendship { .. } | Command::CancelAsk { .. } => {}
            Command::EndFriendship { .. } | Command::Block { .. } | Command::Unblock { .. } => {}
            Command::SetLocalAlias { .. } | Command::SetVerified { .. } | Command::ScanUri { .. } => {}
            Command::AddContact { .. } | Command::SendText { .. } | Command::Retry { .. } | Command::Cancel { .. } => {}
            Command::MarkRead { .. } | Command::DeleteMessage { .. } | Command::RenewCode => {}
        }
    }
    all
}

#[test]
fn every_command_of_the_engine_is_read_as_the_engine_writes_it() {
    for command in every_command() {
        let line = serde_json::to_string(&command).unwrap();
        let request = read(&line).unwrap_or_else(|problem| panic!("{line}: {problem:?}"));
        match request.into_command() {
            Ok(read) => assert_eq!(read, command),
            Err(Request::Join {}) => assert_eq!(command, Command::Join),
            Err(Request::Leave {}) => assert_eq!(command, Command::Leave),
            Err(Request::Doctor {}) => assert_eq!(command, Command::Examine),
            Err(Request::Search { alias, matching }) => assert_eq!(command, Command::Search { alias, matching }),
            Err(other) => panic!("{line} became {other:?}"),
        }
    }
}

#[test]
fn spans_are_written_for_people_or_in_milliseconds() {
    let day = Ok(Command::Set(Setting::OutboxExpiry(Millis::from_days(1))));
    assert_eq!(read(r#"{"cmd":"set","setting":"outbox_expiry","value":"1d"}"#).unwrap().into_command(), day);
    assert_eq!(read(r#"{"cmd":"set","setting":"outbox_expiry","value":86400000}"#).unwrap().into_command(), day);
}

#[test]
fn what_may_be_left_out_has_a_default() {
    let searched = Request::Search { alias: "gra".into(), matching: Match::Partial };
    assert_eq!(read(r#"{"cmd":"search","alias":"gra"}"#).unwrap(), searched);
    let waited = format!(r#"{{"cmd":"wait_for_state","message":"{}"}}"#, "07".repeat(16));
    let states = vec![Fate::Delivered, Fate::Read, Fate::Failed];
    let waiting = Request::WaitForState { message: MessageId([7; 16]), states, timeout: Millis::from_secs(10) };
    assert_eq!(read(&waited).unwrap(), waiting);
}

#[test]
fn what_is_wrong_with_a_command_is_told_by_its_code() {
    assert_eq!(code(r#"{"cmd":"dance"}"#), "unknown_command");
    assert_eq!(code(r#"{"command":"friends"}"#), "invalid");
    assert_eq!(code(r#"{"cmd":7}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"search"}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"search","alias":"gra","mtach":"exact"}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"friends","all":true}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"search","alias":"gra","match":"unknown variant `search`"}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"block","host":7}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"set","setting":"colour","value":"red"}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"set","setting":"port","value":20071,"bogus":1}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"set_all","settings":[{"setting":"port","value":20071,"bogus":1}]}"#), "invalid");
    assert_eq!(code(r#"{"cmd":"set_all","settings":[{"setting":"port"}]}"#), "invalid");
}

/// What of the host's API a bot reaches by which command, or why by none.
const API: &[(&str, &str)] = &[
    ("open", "permesso bot"),
    ("open_with_events", "permesso bot"),
    ("events", "every line with an event"),
    ("import", "permesso import: into a home that holds no host yet"),
    ("start", "join"),
    ("pause", "pause"),
    ("resume", "resume"),
    ("leave", "leave"),
    ("stop", "stop"),
    ("command", "each command of the engine"),
    ("search", "search"),
    ("doctor", "doctor"),
    ("ask_friendship", "ask_friendship"),
    ("answer_friendship", "answer_friendship"),
    ("cancel_ask", "cancel_ask"),
    ("end_friendship", "end_friendship"),
    ("block", "block"),
    ("unblock", "unblock"),
    ("set_local_alias", "set_local_alias"),
    ("set_verified", "set_verified"),
    ("scan_uri", "scan_uri"),
    ("renew_code", "renew_code"),
    ("send", "send_text"),
    ("retry", "retry"),
    ("cancel", "cancel"),
    ("mark_read", "mark_read"),
    ("delete_message", "delete_message"),
    ("set", "set"),
    ("wait_for_state", "wait_for_state"),
    ("wait_for_fate", "wait_for_state"),
    ("host_id", "host"),
    ("identity_key", "host"),
    ("is_restored_copy", "host"),
    ("uri", "uri"),
    ("addresses", "addresses"),
    ("hosts", "hosts"),
    ("friends", "friends"),
    ("friend", "friends"),
    ("unread", "friends"),
    ("safety_number", "safety_number"),
    ("settings", "settings"),
    ("changed_settings", "changed_settings"),
    ("packets", "packets"),
    ("carrying", "carrying"),
    ("counters", "counters"),
    ("custody", "custody"),
    ("messages", "messages"),
    ("message", "message"),
    ("full_servers", "holders"),
    ("holders", "holders"),
    ("search_history", "search_history"),
    ("peer_found", "peer_found"),
    ("set_interfaces", "set_interfaces"),
    ("open_host_link", "by none: the radio is an app's own"),
    ("contacts", "contacts"),
    ("export_contacts", "export_contacts"),
    ("import_contacts", "import_contacts"),
    ("export", "export"),
];

/// The public functions in the `impl Node` of a file.
fn of_node(source: &str) -> impl Iterator<Item = &str> {
    let blocks = source.split("\nimpl Node {\n").skip(1).filter_map(|block| block.split("\n}\n").next());
    let functions = blocks.flat_map(|block| block.split("\n    pub ").skip(1));
    functions.filter_map(|text| {
        let text = text.strip_prefix("async ").unwrap_or(text);
        text.strip_prefix("fn ")?.split(['(', '<']).next()
    })
}

#[test]
fn every_ability_of_the_api_is_one_of_the_bot_s() {
    let files = [
        include_str!("../../../../node/src/node.rs"),
        include_str!("../../../../node/src/account.rs"),
        include_str!("../../../../node/src/contacts.rs"),
    ];
    let functions: BTreeSet<&str> = files.into_iter().flat_map(of_node).collect();
    let listed: BTreeSet<&str> = API.iter().map(|(function, _)| *function).collect();
    assert_eq!(functions, listed, "what the API can do, and what the bot is known to reach");
    let schema: Value = serde_json::from_str(include_str!("../../../bot.schema.json")).unwrap();
    let commands = schema["$defs"].as_object().unwrap();
    for (function, command) in API.iter().filter(|(_, command)| !command.contains(' ')) {
        assert!(commands.contains_key(&format!("command.{command}")), "{function} by {command}");
    }
}
