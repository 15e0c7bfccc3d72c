//! The app's manifest as Android's build makes it: with what every library brings. Of the rules of Android's own merger those that
//! these manifests need; an instruction that is not known here is an error, and not passed over.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use roxmltree::{Document, Node};

const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const TOOLS: &str = "http://schemas.android.com/tools";

/// What a manifest has once.
const SINGLE: [&str; 2] = ["manifest", "application"];

/// What is the module's own and not the app's.
const OWN: [&str; 1] = ["uses-sdk"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Element {
    tag: String,
    /// With their prefix, as they are written.
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

/// The app's manifest with those of its libraries, the more important first.
///
/// # Errors
/// One cannot be read, wants something that is not known here, or contradicts another.
pub(super) fn merged(app: &str, libraries: &[String], id: &str) -> io::Result<String> {
    let mut whole = Element::read(app)?;
    for library in libraries {
        let mut part = Element::read(library)?;
        // Its own name, by which it is compiled.
        part.attributes.remove("package");
        whole.take(part)?;
    }
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    whole.attributes.insert("xmlns:android".to_owned(), ANDROID.to_owned());
    whole.write(&mut text);
    Ok(text.replace("${applicationId}", id))
}

impl Element {
    fn read(text: &str) -> io::Result<Self> {
        let document = Document::parse(text).map_err(io::Error::other)?;
        Self::of(document.root_element())
    }

    fn of(node: Node<'_, '_>) -> io::Result<Self> {
        let mut attributes = BTreeMap::new();
        for attribute in node.attributes() {
            match attribute.namespace() {
                // What happens anyway.
                Some(TOOLS) if (attribute.name(), attribute.value()) == ("node", "merge") => {}
                Some(TOOLS) => {
                    let said = format!("tools:{}=\"{}\" is not known here", attribute.name(), attribute.value());
                    return Err(io::Error::other(said));
                }
                Some(_) => {
                    drop(attributes.insert(format!("android:{}", attribute.name()), attribute.value().to_owned()))
                }
                None => drop(attributes.insert(attribute.name().to_owned(), attribute.value().to_owned())),
            }
        }
        let children = node.children().filter(Node::is_element).map(Self::of).collect::<io::Result<_>>()?;
        Ok(Self { tag: node.tag_name().name().to_owned(), attributes, children })
    }

    /// Whether both speak of the same.
    fn is_same(&self, other: &Self) -> bool {
        let name = |element: &Self| element.attributes.get("android:name").cloned();
        self.tag == other.tag
            && (SINGLE.contains(&self.tag.as_str())
                || name(self).is_some() && name(self) == name(other)
                || self == other)
    }

    fn take(&mut self, other: Self) -> io::Result<()> {
        for (name, value) in other.attributes {
            let ours = self.attributes.entry(name.clone()).or_insert_with(|| value.clone());
            if *ours != value {
                let said = format!("{} has {name}=\"{ours}\", and a library wants \"{value}\"", self.tag);
                return Err(io::Error::other(said));
            }
        }
        for child in other.children.into_iter().filter(|child| !OWN.contains(&child.tag.as_str())) {
            match self.children.iter_mut().find(|ours| ours.is_same(&child)) {
                Some(ours) => ours.take(child)?,
                None => self.children.push(child),
            }
        }
        Ok(())
    }

    fn write(&self, text: &mut String) {
        let escaped = |value: &str| value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let attributes = self.attributes.iter().fold(String::new(), |mut all, (name, value)| {
            let _ = write!(all, " {name}=\"{}\"", escaped(value));
            all
        });
        let _ = write!(text, "<{}{attributes}>", self.tag);
        for child in &self.children {
            text.push('\n');
            child.write(text);
        }
        let _ = write!(text, "</{}>", self.tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(inside: &str) -> String {
        format!("<manifest xmlns:android=\"{ANDROID}\" xmlns:tools=\"{TOOLS}\" package=\"a.b\">{inside}</manifest>")
    }

    fn of(inside: &[&str]) -> io::Result<String> {
        let libraries: Vec<String> = inside.iter().map(|inside| manifest(inside)).collect();
        merged(&manifest("<application android:label=\"&quot;A&quot;\"/>"), &libraries, "a.b")
    }

    #[test]
    fn what_libraries_bring_is_there_once_with_all_its_parts() {
        let provider = |part: &str| {
            format!(
                "<uses-sdk/><application><provider android:name=\"P\" android:authorities=\"${{applicationId}}.p\" \
                 tools:node=\"merge\"><meta-data android:name=\"{part}\"/></provider></application>"
            )
        };
        let whole = of(&[&provider("one"), &provider("two"), "<uses-permission android:name=\"X\"/>"]).unwrap();
        let document = Document::parse(&whole).unwrap();
        let count = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
        assert_eq!(["application", "provider", "meta-data", "uses-permission", "uses-sdk"].map(count), [1, 1, 2, 1, 0]);
        let application = document.descendants().find(|node| node.has_tag_name("application")).unwrap();
        assert_eq!(application.attribute((ANDROID, "label")), Some("\"A\""));
        assert!(whole.contains("android:authorities=\"a.b.p\""), "{whole}");
    }

    #[test]
    fn what_contradicts_or_is_not_known_is_an_error() {
        let other = of(&["<application android:label=\"B\"/>"]).unwrap_err();
        assert!(other.to_string().contains("a library wants \"B\""), "{other}");
        let removing = of(&["<application tools:replace=\"label\"/>"]).unwrap_err();
        assert!(removing.to_string().contains("tools:replace=\"label\""), "{removing}");
    }
}
