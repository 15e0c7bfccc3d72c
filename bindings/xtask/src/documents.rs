//! Whether the links in the Markdown documents lead somewhere.
//!
//! A link whose text is a name in code style, such as ``[`Gate`](core/engine/src/gate.rs)``, also promises that the
//! file contains that name: so a document cannot go on citing what was renamed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A link that does not lead where it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokenLink {
    document: PathBuf,
    line: usize,
    target: String,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    NoSuchFile,
    NoSuchHeading,
    NameNotInFile,
}

/// A link as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link<'a> {
    line: usize,
    text: &'a str,
    target: &'a str,
}

impl fmt::Display for BrokenLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::NoSuchFile => "there is no such file",
            Reason::NoSuchHeading => "there is no such heading",
            Reason::NameNotInFile => "the file does not contain that name",
        };
        write!(f, "{}:{}: {}: {reason}", self.document.display(), self.line, self.target)
    }
}

/// Every broken relative link in the Markdown files below `root`; links to other machines are not followed.
pub(crate) fn broken_links(root: &Path) -> io::Result<Vec<BrokenLink>> {
    let mut broken = Vec::new();
    for document in documents_below(root)? {
        let text = std::fs::read_to_string(&document)?;
        for link in links(&text) {
            if let Some(reason) = fault(&document, link)? {
                let document = document.strip_prefix(root).unwrap_or(&document).to_path_buf();
                broken.push(BrokenLink { document, line: link.line, target: link.target.to_owned(), reason });
            }
        }
    }
    Ok(broken)
}

fn documents_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            found.extend(documents_below(&entry.path())?);
        } else if name.ends_with(".md") {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn fault(document: &Path, link: Link<'_>) -> io::Result<Option<Reason>> {
    if link.target.contains(':') {
        return Ok(None);
    }
    let (path, heading) = link.target.split_once('#').unwrap_or((link.target, ""));
    let file = match path {
        "" => document.to_path_buf(),
        path => document.parent().unwrap_or(document).join(path),
    };
    if !file.exists() {
        return Ok(Some(Reason::NoSuchFile));
    }
    if file.is_dir() {
        return Ok(None);
    }
    let is_markdown = file.extension().is_some_and(|extension| extension == "md");
    if is_markdown && !heading.is_empty() && !headings(&std::fs::read_to_string(&file)?).any(|slug| slug == heading) {
        return Ok(Some(Reason::NoSuchHeading));
    }
    if let Some(name) = code_name(link.text).filter(|_| file.extension().is_some_and(|extension| extension == "rs"))
        && !words(&std::fs::read_to_string(&file)?).any(|word| word == name)
    {
        return Ok(Some(Reason::NameNotInFile));
    }
    Ok(None)
}

/// The last segment of a link text such as `` `Gate::write` ``, if that is what it is.
fn code_name(text: &str) -> Option<&str> {
    let path = text.strip_prefix('`')?.strip_suffix('`')?;
    let name = path.rsplit("::").next()?.trim_end_matches("()");
    (words(name).next() == Some(name)).then_some(name)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn links(markdown: &str) -> Vec<Link<'_>> {
    prose(markdown).flat_map(|(line, text)| links_of_line(line, text)).collect()
}

fn links_of_line(line: usize, text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, following)) = after.split_once(')') else { break };
        let label = before.rsplit_once('[').map_or(before, |(_, label)| label);
        found.push(Link { line, text: label, target });
        rest = following;
    }
    found
}

/// The numbered lines that are not inside a fenced block.
fn prose(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    markdown.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        (!fenced && !is_fence).then_some((index + 1, line))
    })
}

/// The anchors that code hosts give to headings: lower case, blanks to hyphens, punctuation gone.
fn headings(markdown: &str) -> impl Iterator<Item = String> {
    prose(markdown).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        line.trim_start_matches('#')
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .flat_map(char::to_lowercase)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::workspace_root;

    #[test]
    fn every_link_in_our_documents_leads_somewhere() {
        let broken: Vec<String> = broken_links(&workspace_root()).unwrap().iter().map(BrokenLink::to_string).collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[test]
    fn the_feature_table_has_its_thirty_rows_and_says_of_each_where_it_stands() {
        let readme = std::fs::read_to_string(workspace_root().join("README.md")).unwrap();
        let rows: Vec<Vec<&str>> = prose(&readme)
            .map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
            .filter(|cells| cells.first().is_some_and(|cell| cell.parse::<u32>().is_ok()))
            .collect();
        let numbers: Vec<u32> = rows.iter().map(|cells| cells[0].parse().unwrap()).collect();
        assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
        for cells in rows {
            assert_eq!(cells.len(), 4, "{cells:?}");
            assert!(["works", "partly", "not yet"].contains(&cells[2]), "{cells:?}");
        }
    }

    fn fault_of(markdown: &str) -> Option<Reason> {
        let document = workspace_root().join("README.md");
        links(markdown).into_iter().find_map(|link| fault(&document, link).unwrap())
    }

    #[test]
    fn a_link_to_a_missing_file_is_found_and_one_to_another_machine_is_not_followed() {
        assert_eq!(fault_of("see [this](core/NOWHERE.md)"), Some(Reason::NoSuchFile));
        assert_eq!(fault_of("see [that](https://example.org/) and [here](core)"), None);
    }

    #[test]
    fn a_link_to_a_missing_heading_is_found() {
        assert_eq!(fault_of("[x](CONTRIBUTING.md#no-such-heading)"), Some(Reason::NoSuchHeading));
        assert_eq!(fault_of("[x](CONTRIBUTING.md#house-rules)"), None);
    }

    #[test]
    fn a_cited_name_must_be_in_the_file_it_links_to() {
        assert_eq!(fault_of("[`Gate::write`](core/engine/src/gate.rs)"), None);
        assert_eq!(fault_of("[`Gate::wrote`](core/engine/src/gate.rs)"), Some(Reason::NameNotInFile));
        assert_eq!(fault_of("[the gate's file](core/engine/src/gate.rs)"), None);
    }

    #[test]
    fn several_links_of_a_line_are_all_read_and_fenced_blocks_are_not() {
        let markdown = "a [b](c) and ![d](e#f)\n```text\n[g](h)\n```\n";
        let expected = [Link { line: 1, text: "b", target: "c" }, Link { line: 1, text: "d", target: "e#f" }];
        assert_eq!(links(markdown), expected);
    }

    #[test]
    fn headings_become_anchors() {
        let anchors: Vec<String> = headings("# What it is\n## I1–I13: where checked?\n").collect();
        assert_eq!(anchors, ["what-it-is", "i1i13-where-checked"]);
    }
}
