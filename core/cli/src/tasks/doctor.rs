//! `permesso doctor`.

use std::time::Duration;

use permesso_node::{DoctorReport, Finding, Node, Subject, Verdict};

use crate::arguments::ReportOptions;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, doctor};

/// A host that has just joined hears so long first, so that neighbours who answer need not be looked for one by one.
const LISTEN: Duration = Duration::from_secs(2);

/// Looks which ways of finding others work, and says why not and what to do.
pub(crate) async fn run(options: &ReportOptions, language: Language) -> Result<Status, Failure> {
    let look = async |node: &Node| {
        if node.start().await.is_ok() {
            tokio::time::sleep(LISTEN).await;
        }
        Ok(node.doctor().await?)
    };
    let report = host::visit(&options.host, language, look).await?;
    match options.json {
        true => printing::json(&report)?,
        false => print(language, &report)?,
    }
    Ok(status(&report))
}

/// Whether one of this host's own addresses serves.
fn is_present(report: &DoctorReport) -> bool {
    let own = |finding: &&Finding| finding.subject == Subject::Address;
    report.findings.iter().filter(own).any(|finding| finding.verdict == Verdict::Works)
}

fn status(report: &DoctorReport) -> Status {
    match report.leads_to_somebody() {
        true => Status::Done,
        false if is_present(report) => Status::NotYet,
        false => Status::Error,
    }
}

fn print(language: Language, report: &DoctorReport) -> Result<(), Failure> {
    for finding in &report.findings {
        let verdict = doctor::verdict(language, finding.verdict);
        let subject = doctor::subject(language, finding.subject);
        let why = doctor::why(language, finding, &name(finding), report.port);
        printing::line(&format!("{verdict:<14}  {subject}{}: {why}.", place(finding)))?;
        if let Some(advice) = doctor::advice(language, finding, report.port) {
            printing::line(&format!("{:<14}  {advice}", ""))?;
        }
    }
    printing::line("")?;
    printing::line(&match status(report) {
        Status::Done => doctor::somebody(language),
        Status::NotYet => doctor::nobody(language),
        _ => doctor::broken(language),
    })
    .map_err(Failure::from)
}

/// The interface and this host's address there.
pub(crate) fn place(finding: &Finding) -> String {
    match (&finding.interface, finding.address) {
        (Some(interface), Some(address)) => format!(" ({}, {address})", one_line(interface)),
        (None, Some(address)) => format!(" ({address})"),
        (Some(interface), None) => format!(" ({})", one_line(interface)),
        (None, None) => String::new(),
    }
}

/// Whoever answered, by alias if one is known.
pub(crate) fn name(finding: &Finding) -> String {
    let Some(answer) = &finding.answer else { return String::new() };
    match &answer.alias {
        Some(alias) if !alias.is_empty() => one_line(alias),
        _ => answer.host.to_string(),
    }
}
