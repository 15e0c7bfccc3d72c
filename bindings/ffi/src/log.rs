//! What the library logs: on Android to the system's log, elsewhere to whoever wants it. Never message text, never keys.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Once, PoisonError, RwLock};

#[cfg(not(target_os = "android"))]
use log::Log;
use log::{LevelFilter, Metadata, Record};
use tracing::field::{Field, Visit};
use tracing::span;

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

/// Sets how much is logged and, except on Android where the system's log takes it, to whom. None ends it, except there,
/// where whatever is as grave as `level` goes on being logged. For the whole process; the last call counts.
///
/// Fails with `System` if another library of this process took the log first.
#[uniffi::export]
pub fn set_log(level: LogLevel, sink: Option<Arc<dyn LogSink>>) -> Result<(), PermessoError> {
    let is_off = sink.is_none() && !cfg!(target_os = "android");
    *SINK.write().unwrap_or_else(PoisonError::into_inner) = sink;
    install()?;
    log::set_max_level(if is_off { LevelFilter::Off } else { filter_of(level) });
    static HEARD: Once = Once::new();
    // There is no other in this library.
    HEARD.call_once(|| drop(tracing::subscriber::set_global_default(ToLog)));
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

/// Hands what the host says on to the log. `tracing` could do so itself, by as much code again at each of two hundred places.
struct ToLog;

impl tracing::Subscriber for ToLog {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && level_in_log(*metadata.level()) <= log::max_level()
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        use tracing::level_filters::LevelFilter as Filter;
        Some(match log::max_level() {
            LevelFilter::Off => Filter::OFF,
            LevelFilter::Error => Filter::ERROR,
            LevelFilter::Warn => Filter::WARN,
            LevelFilter::Info => Filter::INFO,
            LevelFilter::Debug => Filter::DEBUG,
            LevelFilter::Trace => Filter::TRACE,
        })
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let level = level_in_log(*metadata.level());
        let logger = log::logger();
        if logger.enabled(&Metadata::builder().level(level).target(metadata.target()).build()) {
            let mut line = Line::default();
            event.record(&mut line);
            let text = format_args!("{}", line.0);
            let mut record = Record::builder();
            // Android's log writes down the module.
            record.level(level).target(metadata.target()).module_path(metadata.module_path());
            logger.log(&record.file(metadata.file()).line(metadata.line()).args(text).build());
        }
    }

    // Nobody is told of spans.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// What is said, and then each value with its name.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let space = if self.0.is_empty() { "" } else { " " };
        // A text takes what is written.
        let _ = match field.name() {
            "message" => write!(self.0, "{space}{value:?}"),
            name => write!(self.0, "{space}{name}={value:?}"),
        };
    }
}

fn level_in_log(level: tracing::Level) -> log::Level {
    match level {
        tracing::Level::ERROR => log::Level::Error,
        tracing::Level::WARN => log::Level::Warn,
        tracing::Level::INFO => log::Level::Info,
        tracing::Level::DEBUG => log::Level::Debug,
        tracing::Level::TRACE => log::Level::Trace,
    }
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

#[cfg(all(test, not(target_os = "android")))]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<(LogLevel, String, String)>>);

    impl LogSink for Heard {
        fn log(&self, level: LogLevel, target: String, text: String) -> Result<(), LogSinkError> {
            // Other tests of this process log too.
            if target == "tests" {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push((level, target, text));
            }
            Ok(())
        }
    }

    fn say() {
        tracing::warn!(target: "tests", "take care");
        tracing::debug!(target: "tests", hosts = 3, name = "a b", error = %"late", via = ?Some(1), "decided in {}", "time");
        tracing::debug_span!(target: "tests", "a span").in_scope(|| log::info!(target: "tests", "seen"));
    }

    #[test]
    fn a_sink_hears_what_is_said_as_loud_as_it_wants() {
        let heard = Arc::new(Heard::default());
        let sink = || Some(Arc::clone(&heard) as Arc<dyn LogSink>);
        let texts = || heard.0.lock().unwrap().drain(..).map(|(level, _, text)| (level, text)).collect::<Vec<_>>();
        let (care, seen) = ((LogLevel::Warn, "take care".to_owned()), (LogLevel::Info, "seen".to_owned()));
        let decided = (LogLevel::Debug, "decided in time hosts=3 name=\"a b\" error=late via=Some(1)".to_owned());
        say();
        set_log(LogLevel::Warn, sink()).unwrap();
        say();
        assert_eq!(texts(), vec![care.clone()]);
        set_log(LogLevel::Debug, sink()).unwrap();
        say();
        assert_eq!(texts(), [care, decided, seen]);
        set_log(LogLevel::Debug, None).unwrap();
        say();
        assert_eq!(texts(), []);
    }
}
