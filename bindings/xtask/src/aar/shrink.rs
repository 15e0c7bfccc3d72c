//! An app that R8 has shrunk by nothing but the rules that come with the library must still chat, and each rule must be needed.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::archive::{self, Entries};
use crate::kotlin::{succeed, wait};
use crate::testing::Tally;

/// What an app names itself: where it begins.
const OF_THE_APP: &str = "-keep class sample.SampleKt { public static void main(java.lang.String[]); }\n";

/// What an app has besides the library and JNA, as Maven lays it into the folder of tools.
const BESIDES: [&str; 3] = ["annotations-", "kotlin-stdlib-", "kotlinx-coroutines-core-jvm-"];

/// Of this machine's Java what Android has, too: with the rest, such as windows, R8 would not miss what no phone has.
pub(crate) const SYSTEM: &str = "system.jar";

/// Its modules, as a regular expression.
const MODULES: &str = r"java\.base|java\.logging|java\.sql|java\.xml";

/// R8 takes some ten seconds on two cores.
const SHRINK_TIME: Duration = Duration::from_secs(300);

/// The app itself gives up after a minute.
const CHAT_TIME: Duration = Duration::from_secs(120);

/// What becomes of Kotlin and coroutines, most of the code there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Besides {
    /// Shrunk with the app, as a build for phones does.
    Shrunken,
    /// Left alone, which takes a fifth of the time; no rule of ours concerns them.
    Whole,
}

/// What a shrunken app does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Chats,
    /// It ends at once, with an exception.
    Dies,
    /// R8 misses classes, which Android's build takes for an error.
    CannotBeBuilt,
    /// Nothing comes of it, which a machine that is too busy can be the reason of.
    Hangs,
}

/// The app and what shrinks it.
pub(crate) struct Shrinking {
    /// Where it may write.
    pub(crate) folder: PathBuf,
    /// Where Maven laid R8, JNA, Kotlin and coroutines.
    pub(crate) tools: PathBuf,
    /// Where the app's classes are.
    pub(crate) app: PathBuf,
    /// Where the library for this machine is, under JNA's prefix.
    pub(crate) native: PathBuf,
}

impl Shrinking {
    /// Shrinks with all rules, then with each of them missing.
    pub(crate) fn check(&self, classes: &[u8], rules: &str) -> io::Result<Tally> {
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("classes.jar"), classes)?;
        let mut app = Entries::new();
        archive::add_folder(&mut app, &self.app, &|name| name.starts_with("sample/"))?;
        fs::write(self.folder.join("app.jar"), archive::packed(&app)?)?;
        lay_system(&self.folder)?;

