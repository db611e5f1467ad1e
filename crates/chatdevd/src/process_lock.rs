//! A file that one process holds at a time, and that says which.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// How often a lock that is held is tried, and how long the pause between is: whoever asks [`ProcessLock::is_held`] holds it
/// for an instant.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(10);

/// A held lock, given back when dropped or when the process ends in any way.
#[derive(Debug)]
pub struct ProcessLock {
    _file: File,
}

/// Why a lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it, perhaps in this process. There is a moment in which nobody can tell who.
    #[error("it is held{}", .holder.map(|id| format!(" by process {id}")).unwrap_or_default())]
    Held {
        /// The other's process id, if it said so.
        holder: Option<u32>,
    },
    /// The file cannot be made, read or written.
    #[error(transparent)]
    Unusable(#[from] io::Error),
}

impl ProcessLock {
    /// Takes the lock at `path` (0600) and writes this process's id into it.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let mut file = open(path)?;
        let mut tries = 1;
        while let Err(error) = file.try_lock() {
            match error {
                TryLockError::Error(error) => return Err(error.into()),
                TryLockError::WouldBlock if tries < TRIES => std::thread::sleep(PAUSE),
                TryLockError::WouldBlock => return Err(LockError::Held { holder: holder(&mut file) }),
            }
            tries += 1;
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self { _file: file })
    }

    /// Whether somebody holds the lock at `path` at this moment.
    ///
    /// # Errors
    /// The operating system's.
    pub fn is_held(path: &Path) -> io::Result<bool> {
        match open(path)?.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
