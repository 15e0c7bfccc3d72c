//! The app for the iPhone, as far as a machine without Apple's tools goes: every Swift file parses, the views hold to the types
//! of what they show, with stand-ins for SwiftUI and its like, and what they say exists.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::accessible;
use crate::cargo::{target_folder, workspace_root};
use crate::testing::Tally;

/// Compiled by Xcode alone.
const VIEWS: &str = "ios/App/Views";

/// The shapes of what the views use of Apple's, by the name of the module.
const STAND_INS: [(&str, &[&str]); 7] = [
    ("Combine", &["Combine.swift"]),
    ("UniformTypeIdentifiers", &["UniformTypeIdentifiers.swift"]),
    ("SwiftUI", &["SwiftUI.swift", "Controls.swift", "UIKit.swift"]),
    ("PhotosUI", &["PhotosUI.swift"]),
    ("CoreImage", &["CoreImage.swift"]),
    ("AVFoundation", &["AVFoundation.swift"]),
    ("UserNotifications", &["UserNotifications.swift"]),
];

/// The same for what PermessoKit has for Apple's systems; but for the keychain, whose types no other system can bridge to.
const KIT_STAND_INS: [(&str, &str); 2] = [("Network", "Network.swift"), ("UIKit", "UIKit.swift")];

/// The language mode of the views, as in `project.yml`.
const VIEWS_MODE: &str = "5";

/// Where the words have their names, and the sentences that are made of them.
const WORDS: [&str; 2] = ["ios/App/Screens/Sources", VIEWS];

/// A word as a view asks for it: its name and the names of what is filled in.
type Call = (String, Vec<String>);

/// What can be said of the views without a compiler.
pub(super) fn checks() -> Tally {
    let version = project_version().map(|named| (named != wanted_version()).then_some(named).into_iter().collect());
    [
        ("there are no such words", unknown_words()),
        ("a text that is nobody's words", untranslated()),
        ("it happens once for each row of a Section: say it of what is around", by_row()),
        ("not everybody can use it", accessible::faults(&workspace_root().join(VIEWS))),
        ("project.yml asks for a permission in other words than InfoPlist.xcstrings", other_reasons()),
        ("project.yml names another version than the workspace", version),
        ("the release's XcodeGen is not the one that project.yml wants, or nobody knows which it is", unpinned()),
    ]
    .into_iter()
    .map(|(what, found)| match found {
        Ok(faults) if faults.is_empty() => Tally::PASSED,
        Ok(faults) => Tally::failure(format!("{what}:\n  {}", faults.join("\n  "))),
        Err(error) => Tally::failure(format!("the iPhone's app could not be read: {error}")),
    })
    .fold(Tally::default(), Tally::plus)
}

/// The version as people see it, and the number that grows with each (major·10⁶ + minor·10³ + patch, as Android's).
fn wanted_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let number = version.split('.').filter_map(|part| part.parse::<u64>().ok()).fold(0, |sum, part| sum * 1_000 + part);
    format!("{version} {number}")
}

fn project_version() -> io::Result<String> {
    let text = fs::read_to_string(workspace_root().join("ios/App/project.yml"))?;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
        line.map(|value| value.trim_matches('"').to_owned()).unwrap_or_default()
    };
    Ok(format!("{} {}", value("MARKETING_VERSION"), value("CURRENT_PROJECT_VERSION")))
}

/// What the release would make the project with, as far as it is not that version, checked by its checksum.
fn unpinned() -> io::Result<Vec<String>> {
    let project = fs::read_to_string(workspace_root().join("ios/App/project.yml"))?;
    let wanted = project.lines().find_map(|line| line.trim().strip_prefix("minimumXcodeGenVersion: "));
    let wanted = format!("version={}", wanted.unwrap_or_default());
    let release = fs::read_to_string(workspace_root().join(".github/workflows/release.yml"))?;
    let lines: Vec<&str> = release.lines().map(str::trim).collect();
    let downloaded = lines.iter().position(|line| line.contains("xcodegen.artifactbundle.zip"));
    let around =
        downloaded.and_then(|at| lines.get(at.saturating_sub(2)..(at + 2).min(lines.len()))).unwrap_or_default();
    let has = |part: &str| around.iter().any(|line| line.contains(part));
    let mut faults: Vec<String> =
        [wanted.as_str(), "shasum -a 256 --check"].into_iter().filter(|part| !has(part)).map(str::to_owned).collect();
    faults.extend(lines.iter().filter(|line| line.contains("brew install")).map(|line| (*line).to_owned()));
    Ok(faults)
}

