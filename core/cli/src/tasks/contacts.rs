//! `permesso contacts`.

use std::io::{self, Read, Write};
use std::path::Path;

use permesso_node::{HostId, ImportedContact, Node};
use serde::Serialize;

use crate::arguments::{ContactsExportOptions, ContactsImportOptions, ContactsKind, ContactsOptions};
use crate::bot::code_of_contact;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, account};

/// Takes contacts out or in.
pub(crate) async fn run(options: &ContactsOptions, language: Language) -> Result<Status, Failure> {
    match &options.kind {
        ContactsKind::Export(options) => export(options, language).await,
        ContactsKind::Import(options) => import(options, language).await,
    }
}

async fn export(options: &ContactsExportOptions, language: Language) -> Result<Status, Failure> {
    let to_output = options.file == Path::new("-");
    if !to_output && options.file.exists() {
        return Err(Failure::FileExists(options.file.clone()));
    }
    let cards = host::visit(&options.host, language, async |node: &Node| Ok(node.export_contacts().await?)).await?;
    if to_output {
        io::stdout().lock().write_all(cards.as_bytes())?;
        return Ok(Status::Done);
    }
    let mut file = printing::new_file(&options.file)?;
    file.write_all(cards.as_bytes()).and_then(|()| file.sync_all()).map_err(Failure::unusable(&options.file))?;
    let count = cards.matches("BEGIN:VCARD").count();
    printing::line(&account::contacts_exported(language, &options.file, count))?;
    Ok(Status::Done)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Shown<'a> {
    line: usize,
    name: Option<&'a str>,
    host: Option<HostId>,
    result: &'a str,
}

async fn import(options: &ContactsImportOptions, language: Language) -> Result<Status, Failure> {
    let text = read(&options.file)?;
    let work = async |node: &Node| Ok(node.import_contacts(&text).await?);
    let contacts = host::visit(&options.host, language, work).await?;
    for contact in &contacts {
        match options.json {
            true => printing::json(&shown(contact))?,
            false => printing::line(&row(language, contact))?,
        }
    }
    if contacts.is_empty() && !options.json {
        printing::line(&account::no_contacts(language))?;
    }
    let taken_in = contacts.iter().any(|contact| contact.result.is_ok());
    Ok(if taken_in { Status::Done } else { Status::NotYet })
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path).map_err(Failure::unusable(path))?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn shown(contact: &ImportedContact) -> Shown<'_> {
    let (host, result) = code_of_contact(contact);
    Shown { line: contact.line, name: contact.name.as_deref(), host, result }
}

fn row(language: Language, contact: &ImportedContact) -> String {
    let name = contact.name.as_deref().map_or_else(|| account::nameless(language), one_line);
    match &contact.result {
        Ok((host, news)) => format!("{host}  {name}  {}", account::contact_news(language, *news)),
        Err(error) => account::contact_skipped(language, contact.line, &name, error),
    }
}
