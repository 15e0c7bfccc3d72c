//! The README's program for Kotlin: put into a new project as it stands there, compiled, and run against another host.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cargo::{target_folder, workspace_root};
use crate::kotlin::{MAVEN_TIME, VERSION, module, wait};
use crate::testing::Tally;

/// By this line the program is known among the README's blocks.
const FIRST_LINE: &str = "import kotlinx.coroutines.flow.first";

/// So many lines may be pasted.
const LINES_MAX: usize = 25;

/// The oldest Kotlin that apps may be written in. Its compiler reads no standard library newer than of the version after it.
const OLDEST_KOTLIN: &str = "2.1.21";

/// Both programs have ended by themselves long before.
const RUN_TIME: Duration = Duration::from_secs(180);

/// Where there is nothing but a loopback, so that default parameters reach nobody else.
const NAMESPACE: [&str; 5] = ["unshare", "--user", "--map-root-user", "--net", "sh"];

/// The project of somebody who has read the README.
const POM: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>readme</artifactId>
  <version>1</version>
  <properties>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <kotlin.version>KOTLIN</kotlin.version>
  </properties>
  <!-- The jar that was built here, and what was fetched for it. -->
  <repositories>
    <repository><id>built</id><url>file://${project.basedir}/built</url></repository>
    <repository><id>fetched</id><url>file://${user.home}/.m2/repository</url></repository>
  </repositories>
  <pluginRepositories>
    <pluginRepository><id>fetched</id><url>file://${user.home}/.m2/repository</url></pluginRepository>
  </pluginRepositories>
  <dependencies>
    <dependency><groupId>org.permesso</groupId><artifactId>permesso-jvm</artifactId><version>PERMESSO</version></dependency>
  </dependencies>
  <build>
    <sourceDirectory>src</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId>
        <artifactId>kotlin-maven-plugin</artifactId>
        <version>${kotlin.version}</version>
        <executions><execution><goals><goal>compile</goal></goals></execution></executions>
        <configuration><jvmTarget>17</jvmTarget><args><arg>-Werror</arg></args></configuration>
      </plugin>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-dependency-plugin</artifactId>
        <version>3.8.1</version>
        <executions>
          <execution>
            <phase>compile</phase>
            <goals><goal>build-classpath</goal></goals>
            <configuration><outputFile>target/classpath</outputFile></configuration>
          </execution>
        </executions>
      </plugin>
    </plugins>
  </build>
</project>
"#;

/// The other host: it accepts who asks, and stays until who asked has gone.
const OTHER: &str = r#"
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeout
import org.permesso.*
import java.io.File
import kotlin.time.Duration.Companion.minutes

suspend fun main() {
    val parameters = "[network]\ninterfaces = [\"127.0.0.2\"]\n"
    val config = PermessoConfig(File("grace"), "Grace", FileKeyStore(File("grace-keys")), parameters = parameters)
    Permesso.open(config).use { permesso ->
        withTimeout(2.minutes) {
            permesso.start()
            val asker = permesso.friends.first { list -> list.isNotEmpty() }.single()
            permesso.acceptFriendship(asker.id)
            val messages = permesso.conversation(asker.id).first { list -> list.size == 2 }
            println("${asker.name}: ${asker.greeting} ${messages.joinToString(" ") { it.text }}")
            permesso.nearby.first { list -> list.isEmpty() }
        }
    }
    // Whatever ends this program: what was unpacked for it does not stay.
    File(System.getProperty("jna.tmpdir")).walk().filter { it.length() > 1_000_000 }.forEach { println("left: $it") }
}
"#;

const RUN: &str = r#"
ip link set lo up || exit 1
timeout 150 java -Djna.tmpdir="$PWD/unpacked" -cp "$1" OtherKt >other.txt 2>other.err &
# Whoever pastes it starts it again.
timeout 75 java -cp "$1" ProgramKt >program.txt 2>program.err && timeout 75 java -cp "$1" ProgramKt >>program.txt 2>>program.err
ended=$?
wait $! && exit $ended
"#;

