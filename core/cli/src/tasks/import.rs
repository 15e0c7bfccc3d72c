//! `permesso import`.

use std::path::Path;

use permesso_node::{Node, NodeError, Store, StoreError};

use super::export::called_off_by_signals;
use crate::arguments::ImportOptions;
use crate::failure::Failure;
use crate::home;
use crate::key::{self, NewKey};
use crate::passphrase;
use crate::printing;
use crate::progress::Bar;
use crate::status::Status;
use crate::words::{Language, account};

/// Makes the account of a file.
pub(crate) async fn run(options: &ImportOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::folder(options.moving.home.home.as_deref())?;
    if Store::exists(&folder) {
        return Err(NodeError::Archive(permesso_node::ArchiveError::AccountExists { directory: folder }).into());
    }
    // Before a passphrase is asked for.
    std::fs::File::open(&options.file).map_err(Failure::unusable(&options.file))?;
    let passphrase = passphrase::of_account(options.moving.account_passphrase_file.as_deref(), language)?;
    let home_passphrase = passphrase::given(options.moving.home.passphrase_file.as_deref())?;
    let new_key = key::new_for(&folder, home_passphrase.as_ref().map(|text| text.as_str()))?;
    let result = read(options, &folder, &new_key, &passphrase, language).await;
    if result.is_err() {
        new_key.discard();
    }
    let report = result?;
    printing::line(&account::imported(language, &folder, &report))?;
    eprintln!("{}", account::key_place(language, &folder, key::place(&folder)));
    printing::line(&account::imported_warning(language))?;
    Ok(Status::Done)
}

async fn read(
    options: &ImportOptions,
    folder: &Path,
    new_key: &NewKey,
    passphrase: &str,
    language: Language,
) -> Result<permesso_node::ArchiveReport, Failure> {
    let bar = Bar::new(account::importing(language));
    let drawn = bar.clone();
    let (kept, place) = (new_key.clone(), folder.to_owned());
    let keep = move |files: &[(String, Vec<u8>)]| {
        let failed = |error: String| NodeError::Store(StoreError::NotWritable { detail: error });
        home::take_carried(&place, files).map_err(|error| failed(error.to_string()))?;
        kept.keep().map_err(|error| failed(error.to_string()))
    };
    let on_progress = Box::new(move |progress| drawn.show(progress));
    let import = Node::import(&options.file, folder, new_key.key(), passphrase, keep, on_progress);
    let result = called_off_by_signals(&bar, import).await;
    bar.clear();
    result
}
