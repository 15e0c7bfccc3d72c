//! The terminal, given back as it was: at the end, after a signal, and when the program panics.

use std::io::{self, Stdout, Write};
use std::sync::Once;
use std::thread;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, KeyEventKind};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc;

use super::input::Input;

/// The terminal while the chat has it.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// What stands there is not known for certain, so that everything is drawn anew.
    uncertain: bool,
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
            Ok(terminal) => Ok(Self { terminal, uncertain: false }),
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

    /// Draws what differs from the last drawing; or everything, if that held characters that terminals disagree about, for
    /// then some of it may stand where nobody looks for it.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(io::stdout(), BeginSynchronizedUpdate)?;
        if self.uncertain {
            execute!(io::stdout(), Clear(ClearType::All))?;
            self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        }
        let drawn = self.terminal.draw(draw)?;
        self.uncertain = drawn.buffer.content().iter().any(|cell| is_of_uncertain_width(cell.symbol()));
        execute!(io::stdout(), EndSynchronizedUpdate)
    }

    /// Everything will be drawn anew (Ctrl-L): another program may have written here.
    pub(crate) fn doubt(&mut self) {
        self.uncertain = true;
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

/// Emoji of several characters (with a variation selector, a skin tone, joined; flags): some terminals make them one or two
/// columns wider or narrower than Unicode says.
fn is_of_uncertain_width(symbol: &str) -> bool {
    symbol.chars().nth(1).is_some()
        && symbol
            .contains(|c| matches!(c, '\u{fe0f}' | '\u{200d}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f3fb}'..='\u{1f3ff}'))
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
