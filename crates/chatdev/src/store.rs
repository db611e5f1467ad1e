//! What the client keeps, in one SQLite database: remembered servers and people, sequence numbers, accounts.
//!
//! A [`Store`] is one connection to it; several programs may have one at a time. What was acknowledged has reached the disk:
//! write-ahead log, `synchronous = FULL`. The lines of one device are written only by the process that holds its lock.
//! Messages themselves are not kept. The thread that a running client writes through is `store/thread.rs`.

mod accounts;
mod remembered;
mod schema;
mod thread;

use std::path::Path;

use anyhow::Result;
use chatdevd::database::Opener;
use rusqlite::Connection;

pub(crate) use remembered::Device;
pub(crate) use thread::StorageThread;

/// One connection to the database.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the database at `path`; makes it (0600) if there is none, and brings an older one up to date.
    ///
    /// # Errors
    /// A database of a newer version or of another program, and what SQLite says.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Ok(Self { connection: schema::TABLES.open(path, Opener::Alone)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chatdev.db");
        drop(Store::open(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", schema::TABLES.version() + 1).unwrap();
        let error = format!("{:#}", Store::open(&path).unwrap_err());
        assert!(error.contains("newer") && error.contains(&path.display().to_string()), "{error}");
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, schema::TABLES.version() + 1);
    }

    #[test]
    fn another_programs_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chatdev.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE recipe (name TEXT)").unwrap();
        let error = format!("{:#}", Store::open(&path).unwrap_err());
        assert!(error.contains("not a chatdev database"), "{error}");
    }
}
