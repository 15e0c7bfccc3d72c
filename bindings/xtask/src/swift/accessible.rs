//! What VoiceOver, large letters and languages from right to left need of the views, as far as their sources show it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// What no view may say, and why.
const FORBIDDEN: [(&str, &str); 6] = [
    (".system(size:", "letters of one size do not follow Dynamic Type"),
    ("fixedSize:", "letters of one size do not follow Dynamic Type"),
    ("ofSize:", "letters of one size do not follow Dynamic Type"),
    (".dynamicTypeSize(", "letters grow as far as the user wants"),
    (".leftToRight", "the user's language decides the direction"),
    (".onTapGesture", "a Button: VoiceOver and keyboards know no tap"),
];

/// Sides, which are the other ones in a language from right to left: leading and trailing, backward and forward are meant.
const SIDES: [&str; 2] = [".left", ".right"];

/// The system's own colours that are too pale for letters. Those that can be read are named in `Shade`.
const PALE: [&str; 13] = [
    ".red",
    ".green",
    ".orange",
    ".yellow",
    ".gray",
    ".blue",
    ".mint",
    ".teal",
    ".pink",
    ".secondary",
    ".tertiary",
    ".quaternary",
    ".borderedProminent",
];

/// The style that is too small for a finger as the system gives it.
const SMALL: &str = ".buttonStyle(.bordered)";

/// Styles of buttons that are as small as what they show.
const BARE: [&str; 2] = [".buttonStyle(.borderless)", ".buttonStyle(.plain)"];

/// What makes one large enough: 44 points, as Apple's Human Interface Guidelines ask of whatever is touched.
const LARGE: &str = "minHeight: 44";

/// Where the colours that can be read are turned into Apple's, and the styles of buttons into large ones.
const SHADES: &str = "Shades.swift";

/// What says in words what it is.
const SAYING: [&str; 4] = ["Text(", "Label(", "LabeledContent(", "Label {"];

/// Everything in the views that a screen reader could not say, that keeps its size, or that knows only one direction.
pub(super) fn faults(views: &Path) -> io::Result<Vec<String>> {
    let mut sources = Vec::new();
    for file in super::sources(views)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sources.push((name, fs::read_to_string(&file)?));
    }
    let saying: BTreeSet<String> = sources.iter().flat_map(|(_, text)| saying_views(text)).collect();
    Ok(sources
        .iter()
        .flat_map(|(name, text)| {
            let (name, saying) = (name.clone(), &saying);
            let other = if name == SHADES { Vec::new() } else { [pale(text), small(text)].concat() };
            let faults = forbidden(text).into_iter().chain(unlabelled(text, saying)).chain(other);
            faults.map(move |fault| format!("{name}: {fault}"))
        })
        .collect())
}

fn forbidden(source: &str) -> Vec<String> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    source
        .lines()
        .filter(code)
        .flat_map(|line| {
            let fixed = FORBIDDEN.iter().filter(move |(word, _)| line.contains(word));
            let sides = SIDES.iter().filter(move |side| names_side(line, side));
            let sides = sides.map(|side| format!("{side} (the other side in a language from right to left)"));
            fixed.map(|(word, why)| format!("{word} ({why})")).chain(sides)
        })
        .collect()
}

fn pale(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| PALE.iter().filter(move |colour| names_colour(line, colour)))
        .map(|colour| format!("{colour} (its contrast is not computed: take one of Shade)"))
        .collect()
}

/// Buttons that a finger would miss.
fn small(source: &str) -> Vec<String> {
    let usual = source
        .match_indices(SMALL)
        .map(|(at, _)| format!("{SMALL} is small, .bordered() is not: {}", line_at(source, at)));
    let openings = ["Button {", "Button("].into_iter().flat_map(|opening| source.match_indices(opening));
    let bare = openings.filter_map(|(at, _)| {
        let modifiers = chain(rest_of_call(source, at));
        let button = call(source.get(at..)?);
        let is_small = BARE.iter().any(|style| modifiers.contains(style)) && !button.contains(LARGE);
        is_small.then(|| format!("a bare button without {LARGE}: {}", line_at(source, at)))
    });
    usual.chain(bare).collect()
}

