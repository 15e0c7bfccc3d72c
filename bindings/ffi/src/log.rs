//! What the library logs: on Android to the system's log, elsewhere to whoever wants it. Never message text, never keys.

use std::sync::{Arc, PoisonError, RwLock};

use log::LevelFilter;
#[cfg(not(target_os = "android"))]
use log::{Log, Metadata, Record};

use crate::error::PermessoError;

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Mistakes of Permesso.
    Error,
    /// What will need attention.
    Warn,
    /// What a user would notice.
    Info,
    /// Decisions.
    Debug,
    /// Every packet; a library as it is published says nothing of them.
    Trace,
}

/// What a sink throws; nobody is told, for there is no other log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum LogSinkError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// What it says.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for LogSinkError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

/// Takes lines of the log, on whatever thread they come from. What it throws is ignored.
#[uniffi::export(with_foreign)]
pub trait LogSink: Send + Sync {
    /// One line, from the part `target`.
    fn log(&self, level: LogLevel, target: String, text: String) -> Result<(), LogSinkError>;
}

static SINK: RwLock<Option<Arc<dyn LogSink>>> = RwLock::new(None);

#[cfg(not(target_os = "android"))]
struct ToSink;

#[cfg(not(target_os = "android"))]
impl Log for ToSink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // The lock is not held while the app's code runs: it may well change the sink.
        let sink = SINK.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sink) = sink {
            // A sink without an error of its own would panic here, in whatever part of the host is logging.
            let _ = sink.log(level_of(record.level()), record.target().to_owned(), record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Sets how much is logged and, except on Android where the system's log takes it, to whom. None ends it. For the whole
/// process; the last call counts.
///
/// Fails with `System` if another library of this process took the log first.
#[uniffi::export]
pub fn set_log(level: LogLevel, sink: Option<Arc<dyn LogSink>>) -> Result<(), PermessoError> {
    let is_off = sink.is_none() && !cfg!(target_os = "android");
    *SINK.write().unwrap_or_else(PoisonError::into_inner) = sink;
    install()?;
    log::set_max_level(if is_off { LevelFilter::Off } else { filter_of(level) });
    Ok(())
}

#[cfg(target_os = "android")]
fn install() -> Result<(), PermessoError> {
    crate::platform::log_to_the_system();
    Ok(())
}

#[cfg(not(target_os = "android"))]
fn install() -> Result<(), PermessoError> {
    static INSTALLED: once_cell::sync::OnceCell<()> = once_cell::sync::OnceCell::new();
    let system = |error: log::SetLoggerError| PermessoError::System { reason: error.to_string() };
    INSTALLED.get_or_try_init(|| log::set_logger(&ToSink)).map_err(system).copied()
}

#[cfg(not(target_os = "android"))]
fn level_of(level: log::Level) -> LogLevel {
    match level {
        log::Level::Error => LogLevel::Error,
        log::Level::Warn => LogLevel::Warn,
        log::Level::Info => LogLevel::Info,
        log::Level::Debug => LogLevel::Debug,
        log::Level::Trace => LogLevel::Trace,
    }
}

fn filter_of(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::Error,
        LogLevel::Warn => LevelFilter::Warn,
        LogLevel::Info => LevelFilter::Info,
        LogLevel::Debug => LevelFilter::Debug,
        LogLevel::Trace => LevelFilter::Trace,
    }
}
