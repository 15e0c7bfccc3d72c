//! Nothing secret is logged. Alone in its file: other tests of one process would listen to, or silence, the same log lines.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod pair;

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use pair::{MINUTE, Pair};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

/// Everything that is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut log = self.0.lock().unwrap();
        event.record(&mut Line(&mut log));
        log.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn no_key_and_no_text_is_ever_logged() {
    let log = Log::default();
    let secrets = tracing::subscriber::with_default(log.clone(), || {
        let mut pair = Pair::friends();
        pair.write(0, "an unforgettable text");
        pair.switch_off(1);
        pair.switch_on(1, None);
        pair.advance(MINUTE);
        [0, 1].map(|host| pair.hosts[host].engine.link_secret().to_vec())
    });
    let log = log.0.lock().unwrap();
    assert!(log.lines().count() > 20, "everything is listened to");
    assert!(!log.contains("unforgettable"));
    for secret in secrets {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!log.contains(&hex) && !log.contains(&format!("{secret:?}")));
    }
}
