//! Ids and addresses as texts.

use std::fmt::Display;
use std::str::FromStr;

use permesso_node::{HostId, MessageId, NetAddr};

use crate::error::PermessoError;

/// Reads a host's id: a UUID.
pub(crate) fn host(text: &str) -> Result<HostId, PermessoError> {
    parsed("a host's id", "a UUID like 5c146b14-3c52-8afd-938a-375d0df1fbf6", text)
}

/// Reads a message's id: 32 hexadecimal digits.
pub(crate) fn message(text: &str) -> Result<MessageId, PermessoError> {
    parsed("a message's id", "32 hexadecimal digits", text)
}

/// Reads an address with a port.
pub(crate) fn address(text: &str) -> Result<NetAddr, PermessoError> {
    parsed("an address", "one with a port like 192.168.1.20:20070 or [fe80::1%3]:20070", text)
}

/// Reads a text that is to be something; the error says what, and never repeats more than the beginning of it.
pub(crate) fn parsed<T: FromStr<Err: Display>>(what: &str, example: &str, text: &str) -> Result<T, PermessoError> {
    text.parse().map_err(|error| {
        let shown: String = text.chars().take(64).collect();
        PermessoError::InvalidInput { reason: format!("\"{shown}\" is not {what} ({error}): {example} is expected") }
    })
}
