use super::*;
use permesso_engine::api::Visibility;
use permesso_engine::time::Millis;

/// The default file with every key in force.
fn uncommented() -> String {
    let uncomment = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
        _ => line.to_owned(),
    };
    DEFAULT_TOML.lines().map(uncomment).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_default_file_says_what_the_defaults_are() {
    assert_eq!(Config::parse(&uncommented()).unwrap(), Config::default());
    assert_eq!(Config::parse(Config::default_toml()).unwrap(), Config::default());
}

#[test]
fn the_default_file_has_every_key_there_is() {
    let written: toml::Table = uncommented().parse().unwrap();
    let written = check::all_keys(&written);
    for key in check::all_keys(&toml::Table::try_from(Config::default()).unwrap()) {
        assert!(written.contains(&key), "{key} is not in the default file");
    }
}

#[test]
fn the_defaults_are_within_their_ranges() {
    Config::default().check().unwrap();
    Config::server().check().unwrap();
}

#[test]
fn a_file_counts_more_than_a_servers_start_values_and_is_judged_beside_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(
        &path,
        "[links]\nstranger_links_max = 500\nidle_close = \"5m\"\n[custody]\nstranger_envelopes = 3\n",
    )
    .unwrap();
    let config = Config::server().loaded(&path).unwrap();
    assert_eq!((config.links.links_max, config.links.stranger_links_max), (1_000, 500));
    assert_eq!(config.links.idle_close, Millis::from_minutes(5));
    assert_eq!((config.custody.stranger_envelopes, config.custody.is_server), (3, true));
    // A client has no 500 links at all.
    let error = Config::load(&path).unwrap_err().to_string();
    assert!(error.contains("line 2: links.stranger_links_max must be 0 to 64"), "{error}");
}

#[test]
fn spans_are_written_for_people_or_in_milliseconds() {
    let text = "[messages]\noutbox_expiry = \"2d\"\nheld_wait = 3600000\n[links]\nprobe_repeat = \"250ms\"\nidle_close = \"1 h\"\n";
    let config = Config::parse(text).unwrap();
    assert_eq!(config.messages.outbox_expiry, Millis::from_days(2));
    assert_eq!(config.messages.held_wait, Millis::from_hours(1));
    assert_eq!(config.links.probe_repeat, Millis(250));
    assert_eq!(config.links.idle_close, Millis::from_hours(1));
    let error = Config::parse("[links]\nidle_close = \"2 fortnights\"\n").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("\"5s\""), "{error}");
}

#[test]
fn an_unknown_key_names_the_line_and_the_nearest_known_one() {
    let error = Config::parse("[host]\nport = 1\nalais = \"Grazia\"\n").unwrap_err().to_string();
    assert_eq!(error, "line 3: there is no host.alais; did you mean host.alias?");
    let error = Config::parse("[mesages]\n").unwrap_err().to_string();
    assert_eq!(error, "line 1: there is no mesages; did you mean messages?");
    let error = Config::parse("[host]\noutbox_maxx = 3\n").unwrap_err().to_string();
    assert_eq!(error, "line 2: there is no host.outbox_maxx; did you mean messages.outbox_max?");
    let error = Config::parse("qqq = 3\n").unwrap_err().to_string();
    assert_eq!(error, "line 1: there is no qqq");
}

#[test]
fn an_error_in_a_file_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("permesso.toml");
    std::fs::write(&path, "\n[host]\nprot = 3\n").unwrap();
    let error = Config::load(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}, line 3: there is no host.prot; did you mean host.port?", path.display()));
    let error = Config::load(&directory.path().join("absent")).unwrap_err().to_string();
    assert!(error.contains("absent"), "{error}");
}

#[test]
fn a_value_of_another_type_names_its_line() {
    let error = Config::parse("[host]\n\nport = \"many\"\n").unwrap_err();
    assert!(matches!(error, ConfigError::OutOfRange { line: Some(3), .. }), "{error}");
    let error = Config::parse("[host\n").unwrap_err();
    assert!(matches!(error, ConfigError::Invalid { line: 1, .. }), "{error}");
}

