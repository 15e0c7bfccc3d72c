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

/// Characters of a new account file's passphrase at least: NIST SP 800-63B asks for 8 where somebody chooses one.
const CHARACTERS_MIN: usize = 8;

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

/// The passphrase that opens an account file.
pub(crate) fn of_account(file: Option<&Path>, language: Language) -> Result<Zeroizing<String>, Failure> {
    match given_for_account(file)? {
        Some(given) => Ok(given),
        None => Ok(ask(account::ask_passphrase(language))?),
    }
}

/// The passphrase of an account file that is made; typed twice, since nobody sees what is typed.
pub(crate) fn of_new_account_file(file: Option<&Path>, language: Language) -> Result<Zeroizing<String>, Failure> {
    if let Some(given) = given_for_account(file)? {
        return long_enough(given);
    }
    let typed = long_enough(ask(account::ask_passphrase(language))?)?;
    if ask(account::ask_passphrase_again(language))? != typed {
        return Err(Failure::PassphrasesDiffer);
    }
    Ok(typed)
}

/// The one in the file or in the environment; `None` if somebody can be asked.
fn given_for_account(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = file {
        return Ok(Some(key::read_passphrase(path)?));
    }
    match std::env::var(OF_ACCOUNT) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(_) if io::stdin().is_terminal() => Ok(None),
        Err(_) => Err(Failure::NoPassphrase),
    }
}

/// A file that lies about can be tried for years; an empty one the archive refuses itself.
fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    match passphrase.chars().count() {
        1..CHARACTERS_MIN => Err(Failure::PassphraseShort(CHARACTERS_MIN)),
        _ => Ok(passphrase),
    }
}

/// Asks in the terminal itself, even if standard output goes elsewhere; what is typed is not shown.
fn ask(question: String) -> io::Result<Zeroizing<String>> {
    #[cfg(unix)]
    let _quiet = quiet::Terminal::now();
    rpassword::prompt_password(question).map(Zeroizing::new)
}

/// The terminal shows nothing of what is typed from before the question is there: what asks only sees to that afterwards.
#[cfg(unix)]
mod quiet {
    use std::fs::File;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The terminal, which shows again what is typed once this is gone.
    pub(super) struct Terminal {
        terminal: File,
        before: Termios,
    }

    impl Terminal {
        /// None where there is no terminal, or it cannot be quiet.
        pub(super) fn now() -> Option<Self> {
            let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
            let before = tcgetattr(&terminal).ok()?;
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            tcsetattr(&terminal, OptionalActions::Now, &quiet).ok()?;
            Some(Self { terminal, before })
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }
}
