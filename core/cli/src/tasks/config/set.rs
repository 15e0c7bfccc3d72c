//! `permesso config set`.

use std::fs;
use std::io::Write;
use std::path::Path;

use permesso_node::config::Parameter;
use permesso_node::{Config, ConfigError, Node, Setting, Store};
use toml_edit::{DocumentMut, Item, Table, Value};

use crate::arguments::ConfigSetOptions;
use crate::failure::Failure;
use crate::home;
use crate::notices::Notices;
use crate::passphrase;
use crate::printing;
use crate::words::{Language, account};

pub(super) async fn run(options: &ConfigSetOptions, language: Language) -> Result<(), Failure> {
    let parameter = Config::parameter(&options.key)?;
    let folder = home::folder(options.home.home.as_deref())?;
    let path = options.config.clone().unwrap_or_else(|| home::config_file(&folder));
    let defaults = home::defaults_of(&folder, &Config::default());
    if parameter.is_setting && Store::exists(&folder) {
        let (_, config) = edited("", &parameter, &options.value, &defaults)?;
        return set_in_account(options, &folder, &path, &parameter, &config, language).await;
    }
    let written = match path.exists() {
        true => fs::read_to_string(&path).map_err(Failure::unusable(&path))?,
        false => String::new(),
    };
    let (text, config) = edited(&written, &parameter, &options.value, &defaults)?;
    if options.config.is_none() {
        home::make_folder(&folder).map_err(Failure::unusable(&folder))?;
    }
    replace(&path, &text)?;
    let value = config.value(&parameter.key).unwrap_or_default();
    printing::line(&account::set_in_file(language, &parameter.key, &value, &path))?;
    Ok(())
}

/// Changes what is kept in the account; the host is not on the network.
async fn set_in_account(
    options: &ConfigSetOptions,
    folder: &Path,
    path: &Path,
    parameter: &Parameter,
    wanted: &Config,
    language: Language,
) -> Result<(), Failure> {
    let config = home::configuration(folder, Some(path).filter(|path| path.exists()), &Config::default())?;
    let passphrase = passphrase::of_home(folder, options.home.passphrase_file.as_deref(), language)?;
    let config = home::unlock(folder, passphrase.as_ref().map(|text| text.as_str()), config)?;
    let (node, events) = Node::open_with_events(config).await?;
    let notices = Notices::begin(node.clone(), events, language, |_| true);
    let set = match setting(&parameter.key, wanted) {
        Some(setting) => node.set(setting).await,
        None => Ok(()),
    };
    node.stop().await?;
    notices.finish().await;
    set?;
    let value = wanted.value(&parameter.key).unwrap_or_default();
    printing::line(&account::set_in_account(language, &parameter.key, &value))?;
    Ok(())
}

fn setting(key: &str, wanted: &Config) -> Option<Setting> {
    Some(match key {
        "host.alias" => Setting::Alias(wanted.host.alias.clone()),
        "host.visibility" => Setting::Visibility(wanted.host.visibility),
        "host.port" => Setting::Port(wanted.host.port),
        "messages.history_max" => Setting::HistoryLimit(wanted.messages.history_max),
        "messages.outbox_max" => Setting::OutboxLimit(wanted.messages.outbox_max),
        "messages.outbox_expiry" => Setting::OutboxExpiry(wanted.messages.outbox_expiry),
        "messages.read_receipts" => Setting::ReadReceipts(wanted.messages.read_receipts),
        "custody.carry" => Setting::Carry(wanted.custody.carry),
        "custody.storage_bytes" => Setting::CarryBytes(wanted.custody.storage_bytes),
        _ => return None,
    })
}

/// The text of a file with a value changed and all else, comments too, left as it is; checked as any file over these defaults
/// is.
fn edited(text: &str, parameter: &Parameter, value: &str, defaults: &Config) -> Result<(String, Config), ConfigError> {
    // Not TOML: the check says where.
    let Ok(document) = text.parse::<DocumentMut>() else {
        return defaults.parsed(text).map(|config| (text.into(), config));
    };
    let as_text = Value::from(value);
    let as_written = value.parse::<Value>().ok();
    let is_text = parameter.default.starts_with('"');
    let mut error = None;
    for candidate in as_written.into_iter().chain(is_text.then_some(as_text)) {
        let text = with_value(document.clone(), &parameter.key, candidate);
        match defaults.parsed(&text) {
            Ok(config) => return Ok((text, config)),
            Err(why) => error = Some(why),
        }
    }
    let refused = error.unwrap_or_else(|| ConfigError::wrong_value(&parameter.key, value));
    // What is wrong in the file without the change, too, has its line there.
    Err(match defaults.parsed(text) {
        Err(before) if before.key() != Some(&parameter.key) => before,
        _ => refused.without_line(),
    })
}

