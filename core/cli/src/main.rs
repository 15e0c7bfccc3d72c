//! `permesso`: hosts that meet on the local network, find each other by alias, become friends and talk.
//!
//! Standard output carries what was asked for and nothing else; problems and logs go to standard error. The exit status
//! tells the outcome, see [`status::Status`].

mod arguments;
mod bot;
mod chat;
mod demo;
mod failure;
mod home;
mod host;
mod key;
mod logging;
mod names;
mod notices;
mod passphrase;
mod printing;
mod progress;
mod server;
mod signals;
mod status;
mod tasks;
mod words;

use std::process::ExitCode;
use std::time::Duration;

use crate::arguments::{HostOptions, Task};
use crate::failure::Failure;
use crate::status::Status;
use crate::words::Language;

/// Threads that still wait for the system when all is done are left behind after this.
const LEFT_BEHIND: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let language = Language::of_environment();
    let arguments = match arguments::of_process(language) {
        Ok(arguments) => arguments,
        Err(status) => return status.into(),
    };
    let verbose = arguments.verbose > 0;
    let Some(task) = arguments.task.or_else(usual_task) else { return help(language) };
    match task {
        Task::Chat(_) => {}
        // It runs for months, and its log is where its operator looks.
        Task::Server(ref options) if options.kind.is_none() => logging::begin(arguments.verbose.saturating_add(1)),
        _ => logging::begin(arguments.verbose),
    }
    let status = match run(task, arguments.verbose, language) {
        Ok(status) => status,
        Err(failure) => {
            if !failure.is_known() {
                eprintln!("permesso: {}", failure.text(language));
                if verbose {
                    failure.causes().iter().for_each(|cause| eprintln!("  {cause}"));
                }
            }
            failure.status()
        }
    };
    status.into()
}

/// In a terminal, `permesso` alone is a chat.
fn usual_task() -> Option<Task> {
    chat::is_possible().then(|| Task::Chat(HostOptions::default()))
}

fn help(language: Language) -> ExitCode {
    match words::arguments::read_by(language).print_help() {
        Ok(()) => Status::Done.into(),
        Err(_) => Status::Error.into(),
    }
}

fn run(task: Task, verbose: u8, language: Language) -> Result<Status, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(Failure::Runtime)?;
    let result = runtime.block_on(run_task(task, verbose, language));
    runtime.shutdown_timeout(LEFT_BEHIND);
    result
}

async fn run_task(task: Task, verbose: u8, language: Language) -> Result<Status, Failure> {
    match task {
        Task::Chat(options) => chat::run(&options, verbose, language).await,
        Task::Demo(options) => demo::run(&options, language).await,
        Task::Bot(options) => bot::run(&options, language).await,
        Task::Server(options) => server::run(&options, language).await,
        Task::Send(options) => tasks::send::run(&options, language).await,
        Task::Resend(options) => tasks::resend::run(&options, language).await,
        Task::Cancel(options) => tasks::cancel::run(&options, language).await,
        Task::Search(options) => tasks::search::run(&options, language).await,
        Task::Inbox(options) => tasks::inbox::run(&options, language).await,
        Task::Friends(options) => tasks::friends::run(&options, language).await,
        Task::Hosts(options) => tasks::hosts::run(&options, language).await,
        Task::Ask(options) => tasks::ask::run(&options, language).await,
        Task::Accept(options) => tasks::accept::run(&options, language).await,
        Task::Whoami(options) => tasks::whoami::run(&options, language).await,
        Task::Diagnostics(options) => tasks::diagnostics::run(&options, language).await,
        Task::Contacts(options) => tasks::contacts::run(&options, language).await,
        Task::Export(options) => tasks::export::run(&options, language).await,
        Task::Import(options) => tasks::import::run(&options, language).await,
        Task::Rescue(options) => tasks::rescue::run(&options, language),
        Task::Erase(options) => tasks::erase::run(&options, language).await,
        Task::Config(options) => tasks::config::run(&options, language).await,
        Task::Doctor(options) => tasks::doctor::run(&options, language).await,
        Task::Sim(options) => tasks::sim::run(&options, language),
        Task::Completions(options) => tasks::completions::run(&options, language),
        Task::Man(options) => tasks::man::run(&options, language),
    }
}