/// English texts of the catalogue that the project does not have: the system shows the project's where it finds no catalogue.
fn other_reasons() -> io::Result<Vec<String>> {
    let app = workspace_root().join("ios/App");
    let project = fs::read_to_string(app.join("project.yml"))?;
    let catalogue: serde_json::Value = serde_json::from_str(&fs::read_to_string(app.join("InfoPlist.xcstrings"))?)?;
    let strings = catalogue
        .get("strings")
        .and_then(serde_json::Value::as_object)
        .ok_or_else(|| io::Error::other("no strings"))?;
    let said = |(name, text): (&String, &serde_json::Value)| {
        let english = text.pointer("/localizations/en/stringUnit/value")?.as_str()?;
        Some(format!("{name}: {english}"))
    };
    Ok(strings.iter().filter_map(said).filter(|line| !project.contains(line.as_str())).collect())
}

/// What shows a text, and would show one that is written there in one language.
const SHOWING: [&str; 12] = [
    "Text(\"",
    "Text(verbatim: \"",
    "Button(\"",
    "Label(\"",
    "Section(\"",
    "Toggle(\"",
    "Picker(\"",
    "TextField(\"",
    "ProgressView(\"",
    ".navigationTitle(\"",
    ".alert(\"",
    ".accessibilityLabel(\"",
];

fn untranslated() -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for file in super::sources(&workspace_root().join(VIEWS))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file)?;
        found.extend(literals(&text).into_iter().map(|literal| format!("{name}: \"{literal}\"")));
    }
    Ok(found)
}

/// Texts with letters of their own, beside what is filled in.
fn literals(source: &str) -> Vec<String> {
    let shown = SHOWING.iter().flat_map(|opening| source.split(opening).skip(1));
    shown.map(own_letters).filter(|text| text.chars().any(char::is_alphabetic)).collect()
}

/// What stands up to the quotation mark, without `\(…)`.
fn own_letters(literal: &str) -> String {
    let mut own = String::new();
    let mut depth = 0_usize;
    let mut letters = literal.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if depth == 0 => match letters.next() {
                Some('(') => depth = 1,
                other => own.extend(other),
            },
            '"' if depth == 0 => break,
            '(' if depth > 0 => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            own_letter => own.push(own_letter),
        }
    }
    own
}

/// What is to happen once a screen. SwiftUI gives a Section's modifiers to each of its rows: two rows are two sheets that want to open.
const ONCE: [&str; 8] = [
    ".sheet(",
    ".alert(",
    ".confirmationDialog(",
    ".fullScreenCover(",
    ".fileImporter(",
    ".task",
    ".onAppear",
    ".onChange(",
];

fn by_row() -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for file in super::sources(&workspace_root().join(VIEWS))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(of_sections(&fs::read_to_string(&file)?).into_iter().map(|line| format!("{name}: {line}")));
    }
    Ok(found)
}

/// The modifiers of Sections that are not for rows.
fn of_sections(source: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let starts = ["Section {", "Section("].into_iter().flat_map(|opening| source.match_indices(opening));
    let whole = starts
        .map(|(at, _)| at)
        .filter(|at| !source.get(..*at).and_then(|before| before.chars().next_back()).is_some_and(is_part));
    whole
        .flat_map(|at| {
            let modifiers = accessible::chain(accessible::rest_of_call(source, at));
            let wrong = ONCE.iter().filter(move |once| modifiers.contains(*once));
            wrong.map(move |once| format!("{once} of {}", accessible::line_at(source, at)))
        })
        .collect()
}

/// Whether Swift can read every file of Apple's side, those included that only Apple's systems compile.
pub(super) fn parsed() -> Tally {
    let files = match super::sources(&workspace_root().join("ios")) {
        Ok(files) => files,
        Err(error) => {
            return Tally::failure(format!("the Swift files could not be listed: {error}"));
        }
    };
    let written = files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == ".build"));
    let status = Command::new("swift").args(["-frontend", "-parse", "-swift-version", "6"]).args(written).status();
    match status {
        Ok(status) if status.success() => Tally::PASSED,
        Ok(_) => Tally::failure("Swift cannot read the files of the iPhone's app"),
        Err(error) => Tally::failure(format!("swift could not be run: {error}")),
    }
}

