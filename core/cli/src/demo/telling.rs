//! Telling the story: for people, or as one JSON object a step.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::story::{Detail, Step, Trouble};
use crate::failure::Failure;
use crate::printing::{self, one_line};
use crate::words::{Language, errors, fates, people, story as words};

/// The width of a step's sentence in characters, so that a line has less than 80.
const SENTENCE: usize = 52;

/// Tells steps as they happen.
pub(super) struct Telling {
    json: bool,
    language: Language,
    begun: Instant,
    number: usize,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    step: Step,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    ms: u128,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    details: &'a [Detail],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Telling {
    /// Says what is to come.
    pub(super) fn begin(json: bool, language: Language) -> Result<Self, Failure> {
        if !json {
            printing::line(&words::opening(language))?;
            printing::line("")?;
        }
        Ok(Self { json, language, begun: Instant::now(), number: 0 })
    }

    /// Tells a step that happened, or did not.
    pub(super) fn step(
        &mut self,
        step: Step,
        took: Duration,
        told: &Result<Vec<Detail>, Trouble>,
    ) -> Result<(), Failure> {
        self.number += 1;
        let (details, trouble) = match told {
            Ok(details) => (details.as_slice(), None),
            Err(trouble) => (&[][..], Some(self.trouble(trouble))),
        };
        if self.json {
            let state = trouble.is_none().then(|| step.state());
            let told = Told { step, ok: trouble.is_none(), state, ms: took.as_millis(), details, error: trouble };
            return Ok(printing::json(&told)?);
        }
        let (mark, state) = match trouble {
            None => ('✓', words::state(self.language, step)),
            Some(_) => ('✗', words::not_happened(self.language)),
        };
        let sentence = words::sentence(self.language, step);
        let seconds = took.as_secs_f64();
        printing::line(&format!("{:>2} {mark} {sentence:<SENTENCE$} {state:<14} {seconds:>5.2} s", self.number))?;
        for detail in details {
            printing::line(&format!("       {}", self.detail(detail)))?;
        }
        if let Some(trouble) = trouble {
            printing::line(&format!("       {trouble}"))?;
        }
        Ok(())
    }

    /// Says how it ended, and where the homes are if they stay.
    pub(super) fn end(&self, happened: bool, kept: Option<&Path>) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        printing::line("")?;
        let seconds = format!("{:.1}", self.begun.elapsed().as_secs_f64());
        printing::line(&match happened {
            true => words::happy_end(self.language, &seconds),
            false => words::sad_end(self.language),
        })?;
        if let Some(path) = kept {
            printing::line(&words::kept(self.language, &path.display().to_string()))?;
        }
        Ok(())
    }

    fn trouble(&self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Node(error) => errors::node(self.language, error),
            Trouble::Failure(failure) => failure.text(self.language),
            Trouble::Late(seen) => words::late(self.language, seen),
            Trouble::Different(seen) => words::different(self.language, seen),
        }
    }

    fn detail(&self, detail: &Detail) -> String {
        match detail {
            Detail::Host { name, host, address } => format!("{name:<6} {host}  {address}"),
            Detail::Claim(claim) => {
                let flags = claim.flags.iter().map(|flag| format!(" ! {}", people::flag(self.language, *flag)));
                let state = people::friend_state(self.language, claim.friend);
                format!("{:<6} {}  {state}{}", one_line(&claim.alias), claim.host.short(), flags.collect::<String>())
            }
            Detail::Said { from, text, state } => {
                let line = format!("{from}: “{}”", one_line(text));
                format!("{line:<58} {}", fates::word(self.language, state))
            }
            Detail::Holder { name, host, server } => {
                words::holder(self.language, &one_line(name), &host.short(), *server)
            }
            Detail::Asked { from, greeting } => format!("{from}: “{}”", one_line(greeting)),
            Detail::Safety { safety_number } => words::safety(self.language, safety_number),
            Detail::Conversation { conversation_port } => words::conversation(self.language, *conversation_port),
        }
    }
}
