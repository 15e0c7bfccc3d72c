//! The options of `permesso server`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::HostOptions;

pub(super) const STATUSES: &str = "It needs no set-up: the first start makes its home, and others on the network find it by themselves. It sees sealed mail only.

Exit status:
  0  ended by a signal (SIGINT, SIGTERM, SIGHUP); it has left the network in order, and what it keeps is stored
  1  it cannot start: a port is in use, there is no network, or something else that standard error says
  2 usage, 5 home in use (it runs already), 6 key missing or wrong";

const STATUS_STATUSES: &str = "Exit status:
  0  the server runs; how it is was printed
  3  no server runs in this home
  1  something went wrong, 2 usage";

/// A server's own home keeps it apart from the user's own host.
pub(super) const HOME: &str =
    "The folder of this server [default: permesso-server in the user's data folder, ~/.local/share/permesso-server]";

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    #[command(subcommand)]
    pub(crate) kind: Option<ServerKind>,
    /// The TCP address and port of the status page, where 0 is a random port [default: 127.0.0.1:20071]. Beyond this
    /// machine it wants the token in the file status-token of the home
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) status_address: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServerKind {
    /// Tell how the running server is: what waits, what it has taken in and delivered, who is here
    #[command(after_help = STATUS_STATUSES)]
    Status(ServerStatusOptions),
}

#[derive(Debug, Args)]
pub(crate) struct ServerStatusOptions {
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[arg(long, value_name = "DIR", help = HOME)]
    pub(crate) home: Option<PathBuf>,
}
