//! What a value of the file may be, in words.

use std::fmt;

use permesso_engine::limits::ALIAS_MAX;

/// What a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// From one number or span to another, both included; the value is one, but not among these.
    Range(String, String),
    /// A number of this range, which the value is not.
    Number(String, String),
    /// A span of time of this range, which the value is not.
    Span(String, String),
    /// So many spans of time, each of this range.
    Spans {
        /// How many.
        count: usize,
        /// The shortest.
        least: String,
        /// The longest.
        most: String,
    },
    /// A text of so many bytes.
    AliasLength,
    /// A text of so many bytes, which the value is not.
    Alias,
    /// Who may see a host.
    Visibility,
    /// Yes or no.
    Flag,
    /// Addresses of this host.
    Interfaces,
    /// Addresses of other hosts, with a port each.
    Peers,
    /// An address of this host with a port.
    Address,
    /// More messages than may wait.
    MoreThanOutbox {
        /// But at most so many.
        most: u32,
    },
    /// Fewer messages than there are marks.
    LessThanMarks {
        /// So many are there.
        marks: u32,
    },
    /// Keys with their values.
    Section(String),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(least, most) => write!(f, "{least} to {most}"),
            Self::Number(least, most) => write!(f, "a whole number, {least} to {most}"),
            Self::Span(least, most) => {
                write!(f, "a span of time, {least} to {most}, written \"250ms\", \"5s\", \"2m\", \"3h\" or \"30d\"")
            }
            Self::Spans { count, least, most } => {
                write!(f, "a list of {count} spans of time, each {least} to {most}, like [\"0ms\", \"500ms\", \"2s\"]")
            }
            Self::AliasLength => write!(f, "1 to {ALIAS_MAX} bytes of UTF-8"),
            Self::Alias => write!(f, "a text in quotation marks, 1 to {ALIAS_MAX} bytes of UTF-8"),
            Self::Visibility => f.write_str("\"everybody\", \"friends\" or \"nobody\""),
            Self::Flag => f.write_str("true or false"),
            Self::Interfaces => f.write_str("\"auto\" or a list of addresses of this host, like [\"192.168.1.20\"]"),
            Self::Peers => f.write_str("a list of addresses with a port, like [\"192.168.1.20:20070\"]"),
            Self::Address => f.write_str("an address of this host with a port, like \"127.0.0.1:20071\""),
            Self::MoreThanOutbox { most } => {
                write!(f, "a whole number, more than messages.outbox_max and at most {most}")
            }
            Self::LessThanMarks { marks } => write!(f, "less than messages.marks_max, which is {marks}"),
            Self::Section(name) => write!(f, "a section: [{name}] on a line of its own, its keys below"),
        }
    }
}