#[test]
fn a_value_out_of_range_names_its_line_and_what_is_allowed() {
    let error = Config::parse("# mine\n[links]\nforward_max = 65\n").unwrap_err().to_string();
    assert_eq!(error, "line 3: links.forward_max must be 1 to 64, it is 65");
    let error = Config::parse("[messages]\nenvelope_lifetime = \"8d\"\n").unwrap_err().to_string();
    assert_eq!(error, "line 2: messages.envelope_lifetime must be 1m to 7d, it is 8d");
    let error = Config::parse("[host]\nalias = \"\"\n").unwrap_err().to_string();
    assert!(error.contains("host.alias must be 1 to 64 bytes"), "{error}");
    let error = Config::parse("[messages]\noutbox_max = 5000\nmarks_max = 4000\n").unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("more than messages.outbox_max"), "{error}");
    let error = Config::parse("[network]\npeers = [\"192.168.1.20:0\"]\n").unwrap_err().to_string();
    assert!(error.contains("network.peers"), "{error}");
}

#[test]
fn a_value_of_another_kind_names_its_key_its_line_and_what_is_wanted_in_plain_words() {
    for (text, words) in [
        ("host = 5", "line 1: host must be a section: [host] on a line of its own, its keys below, it is 5"),
        ("[[links]]\nlinks_max = 5", "line 1: links must be a section"),
        ("[host]\nport = \"many\"", "line 2: host.port must be a whole number, 1 to 65535, it is \"many\""),
        ("[host]\nport = 70000", "line 2: host.port must be a whole number, 1 to 65535, it is 70000"),
        ("host.port = -1", "line 1: host.port must be a whole number, 1 to 65535, it is -1"),
        ("[host]\nalias = 2007", "host.alias must be a text in quotation marks, 1 to 64 bytes of UTF-8, it is 2007"),
        ("[host]\nvisibility = \"some\"", "must be \"everybody\", \"friends\" or \"nobody\", it is \"some\""),
        ("[network]\ninterfaces = 5", "network.interfaces must be \"auto\" or a list of addresses of this host"),
        ("[network]\npeers = [\"here\"]", "network.peers must be a list of addresses with a port"),
        ("[presence]\njoin_at = [\"1s\"]", "presence.join_at must be a list of 3 spans of time, each 0ms to 1m"),
        ("[presence]\nsweep = 1", "presence.sweep must be true or false, it is 1"),
        ("[links]\nidle_close = 2.5", "links.idle_close must be a span of time, 1s to 1d, written \"250ms\""),
        ("[messages]\nmarks_max = true", "messages.marks_max must be a whole number, more than messages.outbox_max"),
        ("[links]\nlinks_max = [1]\n[host]\nport = 0.5", "line 2: links.links_max"),
    ] {
        let error = Config::parse(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let long = format!("[host]\nport = \"{}\"", "very ".repeat(1_000));
    assert!(Config::parse(&long).unwrap_err().to_string().len() < 200);
}

/// Values that no key takes, and those that some key does not.
const ODD: [&str; 14] = [
    "true",
    "-1",
    "0",
    "1",
    "2.5",
    "99999999999999",
    "\"\"",
    "\"word\"",
    "\"5x\"",
    "[]",
    "[1]",
    "[\"1s\"]",
    "{}",
    "1979-05-27",
];

#[test]
fn no_error_speaks_of_how_the_program_is_written() {
    for parameter in Config::parameters() {
        let (section, name) = parameter.key.split_once('.').unwrap();
        for odd in ODD {
            let Err(error) = Config::parse(&format!("[{section}]\n{name} = {odd}\n")) else { continue };
            let said = error.to_string();
            let bounded = check::BOUNDED_BY.iter().find(|(_, by)| *by == parameter.key).map(|(bounded, _)| *bounded);
            let named = |key: &str| said.starts_with(&format!("line 2: {key} must be "));
            assert!(named(&parameter.key) || bounded.is_some_and(named), "{name} = {odd}: {said}");
            let foreign =
                ["untagged", "enum", "variant", "struct", "array", "integer", "invalid", "u16", "u32", "u64", "u8"];
            assert!(!foreign.iter().any(|word| said.contains(word)), "{said}");
        }
    }
}

/// A number or span as a number.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| i64::try_from(text.parse::<Millis>().unwrap().0).unwrap())
}

/// Whether the file may say this. What the key bounds is as little as it may be, and there are as many marks as there may be,
/// since an outbox wants more.
fn allows(key: &str, value: i64) -> bool {
    let mut text = format!("{key} = {value}\n");
    for (bounded, by) in check::BOUNDED_BY {
        if key == by
            && let Expected::Number(least, _) | Expected::Span(least, _) = check::expected(bounded).unwrap()
        {
            text += &format!("{bounded} = {}\n", number(&least));
        }
    }
    if key != "messages.marks_max" {
        text += "messages.marks_max = 10000000\n";
    }
    Config::parse(&text).is_ok()
}

#[test]
fn every_key_is_documented_with_exactly_what_it_may_be() {
    let files = [(Config::default_toml(), "", " to "), (Config::default_toml_italian(), "da ", " a ")];
    for (file, from, to) in files {
        for Parameter { key, text, .. } in Config::parameters_of(file) {
            let range = |least: &str, most: &str| {
                let bound = check::BOUNDED_BY.iter().find(|(bounded, _)| *bounded == key);
                let most = bound.and_then(|(_, by)| by.split_once('.')).map_or(most, |(_, name)| name);
                format!("{from}{least}{to}{most}")
            };
            let words = match check::expected(&key).unwrap() {
                Expected::Number(least, most) | Expected::Span(least, most) => {
                    for (value, allowed) in [
                        (number(&least), true),
                        (number(&most), true),
                        (number(&least) - 1, false),
                        (number(&most) + 1, false),
                    ] {
                        assert_eq!(allows(&key, value), allowed, "{key} = {value}");
                    }
                    vec![range(&least, &most)]
                }
                Expected::Spans { count, least, most } => vec![count.to_string(), range(&least, &most)],
                Expected::Alias => vec![range("1", "64")],
                Expected::Visibility => ["everybody", "friends", "nobody"].map(Into::into).to_vec(),
                Expected::Flag => vec!["true".into(), "false".into()],
                Expected::Interfaces => vec!["\"auto\"".into(), "[\"192.168.1.20\"]".into()],
                Expected::Peers => vec!["[\"192.168.1.20:20070\"]".into()],
                Expected::Address => vec!["127.0.0.1".into()],
                Expected::MoreThanOutbox { most } => {
                    assert!(allows(&key, 1_001) && !allows(&key, 1_000));
                    assert!(allows(&key, most.into()) && !allows(&key, i64::from(most) + 1));
                    vec!["outbox_max".into(), most.to_string()]
                }
                other => panic!("{key}: {other:?}"),
            };
            for words in words {
                // Not part of a greater number.
                let whole = |(at, found): (usize, &str)| {
                    !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric())
                        && !text[..at].ends_with(|c: char| c.is_alphanumeric())
                };
                assert!(text.match_indices(&words).any(whole), "{key} does not say {words:?}: {text}");
            }
        }
    }
}