/// Whether PermessoKit's part for Apple's systems and the views fit the screens' models and the stand-ins of Apple's modules. `modules` holds what was compiled.
pub(super) fn fitted(modules: &Path) -> Tally {
    match try_fit(modules) {
        Ok(()) => Tally::PASSED,
        Err(error) => Tally::failure(format!("what only Apple's systems have does not fit: {error}")),
    }
}

fn try_fit(modules: &Path) -> io::Result<()> {
    let app = workspace_root().join("ios/App");
    let output = target_folder().join("swift/stand-ins");
    fs::create_dir_all(&output)?;
    let frontend = |action: &str, module: &str, mode: &str| {
        let mut command = Command::new("swift");
        command.args(["-frontend", action, "-parse-as-library", "-module-name", module, "-swift-version", mode]);
        command.args(["-DDEBUG", "-I"]).arg(&output);
        command
    };
    for (module, files) in STAND_INS {
        let mut command = frontend("-emit-module", module, VIEWS_MODE);
        command.args(files.iter().map(|file| app.join("StandIn").join(file)));
        command.arg("-o").arg(output.join(module).with_extension("swiftmodule"));
        super::succeed(module, command.arg("-suppress-warnings").status()?)?;
    }
    let around = |mut command: Command| {
        command.arg("-I").arg(modules).arg("-I").arg(super::generated().join("linux")).arg("-warnings-as-errors");
        command
    };
    // Beside the others: the models below are to find no more than what is compiled for this system.
    let beside = output.join("kit");
    fs::create_dir_all(&beside)?;
    for (module, file) in KIT_STAND_INS {
        let mut command = frontend("-emit-module", module, VIEWS_MODE);
        command.arg(app.join("StandIn").join(file)).arg("-o").arg(beside.join(module).with_extension("swiftmodule"));
        super::succeed(module, command.arg("-suppress-warnings").status()?)?;
    }
    let mut command = around(frontend("-typecheck", "PermessoKit", "6"));
    command.arg("-I").arg(&beside).args(super::sources(&super::package().join("Sources/PermessoKit"))?);
    super::succeed("the compilation of PermessoKit for Apple's systems", command.status()?)?;
    // Once more, as it is where Combine is: the models then are what views observe.
    let mut command = around(frontend("-emit-module", "PermessoScreens", "6"));
    command.args(super::sources(&super::screens().join("Sources"))?);
    command.arg("-o").arg(output.join("PermessoScreens.swiftmodule"));
    super::succeed("the screens with Combine", command.status()?)?;
    let mut command = around(frontend("-typecheck", "Permesso", VIEWS_MODE));
    command.arg(app.join("StandIn/Apple.swift")).args(super::sources(&workspace_root().join(VIEWS))?);
    super::succeed("their compilation", command.status()?)
}

fn unknown_words() -> io::Result<Vec<String>> {
    let mut known: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for folder in WORDS {
        for file in super::sources(&workspace_root().join(folder))? {
            let text = fs::read_to_string(file)?;
            if text.contains("extension Words {") || text.contains("struct Words:") {
                declared(&text).into_iter().for_each(|(name, labels)| known.entry(name).or_default().push(labels));
            }
        }
    }
    let mut unknown = Vec::new();
    for file in super::sources(&workspace_root().join(VIEWS))? {
        let text = fs::read_to_string(&file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (word, labels) in asked(&text) {
            if !known.get(&word).is_some_and(|forms| forms.contains(&labels)) {
                unknown.push(format!("{name}: words.{word}({})", labels.join(":")));
            }
        }
    }
    Ok(unknown)
}

/// The members of `Words` that a source declares.
fn declared(source: &str) -> Vec<Call> {
    let mut members: Vec<Call> = Vec::new();
    for line in source.lines().map(str::trim_start) {
        let line = ["public ", "fileprivate "].iter().find_map(|access| line.strip_prefix(access)).unwrap_or(line);
        if let Some(rest) = line.strip_prefix("var ") {
            members.push((name_of(rest).to_owned(), Vec::new()));
        } else if let Some(rest) = line.strip_prefix("func ") {
            let name = name_of(rest);
            let (parameters, _) = rest.split_once(") ").unwrap_or((rest, ""));
            let parameters = parameters.split_once('(').map_or("", |(_, inside)| inside);
            let labels = parameters.split(", ").filter_map(|one| one.split(':').next()).map(|names| {
                let first = names.split(' ').next().unwrap_or_default();
                if first == "_" { String::new() } else { first.to_owned() }
            });
            members.push((name.to_owned(), labels.collect()));
        }
    }
    members
}

/// What a view asks of its words.
fn asked(source: &str) -> Vec<Call> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let starts = source.match_indices("words.").filter(|(at, _)| {
        !source
            .get(..*at)
            .and_then(|before| before.chars().next_back())
            .is_some_and(|c| is_part(c) || c == '\\' || c == '.')
    });
    starts
        .filter_map(|(at, found)| source.get(at + found.len()..))
        .map(|rest| {
            let name = name_of(rest);
            let behind = rest.get(name.len()..).unwrap_or_default();
            (name.to_owned(), behind.strip_prefix('(').map(labels).unwrap_or_default())
        })
        .collect()
}

