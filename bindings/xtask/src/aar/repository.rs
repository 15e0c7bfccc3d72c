//! A Maven repository folder: the AAR's POM, and checksums beside every file.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// The group of everything we publish.
const GROUP: &str = "org.permesso";

/// The AAR's name in it.
pub(crate) const ARTIFACT: &str = "permesso";

/// Versions of what the AAR needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needed {
    pub(crate) jna: String,
    pub(crate) coroutines: String,
    pub(crate) kotlin: String,
}

/// What a repository for everybody asks of a POM beside what it is about: where the source is, and who is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) url: String,
    pub(crate) developers: String,
}

impl Origin {
    /// Whether it names a place that exists, as what is published must.
    pub(crate) fn is_real(&self) -> bool {
        let host = self.url.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        host.is_some_and(|host| host.contains('.') && !host.ends_with(".invalid"))
    }
}

/// The POM of the AAR. JNA as the AAR that has its native parts for phones.
pub(crate) fn pom(version: &str, needed: &Needed, origin: &Origin) -> String {
    let Needed { jna, coroutines, kotlin } = needed;
    let Origin { url, developers } = origin;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{ARTIFACT}</artifactId>
  <version>{version}</version>
  <packaging>aar</packaging>
  <name>Permesso for Android</name>
  <description>People near each other chat with no server, no account and no internet</description>
  <url>{url}</url>
  <licenses>
    <license>
      <name>MIT</name>
      <url>https://opensource.org/license/mit</url>
    </license>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
    </license>
  </licenses>
  <developers>
    <developer>
      <name>{developers}</name>
      <url>{url}</url>
    </developer>
  </developers>
  <scm>
    <connection>scm:git:{url}.git</connection>
    <url>{url}</url>
  </scm>
  <dependencies>
    <dependency>
      <groupId>net.java.dev.jna</groupId>
      <artifactId>jna</artifactId>
      <version>{jna}</version>
      <type>aar</type>
      <scope>compile</scope>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlinx</groupId>
      <artifactId>kotlinx-coroutines-android</artifactId>
      <version>{coroutines}</version>
      <scope>compile</scope>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId>
      <artifactId>kotlin-stdlib</artifactId>
      <version>{kotlin}</version>
      <scope>compile</scope>
    </dependency>
  </dependencies>
</project>
"#
    )
}

/// Lays files, each with its ending after the artifact's name and version (`.aar`, `-sources.jar`), into a repository folder.
/// Returns where they are.
pub(crate) fn lay(repository: &Path, version: &str, files: &[(&str, &[u8])]) -> io::Result<PathBuf> {
    let folder = repository.join(GROUP.replace('.', "/")).join(ARTIFACT).join(version);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (ending, content) in files {
        let name = format!("{ARTIFACT}-{version}{ending}");
        fs::write(folder.join(&name), content)?;
        for (kind, sum) in checksums(content) {
            fs::write(folder.join(format!("{name}.{kind}")), sum)?;
        }
    }
    Ok(folder)
}

/// The four that Maven knows, in the form it reads.
fn checksums(content: &[u8]) -> [(&'static str, String); 4] {
    [
        ("md5", hexadecimal(&Md5::digest(content))),
        ("sha1", hexadecimal(&Sha1::digest(content))),
        ("sha256", hexadecimal(&Sha256::digest(content))),
        ("sha512", hexadecimal(&Sha512::digest(content))),
    ]
}

/// What shows at a glance whether two files are the same.
pub(crate) fn sha256(content: &[u8]) -> String {
    hexadecimal(&Sha256::digest(content))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use roxmltree::Node;

    use super::*;

    fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
        node.children().find(|child| child.tag_name().name() == name)
    }

    #[test]
    fn files_lie_where_maven_looks_for_them_with_their_checksums() {
        let folder = tempfile::tempdir().unwrap();
        // The test vectors of RFC 1321 and FIPS 180 for "abc".
        let laid = lay(folder.path(), "1.2.3", &[(".aar", b"abc")]).unwrap();
        assert_eq!(laid, folder.path().join("org/permesso/permesso/1.2.3"));
        let read = |ending: &str| fs::read_to_string(laid.join(format!("permesso-1.2.3.aar{ending}"))).unwrap();
        assert_eq!(read(""), "abc");
        assert_eq!(read(".md5"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(read(".sha1"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(read(".sha256"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(read(".sha512").starts_with("ddaf35a193617aba"));
    }

    #[test]
    fn the_pom_asks_for_the_jna_that_has_native_parts_for_phones() {
        let needed = Needed { jna: "1".into(), coroutines: "2".into(), kotlin: "3".into() };
        let origin = Origin { url: "https://example.org/p".into(), developers: "Ada and Grace".into() };
        let pom = pom("0.1.0", &needed, &origin);
        let document = roxmltree::Document::parse(&pom).unwrap();
        let text = |path: &str| {
            let found = path.split('/').try_fold(document.root_element(), child);
            found.and_then(|node| node.text().map(str::to_owned)).unwrap_or_default()
        };
        // What Maven Central refuses a POM without is among it.
        for (path, said) in [
            ("groupId", "org.permesso"),
            ("artifactId", "permesso"),
            ("version", "0.1.0"),
            ("packaging", "aar"),
            ("name", "Permesso for Android"),
            ("url", "https://example.org/p"),
            ("licenses/license/name", "MIT"),
            ("licenses/license/url", "https://opensource.org/license/mit"),
            ("developers/developer/name", "Ada and Grace"),
            ("scm/connection", "scm:git:https://example.org/p.git"),
            ("scm/url", "https://example.org/p"),
        ] {
            assert_eq!(text(path), said, "{path}");
        }
        assert!(!text("description").is_empty());
        let needed: Vec<String> = document
            .descendants()
            .filter(|node| node.tag_name().name() == "dependency")
            .map(|node| {
                ["artifactId", "version", "type"]
                    .map(|name| child(node, name).and_then(|it| it.text()).unwrap_or("jar"))
                    .join(":")
            })
            .collect();
        assert_eq!(needed, ["jna:1:aar", "kotlinx-coroutines-android:2:jar", "kotlin-stdlib:3:jar"]);
    }

    #[test]
    fn only_an_address_that_can_exist_is_one_to_publish_with() {
        let real = |url: &str| Origin { url: url.into(), developers: String::new() }.is_real();
        assert!(real("https://example.org/p"));
        assert!(!real("https://repository.invalid/permesso"));
        assert!(!real("http://example.org/p"));
        assert!(!real("https:///p"));
    }
}
