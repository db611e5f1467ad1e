//! [`FollowedKeyLog`]: a key log in a file that may still grow, or not be there yet.
//!
//! It is looked into again only where a secret is not known and the file's length has changed. A file that has become shorter was begun
//! anew, and is read from its start; what was known stays known.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{KeyLog, Keys, Label, Secret};

/// Octets read at a time.
const PIECE_OCTETS: usize = 64 * 1024;

/// A file and what was read of it.
#[derive(Debug)]
pub struct FollowedKeyLog {
    path: PathBuf,
    file: Option<File>,
    octets_read: u64,
    log: KeyLog,
    trouble: Option<io::Error>,
}

impl FollowedKeyLog {
    /// Follows the file at `path`, which is looked into at once. It need not exist: see [`trouble`](Self::trouble).
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let mut followed =
            Self { path: path.into(), file: None, octets_read: 0, log: KeyLog::new(), trouble: None };
        followed.look();
        followed
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was read of it.
    #[must_use]
    pub fn log(&self) -> &KeyLog {
        &self.log
    }

    /// Why the last look at the file failed, if it did.
    #[must_use]
    pub fn trouble(&self) -> Option<&io::Error> {
        self.trouble.as_ref()
    }

    /// Reads what has been added since. Whether there was anything.
    fn look(&mut self) -> bool {
        match self.read_on() {
            Ok(more) => {
                self.trouble = None;
                more
            }
            Err(error) => {
                self.trouble = Some(error);
                self.file = None;
                false
            }
        }
    }

    fn read_on(&mut self) -> io::Result<bool> {
        // By its path, not by what is open: a program that starts anew may have put another file there.
        let length = std::fs::metadata(&self.path)?.len();
        if length == self.octets_read {
            return Ok(false);
        }
        if length < self.octets_read {
            self.file = None;
            self.octets_read = 0;
            // Ends a line that was cut off.
            self.log.add(b"\n");
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let mut file = File::open(&self.path)?;
                file.seek(SeekFrom::Start(self.octets_read))?;
                none.insert(file)
            }
        };
        let mut piece = vec![0; PIECE_OCTETS];
        let before = self.octets_read;
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(self.octets_read > before),
                Ok(octets) => {
                    self.log.add(&piece[..octets]);
                    self.octets_read += octets as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Keys for FollowedKeyLog {
    fn secret(&mut self, label: Label, client_random: &[u8; 32]) -> Option<Secret> {
        match self.log.get(label, client_random) {
            None if self.look() => self.log.get(label, client_random),
            found => found,
        }
    }
}
