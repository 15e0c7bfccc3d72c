//! Contacts as vCards (RFC 6350): what an address book needs to find a friend again, the `permesso:` URI with its key, stands
//! in IMPP, and in NOTE too, where the phones of 2007 kept it.

use permesso_engine::api::ContactView;
use permesso_engine::uri::PermessoUri;

/// Longest line in octets without its line break (RFC 6350 §3.2).
const LINE_MAX: usize = 75;

/// What every `permesso:` URI begins with.
const SCHEME: &str = "permesso:";

/// One card of a file, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Card {
    /// The line it begins at, from 1.
    pub(crate) line: usize,
    /// The name the address book shows.
    pub(crate) name: Option<String>,
    /// The first `permesso:` URI; one in IMPP or URL counts more than one in a note.
    pub(crate) uri: Option<String>,
    /// It has an end.
    pub(crate) is_whole: bool,
}

/// A contact as a vCard 4.0.
pub(crate) fn write(contact: &ContactView) -> String {
    let alias = Some(contact.alias.clone()).filter(|alias| !alias.is_empty());
    let uri = PermessoUri { key: contact.key, alias, token: None, certificate: None, addresses: Vec::new() };
    let name = contact.known_name().map_or_else(|| contact.host.to_string(), str::to_owned);
    let mut card = String::new();
    for line in [
        "BEGIN:VCARD".to_owned(),
        "VERSION:4.0".to_owned(),
        format!("UID:urn:uuid:{}", contact.host),
        format!("FN:{}", escaped(&name)),
        format!("IMPP;PREF=1:{uri}"),
        format!("NOTE:{}", escaped(&uri.to_string())),
        "END:VCARD".to_owned(),
    ] {
        fold(&line, &mut card);
    }
    card
}

/// The cards of a text: version 4.0, and 3.0 as far as the two agree. Other lines, photographs for example, are passed over.
pub(crate) fn read(text: &str) -> Vec<Card> {
    let mut cards: Vec<Card> = Vec::new();
    let mut open: Option<(Card, Option<String>)> = None;
    for (line, content) in unfolded(text) {
        let Some((name, value)) = property(&content) else { continue };
        match (name.to_ascii_uppercase().as_str(), &mut open) {
            ("BEGIN", _) if value.trim().eq_ignore_ascii_case("VCARD") => {
                cards.extend(open.take().map(closed));
                open = Some((Card { line, ..Card::default() }, None));
            }
            ("END", Some((card, _))) if value.trim().eq_ignore_ascii_case("VCARD") => {
                card.is_whole = true;
                cards.extend(open.take().map(closed));
            }
            ("FN", Some((card, _))) => card.name = Some(unescaped(value)).filter(|name| !name.trim().is_empty()),
            ("IMPP" | "URL", Some((card, _))) if card.uri.is_none() => card.uri = uri_in(value),
            ("NOTE", Some((_, noted))) if noted.is_none() => *noted = uri_in(&unescaped(value)),
            _ => {}
        }
    }
    cards.extend(open.take().map(closed));
    cards
}

fn closed((mut card, noted): (Card, Option<String>)) -> Card {
    card.uri = card.uri.or(noted);
    card
}

/// The first `permesso:` URI in a text.
fn uri_in(text: &str) -> Option<String> {
    let is_uri = |word: &&str| word.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).find(is_uri).map(str::to_owned)
}

/// The logical lines with the number of their first line; a line that begins with a blank goes on with the one before
/// (RFC 6350 §3.2).
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// Name and value of a line, without its group and parameters (RFC 6350 §3.3); a colon in quotes is part of a parameter.
fn property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let colon = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    });
    let (before, value) = line.split_at_checked(colon?.0)?;
    let name = before.split(';').next()?;
    Some((name.rsplit('.').next()?, value.strip_prefix(':')?))
}

/// A text value (RFC 6350 §3.4).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => plain.extend(rest.next().map(|c| if matches!(c, 'n' | 'N') { '\n' } else { c })),
            c => plain.push(c),
        }
    }
    plain
}

