//! `permesso config show`.

use std::path::Path;

use permesso_node::config::Interfaces;
use permesso_node::{ChangedSettings, Config, Node, Store};
use serde::Serialize;
use toml_edit::DocumentMut;

use crate::arguments::{ConfigShowOptions, HostOptions};
use crate::failure::Failure;
use crate::home;
use crate::passphrase;
use crate::printing::{self, one_line};
use crate::words::{Language, account};

/// Where a value comes from; each counts more than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// Nobody said anything else.
    Default,
    /// The configuration file.
    File,
    /// Set while a host ran; kept in the account.
    RunTime,
    /// An option of this very command.
    CommandLine,
}

/// What `--json` prints.
#[derive(Debug, PartialEq, Serialize)]
struct Shown {
    key: String,
    value: String,
    source: Source,
}

pub(super) async fn run(options: &ConfigShowOptions, language: Language) -> Result<(), Failure> {
    let folder = home::folder(options.host.home.as_deref())?;
    let path = options.host.config.clone().unwrap_or_else(|| home::config_file(&folder));
    let config = home::configuration(&folder, options.host.config.as_deref(), &Config::default())?;
    let written = match path.exists() {
        true => std::fs::read_to_string(&path).map_err(Failure::unusable(&path))?,
        false => String::new(),
    };
    let settings = settings(&options.host, &folder, &config, language).await;
    for shown in values(&config, &written, settings.as_ref(), &options.host) {
        match options.json {
            true => printing::json(&shown)?,
            false => {
                let source = account::source(language, shown.source);
                printing::line(&format!("{} = {}  ({source})", shown.key, one_line(&shown.value)))?;
            }
        }
    }
    Ok(())
}

/// What is kept in the account, if there is one that can be opened now; else the reason is told.
async fn settings(
    options: &HostOptions,
    folder: &Path,
    config: &Config,
    language: Language,
) -> Option<ChangedSettings> {
    if !Store::exists(folder) {
        return None;
    }
    match read(options, folder, config, language).await {
        Ok(settings) => Some(settings),
        Err(failure) => {
            eprintln!("permesso: {}", account::settings_unknown(language, &failure.text(language)));
            None
        }
    }
}

async fn read(
    options: &HostOptions,
    folder: &Path,
    config: &Config,
    language: Language,
) -> Result<ChangedSettings, Failure> {
    let passphrase = passphrase::of_home(folder, options.passphrase_file.as_deref(), language)?;
    let node = Node::open(home::unlock(folder, passphrase.as_ref().map(|text| text.as_str()), config.clone())?).await?;
    let settings = node.changed_settings().await;
    node.stop().await?;
    Ok(settings?)
}

fn values(config: &Config, written: &str, settings: Option<&ChangedSettings>, options: &HostOptions) -> Vec<Shown> {
    let document: DocumentMut = written.parse().unwrap_or_default();
    let in_file = |key: &str| {
        key.split_once('.').is_some_and(|(section, name)| {
            document.get(section).and_then(|table| table.get(name)).is_some_and(|item| !item.is_none())
        })
    };
    let kept = settings.map_or_else(|| config.clone(), |settings| with_settings(config, settings));
    let given = with_options(&kept, options);
    let source = |key: &str| match key {
        _ if is_given(key, options) => Source::CommandLine,
        _ if settings.is_some_and(|settings| is_changed(key, settings)) => Source::RunTime,
        _ if in_file(key) => Source::File,
        _ => Source::Default,
    };
    let parameters = Config::parameters().into_iter();
    parameters
        .map(|parameter| {
            let value = given.value(&parameter.key).unwrap_or_default();
            Shown { source: source(&parameter.key), key: parameter.key, value }
        })
        .collect()
}

