use super::*;
use permesso_node::Visibility;

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
            Command::Join | Command::Leave | Command::Set(_) | Command::Search { .. } | Command::Examine => {}
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
}

#[test]
fn a_page_is_never_larger_than_its_limit() {
    assert_eq!(page(None), PAGE);
    assert_eq!(page(Some(7)), 7);
    assert_eq!(page(Some(usize::MAX)), PAGE_MAX);
}
