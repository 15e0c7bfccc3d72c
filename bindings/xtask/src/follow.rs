//! Follows a program by what it prints, and ends one that hangs.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Lines that may wait to be read.
const LINES: usize = 1024;

/// Passes on each line of a program's standard output, which has to be a pipe, as it comes, until the program has ended. One that prints
/// nothing for so long is ended with all it began, after the virtual machines of Java among them have told where they stand.
pub(crate) fn follow(
    mut child: Child,
    silence: Duration,
    mut on_line: impl FnMut(&str),
) -> io::Result<Option<ExitStatus>> {
    let (told, lines) = sync_channel(LINES);
    let output = child.stdout.take();
    // Ends with the output, or when nobody listens any more.
    std::thread::spawn(move || {
        let lines = output.into_iter().flat_map(|output| BufReader::new(output).split(b'\n'));
        for line in lines {
            if told.send(line).is_err() {
                break;
            }
        }
    });
    loop {
        match lines.recv_timeout(silence) {
            Ok(line) => {
                let line = line?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                on_line(&line);
            }
            Err(RecvTimeoutError::Disconnected) => return child.wait().map(Some),
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child)?;
                return Ok(None);
            }
        }
    }
}

/// Ends a program and, where the system has a way to find them, those it began.
fn end(child: &mut Child) -> io::Result<()> {
    let begun = descendants(child.id());
    for (process, _) in begun.iter().filter(|(_, name)| name == "java") {
        let _ = Command::new("jstack").arg(process.to_string()).status();
    }
    child.kill()?;
    for (process, _) in &begun {
        let _ = Command::new("kill").args(["-KILL", &process.to_string()]).stderr(Stdio::null()).status();
    }
    child.wait().map(drop)
}

/// The processes that one began, and those that these began, with their names.
fn descendants(of: u32) -> Vec<(u32, String)> {
    let Ok(listed) = Command::new("ps").args(["-eo", "pid=,ppid=,comm="]).output() else { return Vec::new() };
    let mut children = BTreeMap::<u32, Vec<(u32, String)>>::new();
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse().ok();
        if let (Some(process), Some(parent)) = (number(), number()) {
            children.entry(parent).or_default().push((process, words.collect()));
        }
    }
    let mut found = children.remove(&of).unwrap_or_default();
    let mut at = 0;
    while let Some((process, _)) = found.get(at) {
        found.extend(children.remove(process).unwrap_or_default());
        at += 1;
    }
    found
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn followed(script: &str, silence: Duration) -> (Option<ExitStatus>, Vec<String>) {
        let mut lines = Vec::new();
        let child = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let status = follow(child, silence, |line| lines.push(line.to_owned())).unwrap();
        (status, lines)
    }

    #[test]
    fn a_program_is_followed_to_its_end() {
        let (status, lines) = followed("echo a; echo b; exit 3", Duration::from_secs(60));
        assert_eq!((status.unwrap().code(), lines), (Some(3), vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn one_that_says_nothing_for_long_is_ended_with_those_it_began() {
        if Command::new("ps").output().is_err() {
            eprintln!("SKIPPED: ending what a program began, for there is no ps here (apt-get install procps)");
            return;
        }
        let (status, lines) = followed("sh -c 'echo $$; sleep 60; true'; true", Duration::from_secs(2));
        assert!(status.is_none(), "{status:?}");
        let [begun] = &lines[..] else { panic!("{lines:?}") };
        // What has ended waits at most for somebody to hear of it.
        let state = std::fs::read_to_string(format!("/proc/{begun}/stat")).unwrap_or_else(|_| "gone Z".to_owned());
        assert!(state.contains(" Z"), "{state}");
    }
}
