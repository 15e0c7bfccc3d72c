//! Schema 1: the first.
//!
//! Every key is a rowid that grows, so that new rows are appended at the end of their tree: a random key costs ten times the
//! throughput. A record's value stands before its body and a message's meta before its text, so that loading the indexes
//! does not touch long rows' overflow pages. BLOBs are encrypted, `Place` says how.

use rusqlite::Transaction;

pub(super) fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE header (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            openings INTEGER NOT NULL,
            key_check BLOB NOT NULL
        ) STRICT;
        CREATE TABLE local (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE host (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE friend (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE pairing (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE outbox (id INTEGER PRIMARY KEY, value BLOB NOT NULL, body BLOB NOT NULL) STRICT;
        CREATE TABLE held (id INTEGER PRIMARY KEY, value BLOB NOT NULL, body BLOB NOT NULL) STRICT;
        CREATE TABLE packet (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            friend INTEGER NOT NULL,
            place INTEGER NOT NULL,
            mine INTEGER NOT NULL,
            state INTEGER NOT NULL,
            unread INTEGER NOT NULL,
            meta BLOB NOT NULL,
            text BLOB NOT NULL
        ) STRICT;
        CREATE INDEX message_by_place ON message (friend, place);
        CREATE TABLE mark (id INTEGER PRIMARY KEY, friend INTEGER NOT NULL, message BLOB NOT NULL) STRICT;
        CREATE INDEX mark_by_friend ON mark (friend);",
    )
}
