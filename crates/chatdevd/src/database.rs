//! A SQLite database of one of our programs: whose it is, which version its tables have, and the steps that lead an older
//! one to today's. What the tables hold is the program's ([`store`](crate::store), and the client's own).
//!
//! `PRAGMA user_version` says how many steps were taken; a step is never changed once it was released, only followed by
//! another. `PRAGMA application_id` tells our databases from others'. What was committed has reached the disk: write-ahead
//! log, `synchronous = FULL`.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// How long one process waits for another's transaction, each of which takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The tables of a program's database.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// The program's name, for error messages.
    pub program: &'static str,
    /// Its number in `PRAGMA application_id`.
    pub application_id: i64,
    /// SQL that leads from each version to the next; the first one from nothing. Their count is today's version.
    pub steps: &'static [&'static str],
}

/// Who opens a database, and so whether an older one is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// One whom changed tables surprise nobody: it holds the lock, or every program checks the version when it starts.
    Alone,
    /// One beside a running server, whose tables must not change under it.
    Beside,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A newer program wrote it.
    #[error(
        "the database {} is of version {found}, and this {program} knows versions up to {known}\n  \
         help: run the newer {program} that wrote it, or use a copy of the data folder from before the update", .path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Whose it is.
        program: &'static str,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// An older program may be using it at this moment.
    #[error(
        "the database {} is of version {found}, which only a starting server brings to version {known}\n  \
         help: restart the running {program} with this version of the program", .path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Whose it is.
        program: &'static str,
        /// Its version.
        found: i64,
        /// The version that this program knows.
        known: i64,
    },
    /// It is another program's, or no database at all.
    #[error("{} is not a {program} database\n  help: name another data folder with --data", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it should be.
        program: &'static str,
    },
    /// The file cannot be made.
    #[error("cannot open the database {}: {error}", .path.display())]
    Unopened {
        /// The database.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Anything that SQLite says: disk full, damaged file.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl Tables {
    /// Today's version.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.steps.len() as i64
    }

    /// Opens the database at `path`; makes it (0600) if there is none.
    ///
    /// # Errors
    /// See [`DatabaseError`]. Nothing is written to a database that is refused.
    pub fn open(&self, path: &Path, opener: Opener) -> Result<Connection, DatabaseError> {
        let is_new = !path.exists();
        // SQLite would make the file with the umask's mode; the log and index beside it take after the file.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .and_then(|_| if is_new { sync_folder_of(path) } else { Ok(()) })
            .map_err(|error| DatabaseError::Unopened { path: path.to_owned(), error })?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        self.check(&connection, path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        self.update(&mut connection, path, opener)?;
        Ok(connection)
    }

    /// Refuses what is not ours, before anything is written to it.
    fn check(&self, connection: &Connection, path: &Path) -> Result<(), DatabaseError> {
        let foreign = || DatabaseError::Foreign { path: path.to_owned(), program: self.program };
        let not_a_database =
            |error: &rusqlite::Error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase);
        let objects = "SELECT count(*) FROM sqlite_schema";
        let objects: i64 = match connection.query_row(objects, [], |row| row.get(0)) {
            Err(error) if not_a_database(&error) => return Err(foreign()),
            other => other?,
        };
        let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        if objects > 0 && id != self.application_id {
            return Err(foreign());
        }
        match version(connection)? {
            found if found > self.version() => {
                let (path, program, known) = (path.to_owned(), self.program, self.version());
                Err(DatabaseError::Newer { path, program, found, known })
            }
            _ => Ok(()),
        }
    }

    /// Takes the missing steps, all or none.
    fn update(&self, connection: &mut Connection, path: &Path, opener: Opener) -> Result<(), DatabaseError> {
        if version(connection)? == self.version() {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Again, now that nobody else can take a step.
        let found = version(&transaction)?;
        if found > 0 && found < self.version() && opener == Opener::Beside {
            let (path, program, known) = (path.to_owned(), self.program, self.version());
            return Err(DatabaseError::Older { path, program, found, known });
        }
        for step in self.steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", self.application_id)?;
        transaction.pragma_update(None, "user_version", self.version())?;
        Ok(transaction.commit()?)
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
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

    const TABLES: Tables = Tables {
        program: "example",
        application_id: 7,
        steps: &["CREATE TABLE a (b) STRICT", "CREATE TABLE c (d)"],
    };

    #[test]
    fn every_commit_waits_for_the_disk_and_every_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let tables = Tables { steps: &["CREATE TABLE a (b TEXT) STRICT"], ..TABLES };
        let connection = tables.open(&folder.path().join("db"), Opener::Alone).unwrap();
        let pragma =
            |name| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        // A column of a STRICT table needs a type.
        assert!(matches!(TABLES.open(&path, Opener::Alone), Err(DatabaseError::Sqlite(_))));
        let objects: i64 = Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(objects, 0);
    }
}
