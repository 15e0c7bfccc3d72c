//! `permesso config`.

mod set;
mod show;

use permesso_node::Config;

use crate::arguments::{ConfigExplainOptions, ConfigKind, ConfigOptions};
use crate::failure::Failure;
use crate::printing;
use crate::status::Status;
use crate::words::{Language, account};

pub(crate) use show::Source;

/// Shows, changes or explains parameters.
pub(crate) async fn run(options: &ConfigOptions, language: Language) -> Result<Status, Failure> {
    match &options.kind {
        None | Some(ConfigKind::Default) => printing::line(default_file(language).trim_end())?,
        Some(ConfigKind::Show(options)) => show::run(options, language).await?,
        Some(ConfigKind::Set(options)) => set::run(options, language).await?,
        Some(ConfigKind::Explain(options)) => explain(options, language)?,
    }
    Ok(Status::Done)
}

fn default_file(language: Language) -> &'static str {
    match language {
        Language::English => Config::default_toml(),
        Language::Italian => Config::default_toml_italian(),
    }
}

fn explain(options: &ConfigExplainOptions, language: Language) -> Result<(), Failure> {
    let parameter = Config::parameter(&options.key)?;
    let translated = Config::parameters_of(default_file(language)).into_iter().find(|other| other.key == parameter.key);
    let parameter = translated.unwrap_or(parameter);
    printing::line(&parameter.key)?;
    printing::line(&format!("  {}", parameter.text))?;
    printing::line(&format!("  {}", account::parameter_default(language, &parameter.default)))?;
    if parameter.is_setting {
        printing::line(&format!("  {}", account::parameter_is_setting(language)))?;
    }
    Ok(())
}
