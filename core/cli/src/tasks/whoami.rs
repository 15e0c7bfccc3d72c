//! `permesso whoami`.

use permesso_node::{FriendState, HostId, IdentityKey, Node};
use serde::Serialize;

use crate::arguments::WhoamiOptions;
use crate::failure::Failure;
use crate::host;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, people};

/// What `--json` prints.
#[derive(Serialize)]
struct Whoami {
    host: HostId,
    key: IdentityKey,
    alias: String,
    uri: String,
    safety_numbers: Vec<SafetyNumber>,
}

#[derive(Serialize)]
struct SafetyNumber {
    host: HostId,
    name: String,
    number: String,
    verified: bool,
}

/// Shows who this host is, and what to compare with friends.
pub(crate) async fn run(options: &WhoamiOptions, language: Language) -> Result<Status, Failure> {
    let whoami = host::visit(&options.host, language, async |node: &Node| look(node, options).await).await?;
    match options.json {
        true => printing::json(&whoami)?,
        false => print(language, &whoami)?,
    }
    Ok(Status::Done)
}

async fn look(node: &Node, options: &WhoamiOptions) -> Result<Whoami, Failure> {
    let mut safety_numbers = Vec::new();
    for friend in node.friends().await?.into_iter().filter(|friend| friend.state == FriendState::Friend) {
        if let Some(number) = node.safety_number(friend.host).await? {
            let name = friend.name().into_owned();
            safety_numbers.push(SafetyNumber { host: friend.host, name, number, verified: friend.verified });
        }
    }
    Ok(Whoami {
        host: node.host_id(),
        key: node.identity_key(),
        alias: node.settings().await?.alias,
        uri: node.uri(options.address).await?,
        safety_numbers,
    })
}

fn print(language: Language, whoami: &Whoami) -> Result<(), Failure> {
    printing::line(&format!("{}  {}", whoami.host, one_line(&whoami.alias)))?;
    printing::line(&whoami.uri)?;
    if !whoami.safety_numbers.is_empty() {
        printing::line("")?;
        printing::line(&people::safety_numbers(language))?;
    }
    for number in &whoami.safety_numbers {
        let mark = if number.verified { format!("  ({})", people::verified(language)) } else { String::new() };
        printing::line(&format!("  {}{mark}", one_line(&number.name)))?;
        for row in rows(&number.number) {
            printing::line(&format!("    {row}"))?;
        }
    }
    Ok(())
}

/// Sixty digits as three rows of four groups of five, as people read them aloud.
fn rows(number: &str) -> Vec<String> {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
    groups.chunks(4).map(|row| row.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safety_number_is_read_in_three_rows_of_four_groups() {
        let number: String = ('0'..='9').cycle().take(60).collect();
        let rows = rows(&number);
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| row == "01234 56789 01234 56789"));
    }
}
