//! Reading everything that an engine starts from.

use permesso_engine::ids::{FriendId, MessageId};
use permesso_engine::rows::{MessageIndex, RecordKey, Records, Snapshot, Table};
use rusqlite::Connection;

use crate::StoreError;
use crate::cipher::Cipher;
use crate::rows::{RecordTable, mark_at, message_columns, message_index, unsigned};

pub(crate) fn snapshot(connection: &Connection, cipher: &Cipher) -> Result<Snapshot, StoreError> {
    let mut records = Records::default();
    for table in Table::ALL {
        load_records(connection, cipher, table, &mut records)?;
    }
    Ok(Snapshot { records, messages: messages(connection, cipher)?, marks: marks(connection, cipher)? })
}

fn load_records(
    connection: &Connection,
    cipher: &Cipher,
    table: Table,
    records: &mut Records,
) -> Result<(), StoreError> {
    let sql = RecordTable::of(table);
    let mut statement = connection.prepare(sql.all)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        records.push(RecordKey { table, row: unsigned(id)? }, &cipher.open(sql.value_at(id), sealed)?);
    }
    Ok(())
}

fn messages(connection: &Connection, cipher: &Cipher) -> Result<Vec<MessageIndex>, StoreError> {
    let mut statement = connection.prepare(concat!("SELECT ", message_columns!(), " FROM message ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(message_index(cipher, row)?);
    }
    Ok(messages)
}

fn marks(connection: &Connection, cipher: &Cipher) -> Result<Vec<(FriendId, MessageId)>, StoreError> {
    let mut statement = connection.prepare("SELECT id, friend, message FROM mark ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let message = cipher.open(mark_at(id), row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let message = MessageId::from_slice(&message)
            .ok_or_else(|| StoreError::damaged(format!("mark {id} has a wrong length")))?;
        marks.push((FriendId(row.get(1)?), message));
    }
    Ok(marks)
}
