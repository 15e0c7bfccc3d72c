//! Encoding of the engine's own records. They never travel, so their form is not checked for being canonical.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cbor;
use crate::rows::{RecordKey, Table, Write};

/// CBOR of a record. Writing to memory cannot fail, and every record type can be encoded.
pub(crate) fn encode<T: Serialize>(record: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    if let Err(error) = cbor::write(record, &mut bytes) {
        tracing::error!(%error, "a record cannot be encoded");
    }
    bytes
}

/// The record with this CBOR, or `None` if it is damaged.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    cbor::read(&mut { bytes }).ok()
}

/// The change that stores a record without a body.
pub(crate) fn put<T: Serialize>(table: Table, row: u64, record: &T) -> Write {
    Write::Put { key: RecordKey { table, row }, value: encode(record), body: None }
}
