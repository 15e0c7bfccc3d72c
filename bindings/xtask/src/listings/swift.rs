//! What a Swift package makes public, read from its sources: so it is known where no Swift compiler is, Apple's part too.

use std::fs;
use std::io;
use std::path::Path;

use crate::swift::sources;

/// The public declarations of these modules, without their bodies, by file.
pub(super) fn declarations(package: &Path, modules: &[&str]) -> io::Result<String> {
    let mut text = String::new();
    for module in modules {
        let folder = package.join("Sources").join(module);
        let mut files = sources(&folder)?;
        files.sort();
        for file in files {
            let public = public(&fs::read_to_string(&file)?);
            if !public.is_empty() {
                let name = file.strip_prefix(&folder).unwrap_or(&file).display();
                text.push_str(&format!("{module}: {name}\n{public}"));
            }
        }
    }
    Ok(text)
}

/// Something with members.
struct Container {
    /// How it is written, until a member is.
    header: Option<String>,
    /// How many braces are open among its members.
    depth: usize,
    /// All members are as public as it is.
    is_protocol: bool,
    is_enum: bool,
    /// Its members can be seen at all.
    is_seen: bool,
}

/// The declarations of a source, its containers' members indented.
fn public(source: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    let mut containers: Vec<Container> = Vec::new();
    let mut lines = source.lines().map(bare);
    while let Some(mut line) = lines.next() {
        while containers.last().is_some_and(|container| depth < container.depth) {
            containers.pop();
        }
        let innermost = containers.last();
        if depth != innermost.map_or(0, |container| container.depth) {
            depth = after(depth, &line);
            continue;
        }
        // A declaration goes on until its parentheses are closed.
        while balance(&line, '(', ')') > 0 {
            let Some(more) = lines.next() else { break };
            line.push_str(if line.ends_with('(') || more.starts_with(')') { "" } else { " " });
            line.push_str(&more);
        }
        let head = head(&line);
        let words: Vec<&str> = head.split(' ').filter(|word| !word.starts_with('@')).collect();
        let is_kind = |kind: &&str| ["class", "struct", "enum", "actor", "protocol", "extension"].contains(kind);
        // A function of a class has `class` before `func`.
        let kind = words.iter().copied().find(is_kind).filter(|_| !words.contains(&"func") && !words.contains(&"var"));
        let is_said = words.first().is_some_and(|word| ["public", "open"].contains(word));
        let is_public = is_said
            || innermost.is_some_and(|container| {
                let is_case = container.is_enum && words.first() == Some(&"case");
                container.is_seen && (container.is_protocol && words.len() > 1 || is_case)
            });
        let is_seen = innermost.is_none_or(|container| container.is_seen) && (is_public || kind == Some("extension"));
        let indent = "  ".repeat(containers.len() + 1);
        if is_public && innermost.is_none_or(|container| container.is_seen) {
            let headers = containers.iter_mut().enumerate().filter_map(|(at, it)| Some((at, it.header.take()?)));
            headers.for_each(|(at, header)| text.push_str(&format!("{}{header}\n", "  ".repeat(at + 1))));
            text.push_str(&format!("{indent}{head}\n"));
        }
        let inside = after(depth, &line);
        if let Some(kind) = kind.filter(|_| inside > depth) {
            containers.push(Container {
                header: (!is_public).then(|| head.clone()),
                depth: inside,
                is_protocol: kind == "protocol" || (kind == "extension" && is_said),
                is_enum: kind == "enum",
                is_seen,
            });
        }
        depth = inside;
    }
    text
}

/// A line without what surrounds it, comments, and what stands in texts.
fn bare(line: &str) -> String {
    let (mut bare, mut in_text) = (String::new(), false);
    let mut letters = line.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_text => drop(letters.next()),
            '"' => in_text = !in_text,
            '/' if !in_text && letters.peek() == Some(&'/') => break,
            _ if in_text => continue,
            _ => {}
        }
        bare.push(letter);
    }
    bare.trim_end().to_owned()
}

/// A declaration without its body, its value, and the attributes before it.
fn head(line: &str) -> String {
    let mut open = 0_i32;
    let end = line.char_indices().find_map(|(at, letter)| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        let is_end =
            letter == '{' || (letter == '=' && !line.get(..at).is_some_and(|before| before.contains("typealias")));
        (open == 0 && is_end).then_some(at)
    });
    line.get(..end.unwrap_or(line.len())).unwrap_or(line).trim().to_owned()
}

fn balance(line: &str, open: char, close: char) -> isize {
    line.chars().map(|letter| isize::from(letter == open) - isize::from(letter == close)).sum()
}

fn after(depth: usize, line: &str) -> usize {
    depth.saturating_add_signed(balance(line, '{', '}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_is_listed_with_what_it_is_in_and_without_bodies() {
        let source = r#"
import Foundation

/// A thing.
public struct Thing: Sendable {
    /// One.
    public var one: String
    var two = "{"
    public init(
        one: String = "a(",
        two: Int
    ) {
        self.one = one
    }
    @discardableResult
    public func run(_ x: Int) async throws -> Int { x }
    private func hidden() { if true { public() } }
}
#if canImport(SwiftUI)
    extension View {
        public func following() -> some View { self }
    }
#endif
extension Other { func no() {} }
public protocol Host: AnyObject {
    var id: String { get }
    func start() async throws
}
struct Inner {
    public var unseen: Int
}
public enum Kind {
    case one(Int)
    case two
    public static let word = "a"
}
public typealias Name = Other.Name
"#;
        let expected = "  public struct Thing: Sendable
    public var one: String
    public init(one: String = \"\", two: Int)
    public func run(_ x: Int) async throws -> Int
  extension View
    public func following() -> some View
  public protocol Host: AnyObject
    var id: String
    func start() async throws
  public enum Kind
    case one(Int)
    case two
    public static let word
  public typealias Name = Other.Name
";
        assert_eq!(public(source), expected);
    }
}
