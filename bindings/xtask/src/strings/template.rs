//! One text with its places to be filled: Android's escapes in, any other notation out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How places without a name are called, in order.
const UNNAMED: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

/// What fills a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `%1$s`
    Text,
    /// `%1$d`
    Count,
    /// `%1$d` whose name ends in `_long`.
    Long,
}

/// What is filled in: by name for whoever calls, by position for the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) kind: Kind,
    /// As in `<xliff:g id="name">`.
    pub(crate) name: Option<String>,
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// Counted from 1.
    Place(usize, Argument),
}

/// A text in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// Takes the text of an element in, node by node.
#[derive(Debug)]
pub(crate) struct Reader {
    /// With the name of the `<xliff:g>` around it.
    letters: Vec<(char, Option<String>)>,
    /// White space counts once, and at the beginning not at all.
    after_space: bool,
}

impl Template {
    /// What each place takes. An error if the same place is described in two ways, or one is left out.
    pub(crate) fn arguments(&self) -> Result<BTreeMap<usize, Argument>, String> {
        let mut found: BTreeMap<usize, Argument> = BTreeMap::new();
        for piece in &self.pieces {
            let Piece::Place(position, argument) = piece else { continue };
            let known = found.entry(*position).or_insert_with(|| argument.clone());
            if known.kind != argument.kind {
                return Err(format!("place {position} is a text here and a number there"));
            }
            match (&known.name, &argument.name) {
                (Some(one), Some(other)) if one != other => {
                    return Err(format!("place {position} is named `{one}` and `{other}`"));
                }
                (None, Some(_)) => known.name.clone_from(&argument.name),
                _ => {}
            }
        }
        Ok(found)
    }

    /// In another notation: how its texts and its places are written.
    pub(crate) fn write(&self, text: impl Fn(&str) -> String, place: impl Fn(usize, &Argument) -> String) -> String {
        let mut written = String::new();
        for piece in &self.pieces {
            written.push_str(&match piece {
                Piece::Text(letters) => text(letters),
                Piece::Place(position, argument) => place(*position, argument),
            });
        }
        written
    }

    /// For comments and messages.
    pub(crate) fn plain(&self) -> String {
        self.write(str::to_owned, |position, argument| match &argument.name {
            Some(name) => format!("[{name}]"),
            None => format!("[{position}]"),
        })
    }
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { letters: Vec::new(), after_space: true }
    }

    /// Takes the text of one node in, whose letters stand in an `<xliff:g>` of that name.
    pub(crate) fn take(&mut self, text: &str, name: Option<&str>) -> Result<(), String> {
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let letter = match letter {
                '\\' => escaped(&mut letters)?,
                ' ' | '\n' | '\t' | '\r' => {
                    if !self.after_space {
                        self.push(' ', name);
                        self.after_space = true;
                    }
                    continue;
                }
                '\'' => return Err("an apostrophe is written \\' or better ’".to_owned()),
                '"' => return Err("a quotation mark is written \\\" or better “ and ”".to_owned()),
                '@' | '?' if self.letters.is_empty() => {
                    return Err(format!("`{letter}` at the beginning is written \\{letter}"));
                }
                other => other,
            };
            self.push(letter, name);
            self.after_space = false;
        }
        Ok(())
    }

    /// Looks for places in what was taken in.
    pub(crate) fn finish(mut self) -> Result<Template, String> {
        if self.after_space {
            self.letters.pop();
        }
        if self.letters.is_empty() {
            return Err("it is empty".to_owned());
        }
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut percents = 0;
        let mut doubled = 0;
        let mut letters = self.letters.into_iter().peekable();
        while let Some((letter, name)) = letters.next() {
            if letter != '%' {
                text.push(letter);
                continue;
            }
            let mut rest = String::new();
            while let Some((next, _)) = letters.next_if(|(next, _)| next.is_ascii_digit() || *next == '$') {
                rest.push(next);
            }
            let position =
                rest.strip_suffix('$').and_then(|digits| digits.parse::<usize>().ok()).filter(|one| *one > 0);
            match (position, letters.peek().map(|(next, _)| *next)) {
                (Some(position), Some(kind @ ('s' | 'd'))) => {
                    letters.next();
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(Piece::Place(position, Argument { kind: kind_of(kind, name.as_deref()), name }));
                }
                (None, Some('%')) if rest.is_empty() => {
                    letters.next();
                    text.push('%');
                    doubled += 1;
                }
                (None, Some(kind @ ('s' | 'd'))) if rest.is_empty() => {
                    return Err(format!("a place is written with its position: %1${kind}"));
                }
                (None, _) if rest.is_empty() => {
                    text.push('%');
                    percents += 1;
                }
                (_, next) => {
                    return Err(format!("`%{rest}{}` is no place", next.map(String::from).unwrap_or_default()));
                }
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        let has_places = pieces.iter().any(|piece| matches!(piece, Piece::Place(..)));
        match has_places {
            true if percents > 0 => Err("a percent sign beside places is written %%".to_owned()),
            false if doubled > 0 => Err("a percent sign in a text without places is written once".to_owned()),
            _ => Ok(Template { pieces }),
        }
    }

    fn push(&mut self, letter: char, name: Option<&str>) {
        self.letters.push((letter, name.map(str::to_owned)));
    }
}

fn kind_of(letter: char, name: Option<&str>) -> Kind {
    match letter {
        's' => Kind::Text,
        _ if name.is_some_and(|name| name.ends_with("_long")) => Kind::Long,
        _ => Kind::Count,
    }
}

/// What stands behind a backslash.
fn escaped(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, String> {
    match letters.next() {
        Some('n') => Ok('\n'),
        Some('t') => Ok('\t'),
        Some(plain @ ('\'' | '"' | '\\' | '@' | '?')) => Ok(plain),
        Some('u') => {
            let digits: String = letters.by_ref().take(4).collect();
            u32::from_str_radix(&digits, 16)
                .ok()
                .filter(|_| digits.len() == 4)
                .and_then(char::from_u32)
                .ok_or_else(|| format!("`\\u{digits}` is no letter"))
        }
        Some(other) => Err(format!("`\\{other}` is no escape")),
        None => Err("a backslash stands at the end".to_owned()),
    }
}

/// How a letter stands between quotation marks in Kotlin and Swift, but for what opens a place there.
pub(crate) fn quoted(text: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '$' => written.push_str("\\$"),
            other => written.push(other),
        }
    }
    written
}

