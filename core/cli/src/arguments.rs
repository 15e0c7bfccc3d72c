//! The command line.

mod reading;
mod server;
mod tools;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand};
use permesso_node::{MessageId, Millis};
use permesso_sim::Faults;
use permesso_sim::contacts::Mobility;

pub(crate) use reading::{NotAnAddress, of_process};
pub(crate) use server::{ServerKind, ServerOptions, ServerStatusOptions};
pub(crate) use tools::{
    CompletionsOptions, ConfigExplainOptions, ConfigKind, ConfigOptions, ConfigSetOptions, ConfigShowOptions,
    ContactsExportOptions, ContactsImportOptions, ContactsKind, ContactsOptions, EraseOptions, ExportOptions,
    ImportOptions, ManOptions, RescueOptions,
};

/// What every exit status means; the same in every command.
const STATUSES: &str = "Exit status:
  0  done: delivered, answered, or there is something new
  1  something went wrong; standard error says what
  2  the command line cannot be understood
  3  not yet: stored and waiting, not answered, or nothing new
  4  the message will not arrive
  5  the home is in use by another process
  6  the key or passphrase is missing, wrong, or not yours to read
  130  interrupted (SIGINT, SIGTERM, SIGHUP); it has left the network in order, and what was accepted is stored";

const SEND_STATUSES: &str = "Exit status:
  0  delivered: the recipient's device has stored it and proved so
  3  waiting: stored here, or held for the recipient by others
  4  not delivered: it will not arrive, the reason is printed
  1  something else went wrong, 2 usage, 5 home in use, 6 key missing or wrong";

const CANCEL_STATUSES: &str = "Exit status:
  0  given up: it will not be sent
  1  there is no such message, or it no longer waits (standard error says so), or something else went wrong
  2 usage, 5 home in use, 6 key missing or wrong";

const SEARCH_STATUSES: &str = "Exit status:
  0  there are messages that contain the text; they are printed
  3  there is none
  1  something went wrong, 2 usage, 5 home in use, 6 key missing or wrong";

const INBOX_STATUSES: &str = "Exit status:
  0  there are unread messages; they are printed
  3  there is nothing unread
  1  something went wrong, 2 usage, 5 home in use, 6 key missing or wrong";

const ASK_STATUSES: &str = "Exit status:
  0  you are friends
  3  the request is stored and not answered yet; it is sent again whenever the two hosts meet
  4  it was refused
  1  something else went wrong, 2 usage, 5 home in use, 6 key missing or wrong";

const ACCEPT_STATUSES: &str = "Exit status:
  0  you are friends (or, with --refuse, the request is refused)
  3  there is no such request yet
  1  something else went wrong, 2 usage, 5 home in use, 6 key missing or wrong";

const DOCTOR_STATUSES: &str = "Exit status:
  0  somebody answered by at least one way; the list says who and which
  3  nobody answered: there may be nobody, or a way is blocked
  1  this host cannot be found as it is (no address, port in use, no permission), or something else went wrong
  2 usage, 5 home in use, 6 key missing or wrong";

const SIM_TRACE_STATUSES: &str = "Exit status:
  0  every promise was kept, however many messages arrived
  1  a promise was broken, or a file cannot be read or has a wrong line
  2  the command line cannot be understood";

