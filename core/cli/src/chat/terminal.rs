//! The terminal, given back as it was: at the end, after a signal, and when the program panics.

use std::io::{self, Stdout, Write};
use std::sync::Once;
use std::thread;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, KeyEventKind};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc;

use super::input::Input;

/// The terminal while the chat has it.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over. It is given back when this is dropped, or when this thread panics.
    ///
    /// # Errors
    /// When standard output is no terminal, or refuses.
    pub(crate) fn enter() -> io::Result<Self> {
        restore_on_panic();
        enable_raw_mode()?;
        let entered = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match entered {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what differs from the last drawing.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(drop)
    }

    /// Gives the terminal to the shell until the user comes back (Ctrl-Z, `fg`).
    ///
    /// # Errors
    /// When the terminal or the system refuses.
    #[cfg(unix)]
    pub(crate) async fn suspend(&mut self) -> io::Result<()> {
        use rustix::process::{Signal, getpid, kill_process};
        use tokio::signal::unix::{SignalKind, signal};
        /// Where nobody could bring the process back, the system does not stop it.
        const NOT_STOPPED: std::time::Duration = std::time::Duration::from_secs(1);
        let mut go_on = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
        restore();
        kill_process(getpid(), Signal::TSTP)?;
        // The signal may reach another thread a little later.
        let _ = tokio::time::timeout(NOT_STOPPED, go_on.recv()).await;
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        // Everything is drawn anew. (`clear` would ask the terminal for its cursor, and the thread that reads keys takes the
        // answer.)
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// What is typed, pasted and resized. The channel ends with the terminal.
pub(crate) fn inputs() -> mpsc::UnboundedReceiver<Input> {
    let (sender, receiver) = mpsc::unbounded_channel();
    // A thread of its own, because the system's read waits; it is left behind at the end.
    thread::spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            let input = match event {
                Event::Key(key) if key.kind != KeyEventKind::Release => Input::Key(key),
                Event::Paste(text) => Input::Paste(text),
                Event::Resize(width, height) => Input::Size(width, height),
                _ => continue,
            };
            if sender.send(input).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Failures change nothing: whoever looks at the terminal sees them.
fn restore() {
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = io::stdout().flush();
}

fn restore_on_panic() {
    static ONCE: Once = Once::new();
    let screen = thread::current().id();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == screen {
                restore();
                before(panic);
            } else {
                tracing::error!(%panic, "a task panicked");
            }
        }));
    });
}
