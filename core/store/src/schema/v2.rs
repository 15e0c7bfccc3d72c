//! Schema 2: other people's envelopes.

use rusqlite::Transaction;

pub(super) fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .execute_batch("CREATE TABLE custody (id INTEGER PRIMARY KEY, value BLOB NOT NULL, body BLOB NOT NULL) STRICT;")
}
