//! `permesso rescue`: what can be read of a database, one JSON object a line.

use std::io::{self, BufWriter, Write};
use std::mem;
use std::ops::ControlFlow;
use std::path::Path;

use permesso_node::{Found, RescueReport, Store, rescue};
use serde_json::json;

use crate::arguments::RescueOptions;
use crate::failure::Failure;
use crate::home;
use crate::key;
use crate::passphrase;
use crate::printing;
use crate::status::Status;
use crate::words::{Language, account};

/// Writes what can be read, and says how much could not.
pub(crate) fn run(options: &RescueOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::folder(options.home.home.as_deref())?;
    if !Store::exists(&folder) {
        return Err(Failure::NoAccount(folder));
    }
    let passphrase = passphrase::of_home(&folder, options.home.passphrase_file.as_deref(), language)?;
    let key = key::of_home(&folder, passphrase.as_ref().map(|text| text.as_str()))?;
    let mut output = Output::begin(&options.file)?;
    let mut friends = 0;
    let report = rescue(&folder, &key, &mut |found| {
        friends += u64::from(matches!(found, Found::Friend(_)));
        output.line(&found);
        if output.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    // What ended it, if that is what did.
    mem::replace(&mut output.result, Ok(()))?;
    let report = report.inspect_err(|_| output.abandon(&options.file))?;
    output.line(&end(friends, &report));
    output.finish()?;
    eprintln!("{}", account::rescued(language, friends, &report));
    Ok(Status::Done)
}

fn end(friends: u64, report: &RescueReport) -> serde_json::Value {
    json!({
        "kind": "end",
        "friends": friends,
        "messages": report.messages,
        "unreadable": report.unreadable,
        "torn_tables": report.torn_tables,
    })
}

/// Where the lines go. The first that cannot be written ends it.
struct Output {
    lines: BufWriter<Box<dyn Write>>,
    result: io::Result<()>,
}

impl Output {
    fn begin(path: &Path) -> Result<Self, Failure> {
        let lines: Box<dyn Write> =
            if path == Path::new("-") { Box::new(io::stdout()) } else { Box::new(printing::new_file(path)?) };
        Ok(Self { lines: BufWriter::new(lines), result: Ok(()) })
    }

    fn line(&mut self, value: &impl serde::Serialize) {
        if self.result.is_ok() {
            let written = serde_json::to_writer(&mut self.lines, value).map_err(io::Error::other);
            self.result = written.and_then(|()| self.lines.write_all(b"\n"));
        }
    }

    /// Nothing could be read: an empty file would look like a result.
    fn abandon(&mut self, path: &Path) {
        if path != Path::new("-")
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, "an empty file stays");
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.result?;
        Ok(self.lines.flush()?)
    }
}
