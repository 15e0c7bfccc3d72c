//! `permesso erase`.

use std::io;
use std::path::Path;

use permesso_node::{Config, Node, NodeError, Store, StoreError};

use crate::arguments::EraseOptions;
use crate::failure::Failure;
use crate::passphrase;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, account};
use crate::{home, key};

/// Asks, then erases everything of the home.
pub(crate) async fn run(options: &EraseOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::folder(options.home.home.as_deref())?;
    if !home::is_home(&folder) {
        return Err(Failure::NoAccount(folder));
    }
    // Nobody is asked for what is refused anyhow.
    drop(Store::claim(&folder).map_err(NodeError::from)?);
    if !options.yes {
        confirm(&folder, &word(options, &folder).await, language)?;
    }
    let claim = Store::claim(&folder).map_err(NodeError::from)?;
    let mut erased: Vec<String> = key::erase(&folder)?.into_iter().collect();
    erased.extend(home::database_files(&folder));
    claim.wipe().map_err(NodeError::from)?;
    erased.extend(home::remove_files(&folder)?);
    drop(claim);
    let left = home::remove_folder(&folder)?;
    printing::line(&account::erased(language, &folder))?;
    for name in erased {
        printing::line(&format!("  {name}"))?;
    }
    if !left.is_empty() {
        printing::line(&account::not_ours(language))?;
        for name in left {
            printing::line(&format!("  {}", one_line(&name)))?;
        }
    }
    Ok(Status::Done)
}

/// What the user must type: the alias; where that cannot be read any more, the folder's name.
async fn word(options: &EraseOptions, folder: &Path) -> String {
    let otherwise = || folder.file_name().map_or_else(|| "permesso".into(), |name| name.to_string_lossy().into_owned());
    match alias(options, folder).await {
        Ok(alias) => alias,
        Err(error) => {
            tracing::info!(%error, "the alias cannot be read");
            otherwise()
        }
    }
}

async fn alias(options: &EraseOptions, folder: &Path) -> Result<String, Failure> {
    if !Store::exists(folder) {
        return Err(Failure::Node(NodeError::Store(StoreError::KeyMissing)));
    }
    let passphrase = passphrase::given(options.home.passphrase_file.as_deref())?;
    let config = home::unlock(folder, passphrase.as_ref().map(|text| text.as_str()), Config::default())?;
    let node = Node::open(config).await?;
    let alias = node.settings().await.map(|settings| settings.alias);
    node.stop().await?;
    Ok(alias?)
}

fn confirm(folder: &Path, word: &str, language: Language) -> Result<(), Failure> {
    eprintln!("{}", account::ask_erase(language, folder, &one_line(word)));
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    if typed.trim() == word.trim() { Ok(()) } else { Err(Failure::NotConfirmed) }
}
