//! Nothing secret is logged. Alone in its file: other tests of one process would listen to, or silence, the same log lines.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod pair;

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use pair::{MINUTE, Pair};
use permesso_engine::frame::Frame;
use permesso_engine::uri::PermessoUri;
use permesso_sim::records;
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
        let code: PermessoUri = pair.hosts[0].engine.uri(&[]).parse().unwrap();
        let stores = pair.hosts.iter().map(|host| &host.store);
        let chains =
            stores.flat_map(records::chains).flat_map(|(sends, receives, _)| [sends.to_vec(), receives.to_vec()]);
        let proofs = pair.said.iter().flatten().filter_map(|(_, frame)| match frame {
            Frame::Proofs(proofs) => Some(proofs.secrets.iter().map(|secret| secret.0.to_vec())),
            _ => None,
        });
        let links = [0, 1].map(|host| pair.hosts[host].engine.link_secret().to_vec());
        let secrets: Vec<Vec<u8>> = links.into_iter().chain(chains).chain(proofs.flatten()).chain(code.token).collect();
        assert!(secrets.len() > 2 + 4 + 1 + 1, "links, chains, proofs and the token of the code");
        secrets
    });
    let log = log.0.lock().unwrap();
    assert!(log.lines().count() > 20, "everything is listened to");
    assert!(!log.contains("unforgettable"));
    for secret in secrets {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!log.contains(&hex) && !log.contains(&format!("{secret:?}")));
    }
}