#[test]
fn an_outbox_larger_than_the_marks_is_refused_where_the_file_says_it() {
    let error = Config::parse("[messages]\noutbox_max = 100000\n").unwrap_err().to_string();
    assert_eq!(
        error,
        "line 2: messages.outbox_max must be less than messages.marks_max, which is 100000, it is 100000"
    );
    let error = Config::parse("[messages]\noutbox_max = 9\nmarks_max = 9\n").unwrap_err().to_string();
    assert!(error.starts_with("line 3: messages.marks_max must be a whole number, more than"), "{error}");
}

#[test]
fn interfaces_are_auto_or_a_list_of_addresses() {
    let config = Config::parse("[network]\ninterfaces = [\"127.0.0.2\"]\n").unwrap();
    assert_eq!(config.network.interfaces, Interfaces::Only(vec!["127.0.0.2".parse().unwrap()]));
    for wrong in ["\"all\"", "[]", "[\"eth0\"]"] {
        let error = Config::parse(&format!("[network]\ninterfaces = {wrong}\n")).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}

#[test]
fn what_is_read_is_written_back_the_same() {
    let mut config = Config::default();
    config.host.visibility = Visibility::Friends;
    config.network.interfaces = Interfaces::Only(vec!["10.0.0.1".parse().unwrap()]);
    config.links.idle_close = Millis(90_001);
    assert_eq!(Config::parse(&toml::to_string(&config).unwrap()).unwrap(), config);
}

#[test]
fn every_key_is_explained_with_its_default() {
    let parameters = Config::parameters();
    let known = toml::Table::try_from(Config::default()).unwrap();
    let keys: Vec<_> = check::all_keys(&known).into_iter().filter(|key| key.contains('.')).collect();
    assert_eq!(parameters.len(), keys.len());
    for key in keys {
        let parameter = Config::parameter(&key).unwrap();
        assert!(parameter.text.len() > 10 && !parameter.text.contains("(*)"), "{parameter:?}");
        let (section, name) = key.split_once('.').unwrap();
        let text = format!("[{section}]\n{name} = {}\n", parameter.default);
        assert_eq!(Config::parse(&text).unwrap(), Config::default(), "{text}");
        assert!(Config::default().value(&key).is_some(), "{key}");
    }
}

#[test]
fn the_italian_file_says_the_same_in_other_words() {
    let (english, italian) = (Config::parameters(), Config::parameters_of(Config::default_toml_italian()));
    assert_eq!(english.len(), italian.len());
    for (one, other) in english.iter().zip(&italian) {
        assert_eq!((&one.key, &one.default, one.is_setting), (&other.key, &other.default, other.is_setting));
        assert_ne!(one.text, other.text);
        let numbers = |text: &str| {
            let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(numbers(&one.text), numbers(&other.text), "{}", one.key);
    }
    assert_eq!(Config::parse(Config::default_toml_italian()).unwrap(), Config::default());
}

#[test]
fn what_can_be_changed_while_a_host_runs_is_marked() {
    let marked: Vec<_> = Config::parameters().into_iter().filter(|parameter| parameter.is_setting).collect();
    let keys: Vec<&str> = marked.iter().map(|parameter| parameter.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "host.alias",
            "host.visibility",
            "host.port",
            "messages.history_max",
            "messages.outbox_max",
            "messages.outbox_expiry",
            "messages.read_receipts",
            "custody.carry",
            "custody.storage_bytes"
        ]
    );
    assert_eq!(Config::default().value("messages.outbox_expiry").as_deref(), Some("\"30d\""));
}

#[test]
fn a_key_that_does_not_exist_names_the_nearest_one() {
    let error = Config::parameter("host.alais").unwrap_err().to_string();
    assert_eq!(error, "there is no host.alais; did you mean host.alias?");
    for (wanted, meant) in [
        ("outbox_maximum", "messages.outbox_max"),
        ("max_links", "links.links_max"),
        ("udp_port", "host.port"),
        ("receipts", "messages.read_receipts"),
        ("presence.visibility", "host.visibility"),
        ("host-alias", "host.alias"),
        ("carry messages", "custody.carry"),
    ] {
        let error = Config::parameter(wanted).unwrap_err().to_string();
        assert_eq!(error, format!("there is no {wanted}; did you mean {meant}?"));
    }
    // A section is no answer to who wants a key.
    assert!(!Config::parameter("messages").unwrap_err().to_string().contains("did you mean messages?"));
    assert_eq!(Config::parameter("max").unwrap_err().to_string().matches("did you mean").count(), 0);
    assert!(Config::default().value("host").is_none() && Config::default().value("host.alais").is_none());
}
