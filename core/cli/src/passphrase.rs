//! The passphrase of a home or an account file: from a file, from the environment, or typed.

use std::io::{self, IsTerminal};
use std::path::Path;

use permesso_node::{NodeError, Store, StoreError};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::key::{self, KeyError};
use crate::words::{Language, account};

/// A passphrase for the home, instead of a file.
const OF_HOME: &str = "PERMESSO_PASSPHRASE";

/// A passphrase for account files, instead of a file.
const OF_ACCOUNT: &str = "PERMESSO_ACCOUNT_PASSPHRASE";

/// How often it may be typed for a home, as with `sudo` and `ssh`.
const ATTEMPTS: u8 = 3;

/// The passphrase that was given for a home: in a file, else in the environment, if there is one.
pub(crate) fn given(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    match file {
        Some(path) => Ok(Some(key::read_passphrase(path)?)),
        None => Ok(std::env::var(OF_HOME).ok().map(Zeroizing::new)),
    }
}

/// The passphrase of `home`: the one that was given, else typed if the home opens with one and there is a terminal. One
/// that is wrong can be typed again; after the last attempt it is returned as it is, and refused where it is used.
pub(crate) fn of_home(
    home: &Path,
    file: Option<&Path>,
    language: Language,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let given = given(file)?;
    if given.is_some() || !key::wants_passphrase(home) || !io::stdin().is_terminal() {
        return Ok(given);
    }
    for _ in 1..ATTEMPTS {
        let typed = ask(account::ask_home_passphrase(language, home))?;
        let Some(failure) = refusal(home, &typed) else { return Ok(Some(typed)) };
        eprintln!("permesso: {}", failure.text(language));
    }
    Ok(Some(ask(account::ask_home_passphrase(language, home))?))
}

/// Why it does not open `home`, if that is for another passphrase to mend.
fn refusal(home: &Path, passphrase: &str) -> Option<Failure> {
    match key::of_home(home, Some(passphrase)) {
        Ok(key) => match Store::rescue(home, &key) {
            Err(error @ StoreError::WrongKey) => Some(NodeError::from(error).into()),
            _ => None,
        },
        Err(error @ KeyError::EmptyPassphrase) => Some(error.into()),
        Err(_) => None,
    }
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