/// Whether it stands there as a word of its own.
fn names_colour(line: &str, colour: &str) -> bool {
    line.match_indices(colour).any(|(at, found)| {
        !line.get(at + found.len()..).and_then(|rest| rest.chars().next()).is_some_and(char::is_alphanumeric)
    })
}

/// Whether it stands there as a case of its own or ends the name of a symbol, and is no property of something.
fn names_side(line: &str, side: &str) -> bool {
    line.match_indices(side).any(|(at, found)| {
        let before = line.get(..at).and_then(|start| start.chars().next_back());
        let after = line.get(at + found.len()..).and_then(|rest| rest.chars().next());
        after == Some('"') || !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The views of a source that have words in them: one that is made of such a view says what it is.
fn saying_views(source: &str) -> Vec<String> {
    let starts = source.match_indices("struct ").filter_map(|(at, found)| source.get(at + found.len()..));
    starts
        .filter_map(|rest| {
            let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
            let body = block(rest.get(rest.find('{')?..)?)?;
            SAYING.iter().any(|saying| body.contains(saying)).then(|| format!("{name}("))
        })
        .collect()
}

/// Pictures and buttons that no words stand for.
fn unlabelled(source: &str, saying: &BTreeSet<String>) -> Vec<String> {
    let says = |text: &str| {
        SAYING.iter().any(|one| text.contains(one)) || saying.iter().any(|one| text.contains(one.as_str()))
    };
    let is_labelled =
        |chain: &str| chain.contains(".accessibilityLabel(") || chain.contains(".accessibilityHidden(true)");
    let mut found = Vec::new();
    for opening in ["Image(systemName:", "Image(uiImage:", "CodeCamera {"] {
        for (at, _) in source.match_indices(opening) {
            let after = rest_of_call(source, at);
            let around = enclosing(source, at);
            let is_icon = around.is_some_and(|(start, _)| {
                source.get(..start).is_some_and(|before| before.trim_end().ends_with("icon:"))
            });
            let is_within_label =
                around.is_some_and(|(_, end)| is_labelled(chain(source.get(end..).unwrap_or_default())));
            if !is_icon && !is_within_label && !is_labelled(chain(after)) {
                found.push(format!("{opening} without a label: {}", line_at(source, at)));
            }
        }
    }
    for opening in ["Button {", "Button(role:", "Button(action:"] {
        for (at, _) in source.match_indices(opening) {
            let rest = source.get(at..).unwrap_or_default();
            let whole = format!("{}{}", call(rest), chain(rest.get(call(rest).len()..).unwrap_or_default()));
            if !says(&whole) && !is_labelled(&whole) {
                found.push(format!("{opening} without words: {}", line_at(source, at)));
            }
        }
    }
    found
}

/// What follows a call and its arguments or closures.
pub(super) fn rest_of_call(source: &str, at: usize) -> &str {
    let rest = source.get(at..).unwrap_or_default();
    rest.get(call(rest).len()..).unwrap_or_default()
}

/// A call: its name, arguments, and closures, with or without their names.
fn call(text: &str) -> &str {
    let mut end = text.find(['(', '{']).unwrap_or(text.len());
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let trimmed = rest.trim_start();
        let named = trimmed
            .find(": {")
            .filter(|colon| trimmed.get(..*colon).is_some_and(|name| name.chars().all(char::is_alphabetic)));
        let open = match named {
            _ if trimmed.starts_with(['(', '{']) => 0,
            Some(colon) => colon + 2,
            None => return text.get(..end).unwrap_or(text),
        };
        let begin = end + (rest.len() - trimmed.len()) + open;
        match block(text.get(begin..).unwrap_or_default()) {
            Some(inside) => end = begin + inside.len(),
            None => return text,
        }
    }
}

/// The modifiers that follow, each with its arguments.
pub(super) fn chain(text: &str) -> &str {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let trimmed = rest.trim_start();
        if !trimmed.starts_with('.') {
            return text.get(..end).unwrap_or_default();
        }
        end += (rest.len() - trimmed.len()) + call(trimmed).len();
    }
}

/// From an opening bracket to the one that closes it. Brackets in texts do not count.
fn block(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut is_in_text = false;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if before != '\\' => is_in_text = !is_in_text,
            _ if is_in_text => {}
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..at + letter.len_utf8());
                }
            }
            _ => {}
        }
        before = letter;
    }
    None
}

