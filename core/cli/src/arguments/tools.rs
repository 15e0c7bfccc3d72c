//! The options of the commands that look after an account.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::HostOptions;

/// A home, without what a host does on the network.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "This host")]
pub(crate) struct HomeOptions {
    /// The folder of this host [default: permesso in the user's data folder, ~/.local/share/permesso]
    #[arg(long, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// A file whose first line is the passphrase of this home; PERMESSO_PASSPHRASE does the same
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What moving an account out and in have in common.
#[derive(Debug, Args)]
pub(crate) struct MoveOptions {
    /// A file whose first line is the passphrase of the account file; PERMESSO_ACCOUNT_PASSPHRASE does the same. Without
    /// either it is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) account_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) home: HomeOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The file to make; one that is there is not overwritten
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) moving: MoveOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The account file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) moving: MoveOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RescueOptions {
    /// The file to make; one that is there is not overwritten. - writes to standard output
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) home: HomeOptions,
}

#[derive(Debug, Args)]
pub(crate) struct EraseOptions {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) home: HomeOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ContactsOptions {
    #[command(subcommand)]
    pub(crate) kind: ContactsKind,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContactsKind {
    /// Write friends and pinned hosts as vCards with their permesso: URIs
    Export(ContactsExportOptions),
    /// Take in the vCards that have a permesso: URI: pins the keys and remembers the names
    #[command(after_help = "Exit status: 0 if a contact was taken in, 3 if none was; 1, 2, 5, 6 as everywhere.")]
    Import(ContactsImportOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ContactsExportOptions {
    /// The file to make; one that is there is not overwritten. - writes to standard output
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ContactsImportOptions {
    /// The file to read, - for standard input
    pub(crate) file: PathBuf,
    /// Print one JSON object a contact
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigOptions {
    /// Without one of these: default
    #[command(subcommand)]
    pub(crate) kind: Option<ConfigKind>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigKind {
    /// Print a configuration file with every parameter, its meaning and its default
    Default,
    /// Show every value in force and where it comes from: default, file, set at run time, command line
    Show(ConfigShowOptions),
    /// Change a parameter: in the account if it can change while a host runs, else in the configuration file
    Set(ConfigSetOptions),
    /// Say what a parameter means, what it may be and its default
    Explain(ConfigExplainOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowOptions {
    /// Print one JSON object a parameter
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigSetOptions {
    /// The parameter with its section, like messages.outbox_max
    pub(crate) key: String,
    /// Its value, like 500, 5m, Ada or true
    #[arg(allow_hyphen_values = true)]
    pub(crate) value: String,
    /// The configuration file [default: config.toml in the home]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) home: HomeOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigExplainOptions {
    /// The parameter with its section, like messages.outbox_max
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// For which shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManOptions {
    /// Write a page for each command into this folder, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
