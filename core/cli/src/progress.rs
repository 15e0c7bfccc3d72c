//! A bar on the terminal while something takes long.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use permesso_node::Progress;

/// A bar on standard error; nothing is drawn where that is no terminal.
#[derive(Clone)]
pub(crate) struct Bar {
    bar: ProgressBar,
    called_off: Arc<AtomicBool>,
}

impl Bar {
    /// A bar with a few words before it.
    pub(crate) fn new(words: String) -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {percent:>3} %") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(words);
        Self { bar, called_off: Arc::default() }
    }

    /// Draws how far it is; breaks off after [`call_off`](Self::call_off).
    pub(crate) fn show(&self, progress: Progress) -> ControlFlow<()> {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        if self.called_off.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Ends the work at its next step.
    pub(crate) fn call_off(&self) {
        self.called_off.store(true, Ordering::Relaxed);
    }

    /// Removes the bar: what comes next has the line for itself.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
