//! Counts what every host sends, by kind, and who answered how much to whom.

use std::collections::BTreeMap;

use permesso_engine::api::NetAddr;

/// Datagrams or frames of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// Their bytes, without the headers of IP and UDP.
    pub bytes: u64,
}

/// What one host got from and gave to an address.
#[derive(Debug, Default)]
struct Exchange {
    received: u64,
    answered: u64,
    validated: bool,
}

/// The traffic of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    by_host: BTreeMap<usize, BTreeMap<&'static str, Amount>>,
    exchanges: BTreeMap<(usize, NetAddr), Exchange>,
}

/// The kind of a presence datagram: the third byte is its service (array head, version, service).
pub(crate) fn datagram_kind(bytes: &[u8]) -> &'static str {
    match bytes.get(2) {
        Some(1) => "JOIN_NETWORK",
        Some(2) => "LEAVE_NETWORK",
        Some(3) => "HOST_ONLINE",
        Some(4) => "QUERY_ALIAS",
        Some(5) => "QUERY_ALIAS_RESPONSE",
        Some(6) => "FREE_MEMORY_ASK",
        Some(7) => "FREE_MEMORY_RESPONSE",
        Some(8) => "DUMMY",
        Some(10) => "WAY_ASK",
        Some(11) => "WAY_RESPONSE",
        _ => "unknown",
    }
}

/// The kind of a link frame: its second byte (after the array head).
pub(crate) fn frame_kind(bytes: &[u8]) -> &'static str {
    match bytes.get(1) {
        Some(0) => "HELLO",
        Some(1) => "WANT",
        Some(2) => "OFFER",
        Some(3) => "FORWARD",
        Some(4) => "RECEIPT",
        Some(5) => "PROOFS",
        Some(6) => "CONTROL",
        _ => "unknown frame",
    }
}

impl Traffic {
    pub(crate) fn sent(&mut self, host: usize, kind: &'static str, bytes: usize) {
        let amount = self.by_host.entry(host).or_default().entry(kind).or_default();
        amount.count += 1;
        amount.bytes += bytes as u64;
    }

    pub(crate) fn of(&self, host: usize) -> BTreeMap<&'static str, Amount> {
        self.by_host.get(&host).cloned().unwrap_or_default()
    }

    /// A datagram of `bytes` came to `host` from `from`.
    pub(crate) fn received(&mut self, host: usize, from: NetAddr, bytes: usize) {
        self.exchanges.entry((host, from)).or_default().received += bytes as u64;
    }

    /// The address proved that it hears what is sent to it.
    pub(crate) fn validated(&mut self, host: usize, address: NetAddr) {
        self.exchanges.entry((host, address)).or_default().validated = true;
    }

    pub(crate) fn is_validated(&self, host: usize, address: NetAddr) -> bool {
        self.exchanges.get(&(host, address)).is_some_and(|exchange| exchange.validated)
    }

    /// A datagram that answers goes from `host` to `to`; a description if that is more than three times what came.
    pub(crate) fn answered(&mut self, host: usize, to: NetAddr, kind: &str, bytes: usize) -> Option<String> {
        let exchange = self.exchanges.entry((host, to)).or_default();
        if exchange.validated {
            return None;
        }
        exchange.answered += bytes as u64;
        (exchange.answered > 3 * exchange.received).then(|| {
            format!("{} bytes answered to {to} for {} received, now {kind}", exchange.answered, exchange.received)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_times_is_allowed_and_a_byte_more_is_not() {
        let mut traffic = Traffic::default();
        let address: NetAddr = "10.0.0.7:20070".parse().unwrap();
        traffic.received(1, address, 100);
        assert_eq!(traffic.answered(1, address, "DUMMY", 300), None);
        assert!(traffic.answered(1, address, "DUMMY", 1).is_some());
        traffic.validated(1, address);
        assert_eq!(traffic.answered(1, address, "DUMMY", 5_000), None);
    }
}
