//! Logs: on standard error, or in memory while the chat has the terminal.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::EnvFilter;

/// What is logged: `RUST_LOG`'s syntax, counts more than `-v`.
const VARIABLE: &str = "PERMESSO_LOG";

/// The crates that `-v` is about.
const OURS: [&str; 5] = ["permesso", "permesso_engine", "permesso_node", "permesso_store", "permesso_sim"];

/// Begins to log. `verbose` is how often `-v` was given.
pub(crate) fn begin(verbose: u8) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(directives(verbose)));
    let begun = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Logs go into files and reports as often as on screens; and `ansi` is left out of the build.
        .with_ansi(false)
        .try_init();
    if let Err(error) = begun {
        eprintln!("permesso: no logs: {error}");
    }
}

/// Lines of the log in memory: some screens.
const LINES_MAX: usize = 1_000;

/// The newest lines of the log, in memory. A clone is the same log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    lines: Arc<Mutex<Lines>>,
}

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    /// A line whose end has not come yet.
    begun: String,
    file: Option<File>,
}

impl Log {
    /// The lines, oldest first.
    pub(crate) fn newest(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).lines.iter().cloned().collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut lines.file {
            // A full disk must not end the log in memory.
            let _ = file.write_all(bytes);
        }
        for part in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            lines.begun.push_str(part.trim_end_matches('\n'));
            if part.ends_with('\n') {
                let line = std::mem::take(&mut lines.begun);
                lines.lines.push_back(line);
            }
        }
        while lines.lines.len() > LINES_MAX {
            lines.lines.pop_front();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to log in memory, because the terminal shows something else; with `-v` also to the file `chat.log` in `folder`.
pub(crate) fn begin_in_memory(verbose: u8, folder: &Path) -> Log {
    let log = Log::default();
    if verbose > 0 && folder.is_dir() {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        log.lines.lock().unwrap_or_else(PoisonError::into_inner).file = options.open(folder.join("chat.log")).ok();
    }
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(directives(verbose.max(1))));
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    // Without a subscriber the log stays empty, which shows.
    let _ = subscriber.with_writer(move || writer.clone()).try_init();
    log
}

fn directives(verbose: u8) -> String {
    let level = match verbose {
        0 => return "error".into(),
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let ours: Vec<String> = OURS.iter().map(|name| format!("{name}={level}")).collect();
    format!("warn,{}", ours.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_in_memory_forgets_its_oldest_lines() {
        let mut log = Log::default();
        for number in 0..LINES_MAX + 2 {
            writeln!(log, "line {number}").unwrap();
        }
        let newest = log.newest();
        assert_eq!((newest.len(), newest[0].as_str()), (LINES_MAX, "line 2"));
    }

    #[test]
    fn more_v_says_more_of_our_crates_alone() {
        assert_eq!(directives(0), "error");
        assert!(directives(1).starts_with("warn,permesso=info,"));
        assert!(directives(2).contains("permesso_engine=debug"));
        assert!(directives(9).contains("permesso_node=trace"));
        for verbose in 0..4 {
            assert!(directives(verbose).parse::<EnvFilter>().is_ok());
        }
    }
}
