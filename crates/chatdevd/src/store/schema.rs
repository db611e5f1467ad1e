//! The tables, and the steps that lead an older database to them.
//!
//! `PRAGMA user_version` says how many steps were taken; a step is never changed once it was released, only followed
//! by another. `PRAGMA application_id` tells our databases from others'.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{Opener, StoreError};

/// The version that this program reads and writes: the number of steps.
pub const VERSION: i64 = STEPS.len() as i64;

/// "Chat" in ASCII.
const APPLICATION_ID: i64 = 0x4368_6174;

const STEPS: [&str; 2] = [
    // 1: accounts. A username is a prepared localpart (RFC 7622); the domain is the configuration's.
    "CREATE TABLE account (
        username TEXT PRIMARY KEY NOT NULL,
        sha1_salt BLOB NOT NULL, sha1_iterations INTEGER NOT NULL,
        sha1_stored_key BLOB NOT NULL, sha1_server_key BLOB NOT NULL,
        sha256_salt BLOB NOT NULL, sha256_iterations INTEGER NOT NULL,
        sha256_stored_key BLOB NOT NULL, sha256_server_key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;",
    // 2: word from the commands to the running server.
    "CREATE TABLE account_change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('password', 'removed'))
    ) STRICT;",
];

/// Refuses what is not ours, before anything is written to it.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let not_a_database =
        |error: &rusqlite::Error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase);
    let objects = "SELECT count(*) FROM sqlite_schema";
    let objects: i64 = match connection.query_row(objects, [], |row| row.get(0)) {
        Err(error) if not_a_database(&error) => return Err(StoreError::Foreign { path: path.to_owned() }),
        other => other?,
    };
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if objects > 0 && id != APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    match version(connection)? {
        found if found > VERSION => Err(StoreError::Newer { path: path.to_owned(), found }),
        _ => Ok(()),
    }
}

/// Takes the missing steps, all or none.
pub(super) fn update(connection: &mut Connection, path: &Path, opener: Opener) -> Result<(), StoreError> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again, now that nobody else can take a step.
    let found = version(&transaction)?;
    if found > 0 && found < VERSION && opener == Opener::Beside {
        return Err(StoreError::Older { path: path.to_owned(), found });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
