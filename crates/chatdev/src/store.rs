//! What the client keeps, in one SQLite database: remembered servers and people, sequence numbers, accounts.
//!
//! A [`Store`] is one connection to it; several programs may have one at a time. What was acknowledged has reached the disk:
//! write-ahead log, `synchronous = FULL`. The lines of one device are written only by the process that holds its lock.
//! Messages themselves are not kept. The thread that a running client writes through is `store/thread.rs`.

mod accounts;
mod remembered;
mod schema;
mod thread;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rusqlite::Connection;

pub(crate) use remembered::Device;
pub(crate) use thread::StorageThread;

/// How long one process waits for another's transaction, each of which takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

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
        let unusable = || format!("cannot use the database {}", path.display());
        // SQLite would make the file with the umask's mode; the log and index beside it take after the file.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .with_context(unusable)?;
        let mut connection = Connection::open(path).with_context(unusable)?;
        connection.busy_timeout(BUSY_TIMEOUT).with_context(unusable)?;
        schema::check(&connection).with_context(unusable)?;
        connection.pragma_update(None, "journal_mode", "WAL").with_context(unusable)?;
        connection.pragma_update(None, "synchronous", "FULL").with_context(unusable)?;
        schema::update(&mut connection).with_context(unusable)?;
        Ok(Self { connection })
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
        connection.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
        let error = format!("{:#}", Store::open(&path).unwrap_err());
        assert!(error.contains("newer") && error.contains(&path.display().to_string()), "{error}");
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, schema::VERSION + 1);
    }

    #[test]
    fn another_programs_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chatdev.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE recipe (name TEXT)").unwrap();
        let error = format!("{:#}", Store::open(&path).unwrap_err());
        assert!(error.contains("another program"), "{error}");
    }

    #[test]
    fn every_commit_waits_for_the_disk_and_the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chatdev.db");
        let store = Store::open(&path).unwrap();
        let synchronous: i64 =
            store.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 2);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