        let lines: Vec<&str> = rules.lines().filter(|line| line.starts_with('-')).collect();
        let mut tally = Tally::default();
        let outcome = self.outcome(&lines, Besides::Shrunken)?;
        tally = tally.plus(self.judged(outcome == Outcome::Chats, "with all rules", outcome)?);
        for without in &lines {
            let rest: Vec<&str> = lines.iter().copied().filter(|line| line != without).collect();
            let outcome = match self.outcome(&rest, Besides::Whole)? {
                // It may be needed only where Kotlin is shrunk with the app.
                Outcome::Chats => self.outcome(&rest, Besides::Shrunken)?,
                other => other,
            };
            let is_needed = matches!(outcome, Outcome::Dies | Outcome::CannotBeBuilt);
            tally = tally.plus(self.judged(is_needed, &format!("without `{without}`"), outcome)?);
        }
        Ok(tally)
    }

    fn judged(&self, is_well: bool, how: &str, outcome: Outcome) -> io::Result<Tally> {
        if is_well {
            println!("{how}: {outcome:?}, as it should");
            return Ok(Tally::PASSED);
        }
        let advice = if outcome == Outcome::Chats { " (if that rule is not needed, delete it)" } else { "" };
        println!("{}", fs::read_to_string(self.folder.join("app.txt"))?);
        Ok(Tally::failure(format!("shrunk {how}: {outcome:?}, as it should not{advice}")))
    }

    /// What the app does after it was shrunk by these rules.
    fn outcome(&self, rules: &[&str], besides: Besides) -> io::Result<Outcome> {
        let file = self.folder.join("rules.txt");
        fs::write(&file, format!("{OF_THE_APP}{}\n", rules.join("\n")))?;
        let shrunken = self.folder.join("shrunken.jar");
        let mut shrink = Command::new("java");
        // Over before a better compiler of Java's would pay.
        shrink.arg("-XX:TieredStopAtLevel=1").arg("-cp").arg(self.tool("r8-")?).args([
            "com.android.tools.r8.R8",
            "--classfile",
            "--release",
        ]);
        shrink.arg("--lib").arg(self.folder.join(SYSTEM)).arg("--pg-conf").arg(file).arg("--output").arg(&shrunken);
        shrink.arg(self.folder.join("classes.jar")).arg(self.folder.join("app.jar")).arg(self.tool("jna-")?);
        let mut path = vec![shrunken, self.native.clone()];
        for name in BESIDES {
            let tool = self.tool(name)?;
            if besides == Besides::Whole {
                shrink.arg("--lib").arg(&tool);
                path.push(tool);
            } else {
                shrink.arg(tool);
            }
        }
        let log = fs::File::create(self.folder.join("r8.txt"))?;
        let child = shrink.stdout(log.try_clone()?).stderr(log).spawn()?;
        match wait(child, SHRINK_TIME)? {
            Some(status) if status.success() => {}
            _ => {
                let said = fs::read_to_string(self.folder.join("r8.txt"))?;
                if said.contains("Missing class") {
                    return Ok(Outcome::CannotBeBuilt);
                }
                eprintln!("{said}");
                return Err(io::Error::other("R8 failed"));
            }
        }
        self.run(&path)
    }

    fn run(&self, path: &[PathBuf]) -> io::Result<Outcome> {
        let hosts = self.folder.join("hosts");
        if hosts.exists() {
            fs::remove_dir_all(&hosts)?;
        }
        fs::create_dir_all(&hosts)?;
        let path = env::join_paths(path).map_err(io::Error::other)?;
        let log = fs::File::create(self.folder.join("app.txt"))?;
        let mut call = Command::new("java");
        call.arg("-cp").arg(path).arg("sample.SampleKt").arg(&hosts);
        let child = call.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let status = wait(child, CHAT_TIME)?;
        let said = fs::read_to_string(self.folder.join("app.txt"))?;
        Ok(match status {
            Some(status) if status.success() && said.contains("both have chatted") => Outcome::Chats,
            Some(_) if !said.contains("TimeoutCancellationException") => Outcome::Dies,
            _ => Outcome::Hangs,
        })
    }

    /// The one file of that beginning among the tools.
    fn tool(&self, beginning: &str) -> io::Result<PathBuf> {
        for entry in fs::read_dir(&self.tools)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(beginning) {
                return Ok(entry.path());
            }
        }
        Err(io::Error::other(format!("there is no {beginning}*.jar in {}", self.tools.display())))
    }
}

/// Lays [`SYSTEM`] into a folder.
pub(crate) fn lay_system(folder: &Path) -> io::Result<()> {
    let (home, classes) = (java_home()?, folder.join("system"));
    if classes.exists() {
        fs::remove_dir_all(&classes)?;
    }
    let mut extract = Command::new(home.join("bin/jimage"));
    extract.arg("extract").arg("--dir").arg(&classes).args(["--include", &format!("regex:/({MODULES})/.*")]);
    succeed("jimage", extract.arg(home.join("lib/modules")).status()?)?;
    let mut entries = Entries::new();
    for module in fs::read_dir(&classes)? {
        archive::add_folder(&mut entries, &module?.path(), &|name| {
            name.ends_with(".class") && name != "module-info.class"
        })?;
    }
    fs::remove_dir_all(&classes)?;
    fs::write(folder.join(SYSTEM), archive::stored(&entries)?)
}

/// Where this machine's Java is.
fn java_home() -> io::Result<PathBuf> {
    let output = Command::new("java").args(["-XshowSettings:properties", "-version"]).output()?;
    succeed("java", output.status)?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let home = text.lines().find_map(|line| line.trim().strip_prefix("java.home = "));
    home.map(PathBuf::from).ok_or_else(|| io::Error::other("java does not say where it is"))
}
