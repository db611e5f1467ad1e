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

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

pub use accounts::Accounts;
pub use changes::{AccountChange, ChangeKind, ChangeNumber};
pub use schema::VERSION;
pub use thread::{REQUESTS_PER_GROUP_MAX, REQUESTS_WAITING_MAX, StorageThread};

/// How long one process waits for another's transaction, each of which takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

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
    /// A newer program wrote it.
    #[error(
        "the database {} is of version {found}, and this chatdevd knows versions up to {VERSION}\n  \
         help: run the newer chatdevd that wrote it, or use a copy of the data folder from before the update", .path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// An older program may be using it at this moment.
    #[error(
        "the database {} is of version {found}, which only a starting server brings to version {VERSION}\n  \
         help: restart the running chatdevd with this version of the program", .path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// It is a database, but another program's.
    #[error("{} is not a chatdevd database\n  help: name another data folder with --data", .path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error("cannot open the database {}: {error}", .path.display())]
    Unopened {
        /// The database.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
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

/// Who opens a database, and so whether an older one is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// One who holds the folder's lock.
    Alone,
    /// One beside a running server, whose tables must not change under it.
    Beside,
}

impl Store {
    /// Opens the database at `path`; makes it (0600) if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open(path: &Path, opener: Opener) -> Result<Self, StoreError> {
        let is_new = !path.exists();
        // SQLite would make the file with the umask's mode; the log and index beside it take after the file.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .and_then(|_| if is_new { sync_folder_of(path) } else { Ok(()) })
            .map_err(|error| StoreError::Unopened { path: path.to_owned(), error })?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::check(&connection, path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::update(&mut connection, path, opener)?;
        Ok(Self { connection })
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

/// Makes sure that a new file is still there after a power loss. SQLite does so for its log.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
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

    #[test]
    fn every_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), Opener::Alone).unwrap();
        let pragma = |name| {
            store.connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        };
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
    }
}
