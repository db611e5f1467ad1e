//! The folder that holds all that the server keeps, and the lock that keeps a second server out of it.
//!
//! | file | what | mode |
//! |---|---|---|
//! | `chatdevd.db` (and `-wal`, `-shm`) | accounts ([`crate::store`]) | 0600 |
//! | `certificate.pem` | the server's own certificate and its private key ([`crate::certificate`]) | 0600 |
//! | `lock` | held while a server runs; says its process id | 0600 |

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;

use crate::process_lock::{LockError, ProcessLock};

/// A folder that exists and belongs to its owner alone.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// Why a folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another server has it.
    #[error(
        "another chatdevd{} already uses the data folder {}\n  help: stop it first, or give this one a folder of its own with --data",
        .process.map(|id| format!(" (process {id})")).unwrap_or_default(), .path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The other's process id, if it said so.
        process: Option<u32>,
    },
    /// It cannot be made, read or written.
    #[error("cannot use the data folder {}: {error}\n  help: make it a folder that this user can write to, or name another with --data", .path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl DataFolder {
    /// The database's name in it.
    pub const DATABASE: &str = "chatdevd.db";

    /// The folder where no other was named: `chatdevd` in the user's XDG data folder.
    ///
    /// # Errors
    /// If the user has no home folder.
    pub fn default_path() -> anyhow::Result<PathBuf> {
        let strategy = etcetera::choose_base_strategy()
            .context("there is no home folder to keep data in\n  help: name a data folder with --data")?;
        Ok(strategy.data_dir().join("chatdevd"))
    }

    /// Opens the folder, making it (0700) and those above it if they are missing.
    ///
    /// # Errors
    /// [`FolderError::Unusable`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let folder = Self { path: path.to_owned() };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| folder.unusable(error))?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database in it.
    pub fn database(&self) -> PathBuf {
        self.path.join(Self::DATABASE)
    }

    /// The server's own certificate in it.
    pub fn certificate(&self) -> PathBuf {
        self.path.join("certificate.pem")
    }

    /// Becomes the folder's one server.
    ///
    /// # Errors
    /// [`FolderError::InUse`] if another process, or another server in this one, is; [`FolderError::Unusable`].
    pub fn lock(&self) -> Result<ProcessLock, FolderError> {
        ProcessLock::take(&self.lock_path()).map_err(|error| match error {
            LockError::Held { holder } => FolderError::InUse { path: self.path.clone(), process: holder },
            LockError::Unusable(error) => self.unusable(error),
        })
    }

    /// Whether a server has it at this moment.
    ///
    /// # Errors
    /// [`FolderError::Unusable`].
    pub fn is_served(&self) -> Result<bool, FolderError> {
        ProcessLock::is_held(&self.lock_path()).map_err(|error| self.unusable(error))
    }

    fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    fn unusable(&self, error: io::Error) -> FolderError {
        FolderError::Unusable { path: self.path.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_server_is_refused_and_told_who_the_first_is() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&temporary.path().join("a/b")).unwrap();
        let held = folder.lock().unwrap();
        let error = folder.lock().unwrap_err();
        assert!(
            matches!(error, FolderError::InUse { process: Some(id), .. } if id == std::process::id()),
            "{error}"
        );
        assert!(folder.is_served().unwrap());
        drop(held);
        assert!(!folder.is_served().unwrap());
        folder.lock().unwrap();
    }

    #[test]
    fn it_is_its_owners_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&temporary.path().join("new")).unwrap();
        let _held = folder.lock().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.path().join("lock")), 0o600);
    }

    #[test]
    fn a_file_in_its_place_is_said_to_be_in_the_way() {
        // The tests may run as root, whom no mode keeps out: so a file stands where the folder should.
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("file");
        std::fs::write(&path, "").unwrap();
        let error = DataFolder::open(&path).unwrap_err().to_string();
        assert!(error.contains("cannot use the data folder") && error.contains("--data"), "{error}");
    }
}