fn name_of(rest: &str) -> &str {
    rest.trim_start_matches('`').split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The names of arguments up to the parenthesis that ends them; empty for one without a name.
fn labels(arguments: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut current = String::new();
    for letter in arguments.chars() {
        match letter {
            ')' | ']' | '}' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            found.push(std::mem::take(&mut current));
        } else {
            current.push(letter);
        }
    }
    if !current.trim().is_empty() {
        found.push(current);
    }
    found.iter().map(|argument| label(argument.trim())).collect()
}

fn label(argument: &str) -> String {
    let name = name_of(argument);
    if argument.get(name.len()..).is_some_and(|rest| rest.starts_with(": ")) { name.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, labels: &[&str]) -> Call {
        (name.to_owned(), labels.iter().map(|label| (*label).to_owned()).collect())
    }

    #[test]
    fn members_are_read_with_the_names_of_their_arguments() {
        let source = "    public var send: String { source.text(\"send\", []) }\n\
            \x20   public func heldBy(name: String, others: Int) -> String { source.text(\"a\", [.text(name)]) }\n\
            \x20   public func fateSentence(_ message: Message, name: String) -> String {\n";
        let expected = [call("send", &[]), call("heldBy", &["name", "others"]), call("fateSentence", &["", "name"])];
        assert_eq!(declared(source), expected);
    }

    #[test]
    fn a_text_in_one_language_alone_is_found() {
        let view = "Text(words.send)\nText(\"\\(friend.unread) \\(f(a, b))\")\nButton(\"Go \\(name)\") {}\n\
            Image(systemName: \"eye\")\nText(verbatim: message.text)";
        assert_eq!(literals(view), ["Go "]);
    }

    #[test]
    fn what_a_section_would_give_to_each_of_its_rows_is_found() {
        let view = "Section {\n    Text(a)\n} header: {\n    Text(b)\n}\n.sheet(isPresented: $c) { D() }\n.disabled(e)";
        assert_eq!(of_sections(view), [".sheet( of Section {"]);
        assert_eq!(
            of_sections("Section(title) { Text(a) }.task { await b() }"),
            [".task of Section(title) { Text(a) }.task { await b() }"]
        );
        let well = "Form {\n    Section { Text(a) }.listRowSeparator(.hidden)\n    LeavingSection(app: app)\n}\n.sheet(isPresented: $c) { D() }\n\
            MySection { Text(a) }\n    .task { await b() }\nSection { Text(e) } footer: { Text(g).onAppear { h() } }";
        assert_eq!(of_sections(well), Vec::<String>::new());
    }

    #[test]
    fn what_a_view_asks_is_found_with_its_names() {
        let view = "Text(words.send)\nText(words.heldBy(name: names[a, b] ?? f(x, y), others: 1 > 0 ? 1 : 2))\n\
            Text(words.fateSentence(message, name: name))\n@Environment(\\.words) var words\nstrings.words.x; mywords.y";
        let expected = [call("send", &[]), call("heldBy", &["name", "others"]), call("fateSentence", &["", "name"])];
        assert_eq!(asked(view), expected);
    }
}