/// People near each other chat with no server, no account and no internet.
#[derive(Debug, Parser)]
#[command(name = "permesso", version, after_help = STATUSES)]
pub(crate) struct Arguments {
    /// Say on standard error what happens; -vv says more. PERMESSO_LOG=FILTER says exactly what.
    #[arg(short, long, action = ArgAction::Count, global = true, display_order = 100)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) task: Option<Task>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Chat in this terminal: people nearby, friends, conversations (also `permesso` alone)
    #[command(
        after_help = "F1 shows all keys.\n\nExit status: 0 at the end; 1, 5 or 6 if the host cannot be opened; 2 without a terminal."
    )]
    Chat(HostOptions),
    /// Watch hosts on this machine meet, become friends, talk, and lose nothing while one is away, without a server and with one
    #[command(after_help = "Exit status: 0 only if every step really happened, else 1.")]
    Demo(DemoOptions),
    /// Run a host driven by JSON lines: commands on standard input, replies and events on standard output
    #[command(
        after_help = "core/cli/BOT.md describes the lines, core/cli/bot.schema.json is their JSON Schema.\n\nExit status: 0 after the end of the input, a stop command, a signal, or when nobody reads the output; 1, 5 or 6 if the host cannot start."
    )]
    Bot(BotOptions),
    /// Run a persistent server, which keeps mail for whoever is away; `server status` tells how it is
    #[command(after_help = server::STATUSES, args_conflicts_with_subcommands = true)]
    #[command(mut_arg("home", |home| home.help(server::HOME)))]
    Server(ServerOptions),
    /// Write to a friend, and stay on the network until it is delivered or the wait is over
    #[command(after_help = SEND_STATUSES)]
    Send(SendOptions),
    /// Send a message again that was not delivered; `inbox --all` shows which
    #[command(after_help = SEND_STATUSES)]
    Resend(ResendOptions),
    /// Give up a message that waits; `inbox --all` shows which
    #[command(after_help = CANCEL_STATUSES)]
    Cancel(CancelOptions),
    /// Show unread messages and mark them read
    #[command(after_help = INBOX_STATUSES)]
    Inbox(InboxOptions),
    /// Search the messages of all conversations
    #[command(after_help = SEARCH_STATUSES)]
    Search(SearchOptions),
    /// List friends, open requests and ended friendships
    Friends(FriendsOptions),
    /// List the hosts in reach
    Hosts(HostsOptions),
    /// Ask a host to become a friend
    #[command(after_help = ASK_STATUSES)]
    Ask(AskOptions),
    /// Accept (or refuse) a friend request
    #[command(after_help = ACCEPT_STATUSES)]
    Accept(AcceptOptions),
    /// Show this host's id and permesso: URI, and the safety numbers to compare with friends
    Whoami(WhoamiOptions),
    /// Show the newest packets with their states, and counts of what was dropped or refused
    Diagnostics(ReportOptions),
    /// Take contacts out to an address book, and in from one (vCard)
    Contacts(ContactsOptions),
    /// Write this whole account into one encrypted file, to move it to another device
    Export(ExportOptions),
    /// Make the account of such a file in an empty home
    Import(ImportOptions),
    /// Write what can be read of a database, damaged or not, as JSON lines
    Rescue(RescueOptions),
    /// Erase this account: key, messages, friends, settings, everything
    Erase(EraseOptions),
    /// Look which ways of finding others work here, why one does not, and what to do
    #[command(after_help = DOCTOR_STATUSES)]
    Doctor(ReportOptions),
    /// Show, change and explain parameters
    Config(ConfigOptions),
    /// Run many hosts in a simulated world
    Sim(SimOptions),
    /// Print a script that lets a shell complete commands and options
    #[command(after_help = "For bash: permesso completions bash > ~/.local/share/bash-completion/completions/permesso")]
    Completions(CompletionsOptions),
    /// Print the manual page, or write those of all commands into a folder
    Man(ManOptions),
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Print one JSON object a step
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep the hosts' homes in this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Put all hosts on one address with a port each, as on systems where 127.0.0.2 cannot be used
    #[arg(long, hide = true)]
    pub(crate) one_address: bool,
}

