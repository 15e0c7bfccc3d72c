//! `permesso export`.

use permesso_node::{Config, Node, NodeError, Store};

use crate::arguments::ExportOptions;
use crate::failure::Failure;
use crate::home;
use crate::passphrase;
use crate::printing;
use crate::progress::Bar;
use crate::signals;
use crate::status::Status;
use crate::words::{Language, account};

/// Writes the account into a file.
pub(crate) async fn run(options: &ExportOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::folder(options.moving.home.home.as_deref())?;
    if !Store::exists(&folder) {
        return Err(Failure::NoAccount(folder));
    }
    if options.file.exists() {
        return Err(Failure::FileExists(options.file.clone()));
    }
    let config = home::configuration(&folder, None, &Config::default()).unwrap_or_default();
    let node = open(options, &folder, config, language).await?;
    let result = write(options, &node, &folder, language).await;
    node.stop().await?;
    let report = result?;
    printing::line(&account::exported(language, &options.file, &report))?;
    printing::line(&account::exported_warning(language))?;
    Ok(Status::Done)
}

async fn open(
    options: &ExportOptions,
    folder: &std::path::Path,
    config: Config,
    language: Language,
) -> Result<Node, Failure> {
    let passphrase = passphrase::of_home(folder, options.moving.home.passphrase_file.as_deref(), language)?;
    let config = home::unlock(folder, passphrase.as_ref().map(|text| text.as_str()), config)?;
    Ok(Node::open(config).await?)
}

async fn write(
    options: &ExportOptions,
    node: &Node,
    folder: &std::path::Path,
    language: Language,
) -> Result<permesso_node::ArchiveReport, Failure> {
    let passphrase = passphrase::of_new_account_file(options.moving.account_passphrase_file.as_deref(), language)?;
    let bar = Bar::new(account::exporting(language));
    let drawn = bar.clone();
    let files = home::carried(folder)?;
    let on_progress = Box::new(move |progress| drawn.show(progress));
    let export = node.export(&options.file, passphrase.as_str(), files, on_progress);
    let result = called_off_by_signals(&bar, export).await;
    bar.clear();
    result
}

/// Waits for the work, and ends it in order when the process is told to end.
pub(super) async fn called_off_by_signals<T>(
    bar: &Bar,
    work: impl Future<Output = Result<T, NodeError>>,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        result = &mut work => Ok(result?),
        () = signals::told_to_end() => {
            bar.call_off();
            match work.await {
                Ok(done) => Ok(done),
                Err(_) => Err(Failure::Interrupted),
            }
        }
    }
}
