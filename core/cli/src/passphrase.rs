//! The passphrase of a home or an account file: from a file, from the environment, or typed.

use std::io::{self, IsTerminal};
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::key;
use crate::words::{Language, account};

/// A passphrase for the home, instead of a file.
const OF_HOME: &str = "PERMESSO_PASSPHRASE";

/// A passphrase for account files, instead of a file.
const OF_ACCOUNT: &str = "PERMESSO_ACCOUNT_PASSPHRASE";

/// The passphrase that was given for a home: in a file, else in the environment, if there is one.
pub(crate) fn given(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    match file {
        Some(path) => Ok(Some(key::read_passphrase(path)?)),
        None => Ok(std::env::var(OF_HOME).ok().map(Zeroizing::new)),
    }
}

/// The passphrase of `home`: the one that was given, else typed if the home opens with one and there is a terminal.
pub(crate) fn of_home(
    home: &Path,
    file: Option<&Path>,
    language: Language,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let given = given(file)?;
    if given.is_some() || !key::wants_passphrase(home) || !io::stdin().is_terminal() {
        return Ok(given);
    }
    Ok(Some(ask(account::ask_home_passphrase(language, home))?))
}

/// The passphrase of an account file; typed `twice` if it is new, since nobody sees what is typed.
pub(crate) fn of_account(file: Option<&Path>, twice: bool, language: Language) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        return Ok(key::read_passphrase(path)?);
    }
    if let Ok(text) = std::env::var(OF_ACCOUNT) {
        return Ok(Zeroizing::new(text));
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::NoPassphrase);
    }
    let typed = ask(account::ask_passphrase(language))?;
    if twice && ask(account::ask_passphrase_again(language))? != typed {
        return Err(Failure::PassphrasesDiffer);
    }
    Ok(typed)
}

/// Asks in the terminal itself, even if standard output goes elsewhere; what is typed is not shown.
fn ask(question: String) -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password(question).map(Zeroizing::new)
}
