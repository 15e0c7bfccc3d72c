//! Driving tmux: a server of its own for each test, which ends with it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use tempfile::TempDir;

/// How long anything that should appear may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs the program, says how the terminal is then, and how it ended. The shell stays: what a program writes last would be
/// lost with its pane.
const SHELL: &str = "\"$@\"; status=$?; stty -a; echo ENDED $status; exec sleep 600";

/// A tmux server on a socket of its own.
pub(crate) struct Tmux {
    folder: TempDir,
}

/// A pane with a program in it.
pub(crate) struct Pane<'a> {
    tmux: &'a Tmux,
    name: String,
}

impl Tmux {
    /// A server, or `None` with a visible line where there is no tmux.
    pub(crate) fn start() -> Option<Self> {
        if Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_err() {
            // Past the harness, which keeps what passing tests print to itself.
            let _ = writeln!(io::stderr(), "SKIPPED: tmux is not installed, the chat is not driven in a terminal");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let settings = "set -g status off\nset -g default-terminal screen-256color\n";
        fs::write(folder.path().join("tmux.conf"), settings).unwrap();
        Some(Self { folder })
    }

    /// Runs a program in a terminal of this many columns and rows, with these variables in its environment.
    pub(crate) fn run(&self, name: &str, size: (u16, u16), variables: &[(&str, &str)], program: &Command) -> Pane<'_> {
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let mut command = self.command(&["new-session", "-d", "-s", name, "-x", &width, "-y", &height, "env"]);
        command.args(["-u", "PERMESSO_PASSPHRASE", "-u", "NO_COLOR", "TZ=UTC"]);
        command.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
        command.args(["sh", "-c", SHELL, "sh"]);
        command.arg(program.get_program()).args(program.get_args());
        succeeds(&mut command);
        Pane { tmux: self, name: name.to_owned() }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-u").arg("-S").arg(self.socket()).arg("-f").arg(self.folder.path().join("tmux.conf"));
        command.args(arguments).env_remove("TMUX").env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // Nothing was started if a test failed early.
        let _ = self.command(&["kill-server"]).output();
    }
}

impl Pane<'_> {
    /// Types a text as it is.
    pub(crate) fn types(&self, text: &str) {
        succeeds(&mut self.tmux.command(&["send-keys", "-t", &self.name, "-l", "--", text]));
    }

    /// Presses a key by its tmux name.
    pub(crate) fn presses(&self, key: &str) {
        succeeds(&mut self.tmux.command(&["send-keys", "-t", &self.name, key]));
    }

    /// Pastes a text, marked as such where the program wants that.
    pub(crate) fn pastes(&self, text: &str) {
        succeeds(&mut self.tmux.command(&["set-buffer", "--", text]));
        succeeds(&mut self.tmux.command(&["paste-buffer", "-p", "-t", &self.name]));
    }

    /// What the screen shows.
    pub(crate) fn screen(&self) -> String {
        self.capture(&[])
    }

    /// What the screen shows, with the sequences for colours and the like.
    pub(crate) fn screen_with_looks(&self) -> String {
        self.capture(&["-e"])
    }

    fn capture(&self, options: &[&str]) -> String {
        let mut command = self.tmux.command(&["capture-pane", "-p", "-t", &self.name]);
        String::from_utf8(succeeds(command.args(options)).stdout).unwrap()
    }

    /// Waits until the screen shows a text; the screen then. Line breaks count as spaces.
    pub(crate) fn shows(&self, wanted: &str) -> String {
        self.until(&format!("{wanted:?}"), |screen| flowing(screen).contains(wanted))
    }

    /// Waits until the screen satisfies a condition; the screen then.
    pub(crate) fn until(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if condition(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: {what} does not appear on\n{screen}", self.name);
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the program has ended; its exit status.
    pub(crate) fn ends(&self) -> i32 {
        let screen = self.shows("ENDED");
        let status =
            |screen: &str| screen.split("ENDED ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        status(&screen).unwrap_or_else(|| panic!("{screen}"))
    }

    /// The process id of the program.
    pub(crate) fn process(&self) -> u32 {
        let output = succeeds(&mut self.tmux.command(&["display-message", "-p", "-t", &self.name, "#{pane_pid}"]));
        let shell: u32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        children.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, (width, height): (u16, u16)) {
        let (width, height) = (width.to_string(), height.to_string());
        succeeds(&mut self.tmux.command(&["resize-window", "-t", &self.name, "-x", &width, "-y", &height]));
    }
}

/// A screen with its line breaks and frames taken out.
pub(crate) fn flowing(screen: &str) -> String {
    screen.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// What stands right of the list on a wide screen, in one line.
pub(crate) fn page(screen: &str) -> String {
    let right: Vec<&str> = screen.lines().filter_map(|line| line.split_once('│')).map(|(_, right)| right).collect();
    flowing(&right.join("\n"))
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?} in {:?}", env::current_dir());
    output
}