/// Tests the program; `permesso-jvm` has been built.
pub(crate) fn test() -> Tally {
    let mut namespace = Command::new(NAMESPACE[0]);
    namespace.args(&NAMESPACE[1..]).args(["-c", "ip link set lo up"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !namespace.status().is_ok_and(|status| status.success()) {
        println!("SKIPPED: the README's program in Kotlin, for no network namespace can be made here");
        return Tally::default();
    }
    match try_test() {
        Ok(()) => Tally::PASSED,
        Err(error) => Tally::failure(format!("the README's program in Kotlin: {error}")),
    }
}

fn try_test() -> io::Result<()> {
    let readme = fs::read_to_string(workspace_root().join("README.md"))?;
    let program = block(&readme).ok_or_else(|| io::Error::other("it is not in README.md"))?;
    let lines = program.lines().count();
    if lines > LINES_MAX {
        return Err(io::Error::other(format!("it has {lines} lines, more than {LINES_MAX}")));
    }
    let folder = target_folder().join("readme");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    lay(&folder, program)?;
    for kotlin in [Some(OLDEST_KOTLIN), None] {
        let compiled = folder.join("target");
        if compiled.exists() {
            fs::remove_dir_all(compiled)?;
        }
        let mut maven = Command::new("mvn");
        maven.args(["--quiet", "-Dmaven.repo.local=fetched", "compile"]).current_dir(&folder);
        maven.args(kotlin.map(|version| format!("-Dkotlin.version={version}")));
        if !wait(maven.spawn()?, MAVEN_TIME)?.is_some_and(|status| status.success()) {
            return Err(io::Error::other(format!("it cannot be compiled by Kotlin {}", kotlin.unwrap_or("of today"))));
        }
    }
    let fetched = fs::read_to_string(folder.join("target/classpath"))?;
    let classpath = format!("target/classes:{}", fetched.trim());
    let mut run = Command::new(NAMESPACE[0]);
    run.args(&NAMESPACE[1..]).args(["-c", RUN, "sh", &classpath]).current_dir(&folder);
    let status = wait(run.spawn()?, RUN_TIME)?.and_then(|status| status.code());
    let told = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let (said, shown) = (told("program.txt"), told("other.txt"));
    if status == Some(0)
        && said == "DELIVERED\nDELIVERED\n"
        && shown == "Ada: Ciao! ci vediamo alle 8? ci vediamo alle 8?\n"
    {
        return Ok(());
    }
    let errors = told("program.err") + &told("other.err");
    Err(io::Error::other(format!("{status:?}; it said {said:?}, and the other host {shown:?}\n{errors}")))
}

/// The block of the README that is the program.
fn block(readme: &str) -> Option<&str> {
    let fence = "```kotlin\n";
    let begin = readme.find(&format!("{fence}{FIRST_LINE}\n"))? + fence.len();
    let rest = readme.get(begin..)?;
    rest.get(..=rest.find("\n```")?)
}

fn lay(folder: &Path, program: &str) -> io::Result<()> {
    let parent = fs::read_to_string(workspace_root().join("android/pom.xml"))?;
    let kotlin = parent.split_once("<kotlin.version>").and_then(|(_, rest)| rest.split('<').next());
    let kotlin = kotlin.ok_or_else(|| io::Error::other("android/pom.xml names no version of Kotlin"))?;
    let built = folder.join("built/org/permesso/permesso-jvm").join(VERSION);
    fs::create_dir_all(&built)?;
    let target = module().join("target");
    let name = format!("permesso-jvm-{VERSION}");
    fs::copy(target.join(format!("{name}.jar")), built.join(format!("{name}.jar")))?;
    fs::copy(target.join(".flattened-pom.xml"), built.join(format!("{name}.pom")))?;
    fs::create_dir_all(folder.join("src"))?;
    fs::create_dir_all(folder.join(".mvn"))?;
    fs::copy(workspace_root().join("android/.mvn/maven.config"), folder.join(".mvn/maven.config"))?;
    fs::write(folder.join("pom.xml"), POM.replace("PERMESSO", VERSION).replace("KOTLIN", kotlin))?;
    fs::write(folder.join("src/Program.kt"), program)?;
    fs::write(folder.join("src/Other.kt"), OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_blocks() {
        let readme =
            format!("a\n```kotlin\nval a = 1\n```\n\n```kotlin\n{FIRST_LINE}\n\nfun main() {{}}\n```\nb\n```\n");
        assert_eq!(block(&readme), Some(format!("{FIRST_LINE}\n\nfun main() {{}}\n").as_str()));
        assert_eq!(block("a\n```kotlin\nval a = 1\n```\n"), None);
    }

    #[test]
    fn what_the_readme_says_of_iphones_is_what_is_compiled() {
        let read = |place: &str| fs::read_to_string(workspace_root().join(place)).unwrap();
        let program = read("ios/PermessoKit/Tests/ReadmeTests/Program.swift");
        assert!(read("README.md").contains(&format!("```swift\n{program}```\n")));
        assert!(program.lines().count() <= LINES_MAX);
    }

    #[test]
    fn what_the_readme_says_of_phones_is_what_is_compiled() {
        let read = |place: &str| fs::read_to_string(workspace_root().join(place)).unwrap();
        let compiled = read("android/permesso-android/src/test/kotlin/readme/App.kt");
        let program = compiled.strip_prefix("package readme\n\n").unwrap();
        assert!(read("README.md").contains(&format!("```kotlin\n{program}```\n")));
    }
}