fn with_value(mut document: DocumentMut, key: &str, value: Value) -> String {
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let table = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
    if let Some(table) = table.as_table_like_mut() {
        match table.get_mut(name).and_then(Item::as_value_mut) {
            Some(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            None => drop(table.insert(name, Item::Value(value))),
        }
    }
    document.to_string()
}

/// Puts the text in place of the file's, all at once; where it is a link, in place of what it names.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(&place) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&place).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(Failure::unusable(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, key: &str, value: &str) -> Result<String, String> {
        let parameter = Config::parameter(key).unwrap();
        edited(text, &parameter, value, &Config::default()).map(|(text, _)| text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_changed_and_every_comment_stays() {
        let before = "# mine\n[links]\n# quick\nidle_close = \"2m\" # two\nlinks_max = 90\n\n[host]\nalias = \"Ada\"\n";
        let after = edit(before, "links.idle_close", "5m").unwrap();
        assert_eq!(after, before.replace("2m", "5m"));
        let after = edit(before, "links.forward_max", "7").unwrap();
        assert!(
            after.starts_with("# mine\n[links]\n# quick\nidle_close = \"2m\" # two\nlinks_max = 90\nforward_max = 7\n"),
            "{after}"
        );
        let after = edit("", "presence.hosts_max", "99").unwrap();
        assert_eq!(after, "[presence]\nhosts_max = 99\n");
    }

    #[test]
    fn values_are_written_as_people_type_them() {
        assert_eq!(edit("", "host.alias", "Ada").unwrap(), "[host]\nalias = \"Ada\"\n");
        assert_eq!(edit("", "host.alias", "2007").unwrap(), "[host]\nalias = \"2007\"\n");
        assert_eq!(edit("", "host.alias", "a \"b\"").unwrap(), "[host]\nalias = 'a \"b\"'\n");
        assert_eq!(edit("", "links.idle_close", "90000").unwrap(), "[links]\nidle_close = 90000\n");
        assert_eq!(edit("", "network.interfaces", "auto").unwrap(), "[network]\ninterfaces = \"auto\"\n");
        let list = edit("", "network.interfaces", "[\"127.0.0.1\"]").unwrap();
        assert_eq!(list, "[network]\ninterfaces = [\"127.0.0.1\"]\n");
        assert_eq!(edit("", "messages.read_receipts", "true").unwrap(), "[messages]\nread_receipts = true\n");
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_what_is_allowed() {
        assert!(edit("", "links.forward_max", "65").unwrap_err().contains("must be 1 to 64, it is 65"));
        let error = edit("", "links.forward_max", "many").unwrap_err();
        assert_eq!(error, "links.forward_max must be a whole number, 1 to 64, it is many");
        assert!(edit("", "links.idle_close", "2 fortnights").unwrap_err().contains("\"5s\""));
        assert!(edit("", "host.visibility", "some").is_err());
        assert!(edit("[host\n", "host.port", "5").unwrap_err().contains("line 1"));
        assert!(edit("[host]\nprot = 3\n", "host.port", "5").unwrap_err().contains("host.port?"));
    }

    #[test]
    fn a_line_is_named_where_the_file_has_it_and_nowhere_else() {
        let refused = "links.forward_max must be 1 to 64, it is 65";
        assert_eq!(edit("", "links.forward_max", "65").unwrap_err(), refused);
        assert_eq!(edit("[links]\nforward_max = 7\n", "links.forward_max", "65").unwrap_err(), refused);
        assert_eq!(edit("[links]\nforward_max = 99\n", "links.forward_max", "65").unwrap_err(), refused);
        let other = edit("\n[links]\nforward_max = 99\n", "host.port", "5").unwrap_err();
        assert_eq!(other, "line 3: links.forward_max must be 1 to 64, it is 99");
    }
}
