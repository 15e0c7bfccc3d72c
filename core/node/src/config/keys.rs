//! What each key of the file means, read from the documented default file itself, so that it is said in one place.

use permesso_engine::cbor;
use permesso_engine::time::Millis;
use toml::{Table, Value};

use super::{Config, ConfigError, DEFAULT_TOML, check};

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The key with its section, like `host.alias`.
    pub key: String,
    /// What it means and may be: the words of the default file. Some stand for several keys.
    pub text: String,
    /// Its default, as the file would have it.
    pub default: String,
    /// It can be changed while the host runs; what was set then is kept in the account and counts more than the file.
    pub is_setting: bool,
}

/// Marks a parameter that can be changed while the host runs.
const SETTING: &str = "(*) ";

impl Config {
    /// Every parameter, in the order of the default file and in its words.
    pub fn parameters() -> Vec<Parameter> {
        Self::parameters_of(DEFAULT_TOML)
    }

    /// The same in the words of `file`: one of the default files.
    pub fn parameters_of(file: &str) -> Vec<Parameter> {
        let (mut section, mut text, mut found) = (String::new(), String::new(), Vec::new());
        let mut in_text = false;
        for line in file.lines() {
            if let Some(words) = line.strip_prefix("# ") {
                if !in_text {
                    text.clear();
                }
                in_text = true;
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(words);
                continue;
            }
            in_text = false;
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_owned();
            } else if let Some((key, default)) = line.strip_prefix('#').and_then(|rest| rest.split_once(" = ")) {
                found.push(Parameter {
                    key: format!("{section}.{key}"),
                    text: text.strip_prefix(SETTING).unwrap_or(&text).to_owned(),
                    default: default.to_owned(),
                    is_setting: text.starts_with(SETTING),
                });
            }
        }
        found
    }

    /// One parameter by its key, like `host.alias`.
    ///
    /// # Errors
    /// `UnknownKey`, with the known one that looks most like it.
    pub fn parameter(key: &str) -> Result<Parameter, ConfigError> {
        Self::parameters().into_iter().find(|parameter| parameter.key == key).ok_or_else(|| {
            let (section, name) = key.split_once('.').unwrap_or(("", key));
            ConfigError::UnknownKey {
                path: None,
                line: None,
                key: key.to_owned(),
                nearest: check::nearest_key(section, name),
            }
        })
    }

    /// The value of a key as the file would have it; `None` if there is no such key.
    pub fn value(&self, key: &str) -> Option<String> {
        let (section, name) = key.split_once('.')?;
        let values: Table = cbor::converted(self).ok()?;
        let default = Self::parameters().into_iter().find(|parameter| parameter.key == key)?.default;
        values.get(section)?.get(name).map(|value| as_written(value, &default))
    }
}

/// A value in the form of the default: spans are numbers of milliseconds in memory, and written for people in the file.
fn as_written(value: &Value, default: &str) -> String {
    let span = |millis: i64| format!("\"{}\"", Millis(millis.unsigned_abs()));
    match value {
        Value::Integer(millis) if default.starts_with('"') => span(*millis),
        Value::Array(list) if default.starts_with("[\"") => {
            let written = list.iter().map(|value| value.as_integer().map_or_else(|| value.to_string(), span));
            format!("[{}]", written.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}