/// How a place without a name is called.
pub(crate) fn unnamed(position: usize) -> String {
    let known = position.checked_sub(1).and_then(|index| UNNAMED.get(index));
    known.map_or_else(|| format!("argument{position}"), |name| (*name).to_owned())
}

/// `held_by` as `heldBy`.
pub(crate) fn camel(key: &str) -> String {
    let mut words = key.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            let _ = write!(name, "{}{}", first.to_ascii_uppercase(), letters.as_str());
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Template, String> {
        let mut reader = Reader::new();
        reader.take(text, None)?;
        reader.finish()
    }

    #[test]
    fn white_space_counts_once_and_what_is_escaped_stays() {
        assert_eq!(read("\n   It\\'s\n  \\\"here\\\"\\n now\\u00a0 ").unwrap().plain(), "It's \"here\"\n now\u{a0}");
        assert_eq!(read("\\@home \\\\ \\?").unwrap().plain(), "@home \\ ?");
    }

    #[test]
    fn what_android_would_read_otherwise_is_refused() {
        for wrong in ["It's", "\"a\"", "@home", "?", "\\x", "a\\", "\\u12", "\\ud800", "", "  "] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn places_have_a_position_and_a_percent_sign_is_doubled_beside_them_alone() {
        assert_eq!(read("%2$s and %1$d%%").unwrap().plain(), "[2] and [1]%");
        assert_eq!(read("at 100% or so").unwrap().plain(), "at 100% or so");
        for wrong in ["%s", "%d", "%1$x", "%0$s", "%1s", "%1$s at 5% now", "100%%", "%1$"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_has_the_name_and_the_kind_of_what_is_around_it() {
        let mut reader = Reader::new();
        reader.take("Took ", None).unwrap();
        reader.take("%1$d", Some("size_long")).unwrap();
        let arguments = reader.finish().unwrap().arguments().unwrap();
        let expected = Argument { kind: Kind::Long, name: Some("size_long".to_owned()) };
        assert_eq!(arguments.get(&1), Some(&expected));
        assert!(read("%1$s %1$d").unwrap().arguments().is_err());
    }

    #[test]
    fn a_key_becomes_a_name_in_code() {
        assert_eq!(camel("people_title"), "peopleTitle");
        assert_eq!(camel("ok"), "ok");
    }
}
