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
    assert!(matches!(error, ConfigError::Invalid { line: 3, .. }), "{error}");
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
            "messages.read_receipts"
        ]
    );
    assert_eq!(Config::default().value("messages.outbox_expiry").as_deref(), Some("\"30d\""));
}

#[test]
fn a_key_that_does_not_exist_names_the_nearest_one() {
    let error = Config::parameter("host.alais").unwrap_err().to_string();
    assert_eq!(error, "there is no host.alais; did you mean host.alias?");
    assert!(Config::parameter("outbox_maximum").unwrap_err().to_string().contains("messages.outbox_max"));
    assert!(Config::default().value("host").is_none() && Config::default().value("host.alais").is_none());
}