/// Where a host lives and who it is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "This host")]
pub(crate) struct HostOptions {
    /// The folder of this host [default: permesso in the user's data folder, ~/.local/share/permesso]
    #[arg(long, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The configuration file [default: config.toml in the home, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Change the alias others can search for; it is kept
    #[arg(long, value_name = "NAME")]
    pub(crate) alias: Option<String>,
    /// A file whose first line is the passphrase of this home; PERMESSO_PASSPHRASE does the same
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Change the UDP port of presence, the same on all hosts of a network; it is kept for later starts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Be present on this address of this machine alone; may be repeated
    #[arg(long = "interface", value_name = "ADDR", value_parser = reading::address)]
    pub(crate) interfaces: Vec<IpAddr>,
    /// Look for a host at this address and port too; may be repeated
    #[arg(long = "peer", value_name = "ADDR:PORT")]
    pub(crate) peers: Vec<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct BotOptions {
    /// Go on after the end of the input, until a signal or until nobody reads the output
    #[arg(long)]
    pub(crate) stay: bool,
    /// Do not join the network before the command join
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SendOptions {
    /// The friend: the name you gave it, its alias, or its id
    #[arg(long, value_name = "NAME")]
    pub(crate) to: String,
    /// The text, at most 4,096 bytes; - reads it from standard input
    pub(crate) text: String,
    /// How long to stay on the network for the proof of delivery, like 10s or 2m; 0s only stores the message
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    pub(crate) wait: Millis,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ResendOptions {
    /// The message's id, 32 hexadecimal digits
    #[arg(value_name = "ID")]
    pub(crate) message: MessageId,
    /// How long to stay on the network for the proof of delivery, like 10s or 2m; 0s only puts it among those that wait
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    pub(crate) wait: Millis,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct CancelOptions {
    /// The message's id, 32 hexadecimal digits
    #[arg(value_name = "ID")]
    pub(crate) message: MessageId,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SearchOptions {
    /// What a message must contain; capital letters do not matter
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) text: String,
    /// Show at most so many, the newest; 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) limit: u16,
    /// Print one JSON object a message
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct InboxOptions {
    /// Show the whole history: one's own messages with their states too, why one was not delivered, and the ids of all
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave unread messages unread
    #[arg(long)]
    pub(crate) peek: bool,
    /// Be on the network so long first, like 10s or 2m, so that waiting messages can arrive
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    pub(crate) wait: Millis,
    /// Print one JSON object a message
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct FriendsOptions {
    /// Print one JSON object a friend
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct HostsOptions {
    /// How long to listen, like 10s or 2m
    #[arg(long, value_name = "SPAN", default_value = "3s")]
    pub(crate) wait: Millis,
    /// Print one JSON object a host
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whom").required(true))]
pub(crate) struct AskOptions {
    /// Whom: the name of a contact that was taken in, an alias to search for on the network, or an id
    #[arg(long, value_name = "NAME", group = "whom")]
    pub(crate) to: Option<String>,
    /// Whom: the content of its QR code, permesso:...
    #[arg(long, value_name = "URI", group = "whom")]
    pub(crate) uri: Option<String>,
    /// A few words, at most 280 bytes
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) greeting: String,
    /// How long to stay on the network for the answer, like 10s or 2m
    #[arg(long, value_name = "SPAN", default_value = "30s")]
    pub(crate) wait: Millis,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptOptions {
    /// Who asked: its alias or id
    pub(crate) name: String,
    /// Refuse instead; the asker is not told
    #[arg(long)]
    pub(crate) refuse: bool,
    /// Tell the asker of the refusal
    #[arg(long, requires = "refuse")]
    pub(crate) tell: bool,
    /// How long to stay on the network, for the request to come and the answer to go, like 10s or 2m
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    pub(crate) wait: Millis,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct WhoamiOptions {
    /// The address to put into the URI in place of this host's own, so that others find it where broadcast is dropped
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) address: Option<SocketAddr>,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

/// A command that tells how things are.
#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) host: HostOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SimOptions {
    #[command(subcommand)]
    pub(crate) kind: SimKind,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimKind {
    /// Hosts that come and go, meet, talk and crash in virtual time; every promise of the protocol is checked
    #[command(after_help = "Exit status: 0 if every promise was kept, else 1.")]
    World(SimWorldOptions),
    /// Who meets whom as a contact trace says, and how far messages come; the formats are those of the ONE simulator
    #[command(after_help = SIM_TRACE_STATUSES)]
    Trace(SimTraceOptions),
    /// What a host costs in worlds of more and more hosts that walk: bytes sent, time and memory of this machine
    #[command(after_help = "Exit status: 0 if every promise was kept in every world, else 1.")]
    Growth(SimGrowthOptions),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct SimTraceOptions {
    /// What is replayed and by what rules, a TOML file
    #[arg(long, value_name = "FILE", group = "what")]
    pub(crate) scenario: Option<PathBuf>,
    /// The contact trace, plain or gzip: `<seconds> CONN <address> <address> up|down`
    #[arg(long, value_name = "FILE", group = "what")]
    pub(crate) contacts: Option<PathBuf>,
    /// The list of messages: `<seconds> <id> <bytes> <from> <to> <minutes of lifetime> N`
    #[arg(long, value_name = "FILE", group = "what")]
    pub(crate) messages: Option<PathBuf>,
    /// In place of a trace, people who walk and drive in a square: waypoint:HOSTS:SIDE or clustered:HOSTS:SIDE:CLUSTERS, like
    /// clustered:500:8km:20; without a list they write to each other once in 25 s
    #[arg(long, value_name = "WORLD", group = "what", conflicts_with = "contacts")]
    pub(crate) world: Option<Mobility>,
    /// How long it lasts, like 12h [default: as long as the trace, 12h for a world]
    #[arg(long, value_name = "SPAN")]
    pub(crate) end: Option<Millis>,
    /// What everything follows from that neither a trace nor a list decides
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Draw how soon and by when messages arrived into this SVG file, which is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Print the report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SimGrowthOptions {
    /// How many hosts, one world for each number, like 10,100,1000; 2 to 10000
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_value = "10,30,100,300,1000",
        value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) hosts: Vec<u32>,
    /// Hosts in a square kilometre, 1 to 100000; with 1000 a host has eight in reach
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) density: u32,
    /// People live around one place for each 25 hosts, in place of everywhere
    #[arg(long)]
    pub(crate) clustered: bool,
    /// How many virtual minutes users are at work
    #[arg(long, value_name = "M", default_value_t = 10)]
    pub(crate) minutes: u64,
    /// What everything that is decided follows from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Draw the figures into this SVG file, which is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Print one JSON object a world
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SimWorldOptions {
    /// How many hosts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub(crate) hosts: u32,
    /// In place of --hosts, people who walk and drive in a square and reach each other over 50 m: waypoint:HOSTS:SIDE or
    /// clustered:HOSTS:SIDE:CLUSTERS, like clustered:500:1km:20
    #[arg(long, value_name = "WORLD", conflicts_with_all = ["hosts", "servers"])]
    pub(crate) mobility: Option<Mobility>,
    /// How many of these hosts are persistent servers, which nobody uses
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    pub(crate) servers: u32,
    /// How many virtual minutes users and faults are at work; healing follows
    #[arg(long, value_name = "M", default_value_t = 10)]
    pub(crate) minutes: u64,
    /// What everything that is decided follows from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// What goes wrong: nothing, a bad radio, or everything at once with an adversary
    #[arg(long, value_name = "NAME", default_value = "lossy", value_parser = PossibleValuesParser::new(Faults::NAMES))]
    pub(crate) faults: String,
    /// Give hosts small histories and outboxes, so that every limit is reached
    #[arg(long)]
    pub(crate) small: bool,
    /// Go on for 40 quiet minutes and check that hosts fall silent
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Print on standard error what happens, while it happens
    #[arg(long)]
    pub(crate) print: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A span of the command line as the clock wants it.
pub(crate) fn span(millis: Millis) -> Duration {
    Duration::from_millis(millis.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn one_must_say_whom_to_ask_in_exactly_one_way() {
        assert!(Arguments::try_parse_from(["permesso", "ask"]).is_err());
        assert!(Arguments::try_parse_from(["permesso", "ask", "--to", "Ada"]).is_ok());
        assert!(Arguments::try_parse_from(["permesso", "ask", "--uri", "permesso:x"]).is_ok());
        assert!(Arguments::try_parse_from(["permesso", "ask", "--to", "Ada", "--uri", "permesso:x"]).is_err());
    }
}
