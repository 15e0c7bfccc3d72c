//! The shape of the database, one file for each version; a database of an older one is brought up step by step.

mod v1;
mod v2;
mod v3;

use rusqlite::{Connection, Transaction};

use crate::StoreError;

/// "Prms" in ASCII: marks a database file as Permesso's.
const APPLICATION_ID: i32 = 0x5072_6d73;

type Migration = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// The step at index n makes schema n + 1 of schema n; schema 0 is an empty file.
const MIGRATIONS: [Migration; 3] = [v1::migrate, v2::migrate, v3::migrate];

/// The newest schema.
pub(crate) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// The schema of a database, once it is sure that it is ours and not too new.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(StoreError::damaged("it is a database of another program"));
    }
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > NEWEST {
        return Err(StoreError::NewerSchema { found, supported: NEWEST });
    }
    Ok(found)
}

/// Brings a database from schema `from` to the newest, all steps or none.
pub(crate) fn migrate(connection: &mut Connection, from: u32) -> Result<(), StoreError> {
    if from == NEWEST {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for migration in MIGRATIONS.iter().skip(from as usize) {
        migration(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", NEWEST)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_schema_up_to_the_newest_can_be_migrated_from_an_empty_file() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 0).unwrap();
        assert_eq!(version(&connection), Ok(NEWEST));
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        assert!(matches!(version(&connection), Err(StoreError::Damaged { .. })));
    }
}
