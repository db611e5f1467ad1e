//! Files that their owner alone can read: written whole or not at all, or gone on with line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path` with mode 0600; they are on the disk when this returns. The caller holds the lock that keeps
/// others from writing the same file.
///
/// # Errors
/// The operating system's.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    // What a crash left is not continued: its mode may be another's.
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// A file that lines are appended to. Each write is at once where others can read along, and not necessarily on the
/// disk.
#[derive(Debug)]
pub struct Lines {
    file: File,
    /// The file may end inside a line.
    torn: bool,
}

/// Why a file cannot be appended to.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// Others may read or change it.
    #[error(
        "{} is open to others (mode {mode:04o}), and secrets would go into it: expected mode 0600\n  \
         help: `chmod 600` it, or name a file that does not exist yet",
        .path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is somebody else's.
    #[error(
        "{} belongs to another user (id {owner}), and secrets would go into it\n  help: name a file that does not exist yet",
        .path.display()
    )]
    OfAnother {
        /// The file.
        path: PathBuf,
        /// Its owner's id.
        owner: u32,
    },
    /// It is a folder, a device, a pipe.
    #[error("expected a file, found something else at {}", .path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
    },
    /// It cannot be made or opened.
    #[error("cannot write to {}: {error}\n  help: name a file in a folder that this user can write to", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Lines {
    /// Opens `path` to go on at its end; makes it (0600) if it is missing.
    ///
    /// # Errors
    /// See [`LinesError`].
    pub fn open(path: &Path) -> Result<Self, LinesError> {
        let unusable = |error| LinesError::Unusable { path: path.to_owned(), error };
        // To be read as well: a pipe that nobody reads would keep the opening waiting.
        let options = OpenOptions::new().read(true).append(true).create(true).mode(0o600).to_owned();
        let mut file = options.open(path).map_err(unusable)?;
        // Asked of what was opened, not of the name: that may mean something else by now.
        let found = file.metadata().map_err(unusable)?;
        if !found.is_file() {
            return Err(LinesError::NoFile { path: path.to_owned() });
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(LinesError::OfAnother { path: path.to_owned(), owner: found.uid() });
        }
        let mode = found.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(LinesError::OpenToOthers { path: path.to_owned(), mode });
        }
        let torn = is_torn(&mut file).map_err(unusable)?;
        Ok(Self { file, torn })
    }

    /// Appends whole lines, the last one's end included.
    ///
    /// # Errors
    /// The operating system's. The lines may be there in part; the next ones begin on a line of their own.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.torn {
            self.file.write_all(b"\n")?;
        }
        // In one go, where the system allows it: several processes may append to one file.
        let written = self.file.write_all(lines);
        self.torn = written.is_err();
        written
    }

    /// How long the file is, in bytes.
    ///
    /// # Errors
    /// The operating system's.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Takes back what stands behind the first `bytes`, which end with a whole line. Only for a file that nobody else
    /// appends to.
    ///
    /// # Errors
    /// The operating system's.
    pub fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)?;
        self.torn = false;
        Ok(())
    }

    /// A file that takes nothing, for tests of what happens then.
    #[cfg(test)]
    pub(crate) fn broken(path: &Path) -> Self {
        std::fs::write(path, "").unwrap();
        Self { file: File::open(path).unwrap(), torn: false }
    }
}

/// Whether a process that was killed, or a full disk, left a line without its end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        (folder, path)
    }

    #[test]
    fn lines_are_appended_to_a_file_of_their_owner_alone() {
        let (_folder, path) = temporary();
        Lines::open(&path).unwrap().append(b"one\n").unwrap();
        Lines::open(&path).unwrap().append(b"two\nthree\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_others_may_read_or_change_is_refused_untouched() {
        let (_folder, path) = temporary();
        std::fs::write(&path, "theirs\n").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = Lines::open(&path).unwrap_err().to_string();
            assert!(error.contains(&format!("{mode:04o}")) && error.contains("chmod 600"), "{error}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs\n");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let (folder, path) = temporary();
        assert!(matches!(Lines::open(Path::new("/dev/null")), Err(LinesError::NoFile { .. })));
        assert!(matches!(Lines::open(folder.path()), Err(LinesError::Unusable { .. })));
        let below = path.join("below");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(Lines::open(&below), Err(LinesError::Unusable { .. })));
    }

    #[test]
    fn a_torn_line_is_ended_before_the_next_one() {
        let (_folder, path) = temporary();
        std::fs::write(&path, "whole\nhal").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        lines.append(b"next\n").unwrap();
        lines.append(b"and next\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole\nhal\nnext\nand next\n");
    }

    #[test]
    fn what_was_appended_can_be_taken_back() {
        let (_folder, path) = temporary();
        let mut lines = Lines::open(&path).unwrap();
        lines.append(b"good\n").unwrap();
        let good = lines.bytes().unwrap();
        lines.append(b"bad").unwrap();
        lines.cut(good).unwrap();
        lines.append(b"better\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "good\nbetter\n");
    }
}
