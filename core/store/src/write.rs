//! Turning a batch of commits into statements.

use std::collections::BTreeMap;

use permesso_engine::ids::{FriendId, MessageId, MessageKey};
use permesso_engine::rows::{Commit, MessageRow, RecordKey, StoredState, Write};
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::cipher::Sealer;
use crate::rows::{Meta, RecordTable, mark_at, meta_at, number, state_number, text_at};

/// What a batch leaves of one record: of its states only the last is written.
#[derive(Default)]
struct Fate<'a> {
    /// The record was deleted in the batch, so that a body from before it is gone.
    emptied: bool,
    last: Option<(&'a [u8], Option<&'a [u8]>)>,
}

/// Makes all changes of the commits within the transaction that is open on `connection`. Marks get the numbers from
/// `next_mark` on.
pub(crate) fn apply(
    connection: &Connection,
    sealer: &mut Sealer,
    next_mark: &mut i64,
    commits: &[Commit],
) -> Result<(), StoreError> {
    let mut records: BTreeMap<RecordKey, Fate<'_>> = BTreeMap::new();
    // How many marks stay, the ones added after the pruning included.
    let mut prunings: BTreeMap<FriendId, u64> = BTreeMap::new();
    for write in commits.iter().flat_map(|commit| &commit.writes) {
        match write {
            Write::Put { key, value, body } => {
                let fate = records.entry(*key).or_default();
                let earlier = fate.last.and_then(|(_, body)| body);
                fate.last = Some((value, body.as_deref().or(earlier)));
            }
            Write::Delete(key) => {
                records.insert(*key, Fate { emptied: true, last: None });
            }
            Write::AddMessage(row) => add_message(connection, sealer, row)?,
            Write::UpdateMessage { key, order, state, unread } => {
                update_message(connection, *key, *order, *state, *unread)?;
            }
            Write::RemoveMessage(key) => {
                let Ok(key) = number(key.0) else { continue };
                connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([key])?;
            }
            Write::AddMark { friend, id } => {
                add_mark(connection, sealer, next_mark, *friend, *id)?;
                prunings.entry(*friend).and_modify(|keep| *keep = keep.saturating_add(1));
            }
            Write::PruneMarks { friend, keep } => {
                prunings.entry(*friend).and_modify(|least| *least = (*least).min(*keep)).or_insert(*keep);
            }
        }
    }
    for (friend, keep) in prunings {
        prune_marks(connection, friend, keep)?;
    }
    // No other table refers to records, so they can wait for the end of the batch.
    records.iter().try_for_each(|(key, fate)| write_record(connection, sealer, *key, fate))
}

fn write_record(
    connection: &Connection,
    sealer: &mut Sealer,
    key: RecordKey,
    fate: &Fate<'_>,
) -> Result<(), StoreError> {
    let table = RecordTable::of(key.table);
    let Some((value, body)) = fate.last else {
        // A row that is too large to be stored is not there.
        let Ok(row) = number(key.row) else { return Ok(()) };
        connection.prepare_cached(table.delete)?.execute([row])?;
        return Ok(());
    };
    let row = number(key.row)?;
    let value = sealer.seal(table.value_at(row), value)?;
    if !key.table.has_body() {
        connection.prepare_cached(table.put)?.execute(params![row, value])?;
        return Ok(());
    }
    let statement = if body.is_some() || fate.emptied { table.put_body } else { table.put };
    let body = sealer.seal(table.body_at(row), body.unwrap_or_default())?;
    connection.prepare_cached(statement)?.execute(params![row, value, body])?;
    Ok(())
}

fn add_message(connection: &Connection, sealer: &mut Sealer, row: &MessageRow) -> Result<(), StoreError> {
    let key = number(row.key.0)?;
    let meta = sealer.seal(meta_at(key), &Meta::bytes_of(row))?;
    let text = sealer.seal(text_at(key), row.text.as_bytes())?;
    let order = number(row.order)?;
    connection.prepare_cached("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(params![
        key,
        row.friend.0,
        order,
        row.mine,
        state_number(row.state),
        row.unread,
        meta,
        text
    ])?;
    Ok(())
}

fn update_message(
    connection: &Connection,
    key: MessageKey,
    order: u64,
    state: StoredState,
    unread: bool,
) -> Result<(), StoreError> {
    let Ok(key) = number(key.0) else { return Ok(()) };
    let (order, state) = (number(order)?, state_number(state));
    // SQLite rewrites the index of every column that is named, changed or not; most updates leave the place.
    let in_place = connection
        .prepare_cached("UPDATE message SET state = ?3, unread = ?4 WHERE id = ?1 AND place = ?2")?
        .execute(params![key, order, state, unread])?;
    if in_place == 0 {
        connection
            .prepare_cached("UPDATE message SET place = ?2, state = ?3, unread = ?4 WHERE id = ?1")?
            .execute(params![key, order, state, unread])?;
    }
    Ok(())
}

fn add_mark(
    connection: &Connection,
    sealer: &mut Sealer,
    next_mark: &mut i64,
    friend: FriendId,
    id: MessageId,
) -> Result<(), StoreError> {
    let sealed = sealer.seal(mark_at(*next_mark), id.as_bytes())?;
    connection
        .prepare_cached("INSERT INTO mark VALUES (?1, ?2, ?3)")?
        .execute(params![*next_mark, friend.0, sealed])?;
    *next_mark += 1;
    Ok(())
}

fn prune_marks(connection: &Connection, friend: FriendId, keep: u64) -> Result<(), StoreError> {
    let keep = i64::try_from(keep).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "DELETE FROM mark WHERE friend = ?1 AND id <=
                (SELECT id FROM mark WHERE friend = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![friend.0, keep])?;
    Ok(())
}
