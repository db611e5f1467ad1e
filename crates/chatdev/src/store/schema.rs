//! The tables, and the steps that lead an older database to them.
//!
//! `PRAGMA user_version` says how many steps were taken; a step is never changed once it was released, only followed
//! by another. `PRAGMA application_id` tells our databases from others'.

use anyhow::{Result, bail};
use rusqlite::{Connection, TransactionBehavior};

/// The version that this program reads and writes: the number of steps.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// "Chdv" in ASCII.
const APPLICATION_ID: i64 = 0x4368_6476;

const STEPS: [&str; 1] = [
    // 1. Fingerprints are SHA-256 over DER. `accepted` is 1, or 0 for a device that was shown and not accepted.
    "CREATE TABLE account (
        jid TEXT PRIMARY KEY NOT NULL, server TEXT, password TEXT, used INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE server (domain TEXT PRIMARY KEY NOT NULL, fingerprint BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE trust (
        account TEXT NOT NULL, jid TEXT NOT NULL, fingerprint BLOB NOT NULL, accepted INTEGER NOT NULL,
        PRIMARY KEY (account, jid, fingerprint)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reserved (
        account TEXT NOT NULL, device TEXT NOT NULL, peer BLOB NOT NULL, below INTEGER NOT NULL,
        PRIMARY KEY (account, device, peer)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (
        account TEXT NOT NULL, device TEXT NOT NULL, peer BLOB NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (account, device, peer)
    ) STRICT, WITHOUT ROWID;",
];

/// Refuses what is not ours, before anything is written to it.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if objects > 0 && id != APPLICATION_ID {
        bail!("it is the database of another program\n  help: name another data folder with --data");
    }
    let found = version(connection)?;
    if found > VERSION {
        bail!(
            "it was written by a newer chatdev (version {found}; this one knows versions up to {VERSION})\n  \
             help: use the newer chatdev, or name another data folder with --data"
        );
    }
    Ok(())
}

/// Takes the missing steps, all or none.
pub(super) fn update(connection: &mut Connection) -> Result<()> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again, now that nobody else can take a step.
    let found = version(&transaction)?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
