//! The passphrase of an account file: from a file, from the environment, or typed.

use std::io::{self, IsTerminal};
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::key;
use crate::words::{Language, account};

/// A passphrase for account files, instead of a file.
const VARIABLE: &str = "PERMESSO_ACCOUNT_PASSPHRASE";

/// The passphrase of an account file; typed `twice` if it is new, since nobody sees what is typed.
pub(crate) fn of_account(file: Option<&Path>, twice: bool, language: Language) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        return Ok(key::read_passphrase(path)?);
    }
    if let Ok(text) = std::env::var(VARIABLE) {
        return Ok(Zeroizing::new(text));
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::NoPassphrase);
    }
    let ask = |question: String| rpassword::prompt_password(question).map(Zeroizing::new);
    let typed = ask(account::ask_passphrase(language))?;
    if twice && ask(account::ask_passphrase_again(language))? != typed {
        return Err(Failure::PassphrasesDiffer);
    }
    Ok(typed)
}
