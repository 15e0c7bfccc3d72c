//! Schema 3: delivery proofs.

use rusqlite::Transaction;

pub(super) fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch("CREATE TABLE proof (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;")
}