/// The innermost braces around a place: where they open and where they have closed.
fn enclosing(source: &str, at: usize) -> Option<(usize, usize)> {
    let opens = source.get(..at)?.rmatch_indices('{');
    opens.map(|(open, _)| open).find_map(|open| {
        let end = open + block(source.get(open..)?)?.len();
        (end > at).then_some((open, end))
    })
}

pub(super) fn line_at(source: &str, at: usize) -> &str {
    let start = source.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    source.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let saying = saying_views(source).into_iter().collect();
        forbidden(source).into_iter().chain(unlabelled(source, &saying)).collect()
    }

    #[test]
    fn a_picture_or_button_without_words_is_found() {
        assert_eq!(found("HStack {\n    Image(systemName: \"eye\").font(.title)\n}").len(), 1);
        assert_eq!(found("Button { go() } label: {\n    Circle()\n}\n.disabled(true)").len(), 1);
        assert_eq!(found("CodeCamera { look($0) }\n    .frame(height: 280)").len(), 1);
    }

    #[test]
    fn one_with_words_is_not() {
        for labelled in [
            "Image(systemName: \"eye\").foregroundStyle(.green)\n    .accessibilityLabel(words.verified)",
            "Image(systemName: \"dot\").accessibilityHidden(true)",
            "Label {\n    Text(a)\n} icon: {\n    Image(systemName: \"eye\")\n}",
            "Button { go(\"}\") } label: {\n    Image(systemName: \"eye\").font(.title)\n}\n.accessibilityLabel(words.send)",
            "Button { go() } label: { Row(one) }\nstruct Row: View {\n    var body: some View { Text(a) }\n}",
            "Button(words.send) { go() }",
            "CodeCamera { look($0) }\n    .frame(height: 280)\n    .accessibilityLabel(words.scan)",
        ] {
            assert_eq!(found(labelled), Vec::<String>::new(), "{labelled}");
        }
    }

    #[test]
    fn colours_that_nobody_computed_are_found() {
        for colour in [
            "Text(a).foregroundStyle(.green)",
            "here ? Color.green : .quiet",
            "Button(a) {}.buttonStyle(.borderedProminent)",
        ] {
            assert_eq!(pale(colour).len(), 1, "{colour}");
        }
        assert_eq!(pale("// not .red\nText(a).foregroundStyle(.good).background(.redder)"), Vec::<String>::new());
    }

    #[test]
    fn buttons_that_a_finger_would_miss_are_found() {
        for button in [
            "Button(a) { b() }.buttonStyle(.bordered)",
            "ShareLink(a, item: b).buttonStyle(.bordered)",
            "Button { a() } label: { Text(b) }\n    .buttonStyle(.borderless)",
            "Button(a) { b() }.disabled(c).buttonStyle(.plain)",
        ] {
            assert_eq!(small(button).len(), 1, "{button}");
        }
        for button in [
            "Button(a) { b() }.bordered()",
            "Button(a) { b() }.buttonStyle(.borderedProminent)",
            "Button { a() } label: { Text(b).frame(minHeight: 44) }\n    .buttonStyle(.plain)",
        ] {
            assert_eq!(small(button), Vec::<String>::new(), "{button}");
        }
    }

    #[test]
    fn sizes_and_sides_that_are_fixed_are_found() {
        for fixed in [
            "Text(a).font(.system(size: 12))",
            "Text(a).padding(.left, 8)",
            "VStack(alignment: .right) {}",
            "Label(a, systemImage: \"chevron.right\")",
            "Text(a).onTapGesture { go() }",
        ] {
            assert_eq!(found(fixed).len(), 1, "{fixed}");
        }
        assert_eq!(
            found("// never .left\nText(a).font(.system(.title)).padding(.leading)\nb.leftNothing\nstate.left"),
            Vec::<String>::new()
        );
    }
}