fn with_settings(config: &Config, changed: &ChangedSettings) -> Config {
    let mut shown = config.clone();
    let settings = changed.clone().in_force(&config.engine());
    (shown.host.alias, shown.host.visibility, shown.host.port) = (settings.alias, settings.visibility, settings.port);
    (shown.custody.carry, shown.custody.storage_bytes) = (settings.carry, settings.carry_bytes);
    let messages = &mut shown.messages;
    (messages.history_max, messages.outbox_max) = (settings.history_limit, settings.outbox_limit);
    (messages.outbox_expiry, messages.read_receipts) = (settings.outbox_expiry, settings.read_receipts);
    shown
}

fn is_changed(key: &str, settings: &ChangedSettings) -> bool {
    match key {
        "host.alias" => settings.alias.is_some(),
        "host.visibility" => settings.visibility.is_some(),
        "host.port" => settings.port.is_some(),
        "messages.history_max" => settings.history_limit.is_some(),
        "messages.outbox_max" => settings.outbox_limit.is_some(),
        "messages.outbox_expiry" => settings.outbox_expiry.is_some(),
        "messages.read_receipts" => settings.read_receipts.is_some(),
        "custody.carry" => settings.carry.is_some(),
        "custody.storage_bytes" => settings.carry_bytes.is_some(),
        _ => false,
    }
}

fn with_options(config: &Config, options: &HostOptions) -> Config {
    let mut config = config.clone();
    if let Some(alias) = &options.alias {
        config.host.alias.clone_from(alias);
    }
    if let Some(port) = options.port {
        config.host.port = port;
    }
    if !options.interfaces.is_empty() {
        config.network.interfaces = Interfaces::Only(options.interfaces.clone());
    }
    config.network.peers.extend(&options.peers);
    config
}

fn is_given(key: &str, options: &HostOptions) -> bool {
    match key {
        "host.alias" => options.alias.is_some(),
        "host.port" => options.port.is_some(),
        "network.interfaces" => !options.interfaces.is_empty(),
        "network.peers" => !options.peers.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    use crate::arguments::{Arguments, ConfigKind, Task};

    fn options(arguments: &[&str]) -> HostOptions {
        let all = ["permesso", "config", "show"].iter().chain(arguments);
        match Arguments::try_parse_from(all).unwrap().task.unwrap() {
            Task::Config(config) => match config.kind {
                Some(ConfigKind::Show(show)) => show.host,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    fn of(shown: &[Shown], key: &str) -> (String, Source) {
        let shown = shown.iter().find(|shown| shown.key == key).unwrap();
        (shown.value.clone(), shown.source)
    }

    #[test]
    fn each_value_tells_where_it_comes_from_and_the_later_source_counts() {
        let written = "[host]\nalias = \"Ada\"\nport = 4000\n[links]\nidle_close = \"2m\"\n";
        let config = Config::parse(written).unwrap();
        let settings =
            ChangedSettings { alias: Some("Ada L.".into()), history_limit: Some(500), ..ChangedSettings::default() };
        let shown = values(&config, written, Some(&settings), &options(&["--port", "5000"]));
        assert_eq!(of(&shown, "host.alias"), ("\"Ada L.\"".into(), Source::RunTime));
        assert_eq!(of(&shown, "host.port"), ("5000".into(), Source::CommandLine));
        assert_eq!(of(&shown, "messages.history_max"), ("500".into(), Source::RunTime));
        assert_eq!(of(&shown, "links.idle_close"), ("\"2m\"".into(), Source::File));
        assert_eq!(of(&shown, "links.links_max"), ("64".into(), Source::Default));
        let shown = values(&config, written, None, &options(&[]));
        assert_eq!(of(&shown, "host.port"), ("4000".into(), Source::File));
        assert_eq!(shown.len(), Config::parameters().len());
    }

    #[test]
    fn what_was_changed_is_shown_of_a_server_too() {
        let changed = ChangedSettings { carry_bytes: Some(7_000_000), ..ChangedSettings::default() };
        let shown = values(&Config::server(), "", Some(&changed), &options(&[]));
        assert_eq!(of(&shown, "custody.carry"), ("true".into(), Source::Default));
        assert_eq!(of(&shown, "custody.storage_bytes"), ("7000000".into(), Source::RunTime));
    }
}
