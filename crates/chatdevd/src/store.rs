//! What the server keeps: accounts as SCRAM keys, in one SQLite database.
//!
//! A [`Store`] is one connection to it. A server has its own on the [`StorageThread`]; `chatdevd account` opens
//! another one beside it, and leaves word in the change log, which the server reads within a second. What was
//! acknowledged has reached the disk: write-ahead log, `synchronous = FULL`.
//!
//! It does *not* know passwords, sessions or the wire.

mod accounts;
mod changes;
mod schema;
mod thread;

use std::path::Path;

use rusqlite::Connection;

use crate::database::DatabaseError;
pub use crate::database::Opener;
pub use accounts::Accounts;
pub use changes::{AccountChange, ChangeKind, ChangeNumber};
pub use schema::VERSION;
pub use thread::{REQUESTS_PER_GROUP_MAX, REQUESTS_WAITING_MAX, StorageThread};

/// Length of the secret behind the fake salts of accounts that do not exist.
pub const SECRET_BYTES: usize = 32;

/// One connection to the database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened, or is not one that this program may use.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A stored account is no account.
    #[error("the stored keys of {username} are damaged: {error}")]
    Damaged {
        /// Whose.
        username: String,
        /// What is wrong with them.
        error: chatdev_stream::sasl::KeyError,
    },
    /// No randomness for the secret.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    /// Anything that SQLite says: disk full, damaged file.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl Store {
    /// Opens the database at `path`; makes it (0600) if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open(path: &Path, opener: Opener) -> Result<Self, StoreError> {
        Ok(Self { connection: schema::TABLES.open(path, opener)? })
    }

    /// The accounts, each call a transaction of its own.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts::new(&self.connection)
    }

    /// The secret behind fake salts; made when first asked for, the same ever after.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn secret(&self) -> Result<[u8; SECRET_BYTES], StoreError> {
        let mut fresh = [0; SECRET_BYTES];
        getrandom::fill(&mut fresh).map_err(StoreError::NoRandomness)?;
        self.connection
            .execute("INSERT OR IGNORE INTO secret (name, value) VALUES ('fake salts', ?1)", [fresh])?;
        let query = "SELECT value FROM secret WHERE name = 'fake salts'";
        Ok(self.connection.query_row(query, [], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn every_file_of_the_database_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chatdevd.db");
        let store = Store::open(&path, Opener::Alone).unwrap();
        store.secret().unwrap();
        let mut seen = Vec::new();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
            seen.push(entry.file_name().into_string().unwrap());
        }
        seen.sort();
        assert_eq!(seen, ["chatdevd.db", "chatdevd.db-shm", "chatdevd.db-wal"]);
    }

    #[test]
    fn the_secret_stays_the_same_and_is_no_other_servers() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = |folder: &tempfile::TempDir| {
            Store::open(&folder.path().join("db"), Opener::Alone).unwrap().secret().unwrap()
        };
        assert_eq!(secret(&one), secret(&one));
        assert_ne!(secret(&one), secret(&two));
    }
}