/// Appends a line, broken where it is too long, never within a character.
fn fold(line: &str, card: &mut String) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE_MAX {
            card.push_str("\r\n ");
            length = 1;
        }
        card.push(c);
        length += c.len_utf8();
    }
    card.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use permesso_engine::api::FriendState;
    use permesso_engine::ids::FriendId;

    const KEY: &str = "dcc0aae3475580b674d36a03cfffc56148b341168a266e8178bb0f1c5dd20a1f";

    fn contact(alias: &str, local_alias: Option<&str>) -> ContactView {
        let uri: PermessoUri = format!("permesso:{KEY}").parse().unwrap();
        ContactView {
            friend: FriendId(1),
            host: uri.host_id(),
            key: uri.key,
            alias: alias.into(),
            local_alias: local_alias.map(Into::into),
            state: FriendState::Friend,
            verified: true,
            blocked: false,
        }
    }

    fn one(text: &str) -> Card {
        let cards = read(text);
        assert_eq!(cards.len(), 1, "{cards:?}");
        cards.into_iter().next().unwrap()
    }

    #[test]
    fn a_card_has_the_name_and_the_key_in_two_places() {
        let card = write(&contact("Grace", None));
        let expected =
            format!("BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:{}\r\nFN:Grace\r\n", contact("Grace", None).host);
        assert!(card.starts_with(&expected), "{card}");
        let plain = card.replace("\r\n ", "");
        assert!(plain.contains(&format!("\r\nIMPP;PREF=1:permesso:{KEY}?alias=Grace\r\n")), "{plain}");
        assert!(plain.contains(&format!("\r\nNOTE:permesso:{KEY}?alias=Grace\r\n")), "{plain}");
        assert!(plain.ends_with("\r\nEND:VCARD\r\n"));
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_name() {
        let long = "Ünïcödé ".repeat(20);
        for name in ["Grace", "Hopper, Grace; Dr.", "back\\slash", "two\nlines", "a:b", "\"q\"", "🎉🎉", long.trim()]
        {
            let written = write(&contact("Grace", Some(name)));
            assert!(written.split("\r\n").all(|line| line.len() <= LINE_MAX), "{written}");
            let card = one(&written);
            assert_eq!(card.name.as_deref(), Some(name));
            assert_eq!(card.uri.unwrap(), format!("permesso:{KEY}?alias=Grace"));
            assert!(card.is_whole);
        }
    }

    #[test]
    fn a_card_without_a_name_shows_the_host() {
        assert_eq!(one(&write(&contact("", None))).name, Some(contact("", None).host.to_string()));
    }

    #[test]
    fn cards_of_other_programs_are_read() {
        let text = format!(
            "BEGIN:VCARD\nVERSION:3.0\nN:Hopper;Grace\nFN:Grace Hopper\nPHOTO;ENCODING=b:/9j/4AAQ\n SkZJRg==\n\
             item1.URL;TYPE=\"a:b\":PERMESSO:{KEY}\nitem1.X-ABLabel:Chat\nEND:VCARD\n\
             begin:vcard\nversion:4.0\nfn;language=en:Ada\nnote:met in the library\\, <permesso:{KEY}?alias=Ada> \\n\nend:vcard\n"
        );
        let cards = read(&text);
        assert_eq!(cards.len(), 2);
        assert_eq!(cards[0].name.as_deref(), Some("Grace Hopper"));
        assert_eq!(cards[0].uri.as_deref(), Some(format!("PERMESSO:{KEY}").as_str()));
        assert_eq!((cards[1].line, cards[1].name.as_deref()), (10, Some("Ada")));
        assert_eq!(cards[1].uri.as_deref(), Some(format!("permesso:{KEY}?alias=Ada").as_str()));
    }

    #[test]
    fn a_card_without_a_key_or_without_an_end_is_told() {
        let cards = read("BEGIN:VCARD\nFN:Bob\nTEL:+44\nEND:VCARD\nBEGIN:VCARD\nFN:Cut\nBEGIN:VCARD\nFN:Last\n");
        let seen: Vec<_> = cards.iter().map(|card| (card.name.as_deref().unwrap(), card.is_whole)).collect();
        assert_eq!(seen, [("Bob", true), ("Cut", false), ("Last", false)]);
        assert!(cards.iter().all(|card| card.uri.is_none()));
    }

    #[test]
    fn text_that_is_no_card_gives_none() {
        for text in ["", "hello", ":::::", "END:VCARD", "FN:Nobody", " \n \n", "BEGIN:VCALENDAR\nEND:VCALENDAR"] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
